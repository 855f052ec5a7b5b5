"""Whether sums and differences of groups that are shown separate a few respondents.

Readers can add and subtract the groups that they see. So they learn about every set of respondents
whose indicator is a linear combination of the groups' indicators.
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


def separable(
    shown: Floats,
    people: Floats,
    minimum: int,
    repeated: tuple[Floats, Floats] | None = None,
) -> bool:
    """Return whether a set of 1 to `minimum` - 1 people can be separated.

    Parameters
    ----------
    shown
        Atoms by groups, 0 or 1: who is in each group that is shown.
    people
        How many are in each atom; atoms without anybody count for nothing.
    repeated
        Where people may be in several atoms: kinds of people by atoms, 0 or 1, and how many there
        are of each kind; everybody in any atom that has such marks. `people` then counts answers.

    Notes
    -----
    A set is separated if its indicator lies in the span of the columns. A vector of the span that
    is nought outside a set of people has leverages that sum to one or more over these: where the
    `minimum` - 1 highest leverages stay below one there is no such set. Else a mixed-integer
    program looks for one (HiGHS through SciPy); where it comes to no end, one is taken to exist.
    The leverage of somebody in several atoms is the sum of theirs.
    """
    there = people > 0
    marks = np.packbits(shown[there] > 0, axis=1)
    marks, place = np.unique(marks, axis=0, return_inverse=True)
    place = place.reshape(-1)
    together: Floats = np.zeros(len(marks))
    np.add.at(together, place, people[there])
    if not len(marks) or together.sum() < 1:
        return False
    kinds, several = np.zeros((0, len(marks))), np.zeros(0)
    if repeated is not None:
        given, several = repeated[0][:, there] > 0, repeated[1]
        whole = np.bincount(place, ~given.any(axis=0)) == 0
        by_atom: npt.NDArray[np.bool_] = np.zeros((len(marks), len(given)), dtype=bool)
        np.logical_or.at(by_atom, place, given.T)
        kinds = np.where(whole, by_atom.T, False).astype(float)
        together = np.where(whole, several @ kinds, together)
        apart = kinds.sum(axis=1) > 1
        kinds, several = kinds[apart], several[apart]
    return _separable(
        marks.tobytes(),
        shown.shape[1],
        together.tobytes(),
        minimum,
        (kinds.tobytes(), several.tobytes()),
    )


@lru_cache(maxsize=1024)
def _separable(
    marks: bytes, groups: int, counts: bytes, minimum: int, repeated: tuple[bytes, bytes]
) -> bool:
    """Answer `separable` of atoms that differ: the same are asked about again and again."""
    people = np.frombuffer(counts)
    packed = np.frombuffer(marks, dtype=np.uint8).reshape(len(people), -(-groups // 8))
    rows = np.unpackbits(packed, axis=1, count=groups).astype(float)
    few = people < minimum
    if not few.any():
        return False
    several = np.frombuffer(repeated[1])
    kinds = np.frombuffer(repeated[0]).reshape(len(several), len(people))[:, few]
    alone = people[few] - several @ kinds
    leverage = _leverages(rows, people)[few]
    highest = np.concatenate(
        [
            np.repeat(leverage, np.minimum(alone, minimum - 1).astype(int)),
            np.repeat(kinds @ leverage, np.minimum(several, minimum - 1).astype(int)),
        ]
    )
    if np.sort(highest)[::-1][: minimum - 1].sum() < 1 - 1e-6:
        return False
    return _found(rows, few, minimum, alone, (kinds, several))


def _leverages(rows: Floats, people: Floats) -> Floats:
    """Leverage of one person in each atom: how far the span can single it out."""
    scaled = rows * people[:, None]
    sizes, vectors = np.linalg.eigh(rows.T @ scaled)
    kept = sizes > SMALL * max(float(sizes[-1]), 1.0)
    spread = rows @ vectors[:, kept]
    found: Floats = (spread**2 / sizes[kept]).sum(axis=1)
    return found


def _found(
    rows: Floats,
    few: npt.NDArray[np.bool_],
    minimum: int,
    alone: Floats,
    repeated: tuple[Floats, Floats],
) -> bool:
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
    return _solved(span, alone, repeated, minimum)


def _solved(span: Floats, alone: Floats, repeated: tuple[Floats, Floats], minimum: int) -> bool:
    """Return whether a 0/1 vector of the span holds 1 to `minimum` - 1 people, or may do.

    Unknowns are the atoms inside, whether the people of each kind are, and the combination.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    kinds, several = repeated
    inside = kinds.sum(axis=1) > 0
    kinds, several = kinds[inside], several[inside]
    (atoms, rank), more = span.shape, len(several)
    people = np.concatenate([alone, several, np.zeros(rank)])
    some = np.concatenate([np.ones(atoms), np.zeros(more + rank)])
    member = np.hstack([np.eye(atoms), np.zeros((atoms, more)), -span])
    which, at = np.nonzero(kinds)
    counted = np.zeros((len(which), len(people)))  # who is in an atom inside is counted
    counted[np.arange(len(which)), atoms + which] = 1
    counted[np.arange(len(which)), at] = -1
    known = np.arange(len(people)) < atoms + more
    solved = milp(
        people,
        constraints=[
            LinearConstraint(member, 0, 0),
            LinearConstraint(counted, 0, np.inf),
            LinearConstraint(some[None], 1, np.inf),
            LinearConstraint(people[None], 0, minimum - 1),
        ],
        integrality=known.astype(float),
        bounds=Bounds(np.where(known, 0, -np.inf), np.where(known, 1, np.inf)),
        options={"node_limit": _NODES},
    )
    return bool(solved.status != 2)  # 2: proved that there is none
