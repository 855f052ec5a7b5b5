"""Pages as a reader meets them: where the first chart begins, words before it, screens, words.

    python -m benchmarks.screens        every page, on a desk (1280 × 800) and a phone (390 × 844)

Measured on the served dashboards as they open: questions closed, no filter. A chart is a drawing
of more than 40 pixels, or a list of small ones. Words are those that are seen.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.page import FLAGS, chromium, served
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
MEASURE = """() => {
  const drawn = [...document.querySelectorAll('.js-plotly-plot, [data-chart], figure svg')]
    .map(node => node.getBoundingClientRect()).filter(({ height }) => height > 40);
  const top = drawn.length ? Math.min(...drawn.map(box => box.top)) : null;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const [seen, range] = [[], document.createRange()];
  while (walk.nextNode()) {
    const text = walk.currentNode;
    range.selectNodeContents(text);
    const { height, bottom } = range.getBoundingClientRect();
    if (!height || text.parentElement.closest('script, style, nav, [hidden], .unseen')) continue;
    seen.push([bottom, text.data.trim().split(/\\s+/).filter(Boolean).length]);
  }
  const count = some => some.reduce((sum, [, words]) => sum + words, 0);
  return {
    first_chart_px: top === null ? null : Math.round(top),
    words_before: top === null ? null : count(seen.filter(([bottom]) => bottom <= top)),
    words: document.body.innerText.trim().split(/\\s+/).length,
    screens: document.documentElement.scrollHeight / innerHeight,
  };
}"""


def measured(browser: Browser, home: str, name: str) -> dict[str, Any]:
    """Measure one page at both sizes."""
    found: dict[str, Any] = {}
    for size, (width, height) in SIZES.items():
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(f"{home}/voila/render/{name}.ipynb")
        page.locator("main").wait_for()
        if page.locator("#views").count():
            page.locator("#explorer[data-ready]").wait_for()
        page.wait_for_load_state("networkidle")
        found["title"] = page.title().split(" – ")[0]
        found[size] = page.evaluate(MEASURE)
        page.close()
    return found


def lines(result: dict[str, Any]) -> list[str]:
    """Write the table of a result."""
    rows = []
    for page in result["pages"]:
        desk, phone = page["desk"], page["phone"]
        rows.append(
            f"| {page['title']} | {_begins(desk)} | {desk['screens']:.1f} | {desk['words']:,} "
            f"| {_begins(phone)} | {phone['screens']:.1f} |"
        )
    (width, height), (narrow, high) = SIZES.values()
    return [
        f"| page, as it opens | first chart at {width} × {height} | screens | words "
        f"| first chart at {narrow} × {high} | screens |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        "Pixels from the top, and words above without the links to pages. Repeat with "
        "`make bench ARGS=screens`.",
    ]


def _begins(at: dict[str, Any]) -> str:
    if at["first_chart_px"] is None:
        return "no chart"
    return f"{at['first_chart_px']} px, {at['words_before']} words"


def main() -> None:
    """Measure every page, and keep the result."""
    names = sorted(path.stem for path in (ROOT / "dashboards").glob("*.ipynb"))
    first = ["overview", "context", "measurement", "risk_and_innovation", "relationships"]
    names.sort(key=lambda name: (first.index(name) if name in first else len(first), name))
    with served() as (home, _), sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium(), args=FLAGS)
        pages = [measured(browser, home, name) for name in names]
        browser.close()
    place = ROOT / "benchmarks" / "results" / "screens.json"
    place.write_text(json.dumps({"pages": pages}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
