"""Dominance: weighted shares from which the answer of one heavy respondent would follow.

Weighted shares are shown as estimated. Who knows the weights then knows that a share below the
largest weight in a group is not the answer of the one who holds it. Such shares are hidden, with
others from which they would follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

import numpy as np
import numpy.typing as npt

from helpers.release.protect.atoms import AtomCounts, Floats, Ints
from helpers.release.protect.profiles import DOMINATED, Level, Plan, left_out
from helpers.release.protect.small_counts import Flags
from helpers.release.protect.units import Units

FEW_PEOPLE = 20  # up to so many every subset is tried
HALF = 0.005  # of a share, that printing in whole per cents hides
SLACK = 1e-9
LARGE = 20_000  # unknowns of a linear program, up to which it is solved with all options
STEPS = 8  # groups that are tried beside a hidden share before a breakdown is left out
ITERATIONS = 100_000  # of the simplex method: a share on which more would be needed counts as told
_NEAR = 1e-6


@dataclass(frozen=True)
class _Target:
    """A share that is hidden: its level, group and block, and the weight that must fit in."""

    level: int
    group: int
    block: int
    heaviest: float


def hide_dominated(counts: AtomCounts, plan: Plan, units: Units, most: int, wave: str = "") -> Plan:
    """Hide what reveals the answer of the `most` heaviest units of a group, or follows from them.

    Parameters
    ----------
    wave
        Dimension of waves, which is crossed with others even where that takes hiding.

    Notes
    -----
    A share is hidden if it, or its complement, is below the part of the group's weight that the
    heaviest units hold; an answer that nobody gave, or everybody, is not. In groups of up to 20 a
    share is hidden, too, if who knows all weights finds somebody whom it excludes: every subset is
    tried. Beside a hidden share another is hidden so that the two together pass the same rule.
    Across groups and levels a linear program of all weighted sums shown, as if these were known
    exactly, says whether a hidden share may still hold the heaviest; else the same answer is hidden
    in further groups, the smallest first. A response column is crossed by dimensions only where
    nothing of the crossing need be hidden: holes in it would make others in the dimensions alone.
    """
    columns = sorted({c for level in plan.levels for c in level.shown})
    torn = {
        (k, column)
        for column in columns
        for k in _GuardedColumn(counts, plan, units.of(column), most, column).told_in()
        if len([d for d in plan.levels[k].dimensions if d != wave]) > 1
    }
    plan = left_out(plan, torn, DOMINATED)
    for column in columns:
        plan = _GuardedColumn(counts, plan, units.of(column), most, column).guarded()
    levels = [_without_empty(level) for level in plan.levels]
    return replace(plan, levels=tuple(level for level in levels if level.shown))


def _without_empty(level: Level) -> Level:
    """Leave out columns of which nothing is shown."""
    shown = tuple(c for c in level.shown if c not in level.gone or not level.gone[c].all())
    gone = {c: flags for c, flags in level.gone.items() if c in shown and flags.any()}
    return replace(level, shown=shown, gone=gone)


class _GuardedColumn:
    """One response column: the weighted sums of every level, and which of them are hidden."""

    def __init__(
        self, counts: AtomCounts, plan: Plan, units: Units, most: int, column: int
    ) -> None:
        self.counts, self.plan, self.units, self.column = counts, plan, units, column
        self.most = most
        self.at = [n for n, level in enumerate(plan.levels) if column in level.shown]
        self.n, self.w, self.gone, self.top = {}, {}, {}, {}
        for k in self.at:
            level = plan.levels[k]
            self.n[k], self.w[k] = (self._sums(level, name) for name in ("n", "sum_w"))
            flags = level.gone.get(column)
            shape = self.n[k].shape
            self.gone[k] = np.zeros(shape, bool) if flags is None else flags.reshape(shape).copy()
            groups = units.groups(counts, plan.partition, level.dimensions)
            self.top[k] = units.heaviest(groups, shape[1], most)
        self.before: dict[int, Flags] = {}  # what was hidden of levels that are left out
        self.targets: dict[_Target, None] = {}
        self.open: dict[int, dict[_Target, None]] = {1: {}, -1: {}}  # of them, not yet possible
        self.steps = 0

    def _sums(self, level: Level, name: str) -> Floats:
        found = self.counts.merged(self.plan.partition, level.dimensions, name)[self.column]
        blocks = [found[list(block)].sum(axis=0).reshape(-1) for block in level.blocks]
        return np.stack(blocks)

    def guarded(self) -> Plan:
        for k in self.at:
            for group in range(self.n[k].shape[1]):
                self._hide(k, group)
        for target in list(self.targets):
            self._elsewhere(target)
        # The truth itself shows one of the two to be possible.
        for t in self.targets:
            w = self.w[t.level][:, t.group]
            if w[t.block] < t.heaviest:
                self.open[1][t] = None
            if w.sum() - w[t.block] < t.heaviest:
                self.open[-1][t] = None
        while self._revealed():
            pass
        levels = list(self.plan.levels)
        for k in self.at:
            old = levels[k]
            sizes = [len(self.plan.partition[d]) for d in old.dimensions]
            flags: Flags = self.gone[k].reshape(len(old.blocks), *sizes)
            levels[k] = replace(old, gone={**old.gone, self.column: flags})
        return replace(self.plan, levels=tuple(levels))

    def told_in(self) -> list[int]:
        """List levels that show something which reveals the heaviest, or a few people."""
        return [
            k
            for k in self.at
            for group in range(self.n[k].shape[1])
            if self.n[k][:, group].sum()
            and (
                any(self._told(k, group, [b]) for b in range(len(self.n[k])))
                or (
                    self.n[k][:, group].sum() <= FEW_PEOPLE and self._excludes(k, group) is not None
                )
            )
        ]

    # Within a group

    def _told(self, k: int, group: int, blocks: Sequence[int]) -> bool:
        """Whether blocks together are below the heaviest, or all but less than it."""
        n, w, top = self.n[k][:, group], self.w[k][:, group], self.top[k][group]
        some = w[list(blocks)].sum()
        if n[list(blocks)].sum() in (0, n.sum()):
            return False
        return bool(min(some, w.sum() - some) < top * (1 - SLACK))

    def _hide(self, k: int, group: int) -> None:
        """Hide blocks of a group until no one shown, nor all hidden together, reveal an answer."""
        gone, n = self.gone[k][:, group], self.n[k][:, group]
        if not n.sum():
            return
        for block in range(len(n)):
            if self._told(k, group, [block]):
                gone[block] = True
                self.targets[_Target(k, group, block, float(self.top[k][group]))] = None
        self._second(k, group)
        if n.sum() <= FEW_PEOPLE:
            while (told := self._excludes(k, group)) is not None:
                gone[told] = True
                self._second(k, group)

    def _second(self, k: int, group: int) -> None:
        """Hide further blocks of a group while what is hidden follows from 100%."""
        gone, n = self.gone[k][:, group], self.n[k][:, group]
        while gone.any() and not gone.all():
            hidden = np.flatnonzero(gone)
            if np.count_nonzero(n[hidden]) > 1 and not self._told(k, group, hidden.tolist()):
                return
            if not (n[hidden].any() and n[~gone].any()):
                return  # nobody, or everybody: that is no secret
            left = np.flatnonzero(~gone & (n > 0))
            gone[min(left, key=lambda block: (n[block], block))] = True

    def _excludes(self, k: int, group: int) -> int | None:
        """Find a shown block that, by the weights, somebody of a small group cannot have given."""
        level, gone = self.plan.levels[k], self.gone[k][:, group]
        groups = self.units.groups(self.counts, self.plan.partition, level.dimensions)
        here = (groups == group) & (self.units.block >= 0)
        weight, option = self.units.weight[here], self.units.block[here]
        block_of = {o: b for b, block in enumerate(level.blocks) for o in block}
        hidden = len(level.blocks)
        said = np.array([block_of[o] for o in option])
        said = np.where(gone[said], hidden, said) if len(said) else said
        total = weight.sum()
        if not total:
            return None
        windows = {
            b: _printed(float(weight[said == b].sum() / total)) for b in set(said) if b != hidden
        }
        order = sorted(windows, key=lambda b: (np.count_nonzero(said == b), b))
        for block in order:
            for other in sorted(set(said) - {block}):
                there = (said == block) | (said == other)
                ends = windows[block], windows.get(other, (0.0, 1.0))
                held = weight[there] / total
                if not _all_may(held, *ends) or (
                    other == hidden and not _all_may(held, *ends[::-1])
                ):
                    return int(block)
        return None

    # Across groups

    def _elsewhere(self, target: _Target) -> None:
        """Hide an answer in a second group of a dimension, or it follows from everybody's."""
        k, block = target.level, target.block
        n, w, gone = self.n[k][block], self.w[k][block], self.gone[k]
        others = [g for g in np.flatnonzero(gone[block]) if g != target.group and n[g]]
        if n.size < 2 or w[others].sum() + w[target.group] >= target.heaviest and others:
            return
        base = self.n[k].sum(axis=0)
        for group in sorted(np.flatnonzero(~gone[block] & (n > 0)), key=lambda g: (base[g], g)):
            if w[group] + w[target.group] >= target.heaviest:
                self._also(k, int(group), np.flatnonzero(gone[:, target.group]))
                return

    def _also(self, k: int, group: int, blocks: Ints) -> None:
        """Hide some blocks of a group, and what they take."""
        self.gone[k][blocks, group] = True
        self._second(k, group)

    def _revealed(self) -> bool:
        """Hide more where a hidden share follows from all that is shown; return whether it did."""
        told = self._first_told() if any(self.open.values()) else None
        if told is None:
            return False
        self.steps += 1
        k, n = told.level, self.n[told.level].sum(axis=0)
        gone = self.gone[k]
        left = [g for g in np.flatnonzero(~gone[told.block]) if n[g] and g != told.group]
        if left and self.steps <= STEPS:
            group = min(left, key=lambda g: (n[g], g))
            self._also(k, int(group), np.flatnonzero(gone[:, told.group]))
            return True
        whole = [level for level in self.at if not self.gone[level].all()]
        if not whole:
            return False
        crossed = [x for x in whole if len(self.plan.levels[x].dimensions) > 1]
        left_out = crossed[-1] if crossed else k if k in whole else whole[-1]
        self.before[left_out] = self.gone[left_out].copy()
        self.gone[left_out][:] = True
        return True

    def _first_told(self) -> _Target | None:
        """Find the first hidden share that follows; of those that do not, no more is asked.

        What is possible beside some sums is so beside fewer of them, and no more are shown ever.
        """
        programs = [_ShownSums(self, hidden_only=True)]  # where it does, so does the whole
        if self.size <= LARGE:
            programs.append(_ShownSums(self))
        for sign, listed in self.open.items():
            while listed:
                first = next(iter(listed))
                found = (program.short([*listed], sign, whole=first) for program in programs)
                short = next((s for s in found if first not in s), None)
                if short is None:
                    return first
                for target in set(listed).difference(short):
                    del listed[target]
        return None

    @cached_property
    def atoms(self) -> tuple[Floats, dict[int, Ints]]:
        """Weight of each option in each atom, and the group of each level that the atom is in."""
        plan = self.plan
        dimensions = tuple(d for d in plan.partition if any(d in x.dimensions for x in plan.levels))
        w = self.counts.merged(plan.partition, dimensions, "sum_w")[self.column]
        flat = w.reshape(len(w), -1)
        there = np.flatnonzero(flat.sum(axis=0) > 0)
        sizes = tuple(len(plan.partition[d]) for d in dimensions)
        places = np.unravel_index(there, sizes) if sizes else ()
        place = dict(zip(dimensions, places, strict=True))
        groups = {}
        for k in self.at:
            group = np.zeros(len(there), dtype=int)
            for d in plan.levels[k].dimensions:
                group = group * len(plan.partition[d]) + place[d]
            groups[k] = group
        return flat[:, there], groups

    @property
    def size(self) -> int:
        """Number of unknowns: options in atoms."""
        return int(self.atoms[0].size)


