"""Delimited text files, read as rows of strings with their row numbers."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from helpers.codebook.cells import clean
from helpers.codebook.encodings import encoding_of
from helpers.errors import Problems, without_controls

# What a spreadsheet takes for a formula; an apostrophe before it says that it is none.
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]+)*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s?%?")
_DELIMITERS = ",;\t|"
_DECLARED = re.compile(r'"?sep=(.)"?\r?\n')  # what some spreadsheets write into the first line


@dataclass(frozen=True)
class TextTable:
    """A text file as read: header and rows, and the row number a spreadsheet shows for each."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]

    def column(self, name: str) -> list[str]:
        """Cells of one column, in row order."""
        at = self.header.index(name)
        return [row[at] for row in self.rows]


def cell_of(text: str) -> str:
    """Read a cell: `clean`, and without the apostrophe by which it was no formula (`guarded`)."""
    cell = clean(text)
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


def guarded(cell: str) -> str:
    """Return a cell of a CSV file that no spreadsheet takes for a formula; `cell_of` undoes it."""
    if cell and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


@lru_cache(maxsize=10_000)
def appearance(label: str) -> str:
    """Return a label as readers see it, to find labels that look the same.

    Blanks run together on a page, and what directs or joins characters is not seen.
    """
    seen = (s for s in unicodedata.normalize("NFKC", label) if unicodedata.category(s) != "Cf")
    return " ".join("".join(seen).split())


_LAYOUT = re.compile(r"</?(?:br|p|div|span|font|center)(?:\s[^<>]*)?/?>|&nbsp;", re.IGNORECASE)


def without_layout(text: str) -> str:
    """Leave out tags that older imports left in labels: breaks, fonts and the like."""
    plain = " ".join(_LAYOUT.sub(" ", text).split()) if "<" in text or "&" in text else ""
    return plain or text


def words_of(text: str) -> str:
    """Read a cell that is shown to readers: `cell_of`, without control characters."""
    return without_controls(cell_of(text))


class _Cells(dict[str, str]):
    """Cells as they are read: each different one is read once, and held once."""

    def __init__(self, read: Callable[[str], str]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, text: str) -> str:
        self[text] = cell = self.read(text)
        return cell


def _times(n: int) -> str:
    return "twice" if n == 2 else f"{n} times"


def read_table(
    path: Path, problems: Problems, read: Callable[[str], str] = cell_of
) -> TextTable | None:
    """Read a delimited text file in any common encoding.

    Blank lines are skipped. What cannot be read as a table is added to `problems`:
    an empty file, text that no encoding fits, a repeated or empty column name, a row with
    more or fewer cells than the header, an open quotation mark.

    Returns
    -------
    Table, or None where not even a header could be read.
    """
    name = path.name
    text = decoded(path, problems)
    if text is None:
        return None
    if not text.strip():
        problems.add(name, message="the file is empty", fix="Restore the file from its source.")
        return None
    declared = _DECLARED.match(text)
    number = 1 if declared else 0
    text = text[declared.end() :] if declared else text
    delimiter = declared[1] if declared else delimiter_of(text)
    found = records(io.StringIO(text, newline=""), delimiter, number, name, problems)
    cell = _Cells(read).__getitem__
    lines = [(at, list(map(cell, cells))) for at, cells in found]
    if not lines:
        return None
    return _table(name, lines, problems)


def _table(name: str, lines: list[tuple[int, list[str]]], problems: Problems) -> TextTable:
    at, header = lines[0]
    while header and not header[-1] and all(len(c) < len(header) or not c[-1] for _, c in lines):
        header = header[:-1]  # trailing delimiters of a spreadsheet
        lines = [(n, c[: len(header)]) for n, c in lines]
    for position, column in enumerate(header, 1):
        if not column:
            problems.add(
                name,
                at,
                f"number {position}",
                message="the column has no name",
                fix="Name the column or remove it.",
            )
    for column in sorted({c for c in header if c and header.count(c) > 1}):
        problems.add(
            name,
            at,
            column,
            message=f"the column appears {_times(header.count(column))}",
            fix="Remove or rename the repeated column.",
        )
    rows, numbers = [], []
    for number, cells in lines[1:]:
        if len(cells) != len(header):
            problems.add(
                name,
                number,
                message=f"{len(cells)} cells where the header has {len(header)}",
                fix="Look for a missing or additional separator or an open quote.",
            )
            cells = (cells + [""] * len(header))[: len(header)]
        rows.append(tuple(cells))
        numbers.append(number)
    return TextTable(name, tuple(header), tuple(rows), tuple(numbers))


def decoded(path: Path, problems: Problems) -> str | None:
    """Read a text file in whatever encoding; None, and a problem, where none fits."""
    try:
        encoding = encoding_of(path, problems)
        return None if encoding is None else path.read_bytes().decode(encoding)
    except OSError as error:
        problems.add(path.name, message=f"the file cannot be read ({error.strerror})")
        return None


def records(
    lines: Iterable[str],
    delimiter: str,
    number: int,
    name: str,
    problems: Problems,
    *,
    quoted: bool = True,
) -> Iterator[tuple[int, list[str]]]:
    """Iterate over rows that hold anything, with the row numbers after `number`.

    A quotation mark that is not closed is a problem; nothing is read behind it. Where cells are
    not `quoted`, a quotation mark is a character like any other.
    """
    reader = (
        csv.reader(lines, delimiter=delimiter, strict=True)
        if quoted
        else csv.reader(lines, delimiter=delimiter, strict=True, quoting=csv.QUOTE_NONE)
    )
    try:
        for cells in reader:
            number += 1
            if any(cells) and any(map(str.strip, cells)):
                yield number, cells
    except csv.Error as error:
        problems.add(
            name,
            number + 1,
            message=f"not a table from here on ({error})",
            fix="Look for a quotation mark that is not closed.",
            kind="broken_quotes",
        )


def declared_delimiter(text: str) -> str | None:
    """Delimiter that a first line of the form ``sep=;`` declares."""
    declared = _DECLARED.match(text)
    return declared[1] if declared else None


def delimiter_of(text: str) -> str:
    """Find what separates the cells of a table, by its first line."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    counts = {d: first.count(d) for d in _DELIMITERS}
    best = max(counts, key=lambda d: counts[d])
    return best if counts[best] else ","
