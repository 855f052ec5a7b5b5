"""Guesses at what a file without a codebook holds."""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_address

import numpy as np

from helpers.codebook.model import Kind, Missing
from helpers.importing.columns.boxes import WRITTEN_IN, is_nothing, plain
from helpers.importing.columns.checks import skeleton
from helpers.importing.columns.mapping import UNANSWERED
from helpers.importing.draft.box_guesses import are_months, joined_answers
from helpers.importing.draft.good_news import favoured
from helpers.importing.draft.model import (
    FEWEST,
    MOST_NAMES,
    OFTEN,
    Draft,
    DraftOption,
    DraftQuestion,
    Known,
    Part,
    tick_options,
)
from helpers.importing.draft.options import (
    RECOMMENDED,
    Around,
    in_order,
    options_of,
    ranges_of,
    recommendation,
    stated_range,
    yes_and_no,
)
from helpers.importing.draft.rankings import are_places
from helpers.importing.draft.weighting import find_weights
from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.headers import counts_up
from helpers.importing.layouts.heads import Head, label_of, titled
from helpers.importing.layouts.plain import LANGUAGES
from helpers.importing.words.characteristics import (
    asks_age,
    is_about,
    is_yes_or_no,
    named,
    tells_who,
)
from helpers.importing.words.choice_names import spelled
from helpers.importing.words.instructions import (
    asks_for_all,
    asks_which,
    without_instructions,
)
from helpers.importing.words.languages import language_of
from helpers.importing.words.names import Names, shortened
from helpers.importing.words.nonanswers import missing_kinds
from helpers.importing.words.personal import holds, is_identifying, is_numbering, kind_of
from helpers.importing.words.scales import AMOUNTS, is_other, order_of, plainly
from helpers.importing.words.shapes import FEW, SENTINELS, Shape, shape_of
from helpers.terminal import Step

PERSONAL = re.compile(
    r"\b(ip ?addr(ess)?|e-?mail( ?address)?|first ?name|last ?name|full ?name|surname|phone"
    r"|telephone|mobile|postcode|zip ?code|latitude|longitude|location ?(latitude|longitude)"
    r"|recipient ?\w+|ipaddress|ipaddr|emailaddress|firstname|lastname|ip-?adresse"
    r"|e-?mail-?adresse|vorname|nachname|telefon(nummer)?|submission (edit )?url|user ?name)\b"
    r"|^name$|^来自ip$|_(latitude|longitude)$",
    re.IGNORECASE,
)
_IN_NUMBERS = ("mail", "phone", "device", "worker", "ip", "place", "number")
_BRIEF = 12  # words of a question that the name of its variable may speak for
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_GEOPOINT = re.compile(r"-?\d{1,2}\.\d{3,} -?\d{1,3}\.\d{3,}( -?[\d.]+ [\d.]+)?")  # of ODK
_RANDOM = re.compile(r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9-]{8,64}")
_ROWS = 20  # whose numbers are no chance
_PEOPLE = 5  # whose codes are more than a few serial numbers that somebody asked for
_AMOUNT = re.compile(
    r"\b(how (many|much|old|long|far)|number of|age|year|hours?|minutes?|days?|count(?! on)"
    r"|amount|total|salary|spend|km|miles|distance|duration)\b",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"\bhow much (do|did|would|does) (you|they|we) (like|enjoy|agree|trust|value|care|want|support)"
    r"|\bhow much (\w+ )?(importance|confidence|trust|interest|influence|impact|control|value|faith"
    r"|effort|attention|support|pressure|stress|say|freedom)\b",
    re.IGNORECASE,
)
_WAVE = re.compile(
    r"(survey |study )?(wave|round)( (number|no\.?|id))?|survey[ _]?year"
    r"|(erhebungs|befragungs)?welle|(befragungs|erhebungs)jahr|vague( d'enquête)?"
    r"|oleada|ola|onda( de la encuesta)?|الموجة|موجة",
)
_WAVES = 12  # at most
_CUTS = (18, 25, 35, 45, 55, 65, 75)  # between bands of ages
_OLDEST = 120
_AGES = frozenset(map(float, range(_OLDEST + 1)))
_BOXES = 3
_NAMED = 5  # columns in a remark
_FEW_AMOUNTS = 8  # that are answers to choose from: 1 hour, 2 hours
_DECIMAL = re.compile(r"\d\.\d")
POINTS = 11  # numbers up to which whole ones may be a scale

