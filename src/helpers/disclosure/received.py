"""What a viewer receives of a question: rows, points and words of every view, as facts.

A number that the cube explains is done with. One that it does not becomes a fact, and is reported
as unexplained, since a release is to be a function of its cube. One that contradicts the cube is
reported as inconsistent.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from helpers.disclosure.facts import Asked, Fact, Mask
from helpers.disclosure.figures import (
    NUMBER,
    Shown,
    candidates,
    counts_and_percentages,
    expected,
    interval,
    near,
    percent,
)
from helpers.survey.codebook import Codebook, Kind, Question

HEADINGS = {"Item": "item", "Answer": "option", "When": "time"}
NUMBERS = 4  # share, both ends of the interval, and how many answered
HIDDEN = "hidden"
_BLANK = re.compile(r"[\s\u200b]+|<br>")


@dataclass(frozen=True)
class Fault:
    """Something that a viewer receives and the cube does not account for."""

    kind: str  # "unexplained" or "inconsistent"
    column: int
    cells: Mask
    options: Mask
    words: str


@dataclass(frozen=True)
class Row:
    """What a view shows of one answer: which, in whom, and the numbers that the cube gives."""

    column: int
    cells: Mask
    options: Mask
    names: tuple[str, str, str, str]  # item, option, time, group
    n: int | None
    shown: Shown | None
    weighted: bool = False


@dataclass
class Received:
    """What was read of one question: facts beyond its cube, faults, and how much was read."""

    facts: list[Fact] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    read: int = 0


class Reader:
    """Reads the views of a question on a page."""

    def __init__(self, asked: Asked, codebook: Codebook, page: Mapping[str, Any]) -> None:
        self.asked = asked
        self.codebook = codebook
        self.page = page
        self.found = Received()
        self._known: dict[tuple[Any, ...], tuple[int | None, Shown | None]] = {}

    def read(self) -> Received:
        """Read every view and every sentence of the question."""
        for key, view in self.page["views"].items():
            self.view(key, view)
        return self.found

    def view(self, key: str, view: Mapping[str, Any]) -> None:
        """Read one view: its table, its chart, its words."""
        compare, chosen = self.selection(key)
        figure = view.get("figure", compare)
        rows = list(self._table(key, view, figure, compare, chosen))
        every = list(self.rows(figure, compare, chosen))
        self._chart(key, view, figure, every)
        self._words(key, view, every + rows)

    def selection(self, key: str) -> tuple[str, dict[str, frozenset[str]]]:
        """Read the key of a view: what is compared, and the bands that are chosen."""
        compare, _, rest = key.partition("|")
        chosen = {}
        for part in filter(None, rest.split("|")):
            dimension, _, ids = part.partition("=")
            if ids != "*":
                bands = self._groups(dimension)
                chosen[dimension] = frozenset().union(*(bands[g][1] for g in ids.split(",")))
        return compare, chosen

    def _groups(self, dimension: str) -> dict[str, tuple[str, frozenset[str]]]:
        listed = self.page["filters"].get(dimension, [])
        return {g["id"]: (g["label"], frozenset(g["bands"])) for g in listed}

    # What could be shown

    def rows(
        self, figure: str, compare: str, chosen: Mapping[str, frozenset[str]]
    ) -> Iterator[Row]:
        """Rows that a view may speak of: every answer of every group, and the upper end."""
        groups = self._groups(compare).values() if compare else [("", None)]
        answers = self.answers(figure)
        for label, bands in groups:
            cells = self.asked.frame.mask(chosen if bands is None else {**chosen, compare: bands})
            for column in range(len(self.asked.columns)):
                for name, options in answers:
                    yield self.row(column, cells, options, name, label)

    def answers(self, figure: str) -> list[tuple[str, Mask]]:
        """Answers shown under a figure, with the labels they are shown under."""
        question = self.asked.question
        listed = self.page.get("answers", {}).get(figure)
        if listed is None:
            listed = [[question.option_label(o), [o]] for o in self.asked.options]
        found = [(label, self.asked.codes(codes)) for label, codes in listed]
        upper = self._upper()
        return [*found, ("", upper)] if upper.any() else found

    def _upper(self) -> Mask:
        question = self.asked.question
        scores = {o.code: o.score for o in question.substantive if o.score is not None}
        middle = (min(scores.values()) + max(scores.values())) / 2 if scores else 0
        return self.asked.codes(
            o for o, score in scores.items() if question.is_scale and score > middle
        )

    def row(self, column: int, cells: Mask, options: Mask, name: str, group: str) -> Row:
        """Look up what the cube gives for an answer."""
        key = (column, cells.tobytes(), options.tobytes())
        if key not in self._known:
            self._known[key] = self._explained(column, cells, options)
        n, shown = self._known[key]
        item, time = self.asked.columns[column]
        question = self.asked.question
        names = (
            question.item_label(item),
            name,
            self.codebook.times.get(time, time),
            group,
        )
        return Row(column, cells, options, names, n, shown, self.asked.weighted)

    def _explained(
        self, column: int, cells: Mask, options: Mask
    ) -> tuple[int | None, Shown | None]:
        asked = self.asked
        n = asked.count(column, cells, np.ones(len(asked.options), dtype=bool))
        found = asked.known(column, cells, options)
        if n is None or found is None or not n:
            return n, None
        level, groups, answers = found
        if not asked.weighted:
            k = int(level.n[groups, column][:, answers].sum())
            return n, expected(k, n, asked.respondents)
        assert level.shares is not None and level.weight is not None
        assert level.effective is not None
        weight, effective = level.weight[groups, column], level.effective[groups, column]
        squares = sum(w * w / e for w, e in zip(weight, effective, strict=True) if e)
        if not weight.sum() or not squares:
            return n, None
        shares = level.shares[groups, column][:, answers].sum(axis=1)
        share = min(float((weight * shares).sum() / weight.sum()), 1.0)
        return n, interval(share, float(weight.sum() ** 2 / squares))

    # Tables

    def _table(
        self,
        key: str,
        view: Mapping[str, Any],
        figure: str,
        compare: str,
        chosen: Mapping[str, frozenset[str]],
    ) -> Iterator[Row]:
        headings = self.page["columns"][figure]
        labels = self._labels(figure, compare)
        seen: dict[tuple[str, ...], int] = {}
        for cells in view["rows"]:
            said = tuple(cells[: len(headings) - NUMBERS])
            found = self._places(headings, said, labels, compare)
            nth = seen[said] = seen.get(said, -1) + 1
            self.found.read += 1
            if not found:
                self._fault("unexplained", None, f"{key}: a row that the codebook lacks: {said}")
                continue
            column, name, options, bands = found[nth % len(found)]
            where = chosen if bands is None else {**chosen, compare: bands}
            row = self.row(
                column, self.asked.frame.mask(where), options, name, said[-1] if compare else ""
            )
            self._judge(key, row, cells[-NUMBERS:])
            yield row

    def _labels(self, figure: str, compare: str) -> dict[str, dict[str, list[Any]]]:
        question = self.asked.question
        times = {t: self.codebook.times.get(t, t) for t in question.times}
        found: dict[str, dict[str, list[Any]]] = {"item": {}, "time": {}, "option": {}, "group": {}}
        for item in question.items:
            found["item"].setdefault(item.label, []).append(item.code)
        for code, label in times.items():
            found["time"].setdefault(label, []).append(code)
        for label, options in self.answers(figure):
            found["option"].setdefault(label, []).append(options)
        for label, bands in self._groups(compare).values() if compare else ():
            found["group"].setdefault(label, []).append(bands)
        return found

    def _places(
        self,
        headings: Sequence[str],
        said: Sequence[str],
        labels: Mapping[str, Mapping[str, list[Any]]],
        compare: str,
    ) -> list[tuple[int, str, Mask, frozenset[str] | None]]:
        """Columns, options and groups that a row of these labels may mean."""
        question = self.asked.question
        parts: dict[str, list[Any]] = {
            "item": [i.code for i in question.items] if len(question.items) < 2 else [],
            "time": [] if question.times else [""],
            "option": [],
            "group": [None],
        }
        if not question.items:
            parts["item"] = [""]
        name = ""
        for n, (heading, label) in enumerate(zip(headings, said, strict=False)):
            last = compare and n == len(said) - 1
            part = "group" if last else HEADINGS.get(heading, "")
            parts[part] = labels.get(part, {}).get(label, [])
            name = label if part == "option" else name
        if question.kind is Kind.MULTIPLE:
            parts["option"] = [self.asked.codes([question.ticked.code])]
            name = question.ticked.label
        return [
            (self.asked.columns.index((item, time)), name, options, bands)
            for item, option_time in product(parts["item"], parts["time"])
            for time in [option_time]
            if (item, time) in self.asked.columns
            for options, bands in product(parts["option"], parts["group"])
        ]

    def _judge(self, key: str, row: Row, cells: Sequence[str]) -> None:
        """Compare a row of a table with what the cube gives."""
        share, low, high, base = cells
        n = int(base.replace(",", "")) if NUMBER.fullmatch(base) else None
        self._base(key, row, n)
        texts = (share, low, high)
        if row.shown is not None:
            if self._differ(row, texts):
                self._fault(
                    "inconsistent",
                    row,
                    f"{key}: {', '.join(texts)} where the cube gives {', '.join(row.shown.texts)}",
                )
                self._interval(key, row, texts, row.n if n is None else n)
            return
        if any(NUMBER.search(t) for t in texts):
            self._interval(key, row, texts, row.n if n is None else n)
            self._fault(
                "unexplained", row, f"{key}: {', '.join(texts)} is shown, the cube lacks it"
            )

    def _differ(self, row: Row, texts: Sequence[str]) -> bool:
        assert row.shown is not None
        hidden = not any(NUMBER.search(t) for t in texts)
        if hidden:
            return False
        if not row.weighted:
            return tuple(texts) != row.shown.texts
        ends = (row.shown.share, row.shown.low, row.shown.high)
        return any(
            abs(float(t.rstrip("%")) - e * 100) > 0.51 for t, e in zip(texts, ends, strict=True)
        )

    def _base(self, key: str, row: Row, n: int | None) -> None:
        if n is None or row.n == n:
            return
        every = np.ones(len(self.asked.options), dtype=bool)
        self.found.facts.append(Fact(row.column, row.cells, every, n, n, f"the view {key}"))
        if row.n is not None:
            self._fault("inconsistent", row, f"{key}: a base of {n}, in the cube {row.n}")

    def _interval(self, key: str, row: Row, texts: Sequence[str], n: int | None) -> None:
        if n is None or not n or row.weighted:
            return
        bounds = candidates(texts, n, self.asked.respondents)
        if bounds:
            self.found.facts.append(
                Fact(row.column, row.cells, row.options, *bounds, f"the view {key}")
            )

    # Charts

    def _chart(self, key: str, view: Mapping[str, Any], figure: str, rows: Sequence[Row]) -> None:
        traces = self.page["figures"][figure]["data"]
        places = self._by_name(rows)
        for trace, values in zip(traces, view["values"], strict=False):
            categories = values.get("y", trace.get("y", []))
            for at, category in enumerate(categories):
                self.found.read += 1
                near_by = places.get((_plain(category), _plain(trace.get("name", ""))))
                self._point(key, _Point.of(trace, values, at), near_by or rows, bool(near_by))

    def _by_name(self, rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
        """Rows by the category and the trace that may draw them."""
        found: dict[tuple[str, str], list[Row]] = {}
        title = _plain(self.asked.question.label)
        for row in rows:
            item, option, time, group = row.names
            places = ((item, time, group), (item, time), (item, group), (item,), (option,))
            places += ((option, group), (group,), (time,), (time, group))
            for parts in {tuple(filter(None, p)) for p in places}:
                category = _plain(" · ".join(parts)) if parts else title
                for name in {_plain(option or "totals"), _plain(time), _plain(group), title}:
                    found.setdefault((category, name), []).append(row)
        return found

    def _point(self, key: str, point: _Point, rows: Sequence[Row], sure: bool) -> None:
        if not point.speaks or any(point.explained(row) for row in rows):
            return
        unknown = [row for row in rows if row.shown is None]
        if sure and unknown:
            row = unknown[0]
            self._interval(key, row, point.texts, row.n or point.base)
            self._fault("unexplained", row, f"{key}: a point says {point}, the cube lacks it")
        else:
            self._fault("inconsistent", rows[0] if sure else None, f"{key}: a point says {point}")

    # Words

    def _words(self, key: str, view: Mapping[str, Any], rows: Sequence[Row]) -> None:
        bases = {row.n for row in rows if row.n is not None}
        if view.get("n") is not None and view["n"] not in bases | {0}:
            self._fault("unexplained", None, f"{key}: n is {view['n']}, in no row of the view")
        percentages = {
            t.rstrip("%") for row in rows if row.shown is not None for t in row.shown.texts
        }
        spoken = [view.get("base", ""), view.get("sentence", ""), view.get("reason", "")]
        spoken += [*view.get("caveats", ()), *view.get("hidden", ())]
        for text in spoken:
            self.found.read += 1
            strange = unexplained(text, self.codebook, self.asked.question, bases, percentages)
            if strange:
                self._fault(
                    "unexplained", None, f"{key}: “{text}” says {', '.join(sorted(strange))}"
                )

    def _fault(self, kind: str, row: Row | None, words: str) -> None:
        nobody = np.zeros(self.asked.frame.cells, dtype=bool)
        none = np.zeros(len(self.asked.options), dtype=bool)
        self.found.faults.append(
            Fault(kind, -1, nobody, none, words)
            if row is None
            else Fault(kind, row.column, row.cells, row.options, words)
        )


@dataclass(frozen=True)
class _Point:
    """One bar or text of a chart with everything that it says."""

    x: float | None
    up: float | None
    down: float | None
    label: str
    hover: str
    share: str = ""

    @classmethod
    def of(cls, trace: Mapping[str, Any], values: Mapping[str, Any], at: int) -> _Point:
        def pick(name: str, of: Mapping[str, Any] = values) -> Any:
            listed = of.get(name, ())
            return listed[at] if isinstance(listed, list) and at < len(listed) else None

        bars = values.get("error_x", {})
        text = trace.get("mode") == "text"
        x = None if text else pick("x")
        return cls(
            x,
            pick("array", bars),
            pick("arrayminus", bars),
            pick("text") or "",
            str(pick("customdata") or ""),
        )

    @property
    def speaks(self) -> bool:
        numbers = (self.x, self.up, self.down)
        texts = self.label + self.hover.partition("Base:")[0]
        return any(v is not None for v in numbers) or bool(NUMBER.search(texts))

    @property
    def base(self) -> int | None:
        found = re.search(r"Base:\s*([\d,]+)", self.hover)
        return int(found[1].replace(",", "")) if found else None

    @property
    def texts(self) -> tuple[str, ...]:
        """Share and interval as texts, the most precise that there are."""
        if self.x is not None:
            return (f"{abs(self.x):.4f}",)
        said = self.hover.partition("<br>")[0] or self.label
        return tuple(m[0] for m in NUMBER.finditer(said))[:3]

    def explained(self, row: Row) -> bool:
        """Whether the numbers are those of a row."""
        if row.shown is None:
            return False
        share, low, high = (v * 100 for v in (row.shown.share, row.shown.low, row.shown.high))
        slack = 0.01 if row.weighted else 0.0
        if self.x is not None and not (
            near(abs(self.x), share, slack) or near(abs(self.x) * 2, share, slack + 1e-4)
        ):
            return False
        if self.up is not None and not near(self.up, high - share, slack):
            return False
        if self.down is not None and not near(self.down, share - low, slack):
            return False
        return self._texts_fit(row)

    def _texts_fit(self, row: Row) -> bool:
        assert row.shown is not None
        share, low, high = row.shown.texts
        whole = f"{share} ({low[:-1]}–{high})"
        hovers = {"", whole, f"{whole}<br>Base: {row.n}"}
        if row.weighted:
            return self.base in (None, row.n)
        return self.label in ("", share, whole) and self.hover in hovers

    def __str__(self) -> str:
        parts = [f"{self.x:g}%" if self.x is not None else "", self.label]
        parts.append(self.hover.replace("<br>", ", "))
        return " / ".join(filter(None, parts)) or f"±{self.up}, {self.down}"


def unexplained(
    text: str, codebook: Codebook, question: Question, bases: set[int], percentages: set[str]
) -> set[str]:
    """Numbers of a text that are neither in labels nor among the given counts and percentages."""
    counts, shares = counts_and_percentages(without_labels(text, codebook, question))
    fixed = {"95", "100"} | {percent(1 / n, 1).rstrip("%") for n in bases if n}
    explained = {str(n) for n in bases}
    fixed_counts = {str(n) for n in _sizes(question, text)}
    return {f"{c}" for c in counts - explained - fixed - fixed_counts} | {
        f"{p}%" for p in shares - percentages - fixed
    }


def _sizes(question: Question, text: str) -> set[int]:
    """Sizes of lists that caveats name: `2 of the 5 answers`."""
    found = re.search(r"(\d+) of the (\d+) (items|answers)", text)
    if not found:
        return set()
    known = question.items if found[3] == "items" else question.substantive
    unprinted = sum(not one.printed for one in known)
    pair = (int(found[1]), int(found[2]))
    return set(pair) if pair == (unprinted, len(known)) else set()


def without_labels(text: str, codebook: Codebook, question: Question) -> str:
    """Take the labels of the codebook out of a text."""
    labels = {question.label, *codebook.times.values()}
    labels |= {o.label for o in (*question.options, *question.in_base)}
    labels |= {i.label for i in question.items}
    for dimension in codebook.dimensions.values():
        labels |= {dimension.label, *dimension.bands.values()}
    for population in codebook.populations.values():
        labels |= {population.label, population.label_one}
    for label in sorted((one for one in labels if NUMBER.search(one)), key=len, reverse=True):
        text = re.sub(re.escape(label), " ", text, flags=re.IGNORECASE)
    return text


def _plain(text: str) -> str:
    return _BLANK.sub("", html.unescape(text.replace("<br>", " ")))
