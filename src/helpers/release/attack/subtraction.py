"""Attacks that need no solver: groups isolated by subtraction, and groups shown to agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from helpers.codebook.model import Kind
from helpers.release.attack.facts import Asked, Fact
from helpers.release.attack.leaks import AttackLog
from helpers.release.attack.linear import Isolated, isolated, separated
from helpers.release.attack.partition import Ints, Mask


def revealing_answers(asked: Asked) -> list[str]:
    """Answers that a whole group may not be seen to have given."""
    question = asked.question
    if question.kind is Kind.MULTIPLE:
        return [question.ticked.code]
    return [o.code for o in question.substantive if o.code in asked.options]


# Isolation


def isolation(
    asked: Asked,
    facts: Iterable[Fact],
    minimum: int,
    peopled: Callable[[Mask], bool],
    log: AttackLog,
    unasked: Callable[[int, Mask], bool] = lambda column, cells: False,
    people: Callable[[int], Ints] | None = None,
) -> None:
    """Find groups of fewer than the minimum base that published bases separate.

    Parameters
    ----------
    peopled
        Whether anybody is known to be in some cells: a group of which nobody answered is one
        whose answers are known.
    unasked
        Whether it is public that some cells were not asked a column: that none of them answered
        tells nothing then.
    people
        How many answered a column in each cell, where the attacker knows who is where.
    """
    by_column: dict[int, list[Fact]] = {}
    for fact in facts:
        if fact.base and fact.exact:
            by_column.setdefault(fact.column, []).append(fact)
    for column, bases in by_column.items():
        masks = np.array([f.cells for f in bases])
        sizes = [f.low for f in bases]
        found, tried = isolated(masks, sizes, minimum)
        log.tried("isolation", tried)
        everything = np.ones(len(asked.options), dtype=bool)
        for one in found:
            why = f"a group of {one.n} {_how(asked, masks, one)}, fewer than {minimum}"
            log.leak(asked, column, one.cells, everything, "isolation", why + ".")
        if people is not None and not found:
            log.tried("isolation")
            apart = separated(masks, people(column), minimum)
            if apart is not None:
                n = int(people(column)[apart].sum())
                why = f"a group of {n}, fewer than {minimum}, can be separated by adding and "
                why += "subtracting bases by somebody who knows how many are in each group."
                log.leak(asked, column, apart, everything, "isolation", why)
        for mask, n in zip(masks, sizes, strict=True):
            if n == 0 and peopled(mask) and not unasked(column, mask):
                why = "nobody of this group answered, or was asked, which tells of all of them."
                log.leak(asked, column, mask, everything, "isolation", why)
        _smallest(asked, masks, sizes, log)


def _smallest(asked: Asked, masks: Mask, sizes: list[int], log: AttackLog) -> None:
    n, at = min(((n, at) for at, n in enumerate(sizes) if n), default=(0, 0))
    if n and (log.smallest is None or n < log.smallest[0]):
        log.smallest = (n, asked.question.id, asked.frame.words(masks[at]))


def _how(asked: Asked, masks: Mask, one: Isolated) -> str:
    """Say which bases separate a group."""
    if (masks == one.cells).all(axis=1).any():
        return "is shown by itself"
    for whole in masks:
        rest = whole & ~one.cells
        if (one.cells <= whole).all() and (masks == rest).all(axis=1).any():
            frame = asked.frame
            return f"is what {frame.words(whole)} has more than {frame.words(rest)}"
    return "can be separated by adding and subtracting bases"


# Certain claims


def unanimity(asked: Asked, facts: Iterable[Fact], log: AttackLog) -> None:
    """Find groups that are shown to have given one substantive answer."""
    exact = [f for f in facts if f.exact]
    bases = {(f.column, f.cells.tobytes()): f.low for f in exact if f.base}
    substantive = {asked.codes([code]).tobytes() for code in revealing_answers(asked)}
    for fact in exact:
        if fact.options.tobytes() not in substantive:
            continue
        log.tried("certain claims")
        n = bases.get((fact.column, fact.cells.tobytes()))
        if n and fact.low >= n:
            answer = asked.answer_label(fact.options)
            why = f"all {n} gave the same answer, “{answer}”."
            log.leak(asked, fact.column, fact.cells, fact.options, "certain claims", why)
