"""Writes response files, and reads them back to see that nothing changed on the way."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from helpers.codebook.textfiles import guarded, read_table
from helpers.errors import InsightsError, Problems
from helpers.folders import Changed
from helpers.importing.files.sheets import Column, encoded
from helpers.responses.engines import are_many, quoted

COPY = "COPY ({}) TO {} (FORMAT parquet, ROW_GROUP_SIZE {})"
_GROUP, _CELLS = 122_880, 20_000_000  # rows, and cells, that are held while they are written
_AT_ONCE = 50  # columns that are compared together: more take longer, each
_FEW = 200  # different cells up to which a column is compared without reading all of it
_DIGITS = {str(n): n for n in range(10)} | {"": 10}
_FIRST = 5_000  # rows that tell whether they are few

Columns = Map[str, Column]


def write_responses(copy: Changed, folder: str, population: str, columns: Columns) -> Path:
    """Write a population's responses: CSV, or Parquet where they are many.

    Raises
    ------
    InsightsError
        If what was written does not read as it was meant.
    """
    rows = len(next(iter(columns.values())).codes) if columns else 0
    kind, other = ("parquet", "csv") if are_many(rows, len(columns)) else ("csv", "parquet")
    if (copy.folder / folder / f"{population}.{other}").exists():
        copy.remove(f"{folder}/{population}.{other}")
    name = f"{folder}/{population}.{kind}"
    if kind == "csv":
        path = copy.write(name, _as_csv(columns).encode("utf-8"))
        _compare_csv(path, columns)
    else:
        path = copy.place(name)
        _write_parquet(path, columns)
    path.chmod(0o600)
    return path


def _as_csv(columns: Columns) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    cells = ([guarded(cell) for cell in column.cells()] for column in columns.values())
    writer.writerows(zip(*cells, strict=True))
    return text.getvalue()


def _compare_csv(path: Path, columns: Columns) -> None:
    table = read_table(path, Problems())
    for name, column in columns.items():
        if table is None or name not in table.header or table.column(name) != column.cells():
            raise InsightsError(_unlike(path, name))


def _unlike(path: Path, name: str) -> str:
    return f"{path.name} was not written as intended (column {name}). Nothing was imported."


def _write_parquet(path: Path, columns: Columns) -> None:
    """Write columns, and have every cell of the file compared with what was meant."""
    import duckdb
    import pandas as pd

    frame = pd.DataFrame({str(n): _series(column) for n, column in enumerate(columns.values())})
    held = [  # written as text
        f'nullif(held."{n}", {_DIGITS[""]})' if kind == np.uint8 else f'held."{n}"'
        for n, kind in enumerate(frame.dtypes)
    ]
    places = dict(zip(columns, held, strict=True))
    with duckdb.connect() as database:
        database.register("held", frame)
        chosen = ", ".join(f"{place} AS {quoted(name)}" for name, place in places.items())
        file, most = _text(str(path)), min(_GROUP, max(_CELLS // len(columns), 1))
        database.execute(COPY.format(f"SELECT {chosen} FROM held", file, most))
        rows = database.execute(f"SELECT count(*) FROM {file}").fetchall()[0][0]
        found: list[int] = []
        for at in range(0, len(columns), _AT_ONCE):
            some = list(places.items())[at : at + _AT_ONCE]
            counts = ", ".join(
                f"count(*) FILTER (WHERE {place} IS DISTINCT FROM written.{quoted(name)})"
                for name, place in some
            )
            query = f"SELECT {counts} FROM held POSITIONAL JOIN {file} AS written"
            found += database.execute(query).fetchall()[0]
    wrong = [name for name, n in zip(columns, found, strict=True) if n]
    if wrong or rows != len(frame):
        raise InsightsError(_unlike(path, wrong[0] if wrong else "number of rows"))


def _series(column: Column) -> Any:
    import pandas as pd

    if len(column.values) > 10_000:
        return pd.Series(column.cells(), dtype=object)
    if all(value in _DIGITS for value in column.values):  # ticks and points, nearly for nothing
        places = [_DIGITS.get(value, 0) for value in column.values] or [10]
        return np.array(places, dtype=np.uint8)[column.codes]
    return pd.Categorical.from_codes(column.codes, list(column.values) or [""])


def _texts(table: Any, name: str) -> np.ndarray:
    """Cells of a column of a DuckDB table."""
    cells = table.project(f"{quoted(name)}::VARCHAR AS x").fetchnumpy()["x"]
    return np.asarray(np.ma.filled(cells, ""), dtype=object)


def _text(value: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True, eq=False)
class Image:
    """What is stored for each cell of a column: which of `values`, of which the first is blank."""

    values: Sequence[str]
    codes: np.ndarray

    def cell(self, place: int) -> str:
        """Return what is stored for one cell."""
        return self.values[self.codes[place]]

    def cells(self) -> list[str]:
        """Return what is stored for each."""
        return np.array(self.values, dtype=object)[self.codes].tolist()

    @property
    def filled(self) -> np.ndarray:
        """Whether what is stored for a cell is not blank."""
        return self.codes != 0

    def holds(self, value: str) -> np.ndarray:
        """Return for each whether it is this."""
        return np.array([v == value for v in self.values])[self.codes]

    def counted(self, counts: np.ndarray) -> dict[str, tuple[int, int]]:
        """Count the different cells, and the rows, that have each value, in the order of cells."""
        there = np.flatnonzero(counts)
        held, size = self.codes[there], len(self.values)
        different = np.bincount(held, minlength=size)
        rows = np.bincount(held, weights=counts[there], minlength=size)
        some = sorted(np.flatnonzero(different).tolist(), key=lambda at: int((held == at).argmax()))
        return {self.values[at]: (int(different[at]), int(rows[at])) for at in some}


class Stored:
    """A response file as it is on disk, for an import to be counted back.

    Parameters
    ----------
    before
        How many rows at its beginning are of other waves.

    Attributes
    ----------
    names : its columns
    rows : how many rows there are behind those of other waves
    """

    def __init__(self, path: Path, before: int = 0) -> None:
        self.path, self.before = path, before
        self.rows = count_rows(path) - before
        self._table = read_table(path, Problems()) if path.suffix == ".csv" else None
        self.names: tuple[str, ...] = self._table.header if self._table else ()
        self._numbers = set[str]()  # columns that hold digits as such
        if self._table is None:
            import duckdb

            self._database = duckdb.connect()
            table = self._database.read_parquet(str(path))
            self.names = tuple(table.columns)
            kinds = zip(self.names, map(str, table.types), strict=True)
            self._numbers = {name for name, kind in kinds if kind == "UTINYINT"}

    def images(
        self, names: Sequence[str], codes: np.ndarray, size: int
    ) -> dict[str, tuple[Image, int | None]]:
        """Find what is in each of some columns in the rows of each of `size` codes.

        Returns
        -------
        The cells, empty for a code that no row has; and a row, counted from 0, that holds another
        cell than others of its code. None where there is no such row.
        """
        found = {}
        for some, values, held in self._together(names):
            image = np.zeros((size, len(some)), dtype=held.dtype)
            image[codes] = held
            wrong = image[codes] != held
            differs = wrong.any(axis=0)
            for at, name in enumerate(some):
                row = int(wrong[:, at].argmax()) if differs[at] else None
                found[name] = Image(values, np.ascontiguousarray(image[:, at])), row
        return found

    def _together(
        self, names: Sequence[str]
    ) -> Iterator[tuple[Sequence[str], Sequence[str], np.ndarray]]:
        """Yield columns that can be read together, their values, and per row which is in each."""
        digits = [name for name in names if name in self._numbers]
        held = self._digits(digits) if len(digits) > 1 else None
        if held is not None:
            yield digits, ["", *(value for value in _DIGITS if value)], held
        for name in names:
            if held is None or name not in self._numbers:
                values, codes = self.coded(name)
                yield [name], values, np.reshape(codes, (-1, 1))

    def _digits(self, names: Sequence[str]) -> np.ndarray | None:
        """Per row and column one more than the digit, 0 where it is blank; None if no digits."""
        cells = ", ".join(
            f'least(coalesce({quoted(name)}::SMALLINT + 1, 0), 99)::UTINYINT AS "{at}"'
            for at, name in enumerate(names)
        )
        file = _text(str(self.path))
        found = self._database.execute(f"SELECT {cells} FROM {file}").fetchnumpy()
        held = np.stack([np.asarray(found[str(at)]) for at in range(len(names))], axis=1)
        return held[self.before :] if held.max(initial=0) <= len(_DIGITS) - 1 else None

    def coded(self, name: str) -> tuple[list[str], np.ndarray]:
        """Different cells of a column, the first of them blank, and which is in each row."""
        import pandas as pd

        if self._table is None:
            file, cell = _text(str(self.path)), f"coalesce({quoted(name)}::VARCHAR, '')"
            top = f"(SELECT {cell} AS x FROM {file} LIMIT {_FIRST})"
            known = self._database.execute(f"SELECT DISTINCT x FROM {top}").fetchall()
            values = ["", *(value for (value,) in known if value)]
            if len(values) < _FEW:  # seldom more behind them
                when = " ".join(f"WHEN {_text(v)} THEN {n}" for n, v in enumerate(values))
                which = f"(CASE {cell} {when} ELSE {_FEW} END)::UTINYINT AS x"
                query = f"SELECT {which} FROM {file}"
                found = np.asarray(self._database.execute(query).fetchnumpy()["x"])
                if not (found == _FEW).any():
                    return values, found[self.before :]
        codes, some = pd.factorize(np.append(np.array([""], dtype=object), self._cells(name)))
        return list(map(str, some)), codes[1:]

    def _cells(self, name: str) -> np.ndarray:
        if self._table is not None:
            return np.array(self._table.column(name)[self.before :] or [""], dtype=object)[
                : self.rows
            ]
        return _texts(self._database.read_parquet(str(self.path)), name)[self.before :]


def read_parquet(path: Path) -> dict[str, Column]:
    """Read the columns of a Parquet file of responses one by one."""
    import duckdb
    import pandas as pd

    found = {}
    with duckdb.connect() as database:
        table = database.read_parquet(str(path))
        for name in table.columns:
            codes, values = pd.factorize(_texts(table, name))
            found[name] = Column("", tuple(map(str, values)), codes)
    return found


def read_columns(path: Path) -> dict[str, Column]:
    """Read the columns of a response file that is sound."""
    if path.suffix == ".parquet":
        return read_parquet(path)
    table = read_table(path, Problems())
    if table is None:
        return {}
    return {name: Column("", *encoded(table.column(name))) for name in table.header}


def with_column(columns: Columns, name: str, cell: str) -> dict[str, Column]:
    """Return columns with one more, that holds the same in every row."""
    rows = len(next(iter(columns.values())).codes)
    return {**columns, name: Column("", (cell,), np.zeros(rows, dtype=np.uint8))}


def count_rows(path: Path) -> int:
    """Count the respondents of a response file."""
    if path.suffix == ".parquet":
        import duckdb

        with duckdb.connect() as database:
            return int(database.read_parquet(str(path)).count("*").fetchall()[0][0])
    with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
        return max(sum(any(row) for row in csv.reader(file)) - 1, 0)


def joined(before: Columns, after: Columns, keep: np.ndarray) -> dict[str, Column]:
    """Put rows after those that are kept of other ones; columns that one lacks are blank there."""
    more = len(next(iter(after.values())).codes)
    blank = Column("", ("",), np.zeros(0, dtype=np.uint8))
    found = {}
    for name in dict.fromkeys([*after, *before]):
        old, new = before.get(name, blank), after.get(name, blank)
        kept = old.codes[keep] if name in before else np.zeros(int(keep.sum()), dtype=np.uint8)
        added = new.codes if name in after else np.zeros(more, dtype=np.uint8)
        codes = np.concatenate([kept.astype(np.int64), added.astype(np.int64) + len(old.values)])
        both = (*old.values, *new.values)
        found[name] = Column("", both, codes).recoded(both)
    return found
