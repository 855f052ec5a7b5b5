"""Findings in words: what a family of comparisons shows, with ranges that never contradict them.

A *family* is all comparisons that are made alike: of the groups of one dimension, or of two points
in time. A comparison is one question or item; it has one row if two groups are compared on one
answer, else a row for every pair of groups and every answer.

How word and range agree. Each row has a p value: the larger of its test's and of the one at which
its range would just leave out 0, multiplied by the number of rows of its comparison (Bonferroni),
and no smaller than that of a test of the whole comparison. The p value of a comparison is the
smallest of its rows. Of `size` comparisons, `found(q)` is the largest number r of which the p
values are at most r q / size (Benjamini and Hochberg 1995). A row differs if its p value is at most
`found(q)` q / size. All ranges of a family have the level 1 - max(`found(0.05)`, 1) 0.05 / size,
shared by the rows of a comparison: the false coverage rate of Benjamini and Yekutieli (2005) for
those that differ, Bonferroni's where none does. So the range of a row that differs leaves out 0.
Where a test does not find what its range does, the range is widened to 0. Neither makes an error
more likely: p values only grow, ranges only widen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from helpers.estimation.association import STEPS, T, detectable, newcombe
from helpers.estimation.domains import ComparisonStatus
from helpers.estimation.intervals import Floats
from helpers.estimation.paired_tests import mcnemar_test

CLEAR, LIKELY = 0.01, 0.05  # false discovery rates
NEAR = 0.05  # a difference within ± 5 points counts as about the same
POWER = 0.8
BY_DESIGN = "t, design-based"  # a test of change
TIE = 1e-9  # p values that differ by less, as a part, are equal
EXACT = 12  # decimals beyond which differences are ones of rounding: yes and no are as far apart
LEAST = 10  # answers on each side, or people who answered both times
FARTHEST = 37.0  # standard errors: beyond, no p value is above 0
NUMBERS = [
    *("estimate", "share", "share_other", "n", "n_other", "n_effective", "n_effective_other"),
    *("se", "df", "p", "whole", "up", "down"),
]
ROW = ["question", "item", "time", "option", "group", "other", *NUMBERS]
COMPARISON = ["question", "item", "time"]  # what options and pairs share


class Word(StrEnum):
    """What a comparison shows; the words themselves are in `languages/`."""

    CLEAR = "clear"
    LIKELY = "likely"
    SAME = "same"
    FEW = "few"


@dataclass(frozen=True)
class Family:
    """How many comparisons a family has, and how many of them differ at each rate.

    Attributes
    ----------
    ordered : p values of the comparisons, in order
    """

    size: int
    clear: int
    likely: int
    ordered: tuple[float, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, p: Iterable[float]) -> Family:
        """Count the comparisons with these p values, and those that differ."""
        ordered = np.sort(np.asarray(list(p), dtype=float))
        found = _found(ordered, CLEAR), _found(ordered, LIKELY)
        return cls(len(ordered), *found, tuple(ordered.tolist()))

    def adjusted(self, p: Floats) -> Floats:
        """Smallest false discovery rates at which rows with these p values differ."""
        if not self.size:
            return np.ones_like(p)
        rates = np.arange(1, self.size + 1) / self.size
        known = np.append(np.asarray(self.ordered) / rates, np.inf)
        later = np.minimum.accumulate(known[::-1])[::-1]  # of comparisons with larger p values
        place = np.searchsorted(self.ordered, p * (1 + TIE), side="right")
        own = np.where(place > 0, p / rates[np.maximum(place, 1) - 1], np.inf)
        return np.minimum(np.minimum(own, later[place]), 1.0)

    def limit(self, rate: float) -> float:
        """Largest p value of what differs at a false discovery rate; below 0 if nothing does."""
        found = self.clear if rate == CLEAR else self.likely
        return found * rate / self.size * (1 + TIE) if found else -1.0

    @property
    def level(self) -> float:
        """Chance that a range of this family may miss its difference with."""
        return max(self.likely, 1) * LIKELY / max(self.size, 1)


def _found(ordered: Floats, rate: float) -> int:
    """Benjamini and Hochberg's number of discoveries."""
    m = len(ordered)
    below = np.flatnonzero(ordered <= np.arange(1, m + 1) * rate / max(m, 1) * (1 + TIE))
    return int(below[-1]) + 1 if len(below) else 0


