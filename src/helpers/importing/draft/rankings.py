"""Columns that are a ranking: every respondent gave each of their answers once, or the first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.importing.files.sheets import Column

_FEWEST = 3  # columns, and places
_ORDERS = 3  # different ones, so that they are not an accident


def are_places(columns: Sequence[Column]) -> bool:
    """Return whether columns hold a ranking: as many answers as columns, each given once.

    Of numbers there may be fewer (the first three of eight): whoever has a third has a second and a
    first. Fewer than half may have left some out.
    """
    values = {value for column in columns for value in column.values if value}
    numbered = all(value.isdecimal() for value in values)
    ordered = sorted(values, key=int) if numbered else sorted(values)
    counted = numbered and ordered == [str(n) for n in range(1, len(ordered) + 1)]
    if not _FEWEST <= len(values) <= len(columns) or (len(values) < len(columns) and not counted):
        return False
    where = {value: at for at, value in enumerate(ordered)}
    held = np.array([
        np.array([where.get(value, -1) for value in column.values] or [-1])[column.codes]
        for column in columns
    ])  # fmt: skip
    filled = np.sort(held[:, (held >= 0).any(axis=0)], axis=0)[::-1]
    given = (filled >= 0).sum(axis=0)
    once = ((filled[:-1] > filled[1:]) | (filled[1:] < 0)).all(axis=0)
    first = filled.max(axis=0) < given if counted else once
    orders = np.unique(held, axis=1)
    whole = 2 * int((given == len(values)).sum()) > len(given)
    return orders.shape[1] >= _ORDERS and whole and bool((once & first).all())
