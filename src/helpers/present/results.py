"""A result ready to be shown: the table of a question with the labels it is shown under."""

from __future__ import annotations

import html
import math
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from helpers.codebook.model import (
    DETRACTORS,
    PROMOTERS,
    Codebook,
    Kind,
    Option,
    Question,
)
from helpers.estimation.estimates import Parts, proportion
from helpers.estimation.means import mean, mean_of, net, net_of, ticked_none
from helpers.estimation.request import Row, Status
from helpers.estimation.wave import resolve_selection, selected_waves, waves_in_words
from helpers.responses.selection import Selection, Where, keys_of, known_codes
from helpers.responses.survey import Survey
from helpers.words import Catalogue, lowered, words_in

if TYPE_CHECKING:
    from helpers.release.exact import ExactSums
    from helpers.release.forms import CubeQuestion

Rows: TypeAlias = list[Row]

POSITIVE = "positive"
UPPER_END = ""  # the same while it stands beside options, one of which may be called "positive"
JOINED = " × "
MEAN_DIGITS = 1  # as `Catalogue.tenths` writes them
NUMERAL = re.compile(r"[+-]?\d+")
ZERO_WIDTH = "\u200b"  # keeps equal labels of a chart apart


@dataclass(frozen=True)
class Shares:
    """Shares of a question for one selection.

    Attributes
    ----------
    rows : one per group, item, time and option, in the columns of `proportion`
    upper : the same for the upper end of a scale taken together; None off any scale
    by : dimension or response column whose groups are set side by side, several joined by
        `JOINED`; empty for none
    groups : label of each group of `by`
    nets : of a recommendation question promoters less detractors, one row per group, in [-1, 1]
    none : of a select-all question who ticked no box, one row per group; None where not known
    means : of a numeric scale, on that scale, one row per group; None where a release tells none
    waves : waves that are shown, where a survey has several
    level : confidence level of the ranges
    estimates : share of each answer as `proportion` returns it; empty from a release
    """

    question: Question
    codebook: Codebook
    rows: Rows
    upper: Rows | None = None
    by: str = ""
    groups: Mapping[str, str] | None = None
    nets: Rows | None = None
    none: Rows | None = None
    means: Rows | None = None
    waves: tuple[str, ...] = ()
    level: str = "95%"
    estimates: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def keys(self) -> tuple[str, ...]:
        """Dimensions and response columns that form the groups of `by`."""
        return tuple(self.by.split(JOINED)) if self.by else ()

    @property
    def say(self) -> Catalogue:
        """Catalogue in the language of the survey."""
        return words_in(self.codebook.language).at(self.level)

    @property
    def wave(self) -> str:
        """Wave that all rows are about, in words; empty for a single one, and side by side."""
        if self.codebook.wave_dimension in self.keys:
            return ""
        return waves_in_words(self.codebook, self.waves)

    @property
    def by_label(self) -> str:
        """Label of what groups are formed by."""
        return JOINED.join(key_label(self.codebook, key) for key in self.keys)

    @cached_property
    def n(self) -> tuple[int, int]:
        """Smallest and largest base of any row that was asked."""
        asked = [row for row in self.rows if row["status"] != Status.NOT_ASKED] or self.rows
        n = [row["n"] for row in asked if row["n"] is not None]
        return min(n), max(n)

    @cached_property
    def drawn(self) -> Rows:
        """Rows that are shown: of two answers to each item the leading one."""
        if self.one_answer:
            code = leading(self.question).code
            return [row for row in self.rows if row["option"] == code]
        return self.rows

    @cached_property
    def table(self) -> pd.DataFrame:
        """Rows as a table."""
        return pd.DataFrame(self.rows)

    @property
    def one_answer(self) -> bool:
        """Whether one of two answers to each item represents both."""
        grid = len(self.question.items) > 1 and self.question.kind is not Kind.MULTIPLE
        return grid and len(self.question.in_base) == 2

    def rounded(self, digits: int) -> Shares:
        """Round every share, mean and end of a range, halves up as they are printed."""
        return replace(
            self,
            rows=_rounded(self.rows, digits),
            upper=None if self.upper is None else _rounded(self.upper, digits),
            nets=None if self.nets is None else _rounded(self.nets, digits),
            means=None if self.means is None else _rounded(self.means, MEAN_DIGITS),
        )

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


def key_label(codebook: Codebook, key: str) -> str:
    """Label of a dimension, a response column or the respondent type."""
    if key in codebook.dimensions:
        return codebook.dimensions[key].label
    if key in codebook.owners:
        asked = codebook.owners[key]
        item = next((c.item for c in asked.cells if c.column == key), "")
        return asked.item_label(item) if len(asked.items) > 1 else asked.label
    return key.replace("_", " ").capitalize()


