"""Rankings: cells that put all options in an order, and columns with places."""

from itertools import permutations

import pytest

from files import edited, refused, taken, write
from helpers.codebook.model import Kind
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow

OPTIONS = ["Pay", "Time, and leave", "Team"]
ORDERS = [*permutations(OPTIONS)]  # six, each given by five of 30 people


def ranked(path, sign=";", end=";", more=()):
    rows = [["id", "What matters most?", "Age"]]
    for n in range(30):
        rows.append([str(n), sign.join(ORDERS[n % 6]) + end if n % 10 else "", str(20 + n)])
    return write(path, [*rows, *more])


@pytest.mark.parametrize(("sign", "end"), [(";", ";"), ("\n", ""), (" > ", ""), ("|", "")])
def test_a_joined_ranking_has_a_place_for_each_option(sign, end, tmp_path):
    report = taken(ranked(tmp_path / "a.csv", sign, end), tmp_path / "out")
    assert any("a ranking" in words for words in report.remarks)
    survey = load_survey(tmp_path / "out")
    question = next(iter(survey.codebook.questions.values()))
    assert question.kind is Kind.GRID and "a ranking" in question.note
    assert {item.label for item in question.items} == {*OPTIONS}
    assert [(o.label, o.score) for o in question.options] == [("1", 1), ("2", 2), ("3", 3)]
    frame = survey.frames["respondents"]
    for item in question.items:
        places = frame[f"{question.id}.{item.code}"]
        said = [str(ORDERS[n % 6].index(item.label) + 1) if n % 10 else None for n in range(30)]
        assert [*places.astype(object).where(places.notna(), None)] == said


def test_the_next_file_of_a_ranking_is_read_alike(tmp_path):
    out = tmp_path / "out"
    taken(ranked(tmp_path / "a.csv"), out)
    edited(out)
    path = tmp_path / "b.csv"
    header = [["id", "What matters most?", "Age"]]
    taken(
        write(path, [*header, ["1", "Team;Pay;Time, and leave;", "30"], ["2", "Pay;", "31"]]), out
    )
    survey = load_survey(out)
    question = next(iter(survey.codebook.questions.values()))
    labels = {item.label: f"{question.id}.{item.code}" for item in question.items}
    codes = survey.codes["respondents"]
    assert [codes[labels[option]][0] for option in OPTIONS] == ["2", "3", "1"]
    assert [codes[labels[option]][1] for option in OPTIONS] == ["1", *["not_answered"] * 2]
    report = refused(write(path, [*header, ["1", "Team;Fame;Pay;", "30"]]), out)
    assert {p.found for p in report.problems} == {"Team;Fame;Pay;"}


def test_all_boxes_in_the_order_of_the_questionnaire_are_no_ranking(tmp_path):
    rows = [["id", "Which? (select all that apply)"]]
    rows += [[str(n), ";".join(o for k, o in enumerate("ABC") if n >> k & 1)] for n in range(24)]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert question.kind is Kind.MULTIPLE


def test_columns_of_places_are_a_ranking(tmp_path):
    rows = [["id", *(f"Rank: [{option}]" for option in OPTIONS)]]
    rows += [[str(n), *map(str, list(permutations("123"))[n % 6])] for n in range(24)]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert question.kind is Kind.GRID and "a ranking" in question.note
    assert [o.score for o in question.options] == [1, 2, 3]


def rated(n):
    return [str(1 + (n * k + k) % 3) if (n + k) % 3 else "" for k in range(5)]


@pytest.mark.parametrize(
    ("cells", "ranking"),
    [
        (lambda n: [*permutations(["1", "2", "3", "", ""])][n * 7 % 120], True),
        (lambda n: [*permutations(["1", "2", "3" * (n % 4 < 3), "", ""])][n * 7 % 120], True),
        (lambda n: [*permutations("12345")][n * 7 % 120], True),
        (rated, False),
        (lambda n: [*permutations(["1", "3", "4", "", ""])][n * 7 % 120], False),
    ],
    ids=["first three", "some gave two", "all", "ratings", "no second"],
)  # fmt: skip
def test_the_first_three_of_five_are_a_ranking(cells, ranking, tmp_path):
    rows = [["id", *(f"Rank three: [{option}]" for option in "ABCDE")]]
    rows += [[str(n), *cells(n)] for n in range(24)]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert question.kind is Kind.GRID and ("a ranking" in question.note) is ranking
