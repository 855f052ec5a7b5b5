"""What a reader could infer: counts that everything shown of a response column pins down.

Used while a release is made. The audit, which attacks what was made, shares nothing with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product
from typing import Any

import numpy as np
import numpy.typing as npt

FEW = 2
_DIRECTIONS = 4
_MOST_UNIONS = 512
_MOST_SETS = 256
Ints = npt.NDArray[np.int64]
Blocks = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Facts:
    """What one level shows of a response column.

    Attributes
    ----------
    axes : group axes that the level distinguishes; sums run over the others
    blocks : options shown together, by their places; empty where only the bases are known
    """

    axes: tuple[int, ...]
    blocks: Blocks


@dataclass(frozen=True)
class ProtectedCount:
    """A count that must not be inferred: 0/1 over options and groups, and where it must reach.

    The count is safe as soon as it may also be below `low` or above `high`.
    """

    inside: Ints
    low: int
    high: int


def inferred(n: Ints, shown: Sequence[Facts], judged: Sequence[int]) -> list[ProtectedCount]:
    """Find counts of 1 or 2, or all but 1 or 2 of one answer, that can be inferred.

    Parameters
    ----------
    n
        True counts: options by groups of each dimension.
    judged
        Places of options that nearly everybody of a group must not be seen to have chosen.

    Notes
    -----
    A count is safe once some table of whole numbers that agrees with all that is shown gives it
    a harmless value. Such tables are collected; only counts that none of them clears cost an
    integer program of their own (HiGHS through SciPy). Bases are taken as known.
    """
    sought = list(targets(n, judged))
    if not sought or not shown:
        return []
    system = HiddenCounts(n, [row for facts in shown for row in _rows(n.shape, facts)])
    if system.determined:
        return sought
    pool = [n.reshape(-1), *system.others()]
    left = []
    for target in sought:
        inside = target.inside.reshape(-1)
        if any(escapes(target, int(inside @ table)) for table in pool):
            continue
        for sign in (1, -1):
            found = system.extreme(sign * inside)
            pool.append(found)
            if escapes(target, int(inside @ found)):
                break
        else:
            left.append(target)
    return left


def escapes(target: ProtectedCount, count: int) -> bool:
    """Return whether a count would be harmless."""
    return count < target.low or count > target.high


class HiddenCounts:
    """Tables of whole numbers that agree with sums that are shown.

    Parameters
    ----------
    n
        True counts: options by groups of each dimension.
    rows
        0/1 over the counts, for each sum that is known.
    """

    def __init__(self, n: Ints, rows: Sequence[Ints]) -> None:
        self.matrix = np.array([row.reshape(-1) for row in rows])
        self.sums = self.matrix @ n.reshape(-1)
        self.most = int(n.sum())

    @property
    def determined(self) -> bool:
        """Whether the sums leave one table only."""
        return int(np.linalg.matrix_rank(self.matrix)) == self.matrix.shape[1]

    def others(self) -> Iterator[Ints]:
        """Find some tables far apart, always the same ones."""
        random = np.random.default_rng(0)
        for _ in range(_DIRECTIONS):
            yield self.extreme(np.asarray(random.integers(-9, 10, self.matrix.shape[1])))

    def extreme(self, weights: Ints) -> Ints:
        """Find the table in which the weighted sum of counts is largest."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        solved = milp(
            -weights.astype(float),
            constraints=LinearConstraint(self.matrix.astype(float), self.sums, self.sums),
            integrality=np.ones(len(weights)),
            bounds=Bounds(0, self.most),
        )
        assert solved.x is not None, solved.message
        return np.rint(solved.x).astype(np.int64)

    def binding(self, weights: Ints) -> list[bool]:
        """Say of each sum whether it holds a weighted sum of counts at its least or its most."""
        from scipy.optimize import linprog

        held = np.zeros(len(self.matrix), dtype=bool)
        for sign in (1, -1):
            solved = linprog(
                sign * weights, A_eq=self.matrix, b_eq=self.sums, bounds=(0, self.most)
            )
            held |= np.abs(solved.eqlin.marginals) > 1e-9
        return held.tolist()


def _rows(shape: tuple[int, ...], facts: Facts) -> Iterator[Ints]:
    """Mark the cells of each sum that a level shows, bases among them."""
    everything = tuple(range(shape[0]))
    for place in product(*(range(shape[axis + 1]) for axis in facts.axes)):
        for block in (*facts.blocks, everything):
            row = np.zeros(shape, dtype=np.int64)
            where: list[Any] = [list(block)] + [slice(None)] * (len(shape) - 1)
            for axis, at in zip(facts.axes, place, strict=True):
                where[axis + 1] = at
            row[tuple(where)] = 1
            yield row


def targets(n: Ints, judged: Sequence[int]) -> Iterator[ProtectedCount]:
    """Yield every count that must not be inferred: of sets of options, in unions of groups."""
    for union in unions(n.shape[1:]):
        counts = (n * union).reshape(n.shape[0], -1).sum(axis=1)
        base = int(counts.sum())
        for options in _small_sets(counts):
            yield ProtectedCount(_indicator(n, union, options), 1, FEW)
        for option in judged:
            if base - FEW <= counts[option] < base:
                yield ProtectedCount(_indicator(n, union, (option,)), base - FEW, base)


def _indicator(n: Ints, union: Ints, options: Sequence[int]) -> Ints:
    inside = np.zeros(n.shape, dtype=np.int64)
    inside[list(options)] = union
    return inside


def _small_sets(counts: Ints) -> Iterator[tuple[int, ...]]:
    """List sets of options that one or two respondents chose together."""
    few = [int(o) for o in np.flatnonzero(counts <= FEW)]
    sets = chain.from_iterable(combinations(few, size) for size in range(1, len(few) + 1))
    for tried, options in enumerate(sets):
        if tried == _MOST_SETS:
            return
        if 1 <= counts[list(options)].sum() <= FEW and len(options) < len(counts):
            yield options


def unions(groups: Sequence[int]) -> Iterator[Ints]:
    """Every union of groups that can be selected, as 0/1 over the groups of all dimensions."""
    chosen = [
        [c for size in range(1, count + 1) for c in combinations(range(count), size)]
        for count in groups
    ]
    for tried, picked in enumerate(product(*chosen)):
        if tried == _MOST_UNIONS:
            return
        union = np.zeros(tuple(groups), dtype=np.int64)
        union[np.ix_(*picked) if picked else ()] = 1
        yield union
