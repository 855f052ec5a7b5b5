"""Groups of one sample: sums over bases and parts of them, from `tabulate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import NOT_STATED, RESPONDENT_TYPE, Missing, Question, ResponseColumn
from helpers.errors import InsightsError
from helpers.estimation.intervals import Floats
from helpers.estimation.tabulate import SUMS, Tabulation
from helpers.estimation.variance import Design, tensor
from helpers.responses.selection import Selection, column_of, keys_of, known_codes
from helpers.responses.survey import Survey


class ComparisonStatus(StrEnum):
    """Why a comparison has, or has not, a test; beside `request.Status`."""

    CERTAIN = "both shares are 0 or 1: exact test of the counts, interval on effective bases"
    SAME_STRATA = "answers do not vary within strata: nothing to test"
    CENSUS = "everybody answered: no sampling error"
    TOO_FEW = "too few respondents for a test"
    UNSHOWABLE = "bases too small to show any difference"
    ONE_ANSWER = "one group or one answer only: nothing to test"
    SPARSE = "expected counts below 5: the test is approximate"
    SAME_PEOPLE = "the same respondents twice: no difference is possible"
    UNDEFINED = "no design-based test: empty cells, or no variance within strata"


@dataclass(frozen=True)
class DomainSums:
    """Sums over the options in a question's base, for groups that nobody is in twice.

    Attributes
    ----------
    sums : respondents, weights and squared weights: (3, group, cell, option, stratum)
    nu : degrees of freedom of the selected respondents: their number less their strata
    designed : whether weights differ, there are several strata, or population sizes are given
    """

    sums: Floats
    design: Design
    nu: float
    designed: bool


@dataclass(frozen=True)
class Domains:
    """Sums over whole bases (3, group, cell, stratum), and over parts of them.

    `part` has the shape (3, group, cell, part, stratum); parts may overlap.
    """

    base: Floats
    part: Floats
    design: Design
    designed: bool


def counted(
    question: Question,
    cells: Sequence[ResponseColumn],
    table: Tabulation,
    design: Design,
    by: str | None,
    names: Sequence[str],
) -> DomainSums:
    """Arrange a tabulation by group (all as one, of any name, if `by` is None), cell and option."""
    rows = table.cells
    strata = {name: k for k, name in enumerate(design.strata)}
    axes = [
        (rows[by] if by else [""] * len(rows), {name: k for k, name in enumerate(names)}),
        (rows["column"], {c.column: k for k, c in enumerate(cells)}),
        (rows["option"], {o.code: k for k, o in enumerate(question.in_base)}),
        (rows["stratum"], strata),
    ]
    sums = np.stack(tensor(rows, axes, list(SUMS)))
    first = (rows["column"] == question.cells[0].column).to_numpy()
    n = rows["n"].to_numpy(dtype=float)
    there = rows["stratum"][first].map(strata).to_numpy(dtype=int)
    nu = float(design.df(np.bincount(there, n[first], len(strata)).astype(float)))
    return DomainSums(sums, design, nu, is_designed(rows, design))


def is_designed(rows: pd.DataFrame, design: Design) -> bool:
    """Whether the weights of a tabulation differ, or there are strata or population sizes."""
    n, w, w2 = (rows[name].to_numpy(dtype=float) for name in SUMS)
    mean, square = w / n, w2 / n
    level = mean[0] if len(rows) else 1.0
    equal = np.allclose(mean, level, atol=0) and np.allclose(square, level**2, atol=0)
    return len(design.strata) > 1 or not equal or bool((design.unsampled < 1).any())


def domains(counts: DomainSums, parts: Sequence[Sequence[int]]) -> Domains:
    """Take options together: each part lists positions on the option axis."""
    part = np.stack([counts.sums[:, :, :, list(at)].sum(axis=3) for at in parts], axis=3)
    return Domains(counts.sums.sum(axis=3), part, counts.design, counts.designed)


def stacked(one: Domains, two: Domains) -> Domains:
    """Set two independent samples side by side, each with strata of its own."""
    h = len(one.design.strata)

    def block(first: Floats, second: Floats) -> Floats:
        groups = first.shape[1] + second.shape[1]
        whole = np.zeros((3, groups, *first.shape[2:-1], h + second.shape[-1]))
        whole[:, : first.shape[1], ..., :h] = first
        whole[:, first.shape[1] :, ..., h:] = second
        return whole

    a, b = one.design, two.design
    stacked: Any = {
        name: np.concatenate([getattr(d, name) for d in (a, b)])
        for name in ("sizes", "sum_w", "sum_w2", "unsampled")
    }
    design = replace(a, strata=a.strata + b.strata, **stacked, **_cells(a, b))
    designed = one.designed or two.designed
    return Domains(block(one.base, two.base), block(one.part, two.part), design, designed)


def _cells(one: Design, other: Design) -> dict[str, Any]:
    """Cells of two designs side by side, where either has any."""
    if one.of_stratum is None and other.of_stratum is None:
        return {}
    numbers, more = (
        np.arange(len(d.strata)) if d.of_stratum is None else d.of_stratum for d in (one, other)
    )
    moved = tuple((len(one.strata) + first, cells) for first, cells in other.cells)
    whole = np.concatenate([numbers, more + numbers.max() + 1])
    return dict(cells=one.cells + moved, of_stratum=whole)


def tabulable(survey: Survey, question: str) -> Question:
    """Look up a question that has shares; of one that has none raise `InsightsError`."""
    asked = survey.question(question)
    if not asked.tabulates:
        raise InsightsError(f"{question} is a {asked.kind} question: it has no shares.")
    return asked


def one_key(by: str | Sequence[str]) -> str:
    """Name of the only key by which to group; of none or several raise `InsightsError`."""
    keys = keys_of(by)
    if len(keys) == 1:
        return keys[0]
    raise InsightsError(
        f"Groups are formed by one dimension or response column at a time, not by "
        f"{' and '.join(keys) or 'none'}. Select within the others with where."
    )


def group_codes(survey: Survey, question: Question, by: str, selection: Selection) -> list[str]:
    """Codes of the groups: those a filter names, else all that say something.

    Raises
    ------
    InsightsError
        For an unknown key, one not known of the population, or fewer than two groups.
    """
    if by == RESPONDENT_TYPE:
        raise InsightsError(
            f"{question.id} was put to one population. To see it beside matching questions to "
            f'others, use `h.question(survey, "{question.id}", matched=True)`.'
        )
    codebook = survey.codebook
    if column_of(codebook, by) not in survey.columns(question.population):
        who = codebook.populations[question.population].label
        raise InsightsError(f"{who} have no {by}: it is not known for them.")
    known = known_codes(codebook, by)
    unsaid = {NOT_STATED, NOT_ASKED, NOT_ANSWERED}
    for asked in codebook.questions.values():
        if by not in codebook.dimensions and by in (c.column for c in asked.cells):
            unsaid |= {o.code for o in asked.options if o.missing is not Missing.NO}
    codes = [code for code in known if code not in unsaid]
    for key, wanted in selection.conditions:
        if key == by:
            codes = [code for code in known if code in wanted]
    if len(codes) < 2:
        raise InsightsError(
            f"{by} gives {len(codes)} group{'s' * (len(codes) != 1)} to compare; two are needed. "
            f"Its codes: {', '.join(known) or 'none (its answers are numbers or text)'}."
        )
    return codes
