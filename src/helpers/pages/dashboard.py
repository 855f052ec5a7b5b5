"""The HTML face of the ready-made views: what a dashboard notebook shows.

Reads one file of a release and writes it into the page; the script of the page (``page/source``)
draws it. Runs in the kernel of a dashboard, which a reader waits for: nothing is imported but the
standard library.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Any, cast

from helpers.errors import InsightsError
from helpers.pages import about_page, embedding, markup
from helpers.pages.forms import Card, OpeningWave, Page, PageQuestion, StatedProvenance, View
from helpers.release.forms import Manifest
from helpers.release.reading import RELEASE_VARIABLE as RELEASE_VARIABLE
from helpers.release.reading import REPAIR, SERVED_VARIABLE, read_manifest, read_views

KINDS = {"illustrative": "Illustrative data", "public": "Public data", "private": "Private data"}


@dataclass(frozen=True)
class ShownPage:
    """A page that a notebook shows as the value of its last line.

    Attributes
    ----------
    title : of the page
    html : the page as the dashboards serve it, for a template that brings style and script
    words : HTML that stands for it where no script runs; empty where `html` needs none
    """

    title: str
    html: str
    words: str = ""

    def outputs(self) -> list[dict[str, Any]]:
        """Return the outputs of the cell as data by type: what is shown depends on who shows it."""
        if SERVED_VARIABLE in os.environ:
            return [{"text/html": self.html}]
        return embedding.outputs(self.title, self.html, self.words, repr(self))

    def _ipython_display_(self) -> None:
        from IPython.display import publish_display_data

        for data in self.outputs():
            publish_display_data(data)

    def __repr__(self) -> str:
        """Return what is seen where HTML cannot be."""
        return f"{self.title}: a page of the dashboards, for JupyterLab, Voila or a browser"


def page(name: str) -> ShownPage:
    """Return the page of a release, or a page that says in words why there is none.

    Parameters
    ----------
    name
        Page of the release, such as ``"measurement"``.
    """
    return _shown(name, lambda views: ShownPage(views["title"], as_served(views), _in_words(views)))


def index() -> ShownPage:
    """Return the page that leads to all others."""
    return _shown("index", lambda views: _without_charts(views["title"], _index(views)))


def about() -> ShownPage:
    """Return the page on the data and their protection: from index and manifest alone."""
    return _shown(
        "index",
        lambda index: _without_charts(about_page.TITLE, about_served(index, read_manifest())),
    )


def _without_charts(title: str, html: str) -> ShownPage:
    return ShownPage(title, html, html)


def _shown(name: str, write: Callable[[Page], ShownPage]) -> ShownPage:
    try:
        views = cast(Page, read_views(name))
        try:
            return write(views)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise InsightsError(
                f"The release was made by another version of this project. {REPAIR}."
            ) from error
    except InsightsError as problem:
        return _without_charts("Nothing to show", _sorry(str(problem)))


# Writing


def as_served(views: Page) -> str:
    """Write a page as a reader receives it."""
    if views["page"] == "index":
        return _index(views)
    before, after = _around(views)
    need = "<p>Charts, filters and tables need JavaScript. In words:</p>"
    body = f"""{before}<div id="explorer"><p class="drawing">Drawing the charts …</p>
