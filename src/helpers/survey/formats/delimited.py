"""Delimited text, read in one pass: any usual encoding, delimiter and line end."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from helpers.errors import Problems
from helpers.survey.formats.encodings import sniffed
from helpers.survey.formats.sheets import TOP, Column, Gathering, Sheet, TooLarge, letter
from helpers.survey.textfiles import clean, declared_delimiter

DELIMITERS = ",;\t|:^~\x1f"
CHUNK = 20_000  # rows that are held as text at a time
WIDEST = 20_000
_LONGEST_CELL = 2**20
_SAMPLE = 200

Progress = Callable[[int], None]


def read_text(path: Path, problems: Problems, progress: Progress) -> Sheet | None:
    """Read a delimited file; what is no table is added to `problems`, with its row.

    Raises
    ------
    TooLarge
        If there are more than 20,000 columns.
    """
    found = sniffed(path, problems)
    if found is None:
        return None
    csv.field_size_limit(_LONGEST_CELL)
    with open(path, encoding=found, newline="", errors="strict") as file:
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
        delimiter = said or delimiter_of(start)
        file.seek(0)
        if said:
            file.readline()
        records = _records(file, delimiter, 1 if said else 0, path.name, problems)
        sheet = _gathered(records, path.name, problems, progress)
    if sheet is None:
        return None
    read = Sheet(path.name, "", "text", *sheet, encoding=found, delimiter=delimiter)
    return read.without_blank_end()


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


def _records(
    file: io.TextIOBase, delimiter: str, number: int, name: str, problems: Problems
) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(file, delimiter=delimiter, strict=True)
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


_Gathered = tuple[tuple[tuple[str, ...], ...], tuple[int, ...], tuple[Column, ...], np.ndarray]


def _gathered(
    records: Iterator[tuple[int, list[str]]], name: str, problems: Problems, progress: Progress
) -> _Gathered | None:
    top = list(islice(records, TOP))
    if not top:
        return None
    width = len(top[0][1])
    if width > WIDEST:
        raise TooLarge(f"{width:,} columns; at most {WIDEST:,} are read")
    gathering = Gathering(width)
    first = [tuple(map(clean, _fitted(r, n, width, name, problems))) for n, r in top]
    while chunk := list(islice(records, CHUNK)):
        rows: Sequence[Sequence[str]] = [cells for _, cells in chunk]
        if set(map(len, rows)) != {width}:
            rows = [_fitted(cells, n, width, name, problems) for n, cells in chunk]
        gathering.add(rows, [n for n, _ in chunk])
        progress(chunk[-1][0])
    return tuple(first), tuple(n for n, _ in top), gathering.columns(), gathering.numbers()


def _filled(cells: Sequence[str]) -> int:
    """Cells up to the last one that holds anything."""
    return next((n for n in range(len(cells), 0, -1) if cells[n - 1].strip()), 0)


def _fitted(cells: list[str], number: int, width: int, name: str, problems: Problems) -> list[str]:
    """Bring a row to the width of the table; what is lost or lacking by that is a problem."""
    filled = _filled(cells)
    if len(cells) >= width >= filled:
        return cells[:width]  # what is beyond is blank
    surplus = filled > width
    problems.add(
        name,
        number,
        letter(width if surplus else len(cells)),
        message=f"{len(cells)} cells where the header has {width}",
        fix="Look for a missing or additional separator or an open quote.",
        kind="ragged_row",
    )
    return (cells + [""] * width)[:width]
