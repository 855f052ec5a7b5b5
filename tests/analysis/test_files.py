"""Files of every verb: each says what it is about, whoever opens it."""

import csv
import json
import re
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import openpyxl
import pytest

import helpers as h
import three_waves
from helpers.present import wording
from helpers.present.cells import FORMATS

HEADINGS = (
    *("Survey", "Provenance", "Question", "Wording", "Asked", "Filters", "Base", "In words"),
    *("95% ranges", "Source", "Data", "Made on"),
)
NEAR = {"reach": ["local", "regional"]}
MUCH = {"much": ["effective", "very_effective"]}
VERBS = {
    "share": lambda s, where: h.share(s, "influence", where=where),
    "combined": lambda s, where: h.share(s, "influence", where=where, combine=MUCH),
    "bounds": lambda s, where: h.share(s, "influence", where=where, bounds=True),
    "ticks": lambda s, where: h.share(s, "collaboration_forms", where=where, of="ticks"),
    "mean": lambda s, where: h.mean(s, "influence", where=where),
    "net": lambda s, where: h.net(s, "influence", where=where),
    "total": lambda s, where: h.total(s, "influence", where=where),
    "compare": lambda s, where: h.compare(s, "influence", "organisation_size", where),
    "change": lambda s, where: h.change(s, "contract_targets", "then", "now", where),
    "crosstab": lambda s, where: h.crosstab(s, "influence", "contract_change", where),
    "model": lambda s, where: h.model(s, "influence", "organisation_size", "needs", where),
}


@pytest.fixture(scope="module")
def survey():
    return h.load_survey()


def cover_of(path):
    """Cover sheet of a workbook, or what is told beside a CSV file."""
    if path.suffix == ".csv":
        told = json.loads(path.with_name(f"{path.name}-metadata.json").read_text("utf-8"))
        return [[note["heading"], note["text"]] for note in told["notes"]]
    book = openpyxl.load_workbook(path, read_only=True)
    return [list(row) for row in book["About"].iter_rows(values_only=True)]


