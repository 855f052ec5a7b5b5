"""Numbers with a unit: what is one, and that the next file is read alike."""

import csv

import pytest

from files import edited, refused, taken, write
from helpers.codebook.model import Kind
from helpers.importing.words.units import units_in
from helpers.responses.survey import load_survey

SAME = [
    (["34 years", "27 yrs", "41", "19 years old", "52yo"], {34, 27, 19, 52}),
    (["3 mois", "18 mois", "1 mois"], {3, 18, 1}),
    (["34 Jahre", "1 Jahr", "27 Jahre"], {34, 1, 27}),
    (["34세", "27세", "41세"], {34, 27, 41}),
    (["34 ปี", "27 ปี", "41 ปี"], {34, 27, 41}),
    (["£12", "£7.50", "£30"], {12, 7.5, 30}),
    (["12 km", "7.5 km", "9km"], {12, 7.5, 9}),
    (["2 years", "5 years", "6 months", "18 months"], {2, 5, 0.5, 1.5}),  # all in years
    (["6 months", "18 months", "3 months", "1 year"], {6, 18, 3, 12}),  # all in months
]
OTHER = [
    ["1st", "2nd", "3rd"],
    ["3 cats", "2 dogs", "5 cats"],
    ["10k", "25k", "50k"],
    ["9 am", "10 am", "11 am"],
    ["3-5 Jahre", "0-2 Jahre", "6-10 Jahre"],  # bands are answers in order
    ["10 or more", "20 or more", "30 or more"],
    ["2 years", "6 months", "7", "9 years"],  # of 7 nobody knows
    ["12 is too many", "3 of them left", "5 people"],
]


@pytest.mark.parametrize(("cells", "numbers"), SAME, ids=lambda x: str(x)[:20])
def test_cells_of_one_unit_are_numbers(cells, numbers):
    found = units_in(dict.fromkeys(cells, 1))
    assert {float(number) for number, _ in found.values()} == numbers


@pytest.mark.parametrize("cells", OTHER, ids=lambda x: x[0])
def test_cells_without_a_common_unit_stay_words(cells):
    assert not units_in(dict.fromkeys(cells, 1))


def test_ages_with_units_are_numbers_and_a_filter_and_so_is_the_next_file(tmp_path):
    """Three of 60 people are 20, three 21 and so on; salaries have a comma between thousands."""
    units = ["years", "yrs", "years old"]
    rows = [["How old are you?", "Salary", "Berufserfahrung", "Alter der Kinder"]]
    for n in range(60):
        band = ("0-2 Jahre", "3-5 Jahre", "6-10 Jahre")[n % 3]
        pay = f"£{20 + n},500"
        rows.append([f"{20 + n % 20} {units[n % 3]}", pay, band, f"{n % 17 + 1} Jahre"])
    path, out = write(tmp_path / "a.csv", rows), tmp_path / "out"
    taken(path, out)
    codebook = load_survey(out).codebook
    kinds = [q.kind for q in codebook.questions.values()]
    assert kinds == [Kind.NUMBER, Kind.NUMBER, Kind.SINGLE, Kind.NUMBER]
    assert [*codebook.dimensions["age"].bands.values()] == ["18–24", "25–34", "35+"]
    bands = codebook.questions["berufserfahrung"].options
    assert [o.label for o in bands] == ["0-2 Jahre", "3-5 Jahre", "6-10 Jahre"]
    edited(out)  # from here on by the mapping
    rows[1] = ["37 yrs", "£1,000", "3-5 Jahre", "2 Jahre"]
    taken(write(path, rows), out)
    with open(out / "responses" / "respondents.csv", encoding="utf-8") as file:
        first, second, *_ = csv.DictReader(file)
    assert (first["age"], first["salary"]) == ("37", "1000")
    assert (second["age"], second["salary"]) == ("21", "21500")
    rows[1][0] = "37 winters"
    assert "not_a_number" in refused(write(path, rows), out).problems.kinds
