"""Columns of an export that repeat one another: never found to be related, never told twice."""

import random
import re
import shutil

import pytest

import helpers as h
from helpers.estimation.repeats import repeats_of

AGES = (18, 30, 40, 50, 65, 99)
SINGLE = {
    "age45": "1 Under 45,2 45 and over",
    "age50": "1 Under 50,2 50 and over",
    "party7": "1 Strong left,2 Left,3 Lean left,4 Neither,5 Lean right,6 Right,7 Strong right",
    "party3": "1 Left,2 Neither,3 Right",
    "typed": "1 Left,2 Neither,3 Right",
    "vote": "1 Left,2 Right",
    "votes_by_party": "1 LL,2 LR,3 NL,4 NR,5 RL,6 RR",
    "cares": "1 Yes,2 No",
}
BANDS = "bands: {{{}}}, source: {{people: {}}}"
DIMENSIONS = {
    "age_group": BANDS.format("y: Under 50, o: 50 and over", "group"),
    "party": BANDS.format("'1': Left, '2': Neither, '3': Right", "party3"),
}


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """800 people; `typed` is `party3` but for five slips of the pen."""
    place, draw = tmp_path_factory.mktemp("repeats"), random.Random(5)
    rows = []
    for n in range(800):
        age, party7 = draw.randrange(18, 90), draw.choice([1, 1, 2, 3, 4, 4, 5, 6, 7, 7])
        party3 = 1 if party7 < 4 else 2 if party7 == 4 else 3
        right = draw.random() < {1: 0.05, 2: 0.5, 3: 0.95}[party3]
        typed = party3 % 3 + 1 if n < 5 else party3
        cares = 1 if draw.random() < (0.8 if age < 50 else 0.3) else 2
        group = "y" if age < 50 else "o"
        left = int(party3 == 1 or (party3 == 2 and n % 3 == 0))
        row = [n, group, age, 1 + (age >= 45), 1 + (age >= 50), party7, party3, typed, 1 + right]
        rows.append([*row, 2 * party3 - 1 + right, cares, left, draw.randrange(2)])
    columns = ["ref", "group", "age", *SINGLE, "near.left", "near.other"]
    (place / "responses").mkdir()
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    (place / "responses" / "people.csv").write_text("\n".join(lines))
    questions = "".join(f"{name},people,single,{name},{name}\n" for name in SINGLE)
    options = [
        f"{name},{option.partition(' ')[0]},{option.partition(' ')[2]},\n"
        for name, of in SINGLE.items()
        for option in of.split(",")
    ]
    dimensions = "".join(f"  {d}: {{label: {d}, {of}}}\n" for d, of in DIMENSIONS.items())
    book = {
        "survey.yml": "title: Recodes\nprovenance: public\npopulations:\n"
        "  people: {label: People, label_one: person, id: ref}\ndimensions:\n" + dimensions,
        "questions.csv": "id,population,kind,label,option_set\n"
        "age,people,number,Age,\nnear,people,multiple,Near,\n" + questions,
        "items.csv": "question,item,label\nnear,left,The left\nnear,other,Another\n",
        "options.csv": "set,code,label,score\n" + "".join(options),
    }
    (place / "codebook").mkdir()
    for name, text in book.items():
        (place / "codebook" / name).write_text(text)
    return h.load_survey(place)


def test_what_follows_from_another_repeats_it_and_what_is_only_related_does_not(survey):
    found = repeats_of(survey, "people")
    ages = {"age", "age45", "age50", "_band_age_group"}
    assert all({*found[name]} == ages - {name} for name in ages)
    parties = {"party7", "party3", "typed", "_band_party", "votes_by_party"}
    assert {*found["party3"]} == parties - {"party3"}
    # Most vote as their party: a finding, though a third column tells both.
    assert {*found["vote"]} == {"votes_by_party"}
    assert "cares" not in found and "near.other" not in found


def test_repeats_are_the_same_whatever_holds_the_responses(survey):
    other = h.load_survey(survey.folder, engine="duckdb")
    assert repeats_of(other, "people") == repeats_of(survey, "people")


def test_groups_are_not_found_to_differ_on_what_they_are_made_of(survey):
    found = h.findings(survey).df
    told = {*zip(found["question"], found["by"], strict=True)}
    assert ("cares", "age_group") in told and {by for _, by in told} == {"age_group", "party"}
    assert not told & {(name, "age_group") for name in ("age45", "age50")}
    assert told & {("vote", "party")}
    assert not told & {(name, "party") for name in ("party7", "party3", "typed", "votes_by_party")}
    assert ("near", "party") not in told  # a box that all of the left tick, and none of the right


@pytest.fixture
def voters(tmp_path, survey):
    """The same with a second characteristic, that most share with their party."""
    folder = tmp_path / "survey"
    shutil.copytree(survey.folder, folder)
    outline = (folder / "codebook" / "survey.yml").read_text()
    more = "  voted: {label: Vote, bands: {'1': Left, '2': Right}, source: {people: vote}}\n"
    (folder / "codebook" / "survey.yml").write_text(outline + more)
    return h.load_survey(folder)


def test_characteristics_are_compared_with_one_another_only_if_they_are_named(survey, voters):
    """Nor is what weights were made to meet: its shares are those of the targets."""
    assert "vote" in {*h.findings(survey).df["question"]}
    found = h.findings(voters)
    assert not {*found.df["question"]} & {"vote", "party7", "party3", "typed"}
    assert "questions that characteristics or weights are made of. Name them" in str(found.notes)
    assert {*h.findings(voters, "vote").df["question"]} == {"vote"}
    weighted = survey.rake({"cares": {"1": 0.5, "2": 0.5}})
    told = {*h.findings(survey).df["question"]} - {*h.findings(weighted).df["question"]}
    assert "cares" in told


def test_a_finding_is_listed_once_whichever_columns_tell_it(voters):
    """`typed` and `party3` by a dimension are one finding, and so is the other way round."""
    names = ["party3", "party7", "typed", "vote"]
    found = h.findings(voters, names)
    assert len(found.df[found.df["by"].isin(["party", "voted"])]) == 1
    assert any("left out: they repeat" in note for note in found.notes)
    total = sum(map(int, re.findall(r"(\d+) (?:is|are) clear", found.sentence)))
    assert total <= len(found.df)
