"""Tables and sentences that follow the filters, and what is said where nothing can be read."""

import pytest

from helpers.display import controls, crossing, significance, summaries, wording
from helpers.display.following import follow, matched
from helpers.estimation.published import ledger
from helpers.survey.dataset import load_survey


@pytest.fixture(scope="module")
def survey():
    return load_survey()


def test_tables_and_sentences_follow_the_filters(survey):
    filters = controls.filters(survey)
    shown = follow(filters, significance.changes, survey, "contract_types_used", "then", "now")
    said = follow(filters, wording.shares_in_words, survey, "contract_targets")
    everybody = shown.shown.data["Kept it"].tolist()
    filters.set({"organisation_size": "smaller"})
    where = {"organisation_size": "smaller"}
    expected = significance.changes(survey, "contract_types_used", "then", "now", where=where)
    assert shown.shown.data.equals(expected.data)
    assert shown.shown.data["Kept it"].tolist() != everybody
    assert said.shown.data == wording.shares_in_words(survey, "contract_targets", where)
    filters.set({"respondent_type": "providers"})
    assert "this question was put to commissioners" in shown.shown.data
    filters.set({"organisation_size": []})
    assert "nobody is selected" in said.shown.data
    assert "no question gone" in follow(filters, wording.shares_in_words, survey, "gone").shown.data


def test_a_selection_too_small_to_read_gives_words_and_no_noise(survey):
    filters = controls.filters(survey)
    both = ["organisation_size", "sector"]
    shown = [
        follow(filters, significance.changes, survey, "pbr_income", "then", "now"),
        follow(filters, significance.differences, survey, "influence", "organisation_size"),
        follow(filters, significance.effects, survey, "influence", both, "needs"),
        follow(filters, wording.shares_in_words, survey, "suggested_reforms"),
        follow(filters, crossing.crossed, survey, "collaboration_forms", "contract_change"),
    ]
    filters.set({"sector": "private", "reach": "regional"})
    for each in shown:
        assert "too few to read" in each.shown.data, each.function
    filters.set({"sector": "private"})
    assert "No model" in shown[2].shown.data
    assert "of 11" in shown[3].shown.data


def test_below_a_table_stands_whom_it_is_about(survey):
    filters = controls.filters(survey)
    shown = follow(filters, significance.differences, survey, "influence", "organisation_size")
    assert shown._below(filters.selection) == f"*{survey.provenance.banner}*"
    filters.set({"sector": "social"})
    assert shown._below(filters.selection).startswith("*Sector: Social sector. Illustrative data")


def test_what_is_compared_is_not_filtered(survey):
    everybody = significance.differences(survey, "influence", "organisation_size").data
    where = {"organisation_size": "smaller"}
    one = significance.differences(survey, "influence", "organisation_size", where).data
    assert one.equals(everybody)


def test_matched_questions_follow_each_for_itself(survey):
    filters = controls.filters(survey)
    shown = matched(filters, survey, "contract_types_used")
    assert {"Commissioners", "Providers"} < set(shown.shown.data.columns)
    filters.set({"respondent_type": "providers"})
    assert "Commissioners" not in shown.shown.data.columns
    assert "this question was put to commissioners" in shown.shown.caption
    where = {"respondent_type": "providers", "sector": "social"}
    filters.set(where)
    expected = summaries.matched(survey, "contract_types_used", where).data
    assert shown.shown.data.equals(expected) and expected["Providers"].str.endswith("of 43").any()
    filters.set({"respondent_type": "frontline"})
    assert "Not asked of the selection" in shown.shown.data


def test_two_scales_stand_side_by_side_stage_by_stage(survey):
    """Scales in other words: the upper end of each, so that no row is half empty."""
    table = summaries.matched(survey, "involvement_usefulness").data
    heads = ["Commissioners: useful or very useful", "Providers: effective or very effective"]
    assert list(table.columns) == ["Item", *heads] and len(table) == 5
    assert not (table == "not asked").to_numpy().any()


def test_what_is_printed_says_that_it_follows_no_filters(survey):
    entries = ledger(survey)
    assert "follows no filters" in summaries.beside(entries, ["influence"]).caption
    assert "Nothing is printed" in summaries.beside(entries, ["gone"]).caption
