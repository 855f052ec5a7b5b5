"""What leaves the survey comes back without a difference, and never as a formula."""

import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from openpyxl import load_workbook

import helpers as h
from files import SIMPLE, refused, taken, workbook, write
from helpers.cli import main
from helpers.errors import InsightsError
from helpers.exporting.exporting import export
from helpers.importing.importing import import_files
from helpers.importing.report import Options
from helpers.responses.survey import load_survey
from places import ROOT
from three_waves import survey_of

SURVEYS = {"cycling": ROOT / "tests/surveys/cycling", "example": ROOT / "data/example"}


def copy(name, tmp_path):
    """A survey whose responses are lost."""
    folder = Path(shutil.copytree(SURVEYS[name], tmp_path / name))
    for file in (folder / "responses").iterdir():
        file.write_text(file.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", SURVEYS)
@pytest.mark.parametrize("format", ["sav", "xlsx", "datapackage"])
def test_an_export_imports_without_a_difference(name, format, tmp_path):
    survey = load_survey(SURVEYS[name])
    target = tmp_path / ("out" if format == "datapackage" else f"out.{format}")
    export(survey, format, target)
    population = next(iter(survey.held))
    folder = copy(name, tmp_path)
    path = target / f"{population}.csv" if format == "datapackage" else target
    report = import_files([path], folder, Options())
    assert report.imported, "\n".join(map(str, report.problems))
    again = load_survey(folder)
    assert again.fingerprint == survey.fingerprint
    before = survey.codes[population]
    assert again.codes[population][list(before)].equals(before)


def several(place):
    return load_survey(ROOT / "data")


def weighted(place):
    """Weights of the file, strata, and weights that are made here."""
    ages = {"young": 300, "middle": 300, "older": 400}
    return h.load_survey(SURVEYS["cycling"]).rake({"age": ages})


def newly_weighted(place):
    return h.load_survey(SURVEYS["example"]).rake({"age": {"younger": 0.5, "older": 0.5}})


def with_derived(place):
    recode = h.recipes.recode("visits", {"regular": ["weekly", "monthly"]})
    count = h.recipes.count("reasons")
    return h.load_survey(SURVEYS["example"]).derive(often=recode, reasons_given=count)


def of_waves(place):
    return load_survey(survey_of(place / "waves"))


@pytest.mark.slow
@pytest.mark.parametrize("made", [several, weighted, newly_weighted, with_derived, of_waves])
@pytest.mark.parametrize("format", ["sav", "xlsx", "datapackage"])
def test_an_export_makes_the_same_survey_in_a_new_folder(made, format, tmp_path):
    """Every column, every reason of a missing answer, weights, bands and recipes are there."""
    survey = made(tmp_path)
    folder = format == "datapackage" or (format == "sav" and len(survey.held) > 1)
    target = tmp_path / ("out" if folder else f"out.{format}")
    written = [path for path, _ in export(survey, format, target)]
    files = [path for path in written if path.suffix in (".sav", ".xlsx")] or written
    report = import_files(files, tmp_path / "new", Options())
    assert report.imported and not report.drafted, "\n".join(map(str, report.problems))
    again = load_survey(tmp_path / "new")
    assert again.derived.keys() == survey.derived.keys()
    for population, before in survey.codes.items():
        found = again.codes[population]
        assert found["_weight"].tolist() == pytest.approx(before["_weight"].tolist(), rel=1e-9)
        weights = {
            "_weight",
            "_weight_squared",
            "_cell",
            survey.codebook.populations[population].weight,
        }
        texts = [name for name in before if name not in weights]
        pd.testing.assert_frame_equal(found[texts], before[texts])
        reasons = survey.missing[population]
        pd.testing.assert_frame_equal(again.missing[population][list(reasons)], reasons)
    assert again.codebook.questions == survey.codebook.questions
    assert again.codebook.populations == survey.codebook.populations


def test_a_workbook_keeps_every_digit(tmp_path):
    rows = [["id", "Age", "Asked", "Why"]]
    rows += [[f"p{n}", "63.121149897330596" if n == 3 else f"{n}.5", "yes" if n % 2 else "no",
              f"because of {n} things" if n % 4 == 1 else ""] for n in range(60)]  # fmt: skip
    taken(write(tmp_path / "in.csv", rows), tmp_path / "in")
    survey = load_survey(tmp_path / "in")
    export(survey, "xlsx", tmp_path / "out.xlsx")
    report = import_files([tmp_path / "out.xlsx"], tmp_path / "new", Options())
    assert report.imported, "\n".join(map(str, report.problems))
    again, reasons = load_survey(tmp_path / "new"), survey.missing["respondents"]
    pd.testing.assert_frame_equal(again.missing["respondents"], reasons)
    assert again.codes["respondents"]["age"].tolist() == survey.codes["respondents"]["age"].tolist()


@pytest.mark.parametrize("format", ["csv", "xlsx", "sav"])
def test_codes_alone_are_drafted_with_their_missing_answers(format, tmp_path):
    """The words of a survey folder for no answer are not answers, in texts neither."""
    rows = [["id", "Trips", "Uses a bicycle", "Why?", "Helmet"]]
    for n in range(80):
        asked = n % 3 > 0
        why = f"because of {n} hills" if n % 9 == 1 else "not_answered"
        helmet = ["yes", "no", "not_answered"][n % 7 % 3]
        ends = [why, helmet] if asked else ["not_asked", "not_asked"]
        rows.append([f"p{n}", str(n % 30), "yes" if asked else "no", *ends])
    path = tmp_path / f"codes.{format}"
    if format == "sav":
        names = ["id", "trips", "uses", "why", "helmet"]
        pyreadstat.write_sav(
            pd.DataFrame(rows[1:], columns=names), str(path), column_labels=rows[0]
        )
    else:
        (write if format == "csv" else workbook)(path, rows)
    report = taken(path, tmp_path / "new")
    assert report.drafted
    survey = load_survey(tmp_path / "new")
    options = {o.code for q in survey.codebook.questions.values() for o in q.options}
    assert not {code for code in options if "not_a" in code}
    reasons = survey.missing["respondents"]
    assert reasons["helmet"].value_counts().to_dict() == Counter(
        row[4] for row in rows if row[4].startswith("not_")
    )
    assert reasons["why"].notna().sum() == sum(row[3].startswith("not_") for row in rows)


@pytest.mark.parametrize("name", SURVEYS)
@pytest.mark.parametrize("named", ["", "datapackage.json"])
def test_a_data_package_becomes_the_survey_that_it_was(name, named, tmp_path):
    survey = load_survey(SURVEYS[name])
    export(survey, "datapackage", tmp_path / "out")
    report = import_files([tmp_path / "out" / named], tmp_path / "new", Options())
    assert report.imported and not report.drafted, "\n".join(map(str, report.problems))
    again = load_survey(tmp_path / "new")
    assert again.fingerprint == survey.fingerprint
    for file in (SURVEYS[name] / "codebook").iterdir():
        assert (tmp_path / "new" / "codebook" / file.name).read_bytes() == file.read_bytes()
    # a folder that has a codebook keeps its own
    outline = tmp_path / "new" / "codebook" / "survey.yml"
    outline.write_text(outline.read_text(encoding="utf-8") + "\n# mine\n", encoding="utf-8")
    assert import_files([tmp_path / "out" / named], tmp_path / "new", Options()).imported
    assert outline.read_text(encoding="utf-8").endswith("# mine\n")


@pytest.mark.parametrize("name", [".", "..", "/"])
def test_a_folder_that_is_no_package_is_refused(name, tmp_path):
    [problem] = refused(Path(name), tmp_path / "new").problems
    assert "this is not a file" in problem.message


def test_a_data_package_of_others_is_drafted(tmp_path):
    (tmp_path / "out" / "data").mkdir(parents=True)
    write(tmp_path / "out" / "data" / "riders.csv", SIMPLE)
    said = {"resources": [{"name": "riders", "path": ["data/riders.csv"]}, {"data": [1]}]}
    (tmp_path / "out" / "datapackage.json").write_text(json.dumps(said), encoding="utf-8")
    report = import_files([tmp_path / "out"], tmp_path / "new", Options())
    assert report.imported and report.drafted
    assert len(load_survey(tmp_path / "new").codes["respondents"]) == 12


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("{", "cannot be read"),
        ("[" * 10**5, "cannot be read"),
        ('{"resources": 3}', "cannot be read"),
        ('{"resources": ["x"]}', "cannot be read"),
        ('{"resources": []}', "names no table"),
        ('{"resources": [{"path": "../secret.csv"}]}', "lies outside"),
        ('{"resources": [{"path": "leads.csv"}]}', "lies outside"),
        (" " * (16 * 2**20 + 1), "more than 16 MiB"),
    ],
)
def test_an_invalid_data_package_is_refused(said, words, tmp_path):
    write(tmp_path / "secret.csv", SIMPLE)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "leads.csv").symlink_to(tmp_path / "secret.csv")
    (tmp_path / "out" / "datapackage.json").write_text(said, encoding="utf-8")
    [problem] = refused(tmp_path / "out", tmp_path / "new").problems
    assert words in problem.message and problem.file == "datapackage.json" and problem.fix


