"""What a reader takes along: numbers, sentences, links and workbooks."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from helpers.dashboards.server.notices import STATIC
from helpers.pages import dashboard

from . import library
from .conftest import PATIENCE, Server, hide_charts, leave, served, tab, unfold
from .test_page import QUESTIONS, card, chip, sentence

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:Workbook contains no default style"),
]
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
CHANGED = "The results have changed since this link was made."
HOSTILE = [
    "=SUM(1,2)", "+1+2", "-1", "@SUM(1)", "\tafter a tab", "\rafter a return", "two\r\nlines",
    "nothing\x00here\x0b", "constructor", "__proto__", "_x0041_", "100%", "12", " kept ",
    "<b>&amp;", "=HYPERLINK(\"x\")",
]  # fmt: skip
READ = {
    "\rafter a return": "\nafter a return", "two\r\nlines": "two\nlines",
    "nothing\x00here\x0b": "nothinghere", "constructor": "constructor ", "__proto__": "__proto__ ",
}  # fmt: skip


def pasted(page: Page) -> str:
    return page.evaluate("navigator.clipboard.readText()")


def quoted(page: Page, question: str, label: str) -> Locator:
    """The card of a number, chosen as a reader chooses it."""
    here = card(page, question)
    here.locator("summary", has_text="Cite").click()
    choose(here, label)
    return here.locator(".number-card")


def choose(here: Locator, label: str) -> None:
    options = here.get_by_label("Which number").locator("option")
    expect(options.nth(1)).to_be_attached()
    at = [words.startswith(label) for words in options.all_text_contents()].index(True)
    value = options.nth(at).get_attribute("value")
    here.get_by_label("Which number").select_option(value)


def facts(number: Locator) -> dict[str, str]:
    names, words = (number.locator(tag).all_text_contents() for tag in ("dt", "dd"))
    return dict(zip(names, words, strict=True))


# A number


def test_a_quoted_number_has_its_base_range_and_source(visit) -> None:
    page = visit("visits.ipynb?branch=village", charts=False, **CLIPBOARD)
    number = quoted(page, "reasons", "To work")
    view = QUESTIONS["reasons"]["views"]["|branch=village"]
    row = view["rows"][1]
    expect(number.locator(".value")).to_have_text(f"{row[1]} 95% range {row[2]} to {row[3]}")
    edition = page.locator("#views").get_attribute("data-edition")
    banner = f"Illustrative data. {library.PROVENANCE['banner']}"
    assert {
        "Answer": "To work",
        "Question": "Reasons for coming",
        "Wording": QUESTIONS["reasons"]["wording"],
        "Asked": QUESTIONS["reasons"]["asked"],
        "Base": f"{row[4]} readers who answered",
        "Filters": "Branch: Village & hamlet",
        "Method": "Wilson intervals, 95 %.",
        "Source": "Table 1",
        "Provenance": banner,
        "Data version": library.PROVENANCE["fingerprint"],
        "Edition": edition,
    }.items() <= facts(number).items()
    link = re.escape(page.url.split("?")[0])
    wanted = (
        rf"Reasons for coming: “To work”, {row[1]} \(95% range {row[2]} to {row[3]}\) of"
        rf" {row[4]} readers who answered; branch: Village & hamlet\. Library visits <script>.*"
        rf"2031, Table 1, data version 0123456789ab, edition {edition}\. {re.escape(banner)}"
        rf" {link}\?branch=village&edition={edition}#q-reasons"
    )
    assert re.fullmatch(wanted, number.locator(".citation").text_content())
    number.get_by_role("button", name="Copy as citation").click()
    status = card(page, "reasons").get_by_role("status")
    expect(status.filter(has_text="Citation copied.")).to_be_visible()
    assert re.fullmatch(wanted, pasted(page))
    number.get_by_role("button", name="Copy link").click()
    expect(status.filter(has_text="Link copied.")).to_be_visible()
    assert pasted(page) == page.url + f"&edition={edition}#q-reasons"


def test_a_number_follows_the_filters_and_the_groups_compared(visit) -> None:
    page = visit(charts=False)
    number = quoted(page, "reasons", "To work")
    before = number.locator(".value").text_content()
    chip(page, "Town").uncheck()
    row = QUESTIONS["reasons"]["views"]["|branch=village"]["rows"][1]
    expect(number.locator(".value strong")).to_have_text(row[1])
    assert number.locator(".value").text_content() != before
    page.get_by_label("Compare by").select_option("branch")
    expect(number).to_be_hidden()  # no number has just these labels now
    choose(card(page, "reasons"), "Village & hamlet")
    rows = QUESTIONS["reasons"]["views"]["branch|branch=*"]["rows"]
    row = next(row for row in rows if row[1] == "Village & hamlet")
    assert facts(number)["Branch"] == "Village & hamlet"
    assert facts(number)["Base"] == f"{row[-1]} readers who answered"
    groups = card(page, "reasons").locator("optgroup")
    assert groups.evaluate_all("all => all.map((one) => one.label)") == [
        "=SUM(1,2)", "To work", "To meet people", "To keep warm",
    ]  # fmt: skip
    page.get_by_role("button", name="Reset filters").click()
    expect(number).to_be_hidden()


def test_there_is_no_number_where_nothing_is_shown(visit) -> None:
    page = visit(charts=False)
    quoted(page, "closing", "Yes")
    chip(page, "Village & hamlet").uncheck()
    expect(card(page, "closing").locator(".reason")).to_be_visible()
    expect(card(page, "closing").locator("summary", has_text="Cite")).to_be_hidden()
    expect(card(page, "closing").locator(".number-card")).to_be_hidden()


# Copying


def test_a_copied_sentence_includes_its_base_and_source(visit) -> None:
    page = visit("visits.ipynb?branch=town", charts=False, **CLIPBOARD)
    page.get_by_role("button", name="Copy the sentence: Reasons for coming").click()
    expect(card(page, "reasons").get_by_text("Sentence copied.")).to_be_visible()
    view = QUESTIONS["reasons"]["views"]["|branch=town"]
    assert pasted(page) == (
        f"{view['sentence']} {view['base']}. Branch: Town. Reasons for coming."
        f" {library.SURVEY['title']}, 2031. Illustrative data. {library.PROVENANCE['banner']}"
    )
    chip(page, "Village & hamlet").check()
    expect(card(page, "reasons").get_by_text("Sentence copied.")).to_have_count(0)


def test_copying_works_where_pages_have_no_clipboard(browser: Browser, server: Server) -> None:
    """Over plain http from another machine: a context that browsers call insecure."""
    page = tab(browser)
    elsewhere = "http://survey.example"

    def fetch(route) -> None:
        address = route.request.url.replace(elsewhere, server.home)
        route.fulfill(response=route.fetch(url=address))

    page.route(f"{elsewhere}/**", fetch)
    page.goto(f"{elsewhere}/voila/render/visits.ipynb")
    page.locator("#explorer[data-ready]").wait_for()
    assert page.evaluate("navigator.clipboard === undefined")
    button = page.get_by_role("button", name="Copy link")
    button.click()
    expect(page.get_by_text("Link copied.")).to_be_visible()
    expect(button).to_be_focused()
    page.evaluate("document.body.append(document.createElement('textarea'))")
    field = page.locator("body > textarea")
    field.focus()
    page.keyboard.press("Control+V")
    edition = page.locator("#views").get_attribute("data-edition")
    expect(field).to_have_value(f"{page.url}?edition={edition}")
    page.evaluate("document.execCommand = () => false")
    button.click()
    by_hand = page.get_by_label("Words to copy")
    expect(by_hand).to_be_focused()
    page.evaluate(
        "new Promise((done) => setTimeout(done, 200))"
    )  # it had gone with the words before
    assert by_hand.evaluate("node => document.activeElement === node")
    assert by_hand.evaluate("node => node.value.slice(node.selectionStart, node.selectionEnd)") == (
        f"{page.url}?edition={edition}"
    )
    leave(page)


# Links


def test_a_link_opens_the_same_view_in_a_fresh_browser(visit) -> None:
    page = visit(charts=False, **CLIPBOARD)
    chip(page, "Town").uncheck()
    page.get_by_label("Compare by").select_option("age")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied.")).to_be_visible()
    link = pasted(page)
    assert link == page.url
    fresh = visit(link.rsplit("/", 1)[1], charts=False)
    expect(fresh.locator(".summary")).to_have_text(page.locator(".summary").text_content())
    said = ":is(.sentence, .base, .reason, .note, .not-asked):visible"
    for id in QUESTIONS:
        there = card(page, id).locator(said).all_text_contents()
        assert there and card(fresh, id).locator(said).all_text_contents() == there
    expect(fresh.locator(".notice")).to_have_count(0)


STILL = """() => new Promise((done) => {
  const now = () => `${scrollY} of ${document.documentElement.scrollHeight}`;
  let [place, frames] = [now(), 0];
  const look = () => {
    frames = now() === place ? frames + 1 : 0;
    place = now();
    if (frames > 30) done(true);
    else requestAnimationFrame(look);
  };
  look();
})"""


def at_rest(page: Page) -> None:
    """Wait until a page neither scrolls nor grows: thirty frames, however long they take."""
    assert page.evaluate(STILL)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_link_to_a_question_shows_its_heading_below_the_bar(visit, width: int) -> None:
    page = visit("visits.ipynb#q-hours", viewport={"width": width, "height": 800})
    at_rest(page)
    top, bar = page.evaluate(
        """[document.getElementById("q-hours").getBoundingClientRect().top,
        Math.max(...[...document.querySelectorAll(".bar.stays, .mark")].map(
            (each) => getComputedStyle(each).position === "sticky" ? each.offsetHeight : 0))]"""
    )
    assert bar <= top < 300


def let_through(page: Page, late: list) -> None:
    """Let styles come that were held back, and wait until the page is at rest with them."""
    for route in late:
        route.continue_()
    while page.evaluate("document.querySelector('link[rel=stylesheet]').sheet === null"):
        page.wait_for_timeout(20)
    at_rest(page)


@pytest.mark.parametrize("slow", ["a little", "more than the script waits", "much"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_link_to_a_question_holds_while_the_style_is_slow(visit, width: int, slow: str) -> None:
    """Without its style a page is of another height."""
    page = visit("about.ipynb", viewport={"width": width, "height": 800})
    late = []
    page.route("**/explorer.css*", lambda route: late.append(route))
    page.goto(page.url.replace("about.ipynb", "visits.ipynb#q-hours"), wait_until="commit")
    page.locator("#explorer[data-ready]").wait_for(state="attached")
    if slow == "more than the script waits":  # another link takes the place of the first
        while page.evaluate("performance.now()") < 700:
            page.wait_for_timeout(20)
    while len(late) < 1 + (slow == "much"):  # then the whole page is asked for again
        page.wait_for_timeout(20)
    let_through(page, late)
    top = page.evaluate("document.getElementById('q-hours').getBoundingClientRect().top")
    assert 0 <= top < 300


def test_a_later_style_leaves_a_reader_who_scrolled_alone(visit) -> None:
    page = visit("about.ipynb", viewport={"width": 1280, "height": 800})
    late, free = [], []
    page.route("**/explorer.css*", lambda route: route.continue_() if free else late.append(route))
    page.goto(page.url.replace("about.ipynb", "visits.ipynb#q-hours"), wait_until="commit")
    page.locator("#explorer[data-ready]").wait_for(state="attached")
    while not late:
        page.wait_for_timeout(20)
    free.append(True)
    let_through(page, late)
    there = page.evaluate("scrollY")
    page.mouse.move(640, 400)
    end = time.monotonic() + PATIENCE
    while page.evaluate("scrollY") > there - 200:
        assert time.monotonic() < end
        page.mouse.wheel(0, -300)
        at_rest(page)
    before = page.evaluate("scrollY")
    page.evaluate(
        """() => new Promise((done) => {
            const later = document.querySelector("link[rel=stylesheet]").cloneNode();
            later.href += "&later";
            later.addEventListener("load", done);
            document.head.append(later);
        })"""
    )
    at_rest(page)
    assert page.evaluate("scrollY") == pytest.approx(before, abs=2)


@pytest.mark.parametrize("width", [1280, 390])
def test_going_back_restores_the_position(visit, width: int) -> None:
    page = visit("visits.ipynb#q-hours", viewport={"width": width, "height": 800})
    at_rest(page)
    page.mouse.move(width / 2, 400)
    place = 'document.getElementById("q-hours").getBoundingClientRect().top'
    end = time.monotonic() + PATIENCE
    while page.evaluate(place) <= 400:  # a busy browser loses a turn of the wheel now and then
        assert time.monotonic() < end
        page.mouse.wheel(0, -900)
        at_rest(page)
    before = page.evaluate(place)
    page.reload()
    page.locator("#explorer[data-ready]").wait_for()
    at_rest(page)
    assert page.evaluate(place) == pytest.approx(before, abs=60)
    page.goto(page.url.replace("visits", "about").split("#")[0])
    page.go_back()
    page.locator("#explorer[data-ready]").wait_for()
    at_rest(page)
    assert page.evaluate(place) == pytest.approx(before, abs=60)


def test_links_between_pages_keep_what_is_chosen(visit) -> None:
    page = visit(charts=False)
    link = page.locator(".pages").get_by_role("link", name="About the data")
    assert link.get_attribute("href") == "about.ipynb"
    chip(page, "Town").uncheck()
    expect(link).to_have_attribute("href", "about.ipynb?branch=village")
    guide = page.locator("footer").get_by_role("link", name="How to read these pages")
    expect(guide).to_have_attribute("href", "method.ipynb?branch=village#how-to-read")
    chip(page, "Town").check()
    expect(link).to_have_attribute("href", "about.ipynb")
    guide.click()
    expect(page.locator("#how-to-read")).to_be_in_viewport()


def test_tracking_parameters_in_a_link_are_ignored(visit) -> None:
    page = visit("visits.ipynb?utm_source=letter&fbclid=1&gclid=2&branch=village", charts=False)
    expect(page.locator(".summary")).to_contain_text("Village")
    expect(page.locator(".notice")).to_have_count(0)


def test_files_of_other_selections_have_other_names(visit) -> None:
    page = visit("visits.ipynb?branch=village", charts=False)
    with page.expect_download() as caught:
        card(page, "reasons").get_by_role("button", name="Download CSV").click()
    assert caught.value.suggested_filename == "reasons-branch-village-hamlet.csv"


def test_a_link_to_other_results_says_so_and_shows_the_page(visit) -> None:
    page = visit("visits.ipynb?branch=village&edition=00000000&shoe=9", charts=False)
    notices = page.get_by_role("status").locator(".notice")
    expect(notices).to_have_count(2)
    expect(notices.first).to_contain_text(CHANGED)
    expect(notices.last).to_contain_text("This link names “shoe”")
    expect(card(page, "reasons").locator(".sentence")).to_have_text(
        sentence("reasons", "|branch=village")
    )
    chip(page, "Town").check()
    expect(notices).to_have_count(0)
    assert "?" not in page.url
    page.go_back()
    expect(notices.first).to_contain_text(CHANGED)
    page.go_forward()
    expect(notices).to_have_count(0)


def test_an_edition_belongs_to_one_release(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    """The same page of two releases: the link of the first is distinguished by the second."""
    page = tab(browser, **CLIPBOARD)
    page.goto(f"{server.home}/voila/render/visits.ipynb")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied.")).to_be_visible()
    query = pasted(page).partition("?")[2]
    views = library.views()
    views["visits"]["questions"][2]["views"]["|branch=village"]["rows"][1][1] = "1 %"
    changed = library.write(tmp_path / "release", views)
    with served(changed, tmp_path) as other:
        page.goto(f"{other.home}/voila/render/visits.ipynb?{query}")
        expect(page.locator(".notice")).to_contain_text(CHANGED)
    leave(page)


# Workbooks


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A release whose labels, words and cells are what a spreadsheet might stumble over."""
    views = library.views()
    (asked,) = [one for one in views["visits"]["questions"] if one["id"] == "reasons"]
    view = asked["views"]["|branch=*"]
    template = view["rows"][1]
    view["rows"] = [[label, *template[1:]] for label in HOSTILE]
    view["rows"] += [
        ["Hidden", "hidden", "hidden", "hidden", "hidden"],
        ["No share", "–", "–", "–", "0"],
        ["Decimals", "12.5 %", "0.25 %", "100 %", "1,234"],
    ]
    asked["title"], asked["wording"] = "=1+1", '=HYPERLINK("x","y")'
    folder = tmp_path_factory.mktemp("hostile")
    release = library.write(folder / "release", views)
    with served(release, folder) as running:
        yield running


