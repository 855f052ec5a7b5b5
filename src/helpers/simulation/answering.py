"""Simulated respondents and how they answer: exact counts, dealt out along a rank."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import Question
from helpers.errors import Problems
from helpers.simulation.assumptions import (
    FILE,
    Loads,
    PopulationPlan,
    QuestionPlan,
    Quota,
    draw_of,
)
from helpers.simulation.dealing import expanded, shuffled, spread

Groups = Mapping[str, list[int]]
Given = dict[int, str]


@dataclass
class Sample:
    """Respondents as they are made: their bands, their cells, and the draws behind them."""

    plan: PopulationPlan
    seed: int
    problems: Problems
    bands: list[str] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)
    draws: dict[str, list[float]] = field(default_factory=dict)
    members: dict[str, list[int]] = field(default_factory=dict)

    def stream(self, *purpose: str) -> random.Random:
        """Return chance for one purpose, so that one question's does not move another's."""
        name = "/".join((str(self.seed), self.plan.id, *purpose))
        return random.Random(int.from_bytes(hashlib.sha256(name.encode()).digest(), "big"))

    def chance(self, *purpose: str) -> list[float]:
        """One number per respondent: the sum of twelve uniform ones, close to normal."""
        stream = self.stream(*purpose)
        return [math.fsum(stream.random() for _ in range(12)) - 6 for _ in self.bands]

    def leaning(self, name: str, loads: Loads, halo: float = 0, group: str = "") -> list[float]:
        """Draw what decides an answer: the declared parts, and chance for what they leave."""
        own = math.sqrt(max(0.0, 1 - math.fsum(w * w for w in (*loads.values(), halo))))
        parts = [(own, self.chance(name, "own")), (halo, self.chance(group, "halo"))]
        parts += [(weight, self.draws[draw]) for draw, weight in loads.items()]
        return [
            math.fsum(weight * draw[i] for weight, draw in parts) for i in range(len(self.bands))
        ]

    def groups(self, members: Iterable[int]) -> dict[str, list[int]]:
        """Sort respondents into bands, in codebook order."""
        found: dict[str, list[int]] = {band: [] for band in self.plan.bands}
        for i in members:
            found[self.bands[i]].append(i)
        return found


def answer(sample: Sample, plan: QuestionPlan) -> None:
    """Fill the columns of one question."""
    question, length = plan.question, len(sample.bands)
    asked = [True] * length
    if question.asked_if is not None:
        asked = question.asked_if.asked(sample.columns, length)
    groups = sample.groups(i for i in sample.members[plan.block] if asked[i])
    sizes = {band: len(members) for band, members in groups.items()}
    given: dict[str, Given] = {}
    if sizes == dict(plan.answered):
        given = _given(sample, plan, groups)
    else:
        _routing_problem(sample, plan, sizes)
    for cell in question.cells:
        blank = [NOT_ANSWERED if a else NOT_ASKED for a in asked]
        codes = given.get(cell.column, {})
        sample.columns[cell.column] = [codes.get(i, blank[i]) for i in range(length)]


def _given(sample: Sample, plan: QuestionPlan, groups: Groups) -> dict[str, Given]:
    """Return the answers of those who answered, by column and respondent."""
    question = plan.question
    values: dict[str, list[float]] = {}
    given: dict[str, Given] = {}
    for cell in question.cells:
        draw = draw_of(question.id, cell.item)
        if draw not in sample.draws:
            sample.draws[draw] = sample.leaning(draw, plan.loads[cell.item], plan.halo, question.id)
        shift = sample.chance(cell.column, "wobble")
        values[cell.column] = [
            place + plan.wobble * by for place, by in zip(sample.draws[draw], shift, strict=True)
        ]
        given[cell.column] = deal(
            sample,
            cell.column,
            plan.quotas[cell.item, cell.time],
            _order(question),
            groups,
            values[cell.column],
        )
    barred = _barred(sample, plan)
    for members in groups.values():
        for column, rules in barred.items():
            for code, people in rules.items():
                _forgo(sample, plan, given[column], members, (code, people), values[column])
        for time in question.times or ("",):
            row = {c.column: given[c.column] for c in question.cells if c.time == time}
            _supply(sample, plan, row, members, barred, values)
    return given


def _order(question: Question) -> tuple[list[str], list[str]]:
    """Options from low to high, and those off the scale. Codebook order where none has a score."""
    scores = {o.code: o.score for o in question.substantive if o.score is not None}
    ranked = sorted(scores, key=lambda code: scores[code])
    ranked = ranked or [o.code for o in question.substantive]
    return ranked, [o.code for o in question.options if o.code not in ranked]


def deal(
    sample: Sample,
    column: str,
    quota: Quota,
    order: tuple[list[str], list[str]],
    groups: Groups,
    values: Sequence[float],
) -> Given:
    """Give out one column's answers: the exact counts, the highest to those who lean most."""
    stream = sample.stream("deal", column)
    ranked, unranked = order
    codes = [*unranked, *ranked]
    if quota.by_band:
        shares = {band: [quota.by_band[band].get(code, 0) for code in codes] for band in groups}
    else:
        sizes = {band: len(members) for band, members in groups.items()}
        counts = [quota.total.get(code, 0) for code in codes]
        shares = spread(counts, sizes, shuffled(list(groups), stream))
    given: Given = {}
    for band, members in groups.items():
        dealt = expanded(dict(zip(codes, shares[band], strict=True)))
        off = sum(shares[band][: len(unranked)])
        people = shuffled(members, stream)
        people = people[:off] + sorted(people[off:], key=lambda i: values[i])
        given.update(zip(people, dealt, strict=True))
    return given


