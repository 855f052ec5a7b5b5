"""Charts: a result as a plotly figure specification.

Every form takes a `Result` and gives plain lists and dicts; `figure` makes a plotly figure of
them. Two results of one question and comparison give specifications of the same traces and
categories, which differ in values only: pages swap values without redrawing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.codebook.model import Kind, Missing, Question, Sort
from helpers.estimation.request import Row
from helpers.present import theme
from helpers.present.chart_parts import (
    HOVER,
    axis,
    categories,
    gap,
    hover,
    mean,
    noted,
    pick,
    places_of,
    ranges_of,
    slot,
    text_column,
    values_of,
    with_interval,
    write_heads,
)
from helpers.present.formats import legend_rows, wrapped
from helpers.present.histograms import histogram
from helpers.present.key_answers import leading, positive, positive_label, stands_for_both
from helpers.present.pictures import ticks
from helpers.present.results import Rows, Shares, by_group, stated
from helpers.present.stacked_charts import likert, net, stacked
from helpers.present.styling import chosen, styled
from helpers.present.theme import Spec
from helpers.present.trends import FEWEST, TrendLine, trend
from helpers.words import Catalogue, sentences

if TYPE_CHECKING:
    from helpers.present.figures import Chart

MOST_DOTS = 3  # on one line
MANY = 25  # answers: few scales have more
COLUMN = 12  # width of a column of shares, in points of the axis
PANEL = 150  # width of a column of bars, in points of the axis


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
    Of a scale groups are compared on its upper end, each item on a line. A numeric scale by itself
    is a histogram; by groups its means are dots, or its upper end where a mean is hidden. Four
    waves or more are lines. Groups of too few answers have a mark.
    """
    result = result.marked
    if result.question.is_numeric_scale and not result.by:
        return histogram(result)
    shape = form(result.question)
    if shape != "stacked" and _through_time(result):
        return _lines(result)
    if result.question.is_numeric_scale and (groups := _of_groups(result)):
        return _one_number(result, *groups)
    if shape == "net":
        return net(result)
    if shape == "stacked":
        return stacked(result)
    if shape == "likert" and not (result.by and result.upper):
        return likert(result)
    series = _series(result)
    draw = _bars if len(series) == 1 else _dots if len(series) <= MOST_DOTS else _columns
    return draw(result, series)


def figure(result: Shares, note: str = "", words: str = "", kind: str = "") -> Chart:
    """Make a plotly figure of a result, with a note (base and provenance) below it.

    `words` replace it where it is not drawn; pictures of it say the `kind` of data in a band.
    """
    return drawn(specification(result), result.question, result.say, note, words, kind)


def drawn(
    spec: Spec, asked: Question, say: Catalogue, note: str = "", words: str = "", kind: str = ""
) -> Chart:
    """Make a plotly figure of a specification; the parameters are those of `figure`."""
    from helpers.present.figures import Chart, Slide

    spec = styled(spec, chosen())
    data, layout = spec["data"], spec["layout"]
    margin = layout["margin"]
    names = [t["name"] for t in data if t.get("showlegend", layout["showlegend"])]
    rows = legend_rows(names, 760, 7) if names else 0
    above = margin["t"] + 24 * rows
    layout |= noted(layout, note)
    placed = {"xref": "container", "yref": "container", "y": 1, "yanchor": "top"}
    # Whole before it is made: plotly takes as long over each change as over all of them.
    more = {
        "shapes": _joins(data),
        "height": layout["height"] - margin["t"] + above,
        "meta": words or None,
        "autotypenumbers": "strict",  # answers such as "1" are names of rows
        "margin": layout["margin"] | {"t": above},
        "legend": layout.get("legend", {}) | placed,
    }
    made = Chart(data, layout | more)
    if kind:
        bars = [t["error_x"] for t in data if t.get("error_x") and t.get("meta") != "mean"]
        shaded = any(not bar.get("width", 1) for bar in bars)
        ranges = say("browser.shaded") if shaded else f"├─┤ {say('browser.range_key')}"
        begun = asked.label.partition("…")[0] in asked.wording  # a label is often cut out of it
        question = asked.wording if begun else sentences(asked.label, asked.wording)
        question += f" {ranges}" * bool(bars)
        source = say("browser.source", source=asked.source) if asked.source else ""
        made._slide = Slide(kind, words, question, f"{note} {source}".strip())
    return made


