"""What the source of a survey printed, checked against arithmetic and the responses.

A survey folder may hold tables of its own in ``published/NAME.csv``. They are shown as they are
written; if a folder lacks one, a message says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
from pandas.io.formats.style import Styler

from helpers.errors import Problems
from helpers.ledger.assessments import RATE, Assessment, Entry
from helpers.ledger.explanations import counts_in_words
from helpers.ledger.grim import Z95
from helpers.ledger.ledger import FOLDER, Ledger
from helpers.ledger.statements import Strength
from helpers.notebook.drawing import Picture
from helpers.notebook.themes import KINDS, WAYS, named, read_themes
from helpers.notebook.without_kernel import Markdown
from helpers.present import tables, theme
from helpers.present.formats import ZERO_WIDTH, escaped_markdown, percent, wrapped
from helpers.present.printed_tables import all_numbers, as_number, read_rows, readable
from helpers.present.theme import Spec
from helpers.responses.survey import Survey
from helpers.words import Catalogue, words_in

Table: TypeAlias = Styler | Markdown
SHADES = {Strength.HARD: "#0f5c94", Strength.ORDINAL: "#6aa9d2", Strength.SOFT: "#d9dde2"}
RULED_OUT = (Assessment.IMPOSSIBLE, Assessment.CONTRADICTS)
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


@dataclass(frozen=True, repr=False)
class Printed:
    """Every printed statement with its assessment, as tables, charts and sentences.

    Attributes
    ----------
    ledger : the statements, each assessed when it is first asked for
    trend : whose statements charts and lists of shares are of; empty for all
    """

    survey: Survey
    ledger: Ledger = field(repr=False)
    trend: str = ""

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """One for each statement and response rate; none without published findings."""
        return tuple(self.ledger.entries())

    def __repr__(self) -> str:
        """Return the table of assessments as text."""
        return repr(self.assessments())

    def about(self, trend: str) -> Printed:
        """Leave other trends out of charts and lists of shares."""
        return replace(self, trend=trend)

    @property
    def _chosen(self) -> tuple[Entry, ...]:
        if not self.trend:
            return self.entries
        asked = {q.id for q in self.survey.codebook.questions.values() if q.trend == self.trend}
        return tuple(self.ledger.as_printed(asked))  # no wait for the responses

    @property
    def _known(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.entries}

    def assessments(self) -> Table:
        """Count how many printed statements came to which assessment."""
        counts = Counter(entry.assessment for entry in self.entries)
        rows = [(assessment.value, counts[assessment]) for assessment in Assessment]
        return tables.shown(tables.headed(rows, ("assessment", "statements"), words_in()))

    def disputed(self) -> Table:
        """List statements that arithmetic or another statement rules out, with the reading used."""
        known = self._known
        rows = [
            (e.statement, e.printed, _assessment(e, known), _why(e, known), e.reading)
            for e in known.values()
            if e.assessment in RULED_OUT
        ]
        heads = ("statement", "printed", "assessment", "why", "reading")
        return tables.shown(tables.headed(rows, heads, words_in()))

    def beside(self, *questions: str) -> Table:
        """Compare what is printed about some questions with what the responses in use give.

        Narratives that no count can confirm are left out. `95% range` is Wilson's around the
        printed share at its base, which the source does not give. The caption says that filters do
        not apply.
        """
        say, found = words_in(), self.ledger.entries(questions)
        around = self.ledger.entries({q for e in found for q in e.questions})  # what it contradicts
        known = {entry.id: entry for entry in around}
        rows = [
            (
                e.figure,
                e.statement,
                e.printed,
                _range(e, say),
                _found(e, say),
                _assessment(e, known),
            )
            for e in found
            if e.assessment is not Assessment.NOT_COMPUTABLE
        ]
        heads = ("figure", "statement", "printed", "range", "found", "assessment")
        made = tables.shown(tables.headed(rows, heads, say))
        caption = say("summary.not_filtered") if rows else say("summary.nothing_printed")
        return made.set_caption(caption)

    def precision(self) -> Markdown:
        """Say how precise the printed shares are, and which majorities they support."""
        found = _shares(self._chosen)
        if not found:
            return Markdown(f"*{NONE}*")
        bounds = sum(_bound(entry) for entry, _ in found)
        widths = [high - low for entry, (low, high) in found if not _bound(entry)]
        sure = [entry for entry, (low, high) in found if low > 0.5 or high < 0.5]
        impossible = sum(entry.assessment is Assessment.IMPOSSIBLE for entry, _ in found)
        return Markdown(
            f"{len(found)} different shares of respondents are printed. {bounds} of them are "
            "bounds (“more than”): their ranges are open at one end. The 95% ranges of the "
            f"others are between {percent(min(widths, default=0))[:-1]} and "
            f"{percent(max(widths, default=0))[:-1]} points wide. For {len(sure)} of them the "
            "range is wholly above or below one half, which shows whether a majority agreed; for "
            f"{len(found) - len(sure)} it is not. No count of people can give {impossible} of the "
            "printed shares."
        )

    def shares(self) -> Table:
        """List every printed share with its 95% range, and what that range allows you to say.

        Returns
        -------
        Table of figure, statement, printed value, base, the counts of people that give it,
        Wilson's 95% interval, and the strongest statement in round numbers that it
        supports. Each share once, however often it is printed.
        """
        rows = [
            {
                "Figure": entry.figure,
                "Statement": entry.statement,
                "Printed": entry.printed,
                "Base": entry.base,
                "Counts that give it": counts_in_words(entry.counts) or "none",
                "95% range": f"{percent(low)[:-1]}–{percent(high)}",
                "What you can say": may_be_said(low, high),
            }
            for entry, (low, high) in _shares(self._chosen)
        ]
        heads = ["Figure", "Statement", "Printed", "Base", "Counts that give it", "95% range"]
        return tables.shown(pd.DataFrame(rows, columns=[*heads, "What you can say"]), ("Base",))

    def chart(self) -> Picture | Table:
        """Draw every printed share with its interval, in the order of the source."""
        found = _shares(self._chosen)
        if not found:
            return self.shares()
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
        wrong = sum(entry.assessment in RULED_OUT for entry, _ in found)
        words = (
            f"{len(found)} printed shares with Wilson's 95% ranges at their printed bases; the "
            f"dotted line is one half. {wrong} of them are impossible, or contradict another "
            "statement. Published figures: real, and treated as if from a simple random sample."
        )
        return Picture({"data": traces, "layout": layout}, words)

    def rates(self) -> Table:
        """List printed response rates with their divisions, and whether those give them."""
        known = self._known
        rows = [
            {
                "Figure": entry.figure,
                "Statement": entry.statement,
                "Printed": entry.printed,
                "Assessment": _assessment(entry, known),
                "Why": _why(entry, known),
            }
            for entry in known.values()
            if entry.strength == RATE
        ]
        heads = ["Figure", "Statement", "Printed", "Assessment", "Why"]
        return tables.shown(pd.DataFrame(rows, columns=heads))

    def table(self, name: str, *columns: str) -> Table:
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
        cells = readable(self.survey, name, columns)
        if cells is None:
            return _lacking(name)
        numbers = [heading for heading, column in cells.items() if all_numbers(column)]
        return tables.shown(pd.DataFrame(cells), numbers)

    def figures(self, name: str, unit: str) -> Picture | Markdown:
        """Draw the rows of a table of `fact`, `value` and `unit` that are in one unit."""
        facts = _facts(self.survey, name, unit)
        if isinstance(facts, Markdown):
            return facts
        labels = [wrapped(fact, 44, 2) for fact, _ in facts]
        bars = {unit: ([float(value) for _, value in facts], SHADES[Strength.HARD])}
        ordered = sorted(facts, key=itemgetter(1), reverse=True)
        said = "; ".join(f"{fact}, {value:,f}" for fact, value in ordered)
        return _bars(labels, bars, unit, f"In {unit}, largest first: {said}.")

    def themes(self, name: str = "themes") -> Table:
        """Show how strong the evidence for each theme is, one row per theme.

        Returns
        -------
        Table of theme, gist and kind of source; how many of its printed statements are numbers,
        orderings and narratives; how many came to each assessment; the smallest base and the widest
        95% interval among its numbers, as far as a base is known.

        Raises
        ------
        SurveyProblems
            If the file is damaged, lacks a column, or names a statement that was not printed.
        """
        found = read_themes(self.survey, self.entries, name)
        if found is None:
            return _lacking(name)
        heads = [
            "Theme",
            "Gist",
            "Rests on",
            *KINDS.values(),
            *(v.capitalize() for v in Assessment),
        ]
        heads += ["Smallest base", "Widest 95% range"]
        frame = pd.DataFrame([one.row for one in found], columns=heads)
        made = tables.shown(frame, heads[3:])
        return made.set_properties(subset=["Gist"], **{"min-width": "16em"})

    def themes_in_words(self, name: str = "themes") -> Markdown:
        """Say which themes rest on a printed number, on narrative only, and on neither."""
        themes = read_themes(self.survey, self.entries, name)
        if themes is None:
            return _lacking(name)
        lines = []
        for strength, words in WAYS.items():
            found = [one for one in themes if one.strongest is strength]
            if found:
                lines.append(f"- {words}: {named(found)} ({len(found)} of {len(themes)})")
        said = []
        bases = [e.base for one in themes for e in one.having(Strength.HARD) if e.base]
        if bases:
            said.append(f"The smallest base of such a number is {min(bases):,} respondents.")
        disputed = [one for one in themes if any(e.assessment in RULED_OUT for e in one.entries)]
        if disputed:
            said.append("A statement that arithmetic or another statement rules out is among")
            said.append(f"those of {named(disputed)}.")
        return Markdown("\n".join(["Evidence for each theme:", "", *lines, "", " ".join(said)]))

    def themes_chart(self, name: str = "themes") -> Picture | Markdown:
        """Draw how many numbers, orderings and narratives relate to each theme."""
        themes = read_themes(self.survey, self.entries, name)
        if themes is None:
            return _lacking(name)
        labels = [wrapped(f"{one.name}. {one.gist}", 44, 2) for one in themes]
        counts = {kind: [len(one.having(kind)) for one in themes] for kind in KINDS}
        bars = {KINDS[kind]: (many, SHADES[kind]) for kind, many in counts.items()}
        title = ", ".join(KINDS.values()).lower()
        rows = zip(themes, zip(*counts.values(), strict=True), strict=True)
        said = "; ".join(f"theme {one.name}: {', '.join(map(str, many))}" for one, many in rows)
        return _bars(labels, bars, "Printed statements", f"Printed statements ({title}): {said}.")

    def _repr_html_(self) -> str:
        return str(self.assessments().to_html())  # type: ignore[union-attr]


def printed(survey: Survey, folder: str | Path | None = None) -> Printed:
    """Check every statement that the source printed against arithmetic and the responses.

    Parameters
    ----------
    folder
        Folder of the published findings; by default ``published`` in the survey folder.

    Returns
    -------
    `Printed`: `assessments()`, `disputed()`, `beside("question")`, `shares()`, `chart()`, …

    Raises
    ------
    InsightsError
        If the named folder holds no published findings.
    SurveyProblems
        With everything that is wrong with them.

    Examples
    --------
    >>> import helpers as h
    >>> found = h.printed(h.load_survey("data/example"))
    >>> list(found.assessments().data.columns)
    ['Assessment', 'Statements']
    """
    survey.require_whole("A source prints figures of everybody: ask before `where`.")
    return Printed(survey, Ledger.of(survey, folder))


def may_be_said(low: float, high: float) -> str:
    """Say the narrowest bounds, in round shares, that an interval supports."""
    least = [words for mark, words in MARKS.items() if mark < low]
    most = [words for mark, words in MARKS.items() if mark > high]
    parts = [f"more than {least[-1]}"] if least else []
    parts += [f"less than {most[0]}"] if most else []
    return " and ".join(parts) or "nothing beyond those who answered"


def _assessment(entry: Entry, known: Mapping[str, Entry]) -> str:
    """Say the assessment; a contradiction in the words of what is contradicted."""
    if entry.assessment is not Assessment.CONTRADICTS:
        return entry.assessment_in_words
    others = [_quoted(known[name]) for name in entry.contradicts if name in known]
    if not others:
        return entry.assessment_in_words
    say = words_in()
    return say("summary.contradicts", statements=say.listed([*dict.fromkeys(others)]))


def _quoted(entry: Entry) -> str:
    return words_in()("format.quoted", text=entry.statement.rstrip("."))


def _why(entry: Entry, known: Mapping[str, Entry]) -> str:
    """Say what contradicts a statement, quoting other statements instead of their ids."""
    said = entry.explanation.split(" In the responses ")[0]
    for name in sorted(re.findall(r"\w+", said), key=len, reverse=True):
        if name in known:
            said = said.replace(name, _quoted(known[name]))
    return re.sub(r"(“[^”]+”) or \1", r"\1", said)  # printed twice


def _found(entry: Entry, say: Catalogue) -> str:
    """Say what the responses give: a printed number's counterpart, or whether an order holds."""
    if entry.counts and entry.checks:
        return entry.checks[0].words
    holds = sum(check.holds for check in entry.checks)
    if len(entry.checks) == 1:
        return say("summary.holds") if holds else say("summary.holds_not")
    return say("summary.conditions", n=holds, all=len(entry.checks))


def _range(entry: Entry, say: Catalogue) -> str:
    if not entry.interval:
        return ""
    low, high = entry.interval
    return say("format.range", low=say.hundredths(low), high=say.percent(high))


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
        if ruled_out == (entry.assessment in RULED_OUT)
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
            about = (entry.questions, cells, entry.base, entry.assessment is Assessment.IMPOSSIBLE)
            what = (*about, round(low / FAR), round(high / FAR))
            found.setdefault(what, (entry, (low, high)))
    return list(found.values())


def _facts(survey: Survey, name: str, unit: str) -> list[tuple[str, Decimal]] | Markdown:
    """Facts of a table in one unit with their values, or a message saying why there are none."""
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
    return facts or Markdown(f"*{FOLDER}/{name}.csv has no row in {escaped_markdown(unit)}.*")


def _bars(
    labels: list[str], series: Mapping[str, tuple[Sequence[float], str]], title: str, words: str
) -> Picture:
    """Draw bars side on, one place per label; several series one after the other."""
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
