"""Charts that PowerPoint draws itself, so that they can be edited, made from ours.

Bars, parts of a whole, dots, columns and lines through time have a form there. Ranges are error
bars. Columns of numbers beside a drawing are labels of points or bars that are not seen.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, TypeAlias

from lxml import etree
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.oxml import parse_xml
from pptx.util import Pt

from helpers.present.formats import ZERO_WIDTH
from helpers.present.theme import GRID, INK, Spec

Trace: TypeAlias = Mapping[str, Any]
LINES, LABELLED = 6, 2  # through time in one drawing; with every number written
BESIDE = 0.26  # of the axis: numbers at the right of bars
THICK = 620_000  # EMU of a bar at most
NAMES = 0.3  # of the width: names of rows beside dots
INNER = (0.03, 0.87)  # where the rows of dots begin, and how high they are, as parts of a chart
LETTER = 0.5  # width of a letter on average, as a part of the size of the type
LABELS = 0.34  # of the width of a chart, for the names of its rows at most
SEEN = 0.035  # least share whose number fits into its bar
SIGNS = {"circle": "●", "diamond": "◆", "square": "■"}
MARKERS = {
    "circle": XL_MARKER_STYLE.CIRCLE,
    "diamond": XL_MARKER_STYLE.DIAMOND,
    "square": XL_MARKER_STYLE.SQUARE,
}
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_NS = f'xmlns:c="{_C}" xmlns:a="{_A}"'


@dataclass(frozen=True)
class Box:
    """A place on a slide, in EMU."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class NativeChart:
    """A chart on a slide: its frame, and what is written beside it.

    Attributes
    ----------
    key : sign, colour and name of each series
    heads : of columns of numbers: left and width in parts of the chart, and words
    names : of rows, where the chart has no axis of names: middle and height in parts, and words
    """

    frame: Any
    key: tuple[tuple[str, str, str], ...] = ()
    heads: tuple[tuple[float, float, str], ...] = ()
    names: tuple[tuple[float, float, str], ...] = ()


def form(spec: Spec) -> str:
    """Name the form that PowerPoint has for a chart; empty where it has none."""
    traces, layout = spec["data"], spec["layout"]
    bars = [t for t in traces if t.get("type") == "bar"]
    if traces and traces[0].get("meta") == "histogram":
        return "columns"
    if traces and traces[0].get("meta") == "trend":
        units = {t.get("legendgroup") for t in traces}
        return "lines" if len(traces) <= LINES and units == {"shares"} else ""
    if any(trace.get("base") for trace in bars):
        return ""
    if bars and layout.get("barmode") == "relative":
        return "diverging"
    if bars and layout.get("barmode") == "stack":
        return "stacked"
    if len(bars) == 1:
        return "bars"
    dots = [t for t in traces if t.get("mode") == "markers"]
    return "dots" if dots and not bars and _per_cent(spec) else ""


def _per_cent(spec: Spec) -> bool:
    return spec["layout"]["xaxis"].get("tickvals") == [0, 25, 50, 75, 100]


def add(slide: Any, spec: Spec, box: Box, alt: str) -> NativeChart | None:
    """Draw a chart on a slide; None where PowerPoint has no form for it."""
    draw: dict[str, Callable[[Any, Spec, Box], NativeChart]] = {
        "bars": _bars,
        "diverging": _diverging,
        "stacked": _stacked,
        "dots": _dots,
        "columns": _columns,
        "lines": _lines,
    }
    if not (name := form(spec)):
        return None
    made = draw[name](slide, spec, box)
    about = made.frame._element.nvGraphicFramePr.cNvPr
    about.set("descr", alt)
    return made


def plain(text: str) -> str:
    """Return a label without what breaks its lines and tells it apart."""
    words = unescape(re.sub(r"<br>", " ", str(text)))
    return re.sub(r"<[^>]+>", "", words).replace(ZERO_WIDTH, "")


