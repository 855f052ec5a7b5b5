"""Rows that cannot be what one respondent answered: sent twice, or shifted by a column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from helpers.importing.columns.suspicion import Suspicion
from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import SUBMITTED, Head, bare_name
from helpers.importing.words.names import shortened

UNFINISHED = "unfinished"
FEWEST = 5  # answers that tell one respondent from others
_TOLD_APART = 3  # answers of two columns that may tell one from the other
_FOREIGN = 3  # cells of a row that belong into the next column
_OWN_WORDS = 15  # characters of a text that two people do not write alike
_TELLING = 40.0  # bits that such a text tells
_MANY = 1000  # different cells of a column that has no usual ones
_FALSE = frozenset(("false", "0", "no", "falsch", "nein", "faux", "non", "falso", "onwaar", "nee"))
_LEFT = re.compile(
    r"(partial(ly( complete)?)?|incomplete|not complete|disqualified|screened[- ]?out|in progress"
    r"|terminat(ed|ion)|abandoned|drop(ped)?[- ]?out|started|quota[- ]?full|over ?quota"
    r"|unvollständig|abgebrochen|partiel(le)?|incomplet|abandonné|parcial|incomplet[oa]|parziale)"
    r"( responses?)?",
    re.IGNORECASE,
)


def _is_left(cell: str) -> bool:
    return bool(_LEFT.fullmatch(cell))


_UNFINISHED: Mapping[str, Callable[[str], bool]] = {
    "finished": lambda cell: cell.casefold() in _FALSE,
    **dict.fromkeys(("status", "responsestatus", "completionstatus", "responsetype"), _is_left),
    **dict.fromkeys(SUBMITTED, lambda cell: not cell),
}
_FOOT = 20  # last rows that may be footnotes
_OF_WORDS = (re.compile(r"\s"), re.compile(r"^\D+$"))
_PRIME = np.uint64(0x9E3779B97F4A7C15)


def odd_rows(sheet: Sheet, heads: Sequence[Head]) -> Iterator[Suspicion]:
    """Find rows that were sent twice, are not respondents, or whose cells are one column off."""
    rows = len(sheet.rows)
    asked = [
        column
        for head, column in zip(heads, sheet.columns, strict=True)
        if head.role == "question" and np.count_nonzero(column.counts) < rows  # no identifier
    ]
    if len(asked) >= FEWEST:
        tools = [c for h, c in zip(heads, sheet.columns, strict=True) if h.role == "meta"]
        yield from _doubles(sheet, asked, tools)
    if len(sheet.columns) > _FOREIGN:
        yield from _shifted(sheet)
    yield from _footnotes(sheet)
    if not sheet.has_variables:
        yield from _headers(sheet, heads)


def _headers(sheet: Sheet, heads: Sequence[Head]) -> Iterator[Suspicion]:
    """Find rows that repeat the header, as where files were put one below the other."""
    same = np.zeros((2, len(sheet.rows)), dtype=int)
    for head, column in zip(heads, sheet.columns, strict=True):
        name = bare_name(head.key)
        again = [bool(name) and bare_name(value) == name for value in column.values]
        if any(again):
            hits = np.array(again)[column.codes]
            same += np.array([hits, hits & (head.role != "question")])
    for row in np.flatnonzero((same[1] > 0) & (same[0] > 1)):
        words = f"the row repeats {same[0][row]} column names: it is a header row, not a respondent"
        fix = "Remove the row, or pass --allow repeated_header."
        yield Suspicion("repeated_header", np.array([row]), words, fix, leave_out=True)


def unfinished(sheet: Sheet, heads: Sequence[Head]) -> Iterator[Suspicion]:
    """Find the responses that the survey tool marks as not finished, where it marks any."""
    for at, (head, column) in enumerate(zip(heads, sheet.columns, strict=True)):
        sign = _UNFINISHED.get(bare_name(head.key))
        if head.role != "meta" and sign is not _is_left:
            sign = None
        if sign is None or not any(column.values):
            continue
        rows = np.flatnonzero(np.array([sign(v) for v in column.values])[column.codes])
        if len(rows):
            words = (
                f'The column "{shortened(head.key)}" marks {len(rows):,} of {len(sheet.rows):,} '
                "responses as unfinished. They count, with the answers they have"
            )
            fix = "To leave them out, export only finished responses."
            yield Suspicion(UNFINISHED, rows, words, fix, at, leave_out=True)
            return


def _footnotes(sheet: Sheet) -> Iterator[Suspicion]:
    """Find isolated words below the table, unlike any other cell of their column."""
    last = len(sheet.rows)
    alone: dict[int, list[int]] = {}
    for row in range(last - 1, max(-1, last - 1 - _FOOT), -1):
        filled = [at for at, column in enumerate(sheet.columns) if column.cell(row)]
        if len(filled) != 1 or len(sheet.columns) < 2:
            break
        alone.setdefault(filled[0], []).append(row)
    for at, rows in alone.items():
        column = sheet.columns[at]
        notes = {column.cell(row) for row in rows}
        others = [value for value in column.values if value and value not in notes]
        for row in reversed(rows):
            text = column.cell(row)
            if not others or not any(
                sign.search(text) and not any(map(sign.search, others)) for sign in _OF_WORDS
            ):
                continue
            words = "it is alone below the answers, and unlike all others of its column"
            fix = "Remove the row, or pass --allow footnote."
            yield Suspicion("footnote", np.array([row]), words, fix, at, text, leave_out=True)


def _doubles(sheet: Sheet, asked: Sequence[Column], tools: Sequence[Column]) -> Iterator[Suspicion]:
    """Find rows that agree in every answer, where chance would hardly let two agree.

    Chance is that of answers which share half their information with one another. What a tool
    noted of both rows, such as the address or the time, counts where it is the same.
    """
    rows = len(sheet.rows)
    key = np.zeros(rows, dtype=np.uint64)
    for column in asked:
        key = (key ^ column.codes.astype(np.uint64)) * _PRIME
        key ^= key >> np.uint64(29)
    _, first, group, often = np.unique(
        key, return_index=True, return_inverse=True, return_counts=True
    )
    again = np.flatnonzero(often[group] > 1)
    again = again[again != first[group[again]]]
    if not len(again):
        return
    told, answered = _information(asked, again)
    before = first[group[again]]
    for column in tools:
        same = column.codes[again] == column.codes[before]
        told += np.where(same, _information([column], again)[0], 0.0)
    enough = 2 * np.log2(50.0 * max(rows, 2) ** 2)
    for row in again[(told > enough) & (answered >= FEWEST)]:
        before = int(first[group[row]])
        if _alike(asked, row) or any(c.codes[row] != c.codes[before] for c in asked):
            continue
        words = f"every answer is that of row {int(sheet.rows[before])}: sent twice?"
        fix = "Remove one of the rows, or pass --allow double_submission."
        yield Suspicion("double_submission", np.array([row]), words, fix, leave_out=True)


def _information(asked: Sequence[Column], rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bits that the answers of rows tell, and how many answers there are."""
    told, answered = np.zeros(len(rows)), np.zeros(len(rows), dtype=int)
    for column in asked:
        filled = column.filled
        counts = np.maximum(column.counts, 1)
        bits = np.where(filled, np.log2(len(column.codes) / counts), 0.0)
        own = [len(v) >= _OWN_WORDS and n <= 3 for v, n in zip(column.values, counts, strict=True)]
        bits = np.where(own or [False], _TELLING, bits)
        told += bits[column.codes[rows]]
        answered += filled[column.codes[rows]]
    return told, answered


