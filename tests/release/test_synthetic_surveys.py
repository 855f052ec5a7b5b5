"""The synthetic surveys of the rehearsal: every family occurs, every folder is accepted."""

import csv
import json
from collections import Counter
from dataclasses import replace
from itertools import product

import pytest
from benchmarks.tools.questionnaires import SCALES
from benchmarks.tools.surveys import (
    FAMILIES,
    LAST,
    MOVED,
    PROFILES,
    RENAMED,
    SEVERAL,
    SWAPPED,
    Plan,
    later,
    plan,
    several,
    write,
)

from helpers.cli import main
from helpers.codebook.model import Kind
from helpers.release import rules
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow

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


def wide_weights(survey):
    weights = [float(w) for w in raw(survey, survey.codebook.populations["people"].weight)]
    return (min(weights), max(weights)) == (0.1, 5)


def near_duplicates(survey):
    """All answer alike but the managers, those who thought again, and those of a derived one."""
    mood, few = column(survey, "mood"), column(survey, "mood_staffers")
    managers = column(survey, "manager").count("yes")
    other = sum(a != b for a, b in zip(mood, column(survey, "mood_version"), strict=True))
    pairs = set(zip(mood, column(survey, "glad"), strict=True))
    return (
        0 < managers < 10
        and [b for b in few if b != "not_asked"]
        == [a for a, b in zip(mood, few, strict=True) if b != "not_asked"]
        and other < 4
        and len(pairs) == len({a for a, _ in pairs})
    )


def nested_dimensions(survey):
    """The first region is all of the first country but a few."""
    country, region = raw(survey, "d1"), raw(survey, "d2")
    met = Counter(zip(country, region, strict=True))
    apart = sum(n for (c, r), n in met.items() if c == "1" and r not in ("1", "", "9"))
    return apart < 10 and not any(r == "1" and c not in ("1", "", "9") for c, r in met)


def same_people_again(survey):
    """Most who answer at both times answer the same, or half of them where many move."""
    question = survey.codebook.questions["habits"]
    first, last = (column(survey, c.column) for c in question.cells[:2])
    codes = {o.code for o in question.substantive}
    both = [(a, b) for a, b in zip(first, last, strict=True) if {a, b} <= codes]
    return not both or sum(a == b for a, b in both) >= len(both) / 3


def one_firm(survey):
    """One firm holds much of the weight of a band."""
    weights = [float(w) for w in raw(survey, "weight")]
    held, whole = Counter(), Counter()
    for weight, band, firm in zip(weights, raw(survey, "d1"), raw(survey, "employer"), strict=True):
        whole[band] += weight
        held[band] += weight * (firm == "o0")
    return any(held[band] / whole[band] > 0.2 for band in whole)


def five_dimensions(survey):
    return len(survey.codebook.dimensions) == 5


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
    assert {len(s.codebook.dimensions) for s in surveys.values()} == {1, 2, 3, 5}
    bands = {len(d.bands) for s in surveys.values() for d in s.codebook.dimensions.values()}
    assert bands >= {2, 3, 4, 5}
    assert {plan(seed).allow_unanimous for seed in SEEDS} == {False, True}


@pytest.mark.parametrize("moved", MOVED)
def test_a_survey_changes_before_its_second_release(moved, tmp_path):
    """Who comes or goes is few or many, and whoever stays says the same but for one."""
    first = replace(plan(5), respondents=200, families=frozenset(), moved=moved)
    found = []
    for number, survey in enumerate((first, later(first))):
        write(survey, tmp_path / str(number))
        found.append(load_survey(tmp_path / str(number)).codes["people"])
    before, after = (set(map(tuple, f.drop(columns="ref").to_numpy().tolist())) for f in found)
    step = len(found[1]) - len(found[0])
    steps = {
        "one changed": [0], "one withdrawn": [-1], "few withdrawn": range(-9, -1),
        "few newcomers": range(2, 10), "newcomers": range(10, 40), "nothing": [0],
    }  # fmt: skip
    assert step in steps[moved]
    assert len(after - before) == (moved == "one changed")


@pytest.mark.parametrize("moved", ["nothing", "newcomers"])
def test_people_answer_several_times_and_are_the_same_in_both_releases(moved, tmp_path):
    first = several(replace(plan(5), respondents=200, renamed="", moved=moved), 3, 0.5)
    found = []
    for number, survey in enumerate((first, later(first))):
        write(survey, tmp_path / str(number))
        read = load_survey(tmp_path / str(number))
        assert read.codebook.populations["people"].person == "person"
        found.append(dict(zip(raw(read, "ref"), raw(read, "person"), strict=True)))
    times = Counter(found[0].values())
    assert 80 < sum(n == 1 for n in times.values()) < 150
    assert max(times.values()) >= 2
    assert {ref: found[1][ref] for ref in found[0]} == found[0]


def test_the_second_release_has_other_dimensions(tmp_path):
    planned = replace(plan(5), bands=(2, 3, 4), families=frozenset({SWAPPED}), renamed="")
    found = []
    for number, survey in enumerate((planned, later(planned))):
        write(survey, tmp_path / str(number))
        read = load_survey(tmp_path / str(number))
        found.append(rules.read_rules(read.folder / "codebook", read.codebook).dimensions)
        assert list(read.codebook.dimensions) == ["d1", "d2", "d3"]
    assert found == [("d1",), ("d2", "d3")]


def test_what_is_drawn_last_occurs_and_is_not_refused():
    plans = [plan(seed) for seed in range(300)]
    for family in LAST:
        assert 15 < sum(family in p.families for p in plans) < 120
    assert not any(SEVERAL in p.families and p.profile == "rounding" for p in plans)
    assert all(p.moved and len(p.bands) > 1 for p in plans if SWAPPED in p.families)


@pytest.mark.parametrize("renamed", RENAMED[1:])
def test_names_change_and_answers_do_not(renamed, tmp_path):
    first = replace(plan(5), families=frozenset(), moved="nothing", renamed=renamed)
    before, after = tmp_path / "before", tmp_path / "after"
    write(first, before)
    write(later(first), after)
    old, new = load_survey(before), load_survey(after)
    assert old.codebook != new.codebook
    for one, other in zip(old.codes["people"].items(), new.codes["people"].items(), strict=True):
        assert (one[1] == other[1].replace("anew", "a")).all()


def test_how_many_questions_and_how_large_the_smallest_band_can_be_asked_for(tmp_path):
    wanted = Plan(1, "standard", frozenset(), 2000, (3, 5), 10, questions=24, smallest=0.1)
    write(wanted, tmp_path)
    survey = load_survey(tmp_path)
    assert len(tabulated(survey)) == 24
    assert {q.kind for q in survey.codebook.questions.values()} >= {Kind.MULTIPLE, Kind.GRID}
    for name, bands in zip(wanted.dimensions, wanted.bands, strict=True):
        shares = sorted(n / 2000 for n in Counter(raw(survey, name)).values())
        assert len(shares) == bands
        assert shares[0] == pytest.approx(0.1, abs=0.03)


def test_a_seed_always_gives_the_same_bytes(surveys, tmp_path):
    write(plan(7), tmp_path)
    first, again = (
        {p.relative_to(at): p.read_bytes() for p in at.rglob("*") if p.is_file()}
        for at in (surveys[7].folder, tmp_path)
    )
    assert first == again
    assert json.loads((tmp_path / "codebook" / "survey.yml").read_text())["title"].endswith("7")
