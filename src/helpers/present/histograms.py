"""Histograms: upright columns over the numbers of a scale, and their mean below the axis."""

from __future__ import annotations

import math
import re

from helpers.estimation.request import Row
from helpers.present import theme
from helpers.present.chart_parts import categories, hover, values_of, with_interval
from helpers.present.formats import wrapped
from helpers.present.results import Shares
from helpers.present.theme import Spec

COLUMNS, TICKS, LINE, MEAN = 190, 24, 16, 42  # pixels: of columns, labels, a line, and the mean
WORDS = 20  # letters of a line of words below an end of the scale
HOVER = "%{x}<br>%{customdata}<extra>%{fullData.name}</extra>"


def histogram(result: Shares) -> Spec:
    """Columns with their shares above and the numbers of the scale below, in the order of these.

    A question whose mean can be told has a trace of it, empty where it is hidden.
    """
    question, say = result.question, result.say
    score = {o.code: o.score or 0.0 for o in question.in_base}
    rows = sorted(result.rows, key=lambda row: score[row["option"]])
    numbers = [f"{score[row['option']]:g}" for row in rows]
    places = categories(result, rows, ["option"])
    shares = values_of(rows, say)["x"]
    name = wrapped(question.label, 40)
    bars = {
        "type": "bar",
        "orientation": "v",
        "meta": "histogram",
        "name": name,
        "x": places,
        "y": shares,
        "customdata": hover(rows, say),
        "hovertemplate": HOVER,
        "marker": {"color": theme.SERIES[0]},
    }
    texts = {
        "type": "scatter",
        "mode": "text",
        "meta": "column",
        "name": name,
        "x": places,
        "y": [share or 0 for share in shares],
        "text": [_told(result, row) for row in rows],
        "textposition": "top center",
        "textfont": {"size": 12},
        "cliponaxis": False,
        "showlegend": False,
        "hoverinfo": "skip",
    }
    words = [_in_words(row, number, result) for row, number in zip(rows, numbers, strict=True)]
    ends = [wrapped(words[end], WORDS) for end in (0, -1)]
    below = TICKS + LINE * max(end.count("<br>") + bool(end) for end in ends)
    height = COLUMNS + below + MEAN * bool(result.means)
    layout = theme.layout(height, legend=False)
    layout |= {"bargap": 0.12, "annotations": [_end(ends[n], n, height) for n in (0, 1) if ends[n]]}
    most = max((share for share in shares if share), default=1.0)
    layout["xaxis"] |= {"type": "category", "tickvals": places, "ticktext": numbers, "tickangle": 0}
    layout["xaxis"] |= {"range": [-0.5, len(rows) - 0.5], "showgrid": False, "automargin": False}
    layout["yaxis"] = {"domain": [1 - COLUMNS / height, 1], "range": [0, most * 1.15]}
    layout["yaxis"] |= {"visible": False, "fixedrange": True}
    if not result.means:
        return {"data": [bars, texts], "layout": layout}
    first, last = score[rows[0]["option"]], score[rows[-1]["option"]]
    aside = {"visible": False, "fixedrange": True}
    layout["xaxis2"] = aside | {"range": [first - 0.5, last + 0.5], "anchor": "y2"}
    layout["yaxis2"] = aside | {"range": [0, 1], "domain": [0, MEAN / height], "anchor": "x2"}
    return {"data": [bars, texts, _mean(result, result.means[0], first, last)], "layout": layout}


def _told(result: Shares, row: Row) -> str:
    if math.isnan(row["estimate"]):
        return with_interval(row, result.say)
    return result.say.percent(row["estimate"])


def _in_words(row: Row, number: str, result: Shares) -> str:
    """Return what an end of a scale means, without its number; empty for a number alone."""
    return re.sub(rf"^{number}\b[\s:.=–-]*", "", result.label(row, "option"))


def _end(words: str, end: int, height: int) -> Spec:
    """Write what an end of the scale means below its number."""
    side = ("left", "right")[end]
    return {
        "text": words,
        "x": end,
        "xref": "paper",
        "xanchor": side,
        "y": 1 - COLUMNS / height,
        "yref": "paper",
        "yanchor": "top",
        "yshift": -TICKS,
        "showarrow": False,
        "align": side,
        "font": {"size": 12},
    }


def _mean(result: Shares, row: Row, first: float, last: float) -> Spec:
    """Draw a mean as a dot with its range, and write it below, on the side that has room."""
    say, mark = result.say, theme.GROUPS[0]
    gone = math.isnan(row["estimate"])
    at, low, high = (say.tenths(row[end]) for end in ("estimate", "ci_low", "ci_high"))
    told = say("chart.mean", mean=at, range=say("format.range", low=low, high=high))
    way = 0.5 if gone else (row["estimate"] - first) / (last - first)
    side = "right" if way < 0.25 else "left" if way > 0.75 else "center"
    values = (row["estimate"], row["ci_high"] - row["estimate"], row["estimate"] - row["ci_low"])
    x, up, down = ([None if gone else round(value, 6)] for value in values)
    shade = {"color": mark.shade, "thickness": mark.thickness, "width": 0}
    return {
        "type": "scatter",
        "mode": "markers+text",
        "meta": "mean",
        "name": say("table.mean"),
        "x": x,
        "y": [0.75],
        "xaxis": "x2",
        "yaxis": "y2",
        "error_x": {"type": "data", "symmetric": False, "array": up, "arrayminus": down, **shade},
        "text": ["" if gone else told],
        "textposition": f"bottom {side}",
        "textfont": {"size": 13},
        "cliponaxis": False,
        "showlegend": False,
        "hoverinfo": "skip",
        "marker": {"symbol": mark.symbol, "size": 12, "color": mark.colour, "opacity": 1},
    }
