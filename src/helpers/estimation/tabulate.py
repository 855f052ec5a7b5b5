"""Sufficient statistics: the only code that aggregates respondents.

Written against narwhals, so that one function serves whatever holds the responses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import pandas as pd

from helpers.estimation.selection import Selection, column_of
from helpers.survey.codebook import NOT_ANSWERED, NOT_ASKED, Question
from helpers.survey.dataset import Survey
from helpers.survey.responses import STRATUM, WEIGHT, WEIGHT_SQUARED

SUMS = ("n", "sum_w", "sum_w2")


@dataclass(frozen=True)
class Tabulation:
    """What estimates need to know of the responses to one question.

    Attributes
    ----------
    cells : one row per response column, option code, group and stratum that occurs among the
        selected respondents: `column`, `option`, the group columns, `stratum`, `n` (int),
        `sum_w` and `sum_w2` (sums of weights and of squared weights)
    strata : one row per stratum of the whole sample, whatever was selected: `stratum`, `n`,
        `sum_w` and `sum_w2`
    """

    cells: pd.DataFrame
    strata: pd.DataFrame


def tabulate(
    survey: Survey, question: Question, by: Sequence[str] = (), where: Selection | None = None
) -> Tabulation:
    """Count the answers to a question.

    Parameters
    ----------
    by
        Dimensions or response columns that form the groups.
    where
        Respondents to count; the strata still cover everybody (domain estimation).
    """
    frame = nw.from_native(survey.frames[question.population])
    columns = [c.column for c in question.cells]
    groups = {f"_group_{n}": column_of(survey.codebook, key) for n, key in enumerate(by)}
    kept = frame
    for column, codes in (where or Selection()).columns(survey.codebook):
        kept = kept.filter(nw.col(column).is_in(list(codes)))
    long = (
        kept.select(
            *(nw.col(column).alias(name) for name, column in groups.items()),
            STRATUM,
            WEIGHT,
            WEIGHT_SQUARED,
            *(nw.col(column).alias(f"_cell_{n}") for n, column in enumerate(columns)),
        )
        .unpivot(
            on=[f"_cell_{n}" for n in range(len(columns))],
            index=[*groups, STRATUM, WEIGHT, WEIGHT_SQUARED],
            variable_name="_cell",
            value_name="option",
        )
        .group_by("_cell", "option", *groups, STRATUM)
        .agg(
            nw.len().alias("n"),
            nw.col(WEIGHT).sum().alias("sum_w"),
            nw.col(WEIGHT_SQUARED).sum().alias("sum_w2"),
        )
    )
    cells = long.to_pandas()
    names = {f"_cell_{n}": column for n, column in enumerate(columns)}
    cells["column"] = cells["_cell"].map(names)
    renamed = cells.rename(columns={**dict(zip(groups, by, strict=True)), STRATUM: "stratum"})
    order = ["column", "option", *by, "stratum", *SUMS]
    return Tabulation(renamed[order], strata(survey, question.population))


def strata(survey: Survey, population: str) -> pd.DataFrame:
    """Count the whole sample of a population: `stratum`, `n`, `sum_w`, `sum_w2`."""
    frame = nw.from_native(survey.frames[population])
    counted = frame.group_by(STRATUM).agg(
        nw.len().alias("n"),
        nw.col(WEIGHT).sum().alias("sum_w"),
        nw.col(WEIGHT_SQUARED).sum().alias("sum_w2"),
    )
    return counted.to_pandas().rename(columns={STRATUM: "stratum"})


def joint(
    survey: Survey,
    population: str,
    columns: Sequence[str],
    by: Sequence[str] = (),
    where: Selection | None = None,
) -> pd.DataFrame:
    """Count how codes of several response columns come together in the same respondents.

    Returns
    -------
    DataFrame, one row per combination of codes, group and stratum that occurs: the response
    columns, the group columns, `stratum`, `n`, `sum_w`, `sum_w2`.
    """
    frame = nw.from_native(survey.frames[population])
    for column, codes in (where or Selection()).columns(survey.codebook):
        frame = frame.filter(nw.col(column).is_in(list(codes)))
    wanted = [*columns, *(column_of(survey.codebook, key) for key in by)]
    names = {f"_key_{n}": name for n, name in enumerate([*columns, *by])}
    counted = (
        frame.select(
            *(nw.col(column).alias(key) for key, column in zip(names, wanted, strict=True)),
            STRATUM,
            WEIGHT,
            WEIGHT_SQUARED,
        )
        .group_by(*names, STRATUM)
        .agg(
            nw.len().alias("n"),
            nw.col(WEIGHT).sum().alias("sum_w"),
            nw.col(WEIGHT_SQUARED).sum().alias("sum_w2"),
        )
    )
    return counted.to_pandas().rename(columns={**names, STRATUM: "stratum"})


def numbers(
    survey: Survey,
    question: Question,
    by: Sequence[str] = (),
    where: Selection | None = None,
    centre: float = 0.0,
) -> pd.DataFrame:
    """Add up the answers to a number question.

    Parameters
    ----------
    centre
        Taken off every number first: sums about a mean lose no digits to cancellation.

    Returns
    -------
    DataFrame, one row per response column, group and stratum that occurs: `column`, the group
    columns, `stratum`, `n`, `sum_w`, `sum_w2`, and of x, the number less `centre`: `sum_wx`,
    `sum_wx2` (w x²), `sum_w2x`, `sum_w2x2` (w² x²), `lowest`, `highest`.
    """
    frame = nw.from_native(survey.frames[question.population])
    for column, codes in (where or Selection()).columns(survey.codebook):
        frame = frame.filter(nw.col(column).is_in(list(codes)))
    groups = {f"_group_{n}": column_of(survey.codebook, key) for n, key in enumerate(by)}
    w, w2, x = nw.col(WEIGHT), nw.col(WEIGHT_SQUARED), nw.col("_x")
    parts = []
    for cell in question.cells:
        counted = (
            frame.filter(~nw.col(cell.column).is_in([NOT_ASKED, NOT_ANSWERED]))
            .select(
                *(nw.col(column).alias(name) for name, column in groups.items()),
                STRATUM,
                WEIGHT,
                WEIGHT_SQUARED,
                (nw.col(cell.column).cast(nw.Float64) - centre).alias("_x"),
            )
            .with_columns(_wx=w * x, _wx2=w * x * x, _w2x=w2 * x, _w2x2=w2 * x * x)
            .group_by(*groups, STRATUM)
            .agg(
                nw.len().alias("n"),
                w.sum().alias("sum_w"),
                w2.sum().alias("sum_w2"),
                *(nw.col(f"_{of}").sum().alias(f"sum_{of}") for of in ("wx", "wx2", "w2x", "w2x2")),
                x.min().alias("lowest"),
                x.max().alias("highest"),
            )
        )
        parts.append(counted.to_pandas().assign(column=cell.column))
    return pd.concat(parts, ignore_index=True).rename(
        columns={**dict(zip(groups, by, strict=True)), STRATUM: "stratum"}
    )


def weights_by(
    frame: Any, columns: Sequence[str], weight: str | None, *, each: bool = False
) -> pd.DataFrame:
    """Add up weights per combination of columns.

    Parameters
    ----------
    frame
        Any table that narwhals reads, one row per respondent.
    weight
        Column of weights; None where every respondent counts 1.
    each
        Keep respondents of one combination apart who differ in weight.

    Returns
    -------
    DataFrame, one row per combination: `key_0`, `key_1`, … in the order of `columns`, `n`,
    `sum_w`, `sum_w2`, `lowest` and `highest` (of the weights), and `bad`, the respondents whose
    weight is missing, negative or infinite.
    """
    keys = [f"key_{n}" for n in range(len(columns))]
    of = nw.lit(1.0) if weight is None else nw.col(weight).cast(nw.Float64)
    w, w2 = nw.col("_w"), nw.col("_w2")
    counted = (
        nw.from_native(frame)
        .with_columns(_w=of)
        .select(*(nw.col(c).alias(k) for k, c in zip(keys, columns, strict=True)), "_w")
        .with_columns(
            _w2=w * w,
            _each=w,
            _bad=nw.when((w >= 0) & (w < math.inf)).then(nw.lit(0)).otherwise(nw.lit(1)),
        )
        .group_by(*keys, *(["_each"] if each else []))
        .agg(
            nw.len().alias("n"),
            w.sum().alias("sum_w"),
            w2.sum().alias("sum_w2"),
            w.min().alias("lowest"),
            w.max().alias("highest"),
            nw.col("_bad").sum().alias("bad"),
        )
    )
    return counted.to_pandas()


def bases(table: Tabulation, question: Question) -> tuple[int, int]:
    """Respondents who were asked, and who are in the base: the most of any response column."""
    cells = table.cells
    asked = cells[cells["option"] != NOT_ASKED]
    answered = cells[cells["option"].isin([o.code for o in question.in_base])]
    return tuple(
        int(part.groupby("column")["n"].sum().max()) if len(part) else 0  # type: ignore
        for part in (asked, answered)
    )
