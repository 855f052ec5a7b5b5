"""Reads one file in a process of its own, within limits; see `confine`.

The first bytes of a file say what it is; its name must agree.
"""

from __future__ import annotations

import json
import os
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from helpers.errors import Problems
from helpers.importing.files.sheets import Progress, Sheet, TooLarge, report_unknown, save

RESULT = "result.json"
_REFUSED = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "os.system",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.chown",
    "shutil.",
    "urllib.",
    "ftplib.",
    "smtplib.",
    "http.",
    "webbrowser.",
)

_ENDINGS = {
    "xlsx": (".xlsx", ".xlsm"),
    "sav": (".sav", ".zsav"),
    "dta": (".dta",),
    "qsf": (".qsf", ".json"),
    "lss": (".lss", ".xml"),
    "parquet": (".parquet", ".pq"),
    "zip": (".zip",),
    "rds": (".rds", ".rdata", ".rda"),
}
_MARKS = "quotation marks are read as part of the answers: they enclose none"
_OLDER_STATA = (*range(104, 106), 108, *range(110, 116))  # first byte: the version of the format
_OF_R = (b"RDX", b"X\n", b"A\n", b"RDA")  # within one of these, or as it is
_PACKED = ((b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"))
_SAS = "a SAS file"
_OTHERS = (
    (b"HEADER RECORD*******LIB", _SAS),  # transport, .xpt
    (bytes(12) + b"\xc2\xea\x81\x60", _SAS),  # .sas7bdat
    (b"%PDF", "a PDF document"),
    (b"7z\xbc\xaf", "packed with 7-Zip"),
    (b"Rar!", "packed with RAR"),
    (b"PARE", "an encrypted Parquet file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


def main() -> None:
    """Read the job from standard input, and do it within its limits."""
    job = json.loads(sys.stdin.read())
    _limit(job["memory"], job["seconds"], job["written"])
    sys.addaudithook(_guard(str(Path(job["target"]).resolve()) + os.sep))
    read_job(job, _Teller())


def read_job(job: dict[str, Any], progress: Progress) -> None:
    """Read the file of a job, and write what was read into the job's folder."""
    target = Path(job["target"])
    problems = Problems()
    path, wanted, allow = Path(job["path"]), job["sheets"], job["allow"]

    def read_part(path: Path, wanted: Sequence[str], problems: Problems) -> list[Sheet]:
        return _read(path, problems, lambda: read(path, wanted, allow, problems, progress))

    def read_whole() -> list[Sheet]:
        if _kind_of(path, Problems()) != "zip":
            return read(path, wanted, allow, problems, progress)
        from helpers.importing.files.archive import read_archive

        known = [ending for endings in _ENDINGS.values() for ending in endings]
        return read_archive(path, target, wanted, known, problems, read_part)

    sheets = _read(path, problems, read_whole)
    for place, sheet in enumerate(sheets):
        folder = target / str(place)
        folder.mkdir()
        save(sheet, folder)
    more = [[file, kind, n] for (file, kind), n in problems.more().items()]
    answer = {"sheets": len(sheets), "problems": problems.to_json(), "more": more}
    (target / RESULT).write_text(json.dumps(answer), encoding="utf-8")


def _read(path: Path, problems: Problems, act: Callable[[], list[Sheet]]) -> list[Sheet]:
    """Read a file; what goes wrong is a problem of it."""
    try:
        return act()
    except TooLarge as error:
        problems.add(
            path.name,
            message=f"the file is not read: {error}",
            fix="Make sure that it is what the survey tool exported.",
            kind="too_large",
        )
    except MemoryError:
        raise
    except Exception as error:
        said = " ".join(str(error).split()) or type(error).__name__
        problems.add(
            path.name,
            message=f"the file is damaged ({said[:200]})",
            fix="Export it again.",
            kind="unreadable",
        )
    return []


def read(
    path: Path, sheets: Sequence[str], allow: Sequence[str], problems: Problems, progress: Progress
) -> list[Sheet]:
    """Read a file of any known format."""
    kind = _kind_of(path, problems)
    if kind == "xlsx":
        from helpers.importing.files.excel import read_workbook

        return read_workbook(path, sheets, allow, problems, progress)
    if kind in ("qsf", "lss"):
        from helpers.importing.files.structures import read_structure

        return read_structure(path, kind)
    if kind == "sav":
        from helpers.importing.files.spss import read_sav

        found = read_sav(path, problems, progress)
    elif kind == "dta":
        from helpers.importing.files.stata import read_dta

        found = read_dta(path, problems, progress)
    elif kind == "rds":
        from helpers.importing.files.rds import read_rds

        return chosen(read_rds(path, problems, progress), sheets, path.name, problems)
    elif kind == "parquet":
        from helpers.importing.files.parquet import read_parquet

        return read_parquet(path, progress)
    elif kind == "text":
        found = _text(path, problems, progress)
    else:
        found = None
    return [found] if found else []


def chosen(found: list[Sheet], wanted: Sequence[str], file: str, problems: Problems) -> list[Sheet]:
    """Return the tables that are wanted by their names, of which those without one are all."""
    known = [sheet.name for sheet in found if sheet.name]
    report_unknown(wanted if known else (), known, "table", file, problems)
    return [s for s in found if not (wanted and known) or s.name in wanted]


def _text(path: Path, problems: Problems, progress: Progress) -> Sheet | None:
    from helpers.importing.files.delimited import dialect_of, read_text, without_quoting
    from helpers.importing.files.large import is_large, read_large

    dialect = dialect_of(path, problems)
    if dialect is None:
        return None
    how = read_large if is_large(path, dialect) else read_text
    first = Problems()
    sheet = how(path, dialect, first, progress)
    faulty = bool(first.kinds.keys() & {"broken_quotes", "ragged_row"})
    if faulty or dialect.delimiter == "\t":
        rows = 0 if faulty or sheet is None else len(sheet.top) + len(sheet.rows) + 1
        plain = without_quoting(path, dialect, rows)
        if plain is not None:
            sheet = how(path, plain, problems, progress)
            return sheet and sheet.remarked(_MARKS)
    problems.extend(first)
    return sheet


def _limit(memory: int, seconds: int, written: int) -> None:
    import resource

    wanted = {
        "RLIMIT_DATA": memory,
        "RLIMIT_AS": memory + 2**30,  # libraries are mapped, too
        "RLIMIT_CPU": seconds,
        "RLIMIT_FSIZE": written,
        "RLIMIT_NOFILE": 64,
        "RLIMIT_CORE": 0,
    }
    for name, value in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        hard = resource.getrlimit(kind)[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # not every system knows every limit
            continue


def _guard(target: str) -> Callable[[str, tuple[Any, ...]], None]:
    """Make what refuses other programs, the network, and writing outside a folder."""

    def guard(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(_REFUSED):
            raise PermissionError(f"{event} is not allowed while a file is read")
        if event == "open" and arguments[0] is not None:
            name, mode, flags = arguments
            writes = (isinstance(mode, str) and set(mode) & set("wax+")) or (
                isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            )
            if writes and not isinstance(name, int) and name != os.devnull:
                place = os.path.realpath(os.fsdecode(name))
                if not place.startswith(target):
                    raise PermissionError("nothing is written outside while a file is read")

    return guard


class _Teller:
    """Tells the parent how far the reading is, not too often."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def __call__(self, row: int) -> None:
        now = time.monotonic()
        if now - self.last > 0.5:
            self.last = now
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()


def _kind_of(path: Path, problems: Problems) -> str | None:
    """Return which of the known kinds a file is; None, with a problem, if none."""
    with open(path, "rb") as file:
        start = file.read(4096)
    found, said = _kind(path, start)
    if found is None:
        problems.add(path.name, message=f"the file is {said}", fix=_fix(said), kind="format")
        return None
    endings = _ENDINGS.get(found)
    wrong = (
        path.suffix.lower() not in endings
        if endings
        else path.suffix.lower() in sum(_ENDINGS.values(), ())
    )
    if wrong:
        should = " or ".join(endings) if endings else ".csv"
        problems.add(
            path.name,
            found=path.suffix or "no ending",
            allowed=should,
            message=f"the file is {said}, which its name does not say",
            fix="Make sure that it is the right file, then rename it.",
            kind="format",
        )
        return None
    return found


def _kind(path: Path, start: bytes) -> tuple[str | None, str]:
    if start.startswith((b"$FL2", b"$FL3")):
        return "sav", "an SPSS file"
    if start.startswith(b"<stata_dta>") or (
        path.suffix.lower() == ".dta" and start[:1] and start[0] in _OLDER_STATA
    ):
        return "dta", "a Stata file"
    if start.startswith(b"PK"):
        return _zipped(path)
    if start.startswith(b"PAR1"):
        return "parquet", "a Parquet file"
    if start.startswith(_OF_R) and path.suffix.lower() in _ENDINGS["rds"]:
        return "rds", "a file of R"
    for mark, words in _PACKED:
        if start.startswith(mark):
            of_r = path.suffix.lower() in _ENDINGS["rds"]
            return ("rds", "a file of R") if of_r else (None, f"packed with {words}")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raw = path.read_bytes()[: 2**20]
        if "EncryptedPackage".encode("utf-16-le") in raw:
            return None, "a workbook locked with a password"
        return None, "an older Office file (.xls)"
    if start.startswith(b"$FL"):
        return None, "a damaged SPSS file"
    if b"SPSS PORT FILE" in start[:512]:
        return None, "a portable SPSS file (.por)"
    for mark, words in _OTHERS:
        if start.startswith(mark):
            return None, words
    opening = start.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if opening.startswith(b"{") and b'"SurveyEntry"' in start:
        return "qsf", "a questionnaire of Qualtrics"
    if opening.startswith((b"<?xml", b"<document")) and b"LimeSurveyDocType" in start:
        return "lss", "a questionnaire of LimeSurvey"
    if opening.startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        return None, "a web page or XML, not a table"
    return "text", "delimited text"


def _zipped(path: Path) -> tuple[str | None, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()[:10_000]
            if any(part.flag_bits & 1 for part in archive.infolist()):
                said = "an archive" if path.suffix.lower() == ".zip" else "a workbook"
                return None, f"{said} locked with a password"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None, "a damaged workbook or archive"
    if "[Content_Types].xml" in names and "xl/workbook.xml" in names:
        return "xlsx", "an Excel workbook"
    if "[Content_Types].xml" in names and any(n.startswith("xl/") for n in names):
        return "xlsx", "an Excel workbook"
    return ("zip" if path.suffix.lower() == ".zip" else None), "an archive of other files"


def _fix(said: str) -> str:
    if "password" in said:
        return "Remove the password in the program that set it, and save the file again."
    if "older" in said:
        return "Open it in a spreadsheet and save it as .xlsx or CSV."
    if said == _SAS:
        return "Save it as .sav or CSV: in SAS, or in R (haven: read_xpt or read_sas, write_sav)."
    if "portable" in said:
        return "Save it as .sav in SPSS."
    return "Export the responses as CSV, XLSX, SPSS, Stata, R or Parquet."


if __name__ == "__main__":
    main()
