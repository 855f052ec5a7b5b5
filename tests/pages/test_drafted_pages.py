"""What readers see of a survey as it was drafted: nothing is said twice."""

import json

import pytest

from files import taken, write
from helpers.pages.publishing import prepare
from helpers.responses.survey import load_survey
from helpers.words import followed, lowered, sentences

HEAD = (
    *("Respondent ID", "How old are you?", "Which branch do you use?", "How often?"),
    *("What for? Tick all.", ""),
)
ITEMS = ("", "", "", "", "Books", "Seats")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Views of a survey of 60, of whom 40 use the branch Hill and 45 come for books."""
    folder = tmp_path_factory.mktemp("drafted")
    rows = [
        [
            f"{n}",
            ("18 to 34", "35 to 54")[n // 4 % 2],
            "Hill" if n % 3 else "Mill",
            ("Every month", "Every week", "Every month", "Every year")[n // 8 % 4],
            "" if n % 4 == 3 else "Books",
            "Seats" if n % 4 > 1 else "",
        ]
        for n in range(60)
    ]
    taken(write(folder / "Readers.csv", [HEAD, ITEMS, *rows]), folder / "out")
    made = prepare(load_survey(folder / "out"))
    return {name: json.loads(made.files[f"views/{name}.json"]) for name in ("overview", "all")}


def test_key_numbers_say_answer_after_question(pages):
    numbers = {n["question"]: (n["value"], n["words"]) for n in pages["overview"]["numbers"]}
    assert numbers["branch_use"] == ("67%", "Which branch do you use? Hill")
    assert numbers["tick"] == ("75%", "What for? Books")


def test_a_wording_that_is_the_label_is_not_said_again(pages):
    said = {q["id"]: (q["title"], q["wording"]) for q in pages["all"]["questions"]}
    assert said["branch_use"] == ("Which branch do you use?", "")
    assert said["tick"] == ("What for?", "What for? Tick all.")


def test_guesses_of_an_import_are_for_its_owner(pages):
    said = json.dumps(pages)
    assert '"note": ""' in said and "Guess:" not in said and "Confirm" not in said


def test_answers_with_an_order_are_drawn_in_it(pages):
    drawn = {q["id"]: [*q["figures"].values()][0] for q in pages["all"]["questions"]}
    order = {name: figure["layout"]["yaxis"].get("categoryarray") for name, figure in drawn.items()}
    assert order["branch_use"] == ["Hill", "Mill"]  # by size
    assert order["often"] is None
    assert drawn["often"]["data"][0]["y"][1] == "Every month"  # which is the largest


def test_a_filter_is_named_by_a_noun(pages):
    assert [(d["id"], d["label"]) for d in pages["all"]["dimensions"]] == [("age", "Age")]


@pytest.mark.parametrize(
    ("label", "inside"),
    [
        ("Age group", "age group"),
        ("How old?", "“How old?”"),
        ("NHS trust", "NHS trust"),
        ("Census Region - merged", "Census Region - merged"),
        ("Race/Ethnicity", "Race/Ethnicity"),
        ("Labour Party", "Labour Party"),
        ("Yes – in Paris", "yes – in Paris"),
        ("I ride", "I ride"),
        ("For London", "for London"),
        ("Do you ride, walk, or…", "“Do you ride, walk, or…”"),
        ("Élan Vital", "Élan Vital"),
        ("Q 5 Areas", "q 5 Areas"),
    ],
)
def test_a_label_inside_a_sentence(label, inside):
    assert lowered(label) == inside


def test_texts_side_by_side():
    assert followed("Branch", "Hill") == "Branch: Hill"
    assert followed("Which branch?", "Hill") == "Which branch? Hill"
    assert sentences("Branch", "Which branch?", "Branch", "") == "Branch. Which branch?"
