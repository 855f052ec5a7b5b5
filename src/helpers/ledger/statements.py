"""What a source printed about a survey, and which answers each of its statements is about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
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
class Constraint:
    """What a printed statement asks of the answers: a statistic of a cell, and what it must be.

    A row of statements.csv.

    Attributes
    ----------
    reference
        Cell whose statistic is subtracted; None where there is none.
    base
        Respondents in the cell's base by the source, or chosen for it; None for a part of them.
    populations
        Whose respondents count, for the statistic `respondents`.
    """

    statement: str
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
class PrintedStatement:
    """One statement of the source, in our words: a row of findings.csv.

    `base_n` is None where no base is printed.
    """

    id: str
    words: str
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
    """An oddity of the source that arithmetic cannot find, beside the statements it concerns."""

    id: str
    statements: tuple[str, ...]
    figures: tuple[str, ...]
    severity: str
    text: str


@dataclass(frozen=True)
class Published:
    """Everything that a source printed about a survey, as read from `folder`."""

    folder: Path
    statements: dict[str, PrintedStatement]
    constraints: tuple[Constraint, ...] = ()
    rates: tuple[Rate, ...] = ()
    notes: tuple[Note, ...] = ()

    def rows(self, statement: str, reading: Reading) -> tuple[Constraint, ...]:
        """Constraints of a statement under one reading; none where it has none."""
        return self._by_reading.get((statement, reading), ())

    @cached_property
    def _by_reading(self) -> dict[tuple[str, Reading], tuple[Constraint, ...]]:
        found: dict[tuple[str, Reading], tuple[Constraint, ...]] = {}
        for constraint in self.constraints:
            key = constraint.statement, constraint.reading
            found[key] = (*found.get(key, ()), constraint)
        return found

    def remarks(self, statement: str) -> tuple[str, ...]:
        """Our note on a statement, then the notes that concern it."""
        own = self.statements[statement].note
        about = (note.text for note in self.notes if statement in note.statements)
        return (*((own,) if own else ()), *about)

    def about_figure(self, figure: str) -> tuple[str, ...]:
        """List the notes that concern a figure."""
        return tuple(note.text for note in self.notes if figure and figure in note.figures)

    def bases(self, population: str) -> tuple[int, ...]:
        """Bases that the source prints for a population, and its size."""
        sizes = {s.population_n for s in self.statements.values() if s.populations == (population,)}
        rates = (r for r in self.rates if r.population == population)
        answered = {r.numerator for r in rates if r.denominator in sizes}
        return tuple(sorted(answered | {size for size in sizes if size}))

    def printed_size(self, population: str) -> Constraint | None:
        """Constraint that says how many respondents a population has."""
        return next(
            (
                c
                for c in self.constraints
                if c.statistic is Statistic.RESPONDENTS and c.populations == (population,)
            ),
            None,
        )

    def other_sizes(self, statement: str) -> tuple[str, ...]:
        """Response rates that disagree with a statement on how many respondents there are."""
        sizes = {r.id: self.printed_size(r.population) for r in self.rates}
        return tuple(
            r.id
            for r in self.rates
            if (size := sizes[r.id])
            and size.statement == statement
            and size.requirement.value != r.denominator
        )
