"""From cells to codes without fetching a row: the same rules as `answers`, as expressions."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any

import narwhals as nw
import pandas as pd

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED, NUMBER, ORDER, WORDS, number
from helpers.codebook.model import (
    NOT_STATED,
    Codebook,
    Dimension,
    Kind,
    Missing,
    Population,
    Question,
)
from helpers.codebook.routing import Comparison
from helpers.responses.answers import CellRule, cell_rules, missing_codes, missing_numbers
from helpers.responses.engines import (
    ROW,
    HeldTable,
    codebook_name,
    collected,
    columns_of,
    digest_of,
    engine_of,
    held_by,
    held_name,
    in_memory,
    number_twin,
    quoted,
    quoted_text,
    renamed,
)

LARGEST_WEIGHT = 1e9
WEIGHT, WEIGHT_SQUARED, STRATUM = "_weight", "_weight_squared", "_stratum"
PERSON = "_person"  # who answered; empty where each row is somebody else's
DESIGN = (WEIGHT, WEIGHT_SQUARED, STRATUM, PERSON)
CELL = "_cell"  # names the column of the cells that weights were fitted in
FIRST_STRATUM = "_first_stratum"  # names that of people's first stratum, if some are in several
MADE = (CELL, FIRST_STRATUM)  # columns of the design that follow from others
APART = "\x1f"  # stands between the stratum, the codes and the weight that make up a cell


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
    beside : the other columns that it reads, as they are held
    """

    held: str
    codes: Callable[[Any], Any]
    alone: bool = True
    beside: frozenset[str] = frozenset()

    @classmethod
    def given(cls, codes: Any, reads: frozenset[str]) -> Recode:
        """Describe a column that follows from others: an expression, and what it reads."""
        return cls(min(reads), lambda _: codes, False, reads)

    @property
    def expression(self) -> Any:
        """Codes of the column."""
        return self.codes(nw.col(self.held))

    @property
    def reads(self) -> frozenset[str]:
        """All columns that it reads, as they are held."""
        return self.beside | {self.held}


def is_number(cell: Any) -> Any:
    """Return whether a clean cell holds a number."""
    return cell.str.contains(f"^(?:{NUMBER})$")


def number_of(cell: Any) -> Any:
    """Numbers that clean cells hold; missing where they hold none."""
    return nw.when(is_number(cell)).then(cell).otherwise(None).cast(nw.Float64)


def given(question: Question, cell: Any, codes: Iterable[str]) -> Any:
    """Whether cells of a question hold one of some codes; numbers are compared as numbers."""
    if question.kind is not Kind.NUMBER:
        return cell.is_in([*codes])
    numbers = [n for n in map(number, codes) if not math.isnan(n)]
    return number_of(cell).is_in(numbers).fill_null(False)


def answered_number(question: Question, cell: Any) -> Any:
    """Numbers that answer a question; missing where a code, such as 99, says that none does."""
    found = number_of(cell)
    none = missing_numbers(question)
    return nw.when(~found.is_in(none)).then(found) if none else found


@dataclass(frozen=True)
class FilledBoxes:
    """A column of who filled in any box of a question: worked out once, not for every box.

    Attributes
    ----------
    name : of the column
    boxes : columns of the question, as they are held
    answers : codes of a box that is filled in
    """

    name: str
    boxes: tuple[str, ...]
    answers: tuple[str, ...]

    @classmethod
    def of(cls, rule: CellRule) -> FilledBoxes | None:
        """Describe the column of a question; None where it has no boxes."""
        if not rule.unticked or not rule.columns:
            return None
        name = f"\ue002{held_name(rule.question.id)}"
        return cls(name, tuple(map(held_name, rule.columns)), rule.answers)

    @property
    def expression(self) -> Any:
        """True for those who filled in any, so that a blank box was left unticked."""
        return reduce(or_, (nw.col(box).is_in(self.answers) for box in self.boxes))

    @property
    def in_sql(self) -> str:
        """The same for DuckDB, with the name of the column."""
        listed = ", ".join(map(quoted_text, self.answers))
        filled = " OR ".join(f"{quoted(box)} IN ({listed})" for box in self.boxes)
        return f"({filled}) AS {quoted(self.name)}"


