"""Iterative proportional fitting of weights, with and without bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import NOT_STATED
from helpers.errors import InsightsError
from helpers.estimation.intervals import Floats
from helpers.estimation.tabulate import weights_by
from helpers.estimation.targets import PEOPLE, SAME_SUM, Margin
from helpers.responses.weighting import ALLOWED, FIXED, FittedMargins

UNSAID = {NOT_STATED, NOT_ANSWERED, NOT_ASKED}
NAMED = 5  # categories that a message lists, at most


@dataclass(frozen=True)
class Raking:
    """How weights were raked.

    Attributes
    ----------
    targets : margins, in the order in which they were met
    verb : what this is called, such as "raked"
    iterations : rounds over all margins
    deviation : largest remaining difference from a margin, as a part of that margin
    converged : whether `deviation` is below the tolerance
    lowest, highest : of the new weights
    trimmed : respondents whose weight is at a bound
    respondents, effective : respondents, and Kish's effective base (sum w)² / sum w²
    calibration : margins whose targets standard errors allow for
    bounds : multiples of the mean weight that no weight leaves
    """

    targets: tuple[Margin, ...]
    iterations: int
    deviation: float
    converged: bool
    lowest: float
    highest: float
    trimmed: int
    respondents: int
    effective: float
    verb: str = "raked"
    calibration: FittedMargins | None = None
    bounds: tuple[float, float] | None = None

    @property
    def fixed(self) -> bool:
        """Whether standard errors leave out that the weights follow from the sample."""
        return self.calibration is None

    @property
    def done(self) -> str:
        """What was done to the weights."""
        said = f"{self.verb} to {', '.join(t.name for t in self.targets)}"
        if self.bounds is None:
            return said
        return f"{said}, trimmed to {self.bounds[0]:g} to {self.bounds[1]:g} of their mean"

    @property
    def met(self) -> tuple[tuple[str, ...], ...]:
        """Characteristics of each margin."""
        return tuple(target.keys for target in self.targets)

    @property
    def source(self) -> str:
        """What the weights are now."""
        return f"{self.verb} weights"

    @property
    def given(self) -> str:
        """What the numbers of the targets were taken for."""
        kinds = " and ".join(dict.fromkeys(t.given for t in self.targets))
        return f"{kinds} ({self.targets[0].numbers.sum():,.0f})" if kinds == PEOPLE else kinds

    @property
    def kept(self) -> str:
        """Who kept their share because it was not known where they belong, as a sentence."""
        held = [f"{t.unstated:,} ({t.name})" for t in self.targets if t.unstated]
        return f" Not stated, so their share stays as it was: {', '.join(held)}." if held else ""

    @property
    def note(self) -> str:
        """What was done, in sentences."""
        end = "converged" if self.converged else "did NOT converge"
        at_bounds = f", {self.trimmed:,} of them at a bound" if self.trimmed else ""
        rounds = f"{self.iterations} round{'' if self.iterations == 1 else 's'}"
        return (
            f"Weights {self.done}: {end} in {rounds} "
            f"(largest deviation {self.deviation:.2g} of a margin), from {self.lowest:.4g} to "
            f"{self.highest:.4g}{at_bounds}; effective base {self.effective:,.1f} of "
            f"{self.respondents:,}. The targets are {self.given}.{self.kept} "
            f"{FIXED if self.fixed else ALLOWED}"
        )


def raked(
    frame: Any,
    targets: list[Margin],
    weight: str | None,
    bounds: tuple[float, float] | None,
    tolerance: float,
    max_iterations: int,
    unconverged: str,
    cells: Mapping[str, Any] | None = None,
) -> tuple[Any, Raking]:
    """Rake the weights in a table: an expression of the new ones; see `weights.rake`.

    `cells` are expressions of columns that are in the table for the time being.
    """
    columns = list(dict.fromkeys(c for t in targets for c in t.columns))
    table = weights_by(frame, columns, weight, each=bounds is not None)
    if bad := int(table["bad"].sum()):
        raise InsightsError(
            f"Starting weights must be numbers of 0 or more for every respondent: {bad} are not."
        )
    targets = [_with_unstated(t, table, columns) for t in targets]
    places = [_places(t, table, columns) for t in targets]
    w = table["sum_w"].to_numpy(dtype=float)
    scale = w.sum() if abs(targets[0].numbers.sum() - 1) <= SAME_SUM else 1.0
    numbers = [t.numbers * scale for t in targets]
    n = table["n"].to_numpy(dtype=float)
    room = _room(bounds, numbers[0].sum() / n.sum())
    fitted = _fit(w, n, places, numbers, room, tolerance, max_iterations)
    if fitted.deviation > tolerance and unconverged == "fail":
        worst = targets[fitted.worst[0]]
        code = worst.called(worst.categories[fitted.worst[1]])
        raise InsightsError(
            f"Raking did not converge in {max_iterations} rounds: {worst.name}, {code} is still "
            f"{fitted.deviation:.2g} of its margin away. The margins contradict each other in "
            "this sample (combinations that nobody is in), or trimming leaves too little room: "
            'merge categories, trim less, or look at it with unconverged="report".'
        )
    new = _expression(targets, fitted.factors, weight, room, cells or {})
    return new, _report(table, targets, places, fitted, room, tolerance, bounds)


@dataclass(frozen=True)
class _Fit:
    """Factors per margin and category, rounds, and the largest remaining deviation."""

    factors: list[Floats]
    iterations: int
    deviation: float
    worst: tuple[int, int]


def _fit(
    w: Floats,
    n: Floats,
    places: list[Any],
    numbers: list[Floats],
    room: tuple[float, float],
    tolerance: float,
    max_iterations: int,
) -> _Fit:
    """Fit w times one factor per margin, held within the bounds of a weight times `n`."""
    factors = [np.ones(len(t)) for t in numbers]
    low, high = np.where(w > 0, room[0] * n, 0.0), room[1] * n

    def current() -> Floats:
        raw = reduce(np.multiply, (f[p] for f, p in zip(factors, places, strict=True)), w)
        return np.clip(raw, low, high)

    deviation, worst, rounds = math.inf, (0, 0), 0
    while rounds < max_iterations and deviation > tolerance:
        rounds += 1
        for f, place, wanted in zip(factors, places, numbers, strict=True):
            f *= wanted / np.bincount(place, current(), len(wanted))
            np.clip(f, 1e-150, 1e150, out=f)  # bounds that leave no room push factors on for ever
        fitted = current()
        away = [
            np.abs(np.bincount(p, fitted, len(t)) / t - 1)
            for p, t in zip(places, numbers, strict=True)
        ]
        at = int(np.argmax([a.max() for a in away]))
        deviation, worst = float(away[at].max()), (at, int(away[at].argmax()))
    return _Fit(factors, rounds, deviation, worst)


def _codes(target: Margin, table: pd.DataFrame, columns: list[str]) -> list[tuple[Any, ...]]:
    """Codes of every row of the table on the characteristics of a margin."""
    keys = [f"key_{columns.index(c)}" for c in target.columns]
    return list(zip(*(table[k] for k in keys), strict=True))


def _with_unstated(target: Margin, table: pd.DataFrame, columns: list[str]) -> Margin:
    """Let respondents who did not say where they belong keep their share, if it is not given."""
    known, kept = set(target.categories), dict[tuple[Any, ...], list[float]]()
    for code, n, w in zip(_codes(target, table, columns), table["n"], table["sum_w"], strict=True):
        if code not in known and not UNSAID.isdisjoint(code):
            sums = kept.setdefault(code, [0, 0.0])
            sums[0], sums[1] = sums[0] + n, sums[1] + w
    whole = float(table["sum_w"].sum())
    shares = {code: w / whole for code, (_, w) in kept.items() if w > 0}
    if not shares or sum(shares.values()) >= 1:
        return target
    total, rest = target.numbers.sum(), 1 - sum(shares.values())
    return replace(
        target,
        categories=(*target.categories, *shares),
        numbers=np.array([*(target.numbers * rest), *(total * s for s in shares.values())]),
        unstated=int(sum(n for n, _ in kept.values())),
        unsaid=tuple(shares),
    )


def _places(target: Margin, table: pd.DataFrame, columns: list[str]) -> Any:
    """Category of every row of the table; error where the margin and the sample differ."""
    known = {c: n for n, c in enumerate(target.categories)}
    found = _codes(target, table, columns)
    strays: dict[tuple[Any, ...], int] = {}
    for code, n, w in zip(found, table["n"], table["sum_w"], strict=True):
        if code not in known and w > 0:
            strays[code] = strays.get(code, 0) + int(n)
    if strays:
        listed = _first(
            [
                f"{target.called(c)}: {n:,}, {n / table['n'].sum():.1%} of the sample"
                for c, n in sorted(strays.items(), key=lambda stray: -stray[1])
            ],
            "; ",
        )
        raise InsightsError(
            f"Margin {target.name} has no number for respondents in: {listed}. Give each a number "
            "of people or a share."
        )
    place = np.array([known.get(c, 0) for c in found], dtype=int)  # a weight of 0 counts nowhere
    weights = np.bincount(place, table["sum_w"].to_numpy(dtype=float), len(known))
    empty = [c for c, n in known.items() if not weights[n] > 0]
    if empty:
        listed = _first([*map(target.called, empty)], ", ")
        raise InsightsError(
            f"Margin {target.name}: nobody with a weight above 0 is in {listed}. No weights can "
            "meet it: merge it with another category."
        )
    return place


def _first(names: list[str], between: str) -> str:
    """List some names, and how many more there are."""
    more = [f"and {len(names) - NAMED:,} more"] if len(names) > NAMED else []
    return between.join([*names[:NAMED], *more])


def _room(bounds: tuple[float, float] | None, mean: float) -> tuple[float, float]:
    if bounds is None:
        return 0.0, math.inf
    numbers = isinstance(bounds, tuple | list) and all(isinstance(b, int | float) for b in bounds)
    low, high = bounds if numbers and len(bounds) == 2 else (1.0, 1.0)
    if not 0 <= low < 1 < high:
        raise InsightsError(
            f"trim is {bounds}: give multiples of the mean weight, the lower from 0 to below "
            "1 and the upper above 1, such as (0.3, 3)."
        )
    return low * mean, high * mean


def _expression(
    targets: list[Margin],
    factors: list[Floats],
    weight: str | None,
    room: tuple[float, float],
    cells: Mapping[str, Any],
) -> Any:
    """Expression of new weights, whatever holds the rows."""
    old = nw.lit(1.0) if weight is None else nw.col(weight).cast(nw.Float64)
    new = old
    for target, numbers in zip(targets, factors, strict=True):
        factor: Any = nw.lit(1.0)
        for category, number in zip(target.categories, numbers, strict=True):
            pairs = zip(target.columns, category, strict=True)
            same = (cells.get(c, nw.col(c)) == v for c, v in pairs)
            inside = nw.all_horizontal(*same, ignore_nulls=False)
            factor = nw.when(inside).then(nw.lit(float(number))).otherwise(factor)
        new = new * factor
    if room != (0.0, math.inf):
        new = nw.when(old > 0).then(new.clip(*room)).otherwise(old)
    return new


def _report(
    table: pd.DataFrame,
    targets: list[Margin],
    places: list[Any],
    fitted: _Fit,
    room: tuple[float, float],
    tolerance: float,
    bounds: tuple[float, float] | None,
) -> Raking:
    times = reduce(np.multiply, (f[p] for f, p in zip(fitted.factors, places, strict=True)))
    n, w, w2, low, high = (
        table[k].to_numpy(dtype=float) for k in ("n", "sum_w", "sum_w2", "lowest", "highest")
    )
    trims = bounds is not None
    if trims:  # rows then hold respondents of one weight
        low = high = np.where(low > 0, np.clip(low * times, *room), 0.0)
        w, w2 = n * low, n * low**2
    else:
        low, high, w, w2 = low * times, high * times, w * times, w2 * times**2
    at_bound = (high > 0) & ((low <= room[0]) | (high >= room[1])) & trims
    return Raking(
        tuple(targets),
        fitted.iterations,
        fitted.deviation,
        fitted.deviation <= tolerance,
        float(low.min()),
        float(high.max()),
        int(n[at_bound].sum()),
        int(n.sum()),
        float(w.sum() ** 2 / w2.sum()),
        bounds=bounds,
    )
