"""A release that is missing, changed or half written: words for readers, and no number of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from helpers.release import reading

from . import library
from .conftest import PATIENCE, Server, few, leave, served, tab
from .test_server import fetch

pytestmark = pytest.mark.browser
VISITS, INDEX = Path("views", "visits.json"), Path("views", "index.json")
MANIFEST = "manifest.json"
FIGURES = ('id="views"', "<table", "<article", "Most readers come to borrow", "0123456789ab")
Damage = Callable[[Path], object]


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def manifest(release: Path, **changes: Any) -> None:
    """Rewrite some fields of the manifest."""
    content = json.loads((release / MANIFEST).read_text(encoding="utf-8"))
    (release / MANIFEST).write_text(json.dumps(content | changes), encoding="utf-8")


def files(release: Path, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """Rewrite the manifest's list of files."""
    content = json.loads((release / MANIFEST).read_text(encoding="utf-8"))
    manifest(release, files=change(content["files"]))


def as_made(release: Path, name: str, content: str) -> None:
    """Replace a file and its hash in the manifest, as somebody who knows how would."""
    (release / name).write_text(content, encoding="utf-8")
    digest = hashlib.sha256(content.encode()).hexdigest()
    files(release, lambda all_of_them: {**all_of_them, name: digest})


def one_byte(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(bytes(raw))


def outside(release: Path, name: str) -> None:
    """Name a file outside the release in the manifest, with its true hash."""
    secret = release.parent / "secret.json"
    secret.write_text(json.dumps({"format": 1, "page": "x", "secret": "do not show"}))
    digest = hashlib.sha256(secret.read_bytes()).hexdigest()
    files(release, lambda all_of_them: {**all_of_them, name: digest})


def other(release: Path) -> None:
    """Put the manifest of another release in place of this one's."""
    another = library.views()
    for page in another.values():
        page["provenance"] = {**page["provenance"], "fingerprint": "ba9876543210"}
    elsewhere = library.write(release.parent / "another", another)
    shutil.copy(elsewhere / MANIFEST, release / MANIFEST)


def mixed(release: Path) -> None:
    """Put a page of another release in, and its hash."""
    page = library.views()["visits"]
    page["provenance"] = {**page["provenance"], "fingerprint": "ba9876543210"}
    manifest(release, fingerprint="0123456789ab")
    as_made(release, "views/visits.json", json.dumps(page))


def huge(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(reading.LARGEST + 1)


def linked(path: Path) -> None:
    """Replace a file or a folder by a link to the very same content elsewhere."""
    elsewhere = path.parent.parent.parent / f"elsewhere-{path.name}"
    shutil.move(path, elsewhere)
    path.symlink_to(elsewhere)


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGE: dict[str, tuple[Damage, str]] = {
    "no release": (shutil.rmtree, "There is no release to show yet"),
    "an empty folder": (lambda f: (shutil.rmtree(f), f.mkdir()), "There is no release to show yet"),
    "no manifest": (lambda f: (f / MANIFEST).unlink(), "There is no release to show yet"),
    "no such view": (lambda f: (f / VISITS).unlink(), "views/visits.json is missing"),
    "no index": (lambda f: (f / INDEX).unlink(), "views/index.json is missing"),
    "a page renamed": (
        lambda f: rewrite(f / MANIFEST, lambda t: t.replace("views/index", "views/other")),
        "views/other.json is missing",
    ),
    "one byte of a view": (lambda f: one_byte(f / VISITS), "has changed since it was made"),
    "one byte of another view": (
        lambda f: one_byte(f / INDEX),
        "has changed since it was made",
    ),
    "one digit of a view": (
        lambda f: rewrite(f / INDEX, lambda t: t.replace('"questions": 7', '"questions": 8')),
        "has changed since it was made",
    ),
    "a view cut off": (lambda f: rewrite(f / VISITS, lambda t: t[:5000]), "half written"),
    "a manifest cut off": (lambda f: rewrite(f / MANIFEST, lambda t: t[:-9]), "half written"),
    "a manifest that is a list": (lambda f: (f / MANIFEST).write_text("[1]"), "half written"),
    "a manifest without end": (lambda f: (f / MANIFEST).write_text("[" * 10**6), "half written"),
    "a manifest that is no text": (lambda f: (f / MANIFEST).write_bytes(b"\xff\xfe"), "damaged"),
    "no list of files": (lambda f: manifest(f, files=["visits"]), "names no files"),
    "a list without hashes": (
        lambda f: files(f, lambda t: dict.fromkeys(t)),
        "has changed since it was made",
    ),
    "a manifest of another version": (lambda f: manifest(f, format=99), "another version"),
    "a view of another version": (
        lambda f: as_made(f, "views/visits.json", '{"format": 99, "page": "visits"}'),
        "another version",
    ),
    "a view that says nothing": (
        lambda f: as_made(f, "views/visits.json", '{"format": 1, "page": "visits"}'),
        "another version",
    ),
    "a file outside": (lambda f: outside(f, "../secret.json"), "names files that no release has"),
    "a file further outside": (lambda f: outside(f, str(f.parent / "secret.json")), "names files"),
    "another's manifest": (other, "has changed since it was made"),
    "another's page": (mixed, "mixes parts of several releases"),
    "a page under another's name": (
        lambda f: as_made(f, "views/visits.json", (f / "views" / "index.json").read_text()),
        "mixes parts of several releases",
    ),
    "a view too large": (lambda f: huge(f / VISITS), "too large"),
    "a manifest too large": (lambda f: huge(f / MANIFEST), "too large"),
    "a view that is a link": (lambda f: linked(f / VISITS), "is a link"),
    "a manifest that is a link": (lambda f: linked(f / MANIFEST), "is a link"),
    "views that are a link": (lambda f: linked(f / "views"), "is a link"),
    "a view that is a folder": (
        lambda f: ((f / VISITS).unlink(), (f / VISITS).mkdir()),
        "is missing",
    ),
    "a view that is a pipe": (lambda f: pipe(f / VISITS), "is not a file"),
}


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    folder = tmp_path_factory.mktemp("tampered")
    chosen = few(folder, ("index", "about"))
    with served(library.build(folder / "release"), folder, chosen) as server:
        yield server, folder


def anew(folder: Path) -> Path:
    """Make the release whole again."""
    shutil.rmtree(folder / "release", ignore_errors=True)
    for left in folder.glob("elsewhere-*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    return library.build(folder / "release")


def asked(server: Server, page: str) -> tuple[int, str]:
    """Return status and HTML as a reader gets them once the page is no longer prepared."""
    until = time.monotonic() + PATIENCE
    while True:
        status, _, raw = fetch(server, f"/voila/render/{page}.ipynb")
        body = raw.decode()
        if "This page is being prepared" not in body:
            return status, body
        assert time.monotonic() < until, server.said()
        time.sleep(0.05)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_broken_release_shows_words_instead_of_numbers(
    owner: tuple[Server, Path], damage: str
) -> None:
    server, folder = owner
    release = anew(folder)
    change, words = DAMAGE[damage]
    change(release)
    pages = ("visits", "about", "index")
    with ThreadPoolExecutor(3) as pool:
        got = list(pool.map(lambda page: asked(server, page), pages))
    for page, (status, body) in zip(pages, got, strict=True):
        if damage == "a view that says nothing" and page != "visits":
            continue  # well made as far as a manifest can tell, and the other pages are whole
        assert status == 503
        assert " data-again>" in body
        assert words in body and "<h1>Nothing to show</h1>" in body, (page, body[-800:])
        assert "insights release" in body
        assert [sign for sign in FIGURES if sign in body] == [], page
        text = re.sub(r"<[^>]*>", " ", body.split("</head>")[1])
        assert str(folder) not in body and "Traceback" not in body and "secret" not in body
        text = text.replace("sha256", "").replace("All questions", "")  # a link
        assert not re.search(r"\d|Error|questions", text), text
    anew(folder)
    body = asked(server, "visits")[1]
    assert 'id="views"' in body, body[-800:]


def test_a_broken_release_is_explained_and_can_be_retried(
    owner: tuple[Server, Path], browser: Browser
) -> None:
    server, folder = owner
    one_byte(anew(folder) / VISITS)
    page = tab(browser, {"width": 390, "height": 800})
    page.goto(f"{server.home}/voila/render/visits.ipynb")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing to show")
    expect(page.get_by_role("main")).to_contain_text("No figures are shown until then")
    expect(page.get_by_role("status")).to_contain_text("tries again by itself")
    assert page.locator("table, svg.main-svg, article").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    anew(folder)
    page.locator("#explorer[data-ready]").wait_for()  # by itself
    leave(page)


def test_a_page_that_was_being_prepared_says_so_once_there_is_nothing_to_show(
    owner: tuple[Server, Path], browser: Browser
) -> None:
    server, folder = owner
    one_byte(anew(folder) / VISITS)
    status, nothing = asked(server, "visits")
    assert status == 503
    prepared = nothing.replace("Nothing to show", "This page is being prepared")
    page = tab(browser)
    page.route(
        "**/visits.ipynb",
        lambda route: route.fulfill(status=503, content_type="text/html", body=prepared),
        times=1,
    )
    page.goto(f"{server.home}/voila/render/visits.ipynb")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing to show")
    expect(page).to_have_title("Nothing to show")
    expect(page.get_by_role("status")).to_contain_text("tries again by itself")
    anew(folder)
    page.locator("#explorer[data-ready]").wait_for()
    leave(page)


def test_without_a_script_a_reader_is_told_and_can_try_again(
    owner: tuple[Server, Path], browser: Browser
) -> None:
    server, folder = owner
    shutil.rmtree(anew(folder))
    server.until(lambda: "Nothing to show" in asked(server, "index")[1])
    page = tab(browser, java_script_enabled=False)
    page.goto(server.home)
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing to show")
    expect(page.locator("main")).to_contain_text("There is no release to show yet")
    expect(page.locator("main")).to_contain_text("insights release")
    text = page.locator("body").inner_text()
    text = text.replace("All questions", "")  # a link
    assert not re.search(r"Traceback|Error|questions", text) and str(folder) not in text
    anew(folder)
    server.until(lambda: "Opening hours" in asked(server, "index")[1])
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("All questions")
    leave(page)


def test_new_visits_see_a_new_release_and_open_pages_stay(
    owner: tuple[Server, Path], browser: Browser
) -> None:
    server, folder = owner
    release = anew(folder)
    page = tab(browser)
    page.goto(f"{server.home}/voila/render/visits.ipynb")
    page.locator("#explorer[data-ready]").wait_for()
    newer = library.views()
    for content in newer.values():
        content["provenance"] = {**content["provenance"], "fingerprint": "ba9876543210"}
    aside = library.write(folder / "aside", newer)
    shutil.move(release, folder / "gone")
    shutil.move(aside, release)
    shutil.rmtree(folder / "gone")
    page.get_by_role("checkbox", name="Under 30").uncheck()
    expect(page.locator("article .sentence").first).to_contain_text("Of 48 readers")
    expect(page.locator("footer")).to_contain_text("0123456789ab")
    page.reload()
    expect(page.locator("footer")).to_contain_text("ba9876543210")
    leave(page)


def test_pages_made_while_releases_are_replaced_are_whole(owner: tuple[Server, Path]) -> None:
    server, folder = owner
    release = anew(folder)
    prints = set()
    for turn in range(6):
        fingerprint = f"{turn:012d}"
        pages = library.views()
        for content in pages.values():
            content["provenance"] = {**content["provenance"], "fingerprint": fingerprint}
        library.write(release, pages)  # in place, one file after the other
        body = asked(server, "visits")[1]
        assert body.count(fingerprint) == 2 and "Nothing to show" not in body
        prints.add(fingerprint)
    assert len(prints) == 6


def test_only_release_and_pages_are_served(owner: tuple[Server, Path]) -> None:
    server, folder = owner
    release = anew(folder)
    (release / "notes.txt").write_text("not in the manifest")
    (release / "responses.csv").write_text("not in the manifest")
    place = Path(server.of_a_kernel(lambda kernel: kernel.environ()["INSIGHTS_SERVED"]))
    held = {p.relative_to(place).parts[0] for p in place.rglob("*")}
    assert held == {"pages", "release", "releases"}
    names = {p.name for p in place.rglob("*") if p.is_file()}
    pages = {p.name for p in server.dashboards.glob("*.ipynb")}
    assert names == pages | {"manifest.json", "index.json", "visits.json"}
