"""Cells that join the select-all answers of a respondent (`Car,Bicycle`), read box by box.

Boxes are guessed from the cells of a draft, or known from a mapping. Either way `BoxCells` alone
says what is in a cell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from helpers.importing.columns.mapping import Mapping as Columns
from helpers.importing.columns.mapping import plain
from helpers.importing.files.sheets import Column
from helpers.importing.layouts.heads import Head
from helpers.importing.words.nonanswers import is_mark
from helpers.importing.words.shapes import SENTINELS

WRITTEN = "other, in own words"
WRITTEN_IN = "Other (own words)"  # the answer of who wrote, and did not choose
# Where one answer ends and the next begins; the first that fits best is taken.
# Cells are divided many at once, with `_CELL` between them: it ends one like the end of the text.
_CELL, _PIECE = "\0", "\1"
RULES = tuple(
    re.compile(rule)
    for rule in (
        r"""(?<![^\0])\[\s*["']?|["']?\s*\](?=\0|$)"""  # ["Car", "Bus"]
        r"""|["']\s*,\s*["'](?=[^][\0]*\](?:\0|$))|(?<=\d)\s*,\s*(?=\d[\d\s,]*\](?:\0|$))""",
        r'(?<![^\0])\{\s*"?|"?\s*\}(?=\0|$)'  # {Car,"Night bus"}
        r'|"?\s*,\s*"?(?=[^{}\0]*\}(?:\0|$))',
        r"\n",
        r"\|",
        r";(?=\S|$)",
        r";(?=[\s\0]|$)",
        r";",
        r",(?=\S|$)",
        r",(?=[\s\0]|$)",
        r",",
        r"；|؛|┋",
        r"，|、|،",
        r"\s[/•·+&–—-]\s",
        r"/",
        r"\s+",
    )
)
BLANK = RULES[-1]
WEAK = frozenset(RULES[-3:-1])  # often inside of an answer
STRONG = frozenset((*RULES[:7], RULES[10]))  # hardly ever inside of one
_NOTHING = frozenset(("na", "n/a"))
_MARK = 20  # characters that no mark for no answer has
_OTHER, _NOTHING_THERE, _END = -1, -2, -3


def boxes_of(key: str, columns: Columns) -> list[str]:
    """Boxes that a mapping has for a column; none where it takes the column as it is."""
    if columns.target(key) is not None:
        return []
    start = f"{plain(key)} ["
    return [key[len(start) : -1] for key in columns.keys if _is_box(key, start)]


def _is_box(key: str, start: str) -> bool:
    return key.startswith(start) and key.endswith("]")


def offered(key: str, columns: Columns) -> frozenset[str] | None:
    """Cells of a single choice that are not own words; None if no column beside keeps these."""
    target = columns.target(key)
    if target is None or columns.target(f"{plain(key)} [{WRITTEN}]") is None:
        return None
    return frozenset(target.recode) if WRITTEN_IN in target.recode else None


def known_boxes(
    column: Column, key: str, heads: Sequence[Head], columns: Columns
) -> BoxCells | None:
    """Read a column as the boxes that a mapping has for it; None where it has none."""
    found = boxes_of(key, columns)
    there = {plain(head.key) for head in heads}
    if not found or any(f"{plain(key)} [{label}]" in there for label in found):
        return None
    labels = [label for label in found if label != WRITTEN]
    rules = [rule for rule in RULES if stands(rule, column.values)] or [RULES[0]]
    return best_reading(BoxCells(column, rule, labels, WRITTEN in found) for rule in rules)


def stands(rule: re.Pattern[str], cells: Iterable[str]) -> bool:
    """Return whether a separator is in any cell."""
    return bool(rule.search(_CELL.join(cells)))


def best_reading(found: Iterable[BoxCells]) -> BoxCells | None:
    """Cells as the separators read them that leave fewest respondents with something else."""
    best: BoxCells | None = None
    for cells in found:
        if best is None or cells.rare < best.rare:
            best = cells
        if not best.rare:
            break
    return best


def is_nothing(cell: str) -> bool:
    """Return whether a whole cell is a program's mark for no answer: NA, -99."""
    marked = cell.casefold() in _NOTHING or is_mark(cell)
    return marked or (cell.startswith("-") and cell in SENTINELS)


class Piece(NamedTuple):
    """A piece of a cell between two separators."""

    start: int
    end: int


