"""What is written to a terminal: text without control sequences.

Names of files, titles and labels are written by others. An escape sequence in one of them could
colour, move or hide what is beside it, and a character that turns the direction of writing could
make a name look like another.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from helpers.errors import steers

_OFTEN = 0.1  # seconds between two steps of the same
_WIDTH = 20  # of a bar
_CLEAR = "\r\033[K"  # to the beginning of the line, and empty it


def visible(text: str) -> str:
    r"""Return text in which everything that steers a terminal is spelt out, as ``\u001b``.

    Line ends and tabs stay; so does what joins letters or the parts of an emoji.
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    last = len(text) - 1
    return "".join(
        _spelt(sign)
        if steers(sign, text[max(at - 1, 0)], text[min(at + 1, last)])
        or unicodedata.category(sign) == "Cs"
        else sign
        for at, sign in enumerate(text)
    )


def in_line(words: object) -> str:
    """Return a name for use in a sentence: one line, whatever it holds."""
    return visible(str(words).replace("\n", "\\n").replace("\t", "\\t"))


def short_path(path: Path) -> str:
    """Return a path for use in a sentence, as short as it can be said from here."""
    try:
        return in_line(path.relative_to(Path.cwd())) or "."
    except ValueError:
        return in_line(path)


def count(n: int, noun: str) -> str:
    """Return how many there are of something, in words."""
    plural = "es" if noun.endswith("s") else "s"
    return f"{n:,} {noun}{'' if n == 1 else plural}"


def some_of(names: Sequence[str], most: int = 5) -> str:
    """List the first of some names, and say how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


class Step(str):
    """Words on something long that also say how far it is."""

    done: int
    of: int

    def __new__(cls, words: str, done: int, of: int) -> Step:
        """Add to words how many are done, of how many."""
        step = super().__new__(cls, f"{words}: {done:,} of {of:,}")
        step.done, step.of = done, of
        return step


class Progress:
    """Says in one line of a terminal how far something long is; elsewhere nothing."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty() and not os.environ.get("CI")
        self._last, self._about = 0.0, ""

    def __call__(self, words: str) -> None:
        """Say it, unless as much was said just before."""
        now, about = time.monotonic(), words.partition(":")[0]
        if not self._shown or (about == self._about and now - self._last < _OFTEN):
            return
        self._last, self._about = now, about
        wide = shutil.get_terminal_size().columns - 1
        _write(f"{_bar(words)}{in_line(words)}"[:wide])

    def end(self) -> None:
        """Clear the line."""
        if self._shown:
            _write("")


def clear_line() -> None:
    """Clear the line of progress before something else is written."""
    if sys.stderr.isatty():
        _write("")


def _bar(words: str) -> str:
    if not isinstance(words, Step) or not words.of:
        return ""
    filled = _WIDTH * min(words.done, words.of) // words.of
    return f"[{'#' * filled}{'.' * (_WIDTH - filled)}] "


def _write(words: str) -> None:
    stream = getattr(sys.stderr, "stream", sys.stderr)
    stream.write(f"{_CLEAR}{words}")
    stream.flush()


@contextmanager
def cleaned() -> Iterator[None]:
    """Make standard output and standard error write only visible text."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Visible(before[0]), Visible(before[1])
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


class Visible:
    """A stream to which text is written as `visible` gives it; all else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write text; characters that the stream cannot hold are spelt out, too."""
        said = visible(text)
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        try:
            said.encode(encoding)
        except UnicodeEncodeError:
            said = said.encode(encoding, "backslashreplace").decode(encoding)
        self.stream.write(said)
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        """Return what else the stream has."""
        return getattr(self.stream, name)


def _spelt(sign: str) -> str:
    units = sign.encode("utf-16-be", "surrogatepass").hex(" ", 2).split()
    return "".join(f"\\u{unit}" for unit in units)  # as in JSON, which stays JSON


@contextmanager
def silenced(logger: str) -> Iterator[None]:
    """Have a library log nothing meanwhile: what fails is raised, the rest is how it ends."""
    told = logging.getLogger(logger)
    before = told.level
    told.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        told.setLevel(before)
