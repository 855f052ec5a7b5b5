"""Large text files are read by the block: the same columns as row by row."""

import csv
import random

import numpy as np
import pytest

from files import write
from helpers.errors import Problems
from helpers.importing.files import large
from helpers.importing.files.delimited import dialect_of, read_text

WORDS = [
    "",
    "1",
    "2",
    "b,a; or",
    "12345678",
    "123456789",
    "Strongly agree",
    "Ünï",
    "a b",
    " x ",
    "0",
    "1.50",
]
QUOTING = (csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)
ODD = ['say "yes"', "two\nlines", "a,b", "x" * 70, "\u2028", "carriage\rreturn", "\x0b", "' or '"]


def made(chance, tmp_path, odd):
    """A table of random words, with a column of identifiers and one of many texts."""
    width, length = chance.randrange(2, 9), chance.randrange(4, 120)
    rows = [["id", *(f"column {n}" for n in range(width))]]
    for n in range(length):
        cells = [chance.choice(WORDS) for _ in range(width - 1)]
        if odd and chance.random() < 0.02:
            cells[chance.randrange(width - 1)] = chance.choice(ODD)
        rows.append([f"R{n}", *cells, f"text {chance.random()}" * chance.randrange(3)])
    end = chance.choice(["\n", "\r\n"])
    encoding = chance.choice(["utf-8", "utf-8-sig", "cp1252"])
    rows = [[c.encode(encoding, "ignore").decode(encoding) for c in row] for row in rows]
    path = write(tmp_path / "in.csv", rows, encoding, lineterminator=end,
                 delimiter=chance.choice(",;\t|"), quoting=chance.choice(QUOTING))  # fmt: skip
    raw = path.read_bytes()
    if odd and chance.random() < 0.3:
        lines = raw.split(b"\n")
        at = chance.randrange(4, len(lines))
        lines[at] += chance.choice([b",", b"", b"\n", b"\n\n", b'"', b",,,,,,,,,,,,"])
        raw = b"\n".join(lines)
    if chance.random() < 0.3:
        raw = raw.rstrip(b"\r\n")
    if chance.random() < 0.3:
        mark = raw[:3] if encoding == "utf-8-sig" else b""
        above = b"Survey of 2026" + end.encode() + chance.choice([b"", end.encode()])
        raw = mark + above + raw[len(mark) :]
    path.write_bytes(raw)
    return path


def said(reader, path):
    problems = Problems()
    dialect = dialect_of(path, problems)
    sheet = reader(path, dialect, problems, lambda row: None)
    return sheet, [str(problem) for problem in problems]


@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_by_the_block_and_row_by_row_give_the_same(seed, odd, tmp_path, monkeypatch):
    chance = random.Random(seed)
    path = made(chance, tmp_path, odd)
    monkeypatch.setattr(large, "BLOCK", chance.choice([64, 200, 1000, 10**6]))
    one, faults = said(read_text, path)
    other, also = said(large.read_large, path)
    assert faults == also
    assert (one.top, one.top_rows, one.encoding) == (other.top, other.top_rows, other.encoding)
    assert one.remarks == other.remarks
    assert one.rows.tolist() == other.rows.tolist()
    assert [c.cells() for c in one.columns] == [c.cells() for c in other.columns]
    assert [c.values for c in one.columns] == [c.values for c in other.columns]


def test_columns_of_many_different_cells(tmp_path, monkeypatch):
    rows = [["id", "few", "many"], *([str(n), "ab"[n % 2], f"{n % 1500}"] for n in range(4000))]
    path = write(tmp_path / "in.csv", rows)
    monkeypatch.setattr(large, "BLOCK", 1000)
    sheet, faults = said(large.read_large, path)
    sheet = sheet.with_header(1)
    assert not faults
    assert [list(row) for row in zip(*(c.cells() for c in sheet.columns), strict=True)] == rows[1:]
    assert sheet.columns[1].codes.dtype == np.uint8
    assert sheet.rows.tolist() == list(range(2, 4002))
