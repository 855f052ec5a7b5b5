"""Files without a header row, whose first row is the first respondent."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from helpers.importing.files.sheets import Column, Sheet, letter
from helpers.importing.layouts.heads import role_of
from helpers.importing.words.shapes import DATE, NUMBER

_LETTERED = re.compile(r"Column [A-Z]{1,3}(?: \[|$)")  # as a whole, or a box of it
_ROWS = 5  # below the first, from which answers are known
_LOOK = 200  # different cells of a column
_MOST = 0.9  # of them
_TIMES = 3  # as many columns for as against


def is_nameless(sheet: Sheet) -> bool:
    """Return whether the first row holds answers: they recur in their columns, or are like them.

    In columns of few answers, numbers or dates, a name would be none of these. A header row that a
    file repeats does not count as answers.
    """
    if sheet.has_variables or not sheet.top or len(sheet.rows) + len(sheet.top) <= _ROWS:
        return False
    first = sheet.top[0]
    whole = sheet.with_header(1) if len(sheet.rows) < _LOOK else sheet
    if any(
        role_of(cell) != "question" and cell not in column.values
        for cell, column in zip(first, whole.columns, strict=True)
    ):
        return False
    columns = _unlike(first, whole.columns)
    counted = _count_up(first)
    signs = [
        _sign(cell, column)
        for cell, column in zip(first, columns, strict=True)
        if cell and not (counted and NUMBER.fullmatch(cell))
    ]
    answers, names = signs.count(1), signs.count(-1)
    return answers > 1 and answers >= _TIMES * names


def are_letters(keys: Collection[str]) -> bool:
    """Return whether a mapping knows all columns by the names that they get here."""
    return bool(keys) and all(map(_LETTERED.match, keys))


def with_names(sheet: Sheet) -> Sheet:
    """Return a sheet with a header row above the first: Column A, Column B."""
    return replace(sheet, top=(names_of(sheet), *sheet.top), top_rows=(0, *sheet.top_rows))


def names_of(sheet: Sheet) -> tuple[str, ...]:
    """Names of columns that have none in the file."""
    return tuple(f"Column {column.place or letter(n)}" for n, column in enumerate(sheet.columns))


def _unlike(first: Sequence[str], columns: Sequence[Column]) -> list[Column]:
    """Return columns without the rows that are the first once more."""
    same = None
    for cell, column in zip(first, columns, strict=True):
        if cell:
            place = column.values.index(cell) if cell in column.values else -1
            here = column.codes == place
            same = here if same is None else same & here
    if same is None or not same.any():
        return [*columns]
    return [replace(column, codes=column.codes[~same]) for column in columns]


def _count_up(first: Sequence[str]) -> bool:
    """Return whether the numbers of a row go up by one, as those of items and years do."""
    found = [float(cell) for cell in first if NUMBER.fullmatch(cell)]
    return len(found) > 2 and all(b - a == 1 for a, b in pairwise(found))


def _sign(cell: str, column: Column) -> int:
    """Return 1 where the first cell of a column is like those below, -1 where it is not, else 0."""
    counts = column.counts
    if "" in column.values:
        counts[column.values.index("")] = 0
    different, answered = int(np.count_nonzero(counts)), int(counts.sum())
    if different < 2 or answered < _ROWS:
        return 0  # a box may hold its own name
    if cell in column.values and counts[column.values.index(cell)]:
        return 1 if different < answered else 0
    looked = [column.values[at] for at in np.flatnonzero(counts)[:_LOOK].tolist()]
    for form in (DATE, NUMBER):
        alike = sum(map(bool, map(form.fullmatch, looked))) >= _MOST * len(looked)
        if alike and form.fullmatch(cell):
            return 1 if form is DATE or _within(cell, looked) else 0
        if alike:
            return -1
    return -1 if 2 * different <= answered else 0


def _within(cell: str, others: Sequence[str]) -> bool:
    numbers = np.array([float(value) for value in others if NUMBER.fullmatch(value)])
    return bool(numbers.min() <= float(cell) <= numbers.max())
