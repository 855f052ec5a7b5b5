"""An index over items: its mean with an interval, and its reliability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.codebook.model import FAVOURED, Index, Kind, MeanOf, Question
from helpers.estimation.columns import ColumnBlock, ColumnEstimates, blank, inapplicable
from helpers.estimation.intervals import Floats, bounded
from helpers.estimation.latest_wave import resolve_selection
from helpers.estimation.people import RowSums
from helpers.estimation.reliability import alpha
from helpers.estimation.request import Request, Status
from helpers.estimation.tabulate import SUMS, joint, strata
from helpers.estimation.variance import Design, measured
from helpers.responses.selection import Selection, Where
from helpers.responses.survey import Survey

ENDS = (0.0, 100.0)


def question_of(survey: Survey, index: Index) -> Question:
    """Return an index in the form of a question without items, to be shown like one."""
    first = survey.codebook.owners[index.items[0]]
    return Question(index.id, first.population, Kind.NUMBER, index.label, index.label)


def index_mean(
    survey: Survey, name: str, by: Sequence[str] | str = (), where: Where = None
) -> pd.DataFrame:
    """Mean over the items of an index: of favourable shares, or of scores from 0 to 100.

    Parameters
    ----------
    name
        Id of an index of survey.yml; `by` and `where` are those of `estimates.proportion`.

    Returns
    -------
    DataFrame, one row per group, with the columns of `means.mean`: `question` is the index,
    `estimate` in [0, 100], `n` everybody who answered an item or more. `alpha` is Cronbach's
    alpha of the items' scores and `n_alpha` how many answered all of them.

    Notes
    -----
    Each item is a share, or mean, of those who answered it, so that an index is the mean of
    numbers that are shown. Its variance is that of the linearised sum of these ratios over
    respondents, covariances of items included; Student's t interval, cut at 0 and 100.
    """
    return _estimated(survey, name, by, where)[0]


def index_columns(
    survey: Survey, name: str, blocks: Sequence[ColumnBlock], where: Where = None
) -> ColumnEstimates:
    """Estimate an index in every column of some blocks, as `columns.estimate_columns`; untested."""
    index = survey.codebook.indices[name]
    owners = [survey.codebook.owners[column] for column in index.items]
    shape = (sum(len(block.columns) for block in blocks), 1)
    mean = blank(shape)
    bases = {of: np.zeros(shape) for of in ("n", "weighted", "effective")}
    reasons: dict[int, str] = {}
    at = 0
    for block in blocks:
        why = next(filter(None, (inapplicable(survey, owner, block) for owner in owners)), "")
        chosen = resolve_selection(survey, where, owners[0].population, block.keys)
        for condition in block.columns:
            if why:
                reasons[at] = why
            else:
                group = Selection(tuple((key, (code,)) for key, code in condition))
                frame, sums = _estimated(survey, name, (), chosen & group)
                for of in mean:
                    mean[of][at] = frame[of].iloc[0]
                bases["n"][at] = frame["n"].iloc[0]
                bases["weighted"][at], bases["effective"][at] = sums
            at += 1
    return ColumnEstimates(blank((*shape, 0)), mean, None, None, bases, [], reasons)


def _estimated(
    survey: Survey, name: str, by: Sequence[str] | str, where: Where
) -> tuple[pd.DataFrame, tuple[float, float]]:
    """Return the rows of `index_mean`, and weighted and effective base of the first."""
    index = survey.codebook.indices[name]
    owners = [survey.codebook.owners[column] for column in index.items]
    request = Request.of(survey, owners[0].id, by, where)
    request = replace(request, question=question_of(survey, index))
    frame = request.frame([""])
    if not request.concerned:
        return request.with_columns(
            request.filled(frame, None), scale="0 to 100", alpha=np.nan, n_alpha=0
        ), (0, 0)
    population = owners[0].population
    design = Design.of(strata(survey, population), survey, population)
    columns = list(index.items)
    keys = request.inner + request.person
    table = joint(survey, population, columns, keys, request.selection)
    names = [f"_{n}" for n in range(len(columns))]  # an item may be a group too
    table.columns = pd.Index([*names, *table.columns[len(names) :]])
    values = [_values(owner, index.measure) for owner in owners]
    given = [table[n].map(of).to_numpy(dtype=float) for n, of in zip(names, values, strict=True)]
    found = _mean(request, table, np.stack(given, axis=1), design)
    scores = [table[n].map(o.points).to_numpy(float) for n, o in zip(names, owners, strict=True)]
    n = table[SUMS[0]].to_numpy(dtype=float)
    place = request.places_of(table)
    judged = [
        alpha(np.stack(scores, axis=1)[place == at], n[place == at])
        for at in range(len(request.groups))
    ]
    frame = request.with_columns(request.filled(frame, found), scale="0 to 100")
    lacking = frame["estimate"].isna() & (frame["status"] == Status.NO_WEIGHT.value)
    frame.loc[lacking, "status"] = Status.NO_ANSWERS.value  # to one of the items
    frame = request.with_columns(
        frame, alpha=[a for a, _ in judged], n_alpha=[int(of) for _, of in judged]
    )
    there = (place == 0) & ~np.isnan(np.stack(given, axis=1)).all(axis=1)
    weight, squared = (float(table[name].to_numpy(dtype=float)[there].sum()) for name in SUMS[1:])
    return frame, (weight, weight**2 / squared if squared else 0.0)


def _values(question: Question, measure: MeanOf) -> dict[str, float]:
    """Value that an index gives each answer of an item's base; don't know counts as not good."""
    if measure is MeanOf.SCORE:
        return question.points
    good = question.thirds[FAVOURED]
    return {o.code: 100.0 * (o.code in good) for o in question.in_base}


def _mean(
    request: Request, table: pd.DataFrame, given: Floats, design: Design
) -> dict[str, Floats]:
    """Estimates by group from the values (row, item) of those who answer alike."""
    w = table["sum_w"].to_numpy(dtype=float)
    there = ~np.isnan(given)
    value = np.where(there, given, 0.0)
    groups = request.places_of(table)
    shape = (len(request.groups), given.shape[1])
    x, y = np.zeros(shape), np.zeros(shape)
    inside = groups >= 0
    np.add.at(x, groups[inside], (w[:, None] * there)[inside])
    np.add.at(y, groups[inside], (w[:, None] * value)[inside])
    with np.errstate(divide="ignore", invalid="ignore"):
        means = y / x
        answered = there.any(axis=1)
        whole = np.zeros(shape[0])
        np.add.at(whole, groups[inside], (w * answered)[inside])
        # What a respondent adds to the index, in units in which weights make it a mean.
        scale = whole[:, None] / (x * shape[1])
        residual = np.where(there, (value - means[groups]) * scale[groups], 0.0).sum(axis=1)
    sums = RowSums.of(request, table, design, answered)
    moments, n, people = sums.moments(residual[:, None], np.ones((len(table), 1)))
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = np.zeros(shape[0])
        np.add.at(squares, groups[inside], (w * residual**2)[inside])
        spread = (squares / whole)[:, None]
    found = measured(moments, spread, n, design, ENDS[1], people)
    found["estimate"] = found["estimate"] + means.mean(axis=1)[:, None]
    at, se, effective, df = (found[name] for name in ("estimate", "se", "n_effective", "df"))
    found["ci_low"], found["ci_high"] = bounded(at, se, effective, df, ENDS, design.level)
    return found
