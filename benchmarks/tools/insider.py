"""What an insider knows of a survey, for the outsider of benchmarks/outsider.py, by label."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, product
from typing import Any

from helpers.codebook.model import NOT_STATED, Kind, Question
from helpers.responses.survey import Survey

NAMELESS = ("", "not_answered", "not_asked")
Answers = list[dict[str, str]]


def known(survey: Survey, nested: bool = False, swapped: bool = False) -> dict[str, Any]:
    """Write down weights, units, groups and answers of everybody; bands that never meet if nested.

    Nobody is written down where neither weights, organisations, persons nor groups that another
    release shows could be used.
    """
    book, found = survey.codebook, {"people": [], "never": _never(survey) if nested else []}
    for population in book.populations.values():
        person = population.person
        if not (population.weight or population.organisation or person or swapped):
            continue
        frame = survey.codes[population.id]
        answers: Answers = [{} for _ in range(len(frame))]
        for question in book.questions.values():
            if question.population == population.id and question.tabulates:
                _answers(survey, question, answers)
        units = [f"one {n}" for n in range(len(frame))]
        persons = _named(frame["_person"], units) if person else units
        units = (
            _named(frame[population.organisation], units) if population.organisation else persons
        )
        weights = frame["_weight"].tolist() if population.weight else [1.0] * len(frame)
        groups = _groups(survey, population.id)
        people = zip(weights, units, persons, groups, answers, strict=True)
        keys = ("weight", "unit", "person", "groups", "answers")
        found["people"] += [dict(zip(keys, one, strict=True)) for one in people]
    return found


def _named(names: Iterable[str], otherwise: list[str]) -> list[str]:
    pairs = zip(names, otherwise, strict=True)
    return [one if named in NAMELESS else named for named, one in pairs]


def _groups(survey: Survey, population: str) -> list[dict[str, str]]:
    frame = survey.codes[population]
    of = {
        d.label: [d.band_label(b) for b in frame[f"_band_{d.id}"]]
        for d in survey.codebook.dimensions.values()
        if population in d.source
    }
    return [dict(zip(of, one, strict=True)) for one in zip(*of.values(), strict=True)]


def _answers(survey: Survey, question: Question, answers: Answers) -> None:
    frame, times = survey.codes[question.population], survey.codebook.times
    labels = {o.code: o.label for o in question.in_base}
    if question.kind is Kind.MULTIPLE:
        labels = {o: labels[o] if o == question.ticked.code else "" for o in labels}
    for cell in question.cells:
        item = question.item_label(cell.item) if len(question.items) > 1 else ""
        parts = (question.label, item, times.get(cell.time, ""))
        name = ", ".join(part for part in parts if part)
        for person, code in zip(answers, frame[cell.column], strict=True):
            if code in labels:
                person[name] = labels[code]


def _never(survey: Survey) -> list[tuple[str, str, str, str]]:
    """Pairs of bands that nobody of any population is in both of."""
    people = [one for p in survey.codes for one in _groups(survey, p)]
    bands = {
        d.label: [d.band_label(b) for b in (*d.bands, NOT_STATED)]
        for d in survey.codebook.dimensions.values()
    }
    met = {(d, p[d], e, p[e]) for p in people for d, e in combinations(bands, 2) if {d, e} <= {*p}}
    pairs = [(d, a, e, b) for d, e in combinations(bands, 2)
             for a, b in product(bands[d], bands[e])]  # fmt: skip
    return [pair for pair in pairs if pair not in met]
