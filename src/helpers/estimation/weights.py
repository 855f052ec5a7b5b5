"""Weights that bring a sample to known margins of its population, and trimmed ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

import narwhals as nw
import numpy as np
import pandas as pd

from helpers.codebook.model import suggest
from helpers.errors import InsightsError
from helpers.estimation.raking import Raking, raked
from helpers.estimation.tabulate import joint, rows_each, weights_by
from helpers.estimation.targets import Margins, Targets, margins_of, targets_of
from helpers.responses.recoding import APART, CELL, STRATUM, WEIGHT, Held
from helpers.responses.selection import column_of, known_codes
from helpers.responses.survey import AnySurvey, Survey
from helpers.responses.weighting import FIXED, FittedMargins, WeightStep

Ways: TypeAlias = "tuple[tuple[float, float] | None, float, int, str]"  # bounds to unconverged
OWN = "weight"  # names the weights of a survey that had none
PASSES = 1000  # of trimming until no weight is beyond
MOST_CELLS = 2_000  # that standard errors follow
FIRST = "Weight all respondents first, then choose a part of them."


def rake(
    survey: AnySurvey,
    margins: Targets,
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
        people in each category; or shares that sum to 1, or percentages, of the present sum of
        weights. A dict, a CSV file or a table, or several of these (`targets.margins_of`).
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
    survey.require_whole(FIRST)
    who = one_population(survey, population)
    ways = (trim, tolerance, max_iterations, unconverged)
    return _fitted(survey, who, margins_of(survey, who, margins), ways, "raked")


def post_stratify(
    survey: AnySurvey,
    cells: Targets,
    *,
    population: str | None = None,
    trim: tuple[float, float] | None = None,
) -> AnySurvey:
    """Weight a survey to the number of people in every cell of one cross-classification.

    Parameters
    ----------
    cells
        As the margins of `rake`, but one: of a characteristic, or of several together.

    Raises
    ------
    InsightsError
        As in `rake`, and for several margins.
    """
    survey.require_whole(FIRST)
    who = one_population(survey, population)
    margins = margins_of(survey, who, cells)
    if len(margins) > 1:
        names = [key if isinstance(key, str) else " by ".join(key) for key in margins]
        raise InsightsError(
            f"Post-stratification needs one table of cells, and there are {len(margins)} margins "
            f"({', '.join(names)}): give the people in each combination, or use `rake`."
        )
    return _fitted(survey, who, margins, (trim, 1e-10, 1000, "fail"), "post-stratified")


def _fitted(survey: AnySurvey, who: str, margins: Margins, ways: Ways, verb: str) -> AnySurvey:
    held = survey.held[who]
    margin: dict[str, str] = {}  # where the rows are not in memory, codes are columns of their own

    def column(key: str) -> str:
        found = _survey_column(survey, who, key)
        return found if not held.recodes else margin.setdefault(found, f"_margin_{len(margin)}")

    labels = partial(known_codes, survey.codebook)
    targets = targets_of(margins, column, held.respondents, labels)
    read = {c for target in targets for c in target.columns} if not held.recodes else set(margin)
    codes = {alias: held.recodes[name].expression for name, alias in margin.items()}
    table = held.over(read)
    coded = nw.from_native(table).with_columns(**codes).to_native() if codes else table
    weight, step = raked(coded, targets, WEIGHT, *ways, cells=codes)
    reads = frozenset().union(*(held.recodes[name].reads for name in margin))
    how = repr((margins, *ways))
    margin_columns = list(dict.fromkeys(c for target in targets for c in target.columns))
    cell = _cell(survey, who, coded, margin_columns, codes, bounded=ways[0] is not None)
    calibration = None
    if cell is not None and step.converged:
        held = held.beside({CELL: cell}, reads)
        met = zip(targets, step.targets, strict=True)
        calibration = FittedMargins(
            tuple(tuple(margin_columns.index(c) for c in target.columns) for target in targets),
            tuple(given.shares if now.unstated else {} for given, now in met),
            verb == "raked" or ways[0] is not None,
        )
    new = held.reweighted(weight, how, reads)
    return _with_weights(survey, who, new, replace(step, verb=verb, calibration=calibration))


def _cell(
    survey: Survey,
    who: str,
    coded: Any,
    columns: list[str],
    codes: Mapping[str, Any],
    *,
    bounded: bool,
) -> Any:
    """Expression of the cell of each respondent, within which everybody gets the same weight.

    It names the stratum, the codes on the margins, and the weight to start from where that
    differs. None where standard errors cannot allow for the targets: for several answers of one
    person, for more cells than `MOST_CELLS`, and for weights that differ before they are bounded.
    """
    if rows_each(survey, who) > 1:
        return None
    each = weights_by(coded, [*columns, STRATUM], WEIGHT, each=True)
    equal = bool(each["lowest"].min() == each["highest"].max())
    if len(each) > MOST_CELLS or (bounded and not equal):
        return None
    parts = [nw.col(STRATUM), *(codes.get(c, nw.col(c)) for c in columns)]
    if not equal:
        parts.append(nw.col(WEIGHT).cast(nw.String))
    return nw.concat_str(parts, separator=APART)


@dataclass(frozen=True)
class Trimming:
    """How weights were trimmed.

    Attributes
    ----------
    lowest, highest : bounds, as multiples of the mean weight
    raised, lowered : respondents whose weight was below or above
    passes : rounds until no weight was beyond; 1 where what is trimmed off may push others beyond
    effective : Kish's effective base of the new weights
    respondents : with a weight above 0
    """

    lowest: float
    highest: float
    raised: int
    lowered: int
    passes: int
    effective: float
    respondents: int
    fixed: bool = True
    calibration: FittedMargins | None = None

    @property
    def done(self) -> str:
        """What was done to the weights."""
        return f"trimmed to {self.lowest:g} to {self.highest:g} of their mean"

    @property
    def met(self) -> tuple[tuple[str, ...], ...]:
        """Margins that they were made to meet: none."""
        return ()

    @property
    def source(self) -> str:
        """What the weights are now."""
        return "trimmed weights"

    @property
    def note(self) -> str:
        """What was done, in sentences."""
        return (
            f"Weights {self.done}: {self.lowered:,} were above and {self.raised:,} below; effective"
            f" base {self.effective:,.1f} of {self.respondents:,}. What was trimmed off went to all"
            f" others alike, so margins that weights met before may differ. {FIXED}"
        )


def trim(
    survey: AnySurvey,
    lowest: float,
    highest: float,
    *,
    strict: bool = False,
    population: str | None = None,
) -> AnySurvey:
    """Trim weights, and spread what was trimmed off over all others in equal parts.

    Parameters
    ----------
    lowest, highest
        Bounds, as multiples of the mean weight.
    strict
        Trim again until no weight is beyond the bounds; without, weights that were within may end
        beyond.

    Raises
    ------
    InsightsError
        For bounds that leave no room, and a survey without weights.

    Notes
    -----
    As R's ``survey::trimWeights``, whose bounds are weights. A weight of 0 stays 0.
    """
    survey.require_whole(FIRST)
    who = one_population(survey, population)
    if not survey.codebook.populations[who].weight:
        raise InsightsError(f"{who} have no weights to trim.")
    numbers = all(isinstance(b, int | float) and b == b for b in (lowest, highest))
    if not numbers or not 0 <= lowest < 1 < highest:
        raise InsightsError(
            f"The bounds are {lowest!r} and {highest!r}: give multiples of the mean weight, the "
            "lower from 0 to below 1 and the upper above 1, such as 0.3 and 3."
        )
    held = survey.held[who]
    table = weights_by(held.over(()), [], WEIGHT, each=True)
    table = table[table["lowest"] > 0]
    w, n = (table[name].to_numpy(dtype=float) for name in ("lowest", "n"))
    mean = float((w @ n) / n.sum())
    low, high = lowest * mean, highest * mean
    new = w
    added: list[float] = []
    while len(added) < (PASSES if strict else 1):
        beyond = (new < low) | (new > high)
        if not beyond.any():
            break
        held_in = np.clip(new, low, high)
        inside = float(n[~beyond].sum())
        if not inside:
            raise InsightsError(
                "Trimming leaves no weight between the bounds to take up the rest: widen them."
            )
        added.append(float(((new - held_in) @ n) / inside))
        new = np.where(beyond, held_in, held_in + added[-1])
        if abs(added[-1]) <= 1e-14 * mean:
            break
    # All that is added has one sign, so weights at the bound that it leads away from take up what
    # later rounds add, and those at the other bound stay there.
    whole, later = sum(added), sum(added[1:])
    bounds = (low, high) if strict else (-math.inf, math.inf)
    ends = [float(np.clip(end + later, low, high)) for end in (low, high)]
    old = nw.col(WEIGHT)
    within = (old + whole).clip(*bounds) if strict else old + whole
    expression = (
        nw.when(old < low)
        .then(nw.lit(ends[0]))
        .otherwise(nw.when(old > high).then(nw.lit(ends[1])).otherwise(within))
    )
    expression = nw.when(old > 0).then(expression).otherwise(old)
    step = Trimming(
        lowest,
        highest,
        int(n[w < low].sum()),
        int(n[w > high].sum()),
        len(added),
        float((new @ n) ** 2 / (new**2 @ n)),
        int(n.sum()),
    )
    new_held = held.reweighted(expression, repr(("trim", lowest, highest, strict)))
    return _with_weights(survey, who, new_held, step)


@dataclass(frozen=True)
class Spread:
    """How far the weights of a population differ.

    Attributes
    ----------
    respondents : with a weight above 0
    lowest, highest : as multiples of the mean weight
    effective : Kish's effective base (sum w)² / sum w²
    """

    respondents: int
    lowest: float
    highest: float
    effective: float

    @property
    def deff(self) -> float:
        """Kish's design effect: how many times the variance grows by weights alone."""
        return self.respondents / self.effective


