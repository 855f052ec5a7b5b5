"""Excel workbooks: values as they are stored, and what a reader of the sheet does not see."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import islice
from pathlib import Path
from typing import IO, Any

from helpers.codebook.cells import clean
from helpers.errors import Problems
from helpers.importing.files.sheets import (
    MERGED,
    NEVER_WORKED_OUT,
    TOP,
    Column,
    Gathering,
    Progress,
    Sheet,
    TooLarge,
    below_titles,
    letter,
    report_unknown,
    said_above,
)

CHUNK = 5_000
_LARGEST = 2 * 2**30  # bytes of a workbook, or an archive, unpacked
_DENSEST = 200  # times that a large part of it may be packed
_SMALL = 10 * 2**20
_MOST_PARTS = 10_000
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")


_CELL = re.compile(r"^([A-Z]{1,3})([0-9]{1,7})$")
_KEPT = 10_000


def read_workbook(
    path: Path, wanted: Sequence[str], allow: Sequence[str], problems: Problems, progress: Progress
) -> list[Sheet]:
    """Read the sheets of a workbook that are wanted; of a workbook with one, that one.

    Parameters
    ----------
    wanted
        Names of sheets. Without any, all visible sheets that hold something.
    allow
        Kinds of problems that are allowed: `formula` takes the value that was stored beside.

    Raises
    ------
    TooLarge
        If the workbook unpacks to more than is read.
    """
    with zipfile.ZipFile(path) as archive:
        if (count := len(archive.infolist())) > _MOST_PARTS:
            raise TooLarge(f"the workbook has {count:,} parts")
        check_sizes(archive.infolist(), "workbook")
        _check_entities(archive)
        external = [n for n in archive.namelist() if n.startswith("xl/externalLinks/")]
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        if external and "external_link" not in allow:
            problems.add(
                path.name,
                message="the workbook reads from other workbooks",
                fix="Save it with values instead of links, or pass --allow external_link.",
                kind="external_link",
            )
        chosen = _chosen(book, wanted, path.name, problems)
        read = []
        for sheet in chosen:
            found = _read(path, book, sheet, allow, problems, progress)
            if found is not None:
                read.append(found)
        unread = [s.title for s in book.worksheets if s not in chosen]
        if read and unread:
            said = f"not read: sheet {', '.join(unread)}"
            read[0] = read[0].remarked(said)
        return read
    finally:
        book.close()


def check_sizes(parts: Sequence[zipfile.ZipInfo], what: str) -> None:
    """Refuse to unpack too much, and parts that are packed more than any table."""
    whole = sum(part.file_size for part in parts)
    if whole > _LARGEST:
        raise TooLarge(f"the {what} unpacks to {whole / 2**30:.1f} GiB")
    for part in parts:
        if part.file_size > _SMALL and part.file_size > _DENSEST * max(part.compress_size, 1):
            raise TooLarge(f"its part {part.filename} unpacks to {part.file_size:,} bytes")


def _check_entities(archive: zipfile.ZipFile) -> None:
    """Refuse declarations of entities, which can expand to themselves many times over."""
    for part in archive.infolist():
        if not part.filename.endswith((".xml", ".rels", ".vml")):
            continue
        with archive.open(part) as file:
            for block in _overlapping(file):
                plain = block.replace(b"\x00", b"")
                if any(word in plain for word in _FORBIDDEN):
                    raise TooLarge(f"its part {part.filename} declares entities")


def _overlapping(file: IO[bytes]) -> Iterator[bytes]:
    tail = b""
    while block := file.read(2**20):
        yield tail + block
        tail = block[-32:]


def _chosen(book: Any, wanted: Sequence[str], name: str, problems: Problems) -> list[Any]:
    known = {sheet.title: sheet for sheet in book.worksheets}
    report_unknown(wanted, list(known), "sheet", name, problems)
    if wanted:
        return [known[title] for title in wanted if title in known]
    visible = [s for s in book.worksheets if s.sheet_state == "visible"]
    if not visible:
        problems.add(
            name,
            allowed=list(known),
            message="every sheet is hidden",
            fix="Name one with --sheet.",
            kind="sheet",
        )
    return visible


def _read(
    path: Path, book: Any, sheet: Any, allow: Sequence[str], problems: Problems, progress: Progress
) -> Sheet | None:
    with zipfile.ZipFile(path) as archive, archive.open(sheet._worksheet_path) as file:
        unseen = _look(file)
    source = f"{path.name} [{sheet.title}]"
    sheet.reset_dimensions()
    above, below = below_titles(_rows(sheet, unseen.valueless))
    rows = _with_merged(below, unseen.merged)
    top = list(islice(rows, TOP))
    if not top:
        return None
    _report(unseen, top[0][0], source, allow, problems)
    width = max(len(cells) for _, cells in top)
    gathering = Gathering(width, clean)
    while chunk := list(islice(rows, CHUNK)):
        gathering.add(
            [_fitted(cells, number, width, source, problems) for number, cells in chunk],
            [number for number, _ in chunk],
        )
        progress(chunk[-1][0])
    first = tuple(tuple(map(clean, (c + [""] * width)[:width])) for _, c in top)
    columns: tuple[Column, ...] = gathering.columns()
    found = Sheet(
        path.name,
        sheet.title,
        "xlsx",
        first,
        tuple(n for n, _ in top),
        columns,
        gathering.numbers(),
        remarks=(*said_above(above), *unseen.remarks(top[0][0])),
    )
    return found.without_blank_columns()


def _rows(sheet: Any, valueless: Mapping[int, list[int]]) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything, with their numbers; no formula without a value looks blank."""
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = ["" if value is None else _text(value) for value in row]
        for place in valueless.get(number, ()):
            cells += [""] * (place + 1 - len(cells))
            cells[place] = NEVER_WORKED_OUT
        while cells and not cells[-1]:
            cells.pop()
        if cells and any(map(str.strip, cells)):
            yield number, cells


