"""Cells in which a program wrote that they are empty: `NULL` of a database, `NA` of R."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from helpers.codebook.cells import WORDS
from helpers.codebook.model import Missing
from helpers.importing.files.sheets import Sheet
from helpers.importing.words.nonanswers import missing_kinds
from helpers.importing.words.shapes import DATE

_MARKS = ("NULL", "null", "\\N", "NaN", "nan", "<NA>")
_NO_TIME = "NaT"  # of pandas, among dates
_OF_R = "NA"  # of R, and short for not applicable
_FEWEST = 3  # columns in which a program did so
_SELDOM = 0.1  # of those columns that also hold blank cells
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?([eE][-+]?\d+)?")


def without_nulls(sheet: Sheet, known: Collection[str] = (), *, drafting: bool = False) -> Sheet:
    """Return a sheet whose cells are empty where a program wrote so in several columns.

    Parameters
    ----------
    known
        Cells of which a mapping says what becomes of them.
    drafting
        Whether there is no codebook yet. The words of a survey folder for no answer then say the
        same: whom a question was not put to is guessed from the answers to others.
    """
    columns, top, told = [*sheet.columns], [[*row] for row in sheet.top], []
    own = WORDS if drafting else ()
    marks = own if sheet.has_variables else (*_MARKS, _NO_TIME, _OF_R, *own)
    for mark in (mark for mark in marks if mark not in known):
        marked = _has if mark in own else _holds
        found = [at for at in range(len(columns)) if marked(sheet, at, mark)]
        if len(found) < (1 if mark == _NO_TIME or mark in own else _FEWEST):
            continue
        if mark == _OF_R and not _by_program(sheet, found):
            continue
        for at in found:
            held = columns[at]
            columns[at] = held.recoded(["" if v == mark else v for v in held.values])
            for row in top[1:]:
                row[at] = "" if row[at] == mark else row[at]
        told.append(f'"{mark}" is in {len(found):,} columns; such cells count as empty')
    if not told:
        return sheet
    rows = tuple(map(tuple, top))
    return replace(sheet, top=rows, columns=tuple(columns)).remarked(*told)


def _by_program(sheet: Sheet, found: Sequence[int]) -> bool:
    """Return whether a program, not people, wrote NA: where nothing but numbers may be, or a box.

    It leaves hardly any cell of such a column blank.
    """
    cells = [{*sheet.columns[at].values, *(row[at] for row in sheet.top[1:])} for at in found]
    blank = sum("" in own for own in cells)
    others = [own - {"", _OF_R} for own in cells]
    sure = sum(len(own) < 2 or all(map(_NUMBER.fullmatch, own)) for own in others)
    return sure >= _FEWEST and blank <= _SELDOM * len(found)


def _has(sheet: Sheet, at: int, mark: str) -> bool:
    return mark in sheet.columns[at].values or any(row[at] == mark for row in sheet.top[1:])


def _holds(sheet: Sheet, at: int, mark: str) -> bool:
    """Return whether cells of a column are such a mark, and it is none of the answers."""
    cells = [value for value in sheet.columns[at].values if value]
    if not _has(sheet, at, mark):
        return False
    if mark == _NO_TIME:
        return all(value == mark or DATE.fullmatch(value) for value in cells)
    answers = [*dict.fromkeys((mark, *cells))]
    return missing_kinds(answers)[mark] is not Missing.NO
