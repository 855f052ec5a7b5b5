"""What the explorer writes into a page, without a browser."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from browser import library
from helpers.errors import InsightsError
from helpers.pages import dashboard, embedding
from helpers.paths import DASHBOARDS
from helpers.release import reading
from helpers.words import words_in


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INSIGHTS_RELEASE", str(tmp_path))
    return library.build(tmp_path)


class Reader(HTMLParser):
    """Collects tags and the content of the block of views."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.inside: dict[str, str | None] | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "script":
            self.inside = dict(attrs)

    def handle_data(self, data: str) -> None:
        if self.inside is not None:
            self.scripts.append((self.inside, data))
            self.inside = None


def test_the_views_arrive_as_they_were_released(release: Path) -> None:
    read = Reader(dashboard.page("visits").html)
    edition = hashlib.sha256(read.scripts[1][1].encode()).hexdigest()[:8]
    block = {"type": "application/json", "id": "views", "data-edition": edition}
    words = {"type": "application/json", "id": "words"}
    assert [attrs for attrs, _ in read.scripts] == [words, block]
    stored = json.loads((release / "views" / "visits.json").read_text(encoding="utf-8"))
    assert json.loads(read.scripts[1][1]) == stored
    assert json.loads(read.scripts[0][1]) == words_in().browser()
    assert not {"style", "link", "iframe", "img", "svg"} & set(read.tags)


@pytest.mark.parametrize(
    "text", ["</script>", "<!--<script>", "\u2028\u2029", "]]>", "&lt;/script&gt;"]
)
def test_no_survey_text_ends_the_block(text: str) -> None:
    block = dashboard._json_block({"label": text})
    inside = block.partition(">")[2].removesuffix("</script>")
    assert json.loads(inside) == {"label": text}
    assert not re.search("[<>&\u2028\u2029]", inside)


def test_the_edition_changes_with_any_view_and_with_nothing_else(release: Path) -> None:
    def edition() -> str | None:
        html = dashboard.page("visits").html
        return Reader(html).scripts[1][0]["data-edition"]

    first = edition()
    views = library.views()
    views["visits"]["questions"][2]["views"]["|branch=village"]["rows"][1][1] = "1 %"
    library.write(release, views)
    assert edition() != first
    library.build(release)
    assert edition() == first


def test_head_and_foot_are_there_without_a_script(release: Path) -> None:
    html = dashboard.page("visits").html
    for words in (
        "<h1>Visits &amp; services</h1>",
        "<strong>Illustrative data.</strong> Every answer here is invented",
        "Most readers come to borrow",
        "Intervals treat answers as if",
        "0123456789ab",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<noscript>",
    ):
        assert words in html