def _rows(spec: Spec) -> list[str]:
    """Places from the top; equal labels stay apart by what is not seen."""
    places = [y for trace in spec["data"] for y in trace.get("y", ())]
    known = spec["layout"].get("yaxis", {}).get("categoryarray") or ()
    there = dict.fromkeys(places)
    return [*dict.fromkeys([*(place for place in known if place in there), *places])]


def _along(trace: Trace, rows: Sequence[str], values: Sequence[Any]) -> list[Any]:
    of = dict(zip(trace["y"], values, strict=True))
    return [of.get(row) for row in rows]


def _share(value: Any) -> float | None:
    return None if value is None else round(value / 100, 6)


def _texts(spec: Spec, rows: Sequence[str]) -> list[str]:
    """Numbers that stand at the right of rows; none where there is no such column."""
    column = next((t for t in spec["data"] if t.get("meta") == "column"), None)
    if column is None:
        return []
    return [_unbroken(plain(text or "")) for text in _along(column, rows, column["text"])]


def _unbroken(text: str) -> str:
    """Keep a share and its range on one line."""
    return text.replace(" ", "\u00a0").replace("–", "\u2060–\u2060")


def _head(spec: Spec) -> str:
    notes = spec["layout"].get("annotations", ())
    return next((plain(note["text"]) for note in notes if note.get("name") == "column"), "")


def _bars(slide: Any, spec: Spec, box: Box) -> NativeChart:
    """Bars side on with ranges; the numbers are labels of bars that are not seen."""
    rows, trace = _rows(spec), next(t for t in spec["data"] if t.get("type") == "bar")
    shares = [_share(x) for x in _along(trace, rows, trace["x"])]
    texts = _texts(spec, rows)
    series = [(plain(trace["name"]), shares)]
    beyond = [1 + BESIDE - (share or 0) for share in shares]
    chart, frame = _stack(slide, box, rows, [*series, (_head(spec), beyond)])
    _axes(chart, 0, 1 + BESIDE)
    visible, spacer = chart.plots[0].series
    _filled(visible, trace["marker"]["color"])
    if ranges := trace.get("error_x"):
        _errors(visible, trace, rows, ranges, "y")
    _labelled(spacer, texts, XL_LABEL_POSITION.INSIDE_END)
    return NativeChart(frame, heads=((0.66, 0.34, _head(spec)),))


def _diverging(slide: Any, spec: Spec, box: Box) -> NativeChart:
    """Parts of a scale to both sides of its middle, and the upper end summed at the right."""
    rows = _rows(spec)
    traces = [t for t in spec["data"] if t.get("type") == "bar"]
    values = [[_share(x) for x in _along(t, rows, t["x"])] for t in traces]
    series = [(plain(t["name"]), held) for t, held in zip(traces, values, strict=True)]
    texts, rights = _texts(spec, rows), [0.0] * len(rows)
    lefts = list(rights)
    for held in values:
        for n, value in enumerate(held):
            rights[n] += max(value or 0, 0)
            lefts[n] += min(value or 0, 0)
    low, high = min(lefts), max(rights)
    room = BESIDE * (high - low) * 1.15
    beyond = [high + room - right for right in rights]
    chart, frame = _stack(slide, box, rows, [*series, (_head(spec), beyond)])
    _axes(chart, low - 0.01, high + room, ticks=False)
    *parts, spacer = chart.plots[0].series
    for part, trace, held in zip(parts, traces, values, strict=True):
        _filled(part, trace["marker"]["color"])
        told = [text or "" for text in _along(trace, rows, trace["text"])]
        half = trace.get("meta") == "half"
        shown = [
            plain(text) if value is not None and abs(value) >= (SEEN / 2 if half else SEEN) else ""
            for text, value in zip(told, held, strict=True)
        ]
        at = XL_LABEL_POSITION.INSIDE_BASE if half else XL_LABEL_POSITION.CENTER
        _labelled(part, shown, at, trace["textfont"]["color"])
    _labelled(spacer, texts, XL_LABEL_POSITION.INSIDE_END)
    return NativeChart(frame, _key(traces), ((0.66, 0.34, _head(spec)),))


