"""People who answered several times, and the stratum in which each was sampled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import narwhals as nw

from helpers.codebook.model import Codebook, Population
from helpers.responses.engines import collected, held_name
from helpers.responses.recoding import (
    APART,
    FIRST_STRATUM,
    PERSON,
    STRATUM,
    Held,
    band_column,
    wave_prefixes,
    without_wave,
)


def with_one_stratum_each(codebook: Codebook, held: Mapping[str, Held]) -> dict[str, Held]:
    """Give people whose answers are in several strata the first, in which they were sampled.

    It is that of the first wave that somebody answered, in the order of survey.yml; of several
    answers in it, the first by name. Where nobody is in several strata, responses stay as they are.
    """
    return {name: _sampled_once(codebook, name, one) for name, one in held.items()}


def _sampled_once(codebook: Codebook, population: str, held: Held) -> Held:
    who = codebook.populations[population]
    if not (who.person and who.strata):
        return held
    named = nw.from_native(held.over(())).filter(nw.col(PERSON) != "")
    strata = named.group_by(PERSON).agg(lowest=nw.col(STRATUM).min(), highest=nw.col(STRATUM).max())
    if collected(strata.filter(nw.col("lowest") != nw.col("highest")).head(1)).empty:
        return held
    reads = {held_name(who.strata)}
    place = nw.lit("")
    if tells := codebook.wave_of(population):
        column = band_column(tells.id)
        wave = held.expressions([column])[column]
        reads |= held.read_by([column])
        place = nw.lit(f"{len(tells.bands):04d}")
        for n, code in enumerate(tells.bands):
            place = nw.when(wave == nw.lit(code)).then(nw.lit(f"{n:04d}")).otherwise(place)
    dated = nw.concat_str([place, nw.col(STRATUM)], separator=APART)
    size = len(APART) + (4 if tells else 0)
    first = dated.min().over(PERSON).str.slice(size)
    first = nw.when(nw.col(PERSON) == "").then(nw.col(STRATUM)).otherwise(first)
    return held.beside({FIRST_STRATUM: first}, frozenset(reads))


def told_apart(
    codebook: Codebook, population: str, held: Held, column: str
) -> tuple[Population, Held]:
    """Return a population and its responses, whose people another column of the file names."""
    who = replace(codebook.populations[population], person=column)
    expression = held.expressions([column])[column]
    name = without_wave(expression, wave_prefixes(codebook, who, column))
    changed = held.redesigned({PERSON: name}, held.read_by([column])).known(held.digest)
    known = replace(codebook, populations={**codebook.populations, population: who})
    return who, _sampled_once(known, population, changed)
