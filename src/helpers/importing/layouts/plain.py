"""One row, as nearly every tool can write it; several ways to say which part of a question.

KoBoToolbox adds columns whose names no other tool has.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import (
    ALONE,
    BLANK,
    BRACKETS,
    CHOICE,
    DASHED,
    NAME,
    NUMBERED,
    OPEN,
    TUPLE,
    Head,
    Layout,
    listed,
    role_of,
    seen,
)
from helpers.importing.layouts.second_row import RESPONSE

_SLASHED = re.compile(r"^(?P<base>[A-Za-z]\w*(?:/\w+)*)/(?P<item>\w+)$")
_DOTTED = re.compile(r"^(?P<base>\S+ .*?[^\W\d_]{2}[?:.!…]?)\.(?P<item>[^\s.].*)$", re.DOTALL)
_TOPIC = re.compile(r"^(?P<base>[A-Za-z]?\d+[.)] [^_]+)_(?P<item>\S.*)$")  # Q1. Why_cost
_NUMBER = re.compile(r"\W*[A-Za-z]{0,2}\d+[a-z]?\W*")  # of a question, without its words
_DEFAULT = re.compile(r"(column|field|unnamed:?|var|v)[ _]?\d+", re.IGNORECASE)
_STEM = re.compile(r"[.?!:;–—|)_](?:\s|(?<=_)|$)\s*|[?:]")
_SHORTEST = 6  # letters that a stem has at least
_FEWEST = 3  # columns of a grid known by its stem
_POINTS = 12
_ENDS = " :-–—|[]()_"
_OTHER = re.compile(r"\b(other|specify|write[- ]in|comments?|explain)\b|_other$", re.IGNORECASE)
_LOGICAL = 4
_NAMED = re.compile(r"[A-Za-z]\w*(?:\.\w+)*")
_PIECE = re.compile(r"[._](?P<item>[A-Za-z][A-Za-z]+(?:[._][A-Za-z]+)*)$")
LANGUAGES = 3  # of a survey, whose boxes may hold an answer in each
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
        for rule in (TUPLE, BRACKETS, CHOICE, _SLASHED, NUMBERED, DASHED, _DOTTED, _TOPIC)
    }
    for cell in first:
        name, text, item = (cell if NAME.match(cell) else ""), cell, ""
        for rule, often in shared.items():
            match = rule.match(cell)
            if match and often[match["base"]] > 1:
                text, item = match["base"], match["item"]
                name = text if NAME.match(text) and rule is not _SLASHED else ""
                break
        if not item and (match := TUPLE.match(cell)):
            whole = BLANK.match(match["item"]) or RESPONSE.fullmatch(match["item"])
            text = match["base"] if whole else match["item"]
        role = role_of(text) if not item else "question"
        if _KOBO.fullmatch(cell) or cell in shared[_SLASHED]:
            role = "meta"  # of the tool, or the answers once more that the next columns hold
        found.append(Head(cell, name, text, item, role, bool(item and OPEN.search(item))))
    return _with_stems(sheet, _unasked(sheet, _with_boxes(sheet, found)))


def _unasked(sheet: Sheet, heads: Sequence[Head]) -> list[Head]:
    """Give neighbours a question that the header does not have: boxes, or items in brackets.

    Each box holds its own header or nothing (Typeform), or one answer each behind a header that
    only the first of them has (a lost second header row).
    """
    told = list(heads)
    at = 0
    while at < len(heads):
        for items in (
            _bare(heads, at),
            _own(sheet, heads, at),
            _behind(sheet, heads, at),
            _logical(sheet, heads, at),
            _named_alike(sheet, heads, at),
        ):
            if len(items) > 1:
                break
        else:
            at += 1
            continue
        follows = _DEFAULT.fullmatch(heads[at + 1].key)
        text = heads[at].text if follows else listed([item for item in items if item])
        base = heads[at].key.removesuffix(items[0])
        if base[:-1] and base[-1] in "._" and _NAMED.fullmatch(base[:-1]):
            text = base[:-1]
        for place, item in enumerate(items, at):
            written = bool(item and OPEN.search(item)) or not item
            item = item or _named_other(heads[place])
            told[place] = replace(heads[place], name="", text=text, item=item, open=written)
        at += len(items)
    return told


def _named_other(head: Head) -> str:
    """Name the column of own words beside boxes."""
    return "other" if _DEFAULT.fullmatch(head.key) else head.key


def _bare(heads: Sequence[Head], at: int) -> list[str]:
    """Items in brackets, from a place on."""
    found = []
    for head in heads[at:]:
        match = ALONE.match(head.key)
        if not match:
            break
        found.append(match["item"].strip())
    return found


def _own(sheet: Sheet, heads: Sequence[Head], at: int) -> list[str]:
    """Boxes that hold nothing but their own header, from a place on."""
    found: list[str] = []
    for head, column in zip(heads[at:], sheet.columns[at:], strict=True):
        box = seen(head.key)
        others = any(seen(value) not in ("", box) for value in column.values)
        if head.role != "question" or head.item or others:
            own = OPEN.search(head.key) and not head.item and any(map(seen, column.values))
            if len(found) > 1 and own:
                found.append("")  # beside the boxes
            break
        found.append(box)
    while found and not any(sheet.columns[at + len(found) - 1].values):
        found.pop()  # nobody ticked it: it may be no box
    return found if found and any(sheet.columns[at].values) else []


def _behind(sheet: Sheet, heads: Sequence[Head], at: int) -> list[str]:
    """Boxes of one answer each behind a header that the others lack, from a place on."""
    found: list[str] = []
    for head, column in zip(heads[at:], sheet.columns[at:], strict=True):
        named = head.role != "question" or head.item
        if named or bool(found) == bool(head.key and not _DEFAULT.fullmatch(head.key)):
            break
        given = _first_few(column, 2)
        if len(given) != 1 or {*found} & given:
            if len(found) > 1 and len(given) > 1:
                found.append("")  # beside the boxes
            break
        found += given
    return found


def _first_few(column: Column, most: int) -> set[str]:
    """Different answers of a column as a page shows them: all there are, or the first few."""
    given: set[str] = set()
    for value in column.values:
        given |= {seen(value)} - {""}
        if len(given) == most:
            break
    return given


def _logical(sheet: Sheet, heads: Sequence[Head], at: int) -> list[str]:
    """Boxes of truth values, as a program writes them, from a place on: four or more."""
    found: list[str] = []
    for head, column in zip(heads[at:], sheet.columns[at:], strict=True):
        others = any(value.lower() not in ("", "true", "false") for value in column.values)
        if head.role != "question" or head.item or others or not any(column.values):
            break
        found.append(head.text)
    return found if len(found) >= _LOGICAL else []


def _named_alike(sheet: Sheet, heads: Sequence[Head], at: int) -> list[str]:
    """Boxes of 1 and blank, or 1 and 0, whose names begin alike, from a place on: FRW.ANG, FRW.BBO.

    Of 1 and 0 there are three or more, because two may be questions that yes and no answer. The
    longest beginning counts that enough of them have.
    """
    key = heads[at].key
    ends = [n for n, letter in enumerate(key) if letter in "._" and _NAMED.fullmatch(key[:n])]
    for base in [key[:n] for n in reversed(ends)]:
        found: list[str] = []
        given: set[str] = set()
        for head, column in zip(heads[at:], sheet.columns[at:], strict=True):
            match = _PIECE.match(head.key, len(base)) if head.key.startswith(base) else None
            cells = {*column.values} - {""}
            if head.role != "question" or head.item or not match or cells - {"0", "1"}:
                break
            given |= cells
            found.append(match["item"])
        if "1" in given and len(found) > (1 if given == {"1"} else 2):
            return found
    return []


def _with_boxes(sheet: Sheet, heads: Sequence[Head]) -> list[Head]:
    """Give boxes their question: columns that hold nothing but a piece of their own header.

    The piece ends the header (*Who are you? Professor*) or begins it (*Email: How can we reach
    you?*), and the rest is the same. A box that nobody ticked is one, too; where a column of the
    same question holds more, nobody could tell who was asked, and no box is made.
    """
    found = [_named(head, column) for head, column in zip(heads, sheet.columns, strict=True)]
    told = list(heads)
    often = Counter(rest for rest, _ in found if rest)
    for rest in [rest for rest, n in often.items() if n > 1]:
        boxes: dict[int, str] = {}
        beside: dict[int, str] = {}  # own words
        for at, head in enumerate(heads):
            header = seen(head.key)
            if found[at][0] == rest:
                boxes[at] = found[at][1]
            elif rest in (header[: len(rest)], header[-len(rest) :]):
                item = _trimmed(header.replace(rest, "", 1))
                if len({*sheet.columns[at].values} - {""}) < 2:
                    boxes[at] = item  # nobody ticked it, or its header says more
                elif not _OTHER.search(item):
                    boxes = {}
                    break
                else:
                    beside[at] = item
        for at, item in beside.items() if boxes else ():
            told[at] = replace(heads[at], name="", text=rest, item=item, open=True)
        for at, item in boxes.items():
            told[at] = replace(heads[at], name="", text=rest, item=item)
    return told


def _trimmed(text: str) -> str:
    """Return what a header says behind its question; brackets stay where both are there."""
    text = text.strip(" :-–—|_")
    whole = text.count("(") == text.count(")") and not (text[:1] == "(" and text[-1:] == ")")
    return text if whole and "[" not in text else text.strip(_ENDS)


def _named(head: Head, column: Column) -> tuple[str, str]:
    """Split a header into the question and the only answer that its column holds.

    It may hold the answer in other languages, too.
    """
    given = _first_few(column, LANGUAGES + 1)
    header = seen(head.key)
    if head.role != "question" or head.item or not 0 < len(given) <= LANGUAGES:
        return "", ""
    for answer in sorted(given):
        if header.casefold().endswith(answer.casefold()):
            rest = header[: -len(answer)]
        elif header.casefold().startswith(f"{answer.casefold()}:"):
            rest = header[len(answer) + 1 :]
        else:
            continue
        if " " in rest.strip() or _NUMBER.fullmatch(rest):
            return rest.strip(_ENDS), answer
    return "", ""


def _with_stems(sheet: Sheet, heads: Sequence[Head]) -> list[Head]:
    """Give neighbours their question whose headers begin alike and whose cells hold the same.

    Headers say no more than the wording and a row behind it: *How important are these? Cloud A*,
    *rating_Cloud A*.
    """
    told, at = list(heads), 0
    while at < len(heads):
        stem, until = "", at + 1
        if _is_free(heads[at]) and until < len(heads) and _is_free(heads[until]):
            stem = _stem(heads[at].text, heads[until].text)
        while stem and until < len(heads) and _goes_on(sheet, heads, at, until, stem):
            until += 1
        if until - at >= _FEWEST:
            for place in range(at, until):
                item = heads[place].text[len(stem) :].lstrip(_ENDS).rstrip(" :_")
                told[place] = replace(heads[place], name="", text=stem.strip(_ENDS), item=item)
            at = until
        else:
            at += 1
    return told


def _is_free(head: Head) -> bool:
    return head.role == "question" and not head.item and not head.open


def _stem(one: str, other: str) -> str:
    """Return how two headers begin, up to the end of a sentence or of a part of a name."""
    alike = os.path.commonprefix([one, other])
    ends = [match.end() for match in _STEM.finditer(alike)]
    return alike[: ends[-1]] if ends and ends[-1] >= _SHORTEST else ""


def _goes_on(sheet: Sheet, heads: Sequence[Head], at: int, place: int, stem: str) -> bool:
    """Return whether a column belongs to a grid that begins at `at`: its stem, and its answers."""
    text = heads[place].text
    if (
        not _is_free(heads[place])
        or not text.startswith(stem)
        or not text[len(stem) :].strip(_ENDS)
    ):
        return False
    given = [{*sheet.columns[n].values} - {""} for n in (at, place)]
    together = given[0] | given[1]
    return 1 < len(together) <= _POINTS and 2 * len(given[0] & given[1]) >= len(together)


PLAIN = Layout("plain", lambda sheet: True, _heads)
