"""Dots with their ranges: no range hides another, and no dot stands on the edge."""

import math

import pytest

from helpers.present.dots import Dot, dot_plot

TWO = [
    Dot("Lanes", "Young", 2.0, 1.5, 2.5, ""),
    Dot("Lanes", "Older", 2.1, 1.6, 2.6, ""),
    Dot("Safety", "Young", 4.0, 3.5, 4.5, ""),
    Dot("Safety", "Older", 4.1, math.nan, math.nan, ""),
]


def test_groups_stand_beside_each_other():
    chart = dot_plot(TWO, {}, False, "")
    assert chart.layout.scattermode == "group"
    assert [trace.offsetgroup for trace in chart.data] == ["0", "1"]
    assert {trace.orientation for trace in chart.data} == {"h"}  # else plotly ignores the groups


@pytest.mark.parametrize(
    ("axis", "zero", "ends"),
    [
        ({}, False, (1.5, 4.5)),
        ({"rangemode": "tozero"}, False, (0, 4.5)),
        ({}, True, (0, 4.5)),
    ],
)
def test_the_axis_holds_all_ranges_and_zero_only_where_it_means_something(axis, zero, ends):
    low, high = dot_plot(TWO, axis, zero, "").layout.xaxis.range
    assert low == 0 == ends[0] or ends[0] - 0.2 < low < ends[0]
    assert ends[1] < high < ends[1] + 0.3
    assert dot_plot(TWO, {"range": [0, 10]}, zero, "").layout.xaxis.range == (0, 10)


def test_the_first_and_the_last_row_have_room():
    assert dot_plot(TWO, {}, False, "").layout.yaxis.range == (1.5, -0.5)
