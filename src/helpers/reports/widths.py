"""Widths of a table's columns: no word is broken, and what is long has more room."""

from __future__ import annotations

from helpers.reports.outline import OutlineTable


def widths(table: OutlineTable, wide: int, letter: int, around: int, first: int = 0) -> list[int]:
    """Divide a width among columns.

    Parameters
    ----------
    wide, letter, around
        In one unit: the whole, a letter, and the margins of a cell.
    first
        Least width of the first column.
    """
    rows = (table.columns, *table.rows)
    least, wish = [], []
    for n in range(len(table.columns)):
        word = max(len(word) for row in rows for word in row[n].split() or [""])
        longest = max(len(row[n]) for row in table.rows or rows)
        least.append(letter * (word + 1) + around)
        wish.append(letter * max(0, longest - word))
    least[0] = max(least[0], first)
    left = wide - sum(least)
    if left < 0:
        return [wide * part // sum(least) for part in least]
    numbers = sum(wish[table.numbers :])
    if 0 < numbers < left:  # those first, so that a share and its range are on one line
        both = enumerate(zip(least, wish, strict=True))
        least = [part + more * (n >= table.numbers) for n, (part, more) in both]
        left -= numbers
        wish[table.numbers :] = [0] * len(wish[table.numbers :])
    whole = sum(wish)
    if not whole:
        wish, whole = [1] * len(wish), len(wish)
    return [part + left * more // whole for part, more in zip(least, wish, strict=True)]
