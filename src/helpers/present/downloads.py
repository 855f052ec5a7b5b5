"""The table behind a chart as a file that explains itself: CSV and XLSX."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.codebook.model import Provenance, Question
from helpers.codebook.textfiles import guarded
from helpers.errors import InsightsError
from helpers.estimation.latest_wave import waves_in_words
from helpers.paths import write_aside
from helpers.present import tables, wording
from helpers.present.cells import (
    COUNT,
    FORMATS,
    NET,
    NONE,
    POINTS,
    POINTS_SIZE,
    CellNumber,
    SheetColumn,
    number,
    spread,
)
from helpers.present.results import JOINED, Shares, key_label
from helpers.responses.survey import Survey
from helpers.words import Catalogue, distinct

TYPES = {
    "csv": "text/csv;charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
A4 = 9  # as xlsxwriter numbers paper
NARROWEST, WIDEST = 11, 60  # columns, in characters
WRAPPED = {"valign": "top", "text_wrap": True}
RIGHT = {**WRAPPED, "align": "right", "indent": 1}  # a space before the words of the next column
COVER, LINE = 90, 15  # width of a cover sheet in characters, and height of a line in points
# Columns of the table and the words that head them.
HEADINGS = {"estimate": "table.share", "ci_low": "table.from", "ci_high": "table.to"}
HEADINGS |= {"n": "file.base", "status": "file.status"}
EVERY_ROW = ("survey", "question", "filters", "provenance")  # of a text file, from its cover
METADATA = "-metadata.json"  # behind the name of a text file


class TableFile:
    """A table that is written with everything a reader of the file must know."""

    survey: Survey

    @property
    def say(self) -> Catalogue:
        """Words of the survey's language."""
        return self.survey.say

    @property
    def rows(self) -> pd.DataFrame:
        """The table with readable headings."""
        raise NotImplementedError

    @property
    def sheets(self) -> list[tuple[str, list[SheetColumn]]]:
        """Tables of the file, each with its heading; a number of each cell has its own column."""
        return [("", spread(self.rows))]

    def about(self, made: date) -> list[tuple[str, str]]:
        """List what the cover sheet says, as pairs of heading and text."""
        raise NotImplementedError

    def as_csv(self, made: date | None = None) -> bytes:
        """Write one table with its headings in the first line; shares in [0, 1].

        Columns at the end say in each row what the numbers are about. Several tables are below each
        other in the same columns, the first of which names them.
        """
        out = io.StringIO()
        writer = csv.writer(out)
        columns = self._columns(made)
        writer.writerow([harmless(column.head) for column in columns])
        cells = (map(_plain, column.cells) for column in columns)
        writer.writerows(zip(*cells, strict=True))
        return out.getvalue().encode("utf-8-sig")

    def metadata(self, name: str, made: date | None = None) -> bytes:
        """Describe the CSV file `name`: what a cover sheet says, and what its columns hold.

        Notes
        -----
        Tennison, J. and Kellogg, G. (2015), Metadata Vocabulary for Tabular Data, W3C; programs
        find it by its name, that of the file and ``-metadata.json``.
        """
        said = self._cover(made, self._named())
        columns = [
            {"titles": harmless(column.head), "datatype": _datatype(column)}
            for column in self._columns(made)
        ]
        told = {
            "@context": ["http://www.w3.org/ns/csvw", {"@language": self.say("format.locale")}],
            "url": name,
            "dc:title": said[0][1],
            "notes": [{"heading": heading, "text": text} for heading, text in said],
            "tableSchema": {"columns": columns},
        }
        return f"{json.dumps(told, ensure_ascii=False, indent=1)}\n".encode()

    def _columns(self, made: date | None) -> list[SheetColumn]:
        """Columns of a text file: those of its tables, then what is the same in every row."""
        sheets = self._named()
        heads = [*dict.fromkeys(column.head for *_, columns in sheets for column in columns)]
        held: dict[str, list[CellNumber | str]] = {head: [] for head in heads}
        titles: list[CellNumber | str] = []
        for name, heading, columns in sheets:
            of = {column.head: column.cells for column in columns}
            rows = len(columns[0].cells) if columns else 0
            titles += [heading or name] * rows
            for head in heads:
                held[head] += of.get(head, ("",) * rows)
        found = [SheetColumn(head, tuple(cells)) for head, cells in held.items()]
        if len(sheets) > 1:
            found.insert(0, SheetColumn(self.say("file.table_sheet"), tuple(titles)))
        wanted = {self.say(f"file.{name}") for name in EVERY_ROW}
        said = [pair for pair in self.about(_day(made)) if pair[0] in wanted]
        found += [SheetColumn(heading, (text,) * len(titles)) for heading, text in said]
        named = distinct(column.head for column in found)
        return [SheetColumn(head, of.cells) for head, of in zip(named, found, strict=True)]

    def as_xlsx(self, made: date | None = None) -> bytes:
        """Write a workbook: a cover sheet, and a sheet of each table with numbers as numbers."""
        import xlsxwriter

        out = io.BytesIO()
        given = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(out, given) as book:
            bold = book.add_format({"bold": True, **WRAPPED})
            wide = book.add_format(WRAPPED)
            cover = book.add_worksheet(self.say("file.about_sheet"))
            cover.set_column(0, 0, 14)
            cover.set_column(1, 1, COVER)
            sheets = self._named()
            for n, (heading, text) in enumerate(self._cover(made, sheets)):
                cover.write_string(n, 0, heading, bold)
                cover.write_string(n, 1, text, wide)
                cover.set_row(n, LINE * len(textwrap.wrap(text, COVER)))
            forms = {
                unit: book.add_format({"num_format": form, **RIGHT})
                for unit, form in FORMATS.items()
            }
            heads = [bold, book.add_format({"bold": True, **RIGHT})]
            words = [wide, book.add_format(RIGHT)]
            for name, _, columns in sheets:
                _write(book.add_worksheet(name), columns, forms, heads, words)
            mark = self.say.each("banner")[self.survey.provenance]
            for sheet in book.worksheets():
                sheet.set_header(f"&L&9{printed(mark)}")
                sheet.set_paper(A4)
                sheet.fit_to_pages(1, 0)
        return out.getvalue()

    def _named(self) -> list[tuple[str, str, list[SheetColumn]]]:
        """List sheets with their names and headings."""
        named = self.say("file.table_sheet")
        return [
            (f"{named} {n}" if n > 1 else named, *sheet) for n, sheet in enumerate(self.sheets, 1)
        ]

    def _cover(
        self, made: date | None, sheets: Sequence[tuple[str, str, list[SheetColumn]]]
    ) -> list[tuple[str, str]]:
        """List what the file is about, and what its tables are where there are several."""
        cells = (cell for *_, columns in sheets for column in columns for cell in column.cells)
        units = {cell.unit for cell in cells if isinstance(cell, CellNumber)}
        points = not units.isdisjoint((POINTS, POINTS_SIZE, NET))
        return [
            *self.about(_day(made)),
            *[(self.say("file.numbers"), self.say("file.of_one"))] * points,
            *((name, heading) for name, heading, _ in sheets if heading),
        ]

    def save(self, path: str | Path) -> Path:
        """Write a file, whole or not at all; the ending of its name gives the format.

        Beside ``NAME.csv`` it writes ``NAME.csv-metadata.json``, with what a workbook has on its
        cover sheet.

        Raises
        ------
        InsightsError
            If the name ends in neither ``.csv`` nor ``.xlsx``, or there is no such folder.
        """
        path = Path(path)
        if not path.parent.is_dir():
            raise InsightsError(f"There is no folder {path.parent}: make it first.")
        ending = path.suffix.lower().removeprefix(".")
        raw = self.made(ending)
        if ending == "csv":
            write_aside(path.with_name(f"{path.name}{METADATA}"), self.metadata(path.name))
        return write_aside(path, raw)

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
    def rows(self) -> pd.DataFrame:
        """The table with readable headings; shares in [0, 1], `Base` in respondents."""
        say = self.say
        heads = {column: say(key) for column, key in HEADINGS.items()}
        return tables.frame(self.result).rename(columns=heads)

    @property
    def sheets(self) -> list[tuple[str, list[SheetColumn]]]:
        """The table, its shares and the means below them with their units."""
        rows, known = self.rows, {self.say(HEADINGS[end]) for end in tables.ENDS}
        units = tables.units(self.result)
        for name in known:
            cells = zip(rows[name].tolist(), units, strict=True)
            rows[name] = pd.Series([number("", value, unit) for value, unit in cells], dtype=object)
        return [("", spread(rows))]

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


