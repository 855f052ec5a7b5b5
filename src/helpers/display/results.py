"""A result ready to be shown: the table of a question with the labels it is shown under."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.estimation.estimates import Combine, proportion
from helpers.estimation.selection import Selection, Where, known_codes
from helpers.survey.codebook import Codebook, Kind, Option, Question
from helpers.survey.dataset import Survey

if TYPE_CHECKING:
    from helpers.disclosure.cube import CubeQuestion

POSITIVE = "positive"
ZERO_WIDTH = "\u200b"  # keeps equal labels of a chart apart


@dataclass(frozen=True)
class Result:
    """Shares of a question for one selection.

    Attributes
    ----------
    table : one row per group, item, time and option, in the columns of `proportion`
    summary : the same for the upper end of a scale taken together; None off any scale
    by : dimension whose groups are set side by side, empty for none
    groups : label of each group of `by`
    """

    question: Question
    codebook: Codebook
    table: pd.DataFrame
    summary: pd.DataFrame | None = None
    by: str = ""
    groups: Mapping[str, str] | None = None

    @property
    def n(self) -> tuple[int, int]:
        """Smallest and largest base of any row."""
        return int(self.table["n"].min()), int(self.table["n"].max())

    @property
    def drawn(self) -> pd.DataFrame:
        """Rows of the table that are shown: of two answers to each item the leading one."""
        if self.one_answer:
            return self.table[self.table["option"] == leading(self.question).code]
        return self.table

    @property
    def one_answer(self) -> bool:
        """Whether one of two answers to each item stands for both."""
        grid = len(self.question.items) > 1 and self.question.kind is not Kind.MULTIPLE
        return grid and len(self.question.in_base) == 2

    def label(self, row: Mapping[str, object], part: str) -> str:
        """Label of a row's item, option, time or group."""
        code = str(row.get(self.by if part == "group" else part, ""))
        if part == "item":
            return self.question.item_label(code)
        if part == "option":
            return self.question.option_label(code)
        if part == "time":
            return self.codebook.times.get(code, code)
        return (self.groups or {}).get(code, code)


def positive(question: Question) -> tuple[str, ...]:
    """Codes above the midpoint of a question's scale; none where it has no scale."""
    if not question.is_scale:
        return ()
    scores = {o.code: o.score or 0.0 for o in question.substantive}
    middle = (min(scores.values()) + max(scores.values())) / 2
    return tuple(code for code, score in scores.items() if score > middle)


def positive_label(question: Question) -> str:
    """Say the upper end of a scale in words."""
    labels = [question.option_label(code) for code in positive(question)]
    return " or ".join([*labels[:1], *(label.lower() for label in labels[1:])])


def leading(question: Question) -> Option:
    """Return the option that stands for a question where only one can be drawn."""
    scored = [o for o in question.substantive if o.score is not None]
    return max(scored, key=lambda o: o.score or 0) if scored else question.substantive[0]


def compared_options(question: Question) -> Combine | None:
    """Options that groups are compared on: a scale's upper end, or the leading one of two."""
    if positive(question):
        return {POSITIVE: positive(question)}
    if len(question.substantive) == 2 and question.kind is not Kind.MULTIPLE:
        return {leading(question).code: (leading(question).code,)}
    return None


def answer(question: Question, row: Mapping[Any, Any]) -> str:
    """Name the item and the answer of a row, as far as they tell rows apart."""
    option = positive_label(question) if row["option"] == POSITIVE else ""
    alone = len(question.items) < 2
    if alone or (question.kind is not Kind.MULTIPLE and len(question.substantive) > 2):
        option = option or question.option_label(row["option"])
    item = "" if alone else question.item_label(row["item"])
    return " · ".join(filter(None, (item, option))) or question.label


