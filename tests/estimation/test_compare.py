"""Comparisons against R (tests/oracles/compare.R), quoted examples, and work by hand."""

import csv
import math
import shutil
from contextlib import suppress
from itertools import product

import duckdb
import numpy as np
import pandas as pd
import pytest

from helpers.errors import InsightsError
from helpers.estimation import compare, contrast, crosstabs, domains
from helpers.estimation.association import (
    adjusted,
    chi_square,
    detectable,
    fisher,
    has_cycle,
    newcombe,
    rao_scott,
    rao_scott_of_two,
    two_by_two,
)
from helpers.estimation.domains import ComparisonStatus
from helpers.estimation.estimates import proportion
from helpers.estimation.request import Status
from helpers.estimation.variance import Design
from helpers.responses.survey import load_survey
from places import CYCLING, ROOT, TESTS

QUESTIONS = {  # variable of the R script: question, item, options taken together
    "owns": ("owns", "", None),
    "often": ("often", "", None),
    "safe": ("agree", "safe", None),
    "traffic": ("barriers", "traffic", None),
    "owns_yes": ("owns", "", ["yes"]),
    "often_daily": ("often", "", ["daily"]),
    "safe_high": ("agree", "safe", ["4", "5"]),
    "traffic_x": ("barriers", "traffic", ["x"]),
}
CLOSE = dict(rel=1e-8, abs=1e-12)


def oracle(case):
    """Cases by (a, b), in the order of the file: statistic to value."""
    with open(TESTS / "oracles" / "compare.csv", encoding="utf-8") as file:
        found = []
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            if row["case"] == case:
                if not found or row["statistic"] in found[-1][1] or found[-1][0] != _key(row):
                    found.append((_key(row), {}))
                value = row["value"]
                found[-1][1][row["statistic"]] = math.nan if value == "NA" else float(value)
        return found


def _key(row):
    return row["a"], row["b"]


def write(folder, populations, questions, files, options="", matched="", dimensions=""):
    (folder / "codebook").mkdir()
    (folder / "responses").mkdir()
    (folder / "codebook" / "survey.yml").write_text(
        f"title: T\nprovenance: illustrative\npopulations: {populations}\n{dimensions}{matched}"
    )
    (folder / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set\n" + questions
    )
    (folder / "codebook" / "options.csv").write_text("set,code,score,missing\n" + options)
    for name, frame in files.items():
        frame.to_csv(folder / "responses" / f"{name}.csv", index=False)
    return load_survey(folder)


YES_NO = "yn,yes,,\nyn,no,,\nyn,dk,,dont_know\n"


def plain(folder, groups, weight=None):
    """A survey of one yes/no question: group to (yes, no)."""
    answers = [
        (g, a) for g, (yes, no) in groups.items() for a in ["yes"] * yes + ["no"] * no or [""]
    ]
    frame = pd.DataFrame(answers, columns=["area", "likes"]).assign(id=range(len(answers)))
    who = "id: id"
    if weight is not None:
        frame["w"] = [weight(n) for n in range(len(frame))]
        who += ", weight: w"
    bands = ", ".join(f"{g}: {g.upper()}" for g in groups)
    return write(
        folder,
        f"{{people: {{{who}}}}}",
        "likes,people,single,yn\n",
        {"people": frame},
        YES_NO,
        dimensions=f"dimensions: {{area: {{label: Area, bands: {{{bands}}}, "
        "source: {people: area}}}\n",
    )


@pytest.fixture(scope="module")
def cycling():
    return load_survey(TESTS / "surveys" / "cycling")


