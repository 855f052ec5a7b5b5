"""Trends: waves as lines, one an answer or a total, each in a row of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.estimation.request import Row
from helpers.present import theme
from helpers.present.chart_parts import hover, mean, places_of, points, ranges_of
from helpers.present.formats import wrapped
from helpers.present.results import Rows, by_group, stated
from helpers.present.theme import Spec
from helpers.words import Catalogue, raised

FEWEST = 4  # waves whose shares are lines; fewer are compared like groups
LEFT = 240  # pixels: of the names of rows
LANE, GAP, LINE = 72, 16, 17  # pixels: of a line, between two of them, and of a line of words
TOP, BOTTOM = 0.42, 0.12  # of what lines span: more above and below them, for numbers
LEAST, LEAST_MEAN = 10.0, 1.0  # points, and numbers of a scale, that a lane spans at least
HOVER = "%{x}<br>%{customdata}<extra>%{fullData.name}</extra>"


@dataclass(frozen=True)
class TrendLine:
    """An answer or a total through all waves.

    Attributes
    ----------
    name : the answer, or what it is a total or a mean of
    rows : one a wave, in the order of time
    kind : ``share``, ``net`` or ``mean``
    """

    name: str
    rows: Rows
    kind: str = "share"

    @property
    def size(self) -> int:
        """How large its estimates are along the axis."""
        return 1 if self.kind == "mean" else 100

    def told(self, row: Row, say: Catalogue) -> str:
        """Write the number of a wave; nothing of one that is not shown."""
        if math.isnan(row["estimate"]):
            return ""
        if self.kind == "mean":
            return say.tenths(row["estimate"])
        return (say.points if self.kind == "net" else say.percent)(row["estimate"])

    def hovers(self, say: Catalogue) -> list[str]:
        """Say what shows on hovering over the dots."""
        if self.kind == "share":
            return hover(self.rows, say)
        return [(mean if self.kind == "mean" else points)(row, say) for row in self.rows]


def trend(
    lines: Sequence[TrendLine],
    ranks: Sequence[int],
    by: str,
    labels: Mapping[str, str],
    say: Catalogue,
) -> Spec:
    """Draw each line in a row: its numbers above its dots, its 95% ranges shaded.

    All rows of one unit have one scale but places of their own along it, so that the same slope is
    the same change everywhere.

    Parameters
    ----------
    ranks
        From the top, in which row each line is.
    by, labels
        What tells waves apart, and their labels.
    """
    mark = theme.GROUPS[0]
    waves = [wrapped(labels.get(code, code), 12) for code in by_group(lines[0].rows, by)]
    names = [wrapped(line.name, 34) for line in lines]
    heights = [0] * len(lines)
    for rank, name in zip(ranks, names, strict=True):
        heights[rank] = max(LANE, LINE * (name.count("<br>") + 1)) + GAP
    whole, top = sum(heights), 0.0
    middles = []
    for height in heights:
        middles.append(1 - (top + height / 2) / whole)
        top += height
    layout = theme.layout(whole, legend=False)
    layout["margin"] |= {"l": LEFT, "t": 8, "b": 60}
    above = len(lines) > FEWEST
    layout["xaxis"] |= {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": waves,
        "range": [-0.5, len(waves) - 0.5],
        "side": "top" if above else "bottom",
        "anchor": "free",
        "position": 1 if above else 0,
        "showline": False,
        "title": {"text": raised(say("browser.shaded")), "font": {"size": 12}},
    }
    traces, notes = [], []
    for line, rank, name, end in zip(lines, ranks, names, _ends(lines), strict=True):
        axis = "y" if rank == 0 else f"y{rank + 1}"
        shade = {"color": mark.shade, "thickness": mark.thickness, "width": 0}
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers+text",
                "meta": "trend",
                "name": name,
                "legendgroup": "means" if line.kind == "mean" else "shares",
                "showlegend": False,
                "x": waves,
                "y": places_of(line.rows, line.size),
                "yaxis": axis,
                "text": [line.told(row, say) for row in line.rows],
                "textposition": "top center",
                "textfont": {"size": 12, "color": theme.INK},
                "customdata": line.hovers(say),
                "hovertemplate": HOVER,
                "error_y": ranges_of(line.rows, line.size) | shade,
                "cliponaxis": False,
                "line": {"color": mark.colour, "width": 2},
                "marker": {"symbol": mark.symbol, "size": 8, "color": mark.colour, "opacity": 1},
            }
        )
        layout[f"yaxis{axis[1:]}"] = {
            "domain": [round(middles[rank] + side * LANE / 2 / whole, 5) for side in (-1, 1)],
            "range": end,
            "visible": False,
            "fixedrange": True,
        }
        notes.append(_named(name, middles[rank]))
    layout["annotations"] = notes
    return {"data": traces, "layout": layout}


def _ends(lines: Sequence[TrendLine]) -> list[list[float]]:
    """Where each lane begins and ends: all of one unit span as much."""
    spans: dict[int, float] = {1: LEAST_MEAN, 100: LEAST}
    middles = []
    for line in lines:
        shown = stated(line.rows)
        low = line.size * min((row["ci_low"] for row in shown), default=0.0)
        high = line.size * max((row["ci_high"] for row in shown), default=0.0)
        spans[line.size] = max(spans[line.size], high - low)
        middles.append((low + high) / 2)
    ends = [
        (at - (0.5 + BOTTOM) * spans[line.size], at + (0.5 + TOP) * spans[line.size])
        for line, at in zip(lines, middles, strict=True)
    ]
    return [[round(low, 4), round(high, 4)] for low, high in ends]


def _named(name: str, at: float) -> Spec:
    """Write what a line is of, at the left of it."""
    return {
        "name": "row",
        "text": name,
        "x": 0,
        "xref": "paper",
        "xanchor": "right",
        "xshift": -14,
        "y": round(at, 5),
        "yref": "paper",
        "yanchor": "middle",
        "showarrow": False,
        "align": "right",
        "font": {"size": 13},
    }
