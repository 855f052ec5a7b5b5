"""Changes of a file that make no difference to what it holds."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable

from benchmarks.mutations.operators import HARMLESS, SAV, TEXT, XLSX, Case, operator
from benchmarks.mutations.tables import Column, reordered


def _padded(case: Case, pad: Callable[[str], str], heads: bool = True) -> None:
    for column in case.table.columns:
        column.cells = [pad(c) if c and case.chance.random() < 0.3 else c for c in column.cells]
        if heads:
            column.heads = [pad(h) if h else h for h in column.heads]


@operator(HARMLESS, "style", TEXT)
def byte_order_mark(case: Case) -> bool:
    """Begin with a byte order mark."""
    case.style.encoding = "utf-8-sig"
    return True


@operator(HARMLESS, "style", TEXT)
def returns(case: Case) -> bool:
    """End lines as Windows does."""
    case.style.end = "\r\n"
    return True


@operator(HARMLESS, "style", TEXT)
def old_returns(case: Case) -> bool:
    """End lines as old Macs did."""
    case.style.end = "\r"
    return True


@operator(HARMLESS, "style", TEXT)
def all_quoted(case: Case) -> bool:
    """Put every cell into quotation marks."""
    case.style.quoting = csv.QUOTE_ALL
    return True


@operator(HARMLESS, "style", TEXT)
def blank_lines(case: Case) -> bool:
    """Put blank lines between others."""
    case.style.blanks = True
    return True


@operator(HARMLESS, "style", TEXT)
def last_line_open(case: Case) -> bool:
    """Leave out the end of the last line."""
    case.style.closed = False
    return True


@operator(HARMLESS, "style", TEXT)
def delimiters_at_the_end(case: Case) -> bool:
    """End every line with delimiters, as spreadsheets do."""
    case.style.tail = case.chance.randint(1, 4)
    return True


@operator(HARMLESS, "style", TEXT)
def delimiter_declared(case: Case) -> bool:
    """Say the delimiter in a line of its own."""
    case.style.declared = True
    return True


@operator(HARMLESS, "style", TEXT)
def another_delimiter(case: Case) -> bool:
    """Divide cells another way."""
    case.style.delimiter = case.chance.choice(",;\t|")
    return True


@operator(HARMLESS, "style", TEXT)
def wide_signs(case: Case) -> bool:
    """Write two or four bytes for each character, with or without a byte order mark."""
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    case.style.encoding = case.chance.choice(("utf-16", "utf-32", *mark))
    case.style.mark = mark.get(case.style.encoding, b"") if case.chance.random() < 0.5 else b""
    return True


@operator(HARMLESS, "style", TEXT)
def older_encoding(case: Case) -> bool:
    """Write as Western Windows did."""
    text = "".join(cell for row in case.table.rows() for cell in row)
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    case.style.encoding = "cp1252"
    return True


@operator(HARMLESS, "style", TEXT)
def another_ending(case: Case) -> bool:
    """Give the file another name."""
    case.style.ending = case.chance.choice((".txt", ".CSV", ".tsv", ".dat", ".csv.txt"))
    return True


@operator(HARMLESS, "table")
def columns_in_another_order(case: Case) -> bool:
    """Put the columns into another order."""
    if case.table.layout == "surveymonkey":
        return False  # a column without a name belongs to the one before it
    case.chance.shuffle(case.table.columns)
    return True


@operator(HARMLESS, "table")
def rows_in_another_order(case: Case) -> bool:
    """Put the respondents into another order."""
    order = list(range(case.table.people))
    case.chance.shuffle(order)
    reordered(case.table, order)
    return True


@operator(HARMLESS, "table", TEXT, XLSX)
def column_without_anything(case: Case) -> bool:
    """Put a column between others that holds nothing, in its header neither."""
    table = case.table
    empty = Column([""] * table.header, "", [], {}, [""] * table.people)
    table.columns.insert(case.chance.randrange(1, len(table.columns) + 1), empty)
    return True


@operator(HARMLESS, "lines", TEXT)
def rows_without_anything(case: Case, lines: list[str]) -> bool:
    """End with rows that hold delimiters alone."""
    nothing = case.style.delimiter * (len(case.table.columns) - 1)
    lines += [nothing] * case.chance.randint(1, 60)
    return True


@operator(HARMLESS, "table", TEXT, XLSX)
def blanks_around(case: Case) -> bool:
    """Put blanks around cells and names."""
    pads = (" {}", "{} ", "{}   ", "\u00a0{}", "{}\u00a0", "\t{}", "{}\u3000")
    pad = case.chance.choice(pads)
    if "\t" in pad and case.style.kind == XLSX:
        pad = "{} "
    _padded(case, pad.format)
    return True


@operator(HARMLESS, "table", TEXT, XLSX)
def accents_apart(case: Case) -> bool:
    """Write accents as separate characters."""
    _padded(case, lambda c: unicodedata.normalize("NFD", c))
    return True


@operator(HARMLESS, "table", TEXT, XLSX)
def unseen_signs(case: Case) -> bool:
    """Put zero-width characters between letters."""
    sign = case.chance.choice("\u200b\u2060\ufeff\u00ad")
    _padded(case, lambda c: f"{c[:2]}{sign}{c[2:]}", heads=False)
    return True


@operator(HARMLESS, "style", XLSX)
def numbers_as_text(case: Case) -> bool:
    """Hold numbers as text."""
    case.style.as_text = True
    return True


@operator(HARMLESS, "style", XLSX)
def numbers_as_fractions(case: Case) -> bool:
    """Hold whole numbers as a calculation leaves them."""
    case.style.as_float = True
    return True


@operator(HARMLESS, "style", XLSX)
def hidden_sheet(case: Case) -> bool:
    """Add a sheet that nobody sees."""
    case.style.more_sheets = ["Notes"]
    return True


@operator(HARMLESS, "book", XLSX)
def dressed(case: Case, book) -> bool:  # noqa: ANN001
    """Give cells below and beside the table a look, freeze and filter."""
    from openpyxl.styles import Font, PatternFill

    sheet = book.active
    people, width = sheet.max_row, sheet.max_column
    for n in range(1, 5):
        sheet.cell(people + n, 1).fill = PatternFill("solid", "FFEE00")
        sheet.cell(n, width + 1).font = Font(bold=True)
    sheet.freeze_panes, sheet.auto_filter.ref = "B2", sheet.dimensions
    sheet.column_dimensions["B"].width = 40
    return True


@operator(HARMLESS, "book", XLSX)
def shown_as_percentages(case: Case, book) -> bool:  # noqa: ANN001
    """Show numbers in another form than they are held."""
    for row in book.active.iter_rows(min_row=case.table.header + 1):
        for cell in row:
            if isinstance(cell.value, int | float):
                cell.number_format = "0.00%"
    return True


@operator(HARMLESS, "style", SAV)
def packed_another_way(case: Case) -> bool:
    """Pack an SPSS file another way."""
    case.style.packing = case.chance.choice(("plain", "rows", "zlib"))
    return True


@operator(HARMLESS, "style")
def nothing(case: Case) -> bool:
    """Leave the file as it is."""
    return True
