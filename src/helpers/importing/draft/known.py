"""Questions as a questionnaire says they were asked: no guesses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from helpers.codebook.model import TICK_BOX, Kind, Missing, Option
from helpers.codebook.routing import parse_routing
from helpers.importing.columns.boxes import WRITTEN, WRITTEN_IN, is_nothing
from helpers.importing.draft.model import Draft, DraftQuestion, Known, Part
from helpers.importing.draft.one_column import (
    as_recommendation,
    band_ages,
    cells_coded,
    is_characteristic,
    read_numbers,
)
from helpers.importing.draft.options import Around, in_order, options_of
from helpers.importing.draft.personal_columns import is_personal
from helpers.importing.draft.several_columns import ticks_of
from helpers.importing.files.sheets import Sheet
from helpers.importing.layouts.heads import Head
from helpers.importing.questionnaires.conditions import Compared, Condition, Unread
from helpers.importing.questionnaires.fitting import FormFit, FormPart, meanings
from helpers.importing.questionnaires.model import Choice, FormColumn, FormQuestion, Holds
from helpers.importing.words.names import Names, shortened
from helpers.importing.words.nonanswers import missing_kind, missing_kinds
from helpers.importing.words.shapes import SENTINELS, Shape, shape_of

_CODE = re.compile(r"-?[0-9]{1,6}|[A-Za-z0-9_]{1,40}")
_LISTED = 8  # questions that a remark gives
_TICKED = frozenset(("1", "y", "yes", "true", "checked"))
_OPERATORS = ("and", "or", "in", "not")  # words of a condition

Places = Sequence[tuple[int, FormColumn]]


def known_questions(
    fit: FormFit, sheet: Sheet, heads: Sequence[Head], names: Names, around: Around, draft: Draft
) -> Known:
    """Draft the questions of a questionnaire that a file has columns for.

    What it says of who was asked is added if the answers do not contradict it.
    """
    maker = _KnownDraft(fit, sheet, heads, names, around, draft)
    places: dict[tuple[str, str], list[tuple[int, FormPart]]] = {}
    for at, head in enumerate(heads):
        held = _held(fit, head.key)
        if held is not None:
            places.setdefault((held.asked.name, held.asked.place), []).append((at, held))
    for own in places.values():
        maker.add(own)
    _routed(maker)
    return maker.finish()


def _held(fit: FormFit, key: str) -> FormPart | None:
    """Return what a column holds, also one of those that a cell was divided into."""
    if key in fit.held and key not in fit.boxes:
        return fit.held[key]
    for whole in {*fit.boxes, *fit.own}:
        if not key.startswith(f"{whole} [") or not key.endswith("]"):
            continue
        asked, token = fit.held[whole].asked, key[len(whole) + 2 : -1]
        choice = fit.boxes.get(whole, {}).get(token)
        if choice is not None:
            box = FormColumn((whole,), (), choice.code, choice.label, Holds.BOX)
            return FormPart(asked, box)
        if token == WRITTEN and (whole in fit.written or whole in fit.own):
            return FormPart(asked, FormColumn((whole,), label=WRITTEN, holds=Holds.WORDS))
    return None


class _KnownDraft:
    """Makes questions, one after the other."""

    def __init__(self, fit: FormFit, sheet: Sheet, heads: Sequence[Head], names: Names,
                 around: Around, draft: Draft) -> None:  # fmt: skip
        self.fit, self.sheet, self.heads = fit, sheet, heads
        self.names, self.around, self.draft = names, around, draft
        self.known = Known()
        self.aside: list[tuple[int, FormPart]] = []
        self.asked: list[tuple[DraftQuestion, FormQuestion]] = []
        self.codes: dict[str, dict[str, str]] = {}  # of a question, by those there

    def add(self, own: Sequence[tuple[int, FormPart]]) -> None:
        """Add what a question has columns for."""
        asked, left = own[0][1].asked, []
        if asked.identifies:
            return
        for at, held in own:
            if held.asked.drop or held.asked.aside or self._leaves_out(at, held):
                self.aside.append((at, held))
            else:
                asked = held.asked
                left.append((at, held.field))
        for question in self._questions(asked, left) if left else ():
            self.known.questions.append(question)
            self.asked.append((question, asked))
            self.known.taken |= {part.at for part in question.parts}

    def finish(self) -> Known:
        """Put aside what is not a question, once all questions have their names."""
        for at, held in self.aside:
            self._aside(at, held)
        none = {
            option.label: None
            for question in self.known.questions
            for option in question.options
            if option.missing is not Missing.NO and option.code in question.offered
        }
        if none:
            listed = ", ".join(f'"{label}"' for label in none)
            self.draft.remarks.append(
                f"{self.fit.form.file} offers {listed}: shares do not count them"
            )
        return self.known

    def _leaves_out(self, at: int, held: FormPart) -> bool:
        """Return whether a column of words or numbers is of personal data."""
        if held.asked.kind not in (Kind.TEXT, Kind.NUMBER):
            return False
        column = self.sheet.columns[at]
        head = replace(self.heads[at], text=held.asked.text, item="", role="question")
        return is_personal(head, column, shape_of(column))

    def _aside(self, at: int, held: FormPart) -> None:
        self.known.taken.add(at)
        if held.asked.aside and not held.asked.drop:
            self.draft.others[at] = self.names.give(held.field.names[0], keep=True)
        else:
            self.draft.dropped[at] = held.asked.drop or "it may name a person"

    def _questions(self, asked: FormQuestion, places: Places) -> Iterator[DraftQuestion]:
        words = [(at, each) for at, each in places if each.holds is Holds.WORDS]
        answers = [(at, each) for at, each in places if each.holds is not Holds.WORDS]
        found = self._answers(asked, answers) if answers else None
        if found is not None:
            yield found
        elif answers and words:
            return
        for at, each in words:
            name = self.names.give(f"{asked.name}_text", keep=True)
            label = f": {each.label}" if each.label else ""
            yield DraftQuestion(name, Kind.TEXT, f"{asked.text}{label}", [Part(at)], known=True)

    def _answers(self, asked: FormQuestion, places: Places) -> DraftQuestion | None:
        kind = asked.kind
        assert kind is not None
        shapes = [shape_of(self.sheet.columns[at]) for at, _ in places]
        if kind is Kind.MULTIPLE:
            return self._boxes(asked, places)
        strange = next((cell for cell in shapes[0].answers if _is_word(cell, shapes[0])), "")
        if kind is Kind.NUMBER and strange:
            self.say(asked, f'asks for a number, but "{shortened(strange, 40)}" is not one; the '
                            "question is guessed")  # fmt: skip
            self.known.words |= {at: asked.text for at, _ in places}
            return None
        question = DraftQuestion(self._name(asked), kind, asked.text, [], known=True)
        if kind in (Kind.TEXT, Kind.NUMBER):
            part = Part(places[0][0])
            if kind is Kind.TEXT and asked.kind is Kind.TEXT and shapes[0].is_number:
                question.kind = kind = Kind.NUMBER
                words = "numbers, although the questionnaire asks for words"
                question.reasons.append(words)
            if kind is Kind.NUMBER:
                read_numbers(part, shapes[0])
            part.recode |= {cell: "" for cell in shapes[0].answers if _is_mark(cell)}
            question.parts.append(part)
            if kind is Kind.NUMBER:
                band_ages(question, shapes[0])
            return question
        counts: dict[str, int] = {}
        for shape in shapes:
            for cell, n in shape.answers.items():
                counts[cell] = counts.get(cell, 0) + n
        options, recode, codes = self._options(asked, places, counts)
        question.options = options
        question.offered = frozenset(codes[choice.code] for choice in asked.choices)
        items = Names("item")
        for at, each in places:
            item = items.give(each.item, keep=True) if kind is Kind.GRID else ""
            question.parts.append(Part(at, item, each.label or each.item, dict(recode)))
        self.codes[question.id] = codes
        if kind is Kind.GRID:
            return question
        self._single(question, asked, places[0][0], counts)
        return question

    def _single(
        self, question: DraftQuestion, asked: FormQuestion, at: int, counts: Mapping[str, int]
    ) -> None:
        """Say whether a question is about who somebody is, and whether it is a recommendation."""
        part, column = question.parts[0], self.sheet.columns[at]
        shape = shape_of(column)
        title = "recommend" if asked.kind is Kind.RECOMMEND else asked.text
        question.kind = Kind.SINGLE
        question.ordered = in_order(question.options)
        scored = any(option.score is not None for option in question.options)
        head = replace(self.heads[at], text=asked.text, name=asked.name, item="")
        question.demographic = not scored and is_characteristic(head, shape, column.labels)
        if points := as_recommendation(question, title, [*counts]):
            own = self.codes[question.id]
            own |= {there: points.codes.get(here, here) for there, here in own.items()}
        elif WRITTEN_IN in counts:
            part.recode = dict(cells_coded([*counts], part.recode))  # all others are own words

    def _boxes(self, asked: FormQuestion, places: Places) -> DraftQuestion | None:
        question = DraftQuestion(self._name(asked), Kind.MULTIPLE, asked.text, [], known=True)
        question.options = TICK_BOX
        items, codes = Names("item"), {}
        for at, each in places:
            shape = shape_of(self.sheet.columns[at])
            ticks = ticks_of(shape, each.label)
            ticks = ticks_of(shape, each.item) if ticks is None else ticks
            if ticks is None:
                self.say(asked, f'the box "{shortened(each.label, 40)}" holds more than ticks; '
                                 "the question is guessed")  # fmt: skip
                return None
            item = items.give(each.item or each.label, keep=True)
            codes[each.item] = item
            question.parts.append(Part(at, item, each.label, ticks))
        self.codes[question.id] = codes
        return question

    def _name(self, asked: FormQuestion) -> str:
        return self.names.give(asked.name, keep=True)

    def say(self, asked: FormQuestion, words: str) -> None:
        """Say where questionnaire and file disagree."""
        where = "" if asked.place == asked.name else f", {asked.place}"
        self.draft.remarks.append(f"{self.fit.form.file}{where}: {asked.name} {words}")

    def _options(
        self, asked: FormQuestion, places: Places, counts: Mapping[str, int]
    ) -> tuple[tuple[Option, ...], dict[str, str], dict[str, str]]:
        """Options in the order of the questionnaire, cells to codes, and codes to codes."""
        meant = meanings(asked.choices, counts)
        choices = [*asked.choices]
        strange = [cell for cell in counts if cell not in meant]
        labels = {
            c: label for at, _ in places for c, label in self.sheet.columns[at].labels.items()
        }
        choices += [Choice(cell, labels.get(cell, cell)) for cell in strange if not _is_mark(cell)]
        why = self._missing(asked, choices, places, meant)
        scores = self._scores(asked, [c for c in choices if why[c.code] is Missing.NO], counts)
        names, codes, options = Names("o"), {}, []
        for choice in sorted(choices, key=lambda c: why[c.code] is not Missing.NO):
            fits = _CODE.fullmatch(choice.code) and choice.code.lower() not in _OPERATORS
            code = choice.code
            if not (fits and names.exactly(code)):
                code = names.give(choice.label)
            codes[choice.code] = code
            score = scores.get(choice.code)
            options.append(Option(code, choice.label, score, why[choice.code]))
        recode = {}
        for cell in counts:
            code = codes.get(meant[cell].code if cell in meant else cell, "")
            if code != cell:
                recode[cell] = code
        return tuple(options), recode, codes

    def _missing(
        self,
        asked: FormQuestion,
        choices: Sequence[Choice],
        places: Places,
        meant: Mapping[str, Choice],
    ) -> dict[str, Missing]:
        """Say which answers are missing: by their words, or as the file declares."""
        labels = {choice.code: choice.label for choice in choices}
        kinds = missing_kinds([*dict.fromkeys(labels.values())], asked.text)
        phrases = self.around.phrases
        why = {
            code: Missing.NO if shortened(label) in phrases else kinds[label]
            for code, label in labels.items()
        }
        for at, _ in places:
            for cell in self.sheet.columns[at].missing:
                code = meant[cell].code if cell in meant else cell
                if code in why:
                    why[code] = missing_kind(labels[code]) or Missing.NOT_ANSWERED
        for code, label in labels.items():
            if code == label and is_nothing(code):
                why[code] = Missing.NOT_ANSWERED
        return why

    def _scores(
        self, asked: FormQuestion, choices: Sequence[Choice], counts: Mapping[str, int]
    ) -> dict[str, float]:
        """Scores of choices that are a scale: no other than those that a file would have."""
        if len(choices) < 3 or len({choice.label for choice in choices}) < len(choices):
            return {}
        near = self.around.about(asked.text, False, (), counts)
        said = {choice.code: choice.label for choice in choices}
        found, recode, _ = options_of([*said], said, (), near)
        scores = {option.code: option.score for option in found}
        own = {code: scores.get(recode.get(code, code)) for code in said}
        return {code: score for code, score in own.items() if score is not None} if all(
            score is not None for score in own.values()) else {}  # fmt: skip


def _is_mark(cell: str) -> bool:
    """Return whether a cell is a program's mark for nothing, and no code."""
    return is_nothing(cell) and cell not in SENTINELS


