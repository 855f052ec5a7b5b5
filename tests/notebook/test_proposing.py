"""The form of proposals: what it says, what a click writes, and what importing again does."""

import pytest

from files import taken, write
from helpers.codebook.model import Kind
from helpers.errors import Problems
from helpers.notebook.proposing import proposals
from helpers.responses.proposals import read_proposals
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow


@pytest.fixture
def export(tmp_path):
    rows = [["Ref", "Hours a week", "Finished?"]]
    rows += [[f"r{n}", f"{n % 23}", "Yes"] for n in range(60)]
    rows[5][1] = "<b>many</b>"
    path = write(tmp_path / "a.csv", rows)
    taken(path, tmp_path / "out")
    return path


def answers(folder):
    return {each.found: each.answer for each in read_proposals(folder, Problems())}


def test_a_click_is_written_and_the_import_uses_it(export, tmp_path):
    out = tmp_path / "out"
    form = proposals(out, export)
    assert form.words.startswith("1 of 1 proposals are open")
    [buttons] = form.answers.values()
    assert [label for label, _ in buttons.options] == ["open", "yes", "no"]
    buttons.value = "yes"
    assert answers(out) == {"<b>many</b>": "yes"}
    form.again.click()
    assert "Imported 60 respondents" in form.words and "0 of 1" in form.words
    hours = next(iter(load_survey(out).codebook.questions.values()))
    assert hours.kind is Kind.NUMBER
    [buttons] = form.answers.values()
    buttons.value = ""
    form.again.click()
    hours = next(iter(load_survey(out).codebook.questions.values()))
    assert hours.kind is Kind.TEXT and "1 of 1" in form.words


def test_what_respondents_wrote_is_text_not_markup(export, tmp_path):
    shown = proposals(tmp_path / "out", export).still()
    assert "&lt;b&gt;many" in shown.html and "<b>many" not in shown.html
    assert "Hours a week, row 6" in shown.plain


def test_a_file_that_is_gone_is_said_in_the_form(export, tmp_path):
    form = proposals(tmp_path / "out", export)
    export.unlink()
    form.again.click()
    assert "Nothing was imported" in form.words
