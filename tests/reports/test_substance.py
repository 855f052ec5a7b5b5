"""A report of a whole survey is of its questions, not of every column of its export."""

import random
import shutil

import pytest

import helpers as h
from helpers.release.defaults import without_substance

OPINIONS = [f"opinion{n}" for n in range(9)]
SINGLE = {
    "drives2": "drives2",
    **{name: f"Do you agree with statement {name[-1]} of the council?" for name in OPINIONS},
    "drives": "How often do you drive to work or to school?",
    "split": "Split",
    "consent": "Do you want to take part in this survey?",
    "tenure": "Tenure",
    "moved": "Why did you move here from another district?",
}
NUMBERS = {
    "born": "In what year were you born?",
    "zip": "Where is your home (five digits)?",
    "ref_no": "Number of your last letter to the council",
    "spent": "How much did you spend on transport last month?",
    "qx_weight": "qx_weight",
}
CODES = {"opinion": "123", "drives": "1234", "drives2": "12", "split": "12"}
CODES |= {"consent": "12", "tenure": "12", "moved": "12"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """400 people; nine opinions and a way to work, among columns that an export holds besides."""
    place, draw = tmp_path_factory.mktemp("export"), random.Random(7)
    rows = []
    for n in range(400):
        drives = draw.randrange(1, 5)
        opinions = [draw.randrange(1, 4) for _ in OPINIONS]
        consent, moved = 1 + (n < 2), 1 if n < 8 else ""
        rows.append(
            [n, 1 + (drives > 2), *opinions, drives, draw.randrange(1, 3), consent]
            + [draw.randrange(1, 3), moved, draw.randrange(1940, 2005)]
            + [draw.randrange(53001, 53999), 70001 + 7 * n, 5 * draw.randrange(60)]
            + [round(draw.uniform(0.2, 4), 3)]
        )
    (place / "responses").mkdir()
    lines = [",".join(["ref", *SINGLE, *NUMBERS]), *(",".join(map(str, row)) for row in rows)]
    (place / "responses" / "people.csv").write_text("\n".join(lines))
    asked = [
        f"{q},people,single,{w},{q.strip('0123456789') if q in OPINIONS else q},t"
        for q, w in SINGLE.items()
    ]
    asked += [f"{name},people,number,{words},,t" for name, words in NUMBERS.items()]
    (place / "codebook").mkdir()
    book = {
        "survey.yml": "title: Transport\nprovenance: public\npopulations:\n"
        "  people: {label: People, label_one: person, id: ref}\ntrends:\n  t: {label: All}\n",
        "questions.csv": "\n".join(["id,population,kind,label,option_set,trend", *asked]),
        "options.csv": "set,code,label,score\n"
        + "".join(f"{s},{c},Answer {c},\n" for s, codes in CODES.items() for c in codes),
    }
    for name, text in book.items():
        (place / "codebook" / name).write_text(text)
    return place


LEFT = {
    "drives2": "unworded",
    "split": "paradata",
    "consent": "same",
    "moved": "few",
    "zip": "code",
    "ref_no": "code",
    "qx_weight": "paradata",
}


def test_codes_repeats_and_what_is_of_the_interview_are_left_out_and_told(folder) -> None:
    made = h.report(h.load_survey(folder))
    outline = made.outline
    assert outline.left_out == LEFT
    assert [item.id for item in outline.items] == [
        *OPINIONS,
        "drives",
        "tenure",
        "born",
        "spent",
    ]  # in the order of the codebook
    told = dict(outline.about)["Not in this report"]
    assert "Without a question in words: Drives2." in told and told.endswith("reported by name.")
    assert "Codes of places, people or records: Where is your home (five digits)? and" in told
    assert 'questions=["drives2", …]' in repr(made) and "drives2" in made._repr_html_()
    assert set(LEFT) <= set(h.figures(h.load_survey(folder)).left_out)


def test_what_is_named_is_reported(folder) -> None:
    survey = h.load_survey(folder)
    named = h.report(survey, ["zip", "drives2"]).outline
    assert [item.id for item in named.items] == ["zip", "drives2"] and not named.left_out
    assert {item.id for item in h.report(survey, trend="t").outline.items} >= {"zip", "consent"}
    rules = folder / "codebook" / "release.yml"
    rules.write_text("pages:\n  mine: {title: Mine, questions: [drives2, consent]}\n")
    try:
        own = h.report(h.load_survey(folder)).outline
    finally:
        rules.unlink()
    assert [item.id for item in own.chapters[0].items] == ["drives2", "consent"]
    assert own.left_out["drives"] == "repeats", "it says more, but the owner chose the other"
    assert "zip" in own.left_out and "drives2" not in own.left_out


def test_a_repeat_gives_way_to_the_question_that_has_more_answers(folder) -> None:
    questions = folder / "codebook" / "questions.csv"
    before = questions.read_text()
    named = "drives2,people,single,Do you drive to work on most days?"
    questions.write_text(before.replace("drives2,people,single,drives2", named))
    try:
        outline = h.report(h.load_survey(folder)).outline
    finally:
        questions.write_text(before)
    assert outline.left_out["drives2"] == "repeats" and "drives" not in outline.left_out


def test_numbers_to_open_with_are_of_questions_in_words(folder) -> None:
    options = folder / "codebook" / "options.csv"
    before = options.read_text()
    scaled = before + "".join(f"many,{n},{n},{n}\n" for n in (1, 2, 3))
    for n in (1, 2, 3):
        scaled = scaled.replace(f"opinion,{n},Answer {n},", f"opinion,{n},Answer {n},{n}")
    options.write_text(scaled)
    questions = folder / "codebook" / "questions.csv"
    asked = questions.read_text()
    questions.write_text(
        asked.replace("drives2,people,single,drives2,drives2", "drives2,people,single,drives2,many")
    )
    try:
        survey = h.load_survey(folder)
        numbers = h.report(survey, trend="t").outline.numbers
    finally:
        options.write_text(before)
        questions.write_text(asked)
    assert [n["question"] for n in numbers] == OPINIONS[:4], "not drives2, which has a scale too"


@pytest.mark.parametrize(
    ("wording", "left"),
    [
        ("When would be a better time to call you back?", True),
        ("May I please speak with the person who is named here?", True),
        ("Have I reached you on a landline or a cell phone?", True),
        ("[RECORD GENDER: BY OBSERVATION ONLY - DO NOT ASK]", True),
        ("Please select result", True),
        ("How often do you call friends on a mobile phone?", False),
        ("Do you speak with your doctor about it?", False),
        ("What was the outcome of your last interview for a job?", False),
        ("Were you satisfied with the follow-up call from our service?", False),
        ("Do you have a landline or a mobile phone?", False),
        ("Would you be willing to be interviewed on your job by your employer?", False),
        ("Did our service call you back?", False),
        ("Are you comfortable speaking with the police?", False),
        ("People like me do not ask for help", False),
        ("Are you speaking to me on a landline or a cell phone?", True),
        ("Would you be willing to be interviewed by a reporter?", True),
        ("Would you be willing to be re-contacted?", True),
        ("Do you agree to take part in a follow-up survey?", True),
        ("Could we contact you again about it?", True),
    ],
)
def test_what_interviewers_say_and_note_is_of_the_interview(folder, tmp_path, wording, left):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "codebook" / "questions.csv"
    path.write_text(
        path.read_text().replace("Why did you move here from another district?", wording)
    )
    lines = (tmp_path / "responses" / "people.csv").read_text().splitlines()
    at = lines[0].split(",").index("moved")
    draw, rows = random.Random(3), [lines[0]]
    for line in lines[1:]:
        cells = line.split(",")
        cells[at] = str(draw.randrange(1, 3))
        rows.append(",".join(cells))
    (tmp_path / "responses" / "people.csv").write_text("\n".join(rows))
    found = without_substance(h.load_survey(tmp_path))
    assert found.get("moved", "") == ("paradata" if left else "")


@pytest.mark.parametrize(
    ("name", "wording", "left"),
    [
        ("device", "Which device do you use most at work?", False),
        ("order", "Did you order anything online this year?", False),
        ("start", "Did you start school before you were six?", False),
        ("version", "Which version of the timetable do you use?", False),
        ("rotation", "Do you like how shifts are rotated?", False),
        ("device", "Device type", True),
        ("start", "Start of it", True),
    ],
)
def test_a_name_decides_only_where_nothing_is_asked_in_words(folder, tmp_path, name, wording, left):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    book, answers = tmp_path / "codebook" / "questions.csv", tmp_path / "responses" / "people.csv"
    book.write_text(
        book.read_text().replace("tenure,people,single,Tenure", f"{name},people,single,{wording}")
    )
    answers.write_text(answers.read_text().replace("tenure", name, 1))
    found = without_substance(h.load_survey(tmp_path))
    assert found.get(name, "") == ("paradata" if left else "")
