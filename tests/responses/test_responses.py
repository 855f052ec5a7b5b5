"""Response files: harmless variants are read alike, damage is located, nothing is written."""

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from helpers import paths
from helpers.cli import main
from helpers.codebook.model import Provenance
from helpers.errors import InsightsError, SurveyProblems
from helpers.estimation.estimates import proportion
from helpers.estimation.weights import rake
from helpers.responses.survey import KEY_FILE, load_survey
from places import CYCLING


@pytest.fixture
def folder(tmp_path):
    """A copy of the cycling survey to damage."""
    return Path(shutil.copytree(CYCLING, tmp_path / "cycling"))


def file(folder):
    return folder / "responses" / "residents.csv"


def change(folder, edit, encoding="utf-8"):
    lines = file(folder).read_text(encoding="utf-8").splitlines()
    edit(lines)
    file(folder).write_bytes("\n".join([*lines, ""]).encode(encoding))


def cell(lines, row, column, value):
    """Put a value into the cell that a spreadsheet calls `row`, `column`."""
    at = lines[0].split(",").index(column)
    cells = lines[row - 1].split(",")
    cells[at] = value
    lines[row - 1] = ",".join(cells)


def said(folder):
    with pytest.raises(SurveyProblems) as error:
        load_survey(folder)
    return [str(p) for p in error.value.problems]


def test_kinds_of_missing_answers_are_distinguished(folder):
    frame = load_survey(folder).codes["residents"]
    raw = pd.read_csv(file(folder), dtype=str, keep_default_na=False)
    owners = raw["owns"] == "yes"
    assert (frame.loc[~owners, "often"] == "not_asked").all()
    assert (frame.loc[owners & (raw["often"] == ""), "often"] == "not_answered").all()
    assert (frame.loc[raw["owns"] == "-9", "owns"] == "not_answered").all()
    assert (frame.loc[raw["often"] == "98", "often"] == "98").all()
    assert set(frame.loc[raw["age_group"] == "", "_band_age"]) == {"not_stated"}


@pytest.mark.parametrize(
    "variant",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace(",", "\t").encode(),
        lambda text: (text + "\n\n").encode(),
        lambda text: text.replace(",yes,", ", yes ,").encode(),
        lambda text: "\n".join(line + ",," for line in text.splitlines()).encode(),
        lambda text: text.replace(",yes,", ",\u200byes\u00a0,").encode(),
    ],
    ids=["bom", "crlf", "utf-16", "tabs", "blank lines", "blanks", "trailing", "invisible"],
)
def test_harmless_variants_give_the_same_survey(folder, variant):
    before = load_survey(folder).fingerprint
    text = file(folder).read_text(encoding="utf-8").replace("Nothing, thanks", "Nothing thanks")
    file(folder).write_bytes(text.encode())
    before = load_survey(folder).fingerprint
    file(folder).write_bytes(variant(text.replace('"Nothing thanks"', "Nothing thanks")))
    assert load_survey(folder).fingerprint == before


def test_column_order_does_not_matter_and_any_answer_does(folder):
    before = load_survey(folder).fingerprint
    frame = pd.read_csv(file(folder), dtype=str, keep_default_na=False)
    frame[frame.columns[::-1]].to_csv(file(folder), index=False)
    assert load_survey(folder).fingerprint == before
    frame.loc[3, "agree.safe"] = "1" if frame.loc[3, "agree.safe"] != "1" else "2"
    frame.to_csv(file(folder), index=False)
    assert load_survey(folder).fingerprint != before


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_older_encodings_are_read(folder, encoding):
    change(
        folder,
        lambda lines: cell(
            lines, 5, "remark", "Café – très bien" if encoding == "cp1252" else "Café très bien"
        ),
        encoding,
    )
    remark = load_survey(folder).frames["residents"].loc[3, "remark"]
    assert remark.startswith("Café")


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (17, "owns", "Yes", 'row 17, column owns: found "Yes"; allowed: yes, no, -9, not_answered'),
        (9, "agree.safe", "6", 'row 9, column agree.safe: found "6"; allowed: 1, 2, 3, 4, 5, 8'),
        (9, "agree.safe", "Agree", 'This is a label: write its code "4"'),
        (4, "wt", "-1", 'row 4, column wt: found "-1"'),
        (4, "wt", "1,2", "cells where the header has"),
        (4, "wt", "", "Every respondent needs a weight"),
        (4, "ref", "R001", "the identifier is repeated"),
        (4, "ref", "", "the identifier is empty"),
        (6, "age_group", "65+", 'column age_group: found "65+"; allowed: 16-24, 25-34'),
        (6, "district", "", "Every respondent belongs to a stratum"),
        (8, "distance", "12km", 'column distance: found "12km"; allowed: a number'),
    ],
)
def test_damage_is_located(folder, row, column, value, message):
    change(folder, lambda lines: cell(lines, row, column, value))
    found = said(folder)
    assert any(message in line for line in found), found
    assert all(line.startswith("residents.csv") for line in found)