def _with_merged(
    rows: Iterable[tuple[int, list[str]]], merged: Sequence[_CellRange]
) -> Iterator[tuple[int, list[str]]]:
    """Fill cells that are merged with another, so that none of them looks blank.

    The first of the rows is the header, and the second may be, whose cells may be merged. Cells
    merged across half of a row are a title.
    """
    starts: dict[int, list[_CellRange]] = {}
    for each in merged:
        starts.setdefault(each.row, []).append(each)
    open_now: list[tuple[_CellRange, str]] = []
    width = 0
    for at, (number, cells) in enumerate(rows):
        width = width or len(cells)
        open_now = [(each, value) for each, value in open_now if each.last >= number]
        begun: list[tuple[_CellRange, str]] = []
        for each in starts.get(number, ()) if at else ():
            place = _position(each.column)
            narrow = 2 * each.width <= width and (each.down or at > 1)
            if place < len(cells) and cells[place].strip() and (narrow or each.width == 1):
                begun.append((each, cells[place]))
        for each, value in (*open_now, *begun):
            first = _position(each.column)
            end = min(first + each.width, max(width, first + 1))
            cells += [""] * (end - len(cells))
            for place in range(first + (each.row == number), end):
                cells[place] = MERGED + value
        open_now += begun
        yield number, cells


def _text(value: Any) -> str:
    """Write a stored value as a text file would hold it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 2**53
        return str(int(value)) if whole else repr(value)
    if isinstance(value, datetime.datetime):
        midnight = not (value.hour or value.minute or value.second or value.microsecond)
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    return str(value)


def _fitted(
    cells: list[str], number: int, width: int, source: str, problems: Problems
) -> list[str]:
    if len(cells) > width:
        problems.add(
            source,
            number,
            letter(width),
            found=next(cell for cell in cells[width:] if cell),
            message="a cell beside the table",
            fix="Remove it, or give its column a header.",
            kind="ragged_row",
            cell=f"{letter(width)}{number}",
        )
    return (cells + [""] * (width - len(cells)))[:width]


def _report(
    unseen: _Unseen, header: int, source: str, allow: Sequence[str], problems: Problems
) -> None:
    for place in () if "formula" in allow else unseen.formulas:
        problems.add(
            source,
            place.row,
            place.column,
            message="the cell holds a formula",
            fix="Paste its value over it, or pass --allow formula to take the stored value.",
            kind="formula",
            cell=place.name,
        )
    if "merged_cells" in allow and len(unseen.merged) < _KEPT:
        return
    for place in unseen.merged_below(header):
        problems.add(
            source,
            place.row,
            place.column,
            message=f"cells are merged ({place.name})",
            fix="Unmerge them and fill every cell.",
            kind="merged_cells",
            cell=place.name,
        )


@dataclass(frozen=True)
class _CellRange:
    """A cell or a block of cells: its name, column and row of its first cell, and its width."""

    name: str
    column: str
    row: int
    last: int = 0  # row
    width: int = 1

    @property
    def down(self) -> bool:
        """Whether it goes over several rows."""
        return self.last > self.row


@dataclass
class _Unseen:
    """What a reader of the sheet does not see; `valueless` are formulas without a stored value.

    These are places of columns by the numbers of rows.
    """

    formulas: list[_CellRange] = field(default_factory=list)
    valueless: dict[int, list[int]] = field(default_factory=dict)
    merged: list[_CellRange] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: int = 0

    def merged_below(self, header: int) -> list[_CellRange]:
        """Return merged cells that are not a header."""
        return [c for c in self.merged if c.row > header + 1 or (c.down and c.row > header)]

    def remarks(self, header: int) -> Iterator[str]:
        """Sentences on what is hidden and yet read."""
        if self.hidden_rows:
            first = self.hidden_rows[0]
            yield f"{len(self.hidden_rows):,} hidden rows are read too, from row {first}"
        if self.hidden_columns:
            yield f"{self.hidden_columns:,} hidden columns are read too"
        if self.formulas:
            n, cell = len(self.formulas), self.formulas[0].name
            yield f"{n:,} formulas count as the values stored beside them, from {cell}"
        if merged := self.merged_below(header):
            n, cell = len(merged), merged[0].name
            yield f"{n:,} groups of cells are merged, from {cell}; only the first holds the value"


def _look(file: IO[bytes]) -> _Unseen:
    """Iterate over the XML of a sheet.

    Raises
    ------
    defusedxml.DefusedXmlException
        If it declares entities or a document type.
    """
    from defusedxml.ElementTree import iterparse

    found = _Unseen()
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
            if "f" in inside and "v" not in inside and element.get("t") != "str":  # else it is ""
                place = _place(element.get("r") or "", row).column
                if place:
                    found.valueless.setdefault(row, []).append(_position(place))
        elif name == "row":
            element.clear()
    return found


def _place(name: str, row: int) -> _CellRange:
    match = _CELL.match(name)
    return _CellRange(name, match[1], int(match[2])) if match else _CellRange(name, "", row)


def _position(column: str) -> int:
    """Place of a column by its letters; the first is number 0. `letter` undoes it."""
    return reduce(lambda found, sign: 26 * found + ord(sign) - 64, column, 0) - 1


def _block(name: str) -> _CellRange:
    first, _, last = name.partition(":")
    start, end = _place(first, 0), _place(last or first, 0)
    width = _position(end.column) - _position(start.column) + 1
    return _CellRange(name, start.column, start.row, end.row, width)
