"""Damage to lines, workbooks and bytes."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from typing import Any

from benchmarks.mutations.files import record
from benchmarks.mutations.operators import (
    BLIND,
    DAMAGE,
    HARMFUL,
    SAV,
    TEXT,
    XLSX,
    Case,
    Place,
    operator,
)

Lines = list[str]


def _row(case: Case) -> int:
    """Draw a row of answers: its place among the lines."""
    return case.table.header + case.chance.randrange(case.table.people)


def _cells(case: Case, row: int) -> Lines:
    return list(case.table.rows()[row])


def _at(case: Case, row: int, more: int = 0) -> Place:
    first = row - case.table.header
    return Place(tuple(range(first, first + 1 + more)))


@operator(HARMFUL, "lines", TEXT, drafted=True)
def cell_lost(case: Case, lines: Lines) -> Place:
    """Lose a cell of a row."""
    row = _row(case)
    cells = _cells(case, row)
    del cells[case.chance.randrange(len(cells))]
    lines[row] = record(cells, case.style)
    return _at(case, row)


@operator(HARMFUL, "lines", TEXT, drafted=True)
def cell_more(case: Case, lines: Lines) -> Place:
    """Add a cell to a row."""
    row = _row(case)
    cells = _cells(case, row)
    cells.insert(case.chance.randrange(len(cells) + 1), case.chance.choice(("", "1", "Yes")))
    lines[row] = record(cells, case.style)
    return _at(case, row)


@operator(HARMFUL, "lines", TEXT, drafted=True)
def quotation_mark_open(case: Case, lines: Lines) -> Place | None:
    """Begin a cell with a quotation mark that nothing closes."""
    row = _row(case)
    if '"' in lines[row]:
        return None
    cells = lines[row].split(case.style.delimiter)
    at = case.chance.randrange(len(cells))
    cells[at] = f'"{cells[at]}'
    lines[row] = case.style.delimiter.join(cells)
    return _at(case, row)


@operator(HARMFUL, "lines", TEXT, drafted=True)
def words_behind_a_quotation(case: Case, lines: Lines) -> Place | None:
    """Close a quotation too early."""
    row = _row(case)
    if '"' in lines[row]:
        return None
    cells = lines[row].split(case.style.delimiter)
    at = case.chance.randrange(len(cells))
    cells[at] = f'"{cells[at]}" he said'
    lines[row] = case.style.delimiter.join(cells)
    return _at(case, row)


@operator(HARMFUL, "lines", TEXT, drafted=True)
def line_broken(case: Case, lines: Lines) -> Place | None:
    """Break a line between two cells."""
    row = _row(case)
    if '"' in lines[row]:
        return None
    cells = lines[row].split(case.style.delimiter)
    at = case.chance.randrange(1, len(cells))
    if not any(cells[at:]):
        return None
    first, second = cells[:at], cells[at:]
    lines[row : row + 1] = [case.style.delimiter.join(part) for part in (first, second)]
    return _at(case, row, 1)


@operator(HARMFUL, "lines", TEXT, drafted=True)
def lines_put_together(case: Case, lines: Lines) -> Place | None:
    """Lose the end of a line."""
    row = _row(case)
    if row + 1 >= len(lines):
        return None
    lines[row : row + 2] = [lines[row] + lines[row + 1]]
    return _at(case, row)


@operator(HARMFUL, "lines", TEXT, drafted=True)
def delimiter_inside(case: Case, lines: Lines) -> Place | None:
    """Write a text with a delimiter without quotation marks."""
    row = _row(case)
    if '"' in lines[row]:
        return None
    at = case.chance.randrange(len(lines[row]))
    lines[row] = lines[row][:at] + case.style.delimiter + lines[row][at:]
    return _at(case, row)


@operator(HARMFUL, "lines", TEXT, drafted=True)
def cut_off_inside_a_row(case: Case, lines: Lines) -> Place | None:
    """Cut the file off in the middle of a row."""
    row = _row(case)
    cells = _cells(case, row)
    kept = cells[: case.chance.randrange(1, len(cells))]
    if not any(kept):
        return None
    lines[row:] = [record(kept, case.style)]
    case.style.closed = False
    return _at(case, row)


@operator(HARMFUL, "lines", TEXT, drafted=True)
def no_respondents(case: Case, lines: Lines) -> Place:
    """Keep the header alone."""
    del lines[case.table.header :]
    return Place()


@operator(HARMFUL, "bytes", TEXT, drafted=True)
def byte_of_another_encoding(case: Case, raw: bytes) -> tuple[bytes, Place] | None:
    """Put a byte that is not UTF-8 between others that are."""
    if not case.style.encoding.startswith("utf-8") or raw.isascii():
        return None
    breaks = [n for n, b in enumerate(raw) if b in b"etaonis"]
    at = case.chance.choice(breaks)
    return raw[:at] + bytes([case.chance.choice((0xE9, 0xFC, 0x80, 0xFF))]) + raw[at:], Place()


@operator(HARMFUL, "bytes", TEXT, drafted=True)
def nul(case: Case, raw: bytes) -> tuple[bytes, Place] | None:
    """Put bytes that are zero into a text."""
    if case.style.encoding.startswith(("utf-16", "utf-32")):
        return None
    at = case.chance.randrange(1, len(raw))
    return raw[:at] + bytes(case.chance.randint(1, 600)) + raw[at:], Place()


@operator(HARMFUL, "bytes", TEXT, drafted=True)
def encoded_twice(case: Case, raw: bytes) -> tuple[bytes, Place] | None:
    """Take UTF-8 for Windows-1252, and write it as UTF-8 again."""
    if case.style.encoding != "utf-8" or raw.isascii():
        return None
    try:
        return raw.decode("cp1252").encode("utf-8"), Place()
    except UnicodeDecodeError:
        return None


@operator(HARMFUL, "bytes", TEXT, drafted=False)
def question_marks(case: Case, raw: bytes) -> tuple[bytes, Place] | None:
    """Write question marks for characters that an encoding lacks."""
    strange = any(not a.isascii() for at in case.table.closed()
                  for a in case.table.columns[at].cells)  # fmt: skip
    if case.style.encoding != "utf-8" or not strange:
        return None
    return raw.decode("utf-8").encode("ascii", "replace"), Place()


@operator(HARMFUL, "bytes", XLSX, SAV, drafted=True)
def cut_off(case: Case, raw: bytes) -> tuple[bytes, Place]:
    """Cut the file off anywhere."""
    return raw[: case.chance.randrange(1, len(raw))], Place()


@operator(HARMFUL, "bytes", drafted=True)
def emptied(case: Case, raw: bytes) -> tuple[bytes, Place]:
    """Keep nothing of the file, or blanks."""
    return case.chance.choice((b"", b"\n", b" \r\n\r\n", b"\xef\xbb\xbf")), Place()


@operator(HARMFUL, "bytes", drafted=True)
def zeros(case: Case, raw: bytes) -> tuple[bytes, Place]:
    """Put zeros over the last part of the file, as an interrupted copy leaves it."""
    kept = case.chance.randrange(len(raw) // 8, len(raw) - 20)
    return raw[:kept] + bytes(len(raw) - kept), Place()


@operator(HARMFUL, "bytes", drafted=True)
def packed(case: Case, raw: bytes) -> tuple[bytes, Place]:
    """Pack the file, and leave its name as it is."""
    if case.chance.random() < 0.5:
        return gzip.compress(raw), Place()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("export.csv", raw)
    return out.getvalue(), Place()


@operator(HARMFUL, "bytes", drafted=True)
def another_name(case: Case, raw: bytes) -> tuple[bytes, Place]:
    """Give the file the name of another format."""
    others = {TEXT: (".xlsx", ".sav"), XLSX: (".csv", ".sav"), SAV: (".csv", ".xlsx")}
    case.style.ending = case.chance.choice(others[case.style.kind])
    return raw, Place()


@operator(HARMFUL, "bytes", drafted=True)
def web_page(case: Case, raw: bytes) -> tuple[bytes, Place]:
    """Put a page in its place that asks for a password."""
    page = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>%s</body></html>\n"
    return page % (b"<p>Please sign in, then try again.</p>" * case.chance.randint(1, 40)), Place()


@operator(HARMFUL, "bytes", drafted=True)
def noise(case: Case, raw: bytes) -> tuple[bytes, Place]:
    """Put noise over a long part of the file."""
    size = max(64, len(raw) // 4)
    at = case.chance.randrange(max(1, len(raw) - size))
    return raw[:at] + case.chance.randbytes(size) + raw[at + size :], Place()


def _flipped(raw: bytes, chance: random.Random, start: int, end: int) -> bytes:
    changed = bytearray(raw)
    for _ in range(chance.choice((1, 1, 1, 2, 8))):
        changed[chance.randrange(start, end)] ^= 1 << chance.randrange(8)
    return bytes(changed)


@operator(DAMAGE, "bytes", XLSX)
def bits_of_a_workbook(case: Case, raw: bytes) -> tuple[bytes, Place]:
    """Change single bits of a workbook."""
    return _flipped(raw, case.chance, 0, len(raw)), Place()


@operator(DAMAGE, "bytes", SAV)
def bits_of_packed_cases(case: Case, raw: bytes) -> tuple[bytes, Place] | None:
    """Change single bits of the packed part of a .zsav file."""
    start = raw.find(b"\xe7\x03\x00\x00\x00\x00\x00\x00")
    if case.style.packing != "zlib" or start < 0:
        return None
    return _flipped(raw, case.chance, start, len(raw)), Place()


@operator(BLIND, "bytes", SAV, drafted=False)
def bits_of_a_dictionary(case: Case, raw: bytes) -> tuple[bytes, Place] | None:
    """Change single bits of what an SPSS file says of its variables."""
    end = raw.find(b"\xe7\x03\x00\x00\x00\x00\x00\x00")
    return (_flipped(raw, case.chance, 0, end + 8), Place()) if end > 0 else None


@operator(BLIND, "bytes", SAV, drafted=False)
def bits_of_plain_cases(case: Case, raw: bytes) -> tuple[bytes, Place] | None:
    """Change single bits of the cells of a .sav file."""
    start = raw.find(b"\xe7\x03\x00\x00\x00\x00\x00\x00")
    if case.style.packing == "zlib" or start < 0:
        return None
    return _flipped(raw, case.chance, start + 8, len(raw)), Place()


@operator(DAMAGE, "table", TEXT, drafted=False)
def whole_numbers_as_fractions(case: Case) -> Place | None:
    """Write a column's whole numbers as programs do that hold blanks among them: 1.0."""
    places = [at for at in _kept(case) if any(c.isdigit() for c in case.table.columns[at].cells)]
    places = [at for at in places if not case.table.columns[at].place("text")]
    if not places:
        return None
    column = case.table.columns[case.chance.choice(places)]
    column.cells = [f"{c}.0" if c.isdigit() else c for c in column.cells]
    return Place(columns=(case.table.columns.index(column),))


