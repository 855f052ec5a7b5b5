"""Joint suppression: counts hidden one by one until nothing small can be inferred from the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from helpers.release.protect.small_counts import FEW, HiddenCounts, Ints, escapes, targets

Axes: TypeAlias = tuple[int, ...]  # group axes that a level distinguishes
Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Cell:
    """One count of a level: its option and group, and the cells of the finest level it sums."""

    axes: Axes
    at: tuple[int, ...]
    row: Ints
    base: int


def suppressed(n: Ints, levels: Sequence[Axes], judged: Sequence[int]) -> dict[Axes, Flags]:
    """Choose the counts of one response column that are shown.

    Parameters
    ----------
    n
        True counts: options by groups of each dimension.
    levels
        What groups are distinguished by, the fewest dimensions first.

    Returns
    -------
    Per level, options by its groups: whether the count is shown.

    Notes
    -----
    Primary suppression hides counts of 1 or 2 and of all but 1 or 2. While any count can be
    inferred from all that is left, the one that holds it in place and rests on the fewest
    respondents is hidden too; which hold it the duals of a linear program say (HiGHS through
    SciPy). Bases are known throughout.
    """
    every = [cell for axes in levels for cell in _cells(n, axes)]
    shown = [cell for cell in every if not _small(n, cell)]
    bases = [row for axes in levels for row in _bases(n.shape, axes)]
    pool: list[Ints] = [n.reshape(-1)]
    system = HiddenCounts(n, [*bases, *(c.row for c in shown)])
    for target in targets(n, judged):
        inside = target.inside.reshape(-1)
        while shown and not _cleared(system, pool, target, inside):
            held = system.binding(inside)[len(bases) :]
            binding = [c for c, dual in zip(shown, held, strict=True) if dual] or shown
            shown.remove(min(binding, key=lambda c: (c.base, -len(c.axes), c.axes, c.at)))
            system = HiddenCounts(n, [*bases, *(c.row for c in shown)])
    result = {axes: np.zeros(_shape(n.shape, axes), dtype=bool) for axes in levels}
    for cell in shown:
        result[cell.axes][cell.at] = True
    return result


def _cleared(system: HiddenCounts, pool: list[Ints], target: Any, inside: Ints) -> bool:
    """Return whether a table that agrees with all that is shown has a harmless count here."""
    if any(escapes(target, int(inside @ table)) for table in pool):
        return True  # what is hidden later only lets more tables agree
    for sign in (1, -1):
        found = system.extreme(sign * inside)
        pool.append(found)
        if escapes(target, int(inside @ found)):
            return True
    return False


def _shape(shape: tuple[int, ...], axes: Axes) -> tuple[int, ...]:
    return (shape[0], *(shape[axis + 1] for axis in axes))


def _cells(n: Ints, axes: Axes) -> list[_Cell]:
    away = tuple(a + 1 for a in range(n.ndim - 1) if a not in axes)
    bases = n.sum(axis=(0, *away))
    found = []
    for at in np.ndindex(_shape(n.shape, axes)):
        row = _marked(n.shape, axes, at[1:], at[0])
        found.append(_Cell(axes, at, row, int(bases[at[1:]])))
    return found


def _bases(shape: tuple[int, ...], axes: Axes) -> list[Ints]:
    return [_marked(shape, axes, at, slice(None)) for at in np.ndindex(_shape(shape, axes)[1:])]


def _marked(shape: tuple[int, ...], axes: Axes, at: tuple[int, ...], option: Any) -> Ints:
    row = np.zeros(shape, dtype=np.int64)
    where: list[Any] = [option, *(slice(None) for _ in shape[1:])]
    for axis, place in zip(axes, at, strict=True):
        where[axis + 1] = place
    row[tuple(where)] = 1
    return row


def _small(n: Ints, cell: _Cell) -> bool:
    count = int((n * cell.row).sum())
    return 1 <= count <= FEW or 1 <= cell.base - count <= FEW
