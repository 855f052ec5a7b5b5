"""The notebook's view of a question: chart, sentence, table and download that follow filters."""

from __future__ import annotations

import base64
import html
import io
import json
from typing import Any

import ipywidgets as widgets
import pandas as pd
from IPython.display import display

from helpers.display import charts, tables, wording
from helpers.display.controls import Filters
from helpers.display.results import Result, live
from helpers.errors import InsightsError
from helpers.estimation.selection import Selection
from helpers.estimation.tabulate import bases, respondents, tabulate
from helpers.survey.codebook import RESPONDENT_TYPE, Question, suggest
from helpers.survey.dataset import Provenance, Survey

READABLE = 10
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class QuestionView(widgets.VBox):
    """One question under the notebook's filters.

    Attributes
    ----------
    result : what is shown, None where the question does not concern the selection
    figure : its plotly figure, None where nothing can be drawn
    message : what is said instead of a chart, empty where there is one
    """

    def __init__(self, survey: Survey, question: str, filters: Filters) -> None:
        self.survey = survey
        self.question = survey.question(question)
        if not self.question.tabulates:
            raise InsightsError(f"{question} is a {self.question.kind} question: it has no shares.")
        self.filters = filters
        self.result: Result | None = None
        self.figure: Any = None
        self.message = ""
        self._head = widgets.HTML(_head(survey, self.question))
        self._chart = widgets.Output()
        self._said = widgets.HTML()
        super().__init__((self._head, self._chart, self._said))
        filters.observe(self._follow, ["selection", "compare"])
        self.refresh()

    @property
    def table(self) -> pd.DataFrame:
        """The table behind the chart, shares in [0, 1]."""
        return tables.frame(self.result) if self.result is not None else pd.DataFrame()

    def _follow(self, _: Any) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Compute and draw the question for the filters as they stand."""
        self.result, self.figure, self.message = None, None, self._words()
        if not self.message:
            self.result = live(self.survey, self.question.id, self._selection(), self._by())
            low, high = self.result.n
            if high < READABLE:
                self.message = (
                    f"Only {high} in this selection answered: too few to read."
                    if high
                    else "Nobody in this selection answered."
                )
            else:
                self.figure = charts.figure(self.result, note=self._note())
        said = wording.sentence(self.result, self.survey.provenance) if self.result else ""
        self._chart.clear_output(wait=True)
        with self._chart:
            if self.figure is not None:
                display(_drawn(self.figure, said), raw=True)
        self._said.value = self._below(said)

    def _by(self) -> str:
        by = self.filters.compare
        if by and self.question.population in self.survey.codebook.dimensions[by].source:
            return by
        return ""

    def _selection(self) -> Selection:
        """Leave out of what is selected the dimension whose groups are compared."""
        return self.filters.selection.without(self._by())

    def _words(self) -> str:
        """Why the selection has nothing to do with this question, empty if it has."""
        codebook = self.survey.codebook
        population = self.question.population
        who = codebook.populations[population].label.lower()
        conditions = self._selection().conditions
        names = {RESPONDENT_TYPE: "respondent type"}
        names |= {d.id: d.label.lower() for d in codebook.dimensions.values()}
        for key in (key for key, codes in conditions if not codes):
            return f"Nothing is chosen for {names[key]}, so nobody is selected."
        for key, codes in conditions:
            if key == RESPONDENT_TYPE and population not in codes:
                return f"Not asked of the selection: this question was put to {who}."
            if key != RESPONDENT_TYPE and population not in codebook.dimensions[key].source:
                return f"Not shown for this selection: the {names[key]} of {who} is not known."
        return ""

    def _note(self) -> str:
        assert self.result is not None
        chosen = self._selection().describe(self.survey.codebook)
        banner = self.survey.provenance.banner
        parts = [wording.base(self.result), chosen, banner, self.survey.describe]
        return " ".join(f"{part.rstrip('.')}." for part in parts if part)

    def _below(self, said: str) -> str:
        if self.message:
            return f"<p><em>{html.escape(self.message)}</em></p>"
        assert self.result is not None
        limits = "".join(f"<li>{html.escape(c)}</li>" for c in wording.caveats(self.result))
        table = tables.frame(self.result)
        shown = pd.DataFrame(tables.rows(self.result), columns=tables.columns(self.result))
        return (
            f"<p>{html.escape(said)}</p><ul>{limits}</ul><details><summary>Table</summary>"
            f"{shown.to_html(index=False, border=0)}</details>{self._download(table)}"
        )

    def _download(self, table: pd.DataFrame) -> str:
        assert self.result is not None
        lines = [
            self.question.label,
            self.question.wording,
            self._note(),
            self.survey.intervals_note(self.question.population),
        ]
        out = io.StringIO()
        for line in lines:
            out.write(pd.Series([_harmless(line)]).to_csv(index=False, header=False))
        table.map(_harmless).rename(columns=_harmless).to_csv(out, index=False)
        data = base64.b64encode(out.getvalue().encode("utf-8-sig")).decode()
        link = f'download="{html.escape(self.question.id)}.csv" href="data:text/csv;base64,{data}"'
        return f'<p><a style="text-decoration: underline" {link}>Download as CSV</a></p>'


def question(survey: Survey, question: str, filters: Filters) -> widgets.Widget:
    """Show a question so that chart, sentence, table and download follow `filters`.

    A question that the survey lacks is said in words, with what there is: notebooks run on any
    survey.
    """
    if question not in survey.codebook.questions:
        known = suggest(question, survey.codebook.questions, "question")
        words = html.escape(
            f'There is no question "{question}" in this survey. {known}', quote=False
        )
        return widgets.HTML(f"<p><em>{words}</em></p>")
    return QuestionView(survey, question, filters)


def _head(survey: Survey, question: Question) -> str:
    asked_n, answered = bases(tabulate(survey, question), question)
    asked = wording.asked(
        survey.codebook, question, answered, asked_n, respondents(survey, question.population)
    )
    source = f" {question.source}." if question.source else ""
    banner = ""
    if survey.provenance is not Provenance.PUBLIC:
        banner = f"<p><strong>{html.escape(survey.provenance.banner)}</strong></p>"
    return (
        f"<h3>{html.escape(question.label)}</h3><p>{html.escape(question.wording)}</p>"
        f"<p><small>{html.escape(asked + source)}</small></p>{banner}"
    )


def _drawn(figure: Any, words: str) -> dict[str, Any]:
    """Prepare a figure for JupyterLab, which holds the drawing script itself, and its words."""
    content = {
        **json.loads(figure.to_json()),
        "config": {"displayModeBar": False, "responsive": True},
    }
    return {"application/vnd.plotly.v1+json": content, "text/plain": words}


def _harmless(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and cell.startswith(_DANGEROUS):
        return f"'{cell}"
    return cell
