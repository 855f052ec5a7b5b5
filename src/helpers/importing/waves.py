"""Waves: which band of survey.yml a wave is, and adding the band of a new one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from helpers.codebook.model import Codebook, DimensionSource, Population
from helpers.codebook.yamlfiles import YamlFile
from helpers.errors import InsightsError, Problems
from helpers.importing.codebook_editing import BookTable, quoted, with_entry
from helpers.importing.files.sheets import Column
from helpers.importing.words.names import slug


def wave_column(codebook: Codebook, population: Population) -> str | None:
    """Column that holds the wave, if the codebook distinguishes waves."""
    source = _source(codebook, population)
    return source.column if source else None


def _source(codebook: Codebook, population: Population) -> DimensionSource | None:
    dimension = codebook.dimensions.get(codebook.wave_dimension)
    return dimension.source.get(population.id) if dimension else None


def wave_code(codebook: Codebook, population: Population, wave: str) -> tuple[str, bool]:
    """Cell that stands for a wave, and whether survey.yml lacks it.

    Raises
    ------
    InsightsError
        If the codebook does not distinguish waves.
    """
    source = _source(codebook, population)
    if source is None:
        raise InsightsError(
            f"Which wave are the responses of {population.id} so far? Write it into "
            'codebook/survey.yml, below the title, as in `wave: "2017"`, and import again.'
        )
    for value, band in source.bands.items():
        if wave in (value, band, codebook.dimensions[codebook.wave_dimension].bands.get(band)):
            return value, False
    return slug(wave), True


def add_band(path: Path, code: str, label: str, dimension: str) -> None:
    """Add a wave to survey.yml.

    Raises
    ------
    InsightsError
        If the bands are not written one a line.
    """
    text = with_entry(path, ("dimensions", dimension, "bands"), code, label)
    path.write_text(text, encoding="utf-8")
    sources = YamlFile(path, Problems()).mapping("dimensions", dimension, "source")
    for population, source in sources.items():
        if isinstance(source, dict) and source.get("map"):
            keys = ("dimensions", dimension, "source", population, "map")
            path.write_text(with_entry(path, keys, code, code), encoding="utf-8")


def with_waves_told(
    path: Path, populations: Sequence[str], column: str, code: str, label: str
) -> str:
    """Text of survey.yml with a dimension for waves in the place of the one `wave` it names.

    Raises
    ------
    InsightsError
        If `dimensions` is not written one a line.
    """
    file = YamlFile(path, Problems())
    lines = path.read_bytes().decode("utf-8-sig").splitlines(keepends=True)
    known = [*file.mapping("dimensions")]
    first = file.line("dimensions", known[0]) if known else None
    if known and (not first or first == file.line("dimensions")):
        raise InsightsError(
            f"Add to {path.name}: dimensions: {{wave: {{label: Wave, bands: {{{code}: {label}}}, "
            f"source: {{{populations[0]}: {column}}}}}}}"
        )
    start = lines[first - 1] if first else "  "
    indent = start[: len(start) - len(start.lstrip())]
    said = [
        f"{column}:",
        "  label: Wave",
        "  bands:",
        f"    {quoted(code)}: {quoted(label)}",
        "  source:",
        *(f"    {name}: {column}" for name in populations),
    ]
    new = [f"{indent}{line}\n" for line in said]
    if first:
        lines[first - 1 : first - 1] = new
    else:
        own = file.line("dimensions") if "dimensions" in file.data else None
        lines = [line for n, line in enumerate(lines, 1) if n != own]
        lines[-1:] = [lines[-1] if lines[-1].endswith("\n") else f"{lines[-1]}\n"]
        lines += ["dimensions:\n", *new]
    return "".join(line for line in lines if not line.startswith("wave:"))


def unasked(codebook: Codebook, population: Population, band: str) -> set[str]:
    """Response columns that the codebook says a wave did not have."""
    return {
        cell.column
        for question in codebook.questions.values()
        if question.population == population.id
        for cell in question.cells
        if not question.offered(cell.item, (), band)
    }


def declared(
    codebook: Codebook,
    population: Population,
    band: str,
    others: Sequence[str],
    now: Collection[str],
    before: Collection[str],
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Say which waves asked what this one, or those before it, had no column for.

    Parameters
    ----------
    band, others : this wave, and those that the file holds beside it
    now, before : response columns of this wave, and of the file so far

    Returns
    -------
    Waves by question and item, the item empty for a whole question; only what has to change.
    """
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for question in codebook.questions.values() if others else ():
        if question.population != population.id:
            continue
        known, waves = dict[str, tuple[str, ...]](), dict[str, tuple[str, ...]]()
        for item in question.items or (None,):
            code = item.code if item else ""
            columns = {c.column for c in question.cells if c.item == code}
            known[code] = (item.waves if item else ()) or question.waves
            told = _asked(
                known[code], band, others, bool(columns & {*now}), bool(columns & {*before})
            )
            waves[code] = known[code] if told is None else told
        together = tuple(w for w in (*others, band) if any(w in own for own in waves.values()))
        alike = len({*waves.values()}) == 1  # it is the question that was not asked
        if alike or question.waves:
            of_all = next(iter(waves.values())) if alike else together
            if of_all != question.waves:
                found[question.id, ""] = of_all
            known = {i.code: i.waves or of_all for i in question.items}
        found |= {
            (question.id, code): own for code, own in waves.items() if code and own != known[code]
        }
    return found


def _asked(
    said: tuple[str, ...], band: str, others: Sequence[str], now: bool, before: bool
) -> tuple[str, ...] | None:
    """Waves that asked, as columns tell; None where they tell nothing new."""
    if before and not now:
        return tuple(wave for wave in said or others if wave != band)
    if now and not before:
        return (band,)
    return (*said, band) if now and said and band not in said else None


def with_waves(path: Path, keys: Sequence[str], cells: Mapping[tuple[str, ...], str]) -> bytes:
    """Content of a file of the codebook with other cells in its column `waves`, added if need be.

    Parameters
    ----------
    keys : columns that name a row
    cells : what `waves` is to hold, by the cells of those columns
    """
    table = BookTable(path)
    for at in range(len(table)):
        place = tuple(table.get(at, key) for key in keys)
        if place in cells:
            table.set(at, "waves", cells[place])
    return table.content()


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
