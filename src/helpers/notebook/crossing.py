"""Two questions crossed: shares of one in the groups of the other, and the test of them.

Notebooks run on any survey: what it lacks is said in words.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.codebook.model import Question
from helpers.errors import InsightsError
from helpers.estimation import compare
from helpers.estimation.association import adjusted
from helpers.notebook.significance import Shown, missing, p_value, shown
from helpers.notebook.standing import Markdown
from helpers.present import tables
from helpers.present.readable import too_few
from helpers.present.results import live, percent, unmarked, varies
from helpers.responses.selection import Where
from helpers.responses.survey import Survey


def crossed(survey: Survey, question: str, by: str, where: Where = None) -> Shown:
    """Cross a question with any other question, or with a characteristic, of the same people.

    Parameters
    ----------
    by
        A dimension, or a response column: the id of a question with one answer, else
        ``question.item`` or ``question.item.time``.

    Returns
    -------
    Table of item, answer and time, with the share of each answer in each group and its base;
    groups too small to read say so. `association` tests whether the two hang together.
    """
    if words := missing(survey, question, by):
        return Markdown(words)
    try:
        everybody, split = live(survey, question, where), live(survey, question, where, by)
    except InsightsError as problem:
        return Markdown(f"*{unmarked(str(problem))}*")
    parts = varies(split.question)
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for result in (split, everybody):
        held = result.drawn.groupby(result.by or "question")["n"].transform("max") > 0
        for row in result.drawn[held].to_dict("records"):
            labels = {tables.heading(part): result.label(row, part) for part in parts}
            found = rows.setdefault(tuple(str(row[part]) for part in parts), labels)
            column = result.label(row, "group") if result.by else "All"
            share = f"{percent(row['estimate'])} of {row['n']:,}"
            found[column] = f"too few ({row['n']})" if too_few(row["n"]) else share
    heads = [tables.heading(part) for part in parts]
    frame = pd.DataFrame(list(rows.values()))
    return tables.shown(frame, [name for name in frame.columns if name not in heads])


def association(survey: Survey, question: str, by: str, where: Where = None) -> Shown:
    """Whether the answers to a question hang together with groups at all, item by item.

    `by` as in `crossed`. Beside p is p adjusted for the number of items (Benjamini and
    Hochberg).
    """
    if words := missing(survey, question, by):
        return Markdown(words)
    asked = survey.question(question)
    try:
        found = compare.table(survey, question, by, where)
    except InsightsError as problem:
        return Markdown(f"*{unmarked(str(problem))}*")
    found["p_adjusted"] = adjusted(found["p"].to_numpy(dtype=float))
    rows = [
        {
            "Item": " · ".join(
                filter(None, (_item(asked, row), survey.codebook.times.get(row["time"], "")))
            )
            or asked.label,
            "Respondents": row["n"],
            "Answers × groups": f"{row['rows']} × {row['columns']}"
            if pd.notna(row["rows"])
            else "–",
            "Test": row["test"],
            "p": p_value(row["p"]),
            "p adjusted": p_value(row["p_adjusted"]),
            "Note": "" if row["status"] == "ok" else row["status"],
        }
        for row in found.to_dict("records")
    ]
    return shown(rows, ("Respondents",))


def _item(asked: Question, row: dict[Any, Any]) -> str:
    return asked.item_label(row["item"]) if len(asked.items) > 1 else ""
