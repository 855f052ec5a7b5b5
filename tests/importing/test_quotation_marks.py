"""Quotation marks enclose cells in most files; in some they are characters like any other."""

import csv

import pytest

from helpers.errors import Problems
from helpers.importing.files import child, large

PEOPLE = [f"{n}" for n in range(1, 9)]


def read(path, text):
    """What the child reads of a file: rows of cells, kinds of problems, remarks."""
    path.write_text(text, encoding="utf-8")
    problems = Problems()
    sheets = child.read(path, (), (), problems, lambda row: None)
    rows = []
    for sheet in sheets:
        rows = [[*cells] for cells in zip(*(c.cells() for c in sheet.columns), strict=True)]
        rows = [[*map(list, sheet.top)], rows]
    top, below = rows or [[], []]
    remarks = [remark for sheet in sheets for remark in sheet.remarks]
    return [*top, *below], set(problems.kinds), remarks


def table(delimiter, odd):
    """Eight people, the fifth with an odd answer, joined as it is."""
    rows = [["Id", "What next?", "Where?"], *([n, "nothing", "here"] for n in PEOPLE)]
    rows[5][1] = odd
    return rows, "\n".join(delimiter.join(row) for row in rows) + "\n"


@pytest.mark.parametrize("in_blocks", [False, True])
@pytest.mark.parametrize(
    ("delimiter", "odd"),
    [("\t", '"Native" graphics'), ("\t", '"an open one'), (",", '"Native" graphics')],
)
def test_marks_at_the_start_of_an_answer_belong_to_it(
    delimiter, odd, in_blocks, tmp_path, monkeypatch
):
    monkeypatch.setattr(large, "LARGE", 0 if in_blocks else 10**9)
    rows, text = table(delimiter, odd)
    found, kinds, remarks = read(tmp_path / "in.txt", text)
    assert (found, kinds) == (rows, set())
    assert [remark for remark in remarks if "quotation marks" in remark]


def test_an_answer_between_marks_of_two_rows_does_not_swallow_what_is_between(tmp_path):
    rows, _ = table("\t", '"first')
    rows[6][1] = 'second"'
    text = "\n".join("\t".join(row) for row in rows) + "\n"
    quoted = [*csv.reader(text.splitlines(keepends=True), delimiter="\t")]
    assert len(quoted) == len(rows) - 1  # as if one person had not answered
    assert read(tmp_path / "in.txt", text)[0] == rows


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_marks_that_enclose_are_no_part_of_an_answer(delimiter, tmp_path):
    rows, _ = table(delimiter, 'two\nlines, "and" marks')
    path = tmp_path / "made.txt"
    for quoting in (csv.QUOTE_ALL, csv.QUOTE_MINIMAL):
        with open(path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=delimiter, quoting=quoting).writerows(rows)
        text = path.read_bytes().decode().replace("\r\n", "\n")
        assert read(tmp_path / "in.txt", text) == (rows, set(), [])


@pytest.mark.parametrize(
    ("delimiter", "odd", "kind"),
    [(",", '"left open', "broken_quotes"), (",", '"a "b", c', "broken_quotes"),
     ("\t", "one\tmore", "ragged_row")],
)  # fmt: skip
def test_what_is_no_table_either_way_is_a_problem_with_its_row(delimiter, odd, kind, tmp_path):
    assert kind in read(tmp_path / "in.txt", table(delimiter, odd)[1])[1]


def test_one_cell_is_damaged_in_a_file_that_encloses_its_cells(tmp_path):
    text = '"Id"\t"What next?"\n' + "".join(f'"{n}"\t"so ""to say"""\n' for n in PEOPLE)
    assert "broken_quotes" in read(tmp_path / "in.txt", text.replace('"4"', '"4" "', 1))[1]
