"""Change questions: how the same people moved, protected together with what they answered.

The counts of one change question (up, the same, down, not both answered) are judged like any
other. Beside the counts of the two times they tell more: what those answered who answered only
once, and how many went from one answer to another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from helpers.codebook.changes import (
    DOWN,
    SAME,
    UP,
    Change,
    change_id,
    change_question,
    changes_of,
    with_changes,
)
from helpers.codebook.model import Question
from helpers.estimation.tabulate import joint, respondents, rows_each
from helpers.release.protect.atoms import GUARD, Dimensions, Flags, Floats, Ints, Minimum
from helpers.release.protect.earlier import Earlier
from helpers.release.protect.hiding import ShownColumn, Together, choose_hidden, hide_columns
from helpers.release.protect.mergers import finest
from helpers.release.protect.near_duplicates import revealed_together
from helpers.release.protect.non_response import revealed_non_response
from helpers.release.protect.profiles import (
    DOMINATED,
    SEPARATED,
    SMALL_GROUPS,
    Level,
    Plan,
    separated,
)
from helpers.release.protect.protection import (
    Counted,
    Protected,
    count_answers,
    counter,
    without_dominated,
)
from helpers.release.protect.respondents import Column, Respondents, respondents_of
from helpers.release.protect.rounding import STEP
from helpers.release.protect.separation import indicators, separable
from helpers.release.protect.small_counts import FEW
from helpers.release.protect.units import unit_of
from helpers.release.rules import ReleaseRules
from helpers.responses.pairs import ColumnPair, with_pairs
from helpers.responses.recoding import WEIGHT
from helpers.responses.survey import Survey

NOT_SHOWN, ONCE, MOVES = "not shown", "answered once", "moves"  # what hinders a breakdown
_Away = dict[tuple[int, Dimensions], str]  # columns that may not be shown by dimensions, and why


def moves(question: Question, option: str = "") -> dict[tuple[str, str], str]:
    """Say of any two answers whether who gave them, one after the other, went up or down.

    Up is a higher score; of two answers without scores the first one. Where answers have no
    order, `option` is the one that people come to (up) or leave (down).
    """
    codes = [o.code for o in question.substantive]
    scores = [o.score for o in question.substantive]
    rank = {c: -float(n) for n, c in enumerate(codes)}
    if all(score is not None for score in scores):
        rank = {c: float(s or 0) for c, s in zip(codes, scores, strict=True)}
    if option:
        rank = {c: float(c == option) for c in codes}
    return {
        (a, b): UP if rank[b] > rank[a] else DOWN if rank[b] < rank[a] else SAME
        for a, b in product(codes, repeat=2)
    }


def survey_with_changes(survey: Survey, questions: Iterable[str]) -> Survey:
    """Return the survey with the change questions of some questions, and the answers to them."""
    made: dict[str, dict[str, ColumnPair]] = {}
    listed = [q for q in questions if change_question(survey.codebook.questions[q]) is not None]
    for question in (survey.codebook.questions[q] for q in listed):
        columns = made.setdefault(question.population, {})
        for change in changes_of(question):
            codes = moves(question, change.option)
            columns[change.column] = ColumnPair(change.first, change.last, codes)
    if not made:
        return survey
    return with_pairs(survey, with_changes(survey.codebook, listed), made)


def protect_changes(
    survey: Survey,
    rules: ReleaseRules,
    protected: Mapping[str, Protected],
    earlier: Earlier | None = None,
) -> dict[str, Protected]:
    """Decide how the change questions of protected questions are released.

    Parameters
    ----------
    survey
        As `survey_with_changes` returns it.

    Returns
    -------
    By id of the change question. Its groups are those of its question, which nothing of it changes.

    Notes
    -----
    A change is shown for a breakdown, and all that add up to it, only where

    1. both its response columns are, each answer by itself;
    2. its own counts may be;
    3. sums of both times and of the change separate the answers of no few people who answered
       only one of the two, nor do all of these agree: the last time less the first is who went
       up less who went down, and what those answered who are in one of them alone;
    4. under `strict`, no count of one or two who went from one answer to another follows from all
       that is shown of both times and of the change (rounded, as far as rounding tells);
    5. with weights, no share tells of the heaviest, nor who gave two answers where there are two;
    6. it tells of no few people beside an earlier release or another question.
    """
    known, found = earlier or Earlier(), dict[str, Protected]()
    asked: dict[str, list[str]] = {}
    for name, source in protected.items():
        if source.plan.levels and change_id(name) in survey.codebook.questions:
            asked.setdefault(source.counts.question.population, []).append(name)
    for population, names in asked.items():
        changes = {
            name: count_answers(survey, survey.question(change_id(name)), rules) for name in names
        }
        own = {q: p for q, p in protected.items() if p.counts.question.population == population}
        counts = {q: p.counts for q, p in own.items() if p.plan.levels}
        counts |= {change_id(name): of.counts for name, of in changes.items()}
        people = respondents_of(survey, population, counts)
        made = {}
        for name, counted in changes.items():
            one = _Planned(survey, rules, protected[name], counted, people).protected(known)
            made[change_id(name)] = one
        if rules.cure != "rounding":
            made = _apart(survey, rules, own, made, people)
        found |= {name: one for name, one in made.items()}
    return found


@dataclass(frozen=True)
class _Pairing:
    """One column of a change question, and the two that it follows from."""

    column: int
    change: Change
    first: Column
    last: Column


class _Planned:
    """A change question beside its question as it is released."""

    def __init__(
        self,
        survey: Survey,
        rules: ReleaseRules,
        source: Protected,
        counted: Counted,
        people: Respondents,
    ) -> None:
        self.survey, self.rules, self.source, self.counted = survey, rules, source, counted
        self.counts, self.people = counted.counts, people
        self.question = survey.question(source.counts.question.id)
        self.partition = source.plan.partition
        at = {c: n for n, c in enumerate(source.counts.columns)}
        self.pairings = [
            _Pairing(
                *(n, change),
                (self.question.id, at[change.first]),
                (self.question.id, at[change.last]),
            )
            for n, change in enumerate(changes_of(self.question))
        ]
        self.rule = Minimum(rules.minimum_base, rules.allow_unanimous)
        self.strictly = rules.profile == "strict"
        self.substantive = [o.code for o in self.question.substantive]
        self.separates: dict[tuple[Column, Column, tuple[Dimensions, ...]], bool] = {}

    def protected(self, known: Earlier) -> Protected:
        """Decide what is shown, beside earlier releases too."""
        plan = self._dominated(self._told(self._plan()))
        made = self._made(plan, plan)
        people = respondents(self.survey, self.question.population), self.counted.asked
        told = self.counts, made.n, people, self.rule
        counted_by = None if self.source.rounds else counter(self.survey)
        return self._made(known.cured(plan, *told, counted_by), plan)

    def _made(self, plan: Plan, whole: Plan) -> Protected:
        return Protected(
            *(self.counts, self.counted.asked, plan, self.partition, whole),
            *(self.rule.minimum_base, self.source.rounds),
            left_out={d: n for d, n in self.source.left_out.items() if d in plan.offered},
        )

    # What is shown as far as single columns go

    def _plan(self) -> Plan:
        shown: dict[int, list[Dimensions]] = {p.column: [] for p in self.pairings}
        refused = dict.fromkeys(self.source.plan.refused, NOT_SHOWN)
        for level in self.source.plan.levels:
            parts = [
                x.dimensions
                for x in self.source.plan.levels
                if {*x.dimensions} < {*level.dimensions}
            ]
            why = ""
            for p in self.pairings:
                if not self.counted.keep[p.column]:
                    why = why or SMALL_GROUPS
                elif not all(part in shown[p.column] for part in parts):
                    less = (refused.get(frozenset(part), "") for part in parts)
                    why = why or next(filter(None, less), "")
                elif found := self._hindered(p, level, shown[p.column]):
                    why = why or found
                else:
                    shown[p.column].append(level.dimensions)
            if why and not any(level.dimensions in of for of in shown.values()):
                refused[frozenset(level.dimensions)] = why
        block = finest(self.counts.question)
        levels = [
            Level(x.dimensions, block, tuple(c for c, of in shown.items() if x.dimensions in of))
            for x in self.source.plan.levels
        ]
        return Plan(self.partition, tuple(x for x in levels if x.shown), refused)

    def _hindered(self, pairing: _Pairing, level: Level, before: list[Dimensions]) -> str:
        """Say what hinders a column at a level; nothing if it may be shown."""
        columns = {pairing.first[1], pairing.last[1]}
        whole = all(len(block) == 1 for block in level.blocks)
        if not whole or not columns <= {*level.shown} or columns & {*level.gone}:
            return NOT_SHOWN
        c, dimensions = pairing.column, level.dimensions
        guard = GUARD if len(self.pairings) == 1 else 0
        if self.counts.unfit(self.partition, dimensions, self.rule, guard)[c].any():
            return SMALL_GROUPS
        n = self.counts.merged(self.partition, dimensions)[c]
        few, judged = FEW * self.counts.each, self.counts.judged
        if self.strictly and not self.source.rounds and not _harmless(n, judged, few):
            return MOVES
        least, levels = self.rule.minimum_base, [*before, dimensions]
        if separated(self.counts, self.partition, levels, least, c):
            return SEPARATED
        return ONCE if self._once(pairing, levels) else ""

    def _answers(self, column: Column) -> Ints:
        """Place of everybody's answer of substance to a column of the question; -1 for none."""
        place = {o: n for n, o in enumerate(self.substantive)}
        options = self.source.counts.options
        table = np.array([*(place.get(o, -1) for o in options), -1], dtype=int)
        found: Ints = table[self.people.answers[column]]
        return found

    def _once(self, pairing: _Pairing, levels: Sequence[Dimensions]) -> bool:
        """Return whether the answers of a few who answered only one of the two columns follow."""
        first, last = self._answers(pairing.first), self._answers(pairing.last)
        there = np.flatnonzero((first >= 0) != (last >= 0))
        group = self.people.groups(self.partition, levels[-1], there)
        said = first[there], last[there]
        for inside in (group == g for g in np.unique(group[group >= 0])):
            minds = [len(np.unique(of[inside & (of >= 0)])) for of in said]
            if not self.rule.allow_unanimous and max(minds) < 2:
                return True
        if not len(there):
            return False
        same = pairing.first, pairing.last, tuple(levels)  # columns that follow from the same two
        if same not in self.separates:
            self.separates[same] = self._separated(pairing, first >= 0, last >= 0, levels)
        return self.separates[same]

    def _separated(
        self, pairing: _Pairing, first: Flags, last: Flags, levels: Sequence[Dimensions]
    ) -> bool:
        """Return whether sums of both times and the change separate the answers of a few.

        What is separated here are answers: of everybody who answered both times there are two,
        and a change counts both.
        """
        given = np.concatenate([np.flatnonzero(first), np.flatnonzero(last)])
        later = np.arange(len(given)) >= first.sum()
        both = (first & last)[given]
        offered = self.source.plan.offered
        kind = self.people.groups(self.partition, offered, given) * 4 + both * 2 + later
        _, one, n = np.unique(kind, return_index=True, return_counts=True)
        given, later, both = given[one], later[one], both[one]
        groups = []
        for ends, inside in (
            (self._levels_of(pairing.first), ~later),
            (self._levels_of(pairing.last), later),
            (levels, both),
        ):
            for dimensions in ends:
                of = self.people.groups(self.partition, dimensions, given)
                groups.append(np.where(inside, of, -1))
        most = (self.rule.minimum_base - 1) * self.counts.each  # answers of too few people
        return separable(indicators(groups), n.astype(float), most + 1)

    def _levels_of(self, column: Column) -> list[Dimensions]:
        return [x.dimensions for x in self.source.plan.levels if column[1] in x.shown]

    # What follows from the two times and the change together

    def _told(self, plan: Plan) -> Plan:
        """Leave out what reveals one or two who went from one answer to another (strict)."""
        while self.strictly and plan.levels:
            made = self._made(plan, plan)
            away: _Away = {}
            for level in plan.levels:
                for p in self._pairs_at(level):
                    if self._tells(made, level, p):
                        away |= {(q.column, level.dimensions): MOVES for q in self._alike(p)}
            if not away:
                return plan
            plan = _without(plan, away)
        return plan

    def _alike(self, pairing: _Pairing) -> list[_Pairing]:
        """List the columns that follow from the same two."""
        ends = pairing.first, pairing.last
        return [p for p in self.pairings if (p.first, p.last) == ends]

    def _pairs_at(self, level: Level) -> list[_Pairing]:
        """List a column of each pair that a level shows."""
        listed = [p for p in self.pairings if p.column in level.shown]
        return list({(p.first, p.last): p for p in listed}.values())

    def _crossed(self, pairing: _Pairing, dimensions: Dimensions) -> Ints:
        """Count who gave which two answers: first, last (none of substance comes last), group."""
        size = len(self.substantive) + 1
        first, last = self._answers(pairing.first), self._answers(pairing.last)
        asked = self.people.answers[self.counts.question.id, pairing.column] >= 0
        group = self.people.groups(self.partition, dimensions)
        there = np.flatnonzero(asked & (group >= 0))
        shape = (size, size, *(len(self.partition[d]) for d in dimensions))
        groups = int(np.prod(shape[2:], dtype=int))
        flat = ((first[there] % size) * size + last[there] % size) * groups + group[there]
        found: Ints = np.bincount(flat, minlength=size * size * groups)
        return found.reshape(size, size, groups)

    def _tells(self, made: Protected, level: Level, pairing: _Pairing) -> bool:
        crossed = self._crossed(pairing, level.dimensions)
        size, slack = len(crossed), STEP - 1 if made.rounds else 0
        moved = [p for p in self._alike(pairing) if p.column in level.shown]
        own = made.n(level.dimensions)
        times = self.source.n(level.dimensions)
        place = [self.source.counts.options.index(o) for o in self.substantive]
        shown: list[tuple[Flags, Floats]] = []  # cells, and their sum by group as it is shown
        for axis, (_, column) in enumerate((pairing.first, pairing.last)):
            for k, option in enumerate(place):
                line = np.zeros((size, size), dtype=bool)
                line[(k, slice(None)) if axis == 0 else (slice(None), k)] = True
                shown.append((line, times[column, option].reshape(-1)))
        for p in moved:
            codes = moves(self.question, p.change.option)
            for k, sort in enumerate((UP, SAME, DOWN)):
                way = np.zeros((size, size), dtype=bool)
                for (a, b), meant in codes.items():
                    way[self.substantive.index(a), self.substantive.index(b)] |= meant == sort
                shown.append((way, own[p.column, k].reshape(-1)))
        whole = np.ones((size, size), dtype=bool)
        shown.append((whole, own[pairing.column].sum(axis=0).reshape(-1)))
        ways = [way for way, _ in shown[2 * len(place) : -1]]
        sought = list(_sought(size, ways))
        return any(
            _inferred(
                crossed[:, :, g],
                [(cells, n[g] - slack, n[g] + slack) for cells, n in shown],
                sought,
                FEW * self.counts.each,
            )
            for g in range(crossed.shape[2])
        )

    # Weights

    def _dominated(self, plan: Plan) -> Plan:
        """Leave out what weighted shares of a change reveal, alone or beside the times."""
        if not self.counts.weighted or not plan.levels:
            return plan
        found = without_dominated(self.survey, self.rules, self.counts, plan)
        kept = {
            (c, x.dimensions)
            for x in found.levels
            for c in x.shown
            if c not in x.gone or not x.gone[c].any()
        }
        away: _Away = {
            (c, x.dimensions): DOMINATED
            for x in plan.levels
            for c in x.shown
            if (c, x.dimensions) not in kept
        }
        for level in plan.levels if len(self.substantive) == 2 else ():
            for p in self._pairs_at(level):
                if self._outweighed(p, level.dimensions):
                    away[p.column, level.dimensions] = DOMINATED
        return _without(plan, away)

    def _outweighed(self, pairing: _Pairing, dimensions: Dimensions) -> bool:
        """Whether those who gave two answers weigh less than the heaviest of a group."""
        population = self.question.population
        named = unit_of(self.survey, population)
        unit = (named,) if named else ()
        ends = pairing.change.first, pairing.change.last
        by = tuple(dict.fromkeys((*dimensions, *unit, WEIGHT)))
        rows = joint(self.survey, population, ends, by)
        rows = rows[rows[ends[0]].isin(self.substantive) & rows[ends[1]].isin(self.substantive)]
        places = [
            {band: n for n, group in enumerate(self.partition[d]) for band in group}
            for d in dimensions
        ]
        groups = [
            [at.get(b, -1) for b in rows[d]] for d, at in zip(dimensions, places, strict=True)
        ]
        rows = rows.assign(_group=list(zip(*groups, strict=True)) if groups else [()] * len(rows))
        for _, held in rows.groupby("_group"):
            cells = held.groupby(list(ends))["sum_w"].sum()
            each = held["sum_w"] / held["n"]
            units = each.repeat(held["n"])
            if unit:
                units = held.groupby(unit[0])["sum_w"].sum()
            top = float(units.nlargest(self.rules.dominance).sum())
            if (cells[cells > 0] < top * (1 - 1e-9)).any():
                return True
        return False


