"""Tables for notebooks: who answered, what was asked, and what became of printed statements.

Each is shown whole, with its text to the left; `.data` of it is the DataFrame.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd
from pandas.io.formats.style import Styler

from helpers.display import tables, wording
from helpers.display.results import leading, live, percent, unmarked, varies
from helpers.estimation.published import Entry, Verdict
from helpers.estimation.tabulate import bases, respondents, tabulate
from helpers.survey.dataset import Survey


def populations(survey: Survey) -> Styler:
    """List populations, a row each: respondents and questions."""
    asked = Counter(q.population for q in survey.codebook.questions.values())
    rows = [
        {
            "Population": who.label,
            "Respondents": respondents(survey, name),
            "Questions": asked[name],
        }
        for name, who in survey.codebook.populations.items()
    ]
    return tables.shown(pd.DataFrame(rows))


def questions(survey: Survey, trend: str) -> Styler:
    """List the questions of a trend, a row each: whom it was put to, and its base.

    A survey without the trend has none.
    """
    heads = ["Question", "Put to", "Asked", "In the base", "Source", "Assumed"]
    rows = []
    for question in survey.codebook.of_trend(trend) if trend in survey.codebook.trends else ():
        asked, answered = bases(tabulate(survey, question), question)
        rows.append(
            {
                "Question": question.label,
                "Put to": survey.codebook.populations[question.population].label,
                "Asked": asked,
                "In the base": answered,
                "Source": question.source,
                "Assumed": wording.assumed(question),
            }
        )
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
            "Verdict": _verdict(entry, known),
            "Why": entry.explanation,
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
    printed share at its base, which the source does not give.
    """
    named, known = set(wanted), {entry.id: entry for entry in entries}
    rows = [
        {
            "Figure": entry.figure,
            "Statement": entry.statement,
            "Printed": entry.printed,
            "95% interval": _interval(entry),
            "In these responses": _found(entry),
            "Verdict": _verdict(entry, known),
        }
        for entry in known.values()
        if named & set(entry.questions) and entry.verdict is not Verdict.NOT_COMPUTABLE
    ]
    heads = ["Figure", "Statement", "Printed", "95% interval", "In these responses", "Verdict"]
    return tables.shown(pd.DataFrame(rows, columns=heads))


def matched(survey: Survey, question: str) -> Styler:
    """Set a question and those declared to match it side by side, a column a population."""
    shown: dict[tuple[str, ...], dict[str, str]] = {}
    known = [question] if question in survey.codebook.questions else []
    for name in (*known, *survey.codebook.matches(question)):
        result = live(survey, name)
        asked = result.question
        who = survey.codebook.populations[asked.population].label
        parts = [p for p in varies(asked) if p != "option" or len(asked.substantive) > 2]
        for row in result.table.to_dict("records"):
            if len(asked.substantive) > 2 or row["option"] == leading(asked).code:
                place = tuple(str(row[part]) for part in parts)
                labels = {tables.HEADINGS[part]: result.label(row, part) for part in parts}
                share = f"{percent(row['estimate'])} of {row['n']:,}"
                shown.setdefault(place, labels)[who] = share
    return tables.shown(pd.DataFrame(list(shown.values())).fillna("not asked"))


def comparable(survey: Survey, question: str) -> str:
    """Say whether a question may be compared with those that match it, and why not."""
    said = []
    for match in survey.codebook.matched:
        if question in match.questions:
            may = "may" if match.comparable else "may not"
            said.append(
                f"These questions {may} be tested against each other. {unmarked(match.why)}".strip()
            )
    return " ".join(said)


def _verdict(entry: Entry, known: Mapping[str, Entry]) -> str:
    """Say the verdict; a contradiction in the words of what is contradicted."""
    if entry.verdict is not Verdict.CONTRADICTS:
        return entry.verdict_in_words
    others = dict.fromkeys(
        f"“{known[name].statement.rstrip('.')}”" for name in entry.contradicts if name in known
    )
    return f"contradicts {' and '.join(others)}" if others else entry.verdict_in_words


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
