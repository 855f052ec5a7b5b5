"""What printed shares allow one to say."""

import re

import pytest
from statsmodels.stats.proportion import proportion_confint

from helpers.ledger import measures
from helpers.ledger.assessments import Assessment
from helpers.ledger.ledger import Ledger
from helpers.notebook.printed import Printed, may_be_said, printed
from helpers.responses.survey import load_survey


@pytest.fixture(scope="module")
def found():
    return printed(load_survey())


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.47, 0.72, "more than a third and less than three quarters"),
        (0.51, 0.95, "more than a half"),
        (0.0, 0.2, "less than a quarter"),
        (0.05, 0.95, "nothing beyond those who answered"),
        (0.5, 0.9, "more than a third"),  # the bounds themselves are not excluded
    ],
)
def test_the_narrowest_round_bounds(low, high, said):
    assert may_be_said(low, high) == said


@pytest.mark.slow
def test_each_share_once_with_its_interval(found):
    table = found.shares().data
    row = table[table["Statement"].str.startswith("95% of providers would consider bidding")]
    low, high = proportion_confint(52, 55, method="wilson")  # 52 of 55 is 95%
    assert row["95% range"].tolist() == [f"{100 * low:.0f}–{100 * high:.0f}%"]
    assert row["Counts that give it"].tolist() == ["52"]
    assert not table["Statement"].duplicated().any()
    third = table[table["Printed"].isin(["around a third", "a third"])]
    assert len(third) == 2, "two answers to one question"
    assert table["Statement"].str.contains("60%|hree in five").sum() == 1, "one share, three times"
    assert (table["Counts that give it"] == "none").sum() == 2  # 81% and 78.5% of 56


def test_the_chart_draws_every_share_between_its_ends(found):
    chart = found.chart()
    rows = len(found.shares().data)
    assert sum(len(t["x"]) for t in chart.figure["data"]) == rows
    at = {
        label: (x, x - down, x + up)
        for t in chart.figure["data"]
        for label, x, up, down in zip(
            t["y"], t["x"], t["error_x"]["array"], t["error_x"]["arrayminus"], strict=True
        )
    }
    assert len(at) == rows, "two shares in one place"
    label = next(name for name in at if "95% of providers" in name)
    low, high = proportion_confint(52, 55, method="wilson")
    assert at[label] == pytest.approx((100 * 52 / 55, 100 * low, 100 * high), rel=1e-9)
    assert "real" in chart.words


def test_majorities_are_counted(found):
    words = found.precision().data
    table = found.shares().data["95% range"]
    ends = [[int(e) for e in cell.rstrip("%").split("–")] for cell in table]
    sure = sum(low > 50 or high < 50 for low, high in ends)
    assert f"For {sure} of them" in words and f"for {len(ends) - sure} it is not" in words


def test_response_rates_are_all_there(found):
    assert len(found.rates().data) == 20


def test_a_survey_without_printed_shares_says_so():
    none = Printed(load_survey(), Ledger(load_survey(), None))
    assert "no printed shares" in none.precision().data
    assert none.shares().data.empty and none.rates().data.empty
    assert none.chart().data.empty


def test_a_printed_bound_is_open_to_one_side(found):
    """Over a quarter of 22: 6 or more, so from the lower end for 6 to all of them."""
    table = found.shares().data
    row = table[table["Printed"] == "over 25%"].iloc[0]
    low, _ = proportion_confint(6, 22, method="wilson")
    assert row["95% range"] == f"{100 * low:.0f}–100%"
    assert row["What you can say"] == "more than one in ten"
    assert "2 of them are bounds" in found.precision().data
    marks = {
        y: x for t in found.chart().figure["data"] for x, y in zip(t["x"], t["y"], strict=True)
    }
    assert next(x for y, x in marks.items() if "More than 25%" in y) == pytest.approx(600 / 22)


def test_reasons_name_statements_and_not_their_ids(found):
    ids = {entry.id for entry in found.entries}
    for table in (found.disputed().data, found.rates().data):
        for cell in (*table["Why"], *table["Assessment"]):
            assert not ids & set(re.findall(r"\w+", cell)), cell
            assert " = " not in cell.replace("25 + 20 = 45", "").replace("23 + 21 = 44", "")


@pytest.mark.slow
def test_what_is_asked_of_some_questions_is_what_all_say():
    """Statements are assessed when they are asked for: of a trend the same as of everything."""
    survey = load_survey()
    whole = {entry.id: entry for entry in Ledger.of(survey).entries()}
    for trend in survey.codebook.trends:
        asked = {q.id for q in survey.codebook.of_trend(trend)}
        some = Ledger.of(load_survey()).entries(asked)
        assert [e.id for e in some] == [n for n, e in whole.items() if asked & {*e.questions}]
        assert all(entry == whole[entry.id] for entry in some)


@pytest.mark.slow
def test_printed_shares_of_a_trend_are_drawn_without_looking_at_responses(monkeypatch):
    survey = load_survey()
    asked = {q.id for q in survey.codebook.questions.values() if q.trend == "measurement"}
    ruled_out = (Assessment.IMPOSSIBLE, Assessment.CONTRADICTS)
    judged = {e.id: e for e in printed(survey).ledger.entries(asked)}

    def looked_at(*_, **__):
        raise AssertionError("responses are looked at")

    monkeypatch.setattr(measures, "proportion", looked_at)
    made = printed(survey)
    for entry in made.ledger.as_printed(asked):
        own = judged[entry.id]
        assert (entry.interval, entry.counts, entry.base) == (own.interval, own.counts, own.base)
        assert (entry.assessment in ruled_out) == (own.assessment in ruled_out)
    assert len(made.about("measurement").chart().figure["data"]) == 2
