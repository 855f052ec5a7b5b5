"""Tests and intervals of paired answers, from their joint table only."""

from __future__ import annotations

import numpy as np

from helpers.estimation.intervals import Z95, Floats, wilson
from helpers.estimation.request import Row

EXACT_BELOW = 25  # discordant pairs, or differences that are not zero


def newcombe_paired(
    kept: float, gained: float, lost: float, never: float, z: float = Z95
) -> tuple[float, float]:
    """Interval for the share last minus the share first, of the same respondents.

    Notes
    -----
    Newcombe (1998), Statistics in Medicine 17, 2635-2650, method 10: Wilson's score intervals of
    both shares, combined with their correlation, whose numerator is corrected for continuity.
    """
    n = kept + gained + lost + never
    shares = np.array([kept + gained, kept + lost]) / n
    low, high = wilson(shares, np.array([n, n]), z)
    below, above = shares - low, high - shares  # of the last time, of the first
    excess = kept * never - gained * lost
    if excess > 0:
        excess = max(excess - n / 2, 0.0)
    margins = (kept + gained) * (lost + never) * (kept + lost) * (gained + never)
    phi = excess / np.sqrt(margins) if margins > 0 else 0.0
    ends = []
    for mine, other in ((below[0], above[1]), (above[0], below[1])):
        ends.append(np.sqrt(max(mine**2 - 2 * phi * mine * other + other**2, 0.0)))
    difference = (gained - lost) / n
    return float(max(difference - ends[0], -1.0)), float(min(difference + ends[1], 1.0))


def mcnemar_test(gained: float, lost: float, correction: bool = True) -> Row:
    """McNemar's test: exact below 25 discordant pairs, else chi-square.

    `statistic` of the exact test is the smaller of both counts. As in R, and unlike statsmodels,
    equal counts are not corrected for continuity.
    """
    from statsmodels.stats.contingency_tables import mcnemar

    exact, corrected = gained + lost < EXACT_BELOW, correction and gained != lost
    found = mcnemar([[0, gained], [lost, 0]], exact=exact, correction=corrected)
    name = "exact" if exact else "chi-square, continuity corrected" if correction else "chi-square"
    result = {"test": f"McNemar, {name}", "statistic": float(found.statistic)}
    return {**result, "test_df": np.nan if exact else 1, "p": float(found.pvalue)}


def stuart_maxwell(square: Floats) -> Row:
    """Test for the same distribution both times: Stuart (1955) and Maxwell (1970).

    Options that nobody moved to or from, and groups of options without moves between them, leave
    the covariance matrix singular (statsmodels then fails): its pseudo-inverse and rank serve.
    """
    moves = square + square.T
    np.fill_diagonal(moves, 0)
    covariance = np.diag(moves.sum(axis=0)) - moves
    gap = square.sum(axis=0) - square.sum(axis=1)
    statistic = gap @ np.linalg.pinv(covariance, rcond=1e-12, hermitian=True) @ gap
    return _chi_square("Stuart-Maxwell", statistic, int(np.linalg.matrix_rank(covariance)))


def bowker(square: Floats) -> Row:
    """Test for as many moves each way: Bowker (1948), df = pairs of options with any move.

    Pairs without moves add nothing to the statistic and count for no df (Hoenig, Morgan and Brown
    1995, Canadian Journal of Fisheries and Aquatic Sciences 52, 364-368).
    """
    from statsmodels.stats.contingency_tables import SquareTable

    statistic = SquareTable(square, shift_zeros=False).symmetry().statistic
    return _chi_square("Bowker", statistic, int(np.triu(square + square.T > 0, 1).sum()))


def signed_rank(square: Floats, scores: Floats) -> Row:
    """Wilcoxon's signed rank test of last minus first; `statistic` is the sum of ranks up.

    Zero differences are left out and ties share their mean rank. Below 25 differences the exact
    distribution over all signs, given the ties; else the normal approximation with ties and
    continuity corrected, as R's `wilcox.test(paired = TRUE, exact = FALSE)`.
    """
    from scipy.special import ndtr

    difference = np.round(scores[None, :] - scores[:, None], 9)
    sizes = np.unique(np.abs(difference[(difference != 0) & (square > 0)]))
    ties = np.array([square[np.abs(difference) == size].sum() for size in sizes])
    ranks = np.cumsum(ties) - (ties - 1) / 2
    up = float(sum(square[difference == s].sum() * r for s, r in zip(sizes, ranks, strict=True)))
    n = int(ties.sum())
    result = {"statistic": up, "test_df": np.nan}
    if n < EXACT_BELOW:
        ways = np.zeros(n * (n + 1) + 1)  # of twice the sum of ranks
        ways[0] = 1
        for rank in np.repeat(np.rint(2 * ranks).astype(int), ties.astype(int)):
            ways[rank:] += ways[:-rank].copy()
        at = round(2 * up)
        p = min(1.0, 2 * min(ways[: at + 1].sum(), ways[at:].sum()) / 2.0**n)
        return {**result, "test": "Wilcoxon signed rank, exact given the ties", "p": float(p)}
    variance = n * (n + 1) * (2 * n + 1) / 24 - (ties**3 - ties).sum() / 48
    z = up - n * (n + 1) / 4
    z = (z - np.sign(z) / 2) / np.sqrt(variance)
    name = "Wilcoxon signed rank, normal, ties and continuity corrected"
    return {**result, "test": name, "p": float(2 * ndtr(-abs(z)))}


def cochran_statistic(patterns: Floats) -> Row:
    """Cochran's Q from a joint table of m two-option columns, shape (2,) * m."""
    m = patterns.ndim
    bits = np.indices(patterns.shape).reshape(m, -1)
    n = patterns.reshape(-1)
    columns, total, rows = bits @ n, (bits * n).sum(), bits.sum(axis=0)
    spread = m * total - (n * rows**2).sum()
    statistic = (m - 1) * (m * (columns**2).sum() - total**2) / spread
    return _chi_square("Cochran's Q", statistic, m - 1)


def _chi_square(name: str, statistic: float, df: int) -> Row:
    from scipy.special import chdtrc

    found = {"test": f"{name}, chi-square", "statistic": float(statistic), "test_df": df}
    return {**found, "p": float(chdtrc(df, statistic))}
