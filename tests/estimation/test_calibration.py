"""Standard errors that allow for targets, against R (tests/oracles/calibration.R)."""

import csv
import shutil

import pytest

import helpers as h
from helpers.estimation import weights
from helpers.estimation.compare import differences, groups
from helpers.estimation.crosstabs import table
from helpers.estimation.domains import Groups, domains, of_all, of_groups, stacked
from helpers.estimation.estimates import proportion
from helpers.estimation.means import mean
from helpers.estimation.regression import regression
from helpers.estimation.totals import total
from helpers.estimation.variance import variance
from helpers.estimation.weights import with_fixed_weights
from helpers.responses.selection import Selection
from helpers.responses.weighting import ALLOWED, FIXED
from places import TESTS

AGES = {"young": 300, "middle": 500, "older": 190, "not_stated": 10}
PLACES = {"north": 300, "centre": 240, "south": 410, "island": 50}
MARGINS = {"age": AGES, "district": PLACES}
NAMED = {"age": ["young", "middle", "older"]}
CYCLING = TESTS / "surveys" / "cycling"
WAYS = {
    "raked": lambda survey: survey.rake(MARGINS),
    "raked from equal": lambda survey: survey.rake(MARGINS),
    "post-stratified": lambda survey: survey.post_stratify({"age": AGES}),
    "bounded": lambda survey: survey.rake(MARGINS, trim=(0.65, 1.35)),
}
EQUAL = ("raked from equal", "bounded")  # cases that start without weights and strata


@pytest.fixture(scope="module")
def equal(tmp_path_factory):
    """Folder of the same responses as a simple random sample."""
    folder = tmp_path_factory.mktemp("equal") / "cycling"
    shutil.copytree(CYCLING, folder)
    path = folder / "codebook" / "survey.yml"
    stated = path.read_text(encoding="utf-8")
    design = "weight: wt, strata: district, other_columns: [interviewer]"
    assert design in stated
    path.write_text(stated.replace(design, "other_columns: [interviewer, wt]"), encoding="utf-8")
    return folder


def expected(case):
    with open(TESTS / "oracles" / "calibration.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return {
        (row["statistic"], row["group"]): (float(row["estimate"]), float(row["se"]))
        for row in rows
        if row["case"] == case
    }


def statistics(survey):
    """Estimate and standard error (of a test: statistic and p) by statistic and group, as in R."""
    found = {}

    def keep(statistic, group, rows, names=("estimate", "se")):
        assert len(rows) == 1
        found[statistic, group] = tuple(rows.iloc[0][list(names)])

    for group in ("", *NAMED["age"]):
        where = {"age": group} if group else None
        keep("owns_yes", group, proportion(survey, "owns", where=where).query("option == 'yes'"))
        keep("safe", group, mean(survey, "agree", where=where).query("item == 'safe'"))
        keep("km", group, mean(survey, "distance", where=where))
    keep("total of owns_yes", "", total(survey, "owns").query("option == 'yes'"))
    pair = "option == 'yes' and group == 'young' and other == 'older'"
    keep("owns_yes of young less older", "", groups(survey, "owns", "age").query(pair))
    keep("owns by district", "F", table(survey, "owns", "district"), ("statistic", "p"))
    for name, question, group in (
        ("model", "owns", "older"),
        ("linear model", "distance", "young"),
    ):
        fit = regression(survey, question, "age", where=NAMED, reference={"age": "middle"})
        keep(name, group, fit.coefficients.query(f"level == '{group}'"))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
@pytest.mark.parametrize("case", WAYS)
def test_standard_errors_are_those_of_r(case, engine, equal):
    survey = h.load_survey(equal if case in EQUAL else CYCLING, engine=engine)
    known = expected(case)
    found = statistics(WAYS[case](survey))
    compared = [key for key in known if key in found]
    assert len(compared) == len(found) == 17
    for key in compared:
        assert found[key] == pytest.approx(known[key], rel=1e-6), key


@pytest.mark.parametrize("case", WAYS)
def test_the_share_of_a_target_has_no_error(case, equal):
    raked = WAYS[case](h.load_survey(equal if case in EQUAL else CYCLING))
    young = h.topline(raked, ["age"]).df.query("option == 'young'").iloc[0]
    ends = [young[name] for name in ("estimate", "ci_low", "ci_high")]
    assert young["se"] == 0 and ends == pytest.approx([300 / 990] * 3, rel=1e-8)


