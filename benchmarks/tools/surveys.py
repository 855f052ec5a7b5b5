"""Synthetic surveys that are hard to protect: seeded folders, each of some families.

    write(plan(17), FOLDER)
    write(later(plan(17)), FOLDER)     the same survey, to be released again

A seed's first family and its profile follow from the seed, so that any run of
`len(FAMILIES) * len(PROFILES)` seeds holds every family under every profile; what else happens in
a survey is drawn.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .answering import Cells, Generator, answered, chance, respondents
from .questionnaires import POPULATIONS, SCALES, Asked, questionnaire

PROFILES = ("standard", "strict", "rounding")
RENAMED = ("", "question", "option", "item", "dimension")
MOVED = ("one changed", "one withdrawn", "few withdrawn", "few newcomers", "newcomers", "nothing")
NEW_NAMES = {"question": "choice", "option": "a", "item": "u", "dimension": "d1"}
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
    "wide weights",  # from 0.1 to 5
    "near duplicates",  # without managers, another version of an item, a derived one
    "nested dimensions",  # regions within countries, one but for a few people
    "one firm",  # with two fifths of the weight of a group
    "same people again",  # at several times, few of whom move or answer only once
    "five dimensions",
    "few respondents",  # 12 to 40
    "many respondents",  # 1,000 to 2,000
)
# Drawn last, so that a seed's survey is the same without them.
SEVERAL, SWAPPED = "several answers", "swapped dimensions"
LAST = (
    SEVERAL,  # some people answered two to four times
    SWAPPED,  # the second release has other dimensions than the first
)


@dataclass(frozen=True)
class Plan:
    """What is special about a survey.

    Attributes
    ----------
    profile : `standard`, `strict`, or `rounding` for strict with that cure
    bands : number of bands of each dimension
    questions : how many are asked at least
    smallest : share of the smallest band of each dimension; 0 to draw all of them
    renamed, moved : what is renamed, and who comes, goes or thinks again, before a second release
    second : whether this is the survey as it is then
    each : most answers of one person
    repeated : share of the answers that are of such people
    """

    seed: int
    profile: str
    families: frozenset[str]
    respondents: int
    bands: tuple[int, ...]
    minimum_base: int
    allow_unanimous: bool = False
    questions: int = 0
    smallest: float = 0
    renamed: str = ""
    moved: str = ""
    second: bool = False
    each: int = 1
    repeated: float = 0

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
        return tuple(self.now(f"d{k + 1}", "dimension") for k in range(len(self.bands)))

    def now(self, name: str, kind: str) -> str:
        """Return what is called by a name, as it is called in this release."""
        new = self.second and self.renamed == kind and name == NEW_NAMES[kind]
        return f"{name}new" if new else name


def later(survey: Plan) -> Plan:
    """Plan the second release of a survey."""
    return replace(survey, second=True)


def plan(seed: int) -> Plan:
    """Plan the survey of a seed."""
    rng = np.random.default_rng([seed, 4])
    lead = FAMILIES[seed % len(FAMILIES)]
    chosen = {lead, *(f for f in FAMILIES[:-2] if rng.uniform() < 0.15)}
    if "nested" in chosen:
        chosen.add("routed")
    if chosen & {"wide weights", "one firm"}:
        chosen.add("weighted")
    if "few silent" in chosen and lead != "near duplicates":
        chosen.discard("near duplicates")
    if "nested dimensions" in chosen:
        chosen -= {"empty groups", "empty bands", "tiny groups", "banded by a question"} - {lead}
    if lead == "one firm":
        chosen -= {"giant organisation", "small organisations"}
    if "giant organisation" in chosen and lead != "small organisations":
        chosen.discard("small organisations")
    elif "small organisations" in chosen:
        chosen.discard("giant organisation")
    ends = {"few respondents": (12, 40), "many respondents": (1000, 2000)}.get(lead, (12, 2000))
    least = 1 + len(chosen & {"empty groups", "banded by a question", "nested dimensions"})
    dimensions = max(least, 5 if "five dimensions" in chosen else int(rng.integers(1, 4)))
    found = Plan(
        seed,
        PROFILES[seed // len(FAMILIES) % len(PROFILES)],
        frozenset(chosen),
        int(np.exp(rng.uniform(*np.log(ends)))),
        tuple(int(n) for n in rng.integers(2, 6 if dimensions < 5 else 4, dimensions)),
        int(rng.choice([10, 10, 10, 15])),
        bool(rng.uniform() < 0.12),
        renamed=str(rng.choice(RENAMED)),
        moved=str(rng.choice(MOVED)) if seed % 2 == 0 else "",
    )
    if rng.uniform() < 0.3 and found.profile != "rounding":  # which is refused
        found = several(found, int(rng.integers(2, 5)), float(rng.choice([0.1, 0.5, 1.0])))
    if found.moved and dimensions > 1 and rng.uniform() < 0.4:
        found = swapped(found)
    return found


def several(survey: Plan, each: int, repeated: float) -> Plan:
    """Let some people answer several times; organisations are then of persons no more."""
    gone = {"giant organisation", "small organisations", "one firm"}
    families = survey.families - gone | {SEVERAL}
    return replace(survey, families=families, each=each, repeated=repeated)


def swapped(survey: Plan) -> Plan:
    """Break down by other dimensions at the second release; they keep their names."""
    renamed = "" if survey.renamed == "dimension" else survey.renamed
    return replace(survey, families=survey.families | {SWAPPED}, renamed=renamed)


def write(survey: Plan, folder: Path) -> None:
    """Write a survey folder: codebook, release.yml and responses."""
    rng, once = survey.rng, replace(survey, second=False)
    first = questionnaire(rng, survey.families, survey.populations, survey.questions)
    asked = [_called_now(survey, q) for q in first]
    texts = {
        "survey.yml": _survey_yml(survey, asked),
        "release.yml": _release_yml(survey, asked),
        "questions.csv": _questions(asked),
        "items.csv": _items(asked),
        "options.csv": _options(survey),
    }
    (folder / "codebook").mkdir(parents=True, exist_ok=True)
    (folder / "responses").mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / "codebook" / name).write_text(text, encoding="utf-8")
    spelled = chance(rng, 0.5)
    for number, population in enumerate(survey.populations):
        people = survey.respondents if number == 0 else max(12, survey.respondents // 2)
        own = [q for q in first if q.population == population]
        cells = respondents(rng, people, survey.bands, survey.families, survey.smallest)
        unknown = {*once.dimensions} - {*_columns(once, population)}
        cells = {name: column for name, column in cells.items() if name not in unknown}
        cells |= answered(rng, own, cells, survey.families)
        if survey.second:
            cells = _moved(survey, cells) if number == 0 else cells
            cells = _renamed(survey, own, cells)
        if SEVERAL in survey.families:
            cells["person"] = _persons(survey, cells["ref"])
        _write_responses(folder / "responses" / f"{population}.csv", cells, spelled)


def _called_now(survey: Plan, asked: Asked) -> Asked:
    items = tuple(survey.now(item, "item") for item in asked.items)
    return replace(asked, id=survey.now(asked.id, "question"), items=items)


def _renamed(survey: Plan, asked: Sequence[Asked], cells: Cells) -> Cells:
    """Put names of today on columns and options."""
    names = dict(zip(replace(survey, second=False).dimensions, survey.dimensions, strict=True))
    for question in asked:
        names |= zip(question.columns, _called_now(survey, question).columns, strict=True)
    found = {names.get(name, name): column for name, column in cells.items()}
    kinds = (q for q in asked if q.option_set.startswith("kinds"))
    columns = {names.get(c, c) for question in kinds for c in question.columns}
    for name in sorted(found.keys() & columns):
        old, new = NEW_NAMES["option"], survey.now(NEW_NAMES["option"], "option")
        found[name] = np.where(found[name] == old, new, found[name])
    return found


def _moved(survey: Plan, cells: Cells) -> Cells:
    """Let people come, go or think again."""
    rng, people = np.random.default_rng([survey.seed, 6]), len(cells["ref"])
    many = 1 if survey.moved.startswith("one") else int(rng.integers(2, min(10, people)))
    who = rng.permutation(people)
    if survey.moved == "one changed":
        told = [n for n in who if cells["choice"][n] in ("a", "b", "c")][:1]
        changed = cells["choice"].copy()
        changed[told] = ["b" if changed[n] == "a" else "a" for n in told]
        return {**cells, "choice": changed}
    if "withdrawn" in survey.moved:
        return {name: np.delete(column, who[:many]) for name, column in cells.items()}
    if "newcomers" not in survey.moved:
        return cells
    like = who[: many if "few" in survey.moved else int(rng.integers(10, 40))]
    found = {name: np.append(column, column[like]) for name, column in cells.items()}
    found["ref"] = np.array([f"R{n:04d}" for n in range(people + len(like))])
    return found


def _persons(survey: Plan, refs: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    """Say whose each answer is: the same of the same reference in both releases."""
    rng, most = np.random.default_rng([survey.seed, 7]), 10_000
    again = rng.uniform(size=most) < survey.repeated
    whose = rng.permutation(most) * max(survey.respondents // survey.each, 1) // most
    at = np.array([int(ref[1:]) for ref in refs])
    found = np.where(again[at], np.char.add("Q", whose[at].astype(str)), np.char.add("P", refs))
    return np.asarray(found)


def _write_responses(path: Path, cells: Cells, spelled: bool) -> None:
    missing = () if spelled else ("not_asked", "not_answered")
    columns = [np.where(np.isin(c, missing), "", c).tolist() for c in cells.values()]
    lines = map(",".join, zip(*columns, strict=True))
    path.write_text("\n".join([",".join(cells), *lines, ""]), encoding="utf-8")


def _survey_yml(survey: Plan, asked: Sequence[Asked]) -> str:
    """Write survey.yml as JSON, which is YAML, too."""
    people = {"label": "People", "label_one": "person", "id": "ref"}
    if "weighted" in survey.families:
        people |= {"weight": "weight", "strata": "stratum"}
    if survey.families & {"giant organisation", "small organisations", "one firm"}:
        people |= {"organisation": "employer"}
    if SEVERAL in survey.families:
        people |= {"person": "person"}
    found = {
        "title": f"Synthetic survey {survey.seed}",
        "wave": "2021",
        "provenance": "public",
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
    people_asked = [q for q in asked if q.population == POPULATIONS[0] and _favourable(q)]
    items = [c for q in people_asked if not q.times for c in q.columns]
    if len(items) > 1:
        measure = "score" if survey.seed % 5 < 2 else "favourable"
        found["index"] = {"whole": {"label": "Index", "items": items, "measure": measure}}
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


def _release_yml(survey: Plan, asked: Sequence[Asked]) -> str:
    lines = {
        "profile": "standard" if survey.profile == "standard" else "strict",
        "minimum_base": survey.minimum_base,
        "dimensions": json.dumps(_offered(survey)),
    }
    if survey.profile == "rounding":
        lines["cure"] = "rounding"
    if survey.allow_unanimous:
        lines["allow_unanimous"] = "true"
    if "banded by a question" in survey.families:  # by default it would be on no page
        shown = [q.id for q in asked if q.kind not in ("number", "text")]
        lines["pages"] = json.dumps({"all": {"questions": shown}})
    return "".join(f"{key}: {value}\n" for key, value in lines.items())


def _offered(survey: Plan) -> list[str]:
    """Dimensions of the release: where they are swapped, half now and half then."""
    if SWAPPED not in survey.families:
        return [*survey.dimensions]
    half = len(survey.bands) // 2
    return [*survey.dimensions][half:] if survey.second else [*survey.dimensions][:half]


def _favourable(asked: Asked) -> str:
    """Say which end of a scale of three points or more is good news."""
    if not asked.option_set.startswith("scale") or len(asked.codes) < 3:
        return ""
    return "low" if asked.id.startswith("m") else "high"


def _questions(asked: Sequence[Asked]) -> str:
    head = "id,population,kind,label,wording,option_set,times,asked_if,base,trend,favourable\n"
    return head + "".join(
        f"{q.id},{q.population},{q.kind},{q.id.title()},What of {q.id}?,{q.option_set},"
        f"{' '.join(q.times)},{q.routing},{q.base},{q.trend},{_favourable(q)}\n"
        for q in asked
    )


def _items(asked: Sequence[Asked]) -> str:
    rows = (f"{q.id},{item},Item {item}\n" for q in asked for item in q.items)
    return "question,item,label\n" + "".join(rows)


def _options(survey: Plan) -> str:
    rows = []
    for name, (codes, extra) in SCALES.items():
        if name.startswith("kinds"):
            codes = tuple(survey.now(c, "option") for c in codes)
        scored = name.startswith("scale")
        rows += [f"{name},{c},Answer {c},{c if scored else ''},\n" for c in codes]
        rows += [f"{name},98,Don't know,,dont_know\n"] if "dont_know" in extra else []
        rows += [f"{name},-9,Refused,,not_answered\n"] if "refused" in extra else []
    rows += ["box,x,Named,1,\n", "box,o,Not named,0,\n"]
    return "set,code,label,score,missing\n" + "".join(rows)
