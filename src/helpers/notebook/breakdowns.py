"""For the owner of data: which filters a release offers of each question, under every profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from helpers.notebook.drawing import Picture
from helpers.pages.publishing import Prepared
from helpers.present import theme
from helpers.present.formats import ZERO_WIDTH, percent, wrapped
from helpers.present.theme import Spec
from helpers.release.offers import ALONE, MERGED, NO, PART, UNKNOWN, Offer, Offers

TOGETHER = "together"
# How a dimension is offered: in words, and the mark and colour of it.
MARKS = {
    ALONE: ("By itself", "circle", theme.ABOVE[2]),
    TOGETHER: ("By itself, and together with another", "square", theme.ABOVE[3]),
    MERGED: ("By itself, with bands merged", "diamond", theme.BELOW[2]),
    PART: ("By itself, without small bands", "cross", theme.BELOW[3]),
    NO: ("Not offered", "x", "#7b8794"),
}
ROW = 24  # pixels of a question
_Mark: TypeAlias = tuple[int, str, str]  # place across, row, words


def chart(releases: Mapping[str, Prepared]) -> Picture:
    """Draw question by dimension how each release offers it, the releases side by side.

    Parameters
    ----------
    releases
        A release of the same survey under each profile, as `naive_rules.prices` makes them.
    """
    all_offers = {name: made.offers for name, made in releases.items()}
    first = next(iter(all_offers.values()))
    rows, wide = _rows(first), len(first.letters)
    marks: dict[str, list[_Mark]] = {how: [] for how in MARKS}
    heads: dict[int, str] = {}
    for n, (name, offers) in enumerate(all_offers.items()):
        start = n * (wide + 1)
        for question, row in rows.items():
            for at, offer in enumerate(offers.of(question), start):
                if offer.how != UNKNOWN:
                    marks[_how(offer)].append((at, row, _hover(name, offers, offer)))
        heads |= dict(enumerate(offers.letters.values(), start))
        middle = start + (wide - 1) // 2
        title = name.replace(", ", ",<br>")
        heads[middle] = f"{title}<br>{percent(offers.shown)} shown<br>{heads[middle]}"
    traces = [_trace(how, found) for how, found in marks.items() if found]
    said = [f"{name}: {_in_words(offers)}" for name, offers in all_offers.items()]
    return Picture(
        {"data": traces, "layout": _layout(rows, heads, wide)}, " ".join([_key(first), *said])
    )


def _layout(rows: Mapping[str, str], heads: Mapping[int, str], wide: int) -> Spec:
    """Set questions one below the other, dimensions side by side, a line between releases."""
    layout = theme.layout(ROW * len(rows) + 90, legend=True)
    layout["xaxis"] |= {"tickvals": [*heads], "ticktext": [*heads.values()], "tickangle": 0}
    layout["xaxis"] |= {"side": "top", "showgrid": False, "range": [-1, max(heads) + 1]}
    layout["yaxis"] |= {"type": "category", "categoryarray": [*rows.values()]}
    layout["legend"] |= {"y": 0, "yanchor": "top"}
    layout["margin"] |= {"t": 70, "b": 60}
    line = {"color": theme.INK, "width": 1, "dash": "dot"}
    layout["shapes"] = [
        {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "line": line}
        for x in range(wide, max(heads), wide + 1)
    ]
    return layout


def _trace(how: str, found: Sequence[_Mark]) -> Spec:
    name, symbol, colour = MARKS[how]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [x for x, _, _ in found],
        "y": [row for _, row, _ in found],
        "marker": {"symbol": symbol, "size": 10, "color": colour},
        "customdata": [words for _, _, words in found],
        "hovertemplate": "%{customdata}<extra>" + name + "</extra>",
    }


def _rows(offers: Offers) -> dict[str, str]:
    """Label every question; labels that are the same are told apart by what nobody sees."""
    asked = [found.counts.question for found in offers.protected.values()]
    return {q.id: wrapped(q.label, 48, 1) + ZERO_WIDTH * n for n, q in enumerate(asked)}


def _how(offer: Offer) -> str:
    return TOGETHER if offer.how == ALONE and offer.crossed else offer.how


def _hover(name: str, offers: Offers, offer: Offer) -> str:
    label = offers.codebook.dimensions[offer.dimension].label
    beside = [f"together with {', '.join(offer.crossed)}"] if offer.crossed else []
    return "<br>".join(map(wrapped, (f"{name}: {label}", *beside, *offer.why)))


def _key(offers: Offers) -> str:
    """Name the dimension of each letter."""
    known = offers.codebook.dimensions
    named = "; ".join(f"{mark}: {known[d].label}" for d, mark in offers.letters.items())
    return f"{named}. Nothing is drawn where a characteristic is not known."


def _in_words(offers: Offers) -> str:
    """Say how many filters are offered, and how."""
    found = [o for q in offers.protected for o in offers.of(q) if o.how != UNKNOWN]
    there = [o for o in found if o.how != NO]
    merged = sum(o.how in (MERGED, PART) for o in there)
    together = sum(bool(o.crossed) for o in there)
    return (
        f"{len(there):,} of {len(found):,} filters are offered, {merged:,} of them with bands "
        f"merged or left out, {together:,} also together with another; {percent(offers.shown)} "
        "of all values are shown."
    )
