"""Which scales a draft says have a good end, and the indices that it proposes."""

import csv

import pytest

from files import taken, write
from helpers.importing.words.good_news import complains, speaks_well
from helpers.responses.survey import load_survey

AGREE = ["Strongly agree", "Agree", "Neither agree nor disagree", "Disagree", "Strongly disagree"]
SATISFIED = ["Very satisfied", "Satisfied", "Neutral", "Dissatisfied", "Very dissatisfied"]
ZUFRIEDEN = ["Sehr zufrieden", "Zufrieden", "Unzufrieden", "Sehr unzufrieden"]
OFTEN = ["Always", "Often", "Sometimes", "Rarely", "Never"]
COLUMNS = {
    "How much do you agree? [I am proud to work here]": AGREE,
    "How much do you agree? [My manager listens to me]": AGREE,
    "How much do you agree? [We learn from each other]": AGREE,
    "And with these? [I have the tools I need]": AGREE,
    "And with these? [I often think of leaving]": AGREE,
    "And with these? [We share what we know]": AGREE,
    "At work? [I feel exhausted after a shift]": AGREE,
    "At work? [I can leave on time]": AGREE,
    "In my team? [I feel respected]": AGREE,
    "In my team? [I am often ignored]": AGREE,
    "In my team? [I learn from others]": AGREE,
    "In my team? [I worry that I am not heard]": AGREE,
    "On my job? [I enjoy what I do]": AGREE,
    "On my job? [I feel overwhelmed]": AGREE,
    "On my job? [My goals are clear to me]": AGREE,
    "On my job? [I am afraid of mistakes]": AGREE,
    "Immigration should be made easier": AGREE,
    "How satisfied are you with the canteen?": SATISFIED,
    "Wie zufrieden sind Sie mit der Kantine?": ZUFRIEDEN,
    "How often do you feel stressed?": OFTEN,
    "My team helps me (views)": ["Strongly disagree", "Disagree", "Agree", "Strongly agree"],
    "My job is interesting (views)": ["Strongly disagree", "Disagree", "Agree", "Strongly agree"],
    "I get good training (views)": ["Strongly disagree", "Disagree", "Agree", "Strongly agree"],
}


@pytest.mark.parametrize(
    ("statement", "well"),
    [
        ("I am proud to work here", True),
        ("My manager treats me fairly", True),
        ("Ich bin stolz auf mein Unternehmen", True),
        ("Je suis fier de mon travail", True),
        ("Estoy orgulloso de mi trabajo", True),
        ("I don’t feel safe at work", False),
        ("My workload is too high", False),
        ("I often think of leaving", False),
        ("Ich fühle mich nicht wohl", False),
        ("Je ne suis pas écouté", False),
        ("Mi trabajo es demasiado difícil", False),
        ("I would accept another job", False),
        ("Taxes should be higher", False),  # of the world at large nobody knows
    ],
)
def test_agreeing_is_good_news_of_oneself_without_complaint(statement, well):
    assert speaks_well(statement) is well


@pytest.mark.parametrize(
    ("statement", "bad"),
    [
        ("I often feel stressed at work", True),
        ("My workload is too high", True),
        ("I often think of leaving", True),
        ("Ich fühle mich bei meiner Arbeit überfordert", True),
        ("Je suis épuisé à la fin de ma journée", True),
        ("Estoy agotado al final del día", True),
        ("I never feel stressed at work", False),  # nobody may turn these round
        ("My manager helps me when I feel stressed", False),
        ("I know how to report if I am harassed", False),
        ("I can leave on time", False),
        ("I work hard", False),
        ("Ich fühle mich nicht überfordert", False),
        ("People are too stressed", False),
    ],
)
def test_agreeing_is_bad_news_where_somebody_is_in_trouble(statement, bad):
    assert complains(statement) is bad


def test_a_draft_says_so_only_where_words_leave_no_doubt(tmp_path):
    rows = [
        [options[(n * 3 + k) % len(options)] for k, options in enumerate(COLUMNS.values())]
        for n in range(60)
    ]
    folder = tmp_path / "s"
    taken(write(tmp_path / "staff.csv", [list(COLUMNS), *rows]), folder)
    with open(folder / "codebook" / "questions.csv", encoding="utf-8") as file:
        questions = list(csv.DictReader(file))
    found = {q["wording"]: q["favourable"] for q in questions}
    assert found == {
        "How much do you agree?": "high",
        "And with these?": "high",
        "And with these?: I often think of leaving": "low",
        "At work?": "",  # whether leaving on time is good news, no word says
        "In my team?": "",  # nor what a worry that one is not heard is
        "On my job?": "low",  # the rows that complain, behind those that do not
        "Immigration should be made easier": "",
        "How satisfied are you with the canteen?": "high",
        "Wie zufrieden sind Sie mit der Kantine?": "high",
        "How often do you feel stressed?": "",
        **{wording: "high" for wording in COLUMNS if wording.endswith("(views)")},
    }
    named = {q["id"]: q for q in questions}
    assert named["my_job"]["favourable"] == "high"
    assert named["my_job_reversed"]["label"] == "On my job?… statements that complain"
    rows = load_survey(folder).codebook.questions["my_job_reversed"].items
    assert [row.label for row in rows] == ["I feel overwhelmed", "I am afraid of mistakes"]
    assert '"I worry that I am not heard"' in next(
        q["note"] for q in questions if q["wording"] == "In my team?"
    )
    grid = questions[0]["id"]
    assert "its upper end is good news" in questions[0]["note"]
    said = (folder / "GUESSES.md").read_text(encoding="utf-8")
    _, _, proposed = said.partition("## Indices")
    lines = [line[6:] for line in proposed.splitlines() if line.startswith("      ")]
    views = ", ".join(q["id"] for q in questions if q["wording"].endswith("(views)"))
    assert [lines.pop(n) for n in (6, 4, 2)] == ["index:"] * 3 and lines[0] == "index:"
    assert f"items: [{grid}]" in lines[1] and f"items: [{views}]" in lines[4] and len(lines) == 5
    assert "items: [my_job, my_job_reversed]" in lines[3]
    assert "items: [these, these_reversed]" in lines[2]
    book = folder / "codebook" / "survey.yml"
    book.write_text(book.read_text(encoding="utf-8") + "\n".join(lines) + "\n", encoding="utf-8")
    indices = load_survey(folder).codebook.indices.values()
    assert [len(index.items) for index in indices] == [3, 3, 4, 3]
