"""Tables of many questions as people read them: in a notebook, a workbook, a page or a file."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

import pandas as pd

from helpers.codebook.model import Provenance, suggest
from helpers.errors import InsightsError
from helpers.present.downloads import TableFile, cover
from helpers.present.tables import Table, shown
from helpers.reports.report_table import ReportTable, written
from helpers.reports.table_html import PAGE, STYLE, table_html
from helpers.reports.workbook import workbook
from helpers.responses.survey import Survey
from helpers.words import Catalogue

SHOWN = 40  # tables that a notebook shows
OPEN = 3  # of which so many are open
ENDINGS = ("xlsx", "csv", "html")


@dataclass(frozen=True, eq=False, repr=False)
class TableSet(TableFile):
    """Tables of many questions; a notebook displays them.

    Attributes
    ----------
    df : tidy DataFrame, one row per table, row and column: codes, labels and numbers
    sentence : what they are, in words
    notes : what a reader needs to know: filters, weights, letters, small bases
    together : whether a workbook has a sheet with its tables below each other, too
    """

    together: ClassVar[bool] = False

    survey: Survey
    df: pd.DataFrame
    sentence: str
    tables: tuple[ReportTable, ...]
    notes: tuple[str, ...]
    filters: str = ""

    def __dir__(self) -> list[str]:
        """Names for an analyst, as tab completion offers them."""
        return ["df", "notes", "save", "sentence", "table"]

    def table(self, name: str) -> Table:
        """Return one table, as a pandas `Styler`; its `.data` is a DataFrame of text.

        Parameters
        ----------
        name
            Question, response column or dimension that was tabulated.

        Raises
        ------
        InsightsError
            If it was not tabulated.
        """
        found = [one for one in self.tables if one.name == name]
        if not found:
            known = [one.name for one in self.tables]
            raise InsightsError(f'There is no table of "{name}". {suggest(name, known, "table")}')
        parts = [_text_frame(one, self.say) for one in found]
        table = shown(pd.concat(parts, ignore_index=True).fillna(""), found[0].headings)
        return table.set_caption(html.escape(found[0].title))

    def save(self, path: str | Path) -> Path:
        """Write all tables to a file, whole or not at all; the ending gives the format.

        Parameters
        ----------
        path
            Ends in ``.xlsx`` for a workbook with contents, notes, a sheet for each table, one with
            all of them to filter, and of a topline one to read and print; ``.csv`` for the tidy
            table, with what it shows beside it in ``NAME.csv-metadata.json``; ``.html`` for a page.

        Raises
        ------
        InsightsError
            If the name has another ending, or the folder does not exist.
        """
        path = Path(path)
        ending = path.suffix.lower().removeprefix(".")
        if ending not in ENDINGS:
            known = ", ".join(f".{one}" for one in ENDINGS)
            raise InsightsError(f'Tables are written as {known}, not "{path.suffix}".')
        if not path.parent.is_dir():
            raise InsightsError(f"There is no folder {path.parent}: make it first.")
        return super().save(path)

    def made(self, ending: str) -> bytes:
        """Make the content of a file by the ending of its name."""
        if ending == "html":
            return self.as_html().encode()
        return self.as_csv() if ending == "csv" else self.as_xlsx()

    def as_xlsx(self, made: date | None = None) -> bytes:
        """Make the workbook."""
        day = made or date.today()
        codebook = self.survey.codebook
        title = ", ".join(filter(None, (codebook.title, codebook.wave)))
        about = self.about(day)
        said = (self.mark, about, self.notes, self.filters)
        return workbook(self.tables, title, *said, day, together=self.together)

    def as_html(self) -> str:
        """Make a page of all tables, open."""
        title = html.escape(self.survey.codebook.title)
        body = "".join(table_html(one, self.say) for one in self.tables)
        return (
            f'<!doctype html><html lang="{self.say("format.locale")}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{title}</title><style>{PAGE}{STYLE}</style></head><body>"
            f'<main class="insights-tables"><h1>{title}</h1>{self._head()}{body}</main>'
            "</body></html>"
        )

    @property
    def rows(self) -> pd.DataFrame:
        """The tidy table, as it is written to a CSV file."""
        return self.df

    @property
    def mark(self) -> str:
        """What every sheet says of the data: simulated, unprotected or published."""
        said = self.say.each("banner")[self.survey.provenance]
        simulated = self.survey.provenance is Provenance.ILLUSTRATIVE
        return f"SIMULATED. {said}" if simulated else said

    def about(self, made: date) -> list[tuple[str, str]]:
        """List what the cover sheet says, as pairs of heading and text."""
        waves = tuple(w for w in self.survey.codebook.waves if w in self.df.attrs.get("waves", ()))
        ranges = {self.survey.intervals_note(p) for p in self.survey.codebook.populations}
        return cover(
            self.survey,
            None,
            made,
            sentence=self.sentence,
            notes=[note for note in self.notes if note not in ranges],
            filters=self.filters,
            waves=waves,
        )

    def _head(self) -> str:
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        said = html.escape(self.sentence)
        mark = html.escape(self.mark)
        return (
            f"<p><strong>{mark}</strong></p><p>{said}</p>"
            f"<details><summary>Notes</summary><ul>{notes}</ul></details>"
        )

    def _repr_html_(self) -> str:
        listed = "".join(
            f"<details{' open' * (n < OPEN)}><summary>{one.number}. {html.escape(one.title)}"
            f"</summary>{table_html(one, self.say)}</details>"
            for n, one in enumerate(self.tables[:SHOWN])
        )
        more = len(self.tables) - SHOWN
        rest = f"<p>{more:,} more tables: <code>.table(name)</code> shows one, " if more > 0 else ""
        rest += "<code>.save(path)</code> writes all.</p>" if rest else ""
        return (
            f'<div class="insights-tables"><style>{STYLE}</style>{self._head()}{listed}{rest}</div>'
        )

    def __repr__(self) -> str:
        """Return sentence, tables and notes as text."""
        listed = [
            f"{one.number}. {one.title}\n"
            f"{_text_frame(one, self.say).to_string(index=False, na_rep='')}"
            for one in self.tables[:SHOWN]
        ]
        return "\n\n".join(filter(None, (self.sentence, *listed, " ".join(self.notes))))


def _text_frame(one: ReportTable, say: Catalogue) -> pd.DataFrame:
    rows = []
    for line in one.lines:
        cells = [f"{written(cell, say)} {cell.above}".strip() for cell in line.cells]
        rows.append([line.label, *(cells or [""] * len(one.columns))])
    return pd.DataFrame(rows, columns=[" ", *one.headings])
