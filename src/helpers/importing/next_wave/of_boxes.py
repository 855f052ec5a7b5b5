"""Boxes of a wave that cells join and the codebook does not know, and those that are gone."""

from __future__ import annotations

from helpers.codebook.model import Kind, Question
from helpers.importing.columns.boxes import BoxCells, boxes_of, known_boxes
from helpers.importing.columns.mapping import ColumnTarget
from helpers.importing.draft.box_guesses import guessed_boxes
from helpers.importing.next_wave.likeness import nearest
from helpers.importing.next_wave.of_columns import add_item
from helpers.importing.next_wave.state import (
    CHANCE,
    NEW_ANSWER,
    NOT_OFFERED,
    REWORDED,
    SEVERAL,
    Wave,
    ask_own_words,
    write_beside,
)
from helpers.importing.words.shapes import shape_of
from helpers.responses.proposals import NO, YES


def settle_boxes(wave: Wave) -> None:
    """Ask about what cells of joined boxes hold beside the boxes, and about boxes that are gone."""
    for at, head in enumerate(wave.heads):
        if wave.columns.target(head.key) is not None:
            continue
        names = boxes_of(head.key, wave.columns)
        cells = known_boxes(wave.sheet.columns[at], head.key, wave.heads, wave.columns)
        targets = {box: wave.columns.goes(f"{head.key} [{box}]") for box in names}
        question = next((q for t in targets.values() if (q := wave.question_of(t))
                         and q.kind is Kind.MULTIPLE), None)  # fmt: skip
        if cells is None or question is None:
            continue
        _settle_joined(wave, at, question, cells, targets)


def _settle_joined(
    wave: Wave, at: int, question: Question, cells: BoxCells, targets: dict[str, ColumnTarget]
) -> None:
    head = wave.heads[at]
    found = guessed_boxes(cells.column, head)
    if found is not None:  # new boxes may be divided otherwise than the known ones
        labels = [*cells.labels, *found.labels]
        wider = BoxCells(cells.column, found.rule, labels, cells.written)
        if wider.rare <= cells.rare:
            _settle_parts(wave, at, question, cells, wider, targets)
            return
    _settle_parts(wave, at, question, cells, cells, targets)


def _settle_parts(
    wave: Wave,
    at: int,
    question: Question,
    cells: BoxCells,
    wider: BoxCells,
    targets: dict[str, ColumnTarget],
) -> None:
    """Ask about what cells hold that is not a box, and about boxes that are gone."""
    head = wave.heads[at]
    rest: dict[str, int] = {}
    where: dict[str, str] = {}
    counts = cells.column.counts.tolist()
    known = {*cells.labels}
    for value, read, n in zip(cells.column.values, wider.answers, counts, strict=True):
        for part in (*read.ticked, *read.rest) if n else ():
            if part not in known:
                rest[part] = rest.get(part, 0) + n
                where.setdefault(part, value)
    then = {label: wave.before.counts([targets[label].to]) for label in cells.labels}
    likes = {part: nearest(part, cells.labels) for part in rest}
    rare = {p: n for p, n in rest.items() if likes[p] is None and wave.few(n)}
    if len(rare) >= SEVERAL and not cells.written:
        answer = ask_own_words(wave, at, rare)
        if answer == YES:
            write_beside(wave, head.key, question)
        for part in rare if answer == NO else ():
            _new_box(wave, at, question, part)
    for part, n in rest.items():
        like = likes[part]
        until = "somebody's own words" if cells.written else "a box that the codebook does not know"
        rows = wave.rows_of(at, where[part])
        if like is not None:
            answer = wave.ask(
                REWORDED, head.key, part, n, until, f'the box "{like}"',
                f'like "{like}" ({wave.before.label}: {then[like].get("1", 0):,}; {wave.label}: '
                f"{wider.ticks[like]:,}); no: {'own words' if cells.written else 'a new box'}",
                head.key, part, rows=rows,
            )  # fmt: skip
            if answer == YES:
                wave.send(f"{head.key} [{part}]", targets[like])
            if answer == NO and not cells.written:
                _new_box(wave, at, question, part)
        elif part not in rare or (not cells.written and len(rare) < SEVERAL):
            answer = wave.ask(
                NEW_ANSWER, head.key, part, n, until, f"a box new in {wave.label}",
                f"{wave.before.label}: nobody gave it; "
                f"no: {'own words' if cells.written else 'left out'}",
                head.key, part, rows=rows,
            )  # fmt: skip
            if answer == YES:
                _new_box(wave, at, question, part)
            if answer == NO and not cells.written:
                wave.send(
                    f"{head.key} [{part}]",
                    ColumnTarget("", drop=f"{wave.label}: proposals.csv says no"),
                )
    _settle_gone(wave, head.key, question, cells, wider, targets)


def _settle_gone(
    wave: Wave,
    key: str,
    question: Question,
    cells: BoxCells,
    wider: BoxCells,
    targets: dict[str, ColumnTarget],
) -> None:
    """Ask about boxes that nobody ticks any more, if chance does not explain it."""
    filled = shape_of(cells.column).answered
    ticks: dict[str, int] = {}
    for label in cells.labels:
        ticks[targets[label].to] = ticks.get(targets[label].to, 0) + wider.ticks[label]
    for item in question.items:
        column = f"{question.id}.{item.code}"
        before = wave.before.counts([column])
        total = sum(before.values())
        if column not in ticks or not total:
            continue
        if ticks[column]:
            if item.waves and wave.band not in item.waves:
                wave.changes.asked[question.id, item.code] = (*item.waves, wave.band)
            continue
        if not question.offered(item.code, (), wave.band):
            continue
        if (1 - before.get("1", 0) / total) ** filled < CHANCE:
            answer = wave.ask(
                NOT_OFFERED, key, item.label, 0, "offered, and nobody ticked it: 0%",
                f"not offered in {wave.label}: no share is given",
                f"{wave.before.label}: {before.get('1', 0):,} of {total:,}; {wave.label}: nobody; "
                "no: offered, and nobody ticked it",
                key, item.code,
            )  # fmt: skip
            if answer == YES:
                waves = tuple(w for w in item.waves or wave.before.waves if w != wave.band)
                wave.changes.asked[question.id, item.code] = waves


def _new_box(wave: Wave, at: int, question: Question, label: str) -> None:
    code = add_item(wave, question, label)
    wave.send(f"{wave.heads[at].key} [{label}]", ColumnTarget(f"{question.id}.{code}"))
