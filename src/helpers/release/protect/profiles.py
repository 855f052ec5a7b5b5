"""Profiles: which groups a question distinguishes, which answers it combines, what it hides.

A plan has levels. Each distinguishes respondents by some of the dimensions on offer and shows sums
for every group of these; a view is made from the first level that has all its dimensions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeAlias

import numpy as np

from helpers.codebook.model import Kind
from helpers.release.protect.atoms import ASKED, EVERYBODY, AtomCounts, Floats, Partition
from helpers.release.protect.mergers import candidates, coarser, finest
from helpers.release.protect.small_counts import FEW, Blocks, Facts, inferred
from helpers.release.protect.suppression import Flags, suppressed

HALF = 0.5  # what a merged answer is worth beside one shown by itself


@dataclass(frozen=True)
class Level:
    """Sums that are shown for the groups of some dimensions.

    Attributes
    ----------
    dimensions : by which groups are distinguished
    blocks : options shown together, by their places in the base
    shown : places of the response columns that are shown
    gone : per shown column the counts hidden by themselves, as flags in the shape of its options by
        the groups of the level; columns without any are left out
    """

    dimensions: tuple[str, ...]
    blocks: Blocks
    shown: tuple[int, ...]
    gone: Mapping[int, Flags] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """How a question is released: its groups, and its levels from few dimensions to many."""

    partition: Partition
    levels: tuple[Level, ...]

    @property
    def offered(self) -> tuple[str, ...]:
        """Dimensions that some level distinguishes groups by."""
        used = {d for level in self.levels for d in level.dimensions}
        return tuple(d for d in self.partition if d in used)

    def at(self, dimensions: Iterable[str]) -> Level | None:
        """Return the first level that has all these dimensions, as views do."""
        wanted = set(dimensions)
        return next((x for x in self.levels if wanted <= set(x.dimensions)), None)


Gates: TypeAlias = Mapping[str, frozenset[str]]  # response column of a gate -> codes that lead on


@dataclass(frozen=True)
class Route:
    """A question in the release that leads to another: its plan, and the codes that lead on."""

    counts: AtomCounts
    plan: Plan
    codes: Gates

    def tells_who_was_asked(self, dimensions: tuple[str, ...]) -> bool:
        """Return whether the gate shows at this level how many were asked, and no less."""
        level = self.plan.at(d for d in dimensions if len(self.plan.partition[d]) > 1)
        if level is None:
            return False
        shown = {self.counts.columns[c] for c in level.shown}
        places = {o: n for n, o in enumerate(self.counts.options)}
        for column, codes in self.codes.items():
            wanted = {places[code] for code in codes if code in places}
            whole = all(set(b) <= wanted or not set(b) & wanted for b in level.blocks)
            if column not in shown or not whole:
                return False
            if self.counts.columns.index(column) in level.gone:
                return False
        return True

    def led(self, partition: Partition, dimensions: tuple[str, ...]) -> Floats:
        """Count who gave a leading answer that is in the gate's base, per column and group."""
        n = _summed(self.counts.merged(partition), partition, dimensions)
        places = {o: n for n, o in enumerate(self.counts.options)}
        return np.stack(
            [
                n[self.counts.columns.index(column), [places[c] for c in codes]].sum(axis=0)
                for column, codes in self.codes.items()
            ]
        )


def standard(counts: AtomCounts, keep: list[bool], partition: Partition) -> Plan:
    """Show every count of every atom: one level with all dimensions."""
    offered = tuple(d for d, groups in partition.items() if len(groups) > 1)
    shown = tuple(n for n, kept in enumerate(keep) if kept)
    level = Level(offered, finest(counts.question), shown)
    told = _boxes_tell(counts, counts.merged(partition), level)
    return Plan(partition, (level,) if shown and not told else ())


def strict(counts: AtomCounts, keep: list[bool], partition: Partition, gates: list[Route]) -> Plan:
    """Show sums from which no count of 1 or 2, or of all but 1 or 2, can be inferred.

    Notes
    -----
    The fewer dimensions a level has, the finer its answers may be. Each level takes the merger
    of answers that leaves most to be seen, none of whose sums is small, and hides columns that
    no merger cures; what several levels reveal together is found with integer programs,
    and hidden from the deepest level. Neighbouring groups merge where more can be seen then.
    Where hiding single counts leaves more of them to be seen as they are, that is done instead
    of merging answers.
    """
    merged = _by_mergers(counts, keep, partition, gates)
    single = _by_counts(counts, keep, partition, gates)
    return max(merged, single, key=lambda plan: _exact(counts, plan))