def _joins(traces: Sequence[Spec]) -> list[Spec]:
    """Lines between the dots of a row: through time dotted towards what is expected."""
    dots = [trace for trace in traces if trace.get("mode") == "markers"]
    joins: list[Spec] = []
    for n, (then, now) in enumerate(zip(dots, dots[1:], strict=False)):
        look: Spec = {"color": theme.GRID, "width": 2}
        if now["meta"] == "moment":
            look = {"color": now["marker"]["color"], "width": 2.5, "dash": "dot" if n else "solid"}
        before = dict(zip(then["y"], then["x"], strict=True))
        joins += [
            {"type": "line", "layer": "between", "line": look, "x0": a, "x1": b, "y0": y, "y1": y}
            for y, b in zip(now["y"], now["x"], strict=True)
            if (a := before.get(y)) is not None and b is not None
        ]
    return joins


def values(spec: Spec) -> list[Spec]:
    """Return what differs between two specifications of one chart, trace by trace."""
    kept = ("text", "customdata", "error_x", "error_y")
    return [
        {k: trace[k] for k in ("y" if _upright(trace) else "x", *kept) if k in trace}
        for trace in spec["data"]
    ]


def _upright(trace: Spec) -> bool:
    return any(isinstance(place, str) for place in trace["x"])


def _choices(question: Question) -> int:
    return len(question.substantive)


def _compared(result: Shares) -> tuple[Rows, list[str]]:
    """Rows that bars and dots draw, and what tells their places apart."""
    question, table = result.question, result.rows
    if form(question) == "likert":
        assert result.upper is not None
        return result.upper, ["item", "time"]
    category = "item" if len(question.items) > 1 else "option"
    one_number = category == "option" and stands_for_both(question, result.say)
    if one_number or (category == "item" and question.kind is not Kind.MULTIPLE):
        table = pick(table, [("option", leading(question).code)])
    return table, [category, *(["group"] if result.by and question.times else [])]


def _bars(result: Shares, series: list[Series]) -> Spec:
    """Bars with intervals: categories down the side, each share with its range at the right."""
    rows, parts = _compared(result)
    (one,) = series
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": wrapped(one.name, 40),
        "y": categories(result, rows, parts),
        **values_of(rows, result.say),
        "error_x": ranges_of(rows),
        "hovertemplate": HOVER,
        "marker": {"color": theme.SERIES[0]},
    }
    numbers = text_column(
        bars["name"], bars["y"], 101, [with_interval(r, result.say) for r in rows]
    )
    numbers["textposition"] = "middle right"
    layout = _rows(_order(result, parts, [rows], bars["y"]), 34, legend=False)
    layout["xaxis"] |= axis(17)
    _name_answer(result, layout)
    write_heads(layout, [(101, wrapped(result.say("chart.shares"), 14), "left")])
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
        rows = pick(table, one.match)
        name, y = wrapped(one.name, 40), categories(result, rows, parts)
        mark = theme.MOMENTS[n if n <= now else 2] if moments else theme.GROUPS[n]
        dot = {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "meta": "moment" if moments else "group",
            "y": y,
            **values_of(rows, result.say),
            "hovertemplate": HOVER,
            "cliponaxis": False,
            "marker": {"symbol": mark.symbol, "size": 12, "color": mark.colour, "opacity": 1}
            | {"line": {"width": 2, "color": mark.colour}},
        }
        if not moments or n == now:
            shade = {"color": mark.shade, "thickness": mark.thickness, "width": 0}
            dot["error_x"] = ranges_of(rows) | shade
        at = 106 + COLUMN * n
        dots.append(dot)
        told = [result.say.percent(r["estimate"]) or with_interval(r, result.say) for r in rows]
        numbers.append(text_column(name, y, at, told, mark.colour))
        heads.append((at, _headed(one.name, 12), "center"))
        drawn.append(rows)
    places = list(dict.fromkeys(place for dot in dots for place in dot["y"]))
    order = _order(result, parts, [drawn[now]] if moments else drawn, places)
    layout = _rows(order, 40, legend=True)
    layout["xaxis"] |= axis(6 + COLUMN * len(series))
    _name_answer(result, layout)
    write_heads(layout, heads)
    return {"data": [*dots, *numbers], "layout": layout}


def _of_groups(result: Shares) -> tuple[str, Rows] | None:
    """Name the one number of each group of a scale: its mean, or else its upper end."""
    means, upper = result.means or [], result.upper or []
    if means and len(stated(means)) == len(means):
        return "mean", means
    return ("upper", upper) if stated(upper) else None


