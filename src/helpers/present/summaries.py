"""Tables for notebooks: who answered, what was asked, and what became of printed statements.

Each is shown whole, with its text to the left; its `.data` is the DataFrame.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import pandas as pd
from pandas.io.formats.style import Styler

from helpers.codebook.model import Question
from helpers.estimation.tabulate import bases, tabulate
from helpers.estimation.wave import chosen, in_force, known_of, together
from helpers.ledger.ledger import Entry, Verdict
from helpers.present import tables, wording
from helpers.present.readable import unread
from helpers.present.results import leading, live, positive_label, varies
from helpers.responses.selection import Selection, Where
from helpers.responses.survey import Survey
from helpers.words import Catalogue, words_in


def questions(survey: Survey, trend: str | None = None) -> Styler:
    """List the questions, one row each: whom it was put to, how many were asked, and its base.

    Parameters
    ----------
    trend
        Id of a trend, to list only its questions; a survey without the trend has none.

    Examples
    --------
    >>> import helpers as h
    >>> list(h.questions(h.load_survey("data/example"), "reading").data.columns)[:3]
    ['Question', 'Put to', 'Asked']
    """
    codebook, say = survey.codebook, survey.say
    heads = ["question", "put_to", "asked", "in_base", "source", "assumed"]
    heads += ["wave"] * bool(codebook.waves)
    rows = []
    listed = tuple(codebook.questions.values())
    if trend is not None:
        listed = codebook.of_trend(trend) if trend in codebook.trends else ()
    for question in listed:
        selection = chosen(survey, None, question.population)
        asked, answered = bases(tabulate(survey, question, where=selection), question)
        wave = together(codebook, in_force(codebook, question.population, selection))
        who = codebook.populations[question.population].label
        missing = wording.assumed(question, say)
        cells = [question.label, who, asked, answered, question.source, missing]
        rows.append([*cells, *[wave] * bool(codebook.waves)])
    return tables.shown(_frame(rows, heads, say))


def _frame(rows: Iterable[Sequence[object]], heads: Iterable[str], say: Catalogue) -> pd.DataFrame:
    """Make a table of rows, headed in words."""
    known = say.each("column")
    return pd.DataFrame(list(rows), columns=[known[head] for head in heads])


def verdicts(entries: Iterable[Entry]) -> Styler:
    """Count how many printed statements came to which verdict."""
    counts = Counter(entry.verdict for entry in entries)
    rows = [(verdict.value, counts[verdict]) for verdict in Verdict]
    return tables.shown(_frame(rows, ("verdict", "statements"), words_in()))


def disputed(entries: Iterable[Entry]) -> Styler:
    """List statements that arithmetic or another statement rules out, with the reading used."""
    known = {entry.id: entry for entry in entries}
    rows = [
        (entry.statement, entry.printed, verdict(entry, known), why(entry, known), entry.reading)
        for entry in known.values()
        if entry.verdict in (Verdict.IMPOSSIBLE, Verdict.CONTRADICTS)
    ]
    heads = ("statement", "printed", "verdict", "why", "reading")
    return tables.shown(_frame(rows, heads, words_in()))


def beside(entries: Iterable[Entry], wanted: Iterable[str]) -> Styler:
    """Compare what is printed about some questions with what the responses in use give.

    Narratives that no count can confirm are left out. `95% range` is Wilson's around the
    printed share at its base, which the source does not give. The caption says that filters do
    not apply.
    """
    say, named, known = words_in(), set(wanted), {entry.id: entry for entry in entries}
    rows = [
        (
            entry.figure,
            entry.statement,
            entry.printed,
            _range(entry, say),
            _found(entry, say),
            verdict(entry, known),
        )
        for entry in known.values()
        if named & set(entry.questions) and entry.verdict is not Verdict.NOT_COMPUTABLE
    ]
    heads = ("figure", "statement", "printed", "range", "found", "verdict")
    made = tables.shown(_frame(rows, heads, say))
    caption = say("summary.not_filtered") if rows else say("summary.nothing_printed")
    return made.set_caption(caption)


def matched(survey: Survey, question: str, where: Where = None) -> Styler:
    """Set a question and those declared to match it side by side, one column per population.

    Of a scale its upper end is shown, named in the head of the column. Questions that cannot be
    read for the selection are left out, and the caption says why.
    """
    say = survey.say
    shown: dict[tuple[str, ...], dict[str, str]] = {}
    left_out = []
    known = [question] if question in survey.codebook.questions else []
    for name in (*known, *survey.codebook.matches(question)):
        asked = survey.question(name)
        if words := unread(survey, name, where):
            left_out.append(say("summary.left_out", question=asked.label, words=words))
            continue
        selection = known_of(survey.codebook, asked.population, Selection.of(where))
        result = live(survey, name, selection)
        asked = result.question
        who = survey.codebook.populations[asked.population].label
        upper = result.summary is not None
        column = who
        if upper:
            answers = positive_label(asked, say).lower()
            column = say("summary.column_upper", people=who, answers=answers)
        if result.wave:
            column = say("summary.column_wave", column=column, wave=result.wave)
        parts = [p for p in varies(asked) if p != "option" or not (upper or _of_two(asked))]
        table = result.table if result.summary is None else result.summary
        for row in table.to_dict("records"):
            if upper or not _of_two(asked) or row["option"] == leading(asked).code:
                place = tuple(str(row[part]) for part in parts)
                labels = {tables.heading(part, say): result.label(row, part) for part in parts}
                share = say("summary.share_of", share=say.percent(row["estimate"]), n=row["n"])
                shown.setdefault(place, labels)[column] = share
    made = tables.shown(pd.DataFrame(list(shown.values())).fillna(say("table.not_asked")))
    said = " ".join(filter(None, (comparable(survey, question), *left_out)))
    return made.set_caption(escape(said)) if said else made


def _of_two(asked: Question) -> bool:
    return len(asked.substantive) <= 2


def comparable(survey: Survey, question: str) -> str:
    """Return whether a question may be compared with those that match it, and why not."""
    said, say = [], survey.say
    for match in survey.codebook.matched:
        if question in match.questions:
            may = "summary.may_compare" if match.comparable else "summary.may_not_compare"
            said.append(say(may, why=match.why).strip())
    return " ".join(said)


def verdict(entry: Entry, known: Mapping[str, Entry]) -> str:
    """Say the verdict; a contradiction in the words of what is contradicted."""
    if entry.verdict is not Verdict.CONTRADICTS:
        return entry.verdict_in_words
    others = [_quoted(known[name]) for name in entry.contradicts if name in known]
    if not others:
        return entry.verdict_in_words
    say = words_in()
    return say("summary.contradicts", statements=say.listed([*dict.fromkeys(others)]))


def _quoted(entry: Entry) -> str:
    return words_in()("format.quoted", text=entry.statement.rstrip("."))


def why(entry: Entry, known: Mapping[str, Entry]) -> str:
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