def _barred(sample: Sample, plan: QuestionPlan) -> dict[str, dict[str, set[int]]]:
    """Return who may not give an answer, by column and answer."""
    return {
        column: {
            code: {
                i
                for i, holds in enumerate(rule.asked(sample.columns, len(sample.bands)))
                if not holds
            }
            for code, rule in rules.items()
        }
        for column, rules in plan.only_if.items()
    }


def _forgo(
    sample: Sample,
    plan: QuestionPlan,
    given: Given,
    members: Sequence[int],
    rule: tuple[str, set[int]],
    values: Sequence[float],
) -> None:
    """Remove answers that a respondent may not give, by exchanges that keep every count."""
    code, barred = rule
    for i in members:
        if given[i] != code or i not in barred:
            continue
        offers = [
            (abs(values[j] - values[i]), j) for j in members if given[j] != code and j not in barred
        ]
        if not offers:
            _impossible(sample, plan, "only_if", f'too few may answer "{code}" in one band')
            return
        j = min(offers)[1]
        given[i], given[j] = given[j], given[i]


def _supply(
    sample: Sample,
    plan: QuestionPlan,
    row: Mapping[str, Given],
    members: Sequence[int],
    barred: Mapping[str, Mapping[str, set[int]]],
    values: Mapping[str, Sequence[float]],
) -> None:
    """See to it that everybody gives `at_least_one`, by exchanges that keep every count.

    Of all exchanges with somebody who gave it more than once, the one against which the two
    lean least is made.
    """
    wanted = plan.at_least_one
    times = {i: sum(given[i] == wanted for given in row.values()) for i in members}
    for i in members if wanted else ():
        if times[i]:
            continue
        offers = [
            (values[column][j] - values[column][i], column, j)
            for column, given in row.items()
            for j in members
            if times[j] > 1
            and given[j] == wanted
            and i not in barred.get(column, {}).get(wanted, ())
            and j not in barred.get(column, {}).get(given[i], ())
        ]
        if not offers:
            _impossible(
                sample,
                plan,
                "counts",
                f'too few answers "{wanted}" in one band to give everybody one',
            )
            return
        _, column, j = min(offers)
        row[column][i], row[column][j] = row[column][j], row[column][i]
        times[i], times[j] = 1, times[j] - 1


def _impossible(sample: Sample, plan: QuestionPlan, key: str, message: str) -> None:
    where = f"populations.{sample.plan.id}.questions.{plan.question.id}.{key}"
    sample.problems.add(FILE, column=where, message=message, fix="Change one of the counts.")


def _routing_problem(sample: Sample, plan: QuestionPlan, sizes: Mapping[str, int]) -> None:
    def said(counts: Mapping[str, int]) -> str:
        return ", ".join(f"{band} {count}" for band, count in counts.items())

    sample.problems.add(
        FILE,
        column=f"populations.{sample.plan.id}.questions.{plan.question.id}.answered",
        found=said(plan.answered),
        allowed=said(sizes),
        message="routing asks a different number of respondents",
        fix="Write the number that routing asks, or change the counts of the question it reads.",
    )
