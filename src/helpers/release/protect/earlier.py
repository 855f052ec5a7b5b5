"""What is left out so that a release reveals nothing about the few who changed since another.

A plan loses whatever, compared with an earlier release, would reveal something about 1 to `minimum`
- 1 people: who joined, who left, who changed an answer. Columns go level by level, and the coarsest
stay. Where people answered several times, several new answers may be of one person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from typing import Any, TypeAlias

import numpy as np

from helpers.codebook.model import Kind, Question
from helpers.release.protect.atoms import AtomCounts, Bands, Dimensions, Floats, Minimum
from helpers.release.protect.earlier_groups import Answers, CountedBy, EarlierGroups
from helpers.release.protect.hiding import ShownColumn, Together
from helpers.release.protect.near_duplicates import alike, columns_shown
from helpers.release.protect.profiles import Level, Plan
from helpers.release.protect.respondents import Column, Respondents

Shown: TypeAlias = Mapping[str, Any]  # a question of the cube of an earlier release
Counted: TypeAlias = Callable[[Dimensions], Floats]
# Question -> column, as readers call it -> whether it may be shown for everybody
Hidden: TypeAlias = Mapping[str, Mapping[str, bool]]
FEW = 2  # strict: a step of so many tells an answer


@dataclass(frozen=True)
class Earlier:
    """What earlier releases showed, in the names of today.

    Attributes
    ----------
    questions : question -> what each earlier release showed of it
    hidden : what a reader was found to learn although nothing here says so
    each : population -> most answers to a question that one person gave then
    """

    questions: Mapping[str, Sequence[Shown]] = field(default_factory=dict)
    hidden: Hidden = field(default_factory=dict)
    each: Mapping[str, int] = field(default_factory=dict)

    def most(self, counts: AtomCounts) -> int:
        """Most answers that one person gave to a question, then or now."""
        return max(counts.each, self.each.get(counts.question.population, 1))

    def cured(
        self,
        plan: Plan,
        counts: AtomCounts,
        n: Counted,
        people: tuple[int, int],
        rule: Minimum,
        counted_by: CountedBy | None = None,
    ) -> Plan:
        """Leave out of a plan what reveals the few who joined, left or changed an answer.

        Parameters
        ----------
        n
            Counts of a level as they are released, by its dimensions: column, option, groups.
        people
            How many took part, and how many were asked.
        counted_by
            Counts the question by any dimensions; None where counts are rounded.
        """
        name = counts.question.id
        old = [o for o in self.questions.get(name, ()) if o["levels"]]
        hidden = self.hidden.get(name, {})
        if not plan.levels or not (old or hidden):
            return plan
        each = self.most(counts)
        if any(_moved(people, o, rule.minimum_base * each) for o in old):
            return replace(plan, levels=())
        compared = [_Compared(plan, counts, n, o, rule, each) for o in old]
        said = labels(counts.question)
        known: dict[tuple[int, Dimensions], bool] = {}

        def allowed(column: int, level: Level, dimensions: Dimensions) -> bool:
            if said[column] in hidden and (dimensions or not hidden[said[column]]):
                return False
            if (column, dimensions) not in known:
                known[column, dimensions] = not any(
                    one.tells(column, replace(level, dimensions=dimensions)) for one in compared
                )
            return known[column, dimensions]

        levels = [x.only(c for c in x.shown if allowed(c, x, x.dimensions)) for x in plan.levels]
        if counted_by is not None:
            levels = _without_regrouped(
                replace(plan, levels=tuple(levels)), counts, old, rule, each, counted_by
            )
        if all(len(a.shown) == len(b.shown) for a, b in zip(levels, plan.levels, strict=True)):
            return plan
        held = [x for x in levels if x.shown and not _box_tells(counts, n, x)]
        return replace(plan, levels=tuple(held))


def revealed_beside_earlier(
    people: Respondents,
    plans: Mapping[str, Plan],
    counts: Mapping[str, AtomCounts],
    earlier: Earlier,
    rule: Minimum,
    counted_by: CountedBy,
) -> Iterator[Together]:
    """Find what is a few people apart from a near-duplicate that an earlier release showed.

    Parameters
    ----------
    people
        Answers to the questions of today, and to those that only earlier releases showed.
    earlier
        What earlier releases showed, in the names of today.

    Notes
    -----
    Only how many answered is compared: near-duplicates differ by some answers anyway. Where an
    earlier release showed the same groups of the column itself, of as many people each, nothing is
    told: within a release near-duplicates may have nearly the same base though many people answered
    only one of them, which who answered what settles.
    """
    shown = columns_shown(people, plans)
    was: dict[Column, list[Shown]] = {}
    for name, releases in earlier.questions.items():
        for n, cell in enumerate(counts[name].question.cells):
            held = [_bases_of(o, (cell.item, cell.time)) for o in releases if o["levels"]]
            was[name, n] = [o for o in held if o is not None]
    columns = list(dict.fromkeys([*shown, *(c for c, held in was.items() if held)]))
    for pair in alike(people, columns, rule.minimum_base):
        for (name, n), other in (pair, pair[::-1]):
            if (name, n) not in shown:
                continue
            of, plan = counts[name], plans[name]
            cell = of.question.cells[n]
            for old in was.get(other, ()):
                named = {**old, "columns": [{"item": cell.item, "time": cell.time}]}
                now = partial(of.merged, plan.partition)
                beside = _Compared(plan, of, now, named, rule, earlier.most(of))
                telling = [x for x in plan.levels if n in x.shown and beside.tells(n, x)]
                telling += _regrouped(plan, of, n, [named], rule, earlier.most(of), counted_by)
                for level in telling:
                    if any(
                        _shows_bases(o, plan, now, n, level.dimensions)
                        for o in was.get((name, n), ())
                    ):
                        continue
                    yield frozenset((ShownColumn(name, n, level.dimensions),))


def _shows_bases(old: Shown, plan: Plan, n: Counted, column: int, dimensions: Dimensions) -> bool:
    """Whether an earlier release showed the groups of a level, of as many people as today."""
    groups = [[frozenset(bands) for bands in plan.partition[d]] for d in dimensions]
    sizes = n(dimensions)[column].sum(axis=0)
    now = {
        group: sizes[at]
        for at, group in zip(np.ndindex(sizes.shape), product(*groups), strict=True)
    }
    bands = {d: {g["id"]: frozenset(g["bands"]) for g in of} for d, of in old["dimensions"].items()}
    return any(
        now
        == {
            tuple(bands[d][entry["groups"][d]] for d in dimensions): entry["bases"][0]
            for entry in table["groups"]
        }
        for table in old["levels"]
        if {*table["dimensions"]} == {*dimensions}
    )


def _without_regrouped(
    plan: Plan,
    counts: AtomCounts,
    old: Sequence[Shown],
    rule: Minimum,
    each: int,
    counted_by: CountedBy,
) -> list[Level]:
    """Leave out what reveals a few people beside groups that other characteristics made."""
    telling = {
        (column, level.dimensions)
        for column in range(len(counts.columns))
        for level in _regrouped(plan, counts, column, old, rule, each, counted_by)
    }
    return [x.only(c for c in x.shown if (c, x.dimensions) not in telling) for x in plan.levels]


def _regrouped(
    plan: Plan,
    counts: AtomCounts,
    column: int,
    old: Sequence[Shown],
    rule: Minimum,
    each: int,
    counted_by: CountedBy,
) -> list[Level]:
    """List the levels of a column that tell of a few people beside groups of earlier releases."""
    cell = counts.question.cells[column]
    place = {"item": cell.item, "time": cell.time}
    shown = [
        (one, one["columns"].index(place))
        for one in old
        if place in one["columns"] and not one.get("rounded")
    ]
    levels = [level for level in plan.levels if column in level.shown]
    if not shown or not levels:
        return []

    def by(dimensions: Dimensions) -> AtomCounts:
        return counted_by(counts.question.id, dimensions)

    groups = EarlierGroups(plan, column, shown, by, rule.minimum_base, each)
    return groups.telling(levels, lambda more, was, now: few(more, _steps(was, now), rule, each))


def _bases_of(old: Shown, place: tuple[str, str]) -> Shown | None:
    """Keep how many answered one column of a question; None where it is not among them."""
    places = [(c["item"], c["time"]) for c in old["columns"]]
    if place not in places:
        return None
    at = places.index(place)

    def base(entry: Shown) -> float | None:
        return entry["bases"][at] if "bases" in entry else _sum(entry["n"][at] or [None])

    levels = [
        {
            **level,
            "answers": [],
            "groups": [{**e, "bases": [base(e)], "n": [[]]} for e in level["groups"]],
        }
        for level in old["levels"]
    ]
    return {**old, "levels": levels}


def labels(question: Question) -> list[str]:
    """Name the response columns of a question as readers know them."""
    return [", ".join(filter(None, (question.item_label(c.item), c.time))) for c in question.cells]


def _moved(people: tuple[int, int], old: Shown, minimum: int) -> bool:
    """Whether fewer than `minimum` more or fewer answers were given, or asked for."""
    pairs = zip(people, (old["respondents"], old["asked"]), strict=True)
    return any(before is not None and 0 < abs(now - before) < minimum for now, before in pairs)


def _box_tells(counts: AtomCounts, n: Counted, level: Level) -> bool:
    """Whether the only hidden box is seen to be ticked: nobody of a group ticked another."""
    if counts.question.kind is not Kind.MULTIPLE or len(level.shown) != len(counts.columns) - 1:
        return False
    there = n(level.dimensions)[list(level.shown)]
    ticks = there[:, counts.options.index(counts.question.ticked.code)].sum(axis=0)
    return bool(((ticks == 0) & (there.sum(axis=1).max(axis=0) > 0)).any())


def few(more: float, steps: list[float], rule: Minimum, each: int) -> bool:
    """Whether a step between two releases is one of a few, or of many who all agree."""
    minimum = rule.minimum_base * each
    if more and abs(more) < minimum:
        return True
    if not more:
        moved = max(sum(s for s in steps if s > 0), -sum(s for s in steps if s < 0))
        return 0 < moved < minimum
    if rule.allow_unanimous or not steps or len({s > 0 for s in steps if s}) > 1:
        return False
    sizes = [abs(s) for s in steps]
    return sum(sizes) - max(sizes) <= each or any(0 < s <= FEW * each for s in sizes)


class _Compared:
    """A planned question beside what an earlier release showed of it."""

    def __init__(
        self, plan: Plan, counts: AtomCounts, n: Counted, old: Shown, rule: Minimum, each: int
    ) -> None:
        self.plan, self.counts, self.n, self.old = plan, counts, n, old
        self.rule, self.each = rule, each
        self.places = [(c["item"], c["time"]) for c in old["columns"]]
        self.cells = {c.column: (c.item, c.time) for c in counts.question.cells}
        self.groups = {
            d: [tuple(g["bands"]) for g in groups] for d, groups in old["dimensions"].items()
        }
        self.band = {d: {g["id"]: g["bands"][0] for g in of} for d, of in old["dimensions"].items()}

    def tells(self, column: int, level: Level) -> bool:
        """Whether a level of a column reveals a few people: compared by all that both show."""
        place = self.cells[self.counts.columns[column]]
        if place not in self.places:
            return False
        at = self.places.index(place)
        shared = {
            tuple(d for d in level.dimensions if d in old["dimensions"])
            for old in self.old["levels"]
        }
        finest = [s for s in shared if not any(set(s) < set(other) for other in shared)]
        return any(self._leaks(column, level, at, s) for s in finest)

    def _leaks(self, column: int, level: Level, at: int, dimensions: Dimensions) -> bool:
        joined = [joint(self.plan.partition[d], self.groups[d]) for d in dimensions]
        now = self._now(column, level, dimensions, joined)
        changed = False
        for old in (x for x in self.old["levels"] if {*dimensions} <= {*x["dimensions"]}):
            for group, (base, answers) in self._before(old, at, dimensions, joined).items():
                if group not in now or base is None:
                    continue
                n, counted = now[group]
                steps = _steps(answers, counted)
                changed |= n != base or any(steps)
                if few(n - base, steps, self.rule, self.each):
                    return True
        return not changed and any(
            _cross(self.plan.partition[d], self.groups[d]) for d in dimensions
        )

    def _now(
        self, column: int, level: Level, dimensions: Dimensions, joined: list[list[Bands]]
    ) -> dict[tuple[int, ...], tuple[float, Answers]]:
        partition = self.plan.partition
        gone = level.gone.get(column)
        result: dict[tuple[int, ...], tuple[float, Answers]] = {}
        kept = self.n(dimensions)[column]
        pairs = list(zip(dimensions, joined, strict=True))
        place = [[_at(j, group) for group in partition[d]] for d, j in pairs]
        for where in np.ndindex(kept.shape[1:]):
            group = tuple(p[w] for p, w in zip(place, where, strict=True))
            base, answers = result.get(group, (0.0, {}))
            cell = kept[(slice(None), *where)]
            for at, block in enumerate(level.blocks):
                codes = frozenset(self.counts.options[o] for o in block)
                hidden = gone is not None and (
                    gone.ndim != len(dimensions) + 1 or bool(gone[(at, *where)])
                )
                count = None if hidden else float(cell[list(block)].sum())
                answers[codes] = _sum([answers.get(codes, 0.0), count])
            result[group] = (base + float(cell.sum()), answers)
        return result

    def _before(
        self, old: Shown, at: int, dimensions: Dimensions, joined: list[list[Bands]]
    ) -> dict[tuple[int, ...], tuple[float | None, Answers]]:
        result: dict[tuple[int, ...], tuple[float | None, Answers]] = {}
        for entry in old["groups"]:
            group = tuple(
                _at(j, (self.band[d][entry["groups"][d]],))
                for d, j in zip(dimensions, joined, strict=True)
            )
            row = entry["n"][at]
            of = row if row is not None else [None] * len(old["answers"])
            base = entry["bases"][at] if "bases" in entry else _sum(of)
            total, answers = result.get(group, (0.0, {}))
            for codes, count in zip(old["answers"], of, strict=True):
                answers[frozenset(codes)] = _sum([answers.get(frozenset(codes), 0.0), count])
            result[group] = (_sum([total, base]), answers)
        return result


def _sum(values: Iterable[float | None]) -> float | None:
    held = list(values)
    return None if None in held else float(sum(v for v in held if v is not None))


def _at(joined: list[Bands], group: Bands) -> int:
    return next((n for n, bands in enumerate(joined) if group[0] in bands), -1)


def _cross(one: Iterable[Bands], other: Iterable[Bands]) -> bool:
    """Whether two ways to group bands divide each other."""
    pairs = [({*a}, {*b}) for a, b in product(one, other)]
    return any(a & b and a - b and b - a for a, b in pairs)


def joint(one: Iterable[Sequence[str]], other: Iterable[Sequence[str]]) -> list[Bands]:
    """Join sets wherever they overlap: the smallest unions that both consist of."""
    found: list[set[str]] = []
    for held in map(set, [*one, *other]):
        near = [f for f in found if f & held]
        found = [f for f in found if not f & held] + [held.union(*near)]
    return [tuple(sorted(f)) for f in found]


def _steps(old: Answers, new: Answers) -> list[float]:
    """How many more gave each set of answers that both show."""
    steps = []
    for codes in joint(map(sorted, old), map(sorted, new)):
        first = _sum(n for a, n in old.items() if a <= {*codes})
        second = _sum(n for a, n in new.items() if a <= {*codes})
        if first is not None and second is not None:
            steps.append(second - first)
    return steps
