"""Answers in words that have an order: scales of opinion, frequencies, amounts, bands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from helpers.survey.codebook import Missing

# Each ladder from low to high; a rung is what a whole answer may look like.
_MORE = r"(strongly|completely|totally|fully|very|extremely|highly|definitely)"
_LESS = r"(somewhat|slightly|rather|fairly|tend to|probably|a little|moderately|mostly|partly)"
_MIDDLE = (
    r"(neither.*|neutral|undecided|neither nor|no difference|in the middle|about the same"
    r"|no change|mixed|average|medium)"
)


def _poles(low: str, high: str) -> tuple[str, ...]:
    """Ladder from one pole to the other, with degrees on both sides of a middle."""
    return (
        rf"{_MORE} ({low})",
        rf"({low})( {_MORE})?",
        rf"{_LESS} ({low})",
        _MIDDLE,
        rf"{_LESS} ({high})",
        rf"({high})",
        rf"({high} )?{_MORE}( {high})?",
    )


_ADJECTIVE = r"[a-z' -]*"
LADDERS: dict[str, tuple[str, ...]] = {
    "agreement": _poles("disagree", "agree"),
    "satisfaction": _poles("dissatisfied|unsatisfied|not satisfied", "satisfied"),
    "likelihood": _poles("unlikely|not likely", "likely"),
    "importance": _poles("unimportant|not important", "important"),
    "ease": _poles("difficult|hard", "easy"),
    "comfort": _poles("uncomfortable", "comfortable"),
    "favour": _poles("unfavou?rable|oppose|opposed|against", "favou?rable|favou?r|support|for"),
    "safety": _poles("unsafe|not safe", "safe"),
    "usefulness": _poles("useless|not useful|unhelpful", "useful|helpful"),
    "change": (
        r"(much|a lot|significantly) (worse|less|lower|decreased|smaller|fewer)",
        r"(a little |slightly |somewhat )?(worse|less|lower|decreased|smaller|fewer)",
        r"(about |stayed )?(the )?same|no change|unchanged",
        r"(a little |slightly |somewhat )?(better|more|higher|increased|greater|improved)",
        r"(much|a lot|significantly) (better|more|higher|increased|greater)",
    ),
    "quality": (
        r"terrible|awful|extremely bad|unacceptable",
        r"very (poor|bad)",
        r"poor|bad|not good",
        r"fair|average|ok(ay)?|acceptable|neither.*|satisfactory|mediocre|so-?so",
        r"good",
        r"very good",
        r"excellent|outstanding|extremely good|great",
    ),
    "intensity": (
        rf"(no,? )?not( at all)?( {_ADJECTIVE})? at all|(no,? )?not( {_ADJECTIVE})? at all"
        rf"|(no,? )?not at all( {_ADJECTIVE})?|none( at all)?|nothing|no {_ADJECTIVE}at all",
        rf"(not (very|so|too|much|particularly)|hardly|only slightly)( {_ADJECTIVE})?"
        rf"|very little|not much",
        rf"(yes,? )?(slightly|a little|a bit|little|minor)( {_ADJECTIVE})?",
        rf"(yes,? )?(somewhat|some|moderately|partly|fairly|quite)( {_ADJECTIVE})?"
        r"|a moderate amount|to some extent",
        rf"(yes,? )?(very|mostly)( {_ADJECTIVE})?|a lot|quite a (lot|bit)|much|major",
        rf"(yes,? )?(extremely|completely|totally|entirely)( {_ADJECTIVE})?"
        r"|a great deal|very much|to a great extent",
    ),
    "frequency": (
        r"never",
        r"(almost|hardly|nearly) (never|ever)|very rarely",
        r"rarely|seldom|once in a while|infrequently",
        r"occasionally|now and then",
        r"sometimes",
        r"(about )?half (of )?the time",
        r"often|frequently|regularly|fairly often",
        r"usually|very often|mostly|most of the time|very frequently",
        r"almost always|nearly always",
        r"always|all of the time|all the time|constantly",
    ),
    "knowledge": (
        r"never heard( of it)?|not at all familiar|no knowledge",
        r"heard of it.*|slightly familiar|not very familiar",
        r"somewhat familiar|know a little",
        r"moderately familiar|familiar|know it",
        r"very familiar|know it well",
        r"extremely familiar",
    ),
    "education": (
        r"no (formal )?(education|schooling|qualifications?)",
        r"(less|lower) than high school.*|some high school.*|primary.*|elementary.*",
        r"high school.*|secondary.*|ged|gcse.*",
        r"some college.*|associate.*|a[ -]levels?|vocational.*|trade.*|technical.*|diploma.*",
        r"(bachelor|undergraduate|college|university|4.year).*",
        r"(graduate|postgraduate|master|professional).*",
        r"(doctor|phd|ph\.d).*",
    ),
}
OPINIONS = frozenset(LADDERS) - {"education"}

_MISSING = (
    (
        Missing.DONT_KNOW,
        r"(i )?(do not|don't|dont) (really )?know.*|(i am |i'm )?(not sure|unsure)|no opinion"
        r"|can(no|')?t (say|tell|choose)|dk|unknown|no idea|wei(ss|ß) nicht|ne sais pas|no sé",
    ),
    (
        Missing.NOT_ANSWERED,
        r"(i )?(would )?(prefer|rather|choose|decline)d? not( to)?( say| answer| disclose| state)?"
        r"|(i )?would rather not.*|refused?|no (answer|response|reply)|not (answered|stated)"
        r"|missing|declined.*|keine angabe|k\.?a\.?|prefer not to.*|no data",
    ),
    (
        Missing.NOT_ASKED,
        r"not (applicable|asked)|n/?a|does not apply|doesn't apply|not relevant|trifft nicht zu"
        r"|inapplicable|iap|skipped|system missing",
    ),
)
_COUNTS = {"none": 0.0, "zero": 0.0, "once": 1.0, "one": 1.0, "twice": 2.0, "two": 2.0}
_COUNTS |= {"three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0}
_COUNTS |= {"nine": 9.0, "ten": 10.0}
_PER = {"day": 365.0, "daily": 365.0, "week": 52.0, "weekly": 52.0, "month": 12.0, "monthly": 12.0}
_PER |= {"quarter": 4.0, "quarterly": 4.0, "year": 1.0, "yearly": 1.0, "annually": 1.0}
_NUMBER = re.compile(r"\d[\d,. ]*\d|\d")
_HEIGHT = re.compile(r"(\d)\s*(?:'|ft\b|feet|foot)\s*(\d{1,2})?")
_BELOW = re.compile(r"(under|less than|below|up to|fewer than|younger|or less|or under|<)")
_ABOVE = re.compile(r"(over|more than|above|or more|and over|and above|older|or over|plus|\+|>)")


@dataclass(frozen=True)
class Order:
    """Answers in an order. `scored` says that they form a scale of opinion."""

    name: str
    places: dict[str, float]
    scored: bool


def plainly(label: str) -> str:
    """Return a label as its meaning is judged: small letters, no marks at its end."""
    text = label.replace("’", "'").replace("\u00a0", " ").lower()
    return re.sub(r"\s+", " ", text).strip(" .!;:")


def missing_kind(label: str) -> Missing:
    """Say whether an answer in words is no answer on the substance, and why."""
    text = plainly(label)
    return next((kind for kind, rule in _MISSING if re.fullmatch(rule, text)), Missing.NO)


def order_of(labels: Sequence[str]) -> Order | None:
    """Find the order of answers by their meaning; None where they have none."""
    texts = {label: plainly(label) for label in labels}
    if len(labels) < 2:
        return None
    for name, rungs in LADDERS.items():
        places = {label: _rung(text, rungs) for label, text in texts.items()}
        found = {label: place for label, place in places.items() if place is not None}
        if len(found) == len(labels) and len(set(found.values())) == len(labels):
            ranks = {place: rank for rank, place in enumerate(sorted(found.values()), 1)}
            order = {label: float(ranks[place]) for label, place in found.items()}
            return Order(name, order, name in OPINIONS and len(labels) > 2)
    measures: tuple[tuple[str, Callable[[str], float | None]], ...] = (
        ("heights", _height),
        ("times a year", _per_year),
        ("numbers", _size),
    )
    for name, measure in measures:
        sizes = {label: measure(text) for label, text in texts.items()}
        known = {label: size for label, size in sizes.items() if size is not None}
        if len(known) == len(labels) and len(set(known.values())) == len(labels):
            return Order(name, known, False)
    return None


def _rung(text: str, rungs: Sequence[str]) -> int | None:
    return next((n for n, rung in enumerate(rungs) if re.fullmatch(rung, text)), None)


def _height(text: str) -> float | None:
    match = _HEIGHT.search(text)
    if not match:
        return None
    beyond = -0.5 if _BELOW.search(text) else 0.5 if _ABOVE.search(text) else 0
    return int(match[1]) * 12 + int(match[2] or 0) + beyond


def _per_year(text: str) -> float | None:
    """Say how often a year an answer such as `a few times per week` means."""
    if text == "never":
        return 0.0
    if re.fullmatch(r"(every ?day|daily)( or (more|almost every day).*)?", text):
        return 365.0
    period = re.search(r"\b(?:per|a|every|each|once) (day|week|month|quarter|year)\b", text)
    adverb = re.search(r"\b(daily|weekly|monthly|quarterly|yearly|annually)\b", text)
    found = period or adverb
    if not found:
        return None
    times = 3.0 if re.search(r"few|several", text) else _first_count(text) or 1.0
    beyond = 0.9 if _BELOW.search(text) else 1.1 if _ABOVE.search(text) else 1.0
    return times * _PER[found[1]] * beyond


def _first_count(text: str) -> float | None:
    number = _NUMBER.search(text)
    if number:
        return _as_number(number[0])
    return next((_COUNTS[w] for w in re.findall(r"[a-z]+", text) if w in _COUNTS), None)


def _size(text: str) -> float | None:
    """Lower end of a band, or a number in words."""
    if re.search(r"[a-z]", text) and len(text) > 40:
        return None
    found = _first_count(text)
    if found is None:
        return 0.0 if re.match(r"(no|none|never|not okay|it is not)\b", text) else None
    if _BELOW.search(text):
        return found - 0.5 if len(_NUMBER.findall(text)) == 1 else found
    return found + (0.5 if _ABOVE.search(text) else 0.0)


def _as_number(text: str) -> float | None:
    try:
        return float(re.sub(r"[, ](?=\d{3}\b)", "", text).replace(",", "."))
    except ValueError:
        return None
