"""SPSS files, read by pyreadstat; damage that it does not notice is looked for here.

A plain .sav carries no checksum: a byte that turns one number into another cannot be detected. A
.zsav carries one for each block, which the library does not check. The format: PSPP's developer
documentation, chapter "System File Format".
"""

from __future__ import annotations

import datetime
import math
import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from helpers.codebook.cells import clean
from helpers.errors import Problems
from helpers.importing.files.mentions import are_rows, boxes_of
from helpers.importing.files.sheets import BoxSet, Column, Progress, Sheet, encoded, of_variables

_DATES = ("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "MOYR", "QYR", "WKYR")
_MOMENTS = ("DATETIME", "YMDHMS")
_TIMES = ("TIME", "DTIME", "MTIME")
_START = datetime.datetime(1582, 10, 14)
_SMALLEST, _LARGEST = 1e-60, 1e60  # beyond these a number is damage: nothing counted or computed
_SEVERAL = 5  # numbers in a column, at least, that tell a way of writing from damage
_SEGMENT = 252  # bytes of a long text in each of its parts but the last


class Damaged(ValueError):
    """The file is not what a program that writes SPSS files would write."""


def read_sav(path: Path, problems: Problems, progress: Progress) -> Sheet | None:
    """Read a .sav or .zsav file; one that is damaged is a problem, and nothing is read."""
    import pyreadstat

    before, sheet = len(problems), None
    with damage_reported(path, "SPSS", problems):
        raw = path.read_bytes()
        _check_packed(raw)
        said, meta = pyreadstat.read_sav(
            str(path), user_missing=True, disable_datetime_conversion=True, output_format="dict"
        )
        cells = {name: _cells(said[name], meta, name) for name in meta.column_names}
        cells, remarks = whole_numbers_of_r(cells)
        _check_numbers(path, cells, problems)
        cases = len(next(iter(cells.values()), ()))
        progress(cases)
        sheet = _sheet(path, raw, cases, cells, meta, remarks)
    return sheet if len(problems) == before else None


@contextmanager
def damage_reported(path: Path, program: str, problems: Problems) -> Iterator[None]:
    """Make a problem of what pyreadstat, or we, find wrong with a file."""
    import pyreadstat

    try:
        yield
    except (
        Damaged,
        pyreadstat.ReadstatError,
        pyreadstat.PyreadstatError,
        UnicodeError,
        OverflowError,
        MemoryError,
    ) as error:
        words = str(error).strip().rstrip(".") or "it asks for too much memory"
        problems.add(
            path.name,
            message=f"the {program} file is damaged: {words[0].lower()}{words[1:]}",
            fix="Export it again, or as CSV.",
            kind="unreadable",
        )


def _cells(cells: Sequence[Any], meta: Any, name: str) -> np.ndarray | list[str]:
    """Cells of a variable: numbers, missing ones NaN, or texts without the blanks at their ends."""
    if meta.readstat_variable_types[name] == "string":
        return [str(cell or "").rstrip(" ") for cell in cells]
    return np.array([math.nan if cell is None else cell for cell in cells], dtype=float)


def whole_numbers_of_r(cells: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Read columns that hold whole numbers of 64 bits in the bytes of fractions, and say so.

    R has no such numbers: its package bit64 keeps them where fractions are, and haven writes them
    so. Read as fractions all are below 1e-307, smaller than anything that is counted or computed.
    A damaged cell is one among others, and stays one.
    """
    found = dict(cells)
    for name, numbers in cells.items():
        if not isinstance(numbers, np.ndarray):
            continue
        size = np.abs(numbers[~np.isnan(numbers) & (numbers != 0)])
        if len(size) < _SEVERAL or size.max() >= np.finfo(float).tiny:
            continue
        whole = numbers.view(np.int64).astype(float)
        absent = np.isnan(numbers) | (numbers.view(np.int64) < 0)
        found[name] = np.where(absent, math.nan, whole)
    read = [name for name in cells if found[name] is not cells[name]]
    return found, tuple(f"{name} holds whole numbers as R's bit64 writes them" for name in read)


def _check_numbers(path: Path, cells: Mapping[str, Any], problems: Problems) -> None:
    """Report numbers that are neither counted nor computed: the marks of changed bytes."""
    for name, numbers in cells.items():
        if isinstance(numbers, np.ndarray):
            size = np.abs(numbers)
            odd = (size != 0) & ~np.isnan(size) & ((size < _SMALLEST) | (size > _LARGEST))
            for row in np.flatnonzero(odd):
                problems.add(
                    path.name,
                    row=int(row) + 1,
                    column=name,
                    found=repr(float(numbers[row])),
                    message="a number that no survey holds: the file is damaged",
                    fix="Export it again, or as CSV.",
                    kind="unreadable",
                )


def _check_packed(raw: bytes) -> None:
    """Raise `Damaged` where a block of a .zsav is not what its checksum says."""
    if raw[:4] != b"$FL3":
        return
    for order in "<>":
        for start in _places(
            raw, struct.pack(f"{order}2i", 999, 0)
        ):  # the dictionary's last record
            if len(raw) < start + 24:
                continue
            own, trailer, size = struct.unpack_from(f"{order}3q", raw, start)
            if own == start and trailer + size == len(raw) and start < trailer:
                _check_blocks(raw, order, start + 24, trailer)
                return
    raise Damaged("the parts of its packed data are not where it says")


def _places(raw: bytes, mark: bytes) -> Iterator[int]:
    at = raw.find(mark)
    while at >= 0:
        yield at + len(mark)
        at = raw.find(mark, at + 1)


def _check_blocks(raw: bytes, order: str, at: int, trailer: int) -> None:
    count = (
        struct.unpack_from(f"{order}i", raw, trailer + 20)[0] if len(raw) >= trailer + 24 else -1
    )
    if count < 0 or len(raw) != trailer + 24 + 24 * count:
        raise Damaged("the list of its packed blocks is damaged")
    for n in range(count):
        place, plain, packed = struct.unpack_from(f"{order}qii", raw, trailer + 32 + 24 * n)
        unpacker = zlib.decompressobj()
        try:
            part = unpacker.decompress(raw[at : at + packed], max(plain, 0) + 1)
        except zlib.error as error:
            raise Damaged("a packed block does not agree with its checksum") from error
        if place != at or len(part) != plain or not unpacker.eof:
            raise Damaged("a packed block is damaged")
        at += packed
    if at != trailer:
        raise Damaged("bytes between its packed data and their list")


def _sheet(
    path: Path,
    raw: bytes,
    cases: int,
    cells: Mapping[str, Any],
    meta: Any,
    remarks: tuple[str, ...],
) -> Sheet:
    columns = [_column(name, cells[name], meta) for name in cells]
    sets, derived = _sets(meta, {c.name: c for c in columns})
    kept = [c for c in columns if c.name not in {n for group in derived for n in group[0]}]
    columns = kept + [c for _, boxes in derived for c in boxes]
    weight = _weight(raw, meta)
    said = ((f"the file is weighted by {weight}",) if weight else ()) + remarks
    return of_variables(
        path.name, "", "sav", columns, cases, sets=tuple(sets), remarks=said, weight=weight
    )


def _weight(raw: bytes, meta: Any) -> str:
    """Name of the variable that weights the file, which the library does not give; empty for none.

    The header counts in elements of eight bytes: a number is one, a text as many as it fills.
    """
    order = "<" if struct.unpack_from("<i", raw, 64)[0] in (2, 3) else ">"
    place = struct.unpack_from(f"{order}i", raw, 76)[0]
    for name in meta.column_names if place > 0 else ():
        if place == 1:
            return str(name)
        text = meta.readstat_variable_types[name] == "string"
        place -= _elements(meta.variable_storage_width[name]) if text else 1
    return ""


def _elements(width: int) -> int:
    """Elements of a text of so many bytes; one of more than 255 is held in parts of 255."""
    parts = -(-width // _SEGMENT) if width > 255 else 1
    last = width - (parts - 1) * _SEGMENT
    return (parts - 1) * 32 + max(1, -(-last // 8))


def _column(name: str, cells: np.ndarray | list[str], meta: Any) -> Column:
    kind = re.match("[A-Z]*", meta.original_variable_types[name] or "")
    format = kind[0] if kind else ""
    form = "date" if format in _DATES + _MOMENTS + _TIMES else "number"
    if isinstance(cells, np.ndarray):
        different, codes = np.unique(cells, return_inverse=True)
        values = tuple(_written(number, format) for number in different)
        codes = codes.reshape(-1)
    else:
        form = "text"
        values, codes = encoded(cells)
    column = Column(name, values, codes).recoded([clean(value) for value in values])
    known = meta.variable_value_labels.get(name, {})
    return replace(
        column,
        name=name,
        title=clean(meta.column_names_to_labels.get(name) or ""),
        labels={_value(value, format): clean(str(label)) for value, label in known.items()},
        missing=_missing(column.values, meta.missing_ranges.get(name, ())),
        form=form,
        ordered=meta.variable_measure.get(name) == "ordinal",
    )


def _value(value: object, format: str) -> str:
    return _written(value, format) if isinstance(value, float) else clean(str(value))


def _written(number: float, format: str) -> str:
    """Write a number, or what it means as a date, as a text file would."""
    if math.isnan(number):
        return ""
    if format in _DATES + _MOMENTS:
        try:
            moment = _START + datetime.timedelta(seconds=float(number))
        except OverflowError:  # SPSS knows years that Python does not
            return repr(float(number))
        return moment.date().isoformat() if format in _DATES else moment.isoformat(" ", "seconds")
    if format in _TIMES:
        minutes, seconds = divmod(float(number), 60)
        return f"{int(minutes // 60):02d}:{int(minutes % 60):02d}:{seconds:02.0f}"
    return written(number)


def written(number: float) -> str:
    """Write a number as a text file would: whole ones without a point."""
    if math.isinf(number):
        return "Inf" if number > 0 else "-Inf"
    whole = float(number).is_integer() and abs(number) < 2**53
    return str(int(number)) if whole else repr(float(number))


def _missing(values: Sequence[str], ranges: Sequence[Any]) -> tuple[str, ...]:
    """Return values that the file declares to be missing."""
    found = []
    for value in values:
        for between in ranges:
            low, high = between["lo"], between["hi"]
            if isinstance(low, str):
                hit = bool(value) and value == low.rstrip()
            else:
                hit = _is_number(value) and low <= float(value) <= high
            if hit and value not in found:
                found.append(value)
    return tuple(found)


def _is_number(value: str) -> bool:
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False


_Derived = list[tuple[tuple[str, ...], list[Column]]]


def _sets(meta: Any, columns: Mapping[str, Column]) -> tuple[list[BoxSet], _Derived]:
    """Multiple-response sets; those that hold an answer a column become boxes."""
    sets, derived = [], []
    for key, said in (getattr(meta, "mr_sets", None) or {}).items():
        name = str(key).lstrip("$")
        members = tuple(n for n in said["variable_list"] if n in columns)
        if len(members) < 2:
            continue
        title = str(said.get("label") or name)
        if said.get("is_dichotomy"):
            ticked = str(said.get("counted_value"))
            sets.append(BoxSet(name, title, members, ticked))
        elif are_rows([columns[n] for n in members]):
            sets.append(BoxSet(name, title, members, ""))
        else:
            boxes = boxes_of(name, [columns[n] for n in members])
            derived.append((members, boxes))
            sets.append(BoxSet(name, title, tuple(c.name for c in boxes), "1"))
    return sets, derived
