"""A report of very many questions draws those that tell most, and has the finding of the others."""

import random
import shutil

import pytest

import helpers as h
from helpers.cli import main
from helpers.pages.publishing import prepare, publish
from helpers.reports.outline import DRAWN
from helpers.reports.web import html
from helpers.responses.survey import load_survey

ASKED = [f"ask{n}" for n in range(45)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """400 people in two areas, who differ on the last of 45 questions and on their race only."""
    place, draw = tmp_path_factory.mktemp("long"), random.Random(5)
    rows = []
    for n in range(400):
        area = "ab"[n % 2]
        told = [draw.choice("123") for _ in ASKED[1:]]
        tail = draw.choice("11123" if area == "a" else "12333")
        race = draw.choice("1111123" if area == "a" else "1233333")
        rows.append([f"p{n}", area, race, draw.choice("123"), *told, tail])
    for part in ("codebook", "responses"):
        (place / part).mkdir()
    lines = [",".join(["ref", "area", "race", "zone", *ASKED]), *map(",".join, rows)]
    (place / "responses" / "people.csv").write_text("\n".join(lines))
    labels = {name: f"Do you agree with statement {name[3:]} of the council?" for name in ASKED}
    labels |= {"zone": "Time zone", "race": "What is your race?"}
    book = {
        "survey.yml": "title: Council\nprovenance: public\npopulations:\n"
        "  people: {label: People, label_one: person, id: ref}\ndimensions:\n"
        "  area: {label: Area, bands: {a: North, b: South}, source: {people: area}}\n"
        "trends:\n  t: {label: Results}\n",
        "questions.csv": "id,population,kind,label,option_set,trend\n"
        + "".join(f"{q},people,single,{label},{q},t\n" for q, label in labels.items()),
        "options.csv": "set,code,label,score\n"
        + "".join(f"{q},{c},Answer {c},\n" for q in labels for c in "123"),
    }
    for name, text in book.items():
        (place / "codebook" / name).write_text(text)
    survey = load_survey(place)
    publish(survey, prepare(survey), place / "release")
    return place


def test_what_differs_is_drawn_and_of_the_rest_the_finding_is_told(folder):
    outline = h.report(load_survey(folder)).outline
    drawn = [item.id for item in outline.items if item.spec]
    (chapter,) = outline.chapters
    assert len(drawn) == len(outline.items) == DRAWN and drawn[-1] == "ask44"
    told = [item.id for item in chapter.brief]
    assert told == [name for name in [*ASKED, "race"] if name not in drawn]
    page = html(outline)
    assert "In brief" in page and "Any of them can be reported by name" in page
    assert all(item.said.split("%")[0] in page for item in chapter.brief)


def test_a_report_of_a_release_has_what_that_of_its_responses_has(folder):
    responses, release = h.report(load_survey(folder)).outline, h.report(folder).outline
    assert [i.id for i in release.items] == [i.id for i in responses.items]
    assert [i.id for i in release.chapters[0].brief] == [i.id for i in responses.chapters[0].brief]
    assert {row[0] for row in release.findings.rows} == {row[0] for row in responses.findings.rows}
    assert "race" not in str(release.findings.rows), "who people are is no finding"
    assert "Time zone" in dict(release.about)["Not in this report"]
    assert "pages of the results" in html(release)


def test_what_release_yml_puts_on_a_page_is_drawn_all_of_it(folder, tmp_path):
    place = tmp_path / "named"
    shutil.copytree(folder, place, ignore=shutil.ignore_patterns("release*"))
    named = f"pages:\n  p: {{title: Statements, questions: [{', '.join(ASKED[:42])}]}}\n"
    (place / "codebook" / "release.yml").write_text(named)
    survey = load_survey(place)
    publish(survey, prepare(survey), place / "release")
    responses, release = h.report(survey).outline, h.report(place).outline
    for outline in (responses, release):
        assert [item.id for item in outline.items if item.spec] == ASKED[:42]
    assert [i.id for c in responses.chapters for i in c.brief] == [*ASKED[42:], "race"]
    assert not any(chapter.brief for chapter in release.chapters)
    assert "42 questions." in repr(h.report(place))


@pytest.mark.parametrize("source", ["release", "responses"])
def test_the_command_counts_the_questions_in_brief(folder, tmp_path, capsys, source):
    more = ["--responses"] * (source == "responses")
    assert main(["report", str(folder), "--to", str(tmp_path / "r.html"), *more]) == 0
    assert ", 46 questions, 22 of them in brief." in capsys.readouterr().out


@pytest.mark.parametrize("ending", ["docx", "pptx"])
def test_all_formats_tell_what_is_not_drawn(folder, ending, monkeypatch):
    outline = h.report(folder).outline
    if ending == "docx":
        from io import BytesIO

        import docx

        from helpers.reports import word

        monkeypatch.setattr(word, "pngs", lambda specs, progress: {})
        monkeypatch.setattr(word._WordDocument, "picture", lambda *given: None, raising=False)
        made = docx.Document(BytesIO(word.made(outline, None, lambda words: None)))
        text = "\n".join(paragraph.text for paragraph in made.paragraphs)
    else:
        from io import BytesIO

        import pptx

        from helpers.reports import slides

        made = pptx.Presentation(BytesIO(slides.made(outline, None, lambda words: None)))
        shapes = (shape for slide in made.slides for shape in slide.shapes)
        text = "\n".join(shape.text_frame.text for shape in shapes if shape.has_text_frame)
    assert "In brief" in text
    assert all(item.title.rstrip("?") in text for item in outline.chapters[0].brief)
