"""What a release says, as numeric facts: counts in unions of cells, each with its bounds.

A cell is a combination of the finest groups that anything public tells apart. A fact bounds how
many respondents of some cells gave one of some answers. Part of the attacker of a release: it
knows what is public and nothing of how answers were protected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from helpers.errors import InsightsError
from helpers.survey.codebook import Codebook, Question

Mask: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Chosen: TypeAlias = Mapping[str, frozenset[str]]  # dimension -> bands; one left out: all
Place: TypeAlias = tuple[str, str]  # item and point in time of a response column


@dataclass(frozen=True)
class Group:
    """A group that a dimension offers: some of its bands together."""

    id: str
    label: str
    bands: frozenset[str]


@dataclass(frozen=True)
class Frame:
    """Cells of a question: combinations of pieces of its dimensions.

    Attributes
    ----------
    pieces : of each dimension the sets of bands that no public group divides
    labels : dimension and bands -> how a reader knows them
    """

    pieces: Mapping[str, tuple[frozenset[str], ...]]
    labels: Mapping[tuple[str, frozenset[str]], str]

    @classmethod
    def of(cls, groups: Mapping[str, Iterable[Group]]) -> Frame:
        """Divide bands wherever one of the groups divides them."""
        pieces: dict[str, tuple[frozenset[str], ...]] = {}
        labels: dict[tuple[str, frozenset[str]], str] = {}
        for dimension, known in groups.items():
            signs: dict[str, list[int]] = {}
            for n, group in enumerate(known):
                labels.setdefault((dimension, group.bands), group.label)
                for band in group.bands:
                    signs.setdefault(band, []).append(n)
            found: dict[tuple[int, ...], set[str]] = {}
            for band, sign in signs.items():
                found.setdefault(tuple(sign), set()).add(band)
            pieces[dimension] = tuple(frozenset(bands) for bands in found.values())
        return cls(pieces, labels)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """How many pieces each dimension has."""
        return tuple(len(p) for p in self.pieces.values())

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return int(np.prod(self.shape, dtype=np.int64))

    def mask(self, chosen: Chosen) -> Mask:
        """Cells whose bands are chosen in every dimension."""
        result = np.ones((), dtype=bool)
        for dimension, pieces in self.pieces.items():
            inside = np.ones(len(pieces), dtype=bool)
            if dimension in chosen:
                inside = np.array([p <= chosen[dimension] for p in pieces], dtype=bool)
            result = np.logical_and.outer(result, inside)
        return result.reshape(-1)

    def words(self, mask: Mask) -> str:
        """Name a set of cells by the labels of its groups."""
        if mask.all():
            return "everybody"
        grid = mask.reshape(self.shape)
        parts = []
        for axis, (dimension, pieces) in enumerate(self.pieces.items()):
            others = tuple(n for n in range(grid.ndim) if n != axis)
            there = np.asarray(grid.any(axis=others))
            if not there.all():
                parts.append(" or ".join(self._named(dimension, pieces, there)))
        boxed = int(mask.sum()) == np.prod(
            [
                grid.any(axis=tuple(n for n in range(grid.ndim) if n != axis)).sum()
                for axis in range(grid.ndim)
            ],
            dtype=np.int64,
        )
        if boxed and parts:
            return ", ".join(parts)
        named = [self._cell(n) for n in np.flatnonzero(mask)[:4]]
        return " together with ".join(named) + (" and others" if mask.sum() > 4 else "")

    def _named(self, dimension: str, pieces: Sequence[frozenset[str]], there: Mask) -> list[str]:
        whole = frozenset().union(*(p for p, t in zip(pieces, there, strict=True) if t))
        if (dimension, whole) in self.labels:
            return [self.labels[dimension, whole]]
        return [self._label(dimension, p) for p, t in zip(pieces, there, strict=True) if t]

    def _label(self, dimension: str, piece: frozenset[str]) -> str:
        return self.labels.get((dimension, piece)) or " or ".join(sorted(piece))

    def _cell(self, cell: int) -> str:
        at = np.unravel_index(cell, self.shape)
        return (
            "“"
            + ", ".join(
                self._label(d, p[int(n)]) for (d, p), n in zip(self.pieces.items(), at, strict=True)
            )
            + "”"
        )


@dataclass(frozen=True)
class Fact:
    """Bounds of how many respondents in `cells` gave one of `options`.

    `options` all true: how many answered. `exact` is whether a single number is shown.
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


@dataclass(frozen=True)
class Level:
    """One table of a question in the cube: groups told apart, answers shown together.

    `n` is a float array [groups, columns, answers], NaN where hidden; `shares`, `weight` and
    `effective` likewise where there are weights.
    """

    dimensions: tuple[str, ...]
    answers: tuple[Mask, ...]
    masks: npt.NDArray[np.bool_]
    n: Floats
    shares: Floats | None = None
    weight: Floats | None = None
    effective: Floats | None = None


