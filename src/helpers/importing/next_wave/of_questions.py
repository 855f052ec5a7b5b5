"""New questions of a wave, drafted as at a first import, and routing that it does not follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from helpers.codebook.cells import NOT_ASKED as UNASKED
from helpers.codebook.model import Kind, Question
from helpers.errors import Problems
from helpers.importing.columns.boxes import WRITTEN
from helpers.importing.draft.draft_files import Drafted, mapping_of
from helpers.importing.draft.guesses import guess
from helpers.importing.draft.model import DraftQuestion, Part
from helpers.importing.draft.routes import MOST_OPTIONS, guess_routing
from helpers.importing.joined import spread
from helpers.importing.next_wave.state import (
    NEW_QUESTION,
    NOT_ASKED,
    RENAMED,
    ROUTING,
    Wave,
    listed,
)
from helpers.importing.words.shapes import shape_of
from helpers.responses.answers import missing_words
from helpers.responses.proposals import NO, YES


def settle_questions(wave: Wave, fresh: Sequence[int], layout: str) -> None:
    """Draft new questions and propose each; other columns get a place without a question."""
    if not fresh:
        return
    columns = tuple(wave.sheet.columns[at] for at in fresh)
    heads = tuple(wave.heads[at] for at in fresh)
    sheet, heads = spread(replace(wave.sheet, columns=columns), heads, None, (), Problems())
    draft = guess(sheet, heads, one_wave=True)
    taken = wave.names()
    for question in draft.questions:
        question.id = taken.give(question.id, keep=True)
    whole = replace(sheet, columns=(*sheet.columns, *wave.sheet.columns))
    guess_routing(whole, draft, _gates(wave, min(fresh), len(sheet.columns)))
    draft.others |= {at: draft.names.pop(at) for at in [*draft.names]}
    draft.weight = draft.identifier = -1
    drafted = Drafted(wave.population.id, wave.sheet.source, layout, heads, draft)
    for at in draft.others:
        draft.dropped[at] = f"{wave.label}: neither a question, nor known to the codebook"
    draft.others.clear()
    for at, why in draft.dropped.items():
        wave.changes.remarks.append(f'"{heads[at].key}" is left out: {why}')
    kept: list[DraftQuestion] = []
    answer = ""
    for question in draft.questions:
        keys = [heads[part.at].key for part in question.parts]
        if not (len(keys) == 1 and keys[0].endswith(f"[{WRITTEN}]") and keys[0] not in wave.places):
            answer = YES if wave.settled & {*keys} else _ask(wave, question, keys)
        if answer == YES:
            kept.append(question)
            continue
        if answer == NO:
            why = f"{wave.label}: proposals.csv says no"
            draft.dropped |= {part.at: why for part in question.parts}
    draft.questions[:] = kept
    for key, target in mapping_of(drafted).columns.items():
        wave.send(key, target)
    if kept:
        wave.changes.drafts.append(drafted)


def _gates(wave: Wave, end: int, behind: int) -> Iterator[DraftQuestion]:
    """Find the known questions that may decide who was asked new ones: those before them.

    `behind` is the place of the first column of the wave in a sheet that begins with others.
    """
    for at, head in enumerate(wave.heads[:end]):
        target = wave.columns.target(head.key)
        question = wave.question_of(target) if target else None
        if target is None or question is None or question.kind is not Kind.SINGLE:
            continue
        part, options = Part(behind + at, recode=target.recode), question.options
        if 2 <= len(options) <= MOST_OPTIONS:
            yield DraftQuestion(question.id, question.kind, question.wording, [part], options)


def _ask(wave: Wave, question: DraftQuestion, keys: Sequence[str]) -> str:
    counts: dict[str, int] = {}
    places = [at for at, head in enumerate(wave.heads) if head.key in keys]
    for at in places:
        column = wave.sheet.columns[at]
        for value, n in shape_of(column).answers.items():
            label = column.labels.get(value, value)
            counts[label] = counts.get(label, 0) + n
    said = listed(counts) if question.kind not in (Kind.TEXT, Kind.NUMBER) and counts else ""
    return wave.ask(
        NEW_QUESTION,
        question.wording,
        f"{len(keys)} columns" if len(keys) > 1 else "",
        len(wave.sheet.rows),
        "in no codebook",
        f"a question ({question.kind.value}) that only {wave.label} asked",
        "; ".join(filter(None, (question.reasons[0] if question.reasons else "", said)))
        + "; no: left out",
        *keys,
    )


def settle_routing(wave: Wave) -> None:
    """Ask about questions that the codebook asks of some, and that others answered now."""
    if any(not each.answer and each.kind in (RENAMED, NOT_ASKED) for each in wave.proposals):
        return  # which columns decide is not known yet
    routed = [q for q in wave.codebook.questions.values() if q.population == wave.population.id]
    routed = [q for q in routed if q.asked_if is not None]
    needed = {c.column for q in routed for c in q.cells}
    needed |= {column for q in routed if q.asked_if for column in q.asked_if.columns}
    rows = len(wave.sheet.rows)
    held: dict[str, list[str]] = {}
    found: dict[str, tuple[int, list[Question]]] = {}
    for at, head in enumerate(wave.heads):
        target = wave.columns.target(head.key)
        if target is not None and target.to in needed:
            column = wave.read(at, target)
            held[target.to] = column.recoded(
                [target.recode.get(v, v) for v in column.values]
            ).cells()
    source = wave.codebook.dimensions[wave.codebook.wave_dimension].source[wave.population.id]
    code = next((v for v, band in source.bands.items() if band == wave.band), wave.band)
    held[source.column] = [code] * rows  # a rule may name waves
    for question in routed:
        rule = question.asked_if
        columns = [c.column for c in question.cells if c.column in held]
        if rule is None or not columns:
            continue
        owners = {c: wave.codebook.of_files.owners.get(c) for c in rule.columns}
        if any(owner is None and c != source.column for c, owner in owners.items()):
            continue
        asked = [False] * rows  # where the wave did not ask what decides
        if all(c in held for c in rule.columns):
            words = {c: missing_words(owner) if owner else {} for c, owner in owners.items()}
            cells = {c: [words[c].get(x, x) or UNASKED for x in held[c]] for c in rule.columns}
            asked = rule.meaning(words).asked(cells, rows)
        n = sum(
            not was and any(held[c][row] not in ("", UNASKED) for c in columns)
            for row, was in enumerate(asked)
        )
        if n:
            most, asked_so = found.get(rule.text, (0, []))
            found[rule.text] = max(most, n), [*asked_so, question]
    for rule_text, (n, questions) in found.items():
        several = len(questions) > 1
        answer = wave.ask(
            ROUTING,
            questions[0].wording or questions[0].label,
            f"and {len(questions) - 1:,} other questions" if several else "",
            n,
            f"asked if {rule_text}, which is not true of these people",
            f"asked of everybody in {wave.label}",
            f"{n:,} people answered although the codebook says they were not asked; "
            "no: their answers are problems",
            rule_text,
        )
        if answer == YES:
            wave.changes.routed += [question.id for question in questions]
