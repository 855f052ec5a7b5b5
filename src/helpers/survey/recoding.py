"""From cells to codes without fetching a row: the same rules as `answers`, as expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

import narwhals as nw

from helpers.survey.answers import WORDS
from helpers.survey.codebook import (
    NOT_ANSWERED,
    NOT_ASKED,
    NOT_STATED,
    Codebook,
    Dimension,
    Kind,
    Missing,
    Population,
    Question,
)
from helpers.survey.engines import ROW, as_text, plain, renamed, safe
from helpers.survey.routing import Comparison, Routing

NUMERIC = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?0*[0-9]{1,2})?$"
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


def blank(cell: Any) -> Any:
    """Say whether a cell holds nothing."""
    return cell.is_null() | (cell == nw.lit(""))


def answer_recodes(
    codebook: Codebook, population: Population, there: Iterable[str]
) -> dict[str, Recode]:
    """Recodes of all response columns of a population that the table has."""
    present = set(there)
    recodes: dict[str, Recode] = {}
    waiting = [q for q in codebook.questions.values() if q.population == population.id]

    def complete(question: Question) -> None:
        if question.id in done:
            return
        done.add(question.id)
        if question.asked_if:
            for other in waiting:
                if any(c.column in question.asked_if.columns for c in other.cells):
                    complete(other)
        asked = asked_of(question, recodes, present)
        for cell in question.cells:
            if cell.column in present:
                offered = offered_to(codebook, question, cell.item, present)
                recodes[cell.column] = _recode(question, cell.column, asked, present, offered)

    done: set[str] = set()
    for question in waiting:
        complete(question)
    return recodes


def asked_of(question: Question, recodes: dict[str, Recode], present: set[str]) -> Any:
    """Expression of who was asked, None for everybody."""
    routing = question.asked_if
    if routing is None or not set(routing.columns) <= present:
        return None
    return _asked(routing, recodes)


def wave_column(codebook: Codebook, question: Question, present: set[str]) -> Any:
    """Expression of the wave of everybody; None where it makes no difference to a question."""
    tells = codebook.wave_of(question.population)
    if tells is None or not question.differs_by_wave:
        return None
    population = codebook.populations[question.population]
    if tells.source[population.id].column not in present:
        return None
    return band_recode(tells, population).expression


def offered_to(codebook: Codebook, question: Question, item: str, present: set[str]) -> Any:
    """Expression of whose wave asked an item; None for everybody."""
    without = [wave for wave in codebook.waves if not question.offered(item, (), wave)]
    wave = wave_column(codebook, question, present) if without else None
    return None if wave is None else ~wave.is_in(without)


def ticked_any(question: Question, present: set[str]) -> Any:
    """Expression of who ticked or left any box of a select-all question in so many words."""
    codes = [o.code for o in question.substantive]
    boxes = [nw.col(safe(c.column)).is_in(codes) for c in question.cells if c.column in present]
    return reduce(or_, (box.fill_null(False) for box in boxes), nw.lit(False))


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


def weight_of(frame: Any, column: str) -> Any:
    """Weights as numbers; NaN or missing where a cell holds none."""
    cell = nw.col(safe(column))
    kind = frame.collect_schema()[safe(column)]
    if kind == nw.String:
        cell = cell.str.strip_chars()
        return nw.when(cell.str.contains(NUMERIC)).then(cell).otherwise(None).cast(nw.Float64)
    return cell.cast(nw.Float64)


def _recode(
    question: Question, column: str, asked: Any, present: set[str], offered: Any = None
) -> Recode:
    """Recode one column, as `Answers` completes it."""
    spelled = [
        (word, [o.code for o in question.options if str(o.missing) == word and o.code != word])
        for word in WORDS
    ]
    boxes = question.kind is Kind.MULTIPLE
    missing = nw.lit(NOT_ANSWERED)
    if asked is not None:
        missing = nw.when(asked).then(missing).otherwise(nw.lit(NOT_ASKED))
    if boxes:
        left = nw.lit(question.unticked.code)
        missing = nw.when(ticked_any(question, present)).then(left).otherwise(missing)

    def codes(cell: Any) -> Any:
        found = cell
        for word, held in spelled:
            if held:
                found = nw.when(cell.is_in(held)).then(nw.lit(word)).otherwise(found)
        found = nw.when(blank(cell)).then(missing).otherwise(found)
        return found if offered is None else nw.when(offered).then(found).otherwise(unasked)

    unasked = nw.lit(NOT_ASKED)
    alone = asked is None and not boxes and offered is None
    return Recode(safe(column), codes, alone=alone)


def _asked(routing: Routing, recodes: dict[str, Recode]) -> Any:
    parts = [[_holds(c, recodes) for c in part] for part in routing.alternatives]
    return reduce(or_, (reduce(and_, part) for part in parts))


def _holds(comparison: Comparison, recodes: dict[str, Recode]) -> Any:
    """One comparison as an expression, true or false for everybody."""
    recode = recodes.get(comparison.column)
    cell = recode.expression if recode else nw.col(safe(comparison.column)).fill_null("")
    if comparison.operator == "=":
        return cell.is_in(list(comparison.codes))
    if comparison.operator == "!=":
        return ~cell.is_in([*comparison.codes, "", *WORDS])
    number = nw.when(cell.str.contains(NUMERIC)).then(cell).otherwise(None).cast(nw.Float64)
    bound = float(comparison.codes[0])
    compared = {
        ">": number > bound,
        ">=": number >= bound,
        "<": number < bound,
        "<=": number <= bound,
    }[comparison.operator]
    return compared.fill_null(False)


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
    frame = nw.from_native(table)
    names = [n for n in frame.collect_schema().names() if n != ROW]
    there = [plain(n) for n in names]
    answers = answer_recodes(codebook, population, there)
    recodes = {n: answers.get(n, Recode(safe(n), _filled)) for n in there}
    for dimension in codebook.dimensions.values():
        source = dimension.source.get(population.id)
        if source and source.column in there:
            recodes[band_column(dimension.id)] = band_recode(dimension, population)
    weighted, stratified = population.weight in there, population.strata in there
    w = weight_of(frame, population.weight) if weighted else nw.lit(1.0)
    stratum = as_text(frame, safe(population.strata)) if stratified else nw.lit("")
    cells = (as_text(frame, n).alias(n) for n in names)
    native = frame.select(*cells, w.alias(WEIGHT), stratum.alias(STRATUM)).with_columns(
        (nw.col(WEIGHT) * nw.col(WEIGHT)).alias(WEIGHT_SQUARED)
    )
    return Held(native.to_native(), recodes)


def _filled(cell: Any) -> Any:
    return cell.fill_null("")
