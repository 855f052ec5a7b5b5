"""What draws in a notebook: the script of the dashboards, sent once, and pictures of their own."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets as widgets
import traitlets

from helpers.notebook.without_kernel import Still, StillForm, still_sentence
from helpers.paths import BROWSER, STATIC
from helpers.present import pictures
from helpers.present.theme import Spec
from helpers.words import Catalogue, words_in

if TYPE_CHECKING:
    from helpers.present.figures import Chart

_SCRIPT = STATIC / "explorer.js"
_STYLE = BROWSER / "source" / "workbench.css"
# The script comes once for all questions; each waits for it. It runs when there is time: anywidget
# gives every widget two seconds to start, and one that is late never hears from Python again.
_HOLDER = """
const load = () => {
  globalThis.insightsWords = %(words)s;
%(script)s
  (globalThis.insightsFaces ??= {})["%(key)s"] = globalThis.insightsWorkbench;
  globalThis.dispatchEvent(new Event("insights-%(key)s"));
};
const later = globalThis.requestIdleCallback ?? ((call) => setTimeout(call, 200));
export default { initialize() { later(load, { timeout: 1500 }); } };
"""
_FACE = """
const there = () => globalThis.insightsFaces?.["%(key)s"];
const ready = () => new Promise((resolve) => {
  if (there()) return resolve(there());
  addEventListener("insights-%(key)s", () => resolve(there()), { once: true });
});
const LATE = "The drawing script has not come yet. If it does not, run all cells again.";
export default { async render(context) {
  context.el.textContent = "Drawing the chart …";
  const late = setTimeout(() => { context.el.textContent = LATE; }, 30000);
  try { return (await ready()).%(face)s(context); }
  catch (problem) { context.el.textContent = problem.message; }
  finally { clearTimeout(late); }
} };
"""


class Script(anywidget.AnyWidget):
    """The drawing script, which a notebook holds once; there it is found under its key."""

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)

    def __init__(self, key: str, **content: str) -> None:
        self.key = key
        super().__init__(**content)


@cache  # which holds the widget, too: one that nothing holds is closed
def _script(language: str, level: str) -> Script:
    """Send the script to the notebook, with the words of a language and a level of ranges."""
    text, style = (path.read_text(encoding="utf-8") for path in (_SCRIPT, _STYLE))
    words = json.dumps(words_in(language).at(level).browser())
    key = hashlib.sha256((text + style + words).encode()).hexdigest()[:12]
    holder = _HOLDER % {"key": key, "script": text, "words": words}
    return Script(key, _esm=holder, _css=style)


def send_ahead() -> None:
    """Send the script with the first cell that names this package: it is there before a chart."""
    import IPython

    shell = IPython.get_ipython()

    def with_cell(info: Any) -> None:
        if "helpers" in (info.raw_cell or ""):
            shell.events.unregister("pre_run_cell", with_cell)
            face("picture")

    if shell is not None:
        shell.events.register("pre_run_cell", with_cell)


def face(name: str, say: Catalogue | None = None) -> str:
    """Write the script of a widget that is drawn by a function of the one script."""
    say = say or words_in()
    return _FACE % {"key": _script(say.language, say.level).key, "face": name}


class Code(Still, anywidget.AnyWidget):
    """Code with a button that copies it.

    Attributes
    ----------
    code : the text
    """

    _esm = traitlets.Unicode().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)

    def __init__(self, code: str = "") -> None:
        super().__init__(_esm=face("code"), code=code, layout=widgets.Layout(width="100%"))

    def still(self) -> StillForm:
        """Show the code."""
        return StillForm(f"<pre><code>{escape(self.code)}</code></pre>", self.code)


class Picture(Still, anywidget.AnyWidget):
    """A chart with the words that stand for it, which are shown below it and read aloud.

    Attributes
    ----------
    figure : plotly specification, `data` and `layout`
    words : what the chart shows, computed
    """

    _esm = traitlets.Unicode().tag(sync=True)
    figure = traitlets.Dict().tag(sync=True)
    words = traitlets.Unicode().tag(sync=True)

    def __init__(self, figure: Spec, words: str) -> None:
        super().__init__(
            _esm=face("picture"),
            figure=figure,
            words=words,
            layout=widgets.Layout(width="100%"),
        )

    @property
    def plotly(self) -> Chart:
        """The chart as a plotly figure."""
        from helpers.present.figures import Chart

        return Chart(self.figure).update_layout(meta=self.words)

    def save(self, path: str | Path) -> Path:
        """Write the chart into a file that ends in .png, .svg, .pdf or .html (`plotted.save`)."""
        return self.plotly.save(path)

    def still(self) -> StillForm:
        """Show the chart as a picture, and its words."""
        if not pictures.draws(self.figure):
            return still_sentence(self.words)
        image = pictures.drawn(self.figure).image(f"Chart. {self.words}")
        wide = pictures.drawn(self.figure, pictures.WIDTH).svg()
        return replace(still_sentence(self.words, image), svg=wide)
