"""Questions, groups, selections and options that cannot be meant, put to every estimate."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from helpers.estimation import change, compare, means, models, totals
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


def test_standard_errors_do_not_depend_on_what_weights_add_up_to(tmp_path):
    # Weights of a large sample that add up to 1 are small; R's survey gives the same at any scale.
    def weighted(folder, times):
        shutil.copytree(HERE / "surveys" / "cycling", folder)
        responses, design = folder / "responses/residents.csv", folder / "codebook/survey.yml"
        design.write_text(design.read_text().replace("strata: district, ", ""))
        table = pd.read_csv(responses, dtype=str, keep_default_na=False)
        table["wt"] = [f"{float(w) * times:.17g}" for w in table["wt"]]
        table.to_csv(responses, index=False)
        return load_survey(folder)

    usual, small = (weighted(tmp_path / name, w) for name, w in (("one", 1), ("two", 1e-10)))
    for made in (
        lambda s: proportion(s, "agree", by="age"),
        lambda s: compare.groups(s, "owns", "age"),
        lambda s: compare.table(s, "owns", "age"),
        lambda s: compare.selections(s, "owns", {"age": "young"}, {"district": "north"}),
        lambda s: change.columns(s, "residents", "agree.lanes", "agree.safe"),
        lambda s: models.ordinal(s, "agree", "age", item="safe").coefficients,
    ):
        assert_frame_equal(made(small), made(usual), rtol=1e-7, atol=1e-12)
