"""What codebook and mapping were before a wave, so that an answer about it can be undone."""

from __future__ import annotations

import hashlib
from pathlib import Path

from helpers.folders import Changed
from helpers.importing.columns.mapping import FILE
from helpers.importing.words.names import slug

FOLDER = "waves"
_AFTER = "after.txt"


def base_of(root: Path, wave: str) -> Path:
    """Folder with codebook and mapping as they were before a wave; `root` if they were edited.

    A wave that was imported before is so imported as if it had not been.
    """
    kept = root / FOLDER / slug(wave)
    after = kept / _AFTER
    if wave and after.is_file() and after.read_text(encoding="utf-8") == _digest(root):
        return kept
    return root


def keep(copy: Changed, base: Path, wave: str) -> None:
    """Keep codebook and mapping as they were before a wave, beside what they are now."""
    place = f"{FOLDER}/{slug(wave)}"
    files = {path.relative_to(base): path.read_bytes() for path in files_of(base)}
    if (copy.folder / place).exists():
        copy.remove(place)
    for name, content in files.items():
        copy.write(f"{place}/{name}", content)
    copy.write(f"{place}/{_AFTER}", _digest(copy.folder).encode())


def files_of(root: Path) -> list[Path]:
    """Files of codebook and mapping."""
    found = sorted(path for path in (root / "codebook").glob("*") if path.is_file())
    return [*found, *([root / FILE] if (root / FILE).is_file() else [])]


def _digest(root: Path) -> str:
    found = hashlib.blake2b(digest_size=16)
    for path in files_of(root):
        found.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()
