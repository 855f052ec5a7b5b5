"""The table behind a chart as a file that explains itself: CSV and XLSX."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.codebook.model import Question
from helpers.codebook.textfiles import guarded
from helpers.errors import InsightsError
from helpers.estimation.wave import waves_in_words
from helpers.paths import write_aside
from helpers.present import tables, wording
from helpers.present.results import JOINED, Shares, key_label
from helpers.responses.survey import Provenance, Survey
from helpers.words import Catalogue

TYPES = {
    "csv": "text/csv;charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
A4 = 9  # as xlsxwriter numbers paper
COVER, LINE = 90, 15  # width of a cover sheet in characters, and height of a line in points
# Columns of the table and the words that head them.
HEADINGS = {"estimate": "table.share", "ci_low": "table.from", "ci_high": "table.to"}
HEADINGS |= {"n": "file.base", "status": "file.status"}


class TableFile:
    """A table that is written with everything a reader of the file must know."""

    survey: Survey

    @property
    def say(self) -> Catalogue:
        """Words of the survey's language."""
        return self.survey.say

    @property
    def shares(self) -> tuple[str, ...]:
        """Columns that are written as percentages."""
        return ()

    @property
    def means(self) -> int:
        """How many of the last rows have means in these columns, not percentages."""
        return 0

    @property
    def rows(self) -> pd.DataFrame:
        """The table with readable headings."""
        raise NotImplementedError

    def about(self, made: date) -> list[tuple[str, str]]:
        """List what the cover sheet says, as pairs of heading and text."""
        raise NotImplementedError

    def as_csv(self, made: date | None = None) -> bytes:
        """Write what it shows, an empty line, and the table; shares in [0, 1]."""
        out = io.StringIO()
        writer = csv.writer(out)
        table = self.rows
        writer.writerows([harmless(cell) for cell in row] for row in self.about(_day(made)))
        writer.writerow([])
        writer.writerows(_plain([list(table.columns), *table.itertuples(index=False)]))
        return out.getvalue().encode("utf-8-sig")

    def as_xlsx(self, made: date | None = None) -> bytes:
        """Write a workbook: a cover sheet, and the table with numbers as numbers."""
        import xlsxwriter

        out, table = io.BytesIO(), self.rows
        given = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(out, given) as book:
            bold = book.add_format({"bold": True, "valign": "top", "text_wrap": True})
            wide = book.add_format({"text_wrap": True, "valign": "top"})
            share, mean = (book.add_format({"num_format": form}) for form in ("0.0%", "0.0"))
            cover = book.add_worksheet(self.say("file.about_sheet"))
            cover.set_column(0, 0, 14)
            cover.set_column(1, 1, COVER)
            for n, (heading, text) in enumerate(self.about(_day(made))):
                cover.write_string(n, 0, heading, bold)
                cover.write_string(n, 1, text, wide)
                cover.set_row(n, LINE * len(textwrap.wrap(text, COVER)))
            sheet = book.add_worksheet(self.say("file.table_sheet"))
            forms = [share] * len(table)
            forms[len(table) - self.means :] = [mean] * self.means
            for n, name in enumerate(table.columns):
                words = [len(str(cell)) for cell in table[name] if isinstance(cell, str)]
                sheet.set_column(n, n, min(60, max([12, len(name) + 2, *words])))
                sheet.write_string(0, n, name, bold)
                for row, cell in enumerate(table[name].tolist()):
                    _write(sheet, row + 1, n, cell, forms[row] if name in self.shares else None)
            for each in (cover, sheet):  # in print, columns stay on one page
                each.set_paper(A4)
                each.fit_to_pages(1, 0)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(table), len(table.columns) - 1)
        return out.getvalue()

    def save(self, path: str | Path) -> Path:
        """Write a file, whole or not at all; the ending of its name gives the format.

        Raises
        ------
        InsightsError
            If the name ends in neither ``.csv`` nor ``.xlsx``, or there is no such folder.
        """
        path = Path(path)
        if not path.parent.is_dir():
            raise InsightsError(f"There is no folder {path.parent}: make it first.")
        return write_aside(path, self.made(path.suffix.removeprefix(".")))

    def made(self, ending: str) -> bytes:
        """Make the content of a file by the ending of its name."""
        if ending not in TYPES:
            known = " or ".join(f".{name}" for name in TYPES)
            raise InsightsError(
                f"Tables are written as {known}, charts as .png, .svg, .pdf or .html; "
                f'not ".{ending}".'
            )
        return self.as_csv() if ending == "csv" else self.as_xlsx()


