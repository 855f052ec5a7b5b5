"""The ledger for reading: what each printed share is sure of, by its own base."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from helpers.ledger.explanations import counts_in_words
from helpers.ledger.findings import Strength
from helpers.ledger.grim import Z95
from helpers.ledger.verdicts import RATE, Entry, Verdict
from helpers.notebook.drawing import Picture
from helpers.present import summaries, tables, theme
from helpers.present.results import ZERO_WIDTH, percent, wrapped
from helpers.present.theme import Spec

MARKS = {
    0.1: "one in ten",
    0.25: "a quarter",
    1 / 3: "a third",
    0.5: "a half",
    2 / 3: "two thirds",
    0.75: "three quarters",
    0.9: "nine in ten",
}
NONE = "There are no printed shares in this survey folder."
FAR = 0.02
RULED_OUT = (Verdict.IMPOSSIBLE, Verdict.CONTRADICTS)


def shares(entries: Iterable[Entry]) -> Styler:
    """List every printed share with its interval, and what that interval allows one to say.

    Returns
    -------
    Table of figure, statement, printed value, base, the counts of people that give it, Wilson's
    95% interval, and the widest statement in round numbers that the interval bears out. Each share
    once, however often it is printed.
    """
    rows = [
        {
            "Figure": entry.figure,
            "Statement": entry.statement,
            "Printed": entry.printed,
            "Base": entry.base,
            "Counts that give it": counts_in_words(entry.counts) or "none",
            "95% interval": f"{percent(low)[:-1]}–{percent(high)}",
            "What may be said": may_be_said(low, high),
        }
        for entry, (low, high) in _shares(entries)
    ]
    heads = ["Figure", "Statement", "Printed", "Base", "Counts that give it", "95% interval"]
    return tables.shown(pd.DataFrame(rows, columns=[*heads, "What may be said"]), ("Base",))


def may_be_said(low: float, high: float) -> str:
    """Say the narrowest bounds, in round shares, that an interval bears out."""
    least = [words for mark, words in MARKS.items() if mark < low]
    most = [words for mark, words in MARKS.items() if mark > high]
    parts = [f"more than {least[-1]}"] if least else []
    parts += [f"less than {most[0]}"] if most else []
    return " and ".join(parts) or "nothing beyond those who answered"


def rates(entries: Iterable[Entry]) -> Styler:
    """List printed response rates with the division they stand for, and whether it gives them."""
    known = {entry.id: entry for entry in entries}
    rows = [
        {
            "Figure": entry.figure,
            "Statement": entry.statement,
            "Printed": entry.printed,
            "Verdict": summaries.verdict(entry, known),
            "Why": summaries.why(entry, known),
        }
        for entry in known.values()
        if entry.strength == RATE
    ]
    return tables.shown(
        pd.DataFrame(rows, columns=["Figure", "Statement", "Printed", "Verdict", "Why"])
    )


def in_words(entries: Iterable[Entry]) -> str:
    """Say how precise the printed shares are, and which majorities they bear out."""
    found = _shares(entries)
    if not found:
        return f"*{NONE}*"
    bounds = sum(_bound(entry) for entry, _ in found)
    widths = [high - low for entry, (low, high) in found if not _bound(entry)]
    sure = [entry for entry, (low, high) in found if low > 0.5 or high < 0.5]
    impossible = sum(entry.verdict is Verdict.IMPOSSIBLE for entry, _ in found)
    return (
        f"{len(found)} different shares of respondents are printed. {bounds} of them are bounds "
        "(“more than”): their intervals are open to one side. The 95% intervals of the others are "
        f"between {percent(min(widths, default=0))[:-1]} and "
        f"{percent(max(widths, default=0))[:-1]} points wide. For "
        f"{len(sure)} of them the interval lies wholly on one side of one half, so that it may be "
        f"said whether a majority agreed; for {len(found) - len(sure)} it may not. "
        f"{impossible} of them no count of people can give."
    )


def chart(entries: Iterable[Entry]) -> Picture | Styler:
    """Draw every printed share with its interval, in the order of the source."""
    found = _shares(entries)
    if not found:
        return shares(())
    labels: list[str] = []
    for n, (entry, _) in enumerate(found):
        figure = f"Figure {entry.figure}: " if entry.figure else ""
        labels.append(wrapped(f"{figure}{entry.statement}", 52, 3) + ZERO_WIDTH * n)
    traces = [
        _trace("can hold", "circle", theme.SERIES[0], found, labels, False),
        _trace("impossible, or contradicts", "x", theme.SERIES[1], found, labels, True),
    ]
    layout = theme.layout(54 * len(found), legend=True)
    layout["xaxis"] |= {"range": [0, 100], "ticksuffix": "%"}
    layout["yaxis"] |= {"type": "category", "categoryarray": labels, "tickfont": {"size": 11}}
    layout["shapes"] = [
        {"type": "line", "x0": 50, "x1": 50, "y0": 0, "y1": 1, "yref": "paper"}
        | {"line": {"color": theme.INK, "width": 1, "dash": "dot"}}
    ]
    layout["margin"] |= {"t": 40, "r": 28}  # room for the label of 100%
    wrong = sum(entry.verdict in RULED_OUT for entry, _ in found)
    words = (
        f"{len(found)} printed shares with Wilson's 95% intervals at their printed bases; the "
        f"dotted line is one half. {wrong} of them are impossible, or contradict another "
        "statement. Published figures: real, and treated as if from a simple random sample."
    )
    return Picture({"data": traces, "layout": layout}, words)


def _trace(
    name: str,
    symbol: str,
    colour: str,
    found: list[tuple[Entry, tuple[float, float]]],
    labels: list[str],
    ruled_out: bool,
) -> Spec:
    chosen = [
        (label, entry, ends, _mark(entry, ends))
        for label, (entry, ends) in zip(labels, found, strict=True)
        if ruled_out == (entry.verdict in RULED_OUT)
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [100 * p for *_, p in chosen],
        "y": [label for label, *_ in chosen],
        "marker": {"symbol": symbol, "size": 10, "color": colour},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [100 * (high - p) for *_, (_, high), p in chosen],
            "arrayminus": [100 * (p - low) for *_, (low, _), p in chosen],
            "color": "#7b8794",
            "thickness": 1.6,
        },
        "customdata": [
            f"printed: {entry.printed}, base {entry.base:,}, {percent(low)[:-1]}–{percent(high)}"
            for _, entry, (low, high), _ in chosen
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _bound(entry: Entry) -> bool:
    """Whether only a bound of a share is printed, which many counts give."""
    return len(entry.counts) > 2 and (entry.counts[0] == 0 or entry.counts[-1] == entry.base)


def _mark(entry: Entry, ends: tuple[float, float]) -> float:
    """Share to mark: the printed one, or the count next to a printed bound."""
    if _bound(entry):
        return (entry.counts[0] or entry.counts[-1]) / (entry.base or 1)
    return _centre(ends, entry.base or 1)


def _centre(ends: tuple[float, float], n: int) -> float:
    """Share around which Wilson's interval lies, from its ends."""
    factor = 1 + Z95**2 / n
    return min(1.0, max(0.0, sum(ends) / 2 * factor - Z95**2 / (2 * n)))


def _shares(entries: Iterable[Entry]) -> list[tuple[Entry, tuple[float, float]]]:
    """Find printed shares with their intervals, each once."""
    found: dict[Any, tuple[Entry, tuple[float, float]]] = {}
    for entry in entries:
        if entry.interval and entry.strength == Strength.HARD:
            low, high = entry.interval
            cells = tuple(check.what for check in entry.checks)
            about = (entry.questions, cells, entry.base, entry.verdict is Verdict.IMPOSSIBLE)
            what = (*about, round(low / FAR), round(high / FAR))
            found.setdefault(what, (entry, (low, high)))
    return list(found.values())
