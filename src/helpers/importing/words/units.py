"""Numbers with a unit behind them, or a currency: *34 years*, *18 mois*, *£34,000*, *12 km*.

The unit may be any short word in any language, as long as all cells of a column have the same, or
words that are known to be the same (*year*, *yrs*, *years old*).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping

from helpers.importing.words.amounts import is_open, unit_of

_SIGNS = "€£$¥₹₩₽₺°"
_BEHIND = re.compile(
    rf"(?P<number>[+-]?\d[\d,.]*?|\d+)\s?(?P<unit>[^\W\d_][^\d,;:()\[\]/–—+<>-]{{0,15}}|[{_SIGNS}])"
)
_BEFORE = re.compile(rf"(?P<unit>[{_SIGNS}]|Rs\.?|USD|EUR|GBP|CHF|INR)\s?(?P<number>\d[\d,.]*)")
_OLD = re.compile(r"[ .]*(old|of age|alt|de edad|d'âge)$|(?<=y)[ /.]?o\.?$", re.IGNORECASE)
# What stands behind numbers and is no unit: places in an order, thousands, times of the day.
_NONE_WORDS = (
    "st nd rd th k m mn mio mln million millions thousand tsd bn billion lakh crore mil mille x "
    "a b c d e f am pm or and to bis und oder"
)
_NONE = frozenset(_NONE_WORDS.split())
_PERIOD = re.compile(r"[\d.e+]+ times a year")
_MOST = 0.9  # of cells have a unit or are numbers without one, at least
_SEVERAL = 3  # different cells with a unit
_SOME = 60  # cells that show whether it is worth to look at all


def units_in(answers: Mapping[str, int]) -> dict[str, tuple[str, str]]:
    """Find the number and the unit of cells, if nearly all have the same unit or none.

    Of years and months, all become the one that most cells have, and have no unit then. What says
    *or more*, *under* and the like is a band, and no number.
    """
    some = list(answers)[:_SOME]
    if 2 * sum(any(map(str.isdigit, cell)) for cell in some) < len(some):
        return {}
    found: dict[str, tuple[str, str]] = {}
    for cell in answers:
        match = _BEHIND.fullmatch(cell) or _BEFORE.fullmatch(cell)
        if match is not None and not is_open(cell):
            found[cell] = match["number"].rstrip(",."), match["unit"].strip()
    often = Counter[str]()
    for cell, (_, unit) in found.items():
        often[_plainly(unit)] += answers[cell]
    bare = sum(n for cell, n in answers.items() if re.fullmatch(r"[\d.,]+", cell))
    if len(often) > 1 and all(map(_PERIOD.fullmatch, often)) and not bare:
        found = _converted(found, often.most_common(1)[0][0])
    elif len(often) != 1:
        return {}
    if len(found) < _SEVERAL or {*often} & _NONE:
        return {}
    known = bare + sum(answers[cell] for cell in found)
    return found if known >= _MOST * sum(answers.values()) else {}


def _converted(found: Mapping[str, tuple[str, str]], to: str) -> dict[str, tuple[str, str]]:
    """Turn periods of several units into numbers of one; those with a comma are left out."""
    whole = float(to.split()[0])
    return {
        cell: (f"{float(number) * whole / float(_plainly(unit).split()[0]):.4g}", "")
        for cell, (number, unit) in found.items()
        if re.fullmatch(r"\d+(\.\d+)?", number)
    }


def _plainly(unit: str) -> str:
    """Return a unit so that those which mean the same are equal."""
    text = _OLD.sub("", unit.casefold()).strip(" .")
    period = unit_of(text) if text else None
    if period is not None:
        return f"{period:g} times a year"
    if text in ("y", ""):
        return "1 times a year"
    return text[:-1] if len(text) > 3 and text.endswith(("s", "e", "n")) else text


def without_unit(cell: str, units: Collection[str]) -> str:
    """Return the number in a cell, without any of some units."""
    for unit in sorted(units, key=len, reverse=True):
        if cell.endswith(unit) and len(cell) > len(unit):
            return cell.removesuffix(unit).rstrip()
        if cell.startswith(unit) and len(cell) > len(unit):
            return cell.removeprefix(unit).lstrip()
    return cell
