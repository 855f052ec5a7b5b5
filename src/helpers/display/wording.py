"""Sentences computed from results: what a chart shows, on which base, with which limits."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pandas as pd

from helpers.disclosure.mergers import Merged
from helpers.display.results import (
    Result,
    leading,
    live,
    percent,
    positive_label,
    records,
    unmarked,
    varies,
)
from helpers.estimation.estimates import Status
from helpers.estimation.means import mentions
from helpers.estimation.selection import Where
from helpers.survey.codebook import Base, Codebook, Kind, Question
from helpers.survey.dataset import Provenance, Survey

SMALL_BASE = 30


def sentence(result: Result, provenance: Provenance, *, named: bool = False) -> str:
    """Describe a result in a sentence, which names its question if `named`.

    Simulated answers are called simulated, whatever they show.
    """
    about = f" on “{result.question.label}”" if named else ""
    table = result.table.dropna(subset="estimate")
    if table.empty:
        if (result.table["status"] == Status.HIDDEN).any():
            return "Hidden by the rules of the release."
        return "Nobody in this selection answered."
    if (
        result.summary is not None
        and result.question.kind is Kind.GRID
        and result.summary["estimate"].notna().any()
    ):
        said = _scale(result)
    elif result.question.times:
        said = _change(result, table)
    else:
        said = _leader(result, table)
    partly = bool((result.table["status"] == Status.HIDDEN).any())
    if partly:
        said = f"of what is shown, {said}"
    if provenance is Provenance.ILLUSTRATIVE:
        return f"In the simulated answers{about}{',' * (bool(result.by) or partly)} {said}"
    return f"In the answers{about} {said}" if named else said[0].upper() + said[1:]


def _each_group(result: Result, table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    if not result.by:
        return [("", table)]
    found = [
        (result.label({result.by: code}, "group"), part)
        for code, part in table.groupby(result.by, sort=False)
    ]
    return [(f"for “{label}” ", part) for label, part in found]


def _leader(result: Result, table: pd.DataFrame) -> str:
    part = "item" if len(result.question.items) > 1 else "option"
    said = []
    for label, rows in _each_group(result, table):
        if part == "item" and result.question.kind is not Kind.MULTIPLE:
            rows = rows[rows["option"] == leading(result.question).code]
        if rows.empty:
            continue
        best = _extreme(records(rows), lambda row: row["estimate"])
        verb = "answer is" if len(best) == 1 else "answers are"
        said.append(
            f"{label}the most common {verb} {_list(result, best, part)}, {_figure(best[0])}"
        )
    return f"{'; '.join(said)}." if said else "the leading answers are hidden."


def _scale(result: Result) -> str:
    assert result.summary is not None
    words = positive_label(result.question).lower()
    said = []
    for label, table in _each_group(result, result.summary.dropna(subset="estimate")):
        rows = records(table)
        if not rows:
            continue
        best = _extreme(rows, lambda row: row["estimate"])
        least = _extreme(rows, lambda row: -row["estimate"])
        about = (
            f"{label}“{words}” is said most of {_list(result, best, 'item')}, {_figure(best[0])}"
        )
        if len(best) < len(rows):
            about += f", and least of {_list(result, least, 'item')}, {_figure(least[0])}"
        said.append(about)
    return f"{'; '.join(said)}."


def _change(result: Result, table: pd.DataFrame) -> str:
    """Name the largest change from one point in time to the next."""
    question = result.question
    if len(question.items) > 1:
        table = table[table["option"] == leading(question).code]
    said = []
    for label, rows in _each_group(result, table):
        at = {(r["item"], r["option"], r["time"]): r for r in records(rows)}
        steps = [
            (at[item, option, first], at[item, option, last])
            for item, option in dict.fromkeys((item, option) for item, option, _ in at)
            for first, last in pairwise(question.times)
            if (item, option, first) in at and (item, option, last) in at
        ]
        if steps:
            largest = _extreme(steps, lambda pair: abs(_step(pair)))
            each = " and in ".join(_moved(result, *pair) for pair in largest)
            noun, verb = ("change", "is") if len(largest) == 1 else ("changes", "are")
            step = " from one time to the next" if len(question.times) > 2 else ""
            said.append(f"{label}the largest {noun}{step} {verb} in {each}")
    return f"{'; '.join(said)}." if said else "no two points in time can be compared."


def _extreme(things: list[Any], value: Callable[[Any], float]) -> list[Any]:
    """Everything that shares the largest value, in order."""
    largest = max(value(thing) for thing in things)
    return [thing for thing in things if math.isclose(value(thing), largest, abs_tol=1e-9)]


def _list(result: Result, rows: list[Any], part: str) -> str:
    names = [f"“{result.label(row, part)}”" for row in rows]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _moved(result: Result, before: Any, after: Any) -> str:
    return (
        f"{_named(result, before)}: "
        f"{percent(before['estimate'])} {result.label(before, 'time').lower()}, "
        f"{percent(after['estimate'])} {result.label(after, 'time').lower()}"
    )


def _step(pair: tuple[Any, Any]) -> float:
    return float(pair[1]["estimate"] - pair[0]["estimate"])


def _named(result: Result, row: Any) -> str:
    """Name an item with the answer that is meant, or an answer alone."""
    answer = result.label(row, "option")
    if len(result.question.items) > 1:
        return f"“{result.label(row, 'item')}” ({answer.lower()})"
    return f"“{answer}”"


def _figure(row: Any) -> str:
    return (
        f"{percent(row['estimate'])} (95% interval {percent(row['ci_low'])[:-1]} to "
        f"{percent(row['ci_high'])})"
    )


def base(result: Result) -> str:
    """Write the line under a chart: how many answered, and of what the shares are shares."""
    who = result.codebook.populations[result.question.population]
    low, high = result.n
    number = f"{high:,}" if low == high else f"{low:,} to {high:,}"
    noun = who.label_one if (low, high) == (1, 1) else who.label.lower()
    if result.by:
        parts = [
            f"{result.label({result.by: code}, 'group')} {_most(rows)}"
            for code, rows in result.table.groupby(result.by, sort=False)
        ]
        number = ", ".join(parts)
    meaning = {
        Base.ANSWERED: "who answered",
        Base.ANSWERED_WITH_DONT_KNOW: "who answered, those who do not know included",
        Base.ASKED: "who were asked, whether or not they answered",
    }
    return f"Base: {number} {noun} {meaning[result.question.base]}."


def _most(rows: pd.DataFrame) -> str:
    """Write the largest base of some rows, unless all of them are hidden."""
    return f"{int(rows['n'].max()):,}" if rows["n"].notna().any() else Status.HIDDEN.value


def asked(
    codebook: Codebook, question: Question, answered: int, asked_n: int | None, all_n: int
) -> str:
    """Say who was asked and how many answered, as far as that is known."""
    who = codebook.populations[question.population].label.lower()
    routed = f" if {_routing(codebook, question)}" if question.asked_if else ""
    if asked_n is None:
        return f"Asked of {who}{routed}."
    if question.base is Base.ASKED:
        return f"Asked of {who}{routed}: {asked_n:,} of {all_n:,}."
    of = f"{asked_n:,} asked" if asked_n != all_n else f"{all_n:,}"
    return f"Asked of {who}{routed}; {answered:,} of {of} answered."


def _routing(codebook: Codebook, question: Question) -> str:
    assert question.asked_if is not None
    said = []
    for part in question.asked_if.alternatives:
        all_of = []
        for one in part:
            owner = codebook.owners.get(one.column)
            labels = [owner.option_label(c) if owner else c for c in one.codes]
            verb = {"=": "is", "!=": "is not"}.get(one.operator, one.operator)
            all_of.append(f"“{owner.label if owner else one.column}” {verb} {' or '.join(labels)}")
        said.append(" and ".join(all_of))
    return ", or ".join(said)


def method(survey: Survey, question: Question) -> str:
    """Say how shares and their intervals are computed."""
    who = survey.codebook.populations[question.population]
    design = [word for word, column in (("weights", who.weight), ("strata", who.strata)) if column]
    shares = "Weighted shares" if who.weight else "Unweighted shares"
    follow = f", standard errors by {' and '.join(design)}" if design else ""
    return f"{shares}{follow}; Wilson 95% intervals on the effective base."


def caveats(result: Result) -> list[str]:
    """Say what a reader must know before using the numbers."""
    question = result.question
    said = []
    low = result.n[0]
    if 0 < low < SMALL_BASE:
        said.append(
            f"Small base: with {low} answers one person moves a share by "
            f"{percent(1 / low, 1)[:-1]} points."
        )
    if question.kind is Kind.MULTIPLE:
        said.append(
            "Several answers could be given: shares are of respondents and may add up to "
            "more than 100%."
        )
    elif result.one_answer:
        answer = leading(question).label.lower()
        said.append(
            f"Only “{answer}” is drawn: each row is a share of its own, and rows do not add up."
        )
    else:
        said.append("Shares are rounded and may not add up to 100%.")
        if result.summary is not None and question.kind is Kind.GRID:
            label = positive_label(question)
            said.append(f"“{label}” is added up before it is rounded; the table has each answer.")
    if isinstance(question, Merged):
        said.append("So that no small count can be worked out, some answers are shown together.")
    missing = assumed(result.codebook.questions[question.id])
    if missing:
        said.append(f"The source does not print {missing}: assumed.")
    return said


def assumed(question: Question) -> str:
    """Name what of a question the source does not print; empty where it prints all."""
    alone = len(question.items) < 2
    items = 0 if alone else sum(not i.printed for i in question.items)
    options = sum(not o.printed for o in question.substantive) if alone else 0
    counted = ((items, question.items, "items"), (options, question.substantive, "answers"))
    parts = [f"{n} of the {len(of)} {noun}" for n, of, noun in counted if n]
    return " and ".join(parts) or ("" if question.printed else "the question")


def question_in_words(question: Question) -> str:
    """Write label and wording of a question as Markdown."""
    return f"**{unmarked(question.label)}.** {unmarked(question.wording)}"


def shares_in_words(survey: Survey, question: str, where: Where = None) -> str:
    """Say each share of a question with its interval, as a Markdown list."""
    if question not in survey.codebook.questions:
        return lacking(question)
    result = live(survey, question, where)
    lines = []
    for row in records(result.table):
        named = " · ".join(result.label(row, part) for part in varies(result.question))
        lines.append(
            f"- {unmarked(named or result.question.label)}: {_figure(row)} of {row['n']:,}"
        )
    opening = "In the simulated answers:" if simulated(survey) else "In the answers:"
    return "\n".join([opening, "", *lines])


def means_in_words(question: Question, table: pd.DataFrame) -> str:
    """Say the means of a number question, whose table is of `means.mean`."""
    said = []
    for row in records(table):
        item = f"{question.item_label(row['item'])}: " if len(question.items) > 1 else ""
        if pd.isna(row["estimate"]):
            said.append(f"{item}nobody answered")
            continue
        ends = [f"{row[end]:,.3g}" for end in ("estimate", "ci_low", "ci_high")]
        span = "" if pd.isna(row["ci_low"]) else f" (95% interval {ends[1]} to {ends[2]})"
        said.append(f"{item}mean {ends[0]}{span} of {row['n']:,} who answered")
    words = "; ".join(said)
    return words[:1].upper() + words[1:]


def mentions_in_words(survey: Survey, question: str, where: Where = None) -> str:
    """Say the share of each item among all ticks of a select-all question, as a Markdown list."""
    if question not in survey.codebook.questions:
        return lacking(question)
    asked = survey.question(question)
    if asked.kind is not Kind.MULTIPLE:
        return f"*“{unmarked(asked.label)}” took one answer: there are no ticks to share out.*"
    table = mentions(survey, question, where=where)
    lines = [
        f"- {unmarked(asked.item_label(row['item']))}: {_figure(row)}"
        for row in records(table.dropna(subset="estimate"))
    ]
    total = int(table["mentions"].max())
    opening = "In the simulated answers" if simulated(survey) else "In the answers"
    return "\n".join([f"{opening}, of {total:,} ticks:", "", *lines])


def changes_in_words(
    survey: Survey, question: str, first: str, last: str, where: Where = None
) -> str:
    """Say how each item of a question with points in time changed, largest change first."""
    if question not in survey.codebook.questions:
        return lacking(question)
    result = live(survey, question, where)
    asked = result.question
    table = result.table
    if len(asked.items) > 1:
        table = table[table["option"] == leading(asked).code]
    wide = table.pivot_table("estimate", ["item", "option"], "time", sort=False)
    step = (wide[last] - wide[first]).sort_values(key=abs, ascending=False, kind="stable")
    part = "item" if len(asked.items) > 1 else "option"
    lines = []
    for (item, option), change in step.items():
        name = result.label({"item": item, "option": option}, part)
        at = wide.loc[(item, option)]
        points = percent(abs(change))[:-1]
        way = "up" if change > 0 else "down"
        moved = f"{way} {points} points" if points != "0" else "unchanged"
        lines.append(
            f"- {unmarked(name)}: {moved}, from {percent(at[first])} to {percent(at[last])}"
        )
    times = [unmarked(result.codebook.times.get(t, t).lower()) for t in (first, last)]
    opening = "In the simulated answers" if simulated(survey) else "In the answers"
    return "\n".join([f"{opening}, from *{times[0]}* to *{times[1]}*:", "", *lines])


def lacking(question: str) -> str:
    """Say, in Markdown, that a survey lacks a question."""
    return f"*This survey has no question {question}.*"


def simulated(survey: Survey) -> bool:
    """Whether sentences must call the answers simulated."""
    return survey.provenance is Provenance.ILLUSTRATIVE
