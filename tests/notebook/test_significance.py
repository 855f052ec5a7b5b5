"""Tests for reading: the numbers of the estimates, in labels and in words that are true."""

import shutil

import pandas as pd
import pytest
from scipy.stats import binomtest

from helpers.estimation import compare
from helpers.notebook import crossing, significance
from helpers.present import wording
from helpers.present.results import percent
from helpers.responses.survey import load_survey

NOTHING = "says nothing about the world"


@pytest.fixture
def twelve(tmp_path):
    """Ten pairs: 7 took it up, 1 gave it up, 1 kept it, 1 never; two more lack an answer."""
    pairs = [("n", "y")] * 7 + [("y", "n"), ("y", "y"), ("n", "n"), ("", "y"), ("n", "")]
    (tmp_path / "codebook").mkdir()
    (tmp_path / "responses").mkdir()
    (tmp_path / "codebook/survey.yml").write_text(
        "title: T\nprovenance: public\npopulations: {p: {id: id}}\ntimes: {then: T, now: N}\n"
        "dimensions: {g: {label: G, bands: {a: A, b: B}, source: {p: g}}}\n"
    )
    (tmp_path / "codebook/questions.csv").write_text(
        "id,population,kind,label,option_set,times\nq,p,time_grid,Q,yn,then now\n"
    )
    (tmp_path / "codebook/items.csv").write_text('question,item,label\nq,i,"<b>Item</b> & co"\n')
    (tmp_path / "codebook/options.csv").write_text("set,code,label,score\nyn,y,Y,1\nyn,n,N,0\n")
    frame = pd.DataFrame(pairs, columns=["q.i.then", "q.i.now"])
    frame["id"], frame["g"] = range(12), ["a", "b"] * 6
    frame.to_csv(tmp_path / "responses/p.csv", index=False)
    return load_survey(tmp_path)


def test_change_by_hand(twelve):
    shown = significance.changes(twelve, "q", "then", "now")
    table = shown.data.set_index("Answer")
    row = table.loc["Y"]
    assert row[["Took it up", "Gave it up", "Kept it", "Never"]].tolist() == [7, 1, 1, 1]
    assert row["p"] == f"{binomtest(1, 8).pvalue:.3f}"  # McNemar's exact test: 1 of 8 against
    assert row["Difference in points"].startswith("+60 (")  # (7 - 1) / 10
    words = significance.changes_in_words(twelve, "q", "then", "now").data
    assert words.startswith("In the answers, of 1 change tested none is")
    assert NOTHING not in words


def test_markup_in_labels_stays_text():
    survey = load_survey("tests/surveys/cycling")
    page = significance.differences(survey, "barriers", "age").to_html()
    assert "&lt;b&gt;" in page and "<b>and" not in page


def test_markup_in_labels_stays_text_in_sentences(tmp_path):
    shutil.copytree("data/example", tmp_path / "s")
    options = tmp_path / "s" / "codebook" / "options.csv"
    evil = "<img src=x onerror=alert(1)> [a](javascript:b) *c*"
    options.write_text(options.read_text().replace("Every week", evil))
    survey = load_survey(tmp_path / "s")
    words = wording.shares_in_words(survey, "visits")
    assert "&lt;img src=x onerror=alert(1)&gt; \\[a\\](javascript:b) \\*c\\*" in words
    assert "<img" not in words


def test_differences_are_those_of_compare():
    survey = load_survey()
    shown = significance.differences(survey, "opportunities", "organisation_size").data
    upper = {"positive": ("largely", "fully")}
    found = compare.groups(survey, "opportunities", "organisation_size", combine=upper)
    assert len(shown) == len(found) == 5
    for row, expected in zip(shown.to_dict("records"), found.to_dict("records"), strict=True):
        assert f"{percent(expected['share'])} of {expected['n']}" in row["Group"]
        assert row["p adjusted"] == f"{expected['p_adjusted']:.3f}"
    words = significance.differences_in_words(survey, "opportunities", "organisation_size").data
    assert words.startswith("In the simulated answers, of 5 differences tested none is")
    assert NOTHING in words


def test_clear_changes_are_named_with_their_interval():
    words = significance.changes_in_words(load_survey(), "contract_types_used", "then", "now").data
    assert "2 are larger than chance explains: Grant with a service level agreement (−29" in words
    assert "95% interval −44 to −11)" in words
    assert NOTHING in words