def _stacked(slide: Any, spec: Spec, box: Box) -> NativeChart:
    """Parts of a whole."""
    rows = _rows(spec)
    traces = [t for t in spec["data"] if t.get("type") == "bar"]
    values = [[_share(x) for x in _along(t, rows, t["x"])] for t in traces]
    series = [(plain(t["name"]), held) for t, held in zip(traces, values, strict=True)]
    chart, frame = _stack(slide, box, rows, series)
    _axes(chart, 0, 1)
    for part, trace, held in zip(chart.plots[0].series, traces, values, strict=True):
        _filled(part, trace["marker"]["color"])
        told = _along(trace, rows, trace["text"])
        shown = [
            plain(text) if text and value is not None and value >= SEEN else ""
            for text, value in zip(told, held, strict=True)
        ]
        _labelled(part, shown, XL_LABEL_POSITION.CENTER, trace["textfont"]["color"])
    return NativeChart(frame, _key(traces))


def _key(traces: Sequence[Trace]) -> tuple[tuple[str, str, str], ...]:
    ordered = sorted(traces, key=lambda t: t.get("legendrank", 0))
    return tuple(
        ("■", t["marker"]["color"], plain(t["name"]))
        for t in ordered
        if t.get("showlegend") is not False
    )


def _stack(
    slide: Any, box: Box, rows: Sequence[str], series: Sequence[tuple[str, Sequence[Any]]]
) -> tuple[Any, Any]:
    data = CategoryChartData(number_format="0%")
    data.categories = [plain(row) for row in rows]
    for name, values in series:
        data.add_series(name, values)
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.BAR_STACKED, *(box.left, box.top, box.width, box.height), data
    )
    chart = _plainly(frame.chart)
    plot = chart.plots[0]
    row = box.height * 0.9 / len(rows)
    plot.overlap, plot.gap_width = 100, round(min(500, max(45, 100 * (row / THICK - 1))))
    names = chart.category_axis
    names.reverse_order = True
    crossed = chart.value_axis._element.find(f"{{{_C}}}crosses")
    crossed.set("val", "max")  # the axis of shares is at the foot, although rows go down
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.major_tick_mark = XL_TICK_MARK.NONE
    names.format.line.color.rgb = _rgb(GRID)
    _named(chart, [plain(row) for row in rows], box)
    return chart, frame


def _named(chart: Any, names: Sequence[str], box: Box) -> None:
    """Break long names of rows into lines, so that bars keep their room and no name is left out."""
    if max(map(len, names)) * Pt(12) * LETTER <= LABELS * box.width:
        return
    _placed(chart, LABELS, 1 - LABELS - 0.02)
    row = 0.88 * box.height / len(names)
    for size in (12, 11, 10, 9, 8):
        letters = int(LABELS * box.width * 0.94 / (Pt(size) * LETTER))
        lines = max(len(textwrap.wrap(name, letters)) for name in names)
        if lines * Pt(size) * 1.15 <= row:
            break
    chart.category_axis.tick_labels.font.size = Pt(size)
    axis = chart.category_axis._element
    skip = parse_xml(f'<c:tickLblSkip {_NS} val="1"/>')
    _before(axis, skip, ("tickMarkSkip", "noMultiLvlLbl", "extLst"))


def _placed(chart: Any, left: float, wide: float) -> None:
    """Say where the bars of a chart are, as parts of its width."""
    inner = {"x": left, "y": 0.02, "w": wide, "h": 0.88}
    parts = "".join(f'<c:{name}Mode val="edge"/>' for name in "xy")
    parts += "".join(f'<c:{name} val="{value}"/>' for name, value in inner.items())
    area = chart._chartSpace.find(f".//{{{_C}}}plotArea")
    if (before := area.find(f"{{{_C}}}layout")) is not None:
        area.remove(before)
    target = '<c:layoutTarget val="inner"/>'
    made = f"<c:layout {_NS}><c:manualLayout>{target}{parts}</c:manualLayout></c:layout>"
    area.insert(0, parse_xml(made))


