"""Means, net scores, totals and shares of mentions: estimates that are not shares."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.codebook.model import DETRACTORS, PARTS, PROMOTERS, Kind, Question
from helpers.errors import InsightsError
from helpers.estimation.estimates import Combine, shares
from helpers.estimation.intervals import Floats, bounded, interval, student
from helpers.estimation.people import PeopleInColumns, PeopleRows, RowSums
from helpers.estimation.request import Request, Row, Status
from helpers.estimation.tabulate import SUMS, joint, strata, ticks
from helpers.estimation.totals import NumberSums, number_sums
from helpers.estimation.variance import (
    Axis,
    Design,
    Moments,
    Sums,
    measured,
    tensor,
)
from helpers.responses.selection import Where
from helpers.responses.survey import Survey

Bools: TypeAlias = npt.NDArray[np.bool_]
CANCELS = 1e-6  # a variance below this part of the squared mean is taken about the mean


def mean(
    survey: Survey,
    question: str,
    by: Sequence[str] | str = (),
    where: Where = None,
) -> pd.DataFrame:
    """Mean score of a question whose options lie on a scale, or mean of a number question.

    Parameters are those of `estimates.proportion`.

    Returns
    -------
    DataFrame, one row per group, item and time, with the columns of `proportion` (`option`
    empty, `estimate` on the scale) and `scale`: what the ends of the scale mean, or "number".
    The base is everybody who gave an answer with a score. `n_effective` is the variance among
    them over that of the mean.

    Raises
    ------
    InsightsError
        For a question without scores, and as `proportion`.

    Notes
    -----
    Student's t interval; of a scale it is cut at its ends, and where everybody gave the same
    answer it keeps width (`intervals.bounded`). A number that everybody gave has no interval.
    """
    request = Request.of(survey, question, by, where)
    asked = request.question
    if asked.kind is Kind.NUMBER:
        return _number_mean(request)
    scored = _scale(asked)
    scores = np.array([[0.0 if s is None else s for s in scored]])
    inside = np.array([float(s is not None) for s in scored])
    known = {o.score: o.label for o in asked.substantive if o.score is not None}
    ends = min(known), max(known)
    named = " to ".join(f"{end:g} ({known[end]})" for end in ends)
    return _scored(request, scores, inside, ends, named)


def mean_of(question: Question, rows: Sequence[Row]) -> Row:
    """Mean score of a scale from the unweighted shares of its answers, as a row like theirs.

    Parameters
    ----------
    rows
        One for each option of the base, with `n` and `n_effective`, as `estimates.proportion` or
        a release gives them. Every option has a score.

    Returns
    -------
    Row with the columns of `rows`, `option` empty, `estimate` on the scale; missing where a share
    is. With equal weights and no strata this is `mean`.

    Notes
    -----
    Variance of the scores on the effective base; Student's t on the respondents less one.
    """
    gone = next((row for row in rows if math.isnan(row["estimate"])), None)
    if gone is not None:
        return {**gone, "option": ""}
    score = {o.code: o.score or 0.0 for o in question.in_base}
    n = rows[0]["n"]
    counts = {score[row["option"]]: round(row["estimate"] * n) for row in rows}
    at = sum(s * k for s, k in counts.items()) / n
    variance = sum((s - at) ** 2 * k for s, k in counts.items()) / n
    effective = np.array([min(row["n_effective"] for row in rows)])
    se, df, ends = np.sqrt(variance / effective), np.array([n - 1.0]), (min(counts), max(counts))
    low, high = bounded(np.array([at]), se, effective, df, ends, 0.95)
    found = {"estimate": at, "ci_low": float(low[0]), "ci_high": float(high[0])}
    return {**rows[0], "option": "", **found}


def net(
    survey: Survey,
    question: str,
    by: Sequence[str] | str = (),
    where: Where = None,
    *,
    base: str | None = None,
) -> pd.DataFrame:
    """Net score: share of the upper end of a scale less the share of its lower end.

    Of a recommendation question it is the share of promoters (9 and 10) less that of detractors
    (0 to 6); of any other scale what lies above its middle less what lies below.

    Parameters are those of `estimates.proportion`; who says "don't know" counts as neither
    where the base rule has them in the base.

    Returns
    -------
    DataFrame as in `mean`: `estimate` in [-1, 1]; `scale` says which answers are netted.

    Notes
    -----
    The mean of a score of 1, 0 or -1, so that its variance is that of a difference of shares of
    one multinomial, linearised under the design: (p + q - (p - q)²) / (n - 1) with equal weights.
    Recommendation: Reichheld (2003), Harvard Business Review 81(12), 46-54.
    """
    request = Request.of(survey, question, by, where, base)
    scored = _scale(request.question)
    ends = netted(request.question)
    scores = np.array([[ends.get(o.code, 0.0) for o in request.question.in_base]])
    named = net_in_words(request.question)
    ones = np.ones(len(scored))
    return _scored(request, scores, ones, (-1.0, 1.0), named)


def netted(question: Question) -> dict[str, float]:
    """Score that a net gives each answer: 1 at the upper end, -1 at the lower, else 0."""
    if question.parts:
        part = {name: score for name, _, score, _ in PARTS}
        return {code: part[name] for code, name in question.parts.items()}
    return {code: float(side) for code, side in question.sides.items()}


def net_in_words(question: Question) -> str:
    """Say which answers a net counts for and against, such as “Agree” less “Disagree”."""
    if question.parts:
        labels = {name: label for name, label, _, _ in PARTS}
        return f"{labels[PROMOTERS]} less {labels[DETRACTORS].lower()}"
    ends = netted(question)
    said = [
        " or ".join(f"“{o.label}”" for o in question.substantive if ends.get(o.code) == end)
        for end in (1.0, -1.0)
    ]
    return " less ".join(said)


def net_of(table: pd.DataFrame, by: str = "") -> pd.DataFrame:
    """Net of a recommendation question from the shares of its parts, one row per group.

    Parameters
    ----------
    table
        Shares of promoters, passives and detractors with `n` and `n_effective`, as
        `estimates.proportion` or a release gives them, by the groups of `by`.

    Returns
    -------
    DataFrame with the columns of `table`, `estimate` in [-1, 1]; missing where a part is not
    shown by itself.

    Notes
    -----
    Variance of a difference of shares of one multinomial, (p + q - (p - q)²) on the effective
    base; Student's t on the respondents less one. With equal weights this is `net`.
    """
    rows = []
    groups = table.groupby(by, sort=False) if by else [("", table)]
    for group, part in groups:
        held = part.set_index("option")
        first = part.iloc[0].to_dict()
        ends = [held.loc[end] for end in (PROMOTERS, DETRACTORS) if end in held.index]
        row = {**first, "option": "", **({by: group} if by else {})}
        gone = len(ends) < 2 or any(end["status"] != Status.OK.value for end in ends)
        if gone:
            blank = dict.fromkeys(("estimate", "ci_low", "ci_high"), np.nan)
            status = next((e["status"] for e in ends if e["status"] != Status.OK), Status.HIDDEN)
            rows.append({**row, **blank, "status": str(status)})
            continue
        up, down = (float(end["estimate"]) for end in ends)
        n, effective = float(ends[0]["n"]), float(part["n_effective"].min())
        at = np.array([up - down])
        se = np.sqrt(np.maximum(up + down - at**2, 0.0) / effective)
        se = np.where(se < 1e-12, 0.0, se)
        low, high = bounded(at, se, np.array([effective]), np.array([n - 1]), (-1.0, 1.0), 0.95)
        rows.append({**row, "estimate": at[0], "ci_low": low[0], "ci_high": high[0]})
    return pd.DataFrame(rows, columns=table.columns)


def top_box(question: Question, n: int = 2) -> Combine:
    """Combine the `n` options with the highest scores, for `proportion`'s `combine`."""
    _scale(question)
    ordered = sorted(question.substantive, key=lambda o: o.score or 0, reverse=True)
    if not 0 < n < len(ordered):
        raise InsightsError(
            f"{question.id} has {len(ordered)} points: give an n from 1 to {len(ordered) - 1}, "
            f"not {n}."
        )
    return {f"top {n}": [o.code for o in ordered[:n]]}


