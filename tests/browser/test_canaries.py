"""Marks planted in responses: no release, page, log, cache or notebook holds one of them."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Browser

from helpers.paths import DASHBOARDS, NOTEBOOKS, PROJECT
from places import CYCLING

from .conftest import Server, leave, served, tab
from .test_server import fetch

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MARK = "kanarie7"
OWN_COLUMNS = ("organisation", "telephone_kanarie7")
# Weights whose digits occur nowhere else; what any sum of a few of them ends in does not either.
WEIGHT = "1.0078125"
MARKS = (MARK, MARK.upper(), WEIGHT, WEIGHT.replace(".", ","), "2.015625", "telephone_")


def plant(folder: Path) -> Path:
    """Copy a survey, with a mark in every cell that names or quotes a respondent."""
    shutil.copytree(CYCLING, folder)
    settings = folder / "codebook" / "survey.yml"
    text = settings.read_text(encoding="utf-8")
    wider = text.replace("[interviewer]", f"[interviewer, {', '.join(OWN_COLUMNS)}]")
    assert wider != text
    settings.write_text(wider, encoding="utf-8")
    path = folder / "responses" / "residents.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for n, row in enumerate(rows):
        row |= {"ref": f"{MARK}-{n}", "interviewer": f"{MARK} person {n}", "wt": WEIGHT}
        row |= {"organisation": f"{MARK} & Sons {n}", "telephone_kanarie7": f"0{n}{MARK}"}
        row["remark"] = f"Please tell nobody: {MARK} {n}"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.fixture(scope="module")
def surroundings(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[dict[str, Path]]:
    """Everything that a program may write to is a folder of this test.

    The browser, which all tests share, is there before: what it writes must outlive these folders.
    """
    assert browser.is_connected()
    root = tmp_path_factory.mktemp("canaries")
    places = {name: root / name for name in ("home", "tmp", "work", "out")}
    for place in places.values():
        place.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(places["home"]))
        # Sockets are made below it, whose names must be short.
        short = Path(os.path.realpath("/tmp")) / f"k{os.getpid()}"
        short.mkdir()
        places["tmp"] = short
        patch.setenv("TMPDIR", str(short))
        for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR"):
            patch.setenv(name, str(places["home"] / name.lower()))
        yield {**places, "survey": plant(root / "survey")}
        shutil.rmtree(short)


@pytest.fixture(scope="module")
def published(surroundings: dict[str, Path]) -> tuple[Path, str]:
    """The release, and what its making said."""
    survey = surroundings["survey"]
    insights = [sys.executable, "-m", "helpers.cli", "release", "--data", str(survey)]
    done = subprocess.run(insights, capture_output=True, text=True, cwd=surroundings["work"])
    assert done.returncode == 0, done.stderr
    return survey / "release", done.stdout + done.stderr


Told = list[str]


@pytest.fixture(scope="module")
def running(
    surroundings: dict[str, Path], published: tuple[Path, str]
) -> Iterator[tuple[Server, Told]]:
    """The server, and what one of its kernels is told while pages are made."""
    with served(published[0], surroundings["out"], DASHBOARDS, made=False) as server:
        told = server.of_a_kernel(lambda kernel: [*kernel.environ().values(), *kernel.cmdline()])
        server.rest()
        yield server, told
        assert server.stop() == 0


@pytest.fixture
def server(running: tuple[Server, Told]) -> Server:
    return running[0]


def marked(folder: Path) -> list[str]:
    """Files below a folder whose name or content holds a mark, also in UTF-16."""
    found = []
    for path in sorted(folder.rglob("*")):
        raw = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        if any(
            mark in str(path.relative_to(folder))
            or mark.encode() in raw
            or mark.encode("utf-16-le") in raw
            for mark in MARKS
        ):
            found.append(str(path))
    return found


def test_the_canaries_exist_and_are_found(surroundings: dict[str, Path]) -> None:
    """Without this, the other tests could not fail."""
    (found,) = marked(surroundings["survey"] / "responses")
    raw = Path(found).read_text(encoding="utf-8")
    assert raw.count(MARK) > 1000 and raw.count(WEIGHT) > 100
    assert [Path(p).name for p in marked(surroundings["survey"] / "codebook")] == ["survey.yml"]


def test_no_file_of_the_release_holds_a_canary(published: tuple[Path, str]) -> None:
    release, said = published
    assert marked(release) == []
    assert not any(mark in said for mark in MARKS)


def test_no_page_holds_a_canary(
    server: Server, published: tuple[Path, str], browser: Browser
) -> None:
    shown = {"about", "method", *(path.stem for path in (published[0] / "views").iterdir())}
    others = {path.stem for path in DASHBOARDS.glob("*.ipynb")} - shown  # of another survey
    assert {"index", "about", "all"} <= shown and others
    for name in shown | others:
        status, headers, body = fetch(server, f"/voila/render/{name}.ipynb")
        assert status == (200 if name in shown else 404)
        assert not any(mark in f"{headers}{body.decode()}" for mark in MARKS), name
    page = tab(browser)
    page.goto(f"{server.home}/voila/render/all.ipynb")
    page.locator("#explorer[data-ready]").wait_for()
    assert not any(mark in page.content() for mark in MARKS)
    leave(page)


@pytest.fixture
def private(surroundings: dict[str, Path], tmp_path: Path) -> Path:
    """The survey, whose responses its settings now call private; without a release."""
    folder = tmp_path / "survey"
    without = shutil.ignore_patterns("release")
    shutil.copytree(surroundings["survey"], folder, ignore=without)
    settings = folder / "codebook" / "survey.yml"
    text = settings.read_text(encoding="utf-8")
    assert "provenance: illustrative" in text
    settings.write_text(text.replace("provenance: illustrative", "provenance: private"), "utf-8")
    rules = folder / "codebook" / "release.yml"  # few are soon released
    few = "pages: {all: {questions: [often, owns, purposes, agree]}}\n"
    rules.write_text(rules.read_text(encoding="utf-8") + few, encoding="utf-8")
    return folder


def run(verb: str, survey: Path, *more: str) -> subprocess.CompletedProcess[str]:
    insights = [sys.executable, "-m", "helpers.cli", verb, "--data", str(survey), *more]
    return subprocess.run(insights, capture_output=True, text=True, cwd=survey.parent)


def test_no_file_of_the_site_holds_a_canary(surroundings: dict[str, Path], private: Path) -> None:
    """Of private responses the site shows the release, and says that notebooks are left out."""
    to = private.parent / "site"
    refused = run("site", private, "--to", str(to))
    assert refused.returncode == 1
    assert "holds private responses and no release of them" in refused.stderr
    assert "insights release --data" in refused.stderr
    assert not to.exists() and not (private / "release").exists()
    assert run("release", private).returncode == 0
    done = run("site", private, "--to", str(to))
    assert done.returncode == 0, done.stderr
    assert "Private responses are never released unless you ask" in done.stdout
    assert "notebooks are not part of this site" in done.stdout
    assert not (to / "notebooks").exists()
    assert "notebooks are not part of this site" in (to / "index.html").read_text("utf-8")
    assert 'id="views"' in (to / "all.html").read_text("utf-8")
    assert marked(to) == []
    assert not any(mark in done.stdout + done.stderr for mark in MARKS)


def test_no_kernel_holds_a_canary(running: tuple[Server, Told]) -> None:
    _, told = running
    assert not any(mark in part for part in told for mark in MARKS)
    assert not any("/survey" in part for part in told), "a kernel needs not know of responses"


def test_no_log_cache_or_temporary_file_holds_a_canary(
    server: Server, surroundings: dict[str, Path]
) -> None:
    assert 'id="views"' in fetch(server, "/voila/render/all.ipynb")[2].decode()
    places = ("home", "tmp", "work", "out")
    written = [p for name in places for p in surroundings[name].rglob("*") if p.is_file()]
    assert {"manifest.json", server.log.name} <= {path.name for path in written}
    assert [found for name in places for found in marked(surroundings[name])] == []


def test_no_notebook_holds_a_canary(
    surroundings: dict[str, Path], published: tuple[Path, str]
) -> None:
    """Those of the dashboards run as `make test` runs them; and what is stored in the project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSIGHTS_RELEASE", str(published[0]))
        patch.setenv("INSIGHTS_DATA", str(surroundings["survey"]))
        all_of_them = [nbformat.read(path, as_version=4) for path in DASHBOARDS.glob("*.ipynb")]
        cells = [cell for notebook in all_of_them for cell in notebook.cells]
        one = nbformat.v4.new_notebook(cells=cells, metadata=all_of_them[0].metadata)
        NotebookClient(one, timeout=120, resources={}).execute()  # one kernel is enough
        for notebook in all_of_them:
            shown = nbformat.writes(notebook)
            assert "output_type" in shown
            assert not any(mark in shown for mark in MARKS), notebook.cells
    assert marked(NOTEBOOKS) == [] and marked(DASHBOARDS) == []
    caches = [
        place
        for name in ("__pycache__", ".ipynb_checkpoints")
        for folder in (PROJECT / "src", PROJECT / "notebooks", PROJECT / "dashboards")
        for place in folder.rglob(name)
    ]
    assert any(list(place.glob("*.pyc")) for place in caches)
    assert [found for place in caches for found in marked(place)] == []
