"""An earlier release in the words of today's codebook, whatever was renamed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NotRequired, TypeAlias, TypedDict

from helpers.codebook.changes import change_id, with_changes
from helpers.codebook.model import NOT_STATED, Codebook
from helpers.errors import InsightsError
from helpers.release.forms import Cube, CubeEntry, CubeGroup, CubeLevel, CubeQuestion
from helpers.responses.survey import Survey


class Source(TypedDict):
    """The column that a dimension is read from, and the values of each band."""

    column: str
    bands: dict[str, list[str]]


Sources: TypeAlias = dict[str, Source]


class AskedWords(TypedDict):
    """What readers read of a question, and the column of the responses behind each of its own."""

    label: str
    wording: str
    items: dict[str, str]
    options: dict[str, str]
    columns: dict[str, list[str]]


class DimensionWords(TypedDict):
    """What readers read of a dimension."""

    label: str
    bands: dict[str, str]


class ShownWords(TypedDict):
    """What readers read of a survey, by id."""

    populations: dict[str, str]
    dimensions: dict[str, DimensionWords]
    questions: dict[str, AskedWords]


class Record(TypedDict):
    """What a release showed.

    `sources` where it knows them: by population and dimension. `words` since records keep them.
    `most_answers` by population: how many one person gave to a question, at most.
    """

    cube: Cube
    fingerprint: NotRequired[str]
    most_answers: NotRequired[dict[str, int]]
    sources: NotRequired[dict[str, Sources]]
    words: NotRequired[ShownWords]


def with_change_questions(cube: Cube) -> Cube:
    """Put the change questions of a cube among its questions, by their ids."""
    changes = {change_id(q): change for q, change in cube.get("changes", {}).items()}
    return {**cube, "questions": {**cube["questions"], **changes}}


def record_words(codebook: Codebook, cube: Cube) -> ShownWords:
    """Keep what readers of a release read, by which it is recognised after a renaming."""
    codebook = with_changes(codebook, cube.get("changes", {}))
    shown = [codebook.questions[q].reduced for q in with_change_questions(cube)["questions"]]
    return {
        "populations": {p.id: p.label for p in codebook.populations.values()},
        "dimensions": {
            d.id: {"label": d.label, "bands": dict(d.bands)} for d in codebook.dimensions.values()
        },
        "questions": {
            q.id: {
                "label": q.label,
                "wording": q.wording,
                "items": {i.code: i.label for i in q.items},
                "options": {o.code: o.label for o in (*q.options, *q.in_base)},
                "columns": {c.column: [c.item, c.time] for c in q.cells},
            }
            for q in shown
        },
    }


def sources_of(survey: Survey) -> dict[str, Sources]:
    """Columns that dimensions are read from, and the values of each band, by population."""
    found: dict[str, Sources] = {}
    for dimension in survey.codebook.dimensions.values():
        for population, source in dimension.source.items():
            bands: dict[str, list[str]] = {}
            for value, band in source.bands.items():
                bands.setdefault(band, []).append(value)
            held: Source = {"column": source.column, "bands": bands}
            found.setdefault(population, {})[dimension.id] = held
    return found


def translated(survey: Survey, record: Record) -> Record:
    """Put an earlier release into the questions, dimensions and bands of today's codebook.

    Groups by a column that is gone are summed, because nothing distinguishes them today.
    """
    codebook = with_changes(survey.codebook, survey.codebook.questions)
    record = _named(codebook, {**record, "cube": with_change_questions(record["cube"])})
    cube = record["cube"]
    today = sources_of(survey)
    questions = {}
    for name, question in cube["questions"].items():
        population = question["population"]
        old = record.get("sources", today).get(population, {})
        new = today.get(population, {})
        for dimension in list(question["dimensions"]):
            said = record["words"]["dimensions"] if "words" in record else {}
            found = _renamed(codebook, question, dimension, (old, new), said)
            question = _summed(question, dimension) if found is None else found
        questions[name] = question
    return {**record, "cube": {**cube, "questions": questions}}


def _named(codebook: Codebook, record: Record) -> Record:
    """Give populations, questions, items and answers the names that their words have today."""
    words = record.get("words")
    if words is None:
        return record
    people = {p.id: p.label for p in codebook.populations.values()}
    population = _by_words(words["populations"], people)
    old = {(population[p["population"]], q): words["questions"][q] for q, p in _known(record)}
    questions: dict[str, CubeQuestion] = {}
    for (who, q), said in old.items():
        now = {n.id: n for n in codebook.questions.values() if n.population == who}
        labels = {n: asked.label for n, asked in now.items()}
        name = _by_words({q: said["label"]}, labels)[q]
        if name not in now:
            wordings = {n: asked.wording for n, asked in now.items()}
            name = _by_words({q: said["wording"]}, wordings)[q]
        question: CubeQuestion = {**record["cube"]["questions"][q], "population": who}
        if name in now:
            asked = now[name].reduced
            items = _by_words(said["items"], {i.code: i.label for i in asked.items})
            options = {o.code: o.label for o in (*asked.options, *asked.in_base)}
            question = _coded(question, items, _by_words(said["options"], options))
        if name not in questions:
            questions[name] = question
    sources = record.get("sources")
    if sources is not None:
        sources = {population.get(p, p): held for p, held in sources.items()}
        record = {**record, "sources": sources}
    return {**record, "cube": {**record["cube"], "questions": questions}}


def _known(record: Record) -> Iterable[tuple[str, CubeQuestion]]:
    assert "words" in record
    return [
        (q, c) for q, c in record["cube"]["questions"].items() if q in record["words"]["questions"]
    ]


def _by_words(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Id of today by earlier id: of the same words, else the same."""
    looks = [" ".join(label.casefold().split()) for label in new.values()]
    ids = {w: n for w, n in zip(looks, new, strict=True) if w and looks.count(w) == 1}
    return {o: ids.get(" ".join(label.casefold().split()), o) for o, label in old.items()}


