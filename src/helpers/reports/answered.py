"""The outline of a report on responses: unprotected, unless they are simulated or published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from textwrap import shorten

from helpers.analysis.estimates import mean
from helpers.analysis.findings import differences
from helpers.analysis.result import Result
from helpers.analysis.trends import trend
from helpers.analysis.weights import weights
from helpers.codebook.model import Codebook, Kind, Provenance, Question
from helpers.estimation.repeats import targeted
from helpers.estimation.tabulate import respondents
from helpers.ledger.ledger import printed_beside
from helpers.ledger.printed_numbers import printed_numbers
from helpers.pages import key_numbers
from helpers.pages.forms import KeyNumber
from helpers.present import charts, tables, wording
from helpers.present.omissions import said
from helpers.present.readable import too_few, unread, unreliable
from helpers.present.results import Shares, live, records, stated
from helpers.present.trends import TrendLine
from helpers.present.trends import trend as draw_trend
from helpers.release.defaults import rules_of
from helpers.release.rules import PageRule
from helpers.reports.chapters import ReportChapter, chapters
from helpers.reports.outline import (
    LARGEST,
    WAVES,
    Outline,
    OutlineChapter,
    OutlineItem,
    OutlinePart,
    OutlineTable,
    differing,
    in_brief,
    joined,
    once,
    words_of_findings,
)
from helpers.reports.pieces import shortened
from helpers.responses.selection import EVERY
from helpers.responses.survey import Survey
from helpers.terminal import Progress, Step
from helpers.words import Catalogue, lowered, raised

MARK = 110  # letters of a part that every page names
COUNTS = 6  # lines on what comparisons found, and on what their words mean
MARKS = {
    Provenance.ILLUSTRATIVE: "simulated",
    Provenance.PRIVATE: "unprotected",
    Provenance.PUBLIC: "public",
}


def of_responses(
    survey: Survey,
    questions: Sequence[str] | str | None = None,
    trend: str = "",
    made: date | None = None,
    progress: Callable[[str], None] | None = None,
) -> Outline:
    """Make the outline of everybody's answers, or of those that `Survey.where` has left.

    Parameters
    ----------
    made
        The day that the report names; today by default.
    progress
        Called with words on how far it is; by default they are shown in a terminal.

    Raises
    ------
    InsightsError
        For what does not exist, or if no question is left.
    """
    codebook, say = survey.codebook, survey.say
    made = made or date.today()
    found, without = chapters(survey, questions, trend)
    asked = list({q.id: q for chapter in found for q in chapter.questions if q.tabulates}.values())
    shows, shown = Progress(), {}
    for n, question in enumerate(asked, 1):
        (progress or shows)(Step("Counting answers", n, len(asked)))
        shown[question.id] = live(survey, question.id)
    beside = printed_beside(survey)
    done = once(_chapter(survey, chapter, shown, beside) for chapter in found)
    simulated = survey.provenance is Provenance.ILLUSTRATIVE
    part = shorten(_part(survey), MARK, placeholder=" …")
    numbers = _numbers(survey, found, shown)
    chosen = questions is not None
    table, said, compared, telling = _findings(survey, found, chosen, progress or shows)
    if not chosen:
        telling = [*(number["question"] for number in numbers), *telling]
        done = in_brief(done, telling, rules_of(survey).placed)
    shows.end()
    title = found[0].title if len(found) == 1 and questions is None else codebook.title
    lead = numbers[0]["statement"] if numbers and numbers[0]["kind"] == "printed" else ""
    if not lead:
        drawn = [i.id for c in done for i in c.items if i.spec and i.id in shown]
        drawn = [name for name in drawn if not targeted(survey, survey.question(name))]
        opened = [n["question"] for n in numbers if n["question"] in drawn]
        first = next((shown[name] for name in (*opened, *drawn)), None)
        lead = wording.sentence(first, survey.provenance, named=True) if first else ""
    return Outline(
        title,
        lead,
        _named(survey),
        " · ".join(filter(None, (say.each("report_mark")[MARKS[survey.provenance]], part))),
        survey.provenance is not Provenance.PUBLIC,
        say.each("banner")[survey.provenance],
        say,
        numbers,
        table,
        said,
        done,
        _method(survey, found, (*compared, words_of_findings(say)) if compared else ()),
        _about(survey, made, without),
        without,
        simulated,
        True,
        made,
    )


def _chapter(
    survey: Survey,
    chapter: ReportChapter,
    shown: Mapping[str, Shares],
    beside: Mapping[str, list[dict[str, str]]],
) -> OutlineChapter:
    codebook = survey.codebook
    labels: dict[str, str] = {}
    for each in codebook.trends.values():
        labels |= {f"{each.id}.{name}": label for name, label in each.sections.items()}
    held: dict[str, list[OutlineItem]] = {}
    for asked in chapter.questions:
        section = labels.get(f"{asked.trend}.{asked.section}", "")
        printed = [each["statement"] for each in beside.get(asked.id, ())]
        items = held.setdefault(section, [])
        item, waves = _item(survey, asked, shown, tuple(printed)), _by_wave(survey, asked)
        gone = bool(waves) and item.spec is None and item.table is None and not item.printed
        items += waves if gone else [item, *waves]  # the latest wave may not have asked it
    parts = tuple(OutlinePart(title, tuple(items)) for title, items in held.items())
    return OutlineChapter(chapter.title, "", parts)


def _item(
    survey: Survey, asked: Question, shown: Mapping[str, Shares], printed: tuple[str, ...]
) -> OutlineItem:
    say = survey.say
    head = (asked.id, raised(asked.label), asked.own_wording)
    source = say("browser.source", source=asked.source) if asked.source else ""
    if asked.id not in shown:
        notes = (_weighted(survey, asked), source)
        return _of_number(say, head, mean(survey, asked.id), notes)
    result = shown[asked.id]
    if words := too_few(result.n[1], say):
        words = unread(survey, asked.id, None) or words
        return OutlineItem(*head, words, printed=printed)
    return replace(_shown(survey, asked, result, head), printed=printed)


def _shown(
    survey: Survey, asked: Question, result: Shares, head: tuple[str, str, str]
) -> OutlineItem:
    say = survey.say
    source = say("browser.source", source=asked.source) if asked.source else ""
    notes = [wording.base(result), _weighted(survey, asked), *wording.caveats(result), source]
    item = OutlineItem(
        *head,
        wording.sentence(result, survey.provenance),
        tuple(filter(None, notes)),
        charts.specification(result),
        OutlineTable.of_shares(tables.columns(result), tables.rows(result), say),
    )
    return shortened(item, say)


def _weighted(survey: Survey, asked: Question) -> str:
    """Say that numbers of a question are weighted; nothing where they are not."""
    who = survey.codebook.populations[asked.population]
    return survey.say("report.weighted") if who.weight else ""


def _by_wave(survey: Survey, asked: Question) -> list[OutlineItem]:
    """Set the waves of a question side by side, where it was asked in several."""
    codebook, say = survey.codebook, survey.say
    tells = codebook.wave_of(asked.population)
    if tells is None or asked.times or not (asked.tabulates or asked.kind is Kind.NUMBER):
        return []
    title = say("report.by_wave", title=raised(asked.label), wave=lowered(tells.label))
    head = (f"{asked.id}{WAVES}", title, asked.own_wording)
    if asked.kind is Kind.NUMBER:
        result = mean(survey, asked.id, tells.id, {tells.id: EVERY})
        stated_in = result.df.loc[result.df["n"] > 0, tells.id]
        if stated_in.nunique() < 2:
            return []
        line = TrendLine(asked.label, records(result.df), "mean")
        lines = draw_trend([line], [0], tells.id, tells.bands, say)
        item = replace(_of_number(say, head, result, [_weighted(survey, asked)]), spec=lines)
    else:
        shares = live(survey, asked.id, {tells.id: EVERY}, tells.id)
        there = {row[tells.id] for row in stated(shares.rows)}
        if len(there) < 2 or too_few(shares.n[1], say):
            return []
        lines = charts.through_time(shares)
        item = replace(_shown(survey, asked, shares, head), spec=lines)
    found = trend(survey, asked.id)
    tested = (say("report.tested", said=lowered(found.sentence)), *found.notes[:1])
    return [replace(item, notes=(*tested, *item.notes))]


def _of_number(
    say: Catalogue, head: tuple[str, str, str], result: Result, more: Sequence[str]
) -> OutlineItem:
    """Say the mean of a number question: its table is enough."""
    if words := too_few(int(result.df["n"].max()), say):
        return OutlineItem(*head, words)
    rows = result.rows
    cells = tuple(tuple(map(str, row)) for row in rows.itertuples(index=False))
    first = len(rows.columns) - 4  # mean, both ends of its range, and base
    base = result.subject.base if result.subject else ""
    notes = tuple(filter(None, (base, *result.notes, *more)))
    table = OutlineTable(tuple(rows.columns), cells, first)
    return OutlineItem(*head, raised(result.sentence), notes, None, table)


def _numbers(
    survey: Survey, found: Sequence[ReportChapter], shown: Mapping[str, Shares]
) -> tuple[KeyNumber, ...]:
    """Numbers to open with: what the source prints, else what real answers say."""
    codebook = survey.codebook
    rules = rules_of(survey)
    pages = tuple(
        PageRule(chapter.id or "report", chapter.title, tuple(q.id for q in chapter.questions))
        for chapter in found
        if chapter.id or len(found) == 1  # on no page: mostly what people are
    )
    printed = printed_numbers(survey)
    if len(pages) == 1 and (numbers := key_numbers.printed_on(pages[0], codebook, printed)):
        return tuple(numbers)
    readable = {
        name: result
        for name, result in shown.items()
        if not too_few(result.n[1]) and not targeted(survey, result.question)
    }
    rules = replace(rules, pages=pages, findings=() if len(pages) == 1 else rules.findings)
    simulated = survey.provenance is Provenance.ILLUSTRATIVE
    return tuple(key_numbers.key_findings(rules, codebook, printed, readable, simulated))


def _findings(
    survey: Survey,
    found: Sequence[ReportChapter],
    chosen: bool,
    progress: Callable[[str], None],
) -> tuple[OutlineTable | None, str, tuple[str, ...], list[str]]:
    """List the largest differences between groups and points in time of what is reported.

    Returns
    -------
    The table, what was compared in a sentence, how many differences each comparison found, and the
    questions that differ, that of the largest difference first.
    """
    if survey.subset:
        return None, survey.say("report.no_findings"), (), []
    asked = [q for chapter in found for q in chapter.questions]
    tabulated = list(dict.fromkeys(q.id for q in asked if q.tabulates))
    names = [n for n in tabulated if not wording.assumed_part(survey.question(n))]
    result = differences(survey, names, most=LARGEST, chosen=chosen, progress=progress)
    if result.rows.empty:
        compared = bool(survey.codebook.dimensions) or any(q.times for q in asked)
        return None, result.sentence if compared else "", result.notes, []
    cells = (map(str, row) for row in result.rows.itertuples(index=False))
    rows = tuple((raised(name), *rest) for name, *rest in cells)
    of = survey.say("report.findings_of", n=len(names))
    assumed = survey.say("report.findings_assumed") if len(names) < len(tabulated) else ""
    marked = unreliable([dict(enumerate(row)) for row in rows], survey.say)
    said = joined(result.sentence, of, assumed, marked)
    telling = [*dict.fromkeys(result.df["question"])]
    return OutlineTable(differing(survey.say), rows), said, result.notes, telling


def _method(
    survey: Survey, found: Sequence[ReportChapter], compared: Sequence[str]
) -> tuple[str, ...]:
    asked = [q for chapter in found for q in chapter.questions]
    told = [wording.method(survey, q) for q in asked if q.tabulates]
    told += [survey.intervals_note(q.population) for q in asked]
    who = dict.fromkeys(q.population for q in asked)
    if any(survey.codebook.populations[name].weight for name in who) and not survey.subset:
        told.append(weights(survey).sentence)
    counts = compared[:-1] if len(compared) <= COUNTS else ()  # more say nothing to a reader
    return tuple(filter(None, (*dict.fromkeys(told), " ".join(counts), *compared[-1:])))


def _named(survey: Survey) -> str:
    """Name the survey, its wave, and the part of its respondents that the report is of."""
    codebook = survey.codebook
    title = ", ".join(filter(None, (codebook.title, codebook.wave)))
    return " · ".join(filter(None, (title, _part(survey))))


def _answered(survey: Survey) -> str:
    """Say how many answered, of each population."""
    say, known = survey.say, survey.codebook.populations
    told = []
    for name, who in known.items():
        n = respondents(survey, name)
        people = lowered(who.label)
        told.append(say("base.people", number=say.number(n), people=people))
    return say.listed(told)


def _part(survey: Survey) -> str:
    """Say which part of the respondents a report is of; nothing of everybody."""
    return survey.say("report.part_of", part=survey.part) if survey.part else ""


def _about(survey: Survey, made: date, without: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    codebook: Codebook = survey.codebook
    say, private = survey.say, survey.provenance is Provenance.PRIVATE
    lines = (
        ("file.survey", _named(survey)),
        ("file.provenance", say.each("banner")[survey.provenance]),
        ("file.protection", say("file.unprotected") if private else say("report.from_responses")),
        ("report.collected", codebook.collected),
        ("file.filters", _part(survey)),
        ("report.left", joined(*said(survey, without), say("report.by_name")) if without else ""),
        ("about.answered", "" if survey.subset else _answered(survey)),
        ("file.data", survey.describe),
        ("file.made_on", made.isoformat()),
    )
    return tuple((say(head), text) for head, text in lines if text)
