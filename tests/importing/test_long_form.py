"""Tables with one row for each answer: one row for each respondent, as pandas turns them."""

import pandas as pd
import pytest

from files import edited, refused, taken, write
from helpers.responses.survey import load_survey

WORDS = {"1": "Disagree", "2": "Neither", "3": "Agree", "0": "Not applicable"}
ASKED = ("I like my work", "My work is useful", "I have the tools I need")


def answers():
    """Rows of 40 people of two departments who answered two or three questions in any order."""
    rows = []
    for person in range(40):
        for n, question in enumerate(ASKED[: 2 + person % 2]):
            code = str((person * 7 + n * 3 + person // 4) % 4)
            department = ("Roads", "Parks")[person % 5 > 1]
            rows.append([f"R{person:02}", department, question, code, WORDS[code]])
    return sorted(rows, key=lambda row: (row[2], row[0]))


HEADER = ["Response ID", "Department", "Question", "Response", "Response Text"]


def test_answers_of_one_respondent_come_into_one_row(tmp_path):
    rows = answers()
    report = taken(write(tmp_path / "long.csv", [HEADER, *rows]), tmp_path / "out")
    assert report.respondents == {"respondents": 40}
    assert any("one for each answer, are read as 40 respondents" in r for r in report.remarks)
    wide = pd.DataFrame(rows, columns=HEADER).pivot(
        index="Response ID", columns="Question", values="Response Text"
    )
    survey = load_survey(tmp_path / "out")
    questions = {q.wording: q for q in survey.codebook.questions.values()}
    assert {*questions} >= {*ASKED, "Department"}
    for wording in ASKED:
        question = questions[wording]
        labels = {option.code: option.label for option in question.options}
        stored = survey.frames[question.population][question.id].map(labels)
        counted = stored.dropna().value_counts().to_dict()
        said = wide[wording].dropna()
        assert counted == said[said != WORDS["0"]].value_counts().to_dict()
        inner = [o.label for o in question.options if not o.missing]
        assert inner == ["Disagree", "Neither", "Agree"]  # as the numbers say


def test_the_same_file_again_and_a_fault_in_it(tmp_path):
    rows = answers()
    path = write(tmp_path / "long.csv", [HEADER, *rows])
    taken(path, tmp_path / "out")
    edited(tmp_path / "out")
    taken(path, tmp_path / "out")
    rows[60][3:] = ["9", "Blue"]
    report = refused(write(tmp_path / "long.csv", [HEADER, *rows]), tmp_path / "out")
    person = rows[60][0]
    first = 2 + next(n for n, row in enumerate(rows) if row[0] == person)
    assert first in {problem.row for problem in report.problems}


def test_several_answers_to_one_question_are_boxes(tmp_path):
    header = ["id", "question", "answer"]
    rows = []
    for person in range(60):
        rows.append([str(person), "Do you commute?", "yes" if person % 3 else "no"])
        for n, box in enumerate(("Bus", "Train", "Bicycle")):
            if (person + n) % (n + 2) == 0:
                rows.append([str(person), "What do you use? (select all)", box])
    taken(write(tmp_path / "long.csv", [header, *rows]), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    [question] = [q for q in survey.codebook.questions.values() if "use" in q.wording]
    found = {item.label for item in question.items}
    assert found == {"Bus", "Train", "Bicycle"}
    frame = survey.frames[question.population]
    for item in question.items:
        ticked = sum(row[2] == item.label for row in rows)
        [column] = [c.column for c in question.cells if c.item == item.code]
        assert int((frame[column].astype(str) == "1").sum()) == ticked


def test_answers_of_nobody_in_particular_keep_the_bases_of_their_questions(tmp_path):
    rows = [[str(n), *row[1:]] for n, row in enumerate(answers())]
    report = taken(write(tmp_path / "long.csv", [HEADER, *rows]), tmp_path / "out")
    assert any("no column says which are of one person" in remark for remark in report.remarks)
    survey = load_survey(tmp_path / "out")
    questions = {q.wording: q for q in survey.codebook.questions.values()}
    for wording in ASKED:
        cells = survey.frames["respondents"][questions[wording].id].dropna()
        assert len(cells) == sum(row[2] == wording and row[3] != "0" for row in rows)


@pytest.mark.parametrize(
    "header",
    [["Response ID", "Department", "Topic", "Response", "Words"],
     ["Name of unit", "Department", "Question", "Colour", "Words"]],
)  # fmt: skip
def test_other_tables_stay_as_they_are(header, tmp_path):
    rows = [[str(n), *row[1:]] for n, row in enumerate(answers())]
    report = taken(write(tmp_path / "long.csv", [header, *rows]), tmp_path / "out")
    assert report.respondents == {"respondents": len(rows)}
    assert not any("one for each answer" in remark for remark in report.remarks)


def test_of_a_person_and_a_response_the_response_is_a_respondent(tmp_path):
    """Twenty people answered twice."""
    asked = ("Do you like tea?", "Do you like bread?")
    rows = [[str(n // 2), str(n), text, "ab"[n % 2]] for n in range(40) for text in asked]
    header = ["id", "response_id", "question", "answer"]
    report = taken(write(tmp_path / "long.csv", [header, *rows]), tmp_path / "out")
    assert report.respondents == {"respondents": 40}


def test_dates_that_a_cell_joins_are_accounted_for(tmp_path):
    """77 people with two dates, of which each date after the first is that of few."""
    rows = [
        [str(n), text, day, "ab"[n % 2]]
        for n in range(77)
        for text in ("Do you like tea?", "Do you like bread?")
        for day in (f"1/{13 + n % 5 + n * n % 3}/2014", f"{4 + n % 3}/{1 + n * n % 28}/2014")
    ]
    header = ["id", "question", "day", "answer"]
    report = taken(write(tmp_path / "long.csv", [header, *rows]), tmp_path / "out")
    assert report.respondents == {"respondents": 77}
