"""Errors for the analyst: what is wrong, where, what is allowed, what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

PRINTED_LINES = 200
KEPT = 1_000  # problems of a kind that are kept with their place; more are counted


# Control characters but line ends and tabs; ends of lines and paragraphs, characters of
# direction and of no width. In the syntax of RE2 and Java; `python_syntax` makes it Python's.
CONTROLS = r"\x{0}-\x{8}\x{b}-\x{1f}\x{7f}-\x{9f}"
UNSEEN = (
    r"\x{ad}\x{61c}\x{180e}\x{200b}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}"
    r"\x{feff}\x{fff9}-\x{fffb}\x{e0001}"
)
TAGS, FLAG = r"\x{e0020}-\x{e007f}", r"\x{1f3f4}"  # a flag is followed by tags
JOINERS = r"\x{200c}\x{200d}"  # they join letters of some scripts, and the parts of an emoji


def steers(sign: str, before: str, after: str) -> bool:
    """Return whether a character is invisible but changes how text is shown.

    Control characters but for line ends and tabs; characters that turn the direction of writing;
    those of no width, but for joiners between two characters that they may join.
    """
    if sign in _JOINERS:
        return any(beside.isascii() or beside in _JOINERS for beside in (before, after))
    if _TAG.match(sign):  # of a flag
        return not _OF_A_FLAG.match(before)
    return bool(_STEERING.match(sign))


def without_controls(text: str) -> str:
    """Return text without control characters, but with its line ends and tabs."""
    return text if text.isprintable() else _CONTROL.sub("", text)


def python_syntax(pattern: str) -> str:
    r"""Return a pattern with the characters that it names as ``\x{…}``."""
    return re.sub(r"\\x\{([0-9a-f]+)\}", lambda found: rf"\U{int(found[1], 16):08x}", pattern)


_STEERING = re.compile(python_syntax(f"[{CONTROLS}{UNSEEN}]"))
_CONTROL = re.compile(python_syntax(f"[{CONTROLS}]"))
_TAG, _OF_A_FLAG = (re.compile(python_syntax(f"[{of}]")) for of in (TAGS, TAGS + FLAG))
_JOINERS = "\u200c\u200d"


class InsightsError(Exception):
    """A mistake in data or configuration, shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Give IPython what a notebook shows: only the message."""
        return [_plain(line) for line in str(self).splitlines()]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in one place.

    Parameters
    ----------
    file
        Name of the file, as the analyst knows it.
    row
        Line as a spreadsheet counts it (the header is row 1); ``None`` for the whole file.
    column
        Name of the column; empty for the whole row.
    found
        What is there; ``None`` where nothing can be quoted.
    allowed
        What may be there: a sentence, or the allowed values.
    fix
        What to do, as one sentence.
    message
        What is wrong, where ``found`` and ``allowed`` do not say it by themselves.
    kind
        What sort of problem it is, in a word that a program can count by.
    cell
        Cell as a spreadsheet names it, where the file has such names.
    """

    file: str
    row: int | None = None
    column: str = ""
    found: str | None = None
    allowed: str | Sequence[str] = ""
    fix: str = ""
    message: str = ""
    kind: str = ""
    cell: str = ""

    def __str__(self) -> str:
        """Return the problem as one line: place, what was found, what is allowed, what to do."""
        row = f"row {self.row}" if self.row is not None else ""
        column = f"column {self.column}" if self.column else ""
        cell = f"cell {self.cell}" if self.cell else ""
        where = ", ".join(part for part in (self.file, row, column, cell) if part)
        where = shortened(where, 300)
        found = f'found "{shortened(self.found)}"' if self.found is not None else ""
        allowed = f"allowed: {self._allowed()}" if self.allowed else ""
        message = shortened(self.message, 400)
        what = "; ".join(part.rstrip(".") for part in (message, found, allowed) if part)
        line = f"{where}: {what}." if what else f"{where}:"
        return _plain(f"{line} {self.fix}".rstrip())

    def _allowed(self) -> str:
        return self.allowed if isinstance(self.allowed, str) else ", ".join(self.allowed)

    def to_json(self) -> dict[str, object]:
        """Return the fields as plain JSON values, ``allowed`` as the words that are printed."""
        return {**asdict(self), "allowed": self._allowed()}


