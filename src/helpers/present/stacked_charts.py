"""Charts of parts of a whole: scales that diverge from their middle, and stacked bars."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from helpers.codebook.model import Favourable, Kind, Option
from helpers.present import theme
from helpers.present.chart_parts import (
    HOVER,
    categories,
    gap,
    pick,
    points,
    slot,
    text_column,
    values_of,
    with_interval,
    write_heads,
)
from helpers.present.formats import wrapped
from helpers.present.key_answers import positive_label
from helpers.present.results import Rows, Shares
from helpers.present.theme import Spec
from helpers.words import Catalogue


def likert(result: Shares) -> Spec:
    """Bars that diverge from the middle of the scale, with the upper end summed at the right."""
    assert result.upper is not None
    say = result.say
    words = say("chart.upper", answers=positive_label(result.question, say))
    return _diverging(result, words, _totals(result, result.upper, with_interval))


def net(result: Shares) -> Spec:
    """Detractors to the left, promoters to the right, one bar per group, with the net beside it."""
    assert result.nets is not None
    return _diverging(result, result.say("chart.net"), _totals(result, result.nets, points))


def _diverging(result: Shares, heading: str, totals: Spec) -> Spec:
    question, table = result.question, result.rows
    options = sorted(question.substantive, key=lambda o: o.score or 0)
    sides = question.sides
    below, centre, above = ([o for o in options if sides[o.code] == s] for s in (-1, 0, 1))
    under, over = {
        Favourable.HIGH: (theme.BELOW, theme.ABOVE),
        Favourable.LOW: (theme.ABOVE, theme.BELOW),
        Favourable.NONE: (theme.NEUTRAL_BELOW, theme.NEUTRAL_ABOVE),
    }[Favourable.HIGH if question.kind is Kind.RECOMMEND else question.favourable]
    shades = theme.shades([o.code for o in below[::-1]], under)
    shades |= theme.shades([o.code for o in above], over)
    rank = {o.code: n for n, o in enumerate(options)}
    traces = []
    for option in centre:
        halves = [_segment(result, table, option, theme.MIDDLE, rank, s / 2) for s in (-1, 1)]
        halves[1]["showlegend"] = False
        traces += halves
    for option, sign in [*((o, -1) for o in below[::-1]), *((o, 1) for o in above)]:
        traces.append(_segment(result, table, option, shades[option.code], rank, sign))
    low, high = _reach(traces)
    beside = high + 3
    traces.append(totals | {"x": [beside] * len(totals["y"])})
    layout = _rows(traces[0]["y"], 34) | {"barmode": "relative"}
    layout["xaxis"] |= {
        "range": [low - 2, high + 4],
        "showticklabels": False,
        "zeroline": True,
        "zerolinecolor": theme.INK,
        "showgrid": False,
    }
    layout["margin"] |= {"r": 108}
    write_heads(layout, [(beside, wrapped(heading, 16), "left")])
    return {"data": traces, "layout": layout}


def _rows(places: list[str], least: int) -> Spec:
    place = slot(places, least)
    layout = theme.layout(place * len(places) + 20, legend=True) | {"bargap": gap(place, 0.28)}
    layout["yaxis"] |= {"type": "category"}  # names of places such as years are not dates
    return layout


def _reach(traces: Sequence[Spec]) -> tuple[float, float]:
    """How far stacked bars reach to both sides of nought."""
    low, high = -1.0, 1.0
    for row in zip(*(trace["x"] for trace in traces), strict=True):
        shares = [x or 0.0 for x in row]
        low = min(low, sum(x for x in shares if x < 0))
        high = max(high, sum(x for x in shares if x > 0))
    return low, high


def _segment(
    result: Shares,
    table: Rows,
    option: Option,
    colour: str,
    rank: Mapping[str, int],
    sign: float,
) -> Spec:
    rows = pick(table, [("option", option.code)])
    half = abs(sign) < 1  # of the middle of a scale: the number is at its centre
    written = values_of(rows, result.say)
    told = [result.say.percent(row["estimate"]) if row["estimate"] > 0 else "" for row in rows]
    return {
        "type": "bar",
        "orientation": "h",
        "name": wrapped(option.label, 40),
        **({"meta": "half"} if half else {}),
        "y": categories(result, rows, ["item", "time", "group"]),
        **written,
        "x": [None if x is None else sign * x for x in written["x"]],
        "text": told if sign > 0 or not half else [""] * len(told),
        "textposition": "inside",
        "insidetextanchor": "start" if half else "middle",
        "textangle": 0,
        "textfont": {"color": theme.ink_on(colour)},
        "hovertemplate": HOVER,
        "marker": {"color": colour},
        "legendrank": rank[option.code] + 1,
        "legendgroup": option.code,
    }


def _totals(
    result: Shares, rows: Rows, written: Callable[[Mapping[Any, Any], Catalogue], str]
) -> Spec:
    y = categories(result, rows, ["item", "time", "group"])
    totals = text_column("totals", y, 101, [written(row, result.say) for row in rows])
    return totals | {"textposition": "middle right"}


def stacked(result: Shares) -> Spec:
    """Bars that add up to the whole: one bar per item, point in time and group."""
    options = result.question.in_base
    traces = []
    for n, option in enumerate(options):
        colour = theme.ordinal(n, len(options)) if result.question.is_scale else theme.series(n)
        trace = _segment(
            result, result.rows, option, colour, {o.code: k for k, o in enumerate(options)}, 1
        )
        traces.append(trace)
    layout = _rows(traces[0]["y"], 32) | {"barmode": "stack"}
    layout["xaxis"] |= {"range": [0, 100], "ticksuffix": "%"}
    return {"data": traces, "layout": layout}
