"""Shares that the source prints: which count, with which range, and which are left out."""

import pytest
from statsmodels.stats.proportion import proportion_confint

from helpers.ledger.printed_numbers import printed_numbers
from helpers.responses.survey import load_survey


@pytest.fixture(scope="module")
def numbers():
    return {number.id: number for number in printed_numbers(load_survey())}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("finding", "count", "base"),
    [
        ("es_contract_change", 33, 55),
        ("es_cost_recovery", 40, 50),
        ("es_consortium", 52, 55),
        ("t1_fl_outcome_aim", 21, 56),
        ("t3_fl_social_sector", 19, 56),
    ],
)
def test_a_share_has_the_count_behind_it_and_its_wilson_range(numbers, finding, count, base):
    number = numbers[finding]
    assert (number.count, number.base) == (count, base)
    assert (number.low, number.high) == pytest.approx(
        proportion_confint(count, base, method="wilson"), abs=1e-9
    )


def test_two_points_in_time_are_one_number(numbers):
    now = numbers["f7_none_now"]
    assert now.before is not None and "f7_none_then" not in numbers
    assert (now.before.count, now.count, now.base) == (8, 1, 31)


@pytest.mark.parametrize(
    "finding",
    [
        "t1_fl_move_total",  # 81% of 56: no count gives it
        "es_pbr_financial_risk",  # more than 80%
        "es_doubt_understand",  # an adjective
        "t3_contract_change",  # says what es_contract_change says
    ],
)
def test_only_numbers_that_people_can_have_given_count(numbers, finding):
    assert finding not in numbers