def test_an_answer_to_a_question_that_was_not_asked_is_a_problem(folder):
    raw = pd.read_csv(file(folder), dtype=str, keep_default_na=False)
    at = raw.index[raw["owns"] == "no"][0]
    raw.loc[at, "often"] = "daily"
    raw.to_csv(file(folder), index=False)
    found = said(folder)
    assert f'row {at + 2}, column often: often is asked if owns = yes; found "daily"' in found[0]


def test_every_problem_of_a_file_is_in_one_report(folder):
    def edit(lines):
        cell(lines, 3, "owns", "Y")
        cell(lines, 7, "agree.lanes", "9")
        cell(lines, 9, "wt", "x")
        lines[10] += ",more"

    change(folder, edit)
    rows = [line.split(",")[1].split(":")[0] for line in said(folder)]
    assert sorted(set(rows)) == [" row 11", " row 3", " row 7", " row 9"]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda t: t.replace("agree.safe", "agree.saef", 1), 'Is it "agree.safe"?'),
        (lambda t: t.replace("agree.safe", "agree.lanes", 1), "the column appears twice"),
        (lambda t: "", "the file is empty"),
        (lambda t: t.splitlines()[0] + "\n", "there is no respondent"),
        (lambda t: t[: len(t) // 2], "cells where the header has"),
        (lambda t: t.replace(",yes,", ',"yes,', 1), "not a table from here on"),
        (lambda t: "\x00" * 40, "row 1: bytes that are not text (NUL)"),
    ],
)
def test_damaged_files_are_reported_and_good_ones_accepted(folder, edit, message):
    text = file(folder).read_text(encoding="utf-8")
    file(folder).write_text(edit(text), encoding="utf-8")
    found = said(folder)
    assert any(message in line for line in found), found


def test_a_file_that_writes_out_missing_answers_may_not_have_blanks(tmp_path):
    own = tmp_path / "data"
    shutil.copytree(paths.DATA / "codebook", own / "codebook")
    shutil.copytree(paths.DATA / "illustrative", own / "illustrative")
    path = own / "illustrative" / "frontline.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame.loc[4, "outcome_meaning"] = ""
    frame.to_csv(path, index=False)
    assert "row 6, column outcome_meaning: the cell is empty" in said(own)[0]
    frame.iloc[1:].to_csv(path, index=False)
    assert any("55 respondents where survey.yml declares 56" in line for line in said(own))


def test_private_responses_are_used_whole_or_not_at_all(tmp_path):
    own = tmp_path / "data"
    shutil.copytree(paths.DATA / "codebook", own / "codebook")
    shutil.copytree(paths.DATA / "illustrative", own / "illustrative")
    assert load_survey(own).provenance is Provenance.ILLUSTRATIVE
    private = own / "private"
    private.mkdir()
    shutil.copy(own / "illustrative" / "providers.csv", private)
    assert any("commissioners.csv: the file is missing" in line for line in said(own))
    for name in ("commissioners.csv", "frontline.csv"):
        shutil.copy(own / "illustrative" / name, private)
    survey = load_survey(own)
    assert survey.provenance is Provenance.PRIVATE
    assert load_survey(own).fingerprint == survey.fingerprint
    (private / KEY_FILE).unlink()
    assert load_survey(own).fingerprint != survey.fingerprint  # keyed: no guess can be tested


