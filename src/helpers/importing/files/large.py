"""Large text files: thousands of plain lines at once, each different cell as text only once.

What needs more than separators and quotation marks around cells (marks inside them, blank lines,
other numbers of cells) is read row by row; both give the same columns.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from helpers.codebook.textfiles import cell_of
from helpers.errors import Problems
from helpers.importing.files.delimited import CHUNK, Dialect, Progress, fitted, width_of
from helpers.importing.files.sheets import (
    TOP,
    Column,
    Sheet,
    below_titles,
    letter,
    said_above,
    smallest,
)

LARGE = 8 * 2**20  # bytes from which a file is read by the block
BLOCK = 2 * 2**20
_BYTEWISE = ("utf-8", "utf-8-sig", "ascii", "cp1250", "cp1251", "cp1252", "cp1253", "latin-1")

_MARK = ord('"')
_WORDS = 8  # of 8 bytes: cells that are longer are read one by one
_SLOTS_BITS = 12
_MOST = 1024  # different cells of a column that are distinguished by words
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - _SLOTS_BITS)
_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(9)], dtype=np.uint64)


def is_large(path: Path, dialect: Dialect) -> bool:
    """Return whether a file is large, and written so that bytes can be compared."""
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
        encoding, begins = dialect.encoding.removesuffix("-sig"), file.tell()

        def lines(problems: Problems) -> Iterator[tuple[int, list[str]]]:
            file.seek(begins)
            texts = iter(lambda: file.readline().decode(encoding), "")
            return dialect.records(texts, int(dialect.declared), path.name, problems)

        above, _ = below_titles(lines(Problems()))
        top = list(islice(lines(problems), len(above), len(above) + TOP))
        if not top:
            return None
        width = width_of(top[0][1])
        head = tuple(tuple(map(cell_of, fitted(r, n, width, path.name, problems))) for n, r in top)
        reading = _Reading(path.name, dialect, encoding, width, problems, progress)
        reading.number = top[-1][0]
        reading.go(file)
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
        remarks=said_above(above),
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
        self.plain = _Plain(self.width, ord(self.dialect.delimiter), self.dialect.quoted)
        self.texts = [_Texts(column.known, self.encoding) for column in self.plain.columns]
        self.parts: list[list[np.ndarray]] = [[] for _ in range(self.width)]

    def go(self, file: io.BufferedReader) -> None:
        """Read on to the end of the file."""
        left = b""
        while block := file.read(BLOCK):
            cut = len(left) + block.rfind(b"\n") + 1 if b"\n" in block else 0
            block = left + block
            lines, left = block[:cut], block[cut:]
            if len(left) > BLOCK or (lines and not self._lines(lines)):
                self._slowly(file, len(lines) + len(left))
                return
        if left and not self._lines(left + b"\n"):
            self._slowly(file, len(left))

    def _lines(self, lines: bytes) -> bool:
        """Read whole lines; return False where the last record does not end with them."""
        codes = self.plain.codes(lines)
        if codes is not None:
            self._add(codes, np.arange(self.number + 1, self.number + 1 + len(codes[0])))
            self.number += len(codes[0])
            return True
        problems = Problems()
        text = io.StringIO(f"{lines.decode(self.encoding)}end\n", newline="")
        rows = list(self.dialect.records(text, self.number, self.name, problems))
        if problems:
            return False
        self.number = rows.pop()[0] - 1
        self._rows(rows)
        return True

    def _slowly(self, file: io.BufferedReader, back: int) -> None:
        """Go back so many bytes, and read all that is left row by row."""
        file.seek(-back, os.SEEK_CUR)
        rest = io.TextIOWrapper(file, self.encoding, newline="")
        found = self.dialect.records(rest, self.number, self.name, self.problems)
        while chunk := list(islice(found, CHUNK)):
            self._rows(chunk)
        rest.detach()

    def _rows(self, found: Sequence[tuple[int, list[str]]]) -> None:
        """Add rows as `delimited.read_text` does."""
        if not found:
            return
        rows = [fitted(r, n, self.width, self.name, self.problems) for n, r in found]
        codes = [
            np.fromiter(map(texts.__getitem__, cells), dtype=np.int64, count=len(rows))
            for cells, texts in zip(zip(*rows, strict=True), self.texts, strict=True)
        ]
        self._add(codes, np.array([n for n, _ in found], dtype=np.int64))

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
            values = [cell.decode(self.encoding) for cell in cells.known]
            first = np.full(len(values), len(codes))
            first[codes[::-1]] = np.arange(len(codes))[::-1]  # the last that is put stays
            order = np.argsort(first, kind="stable")
            move = np.empty_like(order)
            move[order] = np.arange(len(order))
            codes = move[codes].astype(codes.dtype) if len(codes) else codes
            column = Column(letter(at), tuple(values[n] for n in order.tolist()), codes)
            yield column.recoded([cell_of(value) for value in column.values])


class _Texts(dict[str, int]):
    """Codes of cells that were read as text, each looked up once among those that are bytes."""

    def __init__(self, known: dict[bytes, int], encoding: str) -> None:
        super().__init__()
        self.known, self.encoding = known, encoding

    def __missing__(self, cell: str) -> int:
        self[cell] = code = self.known.setdefault(cell.encode(self.encoding), len(self.known))
        return code


class _Plain:
    """Turns blocks of plain lines into codes, column by column.

    Attributes
    ----------
    columns : per column, the different cells as bytes, in the order of their codes
    """

    def __init__(self, width: int, delimiter: int, quoted: bool) -> None:
        self.width, self.delimiter, self.quoted = width, delimiter, quoted
        self.columns = [_Column() for _ in range(width)]

    def codes(self, block: bytes) -> list[np.ndarray] | None:
        """Codes of a block of whole lines by column; None where the lines are not plain."""
        marked = self.quoted and b'"' in block
        returns = block.count(b"\r")
        if returns and returns != block.count(b"\r\n"):
            return None
        raw = np.frombuffer(block + bytes(8 * _WORDS + 8), dtype=np.uint8)
        inside = raw[: len(block)]
        between = (inside == self.delimiter) | (inside == 10)
        if marked:
            marks = inside == _MARK
            open_ = np.cumsum(marks, dtype=np.uint8) % 2 == 1
            if open_[-1]:
                return None
            between &= ~open_
        ends = np.flatnonzero(between)
        rows, rest = divmod(len(ends), self.width)
        lines = (inside[ends] == 10).nonzero()[0]
        if rest or len(lines) != rows or (lines % self.width != self.width - 1).any():
            return None
        starts = np.empty_like(ends)
        starts[0], starts[1:] = 0, ends[:-1] + 1
        if returns:
            ends = ends - ((inside[ends] == 10) & (inside[ends - 1] == 13))
        if marked:
            first, last = np.reshape(np.flatnonzero(marks), (-1, 2)).T
            around = np.minimum(np.searchsorted(starts, first), len(starts) - 1)
            if (starts[around] != first).any() or (ends[around] != last + 1).any():
                return None  # marks that are not around a cell
            starts[around] += 1
            ends[around] -= 1
        sizes = np.reshape(ends - starts, (rows, self.width))
        if not sizes.any(axis=1).all():
            return None  # a line without an answer
        first = np.reshape(starts, (rows, self.width))
        words = np.ndarray(shape=(len(raw) - 7,), dtype="<u8", buffer=raw, strides=(1,))
        return [
            cells.codes(block, words, first[:, at].copy(), sizes[:, at].copy())
            for at, cells in enumerate(self.columns)
        ]


class _Column:
    """Different cells of a column, found again by their bytes, eight at a time."""

    def __init__(self) -> None:
        self.known: dict[bytes, int] = {}
        self.table = np.full(1 << _SLOTS_BITS, -1, dtype=np.int32)
        self.words = np.zeros((1, _MOST), dtype=np.uint64)
        self.crowded = False

    def codes(
        self, block: bytes, words: np.ndarray, starts: np.ndarray, sizes: np.ndarray
    ) -> np.ndarray:
        """Codes of cells that begin at `starts` and have so many bytes."""
        needed = max(1, -(-int(sizes.max()) // 8))
        if self.crowded or needed > _WORDS:
            return self._singly(block, starts, sizes)
        count = max(needed, len(self.words))
        if count > len(self.words):
            more = np.zeros((count - len(self.words), _MOST), dtype=np.uint64)
            self.words = np.vstack([self.words, more])
        keys, mixed = self._keys(words, starts, sizes, needed, count)
        while True:
            found = self.table[mixed]
            right = found >= 0
            for place, key in enumerate(keys):
                right &= self.words[place][found] == key
            for place in range(needed, count):
                right &= self.words[place][found] == 0
            new = np.flatnonzero(~right)
            if not len(new):
                return found
            if not self._learn(block, starts, sizes, new, mixed, keys):
                return self._singly(block, starts, sizes)

    def _keys(
        self, words: np.ndarray, starts: np.ndarray, sizes: np.ndarray, needed: int, count: int
    ) -> tuple[list[np.ndarray], np.ndarray]:
        keys = []
        mixed = np.zeros(len(starts), dtype=np.uint64)
        for place in range(needed):
            left = np.clip(sizes - 8 * place, 0, 8)
            key = words[starts + 8 * place] & _MASKS[left]
            keys.append(key)
            mixed = (mixed ^ key) * _MIX
        for _ in range(needed, _WORDS):
            mixed = mixed * _MIX
        return keys, (mixed >> _SHIFT).astype(np.int64)

    def _learn(
        self,
        block: bytes,
        starts: np.ndarray,
        sizes: np.ndarray,
        new: np.ndarray,
        mixed: np.ndarray,
        keys: Sequence[np.ndarray],
    ) -> bool:
        """Take up cells that are not known yet; return False where they are too many."""
        first = np.sort(np.unique(mixed[new], return_index=True)[1])
        for at in new[first].tolist():
            cell = block[starts[at] : starts[at] + sizes[at]]
            if len(self.known) >= _MOST or self.table[mixed[at]] >= 0:
                return False
            code = self.known.setdefault(cell, len(self.known))
            self.table[mixed[at]] = code
            for place, key in enumerate(keys):
                self.words[place, code] = key[at]
        return True

    def _singly(self, block: bytes, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
        self.crowded = True
        known, ends = self.known, (starts + sizes).tolist()
        codes = [
            known.setdefault(block[start:end], len(known))
            for start, end in zip(starts.tolist(), ends, strict=True)
        ]
        return np.array(codes, dtype=np.int64)
