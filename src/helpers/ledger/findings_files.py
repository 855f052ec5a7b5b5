"""Reads a folder of published findings and reports everything that is wrong with it at once."""

from __future__ import annotations

from pathlib import Path

from helpers.codebook.model import Codebook
from helpers.codebook.rows import Row, read_rows
from helpers.codebook.yamlfiles import YamlFile
from helpers.errors import InsightsError, Problems
from helpers.ledger.findings import Finding, Note, Published, Rate, Strength
from helpers.ledger.grim import Comparator, Requirement, parse_number
from helpers.ledger.statement_rows import CELL, Number, StatementRows, one_of, whole, word

FINDINGS, STATEMENTS, RATES = "findings.csv", "statements.csv", "response_rates.csv"
NOTES, ASSUMPTIONS = "notes.csv", "assumptions.yml"
NEEDED = {
    FINDINGS: ("id", "population", "statement", "class"),
    STATEMENTS: ("finding", "statistic", "comparator", "value"),
    RATES: ("id", "population", "numerator", "denominator", "percent"),
    NOTES: ("id", "text"),
}
OPTIONAL = {
    FINDINGS: (
        *("figure", "trend", "section", "population_n", "base_n", "time", "printed"),
        *("repeat_of", "note"),
    ),
    STATEMENTS: (
        *("row", "reading", "tolerance", "base", "note"),
        *(*CELL, *(f"ref_{column}" for column in CELL)),
    ),
    RATES: ("figure", "question"),
    NOTES: ("audit_item", "severity", "findings", "figure"),
}


def read_published(folder: Path, codebook: Codebook) -> Published:
    """Read findings.csv and statements.csv of `folder`, and the other files where they exist.

    Raises
    ------
    InsightsError
        If the folder or one of the two files is missing.
    SurveyProblems
        With every problem of every file, located by file, row and column.
    """
    missing = [name for name in (FINDINGS, STATEMENTS) if not (folder / name).is_file()]
    if missing:
        raise InsightsError(
            f"{folder} holds no published findings ({' and '.join(missing)} missing), so there is"
            " nothing to compare the responses with."
        )
    problems = Problems()
    published = _FindingsReader(folder, codebook, problems).published()
    problems.raise_if_any(f"The published findings in {folder.name}/ cannot be used")
    return published


class _FindingsReader:
    """Reads the files in an order in which what a row refers to is known before it."""

    def __init__(self, folder: Path, codebook: Codebook, problems: Problems) -> None:
        self.folder, self.codebook, self.problems = folder, codebook, problems
        self.findings: dict[str, Finding] = {}
        self.statements = StatementRows(codebook, self.findings, self._assumptions())

    def published(self) -> Published:
        rows = self._rows(FINDINGS)
        for row in rows:
            self._finding(row)
        for row in rows:
            one_of(row, "repeat_of", row["repeat_of"], ("", *self.findings), "an id of this file")
        statements = [self.statements.statement(row) for row in self._rows(STATEMENTS)]
        rates = [self._rate(row) for row in self._rows(RATES)]
        notes = [self._note(row) for row in self._rows(NOTES)]
        return Published(
            self.folder,
            self.findings,
            tuple(s for s in statements if s),
            tuple(r for r in rates if r),
            tuple(notes),
        )

    def _rows(self, name: str) -> list[Row]:
        """Read a file; none where a column that its rows need is missing."""
        needed = NEEDED[name]
        rows = read_rows(self.folder, name, (*needed, *OPTIONAL[name]), needed, self.problems)
        return rows if rows and set(needed) <= set(rows[0].cells) else []

    def _assumptions(self) -> dict[str, Number]:
        assumed: dict[str, Number] = {}
        if not (self.folder / ASSUMPTIONS).is_file():
            return assumed
        file = YamlFile(self.folder / ASSUMPTIONS, self.problems)
        for name in file.data:
            file.mapping(name, known=("value", "why"))
            text = file.text(name, "value")
            try:
                assumed[name] = parse_number(text)
            except ValueError:
                file.add(name, "value", found=text, allowed="a number such as 15 or 37.5")
        return assumed

    def _finding(self, row: Row) -> None:
        name = row["id"]
        if name in self.findings:
            row.problem("id", name, "each id once", "Give the finding another id.")
        populations = tuple(filter(None, (p.strip() for p in row["population"].split(";"))))
        for population in populations:
            one_of(row, "population", population, self.codebook.populations)
        self.findings[name] = Finding(
            name,
            row["statement"],
            row["printed"],
            word(row, "class", Strength) or Strength.SOFT,
            populations,
            whole(row, "population_n"),
            whole(row, "base_n"),
            row["figure"],
            row["trend"],
            row["section"],
            row["time"],
            row["repeat_of"],
            row["note"],
        )

    def _rate(self, row: Row) -> Rate | None:
        numerator, denominator = whole(row, "numerator"), whole(row, "denominator")
        percent = self.statements.number(row, "percent")
        one_of(row, "population", row["population"], self.codebook.populations)
        one_of(row, "question", row["question"], ("", *self.codebook.questions))
        if row["denominator"] and denominator == 0:
            row.problem("denominator", "0", "a whole number above 0")
        if numerator is None or not denominator or percent is None:
            return None
        requirement = Requirement(Comparator.EQUAL, *percent, None, row["percent"])
        names = (row["id"], row["figure"], row["population"], row["question"])
        return Rate(*names, numerator, denominator, requirement)

    def _note(self, row: Row) -> Note:
        about = tuple(row["findings"].split())
        for finding in about:
            one_of(row, "findings", finding, self.findings, f"ids of {FINDINGS}")
        return Note(row["id"], about, tuple(row["figure"].split()), row["severity"], row["text"])
