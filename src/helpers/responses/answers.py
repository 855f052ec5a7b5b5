"""What the cells of a question mean, and every answer of one file checked and completed."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property

from helpers.codebook.cells import DECIMAL_COMMA, NOT_ANSWERED, NOT_ASKED, WORDS, number
from helpers.codebook.model import Codebook, Kind, Missing, Population, Question
from helpers.codebook.routing import Routing

Report = Callable[..., None]  # of one cell: respondent, column, found, allowed, fix, message, kind


@dataclass(frozen=True)
class CellRule:
    """What the cells of a question mean: `Answers` follows it in memory, `recoding` elsewhere.

    A respondent of a wave that did not ask has `not_asked`, whatever the cell holds. A cell of
    `words` becomes the word. A blank one becomes `unticked` where the question is
    select-all and the respondent has one of `answers` in another of its columns; else
    `not_answered` where `asked` holds, and `not_asked` where it does not. So is a box that was left
    where `asked` does not hold: some tools write it so for everybody. Any other cell stays. Where
    an answer that decides was taken for none before the file was written, whoever has an answer
    was asked.

    Attributes
    ----------
    columns : of the question, those that the table has
    asked : whom it was asked, by codes of earlier columns; None for everybody
    without : per column, waves that did not ask; empty where waves are not distinguished
    unsure : columns that decide who was asked, of which survey.yml takes answers for none, and the
        words that then stand there
    """

    question: Question
    columns: tuple[str, ...]
    asked: Routing | None
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unsure: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def by_wave(self) -> bool:
        """Whether waves are distinguished, and some did not ask, or offer an answer."""
        return bool(self.without) and self.question.differs_by_wave

    @cached_property
    def words(self) -> dict[str, str]:
        """Word for every code that spells a missing answer."""
        return missing_words(self.question)

    @cached_property
    def known(self) -> dict[str, str]:
        """Every cell that may be there, numbers and text aside, with its code."""
        codes = {o.code: o.code for o in self.question.options} | {word: word for word in WORDS}
        return codes | self.words

    @cached_property
    def answers(self) -> tuple[str, ...]:
        """Codes that answer the question."""
        return tuple(o.code for o in self.question.substantive)

    @property
    def unasked(self) -> tuple[str, ...]:
        """Cells of somebody who may not have been asked."""
        return ("", NOT_ASKED, self.unticked)

    @property
    def unticked(self) -> str:
        """Code of a box that was left; empty where the question has no boxes."""
        return self.question.unticked.code if self.question.kind is Kind.MULTIPLE else ""


def missing_words(question: Question) -> dict[str, str]:
    """Word for every code of a question that spells a missing answer."""
    return {o.code: str(o.missing) for o in question.options if str(o.missing) in WORDS}


def missing_codes(question: Question) -> tuple[str, ...]:
    """Codes that say nothing on the substance: of any kind of missing."""
    return (*WORDS, *(o.code for o in question.options if o.missing is not Missing.NO))


def missing_numbers(question: Question) -> tuple[float, ...]:
    """Codes of a question of numbers that say nothing on the substance, as numbers."""
    return tuple(n for n in map(number, missing_codes(question)) if not math.isnan(n))


def cell_rules(
    codebook: Codebook, population: Population, there: Collection[str]
) -> list[CellRule]:
    """Rules of a population's questions, those that others are routed by first.

    Parameters
    ----------
    there
        Columns that the table has. Routing that reads another is not followed.
    """
    questions = [q for q in codebook.questions.values() if q.population == population.id]
    owners = {c.column: q for q in questions for c in q.cells}
    words: Mapping[str, Mapping[str, str]] = {c: missing_words(q) for c, q in owners.items()}
    none: dict[str, set[str]] = {}
    for one in codebook.declared:
        for cell in (cell for name in one.codes for cell in codebook.questions[name].cells):
            none.setdefault(cell.column, set()).update({str(one.kind)} & {*WORDS})
    found: dict[str, CellRule] = {}

    def add(question: Question) -> None:
        if question.id in found or question.id in begun:
            return
        begun.add(question.id)
        asked = question.asked_if
        for column in asked.columns if asked else ():
            if column in owners:
                add(owners[column])
        if asked is not None:
            asked = asked.meaning(words) if set(asked.columns) <= set(there) else None
        columns = tuple(c.column for c in question.cells if c.column in there)
        read = asked.columns if asked is not None else ()
        unsure = {c: tuple(sorted(none[c])) for c in read if none.get(c)}
        found[question.id] = CellRule(question, columns, asked, without(question), unsure)

    def without(question: Question) -> dict[str, tuple[str, ...]]:
        return {
            c.column: tuple(w for w in waves if not question.offered(c.item, (), w))
            for c in question.cells
            if told and c.column in there
        }

    tells = codebook.wave_of(population.id)
    told = tells is not None and tells.source[population.id].column in there
    waves = tuple(codebook.waves) if told else ()

    begun: set[str] = set()
    for question in questions:
        add(question)
    return list(found.values())


class Answers:
    """The answers of one population's file on their way from text to checked codes.

    Parameters
    ----------
    cells
        Every column of the file; those of completed questions are replaced by codes.
    spelled_out
        Whether missing answers are written as words, so that a blank is a fault.
    waves
        Wave of every respondent, empty if there is only one.
    """

    def __init__(
        self,
        cells: dict[str, list[str]],
        respondents: int,
        spelled_out: bool,
        report: Report,
        waves: Sequence[str] = (),
    ) -> None:
        self.waves = waves
        self.cells = cells
        self.respondents = respondents
        self.spelled_out = spelled_out
        self.report = report
        self.faulty: set[str] = set()  # what depends on these cannot be judged

    def complete(self, rule: CellRule) -> None:
        """Check and complete the cells of a question; those it is routed by are complete."""
        asked = None
        if rule.asked is not None and not self.faulty & set(rule.asked.columns):
            asked = rule.asked.asked(self.cells, self.respondents)
            if self.spelled_out and rule.unsure:
                asked = [
                    was
                    or any(self.cells[c][at] in words for c, words in rule.unsure.items())
                    and any(self.cells[c][at] not in rule.unasked for c in rule.columns)
                    for at, was in enumerate(asked)
                ]
        answered = [False] * self.respondents
        if rule.unticked:
            for column in rule.columns:
                answered = [
                    a or c in rule.answers
                    for a, c in zip(answered, self.cells[column], strict=True)
                ]
        for column in rule.columns:
            self._column(rule, column, asked, answered)

    def _column(
        self, rule: CellRule, column: str, asked: list[bool] | None, answered: list[bool]
    ) -> None:
        question, known = rule.question, rule.known
        result = []
        by_wave = self.waves if rule.by_wave else ()
        without = rule.without.get(column, ())
        for at, cell in enumerate(self.cells[column]):
            was_asked = True if asked is None else asked[at]
            if by_wave and by_wave[at] in without:
                result.append(self._out_of_wave(column, at, known.get(cell, cell)))
                continue
            if not cell:
                if self.spelled_out and not rule.unticked:
                    self.report(
                        at,
                        column,
                        "",
                        self._allowed(question),
                        "These files write out missing answers: use one of the words.",
                        "the cell is empty",
                        "blank",
                    )
                missing = NOT_ANSWERED if was_asked else NOT_ASKED
                left = rule.unticked and answered[at] and was_asked
                result.append(rule.unticked if left else missing)
                continue
            code = known.get(cell)
            if code and code == rule.unticked and not was_asked:
                code = NOT_ASKED
            if code is None:
                code = self._uncoded(question, column, at, cell)
            if asked is not None:
                self._check_routed(question, column, at, code, was_asked)
            if by_wave and not question.offered("", (code,), by_wave[at]):
                self._not_offered(column, at, cell, "an answer that this wave offered")
            result.append(code)
        self.cells[column] = result

    def _out_of_wave(self, column: str, at: int, code: str) -> str:
        """Complete a cell of somebody whose wave did not ask, where nothing else may be."""
        if code not in ("", NOT_ASKED):
            self._not_offered(column, at, self.cells[column][at], NOT_ASKED)
        return NOT_ASKED

    def _not_offered(self, column: str, at: int, cell: str, allowed: str) -> None:
        self.report(
            at,
            column,
            cell,
            allowed,
            "Correct the cell or its wave, or name the wave under waves in the codebook.",
            f'the codebook says that the wave "{self.waves[at]}" did not offer this',
            "not_offered",
        )

    def _uncoded(self, question: Question, column: str, at: int, cell: str) -> str:
        if question.kind is Kind.TEXT:
            return cell
        if question.kind is Kind.NUMBER:
            if not math.isnan(number(cell)):
                return cell
            self.report(
                at,
                column,
                cell,
                "a number with a decimal point, without separators",
                "Correct the file.",
                kind="decimal_comma" if DECIMAL_COMMA.fullmatch(cell) else "not_a_number",
            )
            return cell
        self.faulty.add(column)
        label = next((o.code for o in question.options if o.label == cell), None)
        close = get_close_matches(cell, [o.code for o in question.options], n=1, cutoff=0.8)
        fix = "Correct the file or add the code to options.csv."
        if label is not None:
            fix = f'This is a label: write its code "{label}".'
        elif close:
            fix = f'Did you mean "{close[0]}"? {fix}'
        kind = "unknown_code" if label is None else "label_not_code"
        self.report(at, column, cell, self._allowed(question), fix, kind=kind)
        return cell

    def _check_routed(
        self, question: Question, column: str, at: int, code: str, asked: bool
    ) -> None:
        assert question.asked_if is not None
        rule = f"{question.id} is asked if {question.asked_if.text}"
        if asked and code == NOT_ASKED:
            self.report(
                at,
                column,
                code,
                "an answer or not_answered",
                "Correct this cell or the one it depends on.",
                rule,
                "routing",
            )
        elif not asked and code != NOT_ASKED:
            self.report(
                at,
                column,
                code,
                NOT_ASKED,
                "Correct this cell or the one it depends on.",
                rule,
                "routing",
            )

    def _allowed(self, question: Question) -> list[str]:
        return [*dict.fromkeys([*(o.code for o in question.options), NOT_ANSWERED, NOT_ASKED])]
