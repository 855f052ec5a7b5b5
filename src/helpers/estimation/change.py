"""Change within respondents: the same people at two or more points in time.

Everything is arithmetic on joint tables of response columns (`tabulate.joint`). A pair is a
respondent who gave a substantive answer both times; "don't know" has no place on a scale and
counts as no answer. Weights and strata are never ignored: where the file has them, differences are
tested by design-based linearisation, and tests that assume a simple random sample are refused with
a status that says so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.codebook.model import Kind, Question, suggest
from helpers.errors import InsightsError
from helpers.estimation.estimates import Combine
from helpers.estimation.paired_tables import (
    TEST,
    Pair,
    PairedRequest,
    as_table,
    differences,
    scale_of,
    square_test,
    testable,
)
from helpers.estimation.paired_tests import cochran_statistic
from helpers.estimation.request import Row
from helpers.responses.selection import Where
from helpers.responses.survey import Survey


def paired(
    survey: Survey,
    question: str,
    first: str,
    last: str,
    by: Sequence[str] | str = (),
    where: Where = None,
    *,
    combine: Combine | None = None,
    correction: bool = True,
    adjust: bool = True,
) -> pd.DataFrame:
    """Change of each respondent's answer between two points in time.

    Parameters
    ----------
    question, first, last
        Id of a time_grid question, and two of its times.
    by, where
        As for `estimates.proportion`.
    combine
        Options to take together, as for `proportion`; each name is then a two-option item.
    correction
        Continuity correction of McNemar's chi-square.
    adjust
        Adjust the p values of this table for one another (Benjamini and Hochberg).

    Returns
    -------
    DataFrame, one row per group and item; one per option too where the question has more than
    two options that lie on no scale, or `combine` names them. Columns: those of `proportion`,
    where `time` is "first to last", `estimate` is last minus first, and `n` is the pairs;
    `measure` says whether `estimate` is a difference of shares (in [-1, 1], of `option`; the one
    with the higher score, else the first, of two options) or of mean scores (on the codebook's
    scale). Then

    - `first`, `last`: the response columns;
    - `up`, `same`, `down`: pairs by score order (of an option's row: to it, neither, from it);
    - `net`, `net_se`: share of pairs who went up less share who went down, and its standard error;
    - `gained`, `kept`, `lost`, `never`: pairs by the row's option; missing on scales;
    - `answered_both`, `answered_one`, `answered_neither`, `not_asked`: they add up to the
      respondents selected;
    - `interval`: how the interval was made;
    - `test`, `statistic`, `test_df` (missing for exact tests), `p`, `p_adjusted`, and `family`,
      the number of tests that were adjusted together.

    Raises
    ------
    InsightsError
        For what does not exist (the message lists what does), and a stratum of one respondent.

    Notes
    -----
    `se` by Taylor linearisation of the mean difference over the domain of pairs; `df` is pairs
    less the strata they come from. A simple random sample: difference of shares with
    Newcombe's (1998, Statistics in Medicine 17, 2635-2650) method 10, and McNemar's test, exact
    below 25 discordant pairs; of mean scores with a t interval, and Wilcoxon's signed rank test.
    Where weights differ, and with strata or population sizes: t interval and t test of the
    difference; where nobody or everybody changed, method 10 on Kish's effective base. Statuses are
    those of `ChangeStatus`.
    """
    asked, at = _time_grid(survey, question, (first, last))
    pairs = [
        Pair(question, i.code, f"{first} to {last}", at[i.code, first], at[i.code, last])
        for i in asked.items
    ]
    call = PairedRequest.of(survey, asked, by, where)
    return differences(call, pairs, combine, correction, adjust)


def paired_columns(
    survey: Survey,
    population: str,
    a: str,
    b: str,
    by: Sequence[str] | str = (),
    where: Where = None,
    *,
    combine: Combine | None = None,
    correction: bool = True,
    adjust: bool = True,
) -> pd.DataFrame:
    """Difference within respondents between two response columns: `paired` with `b` as last.

    The columns must belong to the population and have the same options and scores. `question`
    and `item` are those of `a`; `time` is empty.
    """
    if population not in survey.codebook.populations:
        known = survey.codebook.populations
        raise InsightsError(
            f'There is no population "{population}". {suggest(population, known, "population")}'
        )
    owners = {
        c.column: (q, c.item)
        for q in survey.codebook.questions.values()
        if q.population == population and q.tabulates
        for c in q.cells
    }
    for name in (a, b):
        if name not in owners:
            raise InsightsError(
                f'{population} have no response column "{name}" with options. '
                f"{suggest(name, owners, 'column')}"
            )
    (asked, item), (other, _) = owners[a], owners[b]
    if a == b or scale_of(asked) != scale_of(other):
        raise InsightsError(
            f"{a} and {b} cannot be paired: name two columns with the same options and scores."
        )
    call = PairedRequest.of(survey, asked, by, where)
    pairs = [Pair(asked.id, item, "", a, b)]
    return differences(call, pairs, combine, correction, adjust)


def item_tests(
    survey: Survey,
    question: str,
    first: str,
    last: str,
    by: Sequence[str] | str = (),
    where: Where = None,
    *,
    correction: bool = True,
    adjust: bool = True,
) -> pd.DataFrame:
    """Test whether the answers to each item changed between two points in time.

    Returns
    -------
    DataFrame, one row per group, item and test: McNemar's for two options; Stuart and Maxwell's
    (same distribution both times) and Bowker's (as many moves each way between any two options)
    for more; Wilcoxon's signed rank too on a scale. Columns: `question`, `item`, `time`, the
    group columns, `n` (pairs), `changed` (pairs whose answers differ), the columns of a test as in
    `paired` (p values are adjusted among rows of the same test), `status`.
    """
    asked, at = _time_grid(survey, question, (first, last))
    call = PairedRequest.of(survey, asked, by, where)
    names = ["McNemar"] if len(asked.substantive) == 2 else ["Stuart-Maxwell", "Bowker"]
    names += ["Wilcoxon signed rank"] if asked.is_scale else []
    rows: list[Row] = []
    tables = call.tables([(at[item.code, first], at[item.code, last]) for item in asked.items])
    k = len(asked.substantive)
    for item, table in zip(asked.items, tables, strict=True):
        for g, group in enumerate(call.request.groups):
            square = table.n[g, :k, :k].sum(axis=-1)
            base: Row = {
                "question": question,
                "item": item.code,
                "time": f"{first} to {last}",
            }
            base |= dict(zip(call.request.keys, group, strict=True))
            base |= {"n": int(square.sum()), "changed": int(square.sum() - np.trace(square))}
            for name in names:
                row = {**base, "test": name, "status": table.status(g, base["changed"])}
                if testable(row, call):
                    row |= square_test(name, square, asked, correction)
                rows.append(row)
    columns = ["question", "item", "time", *call.request.keys, "n", "changed", *TEST, "status"]
    return as_table(survey, rows, columns, adjust)


def cochran_q(
    survey: Survey,
    question: str,
    times: Sequence[str] | None = None,
    where: Where = None,
    *,
    by: Sequence[str] | str = (),
    adjust: bool = True,
) -> pd.DataFrame:
    """Test by Cochran's Q whether a share is the same at three or more points in time.

    Returns
    -------
    DataFrame, one row per group and item of a two-option time_grid question: `question`, `item`,
    `time` (the times), the group columns, `n` (answered every time), `answered_some`,
    `answered_none`, `not_asked`, `changed` (not the same answer every time), the columns of a
    test as in `paired`, `status`.

    Notes
    -----
    Cochran (1950), Biometrika 37, 256-266, from the joint table; chi-square, times - 1 df.
    """
    chosen = tuple(survey.question(question).times if times is None else times)
    asked, at = _time_grid(survey, question, chosen)
    if len(chosen) < 3:
        raise InsightsError("Cochran's Q compares three or more times; `paired` compares two.")
    if len(asked.substantive) != 2:
        raise InsightsError(f"{question} does not have two options: use `paired` and `item_tests`.")
    call, rows = PairedRequest.of(survey, asked, by, where), []
    counts = ("n", "answered_some", "answered_none", "not_asked")
    tables = call.tables([[at[item.code, time] for time in chosen] for item in asked.items])
    for item, table in zip(asked.items, tables, strict=True):
        for g, group in enumerate(call.request.groups):
            patterns = table.n[g].sum(axis=-1)[(slice(2),) * len(chosen)]
            changed = int(patterns.sum() - patterns.flat[0] - patterns.flat[-1])
            row: Row = {
                "question": question,
                "item": item.code,
                "time": ", ".join(chosen),
            }
            row |= dict(zip(call.request.keys, group, strict=True))
            row |= dict(zip(counts, table.counts(g), strict=True))
            row |= {"changed": changed, "test": "Cochran's Q", "status": table.status(g, changed)}
            if testable(row, call):
                row |= cochran_statistic(patterns)
            rows.append(row)
    columns = ["question", "item", "time", *call.request.keys, *counts, "changed", *TEST, "status"]
    return as_table(survey, rows, columns, adjust)


def _time_grid(
    survey: Survey, question: str, times: Sequence[str]
) -> tuple[Question, dict[tuple[str, str], str]]:
    """Look up a time_grid question and its response column per item and time."""
    asked = survey.question(question)
    if asked.kind is not Kind.TIME_GRID:
        grids = [q.id for q in survey.codebook.questions.values() if q.kind is Kind.TIME_GRID]
        raise InsightsError(
            f"{question} was not asked of several points in time. Questions that were: "
            f"{', '.join(grids) or 'none'}."
        )
    for time in times:
        if time not in asked.times:
            raise InsightsError(
                f'{question} has no time "{time}". {suggest(time, asked.times, "time")}'
            )
    if len(set(times)) < len(times):
        raise InsightsError(f"The times {', '.join(times)} are not all different.")
    return asked, {(c.item, c.time): c.column for c in asked.cells}
