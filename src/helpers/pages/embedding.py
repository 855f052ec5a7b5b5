"""A page among the outputs of a notebook: in JupyterLab, under Voila's own templates, in nbconvert.

Two outputs make it. The first is HTML without a script, which any front end shows, even for a
notebook that is not trusted, and which nbconvert takes into Markdown: the answers in words and
tables. The second is a script that puts the whole page, with everything it needs, into a frame and
hides the first.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html import escape

from helpers.paths import BROWSER, STATIC
from helpers.words import words_in

PAGE_TYPE = "application/vnd.insights.page+html"  # what our own template takes: the page as served
_LINK = re.compile(r'<a href="([a-z0-9_]+)\.ipynb')


def outputs(title: str, page: str, words: str, name: str, language: str) -> list[dict[str, str]]:
    """Return the outputs of a cell that shows a page, as data by type.

    Parameters
    ----------
    page
        HTML of the page, as `explorer` writes it for a server.
    words
        HTML that replaces it where no script runs.
    name
        What replaces it where only text is shown.
    language
        Language of its words.
    """
    # JupyterLab writes links to notebooks again; by this name the script finds them again.
    named = _LINK.sub(r'<a data-page="\1" href="\1.ipynb', words)
    instead = {
        PAGE_TYPE: page,
        "text/html": f'<div class="insights-words">{named}</div>',
        "text/plain": name,
    }
    return [instead, {"application/javascript": _script(title, page, language), "text/plain": ""}]


def _script(title: str, page: str, language: str) -> str:
    function = (BROWSER / "source" / "embedded.js").read_text(encoding="utf-8")
    given = ", ".join(_literal(text) for text in (title, _document(title, page, language)))
    return f"({function.strip().rstrip(';')})(element, {given});"


def _document(title: str, page: str, language: str) -> str:
    """Write the page with its style and scripts inside: nothing is fetched, and no other runs."""
    say = words_in(language)
    style, explorer, workbooks = (
        (STATIC / name).read_text(encoding="utf-8")
        for name in ("explorer.css", "explorer.js", "xlsx.js")
    )
    policy = (
        f"default-src 'none'; script-src {_digest(workbooks)} {_digest(explorer)};"
        f" style-src {_digest(style)}; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="{say("format.locale")}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style id="plotly.js-style-global" class="no-inline-styles">{style}</style>
</head>
<body>
<a class="skip" href="#content">{say("page.skip")}</a>
{page}
<script>{workbooks}</script>
<script>{explorer}</script>
</body>
</html>"""


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _literal(text: str) -> str:
    """Write a text for a script that may itself be part of a page."""
    return json.dumps(text).replace("<", "\\u003c")
