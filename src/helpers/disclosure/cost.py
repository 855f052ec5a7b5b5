"""What protection costs: how much of what could be seen is shown, merged, rounded or hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from helpers.disclosure.atoms import Bands, Counts, Floats, Partition
from helpers.disclosure.profiles import Level, Plan
from helpers.survey.codebook import Kind


@dataclass(frozen=True)
class Value:
    """One share that could be shown.

    Attributes
    ----------
    n : its base
    error : distance in [0, 1] of the true share from a reader's best guess
    how : ``shown``, ``merged``, ``rounded`` or ``hidden``
    """

    n: int
    error: float
    how: str


def values(counts: Counts, groups: Partition, plan: Plan, shown: Floats) -> Iterator[Value]:
    """Compare every share of every group with what a release shows of it.

    Parameters
    ----------
    groups
        Partition by which shares could be told apart: that of the profile `standard`.
    plan
        What is released.
    shown
        Counts as they are released, in the smallest groups of the plan: the true ones, or
        rounded (columns, options, groups of each dimension).

    Notes
    -----
    A reader splits a merged share among its answers as everybody's is split where that is shown,
    else evenly; takes the share of the wider group where groups are merged, that of everybody
    where a group is hidden, and 1/k of k answers where everybody is.
    """
    true = counts.merged(groups)
    dimensions = [d for d, of in groups.items() if len(of) > 1]
    for size in range(len(dimensions) + 1):
        for chosen in combinations(dimensions, size):
            for place in product(*(range(len(groups[d])) for d in chosen)):
                bands = {d: groups[d][at] for d, at in zip(chosen, place, strict=True)}
                yield from _of_group(counts, _in(true, groups, bands), plan, shown, bands)


def summary(found: Sequence[Value]) -> dict[str, float]:
    """Sum values up: shares by what became of them, mean and largest error in points."""
    total = max(len(found), 1)
    ways = ("shown", "merged", "rounded", "hidden")
    result = {way: round(sum(v.how == way for v in found) / total, 4) for way in ways}
    large = [v.error for v in found if v.n >= 50 and v.how != "hidden"]
    errors = [v.error for v in found]
    result["mean_error"] = round(100 * float(np.mean(errors or [0.0])), 2)
    result["max_error"] = round(100 * max(errors, default=0.0), 2)
    result["mean_error_50"] = round(100 * float(np.mean(large or [0.0])), 2)
    return result


def _in(n: Floats, partition: Partition, bands: dict[str, Bands]) -> Floats:
    """Sum counts (columns, options) over the groups that hold the given bands."""
    for axis, (dimension, groups) in reversed(list(enumerate(partition.items(), 2))):
        wanted = set(bands.get(dimension, ()))
        inside = [k for k, group in enumerate(groups) if not wanted or wanted & set(group)]
        n = n.take(inside, axis=axis).sum(axis=axis)
    return n


def _of_group(
    counts: Counts, true: Floats, plan: Plan, shown: Floats, bands: dict[str, Bands]
) -> Iterator[Value]:
    apart = {d: b for d, b in bands.items() if d in plan.offered}
    level = plan.at(apart)
    whole = plan.at(())
    here, everybody = _in(shown, plan.partition, apart), _in(shown, plan.partition, {})
    same = all(b in plan.partition[d] for d, b in apart.items()) and len(apart) == len(bands)
    options = list(range(len(counts.options)))
    if counts.question.kind is Kind.MULTIPLE:
        options = [counts.options.index(counts.question.ticked.code)]
    for column, n in enumerate(true):
        base = int(n.sum())
        if not base:
            continue
        for option in options:
            truth = float(n[option]) / base
            if level is not None and column in level.shown:
                block = next(b for b in level.blocks if option in b)
                guess = _share(here[column], block) * _part(everybody[column], whole, block, option)
                alone = same and len(block) == 1
                near = abs(guess - truth) < 1e-9
                how = "merged" if not alone else "shown" if near else "rounded"
            elif whole is not None and column in whole.shown:
                block = next(b for b in whole.blocks if option in b)
                guess, how = _share(everybody[column], block) / len(block), "hidden"
            else:
                guess, how = 1 / len(counts.options), "hidden"
            yield Value(base, abs(guess - truth), how)


def _share(n: Floats, block: Sequence[int]) -> float:
    return float(n[list(block)].sum() / n.sum()) if n.sum() else 0.0


def _part(n: Floats, whole: Level | None, block: Sequence[int], option: int) -> float:
    """Part of a merged share that a reader gives to one of its answers."""
    if whole is not None and all((o,) in whole.blocks for o in block) and n[list(block)].sum():
        return float(n[option] / n[list(block)].sum())
    return 1 / len(block)
