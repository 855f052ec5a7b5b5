"""Pieces of HTML that pages are written with. Standard library only: a reader waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from helpers.words import sentences

Row = Sequence[str]


def table(caption: str, heads: Row, rows: Iterable[Row], numbers: bool = True) -> str:
    """Write a table whose first column names its rows; without rows there is none."""
    kind = ' class="number"' if numbers else ""
    lines = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td{kind}>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    head = f'<th scope="col">{escape(heads[0])}</th>' + "".join(
        f'<th scope="col"{kind}>{escape(name)}</th>' for name in heads[1:]
    )
    if not lines:
        return ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{lines}</tbody></table></div>"
    )


def heading(text: str, anchor: str = "") -> str:
    """Write a heading of a part of a page, with an anchor if it is linked to."""
    return f'<h2 id="{anchor}">{text}</h2>' if anchor else f"<h2>{text}</h2>"


def paragraphs(*texts: str) -> str:
    """Write texts, in which there may be markup, as paragraphs; an empty one is left out."""
    return "".join(f"<p>{text}</p>" for text in texts if text)


def listed(points: Iterable[str]) -> str:
    """Write points as a list."""
    return f"<ul>{''.join(f'<li>{escape(point)}</li>' for point in points)}</ul>"


def in_one_line(headline: str) -> str:
    """Write what a headline says and, if it has a second line, what of, one after the other."""
    return sentences(*headline.split("\n")) if "\n" in headline else headline
