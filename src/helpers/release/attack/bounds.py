"""Counts that follow from everything public: bounds by integer programs.

`standard` shows exact counts and promises that no group is shown to be unanimous; `strict` lets no
count of 1 or 2, or of all but 0 to 2, be inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

import numpy as np
from scipy.sparse import csr_array, eye_array, kron

from helpers.release.attack.facts import Asked, Fact
from helpers.release.attack.linear import LinearSystem, Solution
from helpers.release.attack.marginal_tables import MarginalTables, axes_of
from helpers.release.attack.partition import Floats, Ints, Mask, distinct, packed
from helpers.release.attack.subtraction import revealing_answers

FEW = 2  # strict: counts up to this many must not be inferred
MOST_SELECTIONS = 4096
MOST_OPTIONS = 10  # up to so many every set of answers is tried
MOST_LEAKS = 200  # of one column; more only repeat that it is not protected
UNDECIDED = "whether it follows could not be decided with the work that the audit does."


@dataclass(frozen=True)
class Promise:
    """Which counts a profile protects.

    Attributes
    ----------
    few : largest count of an answer that must not be inferred, 0 for none
    others : of a group that may not be known to agree, how many of another mind hide nothing
    unanimous : whether a group may be known to agree entirely
    """

    few: int
    others: int | None
    unanimous: bool

    @classmethod
    def of(cls, strict: bool, allow_unanimous: bool) -> Promise:
        """Return the promise of a profile."""
        if strict:
            return cls(FEW, FEW, allow_unanimous)
        return cls(0, None if allow_unanimous else 0, allow_unanimous)


@dataclass(frozen=True)
class CountBounds:
    """Least and largest count over all answers that fit.

    If they were not `proved` with the work that the audit does, they lie further apart.
    """

    low: int
    high: int
    proved: bool = True

    @property
    def width(self) -> int:
        """By how much they differ."""
        return self.high - self.low


@dataclass(frozen=True)
class Inferred:
    """A count that can be worked out though it should not."""

    column: int
    cells: Mask
    options: Mask
    method: str
    words: str


class Inference:
    """Bounds of counts of some columns of a question, given all that is public.

    Parameters
    ----------
    columns
        Columns solved together; facts on others are ignored.
    facts
        Bounds of sums of one column.
    joint
        Bounds of sums over all `columns`: cells, options, least and largest value.
    truth
        The answers [column, cell, option] where they are known to the auditor: where they fit,
        no target that is not sensitive costs a solve.
    tables
        Counts that are unknown, in place of those of cells; by default made for the sums given.

    Attributes
    ----------
    narrowest : closest bounds of any count that had to be solved for

    Notes
    -----
    Solutions found on the way are kept. A target is safe as soon as one of them gives it a value
    that is not sensitive, so that only targets that all of them leave in doubt cost a solve.
    """

    def __init__(
        self,
        asked: Asked,
        columns: Sequence[int],
        facts: Iterable[Fact],
        joint: Iterable[tuple[Mask, Mask, int, int]] = (),
        truth: Ints | None = None,
        tables: MarginalTables | None = None,
    ) -> None:
        self.asked, self.columns = asked, tuple(columns)
        place = {column: n for n, column in enumerate(columns)}
        self._sums: list[tuple[Mask, Mask, int | None, int, int]] = [
            (fact.cells, fact.options, place[fact.column], fact.low, fact.high)
            for fact in facts
            if fact.column in place
        ]
        self._sums += [(cells, options, None, least, most) for cells, options, least, most in joint]
        self.narrowest: tuple[int, Mask, Mask, CountBounds] | None = None
        self._known = truth
        self._set_up(tables or lay_out(asked, [cells for cells, *_ in self._sums]))

    def _set_up(self, tables: MarginalTables) -> None:
        """Find a first solution."""
        self.tables = tables
        self.shape = (len(self.columns), tables.size, len(self.asked.options))
        self.pool: list[Ints] = []
        self.truth: Ints | None = None
        self.__dict__.pop("system", None)
        truth = None if self._known is None else tables.add_up(self._known)
        if truth is not None and self._fits(truth):
            self.truth = truth
            self.pool.append(truth)
        elif self.system.consistent:
            self._add(np.zeros(int(np.prod(self.shape))))

    def _fits(self, point: Ints) -> bool:
        """Whether answers agree with every sum."""
        together = point.sum(axis=0)
        for cells, options, column, low, high in self._sums:
            of = together if column is None else point[column]
            if not low <= int(of[self.tables.counts(cells)][:, options].sum()) <= high:
                return False
        return True

    @cached_property
    def system(self) -> LinearSystem:
        """The sums as a system to solve, which many questions do not need."""
        rows = [self._row(cells, options, column) for cells, options, column, _, _ in self._sums]
        at = np.concatenate([*rows, np.zeros(0, dtype=np.int64)])
        ends = np.cumsum([0, *map(len, rows)])
        size = int(np.prod(self.shape))
        table = csr_array((np.ones(len(at), dtype=np.int64), at, ends), shape=(len(rows), size))
        columns, _, options = self.shape
        alike = csr_array(
            kron(kron(eye_array(columns), self.tables.differences()), eye_array(options))
        )
        alike.eliminate_zeros()
        low, high = (np.array([sums[n] for sums in self._sums], dtype=np.int64) for n in (3, 4))
        return LinearSystem(table, low, high, alike.astype(np.int64))

    def _row(self, cells: Mask, options: Mask, column: int | None) -> Ints:
        """List the unknowns that a sum adds up."""
        number, size, width = self.shape
        one = self.tables.counts(cells)[:, None] * width + np.flatnonzero(options)
        columns = np.arange(number) if column is None else np.array([column])
        return (columns[:, None] * size * width + one.reshape(-1)).reshape(-1)

    @property
    def consistent(self) -> bool:
        """Whether any answers at all fit what is public."""
        return bool(self.pool) and (self.truth is not None or self.system.consistent)

    @property
    def undecided(self) -> bool:
        """Whether it takes more work than `linear.WORK` to find answers that fit."""
        return not self.pool and self.system.consistent

    def _add(self, target: Floats) -> Solution | None:
        found = self.system.least(target)
        if found is not None and found.point is not None:
            self.pool.append(found.point.reshape(self.shape))
        return found

    def _hold(self, groups: Mask) -> None:
        """Make tables of more dimensions if groups need them."""
        if not self.tables.hold(groups):
            self._set_up(lay_out(self.asked, [*(cells for cells, *_ in self._sums), *groups]))

    def values(self, column: int, cells: Mask, options: Mask) -> list[int]:
        """Count a target in each solution found."""
        self._hold(cells[None])
        counts, at = self.tables.counts(cells), self.columns.index(column)
        return [int(point[at][counts][:, options].sum()) for point in self.pool]

    def bounds(self, column: int, cells: Mask, options: Mask) -> CountBounds | None:
        """Least and largest count over all answers that fit; None if none do."""
        self._hold(cells[None])
        target = np.zeros(int(np.prod(self.shape)))
        target[self._row(cells, options, self.columns.index(column))] = 1
        high, low = self._add(-target), self._add(target)
        if low is None or high is None:
            return None
        return CountBounds(low.value, -high.value, low.proved and high.proved)

    def _clear(self, at: int, open_: _Open) -> None:
        """Clear many targets at once: push all that are left up together, then down.

        All columns are pushed alike, so that what is found for one clears targets of the others.
        """
        known = 0
        for sign in (0, -1, 1, -1, 1, -1):
            if sign:
                weights = np.broadcast_to(open_.weights(), self.shape)
                self._add(sign * weights.reshape(-1))
            left = open_.left()
            open_.clear(point[at] for point in self.pool[known:])
            known = len(self.pool)
            if not open_.left() or (sign > 0 and open_.left() > 0.9 * left):
                return

    def _note(self, column: int, cells: Mask, options: Mask, bounds: CountBounds) -> None:
        if self.narrowest is None or bounds.width < self.narrowest[3].width:
            self.narrowest = (column, cells, options, bounds)

    def leaks(self, column: int, groups: Mask, promise: Promise) -> Iterator[Inferred]:
        """Find targets whose every possible value is sensitive."""
        sets = option_sets(len(self.asked.options))
        alone = {self.asked.codes([code]).tobytes() for code in revealing_answers(self.asked)}
        rest_of_one = np.array([(~s).tobytes() in alone for s in sets], dtype=bool)
        self._hold(groups)
        open_ = _Open(self.tables.find(groups), sets, rest_of_one, promise)
        at = self.columns.index(column)
        if self.truth is not None and promise.unanimous:
            open_.spare_unanimous(self.truth[at])
        self._clear(at, open_)
        leaks = 0
        while leaks < MOST_LEAKS:
            target = open_.next()
            if target is None:
                return
            before = len(self.pool)
            cells, options = groups[target[0]], sets[target[1]]
            bounds = self.bounds(column, cells, options)
            if bounds is None:
                return
            self._note(column, cells, options, bounds)
            open_.clear(point[at] for point in self.pool[before:])
            nobody = self.truth is None and promise.unanimous and not bounds.low
            found = open_.judge(target, bounds, not nobody)
            if found:
                meant = options if found == "inference" else ~options
                words = _few(bounds) if found == "inference" else _nearly(bounds)
                words = words if bounds.proved else UNDECIDED
                leaks += 1
                yield Inferred(column, cells, meant, found, words)


class _Open:
    """Targets (group and set of answers) that no solution has cleared yet.

    A set of answers is in doubt as `few` if it may have been given by few, and as `nearly` if it
    is all but one answer and hardly anybody gave any of it. Of a group that may be next to nobody
    it says nothing that hardly anybody else is in it.
    """

    def __init__(self, groups: Mask, sets: Mask, rest_of_one: Mask, promise: Promise) -> None:
        self.groups, self.sets = groups.astype(np.int64), sets.T.astype(np.int64)
        self.promise = promise
        self.few = np.full((len(groups), len(sets)), promise.few > 0)
        self.nearly = np.repeat(rest_of_one[None], len(groups), axis=0)
        if promise.others is None:
            self.nearly[:] = False

    def clear(self, points: Iterable[Ints]) -> None:
        for point in points:
            people = self.groups @ point
            self.nearly[people.sum(axis=1) <= self.promise.few] = False
            values = people @ self.sets
            self.few &= (values >= 1) & (values <= self.promise.few)
            self.nearly &= values <= (self.promise.others or 0)

    def spare_unanimous(self, truth: Ints) -> None:
        """Leave out what all of a group answered, where that may be shown."""
        self.nearly &= self.groups @ truth @ self.sets > 0

    def left(self) -> int:
        """Count targets that are open."""
        return int((self.few | self.nearly).sum())

    def weights(self) -> Floats:
        """Weigh each unknown by the open targets that it is part of."""
        return (self.groups.T @ (self.few | self.nearly) @ self.sets.T).astype(float)

    def next(self) -> tuple[int, int] | None:
        flat = int(np.argmax(self.few | self.nearly)) if self.few.size else 0
        at = divmod(flat, max(self.few.shape[1], 1))
        return at if self.few.size and (self.few[at] or self.nearly[at]) else None

    def judge(self, target: tuple[int, int], bounds: CountBounds, matters: bool) -> str:
        """Name the method by which a target leaks, or may; it is settled either way."""
        few, nearly = bool(self.few[target]), bool(self.nearly[target])
        self.few[target] = self.nearly[target] = False
        if few and (not bounds.proved or (bounds.low >= 1 and bounds.high <= self.promise.few)):
            return "inference"
        if nearly and matters and (not bounds.proved or bounds.high <= (self.promise.others or 0)):
            return "certain claims"
        return ""


def option_sets(options: int) -> Mask:
    """List sets of answers to try: all proper ones, of many answers one, two, or all but one."""
    if options <= MOST_OPTIONS:
        numbers = np.arange(1, max(2**options - 1, 1))
        return ((numbers[:, None] >> np.arange(options)) & 1).astype(bool)
    one = np.eye(options, dtype=bool)
    pairs = [one[a] | one[b] for a in range(options) for b in range(a)]
    return np.array([*one, *pairs, *~one])


def selections(asked: Asked, facts: Iterable[Fact]) -> Mask:
    """List groups a reader can select: unions of offered groups, dimension by dimension."""
    frame = asked.frame
    found = distinct(f.cells for f in facts)
    tables = [set(level.dimensions) for level in asked.levels]
    for dimensions in (t for t in tables if not any(t < other for other in tables)):
        names = [d for d in asked.dimensions if d in dimensions]
        listed = [_unions(asked, d) for d in names]
        for fewer in (_pairs, _singles):
            if np.prod([len(u) for u in listed], dtype=float) > MOST_SELECTIONS:
                listed = [fewer(asked, d) for d in names]
        for chosen in product(*listed):
            mask = frame.mask(dict(zip(names, chosen, strict=True)))
            found.setdefault(packed(mask), mask)
    return _rows(tuple(found), frame.cells)


@lru_cache(maxsize=1)  # most questions offer the same groups
def _rows(masks: tuple[bytes, ...], cells: int) -> Mask:
    """Put sets of cells, as `packed`, into an array, a row each, that is not to be changed."""
    bits = np.frombuffer(b"".join(masks), dtype=np.uint8).reshape(len(masks), -(-cells // 8))
    found = np.unpackbits(bits, axis=1, count=cells).view(bool)
    found.flags.writeable = False
    return found


def _unions(asked: Asked, dimension: str) -> list[frozenset[str]]:
    groups = asked.dimensions[dimension]
    if len(groups) > MOST_OPTIONS:
        return _singles(asked, dimension)
    subsets = product((False, True), repeat=len(groups))
    return [
        frozenset().union(*(g.bands for g, kept in zip(groups, one, strict=True) if kept))
        for one in subsets
        if any(one)
    ]


def _pairs(asked: Asked, dimension: str) -> list[frozenset[str]]:
    """List single groups, pairs of groups, and all together."""
    groups = [g.bands for g in asked.dimensions[dimension]]
    pairs = [a | b for n, a in enumerate(groups) for b in groups[:n]]
    return list(dict.fromkeys([*_singles(asked, dimension), *pairs]))


def _singles(asked: Asked, dimension: str) -> list[frozenset[str]]:
    groups = [g.bands for g in asked.dimensions[dimension]]
    return [frozenset().union(*groups), *groups]


def lay_out(asked: Asked, masks: Iterable[Mask]) -> MarginalTables:
    """Make tables for sums over some cells each; all at once, as masks of one or more."""
    return _laid_out(tuple(distinct(masks)), asked.frame.shape)


@lru_cache(maxsize=1)
def _laid_out(masks: tuple[bytes, ...], shape: tuple[int, ...]) -> MarginalTables:
    cells = int(np.prod(shape, dtype=np.int64))
    return MarginalTables.of(shape, axes_of(shape, _rows(masks, cells)))


def _few(bounds: CountBounds) -> str:
    n = str(bounds.low) if bounds.low == bounds.high else f"{bounds.low} or {bounds.high}"
    return f"it follows that exactly {n} gave this answer."


def _nearly(bounds: CountBounds) -> str:
    low, high = bounds.low, bounds.high
    if high == 0:
        return "it follows that all of them gave this answer."
    return f"it follows that all but {low if low == high else f'{low} to {high}'} gave this answer."