def test_a_scale_moves_up_or_down():
    row = significance.changes(load_survey(), "pbr_income", "then", "now").data.iloc[0]
    assert (row["Moved up"], row["Stayed"], row["Moved down"]) == (25, 30, 0)
    assert row["Difference in mean score"].startswith("+0.49 (")
    assert row["p"] == "<0.001"


def test_two_questions_crossed():
    survey = load_survey()
    now = "commissioning_approach.organisation.now"
    row = crossing.association(survey, "provider_list", now).data.iloc[0]
    expected = compare.table(survey, "provider_list", now).iloc[0]
    assert row["Respondents"] == expected["n"] == 27
    assert row["p"] == f"{expected['p']:.3f}"
    assert "approximate" in row["Note"]


def test_effects_or_the_reason_why_there_are_none():
    survey = load_survey()
    shown = significance.effects(survey, "influence", "organisation_size", "needs").data
    assert len(shown) == 5 and set(shown["Respondents"]) == {55}
    said = significance.effects_in_words(survey, "influence", "organisation_size", "needs").data
    assert NOTHING in said and "Left out of the model: 11" in said
    assert said.startswith("In the simulated answers: ")
    refused = significance.effects(survey, "consortium", "organisation_size").data
    assert refused.startswith("*No model:")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda s: significance.changes(s, "gone", "then", "now"), "has no question gone"),
        (lambda s: significance.changes(s, "influence", "then", "now"), "influence"),
        (lambda s: significance.changes_in_words(s, "gone", "then", "now"), "no question gone"),
        (lambda s: significance.differences(s, "influence", "colour"), "has no colour"),
        (lambda s: significance.differences(s, "influence", "body_type"), "not known of them"),
        (lambda s: significance.differences_in_words(s, "gone", "sector"), "no question gone"),
        (lambda s: crossing.association(s, "gone", "sector"), "no question gone"),
        (lambda s: significance.effects(s, "gone", "sector"), "no question gone"),
        (lambda s: significance.effects_in_words(s, "gone", "sector"), "no question gone"),
    ],
)
def test_what_is_missing_is_said_in_words(call, said):
    assert said in call(load_survey()).data


def test_a_cross_table_by_hand(twelve):
    """Now Y: the 7 who took it up, 1 who kept it, 1 who only answered now; of 11. G: a b a b …"""
    table = crossing.crossed(twelve, "q", "g").data
    now = table[(table["When"] == "N") & (table["Answer"] == "Y")].iloc[0]
    assert now[["A", "B", "All"]].tolist() == ["too few (6)", "too few (5)", "82% of 11"]


def test_any_two_questions_are_crossed_and_tested_with_correction():
    survey = load_survey()
    table = crossing.crossed(survey, "collaboration_forms", "contract_change").data
    frame = survey.frames["providers"]
    changed = frame[frame["contract_change"] == "yes"]["collaboration_forms.cross_sector_partner"]
    assert list(table.columns) == ["Item", "Yes", "No", "All"]
    assert table["Yes"][1] == f"{percent((changed == '1').mean())} of {len(changed)}"
    tests = crossing.association(survey, "collaboration_forms", "contract_change").data
    p, adjusted = (tests[name].astype(float) for name in ("p", "p adjusted"))
    assert adjusted[p.idxmin()] == pytest.approx(p.min() * 5, abs=0.003)  # least of five
    assert "no question gone" in crossing.crossed(survey, "gone", "sector").data
    assert "has no colour" in crossing.crossed(survey, "influence", "colour").data


def test_groups_too_small_to_read_are_not_tested():
    survey = load_survey()
    where = {"sector": "private"}
    shown = significance.differences(survey, "opportunities", "organisation_size", where).data
    assert set(shown["Group"]) == {"Smaller: too few (4)"}
    assert set(shown["p adjusted"]) == {"–"} == set(shown["Difference in points"])
    words = significance.differences_in_words(survey, "opportunities", "organisation_size", where)
    assert "of 0 differences tested none is" in words.data


def test_points_in_time_are_named_as_in_the_codebook():
    shown = significance.differences(load_survey(), "commissioning_approach", "organisation_size")
    assert shown.data["Answer"].str.endswith((" · Three years ago", " · Now", "two years")).all()
