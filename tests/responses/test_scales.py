"""What is said of a question that has no scale: which answer lacks what, and where to write it."""

import shutil

import pytest

import helpers as h
from helpers.errors import InsightsError

EXAMPLE = "data/example"


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """The example, in which one answer of a grid lost its score."""
    place = tmp_path_factory.mktemp("scales") / "survey"
    shutil.copytree(EXAMPLE, place, ignore=shutil.ignore_patterns("release", "notebooks"))
    options = place / "codebook" / "options.csv"
    text = options.read_text(encoding="utf-8")
    assert "agree,3,Neither,3,3,\n" in text
    options.write_text(text.replace("agree,3,Neither,3,3,\n", "agree,3,Neither,3,,\n"), "utf-8")
    return h.load_survey(place)


ASKED = {
    "mean": lambda s, q: h.mean(s, q),
    "net": lambda s, q: h.net(s, q),
    "top": lambda s, q: s.derive(x=h.recipes.top(q)),
    "index": lambda s, q: s.derive(x=h.recipes.index([q])),
    "model": lambda s, q: h.model(s, q, ["age"], kind="ordinal"),
    "where": lambda s, q: s.where(f"{q} > 1"),
}


@pytest.mark.parametrize("asked", [name for name in ASKED if name not in ("model", "where")])
def test_the_answer_without_a_score_is_named(survey, asked):
    with pytest.raises(InsightsError, match="no score in options.csv for “Neither”"):
        ASKED[asked](survey, "views")


@pytest.mark.parametrize("asked", [name for name in ASKED if name != "index"])
def test_answers_without_any_score_are_told_where_to_get_them(survey, asked):
    with pytest.raises(InsightsError, match="its answers need a score each in options.csv"):
        ASKED[asked](survey, "visits")


def test_a_favourable_share_says_where_the_good_end_is_written():
    survey = h.load_survey(EXAMPLE)
    with pytest.raises(InsightsError, match="write high or low into its column favourable"):
        survey.derive(x=h.recipes.index("views", "favourable"))
