"""Reports: what they say, on every page, in each of four formats, and that programs open them."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import escape
from itertools import pairwise
from pathlib import Path

import docx
import pptx
import pypdf
import pytest
from docx.oxml.ns import qn
from long_survey import ODD, PLACES, survey_of
from lxml import etree
from playwright.sync_api import sync_playwright
from pptx.util import Cm, Emu

import helpers as h
import three_waves
from helpers.cli import main
from helpers.errors import InsightsError
from helpers.present.chromium import unchanging
from helpers.reports import native, pieces, rasters, web
from helpers.reports.document import Report
from helpers.reports.outline import Outline, OutlineItem, OutlinePart, OutlineTable, joined
from helpers.words import lowered, words_in
from places import ROOT

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
# What a series of a chart holds, in the order of the schema (ECMA-376, 21.2.2).
IN_SERIES = (
    *("idx", "order", "tx", "spPr", "invertIfNegative", "pictureOptions", "marker", "dPt"),
    *("dLbls", "trendline", "errBars", "cat", "val", "xVal", "yVal", "smooth", "shape", "extLst"),
)


def _chunk(kind: bytes, content: bytes) -> bytes:
    sum_ = zlib.crc32(kind + content).to_bytes(4, "big")
    return len(content).to_bytes(4, "big") + kind + content + sum_


PIXEL = b"\x89PNG\r\n\x1a\n" + b"".join(
    (
        _chunk(b"IHDR", bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0])),
        _chunk(b"IDAT", zlib.compress(b"\0\0\0\0")),
        _chunk(b"IEND", b""),
    )
)


@pytest.fixture(scope="module")
def survey():
    return h.load_survey()


@pytest.fixture(scope="module")
def released() -> Report:
    return h.report(ROOT / "data", trend="measurement")


@pytest.fixture(scope="module")
def strained(tmp_path_factory) -> Report:
    return h.report(survey_of(tmp_path_factory.mktemp("long")), trend="home")


@pytest.fixture
def undrawn(monkeypatch) -> None:
    """Pictures are a pixel: what is tested is not how they look."""

    def pngs(specs, progress, width=640):
        return {name: (PIXEL, 400) for name in specs}

    for module in ("word", "slides"):
        monkeypatch.setattr(f"helpers.reports.{module}.pngs", pngs)


_MADE: dict[tuple[int, str], tuple[Report, bytes]] = {}


def file(report: Report, form: str, template: Path | None = None) -> bytes:
    """A report as a file, made once where no template is asked for."""
    if template:
        return report.made(form, template)
    of, raw = _MADE.get((id(report), form), (None, b""))
    if of is not report:
        raw = report.made(form)
        _MADE[id(report), form] = (report, raw)
    return raw


def document(report: Report, template: Path | None = None):
    return docx.Document(io.BytesIO(file(report, "docx", template)))


def deck(report: Report, template: Path | None = None):
    return pptx.Presentation(io.BytesIO(file(report, "pptx", template)))


def texts(shapes) -> list[str]:
    return [shape.text_frame.text for shape in shapes if shape.has_text_frame]


# What it says


@pytest.mark.slow
def test_a_report_of_a_release_reads_the_release_and_nothing_else(tmp_path) -> None:
    shutil.copytree(ROOT / "data" / "release", tmp_path / "release")
    alone = h.report(tmp_path, trend="measurement").outline
    assert alone == h.report(ROOT / "data", trend="measurement").outline
    assert alone == h.report(tmp_path / "release", trend="measurement").outline
    assert words_in()("report.only_release") in dict(alone.about)["Protection"]


def test_every_number_of_a_report_of_a_release_is_in_its_views(released) -> None:
    page = json.loads((ROOT / "data" / "release" / "views" / "measurement.json").read_bytes())
    raw = json.dumps(page, ensure_ascii=False)
    outline = released.outline
    said = [item.said for item in outline.items] + [n["value"] for n in outline.numbers]
    assert all(json.dumps(words, ensure_ascii=False)[1:-1] in raw for words in said)
    for item in outline.items:
        known = {cell for q in page["questions"] if q["id"] == item.id for cell in _cells(q)}
        for row in item.table.rows:
            for cell in row[item.table.numbers :]:
                assert set(re.findall(r"\d+(?=%|–|\))|^\d+$", cell)) <= known, cell


def _cells(question) -> set[str]:
    rows = [row for view in question["views"].values() for row in view["rows"]]
    return {cell.rstrip("%") for row in rows for cell in row}


def test_its_parts_come_in_the_order_of_the_page(released, survey) -> None:
    outline = released.outline
    page = json.loads((ROOT / "data" / "release" / "views" / "measurement.json").read_bytes())
    assert [item.id for item in outline.items] == [q["id"] for q in page["questions"]]
    (chapter,) = outline.chapters
    assert [part.title for part in chapter.parts] == [s["label"] for s in page["sections"]]
    assert outline.title == "Measurement" and outline.lead == page["headline"]
    assert [n["value"] for n in outline.numbers][:2] == ["14%", "45%"]


def test_what_differs_is_clear_or_likely_and_nothing_assumed(released) -> None:
    table = released.outline.findings
    assert {row[4] for row in table.rows} <= {"clear", "likely"}
    assert len(table.rows) == 3  # of the six on the page, three are of assumed questions
    assert not any("Income" in row[0] or "Targets" in row[0] for row in table.rows)
    sizes = [abs(int(row[3].split()[0].replace("−", "-"))) for row in table.rows]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.slow
def test_the_same_is_said_of_responses_as_of_their_release(released, survey) -> None:
    outline = h.report(survey, trend="measurement").outline
    of_release = {item.id: item for item in released.outline.items}
    for item in outline.items:
        other = of_release[item.id]
        assert (item.title, item.said, item.wording) == (other.title, other.said, other.wording)
        assert item.table == other.table
    assert outline.numbers == released.outline.numbers
    assert [row[3:] for row in outline.findings.rows] == [
        row[3:] for row in released.outline.findings.rows
    ]


def test_a_report_of_some_questions_says_of_them_what_findings_say(tmp_path) -> None:
    """Words and ranges allow for the comparisons of all questions, however few are reported."""
    survey, words = survey_of(tmp_path), []
    outline = h.report(survey, ["score", "views"], progress=words.append).outline
    assert any("by age: 1 of" in said for said in words)
    assert "allow for 40 comparisons by age" in outline.findings_said
    assert "Compared are 2 questions of this report." in outline.findings_said
    found = h.findings(survey, ["score", "views"]).rows
    told = [row[1:] for row in outline.findings.rows]
    assert told == [tuple(map(str, row[1:])) for row in found.itertuples(index=False)][: len(told)]
    assert len(told) == 8


@pytest.mark.slow
def test_a_part_of_the_respondents_has_no_findings_of_everybody(survey) -> None:
    part = survey.where("turnover == 'over_100m'")
    outline = h.report(part, ["influence"]).outline
    said = "Only turnover: over_100m"
    assert outline.findings is None and dict(outline.about)["Filters"] == said
    assert outline.findings_said.startswith("Differences are judged among all respondents.")
    assert "Who answered" not in dict(outline.about)
    whole = h.report(survey, ["influence"]).outline
    assert dict(whole.about)["Who answered"].startswith("40 commissioners, 66 providers and 56")
    assert outline.mark == f"SIMULATED: do not use as evidence · {said}"
    assert outline.of_survey.endswith(f" · {said}")


@pytest.mark.slow
def test_every_page_says_of_whom_it_is(strained, undrawn, tmp_path) -> None:
    """A part that `where` chose is named on each page and slide, and where people print it."""
    report = h.report(survey_of(tmp_path).where("age == 'young'"), ["score", "rent"])
    said = "UNPROTECTED: do not share · Only Age: Under 40"
    assert said in document(report).sections[0].header.paragraphs[0].text
    assert all(said in texts(slide.shapes) for slide in deck(report).slides)
    page = report.made("html").decode()
    assert page.count(said) >= 2 and f'@top-left {{ content: "{said}"' in page


@pytest.mark.parametrize(
    ("provenance", "mark"),
    [("private", "UNPROTECTED: do not share"), ("public", "Openly published responses")],
)
def test_the_mark_follows_the_data(tmp_path, provenance: str, mark: str) -> None:
    outline = h.report(survey_of(tmp_path, provenance), ["score"]).outline
    assert outline.mark == mark and outline.careful == (provenance == "private")


def test_too_few_answers_are_said_and_not_drawn(strained) -> None:
    rare = next(item for item in strained.outline.items if item.id == "rare")
    assert "4" in rare.said and rare.spec is None and rare.table is None


def test_answers_stand_across_where_they_fit() -> None:
    heads = ("Item", "Answer", "When", "Share", "95% from", "95% to", "Answered")
    rows = [
        (item, "Used", when, f"{n}%", f"{n - 1}%", f"{n + 1}%", "31")
        for n, (item, when) in enumerate((i, w) for i in ("A", "B") for w in ("Then", "Now"))
    ]
    table = OutlineTable.of_shares(heads, rows, words_in())
    assert table.columns == ("Item", "Then", "Now", "Answered") and table.numbers == 1
    assert table.rows[1] == ("B", "2% (1–3)", "3% (2–4)", "31")
    uneven = [*rows[:3], (*rows[3][:6], "30")]  # bases differ within a row: one line each
    assert len(OutlineTable.of_shares(heads, uneven, words_in()).rows) == 4
    large = [(*row[:6], "1240") for row in rows]
    assert OutlineTable.of_shares(heads, large, words_in()).rows[0][-1] == "1,240"
    by_wave = [(*row[:6], {"Then": "20", "Now": "30"}[row[2]]) for row in rows]
    table = OutlineTable.of_shares(heads, by_wave, words_in())
    assert table.columns == ("Item", "Then", "Now")
    assert table.rows[-1] == ("Answered", "20", "30")


def test_a_report_opens_with_a_sentence_that_names_its_question(tmp_path) -> None:
    outline = h.report(survey_of(tmp_path), ["score", "friends"]).outline
    assert outline.lead.startswith("In “Score”, the mean is 4.8")
    assert not outline.items[0].said.startswith("In “")


def test_sentences_are_joined_with_one_mark_at_the_end_of_each() -> None:
    assert joined("Who won?", "Do you approve… ", "Base: 4.", "", "Weighted") == (
        "Who won? Do you approve… Base: 4. Weighted."
    )


def test_of_very_many_answers_by_size_the_largest_are_drawn() -> None:
    """Answers with an order of their own are all drawn, however many."""

    def item(many: int, sorted_: bool = True) -> OutlineItem:
        rows = [f"o{n}" for n in range(many)]
        axis = {"yaxis": {"categoryarray": rows}} if sorted_ else {"yaxis": {}}
        bar = {"type": "bar", "y": rows, "x": [90 - n for n in range(many)]}
        return OutlineItem("q", "Where", "", "", spec={"data": [bar], "layout": axis})

    say = words_in()
    few, many = pieces.shortened(item(24), say), pieces.shortened(item(40), say)
    assert len(pieces.rows_of(few.spec)) == 24 and not few.notes
    assert pieces.rows_of(many.spec) == [f"o{n}" for n in range(20)]
    assert many.notes == ("The 20 rarest answers are in the table only.",)
    assert pieces.shortened(item(40, sorted_=False), say) == item(40, sorted_=False)


def test_mistakes_say_what_is_meant(survey, released, tmp_path) -> None:
    with pytest.raises(InsightsError, match='no page "measurment".*measurement'):
        h.report(ROOT / "data", trend="measurment")
    with pytest.raises(InsightsError, match='no trend "measurment".*measurement'):
        h.report(survey, trend="measurment")
    with pytest.raises(InsightsError, match="There is no release in .*insights release"):
        h.report(tmp_path)
    with pytest.raises(InsightsError, match="not questions"):
        h.report(ROOT / "data", ["influence"])
    with pytest.raises(InsightsError, match=r'\.docx, \.pptx, \.pdf, \.html, not "\.rtf"'):
        released.save(tmp_path / "report.rtf")
    with pytest.raises(InsightsError, match="There is no folder"):
        released.save(tmp_path / "no" / "report.html")
    with pytest.raises(InsightsError, match="no template"):
        released.save(tmp_path / "report.docx", template=tmp_path / "house.docx")
    with pytest.raises(InsightsError, match=r"ends in \.pptx or \.potx"):
        released.save(tmp_path / "report.pptx", template=tmp_path / "house.docx")
    with pytest.raises(InsightsError, match="not for .html"):
        released.save(tmp_path / "report.html", template=tmp_path / "house.docx")
    (tmp_path / "house.docx").write_bytes(b"no document")
    with pytest.raises(InsightsError, match="cannot be read"):
        released.save(tmp_path / "report.docx", template=tmp_path / "house.docx")
    assert [path.name for path in tmp_path.iterdir()] == ["house.docx"]


def test_a_damaged_release_is_not_reported(tmp_path) -> None:
    shutil.copytree(ROOT / "data" / "release", tmp_path / "release")
    page = tmp_path / "release" / "views" / "measurement.json"
    page.write_bytes(page.read_bytes().replace(b"14%", b"15%"))
    with pytest.raises(InsightsError, match="has changed since it was made"):
        h.report(tmp_path)


@pytest.mark.slow
def test_a_question_on_two_pages_is_drawn_once(survey) -> None:
    for outline in (h.report(ROOT / "data").outline, h.report(survey).outline):
        twice = [item for item in outline.items if item.id == "skills_in_place"]
        assert len(twice) == 2 and twice[0].said == twice[1].said
        assert twice[0].spec and twice[0].table and not (twice[1].spec or twice[1].table)
        assert outline.of_survey in ("", outline.survey)


@pytest.fixture(scope="module")
def waves(tmp_path_factory) -> Path:
    """Four waves with weights, released."""
    folder = three_waves.survey_of(
        tmp_path_factory.mktemp("waves"),
        three_waves.FOUR,
        weighted=True,
        recommend=True,
    )
    asked = folder / "codebook" / "questions.csv"
    heads, *lines = asked.read_text().splitlines()
    rows = [f"{line},{'high' * line.startswith('views')}" for line in lines]
    asked.write_text("\n".join([f"{heads},favourable", *rows, ""]))
    with open(folder / "codebook" / "survey.yml", "a") as file:
        file.write("index:\n  service: {label: Service, items: [views]}\n")
    h.load_survey(folder).release(private=True)
    return folder


@pytest.mark.slow
def test_waves_follow_each_question_that_was_asked_in_several(waves) -> None:
    released, own = h.report(waves).outline, h.report(h.load_survey(waves)).outline
    for outline in (released, own):
        ids = [item.id for item in outline.items]
        for name in ("visits", "uses", "views", "nps"):
            assert ids.index(f"{name}.waves") == ids.index(name) + 1
        assert not {"first.waves", "last.waves"} & {*ids}
        visits = next(item for item in outline.items if item.id == "visits.waves")
        assert {trace["meta"] for trace in visits.spec["data"]} == {"trend"}
        assert visits.title == "How often, by wave" and "between waves" in visits.said
        assert visits.table.columns == ("Answer", "2015", "2018", "2021", "2024")
        assert visits.table.rows[-1][1:] == ("50", "60", "70", "80")
    of_release = {item.id: item for item in released.items}
    visits = next(item for item in own.items if item.id == "visits.waves")
    change = h.trend(h.load_survey(waves), "visits")
    assert visits.notes[0] == f"Change over waves: {lowered(change.sentence)}"
    tested = of_release["visits.waves"].notes[0]
    assert re.fullmatch(
        r"Change over waves: above all “Weekly”, from 2018 to 2024: −\d+ \(−\d+ to −\d+\) points, "
        r"(clear|likely)",
        tested,
    )
    assert "none of 7 comparisons of waves is clear" in of_release["uses.waves"].notes[0]
    for outline in (released, own):
        assert all("Weighted" in item.notes for item in outline.items if item.table)
    assert any("design effect is" in line for line in own.method)
    spend = next(item for item in own.items if item.id == "spend.waves")
    assert [row[0] for row in spend.table.rows] == ["2015", "2018", "2021", "2024"]
    assert len(spend.spec["data"][0]["x"]) == 4 and "p = " not in spend.said
    for item in own.items:
        if item.id in of_release and item.id.endswith(".waves"):
            assert (item.said, item.title) == (of_release[item.id].said, of_release[item.id].title)


@pytest.mark.slow
def test_items_are_listed_by_how_favourable_their_answers_are(waves) -> None:
    page = json.loads((waves / "release" / "views" / "favourable.json").read_bytes())
    chapter = h.report(waves).outline.chapters[0]
    assert chapter.title == page["title"] == "Favourable answers"
    (_, _, table), *_ = chapter.tables
    assert [row[0] for row in table.rows] == [i["label"] for i in page["favourable"]["items"]]
    shares = [int(row[1].rstrip("%")) for row in table.rows]
    assert len(shares) == 2 and shares == sorted(shares)
    assert "favourable" not in {item.id for item in h.report(waves, trend="all").outline.items}


def test_lines_through_time_hold_their_ranges(waves, undrawn) -> None:
    report = h.report(waves)
    seen = 0
    for slide in deck(report).slides:
        for shape in slide.shapes:
            if shape.has_chart and "LINE" in str(shape.chart.chart_type):
                axis, seen = shape.chart.value_axis, seen + 1
                for series in shape.chart._chartSpace.iter(f"{C}ser"):
                    shares = [float(v.text) for v in series.findall(f"{C}val//{C}v")]
                    ends = [
                        [float(v.text) for v in series.findall(f".//{C}{way}//{C}v")]
                        for way in ("plus", "minus")
                    ]
                    assert len(ends[0]) == len(ends[1]) == 4
                    if len(shares) == 4:
                        highest = max(map(sum, zip(shares, ends[0], strict=True)))
                        assert highest <= axis.maximum_scale + 1e-6
                    assert min(shares) >= axis.minimum_scale
    assert seen == 4


# Word


@pytest.mark.slow
def test_a_document_has_headings_tables_and_words_for_pictures(released, undrawn) -> None:
    made, outline = document(released), released.outline
    styled = [(p.style.name, p.text) for p in made.paragraphs if p.text]
    assert ("Title", "Measurement") in styled
    headings = [text for name, text in styled if name.startswith("Heading")]
    assert [t for t in headings if t in {i.title for i in outline.items}] == [
        item.title for item in outline.items
    ]
    levels = [int(name[-1]) for name, _ in styled if name.startswith("Heading")]
    assert levels[0] == 1 and all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))
    assert len(made.tables) == 3 + sum(1 for item in outline.items if item.table)
    for table in made.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    pictures = made.element.findall(f".//{qn('wp:docPr')}")
    assert len(pictures) == sum(1 for item in outline.items if item.spec)
    for picture, item in zip(pictures, (i for i in outline.items if i.spec), strict=True):
        assert item.title in picture.get("descr") and item.said in picture.get("descr")


@pytest.mark.slow
def test_no_empty_line_of_a_document_is_a_page_of_its_own(released, strained, undrawn) -> None:
    """A table that fills a page put the empty line below it on the next, before a new page."""
    begun = 0
    for report in (released, strained):
        lines = [*document(report).element.body]
        for above, line in pairwise(lines):
            if line.find(f"{qn('w:pPr')}/{qn('w:pageBreakBefore')}") is not None:
                begun += above.tag == qn("w:tbl")
                assert above.tag == qn("w:tbl") or "".join(above.itertext())
            assert not (above.tag == line.tag == qn("w:tbl"))  # two in a row would be one
    assert begun


def test_the_caption_of_a_figure_names_question_base_and_weights(strained, undrawn) -> None:
    named = [p for p in document(strained).paragraphs if p.style.name == "Caption"]
    captions = ["".join(t.text for t in p._p.iter(qn("w:t"))) for p in named]
    drawn = [item for item in strained.outline.items if item.spec]
    page = strained.made("html").decode()
    for n, item in enumerate(drawn, 1):
        said = f"Figure {n}. {item.title}. Base: 240 tenants who answered. Weighted."
        assert captions[n - 1].startswith(said)
        assert f"<b>Figure {n}. {escape(item.title)}.</b> Base: 240 tenants" in page
    tables = [text for text in captions if text.startswith("Table ")]
    assert len(tables) == sum(1 for item in strained.outline.items if item.table)


def test_names_of_questions_begin_with_a_capital(tmp_path) -> None:
    survey = survey_of(tmp_path)
    questions = tmp_path / "codebook" / "questions.csv"
    questions.write_text(
        questions.read_text().replace("Score", "score_1").replace(",Rent", ",iRent")
    )
    survey = h.load_survey(tmp_path)
    outline = h.report(survey, ["score", "rent"]).outline
    assert [item.title for item in outline.items] == ["Score_1", "iRent"]
    tables = h.topline(survey, ["score", "rent"]).tables
    assert [one.title for one in tables] == ["Score_1", "iRent"]
    assert h.mean(survey, "score").sentence.startswith("Mean of “score_1”")


def test_a_document_is_one_that_word_takes(strained, undrawn) -> None:
    raw = file(strained, "docx")
    made = docx.Document(io.BytesIO(raw))
    body = made.element.body
    for cell in body.iter(qn("w:tc")):
        assert cell[-1].tag == qn("w:p")
    for name in ("wp:docPr", "w:bookmarkStart"):
        ids = [each.get("id") or each.get(qn("w:id")) for each in body.iter(qn(name))]
        assert len(ids) == len(set(ids))
    (section,) = made.sections
    inside = section.page_width - section.left_margin - section.right_margin
    for table in made.tables:
        assert sum(column.width for column in table.columns) <= inside + Cm(0.1)
        for row in table.rows:
            assert len(row.cells) == len(table.columns)
    order = ("tblStyle", "tblW", "jc", "tblBorders", "tblLayout", "tblLook")
    for settings in body.iter(qn("w:tblPr")):
        names = [etree.QName(child).localname for child in settings]
        assert names == sorted(names, key=order.index)
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        assert package.testzip() is None
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(package.read(name))
    assert ODD in [p.text for p in made.paragraphs]


@pytest.mark.slow
def test_every_page_of_a_document_says_what_the_data_are(strained, undrawn, tmp_path) -> None:
    house = docx.Document()
    section = house.sections[0]
    section.different_first_page_header_footer = True
    house.settings.odd_and_even_pages_header_footer = True
    section.header.paragraphs[0].text = "The House"
    section.footer.paragraphs[0].text = "Registered in England"
    house.save(tmp_path / "house.docx")
    for template in (None, tmp_path / "house.docx"):
        made = document(strained, template).sections[0]
        heads = [made.header]
        if template:
            heads += [made.first_page_header, made.even_page_header]
            assert "The House" in [p.text for p in made.header.paragraphs]
            assert [p.text for p in made.footer.paragraphs] == ["Registered in England"]
        for head in heads:
            assert head.paragraphs[0].text.startswith("UNPROTECTED: do not share")


@pytest.mark.slow
def test_a_document_has_title_language_and_no_time_of_its_own(released, undrawn) -> None:
    raw = file(released, "docx")
    made = docx.Document(io.BytesIO(raw))
    about = made.core_properties
    assert (about.title, about.language) == ("Measurement", "en-GB")
    lang = made.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    assert lang.get(qn("w:val")) == "en-GB"
    assert raw == released.made("docx")


@pytest.mark.slow
def test_a_template_of_word_keeps_its_styles_and_page(released, undrawn, tmp_path) -> None:
    house = docx.Document()
    house.styles["Heading 1"].font.name = "Georgia"
    house.sections[0].page_width, house.sections[0].left_margin = Cm(14.8), Cm(1)
    house.add_paragraph("Words of an earlier report")
    for name in ("Caption", "List Bullet"):  # a template may lack them
        house.styles[name].element.getparent().remove(house.styles[name].element)
    house.save(tmp_path / "house.docx")
    with zipfile.ZipFile(tmp_path / "house.docx") as package:
        files = {name: package.read(name) for name in package.namelist()}
    types = "[Content_Types].xml"
    files[types] = files[types].replace(b"document.main+xml", b"template.main+xml")
    with zipfile.ZipFile(tmp_path / "house.dotx", "w") as package:
        for name, content in files.items():
            package.writestr(name, content)
    for name in ("house.docx", "house.dotx"):
        made = document(released, tmp_path / name)
        assert made.styles["Heading 1"].font.name == "Georgia"
        assert made.sections[0].page_width.cm == pytest.approx(14.8, abs=0.01)
        assert "Words of an earlier report" not in [p.text for p in made.paragraphs]
        section = made.sections[0]
        inside = section.page_width - section.left_margin - section.right_margin
        assert all(shape.width <= inside for shape in made.inline_shapes)
        assert {"Caption", "List Bullet"} <= {p.style.name for p in made.paragraphs}
        listed = [p.text for p in made.paragraphs if p.style.name == "List Bullet"]
        assert listed and all(text.startswith("• ") for text in listed)


def test_a_long_chart_comes_in_pieces_with_all_of_its_rows(strained) -> None:
    place = next(item for item in strained.outline.items if item.id == "place")
    rows = pieces.rows_of(place.spec)
    assert len(rows) == PLACES - 3 and len(place.table.rows) == PLACES
    assert all(place.spec["data"][0]["x"]), "answers that nobody gave are in the table only"
    assert "3 answers that nobody gave are not drawn." in place.notes
    for parts in (pieces.by_rows(place.spec, 12), pieces.by_height(place.spec, 760)):
        assert len(parts) > 1
        assert [row for part in parts for row in pieces.rows_of(part)] == rows
        bars = [part["data"][0] for part in parts]
        assert [x for bar in bars for x in bar["x"]] == place.spec["data"][0]["x"]
        for bar in bars:
            assert len(bar["error_x"]["array"]) == len(bar["x"]) == len(bar["y"])
    for part in pieces.by_height(place.spec, 760):
        from helpers.present import pictures

        assert pictures.drawn(part, pictures.WIDTH).height <= 760


# PowerPoint


@pytest.mark.slow
def test_slides_say_a_finding_each_with_a_chart_that_can_be_edited(released, undrawn) -> None:
    made, outline = deck(released), released.outline
    assert made.slide_width / made.slide_height == pytest.approx(16 / 9, abs=0.01)
    titles = [slide.shapes.title.text_frame.text for slide in made.slides]
    assert titles[0] == "Measurement" and "In numbers" in titles
    for item in outline.items:
        slide = made.slides[titles.index(item.said)]
        (frame,) = (shape for shape in slide.shapes if shape.has_chart)
        assert item.said in frame._element.nvGraphicFramePr.cNvPr.get("descr")
        spec, plot = item.spec, frame.chart.plots[0]
        drawn = [t for t in spec["data"] if t.get("type") == "bar" or t.get("mode") == "markers"]
        shown = [[*series.values] for series in plot.series][: len(drawn)]
        if native.form(spec) != "dots":
            for values, trace in zip(shown, drawn, strict=True):
                assert sorted(values) == pytest.approx(
                    sorted(x / 100 for x in trace["x"]), abs=1e-6
                )
        book = frame.chart.part.chart_workbook.xlsx_part.blob
        assert zipfile.ZipFile(io.BytesIO(book)).testzip() is None
        if item.printed:
            assert item.printed[0] in slide.notes_slide.notes_text_frame.text


@pytest.mark.slow
def test_below_the_finding_stands_which_question_it_is_of(strained, undrawn) -> None:
    """The name of each question, its wording where that says more, and nothing twice."""
    slides = [
        [s.text_frame.text for s in slide.shapes if s.has_text_frame]
        for slide in deck(strained).slides
    ]
    for item in strained.outline.items:
        said = [t for t in slides if t[0].startswith(item.said.rstrip("."))]
        assert said and all(item.title in t[1:] for t in said), item.id
        assert not item.wording or all(item.wording in t for t in said)
    cut = OutlineItem("q", "Do you approve… the mayor", "Do you approve of the mayor?", "")
    assert cut.asked == cut.heading == ("Do you approve of the mayor?", "")
    long = replace(cut, wording=f"Do you approve of {'or ' * 60}the mayor?")
    assert long.heading == (long.title, long.wording)
    assert replace(cut, title="Approval").asked == ("Approval", "Do you approve of the mayor?")
    assert replace(cut, title="Do you approve of the mayor").asked[1] == ""


def test_the_question_is_never_in_larger_type_than_its_finding(strained, undrawn) -> None:
    seen = set()
    for slide in deck(strained).slides:
        title, *below = (shape for shape in slide.shapes if shape.has_text_frame)
        names = {item.title for item in strained.outline.items}
        for shape in (s for s in below if s.text_frame.text in names):
            sizes = [s.text_frame.paragraphs[0].runs[0].font.size.pt for s in (title, shape)]
            assert sizes[0] >= sizes[1]
            seen.add(sizes[0])
    assert min(seen) < 18 < max(seen)


def test_a_very_long_wording_leaves_room_for_the_chart(strained, undrawn) -> None:
    """Three lines of it are on the slide; the speaker's notes have it whole."""
    (chapter,) = strained.outline.chapters
    wording = "I have read what this survey is for and agree to take part. " * 40
    asked = next(replace(i, wording=wording) for i in chapter.items if i.id == "reasons")
    short = replace(asked, title="I have read… and agree", id="short")
    home = replace(chapter, parts=(OutlinePart("", (asked, short)),))
    made = deck(Report(replace(strained.outline, chapters=(home,))))
    charts = [s for s in made.slides if any(shape.has_chart for shape in s.shapes)]
    assert len(charts) > 2
    for slide in charts:
        (chart,) = (shape for shape in slide.shapes if shape.has_chart)
        assert chart.height > made.slide_height * 0.35
        cut = [text for text in texts(slide.shapes) if text.startswith("I have read what")]
        assert len(cut) == 1 and cut[0].endswith("…") and len(cut[0]) < 600
        assert wording in slide.notes_slide.notes_text_frame.text


