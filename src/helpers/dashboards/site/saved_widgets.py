"""Widgets of an executed notebook, as they were at its end, in HTML.

The script of the pages draws our charts from the state that was saved. What only works with a
kernel, such as boxes to tick, is replaced by words that say what it does in JupyterLab.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from jinja2.utils import htmlsafe_json_dumps
from nbformat import NotebookNode

from helpers.notebook import sanitizing

STATE = "application/vnd.jupyter.widget-state+json"
FACES = {  # what Python calls them: what the script calls them, and what of their state it draws
    "helpers.notebook.question_view.QuestionView": ("question", ("about", "found")),
    "helpers.notebook.drawing.Picture": ("picture", ("figure", "words")),
}
CONTAINERS = ("VBoxModel", "HBoxModel", "BoxModel", "GridBoxModel", "AccordionModel", "TabModel")
SHOWN = ("AnyModel", "HTMLModel", "HTMLMathModel", "OutputModel")

Outputs = Callable[[list[NotebookNode]], str]


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
            yield f"{state['description']} ({state.get('value', '')})"


def _face(state: NotebookNode) -> str:
    """Return the place of a drawing: its state for the script, and words for readers without it."""
    known = FACES.get(state.get("_anywidget_id", ""))
    if known is None:  # the script itself, which a notebook loads as a widget
        return ""
    face, parts = known
    drawn = {part: state[part] for part in parts}
    found = drawn.get("found", {})
    words = drawn.get("words") or found.get("view", {}).get("sentence") or found.get("reason", "")
    return (
        f'<div data-face="{face}"><p>{escape(words)}</p>'
        f'<script type="application/json">{htmlsafe_json_dumps(drawn)}</script></div>'
    )
