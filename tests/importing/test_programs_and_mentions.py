"""Files as programs write them: databases, pandas, survey tools' names of answers, and mentions."""

from itertools import combinations

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from files import taken, workbook, write
from helpers.codebook.model import Kind, Missing
from helpers.errors import Problems
from helpers.estimation.estimates import proportion
from helpers.importing.draft.guesses import guess
from helpers.importing.files.sheets import Column, Sheet, below_titles, encoded
from helpers.importing.layouts.headers import read_header
from helpers.importing.nulls import without_nulls
from helpers.responses.proposals import read_proposals
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow


def drafted(header, rows, tmp_path, name="file.csv"):
    """The survey that a draft makes of a table."""
    taken(write(tmp_path / name, [header, *rows]), tmp_path / "out")
    return load_survey(tmp_path / "out")


def labels(question):
    """Answers on the substance, in their order."""
    return [o.label for o in question.options if o.missing is Missing.NO]


def sheet_of(header, rows):
    """A sheet as the reader of a text file makes it, header and first rows in `top`."""
    columns = tuple(
        Column(chr(65 + at), *encoded(map(str, cells)))
        for at, cells in enumerate(zip(*rows, strict=True))
    )
    numbers = np.arange(2, len(rows) + 2)
    return Sheet("a.csv", "", "text", (tuple(header),), (1,), columns, numbers)


# Empty cells in words


@pytest.mark.parametrize("mark", ["NULL", "null", "NaN", "\\N", "<NA>"])
def test_what_a_database_writes_for_nothing_is_nothing(mark, tmp_path):
    """The thirty that were not asked: boxes and routing do without them."""
    rows = [
        [f"r{n}", "yes", "10"[n % 2], "01"[n % 3 == 0], ["Tea", "Milk"][n % 2]]
        if n < 30
        else [f"r{n}", "no", mark, mark, mark]
        for n in range(60)
    ]
    survey = drafted(["id", "Thirsty", "want/hot", "want/cold", "Drink"], rows, tmp_path)
    boxes = survey.codebook.questions["want"]
    assert boxes.kind is Kind.MULTIPLE and len(boxes.items) == 2
    assert labels(survey.codebook.questions["drink"]) == ["Milk", "Tea"]
    assert mark not in {o.label for q in survey.codebook.questions.values() for o in q.options}
    assert all(str(q.asked_if) for q in survey.codebook.questions.values() if q.id != "thirsty")
    table = proportion(survey, boxes.id)
    assert [(round(e * n), n) for e, n in table[["estimate", "n"]].values] == [(15, 30), (10, 30)]


def test_what_r_writes_for_nothing_is_nothing(tmp_path):
    """NA is in boxes, among numbers, and in columns without an answer.

    Of n from 0 to 58, 30 are even, 20 are multiples of three and 10 both: 40 ticked a box.
    """
    rows = [
        [f"r{n}", ["1", "NA"][n % 2], ["1", "NA"][n % 3 > 0], str(n % 50 + 20), "NA",
         ["Good", "Bad"][n % 2]]
        for n in range(59)
    ]  # fmt: skip
    rows.append(["r59", *["NA"] * 5])
    header = ["id", "want_hot", "want_cold", "Minutes", "Comment", "How was it?"]
    survey = drafted(header, rows, tmp_path)
    assert [*survey.codebook.questions] == ["want", "minutes", "how_was_it"]
    assert survey.codebook.questions["want"].kind is Kind.MULTIPLE
    table = proportion(survey, "want")
    assert [(round(e * n), n) for e, n in table[["estimate", "n"]].values] == [(30, 40), (20, 40)]
    assert labels(survey.codebook.questions["how_was_it"]) == ["Bad", "Good"]


