"""Near-duplicates: side by side, nearly the same answers reveal what a few people said.

Two response columns of a population are near-duplicates if, among those who answered both, the
answer to one nearly settles the answer to the other. If both are shown of the same people but for a
few, the two distributions differ by what these few answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from helpers.release.protect.atoms import Floats
from helpers.release.protect.hiding import ShownColumn, Together
from helpers.release.protect.profiles import Plan
from helpers.release.protect.respondents import Column, Respondents
from helpers.responses.near_duplicates import agreeing
from helpers.terminal import Step

MOST_UNIONS = 6  # groups of a dimension up to which every union of them is tried
MOST_TOGETHER = 8  # near-duplicates of a column up to which groups are compared by threes


def revealed_together(
    people: Respondents,
    plans: Mapping[str, Plan],
    minimum: int,
    progress: Callable[[str], None] = lambda _: None,
    each: int = 1,
) -> Iterator[Together]:
    """Find what shows, side by side, the answers of fewer than the minimum.

    Parameters
    ----------
    each
        Most rows of one person: so many times as many answers may be those of few people.

    Notes
    -----
    A group is one of a breakdown, or some groups of one dimension together. Among a column and its
    near-duplicates, two groups may not differ by 1 to `minimum` - 1 people, nor three: one less
    two others that it holds, or two less a third that holds both, which is their intersection.
    Of three, single groups of up to `MOST_TOGETHER` near-duplicates are tried.
    """
    found = near_duplicates(people, plans, minimum)
    for done, (column, others) in enumerate(found.items()):
        progress(Step("Comparing questions", done, len(found)))
        yield from _few_apart(people, plans, column, others, (minimum - 1) * each + 1)


def near_duplicates(
    people: Respondents, plans: Mapping[str, Plan], minimum: int
) -> dict[Column, list[Column]]:
    """Find the near-duplicates of each column shown that has any."""
    found: dict[Column, list[Column]] = {}
    for one, other in alike(people, columns_shown(people, plans), minimum):
        found.setdefault(one, []).append(other)
        found.setdefault(other, []).append(one)
    return found


def columns_shown(people: Respondents, plans: Mapping[str, Plan]) -> list[Column]:
    """List the columns that plans show in any breakdown."""
    there = (c for c in people.answers if c[0] in plans)
    return [c for c in there if any(c[1] in x.shown for x in plans[c[0]].levels)]


def alike(
    people: Respondents, columns: Sequence[Column], minimum: int
) -> Iterator[tuple[Column, Column]]:
    """Find the pairs of columns that are answered nearly alike."""
    for a, b, _ in agreeing([people.answers[c] for c in columns], minimum):
        yield columns[a], columns[b]


def _few_apart(
    people: Respondents,
    plans: Mapping[str, Plan],
    column: Column,
    others: Sequence[Column],
    minimum: int,
) -> Iterator[Together]:
    """Compare the groups shown of a column with those of its near-duplicates."""
    for other in others:
        if list(people.answers).index(other) < list(people.answers).index(column):
            continue  # compared before
        told, shared = _overlaps(people, plans, [column, other])
        own = np.array([x[:2] == column for x in told], dtype=bool)
        size = np.diagonal(shared)
        apart = size[:, None] + size[None] - 2 * shared
        pairs = (apart > 0) & (apart < minimum) & own[:, None] & ~own[None]
        yield from {frozenset((told[a], told[b])) for a, b in np.argwhere(pairs)}
    if len(others) <= MOST_TOGETHER:
        yield from _threes(people, plans, column, others, minimum)


def _threes(
    people: Respondents,
    plans: Mapping[str, Plan],
    column: Column,
    others: Sequence[Column],
    minimum: int,
) -> Iterator[Together]:
    """Take two groups from one that holds them but for a few people, or that is both of them."""
    told, shared = _overlaps(people, plans, [column, *others], unions=False)
    own = np.array([x[:2] == column for x in told], dtype=bool)
    size = np.diagonal(shared)
    for one in np.flatnonzero(own):
        inside = np.flatnonzero(size - shared[one] < minimum)
        inside = inside[inside != one]
        more = size[inside] - 2 * shared[one, inside]
        left = size[one] + more[:, None] + more[None] + 2 * shared[np.ix_(inside, inside)]
        other = ~own[inside]
        found = (left > 0) & (left < minimum) & (other[:, None] | other[None])
        threes = np.argwhere(np.triu(found, 1))
        yield from {frozenset((told[one], told[inside[a]], told[inside[b]])) for a, b in threes}


def _overlaps(
    people: Respondents,
    plans: Mapping[str, Plan],
    columns: Sequence[Column],
    *,
    unions: bool = True,
) -> tuple[list[ShownColumn], Floats]:
    """Count who is in any two groups that are shown of some columns.

    Returns
    -------
    By what each group is shown, and how many are in both of any two.
    """
    levels = {
        (name, level.dimensions): level
        for name in dict.fromkeys(c[0] for c in columns)
        for level in plans[name].levels
    }
    kinds, n = people.kinds(columns, dict.fromkeys(d for _, by in levels for d in by))
    groups = {(name, by): people.groups(plans[name].partition, by, kinds) for name, by in levels}
    told, marks = [], []
    for name, column in columns:
        answered = people.answers[name, column][kinds] >= 0
        for (owner, by), level in levels.items():
            if owner != name or column not in level.shown:
                continue
            group = groups[name, by]
            listed = [answered & (group == g) for g in np.unique(group[answered & (group >= 0)])]
            if unions and len(by) == 1 and len(listed) <= MOST_UNIONS:
                listed += [
                    np.any(some, axis=0)
                    for size in range(2, len(listed))
                    for some in combinations(listed, size)
                ]
            marks += listed
            told += [ShownColumn(name, column, by)] * len(listed)
    sets = np.array(marks, dtype=float).reshape(len(marks), len(kinds))
    return told, (sets * n) @ sets.T
