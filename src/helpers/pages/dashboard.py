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
from typing import cast
from urllib.parse import urlencode

from helpers.errors import InsightsError
from helpers.pages import about_page, embedding, favourable_page, index_page, markup, method_page
from helpers.pages.forms import (
    KeyNumber,
    OpeningWave,
    Page,
    PageQuestion,
    StatedProvenance,
    View,
)
from helpers.release.forms import Manifest
from helpers.release.reading import (
    REPAIR,
    SERVED_VARIABLE,
    SUMMARIES,
    read_manifest,
    read_views,
    release_folder,
)
from helpers.words import DEFAULT, Catalogue, lowered, raised, sentences, words_in


@dataclass(frozen=True)
class ShownPage:
    """A page that a notebook shows as the value of its last line.

    Attributes
    ----------
    title : of the page
    html : the page as the dashboards serve it, for a template that brings style and script
    words : HTML that replaces it where no script runs; empty where `html` needs none
    language : of all of it
    """

    title: str
    html: str
    words: str = ""
    language: str = DEFAULT

    def outputs(self) -> list[dict[str, str]]:
        """Return the outputs of the cell as data by type: what is shown depends on who shows it."""
        if SERVED_VARIABLE in os.environ:
            return [{"text/html": self.html}]
        return embedding.outputs(self.title, self.html, self.words, repr(self), self.language)

    def _ipython_display_(self) -> None:
        from IPython.display import publish_display_data

        for data in self.outputs():
            publish_display_data(data)

    def __repr__(self) -> str:
        """Return what is seen where HTML cannot be."""
        return f"{self.title}: a page of the dashboards, for JupyterLab, Voila or a browser"


def page(name: str) -> ShownPage:
    """Return the page of a release, or a page that says why there is none.

    Parameters
    ----------
    name
        Page of the release, such as ``"measurement"``.
    """
    return _shown(
        name,
        lambda views: ShownPage(
            views["title"],
            as_served(views, _has_summary(name)),
            _in_words(views),
            _words_of(views).language,
        ),
    )


def index() -> ShownPage:
    """Return the list of all questions, which leads to all other pages."""
    return _shown("index", lambda views: _without_charts(views["title"], _index(views), views))


def method() -> ShownPage:
    """Return the page on method with the glossary, from index and manifest only."""
    return _shown(
        "index",
        lambda index: _without_charts(
            _words_of(index)("guide.title"), method_served(index, read_manifest()), index
        ),
    )


def about() -> ShownPage:
    """Return the page on the data and their protection, from index and manifest only."""
    return _shown(
        "index",
        lambda index: _without_charts(
            _words_of(index)("about.title"), about_served(index, read_manifest()), index
        ),
    )


def _without_charts(title: str, html: str, views: Page) -> ShownPage:
    return ShownPage(title, html, html, _words_of(views).language)


def _words_of(views: Page) -> Catalogue:
    return words_in(views.get("language", ""))


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
        html = _sorry(str(problem))
        return ShownPage(words_in()("page.nothing"), html, html)


# Writing


def _has_summary(name: str) -> bool:
    """Whether a PDF of a page is served beside it: only those made of its views are."""
    place = release_folder() / SUMMARIES / f"{name}.pdf"
    return SERVED_VARIABLE in os.environ and place.is_file()


def as_served(views: Page, summary: bool = False) -> str:
    """Write a page as a reader receives it, with a link to its `summary` if there is one."""
    if views["page"] == "index":
        return _index(views)
    if "favourable" in views:
        return f"{_framed(views, favourable_page.body(views))}\n{words_block(_words_of(views))}"
    say, (before, after) = _words_of(views), _around(views)
    body = f"""{before}<div id="explorer"><p class="drawing">{say("page.drawing")}</p>
<noscript><p>{say("page.needs_script")}</p>{_summary(views)}</noscript></div>{after}"""
    return f"{_framed(views, body, summary)}\n{words_block(say)}\n{_json_block(views)}"


def words_block(say: Catalogue) -> str:
    """Write the words that the script of a page asks for."""
    return f'<script type="application/json" id="words">{_inert(say.browser())}</script>'


