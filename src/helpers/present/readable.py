"""Whether a selection can be read on a question at all, and in words why not."""

from __future__ import annotations

from traceback import extract_tb

from helpers.codebook.model import RESPONDENT_TYPE, Question
from helpers.errors import InsightsError
from helpers.estimation.tabulate import bases, tabulate
from helpers.estimation.wave import chosen, in_force, known_of, lacking, together
from helpers.responses.selection import EVERY, Selection, Where
from helpers.responses.survey import Survey

READABLE = 10
NOBODY = "Nobody in this selection answered."


def unconcerned(survey: Survey, question: Question, selection: Selection) -> str:
    """Say why a selection has nothing to do with a question, empty if it has."""
    codebook, population = survey.codebook, question.population
    who = codebook.populations[population].label.lower()
    names = {RESPONDENT_TYPE: "respondent type"}
    names |= {d.id: d.label.lower() for d in codebook.dimensions.values()}
    for key in (key for key, codes in selection.conditions if not codes):
        return f"Nothing is chosen for {names.get(key, key)}, so nobody is selected."
    for key, codes in selection.conditions:
        if EVERY in codes:
            continue
        if key == RESPONDENT_TYPE and population not in codes:
            return f"Not asked of the selection: this question was put to {who}."
        if key in codebook.dimensions and population not in codebook.dimensions[key].source:
            return f"Not shown for this selection: the {names[key]} of {who} is not known."
    waves = in_force(codebook, population, selection)
    if waves and len(lacking(question, "", (), waves)) == len(waves):
        there = " and ".join(codebook.waves[wave] for wave in question.waves)
        return f"Not asked in {together(codebook, waves)}. Asked in {there}."
    return ""


def too_few(n: int) -> str:
    """Say that a base is too small to read, empty if it is not."""
    if n >= READABLE:
        return ""
    return f"Only {n} in this selection answered: too few to read." if n else NOBODY


def unread(survey: Survey, question: str, where: Where) -> str:
    """Say why a selection cannot be read on a question, empty if it can.

    A question that the survey lacks, or that has no shares, is left to whoever shows it.
    """
    asked = survey.codebook.questions.get(question)
    if asked is None:
        return ""
    selection = known_of(survey.codebook, asked.population, Selection.of(where))
    selection = chosen(survey, selection, asked.population)
    if words := unconcerned(survey, asked, selection):
        return words
    if not asked.tabulates:
        return ""
    return too_few(bases(tabulate(survey, asked, where=selection), asked)[1])


def failed(problem: Exception) -> str:
    """Say in one sentence why there is no result: a mistake in the data, or an error in code."""
    if isinstance(problem, InsightsError):
        return str(problem)
    steps = extract_tb(problem.__traceback__)
    place = f" in {steps[-1].name}" if steps else ""
    kind, words = type(problem).__name__, str(problem)
    return f"No result for this selection: {kind}{place}{f': {words}' if words else ''}."