def live(survey: Survey, question: str, where: Where = None, by: str = "") -> Result:
    """Compute a result from responses; what is compared is not filtered, as on the dashboards."""
    asked = survey.question(question)
    where = Selection.of(where).without(by)
    keys = (by,) if by else ()
    table = proportion(survey, question, keys, where)
    summary = None
    if positive(asked):
        summary = proportion(survey, question, keys, where, combine={POSITIVE: positive(asked)})
    labels = known_codes(survey.codebook, by) if by else None
    return _side_by_side(Result(asked, survey.codebook, table, summary, by, labels))


def protected(
    codebook: Codebook,
    question: Question,
    cube: CubeQuestion,
    chosen: Mapping[str, tuple[str, ...]],
    by: str = "",
) -> Result:
    """Compute a result from the protected cube alone, with the answers that it shows together."""
    from helpers.disclosure.unions import shares, shown

    question = shown(question, cube, chosen, by)
    table = shares(question, cube, chosen, by)
    summary = None
    if positive(question):
        summary = shares(question, cube, chosen, by, {POSITIVE: positive(question)})
    labels = {g["id"]: g["label"] for g in cube["dimensions"][by]} if by else None
    return _side_by_side(Result(question, codebook, table, summary, by, labels))


def _side_by_side(result: Result) -> Result:
    """Put the groups of a comparison under each answer, not the answers under each group."""
    if not result.by:
        return result
    question = result.question
    place = {(cell.item, cell.time): n for n, cell in enumerate(question.cells)}
    items = {item: n for n, (item, _) in enumerate(place)}
    options = {option.code: n for n, option in enumerate(question.options)}
    columns = ("item", "option", "time")

    def ordered(table: pd.DataFrame) -> pd.DataFrame:
        keys = [
            (items[item], options.get(option, 0), place[item, time])
            for item, option, time in zip(*(table[c] for c in columns), strict=True)
        ]
        return table.iloc[sorted(range(len(keys)), key=keys.__getitem__)].reset_index(drop=True)

    summary = None if result.summary is None else ordered(result.summary)
    return replace(result, table=ordered(result.table), summary=summary)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table by column, in plain Python values.

    Many times faster than pandas' own way for the many small tables of a page.
    """
    columns = [table[name].tolist() for name in table.columns]
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def percent(share: float, digits: int = 0) -> str:
    """Write a share as a percentage, halves rounded up as in print; empty where there is none."""
    if pd.isna(share):
        return "–"
    step = Decimal(1).scaleb(-digits)
    return f"{(Decimal(repr(float(share))) * 100).quantize(step, ROUND_HALF_UP)}%"


def points(share: float, *, sign: bool = True) -> str:
    """Write a difference of shares in percentage points; a dash where there is none."""
    if pd.isna(share):
        return "–"
    number = percent(abs(share))[:-1]
    lead = "" if number == "0" else "−" if share < 0 else "+" * sign
    return f"{lead}{number}"


def difference(row: Mapping[Any, Any]) -> str:
    """Write the difference of a row in points, with its interval where there is one."""
    ends = (row["ci_low"], row["ci_high"])
    if any(pd.isna(end) for end in ends):
        return points(row["estimate"])
    return f"{points(row['estimate'])} ({' to '.join(points(end) for end in ends)})"


def wrapped(label: str, width: int = 30, most: int = 99) -> str:
    """Prepare a label for a chart: broken into at most so many lines, with no markup left."""
    lines = textwrap.wrap(label, width, max_lines=most, placeholder=" …") or [""]
    return "<br>".join(html.escape(line, quote=False) for line in lines)


def unmarked(text: str) -> str:
    """Prepare survey text for Markdown, in which it is to be read as it is written."""
    return re.sub(r"([\\`*_{}\[\]|$~#])", r"\\\1", html.escape(text, quote=False))


def varies(question: Question) -> tuple[str, ...]:
    """Parts that tell the rows of a question's table apart."""
    parts = []
    if len(question.items) > 1:
        parts.append("item")
    if question.kind is not Kind.MULTIPLE:
        parts.append("option")
    if question.times:
        parts.append("time")
    return tuple(parts)
