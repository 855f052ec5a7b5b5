"""Means, totals and mentions against R's survey (tests/oracles/estimates2.R) and work by hand."""

import csv
import math
import shutil

import pytest

from helpers.errors import InsightsError
from helpers.estimation import means, totals
from helpers.estimation.estimates import proportion
from helpers.estimation.request import RESULT, VALUES, Status
from helpers.estimation.tabulate import numbers
from helpers.responses.survey import load_survey
from places import TESTS

pytestmark = pytest.mark.slow

ORACLES = TESTS / "oracles"
ISLAND = {"north": 900, "centre": 120, "south": 2500, "island": 14}


def oracle(name):
    with open(ORACLES / name, encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def api_folder(folder, rows):
    """A survey folder of California's schools, from the file that the R script wrote."""
    (folder / "codebook").mkdir(parents=True)
    (folder / "responses").mkdir()
    (folder / "codebook" / "survey.yml").write_text(
        "title: Schools\nprovenance: public\n"
        "populations: {schools: {id: snum, weight: pw, strata: stype}}\n"
        "dimensions:\n"
        "  size: {label: Size, bands: {small: Small, middle: Middle, large: Large},"
        " source: {schools: size}}\n"
        "  stype: {label: Type, bands: {E: E, M: M, H: H}, source: {schools: stype}}\n"
        "  county: {label: County, bands: {LA: LA, One: One, Other: Other},"
        " source: {schools: county}}\n"
    )
    (folder / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set\nawards,schools,single,yn\ncomp_imp,schools,single,yn\n"
        "points,schools,single,p5\napi00,schools,number,\nenroll,schools,number,\n"
        "acs_k3,schools,number,\n"
    )
    (folder / "codebook" / "options.csv").write_text(
        "set,code,label,score\nyn,Yes,Yes,\nyn,No,No,\n"
        + "".join(f"p5,{n},Point {n},{n}\n" for n in range(1, 6))
    )
    columns = [c for c in rows[0] if c not in ("fpc", "lonely")]
    with open(folder / "responses" / "schools.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return load_survey(folder)


@pytest.fixture(scope="session")
def cases(tmp_path_factory):
    """Data set of the oracle: a survey with its design."""
    schools = oracle("api.csv")
    folder = tmp_path_factory.mktemp("api")
    cycling = load_survey(TESTS / "surveys" / "cycling")
    api = api_folder(folder / "all", schools)
    lonely = api_folder(folder / "lonely", [r for r in schools if r["lonely"] == "1"])
    sizes = {r["stype"]: float(r["fpc"]) for r in schools}
    return {
        "cycling": cycling,
        "cycling fpc": cycling.design(population_size=ISLAND),
        "api": api,
        "api fpc": api.design(population_size={"schools": sizes}),
        "api lonely": lonely.design(single_stratum="adjust"),
    }


def table_of(survey, row):
    call = {"mean": means.mean, "net": means.net, "total": totals.total, "mentions": means.mentions}
    by = (row["by"],) if row["by"] else ()
    if row["call"] == "top 2":
        top = means.top_box(survey.question(row["question"]))
        return proportion(survey, row["question"], by, combine=top)
    if row["call"] in call:
        return call[row["call"]](survey, row["question"], by)
    method = "beta" if row["call"] == "beta" else "logit"
    level = float(row["level"])
    return proportion(survey.design(interval=method, level=level), row["question"], by)


@pytest.fixture(scope="module")
def tables():
    """Tables that were estimated already: several rows of R's are of one."""
    return {}


def estimated(cases, tables, row):
    asked = tuple(row[name] for name in ("data", "call", "question", "by", "level"))
    if asked not in tables:
        tables[asked] = table_of(cases[row["data"]], row)
    found = tables[asked]
    found = found[found["item"] == row["item"]]
    if row["option"]:
        found = found[found["option"] == row["option"]]
    if row["by"]:
        found = found[found[row["by"]] == row["group"]]
    assert len(found) == 1
    return found.iloc[0]


CALLS = ("mean", "net", "top 2", "total", "mentions", "logit", "xlogit", "beta")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("data", ["cycling", "cycling fpc", "api", "api fpc", "api lonely"])
def test_agrees_with_r_survey(cases, tables, data, call):
    rows = [r for r in oracle("estimates2.csv") if r["data"] == data and r["call"] == call]
    if not rows:
        assert call in ("net", "top 2", "mentions")  # asked of cycling alone
        return
    interval = 1e-6 if call == "logit" else 1e-8
    compared = 0
    for row in rows:
        got = estimated(cases, tables, row)
        assert got["n"] == int(row["n"]), row
        close(got, row, "estimate", "estimate", 1e-6 if call == "logit" else 1e-8)
        if float(row["n"]) == 1:
            continue  # one respondent: our statuses are tested below
        close(got, row, "se", "se", 1e-8)
        certain = float(row["se"]) == 0
        if row["deff"] and not certain:
            close(got, row, "deff", "deff", 1e-8)
        if row["df"]:
            assert got["df"] == float(row["df"]), row
        if row["low"] and not certain and float(row["df"]) > 0 and call != "top 2":
            cut = call in ("net", "mean") and row["question"] in ("agree", "points")
            ends = ((-1, 1) if call == "net" else (1, 5)) if cut else (-math.inf, math.inf)
            if call == "total" and row["option"]:
                ends = (0, math.inf)
            for mine, theirs in (("ci_low", "low"), ("ci_high", "high")):
                value = min(max(float(row[theirs]), ends[0]), ends[1])
                assert got[mine] == pytest.approx(value, rel=interval, abs=1e-12), row
            compared += 1
    assert compared or call in ("mentions", "top 2")


def close(got, row, mine, theirs, tolerance):
    assert got[mine] == pytest.approx(float(row[theirs]), rel=tolerance, abs=1e-12), row


TEN = """id,view,km,seen.a,seen.b,seen.c
1,5,10,1,1,0
2,5,20,1,0,0
3,4,0,0,0,0
4,3,5,1,0,0
5,1,,1,0,0
6,8,15,1,1,0
7,,10,,,
8,4,10.5,0,1,0
9,2,9.5,1,1,0
10,5,,1,0,0
"""


@pytest.fixture
def ten(tmp_path):
    """Ten people without weights: view 1 to 5 (8 don't know), km, three boxes."""
    (tmp_path / "codebook").mkdir()
    (tmp_path / "responses").mkdir()
    (tmp_path / "codebook" / "survey.yml").write_text(
        "title: Ten\nprovenance: illustrative\npopulations: {people: {id: id}}\n"
        "dimensions: {view: {label: View, source: {people: view},"
        " bands: {'1': a, '2': b, '3': c, '4': d, '5': e}}}\n"
    )
    (tmp_path / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set\nview,people,single,five\nkm,people,number,\n"
        "seen,people,multiple,\n"
    )
    (tmp_path / "codebook" / "items.csv").write_text("question,item\nseen,a\nseen,b\nseen,c\n")
    (tmp_path / "codebook" / "options.csv").write_text(
        "set,code,label,score,missing\nfive,1,Bad,1,\nfive,2,Poor,2,\nfive,3,Middling,3,\n"
        "five,4,Fair,4,\nfive,5,Good,5,\nfive,8,Don't know,,dont_know\n"
    )
    (tmp_path / "responses" / "people.csv").write_text(TEN)
    return load_survey(tmp_path)


def test_mean_and_net_by_hand(ten):
    # Scores 5 5 4 3 1 4 2 5 (6 don't know, 7 blank): sum 29 of 8; squares 121 - 29²/8 = 15.875.
    # Variance of the mean: 10/9 · 15.875 / 8² (ten in the sample, with replacement).
    got = means.mean(ten, "view").iloc[0]
    assert got["estimate"] == pytest.approx(29 / 8, rel=1e-12)
    assert got["se"] == pytest.approx(math.sqrt(10 / 9 * 15.875 / 64), rel=1e-12)
    assert (got["n"], got["df"]) == (8, 7)
    assert got["scale"] == "1 (Bad) to 5 (Good)"
    # Above the middle 5 5 4 4 5, below 1 2, of 8.
    assert means.net(ten, "view").iloc[0]["estimate"] == pytest.approx(3 / 8, rel=1e-12)
    # With "don't know" in the base: of 9; with the blank: of 10.
    told = means.net(ten, "view", base="answered_with_dont_know").iloc[0]
    asked = means.net(ten, "view", base="asked").iloc[0]
    assert (told["estimate"], told["n"]) == (pytest.approx(3 / 9), 9)
    assert (asked["estimate"], asked["n"]) == (pytest.approx(3 / 10), 10)


def test_a_number_leaves_out_who_gave_none(ten):
    # 10 20 0 5 15 10 10.5 9.5; 5 and 10 gave none: sum 80 of 8.
    got = means.mean(ten, "km").iloc[0]
    assert (got["estimate"], got["n"], got["scale"]) == (pytest.approx(10), 8, "number")
    squares = 100 + 400 + 25 + 225 + 100 + 10.5**2 + 9.5**2 - 800
    assert got["se"] == pytest.approx(math.sqrt(10 / 9 * squares / 64), rel=1e-12)
    assert totals.total(ten, "km").iloc[0]["estimate"] == pytest.approx(80)
    grown = totals.total(ten.design(population_size=1000), "km").iloc[0]  # 100 people each
    assert grown["estimate"] == pytest.approx(8000)


def test_sums_about_a_mean_keep_their_digits(ten, tmp_path):
    shifted = TEN
    for old in ("10,1,1", "20,1,0", "0,0,0", "5,1,0", "15,1,1", "10.5,0", "9.5,1"):
        shifted = shifted.replace(
            f",{old}", f",{float(old.split(',')[0]) + 1e9}{old[old.index(',') :]}", 1
        )
    shifted = shifted.replace("7,,10,", "7,,1000000010,")
    (tmp_path / "responses" / "people.csv").write_text(shifted)
    far = means.mean(load_survey(tmp_path), "km").iloc[0]
    assert far["n"] == 8
    assert far["se"] == pytest.approx(means.mean(ten, "km").iloc[0]["se"], rel=1e-7)


def test_mentions_by_hand(ten):
    # a: 1 2 4 5 6 9 10; b: 1 6 8 9; c nobody: 11 ticks of 8 respondents (3 ticked none).
    found = means.mentions(ten, "seen").set_index("item")
    assert found["estimate"].to_dict() == pytest.approx({"a": 7 / 11, "b": 4 / 11, "c": 0.0})
    assert set(found["n"]) == {8}
    assert set(found["mentions"]) == {11}
    # Residuals of b, b_i - 4/11 T_i: both ticked (1 6 9) 1 - 8/11, a alone (2 4 5 10) -4/11,
    # b alone (8) 7/11.
    squares = 3 * (3 / 11) ** 2 + 4 * (4 / 11) ** 2 + (7 / 11) ** 2
    assert found.loc["b", "se"] == pytest.approx(math.sqrt(10 / 9 * squares) / 11, rel=1e-12)
    # Nobody mentioned c: Kish's base of ticks is 11² / (3 · 2² + 5 · 1) = 121/17.
    assert found.loc["c", "n_effective"] == pytest.approx(121 / 17)
    assert found.loc["c", "ci_low"] == 0 < found.loc["c", "ci_high"] < 1


def test_every_result_has_the_same_columns(cases, ten):
    for found in (
        means.mean(ten, "view", "view"),
        means.mean(ten, "km", "view"),
        means.net(ten, "view", "view"),
        totals.total(ten, "view", "view"),
        means.mentions(ten, "seen", "view"),
    ):
        assert list(found.columns)[: 5 + len(VALUES)] == [*RESULT, "view", *VALUES]
        assert found.attrs["survey"] == ten.describe
        missing = found["estimate"].isna()
        assert (found.loc[missing, "status"] != Status.OK).all()


def test_everyone_the_same_one_respondent_and_nobody(ten):
    # By view: 1 (person 5, no km), 2 (9), 3 (4), 4 (3 and 8), 5 (1, 2 and 10), not stated (6, 7).
    scored = means.mean(ten, "view", "view").set_index("view")
    assert scored.loc["5", "estimate"] == 5
    assert scored.loc["5", "se"] == 0
    assert scored.loc["5", "ci_high"] == 5
    assert scored.loc["5", "ci_low"] == pytest.approx(1 + 4 * 3 / (3 + 1.959963984540054**2))
    assert scored.loc["not_stated", "status"] == Status.NO_ANSWERS
    km = means.mean(ten, "km", "view").set_index("view")
    assert km.loc["1", "status"] == Status.NO_ANSWERS
    assert km.loc["2", "status"] == Status.NO_VARIANCE
    assert math.isnan(km.loc["2", "se"])
    assert km.loc["2", "estimate"] == 9.5
    assert km.loc["5", "status"] == Status.OK


def test_a_number_that_everyone_gave_has_no_interval(ten, tmp_path):
    lines = TEN.splitlines()
    same = [lines[0]] + [
        ",".join([*line.split(",")[:2], "0.1", *line.split(",")[3:]]) for line in lines[1:]
    ]
    (tmp_path / "responses" / "people.csv").write_text("\n".join(same) + "\n")
    got = means.mean(load_survey(tmp_path), "km").iloc[0]
    assert got["estimate"] == pytest.approx(0.1, rel=1e-15)
    assert (got["se"], got["status"]) == (0, Status.SAME_ANSWER)
    assert math.isnan(got["ci_low"])


def test_a_total_of_nobody_or_everybody_keeps_width(ten):
    stated = ten.design(population_size=1000)
    found = totals.total(stated, "view", combine={"any": list("12345"), "none": []})
    none = found[found["option"] == "none"].iloc[0]
    assert (none["estimate"], none["se"], none["ci_low"]) == (0, 0, 0)
    # 1,000 times the upper end of Wilson's interval of 0 in 10.
    assert none["ci_high"] == pytest.approx(1000 * 3.841458820694124 / 13.841458820694124)


def test_a_total_of_everybody_uses_kishs_base(tmp_path):
    folder = shutil.copytree(TESTS / "surveys" / "cycling", tmp_path / "cycling")
    path = folder / "responses" / "residents.csv"
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    at, gate = lines[0].index("helmet"), lines[0].index("owns")
    for line in lines[1:]:
        line[gate], line[at] = "yes", "yes"
    path.write_text("\n".join(",".join(line) for line in lines) + "\n", encoding="utf-8")
    survey = load_survey(folder)
    row, share = totals.total(survey, "owns").iloc[0], proportion(survey, "owns").iloc[0]
    assert row["se"] > 0  # of the weights
    assert row["n_effective"] == pytest.approx(share["n_effective"])
    assert math.isfinite(row["deff"])


def test_a_filter_that_excludes_the_population_says_so(cases):
    survey = cases["cycling"]
    found = means.mentions(survey, "barriers", where={"age": []})
    assert set(found["status"]) == {Status.NO_ANSWERS}
    assert set(totals.total(survey, "distance", where={"age": []})["status"]) == {Status.NO_ANSWERS}
    assert set(means.mean(survey, "distance", where={"age": []})["status"]) == {Status.NO_ANSWERS}


@pytest.mark.parametrize(
    ("call", "question", "said"),
    [
        (means.mean, "owns", "owns has no scale"),
        (means.net, "distance", "distance has no scale"),
        (means.mentions, "owns", "select-all questions: purposes, barriers"),
        (totals.total, "remark", "remark is a text question"),
        (means.mean, "agre", 'Did you mean "agree"?'),
    ],
)
def test_mistakes_list_the_valid_names(cases, call, question, said):
    with pytest.raises(InsightsError) as error:
        call(cases["cycling"], question)
    assert said in str(error.value)


def test_top_box_takes_part_of_the_scale(cases):
    agree = cases["cycling"].question("agree")
    assert means.top_box(agree) == {"top 2": ["5", "4"]}
    with pytest.raises(InsightsError, match="has 5 points"):
        means.top_box(agree, 5)


def test_numbers_add_up_per_stratum(cases):
    survey = cases["api"]
    found = numbers(survey, survey.question("acs_k3")).set_index("stratum")
    rows = [r for r in oracle("api.csv") if r["acs_k3"] and r["stype"] == "E"]
    assert found.loc["E", "n"] == len(rows)
    assert found.loc["E", "lowest"] == min(float(r["acs_k3"]) for r in rows)
    by_hand = math.fsum(float(r["pw"]) * float(r["acs_k3"]) for r in rows)
    assert found.loc["E", "sum_wx"] == pytest.approx(by_hand, rel=1e-12)


def test_a_total_of_a_number_has_no_interval_of_people(ten, tmp_path):
    # Wilson's interval of a share says nothing of kilometres.
    census = totals.total(ten.design(population_size=10), "km").iloc[0]
    assert census["se"] == 0
    assert census["ci_low"] == census["estimate"] == census["ci_high"]
    lines = TEN.splitlines()
    same = [",".join([*x.split(",")[:2], "7", *x.split(",")[3:]]) for x in lines[1:]]
    (tmp_path / "responses" / "people.csv").write_text("\n".join([lines[0], *same]) + "\n")
    got = totals.total(load_survey(tmp_path).design(population_size=50), "km").iloc[0]
    assert (got["estimate"], got["se"], got["status"]) == (350, 0, Status.SAME_ANSWER)
    assert math.isnan(got["ci_low"]) and math.isnan(got["ci_high"])


def test_a_census_total_is_exact_and_an_unknown_size_is_refused(ten):
    found = totals.total(ten.design(population_size=10), "view")
    assert (found["se"] == 0).all()
    assert (found["ci_low"] == found["estimate"]).all()
    assert (found["ci_high"] == found["estimate"]).all()
    with pytest.raises(InsightsError, match="need a finite population"):
        totals.total(ten.design(population_size=math.inf), "view")
