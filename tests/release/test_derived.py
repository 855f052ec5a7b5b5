"""Derived variables in a release: protected like what they follow from."""

from __future__ import annotations

import random
import shutil

import pytest
import yaml

import helpers as h
from helpers.cli import main
from helpers.notebook.keeping import make_notebooks
from helpers.pages.publishing import prepare, publish
from helpers.release.protect.protection import shown_beside
from helpers.release.rules import read_rules
from helpers.responses.survey import codebook_alone, load_survey

BOOK = {
    "survey.yml": """title: Neighbours
provenance: illustrative
populations:
  people: {label: People, label_one: person, id: ref}
dimensions:
  area: {label: Area, bands: {north: North, south: South}, source: {people: area}}
""",
    "questions.csv": """id,population,kind,label,option_set
age,people,number,Age,
happy,people,single,Happy,agree
safe,people,single,Safe,agree
uses,people,multiple,Uses,
""",
    "items.csv": "question,item,label\nuses,park,Park\nuses,pool,Pool\n",
    "options.csv": "set,code,label,score\n"
    + "".join(f"agree,{n},Answer {n},{n}\n" for n in range(1, 6)),
}


def folder_of(place, rules):
    """Write a survey of 400 people, of whom four are 40 years old."""
    chance = random.Random(3)
    ages = [40] * 4 + [chance.choice([*range(18, 40), *range(41, 90)]) for _ in range(396)]
    chance.shuffle(ages)
    rows = ["ref,area,age,happy,safe,uses.park,uses.pool"]
    for n, age in enumerate(ages):
        cells = [f"p{n}", chance.choice(["north", "south"]), age]
        cells += [chance.randint(1, 5), chance.randint(1, 5), chance.randint(0, 1)]
        rows.append(",".join(map(str, [*cells, chance.randint(0, 1)])))
    for name, text in {**BOOK, "release.yml": rules}.items():
        path = place / "codebook" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (place / "responses").mkdir()
    (place / "responses" / "people.csv").write_text("\n".join(rows))
    return place


RULES = """dimensions: [{}]
pages:
  all: {{questions: [{}]}}
"""


def released(folder, **recipes):
    h.load_survey(folder).derive(**recipes).save_derived()
    survey = load_survey(folder)
    return survey, prepare(survey)


def offered(made, question):
    return {o.dimension for o in made.offers.of(question) if o.how not in ("", "no")}


def test_two_cuts_that_leave_four_people_between_them_are_not_both_offered(tmp_path):
    """Under 40 beside under 41 would tell what the four people of 40 answered."""
    folder = folder_of(tmp_path, RULES.format("area, young, younger", "happy, safe"))
    cuts = {"young": [40.0], "younger": [41.0]}
    _, made = released(folder, **{n: h.recipes.bands("age", c) for n, c in cuts.items()})
    assert not made.report.leaks
    for question in ("happy", "safe"):
        assert len(offered(made, question) & {*cuts}) == 1, question


@pytest.mark.slow
def test_cuts_far_apart_are_both_offered(tmp_path):
    folder = folder_of(tmp_path, RULES.format("area, young, old", "happy, safe"))
    cuts = {"young": [40.0], "old": [65.0]}
    _, made = released(folder, **{n: h.recipes.bands("age", c) for n, c in cuts.items()})
    assert not made.report.leaks and offered(made, "happy") == {"area", *cuts}


@pytest.mark.parametrize(
    ("dimensions", "questions", "refused"),
    [
        ("content", "happy, safe", {"content"}),  # the filter follows from a question shown
        ("content", "safe, uses", set()),
        ("content", "safe, thirds", {"content"}),  # both follow from one question
        ("content", "content, uses", {"content"}),
        ("active", "uses_two, safe", {"active"}),
    ],
)
def test_a_filter_by_what_a_page_shows_is_refused(tmp_path, dimensions, questions, refused):
    folder = folder_of(tmp_path, RULES.format(f"area, {dimensions}", questions))
    r = h.recipes
    survey, made = released(
        folder,
        content=r.top("happy", 2),
        thirds=r.recode("content", {"yes": ["top"]}),
        many=r.count("uses"),
        active=r.bands("many", [1]),
        uses_two=r.net("uses", least=2),
    )
    rules = read_rules(folder / "codebook", survey.codebook)
    for question in questions.split(", "):
        beside = shown_beside(survey.codebook, rules, survey.question(question))
        own = {d for d in rules.dimensions if survey.codebook.repeats(d, "people", beside)}
        assert own == refused
        assert not offered(made, question) & refused
    assert not made.report.leaks