def mentions(
    survey: Survey,
    question: str,
    by: Sequence[str] | str = (),
    where: Where = None,
) -> pd.DataFrame:
    """Share of each item among all ticks of a select-all question.

    Parameters are those of `estimates.proportion`.

    Returns
    -------
    DataFrame, one row per group and item, with the columns of `proportion`: `n` counts the
    respondents who ticked anything; and `mentions`, their ticks.

    Notes
    -----
    Linearised ratio of two totals over respondents, as R's `svyratio`: the ticks of one
    respondent are not independent, so it needs the joint table of all boxes.
    """
    request = Request.of(survey, question, by, where)
    asked = request.question
    if asked.kind is not Kind.MULTIPLE:
        known = [q.id for q in survey.codebook.questions.values() if q.kind is Kind.MULTIPLE]
        raise InsightsError(
            f"{question} is a {asked.kind} question; mentions are of select-all questions: "
            f"{', '.join(known) or 'there is none'}."
        )
    frame = request.frame([asked.ticked.code])
    if not request.concerned:
        return request.with_columns(request.filled(frame, None), mentions=0)
    design = Design.of(strata(survey, asked.population), survey, asked.population)
    columns = [c.column for c in asked.cells]
    keys = request.inner + request.person
    table = joint(survey, asked.population, columns, keys, request.selection)
    boxes = [f"_{n}" for n in range(len(columns))]  # a box may be a group too
    table.columns = pd.Index([*boxes, *table.columns[len(boxes) :]])
    moments, n, people, ticks = _ticks(request, table, boxes, design)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = moments.y.sum(axis=-1) / moments.x.sum(axis=-1)
    values = measured(moments, p * (1 - p), n, design, people=people)
    base, df, effective = values["n"], values["df"], values["n_effective"]
    ends = interval(design.interval, values["estimate"], effective, base, df, design.level)
    values["ci_low"], values["ci_high"] = ends
    return request.with_columns(
        request.filled(frame, values), mentions=np.repeat(ticks, len(columns)).astype(int)
    )


