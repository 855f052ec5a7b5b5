"""The codebook that an export of ours brings: beside its file, or in sheets of its workbook."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from helpers.codebook.textfiles import guarded
from helpers.errors import Problems
from helpers.importing.files.confine import read_file
from helpers.importing.files.packages import CODEBOOK
from helpers.importing.files.sheets import Sheet
from helpers.paths import write_aside

BESIDE = ".codebook"  # ends the folder beside an export
OF_SEVERAL = f"survey{BESIDE}"  # the folder beside those of several populations
OUTLINE = f"{CODEBOOK} outline"  # sheet of the files that are not tables: `file` and `line`
MARK = "|"  # begins each line there, so that its blanks stay
_BOOK = "xl/workbook.xml"
_LARGEST = 2**20  # bytes of the list of sheets


def codebook_of(files: Sequence[Path], aside: Path, problems: Problems) -> Path | None:
    """Find the codebook of exports of ours; one from a workbook is written into `aside`."""
    for path in files:
        for name in (f"{path.stem}{BESIDE}", OF_SEVERAL):
            if (path.parent / name / "survey.yml").is_file():
                return path.parent / name
        if _holds_codebook(path):
            return _from_workbook(path, aside / CODEBOOK, problems)
    return None


def _holds_codebook(path: Path) -> bool:
    """Return whether a workbook lists the sheets of a codebook; none of them is read."""
    if path.suffix.lower() != ".xlsx":
        return False
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_BOOK) as part:
            return f'name="{OUTLINE}"'.encode() in part.read(_LARGEST)
    except (OSError, KeyError, RuntimeError, NotImplementedError, ValueError, zipfile.BadZipFile):
        return False  # as the reader of the file will report


def _from_workbook(path: Path, folder: Path, problems: Problems) -> Path | None:
    found = Problems()
    sheets = read_file(path, found)
    outline = next((sheet for sheet in sheets if sheet.name == OUTLINE), None)
    if outline is None:
        problems.extend(found)
        return None
    texts: dict[str, list[str]] = {}
    for name, line in _rows(outline):
        if Path(name).name == name and name.endswith(".yml"):
            texts.setdefault(name, []).append(line.removeprefix(MARK))
    folder.mkdir(parents=True)
    for name, lines in texts.items():
        write_aside(folder / name, "\n".join([*lines, ""]))
    for sheet in sheets:
        if sheet.name.startswith(f"{CODEBOOK} ") and sheet is not outline:
            rows = [sheet.with_header(1).top[0], *_rows(sheet)]
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows([*map(guarded, row)] for row in rows)
            name = Path(sheet.name.removeprefix(f"{CODEBOOK} ")).name
            write_aside(folder / f"{name}.csv", text.getvalue())
    return folder


def _rows(sheet: Sheet) -> list[tuple[str, ...]]:
    """Cells of the rows below the header."""
    columns = [column.cells() for column in sheet.with_header(1).columns]
    return list(zip(*columns, strict=True))