def _is_word(cell: str, shape: Shape) -> bool:
    """Return whether a cell is neither a number nor a word for no answer."""
    known = cell in shape.numbers or cell in shape.coded_missing or cell in shape.suspected
    return not known and not is_nothing(cell)


class _Unsaid(Exception):
    """A condition that the codebook has no words for."""


class _Routing:
    """Writes conditions of a questionnaire in the words of the codebook, by what was drafted."""

    def __init__(self, maker: _KnownDraft) -> None:
        self.maker = maker
        self.names: dict[str, tuple[DraftQuestion, FormQuestion, Part | None]] = {}
        for question, asked in maker.asked:
            if question.kind is not Kind.TEXT:
                self._add(question, asked)

    def _add(self, question: DraftQuestion, asked: FormQuestion) -> None:
        self.names.setdefault(asked.name, (question, asked, None))
        parts = {part.item: part for part in question.parts}
        codes = self.maker.codes.get(question.id, {})
        for each in asked.fields:
            item = codes.get(each.item, each.item) if question.kind is Kind.MULTIPLE else each.item
            for name in each.names:
                part = parts.get(item) or next(
                    (p for p in question.parts if p.item.lower() == each.item.lower()), None
                )
                self.names.setdefault(name, (question, asked, part if each.item else None))

    def readings(self, condition: Condition) -> Iterator[Condition]:
        """Yield a condition as it is, and with *is not* true also of people who were not asked."""
        yield condition
        with suppress(Unread):
            found: Condition | None = None
            for part in condition.alternatives:
                both: Condition | None = None
                for each in part:
                    one = Condition(((each,),))
                    known = self.names.get(each.name)
                    gate = known[1].shown_if if known and each.sign == "!=" else None
                    one = one.either(gate.contrary()) if gate is not None else one
                    both = one.both(both)
                assert both is not None
                found = both if found is None else found.either(both)
            if found is not None and found != condition:
                yield found

    def text(self, condition: Condition) -> str:
        """Write a condition; comparisons of one column are put together."""
        parts = [[self._comparison(each) for each in part] for part in condition.alternatives]
        if len(parts) > 1 and all(len(part) == 1 for part in parts):
            found: dict[str, list[str]] = {}
            for [(column, sign, code)] in parts:
                found.setdefault(column if sign == "=" else f"{column} {sign} {code}", []).append(
                    code
                )
            if len(found) == 1 and all(part[0][1] == "=" for part in parts):
                [(column, codes)] = found.items()
                return f"{column} in {' '.join(dict.fromkeys(codes))}"
        return " or ".join(" and ".join(" ".join(one) for one in part) for part in parts)

    def _comparison(self, each: Compared) -> tuple[str, str, str]:
        question, part = self._question(each.name)
        codes = self.maker.codes.get(question.id, {})
        if question.kind is Kind.MULTIPLE:
            return self._box(question, part, each, codes)
        if question.kind is Kind.GRID and part is None:
            raise _Unsaid
        column = question.column(part or question.parts[0])
        if each.box:  # an answer that is selected, in whichever kind of question
            ticked = each.code.lower() in _TICKED
            if each.box not in codes:
                raise _Unsaid
            turned = each.sign if ticked else {"=": "!=", "!=": "="}.get(each.sign, each.sign)
            return column, turned, codes[each.box]
        if each.sign in ("=", "!=") and not each.code:
            if each.sign == "=" or question.kind is Kind.NUMBER:
                raise _Unsaid
            given = [o.code for o in question.options if o.missing is not Missing.NOT_ANSWERED]
            return column, "in", " ".join(given)
        if question.kind is Kind.NUMBER:
            return column, each.sign, each.code
        if each.sign not in ("=", "!="):
            if any(here != there for there, here in codes.items()):
                raise _Unsaid
            return column, each.sign, each.code
        if each.code not in codes:
            raise _Unsaid
        return column, each.sign, codes[each.code]

    def _question(self, name: str) -> tuple[DraftQuestion, Part | None]:
        found = self.names.get(name)
        if found is None:
            raise _Unsaid
        return found[0], found[2]

    def _box(
        self, question: DraftQuestion, part: Part | None, each: Compared, codes: Mapping[str, str]
    ) -> tuple[str, str, str]:
        if each.box:
            part = next((p for p in question.parts if p.item == codes.get(each.box)), None)
        if part is None or each.sign not in ("=", "!="):
            raise _Unsaid
        ticked = (each.code.lower() in _TICKED) == (each.sign == "=")
        return question.column(part), "=" if ticked else "!=", "1"


