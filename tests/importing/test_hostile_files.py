"""Files that attack or lie: a clear error, in little time and memory."""

import csv
import gzip
import multiprocessing
import os
import resource
import struct
import time
import zipfile
from concurrent.futures import ProcessPoolExecutor

import duckdb
import pytest
from openpyxl import Workbook, load_workbook

from files import SIMPLE, edited, refused, taken, workbook, write
from helpers.errors import Problems
from helpers.importing.files import confine
from places import TESTS

pytestmark = pytest.mark.slow

FILES = TESTS / "spss"
# Processes are forked from a small one: what a large one had in memory would count as theirs.
SMALL = multiprocessing.get_context("forkserver")
SMALL.set_forkserver_preload([__name__])


def repacked(path, change):
    """Change the parts of a workbook: a function of name and bytes."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, raw in parts.items():
            new.writestr(name, change(name, raw))
    return path


def sheet_changed(path, old, new):
    return repacked(
        path, lambda name, raw: raw.replace(old, new, 1) if "sheet1.xml" in name else raw
    )


def simple(tmp_path):
    return workbook(tmp_path / "in.xlsx", SIMPLE)


def zip_bomb(tmp_path):
    path = simple(tmp_path)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/media/image1.xml", "w", force_zip64=True) as file,
    ):
        for _ in range(300):
            file.write(bytes(2**20))
    return path


def bomb_in_the_sheet(tmp_path):
    return sheet_changed(simple(tmp_path), b"<sheetData>", b"<sheetData>" + b" " * 2**26)


def entity_bomb(tmp_path):
    bomb = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
        b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;" * 10)
        for n in range(12)
    )
    start = b"<worksheet"
    return sheet_changed(simple(tmp_path), start, bomb + b"]>" + start)


def external_link(tmp_path):
    path = simple(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    return path


def formula(tmp_path):
    rows = [[*row] for row in SIMPLE]
    rows[4][1] = "=1+44"
    return workbook(tmp_path / "in.xlsx", rows)


def merged(tmp_path):
    book = Workbook()
    for row in SIMPLE:
        book.active.append(row)
    book.active.merge_cells("C3:C5")
    book.save(tmp_path / "in.xlsx")
    return tmp_path / "in.xlsx"


def malformed(tmp_path):
    return sheet_changed(simple(tmp_path), b"</row>", b"<row>")


def locked(tmp_path):
    path = tmp_path / "in.xlsx"
    name = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + name + bytes(512))
    return path


def older(tmp_path):
    path = tmp_path / "in.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2048))
    return path


def renamed_workbook(tmp_path):
    return simple(tmp_path).rename(tmp_path / "in.csv")


def renamed_text(tmp_path):
    return write(tmp_path / "in.xlsx", SIMPLE)


def renamed_spss(tmp_path):
    path = tmp_path / "in.csv"
    path.write_bytes((FILES / "pspp.sav").read_bytes())
    return path


def archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "in.xlsx", "w") as new:
        new.writestr("a.txt", "b")
    return tmp_path / "in.xlsx"


def web_page(tmp_path):
    (tmp_path / "in.csv").write_text("<!DOCTYPE html><table><tr><td>1", encoding="utf-8")
    return tmp_path / "in.csv"


def nul(tmp_path):
    path = write(tmp_path / "in.csv", SIMPLE)
    path.write_bytes(path.read_bytes().replace(b"Health", b"He\0lth"))
    return path


def broken_utf8(tmp_path):
    path = write(tmp_path / "in.csv", SIMPLE)
    path.write_bytes(path.read_bytes().replace(b"Health", b"He\xfflth"))
    return path


def million_columns(tmp_path):
    (tmp_path / "in.csv").write_text("a," * 10**6 + "\n" + "1," * 10**6, encoding="utf-8")
    return tmp_path / "in.csv"


def endless_cell(tmp_path):
    (tmp_path / "in.csv").write_text('a,b\n1,"' + "x" * 3 * 2**20, encoding="utf-8")
    return tmp_path / "in.csv"


def many_cases(tmp_path):
    """An SPSS file of a few bytes that says it holds a thousand million cases."""
    raw = bytearray((FILES / "pspp.sav").read_bytes())
    raw[80:84] = struct.pack("<i", 10**9)
    (tmp_path / "in.sav").write_bytes(raw)
    return tmp_path / "in.sav"


def packed_nothing(tmp_path):
    """A file of R of 100 kB that unpacks to 512 MiB, in parts."""
    (tmp_path / "in.rds").write_bytes(gzip.compress(b"X\n" + bytes(2**22)) * 128)
    return tmp_path / "in.rds"


def endless_vector(tmp_path):
    """A file of R that says it holds a list of two thousand million vectors."""
    start = struct.pack(">5i", 3, 0, 0, 0, 19)
    (tmp_path / "in.rds").write_bytes(b"X\n" + start + struct.pack(">i", 2**31 - 1))
    return tmp_path / "in.rds"


def nested_lists(tmp_path):
    one = struct.pack(">2i", 19, 1)
    start = b"X\n" + struct.pack(">3i", 2, 0, 0)
    (tmp_path / "in.rds").write_bytes(start + one * 100_000)
    return tmp_path / "in.rds"


def repeated_rows(tmp_path):
    """A Parquet file of a few bytes with more than twenty million rows."""
    place = tmp_path / "in.parquet"
    duckdb.sql(f"copy (select 'Yes' as a from range(20_000_001)) to '{place}'")
    return place


def broken_pages(tmp_path):
    place = tmp_path / "in.parquet"
    raw = (TESTS / "parquet" / "pandas.parquet").read_bytes()
    place.write_bytes(raw[:300] + bytes(800) + raw[1100:])
    return place


def folder(tmp_path):
    (tmp_path / "in.csv").mkdir()
    return tmp_path / "in.csv"


def pipe(tmp_path):
    os.mkfifo(tmp_path / "in.csv")
    return tmp_path / "in.csv"


def device(tmp_path):
    (tmp_path / "in.csv").symlink_to("/dev/zero")
    return tmp_path / "in.csv"


def absent(tmp_path):
    return tmp_path / "in.csv"


def empty(tmp_path):
    (tmp_path / "in.csv").write_bytes(b"")
    return tmp_path / "in.csv"


def transport(tmp_path):
    (tmp_path / "in.xpt").write_bytes(
        b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!" + b"0" * 30
    )
    return tmp_path / "in.xpt"


def of_sas(tmp_path):
    (tmp_path / "in.sas7bdat").write_bytes(bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf")
    return tmp_path / "in.sas7bdat"


def portable(tmp_path):
    (tmp_path / "in.por").write_bytes(b"\xc1@\x81" * 60 + b"ASCII SPSS PORT FILE      \r\n")
    return tmp_path / "in.por"


HOSTILE = {
    zip_bomb: ("too_large", "unpacks to"),
    bomb_in_the_sheet: ("too_large", "unpacks to"),
    entity_bomb: ("too_large", "declares entities"),
    external_link: ("external_link", "other workbooks"),
    malformed: ("unreadable", "damaged"),
    locked: ("format", "locked with a password"),
    older: ("format", "older Office file"),
    transport: ("format", "haven: read_xpt"),
    of_sas: ("format", "a SAS file"),
    portable: ("format", "portable SPSS file"),
    renamed_workbook: ("format", "its name does not say"),
    renamed_text: ("format", "its name does not say"),
    renamed_spss: ("format", "its name does not say"),
    archive: ("format", "an archive"),
    web_page: ("format", "a web page"),
    nul: ("encoding", "NUL"),
    broken_utf8: ("encoding", "not UTF-8"),
    million_columns: ("too_large", "columns"),
    endless_cell: ("broken_quotes", "not a table"),
    many_cases: ("unreadable", "damaged"),
    packed_nothing: ("unreadable", "more memory"),
    endless_vector: ("unreadable", "ends too early"),
    nested_lists: ("unreadable", "damaged"),
    repeated_rows: ("too_large", "20,000,001 rows"),
    broken_pages: ("unreadable", "damaged"),
    folder: ("format", "not a file"),
    pipe: ("format", "not a file"),
    device: ("format", "not a file"),
    absent: ("unreadable", "No such file"),
    empty: ("unreadable", "empty"),
}


@pytest.mark.parametrize("make", HOSTILE, ids=lambda make: make.__name__)
def test_a_hostile_file_is_refused_with_a_message(make, tmp_path):
    path = make(tmp_path)
    with ProcessPoolExecutor(1, SMALL) as pool:
        problems, used = pool.submit(refused_by_children, path, tmp_path / "out").result()
    kind, words = HOSTILE[make]
    assert kind in problems.kinds, [str(p) for p in problems]
    assert any(words in str(p) for p in problems), [str(p) for p in problems]
    assert all(p.file.startswith("in.") for p in problems)
    assert used.ru_utime < 10
    assert used.ru_maxrss < 512 * 1024


def refused_by_children(path, target):
    """Problems of a file, and what reading it took: in a process that has read no other."""
    problems = refused(path, target).problems
    return problems, resource.getrusage(resource.RUSAGE_CHILDREN)


def test_a_formula_is_its_stored_value_at_first_and_later_only_if_asked(tmp_path):
    path = formula(tmp_path)
    stored = sheet_changed(path, b"<f>1+44</f><v></v>", b"<f>1+44</f><v>45</v>")
    stored = sheet_changed(stored, b"<f>1+44</f><v />", b"<f>1+44</f><v>45</v>")
    report = taken(stored, tmp_path / "out")
    assert any("1 formulas count as the values" in remark for remark in report.remarks)
    assert "holds a formula" in str(next(iter(refused(stored, tmp_path / "out").problems)))
    taken(stored, tmp_path / "out", allow=("formula",))
    assert ",45," in (tmp_path / "out/responses/respondents.csv").read_text(encoding="utf-8")


def test_a_formula_without_a_value_is_asked_about_and_never_blank(tmp_path):
    path, out = formula(tmp_path), tmp_path / "out"  # openpyxl stores no value
    responses = out / "responses" / "respondents.csv"
    asked = [(p.about, p.rows, p.found, p.answer) for p in taken(path, out).proposals]
    assert asked == [("How old are you?", "5", "#FORMULA!", "")]
    assert "\n4,#FORMULA!," in responses.read_text(encoding="utf-8")
    taken(path, out, accept=("spreadsheet_error",))
    assert "\n4,,no," in responses.read_text(encoding="utf-8")
    edited(out)
    assert "holds a formula" in str(next(iter(refused(path, out).problems)))
    taken(path, out, allow=("formula",))  # what was answered holds
    (out / "proposals.csv").unlink()
    report = refused(path, out, allow=("formula",))
    assert "no program has worked out" in str(next(iter(report.problems)))


def test_a_formula_whose_value_is_an_empty_text_is_blank(tmp_path):
    path = sheet_changed(formula(tmp_path), b'<c r="B5">', b'<c r="B5" t="str">')
    assert not taken(path, tmp_path / "out").proposals
    text = (tmp_path / "out/responses/respondents.csv").read_text(encoding="utf-8")
    assert "\n4,,no," in text


def test_cells_merged_with_one_above_are_asked_about_and_never_blank(tmp_path):
    path, out = merged(tmp_path), tmp_path / "out"  # Yes, for the first three
    report = taken(path, out)
    asked = [(p.about, p.rows, p.found, p.if_yes) for p in report.proposals]
    assert asked == [("Do you cycle?", "4 5", "#MERGED! Yes", '"Yes"')]
    assert any("merged, from C3:C5" in remark for remark in report.remarks)
    responses = out / "responses" / "respondents.csv"
    assert responses.read_text(encoding="utf-8").count("merged_yes") == 2
    taken(path, out, accept=("spreadsheet_error",))
    with open(responses, encoding="utf-8") as file:
        cycles = [row["cycle"] for row in csv.DictReader(file)]
    assert cycles[:5] == ["yes", "yes", "yes", "yes", "yes"]
    edited(out)
    assert "merged_cells" in refused(path, out).problems.kinds


AGE = "How old are you?"


@pytest.mark.parametrize(
    ("where", "asked"),
    [
        ("C4:D4", [("I feel safe on a bicycle", "4", "#MERGED! No")]),
        ("C4:C5", [("Do you cycle?", "5", "#MERGED! No")]),
        (
            "B4:C5",
            [(AGE, "5", "#MERGED! 45"), ("Do you cycle?", "4 5", "#MERGED! 45")],
        ),
        ("D4:F4", []),
        ("A4:E4", []),
        ("C2:D2", []),
    ],
)
def test_cells_merged_with_one_beside_are_asked_about(where, asked, tmp_path):
    """Not a title over half of the row, nor what may be a second row of header."""
    path = workbook(tmp_path / "in.xlsx", SIMPLE)
    book = load_workbook(path)
    book.active.merge_cells(where)
    book.save(path)
    found = [
        (p.about, p.rows, p.found) for p in taken(path, tmp_path / "out").proposals
        if p.kind == "spreadsheet_error"
    ]  # fmt: skip
    assert found == asked


def test_hidden_parts_of_a_workbook_are_reported(tmp_path):
    path = simple(tmp_path)
    book = load_workbook(path)
    book.active.row_dimensions[5].hidden = True
    book.active.column_dimensions["B"].hidden = True
    book.create_sheet("secret").sheet_state = "hidden"
    book["secret"]["A1"] = "x"
    book.save(path)
    remarks = " ".join(taken(path, tmp_path / "out").remarks)
    assert "1 hidden rows are read too, from row 5" in remarks
    assert "1 hidden columns" in remarks and "not read: sheet secret" in remarks


def test_of_several_sheets_the_largest_by_far_is_read(tmp_path):
    path = simple(tmp_path)
    book = load_workbook(path)
    more = book.create_sheet("more")
    more.append(["a pivot", "", "table"])
    more["F9"] = "beside it"
    book.save(path)
    report = taken(path, tmp_path / "chosen")
    assert report.respondents == {"respondents": 12}
    assert any("its largest sheet, Data" in remark for remark in report.remarks)
    for row in range(2, 30):
        more[f"A{row}"] = "x"
    book.save(path)
    assert refused(path, tmp_path / "out").problems.kinds["sheet"] == 1
    taken(path, tmp_path / "out", sheets=("Data",))
    assert "sheet" in refused(path, tmp_path / "out", sheets=("Dat",)).problems.kinds


def test_a_sheet_that_claims_to_be_huge_is_read_as_it_is(tmp_path):
    path = sheet_changed(
        simple(tmp_path), b'<dimension ref="A1:E13"', b'<dimension ref="A1:XFD1048576"'
    )
    began = time.monotonic()
    assert taken(path, tmp_path / "out").respondents == {"respondents": 12}
    assert time.monotonic() - began < 60


def test_a_link_to_a_file_is_that_file(tmp_path):
    write(tmp_path / "in.csv", SIMPLE)
    (tmp_path / "link.csv").symlink_to("in.csv")
    taken(tmp_path / "link.csv", tmp_path / "out")


SPY = """
import socket, sys, os, json
from pathlib import Path
import helpers.importing.files.child as child

