"""Cells in which a program wrote that they are empty: `NULL` of a database, `NA` of R."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from helpers.codebook.cells import WORDS
from helpers.codebook.model import Missing
from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.words.nonanswers import missing_kinds
from helpers.importing.words.shapes import DATE

_MARKS = ("NULL", "null", "\\N", "NaN", "nan", "<NA>")
_NO_TIME = "NaT"  # of pandas, among dates
_OF_R = "NA"  # of R, and short for not applicable
_FEWEST = 3  # columns in which a program did so
_SELDOM = 0.1  # of columns, those that hold blank cells
_POINTS = 11  # numbers up to which they may be a rating
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?([eE][-+]?\d+)?|TRUE|FALSE|True|False")


def without_nulls(
    sheet: Sheet,
    known: Sequence[Collection[str]] = (),
    answers: Collection[str] = (),
    *,
    drafting: bool = False,
) -> Sheet:
    """Return a sheet whose cells are empty where a program wrote so in several columns.

    Parameters
    ----------
    known
        Cells of each column of which a mapping says what becomes of them.
    answers
        Cells that are answers, as somebody said.
    drafting
        Whether there is no codebook yet. The words of a survey folder for no answer then say the
        same: whom a question was not put to is guessed from the answers to others.
    """
    columns, top, told = [*sheet.columns], [[*row] for row in sheet.top], []
    own = WORDS if drafting else ()
    for mark in own if sheet.has_variables else (*_MARKS, _NO_TIME, _OF_R, *own):
        marked = _has if mark in own else _holds
        found = [at for at in range(len(columns)) if marked(sheet, at, mark)]
        if len(found) < (1 if mark == _NO_TIME or mark in own else _FEWEST):
            continue
        if mark == _OF_R:
            found = _by_program(sheet, found, said=mark in answers)
        elif mark in answers:
            continue
        found = [at for at in found if not known or mark not in known[at]]
        for at in found:
            held = columns[at]
            columns[at] = held.recoded(["" if v == mark else v for v in held.values])
            for row in top[1:]:
                row[at] = "" if row[at] == mark else row[at]
        if found:
            count = f"{len(found):,} column{'s' * (len(found) > 1)}"
            told.append(f'"{mark}" is in {count}; such cells count as empty')
    if not told:
        return sheet
    rows = tuple(map(tuple, top))
    return replace(sheet, top=rows, columns=tuple(columns)).remarked(*told)


def _by_program(sheet: Sheet, found: Sequence[int], *, said: bool) -> list[int]:
    """Return the columns in which a program, not people, wrote NA.

    It did where nothing but amounts may be, or a box, and left hardly any cell of such a column
    blank: people answer NA to a rating. Then it did so among numbers, dates and truth values;
    among answers in words, one of which NA may be, only where it did in nearly every column that
    lacks cells, and nobody said that NA is an answer.
    """
    cells = [_cells(sheet, at) for at in found]
    blank = sum("" in own for own in cells)
    others = [own - {"", _OF_R} for own in cells]
    sure = [len(own) < 2 or (len(own) > _POINTS and not any(map(_is_word, own))) for own in others]
    if sum(sure) < _FEWEST or blank > _SELDOM * len(found):
        return []
    alone = sum(at not in found and "" in _cells(sheet, at) for at in range(len(sheet.columns)))
    everywhere = not said and alone <= _SELDOM * (alone + len(found))
    return [
        at
        for at, one in zip(found, sure, strict=True)
        if one or everywhere or _has_hardly_a_word(sheet.columns[at])
    ]


def _has_hardly_a_word(column: Column) -> bool:
    """Return whether nearly all cells are numbers, dates or truth values: *2*, seldom *two*."""
    given = {
        value: n
        for value, n in zip(column.values, column.counts.tolist(), strict=True)
        if value not in ("", _OF_R)
    }
    return sum(n for v, n in given.items() if _is_word(v)) <= _SELDOM * sum(given.values())


def _is_word(cell: str) -> bool:
    return not (_NUMBER.fullmatch(cell) or DATE.fullmatch(cell))


def _cells(sheet: Sheet, at: int) -> set[str]:
    """Different cells of a column below its header."""
    return {*sheet.columns[at].values, *(row[at] for row in sheet.top[1:])}


def _has(sheet: Sheet, at: int, mark: str) -> bool:
    return mark in _cells(sheet, at)


def _holds(sheet: Sheet, at: int, mark: str) -> bool:
    """Return whether cells of a column are such a mark, and it is none of the answers."""
    cells = [value for value in sheet.columns[at].values if value]
    if not _has(sheet, at, mark):
        return False
    if mark == _NO_TIME:
        return all(value == mark or DATE.fullmatch(value) for value in cells)
    answers = [*dict.fromkeys((mark, *cells))]
    return missing_kinds(answers)[mark] is not Missing.NO
