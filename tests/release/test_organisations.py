"""Groups are counted in organisations too; none can work out what the others of a group said."""

import pytest

from every_question import prepare
from helpers.responses.survey import load_survey


def released(folder, rows, rules="minimum_base: 10\n"):
    """Release a survey of one yes-no question; rows of group, organisation, answer."""
    for part in ("codebook", "responses"):
        (folder / part).mkdir()
    (folder / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: illustrative\npopulations: {people: {organisation: employer}}\n"
        "dimensions: {group: {bands: [a, b], source: {people: group}}}\n"
    )
    (folder / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set\nq,people,single,yn\n"
    )
    (folder / "codebook" / "options.csv").write_text("set,code\nyn,yes\nyn,no\n")
    (folder / "codebook" / "release.yml").write_text(rules)
    lines = [",".join(row) for row in rows]
    (folder / "responses" / "people.csv").write_text("\n".join(["group,employer,q", *lines]) + "\n")
    made = prepare(load_survey(folder))
    assert made.report.leaks == ()
    return made.cube["questions"]["q"]


def people(group, employers, each=1, answers=("yes", "no")):
    return [
        (group, f"{group}{e}", answers[(e + n) % len(answers)])
        for e in range(employers)
        for n in range(each)
    ]


@pytest.mark.parametrize(("employers", "apart"), [(9, False), (10, True), (11, True)])
def test_a_group_needs_as_many_organisations_as_people(tmp_path, employers, apart):
    """Three people of each employer: always more than ten people."""
    question = released(tmp_path, [*people("a", employers, 3), *people("b", 20)])
    assert bool(question["dimensions"]) is apart


def test_a_question_that_too_few_organisations_answered_is_hidden(tmp_path):
    assert released(tmp_path, people("a", 3, 20))["hidden"]


@pytest.mark.parametrize(
    ("others", "apart"),
    [(["yes"] * 12, False), (["yes"] * 11 + ["no"], False), (["yes"] * 10 + ["no"] * 2, True)],
)
def test_a_large_organisation_cannot_subtract_its_own_answers(tmp_path, others, apart):
    giant = [("a", "giant", ("yes", "no")[n % 2]) for n in range(40)]
    rest = [("a", f"small{n}", answer) for n, answer in enumerate(others)]
    question = released(tmp_path, [*giant, *rest, *people("b", 20)])
    assert bool(question["dimensions"]) is apart


def test_the_owner_may_allow_it(tmp_path):
    giant = [("a", "giant", ("yes", "no")[n % 2]) for n in range(40)]
    rest = [("a", f"small{n}", "yes") for n in range(12)]
    rules = "minimum_base: 10\nallow_unanimous: true\n"
    assert released(tmp_path, [*giant, *rest, *people("b", 20)], rules)["dimensions"]


def test_people_without_a_named_organisation_count_as_one(tmp_path):
    unnamed = [("a", "", ("yes", "no")[n % 2]) for n in range(20)]
    assert not released(tmp_path, [*unnamed, *people("b", 20)])["dimensions"]


def weighted(folder, rows):
    """Release a survey of one yes-no question; rows of group, weight, answer."""
    for part in ("codebook", "responses"):
        (folder / part).mkdir()
    (folder / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: illustrative\npopulations: {people: {weight: w}}\n"
        "dimensions: {group: {bands: [a, b], source: {people: group}}}\n"
    )
    (folder / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set\nq,people,single,yn\n"
    )
    (folder / "codebook" / "options.csv").write_text("set,code\nyn,yes\nyn,no\n")
    lines = [",".join(map(str, row)) for row in rows]
    (folder / "responses" / "people.csv").write_text("\n".join(["group,w,q", *lines]) + "\n")
    made = prepare(load_survey(folder))
    assert made.report.leaks == ()
    return made.cube["questions"]["q"]


EVEN = [("b", 1, ("yes", "no")[n % 2]) for n in range(20)]


@pytest.mark.parametrize(
    ("name", "weights", "apart"),
    [
        ("equal", [1] * 12, True),
        ("one of weight", [1] + [0] * 11, False),
        ("one dominates", [100] + [1] * 11, False),
        ("some heavier", [3] * 6 + [1] * 6, True),
    ],
)
def test_a_group_in_which_few_people_hold_the_weight_is_not_shown(tmp_path, name, weights, apart):
    rows = [("a", w, ("yes", "no")[n % 2]) for n, w in enumerate(weights)]
    assert bool(weighted(tmp_path, [*rows, *EVEN])["dimensions"]) is apart


def test_a_group_whose_weight_all_says_the_same_is_not_shown(tmp_path):
    rows = [("a", 1, "yes")] * 11 + [("a", 0, "no")] * 3
    assert not weighted(tmp_path, [*rows, *EVEN])["dimensions"]
