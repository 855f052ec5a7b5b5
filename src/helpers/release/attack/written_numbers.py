"""Numbers as a page writes them, read back, and the counts that could have been printed so."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, lru_cache
from itertools import pairwise

from scipy.special import stdtrit

Z = 1.959963984540054  # 97.5% point of the normal distribution
# A comma, or a blank that does not break, between every three digits, and between nothing else.
NUMBER = re.compile(
    r"\d{1,3}(?:(?P<apart>[,\u00a0\u2009\u202f])\d{3})(?:(?P=apart)\d{3})*(?!\d)(?:\.\d+)?"
    r"|\d+(?:\.\d+)?(?:[eE][+-]\d{2}(?!\d))?"
)
_WRITTEN = re.compile(
    rf"(?P<minus>\u2212|(?<![^\s(\[:;,])-)?(?P<digits>{NUMBER.pattern})"
    r"(?P<percent>\s*(?:%|per cent\b|percent\b))?"
)
_RANGE = re.compile(r"95% range (?=\d)")  # its ends are percentages, with or without a sign
_TO = re.compile(r"\s*(?:[\u2010-\u2015-]|to)\s*")
DIGITS = 6  # decimals of a share in a chart
HALF = 0.5001  # of the last digit printed


@dataclass(frozen=True)
class PrintedShare:
    """A share with the ends of its interval, each in [0, 1]."""

    share: float
    low: float
    high: float

    @cached_property
    def texts(self) -> tuple[str, str, str]:
        """Whole percentages as printed."""
        return percent(self.share), percent(self.low), percent(self.high)

    @property
    def ends(self) -> str:
        """Its interval as printed."""
        _, low, high = self.texts
        return f"{low.rstrip('%')}–{high}"

    @property
    def label(self) -> str:
        """What a chart writes of it."""
        return f"{self.texts[0]} ({self.ends})"

    @property
    def claim(self) -> str:
        """What a sentence says of it as a whole; nothing of a share."""
        return ""


@dataclass(frozen=True)
class Net(PrintedShare):
    """A difference of two shares with the ends of its interval, each in [-1, 1]."""

    @cached_property
    def texts(self) -> tuple[str, str, str]:
        """Whole points as printed, with their sign."""
        return signed(self.share), signed(self.low), signed(self.high)

    @property
    def ends(self) -> str:
        """Its interval as printed."""
        _, low, high = self.texts
        return f"{low} to {high}"

    @property
    def claim(self) -> str:
        """What a sentence says of it."""
        return f" {self.texts[0]} (95% range {self.ends})"


@dataclass(frozen=True)
class Mean(PrintedShare):
    """A mean with the ends of its interval, each a hundredth of a number of the scale."""

    @cached_property
    def texts(self) -> tuple[str, str, str]:
        """Numbers of the scale as printed, with one decimal."""
        at, low, high = (percent(v, 1).rstrip("%") for v in (self.share, self.low, self.high))
        return at, low, high

    @property
    def label(self) -> str:
        """What a chart writes of it."""
        return f"Mean {super().label}"

    @property
    def claim(self) -> str:
        """What a sentence says of it."""
        return f" {self.texts[0]} (95% range {self.ends})"


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


def mean(counts: Mapping[float, int], everybody: int) -> Mean:
    """Mean of scores, each given by so many, with Student's 95% interval within the scale."""
    n, first, last = sum(counts.values()), min(counts), max(counts)
    at = sum(score * k for score, k in counts.items()) / (100 * n)
    variance = sum(k * (score / 100 - at) ** 2 for score, k in counts.items()) / n
    if n in counts.values():  # all alike: as a share of the way from one end to the other
        wide = interval((100 * at - first) / (last - first), float(n))
        low, high = (first + (last - first) * end for end in (wide.low, wide.high))
        return Mean(at, low / 100, high / 100)
    half = float(stdtrit(n - 1, 0.975)) * math.sqrt(variance * everybody / (n * (everybody - 1)))
    return Mean(at, max(at - half, first / 100), min(at + half, last / 100))


@dataclass(frozen=True)
class Written:
    """A number as a text has it: `digits` without separators, with a minus where there is one."""

    digits: str
    percent: bool

    @property
    def value(self) -> float:
        """The number; a percentage counts in points."""
        return float(self.digits)

    @property
    def unit(self) -> float:
        """Value of its last digit."""
        return float(10.0 ** -len(self.digits.partition(".")[2]))


