"""Surveys whose every answer is known, because they are made here, and their folders.

Nothing in this package computes what is expected with the code that it tries.
"""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
PEOPLE = "people"
WORDS = ("not_asked", "not_answered")
CLOSED = ("single", "multiple", "grid", "time_grid")


@dataclass
class Field:
    """A column of the responses: its question, and the answers by code.

    Attributes
    ----------
    kind : of the question, or `id`, `weight`, `other`
    labels : of each code; empty for numbers and texts
    cells : codes of the respondents; empty where there is no answer
    gate : column and codes on which it depends whether the question is asked
    """

    name: str
    kind: str
    text: str
    item: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    cells: list[str] = field(default_factory=list)
    gate: tuple[str, str] = ("", "")

    @property
    def question(self) -> str:
        """Id of the question."""
        return self.name.split(".")[0]

    @property
    def closed(self) -> bool:
        """Whether only some answers can be given."""
        return self.kind in CLOSED


@dataclass
class Survey:
    """A survey: fields, and what else its folder holds.

    Attributes
    ----------
    counted : whether survey.yml says how many respondents there are
    earlier : responses of an earlier wave, by column; `wave` is the new one
    source : a folder to copy, instead of one that is written
    population : whose responses are mutated
    beside : files of other populations, which are imported as they are
    """

    name: str
    fields: list[Field]
    counted: bool = False
    wave: str = ""
    earlier: dict[str, list[str]] = field(default_factory=dict)
    source: Path | None = None
    population: str = PEOPLE
    beside: tuple[Path, ...] = ()

    @property
    def people(self) -> int:
        """How many respondents there are."""
        return len(self.fields[0].cells)

    def write(self, folder: Path) -> None:
        """Write the folder that an import goes into."""
        if self.source is not None:
            shutil.copytree(self.source, folder)
            return
        book = folder / "codebook"
        book.mkdir(parents=True)
        _write(book / "questions.csv", _questions(self.fields))
        _write(book / "items.csv", _items(self.fields))
        _write(book / "options.csv", _options(self.fields))
        outline = yaml.safe_dump(self._outline(), sort_keys=False, allow_unicode=True)
        (book / "survey.yml").write_text(outline, encoding="utf-8")
        if self.earlier:
            (folder / "responses").mkdir()
            rows = [list(self.earlier), *map(list, zip(*self.earlier.values(), strict=True))]
            _write(folder / "responses" / f"{PEOPLE}.csv", rows)

    def _outline(self) -> dict[str, Any]:
        kinds = {f.kind: f.name for f in self.fields}
        who: dict[str, Any] = {"label": "People", "id": kinds["id"]}
        if "weight" in kinds:
            who["weight"] = kinds["weight"]
        if self.counted:
            who["respondents"] = self.people
        outline: dict[str, Any] = {"title": self.name.capitalize(), "populations": {PEOPLE: who}}
        if self.wave:
            bands = {"w1": "2025", "w2": self.wave}
            wave = {"label": "Wave", "bands": bands, "source": {PEOPLE: "wave"}}
            outline["dimensions"] = {"wave": wave}
        return outline