def test_long_names_of_rows_leave_room_for_bars(strained, undrawn) -> None:
    """Charts with names longer than a third of the slide say where their bars begin."""
    seen = 0
    for slide in deck(strained).slides:
        for shape in slide.shapes:
            if shape.has_chart and "BAR" in str(shape.chart.chart_type):
                axis = shape.chart.category_axis
                names = max(len(str(name)) for name in shape.chart.plots[0].categories)
                inner = shape.chart._chartSpace.find(f".//{C}plotArea/{C}layout//{C}x")
                assert (inner is not None) == (names > 60), names
                if inner is not None:
                    seen += 1
                    assert float(inner.get("val")) < 0.4
                    assert axis._element.find(f"{C}tickLblSkip").get("val") == "1"
                    assert axis.tick_labels.font.size.pt >= 8
    assert seen > 3


@pytest.mark.slow
def test_a_chapter_lists_its_questions_where_they_fit(strained, undrawn) -> None:
    (home,) = strained.outline.chapters
    rest = replace(home, title="Rest")
    many = replace(home, parts=(OutlinePart("", home.items * 5),))
    for first, said in ((home, "– Where"), (many, "35 questions")):
        made = deck(Report(replace(strained.outline, title="All", chapters=(first, rest))))
        opening = next(s for s in made.slides if s.shapes.title.text_frame.text == "Home")
        assert any(text.startswith(said) for text in texts(opening.shapes)[1:])


