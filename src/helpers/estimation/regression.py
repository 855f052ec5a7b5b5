"""Logistic and linear regression of an answer, with errors that follow the sampling design."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from helpers.codebook.model import Codebook, Kind, Question, ResponseColumn
from helpers.errors import InsightsError
from helpers.estimation.association import adjusted, check_numbers
from helpers.estimation.estimates import Combine, combined
from helpers.estimation.intervals import Floats, student
from helpers.estimation.latest_wave import resolve_selection
from helpers.estimation.model_data import (
    called,
    check_characteristics,
    column_named,
    levels_of,
    numbers_of,
    persons_of,
    rows_of_model,
    said_codes,
)
from helpers.estimation.ordinal import Frequencies, ModelledPeople, jacobian, sandwich, separating
from helpers.estimation.request import Status
from helpers.estimation.tabulate import SUMS
from helpers.estimation.terms import Slope, Term, check_alone, keys_in, terms_of
from helpers.estimation.variance import Design
from helpers.responses.answers import missing_numbers
from helpers.responses.selection import Where
from helpers.responses.survey import Survey
from helpers.terminal import count

LOGISTIC, LINEAR = "logistic", "linear"
FEWEST = 10  # respondents in a group, and behind every slope
CONSTANT = "constant"
MANY = 5.0  # variance inflation that is worth a note
STEPS = 100


@dataclass(frozen=True)
class Regression:
    """A fitted logistic or linear model.

    Attributes
    ----------
    kind : ``logistic`` or ``linear``
    item, time : what the answer is to
    event : answers that a logistic model is of: their name and codes; empty for a linear one
    n, left_out : respondents in the model; those who are not, by reason
    coefficients : one row per characteristic and group but the reference (of a number one row), and
        the constant: `term`, `level`, `reference`, `n`, `estimate` (log odds, or units of the
        answer), `se`, `ci_low`, `ci_high`, `statistic`, `df`, `p`, of a logistic model `odds_ratio`
        with its interval; `p_term`, the p value of all groups of the characteristic together
    effects : average marginal effects, rows as those of coefficients but the constant: what the
        share (or mean) would be if everybody were in the group, less if everybody were in the
        reference; of a number, the slope
    diagnostics : `measure`, `term`, `value`
    """

    kind: str
    item: str
    time: str
    event: tuple[str, tuple[str, ...]]
    n: int
    left_out: dict[str, int]
    coefficients: pd.DataFrame
    effects: pd.DataFrame
    diagnostics: pd.DataFrame
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Data:
    """Respondents by answer and characteristics.

    Attributes
    ----------
    y : the answer, (cell,); x : constant and slopes, (cell, slope); keys : codes or numbers of the
        characteristics, (cell,) each; n, w, w2 : (cell, stratum)
    slopes : every column of x but the first
    sizes : respondents by term and codes of its groups
    """

    y: Floats
    keys: dict[str, Any]
    n: Floats
    w: Floats
    w2: Floats
    levels: dict[str, list[str]]
    slopes: list[Slope]
    sizes: dict[tuple[str, str], int]
    left_out: dict[str, int]
    design: Design
    persons: ModelledPeople | None

    def x(self, **fixed: Any) -> Any:
        """Columns of the model; with a characteristic fixed, as if everybody had it."""
        held = self.keys | fixed
        ones = np.ones(len(self.y))
        columns: list[Any] = [ones]
        for slope in self.slopes:
            column = ones
            for factor, code in zip(slope.term, slope.codes, strict=True):
                value = held[factor.key]
                column = column * ((value == code) if code else factor.of(value))
            columns.append(column)
        return np.stack(columns, axis=1)

    def slope_of(self, key: str) -> Floats:
        """Differentiate the columns by a number, exactly: by a step along the imaginary axis."""
        step = 1e-100
        found: Floats = self.x(**{key: self.keys[key] + 1j * step}).imag / step
        return found

    @property
    def characteristics(self) -> list[tuple[str, str]]:
        """Characteristics and the codes that effects are of; no code for a number."""
        keys = keys_in(slope.term for slope in self.slopes)
        return [(key, code) for key in keys for code in self.levels.get(key, ["", ""])[1:]]

    @property
    def weight(self) -> Floats:
        """Weights of the cells, which add up to 1."""
        found = self.w.sum(axis=1)
        return np.asarray(found / found.sum(), dtype=float)


def regression(
    survey: Survey,
    question: str,
    on: Sequence[str] | str,
    *,
    kind: str = "",
    item: str = "",
    time: str = "",
    where: Where = None,
    reference: Mapping[str, str] | None = None,
    combine: Combine | None = None,
    fewest: float = FEWEST,
) -> Regression:
    """Model an answer on characteristics: yes or no, or a number.

    Parameters
    ----------
    question, item, time
        Id of a question with one column of answers, or which of its columns.
    on
        Dimensions, response columns whose answers are codes, and number questions; or the
        right-hand side of a formula (`terms.terms_of`). A name of both a dimension and a number
        question means the number.
    kind
        ``logistic`` or ``linear``; by default linear for numbers, else logistic. The answers of a
        linear model of a scale are its scores.
    where, combine
        As in `estimates.proportion`; `combine` names the answers that a logistic model is of. It
        has to, but of a box or of two answers.
    reference
        Group that the others are compared with, by characteristic; by default the first.
    fewest
        Fewest respondents a group needs, and fewest per slope (of a logistic model, of those who
        gave the rarer answer).

    Raises
    ------
    InsightsError
        For unknown names, and, with all reasons, where the data cannot carry the model.

    Notes
    -----
    Pseudo-maximum likelihood; standard errors by linearisation, whatever the weights and strata
    (Binder 1983), as R's ``svyglm``: without them they are robust to unequal variances. Student's t
    on the respondents less the strata less the slopes. Average marginal effects by the delta
    method, characteristics of the respondents as they are; their `p_adjusted` is Benjamini and
    Hochberg's. Fewest per slope: Harrell (2015), Regression Modeling Strategies, 4.4. Variance
    inflation: Fox and Monette (1992), Journal of the American Statistical Association 87, 178-183,
    as GVIF^(1/(2 df)) squared, beside the usual limit of 5.
    """
    asked = survey.question(question)
    cell = column_named(asked, item, time)
    terms = terms_of(on)
    keys = keys_in(terms)
    chosen = kind or (LINEAR if asked.kind is Kind.NUMBER else LOGISTIC)
    event = _event(asked, chosen, combine)
    selection = resolve_selection(survey, where, asked.population, keys)
    numbers = numbers_of(survey, terms)
    check_characteristics(survey, asked, cell, keys, numbers)
    check_alone(terms)
    columns = [cell.column, *numbers.values()]
    groups = [key for key in keys if key not in numbers]
    rows, whole = rows_of_model(survey, asked, columns, groups, selection)
    if rows is None or rows.empty:
        raise InsightsError(f"Nobody who was asked {asked.id} is selected: nothing to model.")
    data = _data(
        survey, asked, cell, terms, numbers, rows, whole, reference or {}, chosen, event[1]
    )
    _refuse(survey.codebook, data, chosen, fewest)
    theta = _fit(data, chosen)
    mean, slope = _link(chosen)
    x = data.x()
    eta = x @ theta
    information = (x * (data.w.sum(axis=1) * slope(eta))[:, None]).T @ x
    inverse = np.linalg.inv(information)
    parts = x * (data.y - mean(eta))[:, None]
    cells = Frequencies(x, data.y, data.n, data.w, data.w2, data.persons)
    covariance = sandwich(cells, parts, inverse, whole)
    df = max(float(whole.df(cells.whose)) - len(data.slopes), 1.0)
    place = {"question": question, "item": cell.item, "time": cell.time, "option": event[0]}
    coefficients = _coefficients(data, theta, covariance, df, chosen, whole.level)
    effects = _effects(data, place, theta, covariance, df, mean, slope, whole.level)
    for table in (coefficients, effects):
        table.attrs["survey"] = survey.describe
    diagnostics = _diagnostics(data, chosen, theta, inverse, mean)
    return Regression(
        chosen,
        cell.item,
        cell.time,
        event,
        int(data.n.sum()),
        data.left_out,
        coefficients,
        effects,
        diagnostics,
        (*_notes(survey, asked, data, diagnostics, fewest), *_named_twice(survey, numbers)),
    )


def _event(asked: Question, kind: str, combine: Combine | None) -> tuple[str, tuple[str, ...]]:
    """Name and codes of the answers that a logistic model is of."""
    if kind == LINEAR:
        if asked.kind is not Kind.NUMBER and not asked.is_scale:
            raise InsightsError(
                f"{asked.id} has neither numbers nor a scale, so it has no linear model. Use "
                'kind="logistic" with combine.'
            )
        if combine is not None:
            raise InsightsError("combine is for logistic models: a linear model needs numbers.")
        return "", ()
    if not asked.tabulates:
        raise InsightsError(f"{asked.id} has no options: a logistic model needs answers.")
    rows = combined(asked, combine) if combine is not None else {}
    if combine is None and asked.kind is Kind.MULTIPLE:
        rows = {asked.ticked.code: (asked.ticked.code,)}
    elif combine is None and len(asked.substantive) == 2:
        first = max(asked.substantive, key=lambda o: o.score or 0.0)
        rows = {first.code: (first.code,)}
    if not rows:
        code = asked.substantive[0].code if asked.substantive else "code"
        raise InsightsError(
            f"A logistic model needs a yes or no, and {asked.id} has {len(asked.substantive)} "
            f'answers: name those that count as yes, such as combine={{"yes": ["{code}"]}}.'
        )
    return next(iter(rows.items()))


def _numbers(question: Question, cells: pd.Series) -> pd.Series:
    found = pd.to_numeric(cells, errors="coerce")
    return found.mask(found.isin(missing_numbers(question)))


def _data(
    survey: Survey,
    asked: Question,
    cell: ResponseColumn,
    terms: Sequence[Term],
    numbers: Collection[str],
    rows: pd.DataFrame,
    design: Design,
    reference: Mapping[str, str],
    kind: str,
    event: tuple[str, ...],
) -> _Data:
    codebook, keys = survey.codebook, keys_in(terms)
    if asked.kind is Kind.NUMBER:
        y = _numbers(asked, rows[cell.column])
    elif kind == LINEAR:
        y = rows[cell.column].map({o.code: o.score for o in asked.substantive}).astype(float)
    else:
        y = rows[cell.column].map({o.code: float(o.code in event) for o in asked.in_base})
    answered = y.notna()
    stated = pd.Series(True, index=rows.index)
    left_out: dict[str, int] = {}
    held: dict[str, Any] = {}
    for key in keys:
        if key in numbers:
            held[key] = _numbers(codebook.owners[key], rows[key])
            unknown = stated & held[key].isna()
        else:
            held[key] = rows[key]
            unknown = stated & ~rows[key].isin(said_codes(codebook, key))
        left_out[f"{key} not stated"] = int(rows["n"][answered & unknown].sum())
        stated &= ~unknown
    left_out["no answer"] = int(rows["n"][~answered].sum())
    chosen = answered & stated & (rows["sum_w"] > 0)
    left_out["weight of 0"] = int(rows["n"][answered & stated & ~chosen].sum())
    used = rows[chosen]
    if used.empty:
        raise InsightsError(
            "This model cannot be fitted: nobody answered and stated all characteristics."
        )
    _check_functions(terms, {key: held[key][chosen] for key in numbers})
    groups = [key for key in keys if key not in numbers]
    levels = {k: levels_of(codebook, k, used, reference) for k in groups}
    slopes = [
        Slope(term, codes)
        for term in terms
        for codes in product(*(levels.get(factor.key, ["", ""])[1:] for factor in term))
    ]
    patterns = used.groupby([cell.column, *keys], sort=False).ngroup().to_numpy()
    first = ~used.duplicated([cell.column, *keys])
    sums = np.zeros((3, int(first.sum()), len(design.cells)))
    places = {name: n for n, name in enumerate(design.cells)}
    at = (patterns, used["stratum"].map(places).to_numpy(dtype=int))
    for target, name in zip(sums, SUMS, strict=True):
        np.add.at(target, at, used[name].to_numpy(dtype=float))
    sizes = {(k, v): int(used["n"][used[k] == v].sum()) for k in groups for v in levels[k]}
    for slope in (s for s in slopes if len(s.term) > 1):
        inside = pd.Series(True, index=used.index)
        for factor, code in zip(slope.term, slope.codes, strict=True):
            inside &= (used[factor.key] == code) if code else True
        sizes[slope.name, slope.level] = int(used["n"][inside].sum())
    gone = {reason: n for reason, n in left_out.items() if n}
    shown = {key: held[key][chosen][first].to_numpy() for key in keys}
    n, w, w2 = sums
    answers = y[chosen][first].to_numpy(dtype=float)
    persons = persons_of(used, *at, sums.shape[1:])
    return _Data(answers, shown, n, w, w2, levels, slopes, sizes, gone, design, persons)


def _check_functions(terms: Sequence[Term], numbers: Mapping[str, pd.Series]) -> None:
    """Raise `InsightsError` for functions that some numbers have no value of."""
    for factor in dict.fromkeys(factor for term in terms for factor in term if factor.changed):
        held = numbers[factor.key].to_numpy(dtype=float)
        with np.errstate(all="ignore"):
            bad = held[~np.isfinite(factor.of(held))]
        if len(bad):
            raise InsightsError(
                f"{factor.text} has no value for {factor.key} {bad.min():g}. Choose respondents "
                f'with survey.where("{factor.key} > 0"), or take another function.'
            )


def _refuse(codebook: Codebook, data: _Data, kind: str, fewest: float) -> None:
    """Raise every reason why the model cannot be fitted."""
    check_numbers(fewest=fewest)
    n = data.n.sum(axis=1)
    total, reasons = n.sum(), []
    if len(np.unique(data.y)) < 2:
        gone = ", ".join(f"{n} left out: {reason}" for reason, n in data.left_out.items())
        raise InsightsError(
            f"This model cannot be fitted: all {total:,.0f} respondents in it gave the same answer"
            f"{f' ({gone})' * bool(gone)}."
        )
    for key, codes in data.levels.items():
        if len(codes) < 2:
            there = ", ".join(called(codebook, key, code) for code in codes) or key
            reasons.append(f"all {total:,.0f} respondents have {there}")
    for (key, code), size in data.sizes.items():
        if size < fewest and (key not in data.levels or len(data.levels[key]) > 1):
            whom = called(codebook, key, code)
            reasons.append(f"{whom} holds {count(size, 'respondent')}, fewer than {fewest:g}")
    slopes = len(data.slopes)
    worth, whom = float(total), "respondents"
    if kind == LOGISTIC:
        yes = float(n @ data.y)
        worth, whom = min(yes, total - yes), "respondents gave the rarer answer"
    if worth < fewest * slopes:
        reasons.append(f"{worth:,.0f} {whom}, and {slopes} slopes need {fewest * slopes:g}")
    x = data.x()
    names = [_called(codebook, slope) for slope in data.slopes]
    rank = _rank(x)
    if not reasons and rank < x.shape[1]:
        alone = [name for k, name in enumerate(names) if _rank(np.delete(x, k + 1, axis=1)) == rank]
        reasons.append(f"characteristics say the same as others together ({', '.join(alone)})")
    if not reasons and kind == LOGISTIC:
        scaled = x[:, 1:] / np.maximum(np.abs(x[:, 1:]).max(axis=0), 1e-300)
        apart = separating(Frequencies(scaled, data.y.astype(int), data.n, data.w, data.w2))
        if apart:
            listed = ", ".join(names[k] for k in apart)
            reasons.append(
                f"{listed} tells the answers apart: the likelihood has no maximum (separation)"
            )
    if reasons:
        raise InsightsError(
            f"This model cannot be fitted: {'; '.join(reasons)}. Combine groups, leave "
            "a characteristic out, or compare groups with `h.compare`."
        )


def _called(codebook: Codebook, slope: Slope) -> str:
    """Name what a slope is of: a number as the formula has it, groups by code and label."""
    parts = zip(slope.term, slope.codes, strict=True)
    return " × ".join(called(codebook, f.key, code) if code else f.text for f, code in parts)


def _rank(x: Floats) -> int:
    scale = np.abs(x).max(axis=0)
    return int(np.linalg.matrix_rank(x / np.where(scale > 0, scale, 1.0)))


def _link(kind: str) -> tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]:
    """Mean of an answer by its linear predictor, and the derivative."""
    if kind == LINEAR:
        return lambda eta: eta, lambda eta: np.ones(len(eta))

    def mean(eta: Floats) -> Floats:
        return 0.5 * (1 + np.tanh(eta / 2))

    return mean, lambda eta: mean(eta) * (1 - mean(eta))


def _fit(data: _Data, kind: str) -> Floats:
    """Solve the weighted score equations by Newton's steps on scaled columns."""
    x, w, y = data.x(), data.weight, data.y
    mean, slope = _link(kind)
    scale = np.abs(x).max(axis=0)
    scaled = x / scale
    theta = np.zeros(x.shape[1])
    for _ in range(STEPS):
        eta = scaled @ theta
        information = (scaled * (w * slope(eta))[:, None]).T @ scaled
        step = np.linalg.solve(information, scaled.T @ (w * (y - mean(eta))))
        size = np.abs(scaled @ step).max()
        theta = theta + step * min(1.0, 5.0 / max(size, 1e-300) if kind == LOGISTIC else 1.0)
        if np.abs(step).max() < 1e-12 * (1 + np.abs(theta).max()):
            return np.asarray(theta / scale, dtype=float)
    raise InsightsError(
        "The model did not converge: take groups together, or leave a characteristic out."
    )


