"""Groups that sums and differences separate: both sides of the gate against trying every set."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from helpers.release.attack.linear import separated
from helpers.release.protect.separation import indicators, separable


def orthogonal(columns):
    """Whole vectors, as rows, to which just the combinations of columns are orthogonal."""
    rows = [[Fraction(int(v)) for v in column] for column in columns]
    width, at, pivots = len(columns[0]), 0, []
    for column in range(width):
        pivot = next((r for r in range(at, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [value / rows[at][column] for value in rows[at]]
        for r in range(len(rows)):
            if r != at and (factor := rows[r][column]):
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[at], strict=True)]
        at += 1
        pivots.append(column)
    found = np.zeros((width - at, width), dtype=object)
    for n, free in enumerate(c for c in range(width) if c not in pivots):
        found[n, free] = Fraction(1)
        found[n, pivots] = [-row[free] for row in rows[:at]]
    return found


def smallest(shown, people, minimum):
    """Fewest people of any set of atoms whose indicator is a combination of groups, by trial."""
    there = [n for n in range(len(people)) if people[n]]
    against = orthogonal(list(shown[there].T))
    sizes = []
    for count in range(1, len(there) + 1):
        for atoms in combinations(range(len(there)), count):
            n = int(sum(people[there[a]] for a in atoms))
            if n < minimum and not against[:, list(atoms)].sum(axis=1).any():
                sizes.append(n)
    return min(sizes, default=None)


def breakdowns(random):
    """Draw atoms of three dimensions, how many are in each, and breakdowns that are shown."""
    sizes = [int(n) for n in random.integers(2, 4, 3)]
    atoms = np.array(list(np.ndindex(*sizes)))
    people = random.poisson(random.choice([1, 4, 12]), len(atoms))
    people[random.uniform(size=len(atoms)) < random.choice([0, 0.3, 0.6])] = 0
    kept = np.flatnonzero(people)[:11]
    atoms, people = atoms[kept], people[kept]
    by = [(), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]
    shown = [b for b in by if random.uniform() < (0.8 if len(b) < 2 else 0.3)] or [()]
    groups = [
        np.array([int("".join(map(str, ["0", *a[list(b)]])), 3) for a in atoms], dtype=int)
        for b in shown
    ]
    return groups, people


@pytest.mark.parametrize("seed", range(60))
def test_what_is_separated_is_what_trying_every_set_finds(seed):
    groups, people = breakdowns(np.random.default_rng(seed))
    if not len(people):
        return
    shown = indicators(groups)
    least = smallest(shown, people, 10)
    assert separable(shown, people.astype(float), 10) == (least is not None)
    found = separated(shown.T.astype(bool), people, 10)
    assert (found is None) == (least is None)
    if found is not None:
        assert people[found].sum() == least


@pytest.mark.slow
def test_many_people_in_five_dimensions_are_not_separated_and_a_nested_few_are():
    """1,600 people by five dimensions alone; then a dimension that is one of them but for three."""
    random = np.random.default_rng(1)
    groups = [random.integers(0, n, 1600) for n in (2, 3, 4, 5, 5)]
    people = np.ones(1600)
    shown = indicators([np.zeros(1600, dtype=int), *groups])
    assert not separable(shown, people, 10)
    assert separated(shown.T.astype(bool), people.astype(int), 10) is None
    nested = groups[4].copy()
    nested[np.flatnonzero(nested == 0)[:3]] = 1
    shown = indicators([np.zeros(1600, dtype=int), *groups, nested])
    assert separable(shown, people, 10)
    found = separated(shown.T.astype(bool), people.astype(int), 10)
    assert found is not None and found.sum() == 3
