"""The list of all questions, each with a link to its card, under the pages that show them.

A list that reads without a script, which adds the search. Standard library only: a reader waits.
"""

from __future__ import annotations

from html import escape

from helpers.pages.forms import Card, ListedQuestion, Page
from helpers.pages.markup import in_one_line
from helpers.words import Catalogue, words_in

PAGE = "index"


def body(index: Page) -> str:
    """Return the content of the page as HTML: a section for each page, its questions in it."""
    say = words_in(index.get("language", ""))
    entries, listed = index["pages"], index.get("listed", [])
    intro = f'<p class="lead">{escape(index["intro"])}</p>' if index.get("intro") else ""
    sections = "".join(
        _section(entry, [one for one in listed if one["page"] == entry["id"]], say)
        for entry in entries
    )
    empty = f"<p>{say('index.empty')}</p>"
    return f'{intro}<div id="search"></div>{sections or empty}{_left_out(index, say)}'


def _left_out(index: Page, say: Catalogue) -> str:
    """List what is on no page, and why: the search finds it, too."""
    why = say.each("index_left")
    rows = "".join(
        f"<li><h3>{escape(one['title'])}</h3><p>{escape(why[one['why']])}</p></li>"
        for one in index.get("left_out", ())
    )
    if not rows:
        return ""
    return (
        '<section class="listed" aria-labelledby="left-out">'
        f'<h2 id="left-out">{escape(say("index.left_out"))}</h2>'
        f"<p>{escape(say('index.left_out_explained'))}</p><ul>{rows}</ul></section>"
    )


def _section(entry: Card, listed: list[ListedQuestion], say: Catalogue) -> str:
    """Write a page with its headline, and its questions below."""
    name = escape(entry["id"])
    count, people = entry.get("questions", 0), ", ".join(entry.get("populations", []))
    asked = say("index.questions" if listed else "index.elsewhere", n=count) if count else ""
    more = f"{asked} {say('page.asked_of', people=people)}" if people else asked
    rows = "".join(_row(one) for one in listed)
    return (
        f'<section class="listed" aria-labelledby="p-{name}">'
        f'<h2 id="p-{name}"><a href="{name}.ipynb">{escape(entry["title"])}</a></h2>'
        f"<p>{escape(in_one_line(entry.get('headline', '')))}</p><p>{escape(more)}</p>"
        + (f"<ul>{rows}</ul>" if rows else "")
        + "</section>"
    )


def _row(one: ListedQuestion) -> str:
    """Write a question; its labels are there for the search, which shows those that it found."""
    labels = "".join(f"<li>{escape(label)}</li>" for label in one["labels"])
    address = f"{one['page']}.ipynb#q-{one['id']}"
    return (
        f'<li><h3><a href="{escape(address)}">{escape(one["title"])}</a></h3>'
        f'<p>{escape(one["wording"])}</p><p class="whom">{escape(one["asked_of"])}</p>'
        f'<ul class="labels" hidden>{labels}</ul></li>'
    )
