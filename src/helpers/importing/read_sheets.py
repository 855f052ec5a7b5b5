"""A sheet whose header was read: what every later step of an import takes."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.importing.columns.mapping import plain
from helpers.importing.files.sheets import Sheet
from helpers.importing.layouts.heads import Head
from helpers.importing.questionnaires.fitting import FormFit


@dataclass(frozen=True)
class ReadSheet:
    """A sheet with its header read, and what a questionnaire says of it."""

    sheet: Sheet
    heads: tuple[Head, ...]
    layout: str
    population: str
    fit: FormFit | None = None

    @property
    def filled(self) -> set[str]:
        """Keys of the columns that hold anything, blanks inside them aside."""
        pairs = zip(self.heads, self.sheet.columns, strict=True)
        return {plain(head.key) for head, column in pairs if any(column.values)}
