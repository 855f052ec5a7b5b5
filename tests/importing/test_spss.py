"""SPSS files of three programs are read as they were meant, damaged ones are refused."""

import shutil
import struct

import pandas as pd
import pyreadstat
import pytest

from files import refused, taken
from helpers.codebook.model import Kind, Missing
from helpers.errors import Problems
from helpers.importing.draft import several_columns
from helpers.importing.files import spss
from helpers.importing.files.mentions import are_rows
from helpers.importing.files.sheets import BoxSet, Column, encoded
from helpers.importing.files.spss import read_sav
from helpers.importing.files.stata import read_dta
from helpers.importing.words.nonanswers import missing_kinds
from helpers.responses.survey import load_survey
from places import TESTS

FILES = TESTS / "spss"
PSPP = ("pspp.sav", "pspp_uncompressed.sav", "pspp.zsav")
# What spss/pspp.sps holds, copied from it by hand.
CELLS = {
    "id": ["1", "2", "3", "4", "5"],
    "sex": ["1", "2", "2", "1", "2"],
    "age": ["34", "51", "29", "999", "43"],
    "q1": ["1", "5", "8", "2", "97"],
    "b1": ["1", "0", "1", "0", "1"],
    "b2": ["0", "0", "1", "0", "0"],
    "b3": ["0", "1", "0", "0", "1"],
    "seen": ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", ""],
    "wt": ["0.9", "1.1", "1", "1.25", "0.75"],
    "town": ["Leeds", "York", "Hull", "Leeds", "York"],
    "said": ["It was good", "", "Zoë was there", "", "x"],
    "why_1": ["1", "0", "1", "", "1"],  # of m1 and m2: price named first or second
    "why_2": ["1", "0", "1", "", "0"],
    "why_3": ["0", "1", "0", "", "1"],
    "why_4": ["0", "0", "0", "", "0"],
}


def sheet_of(path):
    problems = Problems()
    sheet = read_sav(path, problems, lambda row: None)
    return sheet, [str(problem) for problem in problems]


@pytest.mark.parametrize("name", PSPP)
def test_a_file_of_pspp(name):
    sheet, problems = sheet_of(FILES / name)
    assert not problems
    assert {c.name: c.cells() for c in sheet.columns} == CELLS
    columns = {c.name: c for c in sheet.columns}
    assert columns["q1"].labels["8"] == "Don't know" and columns["q1"].title.startswith("How sat")
    assert set(columns["q1"].missing) == {"8", "97"} and columns["age"].missing == ("999",)
    assert columns["seen"].form == "date"
    assert "weighted by wt" in sheet.remarks[0]


@pytest.mark.parametrize("name", ["haven.sav", "haven.zsav"])
def test_a_file_of_haven(name):
    sheet, problems = sheet_of(FILES / name)
    assert not problems
    cells = {c.name: c.cells() for c in sheet.columns}
    assert cells == {
        "id": ["1", "2", "3", "4", "5"],
        "sex": ["1", "2", "2", "1", "2"],
        "q1": ["1", "2", "8", "97", ""],
        "age": ["34", "51", "29", "999", "43"],
        "town": ["L", "Y", "H", "L", "Y"],
        "seen": ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"],
        "said": ["a" * 400, "Zoë", "", "x y", "z"],
    }
    columns = {c.name: c for c in sheet.columns}
    assert columns["town"].labels == {"L": "Leeds", "Y": "York", "H": "Hull"}
    assert columns["age"].missing == ("999",)


