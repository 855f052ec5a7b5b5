"""Protection: which groups each question of a release distinguishes, and what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

import numpy as np
import pandas as pd

from helpers.codebook.model import NOT_STATED, Codebook, Dimension, Question
from helpers.codebook.routing import Comparison
from helpers.errors import InsightsError
from helpers.estimation.tabulate import (
    Tabulation,
    bases,
    joint,
    present,
    respondents,
    rows_each,
    tabulate,
)
from helpers.release.protect import rounding
from helpers.release.protect.atoms import (
    AtomCounts,
    Bands,
    Dimensions,
    Floats,
    Minimum,
    Partition,
    coarser_groups,
    everybody,
    joined,
    own_groups,
    showable,
    small_bands,
    uncrossed,
)
from helpers.release.protect.dominance import has_small_group, hide_dominated, reveals_nobody
from helpers.release.protect.earlier import Earlier, Hidden, revealed_beside_earlier
from helpers.release.protect.earlier_groups import CountedBy
from helpers.release.protect.hiding import ShownColumn, choose_hidden, hide_columns
from helpers.release.protect.known_weights import MOST_PEOPLE, KnownWeights
from helpers.release.protect.near_duplicates import revealed_together
from helpers.release.protect.non_response import revealed_non_response
from helpers.release.protect.profiles import (
    DOMINATED,
    SEPARATED,
    Coarser,
    Plan,
    Route,
    Wishes,
    boxes_reveal,
    routing_allows,
    standard,
    strict,
    without_revealing,
)
from helpers.release.protect.respondents import respondents_of
from helpers.release.protect.units import unit_of, units_of
from helpers.release.rules import ReleaseRules
from helpers.responses.recoding import PERSON, WEIGHT, band_column
from helpers.responses.survey import Survey
from helpers.terminal import Step

MOST_ROWS = 200_000  # up to so many answers each is looked at with its weight


@dataclass(frozen=True)
class Protected:
    """A question as it is released.

    Attributes
    ----------
    counts : what is known of it
    asked : how many were asked
    plan : what is shown
    groups : those that the profile `standard` would distinguish
    whole : what would be shown if there were no earlier release
    minimum : base that no group may be below
    rounds : whether counts are rounded
    left_out : of dimensions whose small bands are left out, the place of the group they form
    """

    counts: AtomCounts
    asked: int
    plan: Plan
    groups: Partition
    whole: Plan
    minimum: int
    rounds: bool = False
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def reduced(self) -> bool:
        """Whether less is shown than if there were no earlier release."""
        return self.plan is not self.whole and self.plan.shows != self.whole.shows

    def n(self, dimensions: Dimensions) -> Floats:
        """Count answers by column, option and the groups of a level: true counts, or rounded."""
        if not self.rounds:
            return self.counts.merged(self.plan.partition, dimensions)
        return self._rounded[dimensions]

    @cached_property
    def _rounded(self) -> dict[Dimensions, Floats]:
        """Round the counts of every level, column by column."""
        levels = [level.dimensions for level in self.whole.levels]
        true = {
            d: np.rint(self.counts.merged(self.whole.partition, d)).astype(np.int64) for d in levels
        }
        columns = [
            rounding.rounded({d: n[column] for d, n in true.items()}, self.minimum)
            for column in range(len(self.counts.columns))
        ]
        return {d: np.stack([column[d] for column in columns]).astype(float) for d in levels}


def protect(
    survey: Survey,
    rules: ReleaseRules,
    progress: Callable[[str], None] = lambda _: None,
    earlier: Earlier | None = None,
    worked_out: Hidden | None = None,
) -> dict[str, Protected]:
    """Decide how every question on any page of the rules is released.

    Parameters
    ----------
    earlier
        What earlier releases showed; the few who joined or changed since are not revealed.
    worked_out
        What an attack worked out of this release, which is hidden too.
    """
    wanted = list(dict.fromkeys(q for page in rules.pages for q in page.questions))
    found: dict[str, Counted] = {}
    plans: dict[str, Plan] = {}
    whole: dict[str, Plan] = {}
    partitions: dict[str, Partition] = {}
    known, hiding = earlier or Earlier(), Earlier(hidden=worked_out or {})
    rounds = rules.cure == "rounding"
    counted_by = None if rounds else counter(survey)
    for done, name in enumerate(_gates_first(survey.codebook, wanted)):
        progress(Step("Protecting questions", done, len(wanted)))
        found[name] = count_answers(survey, survey.question(name), rules)
        groups = _groups(survey.codebook, rules, found, plans, name)
        plan = _planned(survey.codebook, rules, found, plans, name, groups)
        # A profile may have merged groups further, across those of another question.
        while plan.partition != (
            apart := _beside_others(survey.codebook, plans, name, plan.partition)
        ):
            plan = _planned(survey.codebook, rules, found, plans, name, apart)
        plan = without_dominated(survey, rules, found[name].counts, plan)
        made = Protected(
            *(found[name].counts, found[name].asked, plan, groups, plan, rules.minimum_base),
            rounds=rounds,
        )
        people = respondents(survey, made.counts.question.population), made.asked
        plan = hiding.cured(plan, made.counts, made.n, people, _rule(rules))
        partitions[name], whole[name] = groups, plan
        told = made.counts, made.n, people, _rule(rules)
        plans[name] = known.cured(plan, *told, counted_by)
    if not rounds:  # bases that are rounded differ from one another by no single people
        plans = _beside_earlier(survey, rules, found, plans, known)
        alike = all(plans[name] is whole[name] for name in wanted)
        plans = _apart(survey, rules, found, plans, wanted, progress)
        whole = plans if alike else _apart(survey, rules, found, whole, wanted, progress)
    return {
        name: Protected(
            *(found[name].counts, found[name].asked, plans[name], partitions[name], whole[name]),
            *(rules.minimum_base, rounds),
            left_out=_left_out(survey.codebook, rules, found[name], plans[name], name),
        )
        for name in wanted
    }


def _beside_earlier(
    survey: Survey,
    rules: ReleaseRules,
    found: Mapping[str, Counted],
    plans: Mapping[str, Plan],
    earlier: Earlier,
) -> dict[str, Plan]:
    """Hide what reveals a few people beside a near-duplicate that an earlier release showed."""
    result, questions = dict(plans), survey.codebook.questions
    known = {
        q: shown
        for q, shown in earlier.questions.items()
        if q in questions and questions[q].tabulates
    }
    for population in dict.fromkeys(questions[name].population for name in known):
        was = {q: shown for q, shown in known.items() if questions[q].population == population}
        names = [q for q in found if questions[q].population == population]
        counts = {
            q: (found.get(q) or count_answers(survey, questions[q], rules)).counts
            for q in dict.fromkeys([*names, *was])
        }
        people = respondents_of(survey, population, counts)
        now, beside = {name: result[name] for name in names}, replace(earlier, questions=was)
        told = people, now, counts, beside, _rule(rules)
        found_out = revealed_beside_earlier(*told, counter(survey))
        away = choose_hidden(found_out, names)
        result |= hide_columns(result, counts, away, said=False)
    return result


def _apart(
    survey: Survey,
    rules: ReleaseRules,
    found: Mapping[str, Counted],
    plans: Mapping[str, Plan],
    order: Sequence[str],
    progress: Callable[[str], None],
) -> dict[str, Plan]:
    """Hide what questions reveal beside one another: near-duplicates, and who left one."""
    result = dict(plans)
    codebook, strictly = survey.codebook, rules.profile == "strict"
    for population in dict.fromkeys(codebook.questions[name].population for name in order):
        counts = {
            name: found[name].counts
            for name in order
            if codebook.questions[name].population == population and result[name].levels
        }
        if not counts:
            continue
        people = respondents_of(survey, population, counts)
        everybody = respondents(survey, population)
        asked = {name: found[name].asked for name in counts}

        progress("Comparing questions")
        each = rows_each(survey, population)
        together = revealed_together(people, result, rules.minimum_base, progress, each)
        away = choose_hidden(together, order)
        result |= hide_columns(result, counts, away, said=True)
        while away := _off_gates(codebook, found, result, counts, strictly) or (
            choose_hidden(
                revealed_non_response(people, result, counts, asked, everybody, each), order
            )
            if strictly
            else {}
        ):
            result |= hide_columns(result, counts, away, said=False)
    return result


def _off_gates(
    codebook: Codebook,
    found: Mapping[str, Counted],
    plans: Mapping[str, Plan],
    names: Iterable[str],
    strictly: bool,
) -> dict[ShownColumn, str]:
    """Name breakdowns of routed questions that a question leading to them no longer has."""
    return {
        ShownColumn(name, column, level.dimensions): gate.counts.question.id
        for name in names
        for gate in _routes(codebook, found, plans, name)
        for level in plans[name].levels
        for column in level.shown
        if not gate.offers(level.dimensions)
        or (strictly and not gate.tells_who_was_asked(level.dimensions))
    }


def without_dominated(survey: Survey, rules: ReleaseRules, counts: AtomCounts, plan: Plan) -> Plan:
    """Hide weighted shares that reveal the heaviest in a group."""
    if not counts.weighted or not plan.levels:
        return plan
    question = survey.question(counts.question.id)
    answered = counts.merged({}, ()).sum(axis=1)
    few = [c for c in range(len(answered)) if answered[c] <= MOST_PEOPLE]
    unit = unit_of(survey, question.population)
    if not unit and not few:
        weights = present(survey, question.population, WEIGHT)
        if reveals_nobody(counts, plan, max(map(float, weights), default=0.0), rules.dominance):
            return plan
    keys = (*counts.bands, *((unit,) if unit else ()), WEIGHT)
    many = respondents(survey, question.population) * len(question.cells) > MOST_ROWS
    if many and not question.asked_if and not few and not has_small_group(counts, plan):
        rows = joint(survey, question.population, (), keys)
    else:
        rows = _reduced(survey.codebook, question, tabulate(survey, question, keys).cells)
    units, wave = units_of(counts, rows, unit), _wave(survey.codebook, question.id)
    plan = hide_dominated(counts, plan, units, rules.dominance, wave)
    plan = without_revealing(
        *(plan, few, DOMINATED),
        lambda plan, column: KnownWeights(counts, plan, units.of(column), column, wave).told(),
    )
    levels = tuple(
        level
        for level in plan.levels
        if not boxes_reveal(counts, counts.merged(plan.partition, level.dimensions), level)
    )
    return replace(plan, levels=levels)


@dataclass(frozen=True)
class Counted:
    """A question's counts, the columns that may be shown, and who was asked."""

    counts: AtomCounts
    keep: list[bool]
    asked: int


