"""Stata files: labels, missing values with letters, dates, older versions, damage."""

import datetime

import pandas as pd
import pyreadstat
import pytest

from files import refused, taken
from helpers.codebook.model import Kind, Missing
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow

LABELS = {"agree": {1: "Agree", 2: "Neither", 3: "Disagree", "a": "Refused", "b": "Left early"}}


def survey_file(path, version=118, **more):
    """40 people: 16 agree, 8 neither, 8 disagree, 4 refused, 4 left early; ages; dates."""
    frame = pd.DataFrame(
        {
            "id": [float(n) for n in range(1, 41)],
            "agree": pd.Series([*map(float, (1, 1, 2, 3, 1, 1, 2, 3)), "a", "b"] * 4, dtype=object),
            "age": [20.5 + n for n in range(39)] + [None],
            "day": [datetime.date(2026, 1, 1 + n % 28) for n in range(40)],
            "why": [f"because of {n}" for n in range(40)],
        }
    )
    pyreadstat.write_dta(
        frame,
        str(path),
        column_labels={"agree": "Do you agree?", "age": "How old are you?", "why": "Why?"},
        variable_value_labels=LABELS,
        missing_user_values={"agree": ["a", "b"]},
        version={118: 15, 115: 12}[version],
        **more,
    )
    return path


@pytest.mark.parametrize("version", [118, 115])
def test_answers_labels_and_missing_values_are_those_of_the_file(version, tmp_path):
    report = taken(survey_file(tmp_path / "a.dta", version), tmp_path / "out")
    assert report.respondents == {"respondents": 40} and not report.proposals
    survey = load_survey(tmp_path / "out")
    agree = survey.codebook.questions["agree"]
    assert (agree.kind, agree.wording) == (Kind.SINGLE, "Do you agree?")
    missing = {o.label: o.missing for o in agree.options}
    assert missing["Agree"] is Missing.NO
    assert missing["Refused"] is missing["Left early"] is Missing.NOT_ANSWERED
    codes = {o.label: o.code for o in agree.options}
    text = (tmp_path / "out" / "responses" / "respondents.csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in text.splitlines()]
    at = rows[0].index("agree")
    given = [row[at] for row in rows[1:]]
    counts = {label: given.count(code) for label, code in codes.items()}
    expected = {"Agree": 16, "Neither": 8, "Disagree": 8, "Refused": 4, "Left early": 4}
    assert counts == expected
    ages = pd.to_numeric(survey.frames["respondents"]["age"])
    assert ages.count() == 39 and ages.sum() == sum(20.5 + n for n in range(39))
    assert "2026-01-28" in text


def test_a_stata_file_that_was_cut_short_is_refused(tmp_path):
    path = survey_file(tmp_path / "a.dta")
    path.write_bytes(path.read_bytes()[:-900])
    kinds = refused(path, tmp_path / "out").problems.kinds
    assert kinds == {"unreadable": 1}


def test_a_name_that_does_not_say_stata_is_refused(tmp_path):
    path = survey_file(tmp_path / "a.dta").rename(tmp_path / "a.csv")
    [problem] = refused(path, tmp_path / "out").problems
    assert problem.kind == "format" and "Stata" in problem.message


def test_scales_of_international_surveys_have_scores_without_codes_of_other_countries(tmp_path):
    codes = {0: "NAV;ZA: answer categories 3", 1: "Very important", 2: "Fairly important"}
    codes |= {3: "Not very important", 4: "Not important at all", 8: "Can't choose"}
    close = {0: "NAP, other countries", 1: "Very close", 2: "Close", 3: "Not very close"}
    close |= {4: "Not close at all", 9: "No answer(IE,BE)"}
    frame = pd.DataFrame({"v9": [1, 2, 3, 4, 8] * 8, "v5": [1, 2, 3, 4, 9] * 8})
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(frame, str(path), variable_value_labels={"v9": codes, "v5": close})
    taken(path, tmp_path / "out")
    questions = load_survey(tmp_path / "out").codebook.questions
    for name in ("v9", "v5"):
        assert questions[name].is_scale
        assert [o.score for o in questions[name].substantive] == [1, 2, 3, 4]
    kinds = {o.label: o.missing.value for o in questions["v5"].options if o.missing}
    assert kinds == {"NAP, other countries": "not_asked", "No answer(IE,BE)": "not_answered"}


@pytest.mark.parametrize("given", [False, True])
def test_a_code_0_that_nobody_gave_is_no_part_of_the_scale(given, tmp_path):
    codes = {0: "I am not a citizen", 1: "Very proud", 2: "Somewhat proud", 3: "Not very proud"}
    codes |= {4: "Not proud at all"}
    frame = pd.DataFrame({"v58": [1, 2, 3, 4, 0 if given else 4] * 8})
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(frame, str(path), variable_value_labels={"v58": codes})
    taken(path, tmp_path / "out")
    asked = load_survey(tmp_path / "out").question("v58")
    assert asked.is_scale != given and len(asked.options) == 4 + given
    if not given:
        assert "I am not a citizen" in asked.note
