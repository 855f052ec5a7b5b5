"""Reads response files and checks every cell against the codebook."""

from __future__ import annotations

import math
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from helpers.errors import Problems
from helpers.survey.answers import WORDS, Answers
from helpers.survey.codebook import (
    NOT_STATED,
    Codebook,
    Dimension,
    Missing,
    Population,
)
from helpers.survey.textfiles import Table, read_table

LARGEST_WEIGHT = 1e9
WEIGHT, WEIGHT_SQUARED, STRATUM = "_weight", "_weight_squared", "_stratum"


def band_column(dimension: str) -> str:
    """Name of the frame column that holds a dimension's bands."""
    return f"_band_{dimension}"


def response_file(folder: Path, population: str) -> Path | None:
    """Response file of a population, if there is one."""
    return next(
        (p for e in ("csv", "parquet") if (p := folder / f"{population}.{e}").is_file()), None
    )


def read_responses(codebook: Codebook, folder: Path, problems: Problems) -> dict[str, pd.DataFrame]:
    """Read the responses of every population.

    Returns
    -------
    A frame per population, one row per respondent: response columns hold codes (str), where
    `not_asked` and `not_answered` are spelled out; `_weight`, `_weight_squared` (float),
    `_stratum` (str) and one `_band_DIMENSION` (str) per dimension of the population.
    What is wrong is added to `problems`; the frames are sound only if nothing was added.
    """
    _report_strays(codebook, folder, problems)
    tables = {}
    for population in codebook.populations:
        path = response_file(folder, population)
        if path is None:
            problems.add(
                f"{population}.csv",
                message="the file is missing",
                fix=f"Put one file for each population into {folder.name}/.",
            )
            continue
        table = _read(path, problems)
        if table is not None:
            tables[population] = table
    spelled = _spelled_out(codebook, tables, problems)
    return {
        name: _Reader(codebook, codebook.populations[name], table, spelled, problems).frame()
        for name, table in tables.items()
    }


def response_like(folder: Path) -> list[Path]:
    """Files of a responses folder that may be meant as responses: all but notes and hidden ones."""
    if not folder.is_dir():
        return []
    return sorted(
        p
        for p in folder.iterdir()
        if not p.name.startswith(".") and not p.is_dir() and p.suffix not in (".md", ".yml")
    )


def _report_strays(codebook: Codebook, folder: Path, problems: Problems) -> None:
    wanted = [f"{population}.csv" for population in codebook.populations]
    known = {*wanted, *(f"{population}.parquet" for population in codebook.populations)}
    for path in response_like(folder):
        if path.name not in known:
            problems.add(
                path.name,
                message=f"this file in {folder.name}/ is of no population",
                allowed=wanted,
                fix="Rename it as it should be read, or move it elsewhere.",
            )


def _spelled_out(codebook: Codebook, tables: dict[str, Table], problems: Problems) -> bool:
    """Say whether missing answers are written as words, so that a blank cell is a fault.

    Where far more cells are blank than spelled out, the words are the fault: they are reported
    once, with the place of the first.
    """
    words: list[tuple[str, int, str, str]] = []
    blanks = 0
    for population, table in tables.items():
        asked = {c for c, question in codebook.owners.items() if question.population == population}
        for column in asked & set(table.header):
            for number, cell in zip(table.numbers, table.column(column), strict=True):
                blanks += not cell
                if cell in WORDS:
                    words.append((table.name, number, column, cell))
    if words and blanks > len(words):
        name, number, column, word = min(words)
        problems.add(
            name,
            number,
            column,
            found=word,
            message=f"{len(words):,} cells spell missing answers out while {blanks:,} are blank",
            fix="Do it one way throughout: blank cells, or not_answered and not_asked.",
        )
    return bool(words) and blanks <= len(words)


def _read(path: Path, problems: Problems) -> Table | None:
    if path.suffix == ".csv":
        return read_table(path, problems)
    import duckdb

    try:
        found = duckdb.read_parquet(str(path)).select("COLUMNS(*)::VARCHAR").fetchall()
        header = duckdb.read_parquet(str(path)).columns
    except duckdb.Error as error:
        problems.add(path.name, message=f"not a Parquet file ({str(error).splitlines()[0]})")
        return None
    rows = tuple(tuple("" if c is None else c for c in row) for row in found)
    return Table(path.name, tuple(header), rows, tuple(range(2, len(rows) + 2)))


