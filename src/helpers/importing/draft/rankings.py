"""Columns that are a ranking: every respondent gave each of their answers once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.importing.files.sheets import Column

_FEWEST = 3  # columns
_ORDERS = 3  # different ones, so that they are no accident


def are_places(columns: Sequence[Column]) -> bool:
    """Return whether columns hold a ranking: as many answers as columns, each given once."""
    values = sorted({value for column in columns for value in column.values if value})
    if len(values) != len(columns) or len(columns) < _FEWEST:
        return False
    where = {value: at for at, value in enumerate(values)}
    held = np.array([
        np.array([where.get(value, -1) for value in column.values] or [-1])[column.codes]
        for column in columns
    ])  # fmt: skip
    filled = held[:, (held >= 0).any(axis=0)]
    orders = np.unique(filled, axis=1)
    whole = np.sort(filled, axis=0) == np.arange(len(values))[:, None]
    return orders.shape[1] >= _ORDERS and bool(whole.all())
