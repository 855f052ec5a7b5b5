"""Units behind weighted shares: people, or organisations, and the weight that each holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import NOT_STATED
from helpers.estimation.tabulate import rows_each
from helpers.release.protect.atoms import AtomCounts, Dimensions, Floats, Ints, Partition
from helpers.responses.recoding import PERSON
from helpers.responses.survey import Survey

NAMELESS = ("", NOT_ANSWERED, NOT_ASKED, NOT_STATED)


@dataclass(frozen=True)
class Units:
    """Everybody who answered a column, or may have, one row each.

    Attributes
    ----------
    column : place of the response column; -1 for every one
    block : place of the option of the base; -1 where it is not known
    bands : place of the band of each dimension, by dimension
    unit : person, or organisation
    weight : of the respondent
    """

    column: Ints
    block: Ints
    bands: Mapping[str, Ints]
    unit: Ints
    weight: Floats

    def of(self, column: int) -> Units:
        """Those who answered one column."""
        here = (self.column == column) | (self.column < 0)
        bands = {d: at[here] for d, at in self.bands.items()}
        return Units(
            *(self.column[here], self.block[here], bands, self.unit[here], self.weight[here])
        )

    def groups(self, counts: AtomCounts, partition: Partition, dimensions: Dimensions) -> Ints:
        """Group of each row among those of some dimensions, counted through."""
        found = np.zeros(len(self.unit), dtype=int)
        for d in dimensions:
            at = counts.group_of(partition, d)[self.bands[d]]
            found = found * len(partition[d]) + at
        return found

    def heaviest(self, groups: Ints, number: int, most: int) -> Floats:
        """Weight that the `most` heaviest units of each of some groups hold together."""
        width = int(self.unit.max(initial=0)) + 1
        pairs, which = np.unique(groups * width + self.unit, return_inverse=True)
        held: Floats = np.zeros(len(pairs))
        np.add.at(held, which.reshape(-1), self.weight)
        of = pairs // width
        order = np.lexsort((-held, of))
        of, held = of[order], held[order]
        rank = np.arange(len(of)) - np.searchsorted(of, of)
        found: Floats = np.zeros(number)
        np.add.at(found, of[rank < most], held[rank < most])
        return found


def unit_of(survey: Survey, population: str) -> str:
    """Name what says which rows belong together: the organisation, or the person of several."""
    named = survey.codebook.populations[population].organisation
    return named or (PERSON if rows_each(survey, population) > 1 else "")


def units_of(counts: AtomCounts, rows: pd.DataFrame, unit_column: str) -> Units:
    """Take the units from counts by single weights.

    Parameters
    ----------
    rows
        Respondents by the dimensions of `counts`, by unit where `unit_column` names one, and by
        weight; by response column and option, too, where units of each are told apart.
    """
    of_answers = "option" in rows
    places = [rows[d].map({b: n for n, b in enumerate(of)}) for d, of in counts.bands.items()]
    there = np.ones(len(rows), dtype=bool)
    for place in places:
        there &= place.notna().to_numpy()
    column = block = np.full(len(rows), -1)
    if of_answers:
        at = rows["column"].map({c: n for n, c in enumerate(counts.columns)}).fillna(-1)
        option = rows["option"].map({o: n for n, o in enumerate(counts.options)}).fillna(-1)
        column, block = at.to_numpy(int), option.to_numpy(int)
        there &= (column >= 0) & (block >= 0)
    n = rows["n"].to_numpy(int)
    again = np.repeat(np.flatnonzero(there), n[there])
    unit = np.arange(len(again))
    if unit_column:
        names, known = pd.factorize(rows[unit_column].astype(str))
        alone = np.isin(known.to_numpy(dtype=object), NAMELESS)[names[again]]
        unit = np.where(alone, len(known) + unit, names[again])
    bands = {
        d: place.fillna(-1).to_numpy(int)[again]
        for d, place in zip(counts.bands, places, strict=True)
    }
    weight = (rows["sum_w"].to_numpy(float) / np.maximum(n, 1))[again]
    return Units(column[again], block[again], bands, unit, weight)
