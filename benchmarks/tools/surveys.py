"""Synthetic surveys that are hard to protect: seeded folders, each of some families.

    write(plan(17), FOLDER)

A seed's first family and its profile follow from the seed, so that any run of
`len(FAMILIES) * len(PROFILES)` seeds holds every family under every profile; what else happens in
a survey is drawn.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .answering import Cells, Generator, answered, chance, respondents
from .questionnaires import POPULATIONS, SCALES, Asked, questionnaire

PROFILES = ("standard", "strict", "rounding")
FAMILIES = (
    "skewed",  # most options are hardly chosen
    "routed",  # a gate and two questions behind it
    "nested",  # and a question behind those
    "weighted",  # weights and strata
    "tiny groups",  # a band of one to nine people
    "empty groups",  # bands that never meet
    "empty bands",  # a band that nobody is in
    "not stated",  # bands that some leave blank or refuse
    "giant organisation",  # one of most respondents and many of one to three
    "small organisations",  # none of more than four
    "unanimous",  # everybody, and one band, unanimous
    "nearly unanimous",  # all but one or two unanimous
    "few silent",  # one or two of those asked do not answer
    "nobody answered",  # a question, or a row of a grid
    "two populations",  # with matched questions
    "banded by a question",  # a dimension that is itself asked
    "few respondents",  # 12 to 40
    "many respondents",  # 1,000 to 2,000
)


@dataclass(frozen=True)
class Plan:
    """What is special about a survey.

    Attributes
    ----------
    profile : `standard`, `strict`, or `rounding` for strict with that cure
    bands : number of bands of each dimension
    """

    seed: int
    profile: str
    families: frozenset[str]
    respondents: int
    bands: tuple[int, ...]
    minimum_base: int
    allow_unanimous: bool

    @property
    def rng(self) -> Generator:
        """Random numbers of this survey, from their beginning."""
        return np.random.default_rng([self.seed, 5])

    @property
    def populations(self) -> tuple[str, ...]:
        """Populations of the survey."""
        return POPULATIONS[: 1 + ("two populations" in self.families)]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions."""
        return tuple(f"d{k + 1}" for k in range(len(self.bands)))


