"""SPSS files: numbers with labels, kinds of missing answers, and the mapping back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.errors import InsightsError, Problems
from helpers.exporting.outgoing import MISSING, Field, Outgoing
from helpers.importing.columns.mapping import SIDECAR, ColumnTarget, Mapping, mapping_text
from helpers.importing.files.spss import read_sav
from helpers.paths import write_aside

_WORDS = {"not_asked": "Not asked", "not_answered": "Not answered"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,62}[A-Za-z0-9_]|[A-Za-z]")


@dataclass
class _Variable:
    """A column on its way: SPSS's name, cells, labels, and how to come back."""

    name: str
    title: str
    cells: list[Any]
    labels: dict[float, str] = field(default_factory=dict)
    missing: list[Any] = field(default_factory=list)
    recode: dict[str, str] = field(default_factory=dict)


def write_sav(table: Outgoing, target: Path) -> list[tuple[Path, str]]:
    """Write a population as a .sav file, and beside it the mapping that an import of it needs.

    Raises
    ------
    InsightsError
        If the file does not read as it was meant.
    """
    import pandas as pd
    import pyreadstat

    used: set[str] = set()
    variables = [_variable(f, used) for f in table.fields]
    frame = pd.DataFrame({v.name: v.cells for v in variables})
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.stem}.aside-new.sav")
    try:
        pyreadstat.write_sav(
            frame,
            str(aside),
            file_label=table.population.label[:60],
            column_labels=[v.title[:250] for v in variables],
            row_compress=True,
            variable_value_labels={v.name: v.labels for v in variables if v.labels},
            missing_ranges={v.name: v.missing for v in variables if v.missing},
        )
        _compare(aside, variables)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    columns = {
        v.name: ColumnTarget(f.name, v.recode) for v, f in zip(variables, table.fields, strict=True)
    }
    sidecar = target.with_name(target.stem + SIDECAR)
    write_aside(sidecar, mapping_text({table.population.id: Mapping("plain", columns)}))
    return [(target, ""), (sidecar, "An import of the file uses it.")]


def _variable(said: Field, used: set[str]) -> _Variable:
    name = _name(said.name, used)
    question = said.question
    if question is None or not question.options:
        return _free(said, name)
    codes = [o.code for o in question.options]
    plain = all(re.fullmatch(r"-?(0|[1-9]\d{0,5})", code) for code in codes)
    numbers = {code: float(code) if plain else n + 1.0 for n, code in enumerate(codes)}
    labels = {numbers[o.code]: o.label[:120] for o in question.options}
    missing = [numbers[o.code] for o in question.options if o.missing]
    recode = {} if plain else {_text(n): code for code, n in numbers.items()}
    _spell(numbers, labels, missing, recode, set(said.cells))
    cells = [numbers.get(cell) for cell in said.cells]
    if any(n is None and cell for n, cell in zip(cells, said.cells, strict=True)):
        return _free(said, name)  # a dimension's own codes
    return _Variable(name, said.title, cells, labels, _three(missing), recode)


def _spell(
    numbers: dict[str, float],
    labels: dict[float, str],
    missing: list[float],
    recode: dict[str, str],
    cells: set[str],
) -> None:
    """Give missing answers numbers of their own, below all others."""
    lowest = min([0.0, *numbers.values()])
    for n, (word, label) in enumerate(_WORDS.items()):
        if word in cells and word not in numbers:
            numbers[word] = (-8.0 - n) if lowest > -8 else lowest - 8 - n
            labels[numbers[word]] = label
            missing.insert(0, numbers[word])
            recode[_text(numbers[word])] = word


def _three(missing: list[float]) -> list[float]:
    """SPSS knows three missing values of a variable."""
    return missing[:3]


def _free(said: Field, name: str) -> _Variable:
    """Take a column that has no options: numbers where they are, else text."""
    if not said.number:
        return _Variable(name, said.title, list(said.cells))
    numbers = {cell: float(cell) for cell in set(said.cells) if cell not in MISSING}
    labels: dict[float, str] = {}
    missing: list[float] = []
    recode: dict[str, str] = {}
    _spell(numbers, labels, missing, recode, set(said.cells))
    cells = [numbers.get(cell) for cell in said.cells]
    return _Variable(name, said.title, cells, labels, _three(missing), recode)


def _name(name: str, used: set[str]) -> str:
    plain = re.sub(r"[^A-Za-z0-9_.]", "_", name)[:60].rstrip(".")
    plain = plain if _NAME.fullmatch(plain) else f"v_{plain}"
    found, n = plain, 2
    while found.lower() in used:
        found, n = f"{plain[:58]}_{n}", n + 1
    used.add(found.lower())
    return found


def _text(number: float) -> str:
    return str(int(number)) if number.is_integer() else repr(number)


def _compare(path: Path, variables: list[_Variable]) -> None:
    problems = Problems()
    sheet = read_sav(path, problems, lambda row: None)
    if sheet is not None:
        found = {c.name: c.cells() for c in sheet.columns}
        wrong = [v.name for v in variables if found.get(v.name) != _meant(v)]
        if not wrong:
            return
        raise InsightsError(
            f"The SPSS file cannot hold {wrong[0]} as it is. Export another format."
        )
    raise InsightsError(f"The SPSS file was not written as intended: {next(iter(problems))}")


def _meant(variable: _Variable) -> list[str]:
    cells = variable.cells
    return ["" if c is None else _text(c) if isinstance(c, float) else c for c in cells]
