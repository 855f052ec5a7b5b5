"""The file of a wave beside what the survey knows so far, and what is asked about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from helpers.codebook.cells import WORDS
from helpers.codebook.model import Codebook, Item, Option, Population, Question
from helpers.importing.columns.boxes import WRITTEN, WRITTEN_IN, boxes_of
from helpers.importing.columns.mapping import ColumnTarget, plain
from helpers.importing.columns.mapping import Mapping as Columns
from helpers.importing.columns.placing import response_columns
from helpers.importing.draft.draft_files import Drafted
from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import Head
from helpers.importing.proposals import Decisions, digest_of
from helpers.importing.words.names import Names, shortened
from helpers.importing.words.shapes import without_fractions
from helpers.responses.proposals import Proposal

RENAMED, REWORDED = "renamed", "reworded"
NEW_ANSWER, NEW_ITEM, NEW_QUESTION = "new_answer", "new_item", "new_question"
NOT_ASKED, NOT_OFFERED, ROUTING = "not_asked", "not_offered", "routing"
OWN_WORDS = "own_words"
CHANCE = 0.001  # that nobody gives an answer which is as frequent as before
SEVERAL = 3  # answers that few gave, and that are rather somebody's own words
_LISTED = 4
_FEW = (3, 0.01)  # people, and part of all


@dataclass
class Changes:
    """What a wave changes in codebook and mapping.

    Attributes
    ----------
    columns : by population, where columns of the file go
    options : by question, answers that are new
    items : by question, boxes and rows of a grid that are new
    offered, asked : waves, by question and answer, and by question and box
    written : questions beside others that keep own words, by the question that they are beside
    routed : questions that this wave asked of everybody
    drafts : new questions, by population
    lost : columns of which somebody said that the file should have them, by population
    compared : populations that another wave has responses of
    """

    columns: dict[str, dict[str, ColumnTarget]] = field(default_factory=dict)
    options: dict[str, dict[str, Option]] = field(default_factory=dict)
    items: dict[str, list[Item]] = field(default_factory=dict)
    offered: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    asked: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    routed: list[str] = field(default_factory=list)
    drafts: list[Drafted] = field(default_factory=list)
    lost: dict[str, list[str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    compared: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Before:
    """The responses of the latest of the other waves: its name, and columns of its rows alone."""

    label: str
    columns: Mapping[str, Column]
    waves: tuple[str, ...]

    def counts(self, columns: Iterable[str]) -> dict[str, int]:
        """How many gave each code in some columns together."""
        found: dict[str, int] = {}
        for name in columns:
            if name in self.columns:
                held = self.columns[name]
                for code, n in zip(held.values, held.counts.tolist(), strict=True):
                    if code and code not in WORDS and n:
                        found[code] = found.get(code, 0) + n
        return found


class Wave:
    """One population's file of a wave.

    Attributes
    ----------
    band, label : of the wave
    known : where columns go, by key, those included that have the codebook's own names
    proposals : what was asked so far
    renumbered : columns whose name is known, and whose wording is quite another
    settled : keys of new questions that need no answer: somebody said that they are nothing else
    """

    def __init__(
        self,
        sheet: Sheet,
        heads: Sequence[Head],
        mapping: Columns,
        codebook: Codebook,
        population: Population,
        band: str,
        label: str,
        before: Before,
        answers: Decisions,
        changes: Changes,
    ) -> None:
        self.sheet, self.heads, self.mapping = sheet, heads, mapping
        self.codebook, self.population = codebook, population
        self.band, self.label, self.before = band, label, before
        self.answers, self.changes = answers, changes
        self.proposals: list[Proposal] = []
        self.settled: set[str] = set()
        self.renumbered: set[int] = set()
        self._columns: Columns | None = None
        self.known = dict(mapping.columns)
        named = {target.to for target in self.known.values()}
        for name in response_columns(codebook, population):
            if name not in named:
                self.known.setdefault(name, ColumnTarget(name))

    @cached_property
    def places(self) -> dict[str, int]:
        """Place of every column of the file by its key."""
        return {plain(head.key): at for at, head in enumerate(self.heads)}

    @property
    def columns(self) -> Columns:
        """Where columns go, with what was decided so far."""
        if self._columns is None:
            decided = self.changes.columns.get(self.population.id, {})
            self._columns = replace(self.mapping, columns={**self.known, **decided})
        return self._columns

    def send(self, key: str, target: ColumnTarget) -> None:
        """Decide where a column goes."""
        self._columns = None
        self.changes.columns.setdefault(self.population.id, {})[key] = target

    def is_known(self, head: Head) -> bool:
        """Return whether a column has a place, as a whole or box by box."""
        return self.columns.target(head.key) is not None or bool(boxes_of(head.key, self.columns))

    def targets(self, head: Head) -> list[ColumnTarget]:
        """Where a column goes: several places if its cells join boxes, or hold own words."""
        columns = self.columns
        one = columns.target(head.key)
        names = [f"{head.key} [{box}]" for box in boxes_of(head.key, columns)]
        if one is not None:
            names = [f"{head.key} [{WRITTEN}]"]
        found = [one, *(columns.target(name) for name in names)]
        return [target for target in found if target is not None]

    def question_of(self, target: ColumnTarget) -> Question | None:
        """Question whose column something goes to."""
        return self.codebook.owners.get(target.to) if target.to else None

    def ask(
        self,
        kind: str,
        about: str,
        found: str,
        count: int,
        now: str,
        if_yes: str,
        reason: str,
        *key: str,
        rows: str = "",
    ) -> str:
        """Make a proposal, and return the answer to it: yes, no, or nothing yet."""
        wave = () if kind == "not_a_number" else (self.band,)  # whose answer holds for all
        name = digest_of([kind, self.population.id, *wave, *key])
        answer = self.answers.to(kind, name)
        said = (shortened(about), rows, shortened(found), count, now, if_yes, reason)
        self.proposals.append(Proposal(answer, kind, *said, self.population.id, name, self.label))
        return answer

    def read(self, at: int, target: ColumnTarget) -> Column:
        """Return a column of the file, whole numbers as such."""
        return without_fractions(self.sheet.columns[at], [*target.recode])

    def few(self, n: int) -> bool:
        """Return whether so few gave an answer that it may be their own words."""
        return n < max(_FEW[0], _FEW[1] * len(self.sheet.rows))

    def names(self) -> Names:
        """Names for new questions: those of the codebook are taken."""
        names, codebook = Names("q"), self.codebook
        names.used |= {name.lower() for name in (*codebook.questions, *codebook.dimensions)}
        names.used |= {target.to.lower() for target in self.known.values() if target.to}
        names.used |= {name.lower() for name in self.changes.written.values()}
        for drafted in self.changes.drafts:
            names.used |= {question.id.lower() for question in drafted.draft.questions}
        return names

    def rows_of(self, at: int, value: str) -> str:
        """Numbers of the first rows that hold a cell."""
        column = self.sheet.columns[at]
        place = next((n for n, v in enumerate(column.values) if v in (value, f"{value}.0")), -1)
        rows = column.rows_of(place)
        more = ["…"] if len(rows) > _LISTED else []
        return " ".join([*(str(int(self.sheet.rows[row])) for row in rows[:_LISTED]), *more])


def listed(counts: Mapping[str, int]) -> str:
    """List the most frequent answers with their counts."""
    most = sorted(counts.items(), key=lambda pair: -pair[1])
    said = [f"{shortened(label, 30)} {n:,}" for label, n in most[:_LISTED]]
    return ", ".join([*said, *(["…"] if len(most) > _LISTED else [])]) or "nothing"


def ask_own_words(wave: Wave, at: int, counts: Mapping[str, int]) -> str:
    """Ask whether answers that few gave are their own words."""
    examples = ", ".join(f'"{shortened(text, 30)}"' for text in list(counts)[:3])
    return wave.ask(
        OWN_WORDS,
        wave.heads[at].key,
        examples,
        sum(counts.values()),
        "answers that the codebook does not know",
        f"{WRITTEN_IN}: the words are kept in a question beside",
        f"{len(counts):,} answers that few gave; no: each is a new answer",
        wave.heads[at].key,
    )


def write_beside(wave: Wave, key: str, question: Question) -> None:
    """Keep own words in a question of their own."""
    name = wave.names().give(f"{question.id}_own_words", keep=True)
    wave.changes.written[question.id] = name
    wave.send(f"{key} [{WRITTEN}]", ColumnTarget(name))
