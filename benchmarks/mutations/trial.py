"""One mutated file: made, imported, and compared with what is known of it."""

from __future__ import annotations

import csv
import json
import random
import re
import resource
import shutil
import time
import traceback
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from benchmarks.mutations import damage, faults, variants  # noqa: F401  (they name operators)
from benchmarks.mutations.files import (
    Style,
    as_text,
    book_bytes,
    records,
    sav_bytes,
    shared_bytes,
    workbook,
)
from benchmarks.mutations.operators import BLIND, HARMLESS, OPERATORS, Case, Operator, Place
from benchmarks.mutations.surveys import MADE, OWN, ours
from benchmarks.mutations.tables import LAYOUTS, Table

from helpers.errors import InsightsError
from helpers.importing.importing import import_files
from helpers.importing.report import Options

SEEDS = 8  # surveys of each make
SLOW = 10.0
_UNSEEN = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff\u00ad")


@dataclass
class Record:
    """What came of a file."""

    seed: int
    operator: str
    label: str
    survey: str
    layout: str
    format: str
    drafted: bool
    accepted: bool = False
    level: str = ""
    located: bool = False
    kinds: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    differs: bool = False
    seconds: float = 0.0
    said: list[str] = field(default_factory=list)


def attempt(seed: int, label: str, work: Path, only: str = "") -> Record:
    """Make the mutated file of a seed and import it."""
    chance = random.Random(f"{seed} {label}")
    operator = OPERATORS[only] if only else turn(seed, label)
    return _tried(seed, *_made(chance, operator, work), work)


def turn(seed: int, label: str) -> Operator:
    """Operator of a seed: all have their turn equally often."""
    named = [o for o in OPERATORS.values() if (o.label == HARMLESS) == (label == HARMLESS)]
    return named[seed % len(named)]


def _made(chance: random.Random, operator: Operator, work: Path) -> Any:
    """Draw surveys until one fits the operator."""
    for _ in range(2000):
        case = _case(chance, operator, work)
        if case is None:
            continue
        folder = work / "file"
        folder.mkdir(exist_ok=True)
        found = _bytes(case, operator, folder)
        if found is not None:
            return case, operator, *found
    raise AssertionError(f"{operator.name} fits no survey")


def _case(chance: random.Random, operator: Operator, work: Path) -> Case | None:
    kind = chance.choice(operator.kinds)
    drafted = operator.drafted and chance.random() < 0.25
    name = chance.choice([*MADE, *MADE, "ours"])
    if name == "ours":
        survey, layout, drafted = ours(chance.choice(OWN), work), "codes", False
    else:
        survey = MADE[name](chance.randrange(SEEDS))
        layout = "codes" if kind == "sav" else chance.choice(list(LAYOUTS))
    return Case(LAYOUTS[layout](survey), _style(chance, kind), chance, drafted)


def _style(chance: random.Random, kind: str) -> Style:
    if kind == "sav":
        return Style(kind, packing=chance.choice(("plain", "rows", "zlib")))
    if kind == "xlsx":
        return Style(kind, shared=chance.random() < 0.5)
    style = Style(kind, delimiter=chance.choice(",,,;\t|"))
    style.encoding = chance.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16"))
    return style


def _bytes(case: Case, operator: Operator, folder: Path) -> tuple[bytes, Place | bool] | None:
    """Let the operator do its work where it belongs, and return the bytes of the file."""
    table, style, place = case.table, case.style, None
    if operator.stage in ("table", "style"):
        place = operator.act(case)
        if not place:
            return None
    if style.kind == "text":
        lines = records(table, style)
        if operator.stage == "lines":
            place = operator.act(case, lines)
        try:
            raw = as_text(lines, style, table.header)
        except UnicodeEncodeError:
            return None
    elif style.kind == "xlsx":
        if style.shared and operator.stage != "book":
            raw = shared_bytes(table, style, "Data")
        else:
            book = workbook(table, style, "Data")
            place = operator.act(case, book) if operator.stage == "book" else place
            raw = book_bytes(book)
    else:
        raw = sav_bytes(table, style, folder)
    if operator.stage == "bytes":
        found = operator.act(case, raw)
        return None if found is None or found[0] == raw and not style.ending else found
    return (raw, place) if place else None


def _tried(
    seed: int, case: Case, operator: Operator, raw: bytes, place: Place | bool, work: Path
) -> Record:
    table, style = case.table, case.style
    survey = table.survey
    record = Record(seed, operator.name, operator.label, survey.name, table.layout,
                    style.suffix, case.drafted)  # fmt: skip
    stem = survey.population if survey.beside else "export"
    path = work / "file" / f"{stem}{style.suffix}"
    path.write_bytes(raw)
    into = work / "into"
    if case.drafted:
        into.mkdir()
    else:
        survey.write(into)
        if table.mapping:
            text = yaml.safe_dump(table.mapping, sort_keys=False, allow_unicode=True)
            (into / "mapping.yml").write_text(text, encoding="utf-8")
    before = state(into)
    options = Options(wave="" if case.drafted else survey.wave)
    start = time.monotonic()
    try:
        report = import_files([path, *survey.beside], into, options)
        record.accepted, problems = report.imported, list(report.problems)
        record.kinds, record.said = report.problems.kinds, [str(p) for p in problems[:5]]
        if not record.accepted and not problems:
            record.wrong.append("refused without a word")
    except InsightsError as error:
        problems, record.said = [], [str(error)]
        record.wrong.append("an error that is no report")
    except Exception:
        problems = []
        record.wrong.append("crash: " + traceback.format_exc()[-1500:])
    record.seconds = time.monotonic() - start
    if record.seconds > SLOW:
        record.wrong.append(f"took {record.seconds:.0f} s")
    _judge(record, case, operator, place, problems, into, before, path.name)
    shutil.rmtree(into)
    shutil.rmtree(work / "file")
    return record


