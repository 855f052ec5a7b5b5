"""What a naive table gives away, held against tables worked by hand and by enumeration."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from helpers.errors import InsightsError
from helpers.notebook import naive_rules
from helpers.responses.survey import load_survey
from places import CYCLING


def by_hand(truth: list[list[int]], base: int = 10, cell: int = 5) -> naive_rules.NaiveTable:
    """Three groups of one dimension, any of which can be chosen together."""
    views = [v for v in product((0, 1), repeat=len(truth)) if any(v)][::-1]
    return naive_rules.NaiveTable(
        "q",
        tuple("abc"[: len(truth[0])]),
        tuple(f"g{n}" for n in range(len(truth))),
        np.array(truth),
        np.array(views),
        tuple(map(str, views)),
        base,
        cell,
    )


def test_the_difference_of_two_views_is_a_group_that_nobody_was_shown():
    """20 people, 17 of them in two groups: the third has 20 - 17 = 3, of whom 3 said a."""
    frame = naive_rules.subtraction(by_hand([[9, 1], [6, 1], [3, 0]]))
    assert frame["People"].tolist() == [20, 17, 3]
    assert frame["a"].tolist() == [18, 15, 3]
    assert frame["b"].isna().all(), "1 and 2 are below five, so both are hidden"


def test_without_two_views_there_is_no_difference():
    with pytest.raises(InsightsError, match="all show the same people"):
        naive_rules.subtraction(by_hand([[6, 6]]))


def test_bounds_by_hand():
    """The third group has 3 people, as above; all said a, since b is 0 to 4 with and without."""
    found = naive_rules.bounds(by_hand([[9, 1], [6, 1], [3, 0]]))
    assert set(found["group"]) == {"g1", "g2"}
    a = found[(found["group"] == "g2") & (found["option"] == "a")].iloc[0]
    assert (a["true"], a["lowest"], a["highest"]) == (3, 3, 3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_bounds_are_those_of_trying_everything(seed):
    random = np.random.default_rng(seed)
    table = by_hand(random.integers(0, 6, (3, 2)).tolist(), base=6, cell=3)
    found = naive_rules.bounds(table)
    shown = list(table.shown())
    agreeing = [
        np.array(cells).reshape(3, 2)
        for cells in product(range(6), repeat=6)
        if all(agrees(view, np.array(cells).reshape(3, 2), table.cell) for view in shown)
    ]
    for row in found.itertuples():
        group, option = table.groups.index(row.group), table.options.index(row.option)
        # A table with larger counts than were tried may agree, too, where little is shown.
        values = [int(cells[group, option]) for cells in agreeing]
        assert row.lowest == min(values)
        assert row.highest == max(values) or max(values) == 5 < row.highest
        assert row.lowest <= row.true <= row.highest


def agrees(view: naive_rules.FilterView, cells: np.ndarray, cell: int) -> bool:
    counts = view.groups @ cells
    return counts.sum() == view.people and all(
        n < cell if seen is None else n == seen for n, seen in zip(counts, view.counts, strict=True)
    )


def test_whole_percentages_of_few_people_are_counts():
    """3 of 9 is 33%, and no other number of 9 is; of 150, 33% is 49 (32.7) or 50 (33.3)."""
    found = naive_rules.from_percentages(by_hand([[3, 6]]))
    assert found["share"].tolist() == [33, 67]
    assert found["counts"].tolist() == [[3], [6]]
    large = naive_rules.from_percentages(by_hand([[50, 100]], base=200))
    assert large["counts"].tolist()[0] == [49, 50]
    assert "**0 fit" in naive_rules.percentages_in_words(large).data


def test_the_projects_own_table_is_counted_as_its_rows_say():
    survey = load_survey()
    table = naive_rules.naive_table(survey, "influence", ["organisation_size", "sector"])
    column = survey.codebook.questions["influence"].cells[0].column
    assert len(table.groups) == 4 and len(table.views) == 9
    rows = pd.read_csv(survey.folder / "illustrative" / "providers.csv", dtype=str)
    codes = [option.code for option in survey.codebook.questions["influence"].in_base]
    assert table.truth.sum() == rows[column].isin(codes).sum()
    social = [n for n, name in enumerate(table.groups) if "Social" in name]
    counted = rows[rows["sector"] == "social"][column].isin(codes).sum()
    assert table.truth[social].sum() == counted
    assert {view.filters for view in table.shown()} >= {"Everybody", "Smaller", "Social sector"}


def test_the_attack_on_the_projects_own_table_succeeds_and_is_never_wrong():
    survey = load_survey()
    table = naive_rules.naive_table(survey, "influence", ["organisation_size", "sector", "reach"])
    found = naive_rules.bounds(table)
    assert ((found["lowest"] <= found["true"]) & (found["true"] <= found["highest"])).all()
    assert (found["lowest"] == found["highest"]).mean() > 0.5
    assert "are known exactly" in naive_rules.recovered_in_words(found).data


def test_a_question_without_options_is_refused():
    survey = load_survey(CYCLING)
    with pytest.raises(InsightsError, match="remark has no options"):
        naive_rules.naive_table(survey, "remark", ["age"])
