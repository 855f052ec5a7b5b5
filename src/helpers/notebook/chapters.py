"""How a survey's questions are divided into notebooks: by its pages, trends and sections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil

from helpers.codebook.model import Codebook, Question
from helpers.release.rules import ReleaseRules, asked_dimensions, own_questions

MOST = 16  # questions in a notebook that a person can still find their way in
RESPONDENTS = "respondents"
ALL = {"all": "results"}  # the trend of a codebook that names none
_NOT_NAME = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True)
class ChapterPart:
    """Questions under one heading; without a title if they are all there is."""

    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Chapter:
    """What one notebook is about.

    Attributes
    ----------
    name : of the file, without number
    trend : to which all its questions belong, empty if there is none
    """

    name: str
    title: str
    parts: tuple[ChapterPart, ...]
    trend: str = ""

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions, in order."""
        return tuple(q for part in self.parts for q in part.questions)


def chapters(codebook: Codebook, rules: ReleaseRules) -> tuple[Chapter, ...]:
    """Give every question a place: on its page, else beside its trend.

    Questions that say who the respondents are, and are on no page, have a chapter of their own.
    """
    order = {name: n for n, name in enumerate(codebook.questions)}
    pages = {page.id: [*page.questions] for page in rules.pages}
    titles = {page.id: page.title for page in rules.pages}
    placed = {name for names in pages.values() for name in names}
    own = own_questions(codebook, asked_dimensions(codebook))
    for name in (n for n in codebook.questions if n not in placed):
        trend = codebook.questions[name].trend
        if name in own:
            page = RESPONDENTS
        else:
            of_trend = (p for p, names in pages.items() if trend in _trends(codebook, names))
            page = next(of_trend, trend)
        titles.setdefault(page, "About the respondents" if name in own else _label(codebook, trend))
        names = pages.setdefault(page, [])
        before = [n for n, other in enumerate(names) if order[other] < order[name]]
        names.insert(before[-1] + 1 if before else 0, name)
    ends = sorted(pages, key=lambda page: page == RESPONDENTS)  # who they are comes last
    found: list[Chapter] = []
    for page in ends:
        asked = [codebook.questions[name] for name in pages[page]]
        trends = {*(q.trend for q in asked)}
        trend = trends.pop() if len(trends) == 1 else ""
        whole = Chapter(_name(page), titles[page], _parts(codebook, asked), trend)
        found += _within(whole)
    return tuple(_distinct(found))


def _trends(codebook: Codebook, names: Iterable[str]) -> set[str]:
    return {codebook.questions[name].trend for name in names}


def _label(codebook: Codebook, trend: str) -> str:
    return codebook.trends[trend].label if trend in codebook.trends else "Other questions"


def _name(page: str) -> str:
    return ALL.get(page) or _NOT_NAME.sub("_", page.lower()).strip("_") or "questions"


def _parts(codebook: Codebook, asked: Sequence[Question]) -> tuple[ChapterPart, ...]:
    """Divide questions by section, and by whom they were put to, in the order they have."""
    several = len({q.population for q in asked}) > 1

    def title(question: Question) -> str:
        trend = codebook.trends.get(question.trend)
        section = trend.sections.get(question.section, "") if trend is not None else ""
        who = codebook.populations[question.population].label if several else ""
        return ": ".join(filter(None, (section, who)))

    parts: dict[str, list[Question]] = {}
    for question in asked:
        parts.setdefault(title(question), []).append(question)
    if len(parts) == 1:
        return (ChapterPart("", tuple(asked)),)
    return tuple(ChapterPart(title or "Other questions", tuple(of)) for title, of in parts.items())


def _within(chapter: Chapter) -> list[Chapter]:
    """Divide a chapter that is too long: between parts, else within a part."""
    if len(chapter.questions) <= MOST:
        return [chapter]
    pieces = [piece for part in chapter.parts for piece in _pieces(part)]
    groups: list[list[ChapterPart]] = [[]]
    for piece in pieces:
        size = sum(len(part.questions) for part in groups[-1])
        if groups[-1] and size + len(piece.questions) > MOST:
            groups.append([])
        groups[-1].append(piece)
    first, found = 1, []
    for n, group in enumerate(groups, 1):
        last = first + sum(len(part.questions) for part in group) - 1
        named = [*dict.fromkeys(part.title for part in group if part.title)]
        said = ", ".join(named) if 0 < len(named) <= 2 else f"questions {first} to {last}"
        found.append(
            replace(
                chapter,
                name=f"{chapter.name}_{n}",
                title=f"{chapter.title}: {said}",
                parts=tuple(group),
            )
        )
        first = last + 1
    titles = [one.title for one in found]
    for n, one in enumerate(found):  # a section that goes on in the next notebook
        if titles.count(one.title) > 1:
            part = titles[: n + 1].count(one.title)
            found[n] = replace(one, title=f"{one.title} ({part})")
    return found


def _pieces(part: ChapterPart) -> list[ChapterPart]:
    """Cut a part into pieces of about the same length, rather between different questions."""
    count = ceil(len(part.questions) / MOST)
    size = ceil(len(part.questions) / count)
    runs = [[*run] for _, run in groupby(part.questions, key=_stem)]
    pieces: list[list[Question]] = [[]]
    for run in runs:
        if len(run) > MOST // 2:
            run_pieces = [run[n : n + size] for n in range(0, len(run), size)]
        else:
            run_pieces = [run]
        for piece in run_pieces:
            if pieces[-1] and len(pieces[-1]) + len(piece) > size:
                pieces.append([])
            pieces[-1].extend(piece)
    return [ChapterPart(part.title, tuple(piece)) for piece in pieces]


def _stem(question: Question) -> str:
    """Return what questions of one series have in common: the beginning of their label."""
    stem, colon, _ = question.label.partition(":")
    return stem if colon else question.id


def _distinct(found: Sequence[Chapter]) -> list[Chapter]:
    """Give chapters whose names became the same different ones."""
    names: dict[str, int] = {}
    distinct = []
    for chapter in found:
        names[chapter.name] = names.get(chapter.name, 0) + 1
        times = names[chapter.name]
        distinct.append(replace(chapter, name=f"{chapter.name}_{times}") if times > 1 else chapter)
    return distinct
