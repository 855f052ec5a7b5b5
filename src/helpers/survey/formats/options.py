"""From cells to options: codes, labels, order, scores."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from helpers.survey.codebook import Missing
from helpers.survey.formats.drafts import DraftOption
from helpers.survey.formats.names import Names
from helpers.survey.formats.scales import missing_kind, order_of, plainly

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
