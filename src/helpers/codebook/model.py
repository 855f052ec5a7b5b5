"""The codebook: populations, dimensions, questions, items and options of a survey."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, TypeVar

from helpers.codebook.cells import NOT_ANSWERED
from helpers.codebook.routing import Routing
from helpers.errors import InsightsError
from helpers.terminal import count
from helpers.words import DEFAULT, words_in

NOT_STATED = "not_stated"
COMBINATIONS = 10_000  # of bands that a release offers together: the audit tries them in minutes
_T = TypeVar("_T")

RESPONDENT_TYPE = "respondent_type"
TICKED, NOT_TICKED = "1", "0"
GUESS = "Guess:"  # what a note begins with that an import wrote, for its owner to confirm
LISTED = 20  # names that a message lists, at most


class Provenance(StrEnum):
    """Where responses come from, which every output says."""

    PRIVATE = "private"
    PUBLIC = "public"
    ILLUSTRATIVE = "illustrative"

    @property
    def banner(self) -> str:
        """One sentence for the top of every output."""
        return words_in().each("banner")[self.value]


class Kind(StrEnum):
    """Form of a question."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    GRID = "grid"
    TIME_GRID = "time_grid"
    NUMBER = "number"
    TEXT = "text"
    RECOMMEND = "recommend"


class Base(StrEnum):
    """Whom a share is a share of."""

    ANSWERED = "answered"
    ANSWERED_WITH_DONT_KNOW = "answered_with_dont_know"
    ASKED = "asked"


class Favourable(StrEnum):
    """Which end of a scale is good news: it decides colours, and which answers are favourable."""

    HIGH = "high"
    LOW = "low"
    NONE = "none"


class Sort(StrEnum):
    """How charts put answers: by their scores or size, always by size, or always as listed."""

    AUTO = ""
    SIZE = "size"
    LISTED = "listed"


class MeanOf(StrEnum):
    """What an index is the mean of: shares of favourable answers, or scores from 0 to 100."""

    FAVOURABLE = "favourable"
    SCORE = "score"


class Missing(StrEnum):
    """Why a code says nothing on the substance."""

    NO = ""
    NOT_ASKED = "not_asked"
    NOT_ANSWERED = "not_answered"
    DONT_KNOW = "dont_know"


@dataclass(frozen=True)
class Option:
    """One answer that may be given. `score` is its place on a scale, None off any scale.

    `waves` are the waves that offered it; empty for all.
    """

    code: str
    label: str
    score: float | None = None
    missing: Missing = Missing.NO
    printed: bool = True
    waves: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """One row of a grid or one box of a select-all question.

    `waves` are the waves that asked it; empty for all.
    """

    code: str
    label: str
    printed: bool = True
    waves: tuple[str, ...] = ()


class ResponseColumn(NamedTuple):
    """A response column and what it holds: item and point in time, empty where there is none."""

    column: str
    item: str
    time: str


TICK_BOX = (Option(TICKED, "Ticked", 1), Option(NOT_TICKED, "Not ticked", 0))
POINTS = tuple(Option(str(n), str(n), n) for n in range(11))  # of a recommendation question
# Thirds of a scale whose good end is known.
THIRDS = (FAVOURED, NEUTRAL, UNFAVOURED) = ("favourable", "neutral", "unfavourable")
# Of a recommendation question: Reichheld (2003), Harvard Business Review 81(12), 46-54.
PROMOTERS, PASSIVES, DETRACTORS = "promoters", "passives", "detractors"
PARTS = (
    (PROMOTERS, "Promoters (9–10)", 1.0, 9),
    (PASSIVES, "Passives (7–8)", 0.0, 7),
    (DETRACTORS, "Detractors (0–6)", -1.0, 0),
)