def _plainly(chart: Any, size: float = 12) -> Any:
    chart.has_legend = False
    chart.has_title = False
    chart.font.size = Pt(size)
    chart.font.color.rgb = _rgb(INK)
    return chart


def _axes(chart: Any, low: float, high: float, ticks: bool = True) -> None:
    axis = chart.value_axis
    axis.minimum_scale, axis.maximum_scale = round(low, 4), round(high, 4)
    axis.has_major_gridlines = ticks
    axis.major_tick_mark = XL_TICK_MARK.NONE
    axis.format.line.fill.background()
    if not ticks:
        axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE
        return
    axis.major_unit = 0.25
    axis.major_gridlines.format.line.color.rgb = _rgb(GRID)
    axis.tick_labels.number_format = '[<=1]0%;""'
    axis.tick_labels.number_format_is_linked = False
    axis.tick_labels.font.size = Pt(10)


def _filled(series: Any, colour: str) -> None:
    series.format.fill.solid()
    series.format.fill.fore_color.rgb = _rgb(colour)
    series.invert_if_negative = False


def _labelled(series: Any, texts: Sequence[str], at: Any, colour: str = INK) -> None:
    """Write a text at each bar or point; of bars without a colour of their own only the text."""
    if at == XL_LABEL_POSITION.INSIDE_END:
        series.format.fill.background()
    for n, text in enumerate(texts):
        if not text:
            continue
        label = series.points[n].data_label
        label.has_text_frame = True
        run = label.text_frame.paragraphs[0].add_run()
        run.text = text
        run.font.size, run.font.color.rgb = Pt(11), _rgb(colour)
        label.position = at


def _errors(
    series: Any, trace: Trace, rows: Sequence[str], ranges: Trace, way: str, ink: bool = True
) -> None:
    """Draw ranges as error bars of lengths of their own."""

    def lengths(name: str) -> str:
        held = [_share(v) or 0 for v in _along(trace, rows, ranges[name])]
        points = "".join(f'<c:pt idx="{n}"><c:v>{v}</c:v></c:pt>' for n, v in enumerate(held))
        count = f'<c:ptCount val="{len(held)}"/>'
        return f"<c:numLit><c:formatCode>General</c:formatCode>{count}{points}</c:numLit>"

    colour, alpha = _see_through(ranges["color"])
    direction = '<c:errDir val="x"/>' if way == "x" else ""
    thick = 1.25 if ink else ranges["thickness"] * 0.7
    element = parse_xml(
        f"<c:errBars {_NS}>{direction}"
        f'<c:errBarType val="both"/><c:errValType val="cust"/>'
        f'<c:noEndCap val="{0 if ink else 1}"/>'
        f"<c:plus>{lengths('array')}</c:plus><c:minus>{lengths('arrayminus')}</c:minus>"
        f'<c:spPr><a:ln w="{int(thick * 12700)}" cap="flat"><a:solidFill><a:srgbClr val="{colour}">'
        f'<a:alpha val="{alpha}"/></a:srgbClr></a:solidFill></a:ln></c:spPr></c:errBars>'
    )
    _before(series._element, element, ("cat", "val", "xVal", "yVal", "smooth", "shape", "extLst"))


def _before(series: Any, element: Any, names: Sequence[str]) -> None:
    """Put an element where the schema of a series has it: before the first of some others."""
    for child in series:
        if etree.QName(child).localname in names:
            child.addprevious(element)
            return
    series.append(element)


def _see_through(colour: str) -> tuple[str, int]:
    if found := re.fullmatch(r"rgba\((\d+), (\d+), (\d+), ([\d.]+)\)", colour):
        red, green, blue = map(int, found.groups()[:3])
        return f"{red:02X}{green:02X}{blue:02X}", int(float(found[4]) * 100_000)
    return colour.removeprefix("#").upper(), 100_000


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(_see_through(colour)[0])


