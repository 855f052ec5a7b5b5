"""Baseline: one partition, every dimension crossed with all before it, as the suite once released.

Dimensions are added one by one; neighbouring bands of each merge until every crossed group that
anybody is in reaches the minimum base. A dimension that ends as one group is not offered. Neither
routing nor organisations nor groups of one mind cost it anything, as they did.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from .exact import HIDDEN, MERGED, SHOWN, Exact, Ints, Reading

Groups = list[list[int]]  # places of bands, by group


def partition(exact: Exact, minimum: int) -> list[Groups]:
    """Merge the bands of every dimension, the most important first."""
    bases = exact.counts.sum(axis=0)
    found: list[Groups] = []
    for axis, bands in enumerate(exact.groups.values()):
        groups = [[n] for n in range(len(bands))]
        away = tuple(range(axis + 1, bases.ndim))
        n = _merged(bases.sum(axis=away), found)
        while len(groups) > 1:
            sizes = np.stack([n[..., of].sum(axis=-1) for of in groups], axis=-1)
            low = np.where(sizes == 0, minimum, sizes).reshape(-1, len(groups)).min(axis=0)
            if low.min() >= minimum:
                break
            at = int(low.argmin())
            beside = at - 1 if at == len(groups) - 1 else at
            groups[beside : beside + 2] = [groups[beside] + groups[beside + 1]]
        found.append(groups)
    return found


def _merged(n: Ints, found: list[Groups]) -> Ints:
    for axis, groups in enumerate(found):
        n = np.stack([n.take(of, axis=axis).sum(axis=axis) for of in groups], axis=axis)
    return n


def cross(exact: Exact, minimum: int) -> tuple[Reading, int]:
    """Show all answers of every crossed group, and of all sums of them.

    Returns
    -------
    What a reader takes from it, and how many dimensions are offered.
    """
    groups, reading = partition(exact, minimum), Reading()
    offered = [len(of) > 1 for of in groups]
    enough = exact.counts.sum() >= minimum
    for axes in exact.levels:
        counts = exact.level(axes)
        reading.answer[axes] = np.broadcast_to(
            np.arange(len(exact.options)).reshape(-1, *[1] * len(axes)), counts.shape
        )
        share, status = np.zeros(counts.shape), np.full(counts.shape, HIDDEN)
        told = enough and all(offered[axis] for axis in axes)
        for of in product(*(groups[axis] for axis in axes)) if told else ():
            place = (slice(None), *np.ix_(*of)) if axes else (slice(None),)
            inside = counts[place].reshape(len(exact.options), -1)
            whole = inside.sum(axis=1) / max(inside.sum(), 1)
            share[place] = whole.reshape(-1, *[1] * len(axes))
            status[place] = SHOWN if inside.shape[1] == 1 else MERGED
        reading.share[axes], reading.status[axes] = share, status
    return reading, sum(offered)
