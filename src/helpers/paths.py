"""Where the project's files are, and how a file is written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.errors import InsightsError
from helpers.terminal import in_line

DATA_VARIABLE = "INSIGHTS_DATA"


def find_project(package: Path, start: Path) -> Path:
    """Return the project's root folder.

    Parameters
    ----------
    package
        Folder of the imported package. In an editable checkout it is ``ROOT/src/helpers``.
    start
        Where to search from, upwards, when the package is installed elsewhere.

    Returns
    -------
    Path
        The checkout; else the nearest folder at or above `start` that holds
        ``data/codebook``; else `start` itself.
    """
    checkout = package.parent.parent
    if package.parent.name == "src" and (checkout / "pyproject.toml").is_file():
        return checkout
    for folder in (start, *start.parents):
        if (folder / "data" / "codebook").is_dir():
            return folder
    return start


PROJECT = find_project(Path(__file__).resolve().parent, Path.cwd())
DATA = PROJECT / "data"
RELEASE = DATA / "release"
DASHBOARDS = PROJECT / "dashboards"
NOTEBOOKS = PROJECT / "notebooks"
BROWSER = Path(__file__).resolve().parent / "pages" / "browser"  # what a browser is sent
TEMPLATE = BROWSER / "voila" / "templates" / "insights"
STATIC = TEMPLATE / "static"
KERNEL_START = Path(__file__).resolve().parent / "notebook" / "kernel_start.py"


@contextmanager
def variables_restored(*names: str) -> Iterator[None]:
    """Restore these environment variables at the end of the block."""
    before = {name: os.environ.get(name) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def data_folder(folder: str | os.PathLike[str] | None = None) -> Path:
    """Return the survey folder in use: the argument, else ``INSIGHTS_DATA``, else our own.

    A relative name counts from the working folder, else from the project: kernels start in the
    folder of their notebook and must find what the command line found.

    Raises
    ------
    InsightsError
        If the folder does not exist. A wrong name never falls back to other data.
    """
    chosen = folder if folder is not None else os.environ.get(DATA_VARIABLE) or None
    path = Path(chosen).expanduser() if chosen is not None else DATA
    for place in (path, PROJECT / path):
        if place.is_dir():
            return place.resolve()
    if folder is not None:
        said = "that you named"
    elif chosen is not None:
        said = f"that --data or the environment variable {DATA_VARIABLE} names"
    else:
        said = "of the project"
    what = "is not a folder" if path.exists() else "does not exist"
    raise InsightsError(
        f"The survey folder {said} {what}: {path}. Name a folder that holds codebook/ and"
        f" responses/ with --data FOLDER or {DATA_VARIABLE}."
    )


def notebooks_of(survey: Path) -> Path:
    """Return the folder of a survey's notebooks: in its own folder, but for the project's survey.

    Those of the project tell of its survey; under the title of another they would be wrong.
    """
    if (survey / "codebook").resolve() == (DATA / "codebook").resolve():
        return NOTEBOOKS
    return survey / "notebooks"


def write_aside(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Write a file whole: aside in the same folder first, then moved into place.

    Readers see the old file or the new one, never a part. Text is written as UTF-8 with the line
    ends it has, so that the bytes are the same on every system. Missing folders are made.

    Returns
    -------
    Path
        The file written.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    raw = content.encode("utf-8") if isinstance(content, str) else content
    aside = _aside(target, "new")
    try:
        with said_if_full(target):
            with open(aside, "xb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, aside)
            os.replace(aside, target)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return target


# Why nothing can be written, by what the system says; the last word says what to do.
_FULL = {
    errno.ENOSPC: "the disk is full. Make room, then try again",
    errno.EDQUOT: "your quota of disk space is used up. Make room, then try again",
    errno.EROFS: "the disk can only be read. Choose a folder that can be written to",
    errno.EFBIG: "the file would be larger than is allowed here. Raise the limit, or choose "
    "another folder",
}


def why(error: OSError, place: object = "") -> str:
    """Say in a sentence why a file could not be read or written."""
    named = str(error.filename or "")
    if ".aside-" in named:  # a name that nobody knows
        named = ""
    where = in_line(named or place or "A file")
    if error.errno in _FULL:
        return f"{where} cannot be written: {_FULL[error.errno]}. Nothing half written is left."
    return f"{where}: {error.strerror or error}."


@contextmanager
def said_if_full(place: object) -> Iterator[None]:
    """Turn an error of a full disk, or of one that cannot be written to, into one that says so."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise InsightsError(why(error, place)) from error
        raise


@contextmanager
def replace_folder(target: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a whole folder aside and swap it in when the block ends without an error.

    Yields an empty folder next to `target`; fill it. On an error the old folder stays as it was
    and nothing is left behind. The swap is two renames: a process killed between them leaves the
    old folder beside its place, under the name ``.NAME.aside-old-…``.
    """
    place = Path(target)
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = _aside(place, "new")
    try:
        with said_if_full(place):
            aside.mkdir()
            yield aside
            _swap(place, aside)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _swap(place: Path, aside: Path) -> None:
    """Put the folder `aside` at `place`; the old one goes, or comes back if that fails."""
    if not place.exists():
        os.replace(aside, place)
        return
    old = _aside(place, "old")
    os.replace(place, old)
    try:
        os.replace(aside, place)
    except BaseException:
        os.replace(old, place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _aside(target: Path, kind: str) -> Path:
    """Return a fresh hidden name in the folder of `target` (git ignores it)."""
    return target.parent / f".{target.name}.aside-{kind}-{os.urandom(4).hex()}"
