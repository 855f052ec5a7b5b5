"""Checks a table that is not in memory: one respondent represents all who are alike in a cell.

Every column is grouped by what a check of its cells can depend on; the first respondent of every
group is fetched, and what is wrong with them is what is wrong with the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw
import pandas as pd

from helpers.codebook.cells import WORDS
from helpers.codebook.model import Codebook, Kind, Population, Question
from helpers.codebook.textfiles import TextTable
from helpers.errors import KEPT
from helpers.responses.answers import rules
from helpers.responses.engines import ROW, HeldTable, collected, columns_of, engine_of, plain, safe
from helpers.responses.recoding import (
    LARGEST_WEIGHT,
    WEIGHT,
    Recode,
    asked_of,
    is_number,
    wave_of,
    weighted,
)

SPARE = 200  # groups of a column fetched beyond those that a sound one can have
_WIDE = 200  # columns from which a table is wide
_PARTS = 24  # columns that are grouped at once
_JOINT = "\ue001"  # between the keys of a group
REPEATED = 100  # repeated identifiers that are named


@dataclass(frozen=True)
class Screened(TextTable):
    """Respondents who represent the others in a table.

    Attributes
    ----------
    respondents : in the whole table
    alike : respondents like the one of this row in this column
    missing : blank cells and spelled-out ones: column, cell, how many, row of the first
    """

    respondents: int = 0
    alike: dict[tuple[int, str], int] = field(default_factory=dict)
    missing: tuple[tuple[str, str, int, int], ...] = ()


@dataclass(frozen=True)
class _Check:
    """What the cells of a column are grouped by, and how many groups a sound column can have."""

    column: str
    keys: list[Any]
    most: int = SPARE


def screen(
    source: HeldTable, codebook: Codebook, population: Population, recodes: dict[str, Recode]
) -> Screened:
    """Fetch the respondents who represent all in a table."""
    text = weighted(source.table, population)
    names = [plain(n) for n in columns_of(source.table)]
    respondents = int(
        collected(nw.from_native(source.table).select(nw.len().alias("n")))["n"].iloc[0]
    )
    checks = [
        *_answer_checks(names, codebook, population, recodes),
        *_other_checks(set(names), codebook, population),
    ]
    groups = _groups(text, checks, engine_of(source.table))
    rows = {row for _, _, _, row in groups}
    rows |= _repeated(text, population.identifier, names)
    found = collected(text.filter(nw.col(ROW).is_in(sorted(rows)))) if rows else None
    at = [] if found is None else found[ROW].astype(int).tolist()
    order = sorted(range(len(at)), key=at.__getitem__)
    cells = {} if found is None else {n: found[safe(n)].tolist() for n in names}
    asked = {c for c, q in codebook.owners.items() if q.population == population.id}
    return Screened(
        source.name,
        tuple(names),
        tuple(tuple(cells[n][i] for n in names) for i in order),
        tuple(at[i] for i in order),
        respondents,
        {(row, column): n for column, _, n, row in groups},
        tuple(g for g in groups if g[0] in asked and (not g[1] or g[1] in WORDS)),
    )


def _answer_checks(
    names: Collection[str],
    codebook: Codebook,
    population: Population,
    recodes: dict[str, Recode],
) -> Iterator[_Check]:
    for rule in rules(codebook, population, names):
        wave = wave_of(codebook, rule)
        waves = 1 if wave is None else len(codebook.waves) + 1
        most = 4 * (len(rule.known) + 2) * waves + SPARE
        # Not whether a box of the question is ticked: a blank box is no fault either way.
        depends = [k for k in (asked_of(rule, recodes), wave) if k is not None]
        for column in rule.columns:
            yield _Check(column, [_judged(rule.question, nw.col(safe(column))), *depends], most)


def _other_checks(
    present: set[str], codebook: Codebook, population: Population
) -> Iterator[_Check]:
    sources = [
        d.source[population.id] for d in codebook.dimensions.values() if population.id in d.source
    ]
    for source in {s.column: s for s in sources if s.column in present}.values():
        owner = codebook.owners.get(source.column)
        if not (owner and owner.population == population.id and owner.tabulates):
            yield _Check(source.column, [nw.col(safe(source.column))], len(source.bands) + SPARE)
    if population.strata in present:
        yield _Check(population.strata, [_filled(nw.col(safe(population.strata)))])
    if population.identifier in present:
        yield _Check(population.identifier, [_filled(nw.col(safe(population.identifier)))])
    if population.weight in present:
        sound = (nw.col(WEIGHT) >= 0) & (nw.col(WEIGHT) <= LARGEST_WEIGHT)
        kind = nw.when(nw.col(WEIGHT) > 0).then(nw.lit("above")).otherwise(nw.lit("zero"))
        cell = nw.col(safe(population.weight))
        yield _Check(population.weight, [nw.when(sound).then(kind).otherwise(cell)])


def _groups(frame: Any, checks: list[_Check], engine: str) -> list[tuple[str, str, int, int]]:
    """Group by every check, in the order of rows: column, cell, how many, row of the first."""
    if not checks:
        return []
    if engine == "spark":
        found = [collected(_groups_by_spark(frame, checks))]
    elif len(checks) > _WIDE:
        found = [*_groups_of_wide(frame, checks)]
    else:
        parts = list(_groups_by_duckdb(frame, checks))  # no more at a time than memory is for
        found = [collected(nw.concat(parts[at : at + _PARTS]))
                 for at in range(0, len(parts), _PARTS)]  # fmt: skip
    fetched = pd.concat(found).sort_values(ROW, kind="stable")
    left = Counter({str(n): check.most for n, check in enumerate(checks)})
    groups = []
    for place, cell, n, row in zip(
        *(fetched[name] for name in ("check", "cell", "n", ROW)), strict=True
    ):
        check = checks[int(place)]
        if left[place] > 0:
            left[place] -= 1
            if engine == "spark":  # the cell is the last of the keys: it may hold any character
                cell = cell.split(_JOINT, len(check.keys) - 1)[-1]
            groups.append((check.column, cell, int(n), int(row)))
    return groups


def _groups_by_duckdb(frame: Any, checks: list[_Check]) -> Iterator[Any]:
    """Group column by column: each scan reads only its column, by its dictionary."""
    for place, check in enumerate(checks):
        names = [f"_key_{n}" for n in range(len(check.keys))]
        yield (
            frame.select(*(k.alias(n) for k, n in zip(check.keys, names, strict=True)), ROW)
            .group_by(*names)
            .agg(nw.len().alias("n"), nw.col(ROW).min())
            .sort(ROW)
            .head(check.most)
            .select(
                nw.lit(str(place)).alias("check"),
                nw.col("_key_0").alias("cell"),
                "n",
                ROW,
            )
        )


def _groups_of_wide(frame: Any, checks: list[_Check]) -> Iterator[pd.DataFrame]:
    """Group some columns at a time by DuckDB, which takes long to begin a scan of so many."""
    for at in range(0, len(checks), _PARTS):
        some = list(enumerate(checks[at : at + _PARTS], at))
        keys = {f"_{n}_{k}": key for n, check in some for k, key in enumerate(check.keys)}
        held = frame.select(*(key.alias(name) for name, key in keys.items()), ROW).to_native()
        parts = []
        for n, check in some:
            names = ", ".join(f"_{n}_{k}" for k in range(len(check.keys)))
            parts.append(
                f"(SELECT '{n}' AS \"check\", _{n}_0 AS cell, count(*) AS n, "
                f'min("{ROW}") AS "{ROW}" FROM held GROUP BY {names} '
                f'ORDER BY min("{ROW}") LIMIT {check.most})'
            )
        query = f"WITH held AS MATERIALIZED (FROM wide) {' UNION ALL '.join(parts)}"
        yield held.query("wide", query).df()


def _groups_by_spark(frame: Any, checks: list[_Check]) -> Any:
    """Group all columns in one scan: a cluster takes long to begin one."""
    columns = {
        str(place): nw.concat_str(
            [key.cast(nw.String) for key in reversed(check.keys)], separator=_JOINT
        )
        for place, check in enumerate(checks)
    }
    most = sum(check.most for check in checks)  # more groups than this hold a fault for certain
    return (
        frame.select(*(key.alias(place) for place, key in columns.items()), ROW)
        .unpivot(on=list(columns), index=[ROW], variable_name="check", value_name="cell")
        .group_by("check", "cell")
        .agg(nw.len().alias("n"), nw.col(ROW).min())
        .sort(ROW)
        .head(most + 1)
    )


def _judged(question: Question, cell: Any) -> Any:
    """Cell as far as a check of it depends on it: any text is as good as any other."""
    if question.tabulates:
        return cell
    known = ["", *WORDS, *(o.code for o in question.options)]
    other = ~cell.is_in(known)
    sound = is_number(cell) & other if question.kind is Kind.NUMBER else other
    return nw.when(sound).then(nw.lit("_")).otherwise(cell)


def _filled(cell: Any) -> Any:
    return nw.when(cell == nw.lit("")).then(cell).otherwise(nw.lit("_"))


def _repeated(text: Any, identifier: str, names: list[str]) -> set[int]:
    """Rows of identifiers that occur more than once, as many as are named."""
    if identifier not in names:
        return set()
    held = safe(identifier)
    ids = text.filter(nw.col(held) != nw.lit(""))
    twice = collected(
        ids.group_by(held).agg(nw.len().alias("n")).filter(nw.col("n") > 1).head(REPEATED)
    )
    if twice.empty:
        return set()
    rows = ids.filter(nw.col(held).is_in(twice[held].tolist())).select(ROW).sort(ROW).head(KEPT)
    return set(map(int, collected(rows)[ROW]))
