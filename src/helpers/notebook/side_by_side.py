"""Two selections of one question side by side: both charts, and the differences with intervals."""

from __future__ import annotations

import html
from typing import Any

import ipywidgets as widgets
import pandas as pd

from helpers.codebook.model import Question
from helpers.estimation.contrast import selections
from helpers.notebook.controls import Filters
from helpers.notebook.question_view import QuestionView
from helpers.notebook.without_kernel import Parts
from helpers.present import tables, wording
from helpers.present.formats import difference, percent
from helpers.present.key_answers import compared_options
from helpers.present.readable import failed
from helpers.present.results import answer
from helpers.responses.survey import Survey

HEADS = ("Answer", "First", "Second", "Difference in points")


class SideBySide(Parts):
    """One question for two selections, each with filters of its own.

    Attributes
    ----------
    one, other : the filters; `one.set(…)` and `other.set(…)` work from code
    table : shares, bases, and differences with their intervals; shares in [0, 1]
    """

    def __init__(self, survey: Survey, asked: Question, one: Filters, other: Filters) -> None:
        self.survey, self.asked, self.one, self.other = survey, asked, one, other
        self.table = pd.DataFrame()
        self._said = widgets.HTML()
        half = widgets.Layout(flex="1 1 420px", min_width="0")
        halves = [
            widgets.VBox(
                (widgets.HTML(f"<b>{name}</b>"), chosen, QuestionView(survey, asked.id, chosen)),
                layout=half,
            )
            for name, chosen in (("First", one), ("Second", other))
        ]
        both = widgets.Box(halves, layout=widgets.Layout(flex_flow="row wrap", grid_gap="24px"))
        super().__init__((both, self._said))
        for chosen in (one, other):
            chosen.observe(self._follow, "choice")  # after the charts
        self._follow(None)

    @property
    def views(self) -> tuple[QuestionView, QuestionView]:
        """The two charts."""
        first, second = (half.children[2] for half in self.children[0].children)
        return first, second

    def _follow(self, _: Any) -> None:
        try:
            self._said.value = self._compared()
        except Exception as problem:  # what is shown would stay, under filters that it is not of
            self.table, self._said.value = pd.DataFrame(), _words(failed(problem))

    def _compared(self) -> str:
        self.table = selections(
            self.survey,
            self.asked.id,
            self.one.selection,
            self.other.selection,
            combine=compared_options(self.asked),
        )
        too_small = [view.message for view in self.views if view.message]
        return _words(too_small[0]) if too_small else self._differences()

    def _differences(self) -> str:
        rows = [
            {
                "Answer": answer(self.asked, row),
                "First": f"{percent(row['share'])} of {row['n']:,}",
                "Second": f"{percent(row['share_other'])} of {row['n_other']:,}",
                "Difference in points": difference(row),
            }
            for row in self.table.to_dict("records")
        ]
        shared = int(self.table["n_both"].max())
        note = f"{shared:,} respondents are in both; the ranges allow for that." * bool(shared)
        simulated = wording.simulated(self.survey)
        banner = self.survey.provenance.banner if simulated else ""
        shown = tables.shown(pd.DataFrame(rows, columns=list(HEADS)), HEADS[1:])
        return f"{shown.to_html()}{_words(' '.join(filter(None, (note, banner))))}"


def _words(text: str) -> str:
    return f"<p><em>{html.escape(text)}</em></p>" if text else ""
