"""A chart as a still picture: SVG written from the specification that the page's script draws.

It needs neither a browser nor a kernel, so that executed notebooks show their charts wherever they
are opened. It draws the forms of this suite: bars side on, and lines or marks; names of rows are
above them, which leaves the whole width to the drawing, on a phone too. Of upright bars only a
histogram stays upright: its numbers are short. So do lines through time.
"""

from __future__ import annotations

import base64
import math
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from itertools import pairwise
from typing import Any, TypeAlias

from helpers.present import theme
from helpers.present.formats import ZERO_WIDTH

Trace: TypeAlias = Mapping[str, Any]  # a part of a specification, only read
WIDTH, NARROW = 640, 300  # pixels: of a file, and the least that a page has room for
SIZE, LINE, LETTER = 12, 15, 6.4  # pixels: of the type, of a line, of a letter on average
LEFT, BESIDE, RIGHT = 1.0, 14.0, 98.0  # per cent of the width where values begin and end
LANE, GAP = 17, 9
TALL, COLUMNS, LINES = 220, 110, 56  # pixels: of a plane, of columns of a histogram, of a trend
PATTERNS = {
    "/": "M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2",
    "x": "M0,0 l6,6 M0,6 l6,-6",
    ".": "M2,3 l2,0",
    "-": "M0,3 l6,0",
    "+": "M0,3 l6,0 M3,0 l0,6",
}
MARKS = {
    "circle": "M-4,0 a4,4 0 1,0 8,0 a4,4 0 1,0 -8,0z",
    "square": "M-4,-4 h8 v8 h-8z",
    "diamond": "M0,-5 l5,5 l-5,5 l-5,-5z",
    "cross": "M-5,-1.5 h3.5 v-3.5 h3 v3.5 h3.5 v3 h-3.5 v3.5 h-3 v-3.5 h-3.5z",
    "x": "M-4,-4 L4,4 M-4,4 L4,-4",
}
DASHES = {"dash": "9 5", "dot": "2 3", "dashdot": "9 3 2 3"}


