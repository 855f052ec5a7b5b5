"""Change within respondents against R (tests/oracles/change.R), quoted tables and hand work."""

import csv

import numpy as np
import pytest

from helpers.errors import InsightsError
from helpers.estimation import change, paired_tables, paired_tests
from helpers.estimation.paired_tables import ChangeStatus
from helpers.responses.survey import load_survey
from places import TESTS


def _oracle():
    found = {}
    with open(TESTS / "oracles" / "change.csv", encoding="utf-8") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            name = row["name"].split(".")[0]  # R adds the name of a statistic to its own
            found.setdefault(row["case"], {})[name] = float(row["value"])
    return found


R = _oracle()


def near(value):
    return pytest.approx(value, rel=1e-8, abs=1e-12)


# --- surveys ----------------------------------------------------------------------------------

QUESTIONS = """id,population,kind,option_set,times,asked_if
owner,people,single,yn,,
use,people,time_grid,often,then now later,
mind,people,time_grid,scale,then now,
way,people,time_grid,ways,then now,owner = yes
"""
ITEMS = "question,item\nuse,a\nuse,b\nuse,c\nmind,x\nway,y\n"
OPTIONS = """set,code,score,missing
yn,yes,,
yn,no,,
often,yes,1,
often,no,0,
scale,1,1,
scale,2,2,
scale,3,3,
scale,4,4,
scale,5,5,
scale,8,,dont_know
ways,none,,
ways,some,,
ways,all,,
"""
COLUMNS = (
    ["id", "side", "owner"]
    + [f"use.{i}.{t}" for i in "abc" for t in ("then", "now", "later")]
    + ["mind.x.then", "mind.x.now", "way.y.then", "way.y.now"]
)


