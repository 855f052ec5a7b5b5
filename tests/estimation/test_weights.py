"""Raking against R's survey (tests/oracles/weights.R) and against work by hand."""

import csv
import re
import shutil
from pathlib import Path

import narwhals as nw
import pandas as pd
import pytest

import helpers as h
from helpers.errors import InsightsError
from helpers.estimation.estimates import proportion
from helpers.estimation.raking import raked as rake_rows
from helpers.estimation.targets import targets_of
from helpers.estimation.weights import rake
from helpers.exporting.codebook_files import codebook_files
from helpers.responses.survey import load_survey
from helpers.responses.weighting import ALLOWED, FIXED
from places import ROOT, TESTS

AGES = {"young": 300, "middle": 500, "older": 190, "not_stated": 10}
PLACES = {"north": 300, "centre": 240, "south": 410, "island": 50}


def oracle(name):
    with open(TESTS / "oracles" / name, encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def expected(case):
    return [float(r["weight"]) for r in oracle("weights.csv") if r["case"] == case]


@pytest.fixture(scope="module")
def cycling():
    return h.load_survey(TESTS / "surveys" / "cycling")


def rake_table(frame, margins, weight=None, bounds=None, rounds=1000, unconverged="fail"):
    """Rake a table without a survey: the table, and how it went."""
    into, ways = weight or "weight", (bounds, 1e-10, rounds, unconverged)
    start = into if into in frame.columns else None
    new, report = rake_rows(frame, targets_of(margins, str, len(frame)), start, *ways)
    return nw.from_native(frame).with_columns(new.alias(into)).to_native(), report


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
    cells = joint_cells()
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


def joint_cells():
    cells = {}
    for r in oracle("weights_cells.csv"):
        owns = "not_answered" if r["owns"] == "-9" else r["owns"]
        cells[(r["age"], owns)] = float(r["Freq"])
    return cells


def test_post_stratification_agrees_with_r(cycling):
    found = cycling.post_stratify({("age", "owns"): joint_cells()})
    weights = found.frames["residents"]["_weight"].tolist()
    assert weights == pytest.approx(expected("post-stratified"), rel=1e-9)
    assert "weights post-stratified to age by owns" in found.describe
    with pytest.raises(InsightsError, match=r"one table of cells.* 2 margins \(age, district\)"):
        cycling.post_stratify({"age": AGES, "district": PLACES})


@pytest.mark.parametrize(
    ("case", "ends", "strict"),
    [
        ("trimmed", (0.6, 1.3), False),
        ("trimmed strictly", (0.6, 1.3), True),
        ("raised", (0.9, 2), False),
        ("raised strictly", (0.9, 2), True),
    ],
)
def test_trimming_agrees_with_r(cycling, case, ends, strict):
    raked = cycling.rake({"age": AGES, "district": PLACES})
    found = raked.trim(*ends, strict=strict)
    weights = found.frames["residents"]["_weight"]
    assert weights.tolist() == pytest.approx(expected(case), rel=1e-6)
    assert weights.sum() == pytest.approx(1000, rel=1e-9)
    [_, step] = found.weighting["residents"]
    before = raked.frames["residents"]["_weight"] / (1000 / 240)
    assert step.lowered == (before > ends[1]).sum() and step.raised == (before < ends[0]).sum()
    assert step.effective == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


def test_trimming_keeps_weights_of_zero_and_refuses_bounds_without_room(cycling):
    zero = cycling.codes["residents"].assign(wt=["0", *["1"] * 238, "30"])
    found = cycling.with_responses({"residents": zero}).trim(0.5, 3, strict=True)
    weights = found.frames["residents"]["_weight"].tolist()
    # 268 over 239 people: a mean of 1.1213. 30 falls to 3.364, and 238 take up 26.636.
    mean = 268 / 239
    assert weights[0] == 0 and weights[-1] == pytest.approx(3 * mean)
    assert weights[1] == pytest.approx((268 - 3 * mean) / 238)
    with pytest.raises(InsightsError, match="give multiples of the mean weight"):
        cycling.trim(1.2, 3)
    with pytest.raises(InsightsError, match="readers have no weights to trim"):
        h.load_survey(ROOT / "data" / "example").trim(0.5, 2)


# Targets in files


def targets(tmp_path, text):
    path = tmp_path / "targets.csv"
    path.write_text(text, encoding="utf-8")
    return path


LONG = """characteristic,category,people
age,16 to 34,300
age,middle,500
age,older,190
age,Not stated,10
district,north,300
district,centre,240
district,south,410
district,island,50
"""


def test_targets_of_a_file_a_table_and_a_dict_are_the_same(cycling, tmp_path):
    wanted = cycling.rake({"age": AGES, "district": PLACES})
    path = targets(tmp_path, LONG)
    ages, places = targets(tmp_path, "age;share\nyoung;30%\nmiddle;0,5\nolder;19%\n"), PLACES
    ages.write_text(ages.read_text() + "not_stated;1 %\n")
    by_place = pd.DataFrame({"district": list(places), "n": [30.0, 24.0, 41.0, 5.0]})
    weights = wanted.frames["residents"]["_weight"]
    for given, kind in (
        (path, "numbers of people (1,000)"),
        (str(path), "numbers of people (1,000)"),
        (pd.read_csv(targets(tmp_path, LONG)), "numbers of people (1,000)"),
    ):
        path.write_text(LONG)
        found = cycling.rake(given)
        assert found.frames["residents"]["_weight"].tolist() == pytest.approx(weights.tolist())
        assert f"The targets are {kind}." in found.notes[-1]
    ages = tmp_path / "ages.csv"
    ages.write_text("age;share\nyoung;30%\nmiddle;0,5\nolder;19%\nnot_stated;1 %\n")
    found = cycling.rake([ages, by_place])
    assert "The targets are shares and percentages." in found.notes[-1]
    scaled = found.frames["residents"]["_weight"]
    assert (scaled / scaled.sum()).tolist() == pytest.approx((weights / 1000).tolist())
    assert scaled.sum() == pytest.approx(cycling.frames["residents"]["_weight"].sum())


def test_a_column_for_each_characteristic_is_one_joint_margin(cycling, tmp_path):
    rows = [f"{age},{owns},{n:,.0f}" for (age, owns), n in joint_cells().items()]
    path = targets(tmp_path, "age\towns\tpeople\n" + "\n".join(rows).replace(",", "\t") + "\n")
    found = cycling.post_stratify(path).frames["residents"]["_weight"].tolist()
    assert found == pytest.approx(expected("post-stratified"), rel=1e-9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("age,share\nyoung,x\n", 'targets.csv, row 2, column share: found "x"; allowed: a number'),
        ("age,share\nyuong,1\n", 'row 2, column age: found "yuong". age has no "yuong". Did you'),
        ("age,share\nyoung,0\n", "Leave out the row of a category that nobody is in"),
        ("age,share\nyoung,1\nyoung,2\n", "row 3, column age: the category appears twice"),
        ("what,category,n\nagge,young,1\n", 'row 2, column what: found "agge". Did you mean "age"'),
        ("agee,share\nyoung,1\n", 'Did you mean "age"'),
        ("age,a,b\nyoung,1,2\n", "A table of targets has either"),
        ("age,share\nyoung,0.5\nmiddle,0.6\n", "The shares of margin age sum to 1.1"),
    ],
)
def test_what_is_wrong_in_a_file_of_targets_is_said_with_its_place(cycling, tmp_path, text, said):
    with pytest.raises(InsightsError) as error:
        cycling.rake(targets(tmp_path, text))
    assert said in str(error.value)


