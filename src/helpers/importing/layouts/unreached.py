"""Boxes of people who never came to a question: programs such as REDCap write 0 for them, too.

Where no box of a question is ever blank, 0 says *not ticked* of everybody, also of those who had
left before. They answered nothing from there on to the end of the form, although others did.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import Head
from helpers.terminal import some_of

_END = re.compile(r"[a-z]\w*_complete|complete\?", re.IGNORECASE)  # of a form of REDCap
_USUAL = 0.5  # share of those who went on that answered a question which hardly anybody skips
_SIGNS = 2  # such questions without an answer, and further questions without a tick, at least


def without_unreached(sheet: Sheet, heads: Sequence[Head]) -> Sheet:
    """Return the sheet with blank boxes where nobody can have seen them.

    Of all boxes that are never blank it says that 0 is a filler.
    """
    columns, left = list(sheet.columns), np.zeros(len(sheet.rows), dtype=bool)
    names: list[str] = []
    for form in _forms(heads):
        groups = [places for places in _groups(heads, form) if _are_filled(sheet, places)]
        for at in (at for places in groups for at in places):
            columns[at] = replace(columns[at], filler="0")
        for places, rows in _unreached(sheet, form, groups) if groups else ():
            left |= rows
            names.append(heads[places[0]].name or heads[places[0]].text)
            for at in places:
                columns[at] = _blank(columns[at], rows)
    sheet = replace(sheet, columns=tuple(columns))
    if not names:
        return sheet
    first = int(sheet.rows[left][0])
    words = (
        f"0 in boxes of {some_of(names, 3)} is blank for {left.sum():,} respondents, from row "
        f"{first}: they answered nothing from there on, so 0 does not mean that they left a box"
    )
    return sheet.remarked(words)


def _forms(heads: Sequence[Head]) -> Iterator[list[int]]:
    """Yield the places of questions, form by form."""
    found: list[int] = []
    for at, head in enumerate(heads):
        if _END.fullmatch(head.key):
            yield found
            found = []
        elif head.role == "question":
            found.append(at)
    yield found


def _groups(heads: Sequence[Head], form: Sequence[int]) -> Iterator[list[int]]:
    """Yield the places of neighbours that share a question."""
    for shared, places in groupby(form, lambda at: (heads[at].name, heads[at].text)):
        if len(found := [at for at in places if heads[at].item]) > 1 and any(shared):
            yield found


def _are_filled(sheet: Sheet, places: Sequence[int]) -> bool:
    """Return whether boxes hold nothing but 0 and 1, one of them in every cell."""
    held = [{*sheet.columns[at].values} for at in places]
    return all(values <= {"0", "1"} for values in held) and {"0", "1"} <= set().union(*held)


def _unreached(
    sheet: Sheet, form: Sequence[int], groups: Sequence[Sequence[int]]
) -> Iterator[tuple[Sequence[int], np.ndarray]]:
    """Yield boxes with the rows of those who never came to them."""
    boxes = {at for places in groups for at in places}
    answered = {at: _holds(sheet.columns[at], {"0"} if at in boxes else set()) for at in form}
    last = np.full(len(sheet.rows), -1)
    for at in form:
        last[answered[at]] = at
    signs = np.zeros(len(sheet.rows), dtype=int)
    for at in form:
        went_on = last >= at
        if at not in boxes and answered[at].sum() >= _USUAL * went_on.sum() > 0:
            signs += last < at
    for places in groups:
        signs += last < places[0]
    for places in groups:
        rows = (last < places[0]) & (signs > _SIGNS)
        if rows.any():
            yield places, rows


def _holds(column: Column, nothing: set[str]) -> np.ndarray:
    held = [bool(value) and value not in nothing for value in column.values]
    return np.array(held or [False])[column.codes]


def _blank(column: Column, rows: np.ndarray) -> Column:
    codes = column.codes.astype(np.int64)
    codes[rows] = len(column.values)
    return replace(column, values=(*column.values, ""), codes=codes)
