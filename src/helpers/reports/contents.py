"""What is in a table: which questions, which rows of each, and which columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from textwrap import shorten
from typing import TypeAlias

from helpers.codebook.model import (
    NEUTRAL,
    NOT_STATED,
    PARTS,
    RESPONDENT_TYPE,
    Dimension,
    Kind,
    Missing,
    Option,
    Question,
    suggest,
)
from helpers.errors import InsightsError
from helpers.estimation.columns import ColumnBlock, block_of
from helpers.estimation.compare import column_letter
from helpers.estimation.index import question_of
from helpers.estimation.request import require_free
from helpers.estimation.totals import ADDED
from helpers.present.key_answers import answers_in_words, leading
from helpers.present.results import JOINED, key_label
from helpers.responses.recoding import band_column
from helpers.responses.selection import Where, known_codes, several
from helpers.responses.survey import Survey
from helpers.words import Catalogue, raised

Names: TypeAlias = "str | Iterable[str] | None"
Nested: TypeAlias = "str | Iterable[str | Sequence[str]]"


@dataclass(frozen=True)
class Tabled:
    """A question that is tabulated, and the name under which it was asked for."""

    name: str
    question: Question


@dataclass(frozen=True)
class AnswerRow:
    """A row of shares: one answer, or a net of several.

    Attributes
    ----------
    kind : ``answer`` or ``net``
    option : code of the answer or name of the net
    codes : that it takes together
    """

    kind: str
    option: str
    label: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class TableColumn:
    """A column of a table.

    Attributes
    ----------
    block : what the columns beside it have in common; empty of everybody
    letter : by which other columns name it; empty where it is not tested
    """

    block: str
    label: str
    letter: str = ""

    @property
    def heading(self) -> str:
        """Block, label and letter in one, long labels cut."""
        parts = self.label.split(JOINED)
        most = max(24, 64 // len(parts))
        label = JOINED.join(shorten(part, most, placeholder="…") for part in parts)
        block = raised(shorten(self.block, 30, placeholder="…"))
        named = f"{block}: {label}" if block else label
        return f"{named} ({self.letter})" if self.letter else named


def tabled(survey: Survey, rows: Names) -> list[Tabled]:
    """Look up what is to be tabulated: everything that has numbers by default.

    Parameters
    ----------
    rows
        Questions, response columns, dimensions, trends or indices.

    Raises
    ------
    InsightsError
        For a name that does not exist, and for a text question.
    """
    codebook = survey.codebook
    if rows is None:
        there = [q for q in codebook.questions.values() if q.kind is not Kind.TEXT]
        there += [question_of(survey, index) for index in codebook.indices.values()]
        return [Tabled(q.id, q) for q in there if q.population in survey.held]
    found: list[Tabled] = []
    for name in [rows] if isinstance(rows, str) else rows:
        if name in codebook.questions:
            asked = [codebook.questions[name]]
        elif name in codebook.owners:
            asked = [_one_column(codebook.owners[name], name)]
        elif name in codebook.dimensions:
            asked = list(_of_dimension(codebook.dimensions[name]))
        elif name in codebook.trends:
            asked = [q for q in codebook.of_trend(name) if q.kind is not Kind.TEXT]
        elif name in codebook.indices:
            asked = [question_of(survey, codebook.indices[name])]
        else:
            known = [*codebook.questions, *codebook.owners, *codebook.dimensions]
            known += [*codebook.trends, *codebook.indices]
            raise InsightsError(
                f'rows: there is no question, column, dimension, trend or index "{name}". '
                f"{suggest(str(name), dict.fromkeys(known), 'name')}"
            )
        if any(q.kind is Kind.TEXT for q in asked):
            raise InsightsError(f"rows: {name} is a text question: it has no table.")
        of_trend = len(asked) > 1 and name in codebook.trends
        found += [Tabled(q.id if of_trend else name, q) for q in asked]
    if not found:
        raise InsightsError("rows: there is nothing to tabulate.")
    return found


def _one_column(question: Question, column: str) -> Question:
    """Limit a question to one of its response columns."""
    cell = next(c for c in question.cells if c.column == column)
    items = tuple(i for i in question.items if i.code == cell.item)
    named = (question.label, *(i.label for i in items))
    label = ": ".join(named) if len(question.items) > 1 else question.label
    return replace(question, label=label, items=items, times=(cell.time,) if cell.time else ())


def _of_dimension(dimension: Dimension) -> Iterable[Question]:
    """Give a dimension the form of a question to each population of which it is known."""
    gone = Option(NOT_STATED, "Not stated", None, Missing.NOT_ANSWERED)
    bands = tuple(Option(code, label) for code, label in dimension.bands.items())
    for population in dimension.source:
        yield Question(
            *(band_column(dimension.id), population, Kind.SINGLE, dimension.label),
            *(dimension.label, (*bands, gone)),
        )


def answer_rows(question: Question, say: Catalogue) -> list[AnswerRow]:
    """List the rows of shares of a question: its answers, then the nets of a scale."""
    if question.kind is Kind.NUMBER:
        return []
    options = question.reported
    if flat(question) and question.kind is not Kind.MULTIPLE:
        options = (leading(question),)
    rows = [AnswerRow("answer", o.code, o.label, (o.code,)) for o in options]
    for name, label, codes in _nets(question, say):
        if 1 < len(codes) < len(question.substantive):
            rows.append(AnswerRow("net", name, label, codes))
    return rows


def _nets(question: Question, say: Catalogue) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    """Name, label and codes of the answers that are added up."""
    if question.parts:
        for part, label, _, _ in PARTS:
            yield part, label, tuple(c for c, of in question.parts.items() if of == part)
    elif question.thirds:
        for third, codes in question.thirds.items():
            if third != NEUTRAL:
                yield (
                    third,
                    f"{third.capitalize()}: {answers_in_words(question, codes, say)}",
                    codes,
                )
    elif question.is_scale:
        for name, end in (("upper", 1), ("lower", -1)):
            codes = tuple(code for code, side in question.sides.items() if side == end)
            yield name, answers_in_words(question, codes, say), codes


def flat(question: Question) -> bool:
    """Whether each item has one row: boxes, and items with two answers."""
    if question.kind is Kind.MULTIPLE:
        return True
    return len(question.cells) > 1 and len(question.in_base) == 2


def column_blocks(
    survey: Survey, by: Nested, where: Where
) -> list[tuple[ColumnBlock, list[TableColumn]]]:
    """Look up the columns: everybody, then each characteristic, nested ones crossed.

    Parameters
    ----------
    by
        Dimensions, response columns or select-all questions; several in brackets are nested.
    """
    codebook = survey.codebook
    found = [(ColumnBlock(), [TableColumn("", "Total")])]
    place = 0
    organisations = [p.organisation for p in codebook.populations.values() if p.organisation]
    known = [RESPONDENT_TYPE, *codebook.dimensions, *codebook.questions, *codebook.owners]
    for one in several(by):
        keys = several(one)
        if not keys or not all(isinstance(key, str) for key in keys):
            raise InsightsError(
                f"by has {one!r}: name a dimension or response column, or several in brackets to "
                'nest them, as in by=["age", ("region", "age")].'
            )
        for key in keys:
            if key not in (*known, *organisations):
                raise InsightsError(
                    f'by: there is no dimension or response column "{key}". '
                    f"{suggest(key, dict.fromkeys(known), 'name')}"
                )
            require_free([key], ADDED)
        block = block_of(survey, keys, where)
        boxes = keys[0] in codebook.questions and not block.apart
        label = codebook.questions[keys[0]].label if boxes else _joined(survey, block.keys)
        lettered = block.apart and len(block.columns) > 1
        columns = []
        for condition in block.columns:
            named = [
                key_label(codebook, key) if boxes else known_codes(codebook, key).get(code, code)
                for key, code in condition
            ]
            letter = column_letter(place).upper() if lettered else ""
            place += lettered
            columns.append(TableColumn(label, JOINED.join(named), letter))
        found.append((block, columns))
    return found


def _joined(survey: Survey, keys: Sequence[str]) -> str:
    return JOINED.join(key_label(survey.codebook, key) for key in keys)
