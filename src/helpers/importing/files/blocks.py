"""Plain lines of a large text file, many thousand at once: no cell becomes text twice.

What needs more than separators (quotation marks, blank lines, other numbers of cells) is left to
the ordinary reader; both give the same columns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_WORDS = 8  # of 8 bytes: cells that are longer are read one by one
_SLOTS_BITS = 12
_MOST = 1024  # different cells of a column that are told apart by words
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - _SLOTS_BITS)
_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(9)], dtype=np.uint64)


class Plain:
    """Turns blocks of plain lines into codes, column by column.

    Attributes
    ----------
    columns : per column, the different cells as bytes, in the order of their codes
    """

    def __init__(self, width: int, delimiter: int) -> None:
        self.width, self.delimiter = width, delimiter
        self.columns = [_Column() for _ in range(width)]

    def codes(self, block: bytes) -> list[np.ndarray] | None:
        """Codes of a block of whole lines by column; None where the lines are not plain."""
        if b'"' in block or not block.endswith(b"\n"):
            return None
        returns = block.count(b"\r")
        if returns and returns != block.count(b"\r\n"):
            return None
        raw = np.frombuffer(block + bytes(8 * _WORDS + 8), dtype=np.uint8)
        inside = raw[: len(block)]
        ends = np.flatnonzero((inside == self.delimiter) | (inside == 10))
        rows, rest = divmod(len(ends), self.width)
        lines = (inside[ends] == 10).nonzero()[0]
        if rest or len(lines) != rows or (lines % self.width != self.width - 1).any():
            return None
        starts = np.empty_like(ends)
        starts[0], starts[1:] = 0, ends[:-1] + 1
        if returns:
            ends = ends - ((inside[ends] == 10) & (inside[ends - 1] == 13))
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
        self,
        words: np.ndarray,
        starts: np.ndarray,
        sizes: np.ndarray,
        needed: int,
        count: int,
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