def _routed(maker: _KnownDraft) -> None:
    """Say who was asked each question, unless the answers contradict it."""
    routing = _Routing(maker)
    against: list[str] = []
    for question, asked in maker.asked:
        where = f"{asked.name} ({asked.place})" if asked.place != asked.name else asked.name
        if asked.unsaid:
            question.known = False
            against.append(f'{where}, "{shortened(asked.unsaid)}" is not read')
        elif asked.shown_if is not None:
            why = _route(question, asked.shown_if, routing, maker)
            against += [f"{where}, {why}"] if why else []
    if against:
        more = len(against) - _LISTED
        listed = "; ".join(against[:_LISTED]) + (f"; and {more:,} more" if more > 0 else "")
        maker.draft.remarks.append(
            f"whom {maker.fit.form.file} asks is not in the draft of {listed}"
        )


def _route(
    question: DraftQuestion, condition: Condition, routing: _Routing, maker: _KnownDraft
) -> str:
    """Say who was asked a question; return why it cannot be said."""
    why = "the codebook has no words for it"
    for shown in routing.readings(condition):
        try:
            text = routing.text(shown)
        except _Unsaid:
            continue
        wrong = _contradicted(question, text, maker)
        if not len(wrong):
            question.asked_if = text
            question.options = tuple(
                replace(o, missing=Missing.NOT_ANSWERED) if o.missing is Missing.NOT_ASKED else o
                for o in question.options
            )
            return ""
        row = int(maker.sheet.rows[wrong[0]])
        why = f"asked if {text}, but answered by others, too ({len(wrong):,}, from row {row})"
    return why


def _contradicted(question: DraftQuestion, text: str, maker: _KnownDraft) -> np.ndarray:
    """Rows in which somebody answered a question who was not asked."""
    routing, length = parse_routing(text), len(maker.sheet.rows)
    owners = {q.column(part): (q, part) for q in maker.known.questions for part in q.parts}
    cells = {name: _cells(*owners[name], maker.sheet) for name in routing.columns}
    asked = np.array(routing.asked(cells, length), dtype=bool)
    answered = np.zeros(length, dtype=bool)
    for part in question.parts:
        given = np.array(_cells(question, part, maker.sheet), dtype=object)
        answered |= (
            (given != "") & (given != "0") if question.kind is Kind.MULTIPLE else given != ""
        )
    return np.flatnonzero(answered & ~asked)


def _cells(question: DraftQuestion, part: Part, sheet: Sheet) -> list[str]:
    """Codes of a column for comparison; missing answers as the words for them."""
    column = sheet.columns[part.at]
    why = {o.code: o.missing.value for o in question.options
           if o.missing in (Missing.NOT_ANSWERED, Missing.NOT_ASKED)}  # fmt: skip
    codes = [part.recode.get(value, value) for value in column.values]
    return column.recoded([why.get(code, code) for code in codes]).cells()
