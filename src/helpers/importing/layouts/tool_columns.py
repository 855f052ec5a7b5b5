"""Columns that survey tools add under names of many forms, and with cells that only they write.

A line of `_OWN` is `tool | header | cells`: what the header is, and what all cells are that hold
anything (regular expressions). Names that no questionnaire has, whatever is below them, are in
`heads`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import GOOGLE_TIMES, Head, plainly

_OWN = r"""
Qualtrics timers | (.*(_| - ))?(first click|last click|page submit|click count) | [\d.,]+
ODK places | _\w+_(latitude|longitude|altitude|precision) | (-?\d+([.,]\d+)?|n/?a)
REDCap forms | [a-z]\w*_complete | [012]|complete|incomplete|unverified
REDCap times | [a-z]\w*_timestamp | [\d:/. TZ+-]+|\[not completed\]
REDCap | redcap_(survey_identifier|event_name|repeat_\w+|data_access_group) | .*
Microsoft Forms | (total )?points( - .*)? | -?\d*([.,]\d+)?
Microsoft Forms | (quiz )?feedback( - .*)? | .*
Microsoft Forms | language | .*
Wenjuanxing | 序号|所用时间|来源|来源详情|总分 | .*
Google Forms | (total )?score|puntuación|punteggio|punktzahl|pontuação|puan | \d+([.,]\d+)? / \d+
"""
_RULES = [
    (tool, re.compile(header, re.IGNORECASE), re.compile(cells, re.IGNORECASE | re.DOTALL))
    for tool, header, cells in (line.split(" | ") for line in _OWN.strip().splitlines())
]
_REDCAP = re.compile(r"record_id$|redcap_|[a-z]\w*___\w+$")  # elsewhere, forms may be asked about
_Form = re.Pattern[str]
# What Qualtrics asks a browser for; a column of one of these names alone may be a question.
_BROWSER = frozenset(("browser", "version", "operating system", "resolution"))
_PART = re.compile(r"^(?P<base>.*?)(?:_| - |\[|^)\s*(?P<part>[A-Za-z][A-Za-z ]*?)\]?$", re.DOTALL)
# Google Forms writes the points of a quiz behind the time, also where no question has any.
_SCORE_NAMES = "score puntuación puntuació punteggio punktzahl pontuação wynik puan النتيجة"
_SCORE = frozenset(_SCORE_NAMES.split())
_POINTS = re.compile(r"-{0,2}|\d+([.,]\d+)?( / \d+)?")


def without_tool_columns(sheet: Sheet, heads: Sequence[Head]) -> list[Head]:
    """Tell columns that a tool added from questions by their headers and their cells."""
    browser = _browser(heads)
    redcap = any(_REDCAP.match(head.key) for head in heads)
    microsoft = {"starttime", "completiontime"} <= {plainly(head.key) for head in heads}
    chinese = any(plainly(head.key) == "提交答卷时间" for head in heads)
    seen = {"REDCap": redcap, "Microsoft": microsoft, "Wenjuanxing": chinese}
    rules = [rule[1:] for rule in _RULES if seen.get(rule[0].split()[0], True)]
    return [
        replace(head, role="meta")
        if head.role == "question"
        and (at in browser or _is_own(head, column, rules) or _is_score(heads, at, column))
        else head
        for at, (head, column) in enumerate(zip(heads, sheet.columns, strict=True))
    ]


def _is_own(head: Head, column: Column, rules: Sequence[tuple[_Form, _Form]]) -> bool:
    cells = [value for value in column.values if value]
    names = {head.key, head.text, f"{head.text} - {head.item}"}
    return any(
        any(header.fullmatch(name.strip()) for name in names) and all(map(form.fullmatch, cells))
        for header, form in rules
    )


def _browser(heads: Sequence[Head]) -> set[int]:
    """Find the columns on browsers: three or more of one question."""
    found: dict[str, set[int]] = {}
    for at, head in enumerate(heads):
        match = _PART.match(head.key)
        if match and match["part"].lower() in _BROWSER:
            found.setdefault(match["base"], set()).add(at)
    return {at for places in found.values() if len(places) > 2 for at in places}


def _is_score(heads: Sequence[Head], at: int, column: Column) -> bool:
    """Return whether a column holds points of a quiz: right behind the tool's own columns."""
    before = heads[:at]
    first = all(head.role != "question" for head in before)
    google = first and any(plainly(head.key) in GOOGLE_TIMES for head in before)
    named = google and plainly(heads[at].key) in _SCORE
    return named and all(map(_POINTS.fullmatch, column.values))
