"""Select-all answers in one cell, as Qualtrics and the Forms of Google and Microsoft write them."""

import json
import random
from collections import Counter
from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest

from files import refused, taken, write
from helpers.codebook.model import Kind
from helpers.estimation.estimates import proportion
from helpers.importing.columns.boxes import RULES, BoxCells
from helpers.importing.draft import box_guesses
from helpers.importing.files.sheets import Column, encoded
from helpers.importing.layouts.heads import Head
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow

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


def test_a_column_of_boxes_may_be_called_like_another_question(tmp_path):
    """The drafted name of the first question is the header of the boxes."""
    ticked = given()
    teams = ["North", "South", "West"]
    rows = [[str(n), teams[n % 3], ", ".join(boxes)] for n, boxes in enumerate(ticked)]
    path = write(tmp_path / "first.csv", [["id", "Your base?", "base"], *rows])
    taken(path, tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    [team, boxes] = survey.codebook.questions.values()
    assert team.id == "base" and boxes.kind is Kind.MULTIPLE
    assert {*proportion(survey, "base")["n"]} == {60}
    shares = proportion(survey, boxes.id)["estimate"].tolist()
    answered = [some for some in ticked if some]
    due = [sum(box in some for some in answered) / len(answered) for box in BOXES]
    assert shares == pytest.approx(due)


def test_questions_that_only_look_like_parts_of_one_keep_their_headers_as_names(tmp_path):
    answers = ["ab", "xyz", "pq"]
    rows = [[str(n), *(of[n % len(of)] for of in answers)] for n in range(30)]
    path = write(tmp_path / "first.csv", [["id", "ask_3", "ask_1", "ask_2"], *rows])
    taken(path, tmp_path / "out")
    assert [*load_survey(tmp_path / "out").codebook.questions] == ["ask_3", "ask_1", "ask_2"]


@SEPARATORS
def test_the_next_wave_may_combine_boxes_as_nobody_did_before(tmp_path, join):
    seldom = [boxes for boxes in given() if len(boxes) < 3]
    taken(export(tmp_path / "first.csv", seldom, join), tmp_path / "out")
    taken(export(tmp_path / "next.csv", [BOXES[:3], BOXES[2:]], join), tmp_path / "out")
    frame = load_survey(tmp_path / "out").frames["respondents"]
    boxes = [column for column in frame if "." in column]
    assert frame[boxes].to_numpy().tolist() == [["1", "1", "1", "0"], ["0", "0", "1", "1"]]


@SEPARATORS
def test_an_answer_that_is_not_a_box_is_a_located_problem(tmp_path, join):
    taken(export(tmp_path / "first.csv", given(), join), tmp_path / "out")
    wrong = [BOXES[:2], ("Library", "Swiming pool"), BOXES[:1]]
    [problem] = refused(export(tmp_path / "next.csv", wrong, join), tmp_path / "out").problems
    assert (problem.kind, problem.row, problem.cell) == ("unknown_code", 3, "B3")
    assert problem.found == "Swiming pool" and tuple(problem.allowed) == BOXES


def test_one_box_in_other_letters_is_a_box_of_its_own_until_somebody_joins_them(tmp_path):
    ticked = given()
    ticked[5] = ticked[9] = ("library", "Swimming pool")
    report = taken(export(tmp_path / "first.csv", ticked), tmp_path / "out")
    [told] = [remark for remark in report.remarks if "looks like" in remark]
    assert 'the answer "library" looks like "Library"' in told


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
def test_a_look_alike_box_is_not_another_answer(tmp_path, word):
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


def drafted(path, cells, into, question=QUESTION):
    rows = [["id", question], *([str(n), cell] for n, cell in enumerate(cells))]
    taken(write(path, rows), into)
    survey = load_survey(into)
    return survey, next(iter(survey.codebook.questions.values()))


def shares(survey, question):
    found = proportion(survey, question.id)["estimate"].tolist()
    return dict(zip([item.label for item in question.items], found, strict=True))


FORMS = {
    "JSON": lambda boxes: json.dumps(list(boxes)),
    "Python": lambda boxes: str(list(boxes)),
    "Postgres": lambda boxes: "{" + ",".join(f'"{b}"' if " " in b else b for b in boxes) + "}",
    "slashes": " / ".join,
    "bullets": " • ".join,
    "dashes": " - ".join,
    "Arabic": "، ".join,
    "Chinese": "；".join,
}


@pytest.mark.parametrize("form", FORMS)
def test_lists_as_programs_write_them_become_boxes(form, tmp_path):
    """Every set of four boxes, nobody asked for all: eight of fifteen hold any one."""
    boxes = ("Bus", "Night bus", "Tram", "Car, shared" if form[-1] != "s" else "Car")
    sets = [c for n in (1, 2, 3, 4) for c in combinations(boxes, n)]
    cells = [FORMS[form](sets[n % 15]) for n in range(60)]
    survey, question = drafted(tmp_path / "a.csv", cells, tmp_path / "out", "Transport used")
    assert shares(survey, question) == pytest.approx(dict.fromkeys(boxes, 8 / 15))
    taken(tmp_path / "a.csv", tmp_path / "out")
    assert load_survey(tmp_path / "out").fingerprint == survey.fingerprint


@pytest.mark.parametrize(
    ("boxes", "labels"),
    [
        (("bus", "night_bus", "tram"), ("Bus", "Night bus", "Tram")),
        (("1", "2", "3"), ("1", "2", "3")),
    ],
)
def test_names_with_blanks_between_them_are_boxes(boxes, labels, tmp_path):
    """As ODK and Kobo write them; each box is in four of seven sets."""
    sets = [c for n in (1, 2, 3) for c in combinations(boxes, n)]
    cells = [" ".join(sets[n % 7]) for n in range(56)]
    survey, question = drafted(tmp_path / "a.csv", cells, tmp_path / "out", "Transport used")
    assert shares(survey, question) == pytest.approx(dict.fromkeys(labels, 4 / 7))


@pytest.mark.parametrize(
    "answers",
    [
        ("Strongly agree", "Agree", "Disagree", "Strongly disagree"),
        ("agree", "strongly agree", "disagree", "strongly disagree"),
        ("York", "New York", "London", "New London"),
        ("1 000", "2 000", "12 000"),
        ("White", "Black", "White / Black", "Asian", "Other"),
        ("Yes", "No", "Yes and no"),
    ],
)
def test_words_of_one_answer_are_not_boxes(answers, tmp_path):
    cells = [answers[n % len(answers)] for n in range(60)]
    _, question = drafted(tmp_path / "a.csv", cells, tmp_path / "out", "Q")
    assert question.kind is not Kind.MULTIPLE


@pytest.mark.parametrize("join", [";", "; ", "|", "\n"])
def test_two_boxes_beside_each_other_need_no_wording(join, tmp_path):
    """Of 50, 20 use one, 20 the other, 10 both: each is used by 30."""
    cells = ["Bus", "Tram", "Bus", "Tram", join.join(("Bus", "Tram"))] * 10
    survey, question = drafted(tmp_path / "a.csv", cells, tmp_path / "out", "Transport used")
    assert shares(survey, question) == pytest.approx({"Bus": 3 / 5, "Tram": 3 / 5})


@pytest.mark.parametrize("join", [" / ", " & ", " + ", " – "])
def test_three_boxes_in_all_their_sets_are_boxes(join, tmp_path):
    """Each of three boxes is in four of the seven sets."""
    boxes = ("Bus", "Tram", "Train")
    sets = [c for n in (1, 2, 3) for c in combinations(boxes, n)]
    cells = [join.join(sets[n % 7]) for n in range(28)]
    survey, question = drafted(tmp_path / "a.csv", cells, tmp_path / "out", "Transport used")
    assert shares(survey, question) == pytest.approx(dict.fromkeys(boxes, 4 / 7))


def test_three_boxes_in_two_orders_are_boxes(tmp_path):
    """Pairs go the other way than all three; each box is in four of the seven sets."""
    boxes = ("Bus", "Tram", "Train")
    sets = [c for n in (1, 2, 3) for c in combinations(boxes, n)]
    cells = [", ".join(s if len(s) == 3 else s[::-1]) for s in sets] * 3
    survey, question = drafted(tmp_path / "a.csv", cells, tmp_path / "out", "Transport used")
    assert shares(survey, question) == pytest.approx(dict.fromkeys(boxes, 4 / 7))


@pytest.mark.parametrize("join", [" & ", " - "])
def test_a_dozen_respondents_whose_cells_share_their_parts_are_reported(join, tmp_path):
    """Eight of twelve cells join parts of others; too few to tell boxes from own words."""
    boxes = ("Email", "Phone", "Post", "Visit", "Web chat")
    cells = [join.join(pair) for pair in [*combinations(boxes, 2)][:8]] + [*boxes[:3], boxes[0]]
    rows = [["id", "Ways to reach us"], *([str(n), cell] for n, cell in enumerate(cells))]
    report = taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    [told] = [remark for remark in report.remarks if "look like several" in remark]
    assert "8 of 12 look like several" in told


def test_three_boxes_in_every_order_are_boxes(tmp_path):
    """Of fifteen ways to tick one to three of three in some order, eleven hold any one."""
    orders = [c for n in (1, 2, 3) for c in permutations(("Bus", "Tram", "Train"), n)]
    cells = [", ".join(orders[n % 15]) for n in range(60)]
    survey, question = drafted(tmp_path / "a.csv", cells, tmp_path / "out", "Transport used")
    expected = dict.fromkeys(("Bus", "Tram", "Train"), 11 / 15)
    assert shares(survey, question) == pytest.approx(expected)


@pytest.mark.parametrize("join", [", ", " and ", "/", " & "])
def test_answers_that_look_like_several_are_reported(join, tmp_path):
    """One in twelve joins two, too few to tell that everybody could."""
    cells = ["Bus", "Tram", "Train", "Car"] * 22 + [join.join(("Bus", "Tram"))] * 8
    rows = [["id", "Transport used"], *([str(n), cell] for n, cell in enumerate(cells))]
    report = taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    [told] = [remark for remark in report.remarks if "look like several" in remark]
    assert f'8 of 96 look like several ("{cells[-1]}")' in told
    rows[0][1] += " (select all that apply)"
    rows = [[n, cell.replace(join, ";")] for n, cell in rows]
    taken(write(tmp_path / "b.csv", rows), tmp_path / "anew")
    [question] = load_survey(tmp_path / "anew").codebook.questions.values()
    assert question.kind is Kind.MULTIPLE


AWKWARD = [
    "Web page (say,  Alpha)",
    "Video (for instance, Alpha, Beta; Gamma)",
    'The "Say, cheese" club',
    "Parks, gardens and woods",
    'Pipe 5" wide',
    "Income 1,000 to 2,000",
    "Taxi, coach, etc.",
    "Smile :)",
]


@pytest.mark.parametrize("join", [",", ", ", ";", "; ", "|", " | ", "\n", ", $", ";$", ",$"])
def test_every_share_is_that_of_the_file(tmp_path, join):
    """Every set of three boxes, one of them awkward: four of the seven sets hold any one."""
    mark, end = join.strip("$"), join.strip("$ ") if join.endswith("$") else ""
    rows = [["id", *(f"Question {n}?" for n in range(len(AWKWARD)))]]
    for person in range(56):
        sets = [
            [c for n in (1, 2, 3) for c in combinations((awkward, "Bus", "Tram"), n)][person % 7]
            for awkward in AWKWARD
        ]
        rows.append([str(person), *(mark.join(boxes) + end for boxes in sets)])
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out", allow=("double_submission",))
    survey = load_survey(tmp_path / "out")
    for awkward, question in zip(AWKWARD, survey.codebook.questions.values(), strict=True):
        boxes = (" ".join(awkward.split()), "Bus", "Tram")
        assert shares(survey, question) == pytest.approx(dict.fromkeys(boxes, 4 / 7))
    taken(tmp_path / "a.csv", tmp_path / "out", allow=("double_submission",))
    assert load_survey(tmp_path / "out").fingerprint == survey.fingerprint


def test_a_single_answer_with_commas_stays_one_beside_own_answers_with_commas(tmp_path):
    cells = ["School", "Video (say, Alpha, Beta)", "Book", "pool", "lake, pool, river"] * 9
    _, question = drafted(tmp_path / "a.csv", cells, tmp_path / "out")
    assert question.kind is Kind.SINGLE
    assert {option.label for option in question.options} == set(cells)


@pytest.mark.parametrize("join", [",", ", ", ";", "|"])
def test_numbers_of_answers_become_boxes(tmp_path, join):
    """Every set of the answers 1 to 4: eight of fifteen hold any one of them."""
    sets = [c for n in (1, 2, 3, 4) for c in combinations("1234", n)]
    cells = [*(join.join(sets[n % 15]) for n in range(60)), "-99", ""]
    survey, question = drafted(tmp_path / "a.csv", cells, tmp_path / "out")
    assert shares(survey, question) == pytest.approx(dict.fromkeys("1234", 8 / 15))
    [problem] = refused(
        write(tmp_path / "b.csv", [["id", QUESTION], ["1", join.join("17")]]), tmp_path / "out"
    ).problems
    assert (problem.kind, problem.found) == ("unknown_code", "7")


@pytest.mark.parametrize("boxes", [("Swim", "Run"), ("1", "2")])
@pytest.mark.parametrize("join", [",", ", ", ";"])
def test_two_boxes_of_a_question_that_asks_for_all(tmp_path, boxes, join):
    """Of 60, 20 tick one, 20 the other, 20 both: each box is ticked by 40."""
    cells = [*boxes, join.join(boxes)] * 20
    path = write(
        tmp_path / "a.csv",
        [["id", "Which? (Select all that apply)"], *([str(n), c] for n, c in enumerate(cells))],
    )
    taken(path, tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    [question] = survey.codebook.questions.values()
    assert question.kind is Kind.MULTIPLE
    assert shares(survey, question) == pytest.approx(dict.fromkeys(boxes, 2 / 3))


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,5", "2,25", "3", "0,75", "4,5"], ["1.5", "2.25", "3", "0.75", "4.5"]),
        (["1,5", "2,5", "3,5", "4,5", "7", "6"], ["1.5", "2.5", "3.5", "4.5", "7", "6"]),
        (["1,234", "12,500", "950", "3,100"], ["1234", "12500", "950", "3100"]),
        (["1,234,567", "2,345,678", "999"], ["1234567", "2345678", "999"]),
        (["1,234.50", "2,000.25", "12.75"], ["1234.50", "2000.25", "12.75"]),
    ],
)
def test_commas_inside_numbers_join_nothing(tmp_path, cells, numbers):
    repeats = 8
    survey, question = drafted(tmp_path / "a.csv", cells * repeats, tmp_path / "out")
    frame = survey.frames["respondents"]
    if question.kind is Kind.SINGLE:  # few different ones
        assert {option.label for option in question.options} == set(cells)
    else:
        held = [float(number) for number in numbers * repeats]
        assert question.kind is Kind.NUMBER and frame[question.id].tolist() == held
    taken(tmp_path / "a.csv", tmp_path / "out")
    assert load_survey(tmp_path / "out").fingerprint == survey.fingerprint