@dataclass(frozen=True)
class Question:
    """One question of one population's questionnaire."""

    id: str
    population: str
    kind: Kind
    label: str
    wording: str
    options: tuple[Option, ...] = ()
    items: tuple[Item, ...] = ()
    times: tuple[str, ...] = ()
    asked_if: Routing | None = None
    base: Base = Base.ANSWERED
    trend: str = ""
    section: str = ""
    source: str = ""
    printed: bool = True
    note: str = ""
    waves: tuple[str, ...] = ()
    favourable: Favourable = Favourable.NONE
    sort: Sort = Sort.AUTO
    follows: tuple[str, ...] = ()  # columns that a derived question follows from

    @cached_property
    def cells(self) -> tuple[ResponseColumn, ...]:
        """Response columns in codebook order."""
        if not self.items:
            return (ResponseColumn(self.id, "", ""),)
        return tuple(
            ResponseColumn(".".join(filter(None, (self.id, item.code, time))), item.code, time)
            for item in self.items
            for time in self.times or ("",)
        )

    @property
    def derived(self) -> bool:
        """Whether it was not asked, but follows from answers (`helpers.codebook.recipes`)."""
        return bool(self.follows)

    @property
    def own_wording(self) -> str:
        """The wording, unless the label says the same."""
        return "" if self.wording == self.label else self.wording

    @cached_property
    def substantive(self) -> tuple[Option, ...]:
        """Options that answer the question."""
        return tuple(o for o in self.options if o.missing is Missing.NO)

    @property
    def reported(self) -> tuple[Option, ...]:
        """Options that a result has rows for; of a select-all question the ticked one."""
        if self.kind is Kind.MULTIPLE:
            return (self.ticked,)
        return self.in_base

    @cached_property
    def in_base(self) -> tuple[Option, ...]:
        """Options whose respondents form the base, in codebook order."""
        kept: tuple[Option, ...] = self.substantive
        if self.base is not Base.ANSWERED:
            kept = tuple(o for o in self.options if o.missing in (Missing.NO, Missing.DONT_KNOW))
        if self.base is Base.ASKED:
            kept += (Option(NOT_ANSWERED, "Not answered", None, Missing.NOT_ANSWERED),)
        return kept

    @property
    def parts(self) -> dict[str, str]:
        """Of a recommendation question the part that each of its codes belongs to; else empty."""
        if self.kind is not Kind.RECOMMEND:
            return {}
        return {
            o.code: next(name for name, _, _, least in PARTS if (o.score or 0) >= least)
            for o in self.substantive
        }

    @cached_property
    def reduced(self) -> Question:
        """The question as results show it: of a recommendation question its three parts.

        Every other question is itself.
        """
        if self.kind is not Kind.RECOMMEND or len(self.substantive) < len(POINTS):
            return self
        parts = tuple(Option(name, label, score) for name, label, score, _ in PARTS)
        others = tuple(o for o in self.options if o.missing is not Missing.NO)
        return replace(self, options=parts + others)

    def offered(self, item: str, codes: Sequence[str] = (), wave: str = "") -> bool:
        """Return whether a wave asked an item, and offered one of some answers if any are named."""
        if not wave or wave == NOT_STATED:
            return True
        of_item = next((i.waves for i in self.items if i.code == item), ())
        asked = all(not waves or wave in waves for waves in (self.waves, of_item))
        named = [o.waves for o in self.options if o.code in codes]
        return asked and (not named or any(not waves or wave in waves for waves in named))

    @property
    def ticked(self) -> Option:
        """Option of a select-all question that means the box was ticked."""
        return max(self.substantive, key=lambda o: o.score or 0)

    @property
    def unticked(self) -> Option:
        """Option of a select-all question that means the box was left."""
        return min(self.substantive, key=lambda o: o.score or 0)

    @property
    def is_scale(self) -> bool:
        """Whether the options lie on a scale of three or more points."""
        scores = [o.score for o in self.substantive]
        return len(scores) > 2 and all(score is not None for score in scores)

    @property
    def why_no_scale(self) -> str:
        """What a question without a scale of three or more points lacks, and where to write it."""
        without = [o.label for o in self.substantive if o.score is None]
        if not self.substantive or self.kind is Kind.MULTIPLE:
            return f"it is a {self.kind.value} question"
        if len(self.substantive) < 3:
            return "it has fewer than three answers"
        if len(without) == len(self.substantive):
            return "its answers need a score each in options.csv"
        listed = ", ".join(f"“{label}”" for label in without)
        return (
            f"no score in options.csv for {listed}. Write one, or why it is not an answer into the "
            "column missing"
        )

    @cached_property
    def is_numeric_scale(self) -> bool:
        """Whether it asks for one number from a scale of 7 to 11, such as 0 to 10.

        Answers in the base are consecutive whole numbers, by score and by label; the two ends may
        be in words.
        """
        one = self.kind is Kind.SINGLE or (self.kind is Kind.GRID and len(self.items) == 1)
        scores = sorted(o.score for o in self.in_base if o.score is not None)
        if not one or self.times or len(scores) < len(self.in_base) or not 7 <= len(scores) <= 11:
            return False
        first = int(scores[0])
        ends = (scores[0], scores[-1])
        return (
            first >= 0
            and scores == [*range(first, first + len(scores))]
            and all(o.label == f"{o.score:g}" or o.score in ends for o in self.in_base)
        )

    @cached_property
    def sides(self) -> dict[str, int]:
        """Side of the middle of its scale for each answer that has a score: -1, 0 (on it) or 1.

        The audit works this out by itself, on purpose.
        """
        scores = {o.code: o.score for o in self.substantive if o.score is not None}
        middle = (min(scores.values()) + max(scores.values())) / 2 if scores else 0.0
        return {code: (score > middle) - (score < middle) for code, score in scores.items()}

    @cached_property
    def thirds(self) -> dict[str, tuple[str, ...]]:
        """Favourable, neutral and unfavourable answers; empty if no end of a scale is good news.

        The audit works this out by itself, on purpose.
        """
        if self.favourable is Favourable.NONE or not self.is_scale or self.parts:
            return {}
        good = 1 if self.favourable is Favourable.HIGH else -1
        ends = {FAVOURED: good, NEUTRAL: 0, UNFAVOURED: -good}
        return {
            third: tuple(code for code, side in self.sides.items() if side == end)
            for third, end in ends.items()
        }

    @cached_property
    def points(self) -> dict[str, float]:
        """Score from 0 (the bad end of its scale) to 100 for each answer that has one."""
        scores = {o.code: o.score for o in self.substantive if o.score is not None}
        if not self.thirds:
            return {}
        first, last = min(scores.values()), max(scores.values())
        if self.favourable is Favourable.LOW:
            first, last = last, first
        return {code: 100 * (score - first) / (last - first) for code, score in scores.items()}

    @property
    def differs_by_wave(self) -> bool:
        """Whether some wave did not ask it, an item of it, or offer an answer."""
        parts = [*(i.waves for i in self.items), *(o.waves for o in self.options)]
        return any((self.waves, *parts))

    @property
    def remark(self) -> str:
        """What readers are told of a question: its note, unless an import wrote it."""
        return "" if self.note.startswith(GUESS) else self.note

    @property
    def tabulates(self) -> bool:
        """Whether answers are codes that can be counted."""
        return self.kind not in (Kind.NUMBER, Kind.TEXT)

    def option_label(self, code: str) -> str:
        """Label of a code."""
        return self._option_labels.get(code, code)

    def item_label(self, code: str) -> str:
        """Label of an item; empty for a question without items."""
        return self._item_labels.get(code, code)

    @cached_property
    def _option_labels(self) -> dict[str, str]:
        return {o.code: o.label for o in (*self.options, *self.in_base)}

    @cached_property
    def _item_labels(self) -> dict[str, str]:
        return {i.code: i.label for i in reversed(self.items)}


