"""A draft's filters work: their own questions are on no page, and there are not too many."""

import random

import pytest

from files import taken, write
from helpers.cli import main
from helpers.codebook.model import COMBINATIONS
from helpers.codebook.reading import check_codebook
from helpers.errors import Problems
from helpers.pages.publishing import prepare
from helpers.release.rules import check_rules, read_rules
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow


WHO = ("Department", "Gender", "Region", "Country", "Education", "Ethnicity", "Religion", "Role")


def staff(path, filters=1, bands=4, people=400):
    """Answers of staff: who they are, in `filters` columns, and two questions."""
    chance = random.Random(7)
    who = [*WHO[:filters]]
    rows = [["Ref", *who, "Do you cycle?", "How is the canteen?"]]
    for n in range(people):
        own = [f"Team {chance.randrange(bands) + 1}" for _ in who]
        cycles, canteen = chance.choice("YN"), chance.choice(("Good", "Fair", "Poor"))
        rows.append([f"r{n}", *own, {"Y": "Yes", "N": "No"}[cycles], canteen])
    return write(path, rows)


def test_every_drafted_filter_is_offered_on_every_question(tmp_path):
    out = tmp_path / "out"
    taken(staff(tmp_path / "a.csv", filters=2), out)
    survey = load_survey(out)
    assert len(survey.codebook.dimensions) == 2
    cube = prepare(survey).cube
    assert list(cube["questions"]) == ["cycle", "canteen"]
    for question in cube["questions"].values():
        assert {*question["dimensions"]} == {*survey.codebook.dimensions}


def test_a_page_that_names_the_question_of_a_filter_shows_it(tmp_path, capsys):
    out = tmp_path / "out"
    taken(staff(tmp_path / "a.csv"), out)
    assert main(["release", "--data", str(out)]) == 0
    told = capsys.readouterr().out
    assert "a filter on 2 of 2" in told
    [who] = load_survey(out).codebook.dimensions
    assert f"On no page, because they are filters: {who}." in " ".join(told.split())
    rules = f"pages:\n  all:\n    questions: [{who}, cycle]\n"
    (out / "codebook" / "release.yml").write_text(rules, encoding="utf-8")
    cube = prepare(load_survey(out)).cube
    assert list(cube["questions"]) == [who, "cycle"]
    assert not cube["questions"]["cycle"]["dimensions"]


def test_a_survey_of_nothing_but_filters_shows_them(tmp_path):
    rows = [["Ref", "Gender"], *([f"r{n}", ("Woman", "Man")[n % 3 > 0]] for n in range(60))]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    assert list(prepare(load_survey(tmp_path / "out")).cube["questions"]) == ["gender"]


def test_more_filters_than_the_audit_can_try_are_named_not_tried(tmp_path, capsys):
    """Eight of six bands make 1.7 million combinations, for which memory does not suffice."""
    out = tmp_path / "out"
    taken(staff(tmp_path / "a.csv", filters=8, bands=6, people=600), out)
    survey = load_survey(out)
    rules = read_rules(out / "codebook", survey.codebook)
    assert 6 ** len(rules.dimensions) <= COMBINATIONS < 6 ** (len(rules.dimensions) + 1)
    assert {*rules.dimensions, *rules.beyond} == {*survey.codebook.dimensions}
    assert main(["release", "--data", str(out)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"more than {COMBINATIONS:,} combinations" in told
    assert all(survey.codebook.dimensions[d].label in told for d in rules.beyond)


def test_too_many_filters_by_name_are_a_problem_with_its_place(tmp_path):
    out = tmp_path / "out"
    taken(staff(tmp_path / "a.csv", filters=8, bands=6, people=600), out)
    codebook = check_codebook(out / "codebook", Problems())
    path = out / "codebook" / "release.yml"
    path.write_text(f"dimensions: [{', '.join(codebook.dimensions)}]\n", encoding="utf-8")
    problems = Problems()
    check_rules(out / "codebook", codebook, problems)
    [problem] = problems
    assert (problem.file, problem.row) == ("release.yml", 1) and "1,679,616" in problem.message
