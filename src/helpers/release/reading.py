"""Reads a release whole, as its manifest lists it, or says why it cannot be shown.

The server reads a release, and so does the kernel of a page, for which a reader waits:
nothing is imported but the standard library.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar, cast

from helpers.errors import InsightsError
from helpers.paths import PROJECT, RELEASE
from helpers.release.forms import Manifest

FORMAT = 1
RELEASE_VARIABLE = "INSIGHTS_RELEASE"
SERVED_VARIABLE = "INSIGHTS_SERVED"  # names the folder that dashboards are served from
REPAIR = "The person who runs these dashboards can make it again with: insights release"
MANIFEST = "manifest.json"
SUMMARIES, SUMS = "summaries", "SHA256SUMS"  # PDFs made of a release, and of what
PROBLEM = "problem.txt"  # replaces a release that cannot be shown in a served folder
LARGEST = 64 * 2**20  # a page of that size would open in no browser
PATIENCE = 0.6  # seconds in which a release that is just being replaced may become whole
T = TypeVar("T")
_FILE = re.compile(r"([a-z0-9_]+/)?[a-z0-9_]+\.json")


def release_folder() -> Path:
    """Return the folder of the release in use: ``INSIGHTS_RELEASE``, else the project's.

    A relative name counts from the working folder, else from the project, as for survey folders.
    """
    chosen = Path(os.environ.get(RELEASE_VARIABLE) or RELEASE)
    return chosen if chosen.is_dir() else PROJECT / chosen


def read_views(name: str, patience: float = PATIENCE) -> dict[str, object]:
    """Return the views of a page, once they are known to be what the manifest says they are.

    Parameters
    ----------
    name
        Page of the release.
    patience
        Seconds in which a release that is just being replaced may become whole.

    Raises
    ------
    InsightsError
        If the release or the page is missing, damaged, changed, or made by another version.
        The message is for readers: it names no folder of the machine.
    """
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise InsightsError("There is no such page. Names of pages are small letters, digits, _.")
    return _patiently(lambda folder: _views(folder, name), patience)


def read_manifest() -> Manifest:
    """Return the manifest of the release in use; raises as `read_views` does."""
    return _patiently(_manifest, PATIENCE)


def verified_files(folder: Path) -> dict[str, bytes]:
    """Return every file of a release by name, once all of them are what the manifest says.

    Raises
    ------
    InsightsError
        If anything is missing, changed, too large, or no plain file of this folder.
    """
    raw = _bytes(folder, MANIFEST, "There is no release to show yet")
    manifest = _manifest(folder)
    found = {name: _as_made(folder, name, manifest) for name in manifest["files"]}
    for name in found:
        if name.startswith("views/"):
            _known(read_json(found[name], name), name, manifest)
    return {MANIFEST: raw, **found}


def summaries(folder: Path) -> dict[str, bytes]:
    """Return the PDFs beside a release by page: those made of just these views, and unchanged.

    They are not part of a release: what is damaged or of another release is left out.
    """
    found = {}
    try:
        files = _manifest(folder)["files"]
        lines = _bytes(folder, f"{SUMMARIES}/{SUMS}", "There are no summaries").decode()
        sums = {name: digest for digest, _, name in (x.partition("  ") for x in lines.split("\n"))}
    except (InsightsError, ValueError):
        return {}
    for file in (name for name in files if name.startswith("views/")):
        name = file[6:-5]
        if sums.get(f"../{file}") != files[file]:
            continue
        with suppress(InsightsError):
            raw = _bytes(folder, f"{SUMMARIES}/{name}.pdf", f"There is no summary of {name}")
            if hashlib.sha256(raw).hexdigest() == sums.get(f"{name}.pdf"):
                found[name] = raw
    return found


def read_json(raw: str | bytes, name: str, repair: str = REPAIR) -> dict[str, object]:
    """Read a file of a release; `InsightsError` where it is damaged, whatever is in it."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise InsightsError(
            f"The release is damaged or half written: {name} is missing or cannot be read. "
            f"{repair}."
        )
    return content