@dataclass(frozen=True)
class DimensionSource:
    """Where a population's file holds a dimension: a column, and the band of each value."""

    column: str
    bands: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dimension:
    """A respondent characteristic on which results can be filtered.

    Attributes
    ----------
    ordered : whether its bands are in order, so that neighbours may be merged
    follows : columns of answers that a derived dimension follows from; empty if it is none
    """

    id: str
    label: str
    bands: dict[str, str]
    source: dict[str, DimensionSource]
    ordered: bool = True
    follows: tuple[str, ...] = ()

    @property
    def derived(self) -> bool:
        """Whether it follows from answers by a recipe (`helpers.codebook.recipes`)."""
        return bool(self.follows)

    def band_label(self, band: str) -> str:
        """Label of a band."""
        return "Not stated" if band == NOT_STATED else self.bands.get(band, band)


@dataclass(frozen=True)
class Population:
    """One group of respondents with its own questionnaire and response file."""

    id: str
    label: str
    label_one: str
    identifier: str = ""
    weight: str = ""
    strata: str = ""
    organisation: str = ""
    person: str = ""
    respondents: int | None = None
    table: str = ""
    other_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trend:
    """A theme under which questions are reported, with its sections in order."""

    id: str
    label: str
    sections: dict[str, str]


@dataclass(frozen=True)
class Match:
    """Questions to several populations that are shown side by side."""

    questions: tuple[str, ...]
    comparable: bool
    why: str = ""


