"""Charts: a result as a plotly figure specification.

Every form takes a `Result` and gives plain lists and dicts; `figure` makes a plotly figure of
them. Two results of one question and comparison give specifications of the same traces and
categories, which differ in values only: pages swap values without redrawing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpers.codebook.model import Kind, Option, Question
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

SMALLEST_LABEL = 0.08
LINES = 4


@dataclass(frozen=True)
class Series:
    """One colour of a chart: which rows it draws and how it looks."""

    name: str
    match: tuple[tuple[str, str], ...]
    colour: str
    pattern: str = ""


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
    """Traces and layout of a result's chart."""
    draw = {"likert": _likert, "net": _net, "stacked": _stacked, "bars": _bars}
    return draw[form(result.question)](result)


def figure(result: Shares, note: str = "", words: str = "", kind: str = "") -> Chart:
    """Make a plotly figure of a result, with a note (base and provenance) below it.

    `words` replace it where it is not drawn; pictures of it say the `kind` of data in a band.
    """
    from helpers.present.figures import NOTE, Chart, Slide

    spec = specification(result)
    drawn = Chart(spec["data"], spec["layout"])
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


def _source(result: Shares) -> str:
    source = result.question.source
    return result.say("browser.source", source=source) if source else ""


def values(spec: Spec) -> list[Spec]:
    """Return what differs between two specifications of one chart, trace by trace."""
    kept = ("x", "text", "customdata", "error_x")
    return [{k: trace[k] for k in kept if k in trace} for trace in spec["data"]]


def _choices(question: Question) -> int:
    return len(question.substantive)


def _bars(result: Shares) -> Spec:
    """Bars with intervals: categories down the side, points in time or groups as colours."""
    question, table = result.question, result.rows
    category = "item" if len(question.items) > 1 else "option"
    if category == "item" and question.kind is not Kind.MULTIPLE:
        table = _pick(table, [("option", leading(question).code)])
    parts = [category] + (["group"] if result.by and question.times else [])
    series = _series(result)
    traces: list[Spec] = []
    for one in series:
        rows = _pick(table, one.match)
        shown = [_share(row["estimate"]) for row in rows]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": wrapped(one.name, 40),
                "y": _categories(result, rows, parts),
                "x": [None if p is None else p * 100 for p in shown],
                "error_x": _errors(rows),
                "text": [_label(row["estimate"], result.say) for row in rows],
                "textposition": "inside",
                "insidetextanchor": "start",
                "textangle": 0,
                "textfont": {"color": theme.ink_on(one.colour)},
                "customdata": _hover(rows, result.say),
                "hovertemplate": "%{y}<br>%{customdata}<extra>%{fullData.name}</extra>",
                "marker": {
                    "color": one.colour,
                    "pattern": {
                        "shape": one.pattern,
                        "size": 6,
                        "fgcolor": "#ffffff",
                        "fillmode": "overlay",
                    },
                },
            }
        )
    places = list(dict.fromkeys(place for trace in traces for place in trace["y"]))
    slot = _slot(places, 26 * len(series) + 14)
    layout = theme.layout(slot * len(places), legend=len(series) > 1)
    layout["xaxis"] |= {"range": [0, 100], "ticksuffix": "%"}
    layout |= {"barmode": "group", "bargap": 0.3}
    return {"data": traces, "layout": layout}


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
    shades = theme.shades([o.code for o in below[::-1]], theme.BELOW)
    shades |= theme.shades([o.code for o in above], theme.ABOVE)
    rank = {o.code: n for n, o in enumerate(options)}
    traces = []
    for option in centre:
        traces += [
            _segment(result, table, option, theme.MIDDLE, rank, sign / 2) for sign in (-1, 1)
        ]
        traces[-1]["showlegend"] = False
    for option, sign in [*((o, -1) for o in below[::-1]), *((o, 1) for o in above)]:
        traces.append(_segment(result, table, option, shades[option.code], rank, sign))
    traces.append(totals)
    layout = theme.layout(_slot(traces[0]["y"], 34) * len(traces[0]["y"]) + 20, legend=True)
    layout |= {"barmode": "relative", "bargap": 0.28}
    layout["xaxis"] |= {
        "range": [-104, 104],
        "showticklabels": False,
        "zeroline": True,
        "zerolinecolor": theme.INK,
        "showgrid": False,
    }
    words = wrapped(heading, 16)
    layout["margin"] |= {"r": 108, "t": 16 * (words.count("<br>") + 1) + 4}
    if len(traces[0]["y"]) < 2:  # the heading would leave no room for a single bar
        layout["height"] += layout["margin"]["t"]
    layout["annotations"] = [
        {
            "text": words,
            "x": 1,
            "y": 1,
            "xref": "paper",
            "yref": "paper",
            "xanchor": "left",
            "yanchor": "bottom",
            "showarrow": False,
            "align": "left",
            "font": {"size": 11},
            "name": "totals",
        }
    ]
    return {"data": traces, "layout": layout}


