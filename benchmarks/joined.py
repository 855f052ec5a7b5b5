"""Cells that hold several answers, made with awkward labels: `python -m benchmarks.joined`.

    python -m benchmarks.joined --files 1000 --seed 1

Each file asks some questions whose answers are drawn here: select-all questions whose boxes hold
separators, brackets, quotation marks, numbers, and each other; single answers with commas; numbers
with a decimal comma or with thousands. It is imported without a codebook. A question holds if every
share is the one that was drawn, or if the import says what it was not sure of; a second import
through the mapping that was drafted must give the same answers.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import shutil
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from helpers.codebook.model import Kind, Question
from helpers.estimation.estimates import proportion
from helpers.importing.importing import import_files
from helpers.importing.report import ImportReport, Options
from helpers.responses.survey import Survey, load_survey

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "joined.json"
_THINGS = (
    "Library", "Museum", "Theatre", "Market", "Swimming", "Cinema", "Garden", "Harbour",
    "Stadium", "Café", "Straße", "Mosque", "Zoo", "Tram", "Ferry", "Bicycle", "Radio",
    "Letters", "Meetings", "Leaflets", "Posters", "School", "Football", "Chess", "Choir",
)  # fmt: skip
_SMALL = (
    "woods", "at", "night", "in", "summer", "by", "boat", "with", "friends", "for",
    "children", "and", "more",
)  # fmt: skip
JOINS = (",", ", ", ";", "; ", "|", " | ", "\n", ";$", ", $", ",$")
_OWN = (
    "my neighbour told me", "nothing so far, to be honest", "the old place by the river",
    "it depends", "ask me again next year, please", "a cousin of mine", "Whatever is cheap",
    "I walk, mostly", "some of these (not all)", "too many to tell",
)  # fmt: skip


@dataclass
class Made:
    """A question, what each respondent answered, and the cells of it.

    Attributes
    ----------
    given : per respondent the labels that were ticked; None where nothing was answered
    cells : as they are in the file
    own : what people wrote beside the boxes
    """

    family: str
    text: str
    kind: Kind
    labels: list[str]
    given: list[list[str] | None]
    cells: list[str]
    own: list[str] = field(default_factory=list)


def plain(text: str) -> str:
    """Return a text with single blanks."""
    return " ".join(text.split())


class _Maker:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.people = self.chance.choice((30, 60, 60, 120, 250))

    def label(self, things: list[str], join: str) -> str:
        """Make a label that is hard to tell from several."""
        chance, thing = self.chance, things.pop()
        small = " ".join(chance.sample(_SMALL, 2))
        other = chance.choice(_THINGS)
        forms = [
            thing, thing, f"{thing} {small}", f"{thing}, {small}", f"{thing}, {small}, and",
            f"{thing} (say, {other}, {small})", f"{thing} (say,  {other})", f"{thing}  {small}",
            f'"{thing}, {other}" club', f"{thing} “{small}, {other}”", f"{thing}/{other}",
            f"{thing}: 1,000 to 2,000", f"{thing} 18-24", f"{thing} & {other}", f'{thing} 5" wide',
            f"{thing} (i.e. {small}; {other})", f"{thing}.", f"{thing} [{small}, {other}]",
            f"{thing} – {small}", f"{thing}, {other}", f"{thing} {other}", f"'{thing}, {small}'",
            f"{thing} :)", f"{thing}, etc.",
        ]  # fmt: skip
        if not join.startswith(";"):
            forms += [f"{thing}; {small}"]
        label = chance.choice(forms)
        if join.strip("$") in label:  # else nobody could tell but for brackets, or small letters
            bare = join.strip("$ ") or "\n"
            safe = "(" in label or "[" in label or "“" in label or label.startswith('"')
            if not safe and join.startswith(",") and "," in join and ", " in label:
                return label
            return label if safe else label.replace(bare, " ")
        return label

    def boxes(self, text: str) -> Made:
        """Ask a select-all question."""
        chance = self.chance
        join = chance.choice(JOINS)
        things = list(_THINGS)
        chance.shuffle(things)
        labels = [self.label(things, join) for _ in range(chance.randint(3, 9))]
        if chance.random() < 0.3:
            short = chance.choice(labels)
            tail = chance.choice((", at night", " stop", ", or nearly"))
            labels.insert(labels.index(short) + 1, short + tail)
        family = f"boxes {join!r}"
        if chance.random() < 0.15:
            labels = [label[0].lower() + label[1:] for label in labels]
        rates = [chance.uniform(0.15, 0.75) for _ in labels]
        given: list[list[str] | None] = []
        none = "None of these" if chance.random() < 0.3 else ""
        for _ in range(self.people):
            ticked = [x for x, rate in zip(labels, rates, strict=True) if chance.random() < rate]
            if none and not ticked:
                ticked = [none]
            given.append(ticked or None)
        often, own = chance.choice((0, 0, 0.05, 0.15)), list[str]()
        mark, end = join.rstrip("$"), join.rstrip("$").rstrip() if join.endswith("$") else ""
        cells = []
        for at, ticked in enumerate(given):
            said = list(ticked or ())
            if said != [none] and chance.random() < often:
                own.append(chance.choice(_OWN).replace(mark.strip() or "\n", " "))
                said.append(own[-1])
                given[at] = ticked or []
            cells.append(mark.join(said) + (end if said else ""))
        asked = text + chance.choice((" Select all that apply.", "", ""))
        if none:
            labels = [*labels, none]
        return Made(family, asked, Kind.MULTIPLE, labels, given, cells, own)

    def codes(self, text: str) -> Made:
        """Ask a select-all question whose boxes are exported as numbers."""
        chance = self.chance
        labels = [str(n) for n in range(1, chance.randint(4, 13))]
        rates = [chance.uniform(0.2, 0.7) for _ in labels]
        given: list[list[str] | None] = []
        for _ in range(self.people):
            ticked = [x for x, rate in zip(labels, rates, strict=True) if chance.random() < rate]
            given.append(ticked or None)
        join = chance.choice((",", ",", ", ", ";", "|"))
        cells = [join.join(ticked or ()) for ticked in given]
        if chance.random() < 0.3:
            cells = [cell or "-99" for cell in cells]
        return Made(f"codes {join!r}", text, Kind.MULTIPLE, labels, given, cells)

    def single(self, text: str) -> Made:
        """Ask for one answer; answers hold commas, and some people write their own."""
        chance = self.chance
        things = list(_THINGS)
        chance.shuffle(things)
        labels = [self.label(things, "\x00") for _ in range(chance.randint(3, 6))]
        if chance.random() < 0.4:
            stem = things.pop()
            labels += [f"{stem}, working full-time", f"{stem}, working part-time"]
        if chance.random() < 0.3:
            labels += ["Yes", "Yes, but seldom", "No, never"]
        sure = labels * 2
        drawn = sure + [chance.choice(labels) for _ in range(max(0, self.people - len(sure)))]
        drawn = drawn[: self.people]
        chance.shuffle(drawn)
        given: list[list[str] | None] = [[x] for x in drawn]
        return Made("single", text, Kind.SINGLE, labels, given, list(drawn))

    def number(self, text: str) -> Made:
        """Ask for a number that is written with a comma."""
        chance = self.chance
        form = chance.choice(("decimal", "half", "thousands"))
        cells = []
        for _ in range(self.people):
            whole = chance.randint(0, 40)
            cells.append({
                "decimal": f"{whole},{chance.randint(0, 99):02d}",
                "half": f"{whole % 9}" if chance.random() < 0.4 else f"{whole % 9},5",
                "thousands": f"{chance.randint(500, 90_000):,}",
            }[form])  # fmt: skip
        return Made(f"number {form}", text, Kind.NUMBER, [], [[c] for c in cells], cells)


def questions(seed: int) -> list[Made]:
    """Questions of a file."""
    make = _Maker(seed)
    kinds = [make.boxes, make.boxes, make.boxes, make.codes, make.single, make.number]
    words = ("Where do you go?", "What do you use?", "How did you hear of us?", "Which of these?",
             "What is it?", "How many a week?")  # fmt: skip
    return [one(text) for one, text in zip(kinds, words, strict=True)]


def attempt(seed: int, work: Path) -> list[dict[str, str]]:
    """Import one file, and say of every question what came of it."""
    made = questions(seed)
    folder = work / str(seed)
    folder.mkdir()
    path = folder / "export.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *(one.text for one in made)])
        writer.writerows(
            [str(n + 1), *cells]
            for n, cells in enumerate(zip(*(o.cells for o in made), strict=True))
        )
    try:
        return _judged(seed, made, path, folder)
    except Exception:
        return [
            {"seed": str(seed), "family": "file", "came": "crash", "why": traceback.format_exc()}
        ]
    finally:
        shutil.rmtree(folder)


def _judged(seed: int, made: Sequence[Made], path: Path, folder: Path) -> list[dict[str, str]]:
    allow = ("double_submission", "look_alike", "shifted", "mixed_missing", "test_row")
    report = import_files([path], folder / "out", Options(allow=allow))
    if not report.imported:
        named = " ".join(f"{p.column} {p.message}" for p in report.problems)
        numbers = [one for one in made if one.kind is Kind.NUMBER]
        if "account" in report.problems.kinds:
            return [{"seed": str(seed), "family": "file", "came": "wrong", "why": named[:400]}]
        if all(any(p.column == one.text for one in numbers) for p in report.problems):
            kept = [one for one in made if one.kind is not Kind.NUMBER]
            _without(path, [n + 1 for n, one in enumerate(made) if one.kind is Kind.NUMBER])
            told = [
                {"seed": str(seed), "family": o.family, "came": "said", "why": ""} for o in numbers
            ]
            return told + _judged(seed, kept, path, folder)
        return [{"seed": str(seed), "family": "file", "came": "refused", "why": named[:400]}]
    survey = load_survey(folder / "out")
    found = [_question(seed, one, survey, report) for one in made]
    again = import_files([path], folder / "out", Options(allow=allow))
    if not again.imported or load_survey(folder / "out").fingerprint != survey.fingerprint:
        why = "; ".join(map(str, again.problems))[:400] or "other answers"
        found.append({"seed": str(seed), "family": "file", "came": "wrong", "why": f"again: {why}"})
    return found


def _without(path: Path, places: Sequence[int]) -> None:
    with open(path, encoding="utf-8", newline="") as file:
        rows = [[c for at, c in enumerate(row) if at not in places] for row in csv.reader(file)]
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _question(seed: int, one: Made, survey: Survey, report: ImportReport) -> dict[str, str]:
    owned = [q for q in survey.codebook.questions.values() if q.wording == one.text]
    drafted = next((q for q in owned if q.kind is not Kind.TEXT), None)
    record = {"seed": str(seed), "family": one.family}
    if drafted is None:
        return record | {"came": "text", "why": str(one.labels)}
    wrong = _difference(one, drafted, survey)
    if not wrong:
        return record | {"came": "equal", "why": ""}
    said = [words for words in report.remarks if one.text in words]
    return record | {"came": "said" if said else "wrong", "why": f"{one.labels}\n    {wrong}"}


def _difference(one: Made, drafted: Question, survey: Survey) -> str:
    """Say how a drafted question differs from what was drawn."""
    answered = [ticked for ticked in one.given if ticked is not None]
    if drafted.kind is not one.kind:
        if one.kind is Kind.NUMBER and drafted.kind is Kind.SINGLE:
            labels = {option.label for option in drafted.options}
            return "" if labels == set(one.cells) - {""} else "other options"
        shown = [o.label for o in drafted.options or ()][:8] or [i.label for i in drafted.items]
        return f"{drafted.kind.value} instead of {one.kind.value}: {shown}"
    if one.kind is Kind.NUMBER:
        held = survey.frames["respondents"][drafted.id].tolist()
        to = "" if "thousands" in one.family else "."
        meant = [float(c.replace(",", to) or "nan") for c in one.cells]
        return "" if np.array_equal(held, meant, equal_nan=True) else "other numbers"
    table = proportion(survey, drafted.id)
    if one.kind is Kind.MULTIPLE:
        labels = [item.label for item in drafted.items]
    else:
        labels = [o.label for o in drafted.substantive]
    often = Counter(plain(x) for ticked in answered for x in ticked)
    shares = dict(zip(map(plain, labels), table["estimate"].tolist(), strict=True))
    expected = {label: n / len(answered) for label, n in often.items()}
    once = {label for label, n in often.items() if n < 2}
    for label, n in Counter(map(plain, one.own)).items():
        if label in shares and n > 1:  # two who write the same make it an answer
            expected[label] = n / len(answered)
    for label in {*shares, *expected}:
        if label in once and label not in shares:
            continue  # who alone gave it cannot be told from somebody's own words
        if abs(shares.get(label, 0) - expected.get(label, 0)) > 1e-9:
            return f"{label!r}: {shares.get(label)} instead of {expected.get(label)}"
    return ""


def main() -> None:
    """Import many files; print what was wrong; fail if anything was silently so."""
    parser = argparse.ArgumentParser(description="Joined answers with awkward labels.")
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--show", default="wrong crash refused", help="what is printed")
    options = parser.parse_args()
    start = time.monotonic()
    counts: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as place, ProcessPoolExecutor(options.workers) as pool:
        one = partial(attempt, work=Path(place))
        for records in pool.map(
            one, range(options.seed, options.seed + options.files), chunksize=5
        ):
            for record in records:
                counts.setdefault(record["family"].split()[0], Counter())[record["came"]] += 1
                if record["came"] in options.show.split():
                    print(
                        record["seed"], record["family"], record["came"], record["why"], flush=True
                    )
    total: Counter[str] = sum(counts.values(), Counter())
    result: dict[str, Any] = {
        "files": options.files,
        "seed": options.seed,
        "seconds": round(time.monotonic() - start),
        "questions": dict(total),
        "families": {name: dict(often) for name, often in sorted(counts.items())},
    }
    print(json.dumps(result, indent=1))
    if options.files >= 1_000:
        RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    raise SystemExit(1 if total["wrong"] or total["crash"] else 0)


if __name__ == "__main__":
    main()