def test_our_server_gets_only_the_page(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_SERVED", str(release))
    page = dashboard.page("visits")
    assert page.outputs() == [{"text/html": page.html}]


def test_elsewhere_a_page_without_script_shows_words(release: Path) -> None:
    instead, live = dashboard.page("visits").outputs()
    read = Reader(instead["text/html"])
    assert not {"script", "style", "link", "iframe", "img", "noscript"} & set(read.tags)
    for question in library.views()["visits"]["questions"]:
        everybody = "|" + "|".join(f"{name}=*" for name in question["filters"])
        view = question["views"][everybody]
        shown = view["status"] == "ok"
        cells = [escape(cell) for row in view["rows"] for cell in row] if shown else []
        for words in (escape(view["sentence"] if shown else view["reason"]), *cells):
            assert words in instead["text/html"]
    assert instead[embedding.PAGE_TYPE] == dashboard.page("visits").html
    assert set(live) == {"application/javascript", "text/plain"}


def test_the_script_of_a_page_cannot_be_ended_by_its_content(release: Path) -> None:
    for page in (
        *(dashboard.page("visits"), dashboard.index()),
        *(dashboard.method(), dashboard.about()),
    ):
        script = page.outputs()[1]["application/javascript"]
        assert not re.search(r"</|<!--", script)
        assert "default-src 'none'" in script


@pytest.mark.parametrize("gone", ["manifest.json", "views/visits.json"])
def test_elsewhere_an_incomplete_release_gives_a_message(release: Path, gone: str) -> None:
    (release / gone).unlink()
    page = dashboard.page("visits")
    for data in page.outputs():
        said = "".join(data.values())
        assert "insights release" in said or not said.strip()
        assert "96 readers" not in said and str(release) not in said
    assert "insights release" in page.outputs()[0]["text/html"]


def test_the_index_links_every_page(release: Path) -> None:
    html = dashboard.index().html
    assert '<a href="visits.ipynb">Visits &amp; services</a>' in html
    assert "7 questions. Asked of: Readers, Library staff." in html


def test_the_index_lists_every_question_without_a_script(release: Path) -> None:
    html = dashboard.index().html
    for question in library.views()["visits"]["questions"]:
        address = f"visits.ipynb#q-{question['id']}"
        assert f'<a href="{address}">{escape(question["title"])}</a>' in html
        assert f"<p>{escape(question['wording'])}</p>" in html
    assert "<img" not in html and "&lt;b onmouseover" in html


def test_an_index_of_an_older_release_lists_its_pages(release: Path) -> None:
    views = library.views()
    for key in ("listed", "methods"):
        del views["index"][key]
    library.write(release, views)
    assert '<a href="visits.ipynb">Visits &amp; services</a>' in dashboard.index().html
    assert 'id="range"' in dashboard.method().html


@pytest.mark.parametrize("name", ["../visits", "visits.json", "", "Visits", "a/b", "visits\n"])
def test_names_of_pages_are_plain(release: Path, name: str) -> None:
    with pytest.raises(InsightsError, match="no such page"):
        reading.read_views(name)


def test_an_unknown_page_lists_the_existing_ones(release: Path) -> None:
    html = dashboard.page("nowhere").html
    assert "no page “nowhere”. It has: index, visits." in html


@pytest.mark.parametrize("file", ["views/visits.json", "manifest.json"])
def test_any_changed_byte_is_noticed(release: Path, file: str) -> None:
    path = release / file
    raw = path.read_bytes()
    start = raw.index(b"views/visits.json") if file == "manifest.json" else len(raw) // 2
    for at in range(start, start + 90, 9):
        changed = bytes([raw[at] ^ 1])
        path.write_bytes(raw[:at] + changed + raw[at + 1 :])
        with pytest.raises(InsightsError, match="release"):
            reading.read_views("visits", patience=0)
    path.write_bytes(raw[:-3])
    with pytest.raises(InsightsError):
        reading.read_views("visits", patience=0)


def test_a_damaged_release_shows_words_and_no_number(release: Path) -> None:
    (release / "views" / "visits.json").write_text("{}", encoding="utf-8")
    html = dashboard.page("visits").html
    assert "has changed since it was made" in html and "insights release" in html
    assert "96" not in html and str(release) not in html and "Traceback" not in html


def test_another_format_is_refused(release: Path) -> None:
    views = library.views()["visits"] | {"format": 2}
    library.write(release, {"visits": views})
    with pytest.raises(InsightsError, match="another version"):
        reading.read_views("visits", patience=0)


def test_page_modules_import_quickly() -> None:
    code = "import sys, helpers.pages.dashboard; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"pandas", "numpy", "plotly", "scipy", "statsmodels", "yaml", "voila"}


@pytest.mark.parametrize("path", sorted(DASHBOARDS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_dashboard_notebooks_are_thin(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    (cell,) = notebook.cells
    assert cell.cell_type == "code" and not cell.outputs and cell.execution_count is None
    lines = [line for line in cell.source.splitlines() if line]
    assert lines[0] == "from helpers.pages import dashboard" and len(lines) == 2
    assert notebook.metadata["title"]


def test_hover_texts_hold_no_style(request: pytest.FixtureRequest) -> None:
    """The content security policy lets plotly write none, such as bold: it is line breaks alone."""
    pages = (request.config.rootpath / "data" / "release" / "views").glob("*.json")
    templates = {
        trace["hovertemplate"]
        for page in pages
        for question in json.loads(page.read_text(encoding="utf-8")).get("questions", ())
        for figure in question.get("figures", {}).values()
        for trace in figure["data"]
        if "hovertemplate" in trace
    }
    assert templates
    assert not [words for words in templates if re.search(r"<(?!br>|/?extra>)", words)]
