"""Charts as plotly figures that can be saved, and that show themselves where no script runs."""

from __future__ import annotations

import asyncio
import base64
import json
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go

from helpers.errors import InsightsError
from helpers.paths import write_aside
from helpers.present import pictures
from helpers.present.chart_parts import NOTE
from helpers.present.formats import legend_rows, wrapped
from helpers.present.theme import FONT, INK, Spec
from helpers.terminal import Step, silenced

PLOTLY = "application/vnd.plotly.v1+json"
PICTURES = ("png", "svg", "pdf")
# Of an interactive chart: numbers beside it need this width, and narrower screens scroll.
PAGE = f"min-width:720px;font:15px {FONT};color:{INK}"
WIDTH, SHARP = 800, 2  # pixels of a picture; dots of a PNG to each
APART = 1.9  # times as far
LETTER, BOLD = 0.56, 0.64  # width of a letter on average, as a part of the size of the type
NO_BROWSER = (
    "Chromium draws .png, .svg and .pdf files of charts, and none could be started: install it"
    " (on Debian and Ubuntu: apt install chromium), or set BROWSER_PATH to a Chromium or Chrome."
    " An .html file needs none."
)
STALLED = 45  # seconds for a picture, before Chromium is started anew
PATIENCE = 300  # then
ENDING = 10  # seconds in which Chromium may end by itself
TOO_SLOW = (
    f"Chromium did not finish the picture in {PATIENCE} s, so no file was written: try again when"
    " less is running, or save an .html file, which needs no Chromium."
)


@dataclass(frozen=True)
class PictureSize:
    """What a picture is for, in pixels: its size, its margins, and the names of rows.

    Without a height it is as high as what is on it.
    """

    width: int
    height: int | None
    edge: int
    labels: int


SLIDE = PictureSize(1280, 720, 40, 300)  # 16:9
A4 = PictureSize(800, None, 12, 230)  # as wide as the text of a page of A4


@dataclass(frozen=True)
class Slide:
    """What a picture of a chart says around it, so that it needs no other words.

    Attributes
    ----------
    kind : of data, in a band above the finding
    finding, question : above the chart
    below : base, filters and source
    """

    kind: str
    finding: str
    question: str
    below: str


class Chart(go.Figure):
    """A plotly figure with `save`; in an executed notebook it leaves a still picture, too.

    `layout.meta` may hold words that replace it. With a `Slide`, pictures of it are slides.
    """

    _slide: Slide | None = None

    def save(self, path: str | Path) -> Path:
        """Write the chart as in `save`."""
        return save(self, path)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self._repr_mimebundle_(), raw=True)

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> Spec:
        """Show the figure if plotly is available, otherwise its picture or its words."""
        spec = specification(self)
        words = f"Chart. {in_words(spec)}"
        shown: Spec = {PLOTLY: spec, "text/plain": words}
        if pictures.draws(spec):
            drawn = pictures.drawn(spec)
            wide = pictures.drawn(spec, pictures.WIDTH).svg()
            shown |= {"text/html": drawn.image(words), "image/svg+xml": wide}
        return shown


def specification(figure: go.Figure) -> Spec:
    """Return a figure as plain lists and dicts, `data` and `layout`."""
    spec: Spec = _unpacked(json.loads(figure.to_json()))
    spec["layout"].pop("template", None)
    return spec


def in_words(spec: Spec) -> str:
    """Say what a figure shows: its own words, else its title and the names of its traces."""
    if isinstance(spec["layout"].get("meta"), str):
        return str(spec["layout"]["meta"])
    title = spec["layout"].get("title", {}).get("text", "")
    named = [trace.get("name", "") for trace in spec["data"]]
    said = dict.fromkeys(pictures.plain(one) for one in (title, *named) if one)
    return f"{', '.join(said) or 'No title'}."


def _unpacked(value: Any) -> Any:
    """Undo plotly's packing of arrays, which only its script reads."""
    if isinstance(value, list):
        return [_unpacked(each) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) - {"shape"} == {"dtype", "bdata"}:
        array = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"])
        shape = [int(n) for n in str(value.get("shape", array.size)).split(",")]
        return array.astype(object).reshape(shape).tolist()
    return {name: _unpacked(each) for name, each in value.items()}


