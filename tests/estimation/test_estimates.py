"""Estimates against R's survey package (tests/oracles/estimates.R) and against work by hand."""

import csv
import math
from pathlib import Path

import pytest

from helpers.errors import InsightsError
from helpers.estimation.estimates import proportion, worst_case
from helpers.estimation.intervals import wilson
from helpers.estimation.request import Status
from helpers.estimation.tabulate import joint
from helpers.responses.survey import load_survey
from places import TESTS

CASES = {  # case of the R script: question, item, option
    "owns_yes": ("owns", "", "yes"),
    "often_daily": ("often", "", "daily"),
    "often_dk": ("often", "", "98"),
    "work": ("purposes", "work", "1"),
    "traffic": ("barriers", "traffic", "x"),
    "safe_5": ("agree", "safe", "5"),
    "helmet_blank": ("helmet", "", "not_answered"),
}

SIZES = {"north": 900, "centre": 120, "south": 2500, "island": 14}  # on the island everybody


@pytest.fixture(scope="module")
def cycling():
    return load_survey(TESTS / "surveys" / "cycling")


def _oracle():
    with open(TESTS / "oracles" / "estimates.csv", encoding="utf-8") as file:
        return [
            r
            for r in csv.DictReader(line for line in file if not line.startswith("#"))
            if "unweighted" not in r["case"]
        ]


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_r_survey_whole_and_by_domain(cycling, case):
    question, item, option = CASES[case]
    expected = [r for r in _oracle() if r["case"] == case]
    assert len(expected) == 8
    for row in expected:
        by = (
            ()
            if not row["group"]
            else ("age" if row["group"] in ("young", "middle", "older") else "district",)
        )
        found = proportion(cycling, question, by=by)
        found = found[(found["item"] == item) & (found["option"] == option)]
        if by:
            found = found[found[by[0]] == row["group"]]
        got = found.iloc[0]
        assert len(found) == 1
        assert got["n"] == int(row["n"])
        assert got["estimate"] == pytest.approx(float(row["estimate"]), rel=1e-8, abs=1e-12)
        assert got["se"] == pytest.approx(float(row["se"]), rel=1e-8, abs=1e-12)
        if float(row["se"]) > 0:
            assert got["deff"] == pytest.approx(float(row["deff"]), rel=1e-8)
            effective = got["estimate"] * (1 - got["estimate"]) / got["se"] ** 2
            assert got["n_effective"] == pytest.approx(effective, rel=1e-9)


def test_a_filter_and_a_group_select_the_same_domain(cycling):
    grouped = proportion(cycling, "agree", by="age").query("age == 'older'")
    filtered = proportion(cycling, "agree", where={"age": "older"})
    for name in ("estimate", "se", "n", "n_effective", "df"):
        assert grouped[name].tolist() == pytest.approx(filtered[name].tolist(), rel=1e-12)


TWELVE = """id,likes,seen.a,seen.b
1,yes,1,0
2,yes,1,1
3,yes,0,1
4,yes,,1
5,no,,
6,no,0,0
7,no,1,0
8,dk,1,0
9,,1,0
10,yes,0,0
11,yes,0,0
12,yes,1,1
"""


@pytest.fixture
def twelve(tmp_path):
    """Twelve people, worked by hand in the tests below."""
    (tmp_path / "codebook").mkdir()
    (tmp_path / "responses").mkdir()
    (tmp_path / "codebook" / "survey.yml").write_text(
        "title: Twelve\nprovenance: illustrative\npopulations: {people: {id: id}}\n"
    )
    (tmp_path / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set,base\nlikes,people,single,yn,\nseen,people,multiple,,\n"
    )
    (tmp_path / "codebook" / "items.csv").write_text("question,item\nseen,a\nseen,b\n")
    (tmp_path / "codebook" / "options.csv").write_text(
        "set,code,missing\nyn,yes,\nyn,no,\nyn,maybe,\nyn,dk,dont_know\n"
    )
    (tmp_path / "responses" / "people.csv").write_text(TWELVE)
    return load_survey(tmp_path)


def test_twelve_people_by_hand(twelve):
    # likes: 7 yes, 3 no, nobody maybe; 8 does not know, 9 left it blank: base 10.
    found = proportion(twelve, "likes").set_index("option")
    assert found["estimate"].to_dict() == {"yes": 0.7, "no": 0.3, "maybe": 0.0}
    assert set(found["n"]) == {10}
    # Variance: 12/11 * (sum of squared deviations 10 * .7 * .3) / 10^2 = 12/11 * .021
    assert found.loc["yes", "se"] == pytest.approx(math.sqrt(12 / 11 * 0.021), rel=1e-12)
    assert found.loc["yes", "n_effective"] == pytest.approx(10 * 11 / 12, rel=1e-12)
    # Nobody chose maybe: Kish's effective base is 10; Wilson's upper end is z²/(n + z²).
    assert found.loc["maybe", "n_effective"] == 10
    assert found.loc["maybe", "ci_low"] == 0
    assert found.loc["maybe", "ci_high"] == pytest.approx(3.841458821 / 13.841458821, rel=1e-9)


