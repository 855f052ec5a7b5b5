"""Two selections of respondents, who may belong to both: the difference between their shares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.codebook.model import Question
from helpers.estimation.domains import ComparisonStatus, Domains, counted, domains, tabulable
from helpers.estimation.estimates import Combine, combined
from helpers.estimation.intervals import Floats, normal, wilson
from helpers.estimation.latest_wave import resolve_selection
from helpers.estimation.request import Columns, Status
from helpers.estimation.tabulate import tabulate
from helpers.estimation.variance import Design, variance
from helpers.responses.selection import Selection, Where
from helpers.responses.survey import Survey

NUMBERS = ("estimate", "se", "ci_low", "ci_high", "share", "share_other")
BASES = ("n", "n_other", "n_both")


def selections(
    survey: Survey,
    question: str,
    one: Where,
    other: Where,
    *,
    combine: Combine | None = None,
) -> pd.DataFrame:
    """Compare the shares of two selections, such as two regions, or a region and everybody.

    Parameters
    ----------
    question
        Id of a single, multiple, grid or time_grid question.
    one, other
        The selections; respondents may belong to both.
    combine
        As in `estimates.proportion`.

    Returns
    -------
    DataFrame, one row per item, time and option, in codebook order: `question`, `item`, `option`,
    `time`; `estimate` (share in `one` less share in `other`, in [-1, 1]), `se`, `ci_low`,
    `ci_high`, `share`, `share_other`, `n`, `n_other` (unweighted bases), `n_both` (who is
    in both), `status` (a `Status` or `ComparisonStatus`). `attrs["survey"]` names the data.

    Raises
    ------
    InsightsError
        For unknown names (the message lists what exists) or a stratum of one respondent.

    Notes
    -----
    `se` by linearisation of the difference of two domains of one sample, the covariance of those
    who are in both included; with equal weights and one stratum without n / (n - 1), as in
    `compare.groups`. The interval is the square-and-add hybrid of the two Wilson intervals with
    their correlation (Zou and Donner 2008, Statistics in Medicine 27, 1693-1702; Newcombe 1998
    where nobody is in both). It is for a single difference: testing many finds some by chance.
    """
    asked = tabulable(survey, question)
    options = combined(asked, combine)
    sought = [resolve_selection(survey, where, asked.population) for where in (one, other)]
    places = [(asked.id, c.item, o, c.time) for c in asked.cells for o in options]
    result = pd.DataFrame(places, columns=["question", "item", "option", "time"])
    result.attrs["survey"] = survey.describe
    if not all(selection.concerns(survey, asked.population) for selection in sought):
        missing: Columns = dict.fromkeys(NUMBERS, np.nan) | dict.fromkeys(BASES, 0)
        return result.assign(**missing, status=str(Status.NOT_ASKED))
    parts = [
        [n for n, option in enumerate(asked.in_base) if option.code in codes]
        for codes in options.values()
    ]
    common = sought[0] & sought[1]
    sides = {
        selection: _side(survey, asked, selection, parts)
        for selection in dict.fromkeys((*sought, common))
        if all(codes for _, codes in selection.conditions) or selection in sought
    }
    first, second = (sides[selection] for selection in sought)
    nobody = replace(first, base=0 * first.base, part=0 * first.part)
    values = _difference(first, second, sides.get(common, nobody))
    found = {name: values[name].reshape(-1) for name in (*NUMBERS, *BASES, "status")}
    return result.assign(**found | {name: found[name].astype(int) for name in BASES})


def _side(
    survey: Survey,
    asked: Question,
    selection: Selection,
    parts: list[list[int]],
) -> Domains:
    table = tabulate(survey, asked, (), selection)
    design = Design.of(table.strata, survey, asked.population)
    counts = counted(asked, asked.cells, table, design, None, ("",))
    return domains(counts, parts)


def _difference(one: Domains, other: Domains, both: Domains) -> Columns:
    """Differences with their standard errors and intervals: arrays of (cell, part)."""
    share, total, linear, squares = zip(*(_linear(side) for side in (one, other)), strict=True)
    n, n_other, n_both = (
        np.broadcast_to(side.base[0, 0].sum(axis=-1)[:, None], share[0].shape)
        for side in (one, other, both)
    )
    p, q = (s[..., None] for s in share)
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = both.part[2, 0] * (1 - p - q) + p * q * both.base[2, 0][:, None]
        shared = shared / (total[0] * total[1])
        if one.designed or other.designed:
            spreads = [variance(s, x, one.design) for s, x in zip(squares, linear, strict=True)]
            whole = squares[0] + squares[1] - 2 * shared
            gap = variance(whole, linear[0] - linear[1], one.design)
            bases = [
                _effective(side, s, v)
                for side, s, v in zip((one, other), share, spreads, strict=True)
            ]
        else:
            spreads = [s * (1 - s) / base for s, base in zip(share, (n, n_other), strict=True)]
            gap = np.maximum(spreads[0] + spreads[1] - 2 * shared.sum(axis=-1), 0)
            bases = [n, n_other]
        product = np.sqrt(spreads[0] * spreads[1])
        tie = np.where(product > 0, (spreads[0] + spreads[1] - gap) / (2 * product), 0)
    low, high = _interval(share, bases, np.clip(tie, -1, 1), one.design.level)
    same = (n == n_both) & (n_other == n_both)
    empty = (n == 0) | (n_other == 0)
    status = np.where(same, ComparisonStatus.SAME_PEOPLE.value, Status.OK.value).astype(object)
    values: Columns = dict(estimate=share[0] - share[1], se=np.sqrt(gap))
    values |= dict(ci_low=np.where(same, np.nan, low), ci_high=np.where(same, np.nan, high))
    values |= dict(share=share[0], share_other=share[1], n=n, n_other=n_other, n_both=n_both)
    return values | {"status": np.where(empty, Status.NO_ANSWERS.value, status)}


def _linear(side: Domains) -> tuple[Floats, Floats, Floats, Floats]:
    """Shares, weights of the base, and the sums and squares of the linearised share by stratum."""
    base, part = side.base[:, 0], side.part[:, 0]
    total = base[1].sum(axis=-1)[:, None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = part[1].sum(axis=-1) / total[..., 0]
        p = share[..., None]
        linear = (part[1] - p * base[1][:, None]) / total
        squares = (part[2] * (1 - 2 * p) + p**2 * base[2][:, None]) / total**2
    return share, total, linear, squares


def _effective(side: Domains, share: Floats, spread: Floats) -> Floats:
    """Effective base p(1 - p) / Var(p), and Kish's where everybody or nobody said it."""
    base = side.base[:, 0]
    kish = base[1].sum(axis=-1) ** 2 / (side.design.unsampled * base[2]).sum(axis=-1)
    certain = np.isclose(share * (1 - share), 0, atol=1e-15) | (spread == 0)
    return np.where(certain, kish[:, None], share * (1 - share) / spread)


def _interval(
    share: tuple[Floats, ...], bases: list[Floats], tie: Floats, level: float
) -> tuple[Floats, Floats]:
    z = normal(level)
    (low1, high1), (low2, high2) = (wilson(s, n, z) for s, n in zip(share, bases, strict=True))

    def apart(a: Floats, b: Floats) -> Floats:
        return np.sqrt(np.maximum(a**2 + b**2 - 2 * tie * a * b, 0))

    gap = share[0] - share[1]
    low = gap - apart(share[0] - low1, high2 - share[1])
    return np.maximum(low, -1), np.minimum(gap + apart(high1 - share[0], share[1] - low2), 1)
