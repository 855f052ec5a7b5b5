"""Writes a draft codebook: the files of codebook/, and mapping.yml."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import prod
from pathlib import Path

from helpers.codebook.checks import HEADINGS, RESULT_COLUMNS
from helpers.codebook.model import COMBINATIONS, GUESS, NOT_STATED, Favourable, Kind, Option, Sort
from helpers.codebook.reading import ITEMS, OPTIONS, QUESTIONS
from helpers.codebook.survey_file import WAVE
from helpers.codebook.textfiles import appearance, guarded
from helpers.importing.columns.mapping import FILE, ColumnTarget, Mapping, mapping_text
from helpers.importing.columns.yaml_text import dump
from helpers.importing.draft.model import MOST_BANDS, Draft, DraftQuestion
from helpers.importing.draft.options import are_listed
from helpers.importing.layouts.heads import Head
from helpers.importing.words.characteristics import named, tells_who
from helpers.importing.words.instructions import without_instructions, without_numbers
from helpers.importing.words.names import Names, distinct, shortened, slug
from helpers.importing.words.nonanswers import silent_bands
from helpers.words import raised

GUESSES = "GUESSES.md"
OTHERS = "other_answers"
_LABEL, _BEHIND = 60, 34  # letters of a label, and of its end where others begin like it
_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
_NUMBER = re.compile(r"^\d+[.)]\s+")


@dataclass(frozen=True)
class Drafted:
    """One population's draft, with the file it comes from."""

    population: str
    source: str
    layout: str
    heads: Sequence[Head]
    draft: Draft


def mapping_of(drafted: Drafted) -> Mapping:
    """Say where each column of a drafted file goes."""
    draft, heads = drafted.draft, drafted.heads
    columns: dict[int, ColumnTarget] = {}
    for question in draft.questions:
        for part in question.parts:
            column = question.column(part)
            columns[part.at] = ColumnTarget(
                column, dict(part.recode), part.decimal_comma, part.units, thousands=part.thousands
            )
    columns |= {
        at: ColumnTarget(name) for at, name in (*draft.others.items(), *draft.names.items())
    }
    if draft.weighting.decimal_comma:
        columns[draft.weight] = ColumnTarget(draft.names[draft.weight], decimal_comma=True)
    columns |= {at: ColumnTarget("", drop=why) for at, why in draft.dropped.items()}
    return Mapping(drafted.layout, {heads[at].key: columns[at] for at in sorted(columns)})


def write_draft(folder: Path, title: str, drafts: Sequence[Drafted], wave: str) -> None:
    """Write the draft of a survey into an empty folder."""
    codebook = folder / "codebook"
    codebook.mkdir()
    sets = _Sets()
    questions: list[list[str]] = []
    items: list[list[str]] = []
    names: dict[tuple[str, str], str] = {}
    used = Names("q")
    for drafted in drafts:
        called = _labels(drafted.draft.questions)
        for question, label in zip(drafted.draft.questions, called, strict=True):
            name = used.give(question.id, keep=True)
            names[drafted.population, question.id] = name
            question.asked_if = _renamed(question.asked_if, drafted.population, names)
            question.id = name
            option_set = sets.name(question)
            questions.append(_question_row(question, label, drafted.population, option_set))
            parts = [p for p in question.parts if question.parts[0].item]
            labels = distinct({p.item: p.label for p in parts})
            items += [[name, p.item, labels[p.item], str(n)] for n, p in enumerate(parts, 1)]
    _write(codebook / "questions.csv", _QUESTION_COLUMNS, questions)
    if items:
        _write(codebook / "items.csv", ITEMS[:4], items)
    _write(codebook / "options.csv", OPTIONS[:6], sets.rows())
    outline = _outline(title, drafts, wave)
    (codebook / "survey.yml").write_text(_SURVEY + dump(outline), encoding="utf-8")
    mappings = {d.population: mapping_of(d) for d in drafts}
    (folder / FILE).write_text(mapping_text(mappings), encoding="utf-8")


_SURVEY = "# Drafted from an export: every line is a guess to confirm, see GUESSES.md.\n"
_QUESTION_COLUMNS = (
    "id",
    "population",
    "kind",
    "label",
    "wording",
    "option_set",
    "asked_if",
    "favourable",
    "sort",
    "note",
)
assert set(_QUESTION_COLUMNS) <= set(QUESTIONS)


