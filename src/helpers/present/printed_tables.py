"""Tables of a survey's source, ``published/NAME.csv``: read, and made readable."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from helpers.codebook.textfiles import read_table, words_of
from helpers.errors import Problems
from helpers.ledger.ledger import FOLDER
from helpers.release.forms import SourceTable
from helpers.release.rules import ReleaseRules
from helpers.responses.survey import Survey

Rows: TypeAlias = list[tuple[int, dict[str, str]]]  # row number in the file, cells by column


def read_rows(survey: Survey, name: str, needed: Sequence[str] = ()) -> Rows | None:
    """Read the rows of a printed table; None where the folder has none."""
    path = survey.folder / FOLDER / f"{name}.csv"
    if not path.is_file():
        return None
    problems = Problems()
    table = read_table(path, problems, words_of)
    for column in (c for c in needed if table and c not in table.header):
        problems.add(path.name, 1, column, message="the column is missing", fix="Add the column.")
    if not problems and not (table and table.rows):
        problems.add(path.name, message="the file has no rows", fix="Add rows, or remove the file.")
    problems.raise_if_any(f"{FOLDER}/{path.name} cannot be used")
    assert table is not None
    rows = (dict(zip(table.header, cells, strict=True)) for cells in table.rows)
    return list(zip(table.numbers, rows, strict=True))


def source_tables(survey: Survey, rules: ReleaseRules) -> dict[str, list[SourceTable]]:
    """Read the tables of the source that the pages of a release show.

    Returns
    -------
    Page to its tables as far as the survey folder has them.

    Raises
    ------
    SurveyProblems
        As `printed` does.
    """
    found: dict[str, list[SourceTable]] = {}
    for page in rules.pages:
        for rule in page.printed:
            cells = readable(survey, rule.name, rule.columns)
            if cells is None:
                continue
            table: SourceTable = {
                "id": rule.name,
                "title": rule.title,
                "note": rule.note,
                "columns": list(cells),
                "rows": [list(row) for row in zip(*cells.values(), strict=True)],
            }
            found.setdefault(page.id, []).append(table)
    return found


def readable(survey: Survey, name: str, columns: Sequence[str]) -> dict[str, list[str]] | None:
    """Read a printed table as text under headings; None where the folder has none.

    Ids in a column `trend` become labels; large numbers get commas.
    """
    rows = read_rows(survey, name)
    if rows is None:
        return None
    chosen = [c for c in columns if c in rows[0][1]] or list(rows[0][1])
    cells = {column: [row[column] for _, row in rows] for column in chosen}
    if "trend" in cells:
        labels = {trend: about.label for trend, about in survey.codebook.trends.items()}
        cells["trend"] = [labels.get(trend, trend) for trend in cells["trend"]]
    for column in (c for c in chosen if all_numbers(cells[c])):
        cells[column] = [_with_thousands(cell) for cell in cells[column]]
    return {_heading(column): cells[column] for column in chosen}


def _heading(column: str) -> str:
    words = column.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def as_number(text: str) -> Decimal | None:
    """Read a plain decimal number; None where the text is none."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def all_numbers(cells: Sequence[str]) -> bool:
    """Whether all filled cells are numbers, with or without commas between thousands."""
    filled = [cell.replace(",", "") for cell in cells if cell]
    return bool(filled) and all(as_number(cell) is not None for cell in filled)


def _with_thousands(cell: str) -> str:
    """Write a number readably; what has four digits may be a year and stays."""
    value = as_number(cell)
    return cell if value is None or abs(value) < 10_000 else f"{value:,f}"