@pytest.mark.parametrize(
    ("columns", "empty"),
    [
        ([["NA", "1"], ["NA", "2.5"], ["NA"]], True),
        ([["NA", "1"], ["NA", "2"], ["NA", "Good", "Bad"]], False),  # people may have written it
        ([["NA", "1", ""], ["NA", "2", ""], ["NA", "3"]], False),  # and left others blank
    ],
)
def test_na_is_what_r_writes_only_where_people_could_not(columns, empty):
    rows = [[own[n % len(own)] for own in columns] for n in range(6)]
    sheet = without_nulls(sheet_of(["a", "b", "c"], rows))
    assert ("NA" not in sheet.columns[0].values) == empty
    assert bool(sheet.remarks) == empty


RATED = [["NA", *"12345"]] * 3
AMOUNTS = [["NA", *map(str, range(20, 40))]] * 3
REGION = ["NA", "EMEA", "APAC", "LATAM"]


@pytest.mark.parametrize(
    ("columns", "said", "empty"),
    [
        ([*RATED, REGION], (), ""),  # people answer NA to a rating
        ([*AMOUNTS, *RATED, ["NA", "TRUE", "FALSE"], REGION], (), "abcdefgh"),
        ([*AMOUNTS, *RATED, REGION], ("NA",), "abcdef"),  # as somebody said
        ([*AMOUNTS, ["NA", *"12345123451234", "two"], ["", "x"]], (), "abcde"),  # hardly a word
        ([*AMOUNTS, *RATED, REGION, ["", "x"]], (), "abcdefh"),  # others lack cells without NA
    ],
)
def test_na_among_words_is_empty_only_where_r_wrote_all_that_is_missing(columns, said, empty):
    """North America stays an answer, and so does NA to *Does the rule apply to you?*."""
    rows = [[own[n % len(own)] for own in columns] for n in range(60)]
    header = "abcdefghi"[: len(columns)]
    sheet = without_nulls(sheet_of([*header], rows), answers=said)
    held = {name for name, own in zip(header, sheet.columns, strict=True) if "NA" in own.values}
    assert {name for name in header if name not in held} == {*empty}


def test_a_written_no_keeps_na_an_answer_at_the_next_import(tmp_path):
    header = ["Food (1-5)", "Room (1-5)", "Bus (1-5)", "Region"]
    columns = [*RATED, REGION]
    rows = [[own[n % len(own)] for own in columns] for n in range(60)]
    path, root = write(tmp_path / "file.csv", [header, *rows]), tmp_path / "out"
    taken(path, root)
    proposals = root / "proposals.csv"
    assert [(p.kind, p.found, p.answer) for p in read_proposals(root, Problems())] == [
        ("no_answer", "NA", "")
    ]
    proposals.write_text(proposals.read_text().replace("\n,no_answer", "\nno,no_answer"))
    taken(path, root)
    region = load_survey(root).codebook.questions["region"]
    assert sorted(labels(region)) == sorted(REGION)


def test_a_region_beside_others_in_capitals_is_no_mark_of_r():
    rows = [["NA", "NA", "NA", region] for region in ("NA", "EU", "SA", "AP")]
    sheet = without_nulls(sheet_of(["a", "b", "c", "Region"], rows))
    assert "NA" in sheet.columns[3].values and "NA" not in sheet.columns[0].values


@pytest.mark.parametrize(
    ("cells", "columns", "empty"),
    [
        (("NULL", "a", "b"), 3, True),
        (("NULL", "a", "b"), 2, False),  # it may be an answer, or a joke
        (("null", "eins", "zwei"), 3, False),  # a German number
        (("NaT", "2024-05-01", "2024-06-01 00:00:00"), 1, True),
        (("NaT", "a", "b"), 1, False),
    ],
)
def test_such_a_word_is_empty_where_a_program_wrote_it(cells, columns, empty):
    sheet = without_nulls(sheet_of(["x"] * columns, [[c] * columns for c in cells]))
    assert (sheet.columns[0].values[0] == "") == empty
    assert bool(sheet.remarks) == empty


