"""The form of a page's JSON, as docs/page-format.md explains it. Standard library only.

`views` writes it; `dashboard`, `about_page` and the script of the page read it.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypeAlias, TypedDict

from helpers.release.forms import CubeGroup, SourceTable, SurveyTitle

Figure: TypeAlias = dict[str, Any]  # plotly: `data` and `layout`, or what a trace adds to them


class Named(TypedDict):
    """Something with a label: a population, a band of a dimension."""

    id: str
    label: str


class PageDimension(Named):
    """A characteristic that readers can filter by."""

    bands: list[Named]


class Section(Named):
    """A part of a page; on the overview with the `page` that it leads to."""

    page: NotRequired[str]


class OpeningWave(TypedDict):
    """The dimension that distinguishes waves, and the wave that a page opens with."""

    id: str
    latest: str


class StatedProvenance(TypedDict):
    """What kind of data a page shows, and sentences on them."""

    kind: str
    banner: str
    fingerprint: str
    intervals: NotRequired[str]
    protection: NotRequired[str]


class Replies(TypedDict):
    """How many of a population replied, and the fewest and most who answered a question."""

    population: str
    label: str
    replied: int
    fewest: int
    most: int
    half: str


class View(TypedDict):
    """A question for one choice of filters, ready to draw; `key` are the rows that speak for it."""

    figure: str
    n: int
    base: str
    values: list[Figure]
    rows: list[list[str]]
    sentence: str
    caveats: list[str]
    status: str
    reason: str
    key: NotRequired[list[int]]
    hidden: NotRequired[list[str]]


class FindingRow(TypedDict):
    """What one comparison shows, in words and in the numbers behind them.

    `difference` and `range` are in points: the first of two `groups` less the second, or of two
    `times` who went up less who went down; `moves` are up, the same and down.
    `word` is `clear`, `likely`, `same` or `few`, `said` the same in the words of the page;
    `could_show` is a sentence beside `few`. `of` is how many differences the comparison has; this
    is the one that stands for it.
    """

    label: str
    item: str
    time: str
    answer: str
    codes: list[str]
    groups: NotRequired[list[Named]]
    shares: NotRequired[list[str]]
    times: NotRequired[list[Named]]
    moves: NotRequired[list[str]]
    bases: list[int]
    of: int
    difference: str
    range: list[str]
    word: str
    said: str
    could_show: NotRequired[str]


class ShownFindings(TypedDict):
    """What a question shows by a dimension, or between two points in time.

    `family` is how many comparisons of all questions the words allow for, `about` says so.
    """

    family: int
    about: str
    rows: list[FindingRow]


class PageQuestion(TypedDict):
    """A question on a page, with a view for everything that can be chosen."""

    id: str
    population: str
    section: str
    title: str
    wording: str
    source: str
    note: str
    asked: str
    method: str
    filters: dict[str, list[CubeGroup]]
    single_select: bool
    limit: str
    not_offered: dict[str, str]
    hidden: list[str]
    matched: list[str]
    published: list[dict[str, str]]
    answers: dict[str, list[tuple[str, list[str]]]]
    figures: dict[str, Figure]
    columns: dict[str, list[str]]
    views: dict[str, View]
    findings: dict[str, ShownFindings]
    unavailable: str
    waves: NotRequired[list[str]]
    approximate: NotRequired[str]
    assumed: NotRequired[str]


class KeyNumber(TypedDict):
    """A number that a page opens with.

    `kind` is ``printed`` (by the source) or ``computed``; of printed ones `shares` are per cents to
    draw, the earlier point in time first, and `ends` those of the 95% range of the last.
    """

    kind: str
    page: str
    question: str
    value: str
    words: str
    statement: str
    counted: str
    range: str
    shares: NotRequired[list[int]]
    ends: NotRequired[list[int]]


class FavourableItem(TypedDict):
    """An item of a scale of which one end is good news, of everybody.

    `shares` are favourable, neutral and unfavourable (empty where the scale has no middle), `range`
    is of the first, `title` that of its question if it is a row of a grid.
    """

    question: str
    item: str
    label: str
    title: str
    page: str
    shares: list[str]
    range: str
    n: int


class StatedNumber(TypedDict):
    """A number with its 95% range, of so many people."""

    value: str
    range: str
    n: int


class FavourableNumber(StatedNumber):
    """An index, or (`kind` ``net``) the net of a recommendation question; `words` say of what."""

    kind: str
    id: str
    label: str
    words: str
    page: NotRequired[str]


class FavourableGroup(Named):
    """A group beside the rest: its numbers, and of how many items (`of`) it is below or above."""

    numbers: list[StatedNumber | None]
    below: int
    above: int
    of: int


class FavourableGap(TypedDict):
    """An item on which a group differs from the rest: as in `FindingRow`, of favourable answers."""

    question: str
    item: str
    label: str
    page: str
    group: Named
    shares: list[str]
    bases: list[int]
    difference: str
    range: list[str]
    word: str
    said: str


class FavourableBreakdown(Named):
    """The groups of a dimension, and where they differ most from the rest.

    `more` counts the differences below and above that are not listed.
    """

    about: str
    groups: list[FavourableGroup]
    below: list[FavourableGap]
    above: list[FavourableGap]
    more: list[int]


class FavourablePage(TypedDict):
    """What the page of favourable answers shows; `wave` is empty if there is only one."""

    items: list[FavourableItem]
    numbers: list[FavourableNumber]
    breakdowns: list[FavourableBreakdown]
    rounded: bool
    weighted: bool
    wave: str


class Card(TypedDict):
    """A page as others name it; on the index with what it is about."""

    id: str
    title: str
    headline: NotRequired[str]
    questions: NotRequired[int]
    populations: NotRequired[list[str]]


class ListedQuestion(TypedDict):
    """A question in the list of all questions, with the page that has its card.

    `asked_of` is the population in words, `labels` are those of its items and answers.
    """

    id: str
    page: str
    title: str
    wording: str
    asked_of: str
    labels: list[str]


class UnlistedQuestion(TypedDict):
    """A question that default pages leave out, and why: a reason of the rule of substance."""

    id: str
    title: str
    why: str


class Unlisted(TypedDict, total=False):
    """Questions that default pages leave out, if there are any."""

    left_out: list[UnlistedQuestion]


class StatedMethod(TypedDict):
    """How shares of some populations are calculated, in a sentence."""

    method: str
    populations: list[str]


class StatedCorrection(TypedDict):
    """A correction of published results."""

    date: str
    what: str


class StatedAccessibility(TypedDict):
    """What the owner of a survey says of the accessibility of its pages; empty if nothing."""

    tested: str
    date: str
    problems: list[str]
    contact: str
    complaints: str


class StatedOwner(TypedDict):
    """What the owner of a survey says of questions and complaints about it."""

    contact: str
    corrections: list[StatedCorrection]
    accessibility: StatedAccessibility


class PageHead(TypedDict):
    """What every page of a release says of it."""

    format: int
    language: NotRequired[str]
    survey: SurveyTitle
    provenance: StatedProvenance


class Choices(TypedDict):
    """What the filters of a page offer."""

    wave: NotRequired[OpeningWave]
    populations: list[Named]
    dimensions: list[PageDimension]


class Page(PageHead, total=False):
    """A page, the overview or the index."""

    page: str
    title: str
    headline: str
    since: str
    intro: str
    wave: OpeningWave
    populations: list[Named]
    dimensions: list[PageDimension]
    sections: list[Section]
    questions: list[PageQuestion]
    printed: list[SourceTable]
    numbers: list[KeyNumber]
    answered: list[Replies]
    favourable: FavourablePage
    pages: list[Card]
    listed: list[ListedQuestion]
    left_out: list[UnlistedQuestion]
    methods: list[StatedMethod]
    owner: StatedOwner
