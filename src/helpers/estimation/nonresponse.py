"""Item non-response: which questions were left, in which blocks, and where people left the form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.estimation.intervals import wilson
from helpers.estimation.latest_wave import resolve_selection
from helpers.estimation.tabulate import ANSWERED, SUMS, patterns
from helpers.responses.survey import Survey

ALIKE = 0.05


@dataclass(frozen=True)
class Dropout:
    """Where the respondents of a population left the form.

    Attributes
    ----------
    reached : one row per question in questionnaire order: `question`, `answered` (respondents),
        `reached` (who answered it or any later question), `share` of all respondents
    respondents : all who responded
    complete : who answered every question that they were asked
    left : who stopped at some question and answered none after it
    skipped : who left a question out and answered a later one
    """

    reached: pd.DataFrame
    respondents: int
    complete: int
    left: int
    skipped: int


def by_question(survey: Survey, population: str) -> pd.DataFrame:
    """Count who was asked in the latest wave, and who answered, question by question.

    Returns
    -------
    DataFrame, one row per question in codebook order: `question`, `asked`, `answered`,
    `not_answered` (respondents), `share` not answered of those asked with Wilson's interval
    `ci_low` and `ci_high` (missing where nobody was asked), `block` (see `blocks`). Unweighted:
    it describes these respondents.
    """
    table = patterns(survey, population, resolve_selection(survey, None, population))
    rows = []
    for question in _questions(table):
        counted = table.groupby(question, sort=False)["n"].sum()
        answered, left = (int(counted.get(flag, 0)) for flag in (ANSWERED, NOT_ANSWERED))
        rows.append((question, answered + left, answered, left))
    found = pd.DataFrame(rows, columns=["question", "asked", "answered", "not_answered"])
    asked = found["asked"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        found["share"] = found["not_answered"] / asked
        found["ci_low"], found["ci_high"] = wilson(found["share"].to_numpy(), asked)
    found["ci_low"] = found["ci_low"].where(found["not_answered"] > 0, found["share"])
    found["block"] = blocks(table)
    return found


def blocks(table: pd.DataFrame) -> list[int]:
    """Give questions that the same people answered one number: their block.

    Parameters
    ----------
    table
        Of `tabulate.patterns`.

    Returns
    -------
    Block of each question, from 1: a question joins the latest block with whose first question
    at most `ALIKE` of those asked both disagree on having answered.
    """
    firsts: list[str] = []
    found = []
    for question in _questions(table):
        for n, first in reversed(list(enumerate(firsts))):
            both = table[(table[question] != NOT_ASKED) & (table[first] != NOT_ASKED)]
            unlike = both.loc[both[question] != both[first], "n"].sum()
            if unlike <= ALIKE * both["n"].sum():
                found.append(n + 1)
                break
        else:
            firsts.append(question)
            found.append(len(firsts))
    return found


def dropout(survey: Survey, population: str) -> Dropout:
    """Find where respondents of the latest wave left the form, questions in codebook order."""
    table = patterns(survey, population, resolve_selection(survey, None, population))
    questions = _questions(table)
    people = table["n"].to_numpy()
    gave = table[questions].to_numpy() == ANSWERED
    left_out = table[questions].to_numpy() == NOT_ANSWERED
    # Later or equal: from the end, whether anything was answered from here on.
    later = np.flip(np.logical_or.accumulate(np.flip(gave, axis=1), axis=1), axis=1)
    complete = ~left_out.any(axis=1)
    skipped = (left_out & later).any(axis=1)
    reached = people @ later
    total = int(people.sum())
    frame = pd.DataFrame({"question": questions, "answered": people @ gave, "reached": reached})
    frame["share"] = reached / total if total else np.nan
    return Dropout(
        frame,
        total,
        int(people[complete].sum()),
        int(people[~complete & ~skipped].sum()),
        int(people[skipped].sum()),
    )


def _questions(table: pd.DataFrame) -> Sequence[str]:
    return [name for name in table.columns if name not in SUMS]