@pytest.mark.slow
def test_lines_of_a_slide_go_on_where_it_is_full(strained, undrawn) -> None:
    full = replace(strained.outline, method=tuple(f"{n}: {'word ' * 30}" for n in range(40)))
    found = [s for s in deck(Report(full)).slides if s.shapes.title.text_frame.text[:6] == "Method"]
    assert len(found) > 2 and found[1].shapes.title.text_frame.text == f"Method (2 of {len(found)})"
    texts_of = [
        line for s in found for t in texts(s.shapes)[1:] for line in t.split("\n") if ":" in line
    ]
    assert [t.split(":")[0] for t in texts_of if t[0].isdigit()] == [str(n) for n in range(40)]


def test_dots_are_points_at_their_shares_on_the_line_of_their_row(released, undrawn) -> None:
    item = next(i for i in released.outline.items if i.id == "contract_types_used")
    slide = next(s for s in deck(released).slides if s.shapes.title.text_frame.text == item.said)
    (frame,) = (shape for shape in slide.shapes if shape.has_chart)
    series = frame.chart._chartSpace.findall(f".//{C}ser")
    dots = [t for t in item.spec["data"] if t.get("mode") == "markers"]
    rows = pieces.rows_of(item.spec)
    for one, trace in zip(series, dots, strict=False):
        xs, ys = (
            [float(v.text) for v in one.findall(f"{C}{axis}//{C}v")] for axis in ("xVal", "yVal")
        )
        assert xs == pytest.approx([x / 100 for x in trace["x"]], abs=1e-6)
        assert ys == [len(rows) - rows.index(y) - 0.5 for y in trace["y"]]
    names = {s.text_frame.text: s for s in slide.shapes if s.has_text_frame}
    places = [names[native.plain(row)] for row in rows]  # beside the line of each
    for n, name in enumerate(places):
        at = 0.03 + 0.87 * (n + 0.5) / len(rows)
        middle = name.top + name.height / 2 - frame.top
        assert middle / frame.height == pytest.approx(at, abs=0.01)
        assert name.left + name.width < frame.left + frame.width * native.NAMES
    assert all(a.top + a.height <= b.top + 9 for a, b in pairwise(places)), "none hides another"


