"""Controlled rounding: every count as a multiple of three, sums as near to the truth as can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from helpers.release.protect.small_counts import FEW, Ints

STEP = 3
_NODES = 200  # of the search; a limit in seconds would not give the same bytes everywhere


def showable(n: Ints, judged: Sequence[int]) -> bool:
    """Return whether rounding hides small counts: not where all but one or two gave one answer.

    Parameters
    ----------
    n
        Counts: options by groups of each dimension.
    judged
        Options that nearly everybody of a group must not be seen to have chosen.
    """
    base = n.sum(axis=0)
    rest = base[None] - n[list(judged)]
    return not ((rest <= FEW) & (base[None] > 0)).any()


def rounded(n: Ints) -> Ints:
    """Round counts of one response column to multiples of three.

    Parameters
    ----------
    n
        Counts: options by groups of each dimension.

    Returns
    -------
    Counts of the same shape, each the multiple of three below or above its own (itself where it
    is one), such that the sums over groups and options differ from the true ones by as little
    as possible.

    Notes
    -----
    Zero-restricted controlled rounding (Cox 1987, Journal of the American Statistical
    Association 82, 520-524) as an integer program, solved by HiGHS through SciPy.
    """
    low = n - n % STEP
    free = (n % STEP > 0).reshape(-1)
    if not free.any():
        return low
    rows = np.array([row.reshape(-1)[free] for row in _sums(n.shape)], dtype=float)
    rows = np.unique(rows[rows.any(axis=1)], axis=0)
    short = rows @ (n % STEP).reshape(-1)[free].astype(float)
    up = _nearest(rows, short)
    result = low.reshape(-1).copy()
    result[np.flatnonzero(free)[up]] += STEP
    return result.reshape(n.shape)


def _nearest(
    rows: npt.NDArray[np.float64], short: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Choose what is rounded up: the sums of three times the choice come nearest to `short`."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    sums, cells = rows.shape
    cost = np.concatenate([np.zeros(cells), np.ones(sums)])
    apart = np.eye(sums)
    limits = [
        LinearConstraint(np.hstack([STEP * rows, -apart]), -np.inf, short),
        LinearConstraint(np.hstack([STEP * rows, apart]), short, np.inf),
    ]
    solved = milp(
        cost,
        constraints=limits,
        integrality=np.concatenate([np.ones(cells), np.zeros(sums)]),
        bounds=Bounds(0, np.concatenate([np.ones(cells), np.full(sums, np.inf)])),
        options={"node_limit": _NODES, "mip_rel_gap": 0.02},
    )
    if solved.x is None:
        return np.zeros(cells, dtype=bool)
    up: npt.NDArray[np.bool_] = solved.x[:cells] > 0.5
    return up


def _sums(shape: tuple[int, ...]) -> Iterator[npt.NDArray[np.int64]]:
    """Mark every cell and every sum over options, groups of some dimensions, or both."""
    axes = range(len(shape))
    for size in range(len(shape) + 1):
        for kept in combinations(axes, size):
            for place in product(*(range(shape[axis]) for axis in kept)):
                where: list[slice | int] = [slice(None)] * len(shape)
                for axis, at in zip(kept, place, strict=True):
                    where[axis] = at
                row = np.zeros(shape, dtype=np.int64)
                row[tuple(where)] = 1
                yield row
