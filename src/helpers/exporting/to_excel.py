"""Workbooks with the responses and the codebook; text stays text, whatever it begins with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from helpers.codebook.textfiles import read_table
from helpers.errors import InsightsError, Problems
from helpers.exporting.codebook_files import codebook_files
from helpers.exporting.outgoing import MISSING, Field, Outgoing
from helpers.importing.files.packages import CODEBOOK
from helpers.importing.own_exports import MARK, OUTLINE
from helpers.paths import write_aside
from helpers.responses.survey import Survey

_ROWS, _SIGNS, _TITLE = 1_048_575, 32_767, 31


def write_workbook(survey: Survey, tables: list[Outgoing], target: Path) -> Path:
    """Write all populations and the codebook into one workbook.

    Raises
    ------
    InsightsError
        If a sheet cannot hold what there is.
    """
    import io

    import xlsxwriter

    held = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(held, {**options, "in_memory": True}) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        for table in tables:
            _check(table)
            sheet = book.add_worksheet(table.population.id)
            sheet.freeze_panes(1, 1)
            for at, said in enumerate(table.fields):
                sheet.write_string(0, at, said.name, head)
                _column(sheet, at, said)
        lines = [("file", "line")]
        for name, content in codebook_files(survey).items():
            if name.endswith(".yml"):
                text = content.decode("utf-8-sig")
                lines += [(name, f"{MARK}{line}") for line in text.splitlines()]
            elif read := read_table(survey.folder / CODEBOOK / name, Problems()):
                _sheet(book, f"{CODEBOOK} {Path(name).stem}", [read.header, *read.rows], head)
        _sheet(book, OUTLINE, lines, head)
        about = book.add_worksheet("about")
        for row, line in enumerate(_about(survey)):
            about.write_string(row, 0, line)
    return write_aside(target, held.getvalue())


def _sheet(book: Any, name: str, rows: Sequence[Sequence[str]], head: Any) -> None:
    """Write a sheet of the codebook, all of it text."""
    if len(name) > _TITLE or any(len(cell) > _SIGNS for row in rows for cell in row):
        raise InsightsError(f"A workbook cannot hold {name}. Export a datapackage.")
    sheet = book.add_worksheet(name)
    for row, cells in enumerate(rows):
        for at, cell in enumerate(cells):
            if cell:
                sheet.write_string(row, at, cell, head if row == 0 else None)


def _check(table: Outgoing) -> None:
    rows = len(table.fields[0].cells) if table.fields else 0
    longest = max((len(c) for f in table.fields for c in f.cells), default=0)
    if rows > _ROWS or longest > _SIGNS or len(table.population.id) > _TITLE:
        raise InsightsError(
            f"A workbook cannot hold {table.population.id}: {rows:,} rows, longest text "
            f"{longest:,} characters. Export a datapackage."
        )


def _column(sheet: Any, at: int, said: Field) -> None:
    for row, cell in enumerate(said.cells, 1):
        if said.number and cell not in MISSING and f"{float(cell):.15g}" == cell:
            sheet.write_number(row, at, float(cell))
        elif cell:  # of a number, more digits than a workbook keeps
            sheet.write_string(row, at, cell)


def _about(survey: Survey) -> list[str]:
    return [
        survey.describe,
        survey.provenance.banner,
        "Cells hold codes; the sheets of the codebook say what they mean.",
        "It can be imported again: the sheets of the codebook make the folder that it came from.",
    ]