@dataclass(frozen=True)
class Index:
    """A number made of several items of one population.

    Attributes
    ----------
    items : response columns of questions on a scale, one end of which is favourable
    measure : what it is the mean of
    """

    id: str
    label: str
    items: tuple[str, ...]
    measure: MeanOf = MeanOf.FAVOURABLE


@dataclass(frozen=True)
class Correction:
    """A correction of published results: when, and what was corrected."""

    date: str
    what: str


@dataclass(frozen=True)
class Accessibility:
    """What the owner of a survey says of the accessibility of its pages; empty if nothing.

    Attributes
    ----------
    tested, date : how the pages were tested, and when
    problems : what is known not to work
    contact : whom to ask for another form of the results
    complaints : where to complain about an answer
    """

    tested: str = ""
    date: str = ""
    problems: tuple[str, ...] = ()
    contact: str = ""
    complaints: str = ""


_DECLARED = {Missing.NOT_ANSWERED: "not answered", Missing.NOT_ASKED: "not asked"}


@dataclass(frozen=True)
class Declared:
    """An answer that is declared to be missing.

    Attributes
    ----------
    entry : as it was written: a label, a code, or `question = code`
    codes : per question its codes that are none
    bands : per dimension of no question, its bands that are not stated
    answers : how many answers that is, per population; empty where they were not counted
    by_file : whether survey.yml declares it
    """

    entry: str
    kind: Missing
    codes: Mapping[str, tuple[str, ...]]
    bands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    answers: Mapping[str, int] = field(default_factory=dict)
    by_file: bool = False

    @property
    def note(self) -> str:
        """Say what it is about, and how many answers."""
        among = [count(len(self.codes), "question")] if self.codes else []
        among += [count(len(self.bands), "characteristic")] if self.bands else []
        named = [label for label in self.labels if label != self.entry]
        said = f" ({', '.join(named)})" if named else ""
        many = f": {count(sum(self.answers.values()), 'answer')}" if self.answers else ""
        kind = _DECLARED.get(self.kind, "don't know")
        return f"“{self.entry}”{said} counts as {kind} in {' and '.join(among)}{many}."