def test_charts_of_powerpoint_keep_the_order_of_their_schema(strained, released, undrawn) -> None:
    seen = set()
    for report in (strained, released):
        for slide in deck(report).slides:
            for shape in slide.shapes:
                if shape.has_chart:
                    for series in shape.chart._chartSpace.iter(f"{C}ser"):
                        names = [etree.QName(child).localname for child in series]
                        assert names == sorted(names, key=IN_SERIES.index)
                    seen.add(str(shape.chart.chart_type))
    assert {name.split(" ")[0] for name in seen} == {
        "BAR_STACKED",
        "COLUMN_CLUSTERED",
        "XY_SCATTER",
    }


def test_lines_through_time_are_lines_in_powerpoint() -> None:
    waves = ["2018", "2020", "2022", "2024"]
    trace = {
        "type": "scatter",
        "meta": "trend",
        "legendgroup": "shares",
        "name": "Daily",
        "x": waves,
        "y": [10, 20, None, 40],
        "text": ["10%", "20%", "", "40%"],
        "error_y": {"array": [1, 2, None, 4], "arrayminus": [1, 2, None, 4]}
        | {"color": "rgba(47, 127, 184, 0.28)", "thickness": 14},
    }
    made = pptx.Presentation()
    slide = made.slides.add_slide(made.slide_layouts[6])
    spec = {"data": [trace], "layout": {"xaxis": {}}}
    drawn = native.add(slide, spec, native.Box(0, 0, Cm(20), Cm(10)), "Daily use")
    (series,) = drawn.frame.chart.plots[0].series
    assert [*series.values] == [0.1, 0.2, None, 0.4]
    assert native.form({"data": [trace] * 7, "layout": {}}) == ""  # too many for one drawing
    assert native.form({"data": [trace | {"legendgroup": "means"}], "layout": {}}) == ""


