"""Files of R and Parquet: answers, their order and labels, what is lost, damage.

The files and the counts beside them are made by R and by pandas: see `tests/r` and `tests/parquet`.
"""

import csv
from collections import Counter

import duckdb
import pytest

from files import refused, taken
from helpers.codebook.model import Missing
from helpers.responses.survey import load_survey
from places import TESTS

pytestmark = pytest.mark.slow

R, PARQUET = TESTS / "r", TESTS / "parquet"


def imported(folder):
    """Counts of an import, by column and label, and the sums of its numbers."""
    questions = load_survey(folder).codebook.questions
    with open(folder / "responses" / "respondents.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for name in rows[0]:
        options = questions[name].options if name in questions else ()
        labels = {option.code: option.label for option in options}
        cells = [row[name] for row in rows if row[name] not in ("", "not_answered")]
        found[name] = Counter(labels.get(cell, cell) for cell in cells)
    return found


def assert_counted(folder, counts, lost=()):
    """Compare an import with what the program that wrote the file counted in it."""
    found, expected = imported(folder), {}
    with open(counts, encoding="utf-8") as file:
        for row in (row for row in csv.DictReader(file) if row["column"] not in lost):
            expected.setdefault(row["column"], {})[row["value"]] = float(row["n"])
    for name, counted in expected.items():
        if "sum" in counted:
            assert sum(float(x) * n for x, n in found[name].items()) == counted["sum"], name
        else:
            known = {label: n for label, n in found[name].items() if label not in LETTERED}
            assert known == counted, name


LETTERED = (".b",)  # missing with a letter that has no label: no text in R


def options(folder, question):
    return [o.label for o in load_survey(folder).codebook.questions[question].options]


@pytest.mark.parametrize("file", ["survey.rds", "survey2.rds", "plain.rds", "survey.RData"])
def test_a_data_frame_of_r_has_the_counts_of_r(file, tmp_path):
    report = taken(R / file, tmp_path / "out")
    assert report.respondents == {"respondents": 40}
    assert_counted(tmp_path / "out", R / "counts.csv")
    questions = load_survey(tmp_path / "out").codebook.questions
    assert questions["agree"].wording == "Do you agree?"
    missing = {o.label for q in ("agree", "trust", "left") for o in questions[q].options
               if o.missing is not Missing.NO}  # fmt: skip
    assert missing == {"Refused", "No reply", ".b"}
    order = ["Every day", "Now and then", "On holidays", "In my dreams"]
    assert options(tmp_path / "out", "often") == order
    assert options(tmp_path / "out", "size") == ["Giant", "Human", "Dwarf"]
    assert options(tmp_path / "out", "trust") == ["Little", "Some", "Much", "No reply"]
    assert any("not read: list (a list), grid (a matrix)" in words for words in report.remarks)


def test_a_data_frame_that_r_wrote_as_text_has_its_counts(tmp_path):
    taken(R / "text.rds", tmp_path / "out")
    # R writes no letters of missing values as text.
    assert_counted(tmp_path / "out", R / "counts.csv", lost=["left"])


def parquet_of_r(path, about):
    """Forty rows as arrow writes them, with what R keeps of the columns beside."""
    rows = ", ".join(
        f"({n}, {(1, 2, 9)[n % 3]}, {(3, 2, 1, 8)[n % 4]}, '{'aab'[n % 3]}', {20.5 + n})"
        for n in range(40)
    )
    text = about.decode("ascii").replace("'", "''")
    duckdb.sql(
        f"COPY (SELECT * FROM (VALUES {rows}) t(id, agree, trust, town, age)) TO '{path}' "
        f"(FORMAT parquet, KV_METADATA {{r: '{text}'}})"
    )
    return path


@pytest.mark.parametrize("file", ["arrow.txt", "arrow_packed.txt"])
def test_labels_of_r_are_read_from_parquet(file, tmp_path):
    """The labels are those of tests/r/arrow.R."""
    path = parquet_of_r(tmp_path / "a.parquet", (R / file).read_bytes())
    report = taken(path, tmp_path / "out")
    assert not any("labels" in words for words in report.remarks)
    questions = load_survey(tmp_path / "out").codebook.questions
    assert questions["agree"].wording.split() == ["Do", "you", "agree?", "Tell", "us"]
    assert questions["trust"].wording == "Vertrauen für uns?"
    assert options(tmp_path / "out", "agree") == ["Yes", "No", 'Refuse, "no"']
    assert options(tmp_path / "out", "town") == ["Aarau", "Zürich"]
    missing = [o.label for o in questions["trust"].options if o.missing is not Missing.NO]
    assert missing == ["No reply"] and questions["age"].wording == "Age in years"


def test_damaged_labels_of_r_leave_the_table(tmp_path):
    about = (R / "arrow.txt").read_bytes()
    for n, damaged in enumerate((about[:700], about.replace(b"531", b"999"), b"A\nnothing")):
        path = parquet_of_r(tmp_path / f"{n}.parquet", damaged)
        report = taken(path, tmp_path / f"out{n}")
        assert report.respondents == {"respondents": 40}
        assert any("labels that R keeps" in words for words in report.remarks), n


def test_of_several_data_frames_one_is_chosen_by_its_name(tmp_path):
    said = str(next(iter(refused(R / "two.RData", tmp_path / "none").problems)))
    assert "half, other" in said and "--sheet" in said
    assert taken(R / "two.RData", tmp_path / "out", sheets=("other",)).respondents == {
        "respondents": 39
    }
    assert "no such table" in str(
        next(iter(refused(R / "two.RData", tmp_path / "none", sheets=("all",)).problems))
    )


def test_a_parquet_file_of_pandas_has_the_counts_of_pandas(tmp_path):
    report = taken(PARQUET / "pandas.parquet", tmp_path / "out")
    assert report.respondents == {"respondents": 40}
    assert_counted(tmp_path / "out", PARQUET / "counts.csv")
    order = ["Every day", "Now and then", "On holidays", "In my dreams"]
    assert options(tmp_path / "out", "often") == order
    assert options(tmp_path / "out", "size") == ["Giant", "Human", "Dwarf"]
    assert any("not read: list (a list)" in words for words in report.remarks)
    assert load_survey(tmp_path / "out").codebook.populations["respondents"].identifier == (
        "respondent_id"
    )


def test_categories_of_polars_are_in_order_and_an_order_that_is_not_read_is_said(tmp_path):
    taken(PARQUET / "polars.parquet", tmp_path / "out")
    assert options(tmp_path / "out", "size") == ["Giant", "Human", "Dwarf"]
    assert options(tmp_path / "out", "town") == ["A", "B"]
    report = taken(PARQUET / "zstd.parquet", tmp_path / "packed")
    assert any("the order of the categories of often, size" in words for words in report.remarks)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("list.rds", "no data frame"),
        ("text.rds", "damaged"),
        ("survey.rds", "damaged"),
        ("plain.rds", "ends too early"),
        ("survey.RData", "damaged"),
        ("pandas.parquet", "damaged"),
    ],
)
def test_what_is_no_table_or_was_cut_short_is_refused(file, words, tmp_path):
    whole = (PARQUET if file.endswith("parquet") else R) / file
    path = tmp_path / f"in{whole.suffix}"
    raw = whole.read_bytes()
    path.write_bytes(raw if words == "no data frame" else raw[: len(raw) * 2 // 3])
    [problem] = refused(path, tmp_path / "out").problems
    assert words in str(problem) and str(tmp_path) not in str(problem)
