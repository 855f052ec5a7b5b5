"""SPSS: variables with a name and a label, some of them declared to belong together."""

from __future__ import annotations

import os.path
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import BRACKETS, DASHED, NUMBERED, Head, base_of, role_of

_COUNTED = re.compile(r"^(?P<base>[A-Za-z_]*[A-Za-z]{4}|[A-Za-z]{2,3})(?P<number>\d{1,2})$")
_OF_ALL = frozenset(("var", "qu", "qn", "que", "fr", "pr", "itm", "col", "sq"))  # questions alike
_SHORT = 3  # letters of a name that is one only if they are numbered from 1, without gaps
_NO_TITLES = ("NULL", "NA", "NaN")
_FEWEST = 3  # variables that are numbered alike
_MOST = 11  # codes that they hold


def variables(sheet: Sheet) -> list[Head]:
    """Read what a file without header rows declares of its variables."""
    own = {name: boxes for boxes in sheet.sets for name in boxes.columns}
    bases = Counter(base_of(c.name) for c in sheet.columns)
    together: dict[str, list[str]] = {}
    for column in sheet.columns:
        boxes = own.get(column.name)
        whose = boxes.name if boxes else base_of(column.name)
        together.setdefault(whose, []).append(_title(column) or column.name)
    stems = {whose: _stem(titles) for whose, titles in together.items()}
    batteries, rows = _batteries(sheet), _rows(sheet)
    found = []
    for column in sheet.columns:
        name, title = column.name, _title(column) or column.name
        boxes, numbered = own.get(name), NUMBERED.match(name)
        if boxes is not None:
            item = name.removeprefix(f"{boxes.name}_")
            label = title[len(stems[boxes.name]) :].strip()
            found.append(Head(name, boxes.name, boxes.title, item, label=label))
        elif numbered and bases[numbered["base"]] > 1:
            dashed, stem = DASHED.match(title), stems[numbered["base"]]
            text, label = (dashed["base"], dashed["item"]) if dashed else (numbered["base"], title)
            if stem and not dashed:
                text, label = stem.rstrip(" :-–—"), title[len(stem) :].strip()
            item = numbered["item"]
            found.append(Head(name, numbered["base"], text, item, label=label, open=item == "TEXT"))
        elif name in rows:
            text, item = rows[name]
            found.append(Head(name, "", text, item, label=item))
        elif name in batteries:
            base = batteries[name]
            found.append(Head(name, base, base, name.removeprefix(base), label=name))
        else:
            found.append(Head(name, name, title, role=role_of(name)))
    return found


def _title(column: Column) -> str:
    """Return the label of a variable, unless a program wrote that there is none: NULL."""
    return "" if column.title in _NO_TITLES else column.title


def _rows(sheet: Sheet) -> dict[str, tuple[str, str]]:
    """Find neighbours whose labels have a row in brackets behind one wording, with the same codes.

    Returns
    -------
    By the name of each, its question and its row.
    """
    read = [(column, BRACKETS.match(_title(column))) for column in sheet.columns]
    found: dict[str, tuple[str, str]] = {}
    for (one, left), (other, right) in pairwise(read):
        alike = bool(one.labels) and one.labels == other.labels
        if alike and left and right and left["base"] == right["base"]:
            for column, match in ((one, left), (other, right)):
                found[column.name] = match["base"], match["item"]
    return found


def _batteries(sheet: Sheet) -> dict[str, str]:
    """Find variables without labels that are numbered alike and hold the same codes: `pride1`.

    Returns
    -------
    By the name of each, what it is a part of.
    """
    named = {
        column.name: match["base"]
        for column in sheet.columns
        if _title(column) in ("", column.name) and (match := _COUNTED.match(column.name))
    }
    codes: dict[str, list[frozenset[str]]] = {}
    for column in sheet.columns:
        if column.name in named:
            given = frozenset(value.removesuffix(".0") for value in column.values if value)
            codes.setdefault(named[column.name], []).append(given)
    numbers: dict[str, list[int]] = {}
    for name, base in named.items():
        numbers.setdefault(base, []).append(int(name.removeprefix(base)))
    alike = {
        base
        for base, given in codes.items()
        if len(given) >= _FEWEST
        and (len(base) > _SHORT or _is_counted(base, numbers[base]))
        and 1 < len(frozenset().union(*given)) <= _MOST
        and 2 * max(map(given.count, given)) > len(given)
    }
    return {name: base for name, base in named.items() if base in alike}


def _is_counted(base: str, numbers: Sequence[int]) -> bool:
    """Return whether a short name is that of a battery: `pn1` to `pn20`."""
    counted = [*numbers] == [*range(1, len(numbers) + 1)]
    return counted and len(numbers) > _FEWEST and base.lower() not in _OF_ALL


def _stem(titles: Sequence[str]) -> str:
    """Return what the labels of one question begin with alike: a sentence, or words and a colon."""
    shared = os.path.commonprefix(titles) if len(titles) > 1 else ""
    ends = [found.end() for found in re.finditer(r"[?.:…]\s+|\s[-–—]\s", shared)]
    longest = shared[: ends[-1]] if ends else ""
    return longest if all(len(title) > len(longest) for title in titles) else ""
