"""Whether a draft is as it was made: then importing the same files again drafts it anew."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from helpers.folders import Changed
from helpers.importing.columns.mapping import FILE
from helpers.importing.draft.draft_files import GUESSES

_MARK = re.compile(r"\n<!-- Drafted from (\w+) as (\w+)(?:, (\w+))?: .* -->\n")
_WORDS = "importing the same file drafts anew until codebook/ or mapping.yml is edited."
_OUTLINE = "survey.yml"


def is_as_drafted(root: Path, files: Sequence[Path]) -> bool:
    """Return whether a folder holds a draft from these very files that nobody has edited.

    Its survey.yml may have been edited: titles and provenance are the owner's.
    """
    found = _MARK.search(_guesses(root))
    if found is None or not all(path.is_file() for path in files):
        return False
    return found.groups()[:2] == (_digest(files), _codebook_digest(root))


def own_outline(root: Path) -> bytes | None:
    """Return the survey.yml of a draft, if somebody has edited it, or if that is not known."""
    path, found = root / "codebook" / _OUTLINE, _MARK.search(_guesses(root))
    if not path.is_file() or (found is not None and found[3] == _digest([path])):
        return None
    return path.read_bytes()


def mark_as_drafted(copy: Changed, root: Path, files: Sequence[Path]) -> None:
    """Write into GUESSES.md from which files the folder was drafted, and how it was then.

    One that was edited stays so, however often the rest is drafted anew.
    """
    known, outline = _MARK.search(_guesses(root)), ""
    if own_outline(root) is None:
        outline = f", {_digest([copy.folder / 'codebook' / _OUTLINE])}"
    elif known is not None and known[3]:
        outline = f", {known[3]}"
    drafted = f"{_digest(files)} as {_codebook_digest(copy.folder)}{outline}"
    _write(copy, f"{_guesses(copy.folder)}\n<!-- Drafted from {drafted}: {_WORDS} -->\n")


def unmark(copy: Changed) -> None:
    """Remove the mark: with responses from elsewhere, drafting anew would lose them."""
    text = _guesses(copy.folder)
    if _MARK.search(text):
        _write(copy, _MARK.sub("", text))


def _guesses(root: Path) -> str:
    path = root / GUESSES
    return path.read_text(encoding="utf-8-sig") if path.is_file() else ""


def _write(copy: Changed, text: str) -> None:
    copy.write(GUESSES, text.encode("utf-8")).chmod(0o600)


def _codebook_digest(root: Path) -> str:
    """Digest of the files of a codebook but its outline, and of the mapping."""
    own = sorted(p for p in (root / "codebook").glob("*") if p.is_file() and p.name != _OUTLINE)
    return _digest([*own, root / FILE])


def _digest(files: Iterable[Path]) -> str:
    found = hashlib.blake2b(digest_size=8)
    for path in files:
        with open(path, "rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()
