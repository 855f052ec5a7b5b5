"""Variables of which each holds one of several answers: the first, the second, and so on.

SPSS, Stata and R have no cell that joins answers. *Which papers do you read?* has a variable for
each paper that one person named at most, all with the same labels, filled from the first on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from helpers.importing.files.sheets import BoxSet, Column, Sheet

_FEWEST = 3  # labels: two would be a yes and a no
_LATE = 0.02  # share of those who named something that may have left out an earlier variable
_ORDINAL = re.compile(
    r"[\s,;:(–—-]*\b(\d{1,2}(st|nd|rd|th|er|re|e|è?me|º|ª|°)?"
    r"|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b[.)]?"
    r"(\s+(mention|answer|response|choice)\)?)?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[_.]?\d{1,3}$")


def as_boxes(sheet: Sheet) -> Sheet:
    """Return a sheet with a box for each answer, instead of a variable for each mention.

    The variables follow one another, with the same title but for a number, and the same labels.
    Nobody is in the later ones who is not in the earlier, nor has one answer twice.
    """
    if not sheet.has_variables:
        return sheet
    instead: dict[int, list[Column]] = {}
    gone: set[int] = set()
    sets, told = [*sheet.sets], []
    taken = {c.name for c in sheet.columns} | {boxes.name for boxes in sets}
    for places in _groups(sheet):
        members = [sheet.columns[at] for at in places]
        name = _name(members, taken)
        taken.add(name)
        title = members[0].title
        if len({c.title for c in members}) > 1:
            title = " ".join(_ORDINAL.sub("", title).split()) or title
        instead[places[0]] = boxes = boxes_of(name, members)
        gone |= {*places}
        sets.append(BoxSet(name, title, tuple(c.name for c in boxes), "1"))
        told.append(f"{members[0].name} to {members[-1].name}")
    if not told:
        return sheet
    columns: list[Column] = []
    for at, column in enumerate(sheet.columns):
        columns += instead.get(at, [] if at in gone else [column])
    listed = ", ".join(told)
    remark = (
        f"{listed} hold the first, second, … answer of each respondent: each is one "
        "question with several answers"
    )
    return replace(
        sheet, top=(tuple(c.name for c in columns),), columns=tuple(columns), sets=tuple(sets)
    ).remarked(remark)


def boxes_of(name: str, members: Sequence[Column]) -> list[Column]:
    """One column per category, from columns that each hold one of the answers given."""
    labels = {v: label for c in members for v, label in c.labels.items()}
    missing = {v for c in members for v in c.missing}
    given = {v for c in members for v, n in zip(c.values, c.counts, strict=True) if v and n}
    answers = [v for v in dict.fromkeys([*labels, *sorted(given)]) if v not in missing]
    ticks = {
        answer: np.any(
            [np.array([v == answer for v in c.values])[c.codes] for c in members], axis=0
        )
        for answer in answers
    }
    anything = np.any(list(ticks.values()), axis=0)
    boxes = []
    for answer, ticked in ticks.items():
        codes = np.where(ticked, 2, np.where(anything, 1, 0)).astype(np.uint8)
        place = ", ".join(c.place for c in members)
        column = Column(
            place, ("", "0", "1"), codes, f"{name}_{answer}", labels.get(answer, answer)
        )
        boxes.append(column)
    return boxes


def are_rows(members: Sequence[Column]) -> bool:
    """Return whether variables of a set are the rows of a grid, which some programs declare so.

    Each has a title of its own, and people give several rows the same answer, or they give places.
    """
    titles = {_ORDINAL.sub("", column.title) for column in members}
    if len(titles) < len(members):
        return False
    labels = {label for column in members for label in column.labels.values()}
    if sum(map(str.isdigit, labels)) >= len(members):
        return True
    cells = np.array([np.array(c.values or ("",), dtype=object)[c.codes] for c in members])
    several = twice = 0
    for row in cells.T:
        given = [cell for cell in row if cell]
        several += len(given) > 1
        twice += len({*given}) < len(given)
    return twice > _LATE * several


def _groups(sheet: Sheet) -> Iterator[list[int]]:
    """Places of neighbouring variables that hold the mentions of one question."""
    declared = {name for boxes in sheet.sets for name in boxes.columns}
    at = 0
    while at < len(sheet.columns):
        first, until = sheet.columns[at], at + 1
        while until < len(sheet.columns) and _alike(first, sheet.columns[until]):
            until += 1
        places = [*range(at, until)]
        members = [sheet.columns[n] for n in places]
        if len(places) > 1 and first.name not in declared and _are_mentions(members):
            yield places
        at = until


def _alike(one: Column, other: Column) -> bool:
    """Return whether two variables ask the same, and offer the same answers."""
    named = len(one.labels) >= _FEWEST and one.title not in ("", one.name)
    if not named or one.labels != other.labels:
        return False
    return one.title == other.title or _ORDINAL.sub("", one.title) == _ORDINAL.sub("", other.title)


def _are_mentions(members: Sequence[Column]) -> bool:
    """Return whether variables are filled from the first on, with different answers."""
    filled = [column.answered for column in members]
    many = [int(here.sum()) for here in filled]
    late = sum(
        int((after & ~before).sum()) for before, after in zip(filled, filled[1:], strict=False)
    )
    if not 0 < many[1] < many[0] or late > _LATE * many[0]:
        return False
    if sum(sum(c.labels.get(v) is None for v in c.values if v) for c in members):
        return False
    cells = np.array([np.array(c.values or ("",), dtype=object)[c.codes] for c in members])
    return not any(
        (filled[n] & (cells[n] == cells[m])).any() for n in range(len(members)) for m in range(n)
    )


def _name(members: Sequence[Column], taken: set[str]) -> str:
    """Name the question: what the names of its variables share but for their number."""
    own = {c.name for c in members}
    bases = {_NUMBER.sub("", name) for name in own}
    start = bases.pop() if len(bases) == 1 else members[0].name
    others = taken - own
    free = start and not any(n == start or n.startswith(f"{start}_") for n in others)
    return start if free else members[0].name