def with_fixed_weights(survey: AnySurvey) -> AnySurvey:
    """Return the survey with standard errors that treat its weights as fixed."""
    steps = {who: _fixed(made) for who, made in survey.weighting.items()}
    return survey if steps == survey.weighting else replace(survey, weighting=steps)


def _fixed(steps: tuple[WeightStep, ...]) -> tuple[WeightStep, ...]:
    return tuple(replace(s, calibration=None) if isinstance(s, Raking) else s for s in steps)


def spread(survey: Survey, population: str) -> Spread:
    """Describe the weights of a population as they are; those of 0 are left out.

    Notes
    -----
    Kish (1965), Survey Sampling, 11.2.
    """
    table = weights_by(survey.held[population].over(()), [], WEIGHT, each=True)
    table = table[table["lowest"] > 0]
    w, n = (table[name].to_numpy(dtype=float) for name in ("lowest", "n"))
    mean = float(w @ n) / n.sum()
    effective = float(w @ n) ** 2 / float(w**2 @ n)
    return Spread(int(n.sum()), w.min() / mean, w.max() / mean, effective)


def represented(survey: Survey, population: str, keys: tuple[str, ...]) -> pd.DataFrame:
    """Share of each category in the sample, and in the weighted sample.

    Returns
    -------
    DataFrame, one row per combination of codes that occurs: `keys`, `n`, `sample`, `weighted`.
    """
    counted = joint(survey, population, [], keys)
    table = counted.groupby(list(keys), sort=False)[["n", "sum_w"]].sum().reset_index()
    sample, weighted = table["n"] / table["n"].sum(), table["sum_w"] / table["sum_w"].sum()
    return table.drop(columns="sum_w").assign(sample=sample, weighted=weighted)


def one_population(survey: Survey, population: str | None) -> str:
    """Name the population to weight; of several it has to be named."""
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


def _with_weights(survey: AnySurvey, population: str, held: Held, step: WeightStep) -> AnySurvey:
    column = survey.codebook.populations[population].weight or OWN
    steps = (*_fixed(survey.weighting.get(population, ())), step)  # errors follow the last
    return survey.reweighted(population, held, column, steps)
