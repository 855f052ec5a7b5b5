"""Which columns belong together: boxes of select-all questions, rows of grids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from helpers.codebook.model import Kind
from helpers.importing.draft.model import DraftQuestion, Part, tick_options
from helpers.importing.draft.options import Around, options_of
from helpers.importing.files.sheets import Sheet
from helpers.importing.layouts.heads import Head
from helpers.importing.words.names import Names
from helpers.importing.words.scales import plainly
from helpers.importing.words.shapes import Shape, shape_of

_TICK_WORDS = "1 y yes x true checked selected ✓ ✔ ja oui si sí ticked"
_TICKED = frozenset(_TICK_WORDS.split())
_LEFT = frozenset(
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
_POINTS = 15


def groups(heads: Sequence[Head]) -> list[list[int]]:
    """Places of neighbouring columns that share a question; single columns as groups of one."""
    found: list[list[int]] = []
    for key, places in groupby(range(len(heads)), key=lambda at: _question(heads[at], at)):
        together = list(places)
        found += [together] if key[0] != "alone" else [[at] for at in together]
    return found


def _question(head: Head, at: int) -> tuple[object, ...]:
    if head.role != "question" or not head.item or head.open:
        return ("alone", at)
    return (head.name, "" if head.name else head.text)


def grouped(
    sheet: Sheet, heads: Sequence[Head], places: Sequence[int], names: Names, around: Around
) -> DraftQuestion | None:
    """Draft a question of several columns; None where they only look as if they were one."""
    if len(places) < 2:
        return None
    shapes = [shape_of(sheet.columns[at]) for at in places]
    first = heads[places[0]]
    declared = next((s for s in sheet.sets if first.key in s.columns), None)
    ticks = [_ticks(shape, heads[at].item) for shape, at in zip(shapes, places, strict=True)]
    if declared is not None:
        ticks = [{v: str(int(v == declared.ticked)) for v in shape.answers} for shape in shapes]
    if all(t is not None for t in ticks) and _are_boxes(shapes, declared is not None):
        question = _of(first, Kind.MULTIPLE, names)
        question.options = tick_options()
        recodes = [t or {} for t in ticks]
        apart = len({sheet.columns[at].place for at in places}) == len(places)
        words = "each column holds one answer or nothing" if apart else "a cell joins the answers"
        question.reasons.append(f"select all that apply: {words}")
    else:
        cells = [v for shape in shapes for v in shape.answers]
        if not _is_grid(shapes, cells):
            return None
        labels = {k: v for at in places for k, v in sheet.columns[at].labels.items()}
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
    items = Names("item")
    for at, recode in zip(places, recodes, strict=True):
        label = heads[at].label or heads[at].item
        question.parts.append(Part(at, items.give(heads[at].item, keep=True), label, recode))
    return question


def _of(head: Head, kind: Kind, names: Names) -> DraftQuestion:
    name = names.give(head.name or head.text, keep=True, brief=not head.name)
    return DraftQuestion(name, kind, head.text, [])


def _ticks(shape: Shape, item: str) -> dict[str, str] | None:
    """Recode of a box: its cells to 1 and 0; None where they are no ticks."""
    recode = {}
    for cell in shape.answers:
        text = plainly(cell)
        if text in _TICKED or text == plainly(item):
            recode[cell] = "1"
        elif text in _LEFT:
            recode[cell] = "0"
        elif len(shape.answers) == 1:
            recode[cell] = "1"
        else:
            return None
    if sorted(recode.values()) not in ([], ["0"], ["1"], ["0", "1"]):
        return None
    return {cell: code for cell, code in recode.items() if cell != code}


def _are_boxes(shapes: Sequence[Shape], declared: bool) -> bool:
    """Tell boxes from a grid of yes and no: of boxes, those not ticked are blank or 0."""
    if declared:
        return True
    filled = [shape for shape in shapes if shape.answers]
    if not filled:
        return False
    words = {plainly(v) for shape in filled for v in shape.answers}
    both = {"yes", "no"} <= words or {"ja", "nein"} <= words
    return not both or any("yes" not in map(plainly, shape.answers) for shape in filled)


def _is_grid(shapes: Sequence[Shape], cells: Sequence[str]) -> bool:
    filled = [set(shape.answers) for shape in shapes if shape.answers]
    union = set(cells)
    if len(filled) < len(shapes) / 2 or not 2 <= len(union) <= _POINTS:
        return False
    if not all(shape.repeats for shape in shapes if shape.answers):
        return False
    return all(any(own & other for other in filled if other is not own) for own in filled)
