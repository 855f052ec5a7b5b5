"""What a file is, by its first bytes; its name must agree."""

from __future__ import annotations

import zipfile
from pathlib import Path

from helpers.errors import Problems

ENDINGS = {"xlsx": (".xlsx", ".xlsm"), "sav": (".sav", ".zsav")}
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "packed with gzip"),
    (b"7z\xbc\xaf", "packed with 7-Zip"),
    (b"Rar!", "packed with RAR"),
    (b"BZh", "packed with bzip2"),
    (b"\xfd7zXZ", "packed with xz"),
    (b"PAR1", "a Parquet file"),
    (b"<stata_dta>", "a Stata file"),
    (b"RDX", "an R file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


def kind_of(path: Path, problems: Problems) -> str | None:
    """Say whether a file is `text`, `xlsx` or `sav`; None, with a problem, if it is neither."""
    with open(path, "rb") as file:
        start = file.read(4096)
    found, said = _kind(path, start)
    if found is None:
        problems.add(path.name, message=f"the file is {said}", fix=_fix(said), kind="format")
        return None
    endings = ENDINGS.get(found)
    wrong = (
        path.suffix.lower() not in endings
        if endings
        else path.suffix.lower() in sum(ENDINGS.values(), ())
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
    if start.startswith(b"PK"):
        return _zipped(path)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raw = path.read_bytes()[: 2**20]
        if "EncryptedPackage".encode("utf-16-le") in raw:
            return None, "a workbook locked with a password"
        return None, "an older Office file (.xls)"
    if start.startswith(b"$FL"):
        return None, "a damaged SPSS file"
    for mark, words in _OTHERS:
        if start.startswith(mark):
            return None, words
    opening = start.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if opening.startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        return None, "a web page or XML, not a table"
    return "text", "delimited text"


def _zipped(path: Path) -> tuple[str | None, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()[:10_000]
            if any(part.flag_bits & 1 for part in archive.infolist()):
                return None, "a workbook locked with a password"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None, "a damaged workbook or archive"
    if "[Content_Types].xml" in names and "xl/workbook.xml" in names:
        return "xlsx", "an Excel workbook"
    if "[Content_Types].xml" in names and any(n.startswith("xl/") for n in names):
        return "xlsx", "an Excel workbook"
    return None, "an archive of other files"


def _fix(said: str) -> str:
    if "password" in said:
        return "Remove the password in the program that set it, and save the file again."
    if "older" in said:
        return "Open it in a spreadsheet and save it as .xlsx or CSV."
    return "Export the responses as CSV, XLSX or SPSS."
