"""Attacks on weighted shares by somebody who knows everybody's weight and groups.

A share below the weight that one respondent, or one organisation, holds in a group is not that
one's answer; nor is one among those who make it up free to have said something else. Where a group
is of few people, whole subsets of them are tried. The responses say who weighs what; what is shown
is taken from the release.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from helpers.codebook.model import Codebook
from helpers.estimation.tabulate import tabulate
from helpers.release.attack.facts import Asked, Floats, Ints, cell_of
from helpers.release.attack.insiders import NAMELESS
from helpers.release.attack.partition import Mask
from helpers.release.attack.subtraction import Findings
from helpers.release.attack.written_numbers import percent
from helpers.responses.survey import Survey

# Every subset of so many people is tried. Of more there are over a million, for a hundred whole per
# cents: some contain and others leave out whoever is not himself heavier than the share.
MOST = 20
ROUNDED = 0.005
WEIGHT = "_weight"  # column of every table of responses
EPS = 1e-9
NEAR = 1e-5


@dataclass(frozen=True)
class Persons:
    """Everybody who answered, one row each: column, cell, option, unit, and weight."""

    column: Ints
    cell: Ints
    option: Ints
    unit: Ints
    weight: Floats


def persons(survey: Survey, asked: Asked, codebook: Codebook) -> Persons:
    """Read who answered what, with which weight."""
    organisation = codebook.populations[asked.question.population].organisation
    keys = (*asked.frame.pieces, *((organisation,) if organisation else ()), WEIGHT)
    table = tabulate(survey, survey.question(asked.question.id), keys).cells
    column, option, cell = cell_of(survey, asked, table)
    there = np.flatnonzero((column >= 0) & (option >= 0) & (cell >= 0))
    n = table["n"].to_numpy(dtype=np.int64)
    rows = np.repeat(there, n[there])
    weight = table["sum_w"].to_numpy(dtype=float)[rows] / n[rows]
    unit = np.arange(len(rows)) + len(table)
    if organisation:
        names = np.array([str(o) for o in table[organisation]])
        known = np.unique(names, return_inverse=True)[1].reshape(-1)
        unit = np.where(np.isin(names, NAMELESS)[rows], unit, known[rows])
    return Persons(column[rows], cell[rows], option[rows], unit, weight)


def dominated(
    asked: Asked, survey: Survey, codebook: Codebook, heaviest: int, findings: Findings
) -> None:
    """Find shares that tell what the heaviest in a group, or somebody in a small one, answered."""
    if not asked.weighted or not asked.levels or asked.rounded:
        return
    people = persons(survey, asked, codebook)
    for column in range(asked.shown):
        mine = people.column == column
        of = Persons(*(getattr(people, f.name)[mine] for f in fields(Persons)))
        sums: _KnownSums | None = None
        for cells, shown, hidden in _shown(asked, column):
            inside = cells[of.cell]
            group = of.option[inside], of.unit[inside], of.weight[inside]
            if not group[2].sum():
                continue
            top = _top(group[1], group[2], heaviest)
            rest = [np.logical_or.reduce(hidden)] if hidden else []
            for answer in (*shown, *rest):
                if _told(answer[group[0]], group[2], top, findings):
                    why = (
                        "one respondent or organisation holds more of the weight, "
                        f"{percent(float(top / group[2].sum()))}, than this share or the rest: "
                        "its answer follows."
                    )
                    findings.leak(asked, column, cells, answer, "dominance", why)
            if len(group[0]) <= MOST:
                where = asked, column, cells, shown, findings
                _subsets(*where, (group[0], group[2] / group[2].sum()))
            for answer in hidden:
                if not _told(answer[group[0]], group[2], top, findings):
                    continue
                sums = sums or _KnownSums(asked, column, of)
                low, high = sums.bounds(cells, answer)
                if high < top * (1 - NEAR) or low > group[2].sum() - top * (1 - NEAR):
                    why = (
                        "a hidden share follows from those of other groups: it lacks the heaviest."
                    )
                    findings.leak(asked, column, cells, answer, "dominance", why)


def _shown(asked: Asked, column: int) -> Iterator[tuple[Mask, list[Mask], list[Mask]]]:
    """Yield groups with the answers that are shown of each, and those that are hidden."""
    for level in asked.levels:
        for group, cells in enumerate(level.masks):
            row = level.n[group, column]
            seen = [a for a, n in zip(level.answers, row, strict=True) if not np.isnan(n)]
            if not seen:
                continue
            yield cells, seen, [a for a, n in zip(level.answers, row, strict=True) if np.isnan(n)]


def _top(unit: Ints, weight: Floats, heaviest: int) -> float:
    """Weight that the heaviest units of a group hold."""
    held = np.bincount(np.unique(unit, return_inverse=True)[1].reshape(-1), weight)
    return float(np.sort(held)[::-1][:heaviest].sum())


def _told(said: Mask, weight: Floats, top: float, findings: Findings) -> bool:
    """Whether an answer, or all others, weigh less than the heaviest.

    That nobody, or everybody, gave an answer is another attack's business.
    """
    findings.tried("dominance")
    share = weight[said].sum()
    mixed = bool(said.any() and not said.all())
    return mixed and bool(min(share, weight.sum() - share) < top * (1 - EPS))


class _KnownSums:
    """What shown shares, as they are rounded, say of the weight of each option in each cell."""

    def __init__(self, asked: Asked, column: int, people: Persons) -> None:
        self.options = len(asked.options)
        base = np.bincount(people.cell, people.weight, minlength=asked.frame.cells)
        self.cells = np.flatnonzero(base)
        held = base[self.cells]
        rows = [np.tile(np.eye(len(held)), self.options)]
        low: list[Any] = [held]
        high: list[Any] = [held]
        for level in asked.levels:
            for group, cells in enumerate(level.masks):
                inside, total = cells[self.cells], base[cells].sum()
                for answer, n in zip(level.answers, level.n[group, column], strict=True):
                    if np.isnan(n) or not inside.any():
                        continue
                    said = answer[people.option] & cells[people.cell]
                    share = float(percent(float(people.weight[said].sum() / total))[:-1]) / 100
                    rows.append(np.outer(answer, inside).reshape(1, -1))
                    low.append([max(share - ROUNDED, 0) * total if n else 0.0])
                    high.append([(share + ROUNDED) * total if n else 0.0])
        self.rows = csr_array(np.vstack(rows).astype(float))
        self.limits = np.concatenate(low) - EPS, np.concatenate(high) + EPS

    def bounds(self, cells: Mask, answer: Mask) -> tuple[float, float]:
        """Least and largest weight behind an answer in some cells."""
        target = np.outer(answer, cells[self.cells]).reshape(-1).astype(float)
        ends = []
        for sign in (1, -1):
            solved = milp(
                sign * target,
                constraints=[LinearConstraint(self.rows, *self.limits)],
                bounds=Bounds(0, np.inf),
            )
            ends.append(sign * float(solved.fun) if solved.x is not None else sign * -np.inf)
        return ends[0], ends[1]


def _subsets(
    asked: Asked,
    column: int,
    cells: Mask,
    shown: list[Mask],
    findings: Findings,
    people: tuple[Ints, Floats],
) -> None:
    """Try every subset of a few people: does an answer's share have, or lack, somebody in all."""
    option, weight = people
    every = np.arange(2 ** len(weight))
    sums = np.zeros(1)
    for one in weight:
        sums = np.concatenate([sums, sums + one])
    for answer in shown:
        said = answer[option]
        if not said.any() or said.all():
            continue
        findings.tried("subsets", len(every))
        share = float(percent(float(weight[said].sum())).rstrip("%")) / 100
        fit = every[np.abs(sums - share) <= ROUNDED + EPS]
        always, ever = np.bitwise_and.reduce(fit), np.bitwise_or.reduce(fit)
        if always or ever != len(every) - 1:
            why = (
                f"of {len(weight)} people only subsets fit {percent(share)} that all "
                f"{'contain' if always else 'leave out'} the same respondent."
            )
            findings.leak(asked, column, cells, answer, "subsets", why)