def tango(up: Floats, down: Floats, n: Floats, z: Floats | float) -> tuple[Floats, Floats]:
    """Interval for the share of `n` people who went up less the share who went down.

    Notes
    -----
    Tango, T. (1998), Statistics in Medicine 17, 891-908: the score interval of the difference of
    two paired shares. It leaves out 0 exactly if McNemar's statistic (up - down)² / (up + down) is
    above z².
    """
    given = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (up, down, n, z)))
    b, c, n, z = given

    def score(d: Floats) -> Floats:
        """Count the standard errors from d to `found`, by the shares most likely at d."""
        linear = (2 * n - b + c) * d - b - c
        root = np.sqrt(np.maximum(linear**2 + 8 * n * c * d * (1 - d), 0))
        least = (root - linear) / (4 * n)
        spread = np.maximum(n * (2 * least + d * (1 - d)), 0)
        gap = b - c - n * d
        return np.where(spread > 1e-12, gap / np.sqrt(spread), np.sign(gap) * np.inf)

    found = (b - c) / n
    with np.errstate(invalid="ignore", divide="ignore"):
        low = _crossing(lambda d: score(d) > z, np.full(found.shape, -1.0), found)
        high = _crossing(lambda d: -score(d) > z, np.ones(found.shape), found)
    return low, high


def _crossing(far: Callable[[Floats], Any], outside: Floats, inside: Floats) -> Floats:
    """Find by halving where `far` ends, on the way to what is not far."""
    for _ in range(STEPS):
        middle = (outside + inside) / 2
        away = far(middle)
        outside, inside = np.where(away, middle, outside), np.where(away, inside, middle)
    return outside