def divided(cell: str, rule: re.Pattern[str]) -> list[Piece]:
    """Pieces of a cell between separators, without the blanks around them and without empty ones.

    >>> [(p.start, p.end) for p in divided("Car, Bus,", re.compile(","))]
    [(0, 3), (5, 8)]
    """
    found: list[Piece] = []
    at = 0
    for match in [*rule.finditer(cell), None]:
        end = match.start() if match else len(cell)
        text = cell[at:end]
        start = at + len(text) - len(text.lstrip())
        stop = at + len(text.rstrip())
        if start < stop:
            found.append(Piece(start, stop))
        at = match.end() if match else end
    return found


class _Labels(dict[str, int]):
    """Which label a piece of a cell is; `_OTHER` if none, or perhaps the first of a label."""

    def __init__(self, cells: BoxCells) -> None:
        super().__init__({"": _NOTHING_THERE, _CELL: _END})
        self.cells = cells

    def __missing__(self, piece: str) -> int:
        text, own = plain(piece), self.cells
        alone = own._sizes.get(text) == [1]
        known = own._places.get(text, _OTHER) if alone else _OTHER
        self[piece] = place = known if text else _NOTHING_THERE
        return place


def joined_by(cell: str, parts: Sequence[Piece]) -> str:
    """Text of neighbouring pieces with what is between them."""
    return plain(cell[parts[0].start : parts[-1].end])


class Answer(NamedTuple):
    """What one cell holds: boxes in their order, and what is none."""

    ticked: tuple[str, ...]
    rest: tuple[str, ...]
    written: str = ""
    missing: bool = False


class Divided(NamedTuple):
    """What all values of a column hold.

    Attributes
    ----------
    of, which : place of the value, and of the box, of every tick, value by value in their order
    odd : values that hold anything else, or a mark for no answer
    """

    of: np.ndarray
    which: np.ndarray
    odd: dict[int, Answer]