def numbers_survey(folder: Path) -> Path:
    """Twelve people, three numbers, and no characteristic to compare by."""
    (folder / "codebook").mkdir(parents=True)
    (folder / "responses").mkdir()
    rows = [f"{n},{n % 5},{10 * n % 7},{n % 3},{1 + n % 2}" for n in range(1, 13)]
    (folder / "responses" / "people.csv").write_text("ref,trips,cost,pets,asks\n" + "\n".join(rows))
    book = {
        "survey.yml": "title: Numbers\nprovenance: public\npopulations:\n"
        "  people: {label: People, label_one: person, id: ref}\n",
        "questions.csv": "id,population,kind,label,option_set\ntrips,people,number,Trips,\n"
        "cost,people,number,Cost,\npets,people,number,Pets,\nasks,people,single,Asks,yn\n",
        "options.csv": "set,code,label,score\nyn,1,Yes,\nyn,2,No,\n",
    }
    for name, text in book.items():
        (folder / "codebook" / name).write_text(text)
    return folder


def test_a_long_table_of_differences_leaves_no_empty_page(released) -> None:
    """With five rows at most what opens a report fits on a page of its own."""
    row = ("Question", "Answer", "By size: A 1% of 2, B 3% of 4", "+2 (+1 to +3)", "clear")
    for rows, alone in ((5, True), (8, False)):
        findings = OutlineTable(("a", "b", "c", "d", "e"), (row,) * rows)
        page = web.html(replace(released.outline, findings=findings))
        before = page.partition("</table>")[2].partition("<section>")[0]
        assert ('class="fresh"' in before) is alone


