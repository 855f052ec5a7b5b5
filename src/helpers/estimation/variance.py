"""Variances of ratios and totals in a stratified sample, by Taylor linearisation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.codebook.model import suggest
from helpers.errors import InsightsError
from helpers.estimation.calibration import Calibration
from helpers.estimation.intervals import Floats
from helpers.responses.recoding import APART, FIRST_STRATUM
from helpers.responses.sampling import SizeOfOne
from helpers.responses.survey import Survey

Axis: TypeAlias = "tuple[Iterable[Any], Mapping[Any, int]]"
ROUNDING = 1e-13  # part of a sum of squares that is an error of arithmetic
FULL = 1e-7  # a stratum with less than this unsampled counts as sampled whole, as in R


@dataclass(frozen=True)
class Design:
    """How a population was sampled.

    Attributes
    ----------
    cells : names in sorted order of what arrays have as their last axis: strata or, where
        standard errors allow for targets, the cells within them that weights were fitted in
    n, sum_w, sum_w2 : respondents, weights and squared weights of the whole sample, (stratum,)
    sizes : who was sampled: respondents, or people where some answered several times, (stratum,)
    unsampled : 1 - n/N, (stratum,); 1 where no population size is given
    adjust : whether a stratum of one respondent counts about the mean of all
    interval, level : method of intervals of shares, and confidence level of every interval
    calibrations : of each sample that weights were fitted in, and where its cells begin
    of_stratum : number of the stratum of every cell; None where cells are strata
    """

    cells: tuple[str, ...]
    sizes: Floats
    n: Floats
    sum_w: Floats
    sum_w2: Floats
    unsampled: Floats
    adjust: bool = False
    interval: str = "wilson"
    level: float = 0.95
    calibrations: tuple[tuple[int, Calibration], ...] = ()
    of_stratum: Any = None

    def by_stratum(self, sums: Floats) -> Floats:
        """Add up the cells of each stratum (last axis); sums by stratum stay as they are."""
        if self.of_stratum is None or sums.shape[-1] != len(self.cells):
            return sums
        strata = range(self.of_stratum.max() + 1)
        if len(strata) == 1:
            return sums.sum(axis=-1, keepdims=True)
        return np.stack([sums[..., self.of_stratum == h].sum(axis=-1) for h in strata], axis=-1)

    def reduced(self, linear: Floats) -> Floats:
        """Return what variances need of sums of w d (last axis), of which they are quadratic.

        These are the sums by stratum and, where weights were fitted, `Calibration.reduced`.
        """
        if not self.calibrations:
            return linear
        parts = [self.by_stratum(linear)]
        for first, cells in self.calibrations:
            parts.append(cells.reduced(linear[..., first : first + len(cells.n)]))
        return np.concatenate(parts, axis=-1)

    def of_cells(self, reduced: Floats) -> Iterator[tuple[slice, Calibration, Floats]]:
        """Give the strata of each calibration, and its part of what `reduced` gave."""
        at = int(self.of_stratum.max()) + 1
        for first, cells in self.calibrations:
            begun = int(self.of_stratum[first])
            strata = slice(begun, begun + int(cells.stratum.max()) + 1)
            yield strata, cells, reduced[..., at : at + cells.width]
            at += cells.width

    def residuals(self, squares: Floats, reduced: Floats) -> tuple[Floats, Floats]:
        """Return sums of w² e² and of w e by stratum, e the residuals on the margins."""
        given = self.by_stratum(squares)
        linear = reduced[..., : given.shape[-1]].copy()
        left = np.broadcast_to(given, linear.shape).copy()
        for strata, cells, part in self.of_cells(reduced):
            off = cells.taken_off(part)
            left[..., strata] += off[0]
            linear[..., strata] += off[1]
        whole = left <= ROUNDING * given
        return np.where(whole, 0.0, left), np.where(whole, 0.0, linear)

    def df(self, n: Floats) -> Floats:
        """Degrees of freedom of respondents: their number less the strata they come from."""
        return n.sum(axis=-1) - (self.by_stratum(n) > 0).sum(axis=-1)

    @property
    def designed(self) -> bool:
        """Whether weights differ, there are several strata, or population sizes are given."""
        n, w, w2 = (sums.sum() for sums in (self.n, self.sum_w, self.sum_w2))
        differ = not np.isclose(w**2, n * w2, rtol=1e-9, atol=0)  # whatever weights add up to
        return bool(differ or len(self.cells) > 1 or (self.unsampled < 1).any())

    @classmethod
    def of(
        cls,
        strata: pd.DataFrame,
        survey: Survey,
        population: str,
    ) -> Design:
        """Build the design of a population from the strata of a `Tabulation`, once for a survey."""
        found: Design | None = survey.known.get((population, "design"))
        if found is None:
            found = cls._built(strata, survey, population)
            survey.known[population, "design"] = found
        return found

    @classmethod
    def _built(cls, strata: pd.DataFrame, survey: Survey, population: str) -> Design:
        stated = survey.sampling
        ordered = strata.sort_values("stratum")
        names = tuple(ordered["stratum"])
        columns = ("people", "n", "sum_w", "sum_w2")
        sizes, n, w, w2 = (ordered[name].to_numpy(dtype=float) for name in columns)
        how = (stated.single_stratum == "adjust", stated.interval, stated.level)
        fitted = survey.calibration(population)
        of_stratum, known = None, names
        if fitted:
            of_stratum, found = pd.factorize(np.array([name.split(APART)[0] for name in names]))
            known = tuple(map(str, found))
        design = cls(names, sizes, n, w, w2, np.ones(len(names)), *how, of_stratum=of_stratum)
        held = design.by_stratum(sizes)
        several = FIRST_STRATUM in survey.columns(population)
        whole = population_sizes(stated.sizes.get(population), population, known, held, several)
        unsampled = 1 - held / whole
        if not fitted:
            return replace(design, unsampled=unsampled)
        calibration = Calibration.of(names, fitted, sizes, w, of_stratum)
        return replace(design, unsampled=unsampled[of_stratum], calibrations=((0, calibration),))


def population_sizes(
    given: SizeOfOne,
    population: str,
    strata: Sequence[str],
    sizes: Floats,
    several: bool = False,
) -> Floats:
    """Find the population size of every stratum, infinite where none is given.

    `several` says whether people are in several strata, and count in the first.
    """
    if given is None:
        return np.full(len(strata), np.inf)
    if isinstance(given, Mapping):
        for name in given:
            if name not in strata:
                first = (
                    " Where people are in several strata, each counts in the first: a stratum in "
                    "which nobody is first has no size of its own."
                    if several
                    else ""
                )
                raise InsightsError(
                    f'population_size names "{name}". '
                    f"{suggest(str(name), strata, 'stratum name')}{first}"
                )
        lacking = [s for s in strata if s not in given]
        if lacking:
            raise InsightsError(f"population_size has no number for {', '.join(lacking)}.")
        found = [given[s] for s in strata]
    elif len(strata) > 1:
        raise InsightsError(
            f"The sample has strata: give population_size for each, as "
            f"{{{', '.join(f'{s!r}: …' for s in strata)}}}."
        )
    else:
        found = [given]
    for stratum, number, n in zip(strata, found, sizes, strict=True):
        if not (isinstance(number, (int, float, np.number)) and number >= n):
            raise InsightsError(
                f"population_size of {stratum or population} is {number}: it needs a number, at "
                f"least the {n:,.0f} who responded."
            )
    return np.array(found, dtype=float)


@dataclass(frozen=True)
class Moments:
    """Sums over respondents per stratum (last axis) that the variance of y/x needs.

    `y` and `x` are sums of w y and w x; `yy`, `xy`, `xx` of w² y², w² x y, w² x².
    """

    y: Floats
    x: Floats
    yy: Floats
    xy: Floats
    xx: Floats


@dataclass(frozen=True)
class Sums:
    """Sums per group, response column, option and stratum.

    Attributes
    ----------
    products : where people gave several answers, products of the weights of every two answers of
        one person, the same answer twice included: (group, column, option, option, stratum)
    people : who gave them: (group, column, stratum)
    """

    n: Floats  # (group, column, option, stratum)
    w: Floats
    w2: Floats
    products: Floats | None = None
    people: Floats | None = None

    def scored(self, scores: Floats, inside: Floats) -> Moments:
        """Moments of score totals over bases.

        Parameters
        ----------
        scores : (row, option); inside : (option,), 1 for options of the base, else 0

        Returns
        -------
        Moments of shape (group, column, row, stratum); those of x have one row.
        """
        scores = scores * inside
        x, xx = (np.einsum("gcoh,o->gch", a, inside)[:, :, None, :] for a in (self.w, self.w2))
        y, xy, yy = (
            np.einsum("gcoh,ro->gcrh", a, s)
            for a, s in ((self.w, scores), (self.w2, scores), (self.w2, scores**2))
        )
        if self.products is not None:  # people are clusters
            left = np.einsum("gcoph,p->gcoh", self.products, inside)
            xx = np.einsum("gcoh,o->gch", left, inside)[:, :, None, :]
            xy = np.einsum("gcoh,ro->gcrh", left, scores)
            yy = np.einsum("gcoph,ro,rp->gcrh", self.products, scores, scores)
        return Moments(y, x, yy, xy, xx)


def tensor(table: pd.DataFrame, axes: Sequence[Axis], names: list[str]) -> list[Floats]:
    """Spread columns of a table over an array; keys that an axis does not know are left out.

    Parameters
    ----------
    axes
        For each axis the key of every row and the place of every key.
    """
    places = [
        np.array([known.get(k, -1) for k in keys], dtype=int).reshape(-1) for keys, known in axes
    ]
    inside = np.all([p >= 0 for p in places], axis=0)
    at = tuple(p[inside] for p in places)
    arrays = []
    for name in names:
        array = np.zeros([len(known) for _, known in axes])
        np.add.at(array, at, table[name].to_numpy(dtype=float)[inside])
        arrays.append(array)
    return arrays


def ratio(m: Moments, design: Design) -> tuple[Floats, Floats]:
    """Ratio y/x and its variance; missing where x is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        total = m.x.sum(axis=-1)
        r = m.y.sum(axis=-1) / total
        q = r[..., None]
        squares = m.yy - 2 * q * m.xy + q**2 * m.xx
        return r, variance(squares, m.y - q * m.x, design) / total**2


