"""Qualtrics: names of variables, questions in full, and a third row that holds ``ImportId``.

Old exports, and those that were opened in a spreadsheet, lack that row or have it second.
"""

from __future__ import annotations

import re
from collections import Counter

from helpers.importing.files.sheets import Sheet
from helpers.importing.layouts.heads import NUMBERED, Head, Layout, base_of, role_of
from helpers.importing.layouts.second_row import below, has_second_row

_IMPORT_ID = re.compile(r"""^\{\s*("{1,2}|')ImportId("{1,2}|')\s*:""")
_LEGACY = re.compile(r"V\d{1,2}")  # what Qualtrics called its own columns once
_SHORT = re.compile(r"[A-Za-z_]\S{0,39}|Duration \(in seconds\)")
_FIGURE = re.compile(r"^[+-]?[\d.,]+$|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?$")


def _recognises(sheet: Sheet) -> bool:
    if _import_row(sheet) or _has_texts(sheet):
        return True
    return has_second_row(sheet) and _has_names(sheet)


def _rows(sheet: Sheet, insisted: bool) -> int:
    return _import_row(sheet) + 1 if _import_row(sheet) else 2


def _import_row(sheet: Sheet) -> int:
    """Place of the row in which Qualtrics says where columns come from; 0 where there is none."""
    for row, cells in enumerate(sheet.top):
        if row and sum(bool(_IMPORT_ID.match(c)) for c in cells) > len(cells) / 2:
            return row
    return 0


def _has_names(sheet: Sheet) -> bool:
    """Return whether row one holds names of variables, and row two words for nearly all."""
    pairs = [(a, b) for a, b in zip(*sheet.top[:2], strict=True) if a]
    names = sum(bool(_SHORT.fullmatch(name)) for name, _ in pairs)
    return names >= 0.75 * len(pairs) and sum(bool(b) for _, b in pairs) >= 0.9 * len(pairs)


def _has_texts(sheet: Sheet) -> bool:
    """Return whether the second row holds questions in full, below short names of variables.

    It has words in columns of numbers and dates, and no cell that its column has again.
    """
    if len(sheet.top) < 2 or len(sheet.rows) < 3 or not _has_names(sheet):
        return False
    second = sheet.top[1]
    foreign = 0
    for at, cell in enumerate(second):
        others = [value for value in below(sheet, at) if value]
        if cell and cell in others:
            return False
        if others and all(map(_FIGURE.match, others)):
            if not cell or _FIGURE.match(cell) or not re.search(r"[^\W\d]{2}", cell):
                return False
            foreign += 1
    asked = sum(cell.endswith(("?", ":", "…", "...")) or " " in cell for cell in second)
    return foreign > 1 and 3 * foreign >= len(second) or (foreign > 0 and 2 * asked > len(second))


def _heads(sheet: Sheet) -> list[Head]:
    names, texts = sheet.top[0], sheet.top[1 if _import_row(sheet) != 1 else 0]
    bases = Counter(base_of(name) for name in names)
    found = []
    for name, whole in zip(names, texts, strict=True):
        role, text = role_of(name), whole.removesuffix(" - Selected Choice")
        if _LEGACY.fullmatch(name):
            role = role_of(whole)
        match = NUMBERED.match(name)
        item = ""
        if role == "question" and match:
            base, written = name[: match.end("base")], match["item"] == "TEXT"
            dashed = text.rfind(" - ")
            if dashed > 0 and (bases[base] > 1 or written):
                text, item = text[:dashed], text[dashed + 3 :]
            found.append(Head(name, base, text, item, role, written))
            continue
        found.append(Head(name, name, text, item, role))
    return found


QUALTRICS = Layout("qualtrics", _recognises, _heads, _rows, most=3, unanswered="-99")
