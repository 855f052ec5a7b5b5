"""What readers can choose of a question: groups to filter by, and one dimension to compare."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import TypeAlias

Chosen: TypeAlias = dict[str, tuple[str, ...]]
Groups: TypeAlias = Mapping[str, Sequence[str]]  # dimension -> ids of its groups
Sizes: TypeAlias = Mapping[str, int]  # dimension -> how many groups it has
Breakdowns: TypeAlias = Sequence[tuple[str, ...]]  # dimensions that are shown crossed

MOST_VIEWS = 64
MOST_OF_WAVES = 192  # pages open with one wave: a filter not crossed with it shows nothing


def choices(
    groups: Groups, breakdowns: Breakdowns, wave: str = ""
) -> tuple[bool, list[tuple[str, Chosen]]]:
    """List every comparison and selection a reader can make of a question.

    Parameters
    ----------
    wave
        Dimension that distinguishes waves: one of its groups can be chosen, or all together.

    Returns
    -------
    Whether several groups of a dimension can be chosen together, which is so where it takes no
    more than `MOST_VIEWS` views; and the choices, each a dimension to compare and the groups
    chosen. A dimension left out of a choice means all its groups.
    """
    sizes = {d: len(of) for d, of in groups.items()}
    together = number(sizes, breakdowns, wave, together=True) <= MOST_VIEWS
    found = []
    for compare, filters in _combinations(sizes, breakdowns):
        listed = [_selections(groups[d], together and d != wave) for d in filters]
        found += [(compare, dict(zip(filters, picked, strict=True))) for picked in product(*listed)]
    return together, found


def number(sizes: Sizes, breakdowns: Breakdowns, wave: str = "", *, together: bool = False) -> int:
    """Count the views it takes to show every choice, of single groups or of several together."""

    def of(dimension: str) -> int:
        n = sizes[dimension]
        return 2**n - 2 if together and dimension != wave else n

    listed = _combinations(sizes, breakdowns)
    return sum(math.prod(of(d) for d in filters) for _, filters in listed)


def _combinations(sizes: Sizes, breakdowns: Breakdowns) -> Iterator[tuple[str, tuple[str, ...]]]:
    """List the dimension compared and those filtered by, where they are shown crossed."""
    shown = {
        frozenset(part)
        for breakdown in breakdowns
        for size in range(len(breakdown) + 1)
        for part in combinations(breakdown, size)
    }
    wide = [d for d, n in sizes.items() if n > 1]
    most = max(map(len, shown), default=0)
    for compare in ("", *wide):
        others = [d for d in wide if d != compare]
        for size in range(most + 1):
            for filters in combinations(others, size):
                if frozenset(filter(None, (compare, *filters))) in shown:
                    yield compare, filters


def _selections(groups: Sequence[str], together: bool) -> Iterable[tuple[str, ...]]:
    sizes = range(1, len(groups)) if together else range(1, 2)
    return [picked for size in sizes for picked in combinations(groups, size)]
