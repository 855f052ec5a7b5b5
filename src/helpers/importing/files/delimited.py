"""Delimited text, read in one pass: any usual encoding, delimiter and line end."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from helpers.codebook.encodings import encoding_of
from helpers.codebook.textfiles import cell_of, declared_delimiter, records
from helpers.errors import Problems
from helpers.importing.files.sheets import (
    TOP,
    Column,
    Gathering,
    Progress,
    Sheet,
    TooLarge,
    below_titles,
    letter,
    said_above,
)

DELIMITERS = ",;\t|:^~\x1f"
CHUNK = 4_000  # rows that are held as text at a time
WIDEST = 20_000
_LONGEST_CELL = 2**20
_SAMPLE = 200


@dataclass(frozen=True)
class Dialect:
    """How a text file is written.

    Attributes
    ----------
    declared : whether its first line names the delimiter
    quoted : whether quotation marks around a cell enclose it, and are not part of it
    """

    encoding: str
    delimiter: str
    declared: bool
    quoted: bool = True

    def records(
        self, lines: Iterable[str], number: int, name: str, problems: Problems
    ) -> Iterator[tuple[int, list[str]]]:
        """Iterate over rows, with the row numbers after `number`."""
        return records(lines, self.delimiter, number, name, problems, quoted=self.quoted)


def dialect_of(path: Path, problems: Problems) -> Dialect | None:
    """Find out how a file is written; None, with a problem, if it is not text."""
    encoding = encoding_of(path, problems)
    if encoding is None:
        return None
    with open(path, encoding=encoding, newline="") as file:
        start = file.read(2**16)
    if not start.strip():
        problems.add(
            path.name,
            message="the file is empty",
            fix="Restore the file from its source.",
            kind="unreadable",
        )
        return None
    said = declared_delimiter(start)
    csv.field_size_limit(_LONGEST_CELL)
    return Dialect(encoding, said or delimiter_of(start), said is not None)


def read_text(path: Path, dialect: Dialect, problems: Problems, progress: Progress) -> Sheet | None:
    """Read a delimited file; what is not a table is added to `problems`, with its row.

    Raises
    ------
    TooLarge
        If there are more than 20,000 columns.
    """
    with open(path, encoding=dialect.encoding, newline="", errors="strict") as file:
        if dialect.declared:
            file.readline()
        records = dialect.records(file, int(dialect.declared), path.name, problems)
        above, found = below_titles(records)
        sheet = _gathered(found, path.name, problems, progress)
    if sheet is None:
        return None
    read = Sheet(
        path.name, "", "text", *sheet, encoding=dialect.encoding, delimiter=dialect.delimiter
    )
    read = replace(read, remarks=said_above(above))
    return read.without_blank_columns()


def without_quoting(path: Path, dialect: Dialect, rows: int) -> Dialect | None:
    """Dialect of a file whose quotation marks are characters; None where they enclose cells.

    Google Sheets writes tab-separated files so. Every line then has as many cells as the header,
    and no cell is written as if marks enclosed it; between commas, marks come in pairs.
    `rows` are those of the file as read so far.
    """
    plain, odd = replace(dialect, quoted=False), dialect.delimiter != "\t"
    with open(path, encoding=dialect.encoding, newline="") as file:
        if dialect.declared:
            file.readline()
        found = plain.records(file, 0, path.name, Problems())
        header = next(found, (0, []))[1]
        if any(map(_enclosed, header)):
            return None
        lines = 1
        for _, cells in found:
            if len(cells) != len(header) or any(_quotes(c, odd=odd) for c in cells if '"' in c):
                return None
            lines += 1
    return plain if lines >= rows else None


def _quotes(cell: str, *, odd: bool) -> bool:
    """Return whether marks in a cell look like those around one: doubled inside, or left open."""
    return (_enclosed(cell) and '""' in cell) or (odd and cell.count('"') % 2 == 1)


def _enclosed(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == cell[-1] == '"'


def delimiter_of(text: str) -> str:
    """Delimiter that divides the first lines most evenly; a comma where none does."""
    best, verdict = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        if delimiter not in text:
            continue
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
        widths = []
        try:
            widths = [len(cells) for cells in islice(reader, _SAMPLE) if any(cells)]
        except csv.Error:
            continue
        widths = widths[:-1] or widths  # the last one may be cut off
        width, often = Counter(widths).most_common(1)[0] if widths else (1, 0)
        if (
            width > 1
            and (often / len(widths), width) > verdict
            and _beats(often / len(widths), width, verdict)
        ):
            best, verdict = delimiter, (often / len(widths), width)
    return best


def _beats(even: float, width: int, verdict: tuple[float, int]) -> bool:
    """Judge a delimiter: one of the usual four that divides nearly as evenly is not given up."""
    return even > verdict[0] + 0.05 or (even >= verdict[0] - 0.05 and width > verdict[1])


_Gathered = tuple[tuple[tuple[str, ...], ...], tuple[int, ...], tuple[Column, ...], np.ndarray]


def _gathered(
    found: Iterator[tuple[int, list[str]]], name: str, problems: Problems, progress: Progress
) -> _Gathered | None:
    top = list(islice(found, TOP))
    if not top:
        return None
    width = width_of(top[0][1])
    gathering = Gathering(width, cell_of)
    first = [tuple(map(cell_of, fitted(r, n, width, name, problems))) for n, r in top]
    while chunk := list(islice(found, CHUNK)):
        rows: Sequence[Sequence[str]] = [cells for _, cells in chunk]
        if set(map(len, rows)) != {width}:
            rows = [fitted(cells, n, width, name, problems) for n, cells in chunk]
        gathering.add(rows, [n for n, _ in chunk])
        progress(chunk[-1][0])
    return tuple(first), tuple(n for n, _ in top), gathering.columns(), gathering.numbers()


def width_of(header: Sequence[str]) -> int:
    """Return how many columns a table has; too many are refused."""
    if len(header) > WIDEST:
        raise TooLarge(f"{len(header):,} columns; at most {WIDEST:,} are read")
    return len(header)


def fitted(cells: list[str], number: int, width: int, name: str, problems: Problems) -> list[str]:
    """Bring a row to the width of the table; what is lost or lacking by that is a problem."""
    if len(cells) == width:
        return cells
    surplus = len(cells) > width  # even of blanks: a cell more in a row shifts the others
    problems.add(
        name,
        number,
        letter(width if surplus else len(cells)),
        message=f"{len(cells)} cells where the header has {width}",
        fix="Look for a missing or additional separator or an open quote.",
        kind="ragged_row",
    )
    return (cells + [""] * width)[:width]
