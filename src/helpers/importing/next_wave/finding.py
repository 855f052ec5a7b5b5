"""Finds where the file of a wave departs from what the survey knows, and proposes each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from helpers.codebook.model import Codebook
from helpers.importing.columns.mapping import Mapping as Columns
from helpers.importing.files.sheets import Sheet
from helpers.importing.next_wave.of_answers import settle_answers
from helpers.importing.next_wave.of_boxes import settle_boxes
from helpers.importing.next_wave.of_columns import settle_columns
from helpers.importing.next_wave.of_questions import settle_questions, settle_routing
from helpers.importing.next_wave.state import Before, Changes, Wave
from helpers.importing.odd_rows import odd_rows
from helpers.importing.proposals import Decisions, Settled, propose, settle
from helpers.importing.read_sheets import ReadSheet
from helpers.importing.storing import read_columns, with_column
from helpers.importing.waves import wave_code
from helpers.responses.loading import response_file
from helpers.responses.proposals import NO, Proposal

ILLEGIBLE = ("repeated_header", "footnote", "shifted")  # rows whose cells are not answers


def departures(
    reads: Sequence[ReadSheet],
    codebook: Codebook,
    mappings: Mapping[str, Columns],
    responses: Path,
    label: str,
    answers: Decisions,
    earlier: str,
) -> tuple[list[Proposal], Changes]:
    """Propose what differs in the files of a wave, and gather what was answered.

    Parameters
    ----------
    responses
        Folder of the responses so far. A population that has none of another wave is passed over.
    label
        Name of the wave.
    earlier
        Wave of the responses so far, where they do not say it themselves.
    """
    changes, proposals = Changes(), list[Proposal]()
    for read in reads:
        who = codebook.populations[read.population]
        code, _ = wave_code(codebook, who, label)
        source = codebook.dimensions[codebook.wave_dimension].source[who.id]
        before = _before(responses, codebook, who.id, code, earlier)
        if before is None:
            continue
        changes.compared.add(who.id)
        wave = Wave(
            _legible(read, answers),
            read.heads,
            mappings.get(who.id, Columns()),
            codebook,
            who,
            source.bands.get(code, code),
            label,
            before,
            answers,
            changes,
        )
        settle_questions(wave, settle_columns(wave), read.layout)
        settle_answers(wave)
        settle_boxes(wave)
        settle_routing(wave)
        proposals += wave.proposals
    return proposals, changes


def _before(
    responses: Path, codebook: Codebook, population: str, code: str, earlier: str
) -> Before | None:
    """Responses of the latest wave but this one; None if there is no other."""
    path = response_file(responses, population)
    dimension = codebook.dimensions[codebook.wave_dimension]
    source = dimension.source[population]
    columns = read_columns(path) if path is not None else {}
    if columns and earlier:
        columns = with_column(columns, source.column, earlier)
    if source.column not in columns:
        return None
    told = columns[source.column]
    there = [v for v, n in zip(told.values, told.counts.tolist(), strict=True) if n and v != code]
    bands = {source.bands.get(value, value): value for value in there}
    waves = [band for band in dimension.bands if band in bands]
    if not waves:
        return None
    rows = np.flatnonzero(told.codes == told.values.index(bands[waves[-1]]))
    latest = {name: replace(c, codes=c.codes[rows]) for name, c in columns.items()}
    return Before(dimension.bands[waves[-1]], latest, tuple(waves))


def _legible(read: ReadSheet, answers: Decisions) -> Sheet:
    """Return a sheet with what was answered of its cells, and without rows that are not answers."""
    sheet = settle(read, propose((), read, answers)).with_cells(read)
    out = np.zeros(len(sheet.rows), dtype=bool)
    denied = {(p.kind, p.rows) for p in answers.proposals if answers.to(p.kind, p.id) == NO}
    for each in odd_rows(sheet, read.heads):
        where = " ".join(str(int(sheet.rows[row])) for row in each.rows)
        if each.kind in ILLEGIBLE and (each.kind, where) not in denied:
            out[each.rows] = answers.to(each.kind, "") != NO
    return Settled(out, {}, {}).without_rows(sheet)
