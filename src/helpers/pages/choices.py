"""What a reader can choose of a question: every comparison and selection that a page holds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import TypeAlias

MOST_VIEWS = 64
Chosen: TypeAlias = dict[str, tuple[str, ...]]
Groups: TypeAlias = dict[str, list[str]]


def choices_offered(offered: Groups, wave: str = "") -> tuple[str, list[tuple[str, Chosen]]]:
    """List every comparison and selection a reader can make of a question.

    Parameters
    ----------
    wave
        Dimension that tells waves apart: one of its groups, or all together, can be chosen beside
        anything else.

    Returns
    -------
    How much can be chosen: ``unions`` of groups, a ``single`` group of each dimension, or ``one``
    group at all, whichever is the first with at most `MOST_VIEWS` views; and the choices. A
    dimension left out of a choice means all its groups.
    """
    for mode in ("unions", "single"):
        sizes = {
            d: range(1, len(g) if mode == "unions" and d != wave else 2) for d, g in offered.items()
        }
        number = sum(_number(offered, compare, mode, wave) for compare in ("", *offered))
        if number <= MOST_VIEWS:
            return mode, [c for by in ("", *offered) for c in _products(offered, by, sizes)]
    others = {d: groups for d, groups in offered.items() if d != wave}
    alone: list[tuple[str, Chosen]] = [("", {d: (g,)}) for d, gs in others.items() for g in gs]
    found = [("", {}), *alone, *((d, {}) for d in others)]
    if wave in offered:
        waves: list[Chosen] = [{wave: (g,)} for g in offered[wave]]
        by_wave = [(wave, chosen) for by, chosen in found if not by]
        found += [(by, one | chosen) for one in waves for by, chosen in found] + by_wave
    return "one", found


def _number(offered: Groups, compare: str, mode: str, wave: str) -> int:
    kept = {d: len(groups) for d, groups in offered.items() if d != compare}
    unions = {d for d in kept if mode == "unions" and d != wave}
    return math.prod(2**n - 1 if d in unions else n + 1 for d, n in kept.items())


def _products(
    offered: Groups, compare: str, sizes: Mapping[str, range]
) -> Iterator[tuple[str, Chosen]]:
    kept = [d for d in offered if d != compare]
    alternatives = [
        [(), *(c for size in sizes[d] for c in combinations(offered[d], size))] for d in kept
    ]
    for picked in product(*alternatives):
        yield compare, {d: groups for d, groups in zip(kept, picked, strict=True) if groups}
