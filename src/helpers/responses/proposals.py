"""proposals.csv: what an import doubts, for a person to answer with yes or no.

Nothing is left out or changed before it is answered. Answers hold for every later import of the
same rows and cells; another answer, and another import, undo them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from helpers.codebook.textfiles import guarded, read_table
from helpers.errors import InsightsError, Problems
from helpers.paths import write_aside
from helpers.terminal import count

FILE = "proposals.csv"
YES, NO = "yes", "no"
_ANSWERS = {**dict.fromkeys(("yes", "y", "true", "1", "x"), YES),
            **dict.fromkeys(("no", "n", "false", "0"), NO), "": ""}  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """Something for a person to decide.

    Attributes
    ----------
    answer : yes, no, or nothing yet
    kind : as in the report of an import
    about : the column, or what the whole rows are
    rows : numbers of the first rows, as a spreadsheet shows them
    found, count : the cell, and how many rows it is about
    now : what it is until the answer is yes
    if_yes : what it becomes
    id : the same at every import
    wave : of a survey that has several
    """

    answer: str
    kind: str
    about: str
    rows: str
    found: str
    count: int
    now: str
    if_yes: str
    reason: str
    population: str
    id: str
    wave: str = ""


COLUMNS = tuple(each.name for each in fields(Proposal))
_LATER = ("wave",)  # which older files lack
# Of the next wave: until they are answered, nothing of its file is in the folder.
STRUCTURE = (
    *("renamed", "reworded", "new_answer", "new_item", "new_question"),
    *("not_asked", "not_offered", "own_words", "routing"),
)


def read_proposals(folder: Path, problems: Problems) -> list[Proposal]:
    """Read the proposals of a survey folder; an answer that is neither yes nor no is a problem."""
    path = folder / FILE
    table = read_table(path, problems) if path.is_file() else None
    if table is None:
        return []
    if lacking := {*COLUMNS} - {*table.header, *_LATER}:
        problems.add(
            FILE,
            1,
            message=f"it lacks the columns {', '.join(sorted(lacking))}",
            fix="Import the same file again to write it anew.",
        )
        return []
    cells = {name: table.column(name) for name in COLUMNS if name in table.header}
    found = []
    for at in range(len(cells["id"])):
        own = {name: held[at] for name, held in cells.items()}
        answer = _ANSWERS.get(own["answer"].strip().casefold())
        if answer is None:
            problems.add(
                FILE,
                at + 2,
                "answer",
                found=own["answer"],
                allowed=(YES, NO),
                fix="Leave it empty to decide later.",
            )
        number = own.pop("count")
        count = int(number) if number.isdigit() else 0
        found.append(Proposal(**{**own, "answer": answer or ""}, count=count))
    return found


def open_proposals(folder: Path) -> list[Proposal]:
    """Return the proposals of a survey folder that nobody has answered."""
    return [each for each in read_proposals(folder, Problems()) if not each.answer]


def require_answers(folder: Path) -> None:
    """Refuse to release responses about which something is still to be decided.

    Raises
    ------
    InsightsError
        If there are open proposals.
    """
    waiting = [each for each in open_proposals(folder) if each.kind not in STRUCTURE]
    if waiting:
        kinds = ", ".join(dict.fromkeys(each.kind for each in waiting))
        raise InsightsError(
            f"The import waits for {count(len(waiting), 'answer')} ({kinds}). Write yes or no "
            f"beside each in {folder.name}/{FILE}, and import the same file again."
        )


def as_csv(proposals: Iterable[Proposal]) -> str:
    """Write proposals as CSV, open ones first; no cell begins like a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in sorted(proposals, key=lambda each: bool(each.answer)):
        values = [getattr(each, name) for name in COLUMNS]
        writer.writerow([guarded(v) if isinstance(v, str) else v for v in values])
    return text.getvalue()


def write_answers(folder: Path, answers: Mapping[str, str]) -> None:
    """Write answers, by the `id` of proposals, into the file of a survey folder."""
    known = read_proposals(folder, Problems())
    answered = [replace(each, answer=answers.get(each.id, each.answer)) for each in known]
    write_aside(folder / FILE, as_csv(answered)).chmod(0o600)
