# ruff: noqa: F401, F811  (a fixture of another file is imported, and asked for by name)
"""The workbook of tables, as spreadsheet programs open it; and the other files of tables."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from datetime import date
from itertools import pairwise

import openpyxl
import pandas as pd
import pypdf
import pytest
from test_banner import lettered
from test_reports import office

import helpers as h
import three_waves
from helpers.present.cells import FORMATS, NET, POINTS, POINTS_SIZE, SIGNED
from helpers.reports import workbook
from places import CYCLING

MADE = date(2026, 11, 30)
DIGITS = 7  # pixels of one, in Arial 10


@pytest.fixture(scope="module")
def banner():
    return h.banner(h.load_survey(CYCLING), by=["age", ("district", "age"), "barriers"])


@pytest.fixture(scope="module")
def book(banner):
    return openpyxl.load_workbook(io.BytesIO(banner.as_xlsx(MADE)))


def rows_of(sheet):
    """Rows of a table sheet below its heading: label to cells; the first of a label counts."""
    head = next(r for r in sheet.iter_rows() if r[0].value == "Answer")
    found = {}
    for row in sheet.iter_rows(min_row=head[0].row + 1):
        found.setdefault(row[0].value, row[1:])
    return [cell.value for cell in head[1:]], found


def test_it_has_a_cover_contents_notes_all_tables_and_a_sheet_for_each(banner, book) -> None:
    tables = [str(one.number) for one in banner.tables]
    assert book.sheetnames == ["Cover", "Contents", "Notes", "All tables", *tables]
    contents = book["Contents"]
    links = {c[0].value: c[0].hyperlink.location for c in contents.iter_rows() if c[0].hyperlink}
    assert links == {name: f"'{name}'!A1" for name in ["Notes", "All tables", *tables]}
    titles = [row[1].value for row in contents.iter_rows() if row[0].hyperlink][2:]
    assert titles == [one.title for one in banner.tables]
    said = [str(row[0].value) for row in book["Notes"].iter_rows()]
    assert "A  Age: 16 to 34" in said and any("Levels are shares of false" in s for s in said)


def test_every_sheet_says_that_answers_are_simulated_and_prints_on_a4(book) -> None:
    for sheet in book:
        above = [str(row[0].value) for row in sheet.iter_rows(max_row=3)]
        assert any(text.startswith("SIMULATED.") for text in above), sheet.title
        assert "SIMULATED." in sheet.oddHeader.left.text
        assert sheet.oddFooter.right.text.endswith("&P of &N")
        assert sheet.page_setup.paperSize == "9" or sheet.page_setup.paperSize == 9
        if sheet.title != "All tables":  # fitted pages would end anywhere
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert not sheet.merged_cells.ranges
    for sheet in book.worksheets[3:]:
        assert sheet.freeze_panes and sheet.print_title_rows
        [table] = sheet.tables.values()
        first, last = table.ref.split(":")
        assert [c.value for c in sheet[table.ref][0]] == table.column_names
        assert first == f"A{sheet.print_title_rows.split('$')[1].strip(':')}", last


def test_private_answers_are_marked_as_unprotected(tmp_path) -> None:
    folder = shutil.copytree(CYCLING, tmp_path / "cycling")
    path = folder / "codebook" / "survey.yml"
    path.write_text(path.read_text().replace("provenance: illustrative", "provenance: private"))
    (folder / "responses").rename(folder / "private")
    raw = h.topline(h.load_survey(folder), "owns").as_xlsx(MADE)
    for sheet in openpyxl.load_workbook(io.BytesIO(raw)):
        above = " ".join(str(row[0].value) for row in sheet.iter_rows(max_row=3))
        assert "unprotected: do not share" in above, sheet.title
        assert "unprotected: do not share" in sheet.oddHeader.left.text


def test_numbers_are_numbers_with_their_formats(banner, book) -> None:
    heads, rows = rows_of(book["1"])
    assert heads[:2] == ["Total", "Age: 16 to 34 (A)"] and len(set(heads)) == len(heads)
    yes = banner.df[(banner.df["question"] == "owns") & (banner.df["option"] == "yes")]
    assert [c.value for c in rows["Yes"]] == pytest.approx(yes["estimate"].tolist())
    assert {c.number_format for c in rows["Yes"]} == {"0%"}
    assert [c.value for c in rows["Base"]] == yes["n"].tolist()
    assert [c.value for c in rows["Weighted base"]] == pytest.approx(yes["n_weighted"].tolist())
    assert {c.number_format for c in rows["Base"]} == {"#,##0"}
    small = [c.value for c in rows["Small base"]]
    assert small == ["[u]" if few else None for few in yes["small_base"]]
    heads, rows = rows_of(book["7"])
    assert {c.number_format for c in rows["Mean"] if c.value != "[x]"} == {"#,##0.00"}


def test_letters_stand_below_the_numbers(tmp_path) -> None:
    raw = h.banner(lettered(tmp_path)).as_xlsx(MADE)
    sheet = openpyxl.load_workbook(io.BytesIO(raw))["1"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    below = {rows[n - 1][0]: row[1:] for n, row in enumerate(rows) if row[0] == "above column"}
    assert below == {"Yes": [None, "B C", None, "B", None], "No": [None, None, "A C", "A", None]}


def test_all_tables_are_in_one_sheet_to_filter(banner, book) -> None:
    sheet = book["All tables"]
    rows = list(sheet.iter_rows(values_only=True))
    head = next(n for n, row in enumerate(rows) if row[0] == "Table")
    assert rows[head][:4] == ("Table", "Question", "Item", "Answer")
    [table] = sheet.tables.values()
    assert table.ref.startswith(f"A{head + 1}:") and table.autoFilter.ref == table.ref
    body = rows[head + 1 :]
    assert all(type(row[0]) is int and row[3] for row in body)
    assert [*dict.fromkeys(row[0] for row in body)] == [one.number for one in banner.tables]
    lines = sum(len([x for x in t.lines if x.cells]) for t in banner.tables)
    letters = sum(any(c.above for c in x.cells) for t in banner.tables for x in t.lines)
    assert len(body) == lines + letters


def test_text_of_others_is_no_formula(banner, book) -> None:
    raw = banner.as_xlsx(MADE)
    assert b"<f>" not in raw
    label = "Traffic, lorries <b>and</b> =buses"
    assert label in [row[0].value for row in book["4"].iter_rows()]


def test_the_same_tables_give_the_same_bytes(banner) -> None:
    assert banner.as_xlsx(MADE) == banner.as_xlsx(MADE)


def test_csv_is_the_tidy_table_and_says_in_each_row_what_it_is_of(banner, tmp_path) -> None:
    read = pd.read_csv(banner.save(tmp_path / "tables.csv"))
    assert [*read.columns] == [*banner.df.columns, "Survey", "Provenance", "Filters"]
    assert len(read) == len(banner.df)
    assert {*read["Provenance"]} == {
        "Illustrative data: the responses are simulated. Do not use as evidence."
    }
    told = (tmp_path / "tables.csv-metadata.json").read_text(encoding="utf-8")
    assert all(json.dumps(note, ensure_ascii=False) in told for note in banner.notes)


def test_html_is_a_page_of_all_tables(banner, tmp_path) -> None:
    text = banner.save(tmp_path / "tables.html").read_text(encoding="utf-8")
    assert text.count("<table>") == len(banner.tables) and text.startswith("<!doctype html>")
    assert "SIMULATED." in text and "<script" not in text


def test_a_file_is_whole_or_not_there(banner, tmp_path, monkeypatch) -> None:
    path = tmp_path / "tables.xlsx"
    path.write_bytes(b"older")

    def broken(*_, **__):
        raise RuntimeError("in the middle")

    monkeypatch.setattr(workbook._Writer, "contents", broken)
    with pytest.raises(RuntimeError, match="in the middle"):
        banner.save(path)
    assert path.read_bytes() == b"older" and [p.name for p in tmp_path.iterdir()] == ["tables.xlsx"]


@pytest.mark.slow
def test_tables_of_a_topline_are_below_each_other_and_pages_end_between_them() -> None:
    found = h.topline(h.load_survey())
    book = openpyxl.load_workbook(io.BytesIO(found.as_xlsx(MADE)))
    numbers = [f"{one.number}" for one in found.tables]
    assert book.sheetnames == ["Cover", "Contents", "Notes", "Tables", "All tables", *numbers]
    sheet = book["Tables"]
    titles = {c.row: c.value for [c] in sheet.iter_rows(max_col=1) if c.font.sz == 12}
    assert [*titles.values()] == [f"{one.number}. {one.title}" for one in found.tables]
    assert len(sheet.tables) == len(found.tables)
    links = [r[0].hyperlink.location for r in book["Contents"].iter_rows() if r[0].hyperlink]
    assert links == [f"'{name}'!A1" for name in book.sheetnames[2:]]
    ends = [end.id for end in sheet.row_breaks.brk]
    assert 3 < len(ends) < len(titles) / 2, "several tables a page"
    edges = {c.row for [c] in sheet.iter_rows(max_col=1) if c.border.top.style}  # of items
    assert {end + 1 for end in ends} <= {*titles, *edges}
    assert len({end + 1 for end in ends} & {*titles}) > len(ends) / 2
    wide = sum(DIGITS * c.width + 5 for c in sheet.column_dimensions.values())
    assert wide * sheet.page_setup.scale / 100 <= 690 and sheet.page_setup.scale >= 80


def test_a_banner_of_some_twenty_columns_prints_on_one_page_across() -> None:
    by = [("district", "age"), "district", "barriers"]
    banner = h.banner(h.load_survey(CYCLING), "owns", by=by)
    assert 17 < len(banner.tables[0].columns) < 23
    book = openpyxl.load_workbook(io.BytesIO(banner.as_xlsx(MADE)))
    assert book["1"].page_setup.fitToWidth in (None, 1)
    assert book["1"].print_title_cols is None and book["All tables"].print_title_cols is None


def test_differences_and_nets_are_parts_of_one_like_shares(tmp_path) -> None:
    assert {FORMATS[unit] for unit in (POINTS, NET)} == {SIGNED} and FORMATS[POINTS_SIZE] == "0%"
    survey = h.load_survey(three_waves.survey_of(tmp_path, three_waves.WAVES, recommend=True))
    found = h.topline(survey)
    [name] = {*found.df.loc[found.df["kind"] == "net score", "question"]}
    score = found.df[(found.df["kind"] == "net score") & (found.df["block"] == "")]
    sheet = openpyxl.load_workbook(io.BytesIO(found.as_xlsx(MADE)))["All tables"]
    title = found.survey.question(name).label
    rows = [r for r in sheet.iter_rows() if r[1].value == title and "et" in str(r[3].value)]
    [cell] = [row[4] for row in rows if row[4].number_format == SIGNED]
    assert cell.value == pytest.approx(score["estimate"].iloc[0]) and abs(cell.value) < 1


def test_wide_tables_print_on_several_sheets_with_their_labels(tmp_path) -> None:
    by = [("district", "age"), ("age", "district"), "district", "age", "barriers"]
    wide = h.banner(h.load_survey(CYCLING), "owns", by=by)
    book = openpyxl.load_workbook(io.BytesIO(wide.as_xlsx(MADE)))
    columns = wide.tables[0].columns
    for sheet, labels, titles in ((book["1"], 1, "$A:$A"), (book["All tables"], 4, "$A:$D")):
        assert sheet.print_title_cols == titles and sheet.page_setup.orientation == "landscape"
        ends = [end.id for end in sheet.col_breaks.brk]
        blocks = [columns[end - labels].block for end in ends]
        before = [columns[end - labels - 1].block for end in ends]
        assert ends and all(map(str.__ne__, blocks, before)), "pages begin with a characteristic"
        scale = sheet.page_setup.scale
        assert scale >= 50, "letters of 10 points are of 5 or more"
        pixels = [
            7 * of.width + 5
            for of in sheet.column_dimensions.values()
            for _ in range(of.min, of.max + 1)
        ]
        assert len(pixels) == labels + len(columns)
        for start, end in pairwise([labels, *ends, len(pixels)]):
            assert (sum(pixels[:labels]) + sum(pixels[start:end])) * scale / 100 < 1024
    made = h.topline(wide.survey, "owns").as_xlsx(MADE)
    narrow = openpyxl.load_workbook(io.BytesIO(made))["All tables"]
    assert narrow.page_setup.fitToWidth in (None, 1) and narrow.print_title_cols is None


@pytest.mark.slow
def test_pages_of_all_tables_end_between_tables_or_items() -> None:
    """Columns fit the width of the paper, and words are wrapped once an item."""
    found = h.banner(h.load_survey(), by=["organisation_size", "sector"])
    sheet = openpyxl.load_workbook(io.BytesIO(found.as_xlsx(MADE)))["All tables"]
    number = {
        row[0].row: (row[0].value, row[2].value)
        for row in sheet.iter_rows()
        if isinstance(row[0].value, int)
    }
    ends = [end.id for end in sheet.row_breaks.brk]
    assert len(ends) > 5 and all(number[end] != number[end + 1] for end in ends)
    scale = sheet.page_setup.scale
    wide = sum(7 * column.width + 5 for column in sheet.column_dimensions.values()) * scale / 100
    assert 35 <= scale <= 100 and wide <= 1024, "pixels of A4 on its side, within its margins"
    assert sheet.print_title_rows and sheet.page_setup.orientation == "landscape"
    wrapped = [row[1].alignment.wrap_text for row in sheet.iter_rows() if row[0].row in number]
    assert sum(map(bool, wrapped)) == len(found.tables)


def pages_of(path, office, folder) -> list[str]:
    """Print a workbook, every sheet, and read its pages."""
    command = [office, "--headless", f"-env:UserInstallation=file://{folder}/profile"]
    command += ["--convert-to", "pdf", "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return [page.extract_text() for page in pypdf.PdfReader(path.with_suffix(".pdf")).pages]


@pytest.mark.slow
def test_another_program_opens_it_whole(banner, office, tmp_path) -> None:
    pages = pages_of(banner.save(tmp_path / "tables.xlsx"), office, tmp_path)
    assert len(pages) >= 4 + len(banner.tables)
    assert all("SIMULATED." in page and f"of {len(pages)}" in page for page in pages)
    whole = " ".join(pages)
    for table in banner.tables:
        assert f"Table {table.number}: {table.title}" in whole
    owns = next(page for page in pages if "Table 1: Owns a bicycle" in page)
    yes = banner.df[(banner.df["question"] == "owns") & (banner.df["option"] == "yes")].iloc[0]
    assert banner.say.percent(yes["estimate"]) in owns and f"{yes['n']}" in owns


@pytest.mark.slow
@pytest.mark.parametrize(("made", "name"), [(h.topline, "Tables"), (h.banner, "All tables")])
def test_the_cover_says_which_sheet_to_print_and_how_many_pages_it_takes(
    made, name, office, tmp_path
) -> None:
    path = made(h.load_survey()).save(tmp_path / "tables.xlsx")
    cover = dict(openpyxl.load_workbook(path)["Cover"].iter_rows(values_only=True, min_row=4))
    n = sum(f"{name} · " in page for page in pages_of(path, office, tmp_path))
    assert cover["To print"].startswith(f"Sheet “{name}”: {n} pages of A4.") and 10 < n < 18