def _coded(question: CubeQuestion, items: dict[str, str], options: dict[str, str]) -> CubeQuestion:
    def codes(old: list[str]) -> list[str]:
        return [options.get(o, o) for o in old]

    return {
        **question,
        "options": codes(question["options"]),
        "columns": [
            {"item": items.get(c["item"], c["item"]), "time": c["time"]}
            for c in question["columns"]
        ],
        "levels": [
            {**level, "answers": [codes(a) for a in level["answers"]]}
            for level in question["levels"]
        ],
    }


def _renamed(
    codebook: Codebook,
    question: CubeQuestion,
    dimension: str,
    sources: tuple[Sources, Sources],
    said: Mapping[str, DimensionWords],
) -> CubeQuestion | None:
    """Give a dimension and its bands their names of today; None where nothing shows them."""
    old, new = sources
    held = old.get(dimension)
    if held is None:
        return question if dimension in new else None
    named = [d for d, of in new.items() if of["column"] == held["column"]]
    if not named and dimension in said:
        labels = {d: codebook.dimensions[d].label for d in new}
        now = _by_words({dimension: said[dimension]["label"]}, labels)[dimension]
        named = [now] if now in new else []
    if not named:
        return None
    now = dimension if dimension in named else named[0]
    if dimension in said:  # values that were renamed are known by the words of their bands
        words = _by_words(said[dimension]["bands"], codebook.dimensions[now].bands)
        there = {v for values in new[now]["bands"].values() for v in values}
        held = {**held, "bands": {
            band: values if there & {*values} else new[now]["bands"].get(words.get(band, band), [])
            for band, values in held["bands"].items()
        }}  # fmt: skip
    place = {value: band for band, values in new[now]["bands"].items() for value in values}
    groups: list[CubeGroup] = []
    for group in question["dimensions"][dimension]:
        values = {v for band in group["bands"] for v in held["bands"].get(band, [])}
        bands = {place[v] for v in values if v in place}
        whole = {v for band in bands for v in new[now]["bands"][band]}
        if not whole <= values:
            raise InsightsError(
                f"An earlier release used other bands of {dimension} than the codebook has now: "
                f"{group['label']} is no longer made of whole bands. Restore the earlier bands; "
                "a new release is checked against what the earlier one showed."
            )
        if not bands and group["bands"] != [NOT_STATED]:
            return None
        stated = [NOT_STATED] if NOT_STATED in group["bands"] else []
        groups.append({**group, "bands": [*sorted(bands), *stated]})
    dimensions = {now if d == dimension else d: g for d, g in question["dimensions"].items()}
    dimensions[now] = groups
    levels: list[CubeLevel] = [
        {
            **level,
            "dimensions": [now if d == dimension else d for d in level["dimensions"]],
            "groups": [
                {
                    **entry,
                    "groups": {now if d == dimension else d: g for d, g in entry["groups"].items()},
                }
                for entry in level["groups"]
            ],
        }
        for level in question["levels"]
    ]
    return {**question, "dimensions": dimensions, "levels": levels}


def _summed(question: CubeQuestion, dimension: str) -> CubeQuestion:
    """Leave a dimension out: its groups are added up, and a hidden one hides the sum."""
    levels: list[CubeLevel] = []
    for level in question["levels"]:
        if dimension not in level["dimensions"]:
            levels.append(level)
            continue
        together: dict[tuple[tuple[str, str], ...], list[CubeEntry]] = {}
        for entry in level["groups"]:
            rest = tuple((d, g) for d, g in entry["groups"].items() if d != dimension)
            together.setdefault(rest, []).append(entry)
        groups: list[CubeEntry] = [
            {
                "groups": dict(rest),
                "bases": [_total(v) for v in zip(*(e["bases"] for e in of), strict=True)],
                "n": [_answers(values) for values in zip(*(e["n"] for e in of), strict=True)],
            }
            for rest, of in together.items()
        ]
        kept = [d for d in level["dimensions"] if d != dimension]
        levels.append({**level, "dimensions": kept, "groups": groups})
    dimensions = {d: g for d, g in question["dimensions"].items() if d != dimension}
    return {**question, "weighted": False, "dimensions": dimensions, "levels": levels}


def _answers(values: tuple[list[int | None] | None, ...]) -> list[int | None] | None:
    if any(value is None for value in values):
        return None
    return [_total(n) for n in zip(*filter(None, values), strict=True)]


def _total(values: tuple[int | None, ...]) -> int | None:
    return None if None in values else sum(values)  # type: ignore[arg-type]
