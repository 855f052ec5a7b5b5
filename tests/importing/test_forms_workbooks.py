"""Workbooks as Microsoft Forms and Google Sheets write them: dates, times, joined cells, scores."""

import datetime as dt

import pytest
import xlsxwriter

from files import taken
from helpers.codebook.model import Kind
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow

N = 36
DAYS = ["Monday, Friday", "Friday", "Monday, Sunday", "", "Sunday", "Monday", "Friday, Sunday",
        "Monday, Friday, Sunday"]  # fmt: skip
ORDERS = ["Pay;Time;Team;", "Team;Pay;Time;", "Time;Team;Pay;", "Pay;Team;Time;"]


def microsoft(path):
    """36 people in three departments; tools are joined, with a separator behind the last."""
    header = ["ID", "Start time", "Completion time", "Email", "Name", "Language", "Total points",
              "Quiz feedback", "Which department do you work in?", "Points - Which department?",
              "Which tools do you use?", "I feel valued", "Rank what matters",
              "First day"]  # fmt: skip
    rows = [
        [n, dt.datetime(2026, 3, 1, 9, n), dt.datetime(2026, 3, 1, 10, n), "anonymous", "",
         "English (United Kingdom)", 0, "", ("Sales", "IT", "Finance")[n % 3], 0,
         ("Teams;", "Teams;Planner;", "Planner;Loop;", "")[n % 4],
         ("Agree", "Disagree", "Neutral")[n % 3], ORDERS[n % 4], dt.datetime(2020, 1, 1 + n % 28)]
        for n in range(1, N + 1)
    ]  # fmt: skip
    return written(path, "Form1", [header, *rows], {13: "m/d/yyyy", 1: "m/d/yy h:mm:ss"})


def google(path):
    """The same size; a share in per cent, a sum of money, a formula, and two sheets beside it."""
    header = ["Timestamp", "Email Address", "Which days suit you?", "How was it? [Price]",
              "How was it? [Food]", "What share of income is rent?", "Date of visit",
              "At what time?", "Spent", "Twice"]  # fmt: skip
    rows = [
        [dt.datetime(2026, 3, 1, 9, n, 13), f"a{n}@example.org",
         DAYS[n % 8], ("Good", "Poor")[n % 2],
         ("Good", "Poor", "Fair")[n % 3], (0.1, 0.25)[n % 2], dt.datetime(2026, 2, 1 + n % 28),
         dt.time(9, n), (10.5, 20)[n % 2], "=I2*2"]
        for n in range(1, N + 1)
    ]  # fmt: skip
    formats = {0: "m/d/yyyy h:mm:ss", 5: "0%", 6: "dd/mm/yyyy", 7: "h:mm:ss am/pm", 8: "£#,##0.00"}
    return written(path, "Form Responses 1", [header, *rows], formats, ("Pivot", "Chart"))


def written(path, title, rows, formats, more=()):
    with xlsxwriter.Workbook(path) as book:
        shown = {at: book.add_format({"num_format": form}) for at, form in formats.items()}
        sheet = book.add_worksheet(title)
        for n, row in enumerate(rows):
            for at, cell in enumerate(row):
                if str(cell).startswith("="):
                    sheet.write_formula(n, at, cell, None, 21)
                elif n and isinstance(cell, (dt.datetime, dt.time)):
                    sheet.write_datetime(n, at, cell, shown.get(at, shown[min(shown)]))
                else:
                    sheet.write(n, at, cell, shown.get(at) if n else None)
        for name in more:
            book.add_worksheet(name).write(0, 0, "=COUNTA('Form Responses 1'!A:A)")
    return path


def told(folder):
    survey = load_survey(folder)
    questions = {q.wording: q for q in survey.codebook.questions.values()}
    rows = survey.frames["respondents"]
    return questions, rows, survey.codebook.populations["respondents"].other_columns


def test_microsoft_forms(tmp_path):
    taken(microsoft(tmp_path / "in.xlsx"), tmp_path / "out")
    questions, rows, others = told(tmp_path / "out")
    assert {wording: q.kind for wording, q in questions.items()} == {
        "Which department do you work in?": Kind.SINGLE,
        "Which tools do you use?": Kind.MULTIPLE,
        "I feel valued": Kind.SINGLE,
        "Rank what matters": Kind.GRID,
    }
    tools = questions["Which tools do you use?"]
    boxes = [item.label for item in tools.items]
    ticked = [int((rows[f"{tools.id}.{i.code}"].astype(str) == "1").sum()) for i in tools.items]
    # of 36: a quarter Teams alone, a quarter with Planner, a quarter Planner and Loop
    assert dict(zip(boxes, ticked, strict=True)) == {"Teams": 18, "Planner": 18, "Loop": 9}
    assert len(others) >= 4 and not [name for name in rows if "email" in name or name == "name"]


def test_google_sheets(tmp_path):
    report = taken(google(tmp_path / "in.xlsx"), tmp_path / "out")
    questions, rows, _ = told(tmp_path / "out")
    kinds = {wording: q.kind for wording, q in questions.items()}
    assert kinds["Which days suit you?"] is Kind.MULTIPLE
    assert kinds["How was it?"] is Kind.GRID
    assert rows["timestamp"].iloc[0] == "2026-03-01 09:01:13"
    assert "2026-02-02" in set(rows["date_visit"]) and not [c for c in rows if "email" in c]
    assert any("36 formulas count as the values stored" in words for words in report.remarks)
