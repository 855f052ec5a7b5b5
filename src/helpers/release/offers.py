"""What a release offers of each question: its breakdowns, and why others are missing.

Written for the owner of the data, who may know how many people are in a group.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from helpers.codebook.changes import change_id
from helpers.codebook.model import NOT_STATED, Codebook, Dimension
from helpers.release.protect.atoms import (
    ALL_ASKED,
    FEW_ORGANISATIONS,
    FEW_PEOPLE,
    GUARD,
    ONE_MIND,
    SAME_PEOPLE,
    Bands,
    Dimensions,
    Minimum,
    Partition,
)
from helpers.release.protect.changes import MOVES, NOT_SHOWN, ONCE
from helpers.release.protect.profiles import (
    BESIDE,
    BOXES,
    CIRCLE,
    DOMINATED,
    ROUTED,
    SEPARATED,
    SMALL_GROUPS,
    TOO_MANY,
)
from helpers.release.protect.protection import Protected, shown_beside
from helpers.release.rules import ReleaseRules
from helpers.release.selections import MOST_VIEWS
from helpers.words import lowered

_FAULTS = {
    FEW_PEOPLE: "fewer than {least} answered",
    SAME_PEOPLE: "few people answered, some several times, or one could work the others out",
    FEW_ORGANISATIONS: "few organisations answered, or one could work the others out",
    ALL_ASKED: "all were asked this, which reveals what they answered before",
    ONE_MIND: "all, or all but one, gave the same answer",
}
_FEW_ANSWERS = "answers of one or two people could be worked out"
WIDTH = 100  # columns of a terminal that tables and lines are made for
LONGEST = 30  # of the name of a question in a table
ALONE, MERGED, PART, NO, UNKNOWN = "alone", "merged", "part", "no", ""
KEY = (
    "alone: offered by itself; merged: the same, with bands put together; part: the same, with "
    "small bands in the total only; no: not offered; –: not known for the people asked. "
    "Together: letters joined by × can be combined."
)


@dataclass(frozen=True)
class Offer:
    """A dimension as a question offers it.

    Attributes
    ----------
    how : ``alone``, ``merged`` (alone, with bands merged), ``part`` (alone, with small bands left
        out), ``no``, or empty where it is not known for the people asked
    crossed : dimensions that it can be combined with, by their labels
    why : what is merged, left out or missing, and why
    """

    dimension: str
    how: str
    crossed: tuple[str, ...]
    why: tuple[str, ...]


class Offers:
    """What the questions of a release offer, and why.

    Parameters
    ----------
    protected
        Every question as it is protected.
    changes
        Their change questions, by their ids.
    """

    def __init__(
        self,
        codebook: Codebook,
        rules: ReleaseRules,
        protected: Mapping[str, Protected],
        changes: Mapping[str, Protected] | None = None,
    ) -> None:
        self.codebook, self.rules, self.protected = codebook, rules, protected
        self.changes = changes or {}
        self._every = {**protected, **self.changes}

    def of(self, question: str) -> list[Offer]:
        """List every dimension of the rules."""
        return [self._offer(question, self.codebook.dimensions[d]) for d in self.rules.dimensions]

    @property
    def letters(self) -> dict[str, str]:
        """The letter of each dimension in tables, in order of importance."""
        return {d: letter(n) for n, d in enumerate(self.rules.dimensions)}

    def table(self) -> list[list[str]]:
        """Make a table: a row per question, what it offers of each dimension, what it crosses."""
        rows = [["Question", *self.letters.values(), "Together"]]
        room = WIDTH - 4 - LONGEST - sum(2 + len(MERGED) for _ in self.letters)
        for question, found in self._every.items():
            marks = [offer.how or "–" for offer in self.of(question)]
            name = question if len(question) <= LONGEST else f"{question[: LONGEST - 1]}…"
            rows.append([name, *marks, _fitting(self._together(found), room)])
        return rows

    @property
    def shown(self) -> float:
        """Part of all values shown: of everybody, and of every band of each dimension known."""
        shown = possible = 0
        for found in self.protected.values():
            values = len(found.counts.columns) * len(found.counts.options)
            for d in ((), *((d,) for d, bands in found.counts.bands.items() if len(bands) > 1)):
                possible += values * (len(found.counts.bands[d[0]]) if d else 1)
                shown += _values_shown(found, d)
        return shown / possible if possible else 0.0

    def _together(self, found: Protected) -> list[str]:
        """Name what can be combined, in letters; a triple stands for its pairs."""
        sets = [frozenset(x.dimensions) for x in found.plan.levels if len(x.dimensions) > 1]
        widest = [one for one in sets if not any(one < other for other in sets)]
        return ["×".join(at for d, at in self.letters.items() if d in one) for one in widest]

    def _named(self, dimensions: Iterable[str]) -> str:
        return " × ".join(self.codebook.dimensions[d].label for d in dimensions)

    def _offer(self, question: str, dimension: Dimension) -> Offer:
        found = self._every[question]
        asked, plan = found.counts.question, found.plan
        if asked.population not in dimension.source:
            people = lowered(self.codebook.populations[asked.population].label)
            return Offer(dimension.id, UNKNOWN, (), (f"not known for {people}",))
        if not plan.levels:
            return Offer(dimension.id, NO, (), ("nothing of this question is shown",))
        beside = shown_beside(self.codebook, self.rules, asked)
        if self.codebook.repeats(dimension.id, asked.population, beside):
            told = "its bands are answers to a question that is released: it can be a filter where "
            told += "the pages in release.yml leave that question out"
            return Offer(dimension.id, NO, (), (told,))
        if dimension.id not in plan.offered:
            return Offer(dimension.id, NO, (), tuple(self._missing(found, dimension)))
        crossed = {
            self.codebook.dimensions[d].label: None
            for level in plan.levels
            if dimension.id in level.dimensions
            for d in level.dimensions
            if d != dimension.id
        }
        how, why = ALONE, []
        groups = list(plan.partition[dimension.id])
        if dimension.id in found.left_out:
            how = PART
            out = groups.pop(found.left_out[dimension.id])
            named = _either(dimension, out)
            why.append(f"in the total only, because each is too small to be shown: {named}")
        if merged := [g for g in groups if len(without_not_stated(g)) > 1]:
            how = MERGED
            why.append(f"merged: {'; '.join(_either(dimension, group) for group in merged)}")
            why += self._not_left_out(found, dimension)
        if with_few := [g for g in groups if NOT_STATED in g and len(without_not_stated(g)) == 1]:
            band = without_not_stated(with_few[0])
            why.append(f"the few not stated are counted with {_either(dimension, band)}")
        if why:
            why += self._faults(found, dimension) or [self._beside(found, dimension)]
        return Offer(dimension.id, how, tuple(crossed), tuple(why))

    def _missing(self, found: Protected, dimension: Dimension) -> Iterator[str]:
        """Say why a dimension is not offered by itself."""
        known = found.counts.bands.get(dimension.id, ())
        if len(known) < 2:
            yield "everybody is in one band"
            return
        refused = found.plan.refused.get(frozenset({dimension.id}), "")
        if refused and refused != SMALL_GROUPS:
            yield self._reason(found, (dimension.id,), refused)
            return
        if since := self._since(found, (dimension.id,)):
            yield since
            return
        faults = self._faults(found, dimension)
        if faults:
            yield "no two groups of its bands can both be shown"
            yield from faults
        else:
            yield self._beside(found, dimension)

    def _beside(self, found: Protected, dimension: Dimension) -> str:
        """Say why bands are not shown that could be by themselves."""
        if self.rules.profile == "strict":
            return _FEW_ANSWERS
        return "beside what else is shown, its bands would let readers separate a small group"

    def _not_left_out(self, found: Protected, dimension: Dimension) -> Iterator[str]:
        """Say why small bands are merged that the owner wanted to be left out."""
        bands = found.counts.bands[dimension.id]
        kept = _shown(found)
        alone: Partition = {dimension.id: tuple((b,) for b in bands)}
        places = {f.place[0] for f in _faults(found, alone, (dimension.id,), self._rule, kept)}
        if not self.rules.leaves_out(dimension.id) or dimension.id in found.left_out or not places:
            return
        small = tuple(b for n, b in enumerate(bands) if n in places)
        rest = tuple((b,) for b in bands if b not in small)
        together: Partition = {dimension.id: (*rest, small)}
        faults = _faults(found, together, (dimension.id,), self._rule, kept)
        why = next((f.words for f in faults if f.place[0] == len(rest)), "")
        if why:
            yield f"small bands cannot be left out: {why}"
        else:
            yield "small bands cannot be left out: fewer than two other groups would remain"

    def _faults(self, found: Protected, dimension: Dimension) -> list[str]:
        """Say of each band by itself why it may not be shown."""
        alone: tuple[Bands, ...] = tuple((b,) for b in found.counts.bands[dimension.id])
        faults = _faults(found, {dimension.id: alone}, (dimension.id,), self._rule, _shown(found))
        alike: dict[str, list[str]] = {}
        for fault in faults:
            alike.setdefault(fault.words, []).append(dimension.band_label(alone[fault.place[0]][0]))
        return [f"{', '.join(bands)}: {words}" for words, bands in alike.items()]

    @property
    def _rule(self) -> Minimum:
        return Minimum(self.rules.minimum_base, self.rules.allow_unanimous)

    def why(self, question: str) -> list[str]:
        """Tell all about one question and its change, in lines that fit a terminal."""
        found = self._every[question]
        asked = found.counts.question
        label = asked.label
        if question in self.changes:
            label = "how the same people moved from each point in time to the next"
        lines = [f"{question}: {label}"]
        for at in sorted(set(range(len(asked.cells))) - set(_shown(found))):
            cell = asked.cells[at]
            label = ", ".join(filter(None, (asked.item_label(cell.item), cell.time)))
            faults = _faults(found, {}, (), self._rule, [at])
            why = next((fault.words for fault in faults), self._since(found, (), at))
            why = why or "it could be worked out"
            lines += _lines(f"{label or 'The question'} is hidden: {why}.", 1)
        said = {
            ALONE: "offered by itself",
            MERGED: "offered by itself, with bands merged",
            PART: "offered by itself, without its small bands",
        }
        for offer in self.of(question):
            label = self.codebook.dimensions[offer.dimension].label
            words = f"{label}: {said.get(offer.how, 'not offered')}"
            if len(offer.why) == 1:
                words = f"{words}; {offer.why[0]}"
            lines += _lines(words, 1)
            lines += [line for why in offer.why for line in _lines(why, 2)] * (len(offer.why) > 1)
        if found.plan.levels:
            lines += self._crossings(found)
        if (change := change_id(question)) in self.changes:
            lines += self.why(change)
        return lines

    def _crossings(self, found: Protected) -> Iterator[str]:
        """Say which dimensions offered can be combined, and why others cannot."""
        offered = found.plan.offered
        crossed = {frozenset(level.dimensions) for level in found.plan.levels}
        refused: dict[str, list[str]] = {}
        together = []
        for size in (2, 3):
            for dimensions in combinations(offered, size):
                if frozenset(dimensions) in crossed:
                    together.append(self._named(dimensions))
                elif reason := self._hindered(found, dimensions):
                    refused.setdefault(reason, []).append(self._named(dimensions))
        if together:
            yield from _lines(f"Can be combined: {', '.join(together)}", 1)
        if refused:
            yield from _lines("Cannot be combined:", 1)
        for reason, names in refused.items():
            yield from _lines(f"{', '.join(names)}: {reason}", 2)

    def _hindered(self, found: Protected, dimensions: tuple[str, ...]) -> str:
        """Say why dimensions cannot be combined; nothing where some of them cannot be already."""
        if why := found.plan.refused.get(frozenset(dimensions)):
            return self._reason(found, dimensions, why)
        if since := self._since(found, dimensions):
            return since
        shown = {frozenset(level.dimensions) for level in found.plan.levels}
        fewer = combinations(dimensions, len(dimensions) - 1)
        return _FEW_ANSWERS if all(frozenset(part) in shown for part in fewer) else ""

    def _since(self, found: Protected, dimensions: tuple[str, ...], column: int = -1) -> str:
        """Say that an earlier release, or another question, is why something is not shown."""
        if beside := found.plan.beside.get(frozenset(dimensions)):
            return f"beside {beside} it would show what a few people answered"
        whole = found.whole.at(dimensions)
        if whole is None or (column >= 0 and column not in whole.shown):
            return ""
        return (
            "compared with an earlier release, it would reveal something about fewer than "
            f"{self.rules.minimum_base} people, or that all who joined agree"
        )

    def _reason(self, found: Protected, dimensions: Sequence[str], refused: str) -> str:
        """Put into words what hinders a breakdown."""
        least, several = self.rules.minimum_base, len(dimensions) > 1
        if refused == SMALL_GROUPS:
            faults = list(
                _faults(
                    *(found, found.plan.partition, tuple(dimensions), self._rule),
                    _shown(found),
                )
            )
            sizes = [fault.n for fault in faults if fault.n < least]
            if sizes:
                smallest = min((n for n in sizes if n), default=0)
                told = f" (the smallest: {smallest})" if smallest else " (nobody is in them)"
                return f"crossing them would show groups under {least}{told}"
            words = next((fault.words for fault in faults), _FAULTS[ONE_MIND])
            return f"crossing them would show a group of which {words}"
        other = found.plan.beside.get(frozenset(dimensions))
        it = "crossing them" if several else "it"
        strict = self.rules.profile == "strict"
        left = ", or that one or two left a question unanswered" if strict else ""
        return {
            SEPARATED: f"beside the other breakdowns, {it} would let readers separate fewer than "
            f"{least} people by subtraction",
            BOXES: f"{it} would show that all of a group ticked a hidden box",
            ROUTED: "the question that leads here is not split in this way",
            BESIDE: f"beside {other or 'another question'} it would show what a few people "
            f"answered{left}",
            NOT_SHOWN: "a change is shown only where both points in time are shown, each answer by "
            "itself",
            ONCE: "with both points in time it would reveal the answers of a few who answered at "
            "only one of them",
            MOVES: "with both points in time it would reveal that one or two people went from one "
            "answer to another, or how a few moved",
            DOMINATED: "a share would reveal the answer of the one with the most weight in a group",
            CIRCLE: "under the profile strict, small counts could follow from this and the other "
            "combinations together",
            TOO_MANY: f"no room: a question has {MOST_VIEWS} views at most (name what you want "
            "first under `pairs` in release.yml)",
        }[refused]


def letter(n: int) -> str:
    """Letter of the nth thing, from 0: A to Z, then AA."""
    return (letter(n // 26 - 1) if n >= 26 else "") + chr(ord("A") + n % 26)


def _fitting(names: Sequence[str], room: int) -> str:
    """List names as far as there is room, and how many more there are."""
    for kept in range(len(names), 0, -1):
        more = f", {len(names) - kept} more" if kept < len(names) else ""
        if len(said := ", ".join(names[:kept]) + more) <= room:
            return said
    return f"{len(names)}" if names else "–"


def without_not_stated(bands: Iterable[str]) -> Bands:
    """Leave out the band of people whose band is not stated: a group of one more is not merged."""
    return tuple(band for band in bands if band != NOT_STATED)


def _lines(words: str, depth: int) -> list[str]:
    """Break a line of an indented list."""
    indent = "  " * depth
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _either(dimension: Dimension, bands: Bands) -> str:
    return " or ".join(dimension.band_label(band) for band in bands)


def _values_shown(found: Protected, by: Dimensions) -> int:
    """Count the values of single answers that are shown for single bands, or for everybody."""
    level = next((x for x in found.plan.levels if x.dimensions == by), None)
    if level is None:
        return 0
    groups = found.plan.partition[by[0]] if by else ((),)
    total = 0
    for n, group in enumerate(groups):
        if by and (len(group) > 1 or found.left_out.get(by[0]) == n):
            continue
        single = [k for k, block in enumerate(level.blocks) if len(block) == 1]
        at = (n,) if by else ()
        gone = sum(int(flags[(slice(None), *at)][single].sum()) for flags in level.gone.values())
        total += len(single) * len(level.shown) - gone
    return total


def _shown(found: Protected) -> list[int]:
    """Places of the columns that some level shows."""
    return sorted({c for level in found.plan.levels for c in level.shown})


class _Fault(NamedTuple):
    """A group that may not be shown: its place, how many answered, and why."""

    place: tuple[int, ...]
    n: int
    words: str


def _faults(
    found: Protected,
    partition: Partition,
    dimensions: tuple[str, ...],
    rule: Minimum,
    columns: Sequence[int],
) -> Iterator[_Fault]:
    """Iterate over groups that may not be shown in some columns, each with its first reason."""
    counts = found.counts
    guard = GUARD if len(columns) == 1 else 0  # as where groups are formed
    reasons = counts.faults(partition, dimensions, rule, guard)
    n = counts.spoke(counts.merged(partition, dimensions))
    seen: set[tuple[int, ...]] = set()
    for reason, flags in reasons.items():
        for column in columns:
            for place in map(tuple, np.argwhere(flags[column]).tolist()):
                if place not in seen:
                    seen.add(place)
                    at = (column, *place)
                    words = _FAULTS[reason].format(least=rule.minimum_base)
                    if reason == FEW_PEOPLE:
                        words = f"{int(n[at]):,} answered, {rule.minimum_base} are needed"
                    yield _Fault(place, int(n[at]), words)
