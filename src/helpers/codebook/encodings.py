"""Which encoding a text file is in, found without holding the file: Unicode, or an older one."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from helpers.codebook.older_encodings import older
from helpers.errors import Problems

_BLOCK = 2**20
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def encoding_of(path: Path, problems: Problems) -> str | None:
    """Name of the encoding in which all of the file is text; None, with a problem, if in none."""
    with open(path, "rb") as file:
        start = file.read(4096)
    encoding = next((e for mark, e in _MARKS if start.startswith(mark)), None) or _wide(start)
    tried = encoding or "utf-8"
    fault = _fault(path, tried)
    if fault is None:
        return None if _has_nul(path, tried, problems) else tried
    row, byte = fault
    if encoding is None and not _is_damaged_utf8(path):
        found = older(path.read_bytes())
        return None if _has_nul(path, found, problems) else found
    problems.add(
        path.name,
        row if tried.startswith("utf-8") else None,
        found=byte,
        message=f"a byte that is not {tried.removesuffix('-sig').upper()}",
        fix="Correct the character, or export the file again as CSV (UTF-8).",
        kind="encoding",
    )
    return None


def _wide(start: bytes) -> str | None:
    """UTF-16 without its mark: every other byte at the start is zero."""
    even, odd = start[0:64:2], start[1:64:2]
    if len(odd) < 4:
        return None
    if not any(odd) and all(even):
        return "utf-16-le"
    if not any(even) and all(odd):
        return "utf-16-be"
    return None


def _blocks(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _fault(path: Path, encoding: str) -> tuple[int, str] | None:
    """Row and byte at which the file is not in an encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    row = 1
    try:
        for block in _blocks(path):
            decoder.decode(block)
            row += block.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raw = error.object
        return row + raw.count(b"\n", 0, error.start), raw[error.start : error.start + 1].hex()
    return None


def _has_nul(path: Path, encoding: str, problems: Problems) -> bool:
    wide = encoding.startswith(("utf-16", "utf-32"))
    row = 1
    decoder = codecs.getincrementaldecoder(encoding)()
    for block in _blocks(path):
        if not wide and b"\x00" not in block:
            row += block.count(b"\n")
            continue
        text = decoder.decode(block) if wide else block.decode("latin-1")
        if "\x00" in text:
            problems.add(
                path.name,
                row + text.count("\n", 0, text.index("\x00")),
                message="bytes that are not text (NUL)",
                fix="Export the file again as CSV (UTF-8).",
                kind="encoding",
            )
            return True
        row += text.count("\n")
    return False


def _is_damaged_utf8(path: Path) -> bool:
    """Whether text is UTF-8 but for single bytes: few are none beside sequences that are."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    right = wrong = 0
    for block in _blocks(path):
        signs = re.sub(r"[\x00-\x7f]+", "", decoder.decode(block))
        wrong += signs.count("\ufffd")
        right += len(signs) - signs.count("\ufffd")
    return right > 0 and right >= wrong
