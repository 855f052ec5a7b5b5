"""Points of a chart: everything that a bar says in length, whisker, label and hover text."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from helpers.release.attack.released import Released
from helpers.release.attack.table_rows import ShownRow
from helpers.release.attack.written_numbers import NUMBER, near, number, written

_BLANK = re.compile(r"[\s\u200b]+")
_BASE = re.compile(rf"Base:\s*(?P<n>{NUMBER.pattern})")
STATIC = ("x", "text", "customdata", "error_x")  # parts of a trace that hold figures
DRAWN = (*STATIC, "y", "error_y")


class DrawnRows:
    """Rows by the category and the trace that may draw them."""

    def __init__(self, rows: Sequence[ShownRow], title: str) -> None:
        self._rows: dict[str, list[tuple[ShownRow, frozenset[str]]]] = {}
        for row in rows:
            categories, traces = _places(row.names, title)
            for category in categories:
                self._rows.setdefault(category, []).append((row, traces))

    def of(self, category: str, trace: str) -> list[ShownRow]:
        """Rows that a trace may draw at a category."""
        known, name = self._rows.get(plain(category), ()), plain(trace)
        return [row for row, traces in known if name in traces]


@lru_cache(maxsize=100_000)
def _places(names: tuple[str, str, str, str], title: str) -> tuple[frozenset[str], frozenset[str]]:
    """Categories and traces that may draw a row of some names."""
    item, option, time, group = names
    places = [(item, time, group), (item, time), (item, group), (item,), (option,)]
    places += [(option, group), (group,), (time,), (time, group)]
    categories = (plain(" · ".join(filter(None, parts)) or title) for parts in places)
    traces = map(plain, (option or "totals", time, group, title, item))
    return frozenset(categories), frozenset(traces)


@lru_cache(maxsize=100_000)
def plain(text: str) -> str:
    """Take line breaks, blanks and entities out of a label of a chart."""
    return _BLANK.sub("", html.unescape(text.replace("<br>", " ")))


@dataclass(frozen=True)
class Point:
    """One bar or text of a chart with everything that it says."""

    x: float | None
    up: float | None
    down: float | None
    label: str
    hover: str

    @classmethod
    def of(cls, trace: Released, values: Released, at: int) -> Point:
        """Read one point of a trace; the place of a text is not a figure."""

        def pick(name: str, of: Released = values) -> Any:
            listed = of.get(name, ())
            return listed[at] if isinstance(listed, list) and at < len(listed) else None

        bars = values.get("error_x") or {}
        return cls(
            None if trace.get("mode") == "text" else pick("x"),
            pick("array", bars),
            pick("arrayminus", bars),
            str(pick("text") or ""),
            str(pick("customdata") or ""),
        )

    @cached_property
    def speaks(self) -> bool:
        """Whether anything but a base is stated."""
        said = self.label + _BASE.sub("", self.hover)
        return any(v is not None for v in (self.x, self.up, self.down)) or bool(NUMBER.search(said))

    @cached_property
    def base(self) -> int | None:
        """Base in the hover text."""
        found = _BASE.search(self.hover)
        read = number(found["n"]) if found else None
        return int(read.value) if read else None

    @property
    def texts(self) -> tuple[str, ...]:
        """Share and interval as texts, the most precise that there are."""
        if self.x is not None:
            return (f"{abs(self.x):.4f}",)
        said = _BASE.sub("", self.hover) + self.label
        return tuple(m[0] for m in NUMBER.finditer(said))[:3]

    def explained(self, row: ShownRow) -> bool:
        """Whether all numbers are those of a row."""
        if self.base not in (None, row.n):
            return False
        if row.shown is None:
            return not self.speaks
        if row.slack is not None:
            return self._fits(row)
        share, low, high = (v * 100 for v in (row.shown.share, row.shown.low, row.shown.high))
        x = self.x if self.x is None or row.nets else abs(self.x)
        # The middle of a scale is drawn as two halves.
        half = not row.nets and x is not None and near(x * 2, share, 1e-4)
        drawn = x is None or near(x, share) or half
        whiskers = ((self.up, high - share), (self.down, share - low))
        fits = all(end is None or near(end, wanted) for end, wanted in whiskers)
        return drawn and fits and self._texts_fit(row)

    def _fits(self, row: ShownRow) -> bool:
        """Whether all numbers are near enough to those of a row that is estimated."""
        assert row.shown is not None
        x = self.x if self.x is None or row.nets else abs(self.x)
        share = row.shown.share * 100
        # The middle of a scale is drawn as two halves.
        middle = next(
            (v for v in (x, None if x is None or row.nets else 2 * x) if v and row.fits(v)), x
        )
        if x is not None and not row.fits(middle if middle is not None else x):
            return False
        at = share if middle is None else middle
        ends = (at, *(at + s * (e or 0) for s, e in ((-1, self.down), (1, self.up))))
        if (self.up is not None or self.down is not None) and not row.fits(*ends):
            return False
        texts = (self.label, _BASE.sub("", self.hover))
        return all(row.fits(*(n.value for n in written(text))) for text in texts)

    def _texts_fit(self, row: ShownRow) -> bool:
        assert row.shown is not None
        share, whole = row.shown.texts[0], row.shown.label
        if row.nets:
            told = f"{share} ({row.shown.ends})"
            return self.label in ("", share, told, whole) and self.hover in ("", told)
        hovers = {"", whole, f"{whole}<br>Base: {row.n:,}", f"{whole}<br>Base: {row.n}"}
        return self.label in ("", share, whole) and self.hover in hovers

    def __str__(self) -> str:
        """Return what a viewer sees."""
        parts = [f"{self.x:g}%" if self.x is not None else "", self.label]
        parts.append(self.hover.replace("<br>", ", "))
        return " / ".join(filter(None, parts)) or f"whiskers of {self.up} and {self.down}"
