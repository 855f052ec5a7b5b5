"""Ordinal models against R's ordinal and survey (oracles/models.R), and what they refuse."""

from __future__ import annotations

import csv
import math

import numpy as np
import pandas as pd
import pytest

from helpers.errors import InsightsError
from helpers.estimation import models
from helpers.responses.survey import load_survey
from places import CYCLING, TESTS


def oracle():
    with open(TESTS / "oracles" / "models.csv", encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {(r["case"], r["term"], r["statistic"]): float(r["value"]) for r in rows}


R = oracle()


def respondents():
    """The table that models.R makes by the same formulas."""
    rows = []
    for i in range(400):
        age, sex = "abc"[(i * 7) % 3], "mf"[(i // 5) % 2]
        power = 1 + 0.3 * (age == "b") - 0.4 * (age == "c") + 0.2 * (sex == "f")
        u = (i * 0.6180339887498949) % 1
        y = "" if i % 17 == 3 else str(1 + math.floor(5 * u**power))
        rows.append(
            {
                "ref": str(i),
                "age": age,
                "sex": sex,
                "s": "s4" if i % 4 == 0 else f"s{i % 3 + 1}",
                "w": 1 + ((i * 7) % 11) / 4,
                "inside": "no" if i % 6 == 5 else "yes",
                "y": y,
            }
        )
    return pd.DataFrame(rows)


def survey_of(folder, table, design="weight: w, strata: s"):
    """Write a survey folder around a table and load it."""
    (folder / "codebook").mkdir(parents=True)
    (folder / "responses").mkdir()
    others = [c for c in ("w", "s") if f": {c}" not in design]
    keys = [*filter(None, [design]), f"other_columns: [{', '.join(others)}]"]
    (folder / "codebook" / "survey.yml").write_text(
        "title: Made\nprovenance: public\npopulations:\n"
        f"  people: {{{', '.join(['id: ref', *keys])}}}\n"
        "dimensions:\n  age: {bands: {a: A, b: B, c: C}, source: {people: age}}\n"
        "  sex: {bands: {m: Men, f: Women}, source: {people: sex}}\n"
    )
    (folder / "codebook" / "questions.csv").write_text(
        "id,population,kind,label,wording,option_set\n"
        "y,people,single,Agreement,Do you agree?,five\ninside,people,single,Inside,Inside?,yn\n"
        "size,people,number,Size,How large?,\n"
    )
    (folder / "codebook" / "options.csv").write_text(
        "set,code,label,order,score,missing\n"
        + "".join(f"five,{k},Answer {k},{k},{k},\n" for k in range(1, 6))
        + "five,9,Do not know,9,,dont_know\nyn,yes,Yes,1,,\nyn,no,No,2,,\n"
    )
    table.assign(size="").to_csv(folder / "responses" / "people.csv", index=False)
    return load_survey(folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    place = tmp_path_factory.mktemp("made")
    return {
        "plain": survey_of(place / "plain", respondents(), ""),
        "designed": survey_of(place / "designed", respondents()),
    }


def near(value):
    return pytest.approx(value, rel=1e-6, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["plain", "domain", "designed", "designed domain"])
def test_agrees_with_r(made, case):
    survey = made["designed" if "designed" in case else "plain"]
    where = {"inside": "yes"} if "domain" in case else None
    found = models.ordinal(survey, "y", ("age", "sex"), where=where, reference={"sex": "f"})
    table = found.coefficients.set_index(found.coefficients["term"] + found.coefficients["level"])
    names = {"ageb": "ageb", "agec": "agec", "sexm": "sexm"}
    names |= {f"cut{k}": f"threshold{k} | {k + 1}" for k in range(1, 5)}
    for theirs, ours in names.items():
        assert table.loc[ours, "estimate"] == near(R[case, theirs, "estimate"])
        assert table.loc[ours, "se"] == near(R[case, theirs, "se"])
        if (case, theirs, "svyolr") in R:  # svyolr's own optimiser stops at some 1e-5
            assert table.loc[ours, "estimate"] == pytest.approx(R[case, theirs, "svyolr"], abs=1e-4)
            assert table.loc[ours, "se"] == pytest.approx(R[case, theirs, "svyolr_se"], rel=1e-3)
    effects = found.effects[(found.effects["term"] == "age") & (found.effects["level"] == "c")]
    assert effects["option"].tolist() == list("12345")
    for row in effects.to_dict("records"):
        assert row["estimate"] == near(R[case, f"agec:{row['option']}", "effect"])
        assert row["se"] == near(R[case, f"agec:{row['option']}", "effect_se"])
    assert effects["estimate"].sum() == pytest.approx(0, abs=1e-12)
    assert found.pseudo_r2 == near(R[case, "", "mcfadden"])
    for row in found.parallel.to_dict("records"):
        assert (row["status"], row["df"]) == ("ok", R[case, row["term"], "brant_df"])
        assert row["statistic"] == near(R[case, row["term"], "brant"])


@pytest.mark.slow
def test_intervals_and_p_values_follow_from_estimates_and_errors(made):
    from scipy import stats

    for name, df in (("plain", math.inf), ("designed", 376 - 4 - 3)):
        table = models.ordinal(made[name].design(level=0.9), "y", ("age", "sex")).coefficients
        assert set(table["df"]) == {df}
        reach = stats.t.ppf(0.95, df) * table["se"]
        assert np.allclose(table["ci_low"], table["estimate"] - reach)
        assert np.allclose(table["ci_high"], table["estimate"] + reach)
        assert np.allclose(table["p"], 2 * stats.t.sf(abs(table["estimate"] / table["se"]), df))
        slopes = table[table["term"] != "threshold"]
        assert np.allclose(slopes["odds_ratio_high"], np.exp(slopes["ci_high"]))
        assert slopes["n"].tolist() == [125, 125, 189]


@pytest.mark.slow
def test_equal_weights_and_one_stratum_are_as_no_weights(made, tmp_path):
    equal = survey_of(tmp_path / "equal", respondents().assign(w=2.5), "weight: w")
    found, plain = (models.ordinal(s, "y", ("age", "sex")) for s in (equal, made["plain"]))
    pd.testing.assert_frame_equal(found.coefficients, plain.coefficients, rtol=1e-9)
    pd.testing.assert_frame_equal(found.effects, plain.effects, rtol=1e-8)


def test_those_left_out_are_counted_and_notes_say_what_was_done(made, tmp_path):
    table = respondents()
    table.loc[20:24, "age"] = ""
    table.loc[30:31, "y"] = "9"
    table = table[~table["y"].isin(["5"])]
    found = models.ordinal(survey_of(tmp_path / "gaps", table), "y", "age")
    missing = int((table["y"].isin(["", "9"])).sum())
    gaps = int((table["age"].eq("") & ~table["y"].isin(["", "9"])).sum())
    assert found.left_out == {
        "age not stated": gaps,
        "no answer on the scale": missing,
    }
    assert found.n == len(table) - missing - gaps
    assert any('"Answer 5": the scale is shorter' in note for note in found.notes)
    assert found.effects["option"].unique().tolist() == list("1234")
    assert "the share answering" in found.text and "points" in found.text
    assert found.coefficients.attrs["survey"].startswith("Made")


def test_a_grid_of_the_survey_in_the_repository():
    survey = load_survey(CYCLING)
    with pytest.raises(InsightsError, match="name one by item and time .*safe"):
        models.ordinal(survey, "agree", "age")
    found = models.ordinal(survey, "agree", "age", item="safe")
    assert found.n + sum(found.left_out.values()) == 240
    assert found.item == "safe" and set(found.effects["term"]) == {"age"}
    assert found.parallel["term"].tolist() == ["all", "age"]


MISTAKES = {
    "no such question": ({"question": "yy"}, 'no question "yy"'),
    "no scale": ({"question": "inside"}, "no scale of three or more points"),
    "a number": ({"question": "size"}, "no scale of three or more points"),
    "no such characteristic": ({"on": "region"}, 'no dimension or response column "region"'),
    "no characteristic": ({"on": ()}, "Name what to model on.*age, sex"),
    "the answer itself": ({"on": "y"}, "y is the answer itself"),
    "a number as groups": ({"on": "size"}, "so it cannot form groups"),
    "respondent type": ({"on": "respondent_type"}, "one respondent type only"),
    "no such band": ({"where": {"age": "d"}}, 'age has no "d"'),
    "nobody selected": ({"where": {"age": []}}, "nothing to model"),
    "a reference that is not there": ({"reference": {"age": "d"}}, 'age "d"'),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_reported(made, mistake):
    change, said = MISTAKES[mistake]
    with pytest.raises(InsightsError, match=said):
        models.ordinal(made["plain"], **{"question": "y", "on": "age", **change})


def test_respondents_with_zero_weight_contribute_nothing(tmp_path):
    table = respondents()
    table.loc[table["age"] == "b", "w"] = 0
    found = models.ordinal(survey_of(tmp_path / "t", table), "y", "age")
    assert found.coefficients["level"].iloc[0] == "c"
    assert found.left_out["weight of 0"] == 125


TABLES = {
    "one answer": (lambda t: t.assign(y="3"), 'everybody gave the answer "Answer 3"'),
    "no answer": (lambda t: t.assign(y=""), "nobody answered on the scale"),
    "one group": (lambda t: t.assign(age="a"), "all 376 respondents have age a"),
    "more than a thousand": (
        lambda t: pd.concat([t] * 3, ignore_index=True).assign(age="a", ref=range(3 * len(t))),
        "all 1,128 respondents have age a",
    ),
    "a small group": (
        lambda t: t[(t["age"] != "c") | (t["ref"].astype(int) < 20)], r"age c holds \d respondents",
    ),
    "one of a group": (
        lambda t: t[(t["age"] != "c") | (t.groupby("age").cumcount() == 0)],
        "age c holds 1 respondent, fewer",
    ),
    "few respondents": (lambda t: t.head(20), "2 slopes need 20"),
    "groups that coincide": (
        lambda t: t.assign(sex=t["age"].map({"a": "m", "b": "f", "c": "f"})).query("age != 'c'"),
        r"groups say the same as others together \(age b, sex f \(Women\)\)",
    ),
    "separation": (
        lambda t: t.assign(y=[("5" if a == "c" else y if y != "5" else "4") for a, y in
                              zip(t["age"], t["y"], strict=True)]),
        "no maximum.*separation",
    ),
    "quasi-complete separation": (
        lambda t: t.assign(y=[("5" if a == "c" else y) for a, y in
                              zip(t["age"], t["y"], strict=True)]),
        r"\(age c\).*no maximum",
    ),
}  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_a_model_without_enough_data_is_refused_with_the_reason(tmp_path, table):
    change, said = TABLES[table]
    survey = survey_of(tmp_path / "t", change(respondents()), "")
    with pytest.raises(InsightsError, match=f"This model cannot be fitted: .*{said}"):
        models.ordinal(survey, "y", ("age", "sex") if "coincide" in table else "age")


def test_all_reasons_are_given_at_once_and_the_limit_can_be_lowered(tmp_path):
    survey = survey_of(tmp_path / "t", respondents().head(24), "")
    with pytest.raises(InsightsError) as error:
        models.ordinal(survey, "y", ("age", "sex"), fewest=20)
    for said in (
        "age a holds",
        "age b holds",
        "age c holds",
        "sex m (Men) holds",
        "slopes need 60",
    ):
        assert said in str(error.value)
    found = models.ordinal(survey, "y", "sex", fewest=3)
    assert any("included on request" in note for note in found.notes)


def test_an_unbounded_likelihood_is_found_at_any_scale(tmp_path):
    # A strong effect is none: the two groups overlap in one respondent.
    table = respondents().head(60).assign(age=["a", "b"] * 30, y=["1", "5"] * 29 + ["5", "1"])
    found = models.ordinal(survey_of(tmp_path / "t", table, ""), "y", "age")
    assert found.coefficients["estimate"].iloc[0] == pytest.approx(2 * math.log(29), rel=1e-9)


def test_a_separating_cut_keeps_the_model_but_not_its_check(tmp_path):
    table = respondents()
    table.loc[(table["age"] == "a") & (table["y"] == "5"), "y"] = "4"
    found = models.ordinal(survey_of(tmp_path / "t", table, ""), "y", "age")
    assert np.isfinite(found.coefficients["se"]).all()
    assert set(found.parallel["status"]) == {"a cut of the scale separates the groups: no test"}


def test_two_answers_leave_a_binary_logit_and_nothing_to_check(tmp_path):
    table = respondents()
    table["y"] = table["y"].map({"": "", "1": "1", "2": "1", "3": "5", "4": "5", "5": "5"})
    found = models.ordinal(survey_of(tmp_path / "t", table, ""), "y", "age")
    counts = table[table["y"] != ""].groupby("age")["y"].apply(lambda y: (y == "5").mean())
    odds = counts / (1 - counts)
    assert found.coefficients["odds_ratio"].iloc[0] == pytest.approx(odds["b"] / odds["a"])
    assert found.effects["estimate"].iloc[1] == pytest.approx(counts["b"] - counts["a"])
    assert set(found.parallel["status"]) == {"two answers: nothing to check"}


def test_lonely_strata_are_refused_and_adjusted_on_request(tmp_path):
    table = respondents()
    table.loc[1, "s"] = "alone"
    survey = survey_of(tmp_path / "t", table)
    with pytest.raises(InsightsError, match="single respondent"):
        models.ordinal(survey, "y", "age")
    assert models.ordinal(survey.design(single_stratum="adjust"), "y", "age").n == 376
