"""The notebooks of the dashboards in stock Voila, JupyterLab and nbconvert, in a real Chromium.

What a page shows is compared with the files of the release.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from helpers.pages import embedding
from helpers.paths import DASHBOARDS, PROJECT, RELEASE

from . import stock
from .lab import TOKEN, laboratory, opened, run_all, voila

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Workbook contains no default style"),
]
VIEWS = stock.released("measurement")
SMALLER = {"organisation_size": "smaller"}
Open = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Open an address; errors of the page fail the test, and so do requests to elsewhere."""
    problems: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 800})

    def open_page(
        address: str, within: str = "", offline: bool = False, scheme: Any = None
    ) -> Page:
        context.set_offline(offline)
        page = context.new_page()
        page.emulate_media(color_scheme=scheme)
        page.set_default_timeout(stock.VISIT)
        page.on("pageerror", lambda error: problems.append(str(error)))
        if within:
            page.on(
                "request", lambda request: problems.extend(stock.elsewhere([request.url], within))
            )
        page.goto(address)
        return page

    yield open_page
    context.close()
    assert problems == []


def settings(frame: Any) -> None:
    """Take the larger organisations out, as a reader does."""
    frame.get_by_role("checkbox", name="Larger", exact=True).uncheck()


def test_voila_from_the_root_shows_every_page_by_our_template(visit: Open, tmp_path: Path) -> None:
    with voila("dashboards", tmp_path, start=PROJECT) as home:
        page = visit(f"{home}voila/render/measurement.ipynb?organisation_size=smaller", home)
        frame = stock.shown(page)
        assert frame == page.main_frame and not page.locator(".jp-Cell, pre").count()
        stock.check(frame, VIEWS, **SMALLER)
        page.get_by_role("checkbox", name="Larger", exact=True).check()
        stock.check(frame, VIEWS)
        settings(page)
        page.get_by_role("link", name="Context", exact=True).click()
        expect(page.locator("h1")).to_have_text("Context")
        stock.check(stock.shown(page), stock.released("context"), **SMALLER)


def test_voila_of_one_notebook_has_no_broken_links(visit: Open, tmp_path: Path) -> None:
    with voila("dashboards/measurement.ipynb", tmp_path, start=PROJECT) as home:
        page = visit(home, home)
        frame = stock.shown(page)
        settings(page)
        stock.check(frame, VIEWS, **SMALLER)
        links = page.locator("a").evaluate_all("all => all.map((a) => a.getAttribute('href'))")
        assert links and not [link for link in links if ".ipynb" in link]
        page.reload()
        stock.check(stock.shown(page), VIEWS, **SMALLER)


def test_voila_inside_the_folder_begins_with_the_index(visit: Open, tmp_path: Path) -> None:
    with voila("", tmp_path, start=DASHBOARDS) as home:
        page = visit(home, home)
        page.wait_for_url("**/voila/render/index.ipynb")
        page.locator(".listed").get_by_role("link", name="Measurement").click()
        stock.check(stock.shown(page), VIEWS)


def test_voilas_own_template_shows_the_same_page(visit: Open, tmp_path: Path) -> None:
    release = tmp_path / "release"
    shutil.copytree(RELEASE, release)
    around = {"INSIGHTS_RELEASE": str(release)}
    with voila("", tmp_path, *stock.OWN_TEMPLATE, start=DASHBOARDS, **around) as home:
        address = f"{home}voila/render/measurement.ipynb"
        page = visit(address)
        frame = stock.shown(page)
        assert frame != page.main_frame
        expect(page.locator(".insights-words")).to_be_hidden()
        settings(frame)
        stock.check(frame, VIEWS, **SMALLER)
        assert page.url.startswith(f"{address}?organisation_size=smaller")
        frame.get_by_role("link", name="Challenges", exact=True).click()
        expect(frame.locator("#s-challenges")).to_be_in_viewport()
        page.go_back()
        stock.check(frame, VIEWS)
        page.goto(f"{address}?organisation_size=smaller")
        frame = stock.shown(page)
        stock.check(frame, VIEWS, **SMALLER)
        frame.get_by_role("link", name="About the data", exact=True).click()
        page.wait_for_url("**/about.ipynb*", wait_until="commit")

        (release / "views" / "measurement.json").write_text("{}", encoding="utf-8")
        page.goto(address)
        said = page.frame_locator(stock.FRAME).locator("main")
        expect(said).to_contain_text("has changed since it was made", timeout=stock.VISIT)
        expect(said).to_contain_text("No figures are shown until then.")
        assert not said.locator("table, svg").count()