def test_a_report_opens_with_the_question_of_its_first_number(tmp_path) -> None:
    outline = h.report(h.load_survey(numbers_survey(tmp_path / "n"))).outline
    [number] = outline.numbers
    assert number["question"] == "asks" and "Asks" in outline.lead


@pytest.mark.parametrize("by", ["asks", "group"])
def test_what_weights_were_made_to_meet_opens_no_report(tmp_path, by: str) -> None:
    folder = numbers_survey(tmp_path / "n")
    book, questions = (folder / "codebook" / name for name in ("survey.yml", "questions.csv"))
    source = "dimensions: {group: {label: Group, bands: {1: A, 2: B}, source: {people: asks}}}\n"
    book.write_text(book.read_text() + source * (by == "group"))
    kinds = "pets,people,number,Pets,\n", "pets,people,single,Pets,pets\n"
    questions.write_text(questions.read_text().replace(*kinds))
    with (folder / "codebook" / "options.csv").open("a") as options:
        options.write("pets,0,None,\npets,1,One,\npets,2,Two,\n")
    survey = h.load_survey(folder)
    asked = ["asks", "pets"]
    before = h.report(survey, asked).outline
    assert "asks" in {n["question"] for n in before.numbers}
    assert ("Asks" if by == "asks" else "Pets") in before.lead  # characteristics come last
    raked = survey.rake({by: {"1": 0.3, "2": 0.7}})
    after = h.report(raked, asked).outline
    assert {n["question"] for n in after.numbers} == {"pets"} and "Pets" in after.lead
    alone = h.report(raked, ["asks"]).outline
    assert not alone.numbers and not alone.lead and alone.items[0].id == "asks"


def test_means_that_follow_one_another_are_one_table_of_a_slide(tmp_path, undrawn) -> None:
    report = h.report(h.load_survey(numbers_survey(tmp_path / "n")))
    slides = deck(report).slides
    tables = [s.table for slide in slides for s in slide.shapes if s.has_table]
    first = [[row.cells[0].text for row in table.rows] for table in tables]
    assert ["Question", "Trips", "Cost", "Pets"] in first
    titles = [slide.shapes.title.text_frame.text for slide in slides if slide.shapes.title]
    assert titles.count("Means") == 1 and not any(t.startswith("Mean of") for t in titles)


