"""A table as a file holds it: every different cell of a column once, and where it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from helpers.codebook.cells import clean
from helpers.errors import Problems, without_controls

MANY = 100  # categories of a column that are hardly answers to choose from
Progress = Callable[[int], None]  # told the row that was read last
NEVER_WORKED_OUT = "#FORMULA!"  # a formula of which the file holds no value
MERGED = "#MERGED! "  # before the value of the cell above, with which a cell is merged
TOP = 3  # rows that may be header rows
_LOOK, _TITLE, _HEADER = 30, 2, 4  # rows, columns of a title, cells of a header
_FIGURE = re.compile(r"[+-]?\d[\d.,:/ -]*$")
_META, _CODES = "sheet.json", "codes.bin"


def with_rows(message: str, n: int) -> str:
    """Say in how many rows the same is wrong, of which the first is named."""
    if n < 2:
        return message
    return f"{message}; {n:,} rows have this" if message else f"{n:,} rows have this"


class TooLarge(Exception):
    """A file holds more than is read."""


def letter(position: int) -> str:
    """Letters of a spreadsheet's column; the first is number 0."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(65 + rest) + name
    return name


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a file.

    Attributes
    ----------
    place : what the file calls it: the letter of a spreadsheet; empty for cells from several
    values : every different cell once, as text without the blanks around it
    codes : per row, which of `values` is there
    name, title : of a variable, where the format has both (SPSS)
    labels : what the file says that values mean
    missing : values that the file declares to be no answer
    form : `number`, `date` or `text` where the file says so
    ordered : whether the file says that the values are in order (SPSS: ordinal)
    filler : what a program wrote for everybody, also for those who were not asked
    """

    place: str
    values: tuple[str, ...]
    codes: np.ndarray
    name: str = ""
    title: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    form: str = ""
    ordered: bool = False
    filler: str = ""

    @property
    def counts(self) -> np.ndarray:
        """How many rows hold each of the values."""
        return np.bincount(self.codes, minlength=len(self.values))

    @property
    def filled(self) -> np.ndarray:
        """Whether each of the values is more than a blank."""
        return np.array([bool(value) for value in self.values], dtype=bool)

    @property
    def answered(self) -> np.ndarray:
        """Whether each row holds anything."""
        return self.filled[self.codes]

    def rows_of(self, place: int) -> np.ndarray:
        """Rows that hold the value at a place of `values`."""
        return np.flatnonzero(self.codes == place)

    def cell(self, row: int) -> str:
        """Cell at a place in the order of rows."""
        return self.values[self.codes[row]]

    def cells(self) -> list[str]:
        """All cells, in the order of rows."""
        return np.array(self.values, dtype=object)[self.codes].tolist() if len(self.codes) else []

    def recoded(self, values: Sequence[str]) -> Column:
        """Return the column with other values in the places of these; equal ones become one."""
        places: dict[str, int] = {}
        move = np.array([places.setdefault(v, len(places)) for v in values] or [0])
        codes = move[self.codes].astype(smallest(len(places)))
        return replace(self, values=tuple(places), codes=codes)


@dataclass(frozen=True)
class BoxSet:
    """Columns that a file declares to be one question: select all that apply, where `ticked`.

    Without it they are the rows of a grid.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    ticked: str


