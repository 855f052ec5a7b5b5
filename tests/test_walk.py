"""The walk of docs/importing.md: its commands, in their order, give what it says."""

import csv
import re
import shlex
import shutil

import pytest

from helpers import cli
from helpers.responses.survey import load_survey
from places import ROOT

WALK = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
SERVING = ("dashboards", "lab", "site")  # which other tests start
pytestmark = pytest.mark.slow
PDFS = True  # a release as an owner makes it


def test_the_walk_leads_from_the_file_to_a_release(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "docs" / "walk", tmp_path / "docs" / "walk")
    commands = [shlex.split(line)[1:] for line in re.findall(r"^ {4}(insights .*)$", WALK, re.M)]
    *others, last = commands
    assert last[0] == "import" and "--wave" in last  # a file that readers will have
    seen = []
    for words in others:
        if words[0] in SERVING:
            continue
        if words[0] == "check":
            edit_as_told(tmp_path / "readers" / "codebook" / "survey.yml")
        assert cli.main(words) == 0, words
        seen.append(capsys.readouterr().out)
    first, again, check, release = seen
    assert "imported 242 respondents" in first and "8 guesses" in first
    assert "1 test_row, 1 double_submission, 1 no_answer" in first
    assert "imported 240 respondents" in again and "To answer" not in again
    assert check.startswith("What readers think of the library: no problems.")
    assert "written, 4 questions on 1 page" in release and "0 leaks" in release
    survey = load_survey("readers")
    assert {d.label for d in survey.codebook.dimensions.values()} == {"Branch", "Age"}
    with open("readers/account.csv", encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["cell"] == "Don't know"]
    assert sum(int(row["count"]) for row in rows) == 39
    assert {row["becomes"] for row in rows} == {"missing"}


def edit_as_told(path):
    """Write into survey.yml what the block of the walk says."""
    title, head, line = re.search(r"```yaml\n(.*)\n(.*)\n(.*)\n```", WALK).groups()
    text = path.read_text(encoding="utf-8").replace("title: Readers\n", f"{title}\n")
    path.write_text(text.replace(f"{head}\n", f"{head}\n{line}\n"), encoding="utf-8")


def test_every_picture_of_the_walk_is_there():
    pictures = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", WALK)
    assert len(pictures) == 6
    assert all(words and (ROOT / "docs" / path).is_file() for words, path in pictures)
