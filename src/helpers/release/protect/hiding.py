"""What is hidden where plans are safe one by one, but not together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from helpers.release.protect.atoms import AtomCounts, Dimensions
from helpers.release.protect.profiles import BESIDE, Level, Plan, boxes_reveal


class ShownColumn(NamedTuple):
    """A response column as one breakdown of its question shows it."""

    question: str
    column: int
    dimensions: Dimensions

    def within(self, other: ShownColumn) -> bool:
        """Return whether it adds up to another one, and goes with it."""
        same = self[:2] == other[:2]
        return same and set(other.dimensions) <= set(self.dimensions)


Together: TypeAlias = frozenset[ShownColumn]  # reveal too much side by side: one has to go


def choose_hidden(together: Iterable[Together], order: Sequence[str]) -> dict[ShownColumn, str]:
    """Choose what goes, so that of each set one does.

    Parameters
    ----------
    order
        Questions, the most important first.

    Returns
    -------
    What goes, and the question beside which it reveals too much.

    Notes
    -----
    Where totals alone reveal too much, one of these goes; otherwise breakdowns go before totals.
    Those of later questions go before those of earlier ones, and among the columns of a question
    first the one that most sets have.
    """
    left = set(together)
    found: dict[ShownColumn, str] = {}
    while left:
        times = Counter(x for one in left for x in one)
        totals = [one for one in left if not any(x.dimensions for x in one)]
        worst = max(
            {x for one in totals or left for x in one},
            key=lambda x: (
                *(bool(x.dimensions), order.index(x.question), times[x]),
                *(x.column, len(x.dimensions), x.dimensions),
            ),
        )
        beside = [x.question for one in left if worst in one for x in one if x != worst]
        found[worst] = min(beside or [worst.question], key=order.index)
        left = {one for one in left if not any(x.within(worst) for x in one)}
    return found


def hide_columns(
    plans: Mapping[str, Plan],
    counts: Mapping[str, AtomCounts],
    away: Mapping[ShownColumn, str],
    *,
    said: bool,
) -> dict[str, Plan]:
    """Hide columns in breakdowns, and in all that add up to these.

    Parameters
    ----------
    said
        Whether it may be said beside which question they reveal too much.
    """
    result = dict(plans)
    for name in {x.question for x in away}:
        own = {x: beside for x, beside in away.items() if x.question == name}
        plan = plans[name]
        levels = [_hidden(counts[name], plan, level, own) for level in plan.levels]
        kept = tuple(level for level in levels if level is not None)
        there = {level.dimensions for level in kept}
        gone = [x for x in plan.levels if x.dimensions not in there]
        reasons = {frozenset(x.dimensions): _beside(name, x.dimensions, own) for x in gone}
        result[name] = replace(
            plan,
            levels=kept,
            refused={**plan.refused, **dict.fromkeys(reasons, BESIDE)},
            beside={**plan.beside, **{d: q for d, q in reasons.items() if said and q != name}},
        )
    return result


def _hidden(
    counts: AtomCounts, plan: Plan, level: Level, away: Collection[ShownColumn]
) -> Level | None:
    """Leave columns out of a level; all of it where nothing is left or the rest reveals them."""
    question = next(iter(away)).question
    kept = tuple(
        c
        for c in level.shown
        if not any(ShownColumn(question, c, level.dimensions).within(x) for x in away)
    )
    if kept == level.shown:
        return level
    less = level.only(kept)
    n = counts.merged(plan.partition, level.dimensions)
    return less if kept and not boxes_reveal(counts, n, less) else None


def _beside(name: str, dimensions: Dimensions, away: Mapping[ShownColumn, str]) -> str:
    """Name the question beside which a breakdown reveals too much."""
    meant = [q for x, q in away.items() if set(x.dimensions) <= set(dimensions) and q != name]
    return meant[0] if meant else name
