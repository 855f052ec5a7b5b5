"""An executed notebook as a page of the static site: results first, code on request.

The script of the pages draws our charts from the saved state of widgets. Where a widget needs a
kernel, such as boxes to tick, the page says instead what it does in JupyterLab.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from jinja2.utils import htmlsafe_json_dumps
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from helpers.dashboards.site import reference as public_names
from helpers.notebook import drafts, keeping, sanitizing
from helpers.notebook.without_kernel import VIEW
from helpers.words import words_in

REFERENCE = "reference"
_CODE = HtmlFormatter(nowrap=True)
_TITLE = re.compile(r"\A# +(.+?)\s*\n+")
_HEADING = re.compile(r"<h2>(.*?)</h2>")
PLOTLY = "application/vnd.plotly.v1+json"
STATE = "application/vnd.jupyter.widget-state+json"
FACES = {  # what Python calls them: what the script calls them, and what of their state it draws
    "helpers.notebook.question_view.QuestionView": ("question", ("about", "found")),
    "helpers.notebook.drawing.Picture": ("picture", ("figure", "words")),
    "helpers.notebook.drawing.Code": ("code", ("code",)),
}
CONTAINERS = ("VBoxModel", "HBoxModel", "BoxModel", "GridBoxModel", "AccordionModel", "TabModel")
SHOWN = ("AnyModel", "HTMLModel", "HTMLMathModel", "OutputModel")
Outputs = Callable[[list[NotebookNode]], str]


@dataclass(frozen=True)
class Booklet:
    """A notebook that was executed, and what data it worked on.

    Attributes
    ----------
    name : of the file, without its ending
    notebook : cells with their outputs, of the form of nbformat 4
    banner, data : what kind of data it is; title, wave, kind and fingerprint of the survey
    """

    name: str
    notebook: NotebookNode
    banner: str
    data: str

    @property
    def title(self) -> str:
        """Its first heading."""
        found = _TITLE.match(_first(self.notebook))
        return found[1] if found else self.name.replace("_", " ")

    @property
    def is_drafted(self) -> bool:
        """Whether it was made of a codebook, with places for its owner's words."""
        return keeping.MARK in self.notebook["metadata"]

    @property
    def intro(self) -> str:
        """Its first paragraph as text."""
        first = _TITLE.sub("", _first(self.notebook)).partition("\n\n")[0]
        return " ".join(sanitizing.text(sanitizing.markdown(first)).split())


def page(booklet: Booklet, before: Booklet | None = None, after: Booklet | None = None) -> str:
    """Return the body of a booklet's page, links to its neighbours included."""
    parts = [_cell(booklet, cell, n) for n, cell in enumerate(booklet.notebook["cells"], 1)]
    body, contents = _anchored("".join(parts))
    turn = [
        f'<a href="{each.name}.html" rel="{rel}">{words}: {escape(each.title)}</a>'
        for each, rel, words in ((before, "prev", "Before"), (after, "next", "Next"))
        if each is not None
    ]
    inner = f"""{contents}<div class="booklet">{body}</div>
<nav class="turn" aria-label="Neighbouring notebooks">{"".join(turn)}</nav>"""
    links = '<a href="index.html">Notebooks</a>'
    return framed(booklet.title, booklet.banner, booklet.data, inner, links)


def contents(booklets: Sequence[Booklet], banner: str, data: str) -> str:
    """Return the page that leads to all booklets."""
    cards = "".join(
        f'<li><h3><a href="{one.name}.html">{escape(one.title)}</a></h3>'
        f"<p>{escape(one.intro)}</p><p>{escape(one.name)}.ipynb</p></li>"
        for one in booklets
    )
    inner = f"""<p class="lead">How the results were made, step by step: every table and test, with
the code behind it. The notebooks were executed for this site; filters and controls work in
JupyterLab. The <a href="{REFERENCE}.html">reference</a> describes every function they use.</p>
<ul class="cards">{cards}</ul>"""
    return framed("Notebooks", banner, data, inner, "")


def reference(banner: str, data: str) -> str:
    """Return the page that describes the public names, from their docstrings."""
    title, _, text = public_names.reference().partition("\n")
    body, contents = _anchored(sanitizing.markdown(text))
    inner = f'{contents}<div class="booklet">{body}</div>'
    links = '<a href="index.html">Notebooks</a>'
    return framed(title.removeprefix("# "), banner, data, inner, links)


def framed(title: str, banner: str, data: str, body: str, links: str) -> str:
    """Put head and foot of a notebook's page around it."""
    nav = " · ".join(filter(None, ('<a href="../index.html">All questions</a>', links)))
    kind, colon, words = banner.partition(": ")
    said = f"<strong>{escape(kind)}{'.' if colon else ''}</strong> "
    said += escape(words[:1].upper() + words[1:])
    return f"""<div class="page">
<header><div class="top"><span>{escape(data)}</span><nav aria-label="Pages">{nav}</nav></div>
<h1>{escape(title)}</h1>
<p class="banner" role="note">{said}</p></header>
<main id="content" tabindex="-1">{body}</main>
<footer><p>{escape(banner)}</p><p>{escape(data)}</p></footer></div>
<script type="application/json" id="words">{htmlsafe_json_dumps(words_in().browser())}</script>"""


def _first(notebook: NotebookNode) -> str:
    return str(notebook["cells"][0]["source"]) + "\n" if notebook["cells"] else ""


