"""What a viewer receives of a question: rows, points and words of every view, as facts.

A number that the cube explains is done with. One that it does not becomes a fact, and is reported
as unexplained, since a release is to be a function of its cube. One that contradicts the cube is
reported as inconsistent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from helpers.codebook.model import DETRACTORS, PROMOTERS, Codebook, Kind
from helpers.release.attack.chart_facts import DRAWN, STATIC, DrawnRows, Point
from helpers.release.attack.facts import Asked, Fact, sides_of
from helpers.release.attack.partition import Mask
from helpers.release.attack.released import Released
from helpers.release.attack.sentences import SentenceReader
from helpers.release.attack.table_rows import MEAN, NET, NUMBERS, Places, ShownRow
from helpers.release.attack.written_numbers import (
    HALF,
    NUMBER,
    Mean,
    PrintedShare,
    candidates,
    expected,
    interval,
    mean,
    net,
    number,
    written,
)

OFF = 0.51  # points that rounding to whole per cents may make
MEAN_OFF = 0.0501  # and to tenths of a scale


@dataclass(frozen=True)
class Fault:
    """Something that a viewer receives and the cube does not account for."""

    kind: str  # "unexplained" or "inconsistent"
    column: int
    cells: Mask
    options: Mask
    words: str


@dataclass
class Received:
    """What was read of one question: facts beyond its cube, faults, and how much was read.

    Attributes
    ----------
    printed : of tables the column, cells and options of each share
    """

    facts: list[Fact] = field(default_factory=list)
    printed: list[tuple[int, Mask, Mask]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    read: int = 0


class ViewReader:
    """Reads the views of a question on a page."""

    def __init__(self, asked: Asked, codebook: Codebook, page: Released) -> None:
        self.asked = asked
        self.codebook = codebook
        self.page = page
        self.found = Received()
        self.words = SentenceReader(codebook, [asked.question])
        self._known: dict[tuple[Any, ...], tuple[Mask, int | None, PrintedShare | None]] = {}

    def read(self) -> Received:
        """Read every view and every sentence of the question."""
        for key, view in self.page["views"].items():
            self.view(key, view)
        return self.found

    def view(self, key: str, view: Released) -> None:
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
    ) -> Iterator[ShownRow]:
        """Rows that a view may speak of: every answer of every group, and the upper end."""
        groups = self._groups(compare).values() if compare else [("", None)]
        answers = self.answers(figure)
        for label, bands in groups:
            cells = self.asked.frame.mask(chosen if bands is None else {**chosen, compare: bands})
            for column in range(len(self.asked.columns)):
                for name, options in answers:
                    yield self.row(column, cells, options, name, label)
                if self.asked.question.kind is Kind.RECOMMEND:
                    yield self.net_row(column, cells, label)
                if self.asked.question.is_numeric_scale:
                    yield self.mean_row(column, cells, label)

    def answers(self, figure: str) -> list[tuple[str, Mask]]:
        """Answers shown under a figure, with the labels they are shown under."""
        question = self.asked.question
        listed = self.page.get("answers", {}).get(figure)
        if listed is None:
            listed = [[question.option_label(o), [o]] for o in self.asked.options]
        found = [(label, self.asked.codes(codes)) for label, codes in listed]
        # The upper end of a scale is drawn of the answers shown: of merged ones some lie across.
        scale = question.is_scale and question.kind is not Kind.RECOMMEND
        upper = self.asked.codes(sides_of(question)[1] if scale else ())
        nothing = self.asked.codes(())
        across = sum((o for _, o in found if (o & upper).any()), start=nothing)
        within = sum((o for _, o in found if not (o & ~upper).any()), start=nothing)
        ends = {end.tobytes(): end for end in (upper, across, within) if upper.any() and end.any()}
        return [*found, *(("", end) for end in ends.values())]

    def net_row(self, column: int, cells: Mask, group: str) -> ShownRow:
        """Work out the net of a recommendation question from what the cube gives of its parts."""
        asked = self.asked
        ends = [self._explained(column, cells, asked.codes([o])) for o in (PROMOTERS, DETRACTORS)]
        n, shown = ends[0][0], None
        if n and all(end is not None for _, end in ends):
            up, down = (end.share for _, end in ends if end is not None)
            effective = self._effective(column, cells, n)
            shown = None if effective is None else net(up, down, n, effective)
        names = (asked.question.item_label(""), "", "", group)
        slack = self._slack(column, cells, asked.codes([PROMOTERS]), shown)
        if shown is not None and asked.weighed is not None:
            up_, down_ = (asked.codes([o]) for o in (PROMOTERS, DETRACTORS))
            shown = asked.weighed.net(column, cells, up_, down_)
        return ShownRow(column, cells, asked.codes(()), names, n, shown, slack)

    def mean_row(self, column: int, cells: Mask, group: str) -> ShownRow:
        """Work out the mean of a scale: from counts, else from what is shown of each answer."""
        asked = self.asked
        scores = {o.code: o.score or 0.0 for o in asked.question.in_base}
        n = asked.count(column, cells, asked.codes(asked.options))
        names, nothing = ("", MEAN, "", group), asked.codes(())
        found = {
            scores[code]: self._explained(column, cells, asked.codes([code]))[1] for code in scores
        }
        shares = {score: one.share for score, one in found.items() if one is not None}
        if not n or len(shares) < len(found):
            return ShownRow(column, cells, nothing, names, n, None)
        if asked.weighed is not None:
            listed = np.array([scores[option] for option in asked.options])
            shown = asked.weighed.mean(column, cells, listed)
            return ShownRow(column, cells, nothing, names, n, shown, (MEAN_OFF,) * 3)
        if not asked.weighted and asked.digits is None:
            counts = {score: round(share * n) for score, share in shares.items()}
            return ShownRow(column, cells, nothing, names, n, mean(counts, asked.respondents))
        # Without the responses only shares in whole per cents are here.
        at = sum(score * share for score, share in shares.items()) / sum(shares.values())
        off = MEAN_OFF + sum(abs(score - at) for score in shares) * OFF / 100
        about = Mean(*(end / 100 for end in (at, min(scores.values()), max(scores.values()))))
        wide = max(scores.values()) - min(scores.values())
        return ShownRow(column, cells, nothing, names, n, about, (off, wide, wide))

    def _effective(self, column: int, cells: Mask, n: int) -> float | None:
        """Effective base of the shares of a group, as its intervals rest on it."""
        asked = self.asked
        found = asked.known(column, cells, asked.codes([PROMOTERS]))
        if found is None:
            return None
        level, groups, _ = found
        if not asked.weighted:
            counts = [asked.count(column, cells, asked.codes([o])) for o in asked.options]
            alike = n in counts
            return float(n) if alike else n * (asked.respondents - 1) / asked.respondents
        together = level.weighed(column, groups)
        return None if together is None else together[1]

    def row(self, column: int, cells: Mask, options: Mask, name: str, group: str) -> ShownRow:
        """Look up what the cube gives for an answer."""
        key = (column, id(cells), options.tobytes())
        if key not in self._known:  # with the cells, so that no others get their id
            self._known[key] = (cells, *self._explained(column, cells, options))
        _, n, shown = self._known[key]
        item, time = self.asked.columns[column]
        question = self.asked.question
        names = (
            question.item_label(item),
            name,
            self.codebook.times.get(time, time),
            group,
        )
        slack = self._slack(column, cells, options, shown)
        return ShownRow(column, cells, options, names, n, shown, slack)

    def _slack(
        self, column: int, cells: Mask, options: Mask, shown: PrintedShare | None
    ) -> tuple[float, float, float] | None:
        """Say how far what is printed may be from what the cube, or the responses, give."""
        asked = self.asked
        if asked.weighed is not None:
            return HALF, HALF, HALF
        if asked.digits is None:
            return (OFF, OFF, OFF) if asked.weighted else None
        found = asked.known(column, cells, options)
        if shown is None or found is None:
            return OFF, OFF, OFF
        # The cube holds shares in whole per cents, and nothing of the effective base of each.
        level, groups, answers = found
        parts = int(groups.sum()) * int(answers.sum())
        share = OFF if parts == 1 else OFF * (1 + int(answers.sum())) + 0.1 * int(groups.sum())
        wide = 200 * (shown.high - shown.low) + share
        return share, wide, wide

    def _explained(
        self, column: int, cells: Mask, options: Mask
    ) -> tuple[int | None, PrintedShare | None]:
        asked = self.asked
        n = asked.count(column, cells, np.ones(len(asked.options), dtype=bool))
        found = asked.known(column, cells, options)
        if n is None or found is None or not n:
            return n, None
        level, groups, answers = found
        if asked.weighed is not None:
            return n, asked.weighed.share(column, cells, options)
        if not asked.weighted:
            k = int(level.n[groups, column][:, answers].sum())
            return n, expected(k, n, asked.respondents)
        together = level.weighed(column, groups)
        if together is None:
            return n, None
        shares, effective = together
        return n, interval(min(float(shares[answers].sum()), 1.0), effective)

    # Tables

    def _table(
        self,
        key: str,
        view: Released,
        figure: str,
        compare: str,
        chosen: Mapping[str, frozenset[str]],
    ) -> Iterator[ShownRow]:
        headings = self.page["columns"][figure]
        answers, groups = self.answers(figure), list(self._groups(compare).values())
        places = Places(self.asked, self.codebook.times, headings, answers, groups)
        masks: dict[frozenset[str] | None, Mask] = {}
        last = len(view["rows"]) - (len(groups) if compare else 1)
        question = self.asked.question
        for nth, cells in enumerate(view["rows"], 1):
            said = tuple(cells[:-NUMBERS])
            self.found.read += 1
            group = said[-1] if compare else ""
            mean = question.is_numeric_scale and said[0] == MEAN and nth > last
            if mean or (question.kind is Kind.RECOMMEND and said[0] == NET):
                bands = next((b for label, b in groups if label == said[-1]), None)
                where = chosen if not compare or bands is None else {**chosen, compare: bands}
                beside = self.mean_row if mean else self.net_row
                row = beside(0, self.asked.frame.mask(where), group)
            else:
                found = places.next(said)
                if found is None:
                    words = f"{key}: a row that the codebook lacks: {said}"
                    self._fault("unexplained", None, words)
                    continue
                column, name, options, bands = found
                if bands not in masks:
                    where = chosen if bands is None else {**chosen, compare: bands}
                    masks[bands] = self.asked.frame.mask(where)
                row = self.row(column, masks[bands], options, name, group)
            self._judge(key, row, cells[-NUMBERS:])
            yield self._as_said(row, cells[-NUMBERS:])

    def _judge(self, key: str, row: ShownRow, cells: Sequence[str]) -> None:
        """Compare a row of a table with what the cube gives."""
        share, low, high, base = cells
        found = number(base)
        n = None if found is None or found.percent else int(found.value)
        self._base(key, row, n)
        texts = (share, low, high)
        if NUMBER.search(share):
            self.found.printed.append((row.column, row.cells, row.options))
        if row.shown is None and any(NUMBER.search(t) for t in texts):
            self._beyond(key, row, texts, row.n if n is None else n)
        elif row.shown is not None and self._differ(row, texts):
            given = ", ".join(row.shown.texts)
            words = f"{key}: {', '.join(texts)} where the cube gives {given}"
            self._fault("inconsistent", row, words)

    @staticmethod
    def _as_said(row: ShownRow, cells: Sequence[str]) -> ShownRow:
        """Let words repeat what a row says, in the cube or in a fact beyond it."""
        found = [w[0].value for w in map(written, cells) if w]
        told = row.n is not None and row.shown is not None
        if len(found) < NUMBERS or (told and row.slack is None):
            return row
        return replace(
            row, n=int(found[3]), shown=row.kind(*(f / 100 for f in found[:3])), slack=None
        )

    def _differ(self, row: ShownRow, texts: Sequence[str]) -> bool:
        assert row.shown is not None
        hidden = not any(NUMBER.search(t) for t in texts)
        if hidden:
            return False
        if row.slack is None:
            return tuple(texts) != row.shown.texts
        return not row.fits(*(float(t.rstrip("%").replace("−", "-")) for t in texts))

    def _base(self, key: str, row: ShownRow, n: int | None) -> None:
        if n is None or row.n == n:
            return
        every = np.ones(len(self.asked.options), dtype=bool)
        self.found.facts.append(Fact(row.column, row.cells, every, n, n, f"the view {key}"))
        if row.n is not None:
            self._fault("inconsistent", row, f"{key}: a base of {n}, in the cube {row.n}")

    def _beyond(self, key: str, row: ShownRow, texts: Sequence[str], n: int | None) -> None:
        """Turn a number that the cube does not give into a fact; one that cannot be is a fault."""
        bounds = None
        if n and row.slack is None and not row.nets:
            bounds = candidates(texts, n, self.asked.respondents)
        if bounds is None:
            words = f"{key}: {', '.join(texts)} is shown, which the cube does not give"
            self._fault("unexplained", row, words)
            return
        source = f"the view {key}"
        self.found.facts.append(Fact(row.column, row.cells, row.options, *bounds, source))

    # Charts

    def _chart(self, key: str, view: Released, figure: str, rows: Sequence[ShownRow]) -> None:
        traces, drawn = self.page["figures"][figure]["data"], view["values"]
        places = DrawnRows(rows, self.asked.question.label)
        if len(traces) != len(drawn):
            self._fault("inconsistent", None, f"{key}: {len(drawn)} of {len(traces)} traces")
        for trace, values in zip(traces, drawn, strict=False):
            held = {**{part: trace[part] for part in DRAWN if part in trace}, **values}
            if any(isinstance(place, str) for place in held.get("x", ())):  # upright
                held |= {"x": held.get("y"), "y": held["x"]}
            elif trace.get("meta") == "mean":
                held["y"] = [trace["name"]]
            categories = held.get("y", [])
            bars = held["error_x"] = held.get("error_x") or held.get("error_y") or {}
            lists = [held.get(p) for p in STATIC] + [bars.get("array"), bars.get("arrayminus")]
            longest = max((len(one) for one in lists if isinstance(one, list)), default=0)
            if longest > len(categories):
                self._fault(
                    "inconsistent", None, f"{key}: {longest} points, {len(categories)} bars"
                )
            for at, category in enumerate(categories):
                self.found.read += 1
                near_by = places.of(category, trace.get("name", ""))
                self._point(key, Point.of(trace, held, at), near_by or rows, bool(near_by))

    def _point(self, key: str, point: Point, rows: Sequence[ShownRow], sure: bool) -> None:
        if any(point.explained(row) for row in rows) or not (point.speaks or point.base):
            return
        unknown = [row for row in rows if row.shown is None]
        if sure and unknown:
            self._base(key, unknown[0], point.base)
            if point.speaks:
                self._beyond(key, unknown[0], point.texts, unknown[0].n or point.base)
        else:
            self._fault("inconsistent", rows[0] if sure else None, f"{key}: a point says {point}")

    # Words

    def _words(self, key: str, view: Released, rows: Sequence[ShownRow]) -> None:
        bases = {row.n for row in rows if row.n is not None}
        if not {*view.get("key", ())} <= {*range(len(view["rows"]))}:
            self._fault("unexplained", None, f"{key}: a key of {view['key']}, which are no rows")
        if view.get("n") is not None and view["n"] not in bases | {0}:
            self._fault("unexplained", None, f"{key}: n is {view['n']}, in no row of the view")
        shares = [row for row in rows if row.shown is not None and not row.nets]
        percentages = set().union(*(row.percentages for row in shares))
        if self.asked.question.kind is Kind.MULTIPLE and key.startswith("|"):
            percentages |= self._none_ticked(rows)
        claims = [row.shown.claim for row in rows if row.shown is not None and row.nets]
        spoken = [view.get("base", ""), view.get("sentence", ""), view.get("reason", "")]
        read_once = self.page.get("approximate", "")  # by `pages.notes`
        spoken += [text for text in view.get("caveats", ()) if text != read_once]
        spoken += view.get("hidden", ())
        for text in spoken:
            self.found.read += 1
            for claim in claims:
                text = text.replace(claim, "")
            strange = self.words.unexplained(text, bases, percentages)
            if strange:
                self._fault("unexplained", None, f"{key}: “{text}” says {', '.join(strange)}")

    def _none_ticked(self, rows: Sequence[ShownRow]) -> set[str]:
        """Whole per cent of those who answered that the shares of all boxes leave over."""
        ticked = self.asked.codes([self.asked.question.ticked.code])
        shares = {row.column: row.shown for row in rows if (row.options == ticked).all()}
        if len(shares) < len(self.asked.columns) or self.asked.weighted:
            return set()
        left = 1 - sum(shown.share for shown in shares.values() if shown is not None)
        return {str(math.floor(100 * left + 1e-9))} if left > 0 else set()

    def _fault(self, kind: str, row: ShownRow | None, words: str) -> None:
        nobody = np.zeros(self.asked.frame.cells, dtype=bool)
        none = np.zeros(len(self.asked.options), dtype=bool)
        self.found.faults.append(
            Fault(kind, -1, nobody, none, words)
            if row is None
            else Fault(kind, row.column, row.cells, row.options, words)
        )