def _by_mergers(
    counts: AtomCounts, keep: list[bool], partition: Partition, gates: list[Route]
) -> Plan:
    best = _levels(counts, keep, partition, gates)
    while True:
        plans = (
            _levels(counts, keep, {**partition, d: (*g[:n], g[n] + g[n + 1], *g[n + 2 :])}, gates)
            for d, g in partition.items()
            for n in range(len(g) - 1)
            if _lacks(counts, best, keep)
        )
        better = max(plans, key=lambda plan: _worth(counts, plan), default=best)
        if _worth(counts, better) <= _worth(counts, best):
            return _verified(counts, best)
        best, partition = better, better.partition


def _by_counts(
    counts: AtomCounts, keep: list[bool], partition: Partition, gates: list[Route]
) -> Plan:
    """Hide single counts: small ones, and others that reveal them."""
    n = np.rint(counts.merged(partition)).astype(np.int64)
    offered = [d for d, groups in partition.items() if len(groups) > 1]
    allowed: list[tuple[str, ...]] = []
    for size in range(len(offered) + 1):
        for dimensions in combinations(offered, size):
            fewer = [x for x in allowed if set(x) < set(dimensions)]
            if len(fewer) == 2**size - 1 and routing_allows(counts, partition, dimensions, gates):
                allowed.append(dimensions)
    place = {d: at for at, d in enumerate(partition)}
    axes = [tuple(place[d] for d in dimensions) for dimensions in allowed]
    found = {
        c: suppressed(n[c], axes, counts.judged) for c, kept in enumerate(keep) if kept and axes
    }
    levels = []
    for dimensions, at in zip(allowed, axes, strict=True):
        shown = tuple(c for c, flags in found.items() if flags[at].any())
        gone = {c: ~found[c][at] for c in shown if not found[c][at].all()}
        level = Level(dimensions, finest(counts.question), shown, gone)
        if _boxes_tell(counts, _summed(counts.merged(partition), partition, dimensions), level):
            return Plan(partition, ())
        if shown:
            levels.append(level)
    return Plan(partition, tuple(levels))


def _boxes_tell(counts: AtomCounts, n: Floats, level: Level) -> bool:
    """Return whether the only hidden box of a group is seen to be ticked by all of it.

    So it is where nobody of the group ticked any of the boxes that are shown.
    """
    if counts.question.kind is not Kind.MULTIPLE or not level.shown:
        return False
    tick = counts.options.index(counts.question.ticked.code)
    ticks = n[:, tick].reshape(len(n), -1)
    hidden = np.ones(ticks.shape, dtype=bool)
    for column in level.shown:
        gone = level.gone.get(column)
        hidden[column] = False if gone is None else gone[tick].reshape(-1)
    answered = n.sum(axis=1).reshape(len(n), -1).max(axis=0) > 0
    told = (hidden.sum(axis=0) == 1) & (np.where(hidden, 0, ticks).sum(axis=0) == 0)
    return bool((told & answered).any())


def _exact(counts: AtomCounts, plan: Plan) -> tuple[float, float]:
    """Values that are shown as they are, then values of any kind."""
    alone = 0.0
    for level in plan.levels:
        groups = math.prod(len(plan.partition[d]) for d in level.dimensions)
        single = sum(len(block) == 1 for block in level.blocks)
        alone += single * groups * len(level.shown) - sum(f.sum() for f in level.gone.values())
    return alone, _worth(counts, plan)


def _lacks(counts: AtomCounts, plan: Plan, keep: list[bool]) -> bool:
    everything = (len(counts.options), sum(keep))
    dimensions = [d for d, groups in plan.partition.items() if len(groups) > 1]
    full = len(plan.levels) == 2 ** len(dimensions)
    return not full or any((len(x.blocks), len(x.shown)) != everything for x in plan.levels)


def _worth(counts: AtomCounts, plan: Plan) -> float:
    """Values that can be seen: those of merged answers count half."""
    total = 0.0
    for level in plan.levels:
        groups = math.prod(len(plan.partition[d]) for d in level.dimensions)
        total += groups * len(level.shown) * _seen(level.blocks)
        total -= float(sum(flags.sum() for flags in level.gone.values()))
    return total


def _seen(blocks: Blocks) -> float:
    return sum(1.0 if len(block) == 1 else HALF * len(block) for block in blocks)


