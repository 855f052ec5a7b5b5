"""Groups of fewer than ten answers have a mark in charts and their tables, and a note says so."""

from dataclasses import replace

import pandas as pd
import pytest

import helpers as h
from helpers.present import charts
from helpers.present.readable import MARK
from helpers.present.results import live

ROWS = [("north", 12), ("south", 9), ("west", 10)]


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    place = tmp_path_factory.mktemp("small")
    lines, n = ["ref,region,view,age"], 0
    for region, many in ROWS:
        for k in range(many):
            n += 1
            lines.append(f"{n},{region},{1 + k % 3},{20 + k}")
    book = {
        "survey.yml": "title: Views\nprovenance: public\npopulations:\n"
        "  people: {label: People, label_one: person, id: ref}\ndimensions:\n  region: "
        "{label: Region, bands: {north: North, south: South, west: West},"
        " source: {people: region}}\n",
        "questions.csv": "id,population,kind,label,option_set\n"
        "view,people,single,View,v\nage,people,number,Age,\n",
        "options.csv": "set,code,label,score\nv,1,Bad,1\nv,2,Fair,2\nv,3,Good,3\n",
    }
    for name, text in {
        **{f"codebook/{k}": v for k, v in book.items()},
        "responses/people.csv": "\n".join(lines),
    }.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(text)
    return h.load_survey(place)


NOTE = f"{MARK} Fewer than 10 answers, not reliable: South"


def notes_of(chart) -> str:
    return " ".join(note.text.replace("<br>", " ") for note in chart.layout.annotations)


def test_the_chart_of_shares_marks_nine_answers_and_not_ten(survey) -> None:
    found = h.share(survey, "view", by="region")
    chart = found.chart()
    assert [t.name for t in chart.data if t.mode == "markers"] == ["North", f"South {MARK}", "West"]
    assert NOTE in notes_of(chart) and any(note.startswith(NOTE) for note in found.notes)
    column = found.table().data["Region"]
    assert {*column} == {"North", f"South {MARK}", "West"}
    assert MARK not in found.sentence and {*found.df["region_label"]} == {"North", "South", "West"}
    few = [note for note in found.notes if note.startswith("Few answers")]
    assert few == ["Few answers, treat as indicative: 12 in “North” and 10 in “West”."], (
        "of the others"
    )


def test_means_and_figures_mark_them_too(survey) -> None:
    found = h.mean(survey, "age", by="region")
    chart = found.chart()
    assert {t.name for t in chart.data} == {"North", f"South {MARK}", "West"}
    assert NOTE in notes_of(chart) and NOTE in " ".join(found.notes)
    drawn = h.figures(survey, "view", by="region")["view"]
    assert f"South {MARK}" in {trace.name for trace in drawn.data} and NOTE in notes_of(drawn)


def test_what_is_of_everybody_or_of_a_release_has_no_mark(survey) -> None:
    shown = live(survey, "view", None, "region")
    assert shown.small == {"south": "South"}
    assert not live(survey, "view").small
    released = replace(shown, estimates=pd.DataFrame())
    assert MARK not in str(charts.specification(released))


def test_no_sentence_names_those_who_did_not_state_a_characteristic_as_an_end(tmp_path) -> None:
    """Everybody of no region says good and is 90; of both regions some do, and are 20 to 31."""
    lines, n = ["ref,region,sex,view,age"], 0
    for region in ("north", "south", "west", "not_answered"):
        for sex in "mf":
            for k in range(12):
                n += 1
                view = 3 if region == "not_answered" or k < 3 + 2 * (sex == "m") else 1
                age = 90 if region == "not_answered" else 20 + k
                lines.append(f"{n},{region},{sex},{view},{age}")
    book = {
        "survey.yml": "title: Views\nprovenance: public\npopulations:\n"
        "  people: {label: People, label_one: person, id: ref}\ndimensions:\n"
        "  region: {label: Region, bands: {north: North, south: South, west: West},"
        " source: {people: region}}\n"
        "  sex: {label: Sex, bands: {m: Male, f: Female}, source: {people: sex}}\n",
        "questions.csv": "id,population,kind,label,option_set\n"
        "view,people,single,View,v\nage,people,number,Age,\n",
        "options.csv": "set,code,label,score\nv,1,Bad,1\nv,2,Fair,2\nv,3,Good,3\n",
    }
    for name, text in book.items():
        (tmp_path / "codebook").mkdir(exist_ok=True)
        (tmp_path / "codebook" / name).write_text(text)
    (tmp_path / "responses").mkdir()
    (tmp_path / "responses" / "people.csv").write_text("\n".join(lines) + "\n")
    survey = h.load_survey(tmp_path)
    crossed = h.share(survey, "view", by=["sex", "region"])
    assert crossed.df["estimate"].max() == 1.0
    assert "Male × North 42%" in crossed.sentence and "Not stated" not in crossed.sentence
    ages = h.mean(survey, "age", by=["sex", "region"])
    assert ages.df["estimate"].max() == 90.0
    assert "90" not in ages.sentence and "Not stated" not in ages.sentence
