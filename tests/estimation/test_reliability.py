"""Alpha and omega of items against R's psych (tests/oracles/reliability.R)."""

from __future__ import annotations

import numpy as np
import pytest

import helpers as h
from helpers.errors import InsightsError
from helpers.estimation.reliability import reliability
from places import CYCLING, TESTS

ITEMS = "abcde"


def numbers():
    """Items as the R file makes them."""
    rows = []
    for i in range(1, 241):
        common = (i * 7) % 23
        rows.append(
            (
                1 + (common + (i * 5) % 11) // 8,
                1 + (common + (i * 3) % 17) // 9,
                1 + (common + (i * 11) % 19) // 10,
                1 + (common + (i * 13) % 29) // 12,
                1 + ((i * 2 + common) % 37) // 9,
            )
        )
    return rows


@pytest.fixture(scope="module")
def oracle():
    lines = (TESTS / "oracles" / "reliability.csv").read_text().splitlines()
    return {line.split(",")[0]: [*map(float, line.split(",")[1:])] for line in lines}


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    place = tmp_path_factory.mktemp("items")
    book = {
        "survey.yml": "title: Items\nprovenance: illustrative\npopulations:\n"
        "  people: {label: People, label_one: person, id: ref}\n"
        "dimensions: {}\n",
        "questions.csv": "id,population,kind,label,option_set\ngrid,people,grid,Grid,five\n"
        "fixed,people,single,Fixed,five\n",
        "items.csv": "question,item,label\n" + "".join(f"grid,{i},Item {i}\n" for i in ITEMS),
        "options.csv": "set,code,label,score\n"
        + "".join(f"five,{n},Answer {n},{n}\n" for n in range(1, 6)),
    }
    (place / "codebook").mkdir()
    for name, text in book.items():
        (place / "codebook" / name).write_text(text)
    (place / "responses").mkdir()
    head = ",".join(["ref", *(f"grid.{i}" for i in ITEMS), "fixed"])
    rows = [f"p{n},{','.join(map(str, row))},3" for n, row in enumerate(numbers())]
    more = [f"q{n},1,2,,4,5,3" for n in range(4)]  # they did not answer all
    (place / "responses" / "people.csv").write_text("\n".join([head, *rows, *more]))
    return h.load_survey(place)


def test_it_is_what_r_says(survey, oracle):
    found = reliability(survey, [f"grid.{i}" for i in ITEMS])
    assert found.n == 240
    assert [found.alpha] == pytest.approx(oracle["alpha"], abs=1e-9)
    assert found.alpha_range == pytest.approx((*oracle["low"], *oracle["high"]), abs=1e-9)
    assert [found.omega] == pytest.approx(oracle["omega"], abs=1e-5)  # R's fit stops earlier
    assert found.omega_range == pytest.approx(oracle["booted"], abs=0.02)  # two methods
    assert found.items["item_rest"].tolist() == pytest.approx(oracle["item_rest"], abs=1e-9)
    without = found.items["alpha_without"].tolist()
    assert without == pytest.approx(oracle["alpha_without"], abs=1e-9)


def test_the_table_says_it(survey, oracle):
    table = h.quality.reliability(survey, "grid").data
    assert table["Item"].tolist() == ["All 5 items", *(f"Item {i}" for i in ITEMS)]
    assert table["Alpha"][0] == f"{oracle['alpha'][0]:.2f}" and table["Answered all"][0] == "240"
    two = h.quality.reliability(survey, ["grid.a", "grid.b"]).data
    assert two["Omega"][0] == "–"  # one factor needs three
    wide = h.quality.reliability(survey.design(level=0.99), "grid").data
    assert "Alpha, 99% range" in wide.columns


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (["grid.a", "grid.z"], 'no item "grid.z"'),
        ("grid.a", "two items or more"),
        (["grid.a", "fixed"], "everybody gave the same answer"),
    ],
)
def test_what_cannot_be_judged_is_said(survey, items, said):
    with pytest.raises(InsightsError, match=said):
        h.quality.reliability(survey, items)
    with pytest.raises(InsightsError, match="not an item on a scale"):
        h.quality.reliability(h.load_survey(CYCLING), ["owns", "agree.safe"])


def test_a_sure_item_does_not_break_the_fit():
    from helpers.estimation.reliability import omega_of

    exact = np.array([[1.0, 0.9, 0.9], [0.9, 1.0, 0.9], [0.9, 0.9, 1.0]])
    assert omega_of(exact) == pytest.approx(3 * 3 * 0.9 / exact.sum())
