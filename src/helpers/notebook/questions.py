"""`h.question`: one question, two selections of it, or all questions of a trend."""

from __future__ import annotations

import html

import ipywidgets as widgets

from helpers.codebook.model import Kind, Question, suggest
from helpers.errors import InsightsError
from helpers.notebook.controls import Filters
from helpers.notebook.controls import filters as make_filters
from helpers.notebook.following import matched as with_matched
from helpers.notebook.open_text import AnswersReader
from helpers.notebook.question_view import NumberView, QuestionView
from helpers.notebook.side_by_side import SideBySide
from helpers.notebook.without_kernel import Parts, Words
from helpers.responses.selection import Selection, Where
from helpers.responses.survey import Survey


def question(
    survey: Survey,
    question: str = "",
    filters: Filters | None = None,
    *,
    trend: str = "",
    matched: bool = False,
    beside: tuple[Where, Where] | None = None,
) -> widgets.DOMWidget:
    """Show a question so that chart, sentence, table and files follow `filters`.

    Answers to an open question are listed beside who gave them, with a search. If the survey lacks
    the question or trend, or its answers cannot be shown in this way, a message says so: notebooks
    run on any survey.

    Parameters
    ----------
    filters
        Those of the notebook; without any the question shows everybody.
    trend
        Instead of a question: show every question of a trend, under the headings of its sections.
        Texts are left out.
    matched
        Show it in a table beside the questions that the codebook matches with it, one column per
        population. A note below says whether they may be tested against each other.
    beside
        Show it for two selections, each with filters of its own that begin as given here, with the
        differences between them.

    Raises
    ------
    InsightsError
        For a question and a trend together, or neither; for `beside` with `filters`, `matched` or
        `trend`.

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example")
    >>> h.question(survey, "views", h.filters(survey)).message
    ''
    >>> beside = h.question(survey, "views", matched=True)
    >>> list(beside.shown.data.columns)
    ['Item', 'Readers: agree or strongly agree']
    >>> two = h.question(survey, "views", beside=({"branch": "centre"}, {"branch": "harbour"}))
    >>> int(two.table["n_both"].max())
    0
    >>> len(h.question(survey, trend="reading").children) > 5
    True
    """
    if bool(question) == bool(trend):
        raise InsightsError("Name a question, or a trend to see all of its questions.")
    if beside is not None and (filters is not None or matched or trend):
        raise InsightsError("beside= shows one question under filters of its own, and no others.")
    if trend and matched:
        raise InsightsError("matched= goes with one question; a trend has several.")
    if trend:
        return _trend(survey, trend, filters or make_filters(survey, ()))
    asked = survey.codebook.questions.get(question)
    if beside is not None and asked is not None and asked.tabulates:
        return _beside(survey, asked, *beside)
    filters = filters or make_filters(survey, ())
    if matched:
        return with_matched(survey, question, filters)
    if asked is not None and asked.tabulates:
        return QuestionView(survey, question, filters)
    if asked is None:
        return _unknown(survey, question, "question")
    if asked.kind is Kind.TEXT and beside is None:
        return AnswersReader(survey, asked, filters)
    if asked.kind is Kind.NUMBER and beside is None:
        return NumberView(survey, asked, filters)
    return _said(f"“{asked.label}” is a {asked.kind} question: it has no shares to draw.")


def _trend(survey: Survey, trend: str, filters: Filters) -> widgets.DOMWidget:
    if trend not in survey.codebook.trends:
        return _unknown(survey, trend, "trend")
    sections = survey.codebook.trends[trend].sections
    shown: list[widgets.DOMWidget] = []
    last = ""
    for asked in survey.codebook.of_trend(trend):
        if asked.section != last and asked.section in sections:
            shown.append(widgets.HTML(f"<h2>{html.escape(sections[asked.section])}</h2>"))
        last = asked.section
        if asked.kind is not Kind.TEXT:
            shown.append(question(survey, asked.id, filters))
    return Parts(shown)


def _beside(survey: Survey, asked: Question, one: Where, other: Where) -> SideBySide:
    chosen = [make_filters(survey) for _ in range(2)]
    for each, where in zip(chosen, (one, other), strict=True):
        wanted = Selection.of(where)
        if all(key in each.chips for key, _ in wanted.conditions):  # notebooks run on any survey
            each.set(wanted)
    return SideBySide(survey, asked, *chosen)


def _unknown(survey: Survey, name: str, what: str) -> Words:
    listed = survey.codebook.questions if what == "question" else survey.codebook.trends
    known = suggest(name, listed, what)
    return _said(f'There is no {what} "{name}" in this survey. {known}')


def _said(words: str) -> Words:
    return Words(f"<p><em>{html.escape(words, quote=False)}</em></p>")