def count_answers(survey: Survey, question: Question, rules: ReleaseRules) -> Counted:
    """Count the answers to a question by the dimensions that may be offered."""
    who = survey.codebook.populations[question.population]
    beside = shown_beside(survey.codebook, rules, question)
    offered = [
        survey.codebook.dimensions[d]
        for d in rules.dimensions
        if question.population in survey.codebook.dimensions[d].source
        and not survey.codebook.repeats(d, question.population, beside)
    ]
    table = tabulate(survey, question, tuple(d.id for d in offered))
    counts = _counts_by(survey, question, offered, table)
    keep = showable(counts, _rule(rules))
    if rules.cure == "rounding":
        if counts.each > 1:
            raise InsightsError(
                f"cure: rounding hides what one or two answers change, and the same {who.label} "
                f"gave up to {counts.each}. Choose cure: merge in release.yml."
            )
        n = np.rint(counts.merged({}, ())).astype(np.int64)
        keep = [
            kept and rounding.showable(column, counts.judged)
            for kept, column in zip(keep, n, strict=True)
        ]
    return Counted(counts, keep, bases(table, question)[0])


def _counts_by(
    survey: Survey, question: Question, dimensions: Sequence[Dimension], table: Tabulation
) -> AtomCounts:
    """Count the answers to a question by some dimensions, as a table of all has them."""
    who = survey.codebook.populations[question.population]
    each = rows_each(survey, question.population)

    def by(unit: str) -> pd.DataFrame:
        found = tabulate(survey, question, (*(d.id for d in dimensions), unit)).coded
        return _reduced(survey.codebook, question, found)

    return AtomCounts(
        question.reduced,
        _reduced(survey.codebook, question, table.coded),
        {d.id: _present(survey, question, d) for d in dimensions},
        by(who.organisation) if who.organisation else None,
        by(PERSON) if each > 1 else None,
        each,
        pinned=_pinned(survey.codebook, question),
        weighted=bool(who.weight),
    )