def build(folder, records, people="{id: id}"):
    """Write a survey folder of which each record gives only the columns it fills."""
    (folder / "codebook").mkdir(exist_ok=True)
    (folder / "responses").mkdir(exist_ok=True)
    dimension = "{side: {label: Side, bands: {even: Even, odd: Odd}, source: {people: side}}}"
    extra = [c for c in ("wt", "area") if c in people]
    (folder / "codebook" / "survey.yml").write_text(
        f"title: T\nprovenance: illustrative\npopulations: {{people: {people}}}\n"
        f"times: {{then: Then, now: Now, later: Later}}\ndimensions: {dimension}\n"
    )
    for name, text in (("questions", QUESTIONS), ("items", ITEMS), ("options", OPTIONS)):
        (folder / "codebook" / f"{name}.csv").write_text(text)
    with open(folder / "responses" / "people.csv", "w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, [*COLUMNS, *extra], restval="")
        out.writeheader()
        for n, record in enumerate(records):
            out.writerow({"id": n, "side": "even", "owner": "yes", **record})
    return load_survey(folder)


def twice(kept=0, gained=0, lost=0, never=0, item="a"):
    """Records of respondents who answered an item of `use` then and now."""
    pairs = [("yes", "yes")] * kept + [("no", "yes")] * gained
    pairs += [("yes", "no")] * lost + [("no", "no")] * never
    return [{f"use.{item}.then": a, f"use.{item}.now": b} for a, b in pairs]


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    """The 150 respondents of change.R, by the same formula."""
    i = np.arange(1, 151)

    def u(a, b):
        return ((i * i * a + i * b) % 1009) / 1009

    then = {"a": u(7, 3) < 0.4, "b": u(13, 8) < 0.3, "c": u(19, 4) < 0.5}
    now = {"a": then["a"] ^ (u(11, 5) < 0.1), "b": then["b"] ^ (u(17, 2) < 0.5), "c": then["c"]}
    later = {"a": now["a"] ^ (u(23, 6) < 0.2), "b": now["b"] ^ (u(29, 9) < 0.2)}
    later["c"] = now["c"] ^ (u(31, 7) < 0.3)
    gone = {"then": u(37, 1) < 0.08, "now": u(41, 12) < 0.06, "later": u(1, 1) < 0}
    mind1 = 1 + np.floor(5 * u(43, 10))
    mind2 = np.clip(mind1 + np.floor(4 * u(47, 14)) - 1, 1, 5)
    lost1, lost2 = u(53, 15) < 0.1, u(59, 16) < 0.1
    way1, way2 = np.floor(3 * u(61, 18)), np.floor(3 * u(67, 20))
    unasked = u(71, 21) < 0.3
    ways, records = ("none", "some", "all"), []
    for n in range(150):
        record = {"side": "odd" if n % 2 == 0 else "even"}
        record["owner"] = "no" if unasked[n] else "yes"
        for time, answers in (("then", then), ("now", now), ("later", later)):
            for item in "abc":
                if not gone[time][n]:
                    record[f"use.{item}.{time}"] = "yes" if answers[item][n] else "no"
        blank = ("", "8")[n % 2]  # left, or "don't know"
        record["mind.x.then"] = blank if lost1[n] else str(int(mind1[n]))
        record["mind.x.now"] = blank if lost2[n] else str(int(mind2[n]))
        if not unasked[n]:
            record["way.y.then"], record["way.y.now"] = ways[int(way1[n])], ways[int(way2[n])]
        records.append(record)
    return build(tmp_path_factory.mktemp("panel"), records)


@pytest.fixture(scope="module")
def cycling():
    return load_survey(TESTS / "surveys" / "cycling")


# --- intervals and tests of tables ------------------------------------------------------------

# Newcombe (1998), Statistics in Medicine 17, 2635-2650, Table III, method 10: both, first only,
# second only, neither; interval of first minus second. The paper was not at hand: these are the
# printed values as two independent public test suites carry them; both agree.
TABLE_III = [
    (36, 12, 2, 0, 0.0569, 0.3404),
    (20, 12, 2, 16, 0.0562, 0.3292),
    (18, 12, 2, 18, 0.0562, 0.3290),
    (36, 14, 0, 0, 0.1528, 0.4167),
    (35, 14, 0, 1, 0.1461, 0.4175),
    (18, 14, 0, 18, 0.1441, 0.3963),
    (2, 97, 1, 0, 0.8721, 0.9854),
    (1, 97, 1, 1, 0.8737, 0.9850),  # quoted as 0.8736; the formula gives 0.873672 in R, too
    (0, 29, 1, 0, 0.6666, 0.9882),
    (2, 98, 0, 0, 0.9178, 0.9945),
    (1, 98, 0, 1, 0.9171, 0.9916),
    (0, 30, 0, 0, 0.8395, 1.0000),
    (54, 0, 0, 0, -0.0664, 0.0664),
    (53, 0, 0, 1, -0.0729, 0.0729),
    (30, 0, 0, 24, -0.0358, 0.0358),
    (29, 0, 0, 25, -0.0354, 0.0354),
    (28, 0, 0, 26, -0.0352, 0.0352),
    (27, 0, 0, 27, -0.0351, 0.0351),
]


@pytest.mark.parametrize("row", TABLE_III, ids=str)
def test_paired_interval_against_newcombes_table(row):
    *cells, low, high = row
    found = paired_tests.newcombe_paired(*cells)
    assert (round(found[0], 4), round(found[1], 4)) == (low, high)
    # Times exchanged, the interval changes its sign.
    kept, gained, lost, never = cells
    swapped = paired_tests.newcombe_paired(kept, lost, gained, never)
    assert swapped == pytest.approx((-found[1], -found[0]), abs=1e-14)


FOURFOLD = [c for c in R if c.startswith("fourfold")]


@pytest.mark.parametrize("case", FOURFOLD)
def test_two_options_against_r(case):
    kept, gained, lost, never = (int(x) for x in case.split()[1:])
    expected = R[case]
    found = paired_tests.newcombe_paired(kept, gained, lost, never)
    assert found == (near(expected["low"]), near(expected["high"]))
    test = paired_tests.mcnemar_test(gained, lost)
    plain = paired_tests.mcnemar_test(gained, lost, correction=False)
    if gained + lost < 25:
        assert test["test"] == plain["test"] == "McNemar, exact"
        assert test["p"] == plain["p"] == near(expected["exact"])
        assert test["statistic"] == min(gained, lost)
    else:
        assert test["test"] == "McNemar, chi-square, continuity corrected"
        assert plain["test"] == "McNemar, chi-square"
        assert test["statistic"] == near(expected["corrected"])
        assert test["p"] == near(expected["corrected_p"])
        assert plain["statistic"] == near(expected["plain"])
        assert plain["p"] == near(expected["plain_p"])


def test_the_exact_test_is_used_up_to_its_stated_limit():
    assert paired_tests.mcnemar_test(4, 20)["test"] == "McNemar, exact"
    assert "chi-square" in paired_tests.mcnemar_test(4, 21)["test"]
    # Equal counts: nothing to correct, as in R (statsmodels would give 1/30, p = 0.855).
    assert paired_tests.mcnemar_test(15, 15)["statistic"] == 0
    assert paired_tests.mcnemar_test(15, 15)["p"] == 1


def _squares():
    full3 = np.array([[20, 10, 5], [3, 30, 15], [0, 5, 40]], dtype=float)
    full4 = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]
    idle = np.zeros((4, 4))
    idle[:3, :3], idle[3, 3] = full3, 7
    apart = np.zeros((5, 5))
    apart[:3, :3], apart[3:, 3:] = full3, [[9, 11], [4, 7]]
    small = [[2, 3, 1], [0, 4, 5], [1, 1, 0]]
    return {
        "full3": full3,
        "full4": np.array(full4, dtype=float),
        "small": np.array(small, dtype=float),
        "idle": idle,
        "apart": apart,
    }


