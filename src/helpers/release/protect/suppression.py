"""Joint suppression: counts hidden one by one until nothing small can be inferred from the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.release.protect.atoms import Dimensions, Flags
from helpers.release.protect.small_counts import (
    FEW,
    BreakdownCounts,
    HiddenCounts,
    Ints,
    cleared,
)


@dataclass(frozen=True)
class _Cell:
    """One count of a breakdown: its option and group, its base, and what it is the sum of."""

    breakdown: Dimensions
    at: tuple[int, ...]
    n: int
    base: int
    row: Ints


def suppressed(tables: BreakdownCounts, judged: Sequence[int]) -> dict[Dimensions, Flags]:
    """Choose the counts of one response column that are shown.

    Returns
    -------
    Per breakdown, options by its groups: whether the count is shown.

    Notes
    -----
    Primary suppression hides counts of 1 or 2 and of all but 1 or 2. While any count can be
    inferred from all that is left, the one that holds it in place and rests on the fewest
    respondents is hidden too; which hold it the duals of a linear program say (HiGHS through
    SciPy). Bases are known throughout.
    """
    every = [cell for breakdown in tables.counts for cell in _cells(tables, breakdown)]
    shown = [cell for cell in every if not _small(cell)]
    bases = tables.bases()
    pool: list[Ints] = [tables.truth]
    system = HiddenCounts(tables, [*bases, *(c.row for c in shown)])
    for target in tables.targets(judged):
        # What is hidden later only lets more tables agree, so that the pool stays good.
        while shown and not cleared(system, pool, target):
            held = system.binding(target.inside)[len(bases) :]
            binding = [c for c, dual in zip(shown, held, strict=True) if dual] or shown
            shown.remove(min(binding, key=lambda c: (c.base, -len(c.breakdown), c.breakdown, c.at)))
            system = HiddenCounts(tables, [*bases, *(c.row for c in shown)])
    result = {b: np.zeros(n.shape, dtype=bool) for b, n in tables.counts.items()}
    for cell in shown:
        result[cell.breakdown][cell.at] = True
    return result


def large(tables: BreakdownCounts) -> dict[Dimensions, Flags]:
    """Mark the counts that primary suppression leaves: no more than these can be shown."""
    rest = {d: n.sum(axis=0) - n for d, n in tables.counts.items()}
    few = {d: (n >= 1) & (n <= FEW) for d, n in tables.counts.items()}
    return {d: ~(few[d] | (of >= 1) & (of <= FEW)) for d, of in rest.items()}


def _cells(tables: BreakdownCounts, breakdown: Dimensions) -> list[_Cell]:
    n = tables.counts[breakdown]
    bases = n.sum(axis=0)
    return [
        _Cell(
            breakdown,
            at,
            int(n[at]),
            int(bases[at[1:]]),
            tables.row(breakdown, at[0], at[1:]),
        )
        for at in np.ndindex(n.shape)
    ]


def _small(cell: _Cell) -> bool:
    return 1 <= cell.n <= FEW or 1 <= cell.base - cell.n <= FEW