def counter(survey: Survey) -> CountedBy:
    """Return what counts a question by any dimensions, each once."""

    @cache
    def counted_by(name: str, dimensions: Dimensions) -> AtomCounts:
        question = survey.question(name)
        table = tabulate(survey, question, dimensions)
        made_of = [survey.codebook.dimensions[d] for d in dimensions]
        return _counts_by(survey, question, made_of, table)

    return counted_by


def _reduced(codebook: Codebook, question: Question, cells: pd.DataFrame) -> pd.DataFrame:
    """Count the answers as they are shown, without whom the codebook says a wave did not ask.

    That it did not is public: a wave without answers to an item then reveals nothing about its
    people.
    """
    parts = question.parts
    if parts:
        cells = cells.assign(option=[parts.get(code, code) for code in cells["option"]])
    tells = codebook.wave_of(question.population)
    if tells is None or tells.id not in cells or not question.differs_by_wave:
        return cells
    items = {c.column: c.item for c in question.cells}
    rows = zip(cells["column"], cells[tells.id], strict=True)
    return cells[[question.offered(items[column], (), wave) for column, wave in rows]]


def _lead_outside(question: Question, gate: Question) -> bool:
    """Return whether an answer that the gate leaves out of its base leads to the question.

    How many gave it would follow from the number asked.
    """
    assert question.asked_if is not None
    columns = {c.column for c in gate.cells}
    outside = [o.code for o in gate.options if o not in gate.in_base]
    if any(_cuts_a_part(gate, c) for c in question.asked_if.comparisons() if c.column in columns):
        return True
    return any(
        comparison.holds(code)
        for comparison in question.asked_if.comparisons()
        if comparison.column in columns
        for code in outside
    )


