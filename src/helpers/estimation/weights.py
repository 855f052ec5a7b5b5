"""Weights that bring a sample to known margins of its population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import narwhals as nw

from helpers.codebook.model import suggest
from helpers.errors import InsightsError
from helpers.estimation.raking import Margins, raked, targets_of
from helpers.responses.recoding import WEIGHT, WEIGHT_SQUARED
from helpers.responses.selection import column_of, known_codes
from helpers.responses.survey import Survey
from helpers.responses.weighting import WeightStep

AnySurvey = TypeVar("AnySurvey", bound=Survey)


def rake(
    survey: AnySurvey,
    margins: Margins,
    *,
    population: str | None = None,
    trim: tuple[float, float] | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
    unconverged: str = "fail",
) -> AnySurvey:
    """Rake the weights of a survey to known margins by iterative proportional fitting.

    Parameters
    ----------
    margins
        For each dimension or response column (a tuple of names for a joint margin) the number of
        people in each category; or shares that sum to 1, of the present sum of weights.
    population
        Population to weight; needed where there are several.
    trim
        Lowest and highest weight, as multiples of the mean weight.
    tolerance
        Largest deviation from a margin, as a part of it, that counts as met.
    unconverged
        ``fail``, or ``report``: keep the weights of the last round.

    Raises
    ------
    InsightsError
        For margins that cannot be met.

    Notes
    -----
    Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444. With `trim`,
    weights are min(max(w times one factor per margin, low), high): nearest to the given ones
    in Kullback and Leibler's sense (Deville and Särndal 1992, Journal of the American
    Statistical Association 87, 376-382, truncated).
    """
    if unconverged not in ("fail", "report"):
        raise InsightsError(f'unconverged is "{unconverged}"; known: fail, report.')
    ways = (trim, tolerance, max_iterations, unconverged)
    survey.require_whole("Weight all respondents first, then choose a part of them.")
    who = _population(survey, population)
    held = survey.held[who]
    margin: dict[str, str] = {}  # where the rows are not in memory, codes are columns of their own

    def column(key: str) -> str:
        found = _survey_column(survey, who, key)
        return found if not held.recodes else margin.setdefault(found, f"_margin_{len(margin)}")

    targets = targets_of(margins, column)
    _check_codes(survey, margins)
    frame = nw.from_native(held.table)
    names = frame.collect_schema().names()
    if held.recodes:
        codes = {alias: held.recodes[name].expression for name, alias in margin.items()}
        frame = frame.with_columns(**codes)
    new, raking = raked(frame.to_native(), targets, WEIGHT, WEIGHT, *ways)
    squared = (nw.col(WEIGHT) * nw.col(WEIGHT)).alias(WEIGHT_SQUARED)
    new = nw.from_native(new).with_columns(squared).select(*names).to_native()
    return _with_weights(survey, who, new, raking, repr((margins, *ways)))


def _population(survey: Survey, population: str | None) -> str:
    known = list(survey.codebook.populations)
    if population is None and len(known) == 1:
        return known[0]
    if population not in known:
        said = f'There is no population "{population}"' if population else "Name the population"
        raise InsightsError(f"{said}. {suggest(population or '', known, 'population')}")
    return population


def _survey_column(survey: Survey, population: str, key: str) -> str:
    column = column_of(survey.codebook, key)
    if column not in survey.columns(population):
        raise InsightsError(f"{population} have no {key}: it is not known for them.")
    return column


def _check_codes(survey: Survey, margins: Margins) -> None:
    for key, numbers in margins.items():
        keys: Sequence[str] = (key,) if isinstance(key, str) else key
        for category in numbers:
            codes = category if isinstance(category, tuple) else (category,)
            for name, code in zip(keys, codes, strict=True):
                known = known_codes(survey.codebook, name)
                if known and code not in known:
                    raise InsightsError(f'{name} has no "{code}". {suggest(code, known, "code")}')


def _with_weights(
    survey: AnySurvey, population: str, frame: Any, step: WeightStep, how: str
) -> AnySurvey:
    who = survey.codebook.populations[population]
    declared = replace(who, weight=who.weight or "raked weight")
    populations = {**survey.codebook.populations, population: declared}
    held = survey.held[population].reweighted(frame, how)
    return replace(
        survey,
        codebook=replace(survey.codebook, populations=populations),
        held={**survey.held, population: held},
        weighting={
            **survey.weighting,
            population: (*survey.weighting.get(population, ()), step),
        },
    )