def _dots(slide: Any, spec: Spec, box: Box) -> NativeChart:
    """Points on a line for each row, their ranges behind them, and their numbers at the right."""
    rows, many = _rows(spec), len(_rows(spec))
    dots = [t for t in spec["data"] if t.get("mode") == "markers"]
    columns = [t for t in spec["data"] if t.get("meta") == "column"]
    heads = [n for n in spec["layout"].get("annotations", ()) if n.get("name") == "column"]
    top = spec["layout"]["xaxis"]["range"][1] / 100
    height = {row: many - n - 0.5 for n, row in enumerate(rows)}
    data = XyChartData(number_format="0%")
    for trace in dots:
        held = data.add_series(plain(trace["name"]))
        for y, x in zip(trace["y"], trace["x"], strict=True):
            held.add_data_point(_share(x), height[y])
    for n, column in enumerate(columns):
        held = data.add_series(" " * (n + 1))
        for y, x in zip(column["y"], column["x"], strict=True):
            held.add_data_point(x / 100, height[y])
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.XY_SCATTER, *(box.left, box.top, box.width, box.height), data
    )
    chart = _plainly(frame.chart)
    _axes(chart, 0, top)
    along, across = chart.category_axis, chart.value_axis
    across.minimum_scale, across.maximum_scale = 0, many
    across.has_major_gridlines = False
    across.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    along.minimum_scale, along.maximum_scale, along.major_unit = 0, round(top, 4), 0.25
    along.has_major_gridlines = True
    along.major_gridlines.format.line.color.rgb = _rgb(GRID)
    along.format.line.fill.background()
    along.major_tick_mark = XL_TICK_MARK.NONE
    along.tick_labels.number_format = '[<=1]0%;""'
    along.tick_labels.number_format_is_linked = False
    along.tick_labels.font.size = Pt(10)
    _inside(chart, NAMES)
    drawn = [*chart.plots[0].series]
    for series, trace in zip(drawn, dots, strict=False):
        mark = trace["marker"]
        series.format.line.fill.background()
        series.marker.style = MARKERS[mark["symbol"].removesuffix("-open")]
        series.marker.size = 9
        fill = series.marker.format.fill
        fill.solid()
        fill.fore_color.rgb = _rgb(mark["color"])
        series.marker.format.line.color.rgb = _rgb(mark["color"])
        series.marker.format.line.width = Pt(1.75)
        if ranges := trace.get("error_x"):
            _errors(series, trace, list(trace["y"]), ranges, "x", ink=False)
    for series, column in zip(drawn[len(dots) :], columns, strict=True):
        words = [plain(text or "") for text in column["text"]]
        _only_words(series, words, XL_LABEL_POSITION.CENTER, column["textfont"]["color"])
    signs = (
        (SIGNS[t["marker"]["symbol"].removesuffix("-open")], t["marker"]["color"], plain(t["name"]))
        for t in dots
    )
    unit = (0.98 - NAMES) / top  # of the width, to 100% of the axis
    step = 0.12 * unit
    above = tuple(
        (NAMES + head["x"] / 100 * unit - step / 2, step, plain(head["text"])) for head in heads
    )
    row = INNER[1] / many
    named = ((INNER[0] + row * (n + 0.5), row, plain(place)) for n, place in enumerate(rows))
    return NativeChart(frame, tuple(signs), above, tuple(named))


def _only_words(series: Any, texts: Sequence[str], at: Any, colour: str = INK) -> None:
    """Write texts at points that are not seen."""
    series.format.line.fill.background()
    series.marker.style = XL_MARKER_STYLE.NONE
    _labelled(series, texts, at, colour)


def _inside(chart: Any, left: float) -> None:
    """Leave room at the left of the drawing for names of rows."""
    area = chart._chartSpace.chart.plotArea
    for old in area.findall(f"{{{_C}}}layout"):
        area.remove(old)
    area.insert(
        0,
        parse_xml(
            f'<c:layout {_NS}><c:manualLayout><c:layoutTarget val="inner"/>'
            '<c:xMode val="edge"/><c:yMode val="edge"/>'
            f'<c:x val="{left}"/><c:y val="{INNER[0]}"/>'
            f'<c:w val="{0.98 - left}"/><c:h val="{INNER[1]}"/>'
            "</c:manualLayout></c:layout>"
        ),
    )