def _one_number(result: Shares, kind: str, rows: Rows) -> Spec:
    """Dots with ranges: one number of each group, up to three groups on one line."""
    say = result.say
    scores = [o.score or 0.0 for o in result.question.in_base]
    first, last, size, suffix, name = min(scores), max(scores), 1, "", say("table.mean")
    if kind == "upper":
        first, last, size, suffix = 0.0, 100.0, 100, "%"
        name = positive_label(result.question, say)
    part = (last - first) / 100
    at = ticks(first, last, 10 if kind == "mean" else 4)
    ticked = {"tickvals": at, "ticktext": [f"{tick:g}{suffix}" for tick in at]}
    if len(rows) <= MOST_DOTS:
        drawn = [_a_group(result, kind, n, row, last, part) for n, row in enumerate(rows)]
        layout = _rows((drawn[0][0]["y"], False), 40, legend=True)
        beside = 6 + COLUMN * len(rows)
        heads = [(number["x"][0], _headed(dot["name"], 12), "center") for dot, number in drawn]
        data = [dot for dot, _ in drawn] + [number for _, number in drawn]
    else:
        head = say("chart.means") if kind == "mean" else say("chart.shares")
        told = [mean(row, say) if kind == "mean" else with_interval(row, say) for row in rows]
        y = categories(result, rows, ["group"])
        dots = _dot(name, y, rows, size, theme.GROUPS[0])
        dots |= {"customdata": told if kind == "mean" else hover(rows, say)}
        numbers = text_column(name, y, last + 2 * part, told) | {"textposition": "middle right"}
        layout = _rows((y, False), 34, legend=False)
        beside, heads = 17, [(last + 2 * part, wrapped(head, 14), "left")]
        data = [dots, numbers]
    layout["xaxis"] |= {"range": [first, last + beside * part], "showline": False} | ticked
    if kind == "upper" or len(rows) <= MOST_DOTS:
        layout["xaxis"]["title"] = {"text": wrapped(name, 70), "font": {"size": 12}}
        layout["height"] += 22
    write_heads(layout, heads)
    return {"data": data, "layout": layout}


def _a_group(
    result: Shares, kind: str, n: int, row: Row, last: float, part: float
) -> tuple[Spec, Spec]:
    """Draw the dot of a group, and its number in a column beside the drawing."""
    say, mark = result.say, theme.GROUPS[n]
    name, y = wrapped(result.label(row, "group"), 40), categories(result, [row], [])
    dot = _dot(name, y, [row], 1 if kind == "mean" else 100, mark)
    dot |= {"customdata": [mean(row, say)] if kind == "mean" else hover([row], say)}
    told = say.tenths(row["estimate"]) if kind == "mean" else say.percent(row["estimate"])
    at = round(last + (6 + COLUMN * n) * part, 4)
    return dot, text_column(name, y, at, [told or with_interval(row, say)], mark.colour)


def _dot(name: str, y: list[str], rows: Rows, size: int, mark: theme.Mark) -> Spec:
    """Dots of groups with shaded ranges."""
    shade = {"color": mark.shade, "thickness": mark.thickness, "width": 0}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "meta": "group",
        "y": y,
        "x": places_of(rows, size),
        "error_x": ranges_of(rows, size) | shade,
        "hovertemplate": HOVER,
        "cliponaxis": False,
        "marker": {"symbol": mark.symbol, "size": 12, "color": mark.colour, "opacity": 1}
        | {"line": {"width": 2, "color": mark.colour}},
    }


def _through_time(result: Shares) -> bool:
    """Return whether so many waves are side by side that their shares are lines."""
    if not result.by or result.by != result.codebook.wave_dimension or result.question.times:
        return False
    return len(by_group(result.rows, result.by)) >= FEWEST


def through_time(result: Shares) -> Spec:
    """Draw waves as lines, however few; parts of a whole stay as they are."""
    if form(result.question) == "stacked":
        return specification(result)
    return _lines(result.marked)


def _lines(result: Shares) -> Spec:
    """Lines through waves: of each answer, or of a total of each item; of a scale its mean."""
    question, say = result.question, result.say
    labels = result.groups or {}
    if stated(result.means or []):
        lines = [TrendLine(say("table.mean"), result.means or [], "mean")]
        lines += [TrendLine(positive_label(question, say), result.upper)] if result.upper else []
        return trend(lines, range(len(lines)), result.by, labels, say)
    rows, parts = _compared(result)
    part = parts[0]
    of: dict[str, Rows] = {}
    for row in rows:
        of.setdefault(row[part], []).append(row)
    lines = [TrendLine(result.label(held[0], part) or question.label, held) for held in of.values()]
    last = [line.rows[-1] for line in lines]
    places = categories(result, last, parts)
    order, _ = _order(result, parts, [last], places)
    ranks = [order.index(place) for place in places]
    total = None
    if result.nets is not None:
        total = TrendLine(say("table.net"), result.nets, "net")
    elif part == "option" and result.upper and len(positive(question)) > 1:
        total = TrendLine(positive_label(question, say), result.upper)
    if total is None:
        return trend(lines, ranks, result.by, labels, say)
    ranks = [0, *(rank + 1 for rank in ranks)]
    return trend([total, *lines], ranks, result.by, labels, say)


