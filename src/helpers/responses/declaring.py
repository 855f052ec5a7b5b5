"""Answers declared to be missing, in responses that are read already."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import narwhals as nw

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.declaring import declared, values_of
from helpers.codebook.model import NOT_STATED, Codebook, Declared, Missing
from helpers.responses.engines import collected
from helpers.responses.recoding import Held, band_column, given


def declare(
    codebook: Codebook, held: Mapping[str, Held], some: Iterable[Declared]
) -> tuple[Codebook, dict[str, Held]]:
    """Treat answers as missing in a codebook and in responses, one by one, and count them."""
    if codebook.plain is None and codebook.declared:  # as files are read
        codebook = replace(codebook, declared=())
    there = dict(held)
    for one in some:
        answers = dict(one.answers)
        for population, table in there.items():
            there[population], answers[population] = _without(codebook, population, table, one)
        codebook = declared(codebook, replace(one, answers=answers))
    return codebook, there


def _without(codebook: Codebook, population: str, held: Held, one: Declared) -> tuple[Held, int]:
    """Return responses in which these answers are missing, and how many there are.

    `codebook` is the one before they are declared.
    """
    there = {*held.columns}
    cells = {
        cell.column: codes
        for name, codes in one.codes.items()
        if codebook.questions[name].population == population
        for cell in codebook.questions[name].cells
        if cell.column in there
    }
    bands: dict[str, tuple[str, set[str]]] = {}  # by its column: that of its source, and bands
    for dimension in codebook.dimensions.values():
        column = band_column(dimension.id)
        if dimension.derived or population not in dimension.source or column not in there:
            continue
        if values_of(dimension, codebook, population, one):
            gone = {*one.bands.get(dimension.id, ())}
            bands[column] = (dimension.source[population].column, gone)
    if not cells and not bands:
        return held, 0
    names = sorted({*cells, *bands, *(of for of, _ in bands.values() if of in cells)})
    now = held.expressions(names)
    made = {}
    if one.kind is not Missing.DONT_KNOW:
        word = NOT_ASKED if one.kind is Missing.NOT_ASKED else NOT_ANSWERED
        for column, codes in cells.items():
            none = given(codebook.owners[column], now[column], codes)
            made[column] = nw.when(none).then(nw.lit(word)).otherwise(now[column])
    for column, (of, own) in bands.items():
        none = now[column].is_in(sorted(own))
        if of in cells:
            none = none | given(codebook.owners[of], now[of], cells[of])
        made[column] = nw.when(none).then(nw.lit(NOT_STATED)).otherwise(now[column])
    sought = {c: given(codebook.owners[c], now[c], codes) for c, codes in cells.items()}
    sought |= {c: now[c].is_in(sorted(own)) for c, (_, own) in bands.items() if own}
    digest = hashlib.sha256(held.digest + repr((one.entry, one.kind.value)).encode()).digest()
    return held.beside(made, held.read_by(names)).known(digest), _counted(held, sought)


def _counted(held: Held, sought: Mapping[str, Any]) -> int:
    """Count the cells of some columns for which their expression holds."""
    sums = [
        nw.when(one).then(1).otherwise(0).sum().alias(f"n{place}")
        for place, one in enumerate(sought.values())
    ]
    table = nw.from_native(held.over(sought) if held.recodes else held.table)
    return int(collected(table.select(*sums)).to_numpy().sum())
