"""The options of an import, and its report."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from helpers.codebook.textfiles import guarded
from helpers.errors import Problems
from helpers.responses.proposals import Proposal
from helpers.terminal import count

NOBODY = "nobody"  # why a line of an account counts no row


@dataclass(frozen=True)
class Options:
    """How to import.

    Attributes
    ----------
    mapping : file to use instead of the folder's mapping.yml
    population : whose responses they are; by default found out
    wave : which wave they are from, if there are several
    sheets : sheets of a workbook to read
    layout : header convention; by default found out
    language : of a questionnaire, to read; by default its own
    allow, accept : kinds of proposals to turn down, or to accept, as a whole
    """

    mapping: Path | None = None
    population: str = ""
    wave: str = ""
    sheets: tuple[str, ...] = ()
    layout: str | None = None
    allow: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True)
class Line:
    """What became of a cell of a column, or of several different ones.

    Attributes
    ----------
    column : key of the header, as mapping.yml has it; of a box in a joined cell `Question [Box]`
    cell : as it is in the file; empty for blank ones and where several are summed up, of
        numbers their range. What people wrote, identifiers and what is left out are never quoted
    different : how many different cells the line stands for
    count : how many rows hold one of them; the lines of a column add up to the rows of the file
    becomes : option, ticked, not_ticked, boxes, number, text, identifier, weight, design,
        other_column, missing, blank, left_out or row_left_out
    code : in the response file; of `boxes` the items that are ticked
    guess : what the column was drafted as, until somebody has emptied the note of the question
    """

    population: str
    column: str
    cell: str = ""
    different: int = 1
    count: int = 0
    becomes: str = ""
    question: str = ""
    item: str = ""
    code: str = ""
    kind_of_missing: str = ""
    guess: str = ""
    reason: str = ""


SHOWN = 10  # problems that a report says when it shows itself; `problems` has all


@dataclass(repr=False)
class ImportReport:
    """What came of an import.

    Attributes
    ----------
    imported : whether the folder holds the responses now; if not, it is as it was
    respondents : per population, how many were imported
    drafted : whether a codebook was drafted, with `guesses` guesses to confirm
    weights : per population that a draft weights, the column and what its weights are
    account : what became of every cell, see `helpers.importing.account`
    proposals : what a person is to decide, see `helpers.responses.proposals`
    waits : whether nothing was imported because proposals of the next wave are open
    """

    problems: Problems
    imported: bool = False
    respondents: dict[str, int] = field(default_factory=dict)
    drafted: bool = False
    guesses: int = 0
    remarks: list[str] = field(default_factory=list)
    weights: dict[str, str] = field(default_factory=dict)
    account: list[Line] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    waits: bool = False

    def __repr__(self) -> str:
        """Say what came of it: who was imported, or what is wrong."""
        if self.waits:
            return f"Nothing imported yet: {len(self.proposals)} proposals are open."
        if not self.imported:
            said = [f"Nothing imported: {count(len(self.problems), 'problem')}."]
            return "\n".join([*said, *map(str, list(self.problems)[:SHOWN])])
        counts = ", ".join(f"{n:,} {name}" for name, n in self.respondents.items())
        drafted = (
            f" Codebook drafted, {count(self.guesses, 'guess')} to confirm." if self.drafted else ""
        )
        return "\n".join([f"Imported: {counts}.{drafted}", *self.remarks])

    def to_json(self) -> dict[str, object]:
        """Return the report as plain JSON values."""
        return {
            "imported": self.imported,
            "waits": self.waits,
            "respondents": self.respondents,
            "drafted": self.drafted,
            "guesses": self.guesses,
            "weights": self.weights,
            "remarks": self.remarks,
            "count": len(self.problems),
            "kinds": self.problems.kinds,
            "problems": self.problems.to_json(),
            "proposals": [asdict(each) for each in self.proposals],
            "account": [asdict(line) for line in self.account],
        }


def as_csv(lines: Sequence[Line]) -> str:
    """Write an account as CSV; no cell begins like a formula."""
    names = [field.name for field in fields(Line)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for line in lines:
        values = [getattr(line, name) for name in names]
        writer.writerow([guarded(v) if isinstance(v, str) else v for v in values])
    return text.getvalue()
