"""Unrounded sums behind the shares on pages, which the cube holds rounded. Never written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from helpers.codebook.model import DETRACTORS, PROMOTERS, Question
from helpers.estimation.estimates import shares
from helpers.estimation.intervals import Floats, bounded
from helpers.estimation.tabulate import SUMS, strata
from helpers.estimation.variance import Design, Moments, Sums, measured
from helpers.release.protect.atoms import Dimensions
from helpers.release.protect.protection import Protected
from helpers.responses.survey import Survey

Places = Mapping[str, Sequence[int]]  # dimension -> its groups that are taken together


@dataclass(frozen=True)
class ExactSums:
    """Sums of one question, from which its pages are rendered.

    Attributes
    ----------
    sums : by the dimensions of a level: arrays of columns, options, groups of each dimension, and
        strata of the design, for each of `SUMS`
    """

    question: Question
    options: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    design: Design
    sums: Mapping[Dimensions, tuple[Floats, ...]]

    @classmethod
    def of(cls, survey: Survey, found: Protected) -> ExactSums | None:
        """Take the sums of a protected question; None where its counts say all.

        So they do without weights, strata and population sizes.
        """
        counts, population = found.counts, found.counts.question.population
        design = Design.of(strata(survey, population), survey, population)
        if not (counts.weighted or design.designed):
            return None
        cells = {c.column: (c.item, c.time) for c in counts.question.cells}
        return cls(
            counts.question,
            counts.options,
            tuple(cells[column] for column in counts.columns),
            # A stratum of one respondent must not keep a survey from being released.
            replace(design, adjust=True, interval="wilson", level=0.95),
            {
                level.dimensions: _sums(found, level.dimensions, design)
                for level in found.plan.levels
            },
        )

    def shares(
        self,
        dimensions: Dimensions,
        groups: Sequence[Places],
        columns: Sequence[tuple[str, str]],
        rows: Sequence[Sequence[str]],
    ) -> dict[str, Floats]:
        """Estimate shares as `estimates.proportion` does, each (group, column, row).

        Parameters
        ----------
        dimensions
            Those of the level.
        groups
            What each group takes together; a dimension left out means all of it.
        columns
            Item and time of each response column.
        rows
            Options that each row takes together.
        """
        scores = np.array([[float(o in codes) for o in self.options] for codes in rows])
        sums = self._taken(dimensions, groups, columns)
        return shares(sums, scores, np.ones(len(self.options)), self.design)

    def net(
        self, dimensions: Dimensions, groups: Sequence[Places], columns: Sequence[tuple[str, str]]
    ) -> dict[str, Floats]:
        """Estimate promoters less detractors as `means.net` does, each (group, column)."""
        ends = {PROMOTERS: 1.0, DETRACTORS: -1.0}
        scores = np.array([[ends.get(o, 0.0) for o in self.options]])
        return self._scored(dimensions, groups, columns, scores, (-1.0, 1.0))

    def mean(
        self, dimensions: Dimensions, groups: Sequence[Places], columns: Sequence[tuple[str, str]]
    ) -> dict[str, Floats]:
        """Estimate the mean of a numeric scale as `means.mean` does, each (group, column)."""
        score = {o.code: o.score or 0.0 for o in self.question.in_base}
        scores = np.array([[score[o] for o in self.options]])
        return self._scored(dimensions, groups, columns, scores, (scores.min(), scores.max()))

    def _scored(
        self,
        dimensions: Dimensions,
        groups: Sequence[Places],
        columns: Sequence[tuple[str, str]],
        scores: Floats,
        ends: tuple[float, float],
    ) -> dict[str, Floats]:
        """Estimate the mean of a score of everybody in the base, cut at the ends of its scale."""
        sums = self._taken(dimensions, groups, columns)
        moments: Moments = sums.scored(scores, np.ones(len(self.options)))
        w = sums.w.sum(axis=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            r = moments.y.sum(axis=-1) / moments.x.sum(axis=-1)
            spread = ((scores[0] - r) ** 2 * w).sum(axis=-1) / w.sum(axis=-1)
        n = np.einsum("gcoh->gch", sums.n)[:, :, None, :]
        values = measured(moments, spread[:, :, None], n, self.design, ends[1] - ends[0])
        low, high = bounded(
            values["estimate"],
            values["se"],
            values["n_effective"],
            values["df"],
            ends,
            self.design.level,
        )
        return {"estimate": values["estimate"], "ci_low": low, "ci_high": high}

    def _taken(
        self, dimensions: Dimensions, groups: Sequence[Places], columns: Sequence[tuple[str, str]]
    ) -> Sums:
        """Add up groups: arrays of group, column, option and stratum."""
        at = [self.columns.index(column) for column in columns]
        return Sums(
            *(
                np.stack([_union(table[at], dimensions, taken) for taken in groups])
                for table in self.sums[dimensions]
            )
        )


def _union(table: Floats, dimensions: Dimensions, taken: Places) -> Floats:
    for d in reversed(dimensions):
        axis = 2 + dimensions.index(d)
        table = (table.take(list(taken[d]), axis=axis) if d in taken else table).sum(axis=axis)
    return table


def _sums(found: Protected, dimensions: Dimensions, design: Design) -> tuple[Floats, ...]:
    """Sum by the groups of a level and the strata of the design.

    Of counts that are rounded each answer keeps the mean weight of those who gave it.
    """
    counts, partition = found.counts, found.plan.partition
    places = [design.cells.index(s) for s in counts.strata]
    n = counts.merged(partition, dimensions)
    said = found.n(dimensions)
    scale = np.divide(said, n, out=np.zeros_like(n), where=n > 0)[..., None]
    tables = []
    for name in SUMS:
        known = counts.merged(partition, dimensions, name, strata=True) * scale
        table = np.zeros((*known.shape[:-1], len(design.cells)))
        table[..., places] = known
        tables.append(table)
    return tuple(tables)


def exact_sums(survey: Survey, protected: Mapping[str, Protected]) -> dict[str, ExactSums]:
    """Take the exact sums of every question whose shares are estimated."""
    found = {name: ExactSums.of(survey, one) for name, one in protected.items()}
    return {name: sums for name, sums in found.items() if sums is not None}