def answer_recodes(
    codebook: Codebook, population: Population, there: Iterable[str], filled: bool = False
) -> dict[str, Recode]:
    """Recodes of all response columns of a population that the table has.

    `filled` says whether the table has the columns of `FilledBoxes`, too.
    """
    recodes: dict[str, Recode] = {}
    for rule in cell_rules(codebook, population, set(there)):
        asked, boxes = asked_of(rule, recodes), FilledBoxes.of(rule)
        left = boxes and (nw.col(boxes.name) if filled else boxes.expression)
        wave = wave_of(codebook, rule)
        beside = reads_of(rule, recodes, codebook)
        if boxes and filled:
            beside = beside - {*boxes.boxes} | {boxes.name}
        recodes |= {c: _recode(rule, c, asked, left, wave, beside) for c in rule.columns}
    return recodes


def reads_of(rule: CellRule, recodes: Mapping[str, Recode], codebook: Codebook) -> frozenset[str]:
    """Columns, as they are held, that what the cells of a question mean may depend on."""
    asked = rule.asked.columns if rule.asked is not None else ()
    found = [recodes[c].reads if c in recodes else {held_name(c)} for c in asked]
    population = codebook.populations[rule.question.population]
    tells = codebook.wave_of(population.id) if rule.by_wave else None
    found += [{held_name(tells.source[population.id].column)}] if tells else []
    found += [set(map(held_name, rule.columns))] if rule.unticked or rule.unsure else []
    return frozenset().union(*found)


def asked_of(rule: CellRule, recodes: dict[str, Recode]) -> Any:
    """Expression of who was asked, None for everybody."""
    if rule.asked is None:
        return None
    parts = [[_holds(c, recodes) for c in part] for part in rule.asked.alternatives]
    asked = reduce(or_, (reduce(and_, part) for part in parts))
    if not rule.unsure or not rule.columns:
        return asked
    unknown = reduce(or_, (nw.col(held_name(c)).is_in(w) for c, w in rule.unsure.items()))
    said = reduce(or_, (~nw.col(held_name(c)).is_in(rule.unasked) for c in rule.columns))
    return asked | (unknown & said)


def wave_of(codebook: Codebook, rule: CellRule) -> Any:
    """Expression of the wave of everybody; None where it makes no difference to a question."""
    population = codebook.populations[rule.question.population]
    tells = codebook.wave_of(population.id)
    if tells is None or not rule.by_wave:
        return None
    return band_recode(tells, population).expression


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

    return Recode(held_name(source.column), codes)


def _recode(
    rule: CellRule, column: str, asked: Any, left: Any, wave: Any, beside: frozenset[str]
) -> Recode:
    """Recode one column, as `CellRule` says."""
    missing = nw.lit(NOT_ANSWERED)
    if asked is not None:
        missing = nw.when(asked).then(missing).otherwise(nw.lit(NOT_ASKED))
    if left is not None:
        left = left if asked is None else left & asked
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
        found = nw.when(cell == nw.lit("")).then(missing).otherwise(found)
        if rule.unticked and asked is not None:
            unasked = (cell == nw.lit(rule.unticked)) & ~asked
            found = nw.when(unasked).then(nw.lit(NOT_ASKED)).otherwise(found)
        if not without:
            return found
        return nw.when(wave.is_in(without)).then(nw.lit(NOT_ASKED)).otherwise(found)

    without = rule.without.get(column, ())
    alone = asked is None and left is None and not without
    return Recode(held_name(column), codes, alone, beside)


def _holds(comparison: Comparison, recodes: dict[str, Recode]) -> Any:
    """One comparison as an expression, true or false for everybody."""
    recode = recodes.get(comparison.column)
    cell = recode.expression if recode else nw.col(held_name(comparison.column))
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