class _ShownSums:
    """All that the shown sums say of the weight behind options in atoms, exactly.

    With `hidden_only` options of which every sum is shown stay as they are, which leaves few
    unknowns: whatever is possible then is possible.
    """

    def __init__(self, of: _GuardedColumn, hidden_only: bool = False) -> None:
        from scipy.sparse import csr_array

        levels = of.plan.levels
        self.of, (weight, groups) = of, of.atoms
        free = np.full(len(weight), not hidden_only)
        for k in of.at:
            for block in np.flatnonzero(of.before.get(k, of.gone[k]).any(axis=1)):
                free[list(levels[k].blocks[block])] = True
        self.total = float(weight.sum()) or 1.0
        held = weight * free[:, None] / self.total
        there = np.flatnonzero(held.sum(axis=0) > 0)
        self.held = held[:, there]
        self.group = {k: group[there] for k, group in groups.items()}
        self.atoms, self.size, self.free = len(there), self.held.size, free
        rows: list[Ints] = []
        cells: list[Ints] = []
        bounds: list[float] = []

        def add(marked: Ints) -> None:
            rows.append(np.full(len(marked), len(bounds)))
            cells.append(marked)
            bounds.append(float(self.held.reshape(-1)[marked].sum()))

        options = np.flatnonzero(free)
        for atom in range(self.atoms):
            add(options * self.atoms + atom)
        for k in of.at:
            for block, g in np.argwhere(~of.gone[k]):
                marked = self.marked(k, int(g), int(block))
                if len(marked):
                    add(marked)
        at = np.concatenate(rows), np.concatenate(cells)
        shape = len(bounds), self.size
        self.rows = csr_array((np.ones(len(at[0])), at), shape=shape)
        self.bounds = np.array(bounds)

    def marked(self, k: int, group: int, block: int) -> Ints:
        """Unknowns that a block of a group adds up."""
        inside = np.flatnonzero(self.group[k] == group)
        options = [o for o in self.of.plan.levels[k].blocks[block] if self.free[o]]
        return np.concatenate([inside[:0], *(o * self.atoms + inside for o in options)])

    def short(
        self, targets: Sequence[_Target], sign: int, whole: _Target | None = None
    ) -> list[_Target]:
        """List targets that cannot all hold their heaviest, or (-1) all leave room for it.

        With `whole` that one must; where it cannot, all are listed.
        """
        from scipy.optimize import linprog
        from scipy.sparse import csr_array, hstack

        wanted = np.array([t.heaviest / self.total for t in targets])
        rows, cells, limits = [], [], []
        for n, t in enumerate(targets):
            marked = self.marked(t.level, t.group, t.block)
            rows.append(np.full(len(marked), n))
            cells.append(marked)
            everybody = float(self.of.w[t.level][:, t.group].sum()) / self.total
            limits.append(0.0 if sign > 0 else everybody)
        at = np.concatenate(rows), np.concatenate(cells)
        part = csr_array((np.full(len(at[0]), -float(sign)), at), shape=(len(targets), self.size))
        count = len(targets)
        gain = csr_array(np.eye(count))
        least = np.where([t is whole for t in targets], wanted - _NEAR, 0.0)
        solved = linprog(
            np.concatenate([np.zeros(self.size), -np.ones(count)]),
            A_ub=hstack([part, gain]),
            b_ub=np.array(limits),
            A_eq=hstack([self.rows, csr_array((len(self.bounds), count))]),
            b_eq=self.bounds,
            bounds=[(0, None)] * self.size + [*zip(least.tolist(), wanted.tolist(), strict=True)],
            method="highs",
            options={"maxiter": ITERATIONS},
        )
        if solved.status != 0:
            return list(targets)
        reached = solved.x[self.size :]
        return [
            t
            for t, x, m in zip(targets, reached, wanted, strict=True)
            if x < m - _NEAR and t is not whole
        ]