@pytest.mark.parametrize(
    ("one", "two", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, 873-890, Table II, method 10, as public test
        # suites carry it; the paper was not at hand. The next test is against statsmodels.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_intervals_of_newcombes_table(one, two, low, high):
    found = newcombe(one[0] / one[1], one[1], two[0] / two[1], two[1])
    assert tuple(round(float(end), 4) for end in found) == (low, high)


def test_newcombe_as_statsmodels_computes_it():
    from statsmodels.stats.proportion import confint_proportions_2indep

    for n1, n2 in ((1, 1), (7, 40), (33, 8), (162, 56)):
        for x1 in {0, 1, n1 // 3, n1}:
            for x2 in {0, 1, n2 // 2, n2}:
                expected = confint_proportions_2indep(x1, n1, x2, n2, method="newcomb")
                assert newcombe(x1 / n1, n1, x2 / n2, n2) == pytest.approx(expected, abs=1e-14)


def test_newcombe_by_hand():
    # 1/1 against 0/1: Wilson's intervals are 1/(1 + z²) = 0.206543 to 1, and 0 to 0.793457. The
    # distances towards each other are both 0.793457, away from each other both 0.
    low, high = newcombe(1.0, 1.0, 0.0, 1.0)
    assert float(low) == pytest.approx(1 - math.sqrt(2) * 3.8414588206941236 / 4.8414588206941236)
    assert float(high) == 1.0


def test_two_shares_as_r_tests_them():
    cases = oracle("pair")
    assert len(cases) == 15
    counts = [[float(x) for key in keys for x in key.split("/")] for keys, _ in cases]
    test, statistic, p = two_by_two(*np.array(counts).T)
    for n, (_, r) in enumerate(cases):
        small = math.isnan(r["expected"]) or r["expected"] < 5
        assert test[n] == ("fisher" if small else "chi-square")
        assert p[n] == pytest.approx(r["fisher" if small else "chi2_p"], **CLOSE)
        expected = 0 if math.isnan(r["chi2"]) else r["chi2"]
        assert statistic[n] == pytest.approx(expected, **CLOSE)


def test_the_borderline_of_fishers_test():
    # 5 of 20 yes, half and half: expected 2.5. 10 of 20: exactly 5 everywhere: chi-square.
    assert two_by_two(*np.array([[3.0, 10, 7, 10], [3, 10, 6, 10]]).T)[0].tolist() == [
        "chi-square",
        "fisher",
    ]


def test_tables_as_r_tests_them():
    for (cells, columns), r in oracle("table"):
        counts = np.array([float(x) for x in cells.split()]).reshape(-1, int(columns))
        got = chi_square(counts)
        assert got == pytest.approx((r["chi2"], r["df"], r["p"], r["expected"]), **CLOSE)


def test_false_discovery_as_r_adjusts():
    cases = oracle("adjust")
    raw = np.array([math.nan if b == "NA" else float(b) for (_, b), _ in cases])
    expected = [r["p"] for _, r in cases]
    assert adjusted(raw).tolist() == pytest.approx(expected, nan_ok=True, **CLOSE)


def test_detectable_differences_as_r_finds_them():
    for (sizes, rest), r in oracle("power"):
        n1, n2 = (float(x) for x in sizes.split())
        p1, power, alpha = (float(x) for x in rest.split())
        assert float(detectable(n1, n2, p1, power, alpha)) == pytest.approx(r["up"], rel=1e-8)
        mirrored = float(detectable(n1, n2, 1 - p1, power, alpha))
        assert mirrored == pytest.approx(r["up"], rel=1e-8)


def check_pair(row, r, **close):
    got = {
        "difference": "estimate", "se": "se", "t": "statistic", "df": "df", "p": "p",
        "low": "ci_low", "high": "ci_high",
    }  # fmt: skip
    assert row["test"] == "t"
    assert row["status"] == Status.OK
    for theirs, ours in got.items():
        assert row[ours] == pytest.approx(r[theirs], **(close or CLOSE)), ours


def pair(survey, question, item, combine, by, one, two, where=None):
    found = compare.groups(survey, question, by, where, combine={"it": combine})
    [row] = found.query("item == @item and group == @one and other == @two").to_dict("records")
    return row


def test_weighted_differences_as_r_finds_them(cycling):
    variables = ["owns_yes", "often_daily", "safe_high", "traffic_x"]
    cases = oracle("cycling")
    byage = [c for c in cases if "difference" in c[1]]
    assert len(byage) == 14
    for n, ((one, two), r) in enumerate(byage):
        question, item, options = QUESTIONS[(variables[n // 3] if n < 12 else "owns_yes")]
        by = "age" if n < 12 else "district"
        check_pair(pair(cycling, question, item, options, by, one, two), r)
    [((one, two), r), _] = oracle("cycling in two districts")
    where = {"district": ["north", "south"]}
    check_pair(pair(cycling, "owns", "", ["yes"], "age", one, two, where=where), r)


def check_table(row, r):
    assert row["test"] == "rao-scott"
    ours = {
        "statistic": "f", "df1": "df1", "df2": "df2", "p": "p", "p_first_order": "p_first",
    }  # fmt: skip
    for mine, theirs in ours.items():
        assert row[mine] == pytest.approx(r[theirs], **CLOSE), mine
    assert (row["rows"] - 1) * (row["columns"] - 1) == r["df_first"]
    assert row["first_order"] == pytest.approx(row["statistic"] * r["df_first"], rel=1e-12)


def test_weighted_tables_as_r_tests_them(cycling):
    cases = [c for c in oracle("cycling") if "f" in c[1]]
    assert len(cases) == 8
    for (variable, by), r in cases:
        question, item, _ = QUESTIONS[variable]
        [row] = crosstabs.table(cycling, question, by).query("item == @item").to_dict("records")
        check_table(row, r)
    _, (_, r) = oracle("cycling in two districts")
    found = crosstabs.table(cycling, "owns", "age", where={"district": ["north", "south"]})
    check_table(found.iloc[0], r)


@pytest.fixture
def made(tmp_path):
    """Sixty-one people made by the rule of the R script."""
    i = np.arange(61)
    group = np.array(["x", "y", "z"])[(i * 5) // 2 % 3]
    answer = np.where((i * i + 3 * i) % 7 < 3, "a", "b")
    answer = np.where((group == "z") & (answer == "a"), "c", answer)
    stratum = np.array(["s1", "s2", "s3"])[i % 3].astype(object)
    stratum[60] = "s4"
    frame = pd.DataFrame(
        {"id": i, "s": stratum, "w": 1 + ((i * 7) % 11) / 4, "g": group, "ans": answer}
    )
    halves = {"even": frame[i % 2 == 0], "odd": frame[i % 2 == 1].rename(columns={"ans": "ans2"})}
    columns = "{id: id, weight: w, strata: s}"
    dimension = ", ".join(f"{name}: g" for name in ("all", *halves))
    return write(
        tmp_path,
        f"{{all: {columns}, even: {columns}, odd: {columns}}}",
        "whole,all,single,abc\nans,even,single,abc\nans2,odd,single,abc\n",
        {"all": frame.rename(columns={"ans": "whole"}), **halves},
        "abc,a,,\nabc,b,,\nabc,c,,\nabc,d,,\n",
        "matched: [{questions: [ans, ans2], comparable: true, why: Same words.}, "
        "{questions: [ans, whole], why: Other words.}]\n",
        "dimensions: {g: {label: G, bands: {x: X, y: Y, z: Z}, source: {" + dimension + "}}}\n",
    )


FPC = {"s1": 40, "s2": 80, "s3": 100, "s4": 5}


def test_a_stratum_of_one_adjusted_and_population_sizes(made):
    [(_, r), (_, whole)] = oracle("made")
    stated = made.design(single_stratum="adjust")
    check_pair(pair(stated, "whole", "", ["a"], "g", "x", "y"), r)
    check_table(crosstabs.table(stated, "whole", "g").iloc[0], whole)
    [(_, r), (_, whole)] = oracle("made fpc")
    stated = stated.design(population_size={"all": FPC})
    check_pair(pair(stated, "whole", "", ["a"], "g", "x", "y"), r)
    check_table(crosstabs.table(stated, "whole", "g").iloc[0], whole)
    for call in (compare.groups, crosstabs.table):
        with pytest.raises(InsightsError, match="stratum holds a single respondent"):
            call(made, "whole", "g")


@pytest.fixture(scope="module")
def survey():
    return load_survey()


@pytest.mark.parametrize(("case", "sizes"), [("overlap", None), ("overlap fpc", {"all": FPC})])
def test_selections_that_share_respondents(made, case, sizes):
    cases = oracle(case)
    assert len(cases) == 4
    for (name, both), r in cases:
        one, other = (None if side == "all" else {"g": list(side)} for side in name.split("|"))
        stated = made.design(single_stratum="adjust", population_size=sizes)
        found = contrast.selections(stated, "whole", one, other)
        row = found.iloc[0]
        assert (row["estimate"], row["se"]) == pytest.approx((r["difference"], r["se"]), **CLOSE)
        assert row["n_both"] == int(both)
        assert row["ci_low"] < row["estimate"] < row["ci_high"]


def test_selections_without_overlap_are_groups(survey):
    by_size = compare.groups(survey, "influence", "organisation_size")
    chosen = [{"organisation_size": size} for size in ("smaller", "larger")]
    found = contrast.selections(survey, "influence", *chosen)
    for name in ("estimate", "se", "ci_low", "ci_high", "share", "share_other", "n", "n_other"):
        assert found[name].to_numpy() == pytest.approx(by_size[name].to_numpy(), rel=1e-12), name


def test_a_part_against_the_whole_by_hand(twelve):
    """Of 8 in the part 6 say yes, of all 12 it is 7: 0.75 - 7/12.

    Those in both carry the covariance: sum of (y - p)(y - q) over the part, over 8 times 12, is
    (6(1 - p - q) + 8pq) / 96, so that the variance is p(1 - p)/8 + q(1 - q)/12 less twice that.
    """
    found = contrast.selections(twelve, "q", {"g": "part"}, None)
    row = found.set_index("option").loc["yes"]
    p, q = 6 / 8, 7 / 12
    shared = (6 * (1 - p - q) + 8 * p * q) / 96
    assert row["estimate"] == pytest.approx(p - q, rel=1e-12)
    assert row["se"] ** 2 == pytest.approx(
        p * (1 - p) / 8 + q * (1 - q) / 12 - 2 * shared, rel=1e-12
    )
    assert (row["n"], row["n_other"], row["n_both"]) == (8, 12, 8)


def test_empty_and_identical_selections(twelve):
    same = contrast.selections(twelve, "q", None, {"g": ["part", "rest"]})
    assert set(same["status"]) == {str(ComparisonStatus.SAME_PEOPLE)}
    assert same["ci_low"].isna().all()
    nobody = contrast.selections(twelve, "q", {"g": []}, None)
    assert set(nobody["status"]) == {str(Status.NO_ANSWERS)}
    assert nobody["estimate"].isna().all()
    with pytest.raises(InsightsError, match='g has no "whole"'):
        contrast.selections(twelve, "q", {"g": "whole"}, None)


@pytest.fixture
def twelve(tmp_path):
    frame = pd.DataFrame({"id": range(12), "g": ["part"] * 8 + ["rest"] * 4,
                          "q": ["yes"] * 6 + ["no"] * 2 + ["yes"] + ["no"] * 3})  # fmt: skip
    return write(
        tmp_path, "{p: {id: id}}", "q,p,single,yn\n", {"p": frame}, "yn,yes,1,\nyn,no,0,\n",
        dimensions="dimensions: {g: {label: G, bands: {part: P, rest: R}, source: {p: g}}}\n",
    )  # fmt: skip


def test_one_share_of_zero_is_tested_as_r_tests_the_table(made):
    # Linearisation sees no error in the 0 of group z: F of the two-by-two table instead.
    [(_, r)] = oracle("made x z")
    made = made.design(single_stratum="adjust")
    row = pair(made, "whole", "", ["a"], "g", "x", "z")
    assert (row["test"], row["share_other"]) == ("rao-scott", 0)
    assert row["statistic"] == pytest.approx(r["f"], **CLOSE)
    assert (row["df"], row["p"]) == pytest.approx((r["df2"], r["p"]), **CLOSE)
    kish = proportion(made, "whole", "g").set_index(["g", "option"])
    one, two = kish.loc[("x", "a")], kish.loc[("z", "a")]
    ends = newcombe(one["estimate"], one["n_effective"], 0.0, two["n_effective"])
    assert (row["ci_low"], row["ci_high"]) == pytest.approx([float(e) for e in ends], rel=1e-12)


def test_two_populations_declared_comparable(made):
    [((one, two), r)] = oracle("made two samples")
    found = compare.questions(made.design(single_stratum="adjust"), "ans", "ans2")
    assert found["option"].tolist() == ["a", "b", "c", "d"]
    assert set(found["question_other"]) == {"ans2"}
    row = found.iloc[0]
    assert (row["group"], row["other"]) == (one, two)
    check_pair(row, r)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ("whole", "declares them not comparable. Other words."),
        ("ans", "were put to the same people"),
    ],
)
def test_populations_are_not_compared_unless_declared(made, other, said):
    with pytest.raises(InsightsError) as error:
        compare.questions(made, "ans", other)
    assert said in str(error.value)


def test_questions_nobody_declared_say_what_is_declared(made):
    with pytest.raises(InsightsError, match="not declared comparable") as error:
        compare.questions(made, "whole", "ans2")
    assert "comparable: true" in str(error.value)
    assert "ans and ans2" in str(error.value)


def test_our_codebook_guards_its_matched_questions():
    survey = load_survey(TESTS.parent / "data")
    for match in survey.codebook.matched:
        with pytest.raises(InsightsError) as error:
            compare.questions(survey, *match.questions)
        assert match.why in str(error.value)


def test_unweighted_groups_by_hand(tmp_path):
    # Newcombe's first example, and a third group that is below both.
    survey = plain(tmp_path, {"one": (56, 14), "two": (48, 32), "three": (30, 40)})
    found = compare.groups(survey, "likes", "area").query("option == 'yes'")
    assert list(zip(found["group"], found["other"], strict=True)) == [
        ("one", "two"),
        ("one", "three"),
        ("two", "three"),
    ]
    first = found.iloc[0]
    assert (round(first["ci_low"], 4), round(first["ci_high"], 4)) == (0.0524, 0.3339)
    r = dict(oracle("pair"))[("56/70", "48/80")]
    assert first["p"] == pytest.approx(r["chi2_p"], **CLOSE)
    assert first["n"] == 70
    assert first["estimate"] == pytest.approx(0.2)
    assert first["se"] == pytest.approx(math.sqrt(0.16 / 70 + 0.24 / 80))
    # z = (.6 - .428571) / sqrt(.52 * .48 * (1/80 + 1/70)) = 2.0966: p = .0360, of all the largest.
    last = found.iloc[2]
    assert last["p"] == pytest.approx(0.03603, abs=1e-5)
    assert last["p_adjusted"] == pytest.approx(last["p"])
    letters = compare.letters(found)
    assert letters["letter"].tolist() == ["a", "b", "c"]
    assert letters["above"].tolist() == ["b c", "c", ""]
    assert letters["n"].tolist() == [70, 80, 70]
    strict = compare.letters(compare.groups(survey, "likes", "area", alpha=0.02))
    assert strict.query("option == 'yes'")["above"].tolist() == ["b c", "", ""]
    assert strict.query("option == 'no'")["above"].tolist() == ["", "a", "a"]


def test_correction_is_on_by_default_and_can_be_left_out(tmp_path):
    groups = {"a": (30, 30), "b": (19, 41), "c": (24, 36), "d": (25, 35)}
    survey = plain(tmp_path, groups)
    found = compare.groups(survey, "likes", "area")
    assert found["p"].min() < 0.05
    assert not found["significant"].any()
    raw = compare.groups(survey, "likes", "area", correct=False)
    assert raw["significant"].tolist() == (raw["p"] <= 0.05).tolist()
    assert raw["p"].tolist() == found["p"].tolist()
    assert found.attrs["survey"] == survey.describe


def test_constant_weights_change_nothing(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    groups = {"a": (6, 1), "b": (2, 5), "c": (0, 4)}
    bare = plain(tmp_path / "one", groups)
    same = plain(tmp_path / "two", groups, weight=lambda n: 2.5)
    for call in (compare.groups, crosstabs.table):
        one, two = call(bare, "likes", "area"), call(same, "likes", "area")
        pd.testing.assert_frame_equal(one, two, check_exact=False, rtol=1e-12)


def test_degenerate_groups_have_a_status(tmp_path):
    survey = plain(tmp_path, {"all": (5, 0), "nil": (0, 5), "void": (0, 0), "lone": (1, 0)})
    found = compare.groups(survey, "likes", "area").query("option == 'yes'")
    found = found.set_index(["group", "other"])
    void = found.loc[("all", "void")]
    assert void["status"] == Status.NO_ANSWERS
    assert (void["n"], void["n_other"], void["significant"]) == (5, 0, False)
    assert math.isnan(void["p"])
    # 5 of 5 against 0 of 5: of 252 ways to place five, two are as extreme.
    ends = found.loc[("all", "nil")]
    assert ends["p"] == pytest.approx(2 / 252)
    assert 0 < ends["ci_low"] < 1
    assert ends["ci_high"] == 1
    # Everybody said yes: nothing differs, and the interval keeps width.
    same = found.loc[("all", "lone")]
    assert (same["estimate"], same["p"], same["test"]) == (0, 1, "fisher")
    assert same["ci_low"] < 0 < same["ci_high"]
    assert same["status"] == Status.OK
    # The empty pairs count for nothing in the correction: 3 pairs, 2 answers.
    assert ends["p_adjusted"] == pytest.approx(2 / 252 * 3)


def test_bases_too_small_to_show_anything_say_so(tmp_path):
    survey = plain(tmp_path, {"a": (1, 1), "b": (1, 1)})
    found = compare.groups(survey, "likes", "area")
    assert set(found["status"]) == {ComparisonStatus.UNSHOWABLE}
    assert found["detectable"].isna().all()
    assert found["p"].tolist() == [1, 1]


def test_weighted_shares_of_zero_and_one(tmp_path):
    survey = plain(
        tmp_path, {"all": (5, 0), "nil": (0, 5), "same": (4, 0)}, weight=lambda n: 1 + n % 3
    )
    found = compare.groups(survey, "likes", "area").query("option == 'yes'")
    assert set(found["status"]) == {ComparisonStatus.CERTAIN}
    assert found["p"].tolist() == pytest.approx([2 / 252, 1, 1 / 126])
    assert (found["ci_high"] - found["ci_low"] > 0).all()


def test_answers_determined_by_strata(tmp_path):
    # Every stratum is one area and one answer: nothing varies within it.
    frame = pd.DataFrame({"id": range(20), "area": list("aabb") * 5, "likes": ["yes", "no"] * 10})
    frame["s"] = frame["area"] + frame["likes"]
    survey = write(
        tmp_path,
        "{people: {id: id, strata: s}}",
        "likes,people,single,yn\n",
        {"people": frame},
        YES_NO,
        dimensions="dimensions: {area: {label: A, bands: {a: A, b: B}, source: {people: area}}}\n",
    )
    found = compare.groups(survey, "likes", "area")
    assert set(found["status"]) == {ComparisonStatus.SAME_STRATA}
    assert (found["se"] == 0).all()
    assert found["p"].isna().all()
    assert crosstabs.table(survey, "likes", "area").loc[0, "status"] == ComparisonStatus.UNDEFINED


def test_weights_of_zero_and_groups_with_nobody(tmp_path):
    groups = {"a": (5, 5), "b": (4, 6), "void": (0, 0), "none": (3, 3)}
    survey = plain(tmp_path, groups, weight=lambda n: 0 if n > 19 else 1 + n % 2)
    found = compare.groups(survey, "likes", "area").set_index(["option", "group", "other"])
    assert found.loc[("yes", "a", "b"), "status"] == Status.OK
    for other in ("void", "none"):
        row = found.loc[("yes", "a", other)]
        assert row["status"] == Status.NO_ANSWERS
        assert row["test"] == ""
        assert math.isnan(row["p"])
    assert crosstabs.table(survey, "likes", "area").loc[0, "columns"] == 2


def test_a_census_has_no_sampling_error(made):
    sizes = {"s1": 20, "s2": 20, "s3": 20, "s4": 1}
    found = compare.groups(made.design(population_size={"all": sizes}), "whole", "g")
    assert set(found["status"]) == {ComparisonStatus.CENSUS}
    assert (found["se"] == 0).all()
    assert found["ci_low"].tolist() == found["estimate"].tolist()
    assert found["p"].isna().all()
    assert not found["significant"].any()


def test_tables_with_nothing_to_test(tmp_path):
    survey = plain(tmp_path, {"a": (5, 0), "b": (4, 0)})
    row = crosstabs.table(survey, "likes", "area").iloc[0]
    assert row["status"] == ComparisonStatus.ONE_ANSWER
    assert (row["n"], row["rows"], row["columns"]) == (9, 1, 2)
    nobody = crosstabs.table(survey, "likes", "area", where={"likes": "dk"}).iloc[0]
    assert nobody["status"] == Status.NO_ANSWERS


def test_two_by_two_tables_and_sparse_ones(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    survey = plain(tmp_path / "one", {"a": (6, 1), "b": (2, 5)})
    row = crosstabs.table(survey, "likes", "area").iloc[0]
    r = dict(oracle("pair"))[("6/7", "2/7")]
    assert row["test"] == "fisher"
    assert (row["p"], row["chi2"]) == pytest.approx((r["fisher"], r["chi2"]), **CLOSE)
    survey = plain(tmp_path / "two", {"a": (6, 1), "b": (2, 5), "c": (2, 2)})
    row = crosstabs.table(survey, "likes", "area").iloc[0]
    assert (row["test"], row["status"]) == ("chi-square", ComparisonStatus.SPARSE)


def test_respondents_without_a_group_are_left_out_unless_named(cycling):
    found = compare.groups(cycling, "owns", ["age"])
    assert set(found["group"]) | set(found["other"]) == {"young", "middle", "older"}
    named = compare.groups(cycling, "owns", "age", where={"age": ["older", "not_stated"]})
    assert set(named["other"]) == {"not_stated"}
    by_answer = compare.groups(cycling, "barriers", "owns")
    assert set(by_answer["group"]) | set(by_answer["other"]) == {"yes", "no"}


def test_a_selection_that_was_not_asked():
    survey = load_survey(TESTS.parent / "data")
    name, asked = next((n, q) for n, q in survey.codebook.questions.items() if q.tabulates)
    by = next(d.id for d in survey.codebook.dimensions.values() if asked.population in d.source)
    other = next(p for p in survey.codebook.populations if p != asked.population)
    for call in (compare.groups, crosstabs.table):
        found = call(survey, name, by, where={"respondent_type": other})
        assert set(found["status"]) == {Status.NOT_ASKED}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (dict(question="own", by="age"), 'There is no question "own". Did you mean "owns"?'),
        (dict(question="owns", by=["age", "district"]), "not by age and district"),
        (dict(question="owns", by="agee"), 'There is no dimension or response column "agee".'),
        (dict(question="owns", by="distance"), "distance gives 0 groups to compare"),
        (dict(question="owns", by="age", where={"age": "older"}), "gives 1 group to compare"),
        (dict(question="distance", by="age"), "distance is a number question"),
        (dict(question="owns", by="respondent_type"), "use `h.question"),
        (dict(question="owns", by="age", alpha=5), "alpha is 5"),
        (dict(question="owns", by="age", power=0.01), "power is 0.01"),
    ],
)
def test_mistakes_list_the_valid_names(cycling, call, said):
    with pytest.raises(InsightsError) as error:
        compare.groups(cycling, **call)
    assert said in str(error.value)


def test_letters_after_z_have_two_characters():
    names = [f"g{n}" for n in range(29)]
    rows = [
        dict(question="q", item="", option="o", time="", group="g0", other=name, estimate=0.1,
             share=0.5, share_other=0.4, n=9, n_other=9, significant=name == "g27")
        for name in names[1:]
    ]  # fmt: skip
    found = compare.letters(pd.DataFrame(rows)).set_index("group")
    assert found.loc["g25", "letter"] == "z"
    assert found.loc["g28", "letter"] == "ac"
    assert found.loc["g0", "above"] == "ab"


def test_fishers_test_of_few_and_of_many_by_hand():
    # 5 of 5 against 0 of 5: both extreme tables of C(10, 5); 700 of 700 against 0 of 3: one of
    # C(703, 3), and no other is as rare. A table that is the likeliest of all has p = 1.
    given = np.array([[5, 5, 0, 5], [700, 700, 0, 3], [1, 2, 1, 2]], dtype=float).T
    expected = [2 / math.comb(10, 5), 1 / math.comb(703, 3), 1.0]
    assert fisher(*given).tolist() == pytest.approx(expected, rel=1e-12)
    assert fisher(*given[:, [0, 2]]).tolist() == pytest.approx([expected[0], 1.0], rel=1e-12)
    assert fisher(*given[:, [2]]).tolist() == [1.0]


def test_many_weighted_tables_of_two_by_two_are_tested_like_each_alone():
    made = np.random.default_rng(5)
    w = made.gamma(2.0, 10.0, (40, 2, 2, 3))
    w2 = w**2 / 25 + made.random((40, 2, 2, 3))
    empty = made.random((40, 2, 2)) < 0.25  # nobody gave an answer: shares of 0 and 1
    empty[:, 1, 1] = False
    w[empty], w2[empty] = 0.0, 0.0
    sizes = np.array([200.0, 150.0, 90.0])
    design = Design(("a", "b", "c"), sizes, sizes, 3 * sizes, 9 * sizes, np.array([1.0, 0.8, 0.9]))
    n, nu = made.integers(20, 90, 40).astype(float), made.integers(0, 60, 40).astype(float)
    found = rao_scott_of_two(w, w2, design, n, nu)
    checked = 0
    for at in range(len(w)):
        rows = w[at].sum(axis=2)
        if not rows.sum(axis=0).all() or not rows.sum(axis=1).all():
            continue  # an empty row or column: nothing to test
        one = rao_scott(w[at], w2[at], design, n[at], nu[at])
        for value, name in zip(found, ("f", "df2", "p"), strict=True):
            assert value[at] == pytest.approx(getattr(one, name), nan_ok=True, **CLOSE)
        checked += 1
    assert checked > 20 and np.isnan(found[2]).any()


def of_parquet(folder, tmp_path):
    """The same survey, whose responses are on disk."""
    copy = shutil.copytree(folder, tmp_path / "parquet")
    for file in (copy / "responses").glob("*.csv"):
        rows = f"SELECT * FROM read_csv('{file}', all_varchar = true, nullstr = '@none')"
        duckdb.sql(f"COPY ({rows}) TO '{file.with_suffix('.parquet')}' (FORMAT parquet)")
        file.unlink()
    return load_survey(copy, engine="duckdb")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "engine"),
    [*product(("cycling", "example"), ("pandas", "duckdb", "parquet")), ("whole", "pandas")],
)
def test_many_questions_at_once_are_compared_as_each_by_itself(name, engine, tmp_path, monkeypatch):
    folder = {"cycling": CYCLING, "example": ROOT / "data" / "example"}.get(name, ROOT / "data")
    if engine == "parquet":
        survey = of_parquet(folder, tmp_path)
    else:
        survey = load_survey(folder, engine=engine)
    asked = [q for q in survey.codebook.questions.values() if q.tabulates]
    for by in [*survey.codebook.dimensions][:2]:
        for rest in (False, True):
            options = {
                q.id: {"good": q.thirds["favourable"]} if rest else None
                for q in asked
                if not rest or q.thirds
            }
            with monkeypatch.context() as patched:
                if engine != "duckdb":  # what has no numbers of rows is counted one by one
                    patched.setattr(domains, "tabulate", None)
                at_once, whole = compare.all_questions(survey, options, by, rest=rest)
            alone = {}
            for question, combine in options.items():
                with suppress(InsightsError):  # of whom the dimension is not known
                    alone[question] = compare.groups(
                        survey, question, by, combine=combine, rest=rest
                    )
                    test = crosstabs.table(survey, question, by, combine=combine)
                    if len(alone[question]) > len(test):
                        got = [whole[question, row.item, row.time] for row in test.itertuples()]
                        wanted = test["p"].fillna(1.0)
                        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-300)
            there = {name: of for name, of in alone.items() if of["n"].any() or rest}
            if not there:
                assert at_once.empty
                continue
            together = pd.concat(there.values(), ignore_index=True)
            assert set(at_once["question"]) == set(there)
            kept = [column for column in at_once if column != "status"]
            pd.testing.assert_frame_equal(at_once[kept], together[kept], rtol=1e-10, atol=1e-14)


def test_empty_cells_leave_contrasts_dependent_where_they_close_a_cycle():
    """The rank of the contrasts in the cells that are not empty, by singular values."""
    rng = np.random.default_rng(5)
    seen = set()
    for _ in range(400):
        rows, columns = rng.integers(2, 6, 2)
        empty = rng.random((rows, columns)) < rng.choice([0.1, 0.3, 0.5])
        centred = [np.eye(k)[:, 1:] - 1 / k for k in (rows, columns)]
        contrasts = np.kron(*centred)[~empty.reshape(-1)]
        lacks = np.linalg.matrix_rank(contrasts) < (rows - 1) * (columns - 1)
        assert has_cycle(empty) == lacks
        seen.add(lacks)
    assert seen == {True, False}
