"""Parquet files, read by DuckDB."""

from __future__ import annotations

import datetime
import decimal
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from helpers.codebook.cells import clean
from helpers.importing.files.categories import Category, categories
from helpers.importing.files.rds import labelled_in
from helpers.importing.files.sheets import (
    Column,
    Progress,
    Sheet,
    TooLarge,
    are_answers,
    encoded,
    of_variables,
)
from helpers.importing.files.spss import Damaged, written
from helpers.terminal import some_of

MOST_ROWS = 20_000_000
_CHUNK = 50_000
_INDEX = re.compile(r"__index_level_\d+__")
_FLOATS = ("FLOAT", "DOUBLE", "DECIMAL")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_NUMBERS = (*_FLOATS, *_WHOLE, *(f"U{name}" for name in _WHOLE))
_MOMENTS = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
_ZONED = "TIMESTAMP WITH TIME ZONE"
_DATES = ("DATE", "TIME", *_MOMENTS, _ZONED)
_READ = (*_NUMBERS, *_DATES, "VARCHAR", "BOOLEAN", "UUID")


def read_parquet(path: Path, progress: Progress) -> list[Sheet]:
    """Read a .parquet file.

    Raises
    ------
    Damaged
        If DuckDB cannot read it.
    TooLarge
        If it says that it holds more rows than are read.
    """
    import duckdb

    few: dict[str, Any] = {"threads": "1", "memory_limit": "1GB", "temp_directory": ""}
    try:
        with duckdb.connect(config=few) as database:
            _lock(database, path)
            return [_sheet(path, database, progress)]
    except duckdb.Error as error:
        words = str(error).replace(str(path), path.name).splitlines()
        raise Damaged(words[0] if words else "DuckDB cannot read it") from error


def _lock(database: Any, path: Path) -> None:
    """Let the database read this file alone."""
    name = str(path).replace("'", "''")
    database.execute(f"set allowed_paths = ['{name}']")
    database.execute("set enable_external_access = false")
    database.execute("set lock_configuration = true")


def _sheet(path: Path, database: Any, progress: Progress) -> Sheet:
    def ask(query: str) -> list[Any]:
        found: list[Any] = database.execute(query, [str(path)]).fetchall()
        return found

    rows = int(ask("select num_rows from parquet_file_metadata(?)")[0][0])
    if rows > MOST_ROWS:
        raise TooLarge(f"it says that it has {rows:,} rows")
    said = dict(ask("select key, value from parquet_kv_metadata(?)"))
    known = ask("describe select * from read_parquet(?)")
    found = categories(path, said, ask)
    labelled, told = _labelled(said)
    columns, lost = [], list[str]()
    unordered = [name for name, each in found.items() if not each.names]
    for name, kind, *_ in known:
        plain = str(kind).split("(")[0]
        if kind.endswith("]") or plain not in _READ:
            lost.append(f"{name} ({_unread(kind)})")
            continue
        if _INDEX.fullmatch(name) and plain in _NUMBERS:
            continue  # rows that were numbered
        cells = _cells(database, path, name, plain, progress)
        column = _column(name, plain, cells, found.get(name))
        columns.append(_with_labels(column, labelled.get(name)))
    remarks = (*_remarks([kind for _, kind, *_ in known], lost, unordered), *told)
    return of_variables(path.name, "", "parquet", columns, rows, remarks=remarks)


def _labelled(said: Mapping[bytes, bytes]) -> tuple[Mapping[str, Any], list[str]]:
    """Read what R says of columns, or say why it is not read."""
    try:
        return labelled_in(said[b"r"]) if b"r" in said else {}, []
    except (ArithmeticError, LookupError, TypeError, ValueError, zlib.error, RecursionError):
        return {}, ["labels that R keeps beside the table are damaged, and not read"]


def _with_labels(column: Column, told: tuple[str, Any, Any] | None) -> Column:
    """Give a column the title, the labels and the missing values that R keeps beside it."""
    if told is None:
        return column
    title, labels, declared = told
    missing = tuple(value for value in column.values if value and labels and declared(value))
    return replace(column, title=title, labels=labels or column.labels, missing=missing)


def _remarks(kinds: list[str], lost: list[str], unordered: list[str]) -> Iterator[str]:
    """Say what is lost."""
    if lost:
        yield f"not read: {', '.join(lost)}"
    if _ZONED in kinds:
        yield "times with a time zone are given in UTC"
    if unordered:
        yield (
            f"the order of the categories of {some_of(unordered)} is packed in a way that is "
            "not read; packed with snappy or gzip it is"
        )


def _unread(kind: str) -> str:
    if kind.endswith("]"):
        return "a list"
    plain = kind.split("(")[0]
    return {"STRUCT": "a table in a column", "MAP": "a table in a column"}.get(plain, plain.lower())


def _cells(database: Any, path: Path, name: str, kind: str, progress: Progress) -> Iterator[str]:
    """Cells of a column, as a text file would hold them."""
    quoted = '"' + name.replace('"', '""') + '"'
    wanted = f"epoch_us({quoted})" if kind in (*_MOMENTS, _ZONED) else quoted
    asked = database.execute(f"select {wanted} from read_parquet(?)", [str(path)])
    write, known, done = _writer(kind), dict[Any, str](), 0
    while chunk := asked.fetchmany(_CHUNK):
        for (cell,) in chunk:
            if cell is None:
                yield ""
            elif (text := known.get(cell)) is not None:
                yield text
            else:
                known[cell] = text = write(cell)
                yield text
        done += len(chunk)
        progress(done)


def _writer(kind: str) -> Callable[[Any], str]:
    if kind == "BOOLEAN":
        return lambda cell: "TRUE" if cell else "FALSE"
    if kind in (*_MOMENTS, _ZONED):
        return _moment
    if kind in ("DATE", "TIME"):
        return lambda cell: str(cell.isoformat()) if hasattr(cell, "isoformat") else str(cell)
    if kind in ("FLOAT", "DOUBLE"):
        return lambda cell: "" if cell != cell else written(cell)
    if kind == "DECIMAL":
        return _decimal
    return lambda cell: clean(str(cell))


def _decimal(cell: decimal.Decimal) -> str:
    text = f"{cell:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(microseconds: int) -> str:
    try:
        start = datetime.datetime(1970, 1, 1)
        return (start + datetime.timedelta(microseconds=microseconds)).isoformat(" ", "seconds")
    except OverflowError:
        return str(microseconds)


def _column(name: str, kind: str, cells: Iterator[str], category: Category | None) -> Column:
    values, codes = encoded(cells)
    title = "index" if _INDEX.fullmatch(name) else name
    form = "date" if kind in _DATES else "number" if kind in _NUMBERS else ""
    labels: dict[str, str] = {}
    fits = category is not None and set(values) - {""} <= {*category.names}
    if category and fits and are_answers(category.names, category.ordered):
        labels = {label: label for label in category.names if label}
    ordered = bool(category and category.ordered)
    return Column(title, values, codes, title, "", labels, form=form, ordered=ordered)