@dataclass(frozen=True)
class Asked:
    """All that is public of one question.

    Attributes
    ----------
    columns : response columns, shown ones first, then those hidden everywhere
    shown : how many columns are shown
    rounded : multiple that counts are rounded to; 0 for exact counts
    facts : what the levels do not say by themselves
    """

    question: Question
    frame: Frame
    columns: tuple[Place, ...]
    shown: int
    options: tuple[str, ...]
    respondents: int
    asked: int | None
    weighted: bool
    rounded: int
    levels: tuple[Level, ...]
    dimensions: Mapping[str, tuple[Group, ...]]
    facts: tuple[Fact, ...] = field(default=())

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

    def known(self, column: int, cells: Mask, options: Mask) -> tuple[Level, Mask, Mask] | None:
        """Find a level that tells cells and options apart: the level, its groups, its answers."""
        for level in self.levels:
            groups = np.asarray(~(level.masks & ~cells).any(axis=1) & level.masks.any(axis=1))
            if (level.masks[groups].any(axis=0) != cells).any():
                continue
            answers = np.array([not (a & ~options).any() for a in level.answers], dtype=bool)
            together = np.zeros(len(self.options), dtype=bool)
            for answer, inside in zip(level.answers, answers, strict=True):
                together |= answer & inside
            if (together == options).all() and not np.isnan(level.n[groups, column]).any():
                return level, groups, answers
        return None

    def count(self, column: int, cells: Mask, options: Mask) -> int | None:
        """Count in the cube, None where it shows none."""
        found = self.known(column, cells, options)
        if found is None:
            return None
        level, groups, answers = found
        return int(level.n[groups, column][:, answers].sum())


def frame_of(codebook: Codebook, offers: Iterable[Mapping[str, Any]]) -> Frame:
    """Make the frame of all groups that are public: of cubes, of pages, of earlier releases."""
    together: dict[str, list[Group]] = {}
    for groups in offers:
        for dimension, listed in groups.items():
            together.setdefault(dimension, []).extend(map(group_of, listed))
    frame = Frame.of(together)
    labels = {
        (d, frozenset({band})): codebook.dimensions[d].band_label(band)
        for d, pieces in frame.pieces.items()
        for band in frozenset().union(*pieces)
        if d in codebook.dimensions
    }
    return Frame(frame.pieces, {**labels, **frame.labels})


def asked_of(question: Question, cube: Mapping[str, Any], frame: Frame) -> Asked:
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
    )
    return replace(asked, levels=tuple(_level(asked, level) for level in cube["levels"]))


def group_of(group: Mapping[str, Any]) -> Group:
    """Read a group of a dimension."""
    return Group(group["id"], group["label"], frozenset(group["bands"]))


def _level(asked: Asked, level: Mapping[str, Any]) -> Level:
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
    weights: dict[str, Floats] = {}
    if asked.weighted:
        weights = {
            name: _weights(groups, name, shape) for name in ("shares", "weight", "effective")
        }
    return Level(tuple(level["dimensions"]), answers, np.array(masks, dtype=bool), n, **weights)


def _weights(groups: Sequence[Mapping[str, Any]], name: str, shape: tuple[int, ...]) -> Floats:
    found = np.full(shape if name == "shares" else shape[:2], np.nan)
    for at, group in enumerate(groups):
        for column, value in enumerate(group.get(name) or ()):
            if value is not None:
                found[at, column] = value
    return found


def cube_facts(asked: Asked) -> list[Fact]:
    """Every number of the cube as a fact; rounded ones lie less than a multiple off."""
    slack = max(asked.rounded - 1, 0)
    facts = []
    everything = np.ones(len(asked.options), dtype=bool)
    for level in asked.levels:
        for group, column in product(range(len(level.masks)), range(len(asked.columns))):
            row, cells = level.n[group, column], level.masks[group]
            said = ", ".join(level.dimensions) or "nothing"
            for answer, n in zip(level.answers, row, strict=True):
                if not np.isnan(n):
                    low = max(int(n) - slack, 0)
                    facts.append(
                        Fact(column, cells, answer, low, int(n) + slack, f"the table by {said}")
                    )
            if not np.isnan(row).any() and not slack:
                n = int(row.sum())
                facts.append(Fact(column, cells, everything, n, n, f"the base by {said}"))
    return facts


EARLIER = "an earlier release"


def rounded_margins(asked: Asked) -> list[Fact]:
    """Bounds of bases and totals of controlled rounding, in which they are rounded alike."""
    slack = max(asked.rounded - 1, 0)
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


def question_of(codebook: Codebook, name: str) -> Question:
    """Look a released question up; one that nobody asked raises `InsightsError`."""
    if name not in codebook.questions:
        raise InsightsError(f"The release holds a question that the codebook lacks: {name}.")
    return codebook.questions[name]