def test_a_survey_is_drafted_from_labels_and_sets(tmp_path):
    taken(FILES / "pspp.sav", tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    questions = survey.codebook.questions
    assert survey.codebook.populations["respondents"].weight == "wt"
    own, why, q1 = questions["own"], questions["why"], questions["q1"]
    assert own.kind is why.kind is Kind.MULTIPLE
    assert [i.label for i in own.items] == ["Owns a bicycle", "Owns a car", "Owns a boat"]
    assert [i.label for i in why.items] == ["Price", "Speed", "Comfort", "Other"]
    assert {o.code: o.missing for o in q1.options if o.missing} == {
        "8": Missing.DONT_KNOW,
        "97": Missing.NOT_ANSWERED,
    }
    assert [o.score for o in q1.substantive] == [1, 2, 3, 4, 5]
    frame = survey.codes["respondents"]
    assert frame["age"].tolist() == ["34", "51", "29", "not_answered", "43"]
    assert frame["q1"].tolist() == ["1", "5", "8", "2", "not_answered"]


def test_a_file_of_pyreadstat_with_every_kind_of_cell(tmp_path):
    path = tmp_path / "own.sav"
    frame = pd.DataFrame(
        {
            "number": [1.5, -2.0, 1e10, None],
            "text": ["a", "", "ä" * 60, "z"],
            "long": ["x" * 255, "y" * 256, "é" * 1000, ""],
        }
    )
    for compress in ({"compress": True}, {"row_compress": True}, {}):
        pyreadstat.write_sav(frame, str(path), **compress)
        sheet, problems = sheet_of(path)
        assert not problems
        assert [c.cells() for c in sheet.columns] == [
            ["1.5", "-2", "10000000000", ""],
            ["a", "", "ä" * 60, "z"],
            ["x" * 255, "y" * 256, "é" * 1000, ""],
        ]


@pytest.mark.parametrize("name", [*PSPP, "haven.sav"])
def test_a_file_cut_short_anywhere_is_refused(name, tmp_path):
    raw = (FILES / name).read_bytes()
    path = tmp_path / name
    for end in [*range(8, len(raw), 97), len(raw) - 1]:
        path.write_bytes(raw[:end])
        sheet, problems = sheet_of(path)
        assert sheet is None and len(problems) == 1, end


def test_changed_cells_of_a_packed_file_are_detected(tmp_path):
    """A .zsav carries checksums: whatever byte of its data changes, no cell does."""
    raw = (FILES / "pspp.zsav").read_bytes()
    path = tmp_path / "changed.zsav"
    start = raw.index(b"\xe7\x03\x00\x00\x00\x00\x00\x00") + 8
    refusals = 0
    for at in range(start, len(raw)):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0x10]) + raw[at + 1 :])
        sheet = sheet_of(path)[0]
        assert sheet is None or {c.name: c.cells() for c in sheet.columns} == CELLS, at
        refusals += sheet is None
    assert refusals > 0.8 * (len(raw) - start)  # the others change what nobody reads


@pytest.mark.parametrize("number", [1e-308, -1e200, float("inf")])
def test_impossible_numbers_are_located_damage(number, tmp_path):
    raw = (FILES / "pspp_uncompressed.sav").read_bytes()
    at = raw.rindex(struct.pack("<d", 1.25))
    path = tmp_path / "changed.sav"
    path.write_bytes(raw[:at] + struct.pack("<d", number) + raw[at + 8 :])
    problems = Problems()
    assert read_sav(path, problems, lambda row: None) is None
    assert [(p.row, p.column, p.found) for p in problems] == [(4, "wt", repr(number))]


@pytest.mark.parametrize("form", ["sav", "dta"])
def test_labels_are_read_as_a_page_shows_them(form, tmp_path):
    table = pd.DataFrame({"q": [1.0, 2.0, 3.0] * 8, "r": [1.0, 2.0, 2.0] * 8})
    titles = ["<b>How often</b> do you vote?<br/><br/>[READ LIST]", "Is 3 < 4 &amp; 5 > 4?"]
    labels = {
        "q": {1: "Often", 2: "Rarely", 3: "<font color=red>[DO NOT READ] Refused</font>"},
        "r": {1: "<b>Yes</b>", 2: "Yes"},  # the tag alone tells them apart
    }
    path = tmp_path / f"tags.{form}"
    write = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta}[form]
    write(table, str(path), column_labels=titles, variable_value_labels=labels)
    assert taken(path, tmp_path / "out")
    asked = load_survey(tmp_path / "out").codebook.questions
    assert [q.wording for q in asked.values()] == [
        "How often do you vote? [READ LIST]",
        "Is 3 < 4 & 5 > 4?",
    ]
    assert [o.label for o in asked["q"].options] == ["Often", "Rarely", "[DO NOT READ] Refused"]
    assert {o.label for o in asked["r"].options} == {"<b>Yes</b>", "Yes"}