@pytest.mark.slow
@pytest.mark.parametrize("where", [None, NEAR], ids=["everybody", "filtered"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_saved_table_says_what_it_is_about(survey, tmp_path, verb, where):
    found = VERBS[verb](survey, where)
    lines = cover_of(found.save(tmp_path / "found.xlsx"))
    said = dict(lines)
    assert [name for name, _ in lines if name in HEADINGS] == list(HEADINGS), "all, in one order"
    question = survey.question(found.df["question"].iloc[0])
    assert (said["Question"], said["Source"]) == (question.label, question.source)
    assert said["Filters"] == (found.subject.filters if where else "none")
    assert survey.fingerprint in said["Data"] and "simulated" in said["Provenance"]
    assert re.fullmatch(r"Base: .*\d+.* providers who .+\.", said["Base"])
    named = f"in “{question.label}”, "  # the cover has a line for it
    assert said["In words"] == found.sentence.replace(named, "")
    written = cover_of(found.save(tmp_path / "found.csv"))
    assert [[name, text] for name, text in lines] == written


@pytest.mark.parametrize("verb", VERBS)
def test_the_cover_names_the_level_of_the_design(survey, tmp_path, verb):
    found = VERBS[verb](survey.design(level=0.9), None)
    said = dict(cover_of(found.save(tmp_path / "found.xlsx")))
    assert said["90% ranges"].startswith("90% ranges treat the answers as a simple random sample.")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("verb", "groups"),
    [("compare", "Organisation size"), ("crosstab", "Change in contracting relations")],
)
def test_the_cover_names_what_groups_are_formed_by(survey, tmp_path, verb, groups):
    said = dict(cover_of(VERBS[verb](survey, None).save(tmp_path / "found.xlsx")))
    assert said["Groups"] == groups


@pytest.mark.parametrize(
    ("verb", "who"),
    [
        ("share", "answered"),
        ("ticks", "ticked a box"),
        ("mean", "answered"),
        ("change", "answered both times"),
    ],
)
def test_the_base_is_that_of_the_estimate(survey, tmp_path, verb, who):
    found = VERBS[verb](survey, None)
    low, high = found.df["n"].min(), found.df["n"].max()
    said = dict(cover_of(found.save(tmp_path / "found.xlsx")))
    number = low if low == high else f"{low} to {high}"
    assert said["Base"] == f"Base: {number} providers who {who}."


@pytest.mark.parametrize(
    ("interval", "said"), [("wilson", "Wilson"), ("logit", "logit"), ("beta", "Korn and Graubard")]
)
def test_the_cover_sheet_names_the_interval_that_the_design_states(interval, said):
    survey = h.load_survey().design(interval=interval)
    method = wording.method(survey, survey.question("influence"))
    assert said in method and method.count("ranges by") == 1


SAVED = VERBS | {
    "logistic": lambda s, where: h.model(
        s, "influence ~ sector", item="needs", combine=MUCH, where=where
    ),
    "findings": lambda s, where: h.findings(s),
    "weights": lambda s, where: (
        s.rake(
            {"sector": {"social": 0.7, "private": 0.3}}, population="providers", trim=(0.3, 3)
        ).weights
    ),
    "trend": lambda s, where: h.trend(_waves(), "visits"),
    "trend of a number": lambda s, where: h.trend(_waves(), "spend"),
}
SAYS_A_NUMBER = re.compile(r"[-+−<]?\d[\d,.]*%?( of .*| \(.*\))?")


@cache
def _waves():
    return h.load_survey(three_waves.survey_of(Path(mkdtemp()), three_waves.FOUR, weighted=True))


@pytest.mark.slow
@pytest.mark.parametrize("verb", SAVED)
def test_numbers_of_a_workbook_are_numbers_with_a_format(survey, tmp_path, verb):
    """Each in a column of its own: an estimate, both ends of its range, and its base."""
    found = SAVED[verb](survey, None)
    book = openpyxl.load_workbook(found.save(tmp_path / "found.xlsx"))
    assert len(book.worksheets) == 1 + len(found.parts)
    lines = list(csv.reader(found.save(tmp_path / "found.csv").read_text("utf-8-sig").splitlines()))
    for sheet in book.worksheets[1:]:
        heads, *rows = ([cell.value for cell in row] for row in sheet.rows)
        assert len({*heads}) == len(heads) and None not in heads
        assert {*heads} <= {*lines[0]}, "a CSV file has the same columns"
        assert sheet.freeze_panes == "A2" and sheet.print_title_rows == "$1:$1"
        for row in sheet.iter_rows(min_row=2):
            for head, cell in zip(heads, row, strict=True):
                if isinstance(cell.value, int | float):
                    assert cell.number_format in FORMATS.values()
                elif cell.value:
                    label = head in ("Item", "Answer", "Characteristic", "Category", "Weights")
                    assert label or not SAYS_A_NUMBER.fullmatch(cell.value), (head, cell.value)
    first = [cell.value for cell in list(book.worksheets[1].rows)[1]]
    assert sum(isinstance(cell, int | float) for cell in first) >= 3


def test_a_workbook_holds_what_was_estimated_not_what_is_printed(survey, tmp_path):
    found = h.compare(survey, "influence", by="organisation_size")
    book = openpyxl.load_workbook(found.save(tmp_path / "found.xlsx"))
    heads, *rows = book["Table"].iter_rows(values_only=True)
    for values, row in zip(rows, found.df.to_dict("records"), strict=True):
        said = dict(zip(heads, values, strict=True))
        assert said["Group"] == row["group_label"] and said["Other: base"] == row["n_other"]
        assert said["Group: share"] == pytest.approx(row["share"], rel=1e-12)
        assert said["Difference in points"] == pytest.approx(row["estimate"], rel=1e-12)
        assert said["Difference in points: adjusted from"] == pytest.approx(row["ci_low_adjusted"])
        assert said["Difference in points"] == pytest.approx(
            said["Group: share"] - said["Other: share"]
        )
    about = dict(book.worksheets[0].iter_rows(values_only=True))
    assert about["Numbers"].endswith("0.05 is 5%, or 5 points.")
    rows = list(csv.reader(found.save(tmp_path / "f.csv").read_text("utf-8-sig").splitlines()))
    place = rows[0].index("Difference in points")
    assert float(rows[1][place]) == pytest.approx(found.df["estimate"][0])
    few = survey.where("turnover == 'over_100m'")
    told = h.compare(few, "influence", by="organisation_size")
    book = openpyxl.load_workbook(told.save(tmp_path / "few.xlsx"))
    shares = [row[2].value for row in book["Table"].iter_rows(min_row=2)]
    assert "too few" in shares and not any(isinstance(share, float) for share in shares)
