"""Which table of a file holds the responses, where a file holds several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import numpy as np

from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.questionnaires.model import Questionnaire

FAR_MORE = 3  # times as many cells
_ALIKE = 0.95  # of what tells rows apart
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
    """Return whether two tables hold the same responses: what tells rows apart is alike."""
    if abs(_rows(one) - _rows(other)) > _OTHER_ROWS:
        return False
    theirs = [set(column.values) for column in _telling(other)]
    return any(
        len(mine & known) >= _ALIKE * min(len(mine), len(known))
        for mine in (set(column.values) for column in _telling(one))
        for known in theirs
    )


def _rows(sheet: Sheet) -> int:
    return len(sheet.rows) + (0 if sheet.has_variables else len(sheet.top) - 1)


def _telling(sheet: Sheet) -> Iterator[Column]:
    """Columns that tell rows apart by more than a number that counts them."""
    for column in sheet.columns:
        rows = len(column.codes)
        counts = column.counts
        if rows and np.count_nonzero(counts) >= _ALIKE * rows and rows > 2:
            yield column


def _largest(sheets: Sequence[Sheet], remarks: list[str]) -> Sequence[Sheet]:
    """Return the sheet that holds far more cells than any other, or all if none does."""
    filled = [
        sum(int(c.counts[[bool(v) for v in c.values]].sum()) for c in sheet.columns)
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
