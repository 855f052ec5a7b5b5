"""Parts of charts: places, columns of numbers, values and headings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from helpers.estimation.request import Status
from helpers.present import theme
from helpers.present.formats import ZERO_WIDTH, wrapped
from helpers.present.results import Rows, Shares
from helpers.present.theme import Spec
from helpers.words import Catalogue

LINES = 6
NOTE = "note"  # names what is written below a chart
OVER = 16  # pixels by which the first and the last label may stand out of the drawing
HOVER = "%{y}<br>%{customdata}<extra>%{fullData.name}</extra>"


def pick(rows: Rows, match: Iterable[tuple[str, str]]) -> Rows:
    """Return the rows that hold all of some pairs of column and code."""
    for column, code in match:
        rows = [row for row in rows if row[column] == code]
    return rows


def categories(result: Shares, rows: Rows, parts: list[str]) -> list[str]:
    """Name the place of each row by those parts in which rows differ, such as item and group."""
    used = [
        p
        for p in parts
        if not (p == "item" and len(result.question.items) < 2)
        and not (p == "time" and not result.question.times)
        and not (p == "group" and not result.by)
    ]
    labels = []
    for row in rows:
        named = [result.label(row, part) for part in used]
        labels.append(wrapped(" · ".join(named) if named else result.question.label, 30, LINES))
    return _told_apart(labels)


def _told_apart(labels: list[str]) -> list[str]:
    """Keep rows of the same label apart: to a chart equal labels are one place."""
    seen: dict[str, int] = {}
    result = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        result.append(label + ZERO_WIDTH * (seen[label] - 1))
    return result


def slot(labels: list[str], least: int) -> int:
    """Height in pixels of each place, so that no label touches the next; `labels` from the top."""
    lines = [label.count("<br>") + 1 for label in labels]
    pairs = (first + second for first, second in pairwise(lines))
    ends = (17 * n - OVER for n in (*lines[:1], *lines[-1:]))
    return max([least, *ends, *(math.ceil(8.5 * pair) + 6 for pair in pairs)])


def gap(place: int, part: float, most: int = 34) -> float:
    """Gap between bars, as a part of a place: no bar is higher than `most` pixels."""
    return round(max(part, 1 - most / place), 3)


def ranges_of(rows: Rows, size: int = 100) -> Spec:
    """Ranges as lines to both sides of the estimates, these as large as `places_of` has them."""
    up = [_share(row["ci_high"] - row["estimate"]) for row in rows]
    down = [_share(row["estimate"] - row["ci_low"]) for row in rows]
    return {
        "type": "data",
        "symmetric": False,
        "thickness": 1.4,
        "width": 4,
        "color": theme.INK,
        "array": [u and round(u * size, 4) for u in up],
        "arrayminus": [d and round(d * size, 4) for d in down],
    }


def places_of(rows: Rows, size: int = 100) -> list[float | None]:
    """Estimates along an axis: shares in per cent, or means of `size` 1."""
    shown = [_share(row["estimate"]) for row in rows]
    return [None if p is None else round(p * size, 4) for p in shown]


def noted(layout: Spec, note: str) -> Spec:
    """Return what changes in a layout to write a note below a chart."""
    lines, margin = wrapped(note, 76), layout["margin"]
    more = 12 + 15 * (lines.count("<br>") + 1) * bool(note)
    beneath = {
        "name": NOTE,
        "text": lines,
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": 0,
        "yref": "paper",
        "yanchor": "top",
        "yshift": -34,
        "showarrow": False,
        "align": "left",
        "font": {"size": 11},
    }
    return {
        "height": layout["height"] + more,
        "margin": margin | {"b": margin["b"] + more},
        "annotations": [*layout.get("annotations", ()), *[beneath] * bool(note)],
    }


def hover(rows: Rows, say: Catalogue) -> list[str]:
    """Say what shows on hovering over a mark: share, range and base."""
    return [
        with_interval(row, say)
        if row["status"] in (Status.HIDDEN, Status.NOT_ASKED)
        else f"{with_interval(row, say)}<br>{say('chart.base', n=row['n'])}"
        for row in rows
    ]


def with_interval(row: Mapping[Any, Any], say: Catalogue) -> str:
    """Write a share with its range; where there is none, why."""
    if math.isnan(row["estimate"]):
        words = {Status.HIDDEN: say("table.hidden"), Status.NOT_ASKED: say("table.not_asked")}
        return words.get(row["status"], say("format.none"))
    ends = {"low": say.hundredths(row["ci_low"]), "high": say.percent(row["ci_high"])}
    return say("chart.share", share=say.percent(row["estimate"]), range=say("format.range", **ends))


def points(row: Mapping[Any, Any], say: Catalogue) -> str:
    """Write a net in points with its range."""
    if math.isnan(row["estimate"]):
        return with_interval(row, say)
    low, high = (say.points(row[end]) for end in ("ci_low", "ci_high"))
    return say("chart.points", points=say.points(row["estimate"]), low=low, high=high)


def mean(row: Mapping[Any, Any], say: Catalogue) -> str:
    """Write a mean with its range."""
    if math.isnan(row["estimate"]):
        return with_interval(row, say)
    at, low, high = (say.tenths(row[end]) for end in ("estimate", "ci_low", "ci_high"))
    return say("chart.share", share=at, range=say("format.range", low=low, high=high))


def _share(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)


def values_of(rows: Rows, say: Catalogue) -> Spec:
    """Shares in per cent, and what hovering over them says."""
    return {"x": places_of(rows), "customdata": hover(rows, say)}


def text_column(
    name: str, y: list[str], at: float, text: list[str], colour: str = theme.INK
) -> Spec:
    """Write a column of text beside the drawing."""
    return {
        "type": "scatter",
        "mode": "text",
        "meta": "column",
        "name": name,
        "y": y,
        "x": [at] * len(y),
        "text": text,
        "textposition": "middle center",
        "textfont": {"size": 12, "color": colour},
        "cliponaxis": False,
        "showlegend": False,
        "hoverinfo": "skip",
    }


def axis(beside: float) -> Spec:
    """Show per cent along the axis, with room beside it."""
    ticks = [0, 25, 50, 75, 100]
    written = {"tickvals": ticks, "ticktext": [f"{tick}%" for tick in ticks]}
    return {"range": [0, 100 + beside], "showline": False, **written}


def write_heads(layout: Spec, heads: Iterable[tuple[float, str, str]]) -> None:
    """Write headings above columns: where, the words, and their anchor."""
    layout["annotations"] = [
        {
            "text": words,
            "x": at,
            "y": 1,
            "xref": "x",
            "yref": "paper",
            "xanchor": anchor,
            "yanchor": "bottom",
            "showarrow": False,
            "align": anchor,
            "font": {"size": 12},
            "name": "column",
        }
        for at, words, anchor in heads
    ]
    lines = max(note["text"].count("<br>") + 1 for note in layout["annotations"])
    layout["margin"] |= {"t": 16 * lines + 4}
    layout["height"] += 16 * lines
