"""Questions with one answer that a tool wrote into a column for each answer: one column again.

SurveyMonkey's *expanded* columns do so, also with every row of a grid (*Training - Never*). Each
cell holds its answer in words, or the answer's number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from helpers.errors import Problems
from helpers.importing.files.sheets import Column, Sheet, smallest
from helpers.importing.layouts.heads import Head, told_apart
from helpers.importing.words.instructions import asks_for_all, asks_for_one
from helpers.importing.words.names import shortened

_FEWEST = 10  # respondents of whom none chose two answers, if several could be chosen
_DASH = " - "
_ROWLESS = re.compile(r"'?-\s+(?=\S)")  # a grid with a single row that has no name


@dataclass(frozen=True)
class _Row:
    """Columns of one question, or of one row of a grid; `other` holds what was written instead."""

    key: str
    item: str
    places: tuple[int, ...]
    answers: tuple[str, ...]
    other: int = -1


def gathered(
    sheet: Sheet,
    heads: Sequence[Head],
    problems: Problems,
    known: Callable[[str], bool] | None = None,
) -> tuple[Sheet, tuple[Head, ...]]:
    """Make one column of columns that hold one answer each to a question with one answer.

    Nobody has two of them, and neither the question nor its answers say that several could be
    chosen. The file gives the answers their order.

    Parameters
    ----------
    known
        Whether a mapping has a column of that key. None for a draft.
    """
    instead: dict[int, tuple[Head, Column]] = {}
    gone: set[int] = set()
    filled = [column.answered for column in sheet.columns]
    for places in _groups(heads):
        rows = [*_rows(sheet, heads, places)]
        if known is None and not _takes_one(sheet, heads, rows, filled):
            continue
        cells = _cells(sheet, rows)
        for row in rows:
            if known is not None and not (known(row.key) or known(f"{row.key} [1]")):
                continue
            column = _gathered(sheet, heads, row, cells, problems)
            head = heads[row.places[0]]
            instead[row.places[0]] = replace(head, key=row.key, item=row.item), column
            gone |= {*row.places[1:]}
    kept = [at for at in range(len(heads)) if at not in gone]
    columns = tuple(instead[at][1] if at in instead else sheet.columns[at] for at in kept)
    top = tuple(tuple(row[at] for at in kept) for row in sheet.top)
    told = [instead[at][0] if at in instead else heads[at] for at in kept]
    return replace(sheet, columns=columns, top=top), told_apart(told)


def _groups(heads: Sequence[Head]) -> Iterator[list[int]]:
    """Neighbouring columns of one question, each with an item; the last may be of own words."""
    for (text, asked), places in groupby(range(len(heads)), key=lambda at: _shared(heads[at])):
        together = [*places]
        if asked and text and len(together) > 1:
            yield together


def _shared(head: Head) -> tuple[str, bool]:
    return head.text, head.role == "question" and bool(head.item) and not head.free


def _rows(sheet: Sheet, heads: Sequence[Head], places: Sequence[int]) -> Iterator[_Row]:
    """Divide the columns of a question into the rows of a grid, or take them for one question."""
    closed = [at for at in places if not heads[at].open]
    beside = [at for at in places if heads[at].open]
    if len(closed) < 2 or any(len({*sheet.columns[at].values} - {""}) > 1 for at in closed):
        return
    first = heads[closed[0]]
    start = first.key.removesuffix(f" | {first.item}") if " | " in first.key else first.text
    if all(_ROWLESS.match(heads[at].item) for at in closed):
        answers = tuple(_ROWLESS.sub("", heads[at].item, count=1) for at in closed)
        yield _Row(start, "", tuple(closed), answers)
        return
    for divide in (_last, _first):
        pairs = [divide(heads[at].item) for at in closed]
        found = {row: [p[1] for p in pairs if p[0] == row] for row, _ in pairs}
        lists = {tuple(answers) for answers in found.values()}
        [same, *more] = lists
        if all(found) and len(found) > 1 and len(same) > 1 and not more:
            for row in found:
                of = [at for at, pair in zip(closed, pairs, strict=True) if pair[0] == row]
                yield _Row(f"{start} | {row}", row, tuple(of), same)
            return
    other = beside[0] if len(beside) == 1 else -1
    yield _Row(start, "", tuple(closed), tuple(heads[at].item for at in closed), other)


def _last(item: str) -> tuple[str, str]:
    row, _, answer = item.rpartition(_DASH)
    return row.strip(), answer.strip()


def _first(item: str) -> tuple[str, str]:
    row, _, answer = item.partition(_DASH)
    return row.strip(), answer.strip()


def _takes_one(
    sheet: Sheet, heads: Sequence[Head], rows: Sequence[_Row], filled: Sequence[np.ndarray]
) -> bool:
    """Return whether nobody gave two answers, and that is no chance."""
    if not rows or asks_for_all(heads[rows[0].places[0]].text):
        return False
    most = 0
    for row in rows:
        given = sum(filled[at].astype(int) for at in row.places)
        if np.max(given, initial=0) > 1 or not all(_are_answers(sheet, row)):
            return False
        most = max(most, int(np.sum(given)))
    said = asks_for_one(heads[rows[0].places[0]].text)
    return most >= (1 if said or len(rows) > 1 else _FEWEST)


def _are_answers(sheet: Sheet, row: _Row) -> Iterator[bool]:
    """Say of each column whether it holds its own answer, or a number that no other has."""
    numbers = [value for at in row.places for value in sheet.columns[at].values if value.isdigit()]
    for at, answer in zip(row.places, row.answers, strict=True):
        for value in sheet.columns[at].values:
            own = shortened(value).casefold() == shortened(answer).casefold()
            yield not value or own or (value.isdigit() and numbers.count(value) == 1)


def _cells(sheet: Sheet, rows: Sequence[_Row]) -> dict[str, str]:
    """Say what stands for each answer in the cells, of any row: nobody gave some answers in one."""
    found: dict[str, str] = {}
    for row in rows:
        for at, answer in zip(row.places, row.answers, strict=True):
            given = next((value for value in sheet.columns[at].values if value), "")
            if given:
                found.setdefault(answer, given)
    numbered = bool(found) and all(map(str.isdigit, found.values()))
    for row in rows[:1]:
        for n, answer in enumerate(row.answers, 1):
            free = numbered and str(n) not in found.values()
            found.setdefault(answer, str(n) if free else answer)
    return found


def _gathered(
    sheet: Sheet, heads: Sequence[Head], row: _Row, cells: Mapping[str, str], problems: Problems
) -> Column:
    """Return the column of a row; two answers of a respondent are a problem."""
    values = [""]
    labels = {cells[answer]: answer for answer in row.answers}
    codes = np.zeros(len(sheet.rows), dtype=np.int64)
    for at, answer in zip(row.places, row.answers, strict=True):
        column = sheet.columns[at]
        here = column.answered
        if not here.any():
            continue
        sheet.report(
            problems,
            shortened(heads[at].key),
            column,
            np.flatnonzero(here & (codes > 0)),
            found=answer,
            message="a second answer to a question that takes one",
            fix="Correct the file, or draft the codebook anew.",
            kind="unknown_code",
        )
        values.append(cells[answer])
        codes[here] = len(values) - 1
    if row.other >= 0:
        label, column = heads[row.other].item, sheet.columns[row.other]
        wrote = column.answered
        wrote &= codes == 0
        labels[label] = label
        if wrote.any():
            values.append(label)
            codes[wrote] = len(values) - 1
    codes = codes.astype(smallest(len(values)))
    return replace(sheet.columns[row.places[0]], values=tuple(values), codes=codes, labels=labels)
