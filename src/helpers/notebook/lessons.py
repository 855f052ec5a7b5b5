"""For learning: what a survey folder holds, and what the check reports when a cell is wrong.

`practice` makes an export to import, `naive_rules` shows what simple rules of protection miss,
`breakdowns` what each profile of a release offers instead.

Examples
--------
>>> import helpers as h
>>> print(h.lessons.checked().data)
Nothing is wrong with this survey folder.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from pandas.io.formats.style import Styler

from helpers import paths
from helpers.errors import InsightsError, Problems
from helpers.importing.report import ImportReport
from helpers.notebook import breakdowns, naive_rules, practice
from helpers.notebook.proposing import proposals
from helpers.notebook.without_kernel import Markdown
from helpers.present import tables
from helpers.responses.survey import check_survey
from helpers.terminal import count

__all__ = [
    "EXAMPLE",
    "breakdowns",
    "checked",
    "contents",
    "damage",
    "imported",
    "naive_rules",
    "practice",
    "preview",
    "proposals",
    "text",
]
EXAMPLE = paths.PROJECT / "data" / "example"


def __dir__() -> list[str]:
    return __all__


def contents(folder: str | Path = EXAMPLE) -> Styler:
    """List the files of a survey folder with their size in lines."""
    root = Path(folder)
    rows = [
        {"File": path.relative_to(root).as_posix(), "Lines": len(path.read_bytes().splitlines())}
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix in (".csv", ".yml")
    ]
    return tables.shown(pd.DataFrame(rows, columns=["File", "Lines"]), ("Lines",))


def text(name: str, folder: str | Path = EXAMPLE, lines: int | None = None) -> Markdown:
    """Show a text file as it is, or the first lines of it."""
    whole = (Path(folder) / name).read_text(encoding="utf-8-sig").rstrip().split("\n")
    more = [] if lines is None or lines >= len(whole) else ["…"]
    return Markdown("\n".join(["```", *whole[:lines], *more, "```"]))


def preview(
    name: str,
    rows: int | None = 8,
    folder: str | Path = EXAMPLE,
    columns: Sequence[str] = (),
    where: Mapping[str, str] | None = None,
) -> Styler:
    """Show rows of a CSV file of a survey folder.

    Parameters
    ----------
    rows
        How many, from the first; None for all.
    columns
        Those to show; by default all.
    where
        Column to the cell that the rows have there.
    """
    frame = _cells(Path(folder) / name)
    for column, value in (where or {}).items():
        frame = frame[frame[column] == value]
    return tables.shown(frame.loc[:, list(columns) or list(frame)].head(rows))


def checked(
    file: str = "", changes: Mapping[tuple[int, str], str] | None = None, folder: Path = EXAMPLE
) -> Markdown:
    """Check a survey folder, after changing cells of one file in a copy of it.

    Parameters
    ----------
    file
        CSV file in which to change cells; the folder itself does not change.
    changes
        (row as a spreadsheet counts it, column) to the new cell.

    Returns
    -------
    What `insights check` would say.
    """
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / folder.name
        shutil.copytree(folder, copy)
        if changes:
            damage(copy / file, changes)
        problems = Problems()
        check_survey(copy, problems)
    if not problems:
        return Markdown("Nothing is wrong with this survey folder.")
    return Markdown("\n".join(f"- {problem}" for problem in problems))


def damage(path: Path, changes: Mapping[tuple[int, str], str], into: Path | None = None) -> Path:
    """Change cells of a CSV file, or of a copy of it.

    Parameters
    ----------
    changes
        (row as a spreadsheet counts it, column as the first row names it) to the new cell.
    into
        Folder for the copy.

    Raises
    ------
    InsightsError
        If there is no such cell.
    """
    frame = _cells(path)
    for (row, column), cell in changes.items():
        if column not in frame or not 2 <= row < len(frame) + 2:
            raise InsightsError(f"{path.name} has no row {row} with a column {column}.")
        frame.loc[row - 2, column] = cell
    target = path if into is None else into / path.name
    target.parent.mkdir(exist_ok=True)
    frame.to_csv(target, index=False)
    return target


def imported(report: ImportReport) -> Markdown | Styler:
    """Show the result of an import: a sentence, or every problem with its place and what to do."""
    if report.imported:
        counts = ", ".join(f"{n:,} {name}" for name, n in report.respondents.items())
        waiting = sum(not each.answer for each in report.proposals)
        drafted = f" A codebook was drafted: {count(report.guesses, 'guess')} to confirm."
        asked = f" To answer: {count(waiting, 'proposal')}." if waiting else ""
        return Markdown(f"Imported {counts}.{drafted if report.drafted else ''}{asked}")
    rows = [
        {
            "Cell": problem.cell or f"row {problem.row}",
            "Column": problem.column,
            "Kind": problem.kind,
            "What is wrong": problem.message,
            "Found": problem.found or "",
            "Allowed": problem.to_json()["allowed"],
            "What to do": problem.fix,
        }
        for problem in report.problems
    ]
    caption = f"Nothing was imported: {len(report.problems)} problems."
    return tables.shown(pd.DataFrame(rows)).set_caption(caption)


def _cells(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)
