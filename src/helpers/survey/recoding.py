"""From cells to codes without fetching a row: the same rules as `answers`, as expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

import narwhals as nw

from helpers.survey.answers import Rule, rules
from helpers.survey.cells import NUMBER, ORDER, WORDS
from helpers.survey.codebook import (
    NOT_ANSWERED,
    NOT_ASKED,
    NOT_STATED,
    Codebook,
    Dimension,
    Missing,
    Population,
    Question,
)
from helpers.survey.engines import as_number, columns_of, plain, renamed, safe
from helpers.survey.routing import Comparison

LARGEST_WEIGHT = 1e9
WEIGHT, WEIGHT_SQUARED, STRATUM = "_weight", "_weight_squared", "_stratum"


def band_column(dimension: str) -> str:
    """Name of the frame column that holds a dimension's bands."""
    return f"_band_{dimension}"


@dataclass(frozen=True)
class Recode:
    """How a column of the frame comes from a column that is held as text.

    Attributes
    ----------
    held : column that is held
    codes : from an expression of its cells to one of codes
    alone : whether it reads no other column, so that groups can be formed first
    """

    held: str
    codes: Callable[[Any], Any]
    alone: bool = True

    @property
    def expression(self) -> Any:
        """Codes of the column."""
        return self.codes(nw.col(self.held))


def is_number(cell: Any) -> Any:
    """Say whether a clean cell holds a number."""
    return cell.str.contains(f"^({NUMBER})$")


def number_of(cell: Any) -> Any:
    """Numbers that clean cells hold; missing where they hold none."""
    return nw.when(is_number(cell)).then(cell).otherwise(None).cast(nw.Float64)


def answer_recodes(
    codebook: Codebook, population: Population, there: Iterable[str]
) -> dict[str, Recode]:
    """Recodes of all response columns of a population that the table has."""
    recodes: dict[str, Recode] = {}
    for rule in rules(codebook, population, set(there)):
        asked, left = asked_of(rule, recodes), left_of(rule)
        recodes |= {column: _recode(rule, column, asked, left) for column in rule.columns}
    return recodes


def asked_of(rule: Rule, recodes: dict[str, Recode]) -> Any:
    """Expression of who was asked, None for everybody."""
    if rule.asked is None:
        return None
    parts = [[_holds(c, recodes) for c in part] for part in rule.asked.alternatives]
    return reduce(or_, (reduce(and_, part) for part in parts))


def left_of(rule: Rule) -> Any:
    """Expression of who answered any box in so many words, so that a blank one was left.

    None where the question has no boxes.
    """
    if not rule.unticked or not rule.columns:
        return None
    return reduce(or_, (nw.col(safe(c)).is_in(rule.answers) for c in rule.columns))


def band_recode(dimension: Dimension, population: Population) -> Recode:
    """Recode of a dimension's column into its bands."""
    source = dimension.source[population.id]
    values: dict[str, list[str]] = {}
    for value, band in source.bands.items():
        values.setdefault(band, []).append(value)

    def codes(cell: Any) -> Any:
        found = nw.lit(NOT_STATED)
        for band, held in reversed(values.items()):
            found = nw.when(cell.is_in(held)).then(nw.lit(band)).otherwise(found)
        return found

    return Recode(safe(source.column), codes)


def _recode(rule: Rule, column: str, asked: Any, left: Any) -> Recode:
    """Recode one column, as `Rule` says."""
    missing = nw.lit(NOT_ANSWERED)
    if asked is not None:
        missing = nw.when(asked).then(missing).otherwise(nw.lit(NOT_ASKED))
    if left is not None:
        missing = nw.when(left).then(nw.lit(rule.unticked)).otherwise(missing)
    spelled = {
        word: [cell for cell, meant in rule.words.items() if meant == word and cell != word]
        for word in WORDS
    }

    def codes(cell: Any) -> Any:
        found = cell
        for word, held in spelled.items():
            if held:
                found = nw.when(cell.is_in(held)).then(nw.lit(word)).otherwise(found)
        return nw.when(cell == nw.lit("")).then(missing).otherwise(found)

    return Recode(safe(column), codes, alone=asked is None and left is None)


def _holds(comparison: Comparison, recodes: dict[str, Recode]) -> Any:
    """One comparison as an expression, true or false for everybody."""
    recode = recodes.get(comparison.column)
    cell = recode.expression if recode else nw.col(safe(comparison.column))
    if comparison.bound is not None:
        return ORDER[comparison.operator](number_of(cell), comparison.bound).fill_null(False)
    listed = cell.is_in(comparison.listed)
    return listed if comparison.operator == "=" else ~listed


def band_missing(owner: Question | None) -> set[str]:
    """Cells of a dimension's column that mean that it is not stated.

    `owner` is the question that the column belongs to, if it does.
    """
    codes = owner.options if owner is not None else ()
    return {"", *WORDS, *(o.code for o in codes if o.missing is not Missing.NO)}


@dataclass(frozen=True)
class Held:
    """Responses that stay where they are.

    Attributes
    ----------
    table : DuckDB relation or Spark DataFrame, names `engines.safe`; cells are text, weights
        numbers
    recodes : how each column of the frame comes from what is held
    """

    table: Any
    recodes: dict[str, Recode]

    @property
    def frame(self) -> Any:
        """Table with codes in its columns, still where it is."""
        codes = (r.expression.alias(safe(name)) for name, r in self.recodes.items())
        table = nw.from_native(self.table).select(*codes, WEIGHT, WEIGHT_SQUARED, STRATUM)
        return renamed(table.to_native(), plain)


def held(table: Any, codebook: Codebook, population: Population) -> Held:
    """Describe how the codes of a table come from its cells."""
    names = columns_of(table)
    there = [plain(n) for n in names]
    answers = answer_recodes(codebook, population, there)
    recodes = {n: answers.get(n, Recode(safe(n), _as_it_is)) for n in there}
    for dimension in codebook.dimensions.values():
        source = dimension.source.get(population.id)
        if source and source.column in there:
            recodes[band_column(dimension.id)] = band_recode(dimension, population)
    stratum = nw.col(safe(population.strata)) if population.strata in there else nw.lit("")
    native = (
        weighted(table, population)
        .select(*names, WEIGHT, stratum.alias(STRATUM))
        .with_columns((nw.col(WEIGHT) * nw.col(WEIGHT)).alias(WEIGHT_SQUARED))
    )
    return Held(native.to_native(), recodes)


def weighted(table: Any, population: Population) -> Any:
    """Clean text of a table (a narwhals frame), with weights that are missing if not a number."""
    frame, column = nw.from_native(table), safe(population.weight)
    weight = nw.lit(1.0)
    if as_number(column) in table.columns:
        weight = nw.col(as_number(column))
    elif column in table.columns:
        weight = number_of(nw.col(column))
    return frame.with_columns(weight.alias(WEIGHT))


def _as_it_is(cell: Any) -> Any:
    return cell
