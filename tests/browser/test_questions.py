"""All questions: found by their words, each at its address; words lead to the glossary."""

from __future__ import annotations

import io
import json
import re
import shutil
import threading
import unicodedata
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pypdf
import pytest
from playwright.sync_api import Browser, Page, expect

from places import ROOT

from .conftest import Server, few, leave, served, tab, unfold
from .test_access import DESK_LIGHT, PHONE_DARK, axe, faults  # noqa: F401
from .test_page import QUESTIONS, card, chip
from .test_server import fetch
from .test_sharing import CLIPBOARD, pasted

pytestmark = pytest.mark.browser
TITLES = [question["title"] for question in QUESTIONS.values()]


def shown(page: Page) -> list[str]:
    """Titles of the questions that the list shows."""
    return page.locator(".listed > ul > li h3:visible").all_text_contents()


def field(page: Page):
    return page.get_by_role("searchbox", name="Find a question")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The release that the project ships, but one website may show its questions."""
    folder = tmp_path_factory.mktemp("ours")
    release = Path(shutil.copytree(ROOT / "data" / "release", folder / "release"))
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    manifest["rules"]["embed"] = ["http://127.0.0.1:*"]
    (release / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    chosen = few(folder, ("index", "method"))
    with served(release, folder, chosen, made=False) as running:
        running.until(lambda: framed_while_prepared(running))
        running.until(lambda: not any(running.prepares(n) for n in ("measurement", "method")))
        yield running


def framed_while_prepared(server: Server) -> bool:
    """Whether the page is there; until then what stands in for it can be embedded, too."""
    code, headers, _ = fetch(server, "/voila/render/method.ipynb?embed=x")
    assert headers["content-security-policy"].endswith("frame-ancestors http://127.0.0.1:*")
    assert code in (200, 503)
    return code == 200


@pytest.fixture
def website() -> Iterator[Callable[[str], str]]:
    """Another website: shows what it is given, and returns where."""
    shown = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(shown[-1].encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()

        def show(html: str) -> str:
            shown.append(html)
            return f"http://127.0.0.1:{running.server_port}/"

        yield show
        running.shutdown()


def at(browser: Browser, server: Server, address: str) -> Page:
    page = tab(browser)
    page.goto(f"{server.home}/voila/render/{address}")
    page.locator("#explorer[data-ready]").wait_for()
    return page


# The bar


def test_a_bar_stays_while_more_filters_are_open(browser: Browser, ours: Server) -> None:
    page = at(browser, ours, "measurement.ipynb")
    for height in (800, 700):
        page.set_viewport_size({"width": 1280, "height": height})
        bar = page.locator(".bar.stays")
        expect(bar).to_be_visible()
        more = bar.locator(".further > summary")
        more.click()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        expect(bar).to_be_in_viewport()
        assert bar.bounding_box()["y"] == 0 and bar.bounding_box()["height"] < height / 2
        last = bar.get_by_role("checkbox").last
        last.uncheck()
        expect(bar).to_be_in_viewport()
        page.get_by_role("button", name="Reset filters").click()
        more.click()
    leave(page)


# The list


def test_a_question_is_found_by_its_wording_title_or_an_answer(visit) -> None:
    page = visit("index.ipynb")
    said = page.locator("#search").get_by_role("status")
    assert shown(page) == TITLES
    field(page).fill("TICK apply")  # of the wording, in any order
    assert shown(page) == ["Reasons for coming"]
    expect(said).to_have_text(f"Found: 1 of {len(TITLES)} questions.")
    field(page).fill("warm zebra")
    expect(said).to_have_text("No question has all these words. Try fewer, or others.")
    assert shown(page) == [] and page.locator(".listed h2:visible").count() == 0
    field(page).fill("meet people")
    assert shown(page) == ["Reasons for coming", "Reasons staff see"]
    assert page.locator(".labels li:visible").all_text_contents() == ["To meet people"] * 2
    page.keyboard.press("Escape")
    assert shown(page) == TITLES and not page.locator(".labels li:visible").count()
    expect(said).to_have_text("")


def test_a_search_is_kept_by_its_address_and_by_going_back(visit) -> None:
    page = visit("index.ipynb?branch=village")
    field(page).fill("opening")
    expect(page).to_have_url(f"{page.url.split('?')[0]}?branch=village&find=opening")
    page.get_by_role("link", name="Opening hours").click()
    page.locator("#explorer[data-ready]").wait_for()
    assert "?branch=village" in page.url and page.url.endswith("#q-hours")
    page.go_back()
    expect(field(page)).to_have_value("opening")
    assert shown(page) == ["Opening hours"]


def test_a_link_of_the_list_opens_that_card_alone(visit) -> None:
    page = visit("index.ipynb")
    page.get_by_role("link", name="Reasons staff see").click()
    page.locator("#explorer[data-ready]").wait_for()
    expect(card(page, "reasons_seen").locator(".chart .main-svg").first).to_be_visible()
    expect(page.locator("article:not(.closed)")).to_have_count(1)


def test_the_list_reads_without_a_script(browser: Browser, server: Server) -> None:
    page = tab(browser, java_script_enabled=False)
    page.goto(f"{server.home}/voila/render/index.ipynb")
    assert shown(page) == TITLES
    expect(page.locator("input")).to_have_count(0)
    assert page.get_by_role("link", name="Opening hours").get_attribute("href") == (
        "visits.ipynb#q-hours"
    )
    leave(page)


def test_the_slash_leads_to_the_search_and_never_from_a_field(visit) -> None:
    page = visit(charts=False)
    page.keyboard.press("/")
    expect(field(page)).to_be_focused()
    assert page.url.endswith("/index.ipynb#find")
    page.keyboard.type("1/2 coming")
    expect(field(page)).to_have_value("1/2 coming")
    field(page).fill("coming")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Reasons for coming")).to_be_focused()
    page.keyboard.press("/")
    expect(field(page)).to_be_focused()
    switch = page.get_by_role("checkbox", name="Press / on any page to come here")
    switch.uncheck()
    switch.evaluate("box => box.blur()")
    page.keyboard.press("/")
    expect(field(page)).not_to_be_focused()
    page.goto(page.url.partition("?")[0].replace("index", "about"))
    page.keyboard.press("/")
    page.wait_for_timeout(300)
    assert page.url.endswith("about.ipynb"), "saved for all pages"
    page.evaluate("localStorage.clear()")
    page.keyboard.press("/")
    page.wait_for_url("**/index.ipynb#find")


def test_the_slash_leads_from_a_filter_to_the_search_and_keeps_the_filters(visit) -> None:
    page = visit(charts=False)
    page.get_by_role("checkbox", name="Town", exact=True).uncheck()
    page.get_by_role("checkbox", name="Under 30", exact=True).focus()
    page.keyboard.press("/")
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_value("")
    chosen = {"branch": ["village"]}
    link = page.get_by_role("link", name="Reasons for coming")
    for address in (page.url, link.get_attribute("href")):
        asked = parse_qs(urlsplit(address).query)
        assert {name: asked[name] for name in chosen} == chosen, address
    link.click()
    expect(page.get_by_role("checkbox", name="Town", exact=True)).not_to_be_checked()


@pytest.mark.parametrize("name", ["index", "method", "about"])
@pytest.mark.parametrize("width", [320, 390])
def test_pages_of_words_need_no_scrolling_sideways(visit, name: str, width: int) -> None:
    page = visit(f"{name}.ipynb", viewport={"width": width, "height": 700})
    if name == "index":
        field(page).fill("meet people")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_searching_breaks_no_rule(visit, axe: str) -> None:  # noqa: F811
    page = visit("index.ipynb")
    field(page).fill("meet people")
    assert faults(page, axe, [DESK_LIGHT, PHONE_DARK]) == {}


# Words and notes


def test_the_first_of_each_word_on_a_card_leads_to_the_glossary(
    browser: Browser, ours: Server
) -> None:
    page = at(browser, ours, "measurement.ipynb")
    unfold(page)
    for here in page.locator("article").all():
        links = here.locator("a.term")
        found = links.evaluate_all("all => all.map((a) => a.getAttribute('href'))")
        assert len(found) == len({*found})
        assert {"method.ipynb#simulated", "method.ipynb#base"} <= {*found}
    here = card(page, "influence")
    before = here.locator(".base").text_content()
    chip(page, "Larger").uncheck()
    expect(here.locator(".base")).not_to_have_text(before)
    expect(here.locator(".base a.term")).to_have_text("Base")
    expect(here.locator(".sentence a.term")).to_have_text("95% range")
    expect(page.locator(".banner a.term")).to_have_text("Illustrative data")
    within = ".wording, h3, table, .number-card, .source, .glance, .filters"
    assert page.locator(f":is({within}) a.term").count() == 0
    here.locator(".base a.term").click()
    page.wait_for_url("**/method.ipynb#base")
    expect(page.locator("#base dt")).to_be_in_viewport()
    leave(page)


def test_notes_are_one_step_away(visit) -> None:
    page = visit(charts=False)
    notes = card(page, "training").locator(".asides")
    expect(notes.locator(".notes")).to_be_hidden()
    notes.locator("summary").click()
    expect(notes.locator(".notes")).to_contain_text("Not split by branch: only 18 staff answered.")
    assert notes.locator("summary").text_content().startswith("Notes (2)")


def test_on_paper_each_note_is_printed_once_at_the_end(browser: Browser, ours: Server) -> None:
    page = at(browser, ours, "measurement.ipynb")
    pages = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    said = unicodedata.normalize("NFKC", " ".join(one.extract_text() for one in pages))
    edition = page.locator("#views").get_attribute("data-edition")
    text = "".join(said.split()).replace(f"edition={edition}", "")  # at the foot of each sheet
    views = json.loads((ours.release / "views" / "measurement.json").read_text(encoding="utf-8"))
    about: set[str] = set()
    shown: list[set[str]] = []
    for question in views["questions"]:
        view = question["views"]["|" + "|".join(f"{d}=*" for d in question["filters"])]
        about |= {*view["caveats"], *question["hidden"]}
        shown.append({*view["caveats"], *question["hidden"]})
    body, heading, end = text.rpartition("Notes1.")
    end = f"1.{end}"
    numbers = {}
    for note in about:
        words = "".join(unicodedata.normalize("NFKC", note).split())
        assert text.count(words) == 1 and heading, note
        numbers[note] = int(re.search(rf"(\d+)\.{re.escape(words)}", end)[1])
    assert sorted(numbers.values()) == [*range(1, len(about) + 1)]
    cited = [",".join(map(str, sorted(numbers[note] for note in notes))) for notes in shown]
    assert all(f"Notes:{one}." in body for one in cited if one)
    assert "Notsplitby" not in text, "paper has no filters"
    leave(page)


# Sharing and embedding


def test_a_printed_comparison_leaves_little_white_space(browser: Browser, ours: Server) -> None:
    """Of 11 sheets: it took 12 with larger charts, and notes in one column."""
    page = at(browser, ours, "measurement.ipynb?compare-by=organisation_size")
    sheets = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    leave(page)
    assert len(sheets) <= 11


def test_sharing_gives_the_address_of_the_question(visit) -> None:
    page = visit("visits.ipynb?branch=village", charts=False, **CLIPBOARD)
    here = card(page, "hours")
    here.locator("summary", has_text="Share").click()
    link = here.get_by_label("Link to this question, with your choices", exact=True)
    edition = page.locator("#views").get_attribute("data-edition")
    where = f"visits.ipynb?branch=village&edition={edition}#q-hours"
    expect(link).to_have_value(re.compile(f"{re.escape(where)}$"))
    here.get_by_role("button", name="Copy: Link to this question").click()
    expect(here.get_by_text("Copied.")).to_be_visible()
    assert pasted(page) == link.input_value()
    chip(page, "Town").check()
    where = f"visits.ipynb?edition={edition}#q-hours"
    expect(link).to_have_value(re.compile(f"{re.escape(where)}$"))
    expect(here.get_by_label("To show it on a website")).to_have_count(0)


def test_a_card_is_embedded_without_the_page_around_it(
    browser: Browser,
    ours: Server,
    website: Callable[[str], str],
    axe: str,  # noqa: F811
) -> None:
    page = at(browser, ours, "measurement.ipynb?organisation_size=smaller#q-influence")
    here = card(page, "influence")
    here.locator("summary", has_text="Share").click()
    field = here.get_by_label("To show it on a website", exact=True)
    expect(field).to_have_value(re.compile("^<iframe src="))
    code, title = field.input_value(), "Influence on the commissioning cycle"
    assert f'title="{title}"' in code
    assert "embed=influence" in code and "organisation_size=smaller" in code
    assert "edition" not in code, "an embedded card always shows the newest results"
    page.goto(website(code))
    frame = page.frame_locator("iframe")
    frame.locator("#explorer[data-ready]").wait_for()
    expect(frame.locator("article")).to_have_count(1)
    expect(frame.locator("h3")).to_have_text(title)
    expect(frame.locator(".chart .main-svg").first).to_be_visible()
    expect(frame.locator(".band")).to_have_text("Illustrative data")
    for furniture in (".pages", ".filters", "footer", ".banner"):
        expect(frame.locator(furniture).first).to_be_hidden()
    source = frame.locator(".from")
    expect(source).to_contain_text("Commissioning public services for better outcomes, 2013.")
    expect(source).to_contain_text("Do not use as evidence.")
    address = source.get_by_role("link").get_attribute("href")
    assert address.endswith("/measurement.ipynb?organisation_size=smaller#q-influence")
    leave(page)
    page = at(browser, ours, "measurement.ipynb?embed=influence")
    assert faults(page, axe, [DESK_LIGHT, PHONE_DARK]) == {}
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    leave(page)


def policy(server: Server, query: str, **headers: str) -> str:
    path = f"/voila/render/index.ipynb{query}"
    return fetch(server, path, **headers)[1]["content-security-policy"]


def test_only_websites_of_the_release_may_embed_and_only_a_card(
    ours: Server, tmp_path: Path
) -> None:
    assert policy(ours, "?embed=x").endswith("frame-ancestors http://127.0.0.1:*")
    assert "frame-ancestors 'none'" in policy(ours, "")
    assert "frame-ancestors 'none'" in policy(ours, "?embed=")
    assert "default-src 'none'; script-src 'self'" in policy(ours, "?embed=x")
    copy = shutil.copytree(ours.release, tmp_path / "release")
    with served(copy, tmp_path, made=False, INSIGHTS_PASSWORD="correct horse") as closed:
        assert "frame-ancestors 'none'" in policy(closed, "?embed=x", **closed.key)
        assert b"data-embed" not in fetch(closed, "/voila/render/index.ipynb", **closed.key)[2]


def test_without_permission_an_address_to_embed_shows_the_page(visit, server: Server) -> None:
    assert "frame-ancestors 'none'" in policy(server, "?embed=hours")
    page = visit("visits.ipynb?embed=hours", charts=False)
    expect(page.locator("article")).to_have_count(len(QUESTIONS))
    expect(page.locator(".notice")).to_have_count(0)
