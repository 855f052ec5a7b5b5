"""Questions of several columns: select all that apply, grids and rankings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from helpers.codebook.model import TICK_BOX, Kind, Missing, Option
from helpers.importing.columns.boxes import is_nothing
from helpers.importing.columns.mapping import plain
from helpers.importing.draft.model import DraftQuestion, Part
from helpers.importing.draft.options import Around, options_of
from helpers.importing.draft.rankings import are_places
from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import Head, label_of
from helpers.importing.layouts.plain import LANGUAGES
from helpers.importing.words.choice_names import spelled
from helpers.importing.words.instructions import asks_for_all, asks_which
from helpers.importing.words.names import Names
from helpers.importing.words.scales import bare_label, is_other
from helpers.importing.words.shapes import SENTINELS, Shape, shape_of

_TICK_WORDS = "1 y yes x true checked selected ✓ ✔ ja oui si sí ticked"
TICKED = frozenset(_TICK_WORDS.split())
LEFT = frozenset(
    (
        "0",
        "n",
        "no",
        "false",
        "unchecked",
        "not selected",
        "unselected",
        "nein",
        "non",
        "not ticked",
    )
)
_UNTICKED = frozenset(
    ("not selected", "unselected", "unchecked", "not ticked", "not checked", "nicht gewählt")
)
_POINTS = 15
_BOXES = 3


def groups_of(heads: Sequence[Head]) -> list[list[int]]:
    """Places of neighbouring columns that share a question; single columns as groups of one.

    Own words may stand among the columns of a question, as before a last box *None of these*.
    Columns that a tool calls `question/answer` share a question wherever they stand.
    """
    found: list[list[int]] = []
    last: list[int] = []
    named: dict[str, list[int]] = {}
    for at, head in enumerate(heads):
        if head.item and head.role == "question" and head.key == f"{head.text}/{head.item}":
            if head.text not in named:
                found.append(named.setdefault(head.text, []))
            named[head.text].append(at)
            last = named[head.text]
            continue
        if last and shared(head, at) == shared(heads[last[0]], last[0]):
            last.append(at)
            continue
        turns = [own for own in found[-2:] if shared(heads[own[0]], own[0])[0] != "alone"]
        same = [own for own in turns if shared(head, at) == shared(heads[own[0]], own[0])]
        if len(turns) > 1 and same:  # rows of two scales take turns
            last = same[0]
            last.append(at)
            continue
        found.append([at])
        beside = head.open and last and _asked(head) == _asked(heads[last[0]])
        last = last if beside else found[-1]
    return found


def _asked(head: Head) -> tuple[str, str]:
    return head.name, "" if head.name else head.text


def with_own_words(sheet: Sheet, heads: Sequence[Head]) -> Sequence[Head]:
    """Mark columns among boxes as own words, if they alone hold no ticks.

    It is the last of them, or those that are called *Other*.
    """
    found = list(heads)
    for places in groups_of(heads):
        ticks = [ticks_of(shape_of(sheet.columns[at]), heads[at].item) for at in places]
        ticks = _translated(sheet, places, heads, ticks)
        written = [at for at, ticked in zip(places, ticks, strict=True) if ticked is None]
        others = all(is_other(heads[at].item) for at in written)
        if len(places) > 2 and len(written) < len(places) and (others or written == places[-1:]):
            for at in written:
                found[at] = replace(heads[at], open=True)
    return found


def shared(head: Head, at: int) -> tuple[str | int, ...]:
    """Return what neighbouring columns of one question share."""
    if head.role != "question" or not head.item or head.open:
        return ("alone", at)
    return _asked(head)


def grouped(
    sheet: Sheet, heads: Sequence[Head], places: Sequence[int], names: Names, around: Around
) -> DraftQuestion | None:
    """Draft a question of several columns; None where they only look as if they were one."""
    if len(places) < 2:
        return None
    shapes = [shape_of(sheet.columns[at]) for at in places]
    first = heads[places[0]]
    declared = next((s for s in sheet.sets if s.ticked and first.key in s.columns), None)
    ticks = [ticks_of(shape, heads[at].item) for shape, at in zip(shapes, places, strict=True)]
    ticks = _translated(sheet, places, heads, ticks)
    if declared is not None:
        ticks = [{v: str(int(v == declared.ticked)) for v in shape.answers} for shape in shapes]
    sure = declared is not None or _asks_for_others(heads, places)
    if all(t is not None for t in ticks) and _are_boxes(shapes, first.text, sure):
        recodes = [t or {} for t in ticks]
        skipped = _skipped(sheet, places, recodes) if declared is None else 0
        which = sure or asks_which(first.text) or asks_for_all(first.text)
        answers = _one_word_each(sheet, places, recodes) if skipped and not which else ()
        apart = len({sheet.columns[at].place for at in places}) == len(places)
        question = _of(first, Kind.GRID if answers else Kind.MULTIPLE, names)
        question.options = answers or TICK_BOX
        words = "each column holds one answer or nothing" if apart else "a cell joins the answers"
        if "," in sheet.columns[places[0]].place:
            words = "each column holds one of the answers given"
        question.reasons.append(
            "a grid of boxes that say yes or no: a blank beside them is not an answer"
            if answers
            else f"select all that apply: {words}"
        )
        if skipped and not answers:
            question.reasons.append(f"{skipped:,} blanks beside answers count as not ticked")
        if not answers and (lost := _only_wrote(sheet, heads, places)):
            question.reasons.append(
                f"{lost:,} who ticked no box wrote into the column beside, and are not in the base"
            )
    else:
        cells = [v for shape in shapes for v in shape.answers]
        columns = [sheet.columns[at] for at in places]
        labels = _same_labels(columns)
        alike = bool(labels) and all(column.labels == labels for column in columns)
        if labels is None or not (_is_grid(shapes, cells) or (alike and len(labels) <= _POINTS)):
            return None
        missing = [v for shape in shapes for v in shape.declared]
        counts = Counter[str]()
        for shape in shapes:
            counts.update(shape.answers)
        suspected = {v for shape in shapes for v in shape.suspected}
        near = around.about(first.text, False, suspected, counts)
        question = _of(first, Kind.GRID, names)
        question.options, recode, reasons = options_of(cells, labels, missing, near)
        recodes = [dict(recode) for _ in places]
        question.reasons.append("a grid: the columns share their answers")
        question.reasons += reasons
        if are_places(columns):
            question.reasons = ["a ranking: nobody gave two the same place"]
            if all(o.code.isdecimal() and o.missing is Missing.NO for o in question.options):
                points = (replace(o, score=float(o.code)) for o in question.options)
                question.options = tuple(points)
    items = Names("item")
    texts = [
        heads[at].label or _ticked_words(recode, heads[at].item) or heads[at].item
        for at, recode in zip(places, recodes, strict=True)
    ]
    named = spelled(texts)
    shown = [label_of(named.get(text, text)) for text in texts]
    texts = shown if len({*shown}) == len({*texts}) else texts
    for at, label, recode in zip(places, texts, recodes, strict=True):
        question.parts.append(Part(at, items.give(heads[at].item, keep=True), label, recode))
    return question


def _of(head: Head, kind: Kind, names: Names) -> DraftQuestion:
    name = names.give(head.name or head.text, keep=True, brief=not head.name)
    return DraftQuestion(name, kind, head.text, [])


def ticks_of(shape: Shape, item: str) -> dict[str, str] | None:
    """Recode of a box: its cells to 1 and 0; None where they are not ticks."""
    recode = {}
    blank = {cell for cell in shape.answers if is_nothing(cell) and cell not in SENTINELS}
    blank |= {cell for cell in shape.answers if bare_label(cell) in _UNTICKED}
    for cell in shape.answers:
        text = bare_label(cell)
        if text in TICKED or text == bare_label(item):
            recode[cell] = "1"
        elif text in LEFT:
            recode[cell] = "0"
        elif cell in blank:
            recode[cell] = ""
        elif len(shape.answers) == len(blank) + 1:
            recode[cell] = "1"
        else:
            return None
    if sorted(filter(None, recode.values())) not in ([], ["0"], ["1"], ["0", "1"]):
        return None
    return {cell: code for cell, code in recode.items() if cell != code}


def _translated(
    sheet: Sheet, places: Sequence[int], heads: Sequence[Head], ticks: list[dict[str, str] | None]
) -> list[dict[str, str] | None]:
    """Read as ticks what boxes hold in several languages: two or three texts of their own.

    Columns that everybody filled in who filled in any are not boxes.
    """
    columns = [sheet.columns[at] for at in places]
    shapes = [shape_of(column) for column in columns]
    filled = np.array([column.answered for column in columns])
    some = filled.any(axis=0)
    if len(places) < _BOXES or 2 * filled[:, some].all(axis=0).sum() > some.sum():
        return ticks
    often = Counter(cell for shape in shapes for cell in shape.answers)
    found = list(ticks)
    for n, (shape, own) in enumerate(zip(shapes, ticks, strict=True)):
        cells = shape.answers
        spoken = 1 < len(cells) <= LANGUAGES and all(k > 1 for k in cells.values())
        if own is None and spoken and all(often[cell] == 1 for cell in cells):
            item = heads[places[n]].item
            own_label = bare_label(item) in map(bare_label, cells) or re.fullmatch(
                r"\w?\w?\w?\d+", item
            )
            if own_label and not is_other(item) and not shape.numbers:
                found[n] = dict.fromkeys(cells, "1")
    return found


def _asks_for_others(heads: Sequence[Head], places: Sequence[int]) -> bool:
    """Return whether boxes have a column beside them for other answers; a grid has none."""
    asked = _asked(heads[places[0]])
    return any(h.open and is_other(h.item) and _asked(h) == asked for h in heads if h.item)


def _are_boxes(shapes: Sequence[Shape], asked: str, sure: bool) -> bool:
    """Tell boxes from a grid of yes and no: of boxes, those not ticked are blank or 0.

    Below *Which …?* or *Select all that apply*, yes and no say whether a box was ticked.
    """
    if sure:
        return True
    filled = [shape for shape in shapes if shape.answers]
    if not filled:
        return False
    if asks_which(asked) or asks_for_all(asked):
        return True
    words = {bare_label(v) for shape in filled for v in shape.answers}
    both = {"yes", "no"} <= words or {"ja", "nein"} <= words
    return not both or any("yes" not in map(bare_label, shape.answers) for shape in filled)


def _skipped(sheet: Sheet, places: Sequence[int], ticks: Sequence[Mapping[str, str]]) -> int:
    """Count the blanks of boxes that say both yes and no, beside others that do so.

    Such a blank is not an answer: somebody passed over one question of several.
    """
    filled = []
    for at, recode in zip(places, ticks, strict=True):
        column = sheet.columns[at]
        codes = [recode.get(value, value) for value in column.values]
        if {*filter(None, codes)} == {"0", "1"}:
            filled.append(np.array([bool(code) for code in codes])[column.codes])
    return int((np.any(filled, axis=0) & ~np.array(filled)).sum()) if filled else 0


def _only_wrote(sheet: Sheet, heads: Sequence[Head], places: Sequence[int]) -> int:
    """Count people who ticked no box but wrote into the column for other answers."""
    first = heads[places[0]]
    beside = [
        at
        for at, head in enumerate(heads)
        if head.open and at not in places and (head.name, head.text) == (first.name, first.text)
    ]
    filled = {
        at: np.array([bool(v) and not is_nothing(v) for v in column.values])[column.codes]
        for at in (*places, *beside)
        if (column := sheet.columns[at]).values
    }
    wrote = [filled[at] for at in beside if at in filled]
    ticked = [filled[at] for at in places if at in filled]
    return int((np.any(wrote, axis=0) & ~np.any(ticked, axis=0)).sum()) if wrote else 0


def _one_word_each(
    sheet: Sheet, places: Sequence[int], ticks: Sequence[Mapping[str, str]]
) -> tuple[Option, ...]:
    """Answers of boxes, if all say yes in one word and no in another."""
    said = {
        (recode.get(cell, cell), sheet.columns[at].labels.get(cell, cell))
        for at, recode in zip(places, ticks, strict=True)
        for cell in shape_of(sheet.columns[at]).answers
        if recode.get(cell, cell)
    }
    if sorted(code for code, _ in said) != ["0", "1"]:
        return ()
    return tuple(Option(code, word) for code, word in sorted(said, reverse=True))


def _ticked_words(ticks: Mapping[str, str], item: str) -> str:
    """Words that a ticked box holds, where its header has only a number."""
    words = [cell for cell, code in ticks.items() if code == "1" and bare_label(cell) not in TICKED]
    return words[0] if len(words) == 1 and re.fullmatch(r"[A-Za-z]{0,3}\d+", item) else ""


def _same_labels(columns: Sequence[Column]) -> dict[str, str] | None:
    """Labels of codes, if each code means the same in all columns, else None."""
    labels: dict[str, str] = {}
    if len({bool(column.labels) for column in columns if any(column.values)}) > 1:
        return None
    for column in columns:
        for code, label in column.labels.items():
            if plain(labels.setdefault(code, label)).casefold() != plain(label).casefold():
                return None
    return labels


def _is_grid(shapes: Sequence[Shape], cells: Sequence[str]) -> bool:
    filled = [set(shape.answers) for shape in shapes if shape.answers]
    union = set(cells)
    if len(filled) < len(shapes) / 2 or not 2 <= len(union) <= _POINTS:
        return False
    if not all(shape.repeats for shape in shapes if shape.answers):
        return False
    return all(any(own & other for other in filled if other is not own) for own in filled)