def _renamed(rule: str, population: str, names: Map[tuple[str, str], str]) -> str:
    gate, _, rest = rule.partition(" ")
    return f"{names.get((population, gate), gate)} {rest}" if rule else ""


def _labels(questions: Sequence[DraftQuestion]) -> list[str]:
    """Short names of questions; those that would be alike keep their numbers."""
    asked = [without_instructions(question.wording) for question in questions]
    numbered = _told_apart(questions, asked)
    bare = [_without_name(q, text) for q, text in zip(questions, asked, strict=True)]
    labels = _told_apart(questions, without_numbers(bare))
    often = Counter(labels)
    return [a if often[a] == 1 else b for a, b in zip(labels, numbered, strict=True)]


def _without_name(question: DraftQuestion, asked: str) -> str:
    """Leave out the name of the column before what was asked: *PARTY. Do you think of …?*."""
    match = re.match(rf"{re.escape(question.id)}\s?[.:)]\s+(?=\S)", asked, re.IGNORECASE)
    return raised(asked[match.end() :]) if match else asked


def _told_apart(questions: Sequence[DraftQuestion], texts: Sequence[str]) -> list[str]:
    """Shorten texts; where several begin alike, with what each says then."""
    labels = [shortened(text) for text in texts]
    for at, question in enumerate(questions):
        if question.apart:
            labels[at] = _joined(texts[at].split(), question.apart)
    for label in {one for one in labels if one and labels.count(one) > 1}:
        alike = [at for at, one in enumerate(labels) if one == label]
        words = [texts[at].split() for at in alike]
        shared = sum(
            1 for _ in takewhile(lambda same: len({*same}) == 1, zip(*words, strict=False))
        )
        for at, own in zip(alike, words, strict=True):
            if shared and len(own) > shared:
                labels[at] = _joined(own[:shared], shortened(" ".join(own[shared:]), _BEHIND))
    return labels


def _joined(words: Sequence[str], behind: str) -> str:
    """Shorten words before others that are kept."""
    room = max(_LABEL - len(behind) - 2, len(words[0]))
    return f"{shortened(' '.join(words), room).rstrip('…')}… {behind}"


def _question_row(
    question: DraftQuestion, label: str, population: str, option_set: str
) -> list[str]:
    note = f"{GUESS} {'; '.join(question.reasons)}. Confirm." if question.reasons else ""
    row = [question.id, population, question.kind.value, label or question.id, question.wording]
    listed = question.ordered or are_listed(question.options)
    listed = listed and all(option.score is None for option in question.options)
    sort = Sort.LISTED if listed else Sort.AUTO
    good = "" if question.favourable is Favourable.NONE else question.favourable.value
    return [*row, option_set, question.asked_if, good, sort.value, note]


class _Sets:
    """Option sets, each written once however many questions use it."""

    def __init__(self) -> None:
        self.names = Names("set")
        self.known: dict[tuple[Option, ...], str] = {}

    def name(self, question: DraftQuestion) -> str:
        """Name of the option set of a question; empty where it needs none."""
        if question.kind not in (Kind.SINGLE, Kind.GRID, Kind.RECOMMEND):
            return ""
        if question.options not in self.known:
            self.known[question.options] = self.names.give(question.id, keep=True)
        return self.known[question.options]

    def rows(self) -> list[list[str]]:
        """Rows of options.csv."""
        found = []
        for options, name in self.known.items():
            labels = distinct({o.code: o.label for o in options})
            for n, o in enumerate(options, 1):
                score = "" if o.score is None else f"{o.score:g}"
                found.append([name, o.code, labels[o.code], str(n), score, o.missing])
        return found


