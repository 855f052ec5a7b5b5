"""Stata files, read by pyreadstat. Its extended missing values, .a to .z, are kept apart."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from helpers.codebook.cells import clean
from helpers.errors import Problems
from helpers.importing.files.sheets import Column, Progress, Sheet, encoded, of_variables
from helpers.importing.files.spss import damage_reported, whole_numbers_of_r, written

_OLDER = "WINDOWS-1252"


def read_dta(path: Path, problems: Problems, progress: Progress) -> Sheet | None:
    """Read a .dta file; one that is damaged is a problem, and nothing is read."""
    sheet: Sheet | None = None
    with damage_reported(path, "Stata", problems):
        said, meta, remarks = _read(path)
        said, whole = whole_numbers_of_r({name: _numbers(said[name]) for name in said})
        sheet = _sheet(path, said, meta, remarks + whole)
        progress(len(sheet.rows))
    return sheet


def _sheet(path: Path, said: Any, meta: Any, remarks: tuple[str, ...]) -> Sheet:
    columns = tuple(_column(name, said[name], meta) for name in meta.column_names)
    cases = len(columns[0].codes) if columns else 0
    return of_variables(path.name, "", "dta", columns, cases, remarks=remarks)


def _read(path: Path) -> tuple[Any, Any, tuple[str, ...]]:
    """Read a file; those of versions before 14 do not say in which encoding their texts are."""
    import pyreadstat

    how: dict[str, Any] = {"user_missing": True, "output_format": "dict"}
    try:
        return *pyreadstat.read_dta(str(path), **how), ()
    except UnicodeDecodeError:
        found = pyreadstat.read_dta(str(path), encoding=_OLDER, **how)
        return *found, (f"its texts are read as {_OLDER}, because it does not say what they are",)


def _numbers(cells: Sequence[Any]) -> Any:
    """Return cells as an array where all are numbers or none."""
    if any(cell is not None and not isinstance(cell, float) for cell in cells):
        return cells
    return np.array([math.nan if cell is None else cell for cell in cells], dtype=float)


def _column(name: str, cells: Sequence[Any], meta: Any) -> Column:
    is_text = meta.readstat_variable_types[name] == "string"
    lettered = {f".{letter}" for letter in meta.missing_user_values.get(name, ())}
    texts = [_text(cell, is_text) for cell in cells]
    values, codes = encoded(texts)
    labels = meta.variable_value_labels.get(name, {})
    is_date = any(isinstance(cell, (datetime.date, datetime.time)) for cell in cells)
    return Column(
        name,
        values,
        codes,
        name,
        clean(meta.column_names_to_labels.get(name) or ""),
        {_text(value, is_text): clean(str(label)) for value, label in labels.items()},
        tuple(value for value in values if value in lettered),
        "date" if is_date else "text" if is_text else "number",
    )


def _text(cell: object, is_text: bool) -> str:
    """Write a cell as a text file would; a letter among numbers is a missing value, as `.a`."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, (datetime.date, datetime.time)):
        return cell.isoformat()
    if isinstance(cell, (int, float)):
        return written(float(cell))
    return clean(str(cell)) if is_text else f".{cell}"
