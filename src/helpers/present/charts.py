"""Charts: a result as a plotly figure specification.

Every form takes a `Result` and gives plain lists and dicts; `figure` makes a plotly figure of
them. Two results of one question and comparison give specifications of the same traces and
categories, which differ in values only: pages swap values without redrawing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpers.codebook.model import Favourable, Kind, Missing, Option, Question
from helpers.estimation.request import Status
from helpers.present import theme
from helpers.present.results import (
    ZERO_WIDTH,
    Rows,
    Shares,
    by_group,
    leading,
    positive_label,
    wrapped,
)
from helpers.present.theme import Spec
from helpers.words import Catalogue

if TYPE_CHECKING:
    from helpers.present.figures import Chart

LINES = 4
MOST_DOTS = 3  # on one line
COLUMN = 12  # width of a column of shares, in points of the axis
PANEL = 150  # width of a column of bars, in points of the axis
HOVER = "%{y}<br>%{customdata}<extra>%{fullData.name}</extra>"


@dataclass(frozen=True)
class Series:
    """One dot on a line, or one column of a chart: its name, and which rows it draws."""

    name: str
    match: tuple[tuple[str, str], ...]


def form(question: Question) -> str:
    """Choose the form that suits a question: ``likert``, ``net``, ``stacked`` or ``bars``."""
    if question.kind is Kind.RECOMMEND:
        return "net"
    if question.kind is Kind.GRID and question.is_scale:
        return "likert"
    if len(question.items) > 1 and question.kind is not Kind.MULTIPLE and _choices(question) > 2:
        return "stacked"
    return "bars"


def specification(result: Shares) -> Spec:
    """Traces and layout of a result's chart.

    Points in time are dots on one line, and so are up to three groups; more are columns of bars.
    Of a scale groups are compared on its upper end, each item on a line.
    """
    shape = form(result.question)
    if shape == "net":
        return _net(result)
    if shape == "stacked":
        return _stacked(result)
    if shape == "likert" and not (result.by and result.upper):
        return _likert(result)
    series = _series(result)
    draw = _bars if len(series) == 1 else _dots if len(series) <= MOST_DOTS else _columns
    return draw(result, series)


def figure(result: Shares, note: str = "", words: str = "", kind: str = "") -> Chart:
    """Make a plotly figure of a result, with a note (base and provenance) below it.

    `words` replace it where it is not drawn; pictures of it say the `kind` of data in a band.
    """
    from helpers.present.figures import NOTE, Chart, Slide

    spec = specification(result)
    drawn = Chart(spec["data"], spec["layout"] | {"shapes": _joins(spec["data"])})
    margin = spec["layout"]["margin"]
    names = [t["name"] for t in spec["data"] if t.get("showlegend", spec["layout"]["showlegend"])]
    rows = math.ceil(sum(7 * len(name) + 48 for name in names) / 760)
    above = margin["t"] + 24 * rows
    lines = wrapped(note, 76)
    below = margin["b"] + 12 + 15 * (lines.count("<br>") + 1) * bool(note)
    drawn.update_layout(
        height=spec["layout"]["height"] - margin["t"] - margin["b"] + above + below,
        meta=words or None,
        margin={"t": above, "b": below},
        legend={
            "xref": "container",
            "yref": "container",
            "y": 1,
            "yanchor": "top",
        },
    )
    if kind:
        asked, ranges = result.question, result.say("browser.range_key")
        ranged = any(trace.get("error_x") for trace in spec["data"])
        question = f"{asked.label}. {asked.wording}" + f" ├─┤ {ranges}" * ranged
        drawn._slide = Slide(kind, words, question, f"{note} {_source(result)}".strip())
    if note:
        drawn.add_annotation(
            name=NOTE,
            text=lines,
            x=0,
            xref="paper",
            xanchor="left",
            y=0,
            yref="paper",
            yanchor="top",
            yshift=-34,
            showarrow=False,
            align="left",
            font={"size": 11},
        )
    return drawn


def _joins(traces: Sequence[Spec]) -> list[Spec]:
    """Lines between the dots of a row: through time dotted towards what is expected."""
    dots = [trace for trace in traces if trace.get("mode") == "markers"]
    joins: list[Spec] = []
    for n, (then, now) in enumerate(zip(dots, dots[1:], strict=False)):
        look: Spec = {"color": theme.GRID, "width": 2}
        if now["meta"] == "moment":
            look = {"color": now["marker"]["color"], "width": 2.5, "dash": "dot" if n else "solid"}
        joins += [
            {"type": "line", "layer": "between", "line": look, "x0": a, "x1": b, "y0": y, "y1": y}
            for a, b, y in zip(then["x"], now["x"], now["y"], strict=True)
            if a is not None and b is not None
        ]
    return joins


def _source(result: Shares) -> str:
    source = result.question.source
    return result.say("browser.source", source=source) if source else ""


def values(spec: Spec) -> list[Spec]:
    """Return what differs between two specifications of one chart, trace by trace."""
    kept = ("x", "text", "customdata", "error_x")
    return [{k: trace[k] for k in kept if k in trace} for trace in spec["data"]]


def _choices(question: Question) -> int:
    return len(question.substantive)


def _compared(result: Shares) -> tuple[Rows, list[str]]:
    """Rows that bars and dots draw, and what tells their places apart."""
    question, table = result.question, result.rows
    if form(question) == "likert":
        assert result.upper is not None
        return result.upper, ["item", "time"]
    category = "item" if len(question.items) > 1 else "option"
    one_number = category == "option" and len(question.in_base) == 2 and leading(question).score
    if one_number or (category == "item" and question.kind is not Kind.MULTIPLE):
        table = _pick(table, [("option", leading(question).code)])
    return table, [category, *(["group"] if result.by and question.times else [])]


def _bars(result: Shares, series: list[Series]) -> Spec:
    """Bars with intervals: categories down the side, each share with its range at the right."""
    rows, parts = _compared(result)
    (one,) = series
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": wrapped(one.name, 40),
        "y": _categories(result, rows, parts),
        **_values(rows, result.say),
        "error_x": _errors(rows),
        "hovertemplate": HOVER,
        "marker": {"color": theme.SERIES[0]},
    }
    numbers = _numbers(bars["name"], bars["y"], 101, [_with_interval(r, result.say) for r in rows])
    numbers["textposition"] = "middle right"
    layout = theme.layout(_slot(bars["y"], 34) * len(bars["y"]), legend=False)
    layout |= {"bargap": 0.36}
    layout["xaxis"] |= _axis(17)
    _name_answer(result, layout)
    _sort(result, parts, layout, [rows], bars["y"])
    _head(layout, [(101, wrapped(result.say("chart.shares"), 14), "left")])
    return {"data": [bars, numbers], "layout": layout}


def _dots(result: Shares, series: list[Series]) -> Spec:
    """Dots with intervals: points in time or groups on one line, their shares at the right."""
    table, parts = _compared(result)
    moments = bool(result.question.times) and form(result.question) != "likert"
    now = min(1, len(series) - 1)
    dots: list[Spec] = []
    numbers: list[Spec] = []
    drawn: list[Rows] = []
    heads = []
    for n, one in enumerate(series):
        rows = _pick(table, one.match)
        name, y = wrapped(one.name, 40), _categories(result, rows, parts)
        mark = theme.MOMENTS[n if n <= now else 2] if moments else theme.GROUPS[n]
        dot = {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "meta": "moment" if moments else "group",
            "y": y,
            **_values(rows, result.say),
            "hovertemplate": HOVER,
            "cliponaxis": False,
            "marker": {"symbol": mark.symbol, "size": 12, "color": mark.colour, "opacity": 1}
            | {"line": {"width": 2, "color": mark.colour}},
        }
        if not moments or n == now:
            shade = {"color": mark.shade, "thickness": mark.thickness, "width": 0}
            dot["error_x"] = _errors(rows) | shade
        at = 106 + COLUMN * n
        dots.append(dot)
        told = [result.say.percent(r["estimate"]) or _with_interval(r, result.say) for r in rows]
        numbers.append(_numbers(name, y, at, told, mark.colour))
        heads.append((at, wrapped(one.name, 12, 3), "center"))
        drawn.append(rows)
    places = list(dict.fromkeys(place for dot in dots for place in dot["y"]))
    layout = theme.layout(_slot(places, 40) * len(places), legend=True)
    layout["xaxis"] |= _axis(6 + COLUMN * len(series))
    order = [drawn[now]] if moments else drawn
    _name_answer(result, layout)
    _sort(result, parts, layout, order, places)
    _head(layout, heads)
    return {"data": [*dots, *numbers], "layout": layout}


def _columns(result: Shares, series: list[Series]) -> Spec:
    """Bars in columns, one column a group, each bar with its share."""
    table, parts = _compared(result)
    traces: list[Spec] = []
    drawn: list[Rows] = []
    heads = []
    for n, one in enumerate(series):
        rows = _pick(table, one.match)
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": wrapped(one.name, 40),
                "showlegend": False,
                "y": _categories(result, rows, parts),
                "base": PANEL * n,
                **_values(rows, result.say),
                "text": [
                    result.say.percent(r["estimate"]) or _with_interval(r, result.say) for r in rows
                ],
                "textposition": "outside",
                "cliponaxis": False,
                "hovertemplate": HOVER,
                "marker": {"color": theme.SERIES[0]},
            }
        )
        heads.append((PANEL * n, wrapped(one.name, max(8, 90 // len(series)), 4), "left"))
        drawn.append(rows)
    places = list(dict.fromkeys(place for trace in traces for place in trace["y"]))
    layout = theme.layout(_slot(places, 34) * len(places), legend=False)
    layout |= {"barmode": "overlay", "bargap": 0.36}
    layout["xaxis"] |= {
        "range": [0, PANEL * len(series)],
        "tickvals": [PANEL * n for n in range(len(series))],
        "showticklabels": False,
    }
    _name_answer(result, layout)
    _sort(result, parts, layout, drawn, places)
    _head(layout, heads)
    return {"data": traces, "layout": layout}


def _values(rows: Rows, say: Catalogue) -> Spec:
    shown = [_share(row["estimate"]) for row in rows]
    return {"x": [None if p is None else p * 100 for p in shown], "customdata": _hover(rows, say)}


def _numbers(name: str, y: list[str], at: float, text: list[str], colour: str = theme.INK) -> Spec:
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


def _axis(beside: float) -> Spec:
    """Show per cent along the axis, with room beside it."""
    ticks = [0, 25, 50, 75, 100]
    written = {"tickvals": ticks, "ticktext": [f"{tick}%" for tick in ticks]}
    return {"range": [0, 100 + beside], "showline": False, **written}


def _head(layout: Spec, heads: Iterable[tuple[float, str, str]]) -> None:
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
            "font": {"size": 11},
            "name": "column",
        }
        for at, words, anchor in heads
    ]
    lines = max(note["text"].count("<br>") + 1 for note in layout["annotations"])
    layout["margin"] |= {"t": 16 * lines + 4}
    layout["height"] += 16 * lines


def _name_answer(result: Shares, layout: Spec) -> None:
    """Write below the axis which answer is drawn, if the places do not say."""
    question = result.question
    if form(question) == "likert":
        answer = positive_label(question, result.say)
    elif len(question.items) > 1 and question.kind is not Kind.MULTIPLE:
        answer = leading(question).label
    else:
        return
    layout["xaxis"]["title"] = {"text": wrapped(answer, 70), "font": {"size": 12}}
    layout["height"] += 22


def _sort(
    result: Shares, parts: list[str], layout: Spec, drawn: Sequence[Rows], places: list[str]
) -> None:
    """Put answers without an order of their own by size; what answers nothing comes last."""
    question = result.question
    if len(parts) > 1 or not _unordered(question):
        return
    sizes = dict.fromkeys(places, 0.0)
    aside: set[str] = set()
    last = tuple(result.say.each("last").values())
    missing = {o.code for o in question.in_base if o.missing is not Missing.NO}
    for rows in drawn:
        for place, row in zip(_categories(result, rows, parts), rows, strict=True):
            sizes[place] += -1 if math.isnan(row["estimate"]) else row["estimate"]
            if row["option"] in missing or result.label(row, parts[0]).lower().startswith(last):
                aside.add(place)

    def rank(place: str) -> tuple[bool, float]:
        return place in aside, -sizes[place]

    layout["yaxis"] |= {"categoryorder": "array", "categoryarray": sorted(places, key=rank)}


def _unordered(question: Question) -> bool:
    """Return whether answers have no order of their own: boxes, or options off any scale."""
    if question.kind is Kind.MULTIPLE:
        return len(question.items) > 1
    labels = [option.label for option in question.substantive]
    numbered = sum(any(c.isdigit() for c in label) for label in labels)
    scored = any(option.score is not None for option in question.substantive)
    return len(question.items) < 2 and not scored and numbered * 2 < len(labels)


def _likert(result: Shares) -> Spec:
    """Bars that diverge from the middle of the scale, with the upper end summed at the right."""
    assert result.upper is not None
    say = result.say
    words = say("chart.upper", answers=positive_label(result.question, say))
    return _diverging(result, words, _totals(result, result.upper, _with_interval))


def _net(result: Shares) -> Spec:
    """Detractors to the left, promoters to the right, one bar per group, with the net beside it."""
    assert result.nets is not None
    return _diverging(result, result.say("chart.net"), _totals(result, result.nets, _points))


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
    layout = theme.layout(_slot(traces[0]["y"], 34) * len(traces[0]["y"]) + 20, legend=True)
    layout |= {"barmode": "relative", "bargap": 0.28}
    layout["xaxis"] |= {
        "range": [low - 2, high + 4],
        "showticklabels": False,
        "zeroline": True,
        "zerolinecolor": theme.INK,
        "showgrid": False,
    }
    layout["margin"] |= {"r": 108}
    _head(layout, [(beside, wrapped(heading, 16), "left")])
    return {"data": traces, "layout": layout}


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
    rows = _pick(table, [("option", option.code)])
    half = abs(sign) < 1  # of the middle of a scale: the number is at its centre
    written = _values(rows, result.say)
    told = [result.say.percent(row["estimate"]) if row["estimate"] > 0 else "" for row in rows]
    return {
        "type": "bar",
        "orientation": "h",
        "name": wrapped(option.label, 40),
        **({"meta": "half"} if half else {}),
        "y": _categories(result, rows, ["item", "time", "group"]),
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
    y = _categories(result, rows, ["item", "time", "group"])
    totals = _numbers("totals", y, 101, [written(row, result.say) for row in rows])
    return totals | {"textposition": "middle right"}


def _stacked(result: Shares) -> Spec:
    """Bars that add up to the whole: one bar per item, point in time and group."""
    options = result.question.in_base
    traces = []
    for n, option in enumerate(options):
        colour = (
            theme.ordinal(n, len(options))
            if result.question.is_scale
            else theme.SERIES[n % len(theme.SERIES)]
        )
        trace = _segment(
            result, result.rows, option, colour, {o.code: k for k, o in enumerate(options)}, 1
        )
        traces.append(trace)
    layout = theme.layout(_slot(traces[0]["y"], 32) * len(traces[0]["y"]) + 20, legend=True)
    layout |= {"barmode": "stack", "bargap": 0.28}
    layout["xaxis"] |= {"range": [0, 100], "ticksuffix": "%"}
    return {"data": traces, "layout": layout}


def _series(result: Shares) -> list[Series]:
    question = result.question
    if question.times and not (result.by and form(question) == "likert"):
        labels = [result.codebook.times.get(t, t) for t in question.times]
        pairs = zip(question.times, labels, strict=True)
        return [Series(label, (("time", time),)) for time, label in pairs]
    if result.by:
        present = list(by_group(result.rows, result.by))
        labels = [(result.groups or {}).get(code, code) for code in present]
        pairs = zip(present, labels, strict=True)
        return [Series(label, ((result.by, code),)) for code, label in pairs]
    return [Series(question.label, ())]


def _pick(rows: Rows, match: Iterable[tuple[str, str]]) -> Rows:
    for column, code in match:
        rows = [row for row in rows if row[column] == code]
    return rows


def _categories(result: Shares, rows: Rows, parts: list[str]) -> list[str]:
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


def _slot(labels: list[str], least: int) -> int:
    """Height in pixels that each place needs for its label."""
    return max([least, *(17 * (label.count("<br>") + 1) + 6 for label in labels)])


def _errors(rows: Rows) -> Spec:
    up = [_share(row["ci_high"] - row["estimate"]) for row in rows]
    down = [_share(row["estimate"] - row["ci_low"]) for row in rows]
    return {
        "type": "data",
        "symmetric": False,
        "thickness": 1.4,
        "width": 4,
        "color": theme.INK,
        "array": [u and u * 100 for u in up],
        "arrayminus": [d and d * 100 for d in down],
    }


def _hover(rows: Rows, say: Catalogue) -> list[str]:
    return [
        _with_interval(row, say)
        if row["status"] in (Status.HIDDEN, Status.NOT_ASKED)
        else f"{_with_interval(row, say)}<br>{say('chart.base', n=row['n'])}"
        for row in rows
    ]


def _with_interval(row: Mapping[Any, Any], say: Catalogue) -> str:
    if math.isnan(row["estimate"]):
        words = {Status.HIDDEN: say("table.hidden"), Status.NOT_ASKED: say("table.not_asked")}
        return words.get(row["status"], say("format.none"))
    ends = {"low": say.hundredths(row["ci_low"]), "high": say.percent(row["ci_high"])}
    return say("chart.share", share=say.percent(row["estimate"]), range=say("format.range", **ends))


def _points(row: Mapping[Any, Any], say: Catalogue) -> str:
    if math.isnan(row["estimate"]):
        return _with_interval(row, say)
    low, high = (say.points(row[end]) for end in ("ci_low", "ci_high"))
    return say("chart.points", points=say.points(row["estimate"]), low=low, high=high)


def _share(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)
