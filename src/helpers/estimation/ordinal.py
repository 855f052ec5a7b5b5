"""The proportional-odds model on a frequency table: likelihood, existence, fit, parallel lines."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from helpers.errors import InsightsError
from helpers.estimation.intervals import Floats
from helpers.estimation.variance import Design, covariance, products_of

STEP = 1e-5  # of central differences; their error is of the order of its square


@dataclass(frozen=True)
class ModelledPeople:
    """People who gave several answers each.

    Attributes
    ----------
    weights : of each stratum a sparse table of weights, (person, cell)
    alone : squared weights of those of whom one answer is known, (cell, stratum)
    n : people, (stratum,)
    """

    weights: Sequence[Any]
    alone: Floats
    n: Floats

    def products(self, values: Floats) -> Floats:
        """Add up by stratum products of what values of cells come to for each person."""
        each = [of @ values for of in self.weights]
        alone = [(values * of[:, None]).T @ values for of in self.alone.T]
        return np.stack([of.T @ of + more for of, more in zip(each, alone, strict=True)])


@dataclass(frozen=True)
class Frequencies:
    """Respondents by answer and characteristics.

    Attributes
    ----------
    x : dummies of the characteristics, (cell, slope)
    y : place of the answer on the scale from 0, (cell,)
    n, w, w2 : respondents, weights and squared weights, (cell, stratum)
    persons : None where everybody answered once
    """

    x: Floats
    y: Any
    n: Floats
    w: Floats
    w2: Floats
    persons: ModelledPeople | None = None

    @property
    def whose(self) -> Floats:
        """Count people by stratum."""
        found: Floats = self.n.sum(axis=0) if self.persons is None else self.persons.n
        return found

    def products(self, values: Floats, design: Design) -> Floats:
        """Products of values (cell, variable) by stratum: (stratum, variable, variable)."""
        if self.persons is not None:
            return self.persons.products(values)
        return products_of(values, self.w2, design)

    @property
    def answers(self) -> int:
        """Number of answers on the scale."""
        return int(self.y.max()) + 1

    def cut(self, at: int) -> Frequencies:
        """Whether the answer is above a place on the scale, instead of the answer."""
        return replace(self, y=(self.y > at).astype(int))


@dataclass(frozen=True)
class Fit:
    """Parameters (slopes, then thresholds), and the inverse of their information."""

    theta: Floats
    inverse: Floats


def probabilities(theta: Floats, x: Floats) -> Floats:
    """Chance of every answer, (row, answer): logit P(Y <= j) = threshold j - x slopes.

    McCullagh (1980), Journal of the Royal Statistical Society B 42, 109-142.
    """
    return np.diff(_cumulative(theta, x), axis=1)


def _cumulative(theta: Floats, x: Floats) -> Floats:
    slopes = x.shape[1]
    below = theta[None, slopes:] - (x @ theta[:slopes])[:, None]
    inner = 0.5 * (1 + np.tanh(below / 2))
    edge = np.ones((len(x), 1))
    return np.hstack([0 * edge, inner, edge])


def scores(theta: Floats, cells: Frequencies) -> Floats:
    """Differentiate the log chance of each cell's answer by every parameter, (cell, parameter)."""
    slopes, rows = cells.x.shape[1], np.arange(len(cells.y))
    whole = _cumulative(theta, cells.x)
    density = whole * (1 - whole)
    chance = whole[rows, cells.y + 1] - whole[rows, cells.y]
    upper, lower = density[rows, cells.y + 1] / chance, density[rows, cells.y] / chance
    found = np.zeros((len(rows), len(theta)))
    found[:, :slopes] = (lower - upper)[:, None] * cells.x
    for j in range(len(theta) - slopes):
        found[:, slopes + j] = np.where(cells.y == j, upper, 0.0) - np.where(
            cells.y == j + 1, lower, 0.0
        )
    return found


def fit(cells: Frequencies) -> Fit:
    """Fit the model by (pseudo-)maximum likelihood.

    statsmodels' `OrderedModel`, its likelihood weighted by the table, then Newton's steps to the
    last digits.

    Raises
    ------
    InsightsError
        If it does not converge.
    """
    from statsmodels.miscmodels.ordinal_model import OrderedModel
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    weight = cells.w.sum(axis=1)
    share = weight / weight.sum()  # a mean, so that the search ends alike for any number
    weight = share * cells.n.sum()

    class Weighted(OrderedModel):
        """Ordered logit whose rows stand for several respondents."""

        def loglike(self, params: Any) -> float:
            return float(share @ self.loglikeobs(params))

        def score(self, params: Any) -> Any:
            return share @ self.score_obs(params)

    model = Weighted(cells.y, cells.x, distr="logit")
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # Newton's steps decide
        found = model.fit(method="bfgs", disp=0, maxiter=500, gtol=1e-6, skip_hessian=True)
    slopes = cells.x.shape[1]
    theta = np.array(found.params, dtype=float)
    theta[slopes:] = model.transform_threshold_params(theta)[1:-1]

    def total(at: Floats) -> Floats:
        return weight @ scores(at, cells)

    for _ in range(50):
        inverse = np.linalg.inv(-jacobian(total, theta))
        step = inverse @ total(theta)
        theta = theta + step
        if np.abs(step).max() < 1e-12 * (1 + np.abs(theta).max()):
            break
    if not (np.abs(step).max() < 1e-8 and np.all(np.diff(theta[slopes:]) > 0)):
        raise InsightsError(
            "The ordinal model did not converge: take answers or groups together, or leave a "
            "characteristic out."
        )
    return Fit(theta, np.asarray(inverse, dtype=float))