def difference_ranges(rows: pd.DataFrame, level: Floats | float) -> tuple[Floats, Floats]:
    """Range of the difference of each row that misses it with chance `level`.

    Tango's for those who answered twice, Student's where the test is one, else Newcombe's.
    """
    from scipy.special import ndtri, stdtrit

    at = {name: rows[name].to_numpy(dtype=float) for name in NUMBERS}
    level = np.broadcast_to(np.asarray(level, dtype=float), at["estimate"].shape)
    z = -ndtri(level / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = newcombe(
            at["share"], at["n_effective"], at["share_other"], at["n_effective_other"], z
        )
        by_t = ~np.isnan(at["se"])
        half = -stdtrit(np.maximum(at["df"], 1), level / 2) * at["se"]
    paired = ~np.isnan(at["up"]) & ~by_t
    if paired.any():
        up, down, n = (at[name][paired] for name in ("up", "down", "n_effective"))
        low[paired], high[paired] = tango(up, down, n, z[paired])
    low = np.where(by_t, at["estimate"] - half, low)
    high = np.where(by_t, at["estimate"] + half, high)
    return np.maximum(low, -1), np.minimum(high, 1)


def _leaves_out_0(rows: pd.DataFrame) -> Floats:
    """Smallest chance, a hair more, at which the range of a row leaves out 0; 1 if none does."""
    from scipy.special import ndtr, stdtr

    at = {name: rows[name].to_numpy(dtype=float) for name in NUMBERS}

    def covers(z: Floats) -> Any:
        low, high = newcombe(
            at["share"], at["n_effective"], at["share_other"], at["n_effective_other"], z
        )
        return ~((low > 0) | (high < 0))

    z = _crossing(covers, np.full(len(rows), FARTHEST), np.zeros(len(rows)))
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(at["estimate"] == 0, 0.0, z)
        moved = np.abs(at["up"] - at["down"]) / np.sqrt(np.maximum(at["up"] + at["down"], 1e-300))
        z = np.where(np.isnan(at["up"]), z, moved)
        p = np.where(
            at["se"] > 0, 2 * stdtr(at["df"], -np.abs(at["estimate"]) / at["se"]), 2 * ndtr(-z)
        )
    return np.minimum(p * (1 + 3 * TIE), 1.0)


def judge_family(rows: pd.DataFrame, family: Family | None = None) -> pd.DataFrame:
    """Say in a word what each row of a family shows.

    Parameters
    ----------
    rows
        The columns `ROW`, one row per comparison, answer and pair: `estimate` is `share` less
        `share_other`, or, for those who answered twice, `up` less `down` as a share of
        `n_effective`. `se` and `df` are given where the test is Student's, `whole` is the p value
        of the test of the whole comparison, missing where it has one row. A missing `p` is no test.
    family
        Of which the rows are a part; by default they are all of it.

    Returns
    -------
    The rows that have `LEAST` answers on each side, with `comparison` (a key), `p_row`, `low` and
    `high` (range of the difference, in [-1, 1]), `word`, `p_adjusted` (the smallest false discovery
    rate at which the row differs: at most 0.05 where the word is likely, 0.01 where it is clear),
    and `showable` (smallest difference that these numbers show four times in five, missing where
    there is none). `attrs` has the `family`.
    """
    rows = rows.astype(dict.fromkeys(NUMBERS, float))
    other = rows["n_other"].where(rows["up"].isna(), rows["n"])
    rows = rows[(rows["n"] >= LEAST) & (other >= LEAST) & rows["estimate"].notna()]
    rows = rows.reset_index(drop=True)
    compared = [rows[name].tolist() for name in COMPARISON]
    compared.append(rows["option"].where(rows["up"].notna(), "").tolist())
    rows = rows.assign(comparison=list(zip(*compared, strict=True)))
    many: Any = rows.groupby("comparison")["n"].transform("size").to_numpy(dtype=float)
    own = np.maximum(rows["p"].to_numpy(dtype=float), _leaves_out_0(rows))
    p = np.fmax(np.minimum(np.where(np.isnan(own), 1.0, own * many), 1.0), rows["whole"])
    p = np.where((many > 1) & rows["whole"].isna(), 1.0, p)
    rows = rows.assign(p_row=p)
    if family is None:
        family = Family.of(rows.groupby("comparison")["p_row"].min())
    level = np.minimum(family.level / many, 1.0)
    low, high = difference_ranges(rows, level)
    clear, likely = (p <= family.limit(rate) for rate in (CLEAR, LIKELY))
    differs = clear | likely
    low, high = (
        np.where(differs, end, zero(end, 0))
        for end, zero in ((low, np.minimum), (high, np.maximum))
    )
    near = (low >= -NEAR) & (high <= NEAR)
    word = np.select([clear, likely, near], [Word.CLEAR, Word.LIKELY, Word.SAME], Word.FEW)
    adjusted = family.adjusted(p)
    rows = rows.assign(low=low, high=high, word=word, p_adjusted=adjusted)
    rows = rows.assign(showable=_showable(rows, level))
    rows.attrs["family"] = family
    return rows


def representatives(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the row that stands for each comparison, in their order.

    Where something differs it is, of the rows with the strongest word, the one whose range stays
    furthest from 0; else the one whose range reaches furthest: so that a comparison is about the
    same only if all its rows are.
    """
    strength = rows["word"].map({Word.CLEAR: 2, Word.LIKELY: 1}).fillna(0)
    away = np.where(
        strength > 0,
        rows[["low", "high"]].abs().min(axis=1),
        rows[["low", "high"]].abs().max(axis=1),
    )
    size = rows["estimate"].abs().round(EXACT)
    ranked = rows.assign(_strength=strength, _away=np.round(away, EXACT), _size=size)
    ranked = ranked.sort_values(
        ["_strength", "_away", "_size"], ascending=False, kind="stable"
    ).drop_duplicates("comparison")
    return rows.loc[ranked.index.sort_values()]


def _showable(rows: pd.DataFrame, level: Floats) -> Floats:
    """Smallest difference shown with chance `POWER`: from the other share, or of those who move."""
    at = {name: rows[name].to_numpy(dtype=float) for name in NUMBERS}
    found = np.full(len(rows), np.nan)
    twice = ~np.isnan(at["up"])
    for chance in np.unique(level):
        here = (level == chance) & ~twice
        n, m, p = (at[x][here] for x in ("n_effective_other", "n_effective", "share_other"))
        found[here] = detectable(n, m, p, POWER, float(chance))
    people = at["n_effective"][twice]
    moved = (at["up"][twice] + at["down"][twice]) / people
    found[twice] = showable_change(people, moved, level[twice])
    return found


def showable_change(n: Floats, moved: Floats, level: Floats) -> Floats:
    """Smallest share up less share down, of `n` people, that McNemar's test shows.

    Parameters
    ----------
    moved
        Share who moved either way; a larger difference takes more to move.

    Returns
    -------
    The d > 0 that solves ``d sqrt(n) = z(1 - level/2) sqrt(m) + z(power) sqrt(m - d²)`` with m the
    larger of `moved` and d: Connor (1987), Biometrics 43, 207-211. Missing if there is none.
    """
    from scipy.special import ndtri

    za, zb = -ndtri(level / 2), ndtri(POWER)

    def shown(d: Floats) -> Any:
        m = np.maximum(moved, d)
        needed = za * np.sqrt(m) + zb * np.sqrt(np.maximum(m - d**2, 0))
        return d * np.sqrt(n) >= needed

    ones = np.ones(np.shape(n))
    return np.where(shown(ones), _crossing(shown, ones, 0 * ones), np.nan)


def from_groups(pairs: pd.DataFrame, whole: dict[tuple[str, str, str], float]) -> pd.DataFrame:
    """Rows of a family from differences between groups as `compare.groups` gives them.

    Parameters
    ----------
    whole
        p value of the test of all groups and answers, by question, item and time.
    """
    by_t = pairs["test"] == T
    counted = (pairs["status"] == ComparisonStatus.CENSUS) & (pairs["estimate"] != 0)
    rows = pairs.assign(
        **{name: pairs[name].where(by_t) for name in ("se", "df")},
        p=pairs["p"].mask(counted, 0.0),
        up=np.nan,
        down=np.nan,
    )
    places = zip(*(pairs[name].tolist() for name in COMPARISON), strict=True)
    return rows.assign(whole=[whole.get(place, np.nan) for place in places])[ROW]


def from_changes(changes: pd.DataFrame) -> pd.DataFrame:
    """Rows of a family from changes of the same people as `change.paired` gives them.

    What is compared is how many went up with how many went down, on a scale too.
    """
    rows = []
    for row in changes.to_dict("records"):
        first, _, last = row["time"].partition(" to ")
        up, down, n = (float(row[name]) for name in ("up", "down", "n"))
        found = dict.fromkeys(ROW, np.nan) | {name: row[name] for name in (*COMPARISON, "option")}
        found |= {"group": first, "other": last, "estimate": row["net"], "n": row["n"]}
        found |= {"up": up, "down": down, "n_effective": n}
        if str(row["test"]).startswith(BY_DESIGN) and row["net_se"] > 1e-12:
            smaller = row["n_effective"] / n  # by weights; who moved either way is as counted
            found |= {"se": row["net_se"], "df": row["df"], "p": 0.0, "n_effective": smaller * n}
            found |= {"up": smaller * up, "down": smaller * down}
        elif n:
            found |= {"p": mcnemar_test(up, down)["p"] if up + down else 1.0}
        rows.append(found)
    return pd.DataFrame(rows, columns=ROW)
