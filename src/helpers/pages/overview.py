"""The overview: one question for each page of a release, who answered, and how sure shares are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

import numpy as np

from helpers.codebook.model import Codebook
from helpers.estimation.intervals import wilson
from helpers.pages.forms import KeyNumber, Page, PageQuestion, Replies, Section
from helpers.present.findings import opening_groups
from helpers.release.forms import CubeQuestion
from helpers.release.rules import PageRule
from helpers.words import Catalogue, lowered, words_in

PAGE = "overview"
_NEAR = 5  # points between the ranges of shares that one of them says


class Overview(TypedDict):
    """What the overview has beyond what every page has."""

    page: str
    title: str
    headline: str
    answered: list[Replies]
    numbers: list[KeyNumber]
    sections: list[Section]
    questions: list[PageQuestion]


Cube = Mapping[str, CubeQuestion]


def overview(
    codebook: Codebook,
    cube: Cube,
    rules: Iterable[PageRule],
    pages: Mapping[str, Page],
    speaking: Mapping[str, str],
    numbers: list[KeyNumber],
    headline: str = "",
    wave: str = "",
) -> Overview:
    """Make the overview of pages that are rendered already: nothing on it is new.

    Parameters
    ----------
    speaking
        Question that speaks for each page, by page.
    numbers
        Key numbers; without a `headline` it is what the first of them says.
    wave
        The wave that pages open with, where there are several: it says who answered, too.

    Returns
    -------
    What the overview has beyond what every page has: its title and headline, the question that
    speaks for each page under a heading that leads there, and `answered`, as in `answered`.
    """
    questions: dict[str, PageQuestion] = {}
    sections: list[Section] = []
    for rule in rules:
        page = pages[rule.id]
        found = next((q for q in page["questions"] if q["id"] == speaking[rule.id]), None)
        if found is None or found["id"] in questions:
            continue
        questions[found["id"]] = {**found, "section": rule.id, "matched": []}
        sections.append({"id": rule.id, "label": rule.title, "page": rule.id})
    people = answered(codebook, cube, pages.values(), wave)
    return {
        "page": PAGE,
        "title": words_in(codebook.language)("overview.title"),
        "headline": headline or _first(numbers) or ("" if numbers else _headline(codebook, people)),
        "answered": people,
        "numbers": numbers,
        "sections": sections,
        "questions": list(questions.values()),
    }


def answered(
    codebook: Codebook, cube: Cube, pages: Iterable[Page], wave: str = ""
) -> list[Replies]:
    """Say of each population how many replied, and how many answered questions put to all of it.

    Of a population with several waves in one of them, or in all of them together, which its label
    says. How many replied in one wave is not released: there, those who answered most stand for it.

    Returns
    -------
    One row per population that has questions in the cube: its `label`, how many `replied`, the
    `fewest` and the `most` who answered such a question, and `half`: half the 95% range of a share
    of a half on the most and on the fewest. With weights `half` is empty, as their effect differs
    from view to view; where nothing is shown of a population, `fewest` and `most` are 0.
    """
    say = words_in(codebook.language)
    listed = [q for page in pages for q in page["questions"]]
    every = {q["id"]: _base(q, {}) for q in listed}
    told = {}
    for question in listed:
        name = question["id"]
        opening = opening_groups(codebook, cube[name], wave)
        if opening and codebook.questions[name].offered("", (), wave):
            told[name] = _base(question, opening)
    rows: list[Replies] = []
    for population in codebook.populations.values():
        asked = {n: q for n, q in cube.items() if q["population"] == population.id}
        if not asked:
            continue
        put_to_all = [name for name in asked if not codebook.questions[name].asked_if]
        replied = max(q["respondents"] for q in asked.values())
        of_wave = [told[name] for name in put_to_all or asked if told.get(name)]
        known = of_wave or [every[name] for name in put_to_all or asked if every.get(name)]
        weighted = any(q["weighted"] for q in asked.values())
        fewest, most = min(known, default=0), max(known, default=0)
        label = population.label
        if of_wave:
            replied = most
            label = say("overview.of_wave", people=label, wave=codebook.waves[wave])
        elif codebook.wave_of(population.id):
            label = say("overview.all_waves", people=label)
        rows.append(
            {
                "population": population.id,
                "label": label,
                "replied": replied,
                "fewest": fewest,
                "most": most,
                "half": _half(fewest, most, replied, say) if fewest and not weighted else "",
            }
        )
    return rows


def _base(question: PageQuestion, chosen: Mapping[str, Sequence[str]]) -> int:
    """Return the base of the view of some groups, or without filters; 0 where there is none."""
    parts = [f"{d}={','.join(chosen.get(d, '*'))}" for d in question["filters"]]
    everybody = "|" + "|".join(parts)
    view = question["views"].get(everybody)
    return view["n"] if view else 0


def _half(fewest: int, most: int, replied: int, say: Catalogue) -> str:
    """Half the range of a half, on the effective bases that shares among `replied` have.

    The larger of the two says it where they are near one another.
    """
    bases = np.array([most, fewest]) * (replied - 1) / replied
    _, high = wilson(np.array([0.5, 0.5]), bases)
    least, largest = (int(say.hundredths(float(end) - 0.5)) for end in high)
    if largest - least <= _NEAR:
        return say("overview.good_to", n=largest)
    return say("overview.good_to_between", least=least, most=largest)


def _first(numbers: list[KeyNumber]) -> str:
    """Say what the first key number says, if that is a statement of the source."""
    return next((n["statement"] for n in numbers[:1] if n["kind"] == "printed"), "")


def _headline(codebook: Codebook, people: Iterable[Replies]) -> str:
    say, said = words_in(codebook.language), []
    for row in people:
        about = codebook.populations[row["population"]]
        alone = row["replied"] == 1 and not codebook.wave_of(about.id)
        label = about.label_one if alone else row["label"]
        said.append(say("overview.replied", number=row["replied"], people=lowered(label)))
    return say("overview.based_on", people=say.listed(said)) if said else ""
