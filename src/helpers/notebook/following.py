"""Tables, sentences and charts of a notebook that follow its filters, as its questions do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from html import escape
from inspect import Parameter, signature
from types import MappingProxyType
from typing import Any

import ipywidgets as widgets
from IPython.core.formatters import DisplayFormatter
from IPython.core.getipython import get_ipython
from IPython.display import Markdown as AnyMarkdown

from helpers.analysis.result import Result
from helpers.estimation.latest_wave import known_of
from helpers.notebook import sanitizing
from helpers.notebook.controls import Filters
from helpers.notebook.drawing import Picture
from helpers.notebook.without_kernel import Markdown, Parts, StillForm, still_form
from helpers.present import summaries
from helpers.present.formats import escaped_markdown
from helpers.present.readable import failed, unread
from helpers.responses.selection import Selection
from helpers.responses.survey import Survey

SCRIPT_DRAWS = ("bar", "scatter", "pie")
CHOOSE, NOTHING = "Choose what to compare by.", "There is nothing to compare by."


class Following(Parts):
    """What a function makes of one question or several for the filters as they are.

    Attributes
    ----------
    shown : the table, text or figure, as the function made it, or why there is none
    problem : the exception where the function stopped with one, else None

    Notes
    -----
    Nothing is displayed inside an `Output` widget: nbclient, and with it nbconvert, papermill and
    Voila, can hang on that.
    """

    def __init__(
        self,
        filters: Filters,
        function: Callable[..., Any],
        survey: Survey,
        question: str | Sequence[str],
        more: Sequence[Any] = (),
        named: Mapping[str, object] = MappingProxyType({}),
        beside: Sequence[str] = (),
    ) -> None:
        """Show the function's result now and after each change; `beside` are read with it."""
        self.filters, self.function, self.survey = filters, function, survey
        self.question, self.more, self.named = question, more, named
        several = (question,) if isinstance(question, str) else tuple(question)
        self.questions = (*several, *beside)
        self.shown: Any = None
        self.problem: Exception | None = None
        self._words = ""
        self._text, self._foot = widgets.HTML(), widgets.HTML()
        self._own: widgets.DOMWidget | None = None
        super().__init__()
        filters.observe(self._follow, "choice")
        self._follow(None)

    def still(self) -> StillForm:
        """Show the result as it is now."""
        found = super().still()
        if len(self.children) == 1:
            return replace(still_form(self.children[0]), plain=self._words)
        return replace(found, plain=self._words)

    def _follow(self, _: Any) -> None:
        by, selection, self.problem = self._by(), self.filters.selection, None
        if by is not None:
            selection = selection.without(by)  # what is compared is not filtered
        try:
            self.shown = self._result(selection, by)
            made, words = _form(self.shown)
        except Exception as problem:  # what is shown would stay, under filters that it is not of
            self.problem = problem
            self.shown = Markdown(f"*{escaped_markdown(failed(problem))}*")
            made, words = _form(self.shown)
        below = self._below(selection)
        self._words = "\n".join(filter(None, (words, below.strip("*"))))
        self._put(made, below)

    def _put(self, made: widgets.Widget | str, below: str) -> None:
        """Change the texts, or the widget where there is one; one made for this is closed."""
        old, self._own = self._own, None
        self._foot.value = _dressed(sanitizing.markdown(below)) if below else ""
        if isinstance(made, str):
            self._text.value, made = made, self._text
        elif made is not self.shown:
            self._own = made
        self.children = (made, self._foot) if below else (made,)
        if old is not None:
            old.layout.close()
            old.close()

    def _result(self, selection: Selection, by: str | None) -> Any:
        if words := self._unread(selection):
            return Markdown(f"*{escaped_markdown(words)}*")
        if by == "" and self._needs_by:
            return Markdown(f"*{CHOOSE if len(self.filters.comparisons) > 1 else NOTHING}*")
        if asked := self.survey.codebook.questions.get(self.questions[0]):
            selection = known_of(self.survey.codebook, asked.population, selection)
        compared = {"by": by} if by else {}
        made = self.function(
            self.survey, self.question, *self.more, where=selection, **compared, **self.named
        )
        return Markdown(made) if isinstance(made, str) else made

    def _by(self) -> str | None:
        """Return what the filters compare if the function takes it, otherwise None."""
        if self._parameter is None:
            return None
        by = self.filters.compare
        asked = [self.survey.codebook.questions.get(name) for name in self.questions]
        known = self.survey.codebook.dimensions[by].source if by else ()
        return by if all(q is None or q.population in known for q in asked) else ""

    @property
    def _needs_by(self) -> bool:
        return self._parameter is not None and self._parameter.default is Parameter.empty

    @property
    def _parameter(self) -> Parameter | None:
        """The function's `by`, if nothing is given for it."""
        try:
            takes = signature(self.function)
            given = takes.bind_partial(self.survey, self.question, *self.more, **self.named)
        except (TypeError, ValueError):  # the call itself will say what is wrong
            return None
        return None if "by" in given.arguments else takes.parameters.get("by")

    def _below(self, selection: Selection) -> str:
        """Caption a table with its selection; sentences say themselves that data is simulated."""
        if isinstance(self.shown, AnyMarkdown | Result) and not selection.conditions:
            return ""
        chosen = escaped_markdown(selection.describe(self.survey.codebook))
        parts = [f"{chosen}." if chosen else "", escaped_markdown(self.survey.provenance.banner)]
        return f"*{' '.join(filter(None, parts))}*"

    def _unread(self, selection: Selection) -> str:
        """Say why none of the questions can be read, empty if one can."""
        said = [unread(self.survey, question, selection) for question in self.questions]
        return said[0] if said and all(said) else ""


