"""Shares that the source prints, each with the count of people and the range behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from helpers.ledger.assessments import BOUNDS, Assessment, by_arithmetic, counts_of
from helpers.ledger.grim import nearest, wilson
from helpers.ledger.ledger import FOLDER, clashes_of
from helpers.ledger.published_files import FINDINGS, STATEMENTS, read_published
from helpers.ledger.statements import (
    Cell,
    Constraint,
    PrintedStatement,
    Published,
    Reading,
    Statistic,
    Strength,
)
from helpers.responses.survey import Survey


@dataclass(frozen=True)
class PrintedNumber:
    """A share of people that the source prints.

    Attributes
    ----------
    id, statement : as in findings.csv
    cell : answers that it is about
    printed : the number as printed
    count, base : people who gave the answers, of how many
    low, high : 95% range of the share, in [0, 1]; the source does not print it
    before : the same share at an earlier point in time
    """

    id: str
    statement: str
    cell: Cell
    printed: str
    count: int
    base: int
    low: float
    high: float
    before: PrintedNumber | None = None

    @property
    def share(self) -> float:
        """Share of the base, in [0, 1]."""
        return self.count / self.base


def printed_numbers(survey: Survey) -> list[PrintedNumber]:
    """Return every share of respondents that is printed as a number, once, in the source's order.

    Bounds ("more than a quarter") are left out, and numbers that no count of people, or no other
    statement, allows; so are those on populations with weights. A share at two points in time is
    one number with the earlier one as `before`.
    """
    folder = survey.folder / FOLDER
    if not any((folder / name).is_file() for name in (FINDINGS, STATEMENTS)):
        return []
    published = read_published(folder, survey.codebook)
    clashes = clashes_of(survey, published)
    found: dict[Cell, PrintedNumber] = {}
    for statement in published.statements.values():
        assessment = by_arithmetic(statement.id, clashes.get(statement.id, ()))
        impossible = assessment is Assessment.IMPOSSIBLE
        number = None if impossible else _number(statement, published, survey)
        if number is not None:
            found.setdefault(number.cell, number)
    return _over_time(survey, found)


def _number(
    statement: PrintedStatement, published: Published, survey: Survey
) -> PrintedNumber | None:
    rows = published.rows(statement.id, Reading.PRINTED)
    row = next((row for row in rows if row.is_share), None)
    if statement.strength is not Strength.HARD or row is None or row.cell.where:
        return None
    if row.requirement.comparator in BOUNDS or _weighted(row, survey):
        return None
    base = row.base or 0
    share = row.requirement.value / (base if row.statistic is Statistic.COUNT else 100)
    count = nearest(counts_of(row), share, base)
    if count is None:
        return None
    low, high = wilson(Fraction(count, base), base)
    said = (statement.id, statement.words, row.cell, statement.printed)
    return PrintedNumber(*said, count, base, low, high)


def _weighted(row: Constraint, survey: Survey) -> bool:
    asked = survey.question(row.cell.question)
    return bool(survey.codebook.populations[asked.population].weight)


def _over_time(survey: Survey, found: dict[Cell, PrintedNumber]) -> list[PrintedNumber]:
    """Put the earlier of two points in time into the number of the later one."""
    left = dict(found)
    for cell, number in found.items():
        times = survey.question(cell.question).times
        past = times[: times.index(cell.time)] if cell.time else ()
        earlier = [replace(cell, time=time) for time in past]
        before = next((left[one] for one in reversed(earlier) if one in left), None)
        if before is not None and before.base == number.base:
            left[cell] = replace(number, before=before)
            del left[before.cell]
    return list(left.values())
