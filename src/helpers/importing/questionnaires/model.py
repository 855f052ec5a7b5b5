"""A questionnaire, whichever tool wrote it: questions, answers, and the columns of an export."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from helpers.codebook.model import Kind
from helpers.importing.questionnaires.conditions import Condition


class Holds(StrEnum):
    """What the cells of a column are."""

    ANSWER = "answer"
    BOX = "box"
    JOINED = "joined"
    WORDS = "words"  # written beside an answer


@dataclass(frozen=True)
class Choice:
    """An answer that is offered, and all that a cell may hold for it."""

    code: str
    label: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormColumn:
    """A column that the tool may export.

    Attributes
    ----------
    names : what it may be called, by the names of variables
    labels : what it may be called, in words
    item, label : of the row, box or part that it holds
    """

    names: tuple[str, ...]
    labels: tuple[str, ...] = ()
    item: str = ""
    label: str = ""
    holds: Holds = Holds.ANSWER


@dataclass(frozen=True)
class FormQuestion:
    """A question of a questionnaire.

    Attributes
    ----------
    name : of the variable
    place : where it is in the file
    kind : None where only its words are known
    aside : why its columns are kept, but are not a question; `drop`: why they are left out
    shown_if : who is asked; None for everybody
    unsaid : a condition that could not be read
    identifies : whether it tells respondents apart
    repeated : name of the group that is filled in several times
    """

    name: str
    text: str
    kind: Kind | None
    fields: tuple[FormColumn, ...]
    choices: tuple[Choice, ...] = ()
    place: str = ""
    aside: str = ""
    drop: str = ""
    shown_if: Condition | None = None
    unsaid: str = ""
    identifies: bool = False
    repeated: str = ""


@dataclass(frozen=True)
class Questionnaire:
    """What a tool says of a survey.

    Attributes
    ----------
    language : that the words are in, of those in the file
    remarks : what a reader of the report must know
    """

    file: str
    tool: str
    questions: tuple[FormQuestion, ...]
    title: str = ""
    language: str = ""
    languages: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
