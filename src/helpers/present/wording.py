"""Sentences computed from results: what a chart shows, on which base, with which limits."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import (
    DETRACTORS,
    NOT_STATED,
    PROMOTERS,
    RESPONDENT_TYPE,
    Base,
    Codebook,
    Kind,
    Population,
    Provenance,
    Question,
)
from helpers.estimation.latest_wave import waves_in_words
from helpers.estimation.request import Status
from helpers.estimation.tabulate import bases, respondents, tabulate
from helpers.present.key_answers import (
    NUMERAL,
    POSITIVE,
    draws_one,
    leading,
    on_scale,
    positive,
    positive_label,
    stands_for_both,
    upper_end,
)
from helpers.present.readable import READABLE, SMALL, marks
from helpers.present.results import JOINED, Rows, Shares, by_group, records, stated
from helpers.present.spoken import (
    answering,
    changing,
    extreme,
    largest_steps,
    representative,
    step,
)
from helpers.release.protect.mergers import Merged
from helpers.responses.selection import Selection
from helpers.responses.survey import Survey
from helpers.words import Catalogue, lowered, raised, words_in

UNSAID = {NOT_STATED, NOT_ANSWERED, NOT_ASKED}  # groups that no comparison is about
BASES: Mapping[str, str] = {
    Base.ANSWERED: "base.answered",
    Base.ANSWERED_WITH_DONT_KNOW: "base.with_dont_know",
    Base.ASKED: "base.asked",
}


def sentence(result: Shares, provenance: Provenance, *, named: bool = False) -> str:
    """Describe a result in a sentence, which names its question if `named`.

    Sentences on simulated answers begin with "Simulated:".
    """
    say, rows = result.say, stated(result.rows)
    partly = any(row["status"] == Status.HIDDEN for row in result.rows)
    if not rows:
        if partly:
            return say("sentence.hidden")
        if result.wave and all(row["status"] == Status.NOT_ASKED for row in result.rows):
            return say("sentence.not_asked", wave=result.wave)
        if result.wave:
            return say("sentence.nobody_in", wave=result.wave)
        return say("sentence.nobody")
    if result.nets is not None:
        said = _net(result)
    elif result.question.times:
        said = _change(result, rows)
    elif len(result.question.items) > 1 and result.question.kind is not Kind.MULTIPLE:
        said = _grid(result, rows)
    else:
        said = _with_mean(result, _leader(result, rows))
    if partly:
        said = say("sentence.partly", said=said)
    if named:
        said = say("sentence.about", question=result.question.label, said=said)
    if result.wave:
        said = say("sentence.in_wave", wave=result.wave, said=said)
    if provenance is Provenance.ILLUSTRATIVE:
        said = say("sentence.simulated", said=said)
    return say("sentence.whole", said=raised(said))


def _told(
    result: Shares,
    rows: Rows,
    claim: Callable[[Rows], str],
    nothing: str,
    what: Callable[[Any], str],
    figure: Callable[[Catalogue, Any], str] | None = None,
) -> str:
    """Say where groups side by side differ most, else something of all; `nothing` for no claim."""
    if not rows:  # all that speaks is hidden
        return nothing
    if not result.by:
        return claim(rows) or nothing
    if said_of_all := _differing(result, rows, what, figure or _figure):
        return said_of_all
    said = []
    for code, part in by_group(rows, result.by).items():
        if words := claim(part):
            said.append(_among(result, code, words))
    return result.say("sentence.groups").join(said) or nothing


def _differing(
    result: Shares,
    rows: Rows,
    what: Callable[[Any], str],
    figure: Callable[[Catalogue, Any], str],
) -> str:
    """Name the answer whose shares differ most, with the highest and the lowest of any group.

    Those who did not state the characteristic are not a group that a claim is about, nor are a few
    people where there are larger groups.
    """
    say = result.say
    stated = [row for row in rows if UNSAID.isdisjoint(row[result.by].split(JOINED))]
    stated = [row for row in stated if not math.isnan(row["estimate"])]
    gaps = _gaps([row for row in stated if row["n"] >= READABLE]) or _gaps(stated)
    if not gaps:
        return ""
    high, low = extreme(gaps, lambda pair: -step(pair))[0]
    waves = result.by == result.codebook.wave_dimension
    if len(gaps) > 1 and math.isclose(step((high, low)), 0, abs_tol=1e-9):
        return say("sentence.waves_alike") if waves else say("sentence.groups_alike")
    pair = [high, low]
    if waves:
        order = list(by_group(rows, result.by))
        pair.sort(key=lambda row: order.index(row[result.by]))
    told = []
    for row in pair:
        group = say.beside(result.label({result.by: row[result.by]}, "group"))
        told.append(say("sentence.of_group", group=group, figure=figure(say, row)))
    named, figures = what(high), say.listed(told)
    if result.question.times:
        time = lowered(result.label(high, "time"))
        named = say("sentence.at_time", what=named, time=time)
    if len(gaps) < 2:
        return say("sentence.groups_are", what=named, figures=figures)
    key = "sentence.waves_differ" if waves else "sentence.groups_differ"
    return say(key, what=named, figures=figures)


def _gaps(rows: Rows) -> list[tuple[Any, Any]]:
    """Pair the highest with the lowest share of each answer that several groups have."""
    shared: dict[tuple[Any, ...], Rows] = {}
    for row in rows:
        place = tuple(row[part] for part in ("item", "option", "time") if part in row)
        shared.setdefault(place, []).append(row)
    ordered = [
        sorted(held, key=lambda row: row["estimate"], reverse=True) for held in shared.values()
    ]
    return [(held[0], held[-1]) for held in ordered if len(held) > 1]


def _among(result: Shares, code: str, said: str) -> str:
    """Name the group that a sentence is about."""
    say = result.say
    group = result.label({result.by: code}, "group")
    if result.by == result.codebook.wave_dimension:
        return say("sentence.in_wave", wave=group, said=said)
    people = lowered(result.codebook.populations[result.question.population].label)
    if result.by == RESPONDENT_TYPE:  # a question is put to one
        return say("sentence.among_all", people=people, said=said)
    if code == NOT_STATED:
        named = lowered(result.by_label)
        return say("sentence.among_unknown", people=people, dimension=named, said=said)
    if result.by not in result.codebook.dimensions:  # an answer, or several crossed
        named = result.by_label
        return say("sentence.among_answers", people=people, dimension=named, group=group, said=said)
    return say("sentence.among", group=lowered(group), people=people, said=said)


def _leader(result: Shares, rows: Rows) -> str:
    """Name the answer given most often: a box of a select-all question, else an option."""
    question, say = result.question, result.say
    boxes = question.kind is Kind.MULTIPLE
    part = "item" if boxes else "option"

    def claim(rows: Rows) -> str:
        rows = answering(question, rows)
        if not rows:
            return ""
        best = extreme(rows, lambda row: row["estimate"])
        if one := stands_for_both(question, say):
            if not (best := [row for row in rows if row["option"] == one.code]):
                return ""
            told = {"answers": _list(result, best, part), "figure": _figure(say, best[0])}
            return say("sentence.answered", **told)
        answers, figure = _list(result, best, part), _figure(say, best[0])
        if best[0]["estimate"] == 0:
            said = say("sentence.nobody_chose") if boxes else say("sentence.nobody_gave")
        elif boxes and len(question.items) == 1:
            said = say("sentence.chose", figure=figure, answers=answers)
        else:
            if not boxes and any(NUMERAL.fullmatch(result.label(row, part)) for row in best):
                answers = on_scale(question, answers, say)
            said = say("sentence.most_common", n=len(best), answers=answers, figure=figure)
        return _chose_none(result, rows, said)

    if result.by and not boxes:
        rows = representative(result, rows) or answering(question, rows)

    def what(row: Any) -> str:
        if row["option"] == POSITIVE:
            return _answer_told(question, say)
        return _list(result, [row], part)

    return _told(result, rows, claim, say("sentence.leading_hidden"), what)


def _with_mean(result: Shares, said: str) -> str:
    """Begin with the mean of a numeric scale, where it is known; of groups with the extremes."""
    say, rows = result.say, stated(result.means or [])
    if result.by:
        means = _differing(result, rows, lambda _: say("sentence.the_mean"), _mean_figure)
        return say("sentence.means", means=means, said=said) if means else said
    return say("sentence.mean", mean=_mean_figure(say, rows[0]), said=said) if rows else said


def _mean_figure(say: Catalogue, row: Any) -> str:
    at, low, high = (say.tenths(row[end]) for end in ("estimate", "ci_low", "ci_high"))
    ends = say("format.range", low=low, high=high)
    return say("sentence.figure", share=at, range=ends)


def _chose_none(result: Shares, rows: Rows, said: str) -> str:
    """Add how many answered and chose nothing, where that is known and anybody did."""
    if result.none is None:
        return said
    found = result.none
    if result.by:
        groups = by_group(rows, result.by)
        found = [row for row in found if row[result.by] in groups]
    found = [row for row in found if row["estimate"] > 0]
    if not found:
        return said
    figure = _figure(result.say, found[0])
    return result.say("sentence.chose_none", said=said, figure=figure)


def _at_least_none(result: Shares) -> int:
    """Per cent of those who answered who cannot have chosen any, as the shares add up to less.

    A release does not hold how many they are. 0 where it tells nothing: of groups side by side, and
    of shares that are hidden, weighted (they are rounded) or not of the same people.
    """
    rows = result.rows
    weighted = result.codebook.populations[result.question.population].weight
    if (
        result.by
        or weighted
        or len(stated(rows)) < len(rows)
        or len({row["n"] for row in rows}) > 1
    ):
        return 0
    return max(0, math.floor(100 * (1 - sum(row["estimate"] for row in rows)) + 1e-9))


def _net(result: Shares) -> str:
    """Say the shares of promoters and detractors, and their net."""
    assert result.nets is not None
    say, groups = result.say, by_group(result.rows, result.by) if result.by else {}

    def claim(nets: Rows) -> str:
        row = nets[0]
        rows = groups[row[result.by]] if result.by else result.rows
        share = {r["option"]: r for r in stated(rows)}
        parts = [
            say(
                "sentence.are",
                share=say.percent(share[code]["estimate"]),
                answer=lowered(result.question.option_label(code)),
            )
            for code in (PROMOTERS, DETRACTORS)
            if code in share
        ]
        if not parts or math.isnan(row["estimate"]):
            return say.listed(parts)
        return say("sentence.net", said=say.listed(parts), net=_net_figure(say, row))

    def what(row: Any) -> str:
        return say("sentence.the_net")

    hidden = say("sentence.net_hidden")
    return _told(result, result.nets, claim, hidden, what, _net_figure)


def _net_figure(say: Catalogue, row: Any) -> str:
    low, high = (say.points(row[end]) for end in ("ci_low", "ci_high"))
    ends = say("sentence.net_range", low=low, high=high)
    return say("sentence.figure", share=say.points(row["estimate"]), range=ends)


def _grid(result: Shares, rows: Rows) -> str:
    """Say of which item an answer is given most and least: the upper end, or one of two.

    If the answers form no scale, none of them represents the others: the sentence names the
    largest share of any, with its item.
    """
    question, say = result.question, result.say
    answer = _answer_told(question, say)
    named = positive_label(question, say) if positive(question) else leading(question).label
    named = lowered(named)
    if not (shares := representative(result, rows)):
        return _largest(result, rows)

    def claim(rows: Rows) -> str:
        best = extreme(rows, lambda row: row["estimate"])
        least = extreme(rows, lambda row: -row["estimate"])
        items, figure = _list(result, best, "item"), _figure(say, best[0])
        if len(rows) == 1:
            return say("sentence.only", answer=answer, items=items, figure=figure)
        if len(best) == len(rows):
            return say("sentence.alike", answer=answer, items=items, figure=figure)
        others, others_figure = _list(result, least, "item"), _figure(say, least[0])
        return say(
            "sentence.highest",
            answer=answer,
            items=items,
            figure=figure,
            others=others,
            others_figure=others_figure,
        )

    def what(row: Any) -> str:
        return say("sentence.moving", item=_list(result, [row], "item"), answer=named)

    return _told(result, shares, claim, say("sentence.leading_hidden"), what)


def _answer_told(question: Question, say: Catalogue) -> str:
    """Name the answer that represents the others: the upper end of a scale, or the leading one."""
    if not positive(question):
        return say("format.quoted", text=lowered(leading(question).label))
    upper = say("format.quoted", text=lowered(upper_end(question, say)))
    return on_scale(question, upper, say)


def _largest(result: Shares, rows: Rows) -> str:
    """Name the answer that most people agree on, and the item that they give it to."""
    say = result.say

    def what(row: Any) -> str:
        answer, item = (_list(result, [row], part) for part in ("option", "item"))
        return say("sentence.answer_of_item", answer=answer, item=item)

    def claim(rows: Rows) -> str:
        best = extreme(rows, lambda row: row["estimate"])
        answers = list(map(what, best))
        figure = _figure(say, best[0])
        return say("sentence.most_common", n=len(best), answers=say.listed(answers), figure=figure)

    shares = answering(result.question, rows)
    return _told(result, shares, claim, say("sentence.leading_hidden"), what)


def _change(result: Shares, rows: Rows) -> str:
    """Name the largest change from one point in time to the next.

    If there are several items, it names the change of one answer: the upper end of a scale,
    or the leading answer.
    """
    question, say, answer = result.question, result.say, ""
    rows, upper = changing(result, rows)
    if len(question.items) > 1:
        answer = positive_label(question, say) if upper else leading(question).label
        answer = lowered(answer)

    def claim(rows: Rows) -> str:
        largest = largest_steps(question, rows)
        if not largest:
            return ""
        if math.isclose(step(largest[0]), 0, abs_tol=1e-9):
            if not answer:
                return say("sentence.unchanged")
            return say("sentence.unchanged_answer", answer=answer)
        moves = [_moved(result, answer, n, *pair) for n, pair in enumerate(largest)]
        return say("sentence.groups").join(moves)

    def what(row: Any) -> str:
        return _what(result, answer, row)

    return _told(result, rows, claim, say("sentence.no_two_times"), what)


def _what(result: Shares, answer: str, row: Any) -> str:
    """Name the item of a row, with its answer, or an answer if there is only one item."""
    several = len(result.question.items) > 1
    named = _list(result, [row], "item" if several else "option")
    return result.say("sentence.moving", item=named, answer=answer) if answer else named


def _moved(result: Shares, answer: str, place: int, before: Any, after: Any) -> str:
    """Say how an item, or an answer if there is only one item, rose or fell."""
    say = result.say
    way = ("rises" if step((before, after)) > 0 else "falls") + "_alike" * bool(place)
    return say(
        f"move.{way}",
        what=_what(result, answer, before),
        before=say.percent(before["estimate"]),
        then=lowered(result.label(before, "time")),
        after=say.percent(after["estimate"]),
        now=lowered(result.label(after, "time")),
    )


def _list(result: Shares, rows: list[Any], part: str) -> str:
    say = result.say
    return say.listed([say("format.quoted", text=result.label(row, part)) for row in rows])


def _figure(say: Catalogue, row: Any) -> str:
    low, high = say.hundredths(row["ci_low"]), say.hundredths(row["ci_high"])
    ends = say("format.range", low=low, high=high)
    return say("sentence.figure", share=say.percent(row["estimate"]), range=ends)


def base(result: Shares) -> str:
    """Write the line under a chart: how many answered, and of what the shares are shares."""
    say, number = result.say, ""
    if result.by:
        parts = [
            say(
                "base.group",
                group=say.beside(result.label({result.by: code}, "group")),
                number=_most(rows, say),
            )
            for code, rows in by_group(result.rows, result.by).items()
        ]
        number = say("base.groups").join(parts)
    who = result.codebook.populations[result.question.population]
    return base_of(say, who, result.n, BASES[result.question.base], result.wave, number)


def base_of(
    say: Catalogue,
    who: Population,
    ends: tuple[int, int],
    rule: str = BASES[Base.ANSWERED],
    wave: str = "",
    number: str = "",
) -> str:
    """Say how many there are, at least and at most, in the base that `rule` describes."""
    low, high = ends
    noun = who.label_one if ends == (1, 1) else lowered(who.label)
    if not number:
        number = say.number(high) if low == high else say("base.numbers", low=low, high=high)
    said = say(rule, people=say("base.people", number=number, people=noun))
    if wave:
        said = say("base.in_wave", people=said, wave=wave)
    return say("table.base", people=said)


def _most(rows: Rows, say: Catalogue) -> str:
    """Write the largest base of some rows, unless all of them are hidden or were not asked."""
    if all(row["status"] == Status.NOT_ASKED for row in rows):
        return say("table.not_asked")
    bases = [row["n"] for row in rows if row["n"] is not None]
    return say.number(max(bases)) if bases else say("table.hidden")


def who_was_asked(survey: Survey, question: Question, waves: Sequence[str]) -> str:
    """Say who was asked in some waves, whatever the filters, and how many answered."""
    codebook, population = survey.codebook, question.population
    selection = Selection.of({codebook.wave_dimension: waves} if waves else None)
    everybody, wave = respondents(survey, population, selection), waves_in_words(codebook, waves)
    asked_n, answered = None, 0
    if question.tabulates:
        asked_n, answered = bases(tabulate(survey, question, where=selection), question)
    return asked(codebook, question, answered, asked_n, everybody, wave)


def asked(
    codebook: Codebook,
    question: Question,
    answered: int,
    asked_n: int | None,
    all_n: int,
    wave: str = "",
) -> str:
    """Say who was asked and how many answered, as far as that is known; of which wave."""
    say = words_in(codebook.language)
    people = asked_of(codebook, question)
    if wave:
        people = say("asked.in_wave", people=people, wave=wave)
    if asked_n is None:
        return say("asked.of", people=people)
    if question.base is Base.ASKED:
        return say("asked.all", people=people, asked=asked_n, everybody=all_n)
    if asked_n != all_n:
        return say("asked.answered_of_asked", people=people, answered=answered, asked=asked_n)
    return say("asked.answered", people=people, answered=answered, everybody=all_n)


def asked_of(codebook: Codebook, question: Question) -> str:
    """Say whom a question was put to."""
    say = words_in(codebook.language)
    people = lowered(codebook.populations[question.population].label)
    if not question.asked_if:
        return people
    return say("asked.routed", people=people, condition=_routing(codebook, question, say))


def _routing(codebook: Codebook, question: Question, say: Catalogue) -> str:
    assert question.asked_if is not None
    said = []
    for part in question.asked_if.alternatives:
        all_of = []
        for one in part:
            owner = codebook.owners.get(one.column)
            named = say("format.quoted", text=owner.label if owner else one.column)
            answers = say("format.or").join(
                owner.option_label(c) if owner else c for c in one.codes
            )
            if one.operator == "=":
                all_of.append(say("asked.is", question=named, answers=answers))
            elif one.operator == "!=":
                all_of.append(say("asked.is_not", question=named, answers=answers))
            else:
                all_of.append(
                    say("asked.compares", question=named, sign=one.operator, answers=answers)
                )
        said.append(say("format.and").join(all_of))
    return say("asked.or").join(said)


def method(survey: Survey, question: Question) -> str:
    """Say how shares and their ranges are computed."""
    who = survey.codebook.populations[question.population]
    name = "weighted" if who.weight else "unweighted"
    interval = survey.say(f"interval.{survey.sampling.interval}")
    name = f"{name}_strata" if who.strata else name
    said = survey.say(f"method.live_{name}", interval=interval)
    return survey.say("method.mean", method=said) if question.is_numeric_scale else said


def caveats(result: Shares) -> list[str]:
    """Say what a reader must know before using the numbers."""
    question, say = result.question, result.say
    said = [marks([*result.small.values()], say)] if result.small else []
    said += _few(result)
    if question.kind is Kind.MULTIPLE:
        said.append(say("caveat.several"))
        many = len(question.items) > 1
        if many and (result.none is None or any(row["estimate"] > 0 for row in result.none)):
            said.append(say("caveat.none_in_base"))
        if least := _at_least_none(result) if result.none is None and many else 0:
            share = say("format.percent", number=str(least))
            said.append(say("caveat.at_least_none", share=share))
    elif draws_one(question):
        said.append(say("caveat.one_answer", answer=lowered(leading(question).label)))
    else:
        said.append(say("caveat.rounded"))
    said += _not_asked(result)
    if isinstance(question, Merged):
        said.append(say("caveat.merged"))
    return [*said, *_assumed(result.codebook.questions[question.id], say)]


def _few(result: Shares) -> list[str]:
    """Say whose answers are few, without groups that have a mark."""
    say = result.say
    least: dict[str, int] = {}
    if not result.by:
        low = result.n[0]
        return [say("caveat.few", n=low)] if 0 < low < SMALL else []
    for row in result.rows:
        told = row["n"] and row["status"] != Status.HIDDEN
        if told and row[result.by] not in result.small:
            label = result.label(row, "group")
            least[label] = min(row["n"], least.get(label, row["n"]))
    few = [say("caveat.few_of", n=n, group=label) for label, n in least.items() if n < SMALL]
    return [say("caveat.few_groups", groups=say.listed(few))] if few else []


def _not_asked(result: Shares) -> list[str]:
    """Say which items and answers some of the waves that are shown did not have."""
    question, codebook, say = result.question, result.codebook, result.say
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
            named = say("format.between").join(say("format.quoted", text=one) for one in gone)
            said.append(say("caveat.not_asked", wave=label, what=named))
    return said


def _unprinted(question: Question) -> tuple[str, int, int]:
    """Count what of a question the source does not print: its name, how many, of how many."""
    if len(question.items) < 2:
        options = question.substantive
        return "answers", sum(not o.printed for o in options), len(options)
    return "items", sum(not i.printed for i in question.items), len(question.items)


def _assumed(question: Question, say: Catalogue) -> list[str]:
    """Say what of a question the source does not print."""
    what, n, of = _unprinted(question)
    if n and what == "items":
        said = say("caveat.assumed_items", n=n, all=of)
    elif n:
        said = say("caveat.assumed_answers", n=n, all=of)
    elif not question.printed:
        said = say("caveat.assumed_question")
    else:
        return []
    them = say("caveat.them") if n > 1 else say("caveat.it")
    return [say("caveat.assumed", what=said, them=them)]


def assumed_part(question: Question) -> str:
    """Say how much of a question the source does not print: ``partly``, ``wholly`` or nothing."""
    _, n, of = _unprinted(question)
    if not question.printed or (n and n == of):
        return "wholly"
    return "partly" if n else ""


def assumed(question: Question, say: Catalogue) -> str:
    """Name what of a question the source does not print; empty where it prints all."""
    what, n, of = _unprinted(question)
    if n and what == "items":
        return say("missing.items", n=n, all=of)
    if n:
        return say("missing.answers", n=n, all=of)
    return "" if question.printed else say("missing.question")


_DIGITS = 4  # behind the point, at most
_YEARS = (1900, 2100)


def means_in_words(question: Question, table: pd.DataFrame, say: Catalogue | None = None) -> str:
    """Say the means of a number question, whose table is of `means.mean`."""
    said, say = [], say or words_in()
    for row in records(table):
        item = question.item_label(row["item"])
        item = say("list.mean_item", item=item) if len(question.items) > 1 else ""
        if pd.isna(row["estimate"]):
            said.append(say("list.mean_nobody", item=item))
            continue
        mean, low, high = _sizes([row[end] for end in ("estimate", "ci_low", "ci_high")], say)
        span = "" if pd.isna(row["ci_low"]) else say("list.mean_range", low=low, high=high)
        wave = table.attrs.get("wave", "")
        wave = say("list.mean_wave", wave=wave) if wave else ""
        said.append(say("list.mean", item=item, mean=mean, range=span, n=row["n"], wave=wave))
    return raised(say("sentence.groups").join(said))


def _sizes(values: Sequence[float], say: Catalogue) -> list[str]:
    """Write numbers to three digits or all before the point, and years without a separator."""
    known = [value for value in values if not pd.isna(value)]
    largest = max(map(abs, known), default=0.0)
    digits = max(0, 2 - math.floor(math.log10(largest))) if largest else 0
    written = [say.number(value, min(digits, _DIGITS)) for value in values]
    if all(_YEARS[0] <= value <= _YEARS[1] for value in known):
        return [f"{value:.0f}" for value in values]
    return written


def simulated(survey: Survey) -> bool:
    """Whether sentences must call the answers simulated."""
    return survey.provenance is Provenance.ILLUSTRATIVE