def test_select_all_counts_respondents_who_ticked_or_left_boxes(twelve):
    # Person 5 left everything blank: not answered. Person 4 ticked b only, so a counts as left.
    found = proportion(twelve, "seen").set_index("item")
    assert found["option"].tolist() == ["1", "1"]
    assert set(found["n"]) == {11}
    assert found.loc["a", "estimate"] == pytest.approx(6 / 11)
    assert found.loc["b", "estimate"] == pytest.approx(4 / 11)


def test_wilson_against_published_intervals():
    # Newcombe (1998), Statistics in Medicine 17, 857-872, Table I: 81/263, 15/148, 0/20, 1/29.
    for k, n, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        found = wilson(k / n, n)
        assert (round(float(found[0]), 4), round(float(found[1]), 4)) == (low, high)


def test_groups_nobody_belongs_to_have_a_status_not_a_number(cycling):
    found = proportion(cycling, "purposes", by="district", where={"district": "north"})
    empty = found[found["district"] == "south"]
    assert set(empty["status"]) == {Status.NO_ANSWERS}
    assert empty["estimate"].isna().all()
    assert (empty["n"] == 0).all()


def test_a_code_that_means_refused_selects_those_who_refused(cycling):
    raw = Path(cycling.folder / "responses" / "residents.csv").read_text(encoding="utf-8")
    refused = sum(",-9," in line for line in raw.splitlines())
    found = proportion(cycling, "barriers", where={"owns": "-9"})
    assert set(found["n"]) == {refused}


def test_an_empty_selection_selects_nobody(cycling):
    found = proportion(cycling, "owns", where={"age": []})
    assert set(found["status"]) == {Status.NO_ANSWERS}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (dict(question="own"), 'There is no question "own". Did you mean "owns"?'),
        (dict(question=["owns"]), """There is no question "['owns']". Did you mean "owns"?"""),
        (dict(question="owns", by="agee"), 'There is no dimension or response column "agee".'),
        (dict(question="owns", where={"age": "old"}), 'age has no "old".'),
        (dict(question="distance"), "distance is a number question"),
        (dict(question="owns", base="aksed"), 'Did you mean "asked"?'),
    ],
)
def test_mistakes_list_the_valid_names(cycling, call, said):
    with pytest.raises(InsightsError, match=r".") as error:
        proportion(cycling, **call)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (9000, "give population_size for each"),
        ({"north": 900}, "no number for"),
        ({"nord": 900}, 'Did you mean "north"?'),
        (dict(SIZES, island=13), "at least the 14 who"),
    ],
)
def test_population_sizes_must_fit_the_strata(cycling, size, said):
    with pytest.raises(InsightsError) as error:
        proportion(cycling.design(population_size=size), "owns")
    assert said in str(error.value)


def test_a_stratum_of_one_is_an_error_unless_adjusted(twelve, tmp_path):
    text = TWELVE.replace("id,likes", "id,area,likes").splitlines()
    lines = [text[0]] + [
        line.replace(",", ",b," if line.startswith("12") else ",a,", 1) for line in text[1:]
    ]
    (tmp_path / "responses" / "people.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: illustrative\npopulations: {people: {id: id, strata: area}}\n"
    )
    survey = load_survey(tmp_path)
    with pytest.raises(InsightsError, match="stratum holds a single respondent"):
        proportion(survey, "likes")
    assert proportion(survey.design(single_stratum="adjust"), "likes")["se"].notna().all()


def test_joint_tables_by_hand(twelve):
    # Seen a and b together: 2 and 12; a alone 1, 7, 8, 9; b alone 3, 4; neither 6, 10, 11.
    found = joint(twelve, "people", ["seen.a", "seen.b"]).set_index(["seen.a", "seen.b"])["n"]
    assert found.to_dict() == {
        ("1", "1"): 2,
        ("1", "0"): 4,
        ("0", "1"): 2,
        ("0", "0"): 3,
        ("not_answered", "not_answered"): 1,
    }


def test_everybody_of_a_stratum_leaves_no_variance(cycling):
    found = proportion(cycling.design(population_size=SIZES), "owns", by="district")
    island = found[found["district"] == "island"]
    assert island["se"].tolist() == [0, 0]
    assert island["ci_low"].tolist() == island["ci_high"].tolist() == island["estimate"].tolist()
    assert set(island["status"]) == {Status.OK}
    named = cycling.design(population_size={"residents": SIZES})
    assert proportion(named, "owns", by="district").equals(found)


