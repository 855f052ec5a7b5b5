"""Data frames of R (.rds, .RData): factors, labelled columns as haven makes them, dates."""

from __future__ import annotations

import datetime
import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from helpers.codebook.cells import clean
from helpers.errors import Problems
from helpers.importing.files.serialized import (
    Vector,
    is_missing,
    object_in,
    read_objects,
    tables_of,
)
from helpers.importing.files.sheets import Column, Progress, Sheet, are_answers, of_variables
from helpers.importing.files.spss import written

_EPOCH = datetime.date(1970, 1, 1)
_MOMENT = "POSIXct"
_LARGEST = 64 * 2**20  # of what is said about columns


def read_rds(path: Path, problems: Problems, progress: Progress) -> list[Sheet]:
    """Read the data frames of a file of R.

    Raises
    ------
    Unreadable
        If it is damaged, or holds what only R can read.
    """
    found = []
    for name, table in tables_of(read_objects(path)):
        sheet = _sheet(path.name, name, table)
        if sheet.columns:
            found.append(sheet)
        progress(len(sheet.rows))
    if not found:
        problems.add(
            path.name,
            message="the R file holds no data frame",
            fix="Write the data frame with saveRDS().",
            kind="format",
        )
    return found


def _sheet(file: str, name: str, table: Vector) -> Sheet:
    names, lost = table.strings("names"), list[str]()
    titles = _titles(table, names)
    row_names = table.attributes.get("row.names")
    cells = list(zip(names, table.cells, strict=False))
    if isinstance(row_names, Vector) and row_names.type == "character":
        cells.insert(0, ("row.names", row_names))
        if all(text.isdigit() for text in row_names.texts):
            del cells[0]
    rows = max((len(cell) for _, cell in cells if not _unread(cell)), default=0)
    columns = []
    for own, vector in cells:
        if why := _unread(vector) or ("" if len(vector) == rows else "of another length"):
            lost.append(f"{own} ({why})")
        else:
            columns.append(_column(own, titles.get(own, ""), vector))
    remarks = [f"not read: {', '.join(lost)}"] if lost else []
    zones = {"".join(v.strings("tzone")[:1]) for _, v in cells if _MOMENT in _classes(v)}
    if "" in zones:
        remarks.append("times without a time zone are given in UTC")
    return of_variables(file, name, "rds", columns, rows, remarks=tuple(remarks))


def _classes(vector: object) -> tuple[str, ...]:
    return vector.classes if isinstance(vector, Vector) else ()


def _titles(table: Vector, names: tuple[str, ...]) -> dict[str, str]:
    """Labels of variables, which packages put in three places."""
    whole = table.attributes.get("variable.labels")
    found = {}
    if isinstance(whole, Vector):
        found = dict(zip(whole.strings("names"), whole.strings(), strict=False))
    found |= dict(zip(names, table.strings("var.labels"), strict=False))
    for name, vector in zip(names, table.cells, strict=False):
        if isinstance(vector, Vector) and (label := vector.strings("label")):
            found[name] = label[0]
    return {name: clean(label) for name, label in found.items()}


def _unread(vector: object) -> str:
    """Why a column is not read; empty if it is."""
    if not isinstance(vector, Vector):
        return "empty"
    if "data.frame" in vector.classes:
        return "a table in a column"
    if vector.type == "list":
        return "a time in parts" if "POSIXlt" in vector.classes else "a list"
    if "dim" in vector.attributes:
        return "a matrix"
    known = ("logical", "integer", "double", "character")
    return "" if vector.type in known else vector.type


def _column(name: str, title: str, vector: Vector) -> Column:
    if vector.type == "integer" and (levels := vector.strings("levels")):
        return _factor(name, title, vector, levels)
    labels, missing = _labels(vector), _declared(vector)
    if vector.type == "character":
        values: tuple[str, ...] = ("", *map(clean, vector.texts))
        codes = np.asarray(vector.cells, dtype=np.int64) + 1
        form = ""
    else:
        values, codes, form = _of_numbers(vector)
    found = _used(Column(name, values, codes, name, title, labels, form=form))
    return replace(found, missing=tuple(v for v in found.values if v and missing(v)))


def _factor(name: str, title: str, vector: Vector, levels: tuple[str, ...]) -> Column:
    """Read a factor. Its levels are answers in order, unless they are any texts, sorted."""
    levels = tuple(map(clean, levels))
    cells = np.where(is_missing(vector), 0, vector.cells).astype(np.int64)
    if len(cells) and not 0 <= cells.min() <= cells.max() <= len(levels):
        raise ValueError(f"column {name} has levels that it does not name")
    ordered = "ordered" in vector.classes
    labels = {level: level for level in levels if level} if are_answers(levels, ordered) else {}
    return _used(Column(name, ("", *levels), cells, name, title, labels, ordered=ordered))


def _used(column: Column) -> Column:
    """Return the column with only those values that occur."""
    places, codes = np.unique(column.codes, return_inverse=True)
    values = tuple(column.values[at] for at in places.tolist())
    return replace(column, codes=codes.reshape(-1)).recoded(values)