@dataclass(frozen=True)
class Export(TableFile):
    """A result with everything a reader of a file must know.

    Attributes
    ----------
    filters : what is selected, in words; empty for everybody
    """

    survey: Survey
    result: Shares
    filters: str = ""

    @property
    def shares(self) -> tuple[str, ...]:
        """Columns that are written as percentages."""
        return tuple(self.say(HEADINGS[end]) for end in tables.ENDS)

    @property
    def means(self) -> int:
        """How many rows at the end are means of a scale."""
        return len(self.result.means or ())

    @property
    def rows(self) -> pd.DataFrame:
        """The table with readable headings; shares in [0, 1], `Base` in respondents."""
        say = self.say
        heads = {column: say(key) for column, key in HEADINGS.items()}
        return tables.frame(self.result).rename(columns=heads)

    def about(self, made: date) -> list[tuple[str, str]]:
        """List what the cover sheet says, as pairs of heading and text."""
        question = self.survey.question(self.result.question.id)  # as it was asked
        return cover(
            self.survey,
            question,
            made,
            keys=self.result.keys,
            waves=self.result.waves,
            filters=self.filters,
            base=wording.base(self.result),
            sentence=wording.sentence(self.result, self.survey.provenance),
            notes=wording.caveats(self.result),
            method=wording.method(self.survey, question),
        )


def cover(
    survey: Survey,
    question: Question | None,
    made: date,
    *,
    sentence: str,
    notes: Sequence[str],
    keys: Sequence[str] = (),
    waves: Sequence[str] = (),
    filters: str = "",
    base: str = "",
    method: str = "",
) -> list[tuple[str, str]]:
    """List what the cover sheet of any file says, as pairs of heading and text.

    Parameters
    ----------
    question
        That the numbers are about; None where they are about several.
    keys
        Dimensions and response columns that form groups.
    waves
        Waves that the numbers are about, where a survey has several.
    filters
        What is selected, in words; empty for everybody.
    """
    codebook, say = survey.codebook, survey.say
    private = survey.provenance is Provenance.PRIVATE
    beside = codebook.wave_dimension in keys
    asked = (
        [
            ("question", question.label),
            ("wording", question.own_wording),
            ("asked", wording.who_was_asked(survey, question, waves)),
        ]
        if question
        else []
    )
    of = [question.population] if question else [*codebook.populations]
    lines = [
        ("survey", ", ".join(filter(None, (codebook.title, codebook.wave)))),
        ("provenance", say.each("banner")[survey.provenance]),
        ("protection", say("file.unprotected") if private else ""),
        *asked,
        ("wave", "" if beside else waves_in_words(codebook, waves)),
        ("groups", JOINED.join(key_label(codebook, key) for key in keys)),
        ("filters", filters or say("file.no_filters")),
        ("base", base),
        ("in_words", sentence),
        *(("note", words) for words in notes),
        ("method", method),
        ("ranges", " ".join(dict.fromkeys(map(survey.intervals_note, of)))),
        ("source", question.source if question else ""),
        ("data", survey.describe),
        ("made_on", made.isoformat()),
    ]
    return [(say(f"file.{heading}"), text) for heading, text in lines if text]


def harmless(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    return guarded(cell) if isinstance(cell, str) else cell


def _plain(rows: Iterable[Iterable[Any]]) -> Iterable[list[Any]]:
    for row in rows:
        yield ["" if not isinstance(c, str) and pd.isna(c) else harmless(c) for c in row]


def _write(sheet: Any, row: int, column: int, cell: Any, form: Any) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif not pd.isna(cell):
        sheet.write_number(row, column, cell, form)


def _day(made: date | None) -> date:
    return made or date.today()
