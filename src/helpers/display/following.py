"""Tables and sentences of a notebook that follow its filters, as its charts do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from IPython.display import Markdown, display

from helpers.display import summaries
from helpers.display.controls import Filters
from helpers.display.readable import unread
from helpers.display.results import unmarked
from helpers.errors import InsightsError
from helpers.estimation.selection import Selection
from helpers.estimation.wave import known_of
from helpers.survey.dataset import Survey


class Following(widgets.Output):
    """What a function makes of a question for the filters as they stand.

    Attributes
    ----------
    shown : the table or text, as the function made it, or why there is none
    """

    def __init__(
        self,
        filters: Filters,
        function: Callable[..., Any],
        survey: Survey,
        questions: tuple[str, ...],
        *more: Any,
    ) -> None:
        super().__init__()
        self.filters, self.survey, self.questions = filters, survey, questions
        self.function, self.more = function, more
        self.shown: Any = None
        filters.observe(self._follow, "selection")
        self._follow(None)

    def _follow(self, _: Any) -> None:
        selection = self.filters.selection
        words = self._unread(selection)
        self.shown = Markdown(f"*{unmarked(words)}*") if words else self._made(selection)
        self.clear_output(wait=True)
        with self:
            display(self.shown)
            if below := self._below(selection):
                display(Markdown(below))

    def _below(self, selection: Selection) -> str:
        """Say below a table whom it is about; sentences say themselves that data is simulated."""
        if isinstance(self.shown, Markdown) and not selection.conditions:
            return ""
        chosen = unmarked(selection.describe(self.survey.codebook))
        parts = [f"{chosen}." if chosen else "", unmarked(self.survey.provenance.banner)]
        return f"*{' '.join(filter(None, parts))}*"

    def _unread(self, selection: Selection) -> str:
        """Say why none of the questions can be read, empty if one can."""
        said = [unread(self.survey, question, selection) for question in self.questions]
        return said[0] if all(said) else ""

    def _made(self, selection: Selection) -> Any:
        if asked := self.survey.codebook.questions.get(self.questions[0]):
            selection = known_of(self.survey.codebook, asked.population, selection)
        try:
            made = self.function(self.survey, self.questions[0], *self.more, where=selection)
        except InsightsError as problem:
            return Markdown(f"*{unmarked(str(problem))}*")
        return Markdown(made) if isinstance(made, str) else made


def follow(
    filters: Filters, function: Callable[..., Any], survey: Survey, question: str, *more: Any
) -> Following:
    """Show `function(survey, question, *more, where=…)` anew whenever the filters change.

    A selection too small to read, or not asked, is said in words instead.

    Parameters
    ----------
    function
        Any that takes a survey, a question and ``where``, such as `significance.changes`,
        `wording.shares_in_words`, or an estimate.
    """
    return Following(filters, function, survey, (question,), *more)


def matched(filters: Filters, survey: Survey, question: str) -> Following:
    """Show `summaries.matched` anew whenever the filters change.

    Of the questions that stand side by side, those are shown that can be read.
    """
    questions = (question, *survey.codebook.matches(question))
    return Following(filters, summaries.matched, survey, questions)
