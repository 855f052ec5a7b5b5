"""What one column asks: its kind, its answers, and whether it says who a respondent is."""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from helpers.codebook.model import Kind, Missing
from helpers.importing.columns.boxes import WRITTEN_IN
from helpers.importing.columns.checks import skeleton
from helpers.importing.draft.model import FEWEST, MOST_NAMES, OFTEN, DraftQuestion, Part
from helpers.importing.draft.options import (
    RECOMMENDED,
    Around,
    Points,
    in_order,
    options_of,
    recommendation,
    stated_range,
    yes_and_no,
)
from helpers.importing.draft.personal_columns import may_name
from helpers.importing.draft.several_columns import LEFT, TICKED
from helpers.importing.files.sheets import Column
from helpers.importing.layouts.heads import Head
from helpers.importing.words.characteristics import asks_age, is_about, is_yes_or_no, tells_who
from helpers.importing.words.instructions import asks_for_one
from helpers.importing.words.nonanswers import missing_kinds
from helpers.importing.words.scales import bare_label, is_other
from helpers.importing.words.shapes import Shape, shape_of

_BRIEF = 12  # words of a question that the name of its variable may speak for
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
_CUTS = (18, 25, 35, 45, 55, 65, 75)  # between bands of ages
_OLDEST = 120
_AGES = frozenset(map(float, range(_OLDEST + 1)))
_FEW_AMOUNTS = 8  # that are answers to choose from: 1 hour, 2 hours
_CODED = re.compile(  # what such codes stand for
    r"\b(?:codes?|c[óo]digos?|ids?|identifier|zip|post(?:al|code)?|districts?|distritos?|regi[oó]ns?|"
    r"r[ée]gions?|provinces?|provincias?|count(?:y|ies)|states?|estados?|wards?|tracts?|areas?|zones?|"
    r"zonas?|clusters?|psu|fips|nuts|isco|isic|nace|sic|strat(?:um|a)|estratos?|constituency|"
    r"municipal\w*|municipios?|comunas?|communes?|bezirke?|kreise?|gemeinden?|villages?|"
    r"interviewers?|entrevistador\w*|enum(?:erator)?s?|schools?|stations?)\b",
    re.IGNORECASE,
)
_FEW_CODES = 60  # such as of districts, that are answers to compare
_DECIMAL = re.compile(r"\d\.\d")
POINTS = 11  # numbers up to which whole ones may be a scale
_LISTED = 25  # answers to choose one of
_YEARS = 8  # of study, of a survey: no years of birth
_MANY = 15  # different answers, of which some may be spelled in several ways


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
    elif is_about(head.text) and bare_label(head.item) not in map(bare_label, shape.answers):
        said = [head.item]
    else:
        return False
    found = [words for words in said if tells_who(words)]
    if {bare_label(labels.get(cell, cell)) for cell in shape.answers} <= TICKED | LEFT:
        found = [words for words in found if is_yes_or_no(words)]
    return bool(found)


def question_of(
    column: Column, head: Head, at: int, shape: Shape, name: str, title: str, around: Around
) -> DraftQuestion:
    """Draft the question that one column is."""
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
        if as_recommendation(question, title, [*shape.answers]):
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
    elif shape.is_number and _are_codes(shape, title):
        question.reasons.append("codes filled up with 0, not numbers")
    else:
        question.reasons.append("answers in own words")
        if may_name(title, head, shape):
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


def as_recommendation(question: DraftQuestion, title: str, cells: Sequence[str]) -> Points | None:
    """Make a question one of recommending, with points for options, if its answers are such."""
    points, part = recommendation(title, question.options), question.parts[0]
    if points is not None:
        question.kind, question.options = Kind.RECOMMEND, points.options
        coded = ((c, points.codes.get(k, k)) for c, k in cells_coded(cells, part.recode))
        part.recode = {cell: code for cell, code in coded if cell != code}
    return points


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
        if _are_few_years(shape) or _are_places(shape, title):
            return Kind.SINGLE
        if is_scale(shape, title):
            return Kind.SINGLE
        if _are_codes(shape, title):
            return Kind.SINGLE if len(shape.answers) <= _FEW_CODES else Kind.TEXT
        return Kind.NUMBER if shape.is_number else Kind.TEXT
    if _of_substance(shape) < 2 and not column.labels:
        return Kind.TEXT  # an option set needs two answers
    return Kind.SINGLE if shape.repeats else Kind.TEXT


def _are_places(shape: Shape, title: str) -> bool:
    """Return whether numbers are the places of answers in a list: *How many? (select one)*.

    Where an amount is asked, places are those from 1 on, each of which somebody chose; 0 is none.
    """
    listed = shape.is_number and shape.is_whole and 1 < len(shape.answers) <= _LISTED
    chosen = asks_for_one(title) and not asks_age(title)
    if not listed or not chosen or min(shape.numbers.values(), default=-1) < 0:
        return False
    values = {*shape.numbers.values()}
    return not _asks_amount(title) or values == {*range(1, len(values) + 1)}


def _asks_amount(title: str) -> bool:
    return bool(_AMOUNT.search(_OPINION.sub("", title)))


def _are_codes(shape: Shape, title: str) -> bool:
    """Return whether numbers are codes: 0 fills them up to one length, and the title says of what.

    Without such a word *045* may be a weight, and *0930* a time.
    """
    cells = [*shape.answers]
    filled = any(len(cell) > 1 and cell[0] == "0" for cell in cells)
    alike = all(map(str.isdecimal, cells)) and len({*map(len, cells)}) == 1
    return filled and alike and bool(_CODED.search(title))


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


def is_scale(shape: Shape, title: str) -> bool:
    """Return whether numbers are codes or points of a scale, not an amount."""
    values = list(shape.numbers.values())
    if not shape.is_whole or len(values) < 2:
        return False
    stated = stated_range(title)
    if stated and stated[0] <= min(values) and max(values) <= stated[1]:
        return True
    if _asks_amount(title) and not RECOMMENDED.search(title):
        return False
    highest = POINTS - 1 if min(values) >= 0 else POINTS // 2
    return min(values) >= -(POINTS // 2) and max(values) <= highest