@dataclass(frozen=True, eq=False)
class Held:
    """Responses of one population, where they are.

    Attributes
    ----------
    table : pandas frame of codes; or DuckDB relation or Spark DataFrame, names `engines.held_name`,
        whose cells are text and whose weights are numbers
    recodes : how each column of codes comes from what is held; empty for a pandas frame
    narrow : makes the same table of some columns only; None where the whole one costs no more
    origin : responses that have the same answers, and so the same digest; None for itself
    """

    table: Any
    recodes: dict[str, Recode]
    narrow: Callable[[Collection[str]], Any] | None = None
    origin: Held | None = field(default=None, repr=False)

    @classmethod
    def of_codes(cls, frame: pd.DataFrame, engine: str | None) -> Held:
        """Hand codes in memory over to the engine that is to hold them."""
        if engine in (None, "pandas"):
            return cls(frame, {})
        there = [n for n in frame.columns if n not in DESIGN]
        recodes = {n: Recode(held_name(n), _as_it_is) for n in there}
        return cls(renamed(held_by(frame, engine), held_name), recodes)

    def over(self, columns: Iterable[str]) -> Any:
        """Table of what some columns of codes come from, at least, and of the design."""
        if self.narrow is None:
            return self.table
        recodes = (self.recodes[name] for name in columns if name in self.recodes)
        return self.narrow(frozenset().union(*(recode.reads for recode in recodes)))

    @property
    def in_order(self) -> bool:
        """Whether rows have numbers of their own, so that columns can be fetched apart.

        A cluster numbers them anew for each query.
        """
        numbered = engine_of(self.table) != "spark" and ROW in self.table.columns
        return not self.recodes or numbered

    def only(self, columns: Iterable[str]) -> Held:
        """Return the same responses with some columns of codes, and with the design."""
        names = list(columns)
        if not self.recodes:
            return Held(self.table[[*names, *DESIGN]], {})
        return Held(self.over(names), {name: self.recodes[name] for name in names})

    def beside(self, columns: Mapping[str, nw.Expr], reads: frozenset[str]) -> Held:
        """Return the same responses with columns that follow from others.

        Parameters
        ----------
        columns
            Name to expression of `expressions`.
        reads
            Columns, as they are held, that they depend on.
        """
        if not self.recodes:
            table = nw.from_native(self.table).with_columns(**columns)
            return Held(table.to_native(), {}, origin=self.origin or self)
        made = {name: Recode.given(one, reads) for name, one in columns.items()}
        return Held(self.table, {**self.recodes, **made}, self.narrow, self.origin or self)

    def without(self, columns: Collection[str]) -> Held:
        """Return the same responses without columns that follow from others."""
        if not self.recodes:
            there = [name for name in self.table.columns if name not in columns]
            return Held(self.table[there], {}, origin=self.origin or self)
        left = {name: one for name, one in self.recodes.items() if name not in columns}
        return Held(self.table, left, self.narrow, self.origin or self)

    def expressions(self, columns: Iterable[str]) -> dict[str, nw.Expr]:
        """Return the expression of the codes of some columns."""
        if not self.recodes:
            return {name: nw.col(name) for name in columns}
        return {name: self.recodes[name].expression for name in columns}

    def read_by(self, columns: Iterable[str]) -> frozenset[str]:
        """Columns, as they are held, that some columns come from; of none, one to count rows by."""
        if not self.recodes:
            return frozenset()
        some = list(columns) or self.columns[:1]
        return frozenset().union(*(self.recodes[name].reads for name in some))

    @property
    def columns(self) -> list[str]:
        """Names of the columns of `codes`."""
        return [*self.recodes, *DESIGN] if self.recodes else list(self.table.columns)

    @cached_property
    def respondents(self) -> int:
        """Count the rows."""
        return int(collected(nw.from_native(self.over(())).select(n=nw.len())).iloc[0, 0])

    def counted(self, column: str, code: str) -> int:
        """Count the rows that have a code in a column; none if there is no such column."""
        if column not in self.columns:
            return 0
        table = nw.from_native(self.only([column]).codes)
        return int(collected(table.filter(nw.col(column) == code).select(n=nw.len())).iloc[0, 0])

    @property
    def codes(self) -> Any:
        """Table with codes in its columns, still where it is."""
        if not self.recodes:
            return self.table
        return self._coded()

    def in_memory(self) -> pd.DataFrame:
        """Codes as a pandas frame, respondents in the order of the file where it has one."""
        if not self.recodes:
            return self.table
        if ROW not in self.table.columns:
            return in_memory(self._coded())
        fetched = in_memory(self._coded(ROW))
        return fetched.sort_values(ROW, ignore_index=True).drop(columns=ROW)

    def _coded(self, *more: str) -> Any:
        codes = (r.expression.alias(held_name(name)) for name, r in self.recodes.items())
        table = nw.from_native(self.table).select(*codes, *DESIGN, *more)
        return renamed(table.to_native(), codebook_name)

    @cached_property
    def digest(self) -> bytes:
        """Digest that changes with any answer and any weight of this very table.

        The caller may set it with `known` if it was made from an equal source, such as the file; a
        copy with another table (`dataclasses.replace`) has none and makes its own.
        """
        return digest_of(self.table) if self.origin is None else self.origin.digest

    def known(self, digest: bytes) -> Held:
        """Set the digest of what the table was made of, which spares a scan."""
        self.__dict__["digest"] = digest
        return self

    def reweighted(self, weight: Any, how: str, reads: Collection[str] = ()) -> Held:
        """Return the same responses with other weights.

        Parameters
        ----------
        weight
            Expression of the new weights, of the table as it is held.
        how
            All that the weights depend on, for the digest.
        reads
            Columns, as they are held, that the expression reads.
        """
        digest = hashlib.sha256(self.digest + how.encode()).digest()
        new = {WEIGHT: weight, WEIGHT_SQUARED: weight * weight}
        return self.redesigned(new, reads).known(digest)

    def redesigned(self, new: Mapping[str, Any], reads: Collection[str]) -> Held:
        """Return the same responses with other columns of the design, from expressions."""

        def changed(table: Any) -> Any:
            frame = nw.from_native(table)  # each call of an engine names all columns: one is enough
            names = frame.collect_schema().names()
            return frame.select(*(new[n].alias(n) if n in new else n for n in names)).to_native()

        def narrow(names: Collection[str]) -> Any:
            assert self.narrow is not None
            return changed(self.narrow(frozenset(names) | frozenset(reads)))

        return Held(changed(self.table), self.recodes, narrow if self.narrow else None)

    def answers(self, codebook: Codebook) -> Any:
        """Table with answers: missing where nothing was answered, numbers as floats."""
        owners = codebook.owners
        return self._viewed({n: _answer(n, owners.get(n)) for n in self.columns if n not in DESIGN})

    def kinds(self, codebook: Codebook, population: Population) -> Any:
        """Table with why there is no answer: its kind of missing; missing where there is one."""
        there = set(self.columns)
        kinds: dict[str, Callable[[Any], Any]] = {}
        if population.identifier in there:
            kinds[population.identifier] = _as_it_is
        for name, question in codebook.owners.items():
            if question.population == population.id and name in there:
                kinds[name] = _kind(question)
        return self._viewed(kinds, design=False)

    def _viewed(self, columns: Mapping[str, Callable[[Any], Any]], design: bool = True) -> Any:
        recodes = self.recodes or {n: Recode(n, _as_it_is) for n in columns}
        made = (
            of(recodes[n].expression).alias(held_name(n) if self.recodes else n)
            for n, of in columns.items()
        )
        table = nw.from_native(self.table).select(*made, *(DESIGN if design else ()))
        return renamed(table.to_native(), codebook_name) if self.recodes else table.to_native()


