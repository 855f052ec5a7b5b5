"""What follows from sums: groups that differences isolate, and bounds of hidden counts.

Every fact of a release bounds a sum of unknown whole numbers. Which groups linear combinations
separate is a question of the row space of those sums; which counts follow is one of integer
programs, solved with HiGHS through SciPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from helpers.release.attack.facts import Floats, Ints
from helpers.release.attack.partition import Mask

ENUMERATED = 16  # up to so many cells every subset is tried
TOLERANCE = 1e-7
INFEASIBLE = 2  # status of `milp`


@dataclass(frozen=True)
class Isolated:
    """A set of cells that sums and differences of published bases separate."""

    cells: Mask
    n: int


def isolated(masks: Mask, bases: Sequence[int], minimum: int) -> tuple[list[Isolated], int]:
    """Find every separable set of cells of 1 to `minimum` - 1 respondents.

    Parameters
    ----------
    masks
        One row per published base: the cells it counts.
    bases
        How many respondents each counts.

    Returns
    -------
    Minimal such sets, and how many sets were tried. A set can be separated by a linear
    combination of the bases if its indicator lies in their row space, which holds every integer
    combination.

    Notes
    -----
    Cells that no base distinguishes are taken together. Up to 16 such blocks every subset is tried.
    Beyond, if all blocks can be separated, a small set consists of small blocks, so that these
    suffice; else blocks and the differences and sums of up to three bases are tried.
    """
    blocks, index, space, inverse, alone = _known(masks.shape, masks.tobytes())
    used = np.asarray(blocks.any(axis=0))
    n = inverse @ np.asarray(bases, dtype=float)
    empty = alone & (np.abs(n) < 0.5)
    free = np.flatnonzero(used & ~empty)
    if len(free) <= ENUMERATED:
        sizes = np.rint(_subsets(len(free)) @ n[free])
        number = len(sizes)
        kept = np.flatnonzero((sizes > 0) & (sizes < minimum))
        tried = np.zeros((len(kept), len(used)))
        tried[:, free] = _subsets(len(free))[kept]
        sizes = sizes[kept]
    else:
        # A block alone is separated if `alone` says so, or by what empty blocks leave of it.
        could = free if empty.any() else free[alone[free]]
        could = could[(n[could] > 0.5) & (n[could] < minimum - 0.5)]
        one = np.zeros((len(could), len(used)), dtype=bool)
        one[np.arange(len(could)), could] = True
        number = len(free)
        if not alone[free].all():
            sums = _combined(blocks, np.asarray(bases), minimum)
            sums[:, empty] = False
            number += len(sums)
            one = np.vstack([one, sums])
        tried = one.astype(float)
        sizes = np.rint(tried @ n)
        few = (sizes > 0) & (sizes < minimum)
        tried, sizes = tried[few], sizes[few]
    there = _inside(tried, _quotient(space, empty))
    return _minimal(tried[there].astype(bool), sizes[there], index), number


@lru_cache(maxsize=2)
def _subsets(size: int) -> Floats:
    """Every subset of so many things but the empty one, 0 or 1."""
    bits = (np.arange(1, 2**size)[:, None] >> np.arange(size)) & 1
    return bits.astype(float)


@lru_cache(maxsize=4)
def _known(shape: tuple[int, int], masks: bytes) -> tuple[Mask, Ints, Floats, Floats, Mask]:
    """Take together what bases do not distinguish: the same masks serve many columns.

    Returns
    -------
    Blocks of cells by base; the block of each cell; an orthonormal basis of the row space; the
    pseudo-inverse of the blocks; and which blocks can be separated by themselves.
    """
    table = np.frombuffer(masks, dtype=bool).reshape(shape)
    blocks, index = np.unique(table, axis=1, return_inverse=True)
    left, sizes, basis = np.linalg.svd(blocks.astype(float), full_matrices=False)
    kept = sizes > TOLERANCE * max(float(sizes.max(initial=0)), 1)
    space = basis[kept]
    inverse = space.T @ (left[:, kept] / sizes[kept]).T
    alone = (np.abs(1 - (space**2).sum(axis=0)) < TOLERANCE) & blocks.any(axis=0)
    return blocks, index.reshape(-1), space, inverse, alone


def separated(masks: Mask, people: Ints, minimum: int) -> Mask | None:
    """Find cells of 1 to `minimum` - 1 people that bases separate, by somebody who knows how many.

    Parameters
    ----------
    people
        How many of those whom the bases count are in each cell.

    Returns
    -------
    None where there are none, which is certain: who is singled out by a combination of bases has
    leverages that add up to one at least (Huber 1981, Robust Statistics, section 7.2); where
    those of the `minimum` - 1 highest do not, nobody is, and an integer program looks for them
    elsewhere (HiGHS through SciPy).
    """
    there = people > 0
    rows, size = masks[:, there].T.astype(float), people[there].astype(float)
    gram = rows.T @ (rows * size[:, None])
    leverage = (rows @ np.linalg.pinv(gram, hermitian=True) * rows).sum(axis=1)
    ones = np.repeat(leverage, np.minimum(people[there], minimum - 1))
    if np.sort(ones)[-(minimum - 1) :].sum() < 1 - TOLERANCE:
        return None
    cells, groups = rows.shape
    chosen = np.concatenate([np.where(size < minimum, 1.0, 0.0), np.full(groups, np.inf)])
    solved = milp(
        np.concatenate([size, np.zeros(groups)]),
        integrality=np.concatenate([np.ones(cells), np.zeros(groups)]),
        bounds=Bounds(np.concatenate([np.zeros(cells), np.full(groups, -np.inf)]), chosen),
        constraints=[
            LinearConstraint(hstack([eye_array(cells), -csr_array(rows)]), 0, 0),
            LinearConstraint(np.concatenate([size, np.zeros(groups)])[None], 1, minimum - 1),
        ],
    )
    if solved.x is None:
        return None
    found = np.zeros(len(people), dtype=bool)
    found[np.flatnonzero(there)[solved.x[:cells] > 0.5]] = True
    return found


def spanned(masks: Mask, cells: Mask) -> bool:
    """Whether sums and differences of the bases of `masks` give that of `cells`."""
    if not len(masks):
        return False
    space = _row_space(masks.astype(float))
    return bool(_inside(cells[None].astype(float), space)[0])


def _row_space(rows: Floats) -> Floats:
    """Orthonormal basis of the row space."""
    _, sizes, basis = np.linalg.svd(rows, full_matrices=False)
    return basis[sizes > TOLERANCE * max(sizes[0], 1)] if len(sizes) else basis


def _quotient(space: Floats, empty: Mask) -> Floats:
    """Row space once cells known to be empty count for nothing."""
    if not empty.any():
        return space
    held = space.copy()
    held[:, empty] = 0
    return _row_space(held)


def _inside(vectors: Floats, space: Floats) -> Mask:
    along = vectors @ space.T
    inside = np.asarray((vectors**2).sum(axis=1) - (along**2).sum(axis=1) < 1e-6)
    left = vectors[inside] - along[inside] @ space
    inside[inside] = np.abs(left).max(axis=1, initial=0) < TOLERANCE
    return inside


def _combined(blocks: Mask, bases: Ints, minimum: int) -> Mask:
    """Differences and sums of two and three bases that are sets of few respondents."""
    rows, found = blocks.astype(np.int8), [np.zeros((0, blocks.shape[1]), dtype=bool)]
    for at in range(len(rows)):
        sums, sizes = rows[at] - rows, bases[at] - bases
        found.append(_sets(sums[(sizes > 0) & (sizes < minimum)]))
        for sign in (1, -1):
            near = np.abs(sizes[:, None] + sign * bases[None, :])
            one, other = np.nonzero((near > 0) & (near < minimum))
            three = sums[one] + sign * rows[other]
            found += [_sets(three), _sets(-three)]
    table = np.vstack(found)
    return table[_alike(table)[0]]


def _sets(sums: npt.NDArray[np.int8]) -> Mask:
    """Keep sums that count each cell once or not at all."""
    once = (sums.view(np.uint8) <= 1).all(axis=1) & sums.any(axis=1)
    return sums[once].astype(bool)


def _alike(rows: Mask) -> tuple[Ints, Ints]:
    """Find rows that differ, in sorted order, and which of them each row is."""
    _, first, index = np.unique(
        np.packbits(rows, axis=1), axis=0, return_index=True, return_inverse=True
    )
    return first, index.reshape(-1)


def _minimal(sets: Mask, sizes: Floats, index: Ints) -> list[Isolated]:
    """Keep sets of which no found set is a part."""
    order = np.argsort(sets.sum(axis=1), kind="stable")
    kept: list[int] = []
    for at in order:
        if not any((sets[k] <= sets[at]).all() for k in kept):
            kept.append(int(at))
    return [Isolated(sets[at][index], int(sizes[at])) for at in kept]


@dataclass(frozen=True)
class Solution:
    """Least or largest value of a target, and whole numbers that attain it."""

    value: int
    point: Ints


class LinearSystem:
    """Unknown whole numbers, of which sums are bounded.

    Parameters
    ----------
    rows
        Bool array, one row per fact: which unknowns it adds up.
    low, high
        Bounds of each sum.
    """

    def __init__(self, rows: Mask, low: Ints, high: Ints) -> None:
        rows, low, high = _merged(rows, low, high)
        self.size = rows.shape[1]
        self.lower, self.upper = _propagated(rows, low, high)
        self.consistent = bool((low <= high).all() and (self.lower <= self.upper).all())
        self.free = self.lower < self.upper
        fixed = rows[:, ~self.free] @ self.lower[~self.free]
        needed = rows[:, self.free].any(axis=1)
        if self.consistent:
            settled = ~needed
            self.consistent = bool(
                ((fixed[settled] >= low[settled]) & (fixed[settled] <= high[settled])).all()
            )
        self._rows = csr_array(rows[needed][:, self.free].astype(float))
        self._low, self._high = (low - fixed)[needed], (high - fixed)[needed]
        self.solved = 0

    def least(self, target: Floats) -> Solution | None:
        """Minimise a weighted sum of the unknowns; None if the facts contradict one another."""
        if not self.consistent:
            return None
        point = self.lower.copy()
        if self.free.any():
            self.solved += 1
            found = milp(
                target[self.free],
                integrality=np.ones(int(self.free.sum())),
                bounds=Bounds(self.lower[self.free], self.upper[self.free]),
                constraints=[LinearConstraint(self._rows, self._low, self._high)],
            )
            if found.status == INFEASIBLE:
                self.consistent = False
                return None
            if found.x is None:
                raise ArithmeticError(f"The integer program was not solved: {found.message}")
            point[self.free] = np.rint(found.x).astype(np.int64)
        return Solution(int(np.rint(point @ target)), point)

    def most(self, target: Floats) -> Solution | None:
        """Maximise a weighted sum of the unknowns."""
        found = self.least(-target)
        return None if found is None else Solution(-found.value, found.point)


def _merged(rows: Mask, low: Ints, high: Ints) -> tuple[Mask, Ints, Ints]:
    """Take facts on the same sum together."""
    first, index = _alike(rows)
    kept = rows[first]
    lows = np.zeros(len(kept), dtype=np.int64)
    highs = np.full(len(kept), np.iinfo(np.int64).max // 4, dtype=np.int64)
    np.maximum.at(lows, index, low)
    np.minimum.at(highs, index, high)
    return kept, lows, highs


def _propagated(rows: Mask, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Bound every unknown by each sum it is part of, until nothing changes."""
    size = rows.shape[1]
    lower = np.zeros(size, dtype=np.int64)
    upper = np.full(size, np.iinfo(np.int64).max // 8 // max(size, 1), dtype=np.int64)
    for _ in range(50):
        least, most = rows @ lower, rows @ upper
        up, down = upper.copy(), lower.copy()
        for row, a, b, bottom, top in zip(rows, least, most, low, high, strict=True):
            up[row] = np.minimum(up[row], top - a + lower[row])
            down[row] = np.maximum(down[row], bottom - b + upper[row])
        if (up == upper).all() and (down == lower).all():
            break
        lower, upper = down, up
        if (lower > upper).any():
            break
    return lower, upper