def _ends(at: Floats, se: Floats, df: float, level: float) -> dict[str, Floats]:
    from scipy import special

    reach = float(student(level, np.array([df]))[0]) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        t = at / se
    found = {"estimate": at, "se": se, "ci_low": at - reach, "ci_high": at + reach}
    return {
        **found,
        "statistic": t,
        "df": np.full(len(at), df),
        "p": 2 * special.stdtr(df, -abs(t)),
    }


def _coefficients(
    data: _Data, theta: Floats, covariance: Floats, df: float, kind: str, level: float
) -> pd.DataFrame:

    whole = int(data.n.sum())
    terms = [
        (
            slope.name,
            slope.level,
            ":".join(
                data.levels[factor.key][0]
                for factor, code in zip(slope.term, slope.codes, strict=True)
                if code
            ),
        )
        for slope in data.slopes
    ]
    table = pd.DataFrame([*terms, (CONSTANT, "", "")], columns=["term", "level", "reference"])
    table["n"] = [data.sizes.get((t, v), whole) for t, v, _ in table.itertuples(index=False)]
    order = [*range(1, len(theta)), 0]
    values = _ends(theta[order], np.sqrt(np.diag(covariance))[order], df, level)
    table = table.assign(**values)
    if kind == LOGISTIC:
        slope = table["term"] != CONSTANT
        ends = {"": "estimate", "_low": "ci_low", "_high": "ci_high"}
        for name, of in ends.items():
            table[f"odds_ratio{name}"] = np.exp(table[of]).where(slope)
    together = {
        name: _wald([slope.name == name for slope in data.slopes], theta, covariance, df)
        for name in dict.fromkeys(slope.name for slope in data.slopes)
    }
    return table.assign(p_term=[together.get(term, np.nan) for term in table["term"]])


