"""A real public survey through the import, held against the package that carries it."""

import pandas as pd
import pytest
from statsmodels.datasets import anes96

from helpers.errors import InsightsError
from helpers.estimation.estimates import proportion
from helpers.importing.importing import import_files
from helpers.importing.report import Options
from helpers.notebook import lessons, practice
from helpers.responses.survey import load_survey

PARTIES = (
    "Strong Democrat",
    "Weak Democrat",
    "Independent-Democrat",
    "Independent-Independent",
    "Independent-Republican",
    "Weak Republican",
    "Strong Republican",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("anes96")


@pytest.fixture(scope="module")
def folder(place):
    into = place / "survey"
    report = import_files([practice.write_export(place)], into, Options())
    assert report.imported and report.guesses == 10, list(report.problems)
    order = {n: list(found.values()) for n, found in practice.answers().items()}
    wanted = {name: order[name] for name in ("PID", "educ", "selfLR", "income", "vote")}
    practice.confirm(into, wanted, ("PID",), {"provenance": "public"})
    return into


def test_the_note_of_the_package_is_read_whole():
    package = set(anes96.load_pandas().data) - {"logpopul"}
    assert set(practice.asked()) == package == set(practice.questions().data["Variable"])
    found = practice.answers()
    sizes = {"PID": 7, "educ": 7, "income": 24, "vote": 2, "selfLR": 7, "ClinLR": 7, "DoleLR": 7}
    assert {name: len(labels) for name, labels in found.items()} == sizes
    assert tuple(found["PID"].values()) == PARTIES
    assert found["DoleLR"]["7"] == "Extremely Conservative" and found["vote"]["0"] == "Clinton"
    assert practice.asked()["selfLR"].endswith('leanings from "Left" to "Right".')


@pytest.mark.slow
def test_what_is_imported_is_what_the_package_holds(folder):
    """Back from words to the numbers of the study: no cell differs."""
    survey = load_survey(folder)
    frame = survey.codes["respondents"]
    data = anes96.load_pandas().data
    assert len(frame) == 944
    for name, labels in practice.answers().items():
        numbers = {label: float(code) for code, label in labels.items()}
        said = {o.code: o.label for o in survey.question(name).options}
        assert [numbers[said[code]] for code in frame[name]] == data[name].tolist(), name
    for name in ("popul", "TVnews", "age"):
        assert frame[name].astype(float).tolist() == data[name].tolist(), name


def test_shares_are_those_counted_from_the_package(folder):
    survey = load_survey(folder)
    table = proportion(survey, "PID", by="educ").set_index("educ")["estimate"]
    shares = [x for level in survey.question("educ").options for x in table[level.code]]
    data = anes96.load_pandas().data
    counted = pd.crosstab(data["educ"], data["PID"], normalize="index").to_numpy().ravel()
    assert shares == pytest.approx(counted.tolist(), abs=1e-12)


def test_a_draft_without_an_order_says_so_and_is_corrected(place, folder):
    export_files = [place / "anes96.csv"]
    assert import_files(export_files, place / "draft", Options()).drafted
    notes = lessons.preview("codebook/questions.csv", None, place / "draft").data
    noted = notes.set_index("id")["note"]
    assert "alphabet" in noted["PID"] and "order of numbers" in noted["income"]
    assert "alphabet" not in noted["vote"] + noted["age"]
    rows = lessons.preview("codebook/options.csv", None, folder, where={"set": "PID"}).data
    assert tuple(rows["label"]) == PARTIES and list(rows["score"]) == list("1234567")
    parties = load_survey(folder).question("PID").options
    assert tuple(o.label for o in parties) == PARTIES
    assert not any(lessons.preview("codebook/questions.csv", None, folder).data["note"])
    with pytest.raises(InsightsError, match="PID has other answers: Whig"):
        practice.confirm(place / "draft", {"PID": [*PARTIES, "Whig"]})


def test_each_fault_of_a_damaged_export_is_named_once(place, folder):
    faults = {
        (7, "PID"): ("H7", "weak democrat", "look_alike"),
        (9, "educ"): ("J9", "Colege degree", "unknown_code"),
        (12, "ResponseId"): ("A12", "R_0001", "duplicate_identifier"),
        (15, "age"): ("I15", "4O", "not_a_number"),
        (20, "income"): ("K20", "8-Sep", "mangled_date"),
        (30, "TVnews"): ("D30", "3,5", "decimal_comma"),
        (41, "popul"): ("C41", "#N/A", "spreadsheet_error"),
    }
    cells = {at: found for at, (_, found, _) in faults.items()}
    before = load_survey(folder).fingerprint
    damaged = lessons.damage(place / "anes96.csv", cells, place / "damaged")
    shown = lessons.imported(import_files([damaged], folder, Options())).data
    found = set(map(tuple, shown[["Cell", "Found", "Kind"]].to_numpy()))
    assert found == set(faults.values()) and len(shown) == len(faults)
    assert all(shown["What to do"])
    assert load_survey(folder).fingerprint == before


def test_the_result_of_an_import_is_shown(place, folder):
    report = import_files([place / "anes96.csv"], folder, Options())
    assert lessons.imported(report).data == "Imported 944 respondents."
    with pytest.raises(InsightsError, match="no row 948 with a column vote"):
        lessons.damage(place / "anes96.csv", {(948, "vote"): "Perot"}, place / "damaged")
