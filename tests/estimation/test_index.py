"""Favourable answers, an index over items with its reliability, and groups against the rest."""

import math

import numpy as np
import pytest

import helpers as h
from helpers.errors import InsightsError, SurveyProblems
from helpers.estimation.compare import REST, groups
from helpers.estimation.index import alpha, index_mean
from helpers.estimation.means import mean
from helpers.responses.survey import load_survey
from staff import BOOK, people, write

# Chatterjee, Hadi and Price, Regression Analysis by Example: R's data set `attitude`. The Python
# package pingouin 0.7.0, run on 29 November 2026, gives cronbach_alpha 0.8431427695647599 for it.
# Of its first four columns, divided by 20 without remainder (at most 4), rows 4 and 8 each with a
# gap, and nan_policy="listwise", it gives 0.7740709058074328.
ATTITUDE = """43 51 30 39 61 92 45 63 64 51 54 63 73 47 71 70 68 69 76 86 48 61 63 45 47 54 84 35
81 78 56 66 71 83 47 43 55 49 44 54 49 34 58 67 42 56 66 68 35 71 75 50 55 70 66 41 72 82 72 67 71
83 31 67 61 45 47 62 80 41 64 53 53 58 58 67 34 67 60 47 39 59 74 41 69 62 57 42 55 63 25 68 83 83
45 59 77 35 77 77 54 72 79 77 46 81 90 50 72 60 54 36 74 85 64 69 79 79 63 65 60 65 75 55 80 60 65
70 46 57 75 85 46 50 58 68 54 64 78 52 50 40 33 34 43 64 33 64 61 52 62 66 80 41 53 66 52 50 63 80
37 40 37 42 58 50 57 49 63 54 42 48 66 75 33 66 77 66 63 88 76 72 78 75 58 74 80 78 49 48 57 44 45
51 83 38 85 85 71 71 77 74 55 82 82 39 59 64 78 39"""

# Four people: engage.proud, speak, stay; manage.trust, feedback; stress
FOUR = [
    ("hq", "5", "4", "3", "5", "1", "1"),
    ("hq", "4", "4", "2", "4", "2", "2"),
    ("sales", "3", "1", "4", "3", "3", "3"),
    ("sales", "2", "", "5", "1", "9", "4"),
]


@pytest.fixture
def four(tmp_path):
    keys = ("department", "engage.proud", "engage.speak", "engage.stay")
    keys += ("manage.trust", "manage.feedback", "stress")
    rows = [dict(zip(keys, row, strict=True)) for row in FOUR]
    rows = [{"ref": n, "wt": "1", "nps": "9", **row} for n, row in enumerate(rows)]
    return load_survey(write(tmp_path / "four", rows))


def test_favourable_answers_are_those_of_the_good_end(four):
    # proud: 5, 4 | 3 | 2; speak: 4, 4 | - | 1; stay: 4, 5 | 3 | 2
    found = h.share(four, "engage", combine="favourable").df
    shares = {(r["item"], r["option"]): r["estimate"] for r in found.to_dict("records")}
    assert [shares["proud", x] for x in ("favourable", "neutral", "unfavourable")] == [
        0.5,
        0.25,
        0.25,
    ]
    assert shares["speak", "favourable"] == pytest.approx(2 / 3)
    assert list(found["option_label"][:3]) == ["Favourable", "Neutral", "Unfavourable"]
    # of pressure never and rarely are good news, and there is no middle
    found = h.share(four, "stress", combine="favourable").df
    assert dict(zip(found["option"], found["estimate"], strict=True)) == {
        "favourable": 0.5,
        "unfavourable": 0.5,
    }
    with pytest.raises(InsightsError, match="which end is good news"):
        h.share(four, "nps", combine="favourable")


def test_an_index_is_the_mean_of_its_items(four):
    # favourable: proud 2/4, speak 2/3, stay 2/4
    [found] = index_mean(four, "engagement").to_dict("records")
    assert found["estimate"] == pytest.approx(100 * (1 / 2 + 2 / 3 + 1 / 2) / 3)
    assert (found["n"], found["n_alpha"]) == (4, 3)
    # scores: trust 100, 75, 50, 0: 56.25; feedback 0, 25, 50 (don't know left out): 25
    [found] = index_mean(four, "manager").to_dict("records")
    assert found["estimate"] == pytest.approx((56.25 + 25) / 2)
    # of the three who answered both: variances 625 and 625, of the sums (100, 100, 100) 0
    assert math.isnan(found["alpha"])
    by = index_mean(four, "engagement", by="department").set_index("department")["estimate"]
    assert by["hq"] == pytest.approx(100 * (1 + 1 + 0) / 3)
    result = h.mean(four, "engagement")
    assert "56 (95% range" in result.sentence and "3 items" in result.notes[1]


