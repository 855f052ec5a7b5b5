"""Questions, groups, selections and options that cannot be meant, put to every estimate."""

import shutil

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from helpers.codebook.model import NOT_STATED
from helpers.errors import InsightsError
from helpers.estimation import change, compare, contrast, crosstabs, means, models, totals
from helpers.estimation.estimates import proportion, worst_case
from helpers.estimation.request import VALUES, Status
from helpers.estimation.tabulate import tabulate
from helpers.responses.selection import Selection
from helpers.responses.survey import load_survey
from places import TESTS


@pytest.fixture(scope="module")
def cycling():
    return load_survey(TESTS / "surveys" / "cycling")


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


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"where": "north"},
            "where is 'north': give keys with a code or several, such as {\"region",
        ),
        ({"where": [("age", "young")]}, "give keys with a code or several"),
        ({"where": {"age": None}}, "where names age None: codes are text"),
        (
            {"where": {"agree.safe": ["5", 4]}},
            "where names agree.safe 4: codes are text, as in the",
        ),
        ({"where": {5: "young"}}, 'There is no dimension or response column "5"'),
        ({"by": "agree"}, "agree has several items: name one of its columns: agree.lanes"),
        ({"by": ["age", 5]}, "by is ['age', 5]: name a dimension or response column"),
        ({"combine": {}}, "combine is {}: give names with the options to take together"),
        ({"combine": ["1", "2"]}, "combine is ['1', '2']: give names"),
        ({"combine": {"low": None}}, 'agree has no option "None" in its base'),
        ({"combine": {"low": "12"}}, 'agree has no option "12" in its base'),
        ({"base": 5}, 'There is no base rule "5"'),
    ],
)
def test_options_of_the_wrong_form_show_the_right_one(cycling, given, said):
    with pytest.raises(InsightsError) as error:
        proportion(cycling, "agree", **given)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"level": "0.95"}, "level is '0.95': give a number between 0 and 1"),
        ({"level": 95}, "level is 95: give a number between 0 and 1"),
        ({"level": True}, "level is True: give a number"),
        ({"level": float("nan")}, "level is nan: give a number"),
        ({"interval": "wald"}, 'interval is "wald". Known intervals: wilson, logit, beta.'),
        ({"single_stratum": 1}, 'single_stratum is "1". Known rules: fail, adjust'),
        ({"single_stratum": "ajust"}, "Known rules: fail, adjust."),
        ({"population_size": "many"}, "population_size of residents is 'many': it needs a number"),
        ({"population_size": {"north": "all"}}, "residents needs a number for every stratum"),
    ],
)
def test_a_design_of_the_wrong_form_is_refused_at_once(cycling, given, said):
    with pytest.raises(InsightsError) as error:
        cycling.design(**given)
    assert said in str(error.value)


def test_a_size_of_one_population_is_stated_by_its_name():
    survey = load_survey()
    with pytest.raises(InsightsError, match="needs the name of each population") as error:
        survey.design(population_size=900)
    assert "commissioners" in str(error.value)
    with pytest.raises(InsightsError, match='Did you mean "providers"'):
        survey.design(population_size={"provider": 900})


def test_a_design_is_stated_once_and_used_by_every_estimate():
    survey = load_survey()
    stated = survey.design(population_size={"providers": 100}).design(level=0.9)
    assert (stated.sampling.level, stated.sampling.sizes) == (0.9, {"providers": 100})
    assert survey.sampling.level == 0.95  # the survey itself is unchanged
    plain, narrow = (proportion(s, "influence") for s in (survey, stated))
    assert (narrow["se"] < plain["se"]).all()
    note = stated.intervals_note("providers")
    assert note.startswith("90% ranges follow the population size.")
    assert stated.intervals_note("commissioners").startswith("90% ranges treat the answers")
    differ = [compare.groups(s, "influence", "organisation_size") for s in (survey, stated)]
    assert (differ[1]["ci_low"] > differ[0]["ci_low"]).all()


def test_one_code_needs_no_list_and_a_key_twice_counts_once(cycling):
    found = proportion(cycling, "agree", ["age", "age"], combine={"most": "5", "low": ["1", "2"]})
    assert_frame_equal(
        found, proportion(cycling, "agree", "age", combine={"most": ["5"], "low": ("1", "2")})
    )


def test_mentions_by_a_box_of_the_same_question(cycling):
    # Of those who ticked work, every one mentions it: its share is 1 over their mean of ticks.
    found = means.mentions(cycling, "purposes", by="purposes.work").set_index("purposes.work")
    own = found.loc["1"].set_index("item")["estimate"]
    alone = means.mentions(cycling, "purposes", where={"purposes.work": "1"}).set_index("item")
    assert own.to_list() == pytest.approx(alone["estimate"].to_list(), rel=1e-12)
    assert found.loc["0"].set_index("item").loc["work", "estimate"] == 0


@pytest.mark.slow
def test_standard_errors_do_not_depend_on_what_weights_add_up_to(tmp_path):
    # Weights of a large sample that add up to 1 are small; R's survey gives the same at any scale.
    def weighted(folder, times):
        shutil.copytree(TESTS / "surveys" / "cycling", folder)
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
        lambda s: crosstabs.table(s, "owns", "age"),
        lambda s: contrast.selections(s, "owns", {"age": "young"}, {"district": "north"}),
        lambda s: change.paired_columns(s, "residents", "agree.lanes", "agree.safe"),
        lambda s: models.ordinal(s, "agree", "age", item="safe").coefficients,
    ):
        assert_frame_equal(made(small), made(usual), rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("by", [(), ("age",), ("agree.safe", "age")])
def test_a_selection_of_everybody_counts_as_no_selection(cycling, by):
    """Without a selection codes are counted as numbers, with one as texts: to the last digit."""
    codes = {"age": [*cycling.codebook.dimensions["age"].bands, NOT_STATED]}
    for question in ("agree", "purposes", "owns"):
        asked = cycling.question(question)
        assert_frame_equal(
            tabulate(cycling, asked, by).cells,
            tabulate(cycling, asked, by, Selection.of(codes)).cells,
            check_exact=True,
        )
