"""Questions that are new in a wave, drafted as at a first import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from helpers.codebook.model import Kind
from helpers.errors import Problems
from helpers.importing.columns.boxes import WRITTEN
from helpers.importing.draft.draft_files import Drafted, mapping_of
from helpers.importing.draft.guesses import guess
from helpers.importing.draft.model import DraftOption, DraftQuestion, Part
from helpers.importing.draft.routes import MOST_OPTIONS, guess_routing
from helpers.importing.joined import spread
from helpers.importing.next_wave.state import NEW_QUESTION, Wave, listed
from helpers.importing.words.shapes import shape_of
from helpers.responses.proposals import NO, YES


def settle_questions(wave: Wave, fresh: Sequence[int], layout: str) -> None:
    """Draft new questions and propose each; what is none gets a place without a question."""
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
        options = tuple(DraftOption(o.code, o.label, o.score, o.missing) for o in question.options)
        part = Part(behind + at, recode=target.recode)
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
