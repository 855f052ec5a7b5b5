"""Reads a codebook folder and reports everything that is wrong with it at once."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.checks import (
    check_columns,
    check_matches,
    check_names,
    check_routing,
    with_columns,
)
from helpers.codebook.declaring import with_missing
from helpers.codebook.model import (
    POINTS,
    TICK_BOX,
    Base,
    Codebook,
    Favourable,
    Item,
    Kind,
    Missing,
    Option,
    Question,
    Sort,
    Trend,
)
from helpers.codebook.routing import Routing, parse_routing
from helpers.codebook.rows import Row, read_rows
from helpers.codebook.survey_file import read_outline, with_bands
from helpers.codebook.yamlfiles import YamlFile
from helpers.errors import InsightsError, Problems

T = TypeVar("T")

QUESTIONS = (
    "id",
    "population",
    "kind",
    "label",
    "wording",
    "option_set",
    "times",
    "asked_if",
    "base",
    "trend",
    "section",
    "source",
    "printed",
    "note",
    "waves",
    "favourable",
    "sort",
)
ITEMS = ("question", "item", "label", "order", "printed", "note", "waves")
OPTIONS = ("set", "code", "label", "order", "score", "missing", "printed", "note", "waves")
FILES = ("survey.yml", "questions.csv", "items.csv", "options.csv", "release.yml", "derived.yml")
WITH_ITEMS = (Kind.GRID, Kind.TIME_GRID, Kind.MULTIPLE)
WITH_OPTIONS = (Kind.SINGLE, Kind.GRID, Kind.TIME_GRID)
BUILT_IN = {Kind.MULTIPLE: TICK_BOX, Kind.RECOMMEND: POINTS}  # options that need no set
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")
DIFFERENT = "Readers could not tell them apart: give it another label."
_WORDS = ("and", "or", "in", "not")  # of routing
_WORDS_SAID = ", ".join(_WORDS)
_CODE = re.compile(r"^[A-Za-z0-9_-]+$")


def read_codebook(folder: Path) -> Codebook:
    """Read `folder`/survey.yml, questions.csv, items.csv and options.csv.

    Raises
    ------
    InsightsError
        If a file is missing.
    SurveyProblems
        With every problem of every file, located by file, row and column.
    """
    problems = Problems()
    codebook = check_codebook(folder, problems)
    problems.raise_if_any(f"The codebook in {folder.name}/ cannot be used")
    assert codebook is not None
    return codebook


def check_codebook(folder: Path, problems: Problems) -> Codebook | None:
    """Read a codebook and add what is wrong to `problems`; None where nothing can be read."""
    missing = [n for n in ("survey.yml", "questions.csv") if not (folder / n).is_file()]
    if missing:
        raise InsightsError(
            f"{folder} is not a codebook: {' and '.join(missing)} missing. "
            "docs/survey-folder.md describes the files that a survey folder needs."
        )
    _check_places(folder, problems)
    outline_file = YamlFile(folder / "survey.yml", problems)
    if not outline_file.is_readable:
        if not problems:
            problems.add("survey.yml", message="the file is empty", fix="Name the populations.")
        return None
    outline = read_outline(outline_file)
    option_rows = read_rows(folder, "options.csv", OPTIONS, ("set", "code"), problems)
    option_sets = _option_sets(option_rows, outline)
    item_rows = read_rows(folder, "items.csv", ITEMS, ("question", "item"), problems)
    question_rows = read_rows(
        folder, "questions.csv", QUESTIONS, ("id", "population", "kind"), problems
    )
    items = _items(item_rows, {row["id"] for row in question_rows}, outline)
    questions: dict[str, Question] = {}
    for row in question_rows:
        question = _question(row, outline, option_sets, items)
        if question.id.lower() in {known.lower() for known in questions}:
            row.problem(
                "id",
                row["id"],
                "each id once, ignoring capital letters",
                "Give the question another id.",
            )
        questions[question.id] = question
    if not question_rows:
        problems.add(
            "questions.csv", message="there is no question", fix="Add one row per question."
        )
    codebook = with_bands(_with_trends(replace(outline, questions=questions)), outline_file)
    check_routing(codebook, question_rows)
    check_columns(codebook, problems)
    check_matches(codebook, outline_file)
    check_names(codebook, outline_file)
    return with_missing(with_columns(codebook, outline_file), outline_file)


def _check_places(folder: Path, problems: Problems) -> None:
    """Report files that are meant for the codebook, but that nobody would read where they are."""
    above = folder.parent.glob("*.y*ml") if folder.name == "codebook" else ()
    for path in sorted((*folder.iterdir(), *above)):
        name = path.name.lower().replace(".yaml", ".yml")
        place = folder / name
        if name not in FILES or path == place or not path.is_file():
            continue
        if not (place.exists() and place.samefile(path)):  # capitals may not matter here
            problems.add(
                path.name if path.parent == folder else f"{folder.parent.name}/{path.name}",
                message="the file is not read",
                fix=f"Move it to {folder.name}/{name}.",
            )


def _option_sets(rows: list[Row], outline: Codebook) -> dict[str, tuple[Option, ...]]:
    sets: dict[str, list[tuple[float, Option]]] = {}
    for row in rows:
        known = sets.setdefault(row["set"], [])
        code = row["code"]
        missing = row.one_of("missing", Missing, Missing.NO)
        if any(option.code == code for _, option in known):
            row.problem("code", code, "each code once in a set", "Remove one of the rows.")
        labels = [option.label for _, option in known]
        row.alone("label", labels if row["label"] else (), "a set", DIFFERENT)
        if code in (NOT_ASKED, NOT_ANSWERED) and missing != code:
            row.problem("missing", missing.value, code, f'The code "{code}" is reserved for this.')
        order = row.number_in("order")
        option = Option(
            code,
            row["label"] or code,
            row.number_in("score"),
            missing,
            row.printed(),
            _waves_of(row, outline),
        )
        known.append((len(known) + 1 if order is None else order, option))
    return {name: _ordered(pairs) for name, pairs in sets.items()}


def _items(rows: list[Row], questions: set[str], outline: Codebook) -> dict[str, tuple[Item, ...]]:
    items: dict[str, list[tuple[float, Item]]] = {}
    for row in rows:
        if row["question"] and row["question"] not in questions:
            row.problem("question", row["question"], "an id of questions.csv")
        if row["item"] and not _CODE.match(row["item"]):
            row.problem("item", row["item"], "letters, digits, _ and -")
        known = items.setdefault(row["question"], [])
        if any(item.code.lower() == row["item"].lower() for _, item in known):
            row.problem(
                "item",
                row["item"],
                "each item once per question, ignoring capital letters",
                "Remove one of the rows, or rename the item.",
            )
        labels = [item.label for _, item in known]
        row.alone("label", labels if row["label"] else (), "a question", DIFFERENT)
        order = row.number_in("order")
        waves = _waves_of(row, outline)
        item = Item(row["item"], row["label"] or row["item"], row.printed(), waves)
        known.append((len(known) + 1 if order is None else order, item))
    return {question: _ordered(pairs) for question, pairs in items.items()}


def _ordered(pairs: list[tuple[float, T]]) -> tuple[T, ...]:
    return tuple(thing for _, thing in sorted(pairs, key=lambda pair: pair[0]))


def _question(
    row: Row,
    outline: Codebook,
    option_sets: dict[str, tuple[Option, ...]],
    items: dict[str, tuple[Item, ...]],
) -> Question:
    kind = row.one_of("kind", Kind, Kind.SINGLE)
    name = row["id"]
    if name and (not _NAME.match(name) or name.lower() in _WORDS):
        row.problem("id", name, f"a letter, then letters, digits, _ and -; none of {_WORDS_SAID}")
    if row["population"] and row["population"] not in outline.populations:
        row.problem("population", row["population"], list(outline.populations))
    if outline.trends:
        _check_place(row, outline.trends)
    return Question(
        id=name,
        population=row["population"],
        kind=kind,
        label=row["label"] or row["wording"] or name,
        wording=row["wording"] or row["label"] or name,
        options=_options_of(row, kind, option_sets),
        items=_items_of(row, kind, items.get(name, ())),
        times=_times_of(row, kind, outline.times),
        asked_if=_routing_of(row),
        base=row.one_of("base", Base, Base.ANSWERED),
        trend=row["trend"],
        section=row["section"],
        source=row["source"],
        printed=row.printed(),
        note=row["note"],
        waves=_waves_of(row, outline),
        favourable=row.one_of("favourable", Favourable, Favourable.NONE),
        sort=row.one_of("sort", Sort, Sort.AUTO),
    )


def _waves_of(row: Row, outline: Codebook) -> tuple[str, ...]:
    """Waves that a row names, in the order of survey.yml; empty for all of them."""
    named = row["waves"].replace(",", " ").split()
    for wave in named:
        if wave not in outline.waves:
            fix = (
                ""
                if outline.waves
                else "survey.yml has no dimension for waves: leave the cell empty."
            )
            row.problem("waves", wave, list(outline.waves) or "(empty)", fix)
    return tuple(wave for wave in outline.waves if wave in named)


def _check_place(row: Row, trends: dict[str, Trend]) -> None:
    if not row["trend"]:
        if row["section"]:
            row.problem("section", row["section"], "(empty)", "Name the trend that it is part of.")
        return
    if row["trend"] not in trends:
        row.problem("trend", row["trend"], list(trends))
    elif row["section"] and row["section"] not in trends[row["trend"]].sections:
        row.problem("section", row["section"], list(trends[row["trend"]].sections) or "(empty)")


def _options_of(row: Row, kind: Kind, sets: dict[str, tuple[Option, ...]]) -> tuple[Option, ...]:
    name = row["option_set"]
    if kind not in (*WITH_OPTIONS, *BUILT_IN):
        if name:
            row.problem("option_set", name, "(empty)", f"A {kind} question has no options.")
        return ()
    if not name:
        if kind in BUILT_IN:
            return BUILT_IN[kind]
        row.problem("option_set", "", list(sets), f"A {kind} question needs an option set.")
        return ()
    if name not in sets:
        row.problem("option_set", name, list(sets), "Correct it or add the set to options.csv.")
        return BUILT_IN.get(kind, ())
    options = sets[name]
    substantive = [o for o in options if o.missing is Missing.NO]
    if kind is Kind.MULTIPLE and sorted(o.score or 0 for o in substantive) != [0, 1]:
        row.problem(
            "option_set",
            name,
            "a set of two codes, score 1 for ticked, 0 for not ticked",
            "Give the set these scores, or leave option_set empty for codes 1 and 0.",
        )
        return TICK_BOX
    scores = sorted(-1 if o.score is None else o.score for o in substantive)
    if kind is Kind.RECOMMEND and scores != list(range(len(POINTS))):
        row.problem(
            "option_set",
            name,
            "a set of eleven codes with the scores 0 to 10, and codes that are missing",
            "Give the set these scores, or leave option_set empty for codes 0 to 10.",
        )
        return POINTS
    if len(substantive) < 2:
        row.problem("option_set", name, "a set with at least two options that are not missing")
    return options


def _items_of(row: Row, kind: Kind, items: tuple[Item, ...]) -> tuple[Item, ...]:
    if kind in WITH_ITEMS and not items:
        row.problem(
            "id",
            row["id"],
            "",
            f"Add rows for {row['id']} to items.csv.",
            f"a {kind} question needs items",
        )
    if kind not in WITH_ITEMS and items:
        row.problem(
            "kind",
            kind.value,
            [k.value for k in WITH_ITEMS],
            "items.csv has items for this question.",
        )
        return ()
    return items


def _times_of(row: Row, kind: Kind, known: dict[str, str]) -> tuple[str, ...]:
    times = tuple(row["times"].replace(",", " ").split())
    if kind is not Kind.TIME_GRID:
        if times:
            row.problem("times", row["times"], "(empty)", "Only time_grid questions have times.")
        return ()
    if not times:
        row.problem("times", "", list(known), "Name the points in time, separated by blanks.")
    for time in dict.fromkeys(t for t in times if times.count(t) > 1):
        row.problem("times", time, "each point in time once")
    for time in times:
        if time not in known:
            row.problem("times", time, list(known), "Add it to `times` in survey.yml.")
    return times


def _routing_of(row: Row) -> Routing | None:
    if not row["asked_if"]:
        return None
    try:
        return parse_routing(row["asked_if"])
    except ValueError as error:
        row.problem(
            "asked_if",
            row["asked_if"],
            "COLUMN = code, !=, in a b, >= 3; joined by and, or",
            message=str(error),
        )
        return None


def _with_trends(codebook: Codebook) -> Codebook:
    if codebook.trends:
        return codebook
    one = Trend("all", "Results", {})
    questions = {k: replace(q, trend="all", section="") for k, q in codebook.questions.items()}
    return replace(codebook, trends={"all": one}, questions=questions)