def test_jupyterlab(visit: Open, tmp_path: Path) -> None:
    """Run, choose, take a file, follow a link; then open what was saved, trusted and not."""
    folder = tmp_path / "notebooks"
    shutil.copytree(DASHBOARDS, folder)
    notebook = folder / "measurement.ipynb"
    with laboratory(tmp_path / "jupyter", folder) as home:
        page = visit("about:blank")
        opened(page, home, notebook.name)
        run_all(page)
        frame = stock.shown(page)
        expect(page.locator(".insights-words")).to_be_hidden()
        settings(frame)
        stock.check(frame, VIEWS, **SMALLER)
        assert "?" not in page.url and not frame.get_by_text("Copy link").count()
        question = VIEWS["questions"][0]
        with page.expect_download() as caught:
            frame.get_by_role("button", name=f"Download XLSX: {question['title']}").click()
        rows = list(
            openpyxl.load_workbook(io.BytesIO(caught.value.path().read_bytes()))["Table"].values
        )
        view = question["views"][stock.key(question, SMALLER)]
        at = question["columns"][""].index("Share")
        assert [f"{100 * row[at]:.0f}%" for row in rows[1:]] == [row[at] for row in view["rows"]]
        page.locator("[data-command='docmanager:save']").first.click()
        expect(page.locator(".jp-mod-dirty")).to_have_count(0)
        frame.get_by_role("link", name="Context", exact=True).click()
        tabs = page.locator(".lm-DockPanel-tabBar .lm-TabBar-tabLabel")
        expect(tabs).to_have_text(["measurement.ipynb", "context.ipynb"])
        assert frame.url == "about:srcdoc"

        saved = json.loads(notebook.read_text(encoding="utf-8"))
        (folder / "again.ipynb").write_text(json.dumps(saved), encoding="utf-8")
        saved["cells"][0]["source"] += "  # not signed by anybody here"
        (folder / "strange.ipynb").write_text(json.dumps(saved), encoding="utf-8")
        again = visit("about:blank", scheme="dark")
        again.goto(f"{home}/lab/workspaces/again/tree/again.ipynb?token={TOKEN}")
        frame = stock.shown(again)
        stock.check(frame, VIEWS)
        ground = "getComputedStyle(document.documentElement).backgroundColor"
        assert frame.evaluate(ground) == "rgb(255, 255, 255)", "JupyterLab is light here"

        again.locator(".jp-DirListing-item", has_text="strange.ipynb").dblclick()
        strange = again.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        expect(strange.locator(".jp-InputArea").first).to_contain_text("not signed by anybody")
        words = strange.locator(".insights-words")
        for _, (sentence, rows, _) in stock.wanted(VIEWS, {}).items():
            expect(words).to_contain_text(sentence)
            assert [*rows[0]] in words.locator("tr").evaluate_all(
                "all => all.map((row) => [...row.cells].map((cell) => cell.textContent))"
            )
        assert not strange.locator(stock.FRAME).count()


def test_nbconvert_to_html_works_from_a_folder(visit: Open, tmp_path: Path) -> None:
    file = stock.converted(DASHBOARDS / "measurement.ipynb", "html", tmp_path)
    page = visit(file.as_uri(), offline=True)
    frame = stock.shown(page)
    stock.check(frame, VIEWS)
    settings(frame)
    stock.check(frame, VIEWS, **SMALLER)
    assert not frame.locator("a[href*='.ipynb']").count()
    whole = frame.evaluate("document.documentElement.scrollHeight")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(stock.FRAME).bounding_box()["height"] >= whole, "paper shows all of it"


def test_nbconvert_to_markdown_is_words_and_tables(tmp_path: Path) -> None:
    text = stock.converted(DASHBOARDS / "measurement.ipynb", "markdown", tmp_path).read_text()
    assert "<script" not in text and "<iframe" not in text
    for sentence, rows, _ in stock.wanted(VIEWS, {}).values():
        assert sentence in text
        assert "".join(f"<td>{cell}</td>" for cell in rows[0][1:]) in text


# The template


def test_the_template_that_voila_finds_is_the_one_of_the_source() -> None:
    source = Path(embedding.__file__).parent / "browser" / "voila" / "templates" / "insights"
    there = Path(sys.prefix) / "share" / "jupyter" / "voila" / "templates" / "insights"
    for folder in (source, there):
        assert (folder / "index.html.j2").is_file(), f"{folder}: run `make setup`"
    names = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
    assert names == {path.relative_to(there) for path in there.rglob("*") if path.is_file()}
    assert not [n for n in names if (source / n).read_bytes() != (there / n).read_bytes()]


def test_the_notebooks_name_the_template() -> None:
    for path in DASHBOARDS.glob("*.ipynb"):
        about = json.loads(path.read_text(encoding="utf-8"))["metadata"]
        assert about["voila"] == {"template": "insights"}, path.name
    told = json.loads((DASHBOARDS / "voila.json").read_text(encoding="utf-8"))
    assert told["VoilaConfiguration"]["template"] == "insights"
    assert re.search(r"strip_sources", json.dumps(told))
