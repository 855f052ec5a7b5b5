"""The notebook's view of a question: chart, sentence, table and files that follow filters.

The same script draws it as on the dashboards; here Python computes what it draws, for any
selection, first where the reader looks.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets as widgets
import pandas as pd
import traitlets

from helpers.codebook.model import Question
from helpers.errors import InsightsError
from helpers.estimation.latest_wave import known_of, resolve_selection, selected_waves
from helpers.estimation.means import mean
from helpers.notebook.controls import Filters
from helpers.notebook.drawing import face
from helpers.notebook.without_kernel import Parts, Still, StillForm
from helpers.pages import markup
from helpers.present import charts, pictures, tables, wording
from helpers.present.downloads import TYPES, Export
from helpers.present.readable import READABLE, failed, too_few, unconcerned
from helpers.present.results import Shares, by_group, live
from helpers.present.styling import chosen, styled
from helpers.responses.selection import Selection
from helpers.responses.survey import Survey

if TYPE_CHECKING:
    from helpers.present.figures import Chart


# nbconvert sets names of rows bold, and away from where lines begin
_NAMES = ('<th scope="row">', '<th scope="row" style="text-align: left; font-weight: normal">')


@dataclass(frozen=True)
class Shown:
    """What a question gives for the filters as they are: a result, or words instead."""

    selection: Selection
    result: Shares | None = None
    message: str = ""
    left_out: str = ""


class QuestionView(Still, anywidget.AnyWidget):
    """One question under the notebook's filters.

    `save("name.png")` writes the chart, `save("name.xlsx")` the table.

    Attributes
    ----------
    result : what is shown, None where the question does not concern the selection
    table : the table behind the chart as a DataFrame, shares in [0, 1]
    figure : the chart as a plotly figure, None where nothing can be drawn
    message : shown instead of a chart; empty if there is one
    """

    _esm = traitlets.Unicode().tag(sync=True)
    about = traitlets.Dict().tag(sync=True)
    found = traitlets.Dict().tag(sync=True)
    seen = traitlets.Bool(True).tag(sync=True)
    stale = traitlets.Bool(False).tag(sync=True)

    def __init__(self, survey: Survey, question: str, filters: Filters) -> None:
        self.survey = survey
        self.question = survey.question(question)
        if not self.question.tabulates:
            raise InsightsError(f"{question} is a {self.question.kind} question: it has no shares.")
        self.filters = filters
        self._shown = self._compute()
        super().__init__(
            _esm=face("question", survey.say),
            about=_about(survey, self.question),
            found=self._to_draw(),
            layout=widgets.Layout(width="100%"),
        )
        filters.observe(self._follow, "choice")
        self.on_msg(self._asked)

    @property
    def result(self) -> Shares | None:
        """What is shown."""
        return self._current.result

    @property
    def message(self) -> str:
        """The message shown instead of a chart."""
        return self._current.message

    @property
    def table(self) -> pd.DataFrame:
        """The table behind the chart, shares in [0, 1]."""
        result = self.result
        return tables.frame(result) if result is not None else pd.DataFrame()

    @property
    def figure(self) -> Chart | None:
        """The chart as a plotly figure, with base and provenance below it."""
        shown = self._current
        if shown.result is None or shown.message:
            return None
        words = wording.sentence(shown.result, self.survey.provenance)
        kind = self.survey.say.each("banner")[self.survey.provenance]
        return charts.figure(shown.result, self._note(shown.result), words, kind)

    @property
    def export(self) -> Export:
        """The table as a file: `export.save("name.xlsx")`."""
        shown = self._current
        if shown.result is None or shown.message:
            raise InsightsError(f"There is no table to save. {shown.message}")
        return Export(self.survey, shown.result, self._filters_in_words())

    def save(self, path: str | Path) -> Path:
        """Write the chart or the table to a file; the ending of its name gives the format.

        Parameters
        ----------
        path
            Ends in ``.png``, ``.svg`` or ``.pdf`` for a picture of the chart, ``.html`` for the
            chart with its values to point at, ``.csv`` or ``.xlsx`` for the table.

        Raises
        ------
        InsightsError
            If the name ends otherwise, the folder does not exist, there is nothing to draw, or
            there is no Chromium to draw a picture with.
        """
        if Path(path).suffix.removeprefix(".") in TYPES:
            return self.export.save(path)
        figure = self.figure
        if figure is None:
            raise InsightsError(f"There is no chart to save. {self.message}")
        return figure.save(path)

    def still(self) -> StillForm:
        """Show heading, sentence, picture, base and table for the filters as they are."""
        asked, shown, result = self.question, self._current, self.result
        heads = [self.about["provenance"]["banner"], asked.label, asked.own_wording]
        if result is None or shown.message:
            above = [f"<p><em>{html.escape(shown.message)}</em></p>"]
            return StillForm(
                _headed(heads, above), "\n".join(filter(None, [*heads, shown.message]))
            )
        sentence = wording.sentence(result, self.survey.provenance)
        below = [wording.base(result), self._filters_in_words(), shown.left_out]
        below += wording.caveats(result)
        notes = " ".join(f"{words.rstrip('.')}." for words in below if words)
        spec = charts.specification(result)
        rows, columns = tables.rows(result), tables.columns(result)
        parts = [
            f"<p><strong>{html.escape(sentence)}</strong></p>",
            pictures.drawn(spec).image(f"Chart. {sentence}"),
            f"<p>{html.escape(notes)}</p>",
            markup.table(asked.label, columns, rows).replace(*_NAMES),
        ]
        table = pd.DataFrame(rows, columns=columns).to_string(index=False)
        said = "\n".join(filter(None, [*heads, sentence, notes, table]))
        return StillForm(_headed(heads, parts), said, pictures.drawn(spec, pictures.WIDTH).svg())

    @property
    def _current(self) -> Shown:
        if self.stale:
            self.refresh()
        return self._shown

    def refresh(self) -> None:
        """Compute and draw the question for the filters as they are."""
        self._shown = self._compute()
        with self.hold_sync():
            self.stale = False
            self.found = self._to_draw()

    def _follow(self, _: Any) -> None:
        if self.seen:
            self.refresh()
        else:  # those in sight come first; the browser asks for the others
            self.stale = True

    def _asked(self, _: Any, content: Mapping[str, Any], __: Any) -> None:
        """Answer the browser, which asks for the current state or for a file."""
        if content.get("kind") == "refresh" and self.stale:
            self.refresh()
        elif content.get("kind") == "file" and content.get("ending") in TYPES:
            ending = content["ending"]
            answer = {"kind": "file", "ending": ending, "type": TYPES[ending]}
            self.send(answer, buffers=[self.export.made(ending)])

    def _compute(self) -> Shown:
        try:
            return self._computed(self._selection())
        except Exception as problem:  # what is shown would stay, under filters that it is not of
            return Shown(self._selection(), message=failed(problem))

    def _computed(self, selection: Selection) -> Shown:
        if words := self._words(selection):
            return Shown(selection, message=words)
        result = live(self.survey, self.question.id, selection, self._by())
        if words := too_few(result.n[1]):
            return Shown(selection, result, words)
        return Shown(selection, *_of_readable_groups(result))

    def _to_draw(self) -> dict[str, object]:
        """Return what the script draws, or the reason why there is nothing to draw."""
        shown = self._shown
        if shown.message or shown.result is None:
            short = shown.result is None
            return {"reason": shown.message, "short": short, "notes": [], "filters": "", "by": ""}
        result = shown.result
        view = {
            "base": wording.base(result),
            "rows": tables.rows(result),
            "sentence": wording.sentence(result, self.survey.provenance),
            "caveats": [*filter(None, [shown.left_out]), *wording.caveats(result)],
        }
        return {
            "view": view,
            "figure": styled(charts.specification(result), chosen()),
            "columns": tables.columns(result),
            "by": result.by,
            "notes": [],
            "filters": self._filters_in_words(),
        }

    def _by(self) -> str:
        by = self.filters.compare
        if by and self.question.population in self.survey.codebook.dimensions[by].source:
            return by
        return ""

    def _selection(self) -> Selection:
        """Leave the dimension whose groups are compared out of the selection."""
        population, by = self.question.population, self._by()
        selection = known_of(self.survey.codebook, population, self.filters.selection.without(by))
        return resolve_selection(self.survey, selection, population, (by,))

    def _filters_in_words(self) -> str:
        return self._shown.selection.describe(self.survey.codebook)

    def _words(self, selection: Selection) -> str:
        return unconcerned(self.survey, self.question, selection)

    def _note(self, result: Shares) -> str:
        parts = [wording.base(result), self._filters_in_words()]
        parts += [self._shown.left_out, self.survey.provenance.banner, self.survey.describe]
        return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def _of_readable_groups(result: Shares) -> tuple[Shares, str, str]:
    """Leave out groups that are too small to read: result, no message, and what is left out."""
    if not result.by:
        return result, "", ""
    groups = by_group(result.rows, result.by)
    most = {code: max(row["n"] for row in rows) for code, rows in groups.items()}
    few = {code: n for code, n in most.items() if n < READABLE}
    if not few:
        return result, "", ""
    rows, upper = (
        of and [row for row in of if row[result.by] not in few]
        for of in (result.rows, result.upper)
    )
    named = [f"{result.label({result.by: code}, 'group')} ({n})" for code, n in few.items()]
    words = f"Too few answers to read, and left out: {', '.join(named)}."
    return replace(result, rows=rows or [], upper=upper), "", words


class NumberView(Parts):
    """The mean of a number question under the notebook's filters.

    Attributes
    ----------
    table : mean with its interval and base, as in `means.mean`
    message : shown instead; empty if there is a mean
    """

    def __init__(self, survey: Survey, question: Question, filters: Filters) -> None:
        self.survey, self.question, self.filters = survey, question, filters
        self.table, self.message = pd.DataFrame(), ""
        head = f"<h3>{html.escape(question.label)}</h3><p>{html.escape(question.own_wording)}</p>"
        self._said = widgets.HTML()
        super().__init__((widgets.HTML(head), self._said))
        filters.observe(self._follow, "value")
        self._follow(None)

    def _follow(self, _: Any) -> None:
        selection = self.filters.selection
        try:
            population = self.question.population
            selection = known_of(self.survey.codebook, population, selection)
            selection = resolve_selection(self.survey, selection, population)
            self.message = unconcerned(self.survey, self.question, selection)
            self.table = mean(self.survey, self.question.id, where=selection)
            self.message = self.message or too_few(int(self.table["n"].max()))
        except Exception as problem:  # what is shown would stay, under filters that it is not of
            self.table, self.message = pd.DataFrame(), failed(problem)
        words = self.message or wording.means_in_words(self.question, self.table, self.survey.say)
        parts = [words, selection.describe(self.survey.codebook), self.survey.provenance.banner]
        said = " ".join(f"{part.rstrip('.')}." for part in parts if part)
        self._said.value = f"<p>{html.escape(said)}</p>"


def _headed(heads: list[str], parts: list[str]) -> str:
    banner, label, words = map(html.escape, heads)
    return "\n".join((f"<p><em>{banner}</em></p><h3>{label}</h3><p>{words}</p>", *parts))


def _about(survey: Survey, question: Question) -> dict[str, Any]:
    """Return what of a question does not change with the filters."""
    codebook = survey.codebook
    selection = resolve_selection(survey, None, question.population)
    waves = selected_waves(codebook, question.population, selection)
    return {
        "survey": {"title": codebook.title, "wave": codebook.wave},
        "provenance": {
            "kind": str(survey.provenance),
            "banner": f"{survey.provenance.banner} Data {survey.fingerprint}.",
            "fingerprint": survey.fingerprint,
        },
        "questions": [],
        "dimensions": [],
        "question": {
            "id": question.id,
            "title": question.label,
            "wording": question.own_wording,
            "source": question.source,
            "method": wording.method(survey, question),
            "asked": wording.who_was_asked(survey, question, waves),
        },
    }
