"""LimeSurvey: one row, of codes such as ``G1Q1[SQ001]`` or of questions with items in brackets."""

from __future__ import annotations

import re

from helpers.importing.files.sheets import Sheet
from helpers.importing.layouts.heads import (
    BRACKETS,
    NAME,
    OPEN,
    SUBMITTED,
    Head,
    Layout,
    plainly,
    role_of,
)

_PROGRESS = frozenset(("lastpage", "startlanguage", "seed", "letzteseite", "startsprache"))
_CODED = re.compile(
    r"^(?P<code>[A-Za-z]\w*)(?P<item>(\[\w+\])*)\.(?:\s+|_\.)(?P<text>\S.*)$", re.DOTALL
)
_TIME = re.compile(
    r"groupTime\d+|\w+Time|(group|question) time: .+|(gruppen|fragen)zeit: .+", re.IGNORECASE
)


def _recognises(sheet: Sheet) -> bool:
    """Return whether the header has the columns that LimeSurvey adds, in English or German."""
    cells = sheet.top[0] if sheet.top else ()
    coded = [match for match in map(_CODED.match, cells) if match]
    names = {plainly(cell) for cell in (*cells, *(match["code"] for match in coded))}
    items = sum(bool(match["item"]) for match in coded)
    return bool(SUBMITTED & names and _PROGRESS & names) or items > 1


def _heads(sheet: Sheet) -> list[Head]:
    found = []
    for cell in sheet.top[0]:
        match = BRACKETS.match(cell)
        base, item = (match["base"], match["item"]) if match else (cell, "")
        if match and match["more"] is not None:
            item = f"{item} [{match['more']}]"
        coded = _CODED.match(base)
        name = coded["code"] if coded else base if NAME.match(base) else ""
        text = coded["text"] if coded else base
        if coded and coded["item"] and not item:
            item = coded["item"].strip("[]")
        role = "question" if match or item else role_of(coded["code"] if coded else cell)
        role = "meta" if _TIME.fullmatch(cell) else role
        found.append(Head(cell, name, text, item, role, bool(item and OPEN.search(item))))
    return found


LIMESURVEY = Layout("limesurvey", _recognises, _heads)
