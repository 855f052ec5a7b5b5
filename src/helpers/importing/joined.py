"""Select-all answers that a tool wrote into one cell: a column for each box."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from helpers.errors import Problems
from helpers.importing.columns.boxes import WRITTEN, BoxCells, known_boxes
from helpers.importing.columns.checks import skeleton
from helpers.importing.columns.mapping import Mapping as Columns
from helpers.importing.draft.box_guesses import doubts, guessed_boxes
from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import Head
from helpers.importing.words.names import shortened


def spread(
    sheet: Sheet,
    heads: Sequence[Head],
    columns: Columns | None,
    allow: Collection[str],
    problems: Problems,
) -> tuple[Sheet, tuple[Head, ...]]:
    """Give every joined column one column for each box.

    Parameters
    ----------
    columns
        What the mapping knows: `Question [Box]` for each box. None to find out, for a draft.
    """
    new_heads: list[Head] = []
    new_columns: list[Column] = []
    remarks: list[str] = []
    for head, column in zip(heads, sheet.columns, strict=True):
        cells = None
        if not (head.open or head.item) and head.role == "question":
            if columns:
                cells = known_boxes(column, head.key, heads, columns)
            else:
                cells = guessed_boxes(column, head)
        if cells is None:
            new_heads.append(head)
            new_columns.append(column)
            continue
        if columns is None:
            pairs = {(part, other) for _, part, other in _twins(cells, drafted=True)}
            remarks += [_twin(head, part, other) for part, other in sorted(pairs)]
        elif "look_alike" not in allow and cells.written:
            for place, part, other in _twins(cells, drafted=False):
                words = f'one of the answers that the cell joins looks like "{shortened(other)}"'
                fix = "Write it like the others, or pass --allow look_alike."
                _report(sheet, head, cells, place, part, problems, "look_alike", fix, words)
        if columns is not None and not cells.written:
            _unknown(sheet, head, cells, problems)
        if columns is None:
            remarks += doubts(head, cells)
        for label, box in _boxes(cells, _together(head.key, cells.all_labels, columns)):
            own = label == WRITTEN
            key = f"{head.key} [{label}]"
            new_heads.append(replace(head, key=key, item=label, label=label, open=own))
            new_columns.append(box)
    sheet = replace(sheet, columns=tuple(new_columns), remarks=(*sheet.remarks, *remarks))
    return sheet, tuple(new_heads)


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
    for label, names in named.items():
        if label == WRITTEN:
            values = [answer.written for answer in cells.answers]
        else:
            pairs = zip(cells.column.values, cells.answers, strict=True)
            values = ["" if answer.missing or not cell else
                      str(int(any(name in answer.ticked for name in names)))
                      for cell, answer in pairs]  # fmt: skip
        yield label, cells.column.recoded(values)


def _unknown(sheet: Sheet, head: Head, cells: BoxCells, problems: Problems) -> None:
    """Report what a cell holds beside the boxes that the mapping knows."""
    fix = "Correct the file, or add the box to items.csv and to mapping.yml."
    for place, answer in enumerate(cells.answers):
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
    for place, answer in enumerate(cells.answers):
        for part in (*answer.ticked, *answer.rest):
            other = usual.get(skeleton(part), part)
            if other != part:
                yield place, part, other


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
