"""Models of an answer on respondent characteristics, and when data are too few for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from helpers.codebook.model import Codebook, Question, ResponseColumn
from helpers.estimation.intervals import Floats
from helpers.estimation.latest_wave import resolve_selection
from helpers.estimation.model_data import (
    ModelData,
    answer_column,
    check_characteristics,
    model_data,
    refuse,
    rows_of_model,
)
from helpers.estimation.ordinal import (
    Fit,
    brant,
    fit,
    jacobian,
    probabilities,
    sandwich,
    scores,
    separating,
)
from helpers.estimation.request import Status
from helpers.responses.selection import Where, keys_of, known_codes
from helpers.responses.survey import Survey

Place: TypeAlias = tuple[str, str, str]
EFFECT = ("question", "item", "time", "option", "term", "level", "reference")
FEWEST = 10  # respondents in a group, and worth of respondents behind every slope


@dataclass(frozen=True)
class OrdinalModel:
    """A fitted proportional-odds model.

    Attributes
    ----------
    question, item, time : what the answer is to
    n, left_out : respondents in the model; those who are not, by reason
    coefficients : one row per characteristic and group but the reference, then per threshold:
        `term` (characteristic, or `threshold`), `level`, `reference`, `n` (respondents in the
        group), `estimate` (log odds of a higher answer against the reference's), `se`, `ci_low`,
        `ci_high`, `odds_ratio` and its interval, `statistic`, `df` (infinite: normal), `p`
    effects : average marginal effects, one row per characteristic (`term`), group (`level`) and
        answer (`option`): `estimate`, the share who would give the answer if everybody were in
        the group, less the share if everybody were in the `reference` (in [-1, 1]), with `se`,
        `ci_low`, `ci_high`, `n`, `df`, `status`
    parallel : Brant's test that a characteristic works alike at every cut of the scale, for all
        together (`term` is `all`) and one by one: `statistic`, `df`, `p`, `status`
    pseudo_r2 : McFadden's: the part of the log likelihood that characteristics add
    notes : what a reader must know
    text : the result in one sentence
    """

    question: str
    item: str
    time: str
    n: int
    left_out: dict[str, int]
    coefficients: pd.DataFrame
    effects: pd.DataFrame
    parallel: pd.DataFrame
    pseudo_r2: float
    notes: tuple[str, ...]
    text: str


def ordinal(
    survey: Survey,
    question: str,
    on: Sequence[str] | str,
    *,
    item: str = "",
    time: str = "",
    where: Where = None,
    reference: Mapping[str, str] | None = None,
    fewest: float = FEWEST,
) -> OrdinalModel:
    """Model the answer to a question with a scale on respondent characteristics.

    Parameters
    ----------
    question, item, time
        Id of a question whose options lie on a scale; for a grid, also the row to model.
    on
        Dimensions, or response columns whose answers are codes.
    where
        As in `estimates.proportion`.
    reference
        Group that the others are compared with, by characteristic; by default the first.
    fewest
        Fewest respondents a group needs, and fewest per slope (see Notes). Who lowers it takes
        responsibility for estimates that may be far off.

    Raises
    ------
    InsightsError
        For unknown names (the message lists what exists), a question without a scale, and, with
        all reasons, where the data cannot carry the model: one answer only, groups that are too
        small, too few respondents for so many groups, characteristics that say the same, groups
        that separate the answers.

    Notes
    -----
    logit P(answer above j) = x slopes - threshold j (McCullagh 1980, Journal of the Royal
    Statistical Society B 42, 109-142), by maximum likelihood; with weights or strata by
    pseudo-maximum likelihood with linearised standard errors, as R's ``svyolr``, and Student's t.
    Respondents behind a slope are counted as n - sum(n_j^3) / n^2 over the answers, of which
    Harrell (2015, Regression Modeling Strategies, 4.4) asks for 10 to 20 each. Effects average
    over the respondents in the model as they are, whose characteristics count as fixed.
    """
    asked = survey.question(question)
    cell = answer_column(asked, item, time)
    keys = list(keys_of(on))
    selection = resolve_selection(survey, where, asked.population, keys)
    check_characteristics(survey, asked, cell, keys)
    rows, whole = rows_of_model(survey, asked, [cell.column], keys, selection)
    data = model_data(survey.codebook, asked, cell, keys, rows, whole, reference or {})
    refuse(survey.codebook, data, fewest)
    found = fit(data.cells)
    covariance, df = _covariance(data, found)
    coefficients = _coefficients(data, found, covariance, df, whole.level)
    place = (question, cell.item, cell.time)
    effects = _effects(data, place, found, covariance, df, whole.level)
    for table in (coefficients, effects):
        table.attrs["survey"] = survey.describe
    return OrdinalModel(
        question,
        cell.item,
        cell.time,
        int(data.cells.n.sum()),
        data.left_out,
        coefficients,
        effects,
        _parallel(data, df),
        _pseudo_r2(data, found),
        _notes(survey, asked, data, fewest),
        _text(survey.codebook, asked, cell, effects),
    )


def _covariance(data: ModelData, found: Fit) -> tuple[Floats, float]:
    if not data.designed:
        return found.inverse, np.inf
    inverse = found.inverse * (data.cells.n.sum() / data.cells.w.sum())
    parts = scores(found.theta, data.cells)
    covariance = sandwich(data.cells, parts, inverse, data.design)
    df = float(data.design.df(data.cells.whose)) - len(data.slopes)
    return covariance, max(df, 1.0)


def _quantile(level: float, df: float) -> float:
    from scipy import special

    tail = (1 + level) / 2
    return float(special.ndtri(tail) if np.isinf(df) else special.stdtrit(df, tail))


def _p(statistic: Floats, df: float) -> Floats:
    from scipy import special

    size = np.abs(statistic)
    return 2 * (special.ndtr(-size) if np.isinf(df) else special.stdtr(df, -size))


def _coefficients(
    data: ModelData, found: Fit, covariance: Floats, df: float, level: float
) -> pd.DataFrame:
    codes = [o.code for o in data.options]
    cuts = [("threshold", f"{a} | {b}", "") for a, b in zip(codes, codes[1:], strict=False)]
    terms = [(key, code, data.levels[key][0]) for key, code in data.slopes] + cuts
    table = pd.DataFrame(terms, columns=["term", "level", "reference"])
    whole = int(data.cells.n.sum())
    table["n"] = [data.sizes.get((t, v), whole) for t, v, _ in terms]
    table["estimate"] = found.theta
    table["se"] = np.sqrt(np.diag(covariance))
    reach = _quantile(level, df) * table["se"]
    table["ci_low"], table["ci_high"] = table["estimate"] - reach, table["estimate"] + reach
    slope = (table["term"] != "threshold").to_numpy()
    ends = [
        ("odds_ratio", "estimate"),
        ("odds_ratio_low", "ci_low"),
        ("odds_ratio_high", "ci_high"),
    ]
    for name, of in ends:
        table[name] = np.exp(table[of]).where(slope)
    table["statistic"] = table["estimate"] / table["se"]
    table["df"] = df
    table["p"] = _p(table["statistic"].to_numpy(), df)
    return table


def _effects(
    data: ModelData, place: Place, found: Fit, covariance: Floats, df: float, level: float
) -> pd.DataFrame:
    weight = data.cells.w.sum(axis=1)
    weight = weight / weight.sum()

    def average(theta: Floats, key: str, code: str) -> Floats:
        x = data.cells.x.copy()
        for k, (name, value) in enumerate(data.slopes):
            if name == key:
                x[:, k] = float(value == code)
        return weight @ probabilities(theta, x)

    rows = []
    for key, code in data.slopes:
        first = data.levels[key][0]

        def effect(theta: Floats, key: str = key, code: str = code, first: str = first) -> Floats:
            return average(theta, key, code) - average(theta, key, first)

        slope = jacobian(effect, found.theta)
        errors = np.sqrt(np.einsum("ap,pq,aq->a", slope, covariance, slope))
        for option, value, se in zip(data.options, effect(found.theta), errors, strict=True):
            reach = _quantile(level, df) * se
            values = (value, se, value - reach, value + reach)
            rows.append((*place, option.code, key, code, first, *values))
    table = pd.DataFrame(rows, columns=[*EFFECT, "estimate", "se", "ci_low", "ci_high"])
    return table.assign(n=int(data.cells.n.sum()), df=df, status=Status.OK.value)


def _pseudo_r2(data: ModelData, found: Fit) -> float:
    cells, weight = data.cells, data.cells.w.sum(axis=1)
    chances = probabilities(found.theta, cells.x)
    shares = np.bincount(cells.y, weight) / weight.sum()
    own = chances[np.arange(len(cells.y)), cells.y]
    return float(1 - (weight @ np.log(own)) / (weight @ np.log(shares[cells.y])))


def _parallel(data: ModelData, df: float) -> pd.DataFrame:
    """Brant's Wald tests; F instead of chi-square where standard errors follow a design."""
    from scipy import special

    keys = list(data.levels)
    columns = ["term", "statistic", "df", "p", "status"]
    cuts, slopes = len(data.options) - 1, len(data.slopes)
    status = "ok"
    if cuts < 2:
        status = "two answers: nothing to check"
    elif any(separating(data.cells.cut(j)) for j in range(cuts)):
        status = "a cut of the scale separates the groups: no test"
    if status != "ok":
        empty = [(term, np.nan, np.nan, np.nan, status) for term in ("all", *keys)]
        return pd.DataFrame(empty, columns=columns)
    found, covariance = brant(data.cells, data.design if data.designed else None)
    rows = []
    for term in ("all", *keys):
        chosen = [k for k, (key, _) in enumerate(data.slopes) if term in ("all", key)]
        contrast = np.zeros(((cuts - 1) * len(chosen), cuts * slopes))
        for j in range(1, cuts):
            for n, k in enumerate(chosen):
                row = (j - 1) * len(chosen) + n
                contrast[row, k], contrast[row, j * slopes + k] = 1.0, -1.0
        apart = contrast @ found.reshape(-1)
        middle = contrast @ covariance @ contrast.T
        rank = len(contrast)
        if np.linalg.matrix_rank(middle) < rank or (data.designed and df < rank):
            rows.append((term, np.nan, float(rank), np.nan, "too few respondents for a test"))
            continue
        wald = float(apart @ np.linalg.solve(middle, apart))
        p = special.chdtrc(rank, wald)
        if data.designed:
            p = special.fdtrc(rank, df, wald / rank)
        rows.append((term, wald, float(rank), float(p), "ok"))
    return pd.DataFrame(rows, columns=columns)


def _notes(survey: Survey, asked: Question, data: ModelData, fewest: float) -> tuple[str, ...]:
    unused = [o.label for o in asked.substantive if o not in data.options]
    notes = [survey.intervals_note(asked.population)]
    if data.left_out:
        reasons = ", ".join(f"{n} ({reason})" for reason, n in data.left_out.items())
        notes.append(f"Left out of the model: {reasons}.")
    if unused:
        notes.append(
            f"Nobody in the model gave the answer {_listed(unused)}: the scale is shorter."
        )
    if not data.designed:
        notes.append("Standard errors are those of the likelihood.")
    if fewest < FEWEST:
        notes.append(
            f"Groups of fewer than {FEWEST} were included on request: estimates may be far off."
        )
    return tuple(notes)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _text(codebook: Codebook, asked: Question, cell: ResponseColumn, effects: pd.DataFrame) -> str:
    """Say the largest effect on the highest answer in the model."""
    top = effects[effects["option"] == effects["option"].iloc[-1]]
    row: Any = top.loc[top["estimate"].abs().idxmax()]
    labels = known_codes(codebook, row["term"])
    low, middle, high = (f"{100 * row[k]:+.0f}" for k in ("ci_low", "estimate", "ci_high"))
    points = f"{middle} points ({low} to {high})".replace("-", "\u2212")
    about = f", {asked.item_label(cell.item)}" if cell.item else ""
    sure = "" if row["ci_low"] > 0 or row["ci_high"] < 0 else ", which may be chance"
    return (
        f'{asked.label}{about}: the share answering "{asked.option_label(row["option"])}" differs '
        f"most between {labels[row['level']]} and {labels[row['reference']]}: {points}{sure}."
    )