@dataclass(frozen=True)
class Sheet:
    """A table of a file.

    Attributes
    ----------
    file, name : of the file, and of the sheet inside it (empty where there are none)
    format : `text`, `xlsx`, `sav`, `dta`, `rds` or `parquet`
    top : the first rows as they are, header rows among them
    top_rows, rows : row numbers, as a spreadsheet shows them, of `top` and of the cells
    remarks : what a reader of the file does not see and should know
    weight : variable that the file declares to be the weight of each row
    """

    file: str
    name: str
    format: str
    top: tuple[tuple[str, ...], ...]
    top_rows: tuple[int, ...]
    columns: tuple[Column, ...]
    rows: np.ndarray
    sets: tuple[BoxSet, ...] = ()
    remarks: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    weight: str = ""

    @property
    def has_variables(self) -> bool:
        """Whether columns have names instead of letters, and no row is a header: SPSS, Stata, R."""
        return self.format in ("sav", "dta", "rds", "parquet")

    @property
    def source(self) -> str:
        """How problems call it."""
        return f"{self.file} [{self.name}]" if self.name else self.file

    def remarked(self, *words: str) -> Sheet:
        """Return the sheet with more remarks."""
        return replace(self, remarks=(*self.remarks, *words))

    def legible(self, cells: bool) -> Sheet:
        """Return the sheet without control characters in its header, and in its cells if asked."""
        top = tuple(tuple(map(without_controls, row)) for row in self.top)
        columns = self.columns
        if self.has_variables:
            top = tuple(tuple(map(clean, row)) for row in top)
            columns = tuple(replace(c, name=clean(c.name), place=clean(c.place)) for c in columns)
        if cells:
            columns = tuple(c.recoded(list(map(without_controls, c.values))) for c in columns)
        return replace(self, top=top, columns=columns)

    @property
    def header_row(self) -> int:
        """Row number of the header."""
        return self.top_rows[0] if self.top_rows else 1

    def report(
        self, problems: Problems, name: str, column: Column, rows: Iterable[int], **said: Any
    ) -> None:
        """Add a problem for the cell that a column, called `name`, holds in some rows."""
        places = [*rows]
        if not places:
            return
        number = int(self.rows[places[0]])
        said["message"] = with_rows(said.get("message", ""), len(places))
        problems.add(self.source, number, name, cell=self.cell_name(column, number), **said)

    def cell_name(self, column: Column, row: int | None) -> str:
        """Name of a cell in a spreadsheet, of a column without a row; of the variable in SPSS."""
        if not column.place or not row or self.has_variables:
            return column.place
        return f"{column.place}{row}"

    def without_blank_columns(self) -> Sheet:
        """Return the sheet without columns that hold nothing at all, no name either."""
        kept = [
            at
            for at, column in enumerate(self.columns)
            if any(column.values) or any(row[at] for row in self.top)
        ]
        top = tuple(tuple(row[at] for at in kept) for row in self.top)
        return replace(self, columns=tuple(self.columns[at] for at in kept), top=top)

    def with_header(self, rows: int) -> Sheet:
        """Return the sheet whose first `rows` rows are its header, all others its cells."""
        data = self.top[rows:]
        columns = []
        for at, column in enumerate(self.columns):
            known = {value: n for n, value in enumerate(column.values)}
            first = [known.setdefault(row[at], len(known)) for row in data]
            codes = np.concatenate([np.array(first, dtype=np.int64), column.codes])
            codes = codes.astype(smallest(len(known)))
            columns.append(replace(column, values=tuple(known), codes=codes))
        numbers = np.concatenate([np.array(self.top_rows[rows:], dtype=np.int64), self.rows])
        return replace(
            self,
            top=self.top[:rows],
            top_rows=self.top_rows[:rows],
            columns=tuple(columns),
            rows=numbers,
        )


def of_variables(
    file: str, name: str, format: str, columns: Sequence[Column], rows: int, **more: Any
) -> Sheet:
    """Make the sheet of a file whose columns are variables: their names are its only header."""
    top = (tuple(column.name for column in columns),)
    return Sheet(file, name, format, top, (1,), tuple(columns), np.arange(1, rows + 1), **more)


def report_unknown(
    wanted: Iterable[str], known: Sequence[str], what: str, file: str, problems: Problems
) -> None:
    """Report tables, or sheets, that are wanted and not there."""
    for name in wanted:
        if name not in known:
            problems.add(
                file,
                found=name,
                allowed=known,
                message=f"there is no such {what}",
                fix="Name one with --sheet.",
                kind="sheet",
            )


class Gathering:
    """Collects the rows of a file, chunk by chunk, into columns; `read` reads a cell."""

    def __init__(self, width: int, read: Callable[[str], str]) -> None:
        self.read = read
        self.known: list[_Known] = [_Known() for _ in range(width)]
        self.parts: list[list[np.ndarray]] = [[] for _ in range(width)]
        self.rows: list[np.ndarray] = []

    def add(self, rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> None:
        """Add rows, each as wide as the table."""
        if not rows:
            return
        for known, parts, cells in zip(
            self.known, self.parts, zip(*rows, strict=True), strict=True
        ):
            codes = np.fromiter(map(known.__getitem__, cells), dtype=np.int64, count=len(cells))
            parts.append(codes.astype(smallest(len(known))))
        self.rows.append(np.array(numbers, dtype=np.int64))

    def columns(self) -> tuple[Column, ...]:
        """Return what was collected, cells cleaned."""
        columns = []
        for at, (known, parts) in enumerate(zip(self.known, self.parts, strict=True)):
            codes = np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint8)
            column = Column(letter(at), tuple(known), codes)
            columns.append(column.recoded([self.read(value) for value in known]))
            parts.clear()
        return tuple(columns)

    def numbers(self) -> np.ndarray:
        """Row numbers of what was collected."""
        return np.concatenate(self.rows) if self.rows else np.zeros(0, dtype=np.int64)


