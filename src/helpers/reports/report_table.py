"""One table as it is shown: columns, lines, and cells of numbers and words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from helpers.codebook.model import Question
from helpers.estimation.columns import Values
from helpers.estimation.request import Status
from helpers.present import wording
from helpers.present.cells import COUNT, POINTS, POINTS_SIZE, SHARE
from helpers.reports.contents import TableColumn
from helpers.responses.survey import Survey
from helpers.words import Catalogue, distinct

NONE, NOT_APPLICABLE = "[x]", "[z]"  # as in the UK government's spreadsheets
HEADING, BASE, MARK, ANSWER, NET = "heading", "base", "mark", "answer", "net"  # kinds of lines


class TableCell(NamedTuple):
    """A cell: a number and its unit, or words; and the letters of columns that it is above."""

    value: float | str
    unit: str = ""
    above: str = ""


@dataclass(frozen=True)
class TableLine:
    """A line of a table.

    Attributes
    ----------
    item : section that it is in
    small : places of columns with a small base
    """

    kind: str
    label: str
    cells: tuple[TableCell, ...]
    item: str = ""
    small: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ReportTable:
    """One table.

    Attributes
    ----------
    asked_of : label of the population
    about : wording of the question, and who was asked, in words
    notes : what a reader of this table needs to know
    """

    number: int
    name: str
    asked_of: str
    title: str
    about: tuple[str, ...]
    columns: tuple[TableColumn, ...]
    lines: tuple[TableLine, ...]
    notes: tuple[str, ...]

    @property
    def headings(self) -> list[str]:
        """Headings of the columns, none twice."""
        return distinct(column.heading for column in self.columns)


def written(cell: TableCell, say: Catalogue) -> str:
    """Write a cell for reading, without its letters."""
    if isinstance(cell.value, str):
        return cell.value
    if math.isnan(cell.value):
        return ""
    if cell.unit == SHARE:
        return say.percent(cell.value)
    if cell.unit in (POINTS, POINTS_SIZE):
        return say.points(cell.value, sign=cell.unit == POINTS)
    if cell.unit == COUNT:
        return say.number(round(cell.value))
    return say.number(cell.value, 2)


def described(survey: Survey, question: Question) -> tuple[str, ...]:
    """Say how a question was worded, and who was asked."""
    asked = wording.asked(survey.codebook, question, 0, None, 0)
    assumed = wording.assumed(question, survey.say)
    return tuple(
        filter(None, (question.own_wording, asked, f"Assumed: {assumed}." * bool(assumed)))
    )


def cell_of(
    values: Values, at: tuple[int, ...], unit: str, name: str = "estimate", why: str = ""
) -> TableCell:
    """Make the cell of an estimate; where there is none, its mark."""
    status, value = values["status"][at], float(values[name][at])
    if why or status == Status.NOT_ASKED.value:
        return TableCell(NOT_APPLICABLE)
    return TableCell(NONE) if math.isnan(value) else TableCell(value, unit)