def _in_words(views: Page) -> str:
    """Write a page for where no script runs: each question in words, with the table behind it."""
    if "favourable" in views:
        return as_served(views)
    say, (before, after) = _words_of(views), _around(views)
    asked = {population["id"]: population["label"] for population in views["populations"]}
    parts = [before, f"<p>{say('page.before_run')}</p>"]
    for question, view, said in unfiltered(views):
        people = say("page.asked_of", people=asked.get(question["population"], ""))
        lines = [question["wording"], people, said]
        lines += [view.get("base", ""), *view.get("caveats", ())] if view else []
        parts.append(f"<h3>{escape(question['title'])}</h3>")
        parts += [f"<p>{escape(line)}</p>" for line in lines if line]
        if view and view["status"] == "ok":
            columns = question["columns"][view.get("figure", "")]
            parts.append(markup.table(question["title"], columns, view["rows"], numbers=False))
    return _framed(views, "".join([*parts, after]))


def _around(views: Page) -> tuple[str, str]:
    """Write what is above the questions, and below: numbers; tables, and who answered."""
    say = _words_of(views)
    numbers = views.get("numbers") or []
    above = (key_numbers if views.get("answered") else printed_chart)(numbers, say)
    below = about_page.who_answered(views) if views.get("answered") else ""
    tables = "".join(
        f'<h2 id="printed-{escape(one["id"])}">{escape(one["title"])}</h2>'
        f"<p>{escape(one['note'])} {say('page.printed')}</p>"
        + markup.table(one["title"], one["columns"], one["rows"], numbers=False)
        for one in views.get("printed") or ()
    )
    return (
        above,
        (f'<section class="printed">{tables}</section>' if tables else "")
        + (f'<div class="prose">{below}</div>' if below else ""),
    )


def key_numbers(numbers: list[KeyNumber], say: Catalogue) -> str:
    """Write the numbers of the key findings, each with what it rests on."""
    cards = "".join(
        f'<li><p class="big">{escape(n["value"])} {_kind(n, say)}</p><p>{escape(n["words"])}</p>'
        f'<p class="proof">{proof(n, say)}</p></li>'
        for n in numbers
    )
    return f'<ul class="numbers" tabindex="0">{cards}</ul>' if cards else ""


def printed_chart(numbers: list[KeyNumber], say: Catalogue) -> str:
    """Draw what the source prints of a page: a line for each share, with its range."""
    lines = "".join(
        f"<li><strong>{escape(n['value'])}</strong><span>{escape(n['words'])}</span>"
        f'{track(n["shares"], n["ends"])}<span class="proof">{proof(n, say)}</span></li>'
        for n in numbers
    )
    if not lines:
        return ""
    return (
        f'<section class="from-source" aria-labelledby="printed"><h2 id="printed">'
        f'<span class="tag">{say("key.printed")}</span> {say("key.heading")}</h2>'
        f'<ul class="shares" data-chart>{lines}</ul></section>'
    )


def track(shares: list[int], ends: list[int]) -> str:
    """Draw a share on a line from 0 to 100%: its range as a band, an earlier share as a ring."""
    low, high = ends
    rings = "".join(f'<circle class="then" cx="{x}%" cy="9" r="5"/>' for x in shares[:-1])
    return (
        '<svg class="track" height="18" aria-hidden="true" focusable="false">'
        '<line x1="0" x2="100%" y1="9" y2="9"/>'
        '<line class="half" x1="50%" x2="50%" y1="1" y2="17"/>'
        f'<rect x="{low}%" width="{high - low}%" y="4" height="10" rx="5"/>{rings}'
        f'<circle cx="{shares[-1]}%" cy="9" r="5.5"/></svg>'
    )


def _kind(number: KeyNumber, say: Catalogue) -> str:
    words = say("key.printed") if number["kind"] == "printed" else say("key.computed")
    return f'<span class="tag {number["kind"]}">{words}</span>'


def proof(number: KeyNumber, say: Catalogue) -> str:
    """Say what a number rests on."""
    ranged = escape(say("key.range", range=number["range"]))
    return f'{escape(number["counted"])} · <span class="range">{ranged}</span>'