def plan(seed: int) -> Plan:
    """Plan the survey of a seed."""
    rng = np.random.default_rng([seed, 4])
    lead = FAMILIES[seed % len(FAMILIES)]
    chosen = {lead, *(f for f in FAMILIES[:-2] if rng.uniform() < 0.15)}
    if "nested" in chosen:
        chosen.add("routed")
    if "giant organisation" in chosen and lead != "small organisations":
        chosen.discard("small organisations")
    elif "small organisations" in chosen:
        chosen.discard("giant organisation")
    ends = {"few respondents": (12, 40), "many respondents": (1000, 2000)}.get(lead, (12, 2000))
    least = 1 + len(chosen & {"empty groups", "banded by a question"})
    dimensions = max(least, int(rng.integers(1, 4)))
    return Plan(
        seed,
        PROFILES[seed // len(FAMILIES) % len(PROFILES)],
        frozenset(chosen),
        int(np.exp(rng.uniform(*np.log(ends)))),
        tuple(int(n) for n in rng.integers(2, 6, dimensions)),
        int(rng.choice([10, 10, 10, 15])),
        bool(rng.uniform() < 0.12),
    )


def write(survey: Plan, folder: Path) -> None:
    """Write a survey folder: codebook, release.yml and responses."""
    rng = survey.rng
    asked = questionnaire(rng, survey.families, survey.populations)
    texts = {
        "survey.yml": _survey_yml(survey, asked),
        "release.yml": _release_yml(survey),
        "questions.csv": _questions(asked),
        "items.csv": _items(asked),
        "options.csv": _options(),
    }
    (folder / "codebook").mkdir(parents=True, exist_ok=True)
    (folder / "responses").mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / "codebook" / name).write_text(text, encoding="utf-8")
    spelled = chance(rng, 0.5)
    for number, population in enumerate(survey.populations):
        people = survey.respondents if number == 0 else max(12, survey.respondents // 2)
        own = [q for q in asked if q.population == population]
        cells = respondents(rng, people, survey.bands, survey.families)
        unknown = {d for d in survey.dimensions if d not in _columns(survey, population)}
        cells = {name: column for name, column in cells.items() if name not in unknown}
        cells |= answered(rng, own, cells, survey.families)
        _write_responses(folder / "responses" / f"{population}.csv", cells, spelled)


def _write_responses(path: Path, cells: Cells, spelled: bool) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(cells)
        for row in zip(*cells.values(), strict=True):
            missing = ("not_asked", "not_answered")
            writer.writerow(row if spelled else ["" if c in missing else c for c in row])


def _survey_yml(survey: Plan, asked: Sequence[Asked]) -> str:
    """Write survey.yml as JSON, which is YAML, too."""
    people = {"label": "People", "label_one": "person", "id": "ref"}
    if "weighted" in survey.families:
        people |= {"weight": "weight", "strata": "stratum"}
    if survey.families & {"giant organisation", "small organisations"}:
        people |= {"organisation": "employer"}
    found = {
        "title": f"Synthetic survey {survey.seed}",
        "wave": "2021",
        "provenance": "illustrative",
        "populations": {
            p: {**people, "label": label}
            for p, label in zip(survey.populations, ("People", "Staff"), strict=False)
        },
        "dimensions": {
            name: {"label": f"Dimension {name}", **_bands(survey, number, asked)}
            for number, name in enumerate(survey.dimensions)
        },
        "times": {"t1": "Then", "t2": "Now", "t3": "Soon"},
    }
    pages = list(dict.fromkeys(q.trend for q in asked if q.trend))
    if pages:
        found["trends"] = {t: {"label": f"Page {t}"} for t in pages}
    if len(survey.populations) > 1:
        both = ["mood", "mood_staff"]
        found["matched"] = [{"questions": both, "comparable": survey.seed % 2 == 0, "why": "Asked"}]
    return json.dumps(found, indent=1) + "\n"


def _columns(survey: Plan, population: str) -> tuple[str, ...]:
    """Dimensions that a population's file has a column of."""
    if population != POPULATIONS[0]:
        return survey.dimensions[:1]
    return survey.dimensions[: len(survey.bands) - ("banded by a question" in survey.families)]


def _bands(survey: Plan, number: int, asked: Sequence[Asked]) -> dict[str, object]:
    bands = {f"b{k + 1}": f"Band {k + 1}" for k in range(survey.bands[number])}
    name = survey.dimensions[number]
    coded = {"column": name, "map": {**{b[1:]: b for b in bands}, "9": "not_stated"}}
    # A second population may not know every dimension.
    known = survey.populations if number == 0 else survey.populations[:1]
    source: dict[str, object] = {p: coded for p in known}
    if "banded by a question" in survey.families and number == len(survey.bands) - 1:
        gate = next(q for q in asked if q.id == "mood")
        bands = {f"b{code}": f"Said {code}" for code in gate.codes}
        mapped = {code: f"b{code}" for code in gate.codes}
        source = {survey.populations[0]: {"column": "mood", "map": mapped}}
    return {"bands": bands, "source": source}


def _release_yml(survey: Plan) -> str:
    lines = {
        "profile": "standard" if survey.profile == "standard" else "strict",
        "minimum_base": survey.minimum_base,
        "dimensions": json.dumps(survey.dimensions),
    }
    if survey.profile == "rounding":
        lines["cure"] = "rounding"
    if survey.allow_unanimous:
        lines["allow_unanimous"] = "true"
    return "".join(f"{key}: {value}\n" for key, value in lines.items())


def _questions(asked: Sequence[Asked]) -> str:
    head = "id,population,kind,label,wording,option_set,times,asked_if,base,trend\n"
    return head + "".join(
        f"{q.id},{q.population},{q.kind},{q.id.title()},What of {q.id}?,{q.option_set},"
        f"{' '.join(q.times)},{q.routing},{q.base},{q.trend}\n"
        for q in asked
    )


def _items(asked: Sequence[Asked]) -> str:
    rows = (f"{q.id},{item},Item {item}\n" for q in asked for item in q.items)
    return "question,item,label\n" + "".join(rows)


def _options() -> str:
    rows = []
    for name, (codes, extra) in SCALES.items():
        scored = name.startswith("scale")
        rows += [f"{name},{c},Answer {c},{c if scored else ''},\n" for c in codes]
        rows += [f"{name},98,Don't know,,dont_know\n"] if "dont_know" in extra else []
        rows += [f"{name},-9,Refused,,not_answered\n"] if "refused" in extra else []
    rows += ["box,x,Named,1,\n", "box,o,Not named,0,\n"]
    return "set,code,label,score,missing\n" + "".join(rows)