@pytest.mark.parametrize("name", _squares())
def test_more_options_against_r(name):
    square, expected = _squares()[name], R[f"square {name}"]
    before = square.copy()
    same, symmetric = paired_tests.stuart_maxwell(square), paired_tests.bowker(square)
    for test, key in ((same, "stuart"), (symmetric, "bowker")):
        assert test["statistic"] == near(expected[key])
        assert test["test_df"] == expected[f"{key}_df"]
        assert test["p"] == near(expected[f"{key}_p"])
    assert (square == before).all()


RANKS = {
    "ties": [1, 1, 2, -1, 3, 1, 2, 0, 0, -2, 1, 1],
    "onestep": [1, 1, 1, -1, 1, 0, 1, 1],
    "even": [1, -1, 2, -2, 0],
    "untied": [1, -2, 3, 4, -5, 6, 7, 8, 9, 10],
}


@pytest.mark.parametrize("name", RANKS)
def test_signed_ranks_against_r(name):
    # All start at score 0 of the scale -10 to 10.
    square = np.zeros((21, 21))
    for step in RANKS[name]:
        square[10, 10 + step] += 1
    found = paired_tests.signed_rank(square, np.arange(-10, 11.0))
    assert found["test"] == "Wilcoxon signed rank, exact given the ties"
    assert found["statistic"] == near(R[f"ranks {name}"]["statistic"])
    assert found["p"] == near(R[f"ranks {name}"]["p"])


def test_one_step_moves_only_make_the_signed_rank_test_mcnemars():
    square = np.array([[4.0, 9, 0], [2, 5, 6], [0, 1, 3]])
    found = paired_tests.signed_rank(square, np.array([1.0, 2, 3]))
    assert found["p"] == pytest.approx(paired_tests.mcnemar_test(15, 3)["p"], rel=1e-12)


# --- the panel --------------------------------------------------------------------------------


