"""What a report says, in its order: every format is written from one outline."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from html import unescape
from textwrap import shorten

from helpers.pages.forms import KeyNumber
from helpers.present.theme import Spec
from helpers.terminal import count
from helpers.words import Catalogue

LARGEST = 8  # differences that a report lists
NAMES = 300  # letters of the ids of questions that are left out
FEW = 2  # chapters that need no contents
HEADING = 120  # letters of a wording that can be a heading
ACROSS = 7  # answers that fit across a page
LONG, DRAWN = 40, 24  # charts that a report has all of, and that one of more has
WAVES = ".waves"  # ends the id of a question's chart by wave


@dataclass(frozen=True)
class OutlineTable:
    """A table of text; columns from `numbers` on are numbers, written to the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: int = 99

    @classmethod
    def of_shares(
        cls, columns: Sequence[str], rows: Sequence[Sequence[str]], say: Catalogue
    ) -> OutlineTable:
        """Make the table behind a chart: items down the side, and answers across if they fit.

        Parameters
        ----------
        columns
            Labels of rows, then share, both ends of its range, and base.
        """
        first = [*columns].index(say("table.share"))
        rows = [(*row[:-1], _with_thousands(row[-1], say)) for row in rows]
        varying = [n for n in range(first) if len({row[n] for row in rows}) > 1] or [0]
        *down, across = varying
        names, none = [*dict.fromkeys(row[across] for row in rows)], say("format.none")
        crossed: dict[tuple[str, ...], dict[str, Sequence[str]]] = {}
        for row in rows:
            crossed.setdefault(tuple(row[n] for n in down), {})[row[across]] = row[first:]
        by_row = all(len({cells[3] for cells in of.values()}) == 1 for of in crossed.values())
        bases = [{row[-1] for row in rows if row[across] == name} - {none} for name in names]
        by_column = all(len(each) == 1 for each in bases)
        whole = down and len(rows) == len(names) * len(crossed)
        if not whole or len(names) > ACROSS or not (by_row or by_column):
            kept = (*varying, *range(first, len(columns)))
            cut = tuple(tuple(row[n] for n in kept) for row in rows)
            return cls(tuple(columns[n] for n in kept), cut, len(varying))
        heads = (*(columns[n] for n in down), *names)
        cells = tuple(
            (*labels, *(_with_range(of[name], say) for name in names))
            for labels, of in crossed.items()
        )
        if by_row:
            ends = (of[names[0]][3] for of in crossed.values())
            cells = tuple((*row, end) for row, end in zip(cells, ends, strict=True))
            return cls((*heads, columns[-1]), cells, len(down))
        below = (columns[-1], *[""] * (len(down) - 1), *(each.pop() for each in bases))
        return cls(heads, (*cells, below), len(down))


def _with_thousands(base: str, say: Catalogue) -> str:
    """Write a base as sentences do; what is not a number stays."""
    return say.number(int(base)) if base.isdigit() else base


def _with_range(cells: Sequence[str], say: Catalogue) -> str:
    """Write a share and its range in one cell."""
    share, low, high, _ = cells
    if not low.strip(say("format.none")):
        return share
    ends = say("format.range", low=low.rstrip("% "), high=high.rstrip("% "))
    return f"{share} ({ends})"


@dataclass(frozen=True)
class OutlineItem:
    """A question: what it found, its chart and its table.

    Attributes
    ----------
    said : the finding, or why there is nothing to show
    spec : what is drawn; None where nothing is
    notes : base, caveats and source, sentence by sentence
    printed : what the source says
    """

    id: str
    title: str
    wording: str
    said: str
    notes: tuple[str, ...] = ()
    spec: Spec | None = None
    table: OutlineTable | None = None
    printed: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, str]:
        """Name the question, and its wording where that says more; a name cut short is left out."""
        parts = [part.strip() for part in self.title.split("…")]
        if len(parts) > 1 and all(part in self.wording for part in parts):
            return self.wording, ""
        same = self.wording.rstrip("?. ") == self.title.rstrip("?. ")
        return self.title, "" if same else self.wording

    @property
    def heading(self) -> tuple[str, str]:
        """Name the question for a heading, and its wording below; long ones keep a short name."""
        name, wording = self.asked
        return (name, wording) if len(name) <= HEADING else (self.title, self.wording)


@dataclass(frozen=True)
class OutlinePart:
    """Questions under a heading, which is empty where there is only one part."""

    title: str
    items: tuple[OutlineItem, ...]


@dataclass(frozen=True)
class OutlineChapter:
    """A trend: its headline and its parts, and tables that its source prints.

    `brief` are questions of which a long report has the finding only.
    """

    title: str
    lead: str
    parts: tuple[OutlinePart, ...]
    tables: tuple[tuple[str, str, OutlineTable], ...] = ()  # title, note and table
    brief: tuple[OutlineItem, ...] = ()

    @property
    def items(self) -> tuple[OutlineItem, ...]:
        """Every question, in order."""
        return tuple(item for part in self.parts for item in part.items)


