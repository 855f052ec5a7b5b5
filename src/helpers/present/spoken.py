"""Which rows of a result speak for it: those that its sentence names and its small chart draws."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeVar

from helpers.codebook.model import Kind, Missing, Question
from helpers.present.key_answers import POSITIVE, leading, positive, stands_for_both
from helpers.present.results import Rows, Shares, stated

T = TypeVar("T")


def spoken(result: Shares) -> Rows:
    """Return the rows that speak for a result of everybody: one share, or one at each time.

    They are rows of its table. Of several that are equally large the first. Empty where nothing
    can be said: all is hidden, nobody answered, groups are side by side, or a net of promoters and
    detractors speaks.
    """
    rows, question = stated(result.rows), result.question
    if result.by or result.nets is not None or not rows:
        return []
    if question.times:
        shares, _ = changing(result, rows)
        found = largest_steps(question, shares)
        if not found:
            return []
        return _listed(result, [row for row in shares if _cell(row) == _cell(found[0][0])])
    if len(question.items) > 1 and question.kind is not Kind.MULTIPLE:
        rows = representative(result, rows) or rows
    rows = answering(question, rows)
    if one := stands_for_both(question, result.say):
        return [row for row in rows if row["option"] == one.code]
    return _listed(result, extreme(rows, lambda row: row["estimate"])[:1]) if rows else []


def _listed(result: Shares, rows: Rows) -> Rows:
    """Return the rows that tables have: an upper end of one answer is listed as that answer."""
    upper = positive(result.question)
    if len(upper) != 1:
        return rows
    at = {(*_cell(row), row["time"]): row for row in result.rows}
    return [
        at[row["item"], upper[0], row["time"]] if row["option"] == POSITIVE else row for row in rows
    ]


def representative(result: Shares, rows: Rows) -> Rows:
    """Return the shares of the answer that stands for the others: the upper end, or one of two."""
    question, shares = result.question, result.upper
    if shares is None and len(question.substantive) == 2:
        shares = [row for row in rows if row["option"] == leading(question).code]
    return stated(shares or [])


def answering(question: Question, rows: Rows) -> Rows:
    """Leave out the rows of those who did not answer."""
    silent = [o.code for o in question.in_base if o.missing is Missing.NOT_ANSWERED]
    return [row for row in rows if row["option"] not in silent]


def changing(result: Shares, rows: Rows) -> tuple[Rows, bool]:
    """Return the shares whose change is told, and whether they are of the upper end of a scale.

    Of several items one answer is followed: the upper end, or else the leading answer.
    """
    question = result.question
    if len(question.items) < 2:
        return rows, False
    if upper := stated(result.upper or []):
        return upper, True
    told = leading(question)
    return [row for row in rows if row["option"] == told.code], False


def largest_steps(question: Question, rows: Rows) -> list[tuple[Any, Any]]:
    """Return the largest changes from one point in time to the next, as pairs of rows."""
    at = {(*_cell(row), row["time"]): row for row in rows}
    steps = [
        (at[*cell, first], at[*cell, last])
        for cell in dict.fromkeys(map(_cell, rows))
        for first, last in pairwise(question.times)
        if (*cell, first) in at and (*cell, last) in at
    ]
    return extreme(steps, lambda pair: abs(step(pair))) if steps else []


def step(pair: tuple[Any, Any]) -> float:
    """By how much the share of a pair of rows changes."""
    return float(pair[1]["estimate"] - pair[0]["estimate"])


def extreme(things: list[T], value: Callable[[T], float]) -> list[T]:
    """Everything that shares the largest value, in order."""
    largest = max(value(thing) for thing in things)
    return [thing for thing in things if math.isclose(value(thing), largest, abs_tol=1e-9)]


def _cell(row: Any) -> tuple[str, str]:
    return row["item"], row["option"]