<noscript>{need}{_summary(views)}</noscript></div>{after}"""
    return f"{_framed(views, body)}\n{_json_block(views)}"


def _in_words(views: Page) -> str:
    """Write a page for where no script runs: each question in words, with the table behind it."""
    before, after = _around(views)
    asked = {population["id"]: population["label"] for population in views["populations"]}
    where = (
        "<p>Charts and filters appear once the notebook has been run. Below is every question,"
        " without filters.</p>"
    )
    parts = [before, where]
    for question, view, said in _unfiltered(views):
        lines = [question["wording"], f"Asked of: {asked.get(question['population'], '')}.", said]
        lines += [view.get("base", ""), *view.get("caveats", ())] if view else []
        parts.append(f"<h3>{escape(question['title'])}</h3>")
        parts += [f"<p>{escape(line)}</p>" for line in lines if line]
        if view and view["status"] == "ok":
            columns = question["columns"][view.get("figure", "")]
            parts.append(markup.table(question["title"], columns, view["rows"], numbers=False))
    return _framed(views, "".join([*parts, after]))


def _around(views: Page) -> tuple[str, str]:
    """Write what is above the questions and below: who answered; what the source prints."""
    above = about_page.who_answered(views) if views.get("answered") else ""
    tables = "".join(
        f'<h2 id="printed-{escape(one["id"])}">{escape(one["title"])}</h2>'
        f"<p>{escape(one.get('note') or '')} Printed by the source; nothing here comes from the"
        " answers.</p>" + markup.table(one["title"], one["columns"], one["rows"], numbers=False)
        for one in views.get("printed") or ()
    )
    return (
        f'<div class="prose">{above}</div>' if above else "",
        f'<section class="printed">{tables}</section>' if tables else "",
    )


def _index(views: Page) -> str:
    entries = [*views["pages"], _ABOUT] if views["pages"] else []
    cards = "".join(_card(entry) for entry in entries)
    none = "<p>This release has no pages yet.</p>"
    reading = "".join(f"<li>{line}</li>" for line in HOW_TO_READ)
    intro = f'<p class="lead">{escape(views["intro"])}</p>' if views.get("intro") else ""
    body = f"""{intro}<h2>Pages</h2>
{f'<ul class="cards">{cards}</ul>' if cards else none}
<section class="prose"><h2 id="how-to-read">How to read these pages</h2>
<ul>{reading}</ul></section>"""
    return _framed(views, body)


_ABOUT: Card = {
    "id": about_page.PAGE,
    "title": about_page.TITLE,
    "headline": "What is real, who answered, what an interval covers, and why nobody can be"
    " singled out.",
}

HOW_TO_READ = (
    "<strong>Base.</strong> Under each chart stands how many people answered. The smaller that"
    " number, the less a difference between bars means.",
    "<strong>Interval.</strong> The thin line across the end of a bar spans the shares that the"
    " answers are compatible with (95%). Where the lines of two bars overlap widely, read no"
    " difference into the bars.",
    "<strong>Filters.</strong> Charts, sentences, tables and downloads follow what you choose."
    " So does the address of the page: copy it to share exactly what you see.",
    "<strong>Missing filters.</strong> A group too small to be shown without pointing at people"
    " is merged with another or not offered, and the question says so:"
    f' <a href="{about_page.PAGE}.ipynb#{about_page.PROTECTION}">how answers are protected</a>.',
    "<strong>Tables.</strong> Behind each chart is the table it was drawn from. Any number of it"
    " can be quoted with its interval, base and source, ready to copy.",
)


def about_served(index: Page, manifest: Manifest) -> str:
    """Write the page on the data and their protection as a reader receives it."""
    body = f'<div class="prose">{about_page.body(manifest, index)}</div>'
    head: Page = {**index, "page": about_page.PAGE, "title": about_page.TITLE, "headline": ""}
    return _framed(head, body)


def _card(entry: Card) -> str:
    count = entry.get("questions", 0)
    asked = f"{count} question{'' if count == 1 else 's'}." if count else ""
    people = ", ".join(entry.get("populations", []))
    more = f"{asked} Asked of: {people}." if people else asked
    link = f'<a href="{escape(entry["id"])}.ipynb">{escape(entry["title"])}</a>'
    headline = escape(entry.get("headline", ""))
    return f"<li><h3>{link}</h3><p>{headline}</p><p>{escape(more)}</p></li>"


def _framed(views: Page, body: str) -> str:
    """Put head and foot around a page: what data this is, above and below it."""
    provenance = views["provenance"]
    home = views["page"] == "index"
    about = "Dashboards" if home else views["survey"]["title"]
    survey = ", ".join(filter(None, (about, views["survey"].get("wave"))))
    said = views.get("headline", "")
    if said and views.get("questions") and not _wave(views):  # else it names the wave itself
        said = f"Without filters: {said}"  # nothing below the filters changes it
    headline = f'<p class="lead">{escape(said)}</p>' if said else ""
    foot = [provenance.get("intervals"), provenance.get("protection"), provenance["banner"]]
    foot.append(f"Data fingerprint: {provenance['fingerprint']}.")
    lines = "".join(f"<p>{escape(line)}</p>" for line in foot if line)
    if views["page"] != "index":
        lines += '<p class="more"><a href="index.ipynb#how-to-read">How to read these pages</a></p>'
    return f"""<div class="page">
