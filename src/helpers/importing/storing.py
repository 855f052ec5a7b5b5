"""Writes response files, and reads them back to see that nothing changed on the way."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping as Map
from pathlib import Path
from typing import Any

import numpy as np

from helpers.codebook.textfiles import guarded, read_table
from helpers.errors import InsightsError, Problems
from helpers.folders import Changed
from helpers.importing.files.sheets import Column, encoded
from helpers.responses.engines import IN_MEMORY

COPY = "COPY ({}) TO {} (FORMAT parquet)"
_FEW = 4096  # different cells up to which a column is compared without reading all of it

Columns = Map[str, Column]


def write_responses(copy: Changed, folder: str, population: str, columns: Columns) -> Path:
    """Write a population's responses: CSV, or Parquet where they are many.

    Raises
    ------
    InsightsError
        If what was written does not read as it was meant.
    """
    rows = len(next(iter(columns.values())).codes) if columns else 0
    kind, other = ("parquet", "csv") if rows > IN_MEMORY else ("csv", "parquet")
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
    places = {name: f'held."{n}"' for n, name in enumerate(columns)}  # written as text
    with duckdb.connect() as database:
        database.register("held", frame)
        chosen = ", ".join(f"{place} AS {_quoted(name)}" for name, place in places.items())
        file = "'" + str(path).replace("'", "''") + "'"
        database.execute(COPY.format(f"SELECT {chosen} FROM held", file))
        counts = ", ".join(
            f"count(*) FILTER (WHERE {place}::VARCHAR IS DISTINCT FROM written.{_quoted(name)})"
            for name, place in places.items()
        )
        rows = database.execute(f"SELECT count(*) FROM {file}").fetchall()[0][0]
        found = database.execute(
            f"SELECT {counts} FROM held POSITIONAL JOIN {file} AS written"
        ).fetchall()[0]
    wrong = [name for name, n in zip(columns, found, strict=True) if n]
    if wrong or rows != len(frame):
        raise InsightsError(_unlike(path, wrong[0] if wrong else "number of rows"))


def _series(column: Column) -> Any:
    import pandas as pd

    if len(column.values) > 10_000:
        return pd.Series(column.cells(), dtype=object)
    return pd.Categorical.from_codes(column.codes, list(column.values) or [""])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


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
        if self._table is None:
            import duckdb

            self._database = duckdb.connect()
            self.names = tuple(self._database.read_parquet(str(path)).columns)

    def image(self, name: str, codes: np.ndarray, size: int) -> tuple[list[str], int | None]:
        """Find what is in a column in the rows of each of `size` codes.

        Returns
        -------
        A cell for each code, empty where no row has it; and a row, counted from 0, that holds
        another cell than others of its code. None where there is no such row.
        """
        if self._table is None and size <= _FEW:
            found = self._grouped(name, codes, size)
            if found is not None:
                return found, None
        cells = self._cells(name)
        image = np.full(size, "", dtype=object)
        image[codes] = cells
        wrong = np.flatnonzero(image[codes] != cells)
        return image.tolist(), int(wrong[0]) if len(wrong) else None

    def _cells(self, name: str) -> np.ndarray:
        if self._table is not None:
            return np.array(self._table.column(name)[self.before :] or [""], dtype=object)[
                : self.rows
            ]
        table = self._database.read_parquet(str(self.path)).project(_quoted(name))
        cells = np.ma.filled(table.fetchnumpy()[name], "")
        return np.asarray(cells, dtype=object)[self.before :]

    def _grouped(self, name: str, codes: np.ndarray, size: int) -> list[str] | None:
        """Find the cells of few codes without taking them into memory; None where they differ."""
        import pandas as pd

        padded = np.concatenate([np.full(self.before, -1), codes]) if self.before else codes
        self._database.register("held", pd.DataFrame({"code": padded}))
        file = "'" + str(self.path).replace("'", "''") + "'"
        found = self._database.execute(
            f"SELECT held.code, coalesce(written.{_quoted(name)}, '') FROM held "
            f"POSITIONAL JOIN {file} AS written GROUP BY ALL"
        ).fetchall()
        image: dict[int, str] = {}
        for code, cell in found:
            if code is not None and code >= 0 and image.setdefault(int(code), str(cell)) != cell:
                return None
        return [image.get(code, "") for code in range(size)]


def read_parquet(path: Path) -> dict[str, Column]:
    """Read the columns of a Parquet file of responses one by one."""
    import duckdb
    import pandas as pd

    found = {}
    with duckdb.connect() as database:
        table = database.read_parquet(str(path))
        for name in table.columns:
            cells = table.project(_quoted(name)).fetchnumpy()[name]
            cells = np.asarray(np.ma.filled(cells, ""), dtype=object)
            codes, values = pd.factorize(cells)
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
