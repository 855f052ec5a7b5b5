"""Exact counts of one response column in every level, and what a reader makes of a release of it.

Every method acts on the same tables: options by the groups of every subset of the dimensions on
offer. What it did to them is a `Reading`, and every reading has a cost in the same measure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from helpers.codebook.model import NOT_STATED, Kind, Question
from helpers.responses.survey import Survey

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Axes = tuple[int, ...]  # places of dimensions
SHOWN, MERGED, HIDDEN, ALTERED = range(4)
STATUSES = ("shown", "merged", "hidden", "altered")
MANY = 50  # respondents of a group on which strict figures must be near the truth


@dataclass(frozen=True)
class Exact:
    """True counts of one response column.

    Attributes
    ----------
    options : codes of the base, in codebook order
    judged : places of options that nearly everybody must not be seen to have chosen
    groups : per dimension its groups, each a tuple of bands
    counts : options by groups of each dimension
    """

    options: tuple[str, ...]
    judged: tuple[int, ...]
    groups: dict[str, tuple[tuple[str, ...], ...]]
    counts: Ints

    @property
    def levels(self) -> tuple[Axes, ...]:
        """Every subset of the dimensions, the fewest first."""
        axes = range(len(self.groups))
        return tuple(chain.from_iterable(combinations(axes, n) for n in range(len(axes) + 1)))

    def level(self, axes: Axes) -> Ints:
        """Sum the counts to options by the groups of some dimensions."""
        away = tuple(a + 1 for a in range(len(self.groups)) if a not in axes)
        return self.counts.sum(axis=away)


@dataclass
class Reading:
    """What a sensible reader takes from a release of a column, per level.

    Attributes
    ----------
    status : one of `STATUSES` per option and group
    share : share in [0, 1]; of a merged answer that of all of it, until `guess` has split it
    answer : number of the answer that an option is shown in, to split merged ones
    """

    status: dict[Axes, Ints] = field(default_factory=dict)
    share: dict[Axes, Floats] = field(default_factory=dict)
    answer: dict[Axes, Ints] = field(default_factory=dict)

    def guess(self, exact: Exact) -> Reading:
        """Split what is merged and fill in what is hidden, as the coarser level has it."""
        for axes in exact.levels:
            if axes in self.answer:
                self._split(axes)
            hidden = self.status[axes] == HIDDEN
            if not hidden.any():
                continue
            wanted = np.where(hidden, self._coarser(axes), 0)
            known = np.where(hidden, 0, self.share[axes]).sum(axis=0)
            left, total = np.clip(1 - known, 0, 1), wanted.sum(axis=0)
            evenly = hidden / np.maximum(hidden.sum(axis=0), 1)
            scale = np.divide(left, total, out=np.zeros_like(total), where=total > 0)
            fitted = np.where(total > 0, wanted * scale, evenly * left)
            self.share[axes] = np.where(hidden, fitted, self.share[axes])
        return self

    def _split(self, axes: Axes) -> None:
        """Split merged answers in the parts of the coarser level, evenly where it has none."""
        answer, parts = self.answer[axes], self._coarser(axes)
        for number in np.unique(answer[self.status[axes] != HIDDEN]):
            inside = answer == number
            own = np.where(inside, parts, 0)
            total, size = own.sum(axis=0), np.maximum(inside.sum(axis=0), 1)
            even = np.broadcast_to(1 / size, own.shape)
            part = np.divide(
                own, total, out=even.copy(), where=np.broadcast_to(total > 0, own.shape)
            )
            self.share[axes] = np.where(inside, self.share[axes] * part, self.share[axes])

    def _coarser(self, axes: Axes) -> Floats:
        """Shares of the level without one dimension, the last that leaves them shown."""
        shape = self.share[axes].shape
        found, sure = np.zeros(shape), np.zeros(shape, dtype=bool)
        for place in range(len(axes)):
            fewer = axes[:place] + axes[place + 1 :]
            share = np.broadcast_to(np.expand_dims(self.share[fewer], place + 1), shape)
            there = np.expand_dims(self.status[fewer], place + 1) != HIDDEN
            better = np.broadcast_to(there, shape) | ~sure
            found = np.where(better, share, found)
            sure = sure | np.broadcast_to(there, shape)
        return found


@dataclass(frozen=True)
class Cost:
    """Sums over values; `to_json` gives shares and errors in percentage points."""

    statuses: tuple[int, ...] = (0, 0, 0, 0)
    error: float = 0.0
    worst: float = 0.0
    many: int = 0
    error_many: float = 0.0
    figures: int = 0  # of the many, those that are not hidden
    error_figures: float = 0.0
    worst_figures: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        """Cost of two columns together."""
        return Cost(
            tuple(a + b for a, b in zip(self.statuses, other.statuses, strict=True)),
            self.error + other.error,
            max(self.worst, other.worst),
            self.many + other.many,
            self.error_many + other.error_many,
            self.figures + other.figures,
            self.error_figures + other.error_figures,
            max(self.worst_figures, other.worst_figures),
        )

    def to_json(self) -> dict[str, Any]:
        """Shares of values by status, and errors in percentage points."""
        values = sum(self.statuses)
        each, many, figures = (max(n, 1) for n in (values, self.many, self.figures))
        return {
            "values": values,
            **{name: n / each for name, n in zip(STATUSES, self.statuses, strict=True)},
            "mean_error": 100 * self.error / each,
            "max_error": 100 * self.worst,
            "values_50": self.many,
            "mean_error_50": 100 * self.error_many / many,
            "figures_50": self.figures,
            "mean_error_figures_50": 100 * self.error_figures / figures,
            "max_error_figures_50": 100 * self.worst_figures,
        }


def cost(exact: Exact, reading: Reading, least: int = 1) -> Cost:
    """Cost of a reading: every option of every group of `least` respondents or more is a value."""
    return sum((_level_cost(exact, reading, axes, least) for axes in exact.levels), Cost())


def _level_cost(exact: Exact, reading: Reading, axes: Axes, least: int) -> Cost:
    counts = exact.level(axes)
    base = np.broadcast_to(counts.sum(axis=0), counts.shape)
    there, many = base >= least, base >= max(least, MANY)
    truth = np.divide(counts, base, out=np.zeros(counts.shape), where=base > 0)
    error = np.abs(reading.share[axes] - truth)
    status = reading.status[axes]
    figures = many & (status != HIDDEN)
    return Cost(
        tuple(int((status[there] == s).sum()) for s in range(len(STATUSES))),
        float(error[there].sum()),
        float(error[there].max(initial=0)),
        int(many.sum()),
        float(error[many].sum()),
        int(figures.sum()),
        float(error[figures].sum()),
        float(error[figures].max(initial=0)),
    )


def tables(cube: dict[str, Any], judged: Any = None) -> Iterator[tuple[str, str, Exact]]:
    """Yield question, column (`item.time`) and exact counts from a cube of the profile standard.

    Counts are those of the last breakdown, which crosses the most dimensions; columns of which it
    hides something are left out.

    Parameters
    ----------
    judged
        Question to codes that nearly everybody must not be seen to have chosen; by default all.
    """
    for question, entry in cube["questions"].items():
        options = tuple(entry["options"])
        codes = judged(question) if judged else options
        if not entry["levels"]:
            continue
        level = entry["levels"][-1]
        offered = {d: entry["dimensions"][d] for d in level["dimensions"]}
        groups = {d: tuple(tuple(g["bands"]) for g in of) for d, of in offered.items()}
        names = {d: [g["id"] for g in of] for d, of in offered.items()}
        shape = (len(options), *(len(of) for of in groups.values()))
        for column, place in enumerate(entry["columns"]):
            counts = np.zeros(shape, dtype=np.int64)
            hidden = any(
                atom["n"][column] is None or None in atom["n"][column] for atom in level["groups"]
            )
            if hidden:
                continue
            for atom in level["groups"]:
                at = tuple(names[d].index(atom["groups"][d]) for d in names)
                counts[(slice(None), *at)] = atom["n"][column]
            places = tuple(options.index(c) for c in codes)
            name = f"{place['item']}.{place['time']}"
            yield question, name, Exact(options, places, groups, counts)


def tables_of_responses(
    survey: Survey, dimensions: tuple[str, ...]
) -> Iterator[tuple[str, str, Exact]]:
    """Yield question, column (`item.time`) and exact counts by every band that somebody is in.

    Read from the responses with pandas, apart from what makes a release.
    """
    for question in survey.codebook.questions.values():
        if not question.tabulates:
            continue
        frame = survey.codes[question.population]
        known = [
            d for d in dimensions if question.population in survey.codebook.dimensions[d].source
        ]
        bands = {d: frame[f"_band_{d}"] for d in known}
        groups = {
            d: tuple((b,) for b in (*survey.codebook.dimensions[d].bands, NOT_STATED) if b in there)
            for d, there in ((d, set(column)) for d, column in bands.items())
        }
        options = tuple(o.code for o in question.in_base)
        judged = tuple(options.index(code) for code in judged_of(question))
        shape = (len(options), *(len(of) for of in groups.values()))
        for cell in question.cells:
            counts = np.zeros(shape, dtype=np.int64)
            places = [frame[cell.column].map({o: n for n, o in enumerate(options)})]
            places += [bands[d].map({g[0]: n for n, g in enumerate(groups[d])}) for d in known]
            inside = places[0].notna()
            at = tuple(p[inside].astype(int).to_numpy() for p in places)
            np.add.at(counts, at, 1)
            yield question.id, f"{cell.item}.{cell.time}", Exact(options, judged, groups, counts)


def judged_of(question: Question) -> tuple[str, ...]:
    """Codes that nearly everybody must not be seen to have chosen: answers of substance."""
    if question.kind is Kind.MULTIPLE:
        return (question.ticked.code,)
    return tuple(o.code for o in question.substantive)