def _judge(
    record: Record,
    case: Case,
    operator: Operator,
    place: Place | bool,
    problems: Sequence[Any],
    into: Path,
    before: dict[str, bytes],
    name: str,
) -> None:
    if record.accepted:
        differences = list(compared(case, into, before))
        record.differs = bool(differences)
        record.wrong += differences[:5] if operator.label != BLIND else []
        if operator.label == "harmful" and not differences:
            record.wrong.append("accepted, although something was changed")
    elif state(into) != before:
        record.wrong.append("the folder was changed")
    if operator.label == HARMLESS:
        if not record.accepted:
            record.wrong.append("false alarm")
    elif not record.accepted and isinstance(place, Place):
        record.level = place.level
        record.located = located(place, case.table, case.style, problems, name)


def located(place: Place, table: Table, style: Style, problems: Sequence[Any], name: str) -> bool:
    """Return whether a problem names the place of a fault."""
    rows = {style.row(table, n) for n in place.people} | set(place.rows)
    columns = {style.place(table, at) for at in place.columns if at < len(table.columns)}
    for problem in problems:
        if not problem.file.startswith(name):
            continue
        cell = re.fullmatch(r"([A-Z]+)(\d+)(:\w+)?", problem.cell) if style.kind != "sav" else None
        column = cell[1] if cell else problem.cell
        if place.level == "file":
            return True
        if place.level == "cell" and problem.row in rows and column in columns:
            return True
        if place.level == "row" and problem.row in rows:
            return True
        if place.level == "column" and (column in columns or problem.column in place.keys):
            return True
    return False


def state(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, and what lies beside it."""
    inside = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    beside = {p.name: b"" for p in folder.parent.iterdir() if p.name.startswith(f".{folder.name}.")}
    return inside | beside


def compared(case: Case, into: Path, before: dict[str, bytes]) -> Any:
    """Differences between what an import wrote and what is known."""
    survey, truth = case.table.survey, case.table.truth
    if case.drafted:
        yield from _compared_with_draft(case.table, into)
        return
    for file, held in before.items():
        if not file.startswith("responses") and (into / file).read_bytes() != held:
            yield f"{file} was changed"
    expected = {name: [_plain(c) for c in cells] for name, cells in truth.items()}
    if survey.wave:
        expected["wave"] = ["w2"] * len(next(iter(truth.values())))
    if survey.earlier:
        expected = {name: survey.earlier[name] + cells for name, cells in expected.items()}
    yield from _differences(expected, _responses(into, survey.population))


def _differences(expected: dict[str, list[str]], found: dict[str, list[str]]) -> Any:
    if set(expected) != set(found):
        yield f"other columns: {sorted(set(expected) ^ set(found))}"
        return
    for name, cells in expected.items():
        if len(cells) != len(found[name]):
            yield f"{len(found[name])} respondents instead of {len(cells)}"
            return
        for n, (meant, held) in enumerate(zip(cells, found[name], strict=True)):
            if meant != held:
                yield f"{name}, respondent {n}: {held[:60]!r} instead of {meant[:60]!r}"


def _responses(into: Path, population: str) -> dict[str, list[str]]:
    with open(into / "responses" / f"{population}.csv", encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return {name: [row[at] for row in rows] for at, name in enumerate(header)}


def _compared_with_draft(table: Table, into: Path) -> Any:
    """Hold a drafted survey against the file: its recodes must lead back to every cell."""
    said = yaml.safe_load((into / "mapping.yml").read_text(encoding="utf-8"))
    (population, own), *_ = said["populations"].items()
    found = _responses(into, population)
    targets = {_key(k): v for k, v in own["columns"].items()}
    for column in table.columns:
        if not column.fields:
            continue
        keys = {_key(column.key): [_plain(c) for c in column.cells]}
        if len(column.fields) > 1 and _key(column.key) not in targets:
            keys = {_key(f"{column.key} [{f.item}]"): table.truth[f.name] for f in column.fields}
        for key, cells in keys.items():
            target = targets.get(key)
            if target is None or isinstance(target, dict) and "to" not in target:
                yield f"{key} was left out: {target}"
                continue
            name = target if isinstance(target, str) else target["to"]
            recodes = "" if isinstance(target, str) else target.get("recode")
            recode = said["recodes"].get(recodes, {}) if recodes else {}
            if len(set(recode.values())) != len(recode):
                yield f"{key}: several answers become one"
            back = {code: cell for cell, code in recode.items()}
            yield from _differences({name: cells}, {name: [back.get(c, c) for c in found[name]]})


def _key(text: str) -> str:
    return " ".join(_plain(text).split())


def _plain(cell: str) -> str:
    """Return a cell without what makes no difference."""
    text = unicodedata.normalize("NFC", cell.translate(_UNSEEN)).strip()
    return text.replace("\r\n", "\n").replace("\r", "\n")


def peak() -> int:
    """Most MiB that this process or any that it started held."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(each).ru_maxrss for each in who) // 1024


def told(record: Record) -> str:
    """One line for a record."""
    return json.dumps({k: v for k, v in vars(record).items() if v}, ensure_ascii=False)
