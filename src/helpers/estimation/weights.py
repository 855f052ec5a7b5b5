"""Weights that bring a sample to known margins of its population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, overload

import narwhals as nw
import pandas as pd

from helpers.codebook.model import suggest
from helpers.errors import InsightsError
from helpers.estimation.raking import FIXED, Margins, Raking, raked, targets_of
from helpers.responses.recoding import WEIGHT, WEIGHT_SQUARED
from helpers.responses.selection import column_of, known_codes
from helpers.responses.survey import Survey


@dataclass(frozen=True, repr=False)
class RakedSurvey(Survey):
    """A survey with raked weights; `rakings` says how, per population."""

    rakings: dict[str, Raking] = field(default_factory=dict, repr=False)

    def __dir__(self) -> list[str]:
        """Names for an analyst, as tab completion offers them."""
        return [*super().__dir__(), "rakings"]

    @property
    def describe(self) -> str:
        """Name, provenance and fingerprint in one line, and that weights were raked."""
        margins = dict.fromkeys(m for r in self.rakings.values() for m in r.margins)
        return f"{super().describe} · weights raked to {', '.join(margins)}"

    @property
    def notes(self) -> list[str]:
        """What is worth knowing of the responses and of their weights."""
        return [*super().notes, *(f"{p}: {r.note}" for p, r in self.rakings.items())]

    def intervals_note(self, population: str) -> str:
        """Say what an interval on this population covers."""
        said = super().intervals_note(population)
        return f"{said} {FIXED}" if population in self.rakings else said

    def _weights(self, population: str) -> str:
        return "raked weights" if population in self.rakings else super()._weights(population)


@overload
def rake(
    data: Survey,
    margins: Margins,
    *,
    population: str | None = ...,
    weight: None = ...,
    bounds: tuple[float, float] | None = ...,
    tolerance: float = ...,
    max_iterations: int = ...,
    unconverged: str = ...,
) -> RakedSurvey: ...
@overload
def rake(
    data: pd.DataFrame,
    margins: Margins,
    *,
    population: None = ...,
    weight: str | None = ...,
    bounds: tuple[float, float] | None = ...,
    tolerance: float = ...,
    max_iterations: int = ...,
    unconverged: str = ...,
) -> pd.DataFrame: ...
def rake(
    data: Survey | pd.DataFrame,
    margins: Margins,
    *,
    population: str | None = None,
    weight: str | None = None,
    bounds: tuple[float, float] | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
    unconverged: str = "fail",
) -> RakedSurvey | pd.DataFrame:
    """Rake weights to known margins by iterative proportional fitting.

    Parameters
    ----------
    data
        A survey, or a table with one row per respondent.
    margins
        For each dimension or response column (of a table: column; a tuple of names for a joint
        margin) the number of people in each category; or shares that sum to 1, of the present
        sum of weights. Every margin sums to the same.
    population
        Population of the survey to weight; needed where there are several.
    weight
        Column of a table that holds the weights to start from and takes the new ones; by
        default a column ``weight``, started from 1 where there is none.
    bounds
        Lowest and highest weight, as multiples of the mean weight. Weights beyond are trimmed
        and the others raked until all margins hold again.
    tolerance
        Largest deviation from a margin, as a part of it, that counts as met.
    unconverged
        ``fail``, or ``report``: return the weights of the last round.

    Returns
    -------
    A `RakedSurvey`, whose `notes` and `rakings` report the convergence; or the table with its
    weights, ``attrs["raking"]`` being the `Raking`. Standard errors treat the new weights as
    fixed, and the notes say so.

    Raises
    ------
    InsightsError
        For margins that cannot be met: a category nobody (of any weight) is in, respondents in
        a category without a margin, sums that differ, numbers that are not positive, bounds
        that leave no room, margins that contradict each other (no convergence).

    Notes
    -----
    Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444. With bounds,
    weights are min(max(w times one factor per margin, low), high): nearest to the given ones
    in Kullback and Leibler's sense (Deville and Särndal 1992, Journal of the American
    Statistical Association 87, 376-382, truncated).

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example")
    >>> raked = h.rake(survey, {"age": {"younger": 0.5, "older": 0.5}})
    >>> raked.describe.endswith("weights raked to age")
    True
    """
    if unconverged not in ("fail", "report"):
        raise InsightsError(f'unconverged is "{unconverged}"; known: fail, report.')
    ways = (bounds, tolerance, max_iterations, unconverged)
    if not isinstance(data, Survey):
        start = weight or "weight"
        has = start in data.columns
        if weight is not None and not has:
            raise InsightsError(f"The table has no column {weight}. {_known(data, weight)}")
        table = data
        targets = targets_of(margins, lambda key: _column(table, key))
        new, raking = raked(data, targets, start if has else None, start, *ways)
        new.attrs["raking"] = raking
        return new
    data.require_whole("Weight all respondents first, then choose a part of them.")
    who = _population(data, population)
    survey = data
    held = data.held[who]
    margin: dict[str, str] = {}  # where the rows are not in memory, codes are columns of their own

    def column(key: str) -> str:
        found = _survey_column(survey, who, key)
        return found if not held.recodes else margin.setdefault(found, f"_margin_{len(margin)}")

    targets = targets_of(margins, column)
    _check_codes(data, margins)
    frame = nw.from_native(held.table)
    names = frame.collect_schema().names()
    if held.recodes:
        codes = {alias: held.recodes[name].expression for name, alias in margin.items()}
        frame = frame.with_columns(**codes)
    new, raking = raked(frame.to_native(), targets, WEIGHT, WEIGHT, *ways)
    squared = (nw.col(WEIGHT) * nw.col(WEIGHT)).alias(WEIGHT_SQUARED)
    new = nw.from_native(new).with_columns(squared).select(*names).to_native()
    return _with_weights(data, who, new, raking, repr((margins, *ways)))


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


def _known(data: pd.DataFrame, column: str) -> str:
    return suggest(column, [str(c) for c in data.columns], "column")


def _column(data: pd.DataFrame, key: str) -> str:
    if key not in data.columns:
        raise InsightsError(f'The table has no column "{key}". {_known(data, key)}')
    return key


def _with_weights(
    survey: Survey, population: str, frame: Any, raking: Raking, how: str
) -> RakedSurvey:
    who = survey.codebook.populations[population]
    declared = replace(who, weight=who.weight or "raked weight")
    populations = {**survey.codebook.populations, population: declared}
    before = survey.rakings if isinstance(survey, RakedSurvey) else {}
    kept = {f.name: getattr(survey, f.name) for f in fields(Survey) if f.init}
    kept["codebook"] = replace(survey.codebook, populations=populations)
    held = survey.held[population].reweighted(frame, how)
    kept["held"] = {**survey.held, population: held}
    return RakedSurvey(**kept, rakings={**before, population: raking})
