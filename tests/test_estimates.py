"""Estimates against R's survey package (tests/oracles/estimates.R) and against work by hand."""

import csv
import math
from pathlib import Path

import pytest

from helpers.errors import InsightsError
from helpers.estimation.estimates import Status, proportion, wilson
from helpers.survey.dataset import load_survey

HERE = Path(__file__).parent
CASES = {  # case of the R script: question, item, option
    "owns_yes": ("owns", "", "yes"),
    "often_daily": ("often", "", "daily"),
    "often_dk": ("often", "", "98"),
    "work": ("purposes", "work", "1"),
    "traffic": ("barriers", "traffic", "x"),
    "safe_5": ("agree", "safe", "5"),
    "helmet_blank": ("helmet", "", "not_answered"),
}


@pytest.fixture(scope="module")
def cycling():
    return load_survey(HERE / "surveys" / "cycling")


def _oracle():
    with open(HERE / "oracles" / "estimates.csv", encoding="utf-8") as file:
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
        (dict(question="owns", by="agee"), 'There is no dimension or response column "agee".'),
        (dict(question="owns", where={"age": "old"}), 'age has no "old".'),
        (dict(question="distance"), "distance is a number question"),
    ],
)
def test_mistakes_are_answered_with_what_exists(cycling, call, said):
    with pytest.raises(InsightsError, match=r".") as error:
        proportion(cycling, **call)
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
    assert proportion(survey, "likes", single_stratum="adjust")["se"].notna().all()
