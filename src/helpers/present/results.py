"""A result ready to be shown: the table of a question with the labels it is shown under."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from helpers.codebook.model import Codebook, Kind, Question
from helpers.estimation.estimates import proportion
from helpers.estimation.latest_wave import resolve_selection, selected_waves, waves_in_words
from helpers.estimation.means import mean, mean_of, net, net_of, ticked_none
from helpers.estimation.request import Row, Status
from helpers.present.formats import half_up
from helpers.present.key_answers import POSITIVE, leading, parts_of, positive, positive_label
from helpers.present.readable import READABLE, mark
from helpers.responses.selection import Selection, Where, keys_of, known_codes
from helpers.responses.survey import Survey
from helpers.words import Catalogue, words_in

if TYPE_CHECKING:
    from helpers.release.exact import ExactSums
    from helpers.release.forms import CubeQuestion

Rows: TypeAlias = list[Row]

UPPER_END = ""  # `POSITIVE` while it is beside options, one of which may be called "positive"
JOINED = " × "
MEAN_DIGITS = 1  # as `Catalogue.tenths` writes them


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
    def small(self) -> dict[str, str]:
        """Groups of too few answers to report, with their labels; a release has none."""
        if not self.by or self.estimates.empty:
            return {}
        most = {
            code: max(row["n"] or 0 for row in rows)
            for code, rows in by_group(self.rows, self.by).items()
        }
        few = [code for code, n in most.items() if 0 < n < READABLE]
        return {code: self.label({self.by: code}, "group") for code in few}

    @property
    def marked(self) -> Shares:
        """The same with a mark at the labels of small groups, as charts and their tables have."""
        if not self.small:
            return self
        return replace(
            self,
            groups={**(self.groups or {}), **{c: mark(label) for c, label in self.small.items()}},
        )

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
        balance = records(net_of(table_of(rows), by))
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
