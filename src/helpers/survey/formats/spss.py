"""SPSS files: read by a library and by `sav_data`; where the two differ, the file is refused."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from helpers.errors import Problems
from helpers.survey.formats.sav_data import Cells, read_cells
from helpers.survey.formats.sav_records import Damaged, Dictionary, Variable, read_dictionary
from helpers.survey.formats.sheets import BoxSet, Column, Sheet, encoded
from helpers.survey.textfiles import clean

_DATES = frozenset((20, 23, 24, 28, 29, 30, 38, 39))
_MOMENTS = frozenset((22, 41))
_TIMES = frozenset((21, 25))
_START = datetime.datetime(1582, 10, 14)

Progress = Callable[[int], None]


def read_sav(path: Path, problems: Problems, progress: Progress) -> Sheet | None:
    """Read a .sav or .zsav file; anything that is off is one problem, and nothing is read."""
    raw = path.read_bytes()
    try:
        found = read_dictionary(raw)
        cases, cells = read_cells(raw, found)
        progress(cases)
        said, meta = _by_library(path)
        _compare(found, cases, cells, said, meta)
        return _sheet(path, found, cases, cells, meta)
    except (Damaged, UnicodeError, OverflowError, MemoryError) as error:
        problems.add(
            path.name,
            message=f"the SPSS file is damaged: {error or 'it asks for too much memory'}",
            fix="Export it again, or as CSV.",
            kind="unreadable",
        )
        return None


def _by_library(path: Path) -> tuple[dict[str, list[Any]], Any]:
    import pyreadstat

    try:
        return pyreadstat.read_sav(
            str(path), user_missing=True, disable_datetime_conversion=True, output_format="dict"
        )
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        raise Damaged(str(error).strip().lower()) from error


def _compare(
    found: Dictionary,
    cases: int,
    cells: Mapping[str, Cells],
    said: Mapping[str, Sequence[Any]],
    meta: Any,
) -> None:
    """Raise `Damaged` where two readings of a file differ."""
    if list(cells) != list(meta.column_names) or list(said) != list(cells):
        raise Damaged("two ways to read it find different variables")
    if meta.number_rows not in (None, cases):
        raise Damaged("two ways to read it find different numbers of cases")
    labels = {v.name: v.label for v in found.variables}
    for name, own in cells.items():
        other = said[name]
        if isinstance(own, np.ndarray):
            numbers = np.array([math.nan if v is None else v for v in other], dtype=float)
            same = np.array_equal(own, numbers, equal_nan=True)
        else:
            same = [str(cell) for cell in own] == [str(v or "").rstrip(" ") for v in other]
        if not same:
            raise Damaged(f"two ways to read it find different cells in {name}")
        if (meta.column_names_to_labels.get(name) or "").strip() != labels[name].strip():
            raise Damaged(f"two ways to read it find different labels of {name}")


def _sheet(
    path: Path, found: Dictionary, cases: int, cells: Mapping[str, Cells], meta: Any
) -> Sheet:
    variables = {v.name: v for v in found.variables}
    columns = [_column(variables[name], cells[name], meta) for name in cells]
    sets, derived = _sets(meta, {c.name: c for c in columns})
    kept = [c for c in columns if c.name not in {n for group in derived for n in group[0]}]
    columns = kept + [c for _, boxes in derived for c in boxes]
    remarks = [f"the file is weighted by {_weight(found)}"] if found.weight else []
    return Sheet(
        path.name,
        "",
        "sav",
        (tuple(c.name for c in columns),),
        (1,),
        tuple(columns),
        np.arange(1, cases + 1),
        tuple(sets),
        tuple(remarks),
        weight=_weight(found) if found.weight else "",
    )


def _weight(found: Dictionary) -> str:
    return next((v.name for v in found.variables if v.first == found.weight - 1), "?")


def _column(variable: Variable, cells: Cells, meta: Any) -> Column:
    name = variable.name
    form = _form(variable)
    if isinstance(cells, np.ndarray):
        different, codes = np.unique(cells, return_inverse=True)
        values = tuple(_written(number, variable.format) for number in different)
        codes = codes.reshape(-1)
    else:
        values, codes = encoded(str(cell) for cell in cells)
    column = Column(name, values, codes).recoded([clean(value) for value in values])
    known = meta.variable_value_labels.get(name, {})
    labels = {_value(value, variable): clean(str(label)) for value, label in known.items()}
    return Column(
        name,
        column.values,
        column.codes,
        name,
        clean(variable.label),
        labels,
        _missing(column.values, meta.missing_ranges.get(name, ())),
        form,
    )


def _form(variable: Variable) -> str:
    if variable.width:
        return "text"
    return "date" if variable.format in _DATES | _MOMENTS | _TIMES else "number"


def _value(value: object, variable: Variable) -> str:
    return _written(value, variable.format) if isinstance(value, float) else clean(str(value))


def _written(number: float, kind: int) -> str:
    """Write a number, or what it means as a date, as a text file would."""
    if math.isnan(number):
        return ""
    if kind in _DATES | _MOMENTS:
        try:
            moment = _START + datetime.timedelta(seconds=float(number))
        except OverflowError as error:
            raise Damaged("a date that cannot be") from error
        return moment.date().isoformat() if kind in _DATES else moment.isoformat(" ", "seconds")
    if kind in _TIMES:
        minutes, seconds = divmod(float(number), 60)
        return f"{int(minutes // 60):02d}:{int(minutes % 60):02d}:{seconds:02.0f}"
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
        else:
            boxes = _boxes(name, title, [columns[n] for n in members])
            derived.append((members, boxes))
            sets.append(BoxSet(name, title, tuple(c.name for c in boxes), "1"))
    return sets, derived


def _boxes(name: str, title: str, members: Sequence[Column]) -> list[Column]:
    """One column a category, from columns that each hold one of the answers given."""
    labels = {v: label for c in members for v, label in c.labels.items()}
    missing = {v for c in members for v in c.missing}
    given = {v for c in members for v, n in zip(c.values, c.counts, strict=True) if v and n}
    answers = [v for v in dict.fromkeys([*labels, *sorted(given)]) if v not in missing]
    ticks = {
        answer: np.any(
            [np.array([v == answer for v in c.values])[c.codes] for c in members], axis=0
        )
        for answer in answers
    }
    anything = np.any(list(ticks.values()), axis=0)
    boxes = []
    for answer, ticked in ticks.items():
        codes = np.where(ticked, 2, np.where(anything, 1, 0)).astype(np.uint8)
        place = ", ".join(c.place for c in members)
        column = Column(
            place, ("", "0", "1"), codes, f"{name}_{answer}", labels.get(answer, answer)
        )
        boxes.append(column)
    return boxes
