"""Tables for notebooks: what was asked of whom, what to work on, and matching questions.

Each is shown whole, with its text to the left; its `.data` is the DataFrame.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd
from pandas.io.formats.style import Styler

from helpers.codebook.model import FAVOURED, THIRDS, Question, suggest
from helpers.estimation.estimates import proportion
from helpers.estimation.latest_wave import (
    known_of,
    resolve_selection,
    selected_waves,
    waves_in_words,
)
from helpers.estimation.request import Row
from helpers.estimation.tabulate import bases, tabulate
from helpers.present import tables, wording
from helpers.present.findings import DIFFERS, family, family_in_words, in_points, of_rest
from helpers.present.key_answers import leading, positive_label
from helpers.present.readable import unread
from helpers.present.results import live, records, varies
from helpers.responses.selection import Selection, Where, known_codes
from helpers.responses.survey import Survey
from helpers.words import lowered

PLACE = ("question", "item", "time")


def questions(survey: Survey, trend: str | Sequence[str] | None = None) -> Styler:
    """List the questions, one row each: whom it was put to, how many were asked, and its base.

    Of a trend, or of a list of ids; a survey without the trend says so in the caption.
    """
    codebook, say = survey.codebook, survey.say
    heads = ["question", "put_to", "asked", "in_base", "source", "assumed"]
    heads += ["wave"] * bool(codebook.waves)
    rows = []
    listed = tuple(codebook.questions.values())
    if isinstance(trend, str):
        listed = codebook.of_trend(trend) if trend in codebook.trends else ()
    elif trend is not None:
        listed = tuple(survey.question(name) for name in trend)
    for question in listed:
        selection = resolve_selection(survey, None, question.population)
        asked, answered = bases(tabulate(survey, question, where=selection), question)
        wave = waves_in_words(codebook, selected_waves(codebook, question.population, selection))
        who = codebook.populations[question.population].label
        missing = wording.assumed(question, say)
        cells = [question.label, who, asked, answered, question.source, missing]
        rows.append([*cells, *[wave] * bool(codebook.waves)])
    shown = tables.shown(tables.headed(rows, heads, say))
    if not isinstance(trend, str) or trend in codebook.trends:
        return shown
    known = suggest(trend, codebook.trends, "trend")
    return shown.set_caption(escape(f'There is no trend "{trend}" in this survey. {known}'))


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
        upper = result.upper is not None
        column = who
        if upper:
            answers = lowered(positive_label(asked, say))
            column = say("summary.column_upper", people=who, answers=answers)
        if result.wave:
            column = say("summary.column_wave", column=column, wave=result.wave)
        parts = [p for p in varies(asked) if p != "option" or not (upper or _of_two(asked))]
        for row in result.rows if result.upper is None else result.upper:
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


def least_favourable(
    survey: Survey, trend: str | Sequence[str] | None = None, against: str = ""
) -> Styler:
    """List items with their favourable, neutral and unfavourable shares.

    Parameters
    ----------
    trend
        Of whose questions, or ids of questions; all by default.
    against
        Dimension of which to name the group that is furthest below the rest.
    """
    say, codebook = survey.say, survey.codebook
    if against:
        codebook.dimension(against)
    below = _furthest_below(survey, against) if against else {}
    found: list[tuple[float, list[object]]] = []
    for question in codebook.questions.values():
        among = question.trend == trend if isinstance(trend, str) else question.id in (trend or ())
        if not question.thirds or not (among or trend is None):
            continue
        held: dict[tuple[str, ...], dict[str, Row]] = {}
        for row in records(proportion(survey, question.id, combine=FAVOURED)):
            held.setdefault(tuple(row[part] for part in PLACE), {})[row["option"]] = row
        for place, of in held.items():
            good = of[FAVOURED]
            if pd.isna(good["estimate"]):
                continue
            item = question.item_label(good["item"]) if len(question.items) > 1 else ""
            named = (question.label, item, codebook.times.get(good["time"], ""))
            low, high = (say.hundredths(good[end]) for end in ("ci_low", "ci_high"))
            cells: list[object] = [
                " · ".join(filter(None, named)),
                *(say.percent(of[t]["estimate"]) if t in of else "–" for t in THIRDS),
                say("format.range", low=low, high=high),
                good["n"],
            ]
            cells += [below.get(place, "–")] * bool(against)
            found.append((good["estimate"], cells))
    level = {"level": survey.sampling.per_cent}
    heads = [say("favourable.item")]
    heads += [say("favourable.favourable"), say("favourable.neutral")]
    heads += [say("favourable.unfavourable"), say("favourable.range", **level)]
    heads.append(say("favourable.base"))
    heads += [say("favourable.furthest")] * bool(against)
    rows = [cells for _, cells in sorted(found, key=lambda pair: pair[0])]
    said = [say("banner.illustrative")] if wording.simulated(survey) else []
    said.append(say("favourable.lead"))
    if against:
        size = family(survey, of_rest(against)).attrs["family"].size
        said += [say("favourable.part"), family_in_words(codebook, of_rest(against), size, say)]
    shown = tables.shown(pd.DataFrame(rows, columns=heads), heads[1:6])
    return shown.set_caption(escape(" ".join(filter(None, said))))


def _furthest_below(survey: Survey, by: str) -> dict[tuple[str, ...], str]:
    """Name the group of a dimension that is furthest below the rest, by item, where one is."""
    rows, labels = family(survey, of_rest(by)), known_codes(survey.codebook, by)
    there = rows["word"].isin(DIFFERS) & (rows["estimate"] < 0)
    found: dict[tuple[str, ...], str] = {}
    for row in records(rows[there].sort_values("estimate", kind="stable")):
        difference, low, high = in_points(row, survey.say)
        found.setdefault(
            tuple(row[part] for part in PLACE),
            survey.say(
                "favourable.below_rest",
                group=labels.get(row["group"], row["group"]),
                difference=difference,
                low=low,
                high=high,
                word=survey.say(f"word.{row['word']}"),
            ),
        )
    return found
