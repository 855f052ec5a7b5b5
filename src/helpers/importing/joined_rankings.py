"""Cells in which each respondent has put all options in an order (`Pay;Time;Team;`).

Microsoft Forms writes a ranking so. It becomes a column for each option with its place: 1 is first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from helpers.codebook.model import Codebook, Kind
from helpers.importing.columns.boxes import BLANK, RULES, boxes_of, divided, is_nothing, joined_by
from helpers.importing.columns.mapping import Mapping
from helpers.importing.files.sheets import Column
from helpers.importing.layouts.heads import Head, titled
from helpers.importing.read_sheets import ReadSheet
from helpers.importing.words.names import shortened

_RULES = (*(rule for rule in RULES if rule is not BLANK), re.compile(r"\s*>\s*"))
_OPTIONS = 3  # at least
_ORDERS = 3  # in which they were put, at least
_SOME = 20  # cells that show whether it is worth to look at all


def with_places(read: ReadSheet, codebook: Codebook | None, mapping: Mapping) -> ReadSheet:
    """Return a sheet with a column for each option of a ranking.

    With a codebook, rankings are the columns that the mapping has so.
    """
    heads: list[Head] = []
    columns: list[Column] = []
    told: list[str] = []
    for head, column in zip(read.heads, read.sheet.columns, strict=True):
        if codebook is None:
            found = _ranked(column, head)
        else:
            found = _as_known(column, _options(head.key, codebook, mapping))
        if found is None:
            heads.append(head)
            columns.append(column)
            continue
        told.append(f'"{shortened(head.key)}"')
        for option, places in found.items():
            key, text = f"{head.key} [{option}]", titled(head)
            new = Head(key, head.name, text, option, label=option)
            heads.append(new)
            columns.append(column.recoded(places))
    if not told:
        return read
    words = f"{', '.join(told)}: a ranking; each option has a column with its place, 1 is first"
    sheet = replace(read.sheet, columns=tuple(columns))
    sheet = sheet.remarked(words) if codebook is None else sheet
    return replace(read, sheet=sheet, heads=tuple(heads))


def _options(key: str, codebook: Codebook, mapping: Mapping) -> list[str]:
    """Options of a column that the mapping has as a ranking."""
    labels = boxes_of(key, mapping)
    owners = [codebook.owners.get(mapping.goes(f"{key} [{label}]").to) for label in labels]
    return labels if owners and all(q and q.kind is Kind.GRID for q in owners) else []


def _ranked(column: Column, head: Head) -> dict[str, list[str]] | None:
    """Places of each option, by the values of a column; None if the column holds no ranking."""
    if head.role != "question" or head.item or head.open or column.labels or column.form:
        return None
    cells = [value for value in column.values if value and not is_nothing(value)]
    if len(cells) < _ORDERS:
        return None
    for rule in _RULES:
        if _are_orders(cells[:_SOME], rule) and _are_orders(cells, rule):
            return _as_known(column, sorted(_parts(cells[0], rule)), rule)
    return None


def _are_orders(cells: Sequence[str], rule: re.Pattern[str]) -> bool:
    """Return whether all cells have the same parts, each once, in another order."""
    first = sorted(_parts(cells[0], rule))
    if len({*first}) < max(_OPTIONS, len(first)):
        return False
    return all(sorted(_parts(cell, rule)) == first for cell in cells)


def _parts(cell: str, rule: re.Pattern[str]) -> list[str]:
    return [joined_by(cell, [part]) for part in divided(cell, rule)]


def _as_known(
    column: Column, options: Sequence[str], rule: re.Pattern[str] | None = None
) -> dict[str, list[str]] | None:
    """Places of known options; a cell with anything else stays as it is, for all of them."""
    if not options or not any(column.values):
        return {option: [*column.values] for option in options} if options else None
    rules = [rule] if rule else _RULES
    return {option: [*_places(column, option, options, rules)] for option in options}


def _places(
    column: Column, option: str, options: Sequence[str], rules: Sequence[re.Pattern[str]]
) -> Iterator[str]:
    known = {*options}
    for value in column.values:
        if not value or is_nothing(value):
            yield value
            continue
        ways = (_parts(value, rule) for rule in rules)
        parts = next((way for way in ways if {*way} <= known), [])
        own = str(parts.index(option) + 1) if option in parts else ""
        yield own if parts else value