def draws_one(question: Question) -> bool:
    """Whether a chart draws one of two answers to each of several items."""
    grid = len(question.items) > 1 and question.kind is not Kind.MULTIPLE
    return grid and len(question.substantive) <= 2


def positive(question: Question) -> tuple[str, ...]:
    """Codes above the midpoint of a question's scale; none where it has no scale.

    Of a recommendation question they would not be its promoters: it has none either.
    """
    if not question.is_scale or question.kind is Kind.RECOMMEND:
        return ()
    return tuple(code for code, side in question.sides.items() if side > 0)


def positive_label(question: Question, say: Catalogue | None = None) -> str:
    """Say the upper end of a scale in words, with the ends of a scale of numbers."""
    return on_scale(question, upper_end(question, say), say)


def upper_end(question: Question, say: Catalogue | None = None) -> str:
    """Say the upper end of a scale in words; of points that are numbers, the first and the last.

    A noun that all of them end in is written once: "Moderate or major challenge". Capitals inside
    a label stay, but those of the common words of answers: "Agree" and "Strongly Agree" are "Agree
    or strongly agree".
    """
    say = say or words_in()
    codes = positive(question)
    if question.is_numeric_scale:  # its ends may be in words
        scores = [o.score or 0 for o in question.substantive if o.code in codes]
        return say("scale.span", first=f"{min(scores):g}", last=f"{max(scores):g}")
    labels = [question.option_label(code) for code in codes]
    if len(labels) > 1 and all(map(NUMERAL.fullmatch, labels)):
        ordered = sorted(question.substantive, key=lambda o: o.score or 0)
        ends = [o.label for o in ordered if o.code in codes]
        if len(ends) > 2:
            return say("scale.span", first=ends[0], last=ends[-1])
        return say.either(ends)
    small = set(say("scale.small").split())
    labels = [_without_capitals(label, small) for label in labels]
    named = [*labels[:1], *map(lowered, labels[1:])]
    return say.either(_noun_once(named))


def _without_capitals(label: str, small: set[str]) -> str:
    """Write some words of a label small, but its first; a word of capitals alone is a name."""
    first, *rest = re.split(r"(\s+)", label)
    return first + "".join(
        word.lower() if word.istitle() and word.lower() in small else word for word in rest
    )


def _noun_once(labels: list[str]) -> list[str]:
    """Take the noun from all labels of an adjective and a noun but the last."""
    words = [label.split() for label in labels]
    alike = all(len(each) == 2 and each[1] == words[-1][-1] for each in words)
    return [*(each[0] for each in words[:-1]), *labels[-1:]] if alike else labels


def on_scale(question: Question, answers: str, say: Catalogue | None = None) -> str:
    """Add to answers between which ends they lie if they are numbers."""
    options = sorted(question.substantive, key=lambda o: o.score or 0)
    labels = [f"{o.score:g}" if question.is_numeric_scale else o.label for o in options]
    if not question.is_scale or not any(map(NUMERAL.fullmatch, labels)):
        return answers
    say = say or words_in()
    low, high = (
        end if NUMERAL.fullmatch(end) else say("format.quoted", text=end)
        for end in (labels[0], labels[-1])
    )
    return say("scale.between", answers=answers, low=low, high=high)


def leading(question: Question) -> Option:
    """Return the option that represents a question if only one can be drawn."""
    scored = [o for o in question.substantive if o.score is not None]
    return max(scored, key=lambda o: o.score or 0) if scored else question.substantive[0]


def stands_for_both(question: Question, say: Catalogue) -> Option | None:
    """Return the answer whose share says all: *yes* of yes and no, or one of two with a score."""
    if len(question.items) > 1 or question.kind is Kind.MULTIPLE or len(question.in_base) != 2:
        return None
    option = leading(question)
    first = option.label.lower().split(maxsplit=1)[0].rstrip(",.;:–-")
    return option if option.score or first in say.each("affirmed").values() else None


def compared_options(question: Question) -> Parts | None:
    """Options that groups are compared on: a scale's upper end, or the leading one of two."""
    if positive(question):
        return {POSITIVE: positive(question)}
    if question.parts:
        parts = parts_of(question)
        return {name: parts[name] for name in (PROMOTERS, DETRACTORS)}
    if len(question.substantive) == 2 and question.kind is not Kind.MULTIPLE:
        return {leading(question).code: (leading(question).code,)}
    return None


def answer(question: Question, row: Mapping[Any, Any]) -> str:
    """Name the item and the answer of a row, if they distinguish rows."""
    option = positive_label(question) if row["option"] == POSITIVE else ""
    alone = len(question.items) < 2
    if alone or (question.kind is not Kind.MULTIPLE and len(question.substantive) > 2):
        option = option or question.reduced.option_label(row["option"])
    item = "" if alone else question.item_label(row["item"])
    return " · ".join(filter(None, (item, option))) or question.label