def test_alpha_is_that_of_pingouin():
    scores = np.array(ATTITUDE.split(), dtype=float).reshape(30, 7)
    assert alpha(scores, np.ones(30)) == (pytest.approx(0.8431427695647599, rel=1e-12), 30)
    gaps = np.minimum(scores[:, :4] // 20, 4)
    gaps[3, 1] = gaps[7, 0] = np.nan
    assert alpha(gaps, np.ones(30)) == (pytest.approx(0.7740709058074328, rel=1e-12), 28)
    twice = alpha(scores, np.full(30, 2.0))  # rows may stand for several people
    assert twice == (pytest.approx(0.8431427695647599), 60)


@pytest.mark.parametrize("design", ["", ", weight: wt", ", weight: wt, strata: site"])
def test_the_range_of_an_index_is_that_of_the_mean_of_each_respondents_items(tmp_path, design):
    """Where all answer everything, an index is the mean of a number that is known of each."""
    rows = people()
    for n, row in enumerate(rows):
        answers = ("engage.proud", "engage.speak", "engage.stay")
        row |= {
            key: str(1 + (n * 7 + k) % 5) for k, key in enumerate(answers) if row[key] in ("", "9")
        }
        row["site"] = "a" if n % 3 else "b"
        row["own"] = f"{100 * sum(row[key] in ('4', '5') for key in answers) / 3:.10f}"
    book = dict(BOOK)
    other = ", other_columns: [site]" if "strata" not in design else ""
    other = ", other_columns: [site, wt]" if not design else other
    book["survey.yml"] = book["survey.yml"].replace("WEIGHT", design + other)
    book["questions.csv"] += "own,staff,number,Own mean,,\n"
    survey = load_survey(write(tmp_path / "s", rows, book=book))
    columns = ["estimate", "se", "n", "n_effective", "df"]
    for by in ((), "department"):
        found, due = index_mean(survey, "engagement", by), mean(survey, "own", by)
        assert found[columns].to_numpy() == pytest.approx(due[columns].to_numpy(), rel=1e-6)
        assert found["ci_low"].to_numpy() == pytest.approx(due["ci_low"].clip(0), abs=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_rest_is_everybody_who_is_not_in_the_group(tmp_path, weighted):
    """As if the survey asked whether somebody is in the group: the groups of that question."""
    rows = people()
    for row in rows[:9]:
        row["department"] = ""  # not stated: in the rest of every department
    for row in rows:
        row["inside"] = "in" if row["department"] == "sales" else "out"
    book = dict(BOOK)
    book["survey.yml"] = book["survey.yml"].replace(
        "index:",
        "  inside: {label: Inside, bands: {in: In, out: Out}, source: {staff: inside}}\nindex:",
    )
    survey = load_survey(write(tmp_path / "s", rows, weighted=weighted, book=book))
    good = {"favourable": ["4", "5"]}
    found = groups(survey, "engage", "department", combine=good, rest=True)
    due = groups(survey, "engage", "inside", combine=good)
    own = found[found["group"] == "sales"]
    assert set(own["other"]) == {REST} and len(own) == 3 and len(found) == 3 * 5
    columns = ["estimate", "se", "ci_low", "ci_high", "share", "share_other", "n", "n_other", "p"]
    assert own[columns].to_numpy() == pytest.approx(due[columns].to_numpy())
    assert int(own["n"].iloc[0] + own["n_other"].iloc[0]) == 202 - sum(
        row["engage.proud"] in ("", "9") for row in rows
    )
    # of two groups that are everybody there is one difference, not two
    twice = groups(survey, "engage", "inside", combine=good, rest=True)
    assert len(twice) == 3 and set(twice["group"]) == {"in"}
    said = h.compare(survey, "engage", "department", combine="favourable", against="rest")
    assert "6 comparisons by department, each group against the rest" in said.notes[0]
    with pytest.raises(InsightsError, match="known: each other, rest"):
        h.compare(survey, "engage", "department", against="whole")


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ("{items: [engage, nobody]}", "questions, or question.item"),
        ("{items: [nps, engage]}", "one end is good news"),
        ("{items: [manage.trust]}", "two items or more"),
        ("{items: [engage], measure: sum}", "favourable, score"),
        ("{items: [engage, engage]}", "named twice"),
    ],
)
def test_an_index_that_cannot_be_is_a_problem_of_the_codebook(tmp_path, index, said):
    book = dict(BOOK)
    book["survey.yml"] = book["survey.yml"].partition("index:")[0] + f"index: {{i: {index}}}\n"
    with pytest.raises(SurveyProblems) as error:
        load_survey(write(tmp_path / "s", people(), book=book))
    assert said in str(error.value) and "index.i" in str(error.value)
