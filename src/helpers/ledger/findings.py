"""What a source printed about a survey, and which answers each of its statements is about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from helpers.ledger.grim import Requirement

Conditions = tuple[tuple[str, tuple[str, ...]], ...]


class Strength(StrEnum):
    """How much a statement binds the answers."""

    HARD = "hard"
    ORDINAL = "ordinal"
    SOFT = "soft"


class Reading(StrEnum):
    """Whether a statement is taken by its words, or as it can hold beside the others."""

    PRINTED = "printed"
    CHOSEN = "chosen"


class Statistic(StrEnum):
    """What is computed of a cell; data/published/README.md defines each."""

    RESPONDENTS = "respondents"
    BASE = "base"
    COUNT = "count"
    PERCENT = "percent"
    SHARE_OF_MENTIONS = "share_of_mentions"
    RANK = "rank"
    LEAD = "lead"
    MEAN_SELECTED = "mean_selected"
    MEAN_SCORE = "mean_score"
    NET = "net"
    TWO_LARGEST = "two_largest"


@dataclass(frozen=True)
class Cell:
    """Answers that a statement is about: `options` together, among the respondents in `where`."""

    question: str
    item: str = ""
    options: tuple[str, ...] = ()
    time: str = ""
    where: Conditions = ()

    def __str__(self) -> str:
        """Return the cell as ``question.item.time = option + option, where …``."""
        name = ".".join(filter(None, (self.question, self.item, self.time)))
        chosen = f" = {' + '.join(self.options)}" if self.options else ""
        among = "; ".join(f"{key} = {' or '.join(codes)}" for key, codes in self.where)
        return f"{name}{chosen}{f', where {among}' if among else ''}"


@dataclass(frozen=True)
class Statement:
    """One computable row of a finding: a statistic of a cell, and what it must be.

    Attributes
    ----------
    reference
        Cell whose statistic is subtracted; None where there is none.
    base
        Respondents in the cell's base by the source, or chosen for it; None for a part of them.
    populations
        Whose respondents count, for the statistic `respondents`.
    """

    finding: str
    reading: Reading
    statistic: Statistic
    cell: Cell
    requirement: Requirement
    reference: Cell | None = None
    base: int | None = None
    populations: tuple[str, ...] = ()
    note: str = ""

    @property
    def is_share(self) -> bool:
        """Whether it gives a plain share, or count, of a known base."""
        counted = self.statistic in (Statistic.PERCENT, Statistic.COUNT)
        return counted and self.reference is None and self.base is not None


@dataclass(frozen=True)
class Finding:
    """One statement of the source, in our words. `base_n` is None where no base is printed."""

    id: str
    statement: str
    printed: str
    strength: Strength
    populations: tuple[str, ...]
    population_n: int | None = None
    base_n: int | None = None
    figure: str = ""
    trend: str = ""
    section: str = ""
    time: str = ""
    repeat_of: str = ""
    note: str = ""


@dataclass(frozen=True)
class Rate:
    """A printed response rate; `requirement` is its percentage."""

    id: str
    figure: str
    population: str
    question: str
    numerator: int
    denominator: int
    requirement: Requirement


@dataclass(frozen=True)
class Note:
    """An oddity of the source that arithmetic cannot find, beside the findings it concerns."""

    id: str
    findings: tuple[str, ...]
    figures: tuple[str, ...]
    severity: str
    text: str


@dataclass(frozen=True)
class Published:
    """Everything that a source printed about a survey, as read from `folder`."""

    folder: Path
    findings: dict[str, Finding]
    statements: tuple[Statement, ...] = ()
    rates: tuple[Rate, ...] = ()
    notes: tuple[Note, ...] = ()

    def rows(self, finding: str, reading: Reading) -> tuple[Statement, ...]:
        """Statements of a finding under one reading; none where it has none."""
        return tuple(s for s in self.statements if (s.finding, s.reading) == (finding, reading))

    def remarks(self, finding: str) -> tuple[str, ...]:
        """Our note on a finding, then the notes that concern it."""
        own = self.findings[finding].note
        about = (note.text for note in self.notes if finding in note.findings)
        return (*((own,) if own else ()), *about)

    def about_figure(self, figure: str) -> tuple[str, ...]:
        """List the notes that concern a figure."""
        return tuple(note.text for note in self.notes if figure and figure in note.figures)

    def bases(self, population: str) -> tuple[int, ...]:
        """Bases that the source prints for a population, and its size."""
        sizes = {f.population_n for f in self.findings.values() if f.populations == (population,)}
        rates = (r for r in self.rates if r.population == population)
        answered = {r.numerator for r in rates if r.denominator in sizes}
        return tuple(sorted(answered | {size for size in sizes if size}))

    def printed_size(self, population: str) -> Statement | None:
        """Statement that says how many respondents a population has."""
        return next(
            (
                s
                for s in self.statements
                if s.statistic is Statistic.RESPONDENTS and s.populations == (population,)
            ),
            None,
        )

    def other_sizes(self, finding: str) -> tuple[str, ...]:
        """Response rates that disagree with a finding on how many respondents there are."""
        sizes = {r.id: self.printed_size(r.population) for r in self.rates}
        return tuple(
            r.id
            for r in self.rates
            if (size := sizes[r.id])
            and size.finding == finding
            and size.requirement.value != r.denominator
        )