def test_a_ranking_is_not_a_set_of_boxes(tmp_path):
    orders = ["Bus;Tram;Train;", "Tram;Bus;Train;", "Train;Tram;Bus;"] * 12
    _, question = drafted(tmp_path / "a.csv", orders, tmp_path / "out")
    assert question.kind is Kind.GRID


def test_boxes_may_only_occur_together(tmp_path):
    """Everybody ticks two or three of four; each box is in three of six pairs and of four sets."""
    sets = [c for n in (2, 3) for c in combinations(("Bus", "Tram", "Train", "Car"), n)]
    cells = [", ".join(sets[n % 10]) for n in range(60)]
    survey, question = drafted(tmp_path / "a.csv", cells, tmp_path / "out")
    expected = dict.fromkeys(("Bus", "Tram", "Train", "Car"), 6 / 10)
    assert shares(survey, question) == pytest.approx(expected)


def test_a_non_answer_is_not_a_box(tmp_path):
    cells = ["Bus", "Tram", "Bus, Tram", "Train, Bus", "Train", "NA"] * 10
    survey, question = drafted(tmp_path / "a.csv", cells, tmp_path / "out")
    expected = {"Bus": 3 / 5, "Tram": 2 / 5, "Train": 2 / 5}
    assert shares(survey, question) == pytest.approx(expected)


