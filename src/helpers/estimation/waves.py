"""Trends: estimates in several waves, whose respondents may be the same people, and their tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.codebook.model import Dimension, Kind, Question, suggest
from helpers.errors import InsightsError
from helpers.estimation import means
from helpers.estimation.association import adjusted
from helpers.estimation.estimates import Combine, combined, indicators, proportion
from helpers.estimation.intervals import Floats, student
from helpers.estimation.means import mean
from helpers.estimation.request import Request, Row, Status
from helpers.estimation.tabulate import WaveOverlap, numbers, overlap, strata, tabulate
from helpers.estimation.variance import Design, tensor, variance
from helpers.estimation.weights import with_fixed_weights
from helpers.responses.panels import told_apart
from helpers.responses.selection import Where
from helpers.responses.subsets import columns_of_file
from helpers.responses.survey import Survey

FEW = 10  # answers of a wave, below which it is not tested
EVERY, ENDS, STEP = "all waves", "first to last", "step"
TESTS = (
    *("question", "item", "option", "time", "compared", "first", "last"),
    *("estimate", "se", "ci_low", "ci_high", "n", "n_both"),
    *("test", "statistic", "df1", "df2", "p", "p_adjusted", "status"),
)
FEW_ANSWERS = f"fewer than two waves with {FEW} answers: not tested"
NO_VARIANCE = "answers do not vary: not tested"


@dataclass(frozen=True)
class WaveTrends:
    """Estimates per wave, and how far they differ.

    Attributes
    ----------
    estimates : as `estimates.proportion` (`means.mean` of numbers, `means.net`) gives them by wave
    tests : for each row of the question a test of all waves together (`compared` is ``all waves``),
        the difference of its last wave from its first (``first to last``), and of each wave from
        the one before (``step``); `n_both` people are in both
    overall : p value of no change in any row
    """

    estimates: pd.DataFrame
    tests: pd.DataFrame
    overall: float


def trend(
    survey: Survey,
    question: str,
    where: Where = None,
    *,
    combine: Combine | None = None,
    person: str = "",
    net: bool = False,
) -> WaveTrends:
    """Estimate and test a question through the waves of a survey.

    Parameters
    ----------
    where
        Filter; ``{"wave": [...]}`` chooses waves.
    combine
        Options to take together, as in `proportion`.
    person
        Column that names the same person in several waves, by default the one that survey.yml
        names; without either, waves count as samples of different people.
    net
        Whether to follow the net score (`means.net`) instead of shares.

    Raises
    ------
    InsightsError
        For a survey without waves, fewer than two of them, and names that do not exist.

    Notes
    -----
    Waves are domains of one stratified sample, in which a person is a cluster of answers:
    covariances of linearised estimates follow from the weights of who is in both waves, as R's
    ``svyby(…, covmat = TRUE)`` with ``ids = ~person``. All waves are tested by a Wald
    test, F with one degree of freedom less than there are waves, as ``regTermTest`` of ``svyglm``;
    two by a t test. Where everybody or nobody of a wave gave an answer, the variance of that wave
    is that of the share in all waves tested, on its effective base. P values are adjusted
    (Benjamini and Hochberg) among tests of the same kind; `overall` is that of Simes (1986,
    Biometrika 73, 751-754).
    """
    asked = survey.question(question)
    tells = _wave_dimension(survey, asked)
    declared = survey.codebook.populations[asked.population].person
    if person and person != declared:
        survey = _told_apart(survey, asked, person)
    person = person or declared
    if person:
        survey = with_fixed_weights(survey)  # who is in two waves is not in one cell
    number = asked.kind is Kind.NUMBER
    options: dict[str, tuple[str, ...]] = {"": ()}
    scores = np.zeros((1, 0))
    if number:
        estimates = mean(survey, question, tells.id, where)
    elif net:
        estimates = means.net(survey, question, tells.id, where)
        ends = means.netted(asked)
        scores = np.array([[ends.get(o.code, 0.0) for o in asked.in_base]])
    else:
        estimates = proportion(survey, question, tells.id, where, combine=combine)
        options = combined(asked, combine)
        scores = indicators(asked, options)
    request = Request.of(survey, question, tells.id, where)
    waves = [group[0] for group in request.groups if group[0] in tells.bands]
    chosen = dict(request.selection.conditions).get(tells.id)
    waves = [wave for wave in waves if chosen is None or wave in chosen]
    if len(waves) < 2:
        raise InsightsError(
            f"A trend needs two waves; there is {', '.join(waves) or 'none'}. Known: "
            f"{', '.join(tells.bands)}."
        )
    estimates = estimates[estimates[tells.id].isin(waves)].reset_index(drop=True)
    sums = _Linearised.of(request, scores, waves, tells.id, number, person)
    rows = list(_tests(sums, estimates, waves, tells.id, asked, options, number or net))
    tests = pd.DataFrame(rows, columns=list(TESTS))
    for kind in (EVERY, ENDS, STEP):
        alike = tests["compared"] == kind
        tests.loc[alike, "p_adjusted"] = adjusted(tests.loc[alike, "p"].to_numpy(dtype=float))
    tests.attrs["survey"] = survey.describe
    whole = tests.loc[tests["compared"] == EVERY, "p_adjusted"].dropna()
    return WaveTrends(estimates, tests, float(whole.min()) if len(whole) else np.nan)


def _wave_dimension(survey: Survey, asked: Question) -> Dimension:
    tells = survey.codebook.wave_of(asked.population)
    if tells is None:
        times = " For the times that it asks about, use `h.change`." if asked.times else ""
        raise InsightsError(
            f"{asked.id} was asked in one wave only: survey.yml names no dimension of waves for "
            f"{asked.population}.{times}"
        )
    return tells


def _told_apart(survey: Survey, asked: Question, person: str) -> Survey:
    """Return the survey with another column that names people."""
    population = asked.population
    names = columns_of_file(survey.columns(population))
    if person not in names:
        raise InsightsError(
            f'person: there is no column "{person}". {suggest(person, names, "column")}'
        )
    who, held = told_apart(survey.codebook, population, survey.held[population], person)
    populations = {**survey.codebook.populations, population: who}
    codebook = replace(survey.codebook, populations=populations)
    return replace(survey, codebook=codebook, held={**survey.held, population: held})


@dataclass(frozen=True)
class _Linearised:
    """Linearised estimates of every column and row, per wave and stratum.

    Attributes
    ----------
    linear, squares : sums of the linearised estimate and of its squares: (wave, column, row,
        stratum)
    cross : sums of products over who is in two waves: (wave, wave, column, row, stratum)
    both : who answered in two waves: (wave, wave, column)
    kish : effective base by the weights: (wave, column)
    clusters : people who answered, and strata that they are in: (column, 2)
    """

    linear: Floats
    squares: Floats
    cross: Floats
    both: Floats
    kish: Floats
    clusters: Floats
    design: Design

    @classmethod
    def of(
        cls,
        request: Request,
        scores: Floats,
        waves: Sequence[str],
        wave: str,
        number: bool,
        person: str,
    ) -> _Linearised:
        survey, asked = request.survey, request.question
        design = Design.of(strata(survey, asked.population), survey, asked.population)
        at = {code: n for n, code in enumerate(waves)}
        cells = {c.column: n for n, c in enumerate(asked.cells)}
        strata_at = {name: n for n, name in enumerate(design.cells)}
        if number:
            table = numbers(survey, asked, (wave,), request.selection)
            axes: Any = [(table[wave], at), (table["column"], cells), (table["stratum"], strata_at)]
            names = ["n", "sum_w", "sum_w2", "sum_wx", "sum_w2x", "sum_w2x2"]
            n, w, w2, wx, w2x, w2xx = (v[:, :, None] for v in tensor(table, axes, names))
        else:
            counted = tabulate(survey, asked, (wave,), request.selection).cells
            codes = {o.code: n for n, o in enumerate(asked.in_base)}
            axes = [
                (counted[wave], at),
                (counted["column"], cells),
                (counted["option"], codes),
                (counted["stratum"], strata_at),
            ]
            whole = tensor(counted, axes, ["n", "sum_w", "sum_w2"])
            n, w, w2 = (v.sum(axis=2)[:, :, None] for v in whole)
            wx, w2x = (np.einsum("gcoh,ro->gcrh", v, scores) for v in whole[1:])
            w2xx = np.einsum("gcoh,ro->gcrh", whole[2], scores**2)
        with np.errstate(divide="ignore", invalid="ignore"):
            total = w.sum(axis=-1)
            theta = wx.sum(axis=-1) / total
            q = theta[..., None]
            linear = (wx - q * w) / total[..., None]
            squares = (w2xx - 2 * q * w2x + q**2 * w2) / total[..., None] ** 2
            kish = (total**2 / w2.sum(axis=-1))[:, :, 0]
        j, columns, rows, _ = linear.shape
        cross = np.zeros((j, j, columns, rows, linear.shape[-1]))
        both = np.zeros((j, j, columns))
        everybody = n[:, :, 0].sum(axis=0)
        whose = (design.by_stratum(everybody) > 0).sum(axis=1)
        clusters = np.stack([everybody.sum(axis=1), whose], axis=1)
        if person:
            for column, c in cells.items():
                found = overlap(survey, asked, column, wave, request.selection)
                clusters[c] = found.answered
                for one, other, h, row in _pairs(found, at, strata_at):
                    both[one, other, c] += row["n"]
                    for r in range(rows):
                        a, b = theta[one, c, r], theta[other, c, r]
                        if number:
                            held = row["sum_xx"] - a * row["sum_x_other"] - b * row["sum_x"]
                            held += a * b * row["sum_ww"]
                        else:
                            x, y = (scores[r, codes[row[k]]] for k in ("code", "code_other"))
                            held = row["sum_ww"] * (x - a) * (y - b)
                        cross[one, other, c, r, h] += held / (total[one, c, 0] * total[other, c, 0])
            cross = cross + cross.swapaxes(0, 1)
            both = both + both.swapaxes(0, 1)
        return cls(linear, squares, cross, both, kish, clusters, design)

    def covariance(self, used: Sequence[int], column: int, row: int) -> Floats:
        """Covariance matrix of the estimates of some waves."""
        found = np.zeros((len(used), len(used)))
        for i, a in enumerate(used):
            for k, b in enumerate(used[: i + 1]):
                own = [self.squares[x, column, row] for x in (a, b)]
                line = [self.linear[x, column, row] for x in (a, b)]
                if a == b:
                    found[i, i] = variance(own[0][None], line[0][None], self.design)[0]
                    continue
                shared = 2 * self.cross[a, b, column, row]
                ends = [
                    variance(
                        (own[0] + own[1] + s * shared)[None],
                        (line[0] + s * line[1])[None],
                        self.design,
                    )[0]
                    for s in (1, -1)
                ]
                found[i, k] = found[k, i] = (ends[0] - ends[1]) / 4
        return found


def _pairs(
    found: WaveOverlap, at: dict[str, int], strata_at: dict[str, int]
) -> Iterator[tuple[int, int, int, Row]]:
    for row in found.pairs.to_dict("records"):
        if row["wave"] in at and row["other"] in at:
            yield at[row["wave"]], at[row["other"]], strata_at.get(row["stratum"], 0), row


def _tests(
    sums: _Linearised,
    estimates: pd.DataFrame,
    waves: Sequence[str],
    wave: str,
    asked: Question,
    options: Any,
    scored: bool,
) -> Iterator[Row]:
    level = sums.design.level
    for c, cell in enumerate(asked.cells):
        for r, option in enumerate(options):
            own = estimates[
                (estimates["item"] == cell.item)
                & (estimates["option"] == option)
                & (estimates["time"] == cell.time)
            ].set_index(wave)
            known = [w for w in waves if w in own.index and own.loc[w, "status"] == Status.OK]
            used = [w for w in known if own.loc[w, "n"] >= FEW]
            place = {"question": asked.id, "item": cell.item, "option": option, "time": cell.time}
            blank = dict.fromkeys(("estimate", "se", "ci_low", "ci_high"), np.nan)
            blank |= dict.fromkeys(("statistic", "df1", "df2", "p", "p_adjusted"), np.nan)
            n = int(own["n"].reindex(list(waves)).fillna(0).sum())
            whole = {**place, **blank, "compared": EVERY, "n": n, "n_both": 0, "test": "none"}
            whole |= {"first": waves[0], "last": waves[-1]}
            if len(used) < 2:
                yield {**whole, "status": FEW_ANSWERS}
                continue
            at = [waves.index(w) for w in used]
            theta = own.loc[used, "estimate"].to_numpy(dtype=float)
            covariance = sums.covariance(at, c, r)
            if not scored:
                covariance = _not_certain(covariance, theta, sums.kish[at, c])
            people, there = sums.clusters[c]
            df = people - there + 1 - len(used)
            pairs = [(k, k + 1, STEP) for k in range(len(used) - 1)]
            pairs = [(0, len(used) - 1, ENDS), *pairs]
            shared = sums.both[np.ix_(at, at)][..., c]
            yield {
                **whole,
                **_wald(theta, covariance, df),
                "first": used[0],
                "last": used[-1],
                "n_both": int(np.triu(shared, 1).max()),
            }
            for one, other, kind in pairs:
                difference = theta[other] - theta[one]
                spread = (
                    covariance[one, one] + covariance[other, other] - 2 * covariance[one, other]
                )
                row = {**whole, "compared": kind, "first": used[one], "last": used[other]}
                row |= {"n": int(own.loc[[used[one], used[other]], "n"].sum())}
                row |= {"n_both": int(shared[one, other]), "estimate": difference}
                yield {**row, **_t_test(difference, spread, df, level)}


def _not_certain(covariance: Floats, theta: Floats, kish: Floats) -> Floats:
    """Give waves in which everybody or nobody gave an answer the variance of all waves."""
    p = float(theta @ kish / kish.sum())
    for k, share in enumerate(theta):
        if np.isclose(share * (1 - share), 0, atol=1e-15):
            covariance[k, k] = p * (1 - p) / kish[k]
    return covariance


def _wald(theta: Floats, covariance: Floats, df: float) -> Row:
    from scipy import special

    apart = np.diff(np.eye(len(theta)), axis=0)
    middle = apart @ covariance @ apart.T
    size = len(apart)
    scale = np.sqrt(np.clip(np.diag(middle), 1e-300, None))
    if (np.diag(middle) <= 1e-24).any() or np.linalg.cond(middle / np.outer(scale, scale)) > 1e12:
        return {"status": NO_VARIANCE}
    if df < 1:
        return {"status": "too few respondents for a test"}
    gap = apart @ theta
    f = float(gap @ np.linalg.solve(middle, gap)) / size
    p = float(special.fdtrc(size, df, f))
    return {"test": "Wald", "statistic": f, "df1": size, "df2": df, "p": p, "status": "ok"}


def _t_test(difference: float, spread: float, df: float, level: float) -> Row:
    from scipy import special

    if spread <= 1e-24 or df < 1:
        return {"status": NO_VARIANCE}
    se = float(np.sqrt(spread))
    reach = float(student(level, np.array([float(df)]))[0]) * se
    t = difference / se
    p = float(2 * special.stdtr(df, -abs(t)))
    found = {"se": se, "ci_low": difference - reach, "ci_high": difference + reach}
    return {**found, "test": "t", "statistic": t, "df1": 1.0, "df2": df, "p": p, "status": "ok"}
