"""What every function for analysts returns: data, table, chart, sentence and files."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from helpers.codebook.model import Base, Question
from helpers.errors import InsightsError
from helpers.estimation.latest_wave import resolve_selection, selected_waves, waves_in_words
from helpers.estimation.request import Status
from helpers.estimation.tabulate import people
from helpers.paths import write_aside
from helpers.present import tables, wording
from helpers.present.cells import SheetColumn, spread
from helpers.present.downloads import TYPES, TableFile, cover
from helpers.present.printed_tables import all_numbers
from helpers.present.results import shown_waves
from helpers.responses.recoding import FIRST_STRATUM
from helpers.responses.selection import Where
from helpers.responses.survey import Survey

if TYPE_CHECKING:
    from helpers.present.figures import Chart

DRAWN = ("png", "svg", "pdf", "html")
PAGE = "body{font-family:system-ui,sans-serif;margin:2rem;color:#1b1b1b}.wide{overflow-x:auto}"


@dataclass(frozen=True)
class Readable:
    """A readable table of a result: its cells are text or numbers, its heading may be empty."""

    rows: pd.DataFrame
    heading: str = ""
    numbers: tuple[str, ...] = ()

    def shown(self) -> tables.Table:
        """Show it whole, the named columns to the right."""
        table = tables.shown(self.rows, self.numbers)
        return table.set_caption(html.escape(self.heading)) if self.heading else table


@dataclass(frozen=True)
class Subject:
    """What a result is about: a question, whom it selects, and who is in its base.

    Attributes
    ----------
    keys : dimensions and response columns that form groups
    waves : waves that are taken, where a survey has several
    filters : what is selected, in words; empty for everybody
    base : how many are in the base, in words
    method : how shares were computed, in words; empty for other estimates
    """

    question: Question
    keys: tuple[str, ...]
    waves: tuple[str, ...]
    filters: str
    base: str
    method: str = ""

    @classmethod
    def of(
        cls,
        survey: Survey,
        question: Question,
        where: Where,
        keys: tuple[str, ...],
        found: pd.DataFrame,
        rule: str = wording.BASES[Base.ANSWERED],
        method: str = "",
        bases: tuple[str, ...] = ("n",),
    ) -> Subject:
        """Look up whom a filter selects; `bases` are columns of `found`, and `rule` describes them.

        Rows that were not asked have no base.
        """
        codebook, population = survey.codebook, question.population
        selection = resolve_selection(survey, where, population, keys)
        waves = shown_waves(codebook, question, selected_waves(codebook, population, selection))
        asked = found[found["status"] != Status.NOT_ASKED]
        held = (asked if len(asked) else found)[list(bases)]
        ends = int(held.min(axis=None)), int(held.max(axis=None))
        wave = "" if codebook.wave_dimension in keys else waves_in_words(codebook, waves)
        base = wording.base_of(survey.say, codebook.populations[population], ends, rule, wave)
        return cls(question, keys, waves, selection.describe(codebook), base, method)


def several_answers(
    survey: Survey,
    question: Question,
    where: Where,
    keys: tuple[str, ...] = (),
    *,
    clusters: bool = True,
) -> str:
    """Say how many people gave the answers that are selected, where some gave several.

    `clusters` says whether ranges allow for it.
    """
    population = question.population
    if not survey.codebook.populations[population].person:
        return ""
    selection = resolve_selection(survey, where, population, keys)
    if not selection.concerns(survey, population):
        return ""
    n, whose = people(survey, population, selection)
    if n == whose:
        return ""
    said = f"{n:,} rows of {whose:,} people: bases count answers"
    if clusters:
        several = FIRST_STRATUM in survey.columns(population)
        first = "; who is in several strata counts in the first" if several else ""
        return f"{said}, and ranges take the answers of each person together{first}."
    return (
        f"{said}, and ranges and tests take the answers of the same person as those of different "
        "people. `h.trend` pairs them."
    )


@dataclass(frozen=True, eq=False, repr=False)
class Result(TableFile):
    """What an estimate or a comparison found; a notebook displays it.

    Attributes
    ----------
    df : tidy DataFrame, one row per estimate: codes, their labels (`…_label`) and numbers
    sentence : the finding in words; begins "Simulated:" for simulated answers
    tests : its tests, as a DataFrame; None if nothing was tested
    notes : what a reader needs to know: base, filters, caveats

    Examples
    --------
    >>> import helpers as h
    >>> result = h.share(h.load_survey("data/example"), "views")
    >>> list(result.df.columns[:4])
    ['question', 'item', 'item_label', 'option']
    >>> print(result.sentence[:10])
    Simulated:
    """

    survey: Survey
    df: pd.DataFrame
    sentence: str
    parts: tuple[Readable, ...]
    subject: Subject | None  # None: more than one question
    notes: tuple[str, ...] = ()
    tests: pd.DataFrame | None = None
    draw: Callable[[], Chart] | None = None
    file: TableFile | None = None

    def __dir__(self) -> list[str]:
        """Names for an analyst, as tab completion offers them."""
        return ["chart", "df", "notes", "save", "sentence", "table", "tests"]

    def table(self) -> tables.Table:
        """Return the table shown: labels, and numbers rounded for reading.

        It is a pandas `Styler`; its `.data` is a DataFrame.
        """
        return self.parts[0].shown()

    def chart(self) -> Chart:
        """Return the chart, a plotly figure; always the same object, so that you can restyle it.

        Raises
        ------
        InsightsError
            If there is nothing to draw.

        Examples
        --------
        >>> import helpers as h
        >>> result = h.share(h.load_survey("data/example"), "views")
        >>> _ = result.chart().update_layout(title="Views")
        >>> result.chart().layout.title.text
        'Views'
        """
        return self._chart

    @cached_property
    def _chart(self) -> Chart:
        if self.draw is None:
            raise InsightsError(f"There is no chart to draw. {self.sentence}".strip())
        drawn = self.draw()
        if drawn._slide is None:  # no picture leaves without saying what the data are
            from helpers.present.figures import Slide

            kind = self.survey.say.each("banner")[self.survey.provenance]
            asked = self.subject.question.label if self.subject else self.survey.codebook.title
            base = self.subject.base if self.subject else ""
            told = (base, self._below, f"{self.survey.describe}.")
            drawn._slide = Slide(kind, self.sentence, asked, " ".join(filter(None, told)))
        return drawn

    def save(self, path: str | Path) -> Path:
        """Write the chart or the table to a file; the ending of its name gives the format.

        Parameters
        ----------
        path
            Ends in ``.xlsx`` for the table with its notes; ``.csv`` for the table, with its notes
            beside it in ``NAME.csv-metadata.json``; ``.png``, ``.svg`` or ``.pdf`` for the chart as
            a slide of 16:9; ``.html`` for an interactive chart, or the table where there is none.

        Raises
        ------
        InsightsError
            If the name has another ending, the folder does not exist, there is nothing to draw, or
            there is no Chromium to draw a picture.
        """
        ending = Path(path).suffix.lower().removeprefix(".")
        if ending in TYPES:
            return super().save(path)
        if ending not in DRAWN:
            known = ", ".join(f".{name}" for name in (*TYPES, *DRAWN))
            raise InsightsError(f'Results are written as {known}, not "{Path(path).suffix}".')
        if ending == "html" and self.draw is None and self.sheets:
            return write_aside(Path(path), self._page().encode())
        return self.chart().save(path)

    def made(self, ending: str) -> bytes:
        """Make the content of a table file."""
        return self.file.made(ending) if self.file is not None else super().made(ending)

    def metadata(self, name: str, made: date | None = None) -> bytes:
        """Describe a CSV file, as the table that it is of does."""
        if self.file is not None:
            return self.file.metadata(name, made)
        return super().metadata(name, made)

    @property
    def rows(self) -> pd.DataFrame:
        """The readable table as a DataFrame of text and numbers."""
        return self.parts[0].rows

    @property
    def sheets(self) -> list[tuple[str, list[SheetColumn]]]:
        """Its tables, each with its heading unless the question is all it says."""
        asked = self.subject.question.label if self.subject else ""
        return [
            (part.heading * (part.heading != asked), spread(part.rows))
            for part in self.parts
            if len(part.rows.columns)
        ]

    def about(self, made: date) -> list[tuple[str, str]]:
        """List what the cover sheet of a file says, as pairs of heading and text."""
        about = self.subject
        if about is None:
            survey = self.survey
            latest = [
                selected_waves(survey.codebook, p, resolve_selection(survey, None, p))
                for p in survey.held
            ]
            waves = tuple(dict.fromkeys(chain.from_iterable(latest)))
            return cover(survey, None, made, sentence=self.sentence, notes=self.notes, waves=waves)
        ranges = self.survey.intervals_note(about.question.population)
        told = (about.filters, about.base, ranges)
        return cover(
            self.survey,
            about.question,
            made,
            keys=about.keys,
            waves=about.waves,
            filters=about.filters,
            base=about.base,
            sentence=self.sentence,
            notes=[note for note in self.notes if note not in told],
            method=about.method,
        )

    def _page(self) -> str:
        """Write its tables as a page, below what the data are."""
        about = dict(self.about(date.today()))
        title, mark = (
            html.escape(about[self.say(f"file.{of}")]) for of in ("survey", "provenance")
        )
        return (
            f'<!doctype html><html lang="{self.say("format.locale")}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{title}</title><style>{PAGE}</style></head><body><main><h1>{title}</h1>"
            f'<p><strong>{mark}</strong></p><div class="wide">{self._repr_html_()}</div></main>'
            "</body></html>"
        )

    def _repr_html_(self) -> str:
        said = f"<p><strong>{html.escape(self.sentence)}</strong></p>" if self.sentence else ""
        below = f"<p>{html.escape(self._below)}</p>" if self._below else ""
        return said + "".join(part.shown().to_html() for part in self.parts) + below

    @property
    def _below(self) -> str:
        return " ".join(f"{note.rstrip('.')}." for note in self.notes if note)

    def __repr__(self) -> str:
        """Return sentence, tables and notes as text."""
        shown = [repr(part.shown()) for part in self.parts]
        return "\n".join(filter(None, (self.sentence, *shown, self._below)))


def numeric(rows: pd.DataFrame) -> tuple[str, ...]:
    """Name the columns that hold numbers, written as text or not."""
    return tuple(
        str(name) for name in rows.columns if all_numbers([str(cell) for cell in rows[name]])
    )


def labelled(
    frame: pd.DataFrame, columns: Sequence[tuple[str, Callable[[str], str]]]
) -> pd.DataFrame:
    """Add a column of labels (`NAME_label`) behind each column of codes that is there."""
    made = frame.copy()
    for name, label in columns:
        if name in made:
            at = int(made.columns.get_loc(name)) + 1
            made.insert(at, f"{name}_label", [label(str(code)) for code in made[name]])
    made.attrs = dict(frame.attrs)
    return made
