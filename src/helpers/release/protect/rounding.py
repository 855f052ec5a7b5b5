"""Controlled rounding: every count as a multiple of three, sums as near to the truth as can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from helpers.release.protect.atoms import Dimensions
from helpers.release.protect.small_counts import FEW, Ints, widest

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


def rounded(counts: Mapping[Dimensions, Ints], minimum: int) -> dict[Dimensions, Ints]:
    """Round the counts of one response column to multiples of three.

    Parameters
    ----------
    counts
        Counts of each breakdown: options by groups of its dimensions.
    minimum
        Base that no group may appear to be below.

    Returns
    -------
    Counts of the same shapes, each the multiple of three below or above its own (itself where it
    is one). The widest breakdowns are rounded such that their sums over groups and options differ
    from the true ones by as little as possible, and agree with those rounded before; the others
    are sums of them.

    Notes
    -----
    Zero-restricted controlled rounding (Cox 1987, Journal of the American Statistical
    Association 82, 520-524) as an integer program, solved by HiGHS through SciPy.
    """
    result: dict[Dimensions, Ints] = {}
    for breakdown in widest(counts):
        fixed = {}
        for known, n in result.items():
            both = tuple(d for d in breakdown if d in known)
            fixed[both] = summed(n, known, both)
        result[breakdown] = _rounded(counts[breakdown], breakdown, fixed, minimum)
    for breakdown in counts:
        wider = next(w for w in result if set(breakdown) <= set(w))
        result.setdefault(breakdown, summed(result[wider], wider, breakdown))
    return {breakdown: result[breakdown] for breakdown in counts}


def summed(n: Ints, by: Dimensions, to: Dimensions) -> Ints:
    """Sum counts over the dimensions that a narrower breakdown does not distinguish."""
    found: Ints = n.sum(axis=tuple(axis for axis, d in enumerate(by, 1) if d not in to))
    return found


def _rounded(n: Ints, by: Dimensions, fixed: Mapping[Dimensions, Ints], minimum: int) -> Ints:
    low = n - n % STEP
    free = (n % STEP > 0).reshape(-1)
    if not free.any():
        return low
    rows = np.array([row.reshape(-1)[free] for row in _sums(n.shape)], dtype=float)
    rows = np.unique(rows[rows.any(axis=1)], axis=0)
    short = rows @ (n % STEP).reshape(-1)[free].astype(float)
    least = _bases(n, low, free, minimum)
    up = _nearest(rows, short, [*_margins(low, free, by, fixed), *least])
    if up is None:  # they do not come out alike
        up = _nearest(rows, short, least)
    result = low.reshape(-1).copy()
    if up is not None:
        result[np.flatnonzero(free)[up]] += STEP
    return result.reshape(n.shape)


Limit: TypeAlias = tuple[npt.NDArray[np.float64], float, float]  # 0/1 over the choice, least, most


def _margins(
    low: Ints, free: npt.NDArray[np.bool_], by: Dimensions, fixed: Mapping[Dimensions, Ints]
) -> Iterator[Limit]:
    """Let sums come out as they were rounded before."""
    for known, n in fixed.items():
        for option, *place in np.ndindex(n.shape):
            where = dict(zip(known, place, strict=True))
            marked = np.zeros(low.shape, dtype=bool)
            marked[(option, *(where.get(d, slice(None)) for d in by))] = True
            steps = (n[(option, *place)] - low[marked].sum()) / STEP
            yield marked.reshape(-1)[free].astype(float), steps, steps


def _bases(n: Ints, low: Ints, free: npt.NDArray[np.bool_], minimum: int) -> list[Limit]:
    """Let no group of the minimum or more appear to be below it."""
    found = []
    for place in np.ndindex(n.shape[1:]):
        where = (slice(None), *place)
        if low[where].sum() < minimum <= n[where].sum():
            marked = np.zeros(n.shape, dtype=bool)
            marked[where] = True
            steps = (minimum - low[where].sum()) / STEP
            found.append((marked.reshape(-1)[free].astype(float), steps, np.inf))
    return found


def _nearest(
    rows: npt.NDArray[np.float64], short: npt.NDArray[np.float64], limits: Sequence[Limit]
) -> npt.NDArray[np.bool_] | None:
    """Choose what is rounded up: the sums of three times the choice come nearest to `short`.

    Returns
    -------
    None where no choice keeps the limits.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    sums, cells = rows.shape
    cost = np.concatenate([np.zeros(cells), np.ones(sums)])
    apart = np.eye(sums)
    held = [
        LinearConstraint(np.hstack([STEP * rows, -apart]), -np.inf, short),
        LinearConstraint(np.hstack([STEP * rows, apart]), short, np.inf),
    ]
    if limits:
        over = np.array([np.concatenate([row, np.zeros(sums)]) for row, _, _ in limits])
        held.append(LinearConstraint(over, [x[1] for x in limits], [x[2] for x in limits]))
    solved = milp(
        cost,
        constraints=held,
        integrality=np.concatenate([np.ones(cells), np.zeros(sums)]),
        bounds=Bounds(0, np.concatenate([np.ones(cells), np.full(sums, np.inf)])),
        options={"node_limit": _NODES, "mip_rel_gap": 0.02},
    )
    if solved.x is None:
        return None
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
