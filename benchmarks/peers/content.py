"""What every peer shows: the questions of one page of the release, ready to draw.

Standard library only: each peer imports this file in an environment of its own. All of them read
the same views, protected and rendered already, so that none pays for statistics.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

NO_COMPARISON = "No comparison"
CONFIG = {"displayModeBar": False, "responsive": True}


@dataclass(frozen=True)
class Choice:
    """What a reader has chosen: respondent types, groups of each dimension, a comparison."""

    who: tuple[str, ...]
    bands: tuple[tuple[str, tuple[str, ...]], ...]
    by: str = ""


@dataclass(frozen=True)
class Shown:
    """What one question shows: a figure and its words, or only the reason why there is none."""

    figure: dict[str, Any] | None
    sentence: str = ""
    base: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[list[Any], ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""


@cache
def page() -> dict[str, Any]:
    """Return the page that PEERS_VIEWS names, read once a process."""
    return json.loads(Path(os.environ["PEERS_VIEWS"]).read_text(encoding="utf-8"))


def labels(things: list[dict[str, Any]]) -> dict[str, str]:
    """Return label → id, as controls take their options."""
    return {thing["label"]: thing["id"] for thing in things}


def comparisons() -> dict[str, str]:
    """Return label → dimension of the comparisons on offer."""
    return {NO_COMPARISON: ""} | labels(page()["dimensions"])


def everything() -> Choice:
    """Return what a page shows first: everyone, nothing compared."""
    views = page()
    bands = tuple((d["id"], tuple(labels(d["bands"]).values())) for d in views["dimensions"])
    return Choice(tuple(labels(views["populations"]).values()), bands)


def look_up(question: dict[str, Any], choice: Choice) -> Shown:
    """Return what a question shows for a choice."""
    if question["population"] not in choice.who:
        return Shown(None, reason="Not asked of anyone chosen.")
    by = choice.by if choice.by in question["figures"] else ""
    parts = []
    for name, bands in choice.bands:
        groups = question["filters"].get(name)
        if not groups:
            continue
        touched = [g["id"] for g in groups if name == by or set(g["bands"]) & set(bands)]
        whole = len(touched) == len(groups) or (question["single_select"] and len(touched) > 1)
        parts.append(f"{name}={'*' if whole else ','.join(touched)}")
    view = question["views"].get(f"{by}|{'|'.join(parts)}")
    if view is None or view["status"] != "ok":
        return Shown(None, reason=(view or {}).get("reason") or "Nothing is shown for this choice.")
    name = by if view["figure"] is None else view["figure"]
    return Shown(
        merged(question["figures"][name], view),
        view["sentence"],
        view["base"],
        tuple(question["columns"][name]),
        tuple(view["rows"]),
        tuple(view["caveats"]),
    )


def merged(figure: dict[str, Any], view: dict[str, Any]) -> dict[str, Any]:
    """Return the figure of a view: its values laid over the traces that views share."""
    traces = zip(figure["data"], view["values"], strict=True)
    data = [{**trace, **values} for trace, values in traces]
    layout = {"autosize": True, **figure["layout"], **(view.get("layout") or {})}
    return {"data": data, "layout": layout}


def table(shown: Shown) -> str:
    """Return the table behind a chart, folded, as HTML."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in shown.columns)
    lines = [
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in shown.rows
    ]
    return (
        "<details><summary>Data</summary>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></details>"
    )


def heading(question: dict[str, Any], shown: Shown) -> str:
    """Return the text above a chart, as HTML."""
    parts = [f"<h3>{escape(question['title'])}</h3>"]
    parts += [f"<p>{escape(question[name])}</p>" for name in ("wording", "asked")]
    parts.append(f"<p><strong>{escape(shown.sentence or shown.reason)}</strong></p>")
    return "".join(parts)


def footing(shown: Shown) -> str:
    """Return the text below a chart, as HTML."""
    if shown.figure is None:
        return ""
    notes = "".join(f"<li>{escape(words)}</li>" for words in shown.notes)
    return f"<p>{escape(shown.base)}</p>{table(shown)}<ul>{notes}</ul>"


def introduction() -> str:
    """Return the head of the page, as HTML."""
    views = page()
    return (
        f"<h1>{escape(views['title'])}</h1><p>{escape(views['provenance']['banner'])}</p>"
        f"<p><strong>{escape(views['headline'])}</strong></p>"
    )