def test_a_derived_variable_is_on_a_page_only_where_it_is_named(tmp_path):
    folder = folder_of(tmp_path, "minimum_base: 10\n")
    survey, made = released(
        folder, content=h.recipes.top("happy", 2), young=h.recipes.bands("age", [40])
    )
    rules = read_rules(folder / "codebook", survey.codebook)
    assert rules.dimensions == ("area",)
    assert {q for page in rules.pages for q in page.questions} == {"happy", "safe", "uses"}
    assert {*made.cube["questions"]} == {"happy", "safe", "uses"}


def test_what_a_named_filter_is_made_of_is_on_no_page_unasked(tmp_path):
    folder = folder_of(tmp_path, "minimum_base: 10\ndimensions: [content]\n")
    survey, made = released(folder, content=h.recipes.top("happy", 2))
    rules = read_rules(folder / "codebook", survey.codebook)
    assert {q for page in rules.pages for q in page.questions} == {"safe", "uses"}
    assert offered(made, "safe") == {"content"}
    assert not made.report.leaks


def test_the_share_on_the_page_is_that_of_the_answers(tmp_path):
    folder = folder_of(tmp_path, RULES.format("area", "safe, content"))
    survey, made = released(folder, content=h.recipes.top("happy", 2))
    own = h.share(survey, "happy", combine={"top": ["4", "5"]}).df
    expected = own.loc[own["option"] == "top", "estimate"].item()
    found = h.share(survey, "content").df.set_index("option").loc["top", "estimate"]
    assert found == pytest.approx(expected)
    counts = made.cube["questions"]["content"]["levels"][0]["groups"][0]
    assert counts["n"][0][0] / counts["bases"][0] == pytest.approx(expected)
    assert not made.report.leaks


def test_notebooks_are_drafted_of_them_too(tmp_path):
    """Rules that name a derived variable are read with the variables made."""
    folder = folder_of(tmp_path, RULES.format("area", "safe, content"))
    h.load_survey(folder).derive(content=h.recipes.top("happy", 2)).save_derived()
    made = make_notebooks(folder)
    cells = "".join(path.read_text() for path in (folder / "notebooks").glob("*.ipynb"))
    assert made and '\\"content\\"' in cells


def test_a_release_of_derived_variables_is_audited_without_the_responses(tmp_path, capsys):
    """The codebook alone tells what they are; cuts by quantiles are kept when they are saved."""
    folder = folder_of(tmp_path, RULES.format("area, young", "thirds, content, safe"))
    r = h.recipes
    survey, made = released(
        folder,
        young=r.bands("age", [40]),
        content=r.top("happy", 2),
        thirds=r.bands("age", quantiles=3),
    )
    publish(survey, made, folder / "release")
    shutil.rmtree(folder / "responses")
    found, without = codebook_alone(folder)
    assert without == {}
    assert found.questions == survey.codebook.questions
    assert found.dimensions == survey.codebook.dimensions
    assert main(["audit", str(folder)]) == 0
    assert "The responses are not here" in capsys.readouterr().err
    book = folder / "codebook" / "derived.yml"
    recipes = yaml.safe_load(book.read_text())
    del recipes["thirds"]["cuts"]
    book.write_text(yaml.safe_dump(recipes, sort_keys=False))
    assert main(["audit", str(folder)]) == 1
    said = capsys.readouterr().err
    assert "shows thirds, which cannot be made without the responses" in said
    assert "survey.save_derived()" in said