def _of_numbers(vector: Vector) -> tuple[tuple[str, ...], np.ndarray, str]:
    """Write each different number as a text file would, or what it means as a date."""
    cells = np.asarray(vector.cells)
    if "integer64" in vector.classes:
        different, codes = np.unique(cells.view(">i8"), return_inverse=True)
        least = np.iinfo("i8").min
        return tuple("" if n == least else str(n) for n in different.tolist()), codes, "number"
    gone = is_missing(vector)
    different, codes = np.unique(np.where(gone, np.nan, cells.astype(float)), return_inverse=True)
    write, form = _writer(vector)
    values = ["" if math.isnan(number) else write(number) for number in different.tolist()]
    codes = codes.reshape(-1).astype(np.int64)
    for letter, rows in _tagged(vector, cells):
        codes[rows] = len(values)
        values.append(f".{letter}")
    return tuple(values), codes, form


def _writer(vector: Vector) -> tuple[Callable[[float], str], str]:
    if vector.type == "logical":
        return lambda number: "TRUE" if number else "FALSE", ""
    if "Date" in vector.classes:
        return _day, "date"
    if _MOMENT in vector.classes:
        zone = _zone("".join(vector.strings("tzone")[:1]))
        return lambda number: _moment(number, zone), "date"
    if "hms" in vector.classes:
        return _time, "date"
    return written, "number"


def _day(number: float) -> str:
    try:
        return (_EPOCH + datetime.timedelta(days=math.floor(number))).isoformat()
    except (OverflowError, ValueError):
        return written(number)


def _moment(number: float, zone: datetime.tzinfo) -> str:
    try:
        found = datetime.datetime.fromtimestamp(math.floor(number), zone)
    except (OverflowError, ValueError, OSError):
        return written(number)
    return found.replace(tzinfo=None).isoformat(" ", "seconds")


def _time(number: float) -> str:
    if not math.isfinite(number):
        return written(number)
    minutes, seconds = divmod(math.floor(number), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"


def _zone(name: str) -> datetime.tzinfo:
    try:
        return ZoneInfo(name) if name else datetime.UTC
    except (OSError, ValueError, LookupError):
        return datetime.UTC


def _tagged(vector: Vector, cells: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Rows of missing values with a letter, as haven keeps those of Stata and SAS."""
    if vector.type != "double":
        return []
    letters = np.ascontiguousarray(cells).view("u1").reshape(-1, 8)[:, 3]
    letters = np.where(np.isnan(cells), letters, 0)
    found = [int(letter) for letter in np.unique(letters) if 97 <= letter <= 122]
    return [(chr(letter), np.flatnonzero(letters == letter)) for letter in found]


def _labels(vector: Vector) -> dict[str, str]:
    """Labels of values, by the value."""
    for place in ("labels", "value.labels"):
        of = vector.attributes.get(place)
        if isinstance(of, Vector) and len(of):
            names = of.strings("names")
            values = of.strings() if of.type == "character" else _each(of)
            found = zip(map(clean, values), map(clean, names), strict=False)
            return {value: label for value, label in found if value and label}
    return {}


def _each(of: Vector) -> tuple[str, ...]:
    values, codes, _ = _of_numbers(of)
    return tuple(values[at] for at in codes)


def labelled_in(raw: bytes) -> dict[str, tuple[str, dict[str, str], Callable[[str], bool]]]:
    """Read what R's arrow keeps of columns beside a table: title, labels of values, missing ones.

    Raises
    ------
    Unreadable
        If it is damaged.
    """
    found = object_in(raw)
    if isinstance(found, Vector) and found.type == "raw":
        found = object_in(zlib.decompressobj(47).decompress(found.cells.tobytes(), _LARGEST))
    columns = _members(_members(found).get("columns"))
    told = {}
    for name, about in columns.items():
        own = _members(_members(about).get("attributes"))
        vector = Vector("double", np.zeros(0), attributes=own)
        told[name] = clean("".join(vector.strings("label")[:1])), _labels(vector), _declared(vector)
    return told


def _members(found: Any) -> dict[str, object]:
    """Return the members of a list of R by their names."""
    if not isinstance(found, Vector) or found.type != "list":
        return {}
    return dict(zip(found.strings("names"), found.cells, strict=False))


def _declared(vector: Vector) -> Callable[[str], bool]:
    """Return what says of a value whether the file declares it to be no answer."""
    values = vector.attributes.get("na_values")
    between = vector.attributes.get("na_range")
    known: Mapping[str, object] = {}
    if isinstance(values, Vector):
        known = dict.fromkeys(values.strings() or _each(values))
    low, high = math.inf, -math.inf
    if isinstance(between, Vector) and between.type in ("integer", "double") and len(between) == 2:
        low, high = (float(end) for end in between.cells)

    def declared(value: str) -> bool:
        if value in known or (len(value) == 2 and value[0] == "."):
            return True
        try:
            return low <= float(value) <= high
        except ValueError:
            return False

    return declared
