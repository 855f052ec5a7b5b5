"""What follows from sums: groups that differences isolate, and bounds of hidden counts.

Every fact of a release bounds a sum of unknown whole numbers. Which groups linear combinations
separate is a question of the row space of those sums; which counts follow is one of integer
programs, solved with HiGHS through SciPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from helpers.release.attack.partition import Floats, Ints, Mask

ENUMERATED = 16  # up to so many cells every subset is tried
TOLERANCE = 1e-7
INFEASIBLE = 2  # status of `milp`
WORK = 10_000_000  # numbers in the sums of a system times branches tried, whatever the machine


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
    return _isolated(masks.shape, masks.tobytes(), tuple(bases), minimum)


@lru_cache(maxsize=4)
def _isolated(
    shape: tuple[int, int], masks: bytes, bases: tuple[int, ...], minimum: int
) -> tuple[list[Isolated], int]:
    """Answer `isolated`: the boxes of a question have the same bases."""
    blocks, index, space, inverse, alone = _known(shape, masks)
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
    return _separated(masks.shape, masks.tobytes(), people.astype(np.int64).tobytes(), minimum)


@lru_cache(maxsize=4)
def _separated(shape: tuple[int, ...], held: bytes, counted: bytes, minimum: int) -> Mask | None:
    """Answer `separated`: the boxes of a question have the same bases."""
    masks = np.frombuffer(held, dtype=bool).reshape(shape)
    people = np.frombuffer(counted, dtype=np.int64)
    there = people > 0
    rows, size = masks[:, there].T.astype(float), people[there].astype(float)
    gram = rows.T @ (rows * size[:, None])
    leverage = (rows @ np.linalg.pinv(gram, hermitian=True) * rows).sum(axis=1)
    highest = np.argsort(leverage)[-(minimum - 1) :]
    ones = np.repeat(leverage[highest], np.minimum(people[there][highest], minimum - 1))
    if ones[-(minimum - 1) :].sum() < 1 - TOLERANCE:
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


def separated_people(
    masks: Mask, cells: Ints, people: Ints, minimum: int
) -> tuple[Mask, int] | None:
    """Find cells that bases separate whose answers are of 1 to `minimum` - 1 people.

    Parameters
    ----------
    cells, people
        Of every answer that the bases count the cell and who gave it; people may give several.

    Returns
    -------
    Cells, and whose answers are in them. Found by an integer program over cells and people;
    None where it proves that there are none.
    """
    pairs = np.unique(np.column_stack([cells, people]), axis=0)
    number = np.bincount(pairs[:, 0], minlength=masks.shape[1])
    there = np.flatnonzero(number)
    few = np.flatnonzero(number[there] < minimum)
    if not len(few):
        return None
    rows = masks[:, there].T.astype(float)
    place = np.full(masks.shape[1], -1)
    place[there[few]] = np.arange(len(few))
    inside = place[pairs[:, 0]] >= 0
    cell = place[pairs[inside, 0]]
    known, person = np.unique(pairs[inside, 1], return_inverse=True)
    person = person.reshape(-1)
    size, who, groups, links = len(few), len(known), rows.shape[1], len(cell)
    marks = np.zeros((len(there), size))
    marks[few, np.arange(size)] = 1
    member = hstack([csr_array(marks), csr_array((len(there), who)), -csr_array(rows)])
    at = np.arange(links)
    ones = np.ones(links)
    counted = csr_array(
        (
            np.concatenate([ones, -ones]),
            (np.concatenate([at, at]), np.concatenate([size + person, cell])),
        ),
        shape=(links, size + who + groups),
    )
    of_people = np.concatenate([np.zeros(size), np.ones(who), np.zeros(groups)])
    some = np.concatenate([np.ones(size), np.zeros(who + groups)])
    whole = np.arange(size + who + groups) < size + who
    solved = milp(
        of_people,
        integrality=whole.astype(float),
        bounds=Bounds(np.where(whole, 0, -np.inf), np.where(whole, 1, np.inf)),
        constraints=[
            LinearConstraint(member, 0, 0),
            LinearConstraint(counted, 0, np.inf),
            LinearConstraint(some[None], 1, np.inf),
            LinearConstraint(of_people[None], 0, minimum - 1),
        ],
    )
    if solved.x is None:
        return None
    found = np.zeros(masks.shape[1], dtype=bool)
    found[there[few]] = solved.x[:size] > 0.5
    return found, len(np.unique(pairs[found[pairs[:, 0]], 1]))


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
    """Differences and sums of two and three bases that are sets of few respondents.

    Bases that several tables or columns show are taken once.
    """
    shown = np.unique(np.column_stack([_alike(blocks)[1], bases]), axis=0, return_index=True)[1]
    blocks, bases = blocks[shown], bases[shown]
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
    """Least or largest value of a target, and whole numbers that attain it.

    Attributes
    ----------
    value : the value; where it was not found within `WORK`, one that it is not beyond
    point : whole numbers that fit; None where none were found within `WORK`
    proved : whether the value was found
    """

    value: int
    point: Ints | None
    proved: bool = True


class LinearSystem:
    """Unknown whole numbers, of which sums are bounded.

    Parameters
    ----------
    rows
        One row per fact: which unknowns it adds up.
    low, high
        Bounds of each sum.
    equal
        Rows of 1 and -1: sums that are the same.
    """

    def __init__(
        self, rows: Mask | csr_array, low: Ints, high: Ints, equal: csr_array | None = None
    ) -> None:
        rows, low, high = _merged(csr_array(rows, dtype=np.int64), low, high)
        if equal is not None:
            rows = csr_array(vstack([rows, equal]))
            low, high = (np.concatenate([n, np.zeros(equal.shape[0], int)]) for n in (low, high))
        self.size = rows.shape[1]
        self.lower, self.upper = _propagated(rows, low, high)
        self.consistent = bool((low <= high).all() and (self.lower <= self.upper).all())
        self.free = self.lower < self.upper
        fixed = rows @ np.where(self.free, 0, self.lower)
        left = csr_array(rows[:, self.free], dtype=float)
        needed = np.diff(left.indptr) > 0
        if self.consistent:
            settled = ~needed
            self.consistent = bool(
                ((fixed[settled] >= low[settled]) & (fixed[settled] <= high[settled])).all()
            )
        self._rows = left[needed]
        self._low, self._high = (low - fixed)[needed], (high - fixed)[needed]
        self.solved = 0

    def least(self, target: Floats) -> Solution | None:
        """Minimise a weighted sum of the unknowns; None if the facts contradict one another."""
        if not self.consistent:
            return None
        point = self.lower.copy()
        if not self.free.any():
            return Solution(int(np.rint(point @ target)), point)
        self.solved += 1
        found = milp(
            target[self.free],
            integrality=np.ones(int(self.free.sum())),
            bounds=Bounds(self.lower[self.free], self.upper[self.free]),
            constraints=[LinearConstraint(self._rows, self._low, self._high)],
            options={"node_limit": 1 + WORK // max(self._rows.nnz, 1)},
        )
        if found.status == INFEASIBLE:
            self.consistent = False
            return None
        if not found.success:
            return self._unproved(target, found)
        point[self.free] = np.rint(found.x).astype(np.int64)
        return Solution(int(np.rint(point @ target)), point)

    def _unproved(self, target: Floats, found: OptimizeResult) -> Solution:
        """Return what is known of the least value when the work is used up."""
        rest = self.lower[~self.free] @ target[~self.free]
        least = self.lower[self.free], self.upper[self.free]
        bound = np.minimum(*(target[self.free] * end for end in least)).sum()
        if found.mip_dual_bound is not None and np.isfinite(found.mip_dual_bound):
            bound = max(bound, found.mip_dual_bound)
        point = None
        if found.x is not None:
            point = self.lower.copy()
            point[self.free] = np.rint(found.x).astype(np.int64)
        return Solution(int(np.ceil(bound + rest - 1e-6)), point, proved=False)

    def most(self, target: Floats) -> Solution | None:
        """Maximise a weighted sum of the unknowns."""
        found = self.least(-target)
        return None if found is None else replace(found, value=-found.value)


def _merged(rows: csr_array, low: Ints, high: Ints) -> tuple[csr_array, Ints, Ints]:
    """Take facts on the same sum together."""
    rows.sort_indices()
    starts, columns = rows.indptr.tolist(), rows.indices
    first: dict[bytes, int] = {}
    index = np.zeros(rows.shape[0], dtype=np.int64)
    for at in range(rows.shape[0]):
        index[at] = first.setdefault(columns[starts[at] : starts[at + 1]].tobytes(), len(first))
    lows = np.zeros(len(first), dtype=np.int64)
    highs = np.full(len(first), np.iinfo(np.int64).max // 4, dtype=np.int64)
    np.maximum.at(lows, index, low)
    np.minimum.at(highs, index, high)
    return rows[np.unique(index, return_index=True)[1]], lows, highs


def _propagated(rows: csr_array, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Bound every unknown by each sum it is part of, until nothing changes."""
    size = rows.shape[1]
    lower = np.zeros(size, dtype=np.int64)
    upper = np.full(size, np.iinfo(np.int64).max // 8 // max(size, 1), dtype=np.int64)
    row, at, added = (
        np.repeat(np.arange(len(low)), np.diff(rows.indptr)),
        rows.indices,
        rows.data > 0,
    )
    plus, minus = rows.maximum(0), (-rows).maximum(0)
    for _ in range(50):
        over = (high - plus @ lower + minus @ upper)[row]  # by how much an unknown could grow
        under = (plus @ upper - minus @ lower - low)[row]
        room, drop = upper - lower, upper - lower
        np.minimum.at(room, at, np.where(added, over, under))
        np.minimum.at(drop, at, np.where(added, under, over))
        if (room == upper - lower).all() and (drop == upper - lower).all():
            break
        lower, upper = upper - drop, lower + room
        if (lower > upper).any():
            break
    return lower, upper
