"""Two selections of one question."""

import pytest

from helpers.errors import InsightsError
from helpers.estimation import contrast
from helpers.notebook.questions import question
from helpers.present.formats import percent
from helpers.responses.survey import load_survey

UPPER = {"positive": ("effective", "very_effective")}


def beside(survey, asked, one=None, other=None):
    return question(survey, asked, beside=(one, other))


@pytest.fixture(scope="module")
def survey():
    return load_survey()


def test_both_filters_drive_the_differences(survey):
    shown = beside(
        survey, "influence", {"organisation_size": "smaller"}, {"organisation_size": "larger"}
    )
    for one, other in (
        ({"organisation_size": "smaller"}, {"organisation_size": "larger"}),
        ({"sector": "social"}, {"organisation_size": "larger"}),
        ({"sector": "social"}, None),
    ):
        shown.one.set(one)
        shown.other.set(other)
        expected = contrast.selections(survey, "influence", one, other, combine=UPPER)
        assert shown.table["estimate"].tolist() == expected["estimate"].tolist()
        first = expected.iloc[0]
        assert f"{percent(first['share'])} of {first['n']}" in shown._said.value
        bases = [view.result.n[1] for view in shown.views]
        assert bases == [first["n"], first["n_other"]]
        both = int(expected["n_both"].max())
        assert (f"{both} respondents are in both" in shown._said.value) is bool(both)
    assert "simulated" in shown._said.value


def test_an_impossible_comparison_says_why(survey):
    shown = beside(survey, "influence", None, {"sector": "private"})
    shown.one.set({"respondent_type": "commissioners"})
    assert "Not asked of the selection" in shown._said.value and "<table" not in shown._said.value
    shown.one.set({"sector": "private", "reach": "regional"})
    assert "too few to report" in shown._said.value
    assert "There is no question" in beside(survey, "gone").value


def test_filters_that_a_survey_lacks_are_left_out():
    other = load_survey("data/example")
    shown = beside(other, "views", {"sector": "social"})
    assert shown.one.selection == shown.other.selection
    assert {view.message for view in shown.views} == {""}


def test_what_does_not_go_together_is_said(survey):
    for wrong, said in (
        ({}, "Name a question"),
        ({"question": "influence", "trend": "measurement"}, "Name a question"),
        ({"trend": "measurement", "matched": True}, "matched= goes with one question"),
        ({"trend": "measurement", "beside": (None, None)}, "beside= shows one question"),
    ):
        with pytest.raises(InsightsError, match=said):
            question(survey, **wrong)
