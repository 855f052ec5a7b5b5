"""What a reader could infer of a response column from everything shown, and what to hide of it.

Used while a release is made. The audit, which attacks what was made, shares nothing with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, product
from typing import Any

import numpy as np
import numpy.typing as npt

from helpers.release.protect.atoms import Dimensions, Flags

FEW = 2
_DIRECTIONS = 4
_MOST_UNIONS = 512
_MOST_SETS = 256
_TOLERANCE = 1e-8
Ints = npt.NDArray[np.int64]
Blocks = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class ProtectedCount:
    """A count that must not be inferred: 0/1 over the unknowns, and where it must reach.

    The count is safe as soon as it may also be below `low` or above `high`.
    """

    inside: Ints
    low: int
    high: int


class BreakdownCounts:
    """The counts of one response column, by options and groups, for several breakdowns.

    Unknown are the counts of the widest breakdowns; all others are sums of them.

    Parameters
    ----------
    counts
        True counts of each breakdown: options by groups of its dimensions. Every part of a
        breakdown is there as well.
    few
        Counts up to this many may not be inferred: more than `FEW` where people gave several
        answers each.

    Notes
    -----
    Breakdowns must not go round in a circle (`in_a_circle`). Then whole numbers that agree where
    two breakdowns overlap are always those of one table of all dimensions (Darroch, Lauritzen
    and Speed 1980, Annals of Statistics 8, 522-539), so that this table itself is not needed.
    """

    def __init__(self, counts: Mapping[Dimensions, Ints], few: int = FEW) -> None:
        self.counts, self.few = counts, few
        self.widest = widest(counts)
        sizes = [counts[w].size for w in self.widest]
        self._starts = np.cumsum([0, *sizes])
        self.truth = np.concatenate([counts[w].reshape(-1) for w in self.widest])

    @property
    def options(self) -> int:
        """How many options there are."""
        return len(self.counts[()])

    def row(self, breakdown: Dimensions, options: Any, place: tuple[int, ...]) -> Ints:
        """Mark what a count of a breakdown is the sum of."""
        at = next(n for n, w in enumerate(self.widest) if set(breakdown) <= set(w))
        return self._marked(at, breakdown, options, place)

    def _marked(self, at: int, breakdown: Dimensions, options: Any, place: tuple[int, ...]) -> Ints:
        within = self.widest[at]
        table = np.zeros(self.counts[within].shape, dtype=np.int64)
        where = dict(zip(breakdown, place, strict=True))
        table[(options, *(where.get(d, slice(None)) for d in within))] = 1
        return self._placed(at, table)

    def _placed(self, at: int, table: Ints) -> Ints:
        found = np.zeros(len(self.truth), dtype=np.int64)
        found[self._starts[at] : self._starts[at + 1]] = table.reshape(-1)
        return found

    def ties(self) -> Iterator[Ints]:
        """Yield differences that are nought: what two of the widest breakdowns both count."""
        for at, first in enumerate(self.widest):
            for other in range(at):
                both = tuple(d for d in first if d in self.widest[other])
                for option, *place in np.ndindex(self.counts[both].shape):
                    here = self._marked(at, both, option, tuple(place))
                    yield here - self._marked(other, both, option, tuple(place))

    def bases(self) -> list[Ints]:
        """Mark the base of every group of every breakdown."""
        return [
            self.row(breakdown, slice(None), place)
            for breakdown, n in self.counts.items()
            for place in np.ndindex(n.shape[1:])
        ]

    def targets(self, judged: Sequence[int]) -> Iterator[ProtectedCount]:
        """Yield every count that must not be inferred, of any union of groups."""
        for at, breakdown in enumerate(self.widest):
            for target in targets(self.counts[breakdown], judged, self.few):
                inside = self._placed(at, target.inside)
                yield ProtectedCount(inside, target.low, target.high)


def widest(breakdowns: Iterable[Dimensions]) -> list[Dimensions]:
    """Keep the breakdowns that are not part of another."""
    listed = list(breakdowns)
    return [b for b in listed if not any(set(b) < set(other) for other in listed)]


def in_a_circle(breakdowns: Iterable[Dimensions]) -> bool:
    """Return whether breakdowns go round in a circle, as a by b, b by c and c by a do.

    The reduction of Graham (1979) and Yu and Ozsoyoglu (1979): dimensions of one breakdown only
    go, then breakdowns that are part of another, until nothing is left or nothing changes.
    """
    left = [set(b) for b in widest(breakdowns)]
    while left:
        alone = {d for b in left for d in b if sum(d in other for other in left) == 1}
        fewer = [b - alone for b in left]
        kept = [
            b
            for n, b in enumerate(fewer)
            if b and not any(b < o or (b == o and n > m) for m, o in enumerate(fewer) if m != n)
        ]
        if kept == left:
            return True
        left = kept
    return False


def inferred(
    tables: BreakdownCounts, shown: Mapping[Dimensions, Blocks], judged: Sequence[int]
) -> bool:
    """Return whether a count of 1 or 2, or of all but 1 or 2 of one answer, can be inferred.

    Parameters
    ----------
    shown
        Options that each breakdown shows together, by their places; empty where only bases are
        known.
    judged
        Places of options that nearly everybody of a group must not be seen to have chosen.

    Notes
    -----
    A count is safe once some table of whole numbers that agrees with all that is shown gives it
    a harmless value. Such tables are collected; only counts that none of them clears, and that no
    combination of sums gives, cost an integer program (HiGHS through SciPy). Bases are taken as
    known.
    """
    sought = list(tables.targets(judged))
    if not sought:
        return False
    rows = tables.bases()
    for breakdown, blocks in shown.items():
        places = list(np.ndindex(tables.counts[breakdown].shape[1:]))
        rows += [tables.row(breakdown, list(b), place) for place in places for b in blocks]
    system = HiddenCounts(tables, rows)
    if system.determined:
        return True
    pool = [tables.truth, *system.others()]
    return any(not may_be_harmless(system, pool, target) for target in sought)


def may_be_harmless(system: HiddenCounts, pool: list[Ints], target: ProtectedCount) -> bool:
    """Return whether a table that agrees with all that is shown has a harmless count here."""
    if any(is_harmless(target, int(target.inside @ table)) for table in pool):
        return True
    if system.fixes(target.inside):
        return False
    for sign in (1, -1):
        pool.append(system.extreme(sign * target.inside))
        if is_harmless(target, int(target.inside @ pool[-1])):
            return True
    return False


def is_harmless(target: ProtectedCount, count: int) -> bool:
    """Return whether a count would be harmless."""
    return count < target.low or count > target.high


class HiddenCounts:
    """Whole numbers that agree with sums that are shown.

    Parameters
    ----------
    rows
        0/1 over the unknowns, for each sum that is known.
    """

    def __init__(self, tables: BreakdownCounts, rows: Sequence[Ints]) -> None:
        ties = list(tables.ties())
        self.ties = len(ties)
        self.matrix = np.array([*ties, *rows])
        self.sums = self.matrix @ tables.truth
        self.most = int(tables.counts[()].sum())

    @cached_property
    def _reduced(self) -> tuple[npt.NDArray[np.float64], list[int]]:
        """Reduced row echelon form of the sums, and the column of the first 1 of each row."""
        rows, first, at = self.matrix.astype(float), list[int](), 0
        for column in range(rows.shape[1]):
            if at == len(rows):
                break
            pivot = at + int(np.abs(rows[at:, column]).argmax())
            if abs(rows[pivot, column]) < _TOLERANCE:
                continue
            rows[[at, pivot]] = rows[[pivot, at]]
            rows[at] /= rows[at, column]
            others = rows[:, column].copy()
            others[at] = 0
            rows -= others[:, None] * rows[at]
            first.append(column)
            at += 1
        return rows[:at], first

    @property
    def determined(self) -> bool:
        """Whether the sums leave one table only."""
        return len(self._reduced[1]) == self.matrix.shape[1]

    def fixes(self, weights: Ints) -> bool:
        """Return whether a weighted sum of counts is a combination of the sums that are shown."""
        rows, first = self._reduced
        return bool(np.abs(weights - weights[first] @ rows).max() < _TOLERANCE)

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
        return held[self.ties :].tolist()


def targets(n: Ints, judged: Sequence[int], few: int = FEW) -> Iterator[ProtectedCount]:
    """Yield every count that must not be inferred: of sets of options, in unions of groups."""
    for union in unions(n.shape[1:]):
        counts = (n * union).reshape(n.shape[0], -1).sum(axis=1)
        base = int(counts.sum())
        for options in _small_sets(counts, few):
            yield ProtectedCount(_indicator(n, union, options), 1, few)
        for option in judged:
            if base - few <= counts[option] < base:
                yield ProtectedCount(_indicator(n, union, (option,)), base - few, base)


def _indicator(n: Ints, union: Ints, options: Sequence[int]) -> Ints:
    inside = np.zeros(n.shape, dtype=np.int64)
    inside[list(options)] = union
    return inside


def _small_sets(counts: Ints, most: int) -> Iterator[tuple[int, ...]]:
    """List sets of options that up to so many respondents chose together."""
    few = [int(o) for o in np.flatnonzero(counts <= most)]
    sets = chain.from_iterable(combinations(few, size) for size in range(1, len(few) + 1))
    for tried, options in enumerate(sets):
        if tried == _MOST_SETS:
            return
        if 1 <= counts[list(options)].sum() <= most and len(options) < len(counts):
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


@dataclass(frozen=True)
class _Cell:
    """One count of a breakdown: its option and group, its base, and what it is the sum of."""

    breakdown: Dimensions
    at: tuple[int, ...]
    n: int
    base: int
    row: Ints


def choose_shown(tables: BreakdownCounts, judged: Sequence[int]) -> dict[Dimensions, Flags]:
    """Choose the counts of one response column that are shown.

    Returns
    -------
    Per breakdown, options by its groups: whether the count is shown.

    Notes
    -----
    Primary suppression hides counts of 1 or 2 and of all but 1 or 2. While any count can be
    inferred from all that is left, the one that holds it in place and rests on the fewest
    respondents is hidden too; which hold it the duals of a linear program say (HiGHS through
    SciPy). Bases are known throughout.
    """
    every = [cell for breakdown in tables.counts for cell in _cells(tables, breakdown)]
    shown = [cell for cell in every if not _small(cell, tables.few)]
    bases = tables.bases()
    pool: list[Ints] = [tables.truth]
    system = HiddenCounts(tables, [*bases, *(c.row for c in shown)])
    for target in tables.targets(judged):
        # What is hidden later only lets more tables agree, so that the pool stays good.
        while shown and not may_be_harmless(system, pool, target):
            held = system.binding(target.inside)[len(bases) :]
            binding = [c for c, dual in zip(shown, held, strict=True) if dual] or shown
            shown.remove(min(binding, key=lambda c: (c.base, -len(c.breakdown), c.breakdown, c.at)))
            system = HiddenCounts(tables, [*bases, *(c.row for c in shown)])
    result = {b: np.zeros(n.shape, dtype=bool) for b, n in tables.counts.items()}
    for cell in shown:
        result[cell.breakdown][cell.at] = True
    return result


def after_primary_suppression(tables: BreakdownCounts) -> dict[Dimensions, Flags]:
    """Mark the counts that primary suppression leaves: no more than these can be shown."""
    rest = {d: n.sum(axis=0) - n for d, n in tables.counts.items()}
    few = {d: (n >= 1) & (n <= tables.few) for d, n in tables.counts.items()}
    return {d: ~(few[d] | (of >= 1) & (of <= tables.few)) for d, of in rest.items()}


def _cells(tables: BreakdownCounts, breakdown: Dimensions) -> list[_Cell]:
    n = tables.counts[breakdown]
    bases = n.sum(axis=0)
    return [
        _Cell(
            breakdown,
            at,
            int(n[at]),
            int(bases[at[1:]]),
            tables.row(breakdown, at[0], at[1:]),
        )
        for at in np.ndindex(n.shape)
    ]


def _small(cell: _Cell, few: int) -> bool:
    return 1 <= cell.n <= few or 1 <= cell.base - cell.n <= few
