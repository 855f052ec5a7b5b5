"""What a release says, as numeric facts: counts in unions of cells, each with its bounds.

A cell is a combination of the finest groups that anything public distinguishes. A fact bounds how
many respondents of some cells gave one of some answers. Part of the attacker of a release: it
knows what is public, and not how answers were protected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from helpers.codebook.model import Codebook, Question
from helpers.errors import InsightsError
from helpers.release.attack.partition import Floats, Frame, Group, Ints, Mask, group_of, packed
from helpers.release.attack.released import Released
from helpers.release.attack.weighted_sums import WeightedSums

if TYPE_CHECKING:
    from helpers.responses.survey import Survey

EARLIER = "an earlier release"


@dataclass(frozen=True)
class Fact:
    """Bounds of how many respondents in `cells` gave one of `options`.

    `options` all true: how many answered.
    """

    column: int
    cells: Mask
    options: Mask
    low: int
    high: int
    source: str

    @property
    def base(self) -> bool:
        """Whether the fact is a base."""
        return bool(self.options.all())

    @property
    def exact(self) -> bool:
        """Whether one number alone is possible."""
        return self.low == self.high


@dataclass(frozen=True)
class ReleasedTable:
    """One table of a question in the cube: groups distinguished, answers shown together.

    `n` is a float array [groups, columns, answers], NaN where hidden, `bases` one of [groups,
    columns]; `shares`, `weight` and `effective` likewise where there are weights.
    """

    dimensions: tuple[str, ...]
    answers: tuple[Mask, ...]
    masks: npt.NDArray[np.bool_]
    n: Floats
    bases: Floats
    shares: Floats | None = None
    weight: Floats | None = None
    effective: Floats | None = None

    @cached_property
    def _groups(self) -> dict[int | bytes, tuple[Mask | None, Mask | None]]:
        return {}

    @cached_property
    def _answers(self) -> dict[bytes, Mask | None]:
        return {}

    def groups_of(self, cells: Mask) -> Mask | None:
        """Find the groups that make up some cells, as a mask; None where they cannot."""
        kept = cells.flags.owndata and not cells.flags.writeable  # by a frame, as they are
        key = id(cells) if kept else packed(cells)
        if key not in self._groups:
            groups = np.asarray(~(self.masks & ~cells).any(axis=1) & self.masks.any(axis=1))
            whole = (self.masks[groups].any(axis=0) == cells).all()
            self._groups[key] = cells if kept else None, groups if whole else None
        return self._groups[key][1]

    def answers_of(self, options: Mask) -> Mask | None:
        """Find the answers that make up some options, as a mask; None where they cannot."""
        key = options.tobytes()
        if key not in self._answers:
            inside = np.array([not (a & ~options).any() for a in self.answers], dtype=bool)
            together = np.zeros(len(options), dtype=bool)
            for answer, there in zip(self.answers, inside, strict=True):
                together |= answer & there
            self._answers[key] = inside if (together == options).all() else None
        return self._answers[key]

    def weighed(self, column: int, groups: Mask) -> tuple[Floats, float] | None:
        """Weighted share of each answer in groups together, and their effective base.

        None where nobody in them has a weight.
        """
        assert self.shares is not None and self.weight is not None and self.effective is not None
        weight, effective = self.weight[groups, column], self.effective[groups, column]
        squares = sum(w * w / e for w, e in zip(weight, effective, strict=True) if e)
        if not weight.sum() or not squares:
            return None
        shares = np.nansum(weight[:, None] * self.shares[groups, column], axis=0) / weight.sum()
        return shares, float(weight.sum() ** 2 / squares)


@dataclass(frozen=True)
class Asked:
    """All that is public of one question.

    Attributes
    ----------
    columns : item and point in time of response columns, shown ones first, then those hidden
        everywhere
    shown : how many columns are shown
    rounded : multiple that counts are rounded to; 0 for exact counts
    facts : what the levels do not say by themselves
    digits : decimals of shares and ranges that are estimated from responses; None where counts
        alone make them
    weighed : sums of the responses that such shares are made of, where they are here
    printed : column, cells and options of each share in the tables of pages
    left_out : dimension and group of each that is not compared
    """

    question: Question
    frame: Frame
    columns: tuple[tuple[str, str], ...]
    shown: int
    options: tuple[str, ...]
    respondents: int
    asked: int | None
    weighted: bool
    rounded: int
    levels: tuple[ReleasedTable, ...]
    dimensions: Mapping[str, tuple[Group, ...]]
    facts: tuple[Fact, ...] = field(default=())
    digits: int | None = None
    weighed: WeightedSums | None = field(default=None, compare=False)
    printed: tuple[tuple[int, Mask, Mask], ...] = field(default=(), compare=False)
    left_out: frozenset[tuple[str, str]] = frozenset()

    @property
    def slack(self) -> int:
        """By how much a count may be off, as it is rounded."""
        return max(self.rounded - 1, 0)

    def with_facts(self, facts: Iterable[Fact]) -> Asked:
        """Add facts."""
        return replace(self, facts=(*self.facts, *facts))

    def codes(self, codes: Iterable[str]) -> Mask:
        """Options by code, as a mask."""
        wanted = set(codes)
        return np.array([o in wanted for o in self.options], dtype=bool)

    def column_label(self, column: int) -> str:
        """Name a response column."""
        if column < 0 or column >= len(self.columns):
            return ""
        item, time = self.columns[column]
        return ", ".join(filter(None, (self.question.item_label(item), time)))

    def answer_label(self, options: Mask) -> str:
        """Name a set of answers."""
        if options.all():
            return "any answer"
        codes = [o for o, there in zip(self.options, options, strict=True) if there]
        return " or ".join(self.question.option_label(code) for code in codes)

    def known(
        self, column: int, cells: Mask, options: Mask
    ) -> tuple[ReleasedTable, Mask, Mask] | None:
        """Find a level that distinguishes cells and options: the level, its groups, its answers."""
        for level in self.levels:
            groups, answers = level.groups_of(cells), level.answers_of(options)
            if groups is None or answers is None:
                continue
            if not np.isnan(level.n[groups, column][:, answers]).any():
                return level, groups, answers
        return None

    def count(self, column: int, cells: Mask, options: Mask) -> int | None:
        """Count in the cube, None where it shows none."""
        if options.all():
            return self._base(column, cells)
        found = self.known(column, cells, options)
        if found is None:
            return None
        level, groups, answers = found
        return int(level.n[groups, column][:, answers].sum())

    def _base(self, column: int, cells: Mask) -> int | None:
        for level in self.levels:
            if (groups := level.groups_of(cells)) is not None:
                bases = level.bases[groups, column]
                if not np.isnan(bases).any():
                    return int(bases.sum())
        return None


def asked_of(question: Question, cube: Released, frame: Frame) -> Asked:
    """Read what a cube says of a question."""
    dimensions = {d: tuple(map(group_of, groups)) for d, groups in cube["dimensions"].items()}
    places = [(c["item"], c["time"]) for c in cube["columns"]]
    gone = [(c["item"], c["time"]) for c in cube["hidden_columns"]]
    asked = Asked(
        question,
        frame,
        tuple(places + gone),
        len(places),
        tuple(cube["options"]),
        int(cube["respondents"]),
        None if cube["asked"] is None else int(cube["asked"]),
        bool(cube["weighted"]),
        int(cube.get("rounded") or 0),
        (),
        dimensions,
        digits=cube.get("digits"),
        left_out=frozenset(
            (d, g["id"])
            for d, of in cube["dimensions"].items()
            for g in of
            if g.get("left_out") or g.get("unsaid")
        ),
    )
    return replace(asked, levels=tuple(_level(asked, level) for level in cube["levels"]))


def _level(asked: Asked, level: Released) -> ReleasedTable:
    bands = {d: {g.id: g.bands for g in groups} for d, groups in asked.dimensions.items()}
    groups = level["groups"]
    masks = [asked.frame.mask({d: bands[d][g] for d, g in one["groups"].items()}) for one in groups]
    answers = tuple(asked.codes(part) for part in level["answers"])
    shape = (len(groups), len(asked.columns), len(answers))
    n = np.full(shape, np.nan)
    for at, group in enumerate(groups):
        for column, row in enumerate(group["n"]):
            if row is not None:
                n[at, column] = [np.nan if v is None else v for v in row]
    bases = _weights(groups, "bases", shape)
    bases = np.where(np.isnan(bases), n.sum(axis=2), bases)
    weights: dict[str, Floats] = {}
    if asked.weighted:
        weights = {
            name: _weights(groups, name, shape) for name in ("shares", "weight", "effective")
        }
    return ReleasedTable(
        tuple(level["dimensions"]), answers, np.array(masks, dtype=bool), n, bases, **weights
    )


def _weights(groups: Sequence[Released], name: str, shape: tuple[int, ...]) -> Floats:
    found = np.full(shape if name == "shares" else shape[:2], np.nan)
    for at, group in enumerate(groups):
        for column, value in enumerate(group.get(name) or ()):
            if value is not None:
                found[at, column] = np.array(value, dtype=float)  # null becomes NaN
    return found


def row_positions(survey: Survey, asked: Asked, table: Any) -> tuple[Ints, Ints, Ints, Mask]:
    """Column, option and cell of each row of a table of `tabulate`; -1 where it has none.

    Last, whether it has all three.
    """
    question = asked.question
    columns = {
        c.column: asked.columns.index((c.item, c.time))
        for c in question.cells
        if (c.item, c.time) in asked.columns
    }
    options = {o: n for n, o in enumerate(asked.options)}
    parts = survey.question(question.id).parts
    options |= {code: options[part] for code, part in parts.items() if part in options}
    column, option = _places(table["column"], columns), _places(table["option"], options)
    cell = np.zeros(len(table), dtype=np.int64)
    known = np.ones(len(table), dtype=bool)
    for dimension, pieces in asked.frame.pieces.items():
        place = {band: n for n, piece in enumerate(pieces) for band in piece}
        at = _places(table[dimension], place)
        known &= at >= 0
        cell = cell * len(pieces) + at
    cell = np.where(known, cell, -1)
    return column, option, cell, (column >= 0) & (option >= 0) & known


def _places(codes: Any, known: Mapping[str, int]) -> Ints:
    """Place of each code of a table's column; -1 where it has none."""
    which, there = codes.factorize(use_na_sentinel=False)
    return np.array([known.get(code, -1) for code in there], dtype=np.int64)[which]


