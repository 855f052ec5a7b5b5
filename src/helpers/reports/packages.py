"""Files of Word and PowerPoint as ZIP archives: templates opened, and bytes that do not change."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from helpers.errors import InsightsError
from helpers.terminal import in_line

TYPES = "[Content_Types].xml"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP can hold


def template_of(path: Path) -> io.BytesIO:
    """Read a document or template so that it opens as a document.

    Raises
    ------
    InsightsError
        If it is not a file of Word or PowerPoint.
    """
    try:
        with zipfile.ZipFile(path) as package:
            files = {name: package.read(name) for name in package.namelist()}
        types = files[TYPES]
    except (OSError, KeyError, zipfile.BadZipFile, RuntimeError) as problem:
        raise InsightsError(f"The template {in_line(path.name)} cannot be read: {problem}.") from (
            problem
        )
    form = "document" if path.suffix.lower() in (".dotx", ".docx") else "presentation"
    types = types.replace(b"template.main+xml", f"{form}.main+xml".encode())
    return _zipped(files | {TYPES: types})


def unchanging(raw: bytes) -> bytes:
    """Write a package again without the time at which it was written."""
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        files = {name: package.read(name) for name in package.namelist()}
    return _zipped(files).getvalue()


def _zipped(files: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            package.writestr(entry, content)
    out.seek(0)
    return out