def _harmless(n: Floats, judged: Collection[int], few: int) -> bool:
    """Say of counts by options and groups whether none is up to `few`, or all but so many."""
    rest = n.sum(axis=0) - n
    small = ((n > 0) & (n <= few)) | ((rest > 0) & (rest <= few))
    alike = (rest == 0) & (n > 0)
    return not small.any() and not alike[list(judged)].any()


def _without(plan: Plan, away: _Away) -> Plan:
    """Hide columns in breakdowns, and in all that add up to these."""

    def gone(column: int, dimensions: Dimensions) -> str:
        return next(
            (why for (c, of), why in away.items() if c == column and {*of} <= {*dimensions}), ""
        )

    levels = [x.only(c for c in x.shown if not gone(c, x.dimensions)) for x in plan.levels]
    reasons = {
        frozenset(old.dimensions): next(filter(None, (gone(c, old.dimensions) for c in old.shown)))
        for old, new in zip(plan.levels, levels, strict=True)
        if not new.shown
    }
    refused = {**plan.refused, **reasons}
    return replace(plan, levels=tuple(x for x in levels if x.shown), refused=refused)


def _sought(size: int, ways: Sequence[Flags]) -> Iterator[Flags]:
    """List what must not be inferred: who gave two answers, or one and then went some way."""
    for a, b in np.ndindex(size, size):
        cell = np.zeros((size, size), dtype=bool)
        cell[a, b] = True
        yield cell
    lines = []
    for k in range(size):
        for axis in range(2):
            line = np.zeros((size, size), dtype=bool)
            line[(k, slice(None)) if axis == 0 else (slice(None), k)] = True
            lines.append(line)
    for line in lines:
        yield from (line, ~line)
        for way in ways:
            yield from (line & way, line & ~way)
    for way in ways:
        yield from (way, ~way)