# Names that programs give


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            ["agree", "strongly_disagree", "neither", "disagree", "strongly_agree", "dont_know"],
            ["Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"],
        ),
        (["gt10", "2to5", "lt2", "5to10"], ["<2", "2–5", "5–10", ">10"]),
        (["51_200", "1_10", "11_50", "gt_200"], ["1–10", "11–50", "51–200", ">200"]),
        (["500k_2m", "lt500k", "gt2m"], ["<500k", "500k–2m", ">2m"]),
        (["Shared toilet", "own_toilet"], ["Own toilet", "Shared toilet"]),
        (["yes", "no"], ["yes", "no"]),
    ],
)
def test_names_of_answers_are_written_as_people_write_them(cells, said, tmp_path):
    rows = [[f"r{n}", cells[n % len(cells)]] for n in range(60)]
    survey = drafted(["id", "asked"], rows, tmp_path)
    assert labels(survey.codebook.questions["asked"]) == said
    table = proportion(survey, "asked")
    assert {round(e * n) for e, n in table[["estimate", "n"]].values} == {60 // len(cells)}


def test_questions_whose_names_begin_with_digits_are_drafted(tmp_path):
    """Qualtrics, with its rows of wordings and of where columns come from."""
    rows = [["StartDate", "1.P(N)_1", "2.Q"], ["Start Date", "How likely is it?", "And this?"]]
    rows.append([f'{{"ImportId":"{name}"}}' for name in ("startDate", "QID1_1", "QID2")])
    rows += [[f"2024-01-{n + 1:02d} 10:00:00", n % 4, n % 3] for n in range(12)]
    survey = drafted(rows[0], rows[1:], tmp_path)
    assert [q.wording for q in survey.codebook.questions.values()] == [*rows[1][1:]]
    assert all(name[0].isalpha() for name in survey.codebook.questions)


def test_rows_of_a_grid_stand_in_brackets_behind_lines_that_end(tmp_path):
    stem = "How sure are you [from 1, not at all, to 3]?\n\nTwo may be alike."
    header = ["id", *(f"{stem} [{row}]" for row in ("Sun", "Rain"))]
    rows = [[f"r{n}", ["Low", "Medium", "High"][n % 3], ["Low", "High"][n % 2]] for n in range(30)]
    [grid] = drafted(header, rows, tmp_path).codebook.questions.values()
    assert grid.kind is Kind.GRID and [item.label for item in grid.items] == ["Sun", "Rain"]


def test_columns_of_question_slash_answer_belong_together_wherever_they_stand():
    """As they come from programs that sort columns in an order of their own."""
    header = ["need/food", "why/war", "need/water", "age", "why/flood"]
    rows = [[n % 2, n % 3 // 2, 1 - n % 2, 20 + n, n % 4 // 3] for n in range(24)]
    sheet, heads, _ = read_header(sheet_of(header, rows), Problems())
    found = {q.wording: len(q.parts) for q in guess(sheet, heads).questions}
    assert found == {"need": 2, "why": 2, "age": 1}


@pytest.mark.parametrize("ticks", [("1", ""), ("1", "0")])
@pytest.mark.parametrize(
    ("base", "items"),
    [
        ("TOOL", ["TOOL.ANG", "TOOL.VUE", "TOOL.REA"]),
        ("add", ["add_milk", "add_plant_milk", "add_sugar"]),
        ("add", ["add_plant_milk", "add_milk", "add_sugar"]),
        ("tool_used", ["tool_used_vue", "tool_used_ang", "tool_used_rea"]),
    ],
)
def test_boxes_whose_names_begin_alike_are_one_question(base, items, ticks, tmp_path):
    """Of 40, 20, 14 and 10 ticked; none of them says how many of anything."""
    header = ["id", base, *items, "LIKE.ANG"]
    rows = [
        [f"r{n}", "SN"[n % 2], *(ticks[n % k > 0] for k in (2, 3, 4)), "YN"[n % 3 // 2]]
        for n in range(40)
    ]
    survey = drafted(header, rows, tmp_path)
    boxes = next(q for q in survey.codebook.questions.values() if q.kind is Kind.MULTIPLE)
    assert boxes.wording == base
    pieces = [item.removeprefix(base)[1:].replace("_", " ").lower() for item in items]
    assert [item.label.lower() for item in boxes.items] == pieces
    table = proportion(survey, boxes.id)
    assert [round(e * n) for e, n in table[["estimate", "n"]].values] == [20, 14, 10]


# Numbers, names and words that are not answers


@pytest.mark.parametrize(
    ("header", "first", "step", "asked"),
    [
        ("No", 1, 1, False),
        ("nummer", 1, 2, False),  # rows were left out
        ("idnum", 700, 3, False),
        ("Número de registro", 88, 1, False),
        ("How many hens?", 17, 1, True),
        ("Number of hens", 700, 3, True),
    ],
)
def test_numbers_of_rows_are_no_answers(header, first, step, asked, tmp_path):
    rows = [[first + step * n, "AB"[n % 2]] for n in range(30)]
    questions = drafted([header, "vote"], rows, tmp_path).codebook.questions
    assert (len(questions) == 2) == asked


def test_a_few_years_are_answers_and_years_of_birth_a_number(tmp_path):
    rows = [[f"r{n}", 2019 + n % 3, 1950 + n % 40] for n in range(60)]
    survey = drafted(["id", "Cohort", "Born in"], rows, tmp_path)
    kinds = [q.kind for q in survey.codebook.questions.values()]
    assert kinds == [Kind.SINGLE, Kind.NUMBER]
    assert labels(survey.codebook.questions["cohort"]) == ["2019", "2020", "2021"]


def test_answers_that_are_spelled_in_many_ways_were_written(tmp_path):
    names = [f"Baker {n}" for n in range(12)] + ["baker 1", "BAKER 2", "Baker 3 ", "baker 4", "88"]
    rows = [[f"r{n}", names[n % len(names)]] for n in range(170)]
    [asked] = drafted(["id", "Who bakes best"], rows, tmp_path).codebook.questions.values()
    assert asked.kind is Kind.TEXT


def test_what_all_have_in_common_is_no_filter(tmp_path):
    frame = pd.DataFrame({"country": [11.0] * 40, "region": [1.0, 2.0] * 20})
    names = {
        "country": {11.0: "Peru", 7.0: "N/A", 8.0: "DK"},
        "region": {1.0: "North", 2.0: "South"},
    }
    path = tmp_path / "file.sav"
    pyreadstat.write_sav(frame, str(path), variable_value_labels=names)
    taken(path, tmp_path / "out")
    assert [*load_survey(tmp_path / "out").codebook.dimensions] == ["region"]


def test_variables_whose_names_hold_invisible_signs_are_read(tmp_path):
    path = tmp_path / "file.dta"
    pyreadstat.write_dta(pd.DataFrame({"ideolog\u00ada": [1.0, 2.0, 3.0] * 10}), str(path))
    taken(path, tmp_path / "out")
    assert [q.wording for q in load_survey(tmp_path / "out").codebook.questions.values()] == [
        "ideologa"
    ]


# Columns and rows that tools add

TOOLS = {
    "Wenjuanxing": {
        "序号": "{n}",
        "提交答卷时间": "2024/5/1 10:00:{n:02d}",
        "所用时间": "9{n}秒",
        "来源": "微信",
        "来自IP": "10.0.0.{n}(广东-深圳)",
    },
    "Microsoft Forms": {
        "ID": "{n}",
        "Startzeit": "2024-05-01 10:00:{n:02d}",
        "Fertigstellungszeit": "2024-05-01 10:09:{n:02d}",
        "E-Mail": "anonymous",
        "Name": "",
        "Zeitpunkt der letzten Änderung": "",
    },
}


@pytest.mark.parametrize("tool", TOOLS)
def test_columns_of_tools_are_no_questions(tool, tmp_path):
    header = [*TOOLS[tool], "Tea or milk?"]
    rows = [
        [*(cell.format(n=n) for cell in TOOLS[tool].values()), ["Tea", "Milk"][n % 2]]
        for n in range(30)
    ]
    [asked] = drafted(header, rows, tmp_path).codebook.questions.values()
    assert asked.wording == "Tea or milk?"
    kept = (tmp_path / "out" / "responses" / "respondents.csv").read_text(encoding="utf-8")
    assert "10.0.0" not in kept and "anonymous" not in kept


def test_where_respondents_were_is_left_out(tmp_path):
    """As ODK writes a place: all in one, and in four columns behind it."""
    header = ["HOME", *(f"_HOME_{x}" for x in ("latitude", "longitude", "altitude", "precision"))]
    cells = [(8.4 + n / 999, -11.7 - n / 999, 40.5 + n, 4.0) for n in range(30)]
    rows = [
        [f"{a:.6f} {o:.6f} {h} {p}", f"{a:.6f}", f"{o:.6f}", h, p, "AB"[n % 2]]
        for n, (a, o, h, p) in enumerate(cells)
    ]
    [asked] = drafted([*header, "Ward"], rows, tmp_path).codebook.questions.values()
    assert asked.wording == "Ward"
    kept = (tmp_path / "out" / "responses" / "respondents.csv").read_text(encoding="utf-8")
    assert "8.40" not in kept and "-11.7" not in kept


def test_own_words_inside_of_an_answer_stand_beside_it(tmp_path):
    """As Wenjuanxing writes them; each box is in four of seven sets, eight times."""
    boxes = ("心脏病", "关节炎", "其他")
    sets = [c for n in (1, 2, 3) for c in combinations(boxes, n)]
    cells = ["┋".join(sets[n % 7]).replace("其他", f"其他〖病{n}〗") for n in range(56)]
    survey = drafted(["id", "疾病"], [[f"r{n}", c] for n, c in enumerate(cells)], tmp_path)
    asked, own = survey.codebook.questions.values()
    table = proportion(survey, asked.id)
    counts = [round(e * n) for e, n in table[["estimate", "n"]].values]
    assert dict(zip([i.label for i in asked.items], counts, strict=True)) == dict.fromkeys(
        boxes, 32
    )
    assert own.kind is Kind.TEXT
    again = taken(tmp_path / "file.csv", tmp_path / "out")
    assert not again.problems and load_survey(tmp_path / "out").fingerprint == survey.fingerprint


@pytest.mark.parametrize("word", ["Response", "Antwort"])
def test_a_row_that_says_response_everywhere_is_no_respondent(word, tmp_path):
    rows = [[word, word], *([["Yes", "No"][n % 2], f"A sentence, {n}"] for n in range(20))]
    survey = drafted(["Do you bake?", "Why?"], rows, tmp_path)
    table = proportion(survey, next(iter(survey.codebook.questions)))
    assert [(o, round(e * n)) for o, e, n in table[["option", "estimate", "n"]].values] == [
        ("yes", 10),
        ("no", 10),
    ]


def lime(**columns):
    """A file of LimeSurvey, with the columns that it adds."""
    size = len(next(iter(columns.values())))
    own = {"id": [*range(1, size + 1)], "groupTime12": [30 + n for n in range(size)]}
    own |= {f"{name.split('[')[0]}Time": [""] * size for name in columns}
    table = own | columns
    return [*table], [*map(list, zip(*table.values(), strict=True))]


def test_limesurvey_says_of_questions_that_it_did_not_show_them(tmp_path):
    """Twenty bake, ten of whom have an oven, five a stone; nobody else was shown either box."""
    rows = lime(
        BAKE=["Yes", "No"] * 20,
        **{
            "OWN[SQ001]": ["Yes", "N/A", "No", "N/A"] * 10,
            "OWN[SQ002]": ["No", "N/A", "Yes", "N/A", "No", "N/A", "No", "N/A"] * 5,
            "WHY[SQ001]": ["Good", "N/A", "Bad", "N/A"] * 10,
        },
    )
    questions = drafted(*rows, tmp_path).codebook.questions
    assert [*questions] == ["BAKE", "OWN", "WHY"]  # times are none
    assert all("N/A" not in {o.label for o in q.options} for q in questions.values())
    assert str(questions["OWN"].asked_if.text) == "BAKE = yes"


@pytest.mark.parametrize(("other", "comment"), [("Sonstiges", "Kommentar"), ("Autre", "comment")])
def test_own_words_among_boxes_break_no_question(other, comment, tmp_path):
    """Wherever the tool puts them, in the language of its author."""
    asked = "Wofür nutzen Sie es?"
    header = ["id", *(f"{asked} [{x}]" for x in ("A", f"A][{comment}", other, "B", "C"))]
    rows = [
        [f"r{n}", "NJ"[n % 2], f"words {n}" * (n % 7 == 1), f"more {n}" * (n % 9 == 1), *"NJ"]
        for n in range(30)
    ]
    rows = [[{"N": "Nein", "J": "Ja"}.get(cell, cell) for cell in row] for row in rows]
    header = ["submitdate", "lastpage", *header]
    rows = [["2024-05-01 10:00:00", "3", *row] for row in rows]
    questions = drafted(header, rows, tmp_path).codebook.questions.values()
    [boxes] = [q for q in questions if q.kind is Kind.MULTIPLE]
    assert [i.label for i in boxes.items] == ["A", "B", "C"]
    assert [q.kind for q in questions].count(Kind.TEXT) == 2


@pytest.mark.parametrize(("many", "routed"), [(3, False), (6, True)])
def test_who_wrote_may_be_so_by_chance(many, routed, tmp_path):
    """Those who wrote all gave one of three answers, as three of nine do in one file of 27."""
    size = 3 * many
    rows = [[f"r{n}", "ABC"[n % 3], f"words {n}" * (n % 3 == 0)] for n in range(size)]
    questions = drafted(["id", "Bread", "Why?"], rows, tmp_path).codebook.questions
    assert (questions["why"].asked_if is not None) == routed


# Rows above a table


ABOVE = {
    "a title": [["Our bakery survey"]],
    "title, maker and date": [["Our survey"], ["By:", "A. Baker"], ["Date: 1 May 2024"]],
}
BELOW = [
    ["id", "Bakes", "Eats", "Likes"],
    *([f"r{n}", *"ABCABC"[n % 3 : n % 3 + 3]] for n in range(20)),
]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("above", ABOVE)
def test_rows_above_a_table_are_left_out(above, kind, tmp_path):
    rows = [*ABOVE[above], *BELOW]
    path = tmp_path / f"file.{kind}"
    report = taken(write(path, rows) if kind == "csv" else workbook(path, rows), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    assert len(survey.codebook.questions) == 3 and report.respondents == {"respondents": 20}
    assert any("above the header: not used" in remark for remark in report.remarks)


@pytest.mark.parametrize(
    "rows",
    [
        [["id", "Bakes"], *BELOW[1:]],  # a header that lacks names
        [["id", "", "", "Bakes"], *BELOW[1:]],
        [["Bakes"], ["Yes"], ["No"], ["Yes, bread, rye, and more"]],
    ],
)
def test_a_header_of_few_names_is_no_title(rows):
    numbered = enumerate((list(row) for row in rows), 1)
    assert below_titles(numbered)[0] == []


# Mentions


def spss(tmp_path, frame, titles, values):
    path = tmp_path / "file.sav"
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels=titles,
        variable_value_labels=dict.fromkeys(frame.columns, values),
    )
    taken(path, tmp_path / "out")
    return load_survey(tmp_path / "out")


PAPERS = {1.0: "Echo", 2.0: "Post", 3.0: "Times", 4.0: "Globe"}
MENTIONS = {  # two respondents name three, four name two, six name one, three name none
    "Q5_1": [1, 1, 2, 2, 3, 3, 1, 1, 1, 2, 2, 3, None, None, None],
    "Q5_2": [2, 3, 1, 3, 1, 2, *[None] * 9],
    "Q5_3": [3, 2, *[None] * 13],
}
TITLES = {
    "the same": ["Which papers do you read?"] * 3,
    "numbered": [f"Papers read ({n})" for n in (1, 2, 3)],
    "ordinal": [f"Papers read, {n} mention" for n in ("first", "second", "third")],
}


@pytest.mark.parametrize("titles", TITLES)
def test_mentions_are_one_question_with_several_answers(titles, tmp_path):
    """Of twelve who named any: Echo 1, 1, 1, 1, 1 and behind others 2; counted by hand."""
    survey = spss(tmp_path, pd.DataFrame(MENTIONS, dtype=float), TITLES[titles], PAPERS)
    [papers] = survey.codebook.questions.values()
    assert papers.kind is Kind.MULTIPLE
    assert papers.wording == TITLES[titles][0].removesuffix(" (1)").removesuffix(", first mention")
    table = proportion(survey, papers.id)
    counts = [round(e * n) for e, n in table[["estimate", "n"]].values]
    assert dict(zip([i.label for i in papers.items], counts, strict=True)) == {
        "Echo": 7,
        "Post": 7,
        "Times": 6,
        "Globe": 0,
    }
    assert set(table["n"]) == {12}


@pytest.mark.parametrize(
    ("changed", "titles"),
    [
        ({"Q5_2": [1, 3, 1, 3, 1, 2, *[None] * 9]}, TITLES["the same"]),  # one answer twice
        ({"Q5_3": [None] * 12 + [1, 2, 3]}, TITLES["the same"]),  # without an earlier one
        ({}, ["Echo, how often?", "Post, how often?", "Times, how often?"]),  # a grid
    ],
)
def test_what_is_filled_otherwise_is_none(changed, titles, tmp_path):
    frame = pd.DataFrame({**MENTIONS, **changed}, dtype=float)
    found = spss(tmp_path, frame, titles, PAPERS).codebook.questions.values()
    assert all(question.kind is not Kind.MULTIPLE for question in found)


def test_a_label_that_says_there_is_none_is_none(tmp_path):
    frame = pd.DataFrame({"region": [1.0, 2.0, 3.0] * 10})
    survey = spss(tmp_path, frame, ["NULL"], {1.0: "North", 2.0: "South", 3.0: "West"})
    assert [q.wording for q in survey.codebook.questions.values()] == ["region"]


# Weights by a short name, and rows that are sound


@pytest.mark.parametrize(
    ("name", "cells", "weight"),
    [
        ("w_age", (0.5, 1.5), True),
        ("w_age", (1, 2, 3), False),  # whole numbers are answers
        ("w_age", (3.5, 8.25), False),
        ("wage", (0.5, 1.5), False),
    ],
)
def test_a_short_name_and_a_mean_of_one_make_a_weight(name, cells, weight, tmp_path):
    rows = [[f"r{n}", "AB"[n % 2], cells[n % len(cells)]] for n in range(60)]
    survey = drafted(["id", "vote", name], rows, tmp_path)
    assert (survey.codebook.populations["respondents"].weight == name) == weight


@pytest.mark.parametrize(("other", "weighted"), [((0.5, 1.5), True), ((1.5, 0.5), False)])
def test_the_same_weights_twice_are_the_weights(other, weighted, tmp_path):
    rows = [[f"r{n}", "AB"[n % 2], (0.5, 1.5)[n % 2], other[n % 2]] for n in range(60)]
    survey = drafted(["id", "vote", "Weight", "V10 weight"], rows, tmp_path)
    assert (survey.codebook.populations["respondents"].weight == "weight") == weighted


def test_rare_answers_to_several_like_questions_are_not_shifted(tmp_path):
    """Some use a language less with each that they speak it with; one uses it more."""
    often = ["never", "seldom", "at times", "often", "always", "only"]
    rows = [[f"r{n}", *(often[at + (n + at) % 3] for at in range(4))] for n in range(150)]
    rows[40][2:] = often[:3]
    drafted(["id", "father", "mother", "aunt", "uncle"], rows, tmp_path)
    found = read_proposals(tmp_path / "out", Problems())
    assert not [each for each in found if each.kind == "shifted"]
