"""Columns that repeat one another, such as a recode beside the answers that it was made from.

That they are related says nothing about people.
"""

from __future__ import annotations

from itertools import chain

import numpy as np
import pandas as pd

from helpers.codebook.model import Codebook, Question
from helpers.estimation.findings import COMPARISON, LEAST
from helpers.estimation.tabulate import coded_columns
from helpers.responses.near_duplicates import (
    EXACT,
    NESTED,
    Answers,
    answer_codes,
    places_of,
    repeated,
)
from helpers.responses.recoding import band_column
from helpers.responses.survey import Survey

Repeats = dict[str, tuple[str, ...]]
_AT_ONCE = 50_000_000  # cells that are read before they are thinned out
_MOST = 200_000  # respondents who decide


def repeats_of(survey: Survey, population: str) -> Repeats:
    """Find the columns of a population that repeat others, once for a survey.

    Returns
    -------
    By response column, or `band_column` of a dimension, the columns that it repeats.
    """
    key = (population, "repeats")
    if key not in survey.known:
        survey.known[key] = repeated(_answers(survey, population))
    found: Repeats = survey.known[key]
    return found


def columns_of(codebook: Codebook) -> dict[tuple[str, str, str], str]:
    """Response column of each question, item and time."""
    asked = codebook.questions.values()
    return {(q.id, c.item, c.time): c.column for q in asked for c in q.cells}


def restated(survey: Survey, dimension: str, rows: pd.DataFrame) -> pd.Series:
    """Say which rows compare the groups of a dimension on what they are made of.

    Those are of columns that repeat the dimension; and of a comparison of which one answer tells
    two of the groups apart, in all but one in `NESTED`: a box *black* and the groups of a question
    on race that has *mixed*, too.

    Parameters
    ----------
    rows
        Of a family of comparisons, see `findings.judge_family`.
    """
    codebook = survey.codebook
    who = dict.fromkeys(survey.question(name).population for name in rows["question"].unique())
    of = [repeats_of(survey, population).get(band_column(dimension), ()) for population in who]
    places, repeating = columns_of(codebook), {*chain(*of)}
    at = zip(*(rows[name].tolist() for name in COMPARISON), strict=True)
    same = pd.Series([places[one] in repeating for one in at], rows.index, dtype=bool)
    n, m = rows["n"].astype(float), rows["n_other"].astype(float)
    wrong = n * (1 - rows["share"]) + m * rows["share_other"]
    wrong = np.fmin(wrong, n + m - wrong)
    apart = (wrong * NESTED <= n + m) & (n + m >= EXACT) & (np.fmin(n, m) >= LEAST)
    found = rows.assign(apart=same | apart).groupby(COMPARISON)["apart"].transform("max")
    return found.astype(bool)


def targeted(survey: Survey, asked: Question) -> bool:
    """Whether weights were made to meet targets of a question: its shares are no finding."""
    steps = survey.weighting.get(asked.population, ())
    keys = {key for step in steps for margin in step.met for key in margin}
    for dimension in survey.codebook.dimensions.values():
        if dimension.id in keys and asked.population in dimension.source:
            keys.add(dimension.source[asked.population].column)
    return asked.id in keys or any(cell.column in keys for cell in asked.cells)


def describes(survey: Survey, asked: Question) -> bool:
    """Whether a question says who people are: what a characteristic is made of, or a target is of.

    How groups differ on it tells how characteristics go together, and nothing of answers.
    """
    if asked.derived:
        return False
    codebook, population = survey.codebook, asked.population
    made = (d.source.get(population) for d in codebook.dimensions.values() if not d.derived)
    columns = {source.column for source in made if source is not None}
    repeats = repeats_of(survey, population)
    return targeted(survey, asked) or all(
        not columns.isdisjoint((cell.column, *repeats.get(cell.column, ()))) for cell in asked.cells
    )


def _answers(survey: Survey, population: str) -> dict[str, Answers]:
    codebook, held = survey.codebook, survey.held[population]
    codes = answer_codes(codebook, population)
    for dimension in codebook.dimensions.values():
        if population in dimension.source:
            codes[band_column(dimension.id)] = tuple(dimension.bands)
    names = list(codes)
    some = max(_AT_ONCE // max(held.respondents, 1), 1) if held.in_order else len(names)
    thin = slice(None, None, max(held.respondents // _MOST, 1))
    found: dict[str, Answers] = {}
    for at in range(0, len(names), some):
        for name, (which, cells) in coded_columns(
            survey, population, names[at : at + some]
        ).items():
            found[name] = places_of(cells, which[thin], codes[name])
    return found
