"""From cells to options: codes, labels, order, scores."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.survey.codebook import Missing
from helpers.survey.formats.drafts import DraftOption
from helpers.survey.formats.names import Names
from helpers.survey.formats.scales import missing_kind, order_of, plainly

# Of "how likely are you to recommend us": the verb in the languages that surveys come in.
RECOMMENDED = re.compile(
    r"recommend|recommand|recom(?:en|ien)d|raccomand|consiglier|empfehl|empfiehl|aanbeve|aanraden"
    r"|rekommend|anbefal|suosittel|polec(?:ić|ił|enia|asz)|doporuč|odporúč|рекоменд|tavsiye"
    r"|συστή|ajánl|推荐|推薦|勧め|추천|نوصي|توصي|\bnps\b|net promoter",
    re.IGNORECASE,
)
_UNLIKELY = re.compile(r"(not at all|extremely un|very un|not) ?likely( at all)?", re.IGNORECASE)
_LIKELY = re.compile(r"(extremely|very) likely", re.IGNORECASE)
_POINT = re.compile(r"(10|[0-9])(?:$|[^0-9.,%].*)", re.DOTALL)
_CODE = re.compile(r"-?[0-9]{1,6}|[A-Za-z]{1,2}[0-9]{1,4}|[A-Z]|[a-z0-9_]{1,16}")
_LAST = re.compile(r"(some(thing|one|where) else|none of .*|other\b.*)", re.IGNORECASE)
_FIRST = {"yes": 0, "no": 1}
POINTS = 11  # of a scale of numbers


def options_of(
    cells: Sequence[str], labels: Mapping[str, str], missing: Sequence[str]
) -> tuple[tuple[DraftOption, ...], dict[str, str], str]:
    """Draft the options that cells stand for.

    Parameters
    ----------
    labels
        What the file itself says that cells mean.
    missing
        Cells that are declared, or seem, to be no answer.

    Returns
    -------
    Options in their order, cells to codes where they differ, and how the order was found.
    """
    known = [*dict.fromkeys([*labels, *cells])]
    why = {cell: _missing(cell, labels.get(cell, cell), missing) for cell in known}
    between = _between([cell for cell in known if why[cell] is Missing.NO], labels)
    known, why = [*known, *between], {**why, **dict.fromkeys(between, Missing.NO)}
    said = {cell: labels.get(cell, cell) for cell in known}
    substance = [cell for cell in known if why[cell] is Missing.NO]
    places, scored, order = _order(substance, said, bool(labels))
    names = Names("o")
    options, recode = [], {}
    for cell in sorted(known, key=lambda c: (why[c] is not Missing.NO, places.get(c, 0.0))):
        code = cell if _CODE.fullmatch(cell) and names.exactly(cell) else names.give(said[cell])
        score = places[cell] if scored and cell in places else None
        options.append(DraftOption(code, said[cell], score, why[cell]))
        if code != cell:
            recode[cell] = code
    return tuple(options), recode, order


@dataclass(frozen=True)
class Points:
    """Options of a recommendation question, and the codes that become theirs."""

    options: tuple[DraftOption, ...]
    codes: dict[str, str]


def recommendation(title: str, options: Sequence[DraftOption]) -> Points | None:
    """Take answers from 0 to 10 for a recommendation where wording or ends say so, else None.

    A scale from 0 to 10 of anything else, such as satisfaction, is none.
    """
    substance = [o for o in options if o.missing is Missing.NO]
    found = {
        o.code: _POINT.fullmatch(plainly(o.label)) or _POINT.fullmatch(o.code) for o in substance
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
    named = [DraftOption(str(n), labels.get(n, str(n)), float(n)) for n in range(11)]
    others = [o for o in options if o.missing is not Missing.NO]
    codes = {code: str(n) for code, n in numbers.items() if code != str(n)}
    return Points((*named, *others), codes)


def order_in_words(order: str, options: Sequence[DraftOption]) -> list[str]:
    """Say what the order of drafted options rests on, for a list of guesses."""
    if order:
        return [f"answers in {order}"]
    substance = [option for option in options if option.missing is Missing.NO]
    return ["answers by the alphabet, their order is not known"] if len(substance) > 2 else []


def _missing(cell: str, label: str, missing: Sequence[str]) -> Missing:
    found = missing_kind(label)
    if found is Missing.NO and cell in missing:
        return Missing.NOT_ANSWERED
    return found


def _order(
    cells: Sequence[str], said: Mapping[str, str], labelled: bool
) -> tuple[dict[str, float], bool, str]:
    """Places of cells, whether they are scores, and what the order rests on."""
    numbers = {cell: _whole(cell) for cell in cells}
    if cells and all(n is not None for n in numbers.values()):
        places = {cell: float(n) for cell, n in numbers.items() if n is not None}
        if labelled and not any(said[cell] == cell for cell in cells):
            found = order_of([said[cell] for cell in cells])
            if found is None or not found.scored:
                return places, False, "the numbers of the file"
            return {c: found.places[said[c]] for c in cells}, True, f"a scale of {found.name}"
        span = max(places.values()) - min(places.values()) + 1
        scored = len(cells) > 2 and span <= POINTS
        return places, scored, "a scale of numbers" if scored else "the numbers"
    found = order_of([said[cell] for cell in cells])
    if found is not None:
        words = f"a scale of {found.name}" if found.scored else f"the order of {found.name}"
        return {c: found.places[said[c]] for c in cells}, found.scored, words
    if labelled:
        return {cell: float(n) for n, cell in enumerate(cells)}, False, "the order of the file"
    ranked = sorted(cells, key=lambda c: (_rank(said[c]), said[c].casefold(), said[c]))
    return {cell: float(n) for n, cell in enumerate(ranked)}, False, ""


def _rank(label: str) -> int:
    text = plainly(label)
    return 9 if _LAST.fullmatch(text) else _FIRST.get(text.split(",")[0], 5)


def _between(cells: Sequence[str], labels: Mapping[str, str]) -> list[str]:
    """Points of a scale of numbers that nobody gave: the next wave may give them."""
    numbers = [_whole(cell) for cell in cells]
    bare = [n for n, cell in zip(numbers, cells, strict=True) if cell not in labels]
    if len(cells) < 3 or None in numbers or not bare:
        return []
    known = {n for n in numbers if n is not None}
    points = range(min(known), max(known) + 1)
    return [str(n) for n in points if n not in known] if len(points) <= POINTS else []


def _whole(cell: str) -> int | None:
    return int(cell) if re.fullmatch(r"-?\d{1,6}", cell) else None