def variance(squares: Floats, linear: Floats, design: Design) -> Floats:
    """Variance of a total from its sums of squares and its sums per stratum or cell (last axis).

    Notes
    -----
    With replacement, times 1 - n/N where population sizes are given. A stratum of one that is
    adjusted counts about 0, which for a linearised ratio is the mean of all: R's
    ``options(survey.lonely.psu = "adjust")``.
    """
    return variance_of(squares, design.reduced(linear), design)


def variance_of(squares: Floats, reduced: Floats, design: Design) -> Floats:
    """Variance of a total as `variance`, of sums that `Design.reduced` gave."""
    linear = reduced
    if design.calibrations:
        squares, linear = design.residuals(squares, reduced)
    sizes, part, alone = _strata(design)
    own = (squares - linear**2 / sizes) * (sizes / np.maximum(sizes - 1, 1))
    parts = np.where(alone, squares, np.maximum(own, 0.0)) * part
    return parts.sum(axis=-1)


def covariance(reduced: Floats, products: Floats, design: Design) -> Floats:
    """Covariances of the totals of several variables; `variance` has the variances of any.

    Parameters
    ----------
    reduced
        What `Design.reduced` gave of sums of w d, a row for each variable.
    products
        Sums of products of w d of every two, (stratum, variable, variable).
    """
    left, products = reduced[:, : len(products)].copy(), products.copy()
    if design.calibrations:
        for strata, cells, part in design.of_cells(reduced):
            products[strata] += np.stack(cells.products(part))
            left[:, strata] += cells.taken_off(part)[1]
    found = np.zeros(products.shape[1:])
    for h, (size, part, alone) in enumerate(zip(*_strata(design), strict=True)):
        own = products[h]
        if not alone:
            own = (own - np.outer(left[:, h], left[:, h]) / size) * (size / max(size - 1, 1))
        found += own * part
    return found


