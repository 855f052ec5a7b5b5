"""Profiles: which groups a question distinguishes, which answers it combines, what it hides.

A plan has levels. Each distinguishes respondents by some of the dimensions on offer and shows sums
for every group of these; a view is made from the first level that has all its dimensions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TypeAlias

import numpy as np

from helpers.codebook.model import Kind
from helpers.release.protect.atoms import (
    ASKED,
    EVERYBODY,
    GUARD,
    AtomCounts,
    Bands,
    Dimensions,
    Flags,
    Floats,
    Minimum,
    Partition,
)
from helpers.release.protect.mergers import candidates, coarser, finest
from helpers.release.protect.separation import indicators, separable
from helpers.release.protect.small_counts import (
    FEW,
    Blocks,
    BreakdownCounts,
    after_primary_suppression,
    choose_shown,
    in_a_circle,
    inferred,
)
from helpers.release.selections import MOST_OF_WAVES, MOST_VIEWS, number

HALF = 0.5  # what a merged answer is worth beside one shown by itself
Coarser: TypeAlias = Callable[[str, tuple[Bands, ...]], list[tuple[Bands, ...]]]


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

    def only(self, columns: Iterable[int]) -> Level:
        """Show some of the columns alone."""
        kept = tuple(columns)
        gone = {c: flags for c, flags in self.gone.items() if c in kept}
        return replace(self, shown=kept, gone=gone)


@dataclass(frozen=True)
class Plan:
    """How a question is released.

    Attributes
    ----------
    partition : the groups of each dimension
    levels : what is shown, from few dimensions to many
    refused : breakdowns that are not offered, and what hinders each
    beside : those of them that tell too much beside another question, and that question
    """

    partition: Partition
    levels: tuple[Level, ...]
    refused: Mapping[frozenset[str], str] = field(default_factory=dict)
    beside: Mapping[frozenset[str], str] = field(default_factory=dict)

    @property
    def offered(self) -> tuple[str, ...]:
        """Dimensions that some level distinguishes groups by."""
        used = {d for level in self.levels for d in level.dimensions}
        return tuple(d for d in self.partition if d in used)

    @property
    def shows(self) -> list[tuple[object, ...]]:
        """What is shown, to be compared with what another plan shows."""
        return [
            (x.dimensions, x.blocks, x.shown, {c: flags.tolist() for c, flags in x.gone.items()})
            for x in self.levels
        ]

    def showing(self, column: int) -> list[int]:
        """List the places of the levels that show a column, from few dimensions to many."""
        return [k for k, level in enumerate(self.levels) if column in level.shown]

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

    def offers(self, dimensions: Dimensions) -> bool:
        """Return whether the gate has groups of which those by some dimensions are unions.

        Where it has none but everybody, the two together separate nothing either.
        """
        wide = {d for d in dimensions if len(self.plan.partition.get(d, ())) > 1}
        alone = all(not level.dimensions for level in self.plan.levels)
        return alone or self.plan.at(wide) is not None

    def led(self, partition: Partition, dimensions: Dimensions) -> Floats:
        """Count who gave a leading answer that is in the gate's base, per column and group."""
        n = self.counts.merged(partition, dimensions)
        places = {o: n for n, o in enumerate(self.counts.options)}
        return np.stack(
            [
                n[self.counts.columns.index(column), [places[c] for c in codes]].sum(axis=0)
                for column, codes in self.codes.items()
            ]
        )


SMALL_GROUPS, SEPARATED, BOXES, ROUTED, CIRCLE, TOO_MANY, BESIDE, DOMINATED = (
    "small groups",
    "separated",
    "boxes",
    "routed",
    "circle",
    "too many",
    "beside another question",
    "dominated",
)  # what hinders a breakdown


def left_out(plan: Plan, columns: Collection[tuple[int, int]], why: str) -> Plan:
    """Leave columns out of breakdowns: pairs of the place of a level and a column."""
    levels = tuple(
        replace(level, shown=tuple(c for c in level.shown if (k, c) not in columns))
        for k, level in enumerate(plan.levels)
    )
    gone = {frozenset(level.dimensions): why for level in levels if not level.shown}
    kept = tuple(level for level in levels if level.shown)
    return replace(plan, levels=kept, refused={**plan.refused, **gone})


def without_revealing(
    plan: Plan, columns: Iterable[int], why: str, told: Callable[[Plan, int], bool]
) -> Plan:
    """Leave columns out of breakdowns, the least important first, until none is revealed.

    Where a breakdown goes, more may be chosen of the others: so all are looked at again.
    """
    columns = list(columns)
    while True:
        before = plan
        for column in columns:
            while (at := plan.showing(column)) and told(plan, column):
                plan = left_out(plan, {(at[-1], column)}, why)
        if plan is before or len(plan.levels) == len(before.levels):
            return plan


