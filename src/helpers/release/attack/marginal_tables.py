"""Tables of few dimensions in place of one of all, where nothing is known of more at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from scipy.sparse import coo_array, csr_array

from helpers.release.attack.partition import Ints, Mask

Axes = frozenset[int]
AT_ONCE = 1_000_000  # cells of sets that are looked at together


@dataclass(frozen=True)
class MarginalTables:
    """Counts by few dimensions at a time, in place of counts by all of them.

    Attributes
    ----------
    shape : how many pieces each dimension has
    axes : the dimensions of each table

    Notes
    -----
    Whole numbers that are not negative fit sums of some of their dimensions exactly if such numbers
    fit for each table, as long as tables agree on the dimensions that they share and the graph of
    dimensions that are known together is triangulated (Lauritzen 1996, Graphical Models, section
    2.1; Dobra and Fienberg 2000, PNAS 97, 11885). Four dimensions of ten pieces, of which only each
    by itself is shown, need 40 numbers, not 10,000.
    """

    shape: tuple[int, ...]
    axes: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, shape: tuple[int, ...], together: Iterable[Axes]) -> MarginalTables:
        """Lay out tables in which dimensions that are known together lie together."""
        cliques = _cliques(together)
        sizes = [np.prod([shape[a] for a in clique], dtype=float) for clique in cliques]
        if sum(sizes) >= np.prod(shape, dtype=float):
            cliques = [frozenset(range(len(shape)))]
        return cls(shape, tuple(tuple(sorted(clique)) for clique in cliques))

    @cached_property
    def _sizes(self) -> list[int]:
        return [int(np.prod([self.shape[a] for a in axes], dtype=np.int64)) for axes in self.axes]

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *np.cumsum(self._sizes).tolist()]

    @cached_property
    def _found(self) -> dict[bytes, Ints]:
        return {}

    @cached_property
    def _last(self) -> list[Mask | None]:
        return []

    @property
    def size(self) -> int:
        """How many counts the tables have together."""
        return self._starts[-1]

    def hold(self, masks: Mask) -> bool:
        """Whether each mask of cells lies in one of the tables."""
        return self._rows(masks) is not None

    def find(self, masks: Mask) -> Mask:
        """Find the counts that add up to each mask; one row per mask, one column per count."""
        found = self._rows(masks)
        if found is None:
            raise ValueError("No table holds the dimensions of these cells together.")
        return found

    def counts(self, cells: Mask) -> Ints:
        """Find the counts that add up to some cells."""
        key = cells.tobytes()
        if key not in self._found:
            self._found[key] = np.flatnonzero(self.find(cells[None])[0])
        return self._found[key]

    def _rows(self, masks: Mask) -> Mask | None:
        """Do so, and remember the last of several masks: the same groups serve many columns."""
        if self._last and self._last[0] is masks:
            return self._last[1]
        found = self._look(masks)
        if len(masks) > 1:
            self._last[:] = [masks, found]
        return found

    def _look(self, masks: Mask) -> Mask | None:
        found = np.zeros((len(masks), self.size), dtype=bool)
        left, on = np.ones(len(masks), dtype=bool), _depends(self.shape, masks)
        for at in np.argsort(self._sizes, kind="stable"):
            own = self.axes[at]
            others = [a for a in range(len(self.shape)) if a not in own]
            here = left & ~on[:, others].any(axis=1)
            cut = tuple(slice(None) if a in own else 0 for a in range(len(self.shape)))
            part = masks[here].reshape(-1, *self.shape)[(slice(None), *cut)]
            there = slice(self._starts[at], self._starts[at + 1])
            found[here, there] = part.reshape(len(part), self._sizes[at])
            left &= ~here
        return None if left.any() else found

    def add_up(self, counts: Ints) -> Ints:
        """Add counts by cell up to those of the tables: [column, cell, option] to [, count, ]."""
        columns, _, options = counts.shape
        grid = counts.reshape(columns, *self.shape, options)
        parts = []
        for own in self.axes:
            gone = tuple(a + 1 for a in range(len(self.shape)) if a not in own)
            parts.append(grid.sum(axis=gone).reshape(columns, -1, options))
        return np.concatenate(parts, axis=1)

    def differences(self) -> csr_array:
        """List what must come to nothing, as rows of 1 and -1: two tables differ nowhere."""
        rows, columns, signs, number = [], [], [], 0
        for one, other in _tree(self.axes):
            shared = [a for a in self.axes[one] if a in self.axes[other]]
            for at, sign in ((one, 1), (other, -1)):
                places = np.indices([self.shape[a] for a in self.axes[at]], dtype=np.int64)
                where = np.zeros(self._sizes[at], dtype=np.int64)
                for a in shared:
                    where = where * self.shape[a] + places[self.axes[at].index(a)].reshape(-1)
                rows.append(number + where)
                columns.append(self._starts[at] + np.arange(self._sizes[at]))
                signs.append(np.full(self._sizes[at], sign))
            number += int(np.prod([self.shape[a] for a in shared], dtype=np.int64))
        if not rows:
            return csr_array((0, self.size), dtype=np.int64)
        at_both = np.concatenate(rows), np.concatenate(columns)
        shape = number, self.size
        return csr_array(coo_array((np.concatenate(signs), at_both), shape=shape))


def axes_of(shape: tuple[int, ...], masks: Mask) -> set[Axes]:
    """Find the dimensions on which each mask of cells depends."""
    found = np.unique(_depends(shape, masks), axis=0)
    return {frozenset(np.flatnonzero(on).tolist()) for on in found}


def _depends(shape: tuple[int, ...], masks: Mask) -> Mask:
    """Say whether each mask depends on each dimension; [mask, dimension]."""
    found = np.zeros((len(masks), len(shape)), dtype=bool)
    step = max(AT_ONCE // max(masks.shape[1], 1), 1)
    for at in range(0, len(masks), step):
        some = masks[at : at + step]
        grid = some.reshape(len(some), *shape)
        for axis in range(len(shape)):
            differs = grid != grid.take([0], axis=axis + 1)
            found[at : at + step, axis] = differs.reshape(some.shape).any(axis=1)
    return found


def _cliques(together: Iterable[Axes]) -> list[Axes]:
    """Triangulate what is known together, adding least, and list what then lies together."""
    known = set(together)
    left = set(frozenset().union(*known))
    beside: dict[int, set[int]] = {a: set() for a in left}

    def join(axes: Iterable[int]) -> None:
        for a, b in combinations(axes, 2):
            beside[a].add(b)
            beside[b].add(a)

    def missing(axis: int) -> int:
        return sum(b not in beside[a] for a, b in combinations(beside[axis] & left, 2))

    for axes in known:
        join(axes)
    found: list[Axes] = []
    while left:
        axis = min(sorted(left), key=missing)
        near = beside[axis] & left
        join(near)
        found.append(frozenset({axis, *near}))
        left.remove(axis)
    largest = [c for n, c in enumerate(found) if not any(c <= other for other in found[:n])]
    return largest or [frozenset()]


def _tree(axes: tuple[tuple[int, ...], ...]) -> list[tuple[int, int]]:
    """Join tables into a tree, each pair of which shares as many dimensions as can be."""
    inside, found = [0], []
    while len(inside) < len(axes):
        pairs = [(i, o) for i in inside for o in range(len(axes)) if o not in inside]
        one, other = max(pairs, key=lambda pair: len(set(axes[pair[0]]) & set(axes[pair[1]])))
        inside.append(other)
        found.append((one, other))
    return found