@pytest.mark.parametrize("form", ["sav", "dta"])
def test_whole_numbers_of_64_bits_that_r_wrote_are_read(form, tmp_path):
    # What haven writes of bit64's numbers: their bytes, as if they were those of fractions.
    numbers = [550250001001, 550790043003, None, 550250001002, 0, 551390012001, 550250001001]
    kept = [
        struct.unpack("<d", struct.pack("<q", -(2**63) if n is None else n))[0] for n in numbers
    ]
    table = pd.DataFrame({"block": kept, "half": [0.5] * len(kept)})
    path = tmp_path / f"r.{form}"
    getattr(pyreadstat, {"sav": "write_sav", "dta": "write_dta"}[form])(table, str(path))
    problems = Problems()
    sheet = {"sav": read_sav, "dta": read_dta}[form](path, problems, lambda row: None)
    assert not list(problems)
    assert [c.cells() for c in sheet.columns] == [
        ["" if n is None else str(n) for n in numbers],
        ["0.5"] * len(numbers),
    ]
    assert sheet.remarks == ("block holds whole numbers as R's bit64 writes them",)


@pytest.mark.parametrize(
    "at, written",
    [
        (68, struct.pack("<i", 99)),
        (68, struct.pack("<i", -1)),
        (92, b"1 J\xe4n 26"),
        (84, bytes(8)),
    ],
    ids=["size of a case", "no size of a case", "date in another language", "no bias"],
)
def test_other_programs_headers_are_accepted(at, written, tmp_path):
    raw = (FILES / "pspp_uncompressed.sav").read_bytes()
    path = tmp_path / "other.sav"
    path.write_bytes(raw[:at] + written + raw[at + len(written) :])
    sheet, problems = sheet_of(path)
    assert not problems and {c.name: c.cells() for c in sheet.columns} == CELLS


@pytest.mark.parametrize("width", [1, 8, 9, 255, 256, 504, 505, 1000])
def test_the_weight_is_named_behind_a_text_of_any_length(width, tmp_path):
    """The header counts eight bytes each, and the library does not tell what it names."""
    path = tmp_path / "own.sav"
    frame = pd.DataFrame({"said": ["x" * width], "weight": [1.5], "age": [40.0]})
    pyreadstat.write_sav(frame, str(path))
    raw = path.read_bytes()
    place = 1 + [name.strip() for name in variables(raw)].index(b"WEIGHT")
    path.write_bytes(raw[:76] + struct.pack("<i", place) + raw[80:])
    sheet, problems = sheet_of(path)
    assert not problems and sheet.remarks == ("the file is weighted by weight",)


def variables(raw):
    """Short names of all elements of a case, in a file without labels and missing values."""
    at = 176
    while struct.unpack_from("<i", raw, at)[0] == 2:
        assert struct.unpack_from("<2i", raw, at + 8) == (0, 0)
        yield raw[at + 24 : at + 32].upper()
        at += 32


def test_a_label_that_is_lost_is_an_unknown_code(tmp_path):
    taken(FILES / "pspp.sav", tmp_path / "out")
    raw = (FILES / "pspp_uncompressed.sav").read_bytes()
    at = raw.rindex(b"Leeds")
    path = tmp_path / "next.sav"
    path.write_bytes(raw[:at] + b"Leids" + raw[at + 5 :])
    report = refused(path, tmp_path / "out")
    assert [(p.row, p.column, p.found) for p in report.problems] == [(4, "town", "Leids")]
    shutil.copy(FILES / "pspp.zsav", path.with_suffix(".zsav"))
    taken(path.with_suffix(".zsav"), tmp_path / "out")