@pytest.mark.parametrize("item", ["a", "b"])
@pytest.mark.parametrize("side", ["all", "even", "odd"])
def test_two_option_items_of_a_time_grid_against_r(panel, item, side):
    by = () if side == "all" else "side"
    found = change.paired(panel, "use", "then", "now", by=by)
    found = found[(found["item"] == item) & (found["side"] == side if by else True)]
    assert len(found) == 1
    row, expected = found.iloc[0], R[f"panel {item} {side}"]
    assert (row["measure"], row["option"], row["time"]) == ("share", "yes", "then to now")
    assert (row["first"], row["last"]) == (f"use.{item}.then", f"use.{item}.now")
    for name in ("up", "down", "kept", "never"):
        assert row[name] == expected[name]
    assert (row["gained"], row["lost"]) == (row["up"], row["down"])
    assert row["same"] == row["kept"] + row["never"]
    assert row["n"] == row["answered_both"] == row["up"] + row["same"] + row["down"]
    assert (row["answered_one"], row["answered_neither"]) == (expected["one"], expected["neither"])
    assert row["not_asked"] == 0
    for name, value in (("ci_low", "low"), ("ci_high", "high"), ("se", "se"), ("deff", "deff")):
        assert row[name] == near(expected[value])
    assert row["estimate"] == near(expected["estimate"])
    assert row["p"] == near(expected["p"])
    assert row["status"] == "ok"


def test_an_item_that_nobody_changed_has_an_interval_and_no_test(panel):
    row = change.paired(panel, "use", "then", "now").set_index("item").loc["c"]
    assert row["status"] == ChangeStatus.NO_CHANGE
    assert (row["estimate"], row["se"]) == (0, 0)
    assert row["ci_low"] < 0 < row["ci_high"]
    assert np.isnan(row["p"]) and np.isnan(row["p_adjusted"])


@pytest.mark.parametrize("side", ["all", "even", "odd"])
def test_scales_against_r(panel, side):
    where = None if side == "all" else {"side": side}
    expected = R[f"panel mind {side}"]
    row = change.paired(panel, "mind", "then", "now", where=where).iloc[0]
    assert row["measure"] == "mean score" and row["option"] == ""
    for name in ("up", "same", "down", "df"):
        assert row[name] == expected[name]
    assert row[["gained", "kept", "lost", "never"]].isna().all()
    names = {"ci_low": "low", "ci_high": "high"}
    for name in ("estimate", "se", "deff", "statistic", "p", "ci_low", "ci_high"):
        assert row[name] == near(expected[names.get(name, name)])
    assert row["test"].startswith("Wilcoxon signed rank, normal")
    tests = change.item_tests(panel, "mind", "then", "now", where=where).set_index("test")
    assert [t.split(",")[0] for t in tests.index] == [
        "Stuart-Maxwell",
        "Bowker",
        "Wilcoxon signed rank",
    ]
    assert tests.iloc[0]["statistic"] == near(expected["stuart"])
    assert tests.iloc[0]["p"] == near(expected["stuart_p"])
    assert tests.iloc[2]["p"] == near(expected["p"])


def test_dont_know_is_missing_and_all_respondents_are_counted(panel):
    frame = panel.frames["people"]
    answered = frame[["mind.x.then", "mind.x.now"]].isin(list("12345")).sum(axis=1)
    row = change.paired(panel, "mind", "then", "now").iloc[0]
    assert row["answered_both"] == (answered == 2).sum()
    assert row["answered_one"] == (answered == 1).sum() > 0
    assert row["answered_neither"] == (answered == 0).sum() > 0
    assert row[list(paired_tables.ANSWERED)].sum() == 150


def test_each_unordered_option_has_a_row(panel):
    found = change.paired(panel, "way", "then", "now")
    assert found["option"].tolist() == ["none", "some", "all"]
    assert found["p"].tolist() == [near(R["panel way p"][o]) for o in found["option"]]
    adjusted = [near(R["panel way adjusted"][o]) for o in found["option"]]
    assert found["p_adjusted"].tolist() == adjusted
    assert set(found["family"]) == {3}
    assert found["estimate"].sum() == pytest.approx(0, abs=1e-12)
    assert set(found["n"]) == {102} and set(found["not_asked"]) == {48}
    raw = change.paired(panel, "way", "then", "now", adjust=False)
    assert raw["p_adjusted"].tolist() == raw["p"].tolist() and set(raw["family"]) == {1}
    tests = change.item_tests(panel, "way", "then", "now")
    for n, key in enumerate(("stuart", "bowker")):
        assert tests.iloc[n]["statistic"] == near(R["panel way"][key])
        assert tests.iloc[n]["test_df"] == R["panel way"][f"{key}_df"]
        assert tests.iloc[n]["p"] == near(R["panel way"][f"{key}_p"])