def test_a_box_that_only_occurs_with_another_is_reported(tmp_path):
    """Whether `Car, Van` is one answer or two, the cells do not show."""
    cells = ["Bus", "Car", "Bus, Car, Van", "Car, Van", "Bus, Car", "Bus", "Bus", "Bus"] * 10
    report = taken(
        write(tmp_path / "a.csv", [["id", "Q"], *([str(n), c] for n, c in enumerate(cells))]),
        tmp_path / "out",
    )
    assert any('"Van" but right behind "Car"' in remark for remark in report.remarks)


def test_own_words_between_two_separators_are_kept_as_they_were_written(tmp_path):
    ticked = given()
    ticked[5] = ("Library", "the old tip, by the river")
    taken(export(tmp_path / "first.csv", ticked), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    _, words = survey.codebook.questions.values()
    assert survey.frames["respondents"][words.id][5] == "the old tip, by the river"


def test_an_answer_that_begins_like_another_is_separate(tmp_path):
    boxes = ("Bus", "Bus, at night", "Tram")
    sets = [c for n in (1, 2, 3) for c in combinations(boxes, n)]
    ticked = [sets[n % 7] for n in range(56)]
    taken(export(tmp_path / "first.csv", ticked, ","), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    [question] = survey.codebook.questions.values()
    assert [item.label for item in question.items] == list(boxes)
    assert proportion(survey, question.id)["estimate"].tolist() == pytest.approx([4 / 7] * 3)


def test_lists_in_free_order_are_not_boxes(tmp_path):
    answers = ("Leeds", "York", "Leeds, York", "York, Leeds")
    rows = [[str(n), answers[n % len(answers)]] for n in range(60)]
    taken(write(tmp_path / "a.csv", [["id", "Q"], *rows]), tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert question.kind is Kind.SINGLE


def test_free_text_is_not_a_set_of_boxes(tmp_path):
    """Though two answers are also given together."""
    answers = ("Price", "Speed", "Price, speed", "Price, Speed", "what my friend {n} told me")
    rows = [[str(n), answers[min(n % 8, 4)].format(n=n)] for n in range(64)]
    taken(write(tmp_path / "a.csv", [["id", "Q"], *rows]), tmp_path / "out", allow=("look_alike",))
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert question.kind is Kind.TEXT


def test_a_few_own_answers_with_commas_make_no_select_all_question(tmp_path):
    """Of 169 people four wrote commas: 2.4%, as of a question with one answer each."""
    whole = "Video lessons (for instance, Alpha, Beta, Gamma)"
    cells = ["Swimming school"] * 44 + [whole] * 43 + ["Evening class"] * 40 + ["From a book"] * 30
    cells += ["pool"] * 5 + ["at sea"] * 3 + ["lake, pool, river", "at sea, with a cousin"] * 2
    survey, question = drafted(tmp_path / "a.csv", cells, tmp_path / "out")
    assert question.kind is Kind.SINGLE
    labels = {option.label for option in question.options}
    assert {"Swimming school", whole, "Evening class", "From a book"} <= labels
    assert (survey.frames["respondents"][question.id] == "swimming_school").sum() == 44


def test_months_of_a_year_are_no_two_answers(tmp_path):
    months = [f"{n % 12 + 1:02}/{2010 + n * n % 7}" for n in range(90)] + ["2011", "Not stated"] * 2
    rows = [[str(n), month] for n, month in enumerate(months)]
    report = taken(write(tmp_path / "a.csv", [["id", "Left in"], *rows]), tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert question.kind is not Kind.MULTIPLE and not question.items
    assert not any("look like several" in words for words in report.remarks)


def many_boxes(rows):
    """Cells of 45 boxes, a few in each; the last is ticked in no tenth row."""
    chance = random.Random(5)
    cells = []
    for n in range(rows):
        some = sorted(chance.sample(range(44), chance.randint(1, 3))) + (
            [44] if n % 10 == 5 else []
        )
        cells.append(";".join(f"Thing {at:02d}" for at in some))
    return cells


def test_boxes_of_some_rows_are_those_of_all(monkeypatch):
    cells = many_boxes(2_000)
    column = Column("B", *encoded(cells))
    monkeypatch.setattr(box_guesses, "_ROWS", 200)  # every tenth row
    found = box_guesses.guessed_boxes(column, Head("q", "", "Which?"))
    assert found is not None and sorted(found.labels) == [f"Thing {n:02d}" for n in range(45)]
    ticked = Counter(part for cell in cells for part in cell.split(";"))
    assert found.ticks == ticked and not found.written


def test_cells_that_are_divided_together_are_those_of_pandas():
    cells = ["", *many_boxes(300), *(f"Thing {n:02d};" * 2 for n in range(4))]
    column = Column("B", *encoded(cells))
    found = BoxCells(column, RULES[4], [f"Thing {n:02d}" for n in range(45)])
    ticked = pd.Series(cells).str.get_dummies(sep=";").to_numpy().astype(bool)
    assert (found.ticked[column.codes] == ticked).all() and not found.held.odd
    assert found.ticks == dict(zip(found.labels, ticked.sum(axis=0).tolist(), strict=True))


@pytest.mark.parametrize(
    ("rule", "cells"),
    {
        4: ("A thing;B thing", "A thing; B thing", "B thing", "A thing;own words;B thing;", "N/A"),
        5: ("A thing; B thing;", "A thing;B thing;", "B thing; own words; more words, really"),
        7: ("A thing,B thing", "A thing, so to say,B thing", "A thing,A thing,B thing,A thing"),
        8: ("A thing, B thing,", "A thing, so to say, B thing", "A thing,B thing", "-99"),
        0: ('["A thing", "B thing"]', "['A thing','own, really']", "[A thing]", "[]", "A thing"),
        1: ('{A thing,"B thing"}', '{"A thing, so to say",B thing}', "{own}", "{", "A thing"),
        12: ("A thing / B thing", "A thing /B thing", "A thing - A thing / B thing"),
        13: ("n/a", "a/n", "A thing/a", "A thing/own words, long enough"),
        2: ("A thing\nB thing", "A thing\n\nown words, long enough"),
    }.items(),
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_cells_are_divided_together_as_one_by_one(rule, cells):
    labels = ["A thing", "B thing", "A thing, so to say", "n", "a"]
    several = BoxCells(Column("B", cells, np.arange(len(cells))), RULES[rule], labels)
    assert several.answers == [several.read(cell) for cell in cells]
    for cell, answer in zip(cells, several.answers, strict=True):
        alone = BoxCells(Column("B", (cell,), np.zeros(1, dtype=int)), RULES[rule], labels)
        assert alone.answers == [answer]
