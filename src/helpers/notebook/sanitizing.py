"""Results of notebooks as HTML: text and tables, without style or script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import mistune
import nh3
from bs4 import BeautifulSoup, Tag

_KEPT = {
    "a", "b", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em", "h2", "h3",
    "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "s", "small", "span", "strong",
    "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_DROPPED = {"applet", "embed", "iframe", "link", "meta", "object", "script", "style", "template"}
_LINK = re.compile(r"(https?://|#|[\w.-][\w./-]*($|#))")
_PICTURE = re.compile(r"data:image/(?:png|svg\+xml);base64,[A-Za-z0-9+/=\n]+")  # of the notebook
_NUMBER = re.compile(r"[\d\s.,%+−–:±<>-]*(?:nan|inf)?", re.I)
_CLEANER = nh3.Cleaner(
    tags=_KEPT,
    clean_content_tags=_DROPPED,
    attributes={
        **{"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "a": {"href"}},
        "img": {"src", "alt", "width", "height"},
    },
    attribute_filter=lambda element, name, value: _wanted(name, value),
    url_schemes={"http", "https", "data"},
    link_rel=None,
)


def _wanted(name: str, value: str) -> str | None:
    """Return what is kept of an attribute: links elsewhere, and pictures that are in it."""
    form = {"href": _LINK.match, "src": _PICTURE.fullmatch}.get(name)
    return value if form is None or form(value) else None


def html(markup: str) -> str:
    """Return markup with what a reader needs of it; tables get the structure that is read aloud.

    Everything not known to be harmless is removed: elements that run or load something with
    their content, other elements without it, and every attribute but links and spans.
    """
    soup = BeautifulSoup(_CLEANER.clean(markup), "html.parser")
    for picture in soup.find_all("img"):
        if not picture.get("src"):  # it was to be loaded from elsewhere
            picture.decompose()
    for table in soup.find_all("table"):
        _structured(soup, table)
    return soup.decode(formatter="minimal")


def markdown(text: str) -> str:
    """Return Markdown as HTML; markup inside it is shown as it is written."""
    return html(str(_markdown(text)))


def text(markup: str) -> str:
    """Return the words of markup."""
    return BeautifulSoup(markup, "html.parser").get_text()


def plain(text: str) -> str:
    """Return text in the form it has."""
    return f"<pre>{escape(text)}</pre>"


_markdown = mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])


def _structured(soup: BeautifulSoup, table: Tag) -> None:
    """Say what headings are for, set numbers to the right, let a wide table scroll by itself."""
    for heading in table.select("thead th"):
        heading["scope"] = "col"
    for heading in table.select("tbody th"):
        heading["scope"] = "row"
    rows = [row.find_all(("th", "td"), recursive=False) for row in table.find_all("tr")]
    heads, body = [r for r in rows if _within(r, "thead")], [r for r in rows if _within(r, "tbody")]
    for column in range(max(map(len, body), default=0)):
        cells = [row[column] for row in body if column < len(row) and row[column].name == "td"]
        words = [cell.get_text(strip=True) for cell in cells]
        if any(words) and all(_NUMBER.fullmatch(word) for word in words):
            for cell in (*cells, *(row[column] for row in heads if column < len(row))):
                cell["class"] = "number"
    name = table.caption.get_text(" ", strip=True) if table.caption else _headings(heads)
    attributes: Any = {"class": "scroll", "tabindex": "0", "role": "region"}
    box = soup.new_tag("div", attrs={**attributes, "aria-label": f"Table: {name}"})
    table.wrap(box)


def _within(row: Sequence[Tag], part: str) -> bool:
    return bool(row) and row[0].find_parent(part) is not None


def _headings(heads: Iterable[Sequence[Tag]]) -> str:
    words = (cell.get_text(" ", strip=True) for row in heads for cell in row)
    return ", ".join(filter(None, words))