def save(figure: go.Figure, path: str | Path) -> Path:
    """Write a chart to a file, whole or not at all; the ending of its name gives the format.

    Parameters
    ----------
    path
        Ends in ``.png``, ``.svg``, ``.pdf`` (drawn by Chromium) or ``.html`` (interactive, with
        all that it needs inside).

    Raises
    ------
    InsightsError
        If the name ends otherwise, the folder does not exist, or no Chromium can be started.
    """
    path = Path(path)
    ending = path.suffix.lower().removeprefix(".")
    if ending not in (*PICTURES, "html"):
        known = ", ".join(f".{name}" for name in (*PICTURES, "html"))
        raise InsightsError(f'Charts are written as {known}, not "{path.suffix}": {path.name}.')
    if not path.parent.is_dir():
        raise InsightsError(f"There is no folder {path.parent}: make it first.")
    if ending == "html":
        return write_aside(path, _page(figure))
    return write_aside(path, _picture(figure, ending))


def _page(figure: go.Figure) -> str:
    """Write an interactive chart as a page, with the words that its pictures have around it."""
    above = below = ""
    drawn = go.Figure(figure)
    if isinstance(figure, Chart) and (about := figure._slide):
        kind, finding, question, said = map(
            escape, (about.kind, about.finding, about.question, about.below)
        )
        head = f'<h1 style="font-size:20px">{finding}</h1>'
        above = f"<p><strong>{kind}</strong></p>{head}<p>{question}</p>"
        below = f"<p>{said}</p>"
        drawn.layout.annotations = [n for n in figure.layout.annotations if n.name != NOTE]
    page = drawn.to_html(include_plotlyjs=True, div_id="chart")
    page = page.replace("<body>", f'<body style="{PAGE}">{above}', 1)
    start, end, rest = page.rpartition("</body>")
    return f"{start}{below}{end}{rest}"


def _picture(figure: go.Figure, ending: str) -> bytes:
    return drawn([as_picture(figure, SLIDE)], ending)[0]


def as_picture(figure: go.Figure, room: PictureSize) -> go.Figure:
    """Return a figure as its pictures have it: on white, and a `Chart` with its words around it."""
    clear, white = "rgba(0,0,0,0)", go.Figure(figure)
    for name in ("paper_bgcolor", "plot_bgcolor"):
        if white.layout[name] in (None, clear):
            white.layout[name] = "#ffffff"
    if isinstance(figure, Chart) and figure._slide:
        return _laid_out(white, figure._slide, room)
    wide, high = figure.layout.width or WIDTH, figure.layout.height or 500
    return white.update_layout(width=wide, height=high)


def drawn(
    figures: Sequence[go.Figure],
    ending: str,
    progress: Callable[[str], None] = lambda words: None,
) -> list[bytes]:
    """Draw figures, each of its own size, in one Chromium: all of them, or none.

    Raises
    ------
    InsightsError
        If no Chromium can be started, or it takes too long.
    """
    with ThreadPoolExecutor(1) as apart:  # the thread of a notebook has a loop of its own
        return apart.submit(asyncio.run, _drawn(figures, ending, progress)).result()


async def _drawn(
    figures: Sequence[go.Figure], ending: str, progress: Callable[[str], None]
) -> list[bytes]:
    """Draw figures; a Chromium that stops answering is replaced once, where it stopped."""
    from choreographer.channels import ChannelClosedError

    made: list[bytes] = []
    with silenced("choreographer"):
        try:
            await _draw(figures, ending, progress, made, STALLED)
        except (TimeoutError, ChannelClosedError):
            try:
                await _draw(figures, ending, progress, made, PATIENCE)
            except ChannelClosedError as problem:  # as soon as it began, both times
                raise InsightsError(TOO_SLOW if made else NO_BROWSER) from problem
            except TimeoutError as problem:
                raise InsightsError(TOO_SLOW) from problem
    return made


async def _draw(
    figures: Sequence[go.Figure],
    ending: str,
    progress: Callable[[str], None],
    made: list[bytes],
    patience: float,
) -> None:
    """Draw what is not made yet; raise `TimeoutError` where a step takes longer than `patience`."""
    import kaleido
    from kaleido.errors import BrowserFailedError, ChromeNotFoundError

    try:
        # MathJax would come from a network, and no chart of ours has formulas.
        browser = kaleido.Kaleido(mathjax=False, timeout=patience)
        try:
            async with asyncio.timeout(patience):
                await browser.open()
            for n, figure in enumerate(figures[len(made) :], len(made)):
                progress(Step("Drawing charts", n, len(figures)))
                size = {"width": figure.layout.width, "height": figure.layout.height}
                options = {"format": ending, "scale": SHARP if ending == "png" else 1, **size}
                async with asyncio.timeout(patience):
                    made.append(bytes(await browser.calc_fig(figure.to_dict(), opts=options)))
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(ENDING):
                    await browser.close()
    except (BrowserFailedError, ChromeNotFoundError) as problem:
        raise InsightsError(NO_BROWSER) from problem


