"""The static site: the same pages from a folder, without server, kernel or network."""

from __future__ import annotations

import csv
import http.server
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page, expect

from helpers import paths
from helpers.dashboards.site import site as make_site
from helpers.dashboards.site.site import RECORD, check_target
from helpers.errors import InsightsError

from . import library, test_page
from .conftest import ALONE, Place, Visit, few, leave, tab, visiting

pytestmark = pytest.mark.browser
BUILD = """
import os
import sys
from pathlib import Path
from helpers import paths
from helpers.dashboards.site import site
from helpers.errors import InsightsError

paths.DASHBOARDS = Path(os.environ.get("DASHBOARDS_OF_THIS_TEST", paths.DASHBOARDS))
target, release, survey, *notebooks = map(Path, sys.argv[1:])
try:
    site.build(target, release, survey, notebooks)
except InsightsError as error:
    sys.exit(str(error))
"""
RESULTS = ":is(.result, .result > div:not([data-face])) > .scroll"
TWO = "[79]0_*"  # a plan with controls of its own, and every form of result


def run(*command: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run Python as a user would: in a process of its own."""
    return subprocess.run(
        [sys.executable, *map(str, command)], capture_output=True, text=True, **options
    )


def build(target: Path, release: Path, *more: Path, dashboards: Path | None = None) -> str:
    """Build a site here, which needs no Python of its own; return what went wrong.

    Of a few dashboards, if none are named: those of other releases are not part of a site. Beside
    notebooks the index is enough.
    """
    survey, *notebooks = more or (release,)
    names = ALONE if notebooks else ("index", "about", "method")
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        ThreadPoolExecutor(1) as apart,  # the browser has a loop in this thread
    ):
        patch.setattr(paths, "DASHBOARDS", dashboards or few(Path(folder), names))
        try:
            apart.submit(make_site.build, target, release, survey, notebooks).result()
        except InsightsError as error:
            return str(error) or "an error without words"
    return ""


def contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.fixture(scope="session")
def site(release: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Path:
    """The site of the invented release, below a path as on a web host."""
    folder = tmp_path_factory.mktemp("host") / "surveys" / "a library"
    done = run("-c", BUILD, folder, release, release)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> tuple[Path, Path, str]:
    """The site of a copy of the project's survey: survey folder, site, and what was said."""
    folder = tmp_path_factory.mktemp("own")
    survey, site = folder / "survey", folder / "site"
    shutil.copytree(paths.data_folder(), survey, ignore=shutil.ignore_patterns("release"))
    (survey / "notebooks").mkdir()  # a copy has its own
    for path in paths.NOTEBOOKS.glob(f"{TWO}.ipynb"):
        shutil.copy(path, survey / "notebooks")
    done = run("-m", "helpers.cli", "site", "--data", survey, "--to", site)
    assert done.returncode == 0, done.stderr
    return survey, site, done.stdout


@pytest.fixture
def place(site: Path) -> Place:
    return Place(site.as_uri(), site.as_uri(), ".html", offline=True)


# From a folder and without network, the same holds as of the served pages: of what could ask for a
# server, an address or a file. The rest is the same script and style on the same page.

globals().update(
    (test.__name__, test)
    for test in (
        test_page.test_every_question_is_drawn_with_words_base_and_table,
        test_page.test_filters_change_chart_sentence_base_and_table,
        test_page.test_comparison,
        test_page.test_the_address_holds_the_state,
        test_page.test_a_link_with_unknown_names_is_read_as_far_as_possible,
        test_page.test_csv_holds_the_view_and_no_formula,
        test_page.test_pictures_explain_themselves,
    )
)


# On a web host, below a path: what depends on addresses. A folder forbids more of the rest.


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A plain web host that shows the site's 404 page."""

    def send_error(self, code: int, *_: object) -> None:  # type: ignore[override]
        raw = (Path(self.directory) / "surveys" / "a library" / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hosted(site: Path) -> Iterator[str]:
    handler = partial(Quiet, directory=str(site.parent.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/surveys/a%20library"
        server.shutdown()


@pytest.mark.parametrize(
    "check",
    [
        test_page.test_every_question_is_drawn_with_words_base_and_table,
        test_page.test_the_address_holds_the_state,
    ],
    ids=lambda check: check.__name__,
)
def test_the_site_works_below_a_path(
    check: Callable[[Visit], None], hosted: str, browser: Browser
) -> None:
    with visiting(browser, Place(hosted, hosted, ".html")) as visit:
        check(visit)


def test_missing_pages_show_the_sites_own_404(hosted: str, browser: Browser) -> None:
    page = tab(browser)
    page.goto(f"{hosted}/no_such_page.html")
    expect(page.locator("h1")).to_have_text("No such page")
    assert page.locator("h1").evaluate("node => getComputedStyle(node).marginBlockEnd") == "0px"
    page.get_by_role("link", name="All questions").click()
    expect(page.locator("h1")).to_have_text("All questions")
    leave(page)


# Every page


def files(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_link_works_and_nothing_is_fetched_from_elsewhere(
    own: tuple[Path, Path, str], browser: Browser
) -> None:
    """Follow what a browser has made of the pages, links that a script wrote included."""
    _, site, _ = own
    anchors: dict[str, set[str]] = {}
    wanted: set[tuple[str, str]] = set()
    home = (site / "index.html").as_uri()
    with visiting(browser, Place(site.as_uri(), site.as_uri(), offline=True)) as visit:
        unread = [home]
        while unread:
            address = unread.pop()
            page = visit(address.removeprefix(f"{site.as_uri()}/"))
            ready(page)
            anchors[address] = set(every(page, "[id]", "id"))
            links = [urldefrag(re.sub(r"\?[^#]*", "", link)) for link in every(page, "a", "href")]
            wanted |= {tuple(link) for link in links}
            new = {target for target, _ in links} - set(anchors) - set(unread)
            pages = (target for target in new if not target.endswith(".pdf"))
            unread += sorted(target for target in pages if target.startswith("file:"))
            leave(page)
    found = {Path(unquote(urlsplit(one).path)) for one in anchors}
    assert found == set(files(site)) - {site / "404.html"}
    outside = {target for target, _ in wanted if not target.startswith(site.as_uri())}
    assert outside == set()
    assert {link for link in wanted if link[1] and link[1] not in anchors[link[0]]} == set()
    assert len(wanted) > 20
    summaries = {Path(unquote(urlsplit(one).path)) for one, _ in wanted if one.endswith(".pdf")}
    assert summaries == set(site.glob("*.pdf")) and summaries


def every(page: Page, selector: str, name: str) -> list[str]:
    """A property of every element."""
    return page.evaluate(f"[...document.querySelectorAll('{selector}')].map(n => n.{name})")


def ready(page: Page) -> None:
    """Wait until the script has drawn what there is to draw."""
    page.wait_for_function(
        "() => (!document.getElementById('views')"
        " || document.querySelector('#explorer[data-ready]'))"
        " && (!document.querySelector('[data-face]') || document.body.dataset.ready)"
    )


def test_no_script_but_ours_runs_on_any_page(own: tuple[Path, Path, str], browser: Browser) -> None:
    _, site, _ = own
    served = json.loads((paths.BROWSER / "voila.json").read_text(encoding="utf-8"))
    headers = served["Voila"]["tornado_settings"]["headers"]
    rules = set(re.split(r";\s*", headers["Content-Security-Policy"]))
    for path in files(site):
        if path.name == "404.html":
            continue
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        policy = soup.head.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
        assert set(policy["content"].split("; ")) == rules - {"frame-ancestors 'none'"}
        assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= rules
        before = [tag.name for tag in policy.find_all_previous(["script", "link", "style"])]
        assert before == [], "the policy holds for what comes after it"
        scripts = [tag for tag in soup.find_all("script") if tag.get("type") != "application/json"]
        assert [re.sub(r"^(\.\./)?|\?v=.*$", "", tag["src"]) for tag in scripts] == [
            "static/again.js",
            "static/explorer.js",
        ]
        styled = [tag.name for tag in soup.find_all(True) if "style" in tag.attrs]
        assert styled == [] and soup.find_all("style") == []
        handlers = [name for tag in soup.find_all(True) for name in tag.attrs if name[:2] == "on"]
        assert handlers == []
    for name in ("index.html", "measurement.html", "notebooks/90_template.html"):
        page = tab(browser)
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.goto((site / name).as_uri())
        page.evaluate(PLANT)
        while sum("Content Security Policy" in words for words in said) < 2:
            page.wait_for_timeout(20)
        assert page.evaluate("window.ran") is None
        assert sum("Content Security Policy" in words for words in said) == 2, said
        leave(page)


PLANT = """() => {
  const script = document.createElement("script");
  script.textContent = "window.ran = 1";
  document.body.append(script);
  document.body.insertAdjacentHTML("beforeend", "<img src='data:,' onerror='window.ran = 2'>");
}"""


def test_no_page_reveals_the_machine_or_the_date(own: tuple[Path, Path, str]) -> None:
    survey, site, _ = own
    words = [str(paths.PROJECT), str(survey.parent), sys.prefix, os.path.expanduser("~") + "/"]
    words += ["/tmp", "Traceback", "executed on", "ipykernel", "insights-"]
    for name, raw in contents(site).items():
        if name.startswith("static/"):
            continue
        text = raw.decode("latin-1" if name.endswith(".pdf") else "utf-8")
        assert [word for word in words if word in text] == [], name
        assert not re.search(time.strftime("%Y-%m-%d|%-d %B %Y|D:%Y%m%d"), text), name


def test_the_site_is_reproducible(own: tuple[Path, Path, str], tmp_path: Path) -> None:
    survey, site, said = own
    again, notebooks = tmp_path / "again", sorted(paths.NOTEBOOKS.glob(f"{TWO}.ipynb"))
    more = (survey / "release", survey, *notebooks)
    assert build(again, *more, dashboards=paths.DASHBOARDS) == ""
    assert contents(again) == contents(site)
    assert re.search(r"site: \d+ pages, 2 notebooks, \d\.\d MB\. Open ", said)
    record = json.loads((site / RECORD).read_text(encoding="utf-8"))["files"]
    assert set(record) == set(contents(site)) - {RECORD}


# Notebooks


@pytest.fixture
def notebook(own: tuple[Path, Path, str], browser: Browser) -> Iterator[Visit]:
    place = Place(f"{own[1].as_uri()}/notebooks", own[1].as_uri(), offline=True)
    with visiting(browser, place) as visit:
        yield visit


def test_notebooks_are_drawn_without_python(notebook: Visit) -> None:
    page = notebook("90_template.html")
    ready(page)
    faces = page.locator("[data-face=question]")
    assert faces.count() == 5
    for n in range(faces.count()):
        face = faces.nth(n)
        face.scroll_into_view_if_needed()
        face.locator(".chart :is(.bars, .points) path").first.wait_for(state="attached")
        sentence = face.locator(".sentence").text_content()
        assert sentence.startswith("Simulated: ")
        assert sentence in face.locator(".chart").get_attribute("aria-label")
        assert face.locator("table caption").count() == 1
    ids = every(page, "[id]", "id")
    assert len(ids) == len(set(ids))
    expect(page.locator(".controls")).to_have_count(1)
    expect(page.locator(".controls")).to_contain_text(
        "Interactive in JupyterLab: Respondent type; Organisation size;"
    )
    for table in page.locator(f"{RESULTS} table").all():
        assert table.locator("thead th[scope=col]").count() > 1
    assert page.locator(f"{RESULTS} td.number").count() > 10


def test_readers_of_notebooks_see_results_first(notebook: Visit) -> None:
    page = notebook("70_planning_the_next_wave.html")
    ready(page)
    expect(page.get_by_role("note").first).to_contain_text("The responses are simulated.")
    assert page.get_by_role("note").first.bounding_box()["y"] < 300
    assert page.locator("pre code").count() > 5
    assert page.locator("pre code:visible").count() == 0
    page.get_by_text("Code of step", exact=False).first.click()
    expect(page.locator("pre code:visible")).to_contain_text("import helpers as h")
    expect(page.locator(".controls")).to_contain_text("People in the population (360)")
    expect(page.locator("[data-face] .scatterlayer path").first).to_be_attached()
    page.get_by_role("link", name="Next: Template").click()
    expect(page.locator("h1")).to_have_text("Template")
    page.get_by_role("link", name="Notebooks", exact=True).click()
    expect(page.locator(".cards li")).to_have_count(2)
    page.get_by_role("link", name="All questions").click()
    page.get_by_role("link", name="the analysts’ notebooks").click()
    expect(page.locator("h1")).to_have_text("Notebooks")


def test_files_of_a_notebook_are_made_in_the_browser(notebook: Visit) -> None:
    page = notebook("90_template.html")
    ready(page)
    with page.expect_download() as caught:
        page.get_by_role("button", name=re.compile("Download CSV: ")).first.click()
    text = caught.value.path().read_text(encoding="utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    asked = page.locator("article h3").first.text_content()
    assert {row[head.index("Question")] for row in rows} == {asked}
    assert all("simulated" in row[head.index("Provenance")] for row in rows)
    assert all(row[head.index("Data version")] for row in rows)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_notebooks_can_be_read_on_a_phone_and_in_the_dark(notebook: Visit, scheme: str) -> None:
    names = ["90_template.html", "70_planning_the_next_wave.html", "index.html"]
    for name in names if scheme == "light" else names[:1]:
        page = notebook(name, viewport={"width": 390, "height": 844}, color_scheme=scheme)
        ready(page)
        page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.evaluate(test_page.CONTRAST) == []
        if name[:2] == "90":
            ink = {"light": "rgb(31, 42, 51)", "dark": "rgb(232, 236, 239)"}
            expect(page.locator(".chart .xtick text").first).to_have_css("fill", ink[scheme])


# Of private or failing sources nothing is written

LOAD = "from helpers.responses.survey import load_survey"


def write(path: Path, code: str) -> None:
    cells = [nbformat.v4.new_markdown_cell("# One cell"), nbformat.v4.new_code_cell(code)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            "1 / 0",
            "one.ipynb stops with an error, so no site was made: ZeroDivisionError: division",
        ),
        ("import os\n\nos.getcwd()", "one.html would show a folder of this machine"),
    ],
)
def test_a_failing_or_leaking_notebook_is_named_and_the_old_site_stays(
    own: tuple[Path, Path, str], release: Path, tmp_path: Path, code: str, words: str
) -> None:
    survey, site, _ = own
    target = tmp_path / "site"
    shutil.copytree(site, target)
    write(tmp_path / "one.ipynb", code)
    said = build(target, release, survey, tmp_path / "one.ipynb")
    assert words in said and "Traceback" not in said
    assert contents(target) == contents(site)
    assert [path.name for path in tmp_path.iterdir() if "aside" in path.name] == []


def test_a_notebook_that_reads_private_responses_is_never_written(
    own: tuple[Path, Path, str], release: Path, tmp_path: Path
) -> None:
    survey, _, _ = own
    private = tmp_path / "private survey"
    shutil.copytree(survey, private, ignore=shutil.ignore_patterns("release"))
    shutil.copytree(private / "illustrative", private / "private")
    write(tmp_path / "theirs.ipynb", f"{LOAD}\nsurvey = load_survey({str(private)!r})")
    said = build(tmp_path / "site", release, survey, tmp_path / "theirs.ipynb")
    assert "theirs.ipynb has read private responses: no site was made." in said
    assert not (tmp_path / "site").exists()


TWICE = f"""
from IPython.display import display
from helpers.notebook import controls, questions
{LOAD}

survey = load_survey()
filters = controls.filters(survey)
for _ in range(2):
    display(questions.question(survey, "opportunities", filters))
survey.describe
"""


def test_responses_that_become_private_are_hidden_from_notebooks(
    own: tuple[Path, Path, str], release: Path, tmp_path: Path, browser: Browser
) -> None:
    """From the survey's own, too; and what a notebook shows twice has names that differ."""
    survey, _, _ = own
    mixed = tmp_path / "survey"
    shutil.copytree(survey, mixed)
    shutil.copytree(mixed / "illustrative", mixed / "private")
    write(tmp_path / "one.ipynb", TWICE)
    own_one = mixed / "notebooks" / "own.ipynb"
    write(own_one, f'{LOAD}\nsurvey = load_survey("..")\nsurvey.describe')
    assert build(tmp_path / "site", release, mixed, tmp_path / "one.ipynb", own_one) == ""
    for name in ("one", "own"):
        text = (tmp_path / "site" / "notebooks" / f"{name}.html").read_text(encoding="utf-8")
        assert "· illustrative ·" in text and "· private ·" not in text
    folder = (tmp_path / "site").as_uri()
    with visiting(browser, Place(f"{folder}/notebooks", folder, offline=True)) as visit:
        page = visit("one.html")
        ready(page)
        names = every(page, "article", "getAttribute('aria-labelledby')")
        assert len(set(names)) == 2 and names == every(page, "article h3", "id")


def test_a_broken_release_is_reported_and_the_old_site_stays(
    release: Path, site: Path, tmp_path: Path
) -> None:
    broken, target = tmp_path / "release", tmp_path / "site"
    shutil.copytree(release, broken)
    shutil.copytree(site, target)
    (broken / "views" / "visits.json").write_text("{}", encoding="utf-8")
    assert "visits.json differs from its manifest" in build(target, broken)
    assert contents(target) == contents(site)


# What is there already


def test_nothing_but_an_unchanged_site_is_replaced(
    release: Path, site: Path, tmp_path: Path
) -> None:
    target, empty = tmp_path / "pages", tmp_path / "empty"
    shutil.copytree(site, target)
    check_target(target)
    for name, words in (("CNAME", "added or changed: CNAME"), ("index.html", "index.html")):
        before = (target / name).read_bytes() if name == "index.html" else None
        (target / name).write_text("mine", encoding="utf-8")
        assert words in build(target, release)
        assert (target / name).read_text(encoding="utf-8") == "mine"
        (target / name).unlink()
        if before:
            (target / name).write_bytes(before)
    check_target(target)
    (target / RECORD).unlink()
    for other in (target, paths.PROJECT, paths.NOTEBOOKS, Path.home()):
        with pytest.raises(InsightsError, match="holds something other than a site written by"):
            check_target(other)
    with pytest.raises(InsightsError, match="is a file"):
        check_target(target / "404.html")
    empty.mkdir()
    check_target(empty)
    assert build(empty, release) == ""
    assert contents(empty) == contents(site)


def test_killed_at_any_moment_the_site_is_the_old_one_or_the_new(
    release: Path, site: Path, tmp_path: Path
) -> None:
    other, target = tmp_path / "release", tmp_path / "site"
    pages = library.views()
    pages["visits"]["headline"] = "Another headline."
    library.write(other, pages)
    shutil.copytree(site, target)
    old = contents(target)
    assert build(tmp_path / "new", other) == ""
    new = contents(tmp_path / "new")
    assert old != new

    (tmp_path / "few").mkdir()
    chosen = few(tmp_path / "few")

    def seen() -> set[Path]:
        return {*tmp_path.iterdir(), *target.glob("*")}

    for how in (signal.SIGKILL, signal.SIGINT):
        before = seen()
        command = [sys.executable, "-c", BUILD, target, other, other]
        around = {**os.environ, "DASHBOARDS_OF_THIS_TEST": str(chosen)}
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=around)
        while process.poll() is None and seen() == before:
            time.sleep(0.002)
        process.send_signal(how)
        process.wait(120)
        assert contents(target) in (old, new)
