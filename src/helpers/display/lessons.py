"""For learning: what a survey folder holds, and what is said when a cell of it is wrong."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from IPython.display import Markdown
from pandas.io.formats.style import Styler

from helpers import paths
from helpers.display import tables
from helpers.errors import InsightsError, Problems
from helpers.survey.dataset import check_survey

EXAMPLE = paths.PROJECT / "data" / "example"


def contents(folder: str | Path = EXAMPLE) -> Styler:
    """List the files of a survey folder with their size in lines."""
    root = Path(folder)
    rows = [
        {"File": path.relative_to(root).as_posix(), "Lines": len(path.read_bytes().splitlines())}
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix in (".csv", ".yml")
    ]
    return tables.shown(pd.DataFrame(rows, columns=["File", "Lines"]), ("Lines",))


def text(name: str, folder: str | Path = EXAMPLE) -> Markdown:
    """Show a text file of a survey folder as it stands."""
    return Markdown(f"```\n{(Path(folder) / name).read_text(encoding='utf-8').rstrip()}\n```")


def preview(name: str, rows: int = 8, folder: str | Path = EXAMPLE) -> Styler:
    """Show the first rows of a CSV file of a survey folder."""
    frame = pd.read_csv(Path(folder) / name, dtype=str, keep_default_na=False, nrows=rows)
    return tables.shown(frame)


def checked(
    file: str = "", changes: Mapping[tuple[int, str], str] | None = None, folder: Path = EXAMPLE
) -> Markdown:
    """Check a survey folder, after changing cells of one file in a copy of it.

    Parameters
    ----------
    file
        CSV file in which to change cells; the folder itself is left alone.
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
            frame = pd.read_csv(copy / file, dtype=str, keep_default_na=False)
            for (row, column), cell in changes.items():
                if column not in frame or not 2 <= row < len(frame) + 2:
                    raise InsightsError(f"{file} has no row {row} with a column {column}.")
                frame.loc[row - 2, column] = cell
            frame.to_csv(copy / file, index=False)
        problems = Problems()
        check_survey(copy, problems)
    if not problems:
        return Markdown("Nothing is wrong with this survey folder.")
    return Markdown("\n".join(f"- {problem}" for problem in problems))