def ticked_none(
    survey: Survey,
    question: str,
    by: Sequence[str] | str = (),
    where: Where = None,
) -> pd.DataFrame:
    """Share of those who answered a select-all question and ticked none of its boxes.

    Parameters are those of `estimates.proportion`.

    Returns
    -------
    DataFrame, one row per group, with the columns of `proportion` (`item` and `option` empty):
    `n` counts everyone who ticked or left any box.
    """
    request = Request.of(survey, question, by, where)
    asked = request.question
    if asked.kind is not Kind.MULTIPLE:
        raise InsightsError(f"{question} is a {asked.kind} question: it has no boxes to tick.")
    frame = request.frame([""]).drop_duplicates(["question", *request.keys], ignore_index=True)
    frame["item"] = ""
    if not request.concerned:
        return request.filled(frame, None)
    table = ticks(survey, asked, request.inner + request.person, request.selection)
    design = Design.of(table.strata, survey, asked.population)
    cells = table.cells
    answers = {asked.unticked.code: 0, asked.ticked.code: 1}
    axes: list[Axis] = [
        (request.group_of(cells), request.group_places),
        ([asked.id] * len(cells), {asked.id: 0}),
        (cells["option"], answers),
        (cells["stratum"], {s: at for at, s in enumerate(design.cells)}),
    ]
    sums = Sums(*tensor(cells, axes, list(SUMS)))
    if request.person:
        rows = PeopleRows.of(cells, design.cells)
        options = cells["option"].map(answers).to_numpy(dtype=float, na_value=-1).astype(int)
        sums = PeopleInColumns.of_groups(rows, options, request.places_of(cells)).added(sums)
    return request.filled(frame, shares(sums, np.array([[1.0, 0.0]]), np.ones(2), design))


def _ticks(
    request: Request, table: pd.DataFrame, columns: list[str], design: Design
) -> tuple[Moments, Floats, Floats | None, Floats]:
    """Moments of ticks over all ticks, respondents and people (group, item, stratum); and ticks."""
    ticked = (table[columns] == request.question.ticked.code).to_numpy(dtype=float)  # (row, item)
    number = ticked.sum(axis=1)
    n = table["n"].to_numpy(dtype=float)
    found = RowSums.of(request, table, design, number > 0)
    x = np.broadcast_to(number[:, None], ticked.shape)
    moments, there, people = found.moments(ticked, x)
    ticks = np.zeros(len(request.groups))
    place = request.places_of(table)
    np.add.at(ticks, place[place >= 0], (n * number)[place >= 0])
    return moments, there, people, ticks


def _scale(question: Question) -> list[float | None]:
    """Score of every option of the base, None off the scale."""
    if not question.is_scale:
        raise InsightsError(
            f"{question.id} has no scale of three or more points: {question.why_no_scale}."
        )
    return [o.score for o in question.in_base]


