"""One row, as nearly every tool can write it; several ways to say which part of a question.

KoBoToolbox adds columns whose names no other tool has.
"""

from __future__ import annotations

import re
from collections import Counter

from helpers.importing.files.sheets import Sheet
from helpers.importing.layouts.heads import (
    BLANK,
    BRACKETS,
    DASHED,
    NAME,
    NUMBERED,
    OPEN,
    Head,
    Layout,
    role_of,
)

_SLASHED = re.compile(r"^(?P<base>[A-Za-z]\w*(?:/\w+)*)/(?P<item>\w+)$")
_DOTTED = re.compile(r"^(?P<base>\S+ .*?[^\W\d_][?:.!…]?)\.(?P<item>[^\s.].*)$", re.DOTALL)
_KOBO = re.compile(
    r"_(uuid|submission_time|validation_status|notes|status|tags|index)|__version__"
    r"|_submitted_by|_parent_\w+|formhub/uuid|meta/instance(ID|Name)"
)


def _heads(sheet: Sheet) -> list[Head]:
    first = sheet.top[0] if sheet.top else ("",) * len(sheet.columns)
    first = tuple("" if BLANK.match(cell) else cell for cell in first)
    found = []
    shared = {
        rule: Counter(m["base"] for m in map(rule.match, first) if m)
        for rule in (BRACKETS, _SLASHED, NUMBERED, DASHED, _DOTTED)
    }
    for cell in first:
        name, text, item = (cell if NAME.match(cell) else ""), cell, ""
        for rule, often in shared.items():
            match = rule.match(cell)
            if match and often[match["base"]] > 1:
                text, item = match["base"], match["item"]
                name = text if NAME.match(text) and rule is not _SLASHED else ""
                break
        role = role_of(cell) if not item else "question"
        if _KOBO.fullmatch(cell) or cell in shared[_SLASHED]:
            role = "meta"  # of the tool, or the answers once more that the next columns hold
        found.append(Head(cell, name, text, item, role, bool(item and OPEN.search(item))))
    return found


PLAIN = Layout("plain", lambda sheet: True, _heads)
