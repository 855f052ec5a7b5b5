"""What is known of a population beyond the sample: residuals on the margins that weights meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    margins : whether each cell is in each category of a margin, a sparse matrix (cell, category)
    known : the same, of what has no sampling error: of a margin that some did not state only the
        shares of its categories among the others are known
    n, w : respondents and sums of weights, (cell,); respondents of a cell weigh the same
    alike : whether the regression on the margins counts respondents alike, not by their weight
    alone : whether each respondent is in one category only

    Notes
    -----
    A variance is that of the residuals of a regression on the margins: Deville and Särndal (1992),
    Journal of the American Statistical Association 87, 376-382. As in R's survey package,
    respondents count alike in it after raking (``rake``), and by their weights after
    post-stratification (``postStratify``).
    """

    margins: Any
    known: Any
    n: Floats
    w: Floats
    alike: bool
    alone: bool

    @classmethod
    def of(cls, cells: Sequence[str], fitted: FittedMargins, n: Floats, w: Floats) -> Calibration:
        """Read the margins of cells from their names."""
        from scipy import sparse

        parts = [name.split(APART)[1:] for name in cells]
        margins, known = [], []
        for places, shares in zip(fitted.places, fitted.shares, strict=True):
            named = [tuple(part[at] for at in places) for part in parts]
            codes, categories = pd.factorize(pd.Series(named, dtype=object))
            inside = sparse.csr_array((np.ones(len(codes)), (np.arange(len(codes)), codes)))
            margins.append(inside)
            known.append(_shares_known(inside, categories, shares, w) if shares else inside)
        alone = len(margins) == 1
        found, of_known = (sparse.hstack(of, format="csr") for of in (margins, known))
        return cls(found, of_known, n, w, fitted.alike, alone)

    def explained(self, linear: Floats) -> Floats:
        """Return what the margins explain of w d for each respondent of a cell, from its sums.

        A variance is then of w d less this: of the residuals, times the weights.
        """
        unit = np.divide(self.w, self.n, out=np.zeros_like(self.w), where=self.n > 0)
        each = np.divide(1.0, unit, out=np.zeros_like(unit), where=unit > 0)
        rows = linear.reshape(-1, linear.shape[-1])
        sums = (rows * each if self.alike else rows) @ self.margins
        slopes = sums * self._inverse if self.alone else sums @ self._inverse
        return (slopes @ self.known.T * unit).reshape(linear.shape)

    @cached_property
    def _inverse(self) -> Floats:
        """Inverse of the products of the margins, or its diagonal where there is no more to it."""
        each = np.where(self.w > 0, self.n, 0.0) if self.alike else self.w
        if self.alone:
            sums = each @ self.margins
            return np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)
        products = (self.margins.T @ (self.margins * each[:, None])).toarray()
        return np.linalg.pinv(products, hermitian=True)


def _shares_known(
    inside: Any, categories: Any, shares: Mapping[tuple[str, ...], float], w: Floats
) -> Any:
    """Take off what is not known of a margin: how many stated it, and who did not.

    Of those who did the shares are known; of those who did not, what they are of the sample.
    """
    from scipy import sparse

    given = np.array([name in shares for name in categories])
    share = np.array([shares.get(name, 0.0) for name in categories])
    parts = (w @ inside) / w.sum()
    stated = inside @ given.astype(float)
    own = inside.toarray() * given - np.outer(stated, share)
    return sparse.csr_array(own + np.where(given, share * parts[given].sum(), parts))