def tried(act):
    try:
        act()
    except PermissionError:
        return "refused"
    except MemoryError:
        return "no memory"
    except OSError as error:
        return f"failed {error}"
    return "done"

def read(path, sheets, allow, problems, progress):
    for name, act in {
        "network": lambda: socket.create_connection(("127.0.0.1", 9)),
        "program": lambda: os.system("true"),
        "write": lambda: open(path, "a"),
        "remove": lambda: os.remove(path),
        "memory": lambda: bytearray(8 * 2**30),
    }.items():
        problems.add(path.name, message=f"{name}: {tried(act)}")
    return []

child.read = read
child.main()
"""


def test_the_reader_has_no_network_programs_or_write_access(tmp_path, monkeypatch):
    monkeypatch.setattr(confine, "_CHILD", SPY)
    path = write(tmp_path / "in.csv", SIMPLE)
    before = path.read_bytes()
    problems = Problems()
    confine.read_file(path, problems)
    assert [p.message for p in problems] == [
        "network: refused",
        "program: refused",
        "write: refused",
        "remove: refused",
        "memory: no memory",
    ]
    assert path.read_bytes() == before


def test_a_reader_that_hangs_or_dies_is_one_problem(tmp_path, monkeypatch):
    path = write(tmp_path / "in.csv", SIMPLE)
    monkeypatch.setattr(confine, "SECONDS", 1)
    monkeypatch.setattr(confine, "PATIENCE", 1)
    for program, words in (
        ("import time; time.sleep(600)", "within"),
        ("import os; os.kill(os.getpid(), 11)", "failed"),
        ("print('junk')", "cannot be read"),
    ):
        monkeypatch.setattr(confine, "_CHILD", program)
        problems = Problems()
        assert confine.read_file(path, problems) == []
        assert [words in str(p) for p in problems] == [True]


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path / "in.csv", SIMPLE)
    run = confine._run

    def slow(*arguments):
        found = run(*arguments)
        with open(path, "ab") as file:
            file.write(b"13,44,Yes,Agree,\n")
        return found

    monkeypatch.setattr(confine, "_run", slow)
    assert "changed while" in str(next(iter(refused(path, tmp_path / "out").problems)))