def _laid_out(figure: go.Figure, about: Slide, room: PictureSize) -> go.Figure:
    """Lay a figure out with its words around it; a title that the analyst gave it stays."""
    wide, edge, labels = room.width, room.edge, room.labels
    finding, y = figure.layout.title.text or about.finding, edge / 2
    sizes = ((24, 190), (19, 300)) if room.height else ((16, 300),)
    above = []
    for text, size, style in (
        (about.kind, 15, {"bgcolor": "#fff3d6", "bordercolor": "#7a4b00", "borderwidth": 2}),
        (finding, next((s for s, most in sizes if len(finding) < most), 15), {}),
        (about.question, 14, {}),
    ):
        bold = text != about.question
        lines = wrapped(text, int((wide - 2 * edge) / (size * (BOLD if bold else LETTER))))
        weight = {"weight": 700} if bold else {}
        above.append(_line(lines, y, size, weight, style, labels))
        y += 12 * bool(style) + 6 + size * 1.3 * (lines.count("<br>") + 1)
    names = [t.name or "" for t in figure.data if t.showlegend is not False]
    rows = legend_rows(names, wide - 2 * edge, 8)
    heads = [
        note.text.count("<br>") + 1 for note in figure.layout.annotations if note.name == "column"
    ]
    top = y + 24 * rows * bool(figure.layout.showlegend) + 20 + 16 * max(heads, default=0)
    below = wrapped(about.below, int((wide - 2 * edge) / (12 * LETTER)))
    foot = 54 + 16 * (below.count("<br>") + 1) + 22 * bool(figure.layout.xaxis.title.text)
    before = figure.layout.margin
    inside = (figure.layout.height or 500) - (before.t or 0) - (before.b or 0)
    high = room.height or math.ceil(top + inside + foot + 10)
    kept = [note for note in figure.layout.annotations if note.name != NOTE]
    figure.update_layout(
        width=wide,
        height=high,
        title=None,
        margin={
            "l": edge + labels,
            "r": (before.r or 0) + 16,
            "t": top,
            "b": foot + 10,
            "autoexpand": False,
        },
        legend={"x": edge / wide, "xref": "container", "xanchor": "left"},
    )
    figure.layout.annotations = [  # an update would merge them with those that are there
        *kept,
        *(note | {"yshift": top - note["yshift"]} for note in above),
        _line(below, 0, 12, {}, {}, labels) | {"y": 0, "yshift": 20 - foot, "yanchor": "bottom"},
    ]
    figure.update_layout(legend={"y": 1 - y / high, "yref": "container", "yanchor": "top"})
    _fit_labels(figure, high - top - foot - 10, labels)
    if room.height is None:
        _spread_columns(figure)
    return figure


def _spread_columns(figure: go.Figure) -> None:
    """Give columns of numbers beside a narrow chart as much room as their headings need."""
    heads = [n for n in figure.layout.annotations if n.name == "column" and n.xanchor == "center"]
    ends = figure.layout.xaxis.range
    if len(heads) < 2 or not ends:
        return
    last = max(tick for tick in figure.layout.xaxis.tickvals if tick is not None)
    for place in (*heads, figure.layout.xaxis):
        if place is figure.layout.xaxis:
            place.range = [ends[0], last + (ends[1] - last) * APART]
        else:
            place.update(x=last + (place.x - last) * APART, font={"size": 11})
    for trace in figure.data:
        if trace.meta == "column":
            trace.x = [last + (at - last) * APART for at in trace.x]


def _fit_labels(figure: go.Figure, height: float, labels: int) -> None:
    """Give names of rows as many lines, and as large a type, as rows have room for."""
    rows = list(dict.fromkeys(y for t in figure.data for y in (t.y if t.y is not None else ())))
    if not rows or not all(isinstance(row, str) for row in rows):
        return
    axis = figure.layout.yaxis
    texts = axis.ticktext or rows
    size = min(13.0, height / len(texts) * 0.75)
    most = max(1, int(height / len(texts) / (size * 1.35)))
    wide = int(labels / (size * LETTER))
    axis.update(
        tickmode="array",
        tickvals=axis.tickvals or rows,
        ticktext=[wrapped(pictures.plain(text), wide, most) for text in texts],
        tickfont={"size": size},
    )


def _line(text: str, down: float, size: int, weight: Spec, style: Spec, labels: int) -> Spec:
    """Write a text from the left edge of a picture, `down` pixels below its top."""
    return {
        "text": text,
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "xshift": -labels,
        "y": 1,
        "yref": "paper",
        "yanchor": "top",
        "yshift": down,
        "showarrow": False,
        "align": "left",
        "font": {"size": size, **weight} | ({"color": INK} if "bgcolor" in style else {}),
        **style,
    }
