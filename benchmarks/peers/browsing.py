"""A reader in Chromium: when the first chart appears, and how long a filter takes.

The same for every tool: a chart has appeared once a bar of a plotly chart is visible and painted;
a filter has answered once the bars of the first chart in sight are others and were painted.
"""

from __future__ import annotations

import re
import time
from typing import Any

from playwright.sync_api import Browser, Error, Page

# Panel draws inside shadow roots: they are noted when they are made.
WATCH = """
const roots = [document];
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (how) {
  const root = attach.call(this, how);
  roots.push(root);
  return root;
};
const all = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]);
const seen = (element) => {
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0 &&
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
};
const marks = (chart) => [...chart.querySelectorAll(':is(.bars, .points) path')];
// Bars change their outline, dots their place.
const drawn = (mark) => mark.getAttribute('d') + mark.getAttribute('transform');
const bars = (chart) => marks(chart).map(drawn).join();
const inSight = () => all('.js-plotly-plot').find((chart) => {
  const { top, bottom } = chart.getBoundingClientRect();
  return bottom > 0 && top < innerHeight && seen(chart) && bars(chart);
});
const painted = () => new Promise((done) => setTimeout(() => done(performance.now())));

window.firstChart = new Promise((done) => {
  const look = async () => {
    if (all('.js-plotly-plot :is(.bars, .points) path').some(seen)) done(await painted());
    else if (performance.now() > PATIENCE) done(null);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});

window.awaitChange = (patience) => {
  if (!inSight()) throw new Error('no chart is in sight');
  const before = bars(inSight());
  let start = null;
  addEventListener('click', () => { start ??= performance.now(); }, { capture: true, once: true });
  window.change = new Promise((done) => {
    const end = performance.now() + patience;
    const look = async () => {
      const chart = inSight();
      if (start !== null && chart && bars(chart) !== before) done(await painted() - start);
      else if (performance.now() > end) done(null);
      else requestAnimationFrame(look);
    };
    look();
  });
};
window.words = () => roots.map((root) => root === document ? document.body.innerText
  : [...root.children].map((child) => child.innerText ?? '').join('\\n')).join('\\n');
"""
WORDS = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
SIZE = {"width": 1280, "height": 1200}  # every tool's first chart is in sight
PATIENCE = 90_000
TROUBLE = re.compile(r"connect|kernel|server|lost|error|died|dead|offline|reload", re.IGNORECASE)


class Reader:
    """One browser profile with one page, and what it has sent and received."""

    def __init__(self, browser: Browser, size: dict[str, int] = SIZE) -> None:
        self.context = browser.new_context(viewport=size)  # type: ignore[arg-type]
        self.requests = self.frames = 0
        self.errors: list[str] = []
        self.page = self._tab()

    def _tab(self) -> Page:
        page = self.context.new_page()
        page.add_init_script("(() => {" + WATCH.replace("PATIENCE", str(PATIENCE)) + "})()")
        page.on("request", lambda request: self._count("requests", request.url))
        page.on("websocket", self._follow)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("requestfailed", lambda request: self.errors.append(f"failed: {request.url}"))
        return page

    def renew(self) -> None:
        """Close the tab and open another one: what the browser keeps on disk is kept."""
        old, self.page = self.page, self._tab()
        old.close()

    def _count(self, name: str, url: str = "") -> None:
        if not url.startswith(("data:", "blob:")):
            setattr(self, name, getattr(self, name) + 1)

    def _follow(self, socket: Any) -> None:
        socket.on("framesent", lambda _: self._count("frames"))
        socket.on("framereceived", lambda _: self._count("frames"))

    def open(self, address: str) -> dict[str, float | None]:
        """Go to a page; return when its first words and chart appeared, in milliseconds."""
        self.requests = self.frames = 0
        self.page.goto(address, wait_until="commit", timeout=PATIENCE)
        chart = self.page.evaluate("firstChart")
        if chart is None:
            said = f": {self.errors[-1]}" if self.errors else ""
            raise TimeoutError(f"no chart within {PATIENCE / 1000:.0f} s{said}")
        self.page.wait_for_timeout(300)
        return {"chart_ms": chart, "words_ms": self.page.evaluate(WORDS)}

    def change(self, label: str, patience: int = 5_000) -> dict[str, float | None]:
        """Click a box of the filters; return the milliseconds until the chart is another one."""
        box = self.page.get_by_text(label, exact=True).locator("visible=true").first
        box.scroll_into_view_if_needed()
        self.requests = self.frames = 0
        self.page.evaluate("awaitChange", patience)
        box.click(timeout=patience)
        took = self.page.evaluate("change")
        self.page.wait_for_timeout(400)
        return {"change_ms": took, "change_messages": self.requests + self.frames}

    def words(self) -> set[str]:
        """Return the lines that can be read."""
        return set(self.page.evaluate("words()").splitlines())

    def leave(self) -> None:
        """Go away as a reader does who closes the tab."""
        try:
            self.page.goto("about:blank")
            time.sleep(0.2)
        except Error:
            pass  # the server is gone
        self.context.close()


def told(before: set[str], after: set[str]) -> str:
    """Return the lines about trouble that were not there before."""
    return " ".join(sorted(line.strip() for line in after - before if TROUBLE.search(line)))
