"""The data of a model: respondents by answer and characteristics, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import (
    NOT_STATED,
    RESPONDENT_TYPE,
    Codebook,
    Kind,
    Missing,
    Option,
    Question,
    ResponseColumn,
    suggest,
)
from helpers.errors import InsightsError
from helpers.estimation.association import check_numbers
from helpers.estimation.ordinal import Frequencies, ModelledPeople, separating
from helpers.estimation.tabulate import (
    SUMS,
    joint,
    some_gave_several,
    strata,
)
from helpers.estimation.terms import GROUPS, Term
from helpers.estimation.variance import Design
from helpers.responses.recoding import PERSON
from helpers.responses.selection import Selection, column_of, known_codes
from helpers.responses.survey import Survey
from helpers.terminal import count

UNSAID = {NOT_STATED, NOT_ASKED, NOT_ANSWERED}


@dataclass(frozen=True)
class ModelData:
    """The frequency table of a model, and what its columns mean."""

    cells: Frequencies
    options: list[Option]
    levels: dict[str, list[str]]  # of every characteristic, the reference first
    slopes: list[tuple[str, str]]
    sizes: dict[tuple[str, str], int]
    left_out: dict[str, int]
    design: Design

    @property
    def designed(self) -> bool:
        """Whether standard errors follow the design."""
        return self.design.designed


def answer_column(question: Question, item: str, time: str) -> ResponseColumn:
    """Find the column of answers to model; where several could be meant, raise `InsightsError`."""
    if not question.is_scale:
        raise InsightsError(
            f"{question.id} has no scale of three or more points: {question.why_no_scale}. To "
            "compare groups on it, use `h.compare`."
        )
    return column_named(question, item, time)


def column_named(question: Question, item: str, time: str) -> ResponseColumn:
    """Find the column of answers with this item and time, if there is but one."""
    found = [c for c in question.cells if item in ("", c.item) and time in ("", c.time)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{c.item} {c.time}".strip() for c in question.cells)
    raise InsightsError(
        f"{question.id} has {len(question.cells)} columns of answers: name one by item and time "
        f"({listed})."
    )


def check_characteristics(
    survey: Survey,
    asked: Question,
    cell: ResponseColumn,
    keys: Sequence[str],
    numbers: Mapping[str, str] | None = None,
) -> None:
    """Raise `InsightsError` for characteristics that can form no groups of those asked.

    `numbers` gives the columns of those that are numbers, where these will do, too.
    """
    if not keys:
        known = [d for d, v in survey.codebook.dimensions.items() if asked.population in v.source]
        raise InsightsError(f"Name what to model on. {suggest('', known, 'dimension')}")
    for key in keys:
        who = survey.codebook.populations[asked.population].label
        if key == RESPONDENT_TYPE:
            raise InsightsError(f"{asked.id} was put to one respondent type only: {who}.")
        column = (numbers or {}).get(key) or column_of(survey.codebook, key)
        if column not in survey.columns(asked.population):
            raise InsightsError(f"{who} have no {key}: it is not known for them.")
        source = survey.codebook.dimensions[key].source if key in survey.codebook.dimensions else {}
        read = source[asked.population].column if asked.population in source else column
        if cell.column in (column, read):
            raise InsightsError(f"{key} is the answer itself.")
        if not known_codes(survey.codebook, key) and key not in (numbers or {}):
            said = f"{key} holds numbers or text: so it cannot form groups."
            owner = survey.codebook.owners.get(column)
            if numbers is None and owner is not None and owner.kind is Kind.NUMBER:
                said += ' An ordinal model has groups only: use kind="linear", or bands of it.'
            raise InsightsError(said)


def numbers_of(survey: Survey, terms: Sequence[Term]) -> dict[str, str]:
    """Find the characteristics that are numbers, and their columns.

    A name of both a number question and a dimension means the number, and ``C(name)`` the bands.

    Raises
    ------
    InsightsError
        For a function of what is not a number, bands that there are none of, and one name for both.
    """
    codebook = survey.codebook
    factors = list(dict.fromkeys(factor for term in terms for factor in term))
    found = {}
    for factor in factors:
        owner = codebook.owners.get(factor.key)
        number = owner is not None and owner.kind is Kind.NUMBER
        if factor.form == GROUPS and number and factor.key not in codebook.dimensions:
            raise InsightsError(
                f"C({factor.key}): {factor.key} is a number and has no bands. Make some with "
                "survey.derive and h.recipes.bands."
            )
        if factor.changed and not number:
            column_of(codebook, factor.key)
            raise InsightsError(f"{factor.text} is for numbers, and {factor.key} forms groups.")
        if number and factor.form != GROUPS:
            found[factor.key] = factor.key
    twice = [f.key for f in factors if f.form == GROUPS and f.key in found]
    if twice:
        raise InsightsError(
            f"{twice[0]} is in the formula as number and as bands, C({twice[0]}): choose one."
        )
    return found


def said_codes(codebook: Codebook, key: str) -> list[str]:
    """Codes of a characteristic that say something, in codebook order."""
    unsaid = set(UNSAID)
    if key not in codebook.dimensions:
        unsaid |= {o.code for o in codebook.owners[key].options if o.missing is not Missing.NO}
    return [code for code in known_codes(codebook, key) if code not in unsaid]


def model_data(
    codebook: Codebook,
    asked: Question,
    cell: ResponseColumn,
    keys: list[str],
    rows: pd.DataFrame | None,
    design: Design,
    reference: Mapping[str, str],
) -> ModelData:
    """Reduce the joint table to the respondents in the model."""
    scale = sorted(asked.substantive, key=lambda o: o.score or 0.0)
    if rows is None or rows.empty:
        raise InsightsError(f"Nobody who was asked {asked.id} is selected: nothing to model.")
    answered = rows[cell.column].isin([o.code for o in scale])
    stated = pd.Series(True, index=rows.index)
    left_out = {}
    for key in keys:
        unknown = stated & ~rows[key].isin(said_codes(codebook, key))
        left_out[f"{key} not stated"] = int(rows["n"][answered & unknown].sum())
        stated &= ~unknown
    left_out["no answer on the scale"] = int(rows["n"][~answered].sum())
    used = rows[answered & stated & (rows["sum_w"] > 0)]
    left_out["weight of 0"] = int(rows["n"][answered & stated].sum() - used["n"].sum())
    options = [o for o in scale if o.code in set(used[cell.column])]
    levels = {k: levels_of(codebook, k, used, reference) for k in keys}
    slopes = [(k, v) for k, codes in levels.items() for v in codes[1:]]
    patterns = used.groupby([cell.column, *keys], sort=False).ngroup().to_numpy()
    first = used.drop_duplicates([cell.column, *keys])
    sums = np.zeros((3, len(first), len(design.cells)))
    places = {name: n for n, name in enumerate(design.cells)}
    at = (patterns, used["stratum"].map(places).to_numpy(dtype=int))
    for target, name in zip(sums, SUMS, strict=True):
        np.add.at(target, at, used[name].to_numpy(dtype=float))
    x = np.array([[float(row[k] == v) for k, v in slopes] for _, row in first.iterrows()])
    ranks = {o.code: n for n, o in enumerate(options)}
    y = np.array([ranks[code] for code in first[cell.column]], dtype=int)
    persons = persons_of(used, *at, sums.shape[1:])
    n, w, w2 = sums
    cells = Frequencies(x.reshape(len(first), len(slopes)), y, n, w, w2, persons)
    sizes = {(k, v): int(used["n"][used[k] == v].sum()) for k in keys for v in levels[k]}
    gone = {reason: n for reason, n in left_out.items() if n}
    return ModelData(cells, options, levels, slopes, sizes, gone, design)


def persons_of(
    rows: pd.DataFrame, cells: Any, strata: Any, shape: tuple[int, ...]
) -> ModelledPeople | None:
    """Tell the people apart who gave the answers of a model; None where rows do not name them.

    Parameters
    ----------
    rows
        Table of `joint`, by `PERSON` too where people gave several answers.
    cells, strata
        Places of every row.
    """
    from scipy.sparse import csr_array

    if PERSON not in rows:
        return None
    weight = rows["sum_w"].to_numpy(dtype=float)
    named = (rows[PERSON] != "").to_numpy()
    alone, n = np.zeros(shape), np.zeros(shape[1])
    lone = (cells[~named], strata[~named])
    np.add.at(alone, lone, rows["sum_w2"].to_numpy(dtype=float)[~named])
    np.add.at(n, lone[1], rows["n"].to_numpy(dtype=float)[~named])
    weights = []
    for stratum in range(shape[1]):
        here = named & (strata == stratum)
        who, person = np.unique(rows[PERSON].to_numpy(dtype=str)[here], return_inverse=True)
        weights.append(csr_array((weight[here], (person, cells[here])), (len(who), shape[0])))
        n[stratum] += len(who)
    return ModelledPeople(weights, alone, n)


def rows_of_model(
    survey: Survey,
    asked: Question,
    columns: Sequence[str],
    keys: Sequence[str],
    selection: Selection,
) -> tuple[pd.DataFrame | None, Design]:
    """Count respondents by answers and characteristics, each person's if some gave several."""
    population = asked.population
    design = Design.of(strata(survey, population), survey, population)
    if not selection.concerns(survey, population):
        return None, design
    several = some_gave_several(survey, population, selection)
    by = [*keys, *[PERSON] * several]
    return joint(survey, population, columns, by, selection), design


