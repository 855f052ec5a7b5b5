"""Make the pictures of docs/importing.md: python docs/walk/pictures.py, in the environment.

Each is of the real thing: what the commands print, the table that they write, and pages and a
notebook in Chromium.
"""

from __future__ import annotations

import csv
import html
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
INSIGHTS = Path(sys.executable).with_name("insights")
WIDTH, FILTER = 1000, "  branch_use_most: {label: Branch}\n"
TERMINAL = "background:#1d2733;color:#e8edf2;padding:18px;white-space:pre-wrap;margin:0"
TABLE = "td{border:1px solid #b8c2cc;padding:4px 8px;vertical-align:top}"
ANSWER = "td:first-child{background:#fff8e1}"
COLUMNS = ("answer", "kind", "rows", "found", "count", "now", "if_yes", "reason")


def run(*words: str) -> str:
    """Run a command where the reader would, and return what it prints, below the command."""
    done = subprocess.run([INSIGHTS, *words], check=True, capture_output=True, text=True)
    return f"$ insights {' '.join(words)}\n{done.stdout}"


def main() -> None:
    """Walk, and take a picture of each step."""
    with tempfile.TemporaryDirectory() as place, browser() as chromium:
        os.chdir(place)
        os.makedirs("docs/walk")
        Path("docs/walk/readers.csv").write_bytes((HERE / "readers.csv").read_bytes())
        bring = ("import", "docs/walk/readers.csv", "--into", "readers")
        terminal(chromium, "1-import", run(*bring))
        table(chromium, "2-proposals", Path("readers/proposals.csv"))
        path = Path("readers/proposals.csv")
        with path.open(encoding="utf-8", newline="") as lines:
            kinds = {row["kind"] for row in csv.DictReader(lines)}
        run(*bring, *(word for kind in sorted(kinds) for word in ("--accept", kind)))
        survey = Path("readers/codebook/survey.yml")
        text = survey.read_text(encoding="utf-8").replace("dimensions:\n", f"dimensions:\n{FILTER}")
        text = text.replace("title: Readers", "title: What readers think of the library")
        survey.write_text(text, encoding="utf-8")
        said = run("release", "--data", "readers")
        lines = said.splitlines()
        end = [line for line in lines if line.strip().startswith("Audit")]
        terminal(chromium, "3-release", "\n".join([*lines[:12], "  …", *end]))
        run("site", "--data", "readers", "--to", "site")
        shot(chromium, "4-key-findings", Path("site/overview.html"))
        shot(chromium, "5-compared", Path("site/all.html"), "?compare-by=branch_use_most")
        notebook(chromium)


def terminal(chromium: Browser, name: str, text: str) -> None:
    """Show text as a terminal does."""
    markup = f'<pre style="{TERMINAL}">{html.escape(text.rstrip())}</pre>'
    draw(chromium, name, f"<style>body{{margin:0;font:14px monospace}}</style>{markup}")


def table(chromium: Browser, name: str, path: Path) -> None:
    """Show a table as a spreadsheet does."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [[row[column] for column in COLUMNS] for row in csv.DictReader(lines)]
    cells = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>"
        for row in [list(COLUMNS), *rows]
    )
    style = (
        f"body{{margin:8px;font:13px sans-serif}}table{{border-collapse:collapse}}{TABLE}{ANSWER}"
    )
    draw(chromium, name, f"<style>{style}</style><table>{cells}</table>")


def draw(chromium: Browser, name: str, markup: str) -> None:
    """Take a picture of markup, as high as it is."""
    page = chromium.new_page(viewport={"width": WIDTH, "height": 100})
    page.set_content(markup)
    page.screenshot(path=HERE / f"{name}.png", full_page=True)
    page.close()


def shot(chromium: Browser, name: str, path: Path, choice: str = "") -> None:
    """Take a picture of a page of the site."""
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{path.resolve().as_uri()}{choice}")
    page.locator("#explorer[data-ready]").wait_for()
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=HERE / f"{name}.png")
    page.close()


def notebook(chromium: Browser) -> None:
    """Take a picture of a question in a notebook of the survey, as nbconvert shows it."""
    source = Path("readers/notebooks/10_results.ipynb")
    convert = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", str(source)]
    subprocess.run(convert, check=True, capture_output=True)
    page = chromium.new_page(viewport={"width": WIDTH, "height": 900})
    page.goto(source.with_suffix(".html").resolve().as_uri())
    asked = page.get_by_text('h.question(survey, "agree').first
    asked.evaluate("line => line.scrollIntoView({ block: 'start' })")
    page.wait_for_timeout(500)
    page.screenshot(path=HERE / "6-notebook.png")
    page.close()


@contextmanager
def browser() -> Iterator[Browser]:
    """Open Chromium."""
    found = subprocess.run([ROOT / "tools" / "chromium", "find"], capture_output=True, text=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found.stdout.strip())
        yield chromium
        chromium.close()


if __name__ == "__main__":
    main()