class _Reader:
    """One population's file on its way from text to a checked frame."""

    def __init__(
        self,
        codebook: Codebook,
        population: Population,
        table: Table,
        spelled_out: bool,
        problems: Problems,
    ) -> None:
        self.codebook = codebook
        self.population = population
        self.table = table
        self.problems = problems
        self.questions = [q for q in codebook.questions.values() if q.population == population.id]
        self.dimensions = [d for d in codebook.dimensions.values() if population.id in d.source]
        self.cells: dict[str, list[str]] = {
            name: table.column(name) for name in dict.fromkeys(table.header)
        }
        self.spelled_out = spelled_out
        self.lacking: set[str] = set()

    def frame(self) -> pd.DataFrame:
        self._check_header()
        self._check_identifiers()
        bands = {d.id: self._bands(d) for d in self.dimensions}
        answers = Answers(
            self.questions,
            self.cells,
            len(self.table.rows),
            self.spelled_out,
            self.report,
            self.lacking,
        )
        for question in self.questions:
            answers.complete(question)
        frame = pd.DataFrame(self.cells, dtype="str")
        weights = self._weights()
        added: dict[str, object] = {
            WEIGHT: weights,
            WEIGHT_SQUARED: [w * w for w in weights],
            STRATUM: self._strata(),
        }
        added |= {band_column(name): values for name, values in bands.items()}
        return frame.assign(**added)

    def report(
        self, at: int, column: str, found: object, allowed: object, fix: str = "", message: str = ""
    ) -> None:
        """Add a problem of respondent number `at`."""
        words = allowed if isinstance(allowed, str) else list(allowed)  # type: ignore[call-overload]
        self.problems.add(
            self.table.name, self.table.numbers[at], column, found, words, fix, message
        )

    def _check_header(self) -> None:
        who = self.population
        expected = dict.fromkeys(
            [
                *filter(None, (who.identifier, who.weight, who.strata, who.organisation)),
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
            )
        for column in expected:
            if column not in self.cells:
                self.problems.add(
                    self.table.name,
                    1,
                    column,
                    message="the column is missing",
                    fix="Add it, or remove its question from the codebook.",
                )
                self.cells[column] = [""] * len(self.table.rows)
                self.lacking.add(column)
        if not self.table.rows:
            self.problems.add(
                self.table.name,
                message="there is no respondent in the file",
                fix="Restore the file from its source.",
            )
        elif who.respondents not in (None, len(self.table.rows)):
            self.problems.add(
                self.table.name,
                message=f"{len(self.table.rows)} respondents where survey.yml "
                f"declares {who.respondents}",
                fix="Look for lost or repeated rows.",
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
                )
            elif value in first:
                row = self.table.numbers[first[value]]
                self.report(
                    at,
                    column,
                    value,
                    "",
                    f"It stands in row {row} already: remove one.",
                    "the identifier is repeated",
                )
            first.setdefault(value, at)

    def _bands(self, dimension: Dimension) -> list[str]:
        source = dimension.source[self.population.id]
        owner = next(
            (q for q in self.questions for c in q.cells if c.column == source.column), None
        )
        not_stated = {"", *WORDS}
        if owner is not None:
            not_stated |= {o.code for o in owner.options if o.missing is not Missing.NO}
        result = []
        for at, value in enumerate(self.cells[source.column]):
            band = source.bands.get(value)
            if band is None and value not in not_stated:
                self.report(
                    at,
                    source.column,
                    value,
                    list(source.bands),
                    f"Correct the file or map it under {dimension.id} in survey.yml.",
                )
            result.append(NOT_STATED if band is None else band)
        return result

    def _weights(self) -> list[float]:
        column = self.population.weight
        if not column or column in self.lacking:
            return [1.0] * len(self.table.rows)
        weights = []
        for at, cell in enumerate(self.cells[column]):
            try:
                weight = float(cell)
            except ValueError:
                weight = math.nan
            if not 0 <= weight <= LARGEST_WEIGHT:
                self.report(
                    at,
                    column,
                    cell,
                    f"a number from 0 to {LARGEST_WEIGHT:,.0f}, with a decimal point",
                    "Every respondent needs a weight.",
                )
            weights.append(weight)
        if weights and not any(weights):
            self.problems.add(self.table.name, None, column, message="every weight is 0")
        return weights

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
                )
        return self.cells[column]