def test_shares_may_be_rounded(cycling):
    third = {"young": 0.333, "middle": 0.333, "older": 0.333, "not_stated": 0.003}
    found = cycling.rake({"age": third}).weights.df
    assert found["target"].head(4).tolist() == pytest.approx([x / 1.002 for x in third.values()])
    hundred = {"young": 33.3, "middle": 33.3, "older": 33.3, "not_stated": 0.3}
    assert "percentages" in cycling.rake({"age": hundred}).notes[-1]


def test_who_is_not_stated_keeps_the_share_that_no_margin_gives(cycling):
    """Two of 240 with a weight of w: the others are weighted to the margin within the rest."""
    before = cycling.codes["residents"]
    unsaid = before["_band_age"] == "not_stated"
    share = before.loc[unsaid, "_weight"].sum() / before["_weight"].sum()
    ages = {"young": 300, "middle": 500, "older": 200}
    raked = cycling.rake({"age": ages, "district": PLACES})
    frame = raked.codes["residents"]
    held = frame.groupby("_band_age")["_weight"].sum() / 1000
    assert held["not_stated"] == pytest.approx(share)
    for age, people in ages.items():
        assert held[age] == pytest.approx(people / 1000 * (1 - share))
    assert "Not stated, so their share stays as it was: 2 (age)." in raked.notes[-1]
    df = raked.weights.df.set_index("category")
    for age, people in ages.items():  # of those who stated it, as the targets were given
        row = df.loc[age]
        stated = (before.loc[~unsaid, "_band_age"] == age).mean()
        shares = (stated, people / 1000, people / 1000)
        assert row[["sample", "target", "weighted"]].tolist() == pytest.approx(shares)
    assert df.loc["not_stated", ["sample", "target", "weighted"]].isna().all()
    assert "shares are of those who stated" in raked.weights.notes[-1]
    assert "shares are of those who stated" not in cycling.weights.notes
    joint = cycling.post_stratify(
        {
            ("age", "district"): {
                (age, place): ages[age] * people for age in ages for place, people in PLACES.items()
            }
        }
    )
    assert "2 (age by district)" in joint.notes[-1]