def _cuts_a_part(gate: Question, comparison: Comparison) -> bool:
    """Return whether some answers of one part lead on and others do not."""
    held: dict[str, set[bool]] = {}
    for code, part in gate.parts.items():
        held.setdefault(part, set()).add(comparison.holds(code))
    return any(len(ways) > 1 for ways in held.values())


def _pinned(codebook: Codebook, question: Question) -> bool:
    """Return whether being asked reveals a single answer to a question that leads to this one."""
    routing = question.asked_if
    for column in routing.columns if routing else ():
        known = (
            {o.code for o in codebook.owners[column].substantive}
            if column in codebook.owners
            else set()
        )
        parts = codebook.owners[column].parts if column in codebook.owners else {}
        led = [
            {
                parts.get(code, code)
                for code in known
                if all(c.holds(code) for c in part if c.column == column)
            }
            for part in routing.alternatives  # type: ignore[union-attr]
        ]
        if len(set().union(*led)) == 1:
            return True
    return False


def shown_beside(codebook: Codebook, rules: ReleaseRules, question: Question) -> list[Question]:
    """List the questions of a release, and those that lead to one of it.

    A dimension that repeats any does not filter it: bases by the dimension would count its answers.
    """
    shown = [codebook.questions[q] for page in rules.pages for q in page.questions]
    return shown + [codebook.questions[q] for q in _leading(codebook, question)]