def _columns(result: Shares, series: list[Series]) -> Spec:
    """Bars in columns, one column a group, each bar with its share."""
    table, parts = _compared(result)
    traces: list[Spec] = []
    drawn: list[Rows] = []
    heads = []
    for n, one in enumerate(series):
        rows = pick(table, one.match)
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": wrapped(one.name, 40),
                "showlegend": False,
                "y": categories(result, rows, parts),
                "base": PANEL * n,
                **values_of(rows, result.say),
                "text": [
                    result.say.percent(r["estimate"]) or with_interval(r, result.say) for r in rows
                ],
                "textposition": "outside",
                "cliponaxis": False,
                "hovertemplate": HOVER,
                "marker": {"color": theme.SERIES[0]},
            }
        )
        heads.append((PANEL * n, _headed(one.name, 90 // len(series)), "left"))
        drawn.append(rows)
    places = list(dict.fromkeys(place for trace in traces for place in trace["y"]))
    layout = _rows(_order(result, parts, drawn, places), 34, legend=False)
    layout |= {"barmode": "overlay"}
    layout["xaxis"] |= {
        "range": [0, PANEL * len(series)],
        "tickvals": [PANEL * n for n in range(len(series))],
        "showticklabels": False,
    }
    _name_answer(result, layout)
    write_heads(layout, heads)
    return {"data": traces, "layout": layout}


def _headed(name: str, width: int) -> str:
    """Break the name of a column into lines, but no word."""
    return wrapped(name, max(8, width, *map(len, name.split())))


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


def _rows(order: tuple[list[str], bool], least: int, legend: bool) -> Spec:
    """Layout of places down the side, in an order that is their own or not."""
    places, sorted_ = order
    place = slot(places, least)
    layout = theme.layout(place * len(places), legend)
    layout |= {"bargap": gap(place, 0.36)}
    # Else plotly leaves room above and below for words beside bars: as much as a twentieth of all.
    # Names of places such as years are not dates.
    layout["yaxis"] |= {"type": "category", "autorange": False, "range": [len(places) - 0.5, -0.5]}
    if sorted_:
        layout["yaxis"] |= {"categoryorder": "array", "categoryarray": places}
    return layout


def _order(
    result: Shares, parts: list[str], drawn: Sequence[Rows], places: list[str]
) -> tuple[list[str], bool]:
    """Put answers without an order of their own by size; what answers nothing comes last.

    Returns
    -------
    Places from the top, and whether they are sorted.
    """
    question = result.question
    if len(parts) > 1 or not _unordered(question):
        return places, False
    sizes = dict.fromkeys(places, 0.0)
    aside: set[str] = set()
    last = tuple(result.say.each("last").values())
    missing = {o.code for o in question.in_base if o.missing is not Missing.NO}
    for rows in drawn:
        for place, row in zip(categories(result, rows, parts), rows, strict=True):
            sizes[place] += -1 if math.isnan(row["estimate"]) else row["estimate"]
            if row["option"] in missing or result.label(row, parts[0]).lower().startswith(last):
                aside.add(place)

    def rank(place: str) -> tuple[bool, float]:
        return place in aside, -sizes[place]

    return sorted(places, key=rank), True


def _unordered(question: Question) -> bool:
    """Return whether answers have no order of their own: boxes, or options off any scale."""
    if question.sort is not Sort.AUTO:
        return question.sort is Sort.SIZE
    if question.kind is Kind.MULTIPLE:
        return len(question.items) > 1
    labels = [option.label for option in question.substantive]
    scored = any(option.score is not None for option in question.substantive)
    return len(question.items) < 2 and not scored and not _by_number(labels)


def _by_number(labels: list[str]) -> bool:
    """Return whether most labels have a number; numbers of a long list must go up or down, too."""
    numbers = [int(found.group()) for label in labels if (found := re.search(r"\d+", label))]
    ordered = numbers in (sorted(numbers), sorted(numbers, reverse=True))
    return len(numbers) * 2 >= len(labels) and (len(labels) <= MANY or ordered)


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
