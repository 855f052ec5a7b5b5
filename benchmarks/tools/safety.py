"""Which small counts a reader can infer, by integer feasibility; a check of the baselines.

Written for the comparison of methods alone: it shares nothing with the release or its audit.
A count is inferred if every table of whole numbers that agrees with what is shown puts it at 1 or
2, or puts an option's at all but 2 of the group or more. Bases are taken as known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from .exact import Exact, Ints

FEW = 2


@dataclass(frozen=True)
class Fact:
    """A sum that is shown: which cells it covers, and between what it lies."""

    inside: Ints  # 0/1 in the shape of the counts
    low: int
    high: int


@dataclass(frozen=True)
class Target:
    """A count that must not be inferred to lie from `low` to `high`, where it truly lies."""

    inside: Ints
    low: int
    high: int


class Knowledge:
    """Everything a reader knows of one column.

    Parameters
    ----------
    bases
        Groups of atoms whose bases are known, as 0/1 over the atoms; by default every atom.
    pool
        Tables, flat, that are known to agree with the facts.
    """

    def __init__(
        self,
        exact: Exact,
        facts: list[Fact],
        bases: list[Ints] | None = None,
        pool: Sequence[Ints] = (),
    ) -> None:
        shape = exact.counts.shape
        known = list(_atoms(shape[1:])) if bases is None else bases
        rows = [np.broadcast_to(base, shape).reshape(-1) for base in known]
        sums = [int((exact.counts * base).sum()) for base in known]
        self.matrix = np.array([*rows, *(f.inside.reshape(-1) for f in facts)], dtype=float)
        self.low = np.array([*sums, *(f.low for f in facts)], dtype=float)
        self.high = np.array([*sums, *(f.high for f in facts)], dtype=float)
        self.facts, self.first = facts, len(rows)
        self.most = float(exact.counts.sum())
        self.pool = [exact.counts.reshape(-1), *pool]

    def least(self, weights: Ints) -> int:
        """Least value of a weighted sum of cells; the table is kept for other targets."""
        solved = milp(
            weights.reshape(-1).astype(float),
            constraints=LinearConstraint(self.matrix, self.low, self.high),
            integrality=np.ones(self.matrix.shape[1]),
            bounds=Bounds(0, self.most),
        )
        if solved.x is None:
            raise RuntimeError(f"the table of the truth is not feasible: {solved.message}")
        table = np.rint(solved.x).astype(np.int64)
        self.pool.append(table)
        return int(weights.reshape(-1) @ table)

    def infers(self, target: Target) -> bool:
        """Return whether the count must lie from `low` to `high`."""
        inside = target.inside.reshape(-1)
        found = np.array(self.pool) @ inside
        if ((found < target.low) | (found > target.high)).any():
            return False
        if self.least(target.inside) < target.low:
            return False
        return -self.least(-target.inside) <= target.high

    def binding(self, target: Target) -> list[int]:
        """Facts that hold the count where it is, by the duals of its bounds as a linear program."""
        found: set[int] = set()
        for sign in (1, -1):
            solved = linprog(
                sign * target.inside.reshape(-1),
                A_ub=np.vstack([self.matrix, -self.matrix]),
                b_ub=np.concatenate([self.high, -self.low]),
                bounds=(0, self.most),
            )
            duals = np.abs(solved.ineqlin.marginals).reshape(2, -1).sum(axis=0)
            found |= set(np.flatnonzero(duals[self.first :] > 1e-9).tolist())
        return sorted(found)


def inferred(exact: Exact, knowledge: Knowledge) -> Iterator[Target]:
    """Yield every count that must not be inferred and is."""
    yield from (t for t in targets(exact) if knowledge.infers(t))


def targets(exact: Exact) -> Iterator[Target]:
    """Yield sets of options in unions of groups with 1 or 2, and options with all but 2 or more.

    That all but one or two chose one of a set means that one or two chose of the others, and
    these are a set, too.
    """
    for union in unions(exact.counts.shape[1:]):
        counts = (exact.counts * union).reshape(len(exact.options), -1).sum(axis=1)
        base = int(counts.sum())
        rare = [o for o in range(len(counts)) if counts[o] <= FEW]
        sets = chain.from_iterable(combinations(rare, n) for n in range(1, len(rare) + 1))
        for chosen in sets:
            if 1 <= counts[list(chosen)].sum() <= FEW and len(chosen) < len(counts):
                yield Target(_inside(exact, union, chosen), 1, FEW)
        for option in exact.judged:
            if base and base - FEW <= counts[option]:
                yield Target(_inside(exact, union, (option,)), base - FEW, base)


def unions(shape: tuple[int, ...]) -> Iterator[Ints]:
    """Every union of groups that can be selected, as 0/1 over the atoms."""
    picks = [
        list(chain.from_iterable(combinations(range(n), k) for k in range(1, n + 1))) for n in shape
    ]
    for picked in product(*picks):
        union = np.zeros(shape, dtype=np.int64)
        union[np.ix_(*picked) if picked else ()] = 1
        yield union


def _inside(exact: Exact, union: Ints, options: tuple[int, ...]) -> Ints:
    inside = np.zeros(exact.counts.shape, dtype=np.int64)
    inside[list(options)] = union
    return inside


def _atoms(shape: tuple[int, ...]) -> Iterator[Ints]:
    for place in np.ndindex(shape):
        atom = np.zeros(shape, dtype=np.int64)
        atom[place] = 1
        yield atom
