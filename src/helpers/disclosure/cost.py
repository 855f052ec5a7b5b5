"""What protection costs: how much of what could be seen is shown, merged, rounded or hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

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
    A reader splits a merged share, and what hidden answers leave of the whole, as everybody's is
    split, or evenly; takes the share of the wider group where groups are merged, that of
    everybody where a group is hidden, and 1/k of k answers where everybody is.
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
    same = len(apart) == len(bands) and all(b in plan.partition[d] for d, b in apart.items())
    options = list(range(len(counts.options)))
    if counts.question.kind is Kind.MULTIPLE:
        options = [counts.options.index(counts.question.ticked.code)]
    for column, n in enumerate(true):
        base = int(n.sum())
        guess, how = _read(plan, shown, apart, column)
        for option in options if base else ():
            error = abs(float(guess[option]) - float(n[option]) / base)
            told = how[option]
            if told == "shown" and not (same and error < 1e-9):
                told = "rounded" if same else "merged"
            yield Value(base, error, told)


def _read(
    plan: Plan, shown: Floats, apart: dict[str, Bands], column: int
) -> tuple[Floats, list[str]]:
    """Share that a reader gives to each answer of a group, and how it is shown."""
    options = shown.shape[1]
    prior = _read(plan, shown, {}, column)[0] if apart else np.full(options, 1 / options)
    level = plan.at(apart)
    n = _in(shown, plan.partition, apart)[column]
    if level is None or column not in level.shown or not n.sum():
        return prior, ["hidden"] * options
    hidden = _hidden(plan, level, apart, column)
    how = ["hidden" if gone else "shown" for gone in hidden]
    together: list[list[int]] = [np.flatnonzero(hidden).tolist()]  # their sum follows from the base
    for block in level.blocks:
        if len(block) > 1:
            together.append([*block])
            how = ["merged" if o in block else told for o, told in enumerate(how)]
    guess = n / n.sum()
    for places in filter(None, together):
        weights = prior[places] if prior[places].sum() else np.ones(len(places))
        guess[places] = guess[places].sum() * weights / weights.sum()
    return guess, how


def _hidden(
    plan: Plan, level: Level, apart: dict[str, Bands], column: int
) -> npt.NDArray[np.bool_]:
    """Which options are hidden by themselves in any group of a union."""
    if column not in level.gone:
        return np.zeros(len({o for block in level.blocks for o in block}), dtype=bool)
    gone = level.gone[column]
    for axis, d in reversed(list(enumerate(level.dimensions, 1))):
        wanted = set(apart.get(d, ()))
        groups = plan.partition[d]
        inside = [k for k, group in enumerate(groups) if not wanted or wanted & set(group)]
        gone = np.asarray(gone.take(inside, axis=axis).any(axis=axis))
    return gone
