"""Large text files: plain lines by the block, all others row by row."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from helpers.codebook.textfiles import cell_of, records
from helpers.errors import Problems
from helpers.importing.files.blocks import Plain
from helpers.importing.files.delimited import (
    CHUNK,
    Dialect,
    Progress,
    fitted,
    width_of,
)
from helpers.importing.files.sheets import TOP, Column, Sheet, letter, smallest

LARGE = 8 * 2**20  # bytes from which a file is read by the block
BLOCK = 2 * 2**20
_BYTEWISE = ("utf-8", "utf-8-sig", "ascii", "cp1250", "cp1251", "cp1252", "cp1253", "latin-1")


def is_large(path: Path, dialect: Dialect) -> bool:
    """Say whether a file is large, and written so that bytes can be compared."""
    plain = dialect.encoding in _BYTEWISE and dialect.delimiter.isascii()
    return plain and path.stat().st_size > LARGE


def read_large(
    path: Path, dialect: Dialect, problems: Problems, progress: Progress
) -> Sheet | None:
    """Read a large file; the sheet is the one that `delimited.read_text` reads."""
    with open(path, "rb") as file:
        if dialect.encoding == "utf-8-sig":
            file.read(3)
        if dialect.declared:
            file.readline()
        encoding = dialect.encoding.removesuffix("-sig")
        lines = iter(lambda: file.readline().decode(encoding), "")
        first = records(lines, dialect.delimiter, int(dialect.declared), path.name, problems)
        top = list(islice(first, TOP))
        if not top:
            return None
        reading = _Reading(path.name, dialect, encoding, width_of(top[0][1]), problems, progress)
        reading.number = top[-1][0]
        reading.go(file)
    width = reading.width
    head = tuple(tuple(map(cell_of, fitted(r, n, width, path.name, problems))) for n, r in top)
    return Sheet(
        path.name,
        "",
        "text",
        head,
        tuple(n for n, _ in top),
        tuple(reading.columns()),
        np.concatenate(reading.rows) if reading.rows else np.zeros(0, dtype=np.int64),
        encoding=dialect.encoding,
        delimiter=dialect.delimiter,
    ).without_blank_columns()


@dataclass
class _Reading:
    """A file on its way into columns. `number` is the last row that was read."""

    name: str
    dialect: Dialect
    encoding: str
    width: int
    problems: Problems
    progress: Progress
    number: int = 0
    rows: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plain = Plain(self.width, ord(self.dialect.delimiter))
        self.parts: list[list[np.ndarray]] = [[] for _ in range(self.width)]

    def go(self, file: io.BufferedReader) -> None:
        """Read on to the end of the file."""
        left = b""
        while block := file.read(BLOCK):
            cut = len(left) + block.rfind(b"\n") + 1 if b"\n" in block else 0
            block = left + block
            lines, left = block[:cut], block[cut:]
            if b'"' in lines or len(left) > BLOCK:
                file.seek(-len(lines) - len(left), os.SEEK_CUR)
                rest = io.TextIOWrapper(file, self.encoding, newline="")
                self._slowly(rest)
                rest.detach()
                return
            if lines:
                self._lines(lines)
        if left:
            self._lines(left + b"\n")

    def _lines(self, lines: bytes) -> None:
        codes = self.plain.codes(lines)
        if codes is None:
            text = lines.decode(self.encoding)
            self._slowly(io.StringIO(text, newline=""))
            self.number += sum(1 for _ in io.StringIO(text, newline=""))
            return
        self._add(codes, np.arange(self.number + 1, self.number + 1 + len(codes[0])))
        self.number += len(codes[0])

    def _slowly(self, lines: Iterable[str]) -> None:
        """Read lines row by row, as `delimited.read_text` does."""
        found = records(lines, self.dialect.delimiter, self.number, self.name, self.problems)
        while chunk := list(islice(found, CHUNK)):
            rows = [fitted(r, n, self.width, self.name, self.problems) for n, r in chunk]
            codes = [
                _known(cells, column.known, self.encoding)
                for cells, column in zip(zip(*rows, strict=True), self.plain.columns, strict=True)
            ]
            self._add(codes, np.array([n for n, _ in chunk], dtype=np.int64))

    def _add(self, codes: Sequence[np.ndarray], numbers: np.ndarray) -> None:
        for parts, part, column in zip(self.parts, codes, self.plain.columns, strict=True):
            parts.append(part.astype(smallest(len(column.known))))
        self.rows.append(numbers)
        self.progress(int(numbers[-1]))

    def columns(self) -> Iterator[Column]:
        """Return what was read, cells cleaned."""
        for at, (parts, cells) in enumerate(zip(self.parts, self.plain.columns, strict=True)):
            codes = np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint8)
            parts.clear()
            values = tuple(cell.decode(self.encoding) for cell in cells.known)
            column = Column(letter(at), values, codes)
            yield column.recoded([cell_of(value) for value in values])


def _known(cells: Sequence[str], known: dict[bytes, int], encoding: str) -> np.ndarray:
    coded = (known.setdefault(cell.encode(encoding), len(known)) for cell in cells)
    return np.fromiter(coded, dtype=np.int64, count=len(cells))
