"""What is done to a file, and where an import must say so."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.mutations.files import Style
from benchmarks.mutations.tables import Table

HARMLESS, HARMFUL, DAMAGE, BLIND = "harmless", "harmful", "damage", "blind"
TEXT, XLSX, SAV = "text", "xlsx", "sav"


@dataclass(frozen=True)
class Place:
    """Where a fault is: a respondent, a column, both, or the file; `rows` are row numbers.

    Several respondents or columns are places of which one must be named.
    """

    people: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def level(self) -> str:
        """How exactly the place is known."""
        if (self.people or self.rows) and self.columns:
            return "cell"
        if self.people or self.rows:
            return "row"
        return "column" if self.columns or self.keys else "file"


@dataclass
class Case:
    """A file to be made: its table, its style, and chance."""

    table: Table
    style: Style
    chance: random.Random
    drafted: bool


Act = Callable[..., Any]


@dataclass(frozen=True)
class Operator:
    """A change of a file.

    Attributes
    ----------
    label : HARMLESS (accepted, identical), HARMFUL (refused, located), or DAMAGE: bytes that may
        mean nothing, so that the file is refused or the data are identical; or BLIND: bytes that
        no checksum covers, so that what comes in may differ and nobody can see it
    stage : what is changed: the table, the style, the text, the workbook, the bytes
    kinds : of files that it fits
    drafted : whether it shows without a codebook
    """

    name: str
    label: str
    stage: str
    kinds: tuple[str, ...]
    act: Act
    drafted: bool


OPERATORS: dict[str, Operator] = {}


def operator(
    label: str, stage: str, *kinds: str, drafted: bool | None = None
) -> Callable[[Act], Act]:
    """Name an operator after its function; what shows by a codebook alone has `drafted=False`."""

    def keep(act: Act) -> Act:
        seen = label != HARMFUL if drafted is None else drafted
        name = act.__name__.strip("_")
        assert name not in OPERATORS
        OPERATORS[name] = Operator(name, label, stage, kinds or (TEXT, XLSX, SAV), act, seen)
        return act

    return keep