@pytest.fixture
def stranger(browser: Browser, hostile: Server) -> Iterator[Page]:
    page = tab(browser)
    page.sent = []
    page.on("request", lambda request: page.sent.append(request.url))
    page.goto(f"{hostile.home}/voila/render/visits.ipynb")
    page.locator("#explorer[data-ready]").wait_for()
    hide_charts(page)
    unfold(page)
    yield page
    leave(page)


def workbook(page: Page, question: str = "reasons") -> openpyxl.Workbook:
    with page.expect_download() as caught:
        card(page, question).get_by_role("button", name="Download XLSX").click()
    assert caught.value.suggested_filename == f"{question}.xlsx"
    expect(card(page, question).get_by_text(f"{question}.xlsx is ready")).to_be_visible()
    return openpyxl.load_workbook(io.BytesIO(caught.value.path().read_bytes()))


def test_a_workbook_holds_numbers_as_numbers_and_nothing_as_a_formula(stranger: Page) -> None:
    book = workbook(stranger)
    assert book.sheetnames == ["About", "Table"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    rows = list(book["Table"].iter_rows())
    labels = [row[0].value for row in rows[1:]]
    assert labels == [*(READ.get(text, text) for text in HOSTILE), "Hidden", "No share", "Decimals"]
    assert {row[0].data_type for row in rows} == {"s"}
    share = int(QUESTIONS["reasons"]["views"]["|branch=*"]["rows"][1][1].split()[0])
    first = rows[1]
    assert [cell.data_type for cell in first[1:]] == ["n"] * 4
    assert first[1].value == share / 100 and first[1].number_format == "0%"
    assert first[4].value == 96
    hidden, none, decimals = rows[-3:]
    assert [cell.value for cell in hidden[1:]] == ["hidden"] * 4
    assert [cell.value for cell in none[1:]] == ["–", "–", "–", 0]
    assert [cell.value for cell in decimals[1:]] == [0.125, 0.0025, 1, 1234]
    assert [cell.number_format for cell in decimals[1:3]] == ["0.0%", "0.00%"]
    about = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert about["Question"] == "=1+1" and about["Wording"] == '=HYPERLINK("x","y")'
    assert about["Provenance"].startswith("Illustrative data.")
    assert about["Data version"] == library.PROVENANCE["fingerprint"]
    assert about["Edition"] == stranger.locator("#views").get_attribute("data-edition")


def test_a_hidden_value_cannot_be_quoted(stranger: Page) -> None:
    here = card(stranger, "reasons")
    here.locator("summary", has_text="Cite").click()
    options = here.get_by_label("Which number").locator("option:disabled")
    expect(options).to_have_text(["Hidden: hidden", "No share: –"])


def test_a_number_names_its_own_base_where_the_view_has_another(stranger: Page) -> None:
    number = quoted(stranger, "reasons", "Decimals")
    expect(number.locator(".value")).to_have_text("12.5 % 95% range 0.25 % to 100 %")
    assert facts(number)["Base"] == "1,234 readers who answered"


def test_the_workbook_script_is_fetched_once_and_on_demand(stranger: Page) -> None:
    asked = [url for url in stranger.sent if "xlsx" in url]
    assert asked == []
    workbook(stranger)
    workbook(stranger, "services")
    version = hashlib.sha256((STATIC / "xlsx.js").read_bytes()).hexdigest()[:12]
    asked = [url for url in stranger.sent if "xlsx" in url]
    script = stranger.locator("script[src*='explorer.js']").get_attribute("src")
    assert asked == [urljoin(stranger.url, script).split("explorer.js")[0] + f"xlsx.js?v={version}"]


def test_a_workbook_that_cannot_be_made_says_so_and_can_be_tried_again(stranger: Page) -> None:
    here = card(stranger, "reasons")
    stranger.route("**/xlsx.js*", lambda route: route.abort())
    here.get_by_role("button", name="Download XLSX").click()
    expect(here.get_by_role("status").filter(has_text="needs a connection")).to_be_visible()
    stranger.unroute("**/xlsx.js*")
    assert workbook(stranger).sheetnames == ["About", "Table"]


def test_a_slow_file_says_that_it_is_being_prepared(stranger: Page) -> None:
    waiting = []
    stranger.route("**/xlsx.js*", lambda route: waiting.append(route))
    here = card(stranger, "reasons")
    button = here.get_by_role("button", name="Download XLSX")
    button.click()
    expect(here.get_by_text("Preparing the XLSX file …")).to_be_visible()
    expect(button).to_have_attribute("aria-busy", "true")
    button.click()  # patience: one file is enough
    with stranger.expect_download():
        waiting[0].continue_()
    expect(here.get_by_text("reasons.xlsx is ready")).to_be_visible()
    assert len(waiting) == 1 and button.get_attribute("aria-busy") is None


def test_a_page_without_a_server_writes_workbooks_too(browser: Browser, tmp_path: Path) -> None:
    """From a file: scripts lie beside the page, and nothing but files is asked for."""
    for name in ("explorer.js", "explorer.css", "xlsx.js"):
        shutil.copy(STATIC / name, tmp_path / name)
    html = (
        "<!DOCTYPE html><html lang='en-GB'><meta charset='utf-8'>"
        "<link rel='stylesheet' id='plotly.js-style-global' class='no-inline-styles'"
        " href='explorer.css'><script async src='explorer.js'></script>"
        + dashboard.as_served(library.views()["visits"])
    )
    (tmp_path / "visits.html").write_text(html, encoding="utf-8")
    page = tab(browser)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto((tmp_path / "visits.html").as_uri())
    page.locator("#explorer[data-ready]").wait_for()
    unfold(page)
    assert workbook(page)["Table"]["A2"].value == "=SUM(1,2)"
    assert [url for url in sent if not url.startswith(("file:", "blob:", "data:"))] == []
    leave(page)
