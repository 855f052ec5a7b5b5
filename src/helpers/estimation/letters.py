"""Column letters: which groups lie significantly above which."""

from __future__ import annotations

from string import ascii_lowercase

import pandas as pd

PLACE = ["question", "item", "option", "time"]
LETTERS = [*PLACE, "group", "letter", "estimate", "n", "above"]


def letters(pairs: pd.DataFrame) -> pd.DataFrame:
    """Give every group a letter, and the letters of the groups that it is significantly above.

    Parameters
    ----------
    pairs
        Result of `compare.groups`.

    Returns
    -------
    DataFrame, one row per item, time, option and group, in the order of `pairs`: `question`,
    `item`, `option`, `time`, `group`, `letter` (a, b, ... z, aa, ...; the same group has the same
    letter throughout), `estimate` (the group's share, in [0, 1], missing where nobody answered),
    `n` (its base), `above` (letters with a blank between, empty for none).
    """
    names = list(dict.fromkeys([*pairs["group"], *pairs["other"]]))
    letter = {name: _letter(n) for n, name in enumerate(names)}
    found: dict[tuple[str, ...], tuple[float, int, set[str]]] = {}
    for row in pairs.to_dict("records"):
        place = tuple(str(row[part]) for part in PLACE)
        group, other = str(row["group"]), str(row["other"])
        one = found.setdefault((*place, group), (row["share"], row["n"], set()))
        two = found.setdefault((*place, other), (row["share_other"], row["n_other"], set()))
        if row["significant"]:
            higher, lower = (one, other) if row["estimate"] > 0 else (two, group)
            higher[2].add(lower)
    rows = [
        (*key, letter[key[-1]], share, n, " ".join(letter[x] for x in names if x in above))
        for key, (share, n, above) in found.items()
    ]
    table = pd.DataFrame(rows, columns=LETTERS)
    table.attrs = dict(pairs.attrs)
    return table


def _letter(n: int) -> str:
    first = _letter(n // 26 - 1) if n >= 26 else ""
    return first + ascii_lowercase[n % 26]