@dataclass(frozen=True)
class Codebook:
    """Everything that was asked, of whom, and how answers are coded.

    Attributes
    ----------
    wave : name of the wave if there is only one; empty if there are several
    wave_dimension : dimension that distinguishes waves, empty where none does
    published_wave : wave that printed statements are about, empty for the latest
    language : of the words on pages, a file of `helpers.words.FOLDER`
    contact : whom to ask about the survey
    declared : answers that are declared to be none; see `declaring`
    plain : the codebook before any were; None where none are
    """

    title: str
    wave: str
    description: str
    provenance: Provenance
    populations: dict[str, Population]
    dimensions: dict[str, Dimension]
    times: dict[str, str]
    trends: dict[str, Trend]
    questions: dict[str, Question]
    matched: tuple[Match, ...] = ()
    indices: dict[str, Index] = field(default_factory=dict)
    collected: str = ""
    wave_dimension: str = ""
    published_wave: str = ""
    language: str = DEFAULT
    contact: str = ""
    corrections: tuple[Correction, ...] = ()
    accessibility: Accessibility = Accessibility()
    declared: tuple[Declared, ...] = ()
    plain: Codebook | None = field(default=None, repr=False)

    @property
    def of_files(self) -> Codebook:
        """The codebook that files follow: routing is decided before any answer is made missing."""
        return replace(self.plain, declared=self.declared) if self.plain else self

    def known_bands(self, dimension: str) -> dict[str, str]:
        """Bands of a dimension with their labels, those declared to be missing included."""
        before = self.of_files.dimensions
        bands = before[dimension].bands if dimension in before else {}
        return {**bands, **self.dimensions[dimension].bands}

    @property
    def waves(self) -> dict[str, str]:
        """Waves of a survey that distinguishes several, in their order: band and label."""
        if not self.wave_dimension:
            return {}
        bands = self.dimensions[self.wave_dimension].bands
        return dict(bands) if len(bands) > 1 else {}

    def wave_of(self, population: str) -> Dimension | None:
        """Dimension that distinguishes the waves of a population; None where there is one wave."""
        if not self.waves:
            return None
        dimension = self.dimensions[self.wave_dimension]
        return dimension if population in dimension.source else None

    def person_of(self, population: str) -> str:
        """Column that says who answered, where the same people may have done so several times.

        Where none is named, of several waves the identifier; else empty: each row is somebody's.
        """
        who = self.populations[population]
        return who.person or (who.identifier if self.wave_of(population) else "")

    @cached_property
    def owners(self) -> dict[str, Question]:
        """Question of every response column."""
        return {c.column: q for q in self.questions.values() for c in q.cells}

    def question(self, question: str) -> Question:
        """Look up a question.

        Raises
        ------
        InsightsError
            If there is none of that id; the message lists what exists.
        """
        other = isinstance(question, str) and question not in self.questions
        if other and question in self.dimensions:
            raise InsightsError(
                f'There is no question "{question}": it is a characteristic to compare or filter '
                f'by. h.topline(survey, ["{question}"]) tabulates it.'
            )
        if other and question in self.owners:
            whole = self.owners[question].id
            raise InsightsError(
                f'"{question}" is one of the columns of "{whole}". Ask for "{whole}"; '
                f'h.topline(survey, ["{question}"]) tabulates the column alone.'
            )
        return _look_up(self.questions, question, "question")

    def dimension(self, dimension: str) -> Dimension:
        """Look up a dimension; raises `InsightsError` like `question`."""
        return _look_up(self.dimensions, dimension, "dimension")

    def of_trend(self, trend: str) -> tuple[Question, ...]:
        """Questions of a trend, sections in their declared order, then codebook order."""
        order = list(_look_up(self.trends, trend, "trend").sections)
        found = [q for q in self.questions.values() if q.trend == trend]
        rank = {section: n for n, section in enumerate(order)}
        return tuple(sorted(found, key=lambda q: rank.get(q.section, len(rank))))

    def answers_behind(self, dimension: str, population: str) -> frozenset[str]:
        """Name the questions, or other columns, whose answers are the bands of a dimension."""
        one = self.dimensions[dimension]
        source = one.source.get(population)
        columns = one.follows or ((source.column,) if source else ())
        return self._owned(columns, population)

    def answers_in(self, question: Question) -> frozenset[str]:
        """Name the questions, or other columns, whose answers a question shows."""
        columns = (question.id, *question.follows)  # a column of a grid may be shown by itself
        return frozenset((question.id,)) | self._owned(columns, question.population)

    def repeats(self, dimension: str, population: str, shown: Iterable[Question]) -> bool:
        """Return whether the bands of a dimension are answers that any of some questions shows."""
        behind = self.answers_behind(dimension, population)
        return any(behind & self.answers_in(question) for question in shown)

    def characterises(self, question: Question) -> bool:
        """Return whether characteristics of respondents are made of all columns of a question."""
        own = [dimension for dimension in self.dimensions.values() if not dimension.derived]
        made = (dimension.source.get(question.population) for dimension in own)
        columns = {source.column for source in made if source is not None}
        return all(cell.column in columns for cell in question.cells)

    def _owned(self, columns: Sequence[str], population: str) -> frozenset[str]:
        found = {c: self.owners.get(c) for c in columns}
        return frozenset(q.id if q and q.population == population else c for c, q in found.items())

    def matches(self, question: str) -> tuple[str, ...]:
        """Questions declared to match this one."""
        found = [q for m in self.matched if question in m.questions for q in m.questions]
        return tuple(dict.fromkeys(q for q in found if q != question))


