"""Puts the columns of a file into the places that a codebook has for them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np

from helpers.codebook.model import Codebook, Population
from helpers.errors import Problem, Problems
from helpers.importing.columns.mapping import ColumnTarget, Mapping
from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import Head
from helpers.importing.words.names import shortened
from helpers.importing.words.shapes import COMMA, THOUSANDS
from helpers.importing.words.units import without_unit

_ROW = re.compile(r"Row (?P<row>\d+) already has it")


@dataclass(frozen=True)
class Placed:
    """A file's cells under the names and codes of the codebook.

    Attributes
    ----------
    columns : cells by response column, in the order of the codebook
    origins : place in the sheet, and target, of each
    """

    sheet: Sheet
    heads: Sequence[Head]
    columns: dict[str, Column]
    origins: dict[str, tuple[int, ColumnTarget]]

    @property
    def rows(self) -> int:
        """How many respondents there are."""
        return len(self.sheet.rows)

    def located(self, problem: Problem, before: int) -> Problem:
        """Say a problem of the response file at its place in the file that was imported.

        `before` are rows that the response file had already.
        """
        at, target = self.origins.get(problem.column, (-1, ColumnTarget("")))
        row = None if problem.row is None else problem.row - 2 - before
        if row is not None and not 0 <= row < self.rows:
            return (
                replace(problem, row=self.sheet.header_row, file=self.sheet.source, cell="")
                if (problem.row == 1)
                else problem
            )
        number = None if row is None else int(self.sheet.rows[row])
        if at < 0:
            return replace(problem, file=self.sheet.source, row=number)
        return replace(
            problem,
            file=self.sheet.source,
            row=number,
            column=shortened(self.heads[at].key),
            cell=self.sheet.cell_name(self.sheet.columns[at], number),
            found=problem.found if row is None else self.sheet.columns[at].cell(row),
            allowed=_allowed(problem, target),
            fix=self._there(_fix(problem, target), before),
        )

    def _there(self, fix: str, before: int) -> str:
        """Say of another row of the response file which row of the imported file it is."""
        match = _ROW.search(fix)
        if match is None:
            return fix
        row = int(match["row"]) - 2 - before
        if row < 0:
            return (
                "An earlier wave has it, and everyone in both waves gave the same answers: "
                "is this the file of that wave?"
            )
        return fix.replace(match[0], f"Row {int(self.sheet.rows[row])} already has it")

    def without_empty(self) -> tuple[Placed, str]:
        """Return the respondents who left anything, and what is to be said of the others."""
        filled = np.zeros(self.rows, dtype=bool)
        for column in self.columns.values():
            filled |= column.answered
        if filled.all() or not self.columns:
            return self, ""
        columns = {n: replace(c, codes=c.codes[filled]) for n, c in self.columns.items()}
        kept = tuple(replace(c, codes=c.codes[filled]) for c in self.sheet.columns)
        sheet = replace(self.sheet, columns=kept, rows=self.sheet.rows[filled])
        lost = int((~filled).sum())
        first = int(self.sheet.rows[~filled][0])
        words = f"{sheet.source}: {lost:,} rows hold no answer and are left out, from row {first}."
        return replace(self, sheet=sheet, columns=columns), words


def _allowed(problem: Problem, target: ColumnTarget) -> str | Sequence[str]:
    """Return what may be in the file: of a recoded code, what becomes it."""
    if isinstance(problem.allowed, str) or not target.recode:
        return problem.allowed
    sources: dict[str, list[str]] = {}
    for cell, code in target.recode.items():
        sources.setdefault(code, []).append(cell)
    return [cell for code in problem.allowed for cell in sources.get(code, [code])]


def _fix(problem: Problem, target: ColumnTarget) -> str:
    if problem.kind != "unknown_code" or not target.recode:
        return problem.fix
    return "Correct the file, or add the answer to options.csv and to its recodes in mapping.yml."


def place(
    sheet: Sheet,
    heads: Sequence[Head],
    mapping: Mapping,
    codebook: Codebook,
    population: Population,
    problems: Problems,
) -> Placed:
    """Find the place of every column; one that has none is a problem."""
    wanted = response_columns(codebook, population)
    columns: dict[str, Column] = {}
    origins: dict[str, tuple[int, ColumnTarget]] = {}
    for at, (head, column) in enumerate(zip(heads, sheet.columns, strict=True)):
        target = mapping.target(head.key)
        if target is None and head.key in wanted:
            target = ColumnTarget(head.key)
        if target is None:
            _unknown(sheet, head, column, [*mapping.columns, *wanted], problems)
            continue
        if target.drop:
            continue
        if target.to in origins:
            _twice(sheet, head, column, target, heads[origins[target.to][0]], problems)
            continue
        if target.recode:
            _neither(sheet, head, column, target, problems)
        if target.recode or target.decimal_comma or target.thousands or target.units:
            column = column.recoded([_recoded(v, target) for v in column.values])
        columns[target.to] = column
        origins[target.to] = (at, target)
    order = {name: n for n, name in enumerate(wanted)}
    ordered = sorted(columns, key=lambda name: order.get(name, len(order)))
    return Placed(sheet, heads, {name: columns[name] for name in ordered}, origins)


def response_columns(codebook: Codebook, population: Population) -> list[str]:
    """Columns of a population's response file in the order in which they are written."""
    dimensions = [
        d.source[population.id] for d in codebook.dimensions.values() if population.id in d.source
    ]
    who = population
    design = (who.identifier, who.weight, who.strata, who.organisation, who.person)
    return [
        *dict.fromkeys(
            [
                *filter(None, design),
                *(
                    c.column
                    for q in codebook.questions.values()
                    for c in q.cells
                    if q.population == population.id
                ),
                *(source.column for source in dimensions),
                *population.other_columns,
            ]
        )
    ]


