"""Notebooks under stock tools with plain commands: nbconvert, and Voila.

`python -m benchmarks.stock_notebooks` runs all of them under more tools, twenty times.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

import helpers as h
from helpers import paths
from helpers.notebook import controls, questions
from helpers.notebook.drawing import face
from helpers.notebook.without_kernel import VIEW
from helpers.responses.survey import load_survey

from .lab import voila
from .stock import OWN_TEMPLATE

pytestmark = [pytest.mark.browser, pytest.mark.slow]
STATE = "application/vnd.jupyter.widget-state+json"
WORST = "20_risk_and_innovation"  # of eleven runs seven hung, when tables were in `Output`
NOTEBOOKS = (WORST, "70_planning_the_next_wave")
PATIENCE = 240
EXAMPLE = paths.PROJECT / "data" / "example"


def nbconvert(*arguments: object) -> None:
    """Type `jupyter nbconvert`."""
    command = [sys.executable, "-m", "jupyter", "nbconvert", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder for each notebook: executed, and converted without options, all by one command."""
    place = tmp_path_factory.mktemp("stock")
    for name in NOTEBOOKS:
        (place / name).mkdir()
        shutil.copy(paths.NOTEBOOKS / f"{name}.ipynb", place / name / "notebook.ipynb")
    copies = [place / name / "notebook.ipynb" for name in NOTEBOOKS]
    nbconvert("--execute", "--to", "notebook", "--inplace", *copies)
    for form in ("html", "markdown"):
        nbconvert("--to", form, *copies)
    return {name: place / name for name in NOTEBOOKS}


@pytest.fixture(scope="module", params=NOTEBOOKS)
def folder(request: pytest.FixtureRequest, folders: dict[str, Path]) -> Path:
    """A notebook as nbconvert leaves it, and its HTML and Markdown."""
    return folders[request.param]


@pytest.fixture(scope="module")
def pictures(folder: Path) -> int:
    """How many charts the notebook shows: as many as there are drawing widgets in view."""
    notebook = nbformat.read(folder / "notebook.ipynb", as_version=4)
    models = notebook.metadata.widgets[STATE]["state"]
    outputs = [o for c in notebook.cells for o in c.get("outputs", ())]
    shown = [o.data[VIEW]["model_id"] for o in outputs if VIEW in o.get("data", {})]

    def charts(name: str) -> int:
        model = models[name.removeprefix("IPY_MODEL_")]
        drawn = {"figure", "found"} & set(model["state"])
        return bool(drawn) + sum(map(charts, model["state"].get("children", ())))

    return sum(map(charts, shown))


def test_an_executed_notebook_holds_no_output_inside_a_widget(folder: Path) -> None:
    notebook = nbformat.read(folder / "notebook.ipynb", as_version=4)
    models = notebook.metadata.widgets[STATE]["state"].values()
    assert "OutputModel" not in {model["model_name"] for model in models}
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert {output.output_type for output in outputs} <= {"execute_result", "display_data"}
    assert "object at 0x" not in json.dumps(outputs)


@pytest.mark.parametrize("width", [1280, 390])
def test_html_shows_every_chart_table_and_sentence_offline(
    folder: Path, pictures: int, browser: Browser, width: int
) -> None:
    context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto((folder / "notebook.html").as_uri(), wait_until="load")
    charts = page.locator("img[alt^='Chart. ']")
    assert charts.count() == pictures > 0
    sizes = charts.evaluate_all("all => all.map(one => [one.naturalHeight, one.clientWidth])")
    assert all(height > 100 and wide > 200 for height, wide in sizes), sizes
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    text = page.locator("body").inner_text()
    assert "object at 0x" not in text and "Drawing the chart" not in text
    notebook = nbformat.read(folder / "notebook.ipynb", as_version=4)
    shown = sum("data" in output for cell in notebook.cells for output in cell.get("outputs", ()))
    areas = page.locator(".jp-OutputArea-output")
    assert areas.count() == shown
    empty = areas.evaluate_all("all => all.filter(one => one.clientHeight < 10).length")
    assert empty == 0
    context.close()


def test_markdown_shows_charts_tables_and_sentences(folder: Path, pictures: int) -> None:
    """Of HTML a host keeps no style, no script and no picture inside the text."""
    text = (folder / "notebook.md").read_text(encoding="utf-8")
    files = re.findall(r'<img alt="Chart\. [^"]+" [^>]*src="([^":]+\.svg)"', text)
    assert len(set(files)) == len(files) == pictures
    assert all((folder / name).read_text(encoding="utf-8").startswith("<svg") for name in files)
    assert "object at 0x" not in text and "widget" not in text and "data:image" not in text


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with voila(paths.NOTEBOOKS / f"{WORST}.ipynb", tmp_path_factory.mktemp("voila")) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    yield page
    context.close()


