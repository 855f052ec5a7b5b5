"""Planning against R's power.prop.test (tests/oracles/compare.R), textbooks, and work by hand."""

import csv
import math

import pytest

from helpers.errors import InsightsError
from helpers.estimation import planning
from places import TESTS

Z = 1.959963984540054
ORACLE = TESTS / "oracles" / "compare.csv"


def test_how_many_for_ten_points():
    # Normal: 1.96² * .25 / .1² = 96.04. Wilson at one half: z / (2 sqrt(n + z²)) <= .1, so
    # n >= 96.04 - 3.84 = 92.2.
    found = planning.sample_size(0.10)
    assert (found.n_normal, found.n, found.approach) == (97, 93, 93)
    assert found.half_width == pytest.approx(Z / (2 * math.sqrt(93 + Z**2)), rel=1e-12)
    assert str(found) == "For ± 10 points around 50% (95% range), 93 answers are needed."


def test_how_many_of_a_small_population():
    # Cochran (1977), 4.4: n0 / (1 + (n0 - 1) / N) with n0 = 96.04 and N = 152 is 59.05. Wilson:
    # 92.2 effective answers of 152 are 92.2 * 152 / (151 + 92.2) = 57.6.
    found = planning.sample_size(0.10, population=152, response_rate=0.4)
    assert (found.n_normal, found.n) == (60, 58)
    assert found.approach == 145
    assert str(found) == (
        "For ± 10 points around 50% (95% range), 58 answers of 152 are needed: approach 145 "
        "at a response rate of 40%."
    )


def test_textbook_sample_size():
    # Cochran (1977), section 4.3: share about 50 %, ± 5 points at 95 %: 400 with z = 2; 384.1 with
    # 1.96. Section 4.4: of 3,200 units 356 with z = 2; 343.1 with 1.96.
    assert planning.sample_size(0.05).n_normal == 385
    assert planning.sample_size(0.05, population=3200).n_normal == 344


@pytest.mark.parametrize("margin", [0.02, 0.05, 0.1, 0.2])
@pytest.mark.parametrize("p", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("population", [None, 60, 1000])
@pytest.mark.parametrize("deff", [1.0, 1.7])
def test_one_answer_fewer_is_not_enough(margin, p, population, deff):
    n = planning.sample_size(margin, p, population, deff).n
    assert planning.precision(n, p, population, deff).half_width <= margin
    if n > 1:
        assert planning.precision(n - 1, p, population, deff).half_width > margin


def test_precision_by_hand():
    # Wilson of 81/263 by hand: 0.255289 to 0.366210 (Newcombe 1998, Statistics in Medicine 17,
    # 857-872, has 0.2553 to 0.3662 as public test suites carry it).
    found = planning.precision(263, 81 / 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    assert found.half_width == pytest.approx((found.high - found.low) / 2)
    # 100 of 400, half: standard error .05 * sqrt(300 / 399).
    found = planning.precision(100, population=400)
    assert found.normal == pytest.approx(Z * 0.05 * math.sqrt(300 / 399), rel=1e-12)
    assert found.effective == pytest.approx(133)
    # A design effect of 2 halves the answers.
    halved = planning.precision(100, 0.3, deff=2)
    assert halved.half_width == pytest.approx(planning.precision(50, 0.3).half_width)
    assert planning.precision(100, level=0.9).normal == pytest.approx(1.6448536269514722 * 0.05)


def test_a_census_is_exact_and_one_answer_is_defined():
    everybody = planning.precision(152, population=152)
    assert (everybody.half_width, everybody.normal) == (0, 0)
    alone = planning.precision(1, population=1)
    assert alone.half_width == 0
    # One answer that says yes: Wilson 1/(1 + z²) to 1.
    assert planning.precision(1, 1.0).low == pytest.approx(1 / (1 + Z**2))
    assert str(planning.precision(40, population=152)) == (
        "40 answers of 152 show a share of 50% to within ± 12.9 points (95% range 37.1% to 62.9%)."
    )


def test_differences_as_r_finds_them():
    with open(ORACLE, encoding="utf-8") as file:
        rows = [
            r
            for r in csv.DictReader(line for line in file if not line.startswith("#"))
            if r["case"] == "power"
        ]
    assert len(rows) == 6
    for row in rows:
        n1, n2 = (int(x) for x in row["a"].split())
        p1, power, alpha = (float(x) for x in row["b"].split())
        found = planning.difference(n1, n2, p1, power, alpha)
        assert found.up == pytest.approx(float(row["value"]), rel=1e-8)
        mirrored = planning.difference(n1, n2, 1 - p1, power, alpha)
        assert mirrored.down == pytest.approx(found.up, rel=1e-8)


def test_a_difference_possible_in_only_one_direction():
    found = planning.difference(20, 20, 0.0)
    assert found.down is None
    assert "from 31.2% (+31.2 points) or beyond." in str(found)
    doubled = planning.difference(40, 40, 0.0, deff=2)
    assert doubled.up == pytest.approx(found.up)


def test_sizes_for_several_groups():
    found = planning.per_group(
        {"north": 152, "south": None}, 0.1, response_rate={"north": 0.4, "south": 1}
    )
    assert found["group"].tolist() == ["north", "south"]
    assert found["n"].tolist() == [58, 93]
    assert found["approach"].tolist() == [145, 93]
    assert found["population"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: planning.sample_size(10), "For ± 10 points give 0.1."),
        (lambda: planning.sample_size(0), "margin is 0; it must be a share between 0 and 0.5."),
        (lambda: planning.sample_size(math.nan), "margin is nan"),
        (
            lambda: planning.sample_size(0.1, population=152, response_rate=0.2),
            "30 would answer, which gives ± 15.3 points",
        ),
        (
            lambda: planning.sample_size(0.1, population=3, response_rate=0.1),
            "nobody would answer",
        ),
        (lambda: planning.sample_size(1e-8), "out of reach"),
        (lambda: planning.sample_size(0.1, response_rate=0), "response_rate is 0"),
        (lambda: planning.sample_size(0.1, p=50), "The share is 50"),
        (lambda: planning.sample_size(0.1, population=0), "population is 0"),
        (lambda: planning.precision(153, population=152), "cannot come from a population of 152"),
        (lambda: planning.precision(0), "n is 0; it must be a whole number of 1 or more."),
        (lambda: planning.precision(2.5), "n is 2.5"),
        (lambda: planning.precision(10, deff=0), "deff is 0"),
        (lambda: planning.precision(10, level=95), "level is 95"),
        (lambda: planning.difference(2, 2, 0.5), "2 against 2 answers are too few"),
        (lambda: planning.difference(40, 40, 0.5, power=80), "power is 80"),
        (lambda: planning.per_group({"a": 9}, 0.1, response_rate=0.1), "a: ± 10 points"),
        (lambda: planning.per_group({"a": 9}, 0.1, response_rate={}), "a has no response_rate"),
        (lambda: planning.precision("40"), "n is '40': give a number"),
        (lambda: planning.precision(40, deff=None), "deff is None: give a number"),
        (lambda: planning.sample_size("10 points"), "margin is '10 points': give a number"),
        (lambda: planning.difference(40, 40, 0.5, alpha=None), "alpha is None: give a number"),
    ],
)
def test_impossible_targets_say_what_is_possible(call, said):
    with pytest.raises(InsightsError) as error:
        call()
    assert said in str(error.value)
