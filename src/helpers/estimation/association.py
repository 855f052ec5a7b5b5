"""Two shares, or a table of counts, against each other: intervals, tests, power."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from helpers.errors import InsightsError
from helpers.estimation.intervals import Z95, Floats, wilson
from helpers.estimation.variance import Design, covariance, products_of, variance_of

Words: TypeAlias = npt.NDArray[np.str_]
Ints: TypeAlias = npt.NDArray[np.int64]
FISHER, CHI_SQUARE, T, RAO_SCOTT, NO_TEST = "fisher", "chi-square", "t", "rao-scott", ""
SMALL = 5.0
STEPS = 60
WIDE = 500  # values of a cell up to which Fisher's test takes many tables at once,
AT_ONCE = 4000  # and so many
TIE = 1e-7  # chances that differ by less, as a part, are equal, as in R


@dataclass(frozen=True)
class Association:
    """Pearson's statistic of a table with its Rao-Scott corrections, as R's `svychisq` has them.

    Attributes
    ----------
    chi2 : Pearson's statistic of the weighted shares, on the number of respondents
    mean_deff : mean of the generalised design effects
    df : (rows - 1)(columns - 1)
    first_order, p_first_order : chi2 / mean_deff against chi-square on `df` ("Chisq")
    f, df1, df2, p : the second-order correction against F ("F")
    """

    chi2: float
    mean_deff: float
    df: float
    first_order: float
    p_first_order: float
    f: float
    df1: float
    df2: float
    p: float


def newcombe(
    p1: Floats | float,
    n1: Floats | float,
    p2: Floats | float,
    n2: Floats | float,
    z: Floats | float = Z95,
) -> tuple[Floats, Floats]:
    """Interval for p1 - p2, two independent shares on bases n1 and n2.

    Notes
    -----
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890, method 10: the square-and-add
    hybrid of the two Wilson score intervals, without continuity correction.
    """
    p1, n1, p2, n2 = (np.asarray(v, dtype=float) for v in (p1, n1, p2, n2))
    low1, high1 = wilson(p1, n1, z)
    low2, high2 = wilson(p2, n2, z)
    low = p1 - p2 - np.hypot(p1 - low1, high2 - p2)
    high = p1 - p2 + np.hypot(high1 - p1, p2 - low2)
    return low, high


def two_by_two(x1: Floats, n1: Floats, x2: Floats, n2: Floats) -> tuple[Words, Floats, Floats]:
    """Test two independent shares x1 / n1 and x2 / n2 for each element of the arrays.

    Returns
    -------
    The test: Fisher's exact where an expected count is below 5, else chi-square without
    continuity correction; the chi-square statistic (0 where all gave the same answer); p.
    """
    from scipy.special import chdtrc

    yes, total = x1 + x2, n1 + n2
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.minimum(yes, total - yes) * np.minimum(n1, n2) / total
        gap = x1 * n2 - x2 * n1
        statistic = total * gap**2 / (yes * (total - yes) * n1 * n2)
    statistic = np.where(gap == 0, 0.0, statistic)
    small = expected < SMALL
    p = chdtrc(1.0, statistic)
    p[small] = fisher(x1[small], n1[small], x2[small], n2[small])
    known = (n1 > 0) & (n2 > 0)
    test = np.select([~known, small], [NO_TEST, FISHER], CHI_SQUARE)
    return test, np.where(known, statistic, np.nan), np.where(known, p, np.nan)


def fisher(x1: Floats, n1: Floats, x2: Floats, n2: Floats) -> Floats:
    """Two-sided p of Fisher's exact test: the tables no likelier than the one found."""
    from scipy.stats import fisher_exact

    if not len(x1):
        return np.empty(0)
    a, n, b, m = np.stack([x1, n1, x2, n2]).astype(int)
    rare = 2 * (a + b) > n + m  # of either answer, and of either group, p is the same
    a, b = np.where(rare, n - a, a), np.where(rare, m - b, b)
    swap = n > m
    a, n, b, m = (*np.where(swap, (b, m), (a, n)), *np.where(swap, (a, n), (b, m)))
    tables, back = np.unique(np.stack([a, n, b, m], axis=1), axis=0, return_inverse=True)
    most = np.minimum(tables[:, 0] + tables[:, 2], tables[:, 1])
    found = np.empty(len(tables))
    for at in np.flatnonzero(most > WIDE):
        i, j, k, v = tables[at].tolist()
        found[at] = fisher_exact([[i, j - i], [k, v - k]]).pvalue
    order = np.argsort(most, kind="stable")
    for some in np.array_split(order[most[order] <= WIDE], -(-len(order) // AT_ONCE)):
        found[some] = _rarer(*tables[some].T)
    return found[back.reshape(-1)]


def _rarer(a: Ints, n: Ints, b: Ints, m: Ints) -> Floats:
    """Add up the chances of tables no likelier than a of n beside b of m, all tables at once."""
    from scipy.special import gammaln

    if not len(a):
        return np.empty(0)
    yes, n, m = (of[:, None].astype(float) for of in (a + b, n, m))
    k = np.arange(int(np.minimum(yes, n).max()) + 1)
    there = (k <= yes) & (k <= n) & (yes - k <= m)
    parts = (k, yes - k, n - k, m - yes + k)
    log = -sum(gammaln(np.where(there, part, 0.0) + 1) for part in parts)
    log = np.where(there, log, -np.inf)
    chance = np.exp(log - log.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    likelier = chance > np.take_along_axis(chance, a[:, None], axis=1) * (1 + TIE)
    rarer: Floats = np.where(likelier, 0.0, chance).sum(axis=1)
    return np.where(likelier.any(axis=1), rarer, 1.0)


def t_test(
    difference: Floats, se: Floats, df: Floats, level: float = 0.95
) -> tuple[Floats, Floats, Floats, Floats]:
    """Student's t of a difference, its two-sided p, and the ends of its interval."""
    from scipy.special import stdtr, stdtrit

    with np.errstate(divide="ignore", invalid="ignore"):
        t = difference / se
    half = stdtrit(df, (1 + level) / 2) * se
    return t, 2 * stdtr(df, -np.abs(t)), difference - half, difference + half


def adjusted(p: Floats) -> Floats:
    """p-values after Benjamini and Hochberg (1995); those missing stay so and do not count.

    Notes
    -----
    Journal of the Royal Statistical Society B 57, 289-300; as R's ``p.adjust(p, "BH")``.
    """
    from scipy.stats import false_discovery_control

    result = np.full(len(p), np.nan)
    known = ~np.isnan(p)
    if known.any():
        result[known] = false_discovery_control(p[known], method="bh")
    return result


def detectable(
    n1: Floats | float,
    n2: Floats | float,
    p1: Floats | float,
    power: float = 0.8,
    alpha: float = 0.05,
    *,
    upwards: bool = False,
) -> Floats:
    """Smallest difference from p1 that a two-sided test would show.

    Parameters
    ----------
    upwards
        Look above p1 only; else towards one half, where differences are harder to show.

    Returns
    -------
    The difference d > 0, missing where no share in [0, 1] is far enough from p1.

    Notes
    -----
    d solves ``d = z(1 - alpha/2) sqrt(q (1 - q) (1/n1 + 1/n2)) + z(power) sqrt(p1 (1 - p1) / n1
    + p2 (1 - p2) / n2)``, where p2 = p1 + d (p1 - d for p1 above one half) and q is the shares'
    mean weighted by the bases: Fleiss, Levin and Paik (2003), Statistical Methods for Rates and
    Proportions, ch. 4; with equal bases R's ``power.prop.test``. The right side is concave in d,
    so that there is one root.
    """
    za, zb = NormalDist().inv_cdf(1 - alpha / 2), NormalDist().inv_cdf(power)
    given = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (n1, n2, p1)))
    n, m, p = given
    p = p if upwards else np.minimum(p, 1 - p)

    def excess(d: Floats) -> Floats:
        q = (n * p + m * (p + d)) / (n + m)
        pooled = np.sqrt(np.maximum(q * (1 - q), 0) * (1 / n + 1 / m))
        own = np.sqrt(p * (1 - p) / n + np.maximum((p + d) * (1 - p - d), 0) / m)
        return d - za * pooled - zb * own

    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.zeros(p.shape), 1 - p
        reached = (excess(high) >= 0) & (high > 0)
        for _ in range(STEPS):
            middle = (low + high) / 2
            above = excess(middle) >= 0
            low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.where(reached, high, np.nan)


def check_numbers(**given: object) -> None:
    """Raise `InsightsError` for the first that is not a number, by its name."""
    for name, value in given.items():
        if not isinstance(value, (int, float, np.number)):
            raise InsightsError(f"{name} is {value!r}: give a number.")


def check_chances(alpha: float, power: float) -> None:
    """Raise `InsightsError` unless 0 < alpha < 1 and alpha < power < 1."""
    check_numbers(alpha=alpha, power=power)
    if not 0 < alpha < 1:
        raise InsightsError(
            f"alpha is {alpha:g}; it must be between 0 and 1: 0.05 is one false alarm in twenty."
        )
    if not alpha < power < 1:
        raise InsightsError(
            f"power is {power:g}; it must be between alpha ({alpha:g}) and 1: 0.8 is four in five."
        )


def chi_square(counts: Floats) -> tuple[float, float, float, float]:
    """Pearson's chi-square without correction: statistic, df, p and smallest expected count.

    Parameters
    ----------
    counts
        Respondents, (rows, columns), without an empty row or column.
    """
    from scipy.special import chdtrc

    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    statistic = float(((counts - expected) ** 2 / expected).sum())
    df = float((counts.shape[0] - 1) * (counts.shape[1] - 1))
    return statistic, df, float(chdtrc(df, statistic)), float(expected.min())


def rao_scott(
    w: Floats, w2: Floats, design: Design, n: float, nu: float, products: Floats | None = None
) -> Association:
    """Test independence in a weighted table.

    Parameters
    ----------
    w, w2
        Sums of weights and of squared weights, (rows, columns, strata), without an empty row
        or column.
    design
        Strata of the whole sample, of which the table may hold a part.
    n
        Respondents in the table, on which Pearson's statistic is scaled.
    nu
        Degrees of freedom of the design: respondents less strata.
    products
        Where people gave several answers, products of the weights that each person gave two of
        them with: (rows, columns, rows, columns, strata).

    Returns
    -------
    The statistics; all but chi2 missing (nan) where empty cells, or no variance within strata,
    leave the design effects undefined.

    Notes
    -----
    Rao and Scott (1984), Annals of Statistics 12, 46-60, with the F reference of Thomas and Rao
    (1990), as in R's ``survey::svychisq``.
    """
    from scipy.special import chdtrc, fdtrc

    rows, columns, _ = w.shape
    df = (rows - 1) * (columns - 1)
    p = (w.sum(axis=2) / w.sum()).reshape(-1)
    shares = p.reshape(rows, columns)
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    chi2 = float(n * ((shares - expected) ** 2 / expected).sum())
    contrast = np.kron(_centred(rows), _centred(columns))
    inverse = np.divide(1.0, p, out=np.zeros_like(p), where=p > 0)
    scaled = contrast * inverse[:, None]
    own = contrast.T @ scaled / n
    if has_cycle(shares == 0):
        return Association(chi2, *[np.nan] * 8)
    cells = (w.reshape(rows * columns, -1), w2.reshape(rows * columns, -1))
    scores = scaled - p @ scaled
    if products is None:
        squares = products_of(scores, cells[1], design)
    else:
        of_people = products.reshape(rows * columns, rows * columns, -1)
        squares = np.stack([scores.T @ of @ scores for of in np.moveaxis(of_people, -1, 0)])
    together = covariance(scores.T @ design.reduced(cells[0]), squares, design)
    delta = np.linalg.solve(own, together / w.sum() ** 2)
    trace = float(np.trace(delta))
    if trace <= 1e-12 * df or nu < 1:
        return Association(chi2, *[np.nan] * 8)
    df1 = trace**2 / float(np.trace(delta @ delta))
    mean, f, df2 = trace / df, chi2 / trace, df1 * nu
    first = chi2 / mean
    p_first, p_second = float(chdtrc(df, first)), float(fdtrc(df1, df2, f))
    return Association(chi2, mean, df, first, p_first, f, df1, df2, p_second)


def has_cycle(empty: npt.NDArray[np.bool_]) -> bool:
    """Whether a table's empty cells, as edges between its rows and columns, close a cycle.

    Only then is there a table of contrasts, whose rows and columns add up to 0, that is 0 in all
    other cells, so that the contrasts of these are not independent.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    rows, columns = np.nonzero(empty)
    nodes = sum(empty.shape)
    if len(rows) < 4 or len(rows) >= nodes:
        return len(rows) >= nodes
    edges = csr_array((np.ones(len(rows)), (rows, empty.shape[0] + columns)), shape=(nodes, nodes))
    return len(rows) > nodes - int(connected_components(edges, directed=False)[0])


def rao_scott_of_two(
    w: Floats,
    w2: Floats,
    design: Design,
    n: Floats,
    nu: Floats,
    products: Floats | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Test independence in many weighted tables of two rows and two columns, as `rao_scott` does.

    Parameters
    ----------
    w, w2
        Sums of weights, as `Design.reduced` gives them, and of squared weights, (table, rows,
        columns, strata).
    n, nu
        Respondents and degrees of freedom of each table.
    products
        As in `rao_scott`: (table, 4, 4, strata), the cells of each table row by row.

    Returns
    -------
    F, its denominator's degrees of freedom, and p; missing where they are undefined.
    """
    from scipy.special import fdtrc

    w, w2 = (of.reshape(len(of), 4, -1) for of in (w, w2))
    whole = w[..., : w2.shape[-1]].sum(axis=2)
    total = whole.sum(axis=1)
    p = whole / total[:, None]
    shares = p.reshape(-1, 2, 2)
    expected = shares.sum(axis=2)[:, :, None] * shares.sum(axis=1)[:, None, :]
    contrast = np.array([0.25, -0.25, -0.25, 0.25])
    with np.errstate(divide="ignore", invalid="ignore"):
        chi2 = n * ((shares - expected) ** 2 / expected).sum(axis=(1, 2))
        scaled = np.where(p > 0, contrast / p, 0.0)
        scores = scaled - (p * scaled).sum(axis=1, keepdims=True)
        linear = np.einsum("tjh,tj->th", w, scores)
        if products is None:
            squares = np.einsum("tjh,tj->th", w2, scores**2)
        else:
            squares = np.einsum("tjkh,tj,tk->th", products, scores, scores)
        deff = variance_of(squares, linear, design) / total**2 * n / (contrast * scaled).sum(axis=1)
        f = chi2 / deff
    known = (deff > 1e-12) & (nu >= 1)
    f, p = np.where(known, f, np.nan), np.where(known, fdtrc(1.0, nu, f), np.nan)
    return f, np.where(known, nu, np.nan), p


def _centred(k: int) -> Floats:
    return np.eye(k)[:, 1:] - 1 / k
