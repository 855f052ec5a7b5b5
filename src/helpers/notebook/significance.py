"""Tables of tests for reading: change within respondents, differences, models.

Each is a table whose `.data` is a DataFrame, or says in words why there is none: notebooks run on
any survey. Sentences about simulated answers say that they are simulated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import pandas as pd
from pandas.io.formats.style import Styler

from helpers.codebook.model import Question
from helpers.errors import InsightsError
from helpers.estimation import change, compare, models
from helpers.notebook.standing import Markdown
from helpers.present import tables, wording
from helpers.present.readable import READABLE, too_few
from helpers.present.results import (
    answer,
    compared_options,
    difference,
    leading,
    percent,
    points,
    unmarked,
)
from helpers.responses.selection import Selection, Where, known_codes
from helpers.responses.survey import Survey

Shown: TypeAlias = Styler | Markdown
ALPHA = 0.05
NUMBERS = (
    *("Moved up", "Stayed", "Moved down", "Difference in mean score", "Difference in points"),
    *("Effect in points", "p", "p adjusted", "Could be shown"),
)
NO_EVIDENCE = "The answers are simulated, so a test of them says nothing about the world."


def changes(survey: Survey, question: str, first: str, last: str, where: Where = None) -> Shown:
    """Change of the same respondents from one point in time to another, item by item.

    Returns
    -------
    Table of item or answer; how many took it up, gave it up, kept it and never had it, or on a
    scale moved up, stayed and moved down; the difference of the shares in points, or of the mean
    scores, with its 95% interval; test and p, adjusted for the number of rows (Benjamini and
    Hochberg).
    """
    found = _changes(survey, question, first, last, where)
    if isinstance(found, str):
        return Markdown(found)
    asked = survey.question(question)
    rows = [
        {
            _part(asked): _named(survey, asked, row),
            **_moves(row),
            "Test": row["test"] if pd.notna(row["test"]) else row["status"],
            "p": p_value(row["p"]),
            "p adjusted": p_value(row["p_adjusted"]),
        }
        for row in found.to_dict("records")
    ]
    return shown(rows, tuple(_moves({})))


def changes_in_words(
    survey: Survey, question: str, first: str, last: str, where: Where = None
) -> Markdown:
    """Say which changes are larger than chance explains, after adjusting for their number."""
    found = _changes(survey, question, first, last, where)
    if isinstance(found, str):
        return Markdown(found)
    asked = survey.question(question)
    tested = found.dropna(subset="p_adjusted")
    clear = tested[tested["p_adjusted"] <= ALPHA].to_dict("records")
    named = [f"{unmarked(_named(survey, asked, row))} ({_in_words(row)})" for row in clear]
    subject = f"of {_count(len(tested), 'change')} tested"
    return Markdown(_verdict(survey, subject, "larger than chance explains", named))


def differences(survey: Survey, question: str, by: str, where: Where = None) -> Shown:
    """Differences between groups on what the chart of a question shows.

    Returns
    -------
    Table of item or answer, the two groups with their shares and bases, the difference in points
    with its 95% interval, p adjusted for the number of rows, and the smallest difference that
    bases of this size would show four times in five. Groups too small to read say so. A filter
    that leaves one of the groups is not applied: what is compared is not filtered.
    """
    found = _differences(survey, question, by, where)
    if isinstance(found, str):
        return Markdown(found)
    asked, labels = survey.question(question), known_codes(survey.codebook, by)
    rows = [
        {
            _part(asked): _named(survey, asked, row),
            "Group": f"{labels.get(row['group'], row['group'])}: {_share(row, 'share', 'n')}",
            "Other": f"{labels.get(row['other'], row['other'])}: "
            f"{_share(row, 'share_other', 'n_other')}",
            "Difference in points": difference(row),
            "p adjusted": p_value(row["p_adjusted"]),
            "Could be shown": points(row["detectable"], sign=False),
        }
        for row in found.to_dict("records")
    ]
    return shown(rows)


def differences_in_words(survey: Survey, question: str, by: str, where: Where = None) -> Markdown:
    """Say which differences between groups are larger than chance explains."""
    found = _differences(survey, question, by, where)
    if isinstance(found, str):
        return Markdown(found)
    asked, labels = survey.question(question), known_codes(survey.codebook, by)
    clear = found[found["significant"]].to_dict("records")
    named = [
        f"{unmarked(_named(survey, asked, row))}, {unmarked(labels[row['group']].lower())} against "
        f"{unmarked(labels[row['other']].lower())} ({_in_words(row)})"
        for row in clear
    ]
    subject = f"of {_count(int(found['p'].notna().sum()), 'difference')} tested"
    about = found["detectable"].dropna()
    said = _verdict(survey, subject, "larger than chance explains", named)
    ends = dict.fromkeys(points(end, sign=False) for end in (about.min(), about.max()))
    least = f" These bases could show differences of {' to '.join(ends)} points."
    return Markdown(said + (least if len(about) else ""))


def effects(
    survey: Survey, question: str, on: Sequence[str] | str, item: str = "", where: Where = None
) -> Shown:
    """Effects in points of respondent characteristics on each answer (ordinal logit).

    Where the data cannot carry a model, the reasons are said instead.
    """
    keys = (on,) if isinstance(on, str) else tuple(on)
    for key in keys:
        if words := missing(survey, question, key):
            return Markdown(words)
    asked = survey.question(question)
    try:
        model = models.ordinal(survey, question, keys, item=item, where=where)
    except InsightsError as problem:
        return Markdown(f"*No model: {unmarked(str(problem))}*")
    rows = []
    for row in model.effects.to_dict("records"):
        labels = known_codes(survey.codebook, row["term"])
        dimension = survey.codebook.dimensions.get(row["term"])
        name = dimension.label if dimension else row["term"]
        rows.append(
            {
                "Characteristic": f"{name}: {labels.get(row['level'], row['level'])} against "
                f"{labels.get(row['reference'], row['reference'])}",
                "Answer": asked.option_label(row["option"]),
                "Effect in points": difference(row),
                "Respondents": row["n"],
            }
        )
    return shown(rows, ("Respondents",))


def effects_in_words(
    survey: Survey, question: str, on: Sequence[str] | str, item: str = "", where: Where = None
) -> Markdown:
    """Say what a model shows, what it leaves out, and whether its lines are parallel."""
    keys = (on,) if isinstance(on, str) else tuple(on)
    for key in keys:
        if words := missing(survey, question, key):
            return Markdown(words)
    try:
        model = models.ordinal(survey, question, keys, item=item, where=where)
    except InsightsError:
        return Markdown("")  # said by `effects`
    simulated = "In the simulated answers: " * wording.simulated(survey)
    said = [
        simulated + unmarked(model.text),
        *map(unmarked, model.notes),
        NO_EVIDENCE if wording.simulated(survey) else "",
    ]
    return Markdown("\n\n".join(filter(None, said)))


def _changes(
    survey: Survey, question: str, first: str, last: str, where: Where
) -> pd.DataFrame | str:
    """Rows of `change.paired` that a chart would show, or why there are none."""
    if question not in survey.codebook.questions:
        return wording.lacking(question)
    asked = survey.question(question)
    try:
        found = change.paired(survey, question, first, last, where=where)
    except InsightsError as problem:
        return f"*{unmarked(str(problem))}*"
    shares = found[found["measure"] == "share"]
    if shares.empty:  # of a scale: the change of the mean score
        return found
    return shares[shares["option"] == leading(asked).code] if len(asked.items) > 1 else shares


def _moves(row: dict[Any, Any]) -> dict[str, Any]:
    """Say how many moved and how far: of a share who took it up, of a score who moved up."""
    if row.get("measure") == "mean score":
        moves = {"Moved up": row["up"], "Stayed": row["same"], "Moved down": row["down"]}
        ends = [f"{row[end]:+.2f}".replace("-", "−") for end in ("estimate", "ci_low", "ci_high")]
        return moves | {"Difference in mean score": f"{ends[0]} ({ends[1]} to {ends[2]})"}
    names = {"gained": "Took it up", "lost": "Gave it up", "kept": "Kept it", "never": "Never"}
    moves = {name: row.get(key) for key, name in names.items()}
    return moves | ({"Difference in points": difference(row)} if row else {})


def _in_words(row: dict[Any, Any]) -> str:
    if row.get("measure") == "mean score":
        return f"mean score {_moves(row)['Difference in mean score']}"
    said = difference(row)
    return f"{said.replace(' (', ' points, 95% interval ', 1).rstrip(')')}"


def _differences(survey: Survey, question: str, by: str, where: Where) -> pd.DataFrame | str:
    if words := missing(survey, question, by):
        return words
    asked = survey.question(question)
    combine, selection = compared_options(asked), Selection.of(where)
    if len(dict(selection.conditions).get(by, ())) < 2:  # what is compared is not filtered
        selection = selection.without(by)
    try:
        found = compare.groups(survey, question, by, selection, ALPHA, combine=combine)
    except InsightsError as problem:
        return f"*{unmarked(str(problem))}*"
    noise = found[["n", "n_other"]].min(axis=1) < READABLE
    found.loc[noise, ["estimate", "ci_low", "ci_high", "p", "p_adjusted", "detectable"]] = None
    found.loc[noise, "significant"] = False
    return found


def missing(survey: Survey, question: str, by: str) -> str:
    """Say, in Markdown, that a survey lacks a question or a characteristic; empty if not."""
    if question not in survey.codebook.questions:
        return wording.lacking(question)
    if by not in survey.codebook.dimensions and by not in survey.codebook.owners:
        return f"*This survey has no {by.replace('_', ' ')}.*"
    return ""


def _verdict(survey: Survey, subject: str, is_what: str, named: list[str]) -> str:
    opening = "In the simulated answers, " if wording.simulated(survey) else "In the answers, "
    verb = "is" if len(named) <= 1 else "are"
    count = {0: "none"}.get(len(named), str(len(named)))
    listed = f": {'; '.join(named)}" if named else ""
    said = f"{opening}{subject} {count} {verb} {is_what}{listed}."
    return f"{said} {NO_EVIDENCE}" if wording.simulated(survey) else said


def shown(rows: list[dict[str, Any]], numbers: Sequence[str] = ()) -> Styler:
    """Show the rows of a table of tests, numbers to the right."""
    return tables.shown(pd.DataFrame(rows), (*numbers, *NUMBERS))


def _part(asked: Question) -> str:
    return tables.heading("item" if len(asked.items) > 1 else "option")


def _named(survey: Survey, asked: Question, row: dict[Any, Any]) -> str:
    time = "" if " to " in str(row["time"]) else survey.codebook.times.get(row["time"], "")
    return " · ".join(filter(None, (answer(asked, row), time)))


def _share(row: dict[Any, Any], share: str, base: str) -> str:
    if too_few(row[base]):
        return f"too few ({row[base]:,})"
    return f"{percent(row[share])} of {row[base]:,}"


def p_value(value: float) -> str:
    """Write a p-value; a dash where there is none."""
    if pd.isna(value):
        return "–"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'s' * (n != 1)}"
