"""Widgets where no kernel runs: HTML, a picture and words beside the live view, in one output.

These are shown where a notebook is read without a kernel (converted, previewed, printed); where it
is live, the widget is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets as widgets
from IPython.display import Markdown as _Markdown

from helpers.notebook import sanitizing

VIEW = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class StillForm:
    """What is shown without a kernel; `svg` is empty where it is not one picture."""

    html: str
    plain: str
    svg: str = ""


class Still:
    """A widget that shows what it holds wherever it cannot live; first among its bases."""

    def still(self) -> StillForm:
        """Return what is shown without a kernel: by default what the parts show, in turn."""
        return _together(self)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, object], dict[str, object]]:
        found = self.still()
        shown: dict[str, object] = {"text/plain": found.plain, "text/html": found.html}
        if found.svg:
            shown["image/svg+xml"] = found.svg
        live = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}  # type: ignore[attr-defined]
        return shown | {VIEW: live}, {}

    def __repr__(self) -> str:
        """Return the first line of its words."""
        return (self.still().plain or type(self).__name__).partition("\n")[0]


class Words(Still, widgets.HTML):
    """Words in HTML."""

    def still(self) -> StillForm:
        """Show the words."""
        return StillForm(self.value, sanitizing.text(self.value))


class Parts(Still, widgets.VBox):
    """Widgets one below the other."""


class Markdown(_Markdown):
    """Markdown that is read as it is written where it is not set."""

    def __repr__(self) -> str:
        """Return the text."""
        return str(self.data)


def still_form(widget: Any) -> StillForm:
    """Return what a widget shows without a kernel."""
    if isinstance(widget, Still):
        return widget.still()
    if isinstance(widget, widgets.HTML | widgets.HTMLMath):
        return StillForm(widget.value, sanitizing.text(widget.value))
    if isinstance(widget, widgets.Label):
        return still_sentence(widget.value)
    return _together(widget)


def still_sentence(text: str, before: str = "") -> StillForm:
    """Return a sentence, `before` it HTML."""
    return StillForm(f"{before}<p>{escape(text)}</p>" if text else before, text)


def controls(widget: Any) -> str:
    """Say what a kernel lets you change, and its current settings."""
    named = "; ".join(dict.fromkeys(_named(widget)))
    return f"Interactive in JupyterLab: {named}." if named else ""


def _together(widget: Any) -> StillForm:
    children = getattr(widget, "children", ())
    if not any(map(_tells, children)):
        return still_sentence(controls(widget))
    parts = [still_form(child) for child in children]
    return StillForm(
        "\n".join(filter(None, (part.html for part in parts))),
        "\n\n".join(filter(None, (part.plain for part in parts))),
    )


def _tells(widget: Any) -> bool:
    """Whether a widget shows more than a control."""
    if isinstance(widget, Still | widgets.HTML | widgets.HTMLMath):
        return True
    return any(map(_tells, getattr(widget, "children", ())))


def _named(widget: Any) -> Iterator[str]:
    for child in getattr(widget, "children", ()):
        yield from _named(child)
    name = getattr(widget, "description", "")
    if name and hasattr(widget, "value"):
        setting = getattr(widget, "label", widget.value)  # a choice shows its label
        yield name if setting in ("", None) else f"{name} ({setting})"