def _answer(name: str, question: Question | None) -> Callable[[Any], Any]:
    """From codes of a column to answers."""
    if question is None:
        unsaid: tuple[str, ...] = ("", NOT_STATED) if name.startswith(band_column("")) else ("",)
    else:
        unsaid = missing_codes(question)

    def answer(code: Any) -> Any:
        if question is not None and question.kind is Kind.NUMBER:
            return answered_number(question, code)
        return nw.when(~code.is_in(unsaid)).then(code)

    return answer


def _kind(question: Question) -> Callable[[Any], Any]:
    """From codes of a column to kinds of missing."""
    unknown = [o.code for o in question.options if o.missing is Missing.DONT_KNOW]

    def kind(code: Any) -> Any:
        found = nw.when(code.is_in(WORDS)).then(code)
        if not unknown:
            return found
        known = given(question, code, unknown)
        return nw.when(known).then(nw.lit(str(Missing.DONT_KNOW))).otherwise(found)

    return kind


def held(source: HeldTable, codebook: Codebook, population: Population) -> Held:
    """Describe how the codes of a table come from its cells."""
    there = [codebook_name(n) for n in columns_of(source.table)]
    rules = cell_rules(codebook, population, set(there))
    filled = {boxes.name: boxes for boxes in map(FilledBoxes.of, rules) if boxes}
    answers = answer_recodes(codebook, population, there, filled=True)
    recodes = {n: answers.get(n, Recode(held_name(n), _as_it_is)) for n in there}
    for dimension in codebook.dimensions.values():
        of = dimension.source.get(population.id)
        if of and of.column in there:
            recodes[band_column(dimension.id)] = band_recode(dimension, population)
    who = codebook.person_of(population.id)
    design = {held_name(n) for n in (population.weight, population.strata, who) if n in there}
    begun = wave_prefixes(codebook, population, who)

    def narrow(names: Collection[str]) -> Any:
        assert source.narrow is not None
        some = [boxes for name, boxes in filled.items() if name in names]
        cells = {cell for boxes in some for cell in boxes.boxes}
        return with_boxes(source.narrow({*names, *cells, *design}), some)

    def with_boxes(table: Any, some: Collection[FilledBoxes]) -> Any:
        designed = _designed(table, population, held_name(who), begun)
        if not some:
            return designed
        if engine_of(designed) == "duckdb":  # without naming each column
            return designed.project(f"*, {', '.join(boxes.in_sql for boxes in some)}")
        columns = {boxes.name: boxes.expression for boxes in some}
        return nw.from_native(designed).with_columns(**columns).to_native()

    whole = with_boxes(source.table, filled.values())
    return Held(whole, recodes, narrow if source.narrow else None)