def follow(
    filters: Filters,
    function: Callable[..., Any],
    survey: Survey,
    question: str | Sequence[str],
    *more: Any,
    **named: Any,
) -> Following:
    """Show `function(survey, question, *more, where=…, **named)` again whenever the filters change.

    If the selection is too small, or was not asked, a message takes the place of the result. The
    same happens if `function` raises, so that a result for other filters never stays.

    Parameters
    ----------
    function
        Any that takes a survey, a question and ``where``, such as `share`, `compare` or `change`,
        or one of your own. It may return a `Result`, a table, a text (Markdown), a plotly figure,
        a widget, or whatever a notebook can show. If it takes ``by`` and none is given here, it
        gets the characteristic that the filters compare, which `where` then leaves out.
    question
        One, or several in a list; passed to the function unchanged.
    more, named
        Further arguments for the function.

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example")
    >>> chosen = h.filters(survey)
    >>> shown = h.follow(chosen, h.compare, survey, "views", by="branch")
    >>> chosen.set({"branch": "centre"})
    >>> shown.shown.sentence.startswith("Simulated:")
    True
    """
    return Following(filters, function, survey, question, more, named)


def matched(survey: Survey, question: str, filters: Filters) -> Following:
    """Show a question beside those that the codebook matches with it, one column per population.

    The table follows the filters, and leaves out questions that cannot be shown for them.
    """
    beside = survey.codebook.matches(question)
    return Following(filters, summaries.matched, survey, question, beside=beside)


def _dressed(markup: str) -> str:
    """Let markup look like an output of JupyterLab."""
    return f'<div class="jp-RenderedHTMLCommon">{markup}</div>'


def _form(made: Any) -> tuple[widgets.Widget | str, str]:
    """Return what a function made as HTML or a widget, and in plain words."""
    if isinstance(made, widgets.Widget):
        return made, still_form(made).plain
    if isinstance(made, AnyMarkdown):
        return _dressed(sanitizing.markdown(str(made.data))), str(made.data)
    if hasattr(made, "to_plotly_json"):
        return _figure(made)
    shell = get_ipython()
    formatter = (shell.display_formatter if shell is not None else None) or DisplayFormatter()
    forms, _ = formatter.format(made)
    words = str(forms.get("text/plain", ""))
    if " at 0x" in words and "text/html" in forms:  # a name, no words
        words = sanitizing.text(forms["text/html"])
    for kind in ("text/html", "image/svg+xml"):
        if kind in forms:
            return _dressed(forms[kind]), words
    for kind in ("image/png", "image/jpeg"):
        if kind in forms:
            return f'<img alt="{escape(words)}" src="data:{kind};base64,{forms[kind]}">', words
    if "text/markdown" in forms:
        return _dressed(sanitizing.markdown(forms["text/markdown"])), words
    return sanitizing.plain(words), words


def _figure(made: Any) -> tuple[widgets.Widget, str]:
    import plotly.graph_objects as go

    from helpers.present.figures import in_words, specification

    spec = specification(made)
    words = in_words(spec)
    if all(trace.get("type", "scatter") in SCRIPT_DRAWS for trace in spec["data"]):
        return Picture(spec, words), words
    return go.FigureWidget(made), words