def test_options_taken_together_are_a_two_option_item(panel):
    two = change.paired(panel, "mind", "then", "now", combine={"high": ["4", "5"]}).iloc[0]
    frame = panel.frames["people"]
    pairs = frame[frame[["mind.x.then", "mind.x.now"]].isin(list("12345")).all(axis=1)]
    then, now = pairs["mind.x.then"].isin(["4", "5"]), pairs["mind.x.now"].isin(["4", "5"])
    assert (two["option"], two["measure"]) == ("high", "share")
    assert two["gained"] == (~then & now).sum() and two["lost"] == (then & ~now).sum()
    assert two["estimate"] == near(now.mean() - then.mean())


@pytest.mark.parametrize("item", ["a", "b", "c"])
def test_cochrans_q_against_r(panel, item):
    row = change.cochran_q(panel, "use").set_index("item").loc[item]
    expected = R[f"cochran {item}"]
    assert row["n"] == expected["n"] and row["test_df"] == 2
    assert row["statistic"] == near(expected["statistic"])
    assert row["p"] == near(expected["p"])
    assert row["family"] == 3
    assert row["n"] + row["answered_some"] + row["answered_none"] + row["not_asked"] == 150


# --- weights and strata -----------------------------------------------------------------------

CYCLING = {
    "views": ("agree.lanes", "agree.safe", None),
    "agree": ("agree.lanes", "agree.safe", {"agree": ["4", "5"]}),
    "barriers": ("barriers.hills", "barriers.weather", None),
}


@pytest.mark.parametrize("case", CYCLING)
@pytest.mark.parametrize("age", ["all", "young", "middle", "older"])
def test_weighted_differences_against_r_survey(cycling, case, age):
    a, b, combine = CYCLING[case]
    by = () if age == "all" else "age"
    found = change.paired_columns(cycling, "residents", a, b, by=by, combine=combine)
    row = (found if age == "all" else found[found["age"] == age]).iloc[0]
    expected = R[f"{case} {age}"]
    names = {"ci_low": "low", "ci_high": "high"}
    for name in ("n", "estimate", "se", "deff", "df", "ci_low", "ci_high", "statistic", "p"):
        assert row[name] == near(expected[names.get(name, name)]), name
    assert (row["test"], row["interval"]) == ("t, design-based", "t, linearised")
    assert row["status"] == "ok"


SIZES = {"north": 900, "centre": 400, "south": 700, "island": 60}


@pytest.mark.parametrize("case", CYCLING)
def test_population_sizes_shrink_the_error_as_in_r_survey(cycling, case):
    a, b, combine = CYCLING[case]
    survey = cycling.design(population_size=SIZES, level=0.9)
    row = change.paired_columns(survey, "residents", a, b, combine=combine).iloc[0]
    for name, value in R[f"{case} sizes"].items():
        assert row[{"low": "ci_low", "high": "ci_high"}.get(name, name)] == near(value), name


def test_a_census_has_no_sampling_error(panel):
    row = change.paired(panel.design(population_size=150), "use", "then", "now").iloc[1]
    assert row["status"] == ChangeStatus.CENSUS
    assert row["ci_low"] == row["estimate"] == row["ci_high"] and np.isnan(row["p"])


WEIGHTED = "{id: id, weight: wt, strata: area}"


def _weighted(records):
    for n, record in enumerate(records):
        record |= {"wt": 1 + n % 3, "area": "north" if n % 2 else "south"}
    return records


def test_weights_are_never_ignored(tmp_path):
    survey = build(tmp_path, _weighted(twice(5, 7, 2, 6)), WEIGHTED)
    row = change.paired(survey, "use", "then", "now").iloc[0]
    w = np.array([1 + n % 3 for n in range(20)])
    assert row["estimate"] == near((w[5:12].sum() - w[12:14].sum()) / w.sum())
    assert row["test"] == "t, design-based"
    tests = change.item_tests(survey, "use", "then", "now").iloc[0]
    assert tests["status"] == ChangeStatus.DESIGN and np.isnan(tests["p"])


