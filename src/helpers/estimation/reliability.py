"""Whether items measure one thing: Cronbach's alpha and McDonald's omega with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from scipy import stats

from helpers.codebook.model import Question
from helpers.errors import InsightsError
from helpers.estimation.intervals import Floats
from helpers.estimation.latest_wave import resolve_selection
from helpers.estimation.tabulate import SUMS, joint
from helpers.responses.selection import Where
from helpers.responses.survey import Survey

ROUNDS, CLOSE = 2000, 1e-10
FEWEST = 3  # items of a factor model


@dataclass(frozen=True)
class Reliability:
    """How well items go together.

    Attributes
    ----------
    n : respondents who answered all items, without weights
    alpha, omega : Cronbach's alpha; McDonald's total omega of one factor, missing for two items
    alpha_range, omega_range : their intervals
    items : one row per item: `item` (column), `label`, `item_rest` (correlation of its score with
        the sum of the others), `alpha_without`
    """

    n: int
    alpha: float
    alpha_range: tuple[float, float]
    omega: float
    omega_range: tuple[float, float]
    items: pd.DataFrame


def reliability(survey: Survey, columns: Sequence[str], where: Where = None) -> Reliability:
    """Judge items by the respondents who answered all of them.

    Parameters
    ----------
    columns
        Response columns of questions on scales, of one population; two or more.

    Raises
    ------
    InsightsError
        If an item has no scale, fewer than three people answered all, or an item does not vary.

    Notes
    -----
    Alpha: Cronbach (1951), Psychometrika 16, 297-334; its interval: Feldt, Woodruff and Salih
    (1987), Applied Psychological Measurement 11, 93-103. Omega: McDonald (1999), *Test Theory*, of
    one factor of the correlations, fitted by iterated principal axes (minimum residuals); its
    interval by the delta method, from the spread of the products of scores. As `alpha` and `omega`
    of R's psych, which use no weights either.
    """
    owners = [_owner(survey, column) for column in columns]
    population = owners[0].population
    selection = resolve_selection(survey, where, population)
    table = joint(survey, population, list(columns), (), selection)
    of = [{o.code: o.score for o in q.substantive} for q in owners]
    scores = np.stack(
        [table[c].map(s).to_numpy(dtype=float) for c, s in zip(columns, of, strict=True)], axis=1
    )
    whole = ~np.isnan(scores).any(axis=1)
    scores, n = scores[whole], table[SUMS[0]].to_numpy(dtype=float)[whole]
    people = int(n.sum())
    if people < 3:
        raise InsightsError(f"{people} respondents answered all items: 3 are needed.")
    spread = _covariance(scores, n)
    for column, variance in zip(columns, np.diag(spread), strict=True):
        if variance <= 0:
            raise InsightsError(f"{column}: everybody gave the same answer. Leave the item out.")
    level = survey.sampling.level
    value, _ = alpha(scores, n)
    omega = omega_of(spread) if len(columns) >= FEWEST else np.nan
    rows = [
        (column, _label(q, column), *_without(scores, n, at))
        for at, (column, q) in enumerate(zip(columns, owners, strict=True))
    ]
    return Reliability(
        people,
        value,
        _feldt(value, people, len(columns), level),
        omega,
        _delta(scores, n, omega, level) if len(columns) >= FEWEST else (np.nan, np.nan),
        pd.DataFrame(rows, columns=["item", "label", "item_rest", "alpha_without"]),
    )


def alpha(scores: Floats, n: Floats) -> tuple[float, float]:
    """Cronbach's alpha of items, and how many people it is of.

    Parameters
    ----------
    scores
        (row, item); missing where an item was not answered. Rows with a missing item are left out.
    n
        Respondents in each row.

    Returns
    -------
    Alpha, at most 1; missing if fewer than two people answered all items, or all scored alike.

    Notes
    -----
    k / (k - 1) (1 - sum of the items' variances / variance of their sum), without weights:
    Cronbach (1951), Psychometrika 16, 297-334.
    """
    whole = ~np.isnan(scores).any(axis=1)
    scores, n = scores[whole], n[whole]
    people, k = float(n.sum()), scores.shape[1]
    if people < 2:
        return np.nan, people
    total = np.column_stack([scores, scores.sum(axis=1)])
    centred = total - (n[:, None] * total).sum(axis=0) / people
    *items, of_sum = (n[:, None] * centred**2).sum(axis=0)
    if of_sum <= 1e-9 * people:
        return np.nan, people
    return float(k / (k - 1) * (1 - sum(items) / of_sum)), people


def omega_of(spread: Floats) -> float:
    """McDonald's total omega of one factor, from the covariances of three items or more.

    1 - sum of the unique variances / variance of the sum of standardised items.
    """
    scale = np.sqrt(np.diag(spread))
    correlations = spread / np.outer(scale, scale)
    unique = 1 - _communalities(correlations)
    return float(1 - unique.sum() / correlations.sum())


def _communalities(correlations: Floats) -> Floats:
    """Fit one factor by iterated principal axes, from the largest correlation of each item."""
    off = np.abs(correlations - np.eye(len(correlations)))
    common = off.max(axis=1)
    reduced = correlations.copy()
    for _ in range(ROUNDS):
        np.fill_diagonal(reduced, common)
        values, vectors = np.linalg.eigh(reduced)
        new = np.minimum(max(values[-1], 0.0) * vectors[:, -1] ** 2, 1.0)
        if np.abs(new - common).max() < CLOSE:
            return new
        common = new
    return common


def _covariance(scores: Floats, n: Floats) -> Floats:
    centred = scores - (n[:, None] * scores).sum(axis=0) / n.sum()
    return (centred * n[:, None]).T @ centred / (n.sum() - 1)


def _feldt(value: float, people: int, k: int, level: float) -> tuple[float, float]:
    """Interval of alpha, as `alpha.ci` of R's psych."""
    df = people - 1, (people - 1) * (k - 1)
    tail = (1 - level) / 2
    low, high = (1 - (1 - value) * stats.f.ppf(p, *df) for p in (1 - tail, tail))
    return float(low), float(high)


def _delta(scores: Floats, n: Floats, omega: float, level: float) -> tuple[float, float]:
    """Interval of omega: the delta method over the covariances, whatever the scores' form."""
    spread, k = _covariance(scores, n), scores.shape[1]
    centred = scores - (n[:, None] * scores).sum(axis=0) / n.sum()
    slopes = np.zeros_like(spread)
    for i in range(k):
        for j in range(i + 1):
            step = 1e-4 * np.sqrt(spread[i, i] * spread[j, j])
            moved = []
            for sign in (1, -1):
                changed = spread.copy()
                changed[i, j] += sign * step
                changed[j, i] = changed[i, j]
                moved.append(omega_of(changed))
            slopes[i, j] = (moved[0] - moved[1]) / (2 * step)  # once for each pair
    influence = np.einsum("ri,ij,rj->r", centred, slopes, centred)
    mean = (n * influence).sum() / n.sum()
    error = np.sqrt((n * (influence - mean) ** 2).sum()) / n.sum()
    reach = NormalDist().inv_cdf((1 + level) / 2) * float(error)
    return max(omega - reach, -1.0), min(omega + reach, 1.0)


def _without(scores: Floats, n: Floats, at: int) -> tuple[float, float]:
    """Correlation of an item with the sum of the others, and their alpha."""
    others = np.delete(scores, at, axis=1)
    both = _covariance(np.column_stack([scores[:, at], others.sum(axis=1)]), n)
    variance = both[0, 0] * both[1, 1]
    fits = both[0, 1] / np.sqrt(variance) if variance > 0 else np.nan
    return float(fits), alpha(others, n)[0] if others.shape[1] > 1 else np.nan


def _owner(survey: Survey, column: str) -> Question:
    owner = survey.codebook.owners.get(column)
    if owner is None or not owner.is_scale:
        why = f": {owner.why_no_scale}" if owner else ""
        raise InsightsError(f"{column} is not an item on a scale of three or more points{why}.")
    return owner


def _label(question: Question, column: str) -> str:
    item = next(c.item for c in question.cells if c.column == column)
    return question.item_label(item) if item else question.label
