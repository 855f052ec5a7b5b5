"""Which table of a file holds the responses, where a file holds several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import numpy as np

from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.questionnaires.model import Questionnaire

FAR_MORE = 3  # times as many cells
_ALIKE = 0.9  # of cells that tell rows apart
_MOST = 0.8  # of columns
_FEW = 3  # rows
_TELLS = 2
_OTHER_ROWS = 3  # of a header, where it is counted among the rows
_OF_A_GROUP = ("PARENT_KEY", "_parent_index", "_parent_table_name", "_submission__id")


def called(sheet: Sheet) -> str:
    """Return how a table is named in the file that holds it."""
    inside = sheet.file.partition("/")[2]
    return f"{inside} [{sheet.name}]" if inside and sheet.name else sheet.name or inside


def wanted(sheets: list[Sheet], names: Sequence[str]) -> list[Sheet]:
    """Return the tables of an archive that are named: by their part of it, or their sheet."""
    found = [sheet for sheet in sheets if {*_names(sheet)} & {*names}]
    return found or sheets


def _names(sheet: Sheet) -> tuple[str, ...]:
    inside = PurePosixPath(sheet.file.partition("/")[2])
    return (str(inside), inside.name, inside.stem, called(sheet), sheet.name)


def chosen(
    sheets: Sequence[Sheet], forms: Sequence[Questionnaire], remarks: list[str]
) -> Sequence[Sheet]:
    """Return the table that holds the responses, or all that may if it is not clear."""
    whole = [sheet for sheet in sheets if not _is_of_a_group(sheet)]
    if whole and len(whole) < len(sheets):
        others = ", ".join(called(sheet) for sheet in sheets if sheet not in whole)
        remarks.append(
            f"{_file(sheets[0])}: {others} holds groups that were filled in several times; it is "
            "not imported."
        )
        sheets = whole
    if len(sheets) > 1 and "/" in sheets[0].file:
        sheets = _once(sheets, forms, remarks)
    return sheets if len(sheets) < 2 else _largest(sheets, remarks)


def _file(sheet: Sheet) -> str:
    return sheet.file.partition("/")[0]


def _is_of_a_group(sheet: Sheet) -> bool:
    return bool(sheet.top) and any(cell in _OF_A_GROUP for cell in sheet.top[0])


def _once(
    sheets: Sequence[Sheet], forms: Sequence[Questionnaire], remarks: list[str]
) -> Sequence[Sheet]:
    """Return each of the tables once that hold the same responses: the one that says most."""
    rest = sorted(sheets, key=lambda sheet: _says(sheet, forms), reverse=True)
    kept: list[Sheet] = []
    for sheet in rest:
        same = next((other for other in kept if _same(sheet, other)), None)
        if same is None:
            kept.append(sheet)
        else:
            remarks.append(
                f"{_file(sheet)}: {called(same)} and {called(sheet)} hold the same responses; "
                f"the first is imported. --sheet takes the other."
            )
    return [sheet for sheet in sheets if sheet in kept]


def _says(sheet: Sheet, forms: Sequence[Questionnaire]) -> tuple[int, int, int]:
    """How much a table says: names of a questionnaire, labels of values, answers in words."""
    named = {name for form in forms for question in form.questions for name in _variables(question)}
    header = {cell for row in sheet.top for cell in row} if named else set()
    labels = sum(bool(column.labels) for column in sheet.columns)
    words = sum(any(map(str.isalpha, value)) for c in sheet.columns for value in c.values)
    return len(named & header), labels, words


def _variables(question: object) -> Iterator[str]:
    for field in getattr(question, "fields", ()):
        yield from field.names


def _same(one: Sheet, other: Sheet) -> bool:
    """Return whether two tables hold the same responses: one tells them apart, the others agree."""
    rows = min(len(one.rows), len(other.rows))
    if rows < _FEW or abs(_rows(one) - _rows(other)) > _OTHER_ROWS:
        return False
    agree = [_agree(mine.codes[-rows:], mine, yours.codes[-rows:], yours)
             for mine, yours in _pairs(one, other)]  # fmt: skip
    told = [found for found in agree if found is not None]
    return _TELLS in told and sum(map(bool, told)) >= _MOST * len(told)


def _rows(sheet: Sheet) -> int:
    return len(sheet.rows) + (0 if sheet.has_variables else len(sheet.top) - 1)


def _pairs(one: Sheet, other: Sheet) -> Iterator[tuple[Column, Column]]:
    """Columns of two tables that belong together: by their header, else by their place."""
    named = {cell: at for row in other.top for at, cell in enumerate(row) if cell}
    for at, column in enumerate(one.columns):
        names = [row[at] for row in one.top[:1] if row[at] in named]
        if names:
            yield column, other.columns[named[names[0]]]
        elif len(one.columns) == len(other.columns):
            yield column, other.columns[at]


def _agree(mine: np.ndarray, one: Column, yours: np.ndarray, other: Column) -> int | None:
    """Return how two columns agree: they tell rows apart alike, one translates the other, or not.

    None where they say nothing: one of them holds the same in every row.
    """
    different = len(np.unique(mine)), len(np.unique(yours))
    if min(different) < 2:
        return None
    if min(different) >= _ALIKE * len(mine):  # of a column without repeats, the values are compared
        own, theirs = ({c.values[at] for at in np.unique(codes)} for c, codes in
                       ((one, mine), (other, yours)))  # fmt: skip
        return _TELLS if len(own & theirs) >= _ALIKE * min(len(own), len(theirs)) else 0
    pairs = np.unique(mine.astype(np.int64) * (len(other.values) + 1) + yours)
    return int(len(pairs) == max(different))


def _largest(sheets: Sequence[Sheet], remarks: list[str]) -> Sequence[Sheet]:
    """Return the sheet that holds far more cells than any other, or all if none does."""
    filled = [
        sum(int(c.counts[c.filled].sum()) for c in sheet.columns)
        + sum(bool(cell) for row in sheet.top for cell in row)
        for sheet in sheets
    ]
    second, first = sorted(range(len(sheets)), key=filled.__getitem__)[-2:]
    if filled[first] < FAR_MORE * filled[second]:
        return sheets
    largest = sheets[first]
    what = "table" if "/" in largest.file else "sheet"
    remarks.append(
        f"{_file(largest)}: the responses are taken from its largest {what}, {called(largest)}. "
        "To read another, name it with --sheet."
    )
    return [largest]
