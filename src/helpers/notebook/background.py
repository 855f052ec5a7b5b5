"""What a source says beside its survey: printed tables, and how strong the evidence behind them is.

A survey folder may hold tables of its own in ``published/NAME.csv``. They are shown as they are
written; a folder that lacks one is said to lack it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import TypeAlias

import pandas as pd
from pandas.io.formats.style import Styler

from helpers.errors import Problems
from helpers.ledger.findings import Strength
from helpers.ledger.ledger import FOLDER, Entry, Verdict
from helpers.notebook.drawing import Picture
from helpers.notebook.standing import Markdown
from helpers.present import tables, theme
from helpers.present.printed_tables import all_numbers, as_number, read_rows, readable
from helpers.present.results import percent, unmarked, wrapped
from helpers.present.theme import Spec
from helpers.responses.survey import Survey

Shown: TypeAlias = Styler | Markdown
NEEDED = ("gist", "findings", "evidence")
KINDS = {Strength.HARD: "Numbers", Strength.ORDINAL: "Orderings", Strength.SOFT: "Narratives"}
SHADES = {Strength.HARD: "#0f5c94", Strength.ORDINAL: "#6aa9d2", Strength.SOFT: "#d9dde2"}
WAYS: dict[Strength | None, str] = {
    Strength.HARD: "at least one printed number of the survey",
    Strength.ORDINAL: "an ordering or a direction at best, no number",
    Strength.SOFT: "narrative only",
    None: "no printed statement about the survey",
}
RULED_OUT = (Verdict.IMPOSSIBLE, Verdict.CONTRADICTS)


@dataclass(frozen=True)
class Theme:
    """A conclusion of the source: the kind of source it rests on, the statements bearing on it."""

    name: str
    gist: str
    evidence: str
    entries: tuple[Entry, ...]

    def having(self, strength: Strength) -> tuple[Entry, ...]:
        """List its printed statements of one strength."""
        return tuple(e for e in self.entries if e.strength == strength)

    @property
    def strongest(self) -> Strength | None:
        """Strongest kind of statement that it has; None where nothing printed bears on it."""
        return next((kind for kind in KINDS if self.having(kind)), None)


def printed(survey: Survey, name: str, columns: Sequence[str] = ()) -> Shown:
    """Show ``published/NAME.csv`` of the survey folder: text to the left, numbers to the right.

    Ids in a column `trend` are shown by their labels.

    Parameters
    ----------
    columns
        Columns to show, in this order; all by default. Those that the file lacks are left out.

    Raises
    ------
    SurveyProblems
        If the file cannot be read as a table, or has no rows.
    """
    cells = readable(survey, name, columns)
    if cells is None:
        return _lacking(name)
    numbers = [heading for heading, column in cells.items() if all_numbers(column)]
    return tables.shown(pd.DataFrame(cells), numbers)


def evidence(survey: Survey, entries: Iterable[Entry], name: str = "themes") -> Shown:
    """Show how strong the evidence for each theme is, a row a theme.

    Returns
    -------
    Table of theme, gist and kind of source; how many of its printed statements are numbers,
    orderings and narratives; how many came to each verdict; the smallest base and the widest 95%
    interval among its numbers, as far as a base is known.

    Raises
    ------
    SurveyProblems
        If the file is damaged, lacks a column, or names a statement that was not printed.
    """
    themes = _themes(survey, entries, name)
    if themes is None:
        return _lacking(name)
    heads = ["Theme", "Gist", "Rests on", *KINDS.values(), *(v.capitalize() for v in Verdict)]
    heads += ["Smallest base", "Widest 95% interval"]
    frame = pd.DataFrame([_row(one) for one in themes], columns=heads)
    return tables.shown(frame, heads[3:]).set_properties(subset=["Gist"], **{"min-width": "16em"})


def strength_in_words(survey: Survey, entries: Iterable[Entry], name: str = "themes") -> Markdown:
    """Say which themes rest on a printed number, which on narrative only, and which on neither."""
    themes = _themes(survey, entries, name)
    if themes is None:
        return _lacking(name)
    lines = []
    for strength, words in WAYS.items():
        found = [one for one in themes if one.strongest is strength]
        if found:
            lines.append(f"- {words}: {_named(found)} ({len(found)} of {len(themes)})")
    said = []
    bases = [e.base for one in themes for e in one.having(Strength.HARD) if e.base]
    if bases:
        said.append(f"The smallest base of such a number is {min(bases):,} respondents.")
    disputed = [one for one in themes if any(e.verdict in RULED_OUT for e in one.entries)]
    if disputed:
        said.append("A statement that arithmetic or another statement rules out is among those of")
        said.append(f"{_named(disputed)}.")
    return Markdown("\n".join(["What bears on each theme:", "", *lines, "", " ".join(said)]))


def strength_chart(
    survey: Survey, entries: Iterable[Entry], name: str = "themes"
) -> Picture | Markdown:
    """Draw how many numbers, orderings and narratives bear on each theme."""
    themes = _themes(survey, entries, name)
    if themes is None:
        return _lacking(name)
    labels = [wrapped(f"{one.name}. {one.gist}", 44, 2) for one in themes]
    counts = {kind: [len(one.having(kind)) for one in themes] for kind in KINDS}
    bars = {KINDS[kind]: (many, SHADES[kind]) for kind, many in counts.items()}
    title = ", ".join(KINDS.values()).lower()
    rows = zip(themes, zip(*counts.values(), strict=True), strict=True)
    said = "; ".join(f"theme {one.name}: {', '.join(map(str, many))}" for one, many in rows)
    return _bars(labels, bars, "Printed statements", f"Printed statements ({title}): {said}.")


def figures_chart(survey: Survey, name: str, unit: str) -> Picture | Markdown:
    """Draw the rows of a table of `fact`, `value` and `unit` that are in one unit."""
    facts = _facts(survey, name, unit)
    if isinstance(facts, Markdown):
        return facts
    labels = [wrapped(fact, 44, 2) for fact, _ in facts]
    bars = {unit: ([float(value) for _, value in facts], SHADES[Strength.HARD])}
    ordered = sorted(facts, key=itemgetter(1), reverse=True)
    said = "; ".join(f"{fact}, {value:,f}" for fact, value in ordered)
    return _bars(labels, bars, unit, f"In {unit}, largest first: {said}.")


def _themes(survey: Survey, entries: Iterable[Entry], name: str) -> list[Theme] | None:
    rows = read_rows(survey, name, NEEDED)
    if rows is None:
        return None
    known = {entry.id: entry for entry in entries}
    problems, themes = Problems(), []
    fix = "Correct the id, or add the statement to findings.csv."
    for place, (number, row) in enumerate(rows, 1):
        wanted = list(dict.fromkeys(row["findings"].split()))
        for finding in (one for one in wanted if one not in known):
            allowed = "ids of findings.csv, separated by blanks"
            problems.add(f"{name}.csv", number, "findings", finding, allowed, fix)
        about = tuple(known[one] for one in wanted if one in known)
        themes.append(Theme(row.get("number") or str(place), row["gist"], row["evidence"], about))
    problems.raise_if_any(f"{FOLDER}/{name}.csv cannot be used")
    return themes


def _row(one: Theme) -> list[object]:
    numbers = one.having(Strength.HARD)
    bases = [entry.base for entry in numbers if entry.base]
    spans = [(high - low, low, high) for low, high in (e.interval for e in numbers if e.interval)]
    _, low, high = max(spans, default=(0.0, 0.0, 0.0))
    return [
        one.name,
        one.gist,
        one.evidence,
        *(len(one.having(strength)) for strength in KINDS),
        *(sum(entry.verdict is verdict for entry in one.entries) for verdict in Verdict),
        f"{min(bases):,}" if bases else "–",
        f"{percent(low)[:-1]}–{percent(high)}" if spans else "–",
    ]


def _named(themes: Sequence[Theme]) -> str:
    """Name themes by number: ``themes 1, 4 and 9``."""
    names = [unmarked(one.name) for one in themes]
    start = ", ".join(names[:-1])
    return f"theme{'s' * (len(names) > 1)} {' and '.join(filter(None, (start, names[-1])))}"


def _facts(survey: Survey, name: str, unit: str) -> list[tuple[str, Decimal]] | Markdown:
    """Facts of a table in one unit with their values, or why there are none in words."""
    rows = read_rows(survey, name, ("fact", "value", "unit"))
    if rows is None:
        return _lacking(name)
    problems, facts = Problems(), []
    for number, row in rows:
        value = as_number(row["value"])
        if value is None:
            problems.add(f"{name}.csv", number, "value", row["value"], "a number such as 5.6")
        elif row["unit"] == unit:
            period = f" ({row['period']})" if row.get("period") else ""
            facts.append((row["fact"] + period, value))
    problems.raise_if_any(f"{FOLDER}/{name}.csv cannot be used")
    return facts or Markdown(f"*{FOLDER}/{name}.csv has no row in {unmarked(unit)}.*")


def _bars(
    labels: list[str], series: Mapping[str, tuple[Sequence[float], str]], title: str, words: str
) -> Picture:
    """Draw bars side on, one place a label; several series one after the other."""
    places = list(range(len(labels)))
    traces: list[Spec] = [
        {
            "type": "bar",
            "orientation": "h",
            "name": wrapped(name, 40),
            "x": list(values),
            "y": places,
            "text": [f"{value:,.10g}" if value else "" for value in values],
            "textangle": 0,
            "marker": {"color": colour},
            "hovertemplate": "%{x}<extra>%{fullData.name}</extra>",
        }
        for name, (values, colour) in series.items()
    ]
    several = len(series) > 1
    layout = theme.layout(38 * len(labels) + 60, legend=several)
    layout |= {"barmode": "stack", "bargap": 0.3}
    layout["margin"] |= {"t": 40 if several else 12, "b": 52}
    layout["xaxis"] |= {"title": {"text": wrapped(title, 60)}}
    layout["yaxis"] |= {"tickvals": places, "ticktext": labels, "showgrid": False}
    layout["yaxis"] |= {"zeroline": False}
    return Picture({"data": traces, "layout": layout}, words)


def _lacking(name: str) -> Markdown:
    return Markdown(f"*This survey folder has no {FOLDER}/{name}.csv.*")
