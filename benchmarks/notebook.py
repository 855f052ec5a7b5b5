"""How fast a notebook of a trend shows its first chart and follows its filters: in JupyterLab.

    python benchmarks/notebook.py --runs 5

A real JupyterLab, a real Chromium: from the click on *Run All Cells* to the first chart, then from
a click on a filter to the repaint of the charts in sight, and of all charts.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "notebook.json"
sys.path.insert(0, str(ROOT))

from tests.browser.lab import laboratory, opened  # noqa: E402

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
CHART = ".insights-question :is(.bars, .points) path"
FOLLOWS = ".insights-question:has(.sentence)"  # those of the answers, below what is printed
FIRST = """(chart) => {
  let start = null;
  globalThis.firstChart = new Promise((done, fail) => {
    setTimeout(() => fail(new Error("no chart in 60 s")), 60000);
    const click = () => { start = performance.now(); };
    document.addEventListener("pointerup", click, { capture: true, once: true });
    const look = () => start !== null && document.querySelector(chart)
      ? done((performance.now() - start) / 1000) : setTimeout(look, 4);
    look();
  });
}"""
CLICK = """async (label) => {
  const cards = [...document.querySelectorAll(".insights-question")];
  const before = cards.map((card) => card.dataset.drawn);
  const inSight = cards.map((card) => {
    const { top, bottom } = card.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });
  const labels = [...document.querySelectorAll(".widget-checkbox label")];
  const box = labels.find((each) => each.textContent.includes(label)).querySelector("input");
  const times = cards.map(() => null);
  const start = performance.now();
  let last = start;
  box.click();
  while (performance.now() - last < 3000 && times.includes(null)) {
    cards.forEach((card, i) => {
      if (times[i] !== null || card.dataset.drawn === before[i]) return;
      last = performance.now();
      times[i] = last - start;
    });
    await new Promise((done) => setTimeout(done, 4));
  }
  const seen = times.filter((time, i) => inSight[i] && time !== null);
  return { seen, all: Math.max(...times.filter((time) => time !== null)) };
}"""


def once(browser: Browser, home: str, notebook: str) -> dict[str, Any]:
    """Open a notebook with a fresh kernel, run it, click a filter off and on."""
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    opened(page, home, notebook)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.evaluate(FIRST, CHART)
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    first = page.evaluate("() => globalThis.firstChart")
    page.wait_for_timeout(5000)
    page.locator(FOLLOWS).first.evaluate("(card) => card.scrollIntoView()")
    page.wait_for_timeout(1000)
    clicks = []
    for _ in range(4):
        clicks.append(page.evaluate(CLICK, "Larger"))
        page.wait_for_timeout(500)
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Shut Down Kernel", exact=True).click()
    page.wait_for_timeout(1000)
    page.context.close()
    return {
        "first_chart_s": first,
        "repaint_ms": [time for click in clicks for time in click["seen"]],
        "all_repainted_ms": [click["all"] for click in clicks],
    }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--notebook", default="10_measurement.ipynb")
    chosen = parser.parse_args()
    found = subprocess.run([ROOT / "tools" / "chromium", "find"], capture_output=True, text=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        shutil.copytree(ROOT / "notebooks", Path(place) / "notebooks")
        browser = playwright.chromium.launch(executable_path=found.stdout.strip(), args=FLAGS)
        with laboratory(Path(place) / "jupyter", Path(place) / "notebooks") as home:
            runs = [once(browser, home, chosen.notebook) for _ in range(chosen.runs)]
        chromium = browser.version
    flat = {name: [t for run in runs for t in run[name]] for name in runs[0] if name[0] != "f"}
    result = {
        "command": "python benchmarks/notebook.py",
        "notebook": chosen.notebook,
        "runs": chosen.runs,
        "machine": {"cores": os.cpu_count(), "chromium": chromium},
        "jupyterlab": version("jupyterlab"),
        "median": {
            "first_chart_s": round(statistics.median(r["first_chart_s"] for r in runs), 2),
            **{name: round(statistics.median(times)) for name, times in flat.items()},
        },
        "slowest": {
            "first_chart_s": round(max(r["first_chart_s"] for r in runs), 2),
            **{name: round(max(times)) for name, times in flat.items()},
        },
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result["median"]))


if __name__ == "__main__":
    main()
