"""A draft of a codebook: what a file seems to ask, every guess with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpers.codebook.model import Favourable, Kind, Option
from helpers.importing.draft.weighting import Weighting

MOST_BANDS = 16  # of a characteristic to filter by that has an order
MOST_NAMES = 12  # of one that has none
FEWEST = 10  # people whom a release shows as a group
OFTEN = 8  # the most frequent of these, where there are more: the others are one band


@dataclass
class Part:
    """A column of the file that becomes a response column.

    Attributes
    ----------
    at : place of the column in the sheet
    recode : cells to codes, where they differ
    units : what stands behind numbers, or before them: a sign for per cent, `years`
    thousands : whether numbers have commas between thousands
    """

    at: int
    item: str = ""
    label: str = ""
    recode: dict[str, str] = field(default_factory=dict)
    decimal_comma: bool = False
    units: tuple[str, ...] = ()
    thousands: bool = False


@dataclass
class DraftQuestion:
    """A question as it seems to have been asked.

    Attributes
    ----------
    demographic : whether it says who respondents are
    ordered : whether its answers have an order
    bands : what to filter by, where answers are numbers: code, label and values of each band
    rare : codes of answers that are one band of a filter, because there are too many
    known : whether a questionnaire says whom it was asked, so that nothing is to be guessed
    offered : codes of the answers that a questionnaire offers
    apart : what tells it from another question with the same words
    """

    id: str
    kind: Kind
    wording: str
    parts: list[Part]
    options: tuple[Option, ...] = ()
    asked_if: str = ""
    reasons: list[str] = field(default_factory=list)
    demographic: bool = False
    ordered: bool = False
    bands: tuple[tuple[str, str, str], ...] = ()
    rare: frozenset[str] = frozenset()
    known: bool = False
    favourable: Favourable = Favourable.NONE
    offered: frozenset[str] = frozenset()
    apart: str = ""

    def column(self, part: Part) -> str:
        """Name of the response column of a part."""
        return f"{self.id}.{part.item}" if part.item else self.id


@dataclass
class Draft:
    """What one file seems to hold.

    Attributes
    ----------
    identifier, weight : columns of the sheet, -1 for none
    weighting : why that column is the weight, or none is
    others : columns that are kept but not used, with their names
    dropped : columns that are left out, and why
    waves : cells of the column that tells waves apart, in their order, with the labels of waves;
        empty where a cell says that it is not known; the column's place is `wave`
    remarks : what a reader of the report must know of the guesses
    """

    questions: list[DraftQuestion] = field(default_factory=list)
    identifier: int = -1
    weight: int = -1
    weighting: Weighting = field(default_factory=Weighting)
    others: dict[int, str] = field(default_factory=dict)
    dropped: dict[int, str] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    wave: int = -1
    waves: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


@dataclass
class Known:
    """What a questionnaire says of a file.

    Attributes
    ----------
    questions : that need no guess
    taken : places of columns that need none
    words : of the questions whose kind is guessed all the same, by the place of their column
    """

    questions: list[DraftQuestion] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    words: dict[int, str] = field(default_factory=dict)