def test_a_population_size_narrows_by_what_was_sampled(twelve):
    # 12 of 48: variance times 1 - 12/48; nobody maybe: Kish's 10 over 3/4.
    free = proportion(twelve, "likes").set_index("option")
    held = proportion(twelve.design(population_size=48), "likes").set_index("option")
    assert held.loc["yes", "se"] == pytest.approx(free.loc["yes", "se"] * 0.75**0.5, rel=1e-12)
    assert held.loc["maybe", "n_effective"] == pytest.approx(10 / 0.75)
    assert held.loc["maybe", "ci_high"] < free.loc["maybe", "ci_high"]


def test_the_base_rule_can_be_overridden(twelve):
    told = proportion(twelve, "likes", base="answered_with_dont_know").set_index("option")
    assert told["estimate"].to_dict() == pytest.approx(
        {"yes": 7 / 11, "no": 3 / 11, "maybe": 0, "dk": 1 / 11}
    )
    asked = proportion(twelve, "likes", base="asked").set_index("option")
    assert asked.loc["not_answered", "estimate"] == pytest.approx(1 / 12)
    assert set(asked["n"]) == {12}
    assert twelve.question("likes").base == "answered"


def test_worst_cases_by_hand(twelve):
    # 7 yes and 3 no of 12 asked; 1 does not know, 1 is blank: yes is between 7/12 and 9/12.
    found = worst_case(twelve, "likes").set_index("option").loc["yes"]
    assert (found["estimate"], found["n"], found["n_asked"]) == (0.7, 10, 12)
    assert found["answered"] == pytest.approx(10 / 12)
    assert (found["lowest"], found["highest"]) == pytest.approx((7 / 12, 9 / 12))
    assert found["ci_lowest"] == pytest.approx(float(wilson(7 / 12, 11)[0]))
    assert found["ci_highest"] == pytest.approx(float(wilson(9 / 12, 11)[1]))
    told = worst_case(twelve, "likes", base="answered_with_dont_know").set_index("option")
    assert (told.loc["yes", "lowest"], told.loc["yes", "highest"]) == pytest.approx(
        (7 / 12, 8 / 12)
    )
    assert told.loc["dk", "highest"] == pytest.approx(2 / 12)
    both = worst_case(twelve, "likes", combine={"any": ["yes", "no"]}).iloc[0]
    assert (both["estimate"], both["lowest"], both["highest"]) == pytest.approx((1, 10 / 12, 1))
    seen = worst_case(twelve, "seen").set_index("item").loc["a"]
    assert (seen["lowest"], seen["highest"]) == pytest.approx((6 / 12, 7 / 12))
    with pytest.raises(InsightsError, match="who has answered"):
        worst_case(twelve, "likes", base="asked")


def test_worst_cases_of_nobody_have_a_status(cycling):
    found = worst_case(cycling, "owns", by="district", where={"district": "north"})
    empty = found[found["district"] == "south"]
    assert set(empty["status"]) == {Status.NO_ANSWERS}
    assert (empty["n_asked"] == 0).all()
    assert empty["lowest"].isna().all()


def test_a_group_in_which_every_weight_is_zero_has_a_status(twelve, tmp_path):
    lines = TWELVE.splitlines()
    weighted = [f"{lines[0]},w"] + [f"{x},{0 if ',no,' in x else 1.5}" for x in lines[1:]]
    (tmp_path / "responses" / "people.csv").write_text("\n".join(weighted) + "\n")
    (tmp_path / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: illustrative\npopulations: {people: {id: id, weight: w}}\n"
    )
    survey = load_survey(tmp_path)
    nothing = proportion(survey, "likes", where={"likes": "no"})
    assert set(nothing["status"]) == {Status.NO_WEIGHT}
    assert set(nothing["n"]) == {3}
    assert nothing["estimate"].isna().all()
    assert proportion(survey, "likes")["estimate"].tolist() == [1, 0, 0]


def test_a_sample_of_one_has_no_variance(twelve, tmp_path):
    (tmp_path / "responses" / "people.csv").write_text("\n".join(TWELVE.splitlines()[:2]) + "\n")
    found = proportion(load_survey(tmp_path), "likes")
    assert set(found["status"]) == {Status.NO_VARIANCE}
    assert found["estimate"].tolist() == [1, 0, 0]
    assert found["ci_high"].tolist()[1] < 1


@pytest.mark.parametrize("interval", ["wilson", "logit", "beta"])
def test_options_nobody_chose_have_width_under_every_interval(cycling, interval):
    survey = cycling.design(interval=interval)
    found = proportion(survey, "owns", by="district", where={"age": "not_stated"})
    some = found[found["n"] > 0]
    assert (some["ci_high"] > some["ci_low"]).all()
    assert ((some["ci_low"] >= 0) & (some["ci_high"] <= 1)).all()
    assert (found["estimate"].isna() == (found["status"] != Status.OK)).all()


def test_a_wider_level_widens(cycling):
    narrow, wide = (proportion(cycling.design(level=level), "owns") for level in (0.8, 0.99))
    assert (wide["ci_low"] < narrow["ci_low"]).all()
    assert (wide["ci_high"] > narrow["ci_high"]).all()
    assert wide["se"].tolist() == narrow["se"].tolist()
