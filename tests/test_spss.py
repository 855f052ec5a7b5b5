"""SPSS files of three programs are read as they were meant, damaged ones are refused."""

import random
import shutil
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from files import refused, taken
from helpers.errors import Problems
from helpers.survey.codebook import Kind, Missing
from helpers.survey.dataset import load_survey
from helpers.survey.formats.spss import read_sav

FILES = Path(__file__).parent / "spss"
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


@pytest.mark.parametrize("name", ["pspp.sav", "pspp.zsav", "haven.sav"])
def test_a_file_cut_short_anywhere_is_refused(name, tmp_path):
    raw = (FILES / name).read_bytes()
    path = tmp_path / name
    for end in [*range(8, len(raw), 97), len(raw) - 1]:
        path.write_bytes(raw[:end])
        sheet, problems = sheet_of(path)
        assert sheet is None and len(problems) == 1, end
    path.write_bytes(raw + b"\x01")
    assert sheet_of(path)[0] is None


def test_cells_of_a_packed_file_cannot_change_unseen(tmp_path):
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
    assert refusals > 0.95 * (len(raw) - start)


def test_a_damaged_dictionary_is_refused_or_read_alike(tmp_path):
    """300 files with a few bytes changed before the data: never other cells."""
    raw = (FILES / "pspp_uncompressed.sav").read_bytes()
    end = raw.index(b"\xe7\x03\x00\x00\x00\x00\x00\x00")
    chance = random.Random(7)
    path = tmp_path / "changed.sav"
    read = 0
    for _ in range(300):
        changed = bytearray(raw)
        for _ in range(chance.choice((1, 1, 2, 4))):
            changed[chance.randrange(4, end)] = chance.randrange(256)
        path.write_bytes(changed)
        sheet, problems = sheet_of(path)
        assert (sheet is None) == bool(problems)
        if sheet is not None:
            read += 1
            reasons = [["1", "3", "2", "", "1"], ["2", "", "1", "", "3"]]  # where the set is lost
            known = [*CELLS.values(), *reasons]
            assert all(c.cells() in known for c in sheet.columns)
    assert read < 200  # names and labels may change, most else is found


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
