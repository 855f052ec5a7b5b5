"""Rows of a table: which answer, and of whom, a line of labels is about."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

from helpers.codebook.model import Kind
from helpers.release.attack.facts import Asked
from helpers.release.attack.partition import Mask
from helpers.release.attack.written_numbers import Mean, Net, PrintedShare

HEADINGS = {"Item": "item", "Answer": "option", "When": "time"}
NET = "Net: promoters less detractors"
MEAN = "Mean"
NUMBERS = 4  # share, both ends of the interval, and how many answered


@dataclass(frozen=True)
class ShownRow:
    """What a view shows of one answer: which, in whom, and the numbers that the cube gives.

    Attributes
    ----------
    names : labels of item, option, time and group
    n : respondents who answered, None where the cube does not tell
    shown : share and interval, None where the cube does not tell
    slack : how far share and ends may be off in points; None where they must be exactly so
    """

    column: int
    cells: Mask
    options: Mask
    names: tuple[str, str, str, str]
    n: int | None
    shown: PrintedShare | None
    slack: tuple[float, float, float] | None = None

    @cached_property
    def nets(self) -> bool:
        """Whether it is a net of answers, or their mean, and no share of one."""
        return not self.options.any()

    @property
    def kind(self) -> type[PrintedShare]:
        """What it shows: a share, a net or a mean."""
        return PrintedShare if not self.nets else Mean if self.names[1] == MEAN else Net

    @property
    def percentages(self) -> set[str]:
        """Whole per cents that may be printed of it."""
        if self.shown is None:
            return set()
        if self.slack is None:
            return {text.rstrip("%") for text in self.shown.texts}
        ends = (self.shown.share, self.shown.low, self.shown.high)
        return {
            str(p)
            for end, off in zip(ends, self.slack, strict=True)
            for p in range(math.ceil(end * 100 - off), math.floor(end * 100 + off) + 1)
        }

    def fits(self, *found: float) -> bool:
        """Whether a share in points, and both ends where they are given, are its own."""
        assert self.shown is not None and self.slack is not None
        ends = (self.shown.share, self.shown.low, self.shown.high)
        listed = zip(found, ends, self.slack, strict=False)
        return len(found) <= len(ends) and all(abs(a - b * 100) <= off for a, b, off in listed)


class Place(NamedTuple):
    """Column, answers (with the name they are shown under) and bands of a row."""

    column: int
    name: str
    options: Mask
    bands: frozenset[str] | None


class Places:
    """Finds the places of rows by their labels, one row after another.

    Labels may stand for several places: the first row of such labels is then the first of them
    in the order of the codebook, and so on.
    """

    def __init__(
        self,
        asked: Asked,
        times: Mapping[str, str],
        headings: Sequence[str],
        answers: Sequence[tuple[str, Mask]],
        groups: Sequence[tuple[str, frozenset[str]]],
    ) -> None:
        self.asked, self.compared = asked, bool(groups)
        self.headings = headings[: len(headings) - NUMBERS]
        question = asked.question
        self._known: dict[str, dict[str, list[Any]]] = {
            "item": {},
            "time": {},
            "option": {},
            "group": {},
        }
        for item in question.items:
            self._known["item"].setdefault(item.label, []).append(item.code)
        for time in question.times:
            self._known["time"].setdefault(times.get(time, time), []).append(time)
        for part, listed in (("option", answers), ("group", groups)):
            for label, meant in listed:
                self._known[part].setdefault(label, []).append(meant)
        self._seen: dict[tuple[str, ...], int] = {}

    def next(self, said: tuple[str, ...]) -> Place | None:
        """Return the place of the next row of these labels; None if the codebook lacks them."""
        found = self._all(said)
        nth = self._seen[said] = self._seen.get(said, -1) + 1
        return found[nth % len(found)] if found else None

    def _all(self, said: Sequence[str]) -> list[Place]:
        question = self.asked.question
        alone = [item.code for item in question.items] or [""]
        parts: dict[str, list[Any]] = {
            "item": alone if len(alone) < 2 else [],
            "time": [] if question.times else [""],
            "option": [],
            "group": [None],
        }
        name = ""
        for n, (heading, label) in enumerate(zip(self.headings, said, strict=False)):
            last = self.compared and n == len(said) - 1
            part = "group" if last else HEADINGS.get(heading, "")
            parts[part] = self._known.get(part, {}).get(label, [])
            name = label if part == "option" else name
        if question.kind is Kind.MULTIPLE:
            name = question.ticked.label
            parts["option"] = [self.asked.codes([question.ticked.code])]
        return [
            Place(self.asked.columns.index((item, time)), name, options, bands)
            for item, time in product(parts["item"], parts["time"])
            if (item, time) in self.asked.columns
            for options, bands in product(parts["option"], parts["group"])
        ]
