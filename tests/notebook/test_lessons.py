"""The example survey, and the mistakes planted in copies of it."""

import hashlib

import pytest

from helpers.errors import InsightsError
from helpers.notebook import lessons


def fingerprint():
    files = sorted(p for p in lessons.EXAMPLE.rglob("*") if p.is_file())
    return hashlib.sha256(b"".join(p.read_bytes() for p in files)).hexdigest()


def test_the_example_is_in_order():
    assert lessons.checked().data == "Nothing is wrong with this survey folder."
    assert len(lessons.contents().data) == 5
    assert "Readers of a town library" in lessons.text("codebook/survey.yml").data
    assert len(lessons.preview("responses/readers.csv", rows=3).data) == 3


@pytest.mark.parametrize(
    ("cell", "value", "said"),
    [
        ((3, "views.hours"), "Agree", "row 3, column views.hours"),
        ((5, "age_group"), "40-46", "row 5, column age_group"),
        ((6, "reader"), "L001", "L001"),
        ((7, "uses.desk.now"), "maybe", "row 7, column uses.desk.now"),
    ],
)
def test_a_planted_mistake_is_found_and_the_example_is_unchanged(cell, value, said):
    before = fingerprint()
    words = lessons.checked("responses/readers.csv", {cell: value}).data
    assert said in words and value in words
    assert len(words.splitlines()) == 1
    assert fingerprint() == before


def test_an_unknown_place_is_an_error():
    with pytest.raises(InsightsError, match="no row 99"):
        lessons.checked("responses/readers.csv", {(99, "visits"): "never"})