def _levels(counts: AtomCounts, keep: list[bool], partition: Partition, gates: list[Route]) -> Plan:
    offered = [d for d, groups in partition.items() if len(groups) > 1]
    n = counts.merged(partition)
    ways = candidates(counts.question, n.reshape(n.shape[0], n.shape[1], -1).sum(axis=(0, 2)))
    levels: list[Level] = []
    for size in range(len(offered) + 1):
        for dimensions in combinations(offered, size):
            parents = [x for x in levels if set(x.dimensions) < set(dimensions)]
            if (
                len(parents) < 2**size - 1
            ):  # what a coarser level hides, a finer one would add up to
                continue
            if not routing_allows(counts, partition, dimensions, gates):
                continue
            columns = [c for c, kept in enumerate(keep) if kept]
            columns = [c for c in columns if all(c in x.shown for x in parents)]
            level = _best(
                _summed(n, partition, dimensions), dimensions, ways, parents, columns, counts
            )
            if level.shown:
                levels.append(level)
    return Plan(partition, tuple(levels))


def _summed(n: Floats, partition: Partition, dimensions: tuple[str, ...]) -> Floats:
    """Sum over the dimensions that a level does not distinguish; they keep a length of one."""
    axes = tuple(axis for axis, d in enumerate(partition, 2) if d not in dimensions)
    return n.sum(axis=axes, keepdims=True)


def _best(
    n: Floats,
    dimensions: tuple[str, ...],
    ways: list[Blocks],
    parents: list[Level],
    columns: list[int],
    counts: AtomCounts,
) -> Level:
    found = Level(dimensions, (), ())
    most = 0.0
    judged = set(counts.judged)
    for blocks in ways:
        if len(columns) * _seen(blocks) <= most or not coarser(blocks, [x.blocks for x in parents]):
            continue
        fit = tuple(c for c in columns if _harmless(n[c], blocks, judged))
        if len(fit) * _seen(blocks) > most:
            found, most = Level(dimensions, blocks, fit), len(fit) * _seen(blocks)
    return Level(dimensions, (), ()) if _boxes_tell(counts, n, found) else found


def _harmless(n: Floats, blocks: Blocks, judged: set[int]) -> bool:
    """Say of a column whether no sum is 1 or 2, all but 1 or 2, or all of an answer's."""
    base = n.sum(axis=0)
    for block in blocks:
        some = n[list(block)].sum(axis=0)
        rest = base - some
        if ((some > 0) & (some <= FEW)).any() or ((rest > 0) & (rest <= FEW)).any():
            return False
        if judged & set(block) and ((rest == 0) & (base > 0)).any():
            return False
    return True


def routing_allows(
    counts: AtomCounts, partition: Partition, dimensions: tuple[str, ...], gates: list[Route]
) -> bool:
    """Whether a level of a routed question keeps its gates, and who skipped it, protected."""
    if counts.question.asked_if is None:
        return True
    asked = _summed(counts.merged(partition, ASKED), partition, dimensions)[:, 0]
    answered = _summed(counts.merged(partition), partition, dimensions).sum(axis=1)
    everybody = counts.merged(partition, EVERYBODY).reshape(len(asked), -1).sum(axis=1)
    unasked = everybody - asked.reshape(len(asked), -1).sum(axis=1)
    # Who gave the answer that leads here and was not asked, or was asked for another one.
    beside = [abs(asked - led) for gate in gates for led in gate.led(partition, dimensions)]
    for left in (asked - answered, unasked, *beside):
        if ((left > 0) & (left <= FEW)).any():
            return False
    return all(gate.tells_who_was_asked(dimensions) for gate in gates)


def _verified(counts: AtomCounts, plan: Plan) -> Plan:
    """Hide from the deepest level what all levels of a column together reveal."""
    n = np.rint(counts.merged(plan.partition)).astype(np.int64)
    levels = list(plan.levels)
    for column in range(n.shape[0]):
        while inferred(n[column], _facts(plan.partition, levels, column), counts.judged):
            deepest = max(k for k, level in enumerate(levels) if column in level.shown)
            old = levels[deepest]
            kept = tuple(c for c in old.shown if c != column)
            levels[deepest] = Level(old.dimensions, old.blocks, kept)
    return Plan(plan.partition, tuple(level for level in levels if level.shown))


def _facts(partition: Partition, levels: list[Level], column: int) -> list[Facts]:
    axis = {d: n for n, d in enumerate(partition)}
    return [
        Facts(
            tuple(axis[d] for d in level.dimensions), level.blocks if column in level.shown else ()
        )
        for level in levels
    ]
