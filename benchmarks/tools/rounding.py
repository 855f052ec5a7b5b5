"""Baseline: controlled rounding to base 3 of all levels of a column together.

Every count becomes the multiple of three next below or above it (itself where it is one), and
sums of rounded counts are the rounded sums (Cox 1987, Journal of the American Statistical
Association 82, 520-524), as an integer program (HiGHS). Where a rounded count gives the true one
away, as the bases are known, it is rounded the other way; where nothing helps, the deepest level
is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from .exact import ALTERED, HIDDEN, SHOWN, Axes, Exact, Ints, Reading
from .safety import Fact, Knowledge, Target, inferred
from .suppression import cells

STEP = 3
MOST_REFUSED = 20
_SECONDS = 5.0
_SLACK = 100.0  # price of a step that a sum is further away than its neighbouring multiples


@dataclass(frozen=True)
class Refusal:
    """Limits of a sum of rounded counts (0/1 over all cells)."""

    inside: Ints
    low: float
    high: float


def control(exact: Exact) -> tuple[Reading, Knowledge]:
    """Round the counts, showing as many levels as nothing can be inferred from.

    Returns
    -------
    What a reader takes from it, and what the reader knows (for a check).
    """
    rounded, refused = round_counts(exact.counts, []), list[Refusal]()
    assert rounded is not None
    levels = list(exact.levels)
    while True:
        facts = [f for axes in levels for f in _facts(exact, rounded, axes)]
        knowledge = Knowledge(exact, facts)
        target = next(inferred(exact, knowledge), None)
        if target is None:
            return _reading(exact, rounded, levels), knowledge
        if not levels:
            raise RuntimeError("the bases alone give a count away")
        refused.append(_refusal(exact, rounded, target))
        another = round_counts(exact.counts, refused) if len(refused) < MOST_REFUSED else None
        if another is None:
            levels.pop()
        else:
            rounded = another


def _refusal(exact: Exact, rounded: Ints, target: Target) -> Refusal:
    """Refuse the value that a sum was rounded to: it must go to the other side of the truth."""
    value, truth = (int((n * target.inside).sum()) for n in (rounded, exact.counts))
    limits = (-np.inf, value - STEP) if value > truth else (value + STEP, np.inf)
    return Refusal(target.inside, *limits)


def round_counts(counts: Ints, refused: Sequence[Refusal]) -> Ints | None:
    """Round the finest counts such that every sum stays next to its true value, if it can.

    Returns
    -------
    Multiples of three, or None where nothing else is left after what is refused.
    """
    low = counts - counts % STEP
    rows = np.array([row.reshape(-1) for row in _sums(counts.shape)], dtype=float)
    short = rows @ (counts - low).reshape(-1)
    past = (rows @ counts.reshape(-1)) % STEP
    size, sums = counts.size, len(rows)
    # What to round up, then how far each sum misses the truth, and how far its neighbours.
    none, each = np.zeros((sums, sums)), np.eye(sums)
    up = STEP * rows
    limits = [
        LinearConstraint(np.hstack([up, -each, none]), -np.inf, short),
        LinearConstraint(np.hstack([up, each, none]), short, np.inf),
        LinearConstraint(np.hstack([up, none, -each]), -np.inf, short + (-past) % STEP),
        LinearConstraint(np.hstack([up, none, each]), short - past, np.inf),
    ]
    for refusal in refused:
        row = np.concatenate([STEP * refusal.inside.reshape(-1), np.zeros(2 * sums)])
        moved = int((low * refusal.inside).sum())
        limits.append(LinearConstraint(row[None], refusal.low - moved, refusal.high - moved))
    free = (counts % STEP > 0).reshape(-1).astype(float)
    solved = milp(
        np.concatenate([np.zeros(size), np.ones(sums), np.full(sums, _SLACK)]),
        constraints=limits,
        integrality=np.concatenate([np.ones(size), np.zeros(2 * sums)]),
        bounds=Bounds(0, np.concatenate([free, np.full(2 * sums, np.inf)])),
        options={"time_limit": _SECONDS, "mip_rel_gap": 0.01},
    )
    if solved.x is None:
        return None
    return low + STEP * np.rint(solved.x[:size]).astype(np.int64).reshape(counts.shape)


def _sums(shape: tuple[int, ...]) -> list[Ints]:
    """Every cell and every sum over options, over dimensions, or over both."""
    found = []
    for kept in product((False, True), repeat=len(shape)):
        axes = [n for n, k in enumerate(kept) if k]
        for at in product(*(range(shape[n]) for n in axes)):
            row = np.zeros(shape, dtype=np.int64)
            where: list[int | slice] = [slice(None)] * len(shape)
            for axis, place in zip(axes, at, strict=True):
                where[axis] = place
            row[tuple(where)] = 1
            found.append(row)
    return found


def _facts(exact: Exact, rounded: Ints, axes: Axes) -> list[Fact]:
    """List what the rounded counts of a level say: each true one is less than three away."""
    away = tuple(a + 1 for a in range(len(exact.groups)) if a not in axes)
    counts, shown = exact.level(axes), rounded.sum(axis=away)
    facts = []
    for at, value in np.ndenumerate(shown):
        # A sum that could not be kept next to its true value is known by its cells only.
        if abs(int(value) - int(counts[at])) < STEP:
            low, high = int(value) - STEP + 1, int(value) + STEP - 1
            facts.append(Fact(cells(exact, axes, at), low, high))
    return facts


def _reading(exact: Exact, rounded: Ints, levels: list[Axes]) -> Reading:
    reading = Reading()
    for axes in exact.levels:
        away = tuple(a + 1 for a in range(len(exact.groups)) if a not in axes)
        counts, shown = exact.level(axes), rounded.sum(axis=away)
        if axes not in levels:
            reading.status[axes] = np.full(counts.shape, HIDDEN, dtype=np.int64)
            reading.share[axes] = np.zeros(counts.shape)
            continue
        reading.status[axes] = np.where(shown == counts, SHOWN, ALTERED).astype(np.int64)
        total = shown.sum(axis=0)
        reading.share[axes] = np.divide(shown, total, out=np.zeros(shown.shape), where=total > 0)
    return reading.guess(exact)