@pytest.mark.parametrize("name", ["Providers.csv", "providers.CSV", "providers.xlsx", "copy.csv"])
def test_no_file_in_private_is_ignored(tmp_path, name):
    own = tmp_path / "data"
    shutil.copytree(paths.DATA / "codebook", own / "codebook")
    shutil.copytree(paths.DATA / "illustrative", own / "illustrative")
    (own / "private").mkdir()
    shutil.copy(own / "illustrative" / "providers.csv", own / "private" / name)
    assert any(f"{name}: this file in private/ belongs to no population" in p for p in said(own))


def test_one_bad_byte_in_utf_8_is_located_not_taken_for_another_encoding(folder):
    change(folder, lambda lines: cell(lines, 5, "remark", "Grün"))
    raw = file(folder).read_bytes().replace("ü".encode(), "ü".encode() + b"\xe9")
    file(folder).write_bytes(raw)
    assert said(folder) == [
        'residents.csv, row 5: a byte that is not UTF-8; found "e9". Correct '
        "the character, or export the file again as CSV (UTF-8)."
    ]


def test_a_declared_separator_is_followed(folder):
    text = file(folder).read_text(encoding="utf-8").replace("Nothing, thanks", "Nothing thanks")
    file(folder).write_text(text)
    before = load_survey(folder).fingerprint
    file(folder).write_text("sep=;\n" + text.replace(",", ";"))
    if "More lanes; please" in text:
        file(folder).write_text("sep=|\n" + text.replace(",", "|").replace('"', ""))
    assert load_survey(folder).fingerprint == before


def test_words_for_missing_in_a_file_of_blanks_are_reported_once(folder):
    change(folder, lambda lines: cell(lines, 9, "helmet", "not_answered"))
    found = said(folder)
    assert len(found) == 1
    assert "row 9, column helmet: 1 cells write out missing answers but" in found[0]


def test_a_missing_weight_column_is_reported_once(folder):
    text = file(folder).read_text(encoding="utf-8").replace(",wt,", ",weight,", 1)
    file(folder).write_text(text)
    assert len(said(folder)) == 2  # wt is missing, weight is unknown


def test_a_file_that_cannot_be_read_is_a_problem(folder):
    file(folder).unlink()
    file(folder).symlink_to(folder / "nowhere.csv")
    assert any("residents.csv" in line for line in said(folder))


def test_check_reports_and_writes_nothing(folder, capsys):
    change(folder, lambda lines: cell(lines, 17, "owns", "Yes"))
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert main(["check", str(folder)]) == 1
    captured = capsys.readouterr()
    assert 'residents.csv, row 17, column owns: found "Yes"' in captured.err
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    shutil.copy(CYCLING / "responses" / "residents.csv", file(folder))
    assert main(["check", str(folder)]) == 0
    assert "240 residents" in capsys.readouterr().out


def test_a_folder_without_responses_says_what_to_do(folder):
    shutil.rmtree(folder / "responses")
    with pytest.raises(InsightsError, match=r"holds no responses\. Put residents\.csv into"):
        load_survey(folder)


# --- what a survey's tables hold


def unweighted(place, target):
    """A copy of a survey folder in which every respondent counts one."""
    for part in ("codebook", "responses", "illustrative"):
        if (place / part).is_dir():
            shutil.copytree(place / part, target / part)
    path = target / "codebook" / "survey.yml"
    text = path.read_text(encoding="utf-8").replace("weight: wt, strata: district, ", "")
    path.write_text(text.replace("[interviewer]", "[interviewer, wt]"), encoding="utf-8")
    return target


@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
@pytest.mark.parametrize("place", [CYCLING, paths.DATA], ids=["cycling", "ours"])
@pytest.mark.slow
def test_counting_a_column_gives_the_shares(place, engine, tmp_path):
    """Of every question, `value_counts` of plain pandas is `proportion` without weights."""
    survey = load_survey(unweighted(place, tmp_path / "survey"), engine=engine)
    compared = 0
    for population, frame in survey.frames.items():
        frame = frame if engine == "pandas" else frame.df()
        for question in survey.codebook.questions.values():
            if question.population != population or not question.tabulates:
                continue
            shares = proportion(survey, question.id, base="answered")
            for cell in question.cells:
                counted = frame[cell.column].value_counts(normalize=True)
                of = shares[(shares["item"] == cell.item) & (shares["time"] == cell.time)]
                for option, share in zip(of["option"], of["estimate"], strict=True):
                    assert counted.get(option, 0) == pytest.approx(share, abs=1e-12)
                    compared += 1
                assert set(counted.index) <= {o.code for o in question.substantive}
    assert compared > 20


