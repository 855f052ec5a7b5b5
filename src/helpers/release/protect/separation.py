"""Whether sums and differences of groups that are shown separate a few respondents.

What readers see of some groups they can add and subtract. Doing so they learn about any set of
respondents whose indicator is a linear combination of the groups' indicators.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from helpers.release.protect.atoms import Floats, Ints

SMALL = 1e-9  # part of the largest eigenvalue below which one counts as nought
MOST_ATOMS = 4000  # up to so many a mixed-integer program decides, beyond it is taken to be so
_NODES = 2000


def indicators(groups: Sequence[Ints]) -> Floats:
    """Mark the groups that each atom is in.

    Parameters
    ----------
    groups
        Per breakdown the group of each atom; negative where it is in none.

    Returns
    -------
    Array of atoms by groups of all breakdowns, 0 or 1.
    """
    tables = [np.asarray(of[:, None] == np.unique(of[of >= 0])[None], float) for of in groups]
    return np.concatenate(tables, axis=1)


def separable(shown: Floats, people: Floats, minimum: int) -> bool:
    """Return whether a set of 1 to `minimum` - 1 people can be separated.

    Parameters
    ----------
    shown
        Atoms by groups, 0 or 1: who is in each group that is shown.
    people
        How many are in each atom; atoms without anybody count for nothing.

    Notes
    -----
    A set is separated if its indicator lies in the span of the columns. A vector of the span that
    is nought outside a set of people has leverages that sum to one or more over these: where the
    `minimum` - 1 highest leverages stay below one there is no such set. Else a mixed-integer
    program looks for one (HiGHS through SciPy); where it comes to no end, one is taken to exist.
    """
    there = people > 0
    marks = np.packbits(shown[there] > 0, axis=1)
    marks, place = np.unique(marks, axis=0, return_inverse=True)
    together: Floats = np.zeros(len(marks))
    np.add.at(together, place.reshape(-1), people[there])
    if not len(marks) or together.sum() < 1:
        return False
    return _separable(marks.tobytes(), shown.shape[1], together.tobytes(), minimum)


@lru_cache(maxsize=1024)
def _separable(marks: bytes, groups: int, counts: bytes, minimum: int) -> bool:
    """Answer `separable` of atoms that differ: the same are asked about again and again."""
    people = np.frombuffer(counts)
    packed = np.frombuffer(marks, dtype=np.uint8).reshape(len(people), -(-groups // 8))
    rows = np.unpackbits(packed, axis=1, count=groups).astype(float)
    few = people < minimum
    if not few.any():
        return False
    leverage = _leverages(rows, people)
    highest = np.repeat(leverage[few], np.minimum(people[few], minimum - 1).astype(int))
    if np.sort(highest)[::-1][: minimum - 1].sum() < 1 - 1e-6:
        return False
    return _found(rows, people, few, minimum)


def _leverages(rows: Floats, people: Floats) -> Floats:
    """Leverage of one person in each atom: how far the span can single it out."""
    scaled = rows * people[:, None]
    sizes, vectors = np.linalg.eigh(rows.T @ scaled)
    kept = sizes > SMALL * max(float(sizes[-1]), 1.0)
    spread = rows @ vectors[:, kept]
    found: Floats = (spread**2 / sizes[kept]).sum(axis=1)
    return found


def _found(rows: Floats, people: Floats, few: npt.NDArray[np.bool_], minimum: int) -> bool:
    """Look for a 0/1 vector of the span that only atoms of few people are in."""
    # Combinations of groups that are nought in every other atom.
    sizes, vectors = np.linalg.eigh(rows[~few].T @ rows[~few])
    free = vectors[:, sizes <= SMALL * max(float(sizes[-1]), 1.0)]
    span = rows[few] @ free
    basis, strength, _ = np.linalg.svd(span, full_matrices=False)
    span = basis[:, strength > 1e-7]
    if not span.shape[1]:
        return False
    if len(span) > MOST_ATOMS:
        return True
    return _solved(span, people[few], minimum)


def _solved(span: Floats, people: Floats, minimum: int) -> bool:
    """Return whether a 0/1 vector of the span holds 1 to `minimum` - 1 people, or may do."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    atoms, rank = span.shape
    member = LinearConstraint(np.hstack([np.eye(atoms), -span]), 0, 0)
    small = LinearConstraint(np.concatenate([people, np.zeros(rank)])[None], 1, minimum - 1)
    solved = milp(
        np.concatenate([people, np.zeros(rank)]),
        constraints=[member, small],
        integrality=np.concatenate([np.ones(atoms), np.zeros(rank)]),
        bounds=Bounds(
            np.concatenate([np.zeros(atoms), np.full(rank, -np.inf)]),
            np.concatenate([np.ones(atoms), np.full(rank, np.inf)]),
        ),
        options={"node_limit": _NODES},
    )
    return bool(solved.status != 2)  # 2: proved that there is none
