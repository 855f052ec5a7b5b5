"""Errors of calibrated weights: residuals of answers on the margins that the weights meet."""

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
    stratum : number of the stratum of each cell
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
    stratum: Any
    alike: bool
    alone: bool

    @classmethod
    def of(
        cls, cells: Sequence[str], fitted: FittedMargins, n: Floats, w: Floats, stratum: Any
    ) -> Calibration:
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
        return cls(found, of_known, n, w, stratum, fitted.alike, alone)

    def reduced(self, linear: Floats) -> Floats:
        """Return all that `taken_off` needs of sums of w d per cell: some numbers for each margin.

        They are the slopes of the regression, and in each stratum the sums of w d times what a
        slope of 1 explains.
        """
        rows = linear.reshape(-1, linear.shape[-1])
        sums = (rows * self._each if self.alike else rows) @ self.margins
        slopes = sums * self._inverse if self.alone else sums @ self._inverse
        found = [slopes]
        for at in self._strata:
            found.append(rows[:, at] @ self._known[at])
        return np.concatenate(found, axis=1).reshape(*linear.shape[:-1], -1)

    def taken_off(self, reduced: Floats) -> tuple[Floats, Floats]:
        """Return by stratum what residuals change in sums of w² d², and in sums of w d.

        Residuals are of what the margins do not explain: a variance is of them, times the weights.
        """
        slopes, *shared = np.split(reduced, len(self._strata) + 1, axis=-1)
        squares, sums = self._of_slopes
        off = [
            np.einsum("...i,...i->...", slopes, slopes @ square - 2 * both)
            for square, both in zip(squares, shared, strict=True)
        ]
        return np.stack(off, axis=-1), -slopes @ sums.T

    def products(self, reduced: Floats) -> list[Floats]:
        """Return by stratum what residuals change in products of w d of every two variables."""
        slopes, *shared = np.split(reduced, len(self._strata) + 1, axis=-1)
        return [
            slopes @ square @ slopes.T - slopes @ both.T - both @ slopes.T
            for square, both in zip(self._of_slopes[0], shared, strict=True)
        ]

    @cached_property
    def width(self) -> int:
        """How many numbers `reduced` gives."""
        return int(self.known.shape[1]) * (len(self._strata) + 1)

    @cached_property
    def _strata(self) -> list[Any]:
        """Cells of each stratum."""
        if not self.stratum.any():
            return [slice(None)]
        return [np.flatnonzero(self.stratum == h) for h in range(self.stratum.max() + 1)]

    @cached_property
    def _unit(self) -> Floats:
        """Weight of each respondent of a cell."""
        return np.divide(self.w, self.n, out=np.zeros_like(self.w), where=self.n > 0)

    @cached_property
    def _each(self) -> Floats:
        return np.divide(1.0, self._unit, out=np.zeros_like(self.w), where=self._unit > 0)

    @cached_property
    def _known(self) -> Any:
        """What a slope of 1 explains of w d for each respondent of a cell: (cell, category)."""
        from scipy import sparse

        return sparse.csr_array(self.known * self._unit[:, None])

    @cached_property
    def _of_slopes(self) -> tuple[list[Floats], Floats]:
        """Sums over the respondents of each stratum: of products of what slopes of 1 explain."""
        squares, sums = [], []
        for at in self._strata:
            known, n = self._known[at], self.n[at]
            squares.append((known.T @ (known * n[:, None])).toarray())
            sums.append(n @ known)
        return squares, np.stack(sums)

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