# Another column of weights


@pytest.fixture
def two_weights(tmp_path):
    folder = Path(shutil.copytree(TESTS / "surveys" / "cycling", tmp_path / "cycling"))
    path = folder / "responses" / "residents.csv"
    lines = [line.split(",", 2) for line in path.read_text(encoding="utf-8").splitlines()]
    held = [f"{n % 7 * 0.25:g}" for n in range(len(lines))]
    lines = [lines[0], *([a, w, b] for (a, _, b), w in zip(lines[1:], held, strict=False))]
    path.write_text("\n".join(",".join(line) for line in lines) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_another_column_may_hold_the_weights(two_weights, engine):
    survey = h.load_survey(two_weights, engine=engine)
    found = survey.design(weight="interviewer")
    df = found.df("owns")
    wanted = [n % 7 * 0.25 for n in range(240)]
    assert df["weight"].tolist() == pytest.approx(wanted)
    assert "weights of interviewer" in found.describe
    assert "follow the weights of interviewer" in found.intervals_note("residents")
    assert FIXED not in found.intervals_note("residents")
    assert found.fingerprint != survey.fingerprint
    yes = df["owns"] == "Yes"
    answered = df["owns"].isin(["Yes", "No"])
    share = df["weight"][yes].sum() / df["weight"][answered].sum()
    at = proportion(found, "owns", base="answered")
    assert at.loc[at["option"] == "yes", "estimate"].item() == pytest.approx(share)
    again = found.where("age == 'young'").design(weight="wt")
    assert again.subset and again.describe.endswith("weights of wt")
    part = proportion(survey.where("age == 'young'"), "owns")["estimate"].tolist()
    assert proportion(again, "owns")["estimate"].tolist() == pytest.approx(part)
    raked = found.rake({"district": PLACES})
    assert raked.describe.endswith("weights of interviewer, raked to district")


def test_a_column_that_holds_no_weights_is_refused(cycling):
    with pytest.raises(InsightsError, match='no column "weigth".*Known columns'):
        cycling.design(weight="weigth")
    said = r'interviewer does not hold a weight for 240 of 240 respondents \("A", "B"\)'
    with pytest.raises(InsightsError, match=said):
        cycling.design(weight="interviewer")
    with pytest.raises(InsightsError, match='no population "people"'):
        cycling.design(weight={"people": "wt"})


# The report


def test_the_report_says_who_is_under_represented(cycling):
    """Shares of the sample and Kish's design effect by hand from the file."""
    raked = cycling.rake({"age": AGES, "district": PLACES})
    found = raked.weights
    frame = raked.codes["residents"]
    df = found.df.set_index("category")
    for code, people in PLACES.items():
        inside = frame["_band_district"] == code
        assert df.loc[code, "n"] == inside.sum()
        assert df.loc[code, "sample"] == pytest.approx(inside.mean())
        assert df.loc[code, "target"] == pytest.approx(people / 1000)
        assert df.loc[code, "weighted"] == pytest.approx(people / 1000)
    [row] = found.tests.to_dict("records")
    w = frame["_weight"]
    assert row["deff"] == pytest.approx(240 * (w**2).sum() / w.sum() ** 2)
    assert row["deff"] == pytest.approx(1 + w.var(ddof=0) / w.mean() ** 2)
    assert row["n_effective"] == pytest.approx(240 / row["deff"])
    assert (row["lowest"], row["highest"]) == pytest.approx(
        (w.min() / w.mean(), w.max() / w.mean())
    )
    assert row["rounds"] == raked.weighting["residents"][0].iterations
    assert "Most under-represented: district, South (33% of the sample, 41% of" in found.sentence
    assert {trace.name for trace in found.chart().data} == {"Sample", "Population", "Weighted"}
    before = cycling.weights
    assert before.df["target"].isna().all() and before.tests.loc[0, "made"] == "of wt"
    example = h.load_survey(ROOT / "data" / "example").weights
    assert "60 respondents count alike" in example.sentence


# Out again


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["xlsx", "sav"])
def test_an_export_holds_the_weights_that_were_made(cycling, tmp_path, ending):
    raked = cycling.rake({"age": AGES, "district": PLACES})
    [path] = [p for p in raked.export(tmp_path / f"out.{ending}") if p.suffix == f".{ending}"]
    assert _weights_in(path, "wt") == pytest.approx(raked.df()["weight"].tolist(), rel=1e-9)
    plain = h.load_survey(ROOT / "data" / "example").rake({"age": {"younger": 0.5, "older": 0.5}})
    [path] = [p for p in plain.export(tmp_path / f"own.{ending}") if p.suffix == f".{ending}"]
    assert _weights_in(path, "weight") == pytest.approx(plain.df()["weight"].tolist(), rel=1e-9)
    plain.export(tmp_path / "package")
    outline = (tmp_path / "package" / "codebook" / "survey.yml").read_text(encoding="utf-8")
    assert "weight: weight" in outline


