"""What must hold between the parts of a codebook: routing, columns, matches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import RESPONDENT_TYPE, Codebook, Question
from helpers.codebook.rows import Row
from helpers.codebook.textfiles import appearance
from helpers.codebook.yamlfiles import YamlFile
from helpers.errors import Problems


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
    named = {who.identifier, who.weight, who.strata, who.organisation, who.person}
    named |= {*who.other_columns}
    sources = {
        d.source[population].column for d in codebook.dimensions.values() if population in d.source
    }
    return (named | sources) - {""}


def _circle(codebook: Codebook, owners: dict[str, Question], start: str) -> list[str]:
    """Questions that lead from a question's routing back to it; empty where none do.

    A circle is reported once, for the question that comes first in the codebook.
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
        design = {who.identifier, who.weight, who.strata, who.organisation, who.person} - {""}
        taken = {column.lower() for column in design}
        passed_over = {column.lower() for column in who.other_columns}
        for question in codebook.questions.values():
            columns = {c.column.lower() for c in question.cells}
            clash, ignored = taken & columns, passed_over & columns
            if question.population == who.id and (clash or ignored):
                message = "the column is already the identifier or part of the design"
                if not clash:
                    message = f"other_columns of {who.id} in survey.yml ignores this column"
                problems.add(
                    "questions.csv",
                    None,
                    "id",
                    question.id,
                    message=message,
                    fix="Rename the question or the column.",
                )
    if RESPONDENT_TYPE in codebook.dimensions:
        problems.add(
            "survey.yml",
            None,
            f"dimensions.{RESPONDENT_TYPE}",
            message="every survey already has the dimension respondent type",
            fix="Remove or rename it.",
        )


# Columns that tables of results have beside those of the dimensions that they are grouped by.
RESULT_COLUMNS = (
    *("question", "item", "option", "time", "column", "stratum", "n", "sum_w", "sum_w2"),
    *("estimate", "se", "ci_low", "ci_high", "n_effective", "deff", "df", "status"),
    *("total", "mentions", "lowest", "highest"),
)
HEADINGS = ("Item", "Answer", "When", "Share", "95% from", "95% to", "Answered", "Base", "Status")


def check_names(codebook: Codebook, file: YamlFile) -> None:
    """Report names and labels of survey.yml that could be read in two ways."""
    for key in ("populations", "dimensions"):
        for name, alike in _alike({n: n.lower() for n in file.mapping(key)}):
            file.add(
                *(key, name),
                found=name,
                message=f'it differs from "{alike}" only in capital letters',
                fix="Rename one of them.",
            )
    labels: dict[tuple[str, ...], Mapping[str, str]] = {
        ("populations", "label"): {p.id: p.label for p in codebook.populations.values()},
        ("dimensions", "label"): {d.id: d.label for d in codebook.dimensions.values()},
        ("index", "label"): {i.id: i.label for i in codebook.indices.values()},
        ("trends", "label"): {t.id: t.label for t in codebook.trends.values()},
        ("times", ""): dict(codebook.times),
        **{("dimensions", d.id, "bands", ""): d.bands for d in codebook.dimensions.values()},
        **{("trends", t.id, "sections", ""): t.sections for t in codebook.trends.values()},
    }
    for place, known in labels.items():
        for name, alike in _alike({name: appearance(label) for name, label in known.items()}):
            file.add(
                *(*place[:-1], name, *filter(None, place[-1:])),
                found=known[name],
                message=f"“{alike}” already has this label",
                fix="Readers could not tell them apart: give it another label.",
            )
    for dimension in codebook.dimensions.values():
        at = ("dimensions", dimension.id)
        if dimension.id.lower() in RESULT_COLUMNS:
            file.add(
                *at,
                found=dimension.id,
                message="tables of results already have a column with this name",
                fix="Rename the dimension; its label may stay.",
            )
        if appearance(dimension.label) in HEADINGS:
            file.add(
                *at,
                "label",
                found=dimension.label,
                message="tables on pages already have a column with this heading",
                fix="Give the dimension another label.",
            )
        codes = list(dimension.bands)
        for code in _joined(codes):
            file.add(
                *at,
                "bands",
                code,
                found=code,
                message="merged bands would have this code",
                fix="Rename the band.",
            )
    for who in codebook.populations.values():
        parts = ("id", "strata", "organisation", "person")
        for part in (
            p for p in parts if who.weight and file.text("populations", who.id, p) == who.weight
        ):
            file.add(
                *("populations", who.id, "weight"),
                found=who.weight,
                message=f"the column is already the {part}",
                fix="Name the column that holds the weights.",
            )


def _alike(seen: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Iterate over names that look the same as an earlier one, with that one."""
    first: dict[str, str] = {}
    for name, look_of in seen.items():
        if look_of in first:
            yield name, first[look_of]
        first.setdefault(look_of, name)


def _joined(bands: list[str]) -> Iterator[str]:
    """Iterate over codes that are those of bands merged, as a release names them."""
    for code in bands:
        named = re.fullmatch(r"g[0-9]+_(.+)", code)
        if named and _made_of(named[1], bands) > 1:
            yield code


def _made_of(text: str, bands: list[str]) -> int:
    """Count the bands that a text names one after the other; the most there can be, 0 for none."""
    most = [-1] * (len(text) + 1)
    most[0] = 0
    for at in range(len(text)):
        for band in bands if most[at] >= 0 else ():
            end = at + len(band)
            if text.startswith(band, at) and (end == len(text) or text[end] == "_"):
                place = min(end + 1, len(text))
                most[place] = max(most[place], most[at] + 1)
    return max(most[-1], 0)


def with_columns(codebook: Codebook, file: YamlFile) -> Codebook:
    """Put the response columns that items of an index stand for in their place.

    An item is a question with one answer, ``question.item``, or a grid for all of its rows. Where
    it is not on a scale with a favourable end, this is reported.
    """
    owners, found = codebook.owners, {}
    for index in codebook.indices.values():
        at = ("index", index.id)
        columns: list[str] = []
        for item in index.items:
            question = codebook.questions.get(item) or owners.get(item)
            if question is None:
                file.add(*at, "items", found=item, allowed="questions, or question.item")
            elif not question.thirds or question.times:
                file.add(
                    *(*at, "items"),
                    found=item,
                    message="an index is made of scales of which one end is good news",
                    fix=f"In questions.csv, set favourable of {question.id} to high or low; its "
                    "options need scores.",
                )
            else:
                whole = item == question.id
                columns += [c.column for c in question.cells] if whole else [item]
        if len({owners[c].population for c in columns}) > 1:
            file.add(*at, "items", message="the items were put to different populations")
        elif len(set(columns)) < 2 and len(columns) == len(set(columns)) >= len(index.items):
            file.add(*at, "items", message="an index needs two items or more")
        if index.id in codebook.questions:
            file.add(*at, found=index.id, message="a question has this id", fix="Rename the index.")
        found[index.id] = replace(index, items=tuple(dict.fromkeys(columns)))
    return replace(codebook, indices=found)


def check_matches(codebook: Codebook, file: YamlFile) -> None:
    """Report matches between questions that do not exist."""
    for n, match in enumerate(codebook.matched):
        for question in match.questions:
            if question not in codebook.questions:
                file.add("matched", n, "questions", found=question, allowed="ids of questions.csv")