def live(
    survey: Survey, question: str, where: Where = None, by: Sequence[str] | str = ()
) -> Shares:
    """Compute a result from responses, counted once; groups of several keys are crossed."""
    asked, codebook = survey.question(question), survey.codebook
    keys = keys_of(by or ())
    selection = resolve_selection(survey, where, asked.population, keys)
    boxes = asked.kind is Kind.MULTIPLE and len(asked.items) > 1
    answers = {option.code: (option.code,) for option in asked.reported}
    shown = parts_of(asked) if asked.parts else answers
    upper = {UPPER_END: positive(asked)} if positive(asked) else {}
    combine = answers | shown | upper  # one table of all, which is then dealt out
    counted = proportion(survey, question, keys, selection, combine=combine or None)

    def places(options: Iterable[str]) -> list[int]:
        """List the rows of some options, in their order within each group, item and time."""
        names = list(combine)
        return [at + names.index(o) for at in range(0, len(counted), len(names)) for o in options]

    def only(options: Iterable[str]) -> pd.DataFrame:
        return counted.iloc[places(options)].reset_index(drop=True)

    estimates, table = only(answers), only(shown)
    summary = only(upper).assign(option=POSITIVE) if upper else None
    balance = net(survey, question, keys, selection) if asked.parts else None
    none = ticked_none(survey, question, keys, selection) if boxes else None
    labels = known_codes(codebook, keys[0]) if keys else None
    if len(keys) > 1:
        labels = _crossed(codebook, keys, table)
        table = _joined(table, keys)
        summary, balance, none = (
            None if one is None else _joined(one, keys) for one in (summary, balance, none)
        )
    rows = records(table)
    result = Shares(
        asked.reduced,
        codebook,
        rows,
        None if summary is None else records(summary),
        JOINED.join(keys),
        labels,
        None if balance is None else records(balance),
        None if none is None else records(none),
        _means(survey, asked, selection, rows, keys),
        shown_waves(codebook, asked, selected_waves(codebook, asked.population, selection)),
        survey.sampling.per_cent,
        estimates,
    )
    return _side_by_side(result)


def _means(
    survey: Survey, question: Question, selection: Selection, rows: Rows, keys: Sequence[str]
) -> Rows | None:
    """Means of a numeric scale, one row per group; missing where a share of it is."""
    if not question.is_numeric_scale:
        return None
    table, by = mean(survey, question.id, keys, selection), JOINED.join(keys)
    known = records(_joined(table, keys) if len(keys) > 1 else table)
    of = {row[by] if by else "": row for row in known}
    return [
        of[group] if group in of and len(stated(part)) == len(part) else mean_of(question, part)
        for group, part in (by_group(rows, by) if by else {"": rows}).items()
    ]


def _crossed(codebook: Codebook, keys: Sequence[str], table: pd.DataFrame) -> dict[str, str]:
    """Label the crossed groups of a table."""
    known = [known_codes(codebook, key) for key in keys]
    groups = dict.fromkeys(zip(*(table[key] for key in keys), strict=True))
    return {
        JOINED.join(codes): JOINED.join(
            of.get(code, code) for of, code in zip(known, codes, strict=True)
        )
        for codes in groups
    }


