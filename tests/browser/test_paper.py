"""What readers take away: printed pages, one workbook of a page, pictures, summaries as PDF."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pypdf
import pytest
from openpyxl.utils import range_boundaries
from playwright.sync_api import Browser, Page, expect

from helpers.dashboards.site.site import check_target
from helpers.paths import RELEASE
from helpers.release import reading

from . import library
from .conftest import Server, leave, served, tab
from .test_page import QUESTIONS
from .test_server import fetch
from .test_site import build

pytestmark = pytest.mark.browser
MARKS = {"hidden": "[c]", "not asked": "[z]", "–": "[x]", "": "[x]"}


WORDY = "A service that people use<br>for many reasons, some of which need more words than others"
LONG = f"{WORDY}<br>{WORDY}"


def plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def views(**filters: str) -> dict[str, dict]:
    """The view of each question that shows one, with a band chosen of some dimensions."""
    found = {}
    for id, question in QUESTIONS.items():
        key = "|".join(f"{d}={filters.get(d, '*')}" for d in question["filters"])
        view = question["views"][f"|{key}"]
        if view["status"] == "ok":
            found[id] = view
    return found


# Print


def on_paper(page: Page) -> list[str]:
    """The text of each printed sheet."""
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert page.locator(".paper").count() == 0, "what only paper needs is gone afterwards"
    return [plain(one.extract_text()) for one in printed]


@pytest.fixture
def sheets(visit) -> list[str]:
    return on_paper(visit("visits.ipynb?branch=town", opened=False))


def test_no_printed_card_is_on_two_sheets(sheets: list[str]) -> None:
    for id, view in views(branch="town").items():
        question = QUESTIONS[id]
        [place] = [n for n, text in enumerate(sheets) if plain(view["sentence"]) in text]
        said = [question["wording"], view["base"], *(row[0] for row in view["rows"])]
        for words in said:
            assert plain(words).removesuffix(".") in sheets[place], (id, words)


def test_each_mark_of_a_printed_chart_has_its_number(sheets: list[str]) -> None:
    text = " ".join(sheets)
    for id, view in views(branch="town").items():
        at = QUESTIONS[id]["columns"][""].index("Share")
        for row in view["rows"]:
            assert plain(row[at]) in text, (id, row)


def test_each_printed_sheet_says_what_it_is(sheets: list[str]) -> None:
    for n, text in enumerate(sheets, 1):
        assert "Illustrative data" in text and "Library visits" in text
        assert re.search(r"Printed on \d+ \w+ \d{4} from http\S+visits\.ipynb\?branch=town", text)
        assert f"{n} / {len(sheets)}" in text


def test_a_chart_longer_than_a_sheet_is_cut_between_rows(visit) -> None:
    page = many(visit, 24, f"{WORDY}<br>{WORDY}<br>{WORDY}")
    assert page.locator("#c-services .chart").count() == 1
    pieces, keys = page.locator("#c-services").evaluate(PIECES)
    assert pieces == keys > 0, "each piece but the first has the key again"
    sheets = on_paper(page)
    assert page.locator("#c-services .chart").count() == 1
    holding = [text for text in sheets if "A service that people use" in text]
    assert len(holding) > 1
    text = " ".join(sheets)
    for n in range(24):
        assert len(re.findall(rf"(?<!\d){n}\. A service", text)) == 1, n


def test_paper_says_that_a_chart_draws_a_part(visit) -> None:
    text = " ".join(on_paper(many(visit, 30, "Short")))
    assert "The chart shows the 15 most common of 30 answers." in text and "Show all" not in text


PIECES = """card => {
  dispatchEvent(new Event("beforeprint"));
  const found = [".piece .chart svg.main-svg:first-child", ".piece .key"];
  const counts = found.map((each) => card.querySelectorAll(each).length);
  dispatchEvent(new Event("afterprint"));
  return counts;
}"""
PRINTED = """chart => {
  dispatchEvent(new Event("beforeprint"));
  const high = chart.clientHeight;
  dispatchEvent(new Event("afterprint"));
  return high;
}"""


def test_rows_are_as_high_as_their_own_labels_need(visit) -> None:
    high = {}
    for wordy, first in (("Short", LONG), (LONG, "")):
        chart = many(visit, 12, wordy, first).locator("#c-services .chart")
        expect(chart.locator(".main-svg").first).to_be_visible()
        high[wordy, first] = chart.evaluate("chart => chart.clientHeight")
        printed = chart.evaluate(PRINTED)
    assert high["Short", LONG] < 0.9 * high[LONG, ""]
    assert printed < 0.9 * high[LONG, ""], "rows are closer on paper"


def of_ours(browser: Browser, shipped: Server, name: str) -> Page:
    """A page of the release that the project ships."""
    shipped.until(lambda: not shipped.prepares(name))
    page = tab(browser)
    page.goto(f"{shipped.home}/voila/render/{name}.ipynb")
    page.locator("#explorer[data-ready]").wait_for()
    return page


def filled(raw: bytes) -> list[float]:
    """How much of each sheet is filled: where its lowest text is, but for the margin below."""
    parts = []
    for sheet in pypdf.PdfReader(io.BytesIO(raw)).pages:
        high, lowest = float(sheet.mediabox.height), [float(sheet.mediabox.height)]

        def read(text, cm, tm, *_, lowest=lowest) -> None:
            at = cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
            if text.strip() and at > MARGIN:
                lowest[0] = min(lowest[0], at)

        sheet.extract_text(visitor_text=read)
        parts.append((high - MARGIN - lowest[0]) / (high - 2 * MARGIN))
    return parts


MARGIN = 40  # points, about


@pytest.mark.parametrize("name", ["overview", "measurement"])
def test_no_printed_sheet_but_the_last_is_nearly_empty(
    browser: Browser, shipped: Server, name: str
) -> None:
    page = of_ours(browser, shipped, name)
    parts = filled(page.pdf(prefer_css_page_size=True))
    leave(page)
    assert min(parts[:-1]) > 0.55, parts


# One workbook


def workbook(page: Page, name: str = "visits") -> openpyxl.Workbook:
    with page.expect_download() as caught:
        page.get_by_role("button", name="Everything on this page (XLSX)").click()
    expect(page.locator(".everything .said")).to_contain_text("is ready")
    assert caught.value.suggested_filename.startswith(name)
    return openpyxl.load_workbook(io.BytesIO(caught.value.path().read_bytes()))


def value(cell: object) -> object:
    """What a spreadsheet holds of a cell that is shown."""
    if cell in MARKS:
        return MARKS[str(cell)]
    number = re.fullmatch(r"([\d,.]+)( ?%)?", str(cell))
    if not number:
        return cell
    read = float(number[1].replace(",", ""))
    return pytest.approx(read / 100 if number[2] else read)


def test_a_workbook_holds_every_table_of_the_page(visit) -> None:
    book = workbook(visit("visits.ipynb?branch=town"))
    assert book.sheetnames[:4] == ["Cover", "Contents", "Notes", "Table 1"]
    cover = [row[0].value for row in book["Cover"].iter_rows()]
    assert f"Illustrative data. {library.PROVENANCE['banner']}" in cover
    assert library.PROVENANCE["fingerprint"] in cover and any("town" in str(c) for c in cover)
    contents = dict(row[:2] for row in book["Contents"].iter_rows(min_row=4, values_only=True))
    titled = {sheet["A1"].value: sheet for sheet in book.worksheets[3:]}
    assert {contents[sheet.title] for sheet in book.worksheets[3:]} == titled.keys()
    for id, view in views(branch="town").items():
        question = QUESTIONS[id]
        [sheet] = [s for title, s in titled.items() if title.startswith(question["title"])]
        above = [cell.value for cell in sheet["A"]]
        for words in ("Illustrative data", view["base"], view["sentence"]):
            assert words in above
        left, top, right, bottom = range_boundaries([*sheet.tables.values()][0].ref)
        rows = list(sheet.iter_rows(top, bottom, left, right, values_only=True))
        assert list(rows[0]) == question["columns"][""]
        first = question["columns"][""].index("Share")
        wanted = [[*row[:first], *map(value, row[first:])] for row in view["rows"]]
        assert [list(row) for row in rows[1:]] == wanted, id
    silent = {q["title"] for id, q in QUESTIONS.items() if id not in views(branch="town")}
    missing = [row[1] for row in book["Contents"].values if row[0] == "No table"]
    assert len(missing) == len(silent)
    assert all(any(words.startswith(title) for title in silent) for words in missing)


def test_key_findings_have_a_workbook_too(browser: Browser, shipped: Server) -> None:
    views = json.loads((RELEASE / "views" / "overview.json").read_text(encoding="utf-8"))
    page = of_ours(browser, shipped, "overview")
    book = workbook(page, views["page"])
    leave(page)
    titled = {sheet["A1"].value: sheet for sheet in book.worksheets[3:]}
    for question in views["questions"]:
        assert [title for title in titled if title.startswith(question["title"])]
    opening = [row[0].value for row in titled["Numbers at the top of the page"].iter_rows()]
    assert opening[-len(views["numbers"]) :] == [n["value"] for n in views["numbers"]]


def test_a_workbook_follows_the_guidance_on_accessible_spreadsheets(visit) -> None:
    """What "Making spreadsheets accessible: checklist of the basics" asks of a file."""
    book = workbook(visit())
    names = set()
    for sheet in book:
        assert isinstance(sheet["A1"].value, str) and sheet["A1"].font.b
        assert not sheet.merged_cells.ranges and sheet.freeze_panes is None
        assert sheet.auto_filter.ref is None and sheet.sheet_state == "visible"
        assert len(sheet.tables) == (sheet.title != "Cover")
        for table in sheet.tables.values():
            names.add(table.name)
            left, top, right, bottom = range_boundaries(table.ref)
            assert left == 1 and (right, bottom) == (sheet.max_column, sheet.max_row)
            assert table.autoFilter is None
            cells = [c for row in sheet.iter_rows(top, bottom, left, right) for c in row]
            assert all(cell.value not in (None, "") for cell in cells), sheet.title
            heads = [cell.value for cell in cells[:right]]
            assert [column.name for column in table.tableColumns] == heads
            assert len({head.lower() for head in heads}) == len(heads)
        for dimension in sheet.column_dimensions.values():
            assert dimension.width >= 14
        assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} <= {
            "s", "n",
        }  # fmt: skip
    assert len(names) == len(book.sheetnames) - 1
    explained = {row[0] for row in book["Notes"].values}
    assert {*MARKS.values()} <= explained
    for sheet in book.worksheets[3:]:
        cited = {m for cell in sheet["A"] for m in re.findall(r"Note \d+", str(cell.value))}
        assert cited <= explained
    linked = [cell.hyperlink.location for cell in book["Contents"]["A"] if cell.hyperlink]
    assert linked == [f"'{name}'!A1" for name in book.sheetnames if name != "Contents"]
    assert "Visits" in book.properties.title


# Pictures


def picture(page: Page, question: str) -> str:
    with page.expect_download() as caught:
        page.locator(f"#c-{question} .files button", has_text="SVG").click()
    return caught.value.path().read_text(encoding="utf-8")


TEXTS = """() => [...document.querySelectorAll("svg text")]
  .filter((node) => node.textContent.trim() && !node.closest(".hoverlayer"))
  .map((node) => [node.textContent, node.getBoundingClientRect()])
  .filter(([, { width }]) => width > 0)
  .map(([words, { left, right, top, bottom }]) => [words, left, right, top, bottom])"""


def texts(browser: Browser, svg: str) -> list[list]:
    """The texts of a picture with left, right, top and bottom, as a browser draws it."""
    page = tab(browser)
    page.set_content(f"<style>body {{ margin: 0 }}</style>{svg}")
    found = page.evaluate(TEXTS)
    leave(page)
    return found


def overlaps(one: list, other: list) -> bool:
    """Whether two texts cross by more than the air that lines have around their letters."""
    air = 0.22 * min(one[4] - one[3], other[4] - other[3])
    return (
        min(one[2], other[2]) - max(one[1], other[1]) > 1
        and min(one[4], other[4]) - max(one[3], other[3]) > air
    )


def many(visit, options: int, wordy: str, first: str = "") -> Page:
    """The page with so many options of a question, each with such words, the first with others."""
    page = visit("about.ipynb")

    def longer(route) -> None:
        found = route.fetch()
        before, start, rest = found.text().partition('id="views"')
        head, _, rest = rest.partition(">")
        block, end, after = rest.partition("</script>")
        content = json.loads(block)
        question = next(q for q in content["questions"] if q["id"] == "services")
        rows = [f"{n}. {first if first and n == 0 else wordy}" for n in range(options)]
        for trace in question["figures"][""]["data"]:
            trace["y"] = rows
        question["figures"][""]["layout"]["yaxis"]["categoryarray"] = rows
        for view in question["views"].values():
            for value in view["values"]:
                for part, names in ((value, ("x", "customdata")), (value["error_x"], ENDS)):
                    for name in names:
                        part[name] = (part[name] * options)[:options]
        block = json.dumps(content).replace("<", "\\u003c").replace("&", "\\u0026")
        route.fulfill(response=found, body=f"{before}{start}{head}>{block}{end}{after}")

    page.route("**/visits.ipynb", longer)
    page.goto(page.url.replace("about.ipynb", "visits.ipynb"))
    page.locator("#explorer[data-ready]").wait_for()
    page.locator(".fold-all").evaluate("button => button.click()")
    return page


ENDS = ("array", "arrayminus")


def test_a_picture_is_a_slide_with_the_finding_as_its_title(visit, browser: Browser) -> None:
    page = visit("visits.ipynb?branch=town")
    for id, view in views(branch="town").items():
        svg = picture(page, id)
        assert 'width="1280" height="720"' in svg
        found = texts(browser, svg)
        words = " ".join(text for text, *_ in found)
        question = QUESTIONS[id]
        for said in (view["sentence"], question["title"], question["wording"], view["base"]):
            assert "".join(said.split()).rstrip(".") in "".join(words.split()), (id, said)
        for said in ("Source: Table 1.", "Data version 0123456789ab."):
            assert said in words
        assert found[0][0].startswith("Illustrative data."), "the band is above the title"
        size = {text: bottom - top for text, _, _, top, bottom in found}
        [title] = [t for t in size if t and view["sentence"].startswith(t)]
        assert size[title] == max(size.values())
        if "error_x" in view["values"][0]:
            assert "95% range" in size
            at = question["columns"][""].index("Share")
            assert all(any(text.startswith(row[at]) for text in size) for row in view["rows"])


@pytest.mark.parametrize("wordy", [WORDY, LONG])
@pytest.mark.parametrize("options", [4, 12, 24])
def test_in_a_picture_no_text_overlaps_or_leaves_it(
    visit, browser: Browser, options: int, wordy: str
) -> None:
    found = texts(browser, picture(many(visit, options, wordy), "services"))
    assert sum(text.startswith(tuple(f"{n}. A serv" for n in range(options))) for text, *_ in found)
    for text, start, end, top, bottom in found:
        assert start >= 0 and end <= 1280 and top >= 0 and bottom <= 720, text
    for n, one in enumerate(found):
        assert not [(one[0], other[0]) for other in found[n + 1 :] if overlaps(one, other)]


# The summary as PDF

PDF = b"%PDF-1.4 a summary"
PLACE = "/voila/render/visits.pdf"


@pytest.fixture
def printing(tmp_path: Path) -> Iterator[Server]:
    """A server whose release has a summary."""
    with served(
        library.with_summaries(library.build(tmp_path / "release"), PDF), tmp_path
    ) as server:
        yield server


def test_a_server_gives_out_the_summary_of_its_release_only(
    browser: Browser, printing: Server
) -> None:
    page = tab(browser)
    page.goto(f"{printing.home}/voila/render/visits.ipynb")
    page.locator("#explorer[data-ready]").wait_for()
    with page.expect_download() as caught:
        page.get_by_role("link", name="One-page summary (PDF)").click()
    assert caught.value.suggested_filename == "visits.pdf"
    assert caught.value.path().read_bytes() == PDF
    leave(page)
    status, headers, body = fetch(printing, PLACE)
    assert (status, body, headers["content-type"]) == (200, PDF, "application/pdf")
    assert headers["content-disposition"] == 'attachment; filename="visits.pdf"'
    for other in ("unknown", "index", "about", "..%2Fviews%2Fvisits", "SHA256SUMS"):
        assert fetch(printing, f"/voila/render/{other}.pdf")[0] == 404
    for method in ("POST", "PUT", "DELETE"):
        assert fetch(printing, PLACE, method)[0] in (403, 405)
    assert b"summary (PDF)" not in fetch(printing, "/voila/render/index.ipynb")[2]
    (printing.release / reading.SUMMARIES / "visits.pdf").write_bytes(PDF + b" and more")
    printing.until(lambda: fetch(printing, PLACE)[0] == 404)
    printing.rest()
    assert b"summary (PDF)" not in fetch(printing, "/voila/render/visits.ipynb")[2]


def test_a_summary_needs_a_login_where_pages_do(tmp_path: Path) -> None:
    release = library.with_summaries(library.build(tmp_path / "release"), PDF)
    around = {"INSIGHTS_TOKEN": "a-token-of-this-test"}
    with served(release, tmp_path, made=False, **around) as server:
        assert fetch(server, PLACE)[2] != PDF
        assert fetch(server, PLACE, **server.key)[2] == PDF


def test_a_site_holds_the_summaries_of_its_release(tmp_path: Path) -> None:
    release = library.with_summaries(library.build(tmp_path / "release"), PDF)
    assert build(tmp_path / "site", release) == ""
    assert (tmp_path / "site" / "visits.pdf").read_bytes() == PDF
    assert [path.name for path in (tmp_path / "site").rglob("*.pdf")] == ["visits.pdf"]
    html = (tmp_path / "site" / "visits.html").read_text(encoding="utf-8")
    assert '<a href="visits.pdf" download>' in html
    check_target(tmp_path / "site")