def jacobian(function: Any, at: Floats) -> Floats:
    """Differentiate a function by every parameter, (value, parameter), by central differences."""
    steps = np.eye(len(at)) * STEP
    columns = [(function(at + s) - function(at - s)) / (2 * STEP) for s in steps]
    return np.stack(columns, axis=-1)


def sandwich(cells: Frequencies, parts: Floats, inverse: Floats, design: Design) -> Floats:
    """Covariance of estimates from the scores of the cells, following strata and weights.

    Parameters
    ----------
    parts : scores, (cell, parameter), of equations that weights are summed over
    inverse : inverse of the derivative of their sum, for weights as they are

    Notes
    -----
    Binder (1983), International Statistical Review 51, 279-292: the linearised estimates are
    totals, whose variance is that of any total.
    """
    influence = parts @ inverse.T
    return covariance(
        influence.T @ design.reduced(cells.w), cells.products(influence, design), design
    )


def separating(cells: Frequencies) -> list[int]:
    """Slopes along which the likelihood rises for ever, so that no estimate exists.

    Notes
    -----
    A linear program finds thresholds a and slopes b, not all of no effect, with a[y] - x b >= 0
    and a[y - 1] - x b <= 0 in every cell: complete or quasi-complete separation, after Albert and
    Anderson (1984), Biometrika 71, 1-10, for the likelihood of the cumulative model, which is
    concave (Pratt 1981, Journal of the American Statistical Association 76, 103-106).
    """
    from scipy.optimize import linprog

    slopes, cuts = cells.x.shape[1], cells.answers - 1
    there = cells.w.sum(axis=1) > 0
    rows = []
    for x, y in zip(cells.x[there], cells.y[there], strict=True):
        for threshold, sign in ((y, 1.0), (y - 1, -1.0)):
            if 0 <= threshold < cuts:
                row = np.concatenate([-x, np.zeros(cuts)])
                row[slopes + threshold] = 1.0
                rows.append(sign * row)
    gains = np.array(rows)
    found = linprog(-gains.sum(axis=0), -gains, np.zeros(len(gains)), bounds=(-1, 1))
    if found.status != 0 or -found.fun < 1e-7:
        return []
    return [k for k in range(slopes) if abs(found.x[k]) > 1e-7]


def brant(cells: Frequencies, design: Design | None) -> tuple[Floats, Floats]:
    """Slopes of a binary logit at every cut, and the covariance of all of them.

    Returns
    -------
    slopes, (cut, slope); covariance, (cut * slope, cut * slope)

    Notes
    -----
    Brant (1990), Biometrics 46, 1171-1178; with a design, the covariance is that of the stacked
    estimating equations.
    """
    fits = [fit(cells.cut(j)) for j in range(cells.answers - 1)]
    slopes = cells.x.shape[1]
    if design is not None:
        scale = cells.n.sum() / cells.w.sum()
        stacked = np.hstack(
            [
                (scores(f.theta, cells.cut(j)) @ f.inverse.T)[:, :slopes] * scale
                for j, f in enumerate(fits)
            ]
        )
        together = covariance(
            stacked.T @ design.reduced(cells.w), cells.products(stacked, design), design
        )
        return np.array([f.theta[:slopes] for f in fits]), together
    weight = cells.n.sum(axis=1)
    ones = np.hstack([cells.x, -np.ones((len(cells.x), 1))])  # the threshold enters negatively
    above = [probabilities(f.theta, cells.x)[:, 1] for f in fits]
    blocks = []
    for j, one in enumerate(fits):
        row = []
        for k, two in enumerate(fits):
            both = above[max(j, k)] - above[j] * above[k]
            middle = ones.T @ (ones * (weight * both)[:, None])
            row.append((one.inverse @ middle @ two.inverse)[:slopes, :slopes])
        blocks.append(row)
    return np.array([f.theta[:slopes] for f in fits]), np.block(blocks)