def _write(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _first(fields: Sequence[Field]) -> dict[str, Field]:
    """First field of every question."""
    found: dict[str, Field] = {}
    for one in fields:
        if one.kind not in ("id", "weight", "other"):
            found.setdefault(one.question, one)
    return found


def _questions(fields: Sequence[Field]) -> list[list[str]]:
    rows = [["id", "population", "kind", "label", "wording", "option_set", "asked_if"]]
    for name, one in _first(fields).items():
        options = name if one.kind in ("single", "grid") else ""
        asked = "{} = {}".format(*one.gate) if one.gate[0] else ""
        rows.append([name, PEOPLE, one.kind, one.text, one.text, options, asked])
    return rows


def _items(fields: Sequence[Field]) -> list[list[str]]:
    rows = [["question", "item", "label"]]
    parts = [f for f in fields if "." in f.name]
    return rows + [[f.question, f.name.split(".")[1], f.item] for f in parts]


def _options(fields: Sequence[Field]) -> list[list[str]]:
    rows = [["set", "code", "label", "missing"]]
    for name, one in _first(fields).items():
        if one.kind in ("single", "grid"):
            for code, label in one.labels.items():
                rows.append([name, code, label, "dont_know" if code == "dk" else ""])
    return rows


class _Maker:
    """Makes answers that differ enough for no two people to agree in all of them."""

    def __init__(self, seed: int, people: int) -> None:
        self.chance, self.people = random.Random(seed), people
        self.fields: list[Field] = []

    def add(
        self, name: str, kind: str, text: str, cell: Callable[[int], str], **said: Any
    ) -> Field:
        """Add a field with a cell for each respondent."""
        made = Field(name, kind, text, cells=[cell(n) for n in range(self.people)], **said)
        self.fields.append(made)
        return made

    def choice(self, name: str, text: str, labels: dict[str, str], blank: float = 0.05) -> Field:
        """Add a question with one answer."""
        codes = list(labels)
        return self.add(name, "single", text, self._drawn(codes, blank), labels=labels)

    def boxes(self, name: str, text: str, items: dict[str, str], share: float = 0.35) -> None:
        """Add a select-all question; who ticks nothing has no answer."""
        ticks = [{i for i in items if self.chance.random() < share} for _ in range(self.people)]
        for item, label in items.items():
            told = [str(int(item in t)) if t else "" for t in ticks]
            labels = {"1": "Yes", "0": "No"}
            self.add(
                f"{name}.{item}", "multiple", text, told.__getitem__, item=label, labels=labels
            )

    def grid(self, name: str, text: str, items: dict[str, str], labels: dict[str, str]) -> None:
        """Add a question with the same answers for each of several items."""
        for item, label in items.items():
            cell = self._drawn(list(labels), 0.04)
            self.add(f"{name}.{item}", "grid", text, cell, item=label, labels=labels)

    def routed(self, name: str, text: str, gate: Field, code: str, labels: dict[str, str]) -> None:
        """Add a question that is asked of those who gave one answer to another."""
        drawn = self._drawn(list(labels), 0.0)

        def cell(n: int) -> str:
            return drawn(n) if gate.cells[n] == code else ""

        self.add(name, "single", text, cell, labels=labels, gate=(gate.name, code))

    def texts(self, name: str, text: str, sayings: Sequence[str], filled: float = 0.7) -> None:
        """Add an open question; nobody says what another said."""

        def cell(n: int) -> str:
            said = self.chance.choice(sayings)
            return f"{said} {n * 7919 % 1000}" if self.chance.random() < filled else ""

        self.add(name, "text", text, cell)

    def _drawn(self, codes: Sequence[str], blank: float) -> Callable[[int], str]:
        """Draw answers; each code is given by two people or more."""
        sure = [*codes, *codes]
        self.chance.shuffle(sure)

        def cell(n: int) -> str:
            if n < len(sure):
                return sure[n]
            return "" if self.chance.random() < blank else self.chance.choice(codes)

        return cell


AGREE = {
    "1": "Strongly disagree", "2": "Disagree", "3": "Neither", "4": "Agree", "5": "Strongly agree",
}  # fmt: skip
YES = {"yes": "Yes", "no": "No"}
OFTEN = {"never": "Never", "monthly": "Every month", "weekly": "Every week", "daily": "Every day"}
SAID = (
    "The buses in our street never came on time, so I bought a bicycle in the spring of",
    "I would rather walk than wait, and my knees are better for it; bus line",
    'They said "we will see" and nothing happened since the meeting about number',
    "Café, crèche and library under one roof would help people like us in area",
    "Nothing to add, except that the form was long (and slow) on my phone, page",
)


def boxes(seed: int) -> Survey:
    """Make a survey of select-all questions."""
    make = _Maker(seed, 70)
    make.add("rid", "id", "Respondent ID", lambda n: str(9000 + 3 * n))
    own = {"bike": "A bicycle", "car": "A car, van or lorry", "pass": "Bus pass", "none": "None"}
    make.boxes("own", "Which of these do you own?", own)
    why = {"cost": "Cost", "time": "Time", "health": "Health", "habit": "Habit", "planet": "Planet",
           "joy": "Joy"}  # fmt: skip
    make.boxes("why", "Why do you travel as you do?", why, 0.5)
    make.choice("often", "How often do you travel to work?", OFTEN)
    make.boxes("news", "Where do you hear of changes?", {"a": "Radio", "b": "Post", "c": "Friends"})
    make.texts("more", "What else should we know?", SAID)
    return Survey("boxes", make.fields)


def weighted(seed: int) -> Survey:
    """Make a weighted survey, the second of two waves."""
    make = _Maker(seed, 60)
    chance = make.chance
    make.add("caseid", "id", "Case ID", lambda n: f"W2{n:04d}")
    make.add("wt", "weight", "Weight", lambda n: f"{chance.uniform(0.2, 3.5):.4f}")
    rides = make.choice("rides", "Do you cycle?", YES, blank=0.0)
    make.routed("helmet", "How often do you wear a helmet?", rides, "yes", OFTEN)
    make.grid("safe", "How safe do you feel?", {"day": "By day", "night": "By night"}, AGREE)
    make.add("age", "number", "How old are you?", lambda n: str(chance.randint(18, 90)))
    make.add(
        "km", "number", "How far is it, in km?", lambda n: f"{chance.randint(0, 40)}.{n % 9 + 1}"
    )
    make.choice("area", "Where do you live?", {"n": "North", "s": "South", "dk": "Don't know"})
    make.texts("note", "Anything else?", SAID)
    earlier: dict[str, list[str]] = {f.name: list(f.cells[:20]) for f in make.fields}
    earlier["caseid"] = [f"W1{n:04d}" for n in range(20)]
    earlier["note"] = ["" for _ in range(20)]
    earlier["wave"] = ["w1"] * 20
    return Survey("weighted", make.fields, wave="2026", earlier=earlier)


ODD = {
    "lt": "<18", "eq": "=equal to last year", "uni": "Ünïcödé – très bien", "amp": "R&D \"quoted\"",
    "semi": "this; that", "plus": "+/- the same", "han": "不知道", "at": "@home", "dash": "1-2",
}  # fmt: skip
COUNTS = {"c1": "1", "c2": "2", "c3": "3 or more"}
TENS = {"1": "10", "2": "20", "3": "30", "4": "100"}


def odd(seed: int) -> Survey:
    """Make a survey with labels that programs stumble over."""
    make = _Maker(seed, 60)
    make.add("ref", "id", "Ref", lambda n: f"{n:05d}")
    make.choice("strange", 'Which of <these> is "it"?', ODD, 0.1)
    make.choice("cars", "How many cars, if any?", COUNTS)
    make.choice("tens", "How many in all; tens?", TENS)
    make.choice("zip", "Postal area", {"z007": "007", "z070": "070", "z7": "7", "z08": "08"})
    items = {"x": "Größe (cm)", "y": "Naïve & simple", "z": "Price: €"}
    scale = {"a": "très mal", "b": "mal", "c": "bien", "d": "très bien"}
    make.grid("rate", "Évaluez, s'il vous plaît", items, scale)
    make.boxes("pick", "Pick = choose", {"p": "<none>", "q": "0", "r": "Ja", "s": "ß"})
    make.texts("say", "Und sonst?", ("Straßenbahn fährt täglich, naïve Ärzte", "Niño año œuvre zu"))
    return Survey("odd", make.fields, counted=True)


def long(seed: int) -> Survey:
    """Make a survey of long texts with line breaks, quotation marks and separators."""
    make = _Maker(seed, 50)
    chance = make.chance
    words = [w.strip(",") for said in SAID for w in said.split()]
    breaks = ("\n", "\n\n", "; ", ", ", ' "so" ', " – ", "\t", " | ")

    def tale(n: int) -> str:
        if n % 6 == 5:
            return ""
        size = chance.randint(5, 90)
        cut = [chance.choice(words) + chance.choice((" ", " ", " ", *breaks)) for _ in range(size)]
        return " ".join("".join(cut).split(" ")).strip() + f" ({n * 6151 % 997})."

    make.add("id", "id", "id", lambda n: f"R_{n * 104729 % 99991:05d}x")
    for name, text in (("best", "What went best?"), ("worst", "What went worst, and why?")):
        make.add(name, "text", text, tale)
    make.choice("again", "Would you come again?", YES | {"dk": "I do not know yet"})
    make.grid("staff", "The staff were", {"kind": "Kind", "quick": "Quick"}, AGREE)
    make.add("visits", "number", "How many visits?", lambda n: str(chance.randint(0, 14)))
    return Survey("long", make.fields)


def ours(population: str, folder: Path) -> Survey:
    """Take this project's own survey; the responses of one population are mutated."""
    source = folder / "ours"
    if not source.exists():
        shutil.copytree(ROOT / "data" / "codebook", source / "codebook")
    kinds, sets = {}, {}
    for row in _read(source / "codebook" / "questions.csv"):
        if row["population"] == population:
            kinds[row["id"]] = row["kind"], row["label"], row["option_set"]
    for row in _read(source / "codebook" / "options.csv"):
        sets.setdefault(row["set"], {})[row["code"]] = row["label"]
    files = sorted((ROOT / "data" / "illustrative").glob("*.csv"))
    rows = _read(ROOT / "data" / "illustrative" / f"{population}.csv")
    fields = []
    for name in rows[0]:
        kind, text, options = kinds.get(name.split(".")[0], ("other", name, ""))
        kind = "id" if name == "respondent_id" else kind
        labels = sets.get(options, {"1": "Yes", "0": "No"} if kind == "multiple" else {})
        fields.append(Field(name, kind, text, "", labels, [row[name] for row in rows]))
    beside = tuple(f for f in files if f.stem != population)
    return Survey("ours", fields, True, source=source, population=population, beside=beside)


def _read(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


MADE: dict[str, Callable[[int], Survey]] = {
    "boxes": boxes, "weighted": weighted, "odd": odd, "long": long,
}  # fmt: skip
OWN = ("commissioners", "providers", "frontline")