@dataclass(frozen=True)
class Outline:
    """A report before it is written in any format.

    Attributes
    ----------
    title, lead : what it is about, and its first sentence
    survey : the survey and its wave
    mark : what every page says of the data, in a few words
    careful : whether `mark` is a warning
    banner : the same in a sentence
    numbers : that it opens with
    findings : what differs most, with a sentence on all that was compared
    method : how numbers were made, sentence by sentence
    about : the data and their provenance, as pairs of heading and text
    left_out : questions that it is not of unless they are named, with a reason each
    of_answers : whether it is made of responses, not of a release
    """

    title: str
    lead: str
    survey: str
    mark: str
    careful: bool
    banner: str
    say: Catalogue
    numbers: tuple[KeyNumber, ...]
    findings: OutlineTable | None
    findings_said: str
    chapters: tuple[OutlineChapter, ...]
    method: tuple[str, ...]
    about: tuple[tuple[str, str], ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    simulated: bool = False
    of_answers: bool = False
    made: date = date(1980, 1, 1)  # what files are dated, so that they change with it alone
    items: tuple[OutlineItem, ...] = field(init=False)

    def __post_init__(self) -> None:
        """List the questions of all chapters."""
        found = tuple(item for chapter in self.chapters for item in chapter.items)
        object.__setattr__(self, "items", found)

    @property
    def counted(self) -> str:
        """Say of how many questions it is, and how many of them are in brief."""
        brief = [item for chapter in self.chapters for item in chapter.brief]
        all_told = count(len(self.items) + len(brief), "question")
        return f"{all_told}, {len(brief):,} of them in brief" if brief else all_told

    @property
    def headed(self) -> str:
        """Heading of what differs."""
        return self.say("report.findings_simulated" if self.simulated else "report.findings")

    @property
    def of_survey(self) -> str:
        """Name the survey where the title does not."""
        return self.survey if self.survey != self.title else ""

    @property
    def whole(self) -> bool:
        """Whether it is of several chapters, whose titles are headings."""
        return len(self.chapters) > 1

    @property
    def unreported(self) -> str:
        """Tell an analyst which questions it leaves out, and how to have them; empty if none."""
        if not self.left_out:
            return ""
        names = shorten(", ".join(self.left_out), NAMES, placeholder=" …")
        example = next(iter(self.left_out))
        return (
            f"{count(len(self.left_out), 'column')} left out, with a reason each in"
            f' outline.left_out: {names}. To report one, name it: questions=["{example}", …].'
        )

    @property
    def where_else(self) -> str:
        """Say where charts and tables are of questions of which it has the finding only."""
        return self.say("report.brief_responses" if self.of_answers else "report.brief_release")

    @property
    def many(self) -> bool:
        """Whether it is of so many chapters that it lists them."""
        return len(self.chapters) > FEW

    def proof(self, number: KeyNumber) -> str:
        """Say where a number is from, of how many people, and its range."""
        say, printed = self.say, number["kind"] == "printed"
        made = say("key.printed") if printed else say("key.computed")
        return f"{made} · {number['counted']} · {say('key.range', range=number['range'])}"


def once(chapters: Iterable[OutlineChapter]) -> tuple[OutlineChapter, ...]:
    """Leave of a question that an earlier chapter has shown its finding only."""
    seen: set[str] = set()
    found = []
    for chapter in chapters:
        parts = []
        for part in chapter.parts:
            items = []
            for item in part.items:
                again = item.id in seen
                seen.add(item.id)
                bare = replace(item, spec=None, table=None, notes=(), printed=())
                items.append(bare if again else item)
            parts.append(replace(part, items=tuple(items)))
        found.append(replace(chapter, parts=tuple(parts)))
    return tuple(found)


def in_brief(
    chapters: Sequence[OutlineChapter], telling: Iterable[str], named: Container[str] = ()
) -> tuple[OutlineChapter, ...]:
    """Draw of very many questions those that tell most, and leave of others their finding.

    What the owner has put on a page is drawn, however much it is.

    Parameters
    ----------
    telling
        Ids of questions, those that tell most first; others follow in their order.
    named
        Ids of questions on pages that release.yml names.
    """
    drawn = [item.id for chapter in chapters for item in chapter.items if item.spec]
    if len(drawn) <= LONG:
        return tuple(chapters)
    there = {*drawn}
    placed = [name for name in drawn if name.removesuffix(WAVES) in named]
    order = [*placed, *(name for name in telling if name in there), *drawn]
    kept = [*dict.fromkeys(order)][: max(DRAWN, len({*placed}))]
    found = []
    for chapter in chapters:
        parts = [
            replace(part, items=tuple(i for i in part.items if i.id in kept or i.printed))
            for part in chapter.parts
        ]
        brief = tuple(i for i in chapter.items if i.id not in kept and not i.printed)
        found.append(replace(chapter, parts=tuple(p for p in parts if p.items), brief=brief))
    return tuple(found)


def joined(*texts: str) -> str:
    """Join sentences, each with its full stop unless it ends otherwise."""
    told = (text.strip() for text in texts)
    return " ".join(t if t[-1] in ".?!…" else f"{t}." for t in told if t)


def differing(say: Catalogue) -> tuple[str, ...]:
    """Return the headings of the table of what differs."""
    names = ("question", "answer", "compared", "points", "finding")
    return tuple(say(f"report_head.{name}") for name in names)


def words_of_findings(say: Catalogue) -> str:
    """Say what the words on differences mean, as the glossary of pages does."""
    meant = unescape(re.sub(r"<[^>]+>", "", say("meaning.likely")))
    return joined(meant, say("report.words"))