def test_banners_and_comparisons_show_the_same_errors():
    raked, known = WAYS["raked"](h.load_survey(CYCLING)), expected("raked")
    gaps = h.compare(raked, "owns", by="age").df
    gaps = gaps.query("option == 'yes' and group == 'young' and other == 'older'")
    assert gaps["se"].iloc[0] == pytest.approx(known["owns_yes of young less older", ""][1])


def test_trimmed_and_chosen_weights_are_fixed(equal):
    raked = WAYS["raked"](h.load_survey(CYCLING))
    assert ALLOWED in raked.notes[-1] and FIXED not in raked.notes[-1]
    assert ALLOWED in raked.intervals_note("residents")
    plain = with_fixed_weights(raked)
    assert FIXED in plain.intervals_note("residents")
    wide, narrow = (proportion(survey, "owns", "district")["se"] for survey in (plain, raked))
    assert (wide > narrow).all()
    again = raked.rake({"age": AGES})
    assert FIXED in again.notes[-2] and ALLOWED in again.notes[-1]
    trimmed = raked.trim(0.3, 3)
    assert FIXED in trimmed.intervals_note("residents")
    same = [proportion(s, "owns")["se"].tolist() for s in (trimmed, with_fixed_weights(trimmed))]
    assert same[0] == same[1]


@pytest.mark.slow
def test_many_questions_counted_at_once_have_the_same_sums():
    raked = WAYS["raked"](h.load_survey(CYCLING))
    asked = [raked.question(name) for name in ("owns", "agree", "helmet")]
    groups, everybody = Groups("age", NAMED["age"]), Selection()
    for question, found in of_all(raked, asked, everybody, groups):
        alone = of_groups(raked, question, question.cells, everybody, groups)
        assert len(found.design.cells) > 4, "cells of the weights, not strata"
        assert found.sums == pytest.approx(alone.sums, rel=1e-12)
        assert (found.nu, found.designed) == (alone.nu, alone.designed)


def test_two_samples_side_by_side_keep_their_margins():
    raked = WAYS["raked"](h.load_survey(CYCLING))
    asked, everybody = raked.question("owns"), Groups(None, ("",))
    one, fixed = (
        domains(of_groups(survey, asked, asked.cells, Selection(), everybody), [[0]])
        for survey in (raked, with_fixed_weights(raked))
    )
    for other in (one, fixed):
        gap = differences(stacked(one, other), [(0, 1)])["se"].item()
        own = [variance_of_share(side) for side in (one, other)]
        assert gap == pytest.approx(sum(own) ** 0.5, rel=1e-10)
    assert own[0] < own[1]


def variance_of_share(side):
    share = side.part[1].sum(axis=-1) / side.base[1].sum(axis=-1)[..., None]
    linear = side.part[1] - share[..., None] * side.base[1][:, :, None]
    squares = side.part[2] * (1 - 2 * share[..., None]) + share[..., None] ** 2 * side.base[2]
    return (variance(squares, linear, side.design) / side.base[1].sum() ** 2).item()


def test_margins_that_are_not_met_and_too_many_cells_leave_weights_fixed(monkeypatch):
    survey = h.load_survey(CYCLING).design(weight=1)
    unmet = survey.rake(MARGINS, trim=(0.99, 1.01), unconverged="report")
    assert "did NOT converge" in unmet.notes[-1] and FIXED in unmet.notes[-1]
    assert ALLOWED in survey.rake(MARGINS).notes[-1]
    monkeypatch.setattr(weights, "MOST_CELLS", 5)
    assert FIXED in survey.rake(MARGINS).notes[-1]


def test_of_who_did_not_state_a_margin_nothing_is_known():
    survey = h.load_survey(CYCLING).design(weight=1)
    stated = {"young": 0.3, "middle": 0.5, "older": 0.2}
    raked = survey.derive(stated=h.recipes.first({"no": "age == 'not_stated'"}, other="yes"))
    before, after = (
        h.topline(one, ["stated"]).df.query("option == 'no'")["se"].item()
        for one in (raked, raked.rake({"age": stated}))
    )
    assert after == pytest.approx(before, rel=0.05)
    of_target = h.topline(raked.rake({"age": stated}), ["age"]).df["se"]
    assert of_target.max() < 1e-9


def test_codes_of_a_raked_survey_can_be_read_again():
    survey = h.load_survey(CYCLING)
    again = survey.with_responses(WAYS["raked"](survey).codes)
    assert len(again.df()) == len(survey.df())
