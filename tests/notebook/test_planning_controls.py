"""The planning controls, driven without a browser."""

import pytest

from helpers.estimation import planning
from helpers.notebook import planning as plans
from helpers.responses.survey import load_survey


def test_every_base_is_listed():
    table = plans.achieved(load_survey()).data
    row = table[(table["Population"] == "Commissioners") & (table["Base"] == 31)].iloc[0]
    assert row["Questions"] == 7
    # Wilson's half width at p = 1/2 is z / 2 / sqrt(n + z²): 1.96 / 2 / sqrt(34.84) = 0.166
    assert row["± at 50%"] == "17"


def test_every_input_changes_the_answer():
    plan = plans.plan(population=360, margin=10)
    seen = {plan.words: plan.picture.words}
    assert "of 360 are needed" in plan.words
    for name, value in (
        ("population", 0), ("margin", 5), ("share", 20), ("level", 90), ("deff", 2), ("rate", 60),
    ):  # fmt: skip
        before = plan.picture.figure
        getattr(plan, name).value = value
        assert plan.words not in seen, name
        seen[plan.words] = plan.picture.words
        assert (plan.picture.figure != before) is (name != "rate"), name


def test_the_answer_is_that_of_planning():
    plan = plans.plan(population=360, margin=10)
    wanted = planning.sample_size(0.1, 0.5, population=360, response_rate=0.4)
    assert plan.words == str(wanted)
    curve = dict(zip(*(plan.picture.figure["data"][0][axis] for axis in "xy"), strict=True))
    n = list(curve)[10]
    half = planning.precision(n, 0.5, population=360).half_width
    assert curve[n] == pytest.approx(100 * half, abs=0.005)
    assert max(curve) == 360 and curve[360] == 0


def test_an_unreachable_margin_says_so():
    plan = plans.plan(population=50, margin=1)
    assert "out of reach" in plan.words
    assert plan.words in plan._said.value
    plan.margin.value = 50
    assert plan.words


def test_differences_shrink_with_the_groups():
    table = plans.differences([(20, 20), (200, 200)]).data
    assert int(table["Up by points"][0]) > int(table["Up by points"][1])
    found = planning.difference(200, 200, 0.5)
    assert table["Up by points"][1] == f"{100 * found.up:.0f}"
