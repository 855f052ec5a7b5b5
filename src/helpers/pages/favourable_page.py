"""The page of favourable answers as HTML: what to work on first, then all items, then groups.

It reads without a script. Standard library only: a reader waits.
"""

from __future__ import annotations

import re
from html import escape

from helpers.pages.forms import (
    FavourableBreakdown,
    FavourableGap,
    FavourableItem,
    FavourableNumber,
    FavourablePage,
    Page,
    StatedNumber,
)
from helpers.pages.markup import heading, paragraphs, table
from helpers.words import Catalogue, lowered, words_in

LOWEST = 5  # items to work on
WAYS = ("favourable", "neutral", "unfavourable")


def body(views: Page) -> str:
    """Return the content of the page."""
    say, shown = words_in(views.get("language", "")), views["favourable"]
    notes = [
        say("favourable.widest") if any(n["kind"] == "index" for n in shown["numbers"]) else "",
        say("favourable.weighted") if shown["weighted"] else "",
        say("favourable.rounded") if shown["rounded"] else "",
    ]
    return (
        _numbers(shown["numbers"], say)
        + _work(shown, say)
        + _items(shown["items"], say)
        + f'<div class="prose">{paragraphs(*notes)}</div>'
        + "".join(_breakdown(one, shown["numbers"], say) for one in shown["breakdowns"])
    )


def lead(views: Page) -> str:
    """Say what a favourable answer is, and in which wave."""
    say, wave = words_in(views.get("language", "")), views["favourable"]["wave"]
    return say("favourable.lead_wave", wave=wave) if wave else say("favourable.lead")


def _numbers(numbers: list[FavourableNumber], say: Catalogue) -> str:
    cards = "".join(
        f'<li><p class="big">{escape(one["value"])}</p>'
        f"<p><strong>{_linked(one['label'], one.get('page', ''), one['id'])}</strong><br>"
        f"{escape(one['words'])}</p>"
        f'<p class="proof">{escape(_proof(one, say))}</p></li>'
        for one in numbers
    )
    return f'<ul class="numbers" tabindex="0">{cards}</ul>' if cards else ""


def _proof(one: FavourableNumber, say: Catalogue) -> str:
    words = "favourable.answered" if one["kind"] == "net" else "favourable.answered_each"
    return say(words, range=one["range"], n=one["n"])


def _linked(label: str, page: str, question: str) -> str:
    if not page:
        return escape(label)
    return f'<a href="{escape(page)}.ipynb#q-{escape(question)}">{escape(label)}</a>'


def _work(shown: FavourablePage, say: Catalogue) -> str:
    """List the least favourable items, and the groups that are furthest below the rest."""
    lowest = "".join(
        f"<li>{_linked(one['label'], one['page'], one['question'])}<br>"
        + escape(
            say("favourable.lowest_of", share=one["shares"][0], range=one["range"], n=one["n"])
        )
        + "</li>"
        for one in shown["items"][:LOWEST]
    )
    gaps = [_gaps(one["label"], one["below"], one["more"][0], say) for one in shown["breakdowns"]]
    found = "".join(gaps) or f"<p>{say('favourable.no_gaps')}</p>"
    beside = f"<h3>{say('favourable.gaps')}</h3>{found}" if shown["breakdowns"] else ""
    return (
        f'<section class="work">{heading(say("favourable.work"))}<div>'
        f"<div><h3>{say('favourable.lowest')}</h3><ol>{lowest}</ol></div>"
        + (f"<div>{beside}</div>" if beside else "")
        + "</div></section>"
    )


