"""Every chart of a trend as a picture of one size, in one style."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.analysis.estimates import mean, share
from helpers.analysis.result import Result
from helpers.codebook.model import Question, suggest
from helpers.errors import InsightsError
from helpers.estimation.latest_wave import known_of, resolve_selection
from helpers.paths import write_aside
from helpers.present import pictures
from helpers.present.omissions import said
from helpers.present.readable import too_few, unconcerned
from helpers.present.styling import Template, read_template
from helpers.reports.chapters import chapters
from helpers.reports.pieces import by_rows, rows_of
from helpers.responses.selection import Selection, Where
from helpers.responses.survey import Survey
from helpers.stopping import done_whole
from helpers.terminal import Progress
from helpers.words import Catalogue

if TYPE_CHECKING:
    from helpers.present.figures import Chart

SIZES = ("report", "slide")
ON_SLIDE, HIGHEST = 24, 850  # rows of a slide; pixels of the rows of a page
ACROSS = 340  # pixels that a chart of a gallery has at least


@dataclass(frozen=True, eq=False, repr=False)
class Figures(Mapping[str, "Chart"]):
    """Charts by question, in order; a notebook shows them side by side.

    Attributes
    ----------
    results : what each chart shows, by question
    left_out : questions without a chart, each with the reason

    Examples
    --------
    >>> import helpers as h
    >>> charts = h.figures(h.load_survey("data/example"), ["views", "formats"])
    >>> list(charts)
    ['views', 'formats']
    """

    survey: Survey
    results: Mapping[str, Result]
    left_out: Mapping[str, str]

    def __getitem__(self, question: str) -> Chart:
        """Return the chart of a question, a plotly figure that you can restyle."""
        if question not in self.results:
            hint = suggest(question, self.results, "chart")
            raise InsightsError(f'There is no chart of "{question}". {hint}')
        return self.results[question].chart()

    def __iter__(self) -> Iterator[str]:
        """Iterate over questions, in order."""
        return iter(self.results)

    def __len__(self) -> int:
        """Return how many charts there are."""
        return len(self.results)

    def __dir__(self) -> list[str]:
        """Names for an analyst, as tab completion offers them."""
        return ["items", "keys", "left_out", "results", "save", "values"]

    def save(
        self,
        folder: str | Path,
        *,
        size: str = "report",
        format: str = "png",
        progress: Callable[[str], None] | None = None,
    ) -> list[Path]:
        """Write every chart to a folder: all of them, or none.

        Names begin with their place: ``01_influence.png``, ``02_…``. A chart that is longer than a
        page of A4 or has more rows than a slide comes in pieces: ``03_reasons_1_of_2.png``.

        Parameters
        ----------
        folder
            Made if there is none; other files in it stay.
        size
            ``report``, as wide as the text of an A4 page, or ``slide``, 16:9.
        format
            ``png``, ``svg`` or ``pdf``.
        progress
            Called with words on how far it is; by default they are shown in a terminal.

        Raises
        ------
        InsightsError
            For another size or format, or if no Chromium can be started to draw them.
        """
        from helpers.present.figures import A4, PICTURES, SLIDE, as_picture, drawn

        if size not in SIZES:
            raise InsightsError(f'Charts have the size {" or ".join(SIZES)}, not "{size}".')
        ending = format.lower().removeprefix(".")
        if ending not in PICTURES:
            known = ", ".join(PICTURES)
            raise InsightsError(f'Charts are written as {known}, not "{format}".')
        folder = Path(folder)
        if not folder.is_dir() and not folder.absolute().parent.is_dir():
            raise InsightsError(f"There is no folder {folder.absolute().parent}: make it first.")
        sheet = A4 if size == "report" else SLIDE
        said = Progress()
        wide = max(2, len(str(len(self))))
        pieces: dict[str, Chart] = {}
        for n, (name, chart) in enumerate(self.items(), 1):
            parts = _parts(chart, sheet.height, self.survey.say)
            for at, part in enumerate(parts, 1):
                of = f"_{at}_of_{len(parts)}" if len(parts) > 1 else ""
                pieces[f"{n:0{wide}}_{name}{of}.{ending}"] = part
        laid_out = [as_picture(part, sheet) for part in pieces.values()]
        made = drawn(laid_out, ending, progress or said)
        said.end()
        with done_whole():
            return [write_aside(folder / name, raw) for name, raw in zip(pieces, made, strict=True)]

    def _repr_html_(self) -> str:
        """Show every chart small, beside one another, with its finding."""
        from helpers.present.figures import in_words, specification

        shown = []
        for result in self.results.values():
            spec, words = specification(result.chart()), html.escape(result.sentence)
            drawn = ""
            if pictures.draws(spec):
                drawn = pictures.drawn(spec, ACROSS).image(f"Chart. {in_words(spec)}")
            title = html.escape(result.subject.question.label if result.subject else "")
            shown.append(f"<figure style='margin:0'><b>{title}</b>{drawn}<p>{words}</p></figure>")
        columns = f"repeat(auto-fill,minmax({ACROSS}px,1fr))"
        grid = f"display:grid;gap:20px 32px;grid-template-columns:{columns}"
        left = "".join(f"<p>{html.escape(words)}</p>" for words in self.left_out.values())
        kind = html.escape(self.survey.say.each("banner")[self.survey.provenance])
        return f"<p><em>{kind}</em></p><div style='{grid}'>{''.join(shown)}</div>{left}"

    def __repr__(self) -> str:
        """List the charts as text."""
        lines = [f"{name}: {result.sentence}" for name, result in self.results.items()]
        return "\n".join([*lines, *self.left_out.values()])


def figures(
    survey: Survey,
    questions: Sequence[str] | str | None = None,
    *,
    trend: str = "",
    by: str = "",
    where: Where = None,
    template: Template | None = None,
) -> Figures:
    """Charts of a trend, of some questions, or of all, to be saved in one go.

    Parameters
    ----------
    questions
        Ids of questions, in the order wanted.
    trend
        A trend, or a page of release.yml.
    by
        A dimension whose groups are compared, where the question's population has it.
    where
        A filter, as in `share`; what it has nothing to do with is left out.
    template
        A plotly template (its name, or ``go.layout.Template``) whose colours, font and background
        replace ours, in the charts and in their files. For all charts of a notebook, set
        ``plotly.io.templates.default``.

    Returns
    -------
    `Figures`, a mapping from question to chart, with `save`.

    Raises
    ------
    InsightsError
        For what does not exist; the message lists what does.

    Examples
    --------
    >>> import helpers as h
    >>> charts = h.figures(h.load_survey("data/example"), trend="reading", by="branch")
    >>> len(charts) > 3
    True
    >>> charts.save("figs", size="slide")  # doctest: +SKIP
    """
    from helpers.present.styling import restyle

    codebook = survey.codebook
    if by and by not in codebook.dimensions:
        hint = suggest(by, codebook.dimensions, "dimension")
        raise InsightsError(f'There is no dimension "{by}". {hint}')
    if template is not None:
        read_template(template)
    found: dict[str, Result] = {}
    left: dict[str, str] = {}
    divided, without = chapters(survey, questions, trend)
    for chapter in divided:
        for asked in chapter.questions:
            result, reason = shown(survey, asked, by, where)
            if result is None:
                left[asked.id] = f"{asked.label}: {reason}"
                continue
            chart = result.chart()
            if template is not None:
                restyle(chart, template)
            found[asked.id] = result
    for name, why in without.items():
        left |= dict(zip([name], said(survey, {name: why}), strict=True))
    return Figures(survey, found, left)


def _parts(chart: Chart, height: int | None, say: Catalogue) -> list[Chart]:
    """Divide a chart that is too long for a page or a slide."""
    from helpers.present.figures import Chart, specification

    spec = specification(chart)
    rows = rows_of(spec)
    layout = spec["layout"]
    margin = layout.get("margin", {})
    inside = layout.get("height", 500) - margin.get("t", 0) - margin.get("b", 0)
    pitch = inside / max(1, len(rows))
    found = by_rows(spec, ON_SLIDE if height else max(1, int(HIGHEST / pitch)))
    if len(found) < 2:
        return [chart]
    parts = []
    for n, piece in enumerate(found, 1):
        cut = pitch * (len(rows) - len(rows_of(piece)))
        part = Chart(piece["data"], {**piece["layout"], "height": layout["height"] - cut})
        part.layout.template = chart.layout.template
        if about := chart._slide:
            titled = say("report.part", title=about.finding, n=n, of=len(found))
            part._slide = replace(about, finding=titled)
        parts.append(part)
    return parts


def shown(
    survey: Survey, asked: Question, by: str = "", where: Where = None
) -> tuple[Result | None, str]:
    """Estimate what is shown of a question; or say why there is nothing to show.

    Groups are those of `by` where the question's population has it, else everybody.
    """
    population, source = asked.population, None
    if by:
        source = survey.codebook.dimensions[by].source.get(population)
    own = source is not None and survey.codebook.owners.get(source.column) is asked
    keys = (by,) if source is not None and not own else ()
    selection = known_of(survey.codebook, population, Selection.of(where))
    selection = resolve_selection(survey, selection, population, keys)
    if words := unconcerned(survey, asked, selection):
        return None, words
    result = (share if asked.tabulates else mean)(survey, asked.id, keys, selection)
    if words := too_few(int(result.df["n"].max()), survey.say):
        return None, words
    if result.draw is None:
        return None, result.sentence
    return result, ""
