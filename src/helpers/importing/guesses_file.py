"""GUESSES.md: every guess of a draft for a person to go through, with what was counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from helpers.codebook.model import GUESS, Codebook, Kind, Question
from helpers.importing.account import FILE, Imported
from helpers.importing.report import NOBODY, Line
from helpers.importing.words.names import shortened
from helpers.responses.near_duplicates import answer_codes, places_of, repeated

_KINDS = 8  # answers to a question that may be a filter
_ITEMS = 3  # that may make an index, at least
_HEAD = re.compile(r"([^\s\[.:]+)[\[.:]")  # what the wordings of a block begin with
_ENOUGH = 50_000  # rows that show which columns follow from others
_COUNTED = 12  # answers whose counts GUESSES.md gives


def as_markdown(
    lines: Sequence[Line],
    imported: Sequence[Imported],
    codebook: Codebook,
    weights: Mapping[str, str],
    remarks: Sequence[str],
) -> str:
    """List every guess for a person to go through, with what was counted.

    Parameters
    ----------
    weights : per population that is weighted, the column and what its weights are
    remarks : remarks on the files when they were imported
    """
    found = [
        "# Guesses to confirm",
        "",
        "The codebook was drafted from an export. Go through the list; correct what is wrong in",
        "`codebook/`, and in `mapping.yml` what the next import should do. Once a question is",
        "right, empty its `note` in questions.csv: `insights check` counts those that are left.",
        f"What became of each cell, and how often, is in `{FILE}`.",
        "",
    ]
    for one in imported:
        found += [f"## {one.population}, from {one.sheet.source}", ""]
        found.append(f"- Header rows: {one.mapping.layout}.")
        own = [x for x in lines if x.population == one.population]
        found += _guessed(own, codebook, weights.get(one.population, ""))
        found.append("")
    if remarks:
        found += ["## Please note", "", *(f"- {words}" for words in remarks), ""]
    for one in imported:
        found += _repeats(one, codebook)
    found += _indices(codebook)
    if codebook.dimensions:
        bands = [
            f"- `{d.id}`: {d.label}{'' if d.ordered else ' (its bands have no known order)'}"
            for d in codebook.dimensions.values()
        ]
        found += ["## Filters", "", *bands, ""]
    if more := _other_filters(codebook):
        found += [
            "## Filters to choose",
            "",
            "Any question with one answer can be a filter. Under `dimensions:` in",
            f"`codebook/survey.yml`, add a line such as `{more[0]}: {{}}`. These may suit:",
            ", ".join(f"`{name}`" for name in more),
            "",
        ]
    return "\n".join(found)


def _other_filters(codebook: Codebook) -> list[str]:
    """List questions that everybody was asked, on what kind of person they are, not opinions."""
    used = {source.column for d in codebook.dimensions.values() for source in d.source.values()}
    return [
        question.id
        for question in codebook.questions.values()
        if question.kind is Kind.SINGLE
        and 2 < len(question.substantive) <= _KINDS
        and not (question.is_scale or question.asked_if or question.id in used)
    ]


def _indices(codebook: Codebook) -> list[str]:
    """Propose indices of grids, or of questions asked alike, of which the good end is known."""
    indexed = {codebook.owners[c].id for one in codebook.indices.values() for c in one.items}
    grids = [question.wording for question in codebook.questions.values() if question.items]
    alike: dict[tuple[object, ...], list[Question]] = {}
    for question in codebook.questions.values():
        if question.thirds and not question.times and question.id not in indexed:
            head = _HEAD.match(question.wording)
            apart = question.wording if question.items else head[1] if head else ""
            row_of = (words for words in grids if question.wording.startswith(f"{words}: "))
            apart = next(row_of, apart)
            alike.setdefault((question.population, question.options, apart), []).append(question)
    found: list[str] = []
    for listed in alike.values():
        first, items = listed[0], sum(len(question.cells) for question in listed)
        if items < _ITEMS:
            continue
        label = shortened(first.label, 40).replace('"', "'")
        names = ", ".join(question.id for question in listed)
        found += [
            f"- {items} items, {f'the rows of `{first.id}`' if first.items else 'asked alike'}:",
            "",
            "      index:",
            f'        {first.id}_index: {{label: "Index: {label}", items: [{names}]}}',
            "",
        ]
    if not found:
        return []
    return [
        "## Indices",
        "",
        "These items may make an index: the mean of their favourable shares. For one, put its",
        "lines into `codebook/survey.yml`, with a label of your own; for several, put `index:`",
        "once.",
        "",
        *found,
    ]


def _repeats(one: Imported, codebook: Codebook) -> list[str]:
    """List the columns that follow from others, each in one line."""
    codes = answer_codes(codebook, one.population)
    answers = {}
    for name in codes.keys() & {*one.stored.names}:
        cells, which = one.stored.coded(name)
        thin = slice(None, None, max(len(which) // _ENOUGH, 1))
        answers[name] = places_of(cells, which[thin], codes[name])
    repeats = repeated({name: answers[name] for name in codes if name in answers})
    told: set[str] = set()
    lines = []
    for name, others in repeats.items():
        if more := [other for other in others if other not in told]:
            lines.append(f"- `{name}`: {', '.join(f'`{other}`' for other in more)}")
            told |= {name, *more}
    if not lines:
        return []
    return [
        "## Columns that follow from others",
        "",
        "Answers in the columns of a line follow from one another, in all but one of a hundred",
        "rows at most: they may be recodes. `h.findings` does not compare them with each other.",
        "On pages and in reports, one of each line says it all: leave the others out of",
        "`release.yml`.",
        "",
        *lines,
        "",
    ]


def _guessed(lines: Sequence[Line], codebook: Codebook, weight: str) -> Iterator[str]:
    seen = set()
    for line in lines:
        words = {
            "identifier": f"Identifier: `{line.column}`.",
            "weight": f"Weight of each respondent: {weight or line.column}.",
            "other_column": f"Kept, but no question: `{line.column}` as `{line.reason}`.",
            "left_out": f"Left out, because {line.reason}: `{line.column}`.",
        }.get(line.guess)
        if words and line.column not in seen:
            seen.add(line.column)
            yield f"- {words}"
    by_question: dict[str, list[Line]] = {}
    for line in lines:
        if line.question:
            by_question.setdefault(line.question, []).append(line)
    said = 0
    for name, own in by_question.items():
        question = codebook.questions[name]
        if not question.note.startswith(GUESS):
            said += 1
            continue
        reason = next((line.reason for line in own if line.reason != NOBODY), "")
        wording = shortened(question.wording, 100)
        yield f"- `{name}` ({question.kind}): {wording} – {reason}. {_counted(question, own)}"
    if said:
        yield f"- {said:,} questions are as the questionnaire says: nothing to confirm."


def _counted(question: Question, lines: Sequence[Line]) -> str:
    """Say how many gave each answer, and how many rows have none."""
    often: Counter[str] = Counter()
    labels = {o.code: o.label for o in question.options}
    items = {i.code: i.label for i in question.items}
    for line in sorted(lines, key=lambda line: line.becomes == "blank"):
        if line.becomes == "ticked":
            often[items.get(line.item, line.item)] += line.count
        elif line.becomes in ("option", "missing"):
            often[labels.get(line.code, line.cell)] += line.count
        elif line.becomes in ("number", "text"):
            numbers = f" from {line.cell}" if line.becomes == "number" else ""
            often[f"{line.becomes}s{numbers}"] += line.count
        elif line.becomes == "blank" and not (line.item and question.kind is Kind.MULTIPLE):
            often["blank"] += line.count
    said = [f"{shortened(label, 40)} {n:,}" for label, n in often.items()]
    more = [f"and {len(said) - _COUNTED} more"] if len(said) > _COUNTED else []
    return f"Counted: {'; '.join([*said[:_COUNTED], *more])}."
