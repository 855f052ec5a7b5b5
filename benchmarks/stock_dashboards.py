"""Hold every page of the dashboards against the release, in every tool that can show it.

    python -m benchmarks.stock_dashboards             all pages
    python -m benchmarks.stock_dashboards overview    some

Each page is opened in a real Chromium: every sentence, every table and a chart for each question;
without filters, then with each group of each dimension alone.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page, sync_playwright
from tests.browser import stock
from tests.browser.lab import laboratory, opened, run_all, voila

from helpers.paths import DASHBOARDS, PROJECT

from .page import FLAGS, chromium, served

Show = Callable[[Page, str], None]


@contextmanager
def ours(folder: Path) -> Iterator[Show]:
    """Serve with `insights dashboards`."""
    with served() as (home, _):
        yield lambda page, name: _go(page, f"{home}/voila/render/{name}.ipynb")


def stock_voila(start: Path, what: str, *options: str) -> Callable[[Path], Any]:
    """Serve a folder with stock Voila."""

    @contextmanager
    def way(folder: Path) -> Iterator[Show]:
        with voila(what, folder, *options, start=start) as home:
            yield lambda page, name: _go(page, f"{home}voila/render/{name}.ipynb")

    return way


@contextmanager
def voila_of_one(folder: Path) -> Iterator[Show]:
    """Serve one notebook with stock Voila; the server ends with the way."""
    with ExitStack() as stack:

        def show(page: Page, name: str) -> None:
            own = folder / name
            own.mkdir()
            served = voila(f"dashboards/{name}.ipynb", own, start=PROJECT)
            _go(page, stack.enter_context(served))

        yield show


@contextmanager
def jupyterlab(folder: Path) -> Iterator[Show]:
    """Open a copy in JupyterLab and run all cells."""
    notebooks = folder / "notebooks"
    shutil.copytree(DASHBOARDS, notebooks)
    with laboratory(folder / "jupyter", notebooks) as home:

        def show(page: Page, name: str) -> None:
            opened(page, home, f"{name}.ipynb")
            run_all(page)

        yield show


@contextmanager
def nbconvert(folder: Path) -> Iterator[Show]:
    """Convert to HTML, and open the file without network."""

    def show(page: Page, name: str) -> None:
        file = stock.converted(DASHBOARDS / f"{name}.ipynb", "html", folder)
        page.context.set_offline(True)
        _go(page, file.as_uri())

    yield show


def _go(page: Page, address: str) -> None:
    page.goto(address, timeout=stock.VISIT)


WAYS = {
    "insights dashboards": ours,
    "voila dashboards": stock_voila(PROJECT, "dashboards"),
    "voila dashboards/PAGE.ipynb": voila_of_one,
    "cd dashboards && voila": stock_voila(DASHBOARDS, ""),
    "voila, its own template": stock_voila(DASHBOARDS, "", *stock.OWN_TEMPLATE),
    "JupyterLab": jupyterlab,
    "nbconvert --to html": nbconvert,
}

OF_WORDS = ("index", "method", "about")  # pages without charts


def compared(frame: Frame, name: str) -> int:
    """Compare a page with the release under every filter; return how many views were compared."""
    if name in OF_WORDS:
        frame.locator("main h2").first.wait_for(timeout=stock.VISIT)
        return 0
    views = stock.released(name)
    stock.check(frame, views)
    done = len(stock.wanted(views, {}))
    for dimension in views["dimensions"]:
        for band in dimension["bands"]:
            for other in dimension["bands"]:
                if other != band:
                    frame.get_by_label(other["label"], exact=True).first.uncheck()
            chosen = {dimension["id"]: band["id"]}
            if all(_offers(each, dimension["id"], band["id"]) for each in views["questions"]):
                stock.check(frame, views, **chosen)
                done += len(stock.wanted(views, chosen))
            frame.get_by_role("button", name="Reset filters").click()
    return done


def _offers(question: dict[str, Any], dimension: str, band: str) -> bool:
    """Return whether a question follows a filter on one band: not at all, or without merging it."""
    groups = question["filters"].get(dimension)
    return groups is None or any(g["id"] == band and g["bands"] == [band] for g in groups)


def main() -> None:
    """Open every page in every way, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "pages", nargs="*", default=sorted(p.stem for p in DASHBOARDS.glob("*.ipynb"))
    )
    chosen = parser.parse_args().pages
    failed = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for way, start in WAYS.items():
            with (
                tempfile.TemporaryDirectory(prefix="insights-") as scratch,
                start(Path(scratch)) as show,
            ):
                for name in chosen:
                    page = browser.new_page(viewport={"width": 1280, "height": 800})
                    began = time.monotonic()
                    try:
                        show(page, name)
                        shown = _plain(page) if name in OF_WORDS else stock.shown(page)
                        said = f"{compared(shown, name)} views as released"
                    except Exception as problem:
                        failed += 1
                        said = f"FAILED: {str(problem).splitlines()[0]}"
                    print(f"{way}: {name}: {said}, {time.monotonic() - began:.1f} s", flush=True)
                    page.context.close()
        browser.close()
    raise SystemExit(1 if failed else 0)


def _plain(page: Page) -> Frame:
    """Return a page without charts, alone in its window or in a frame."""
    page.locator(f"main#content h1, .page h1, {stock.FRAME}").first.wait_for(timeout=stock.VISIT)
    frames = [frame for frame in page.frames if frame.url == "about:srcdoc"]
    return frames[0] if frames else page.main_frame


if __name__ == "__main__":
    main()
