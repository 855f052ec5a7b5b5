"""Earlier releases against this one: who came, who left, who changed an answer."""

from __future__ import annotations

import numpy as np

from helpers.release.attack.bounds import FEW, selections
from helpers.release.attack.facts import EARLIER, Asked, Fact
from helpers.release.attack.leaks import AttackLog
from helpers.release.attack.linear import isolated
from helpers.release.attack.partition import Mask
from helpers.release.attack.released_files import Rules


def compare(new: Asked, old: Asked, rules: Rules, log: AttackLog, each: int = 1) -> list[Fact]:
    """Compare a question of two releases over the same cells.

    Parameters
    ----------
    each
        Most answers to a question that one person gave: a step of so many may be one person's.

    Returns
    -------
    Facts of the earlier release that hold for this one's answers too, columns numbered as here:
    where nothing that both show has changed, they are taken to be answers of the same people.

    Notes
    -----
    A group that both releases show must differ by nobody or by `minimum` people at least. Where
    the same people are grouped differently, the groups of both together separate smaller ones.
    """
    minimum = rules.minimum_base * each
    shared = [c for c in new.columns[: new.shown] if c in old.columns[: old.shown]]
    kept: list[Fact] = []
    if new.asked and old.asked and 0 < abs(new.asked - old.asked) < minimum:
        whole = new.frame.mask({})
        why = f"{abs(new.asked - old.asked)} more or fewer were asked than in an earlier release."
        log.leak(new, -1, whole, new.codes(()), "earlier releases", why)
    came = abs(new.respondents - old.respondents)
    if shared and 0 < came < minimum:
        people = "respondent" if came == 1 else "respondents"
        why = f"{came} {people} more or fewer than in an earlier release."
        log.leak(new, -1, new.frame.mask({}), new.codes(()), "earlier releases", why)
    for place in shared:
        now, before = new.columns.index(place), old.columns.index(place)
        same = _changes(new, old, (now, before), rules, log, each)
        if same:
            facts = [_moved(f, now, new) for f in old.facts if f.column == before]
            _together(new, now, facts, rules.minimum_base, log)
            kept += [f for f in facts if f.base or old.options == new.options]
    return kept


def _moved(fact: Fact, column: int, new: Asked) -> Fact:
    options = new.codes(new.options) if fact.base else fact.options
    return Fact(column, fact.cells, options, fact.low, fact.high, EARLIER)


def _changes(
    new: Asked, old: Asked, columns: tuple[int, int], rules: Rules, log: AttackLog, each: int
) -> bool:
    """Report changes of 1 to `minimum` - 1 people; whether nothing at all has changed."""
    now, before = columns
    minimum = rules.minimum_base * each
    every = new.codes(new.options)
    same, compared = True, False
    for cells in _common(new, old, now, before):
        log.tried("earlier releases")
        first = old.count(before, cells, old.codes(old.options))
        second = new.count(now, cells, every)
        assert first is not None and second is not None
        compared = True
        if first != second:
            same = False
            if abs(first - second) < minimum:
                why = f"{second} answered, {first} in an earlier release: the difference of "
                why += f"{abs(first - second)} shows their answers."
                log.leak(new, now, cells, every, "earlier releases", why)
            elif _alike(_steps(new, old, now, before, cells), rules, each):
                why = f"the {abs(first - second)} who came or went since an earlier release "
                log.leak(new, now, cells, every, "earlier releases", f"{why}nearly all agree.")
            continue
        moved = _changed_answers(new, old, now, before, cells)
        same &= not moved
        if 0 < moved < minimum:
            why = f"{moved} changed their answers since an earlier release."
            log.leak(new, now, cells, every, "earlier releases", why)
    return same and compared


def _changed_answers(new: Asked, old: Asked, now: int, before: int, cells: Mask) -> int:
    """Least number of people whose answers changed in a group of the same size."""
    steps = _steps(new, old, now, before, cells).values()
    return max(sum(s for s in steps if s > 0), -sum(s for s in steps if s < 0))


def _steps(
    new: Asked, old: Asked, now: int, before: int, cells: Mask
) -> dict[tuple[str, ...], int]:
    """How many more gave each answer that both releases show."""
    found = {}
    for codes in _answers(new, old):
        first = old.count(before, cells, old.codes(codes))
        second = new.count(now, cells, new.codes(codes))
        if first is not None and second is not None:
            found[codes] = second - first
    return found


def _alike(steps: dict[tuple[str, ...], int], rules: Rules, each: int) -> bool:
    """Whether those who came, or those who went, are seen to agree but for one at most.

    Of some who came and some who went nothing follows.
    """
    if not steps or rules.allow_unanimous or len({s > 0 for s in steps.values() if s}) > 1:
        return False
    moved = [abs(s) for s in steps.values()]
    few = rules.strict and any(0 < m <= FEW * each for m in moved)
    return few or sum(moved) - max(moved) <= each


def _answers(new: Asked, old: Asked) -> list[tuple[str, ...]]:
    """Answers as either release shows them: single ones, or several together."""
    shown = [
        tuple(o for o, there in zip(asked.options, options, strict=True) if there)
        for asked in (new, old)
        for level in asked.levels
        for options in level.answers
    ]
    return list(dict.fromkeys(shown))


def _common(new: Asked, old: Asked, now: int, before: int) -> list[Mask]:
    """Smallest groups whose bases both releases show."""
    found: dict[bytes, Mask] = {}
    for cells in np.vstack([selections(new, new.facts), selections(old, old.facts)]):
        if cells.any() and cells.tobytes() not in found:
            second = new.count(now, cells, new.codes(new.options))
            if second is not None and old.count(before, cells, old.codes(old.options)) is not None:
                found[cells.tobytes()] = cells
    kept: list[Mask] = []
    for cells in sorted(found.values(), key=lambda c: int(c.sum())):
        parts = [k for k in kept if not (k & ~cells).any()]
        covered = np.any(parts, axis=0) if parts else np.zeros(len(cells), dtype=bool)
        if (cells & ~covered).any():
            kept.append(cells)
    return kept


def _together(new: Asked, column: int, facts: list[Fact], minimum: int, log: AttackLog) -> None:
    """Separate groups with the bases of both releases."""
    held = [f for f in (*new.facts, *facts) if f.column == column and f.base and f.exact]
    if not held:
        return
    found, tried = isolated(np.array([f.cells for f in held]), [f.low for f in held], minimum)
    log.tried("earlier releases", tried)
    for one in found:
        why = f"with the groups of an earlier release, {one.n} people can be isolated."
        every = new.codes(new.options)
        log.leak(new, column, one.cells, every, "earlier releases", why)