def test_findings_without_a_chart_that_follow_one_another_are_one_slide(tmp_path, undrawn) -> None:
    """Questions that an earlier chapter has shown would be slides of a title each."""
    outline = h.report(h.load_survey(numbers_survey(tmp_path / "n"))).outline
    [chapter, *_] = outline.chapters
    bare = [OutlineItem(name, name.title(), name, f"{name} is said.") for name in ("one", "two")]
    again = replace(chapter, title="Again", parts=(OutlinePart("", tuple(bare)),))
    slides = deck(Report(replace(outline, chapters=(chapter, again)))).slides
    told = [" ".join(texts(slide.shapes)) for slide in slides]
    [one] = [words for words in told if "one is said." in words]
    assert "– One: one is said." in one and "– Two: two is said." in one


def test_where_nothing_can_be_compared_no_page_says_so(tmp_path) -> None:
    outline = h.report(h.load_survey(numbers_survey(tmp_path / "n"))).outline
    assert outline.findings is None and outline.findings_said == ""


def test_the_key_of_a_chart_has_the_lines_that_it_needs(strained, undrawn) -> None:
    """Thirteen names, in letters twice as wide, took three lines over the question."""
    from helpers.reports.slides import _Deck

    made = _Deck(pptx.Presentation(), strained.outline, {}, {})
    trace = {"type": "bar", "showlegend": True}

    def high(name: str, many: int) -> int:
        spec = {
            "data": [trace | {"name": name} for _ in range(many)],
            "layout": {"showlegend": True},
        }
        return made.key_height(spec)

    assert (
        high("Agree", 3)
        == Cm(0.95)
        < high("Agree a little", 13)
        < high("조금 동의합니다 정말로", 13)
    )


def test_every_slide_says_what_the_data_are_and_nothing_leaves_it(strained, undrawn) -> None:
    made = deck(strained)
    wide, high = made.slide_width, made.slide_height
    for slide in made.slides:
        assert "UNPROTECTED: do not share" in texts(slide.shapes)
        assert slide.shapes.title.text_frame.text
        ids = [shape.shape_id for shape in slide.shapes]
        assert len(ids) == len(set(ids))
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.top >= 0
            assert shape.left + shape.width <= wide and shape.top + shape.height <= high
            if shape.has_table:
                assert shape.table.first_row
                assert shape.top + sum(row.height for row in shape.table.rows) <= high
        boxes = [s for s in slide.shapes if s.has_chart or s.has_table]
        marks = [s for s in slide.shapes if s.name == "Kind of data"]
        for box in boxes:
            assert box.top + box.height <= marks[0].top + marks[0].height


@pytest.mark.slow
def test_a_template_of_powerpoint_keeps_its_layouts_and_size(released, undrawn, tmp_path) -> None:
    house = pptx.Presentation()  # 4:3
    house.slides.add_slide(house.slide_layouts[1]).shapes.title.text = "An earlier slide"
    house.slide_layouts[5].placeholders[0].left = Emu(914400)
    house.save(tmp_path / "house.pptx")
    made = deck(released, tmp_path / "house.pptx")
    assert (made.slide_width, made.slide_height) == (house.slide_width, house.slide_height)
    titles = [slide.shapes.title.text_frame.text for slide in made.slides]
    assert "An earlier slide" not in titles
    assert made.slides[0].slide_layout.name == "Title Slide"
    assert {slide.slide_layout.name for slide in made.slides} == {"Title Slide", "Title Only"}
    charts = [shape for slide in made.slides for shape in slide.shapes if shape.has_chart]
    assert charts and all(shape.left == 914400 for shape in charts)


@pytest.mark.slow
def test_a_template_without_titles_has_them_all_the_same(released, undrawn, tmp_path) -> None:
    house = pptx.Presentation()
    layouts = house.slide_layouts
    for layout in [*layouts]:
        if layout.name != "Blank":
            layouts.remove(layout)
    house.save(tmp_path / "house.pptx")
    made = deck(released, tmp_path / "house.pptx")
    assert "Measurement" in texts(made.slides[0].shapes)
    item = released.outline.items[0]
    assert any(item.said in texts(slide.shapes) for slide in made.slides)


@pytest.mark.slow
def test_slides_are_the_same_bytes_again(released, undrawn) -> None:
    assert file(released, "pptx") == released.made("pptx")


# HTML and PDF


def test_a_page_of_html_needs_nothing_else_and_holds_no_markup_of_labels(strained) -> None:
    page = strained.made("html").decode()
    assert page == strained.made("html").decode()
    assert not re.search(r"<script|<link|(src|href)=\"(?!data:|#)|@import|url\(", page)
    assert "<b>&quot;" not in page and "&lt;b&gt;" in page
    assert page.count("UNPROTECTED: do not share") >= 2  # on the screen, and on every sheet
    levels = [int(n) for n in re.findall(r"<h(\d)[ >]", page)]
    assert levels[0] == 1 and all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))
    assert len(re.findall(r'<img alt="Chart: [^"]', page)) == page.count("<img ")


def test_words_of_the_owner_cannot_leave_the_style_of_a_page(released) -> None:
    outline = replace(released.outline, title='a"; } </style><script>alert(1)</script> \\')
    page = Report(outline).made("html").decode()
    assert "<script" not in page and page.count("</style>") == 1


@pytest.mark.slow
def test_a_page_of_html_is_no_wider_than_a_phone(waves, chromium_executable) -> None:
    """Wide tables scroll by themselves, words that are too long are broken."""
    page = web.html(replace(h.report(h.load_survey(waves)).outline, lead="x" * 200))
    widest = "Math.max(...[...document.querySelectorAll('table')].map(t => t.scrollWidth))"

    def widths() -> tuple[int, int]:
        with sync_playwright() as playwright:
            path = str(chromium_executable)
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            tab = browser.new_page(viewport={"width": 390, "height": 844})
            tab.set_content(page)
            found = tab.evaluate("document.documentElement.scrollWidth"), tab.evaluate(widest)
            browser.close()
            return found

    with ThreadPoolExecutor(1) as alone:  # other tests of the worker have a loop of their own
        whole, table = alone.submit(widths).result()
    assert whole <= 390 < table


def test_labels_of_charts_have_less_room_on_a_screen_than_on_paper(released) -> None:
    """A phone shows the same picture: there a long label must not reach its numbers."""

    def heights(page: str) -> list[int]:
        return [int(high) for high in re.findall(r'<img [^>]*height="(\d+)"', page)]

    screen, paper = (heights(web.html(released.outline, room)) for room in (300, 640))
    assert heights(released.made("html").decode()) == screen and len(screen) >= len(paper)
    assert sum(screen) > sum(paper)


@pytest.mark.slow
def test_every_page_of_a_pdf_says_what_the_data_are(strained, chromium_executable) -> None:
    raw = strained.made("pdf")
    made = pypdf.PdfReader(io.BytesIO(raw))
    assert len(made.pages) > 5 and made.metadata.title == "Home"
    for n, page in enumerate(made.pages, 1):
        text = page.extract_text()
        assert "UNPROTECTED: do not share" in text
        assert f"Page {n} of {len(made.pages)}" in text
        assert [round(float(side)) for side in page.mediabox[2:]] in ([595, 842], [596, 842])
    assert made.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert raw == strained.made("pdf")


