"""Waves: which band of survey.yml a wave is, and adding the band of a new one."""

from __future__ import annotations

from pathlib import Path

from helpers.errors import InsightsError, Problems
from helpers.survey.codebook import Codebook, Population
from helpers.survey.formats.names import slug
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
