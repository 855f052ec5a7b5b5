"""Guesses at what a file without a codebook holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from helpers.codebook.model import Kind, Missing
from helpers.importing.columns.mapping import UNANSWERED
from helpers.importing.draft.box_guesses import are_months, joined_answers
from helpers.importing.draft.good_news import favoured
from helpers.importing.draft.model import Draft, DraftQuestion, Known
from helpers.importing.draft.one_column import is_scale, question_of
from helpers.importing.draft.options import Around, ranges_of
from helpers.importing.draft.personal_columns import is_left_out
from helpers.importing.draft.several_columns import grouped, groups_of, with_own_words
from helpers.importing.draft.weighting import find_weights
from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.headers import counts_up
from helpers.importing.layouts.heads import Head, titled
from helpers.importing.words.characteristics import named
from helpers.importing.words.instructions import without_instructions
from helpers.importing.words.languages import language_of
from helpers.importing.words.names import Names, shortened
from helpers.importing.words.nonanswers import missing_kinds
from helpers.importing.words.personal import is_identifying, is_numbering, kind_of
from helpers.importing.words.scales import bare_label
from helpers.importing.words.shapes import FEW, Shape, shape_of
from helpers.terminal import Step, some_of

_RANDOM = re.compile(r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9-]{8,64}")
_ROWS = 20  # whose numbers are no chance
_PEOPLE = 5  # whose codes are more than a few serial numbers that somebody asked for
_WAVE = re.compile(
    r"(survey |study )?(wave|round)( (number|no\.?|id))?|survey[ _]?year"
    r"|(erhebungs|befragungs)?welle|(befragungs|erhebungs)jahr|vague( d'enquête)?"
    r"|oleada|ola|onda( de la encuesta)?|الموجة|موجة"
)
_WAVES = 12  # at most
_NAMED = 5  # columns in a remark
Progress = Callable[[str], None]
_POINTS_READ = (
    "is read as decimals: 1.234 is a little more than 1. But every point has three digits behind "
    "it, so it may separate thousands. If it does, write the numbers without points"
)


def guess(
    sheet: Sheet,
    heads: Sequence[Head],
    progress: Progress = lambda words: None,
    *,
    one_wave: bool = False,
    phrases: Collection[str] = (),
    known: Callable[[Names, Around, Draft], Known] | None = None,
) -> Draft:
    """Draft the questions of a file from its header and its cells.

    Parameters
    ----------
    one_wave
        Whether the whole file is known to be of one wave.
    phrases
        Phrases that usually mean no answer, and count as answers here.
    known
        Drafts the questions that a questionnaire says.
    """
    draft = Draft()
    names = Names("q")
    around = replace(_around(sheet, heads), phrases=frozenset(phrases))
    own = known(names, around, draft) if known else Known()
    free = [Head("", "", "", role="meta") if at in own.taken else h for at, h in enumerate(heads)]
    draft.identifier = _identifier(sheet, free)
    draft.weighting = find_weights(sheet, free)
    draft.weight = draft.weighting.at
    if not one_wave:
        draft.wave, draft.waves = _waves(sheet, free)
    first = {min(part.at for part in q.parts): q for q in own.questions}
    heads = [
        head if at not in own.words or head.item else replace(head, text=own.words[at])
        for at, head in enumerate(with_own_words(sheet, heads))
    ]
    for together in groups_of(heads):
        draft.questions += [first[at] for at in together if at in first]
        places = [at for at in together if at not in own.taken]
        if not places:
            continue
        progress(Step(f"Looking at columns of {sheet.file}", places[-1] + 1, len(heads)))
        question = grouped(sheet, heads, places, names, around)
        if question is not None:
            draft.questions.append(question)
            continue
        for at in places:
            _single(sheet, heads, at, draft, names, around)
    _once_each(sheet, draft.questions)
    draft.questions = favoured(draft.questions, names)
    weights = draft.weighting.proposed
    draft.remarks += weights[:_NAMED]
    if len(weights) > _NAMED:
        draft.remarks.append(f"{len(weights) - _NAMED:,} more columns are not used as weights")
    unanswered = [at for at, why in draft.dropped.items() if why == UNANSWERED]
    if blank := [f'"{shortened(heads[at].key)}"' for at in unanswered]:
        draft.remarks.append(f"nobody answered {some_of(blank, _NAMED)}: left out")
    if waves := [label for label in draft.waves.values() if label]:
        draft.remarks.append(
            f'"{shortened(heads[draft.wave].key)}" tells waves apart: {", ".join(waves)}. '
            f"Shares are of {waves[-1]} unless another is chosen"
        )
    return draft


def _once_each(sheet: Sheet, questions: Sequence[DraftQuestion]) -> None:
    """Filter by a characteristic once, as most people answered it: by country, not by both."""
    most: dict[str, tuple[int, DraftQuestion]] = {}
    for question in questions:
        if not question.demographic:
            continue
        answered = shape_of(sheet.columns[question.parts[0].at]).answered
        asked = named(question.wording) or bare_label(question.wording)
        known = most.get(asked)
        if known is not None:
            (question if answered <= known[0] else known[1]).demographic = False
        if known is None or answered > known[0]:
            most[asked] = answered, question


def _around(sheet: Sheet, heads: Sequence[Head]) -> Around:
    """Gather what each question may learn from the others."""
    sets: dict[frozenset[str], None] = {}
    numbers: list[Collection[float]] = []
    for head, column in zip(heads, sheet.columns, strict=True):
        if head.role != "question" or head.open:
            continue
        shape = shape_of(column)
        said = [*(column.labels.values() or shape.answers)]
        if column.labels or (not shape.numbers and 2 < len(said) <= FEW):
            kinds = missing_kinds(said)
            sets[frozenset(label for label in said if kinds[label] is Missing.NO)] = None
        elif shape.is_number and is_scale(shape, head.text):
            numbers.append(shape.numbers.values())
    language = language_of(head.text for head in heads if head.role == "question")
    return Around(tuple(sets), ranges_of(numbers), language=language)


def _identifier(sheet: Sheet, heads: Sequence[Head]) -> int:
    """Column that distinguishes respondents; -1 where there is none."""
    for at, (head, column) in enumerate(zip(heads, sheet.columns, strict=True)):
        if head.role == "identifier" and len(sheet.rows):
            filled = column.counts[column.filled]
            if filled.sum() >= 0.5 * len(sheet.rows) and len(filled) >= 0.9 * filled.sum():
                return at
    unique = [
        at
        for at, (head, column) in enumerate(zip(heads, sheet.columns, strict=True))
        if not head.item and _tells_apart(column)
    ]
    named = [at for at in unique if is_identifying(heads[at].key)]
    worker = [at for at in unique if kind_of(heads[at].key) == "worker"]
    return next(iter((*named, *worker)), -1)


def _tells_apart(column: Column) -> bool:
    """Return whether all cells are filled and different."""
    return bool(column.values) and all(column.values) and bool((column.counts == 1).all())


def _differ(shape: Shape) -> bool:
    """Return whether most cells are different."""
    return 2 * len(shape.answers) > shape.answered > 0


def _are_random(shape: Shape) -> bool:
    """Return whether all cells are different codes that nobody would write: 7f3a-09bc."""
    return len(shape.answers) == shape.answered >= _PEOPLE and all(
        map(_RANDOM.fullmatch, shape.answers)
    )


def _are_numbers_of_rows(head: Head, column: Column) -> bool:
    """Return whether numbers that are all different go up from 1 row by row, or are called so."""
    if len(column.values) < _ROWS or not all(value.isdecimal() for value in column.values):
        return False
    from_first = counts_up(column) and column.cell(0) in ("0", "1")
    return from_first or is_numbering(head.name or head.key) or is_numbering(head.text)


def _waves(sheet: Sheet, heads: Sequence[Head]) -> tuple[int, dict[str, str]]:
    """Find the column that tells waves apart, and the waves in their order; -1 if there is none.

    They have the order of the numbers in them, or else that of the file.
    """
    for at, (head, column) in enumerate(zip(heads, sheet.columns, strict=True)):
        shape = shape_of(column)
        said = {cell: column.labels.get(cell, cell) for cell in shape.answers}
        if head.role != "question" or head.item or not shape.repeats:
            continue
        if not any(_WAVE.fullmatch(bare_label(words)) for words in (head.text, head.name)):
            continue
        kinds = missing_kinds([*said.values()])
        gone = {cell for cell, label in said.items() if kinds[label] or cell in shape.declared}
        waves = {cell: label for cell, label in said.items() if cell not in gone}
        if not 2 <= len(waves) <= _WAVES or len({*waves.values()}) < len(waves):
            continue
        numbers = {cell: [*map(int, re.findall(r"\d{1,6}", cell))] for cell in waves}
        known = all(numbers.values()) and len({*map(tuple, numbers.values())}) == len(waves)
        order = sorted(waves, key=numbers.__getitem__) if known else [*waves]
        return at, {cell: waves[cell] for cell in order} | dict.fromkeys(gone, "")
    return -1, {}


def _single(
    sheet: Sheet, heads: Sequence[Head], at: int, draft: Draft, names: Names, around: Around
) -> None:
    """Draft what one column is: part of the design, ignored, left out, or a question."""
    head, column = heads[at], sheet.columns[at]
    title = titled(head)
    if head.label and head.text == head.name and not head.open:
        title = head.label  # a variable that only looked like one of several
    if at == draft.identifier:
        draft.names[at] = names.give(head.key, brief=True)
        return
    shape = shape_of(column)
    if is_left_out(head, title, column, shape):
        draft.dropped[at] = "it may name a person"
    elif head.role in ("meta", "identifier") or (
        not head.item
        and (
            _are_random(shape)
            or (is_identifying(head.key) and _differ(shape))
            or (_tells_apart(column) and _are_numbers_of_rows(head, column))
        )
    ):
        draft.others[at] = names.give(head.key, brief=True)
    elif at == draft.weight or at == draft.wave:
        draft.names[at] = names.give(head.key, brief=True)
    elif at in draft.weighting.aside or shape.is_date or column.form == "date":
        draft.others[at] = names.give(head.name or title, brief=not head.name)
    elif not shape.answers and not column.labels:
        draft.dropped[at] = UNANSWERED
    else:
        said = head.name or named(title) or without_instructions(title)
        if head.name and head.item and sum(other.name == head.name for other in heads) > 1:
            said = head.key  # one of several that only look like parts of a question
        name = names.give(said, keep=True, brief=not head.name)
        if head.open and head.name:
            name = names.give(f"{head.name}_text", keep=True)
        draft.questions.append(question_of(column, head, at, shape, name, title, around))
        _joined(draft.questions[-1], column, head, shape, draft)
        number = draft.questions[-1].kind is Kind.NUMBER and column.form != "number"
        if number and shape.maybe_thousands:
            draft.remarks.append(f'"{shortened(head.key)}" {_POINTS_READ}')


def _joined(
    question: DraftQuestion, column: Column, head: Head, shape: Shape, draft: Draft
) -> None:
    """Say where one answer a cell was read, and some cells may join several."""
    if question.kind not in (Kind.SINGLE, Kind.TEXT) or column.labels or are_months(shape):
        return
    example, n = joined_answers(column, shape)
    if n:
        draft.remarks.append(
            f'"{shortened(head.key)}" is read as one answer a respondent, but {n:,} of '
            f'{shape.answered:,} look like several ("{shortened(example, 40)}"). If respondents '
            'could choose several, add "(select all that apply)" to the question in the file, put '
            '";" between answers, and draft the codebook anew'
        )
