"""What is known of a population beyond the sample: residuals on the margins that weights meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from helpers.estimation.intervals import Floats
from helpers.responses.recoding import APART
from helpers.responses.weighting import FittedMargins


@dataclass(frozen=True)
class Calibration:
    """Weights that were fitted to margins, of which the targets have no sampling error.

    Attributes
    ----------
    categories : of each margin the category of every cell, (cell,), numbered over all margins
    n, w : respondents and sums of weights, (cell,); respondents of a cell weigh the same
    alike : whether the regression on the margins counts respondents alike, not by their weight

    Notes
    -----
    A variance is that of the residuals of a regression on the margins: Deville and Särndal (1992),
    Journal of the American Statistical Association 87, 376-382. As in R's survey package,
    respondents count alike in it after raking (``rake``), and by their weights after
    post-stratification (``postStratify``).
    """

    categories: tuple[Any, ...]
    n: Floats
    w: Floats
    alike: bool

    @classmethod
    def of(cls, cells: Sequence[str], fitted: FittedMargins, n: Floats, w: Floats) -> Calibration:
        """Read the margins of cells from their names."""
        parts = [name.split(APART)[1:] for name in cells]
        found, first = [], 0
        for places in fitted.places:
            named = [tuple(part[at] for at in places) for part in parts]
            codes, known = pd.factorize(pd.Series(named, dtype=object))
            found.append(codes + first)
            first += len(known)
        return cls(tuple(found), n, w, fitted.alike)

    def explained(self, linear: Floats) -> Floats:
        """Return what the margins explain of w d for each respondent of a cell, from its sums.

        A variance is then of w d less this: of the residuals, times the weights.
        """
        unit = np.divide(self.w, self.n, out=np.zeros_like(self.w), where=self.n > 0)
        each = np.divide(1.0, unit, out=np.zeros_like(unit), where=unit > 0)
        rows = linear.reshape(-1, linear.shape[-1])
        sums = (rows * each if self.alike else rows) @ self._margins
        slopes = sums * self._inverse if len(self.categories) == 1 else sums @ self._inverse
        return (slopes @ self._margins.T * unit).reshape(linear.shape)

    @cached_property
    def _margins(self) -> Any:
        """Whether each cell is in each category: a sparse matrix."""
        from scipy import sparse

        cells = np.tile(np.arange(len(self.n)), len(self.categories))
        columns = np.concatenate(self.categories)
        return sparse.csr_array((np.ones(len(cells)), (cells, columns)))

    @cached_property
    def _inverse(self) -> Floats:
        """Inverse of the products of the margins; of one margin its diagonal."""
        each = np.where(self.w > 0, self.n, 0.0) if self.alike else self.w
        if len(self.categories) == 1:
            sums = each @ self._margins
            return np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)
        products = (self._margins.T @ (self._margins * each[:, None])).toarray()
        return np.linalg.pinv(products, hermitian=True)