def _outline(title: str, drafts: Sequence[Drafted], wave: str) -> dict[str, object]:
    populations: dict[str, dict[str, object]] = {}
    dimensions: dict[str, dict[str, object]] = {}
    for drafted in drafts:
        draft = drafted.draft
        said: dict[str, object] = {"label": drafted.population.replace("_", " ").capitalize()}
        if draft.identifier >= 0:
            said["id"] = draft.names[draft.identifier]
        if draft.weight >= 0:
            said["weight"] = draft.names[draft.weight]
        if draft.others:
            said["other_columns"] = list(draft.others.values())
        populations[drafted.population] = said
        for question in draft.questions:
            if question.demographic:
                _dimension(dimensions, question, drafted.population)
        if draft.waves:
            _wave(dimensions, drafted)
    dimensions = _offered(dimensions)
    if wave:
        source = {drafted.population: WAVE for drafted in drafts}
        dimensions[WAVE] = {"label": "Wave", "bands": {slug(wave): wave}, "source": source}
    for things in (populations, dimensions):
        for name, label in distinct({n: str(said["label"]) for n, said in things.items()}).items():
            things[name]["label"] = label
    outline: dict[str, object] = {"title": title}
    outline |= {"provenance": "private", "populations": populations}
    return outline | ({"dimensions": dimensions} if dimensions else {})


def _offered(dimensions: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """Put characteristics of few bands first where a release cannot offer all: it offers more."""
    sizes: dict[str, int] = {}
    for name, said in dimensions.items():
        bands = said["bands"]
        assert isinstance(bands, dict)
        sizes[name] = len(bands)
    if prod(sizes.values()) <= COMBINATIONS:
        return dimensions
    return {name: dimensions[name] for name in sorted(sizes, key=sizes.__getitem__)}


def _wave(dimensions: dict[str, dict[str, object]], drafted: Drafted) -> None:
    """Make the dimension that tells waves apart, or add the waves of another population to it."""
    names, waves = Names("w"), drafted.draft.waves
    codes = {
        cell: label if label.isascii() and label.isalnum() else names.give(label)
        for cell, label in waves.items()
        if label
    }
    known = dimensions.setdefault(WAVE, {"label": "Wave", "bands": {}, "source": {}})
    bands, source = known["bands"], known["source"]
    assert isinstance(bands, dict) and isinstance(source, dict)
    bands |= {code: waves[cell] for cell, code in codes.items() if code not in bands}
    codes |= dict.fromkeys([cell for cell, label in waves.items() if not label], NOT_STATED)
    column = drafted.draft.names[drafted.draft.wave]
    source[drafted.population] = {"column": column, "map": codes}


def _dimension(
    dimensions: dict[str, dict[str, object]], question: DraftQuestion, population: str
) -> None:
    """Make a characteristic of a question, if it has bands enough and not too many.

    Whoever refused to answer or does not know is in no band.
    """
    bands = {o.code: o.label for o in question.options if not o.missing}
    silent = silent_bands(bands)
    bands = {code: band for code, band in bands.items() if code not in silent}
    bands |= {code: band for code, band, _ in question.bands}
    held = {code: OTHERS if code in question.rare else code for code in bands}
    held |= dict.fromkeys(silent, NOT_STATED)
    bands = {code: band for code, band in bands.items() if code not in question.rare}
    bands |= {OTHERS: "Other"} if question.rare else {}
    if not 2 <= len(bands) <= MOST_BANDS or any(code.startswith("-") for code in bands):
        return
    values = {values: code for code, _, values in question.bands}
    source = {"column": question.id, "map": values or held}
    name = question.id
    asked = _without_name(question, without_instructions(question.wording))
    label = named(question.wording) or _headed(question.id, asked) or shortened(_bare(asked))
    if name.lower() in RESULT_COLUMNS:
        name = f"{name}_group"
    dimensions[name] = {
        "label": f"{label} ({question.id})" if appearance(label) in HEADINGS else label,
        "bands": distinct(bands),
        **({} if question.ordered or question.bands else {"ordered": False}),
        "source": {population: source},
    }


def _headed(column: str, asked: str) -> str:
    """Name a characteristic that is written as a column (city_type), or asked for by its name."""
    if tells_who(asked):
        return raised(asked.replace("_", " ")) if "_" in asked else ""
    name = column.replace("_", " ").lower()
    words = " ".join(re.findall(r"\w+", asked.lower()))
    return raised(name) if tells_who(name) and f" {name} " in f" {words} " else ""


def _bare(label: str) -> str:
    """Return a label without what stands in brackets behind it, and the number before it."""
    return _NUMBER.sub("", _BRACKETS.sub(" ", label)).strip(" :") or label


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([header, *([guarded(cell) for cell in row] for row in rows)])
    path.write_text(text.getvalue(), encoding="utf-8")
