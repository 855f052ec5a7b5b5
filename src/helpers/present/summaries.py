"""Tables for notebooks: who answered, what was asked, and what became of printed statements.

Each is shown whole, with its text to the left; `.data` of it is the DataFrame.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape

import pandas as pd
from pandas.io.formats.style import Styler

from helpers.codebook.model import Question
from helpers.estimation.tabulate import bases, respondents, tabulate
from helpers.estimation.wave import chosen, in_force, known_of, together
from helpers.ledger.ledger import Entry, Verdict
from helpers.present import tables, wording
from helpers.present.readable import unread
from helpers.present.results import leading, live, percent, positive_label, varies
from helpers.responses.selection import Selection, Where
from helpers.responses.survey import Survey

PRINTED = "What is printed is about everybody who answered: this table follows no filters."
NOTHING_PRINTED = "Nothing is printed about this in the survey folder."


def populations(survey: Survey) -> Styler:
    """List populations, a row each: respondents and questions."""
    asked = Counter(q.population for q in survey.codebook.questions.values())
    rows = [
        {
            "Population": who.label,
            **_by_wave(survey, name),
            "Questions": asked[name],
        }
        for name, who in survey.codebook.populations.items()
    ]
    return tables.shown(pd.DataFrame(rows))


def _by_wave(survey: Survey, population: str) -> dict[str, int]:
    """Count respondents; of a survey with several waves, in each of them."""
    codebook = survey.codebook
    if not codebook.waves:
        return {"Respondents": respondents(survey, population)}
    everybody = respondents(survey, population)
    if not codebook.wave_of(population):
        return {"Respondents, all waves": everybody}
    counts = {
        f"Respondents, {label}": respondents(
            survey, population, Selection.of({codebook.wave_dimension: wave})
        )
        for wave, label in codebook.waves.items()
    }
    return counts | {"Respondents, all waves": everybody}


def questions(survey: Survey, trend: str | None = None) -> Styler:
    """List the questions, a row each: whom it was put to, how many were asked, and its base.

    Parameters
    ----------
    trend
        Id of a trend, to list its questions alone; a survey without the trend has none.

    Examples
    --------
    >>> import helpers as h
    >>> list(h.questions(h.load_survey("data/example"), "reading").data.columns)[:3]
    ['Question', 'Put to', 'Asked']
    """
    codebook = survey.codebook
    heads = ["Question", "Put to", "Asked", "In the base", "Source", "Assumed"]
    rows = []
    listed = tuple(codebook.questions.values())
    if trend is not None:
        listed = codebook.of_trend(trend) if trend in codebook.trends else ()
    for question in listed:
        selection = chosen(survey, None, question.population)
        asked, answered = bases(tabulate(survey, question, where=selection), question)
        wave = together(codebook, in_force(codebook, question.population, selection))
        rows.append(
            {
                "Question": question.label,
                "Put to": survey.codebook.populations[question.population].label,
                "Asked": asked,
                "In the base": answered,
                "Source": question.source,
                "Assumed": wording.assumed(question),
            }
            | ({"Wave": wave} if codebook.waves else {})
        )
    heads += ["Wave"] * bool(codebook.waves)
    return tables.shown(pd.DataFrame(rows, columns=heads))


def verdicts(entries: Iterable[Entry]) -> Styler:
    """Count how many printed statements came to which verdict."""
    counts = Counter(entry.verdict for entry in entries)
    rows = [{"Verdict": verdict.value, "Statements": counts[verdict]} for verdict in Verdict]
    return tables.shown(pd.DataFrame(rows))


def disputed(entries: Iterable[Entry]) -> Styler:
    """List statements that arithmetic or another statement rules out, with the reading used."""
    known = {entry.id: entry for entry in entries}
    rows = [
        {
            "Statement": entry.statement,
            "Printed": entry.printed,
            "Verdict": verdict(entry, known),
            "Why": why(entry, known),
            "Reading used": entry.reading,
        }
        for entry in known.values()
        if entry.verdict in (Verdict.IMPOSSIBLE, Verdict.CONTRADICTS)
    ]
    return tables.shown(
        pd.DataFrame(rows, columns=["Statement", "Printed", "Verdict", "Why", "Reading used"])
    )


def beside(entries: Iterable[Entry], wanted: Iterable[str]) -> Styler:
    """Set what is printed about some questions beside what the responses in use give.

    Narratives that no count can confirm are left out. `95% interval` is Wilson's around the
    printed share at its base, which the source does not give. The caption says that filters do
    not move it.
    """
    named, known = set(wanted), {entry.id: entry for entry in entries}
    rows = [
        {
            "Figure": entry.figure,
            "Statement": entry.statement,
            "Printed": entry.printed,
            "95% interval": _interval(entry),
            "In these responses": _found(entry),
            "Verdict": verdict(entry, known),
        }
        for entry in known.values()
        if named & set(entry.questions) and entry.verdict is not Verdict.NOT_COMPUTABLE
    ]
    heads = ["Figure", "Statement", "Printed", "95% interval", "In these responses", "Verdict"]
    made = tables.shown(pd.DataFrame(rows, columns=heads))
    return made.set_caption(PRINTED if rows else NOTHING_PRINTED)


def matched(survey: Survey, question: str, where: Where = None) -> Styler:
    """Set a question and those declared to match it side by side, a column a population.

    Of a scale its upper end is shown, named in the head of the column. Questions that cannot be
    read for the selection are left out, and the caption says why.
    """
    shown: dict[tuple[str, ...], dict[str, str]] = {}
    left_out = []
    known = [question] if question in survey.codebook.questions else []
    for name in (*known, *survey.codebook.matches(question)):
        asked = survey.question(name)
        if words := unread(survey, name, where):
            left_out.append(f"{asked.label}: {words}")
            continue
        selection = known_of(survey.codebook, asked.population, Selection.of(where))
        result = live(survey, name, selection)
        asked = result.question
        who = survey.codebook.populations[asked.population].label
        upper = result.summary is not None
        column = f"{who}: {positive_label(asked).lower()}" if upper else who
        column += f", {result.wave}" if result.wave else ""
        parts = [p for p in varies(asked) if p != "option" or not (upper or _of_two(asked))]
        table = result.table if result.summary is None else result.summary
        for row in table.to_dict("records"):
            if upper or not _of_two(asked) or row["option"] == leading(asked).code:
                place = tuple(str(row[part]) for part in parts)
                labels = {tables.HEADINGS[part]: result.label(row, part) for part in parts}
                share = f"{percent(row['estimate'])} of {row['n']:,}"
                shown.setdefault(place, labels)[column] = share
    made = tables.shown(pd.DataFrame(list(shown.values())).fillna("not asked"))
    said = " ".join(filter(None, (comparable(survey, question), *left_out)))
    return made.set_caption(escape(said)) if said else made


def _of_two(asked: Question) -> bool:
    return len(asked.substantive) <= 2


def comparable(survey: Survey, question: str) -> str:
    """Say whether a question may be compared with those that match it, and why not."""
    said = []
    for match in survey.codebook.matched:
        if question in match.questions:
            may = "may" if match.comparable else "may not"
            said.append(f"These questions {may} be tested against each other. {match.why}".strip())
    return " ".join(said)


def verdict(entry: Entry, known: Mapping[str, Entry]) -> str:
    """Say the verdict; a contradiction in the words of what is contradicted."""
    if entry.verdict is not Verdict.CONTRADICTS:
        return entry.verdict_in_words
    others = dict.fromkeys(
        f"“{known[name].statement.rstrip('.')}”" for name in entry.contradicts if name in known
    )
    return f"contradicts {' and '.join(others)}" if others else entry.verdict_in_words


def why(entry: Entry, known: Mapping[str, Entry]) -> str:
    """Say what speaks against a statement, others named by what they say and not by their id."""
    said = entry.explanation.split(" In the responses ")[0]
    for name in sorted(re.findall(r"\w+", said), key=len, reverse=True):
        if name in known:
            said = said.replace(name, f"“{known[name].statement.rstrip('.')}”")
    return re.sub(r"(“[^”]+”) or \1", r"\1", said)  # printed twice


def _found(entry: Entry) -> str:
    """Say what the responses give: a printed number's counterpart, or whether an order holds."""
    if entry.counts and entry.checks:
        return entry.checks[0].words
    holds = sum(check.holds for check in entry.checks)
    if len(entry.checks) == 1:
        return "holds" if holds else "does not hold"
    return f"{holds} of {len(entry.checks)} conditions hold"


def _interval(entry: Entry) -> str:
    if not entry.interval:
        return ""
    low, high = entry.interval
    return f"{percent(low)[:-1]}–{percent(high)}"