@dataclass(frozen=True)
class Wishes:
    """Which breakdowns a release should offer beside each dimension alone.

    Attributes
    ----------
    pairs : dimensions that are crossed before all others
    wave : dimension of waves, which readers choose beside anything else; empty for none
    circles : whether breakdowns may go round in a circle, as a by b, b by c and c by a do
    """

    pairs: tuple[frozenset[str], ...] = ()
    wave: str = ""
    circles: bool = True


def standard(
    counts: AtomCounts,
    keep: list[bool],
    partition: Partition,
    rule: Minimum,
    wishes: Wishes,
    gates: Sequence[Route] = (),
) -> Plan:
    """Show every count of every breakdown from which no few respondents can be separated.

    Notes
    -----
    Everybody together comes first, then each dimension alone in order of importance, then pairs
    and triples of dimensions. One is left out that would show a group that may not be shown, that
    lets fewer than the minimum be separated by all that is shown, or that takes more views than a
    page can hold.
    """
    shown = tuple(n for n, kept in enumerate(keep) if kept)
    if not shown:
        return Plan(partition, ())
    levels: list[Level] = []
    refused: dict[frozenset[str], str] = {}
    for dimensions in _breakdowns(partition, wishes):
        wanted = frozenset(dimensions)
        if any(less < wanted for less in refused):
            continue
        level = Level(dimensions, finest(counts.question), shown)
        if why := _hindered(counts, partition, rule, [*levels, level], gates, wishes):
            refused[wanted] = why
        else:
            levels.append(level)
        if not levels:
            break
    return Plan(partition, tuple(sorted(levels, key=lambda x: len(x.dimensions))), refused)


def _breakdowns(partition: Partition, wishes: Wishes) -> Iterator[Dimensions]:
    """List breakdowns to be tried: the most important first."""
    offered = [d for d, groups in partition.items() if len(groups) > 1]
    yield ()
    yield from ((d,) for d in offered)
    pairs = list(combinations(offered, 2))
    waves = [c for c in pairs if wishes.wave in c]
    named = [c for c in pairs if frozenset(c) in wishes.pairs]
    yield from dict.fromkeys([*waves, *named, *pairs, *combinations(offered, 3)])


def _hindered(
    counts: AtomCounts,
    partition: Partition,
    rule: Minimum,
    levels: Sequence[Level],
    gates: Sequence[Route],
    wishes: Wishes,
) -> str:
    """Say what hinders the last level, beside those before it; nothing if it may be shown."""
    level, breakdowns = levels[-1], [x.dimensions for x in levels]
    sizes = {d: len(groups) for d, groups in partition.items()}
    guard = GUARD if len(level.shown) == 1 else 0
    unfit = counts.unfit(partition, level.dimensions, rule, guard)[list(level.shown)]
    if level.dimensions and unfit.any():
        return SMALL_GROUPS
    if not wishes.circles and in_a_circle(breakdowns):
        return CIRCLE
    most = MOST_OF_WAVES if wishes.wave in level.dimensions else MOST_VIEWS
    if len(level.dimensions) > 1 and number(sizes, breakdowns, wishes.wave) > most:
        return TOO_MANY
    if boxes_reveal(counts, counts.merged(partition, level.dimensions), level):
        return BOXES
    if any(not gate.offers(level.dimensions) for gate in gates):
        return ROUTED
    apart = {counts.same_people(c) for c in level.shown}
    if any(separated(counts, partition, breakdowns, rule.minimum_base, c) for c in apart):
        return SEPARATED
    return ""


def separated(
    counts: AtomCounts,
    partition: Partition,
    breakdowns: Sequence[Dimensions],
    minimum: int,
    column: int,
) -> bool:
    """Return whether breakdowns together separate fewer than the minimum who answered a column."""
    used = tuple(d for d in partition if any(d in dimensions for dimensions in breakdowns))
    if len(used) < 2:
        return False  # groups of one dimension hold the minimum each
    at, people = counts.atoms(partition, used, column)
    groups = []
    for dimensions in breakdowns:
        place = np.zeros(len(at), dtype=int)
        for d in dimensions:
            place = place * len(partition[d]) + at[:, used.index(d)]
        groups.append(place)
    return separable(
        indicators(groups), people, minimum, counts.people(partition, used, column, minimum)
    )


