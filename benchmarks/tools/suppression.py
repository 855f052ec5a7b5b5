"""Baseline: greedy joint suppression over all levels of a column.

Primary: every shown count that must not be known is hidden. Secondary: as long as anything can be
inferred, the cheapest of the shown counts that pin it down is hidden, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .exact import HIDDEN, SHOWN, Axes, Exact, Ints, Reading
from .safety import FEW, Fact, Knowledge, targets


@dataclass(frozen=True)
class Place:
    """One count: level, then option and group within it."""

    axes: Axes
    at: tuple[int, ...]


def suppress(exact: Exact) -> tuple[Reading, Knowledge]:
    """Hide counts until none that must not be inferred can be.

    Returns
    -------
    What a reader takes from it, and what the reader knows (for a check).
    """
    shown = {place: count for place, count in _counts(exact) if not _primary(exact, place, count)}
    knowledge = _knowledge(exact, shown, [])
    for target in targets(exact):
        # What is safe stays so as more is hidden: one pass over the targets will do.
        while knowledge.infers(target):
            places = list(shown)
            binding = [places[n] for n in knowledge.binding(target)] or places
            if not binding:
                raise RuntimeError("the bases alone give a count away")
            del shown[min(binding, key=lambda place: _price(exact, place))]
            knowledge = _knowledge(exact, shown, knowledge.pool)
    return _reading(exact, shown), knowledge


def _knowledge(exact: Exact, shown: dict[Place, int], pool: list[Ints]) -> Knowledge:
    facts = [Fact(cells(exact, p.axes, p.at), count, count) for p, count in shown.items()]
    return Knowledge(exact, facts, pool=pool)


def _counts(exact: Exact) -> list[tuple[Place, int]]:
    return [
        (Place(axes, at), int(count))
        for axes in exact.levels
        for at, count in np.ndenumerate(exact.level(axes))
    ]


def _primary(exact: Exact, place: Place, count: int) -> bool:
    base = int(exact.level(place.axes)[(slice(None), *place.at[1:])].sum())
    nearly_all = base - FEW <= count <= base and place.at[0] in exact.judged
    return 1 <= count <= FEW or 1 <= base - count <= FEW or (nearly_all and base > 0)


def _price(exact: Exact, place: Place) -> tuple[int, int, Axes, tuple[int, ...]]:
    """Order places: the fewest respondents concerned, then the deepest level."""
    base = int(exact.level(place.axes)[(slice(None), *place.at[1:])].sum())
    return base, -len(place.axes), place.axes, place.at


def cells(exact: Exact, axes: Axes, at: tuple[int, ...]) -> Ints:
    """Cells of the finest level that one count of a level sums, as 0/1."""
    inside = np.zeros(exact.counts.shape, dtype=np.int64)
    where: list[int | slice] = [at[0], *(slice(None) for _ in exact.groups)]
    for axis, place in zip(axes, at[1:], strict=True):
        where[axis + 1] = place
    inside[tuple(where)] = 1
    return inside


def _reading(exact: Exact, shown: dict[Place, int]) -> Reading:
    reading = Reading()
    for axes in exact.levels:
        counts = exact.level(axes)
        base = np.maximum(counts.sum(axis=0), 1)
        status = np.full(counts.shape, HIDDEN, dtype=np.int64)
        for place in shown:
            if place.axes == axes:
                status[place.at] = SHOWN
        reading.status[axes] = status
        reading.share[axes] = np.where(status == SHOWN, counts / base, 0)
    return reading.guess(exact)
