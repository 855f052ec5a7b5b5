"""A population's responses as they leave: columns in order, with what their cells mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pandas as pd

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import Kind, Population, Question
from helpers.importing.columns.placing import response_columns
from helpers.responses.recoding import WEIGHT
from helpers.responses.subsets import columns_of_file
from helpers.responses.survey import Survey

_WRITTEN = "{:.12g}"  # weights that were made here
_CANONICAL = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{0,14}[1-9])?")


@dataclass(frozen=True)
class Field:
    """A column as it leaves.

    Attributes
    ----------
    title : the question, and its item and point in time, in words
    cells : as the responses hold them, missing answers spelled out
    number : whether all cells but missing answers are numbers, written as everybody writes them
    """

    name: str
    title: str
    question: Question | None
    cells: list[str] = field(repr=False)
    number: bool


@dataclass(frozen=True)
class Outgoing:
    """A population's responses."""

    population: Population
    fields: list[Field]


def outgoing(survey: Survey, population: str) -> Outgoing:
    """Take a population's responses out of a survey."""
    who = survey.codebook.populations[population]
    frame = survey.held[population].in_memory()
    names = [n for n in response_columns(survey.codebook, who) if n in frame.columns]
    if survey.weighting.get(population):  # the column of the file, or one of its own, takes them
        frame = frame.assign(**{who.weight: frame[WEIGHT].map(_WRITTEN.format)})
        names = list(dict.fromkeys((*names, who.weight, *columns_of_file(frame.columns))))
    return Outgoing(who, [_field(survey, n, frame[n]) for n in names])


def _field(survey: Survey, name: str, cells: pd.Series) -> Field:
    question = survey.codebook.owners.get(name)
    texts = [str(cell) for cell in cells]
    numbers = {text for text in set(texts) if text not in MISSING}
    number = bool(numbers) and all(map(_CANONICAL.fullmatch, numbers)) and "-0" not in numbers
    if question is not None and question.kind is Kind.TEXT:
        number = False
    return Field(name, _title(question, name), question, texts, number)


MISSING = ("", NOT_ASKED, NOT_ANSWERED)


def _title(question: Question | None, name: str) -> str:
    if question is None:
        return name
    cell = next(c for c in question.cells if c.column == name)
    parts = [question.wording, question.item_label(cell.item) if cell.item else "", cell.time]
    return " - ".join(filter(None, parts))