def test_kinds_of_missing_match_the_answers_row_by_row(folder):
    survey = load_survey(folder)
    raw = pd.read_csv(file(folder), dtype=str, keep_default_na=False)
    frame, missing = survey.frames["residents"], survey.missing["residents"]
    assert missing.columns[0] == "ref" and missing["ref"].tolist() == raw["ref"].tolist()
    for column in missing.columns[1:]:
        assert (frame[column].isna() == missing[column].notna()).all()
    assert (missing["owns"] == "not_answered").sum() == (raw["owns"].isin(["-9", ""])).sum()
    assert (missing["often"] == "dont_know").sum() == (raw["often"] == "98").sum() > 0
    assert (missing["often"] == "not_asked").sum() == (raw["owns"] != "yes").sum()
    assert frame["distance"].dtype == "float64" and frame["_weight"].dtype == "float64"
    answered = raw["distance"] != ""
    assert frame["distance"][answered].tolist() == [
        float(cell) for cell in raw["distance"][answered]
    ]
    assert frame["distance"].notna().sum() == answered.sum()
    assert frame["_band_age"].isna().sum() == (raw["age_group"] == "").sum() > 0


def test_changing_a_copy_does_not_change_the_survey(folder):
    survey = load_survey(folder)
    before = survey.frames["residents"]
    for table in (survey.frames, survey.codes):
        copy = table["residents"]
        copy.loc[:, "owns"] = "yes"
        assert (copy["owns"] == "yes").all()
    assert survey.frames["residents"].equals(before)
    with pytest.raises(InsightsError, match='no population "people".*residents'):
        survey.frames["people"]


def test_a_fingerprint_is_of_the_data_in_use(folder):
    survey = load_survey(folder)
    with pytest.raises(TypeError, match="frames"):
        replace(survey, frames={"residents": survey.frames["residents"].head(5)})
    # Whatever is put into a survey has a fingerprint of its own.
    held = survey.held["residents"]
    fewer = {"residents": replace(held, table=held.table.head(5))}
    assert replace(survey, held=fewer).fingerprint != survey.fingerprint
    assert replace(survey, remarks=()).fingerprint == survey.fingerprint


@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_other_responses_are_checked_and_have_their_own_fingerprint(folder, engine):
    survey = load_survey(folder)
    codes = survey.codes["residents"]
    same = survey.with_responses({"residents": codes}, engine=engine)
    assert_frame_equal(proportion(same, "often"), proportion(survey, "often"))
    changed = codes.assign(wt="2")
    other = survey.with_responses({"residents": changed}, engine=engine)
    assert len({survey.fingerprint, same.fingerprint, other.fingerprint}) == 3
    share = (codes["owns"] == "yes").sum() / codes["owns"].isin(["yes", "no"]).sum()
    found = proportion(other, "owns")
    assert found["estimate"][0] == pytest.approx(share)
    with pytest.raises(SurveyProblems) as error:
        survey.with_responses({"residents": codes.assign(owns="maybe")}, engine=engine)
    assert 'column owns: found "maybe"' in str(error.value)


def test_raked_weights_are_part_of_the_data_in_use(folder):
    survey = load_survey(folder)
    ages = [
        {"young": 300, "middle": 500, "older": 190, "not_stated": 10},
        {"young": 200, "middle": 600, "older": 190, "not_stated": 10},
    ]
    prints = {rake(survey, {"age": margin}).fingerprint for margin in ages}
    assert len(prints | {survey.fingerprint}) == 3
    assert rake(survey, {"age": ages[0]}).fingerprint in prints


def test_a_private_fingerprint_is_always_keyed(tmp_path):
    own = tmp_path / "data"
    shutil.copytree(CYCLING, own)
    (own / "responses").rename(own / "private")
    survey = load_survey(own)
    assert survey.provenance is Provenance.PRIVATE and len(survey.key) == 32
    assert "key" not in repr(survey)
    held = survey.held["residents"]
    fewer = {"residents": replace(held, table=held.table.head(5))}
    one, two = replace(survey, held=fewer), replace(survey, held=fewer, key=b"x" * 32)
    assert len({one.fingerprint, two.fingerprint, survey.fingerprint}) == 3
    assert replace(survey, key=None).fingerprint.startswith("(none")
