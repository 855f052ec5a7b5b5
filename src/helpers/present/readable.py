"""Whether a selection has enough answers to a question to show, and if not, why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from traceback import extract_tb
from typing import Any

from helpers.codebook.model import RESPONDENT_TYPE, Question
from helpers.errors import InsightsError
from helpers.estimation.latest_wave import (
    known_of,
    resolve_selection,
    selected_waves,
    waves_in_words,
    waves_without,
)
from helpers.estimation.tabulate import bases, tabulate
from helpers.responses.selection import EVERY, Selection, Where
from helpers.responses.survey import Survey
from helpers.words import Catalogue, lowered, words_in

READABLE = 10
MARK = "†"  # of groups of fewer answers
SMALL = 30  # answers below which what they say is indicative
UNRELIABLE = "[u]"  # of bases of fewer answers, as in the UK government's spreadsheets


def unconcerned(survey: Survey, question: Question, selection: Selection) -> str:
    """Say why a selection has nothing to do with a question, empty if it has."""
    codebook, population = survey.codebook, question.population
    say = words_in(codebook.language)
    who = lowered(codebook.populations[population].label)
    names = {RESPONDENT_TYPE: say("readable.respondent_type")}
    names |= {d.id: lowered(d.label) for d in codebook.dimensions.values()}
    for key in (key for key, codes in selection.conditions if not codes):
        return say("readable.nothing_chosen", dimension=names.get(key, key))
    for key, codes in selection.conditions:
        if EVERY in codes:
            continue
        if key == RESPONDENT_TYPE and population not in codes:
            return say("readable.not_asked_of", people=who)
        if key in codebook.dimensions and population not in codebook.dimensions[key].source:
            return say("readable.not_known", dimension=names[key], people=who)
    waves = selected_waves(codebook, population, selection)
    if waves and len(waves_without(question, "", (), waves)) == len(waves):
        there = say.listed([codebook.waves[wave] for wave in question.waves])
        return say("readable.not_asked_in", waves=waves_in_words(codebook, waves), others=there)
    return ""


def too_few(n: int, say: Catalogue | None = None) -> str:
    """Say that a base is too small to read, empty if it is not."""
    if n >= READABLE:
        return ""
    say = say or words_in()
    return say("readable.too_few", n=n) if n else say("sentence.nobody")


def mark(label: str) -> str:
    """Mark the label of a group of too few answers, which a note below explains."""
    return f"{label} {MARK}"


def marks(labels: Sequence[str], say: Catalogue) -> str:
    """Explain the mark, with the groups that have it; empty if none has."""
    if not labels:
        return ""
    return say("caveat.marked", mark=MARK, n=READABLE, groups=say.listed(labels))


def base_of(n: float) -> str:
    """Write a base; one that is small has its mark, which `unreliable` explains."""
    return f"{n:,} {UNRELIABLE}" if 0 < n < SMALL else f"{n:,}"


def unreliable(rows: Iterable[Mapping[Any, Any]], say: Catalogue) -> str:
    """Explain the mark of small bases where a cell of some rows has it; else empty."""
    if any(UNRELIABLE in cell for row in rows for cell in map(str, row.values())):
        return say("caveat.unreliable", mark=UNRELIABLE, n=SMALL)
    return ""


def unread(survey: Survey, question: str, where: Where) -> str:
    """Say why a selection cannot be read on a question, empty if it can.

    Questions that the survey lacks, or that have no shares, are left to the caller.
    """
    asked = survey.codebook.questions.get(question)
    if asked is None:
        return ""
    selection = known_of(survey.codebook, asked.population, Selection.of(where))
    selection = resolve_selection(survey, selection, asked.population)
    if words := unconcerned(survey, asked, selection):
        return words
    if not asked.tabulates:
        return ""
    answered = bases(tabulate(survey, asked, where=selection), asked)[1]
    return too_few(answered, survey.say)


def failed(problem: Exception) -> str:
    """Say in one sentence why there is no result: a mistake in the data, or an error in code."""
    if isinstance(problem, InsightsError):
        return str(problem)
    steps = extract_tb(problem.__traceback__)
    say, words = words_in(), str(problem)
    return say(
        "readable.failed",
        kind=type(problem).__name__,
        place=say("readable.failed_place", name=steps[-1].name) if steps else "",
        words=say("readable.failed_words", words=words) if words else "",
    )