def _alike(asked: Sequence[Column], row: int) -> bool:
    """Return whether somebody gave nearly the same short answer throughout, as many people do."""
    cells = [cell for column in asked if (cell := column.cell(row))]
    if any(len(c.cell(row)) >= _OWN_WORDS and c.counts[c.codes[row]] <= 3 for c in asked):
        return False
    return max(map(cells.count, set(cells)), default=0) >= 0.8 * len(cells)


def _shifted(sheet: Sheet) -> Iterator[Suspicion]:
    usual = [_usual(column) for column in sheet.columns]
    found = {step: _marks(sheet, usual, step) for step in (1, -1)}
    most = np.maximum(found[1][0], found[-1][0])
    for row in np.flatnonzero(most >= _FOREIGN):
        step = 1 if found[1][0][row] >= found[-1][0][row] else -1
        at = int(found[step][1][row])
        side, back = ("right", "left") if step > 0 else ("left", "right")
        words = f"the cells from here on belong one column further {back}"
        fix = (
            f"A cell was added or lost: the row is shifted to the {side}. Correct it, or pass "
            "--allow shifted."
        )
        cell = sheet.columns[at].cell(int(row))
        yield Suspicion("shifted", np.array([row]), words, fix, at, cell, leave_out=True)


def _marks(
    sheet: Sheet, usual: Sequence[frozenset[str]], step: int
) -> tuple[np.ndarray, np.ndarray]:
    """How many cells of each row are unusual here and usual one column on, and the first.

    The cell that would come in their place must be usual here: answers that are alike, such as *no
    answer* to all of a block, are in the row whether it is shifted or not.
    """
    marks = np.zeros(len(sheet.rows), dtype=int)
    start = np.full(len(sheet.rows), -1)
    for at, column in enumerate(sheet.columns):
        other = at - step
        if not 0 <= other < len(sheet.columns) or not usual[at] or not usual[other]:
            continue
        if len({*column.values, *sheet.columns[other].values} - {""}) < _TOLD_APART:
            continue  # of boxes beside one another, one that few ticked is none that was shifted
        if 2 * len(usual[at] & usual[other]) >= min(len(usual[at]), len(usual[other])):
            continue  # nor an answer that few gave to one of several questions with the same ones
        foreign = [bool(v) and v not in usual[at] and v in usual[other] for v in column.values]
        if any(foreign):
            here = np.array(foreign)[column.codes]
            if 0 <= (coming := at + step) < len(sheet.columns):
                here &= _fits(sheet.columns[coming], usual[at])
            start[here & (start < 0)] = at
            marks += here
    return marks, start


def _fits(column: Column, usual: frozenset[str]) -> np.ndarray:
    """Say of every row whether its cell is blank or usual in another column."""
    return np.array([not v or v in usual for v in column.values])[column.codes]


def _usual(column: Column) -> frozenset[str]:
    """Cells that are usual in a column of few answers; none for a column of many."""
    if len(column.values) > _MANY:
        return frozenset()
    counts = column.counts
    filled = {v: int(n) for v, n in zip(column.values, counts, strict=True) if v and n}
    answered = sum(filled.values())
    least = max(2, 0.01 * answered)
    found = frozenset(v for v, n in filled.items() if n >= least)
    return found if sum(filled[v] for v in found) >= 0.9 * answered else frozenset()