def test_stock_voila_shows_a_notebook_that_follows_its_filters(address: str, page: Page) -> None:
    patience = PATIENCE * 1000
    page.goto(address)
    cards = page.locator(".insights-question:has(.sentence)")  # beside them pictures
    expect(cards).to_have_count(8, timeout=patience)
    first = cards.first
    first.scroll_into_view_if_needed()
    first.locator(".chart :is(.bars, .points) path").first.wait_for(state="attached")
    assert page.locator("img[alt^='Chart. ']").count() == 0, "live, so no still picture"
    survey = load_survey()
    filters = controls.filters(survey)
    view = questions.question(survey, "delivery_challenges", filters)
    expect(first.locator(".sentence")).to_have_text(view.found["view"]["sentence"])
    table = page.locator(".jp-RenderedHTMLCommon table", has_text="Difference in mean score").last
    cell = table.locator("tbody td").nth(1)

    page.get_by_role("checkbox", name="Larger").first.uncheck()
    smaller = {"organisation_size": "smaller"}
    filters.set(smaller)
    expect(first.locator(".base")).to_contain_text("Organisation size: Smaller", timeout=patience)
    expect(first.locator(".sentence")).to_have_text(view.found["view"]["sentence"])
    changes = h.change(survey, "pbr_income", "then", "now", smaller).table().data
    expect(cell).to_have_text(str(changes.iloc[0, 1]), timeout=patience)
    page.locator("select").nth(0).select_option("Sector")
    expect(first.locator(".key")).to_contain_text("challenge", timeout=patience)
    expect(first.locator(".chart")).to_have_attribute(
        "aria-label", re.compile("social sector"), timeout=patience
    )


# Bars of a plot that end beyond its axis: they would be cut, and all look alike.
BARS_OUTSIDE = """(place) => {
  const plot = place.matches(".js-plotly-plot") ? place : place.querySelector(".js-plotly-plot");
  const [low, high] = plot._fullLayout.xaxis.range;
  const sums = {};
  for (const { type, orientation, x, y } of plot._fullData) {
    if (type !== "bar" || orientation !== "h") continue;
    x.forEach((value, n) => {
      const of = (sums[`${y[n]}${value < 0}`] ??= { to: 0 });
      of.to += value;
    });
  }
  return Object.values(sums).filter(({ to }) => to < low || to > high);
}"""


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A notebook of one call, `h.explore`, under stock Voila."""
    folder = tmp_path_factory.mktemp("explored")
    code = f"import helpers as h\nh.explore(h.load_survey({str(EXAMPLE)!r}), first='visits')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbformat.write(notebook, folder / "explore.ipynb")
    with voila(folder / "explore.ipynb", folder, *OWN_TEMPLATE) as address:
        yield address


def test_the_explorer_follows_words_question_and_filters(explored: str, page: Page) -> None:
    survey = load_survey(EXAMPLE)
    filters = controls.filters(survey)
    page.goto(explored)
    card = page.locator(".insights-question:has(.sentence)")
    question, chart = page.get_by_label("Question", exact=True), card.locator(".chart")

    def check(name: str) -> None:
        """Sentence, table and chart are those of a question under the filters as they are."""
        found = questions.question(survey, name, filters).found
        said = found["view"]["sentence"]
        expect(card).to_have_count(1)
        expect(card.locator("h3")).to_have_text(survey.question(name).label)
        expect(card.locator(".sentence")).to_have_text(said)
        expect(card.locator(".base")).to_contain_text(found["view"]["base"])
        chart.scroll_into_view_if_needed()
        chart.locator(".bars path, .points path").first.wait_for(state="attached")
        expect(chart).to_have_attribute(
            "aria-label", re.compile(re.escape(found["view"]["sentence"]))
        )
        assert chart.evaluate(BARS_OUTSIDE) == []

    check("visits")
    question.select_option(label=survey.question("views").label)
    check("views")
    filters.set({"branch": "centre"})
    for code, label in survey.codebook.dimensions["branch"].bands.items():
        if code != "centre":
            page.get_by_role("checkbox", name=label, exact=True).uncheck()
    check("views")
    question.select_option(label=survey.question("visits").label)
    check("visits")
    page.get_by_placeholder("Find a question").fill("agree")
    check("views")
    page.get_by_placeholder("Find a question").fill("no question has these words")
    expect(page.get_by_text("No question contains these words.")).to_be_visible()


def test_a_chart_is_drawn_even_if_its_script_is_late(page: Page) -> None:
    """On a busy machine half a minute passes; a chart that had given up stayed empty for good."""
    page.clock.install()
    page.goto("about:blank")
    source = face("question")
    [key] = re.findall(r'insightsFaces\?\.\["(\w+)"\]', source)
    page.evaluate(
        """async (source) => {
          const module = await import(`data:text/javascript,${encodeURIComponent(source)}`);
          module.default.render({ el: document.body });
        }""",
        source,
    )
    assert page.text_content("body") == "Drawing the chart …"
    page.clock.run_for(31_000)
    assert "has not come yet" in page.text_content("body")
    page.evaluate(
        """(key) => {
          const question = ({ el }) => { el.textContent = "drawn"; };
          globalThis.insightsFaces = { [key]: { question } };
          dispatchEvent(new Event(`insights-${key}`));
        }""",
        key,
    )
    expect(page.locator("body")).to_have_text("drawn")
    page.clock.run_for(60_000)
    assert page.text_content("body") == "drawn"