def _wald(chosen: Sequence[bool], theta: Floats, covariance: Floats, df: float) -> float:
    """P value of some slopes together."""
    from scipy import special

    at = np.flatnonzero(chosen) + 1
    wald = theta[at] @ np.linalg.solve(covariance[np.ix_(at, at)], theta[at])
    return float(special.fdtrc(len(at), df, wald / len(at)))


def _effects(
    data: _Data,
    place: Mapping[str, str],
    theta: Floats,
    covariance: Floats,
    df: float,
    mean: Callable[[Floats], Floats],
    slope: Callable[[Floats], Floats],
    level: float,
) -> pd.DataFrame:
    weight = data.weight
    rows, at, errors = [], [], []
    for key, code in data.characteristics:
        first = data.levels[key][0] if code else ""
        if code:
            to, origin = data.x(**{key: code}), data.x(**{key: first})

            def effect(theta: Floats, to: Floats = to, origin: Floats = origin) -> Floats:
                return np.atleast_1d(weight @ (mean(to @ theta) - mean(origin @ theta)))
        else:
            x, turned = data.x(), data.slope_of(key)

            def effect(theta: Floats, to: Floats = x, origin: Floats = turned) -> Floats:
                return np.atleast_1d(weight @ (slope(to @ theta) * (origin @ theta)))

        turn = jacobian(effect, theta)
        at.append(effect(theta)[0])
        errors.append(float(np.sqrt(turn[0] @ covariance @ turn[0])))
        part = [any(f.key == key for f in column.term) for column in data.slopes]
        whole = {"p_term": _wald(part, theta, covariance, df)}
        rows.append({**place, "term": key, "level": code, "reference": first, **whole})
    values = _ends(np.array(at), np.array(errors), df, level)
    table = pd.DataFrame(rows).assign(**values, n=int(data.n.sum()))
    table["p_adjusted"] = adjusted(table["p"].to_numpy(dtype=float))
    return table.assign(status=Status.OK.value)