def _rewritten(raw: bytes, name: str, content: bytes | None) -> bytes:
    """Put other content into a part of a workbook, or leave the part out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for part in old.namelist():
            held = content if part == name else old.read(part)
            if held is not None:
                new.writestr(part, held)
    return out.getvalue()


@operator(HARMFUL, "bytes", XLSX, drafted=True)
def part_cut_off(case: Case, raw: bytes) -> tuple[bytes, Place]:
    """Cut the sheet off inside a workbook that is whole as an archive."""
    name = "xl/worksheets/sheet1.xml"
    whole = zipfile.ZipFile(io.BytesIO(raw)).read(name)
    return _rewritten(raw, name, whole[: case.chance.randrange(200, len(whole) - 20)]), Place()


@operator(HARMFUL, "bytes", XLSX, drafted=True)
def part_lost(case: Case, raw: bytes) -> tuple[bytes, Place]:
    """Lose a part of a workbook that holds its texts or its sheet."""
    parts = ["xl/worksheets/sheet1.xml", "xl/workbook.xml"]
    parts += ["xl/sharedStrings.xml"] * case.style.shared
    return _rewritten(raw, case.chance.choice(parts), None), Place()


@operator(HARMFUL, "bytes", XLSX, drafted=True)
def entities(case: Case, raw: bytes) -> tuple[bytes, Place]:
    """Declare entities in the sheet that expand to themselves many times over."""
    name = "xl/worksheets/sheet1.xml"
    whole = zipfile.ZipFile(io.BytesIO(raw)).read(name)
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">%s]>' % b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    at = whole.index(b"?>") + 2 if whole.startswith(b"<?xml") else 0
    return _rewritten(raw, name, whole[:at] + bomb + whole[at:]), Place()


@operator(HARMFUL, "book", XLSX, drafted=True)
def formula(case: Case, book: Any) -> Place:
    """Leave a formula in place of an answer."""
    at, n = case.chance.choice(_kept(case)), case.chance.randrange(case.table.people)
    cell = book.active.cell(case.table.header + 1 + n, at + 1)
    cell.value = case.chance.choice(("=A2", "=SUM(B2:C3)", "=IF(A2=1,2,3)", "=HYPERLINK(A1)"))
    return Place((n,), (at,))


@operator(HARMFUL, "book", XLSX, drafted=True)
def cells_merged(case: Case, book: Any) -> Place | None:
    """Merge cells that hold answers."""
    at, n = case.chance.choice(_kept(case)), case.chance.randrange(1, case.table.people - 1)
    row = case.table.header + 1 + n
    book.active.merge_cells(start_row=row, end_row=row + 1, start_column=at + 1, end_column=at + 1)
    return Place((n,), (at,))


@operator(HARMFUL, "book", XLSX, drafted=True)
def cell_beside(case: Case, book: Any) -> Place:
    """Write a remark beside the table."""
    n = case.chance.randrange(2, case.table.people)
    row = case.table.header + 1 + n
    book.active.cell(row, len(case.table.columns) + case.chance.randint(1, 3)).value = "checked"
    return Place((n,))


@operator(HARMFUL, "book", XLSX, drafted=True)
def two_sheets(case: Case, book: Any) -> Place:
    """Add a second sheet that anybody sees."""
    other = book.create_sheet("Another")
    for row in case.table.rows()[:9]:
        other.append([cell or None for cell in row])
    return Place()


@operator(HARMFUL, "book", XLSX, drafted=False)
def truth_value(case: Case, book: Any) -> Place | None:
    """Store TRUE in place of an answer."""
    closed = case.table.closed()
    if not closed:
        return None
    at, n = case.chance.choice(closed), case.chance.randrange(case.table.people)
    book.active.cell(case.table.header + 1 + n, at + 1).value = True
    return Place((n,), (at,))


@operator(HARMFUL, "book", XLSX, drafted=False)
def stored_date(case: Case, book: Any) -> Place | None:
    """Store a date in place of an answer or a number."""
    import datetime

    places = [*case.table.closed(), *case.table.at("number")]
    if not places:
        return None
    at, n = case.chance.choice(places), case.chance.randrange(case.table.people)
    day = datetime.datetime(2026, case.chance.randint(1, 12), case.chance.randint(1, 28))
    book.active.cell(case.table.header + 1 + n, at + 1).value = day
    return Place((n,), (at,))


def _kept(case: Case) -> list[int]:
    """Places of columns that the survey keeps."""
    return [at for at, column in enumerate(case.table.columns) if column.fields]
