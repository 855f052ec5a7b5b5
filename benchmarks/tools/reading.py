"""What a reader takes from a released cube (format 2), on the same tables as the baselines."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from .exact import ALTERED, HIDDEN, MERGED, SHOWN, Axes, Cost, Exact, Ints, Reading, cost
from .safety import Fact, Knowledge

CubeQuestion = dict[str, Any]


def cube_cost(
    released: dict[str, Any], exact: dict[tuple[str, str], Exact], least: int = 1
) -> Cost:
    """Cost of a cube of format 2, given the exact tables by question and column.

    Parameters
    ----------
    exact
        By question and `item.time`; a column that the cube lacks counts as hidden.
    least
        Respondents that a group needs for its values to count.
    """
    found = Cost()
    for (question, column), table in exact.items():
        reading = read_column(released["questions"][question], column, table)
        found = found + cost(table, reading, least)
    return found


def column_name(column: dict[str, str]) -> str:
    """Name of a column within its question."""
    return f"{column['item']}.{column['time']}"


def read_column(entry: CubeQuestion, column: str, exact: Exact) -> Reading:
    """Read every level of a column: merged answers are split, hidden ones guessed."""
    reading = Reading()
    for axes in exact.levels:
        shape = exact.level(axes).shape
        reading.status[axes] = np.full(shape, HIDDEN, dtype=np.int64)
        reading.share[axes] = np.zeros(shape)
        reading.answer[axes] = np.full(shape, -1)
        level = _level(entry, column, axes, exact)
        if level is None:
            continue
        for at in np.ndindex(shape[1:]):
            _read_group(entry, column, level, axes, at, exact, reading)
    return reading.guess(exact)


def _level(entry: CubeQuestion, column: str, axes: Axes, exact: Exact) -> dict[str, Any] | None:
    """First level that has the dimensions and shows the column."""
    wanted = {d for n, d in enumerate(exact.groups) if n in axes}
    level = next((x for x in entry["levels"] if wanted <= set(x["dimensions"])), None)
    return level if level is not None and _place(entry, column) is not None else None


def _place(entry: CubeQuestion, column: str) -> int | None:
    names = [column_name(c) for c in entry["columns"]]
    return names.index(column) if column in names else None


def _read_group(
    entry: CubeQuestion,
    column: str,
    level: dict[str, Any],
    axes: Axes,
    at: tuple[int, ...],
    exact: Exact,
    reading: Reading,
) -> None:
    place = _place(entry, column)
    bands, wider = _bands(entry, exact, axes, at)
    union = _union(entry, level, bands)
    if not union or any(g["n"][place] is None for g in union):
        return
    # a count that is null in any group of the union is not a number in its sum
    counts = np.array([g["n"][place] for g in union], dtype=float).sum(axis=0)
    base = sum(g["bases"][place] if "bases" in g else sum(g["n"][place]) for g in union)
    for number, (answer, count) in enumerate(zip(level["answers"], counts, strict=True)):
        for code in answer if not np.isnan(count) else ():
            option = exact.options.index(code)
            cell = (option, *at)
            true = exact.level(axes)[cell]
            status = MERGED if wider or len(answer) > 1 else SHOWN
            altered = entry.get("rounded") and status == SHOWN and count != true
            reading.status[axes][cell] = ALTERED if altered else status
            reading.answer[axes][cell] = number
            reading.share[axes][cell] = count / base if base else 0


def _bands(
    entry: CubeQuestion, exact: Exact, axes: Axes, at: tuple[int, ...]
) -> tuple[dict[str, set[str]], bool]:
    """Find the cube's groups that hold a group of the tables, and whether any of them is wider."""
    found, wider = {}, False
    for axis, place in zip(axes, at, strict=True):
        dimension = list(exact.groups)[axis]
        wanted = set(exact.groups[dimension][place])
        offered = entry["dimensions"].get(dimension, [])
        holding = [g for g in offered if wanted & set(g["bands"])]
        wider = wider or any(not set(g["bands"]) <= wanted for g in holding)
        found[dimension] = {g["id"] for g in holding}
    return found, wider


def _union(
    entry: CubeQuestion, level: dict[str, Any], wanted: dict[str, set[str]]
) -> list[dict[str, Any]]:
    return [g for g in level["groups"] if all(g["groups"].get(d) in of for d, of in wanted.items())]


def nested(entry: CubeQuestion, exact: Exact) -> bool:
    """Return whether every group of the tables lies within one group of the cube."""
    for dimension, offered in entry["dimensions"].items():
        bands = [set(group["bands"]) for group in offered]
        known = exact.groups.get(dimension, ())
        if not known or not all(any(set(g) <= b for b in bands) for g in known):
            return False
    return True


def knowledge(entry: CubeQuestion, column: str, exact: Exact) -> Knowledge:
    """Everything that a cube says of one column, for the check of what can be inferred."""
    place = _place(entry, column)
    facts = [] if place is None else _facts(entry, place, exact)
    ids = [[g["id"] for g in entry["dimensions"].get(d, [])] or [""] for d in exact.groups]
    bases = [
        _atoms(entry, dict(zip(exact.groups, picked, strict=True)), exact)
        for picked in product(*ids)
    ]
    return Knowledge(exact, facts, bases)


def _facts(entry: CubeQuestion, place: int, exact: Exact) -> list[Fact]:
    reach = entry["rounded"] - 1 if entry.get("rounded") else 0
    facts = []
    for level in entry["levels"]:
        for group in level["groups"]:
            if group["n"][place] is None:
                continue
            atoms = _atoms(entry, group["groups"], exact)
            for answer, count in zip(level["answers"], group["n"][place], strict=True):
                if count is None:
                    continue
                inside = np.zeros(exact.counts.shape, dtype=np.int64)
                inside[[exact.options.index(code) for code in answer]] = atoms
                facts.append(Fact(inside, count - reach, count + reach))
    return facts


def _atoms(entry: CubeQuestion, groups: dict[str, str], exact: Exact) -> Ints:
    """Atoms of the tables that lie in a group of the cube, as 0/1."""
    picked = []
    for dimension, known in exact.groups.items():
        offered = {g["id"]: set(g["bands"]) for g in entry["dimensions"].get(dimension, [])}
        bands = offered.get(groups.get(dimension, ""))
        picked.append([n for n, g in enumerate(known) if bands is None or set(g) <= bands])
    atoms = np.zeros(exact.counts.shape[1:], dtype=np.int64)
    atoms[np.ix_(*picked) if picked else ()] = 1
    return atoms
