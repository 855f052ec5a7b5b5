"""Tables of a questionnaire: rows by the names of their columns."""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpers.importing.files.sheets import Sheet

Row = Mapping[str, str]


def header_of(sheet: Sheet) -> tuple[str, ...]:
    """Names of columns: small letters, one blank where there are several signs between words."""
    return tuple(map(named, sheet.top[0])) if sheet.top else ()


def named(cell: str) -> str:
    """Return the name of a column without capitals and blanks at its ends."""
    return re.sub(r"\s+", " ", cell).strip().lower()


def rows_of(sheet: Sheet) -> list[tuple[int, dict[str, str]]]:
    """Rows below the header, with their numbers: cells by the names of columns, none blank."""
    whole = sheet.with_header(1)
    header, cells = header_of(whole), [column.cells() for column in whole.columns]
    found = []
    for at, number in enumerate(whole.rows.tolist()):
        row: dict[str, str] = {}
        for name, column in zip(header, cells, strict=True):
            if column[at]:
                row.setdefault(name, column[at])
        found.append((int(number), row))
    return found
