"""Shares as the responses give them, with weights and strata: what pages must print of them.

Written from the formulas, not with the code that makes pages, so that neither repeats the mistakes
of the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from helpers.release.attack.partition import Floats, Ints, Mask
from helpers.release.attack.written_numbers import Mean, Net, PrintedShare, interval


@dataclass(frozen=True)
class WeightedSums:
    """Sums of the responses to a question.

    Attributes
    ----------
    cells : those in which somebody answered
    n, w, w2 : respondents, weights and squared weights: [column, one of `cells`, option, stratum]
    sizes : respondents of the whole sample: [stratum]
    """

    cells: Ints
    n: Floats
    w: Floats
    w2: Floats
    sizes: Floats

    def share(self, column: int, cells: Mask, options: Mask) -> PrintedShare | None:
        """Share of some answers with Wilson's interval on its effective base."""
        found = self._mean(column, cells, options.astype(float))
        if found is None:
            return None
        at, variance, kish, _ = found
        certain = at * (1 - at) < 1e-15
        effective = kish if certain else at * (1 - at) / variance if variance else math.inf
        return interval(at, effective) if math.isfinite(effective) else None

    def net(self, column: int, cells: Mask, up: Mask, down: Mask) -> Net | None:
        """Difference of two shares with Student's interval."""
        found = self._mean(column, cells, up.astype(float) - down)
        if found is None:
            return None
        at, variance, kish, df = found
        if variance < 1e-12:
            wide = interval((at + 1) / 2, kish)
            return Net(at, 2 * wide.low - 1, 2 * wide.high - 1)
        half = float(stdtrit(max(df, 1), 0.975)) * math.sqrt(variance)
        return Net(at, max(at - half, -1.0), min(at + half, 1.0))

    def mean(self, column: int, cells: Mask, scores: Floats) -> Mean | None:
        """Mean of the scores of a scale with Student's interval, cut at its ends."""
        found = self._mean(column, cells, scores)
        if found is None:
            return None
        at, variance, kish, df = found
        first, last = float(scores.min()), float(scores.max())
        if variance < 1e-12:
            wide = interval((at - first) / (last - first), kish)
            ends = (first + (last - first) * end for end in (wide.low, wide.high))
            return Mean(at / 100, *(end / 100 for end in ends))
        half = float(stdtrit(max(df, 1), 0.975)) * math.sqrt(variance)
        return Mean(at / 100, max(at - half, first) / 100, min(at + half, last) / 100)

    def _mean(
        self, column: int, cells: Mask, scores: Floats
    ) -> tuple[float, float, float, int] | None:
        """Mean score, its linearised variance, Kish's effective base, and degrees of freedom."""
        inside = cells[self.cells]
        n, w, w2 = (sums[column][inside].sum(axis=0) for sums in (self.n, self.w, self.w2))
        if not w.sum():
            return None
        at = float((scores @ w).sum() / w.sum())
        apart = scores - at
        squares, sums = apart**2 @ w2, apart @ w
        sizes = self.sizes
        spread = np.where(
            sizes > 1,
            np.maximum(squares - sums**2 / sizes, 0) * sizes / np.maximum(sizes - 1, 1),
            squares,
        )
        there = n.sum(axis=0)
        kish = float(w.sum() ** 2 / w2.sum())
        df = int(there.sum() - (there > 0).sum())
        return at, float(spread.sum() / w.sum() ** 2), kish, df
