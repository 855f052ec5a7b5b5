"""What is written is what was meant, in text and in Parquet; ours goes where private answers go."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from files import SIMPLE, refused, state, taken, write
from helpers.codebook.model import Provenance
from helpers.errors import InsightsError
from helpers.importing import storing
from helpers.importing.files.sheets import Column, encoded
from helpers.importing.importing import import_files
from helpers.importing.report import Options
from helpers.responses.survey import load_survey
from places import ROOT


def rows_of(path):
    """Rows by column: their order of columns is the codebook's."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def folder(tmp_path):
    taken(write(tmp_path / "base.csv", SIMPLE), tmp_path / "out")
    return tmp_path / "out"


@pytest.mark.slow
def test_large_responses_are_stored_as_parquet_with_the_same_answers(tmp_path, folder, monkeypatch):
    before = load_survey(folder)
    monkeypatch.setattr(storing, "are_many", lambda rows, columns: rows > 10)
    taken(tmp_path / "base.csv", folder)
    assert [p.name for p in (folder / "responses").iterdir() if p.suffix] == ["respondents.parquet"]
    after = load_survey(folder)
    columns = list(before.codes["respondents"])
    assert after.codes["respondents"][columns].equals(before.codes["respondents"][columns])
    rows = [[*row] for row in SIMPLE]
    rows[5][2] = "Perhaps"
    report = refused(write(tmp_path / "next.csv", rows), folder)
    assert [(p.row, p.cell) for p in report.problems] == [(6, "C6")]
    monkeypatch.setattr(storing, "are_many", lambda rows, columns: rows > 100)
    taken(tmp_path / "base.csv", folder)
    assert (folder / "responses" / "respondents.csv").is_file()
    assert not (folder / "responses" / "respondents.parquet").exists()


def test_text_that_is_not_written_as_meant_stops_the_import(tmp_path, folder, monkeypatch):
    before, write_text = state(folder), storing._as_csv
    monkeypatch.setattr(storing, "_as_csv", lambda c: write_text(c).replace("Health", "Wealth"))
    with pytest.raises(InsightsError, match="not written as intended"):
        import_files([tmp_path / "base.csv"], folder, Options())
    assert state(folder) == before


def test_parquet_that_is_not_written_as_meant_stops_the_import(tmp_path, folder, monkeypatch):
    before, write_parquet = state(folder), storing.COPY
    monkeypatch.setattr(storing, "are_many", lambda rows, columns: rows > 10)
    monkeypatch.setattr(storing, "_AT_ONCE", 2)  # columns that are compared together
    for wrong in ("(SELECT * FROM ({}) LIMIT 11)", "(SELECT * REPLACE ('w' AS why) FROM ({}))"):
        monkeypatch.setattr(storing, "COPY", write_parquet.replace("({})", wrong, 1))
        with pytest.raises(InsightsError, match="not written as intended"):
            import_files([tmp_path / "base.csv"], folder, Options())
        assert state(folder) == before


def test_what_several_columns_hold_is_read_at_once(tmp_path):
    """Rows 0 and 2 came from one cell of the file; only in `b` they hold something different."""
    cells = {"a": ["1", "0", "1", ""], "b": ["", "9", "3", "1"], "word": ["x", "", "x", "y"]}
    columns = {name: Column("", *encoded(held)) for name, held in cells.items()}
    storing._write_parquet(tmp_path / "r.parquet", columns)
    stored = storing.Stored(tmp_path / "r.parquet")
    found = stored.images(list(cells), np.array([2, 0, 2, 3]), 5)
    assert {name: image.cells() for name, (image, _) in found.items() if name != "b"} == {
        "a": ["0", "", "1", "", ""],
        "word": ["", "", "x", "y", ""],
    }
    assert [row for _, row in found.values()] == [None, 0, None]
    image = found["a"][0]
    assert image.counted(np.array([7, 5, 1, 2, 0])) == {"0": (1, 7), "": (2, 7), "1": (1, 1)}


@pytest.mark.parametrize("most", [10, 100])
def test_a_file_with_fewer_respondents_says_so(most, tmp_path, folder, monkeypatch):
    monkeypatch.setattr(storing, "are_many", lambda rows, columns: rows > most)
    assert taken(tmp_path / "base.csv", folder).remarks == []
    report = taken(write(tmp_path / "next.csv", SIMPLE[:9]), folder)
    assert report.remarks == ["next.csv: 8 respondents; before, there were 12."]


def test_waves_are_joined_cell_by_cell():
    before = {"a": Column("", *encoded(["1", "2", "3"])), "b": Column("", *encoded(["x", "", "x"]))}
    after = {"a": Column("", *encoded(["3", "4"])), "c": Column("", *encoded(["n", "n"]))}
    found = storing.joined(before, after, before["a"].codes != 1)
    assert {name: column.cells() for name, column in found.items()} == {
        "a": ["1", "3", "3", "4"],
        "c": ["", "", "n", "n"],
        "b": ["x", "x", "", ""],
    }


def test_real_answers_to_our_survey_go_into_private(tmp_path):
    folder = tmp_path / "data"
    for name in ("codebook", "illustrative"):
        shutil.copytree(ROOT / "data" / name, folder / name)
    files = sorted((folder / "illustrative").glob("*.csv"))
    elsewhere = [Path(shutil.copy(path, tmp_path / path.name)) for path in files]
    report = import_files(elsewhere, folder, Options())
    assert report.imported, "\n".join(map(str, report.problems))
    assert load_survey(folder).provenance is Provenance.PRIVATE
    for path in files:
        there = folder / "private" / path.name
        assert rows_of(there) == rows_of(path)
        assert there.stat().st_mode & 0o077 == 0
