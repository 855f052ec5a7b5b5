"""The notebooks as an analyst opens them: in JupyterLab, in a real Chromium."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

import helpers as h
from helpers import paths
from helpers.responses.survey import load_survey

from .lab import laboratory, opened, run_all

pytestmark = pytest.mark.browser
MARK = ".bars path, .points path"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab on a copy of the notebooks: running them must not change ours."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(paths.NOTEBOOKS, folder / "notebooks")
    with laboratory(folder / "jupyter", folder / "notebooks") as home:
        yield home


@pytest.fixture(scope="module")
def analyst(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody whose browser knows JupyterLab after the first notebook."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    yield context
    context.close()


@pytest.fixture
def page(analyst: BrowserContext) -> Iterator[Page]:
    problems: list[str] = []
    page = analyst.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    page.close()
    assert problems == []


def card(page: Page, title: str) -> Locator:
    return page.locator(".insights-question").filter(has=page.get_by_role("heading", name=title))


def quoted(here: Locator, group: str) -> str:
    """The citation of the first number of a group."""
    here.locator("summary", has_text="Cite").click()
    first = here.locator(f"optgroup[label='{group}'] option").first.get_attribute("value")
    here.get_by_label("Which number").select_option(first)
    return here.locator(".citation").inner_text()


def drawn(here: Locator) -> Locator:
    """The chart of a question, once it is drawn."""
    chart = here.locator(".chart")
    chart.scroll_into_view_if_needed()
    chart.locator(MARK).first.wait_for(state="attached", timeout=60_000)
    return chart


def test_a_filter_changes_chart_sentence_and_files(
    lab: str, page: Page, node_modules: Path
) -> None:
    opened(page, lab, "10_measurement.ipynb")
    run_all(page)
    here = card(page, "Contract types in regular use").first
    chart = drawn(here)
    expect(here.get_by_role("note")).to_contain_text("the responses are simulated")
    expect(here.locator(".base")).to_contain_text("Base: 31 commissioners")
    before = (
        chart.locator(MARK).first.bounding_box(),
        here.locator(".sentence").inner_text(),
    )
    assert chart.get_attribute("role") == "img"
    assert before[1] in chart.get_attribute("aria-label")

    box = page.get_by_role("checkbox", name="Larger").first
    box.focus()
    page.keyboard.press("Space")
    busy = 60_000  # the kernel may still be running the cells below
    expect(here.locator(".base")).to_contain_text("Organisation size: Smaller", timeout=busy)
    after = (
        chart.locator(MARK).first.bounding_box(),
        here.locator(".sentence").inner_text(),
    )
    assert before[0] != after[0]
    number = quoted(here, "Spend-based contract")
    assert re.match(r"Contract types in regular use: “Spend-based contract · .*”, \d+%", number)
    assert "16 commissioners who answered" in number or "of 16 who answered" in number
    assert "http" not in number  # an address of JupyterLab leads nobody here
    expect(here.get_by_role("button", name="Copy link")).to_have_count(0)

    with page.expect_download() as download:
        here.get_by_role("button", name="Download CSV").click()
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    place = rows[0].index("Filters")
    assert {row[place] for row in rows[1:]} == {"Organisation size: Smaller"}
    with page.expect_download() as download:
        here.get_by_role("button", name="Download XLSX").click()
    assert "xl/worksheets/sheet2.xml" in zipfile.ZipFile(download.value.path()).namelist()
    for name, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as download:
            here.get_by_role("button", name=f"Download {name}").click()
        assert Path(download.value.path()).read_bytes().startswith(start)

    said = page.locator(".jp-OutputArea-child").filter(has_text="from three years ago to now").last
    smaller = {"organisation_size": "smaller"}
    found = h.change(load_survey(), "contract_types_used", "then", "now", smaller)
    expect(said).to_contain_text(found.sentence, timeout=busy)
    expect(page.get_by_text("Organisation size: Smaller. Illustrative data").first).to_be_attached()

    page.get_by_role("checkbox", name="Commissioners").first.uncheck()
    expect(said).to_be_hidden(timeout=busy)
    expect(here.locator(".not-asked")).to_contain_text("this question was put to commissioners")
    expect(chart).to_be_hidden()
    page.get_by_role("button", name="Show everybody").first.click()
    expect(here.locator(".base")).to_contain_text("Base: 31 commissioners")
    expect(chart).to_be_visible()
    ran(page)
    page.evaluate((node_modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    assert page.evaluate(BROKEN) == []


# All are run by nbval, and opened with stock tools in `benchmarks.stock_notebooks`. Another one is
# the one above; the last has charts and controls of its own.
@pytest.mark.parametrize("notebook", ["00_start_here.ipynb", "70_planning_the_next_wave.ipynb"])
def test_each_notebook_runs_and_draws(lab: str, page: Page, notebook: str) -> None:
    opened(page, lab, notebook)
    run_all(page)
    ran(page)


def ran(page: Page) -> None:
    """Wait until every cell has run without complaint, and every chart is drawn."""
    last = page.locator(".jp-CodeCell").last.locator(".jp-InputPrompt")
    expect(last).to_have_text(re.compile(r"^\[\d+\]:$"), timeout=60_000)
    assert page.locator('[data-mime-type="application/vnd.jupyter.error"]').count() == 0
    assert page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    expect(page.get_by_text("Drawing the chart")).to_have_count(0, timeout=30_000)
    assert page.get_by_text("script has not come").count() == 0


# Rules of WCAG that axe finds broken in what our cells show, but not in JupyterLab around them.
BROKEN = """async () => {
  const { violations } = await axe.run({ include: [['.insights-question'], ['.widget-box']] },
    { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
  return violations.flatMap((rule) => rule.nodes.map((one) => `${rule.id}: ${one.html}`));
}"""
