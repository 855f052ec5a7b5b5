"""Questions, groups, selections and options that cannot be meant, put to every estimate."""

from pathlib import Path

import pytest

from helpers.estimation import means, totals
from helpers.estimation.estimates import VALUES, Status, proportion, worst_case
from helpers.survey.dataset import load_survey

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def cycling():
    return load_survey(HERE / "surveys" / "cycling")


@pytest.mark.parametrize(
    ("estimate", "question"),
    [
        (proportion, "agree"),
        (worst_case, "owns"),
        (means.mean, "agree"),
        (means.net, "agree"),
        (means.mentions, "purposes"),
        (totals.total, "owns"),
    ],
)
def test_a_question_that_the_selection_was_not_asked_says_so(cycling, estimate, question):
    found = estimate(cycling, question, by="age", where={"respondent_type": []})
    assert len(found) == len(estimate(cycling, question, by="age"))
    assert set(found["status"]) == {Status.NOT_ASKED}
    assert (found["n"] == 0).all() and found["n"].dtype == int
    assert found[[v for v in VALUES if v not in ("n", "status")]].isna().all(axis=None)