@pytest.mark.slow
def test_a_wide_table_does_not_make_a_pdf_small(strained, chromium_executable) -> None:
    """Chromium shrinks all pages to what is widest: the title keeps its 22 points."""
    heads = ("Item", *(f"Somewhat unfavourably {n}" for n in range(8)), "Answered")
    rows = tuple(("There is space", *["23% (19–27)"] * 8, "1,240") for _ in range(3))
    outline = replace(strained.outline, findings=OutlineTable(heads, rows, 1))
    raw, sizes = Report(outline).made("pdf"), []

    def seen(text, cm, tm, font, size) -> None:
        sizes.append(abs(size * tm[3] * cm[3]) if text.strip() else 0)

    pypdf.PdfReader(io.BytesIO(raw)).pages[0].extract_text(visitor_text=seen)
    assert max(sizes) == pytest.approx(22, abs=0.2)
    said = pypdf.PdfReader(io.BytesIO(raw)).pages[0].extract_text()
    assert "(19–27)" in said and "1,240" in said, "numbers stay whole"


def test_nodes_of_a_pdf_are_numbered_from_one() -> None:
    raw = b"/ID (node00000050) /Headers [(node00000051)] /CreationDate (D:2026) (node0000005)"
    assert unchanging(raw) == (
        b"/ID (node00000001) /Headers [(node00000002)] " + b" " * 22 + b" (node0000005)"
    )


def test_a_notebook_shows_its_findings(released, strained) -> None:
    shown = released._repr_html_()
    for item in released.outline.items:
        assert escape(item.title) in shown and escape(item.said) in shown
    assert released.outline.banner in shown and "<style" not in shown
    assert "&lt;b&gt;" in strained._repr_html_() and "<b>&quot;" not in strained._repr_html_()
    assert repr(released).startswith("Measurement: 12 questions. Illustrative data")


# Files, packages and the command


@pytest.mark.slow
def test_pictures_are_as_wide_as_the_text_and_whole(released, chromium_executable) -> None:
    item = next(i for i in released.outline.items if i.id == "influence")
    said: list[str] = []
    ((raw, height),) = rasters.pngs({"influence": item.spec}, said.append).values()
    wide, high = (int.from_bytes(raw[at : at + 4], "big") for at in (16, 20))
    assert (wide, high) == (1600, round(height * 2.5)) and said == ["Drawing charts: 0 of 1"]


@pytest.mark.slow
def test_without_a_chromium_it_is_said_and_nothing_is_written(
    released, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("helpers.present.chromium.find", lambda: None)
    for name in ("report.docx", "report.pdf"):
        with pytest.raises(InsightsError, match="apt install chromium"):
            released.save(tmp_path / name)
    assert not [*tmp_path.iterdir()]
    released.save(tmp_path / "report.html")
    released.save(tmp_path / "report.pptx")  # its charts are PowerPoint's own


@pytest.mark.parametrize(
    ("ending", "module", "package"),
    [("docx", "docx", "python-docx"), ("pptx", "pptx", "python-pptx")],
)
def test_a_missing_package_is_named(
    released, tmp_path, monkeypatch, ending, module, package
) -> None:
    for name in [*sys.modules]:
        if name.partition(".")[0] == module or name in (
            *("helpers.reports.word", "helpers.reports.slides", "helpers.reports.native"),
        ):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delattr("helpers.reports.word", raising=False)
    monkeypatch.delattr("helpers.reports.slides", raising=False)
    with pytest.raises(InsightsError, match=rf"{package}.*\[report\]"):
        released.save(tmp_path / f"report.{ending}")


@pytest.mark.slow
def test_packages_of_reports_are_loaded_only_when_asked_for() -> None:
    code = (
        "import sys; import helpers as h; h.report('data', trend='context').made('html');"
        " assert not {'docx', 'pptx', 'lxml'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.mark.slow
def test_the_command_writes_a_report_and_says_what_of(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = str(ROOT / "data")
    assert main(["report", folder, "--to", "report.html", "--trend", "context"]) == 0
    said = capsys.readouterr().out
    assert (
        said.startswith("report.html: Context, 5 questions.") and "No responses were read" in said
    )
    assert main(["report", folder, "--to", "own.html", "--trend", "context", "--responses"]) == 0
    assert "small groups are not protected" in capsys.readouterr().out
    assert main(["report", folder, "--to", "report.doc"]) == 1
    assert ".docx, .pptx, .pdf, .html" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.html", "report.html"]


# Opened by another program


@pytest.fixture(scope="module")
def office() -> str:
    """Path of LibreOffice; the test is skipped (red in CI) where there is none."""
    found = subprocess.run([ROOT / "tools" / "office", "find"], capture_output=True, text=True)
    if found.returncode != 0:
        pytest.skip("no LibreOffice: `make test` installs it or names what to install")
    return found.stdout.strip()


@pytest.fixture(scope="module")
def printed(
    office: str,
    chromium_executable: str,
    released: Report,
    strained: Report,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Both reports in both formats, and beside them what one start of LibreOffice makes of them."""
    place = tmp_path_factory.mktemp("printed")
    paths = [
        report.save(place / f"{which}_{ending}.{ending}")
        for which, report in (("released", released), ("strained", strained))
        for ending in ("docx", "pptx")
    ]
    command = [office, "--headless", f"-env:UserInstallation=file://{place}/profile"]
    command += ["--convert-to", "pdf", "--outdir", str(place), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return place


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["docx", "pptx"])
@pytest.mark.parametrize("which", ["released", "strained"])
def test_another_program_opens_it_whole(request, printed: Path, ending: str, which: str) -> None:
    outline: Outline = request.getfixturevalue(which).outline
    path = printed / f"{which}_{ending}.{ending}"
    made = pypdf.PdfReader(path.with_suffix(".pdf"))
    pages = [page.extract_text() for page in made.pages]
    assert len(pages) > 5
    for page in pages:
        assert outline.mark in page
    whole = re.sub(r"\s+", "", "".join(pages))
    for item in outline.items:
        assert re.sub(r"\s+", "", item.said)[:60] in whole
    if ending == "pptx":
        assert len(pages) == len(pptx.Presentation(path).slides)
        for item in outline.items:  # charts are drawn: their rows and their numbers
            if item.spec and native.form(item.spec) in ("bars", "dots", "diverging"):
                row = native.plain(pieces.rows_of(item.spec)[0])
                assert re.sub(r"\s+", "", row)[:20] in whole