<header><div class="top"><span>{escape(survey)}</span></div>
{_navigation(views)}
<h1>{escape(views["title"])}{_wave_of_title(views)}</h1>
<p class="banner" role="note">{_banner(provenance)}</p>
{headline}</header>
<main id="content" tabindex="-1">{body}</main>
<footer>{lines}</footer></div>"""


def _wave_of_title(views: Page) -> str:
    """Name the wave that is shown beside the title: the script of the page keeps it up to date."""
    wave = _wave(views)
    return f'<span class="wave">, {escape(wave)}</span>' if wave else ""


def _banner(provenance: StatedProvenance) -> str:
    kind = KINDS.get(provenance.get("kind", ""), "Data of unknown kind")
    words = provenance["banner"].removeprefix(kind).lstrip(".: ")
    return f"<strong>{kind}.</strong> {escape(words[:1].upper() + words[1:])}"


def _navigation(views: Page) -> str:
    """Write links to all pages; the one that is open is marked, and leads nowhere new."""
    known = [(page["id"], page["title"]) for page in views.get("pages", ())]
    pages = [("index", "All pages"), *known, (about_page.PAGE, "About the data")]
    links = "".join(
        f'<li><a href="{escape(name)}.ipynb"{_CURRENT * (name == views["page"])}>'
        f"{escape(title)}</a></li>"
        for name, title in pages
    )
    return f'<nav class="pages" aria-label="Pages"><ul>{links}</ul></nav>'


_CURRENT = ' aria-current="page"'


def _summary(views: Page) -> str:
    """Return every question in words, unfiltered, as a table."""
    populations = {population["id"]: population["label"] for population in views["populations"]}
    rows = "".join(
        f'<tr><th scope="row">{escape(question["title"])}</th>'
        f"<td>{escape(populations.get(question['population'], ''))}</td>"
        f"<td>{escape(said)}</td><td>{escape(view.get('base', '') if view else '')}</td></tr>"
        for question, view, said in _unfiltered(views)
    )
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Question", "Asked of", "Answer"))
    return (
        f"<table><caption>All questions, {_wave(views) or 'without filters'}</caption><thead><tr>"
        f'{heads}<th scope="col">Base</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _unfiltered(views: Page) -> Iterator[tuple[PageQuestion, View | None, str]]:
    """Go through the questions: each with its view of everybody, and what that says in words."""
    order = [dimension["id"] for dimension in views["dimensions"]]
    wave = views.get("wave")
    for question in views["questions"]:
        if wave and wave["latest"] not in question.get("waves", [wave["latest"]]):
            yield question, None, f"Not asked in {_wave(views)}."
            continue
        parts = [
            f"{dimension}={_opening(question, dimension, wave)}"
            for dimension in order
            if dimension in question["filters"]
        ]
        view = question["views"].get("|" + "|".join(parts))
        said = ""
        if view is not None:
            said = view["sentence"] if view["status"] == "ok" else view["reason"]
        yield question, view, said


def _opening(question: PageQuestion, dimension: str, wave: OpeningWave | None) -> str:
    """Return what a page opens with: the latest wave, and everybody of other dimensions."""
    if wave and dimension == wave["id"]:
        for group in question["filters"][dimension]:
            if wave["latest"] in group["bands"]:
                return str(group["id"])
    return "*"


def _wave(views: Page) -> str:
    """Return the label of the wave that a page opens with; empty where there is one alone."""
    if not (wave := views.get("wave")):
        return ""
    bands = [b for d in views["dimensions"] if d["id"] == wave["id"] for b in d["bands"]]
    return next((b["label"] for b in bands if b["id"] == wave["latest"]), "")


def _json_block(views: Page) -> str:
    """Return the views for the script; no sign in them can end the block.

    `data-edition` tells pages that differ in any view apart.
    """
    text = json.dumps(views, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    edition = sha256(text.encode()).hexdigest()[:8]
    start = f'<script type="application/json" id="views" data-edition="{edition}">'
    return f"{start}{text}</script>"


def _sorry(words: str) -> str:
    return f"""<div class="page" data-again><main id="content" tabindex="-1">
<h1>Nothing to show</h1>
<p class="lead">{escape(words)}</p>
<p>No figures are shown until then. <a href="">Try again</a></p></main></div>"""
