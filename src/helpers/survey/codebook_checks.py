"""What must hold between the parts of a codebook: routing, columns, matches."""

from __future__ import annotations

from helpers.errors import Problems
from helpers.survey.codebook import (
    NOT_ANSWERED,
    NOT_ASKED,
    RESPONDENT_TYPE,
    Codebook,
    Question,
)
from helpers.survey.codebook_rows import Row
from helpers.survey.yamlfiles import YamlFile


def check_routing(codebook: Codebook, rows: list[Row]) -> None:
    """Report routing on columns or codes that do not exist, or of another population."""
    owners = codebook.owners
    for row in rows:
        circle = _circle(codebook, owners, row["id"])
        if circle:
            said = " needs ".join(circle)
            row.problem("asked_if", row["asked_if"], "", "Ask one of them of all.", said)
            continue
        question = codebook.questions[row["id"]]
        for comparison in question.asked_if.comparisons() if question.asked_if else ():
            owner = owners.get(comparison.column)
            if owner is None:
                if comparison.column not in _other_columns(codebook, question.population):
                    row.problem(
                        "asked_if",
                        comparison.column,
                        "a response column",
                        "Name a question, question.item or question.item.time.",
                    )
            elif owner.population != question.population or owner.id == question.id:
                row.problem(
                    "asked_if",
                    comparison.column,
                    f"another question asked of {question.population}",
                )
            elif owner.options and comparison.operator in ("=", "!="):
                known = [o.code for o in owner.options]
                for code in comparison.codes:
                    if code not in (*known, NOT_ASKED, NOT_ANSWERED):
                        row.problem("asked_if", code, known)


def _other_columns(codebook: Codebook, population: str) -> set[str]:
    who = codebook.populations.get(population)
    if who is None:
        return set()
    named = {who.identifier, who.weight, who.strata, who.organisation, *who.other_columns}
    sources = {
        d.source[population].column for d in codebook.dimensions.values() if population in d.source
    }
    return (named | sources) - {""}


def _circle(codebook: Codebook, owners: dict[str, Question], start: str) -> list[str]:
    """Questions that lead from a question's routing back to it; empty where none do.

    A circle is told once, for the question that comes first in the codebook.
    """
    order = list(codebook.questions)
    paths = [[start]]
    while paths:
        path = paths.pop()
        routing = codebook.questions[path[-1]].asked_if
        for column in routing.columns if routing else ():
            following = owners[column].id if column in owners else ""
            if following == start and len(path) > 1:
                first = min(path, key=order.index) == start
                return [*path, start] if first else []
            if following and following not in path:
                paths.append([*path, following])
    return []


def check_columns(codebook: Codebook, problems: Problems) -> None:
    """Report questions that take the name of an identifier or a column of the design."""
    for who in codebook.populations.values():
        design = {who.identifier, who.weight, who.strata, who.organisation} - {""}
        for question in codebook.questions.values():
            clash = design & {c.column for c in question.cells}
            if question.population == who.id and clash:
                problems.add(
                    "questions.csv",
                    None,
                    "id",
                    question.id,
                    message="the column is the identifier or part of the design already",
                    fix="Rename the question or the column.",
                )
    if RESPONDENT_TYPE in codebook.dimensions:
        problems.add(
            "survey.yml",
            None,
            f"dimensions.{RESPONDENT_TYPE}",
            message="respondent type is a dimension of every survey already",
            fix="Remove or rename it.",
        )


def check_matches(codebook: Codebook, file: YamlFile) -> None:
    """Report matches between questions that do not exist."""
    for n, match in enumerate(codebook.matched):
        for question in match.questions:
            if question not in codebook.questions:
                file.add("matched", n, "questions", found=question, allowed="ids of questions.csv")
