"""The form of a release's JSON: the protected cube and the manifest. Standard library only.

The cube is plain JSON, so that readers see exactly what a release holds. It is not
served: pages show shares and bases, and beside weighted shares no count of an answer.
`cube` writes it, `unions` reads it; the audit reads it by itself.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class CubeGroup(TypedDict):
    """A group that a dimension offers: one band, or several merged.

    One that is `left_out` can be chosen only together with others, and is not compared. Nor is one
    that is `unsaid`: of people who said nothing (*Refused*), which is not a characteristic.
    """

    id: str
    label: str
    bands: list[str]
    left_out: NotRequired[bool]
    unsaid: NotRequired[bool]


class CubeColumn(TypedDict):
    """A response column: its item and point in time, empty where there is none."""

    item: str
    time: str


class CubeEntry(TypedDict):
    """Sums of one group of a level, a value per column; None where the column is hidden.

    Single answers of a column may be hidden. With weights there are rounded shares, the group's
    part of all weight, and Kish's effective base.
    """

    groups: dict[str, str]
    bases: list[int | None]
    n: list[list[int | None] | None]
    shares: NotRequired[list[list[float | None] | None]]
    weight: NotRequired[list[float | None]]
    effective: NotRequired[list[int | None]]


class CubeLevel(TypedDict):
    """Sums by some dimensions: `answers` are shown together, `hidden` are places of columns."""

    dimensions: list[str]
    answers: list[list[str]]
    hidden: list[int]
    groups: list[CubeEntry]


class CubeQuestion(TypedDict):
    """A question as it is released.

    A view comes from the first level that has all the dimensions it selects or compares by.

    `dimensions` holds the groups that are offered, `not_offered` the reason for each other one;
    `hidden` says why nothing is shown, and is empty where something is; `rounded` is 3 where counts
    are multiples of it, else 0; `options` are those of the base. `digits` says to how many decimals
    shares and the ends of ranges are rounded, here and on pages, where they are estimated with
    weights or strata.
    """

    population: str
    respondents: int
    asked: int | None
    weighted: bool
    dimensions: dict[str, list[CubeGroup]]
    not_offered: dict[str, str]
    hidden: str
    rounded: int
    columns: list[CubeColumn]
    hidden_columns: list[CubeColumn]
    options: list[str]
    levels: list[CubeLevel]
    digits: NotRequired[int]


class Cube(TypedDict):
    """All that leaves the responses.

    `dominance` says, where there are weights, how many of the heaviest in a group are protected.
    `changes` holds, by question on several points in time, how the same people moved from each to
    the next: columns are an item (of answers without order an item and an answer: `item=answer`)
    and two times (`then to now`); options `up`, `same`, `down`, and `not_answered` for those who
    did not answer at both. Releases of earlier editions have none.
    """

    format: int
    minimum_base: int
    profile: str
    allow_unanimous: bool
    dominance: NotRequired[int]
    questions: dict[str, CubeQuestion]
    changes: NotRequired[dict[str, CubeQuestion]]


class SurveyTitle(TypedDict, total=False):
    """Which survey a release is of."""

    title: str
    wave: str


class StatedRules(TypedDict, total=False):
    """The rules that a release was made by."""

    profile: str
    minimum_base: int
    dimensions: list[str]
    allow_unanimous: bool
    cure: str
    embed: list[str]
    left_out: dict[str, str]
    background: list[str]
    default_pages: bool


class SourceTable(TypedDict):
    """A printed table that a page shows: headings and rows of text."""

    id: str
    title: str
    note: str
    columns: list[str]
    rows: list[list[str]]


class SmallestGroup(TypedDict):
    """A smallest group that a question distinguishes, and the most who answered any column."""

    groups: dict[str, str]
    n: int


class StatedAudit(TypedDict, total=False):
    """What the attacks on a release tried, by method, what they found, and what came closest."""

    targets: int
    leaks: int
    methods: dict[str, int]
    weakest: object


class Manifest(TypedDict, total=False):
    """What a release is: its rules, groups, cost, audit, and the digest of every file.

    Releases of earlier versions lack some of it.
    """

    format: int
    survey: SurveyTitle
    collected: str
    provenance: str
    fingerprint: str
    rules: StatedRules
    atoms: dict[str, list[SmallestGroup | int]]
    cost: dict[str, float]
    audit: StatedAudit
    approved_by: str
    released: str
    made_with: str
    files: dict[str, str]
