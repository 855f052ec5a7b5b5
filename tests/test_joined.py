"""Select-all answers in one cell, as Qualtrics and the Forms of Google and Microsoft write them."""

from itertools import combinations

import pytest

from files import refused, taken, write
from helpers.estimation.estimates import proportion
from helpers.survey.codebook import Kind
from helpers.survey.dataset import load_survey

BOXES = ("Library", "Parks, gardens and woods", "Swimming pool", "None of these")
SEPARATORS = pytest.mark.parametrize("join", [",", ", ", ";"], ids=["qualtrics", "google", "ms"])
QUESTION = "Which do you use?"


def given(people=60):
    """What each respondent ticks: every set of the first three boxes, or the last, or nothing."""
    sets = [c for n in (1, 2, 3) for c in combinations(BOXES[:3], n)] + [BOXES[3:], ()]
    return [sets[(n * n + n // 7) % len(sets)] for n in range(people)]


def export(path, ticked, join=", ", question=QUESTION):
    end = ";" if join == ";" else ""
    rows = [[str(n), join.join(boxes) + (end if boxes else "")] for n, boxes in enumerate(ticked)]
    return write(path, [["id", question], *rows])


@SEPARATORS
def test_each_answer_of_a_cell_becomes_a_box(tmp_path, join):
    ticked = given()
    path = export(tmp_path / "first.csv", ticked, join)
    taken(path, tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    [question] = survey.codebook.questions.values()
    assert question.kind is Kind.MULTIPLE and "a cell joins the answers" in question.note
    assert [item.label for item in question.items] == list(BOXES)
    answered = [boxes for boxes in ticked if boxes]
    table = proportion(survey, question.id)
    assert set(table["n"]) == {len(answered)}
    shares = [sum(box in boxes for boxes in answered) / len(answered) for box in BOXES]
    assert table["estimate"].tolist() == pytest.approx(shares)
    before = survey.fingerprint
    taken(path, tmp_path / "out")
    assert load_survey(tmp_path / "out").fingerprint == before


@SEPARATORS
def test_the_next_wave_may_combine_boxes_as_nobody_did_before(tmp_path, join):
    seldom = [boxes for boxes in given() if len(boxes) < 3]
    taken(export(tmp_path / "first.csv", seldom, join), tmp_path / "out")
    taken(export(tmp_path / "next.csv", [BOXES[:3], BOXES[2:]], join), tmp_path / "out")
    frame = load_survey(tmp_path / "out").frames["respondents"]
    boxes = [column for column in frame if "." in column]
    assert frame[boxes].to_numpy().tolist() == [["1", "1", "1", "0"], ["0", "0", "1", "1"]]


@SEPARATORS
def test_an_answer_that_is_no_box_is_a_problem_with_its_place(tmp_path, join):
    taken(export(tmp_path / "first.csv", given(), join), tmp_path / "out")
    wrong = [BOXES[:2], ("Library", "Swiming pool"), BOXES[:1]]
    [problem] = refused(export(tmp_path / "next.csv", wrong, join), tmp_path / "out").problems
    assert (problem.kind, problem.row, problem.cell) == ("unknown_code", 3, "B3")
    assert problem.found == "Swiming pool" and tuple(problem.allowed) == BOXES


def test_one_box_in_other_letters_stops_the_first_import(tmp_path):
    ticked = given()
    ticked[5] = ticked[9] = ("library", "Swimming pool")
    problems = list(refused(export(tmp_path / "first.csv", ticked), tmp_path / "out").problems)
    assert [(p.kind, p.cell, p.found) for p in problems] == [
        ("look_alike", "B7", "library"),
        ("look_alike", "B11", "library"),
    ]


@SEPARATORS
def test_a_box_that_was_renamed_is_mapped_beside_the_old_one(tmp_path, join):
    taken(export(tmp_path / "first.csv", given(), join), tmp_path / "out")
    mapping = tmp_path / "out" / "mapping.yml"
    lines = mapping.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if "[Swimming pool]" in line)
    lines.insert(at, lines[at].replace("Swimming pool", "Pool"))
    mapping.write_text("".join(lines), encoding="utf-8")
    ticked = [("Library", "Pool"), ("Swimming pool",), ("Library",), ("Pool", "Swimming pool")]
    taken(export(tmp_path / "next.csv", ticked, join), tmp_path / "out")
    frame = load_survey(tmp_path / "out").frames["respondents"]
    [pool] = [column for column in frame if column.endswith("swimming_pool")]
    assert frame[pool].tolist() == ["1", "1", "0", "1"]


@pytest.mark.parametrize("word", ["library", "Library.", "Lіbrary"])  # the last with a Cyrillic i
def test_what_looks_like_a_box_is_no_other_answer(tmp_path, word):
    ticked = given()
    ticked[5], ticked[9] = ("Library", "the old tip"), ("Museum of trams",)
    taken(export(tmp_path / "first.csv", ticked), tmp_path / "out")
    ticked[20] = (word,)
    [problem] = refused(export(tmp_path / "next.csv", ticked), tmp_path / "out").problems
    assert (problem.kind, problem.cell, problem.found) == ("look_alike", "B22", word)
    taken(tmp_path / "next.csv", tmp_path / "out", allow=("look_alike",))


def test_what_people_added_in_own_words_is_kept_as_text(tmp_path):
    ticked = given()
    ticked[5], ticked[9] = ("Library", "the old tip"), ("Museum of trams",)
    taken(export(tmp_path / "first.csv", ticked), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    boxes, words = survey.codebook.questions.values()
    assert [item.label for item in boxes.items] == list(BOXES) and words.kind is Kind.TEXT
    written = survey.frames["respondents"][words.id]
    assert written[5] == "the old tip" and written[9] == "Museum of trams"


@pytest.mark.parametrize(
    "answers",
    [
        ("Employed, working full-time", "Employed, working part-time", "Retired", "Student"),
        ("No, not at all", "Yes, somewhat", "Yes, very"),
        ("Yes", "Yes, but seldom", "No"),
        ("Under £10,000", "£10,000 to £19,999", "£20,000 or more"),
        ("Leeds; Bradford", "York", "Hull"),
    ],
)
def test_a_comma_in_an_answer_joins_nothing(tmp_path, answers):
    rows = [["id", "Q"], *([str(n), answers[n % len(answers)]] for n in range(60))]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert question.kind is Kind.SINGLE
    assert {option.label for option in question.options} == set(answers)


def test_an_answer_that_begins_like_another_is_told_from_it(tmp_path):
    boxes = ("Bus", "Bus, at night", "Tram")
    sets = [c for n in (1, 2, 3) for c in combinations(boxes, n)]
    ticked = [sets[n % 7] for n in range(56)]
    taken(export(tmp_path / "first.csv", ticked, ","), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    [question] = survey.codebook.questions.values()
    assert [item.label for item in question.items] == list(boxes)
    assert proportion(survey, question.id)["estimate"].tolist() == pytest.approx([4 / 7] * 3)


def test_lists_in_an_order_of_ones_own_are_no_boxes(tmp_path):
    answers = ("Leeds", "York", "Leeds, York", "York, Leeds")
    rows = [[str(n), answers[n % len(answers)]] for n in range(60)]
    taken(write(tmp_path / "a.csv", [["id", "Q"], *rows]), tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert question.kind is Kind.SINGLE


def test_mostly_own_words_are_no_boxes(tmp_path):
    """Though two answers are also given together."""
    answers = ("Price", "Speed", "Price, speed", "Price, Speed", "what my friend {n} told me")
    rows = [[str(n), answers[min(n % 8, 4)].format(n=n)] for n in range(64)]
    taken(write(tmp_path / "a.csv", [["id", "Q"], *rows]), tmp_path / "out", allow=("look_alike",))
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert question.kind is Kind.TEXT
