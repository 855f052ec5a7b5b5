"""What a sheet of a workbook holds besides values: formulas, hidden and merged cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

_CELL = re.compile(r"^([A-Z]{1,3})([0-9]{1,7})$")
_KEPT = 10_000


@dataclass(frozen=True)
class CellRange:
    """A cell or a block of cells: its name, and column and row of its first cell."""

    name: str
    column: str
    row: int
    down: bool = False


@dataclass
class Unseen:
    """What a reader of the sheet does not see; `valueless` are formulas without a stored value."""

    formulas: list[CellRange] = field(default_factory=list)
    valueless: list[CellRange] = field(default_factory=list)
    merged: list[CellRange] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: int = 0

    def remarks(self) -> Iterator[str]:
        """Sentences on what is hidden and yet read."""
        if self.hidden_rows:
            first = self.hidden_rows[0]
            yield f"{len(self.hidden_rows):,} hidden rows are read too, from row {first}"
        if self.hidden_columns:
            yield f"{self.hidden_columns:,} hidden columns are read too"


def look(file: IO[bytes]) -> Unseen:
    """Go through the XML of a sheet.

    Raises
    ------
    defusedxml.DefusedXmlException
        If it declares entities or a document type.
    """
    from defusedxml.ElementTree import iterparse

    found = Unseen()
    at, row = "", 0
    for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
        name = element.tag.rpartition("}")[2]
        if event == "start":
            if name == "row":
                row = int(element.get("r") or row + 1)
                if element.get("hidden") in ("1", "true") and len(found.hidden_rows) < _KEPT:
                    found.hidden_rows.append(row)
            elif name == "c":
                at = element.get("r") or ""
            elif name == "f" and len(found.formulas) < _KEPT:
                found.formulas.append(_place(at, row))
            elif name == "col" and element.get("hidden") in ("1", "true"):
                found.hidden_columns += 1 + int(element.get("max")) - int(element.get("min"))
            elif name == "mergeCell" and len(found.merged) < _KEPT:
                found.merged.append(_block(element.get("ref") or ""))
        elif name == "c":
            inside = {c.tag.rpartition("}")[2] for c in element if c.tag[-1] != "v" or c.text}
            if "f" in inside and "v" not in inside and len(found.valueless) < _KEPT:
                found.valueless.append(_place(element.get("r") or "", row))
        elif name == "row":
            element.clear()
    return found


def _place(name: str, row: int) -> CellRange:
    match = _CELL.match(name)
    return CellRange(name, match[1], int(match[2])) if match else CellRange(name, "", row)


def _block(name: str) -> CellRange:
    first, _, last = name.partition(":")
    start, end = _place(first, 0), _place(last or first, 0)
    return CellRange(name, start.column, start.row, end.row > start.row)