def _segment(
    result: Shares,
    table: Rows,
    option: Option,
    colour: str,
    rank: Mapping[str, int],
    sign: float,
) -> Spec:
    rows = _pick(table, [("option", option.code)])
    shares = [row["estimate"] for row in rows]
    shown = [_share(p) for p in shares]
    whole = abs(sign) == 1  # otherwise the middle of the scale, whose number is right of zero
    smallest = SMALLEST_LABEL if whole else 2 * SMALLEST_LABEL
    told = [_label(p, result.say, smallest) if whole or sign > 0 else "" for p in shares]
    return {
        "type": "bar",
        "orientation": "h",
        "name": wrapped(option.label, 40),
        "y": _categories(result, rows, ["item", "time", "group"]),
        "x": [None if p is None else sign * p * 100 for p in shown],
        "text": told,
        "textposition": "inside",
        "insidetextanchor": "middle" if whole else "start",
        "textangle": 0,
        "textfont": {"color": theme.ink_on(colour)},
        "customdata": _hover(rows, result.say),
        "hovertemplate": "%{y}<br>%{customdata}<extra>%{fullData.name}</extra>",
        "marker": {"color": colour},
        "legendrank": rank[option.code] + 1,
        "legendgroup": option.code,
    }


def _totals(
    result: Shares, rows: Rows, written: Callable[[Mapping[Any, Any], Catalogue], str]
) -> Spec:
    text = [written(row, result.say) for row in rows]
    return {
        "type": "scatter",
        "mode": "text",
        "cliponaxis": False,
        "showlegend": False,
        "hoverinfo": "skip",
        "textposition": "middle right",
        "textfont": {"size": 12},
        "y": _categories(result, rows, ["item", "time", "group"]),
        "x": [101] * len(rows),
        "text": text,
        "name": "totals",
    }


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
    if question.times:
        labels = [result.codebook.times.get(t, t) for t in question.times]
        return [
            Series(label, (("time", time),), theme.IN_TIME[min(n, 2)], "/" if n > 1 else "")
            for n, (time, label) in enumerate(zip(question.times, labels, strict=True))
        ]
    if result.by:
        present = list(by_group(result.rows, result.by))
        return [
            Series(
                (result.groups or {}).get(code, code),
                ((result.by, code),),
                theme.SERIES[n % len(theme.SERIES)],
                theme.PATTERNS[n % len(theme.PATTERNS)],
            )
            for n, code in enumerate(present)
        ]
    return [Series(question.label, (), theme.SERIES[0])]


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


def _label(share: float, say: Catalogue, smallest: float = SMALLEST_LABEL) -> str:
    """Write a share, rounded once; nothing where its bar has no room, or there is none."""
    return say.percent(share) if share >= smallest else ""


def _share(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)
