"""Printed numbers against whole respondents: the counts that can be behind a printed share.

Exact arithmetic throughout: a printed ``37.5`` is the fraction 75/2 with one decimal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import sqrt

Z95 = 1.959963984540054


class Comparator(StrEnum):
    """How a value relates to the printed number."""

    EQUAL = "="
    BELOW = "<"
    ABOVE = ">"
    AT_MOST = "<="
    AT_LEAST = ">="
    ABOUT = "~"


@dataclass(frozen=True)
class Interval:
    """Numbers between two ends, each in or out; None is an open end without limit."""

    low: Fraction | None
    high: Fraction | None
    low_in: bool = True
    high_in: bool = True

    def __contains__(self, number: Fraction) -> bool:
        """Return whether a number lies in the interval."""
        above = self.low is None or number > self.low or (self.low_in and number == self.low)
        below = self.high is None or number < self.high or (self.high_in and number == self.high)
        return above and below


@dataclass(frozen=True)
class Requirement:
    """What a printed value asks of a number.

    Attributes
    ----------
    comparator
        With ``=`` a number fits when it rounds, half up, to the value at its decimals.
    value
        The printed number, exact.
    decimals
        Decimals it is printed with; None for a fraction such as 100/3, which is met exactly.
    tolerance
        Distance allowed on both sides (``~``), or on the open side of an inequality.
    words
        The value as it was written, for messages.
    """

    comparator: Comparator
    value: Fraction
    decimals: int | None = 0
    tolerance: Fraction | None = None
    words: str = ""

    @property
    def interval(self) -> Interval:
        """All numbers that fit."""
        value, far = self.value, self.tolerance
        match self.comparator:
            case Comparator.EQUAL if self.decimals is None:
                return Interval(value, value)
            case Comparator.EQUAL:
                half = Fraction(1, 2 * 10 ** (self.decimals or 0))
                return Interval(value - half, value + half, high_in=False)
            case Comparator.ABOUT:
                return Interval(value - (far or 0), value + (far or 0))
            case Comparator.BELOW | Comparator.AT_MOST:
                low = None if far is None else value - far
                return Interval(low, value, high_in=self.comparator is Comparator.AT_MOST)
            case _:
                high = None if far is None else value + far
                return Interval(value, high, low_in=self.comparator is Comparator.AT_LEAST)

    def holds(self, number: Fraction) -> bool:
        """Return whether a number fits."""
        return number in self.interval

    def __str__(self) -> str:
        """Return the requirement as it is written: ``= 37.5``, ``< 90 (by 2 at most)``."""
        by = "" if self.tolerance is None else f" (by {plain(self.tolerance)} at most)"
        return f"{self.comparator} {self.words or plain(self.value)}{by}"


def possible_counts(requirement: Requirement, base: int) -> tuple[int, ...]:
    """List the counts out of `base` whose percentage fits; none: it is impossible there.

    Notes
    -----
    The GRIM test (Brown and Heathers 2017, Social Psychological and Personality Science 8,
    363-369), for percentages.
    """
    if base <= 0:
        return ()
    inside = requirement.interval
    return tuple(k for k in range(base + 1) if Fraction(100 * k, base) in inside)


def nearest(counts: Iterable[int], share: Fraction, base: int) -> int | None:
    """Count whose share of `base` is closest to `share`; None if there are no counts."""
    return min(counts, key=lambda k: (abs(Fraction(k, base) - share), k), default=None)


def wilson(share: Fraction, base: int) -> tuple[float, float]:
    """Wilson's (1927) 95% score interval of a share of `base`, both ends in [0, 1].

    Notes
    -----
    Plain numbers and no imports: `helpers.estimation.intervals.wilson` does the same on arrays.
    """
    p, z2 = float(share), Z95**2
    centre = (p + z2 / (2 * base)) / (1 + z2 / base)
    half = Z95 * sqrt(p * (1 - p) / base + z2 / (4 * base**2)) / (1 + z2 / base)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def parse_number(text: str) -> tuple[Fraction, int | None]:
    """Read ``37.5`` or ``100/3`` as an exact number and its decimals (None for a fraction).

    Raises
    ------
    ValueError
        If the text is neither.
    """
    if "/" in text:
        above, below = text.split("/")
        if int(below) == 0:
            raise ValueError(text)
        return Fraction(int(above), int(below)), None
    if not text.removeprefix("-").replace(".", "", 1).isdecimal():
        raise ValueError(text)
    return Fraction(text), len(text.partition(".")[2])


def plain(number: Fraction, decimals: int = 1) -> str:
    """Write a number for people: rounded half up, without a trailing ``.0``."""
    scaled = number * 10**decimals
    rounded = (abs(scaled) + Fraction(1, 2)).__floor__()
    sign = "-" if number < 0 and rounded else ""
    whole, rest = divmod(rounded, 10**decimals)
    digits = f"{rest:0{decimals}d}".rstrip("0") if decimals else ""
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"