def printed(text: str, most: int = 200) -> str:
    """Return text for the head or foot of a printed sheet, where & begins a command."""
    return guarded(textwrap.shorten(text, most, placeholder="…")).replace("&", "&&")


def harmless(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    return guarded(cell) if isinstance(cell, str) else cell


def _plain(cell: CellNumber | str) -> float | str:
    """Write a cell into a text file."""
    if isinstance(cell, CellNumber):
        value = float(cell.value)
        return int(value) if cell.unit == COUNT and value.is_integer() else value
    return "" if cell == NONE else str(harmless(cell))


def _datatype(column: SheetColumn) -> str:
    """Name the type of a column: numbers, where cells are empty or none is; else text."""
    cells = [cell for cell in column.cells if isinstance(cell, CellNumber) or _plain(cell)]
    return "number" if cells and all(isinstance(c, CellNumber) for c in cells) else "string"


def _write(
    sheet: Any,
    columns: Sequence[SheetColumn],
    forms: Mapping[str, Any],
    heads: Sequence[Any],
    words: Sequence[Any],
) -> None:
    """Write a table: its heads stay in sight and are repeated in print, columns on one page.

    Parameters
    ----------
    heads, words
        How text is written in columns of words, and in columns of numbers.
    """
    high = [1] * (1 + len(columns[0].cells))  # lines of each row
    for n, column in enumerate(columns):
        numeric = any(isinstance(cell, CellNumber) for cell in column.cells)
        told = [len(cell) for cell in column.cells if isinstance(cell, str)]
        wide = min(WIDEST, max([NARROWEST, *map(len, column.head.split()), *told]) + 2)
        sheet.set_column(n, n, wide)
        for row, cell in enumerate((column.head, *column.cells)):
            if isinstance(cell, str):
                high[row] = max(high[row], len(textwrap.wrap(cell, wide - 2)))
        sheet.write_string(0, n, column.head, heads[numeric])
        for row, cell in enumerate(column.cells, 1):
            if isinstance(cell, CellNumber):
                sheet.write_number(row, n, float(cell.value), forms[cell.unit])
            elif cell:
                sheet.write_string(row, n, cell, words[numeric])
    for row, lines in enumerate(high):
        sheet.set_row(row, LINE * lines)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, len(columns[0].cells), len(columns) - 1)
    sheet.set_landscape()


def _day(made: date | None) -> date:
    return made or date.today()
