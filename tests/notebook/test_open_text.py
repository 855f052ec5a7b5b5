"""Open answers: read, searched and coded, and never shown where they are private."""

from __future__ import annotations

import csv
import shutil

import pandas as pd
import pytest

import helpers as h
from helpers.errors import InsightsError, SurveyProblems
from helpers.notebook.without_kernel import still_form
from places import CYCLING

r = h.recipes
FRAME = {"numbers": ["/[0-9]/"], "thanks": ["thank*", "nothing"], "lanes": ["lane*"]}


def people():
    with (CYCLING / "responses" / "residents.csv").open(encoding="utf-8") as file:
        return [p for p in csv.DictReader(file) if p["remark"].strip()]


@pytest.fixture(scope="module")
def survey():
    return h.load_survey(CYCLING)


@pytest.fixture
def private(tmp_path):
    folder = tmp_path / "survey"
    shutil.copytree(CYCLING / "codebook", folder / "codebook")
    shutil.copytree(CYCLING / "responses", folder / "private")
    book = folder / "codebook" / "survey.yml"
    book.write_text(book.read_text().replace("provenance: illustrative", "provenance: private"))
    return h.load_survey(folder)


def test_answers_are_read_beside_who_gave_them(survey):
    filters = h.filters(survey)
    shown = h.question(survey, "remark", filters)
    assert shown.table["Answer"].tolist() == [p["remark"].strip() for p in people()]
    assert {"Answer", "Age", "District"} == {*shown.table.columns}
    filters.set({"district": "north"})
    north = [p["remark"].strip() for p in people() if p["district"] == "north"]
    assert shown.table["Answer"].tolist() == north and 0 < len(north) < len(people())
    assert set(shown.table["District"]) == {"North"}


def test_a_search_finds_words_and_marks_them(survey):
    shown = h.question(survey, "remark", h.filters(survey))
    shown.search.value = "thank*"
    wanted = [p["remark"].strip() for p in people() if "thank" in p["remark"].lower()]
    assert shown.table["Answer"].tolist() == wanted and wanted
    assert "<mark>thanks</mark>" in shown._shown.value.lower()
    shown.search.value = "zzzz"
    assert len(shown.table) == 0 and "0 of" in shown._said.value
    shown.search.value = "/(/"
    assert "is not a regular expression" in shown._said.value


def test_answers_are_words_and_not_markup(survey, monkeypatch):
    changed = survey.codes["residents"]
    changed.loc[changed.index[0], "remark"] = "<img src=x onerror=alert(1)> & more"
    shown = h.question(survey.with_responses({"residents": changed}), "remark")
    assert "<img" not in shown._shown.value and "&lt;img" in shown._shown.value


def test_more_are_shown_when_asked_for(survey):
    shown = h.question(survey, "remark")
    rows = shown._shown.value.count("<tr>") - 1
    assert rows == min(25, len(shown.table))
    shown._more.click()
    assert shown._shown.value.count("<tr>") - 1 == min(50, len(shown.table))


def test_private_answers_are_marked_and_left_out_of_executed_copies(private):
    shown = h.question(private, "remark")
    first = shown.table["Answer"][0]
    assert "unprotected: do not share" in shown._said.value and first in shown._shown.value
    still = still_form(shown)
    assert first not in still.html and first not in still.plain and "answers" in still.plain
    coded = h.quality.coding(private.derive(themes=r.codes("remark", {"a": "/[0-9]/"})), "themes")
    assert len(coded.uncoded)
    assert not any(text in coded._repr_html_() for text in coded.uncoded["remark"])


def test_coding_counts_themes_overlap_and_what_is_left(survey):
    frame = {"numbers": FRAME["numbers"], "thanks": FRAME["thanks"]}
    coded = survey.derive(themes=r.codes("remark", frame, labels={"thanks": "Thank you"}))
    found = h.quality.coding(coded, "themes")
    texts = [p["remark"].strip() for p in people()]
    words = [text.lower().replace(",", " ").split() for text in texts]
    has = {
        "numbers": [any(c.isdigit() for c in text) for text in texts],
        "thanks": ["nothing" in w or any(x.startswith("thank") for x in w) for w in words],
    }
    table = found.table.set_index("code")
    for code, ticks in has.items():
        assert table.loc[code, "answers"] == sum(ticks) > 0
        assert table.loc[code, "share"] == pytest.approx(sum(ticks) / len(texts))
    pairs = [*zip(*has.values(), strict=True)]
    assert found.overlap.loc["Numbers", "Thank you"] == sum(map(all, pairs))
    assert table["alone"].tolist() == [sum(p == one for p in pairs) for one in [(1, 0), (0, 1)]]
    left = [text for text, pair in zip(texts, pairs, strict=True) if not any(pair)]
    assert found.uncoded["remark"].tolist() == left and left and found.answers == len(texts)
    assert f"of {len(texts)} answers have a theme" in found._repr_html_()


def test_a_code_frame_goes_to_a_file_and_back(survey, tmp_path):
    coded = survey.derive(themes=r.codes("remark", FRAME, labels={"lanes": "Cycle lanes; wide"}))
    path = h.quality.coding(coded, "themes").save(tmp_path / "frame.csv")
    again = r.codes("remark", path)
    assert again == r.codes("remark", pd.read_csv(path))
    assert again["frame"] == FRAME and again.labels["lanes"] == "Cycle lanes; wide"
    assert survey.derive(themes=again).df("themes").equals(coded.df("themes"))
    with pytest.raises(InsightsError, match=r"written as \.csv"):
        h.quality.coding(coded, "themes").save(tmp_path / "frame.xlsx")


def test_a_faulty_code_frame_is_located(tmp_path):
    path = tmp_path / "frame.csv"
    path.write_text("code,words\na,fund*\na,cost\nb,\n")
    with pytest.raises(SurveyProblems, match="row 3") as found:
        r.codes("remark", path)
    assert "row 4" in str(found.value)
    with pytest.raises(InsightsError, match="no file"):
        r.codes("remark", tmp_path / "gone.csv")
    with pytest.raises(InsightsError, match="no column words"):
        r.codes("remark", pd.DataFrame({"code": ["a"]}))


@pytest.mark.parametrize(
    ("words", "parts"),
    [("a; b c", ["a", "b c"]), ("/x;y/; z", ["/x;y/", "z"]), ("a;;b;", ["a", "b"]), ("", [])],
)
def test_words_are_divided(words, parts):
    from helpers.codebook.recipes import divided

    assert divided(words) == parts


def test_what_codes_nothing_is_said(survey):
    coded = survey.derive(themes=r.codes("remark", FRAME), many=r.count("barriers"))
    with pytest.raises(InsightsError, match='Did you mean "themes"'):
        h.quality.coding(coded, "theme")
    with pytest.raises(InsightsError, match="codes no answers"):
        h.quality.coding(coded, "many")


@pytest.mark.slow
def test_answers_never_reach_a_release(private):
    book = private.folder / "codebook" / "survey.yml"  # with weights, attacks take seconds
    plain = book.read_text().replace("weight: wt, strata: district,", "")
    book.write_text(plain.replace("[interviewer]", "[interviewer, wt]"))
    private = h.load_survey(private.folder)
    coded = private.derive(themes=r.codes("remark", FRAME))
    from helpers.pages.publishing import prepare

    files = "".join(prepare(coded).files.values())
    texts = [p["remark"].strip() for p in people()]
    assert not any(text in files for text in texts if len(text) > 8)