def products_of(values: Floats, w2: Floats, design: Design) -> Floats:
    """Products for `covariance`, from values (pattern, variable) and squared weights of patterns.

    Parameters
    ----------
    w2
        Sums of squared weights, (pattern, stratum or cell).
    """
    return np.stack([(values * each[:, None]).T @ values for each in design.by_stratum(w2).T])


def _strata(design: Design) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Respondents, part that is unsampled, and whether there is one respondent, by stratum.

    The part is missing where a single respondent is all there is.
    """
    sizes, unsampled = design.by_stratum(design.sizes), design.unsampled
    if design.of_stratum is not None:
        unsampled = unsampled[np.unique(design.of_stratum, return_index=True)[1]]
    part = np.where(unsampled < FULL, 0.0, unsampled)
    alone = (sizes == 1) & (part > 0)
    if alone.any() and len(sizes) > 1 and not design.adjust:
        raise InsightsError(
            "A stratum holds a single respondent, so its variance cannot be estimated. "
            'Merge strata, or set survey.design(single_stratum="adjust").'
        )
    return sizes, np.where(alone & (len(sizes) == 1), np.nan, part), alone


def measured(
    m: Moments,
    spread: Floats,
    n: Floats,
    design: Design,
    span: float = 1.0,
    people: Floats | None = None,
) -> dict[str, Floats]:
    """Ratios with standard errors, effective bases and design effects.

    Parameters
    ----------
    spread : variance of y among the units of the base, shape of the ratio
    n : respondents in the base per stratum; its last axis is strata
    span : length of the scale, against which a spread counts as none
    people : where these gave several answers each, as many numbers as `n` has
    """
    r, var = ratio(m, design)
    base = np.broadcast_to(n.sum(axis=-1), r.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        kish = m.x.sum(axis=-1) ** 2 / (design.unsampled * m.xx).sum(axis=-1)
        certain = np.isclose(spread, 0, atol=1e-15 * span**2)
        var = np.where(certain & ~np.isnan(var), 0.0, var)
        effective = np.where(certain, kish, spread / var)
        deff = np.where(certain, base / effective, (base - 1) / effective)
    whose = n if people is None else people.reshape(n.shape)
    df = np.broadcast_to(design.df(whose), r.shape)
    return {
        "estimate": r,
        "se": np.sqrt(var),
        "n": base,
        "n_effective": effective,
        "deff": deff,
        "df": df.astype(float),
    }