def strict(
    counts: AtomCounts,
    keep: list[bool],
    partition: Partition,
    offered: Callable[[Partition], Sequence[Dimensions]],
    coarser_groups: Coarser,
    gates: list[Route],
) -> Plan:
    """Show sums from which no count of 1 or 2, or of all but 1 or 2, can be inferred.

    Parameters
    ----------
    offered
        Breakdowns of a partition that may be shown as far as their groups go.
    coarser_groups
        Ways of merging two groups of a dimension.

    Notes
    -----
    The fewer dimensions a level has, the finer its answers may be. Each level takes the merger
    of answers that leaves most to be seen, none of whose sums is small, and hides columns that
    no merger cures; what several levels reveal together is found with integer programs,
    and hidden from the deepest level. Groups merge where more can be seen then.
    Where hiding single counts leaves more of them to be seen as they are, that is done instead
    of merging answers.
    """
    merged = _by_mergers(counts, keep, partition, offered, coarser_groups, gates)
    allowed = _allowed(counts, partition, offered(partition), gates)
    columns = [n for n, kept in enumerate(keep) if kept and allowed]
    tables = {n: _tables(counts, partition, allowed, n) for n in columns}
    # More than these cannot be shown.
    found = {n: after_primary_suppression(of) for n, of in tables.items()}
    single = _showing(counts, partition, allowed, found)
    for column, of in tables.items():
        if _exact(single) <= _exact(merged):
            return merged
        found[column] = choose_shown(of, counts.judged)
        single = _showing(counts, partition, allowed, found)
    if any(boxes_reveal(counts, counts.merged(partition, x.dimensions), x) for x in single.levels):
        return merged
    return max(merged, single, key=_exact)


def _by_mergers(
    counts: AtomCounts,
    keep: list[bool],
    partition: Partition,
    offered: Callable[[Partition], Sequence[Dimensions]],
    coarser_groups: Coarser,
    gates: list[Route],
) -> Plan:
    best = _levels(counts, keep, partition, offered(partition), gates)
    while True:
        partitions = [
            {**partition, d: fewer}
            for d, groups in partition.items()
            for fewer in (coarser_groups(d, groups) if _lacks(counts, best, keep) else ())
        ]
        plans = [_levels(counts, keep, p, offered(p), gates) for p in partitions]
        better = max(plans, key=_worth, default=best)
        if _worth(better) <= _worth(best):
            return _verified(counts, best)
        best, partition = better, better.partition


def _showing(
    counts: AtomCounts,
    partition: Partition,
    breakdowns: Sequence[Dimensions],
    found: Mapping[int, Mapping[Dimensions, Flags]],
) -> Plan:
    """Show single counts of each column."""
    levels = []
    for dimensions in breakdowns:
        shown = tuple(c for c, flags in found.items() if flags[dimensions].any())
        gone = {c: ~found[c][dimensions] for c in shown if not found[c][dimensions].all()}
        if shown:
            levels.append(Level(dimensions, finest(counts.question), shown, gone))
    return Plan(partition, tuple(levels))


def _allowed(
    counts: AtomCounts,
    partition: Partition,
    offered: Sequence[Dimensions],
    gates: list[Route],
) -> list[Dimensions]:
    """Keep breakdowns whose routing reveals nothing, with all their parts."""
    allowed: list[Dimensions] = []
    for dimensions in offered:
        parts = [x for x in allowed if set(x) < set(dimensions)]
        whole = len(parts) == 2 ** len(dimensions) - 1
        if whole and routing_allows(counts, partition, dimensions, gates):
            allowed.append(dimensions)
    return allowed


def _tables(
    counts: AtomCounts, partition: Partition, breakdowns: Iterable[Dimensions], column: int
) -> BreakdownCounts:
    return BreakdownCounts(
        {
            d: np.rint(counts.merged(partition, d)[column]).astype(np.int64)
            for d in dict.fromkeys([(), *breakdowns])
        },
        FEW * counts.each,
    )


def boxes_reveal(counts: AtomCounts, n: Floats, level: Level) -> bool:
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


def _exact(plan: Plan) -> tuple[tuple[float, float], tuple[float, float]]:
    """Values that are shown as they are, then values of any kind."""
    found = _by_width(
        plan, lambda level: sum(len(block) == 1 for block in level.blocks) * len(level.shown)
    )
    return found, _worth(plan)


def _by_width(plan: Plan, values: Callable[[Level], float]) -> tuple[float, float]:
    """Sum values of each group over dimensions alone, which count first, and over those crossed."""
    found = [0.0, 0.0]
    for level in plan.levels:
        groups = math.prod(len(plan.partition[d]) for d in level.dimensions)
        gone = float(sum(flags.sum() for flags in level.gone.values()))
        found[len(level.dimensions) > 1] += groups * values(level) - gone
    return found[0], found[1]