class _Known(dict[str, int]):
    """Different cells of a column, numbered as they come."""

    def __missing__(self, cell: str) -> int:
        self[cell] = number = len(self)
        return number


def below_titles(
    rows: Iterator[tuple[int, list[str]]],
) -> tuple[list[int], Iterator[tuple[int, list[str]]]]:
    """Leave out rows above the header of a table: its title, its date, who made it.

    They hold one cell each, or two at the left, and the header below has four or more: different
    words.

    Returns
    -------
    Numbers of the rows that were left out, and all others.
    """
    first = list(islice(rows, _LOOK))
    filled = [[cell.strip() for cell in cells if cell.strip()] for _, cells in first]
    wide = (
        n
        for n, (_, cells) in enumerate(first)
        if len(filled[n]) > 1 and any(map(str.strip, cells[_TITLE:]))
    )
    at = next(wide, 0)
    header = filled[at] if first else []
    words = not any(map(_FIGURE.match, header)) and len({*header}) == len(header)
    wide_enough = [cells for cells in filled[at + 1 :] if 2 * len(cells) >= len(header)]
    answers = {(place, cell) for _, cells in first[at + 1 :] for place, cell in enumerate(cells)}
    again = bool(at) and any(c and (place, c) in answers for place, c in enumerate(first[at][1]))
    if not at or len(header) < _HEADER or not words or again or not wide_enough:
        at = 0
    return [number for number, _ in first[:at]], chain(first[at:], rows)


def said_above(numbers: Sequence[int]) -> tuple[str, ...]:
    """Say which rows above a table were left out."""
    if not numbers:
        return ()
    rows = f"row {numbers[0]}" if len(numbers) == 1 else f"rows {numbers[0]} to {numbers[-1]}"
    return (f"{rows} above the header: not used",)


def are_answers(categories: Sequence[str], ordered: bool) -> bool:
    """Return whether categories are answers in their order, and not any texts, sorted."""
    found = list(categories)
    is_sorted = found in (sorted(found), sorted(found, key=str.casefold))
    return ordered or (not is_sorted and len(found) <= MANY)


def smallest(count: int) -> Any:
    """Return the smallest kind of whole number that can tell `count` values apart."""
    return np.min_scalar_type(max(count - 1, 0))


def encoded(cells: Iterable[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """Different cells once, and which of them is where."""
    known = _Known()
    codes = np.fromiter(map(known.__getitem__, cells), dtype=np.int64)
    return tuple(known), codes.astype(smallest(len(known)))


def save(sheet: Sheet, folder: Path) -> None:
    """Write a sheet into a folder, for another process to read."""
    said = {k: v for k, v in vars(sheet).items() if k not in ("columns", "rows", "sets")}
    said["sets"] = [asdict(s) for s in sheet.sets]
    said |= {"length": len(sheet.rows), "columns": len(sheet.columns)}
    with open(folder / _META, "w", encoding="ascii") as lines, open(folder / _CODES, "wb") as file:
        lines.write(f"{json.dumps(said)}\n")
        for column in sheet.columns:
            own = {k: v for k, v in vars(column).items() if k != "codes"}
            lines.write(f"{json.dumps(own | {'kind': column.codes.dtype.str})}\n")
            file.write(np.ascontiguousarray(column.codes).tobytes())
        file.write(sheet.rows.astype("<i8").tobytes())


def load(folder: Path) -> Sheet:
    """Read what `save` wrote. Every place is checked: the writer is not trusted."""
    columns = []
    with open(folder / _META, encoding="ascii") as lines, open(folder / _CODES, "rb") as file:
        said = json.loads(lines.readline())
        length = int(said.pop("length"))
        for _ in range(int(said.pop("columns"))):
            own = json.loads(lines.readline())
            kind = np.dtype(own.pop("kind"))
            if kind.kind not in "iu":
                raise ValueError("codes are whole numbers")
            codes = np.fromfile(file, dtype=kind, count=length)
            values = tuple(map(str, own.pop("values")))
            if len(codes) != length or (length and int(codes.max()) >= len(values)):
                raise ValueError("codes without a value")
            own["missing"] = tuple(own["missing"])
            columns.append(Column(values=values, codes=codes, **own))
        rows = np.fromfile(file, dtype="<i8", count=length)
    sets = tuple(BoxSet(**{**s, "columns": tuple(s["columns"])}) for s in said.pop("sets"))
    said["top"] = tuple(tuple(row) for row in said["top"])
    said["top_rows"], said["remarks"] = tuple(said["top_rows"]), tuple(said["remarks"])
    return Sheet(columns=tuple(columns), rows=rows, sets=sets, **said)
