"""Archives (.zip) as survey tools hand them out: the tables in them, each read like a file.

Nothing is unpacked but what may be a table, one after another, into the folder of the child.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from helpers.errors import Problems
from helpers.importing.files.excel import check_sizes
from helpers.importing.files.sheets import Sheet, TooLarge, report_unknown
from helpers.terminal import some_of

MOST = 50  # tables
_TEXT = (".csv", ".tsv", ".tab", ".dat")
_MAYBE = (".txt", ".xml", ".json")  # a table or a questionnaire, or something else
_WITH_TABLES = (".xlsx", ".xlsm", ".rdata", ".rda", ".rds")

Read = Callable[[Path, Sequence[str], Problems], list[Sheet]]
Part = zipfile.ZipInfo


def read_archive(
    path: Path,
    target: Path,
    wanted: Sequence[str],
    endings: Collection[str],
    problems: Problems,
    read: Read,
) -> list[Sheet]:
    """Read the tables of an archive; each is called `archive/part`.

    Parameters
    ----------
    target
        Folder to unpack into.
    wanted
        Names of sheets of workbooks; those of parts are for the caller to choose.
    endings
        Of names of files that are tables, besides text.
    read
        Reads one file.

    Raises
    ------
    TooLarge
        If it unpacks to more than is read.
    ValueError
        If a part lies outside of it, or is a link.
    """
    with zipfile.ZipFile(path) as archive:
        inside = [part for part in archive.infolist() if not part.is_dir()]
        _check_names(inside)
        shown = [part for part in inside if not _is_hidden(part.filename)]
        parts = _tables(shown, endings)
        sheets_wanted = [name for name in wanted if not any(name in _names(p) for p in parts)]
        if len(parts) > MOST:
            raise TooLarge(f"it holds {len(parts):,} tables; at most {MOST} are read")
        check_sizes(parts, "archive")
        found, unread = [], [part for part in shown if part not in parts]
        for at, part in enumerate(parts):
            own = Problems()
            place = target / f"part{at}{_ending(part)}"
            _unpack(archive, part, place)
            sheets = read(place, sheets_wanted, own)
            place.write_bytes(b"")  # the child may remove nothing
            if _ending(part) in _MAYBE and not _is_meant(part, sheets):
                unread.append(part)
                continue
            name = f"{path.name}/{part.filename}"
            found += [replace(sheet, file=name) for sheet in sheets]
            _retell(own, place.name, name, problems)
    if not parts or (not found and not problems):
        problems.add(path.name, message=_nothing(inside), fix=_FIX, kind="format")
    if not any(_ending(part) in _WITH_TABLES for part in parts):
        known = [part.filename for part in parts]
        report_unknown(sheets_wanted, known, "table", path.name, problems)
    if found and unread:
        said = f"not read of {path.name}: {some_of([part.filename for part in unread])}"
        found[0] = found[0].remarked(said)
    return found


_FIX = "Unpack it, and import the file of responses."


def _nothing(parts: Sequence[Part]) -> str:
    if any(_ending(part) in (".zip", ".7z", ".rar", ".gz") for part in parts):
        return "the archive holds another archive, and no table"
    return "the archive holds no table"


def _check_names(parts: Sequence[Part]) -> None:
    known: set[str] = set()
    for part in parts:
        name, folders = part.filename, PurePosixPath(part.filename).parts
        if name.startswith("/") or ".." in folders or "\\" in name or ":" in folders[0]:
            raise ValueError(f"its part {name} lies outside of it")
        if stat.S_ISLNK(part.external_attr >> 16):
            raise ValueError(f"its part {name} is a link")
        if name in known:
            raise ValueError(f"it holds {name} twice")
        known.add(name)


def _is_hidden(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(".")


def _ending(part: Part) -> str:
    return PurePosixPath(part.filename).suffix.lower()


def _tables(parts: Sequence[Part], endings: Collection[str]) -> list[Part]:
    """Return the parts that may be tables or questionnaires."""
    known = {*_TEXT, *endings, *_MAYBE} - {".zip"}
    return [part for part in parts if _ending(part) in known]


def _is_meant(part: Part, sheets: Sequence[Sheet]) -> bool:
    """Return whether a text, JSON or XML is a questionnaire, or a table of several columns."""
    if _ending(part) == ".txt":
        return any(len(sheet.columns) > 1 for sheet in sheets)
    return any(sheet.format in ("qsf", "lss") for sheet in sheets)


def _names(part: Part) -> tuple[str, ...]:
    """Return what a part may be called: with its folders, without, and without its ending."""
    path = PurePosixPath(part.filename)
    return part.filename, path.name, path.stem


def _unpack(archive: zipfile.ZipFile, part: Part, place: Path) -> None:
    left = part.file_size
    try:
        with archive.open(part) as packed, open(place, "wb") as file:
            while block := packed.read(2**20):
                left -= len(block)
                if left < 0:
                    raise TooLarge(f"its part {part.filename} is larger than it says")
                file.write(block)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ValueError(f"its part {part.filename} cannot be unpacked") from error


def _retell(own: Problems, before: str, name: str, problems: Problems) -> None:
    """Add problems of a part under the name of the part."""

    def named(file: str) -> str:
        return name + file.removeprefix(before)

    problems.extend(replace(problem, file=named(problem.file)) for problem in own)
    problems.count({(named(file), kind): n for (file, kind), n in own.more().items()})