Progress = Callable[[str], None]

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
_UNTICKED = frozenset(
    ("not selected", "unselected", "unchecked", "not ticked", "not checked", "nicht gewählt")
)
_POINTS = 15
_YEARS = 8  # of study, of a survey: no years of birth
_MANY = 15  # different answers, of which some may be spelled in several ways


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
        for at, head in enumerate(_with_own_words(sheet, heads))
    ]
    for together in groups_of(heads):
        draft.questions += [first[at] for at in together if at in first]
        places = [at for at in together if at not in own.taken]
        if not places:
            continue
        progress(Step(f"Looking at columns of {sheet.file}", places[-1] + 1, len(heads)))
        question = _grouped(sheet, heads, places, names, around)
        if question is not None:
            draft.questions.append(question)
            continue
        for at in places:
            _single(sheet, heads, at, draft, names, around)
    _once_each(sheet, draft.questions)
    draft.questions = favoured(draft.questions, names)
    draft.remarks += draft.weighting.proposed
    if blank := [shortened(heads[n].key) for n, why in draft.dropped.items() if why == UNANSWERED]:
        named = ", ".join(f'"{key}"' for key in blank[:_NAMED])
        more = f" and {len(blank) - _NAMED:,} more" if len(blank) > _NAMED else ""
        draft.remarks.append(f"nobody answered {named}{more}: left out")
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
        asked = named(question.wording) or plainly(question.wording)
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
        elif shape.is_number and _is_scale(shape, head.text):
            numbers.append(shape.numbers.values())
    language = language_of(head.text for head in heads if head.role == "question")
    return Around(tuple(sets), ranges_of(numbers), language=language)


def _identifier(sheet: Sheet, heads: Sequence[Head]) -> int:
    """Column that distinguishes respondents; -1 where there is none."""
    for at, (head, column) in enumerate(zip(heads, sheet.columns, strict=True)):
        if head.role == "identifier" and len(sheet.rows):
            filled = column.counts[[bool(v) for v in column.values]]
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
        if not any(_WAVE.fullmatch(plainly(words)) for words in (head.text, head.name)):
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
    spelled = re.sub(r"([a-z])([A-Z])", r"\1 \2", title)
    own = PERSONAL.search(spelled) and head.role == "meta"
    own = own or _mostly(_MAIL.fullmatch, shape)
    if (
        own
        or _mostly(_is_address, shape)
        or _mostly(_GEOPOINT.fullmatch, shape)
        or is_personal(head, column, shape)
    ):
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
        draft.questions.append(_question(column, head, at, shape, name, title, around))
        _joined(draft.questions[-1], column, head, shape, draft)
        number = draft.questions[-1].kind is Kind.NUMBER and column.form != "number"
        if number and shape.maybe_thousands:
            draft.remarks.append(f'"{shortened(head.key)}" {_POINTS_READ}')


def is_characteristic(head: Head, shape: Shape, labels: Mapping[str, str]) -> bool:
    """Return whether a column says who a respondent is; a box never does.

    `labels` are what the file says that its cells mean.
    """
    said = [head.text]
    if not head.item:
        brief = len(head.text.split()) <= _BRIEF
        said += [head.name] if brief else []
    elif re.fullmatch(r"[A-Za-z]{0,3}\d{1,3}|[a-z]", head.item):
        said = [head.label or head.text]
    elif is_about(head.text) and plainly(head.item) not in map(plainly, shape.answers):
        said = [head.item]
    else:
        return False
    found = [words for words in said if tells_who(words)]
    if {plainly(labels.get(cell, cell)) for cell in shape.answers} <= _TICKED | _LEFT:
        found = [words for words in found if is_yes_or_no(words)]
    return bool(found)