def _gaps(label: str, gaps: list[FavourableGap], more: int, say: Catalogue) -> str:
    if not gaps:
        return ""
    rows = "".join(
        f"<li>{_linked(gap['label'], gap['page'], gap['question'])}<br><strong>"
        + escape(
            say(
                "favourable.gap",
                group=gap["group"]["label"],
                share=gap["shares"][0],
                rest=gap["shares"][1],
            )
        )
        + "</strong><br>"
        + escape(
            say(
                "favourable.points",
                difference=gap["difference"],
                low=gap["range"][0],
                high=gap["range"][1],
                word=gap["said"],
            )
        )
        + "</li>"
        for gap in gaps
    )
    rest = f"<p>{say('favourable.more', n=more)}</p>" if more else ""
    return f"<h4>{escape(label)}</h4><ol>{rows}</ol>{rest}"


def _items(items: list[FavourableItem], say: Catalogue) -> str:
    if not items:
        return ""
    heads = [
        say("favourable.favourable"),
        say("favourable.neutral"),
        say("favourable.unfavourable"),
    ]
    keys = "".join(
        f'<span class="{way}">{name}</span>' for way, name in zip(WAYS, heads, strict=True)
    )
    head = "".join(
        f'<th scope="col"{kind}>{escape(name)}</th>'
        for name, kind in (
            (say("favourable.item"), ""),
            *((name, ' class="number"') for name in heads),
            (say("favourable.range"), ' class="number"'),
            (say("favourable.base"), ' class="number"'),
        )
    )
    rows = "".join(
        f'<tr><th scope="row">{_linked(one["label"], one["page"], one["question"])}'
        + (f"<small>{escape(one['title'])}</small>" if one["title"] else "")
        + f"{_bar(one['shares'])}</th>"
        + "".join(
            f'<td class="number">{escape(cell)}</td>'
            for cell in (
                *(share or say("format.none") for share in one["shares"]),
                one["range"],
                say.number(one["n"]),
            )
        )
        + "</tr>"
        for one in items
    )
    caption = say("favourable.items")
    return (
        f'{heading(caption, "items")}<p class="thirds key" aria-hidden="true">{keys}</p>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="items"><caption class="unseen">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _bar(shares: list[str]) -> str:
    """Draw the three shares one after the other."""
    at, parts = 0, []
    for way, share in zip(WAYS, shares, strict=True):
        wide = int("".join(re.findall(r"\d", share)) or 0)
        parts.append(f'<rect class="{way}" x="{at}%" width="{wide}%" height="8"/>')
        at += wide
    return (
        '<svg class="thirds" height="8" aria-hidden="true" focusable="false">'
        f"{''.join(parts)}</svg>"
    )


def _breakdown(one: FavourableBreakdown, numbers: list[FavourableNumber], say: Catalogue) -> str:
    """Write the table of the groups of a dimension, and where they stand out for the better."""
    name = lowered(one["label"])
    heads = [one["label"], *(number["label"] for number in numbers)]
    compared = any(group["of"] for group in one["groups"])
    if compared:
        heads += [say("favourable.below"), say("favourable.above")]
    rows = []
    for group in one["groups"]:
        cells = [group["label"], *(_cell(number, say) for number in group["numbers"])]
        if compared:
            counts = (group["below"], group["above"])
            none = say("format.none")
            cells += [
                say("favourable.of_items", n=n, all=group["of"]) if group["of"] else none
                for n in counts
            ]
        rows.append(cells)
    better = _gaps(one["label"], one["above"], one["more"][1], say)
    notes = [say("favourable.part"), say("favourable.counted"), one["about"]] if compared else []
    title = say("favourable.by_rest" if compared else "favourable.by", dimension=name)
    return (
        heading(escape(title), f"by-{escape(one['id'])}")
        + table(say("favourable.groups", dimension=name), heads, rows)
        + f'<div class="prose">{paragraphs(escape(" ".join(filter(None, notes))))}</div>'
        + (
            f'<section class="work"><h3>{say("favourable.better")}</h3>{better}</section>'
            if better
            else ""
        )
    )


def _cell(number: StatedNumber | None, say: Catalogue) -> str:
    if number is None:
        return say("format.none")
    return f"{number['value']} ({number['range']})"
