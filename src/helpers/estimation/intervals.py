"""Confidence intervals for shares and for means on a bounded scale."""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Z95 = 1.959963984540054


def interval(
    name: str, p: Floats, effective: Floats, n: Floats, df: Floats, level: float
) -> tuple[Floats, Floats]:
    """Interval of a share by the name of its method.

    Parameters
    ----------
    name
        ``wilson``, ``logit`` or ``beta``.
    p, effective
        Shares in [0, 1] and their effective base p(1 - p) / Var(p), Kish's where p is 0 or 1;
        infinite where everybody of the population answered, and the interval is then p alone.
    n, df
        Respondents in the base and degrees of freedom (taken as 1 where lower).
    level
        Confidence level, such as 0.95.
    """
    known = np.isfinite(effective)
    low, high = KNOWN[name](
        p, np.where(known, effective, 1.0), np.maximum(n, 2.0), np.maximum(df, 1.0), level
    )
    exact = np.isinf(effective)
    low, high = np.where(known, low, np.nan), np.where(known, high, np.nan)
    return np.where(exact, p, low), np.where(exact, p, high)


def normal(level: float) -> float:
    """Two-sided quantile of the normal distribution."""
    return Z95 if level == 0.95 else NormalDist().inv_cdf((1 + level) / 2)


def student(level: float, df: Floats) -> Floats:
    """Two-sided quantile of Student's t; degrees of freedom below 1 are taken as 1."""
    from scipy.special import stdtrit

    return stdtrit(np.maximum(df, 1.0), (1 + level) / 2)


def wilson(p: Floats, n: Floats, z: Floats | float = Z95) -> tuple[Floats, Floats]:
    """Wilson's score interval for a share `p` on a base `n`.

    Notes
    -----
    Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209-212.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def logit(
    p: Floats, effective: Floats, n: Floats, df: Floats, level: float
) -> tuple[Floats, Floats]:
    """Student's interval on the log odds, carried back; `beta` where p is 0 or 1.

    Notes
    -----
    As `svyciprop(method = "logit")` of R's survey package, which has no interval at 0 and 1.
    """
    low, high = beta(p, effective, n, df, level)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        odds = np.log(p / (1 - p))
        half = student(level, df) / np.sqrt(effective * p * (1 - p))
        ends = 1 / (1 + np.exp(half - odds)), 1 / (1 + np.exp(-half - odds))
    inside = (p > 1e-15) & (p < 1 - 1e-15)
    return np.where(inside, ends[0], low), np.where(inside, ends[1], high)


def beta(
    p: Floats, effective: Floats, n: Floats, df: Floats, level: float
) -> tuple[Floats, Floats]:
    """Clopper-Pearson's interval on the effective base, corrected for degrees of freedom.

    Notes
    -----
    Korn and Graubard (1998), Survey Methodology 24, 193-201, as `svyciprop(method = "beta")`
    of R's survey package: the effective base times (t(n - 1) / t(df))².
    """
    from scipy.special import betaincinv

    base = effective * (student(level, n - 1) / student(level, df)) ** 2
    yes, no = base * p, base * (1 - p)
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(p > 1e-15, betaincinv(np.maximum(yes, 1e-300), no + 1, tail), 0.0)
        high = np.where(p < 1 - 1e-15, betaincinv(yes + 1, np.maximum(no, 1e-300), 1 - tail), 1.0)
    unknown = np.isnan(p)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def bounded(
    mean: Floats,
    se: Floats,
    effective: Floats,
    df: Floats,
    ends: tuple[float, float],
    level: float,
) -> tuple[Floats, Floats]:
    """Student's interval of a mean, cut at the ends of its scale.

    Where everybody gave the same answer it is Wilson's interval on the effective base, of the
    mean as a share of the way along the scale: no variable on that scale with that mean varies
    more than a share does (Bhatia and Davis 2000, American Mathematical Monthly 107, 353-357).
    """
    half = student(level, df) * se
    low, high = np.maximum(mean - half, ends[0]), np.minimum(mean + half, ends[1])
    span = ends[1] - ends[0]
    place = np.clip((mean - ends[0]) / span, 0.0, 1.0)
    wide = interval("wilson", place, effective, effective, df, level)
    same = se == 0
    return (
        np.where(same, ends[0] + span * wide[0], low),
        np.where(same, ends[0] + span * wide[1], high),
    )


def _wilson(
    p: Floats, effective: Floats, n: Floats, df: Floats, level: float
) -> tuple[Floats, Floats]:
    low, high = wilson(p, effective, normal(level))
    return np.where(p == 0, 0.0, low), np.where(p == 1, 1.0, high)  # not a rounding error away


KNOWN: dict[str, Callable[..., tuple[Floats, Floats]]] = {
    "wilson": _wilson,
    "logit": logit,
    "beta": beta,
}
