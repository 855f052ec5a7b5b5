"""Method and glossary: how to read pages, how shares are calculated, and what the words mean.

Everything that depends on a release is read from its index and manifest. Standard library only.
"""

from __future__ import annotations

from html import escape

from helpers.pages.forms import Page
from helpers.pages.markup import heading, paragraphs
from helpers.release.forms import Manifest, StatedRules
from helpers.words import Catalogue, words_in

PAGE = "method"
READING = "how-to-read"  # anchor of the part on reading pages
PROTECTION = "about.ipynb#protection"


def body(manifest: Manifest, index: Page) -> str:
    """Return the content of the page as HTML."""
    say = words_in(index.get("language", ""))
    parts = [_reading(say), _shares(index, say), _differences(say), _glossary(manifest, index, say)]
    return "".join(parts)


def _reading(say: Catalogue) -> str:
    points = (say(f"reading.{part}", protection=PROTECTION) for part in say.each("reading"))
    lines = "".join(f"<li>{point}</li>" for point in points)
    return f"{heading(say('page.how_to_read'), READING)}<ul>{lines}</ul>"


def _shares(index: Page, say: Catalogue) -> str:
    """Say how shares and ranges of this release are calculated, of each population."""
    methods, provenance = index.get("methods", []), index["provenance"]
    lines = [escape(one["method"]) for one in methods]
    if len(methods) > 1:
        lines = [
            f"<strong>{escape(', '.join(one['populations']))}.</strong> {line}"
            for one, line in zip(methods, lines, strict=True)
        ]
    return heading(say("guide.heading"), PAGE) + paragraphs(
        say("guide.share"),
        say("guide.range"),
        say("guide.mean"),
        *lines,
        escape(provenance.get("intervals", "")),
        say("guide.files"),
    )


def _differences(say: Catalogue) -> str:
    """Say when a difference is called clear or likely."""
    return heading(say("guide.differences"), "differences") + paragraphs(
        *(say(f"guide.differences_{part}") for part in ("family", "test"))
    )


def _glossary(manifest: Manifest, index: Page, say: Catalogue) -> str:
    """Write the words that pages use, each with an anchor of its own."""
    simulated = index["provenance"]["kind"] == "illustrative"
    entries = "".join(
        f'<div id="{name}"><dt>{title}</dt><dd><p>{_meaning(name, manifest, say)}</p></dd></div>'
        for name, title in say.each("glossary").items()
        if simulated or name not in ("simulated", "assumed")
    )
    return f'{heading(say("guide.glossary"), "glossary")}<dl class="glossary">{entries}</dl>'


def _meaning(name: str, manifest: Manifest, say: Catalogue) -> str:
    """Say what a word means; what the rules of a release decide is read from them."""
    rules: StatedRules = manifest.get("rules") or {}
    base = rules.get("minimum_base")
    said = [
        say(
            f"meaning.{name}",
            base=say.number(base) if base else say("about.fixed_number"),
            protection=PROTECTION,
        )
    ]
    if name == "confidentiality":
        said += [say("about.promise_few")] * (rules.get("profile") == "strict")
        said += [say("about.promise_rounded")] * (rules.get("cure") == "rounding")
    return " ".join(said)
