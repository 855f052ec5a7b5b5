"""SurveyMonkey: a second row with the answers and items of the questions in the first.

Other tools and spreadsheets write their two header rows alike.
"""

from __future__ import annotations

import re
from collections import Counter

from helpers.importing.files.sheets import Sheet
from helpers.importing.layouts.heads import BLANK, OPEN, Head, Layout, bare_name, listed, role_of
from helpers.importing.layouts.plain import PLAIN
from helpers.importing.layouts.second_row import LEVEL, RESPONSE, has_second_row

_COUNTED = re.compile(
    r"^(?P<base>[A-Za-z]+\d+)[ _.-]?(?P<item>\d+|[a-z])\s*[—–:.-]+\s*(?P<text>\S.*)$"
)

_ASKS = re.compile(r"\?\W*$|^(what|which|how|where|why|who|when)\b.*\?", re.IGNORECASE)


def _rows(sheet: Sheet, insisted: bool) -> int:
    return 2 if has_second_row(sheet) or (insisted and len(sheet.top) > 2) else 1


def _heads(sheet: Sheet) -> list[Head]:
    if len(sheet.top) < 2:
        return PLAIN.heads(sheet)
    found, text, name, start = [], "", "", ""
    counted = [_COUNTED.match(above) for above in sheet.top[0]]
    shared = Counter((m["base"], m["text"]) for m in counted if m)
    ended = asked = False
    for at, (above, below, match) in enumerate(zip(*sheet.top[:2], counted, strict=True)):
        if BLANK.match(above) and below and ended:
            text, name, start = _behind(sheet, at), "", ""  # whose wording is not there
            ended = False
        if not BLANK.match(above):
            text, name, start = above, "", above
            ended = below.lower() == "open-ended response"
            if match and shared[match["base"], match["text"]] > 1:
                text, name = match["text"], match["base"]
            asked = bool(_ASKS.search(below))
        elif not asked and _ASKS.search(below) and len({*sheet.columns[at].values} - {""}) > 1:
            text, name, start, below = below, "", below, ""  # a question below the wrong title
            above = text
        again = above and bare_name(below) == bare_name(above) or bool(LEVEL.match(below))
        own = "question" not in (role_of(above), role_of(below))
        below = "" if again or own else below
        role = "question" if below else role_of(above)
        item = "" if RESPONSE.fullmatch(below) else below
        key = f"{start} | {item}" if item and start else start or item
        beside, free = bool(item) and bool(OPEN.search(below)), "open-ended" in below.lower()
        found.append(Head(key, name, text, item, role, beside, free=free))
    return found


def _behind(sheet: Sheet, at: int) -> str:
    """Name a question without a wording by its items: those up to the next wording."""
    items = []
    for above, below in list(zip(*sheet.top[:2], strict=True))[at:]:
        if not BLANK.match(above):
            break
        items.append(below)
    return listed(items)


SURVEYMONKEY = Layout("surveymonkey", has_second_row, _heads, _rows, most=2)
