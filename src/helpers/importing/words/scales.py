"""Answers in words that have an order: scales of opinion, frequencies, amounts, bands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from helpers.importing.words.amounts import (
    duration,
    ends_of,
    height,
    says_how_often,
    size_of,
    times_a_year,
    unit_of,
)
from helpers.importing.words.grades import graded
from helpers.importing.words.ladders import LADDERS, ranks_on
from helpers.importing.words.scale_words import (
    CERTAIN,
    DEGREES,
    EXACT,
    GRADED,
    HIGH_ENDS,
    LANGUAGES,
    LOW_ENDS,
    MIDDLE,
    OF_LANGUAGE,
    OPPOSED,
    OPPOSED_ALSO,
    PLAIN,
    POLES,
    UNSURE,
    WHOLES,
)

_NUMBERED = re.compile(r"^[(\[]?(\d{1,2})\s?[)\]]?\s?[-–—.:=)]?\s*(?=[^\W\d_])")
_MEASURES: dict[str, Callable[[str], float | None]] = {
    "heights": height,
    "times a year": times_a_year,
    "durations": duration,
    "numbers": size_of,
}
_ENGLISH = "english"
_WHOLE = 5  # points of a scale beside which two answers may be outside it
_FEWEST, _MOST = 4, 12  # answers of which one may be outside the order
_TOP = 10  # of a scale with numbers before its answers
_BESIDE = (re.compile(r" \| "), re.compile(r"\s+/\s*|\s*/\s+"), re.compile(r"\n"))
_LETTER = re.compile(r"^\(?([a-hA-H])[.)]\s+(?=[^\W\d_])")
_POINT = re.compile(r"^[(\[]?(\d{1,2})(?=$|[\s.:=)\]–—-])\s?[)\]]?\s?[-–—.:=)]?\s*(?!\d)")
AMOUNTS = ("heights", "durations", "numbers")  # orders that rest on numbers in answers alone
_BETWEEN = re.compile(f"{MIDDLE}|{UNSURE}")
_SELF = re.compile(r"^(i am|i'm|i|ich bin|ich|je suis|je|yes,|no,|ja,|nein,) (?=\w+)")
_OTHER = re.compile(
    r"(some(thing|one|where) else|other\b.*|others|none of (the|these|them).*|andere[rs]?\b.*"
    r"|sonstige[rs]?\b.*|autres?\b.*|otr[oa]s?\b.*|altr[oaie]\b.*|outr[oa]s?\b.*|anders\b.*"
    r"|overige?\b.*|inn[ey]\b.*|другое.*|diğer.*|기타.*|أخرى.*|غير ذلك.*)"
)
_APOSTROPHE = re.compile(r"[’´`ʼ]")
_WRITTEN = re.compile(
    r"(others?|sonstige[rs]?|andere[rs]?|autres?|otr[oa]s?|altr[oaie]|outr[oa]s?|anders|overige?"
    r"|inn[ey]|другое|diğer|기타|其他|أخرى)\s*(?:[:：–—]| - |\()\s*(?P<words>[^\s:–—()].*)",
    re.IGNORECASE | re.DOTALL,
)
_ASKED_TO_WRITE = re.compile(  # behind *Other*, and no own words
    r"(please|veuillez|por favor|si prega|specify|describe|explain|which|what|write"
    r"|own words|bitte|welche|angeben|und zwar"
    r"|précis|lequel|laquelle|especifi|cuál|specifica|quale|qual\b|namelijk|graag)",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"^(\S.*\S)\s*[(\[]\d{1,2}[)\]]$")
_BEHIND = re.compile(r"\s*\([^()]*\)\s*")
_GLUED = re.compile(  # lines that lost their ends
    r"(?<=[^\W\d_A-Z])(?=[A-ZÄÖÜ])|(?<=,)(?=\S)"
    r"|(?<=^[Ss]ehr)(?=[a-zäöü]{6})|(?<=^[Ee]her)(?=[a-zäöü]{6})|(?<=^[Nn]icht)(?=[a-zäöü]{6})"
    r"|(?<=^[Tt]eils)(?=[a-zäöü]{6})|(?<=^[Gg]ering)(?=[a-zäöü]{6})"
)
_FORMS = re.compile(r"\((?:e|s|es|a|as|o|os|in|innen|r)\)|(?<=[a-zéáó])/(?:a|as|o|os|e|es|in|r)\b")


@dataclass(frozen=True)
class Order:
    """Answers in an order.

    Attributes
    ----------
    name : what the order is of
    places : of every answer that was given; scores, where `scored`
    scored : whether the answers form a scale of opinion that is known from end to end
    unseen : answers of the scale that nobody gave, with their places
    doubt : why answers of an opinion have no score, or what the scores rest on
    outside : answers that have no place in the order, and come last
    """

    name: str
    places: dict[str, float]
    scored: bool
    unseen: dict[str, float] = field(default_factory=dict)
    doubt: str = ""
    outside: tuple[str, ...] = ()


def bare_label(label: str) -> str:
    """Return a label as its meaning is judged: small letters, no marks at its end."""
    text = _APOSTROPHE.sub("'", label).replace("\u00a0", " ").lower()
    return re.sub(r"\s+", " ", text).strip(" .!;:")


def is_other(label: str) -> bool:
    """Return whether an answer says that it is none of those that were offered."""
    return bool(_OTHER.fullmatch(bare_label(label)))


def is_written(label: str) -> bool:
    """Return whether somebody wrote behind *Other*: `Other: my aunt`."""
    match = _WRITTEN.fullmatch(label.strip())
    return match is not None and not _ASKED_TO_WRITE.match(match["words"])


def are_lettered(labels: Sequence[str]) -> bool:
    """Return whether letters before answers give the order of the questionnaire."""
    letters = [match[1].lower() for match in map(_LETTER.match, labels) if match]
    return 2 < len(letters) == len(labels) == len({*letters})


def order_of(labels: Sequence[str], language: str = "") -> Order | None:
    """Find the order of answers by their meaning; None where they have none.

    A scale between two opposites has on one side what it has on the other: answers of it that
    nobody gave are added. Another scale is known from end to end if one of the usual scales holds
    all of its answers, and no other usual scale would move one of them across the middle. What
    nobody gave is named in `language`, if two languages share the answers that were given.

    *Other* comes last, and one more answer of four or more, or two of eight, may be outside the
    order (*Self-employed* beside numbers of staff): nothing has a score then. What is in brackets
    behind each answer makes no difference.
    """
    return _remembered(tuple(labels), language)


@lru_cache(maxsize=4096)
def _remembered(labels: tuple[str, ...], language: str) -> Order | None:
    others = [label for label in labels if is_other(label)]
    rest = [label for label in labels if label not in others]
    if others and len(rest) > 2:
        found = _remembered(tuple(rest), language)
        return found and _with_last(found, labels)
    if len(labels) < 2:
        return None
    found = _before_numbers(labels, language) or _order_of_all(labels, language)
    shorter = _shorter(labels)
    for part in () if found else (*_in_two_languages(labels), *shorter):
        found = found or _named_again(_order_of_all([*part.values()], language), part)
    found = found or _of_what_differs(labels, language) or _with_outsiders(labels, language)
    for part in () if found else shorter:
        found = found or _named_again(_with_outsiders([*part.values()], language), part)
    return found


def _before_numbers(labels: Sequence[str], language: str) -> Order | None:
    """Find the order of words that all have a number in brackets behind them: *Agree (2)*."""
    said = {label: match[1] for label in labels if (match := _COUNTED.match(label))}
    if len({*said.values()}) < len(labels):
        return None
    found = _named_again(_order_of_all([*said.values()], language), said)
    return found if found and found.name not in _MEASURES else None


def _of_what_differs(labels: Sequence[str], language: str) -> Order | None:
    """Find the scale of words of which all end alike, but a middle: *A good place to live*."""
    words = {label: bare_label(label).split() for label in labels}
    between = [label for label in labels if _BETWEEN.fullmatch(bare_label(label))]
    graded = [words[label] for label in labels if label not in between]
    if len(graded) < 3 or len(between) > 1:
        return None
    shared = 0
    while all(len(w) > shared + 1 and w[-shared - 1] == graded[0][-shared - 1] for w in graded):
        shared += 1
    if not shared:
        return None
    said = {
        label: " ".join(own if label in between else own[: len(own) - shared])
        for label, own in words.items()
    }
    said = {label: text.removeprefix("a ").removeprefix("an ") for label, text in said.items()}
    found = (
        _order_of_all([*said.values()], language) if len({*said.values()}) == len(said) else None
    )
    return _named_again(found, said) if found and found.scored and not found.unseen else None


def _shorter(labels: Sequence[str]) -> list[dict[str, str]]:
    """Write answers without brackets behind them, and with blanks where lines ended."""
    found = []
    for pattern in (_BEHIND, _GLUED):
        said = {label: plain for label in labels if (plain := pattern.sub(" ", label).strip())}
        if len({*said.values()}) == len(labels) and [*said.values()] != [*labels]:
            found.append(said)
    return found


def _order_of_all(labels: Sequence[str], language: str) -> Order | None:
    texts = {label: bare_label(label) for label in labels}
    if len(set(texts.values())) < len(texts):
        return None
    bare = _bare(texts)
    found = _opinion(bare, language)
    if found is not None:
        return _lettered(_numbered(found))
    for name, rungs in LADDERS.items():
        places = ranks_on(bare, rungs)
        if places:
            words = "" if name == "education" else _UNKNOWN
            return _by_their_numbers(labels) or Order(name, places, False, doubt=words)
    for name, measure in _MEASURES.items():
        known = _measured(texts, name, measure)
        if len(known) == len(labels):
            return _by_their_numbers(labels) or Order(name, known, False)
    found = _by_their_numbers(labels)
    if found is None and (grades := graded(bare)):
        return Order("words for how much", grades, False, doubt=_UNKNOWN)
    return found


def _measured(
    texts: Mapping[str, str], name: str, measure: Callable[[str], float | None]
) -> dict[str, float]:
    """Amounts that answers stand for; none where two of them are alike."""
    sizes = {label: measure(text) for label, text in texts.items()}
    known = {label: size for label, size in sizes.items() if size is not None}
    if name == "numbers":
        known = _beyond_bands(texts, known)
    if name == "numbers" and len({unit_of(texts[label]) for label in known} - {None}) > 1:
        return {}  # 6 months are less than 2 years
    periods = name != "times a year" or any(says_how_often(texts[label]) for label in known)
    return known if periods and len(set(known.values())) == len(known) else {}


def _beyond_bands(texts: Mapping[str, str], sizes: dict[str, float]) -> dict[str, float]:
    """Tell *under 18* from *18 to 20* in any language: one number at the end of the bands."""
    ends = {label: ends_of(texts[label]) for label in sizes}
    bands = [numbers for numbers in ends.values() if len(numbers) == 2]
    if len(bands) < 2:
        return sizes
    low, high = min(map(min, bands)), max(map(max, bands))
    moved = dict(sizes)
    for label, numbers in ends.items():
        if len(numbers) == 1 and numbers[0] == sizes[label]:
            moved[label] += -0.5 if numbers[0] <= low else 0.5 if numbers[0] >= high else 0
    return moved


def _by_their_numbers(labels: Sequence[str]) -> Order | None:
    """Score answers by the numbers before them, if the words at the ends are ends of a scale."""
    numbers = {label: match for label in labels if (match := _POINT.match(label))}
    values = {label: int(match[1]) for label, match in numbers.items()}
    if len(values) < max(3, len(labels)) or len(set(values.values())) < len(values):
        return None
    low, high = min(values.values()), max(values.values())
    words = {n: bare_label(label[numbers[label].end() :]) for label, n in values.items()}
    ends = bool(LOW_ENDS.match(words[low])) and bool(HIGH_ENDS.match(words[high]))
    turned = bool(HIGH_ENDS.match(words[low])) and bool(LOW_ENDS.match(words[high]))
    if low not in (0, 1) or high > _TOP or not (ends or turned):
        bare = not all(words.values()) and any(words.values())
        numbered = {label: float(n) for label, n in values.items()}
        return Order("the numbers before the answers", numbered, False) if bare else None
    places = {k: float(low + high - n if turned else n) for k, n in values.items()}
    return Order("the numbers before the answers", places, True)


def _with_outsiders(labels: Sequence[str], language: str) -> Order | None:
    """Find the order of all answers but one or two."""
    count = len(labels)
    if not _FEWEST <= count <= _MOST or all(map(_LETTER.match, labels)):
        return None
    found: Order | None = None
    most = 1 if count < 2 * _FEWEST else 2
    texts = {label: bare_label(label) for label in labels}
    for name, measure in _MEASURES.items():
        known = _measured(texts, name, measure)
        if found is None and count - most <= len(known) < count and len(known) > 2:
            found = Order(name, known, False)
    if found is None:
        bare = _bare(texts)
        strange = [label for label in labels if not _is_level(bare[label])]
        if len(strange) == 1 or (len(strange) == 2 and count - 2 >= _WHOLE):
            levels = [label for label in labels if label not in strange]
            without = _order_of_all(levels, language)
            ends = {word for label in levels for word in bare[label].split()[-1:]}
            graded_too = any(ends.intersection(bare[label].split()[-1:]) for label in strange)
            if without is not None and without.name not in AMOUNTS and not graded_too:
                found = without
    if found is None:
        return None
    return _with_last(found, labels)


def _with_last(found: Order, labels: Sequence[str]) -> Order:
    """Put answers that are outside an order behind it."""
    outside = tuple(label for label in labels if label not in found.places)
    last = max(found.places.values())
    places = found.places | {label: last + n for n, label in enumerate(outside, 1)}
    listed = ", ".join(f'"{label}"' for label in outside)
    doubt = (
        f"{listed} has no place in the order: last"
        if len(outside) == 1
        else (f"{listed} have no place in the order: last")
    )
    if found.scored:
        doubt += "; no scores until options.csv says that it is not an answer, or where it belongs"
    return Order(found.name, places, False, {}, doubt, outside)


def _is_level(text: str) -> bool:
    """Return whether a text is a word of some scale or ladder."""
    if text in _vocabulary() or _BETWEEN.fullmatch(text) or _degrees(text):
        return True
    return any(re.fullmatch(rung, text) for rungs in LADDERS.values() for rung in rungs)


@cache
def _vocabulary() -> frozenset[str]:
    lines = (*OPPOSED, *OPPOSED_ALSO, *(line for _, line in (*WHOLES, *EXACT)))
    return frozenset(word for line in lines for level in _levels_of(line) for word in level)


def _in_two_languages(labels: Sequence[str]) -> list[dict[str, str]]:
    """Split answers that say everything twice, as *Agree | Stimme zu*."""
    for sign in _BESIDE:
        parts = {label: [part.strip() for part in sign.split(label)] for label in labels}
        if all(len(part) == 2 and all(part) for part in parts.values()):
            return [{label: part[side] for label, part in parts.items()} for side in (0, 1)]
    return []


def _named_again(order: Order | None, said: Mapping[str, str]) -> Order | None:
    """Give an order of halves of answers to the answers themselves."""
    if order is None or len(order.places) < len(said):
        return None
    places = {label: order.places[half] for label, half in said.items()}
    if order.unseen:
        return Order(order.name, places, False, doubt=_UNKNOWN)
    outside = tuple(label for label, half in said.items() if half in order.outside)
    return replace(order, places=places, outside=outside)


def _lettered(order: Order) -> Order:
    """Take letters before answers for all there are: *a. Agree* to *c. Disagree* is not a half."""
    if order.unseen and all(map(_LETTER.match, order.places)):
        return replace(order, scored=False, unseen={}, doubt=_UNKNOWN)
    return order


def _numbered(order: Order) -> Order:
    """Give answers that nobody gave the numbers before the others."""
    written = {label: _NUMBERED.match(label) for label in order.places}
    if not all(written.values()):
        return order
    numbers = {label: int(match[1]) for label, match in written.items() if match}
    number = numbering(numbers, order.places)
    if not order.unseen:
        return order if number or not order.scored else _with_gaps(order, numbers)
    if number is None:
        return replace(order, scored=False, unseen={}, doubt=_UNKNOWN)
    label, match = next((k, m) for k, m in written.items() if m)
    before, after = label[: match.start(1)], label[match.end(1) : match.end()]
    unseen = {
        f"{before}{number(place)}{after}{_NUMBERED.sub('', words)}": place
        for words, place in order.unseen.items()
    }
    return replace(order, unseen=unseen)


def _with_gaps(order: Order, numbers: Mapping[str, int]) -> Order:
    """Score answers by the numbers before them: of 1, 2, 4 and 5, nobody gave 3."""
    ranked = [numbers[label] for label in sorted(numbers, key=order.places.__getitem__)]
    if ranked == sorted(set(ranked)):
        return replace(order, places={label: float(n) for label, n in numbers.items()})
    if ranked[::-1] == sorted(set(ranked)):
        ends = min(ranked) + max(ranked)
        return replace(order, places={label: float(ends - n) for label, n in numbers.items()})
    return replace(order, scored=False, doubt=_UNKNOWN)


def numbering(
    numbers: Mapping[str, int], places: Mapping[str, float]
) -> Callable[[float], int] | None:
    """Find how numbers go up or down with the places on a scale; None where they do neither."""
    for sign in (1, -1):
        starts = {number - sign * int(places[key]) for key, number in numbers.items()}
        if len(starts) == 1:
            start = starts.pop()
            return lambda place: start + sign * int(place)
    return None


_UNKNOWN = (
    "where the scale begins and ends is not known: no scores until options.csv has its other "
    "answers, or says that there are none"
)


def _bare(texts: Mapping[str, str]) -> dict[str, str]:
    """Texts without parts that make no difference: numbers before them, forms for women."""
    numbered = [_NUMBERED.match(text) for text in texts.values()]
    numbers = {match[1] for match in numbered if match}
    if len(numbers) == len(texts):
        texts = {label: _NUMBERED.sub("", text) for label, text in texts.items()}
    if len({m[1] for text in texts.values() if (m := _LETTER.match(text))}) == len(texts):
        texts = {label: _LETTER.sub("", text) for label, text in texts.items()}
    return {k: re.sub(r"\s*/\s*", "/", _FORMS.sub("", _SELF.sub("", t))) for k, t in texts.items()}


def is_middle(label: str, others: Iterable[str]) -> bool:
    """Return whether somebody unsure is between the opposites that the other answers are."""
    between = next(iter(_bare({label: bare_label(label)}).values()))
    texts = {other: bare_label(other) for other in others if other != label}
    if not re.fullmatch(UNSURE, between) or not texts:
        return False
    found = _opposites(_bare(texts))
    if found is None:
        return False
    places = list(found.places.values())
    return 0.0 not in places and min(places) < 0 < max(places)


def is_opposite(label: str, others: Iterable[str]) -> bool:
    """Return whether a label is one side of a scale of which others hold the other side."""
    texts = {text: bare_label(text) for text in dict.fromkeys((label, *others))}
    bare = _bare(texts)
    for levels in map(_levels_of, (*OPPOSED, *OPPOSED_ALSO)):
        places = {k: _level(t, levels) for k, t in bare.items()}
        ours = places[label]
        graded = {place for place in places.values() if place not in (None, 3)}
        if ours not in (None, 3) and len(graded) > 1:
            return True
    return False


@dataclass(frozen=True)
class _Sides:
    """Answers between two opposites: places around 0, and what is on the other side."""

    places: dict[str, float]
    mirrored: dict[str, str]
    one_sided: bool
    graded: bool


def _opinion(texts: Mapping[str, str], language: str) -> Order | None:
    sides = _opposites(texts, language)
    if sides is not None and not sides.one_sided:
        return _both_sides(sides)
    found = _whole(texts, language)
    if sides is None or sides.graded:
        return found
    if found is not None and {"very", "extremely"} <= {t.split(" ", 1)[0] for t in texts.values()}:
        return found
    return _both_sides(sides)


def _both_sides(sides: _Sides) -> Order | None:
    held = set(sides.places.values())
    unseen = {sides.mirrored[k]: -place for k, place in sides.places.items() if -place not in held}
    ranks = {place: n for n, place in enumerate(sorted({*held, *unseen.values()}), 1)}
    places = {label: float(ranks[place]) for label, place in sides.places.items()}
    if "" in unseen or not {*unseen}.isdisjoint(places):
        return Order("opinion", places, False, doubt=_UNKNOWN)
    added = {label: float(ranks[place]) for label, place in unseen.items()}
    return Order("opinion", places, len(ranks) > 2, added if len(ranks) > 2 else {})


def _opposites(texts: Mapping[str, str], language: str = "") -> _Sides | None:
    """Find the two opposites that answers lie between."""
    middle = {label for label, text in texts.items() if re.fullmatch(_BETWEEN, text)}
    read = {label: _degrees(text) for label, text in texts.items() if label not in middle}
    if not read:
        return None
    found = _in_lines(texts, middle, OPPOSED)
    if found is not None:
        return found
    for pair in (*POLES, *GRADED):
        if language and OF_LANGUAGE.get(pair, language) != language:
            continue
        places = {k: degrees[pair] for k, degrees in read.items() if pair in degrees}
        if len(places) < len(read) or (pair in CERTAIN and PLAIN in map(abs, places.values())):
            continue
        mirrored = {k: _turned(k, pair, place) for k, place in places.items()}
        return _sides(places, middle, mirrored, pair in GRADED)
    return _in_lines(texts, middle, OPPOSED_ALSO)


def _in_lines(
    texts: Mapping[str, str], middle: Iterable[str], lines: Iterable[str]
) -> _Sides | None:
    for levels in map(_levels_of, lines):
        found = {k: _level(t, levels) for k, t in texts.items() if k not in middle}
        if None in found.values():
            continue
        places = {k: float(n - len(levels) // 2) for k, n in found.items() if n is not None}
        mirrored = {k: _across(k, texts[k], levels) for k in places}
        return _sides(places, middle, mirrored, False)
    return None


def _sides(
    places: dict[str, float], middle: Iterable[str], mirrored: dict[str, str], graded: bool
) -> _Sides | None:
    between = [*middle]
    everything = places | dict.fromkeys(between, 0.0)
    if len(set(everything.values())) < len(everything):
        return None
    one_sided = not between and (min(places.values()) > 0 or max(places.values()) < 0)
    return _Sides(everything, mirrored, one_sided, graded)


@cache
def _sides_of() -> dict[str, list[tuple[tuple[str, str], int]]]:
    found: dict[str, list[tuple[tuple[str, str], int]]] = {}
    for pair in (*POLES, *GRADED):
        for pole, sign in zip(pair, (-1, 1), strict=True):
            found.setdefault(pole, []).append((pair, sign))
    return found


def _degrees(text: str) -> dict[tuple[str, str], float]:
    """Opposites that a text may be a degree of, with its place between them."""
    words = text.split(" ")
    readings = [(text, PLAIN)]
    for n in range(1, min(4, len(words))):
        for degree, pole in (
            (" ".join(words[:n]), " ".join(words[n:])),
            (" ".join(words[-n:]), " ".join(words[:-n])),
        ):
            if degree in DEGREES:
                readings.append((pole, DEGREES[degree]))
    known = _sides_of()
    return {
        pair: float(sign * rank)
        for pole, rank in reversed(readings)
        for pair, sign in known.get(pole, ())
    }


def _turned(label: str, pair: tuple[str, str], place: float) -> str:
    """Say the opposite of a label, in its own words."""
    own, other = pair if place < 0 else pair[::-1]
    pattern = re.compile(rf"(?<!\w){re.escape(own)}(?!\w)", re.IGNORECASE)
    found = pattern.search(label.replace("’", "'"))
    if found is None:
        return ""
    turned = other[:1].upper() + other[1:] if found[0][:1].isupper() else other
    return pattern.sub(turned, label.replace("’", "'"), count=1)


@cache
def _levels_of(line: str) -> tuple[tuple[str, ...], ...]:
    """Ways to say each level of a line."""
    return tuple(
        tuple(word.strip() for word in level.split("~") if word.strip())
        for level in line.split("|")
    )


def _level(text: str, levels: Sequence[Sequence[str]]) -> int | None:
    return next((n for n, words in enumerate(levels) if text in words), None)


def _across(label: str, text: str, levels: Sequence[Sequence[str]]) -> str:
    """Words for the level that lies as far on the other side of a line of opposites."""
    own = next(words for words in levels if text in words)
    other = levels[len(levels) - 1 - levels.index(own)]
    if not other:
        return ""
    return _as_written(other[min(own.index(text), len(other) - 1)], label)


def _as_written(words: str, like: str) -> str:
    return words[:1].upper() + words[1:] if like[:1].isupper() else words


@dataclass(frozen=True)
class _ScaleFit:
    """Answers on the levels of a usual scale."""

    name: str
    levels: dict[str, int]
    words: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return len(self.levels) == len(self.words)

    @property
    def signs(self) -> list[int]:
        """On which side of the middle each answer lies, in the order of labels."""
        last = len(self.words) - 1
        return [(2 * n > last) - (2 * n < last) for _, n in sorted(self.levels.items())]

    @property
    def fitness(self) -> int:
        """How likely the answers are to be of the scale: without gaps, and from one of its ends."""
        held = self.levels.values()
        together = max(held) - min(held) + 1 == len(held)
        ends = min(held) == 0 or max(held) == len(self.words) - 1
        return 2 * together + ends


def _whole(texts: Mapping[str, str], language: str = "") -> Order | None:
    """Find the usual scale that answers are of."""
    usual = [*_fits(texts, WHOLES)]
    usual = [fit for fit in usual if LANGUAGES.get(fit.name, _ENGLISH) == language] or usual
    exact = next((fit for fit in (*usual, *_fits(texts, EXACT)) if fit.is_whole), None)
    if exact is not None:
        return _on(exact, len(texts) > 2)
    if not usual:
        return None
    best = max(fit.fitness for fit in usual)
    likely = [fit for fit in usual if fit.fitness == best] if len(texts) > 2 else usual
    first = likely[0]
    shared = len({LANGUAGES.get(fit.name, _ENGLISH) for fit in likely}) > 1
    if len(texts) < 3 or shared or any(fit.signs != first.signs for fit in likely):
        places = {label: float(n) for label, n in first.levels.items()}
        return Order(first.name, places, False, doubt=_UNKNOWN)
    return _on(first, True)


def _on(fit: _ScaleFit, scored: bool) -> Order:
    places = {label: float(n + 1) for label, n in fit.levels.items()}
    example = next(iter(fit.levels))
    held = set(fit.levels.values())
    unseen = {
        _as_written(words, example): float(n + 1)
        for n, words in enumerate(fit.words)
        if n not in held
    }
    return Order(fit.name, places, scored, unseen if scored else {})


def _fits(texts: Mapping[str, str], lines: Iterable[tuple[str, str]]) -> Iterable[_ScaleFit]:
    for name, line in lines:
        levels = _levels_of(line)
        for what in ("", *_graded(texts.values(), levels)):
            said = _said_of(line, what)
            held = {label: said.get(text) for label, text in texts.items()}
            known = {label: n for label, n in held.items() if n is not None}
            if len(known) == len(texts) == len(set(known.values())):
                words = tuple(level[0].replace("{x}", what).strip() for level in levels)
                if all(words):
                    yield _ScaleFit(name, known, words)
                break


def _graded(texts: Iterable[str], levels: Sequence[Sequence[str]]) -> list[str]:
    """List what answers may be degrees of: the words behind `very`, `not at all` and their like."""
    found: dict[str, None] = {}
    for words in levels:
        for word in words:
            start, mark, end = word.partition("{x}")
            if not mark or not (start or end):
                continue
            for text in texts:
                if text.startswith(start) and text.endswith(end):
                    what = text[len(start) : len(text) - len(end)].strip()
                    if what and what.split(" ", 1)[0] not in _GRADING:
                        found[what] = None
    return list(found)


_GRADING = frozenset(("at", "very", "so", "too", "all", "particularly"))


@lru_cache(maxsize=4096)
def _said_of(line: str, what: str) -> dict[str, int]:
    """Level of every way to say it."""
    found: dict[str, int] = {}
    for n, words in enumerate(_levels_of(line)):
        for word in words:
            found.setdefault(word.replace("{x}", what).strip(), n)
            bare = word.replace("{x}", "").strip()
            if what and bare:
                found.setdefault(bare, n)
    found.pop("", None)
    return found
