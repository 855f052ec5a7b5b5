"""Waves: which band of survey.yml a wave is, and adding the band of a new one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from helpers.errors import InsightsError, Problems
from helpers.survey.codebook import Codebook, Population
from helpers.survey.formats.names import slug
from helpers.survey.formats.sheets import Column
from helpers.survey.yamlfiles import YamlFile

WAVE = "wave"


def wave_column(codebook: Codebook, population: Population) -> str | None:
    """Column that holds the wave, if the codebook tells waves apart."""
    dimension = codebook.dimensions.get(WAVE)
    source = dimension.source.get(population.id) if dimension else None
    return source.column if source else None


def wave_code(codebook: Codebook, population: Population, wave: str) -> tuple[str, bool]:
    """Cell that stands for a wave, and whether survey.yml lacks it.

    Raises
    ------
    InsightsError
        If the codebook does not tell waves apart.
    """
    dimension = codebook.dimensions.get(WAVE)
    source = dimension.source.get(population.id) if dimension else None
    if dimension is None or source is None:
        raise InsightsError(
            f"The codebook does not tell waves of {population.id} apart. Add to survey.yml: "
            f"dimensions: {{wave: {{bands: {{{slug(wave)}: {wave}}}, "
            f"source: {{{population.id}: wave}}}}}}"
        )
    for value, band in source.bands.items():
        if wave in (value, band, dimension.bands.get(band)):
            return value, False
    return slug(wave), True


def with_band(path: Path, code: str, label: str) -> str:
    """Text of survey.yml with one more wave.

    Raises
    ------
    InsightsError
        If the bands are not written one a line.
    """
    file = YamlFile(path, Problems())
    bands = list(file.mapping("dimensions", WAVE, "bands"))
    text = path.read_bytes().decode("utf-8-sig")
    lines = text.splitlines(keepends=True)
    number = file.line("dimensions", WAVE, "bands", bands[-1]) if bands else None
    mapped = file.get("dimensions", WAVE, "source")
    plain = isinstance(mapped, dict) and all(isinstance(v, str) for v in mapped.values())
    last = lines[number - 1] if number else ""
    if not number or not plain or number == file.line("dimensions", WAVE, "bands"):
        raise InsightsError(
            f"{path.name} has no wave {label} yet: add the band {code} under dimensions.wave.bands."
        )
    indent = last[: len(last) - len(last.lstrip())]
    lines.insert(number, f"{indent}'{code}': '{label.replace(chr(39), chr(39) * 2)}'\n")
    return "".join(lines)


def named_anew(
    new: Mapping[str, Column], before: Mapping[str, Column], keep: np.ndarray, name: str, code: str
) -> Column | None:
    """Put the code of a wave before its identifiers, where other waves have some of them, too.

    A tool that counts its respondents from 1 gives those of each wave the same identifiers. Where
    all who share one with another wave answered alike, it is rather the same file twice.

    Parameters
    ----------
    new, before : columns of the wave, without the one that names it, and of the file so far
    keep : which rows of the response file are of other waves
    name : the column of identifiers

    Returns
    -------
    The column, or None where identifiers stay as they are.
    """
    if name not in new or name not in before:
        return None
    rows = np.flatnonzero(keep).tolist()
    old = {before[name].cell(row): row for row in rows if before[name].cell(row)}
    own = new[name]
    shared = [(n, old[cell]) for n, cell in enumerate(own.cells()) if cell in old]
    answers = [c for c in new if c in before and c != name]
    alike = all(new[c].cell(n) == before[c].cell(row) for n, row in shared for c in answers)
    if alike:
        return None
    return own.recoded([f"{code}-{value}" if value else "" for value in own.values])
