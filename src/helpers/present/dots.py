"""A dot plot: estimates with their intervals, one place per row, one colour per group."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.present import theme
from helpers.present.chart_parts import noted
from helpers.present.formats import ZERO_WIDTH, wrapped
from helpers.present.theme import Spec

if TYPE_CHECKING:
    from helpers.present.figures import Chart

SYMBOLS = ("circle", "diamond", "square", "cross")


@dataclass(frozen=True)
class Dot:
    """An estimate with its interval, in the unit of the axis; missing ones are not drawn."""

    place: str
    series: str
    estimate: float
    low: float
    high: float
    words: str


def dot_plot(dots: Sequence[Dot], axis: Spec, zero: bool, words: str, note: str = "") -> Chart:
    """Draw dots in their order, with a line at 0 where that means no difference.

    Parameters
    ----------
    axis
        Settings of the axis in addition to the theme, such as a range or a suffix.
    words
        What the chart shows, for those who do not see it.
    note
        Written below it.
    """
    from helpers.present.figures import Chart

    places = list(dict.fromkeys(dot.place for dot in dots))
    labels = {place: wrapped(place, 44, 3) + ZERO_WIDTH * n for n, place in enumerate(places)}
    names = list(dict.fromkeys(dot.series for dot in dots))
    traces = [
        _trace(name, [dot for dot in dots if dot.series == name], labels, n, len(names))
        for n, name in enumerate(names)
    ]
    layout = theme.layout(max(34, 22 * len(names)) * len(places), legend=len(names) > 1)
    layout["xaxis"] |= {"range": _span(dots, zero or axis.get("rangemode") == "tozero"), **axis}
    layout["yaxis"] |= {
        "type": "category",
        "categoryarray": [labels[place] for place in places],
        "autorange": False,
        "range": [len(places) - 0.5, -0.5],  # room for the dots of the first and the last row
    }
    if zero:
        layout["shapes"] = [
            {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper"}
            | {"line": {"color": theme.INK, "width": 1, "dash": "dot"}}
        ]
    layout["margin"] |= {"t": 40 if len(names) > 1 else 12, "r": 28}
    if note:
        layout |= noted(layout, note)
    return Chart(traces, layout | {"meta": words, "scattermode": "group"})


def _trace(name: str, dots: Sequence[Dot], labels: Mapping[str, str], n: int, of: int) -> Spec:
    drawn = [dot for dot in dots if math.isfinite(dot.estimate)]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": wrapped(name, 40),
        "x": [dot.estimate for dot in drawn],
        "y": [labels[dot.place] for dot in drawn],
        "offsetgroup": str(n) if of > 1 else "",
        "orientation": "h",
        "marker": {
            "symbol": SYMBOLS[n % len(SYMBOLS)],
            "size": 10,
            "color": theme.ABOVE[1] if of == 1 else theme.SERIES[n % len(theme.SERIES)],
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [_reach(dot.high - dot.estimate) for dot in drawn],
            "arrayminus": [_reach(dot.estimate - dot.low) for dot in drawn],
            "color": theme.INK,
            "thickness": 1.4,
            "width": 4,
        },
        "customdata": [dot.words for dot in drawn],
        "hovertemplate": "%{y}<br>%{customdata}<extra>%{fullData.name}</extra>",
    }


def _span(dots: Sequence[Dot], zero: bool) -> list[float] | None:
    """Where the axis begins and ends; traces side by side would make it begin at 0."""
    ends = [end for dot in dots for end in (dot.estimate, dot.low, dot.high) if math.isfinite(end)]
    if not ends:
        return None
    low, high = min(*ends, 0.0) if zero else min(ends), max(*ends, 0.0) if zero else max(ends)
    room = 0.04 * (high - low or abs(high) or 1.0)
    return [low - room * (low != 0), high + room * (high != 0)]


def _reach(value: float) -> float:
    return value if math.isfinite(value) else 0.0