def _designed(table: Any, population: Population, who: str, begun: Sequence[str]) -> Any:
    names = columns_of(table)
    strata = held_name(population.strata)
    stratum = nw.col(strata) if strata in names else nw.lit("")
    person = without_wave(nw.col(who), begun) if who in names else nw.lit("")
    weight = weight_of(table, population)
    squared = (weight * weight).alias(WEIGHT_SQUARED)
    row = [name for name in table.columns if name == ROW]
    design = weight.alias(WEIGHT), squared, stratum.alias(STRATUM), person.alias(PERSON)
    if engine_of(table) == "duckdb" and held_name(population.weight) not in names:
        cell = quoted(strata) if strata in names else "''"
        ones = f'1.0::DOUBLE AS "{WEIGHT}", 1.0::DOUBLE AS "{WEIGHT_SQUARED}"'
        named = "''"
        if who in names:
            cases = (
                f"WHEN starts_with({quoted(who)}, {quoted_text(b)}) "
                f"THEN substr({quoted(who)}, {len(b) + 1})"
                for b in begun
            )
            named = f"CASE {' '.join(cases)} ELSE {quoted(who)} END" if begun else quoted(who)
        # without naming each column
        return table.project(f'*, {ones}, {cell} AS "{STRATUM}", {named} AS "{PERSON}"')
    return nw.from_native(table).select(*names, *row, *design).to_native()


def wave_prefixes(codebook: Codebook, population: Population, column: str) -> list[str]:
    """List what an import put before identifiers to tell waves apart, as in ``2019-17``."""
    tells = codebook.wave_of(population.id)
    if tells is None or column != population.identifier:
        return []
    values = tells.source[population.id].bands
    return [f"{value}-" for value in sorted(values, key=len, reverse=True)]


def without_wave(cell: Any, begun: Sequence[str]) -> Any:
    """Take what was put before identifiers off an expression of them."""
    found = cell
    for start in reversed(begun):
        rest = cell.str.slice(len(start))
        found = nw.when(cell.str.starts_with(start)).then(rest).otherwise(found)
    return found


def weighted(table: Any, population: Population) -> Any:
    """Clean text of a table (a narwhals frame), with weights that are missing if not a number."""
    return nw.from_native(table).with_columns(weight_of(table, population).alias(WEIGHT))


def weight_of(table: Any, population: Population) -> Any:
    """Expression of the weights, missing where they are not a number."""
    column = held_name(population.weight)
    if number_twin(column) in table.columns:
        return nw.col(number_twin(column))
    return number_of(nw.col(column)) if column in table.columns else nw.lit(1.0)


def _as_it_is(cell: Any) -> Any:
    return cell
