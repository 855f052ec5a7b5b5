"""What `survey.release` says, and what it refuses before it begins."""

import csv
import shutil

import pytest

import helpers as h
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
