"""A plain attacker of two releases that divide the same people by other characteristics.

It reads pages as `benchmarks.outsider` does, and knows who is in which groups. What is a leak: a
group of one release, or several of one table together, holds all people of a group of the other
and 1 to 9 more (up to the minimum base less one). Imports nothing of helpers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
import numpy.typing as npt
from benchmarks.outsider import BASE, Attack, Column, Group, read, words

MOST_UNITED = 5  # groups of a table, taken together


def leaks(
    html: Mapping[str, str], before: Mapping[str, str], people: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """Find what groups of both releases tell: words by place.

    Parameters
    ----------
    people
        Of everybody today `groups` and `answers`, as `benchmarks.outsider` describes them, and
        `person`, who may have answered several times.
    """
    found, minimum = {}, Attack(html).minimum
    for old, new in product(read(before), read(html)):
        there = [p for p in people if str(new) in p["answers"]]
        if str(old) != str(new) or old.rounded or new.rounded or not there:
            continue
        person = np.unique([p["person"] for p in there], return_inverse=True)[1]
        # Earlier groups of about as many people as today are taken to be of the same ones.
        sides = _unions(old, there, minimum), _unions(new, there, 1)
        for (was, one), (now, other) in product(*(side.items() for side in sides)):
            for less, more in ((one, other), (other, one)):
                apart = len({*person[more & ~less]})
                if not (less & ~more).any() and 0 < apart < minimum:
                    found[f"{new}: {now}"] = f"{apart} apart from {was} of an earlier release"
    return found


def _unions(
    column: Column, people: Sequence[Mapping[str, Any]], near: int
) -> dict[str, npt.NDArray[np.bool_]]:
    """Say who is in each group, and in any of several of a table, by name; each set once."""
    tables: dict[frozenset[str], list[Group]] = {}
    for group in (g for g, answer in column.counts if answer == BASE):
        tables.setdefault(frozenset(d for d, _ in group), []).append(group)
    found: dict[bytes, tuple[str, npt.NDArray[np.bool_]]] = {}
    for table in tables.values():
        inside = {
            g: np.array([all(p["groups"].get(d) in bands for d, bands in g) for p in people])
            for g in table
        }
        kept = [g for g in table if abs(inside[g].sum() - column.counts[g, BASE]) < near]
        for size in range(1, min(len(kept), MOST_UNITED) + 1):
            for several in combinations(kept, size):
                together = np.any([inside[g] for g in several], axis=0)
                name = " and ".join(map(words, several))
                found.setdefault(together.tobytes(), (name, together))
    return dict(found.values())
