"""Earlier releases of private responses: what readers may have kept of them.

The records stay with the responses, for a release of the same survey must not be the difference
that gives a late answer or a withdrawal away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NotRequired, TypeAlias, TypedDict, cast

from helpers import paths
from helpers.codebook.model import NOT_STATED
from helpers.errors import InsightsError
from helpers.release.forms import Cube, CubeEntry, CubeGroup, CubeLevel, CubeQuestion
from helpers.release.reading import parsed
from helpers.responses.survey import Provenance, Survey, find_responses

FOLDER = "releases"
FEWEST = 10
# A group in bands, the answers of a level, and the place of a column.
Place: TypeAlias = tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[tuple[str, ...], ...], int]


class Source(TypedDict):
    """The column that a dimension is read from, and the values of each band."""

    column: str
    bands: dict[str, list[str]]


Sources: TypeAlias = dict[str, Source]


class Record(TypedDict):
    """What a release showed; `sources` where it knows them: by population and dimension."""

    cube: Cube
    fingerprint: NotRequired[str]
    sources: NotRequired[dict[str, Sources]]


def place(survey: Survey) -> Path | None:
    """Folder of the records, beside the responses; None where there are none to keep."""
    if all(p.table for p in survey.codebook.populations.values()):
        folder = survey.folder / "private" / FOLDER
    else:
        folder = find_responses(survey.folder, survey.codebook)[0] / FOLDER
    return folder if survey.provenance is Provenance.PRIVATE or folder.is_dir() else None


def others(survey: Survey, cube: Cube) -> list[Record]:
    """Read what showed anything else than this release, in the codebook's words of today.

    These are the records, and the release that is in its place now.
    """
    found = earlier(survey)
    in_place = survey.folder / "release" / "cube.json"
    if place(survey) is not None and in_place.is_file():
        shown = cast(Cube, _read(in_place))
        if all(record["cube"] != shown for record in found):
            found.append({"cube": shown})
    return [_translated(survey, record) for record in found if record["cube"] != cube]


def earlier(survey: Survey) -> list[Record]:
    """Read the records of earlier releases, the oldest first.

    Raises
    ------
    InsightsError
        For a record that cannot be read: it says what was shown before.
    """
    folder = place(survey)
    if folder is None or not folder.is_dir():
        return []
    records = []
    for path in sorted(folder.glob("*.json")):
        record = _read(path)
        cube = record.get("cube")
        if not isinstance(cube, dict) or not isinstance(cube.get("questions"), dict):
            raise _unreadable(path)
        records.append(cast(Record, record))
    return records


def keep(survey: Survey, cube: Cube) -> Path | None:
    """Record what a release shows, unless the last record says the same."""
    folder = place(survey)
    if folder is None:
        return None
    known = earlier(survey)
    if known and known[-1]["cube"] == cube:
        return None
    record = {"fingerprint": survey.fingerprint, "cube": cube, "sources": _sources(survey)}
    path = folder / f"{len(known) + 1:04}.json"
    while path.exists():
        path = folder / f"{int(path.stem) + 1:04}.json"
    return paths.write_aside(path, json.dumps(record, ensure_ascii=False) + "\n")


def differences(cube: Cube, records: list[Record], profile: str) -> Iterator[str]:
    """Say what the difference from earlier releases reveals about those who came or went.

    The audit looks for groups of fewer than ten. Here are ten or more who came and all said the
    same, and populations that grew or shrank by fewer, whatever was renamed.
    """
    now = {q["population"]: q["respondents"] for q in cube["questions"].values()}
    for record in records:
        questions = record["cube"]["questions"]
        before = {q["population"]: q["respondents"] for q in questions.values()}
        for population in sorted(now.keys() & before.keys()):
            moved = abs(now[population] - before[population])
            if 0 < moved < FEWEST:
                people = "respondent" if moved == 1 else "respondents"
                yield f"{population}: {moved} {people} more or fewer than in an earlier release."
        for name in sorted(cube["questions"].keys() & questions.keys()):
            for words in _newcomers(cube["questions"][name], questions[name], profile):
                yield f"{name}: {words}"


def _newcomers(now: CubeQuestion, before: CubeQuestion, profile: str) -> Iterator[str]:
    """Compare the groups that both show, answer by answer."""
    places = [(c["item"], c["time"]) for c in before["columns"]]
    shown = dict(_counts(before))
    for (group, answers, at), n in _counts(now):
        column = (now["columns"][at]["item"], now["columns"][at]["time"])
        old = shown.get((group, answers, places.index(column))) if column in places else None
        if old is None:
            continue
        steps = [b - a for a, b in zip(old, n, strict=True)]
        total = abs(sum(steps))
        if total < FEWEST or len({step > 0 for step in steps if step}) > 1:
            continue  # fewer are the audit's; of some who came and some who went nothing is known
        least = min(total - abs(step) for step in steps)
        if least < 2 or (profile == "strict" and any(0 < abs(s) < 3 for s in steps)):
            yield f"the {total} who came or went since an earlier release nearly all agree."


def _counts(question: CubeQuestion) -> Iterator[tuple[Place, list[int]]]:
    """Exact counts of each group and column that is shown whole."""
    bands = {
        d: {g["id"]: tuple(sorted(g["bands"])) for g in groups}
        for d, groups in question["dimensions"].items()
    }
    for level in question["levels"] if not question.get("rounded") else ():
        answers = tuple(tuple(codes) for codes in level["answers"])
        for entry in level["groups"]:
            group = tuple(sorted((d, bands[d][g]) for d, g in entry["groups"].items()))
            for at, n in enumerate(entry["n"]):
                known = [k for k in n or () if k is not None]
                if n is not None and len(known) == len(n):
                    yield (group, answers, at), known


def _read(path: Path) -> dict[str, object]:
    try:
        return parsed(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError, InsightsError) as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> InsightsError:
    return InsightsError(
        f"{path.name} in {path.parent.parent.name}/{path.parent.name}/ cannot be read. It says "
        "what an earlier release showed, and a new one is checked against it: restore it from a "
        "copy, or remove it if that release was never published."
    )


def _sources(survey: Survey) -> dict[str, Sources]:
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


def _translated(survey: Survey, record: Record) -> Record:
    """Put an earlier release into the dimensions and bands of today's codebook.

    Groups by a column that is gone are summed, because nothing distinguishes them today.
    """
    cube = record["cube"]
    today = _sources(survey)
    questions = {}
    for name, question in cube["questions"].items():
        population = question["population"]
        old = record.get("sources", today).get(population, {})
        new = today.get(population, {})
        for dimension in list(question["dimensions"]):
            found = _renamed(question, dimension, old, new)
            question = _summed(question, dimension) if found is None else found
        questions[name] = question
    return {**record, "cube": {**cube, "questions": questions}}


def _renamed(
    question: CubeQuestion, dimension: str, old: Sources, new: Sources
) -> CubeQuestion | None:
    """Give a dimension and its bands their names of today; None where their column is gone."""
    held = old.get(dimension)
    if held is None:
        return question if dimension in new else None
    named = [d for d, of in new.items() if of["column"] == held["column"]]
    if not named:
        return None
    now = dimension if dimension in named else named[0]
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
