"""What the dashboards must show in tools that are not ours: what the release holds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page

from helpers.paths import PROJECT

from . import crosstabs

# The notebooks name our template; here Voila's own is wanted all the same.
OWN_TEMPLATE = ("--template=lab", "--VoilaConfiguration.allow_template_override=NO")
FRAME = "iframe"
VISIT = 120_000


def converted(notebook: Path, to: str, folder: Path) -> Path:
    """Execute a notebook and convert it as `jupyter nbconvert` does."""
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", to]
    done = subprocess.run(
        [*command, "--output-dir", folder, notebook],
        capture_output=True,
        text=True,
        timeout=240,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return folder / f"{notebook.stem}.{'md' if to == 'markdown' else to}"


def shown(page: Page) -> Frame:
    """The page of the dashboards, alone in its window or in a frame, once it can be used."""
    page.locator(f"#explorer, {FRAME}").first.wait_for(state="attached", timeout=VISIT)
    if not page.locator("#explorer").count():
        element = page.locator(FRAME).first.element_handle()
        frame = element.content_frame() if element else None
        assert frame is not None
    else:
        frame = page.main_frame
    frame.locator("#explorer[data-ready]").wait_for(timeout=VISIT)
    return frame


def released(name: str, release: Path = PROJECT / "data" / "release") -> dict[str, Any]:
    """A page of a release, as its file has it."""
    return json.loads((release / "views" / f"{name}.json").read_text(encoding="utf-8"))


def key(question: dict[str, Any], chosen: dict[str, str], compare: str = "") -> str:
    """The key of a view under filters of one group each: `docs/page-format.md`."""
    parts = (f"{d}={chosen.get(d, '*') if d != compare else '*'}" for d in question["filters"])
    return f"{compare}|{'|'.join(parts)}"


READ = f"""() => {{
  const read = {crosstabs.READ};
  return Object.fromEntries([...document.querySelectorAll("article")]
  .filter((card) => !card.querySelector(".reason").textContent)
  .map((card) => {{
    const table = [...card.querySelectorAll("details")]
      .find((each) => each.textContent.startsWith("Data"));
    table.open = true;
    const made = table.querySelector("table");
    const rows = made ? read(made) : [];
    const svg = card.querySelector(".chart .main-svg");
    const marks = card.querySelectorAll(".chart .bars path, .chart .points path").length;
    const drawn = Boolean(svg?.getBoundingClientRect().height > 40 && marks);
    return [card.querySelector("h3").id.slice(2),
      [card.querySelector(".sentence").textContent, rows, drawn]];
  }}));
}}"""


def wanted(views: dict[str, Any], chosen: dict[str, str]) -> dict[str, Any]:
    """What a page must show for a choice: sentence and table as released, and a chart."""
    found = {}
    for question in views["questions"]:
        view = question["views"].get(key(question, chosen), {})
        if view.get("status") == "ok":
            found[question["id"]] = [view["sentence"], view["rows"], True]
    return found


def _read(frame: Frame) -> dict[str, Any]:
    return {
        id: [sentence, crosstabs.settled(cells), drawn]
        for id, (sentence, cells, drawn) in frame.evaluate(READ).items()
    }


def check(frame: Frame, views: dict[str, Any], **chosen: str) -> None:
    """Wait until a page shows what the release holds for a choice; raise where it never does."""
    frame.evaluate(
        "document.querySelectorAll('.fold[aria-expanded=false]').forEach((one) => one.click())"
    )
    columns = {question["id"]: question["columns"][""] for question in views["questions"]}
    due = {
        id: [sentence, crosstabs.settled(crosstabs.cells_of(columns[id], rows)), drawn]
        for id, (sentence, rows, drawn) in wanted(views, chosen).items()
    }
    end = time.monotonic() + VISIT / 1000
    while (found := _read(frame)) != due:
        if time.monotonic() > end:
            wrong = [id for id in {**due, **found} if due.get(id) != found.get(id)]
            raise AssertionError(f"not as released under {chosen}: {wrong}")
        time.sleep(0.1)


def elsewhere(requests: list[str], home: str) -> list[str]:
    """Requests that left the place which the page came from."""
    return [url for url in requests if not re.match(f"{home}|data:|blob:|about:", url)]
