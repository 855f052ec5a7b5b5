"""The synthetic surveys of the rehearsal: every family occurs, every folder is accepted."""

import csv
import json
from collections import Counter
from itertools import product

import pytest
from benchmarks.tools.questionnaires import SCALES
from benchmarks.tools.surveys import FAMILIES, PROFILES, plan, write

from helpers.cli import main
from helpers.codebook.model import Kind
from helpers.release import rules
from helpers.responses.survey import load_survey

SEEDS = range(len(FAMILIES) * len(PROFILES))


@pytest.fixture(scope="module")
def surveys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("surveys")
    for seed in SEEDS:
        write(plan(seed), folder / str(seed))
    return {seed: load_survey(folder / str(seed)) for seed in SEEDS}


def column(survey, name, population="people"):
    return survey.codes[population][name].tolist()


def raw(survey, name):
    with (survey.folder / "responses" / "people.csv").open(encoding="utf-8") as file:
        return [row[name] for row in csv.DictReader(file)]


def answers(survey, question):
    """Counts of codes of substance in each column of a question."""
    asked = survey.question(question)
    codes = {o.code for o in asked.substantive}
    return [Counter(c for c in column(survey, cell.column) if c in codes) for cell in asked.cells]


def tabulated(survey):
    return [q.id for q in survey.codebook.questions.values() if q.tabulates]


def skewed(survey):
    rare = [
        n < 0.05 * sum(found.values())
        for q in tabulated(survey)
        for found in answers(survey, q)
        for n in (found[o.code] for o in survey.question(q).substantive)
    ]
    return sum(rare) > len(rare) / 5


def routed(survey):
    return {"not_asked"} < set(column(survey, "often")) and "owns" in survey.codebook.questions


def nested(survey):
    asked = survey.question("deep").asked_if.columns
    gates = [survey.codebook.owners[c] for c in asked]
    return any(gate.asked_if for gate in gates) and "not_asked" in column(survey, "deep")


def weighted(survey):
    who = survey.codebook.populations["people"]
    return len(set(raw(survey, who.weight))) > 5 and len(set(raw(survey, who.strata))) == 3


def tiny_groups(survey):
    return any(0 < n < 10 for n in Counter(raw(survey, "d1")).values())


def empty_groups(survey):
    first, second = raw(survey, "d1"), raw(survey, "d2")
    return set(zip(first, second, strict=True)) < set(product(set(first), set(second)))


def empty_bands(survey):
    declared = {b[1:] for b in survey.codebook.dimensions["d1"].bands}
    return bool(declared - set(raw(survey, "d1")))


def not_stated(survey):
    return bool({"", "9"} & set(raw(survey, "d1")))


def employers(survey):
    return sorted(Counter(raw(survey, "employer")).values())


def giant_organisation(survey):
    *small, giant = employers(survey)
    return giant > len(raw(survey, "ref")) / 3 and max(small) <= 3


def small_organisations(survey):
    return max(employers(survey)) <= 4


def unanimous(survey):
    return any(len(found) == 1 for q in tabulated(survey) for found in answers(survey, q))


def nearly_unanimous(survey):
    counts = [sorted(f.values()) for q in tabulated(survey) for f in answers(survey, q)]
    return any(len(found) == 2 and found[0] <= 2 for found in counts)


def few_silent(survey):
    return all(
        column(survey, cell.column).count("not_answered") <= 2
        for q in survey.codebook.questions.values()
        for cell in q.cells
        if q.population == "people" and not any(o.code == "-9" for o in q.options)
    )


def nobody_answered(survey):
    return any(not found for q in tabulated(survey) for found in answers(survey, q))


def two_populations(survey):
    return len(survey.frames) == 2 and bool(survey.codebook.matched)


def banded_by_a_question(survey):
    sources = {s.column for d in survey.codebook.dimensions.values() for s in d.source.values()}
    return bool(sources & set(survey.codebook.questions))


def few_respondents(survey):
    return 12 <= len(survey.frames["people"]) <= 40


def many_respondents(survey):
    return 1000 <= len(survey.frames["people"]) <= 2000


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_occurs_in_every_survey_that_it_leads(surveys, family):
    holds = globals()[family.replace(" ", "_")]
    led = [seed for seed in SEEDS if seed % len(FAMILIES) == FAMILIES.index(family)]
    assert [plan(seed).profile for seed in led] == list(PROFILES)
    assert all(family in plan(seed).families for seed in led)
    assert [seed for seed in led if not holds(surveys[seed])] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_insights_check_accepts_the_folder(surveys, seed, monkeypatch, capsys):
    folder = surveys[seed].folder
    monkeypatch.delenv("INSIGHTS_DATA", raising=False)
    assert main(["check", str(folder)]) == 0, capsys.readouterr().err
    known = rules.read_rules(folder / "codebook", surveys[seed].codebook)
    assert known.minimum_base == plan(seed).minimum_base


def test_every_kind_of_question_and_length_of_scale_is_asked(surveys):
    asked = [q for s in surveys.values() for q in s.codebook.questions.values()]
    assert {q.kind for q in asked} == set(Kind) - {Kind.RECOMMEND}  # of its own: test_recommend
    lengths = {len(q.substantive) for q in asked if q.kind is not Kind.MULTIPLE and q.options}
    assert lengths >= set(range(2, 8))
    assert {q.base.value for q in asked} == {"answered", "answered_with_dont_know", "asked"}
    assert any(o.missing == "dont_know" for q in asked for o in q.options)
    assert set(map(len, (codes for codes, _ in SCALES.values()))) == set(range(2, 8))


def test_sizes_dimensions_and_bands_are_spread(surveys):
    people = [len(s.frames["people"]) for s in surveys.values()]
    assert min(people) < 30
    assert max(people) > 1000
    assert {len(s.codebook.dimensions) for s in surveys.values()} == {1, 2, 3}
    bands = {len(d.bands) for s in surveys.values() for d in s.codebook.dimensions.values()}
    assert bands >= {2, 3, 4, 5}
    assert {plan(seed).allow_unanimous for seed in SEEDS} == {False, True}


def test_a_seed_always_gives_the_same_bytes(surveys, tmp_path):
    write(plan(7), tmp_path)
    first, again = (
        {p.relative_to(at): p.read_bytes() for p in at.rglob("*") if p.is_file()}
        for at in (surveys[7].folder, tmp_path)
    )
    assert first == again
    assert json.loads((tmp_path / "codebook" / "survey.yml").read_text())["title"].endswith("7")
