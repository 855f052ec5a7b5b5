"""Which questions a report or a set of charts is about: a trend, some questions, or all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from helpers.codebook.model import Codebook, Kind, Question, suggest
from helpers.errors import InsightsError
from helpers.release.defaults import rules_of, without_substance
from helpers.responses.survey import Survey


@dataclass(frozen=True)
class ReportChapter:
    """Questions under one title, in order; `id` is the page or trend that they are of."""

    id: str
    title: str
    questions: tuple[Question, ...]


def chapters(
    survey: Survey, questions: Sequence[str] | str | None = None, trend: str = ""
) -> tuple[tuple[ReportChapter, ...], Mapping[str, str]]:
    """Divide questions as the pages of the survey are; texts are left out.

    Where neither questions nor a trend are named, columns that say nothing to a reader are left
    out, too (`substance`), unless they are on a page that release.yml names.

    Parameters
    ----------
    questions
        Ids, in the order wanted: one chapter.
    trend
        A page of release.yml or a trend of the codebook: one chapter.

    Returns
    -------
    Chapters that have questions, and why others are left out, by id.

    Raises
    ------
    InsightsError
        For what does not exist, if both are named, or if no question is left.
    """
    codebook = survey.codebook
    without: Mapping[str, str] = {}
    if questions is not None and trend:
        raise InsightsError("Name a trend or questions, not both.")
    if questions is not None:
        names = [questions] if isinstance(questions, str) else [*questions]
        found = [ReportChapter("", codebook.title, tuple(survey.question(name) for name in names))]
    else:
        rules = rules_of(survey)
        pages = {
            page.id: ReportChapter(page.id, page.title, tuple(map(survey.question, page.questions)))
            for page in rules.pages
        }
        if trend:
            found = [_of_trend(codebook, pages, trend)]
        else:
            without = without_substance(survey)
            placed = {q.id for page in pages.values() for q in page.questions}
            rest = tuple(q for q in codebook.questions.values() if q.id not in placed)
            found = [*pages.values(), ReportChapter("", survey.say("report.others"), rest)]
    left = [
        replace(c, questions=tuple(q for q in _countable(c.questions) if q.id not in without))
        for c in found
    ]
    if not (left := [chapter for chapter in left if chapter.questions]):
        raise InsightsError("There is no question whose answers can be counted.")
    return tuple(left), without


def _of_trend(codebook: Codebook, pages: dict[str, ReportChapter], trend: str) -> ReportChapter:
    """Return the questions of a trend, or of a page where no trend has that name."""
    if trend in codebook.trends:
        return ReportChapter(trend, codebook.trends[trend].label, codebook.of_trend(trend))
    if trend in pages:
        return pages[trend]
    hint = suggest(trend, {**codebook.trends, **pages}, "trend")
    raise InsightsError(f'There is no trend "{trend}" in this survey. {hint}')


def _countable(questions: Sequence[Question]) -> tuple[Question, ...]:
    return tuple(q for q in questions if q.tabulates or q.kind is Kind.NUMBER)