def test_cochrans_q_refuses_a_design(tmp_path):
    times = ("use.a.then", "use.a.now", "use.a.later")
    answers = [("yes", "no", "yes"), ("no", "no", "yes")] * 6
    records = [dict(zip(times, row, strict=True)) for row in answers]
    survey = build(tmp_path, _weighted(records), WEIGHTED)
    row = change.cochran_q(survey, "use").iloc[0]
    assert row["n"] == 12
    assert row["status"] == ChangeStatus.DESIGN and np.isnan(row["statistic"])


def test_weighted_and_nobody_or_everybody_changed(tmp_path):
    survey = build(tmp_path, _weighted(twice(8, 0, 0, 8)), WEIGHTED)
    row = change.paired(survey, "use", "then", "now").iloc[0]
    assert row["status"] == ChangeStatus.NO_CHANGE
    w = np.array([1 + n % 3 for n in range(16)])
    kish = w.sum() ** 2 / (w**2).sum()
    yes = w[:8].sum() / w.sum() * kish
    assert row["n_effective"] == near(kish)
    ends = paired_tests.newcombe_paired(yes, 0, 0, kish - yes)
    assert (row["ci_low"], row["ci_high"]) == (near(ends[0]), near(ends[1]))
    survey = build(tmp_path, _weighted(twice(gained=16)), WEIGHTED)
    row = change.paired(survey, "use", "then", "now").iloc[0]
    assert (row["estimate"], row["status"]) == (1, ChangeStatus.ALIKE)
    assert row["ci_low"] < row["ci_high"] == 1 and np.isnan(row["p"])


def test_a_stratum_of_one_is_an_error_unless_adjusted(tmp_path):
    records = _weighted(twice(5, 7, 2, 6))
    records[0]["area"] = "island"
    survey = build(tmp_path, records, WEIGHTED)
    with pytest.raises(InsightsError, match="stratum holds a single respondent"):
        change.paired(survey, "use", "then", "now")
    adjusted = change.paired(survey.design(single_stratum="adjust"), "use", "then", "now")
    assert adjusted.iloc[0]["se"] > 0


def test_zero_weights_have_a_status(tmp_path):
    records = _weighted(twice(2, 2, 2, 2))
    for record in records:
        record["wt"] = 0
    records += _weighted([{"owner": "no"}] * 1 + [{"owner": "yes"}])
    survey = build(tmp_path, records, WEIGHTED)
    row = change.paired(survey, "use", "then", "now").iloc[0]
    assert row["status"] == ChangeStatus.NO_WEIGHT and np.isnan(row["estimate"])


# --- degenerate input -------------------------------------------------------------------------


def _first(survey, **more):
    return change.paired(survey, "use", "then", "now", **more).iloc[0]


def test_nobody_answered_both(tmp_path):
    survey = build(tmp_path, [{"use.a.then": "yes"}, {"use.a.now": "no"}, {}])
    row = _first(survey)
    assert row["status"] == ChangeStatus.NO_PAIRS and np.isnan(row["estimate"])
    assert row[list(paired_tables.ANSWERED)].tolist() == [0, 2, 1, 0]
    tests = change.item_tests(survey, "use", "then", "now").iloc[0]
    assert (tests["status"], tests["n"]) == (ChangeStatus.NO_PAIRS, 0)
    assert change.cochran_q(survey, "use").iloc[0]["status"] == ChangeStatus.NO_PAIRS


def test_one_pair_and_few_pairs(tmp_path):
    row = _first(build(tmp_path, twice(gained=1)))
    assert row["status"] == ChangeStatus.NO_VARIANCE and np.isnan(row["se"])
    assert (row["ci_low"], row["ci_high"]) == paired_tests.newcombe_paired(0, 1, 0, 0)
    row = _first(build(tmp_path, twice(3, 4, 1, 1)))
    assert row["status"] == ChangeStatus.FEW_PAIRS
    # Five discordant pairs, one of them down: 2 * (1 + 5) / 2^5.
    assert row["p"] == pytest.approx(12 / 32, rel=1e-12)
    assert _first(build(tmp_path, twice(3, 4, 1, 2)))["status"] == "ok"


