"""Sentences computed from results: what a chart shows, on which base, with which limits."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pandas as pd

from helpers.codebook.model import (
    DETRACTORS,
    PROMOTERS,
    Base,
    Codebook,
    Kind,
    Missing,
    Question,
)
from helpers.estimation.estimates import Status
from helpers.estimation.means import mentions
from helpers.present.results import (
    NUMERAL,
    Result,
    draws_one,
    leading,
    live,
    on_scale,
    percent,
    points,
    positive,
    positive_label,
    records,
    unmarked,
    upper_end,
    varies,
)
from helpers.release.protect.mergers import Merged
from helpers.responses.selection import Where
from helpers.responses.survey import Provenance, Survey

SMALL_BASE = 30
UNASKED = "not asked"


def sentence(result: Result, provenance: Provenance, *, named: bool = False) -> str:
    """Describe a result in a sentence, which names its question if `named`.

    Simulated answers are called simulated, whatever they show.
    """
    about = f" on “{result.question.label}”" if named else ""
    table = result.table.dropna(subset="estimate")
    if table.empty:
        if (result.table["status"] == Status.HIDDEN).any():
            return "Hidden by the rules of the release."
        if (result.table["status"] == Status.NOT_ASKED).all() and result.wave:
            return f"Not asked in {result.wave}."
        return f"Nobody in this selection answered{f', {result.wave}' if result.wave else ''}."
    if result.net is not None:
        said = _net(result)
    elif result.question.times:
        said = _change(result, table)
    elif len(result.question.items) > 1 and result.question.kind is not Kind.MULTIPLE:
        said = _grid(result, table)
    else:
        said = _leader(result, table)
    partly = bool((result.table["status"] == Status.HIDDEN).any())
    if partly:
        said = f"of what is shown, {said}"
    when = f" of {result.wave}" if result.wave else ""
    if provenance is Provenance.ILLUSTRATIVE:
        return f"In the simulated answers{when}{about}{',' * (bool(result.by) or partly)} {said}"
    if named:
        return f"In the answers{when}{about} {said}"
    return f"In {result.wave}, {said}" if result.wave else said[0].upper() + said[1:]


def _each_group(result: Result, table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    if not result.by:
        return [("", table)]
    found = [
        (result.label({result.by: code}, "group"), part)
        for code, part in table.groupby(result.by, sort=False)
    ]
    return [(f"for “{label}” ", part) for label, part in found]


def _leader(result: Result, table: pd.DataFrame) -> str:
    """Name the answer given most often: a box of a select-all question, else an option."""
    question = result.question
    part = "item" if question.kind is Kind.MULTIPLE else "option"
    silent = [o.code for o in question.in_base if o.missing is Missing.NOT_ANSWERED]
    said = []
    for label, rows in _each_group(result, table):
        rows = rows[~rows["option"].isin(silent)]
        if rows.empty:
            continue
        best = _extreme(records(rows), lambda row: row["estimate"])
        if best[0]["estimate"] == 0:
            said.append(f"{label}nobody {_NO_ANSWER[question.kind is Kind.MULTIPLE]}")
        elif part == "item" and len(question.items) == 1:
            said.append(f"{label}{_figure(best[0])} ticked {_list(result, best, part)}")
        else:
            verb = "answer is" if len(best) == 1 else "answers are"
            named = _list(result, best, part)
            on = on_scale(question) * (part == "option" and _are_numerals(result, best))
            each = "each " * (len(best) > 1)
            said.append(f"{label}the most common {verb} {named}{on}, {each}{_figure(best[0])}")
        said[-1] += _ticked_none(result, label, rows)
    return f"{'; '.join(said)}." if said else "the leading answers are hidden."


_NO_ANSWER = {True: "ticked any of these", False: "gave any of these answers"}


def _are_numerals(result: Result, rows: list[Any]) -> bool:
    return any(NUMERAL.fullmatch(result.label(row, "option")) for row in rows)


def _ticked_none(result: Result, label: str, rows: pd.DataFrame) -> str:
    """Say how many answered and ticked no box, where that is known and anybody did."""
    if result.none is None:
        return ""
    found = result.none
    if result.by:
        found = found[found[result.by].isin(rows[result.by])]
    found = found[found["estimate"] > 0]
    return f"; {_figure(records(found)[0])} ticked none" if len(found) else ""


def _at_least_none(result: Result) -> int:
    """Per cent of those who answered who cannot have ticked anything, as the shares add up to less.

    A release does not hold how many they are. 0 where it tells nothing: of groups side by side, and
    of shares that are hidden, weighted (they are rounded) or not of the same people.
    """
    table = result.table
    weighted = result.codebook.populations[result.question.population].weight
    if result.by or weighted or table["estimate"].isna().any() or table["n"].nunique() > 1:
        return 0
    return max(0, math.floor(100 * (1 - table["estimate"].sum()) + 1e-9))


def _net(result: Result) -> str:
    """Say the shares of promoters and detractors, and their net."""
    assert result.net is not None
    said = []
    for label, table in _each_group(result, result.net):
        row = records(table)[0]
        rows = result.table
        if result.by:
            rows = rows[rows[result.by] == row[result.by]]
        share = {r["option"]: r for r in records(rows) if pd.notna(r["estimate"])}
        parts = [
            f"{percent(share[code]['estimate'])} are {result.question.option_label(code).lower()}"
            for code in (PROMOTERS, DETRACTORS)
            if code in share
        ]
        if not parts:
            continue
        known = pd.notna(row["estimate"])
        net = f", a net of {net_with_interval(row)}" if known else ""
        said.append(f"{label}{' and '.join(parts)}{net}")
    return f"{'; '.join(said)}." if said else "promoters and detractors are hidden."


def _grid(result: Result, table: pd.DataFrame) -> str:
    """Say of which item an answer is given most and least: the upper end, or one of two.

    Where the answers form no scale none of them stands for the others: then the largest share of
    any is named with its item.
    """
    question, shares = result.question, result.summary
    words = _answer_told(question)
    if shares is None and len(question.substantive) == 2:
        shares = table[table["option"] == leading(question).code]
    if shares is None or shares["estimate"].isna().all():
        return _largest(result, table)
    said = []
    for label, part in _each_group(result, shares.dropna(subset="estimate")):
        rows = records(part)
        if not rows:
            continue
        best = _extreme(rows, lambda row: row["estimate"])
        least = _extreme(rows, lambda row: -row["estimate"])
        about = f"{label}{words} is said most of {_list(result, best, 'item')}, {_figure(best[0])}"
        if len(best) == len(rows):
            alike = "" if len(rows) == 1 else "alike "
            about = f"{label}{words} is said {alike}of {_list(result, best, 'item')}, "
            about += _figure(best[0])
        else:
            about += f", and least of {_list(result, least, 'item')}, {_figure(least[0])}"
        said.append(about)
    return f"{'; '.join(said)}." if said else "the leading answers are hidden."


def _answer_told(question: Question) -> str:
    """Name the answer that stands for the others: the upper end of a scale, or the leading one."""
    if positive(question):
        return f"“{upper_end(question).lower()}”{on_scale(question)}"
    return f"“{leading(question).label.lower()}”"


def _largest(result: Result, table: pd.DataFrame) -> str:
    """Name the answer that most people agree on, and the item that they give it to."""
    question = result.question
    silent = [o.code for o in question.in_base if o.missing is Missing.NOT_ANSWERED]
    said = []
    for label, rows in _each_group(result, table[~table["option"].isin(silent)]):
        if rows.empty:
            continue
        best = _extreme(records(rows), lambda row: row["estimate"])
        named = " and ".join(
            f"“{result.label(row, 'option')}” for “{result.label(row, 'item')}”" for row in best
        )
        verb = "answer to any item is" if len(best) == 1 else "answers to any item are"
        each = "each " * (len(best) > 1)
        said.append(f"{label}the most common {verb} {named}, {each}{_figure(best[0])}")
    return f"{'; '.join(said)}." if said else "the leading answers are hidden."


def _change(result: Result, table: pd.DataFrame) -> str:
    """Name the largest change from one point in time to the next.

    Of several items the change of one answer is told, which is named: the upper end of a scale,
    or the leading answer.
    """
    question, answer = result.question, ""
    if len(question.items) > 1:
        if result.summary is not None and result.summary["estimate"].notna().any():
            table, answer = result.summary.dropna(subset="estimate"), _answer_told(question)
        else:
            told = leading(question)
            table, answer = table[table["option"] == told.code], f"“{told.label.lower()}”"
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
            of = f" in the share of {answer}" if answer else ""
            if math.isclose(_step(largest[0]), 0, abs_tol=1e-9):
                said.append(f"{label}nothing changes{of}{step}")
            else:
                said.append(f"{label}the largest {noun}{of}{step} {verb} in {each}")
    return f"{'; '.join(said)}." if said else "no two points in time can be compared."


def _extreme(things: list[Any], value: Callable[[Any], float]) -> list[Any]:
    """Everything that shares the largest value, in order."""
    largest = max(value(thing) for thing in things)
    return [thing for thing in things if math.isclose(value(thing), largest, abs_tol=1e-9)]


def _list(result: Result, rows: list[Any], part: str) -> str:
    return listed([f"“{result.label(row, part)}”" for row in rows])


def listed(names: list[str]) -> str:
    """Join names as a person would: "a", "a and b", "a, b and c"."""
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
    """Name an item, or an answer where there is one item alone."""
    part = "item" if len(result.question.items) > 1 else "option"
    return f"“{result.label(row, part)}”"


def _figure(row: Any) -> str:
    return (
        f"{percent(row['estimate'])} (95% interval {percent(row['ci_low'])[:-1]} to "
        f"{percent(row['ci_high'])})"
    )


def net_with_interval(row: Any) -> str:
    """Write a net in points with its interval."""
    ends = (points(row["ci_low"]), points(row["ci_high"]))
    return f"{points(row['estimate'])} (95% interval {ends[0]} to {ends[1]})"


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
    wave = f", {result.wave}" if result.wave else ""
    return f"Base: {number} {noun} {meaning[result.question.base]}{wave}."


def _most(rows: pd.DataFrame) -> str:
    """Write the largest base of some rows, unless all of them are hidden or were not asked."""
    if (rows["status"] == Status.NOT_ASKED).all():
        return UNASKED
    return f"{int(rows['n'].max()):,}" if rows["n"].notna().any() else Status.HIDDEN.value


def asked(
    codebook: Codebook,
    question: Question,
    answered: int,
    asked_n: int | None,
    all_n: int,
    wave: str = "",
) -> str:
    """Say who was asked and how many answered, as far as that is known; of which wave."""
    who = codebook.populations[question.population].label.lower()
    routed = f" if {_routing(codebook, question)}" if question.asked_if else ""
    routed += f", {wave}" if wave else ""
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
        many = len(question.items) > 1
        ticked_none = many and (result.none is None or bool((result.none["estimate"] > 0).any()))
        said += ["Whoever answered and ticked none of the boxes is in the base."] * ticked_none
        least = _at_least_none(result) if result.none is None and many else 0
        said += [f"At least {least}% of those who answered ticked none of these."] * bool(least)
    elif draws_one(question):
        answer = leading(question).label.lower()
        said.append(
            f"Only “{answer}” is drawn: each row is a share of its own, and rows do not add up."
        )
    else:
        said.append("Shares are rounded and may not add up to 100%.")
        if result.summary is not None and question.kind is Kind.GRID:
            label = positive_label(question)
            said.append(f"“{label}” is added up before it is rounded; the table has each answer.")
    said += _not_asked(result)
    if isinstance(question, Merged):
        said.append("So that no small count can be worked out, some answers are shown together.")
    missing = assumed(result.codebook.questions[question.id])
    if missing:
        said.append(f"The source does not print {missing}: assumed.")
    return said


def _not_asked(result: Result) -> list[str]:
    """Say which items and answers some of the waves that are shown did not have."""
    question, codebook = result.question, result.codebook
    said = []
    for wave in result.waves:
        label = codebook.waves.get(wave)
        if label is None or not question.differs_by_wave:
            continue
        gone = [i.label for i in question.items if not question.offered(i.code, (), wave)]
        if not question.offered("", (), wave):
            gone = [question.label]
        gone += [o.label for o in question.in_base if o.waves and wave not in o.waves]
        if gone:
            named = ", ".join(f"“{one}”" for one in gone)
            said.append(f"Not asked in {label}: {named}.")
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
    return "\n".join([f"{_opening(survey, result.wave)}:", "", *lines])


def _opening(survey: Survey, wave: str, what: str = "answers") -> str:
    """Open a list of figures: whether they are simulated, and of which wave."""
    made = "simulated " * simulated(survey)
    return f"In the {made}{what}{f' of {wave}' if wave else ''}"


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
        wave = f", {table.attrs['wave']}" if table.attrs.get("wave") else ""
        said.append(f"{item}mean {ends[0]}{span} of {row['n']:,} who answered{wave}")
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
    opening = _opening(survey, table.attrs.get("wave", ""))
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
    told = f", share of “{unmarked(leading(asked).label.lower())}”" if part == "item" else ""
    opening = _opening(survey, result.wave) + told
    return "\n".join([f"{opening}, from *{times[0]}* to *{times[1]}*:", "", *lines])


def lacking(question: str) -> str:
    """Say, in Markdown, that a survey lacks a question."""
    return f"*This survey has no question {question}.*"


def simulated(survey: Survey) -> bool:
    """Whether sentences must call the answers simulated."""
    return survey.provenance is Provenance.ILLUSTRATIVE