def _inferred(
    crossed: Ints,
    shown: Sequence[tuple[Flags, float, float]],
    sought: Sequence[Flags],
    few: int = FEW,
) -> bool:
    """Return whether a count of one or two follows from sums of the cells of one group.

    Parameters
    ----------
    crossed
        True counts: first answer by last answer.
    shown
        Cells of each sum, its least and its most.
    few
        Answers that one or two people may have given.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    # Sums of rounded counts may be further off than each of them.
    true = [(cells, low, high) for cells, low, high in shown if low <= crossed[cells].sum() <= high]
    rows = np.array([cells.reshape(-1) for cells, _, _ in true], dtype=float)
    held = LinearConstraint(rows, [low for _, low, _ in true], [high for _, _, high in true])

    def safe(cells: Flags, tables: Iterable[Ints]) -> bool:
        return any(not 1 <= int(table[cells.reshape(-1)].sum()) <= few for table in tables)

    pool = [crossed.reshape(-1)]
    left = {cells.tobytes(): cells for cells in sought if not safe(cells, pool)}

    def extreme(weights: Floats) -> Ints:
        solved = milp(
            -weights,
            constraints=held,
            integrality=np.ones(crossed.size),
            bounds=Bounds(0, max(float(crossed.sum()), 1.0) + 2 * STEP),
        )
        assert solved.x is not None, solved.message
        return np.rint(solved.x).astype(np.int64)

    for sign in (1, -1, 1, -1) if left else ():  # push all that are open at once
        together = np.sum([cells.reshape(-1) for cells in left.values()], axis=0, dtype=float)
        pool.append(extreme(sign * together))
        left = {key: cells for key, cells in left.items() if not safe(cells, pool[-1:])}
        if not left:
            return False
    for cells in list(left.values()):
        for sign in (1, -1):
            if safe(cells, pool):
                break
            pool.append(extreme(sign * cells.reshape(-1).astype(float)))
        if not safe(cells, pool):
            return True
    return False


# Beside other questions


def _apart(
    survey: Survey,
    rules: ReleaseRules,
    protected: Mapping[str, Protected],
    changes: Mapping[str, Protected],
    people: Respondents,
) -> dict[str, Protected]:
    """Hide changes that reveal a few people beside other questions, or who left these."""
    order = [*protected, *changes]
    counts = {q: p.counts for q, p in {**protected, **changes}.items() if p.plan.levels}
    counts |= {q: p.counts for q, p in changes.items()}
    asked = {q: p.asked for q, p in {**protected, **changes}.items()}
    own = {q: p.plan for q, p in protected.items() if q in counts}
    plans = {q: p.plan for q, p in changes.items()}
    population = next(iter(changes.values())).counts.question.population
    each = rows_each(survey, population)
    found = revealed_together(people, {**own, **plans}, rules.minimum_base, each=each)
    away = choose_hidden(filter(None, (_only(one, plans) for one in found)), order)
    plans = hide_columns(plans, counts, away, said=False)
    everybody = respondents(survey, population)
    while rules.profile == "strict":
        tells = revealed_non_response(people, {**own, **plans}, counts, asked, everybody, each)
        by = {x.dimensions for one in tells for x in one}
        gone = {
            ShownColumn(q, c, x.dimensions): q
            for q, plan in plans.items()
            for x in plan.levels
            if x.dimensions in by
            for c in x.shown
        }
        if not gone:
            break
        plans = hide_columns(plans, counts, gone, said=False)
    return {q: replace(changes[q], plan=plan) for q, plan in plans.items()}


def _only(together: Together, plans: Mapping[str, Plan]) -> Together:
    """Keep what is of a change question: that is what goes."""
    return frozenset(x for x in together if x.question in plans)
