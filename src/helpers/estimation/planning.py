"""Planning a next wave: precision of a sample, size for a precision, detectable differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil, floor, inf, sqrt
from statistics import NormalDist

import pandas as pd

from helpers.errors import InsightsError
from helpers.estimation.association import check_chances, check_numbers, detectable
from helpers.estimation.intervals import wilson

MOST = 10**12


@dataclass(frozen=True, repr=False)
class Precision:
    """How exactly `n` answers show a share `p`.

    Attributes
    ----------
    effective : answers of a simple random sample of an infinite population with the same precision
    half_width, low, high : half the length of Wilson's interval around `p`, and its ends
    normal : half the length of the normal interval
    """

    n: int
    p: float
    population: int | None
    deff: float
    level: float
    effective: float
    half_width: float
    low: float
    high: float
    normal: float

    def __repr__(self) -> str:
        """Say the precision in a sentence."""
        of = f" of {self.population:,}" if self.population is not None else ""
        return (
            f"{self.n:,} answers{of} show a share of {_percent(self.p)} to within "
            f"± {_points(self.half_width)} points ({self.level:.0%} range "
            f"{_percent(self.low)} to {_percent(self.high)})."
        )


@dataclass(frozen=True, repr=False)
class SampleSize:
    """How many answers a precision needs.

    Attributes
    ----------
    n : smallest number at which half of Wilson's interval is at most `margin` long
    n_normal : the same by the normal interval
    approach : people to approach for `n` answers
    half_width : what `n` answers give
    """

    margin: float
    p: float
    population: int | None
    deff: float
    level: float
    response_rate: float
    n: int
    n_normal: int
    approach: int
    half_width: float

    def __repr__(self) -> str:
        """Say the sample size in a sentence."""
        of = f" of {self.population:,}" if self.population is not None else ""
        rate = f": approach {self.approach:,} at a response rate of {self.response_rate:.0%}"
        return (
            f"For ± {_points(self.margin)} points around {_percent(self.p)} ({self.level:.0%} "
            f"range), {self.n:,} answers{of} are needed{rate if self.response_rate < 1 else ''}."
        )


@dataclass(frozen=True, repr=False)
class Difference:
    """Smallest difference that two groups could show.

    Attributes
    ----------
    up, down : differences from `p1` that are shown with chance `power`, each None where no share
        lies that far in that direction
    """

    n1: int
    n2: int
    p1: float
    power: float
    alpha: float
    deff: float
    up: float | None
    down: float | None

    def __repr__(self) -> str:
        """Say the difference in a sentence."""
        ends = [
            f"{_percent(share)} ({sign}{_points(gap)} points)"
            for sign, gap, share in (
                ("+", self.up, self.p1 + (self.up or 0)),
                ("-", self.down, self.p1 - (self.down or 0)),
            )
            if gap is not None
        ]
        return (
            f"With {self.n1:,} against {self.n2:,} answers, a share of {_percent(self.p1)} differs "
            f"significantly (two-sided {self.alpha:.0%} test, power {self.power:.0%}) from "
            f"{' or beyond, and from '.join(ends)} or beyond."
        )


def precision(
    n: int, p: float = 0.5, population: int | None = None, deff: float = 1.0, level: float = 0.95
) -> Precision:
    """Half-width of the interval around a share of `p` from `n` answers.

    Parameters
    ----------
    n
        Answers (not people approached).
    p
        Share expected, in [0, 1]; one half is the worst case.
    population
        How many there are in all, for the finite-population correction; None for infinite.
    deff
        Design effect of weights and strata.
    level
        Confidence level, such as 0.95.

    Raises
    ------
    InsightsError
        For impossible numbers, such as more answers than the population.

    Notes
    -----
    Wilson's interval on n / deff / (1 - (n - 1) / (N - 1)) answers, and z times the standard
    error: Cochran (1977), Sampling Techniques, ch. 3 and 4.
    """
    _check(p, population, deff, level)
    n = _whole(n, "n")
    if population is not None and n > population:
        raise InsightsError(f"{n:,} answers cannot come from a population of {population:,}.")
    effective = _effective(n, population, deff)
    low, high = (float(end) for end in wilson(p, effective, _z(level)))  # type: ignore[arg-type]
    half, normal = (_half_width(p, effective, level, kind) for kind in ("wilson", "normal"))
    return Precision(n, p, population, deff, level, effective, half, low, high, normal)


def sample_size(
    margin: float,
    p: float = 0.5,
    population: int | None = None,
    deff: float = 1.0,
    level: float = 0.95,
    response_rate: float = 1.0,
) -> SampleSize:
    """Smallest number of answers whose interval has a half-width of at most `margin`.

    Parameters
    ----------
    margin
        Half-width you want, as a share: ± 10 points is 0.10.
    p, population, deff, level
        As in `precision`.
    response_rate
        Share of those approached who will answer, in (0, 1].

    Raises
    ------
    InsightsError
        If the population is too small for this margin and response rate (the message says which
        margin the whole population gives), or for impossible numbers.
    """
    _check(p, population, deff, level)
    check_numbers(margin=margin, response_rate=response_rate)
    if not 0 < margin < 0.5:
        hint = f" For ± {margin:g} points give {margin / 100:g}." if 1 <= margin < 50 else ""
        raise InsightsError(f"margin is {margin:g}; it must be a share between 0 and 0.5.{hint}")
    if not 0 < response_rate <= 1:
        raise InsightsError(
            f"response_rate is {response_rate:g}; it must be above 0 and at most 1: 0.3 is three "
            "in ten."
        )
    reachable = MOST if population is None else floor(population * response_rate + 1e-9)
    n = _smallest(margin, p, population, deff, level, "wilson")
    half = _half_width(p, _effective(n, population, deff), level, "wilson")
    if n > reachable or half > margin:
        raise InsightsError(_out_of_reach(margin, p, population, deff, level, reachable))
    normal = _smallest(margin, p, population, deff, level, "normal")
    approach = ceil(n / response_rate - 1e-9)
    return SampleSize(margin, p, population, deff, level, response_rate, n, normal, approach, half)


def difference(
    n1: int, n2: int, p1: float, power: float = 0.8, alpha: float = 0.05, deff: float = 1.0
) -> Difference:
    """Smallest difference from a share `p1` that groups of `n1` and `n2` answers could show.

    Parameters
    ----------
    n1, n2
        Answers in the group with share `p1`, and in the other.
    power
        Chance that a true difference of that size is found significant.
    alpha
        Chance of a false alarm of the two-sided test.
    deff
        Design effect of weights and strata, in both groups.

    Raises
    ------
    InsightsError
        If the groups are too small to show even the largest difference, or for impossible
        numbers.

    Notes
    -----
    See `association.detectable` for the formula; with n1 = n2 it is R's ``power.prop.test``.
    """
    check_chances(alpha, power)
    _check(p1, None, deff, 0.95)
    n1, n2 = _whole(n1, "n1"), _whole(n2, "n2")
    up, down = (
        float(detectable(n1 / deff, n2 / deff, p, power, alpha, upwards=True)) for p in (p1, 1 - p1)
    )
    if up != up and down != down:
        raise InsightsError(
            f"{n1:,} against {n2:,} answers are too few: not even the largest possible difference "
            f"from {_percent(p1)} would be shown with a chance of {power:.0%}."
        )
    ends = [None if gap != gap else gap for gap in (up, down)]
    return Difference(n1, n2, p1, power, alpha, deff, *ends)


def per_group(
    populations: Mapping[str, int | None],
    margin: float,
    p: float = 0.5,
    deff: float = 1.0,
    level: float = 0.95,
    response_rate: float | Mapping[str, float] = 1.0,
) -> pd.DataFrame:
    """Sample sizes for the same margin in each of several groups.

    Parameters
    ----------
    populations
        Size of each group, None for infinite.
    response_rate
        One for all, or one for each group.

    Returns
    -------
    DataFrame, one row per group: `group` and the fields of `SampleSize`.

    Raises
    ------
    InsightsError
        As in `sample_size`, with the group's name.
    """
    rows = []
    for group, population in populations.items():
        try:
            rate = response_rate[group] if isinstance(response_rate, Mapping) else response_rate
            found = sample_size(margin, p, population, deff, level, rate)
        except KeyError:
            raise InsightsError(f"{group} has no response_rate. Give one for each group.") from None
        except InsightsError as error:
            raise InsightsError(f"{group}: {error}") from None
        rows.append({"group": group, **asdict(found)})
    return pd.DataFrame(rows).astype({"population": "Int64"})


def _effective(n: int, population: int | None, deff: float) -> float:
    unsampled = 1.0 if population is None else (population - n) / max(population - 1, 1)
    return n / (deff * unsampled) if unsampled > 0 else inf


def _half_width(p: float, effective: float, level: float, kind: str) -> float:
    z = _z(level)
    if kind == "normal":
        return z * sqrt(p * (1 - p) / effective)
    low, high = wilson(p, effective, z)  # type: ignore[arg-type]
    return float(high - low) / 2


def _smallest(
    margin: float, p: float, population: int | None, deff: float, level: float, kind: str
) -> int:
    """Search by halving: both half-widths fall as n grows."""
    low, high = 0, MOST if population is None else population
    while high - low > 1:
        middle = (low + high) // 2
        wide = _half_width(p, _effective(middle, population, deff), level, kind) > margin
        low, high = (middle, high) if wide else (low, middle)
    return high


def _out_of_reach(
    margin: float, p: float, population: int | None, deff: float, level: float, reachable: int
) -> str:
    best = "nobody would answer"
    if reachable:
        half = _half_width(p, _effective(reachable, population, deff), level, "wilson")
        best = f"{reachable:,} would answer, which gives ± {_points(half)} points"
    return (
        f"± {_points(margin)} points are out of reach: if everybody"
        f"{'' if population is None else f' of {population:,}'} were approached, {best}. "
        "Widen the margin or raise the response rate."
    )


def _check(p: float, population: int | None, deff: float, level: float) -> None:
    check_numbers(share=p, deff=deff, level=level)
    if not 0 <= p <= 1:
        raise InsightsError(f"The share is {p:g}; it must be between 0 and 1: half is 0.5.")
    if population is not None:
        _whole(population, "population")
    if not 0 < deff < inf:
        raise InsightsError(f"deff is {deff:g}; it must be above 0: 1 is a simple random sample.")
    if not 0 < level < 1:
        raise InsightsError(f"level is {level:g}; it must be between 0 and 1, such as 0.95.")


def _whole(number: float, name: str) -> int:
    check_numbers(**{name: number})
    if not 1 <= number < inf or number != int(number):
        raise InsightsError(f"{name} is {number:g}; it must be a whole number of 1 or more.")
    return int(number)


def _z(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + "%"


def _points(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0")
