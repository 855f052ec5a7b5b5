"""How the weights of a survey were made, where they are not those that its codebook names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import narwhals as nw

from helpers.codebook.model import Population, suggest
from helpers.errors import InsightsError
from helpers.responses.engines import collected
from helpers.responses.recoding import (
    LARGEST_WEIGHT,
    Held,
    number_of,
    weight_of,
)
from helpers.responses.subsets import columns_of_file

WeightColumn: TypeAlias = "str | Mapping[str, str]"
FIXED = "Standard errors treat these weights as fixed."
ALLOWED = "Standard errors allow for the targets."


class WeightStep(Protocol):
    """One step by which the weights of a population were made."""

    @property
    def done(self) -> str:
        """What was done to the weights, such as "raked to age"."""
        ...

    @property
    def source(self) -> str:
        """What the weights are now, such as "raked weights"."""
        ...

    @property
    def met(self) -> tuple[tuple[str, ...], ...]:
        """Characteristics of each margin that the weights were made to meet; none of others."""
        ...

    @property
    def note(self) -> str:
        """How it went, in sentences; empty where there is nothing to say."""
        ...

    @property
    def fixed(self) -> bool:
        """Whether standard errors leave out that the weights follow from the sample."""
        ...

    @property
    def calibration(self) -> FittedMargins | None:
        """Margins whose targets standard errors allow for; None where they allow for none."""
        ...


@dataclass(frozen=True)
class FittedMargins:
    """Margins that weights were fitted to; respondents of a cell (`recoding.CELL`) weigh the same.

    Attributes
    ----------
    places : of each margin, the positions of its characteristics among the codes of a cell
    shares : of each margin that some did not state, what each category was to be of the others;
        empty of other margins
    alike : whether a regression on the margins counts respondents alike, not by their weight
    """

    places: tuple[tuple[int, ...], ...]
    shares: tuple[Mapping[tuple[str, ...], float], ...]
    alike: bool


@dataclass(frozen=True)
class ChosenWeights:
    """Weights of a column that was chosen in place of the codebook's."""

    column: str
    note: str = ""
    fixed: bool = False
    calibration: FittedMargins | None = None

    @property
    def done(self) -> str:
        """What was done to the weights."""
        return f"of {self.column}"

    @property
    def met(self) -> tuple[tuple[str, ...], ...]:
        """Margins that they were made to meet: none."""
        return ()

    @property
    def source(self) -> str:
        """What the weights are now."""
        return f"weights of {self.column}"


def columns_chosen(weight: WeightColumn, held: Mapping[str, Held]) -> dict[str, str]:
    """Return the column of weights for each population that has it.

    Raises
    ------
    InsightsError
        For a population or a column that does not exist.
    """
    known = {population: columns_of_file(one.columns) for population, one in held.items()}
    if isinstance(weight, Mapping):
        chosen = dict(weight)
        for population in chosen:
            if population not in known:
                said = suggest(str(population), known, "population")
                raise InsightsError(f'weight: there is no population "{population}". {said}')
    else:
        chosen = dict.fromkeys((p for p, names in known.items() if weight in names), weight)
    for population, column in chosen.items() or [("", str(weight))]:
        names = known.get(population) or sorted({n for names in known.values() for n in names})
        if column not in names:
            raise InsightsError(f'weight: no column "{column}". {suggest(column, names, "column")}')
    return chosen


def weighted_by(held: Held, population: Population, column: str) -> Held:
    """Return the same responses with the weights that a column holds.

    Raises
    ------
    InsightsError
        If a cell is not a number from 0, or every one is 0.
    """
    table = nw.from_native(held.over([column]))
    named = replace(population, weight=column)
    weight = weight_of(table.to_native(), named) if held.recodes else number_of(nw.col(column))
    cell = held.recodes[column].expression if held.recodes else nw.col(column)
    good = ((weight >= 0) & (weight <= LARGEST_WEIGHT)).fill_null(False)
    told = table.select(cell=cell, weight=weight, good=good)
    found = collected(
        told.select(
            bad=nw.when(nw.col("good")).then(nw.lit(0)).otherwise(nw.lit(1)).sum(),
            n=nw.len(),
            sum=nw.when(nw.col("good")).then(nw.col("weight")).otherwise(nw.lit(0.0)).sum(),
        )
    ).iloc[0]
    if found["bad"]:
        some = collected(told.filter(~nw.col("good")).select("cell").head(50))["cell"]
        listed = ", ".join(f'"{text}"' for text in list(dict.fromkeys(map(str, some)))[:3])
        raise InsightsError(
            f"weight: {column} does not hold a weight for {int(found['bad']):,} of "
            f"{int(found['n']):,} respondents ({listed}). Everybody needs a number from 0 to "
            f"{LARGEST_WEIGHT:,.0f}."
        )
    if not found["sum"] > 0:
        raise InsightsError(f"weight: every weight in {column} is 0.")
    reads = held.recodes[column].reads if held.recodes else ()
    return held.reweighted(weight, f"weight {column}", reads)