class SurveyProblems(InsightsError):
    """All problems of all files in one error.

    Attributes
    ----------
    problems
        Every problem that was kept, also those that the message leaves out.
    count
        How many there are, kept or not.
    """

    def __init__(self, heading: str, problems: Iterable[Problem], count: int = 0) -> None:
        self.heading = heading
        self.problems = tuple(problems)
        self.count = max(count, len(self.problems))
        super().__init__(heading)

    def __str__(self) -> str:
        """Return the heading with the full count, then the problems grouped by file."""
        noun = "problem" if self.count == 1 else "problems"
        lines = [f"{self.heading}: {self.count:,} {noun}"]
        for problem in islice(_by_file(self.problems), PRINTED_LINES):
            lines.append(f"  {problem}")
        if self.count > PRINTED_LINES:
            shown = min(len(self.problems), PRINTED_LINES)
            lines.append(f"  … and {self.count - shown:,} more")
        return "\n".join(lines)


class Problems:
    """Collects problems, so that the analyst sees all of them at once.

    Of a kind that a file is full of, the first are kept with their places and all are counted.
    """

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self._problems: list[Problem] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self.extend(problems)

    def add(
        self,
        file: str,
        row: int | None = None,
        column: str = "",
        found: object = None,
        allowed: str | Iterable[str] = "",
        fix: str = "",
        message: str = "",
        kind: str = "",
        cell: str = "",
    ) -> None:
        """Add one problem; the parameters are those of `Problem`."""
        words = allowed if isinstance(allowed, str) else tuple(allowed)
        quoted = None if found is None else str(found)
        self.extend([Problem(str(file), row, column, quoted, words, fix, message, kind, cell)])

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add all problems of another collector or sequence."""
        for problem in problems:
            self._counts[problem.file, problem.kind] += 1
            if self._counts[problem.file, problem.kind] <= KEPT:
                self._problems.append(problem)
        if isinstance(problems, Problems):
            self.count(problems.more())

    def count(self, more: Mapping[tuple[str, str], int]) -> None:
        """Count problems that are not kept, by file and kind."""
        self._counts.update(more)

    def more(self) -> dict[tuple[str, str], int]:
        """How many problems are counted but not kept, by file and kind."""
        kept = Counter((p.file, p.kind) for p in self._problems)
        return {at: n - kept[at] for at, n in self._counts.items() if n > kept[at]}

    @property
    def kinds(self) -> dict[str, int]:
        """How many problems there are of each kind, the most frequent first."""
        counts: Counter[str] = Counter()
        for (_, kind), n in self._counts.items():
            counts[kind or "other"] += n
        return dict(counts.most_common())

    def __bool__(self) -> bool:
        """Return whether there is any problem."""
        return bool(self._problems)

    def __len__(self) -> int:
        """Return the number of problems, those not kept included."""
        return self._counts.total()

    def __iter__(self) -> Iterator[Problem]:
        """Iterate over the problems in the order in which they were found."""
        return iter(self._problems)

    def raise_if_any(self, heading: str) -> None:
        """Raise one error that carries and prints every problem.

        Raises
        ------
        SurveyProblems
            If at least one problem was added.
        """
        if self._problems:
            raise SurveyProblems(heading, self._problems, len(self))

    def to_json(self) -> list[dict[str, object]]:
        """Return the problems as a list of plain JSON objects."""
        return [problem.to_json() for problem in self._problems]


def _by_file(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Iterate over problems file by file, files in order of their first problem."""
    files = dict.fromkeys(problem.file for problem in problems)
    for file in files:
        here = (problem for problem in problems if problem.file == file)
        yield from sorted(here, key=lambda problem: problem.row or 0)


def shortened(text: str, width: int = 80) -> str:
    """Return text without line breaks or control characters, shortened with an ellipsis."""
    visible = _plain(text)
    return visible if len(visible) <= width else visible[: width - 1] + "…"


def _plain(text: str) -> str:
    """Replace every invisible character with a blank."""
    joined = (*text, " ")
    return "".join(
        sign
        if sign.isprintable()
        or (sign in _JOINERS and not steers(sign, text[max(at - 1, 0)], joined[at + 1]))
        else " "
        for at, sign in enumerate(text)
    )