def _diagnostics(
    data: _Data, kind: str, theta: Floats, inverse: Floats, mean: Callable[[Floats], Floats]
) -> pd.DataFrame:
    n, w, x = data.n.sum(axis=1), data.weight, data.x()
    fitted = mean(x @ theta)
    middle = float(w @ data.y)
    rows: list[tuple[str, str, float]] = [("respondents", "", float(n.sum()))]
    if kind == LOGISTIC:
        yes = float(n @ data.y)
        rows += [("gave the answer", "", yes), ("gave another answer", "", float(n.sum() - yes))]

        def likelihood(p: Floats) -> float:
            return float(w @ np.log(np.where(data.y == 1, p, 1 - p)))

        null = likelihood(np.full(len(w), middle))
        rows.append(("pseudo-R² (McFadden)", "", 1 - likelihood(fitted) / null))
    else:
        left = w @ (data.y - fitted) ** 2
        rows.append(("R²", "", float(1 - left / (w @ (data.y - middle) ** 2))))
    keys = list(dict.fromkeys(slope.name for slope in data.slopes))
    # Products and powers follow from what they are made of.
    plain = all(len(slope.term) == 1 and not slope.term[0].changed for slope in data.slopes)
    if len(keys) > 1 and plain:
        spread = np.sqrt(np.diag(inverse))
        tie = (inverse / np.outer(spread, spread))[1:, 1:]
        for key in keys:
            own = np.array([slope.name == key for slope in data.slopes])
            parts = [np.linalg.det(tie[np.ix_(of, of)]) for of in (own, ~own)]
            inflated = parts[0] * parts[1] / np.linalg.det(tie)
            rows.append(("variance inflation", key, float(inflated ** (1 / own.sum()))))
    if any(not code for slope in data.slopes for code in slope.codes):
        slope = fitted * (1 - fitted) if kind == LOGISTIC else np.ones(len(w))
        each = data.w.sum(axis=1) / n
        leverage = each * slope * np.einsum("ij,jk,ik->i", x, inverse, x)
        rows.append(("largest leverage", "", float(leverage.max())))
        rows.append(("average leverage", "", len(theta) / float(n.sum())))
    return pd.DataFrame(rows, columns=["measure", "term", "value"])


