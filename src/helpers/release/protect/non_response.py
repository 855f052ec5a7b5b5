"""Who left a question out: under `strict` nobody can see that one or two people did."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, compress, product
from typing import TypeAlias

import numpy as np

from helpers.release.protect.atoms import AtomCounts, Bands, Dimensions, Ints
from helpers.release.protect.hiding import ShownColumn, Together
from helpers.release.protect.profiles import Plan
from helpers.release.protect.respondents import Respondents
from helpers.release.protect.small_counts import FEW

Group: TypeAlias = tuple[tuple[str, frozenset[str]], ...]  # dimensions and bands, sorted
_EXACT = 1e-6  # what a linear program may be off
_Bases: TypeAlias = Mapping[ShownColumn, Ints]  # base of every group of a breakdown


def revealed_non_response(
    people: Respondents,
    plans: Mapping[str, Plan],
    counts: Mapping[str, AtomCounts],
    asked: Mapping[str, int],
    everybody: int,
    each: int = 1,
) -> Iterator[Together]:
    """Find bases that show that one or two people left a question.

    Parameters
    ----------
    asked
        How many were asked each question, which is shown.
    everybody
        How many respondents the population has, which is public.
    each
        Most answers of one person, who may have left the question so many times.

    Notes
    -----
    Beside the number of respondents, and of each group as far as that follows from all bases: a
    group has at least as many people as answered any question, so have groups together, and at
    most as many as the others leave over.
    Beside one another the items of a question, where those who answered one answered the other
    too, so that the bases differ by those who left it.
    """
    few = FEW * each
    bases = {
        ShownColumn(name, column, level.dimensions): _bases(
            counts[name], plan, level.dimensions, column
        )
        for name in counts
        for plan in (plans[name],)
        for level in plan.levels
        for column in level.shown
    }
    put = {x: n for x, n in bases.items() if counts[x.question].question.asked_if is None}
    for x, n in put.items():
        if not x.dimensions and any(1 <= of - n[0] <= few for of in (everybody, asked[x.question])):
            yield frozenset((x,))
    yield from _beside_everybody(people, plans, put, bases, everybody, few)
    yield from _beside_items(people, plans, bases, few)


def _bases(counts: AtomCounts, plan: Plan, dimensions: Dimensions, column: int) -> Ints:
    n = counts.merged(plan.partition, dimensions)[column]
    return np.rint(n.sum(axis=0)).astype(int).reshape(-1)


def _beside_everybody(
    people: Respondents,
    plans: Mapping[str, Plan],
    put: _Bases,
    bases: _Bases,
    everybody: int,
    few: int,
) -> Iterator[Together]:
    """Compare bases of what was put to everybody with how many are in each group.

    A group may be one that another question shows, and several of this one together.
    """
    least: dict[Group, int] = {}
    for x in bases:
        groups = _groups(plans[x.question].partition, x.dimensions)
        for group, n in zip(groups, bases[x], strict=True):
            least[group] = max(least.get(group, 0), int(n))
    sizes = _Sizes(least, everybody)
    made: dict[tuple[str, Dimensions], tuple[list[Group], Ints]] = {}
    for x, n in put.items():
        partition = plans[x.question].partition
        if (x.question, x.dimensions) not in made:
            made[x.question, x.dimensions] = _made_up(partition, x.dimensions, least)
        known, inside = made[x.question, x.dimensions]
        at = people.groups(partition, x.dimensions)
        left = inside @ (np.bincount(at[at >= 0], minlength=len(n)) - n)
        for k in np.flatnonzero((left > 0) & (left <= few)):
            low, most = sizes.of(known[k])
            if low > (base := inside[k] @ n) and most - base <= few:
                yield frozenset((x,))
                break


def _made_up(
    partition: Mapping[str, tuple[Bands, ...]], dimensions: Dimensions, groups: Iterable[Group]
) -> tuple[list[Group], Ints]:
    """Find the groups that are made up of those of a breakdown; of each, which these are."""
    found, rows = [], []
    for group in groups:
        wanted, inside = dict(group), np.ones((), dtype=int)
        for d in dimensions:
            bands = wanted.pop(d, None)
            held = [bands is None or bands.issuperset(part) for part in partition[d]]
            if bands is not None and bands != set().union(*compress(partition[d], held)):
                break
            inside = np.multiply.outer(inside, np.array(held, dtype=int))
        else:
            if not wanted:
                found.append(group)
                rows.append(inside.reshape(-1))
    return found, np.array(rows, dtype=int).reshape(len(found), -1)


class _Sizes:
    """How many people a group holds, as far as the bases of all groups show.

    Parameters
    ----------
    least
        The largest base that is shown of each group.
    everybody
        How many there are in all.
    """

    def __init__(self, least: Mapping[Group, int], everybody: int) -> None:
        self.least, self.everybody = least, everybody
        self._found: dict[Group, tuple[int, int]] = {}

    def of(self, group: Group) -> tuple[int, int]:
        """Bound the size of a group: least and most, both inclusive (a linear program each)."""
        if group not in self._found:
            from scipy.optimize import linprog

            by = {d for d, _ in group}
            known = [g for g in self.least if by.issuperset(d for d, _ in g)]
            bands = {d: sorted({b for g in known for b in dict(g).get(d, ())}) for d in by}
            places = list(product(*bands.values()))
            rows = [
                [all(b in of.get(d, (b,)) for d, b in zip(bands, at, strict=True)) for at in places]
                for of in map(dict, [*known, group])
            ]
            *inside, wanted = np.array(rows, dtype=float)
            limits = np.vstack([-np.array(inside), np.ones(len(places))])
            ends = [*(-self.least[g] for g in known), self.everybody]
            low, most = (
                sign * linprog(sign * wanted, A_ub=limits, b_ub=ends).fun for sign in (1, -1)
            )
            self._found[group] = (math.ceil(low - _EXACT), math.floor(most + _EXACT))
        return self._found[group]


def _groups(partition: Mapping[str, tuple[Bands, ...]], dimensions: Dimensions) -> list[Group]:
    """Name the groups of a breakdown, the last dimension changing fastest."""
    found: list[Group] = [()]
    for d in dimensions:
        found = [(*g, (d, frozenset(bands))) for g in found for bands in partition[d]]
    return [tuple(sorted(g, key=lambda part: part[0])) for g in found]


def _beside_items(
    people: Respondents, plans: Mapping[str, Plan], bases: _Bases, most: int
) -> Iterator[Together]:
    """Compare the bases of the items of each question with one another."""
    for name in dict.fromkeys(x.question for x in bases):
        plan = plans[name]
        for level in plan.levels:
            listed = [ShownColumn(name, column, level.dimensions) for column in level.shown]
            group = None
            for one, other in combinations(listed, 2):
                apart = bases[one] - bases[other]
                if not ((apart != 0) & (abs(apart) <= most)).any():
                    continue
                if group is None:
                    group = people.groups(plan.partition, level.dimensions)
                first, second = (people.answers[x[:2]] >= 0 for x in (one, other))
                only = [
                    np.bincount(group[a & ~b & (group >= 0)], minlength=len(apart))
                    for a, b in ((first, second), (second, first))
                ]
                few = np.maximum(*only)
                if ((np.minimum(*only) == 0) & (few > 0) & (few <= most)).any():
                    yield frozenset((one, other))