def is_personal(head: Head, column: Column, shape: Shape) -> bool:
    """Return whether a header is that of personal data, and its cells are no answers."""
    if column.labels:
        return False
    said = (head.item, head.label) if head.item else (head.key, head.text, head.name)
    kind = next((kind for words in said if (kind := kind_of(words))), "")
    if not kind or head.role == "meta":
        return bool(kind)
    own = {plainly(words) for words in said}
    cells = [cell for cell in shape.answers if plainly(cell) not in own]
    plain = {plainly(cell) for cell in cells}
    order = order_of(cells)
    answers = plain <= _TICKED | _LEFT or (order is not None and order.name not in AMOUNTS)
    return holds(kind, cells) and (kind in _IN_NUMBERS or not answers)


def _question(
    column: Column, head: Head, at: int, shape: Shape, name: str, title: str, around: Around
) -> DraftQuestion:
    kind = _kind(column, head, shape, title)
    if kind is Kind.NUMBER and around.phrases & {*shape.coded_missing}:
        kind = Kind.TEXT
    part = Part(at)
    question = DraftQuestion(name, kind, title, [part])
    if kind is Kind.SINGLE:
        question.demographic = (
            is_characteristic(head, shape, column.labels) and _of_substance(shape) > 1
        )
        near = around.about(title, question.demographic, shape.suspected, shape.answers)
        labels = column.labels or yes_and_no(title, shape.answers)
        found = options_of(list(shape.answers), labels, shape.declared, near)
        question.options, part.recode, reasons = found
        question.ordered = column.ordered or in_order(question.options)
        if any(option.score is not None for option in question.options):
            question.demographic = False  # an opinion: how good the location is
        if question.demographic and not question.ordered:
            question.rare = _rare(question, shape)
        if points := recommendation(title, question.options):
            question.kind, question.options = Kind.RECOMMEND, points.options
            coded = {
                c: points.codes.get(k, k) for c, k in cells_coded([*shape.answers], part.recode)
            }
            part.recode = {cell: code for cell, code in coded.items() if cell != code}
            question.reasons.append("a recommendation from 0 to 10: promoters less detractors")
            return question
        question.reasons += [f"one answer of {len(question.options)}", *reasons]
        if n := shape.answers.get(WRITTEN_IN):
            # All others are own words.
            part.recode = dict(cells_coded([*shape.answers], part.recode))
            question.reasons.append(
                f"{n:,} wrote an answer that nobody else gave: {WRITTEN_IN}, with the words in the "
                "question beside"
            )
    elif kind is Kind.NUMBER:
        read_numbers(part, shape)
        units = ["per cent" if unit == "%" else unit for unit in part.units]
        question.reasons.append(f"numbers, in {', '.join(units)}" if units else "numbers")
        if shape.coded_missing:
            question.reasons.append(f"no answer: {', '.join(shape.coded_missing)}")
        if shape.converted:
            cell, turned = max(shape.converted.items(), key=lambda each: shape.answers[each[0]])
            question.reasons.append(f'several units turned into one: "{cell}" is {turned}')
        if part.decimal_comma:
            question.reasons.append("written with a decimal comma")
        if part.thousands:
            question.reasons.append("written with commas between thousands")
        band_ages(question, shape)
    elif not shape.answers:
        question.reasons.append("nothing was written")
    else:
        question.reasons.append("answers in own words")
        if PERSONAL.search(title) or PERSONAL.search(head.item) or _mostly(_MAIL.fullmatch, shape):
            question.reasons.append("it may name a person: drop it in mapping.yml if it does")
    return question


def _rare(question: DraftQuestion, shape: Shape) -> frozenset[str]:
    """Answers that are one band of a filter: too few people for a group, or a long list's end."""
    options = {o.code: o.label for o in question.options if o.missing is Missing.NO}
    counts = Counter[str]()
    for cell, code in cells_coded([*shape.answers], question.parts[0].recode):
        counts[code] += shape.answers.get(cell, 0)
    often = sorted(options, key=lambda code: -counts[code])
    often = often if len(options) <= MOST_NAMES else often[:OFTEN]
    kept = {code for code in often if counts[code] >= FEWEST}
    rare = options.keys() - kept
    rare |= {code for code in kept if is_other(options[code])} if rare else set()
    return frozenset(rare) if 1 < len(rare) < len(options) else frozenset()