def _rule(rules: ReleaseRules) -> Minimum:
    return Minimum(rules.minimum_base, rules.allow_unanimous)


def _groups(
    codebook: Codebook,
    rules: ReleaseRules,
    found: Mapping[str, Counted],
    plans: Mapping[str, Plan],
    name: str,
) -> Partition:
    """Merge the bands of each dimension until its groups may be shown.

    They are unions of those of the questions that lead to this one, and cross those of no other.
    """
    counts, keep = found[name].counts, found[name].keep
    if not any(keep):
        return everybody(counts.bands)
    leading = [plans[q].partition for q in _shown_gates(codebook, plans, name)]
    wave = _wave(codebook, name)
    partition: Partition = {}
    for dimension, bands in counts.bands.items():
        start = joined(bands, [gate[dimension] for gate in leading if dimension in gate])
        if not leading:
            start = tuple((band,) for band in bands)
        partition[dimension] = own_groups(
            *(counts, dimension, keep, _rule(rules)),
            within={wave: partition[wave]} if wave in partition else {},
            start=start,
            neighbours=rules.neighbours(codebook.dimensions[dimension]),
            leave_out=rules.leaves_out(dimension),
        )
    return _beside_others(codebook, plans, name, partition)


def _left_out(
    codebook: Codebook, rules: ReleaseRules, counted: Counted, plan: Plan, name: str
) -> dict[str, int]:
    """Find the groups that hold small bands only; they are left out where two others remain."""
    found: dict[str, int] = {}
    wave = _wave(codebook, name)
    within = {wave: plan.partition[wave]} if wave in plan.partition else {}
    for dimension, groups in plan.partition.items():
        if rules.leaves_out(dimension) and len(groups) > 2:
            small = small_bands(counted.counts, dimension, counted.keep, _rule(rules), within)
            places = [n for n, group in enumerate(groups) if small.issuperset(group)]
            if places:
                found[dimension] = places[-1]
    return found


def _wave(codebook: Codebook, question: str) -> str:
    """Name the dimension of waves, which readers choose beside anything else."""
    wave = codebook.wave_of(codebook.questions[question].population)
    return wave.id if wave else ""


def _beside_others(
    codebook: Codebook, plans: Mapping[str, Plan], name: str, partition: Partition
) -> Partition:
    """Merge bands where groups cross those of another question, which would distinguish them."""
    population = codebook.questions[name].population
    for other, plan in plans.items():
        if codebook.questions[other].population == population and plan.levels:
            partition = uncrossed(partition, plan.partition)
    return partition


def _shown_gates(codebook: Codebook, plans: Mapping[str, Plan], name: str) -> list[str]:
    return [
        q for q in _leading(codebook, codebook.questions[name]) if q in plans and plans[q].levels
    ]


def _routes(
    codebook: Codebook, found: Mapping[str, Counted], plans: Mapping[str, Plan], name: str
) -> list[Route]:
    """List the questions shown that lead to a question, and the answers that do."""
    question = codebook.questions[name]
    return [
        Route(found[q].counts, plans[q], codes)
        for q in _shown_gates(codebook, plans, name)
        if (codes := _leads_on(question, codebook.questions[q]))
    ]


