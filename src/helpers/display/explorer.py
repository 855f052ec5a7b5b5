"""The HTML face of the ready-made views: what a dashboard notebook shows.

Reads one file of a release and writes it into the page; the script of the page (``page/source``)
draws it. Runs in the kernel of a dashboard, which a reader waits for: nothing is imported but the
standard library.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from helpers.errors import InsightsError
from helpers.paths import PROJECT, RELEASE

FORMAT = 1
RELEASE_VARIABLE = "INSIGHTS_RELEASE"
REPAIR = "Whoever runs these dashboards makes it anew with: insights release"
KINDS = {"illustrative": "Illustrative data", "public": "Public data", "private": "Private data"}


@dataclass(frozen=True)
class Page:
    """HTML that a notebook shows as the value of its last line."""

    html: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        """Return what is seen where HTML cannot be."""
        return "A page of the dashboards: see it under `insights dashboards`, or in JupyterLab."


def page(name: str) -> Page:
    """Return the page of a release, or a page that says in words why there is none.

    Parameters
    ----------
    name
        Page of the release, such as ``"measurement"``.
    """
    return _shown(name, _page)


def index() -> Page:
    """Return the page that leads to all others."""
    return _shown("index", _index)


def _shown(name: str, write: Callable[[dict[str, Any]], str]) -> Page:
    try:
        return Page(write(read_views(name)))
    except InsightsError as problem:
        return Page(_sorry(str(problem)))


# Reading


def release_folder() -> Path:
    """Return the folder of the release in use: ``INSIGHTS_RELEASE``, else the project's.

    A relative name counts from the working folder, else from the project, as for survey folders.
    """
    chosen = Path(os.environ.get(RELEASE_VARIABLE) or RELEASE)
    return chosen if chosen.is_dir() else PROJECT / chosen


def read_views(name: str, patience: float = 0.6) -> dict[str, Any]:
    """Return the views of a page, once they are known to be what the manifest says they are.

    Parameters
    ----------
    name
        Page of the release.
    patience
        Seconds in which a release that is just being replaced may become whole.

    Raises
    ------
    InsightsError
        If the release or the page is missing, damaged, changed, or made by another version.
        The message is for readers: it names no folder of the machine.
    """
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise InsightsError("There is no such page. Names of pages are small letters, digits, _.")
    until = time.monotonic() + patience
    while True:
        try:
            return _checked(release_folder(), name)
        except InsightsError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.2)


def _checked(folder: Path, name: str) -> dict[str, Any]:
    file = f"views/{name}.json"
    manifest = _parsed(_bytes(folder / "manifest.json", "There is no release to show yet"))
    files = manifest.get("files")
    if not isinstance(files, dict):
        raise InsightsError(f"The release is damaged: its manifest names no files. {REPAIR}.")
    if file not in files:
        known = ", ".join(sorted(key[6:-5] for key in files if key.startswith("views/")))
        raise InsightsError(f"The release has no page “{name}”. It has: {known or 'none'}.")
    raw = _bytes(folder / file, f"The release is incomplete: {file} is missing")
    if hashlib.sha256(raw).hexdigest() != files[file]:
        raise InsightsError(
            f"The release is not as it was made: {file} differs from its manifest, so nothing of"
            f" it is shown. It was changed afterwards or only half written. {REPAIR}."
        )
    views = _parsed(raw)
    if views.get("format") != FORMAT:
        raise InsightsError(f"The release was made by another version of this project. {REPAIR}.")
    return views


def _bytes(path: Path, missing: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InsightsError(f"{missing}. {REPAIR}.") from error


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        content = json.loads(raw)
    except ValueError as error:
        raise InsightsError(f"The release is damaged or half written. {REPAIR}.") from error
    if not isinstance(content, dict):
        raise InsightsError(f"The release is damaged or half written. {REPAIR}.")
    return content


# Writing


def _page(views: dict[str, Any]) -> str:
    names = {population["id"]: population["label"] for population in views["populations"]}
    summary = _summary(views, names)
    if not _under_voila():
        where = "<p>Charts and filters are on the dashboard: <code>make dashboards</code>.</p>"
        return _framed(views, where + summary)
    body = f"""<div id="explorer"><p>Drawing the charts …</p>
