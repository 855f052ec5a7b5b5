"""How a sample was drawn, and the level of its intervals: set once, used by every estimate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import TypeAlias

from helpers.codebook.model import suggest
from helpers.errors import InsightsError

PopulationSize: TypeAlias = "float | Mapping[str, float | Mapping[str, float]]"
SizeOfOne: TypeAlias = "float | Mapping[str, float] | None"
INTERVALS = ("wilson", "logit", "beta")
SINGLE_STRATUM = ("fail", "adjust")


@dataclass(frozen=True)
class Sampling:
    """How the respondents of each population were sampled.

    Attributes
    ----------
    sizes : people in a population, or in each of its strata, where they are known
    single_stratum : what is done with a stratum of one respondent, ``fail`` or ``adjust``
    interval : method of the intervals of shares: ``wilson``, ``logit`` or ``beta``
    level : confidence level of every interval, such as 0.95
    """

    sizes: Mapping[str, float | Mapping[str, float]] = field(default_factory=dict)
    single_stratum: str = "fail"
    interval: str = "wilson"
    level: float = 0.95

    def __post_init__(self) -> None:
        """Raise `InsightsError` for a rule, an interval or a level that does not exist."""
        for name, known in (("single_stratum", SINGLE_STRATUM), ("interval", INTERVALS)):
            if (said := getattr(self, name)) not in known:
                listed = suggest(str(said), known, "rule" if name == "single_stratum" else name)
                raise InsightsError(f'{name} is "{said}". {listed}')
        if not (_is_number(self.level) and 0 < self.level < 1):
            raise InsightsError(
                f"level is {self.level!r}: give a number between 0 and 1, such as 0.95."
            )

    @property
    def per_cent(self) -> str:
        """The level in words, such as “95%”."""
        return f"{100 * self.level:g}%"


def sizes_of(
    given: PopulationSize | None, populations: Iterable[str]
) -> dict[str, float | Mapping[str, float]]:
    """Return the sizes of populations by name.

    Raises
    ------
    InsightsError
        For a single number where there are several populations, and for anything but numbers.
    """
    known = tuple(populations)
    if given is None:
        return {}
    if isinstance(given, Mapping) and all(name in known for name in given):
        found = dict(given)
    elif len(known) == 1:
        found = {known[0]: given}  # type: ignore[dict-item]
    else:
        named = [str(n) for n in given if n not in known] if isinstance(given, Mapping) else []
        said = suggest(named[0], known, "population") if named else f"Known: {', '.join(known)}."
        raise InsightsError(
            f"population_size needs the name of each population, as {{{known[0]!r}: 900}}. {said}"
        )
    for name, size in found.items():
        if isinstance(size, Mapping):
            if not (size and all(map(_is_number, size.values()))):
                raise InsightsError(f"population_size of {name} needs a number for every stratum.")
        elif not _is_number(size):
            raise InsightsError(f"population_size of {name} is {size!r}: it needs a number.")
    return found


def _is_number(value: object) -> bool:
    return type(value) is not bool and isinstance(value, Real) and not math.isnan(value)