def _cell(booklet: Booklet, cell: NotebookNode, number: int) -> str:
    if cell.get("metadata", {}).get(keeping.MARK) == keeping.FOR_OWNER:
        return ""
    if cell["cell_type"] == "markdown":
        text = _TITLE.sub("", cell["source"] + "\n") if number == 1 else cell["source"]
        return sanitizing.markdown(drafts.without_prompts(text) if booklet.is_drafted else text)
    if cell["cell_type"] != "code":
        return ""
    widgets = Widgets(booklet.notebook, lambda outputs: _outputs(outputs, widgets))
    shown = _outputs(cell["outputs"], widgets)
    result = f'<div class="result">{shown}</div>' if shown else ""
    code = highlight(cell["source"], PythonLexer(), _CODE)
    return (
        f'{result}<details class="code"><summary>Code<span class="unseen"> of step {number}</span>'
        f"</summary><pre><code>{code}</code></pre></details>"
    )


def _outputs(outputs: Iterable[NotebookNode], widgets: Widgets) -> str:
    return "".join(_output(output, widgets) for output in outputs)


def _output(output: NotebookNode, widgets: Widgets) -> str:
    """Return an output in its best form; warnings are for the person who makes the site."""
    if output["output_type"] == "stream":
        return sanitizing.plain(output["text"]) if output["name"] == "stdout" else ""
    data = output.get("data", {})
    if VIEW in data:
        return widgets.html(data[VIEW]["model_id"])
    if PLOTLY in data:
        figure = {part: data[PLOTLY].get(part, []) for part in ("data", "layout")}
        words = data.get("text/plain", "").removeprefix("Chart. ")
        return _drawing("picture", {"figure": figure, "words": words}, words)
    if "text/html" in data:
        return sanitizing.html(data["text/html"])
    if "text/markdown" in data:
        return sanitizing.markdown(data["text/markdown"])
    return sanitizing.plain(data["text/plain"]) if "text/plain" in data else ""


def _anchored(body: str) -> tuple[str, str]:
    """Give each main heading a name to link to; return the body and the list of links."""
    links: list[str] = []

    def named(found: re.Match[str]) -> str:
        links.append(f'<li><a href="#s-{len(links) + 1}">{found[1]}</a></li>')
        return f'<h2 id="s-{len(links)}">{found[1]}</h2>'

    body = _HEADING.sub(named, body)
    if len(links) < 2:
        return body, ""
    return body, (
        f'<nav class="contents" aria-label="In this notebook"><ul>{"".join(links)}</ul></nav>'
    )


class Widgets:
    """The widgets of one notebook.

    Parameters
    ----------
    notebook
        Executed, with the state of its widgets in its metadata.
    outputs
        Writes the outputs of a cell; a widget may hold some, too.
    """

    def __init__(self, notebook: NotebookNode, outputs: Outputs) -> None:
        saved = notebook["metadata"].get("widgets", {}).get(STATE, {})
        self.models: NotebookNode = saved.get("state", {})
        self.outputs = outputs

    def html(self, model: str) -> str:
        """Return a widget with all that is in it."""
        if not any(self._leaves(model, SHOWN)):
            return self._controls(model)
        name, state = self._of(model)
        if name in CONTAINERS:
            return "".join(self.html(child) for child in self._children(state))
        if name == "OutputModel":
            return self.outputs(state["outputs"])
        if name == "AnyModel":
            return _face(state)
        return sanitizing.html(state["value"])

    def _of(self, model: str) -> tuple[str, NotebookNode]:
        there = self.models[model.removeprefix("IPY_MODEL_")]
        return there["model_name"], there["state"]

    def _children(self, state: NotebookNode) -> list[str]:
        return list(state.get("children", ()))

    def _leaves(self, model: str, kinds: tuple[str, ...]) -> Iterator[str]:
        name, state = self._of(model)
        if name in kinds:
            yield model
        for child in self._children(state):
            yield from self._leaves(child, kinds)

    def _controls(self, model: str) -> str:
        """Say what can be changed in JupyterLab, and where it is set to something here."""
        named = "; ".join(dict.fromkeys(self._named(model)))
        words = f"Interactive in JupyterLab: {named}."
        words = f"{words} This page shows the notebook as it opens."
        return f'<p class="controls">{escape(words)}</p>' if named else ""

    def _named(self, model: str) -> Iterator[str]:
        name, state = self._of(model)
        children = self._children(state)
        label = next((s["value"] for n, s in map(self._of, children) if n == "LabelModel"), "")
        if label:
            boxes = [self._of(one)[1] for one in self._leaves(model, ("CheckboxModel",))]
            ticked = [box["description"] for box in boxes if box["value"]]
            yield label if len(ticked) == len(boxes) else f"{label} ({', '.join(ticked)})"
        elif children:
            for child in children:
                yield from self._named(child)
        elif state.get("description") and name != "ButtonModel":
            yield f"{state['description']} ({_setting(state)})"


def _setting(state: NotebookNode) -> str:
    """Return what a control is set to: of a list, the words of what is chosen."""
    at, labels = state.get("index"), state.get("_options_labels", ())
    if "value" not in state and at is not None and at < len(labels):
        return str(labels[at])
    return str(state.get("value", ""))


def _face(state: NotebookNode) -> str:
    """Return the place of a drawing: its state for the script, and words for readers without it."""
    known = FACES.get(state.get("_anywidget_id", ""))
    if known is None:  # the script itself, which a notebook loads as a widget
        return ""
    face, parts = known
    drawn = {part: state[part] for part in parts}
    found = drawn.get("found", {})
    words = drawn.get("words") or drawn.get("code") or found.get("view", {}).get("sentence")
    return _drawing(face, drawn, words or found.get("reason", ""))


def _drawing(face: str, drawn: Mapping[str, Any], words: str) -> str:
    return (
        f'<div data-face="{face}"><p>{escape(words)}</p>'
        f'<script type="application/json">{htmlsafe_json_dumps(drawn)}</script></div>'
    )
