"""Who left a question: bases of a strict release against how many there are, and one another."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import combinations, product
from typing import TypeAlias

import numpy as np
from scipy.optimize import LinearConstraint, milp

from helpers.release.attack.bounds import FEW
from helpers.release.attack.facts import Asked
from helpers.release.attack.leaks import AttackLog
from helpers.release.attack.near_duplicates import Target, describe_group, exact_by_population
from helpers.release.attack.partition import Mask

METHOD = "non-response"
Box: TypeAlias = tuple[tuple[str, frozenset[str]], ...]  # dimensions and bands


def non_response(
    everything: Mapping[str, Asked],
    people: Mapping[str, Sequence[Target]] | None,
    log: AttackLog,
) -> None:
    """Find questions and items that one or two people are known to have left.

    Parameters
    ----------
    people
        Of each population who answered what; None where that is not known.
    """
    for population, listed in exact_by_population(everything).items():
        _of_everybody(listed, log)
        targets = () if people is None else people[population]
        known = {(t.asked.question.id, t.column): t for t in targets}
        for asked in listed:
            _of_items(asked, known, log)


def _of_everybody(listed: Sequence[Asked], log: AttackLog) -> None:
    """Compare bases with the number of respondents, and of those of a group.

    Somebody is in a group who answered anything in it. Where the groups of all questions account
    for everybody, or all but a few, it is known how many are in each. A group that one question
    shows may be several of another.
    """
    somebody: dict[Box, int] = {}
    for asked in listed:
        for level in asked.levels:
            for cells, bases in zip(level.masks, level.bases, strict=True):
                key = describe_group(asked.frame, cells)
                known = [int(n) for n in bases if not np.isnan(n)]
                somebody[key] = max([somebody.get(key, 0), *known])
    bound = _bounds(somebody, listed[0].respondents)
    for asked in listed:
        if asked.question.asked_if is not None:
            continue
        anything = asked.codes(asked.options)
        for at, least in somebody.items():
            cells = asked.frame.mask(dict(at))
            if describe_group(asked.frame, cells) != at:
                continue  # the question divides people otherwise
            log.tried(METHOD, asked.shown)
            for column in range(asked.shown):
                base = asked.count(column, cells, anything)
                if base is None or base < least - FEW:  # so many left it: nobody stands out
                    continue
                if bound(at, 1) > base >= bound(at, -1) - FEW:
                    _leak(asked, column, cells, bound(at, -1) - base, log)
        everybody = asked.frame.mask({})
        for column in range(asked.shown):
            base = asked.count(column, everybody, asked.codes(asked.options))
            for whole in (asked.respondents, asked.asked):
                if base is not None and whole is not None and 1 <= whole - base <= FEW:
                    _leak(asked, column, everybody, whole - base, log)


def _bounds(somebody: Mapping[Box, int], respondents: int) -> Callable[[Box, int], int]:
    """Bound how many are in a box, by those who are known to be in it and in all others.

    From below with 1, from above with -1.
    """
    pieces: dict[str, set[str]] = {}
    for dimension, bands in (part for at in somebody for part in at):
        pieces.setdefault(dimension, set()).update(bands)

    @cache
    def known(by: frozenset[str]) -> tuple[list[dict[str, str]], LinearConstraint]:
        places = [
            dict(zip(by, at, strict=True)) for at in product(*(sorted(pieces[d]) for d in by))
        ]
        told = [(at, n) for at, n in somebody.items() if by.issuperset(d for d, _ in at)]
        rows = [[_within(place, at) for place in places] for at, _ in told]
        low, high = [*(n for _, n in told), 0], [*(np.inf for _ in told), respondents]
        return places, LinearConstraint(np.array([*rows, [True] * len(places)]), low, high)

    @cache
    def bound(at: Box, sign: int) -> int:
        places, constraint = known(frozenset(d for d, _ in at))
        wanted = np.array([_within(place, at) for place in places], dtype=float)
        return sign * math.ceil(milp(sign * wanted, constraints=constraint).fun - 1e-6)

    return bound


def _within(place: Mapping[str, str], at: Box) -> bool:
    return all(place[d] in bands for d, bands in at)


def _of_items(asked: Asked, known: Mapping[tuple[str, int], Target], log: AttackLog) -> None:
    """Compare the bases of items: those who answered one, and all but one or two another.

    Whether those are the same people the bases do not say; who knows them sees that they are.
    """
    for level in asked.levels if known else ():
        for a, b in combinations(range(asked.shown), 2):
            log.tried(METHOD, len(level.masks))
            for cells, bases in zip(level.masks, level.bases, strict=True):
                apart = bases[a] - bases[b]
                if np.isnan(apart) or not 1 <= abs(apart) <= FEW:
                    continue
                less, more = (a, b) if apart < 0 else (b, a)
                first, second = (known[asked.question.id, n] for n in (less, more))
                inside = cells[first.cells] & (first.cells >= 0)
                if not (first.there & ~second.there & inside).any():
                    _leak(asked, less, cells, int(abs(apart)), log)


def _leak(asked: Asked, column: int, cells: Mask, n: int, log: AttackLog) -> None:
    who = f"{n} {'person is' if n == 1 else 'people are'}"
    why = f"{who} known to have left it."
    log.leak(asked, column, cells, asked.codes(()), METHOD, why)