class BoxCells:
    """The different cells of a column, read as boxes of a select-all question.

    Attributes
    ----------
    labels : the boxes, in the order of the questionnaire
    written : whether what is not a box is kept as somebody's own words
    """

    def __init__(
        self, column: Column, rule: re.Pattern[str], labels: Sequence[str], written: bool = False
    ) -> None:
        self.column, self.rule, self.written = column, rule, written
        self.labels = list(dict.fromkeys(map(plain, labels)))
        self._places = {label: at for at, label in enumerate(self.labels)}
        sizes: dict[str, set[int]] = {}
        for label in self.labels:
            parts = divided(label, rule)
            if parts:
                first = joined_by(label, parts[:1])
                sizes.setdefault(first, set()).add(len(parts))
        self._sizes = {first: sorted(found, reverse=True) for first, found in sizes.items()}

    @property
    def all_labels(self) -> list[str]:
        """Boxes, and the column of own words behind them."""
        return [*self.labels, WRITTEN] if self.written else self.labels

    @cached_property
    def held(self) -> Divided:
        """What the column's values hold. Plain ones are divided together, others one by one."""
        values, odd = self.column.values, dict[int, Answer]()
        of, which, singly = self._divided()
        more_of, more = [of], [which]
        for at in singly:
            answer = self.read(values[at])
            more_of.append(np.full(len(answer.ticked), at))
            more.append(np.array([self._places[label] for label in answer.ticked], dtype=int))
            if answer.rest or answer.missing:
                odd[at] = answer
        of, which = np.concatenate(more_of), np.concatenate(more)
        order = np.argsort(of, kind="stable")
        return Divided(of[order], which[order], odd)

    def _divided(self) -> tuple[np.ndarray, np.ndarray, list[int]]:
        """Divide values at once; those that are not just labels, each once, are named."""
        values, size = self.column.values, len(self.column.values)
        text = _CELL.join(values)
        if not size or text.count(_CELL) != size - 1 or _PIECE in text:
            return np.zeros(0, dtype=int), np.zeros(0, dtype=int), [*range(size)]
        text = self.rule.sub(_PIECE, text).replace(_CELL, f"{_PIECE}{_CELL}{_PIECE}")
        pieces = text.split(_PIECE)
        which = np.fromiter(map(_Labels(self).__getitem__, pieces), dtype=int, count=len(pieces))
        of = np.cumsum(which == _END)
        unclear = np.bincount(of[which == _OTHER], minlength=size) > 0
        unclear |= [len(v) <= _MARK and is_nothing(v) for v in values]
        of, which = of[which >= 0], which[which >= 0]
        once = np.zeros((size, len(self.labels)), dtype=bool)
        once[of, which] = True
        unclear |= once.sum(axis=1) != np.bincount(of, minlength=size)
        keep = ~unclear[of]
        return of[keep], which[keep], np.flatnonzero(unclear).tolist()

    @cached_property
    def answers(self) -> list[Answer]:
        """What each of the column's values holds."""
        of, which, odd = self.held
        labels = [self.labels[at] for at in which.tolist()]
        ends = np.searchsorted(of, np.arange(len(self.column.values) + 1)).tolist()
        pairs = enumerate(zip(ends, ends[1:], strict=False))
        return [odd.get(at) or Answer(tuple(labels[a:b]), ()) for at, (a, b) in pairs]

    @cached_property
    def rare(self) -> int:
        """How many respondents gave something that is not a box."""
        counts = self.column.counts
        return int(sum(counts[at] for at, answer in self.held.odd.items() if answer.rest))

    @cached_property
    def ticks(self) -> Counter[str]:
        """How many respondents ticked each box."""
        of, which, _ = self.held
        often = np.bincount(which, self.column.counts[of], len(self.labels)).astype(int)
        return Counter(dict(zip(self.labels, often.tolist(), strict=True)))

    @cached_property
    def ticked(self) -> np.ndarray:
        """Which box, across, is ticked in each of the column's values."""
        found = np.zeros((len(self.column.values), len(self.labels)), dtype=bool)
        found[self.held.of, self.held.which] = True
        return found

    @cached_property
    def missing(self) -> np.ndarray:
        """Which of the column's values are blank, or a mark for no answer."""
        found = np.array([not value for value in self.column.values] or [True])
        found[[at for at, answer in self.held.odd.items() if answer.missing]] = True
        return found

    @property
    def written_in(self) -> list[str]:
        """Own words in each of the column's values."""
        odd = self.held.odd
        return [odd[at].written if at in odd else "" for at in range(len(self.column.values))]

    @property
    def neighbours(self) -> set[tuple[str, str]]:
        """Boxes that are right behind one another in any cell; behind nothing, "" is the first."""
        of, which, _ = self.held
        before = np.full(len(which), len(self.labels))
        before[1:][of[1:] == of[:-1]] = which[:-1][of[1:] == of[:-1]]
        size = len(self.labels)
        pairs = np.flatnonzero(np.bincount(before * size + which, minlength=size)).tolist()
        names = [*self.labels, ""]
        return {(names[pair // size], names[pair % size]) for pair in pairs}

    def read(self, cell: str) -> Answer:
        """Say which boxes a cell names, so that least of it is left; long labels go first."""
        if not cell:
            return Answer((), ())
        if is_nothing(cell) and plain(cell) not in self._places:
            return Answer((), (), missing=True)
        parts = divided(cell, self.rule)
        runs = self._runs(cell, parts)
        ticked = tuple(dict.fromkeys(text for text, size in runs if size))
        rest = tuple(text for text, size in runs if not size)
        return Answer(ticked, rest, self._own_words(cell, parts, runs) if rest else "")

    def _runs(self, cell: str, parts: Sequence[Piece]) -> list[tuple[str, int]]:
        """Labels that follow one another, with their pieces; 0 of what is none."""
        texts = [joined_by(cell, [part]) for part in parts]
        best: list[tuple[int, int, int]] = [(0, 0, 0)] * (len(parts) + 1)  # left over, labels, size
        for at in range(len(parts) - 1, -1, -1):
            left, labels, _ = best[at + 1]
            found = (left + 1, labels, 0)
            for size in self._sizes.get(texts[at], ()):
                text = texts[at] if size == 1 else joined_by(cell, parts[at : at + size])
                if at + size <= len(parts) and text in self._places:
                    left, labels, _ = best[at + size]
                    found = min(found, (left, labels + 1, size), key=lambda x: x[:2])
            best[at] = found
        runs, at = [], 0
        while at < len(parts):
            size = best[at][2]
            runs.append((joined_by(cell, parts[at : at + max(size, 1)]), size))
            at += max(size, 1)
        return runs

    @staticmethod
    def _own_words(cell: str, parts: Sequence[Piece], runs: Sequence[tuple[str, int]]) -> str:
        """Put together what is not a box, as it was written where pieces are neighbours."""
        spans: list[list[Piece]] = []
        at, before = 0, False
        for _, size in runs:
            if not size:
                spans = [*spans[:-1], [*spans[-1], parts[at]]] if before else [*spans, [parts[at]]]
            before = not size
            at += max(size, 1)
        return "; ".join(cell[span[0].start : span[-1].end] for span in spans)
