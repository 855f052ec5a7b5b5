"""One population's cells on their way from text to checked codes."""

from __future__ import annotations

import math
from difflib import get_close_matches

import pandas as pd

from helpers.codebook.cells import number
from helpers.codebook.model import NOT_STATED, Codebook, Dimension, Kind, Population
from helpers.codebook.textfiles import TextTable
from helpers.errors import Problems
from helpers.responses.answers import Answers, cell_rules
from helpers.responses.recoding import (
    LARGEST_WEIGHT,
    PERSON,
    STRATUM,
    WEIGHT,
    WEIGHT_SQUARED,
    band_column,
    band_missing,
    wave_prefixes,
)
from helpers.responses.screening import Screened


class ResponseReader:
    """One population's file on its way from text to a checked frame."""

    def __init__(
        self,
        codebook: Codebook,
        population: Population,
        table: TextTable,
        spelled_out: bool,
        problems: Problems,
        numbered: bool = True,
    ) -> None:
        self.codebook = codebook
        self.population = population
        self.table = table
        self.numbered = numbered
        self.problems = problems
        self.screened = table if isinstance(table, Screened) else None
        self.respondents = self.screened.respondents if self.screened else len(table.rows)
        self.questions = [q for q in codebook.questions.values() if q.population == population.id]
        self.dimensions = [d for d in codebook.dimensions.values() if population.id in d.source]
        self.cells: dict[str, list[str]] = {
            name: table.column(name) for name in dict.fromkeys(table.header)
        }
        self.spelled_out = spelled_out
        self.lacking: set[str] = set()

    def frame(self) -> pd.DataFrame:
        """Check every cell and return the completed frame; see `loading.read_responses`."""
        self._check_header()
        self._check_identifiers()
        bands = {d.id: self._bands(d) for d in self.dimensions}
        answers = Answers(
            self.cells, len(self.table.rows), self.spelled_out, self.report, self._waves(bands)
        )
        for rule in cell_rules(self.codebook, self.population, self.cells.keys() - self.lacking):
            answers.complete(rule)
        frame = pd.DataFrame(self.cells, dtype="str")
        weights = self._weights()
        added: dict[str, object] = {
            WEIGHT: weights,
            WEIGHT_SQUARED: [w * w for w in weights],
            STRATUM: self._strata(),
            PERSON: self._people(),
        }
        added |= {band_column(name): values for name, values in bands.items()}
        return frame.assign(**added)

    def _waves(self, bands: dict[str, list[str]]) -> list[str]:
        """Wave of every respondent; none where the population has one wave."""
        tells = self.codebook.wave_of(self.population.id)
        return bands[tells.id] if tells else []

    def report(
        self,
        at: int,
        column: str,
        found: object,
        allowed: object,
        fix: str = "",
        message: str = "",
        kind: str = "",
    ) -> None:
        """Add a problem of the respondent at place `at`."""
        words = allowed if isinstance(allowed, str) else list(allowed)  # type: ignore[call-overload]
        row = self.table.numbers[at]
        notes = [message, "" if self.numbered else self._respondent(at)]
        if self.screened and column != self.population.identifier:
            alike = self.screened.alike.get((row, column), 0)
            if not alike:
                return  # somebody else stands for this cell
            if alike > 1:
                notes.append(f"{alike:,} respondents have the same fault")
        where = row if self.numbered else None
        said = "; ".join(filter(None, notes))
        self.problems.add(self.table.name, where, column, found, words, fix, said, kind)

    def _respondent(self, at: int) -> str:
        """Name a respondent of a table that has no order."""
        identifier = self.cells.get(self.population.identifier)
        return f'respondent "{identifier[at]}"' if identifier else ""

    def _check_header(self) -> None:
        who = self.population
        expected = dict.fromkeys(
            [
                *filter(
                    None, (who.identifier, who.weight, who.strata, who.organisation, who.person)
                ),
                *(d.source[who.id].column for d in self.dimensions),
                *(c.column for q in self.questions for c in q.cells),
            ]
        )
        unknown = [c for c in self.cells if c and c not in expected and c not in who.other_columns]
        for column in unknown:
            close = get_close_matches(column, [c for c in expected if c not in self.cells], n=1)
            hint = f'Is it "{close[0]}"? ' if close else ""
            self.problems.add(
                self.table.name,
                1,
                column,
                message="the codebook does not know this column",
                fix=f"{hint}Correct the header, or list it under other_columns in survey.yml.",
                kind="unknown_column",
            )
        for column in expected:
            if column not in self.cells:
                self.problems.add(
                    self.table.name,
                    1,
                    column,
                    message="the column is missing",
                    fix="Add it, or remove its question from the codebook.",
                    kind="missing_column",
                )
                self.cells[column] = [""] * len(self.table.rows)
                self.lacking.add(column)
        if not self.respondents:
            self.problems.add(
                self.table.name,
                message="there is no respondent in the file",
                fix="Restore the file from its source.",
                kind="rows",
            )
        elif who.respondents not in (None, self.respondents):
            self.problems.add(
                self.table.name,
                message=f"{self.respondents} respondents where survey.yml "
                f"declares {who.respondents}",
                fix="Look for lost or repeated rows.",
                kind="rows",
            )

    def _check_identifiers(self) -> None:
        column = self.population.identifier
        first: dict[str, int] = {}
        for at, value in enumerate([] if column in self.lacking else self.cells.get(column, ())):
            if not value:
                self.report(
                    at,
                    column,
                    "",
                    "",
                    "Give every respondent an identifier.",
                    "the identifier is empty",
                    "blank",
                )
            elif value in first:
                there = self.table.numbers[first[value]]
                place = (
                    f"Row {there} already has it"
                    if self.numbered
                    else "Another respondent already has it"
                )
                self.report(
                    at,
                    column,
                    value,
                    "",
                    f"{place}{self._what_to_do(at, first[value])}",
                    "the identifier is repeated",
                    "duplicate_identifier",
                )
            first.setdefault(value, at)

    def _what_to_do(self, at: int, before: int) -> str:
        """Say what to do about two rows with one identifier: they may be a person in two waves."""
        who = self.population
        tells = self.codebook.wave_of(who.id)
        cells = self.cells.get(tells.source[who.id].column) if tells else None
        if cells is None or cells[at] == cells[before]:
            return ": remove one."
        return (
            " in another wave. Give every row an identifier of its own. If it is the same person, "
            f'keep {who.identifier} under other_columns: h.trend(…, person="{who.identifier}") '
            "pairs the answers."
        )

    def _bands(self, dimension: Dimension) -> list[str]:
        source = dimension.source[self.population.id]
        owner = next(
            (q for q in self.questions for c in q.cells if c.column == source.column), None
        )
        not_stated = band_missing(owner)
        codes = {option.code for option in owner.options} if owner else set()
        result = []
        for at, value in enumerate(self.cells[source.column]):
            band = source.bands.get(value)
            reported = bool(codes) and value not in codes  # with the question's own answers
            if owner is not None and owner.kind is Kind.NUMBER:
                reported = math.isnan(number(value))
            if band is None and value not in not_stated and not reported:
                self.report(
                    at,
                    source.column,
                    value,
                    list(source.bands),
                    f"Correct the file or map it under {dimension.id} in survey.yml.",
                    kind="unknown_code",
                )
            result.append(NOT_STATED if band is None else band)
        return result

    def _weights(self) -> list[float]:
        column = self.population.weight
        if not column or column in self.lacking:
            return [1.0] * len(self.table.rows)
        weights = []
        for at, cell in enumerate(self.cells[column]):
            weight = number(cell)
            if not 0 <= weight <= LARGEST_WEIGHT:
                self.report(
                    at,
                    column,
                    cell,
                    f"a number from 0 to {LARGEST_WEIGHT:,.0f}, with a decimal point",
                    "Every respondent needs a weight.",
                    kind="weight",
                )
            weights.append(weight)
        if weights and not any(weights):
            self.problems.add(
                self.table.name, None, column, message="every weight is 0", kind="weight"
            )
        return weights

    def _people(self) -> list[str]:
        column = self.codebook.person_of(self.population.id)
        cells = self.cells.get(column)
        if cells is None:
            return [""] * len(self.table.rows)
        begun = wave_prefixes(self.codebook, self.population, column)
        starts = [next((len(p) for p in begun if cell.startswith(p)), 0) for cell in cells]
        return [cell[start:] for cell, start in zip(cells, starts, strict=True)]

    def _strata(self) -> list[str]:
        column = self.population.strata
        if not column or column in self.lacking:
            return [""] * len(self.table.rows)
        for at, cell in enumerate(self.cells[column]):
            if not cell:
                self.report(
                    at,
                    column,
                    "",
                    "",
                    "Every respondent belongs to a stratum.",
                    "the cell is empty",
                    "blank",
                )
        return self.cells[column]