def _printed(share: float) -> tuple[float, float]:
    """Between which shares one lies that is printed as this one is."""
    whole = float(Decimal(repr(share)).quantize(Decimal("0.01"), ROUND_HALF_UP))
    return whole - HALF, whole + HALF


def _all_may(weights: Floats, first: tuple[float, float], second: tuple[float, float]) -> bool:
    """Whether each of some people may be of the first block, all of them being of one or both."""
    sums: npt.NDArray[np.float64] = np.zeros(1)
    for weight in weights:
        sums = np.concatenate([sums, sums + weight])
    rest = weights.sum() - sums
    fits = (sums >= first[0] - SLACK) & (sums <= first[1] + SLACK)
    fits &= (rest >= second[0] - SLACK) & (rest <= second[1] + SLACK)
    ever = np.bitwise_or.reduce(np.flatnonzero(fits), initial=0)
    return bool(ever == 2 ** len(weights) - 1)


def reveals_nobody(counts: AtomCounts, plan: Plan, largest: float, most: int) -> bool:
    """Return whether no share can reveal anybody, even if the largest weight of all is known."""
    for level in plan.levels:
        n, w = (
            counts.merged(plan.partition, level.dimensions, name)[list(level.shown)]
            for name in ("n", "sum_w")
        )
        for some, weight in _blocks(level, n, w):
            base, whole = n.sum(axis=1), w.sum(axis=1)
            told = np.minimum(weight, whole - weight) < most * largest
            if (told & (some > 0) & (some < base)).any():
                return False
    return not has_small_group(counts, plan)


def has_small_group(counts: AtomCounts, plan: Plan) -> bool:
    """Return whether a group is shown that is small enough for every subset to be tried."""
    for level in plan.levels:
        base = counts.merged(plan.partition, level.dimensions)[list(level.shown)].sum(axis=1)
        if ((base > 0) & (base <= FEW_PEOPLE)).any():
            return True
    return False


def _blocks(level: Level, n: Floats, w: Floats) -> Iterator[tuple[Floats, Floats]]:
    for block in level.blocks:
        yield n[:, list(block)].sum(axis=1), w[:, list(block)].sum(axis=1)