def cube_facts(asked: Asked) -> list[Fact]:
    """Every number of the cube as a fact; rounded ones lie less than a multiple off."""
    slack = asked.slack
    facts = []
    everything = np.ones(len(asked.options), dtype=bool)
    for level in asked.levels:
        said = ", ".join(level.dimensions) or "nothing"
        groups = enumerate(level.masks)
        for (group, cells), column in product(groups, range(len(asked.columns))):
            row = level.n[group, column]
            for answer, n in zip(level.answers, row, strict=True):
                if not np.isnan(n):
                    low = max(int(n) - slack, 0)
                    facts.append(
                        Fact(column, cells, answer, low, int(n) + slack, f"the table by {said}")
                    )
            if not np.isnan(level.bases[group, column]) and not slack:
                n = int(level.bases[group, column])
                facts.append(Fact(column, cells, everything, n, n, f"the base by {said}"))
    return facts


def rounded_margins(asked: Asked) -> list[Fact]:
    """Bounds of bases and totals of controlled rounding, in which they are rounded alike."""
    slack = asked.slack
    every, everybody = asked.codes(asked.options), asked.frame.mask({})
    facts = []
    for level in asked.levels if slack else ():
        for column in range(asked.shown):
            sums = level.n[:, column].sum(axis=0)
            margins = [(everybody, a, n) for a, n in zip(level.answers, sums, strict=True)]
            bases = level.n[:, column].sum(axis=1)
            margins += [(cells, every, n) for cells, n in zip(level.masks, bases, strict=True)]
            margins.append((everybody, every, bases.sum()))
            facts += [
                Fact(column, cells, options, max(int(n) - slack, 0), int(n) + slack, "rounding")
                for cells, options, n in margins
                if not np.isnan(n)
            ]
    return facts


def sides_of(question: Question) -> tuple[frozenset[str], frozenset[str]]:
    """Answers with a score below the middle of those of a question, and those above it."""
    scores = {o.code: o.score for o in question.substantive if o.score is not None}
    middle = (min(scores.values()) + max(scores.values())) / 2 if scores else 0.0
    below = frozenset(code for code, score in scores.items() if score < middle)
    return below, frozenset(code for code, score in scores.items() if score > middle)


def question_of(codebook: Codebook, name: str) -> Question:
    """Look a released question up, as a release shows it; an unknown one raises `InsightsError`."""
    if name not in codebook.questions:
        raise InsightsError(f"The release holds a question that the codebook lacks: {name}.")
    return codebook.questions[name].reduced