def test_a_codebook_of_a_data_package_is_checked_and_links_are_left_out(tmp_path):
    export(load_survey(SURVEYS["cycling"]), "datapackage", tmp_path / "out")
    book = tmp_path / "out" / "codebook"
    (tmp_path / "secret.yml").write_text("secret: 1\n", encoding="utf-8")
    (book / "notes.yml").symlink_to(tmp_path / "secret.yml")
    assert import_files([tmp_path / "out"], tmp_path / "one", Options()).imported
    assert not (tmp_path / "one" / "codebook" / "notes.yml").exists()
    questions = book / "questions.csv"
    questions.write_text(questions.read_text(encoding="utf-8") + "x,nobody,single\n", "utf-8")
    report = refused(tmp_path / "out", tmp_path / "two")
    assert {p.file for p in report.problems} == {"questions.csv"}


@pytest.mark.slow
def test_three_populations_go_out_and_come_back_together(tmp_path):
    survey = load_survey(ROOT / "data")
    export(survey, "sav", tmp_path / "out")
    export(survey, "xlsx", tmp_path / "out.xlsx")
    folder = tmp_path / "data"
    (folder / "responses").mkdir(parents=True)
    shutil.copytree(ROOT / "data" / "codebook", folder / "codebook")
    outline = folder / "codebook" / "survey.yml"
    outline.write_text(outline.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    for files in ([tmp_path / "out" / f"{p}.sav" for p in survey.held], [tmp_path / "out.xlsx"]):
        report = import_files(files, folder, Options())
        assert report.imported, "\n".join(map(str, report.problems))
        for name, frame in load_survey(folder).codes.items():
            before = survey.codes[name]
            assert frame[list(before)].equals(before)


def test_one_of_three_populations_alone_is_refused(tmp_path):
    survey = load_survey(ROOT / "data")
    export(survey, "sav", tmp_path / "out")
    shutil.copytree(ROOT / "data" / "codebook", tmp_path / "data" / "codebook")
    first = next(iter(survey.held))
    report = import_files([tmp_path / "out" / f"{first}.sav"], tmp_path / "data", Options())
    assert not report.imported and set(report.problems.kinds) == {"missing_file"}


def test_spss_keeps_kinds_of_missing_answers(tmp_path):
    survey = load_survey(SURVEYS["example"])
    export(survey, "sav", tmp_path / "out.sav")
    frame, meta = pyreadstat.read_sav(tmp_path / "out.sav", user_missing=True)
    routed = next(q for q in survey.codebook.questions.values() if q.asked_if and q.options)
    column = routed.cells[0].column
    labels = meta.variable_value_labels[column]
    assert "Not asked" in labels.values()
    counted = frame[column].map(labels).value_counts()
    held = survey.codes[routed.population][column].value_counts()
    assert counted["Not asked"] == held["not_asked"]
    plain, _ = pyreadstat.read_sav(tmp_path / "out.sav")  # as every program reads it: missing
    asked = held.drop(["not_asked", "not_answered"], errors="ignore")
    missing = [o.code for o in routed.options if o.missing]
    assert plain[column].notna().sum() == asked.drop(missing, errors="ignore").sum()


def test_no_cell_begins_like_a_formula(tmp_path):
    rows = [[*row] for row in SIMPLE]
    bad = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "'=quoted"]
    for row, text in zip(rows[1:], bad, strict=False):
        row[4] = text
    folder = tmp_path / "folder"
    taken(write(tmp_path / "in.csv", rows), folder)
    survey = load_survey(folder)
    export(survey, "datapackage", tmp_path / "out")
    with open(tmp_path / "out" / "respondents.csv", encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    export(survey, "xlsx", tmp_path / "out.xlsx")
    sheet = load_workbook(tmp_path / "out.xlsx")["respondents"]
    assert not [c.coordinate for row in sheet for c in row if c.data_type == "f"]
    before = survey.codes["respondents"]
    for path in (tmp_path / "out" / "respondents.csv", tmp_path / "out.xlsx"):
        taken(path, folder)
        assert load_survey(folder).codes["respondents"].equals(before)


def test_a_package_describes_its_columns(tmp_path):
    survey = load_survey(SURVEYS["example"])
    export(survey, "datapackage", tmp_path / "out")
    described = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    for resource in described["resources"]:
        assert (tmp_path / "out" / resource["path"]).is_file()
    table = described["resources"][0]
    with open(tmp_path / "out" / table["path"], encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [f["name"] for f in table["schema"]["fields"]] == list(rows[0])
    missing = set(table["schema"]["missingValues"])
    for field in table["schema"]["fields"]:
        cells = {row[field["name"]] for row in rows} - missing
        allowed = field.get("constraints", {}).get("enum")
        assert allowed is None or cells <= set(allowed)
        if field["type"] == "number":
            assert all(float(cell) == float(cell) for cell in cells)


def test_private_exports_are_for_their_owner(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "folder"
    taken(write(tmp_path / "in.csv", SIMPLE), folder)
    monkeypatch.setenv("INSIGHTS_DATA", str(folder))
    target = tmp_path / "out.sav"
    assert main(["export", "sav", str(target), "--data", str(folder)]) == 0
    assert "do not share" in capsys.readouterr().out
    assert target.stat().st_mode & 0o077 == 0


def test_a_target_that_cannot_hold_the_survey_is_refused(tmp_path):
    survey = load_survey(ROOT / "data")
    with pytest.raises(InsightsError, match="name a folder"):
        export(survey, "sav", tmp_path / "out.sav")
    with pytest.raises(InsightsError, match="ends in .xlsx"):
        export(survey, "xlsx", tmp_path / "out.csv")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InsightsError, match="something else"):
        export(survey, "datapackage", tmp_path / "full")
    assert (tmp_path / "full" / "thesis.txt").is_file()
