"""Answers by groups in one table: whether they are associated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.codebook.model import Question
from helpers.estimation.association import (
    CHI_SQUARE,
    FISHER,
    NO_TEST,
    RAO_SCOTT,
    SMALL,
    chi_square,
    fisher,
    rao_scott,
)
from helpers.estimation.domains import (
    ComparisonStatus,
    DomainSums,
    Groups,
    group_codes,
    of_groups,
    one_key,
    tabulable,
)
from helpers.estimation.estimates import Combine, combined, indicators
from helpers.estimation.intervals import Floats
from helpers.estimation.latest_wave import resolve_selection
from helpers.estimation.request import Row, Status
from helpers.responses.selection import Where
from helpers.responses.survey import Survey

RESULT = ["statistic", "df1", "df2", "p", "chi2", "mean_deff", "first_order", "p_first_order"]
TABLE = ["question", "item", "time", "by", "n", "rows", "columns", "test", *RESULT]
TABLE += ["smallest_expected", "status"]


def table(
    survey: Survey,
    question: str,
    by: str | Sequence[str],
    where: Where = None,
    *,
    combine: Combine | None = None,
) -> pd.DataFrame:
    """Test whether the answers to a question are associated with groups.

    Parameters
    ----------
    question, by, where
        As in `compare.groups`; all answers in the question's base and all groups in one table.
    combine
        Options to take together; those that no name takes are one answer more.

    Returns
    -------
    DataFrame, one row per item and time: `question`, `item`, `time`, `by`; `n` (respondents in
    the table), `rows` (answers that occur), `columns` (groups that occur); `test` (fisher,
    chi-square or rao-scott), `statistic`, `df1`, `df2`, `p`; `chi2` (Pearson's statistic),
    `mean_deff`, `first_order` and `p_first_order` (the first-order correction: chi2 / mean_deff
    against chi-square on (rows - 1)(columns - 1)); `smallest_expected` (count under no
    association); `status` (a `Status` or `ComparisonStatus`). `statistic` is F with weights or
    strata, else chi-square; `df2` is infinite for a chi-square.

    Raises
    ------
    InsightsError
        As in `compare.groups`.

    Notes
    -----
    Equal weights, one stratum, no population size: chi-square without correction; of a two-by-two
    table with an expected count below 5 Fisher's exact test. Otherwise Rao and Scott's
    second-order correction as R's ``svychisq(statistic = "F")``, and the first-order one
    (``"Chisq"``) beside it. As there, `df2` counts all selected respondents, less their strata.
    """
    asked = tabulable(survey, question)
    key = one_key(by)
    selection = resolve_selection(survey, where, asked.population, (key,))
    names = group_codes(survey, asked, key, selection)
    rows = []
    for n, cell in enumerate(asked.cells):
        found: Row = {"n": 0, "rows": 0, "columns": 0, "status": Status.NOT_ASKED}
        if selection.concerns(survey, asked.population):
            if n == 0:
                counts = of_groups(survey, asked, asked.cells, selection, Groups(key, names))
                counts = _together(counts, asked, combine)
            found = _associated(counts, n)
        place = {"question": asked.id, "item": cell.item, "time": cell.time, "by": key}
        rows.append({"test": NO_TEST, **place, **found, "status": str(found["status"])})
    result = pd.DataFrame(rows, columns=TABLE)
    result[[*RESULT, "smallest_expected"]] = result[[*RESULT, "smallest_expected"]].astype(float)
    result.attrs["survey"] = survey.describe
    return result


def of_counts(counts: DomainSums, question: Question, combine: Combine | None) -> list[float]:
    """P values of the tests of `table`, cell after cell; 1 where there is nothing to test."""
    counts = _together(counts, question, combine)
    found = (_associated(counts, cell).get("p", np.nan) for cell in range(len(question.cells)))
    return [1.0 if np.isnan(p) else float(p) for p in found]


def _together(counts: DomainSums, question: Question, combine: Combine | None) -> DomainSums:
    if combine is None:
        return counts
    parts = list(combined(question, combine).values())
    rest = tuple({o.code for o in question.in_base}.difference(*parts))
    scores = indicators(question, {str(n): codes for n, codes in enumerate([*parts, rest])})
    together = counts.together
    if together is not None:
        products = np.einsum(
            "cgoiph,ko,lp->cgkilh", together.products, scores, scores, optimize=True
        )
        together = replace(together, products=products)
    return replace(
        counts, sums=np.einsum("sgcoh,po->sgcph", counts.sums, scores), together=together
    )


def _associated(counts: DomainSums, cell: int) -> Row:
    n, w, w2 = counts.sums[:, :, cell].transpose(0, 2, 1, 3)  # option, group, stratum
    weight = w.sum(axis=2)
    at = np.ix_(weight.sum(axis=1) > 0, weight.sum(axis=0) > 0)
    n, w, w2 = n[at], w[at], w2[at]
    found: Row = dict(zip(("rows", "columns"), n.shape, strict=False))
    found["n"] = total = int(n.sum())
    if not total:
        return {**found, "status": Status.NO_ANSWERS}
    if min(n.shape[:2]) < 2:
        return {**found, "status": ComparisonStatus.ONE_ANSWER}
    respondents = n.sum(axis=2)
    if not counts.designed:
        return found | _classical(respondents)
    shares = w.sum(axis=2) / w.sum()
    expected = total * np.outer(shares.sum(axis=1), shares.sum(axis=0))
    products = None
    if counts.together is not None:
        every = counts.together.products[cell].transpose(1, 0, 3, 2, 4)  # option before group
        products = every[np.ix_(*map(np.ravel, at), *map(np.ravel, at))]
    got = rao_scott(w, w2, counts.design, total, counts.nu, products)
    sparse = ComparisonStatus.SPARSE if expected.min() < SMALL else Status.OK
    return found | {
        "test": NO_TEST if np.isnan(got.p) else RAO_SCOTT,
        "statistic": got.f,
        **{k: getattr(got, k) for k in RESULT if k != "statistic"},
        "smallest_expected": expected.min(),
        "status": ComparisonStatus.UNDEFINED if np.isnan(got.p) else sparse,
    }


def _classical(respondents: Floats) -> Row:
    statistic, df, p, smallest = chi_square(respondents)
    result: Row = dict(chi2=statistic, mean_deff=1.0, first_order=statistic)
    result |= dict(p_first_order=p, statistic=statistic, df1=df, df2=np.inf, p=p)
    result |= dict(test=CHI_SQUARE, smallest_expected=smallest, status=Status.OK)
    if smallest < SMALL and respondents.shape == (2, 2):
        x, n = respondents[0], respondents.sum(axis=0)
        result |= dict(test=FISHER, p=fisher(x[:1], n[:1], x[1:], n[1:])[0])
    elif smallest < SMALL:
        result["status"] = ComparisonStatus.SPARSE
    return result