def _weights_in(path, column):
    if path.suffix == ".sav":
        import pyreadstat

        return pyreadstat.read_sav(path)[0][column].astype(float).tolist()
    book = pd.read_excel(path, sheet_name=None, header=None)
    for sheet in book.values():
        for at, row in sheet.iterrows():
            if column in row.tolist():
                place = row.tolist().index(column)
                return sheet.iloc[at + 1 :, place].astype(float).tolist()
    raise AssertionError(column)


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
    assert ALLOWED in note
    assert "converged in" in note and "largest deviation" in note
    assert ALLOWED in raked.intervals_note("residents")
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
        (
            {"age": {k: AGES[k] for k in ("young", "middle")}},
            {},
            "older (60 and over): 53, 22.1% of the sample",
        ),
        ({"district": {**PLACES, "not_stated": 1}}, {}, "nobody with a weight above 0"),
        ({"age": {**AGES, "old": 5}}, {}, 'age has no "old"'),
        (
            {"age": {**AGES, "oldr": 5}},
            {},
            'Did you mean "older" (60 and over)? Known codes: young (',
        ),
        ({"distance": {"10": 50, "20": 50}}, {}, " more. Give each a number of people or a share"),
        ({"ages": AGES}, {}, 'no dimension or response column "ages"'),
        ({"age": AGES}, {"trim": (1.2, 3)}, "trim is (1.2, 3)"),
        ({"age": AGES}, {"trim": 3}, "trim is 3: give multiples"),
        ("age", {}, "There is no file age. A table of targets has either"),
        ({"age": None}, {}, "Margin age is None: give numbers of people"),
        ({("age", "district"): {"young": 1}}, {}, "young names 1 of 2. Give a code for each"),
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


def test_raking_says_where_it_trims_and_writes_thousands_alike(cycling):
    raked = rake(cycling, {"age": AGES}, trim=(0.4, 2.5))
    assert raked.describe.endswith("weights raked to age, trimmed to 0.4 to 2.5 of their mean")
    assert "trimmed" not in rake(cycling, {"age": AGES}).describe
    frame = pd.DataFrame({"row": ["a"] * 3000 + ["b"] * 1500})
    _, report = rake_table(frame, {"row": {"a": 1e6, "b": 1e6}})
    assert "effective base 4,000.0 of 4,500." in report.note


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
        with pytest.raises(InsightsError, match="numbers of 0 or more"):
            rake_table(frame.assign(w=[bad, 1, 1]), {"g": {"a": 5, "b": 5}}, weight="w")
    with pytest.raises(InsightsError, match="nobody with a weight above 0 is in a"):
        rake_table(frame.assign(w=[0, 0, 1]), {"g": {"a": 5, "b": 5}}, weight="w")


def test_a_weight_of_one_counts_everybody_alike(cycling):
    equal = cycling.design(weight=1)
    frame = cycling.codes["residents"]
    answered = frame[frame["owns"].isin(["yes", "no"])]
    share = proportion(equal, "owns").query("option == 'yes'")["estimate"].item()
    assert share == pytest.approx((answered["owns"] == "yes").mean())
    assert equal.weighting == {"residents": ()} and "weights" not in equal.describe
    raked = equal.rake({"age": AGES, "district": PLACES})
    assert raked.frames["residents"]["_weight"].tolist() == pytest.approx(
        expected("equal"), rel=1e-6
    )
    stated = codebook_files(equal)["survey.yml"].decode("utf-8")
    assert "weight:" not in stated and re.search(r"other_columns:[^}]*\bwt\b", stated)