def _joined(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Put one column of crossed groups in the place of several."""
    codes = [JOINED.join(row) for row in zip(*(table[key] for key in keys), strict=True)]
    return table.drop(columns=list(keys)).assign(**{JOINED.join(keys): codes})


def parts_of(question: Question) -> dict[str, tuple[str, ...]]:
    """Codes behind each answer of a question as it is shown."""
    return {
        option.code: tuple(c for c, part in question.parts.items() if part == option.code)
        or (option.code,)
        for option in question.reduced.in_base
    }


def shown_waves(codebook: Codebook, question: Question, waves: Iterable[str]) -> tuple[str, ...]:
    """Those of some waves that are named: not those that did not ask, where others did."""
    known = tuple(wave for wave in codebook.waves if wave in waves) or tuple(waves)
    return tuple(wave for wave in known if question.offered("", (), wave)) or known


def protected(
    codebook: Codebook,
    question: Question,
    cube: CubeQuestion,
    chosen: Mapping[str, tuple[str, ...]],
    by: str = "",
    exact: ExactSums | None = None,
) -> Shares:
    """Compute a result from the protected cube, with the answers that it combines.

    With `exact` sums of the same groups shares and ranges are as `proportion` estimates them.
    """
    from helpers.release.unions import rows_of, scored, shown, table_of

    question = shown(question.reduced, cube, chosen, by)
    rows = rows_of(question, cube, chosen, by, exact=exact)
    upper = None
    if positive(question):
        combine = {POSITIVE: positive(question)}
        upper = rows_of(question, cube, chosen, by, combine, exact)
    labels = {g["id"]: g["label"] for g in cube["dimensions"][by]} if by else None
    waves: tuple[str, ...] = ()
    if tells := codebook.wave_of(question.population):
        groups = cube["dimensions"].get(tells.id, [])
        bands = {g["id"]: tuple(g["bands"]) for g in groups}
        picked = chosen.get(tells.id, tuple(bands))
        waves = tuple(b for g in picked for b in bands[g]) or tuple(tells.bands)
        for one in (rows, upper or []):
            _without_unasked(question, one, by, waves, bands if by == tells.id else {})
        waves = shown_waves(codebook, question, waves)
    balance = None
    if question.kind is Kind.RECOMMEND:
        balance = records(net_of(question, table_of(rows), by))
        if exact is not None:
            scored(balance, cube, chosen, by, exact)
    middles = None
    if question.is_numeric_scale:
        parts = by_group(rows, by) if by else {"": rows}
        middles = [mean_of(question, part) for part in parts.values()]
        if exact is not None:
            scored(middles, cube, chosen, by, exact)
    return _side_by_side(
        Shares(question, codebook, rows, upper, by, labels, balance, means=middles, waves=waves)
    )


def _without_unasked(
    question: Question,
    rows: Rows,
    by: str,
    waves: tuple[str, ...],
    of_group: Mapping[str, tuple[str, ...]],
) -> None:
    """Take the estimates from rows that no wave of theirs asked or offered."""
    if not question.differs_by_wave:
        return
    codes = {POSITIVE: positive(question)}
    blank = dict.fromkeys(("estimate", "ci_low", "ci_high"), math.nan)
    for row in rows:
        answers = codes.get(row["option"], (row["option"],))
        asking = of_group.get(row[by] if of_group else "", waves)
        if not any(question.offered(row["item"], answers, wave) for wave in asking):
            row.update(blank, status=Status.NOT_ASKED.value)


def _rounded(rows: Rows, digits: int) -> Rows:
    ends = ("estimate", "ci_low", "ci_high")
    return [row | {end: half_up(row[end], digits) for end in ends} for row in rows]


def half_up(value: float, digits: int) -> float:
    """Round as pages print: halves away from nought."""
    return value if math.isnan(value) else _half_up(float(value) + 0.0, digits)


@lru_cache(maxsize=100_000)
def _half_up(value: float, digits: int) -> float:
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def _side_by_side(result: Shares) -> Shares:
    """Put the groups of a comparison under each answer, not the answers under each group."""
    if not result.by:
        return result
    question = result.question
    place = {(cell.item, cell.time): n for n, cell in enumerate(question.cells)}
    items = {item: n for n, (item, _) in enumerate(place)}
    options = {option.code: n for n, option in enumerate(question.options)}

    def ordered(row: Row) -> tuple[int, int, int]:
        item, time = row["item"], row["time"]
        return items[item], options.get(row["option"], 0), place[item, time]

    upper = None if result.upper is None else sorted(result.upper, key=ordered)
    return replace(result, rows=sorted(result.rows, key=ordered), upper=upper)


def by_group(rows: Rows, by: str) -> dict[str, Rows]:
    """Rows of each group, in the order in which groups come."""
    found: dict[str, Rows] = {}
    for row in rows:
        found.setdefault(row[by], []).append(row)
    return found


def stated(rows: Rows) -> Rows:
    """Rows that have an estimate."""
    return [row for row in rows if not math.isnan(row["estimate"])]


def records(table: pd.DataFrame) -> Rows:
    """Return the rows of a table by column, in plain Python values.

    Many times faster than pandas' own way for the many small tables of a page.
    """
    columns = [column.tolist() for _, column in table.items()]
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def percent(share: float, digits: int = 0) -> str:
    """Write a share as a percentage, halves rounded up as in print; empty where there is none."""
    return words_in().percent(share, digits)


def points(share: float, *, sign: bool = True) -> str:
    """Write a difference of shares in percentage points; a dash where there is none."""
    return words_in().points(share, sign=sign)


def difference(row: Mapping[Any, Any]) -> str:
    """Write the difference of a row in points, with its interval where there is one."""
    ends = (row["ci_low"], row["ci_high"])
    if any(pd.isna(end) for end in ends):
        return points(row["estimate"])
    return f"{points(row['estimate'])} ({' to '.join(points(end) for end in ends)})"


@lru_cache(maxsize=10_000)
def wrapped(label: str, width: int = 30, most: int = 99) -> str:
    """Prepare a label for a chart: broken into at most so many lines, with no markup left."""
    lines = textwrap.wrap(
        label, width, break_on_hyphens=False, max_lines=most, placeholder=" …"
    ) or [""]
    return "<br>".join(html.escape(line, quote=False) for line in lines)


def escaped_markdown(text: str) -> str:
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
