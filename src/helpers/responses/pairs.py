"""Columns that follow from two response columns, counted like any other by every engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import or_
from typing import Any

import narwhals as nw

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import Codebook
from helpers.responses.engines import safe
from helpers.responses.recoding import Held, Recode
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
    def codes(column: str) -> Any:
        return held.recodes[column].expression if column in held.recodes else nw.col(column)

    new = {name: _coded(pair, codes(pair.first), codes(pair.last)) for name, pair in made.items()}
    if not held.recodes:
        table = nw.from_native(held.table).with_columns(**new).to_native()
        return Held(table, {})
    recodes = {
        name: Recode(safe(made[name].first), partial(_given, of), alone=False)
        for name, of in new.items()
    }
    return Held(held.table, {**held.recodes, **recodes})


def _given(codes: Any, _: Any) -> Any:
    """Return codes whatever the cells of the column are that they are held by."""
    return codes


def _coded(pair: ColumnPair, first: Any, last: Any) -> Any:
    found = nw.lit(NOT_ANSWERED)
    for code in dict.fromkeys(pair.codes.values()):
        held: dict[str, list[str]] = {}
        for (a, b), meant in pair.codes.items():
            if meant == code:
                held.setdefault(a, []).append(b)
        both = reduce(or_, ((first == nw.lit(a)) & last.is_in(of) for a, of in held.items()))
        found = nw.when(both).then(nw.lit(code)).otherwise(found)
    unasked = (first == nw.lit(NOT_ASKED)) | (last == nw.lit(NOT_ASKED))
    return nw.when(unasked).then(nw.lit(NOT_ASKED)).otherwise(found)
