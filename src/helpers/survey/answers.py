"""Checks every answer of one file against its question and completes what is blank."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from difflib import get_close_matches

from helpers.survey.codebook import NOT_ANSWERED, NOT_ASKED, Kind, Question

_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
WORDS = (NOT_ASKED, NOT_ANSWERED)
Report = Callable[..., None]  # of one cell: respondent, column, found, allowed, fix, message, kind


def number(cell: str) -> float:
    """Return the number that a cell holds; NaN for what only Python takes for one, as ``1_000``."""
    try:
        return float(cell) if cell.isascii() and "_" not in cell else math.nan
    except ValueError:
        return math.nan


class Answers:
    """The answers of one population's file on their way from text to checked codes.

    Parameters
    ----------
    cells
        Every column of the file; those of completed questions are replaced by codes.
    spelled_out
        Whether missing answers are written as words, so that a blank is a fault.
    lacking
        Columns that the file has not got, which are reported already.
    waves
        Wave of every respondent, empty where there is one alone.
    """

    def __init__(
        self,
        questions: list[Question],
        cells: dict[str, list[str]],
        respondents: int,
        spelled_out: bool,
        report: Report,
        lacking: set[str],
        waves: list[str] | None = None,
    ) -> None:
        self.waves = waves or []
        self.questions = questions
        self.cells = cells
        self.respondents = respondents
        self.spelled_out = spelled_out
        self.report = report
        self.lacking = lacking
        self.faulty = set(lacking)  # what depends on these cannot be judged
        self.done: set[str] = set()

    def complete(self, question: Question) -> None:
        """Check and complete a question's cells, those it is routed by first."""
        if question.id in self.done:
            return
        self.done.add(question.id)
        asked = None
        if question.asked_if:
            for other in self.questions:
                if any(c.column in question.asked_if.columns for c in other.cells):
                    self.complete(other)
            if not self.faulty & set(question.asked_if.columns):
                asked = question.asked_if.asked(self.cells, self.respondents)
        columns = [c.column for c in question.cells if c.column not in self.lacking]
        answered = [False] * self.respondents
        if question.kind is Kind.MULTIPLE:
            codes = {o.code for o in question.substantive}
            for column in columns:
                answered = [
                    a or c in codes for a, c in zip(answered, self.cells[column], strict=True)
                ]
        items = {c.column: c.item for c in question.cells}
        for column in columns:
            self._column(question, column, items[column], asked, answered)

    def _column(
        self,
        question: Question,
        column: str,
        item: str,
        asked: list[bool] | None,
        answered: list[bool],
    ) -> None:
        meaning = {
            o.code: str(o.missing) if o.missing in WORDS else o.code for o in question.options
        }
        meaning |= {word: word for word in WORDS}
        blank_box = question.unticked.code if question.kind is Kind.MULTIPLE else ""
        result = []
        by_wave = self.waves if question.differs_by_wave else []
        for at, cell in enumerate(self.cells[column]):
            was_asked = True if asked is None else asked[at]
            if by_wave and not question.offered(item, (), by_wave[at]):
                result.append(self._out_of_wave(question, column, at, meaning.get(cell, cell)))
                continue
            if not cell:
                if self.spelled_out and not blank_box:
                    self.report(
                        at,
                        column,
                        "",
                        self._allowed(question),
                        "These files spell missing answers out: write one of the words.",
                        "the cell is empty",
                        "blank",
                    )
                missing = NOT_ANSWERED if was_asked else NOT_ASKED
                result.append(blank_box if blank_box and answered[at] else missing)
                continue
            code = meaning.get(cell)
            if code is None:
                code = self._uncoded(question, column, at, cell)
            if asked is not None:
                self._check_routed(question, column, at, code, was_asked)
            if by_wave and code in meaning and not question.offered(item, (code,), by_wave[at]):
                self._not_offered(column, at, cell, "an answer that this wave offered")
            result.append(code)
        self.cells[column] = result

    def _out_of_wave(self, question: Question, column: str, at: int, code: str) -> str:
        """Complete a cell of somebody whose wave did not ask, where nothing else may stand."""
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
            if math.isfinite(number(cell)):
                return cell
            self.report(
                at,
                column,
                cell,
                "a number with a decimal point, without separators",
                "Correct the file.",
                kind="decimal_comma" if _DECIMAL_COMMA.fullmatch(cell) else "not_a_number",
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
