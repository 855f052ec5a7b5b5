"""Any question of a survey, chosen by its words, under filters."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from helpers.codebook.model import Kind
from helpers.codebook.searching import matching
from helpers.notebook.controls import Filters, filters
from helpers.notebook.questions import question
from helpers.notebook.without_kernel import Parts
from helpers.responses.survey import Survey
from helpers.words import lowered


class Explorer(Parts):
    """A search, the questions that match it, the filters, and the question that is chosen.

    Attributes
    ----------
    filters : the filters; `filters.set(…)` works from code
    search : words of a question, of its items or of its answers
    choice : the questions that match; its `value` is the id of the one that is shown
    """

    def __init__(self, survey: Survey, under: Filters, first: str) -> None:
        self.survey, self.filters = survey, under
        asked = [q for q in survey.codebook.questions.values() if q.kind is not Kind.TEXT]
        who = survey.codebook.populations
        several = len(who) > 1
        self._labels = {
            q.id: f"{q.label} ({lowered(who[q.population].label)})" if several else q.label
            for q in asked
        }
        wide = widgets.Layout(width="100%", max_width="46em")
        self.search = widgets.Text(
            placeholder="Find a question", description="Find", layout=wide, continuous_update=True
        )
        self.choice = widgets.Dropdown(description="Question", layout=wide)
        self._shown: dict[str, Any] = {}
        self._place = widgets.VBox()
        super().__init__((self.search, self.choice, under, self._place))
        self._find(None)
        if first:
            self.choice.value = first
        self.search.observe(self._find, "value")
        self.choice.observe(self._show, "value")
        self._show(None)

    def _find(self, _: Any) -> None:
        matched = {q.id for q in matching(self.survey.codebook, self.search.value)}
        found = [name for name in self._labels if name in matched]
        kept = self.choice.value if self.choice.value in found else None
        self.choice.options = [(self._labels[name], name) for name in found]
        if found:
            self.choice.value = kept or found[0]

    def _show(self, _: Any) -> None:
        name = self.choice.value
        if name is None:
            self._place.children = (
                widgets.HTML("<p><em>No question contains these words.</em></p>"),
            )
            return
        if name not in self._shown:
            self._shown[name] = question(self.survey, name, self.filters)
        self._place.children = (self._shown[name],)


def explore(survey: Survey, under: Filters | None = None, first: str = "") -> Explorer:
    """Look at any question of a survey: find it by its words, filter, compare.

    Parameters
    ----------
    under
        Filters of the notebook; by default its own.
    first
        Id of the question to show first.

    Examples
    --------
    >>> import helpers as h
    >>> found = h.explore(h.load_survey("data/example"))
    >>> found.search.value = "views"
    >>> found.choice.value
    'views'
    """
    if first:
        survey.question(first)  # an unknown one is said with those that exist
    return Explorer(survey, under or filters(survey), first)