def levels_of(
    codebook: Codebook, key: str, used: pd.DataFrame, reference: Mapping[str, str]
) -> list[str]:
    """Codes of a characteristic that somebody in the model has, the reference first."""
    there = set(used[key])
    codes = [code for code in said_codes(codebook, key) if code in there]
    first = reference.get(key)
    if first is not None and first not in codes:
        raise InsightsError(
            f'reference: nobody in the model has {key} "{first}". {suggest(first, codes, "group")}'
        )
    return codes if first is None else [first, *(c for c in codes if c != first)]


def called(codebook: Codebook, key: str, code: str) -> str:
    """Name a group by its characteristic and code, with the label where it says more."""
    label = known_codes(codebook, key).get(code, code)
    return f"{key} {code}" if label.casefold() == code.casefold() else f"{key} {code} ({label})"


def refuse(codebook: Codebook, data: ModelData, fewest: float) -> None:
    """Raise every reason why the model cannot be fitted."""
    check_numbers(fewest=fewest)
    n = data.cells.n.sum(axis=1)
    counts = np.bincount(data.cells.y, n) if len(n) else np.zeros(0)
    total = counts.sum()
    reasons = []
    if len(data.options) < 2:
        said = (
            f'everybody gave the answer "{data.options[0].label}"'
            if data.options
            else ("nobody answered on the scale and stated all characteristics")
        )
        raise InsightsError(f"This model cannot be fitted: {said}.")
    for key, codes in data.levels.items():
        if len(codes) < 2:
            there = ", ".join(called(codebook, key, code) for code in codes) or key
            reasons.append(f"all {total:,.0f} respondents have {there}")
    for (key, code), size in data.sizes.items():
        if size < fewest and len(data.levels[key]) > 1:
            whom = called(codebook, key, code)
            reasons.append(f"{whom} holds {count(size, 'respondent')}, fewer than {fewest:g}")
    worth = total - (counts**3).sum() / total**2
    slopes = len(data.slopes)
    if slopes and worth < fewest * slopes:
        reasons.append(
            f"the answers of {total:,.0f} respondents are worth {worth:,.0f} to a model, and its "
            f"{slopes} slopes need {fewest * slopes:g}"
        )
    if slopes and not reasons:
        reasons += _inseparable(codebook, data)
    if reasons:
        raise InsightsError(
            f"This model cannot be fitted: {'; '.join(reasons)}. Combine groups, leave "
            "a characteristic out, or compare groups with `h.compare`."
        )


def _inseparable(codebook: Codebook, data: ModelData) -> list[str]:
    names = [called(codebook, key, code) for key, code in data.slopes]
    whole = np.hstack([np.ones((len(data.cells.y), 1)), data.cells.x])
    if np.linalg.matrix_rank(whole) < whole.shape[1]:
        alone = [
            name
            for k, name in enumerate(names)
            if np.linalg.matrix_rank(np.delete(whole, k + 1, axis=1))
            == np.linalg.matrix_rank(whole)
        ]
        return [f"groups say the same as others together ({', '.join(alone)})"]
    apart = separating(data.cells)
    if apart:
        listed = ", ".join(names[k] for k in apart)
        return [
            f"a group's answers lie wholly above or below the others' ({listed}): the likelihood "
            "has no maximum (separation)"
        ]
    return []
