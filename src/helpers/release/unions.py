"""Shares of unions of groups, computed from the protected cube alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product
from typing import Any

import pandas as pd

from helpers.codebook.model import Question
from helpers.estimation.estimates import RESULT, Combine, Status, combined, wilson
from helpers.release.cube import CubeQuestion
from helpers.release.protect.mergers import merged

Chosen = Mapping[str, tuple[str, ...]]
Entry = dict[str, Any]


def groups_offered(cube: CubeQuestion) -> dict[str, list[str]]:
    """Group ids of each dimension that the question offers."""
    return {d: [g["id"] for g in groups] for d, groups in cube["dimensions"].items()}


def level_of(cube: CubeQuestion, chosen: Chosen, by: str = "") -> dict[str, Any] | None:
    """Level from which a selection is computed; None where it is not shown."""
    wanted = {*chosen, *filter(None, [by])}
    return next((x for x in cube["levels"] if wanted <= set(x["dimensions"])), None)


def shown(question: Question, cube: CubeQuestion, chosen: Chosen, by: str = "") -> Question:
    """Return the question with the answers that a selection shows, some of them perhaps merged."""
    level = level_of(cube, chosen, by)
    return question if level is None else merged(question, level["answers"])


def shares(
    question: Question,
    cube: CubeQuestion,
    chosen: Chosen,
    by: str = "",
    combine: Combine | None = None,
) -> pd.DataFrame:
    """Shares of a union of groups, in the columns of `estimates.proportion`.

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

    Notes
    -----
    Of a column that is hidden for this selection estimate and `n` are missing, and its status
    says so.
    """
    level = level_of(cube, chosen, by)
    assert level is not None
    rows = []
    for group in groups_offered(cube)[by] if by else [""]:
        wanted = {**chosen, by: (group,)} if by else chosen
        union = [
            entry
            for entry in level["groups"]
            if all(entry["groups"][d] in groups for d, groups in wanted.items())
        ]
        rows += _union_rows(question, cube, union, {by: group} if by else {}, combine)
    frame = pd.DataFrame(
        rows, columns=[*RESULT, *([by] if by else []), "estimate", "n", "n_effective", "status"]
    )
    frame["n"] = frame["n"].astype("Int64")
    p, n = frame["estimate"].to_numpy(float), frame["n_effective"].to_numpy(float)
    frame["ci_low"], frame["ci_high"] = wilson(p, n)
    return frame


def _union_rows(
    question: Question,
    cube: CubeQuestion,
    union: list[Entry],
    group: dict[str, str],
    combine: Combine | None,
) -> list[Entry]:
    order = {o.code: n for n, o in enumerate(question.in_base)}
    rows = []
    for (at, place), (name, codes) in product(
        enumerate(cube["columns"]), combined(question, combine).items()
    ):
        entry = {"question": question.id, "option": name, **place, **group}
        gone = {"estimate": math.nan, "n": None, "n_effective": math.nan}
        if union and union[0]["n"][at] is None:
            rows.append({**entry, **gone, "status": Status.HIDDEN.value})
            continue
        options = [order[c] for c in codes]
        if any(a["n"][at][o] is None for a in union for o in options):
            rows.append({**entry, **gone, "status": Status.HIDDEN.value})
            continue
        n = sum(a["bases"][at] for a in union)
        p, effective = _estimate(cube, union, at, options, n)
        status = Status.OK if n else Status.NO_ANSWERS
        rows.append(
            {**entry, "estimate": p, "n": n, "n_effective": effective, "status": status.value}
        )
    return rows


def _estimate(
    cube: CubeQuestion, union: list[dict[str, Any]], at: int, options: list[int], n: int
) -> tuple[float, float]:
    """Share of the options and its effective base."""
    if not n:
        return math.nan, math.nan
    if not cube["weighted"]:
        # p(1 - p) / Var(p) of a simple random sample, as in `estimates.proportion`
        k = sum(a["n"][at][o] for a in union for o in options)
        everybody = cube["respondents"]
        return k / n, n if k in (0, n) else n * (everybody - 1) / everybody
    weight = sum(a["weight"][at] for a in union)
    squares = sum(a["weight"][at] ** 2 / a["effective"][at] for a in union if a["effective"][at])
    if not weight or not squares:
        return math.nan, math.nan
    p = sum(a["weight"][at] * a["shares"][at][o] for a in union for o in options) / weight
    return min(p, 1.0), weight**2 / squares
