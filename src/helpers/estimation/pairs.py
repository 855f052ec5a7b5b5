"""Pairs of groups: differences of shares with their intervals and tests."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from helpers.estimation.association import (
    FISHER,
    NO_TEST,
    RAO_SCOTT,
    T,
    detectable,
    fisher,
    newcombe,
    rao_scott,
    t_test,
    two_by_two,
)
from helpers.estimation.domains import Domains, TestStatus
from helpers.estimation.estimates import Status
from helpers.estimation.intervals import Floats, normal
from helpers.estimation.request import Columns
from helpers.estimation.variance import FULL, variance

VALUES = ("estimate", "se", "ci_low", "ci_high", "share", "share_other", "n", "n_other")
TESTS = ("test", "statistic", "df", "p", "detectable", "status")


def compared(data: Domains, power: float, alpha: float) -> Columns:
    """Compare every pair of groups: arrays of (cell, part, pair) by column of the result."""
    at = list(combinations(range(data.base.shape[1]), 2))
    one, two = [a for a, _ in at], [b for _, b in at]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = data.part[1].sum(axis=-1) / data.base[1].sum(axis=-1)[..., None]
    n = np.broadcast_to(data.base[0].sum(axis=-1)[..., None], share.shape)
    p1, p2, n1, n2 = (x.transpose(1, 2, 0) for x in (share[one], share[two], n[one], n[two]))
    values = dict(estimate=p1 - p2, share=p1, share_other=p2, n=n1, n_other=n2)
    if data.designed:
        found = _designed(data, share, one, two)
    else:
        count = np.rint(share * n)
        x1, x2 = count[one].transpose(1, 2, 0), count[two].transpose(1, 2, 0)
        found = _classical(p1, x1, n1, p2, x2, n2, normal(data.design.level))
    values |= found
    values["detectable"] = detectable(
        values.pop("effective_other"), values.pop("effective"), p2, power, alpha
    )
    empty = np.isnan(values["estimate"])
    small = (values["status"] == Status.OK) & np.isnan(values["detectable"])
    values["status"] = np.where(small, TestStatus.UNSHOWABLE, values["status"])
    values["status"] = np.where(empty, Status.NO_ANSWERS, values["status"])
    for name in ("detectable", "statistic", "df", "p", "ci_low", "ci_high", "se"):
        values[name] = np.where(empty, np.nan, values[name])
    values["test"] = np.where(empty, NO_TEST, values["test"])
    return values


def _classical(
    p1: Floats, x1: Floats, n1: Floats, p2: Floats, x2: Floats, n2: Floats, z: float
) -> Columns:
    shape = p1.shape
    flat = [np.where(np.isnan(v), 0, v).reshape(-1) for v in (x1, n1, x2, n2)]
    test, statistic, p = (v.reshape(shape) for v in two_by_two(*flat))
    low, high = newcombe(p1, n1, p2, n2, z)
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    values = dict(se=se, ci_low=low, ci_high=high, test=test, statistic=statistic, p=p)
    values |= dict(df=np.where(test == NO_TEST, np.nan, 1.0), effective=n1, effective_other=n2)
    return {**values, "status": np.full(shape, Status.OK.value, dtype=object)}


def _designed(data: Domains, share: Floats, one: list[int], two: list[int]) -> Columns:
    """Linearised differences; the two domains' totals may covary within a stratum."""
    total = data.base[1].sum(axis=-1)[..., None, None]
    p = share[..., None]
    unsampled = data.design.unsampled
    with np.errstate(divide="ignore", invalid="ignore"):
        linear = (data.part[1] - p * data.base[1][:, :, None]) / total
        squares = (data.part[2] * (1 - 2 * p) + p**2 * data.base[2][:, :, None]) / total**2
        own = variance(squares, linear, data.design)
        spread = share * (1 - share)
        kish = data.base[1].sum(axis=-1) ** 2 / (unsampled * data.base[2]).sum(axis=-1)
        certain = np.isclose(spread, 0, atol=1e-15)
        effective = np.where(certain | (own == 0), kish[..., None], spread / own)
        gap = variance(squares[one] + squares[two], linear[one] - linear[two], data.design)
    here = (data.base[0][one] + data.base[0][two]).transpose(1, 0, 2)  # cell, pair, stratum
    nu = here.sum(axis=-1) - (here > 0).sum(axis=-1)
    df = np.broadcast_to(nu[:, None] - 1, gap.transpose(1, 2, 0).shape)
    turned: Any = (
        x.transpose(1, 2, 0)
        for x in (
            *(share[one], share[two], effective[one], effective[two]),
            *(certain[one], certain[two], np.sqrt(gap)),
        )
    )
    p1, p2, e1, e2, c1, c2, se = turned
    t, chance, low, high = t_test(p1 - p2, se, np.maximum(df, 1), data.design.level)
    census = bool((unsampled < FULL).all())
    status = np.select(
        [se <= 1e-12, df < 1], [TestStatus.SAME_STRATA, TestStatus.TOO_FEW], Status.OK
    )
    status = np.full(status.shape, TestStatus.CENSUS) if census else status
    off, few = status != Status.OK, status == TestStatus.TOO_FEW
    values = dict(se=se, df=df.astype(float), effective=e1, effective_other=e2)
    values |= {k: np.where(off, np.nan, v) for k, v in dict(statistic=t, p=chance).items()}
    values |= {k: np.where(few, np.nan, v) for k, v in dict(ci_low=low, ci_high=high).items()}
    values |= dict(test=np.where(off, NO_TEST, T).astype(object), status=status.astype(object))
    if census:
        return values
    _at_the_ends(data, values, (one, two), (p1, p2), (c1, c2), nu)
    return values


def _at_the_ends(
    data: Domains,
    values: Columns,
    pairs: tuple[list[int], list[int]],
    shares: tuple[Floats, Floats],
    certain: tuple[Any, Any],
    nu: Floats,
) -> None:
    """Put tests and intervals that hold for shares of 0 and 1 in the place of linearised ones."""
    either = certain[0] | certain[1]
    z = normal(data.design.level)
    low, high = newcombe(shares[0], values["effective"], shares[1], values["effective_other"], z)
    values["ci_low"] = np.where(either, low, values["ci_low"])
    values["ci_high"] = np.where(either, high, values["ci_high"])
    for cell, part, pair in np.argwhere(either & ~np.isnan(shares[0] - shares[1])):
        at = (cell, part, pair)
        who = [pairs[0][pair], pairs[1][pair]]
        if certain[0][at] and certain[1][at]:
            n = data.base[0][who, cell].sum(axis=-1)
            x = np.array([shares[0][at], shares[1][at]]) * n
            p = fisher(*(v[k : k + 1] for k in (0, 1) for v in (np.rint(x), n)))[0]
            new = (FISHER, np.nan, 1.0, p, TestStatus.CERTAIN.value)
        else:
            yes, base = data.part[:, who, cell, part], data.base[:, who, cell]
            table = np.stack([yes, base - yes], axis=2)  # sums, group, answer, stratum
            found = rao_scott(table[1], table[2], data.design, table[0].sum(), nu[cell, pair])
            known = not np.isnan(found.p)
            status = Status.OK if known else TestStatus.UNDEFINED
            test = RAO_SCOTT if known else NO_TEST
            new = (test, found.f, found.df2, found.p, status.value)
        for name, value in zip(("test", "statistic", "df", "p", "status"), new, strict=True):
            values[name][at] = value
