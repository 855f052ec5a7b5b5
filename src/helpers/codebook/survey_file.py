"""survey.yml: title, populations, dimensions, times, trends and matched questions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from helpers.codebook.model import (
    NOT_STATED,
    Accessibility,
    Codebook,
    Correction,
    Dimension,
    DimensionSource,
    Index,
    Kind,
    Match,
    MeanOf,
    Population,
    Provenance,
    Sort,
    Trend,
)
from helpers.codebook.textfiles import appearance, without_layout
from helpers.codebook.yamlfiles import YamlFile
from helpers.words import DEFAULT, languages

KEYS = (
    "title",
    "wave",
    "collected",
    "description",
    "provenance",
    "populations",
    "dimensions",
    "times",
    "trends",
    "matched",
    "index",
    "wave_dimension",
    "published_wave",
    "language",
    "contact",
    "corrections",
    "accessibility",
    "missing",
)
ACCESSIBILITY_KEYS = ("tested", "date", "problems", "contact", "complaints")
WAVE = "wave"  # dimension that distinguishes waves unless survey.yml names another
POPULATION_KEYS = (
    "label",
    "label_one",
    "id",
    "weight",
    "strata",
    "organisation",
    "person",
    "respondents",
    "table",
    "other_columns",
)
_OF_PEOPLE = ("weight", "strata", "person", "respondents", "other_columns")
# What a dimension that distinguishes waves is called.
_TELLING = frozenset(
    ("wave", "waves", "survey wave", "round", "edition", "year", "survey year", "welle", "runde")
    + ("jahr", "befragungsjahr", "vague", "année", "ola", "oleada", "ronda", "año", "onda", "anno")
)
LONGEST = 12  # digits of a number of people
_NAME = re.compile(r"^[A-Za-z0-9_-]+$")
_RANGE = re.compile(r"(\d{1,9}) to (\d{1,9})")  # of whole numbers that belong to a band
_WIDEST = 1000
_BAND = re.compile(r"^[A-Za-z0-9_.+-]+$")


def read_outline(file: YamlFile) -> Codebook:
    """Read survey.yml into a codebook that has no questions yet."""
    file.homes |= {key: "under populations, below the population it is of" for key in _OF_PEOPLE}
    file.homes |= dict.fromkeys(KEYS, "at the top of the file, without blanks before it")
    file.mapping(known=KEYS)
    provenance = file.text("provenance", default=Provenance.PRIVATE)
    if provenance not in {*Provenance}:
        file.add("provenance", found=provenance, allowed=[*Provenance])
        provenance = Provenance.PRIVATE
    populations = {p: _population(file, p) for p in _named(file, "populations")}
    if not populations:
        file.add(
            "populations",
            message="no population is declared",
            fix="Add `populations:` with one entry per response file.",
        )
    dimensions = {d: _dimension(file, d, populations) for d in _named(file, "dimensions")}
    tells = _wave_dimension(file, dimensions)
    return Codebook(
        title=file.text("title", default="Untitled survey"),
        wave=_wave(file, dimensions, tells),
        collected=file.text("collected"),
        description=file.text("description"),
        provenance=Provenance(provenance),
        populations=populations,
        dimensions=dimensions,
        times=_labels(file, "times"),
        trends={t: _trend(file, t) for t in _named(file, "trends")},
        questions={},
        matched=tuple(_match(file, n) for n in range(len(_list(file, "matched")))),
        indices={name: _index(file, name) for name in _named(file, "index")},
        wave_dimension=tells,
        published_wave=_published_wave(file, dimensions[tells].bands if tells else {}),
        language=_language(file),
        contact=file.text("contact"),
        corrections=tuple(_correction(file, n) for n in range(len(_list(file, "corrections")))),
        accessibility=_accessibility(file),
    )


def _correction(file: YamlFile, n: int) -> Correction:
    at = ("corrections", n)
    file.mapping(*at, known=("date", "what"))
    found = Correction(file.text(*at, "date"), file.text(*at, "what"))
    if not (found.date and found.what):
        file.add(
            *at,
            message="a correction needs a date and what was corrected",
            fix="Write `- {date: 3 May 2026, what: …}`.",
        )
    return found


def _accessibility(file: YamlFile) -> Accessibility:
    at = "accessibility"
    file.mapping(at, known=ACCESSIBILITY_KEYS)
    found = Accessibility(
        tested=file.text(at, "tested"),
        date=file.text(at, "date"),
        problems=file.texts(at, "problems"),
        contact=file.text(at, "contact"),
        complaints=file.text(at, "complaints"),
    )
    if bool(found.tested) != bool(found.date):
        file.add(
            at,
            message="a test needs both: how the pages were tested, and when",
            fix="Write `tested:` and `date:`, or leave both out.",
        )
    return found


def _language(file: YamlFile) -> str:
    """Language of the words on pages; the default one if no language has that name."""
    named = file.text("language", default=DEFAULT)
    if named not in languages():
        file.add("language", found=named, allowed=languages())
        return DEFAULT
    return named


def _wave(file: YamlFile, dimensions: dict[str, Dimension], tells: str) -> str:
    """Name of the only wave; empty if a dimension tells several apart."""
    named = file.text("wave")
    waves = dimensions[tells].bands if tells else {}
    if named and waves and (len(waves) > 1 or named not in (*waves, *waves.values())):
        file.add(
            "wave",
            found=named,
            message="the dimension for waves names them already: " + ", ".join(waves.values()),
            fix="Remove `wave`. To say which wave published/ is about, use `published_wave`.",
        )
    for code, label in waves.items():
        if label != code and label in waves:
            file.add(
                *("dimensions", tells, "bands", code),
                found=label,
                message="another wave has this label as its code",
                fix="Give this wave another label, or that one another code.",
            )
    for other in [d for d in dimensions.values() if named and not tells and _holds(d, named)]:
        file.add(
            "wave",
            found=named,
            message=f"the dimension {other.id} has it beside {len(other.bands) - 1} more",
            fix=f"If these are waves, write `wave_dimension: {other.id}` instead. If not, give the "
            "dimension another name and label.",
        )
    return "" if len(waves) > 1 else named or "".join(waves.values())


def _holds(dimension: Dimension, wave: str) -> bool:
    """Return whether a dimension seems to tell waves apart, of which this is one."""
    names, bands = (
        {appearance(text).casefold() for text in texts}
        for texts in (
            (dimension.id, dimension.label),
            (*dimension.bands, *dimension.bands.values()),
        )
    )
    tells = len(dimension.bands) > 1 and bool(names & _TELLING)
    return tells and appearance(wave).casefold() in bands


def _published_wave(file: YamlFile, waves: dict[str, str]) -> str:
    named = file.text("published_wave")
    if named and (named not in waves or len(waves) < 2):
        file.add("published_wave", found=named, allowed=list(waves) or "(empty)")
        return ""
    return named


def _wave_dimension(file: YamlFile, dimensions: dict[str, Dimension]) -> str:
    """Name the dimension that distinguishes waves; empty where none does."""
    named = file.text("wave_dimension")
    if named and named not in dimensions:
        file.add("wave_dimension", found=named, allowed=list(dimensions))
        return ""
    return named or (WAVE if WAVE in dimensions else "")


def _population(file: YamlFile, name: str) -> Population:
    at = ("populations", name)
    file.mapping(*at, known=POPULATION_KEYS)
    label = file.text(*at, "label", default=name)
    return Population(
        id=name,
        label=label,
        label_one=file.text(*at, "label_one", default=label.lower()),
        identifier=file.text(*at, "id"),
        weight=file.text(*at, "weight"),
        strata=file.text(*at, "strata"),
        organisation=file.text(*at, "organisation"),
        person=file.text(*at, "person"),
        respondents=_whole_number(file, *at, "respondents"),
        table=file.text(*at, "table"),
        other_columns=file.texts(*at, "other_columns"),
    )


def _whole_number(file: YamlFile, *at: str) -> int | None:
    text = file.text(*at)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST):
        file.add(*at, found=text, allowed=f"a whole number of at most {LONGEST} digits")
        return None
    return int(text)


def _dimension(file: YamlFile, name: str, populations: dict[str, Population]) -> Dimension:
    at = ("dimensions", name)
    file.mapping(*at, known=("label", "bands", "ordered", "source"))
    ordered = file.text(*at, "ordered", default="true")
    if ordered not in ("true", "false"):
        file.add(*at, "ordered", found=ordered, allowed=("true", "false"))
    bands = _labels(file, *at, "bands")
    for band in bands:
        if not _BAND.match(band):
            file.add(*at, "bands", found=band, allowed="letters, digits and . + _ -")
    if NOT_STATED in bands:
        file.add(*at, "bands", NOT_STATED, message="this code is reserved for empty cells")
    sources = {}
    for population in file.mapping(*at, "source"):
        if population not in populations:
            file.add(*at, "source", population, found=population, allowed=list(populations))
        sources[population] = _source(file, (*at, "source", population), bands)
    label = without_layout(file.text(*at, "label", default=name))
    return Dimension(name, label, bands, sources, ordered != "false")


def with_bands(codebook: Codebook, file: YamlFile) -> Codebook:
    """Give dimensions that name a question, and no bands, the answers to it as bands.

    So are its label, and whether its bands are in order, where survey.yml does not say.
    """
    dimensions = dict(codebook.dimensions)
    for name, dimension in codebook.dimensions.items():
        if dimension.bands:
            continue
        at, question = ("dimensions", name), codebook.questions.get(name)
        if question is None or question.kind is not Kind.SINGLE or dimension.source:
            words = "the dimension has no bands"
            fix = "Write `bands: {code: Label, …}` in order, or name a question with one answer."
            file.add(*at, "bands", message=words, fix=fix)
            continue
        bands = {option.code: option.label for option in question.substantive}
        source = {question.population: DimensionSource(name, {band: band for band in bands})}
        label = without_layout(file.text(*at, "label", default=question.label))
        in_order = question.is_scale or question.sort is Sort.LISTED
        ordered = file.text(*at, "ordered", default=str(in_order).lower())
        dimensions[name] = Dimension(name, label, bands, source, ordered == "true")
    return replace(codebook, dimensions=dimensions)


def _source(file: YamlFile, at: tuple[str, ...], bands: dict[str, str]) -> DimensionSource:
    value = file.get(*at)
    if isinstance(value, str) and value:
        return DimensionSource(value, {band: band for band in bands})
    file.mapping(*at, known=("column", "map"))
    column = file.text(*at, "column")
    if not column:
        file.add(*at, message="the column is missing", fix="Write `column: NAME`.")
    mapped: dict[str, str] = {}
    for code, band in ((str(k), str(v)) for k, v in file.mapping(*at, "map").items()):
        if band not in (*bands, NOT_STATED):
            file.add(*at, "map", code, found=band, allowed=[*bands, NOT_STATED])
        values = _values(code)
        if twice := next((v for v in values if v in mapped), None):
            words = f"{twice} has a band already"
            file.add(*at, "map", code, message=words, fix="Name each value once.")
        mapped |= dict.fromkeys(values, band)
    return DimensionSource(column, mapped or {band: band for band in bands})


def _values(code: str) -> list[str]:
    """List the values of a line of a map: itself, and the whole numbers of `16 to 24`."""
    ends = _RANGE.fullmatch(code)
    if not ends or not int(ends[1]) <= int(ends[2]) < int(ends[1]) + _WIDEST:
        return [code]
    return [code, *map(str, range(int(ends[1]), int(ends[2]) + 1))]


def _trend(file: YamlFile, name: str) -> Trend:
    at = ("trends", name)
    if isinstance(file.get(*at), str):
        return Trend(name, file.text(*at, default=name), {})
    file.mapping(*at, known=("label", "sections"))
    return Trend(name, file.text(*at, "label", default=name), _labels(file, *at, "sections"))


def _match(file: YamlFile, n: int) -> Match:
    at = ("matched", n)
    file.mapping(*at, known=("questions", "comparable", "why"))
    comparable = file.text(*at, "comparable", default="false")
    if comparable not in ("true", "false"):
        file.add(*at, "comparable", found=comparable, allowed=("true", "false"))
    return Match(_each_once(file, *at, "questions"), comparable == "true", file.text(*at, "why"))


def _index(file: YamlFile, name: str) -> Index:
    at = ("index", name)
    file.mapping(*at, known=("label", "items", "measure"))
    measure = file.text(*at, "measure", default=MeanOf.FAVOURABLE)
    if measure not in list(MeanOf):
        file.add(*at, "measure", found=measure, allowed=list(MeanOf))
        measure = MeanOf.FAVOURABLE
    label = file.text(*at, "label", default=name)
    return Index(name, label, _each_once(file, *at, "items"), MeanOf(measure))


def _named(file: YamlFile, key: str) -> list[str]:
    names = list(file.mapping(key))
    for name in names:
        if not _NAME.match(name):
            file.add(key, name, found=name, allowed="letters, digits, _ and -")
    return names


def _labels(file: YamlFile, *at: str) -> dict[str, str]:
    value = file.get(*at)
    if isinstance(value, list):
        return {code: code for code in _each_once(file, *at)}
    return {c: without_layout(file.text(*at, c, default=c)) for c in file.mapping(*at)}


def _each_once(file: YamlFile, *at: object) -> tuple[str, ...]:
    """Read a list of texts, in which none may be named twice."""
    texts = file.texts(*at)
    for text in dict.fromkeys(t for t in texts if texts.count(t) > 1):
        file.add(*at, found=text, message="it is named twice", fix="Remove one of them.")
    return texts


def _list(file: YamlFile, key: str) -> Sequence[object]:
    value = file.get(key)
    if value in (None, ""):
        return []
    if not isinstance(value, list):
        file.add(key, message="a list is needed here", fix="Start each entry with a dash.")
        return []
    return value
