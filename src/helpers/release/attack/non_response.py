"""Who left a question out: bases of a strict release beside other bases and numbers of people."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

import numpy as np
from scipy.optimize import LinearConstraint, milp

from helpers.estimation.tabulate import coded
from helpers.release.attack.bounds import FEW
from helpers.release.attack.facts import Asked
from helpers.release.attack.insiders import PERSON
from helpers.release.attack.leaks import AttackLog
from helpers.release.attack.near_duplicates import Target, describe_group, exact_by_population
from helpers.release.attack.partition import Box, Ints, Mask
from helpers.responses.survey import Survey

METHOD = "non-response"


def non_response(
    everything: Mapping[str, Asked],
    people: Mapping[str, Sequence[Target]] | None,
    names: Mapping[str, Ints],
    log: AttackLog,
) -> None:
    """Find questions and items that one or two people are known to have left.

    Parameters
    ----------
    people
        Of each population who answered what; None where that is not known.
    names
        Of populations in which people gave several answers, whose each of these is (`whose`).
    """
    for population, listed in exact_by_population(everything).items():
        targets = () if people is None else people[population]
        known = {(t.asked.question.id, t.column): t for t in targets}
        left = Left(known, names.get(population))
        _of_everybody(listed, left, log)
        for asked in listed:
            _of_items(asked, left, log)


def whose(survey: Survey, population: str) -> Ints:
    """Tell whose each answer of a population is; who has no name is somebody else each time."""
    at, codes = coded(survey, population, [PERSON])[PERSON]
    alone = np.isin(codes, ("",))[at]
    return np.where(alone, len(codes) + np.arange(len(at)), at.astype(np.int64))


@dataclass(frozen=True)
class Left:
    """Who left what.

    Attributes
    ----------
    known : who answered a column of a question, as far as it is known
    names : whose each answer is; None where everybody gave one
    """

    known: Mapping[tuple[str, int], Target]
    names: Ints | None

    @property
    def each(self) -> int:
        """Most answers that one person may have left."""
        return (
            1
            if self.names is None
            else int(np.bincount(np.unique(self.names, return_inverse=True)[1].reshape(-1)).max())
        )

    def few(self, asked: Asked, column: int, cells: Mask | None) -> bool:
        """Whether those who left a column, in some cells or wherever they are, are one or two."""
        if self.names is None:
            return True  # as many as their answers
        target = self.known[asked.question.id, column]
        gone = ~target.there
        if cells is not None:
            gone &= cells[target.cells] & (target.cells >= 0)
        return len(np.unique(self.names[gone])) <= FEW


def _of_everybody(listed: Sequence[Asked], left: Left, log: AttackLog) -> None:
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
    bound, most = _bounds(somebody, listed[0].respondents), FEW * left.each
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
                if base is None or base < least - most:  # so many left it: nobody stands out
                    continue
                if not left.few(asked, column, cells):
                    continue
                if bound(at, 1) > base >= bound(at, -1) - most:
                    _leak(asked, column, cells, bound(at, -1) - base, log)
        everybody = asked.frame.mask({})
        for column in range(asked.shown):
            base = asked.count(column, everybody, asked.codes(asked.options))
            for whole in (asked.respondents, asked.asked):
                apart = None if base is None or whole is None else whole - base
                if apart and 1 <= apart <= most and left.few(asked, column, None):
                    _leak(asked, column, everybody, apart, log)


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


def _of_items(asked: Asked, left: Left, log: AttackLog) -> None:
    """Compare the bases of items: those who answered one, and all but one or two another.

    Whether those are the same people the bases do not say; who knows them sees that they are.
    """
    known, most = left.known, FEW * left.each
    for level in asked.levels if known else ():
        for a, b in combinations(range(asked.shown), 2):
            log.tried(METHOD, len(level.masks))
            for cells, bases in zip(level.masks, level.bases, strict=True):
                apart = bases[a] - bases[b]
                if np.isnan(apart) or not 1 <= abs(apart) <= most:
                    continue
                less, more = (a, b) if apart < 0 else (b, a)
                first, second = (known[asked.question.id, n] for n in (less, more))
                inside = cells[first.cells] & (first.cells >= 0)
                gone = second.there & ~first.there & inside
                alone = left.names is None or len(np.unique(left.names[gone])) <= FEW
                if alone and not (first.there & ~second.there & inside).any():
                    _leak(asked, less, cells, int(abs(apart)), log)


def _leak(asked: Asked, column: int, cells: Mask, n: int, log: AttackLog) -> None:
    who = f"{n} {'person is' if n == 1 else 'people are'}"
    why = f"{who} known to have left it."
    log.leak(asked, column, cells, asked.codes(()), METHOD, why)
