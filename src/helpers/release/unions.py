"""Shares of unions of groups, computed from the protected cube only."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.codebook.model import Kind, Question
from helpers.estimation.estimates import Combine, combined
from helpers.estimation.intervals import wilson
from helpers.estimation.request import Row, Status
from helpers.release.exact import ExactSums
from helpers.release.forms import CubeEntry, CubeLevel, CubeQuestion
from helpers.release.protect.mergers import merged

Chosen = Mapping[str, tuple[str, ...]]


def groups_offered(cube: CubeQuestion) -> dict[str, list[str]]:
    """Group ids of each dimension that the question offers, without those that are left out."""
    return {
        d: [g["id"] for g in groups if not g.get("left_out")]
        for d, groups in cube["dimensions"].items()
    }


def level_of(cube: CubeQuestion, chosen: Chosen, by: str = "") -> CubeLevel | None:
    """Level from which a selection is computed; None where it is not shown."""
    wanted = {*chosen, *filter(None, [by])}
    return next((x for x in cube["levels"] if wanted <= set(x["dimensions"])), None)


def shown(question: Question, cube: CubeQuestion, chosen: Chosen, by: str = "") -> Question:
    """Return the question with the answers that a selection shows, some of them perhaps merged."""
    level = level_of(cube, chosen, by)
    return question if level is None else merged(question, level["answers"])


def table_of(rows: list[Row]) -> pd.DataFrame:
    """Make a table of rows; where one has no base, it is missing."""
    frame = pd.DataFrame(rows)
    frame["n"] = frame["n"].astype("Int64")
    return frame


def rows_of(
    question: Question,
    cube: CubeQuestion,
    chosen: Chosen,
    by: str = "",
    combine: Combine | None = None,
    exact: ExactSums | None = None,
) -> list[Row]:
    """Shares of a union of groups: rows with the columns of `estimates.proportion`.

    Parameters
    ----------
    question
        As `shown` returns it.
    chosen
        Group ids per dimension; a dimension left out means all of it.
    by
        Dimension whose groups are set side by side (column `by` holds their ids).
    combine
        Options to take together, as in `estimates.proportion`.
    exact
        Sums that shares and intervals follow; without them they follow the rounded shares of the
        cube.

    Notes
    -----
    Of a column that is hidden for this selection estimate and `n` are missing, and its status
    says so.
    """
    level = level_of(cube, chosen, by)
    assert level is not None
    rows: list[Row] = []
    for group in groups_offered(cube)[by] if by else [""]:
        wanted = {**chosen, by: (group,)} if by else chosen
        union = [
            entry
            for entry in level["groups"]
            if all(entry["groups"][d] in groups for d, groups in wanted.items())
        ]
        rows += _union_rows(question, cube, union, {by: group} if by else {}, combine)
    if exact is not None:
        _estimated(rows, question, cube, level, chosen, by, combine, exact)
        return rows
    p, n = (np.array([row[name] for row in rows]) for name in ("estimate", "n_effective"))
    for row, *ends in zip(rows, *(end.tolist() for end in wilson(p, n)), strict=True):
        row["ci_low"], row["ci_high"] = ends
    return rows


def _estimated(
    rows: list[Row],
    question: Question,
    cube: CubeQuestion,
    level: CubeLevel,
    chosen: Chosen,
    by: str,
    combine: Combine | None,
    exact: ExactSums,
) -> None:
    """Put what the exact sums give into every row that is shown."""
    parts = dict(zip((o.code for o in question.in_base), level["answers"], strict=True))
    together = [
        [option for code in codes for option in parts[code]]
        for codes in combined(question, combine).values()
    ]
    values = exact.shares(*_taken(cube, level, chosen, by), together)
    names = ("estimate", "n_effective", "ci_low", "ci_high")
    for row, *found in zip(rows, *(values[n].reshape(-1).tolist() for n in names), strict=True):
        there = row["status"] == Status.OK
        row.update(zip(names, found if there else [math.nan] * len(names), strict=True))
        if there and math.isnan(row["estimate"]):
            row["status"] = Status.NO_WEIGHT.value


def scored(rows: list[Row], cube: CubeQuestion, chosen: Chosen, by: str, exact: ExactSums) -> None:
    """Put what exact sums give into rows that are shown: nets of a recommendation, or means."""
    level = level_of(cube, chosen, by)
    assert level is not None
    made = exact.net if exact.question.kind is Kind.RECOMMEND else exact.mean
    values = made(*_taken(cube, level, chosen, by))
    for row, *found in zip(rows, *(of.reshape(-1).tolist() for of in values.values()), strict=True):
        if not math.isnan(row["estimate"]):
            row.update(zip(values, found, strict=True))


def _taken(
    cube: CubeQuestion, level: CubeLevel, chosen: Chosen, by: str
) -> tuple[tuple[str, ...], list[dict[str, list[int]]], list[tuple[str, str]]]:
    """Say where the exact sums of a selection are: level, groups taken together, columns."""
    places = {d: {group: n for n, group in enumerate(of)} for d, of in groups_offered(cube).items()}
    wanted = [{**chosen, by: (group,)} for group in places[by]] if by else [chosen]
    groups = [{d: [places[d][g] for g in of] for d, of in one.items()} for one in wanted]
    columns = [(column["item"], column["time"]) for column in cube["columns"]]
    return tuple(level["dimensions"]), groups, columns


def _union_rows(
    question: Question,
    cube: CubeQuestion,
    union: list[CubeEntry],
    group: dict[str, str],
    combine: Combine | None,
) -> Iterator[Row]:
    order = {o.code: n for n, o in enumerate(question.in_base)}
    answers = {
        name: [order[c] for c in codes] for name, codes in combined(question, combine).items()
    }
    for at, place in enumerate(cube["columns"]):
        held = [_sums(entry, at) for entry in union]
        sums = [of for of in held if of is not None]
        n = sum(of.base for of in sums)
        status = (Status.OK if n else Status.NO_ANSWERS).value
        for name, options in answers.items():
            p, effective, base, said = math.nan, math.nan, None, Status.HIDDEN.value
            if len(sums) == len(held) and all(of.n[o] is not None for of in sums for o in options):
                p, effective = _estimate(cube, sums, options, n)
                base, said = n, status
            yield {
                "question": question.id,
                "item": place["item"],
                "option": name,
                "time": place["time"],
                **group,
                "estimate": p,
                "n": base,
                "n_effective": effective,
                "status": said,
            }


class _Sums(NamedTuple):
    """Sums of one group in a column that is shown; the last three only with weights."""

    base: int
    n: Sequence[int | None]
    shares: Sequence[float | None] = ()
    weight: float = 0.0
    effective: int = 0


def _sums(entry: CubeEntry, at: int) -> _Sums | None:
    base, n = entry["bases"][at], entry["n"][at]
    if base is None or n is None:
        return None
    if "shares" not in entry:
        return _Sums(base, n)
    return _Sums(
        base,
        n,
        entry["shares"][at] or (),
        entry["weight"][at] or 0.0,
        entry["effective"][at] or 0,
    )


def _estimate(
    cube: CubeQuestion, sums: Sequence[_Sums], options: Sequence[int], n: int
) -> tuple[float, float]:
    """Share of the options and its effective base."""
    if not n:
        return math.nan, math.nan
    if not cube["weighted"]:
        # p(1 - p) / Var(p) of a simple random sample, as in `estimates.proportion`
        k = sum(of.n[o] or 0 for of in sums for o in options)
        everybody = cube["respondents"]
        return k / n, float(n) if k in (0, n) else n * (everybody - 1) / everybody
    weight = sum(of.weight for of in sums)
    squares = sum(of.weight**2 / of.effective for of in sums if of.effective)
    if not weight or not squares:
        return math.nan, math.nan
    p = sum(of.weight * (of.shares[o] or 0.0) for of in sums for o in options) / weight
    return min(p, 1.0), weight**2 / squares
