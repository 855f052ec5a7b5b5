"""The responses of a wave, put behind those of the waves that a folder holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from helpers.codebook.model import Codebook, Population
from helpers.folders import Changed
from helpers.importing.columns.placing import Placed, with_wave, without_unticked
from helpers.importing.files.sheets import Column
from helpers.importing.next_wave.applying import Amended
from helpers.importing.report import Options
from helpers.importing.storing import joined, read_columns, with_column
from helpers.importing.waves import (
    add_band,
    declared,
    named_anew,
    unasked,
    wave_code,
    wave_column,
    with_waves,
)
from helpers.responses.loading import response_file

OUTLINE = "codebook/survey.yml"


def behind_others(
    copy: Changed,
    folder: str,
    placed: Placed,
    codebook: Codebook,
    who: Population,
    options: Options,
    amended: Amended | None,
    remarks: list[str],
) -> tuple[Placed, dict[str, Column], int]:
    """Put a wave behind the others; one that is there already is replaced.

    Parameters
    ----------
    copy, folder : the survey folder as it is to be, and where in it responses are
    amended : what was answered to the differences between this wave and those before

    Returns
    -------
    What was placed, the columns of the response file, and how many rows of it are of other waves.
    """
    population = who.id
    code, lacking = wave_code(codebook, who, options.wave)
    name = wave_column(codebook, who)
    assert name is not None
    source = codebook.dimensions[codebook.wave_dimension].source[population]
    band = source.bands.get(code, code)
    outline = copy.folder / "codebook" / "survey.yml"
    if lacking and f"'{code}':" not in outline.read_text(encoding="utf-8-sig"):
        copy.write(OUTLINE, outline.read_bytes())
        add_band(outline, code, options.wave, codebook.wave_dimension)
    placed = without_unticked(placed, unasked(codebook, who, band))
    placed = with_wave(placed, name, code)
    path = response_file(copy.folder / folder, population)
    if path is None:
        return placed, dict(placed.columns), 0
    before = read_columns(path)
    if name not in before and before and amended is not None and amended.earlier:
        before = with_column(before, name, amended.earlier)
    if name not in before:
        return placed, dict(placed.columns), 0
    if amended is not None and (own := amended.held.get(population)):
        before = {column: cells for column, cells in before.items() if column in own}
    others = np.array([value != code for value in before[name].values])
    keep = others[before[name].codes]
    answers = {column: cells for column, cells in placed.columns.items() if column != name}
    anew = named_anew(answers, before, keep, who.identifier, code)
    if anew is not None:
        placed = replace(placed, columns=placed.columns | {who.identifier: anew})
        remarks.append(
            f"{placed.sheet.source}: other waves have some of these identifiers. They get "
            f"the wave as a prefix, as in {anew.cell(0)}."
        )
    held = {before[name].values[at] for at in np.unique(before[name].codes[keep]).tolist()}
    beside = [band for value, band in source.bands.items() if value in held]
    spared = unasked(codebook, who, band)
    now = [c for c, cells in placed.columns.items() if c not in spared or any(cells.values)]
    waves = declared(codebook, who, band, beside, now, before)
    gone = any(band not in asked for asked in waves.values())
    if waves and ("missing_column" in options.allow or not gone):
        remarks.append(_declare(copy, placed.sheet.source, waves))
    return placed, joined(before, placed.columns, keep), int(keep.sum())


def _declare(copy: Changed, source: str, waves: Mapping[tuple[str, str], tuple[str, ...]]) -> str:
    """Write into the codebook which waves asked what; return a sentence that says so."""
    files = (("questions.csv", ("id",)), ("items.csv", ("question", "item")))
    for name, keys in files:
        path = copy.folder / "codebook" / name
        cells = {
            place[: len(keys)]: " ".join(bands)
            for place, bands in waves.items()
            if bool(place[1]) == (len(keys) > 1)
        }
        if cells:
            copy.write(f"codebook/{name}", with_waves(path, keys, cells))
    said = [
        f"{'.'.join(filter(None, place))} ({', '.join(bands) or 'none'})"
        for place, bands in waves.items()
    ]
    return (
        f"{source}: asked in some waves only, as the codebook now says under waves: "
        f"{', '.join(said)}."
    )
