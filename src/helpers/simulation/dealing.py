"""Dealing out declared numbers to people: shares in proportion, order by chance, balance."""

from __future__ import annotations

import random
from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import TypeVar

T = TypeVar("T")
PASSES = 3


def spread(
    counts: Sequence[int], bands: Mapping[str, int], tie: Sequence[str]
) -> dict[str, list[int]]:
    """Spread counts over bands in proportion to their size, keeping both totals.

    The places of each band are spaced evenly along the line of all answers, so that any run of
    neighbouring options, and not only each option, is shared out to within one.

    Parameters
    ----------
    counts
        How many give each option; they add to the sum of `bands`.
    tie
        Which band goes first where two have the same claim to a place.

    Returns
    -------
    dict
        Counts per option, by band.
    """
    places = [
        (Fraction(2 * n + 1, 2 * size), tie.index(band), band)
        for band, size in bands.items()
        for n in range(size)
    ]
    line = iter(band for _, _, band in sorted(places))
    shares = {band: [0] * len(counts) for band in bands}
    for option, count in enumerate(counts):
        for _ in range(count):
            shares[next(line)][option] += 1
    return shares


def shuffled(things: Sequence[T], stream: random.Random) -> list[T]:
    """Return the things in an order by chance.

    Only ``random()`` is used: of all methods it alone is promised to give the same numbers in
    every version of Python.
    """
    keys = [stream.random() for _ in things]
    return [things[n] for n in sorted(range(len(things)), key=keys.__getitem__)]


def expanded(counts: Mapping[str, int]) -> list[str]:
    """Return each code as often as it is counted, in the order of the mapping."""
    return [code for code, count in counts.items() for _ in range(count)]


def balanced(
    values: Sequence[str],
    answers: Sequence[Sequence[str]],
    alike: Sequence[Hashable],
    stream: random.Random,
) -> list[str]:
    """Exchange values between people until they relate as little as possible to any answer.

    An exchange is made where it lowers the sum, over all answers and values, of the squared
    difference between how many people there are and how many there would be in proportion
    (each over its variance).

    Parameters
    ----------
    values
        The characteristic of each respondent.
    answers
        All codes that each respondent gave, column by column.
    alike
        Values are exchanged only between respondents with the same mark.
    """
    found = list(values)
    given = [set(enumerate(codes)) for codes in answers]
    weights = _weights(given)
    sizes = {value: found.count(value) for value in dict.fromkeys(found)}
    tally = {value: dict.fromkeys(weights, 0.0) for value in sizes}
    for value, codes in zip(found, given, strict=True):
        for code in codes & weights.keys():
            tally[value][code] += 1
    for value, size in sizes.items():
        for code in weights:
            total = sum(1 for codes in given if code in codes)
            tally[value][code] -= size * total / len(found)
    pairs = [(i, j) for i, j in combinations(range(len(found)), 2) if alike[i] == alike[j]]
    for _ in range(PASSES):
        for i, j in shuffled(pairs, stream):
            _exchange(found, (i, j), given, weights, tally, sizes)
    return found


def _weights(given: Sequence[set[tuple[int, str]]]) -> dict[tuple[int, str], float]:
    """One over the variance of each answer; answers that everybody or nobody gave have none."""
    everybody = len(given)
    codes = sorted(set().union(*given))
    totals = {code: sum(1 for codes in given if code in codes) for code in codes}
    return {
        code: everybody**2 / (total * (everybody - total))
        for code, total in totals.items()
        if 0 < total < everybody
    }


def _exchange(
    found: list[str],
    pair: tuple[int, int],
    given: Sequence[set[tuple[int, str]]],
    weights: Mapping[tuple[int, str], float],
    tally: Mapping[str, dict[tuple[int, str], float]],
    sizes: Mapping[str, int],
) -> None:
    """Exchange the values of two respondents, if that improves the balance."""
    i, j = pair
    if found[i] == found[j]:
        return
    here, there = tally[found[i]], tally[found[j]]
    moves = [
        *((code, -1) for code in _listed(given[i] - given[j], weights)),
        *((code, 1) for code in _listed(given[j] - given[i], weights)),
    ]
    gain = 0.0
    for code, step in moves:
        gain += weights[code] * (
            (2 * step * here[code] + 1) / sizes[found[i]]
            + (1 - 2 * step * there[code]) / sizes[found[j]]
        )
    if gain < -1e-9:
        for code, step in moves:
            here[code] += step
            there[code] -= step
        found[i], found[j] = found[j], found[i]


def _listed(
    codes: Iterable[tuple[int, str]], weights: Mapping[tuple[int, str], float]
) -> list[tuple[int, str]]:
    """Codes in a fixed order: that of a set is not the same on every run."""
    return sorted(code for code in codes if code in weights)
