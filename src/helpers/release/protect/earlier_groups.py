"""Groups of earlier releases beside those of today, whatever characteristics make either.

A release may break a question down by sector, and the next one by region. Readers who know who is
in which groups add and subtract groups of both: a region may be a sector and a few people more.
Here every group is a set of places, which are combinations of bands with somebody in them today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from helpers.release.protect.atoms import AtomCounts, Dimensions, Flags, Floats, Ints, Partition
from helpers.release.protect.profiles import Level, Plan
from helpers.release.protect.separation import separable

CountedBy: TypeAlias = Callable[[str, Dimensions], AtomCounts]  # a question, and by what
Answers: TypeAlias = dict[frozenset[str], float | None]
Reveals: TypeAlias = Callable[[float, Answers, Answers], bool]  # how many more; before, and now


@dataclass(frozen=True)
class EarlierGroup:
    """A group that an earlier release showed: where its people are today, and what was shown."""

    places: Flags
    base: float
    answers: Answers


class EarlierGroups:
    """Groups that earlier releases showed of a column, beside those of a plan.

    Parameters
    ----------
    column
        Place of the response column among those of the plan.
    shown
        What earlier releases showed of the question, each with the place of the column there.
    minimum
        Least people of a group.
    each
        Most answers of one person, then or now.
    """

    def __init__(
        self,
        plan: Plan,
        column: int,
        shown: Sequence[tuple[Mapping[str, Any], int]],
        counted_by: Callable[[Dimensions], AtomCounts],
        minimum: int,
        each: int,
    ) -> None:
        self.plan, self.column, self.shown = plan, column, shown
        self.counted_by, self.minimum, self.each = counted_by, minimum, each

    def telling(self, levels: Sequence[Level], reveals: Reveals) -> list[Level]:
        """List the levels that reveal a few people beside what was shown, the others kept.

        Parameters
        ----------
        levels
            Those that show the column, from few dimensions to many.
        reveals
            Whether a step between two releases of the same group reveals a few people.
        """
        if all(self._shows_again(levels, old) for old, _ in self.shown):
            return []
        found = []
        kept: Floats = np.zeros((len(self._people), 0))
        for level in levels:
            more = self._indicators(level)
            if self._steps_tell(level, reveals) or self._separates(kept, more):
                found.append(level)
            else:
                kept = np.hstack([kept, more])
        return found

    def _shows_again(self, levels: Sequence[Level], old: Mapping[str, Any]) -> bool:
        """Whether all groups shown before are made of groups of today: then no more are told."""
        offered = [{*level.dimensions} for level in levels]
        groups = {d: [{*g["bands"]} for g in of] for d, of in old["dimensions"].items()}
        return all(
            any(dimensions <= of for of in offered)
            and all(
                any({*now} <= was for was in groups[d])
                for d in dimensions
                for now in self.plan.partition[d]
            )
            for dimensions in ({*level["dimensions"]} for level in old["levels"])
        )

    @cached_property
    def _dimensions(self) -> Dimensions:
        """All that make groups, then or now."""
        was = (d for old, _ in self.shown for level in old["levels"] for d in level["dimensions"])
        return tuple(dict.fromkeys([*self.plan.partition, *was]))

    @cached_property
    def _counts(self) -> AtomCounts:
        return self.counted_by(self._dimensions)

    @cached_property
    def _places(self) -> tuple[Ints, Floats]:
        """Places that anybody is in, by dimension; and who gave each answer there."""
        return self._counts.answers(self._dimensions, self.column)

    @property
    def _people(self) -> Floats:
        return np.asarray(self._places[1].sum(axis=1))

    def _inside(self, dimension: str, bands: Sequence[str]) -> Flags:
        known = self._counts.bands[dimension]
        there = np.array([band in bands for band in known], dtype=bool)
        return np.asarray(there[self._places[0][:, self._dimensions.index(dimension)]])

    def _of_today(self, level: Level) -> Ints:
        """Group of a level that each place is in."""
        found: Ints = np.zeros(len(self._people), dtype=int)
        for d in level.dimensions:
            at = self._places[0][:, self._dimensions.index(d)]
            group = self._counts.group_of(self.plan.partition, d)
            found = found * len(self.plan.partition[d]) + group[at]
        return found

    def _indicators(self, level: Level) -> Floats:
        group = self._of_today(level)
        return np.asarray(group[:, None] == np.unique(group)[None], dtype=float)

    @cached_property
    def _earlier(self) -> list[list[EarlierGroup]]:
        """Groups of each table that an earlier release showed."""
        found = []
        for old, at in self.shown:
            bands = {d: {g["id"]: g["bands"] for g in of} for d, of in old["dimensions"].items()}
            for level in old["levels"]:
                codes = [frozenset(a) for a in level["answers"]]
                groups = []
                for entry in level["groups"]:
                    places: Flags = np.ones(len(self._people), dtype=bool)
                    for d, group in entry["groups"].items():
                        places &= self._inside(d, bands[d][group])
                    row = entry["n"][at] or [None] * len(codes)
                    base = entry["bases"][at] if "bases" in entry else _sum(row)
                    if base is not None:
                        said = dict(zip(codes, row, strict=False))
                        groups.append(EarlierGroup(places, float(base), said))
                found.append(groups)
        return found

    # Groups of the same people

    def _steps_tell(self, level: Level, reveals: Reveals) -> bool:
        """Whether groups of the same people today, then and now, differ by a few."""
        group = self._of_today(level)
        for table in self._earlier:
            for before, now in _same_people([g.places for g in table], group):
                inside = np.isin(group, now)
                answers = self._answers(level, inside, now)
                more = float(self._people[inside].sum()) - sum(table[k].base for k in before)
                was = {
                    codes: _sum([table[k].answers[codes] for k in before])
                    for codes in table[before[0]].answers
                }
                if reveals(more, was, answers):
                    return True
        return False

    def _answers(self, level: Level, places: Flags, groups: list[int]) -> Answers:
        """Count the answers that a level shows of some of its groups, whose places are given."""
        n = self._places[1][places].sum(axis=0)
        hidden = level.gone.get(self.column)
        found: Answers = {}
        for at, block in enumerate(level.blocks):
            codes = frozenset(self._counts.options[o] for o in block)
            whole = hidden is None or not hidden[at].reshape(-1)[groups].any()
            found[codes] = float(n[list(block)].sum()) if whole else None
        return found

    # Sums and differences

    @cached_property
    def _unchanged(self) -> Floats:
        """Mark the places of each earlier group of about as many people as today."""
        few = self.minimum * self.each
        kept = [
            g.places
            for table in self._earlier
            for g in table
            if abs(float(self._people[g.places].sum()) - g.base) < few
        ]
        return np.array(kept, dtype=float).reshape(len(kept), len(self._people)).T

    def _separates(self, kept: Floats, more: Floats) -> bool:
        """Whether groups, beside earlier ones, separate a few people whom those kept do not."""
        if not self._unchanged.size:
            return False
        before = np.hstack([self._unchanged, kept])
        together = np.hstack([before, more])
        if np.linalg.matrix_rank(together) == np.linalg.matrix_rank(before):
            return False
        counts, dimensions = self._counts, self._dimensions
        single: Partition = {d: tuple((b,) for b in counts.bands[d]) for d in dimensions}
        where, people = counts.atoms(single, dimensions, self.column)
        place = {tuple(row): n for n, row in enumerate(self._places[0].tolist())}
        rows = [place[tuple(row)] for row in where.tolist()]
        repeated = counts.people(single, dimensions, self.column, self.minimum)
        silent = people.sum() < self._people.sum() and repeated is None
        return separable(together[rows], people, self.minimum, repeated) or (
            silent and separable(together, self._people, self.minimum)
        )


def _same_people(before: Sequence[Flags], now: Ints) -> Iterator[tuple[list[int], list[int]]]:
    """Join groups of two tables wherever they overlap: the smallest unions that both consist of.

    Yields the earlier groups and those of today, where the earlier ones hold everybody in these.
    """
    left = {k for k, places in enumerate(before) if places.any()}
    while left:
        own, inside = {min(left)}, before[min(left)]
        while True:
            whole = np.isin(now, np.unique(now[inside]))
            more = {k for k in left if (before[k] & whole).any()}
            if more == own:
                break
            own, inside = more, np.logical_or.reduce([before[k] for k in more])
        left -= own
        if (inside == whole).all():
            yield sorted(own), np.unique(now[whole]).tolist()


def _sum(values: Sequence[float | None]) -> float | None:
    held = [v for v in values if v is not None]
    return float(sum(held)) if len(held) == len(values) else None
