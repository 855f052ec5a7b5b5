"""Percentages and intervals read backwards: which counts could have been printed so."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import numpy as np
from scipy.special import stdtrit

Z = 1.959963984540054  # 97.5% point of the normal distribution
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_TOKEN = re.compile(rf"({NUMBER.pattern})(\s*%)?")
_RANGE = re.compile(rf"({NUMBER.pattern})(\s*(?:–|-|to)\s*{NUMBER.pattern}\s*%)")
DIGITS = 6  # decimals of a share in a chart


@dataclass(frozen=True)
class Shown:
    """A share with the ends of its interval, each in [0, 1]."""

    share: float
    low: float
    high: float

    @property
    def texts(self) -> tuple[str, str, str]:
        """Whole percentages as printed."""
        return percent(self.share), percent(self.low), percent(self.high)


@dataclass(frozen=True)
class Net(Shown):
    """A difference of two shares with the ends of its interval, each in [-1, 1]."""

    @property
    def texts(self) -> tuple[str, str, str]:
        """Whole points as printed, with their sign."""
        return signed(self.share), signed(self.low), signed(self.high)


def signed(share: float) -> str:
    """Print a difference in points: halves rounded away from nought, a minus that is one."""
    number = percent(abs(share)).rstrip("%")
    return number if number == "0" else f"{'−' if share < 0 else '+'}{number}"


def net(up: float, down: float, n: int, effective: float) -> Net:
    """Difference of two shares of one multinomial, with Student's 95% interval on n - 1."""
    at = up - down
    variance = max(up + down - at * at, 0.0)
    if variance < 1e-12:  # all in one part: as a share of the way from one end to the other
        wide = interval((at + 1) / 2, effective)
        return Net(at, 2 * wide.low - 1, 2 * wide.high - 1)
    half = float(stdtrit(n - 1, 0.975)) * math.sqrt(variance / effective) if n > 1 else math.inf
    return Net(at, max(at - half, -1.0), min(at + half, 1.0))


@lru_cache(maxsize=100_000)
def percent(share: float, digits: int = 0) -> str:
    """Print a share as a percentage, halves rounded up."""
    step = Decimal(1).scaleb(-digits)
    return f"{(Decimal(repr(float(share))) * 100).quantize(step, ROUND_HALF_UP)}%"


@lru_cache(maxsize=100_000)
def interval(share: float, effective: float) -> Shown:
    """Wilson's (1927) score interval at 95%."""
    z2 = Z * Z
    middle = (share + z2 / (2 * effective)) / (1 + z2 / effective)
    half = Z * math.sqrt(share * (1 - share) / effective + z2 / (4 * effective**2))
    half /= 1 + z2 / effective
    return Shown(share, max(middle - half, 0.0), min(middle + half, 1.0))


@lru_cache(maxsize=100_000)
def expected(k: int, n: int, everybody: int) -> Shown:
    """Share and interval of `k` of `n`; the effective base is that of a simple random sample."""
    effective = n if k in (0, n) else n * (everybody - 1) / everybody
    return interval(k / n, float(effective))


def candidates(texts: Iterable[str], n: int, everybody: int) -> tuple[int, int] | None:
    """Smallest and largest count of `n` that prints as these texts (share, low, high).

    A text without a number says nothing. None if no count fits.
    """
    wanted = [(place, _value(t), _unit(t)) for place, t in enumerate(texts) if NUMBER.search(t)]
    fits = []
    for k in range(n + 1):
        one = expected(k, n, everybody)
        ends = (one.share, one.low, one.high)
        if all(abs(ends[place] * 100 - value) <= unit * 0.5001 for place, value, unit in wanted):
            fits.append(k)
    return (fits[0], fits[-1]) if fits else None


def near(first: float, second: float, tolerance: float = 0.0) -> bool:
    """Whether two percentages agree as a chart gives them."""
    return abs(first - second) <= 100 * 10.0**-DIGITS + tolerance


def counts_and_percentages(text: str) -> tuple[set[str], set[str]]:
    """Numbers in a text: counts, and percentages (both ends of a range).

    A range such as ``26–51%`` or ``26 to 51%`` is two percentages.
    """
    text = _RANGE.sub(r"\1%\2", text)
    text = _RANGE.sub(r"\1%\2", text)
    counts: set[str] = set()
    percentages: set[str] = set()
    for number, sign in _TOKEN.findall(text):
        (percentages if sign else counts).add(number.replace(",", ""))
    return counts, percentages


def numbers(values: Iterable[float | None]) -> list[float]:
    """Numbers that are there."""
    return [float(v) for v in values if v is not None and not np.isnan(v)]


def _value(text: str) -> float:
    found = NUMBER.search(text)
    assert found
    return float(found[0].replace(",", ""))


def _unit(text: str) -> float:
    found = NUMBER.search(text)
    assert found
    return 10.0 ** -len(found[0].partition(".")[2])