def profile(path):
    """Variables whose names look like one question: 20 people, codes in turn."""
    frame = pd.DataFrame({
        "Q1.2": [float(n % 2 + 1) for n in range(20)],
        "Q1.5": [float(n % 4 + 1) for n in range(20)],
        "Q1.7": [float(n % 2 + 1) for n in range(20)],
    })  # fmt: skip
    labels = {
        "Q1.2": {1.0: "Male", 2.0: "Female"},
        "Q1.5": {1.0: "Employed", 2.0: "Unemployed", 3.0: "Retired", 4.0: "Other"},
    }
    titles = ["Sex of the baker", "Work of the baker", "Ovens"]
    pyreadstat.write_sav(frame, str(path), column_labels=titles, variable_value_labels=labels)
    return path


def test_columns_whose_codes_mean_different_things_are_no_grid(tmp_path):
    taken(profile(tmp_path / "a.sav"), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    questions = {question.wording: question for question in survey.codebook.questions.values()}
    assert [*questions] == ["Sex of the baker", "Work of the baker", "Ovens"]
    said = {wording: [o.label for o in q.options] for wording, q in questions.items()}
    assert said["Sex of the baker"] == ["Male", "Female"]
    assert said["Work of the baker"] == ["Employed", "Unemployed", "Retired", "Other"]
    assert said["Ovens"] == ["1", "2"]  # no label in the file, so none of another variable


def test_the_account_compares_the_labels_of_the_file(tmp_path, monkeypatch):
    def merged(columns):
        return {code: label for column in columns for code, label in column.labels.items()}

    monkeypatch.setattr(several_columns, "_same_labels", merged)
    taken(profile(tmp_path / "a.sav"), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    questions = survey.codebook.questions.values()
    assert {question.kind for question in questions} == {Kind.TEXT}
    assert all("fit no other kind of question" in question.note for question in questions)
    assert "employed" not in survey.frames["respondents"].to_csv().lower()


def test_labels_that_differ_in_capitals_are_the_same(tmp_path):
    frame = pd.DataFrame({f"q_{n}": [float((p + n) % 3 + 1) for p in range(12)] for n in (1, 2)})
    labels = {
        "q_1": {1.0: "Never", 2.0: "At times", 3.0: "Often"},
        "q_2": {1.0: "never", 2.0: "At times", 3.0: "Often"},
    }
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    taken(path, tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert question.kind is Kind.GRID and len(question.items) == 2


def test_variables_without_labels_that_are_numbered_alike_are_a_grid(tmp_path):
    """Prices are numbered alike, too, and hold no codes that they share.

    A short name is that of a grid only where numbers go up from 1: `ss1` to `ss4`, not `co2`.
    """
    rows = {f"pride{n}": [1.0, 2, 3, 4, 1 + n] * 6 for n in (1, 2, 3)}
    rows |= {f"price{n}": [float(n * 100 + k) for k in range(30)] for n in (1, 2, 3)}
    rows |= {"wave1": [1.0, 2] * 15}
    rows |= {name: [1.0, 2, 3, 4, 5] * 6 for name in ("ss1", "ss2", "ss3", "ss4", "co2", "co3")}
    pyreadstat.write_sav(pd.DataFrame(rows), str(tmp_path / "a.sav"))
    taken(tmp_path / "a.sav", tmp_path / "out")
    questions = load_survey(tmp_path / "out").codebook.questions.values()
    found = [(q.id, q.kind, len(q.items)) for q in questions if q.kind is not Kind.NUMBER]
    others = [("wave1", Kind.SINGLE, 0), ("ss", Kind.GRID, 4)]
    others += [("co2", Kind.SINGLE, 0), ("co3", Kind.SINGLE, 0)]
    assert found == [("pride", Kind.GRID, 3), *others]
    grid = next(iter(questions))
    assert [item.label for item in grid.items] == ["pride1", "pride2", "pride3"]


def rows_of(cells, titles, labels):
    """Columns of twenty people who gave these answers by turns."""
    return [
        Column("", *encoded([row[n] for row in cells] * 20), f"g{n}", title, dict(labels))
        for n, title in enumerate(titles)
    ]


def test_rows_in_brackets_behind_one_label_are_a_grid_and_codes_of_sex_a_filter(tmp_path):
    frame = pd.DataFrame({f"v{n}": [1.0, 2, 3, 3, 2, 1] * 5 for n in range(3)})
    frame["who"] = [0.0, 1.0, 1.0] * 10
    labels = {name: {1: "Oppose", 2: "Neither", 3: "Support"} for name in frame}
    labels["who"] = {0: "Female", 1: "Male"}
    titles = ["Acts [March]", "Acts [Strike]", "Plans [Vote]", "Sex"]
    path = str(tmp_path / "a.sav")
    pyreadstat.write_sav(frame, path, column_labels=titles, variable_value_labels=labels)
    taken(tmp_path / "a.sav", tmp_path / "out")
    codebook = load_survey(tmp_path / "out").codebook
    assert [*codebook.dimensions] == ["who"]
    found = [(q.wording, q.kind, [i.label for i in q.items]) for q in codebook.questions.values()]
    assert found == [
        ("Acts", Kind.GRID, ["March", "Strike"]),
        ("Plans [Vote]", Kind.SINGLE, []),
        ("Sex", Kind.SINGLE, []),
    ]


POINTS = {"1": "Oppose", "2": "Neither", "3": "Support"}
PLACES = {"1": "1", "2": "2", "3": "3"}
MENTIONS = ["Paper, first mention", "Paper, second mention", "Paper, third mention"]


@pytest.mark.parametrize(
    ("cells", "titles", "labels", "rows"),
    [
        (["112", "332", "213"], ["March", "Strike", "Vote"], POINTS, True),
        (["123", "321", "213"], ["Price", "Speed", "Comfort"], PLACES, True),
        (["12", "31", "23"], MENTIONS, POINTS, False),
        (["123", "321", "213"], ["March", "Strike", "Vote"], POINTS, False),
    ],
    ids=["points given twice", "places", "mentions", "each answer once"],
)
def test_a_set_of_answers_may_be_the_rows_of_a_grid(cells, titles, labels, rows):
    assert are_rows(rows_of([[*row] for row in cells], titles[: len(cells[0])], labels)) is rows


def test_the_rows_of_a_grid_that_a_set_declares_have_its_question(tmp_path, monkeypatch):
    """YouGov declares grids so: each row became a box for everybody who gave a point to any."""
    frame = pd.DataFrame({f"g{n}": [1.0, 2, 3, 3, 2] * 6 for n in (1, 2, 3)})
    titles = ["March", "Strike", "Vote"]
    labels = {name: {1: "Oppose", 2: "Neither", 3: "Support"} for name in frame}
    pyreadstat.write_sav(
        frame, str(tmp_path / "a.sav"), column_labels=titles, variable_value_labels=labels
    )
    declared = BoxSet("acts", "Do you support these?", ("g1", "g2", "g3"), "")
    monkeypatch.setattr(spss, "_sets", lambda meta, columns: ([declared], []))
    taken(tmp_path / "a.sav", tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert (question.kind, question.wording) == (Kind.GRID, "Do you support these?")
    assert [item.label for item in question.items] == titles


def test_skipped_beside_not_asked_is_an_answer_that_somebody_left():
    asked = missing_kinds(["Yes", "No", "skipped", "not asked"])
    assert (asked["skipped"], asked["not asked"]) == (Missing.NOT_ANSWERED, Missing.NOT_ASKED)
    assert missing_kinds(["Yes", "No", "skipped"])["skipped"] is Missing.NOT_ASKED


def test_words_for_one_number_of_many_are_proposed_as_no_answer(tmp_path):
    frame = pd.DataFrame({"hours": [*map(float, range(31)), 96, 98, 99] * 6})
    labels = {"hours": {0: "None", 30: "30 or more", 96: "No concern of us", 98: "Gave no number"}}
    labels["hours"][99] = "Don't know/undecided/refused"
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    report = taken(path, tmp_path / "out")
    told = {(p.kind, p.found, p.count) for p in report.proposals}
    assert told == {
        ("missing_code", "96 (No concern of us)", 6),
        ("missing_code", "98 (Gave no number)", 6),
        ("no_answer", "Don't know/undecided/refused", 6),
    }
    taken(path, tmp_path / "out", accept=("missing_code", "no_answer"))
    survey = load_survey(tmp_path / "out")
    assert survey.codebook.questions["hours"].kind is Kind.NUMBER
    assert survey.frames["respondents"]["hours"].max() == 30


def test_questions_of_one_stem_are_told_apart_by_what_differs(tmp_path):
    stem = "Now I'm going to mention a few issues and for each one, please tell me who does better."
    issues = {"p7a": "The economy", "p7b": "The response to the outbreak", "p7c": "Health care"}
    titles = {
        name: f"{name.upper()[:2]}{name[2]}. {stem} First/Next, {i}." for name, i in issues.items()
    }
    titles["fv_a"] = (
        "FV1_DJT. We'd like to get your opinion of some people in the news today: Ann Lee"
    )
    titles["fv_b"] = (
        "FV1_JB. We'd like to get your opinion of some people in the news today: Bo Ray"
    )
    titles["vote"] = (
        'V1. Who would you vote for: [READ LIST] [IF NEEDED: "If you had to decide today?"]'
    )
    frame = pd.DataFrame({name: [1.0, 2.0, 2.0] * 12 for name in titles})
    values = {name: {1: f"One of {name}", 2: "Other one"} for name in titles}
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(frame, str(path), column_labels=titles, variable_value_labels=values)
    taken(path, tmp_path / "out")
    questions = load_survey(tmp_path / "out").codebook.questions
    labels = {name: q.label for name, q in questions.items()}
    for name, issue in issues.items():
        assert labels[name].startswith("Now I'm going") and issue[:28] in labels[name]
    assert labels["fv_a"].endswith("… Ann Lee") and labels["fv_b"].endswith("… Bo Ray")
    assert labels["vote"] == "Who would you vote for"
    assert max(map(len, labels.values())) <= 60
    assert questions["p7a"].wording == titles["p7a"] and questions["vote"].wording == titles["vote"]


def test_the_name_of_a_variable_before_its_label_is_no_part_of_it(tmp_path):
    path = tmp_path / "file.sav"
    frame = pd.DataFrame({name: [1.0, 2.0] * 20 for name in ("sex", "party", "owner")})
    labels = ["SEX. Respondent's sex", "PARTY: do you vote?", "Owner of a home"]
    values = {"sex": {1.0: "Male", 2.0: "Female"}, "party": {1.0: "Left", 2.0: "Right"},
              "owner": {1.0: "Renting", 2.0: "Owning"}}  # fmt: skip
    pyreadstat.write_sav(frame, str(path), column_labels=labels, variable_value_labels=values)
    taken(path, tmp_path / "out")
    codebook = load_survey(tmp_path / "out").codebook
    said = {q.id: q.label for q in codebook.questions.values()}
    assert said == {"sex": "Respondent's sex", "party": "Do you vote?", "owner": "Owner of a home"}
    assert codebook.questions["sex"].wording == "SEX. Respondent's sex"
    assert codebook.dimensions["sex"].label == "Respondent's sex"