def _scored(
    request: Request,
    scores: Floats,
    inside: Floats,
    ends: tuple[float, float],
    named: str,
) -> pd.DataFrame:
    """Mean of one row of scores per group and response column."""
    frame = request.frame([""])
    if not request.concerned:
        return request.with_columns(request.filled(frame, None), scale=named)
    sums, design = request.counted()
    values = scored(sums, scores, inside, ends, design)
    return request.with_columns(request.filled(frame, values), scale=named)


def scored(
    sums: Sums, scores: Floats, inside: Floats, ends: tuple[float, float], design: Design
) -> dict[str, Floats]:
    """Means of `scores` (1, option) over the options `inside`, each (group, column, 1).

    Keys are those of `request.VALUES` but the status; `ends` are those of the scale.
    """
    moments = sums.scored(scores, inside)
    w = sums.w.sum(axis=-1) * inside
    with np.errstate(divide="ignore", invalid="ignore"):
        r = moments.y.sum(axis=-1) / moments.x.sum(axis=-1)
        spread = ((scores[0] - r) ** 2 * w).sum(axis=-1) / w.sum(axis=-1)
    n = np.einsum("gcoh,o->gch", sums.n, inside)[:, :, None, :]
    values = measured(moments, spread[:, :, None], n, design, ends[1] - ends[0], sums.people)
    values["ci_low"], values["ci_high"] = bounded(
        values["estimate"], values["se"], values["n_effective"], values["df"], ends, design.level
    )
    return values


def _number_mean(request: Request) -> pd.DataFrame:
    frame = request.frame([""])
    if not request.concerned:
        return request.with_columns(request.filled(frame, None), scale="number")
    sample = strata(request.survey, request.question.population)
    design = Design.of(sample, request.survey, request.question.population)
    _, _, same, values = number_means(partial(number_sums, request, design))
    result = request.with_columns(request.filled(frame, values), scale="number")
    result["status"] = number_status(result["status"], result["n"], same.reshape(-1))
    alone = result["status"] == Status.NO_VARIANCE.value
    result.loc[alone, ["se", "ci_low", "ci_high"]] = np.nan
    return result


def number_means(
    counted: Callable[[float], NumberSums],
) -> tuple[list[Floats], float, Bools, dict[str, Floats]]:
    """Means of numbers with their intervals, each (group, column, 1).

    Parameters
    ----------
    counted
        Gives the sums of the numbers less a centre, as `totals.number_sums`.

    Returns
    -------
    The sums about a centre that loses no digits, that centre, where everybody gave the same
    number, and the values as in `scored`.
    """
    centre = 0.0
    found = counted(centre)
    middle, spread = _middle(found.sums)
    if np.any(spread < CANCELS * middle**2):
        centre = float(found.sums[3].sum() / found.sums[1].sum())
        found = counted(centre)
        spread = _middle(found.sums)[1]
    sums, same, design = found.sums, found.same, found.design
    spread = np.where(same, 0.0, spread)
    values = measured(of_numbers(sums), spread, sums[0], design, 0.0, found.people)
    half = student(design.level, values["df"]) * values["se"]
    values["estimate"] = values["estimate"] + centre
    values["ci_low"] = np.where(same, np.nan, values["estimate"] - half)
    values["ci_high"] = np.where(same, np.nan, values["estimate"] + half)
    return sums, centre, same, values


def of_numbers(sums: Sequence[Floats]) -> Moments:
    """Moments of the sums of `totals.number_sums`."""
    _, w, w2, wx, _, w2x, w2x2 = sums
    return Moments(wx, w, w2x2, w2x, w2)


def number_status(status: Any, n: Any, same: Any) -> Any:
    """Say why the mean of a number has no interval, where its status is sound."""
    ok = status == Status.OK.value
    alone, alike = Status.NO_VARIANCE.value, Status.SAME_ANSWER.value
    return np.select([ok & (n == 1), ok & same], [alone, alike], status)


def _middle(sums: list[Floats]) -> tuple[Floats, Floats]:
    """Mean and variance among those who gave a number, (group, column, 1)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        w, wx, wx2 = (sums[at].sum(axis=-1) for at in (1, 3, 4))
        return wx / w, np.maximum(wx2 / w - (wx / w) ** 2, 0.0)
