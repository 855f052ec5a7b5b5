"""What the first edition (0.1.0) wrote keeps working: survey folder, mapping, release and records.

`first_edition/` is an invented survey of 64 holders of allotments. Commit 8e6a1eb made all of it:
`insights import` and `insights release --data`, with a dimension and release.yml added by hand.
"""

import shutil

import pytest

from helpers.cli import main
from helpers.dashboards.staging import Served
from helpers.estimation.estimates import proportion
from helpers.pages import dashboard
from helpers.release import history, reading
from helpers.responses.survey import load_survey
from places import ROOT, TESTS

pytestmark = pytest.mark.slow


@pytest.fixture
def plots(tmp_path):
    """A copy of the survey folder."""
    return shutil.copytree(TESTS / "first_edition", tmp_path / "plots")


@pytest.fixture
def run(capsys):
    """Run a command; returns exit status and all that was said."""

    def run(*arguments):
        status = main([*map(str, arguments)])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


def joined(folder, newcomers):
    """Add people to the responses: they come every week or never, by turns."""
    path = folder / "responses" / "holders.csv"
    rows = [
        f"B{n},1,north,{('every_week', 'never')[n % 2]},,,,satisfied\n" for n in range(newcomers)
    ]
    path.write_text(path.read_text() + "".join(rows))


def test_the_survey_folder_is_sound_and_counts_the_same(plots, run):
    status, said = run("check", plots)
    assert status == 0, said
    assert "64 holders; 4 questions; private responses, fingerprint 59d5b39db1a6" in said
    shares = proportion(load_survey(plots), "often_come_plot").set_index("option")["estimate"]
    assert shares["every_week"] == pytest.approx(0.46, abs=0.005)  # the release says 46%


def test_the_mapping_imports_the_next_export(plots, run, tmp_path):
    export = tmp_path / "later.csv"
    export.write_text(
        "Respondent ID,Which site is your plot on?,How often do you come to your plot?,"
        "What do you grow? [Vegetables],What do you grow? [Fruit],What do you grow? [Flowers],"
        "How satisfied are you with the water supply?,weight\n"
        "C1,Mill Lane,Every day,Vegetables,,,Satisfied,0.8\n"
        "C2,North,Never,,,,Dissatisfied,1.2\n"
    )
    status, said = run("import", export, "--into", plots)
    assert status == 0, said
    later = (plots / "responses" / "holders.csv").read_text().splitlines()
    assert later[1:] == [
        "C1,0.8,mill_lane,every_day,1,,,satisfied",
        "C2,1.2,north,never,,,,dissatisfied",
    ]


def test_the_release_is_shown_as_it_is(plots, monkeypatch, tmp_path):
    monkeypatch.setenv(reading.RELEASE_VARIABLE, str(plots / "release"))
    served = Served(tmp_path / "served", plots / "release", ROOT / "dashboards")
    assert not served.problem
    assert {*served.names()} == {"index", "overview", "plots", "about", "method"}
    assert not served.shows("measurement")  # a page of another survey
    shown = dashboard.page("plots")
    assert shown.title == "Plots"
    assert "most common answer is “Every week”, 46%" in shown.html
    assert "Mill Lane or Riverside" in shown.html
    assert dashboard.page("overview").title != "Nothing to show"
    assert "the committee" in dashboard.about().html
    assert "Allotment holders" in dashboard.index().html


def test_an_audit_finds_no_leak_and_says_how_to_remake_the_release(plots, run):
    status, said = run("audit", plots)
    assert "0 leaks" in said
    assert "Traceback" not in said
    assert status == 1  # sentences are written otherwise today
    assert "insights release" in said
    assert run("release", "--data", plots)[0] == 0
    assert run("audit", plots)[0] == 0


def test_releasing_the_same_answers_again_adds_no_record(plots, run):
    """Today's release of them shows each dimension alone, which is recorded once."""
    for _ in range(2):
        status, said = run("release", "--data", plots)
        assert status == 0, said
        assert len(history.earlier(load_survey(plots))) == 2


@pytest.mark.parametrize(("newcomers", "allowed"), [(9, False), (20, True)])
def test_a_new_release_is_checked_against_the_record(plots, run, newcomers, allowed):
    joined(plots, newcomers)
    status, said = run("release", "--data", plots)
    assert (status == 0) is allowed, said
    assert said.count("9 respondents more or fewer") == (not allowed)
    assert len(history.earlier(load_survey(plots))) == 1 + allowed


@pytest.mark.parametrize("renamed", [False, True])
@pytest.mark.parametrize("changed", [0, 1])
def test_a_record_without_words_recognises_a_renamed_question(plots, run, renamed, changed):
    """Records of that edition hold ids and counts alone."""
    responses, codebook = plots / "responses" / "holders.csv", plots / "codebook"
    text = responses.read_text()
    responses.write_text(text.replace(",never,", ",every_week,", changed))
    if renamed:
        for path in (responses, *codebook.iterdir()):
            path.write_text(path.read_text().replace("often_come_plot", "visits"))
        path = codebook / "questions.csv"
        path.write_text(path.read_text().replace("How often do you come to your plot?", "Visits"))
    status, said = run("release", "--data", plots)
    assert (status == 0) is not changed, said
    assert said.count("1 changed their answers since an earlier release") == changed
