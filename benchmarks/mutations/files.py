"""Tables as files: text of any make, workbooks, SPSS files."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyreadstat
import xlsxwriter
from benchmarks.mutations.tables import Table, letter
from openpyxl import Workbook
from openpyxl.cell import Cell

_WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})")
ENDINGS = {"text": ".csv", "xlsx": ".xlsx", "sav": ".sav"}


@dataclass
class Style:
    """How a table is written.

    Attributes
    ----------
    kind : text, xlsx or sav
    tail : delimiters at the end of every line of text
    blanks : whether there are blank lines between others
    declared : whether the first line says the delimiter (`sep=;`)
    shared : whether a workbook keeps its texts in a part of their own
    as_text : whether a workbook holds its numbers as text
    packing : of an SPSS file: plain, rows, zlib
    """

    kind: str
    encoding: str = "utf-8"
    mark: bytes = b""
    delimiter: str = ","
    end: str = "\n"
    quoting: int = csv.QUOTE_MINIMAL
    declared: bool = False
    closed: bool = True
    blanks: bool = False
    tail: int = 0
    ending: str = ""
    as_text: bool = False
    as_float: bool = False
    shared: bool = False
    more_sheets: list[str] = field(default_factory=list)
    packing: str = "rows"

    @property
    def suffix(self) -> str:
        """Ending of the file's name."""
        own = ".zsav" if self.packing == "zlib" else ENDINGS[self.kind]
        return self.ending or own

    def row(self, table: Table, n: int) -> int:
        """Row number that a spreadsheet shows for a respondent; the number of a case in SPSS."""
        if self.kind == "sav":
            return n + 1
        return n + 1 + table.header + int(self.declared and self.kind == "text")

    def place(self, table: Table, at: int) -> str:
        """Name of a column: its letter, or that of the variable in SPSS."""
        return table.columns[at].heads[0] if self.kind == "sav" else letter(at)


def records(table: Table, style: Style) -> list[str]:
    """Lines of delimited text, each without its end; a cell may hold line ends of its own."""
    rows = [[*row, *[""] * style.tail] for row in table.rows()]
    return [record(row, style) for row in rows]


def record(cells: list[str], style: Style) -> str:
    """One row as delimited text."""
    out = io.StringIO()
    csv.writer(out, delimiter=style.delimiter, quoting=style.quoting).writerow(cells)
    return out.getvalue().removesuffix("\r\n")


def as_text(lines: list[str], style: Style, header: int) -> bytes:
    """Bytes of delimited text."""
    if style.blanks:
        lines = [f"{style.end}{x}" if n > header and n % 7 == 0 else x for n, x in enumerate(lines)]
    if style.declared:
        lines = [f"sep={style.delimiter}", *lines]
    text = style.end.join(lines) + (style.end if style.closed else "")
    return style.mark + text.encode(style.encoding)


def workbook(table: Table, style: Style, title: str) -> Workbook:
    """Write a workbook, numbers as numbers."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for n, row in enumerate(table.rows(), 1):
        for at, text in enumerate(row, 1):
            if text:
                _put(sheet.cell(n, at), text, n > table.header, style)
    for name in style.more_sheets:
        other = book.create_sheet(name)
        other["A1"], other.sheet_state = "notes on the export", "hidden"
    return book


def _put(cell: Cell, text: str, data: bool, style: Style) -> None:
    if data and not style.as_text and _WHOLE.fullmatch(text):
        cell.value = float(text) if style.as_float else int(text)
    elif data and not style.as_text and _is_number(text):
        cell.value = float(text)
    else:
        cell.value = text
        if text.startswith("="):
            cell.data_type = "s"  # an answer, not a formula


def shared_bytes(table: Table, style: Style, title: str) -> bytes:
    """Bytes of a workbook that keeps its texts in a part of their own, as Excel does."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(title)
    for n, row in enumerate(table.rows()):
        for at, text in enumerate(row):
            data = n >= table.header and not style.as_text
            if data and (_WHOLE.fullmatch(text) or _is_number(text)):
                sheet.write_number(n, at, float(text))
            elif text:
                sheet.write_string(n, at, text)
    for name in style.more_sheets:
        book.add_worksheet(name).hide()
    book.close()
    return out.getvalue()


def _is_number(text: str) -> bool:
    try:
        return repr(float(text)) == text and text[-1].isdigit()
    except ValueError:
        return False


def book_bytes(book: Workbook) -> bytes:
    """Bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sav_bytes(table: Table, style: Style, folder: Path) -> bytes:
    """Bytes of an SPSS file: numbers with labels where all cells are numbers, else text."""
    data, labels = {}, {}
    for column in table.columns:
        name = column.heads[0]
        filled = [c for c in column.cells if c]
        if filled and all(_WHOLE.fullmatch(c) or _is_number(c) for c in filled):
            data[name] = [float(c) if c else None for c in column.cells]
            own = column.field.labels if column.field else {}
            if own and all(_WHOLE.fullmatch(c) for c in own):
                labels[name] = {float(c): label for c, label in own.items()}
        else:
            data[name] = list(column.cells)
    path = folder / "written.sav"
    pyreadstat.write_sav(
        pd.DataFrame(data),
        str(path),
        column_labels=[c.field.text if c.field else "" for c in table.columns],
        variable_value_labels=labels,
        compress=style.packing == "zlib",
        row_compress=style.packing == "rows",
    )
    raw = path.read_bytes()
    path.unlink()
    return raw
