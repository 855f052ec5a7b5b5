"""What columns of a draft are beside questions: of the tool, of a person, or to filter by."""

import pytest

from files import taken, write
from helpers.responses.survey import load_survey


def drafted(tmp_path, columns, people=60):
    """The codebook of a file whose columns repeat these cells; `{n}` is the row."""
    rows = [
        [*columns],
        *([c[n % len(c)].format(n=n) for c in columns.values()] for n in range(people)),
    ]
    rows = [["id", *rows[0]], *([f"r{n}", *row] for n, row in enumerate(rows[1:]))]
    taken(write(tmp_path / "file.csv", rows), tmp_path / "out")
    return load_survey(tmp_path / "out").codebook


def wordings(codebook):
    return [question.wording for question in codebook.questions.values()]


ASKED = {"Do you like bread?": ["Yes", "No"]}
TIMERS = ("First Click", "Last Click", "Page Submit", "Click Count")
BROWSER = {
    "Browser": ["Firefox", "Chrome"],
    "Version": ["90.0", "91.0.1"],
    "Operating System": ["Linux", "Android 10"],
    "Resolution": ["414x851", "800x600"],
}


@pytest.mark.parametrize(
    "own",
    [{f"Q7_{part}": ["1.25", "3", "2.5"] for part in TIMERS},
     {f"Timing - {part}": ["1.25", "3", "2.5"] for part in TIMERS},
     {f"Q2_{part}": cells for part, cells in BROWSER.items()},
     {"record_id": ["{n}"], "visit_complete": ["0", "2"], "visit_timestamp": ["2026-01-01 10:00"],
      "redcap_survey_identifier": ["", "x"], "redcap_event_name": ["first", "second"]},
     {"record_id": ["{n}"], "visit_complete": ["Complete", "Incomplete", "Unverified"],
      "visit_timestamp": ["2026-01-01 10:00", "[not completed]"]},
     {"Zufallsgeneratorstartwert": ["{n}17", "{n}3"], "Datum abgeschickt": ["2026-01-01"]},
     {"Marca temporal": ["1/2/2026 9:00:00"], "Puntuación": ["0"]},
     {"Timestamp": ["2026/02/01 9:00:00"], "Score": ["2 / 7", "7 / 7", "3.50 / 7"]},
     {"Informazioni cronologiche": ["28/03/2026 0.15.{n}"]},
     {"When": ["28.03.2026 17.15.00", "29.03.2026 0.15.00"]}],
    ids=lambda own: next(iter(own)),
)  # fmt: skip
def test_columns_of_the_tool_are_no_questions(own, tmp_path):
    assert wordings(drafted(tmp_path, own | ASKED)) == [*ASKED]


@pytest.mark.parametrize(
    "asked",
    [{"What did your first click cost?": ["1", "3", "20"]},
     {"Version": ["2.1", "3.0"], "Do you use it?": ["Yes", "No"]},
     {"Which browser?": ["Firefox", "Chrome"]},
     {"vaccination_complete": ["yes", "no"]},
     {"training_complete": ["0", "1", "2"]},
     {"Score": ["2", "7", "3"], "Timestamp": ["2026/02/01 9:00:00"]},
     {"Timestamp": ["2026/02/01 9:00:00"], "Score": ["Good", "Poor"]},
     {"Note": ["In my own words {n}"]}],
    ids=lambda own: next(iter(own)),
)  # fmt: skip
def test_questions_named_like_columns_of_a_tool_stay(asked, tmp_path):
    kept = [name for name in asked if name != "Timestamp"]
    assert wordings(drafted(tmp_path, asked | ASKED)) == [*kept, *ASKED]