@dataclass(frozen=True)
class Drawing:
    """The elements of a drawing, and its height in pixels; places along x are shares of a width."""

    elements: str
    height: int

    def svg(self, width: str = str(WIDTH)) -> str:
        """Write the drawing as an SVG element of a width."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{self.height}"'
            f' font-family="{escape(theme.FONT)}" font-size="{SIZE}" fill="{theme.INK}">'
            f'<rect width="100%" height="100%" fill="#ffffff"/>{self.elements}</svg>'
        )

    def image(self, words: str) -> str:
        """Write the drawing as an image in HTML, as wide as there is room, with words for it."""
        raw = base64.b64encode(self.svg("100%").encode()).decode()
        look = f"display: block; width: 100%; max-width: {WIDTH}px; height: {self.height}px"
        return (
            f'<img alt="{escape(words)}" width="{WIDTH}" height="{self.height}" style="{look}"'
            f' src="data:image/svg+xml;base64,{raw}">'
        )


def drawn(spec: Trace, room: int = NARROW) -> Drawing:
    """Draw a specification, `data` and `layout` as in `charts.specification`.

    Parameters
    ----------
    room
        Least width in pixels that labels are broken for.
    """
    traces, layout = spec["data"], spec["layout"]
    if _histogram(traces):
        return _Sheet(traces, layout, room).histogram()
    if _trend(traces):
        return _Sheet(traces, layout, room).trend()
    if _upright(traces):
        traces, layout = [_lying(trace) for trace in traces], _lying(layout)
        layout["yaxis"] = {**layout.get("yaxis", {}), "autorange": "reversed"}
    return _Sheet(traces, layout, room).drawing()


def draws(spec: Trace) -> bool:
    """Return whether a specification is of the forms that are drawn here."""
    traces = spec["data"]
    if _histogram(traces) or _trend(traces):
        return True
    along, across = ("y", "x") if _upright(traces) else ("x", "y")
    return all(
        trace.get("type", "scatter") in ("bar", "scatter")
        and len(trace.get(along, ())) == len(trace.get(across, ()))
        and all(value is None or isinstance(value, int | float) for value in trace.get(along, ()))
        and all(isinstance(place, str | int | float) for place in trace.get(across, ()))
        for trace in traces
    )


def _histogram(traces: Sequence[Trace]) -> bool:
    return bool(traces) and traces[0].get("meta") == "histogram"


def _trend(traces: Sequence[Trace]) -> bool:
    return bool(traces) and traces[0].get("meta") == "trend"


def _upright(traces: Iterable[Trace]) -> bool:
    return any(
        trace.get("orientation", "v") == "v"
        if trace.get("type") == "bar"
        else any(isinstance(x, str) for x in trace.get("x", ()))
        for trace in traces
    )


def _lying(part: Trace) -> theme.Spec:
    """Turn upright bars on their side, so that rows have room for their names."""
    turned = {"x": "y", "y": "x", "xaxis": "yaxis", "yaxis": "xaxis"}
    turned |= {"error_x": "error_y", "error_y": "error_x"}
    return {turned.get(name, name): value for name, value in part.items()}


class _Sheet:
    """What is drawn so far, and how far down."""

    def __init__(self, traces: Sequence[Trace], layout: Trace, room: int) -> None:
        self.layout, self.room = layout, room
        self.words = [t for t in traces if t.get("mode") == "text"]
        self.traces = [t for t in traces if t not in self.words]
        self.bars = [t for t in self.traces if t.get("type") == "bar"]
        self.axis: Trace = layout.get("xaxis", {})
        self.down: Trace = layout.get("yaxis", {})
        self.low, self.high = self._range(self.axis, "x")
        self.panels = layout.get("barmode") == "overlay"
        if self.words and "tickvals" in self.axis and not (self.panels or _histogram(traces)):
            self.high = float(self.axis["tickvals"][-1])  # columns of words are above the rows
        self.left = LEFT
        self.parts: list[str] = []
        self.y = 6.0

    def drawing(self) -> Drawing:
        self._legend()
        rows = self._rows()
        if self.axis.get("side") == "top":
            self._scale()
        above = len(self.parts)
        top = self.y
        if rows is None:
            self._plane()
        else:
            self._listed(rows)
        self.parts[above:above] = self._grid(top)
        if self.axis.get("side") != "top":
            self._scale()
        return Drawing(_patterns(self.traces) + "".join(self.parts), math.ceil(self.y + 8))

    def histogram(self) -> Drawing:
        """Draw columns with their shares above and their numbers below, and the mean."""
        (bars,), (numbers,) = self.bars, self.words
        most = max((share for share in bars["y"] if share), default=1.0)
        room = self.room * (RIGHT - LEFT) / 100 / len(bars["x"])
        size = min(11.0, 11 * room / (max(map(len, numbers["text"])) * LETTER))
        middle = f' text-anchor="middle" font-size="{size:.1f}"'
        floor = self.y + LINE + COLUMNS
        for at, share in enumerate(bars["y"]):
            high = COLUMNS * (share or 0) / most
            ends = [self._x(at + side * 0.44) for side in (-1, 1)]
            box = f'x="{ends[0]:.2f}%" y="{floor - high:.1f}" width="{ends[1] - ends[0]:.2f}%"'
            self.parts += _filled(bars, f'{box} height="{high:.1f}"')
            self.y = floor - high - 4
            self._text(f"{self._x(at):.2f}%", plain(numbers["text"][at]), middle)
            self.y = floor + LINE
            self._text(f"{self._x(at):.2f}%", self.axis["ticktext"][at], middle)
        self.parts.append(_rule(f"{LEFT}%", f"{RIGHT}%", floor, floor, theme.INK))
        below = floor + LINE
        for note in self.layout.get("annotations", ()):
            anchor = ' text-anchor="end"' * (note["xanchor"] == "right")
            for n, line in enumerate(note["text"].split("<br>"), 1):
                self.y = floor + LINE * (n + 1)
                self._text("100%" if anchor else "0", plain(line), anchor)
            below = max(below, self.y)
        self.y = below
        for mean in self.traces[1:]:
            self._mean(mean)
        return Drawing("".join(self.parts), math.ceil(self.y + 8))

    def trend(self) -> Drawing:
        """Draw lines through time, each below its name, from the top as its axis is placed."""
        self.low, self.high = self.layout["xaxis"]["range"]
        middle = ' text-anchor="middle" font-size="11"'
        for line in sorted(self.traces, key=lambda t: -self._lane(t)["domain"][0]):
            self._lines(plain(line["name"]))
            low, high = self._lane(line)["range"]
            top, unit = self.y + 4, LINES / (high - low)
            there = [
                (n, self._x(n), top + (high - value) * unit)
                for n, value in enumerate(line["y"])
                if value is not None
            ]
            ranges, colour = line["error_y"], _colour(line)
            for n, x, y in there:
                ends = y - ranges["array"][n] * unit, y + ranges["arrayminus"][n] * unit
                at = f"{x:.2f}%"
                self.parts.append(_rule(at, at, *ends, ranges["color"], "", ranges["thickness"]))
            for (n, x, y), (m, then, down) in pairwise(there):
                if m == n + 1:
                    self.parts.append(_rule(f"{x:.2f}%", f"{then:.2f}%", y, down, colour, "", 2))
            for n, x, y in there:
                self.parts.append(_mark(line, f"{x:.2f}%", y))
                self.y = y - 8
                bold = ' font-weight="700"' * (n == there[-1][0])
                self._text(f"{x:.2f}%", line["text"][n], middle + bold)
            self.y = top + LINES + 2
        self.y += LINE
        for n, wave in enumerate(self.traces[0]["x"]):
            self._text(f"{self._x(n):.2f}%", plain(wave), middle)
        self._lines(plain(self.axis["title"]["text"]))
        return Drawing("".join(self.parts), math.ceil(self.y + 8))

    def _lane(self, line: Trace) -> Trace:
        return self.layout[line["yaxis"].replace("y", "yaxis")]

    def _mean(self, mean: Trace) -> None:
        """Draw a mean with its range, and write it below, on the side that has room."""
        self.low, self.high = self.layout["xaxis2"]["range"]
        y = self.y + LINE
        self._marks_at(mean, mean["y"][0], y)
        self.y = y + LINE + 5
        if (at := mean["x"][0]) is None:
            return
        x, words = self._x(at), plain(mean["text"][0])
        half = 50 * len(words) * LETTER / self.room
        anchor = "start" if x < half else "end" if x > 100 - half else "middle"
        self._text(f"{x:.2f}%", words, f' text-anchor="{anchor}"')

    # Where things are

    def _x(self, value: float) -> float:
        return self.left + (RIGHT - self.left) * (value - self.low) / (self.high - self.low)

    def _range(self, axis: Trace, along: str) -> tuple[float, float]:
        if "range" in axis:
            low, high = axis["range"]
            return float(low), float(high)
        ends = [n for trace in self.traces for n in _ends(trace, along)]
        stacked: dict[Any, float] = {}
        added = along == "x" and self.layout.get("barmode", "group") != "group"
        for trace in self.bars if added else ():
            for place, value in _pairs(trace):
                stacked[place] = stacked.get(place, 0) + abs(value)
        ends += [*stacked.values(), *([0.0] if self.bars or axis.get("rangemode") else [])]
        low, high = min(ends, default=0.0), max(ends, default=1.0)
        spread = (high - low) or 1.0
        return (low if low == 0 else low - spread * 0.04), high + spread * 0.04

    def _rows(self) -> list[tuple[Any, str]] | None:
        """Places down the side with their names; None where both directions hold numbers."""
        if "tickvals" in self.down:
            return list(zip(self.down["tickvals"], self.down["ticktext"], strict=True))
        seen = dict.fromkeys(place for trace in self.traces for place in trace.get("y", ()))
        if not self.bars and not any(isinstance(place, str) for place in seen):
            return None
        places = list(self.down.get("categoryarray", seen))
        first, last = self.down.get("range", (0, 1))
        upwards = self.down.get("autorange") != "reversed" and first < last
        return [(place, str(place)) for place in (places[::-1] if upwards else places)]

    # What is drawn

    def _text(self, x: str, words: str, more: str = "") -> None:
        self.parts.append(
            f'<text x="{x}" y="{self.y:.0f}"{more}{_clear("#ffffff")}>{escape(words)}</text>'
        )

    def _lines(self, words: str, width: float = 100, more: str = "") -> None:
        for line in textwrap.wrap(words, max(8, int(self.room * width / 100 / LETTER))):
            self.y += LINE
            self._text("0", line, more)

    def _legend(self) -> None:
        shown = [t for t in self.traces if t.get("showlegend", self.layout.get("showlegend"))]
        shown.sort(key=lambda t: t.get("legendrank", 1000))
        x = 0.0
        for trace in shown if self.layout.get("showlegend") else ():
            name = plain(trace["name"])
            wide = 20 + len(name) * LETTER + 14
            if x == 0 or x + wide > self.room:
                x, self.y = 0.0, self.y + LINE + 3
            if trace in self.bars:
                box = f'x="{x:.0f}" y="{self.y - 10:.0f}" width="13" height="12"'
                self.parts += _filled(trace, box)
            else:
                self.parts.append(_mark(trace, f"{x + 6:.0f}", self.y - 4))
            self._text(f"{x + 19:.0f}", name)
            x += wide
        heads = [a for a in self.layout.get("annotations", ()) if a.get("name") == "column"]
        if self.panels:
            self._heads(heads)
        elif len(heads) == 1:
            self.y += LINE + 2
            self._text("100%", plain(heads[0]["text"]), ' text-anchor="end" font-weight="600"')
        self.y += 4

    def _heads(self, heads: Sequence[Trace]) -> None:
        """Write the names of columns of bars above them."""
        wide = max(6, int(self.room / len(heads) / LETTER) - 1)
        broken = [textwrap.wrap(plain(head["text"]), wide) for head in heads]
        for line in range(max(map(len, broken))):
            self.y += LINE
            for head, lines in zip(heads, broken, strict=True):
                if line < len(lines):
                    self._text(f"{self._x(head['x']):.2f}%", lines[line], ' font-size="11"')

    def _listed(self, rows: Iterable[tuple[Any, str]]) -> None:
        """Draw rows, each below its name; at the right of the name what its bars add up to."""
        grouped = self.layout.get("barmode", "group") == "group"
        marks = [trace for trace in self.traces if trace not in self.bars]
        apart = self.layout.get("scattermode") == "group"
        lanes = max(1, len(self.bars) if grouped else 1, len(marks) if apart else 1)
        totals = _beside(self.words, any(t.get("meta") == "moment" for t in marks))
        for place, name in rows:
            total = plain(totals.get(place, ""))
            self._lines(plain(name))
            if total:
                last = textwrap.wrap(plain(name), int(self.room / LETTER)) or [""]
                if (len(last[-1]) + len(total) + 3) * LETTER > self.room:
                    self.y += LINE
                self._text("100%", total, ' text-anchor="end"')
            self.y += 4
            below = self._bars_at(place, grouped)
            middle = self.y + lanes * LANE / 2
            self._joins_at(marks, place, middle)
            for n, trace in enumerate(marks):
                lane = self.y + (n + 0.5) * LANE if apart else middle
                self._marks_at(trace, place, lane)
            self.y += lanes * LANE + GAP + below

    def _joins_at(self, marks: Sequence[Trace], place: Any, y: float) -> None:
        """Join the dots of a row: through time dotted towards what is expected."""
        dots = [t for t in marks if t.get("meta") in ("moment", "group")]
        at = [dict(_pairs(trace)).get(place) for trace in dots]
        for n, (then, now) in enumerate(zip(at, at[1:], strict=False)):
            if then is None or now is None:
                continue
            ends = (f"{self._x(then):.2f}%", f"{self._x(now):.2f}%")
            if dots[n]["meta"] == "moment":
                colour, dashes, width = _colour(dots[n + 1]), DASHES["dot"] if n else "", 2.5
            else:
                colour, dashes, width = theme.GRID, "", 2.0
            self.parts.append(_rule(*ends, y, y, colour, dashes, width))

    def _bars_at(self, place: Any, grouped: bool) -> int:
        """Draw the bars of a row; return the room that numbers below them take."""
        below = 0
        reached = {1: 0.0, -1: 0.0}
        for n, trace in enumerate(self.bars):
            found = dict(_pairs(trace)).get(place)
            if found is None:
                continue
            side = 1 if found >= 0 else -1
            start = trace["base"] if "base" in trace else 0.0 if grouped else reached[side]
            reached[side] += found
            ends = sorted((self._x(start), self._x(start + found)))
            y = self.y + (n * LANE if grouped else 0)
            box = f'x="{ends[0]:.2f}%" y="{y:.0f}" width="{ends[1] - ends[0]:.2f}%"'
            self.parts += _filled(trace, f'{box} height="{LANE - 2}"')
            self._errors(trace, place, found, y + LANE / 2 - 1)
            if text := plain(dict(_texts(trace)).get(place, "")):
                below = max(below, self._told(trace, text, ends, y))
        return below

    def _told(self, trace: Trace, text: str, ends: Sequence[float], y: float) -> int:
        """Write the text of a bar into it, beside it, or below it; return the room taken below."""
        colour = _colour(trace)
        half = trace.get("meta") == "half"  # of a bar around 0
        wide = (ends[1] - ends[0]) * (2 if half else 1) / 100 * self.room
        beside = trace.get("textposition") == "outside"
        too_small = wide < len(text) * LETTER + 4
        if too_small and len(self.bars) == 1 and trace.get("textposition", "auto") == "auto":
            beside = True
        below = 10 if too_small and not beside else 0
        starts = trace.get("insidetextanchor", "middle") == "start" and not half
        middle = self._x(0) if half else sum(ends) / 2
        at = ends[1] if beside else middle if below or not starts else ends[0]
        where = ' dx="5"' if beside or (starts and not below) else ' text-anchor="middle"'
        ink = theme.ink_on(colour) if re.fullmatch("#[0-9a-fA-F]{6}", colour) else theme.INK
        ground = "#ffffff" if beside or below else colour
        self.parts.append(
            f'<text x="{at:.2f}%" y="{y + 12 + below + (below and 2):.0f}"{where}'
            f' fill="{theme.INK if beside or below else ink}"'
            f' font-size="{9 if below else 11}"{_clear(ground)}>{escape(text)}</text>'
        )
        return below

    def _marks_at(self, trace: Trace, place: Any, y: float) -> None:
        for x, there in zip(trace["x"], trace["y"], strict=True):
            if there == place and x is not None:
                self._errors(trace, place, x, y)
                self.parts.append(_mark(trace, f"{self._x(x):.2f}%", y))

    def _errors(self, trace: Trace, place: Any, value: float, y: float) -> None:
        errors = trace.get("error_x")
        at = list(trace["y"]).index(place)
        if not errors or "array" not in errors or errors["array"][at] is None:
            return
        below = errors.get("arrayminus", errors["array"])
        low, high = value - below[at], value + errors["array"][at]
        colour, width = errors.get("color", theme.INK), errors.get("thickness", 1.4)
        ink = f'stroke="{colour}" stroke-width="{width}"'
        ends = [self._x(end) for end in (low, high)]
        self.parts.append(
            f'<line class="interval" x1="{ends[0]:.2f}%" x2="{ends[1]:.2f}%" y1="{y:.1f}"'
            f' y2="{y:.1f}" {ink}/>'
        )
        self.parts += (
            []
            if errors.get("width") == 0
            else [
                f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="{y - 4:.1f}" y2="{y + 4:.1f}" {ink}/>'
                for x in ends
            ]
        )

    def _plane(self) -> None:
        """Draw lines and marks over numbers in both directions."""
        self.left = BESIDE
        low, high = self._range(self.down, "y")
        if title := self.down.get("title", {}).get("text"):
            self._lines(plain(title))
        top = self.y + 14

        def at(value: float) -> float:
            return top + TALL * (high - value) / (high - low)

        for tick in ticks(low, high, 5):
            self.y = at(tick) - 3
            self.parts.append(_rule("0", "100%", self.y + 3, self.y + 3, theme.GRID))
            self._text("0", f"{number(tick)}{self.down.get('ticksuffix', '')}", ' font-size="11"')
        for shape in self.layout.get("shapes", ()):
            if shape.get("xref") == "paper":
                y = at(shape["y0"])
                self.parts.append(_rule("0", "100%", y, y, theme.INK, DASHES["dot"]))
        for trace in self.traces:
            self._curve(trace, at)
        self.y = top + TALL

    def _curve(self, trace: Trace, at: Any) -> None:
        pairs = [(x, y) for x, y in zip(trace["x"], trace["y"], strict=True) if y is not None]
        line, mode = trace.get("line", {}), trace.get("mode", "lines")
        for (x, y), (then, there) in zip(pairs, pairs[1:], strict=False):
            corners = [(x, y), (then, there)]
            if line.get("shape") == "hv":
                corners.insert(1, (then, y))
            steps = zip(corners, corners[1:], strict=False)
            for (a, b), (c, d) in steps if "lines" in mode else ():
                self.parts.append(
                    _rule(
                        f"{self._x(a):.2f}%",
                        f"{self._x(c):.2f}%",
                        at(b),
                        at(d),
                        _colour(trace),
                        DASHES.get(line.get("dash", ""), ""),
                        line.get("width", 2),
                    )
                )
        if "markers" in mode:
            self.parts += [_mark(trace, f"{self._x(x):.2f}%", at(y)) for x, y in pairs]

    def _grid(self, top: float) -> list[str]:
        lines = []
        if self.axis.get("showgrid", True):
            lines += [
                _rule(f"{self._x(tick):.2f}%", "", top, self.y, theme.GRID) for tick in self._ticks
            ]
        if self.axis.get("zeroline"):
            lines.append(_rule(f"{self._x(0):.2f}%", "", top, self.y, theme.INK))
        for shape in self.layout.get("shapes", ()):
            if shape.get("yref") == "paper":
                x = f"{self._x(shape['x0']):.2f}%"
                lines.append(_rule(x, "", top, self.y, theme.INK, DASHES["dot"]))
        return lines

    @property
    def _ticks(self) -> list[float]:
        return list(self.axis.get("tickvals", ticks(self.low, self.high, 5)))

    def _scale(self) -> None:
        suffix = self.axis.get("ticksuffix", "")
        written = self.axis.get("ticktext", [f"{number(tick)}{suffix}" for tick in self._ticks])
        labels = [re.split(r"<br\s*/?>", text) for text in written]
        for line in range(max(map(len, labels), default=0), 0, -1):
            if not self.axis.get("showticklabels", True):
                break
            self.y += LINE
            for tick, parts in zip(self._ticks, labels, strict=True):
                at = self._x(tick)
                anchor = "start" if at < 5 else "end" if at > 95 else "middle"
                more = f' text-anchor="{anchor}" font-size="11"'
                if line <= len(parts):
                    self._text(f"{at:.2f}%", plain(parts[-line]), more)
        if title := self.axis.get("title", {}).get("text"):
            self._lines(plain(title))


def plain(label: str) -> str:
    """Return the words of a chart's label: one line without markup."""
    return unescape(re.sub(r"<br\s*/?>", " ", str(label))).replace(ZERO_WIDTH, "")


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return round numbers between two ends, at most so many and one."""
    rough = (high - low) / most or 1.0
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(k * scale for k in (1, 2, 2.5, 5, 10, 20) if k * scale >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]


def number(value: float) -> str:
    """Write the number of a tick."""
    return f"{value:,.10g}".replace("-", "−")


def _pairs(trace: Trace) -> list[tuple[Any, float]]:
    return [(y, x) for x, y in zip(trace["x"], trace["y"], strict=True) if x is not None]


def _texts(trace: Trace) -> list[tuple[Any, str]]:
    text = trace.get("text")
    return list(zip(trace["y"], text, strict=True)) if isinstance(text, list | tuple) else []


def _beside(words: Sequence[Trace], moments: bool) -> dict[Any, str]:
    """Join the columns of words at the right of each row."""
    if len(words) < 2:
        return {place: text for t in words for place, text in _texts(t)}
    columns = [(plain(trace["name"]), dict(_texts(trace))) for trace in words]
    places = list(dict.fromkeys(place for _, texts in columns for place in texts))
    return {
        place: " → ".join(texts.get(place, "") for _, texts in columns)
        if moments
        else " · ".join(f"{name} {texts.get(place, '')}" for name, texts in columns)
        for place in places
    }


def _ends(trace: Trace, along: str) -> list[float]:
    values = [v for v in trace[along] if isinstance(v, int | float)]
    errors = trace.get(f"error_{along}", {})
    for name, sign in (("array", 1), ("arrayminus", -1)):
        lengths = errors.get(name, ())
        values += [
            v + sign * e
            for v, e in zip(trace[along], lengths, strict=bool(lengths))
            if v is not None and e is not None
        ]
    return values


def _colour(trace: Trace) -> str:
    for part in ("marker", "line"):
        if isinstance(colour := trace.get(part, {}).get("color"), str):
            return colour
    return theme.SERIES[0]


def _filled(trace: Trace, box: str) -> list[str]:
    """Fill a box with the colour of a trace, and lay its pattern over it."""
    name = f'<rect class="bar" {box} fill="{_colour(trace)}"/>'
    shape = trace.get("marker", {}).get("pattern", {}).get("shape", "")
    return [name, *([f'<rect {box} fill="url(#{_id(shape)})"/>'] if shape in PATTERNS else [])]


def _clear(ground: str) -> str:
    """Keep what lies below a text from crossing it."""
    return f' stroke="{ground}" stroke-width="3" paint-order="stroke"'


def _id(shape: str) -> str:
    return f"pattern-{list(PATTERNS).index(shape)}"


def _patterns(traces: Iterable[Trace]) -> str:
    shapes = {t.get("marker", {}).get("pattern", {}).get("shape", "") for t in traces}
    made = [
        f'<pattern id="{_id(shape)}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<path d="{path}" stroke="#ffffff" stroke-width="1.6"/></pattern>'
        for shape, path in PATTERNS.items()
        if shape in shapes
    ]
    return f"<defs>{''.join(made)}</defs>" if made else ""


def _mark(trace: Trace, x: str, y: float) -> str:
    symbol = trace.get("marker", {}).get("symbol", "circle")
    path, colour = MARKS.get(symbol.removesuffix("-open"), MARKS["circle"]), _colour(trace)
    filled = symbol != "x" and not symbol.endswith("-open")
    look = f'fill="{colour}"' if filled else f'fill="none" stroke="{colour}" stroke-width="2"'
    return (
        f'<svg x="{x}" y="{y:.1f}" overflow="visible"><path class="mark" d="{path}" {look}/></svg>'
    )


def _rule(
    x: str, end: str, y: float, down: float, colour: str, dashes: str = "", width: float = 1
) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x}" x2="{end or x}" y1="{y:.1f}" y2="{down:.1f}" stroke="{colour}"'
        f' stroke-width="{width}"{dashed}/>'
    )
