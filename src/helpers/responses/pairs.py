"""Columns that follow from two response columns, counted like any other by every engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

import narwhals as nw
import pandas as pd

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import Codebook
from helpers.responses.recoding import Held
from helpers.responses.survey import Survey


@dataclass(frozen=True)
class ColumnPair:
    """A column that follows from two.

    Attributes
    ----------
    codes : by the codes of both its code; `not_answered` for any other two, and `not_asked` where
        one of them is
    """

    first: str
    last: str
    codes: Mapping[tuple[str, str], str]


def with_pairs(
    survey: Survey, codebook: Codebook, made: Mapping[str, Mapping[str, ColumnPair]]
) -> Survey:
    """Return a survey with further columns.

    Parameters
    ----------
    codebook
        Codebook of the survey with the questions that have these columns.
    made
        Per population the columns by name.
    """
    held = {p: _held(of, made[p]) if made.get(p) else of for p, of in survey.held.items()}
    found = replace(survey, codebook=codebook, held=held)
    found.known.update(survey.known)  # of the same respondents
    return found


def _held(held: Held, made: Mapping[str, ColumnPair]) -> Held:
    if not held.recodes:
        new = {name: _in_memory(held.table, pair) for name, pair in made.items()}
        return Held(held.table.assign(**new), {})
    for name, pair in made.items():
        both = held.read_by((pair.first, pair.last))
        held = held.beside({name: _expression(held, pair)}, both)
    return held


def _in_memory(table: pd.DataFrame, pair: ColumnPair) -> Any:
    both = zip(table[pair.first].tolist(), table[pair.last].tolist(), strict=True)
    codes = [NOT_ASKED if NOT_ASKED in two else pair.codes.get(two, NOT_ANSWERED) for two in both]
    return pd.array(codes, table[pair.first].dtype)


def _expression(held: Held, pair: ColumnPair) -> Any:
    first, last = (held.recodes[column].expression for column in (pair.first, pair.last))
    found = nw.lit(NOT_ANSWERED)
    for code in dict.fromkeys(pair.codes.values()):
        after: dict[str, list[str]] = {}
        for (a, b), meant in pair.codes.items():
            if meant == code:
                after.setdefault(a, []).append(b)
        both = reduce(or_, ((first == nw.lit(a)) & last.is_in(of) for a, of in after.items()))
        found = nw.when(both).then(nw.lit(code)).otherwise(found)
    unasked = (first == nw.lit(NOT_ASKED)) | (last == nw.lit(NOT_ASKED))
    return nw.when(unasked).then(nw.lit(NOT_ASKED)).otherwise(found)
