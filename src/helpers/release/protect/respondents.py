"""Respondents one by one: what each answered and which groups each is in, to compare questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from helpers.estimation.tabulate import coded
from helpers.release.protect.atoms import AtomCounts, Bands, Dimensions, Ints, Partition
from helpers.responses.survey import Survey

Column: TypeAlias = tuple[str, int]  # question, and place of one of its response columns
Codes: TypeAlias = npt.NDArray[np.int16]
_LARGE = 2**40  # from here on numbers of kinds are made small again


@dataclass(frozen=True)
class Respondents:
    """Answers and bands of every respondent of a population.

    Attributes
    ----------
    answers : of each response column the place of the answer in the base, -1 for none
    bands : of each dimension the place of the band, and the bands
    """

    answers: Mapping[Column, Codes]
    bands: Mapping[str, tuple[Codes, Bands]]

    def groups(
        self, partition: Partition, dimensions: Dimensions, which: Ints | slice = slice(None)
    ) -> Ints:
        """Group of every respondent, or some, by some dimensions; -1 where one is in none."""
        size = len(next(iter(self.answers.values()))[which])
        found, there = np.zeros(size, dtype=int), np.ones(size, dtype=bool)
        for d in dimensions:
            at, bands = self.bands[d]
            place = {band: n for n, group in enumerate(partition[d]) for band in group}
            group = np.array([place.get(band, -1) for band in bands], dtype=int)[at[which]]
            found, there = found * len(partition[d]) + group, there & (group >= 0)
        return np.where(there, found, -1)

    def kinds(self, columns: Sequence[Column], dimensions: Iterable[str]) -> tuple[Ints, Ints]:
        """Sort respondents by which columns they answered, and their bands.

        Returns
        -------
        One respondent of each kind among those who answered any of the columns, and how many
        there are of it.
        """
        there = [self.answers[c] >= 0 for c in columns]
        who = np.flatnonzero(np.any(there, axis=0))
        kind = np.zeros(len(who), dtype=np.int64)
        for of in (*there, *(self.bands[d][0] for d in dimensions)):
            kind = kind * (int(of.max(initial=0)) + 1) + of[who].astype(np.int64)
            if kind.max(initial=0) > _LARGE:
                kind = np.unique(kind, return_inverse=True)[1].reshape(-1)
        _, first, n = np.unique(kind, return_index=True, return_counts=True)
        return who[first], n


def respondents_of(
    survey: Survey, population: str, counts: Mapping[str, AtomCounts]
) -> Respondents:
    """Read the answers to some questions of one population, as their counts have them."""
    dimensions = list(dict.fromkeys(d for of in counts.values() for d in of.bands))
    columns = [column for of in counts.values() for column in of.columns]
    held = coded(survey, population, [*columns, *dimensions])
    bands = {d: held[d] for d in dimensions}
    tells = survey.codebook.wave_of(population)
    answers: dict[Column, Codes] = {}
    for name, of in counts.items():
        parts = survey.question(name).parts
        place = {option: n for n, option in enumerate(of.options)}
        outside = np.zeros(len(held[columns[0]][0]), dtype=bool)
        for d, known in of.bands.items():
            at, codes = bands[d]
            outside |= ~np.isin(codes, known)[at]
        for n, cell in enumerate(of.question.cells):
            at, codes = held[cell.column]
            to = np.array([place.get(parts.get(c, c), -1) for c in codes], dtype=np.int16)
            gone = outside
            if tells is not None and tells.id in bands and of.question.differs_by_wave:
                wave, waves = bands[tells.id]
                asked = [of.question.offered(cell.item, (), w) for w in waves]
                gone = outside | ~np.array(asked, dtype=bool)[wave]
            answers[name, n] = np.where(gone, np.int16(-1), to[at]) if len(to) else at
    return Respondents(answers, bands)
