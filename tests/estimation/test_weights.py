"""Raking against R's survey (tests/oracles/weights.R) and against work by hand."""

import csv

import pandas as pd
import pytest

from helpers.errors import InsightsError
from helpers.estimation.estimates import proportion
from helpers.estimation.raking import raked as rake_rows
from helpers.estimation.raking import targets_of
from helpers.estimation.weights import rake
from helpers.responses.survey import load_survey
from helpers.responses.weighting import FIXED
from places import TESTS

AGES = {"young": 300, "middle": 500, "older": 190, "not_stated": 10}
PLACES = {"north": 300, "centre": 240, "south": 410, "island": 50}


def oracle(name):
    with open(TESTS / "oracles" / name, encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def expected(case):
    return [float(r["weight"]) for r in oracle("weights.csv") if r["case"] == case]


@pytest.fixture(scope="module")
def cycling():
    return load_survey(TESTS / "surveys" / "cycling")


def rake_table(frame, margins, weight=None, bounds=None, rounds=1000, unconverged="fail"):
    """Rake a table without a survey: the table, and how it went."""
    into, ways = weight or "weight", (bounds, 1e-10, rounds, unconverged)
    return rake_rows(frame, targets_of(margins, str), weight, into, *ways)


@pytest.fixture(scope="module")
def table(cycling):
    return cycling.codes["residents"].rename(columns={"_band_age": "age"})


def test_agrees_with_r_on_a_survey(cycling):
    raked = rake(cycling, {"age": AGES, "district": PLACES})
    weights = raked.frames["residents"]["_weight"]
    assert weights.tolist() == pytest.approx(expected("weighted"), rel=1e-6)
    squared = raked.frames["residents"]["_weight_squared"]
    assert squared.tolist() == pytest.approx((weights**2).tolist(), rel=1e-12)


def test_agrees_with_r_on_a_table_without_weights(table):
    raked, _ = rake_table(table, {"age": AGES, "district": PLACES})
    assert raked["weight"].tolist() == pytest.approx(expected("equal"), rel=1e-6)
    assert "weight" not in table.columns


def test_agrees_with_r_on_a_joint_margin(cycling):
    cells = {}
    for r in oracle("weights_cells.csv"):
        owns = "not_answered" if r["owns"] == "-9" else r["owns"]
        cells[(r["age"], owns)] = float(r["Freq"])
    times = sum(cells.values()) / 1000
    places = {k: v * times for k, v in PLACES.items()}
    raked = rake(cycling, {("age", "owns"): cells, "district": places})
    weights = raked.frames["residents"]["_weight"].tolist()
    assert weights == pytest.approx(expected("joint margin"), rel=1e-6)


def test_agrees_with_r_within_bounds(table):
    raked, report = rake_table(table, {"age": AGES, "district": PLACES}, bounds=(0.65, 1.35))
    assert raked["weight"].tolist() == pytest.approx(expected("bounded"), rel=1e-6)
    mean = 1000 / 240
    assert report.lowest == pytest.approx(0.65 * mean) == raked["weight"].min()
    assert report.highest == pytest.approx(1.35 * mean) == raked["weight"].max()
    assert report.trimmed == sum(w in (report.lowest, report.highest) for w in raked["weight"]) > 0


def test_trimmed_weights_meet_the_margins_again(cycling):
    margins = {"age": AGES, "district": PLACES}
    [free] = rake(cycling, margins).weighting["residents"]
    raked = rake(cycling, margins, trim=(0.2, 1.5))
    frame = raked.codes["residents"]
    held = frame["_weight"]
    mean = 1000 / 240
    assert free.highest > 1.5 * mean
    assert held.min() >= 0.2 * mean * (1 - 1e-12)
    assert held.max() <= 1.5 * mean * (1 + 1e-12)
    for column, margin in (("_band_age", AGES), ("_band_district", PLACES)):
        for code, wanted in margin.items():
            assert held[frame[column] == code].sum() == pytest.approx(wanted, rel=1e-9)


def test_two_by_two_by_hand():
    # 1 1 / 1 3 to rows 60, 40 and columns 50, 50. The odds ratio stays 3:
    # x (x - 10) = 3 (60 - x)(50 - x), so 2x² - 320x + 9000 = 0, x = 80 - sqrt(1900).
    rows = [("a", "c", 1), ("a", "d", 1), ("b", "c", 1), ("b", "d", 3)]
    frame = pd.DataFrame(rows, columns=["row", "column", "w"])
    margins = {"row": {"a": 60, "b": 40}, "column": {"c": 50, "d": 50}}
    raked, report = rake_table(frame, margins, weight="w")
    x = 80 - 1900**0.5
    assert raked["w"].tolist() == pytest.approx([x, 60 - x, 50 - x, x - 10], rel=1e-9)
    assert report.converged
    assert report.deviation <= 1e-10
    assert report.effective == pytest.approx(100**2 / sum(w * w for w in raked["w"]))


def test_one_margin_is_met_in_one_round_and_shares_keep_the_sum(table):
    start = table.assign(w=table["_weight"])
    shares = {"district": {k: v / 1000 for k, v in PLACES.items()}}
    raked, report = rake_table(start, shares, weight="w")
    assert report.iterations == 1
    assert raked["w"].sum() == pytest.approx(start["w"].sum(), rel=1e-12)
    assert start["w"].tolist() == table["_weight"].tolist()


def test_a_raked_survey_says_so_and_gives_estimates(cycling):
    raked = rake(cycling, {"age": AGES, "district": PLACES})
    assert "weights raked to age, district" in raked.describe
    note = raked.notes[-1]
    assert FIXED in note
    assert "converged in" in note and "largest deviation" in note
    assert FIXED in raked.intervals_note("residents")
    assert "follow the raked weights" in raked.intervals_note("residents")
    assert "follow the weights of the file" in cycling.intervals_note("residents")
    found = proportion(raked, "owns")
    assert found.attrs["survey"] == raked.describe
    assert found["estimate"].tolist() != proportion(cycling, "owns")["estimate"].tolist()
    assert cycling.notes == []
    again = rake(raked, {"age": AGES})
    assert [step.done for step in again.weighting["residents"]] == [
        "raked to age, district",
        "raked to age",
    ]


def test_a_survey_without_weights_counts_as_weighted_afterwards(tmp_path):
    (tmp_path / "codebook").mkdir()
    (tmp_path / "responses").mkdir()
    (tmp_path / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: illustrative\npopulations: {people: {id: id}}\n"
    )
    (tmp_path / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set\nsex,people,single,s\n"
    )
    (tmp_path / "codebook" / "options.csv").write_text("set,code\ns,m\ns,f\n")
    (tmp_path / "responses" / "people.csv").write_text("id,sex\n1,m\n2,m\n3,m\n4,f\n")
    survey = load_survey(tmp_path)
    raked = rake(survey, {"sex": {"m": 0.5, "f": 0.5}})
    assert raked.codebook.populations["people"].weight
    assert proportion(raked, "sex")["estimate"].tolist() == pytest.approx([0.5, 0.5])
    assert "follow the raked weights." in raked.intervals_note("people")
    assert "of the file" not in raked.intervals_note("people")


@pytest.mark.parametrize(
    ("margins", "options", "said"),
    [
        ({}, {}, "There is no margin"),
        ({"age": {**AGES, "young": 0}}, {}, "Margin age, young: found 0"),
        ({"age": {**AGES, "young": -3}}, {}, "found -3"),
        ({"age": {**AGES, "young": float("nan")}}, {}, "found nan"),
        ({"age": AGES, "district": {**PLACES, "north": 200}}, {}, "sum to different numbers"),
        ({"age": {k: AGES[k] for k in ("young", "middle", "older")}}, {}, "not_stated (2)"),
        ({"district": {**PLACES, "not_stated": 1}}, {}, "nobody with a weight above 0"),
        ({"age": {**AGES, "old": 5}}, {}, 'age has no "old"'),
        ({"ages": AGES}, {}, 'no dimension or response column "ages"'),
        ({"age": AGES}, {"trim": (1.2, 3)}, "trim is (1.2, 3)"),
        ({"age": AGES}, {"trim": 3}, "trim is 3: give multiples"),
        ("age", {}, "margins are 'age': give numbers of people"),
        ({"age": None}, {}, "Margin age is None: give numbers of people"),
        ({("age", "district"): {"young": 1}}, {}, "young names 1 of 2. Give a code of each"),
        (
            {"age": {"young": 0.3, "middle": 0.5, "older": 0.1, "not_stated": 0.05}},
            {},
            "The shares of margin age sum to 0.95; they need to sum to 1",
        ),
        ({"age": AGES}, {"population": "riders"}, 'There is no population "riders"'),
        ({"age": AGES}, {"unconverged": "hope"}, "known: fail, report"),
    ],
)
def test_impossible_margins_are_refused(cycling, margins, options, said):
    with pytest.raises(InsightsError) as error:
        rake(cycling, margins, **options)
    assert said in str(error.value)


def test_margins_that_contradict_each_other_do_not_converge():
    # Everybody in a is in c, and the margins want 60 in a but 50 in c.
    frame = pd.DataFrame({"row": list("aabb"), "column": list("ccdd")})
    margins = {"row": {"a": 60, "b": 40}, "column": {"c": 50, "d": 50}}
    with pytest.raises(InsightsError, match="Raking did not converge in 1000 rounds: row"):
        rake_table(frame, margins)
    _, report = rake_table(frame, margins, rounds=50, unconverged="report")
    assert (report.converged, report.iterations) == (False, 50)
    assert report.deviation == pytest.approx(10 / 40)  # columns are met last: row b has 50
    assert "did NOT converge" in report.note


def test_bounds_that_leave_no_room_are_refused(table):
    with pytest.raises(InsightsError, match="trim less"):
        rake_table(table, {"age": AGES, "district": PLACES}, bounds=(0.9, 1.05))


def test_zero_weights_stay_zero_and_bad_ones_are_refused():
    frame = pd.DataFrame({"g": list("aab"), "w": [0.0, 2.0, 1.0]})
    raked, _ = rake_table(frame, {"g": {"a": 5, "b": 5}}, weight="w")
    assert raked["w"].tolist() == pytest.approx([0, 5, 5])
    held, _ = rake_table(frame, {"g": {"a": 5, "b": 5}}, weight="w", bounds=(0.5, 2))
    assert held["w"].tolist() == pytest.approx([0, 5, 5])
    for bad in (-1.0, float("nan"), float("inf")):
        with pytest.raises(InsightsError, match="numbers from 0"):
            rake_table(frame.assign(w=[bad, 1, 1]), {"g": {"a": 5, "b": 5}}, weight="w")
    with pytest.raises(InsightsError, match="nobody with a weight above 0 is in a"):
        rake_table(frame.assign(w=[0, 0, 1]), {"g": {"a": 5, "b": 5}}, weight="w")
