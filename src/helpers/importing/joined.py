"""Select-all answers that a tool wrote into one cell: a column for each box."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from helpers.errors import Problems
from helpers.importing.columns.boxes import (
    RULES,
    WRITTEN,
    WRITTEN_IN,
    BoxCells,
    best_reading,
    known_boxes,
    offered,
    stands,
)
from helpers.importing.columns.checks import skeleton
from helpers.importing.columns.mapping import Mapping as Columns
from helpers.importing.draft.box_guesses import doubts, guessed_boxes
from helpers.importing.draft.own_words import strays, write_ins
from helpers.importing.draft.several_columns import shared
from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import Head, titled
from helpers.importing.questionnaires.fitting import FormFit
from helpers.importing.words.names import shortened
from helpers.terminal import Step

_BOX = ("0", "1", "")


def spread(
    sheet: Sheet,
    heads: Sequence[Head],
    columns: Columns | None,
    allow: Collection[str],
    problems: Problems,
    fit: FormFit | None = None,
    progress: Callable[[str], None] = lambda words: None,
) -> tuple[Sheet, tuple[Head, ...]]:
    """Give every joined column one column for each box.

    Parameters
    ----------
    columns
        What the mapping knows: `Question [Box]` for each box. None to find out, for a draft.
    fit
        What a questionnaire knows of the columns of a draft.
    """
    new_heads: list[Head] = []
    new_columns: list[Column] = []
    remarks: list[str] = []
    stray = strays(sheet, heads) if columns is None else {}
    behind: list[tuple[Head, Column]] = []  # own words of single boxes go behind their group
    for at, (head, column) in enumerate(zip(heads, sheet.columns, strict=True)):
        progress(Step(f"Searching columns of {sheet.file} for boxes", at + 1, len(heads)))
        if behind and shared(head, at) != shared(behind[0][0], at):
            _move(behind, new_heads, new_columns)
        cells = None
        said = fit is not None and head.key in fit.held
        if said and fit is not None:
            cells = _said(column, head.key, fit)
        elif not head.open and head.role == "question":
            if columns:
                cells = known_boxes(column, head.key, heads, columns)
            elif at in stray:
                cells = BoxCells(column, RULES[0], [stray[at]], written=True)
            elif (cells := guessed_boxes(column, head)) and head.item:
                head = replace(head, name="", text=titled(head), item="")
        if cells is None:
            own = _own_words(head, column, columns)
            if said and fit is not None:
                own = fit.own.get(head.key)
            new_heads.append(head)
            new_columns.append(column if own is None else _chosen(column, own))
            if own is not None:
                new_heads.append(_beside(head))
                new_columns.append(_kept(column, own))
            continue
        if said:
            pass  # the questionnaire tells them apart
        elif columns is None:
            pairs = {(part, other) for _, part, other in _twins(cells, drafted=True)}
            remarks += [_twin(head, part, other) for part, other in sorted(pairs)]
        elif "look_alike" not in allow and cells.written:
            for place, part, other in _twins(cells, drafted=False):
                words = f'one of the answers that the cell joins looks like "{shortened(other)}"'
                fix = "Write it like the others, or pass --allow look_alike."
                _report(sheet, head, cells, place, part, problems, "look_alike", fix, words)
        if columns is not None and not cells.written:
            _unknown(sheet, head, cells, problems)
        if columns is None and not said:
            remarks += doubts(head, cells)
        for label, box in _boxes(cells, _together(head.key, cells.all_labels, columns)):
            is_own = label == WRITTEN
            key = f"{head.key} [{label}]"
            if head.item and not said:
                item = f"{head.item}, {WRITTEN}" if is_own else head.item
                new = replace(head, key=key, item=item, label=item if is_own else label)
                behind += [(new, box)] if is_own else []
                new_heads += [] if is_own else [new]
                new_columns += [] if is_own else [box]
                continue
            new_heads.append(replace(head, key=key, item=label, label=label, open=is_own))
            new_columns.append(box)
    _move(behind, new_heads, new_columns)
    sheet = replace(sheet, columns=tuple(new_columns)).remarked(*remarks)
    return sheet, tuple(new_heads)


def _said(column: Column, key: str, fit: FormFit) -> BoxCells | None:
    """Read a column as the boxes that a questionnaire has for it; None where it joins none."""
    boxes = fit.boxes.get(key)
    if boxes is None:
        return None
    rules = [rule for rule in RULES if stands(rule, column.values)] or [RULES[0]]
    return best_reading(BoxCells(column, rule, [*boxes], key in fit.written) for rule in rules)


def _move(behind: list[tuple[Head, Column]], heads: list[Head], columns: list[Column]) -> None:
    """Add own words behind the group of boxes that they were written into."""
    for head, column in behind:
        heads.append(replace(head, open=True))
        columns.append(column)
    behind.clear()


def _own_words(head: Head, column: Column, columns: Columns | None) -> frozenset[str] | None:
    """Cells of a single choice that are own words; None where no column beside keeps such."""
    if head.open or head.item or head.role != "question":
        return None
    if columns is None:
        return write_ins(column, head) or None
    known = offered(head.key, columns)
    return None if known is None else frozenset(v for v in column.values if v and v not in known)


def _chosen(column: Column, own: Collection[str]) -> Column:
    return column.recoded([WRITTEN_IN if value in own else value for value in column.values])


def _kept(column: Column, own: Collection[str]) -> Column:
    return column.recoded([value if value in own else "" for value in column.values])


def _beside(head: Head) -> Head:
    return replace(head, key=f"{head.key} [{WRITTEN}]", item=WRITTEN, label=WRITTEN, open=True)


def _together(
    key: str, labels: Sequence[str], columns: Columns | None
) -> dict[str, tuple[str, ...]]:
    """Return the labels of each box by the first of them: a box may have had another name."""
    found: dict[str, list[str]] = {}
    for label in labels:
        target = columns.target(f"{key} [{label}]") if columns is not None else None
        found.setdefault(target.to if target and target.to else f" {label}", []).append(label)
    return {names[0]: tuple(names) for names in found.values()}


def _boxes(cells: BoxCells, named: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Column]]:
    values, places = cells.column.values, {label: at for at, label in enumerate(cells.labels)}
    blank = cells.missing
    for label, names in named.items():
        if label == WRITTEN:
            yield label, cells.column.recoded(cells.written_in)
            continue
        ticked = cells.ticked[:, [places[name] for name in names]].any(axis=1)
        which = np.where(blank, 2, ticked) if len(values) else blank * 2
        first = sorted((int((which == n).argmax()), n) for n in range(3) if (which == n).any())
        move = np.zeros(3, dtype=np.uint8)
        move[[n for _, n in first]] = range(len(first))
        codes = move[which][cells.column.codes]
        yield label, replace(cells.column, values=tuple(_BOX[n] for _, n in first), codes=codes)


def _unknown(sheet: Sheet, head: Head, cells: BoxCells, problems: Problems) -> None:
    """Report what a cell holds beside the boxes that the mapping knows."""
    fix = "Correct the file, or add the box to items.csv and to mapping.yml."
    for place, answer in cells.held.odd.items():
        for part in answer.rest:
            words = "one of the answers that the cell joins"
            _report(
                sheet, head, cells, place, part, problems, "unknown_code", fix, words, cells.labels
            )


def _twins(cells: BoxCells, *, drafted: bool) -> Iterator[tuple[int, str, str]]:
    """Find what looks like one of the boxes, in a draft like the most frequent of its twins.

    Yields
    ------
    The place of a cell, what it holds, and what that looks like.
    """
    often = cells.ticks
    boxes = sorted(often, key=often.__getitem__) if drafted else cells.labels
    usual = {skeleton(label): label for label in boxes}
    found = []
    for at, label in enumerate(cells.labels):
        if (other := usual[skeleton(label)]) != label:
            places = np.flatnonzero(cells.ticked[:, at]).tolist()
            found += [(place, label, other) for place in places]
    for place, answer in cells.held.odd.items():
        for part in answer.rest:
            other = usual.get(skeleton(part), part)
            found += [(place, part, other)] if other != part else []
    yield from sorted(found, key=lambda each: each[0])


def _twin(head: Head, part: str, other: str) -> str:
    return (
        f'"{shortened(head.key)}": the answer "{shortened(part)}" looks like "{shortened(other)}". '
        "To count both as one, let both go to the same column in mapping.yml"
    )


def _report(
    sheet: Sheet,
    head: Head,
    cells: BoxCells,
    place: int,
    part: str,
    problems: Problems,
    kind: str,
    fix: str,
    words: str,
    allowed: Sequence[str] = (),
) -> None:
    said = {"found": part, "allowed": allowed, "message": words, "fix": fix, "kind": kind}
    rows = cells.column.rows_of(place)
    sheet.report(problems, shortened(head.key), cells.column, rows, **said)
