"""Totals: people in the population, and sums of a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.codebook.model import Kind
from helpers.errors import InsightsError
from helpers.estimation.estimates import Combine, combined, indicators
from helpers.estimation.intervals import Floats, interval, student
from helpers.estimation.request import COUNTED, Request, Status, require_free
from helpers.estimation.tabulate import (
    numbers,
    some_gave_several,
    strata,
)
from helpers.estimation.variance import (
    FULL,
    Axis,
    Design,
    population_sizes,
    tensor,
    variance,
)
from helpers.responses.selection import Where
from helpers.responses.survey import Survey

NUMBER_SUMS = ["n", "sum_w", "sum_w2", "sum_wx", "sum_wx2", "sum_w2x", "sum_w2x2"]
ADDED = frozenset((*COUNTED, *NUMBER_SUMS, "lowest", "highest"))  # columns of what is added up
ROUNDING = 1e-6  # an error below this part of a total of equal numbers is one of rounding


def total(
    survey: Survey,
    question: str,
    by: Sequence[str] | str = (),
    where: Where = None,
    *,
    combine: Combine | None = None,
) -> pd.DataFrame:
    """Estimated number of people in the population who gave each answer, or sum of a number.

    Weights must add up to the population. Of responses without weights, the population sizes of
    `Survey.design` make them (N/n in every stratum); without both, totals are of the respondents.

    Returns
    -------
    DataFrame with the rows and columns of `proportion`; of a number question one row per group.
    `estimate`, `se` and the interval are numbers of people (or the number's unit). `n` counts
    respondents in the base; `n_effective`, `deff` and `df` refer to the whole sample.

    Notes
    -----
    As R's `svytotal`. Student's t interval, of people cut at 0; where nobody or everybody gave
    the answer and the standard error is 0, the sum of weights times Wilson's interval. A number
    that everybody gave has no interval.
    """
    request = Request.of(survey, question, by, where)
    asked = request.question
    if asked.kind is Kind.TEXT:
        raise InsightsError(f"{question} is a text question: it has no totals.")
    rows = {"": ()} if asked.kind is Kind.NUMBER else combined(asked, combine)
    frame = request.frame(list(rows))
    if not request.concerned:
        return request.filled(frame, None)
    design = Design.of(strata(survey, asked.population), survey, asked.population)
    whole, numeric = design.sum_w, asked.kind is Kind.NUMBER
    if numeric:
        numbers_of = number_sums(request, design, 0.0)
        n, w, w2, wx, wx2, w2x, w2x2 = numbers_of.sums
        y, yy, square = wx, w2x2, wx2
    else:
        sums, _ = request.counted()
        moments = sums.scored(indicators(asked, rows), np.ones(len(asked.in_base)))
        y, yy, square = moments.y, moments.yy, moments.y
        n = np.broadcast_to(sums.n.sum(axis=2)[:, :, None, :], y.shape)
    given = survey.sampling.sizes.get(asked.population)
    if given is not None and not survey.codebook.populations[asked.population].weight:
        whom = population_sizes(given, asked.population, design.cells, design.sizes)
        if np.isinf(whom).any():
            raise InsightsError(
                "Totals need a finite population: set survey.design(population_size=…)."
            )
        times = whom / design.n
        y, yy, square, whole = y * times, yy * times**2, square * times, whole * times
    values = _total(y, yy, square, n, whole, design, design.n.sum())
    if numeric:
        return _of_number(request, frame, values, numbers_of.same, design.level)
    values["ci_low"] = np.maximum(values["ci_low"], 0.0)
    return request.filled(frame, values)


def _of_number(
    request: Request,
    frame: pd.DataFrame,
    values: dict[str, Floats],
    alike: npt.NDArray[np.bool_],
    level: float,
) -> pd.DataFrame:
    """Fill in totals of a number, of which Wilson's interval says nothing."""
    rounding = alike & (values["se"] <= ROUNDING * np.abs(values["estimate"]))
    values["se"] = np.where(rounding, 0.0, values["se"])
    half = student(level, values["df"]) * values["se"]
    unsure = alike & (values["se"] == 0) & np.isfinite(values["n_effective"])
    ends = values["estimate"] - half, values["estimate"] + half
    values["ci_low"], values["ci_high"] = (np.where(unsure, np.nan, end) for end in ends)
    result = request.filled(frame, values)
    result.loc[unsure.reshape(-1), "status"] = Status.SAME_ANSWER.value
    return result


def _same(request: Request, table: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether everybody of a group gave the same number, (group, column)."""
    places = {c.column: n for n, c in enumerate(request.question.cells)}
    low = np.full((len(request.groups), len(places)), np.inf)
    high = -low
    for group, column, lowest, highest in zip(
        request.group_of(table), table["column"], table["lowest"], table["highest"], strict=True
    ):
        if (g := request.group_places.get(group)) is not None:
            at = g, places[column]
            low[at], high[at] = min(low[at], lowest), max(high[at], highest)
    return low == high


def _total(
    y: Floats,
    yy: Floats,
    square: Floats,
    n: Floats,
    whole: Floats,
    design: Design,
    answers: float,
) -> dict[str, Floats]:
    everybody = whole.sum()
    estimate = y.sum(axis=-1)
    se = np.sqrt(variance(yy, y, design))
    share = estimate / everybody
    spread = np.maximum(square.sum(axis=-1) / everybody - share**2, 0.0)
    census = bool((design.unsampled < FULL).all())
    kish = np.full(share.shape, np.inf if census else design.sum_w.sum() ** 2 / design.sum_w2.sum())
    df = np.full(share.shape, design.df(design.sizes))
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = (se == 0) | np.isclose(spread, 0, atol=1e-15 * share**2)
        effective = np.where(alike, kish, everybody**2 * spread / se**2)
    half = student(design.level, df) * se
    low, high = interval("wilson", np.clip(share, 0, 1), kish, kish, df, design.level)
    empty = n.sum(axis=-1) == 0
    values = {
        "estimate": estimate,
        "se": se,
        "ci_low": np.where(se == 0, everybody * low, estimate - half),
        "ci_high": np.where(se == 0, everybody * high, estimate + half),
        "n_effective": effective,
        "deff": (answers - 1) / effective,
        "df": df,
    }
    found = {k: np.where(empty, np.nan, v) for k, v in values.items()}
    return {**found, "n": n.sum(axis=-1)}


@dataclass(frozen=True)
class NumberSums:
    """Sums of numbers, people as clusters where some of them gave several.

    Attributes
    ----------
    sums : in the order of `NUMBER_SUMS`, each (group, column, 1, stratum)
    same : whether everybody of a group gave the same number, (group, column, 1)
    people : who gave them, where people are clusters: (group, column, stratum)
    """

    sums: list[Floats]
    same: npt.NDArray[np.bool_]
    design: Design
    people: Floats | None = None


def number_sums(request: Request, design: Design, centre: float) -> NumberSums:
    """Add numbers up as `tabulate.numbers` does, with the design of all answers given."""
    require_free(request.keys, ADDED)
    survey, population = request.survey, request.question.population
    several = some_gave_several(survey, population, request.selection)
    table = numbers(survey, request.question, request.inner, request.selection, centre, several)
    axes: list[Axis] = [
        (request.group_of(table), request.group_places),
        (table["column"], {c.column: n for n, c in enumerate(request.question.cells)}),
        (table["stratum"], {s: n for n, s in enumerate(design.cells)}),
    ]
    sums = [of[:, :, None, :] for of in tensor(table, axes, NUMBER_SUMS)]
    same = _same(request, table)[:, :, None]
    if not several:
        return NumberSums(sums, same, design)
    return NumberSums(sums, same, design, tensor(table, axes, ["people"])[0])
