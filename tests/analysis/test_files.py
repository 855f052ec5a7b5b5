"""Files of every verb: each says what it is about, whoever opens it."""

import csv
import re

import openpyxl
import pytest

import helpers as h
from helpers.present import wording

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
    """Cover sheet of a workbook, or the lines above the table of a CSV file."""
    if path.suffix == ".csv":
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
        return rows[: rows.index([])]
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
