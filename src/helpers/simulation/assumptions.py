"""The declared assumptions that simulated responses are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from helpers.codebook.model import Codebook, Question
from helpers.codebook.routing import Routing

FOLDER = "illustrative"
FILE = "assumptions.yml"
Counts = Mapping[str, int]
Loads = Mapping[str, float]


@dataclass(frozen=True)
class Quota:
    """How many give each answer: of everybody, or band by band where `by_band` is not empty."""

    total: Counts = field(default_factory=dict)
    by_band: Mapping[str, Counts] = field(default_factory=dict)


@dataclass(frozen=True)
class Characteristic:
    """A column of the profile: how many respondents have each value, and what it leans on."""

    column: str
    counts: Counts
    loads: Loads


@dataclass(frozen=True)
class Block:
    """Respondents who answered a part of the form; `within` is the block they come from."""

    answered: Counts
    within: str = ""


@dataclass(frozen=True)
class QuestionPlan:
    """What is assumed of one question.

    Attributes
    ----------
    block : who answered; of these, routing asks as many per band as `answered` says
    quotas : by item and point in time
    loads : by item; which draws decide who gives which answer, and how far
    halo : how far the answers to the question's items move together
    wobble : how far a respondent's place may shift between points in time
    at_least_one : answer that everybody gives for one item or more; empty for none
    only_if : by column and answer, the condition without which nobody gives it
    """

    question: Question
    block: str
    answered: Counts
    quotas: Mapping[tuple[str, str], Quota]
    loads: Mapping[str, Loads]
    halo: float = 0
    wobble: float = 0
    at_least_one: str = ""
    only_if: Mapping[str, Mapping[str, Routing]] = field(default_factory=dict)


@dataclass(frozen=True)
class PopulationPlan:
    """What is assumed of one population; `bands` says how many there are in each band."""

    id: str
    identifier: str
    size: int
    prefix: str
    profile: tuple[Characteristic, ...]
    bands: Counts
    blocks: Mapping[str, Block]
    themes: tuple[str, ...]
    questions: tuple[QuestionPlan, ...]


@dataclass(frozen=True)
class Assumptions:
    """Everything that simulated responses are made of; `quota` is a dimension of the codebook."""

    seed: int
    quota: str
    codebook: Codebook
    populations: tuple[PopulationPlan, ...]


def draw_of(question: str, item: str) -> str:
    """Name of the draw that decides who gives which answer to an item of a question."""
    return f"{question}.{item}" if item else question
