"""What a release shows of a survey where release.yml does not say: chosen by the responses.

One rule of substance (`estimation.substance`) decides for pages, findings and reports.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from helpers.codebook.model import Codebook, Kind, Question
from helpers.estimation.repeats import describes, repeats_of
from helpers.estimation.substance import (
    in_words,
    is_asked,
    left_out,
    seen_by_interviewers,
    words_ask,
)
from helpers.estimation.tabulate import coded_columns
from helpers.importing.words.characteristics import tells_who
from helpers.importing.words.nonanswers import silent_bands
from helpers.release.forms import StatedRules
from helpers.release.rules import (
    ReleaseRules,
    asked_dimensions,
    default_pages,
    own_questions,
    question_of,
    read_rules,
    within,
)
from helpers.responses.recoding import band_column
from helpers.responses.survey import Survey

NO_FILTER = ("few", "same", "paradata", "code")  # reasons for which a question makes no filter
BANDS = 4  # that a reader takes in at once, and that leave groups large enough to show
KNOWN = 0.5  # of respondents; what is known of fewer was asked of some, or nobody said


def rules_of(survey: Survey, stated: StatedRules | None = None) -> ReleaseRules:
    """Read release.yml, and choose what it does not name.

    Filters are characteristics that do not repeat one another, without paradata. Pages leave out
    questions without substance, and those that repeat a filter; they end with what describes
    people. What release.yml names stays as it is; filters that only its pairs or small groups name
    are kept, too.

    Parameters
    ----------
    stated
        Rules that a release states, to take from them what was chosen: the responses are others
        now.
    """
    codebook = survey.codebook
    rules = read_rules(survey.folder / "codebook", codebook)
    if {"pages", "dimensions"} <= rules.named:
        return rules
    placed = rules.placed
    if stated is not None:
        without: Mapping[str, str] = stated.get("left_out", {})
        about: Collection[str] = stated.get("background", ())
        if "dimensions" not in rules.named:
            chosen = stated.get("dimensions", rules.dimensions)
            rules = replace(rules, dimensions=tuple(d for d in chosen if d in codebook.dimensions))
    else:
        without = _left_out(survey, placed)
        if "dimensions" not in rules.named:
            rules = _with_filters(survey, rules, without)
        without = _beside_filters(survey, rules.dimensions, without, placed)
        own = own_questions(codebook, rules.dimensions)
        asked = (q for q in codebook.questions.values() if q.id not in {*own, *without})
        about = [q.id for q in asked if describes(survey, q) or _names_people(codebook, q)]
    if rules.names_pages:
        return rules
    pages = default_pages(codebook, rules.dimensions, without, about)
    if not pages:
        return replace(rules, pages=default_pages(codebook, rules.dimensions))
    return replace(rules, pages=pages, without=without, background=frozenset(about))


def without_substance(survey: Survey) -> Mapping[str, str]:
    """Say which of all questions are left out, and why, as `rules_of`; none if all would be.

    What a page of release.yml names is never left out.
    """
    rules = rules_of(survey)
    if not rules.names_pages:
        return rules.without
    return _left_out(survey, rules.placed)


def _left_out(survey: Survey, placed: Collection[str]) -> dict[str, str]:
    questions = survey.codebook.questions.values()
    every = [q for q in questions if q.tabulates or q.kind is Kind.NUMBER]
    known = survey.known.setdefault("left_out", {})
    key = frozenset(placed)
    if key not in known:
        known[key] = left_out(survey, every, placed)
    found: dict[str, str] = known[key]
    return found if len(found) < len(every) else {}


def _names_people(codebook: Codebook, question: Question) -> bool:
    """Whether a question asks for a characteristic by its name, or is named and not asked."""
    asks = words_ask(codebook) and not is_asked(question)
    return asks or tells_who(question.label) or tells_who(question.wording)


def _with_filters(survey: Survey, rules: ReleaseRules, without: Mapping[str, str]) -> ReleaseRules:
    """Choose characteristics to filter by: of those that repeat one another what reads best."""
    codebook = survey.codebook
    every = (*rules.dimensions, *rules.beyond)
    chosen = {*rules.small_groups}.union(*rules.pairs)  # by the owner
    stays = {*chosen, *([codebook.wave_dimension] if codebook.waves else [])}
    kept: list[str] = []
    for name in sorted(every, key=lambda one: (one not in chosen, _reads_worse(survey, one))):
        apart = not any(_repeat(survey, name, other) for other in kept)
        if name in stays or (apart and not _of_interview(codebook, name, without)):
            kept.append(name)
    left = [name for name in every if name in kept]
    fit, beyond = within(codebook, sorted(left, key=lambda one: one not in stays))
    dimensions = tuple(name for name in left if name in fit)
    return replace(rules, dimensions=dimensions, beyond=beyond)


def _of_interview(codebook: Codebook, dimension: str, without: Mapping[str, str]) -> bool:
    """Whether a dimension is of the interview or the sample, and not of people."""
    asked = _sources(codebook, dimension)
    return any(without.get(q.id) in NO_FILTER and not seen_by_interviewers(q) for q in asked)


def _reads_worse(survey: Survey, dimension: str) -> tuple[bool, bool, bool, int, bool]:
    """Order dimensions: known of most people, named as a characteristic, of a few bands."""
    codebook = survey.codebook
    bands = codebook.dimensions[dimension].bands
    many = len(bands.keys() - silent_bands(bands).keys())
    return (
        _known_of(survey, dimension) < KNOWN,
        not tells_who(codebook.dimensions[dimension].label),
        many > BANDS,
        many if many > BANDS else -many,
        not all(map(in_words, _sources(codebook, dimension))),
    )


def _known_of(survey: Survey, dimension: str) -> float:
    """Share of respondents whose band is stated, of those populations that have the dimension."""
    stated = every = 0
    column, of = band_column(dimension), survey.codebook.dimensions[dimension]
    silent = silent_bands(of.bands)
    for population in of.source:
        which, cells = coded_columns(survey, population, [column])[column]
        there = [n for n, cell in enumerate(cells) if cell in of.bands and cell not in silent]
        stated += int(np.isin(which, there).sum())
        every += len(which)
    return stated / max(every, 1)


def _sources(codebook: Codebook, dimension: str) -> list[Question]:
    asked = (question_of(codebook, dimension, p) for p in codebook.dimensions[dimension].source)
    return [question for question in asked if question is not None]


def _repeat(survey: Survey, dimension: str, other: str) -> bool:
    """Whether two dimensions repeat one another where both are known, or in name: age, Age2."""
    both = [survey.codebook.dimensions[one] for one in (dimension, other)]
    if len({_plain(one.label) for one in both}) == 1:
        return True
    shared = both[0].source.keys() & both[1].source.keys()
    return bool(shared) and all(
        band_column(other) in repeats_of(survey, population).get(band_column(dimension), ())
        for population in shared
    )


def _plain(name: str) -> str:
    """Return a name as others are compared with it; of a column, without its number."""
    letters = re.sub(r"[\W_]", "", name).casefold()
    return letters if " " in name else letters.rstrip("0123456789")


def _beside_filters(
    survey: Survey,
    dimensions: Sequence[str],
    without: Mapping[str, str],
    placed: Collection[str],
) -> dict[str, str]:
    """Leave out, too, what repeats a filter; what a filter is read from is none of them."""
    codebook = survey.codebook
    own = own_questions(codebook, dimensions)
    others = {*asked_dimensions(codebook)} - {*dimensions}
    repeating = [d for d in others if any(_repeat(survey, d, kept) for kept in dimensions)]
    again = own_questions(codebook, repeating)
    found = {name: why for name, why in without.items() if name not in own}
    for question in codebook.questions.values():
        if question.id in {*own, *found, *placed} or question.derived or not question.tabulates:
            continue
        repeats = repeats_of(survey, question.population)
        bands = {
            band_column(name)
            for name in dimensions
            if question.population in codebook.dimensions[name].source
        }
        if question.id in again or all(
            not bands.isdisjoint(repeats.get(cell.column, ())) for cell in question.cells
        ):
            found[question.id] = "repeats"
    return {name: found[name] for name in codebook.questions if name in found}
