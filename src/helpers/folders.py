"""A survey folder changed as a whole: written aside, then put in its place in one step."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.errors import InsightsError
from helpers.paths import replace_folder

_EXCHANGE = 2  # of renameat2 and renamex_np
_HERE = -100
_NEW, _LOCK = "import-new", "import-lock"


class Changed:
    """A copy of a folder to change; only what is written again takes space.

    Attributes
    ----------
    folder : the copy, beside the folder itself
    written : files that were written into it or removed from it, as names below it
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written: set[str] = set()

    def write(self, name: str, content: bytes) -> Path:
        """Write a file into the copy."""
        path = self.place(name)
        with open(path, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return path

    def place(self, name: str) -> Path:
        """Prepare the place of a file that other code writes."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # a link to the old file, which must not be written into
        self.written.add(name)
        return path

    def remove(self, name: str) -> None:
        """Leave a file out of the copy."""
        path = self.folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        self.written.add(name)


@contextmanager
def changed(target: Path) -> Iterator[Changed]:
    """Change a folder: yields a copy, which takes its place if the block ends without an error.

    Until then not a byte of the folder changes; then it changes in one step, so that readers
    see the old folder or the new one. What an import that was killed left beside the folder is
    removed.

    Raises
    ------
    InsightsError
        If another import into the folder is running.
    """
    place = target.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    with _locked(place):
        for left in place.parent.glob(f".{place.name}.aside-{_NEW}-*"):
            shutil.rmtree(left, ignore_errors=True)
        aside = place.parent / f".{place.name}.aside-{_NEW}-{os.urandom(4).hex()}"
        aside.mkdir(mode=0o700)
        try:
            if place.is_dir():
                _link(place, aside)
            copy = Changed(aside)
            yield copy
            _put(place, copy)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    path = place.parent / f".{place.name}.aside-{_LOCK}"
    held = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fresh = path.exists() and path.stat().st_ino == os.fstat(held).st_ino
        except BlockingIOError:
            fresh = False
        if not fresh:
            raise InsightsError(f"Another import into {place.name} is running. Wait until it ends.")
        yield
        path.unlink(missing_ok=True)
    except BaseException:
        if "fresh" in locals() and fresh:
            path.unlink(missing_ok=True)
        raise
    finally:
        os.close(held)


def _link(source: Path, target: Path) -> None:
    """Copy a folder by links to its files."""
    shutil.copystat(source, target)
    os.chmod(target, os.stat(source).st_mode | 0o700)
    for entry in os.scandir(source):
        there = target / entry.name
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), there)
        elif entry.is_dir():
            there.mkdir()
            _link(Path(entry.path), there)
        else:
            try:
                os.link(entry.path, there)
            except OSError:  # a file system without links
                shutil.copy2(entry.path, there)


def _put(place: Path, copy: Changed) -> None:
    """Put the copy in the place of the folder, in one step."""
    _sync(copy.folder)
    if not place.exists() or not any(place.iterdir()):
        os.rename(copy.folder, place)
    elif len(copy.written) == 1 and _replaces(place, copy):
        name = next(iter(copy.written))
        os.replace(copy.folder / name, place / name)
        _sync((place / name).parent)
    elif not _exchanged(copy.folder, place):
        with replace_folder(place) as empty:
            _link(copy.folder, empty)
    _sync(place.parent)


def _replaces(place: Path, copy: Changed) -> bool:
    name = next(iter(copy.written))
    return (place / name).parent.is_dir() and (copy.folder / name).is_file()


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, if the system can."""
    library = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if hasattr(library, "renameat2"):
        return library.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0
    if hasattr(library, "renamex_np"):
        return library.renamex_np(*names, _EXCHANGE) == 0
    return False


def _sync(folder: Path) -> None:
    """Have the names in a folder written to disk."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