def signature(folder: Path) -> tuple[tuple[str, int, int, int, int], ...]:
    """Return what changes as soon as a file of the folder is written or replaced."""

    def files(place: Path) -> Iterator[tuple[str, int, int, int, int]]:
        with os.scandir(place) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                at = entry.stat(follow_symlinks=False)
                yield entry.name, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns
                if entry.is_dir(follow_symlinks=False):
                    yield from files(Path(entry.path))

    try:
        return tuple(files(folder))
    except OSError:
        return ()


def _patiently(read: Callable[[Path], T], patience: float) -> T:
    until = time.monotonic() + patience
    while True:
        folder = release_folder().resolve()  # one release for all that is read of it
        try:
            return read(folder)
        except InsightsError:
            if (folder / PROBLEM).exists() or time.monotonic() >= until:
                raise
            time.sleep(0.2)


def _manifest(folder: Path) -> Manifest:
    if (folder / PROBLEM).is_file():
        raise InsightsError((folder / PROBLEM).read_text(encoding="utf-8"))
    manifest = read_json(_bytes(folder, MANIFEST, "There is no release to show yet"), MANIFEST)
    files = manifest.get("files")
    if not isinstance(files, dict):
        raise InsightsError(f"The release is damaged: its manifest names no files. {REPAIR}.")
    if manifest.get("format", FORMAT) != FORMAT:
        raise InsightsError(f"The release was made by another version of this project. {REPAIR}.")
    if not all(_FILE.fullmatch(name) for name in files):
        raise InsightsError(
            f"The release is damaged: its manifest names files that no release has. {REPAIR}."
        )
    return cast(Manifest, manifest)


def _views(folder: Path, name: str) -> dict[str, object]:
    manifest, file = _manifest(folder), f"views/{name}.json"
    if file not in manifest["files"]:
        known = ", ".join(sorted(n[6:-5] for n in manifest["files"] if n.startswith("views/")))
        raise InsightsError(f"The release has no page “{name}”. It has: {known or 'none'}.")
    views = read_json(_as_made(folder, file, manifest), file)
    _known(views, file, manifest)
    return views


def _as_made(folder: Path, file: str, manifest: Manifest) -> bytes:
    raw = _bytes(folder, file, f"The release is incomplete: {file} is missing")
    if hashlib.sha256(raw).hexdigest() != manifest["files"][file]:
        raise InsightsError(
            f"The release has changed since it was made: {file} differs from its manifest, so "
            f"none of it is shown. It was changed afterwards or only half written. {REPAIR}."
        )
    return raw


def _known(views: Mapping[str, object], file: str, manifest: Manifest) -> None:
    """Raise unless these views are of this version, this page and this release."""
    if views.get("format") != FORMAT:
        raise InsightsError(f"The release was made by another version of this project. {REPAIR}.")
    provenance = views.get("provenance")
    made_from = provenance.get("fingerprint") if isinstance(provenance, dict) else None
    if views.get("page") != file[6:-5] or manifest.get("fingerprint", made_from) != made_from:
        raise InsightsError(
            f"The release mixes parts of several releases: {file} does not belong to it, so none"
            f" of it is shown. {REPAIR}."
        )


def _bytes(folder: Path, file: str, missing: str) -> bytes:
    """Return a file of the release: a plain one, in its place, of a size that can be shown."""
    path = folder / file
    try:
        if path.parent.resolve() != folder.resolve() / Path(file).parent:
            raise InsightsError(
                f"The release has changed since it was made: {file} is a link. {REPAIR}."
            )
        # NONBLOCK: a pipe of that name would keep the reader waiting for ever
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(opened, "rb") as stream:
            about = os.fstat(opened)
            if not stat.S_ISREG(about.st_mode):
                raise InsightsError(f"The release is damaged: {file} is not a file. {REPAIR}.")
            raw = stream.read(LARGEST + 1) if about.st_size <= LARGEST else b""
    except OSError as error:
        if path.is_symlink():
            raise InsightsError(
                f"The release has changed since it was made: {file} is a link. {REPAIR}."
            ) from error
        raise InsightsError(f"{missing}. {REPAIR}.") from error
    if about.st_size > LARGEST or len(raw) > LARGEST:
        raise InsightsError(f"The release is damaged: {file} is too large to be one. {REPAIR}.")
    return raw