def _index(views: Page) -> str:
    return f"{_framed(views, index_page.body(views))}\n{words_block(_words_of(views))}"


def method_served(index: Page, manifest: Manifest) -> str:
    """Write the page on method with the glossary as a reader receives it."""
    return _prose(index, method_page.PAGE, "guide.title", method_page.body(manifest, index))


def about_served(index: Page, manifest: Manifest) -> str:
    """Write the page on the data and their protection as a reader receives it."""
    return _prose(index, about_page.PAGE, "about.title", about_page.body(manifest, index))


def _prose(index: Page, name: str, title: str, body: str) -> str:
    """Write a page of words only."""
    head: Page = {**index, "page": name, "title": _words_of(index)(title), "headline": ""}
    return _framed(head, f'<div class="prose">{body}</div>')


def _framed(views: Page, body: str, summary: bool = False) -> str:
    """Put head and foot around a page: what data this is, above and below it."""
    provenance, say = views["provenance"], _words_of(views)
    survey = ", ".join(filter(None, (views["survey"]["title"], views["survey"].get("wave"))))
    said, title = "", f"{escape(views['title'])}{_wave_of_title(views)}"
    said, opening = markup.in_one_line(views.get("headline", "")), is_opening(views)
    long, unmoved = False, ""
    if opening:
        headline, said = opening_lines(views)
        title, long = escape(headline) or title, len(headline) > LONG
    elif views.get("numbers"):
        said = ""  # the numbers say it
    elif "favourable" in views:
        said = favourable_page.lead(views)
    elif said and views.get("questions") and not (_wave(views) or views.get("answered")):
        # With a wave the line names what it is about. The script shows this once readers filter.
        unmoved = f' <span class="unmoved unfiltered">{escape(say("page.unfiltered"))}</span>'
    headline = f'<p class="lead">{escape(said)}{unmoved}</p>' if said else ""
    if since := views.get("since"):
        address = f"?{urlencode({'compare-by': views['wave']['id']})}"
        link = f'<a href="{escape(address)}">{say("overview.compare_waves")}</a>'
        headline += f'<p class="lead">{escape(since)} {link}</p>'
    real = "" if provenance.get("kind") == "illustrative" else " real"
    pdf = f'<a href="{escape(views["page"])}.pdf" download>{say("page.summary_pdf")}</a>'
    take = f'<span class="take">{pdf}</span>' if summary else ""
    foot = [provenance.get("intervals"), provenance.get("protection"), provenance["banner"]]
    foot.append(say("page.version", fingerprint=provenance["fingerprint"]))
    lines = "".join(f"<p>{escape(line)}</p>" for line in foot if line)
    about = f"{about_page.PAGE}.ipynb"
    links = {
        f"{method_page.PAGE}.ipynb#{method_page.READING}": say("page.how_to_read"),
        f"{about}#{about_page.CONTACT}": say("page.contact"),
        f"{about}#{about_page.ACCESSIBILITY}": say("page.accessibility"),
    }
    more = " ".join(f'<a href="{address}">{words}</a>' for address, words in links.items())
    lines += f'<p class="more">{more}</p>'
    return f"""<div class="page">
<header{' class="opening"' * opening}><div class="top"><span>{escape(survey)}</span>{take}</div>
{_navigation(views)}
<h1{' class="long"' * long}>{title}</h1>
<p class="banner{real}" role="note">{banner(provenance, say)}</p>
{headline}</header>
<main id="content" tabindex="-1">{body}</main>
<footer>{lines}</footer></div>"""


def is_opening(views: Page) -> bool:
    """Whether a page is that of key findings, whose headline is its title."""
    return bool(views.get("numbers") and views.get("answered"))


def opening_lines(views: Page) -> tuple[str, str]:
    """Return the headline of the key findings, and a line: what it is about, and who answered."""
    headline, *about = views.get("headline", "").split("\n")
    return headline, sentences(*about, overview_line(views))