def _planned(
    codebook: Codebook,
    rules: ReleaseRules,
    found: Mapping[str, Counted],
    plans: Mapping[str, Plan],
    name: str,
    partition: Partition,
) -> Plan:
    """Decide what is shown for a question whose groups may be distinguished."""
    counts, keep = found[name].counts, found[name].keep
    question = codebook.questions[name]
    shown = _shown_gates(codebook, plans, name)
    gates = _routes(codebook, found, plans, name)
    wishes = Wishes(rules.pairs, _wave(codebook, name), circles=rules.profile == "standard")

    def plan(groups: Partition) -> Plan:
        return standard(counts, keep, groups, _rule(rules), wishes, gates)

    def coarser(dimension: str, groups: tuple[Bands, ...]) -> list[tuple[Bands, ...]]:
        neighbours = rules.neighbours(codebook.dimensions[dimension])
        return coarser_groups(counts, dimension, groups, neighbours=neighbours)

    if rules.profile == "standard":
        return _widened(plan, coarser, partition)
    if rules.cure == "rounding":
        if not routing_allows(counts, partition, (), []):
            return Plan(partition, ())
        return _roundable(counts, keep, plan, coarser, partition)
    if any(_lead_outside(question, codebook.questions[q]) for q in shown):
        return Plan(partition, ())

    def offered(groups: Partition) -> list[Dimensions]:
        return [level.dimensions for level in plan(groups).levels]

    partition = _widened(plan, coarser, partition).partition
    decided = strict(counts, keep, partition, offered, coarser, gates)
    return replace(decided, refused=plan(decided.partition).refused)


def _widened(plan: Callable[[Partition], Plan], coarser: Coarser, partition: Partition) -> Plan:
    """Merge groups of a dimension that by themselves may be shown, but not beside the others."""
    while True:
        found = plan(partition)
        beside = [d for d in partition if found.refused.get(frozenset({d})) == SEPARATED]
        if not beside:
            return found
        dimension = beside[0]
        ways = [{**partition, dimension: g} for g in coarser(dimension, partition[dimension])]
        fit = [way for way in ways if plan(way).at({dimension}) is not None]
        partition = (fit or ways)[0]


def _roundable(
    counts: AtomCounts,
    keep: list[bool],
    plan: Callable[[Partition], Plan],
    coarser: Coarser,
    partition: Partition,
) -> Plan:
    """Merge groups until rounding hides what must be hidden in each of them."""

    def fit(groups: Partition, dimensions: Dimensions) -> bool:
        n = np.rint(counts.merged(groups, dimensions)).astype(np.int64)[keep]
        return all(rounding.showable(column, counts.judged) for column in n)

    for dimension in partition:
        while len(partition[dimension]) > 1 and not fit(partition, (dimension,)):
            ways = [{**partition, dimension: g} for g in coarser(dimension, partition[dimension])]
            partition = next((way for way in ways if fit(way, (dimension,))), ways[-1])
    found = _widened(plan, coarser, partition)
    levels = tuple(x for x in found.levels if fit(found.partition, x.dimensions))
    return Plan(found.partition, levels, found.refused)


def _leads_on(question: Question, gate: Question) -> dict[str, frozenset[str]]:
    """Answers to a gate that its routing names, by response column."""
    assert question.asked_if is not None
    columns = {c.column for c in gate.cells}
    return {
        comparison.column: frozenset(
            gate.parts.get(o.code, o.code) for o in gate.in_base if comparison.holds(o.code)
        )
        for comparison in question.asked_if.comparisons()
        if comparison.column in columns
    }


def _leading(codebook: Codebook, question: Question) -> list[str]:
    """Questions that decide who is asked a question, directly or through others."""
    owners = codebook.owners
    found: list[str] = []
    waiting = [question]
    while waiting:
        routing = waiting.pop().asked_if
        for column in routing.columns if routing else ():
            if column in owners and owners[column].id not in found:
                found.append(owners[column].id)
                waiting.append(owners[column])
    return found


def _gates_first(codebook: Codebook, wanted: list[str]) -> list[str]:
    """Order questions so that those that lead to others come before them."""
    return sorted(wanted, key=lambda q: len(_leading(codebook, codebook.questions[q])))


def _present(survey: Survey, question: Question, dimension: Dimension) -> Bands:
    """Bands of a dimension that anybody is in, in their order; of waves those that asked."""
    there = present(survey, question.population, band_column(dimension.id))
    found = tuple(band for band in (*dimension.bands, NOT_STATED) if band in there)
    if dimension.id != survey.codebook.wave_dimension or not survey.codebook.waves:
        return found
    return tuple(band for band in found if question.offered("", (), band)) or found
