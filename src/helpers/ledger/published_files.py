"""Reads a folder of published findings and reports everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from helpers.codebook.model import Codebook, Kind, Question
from helpers.codebook.rows import Row, read_rows
from helpers.codebook.survey_file import LONGEST
from helpers.codebook.yamlfiles import YamlFile
from helpers.errors import InsightsError, Problems
from helpers.ledger.grim import Comparator, Requirement, parse_number
from helpers.ledger.statements import (
    Cell,
    Conditions,
    Constraint,
    Note,
    PrintedStatement,
    Published,
    Rate,
    Reading,
    Statistic,
    Strength,
)
from helpers.responses.selection import Selection

CELL = ("question", "item", "option", "time", "where")
OPTIONS_NEEDED = (Statistic.COUNT, Statistic.PERCENT, Statistic.MEAN_SELECTED)
SCORES_NEEDED = (Statistic.MEAN_SCORE, Statistic.NET)
ALL_ITEMS = (Statistic.MEAN_SELECTED, Statistic.BASE)
_Number = tuple[Fraction, int | None]  # exact value, decimals it is written with
_E = TypeVar("_E", bound=StrEnum)

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
    published = _PublishedReader(folder, codebook, problems).published()
    problems.raise_if_any(f"The published findings in {folder.name}/ cannot be used")
    return published


class _PublishedReader:
    """Reads the files in an order in which what a row refers to is known before it."""

    def __init__(self, folder: Path, codebook: Codebook, problems: Problems) -> None:
        self.folder, self.codebook, self.problems = folder, codebook, problems
        self.statements: dict[str, PrintedStatement] = {}
        self.rows = _ConstraintRows(codebook, self.statements, self._assumptions())

    def published(self) -> Published:
        rows = self._rows(FINDINGS)
        for row in rows:
            self._statement(row)
        for row in rows:
            _one_of(
                row, "repeat_of", row["repeat_of"], ("", *self.statements), "an id of this file"
            )
        constraints = [self.rows.constraint(row) for row in self._rows(STATEMENTS)]
        rates = [self._rate(row) for row in self._rows(RATES)]
        notes = [self._note(row) for row in self._rows(NOTES)]
        return Published(
            self.folder,
            self.statements,
            tuple(c for c in constraints if c),
            tuple(r for r in rates if r),
            tuple(notes),
        )

    def _rows(self, name: str) -> list[Row]:
        """Read a file; none where a column that its rows need is missing."""
        needed = NEEDED[name]
        rows = read_rows(self.folder, name, (*needed, *OPTIONAL[name]), needed, self.problems)
        return rows if rows and set(needed) <= set(rows[0].cells) else []

    def _assumptions(self) -> dict[str, _Number]:
        assumed: dict[str, _Number] = {}
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

    def _statement(self, row: Row) -> None:
        name = row["id"]
        if name in self.statements:
            row.problem("id", name, "each id once", "Give the finding another id.")
        populations = tuple(filter(None, (p.strip() for p in row["population"].split(";"))))
        for population in populations:
            _one_of(row, "population", population, self.codebook.populations)
        self.statements[name] = PrintedStatement(
            name,
            row["statement"],
            row["printed"],
            _word(row, "class", Strength) or Strength.SOFT,
            populations,
            _whole(row, "population_n"),
            _whole(row, "base_n"),
            row["figure"],
            row["trend"],
            row["section"],
            row["time"],
            row["repeat_of"],
            row["note"],
        )

    def _rate(self, row: Row) -> Rate | None:
        numerator, denominator = _whole(row, "numerator"), _whole(row, "denominator")
        percent = self.rows.number(row, "percent")
        _one_of(row, "population", row["population"], self.codebook.populations)
        _one_of(row, "question", row["question"], ("", *self.codebook.questions))
        if row["denominator"] and denominator == 0:
            row.problem("denominator", "0", "a whole number above 0")
        if numerator is None or not denominator or percent is None:
            return None
        requirement = Requirement(Comparator.EQUAL, *percent, None, row["percent"])
        names = (row["id"], row["figure"], row["population"], row["question"])
        return Rate(*names, numerator, denominator, requirement)

    def _note(self, row: Row) -> Note:
        about = tuple(row["findings"].split())
        for statement in about:
            _one_of(row, "findings", statement, self.statements, f"ids of {FINDINGS}")
        return Note(row["id"], about, tuple(row["figure"].split()), row["severity"], row["text"])


@dataclass(frozen=True)
class _ConstraintRows:
    """Turns rows into constraints; knows what they may refer to."""

    codebook: Codebook
    statements: Mapping[str, PrintedStatement]
    assumed: Mapping[str, _Number]

    def constraint(self, row: Row) -> Constraint | None:
        """Read a row; None where something is wrong with it."""
        before = len(row.problems)
        statement = self.statements.get(row["finding"])
        if statement is None:
            row.problem("finding", row["finding"], "an id of findings.csv")
        statistic = _word(row, "statistic", Statistic)
        reading = _word(row, "reading", Reading) if row["reading"] else Reading.PRINTED
        requirement = self._requirement(row)
        cell, reference = self._cells(row, statistic) if statistic else (Cell(""), None)
        base = _whole(row, "base")
        if len(row.problems) > before or not (statement and statistic and reading and requirement):
            return None
        base = None if cell.where or not cell.question else base or statement.base_n or None
        return Constraint(
            statement.id,
            reading,
            statistic,
            cell,
            requirement,
            reference,
            base,
            statement.populations,
            row["note"],
        )

    def number(self, row: Row, column: str) -> _Number | None:
        """Read a number, a fraction, or the name of an assumption."""
        text = row[column]
        if not text:
            return None  # reported as an empty cell
        sign, name = (-1, text[1:]) if text.startswith("-@") else (1, text)
        if name.startswith("@"):
            if name[1:] in self.assumed:
                value, decimals = self.assumed[name[1:]]
                return sign * value, decimals
            known = [f"@{assumption}" for assumption in self.assumed]
            row.problem(column, text, known, "Correct the name or add it to assumptions.yml.")
            return None
        try:
            return parse_number(text)
        except ValueError:
            row.problem(column, text, "a number, a fraction such as 100/3, @name of an assumption")
            return None

    def _requirement(self, row: Row) -> Requirement | None:
        comparator = _word(row, "comparator", Comparator)
        value = self.number(row, "value")
        tolerance = self.number(row, "tolerance") if row["tolerance"] else None
        if comparator is Comparator.ABOUT and not row["tolerance"]:
            fix = "Say how far from the value is still about it."
            row.problem("tolerance", None, "", fix, "the comparator ~ needs a tolerance")
        if comparator is None or value is None:
            return None
        far = tolerance[0] if tolerance else None
        return Requirement(comparator, *value, far, row["value"])

    def _cells(self, row: Row, statistic: Statistic) -> tuple[Cell, Cell | None]:
        """Read the cell and the reference cell of a row."""
        if statistic is Statistic.RESPONDENTS:
            _one_of(row, "question", row["question"], ("",))
            return Cell(""), None
        cell = self._cell(row, statistic, "")
        if cell is None or not any(row[f"ref_{column}"] for column in CELL):
            return cell or Cell(""), None
        return cell, self._cell(row, statistic, "ref_")

    def _cell(self, row: Row, statistic: Statistic, prefix: str) -> Cell | None:
        name, item, option, time, where = (row[prefix + c] or row[c] for c in CELL)
        if not _one_of(row, prefix + "question", name, self.codebook.questions):
            return None
        question = self.codebook.questions[name]
        if not question.tabulates:
            fix = "Name a question with options."
            message = f"a {question.kind} question has no shares"
            row.problem(prefix + "question", name, "", fix, message)
            return None
        options = tuple(filter(None, (o.strip() for o in option.split("+"))))
        if question.kind is Kind.MULTIPLE and not options:
            options = (question.ticked.code,)
        conditions = self._where(row, prefix + "where", where, question)
        cell = Cell(name, item, options, time, conditions)
        _check_cell(row, prefix, question, cell, statistic)
        return cell

    def _where(self, row: Row, column: str, text: str, question: Question) -> Conditions:
        parts = [part.partition("=") for part in text.split(";") if part.strip()]
        found = tuple(
            (key.strip(), tuple(code.strip() for code in codes.split("|")))
            for key, _, codes in parts
        )
        try:
            Selection(found).of_codes(self.codebook)
        except InsightsError as error:
            allowed = "DIMENSION=band or COLUMN=code|code, joined by ;"
            row.problem(column, text, allowed, message=str(error).rstrip("."))
            return found
        questions = self.codebook.questions.values()
        owners = {cell.column: q.population for q in questions for cell in q.cells}
        for key, _ in found:
            dimension = self.codebook.dimensions.get(key)
            if question.population not in (dimension.source if dimension else (owners.get(key),)):
                row.problem(column, key, f"a characteristic or an answer of {question.population}")
        return found


def _check_cell(
    row: Row, prefix: str, question: Question, cell: Cell, statistic: Statistic
) -> None:
    """Report items, options and times that the question lacks, or the statistic needs."""
    options = [o.code for o in question.reported]
    compares = statistic in (Statistic.RANK, Statistic.LEAD)
    items = [item.code for item in question.items] or [""]
    if statistic is Statistic.MEAN_SELECTED and not question.items:
        row.problem(prefix + "question", question.id, "a question with items")
    _one_of(row, prefix + "item", cell.item, [*items, ""] if statistic in ALL_ITEMS else items)
    _one_of(row, prefix + "time", cell.time, question.times or ("",))
    for option in cell.options:
        _one_of(row, prefix + "option", option, options)
    if statistic in OPTIONS_NEEDED or (compares and len(items) < 2):
        if not cell.options:
            row.problem(prefix + "option", None, options, message=f"{statistic} needs an option")
    elif statistic in SCORES_NEEDED or (compares and not cell.options):
        if any(o.score is None for o in question.substantive):
            row.problem(prefix + "question", question.id, "a question whose options have scores")
    elif statistic is Statistic.SHARE_OF_MENTIONS and question.kind is not Kind.MULTIPLE:
        row.problem(prefix + "question", question.id, "a question of kind multiple")


def _one_of(row: Row, column: str, found: str, known: Collection[str], allowed: str = "") -> bool:
    """Report a cell that is not one of the known words; say whether it is."""
    if found in known:
        return True
    words = allowed or [name for name in known if name] or "(empty)"
    row.problem(column, found or None, words, message="" if found else "the cell is empty")
    return False


def _word(row: Row, column: str, kind: type[_E]) -> _E | None:
    """Read a cell that holds one of a fixed set of words; None, and a problem, if it does not."""
    if row[column] and _one_of(row, column, row[column], [member.value for member in kind]):
        return kind(row[column])
    return None


def _whole(row: Row, column: str) -> int | None:
    """Read a cell that may hold a whole number."""
    if not row[column]:
        return None
    if not (row[column].isdecimal() and len(row[column]) <= LONGEST):
        row.problem(column, row[column], f"a whole number of at most {LONGEST} digits")
        return None
    return int(row[column])