def overview_line(views: Page) -> str:
    """Say in a line who answered, and how sure a share of each population is."""
    say = _words_of(views)
    people = [
        say("overview.sure", number=row["replied"], people=lowered(row["label"]), half=row["half"])
        if row["half"]
        else say("overview.replied", number=row["replied"], people=lowered(row["label"]))
        for row in views["answered"]
    ]
    return say("overview.based_on", people=say.listed(people))


def _wave_of_title(views: Page) -> str:
    """Name the wave that is shown beside the title: the script of the page keeps it up to date."""
    wave = _wave(views)
    return f'<span class="wave">, {escape(wave)}</span>' if wave else ""


def banner(provenance: StatedProvenance, say: Catalogue) -> str:
    """Say what kind of data a page shows, as HTML."""
    kind = say.each("kind").get(provenance.get("kind", ""), say("kind.unknown"))
    words = raised(provenance["banner"].removeprefix(kind).lstrip(".: "))
    return say("page.banner", kind=kind, words=escape(words))


def _navigation(views: Page) -> str:
    """Write links to all pages; the one that is open is marked, and leads nowhere new."""
    say = _words_of(views)
    known = [(page["id"], page["title"]) for page in views.get("pages", ())]
    pages = [
        *known,
        (index_page.PAGE, say("page.all_questions")),
        (method_page.PAGE, say("page.method")),
        (about_page.PAGE, say("page.about")),
    ]
    links = "".join(
        f'<li><a href="{escape(name)}.ipynb"{_CURRENT * (name == views["page"])}>'
        f"{escape(title)}</a></li>"
        for name, title in pages
    )
    return f'<nav class="pages" aria-label="{say("page.pages")}"><ul>{links}</ul></nav>'


LONG = 100  # letters of a headline that a phone shows in smaller type, in four lines
_CURRENT = ' aria-current="page"'


def _summary(views: Page) -> str:
    """Return every question in words, unfiltered, as a table."""
    say, wave = _words_of(views), _wave(views)
    populations = {population["id"]: population["label"] for population in views["populations"]}
    rows = "".join(
        f'<tr><th scope="row">{escape(question["title"])}</th>'
        f"<td>{escape(populations.get(question['population'], ''))}</td>"
        f"<td>{escape(said)}</td><td>{escape(view.get('base', '') if view else '')}</td></tr>"
        for question, view, said in unfiltered(views)
    )
    known = say.each("column")
    names = ("question", "asked_of", "answer", "base")
    heads = "".join(f'<th scope="col">{known[name]}</th>' for name in names)
    caption = escape(say("page.summary_wave", wave=wave) if wave else say("page.summary"))
    return (
        f"<table><caption>{caption}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def unfiltered(views: Page) -> Iterator[tuple[PageQuestion, View | None, str]]:
    """Iterate over the questions: each with its view of everybody, and what that says in words."""
    order = [dimension["id"] for dimension in views["dimensions"]]
    wave = views.get("wave")
    for question in views["questions"]:
        if wave and wave["latest"] not in question.get("waves", [wave["latest"]]):
            yield question, None, _words_of(views)("sentence.not_asked", wave=_wave(views))
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
    """Return the label of the wave that a page opens with; empty if there is only one."""
    if not (wave := views.get("wave")):
        return ""
    bands = [b for d in views["dimensions"] if d["id"] == wave["id"] for b in d["bands"]]
    return next((b["label"] for b in bands if b["id"] == wave["latest"]), "")


def _json_block(views: Page) -> str:
    """Return the views for the script; no character in them can end the block.

    `data-edition` differs between pages that differ in any view.
    """
    text = _inert(views)
    edition = sha256(text.encode()).hexdigest()[:8]
    start = f'<script type="application/json" id="views" data-edition="{edition}">'
    return f"{start}{text}</script>"


def _inert(content: object) -> str:
    """Write JSON for a block of a page; no character in it can end the block."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _sorry(problem: str) -> str:
    say = words_in()
    return f"""<div class="page" data-again><main id="content" tabindex="-1">
<h1>{say("page.nothing")}</h1>
<p class="lead">{escape(problem)}</p>
<p>{say("page.until_then")} <a href="">{say("page.again")}</a></p></main></div>"""