def _columns(slide: Any, spec: Spec, box: Box) -> NativeChart:
    """Upright columns over the numbers of a scale."""
    trace = spec["data"][0]
    axis = spec["layout"]["xaxis"]
    data = CategoryChartData(number_format="0%")
    ends = [plain(place) for place in trace["x"]]
    numbers = [str(number) for number in axis.get("ticktext", ends)]
    data.categories = [
        end if n in (0, len(ends) - 1) else number
        for n, (end, number) in enumerate(zip(ends, numbers, strict=True))
    ]
    data.add_series(plain(trace["name"]), [_share(y) for y in trace["y"]])
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, *(box.left, box.top, box.width, box.height), data
    )
    chart = _plainly(frame.chart)
    chart.plots[0].gap_width = 14
    chart.value_axis.visible = False
    chart.value_axis.has_major_gridlines = False
    chart.value_axis.minimum_scale = 0
    chart.category_axis.major_tick_mark = XL_TICK_MARK.NONE
    (series,) = chart.plots[0].series
    _filled(series, trace["marker"]["color"])
    texts = next(t["text"] for t in spec["data"] if t.get("meta") == "column")
    _labelled(series, [plain(text) for text in texts], XL_LABEL_POSITION.OUTSIDE_END)
    return NativeChart(frame)


def _ends(traces: Sequence[Trace], way: int, ranges: str) -> list[float]:
    """List the ends of the ranges through time, in per cent."""
    return [
        y + way * (reach or 0)
        for trace in traces
        for y, reach in zip(trace["y"], trace["error_y"][ranges], strict=True)
        if y is not None
    ]


def _lines(slide: Any, spec: Spec, box: Box) -> NativeChart:
    """Lines through time, with the number of every wave."""
    from helpers.present.theme import GROUPS, SERIES

    colours = [*(mark.colour for mark in GROUPS), *SERIES[3:]]
    data = CategoryChartData(number_format="0%")
    data.categories = [plain(wave) for wave in spec["data"][0]["x"]]
    for trace in spec["data"]:
        data.add_series(plain(trace["name"]), [_share(y) for y in trace["y"]])
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.LINE_MARKERS, *(box.left, box.top, box.width, box.height), data
    )
    chart = _plainly(frame.chart)
    chart.has_legend = True
    chart.legend.include_in_layout = False
    chart.legend.position = XL_LEGEND_POSITION.RIGHT
    axis = chart.value_axis
    ends = [*_ends(spec["data"], -1, "arrayminus"), *_ends(spec["data"], 1, "array"), 0.0]
    axis.minimum_scale = math.floor(min(ends) / 10) / 10
    axis.maximum_scale = min(100, math.ceil(max(ends) / 10) * 10) / 100
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    axis.major_gridlines.format.line.color.rgb = _rgb(GRID)
    axis.format.line.fill.background()
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = "0%", False
    for series, trace, colour in zip(chart.plots[0].series, spec["data"], colours, strict=False):
        series.smooth = False
        series.format.line.color.rgb = _rgb(colour)
        series.format.line.width = Pt(2)
        series.marker.style, series.marker.size = XL_MARKER_STYLE.CIRCLE, 7
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = _rgb(colour)
        series.marker.format.line.color.rgb = _rgb(colour)
        texts = [plain(t or "") for t in trace["text"]]
        if len(spec["data"]) > LABELLED:  # the last is what can be told apart
            texts = ["" for _ in texts[1:]] + texts[-1:]
        _labelled(series, texts, XL_LABEL_POSITION.ABOVE, colour)
        rows = [plain(x) for x in trace["x"]]
        if ranges := trace.get("error_y"):
            _errors(series, {"y": rows}, rows, {**ranges, "color": colour}, "y")
    return NativeChart(frame)