def _lacks(counts: AtomCounts, plan: Plan, keep: list[bool]) -> bool:
    """Return whether anything that could be shown of the dimensions alone is not."""
    everything = (len(counts.options), sum(keep))
    wide = sum(len(groups) > 1 for groups in plan.partition.values())
    alone = [x for x in plan.levels if len(x.dimensions) < 2]
    full = len(alone) == wide + 1
    return not full or any((len(x.blocks), len(x.shown)) != everything for x in alone)


def _worth(plan: Plan) -> tuple[float, float]:
    """Values that can be seen: those of merged answers count half."""
    return _by_width(plan, lambda level: len(level.shown) * _seen(level.blocks))


def _seen(blocks: Blocks) -> float:
    return sum(1.0 if len(block) == 1 else HALF * len(block) for block in blocks)


def _levels(
    counts: AtomCounts,
    keep: list[bool],
    partition: Partition,
    offered: Sequence[Dimensions],
    gates: list[Route],
) -> Plan:
    n = counts.merged({}, ())
    ways = candidates(counts.question, n.sum(axis=0))
    levels: list[Level] = []
    for dimensions in offered:
        parents = [x for x in levels if set(x.dimensions) < set(dimensions)]
        # What a coarser level hides, a finer one would add up to.
        if len(parents) < 2 ** len(dimensions) - 1:
            continue
        if not routing_allows(counts, partition, dimensions, gates):
            continue
        columns = [c for c, kept in enumerate(keep) if kept]
        columns = [c for c in columns if all(c in x.shown for x in parents)]
        n = counts.merged(partition, dimensions)
        level = _best(n, dimensions, ways, parents, columns, counts)
        if level.shown:
            levels.append(level)
    return Plan(partition, tuple(levels))


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
        fit = tuple(c for c in columns if _harmless(n[c], blocks, judged, FEW * counts.each))
        if len(fit) * _seen(blocks) > most:
            found, most = Level(dimensions, blocks, fit), len(fit) * _seen(blocks)
    return Level(dimensions, (), ()) if boxes_reveal(counts, n, found) else found


def _harmless(n: Floats, blocks: Blocks, judged: set[int], few: int) -> bool:
    """Say of a column whether no sum is up to `few`, all but so many, or all of an answer's."""
    base = n.sum(axis=0)
    for block in blocks:
        some = n[list(block)].sum(axis=0)
        rest = base - some
        if ((some > 0) & (some <= few)).any() or ((rest > 0) & (rest <= few)).any():
            return False
        if judged & set(block) and ((rest == 0) & (base > 0)).any():
            return False
    return True


def routing_allows(
    counts: AtomCounts, partition: Partition, dimensions: Dimensions, gates: list[Route]
) -> bool:
    """Whether a level of a routed question keeps its gates, and who skipped it, protected."""
    if counts.question.asked_if is None:
        return True
    asked = counts.merged(partition, dimensions, ASKED)[:, 0]
    answered = counts.merged(partition, dimensions).sum(axis=1)
    everybody = counts.merged({}, (), EVERYBODY)[:, 0]
    unasked = everybody - counts.merged({}, (), ASKED)[:, 0]
    # Who gave the answer that leads here and was not asked, or was asked for another one.
    beside = [abs(asked - led) for gate in gates for led in gate.led(partition, dimensions)]
    for left in (asked - answered, unasked, *beside):
        if ((left > 0) & (left <= FEW * counts.each)).any():
            return False
    return all(gate.tells_who_was_asked(dimensions) for gate in gates)


def _verified(counts: AtomCounts, plan: Plan) -> Plan:
    """Hide from the deepest level what all levels of a column together reveal."""
    levels = list(plan.levels)
    for column in range(len(counts.columns)):
        while _reveals(counts, plan.partition, levels, column):
            deepest = max(k for k, level in enumerate(levels) if column in level.shown)
            old = levels[deepest]
            kept = tuple(c for c in old.shown if c != column)
            levels[deepest] = Level(old.dimensions, old.blocks, kept)
    return Plan(plan.partition, tuple(level for level in levels if level.shown))


def _reveals(counts: AtomCounts, partition: Partition, levels: list[Level], column: int) -> bool:
    shown = {x.dimensions: x.blocks if column in x.shown else () for x in levels}
    if not any(shown.values()):
        return False
    return inferred(_tables(counts, partition, shown, column), shown, counts.judged)
