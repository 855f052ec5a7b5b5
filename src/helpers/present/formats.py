"""Write numbers and labels: as percentages and points, for charts, in Markdown."""

from __future__ import annotations

import html
import math
import re
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

import pandas as pd

from helpers.words import words_in

ZERO_WIDTH = "\u200b"  # keeps equal labels of a chart apart


def half_up(value: float, digits: int) -> float:
    """Round as pages print: halves away from nought."""
    return value if math.isnan(value) else _half_up(float(value) + 0.0, digits)


@lru_cache(maxsize=100_000)
def _half_up(value: float, digits: int) -> float:
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def percent(share: float, digits: int = 0) -> str:
    """Write a share as a percentage, halves rounded up as in print; empty where there is none."""
    return words_in().percent(share, digits)


def points(share: float, *, sign: bool = True) -> str:
    """Write a difference of shares in percentage points; a dash where there is none."""
    return words_in().points(share, sign=sign)


def difference(row: Mapping[Any, Any]) -> str:
    """Write the difference of a row in points, with its interval where there is one."""
    ends = (row["ci_low"], row["ci_high"])
    if any(pd.isna(end) for end in ends):
        return points(row["estimate"])
    digits = _digits(*ends)
    at, low, high = (words_in().points(of, digits) for of in (row["estimate"], *ends))
    return f"{at} ({low} to {high})"


def _digits(low: float, high: float) -> int:
    """Digits with which no end of a range that leaves 0 out is written as 0; two at most.

    Of a range about 0 both ends may be, but not all that there is: the effect of a year of age.
    """
    ends = 100 * abs(low), 100 * abs(high)
    seen = min(ends) if low * high > 0 else max(ends)
    return sum(seen < least for least in (0.5, 0.05)) if seen else 0


@lru_cache(maxsize=10_000)
def wrapped(label: str, width: int = 30, most: int = 99) -> str:
    """Prepare a label for a chart: broken into at most so many lines, with no markup left."""
    lines = textwrap.wrap(
        label, width, break_on_hyphens=False, max_lines=most, placeholder=" …"
    ) or [""]
    return "<br>".join(html.escape(line, quote=False) for line in lines)


def escaped_markdown(text: str) -> str:
    """Prepare survey text for Markdown, in which it is to be read as it is written."""
    return re.sub(r"([\\`*_{}\[\]|$~#])", r"\\\1", html.escape(text, quote=False))


def width_of(text: str) -> int:
    """Count the letters of a text; those of East Asian scripts are twice as wide."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def legend_rows(names: Sequence[str], wide: float, letter: float) -> int:
    """Count the rows of a legend: plotly sets it in equal columns unless one row is enough."""
    widths = [letter * width_of(name) + 48 for name in names]
    if sum(widths) <= wide:
        return 1
    return -(-len(widths) // max(1, int(wide // max(widths))))
