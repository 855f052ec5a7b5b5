"""Files that explain themselves: CSV and XLSX of a chart's table."""

import csv
import io
import json
import shutil
import zipfile
from datetime import date
from xml.etree import ElementTree

import pandas as pd
import pytest

import helpers as h
from helpers import paths
from helpers.errors import InsightsError
from helpers.notebook import controls, questions
from helpers.present import downloads, tables
from helpers.responses.survey import load_survey

MADE = date(2026, 11, 24)
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def view(survey, question, where=None):
    filters = controls.filters(survey)
    shown = questions.question(survey, question, filters)
    filters.set(where)
    return shown


def sheets(content):
    """Cells of each sheet by reference: (type, text or number), strings looked up."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        strings = ["".join(si.itertext()) for si in shared.iter(f"{SHEET}si")]
        found = []
        for n in (1, 2):
            tree = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{n}.xml"))
            assert not list(tree.iter(f"{SHEET}f")), "a formula"
            cells = {}
            for cell in tree.iter(f"{SHEET}c"):
                text = cell.findtext(f"{SHEET}v")
                kind = cell.get("t", "n")
                value = None if text is None else strings[int(text)] if kind == "s" else float(text)
                cells[cell.get("r")] = (kind, value, cell.get("s"))
            found.append(cells)
    return found


def test_a_workbook_has_a_cover_and_numbers():
    survey = load_survey()
    shown = view(survey, "influence", {"organisation_size": "smaller"})
    cover, table = sheets(shown.export.as_xlsx(MADE))
    said = {cover[f"A{n}"][1]: cover[f"B{n}"][1] for n in range(1, len(cover) // 2 + 1)}
    assert said["Question"] == "Influence on the commissioning cycle"
    assert said["Filters"] == "Organisation size: Smaller"
    assert said["Base"] == "Base: 28 providers who answered."
    assert said["Made on"] == "2026-11-24"
    assert survey.fingerprint in said["Data"]
    assert "simulated" in said["Provenance"] and "Protection" not in said
    heads = [table[f"{letter}1"][1] for letter in "ABCDEFG"]
    assert heads == ["Item", "Answer", "Share", "95% from", "95% to", "Base", "Status"]
    for n, row in enumerate(tables.frame(shown.result).to_dict("records"), 2):
        assert table[f"A{n}"][0] == "s"
        assert table[f"C{n}"][:2] == ("n", pytest.approx(row["estimate"], rel=1e-12))
        assert table[f"D{n}"][:2] == ("n", pytest.approx(row["ci_low"], rel=1e-12))
        assert table[f"F{n}"][:2] == ("n", row["n"])
    looks = [table[place][2] for place in ("C2", "D2", "F2")]
    assert looks[0] == looks[1] != looks[2] and None not in looks  # percentages, and thousands


def test_a_csv_says_the_same_with_its_headings_in_the_first_line(tmp_path):
    survey = load_survey()
    path = view(survey, "influence").export.save(tmp_path / "influence.csv")
    read = pd.read_csv(path)
    shown = ["Item", "Answer", "Share", "95% from", "95% to", "Base", "Status"]
    assert [*read.columns] == [*shown, "Survey", "Provenance", "Question", "Filters"]
    assert read["Share"][:5].sum() == pytest.approx(1)
    assert {*read["Base"]} == {55} and {*read["Filters"]} == {"none"}
    assert read["Provenance"].str.contains("simulated").all()


def test_beside_a_csv_is_what_its_columns_and_numbers_are(tmp_path):
    export = view(load_survey(), "influence").export
    path = export.save(tmp_path / "influence.csv")
    told = json.loads((tmp_path / "influence.csv-metadata.json").read_text(encoding="utf-8"))
    assert told["@context"][0] == "http://www.w3.org/ns/csvw" and told["url"] == path.name
    said = [(note["heading"], note["text"]) for note in told["notes"]]
    assert said[:-1] == export.about(MADE)[:-1]  # the last is the day
    columns = told["tableSchema"]["columns"]
    assert [column["titles"] for column in columns] == [*pd.read_csv(path).columns]
    numbers = [column["titles"] for column in columns if column["datatype"] == "number"]
    assert numbers == ["Share", "95% from", "95% to", "Base"]


def test_several_tables_are_one_in_a_csv(tmp_path):
    result = h.model(load_survey(), "influence.needs ~ organisation_size")
    first, second = (columns for _, columns in result.sheets)
    read = pd.read_csv(result.save(tmp_path / "model.csv"))
    assert read.columns[0] == "Table" and read["Table"].nunique() == 2
    assert len(read) == len(first[0].cells) + len(second[0].cells)
    assert {column.head for column in (*first, *second)} <= {*read.columns}


def test_no_cell_starts_a_formula(tmp_path):
    folder = tmp_path / "survey"
    shutil.copytree(paths.PROJECT / "data" / "example", folder)
    for name, old, new in (
        ("options.csv", "Every week", "\"=cmd|' /c calc'!A1\""),
        ("questions.csv", "How often,How often", "@How often,-How often"),
    ):
        path = folder / "codebook" / name
        path.write_text(path.read_text().replace(old, new))
    export = view(load_survey(folder), "visits").export
    text = export.as_csv(MADE).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell[:1] in "=+-@\t\r" and cell for cell in row), row
    assert "'=cmd" in text
    cover, table = sheets(export.as_xlsx(MADE))
    assert table["A2"][:2] == ("s", "=cmd|' /c calc'!A1")
    assert ("s", "@How often") in [cell[:2] for cell in cover.values()]


def test_real_responses_are_marked(tmp_path):
    data = paths.PROJECT / "data"
    shutil.copytree(data / "codebook", tmp_path / "codebook")
    shutil.copytree(
        data / "illustrative", tmp_path / "private",
        ignore=shutil.ignore_patterns("*.md", "*.yml"),
    )  # fmt: skip
    shown = view(load_survey(tmp_path), "influence")
    text = shown.export.as_csv(MADE).decode("utf-8-sig")
    assert (
        text.count("unprotected: do not share") == len(text.splitlines()) - 1
        and "simulated" not in text
    )
    cover, _ = sheets(shown.export.as_xlsx(MADE))
    assert any("Unprotected" in str(value) for _, value, _ in cover.values())
    assert "simulated" not in shown.found["view"]["sentence"]
    assert "do not share" in shown.about["provenance"]["banner"].lower()


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    export = view(load_survey(), "influence").export
    saved = export.save(tmp_path / "a.xlsx")
    assert saved.read_bytes()[:2] == b"PK"
    with pytest.raises(InsightsError, match=r"\.csv or \.xlsx"):
        export.save(tmp_path / "a.svg")
    with pytest.raises(InsightsError, match="no folder"):
        export.save(tmp_path / "none" / "a.csv")
    before = saved.read_bytes()
    monkeypatch.setattr(downloads.Export, "as_xlsx", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export.save(saved)
    assert saved.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]


def test_what_is_not_shown_is_not_saved():
    shown = view(load_survey(), "influence", {"respondent_type": "commissioners"})
    with pytest.raises(InsightsError, match="no table to save. Not asked"):
        shown.export  # noqa: B018
