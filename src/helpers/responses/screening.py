"""Checks a table that is not in memory: one respondent represents all who are alike in a cell.

Every column is grouped by what a check of its cells can depend on; the first respondent of every
group is fetched, and what is wrong with them is what is wrong with the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw
import pandas as pd

from helpers.codebook.cells import WORDS
from helpers.codebook.model import Codebook, Kind, Population, Question
from helpers.codebook.textfiles import TextTable
from helpers.errors import KEPT
from helpers.responses.answers import cell_rules
from helpers.responses.engines import (
    ROW,
    HeldTable,
    codebook_name,
    collected,
    columns_of,
    engine_of,
    held_name,
)
from helpers.responses.recoding import (
    LARGEST_WEIGHT,
    WEIGHT,
    answer_recodes,
    asked_of,
    is_number,
    reads_of,
    wave_of,
    weighted,
)

SPARE = 200  # groups of a column fetched beyond those that a sound one can have
_WIDE = 200  # columns from which a table is wide
_PARTS = 24  # columns that are grouped at once
_AT_ONCE = 100  # columns of a wide table that are fetched at once
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
    """What the cells of a column are grouped by, and how many groups a sound column can have.

    `beside` are the other columns that the keys read.
    """

    column: str
    keys: list[Any]
    most: int = SPARE
    beside: frozenset[str] = frozenset()


def screen(source: HeldTable, codebook: Codebook, population: Population) -> Screened:
    """Fetch the respondents who represent all in a table."""

    def text(columns: Iterable[str]) -> Any:
        if source.narrow is None:
            return weighted(source.table, population)
        some = {*columns}
        table = source.narrow(some)
        known = held_name(population.weight) in some
        return weighted(table, population) if known else nw.from_native(table)

    names = [codebook_name(n) for n in columns_of(source.table)]
    respondents = int(collected(text(()).select(nw.len().alias("n")))["n"].iloc[0])
    checks = [
        *_answer_checks(names, codebook, population),
        *_other_checks(set(names), codebook, population),
    ]
    groups = _groups(text, checks, engine_of(source.table))
    rows = {row for _, _, _, row in groups}
    if population.identifier in names:
        rows |= _repeated(
            text((held_name(population.identifier),)), held_name(population.identifier)
        )
    at_once = _AT_ONCE if source.narrow else len(names)
    order, cells = _fetched(text, names, rows, max(at_once, 1))
    asked = {c for c, q in codebook.owners.items() if q.population == population.id}
    return Screened(
        source.name,
        tuple(names),
        tuple(zip(*cells, strict=True)) if names else ((),) * len(order),
        tuple(order),
        respondents,
        {(row, column): n for column, _, n, row in groups},
        tuple(g for g in groups if g[0] in asked and (not g[1] or g[1] in WORDS)),
    )


def _fetched(
    text: Callable[[Iterable[str]], Any], names: Sequence[str], rows: Collection[int], at_once: int
) -> tuple[list[int], list[list[str]]]:
    """Fetch some rows, in their order: their numbers, and their cells column by column."""
    wanted, cells, order = sorted(rows), list[list[str]](), list[int]()
    for at in range(0, len(names) if wanted else 0, at_once):
        some = [held_name(name) for name in names[at : at + at_once]]
        found = collected(text(some).select(*some, ROW).filter(nw.col(ROW).is_in(wanted)))
        found = found.sort_values(ROW)
        order = found[ROW].astype(int).tolist()
        cells += [found[name].tolist() for name in some]
    return order, cells or [[] for _ in names]


def _answer_checks(
    names: Collection[str],
    codebook: Codebook,
    population: Population,
) -> Iterator[_Check]:
    recodes = answer_recodes(codebook, population, names)
    for rule in cell_rules(codebook, population, names):
        wave = wave_of(codebook, rule)
        waves = 1 if wave is None else len(codebook.waves) + 1
        most = 4 * (len(rule.known) + 2) * waves + SPARE
        # Not whether a box of the question is ticked: a blank box is no fault either way.
        depends = [k for k in (asked_of(rule, recodes), wave) if k is not None]
        beside = reads_of(rule, recodes, codebook) if depends else frozenset[str]()
        for column in rule.columns:
            keys = [_judged(rule.question, nw.col(held_name(column))), *depends]
            yield _Check(column, keys, most, beside)


def _other_checks(
    present: set[str], codebook: Codebook, population: Population
) -> Iterator[_Check]:
    sources = [
        d.source[population.id] for d in codebook.dimensions.values() if population.id in d.source
    ]
    for source in {s.column: s for s in sources if s.column in present}.values():
        owner = codebook.owners.get(source.column)
        if not (owner and owner.population == population.id and owner.tabulates):
            yield _Check(
                source.column, [nw.col(held_name(source.column))], len(source.bands) + SPARE
            )
    if population.strata in present:
        yield _Check(population.strata, [_filled(nw.col(held_name(population.strata)))])
    if population.identifier in present:
        yield _Check(population.identifier, [_filled(nw.col(held_name(population.identifier)))])
    if population.weight in present:
        sound = (nw.col(WEIGHT) >= 0) & (nw.col(WEIGHT) <= LARGEST_WEIGHT)
        kind = nw.when(nw.col(WEIGHT) > 0).then(nw.lit("above")).otherwise(nw.lit("zero"))
        cell = nw.col(held_name(population.weight))
        yield _Check(population.weight, [nw.when(sound).then(kind).otherwise(cell)])


def _groups(
    text: Callable[[Iterable[str]], Any], checks: list[_Check], engine: str
) -> list[tuple[str, str, int, int]]:
    """Group by every check, in the order of rows: column, cell, how many, row of the first."""
    if not checks:
        return []
    if engine == "spark":
        found = [collected(_groups_by_spark(text(()), checks))]
    elif len(checks) > _WIDE:
        found = [*_groups_of_wide(text, checks)]
    else:
        every = {name for check in checks for name in (held_name(check.column), *check.beside)}
        parts = list(_groups_by_duckdb(text(every), checks))  # no more at a time than memory is for
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


def _groups_of_wide(
    text: Callable[[Iterable[str]], Any], checks: list[_Check]
) -> Iterator[pd.DataFrame]:
    """Group some columns at a time by DuckDB, which takes long to begin a scan of so many."""
    for at in range(0, len(checks), _PARTS):
        some = list(enumerate(checks[at : at + _PARTS], at))
        reads = {name for _, check in some for name in (held_name(check.column), *check.beside)}
        keys = {f"_{n}_{k}": key for n, check in some for k, key in enumerate(check.keys)}
        frame = text(reads)
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


def _repeated(text: Any, held: str) -> set[int]:
    """Rows of identifiers that occur more than once, as many as are named."""
    ids = text.filter(nw.col(held) != nw.lit(""))
    twice = collected(
        ids.group_by(held).agg(nw.len().alias("n")).filter(nw.col("n") > 1).head(REPEATED)
    )
    if twice.empty:
        return set()
    rows = ids.filter(nw.col(held).is_in(twice[held].tolist())).select(ROW).sort(ROW).head(KEPT)
    return set(map(int, collected(rows)[ROW]))