def _neither(
    sheet: Sheet, head: Head, column: Column, target: ColumnTarget, problems: Problems
) -> None:
    """Report codes among answers in words: where words are numbers, one may be mistyped."""
    if all(target.recode.get(value, value) == value for value in column.values):
        return  # the column holds codes throughout
    codes = {code for cell, code in target.recode.items() if cell != code} - {*target.recode, ""}
    for place, value in enumerate(column.values):
        if value in codes:
            sheet.report(
                problems,
                shortened(head.key),
                column,
                column.rows_of(place),
                found=value,
                allowed=list(target.recode),
                message="a code, where other cells hold answers that mapping.yml turns into codes",
                fix="Write the answer like the others, or add the cell to its recodes.",
                kind="unknown_code",
            )


def _recoded(cell: str, target: ColumnTarget) -> str:
    if cell in target.recode:
        return target.recode[cell]
    cell = without_unit(cell, target.units)
    if target.decimal_comma and COMMA.fullmatch(cell):
        return cell.replace(",", ".")
    if target.thousands and THOUSANDS.fullmatch(cell):
        return cell.replace(",", "")
    return cell


def _unknown(
    sheet: Sheet, head: Head, column: Column, known: Sequence[str], problems: Problems
) -> None:
    if not head.key:
        return  # reported with the header
    close = get_close_matches(head.key, known, n=1)
    hint = f'Is it "{shortened(close[0])}"? ' if close else ""
    problems.add(
        sheet.source,
        sheet.header_row,
        shortened(head.key),
        message="neither mapping.yml nor the codebook knows this column",
        fix=f"{hint}Say in mapping.yml where it goes, or that it is left out (drop: why).",
        kind="unknown_column",
        cell=sheet.cell_name(column, sheet.header_row),
    )


def _twice(
    sheet: Sheet, head: Head, column: Column, target: ColumnTarget, other: Head, problems: Problems
) -> None:
    problems.add(
        sheet.source,
        sheet.header_row,
        shortened(head.key),
        found=target.to,
        message=f'"{shortened(other.key)}" already goes there',
        fix="Remove one of the columns, or send it elsewhere in mapping.yml.",
        kind="repeated_column",
        cell=sheet.cell_name(column, sheet.header_row),
    )


def report_lacking(
    placed: Placed, before: Iterable[str], other: Collection[str], problems: Problems
) -> None:
    """Report columns that earlier waves have and this one lacks."""
    for name in before:
        if name not in placed.columns and name not in other:
            problems.add(
                placed.sheet.source,
                placed.sheet.header_row,
                name,
                message="the column is missing, but other waves have it",
                fix="Add it. If this wave did not ask, pass --allow missing_column: the codebook "
                "then says so, and no share counts these people.",
                kind="missing_column",
            )


def with_wave(placed: Placed, name: str, code: str) -> Placed:
    """Add the column that says which wave these respondents answered."""
    codes = np.zeros(placed.rows, dtype=np.uint8)
    column = Column("", (code,), codes)
    return replace(placed, columns={**placed.columns, name: column})


def without_unticked(placed: Placed, names: Collection[str]) -> Placed:
    """Leave boxes blank that a wave did not offer, and that nobody could tick."""
    blank = {
        name: column.recoded([""] * len(column.values))
        for name, column in placed.columns.items()
        if name in names and {*column.values} <= {"", "0"}
    }
    return replace(placed, columns={**placed.columns, **blank})
