"""From cells to options: codes, labels, order, scores."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from helpers.codebook.model import Missing, Option
from helpers.importing.layouts.heads import label_of
from helpers.importing.words.choice_names import spelled
from helpers.importing.words.instructions import asks_degree, asks_for_one
from helpers.importing.words.languages import language_of
from helpers.importing.words.names import Names, shortened
from helpers.importing.words.nonanswers import missing_kind, missing_kinds
from helpers.importing.words.scales import (
    Order,
    are_lettered,
    bare_label,
    is_other,
    numbering,
    order_of,
)

# Of "how likely are you to recommend us": the verb in the languages that surveys come in.
RECOMMENDED = re.compile(
    r"recommend|recommand|recom(?:en|ien)d|raccomand|consiglier|empfehl|empfiehl|aanbeve|aanraden"
    r"|rekommend|anbefal|suosittel|polec(?:ić|ił|enia|asz)|doporuč|odporúč|рекоменд|tavsiye"
    r"|συστή|ajánl|推荐|推薦|勧め|추천|نوصي|توصي|\bnps\b|net promoter",
    re.IGNORECASE,
)
_UNLIKELY = re.compile(r"(not at all|extremely un|very un|not) ?likely( at all)?", re.IGNORECASE)
_LIKELY = re.compile(r"(extremely|very) likely", re.IGNORECASE)
# How a question begins that yes and no answer; to add a language, add a line.
_ASKS_YES = re.compile(
    r"(<[^<>]*>)?([^,.?]{0,60}, )?\W*"
    r"(are|is|am|was|were|do|does|did|have|has|had|can|could|will|would|should|may)"
    r"( \w+'?t)? (you|your|there|they|it|the|this|that|any\w*|we|i|he|she|these|those|at|most)\b"
    r"|\W*(haben|sind|ist|hat|wird|werden|können|kann|würden|möchten|gibt) (sie|ihr\w*|es|du|die)\b"
    r"|\W*(avez|êtes|est|pouvez|faites|souhaitez|pensez)-(vous|ce|il)\b|est-ce que\b"
    r"|¿(ha|has|tiene|tienes|es|eres|está|estás|cree|crees|puede|existe|hay|te|le|conoce\w*)\b",
    re.IGNORECASE,
)
_YES_NO = {
    "german": ("Nein", "Ja"),
    "french": ("Non", "Oui"),
    "spanish": ("No", "Sí"),
    "english": ("No", "Yes"),
}
_POINT = re.compile(r"(10|[0-9])(?:$|[^0-9.,%].*)", re.DOTALL)
CODE = re.compile(r"-?[0-9]{1,6}|[A-Za-z]{1,2}[0-9]{1,4}|[A-Z]|[a-z0-9_]{1,16}")
_FIRST = {"yes": 0, "no": 1}
POINTS = 11  # of a scale of numbers
_ENDS = frozenset((5, 7, 10))  # at which scales from 0 or 1 usually end
_FEWEST = 3  # answers that show an order
_ALIKE = 3  # columns of one range, none of a wider one, that make it a scale
_STATED = (
    re.compile(
        r"\b(?:from|between|scale(?: of)?|von|zwischen|skala|de|del|van|da|dal|entre|escala)\s*:?"
        r"\s*(?P<low>-?\d{1,2})\b[^\d.?!]{0,40}?\s*(?:to|through|and|bis|und|à|al|a|tot|en|e|y|–|-|/)"
        r"\s*(?P<high>-?\d{1,2})\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"[(\[]\s*(?P<low>-?\d{1,2})\s*(?:-|–|—|to|\.\.\.?|bis|à|a|tot)\s*(?P<high>\d{1,2})\b"
    ),
    re.compile(
        r"(?P<low>-?\d{1,2})\s*[-–]\s*(?P<high>\d{1,2}) (?:scale|rating|skala)", re.IGNORECASE
    ),
)
_EQUAL = re.compile(r"(?:(?<![\d.])(-?\d{1,2})\s*(?:=|:|\()|(?<![\w.])(\d{1,2})\s[-–—])\s*[^\W\d_]")
_OUT_OF = re.compile(r"\bout of (\d{1,2})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Around:
    """What a file shows about a scale outside its own cells.

    Attributes
    ----------
    sets : labels of other questions, each set once
    ranges : lowest and highest number of other columns of whole numbers, and how many have them
    title : the question in words, where a range may be stated
    nominal : whether the question is about who somebody is: numbers are names there
    suspected : numbers without a label that may mean no answer
    counts : how many gave each cell
    phrases : answers that count as such although they usually mean none
    language : that the question is asked in, or else most others are
    """

    sets: tuple[frozenset[str], ...] = ()
    ranges: Mapping[tuple[int, int], int] = field(default_factory=dict)
    title: str = ""
    nominal: bool = False
    suspected: Collection[str] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    phrases: frozenset[str] = frozenset()
    language: str = ""

    def about(
        self, title: str, nominal: bool, suspected: Collection[str], counts: Mapping[str, int]
    ) -> Around:
        """Return the same for one question."""
        language = language_of([title]) or self.language
        return replace(
            self,
            title=title,
            nominal=nominal,
            suspected=suspected,
            counts=dict(counts),
            language=language,
        )


def yes_and_no(title: str, cells: Collection[str]) -> dict[str, str]:
    """Say what 1 and 0 mean below a question that yes and no answer; nothing where they may not."""
    if {*cells} != {"0", "1"} or not _ASKS_YES.match(title.strip()):
        return {}
    no, yes = _YES_NO.get(language_of([title]), _YES_NO["english"])
    return {"1": yes, "0": no}


_SHORT = 3  # letters of a word that titles leave in small letters: Not at All


@dataclass(frozen=True)
class _Found:
    """Places of cells, including those nobody gave, and the reason for them."""

    places: dict[str, float]
    scored: bool = False
    words: str = ""
    unseen: dict[str, str] = field(default_factory=dict)  # cell to label
    doubt: str = ""


def _legible(said: Mapping[str, str]) -> dict[str, str]:
    """Return labels as a page shows them, if they can still be told apart."""
    plain = {cell: label_of(label) or label for cell, label in said.items()}
    return plain if len({*plain.values()}) == len({*said.values()}) else dict(said)


def _in_small_letters(said: Mapping[str, str]) -> dict[str, str]:
    """Return answers of a scale as sentences have them: *Strongly agree* for *Strongly Agree*.

    They stay where any of them has an abbreviation, or a word in small letters that is not short.
    """
    words = [word for label in said.values() for word in re.findall(r"[^\W\d_]+", label)]
    titled = (w.istitle() or (w.islower() and len(w) <= _SHORT) for w in words)
    if not all(titled) or "I" in words:
        return dict(said)
    small = {cell: re.sub(r"(?<=[^\W\d_]).*", lambda m: m[0].lower(), label, count=1, flags=re.S)
             for cell, label in said.items()}  # fmt: skip
    return small if len({*small.values()}) == len({*said.values()}) else dict(said)


def options_of(
    cells: Sequence[str], labels: Mapping[str, str], missing: Sequence[str], around: Around
) -> tuple[tuple[Option, ...], dict[str, str], list[str]]:
    """Draft the options that cells represent.

    Parameters
    ----------
    labels
        What the file itself says that cells mean.
    missing
        Cells that the file declares to be no answer.
    around
        What the rest of the file shows.

    Returns
    -------
    Options in their order, cells to codes where they differ, and what the guess rests on.
    """
    known = [*dict.fromkeys([*labels, *cells])]
    named = {} if labels else spelled(known)
    said = _legible({cell: labels.get(cell, named.get(cell, cell)) for cell in known})
    kinds = missing_kinds([*dict.fromkeys(said.values())], around.title)
    why = {
        cell: Missing.NO if shortened(said[cell]) in around.phrases else kinds[said[cell]]
        for cell in known
    }
    for cell in missing:
        why[cell] = missing_kind(said.get(cell, cell)) or Missing.NOT_ANSWERED
    suspected = [c for c in known if c in around.suspected and why[c] is Missing.NO]
    substance = [c for c in known if why[c] is Missing.NO and c not in suspected]
    found = _order(substance, said, bool(labels), around)
    apart = [] if found.scored else _below_the_scale(substance, around.counts)
    if apart and labels:
        rest = [cell for cell in substance if cell not in apart]
        scale = _order(rest, said, True, around)
        if scale.scored and len(rest) > 2:
            listed = ", ".join(f'"{said.pop(cell)}"' for cell in apart)
            found = replace(scale, doubt=f"nobody gave {listed}, below the scale: left out")
    left = [cell for cell in substance if cell in said]
    if beyond := _beyond_the_scale(left, said) if labels else "":
        scale = _order([cell for cell in left if cell != beyond], said, True, around)
        if scale.scored:
            doubt = f'"{said[beyond]}" is beyond the scale: without a score, or `missing`'
            found = replace(scale, doubt=doubt, unseen={})
    said |= found.unseen
    said = _in_small_letters(said) if found.scored else said
    why |= dict.fromkeys(found.unseen, Missing.NO)
    last = [*suspected, *([beyond] if beyond and beyond not in found.places else [])]
    places = found.places | dict.fromkeys(last, float("inf"))
    names = Names("o")
    options, recode = [], {}
    for cell in sorted(said, key=lambda c: (why[c] is not Missing.NO, places.get(c, 0.0))):
        code = cell if CODE.fullmatch(cell) and names.exactly(cell) else names.give(said[cell])
        score = places[cell] if found.scored and cell in found.places else None
        options.append(Option(code, said[cell], score, why[cell]))
        if code != cell:
            recode[cell] = code
    return tuple(options), recode, [*_reasons(found, why, said, suspected, around)]


def _below_the_scale(cells: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """Find the code 0 that nobody gave, where all others begin at 1: *not in this country*."""
    numbers = [_whole(cell) for cell in cells]
    others = [n for n in numbers if n]
    begins = None not in numbers and others and min(others) == 1
    return [
        cell for cell in cells if begins and _whole(cell) == 0 and counts and not counts.get(cell)
    ]


def _beyond_the_scale(cells: Sequence[str], said: Mapping[str, str]) -> str:
    """Find the code after a scale of numbers whose ends are in words: 11 *Already voted*."""
    numbers = {n: cell for cell in cells if (n := _whole(cell)) is not None}
    if len(numbers) < max(len(cells), 5):
        return ""
    low, *_, end, after = sorted(numbers)
    named = {n for n, cell in numbers.items() if said[cell] != cell}
    return numbers[after] if named == {low, end, after} and after == end + 1 else ""


def in_order(options: Sequence[Option]) -> bool:
    """Return whether the labels of answers have an order: points of a scale, sizes, amounts."""
    labels = [o.label for o in options if o.missing is Missing.NO]
    found = order_of(labels)
    return found is not None and not found.outside


def are_listed(options: Sequence[Option]) -> bool:
    """Return whether charts keep the order of answers although one or two have no place in it.

    It may be the file's: all but one rise or fall.
    """
    labels = [o.label for o in options if o.missing is Missing.NO]
    return order_of(labels) is not None or are_lettered(labels) or _all_but_one_go_on(labels)


def _all_but_one_go_on(labels: Sequence[str]) -> bool:
    """Return whether all answers in words but one rise by their meaning, or fall."""
    words = all(re.search(r"[^\W\d_]", label) for label in labels)
    for left_out in labels if words and _FEWEST < len(labels) <= POINTS else ():
        rest = [label for label in labels if label != left_out]
        found = order_of(rest)
        places = [found.places[label] for label in rest] if found else []
        if found and not found.outside and places in (sorted(places), sorted(places)[::-1]):
            return True
    return False


@dataclass(frozen=True)
class Points:
    """Options of a recommendation question, and the codes that become theirs."""

    options: tuple[Option, ...]
    codes: dict[str, str]


def recommendation(title: str, options: Sequence[Option]) -> Points | None:
    """Take answers from 0 to 10 for a recommendation where wording or ends say so, else None.

    A scale from 0 to 10 of anything else, such as satisfaction, is none. Nor is one whose wording
    says that it begins with 1: those who gave 6 are not detractors there.
    """
    stated = stated_range(title)
    substance = [o for o in options if o.missing is Missing.NO]
    found = {
        o.code: _POINT.fullmatch(bare_label(o.label)) or _POINT.fullmatch(o.code) for o in substance
    }
    numbers = {code: int(match[1]) for code, match in found.items() if match}
    points = set(numbers.values())
    whole = len(points) == len(substance) > 2 and (
        10 in points or (0 in points and max(points) > 5)
    )
    labels = {numbers[o.code]: o.label for o in substance} if whole else {}
    ends = _UNLIKELY.search(labels.get(0, "")) and _LIKELY.search(labels.get(10, ""))
    if not whole or not (RECOMMENDED.search(title) or ends):
        return None
    if stated and stated[0] == 1 and 0 not in points:
        return None  # where the lowest point with words is 5, it is the middle
    named = [Option(str(n), labels.get(n, str(n)), float(n)) for n in range(11)]
    others = [o for o in options if o.missing is not Missing.NO]
    codes = {code: str(n) for code, n in numbers.items() if code != str(n)}
    return Points((*named, *others), codes)


def _reasons(
    found: _Found,
    why: Mapping[str, Missing],
    said: Mapping[str, str],
    suspected: Sequence[str],
    around: Around,
) -> Iterable[str]:
    """Say what drafted options rest on, for a list of guesses."""
    if found.words:
        yield f"answers in {found.words}"
    elif len(found.places) > 2:
        yield "answers in alphabetical order, because their order is not known"
    if found.unseen:
        listed = ", ".join(f'"{label}"' for label in found.unseen.values())
        yield f"nobody gave {listed}, of the same scale: remove what was not offered"
    if found.doubt:
        yield found.doubt
    none = [cell for cell in why if why[cell] is not Missing.NO]
    if none:
        listed = ", ".join(_counted(cell, said, around) for cell in none)
        yield f"no answer on the substance: {listed}"
    if suspected:
        listed = ", ".join(_counted(cell, said, around) for cell in suspected)
        yield (
            f"{listed} may mean no answer, but nothing in the file says so: counted as an "
            "answer until `missing` in options.csv says why it is none"
        )


def _counted(cell: str, said: Mapping[str, str], around: Around) -> str:
    n = around.counts.get(cell, 0)
    return f"{said[cell]} ({n:,})" if n else said[cell]


def _order(cells: Sequence[str], said: Mapping[str, str], labelled: bool, around: Around) -> _Found:
    """Places of cells, whether they are scores, and what the order rests on."""
    numbers = {cell: _whole(cell) for cell in cells}
    if cells and None not in numbers.values():
        known = {cell: n for cell, n in numbers.items() if n is not None}
        if labelled and not any(said[cell] == cell for cell in cells):
            return _labelled(known, said, around.language)
        return _numbers(known, said, around)
    words = [said[cell] for cell in cells]
    found = _of_others(words, around) or order_of(words, around.language)
    if found is not None:
        kind = "a scale of" if found.scored else "the order of"
        places = {c: found.places[said[c]] for c in cells}
        if labelled and found.unseen:
            return _declared(cells, places, found.name)
        unseen = {label: label for label in found.unseen}
        if not unseen.keys().isdisjoint(cells):
            unseen = {}
        places |= {label: found.unseen[label] for label in unseen}
        return _Found(places, found.scored, f"{kind} {found.name}", unseen, found.doubt)
    if labelled:
        return _Found(
            {cell: float(n) for n, cell in enumerate(cells)}, False, "the order of the file"
        )
    ranked = sorted(cells, key=lambda c: (_rank(said[c]), said[c].casefold(), said[c]))
    return _Found({cell: float(n) for n, cell in enumerate(ranked)})


def _declared(cells: Sequence[str], places: Mapping[str, float], name: str) -> _Found:
    """Order a scale of which the file lists every answer: no other was offered."""
    ranks = {cell: float(n) for n, cell in enumerate(sorted(cells, key=places.__getitem__), 1)}
    scored = len(cells) > 2
    return _Found(ranks, scored, f"{'a scale of' if scored else 'the order of'} {name}")


def _of_others(labels: Sequence[str], around: Around) -> Order | None:
    """Find the scale of another question that has all of these answers, and more."""
    own = frozenset(labels)
    more = sorted((s for s in around.sets if own < s), key=len, reverse=True)
    if len(own) < 2 or not more or not all(s <= more[0] for s in more):
        return None
    found = order_of(sorted(more[0]), around.language)
    if found is None or not found.scored:
        return None
    everything = found.places | found.unseen
    places = {label: everything[label] for label in labels}
    unseen = {label: place for label, place in everything.items() if label not in own}
    return replace(found, name=f"{found.name}, as in other questions", places=places, unseen=unseen)


def _labelled(numbers: Mapping[str, int], said: Mapping[str, str], language: str) -> _Found:
    """Order numbers that the file gives labels, the scale being what the file declares."""
    cells = [*numbers]
    values = {cell: float(n) for cell, n in numbers.items()}
    found = order_of([said[cell] for cell in cells], language)
    if found is None or found.outside or not (found.scored or found.doubt):
        return _Found(values, False, "the numbers of the file")
    places = {cell: found.places[said[cell]] for cell in cells}
    low, high = min(numbers.values()), max(numbers.values())
    complete = high - low + 1 == len(cells) and (low in (0, 1) or low == -high)
    name = f"a scale of {found.name}"
    if complete and len(cells) > 2:
        ranks = {place: float(n) for n, place in enumerate(sorted(places.values()), 1)}
        return _Found({c: ranks[place] for c, place in places.items()}, True, name)
    if complete or not found.scored:
        return _Found(values, False, "the numbers of the file", doubt=found.doubt)
    number = numbering(numbers, places)
    if found.unseen and number is None:
        return _Found(values, False, "the numbers of the file")
    unseen = {str(number(place)): label for label, place in found.unseen.items()} if number else {}
    places |= {str(number(place)): place for place in found.unseen.values()} if number else {}
    if not unseen.keys().isdisjoint(cells) or any(len(cell) > 3 for cell in unseen):
        return _Found(values, False, "the numbers of the file")
    return _Found(places, True, name, unseen)


def _numbers(numbers: Mapping[str, int], said: Mapping[str, str], around: Around) -> _Found:
    """Order numbers that mean themselves: points of a scale, if it is known from end to end."""
    values = set(numbers.values())
    low, high = min(values), max(values)
    places = {cell: float(n) for cell, n in numbers.items()}
    if len(values) < 3 and low < 2 and not stated_range(around.title):
        return _Found(places, False, "the numbers")
    if high - low + 1 > POINTS:
        return _Found(places, False, "the numbers")
    known = asks_degree(around.title) or stated_range(around.title)
    if asks_for_one(around.title) and not known:
        doubt = (
            "the question says to choose one: the numbers may be places in a list of answers, so "
            "they have no scores until options.csv has them"
        )
        return _Found(places, False, "the numbers", doubt=doubt)
    named = {n for cell, n in numbers.items() if said[cell] != cell}
    ends = (low, high) if _are_declared(named, values) else _ends(values, around)
    if ends is None:
        doubt = (
            f"whole numbers from {low} to {high}: where the scale begins and ends is not known, so "
            "they have no scores until options.csv has them"
        )
        return _Found(places, False, "the numbers", doubt=doubt)
    unseen = {str(n): str(n) for n in range(ends[0], ends[1] + 1) if str(n) not in numbers}
    places |= {cell: float(cell) for cell in unseen}
    return _Found(places, True, f"a scale of numbers from {ends[0]} to {ends[1]}", unseen)


def _are_declared(named: Collection[int], values: Collection[int]) -> bool:
    """Return whether labels mark both ends of a scale: not one number far beyond the others."""
    low, high = min(values), max(values)
    if not {low, high} <= {*named}:
        return False
    before = max((n for n in named if n < high), default=low)
    return len(named) == 2 or high - before < 3 or any(before < n < high for n in values)


def _ends(values: Collection[int], around: Around) -> tuple[int, int] | None:
    """Say where a scale begins and ends; None if nothing shows it."""
    low, high = min(values), max(values)
    stated = stated_range(around.title)
    if stated and stated[0] <= low and high <= stated[1]:
        return stated
    if around.nominal:
        return None
    if low < 0:
        most = max(-low, high)
        return (-most, most) if abs(low + high) <= 1 and most <= POINTS // 2 else None
    if low in (0, 1) and high in _ENDS:
        return low, high
    wider = [r for r in around.ranges if r[0] in (0, 1) and r[1] in _ENDS and high <= r[1]]
    if low < 2:  # from 1 on, numbers are as likely names of a few answers
        return (low, high) if around.ranges.get((low, high), 0) >= _ALIKE and not wider else None
    return wider[0] if len(wider) == 1 else None


def stated_range(title: str) -> tuple[int, int] | None:
    """Find the ends of a scale in the words of a question: `from 1 (poor) to 5 (good)`."""
    found = [match for rule in _STATED if (match := rule.search(title))]
    if found:
        low, high = int(found[0]["low"]), int(found[0]["high"])
    elif match := _OUT_OF.search(title):
        low, high = 1, int(match[1])
    else:
        points = [int(one or other) for one, other in _EQUAL.findall(title)]
        if len(points) < 2:
            return None
        low, high = min(points), max(points)
    return (low, high) if low >= -5 and 2 <= high - low < POINTS else None


def ranges_of(columns: Iterable[Collection[float]]) -> Counter[tuple[int, int]]:
    """Count the ranges of columns of whole numbers that may be points of a scale."""
    found: Counter[tuple[int, int]] = Counter()
    for values in columns:
        if len(values) > 2 and all(float(v).is_integer() for v in values):
            low, high = int(min(values)), int(max(values))
            if low >= 0 and high < POINTS:
                found[low, high] += 1
    return found


def _rank(label: str) -> int:
    text = bare_label(label)
    return 9 if is_other(text) else _FIRST.get(text.split(",")[0], 5)


def _whole(cell: str) -> int | None:
    return int(cell) if re.fullmatch(r"-?\d{1,6}", cell) else None