<noscript><p>Charts, filters and tables need JavaScript. In words:</p>{summary}</noscript></div>"""
    return f"{_framed(views, body)}\n{_json_block(views)}"


def _index(views: dict[str, Any]) -> str:
    cards = "".join(_card(entry) for entry in views["pages"])
    none = "<p>This release has no pages yet.</p>"
    reading = "".join(f"<li>{line}</li>" for line in HOW_TO_READ)
    intro = f'<p class="lead">{escape(views["intro"])}</p>' if views.get("intro") else ""
    body = f"""{intro}<h2>Pages</h2>
{f'<ul class="cards">{cards}</ul>' if cards else none}
<section class="prose"><h2 id="how-to-read">How to read these pages</h2>
<ul>{reading}</ul></section>"""
    return _framed(views, body)


HOW_TO_READ = (
    "<strong>Base.</strong> Under each chart stands how many people answered. The smaller that"
    " number, the less a difference between bars means.",
    "<strong>Interval.</strong> The thin line across the end of a bar spans the shares that the"
    " answers are compatible with (95%). Where the lines of two bars overlap widely, read no"
    " difference into the bars.",
    "<strong>Filters.</strong> Charts, sentences, tables and downloads follow what you choose."
    " So does the address of the page: copy it to share exactly what you see.",
    "<strong>Missing filters.</strong> A group too small to be shown without pointing at people"
    " is merged with another or not offered, and the question says so.",
    "<strong>Tables.</strong> Behind each chart is the table it was drawn from.",
)


def _card(entry: dict[str, Any]) -> str:
    count = entry.get("questions", 0)
    asked = f"{count} question{'' if count == 1 else 's'}"
    people = ", ".join(entry.get("populations", []))
    more = f"{asked}. Asked of: {people}." if people else f"{asked}."
    link = f'<a href="{escape(entry["id"])}.ipynb">{escape(entry["title"])}</a>'
    headline = escape(entry.get("headline", ""))
    return f"<li><h3>{link}</h3><p>{headline}</p><p>{escape(more)}</p></li>"


def _framed(views: dict[str, Any], body: str) -> str:
    """Put head and foot around a page: what data this is stands above and below it."""
    provenance = views["provenance"]
    home = views["page"] == "index"
    about = "Dashboards" if home else views["survey"]["title"]
    survey = ", ".join(filter(None, (about, views["survey"].get("wave"))))
    links = "" if home else _NAVIGATION
    headline = f'<p class="lead">{escape(views["headline"])}</p>' if views.get("headline") else ""
    foot = [provenance.get("intervals"), provenance.get("protection"), provenance["banner"]]
    foot.append(f"Data fingerprint: {provenance['fingerprint']}.")
    return f"""<div class="page">
<header><div class="top"><span>{escape(survey)}</span>{links}</div>
<h1>{escape(views["title"])}</h1>
<p class="banner" role="note">{_banner(provenance)}</p>
{headline}</header>
<main id="content" tabindex="-1">{body}</main>
<footer>{"".join(f"<p>{escape(line)}</p>" for line in foot if line)}</footer></div>"""


def _banner(provenance: dict[str, Any]) -> str:
    kind = KINDS.get(provenance.get("kind", ""), "Data of unknown kind")
    words = provenance["banner"].removeprefix(kind).lstrip(".: ")
    return f"<strong>{kind}.</strong> {escape(words[:1].upper() + words[1:])}"


_NAVIGATION = (
    '<nav aria-label="Pages"><a href="index.ipynb">All pages</a> · '
    '<a href="index.ipynb#how-to-read">How to read these pages</a></nav>'
)


def _summary(views: dict[str, Any], populations: dict[str, str]) -> str:
    """Return every question in words, unfiltered, as a table."""
    rows = "".join(
        f'<tr><th scope="row">{escape(question["title"])}</th>'
        f"<td>{escape(populations.get(question['population'], ''))}</td>"
        f"<td>{escape(sentence)}</td><td>{escape(base)}</td></tr>"
        for question, sentence, base in _unfiltered(views)
    )
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Question", "Asked of", "Answer"))
    return (
        "<table><caption>All questions, without filters</caption><thead><tr>"
        f'{heads}<th scope="col">Base</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _unfiltered(views: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, str]]:
    order = [dimension["id"] for dimension in views["dimensions"]]
    for question in views["questions"]:
        parts = [f"{dimension}=*" for dimension in order if dimension in question["filters"]]
        view = question["views"].get("|" + "|".join(parts), {})
        shown = view.get("status") == "ok"
        yield question, view.get("sentence" if shown else "reason", ""), view.get("base", "")


def _json_block(views: dict[str, Any]) -> str:
    """Return the views for the script; no sign in them can end the block."""
    text = json.dumps(views, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/json" id="views">{text}</script>'


def _sorry(words: str) -> str:
    return f"""<div class="page"><main id="content" tabindex="-1"><h1>Nothing to show</h1>
<p class="lead">{escape(words)}</p>
<p>No figures are shown until then. <a href="">Try again</a></p></main></div>"""


def _under_voila() -> bool:
    return "VOILA_KERNEL_ID" in os.environ