def _look_up(known: dict[str, _T], wanted: str, noun: str) -> _T:
    if isinstance(wanted, str) and wanted in known:
        return known[wanted]
    raise InsightsError(f'There is no {noun} "{wanted}". {suggest(wanted, known, noun)}')


def several_items(question: Question) -> str:
    """Say which columns a question of several items has, where one is needed."""
    columns = [cell.column for cell in question.cells]
    listed = ", ".join(columns[:LISTED]) + ", …" * (len(columns) > LISTED)
    return f"{question.id} has several items: name one of its columns: {listed}."


def code_of(said: str, known: Mapping[str, str]) -> str:
    """Return the code that is said, or the only one with that label; else what is said.

    `known` are codes with their labels. Capital letters and blanks of labels do not matter.
    """
    if said in known or not isinstance(said, str):
        return said
    meant = [code for code, label in known.items() if _plain(label) == _plain(said)]
    return meant[0] if len(meant) == 1 else said


def _plain(label: str) -> str:
    return " ".join(label.split()).casefold()


def suggest_code(wanted: str, known: Mapping[str, str], noun: str) -> str:
    """Say which code may be meant by a code or label, and which exist, with their labels."""
    said = _plain(str(wanted))
    meant = [code for code, label in known.items() if _plain(label) == said]  # of several
    texts = {_plain(text): code for code, label in known.items() for text in (code, label)}
    meant = meant or [texts[text] for text in get_close_matches(said, texts, n=1)]
    meant = meant or [*_closest(str(wanted), list(known))]

    def both(code: str) -> str:
        label = known[code]
        return f'"{code}"' if _plain(label) in ("", _plain(code)) else f'"{code}" ({label})'

    hint = f"Did you mean {' or '.join(map(both, meant[:3]))}? " if meant else ""
    more = f" and {len(known) - LISTED:,} more" if len(known) > LISTED else ""
    listed = ", ".join(both(code).replace('"', "") for code in list(known)[:LISTED]) or "none"
    return f"{hint}Known {noun}s: {listed}{more}."


def suggest(wanted: str, known: Iterable[str], noun: str) -> str:
    """Say which name may be meant, and which exist: of many, the first."""
    names = list(dict.fromkeys(known))
    meant = " or ".join(f'"{name}"' for name in _closest(str(wanted), names))
    hint = f"Did you mean {meant}? " if meant else ""
    listed = ", ".join(names[:LISTED]) or "none"
    more = f" and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
    return f"{hint}Known {noun}s: {listed}{more}."


def _closest(wanted: str, names: Sequence[str]) -> Sequence[str]:
    """Up to three names with this one as a word, or else the one that is spelt most like it."""
    said = wanted.strip().lower().replace(" ", "_")
    words = [name for name in names if said and said in name.lower().split("_")]
    return words[:3] or get_close_matches(wanted, names, n=1) or get_close_matches(said, names, n=1)