def band_ages(question: DraftQuestion, shape: Shape) -> None:
    """Make a filter of ages in whole years: bands from the youngest, the last without an end.

    They are cut as statistics offices cut them.
    """
    given = [cell for cell in shape.answers if question.parts[0].recode.get(cell, cell)]
    ages = {shape.numbers.get(cell, -1.0) for cell in given}
    if not ages or not ages <= _AGES or not asks_age(question.wording):
        return
    held = sorted({bisect(_CUTS, int(age)) for age in ages})
    for place in range(held[0], held[-1] + 1):
        low, high = (0, *_CUTS, _OLDEST + 1)[place : place + 2]
        last = place == held[-1]
        label, end = (f"{low}+", _OLDEST) if last else (f"{low}–{high - 1}", high - 1)
        question.bands += ((f"a{low}", label, f"{low} to {end}"),)
    question.demographic = True


def read_numbers(part: Part, shape: Shape) -> None:
    """Say how the numbers of a column are written, and which cells are none."""
    part.recode = dict.fromkeys(shape.coded_missing, "") | {**shape.converted}
    part.decimal_comma = bool(shape.commas) and not any(map(_DECIMAL.search, shape.numbers))
    part.units = ("%",) if shape.percents else tuple(dict.fromkeys(shape.units.values()))
    part.thousands = bool(shape.thousands)