def written(text: str) -> list[Written]:
    """Read every number of a text.

    Thousands may be set apart by commas or by blanks that do not break, decimals follow a point,
    a minus is a minus sign or a hyphen at the beginning of a word. Both ends of a range such as
    ``26–51%`` or ``1,170 to 1,235`` are numbers; they are percentages where the last one is, and
    in a ``95% range 26–51``.
    """
    return list(_read(text))


@lru_cache(maxsize=100_000)
def _read(text: str) -> tuple[Written, ...]:
    found = list(_WRITTEN.finditer(text))
    starts = {place.end() for place in _RANGE.finditer(text)}
    ends = {
        there.start()
        for here, there in pairwise(found)
        if here.start() in starts and _TO.fullmatch(text, here.end(), there.start())
    }
    read: list[Written] = []
    for at in reversed(range(len(found))):
        here = found[at]
        percent = here["percent"] is not None or here.start() in starts | ends
        if not percent and read and read[-1].percent:
            percent = bool(_TO.fullmatch(text, here.end(), found[at + 1].start()))
        read.append(Written(_digits(here), percent))
    return tuple(read[::-1])


def _digits(found: re.Match[str]) -> str:
    digits = found["digits"].replace(found["apart"], "") if found["apart"] else found["digits"]
    if not digits.isdecimal() and "e" in digits.lower():
        digits = f"{Decimal(digits):f}"
    return f"-{digits}" if found["minus"] else digits


@lru_cache(maxsize=100_000)
def number(text: str) -> Written | None:
    """Read a text that is only a number; None if it is not."""
    found = written(text) if _WRITTEN.fullmatch(text.strip()) else []
    return found[0] if found else None


@lru_cache(maxsize=100_000)
def percent(share: float, digits: int = 0) -> str:
    """Print a share as a percentage, halves rounded up."""
    step = Decimal(1).scaleb(-digits)
    return f"{(Decimal(repr(float(share))) * 100).quantize(step, ROUND_HALF_UP)}%"


@lru_cache(maxsize=100_000)
def interval(share: float, effective: float) -> PrintedShare:
    """Wilson's (1927) score interval at 95%."""
    z2 = Z * Z
    middle = (share + z2 / (2 * effective)) / (1 + z2 / effective)
    half = Z * math.sqrt(share * (1 - share) / effective + z2 / (4 * effective**2))
    half /= 1 + z2 / effective
    return PrintedShare(share, max(middle - half, 0.0), min(middle + half, 1.0))


@lru_cache(maxsize=100_000)
def expected(k: int, n: int, everybody: int) -> PrintedShare:
    """Share and interval of `k` of `n`; the effective base is that of a simple random sample."""
    effective = n if k in (0, n) else n * (everybody - 1) / everybody
    return interval(k / n, float(effective))


def candidates(texts: Iterable[str], n: int, everybody: int) -> tuple[int, int] | None:
    """Smallest and largest count of `n` that prints as these texts (share, low, high).

    A text without a number says nothing. None if no count fits.
    """
    wanted = [(place, found[0]) for place, t in enumerate(texts) if (found := written(t))]

    def off(k: int) -> list[float]:
        """How far what is printed of a count lies from the texts, in units of their last digit."""
        one = expected(k, n, everybody)
        ends = (one.share, one.low, one.high)
        return [(ends[place] * 100 - w.value) / w.unit for place, w in wanted]

    # The effective base of none and of all is another one, so these two stand for themselves;
    # between them the share and both ends grow with the count.
    inner = range(1, n)
    first = bisect_left(inner, True, key=lambda k: min(off(k), default=0.0) >= -HALF)
    last = bisect_right(inner, False, key=lambda k: max(off(k), default=0.0) > HALF)
    fits = [inner[first], inner[last - 1]] if first < last else []
    fits += [k for k in {0, n} if all(abs(o) <= HALF for o in off(k))]
    return (min(fits), max(fits)) if fits else None


def near(first: float, second: float, tolerance: float = 0.0) -> bool:
    """Whether two percentages agree as a chart gives them."""
    return abs(first - second) <= 100 * 10.0**-DIGITS + tolerance


def counts_and_percentages(text: str) -> tuple[set[str], set[str]]:
    """Numbers in a text, as their digits: counts, and percentages (both ends of a range)."""
    found = written(text)
    return {w.digits for w in found if not w.percent}, {w.digits for w in found if w.percent}
