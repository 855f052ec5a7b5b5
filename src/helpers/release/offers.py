"""What a release offers of each question: its breakdowns, and why others are missing.

Written for the owner of the data, who may know how many people are in a group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from helpers.codebook.model import Codebook, Dimension
from helpers.release.protect.atoms import (
    ALL_ASKED,
    FEW_ORGANISATIONS,
    FEW_PEOPLE,
    ONE_MIND,
    Bands,
    Minimum,
    Partition,
)
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
from helpers.release.protect.protection import Protected, own_answers
from helpers.release.rules import ReleaseRules
from helpers.release.selections import MOST_VIEWS

_FAULTS = {
    FEW_PEOPLE: "fewer than {least} answered",
    FEW_ORGANISATIONS: "few organisations answered, or one could work the others out",
    ALL_ASKED: "all were asked this, which tells what they answered before",
    ONE_MIND: "all, or all but one, gave the same answer",
}


@dataclass(frozen=True)
class Offer:
    """A dimension as a question offers it.

    Attributes
    ----------
    how : ``alone``, ``merged`` (alone, with bands merged), ``no``, or empty where it is not known
        for the people asked
    crossed : dimensions that it can be combined with, by their labels
    why : what is merged or missing, and why
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
    """

    def __init__(
        self, codebook: Codebook, rules: ReleaseRules, protected: Mapping[str, Protected]
    ) -> None:
        self.codebook, self.rules, self.protected = codebook, rules, protected

    def of(self, question: str) -> list[Offer]:
        """List every dimension of the rules."""
        return [self._offer(question, self.codebook.dimensions[d]) for d in self.rules.dimensions]

    def table(self) -> list[list[str]]:
        """Make a table: a row per question, what it offers of each dimension, what it crosses."""
        heads = [self.codebook.dimensions[d].label for d in self.rules.dimensions]
        rows = [["Question", *heads, "Together"]]
        for question, found in self.protected.items():
            marks = [offer.how or "–" for offer in self.of(question)]
            together = [self._named(level.dimensions) for level in found.plan.levels]
            rows.append([question, *marks, ", ".join(filter(None, together)) or "–"])
        return rows

    def _named(self, dimensions: Sequence[str]) -> str:
        """Name what is crossed; nothing where it is one dimension at most."""
        labels = [self.codebook.dimensions[d].label for d in dimensions]
        return " × ".join(labels) if len(labels) > 1 else ""

    def _offer(self, question: str, dimension: Dimension) -> Offer:
        found = self.protected[question]
        asked, plan = found.counts.question, found.plan
        if asked.population not in dimension.source:
            people = self.codebook.populations[asked.population].label.lower()
            return Offer(dimension.id, "", (), (f"not known for {people}",))
        if not plan.levels:
            return Offer(dimension.id, "no", (), ("nothing of this question is shown",))
        if own_answers(self.codebook, self.rules, asked, dimension.id):
            told = "its bands are answers to a question that is released"
            return Offer(dimension.id, "no", (), (told,))
        groups = plan.partition.get(dimension.id, ())
        merged = [g for g in groups if len(g) > 1]
        if dimension.id not in plan.offered:
            return Offer(dimension.id, "no", (), tuple(self._missing(found, dimension)))
        crossed = {
            self.codebook.dimensions[d].label: None
            for level in plan.levels
            if dimension.id in level.dimensions
            for d in level.dimensions
            if d != dimension.id
        }
        why: list[str] = []
        if merged:
            names = ["; ".join(dimension.band_label(b) for b in group) for group in merged]
            why = [f"merged: {' | '.join(names)}", *self._faults(found, dimension)]
        return Offer(dimension.id, "merged" if merged else "alone", tuple(crossed), tuple(why))

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
        faults = list(self._faults(found, dimension))
        if faults:
            yield "no two groups of its bands can both be shown"
            yield from faults
        else:
            yield "answers of one or two people could be worked out"

    def _faults(self, found: Protected, dimension: Dimension) -> Iterator[str]:
        """Say of each band by itself why it may not be shown."""
        alone: tuple[Bands, ...] = tuple((b,) for b in found.counts.bands[dimension.id])
        for fault in _faults(found, {dimension.id: alone}, (dimension.id,), self._rule):
            band = dimension.band_label(alone[fault.place[0]][0])
            yield f"{band}: {fault.words}"

    @property
    def _rule(self) -> Minimum:
        return Minimum(self.rules.minimum_base, self.rules.allow_unanimous)

    def why(self, question: str) -> list[str]:
        """Tell all about one question, a line each."""
        found = self.protected[question]
        asked = found.counts.question
        lines = [f"{question}: {asked.label}"]
        shown = {c for level in found.plan.levels for c in level.shown}
        for at, cell in enumerate(asked.cells):
            if at not in shown:
                label = ", ".join(filter(None, (asked.item_label(cell.item), cell.time)))
                faults = _faults(found, {}, (), self._rule, [at])
                why = next((fault.words for fault in faults), "it could be worked out")
                lines.append(f"  {label or 'The question'} is hidden: {why}.")
        for offer in self.of(question):
            label = self.codebook.dimensions[offer.dimension].label
            how = {"": "not offered", "no": "not offered", "alone": "offered by itself"}
            said = how.get(offer.how, "offered by itself, with bands merged")
            lines.append(f"  {label}: {said}")
            lines += [f"    {words}" for words in offer.why]
        if found.plan.levels:
            lines += [f"  {words}" for words in self._pairs(found)]
        return lines

    def _pairs(self, found: Protected) -> Iterator[str]:
        """Say of every pair and triple of dimensions offered whether it is crossed, and why not."""
        offered = found.plan.offered
        crossed = {frozenset(level.dimensions) for level in found.plan.levels}
        for size in (2, 3):
            for dimensions in combinations(offered, size):
                name = self._named(dimensions)
                if frozenset(dimensions) in crossed:
                    yield f"{name}: crossed"
                    continue
                why = found.plan.refused.get(frozenset(dimensions))
                if why:
                    yield f"{name}: not crossed; {self._reason(found, dimensions, why)}"

    def _reason(self, found: Protected, dimensions: Sequence[str], refused: str) -> str:
        """Put into words what hinders a breakdown."""
        name, least = self._named(dimensions), self.rules.minimum_base
        if refused == SMALL_GROUPS:
            shown = sorted({c for level in found.plan.levels for c in level.shown})
            faults = list(
                _faults(found, found.plan.partition, tuple(dimensions), self._rule, shown)
            )
            smallest = min((fault.n for fault in faults), default=0)
            if smallest < least:
                return f"crossing them would show groups under {least} (the smallest: {smallest})"
            return next(f"a group could not be shown: {fault.words}" for fault in faults)
        alone = name or "it"
        other = found.plan.beside.get(frozenset(dimensions))
        return {
            SEPARATED: f"beside the other breakdowns {alone} would let readers separate fewer "
            f"than {least} people by subtraction",
            BOXES: "it would show that all of a group ticked a hidden box",
            ROUTED: "the question that leads here is not split in this way",
            BESIDE: f"beside {other or 'another question'} it would show what a few people "
            "answered, or that one or two left a question",
            DOMINATED: "a share would tell the answer of the one with the most weight in a group",
            CIRCLE: "the profile strict crosses no dimensions in a circle",
            TOO_MANY: f"a page holds {MOST_VIEWS} views of a question; name the pair under "
            "`pairs` in release.yml to have it before others",
        }[refused]


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
    columns: Sequence[int] | None = None,
) -> Iterator[_Fault]:
    """Iterate over groups that may not be shown, each with its first reason."""
    counts = found.counts
    kept = range(len(counts.columns)) if columns is None else columns
    reasons = counts.faults(partition, dimensions, rule)
    n = counts.merged(partition, dimensions).sum(axis=1)
    seen: set[tuple[int, ...]] = set()
    for reason, flags in reasons.items():
        for column in kept:
            for place in map(tuple, np.argwhere(flags[column]).tolist()):
                if place not in seen:
                    seen.add(place)
                    at = (column, *place)
                    words = _FAULTS[reason].format(least=rule.minimum_base)
                    if reason == FEW_PEOPLE:
                        words = f"{int(n[at]):,} answered, {rule.minimum_base} are needed"
                    yield _Fault(place, int(n[at]), words)