def _named_twice(survey: Survey, numbers: Collection[str]) -> list[str]:
    """Say which numbers have the name of a dimension, too."""
    return [
        f"{key} is the number: for its bands write C({key})."
        for key in numbers
        if key in survey.codebook.dimensions
    ]


def _notes(
    survey: Survey, asked: Question, data: _Data, diagnostics: pd.DataFrame, fewest: float
) -> tuple[str, ...]:
    notes = [survey.intervals_note(asked.population)]
    if data.left_out:
        reasons = ", ".join(f"{n} ({reason})" for reason, n in data.left_out.items())
        notes.append(f"Left out of the model: {reasons}.")
    if not data.design.designed:
        notes.append("Standard errors are robust to unequal variances.")
    inflated = diagnostics[diagnostics["measure"] == "variance inflation"]
    for term in inflated.loc[inflated["value"] > MANY, "term"]:
        notes.append(f"{term} follows so much from the others that its effect is hard to tell.")
    held = diagnostics.set_index("measure")["value"]
    if "largest leverage" in held and held["largest leverage"] > 0.2:
        notes.append("A single combination of answers decides much of the slopes (leverage).")
    if fewest < FEWEST:
        notes.append(
            f"Groups of fewer than {FEWEST} were included on request: estimates may be far off."
        )
    return tuple(notes)
