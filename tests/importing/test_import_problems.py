"""Every fault is found once and located; what is harmless changes nothing."""

import csv
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
from itertools import chain

import pytest

from files import MONKEY, SIMPLE, refused, state, taken, workbook, write
from helpers.commands.exchange import ALLOWED, PROPOSED
from helpers.errors import KEPT, InsightsError
from helpers.folders import changed
from helpers.importing.importing import import_files
from helpers.importing.report import Options
from places import ROOT

pytestmark = pytest.mark.slow

# 60 people, answers that differ enough for two to agree by chance only.


def rows_of(people=60):
    head = ["id", "How many rooms?", *(f"Question {n}" for n in range(1, 9)), "In your words"]
    rows = [head]
    for n in range(people):
        answers = [
            ("Agree", "Disagree", "Neutral", "Strongly agree")[(n * (k + 3) + k * k + n // 7) % 4]
            if k % 2
            else ("north", "south", "east")[(n * n + k * n + n // 5) % 3]
            for k in range(8)
        ]
        rows.append([f"P{n:03d}", str(n % 13), *answers, f"what {n} said: {n * 7919 % 1000}"])
    return rows


@pytest.fixture
def folder(tmp_path):
    taken(write(tmp_path / "base.csv", rows_of()), tmp_path / "out")
    return tmp_path / "out"


def damaged(tmp_path, row, column, value):
    rows = rows_of()
    rows[row - 1][column] = value
    return write(tmp_path / "next.csv", rows)


@pytest.mark.parametrize(
    ("row", "column", "value", "kind", "cell"),
    [
        (7, 2, "west", "unknown_code", "C7"),
        (9, 3, "Agreee", "unknown_code", "D9"),
        (9, 3, "AGREE", "look_alike", "D9"),
        (9, 3, "Аgree", "look_alike", "D9"),  # the first letter is Cyrillic
        (9, 3, "Strongly\u00a0agree", "look_alike", "D9"),
        (11, 1, "3,5", "decimal_comma", "B11"),
        (11, 1, "three", "not_a_number", "B11"),
        (11, 1, "2026-02-01", "mangled_date", "B11"),
        (12, 1, "#N/A", "spreadsheet_error", "B12"),
        (12, 0, "P003", "duplicate_identifier", "A12"),
        (13, 0, "", "blank", "A13"),
        (14, 10, "asdf", "test_row", "K14"),
        (15, 10, "word " * 50 + "trunc", "truncated", "K15"),
        (16, 10, "the caf\ufffd was shut", "garbled", "K16"),
        (17, 3, "strongly_agree", "unknown_code", "D17"),  # a code among answers in words
    ],
)
def test_a_fault_is_located_to_its_cell(row, column, value, kind, cell, tmp_path, folder):
    report = refused(damaged(tmp_path, row, column, value), folder)
    assert [(p.kind, p.row, p.cell) for p in report.problems] == [(kind, row, cell)]
    (problem,) = report.problems
    assert problem.file == "next.csv" and problem.column.startswith(rows_of()[0][column][:10])
    assert problem.fix
    rows = rows_of()
    rows[row - 1][column] = value
    report = refused(workbook(tmp_path / "next.xlsx", rows), folder)
    assert [(p.file, p.kind, p.row, p.cell) for p in report.problems] == [
        ("next.xlsx [Data]", kind, row, cell)
    ]


def test_a_control_character_is_located(tmp_path, folder):
    report = refused(damaged(tmp_path, 16, 10, "the caf\x07 was shut"), folder)
    assert [(p.kind, p.cell) for p in report.problems] == [("garbled", "K16")]


def test_a_file_that_was_encoded_twice(tmp_path):
    rows = [*SIMPLE, ["13", "20", "Yes", "Agree", "Crème brûlée"]]
    path = write(tmp_path / "next.csv", rows)
    path.write_bytes(path.read_bytes().decode("cp1252").encode("utf-8"))
    report = taken(path, tmp_path / "out")
    assert [(p.kind, p.rows, p.about, p.if_yes) for p in report.proposals] == [
        ("garbled", "13", "Why?", '"Zoë says so"'),
        ("garbled", "14", "Why?", '"Crème brûlée"'),
    ]
    taken(path, tmp_path / "out", accept=("garbled",))
    stored = (tmp_path / "out" / "responses" / "respondents.csv").read_text(encoding="utf-8")
    assert stored.endswith("Crème brûlée\n") and "Ã" not in stored


@pytest.mark.parametrize("weight", ["1_000", "٣", "-1", "nan", "inf", "1e99", "1,5"])
def test_a_weight_is_a_number(weight, tmp_path):
    rows = [[*row, f"{(1 + n % 3) / 2}"] for n, row in enumerate(SIMPLE)]
    rows[0][-1] = "wt"
    taken(write(tmp_path / "base.csv", rows), tmp_path / "out")
    rows[3][-1] = weight
    report = refused(write(tmp_path / "next.csv", rows), tmp_path / "out")
    assert [(p.kind, p.cell) for p in report.problems] == [("weight", "F4")]


def test_a_label_in_place_of_a_code_is_reported(tmp_path, folder):
    path = tmp_path / "next.csv"
    path.write_bytes((folder / "responses" / "respondents.csv").read_bytes())
    text = path.read_text(encoding="utf-8")
    assert "strongly_agree" in text
    path.write_text(text.replace("strongly_agree", "Strongly agree", 1), encoding="utf-8")
    (folder / "mapping.yml").unlink()
    report = refused(path, folder)
    assert [p.kind for p in report.problems] == ["label_not_code"]
    assert 'write its code "strongly_agree"' in str(next(iter(report.problems)))


def test_a_row_that_was_sent_twice(tmp_path, folder):
    rows = rows_of()
    rows.append(["P999", *rows[20][1:]])
    path = write(tmp_path / "next.csv", rows)
    report = refused(path, folder)
    assert [(p.kind, p.row) for p in report.problems] == [("double_submission", 62)]
    assert "row 21" in next(iter(report.problems)).message
    taken(path, folder, allow=("double_submission",))


ASKED = [f"Question {n}" for n in range(1, 21)]


@pytest.mark.parametrize(("address", "found"), [("192.0.2.77", ["43"]), ("192.0.2.{n}", [])])
def test_the_address_of_a_row_sent_twice_tells_it_from_chance(address, found, tmp_path):
    """Twenty questions of three answers: two people may agree, two at one address hardly.

    They tell 20 × log2(3) = 31.7 bits and the address log2(61 / 2) = 4.9; the limit for 61 rows is
    2 × log2(50 × 61²) = 35.
    """
    choose = random.Random(5).choice
    rows = [[f"{n}", f"192.0.2.{n}", *(choose("abc") for _ in ASKED)] for n in range(60)]
    rows[40][1], again = address.format(n=40), list(rows[40])
    again[:2] = ["60", address.format(n=60)]
    head = ["Respondent ID", "IP Address", *ASKED]
    path = write(tmp_path / "first.csv", [head, *rows[:40], rows[40], again, *rows[41:]])
    report = taken(path, tmp_path / "out")
    assert [p.rows for p in report.proposals if p.kind == "double_submission"] == found


def test_a_row_sent_twice_under_an_identifier_that_no_header_names(tmp_path):
    rows = [["Ticket", *row[1:]] if n == 0 else row for n, row in enumerate(rows_of())]
    rows.append(["P999", *rows[20][1:]])
    path = write(tmp_path / "first.csv", rows)
    report = taken(path, tmp_path / "out")
    assert [(p.kind, p.rows) for p in report.proposals] == [("double_submission", "62")]
    assert report.respondents == {"respondents": 61}
    report = taken(path, tmp_path / "out", accept=("double_submission",))
    assert report.respondents == {"respondents": 60}


def test_a_wave_that_lacks_a_column_says_so(tmp_path):
    out = tmp_path / "out"
    taken(write(tmp_path / "one.csv", SIMPLE), out, wave="2025")
    second = [[*row[:2], *row[3:]] for row in SIMPLE]
    for n, row in enumerate(second[1:]):
        row[0] = str(100 + n)
    path = write(tmp_path / "two.csv", second)
    [proposal] = import_files([path], out, Options(wave="2026")).proposals
    assert (proposal.kind, proposal.about) == ("not_asked", "Do you cycle?")
    answers = out / "proposals.csv"
    answers.write_text(answers.read_text().replace("\n,", "\nno,", 1))
    report = refused(path, out, wave="2026")
    assert [(p.kind, p.row, p.column) for p in report.problems] == [("missing_column", 1, "cycle")]
    assert not import_files([path], out, Options(wave="2026", allow=("missing_column",))).imported
    answers.write_text(answers.read_text().replace("\nno,", "\nyes,", 1))
    taken(path, out, wave="2026")


def test_a_row_that_is_shifted(tmp_path, folder):
    rows = rows_of()
    rows[30] = [*rows[30][:3], "", *rows[30][3:-1]]
    report = refused(write(tmp_path / "next.csv", rows), folder)
    shifted = [p for p in report.problems if p.kind == "shifted"]
    assert [(p.row, p.cell) for p in shifted] == [(31, "E31")]
    assert {p.row for p in report.problems} == {31}


def test_boxes_that_few_tick_do_not_mean_a_shift(tmp_path):
    """Every second box has a tick in 2 of 400 rows: the same two, who left the others."""
    rows = [["id", *(f"Which? [Thing {n}]" for n in range(8))]]
    rows += [[str(n), *("1" if k % 2 and n % 3 else "0" for k in range(8))] for n in range(400)]
    for row in (rows[100], rows[300]):
        row[1:] = ["1", "0"] * 4
    report = taken(write(tmp_path / "export.csv", rows), tmp_path / "out")
    assert [p for p in report.proposals if p.kind == "shifted"] == []


def test_similar_answers_do_not_mean_a_shift(tmp_path):
    """Three say so to a whole block; others to every second item alone."""
    draw = random.Random(3)
    words = ("Often", "Sometimes", "Rarely", "Never")
    rows = [["id", "Do you?", *(f"Item {n}" for n in range(8))]]
    rows += [[str(n), "Yes", *(draw.choice(words) for _ in range(8))] for n in range(400)]
    for n, row in enumerate(rows[1:]):
        if n % 150 == 7:
            row[2:] = ["No answer"] * 8
        elif n % 10 == 3:
            row[3::2] = ["No answer"] * 4
    report = taken(write(tmp_path / "export.csv", rows), tmp_path / "out")
    assert "shifted" not in report.problems.kinds


def test_rows_of_the_wrong_length(tmp_path, folder):
    rows = rows_of()
    rows[5] = rows[5][:-1]
    rows[8] = [*rows[8], "more"]
    report = refused(write(tmp_path / "next.csv", rows), folder)
    ragged = [(p.kind, p.row, p.column) for p in report.problems if p.kind == "ragged_row"]
    assert ragged == [("ragged_row", 6, "K"), ("ragged_row", 9, "L")]


def test_a_cell_more_in_a_row_that_ends_blank(tmp_path):
    taken(write(tmp_path / "base.csv", MONKEY), tmp_path / "out")
    rows = [[*row] for row in MONKEY]
    rows[7].insert(6, "Tram")
    report = refused(write(tmp_path / "next.csv", rows), tmp_path / "out")
    assert [(p.kind, p.row, p.column) for p in report.problems] == [("ragged_row", 8, "K")]


def test_an_open_quotation_mark(tmp_path, folder):
    text = write(tmp_path / "next.csv", rows_of()).read_text(encoding="utf-8")
    (tmp_path / "next.csv").write_text(text.replace("P020,", '"P020,'), encoding="utf-8")
    report = refused(tmp_path / "next.csv", folder)
    assert "broken_quotes" in report.problems.kinds


def test_columns_that_are_lost_repeated_or_new(tmp_path, folder):
    rows = [[*row[:4], *row[5:], row[1], "new"] for row in rows_of()]
    rows[0][-1] = "Colour"
    report = refused(write(tmp_path / "next.csv", rows), folder)
    assert report.problems.kinds["unknown_column"] == 3  # both rooms, and the colour
    assert report.problems.kinds["missing_column"] == 2
    assert {p.row for p in report.problems} == {1}


def test_routing_is_checked(tmp_path):
    rows = [["id", "Do you fly?", "How often?"]]
    rows += [
        [str(n), ("Yes", "No")[n % 2], "" if n % 2 else ("Often", "Never")[n % 4 // 2]]
        for n in range(40)
    ]
    taken(write(tmp_path / "base.csv", rows), tmp_path / "out")
    rows[4][2] = "Often"  # row 5, who does not fly
    report = refused(write(tmp_path / "next.csv", rows), tmp_path / "out")
    assert [(p.kind, p.row, p.cell, p.found) for p in report.problems] == [
        ("routing", 5, "C5", "Often")
    ]


@pytest.mark.parametrize("drafted", [True, False])
@pytest.mark.parametrize("words", [["Source: own survey, 2026"], ["Report ends", "* weighted"]])
def test_remarks_below_the_table_are_not_respondents(words, drafted, tmp_path, folder):
    out = tmp_path / "new" if drafted else folder
    rows = rows_of() + [[word, *[""] * 10] for word in words]
    path = write(tmp_path / "next.csv", rows)
    if drafted:
        found = [(p.kind, p.rows, p.found) for p in taken(path, out).proposals]
        assert found == [("footnote", f"{62 + n}", word) for n, word in enumerate(words)]
        report = taken(path, out, accept=("footnote",))
        assert report.respondents == {"respondents": 60}
        return
    report = refused(path, out)
    found = [(p.kind, p.row, p.cell, p.found) for p in report.problems]
    assert found == [("footnote", 62 + n, f"A{62 + n}", word) for n, word in enumerate(words)]
    taken(path, out, allow=("footnote",))


def test_a_file_is_of_the_population_that_begins_its_name(tmp_path):
    root = tmp_path / "out"
    shutil.copytree(ROOT / "data" / "codebook", root / "codebook")
    files = []
    for path in (ROOT / "data" / "illustrative").glob("*.csv"):
        files.append(tmp_path / f"{path.name}.txt")  # as some systems save it
        shutil.copy(path, files[-1])
    report = import_files(files, root, Options())
    assert report.imported and set(report.respondents) == {
        "commissioners", "providers", "frontline",
    }  # fmt: skip


def test_a_respondent_without_answers_is_not_a_remark(tmp_path, folder):
    rows = [*rows_of(), ["P060", *[""] * 10]]
    report = taken(write(tmp_path / "next.csv", rows), folder)
    assert report.respondents == {"respondents": 61}


@pytest.mark.parametrize("drafted", [True, False])
def test_a_title_above_the_header_is_left_out(drafted, tmp_path, folder):
    rows = [["Survey of 2026", *[""] * 10], [""] * 11, *rows_of()]
    report = taken(write(tmp_path / "next.csv", rows), tmp_path / "new" if drafted else folder)
    assert report.respondents == {"respondents": len(rows_of()) - 1}
    assert "next.csv: row 1 above the header: not used." in report.remarks


def test_columns_that_hold_nothing_at_all_do_not_matter(tmp_path, folder):
    before = (folder / "responses" / "respondents.csv").read_bytes()
    rows = [[*row[:3], "", *row[3:], ""] for row in rows_of()]
    rows[9][6] = "Agreee"
    report = refused(write(tmp_path / "next.csv", rows), folder)
    assert [(p.kind, p.cell) for p in report.problems] == [("unknown_code", "G10")]
    rows[9][6] = rows_of()[9][5]
    taken(write(tmp_path / "next.csv", rows), folder)
    assert (folder / "responses" / "respondents.csv").read_bytes() == before


def test_whole_numbers_that_were_written_as_fractions_are_whole(tmp_path, folder):
    before = (folder / "responses" / "respondents.csv").read_bytes()
    rows = [[row[0], f"{row[1]}.0" if n else row[1], *row[2:]] for n, row in enumerate(rows_of())]
    taken(write(tmp_path / "next.csv", rows), folder)
    assert (folder / "responses" / "respondents.csv").read_bytes() == before
    rows[9][1] = rows[9][1].removesuffix("0") + "5"  # now they are fractions
    taken(write(tmp_path / "next.csv", rows), folder)
    with open(folder / "responses" / "respondents.csv", encoding="utf-8", newline="") as file:
        kept = [row[1] for row in csv.reader(file)]
    assert kept[1:] == [row[1] for row in rows[1:]]


def test_the_same_fault_of_a_column_is_one_line_with_the_number_of_rows(tmp_path, folder):
    rows = rows_of(3000)
    for row in rows[1:]:
        row[2] = "west"
    [one] = refused(write(tmp_path / "next.csv", rows), folder).problems
    assert (one.kind, one.row, one.found) == ("unknown_code", 2, "west")
    assert "3,000 rows have this" in one.message and len(rows) - 1 == 3000 > KEPT
    for n, row in enumerate(rows[1:]):
        row[2] = ("west", "wset")[n % 2]
    two = refused(write(tmp_path / "next.csv", rows), folder).problems
    assert [(p.row, p.found) for p in two] == [(2, "west"), (3, "wset")]
    assert all("500 rows or more have this" in p.message for p in two)


VARIANTS = {
    "bom": lambda p, rows: write(p, rows, encoding="utf-8-sig"),
    "utf-16": lambda p, rows: write(p, rows, encoding="utf-16"),
    "utf-16 without mark": lambda p, rows: write(p, rows, encoding="utf-16-le"),
    "utf-32": lambda p, rows: write(p, rows, encoding="utf-32"),
    "windows": lambda p, rows: write(p, rows, encoding="cp1252"),
    "crlf": lambda p, rows: write(p, rows, lineterminator="\r\n"),
    "old mac": lambda p, rows: write(p, rows, lineterminator="\r", quoting=csv.QUOTE_ALL),
    "semicolon": lambda p, rows: write(p, rows, delimiter=";"),
    "tab": lambda p, rows: write(p, rows, delimiter="\t"),
    "pipe": lambda p, rows: write(p, rows, delimiter="|"),
    "caret": lambda p, rows: write(p, rows, delimiter="^"),
    "all quoted": lambda p, rows: write(p, rows, quoting=csv.QUOTE_ALL),
    "columns turned": lambda p, rows: write(p, [row[::-1] for row in rows]),
    "trailing blanks": lambda p, rows: write(p, [[f"{c}  " for c in row] for row in rows]),
    "hard blanks": lambda p, rows: write(p, [[f"\u00a0{c}\u00a0" for c in row] for row in rows]),
    "decomposed": lambda p, rows: write(
        p, [[unicodedata.normalize("NFD", c) for c in row] for row in rows]
    ),
    "blank columns": lambda p, rows: write(p, [[*row, "", ""] for row in rows]),
    "blank lines": lambda p, rows: write(p, [rows[0], [], *rows[1:5], [], *rows[5:], [], []]),
    "sep line": lambda p, rows: p.write_bytes(
        b"sep=;\n" + write(p, rows, delimiter=";").read_bytes()
    ),
    "workbook": lambda p, rows: workbook(p.with_suffix(".xlsx"), rows),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_harmless_variants_give_identical_data(variant, tmp_path):
    rows = [[*row] for row in SIMPLE]
    rows[2][4] = "Ça va"
    if variant == "crlf":
        rows[10][4] = "Cheap\r\nand quick"
    taken(write(tmp_path / "base.csv", [[*r[:4], r[4].replace("\r", "")] for r in rows]),
          tmp_path / "out")  # fmt: skip
    before = (tmp_path / "out" / "responses" / "respondents.csv").read_bytes()
    found = VARIANTS[variant](tmp_path / "next.csv", rows)
    path = found if hasattr(found, "suffix") else tmp_path / "next.csv"
    taken(path, tmp_path / "out")
    assert (tmp_path / "out" / "responses" / "respondents.csv").read_bytes() == before
    assert "Ça va".encode() in before


def test_a_fault_anywhere_leaves_nothing_behind(tmp_path):
    rows = [[*row] for row in SIMPLE]
    rows[2].append("one cell more")
    refused(write(tmp_path / "new.csv", rows), tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new.csv"]


def test_a_folder_is_changed_by_one_import_at_a_time(tmp_path):
    taken(write(tmp_path / "base.csv", SIMPLE), tmp_path / "out")
    with (
        changed(tmp_path / "out"),
        pytest.raises(InsightsError, match="Another import"),
    ):
        import_files([tmp_path / "base.csv"], tmp_path / "out", Options())
    taken(tmp_path / "base.csv", tmp_path / "out")


def test_files_of_others_in_the_folder_stay(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    (out / "link").symlink_to("notes.txt")
    taken(write(tmp_path / "base.csv", SIMPLE), out, wave="one")
    taken(write(tmp_path / "more.csv", [SIMPLE[0], ["77", *SIMPLE[3][1:]]]), out, wave="two")
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert os.readlink(out / "link") == "notes.txt"


KILLED = """
import os
import sys
from pathlib import Path
from helpers.importing.importing import Options, import_files

for line in sys.stdin:  # each import is a process of its own, which need not start Python
    child = os.fork()
    if not child:
        import_files([Path(sys.argv[1])], Path(sys.argv[2]), Options(wave=line.strip()))
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()
    os.waitpid(child, 0)
    print("ended", flush=True)
"""
MOMENTS = (*(n / 10 for n in range(1, 13)), 1.6, 2.0, 2.5)  # of the time that an import takes


def test_killed_at_any_moment_the_folder_is_the_old_or_the_new_one(tmp_path):
    out = tmp_path / "out"
    base = write(tmp_path / "base.csv", rows_of())
    taken(base, out, wave="w0")
    waves = {"w0": 60}
    began = time.monotonic()
    taken(base, out, wave="w0")
    whole = time.monotonic() - began
    changed_at = tried = 0
    path = tmp_path / "next.csv"
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path), str(out)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as parent:
        # However busy the machine is, some must be killed too early and some too late.
        later = (2.0**n for n in range(2, 9) if changed_at == 0)
        sooner = (0.0 for _ in range(9) if changed_at == tried)
        for n, moment in enumerate(chain(MOMENTS, later, sooner), 1):
            wave = f"w{n}"
            rows = [[f"{wave}{cell}" if at == 0 else cell for at, cell in enumerate(row)]
                    for row in rows_of()[1:]]  # fmt: skip
            write(path, [rows_of()[0], *rows])
            before = inside(out)
            parent.stdin.write(f"{wave}\n")
            child = int(parent.stdout.readline())
            time.sleep(whole * moment)
            os.kill(child, signal.SIGKILL)
            parent.stdin.write("\n")
            assert parent.stdout.readline() == "ended\n"
            after = inside(out)
            tried = n
            if after != before:
                changed_at += 1
                waves[wave] = 60
                header, *lines = after["responses/respondents.csv"].decode().splitlines()
                assert len(lines) == sum(waves.values())
                assert wave in after["codebook/survey.yml"].decode()
        parent.stdin.close()
    assert 0 < changed_at < tried
    taken(base, out, wave="w0")
    assert not [n for n in os.listdir(tmp_path) if "aside" in n]  # what was left is cleared


def inside(folder):
    return {name.removeprefix(f"{folder}/"): raw for name, raw in state(folder).items() if raw}


def test_surveymonkey_rows_count_from_the_top_of_the_file(tmp_path):
    taken(write(tmp_path / "base.csv", MONKEY), tmp_path / "out")
    rows = [[*row] for row in MONKEY]
    rows[4][7] = "Splendid"
    report = refused(write(tmp_path / "next.csv", rows), tmp_path / "out")
    (problem,) = report.problems
    assert (problem.row, problem.cell, problem.column) == (5, "H5", "Rate these | Lanes")
    assert list(problem.allowed)[:3] == ["Poor", "Fair", "Good"]


def test_an_answer_that_is_also_a_characteristic_is_reported_once(tmp_path):
    rows = [["id", "Gender"], *([f"P{n}", ("Woman", "Man")[n % 2]] for n in range(40))]
    into = tmp_path / "survey"
    taken(write(tmp_path / "first.csv", rows), into)
    assert "gender:" in (into / "codebook" / "survey.yml").read_text()
    rows[4][1] = "Persn"
    [problem] = refused(write(tmp_path / "first.csv", rows), into).problems
    assert (problem.kind, problem.cell, problem.found) == ("unknown_code", "B5", "Persn")


def test_a_repeated_identifier_names_its_first_row(tmp_path):
    """In the file that was imported, whose header may have three rows; or says: another wave."""
    names = ["ResponseId", "Q1"]
    header = [names, ["Response ID", "Where?"], [f'{{"ImportId":"{name}"}}' for name in names]]
    cells = [[f"R_{n}", ("north", "south")[n % 2]] for n in range(30)]
    into = tmp_path / "out"
    taken(write(tmp_path / "q.csv", [*header, *cells]), into, wave="1")
    [one] = refused(write(tmp_path / "q.csv", [*header, *cells]), into, wave="2").problems
    assert one.row == 4 and one.fix.startswith("An earlier wave has it")
    assert "30 rows have this" in one.message
    new = [[f"S_{n}", ("north", "south")[n % 2]] for n in range(30)]
    new[9][0] = "S_4"
    [one] = refused(write(tmp_path / "q.csv", [*header, *new]), into, wave="2").problems
    assert (one.kind, one.row, one.cell) == ("duplicate_identifier", 13, "A13")
    assert one.fix == "Row 8 already has it: remove one."


def test_messages_offer_only_kinds_that_allow_accepts():
    source = ROOT / "src" / "helpers"
    offered = set()
    for path in source.rglob("*.py"):
        offered |= set(re.findall(r"--allow ([a-z_]+)", path.read_text(encoding="utf-8")))
    assert offered <= {*ALLOWED} and {*ALLOWED} - offered < {*PROPOSED}


def test_what_is_said_of_many_cells_of_a_column_is_one_line(tmp_path):
    rows = [["Ref", "Serial", "A?"]]
    rows += [[f"r{n}", f"{n % 9 + 1}.14E+11" if n % 2 else str(n), "YN"[n % 2]] for n in range(40)]
    report = taken(write(tmp_path / "file.csv", rows), tmp_path / "out")
    [line] = [words for words in report.remarks if "shortened by a spreadsheet" in words]
    assert '"Serial", 20 rows, from row 3: ' in line
