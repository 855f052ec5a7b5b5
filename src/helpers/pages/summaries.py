"""One A4 page of a trend, or of the key findings, as a tagged PDF beside the release.

Everything on it is in the views of the page: it is made of nothing else. The system's Chromium
prints it; where there is none, there are no PDFs, and nothing else is missing.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, cast

from helpers import paths
from helpers.pages import dashboard, markup
from helpers.pages.forms import Figure, KeyNumber, Page, PageQuestion, View
from helpers.present import chromium, pictures
from helpers.present.chromium import pdf as _pdf
from helpers.release import reading
from helpers.release.reading import SUMMARIES, SUMS
from helpers.words import Catalogue, sentences, words_in

if TYPE_CHECKING:
    from choreographer import Tab

NONE = (
    "No PDF summaries were made, because no Chromium could be started. To get them, install it"
    " (on Debian and Ubuntu: apt install chromium) or set BROWSER_PATH to a Chromium or Chrome,"
    " and run insights release again."
)
NUMBERS = 6  # at most
WITHOUT = ("views/index.json", "views/favourable.json")  # pages of lists, which have no summary
COLUMN, ACROSS = 346, pictures.WIDTH  # pixels: of a column, and of both
ROOMS = (*range(900, 300, -20), 0)  # pixels that charts may take, the first that fit
STYLE = """
@page { size: A4; margin: 11mm 14mm }
* { box-sizing: border-box; margin: 0 }
body { zoom: 0.93; display: flex; flex-direction: column; height: 1110px }
html { font: 9pt/1.35 Arial, "Liberation Sans", "DejaVu Sans", sans-serif; color: #1f2933 }
.kind { padding: 4px 10px; border: 1.5px solid #000; border-left-width: 8px }
.survey { margin-top: 8px; color: #4b5b68 }
h1 { font-size: 18pt; line-height: 1.15 }
.lead { margin-top: 4px; font-size: 11pt }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
  gap: 6px 14px; margin: 8px 0; padding: 0; list-style: none }
.numbers li { padding-top: 3px; border-top: 2px solid #0b5d33; font-size: 8.5pt }
.numbers b { font-size: 14pt }
.range { white-space: nowrap }
.proof, .base, footer { color: #4b5b68; font-size: 8pt }
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 0 22px; align-items: start }
section { padding: 5px 0 7px; border-top: 1px solid #8b98a3; break-inside: avoid }
h2 { font-size: 10pt }
h2 span { float: right; padding-left: 8px; font-weight: 400; font-size: 8pt }
img { margin-top: 2px }
.said { font-weight: 700 }
.rest { flex: 1 1 0 }
.rest:not(:empty) { min-height: 100px }
.rest div { height: 0; min-height: 100%; overflow: hidden; font-size: 8.5pt;
  columns: 2; column-gap: 22px; column-fill: auto }
.rest h2 { margin-bottom: 3px; border-top: 1px solid #8b98a3; padding-top: 5px; break-after: avoid }
.rest p { margin-bottom: 4px; break-inside: avoid }
footer { margin-top: 6px; padding-top: 5px; border-top: 1px solid #000 }
"""


def refresh(release: Path, progress: Callable[[str], None] = lambda words: None) -> str:
    """Make the summaries of a release unless they are there; say in a sentence what came of it.

    All of them are put in place in one step.
    """
    manifest = json.loads((release / reading.MANIFEST).read_bytes())
    names = [n for n in manifest["files"] if n.startswith("views/") and n not in WITHOUT]
    found = reading.summaries(release)
    if {f"views/{name}.json" for name in found} == {*names}:
        return f"PDF summaries: {len(found)}, unchanged."
    pages = {Path(n).stem: cast(Page, json.loads((release / n).read_bytes())) for n in names}
    browser = _browser()
    made = _printed(pages, browser, progress) if browser else {}
    if not made:
        return NONE
    sums = [(hashlib.sha256(raw).hexdigest(), f"{name}.pdf") for name, raw in made.items()]
    sums += [(manifest["files"][name], f"../{name}") for name in names]
    with paths.replace_folder(release / SUMMARIES) as aside:
        for name, raw in made.items():
            (aside / f"{name}.pdf").write_bytes(raw)
        lines = "".join(f"{digest}  {name}\n" for digest, name in sums)
        (aside / SUMS).write_text(lines, encoding="utf-8")
    return f"PDF summaries: {len(made)}, one A4 page each, in {SUMMARIES}/ of the release."


def html(views: Page, room: int = ROOMS[0]) -> str:
    """Write the summary of a page, with as many charts as have room in so many pixels."""
    say = words_in(views.get("language", ""))
    provenance = views["provenance"]
    numbers = views.get("numbers", [])
    title, lead = views["title"], markup.in_one_line(views.get("headline", ""))
    if dashboard.is_opening(views):
        headline, lead = dashboard.opening_lines(views)
        title, lead = headline or title, sentences(lead, views.get("since", ""))
    elif numbers:
        lead = ""  # the numbers say it
    kind = dashboard.banner(provenance, say)
    survey = ", ".join(filter(None, (views["survey"]["title"], views["survey"].get("wave"))))
    cards = "".join(
        f"<li><b>{escape(n['value'])}</b> {escape(n['words'])}"
        f'<p class="proof">{_made(n, say)} · {dashboard.proof(n, say)}</p></li>'
        for n in numbers[:NUMBERS]
    )
    chosen = _chosen(views, room)
    across, *columns = [
        "".join(_chart(views, *each, say, width) for each in part)
        for part, width in zip(chosen, (ACROSS, COLUMN, COLUMN), strict=True)
    ]
    rest = _rest(views, [question["id"] for part in chosen for question, _ in part], say)
    foot = [provenance.get("intervals"), provenance.get("protection")]
    foot.append(say("page.version", fingerprint=provenance["fingerprint"]))
    return f"""<!DOCTYPE html>
<html lang="{say("format.locale")}"><head><meta charset="utf-8">
<title>{escape(views["title"])} – {escape(survey)}</title><style>{STYLE}</style></head><body>
<p class="kind">{kind}</p>
<p class="survey">{escape(survey)}</p>
<h1>{escape(title)}</h1>{f'<p class="lead">{escape(lead)}</p>' if lead else ""}
{f'<ul class="numbers">{cards}</ul>' if cards else ""}
<main>{across}<div class="charts">{"".join(f"<div>{one}</div>" for one in columns)}</div></main>
<aside class="rest">{rest}</aside>
<footer>{"".join(f"<p>{escape(line)}</p>" for line in foot if line)}</footer></body></html>"""


def _made(number: KeyNumber, say: Catalogue) -> str:
    return say("key.printed") if number["kind"] == "printed" else say("key.computed")


def _chosen(views: Page, height: int) -> list[list[tuple[PageQuestion, View]]]:
    """Choose charts that fit, in the order of the page: across, left and right; none is assumed.

    The first goes across where a column is too low for it, such as a grid of twelve items.
    """
    room = [height, height]
    across: list[tuple[PageQuestion, View]] = []
    columns: list[list[tuple[PageQuestion, View]]] = [[], []]
    for question, view, _ in dashboard.unfiltered(views):
        if not view or view["status"] != "ok" or question.get("assumed") == "wholly":
            continue
        spec = specification(question, view)
        if not pictures.draws(spec):
            continue
        around = _around(question, view)
        high = pictures.drawn(spec, COLUMN).height + around
        column = room.index(max(room))
        if room[column] >= high:
            room[column] -= high
            columns[column].append((question, view))
        elif not across and not any(columns):
            wide = pictures.drawn(spec, ACROSS).height + around
            if wide <= height:
                room = [height - wide] * 2
                across.append((question, view))
    return [across, *columns]


def _rest(views: Page, drawn: Sequence[str], say: Catalogue) -> str:
    """Write what the questions without a chart say: as many as the sheet has room for."""
    lines = [
        f"<p><b>{escape(question['title'])}</b> {escape(said)}</p>"
        for question, view, said in dashboard.unfiltered(views)
        if view and view["status"] == "ok" and question["id"] not in drawn
        if question.get("assumed") != "wholly"
    ]
    if not lines:
        return ""
    kind = _kind(views, say)
    heading = f"<h2><span>{kind}</span>{escape(say('page.more_results'))}</h2>"
    return f"<div>{heading}{''.join(lines)}</div>"


def _kind(views: Page, say: Catalogue) -> str:
    return escape(say.each("kind").get(views["provenance"]["kind"], say("kind.unknown")))


def _around(question: PageQuestion, view: View) -> int:
    """Pixels of the words around a chart, about: letters of a line, and the height of one."""
    texts = [(question["title"], 34, 18), (view["sentence"], 46, 17), (view["base"], 44, 15)]
    return 20 + sum(math.ceil(len(words) / wide) * high for words, wide, high in texts)


def specification(question: PageQuestion, view: View) -> Figure:
    """Return what the chart of a view draws: the traces of its figure with the view's values."""
    spec = question["figures"][view.get("figure", "")]
    data = [{**trace, **value} for trace, value in zip(spec["data"], view["values"], strict=True)]
    return {"data": data, "layout": spec["layout"]}


def _chart(views: Page, question: PageQuestion, view: View, say: Catalogue, width: int) -> str:
    drawing = pictures.drawn(specification(question, view), width)
    source = say("browser.source", source=question["source"]) if question.get("source") else ""
    below = " ".join(filter(None, (view["base"], source)))
    return (
        f"<section><h2><span>{_kind(views, say)}</span>{escape(question['title'])}</h2>"
        f"{drawing.image(say('browser.chart', words=question['title']))}"
        f'<p class="said">{escape(view["sentence"])}</p>'
        f'<p class="base">{escape(below)}</p></section>'
    )


# Printing


def _browser() -> str | None:
    return chromium.find()


def _printed(
    pages: Mapping[str, Page], browser: str, progress: Callable[[str], None]
) -> dict[str, bytes]:
    """Print pages in one Chromium, by name; none of them if it does not print one."""

    def work(views: Page) -> chromium.Work:
        return lambda tab: _one_page(views, tab)

    works = {name: work(views) for name, views in pages.items()}
    return chromium.each(browser, works, "Printing summaries", progress)


async def _one_page(views: Page, tab: Tab) -> bytes:
    """Print as many charts as one sheet holds."""
    raw = b""
    for page in dict.fromkeys(html(views, room) for room in ROOMS):
        raw = await _pdf(page, tab)
        if len(re.findall(rb"/Type\s*/Page\b", raw)) <= 1:
            break
    return raw