def test_everybody_changed_alike(tmp_path):
    row = _first(build(tmp_path, twice(gained=12)))
    assert row["status"] == "ok" and row["estimate"] == 1
    assert row["p"] == pytest.approx(2 / 2**12, rel=1e-12)
    scale = [{"mind.x.then": "2", "mind.x.now": "3"}] * 12
    survey = build(tmp_path, [dict(r) for r in scale])
    row = change.paired(survey, "mind", "then", "now").iloc[0]
    assert row["status"] == ChangeStatus.ALIKE and row["estimate"] == 1
    assert np.isnan(row["ci_low"]) and row["p"] == pytest.approx(2 / 2**12, rel=1e-12)


def test_empty_groups_and_selections(panel):
    found = change.paired(panel, "use", "then", "now", by="side", where={"side": "odd"})
    empty = found[found["side"] == "even"]
    assert set(empty["status"]) == {ChangeStatus.NO_PAIRS} and (empty["n"] == 0).all()
    nobody = change.paired(panel, "use", "then", "now", where={"side": []})
    assert set(nobody["status"]) == {ChangeStatus.NO_PAIRS}
    others = change.paired(panel, "way", "then", "now", where={"owner": "no"})
    assert set(others["status"]) == {ChangeStatus.NOT_ASKED}
    assert set(others["not_asked"]) == {48}
    elsewhere = change.cochran_q(panel, "use", where={"respondent_type": []})
    assert set(elsewhere["status"]) == {ChangeStatus.NOT_ASKED}
    elsewhere = change.paired(panel, "use", "then", "now", where={"respondent_type": []})
    assert set(elsewhere["status"]) == {ChangeStatus.NOT_ASKED} and (elsewhere["n"] == 0).all()


def test_respondent_type_is_a_group_like_any_other(panel):
    found = change.paired(panel, "way", "then", "now", by="respondent_type")
    assert set(found["respondent_type"]) == {"people"} and set(found["n"]) == {102}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda s: change.paired(s, "us", "then", "now"), 'Did you mean "use"?'),
        (lambda s: change.paired(s, "owner", "then", "now"), "Questions that were: use, mind, way"),
        (lambda s: change.paired(s, "use", "then", "noww"), 'Did you mean "now"?'),
        (lambda s: change.paired(s, "use", "now", "now"), "not all different"),
        (lambda s: change.paired(s, "use", "then", "now", by="sid"), 'Did you mean "side"?'),
        (lambda s: change.paired(s, "use", "then", "now", where={"side": "od"}), 'no "od"'),
        (
            lambda s: change.paired(s, "mind", "then", "now", combine={"x": ["6"]}),
            'no option "6"',
        ),
        (lambda s: change.cochran_q(s, "use", ["then", "now"]), "three or more times"),
        (lambda s: change.cochran_q(s, "mind"), "three or more times"),
        (lambda s: change.paired_columns(s, "folk", "a", "b"), 'no population "folk"'),
        (lambda s: change.paired_columns(s, "people", "use.a.then", "use.z.now"), "use.a.now"),
        (
            lambda s: change.paired_columns(s, "people", "use.a.then", "mind.x.now"),
            "cannot be paired",
        ),
    ],
)
def test_mistakes_list_the_valid_names(panel, call, said):
    with pytest.raises(InsightsError) as error:
        call(panel)
    assert said in str(error.value)


def test_two_columns_are_a_pair_like_two_times(panel):
    pair = change.paired_columns(panel, "people", "use.b.then", "use.b.now").iloc[0]
    item = change.paired(panel, "use", "then", "now").set_index("item").loc["b"]
    for name in ("estimate", "ci_low", "ci_high", "p", "n", "up", "down", "answered_one"):
        assert pair[name] == item[name]
    assert pair["time"] == "" and pair["last"] == "use.b.now"