def cells_coded(cells: Sequence[str], recode: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Cells with the codes that stand for them."""
    for cell in dict.fromkeys([*cells, *recode]):
        yield cell, recode.get(cell, cell)


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


_POINTS_READ = (
    "is read as decimals: 1.234 is a little more than 1. But every point has three digits behind "
    "it, so it may separate thousands. If it does, write the numbers without points"
)


def _is_address(cell: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(cell))
    return False


def _mostly(rule: Callable[[str], object], shape: Shape) -> bool:
    """Return whether nearly all cells look alike in this way."""
    found = sum(n for value, n in shape.answers.items() if rule(value))
    return found > 0 and found >= 0.9 * shape.answered


def _kind(column: Column, head: Head, shape: Shape, title: str) -> Kind:
    if head.open or not shape.answers:
        return Kind.TEXT
    if column.labels:
        covered = sum(n for v, n in shape.answers.items() if v in column.labels)
        if covered >= 0.5 * shape.answered and len(shape.answers) <= 60:
            return Kind.SINGLE
    written = column.form == "text" and not shape.repeats
    if written or _are_typed(shape) or (head.free and not (shape.is_number or shape.nearly_number)):
        return Kind.TEXT
    few = len(shape.answers) <= _FEW_AMOUNTS and not asks_age(title)
    if shape.repeats and (
        shape.percents or shape.are_points or ((shape.units or shape.converted) and few)
    ):
        return Kind.SINGLE
    if shape.is_number or shape.nearly_number:
        if _are_few_years(shape):
            return Kind.SINGLE
        if _is_scale(shape, title):
            return Kind.SINGLE
        return Kind.NUMBER if shape.is_number else Kind.TEXT
    if _of_substance(shape) < 2 and not column.labels:
        return Kind.TEXT  # an option set needs two answers
    return Kind.SINGLE if shape.repeats else Kind.TEXT


def _are_few_years(shape: Shape) -> bool:
    """Return whether numbers are a few calendar years, of which many respondents gave each."""
    years = shape.numbers.values()
    few = 1 < len(years) <= _YEARS and 5 * len(years) <= shape.answered
    return few and shape.is_whole and all(1900 <= year <= 2100 for year in years)


def _are_typed(shape: Shape) -> bool:
    """Return whether so many answers are spelled in several ways that respondents wrote them."""
    words = [value for value in shape.answers if value not in shape.numbers]
    twins = len(words) - len({*map(skeleton, words)})
    share = 0.1 if len(words) < 2 * _MANY else 0.05
    return len(words) >= _MANY and twins > 2 and twins >= share * len(words)


def _of_substance(shape: Shape) -> int:
    """Count the different answers that say something."""
    kinds = missing_kinds([*shape.answers])
    return sum(kind is Missing.NO for kind in kinds.values())


def are_own_words(head: Head, column: Column) -> bool:
    """Return whether respondents wrote what is in a column, and not numbers or dates."""
    shape = shape_of(column)
    if head.role != "question" or _kind(column, head, shape, head.text) is not Kind.TEXT:
        return False
    digits = sum(n for value, n in shape.answers.items() if value[0].isdigit())
    return digits < 0.5 * shape.answered


def _is_scale(shape: Shape, title: str) -> bool:
    """Return whether numbers are codes or points of a scale, not an amount."""
    values = list(shape.numbers.values())
    if not shape.is_whole or len(values) < 2:
        return False
    stated = stated_range(title)
    if stated and stated[0] <= min(values) and max(values) <= stated[1]:
        return True
    if _AMOUNT.search(_OPINION.sub("", title)) and not RECOMMENDED.search(title):
        return False
    highest = POINTS - 1 if min(values) >= 0 else POINTS // 2
    return min(values) >= -(POINTS // 2) and max(values) <= highest


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


def _with_own_words(sheet: Sheet, heads: Sequence[Head]) -> Sequence[Head]:
    """Say of columns among boxes that they hold own words, if they alone hold no ticks.

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


def _grouped(
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
        question.options = answers or tick_options()
        words = "each column holds one answer or nothing" if apart else "a cell joins the answers"
        if "," in sheet.columns[places[0]].place:
            words = "each column holds one of the answers given"
        question.reasons.append(
            "a grid of boxes that say yes or no: a blank beside them is no answer"
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
    """Recode of a box: its cells to 1 and 0; None where they are no ticks."""
    recode = {}
    blank = {cell for cell in shape.answers if is_nothing(cell) and cell not in SENTINELS}
    blank |= {cell for cell in shape.answers if plainly(cell) in _UNTICKED}
    for cell in shape.answers:
        text = plainly(cell)
        if text in _TICKED or text == plainly(item):
            recode[cell] = "1"
        elif text in _LEFT:
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
    sheet: Sheet,
    places: Sequence[int],
    heads: Sequence[Head],
    ticks: list[dict[str, str] | None],
) -> list[dict[str, str] | None]:
    """Take for ticks what boxes hold in several languages: two or three texts that no other holds.

    Columns that everybody filled in who filled in any are no boxes.
    """
    columns = [sheet.columns[at] for at in places]
    shapes = [shape_of(column) for column in columns]
    filled = np.array([np.array([*map(bool, c.values)] or [False])[c.codes] for c in columns])
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
            own_label = plainly(item) in map(plainly, cells) or re.fullmatch(r"\w?\w?\w?\d+", item)
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
    words = {plainly(v) for shape in filled for v in shape.answers}
    both = {"yes", "no"} <= words or {"ja", "nein"} <= words
    return not both or any("yes" not in map(plainly, shape.answers) for shape in filled)


def _skipped(sheet: Sheet, places: Sequence[int], ticks: Sequence[Mapping[str, str]]) -> int:
    """Count the blanks of boxes that say both yes and no, beside others that do so.

    Such a blank is no answer: somebody passed over one question of several.
    """
    filled = []
    for at, recode in zip(places, ticks, strict=True):
        column = sheet.columns[at]
        codes = [recode.get(value, value) for value in column.values]
        if {*filter(None, codes)} == {"0", "1"}:
            filled.append(np.array([bool(code) for code in codes])[column.codes])
    return int((np.any(filled, axis=0) & ~np.array(filled)).sum()) if filled else 0


def _only_wrote(sheet: Sheet, heads: Sequence[Head], places: Sequence[int]) -> int:
    """Count who left all boxes but wrote into the column for other answers."""
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
) -> tuple[DraftOption, ...]:
    """Answers of boxes, if all say yes in one word and no in another."""
    said = {
        (recode.get(cell, cell), sheet.columns[at].labels.get(cell, cell))
        for at, recode in zip(places, ticks, strict=True)
        for cell in shape_of(sheet.columns[at]).answers
        if recode.get(cell, cell)
    }
    if sorted(code for code, _ in said) != ["0", "1"]:
        return ()
    return tuple(DraftOption(code, word) for code, word in sorted(said, reverse=True))


def _ticked_words(ticks: Mapping[str, str], item: str) -> str:
    """Words that stand in a box which is ticked, where the header has but its number."""
    words = [cell for cell, code in ticks.items() if code == "1" and plainly(cell) not in _TICKED]
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
