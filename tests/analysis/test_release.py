"""What `survey.release` says, and what it refuses before it begins."""

import csv
import shutil

import pytest

import helpers as h
from helpers.cli import main
from helpers.errors import InsightsError
from helpers.responses import proposals
from places import ROOT


def test_a_release_says_in_a_few_lines_what_it_shows(tmp_path):
    made = h.load_survey(ROOT / "data" / "example").release(tmp_path / "release")
    lines = repr(made).splitlines()
    assert lines[0] == "Release of 4 questions on 1 page, no group below 10."
    assert "0 leaks under the profile standard" in lines[-1] and len(lines) == 4


def test_open_proposals_are_named_before_anything_is_protected(tmp_path):
    folder = tmp_path / "example"
    shutil.copytree(ROOT / "data" / "example", folder, ignore=shutil.ignore_patterns("release"))
    asked = dict.fromkeys(proposals.COLUMNS, "") | {"id": "1", "kind": "no_answer", "about": "x"}
    with open(folder / proposals.FILE, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, asked)
        writer.writeheader()
        writer.writerow(asked)
    said = []
    with pytest.raises(InsightsError, match="waits for"):
        h.load_survey(folder).release(tmp_path / "release", progress=said.append)
    assert not said and not (tmp_path / "release").exists()


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "example"
    shutil.copytree(ROOT / "data" / "example", place, ignore=shutil.ignore_patterns("release"))
    return place


def audited(folder, survey):
    made = survey.release(folder / "release")
    assert made.report.leaks == () and main(["audit", "--data", str(folder)]) == 0
    return made.cube["questions"]


@pytest.mark.slow
def test_answers_that_only_a_session_takes_for_none_are_not_released(folder):
    """The audit reads the folder, whose questions have answers that such a release lacks."""
    book = folder / "codebook" / "survey.yml"
    before = h.load_survey(folder)
    survey = before.as_missing("Never").as_missing("visits = less", kind="dont_know")
    with pytest.raises(InsightsError, match="only this session knows which answers") as refused:
        survey.release(folder / "release")
    assert not (folder / "release").exists()
    line = str(refused.value).split("again:\n")[1]
    assert line.splitlines() == [
        "missing:", "  not_answered: [Never]", "  dont_know: [visits = less]"
    ]  # fmt: skip
    book.write_text(book.read_text() + line)
    assert "never" not in audited(folder, h.load_survey(folder))["visits"]["options"]


@pytest.mark.slow
def test_derived_variables_that_only_a_session_knows_are_not_released(folder):
    """A page of them could not be read again; what no page shows stays out of the way."""
    regular = h.recipes.recode("visits", {"regular": ["weekly", "monthly"]})
    survey = h.load_survey(folder).derive(often=regular)
    audited(folder, survey)
    rules = folder / "codebook" / "release.yml"
    rules.write_text("minimum_base: 10\npages:\n  one: {title: One, questions: [often]}\n")
    with pytest.raises(InsightsError, match=r"only this session knows often.*save_derived"):
        survey.release(folder / "release")
    survey.save_derived()
    assert [*audited(folder, survey)] == ["often"]
    other = survey.derive(often=h.recipes.recode("visits", {"regular": ["weekly"]}))
    with pytest.raises(InsightsError, match="only this session knows often"):
        other.release(folder / "release")
