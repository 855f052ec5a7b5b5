"""What the synthetic surveys ask: every kind of question, scales of two to seven points."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

POPULATIONS = ("people", "staff")
# option set -> codes of substance, and which codes of missing answers it has
SCALES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **{f"scale{n}": (tuple("1234567"[:n]), ()) for n in range(2, 8)},
    **{f"scale{n}dk": (tuple("1234567"[:n]), ("dont_know",)) for n in range(2, 8)},
    "kinds3": (tuple("abc"), ("refused",)),
    "kinds5": (tuple("abcde"), ("dont_know", "refused")),
    "gate": (("yes", "no"), ("dont_know", "refused")),
}
BASES = ("", "answered", "answered_with_dont_know", "asked")
TIMES = ("t1", "t2", "t3")


@dataclass(frozen=True)
class Asked:
    """A question.

    Attributes
    ----------
    gates : columns and codes that all must hold for it to be asked
    like : column whose answers it repeats
    derived : codes of that column which make "yes"; otherwise the answers are the same
    """

    id: str
    kind: str
    option_set: str = ""
    items: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    gates: tuple[tuple[str, tuple[str, ...]], ...] = ()
    base: str = ""
    trend: str = ""
    population: str = POPULATIONS[0]
    like: str = ""
    derived: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of substance; of a select-all question ticked, then not ticked."""
        if self.kind == "multiple":
            return ("x", "o") if self.option_set else ("1", "0")
        return SCALES[self.option_set][0]

    @property
    def missing(self) -> tuple[str, ...]:
        """Codes of its set that are no answer."""
        extra = SCALES.get(self.option_set, ((), ()))[1]
        known = {"dont_know": "98", "refused": "-9"}
        return tuple(known[e] for e in extra)

    @property
    def columns(self) -> tuple[str, ...]:
        """Response columns."""
        items = [f"{self.id}.{i}" for i in self.items] or [self.id]
        return tuple(f"{i}.{t}" if t else i for i in items for t in self.times or ("",))

    @property
    def routing(self) -> str:
        """Condition in the words of questions.csv."""
        said = [
            f"{c} = {of[0]}" if len(of) == 1 else f"{c} in {' '.join(of)}" for c, of in self.gates
        ]
        return " and ".join(said)


def questionnaire(
    rng: np.random.Generator,
    families: frozenset[str],
    populations: tuple[str, ...],
    number: int = 0,
) -> list[Asked]:
    """Draw the questions of every population; at least a number of them."""
    asked = [
        Asked("mood", "single", _scale(rng), base=_base(rng)),
        Asked("choice", "single", str(rng.choice(["kinds3", "kinds5"])), base=_base(rng)),
        *_tables(rng, "same people again" in families),
    ]
    if "routed" in families:
        asked += _routed(rng, "nested" in families)
    if "near duplicates" in families:
        asked += _near(asked[0])
    for n in range(len(asked), number):  # of four single, one select-all and one grid
        items = tuple("uvwxy"[: rng.integers(3, 6)])
        kind = ("single", "multiple", "single", "grid", "single", "single")[n % 6]
        scale = "" if kind == "multiple" else _scale(rng, 5)
        asked.append(Asked(f"q{n + 1}", kind, scale, items if kind != "single" else ()))
    if rng.uniform() < 0.25 and not number:
        asked += [Asked("age", "number"), Asked("remark", "text")]
    if rng.uniform() < 0.5:
        asked = [replace(q, trend="first" if n % 2 else "second") for n, q in enumerate(asked)]
    if len(populations) > 1:
        mood = asked[0]
        more = [replace(mood, id="mood_staff"), _tables(rng)[0]]
        more[1] = replace(more[1], id=f"{more[1].id}_staff", trend=mood.trend)
        asked += [replace(q, population=populations[1]) for q in more]
    return asked


def _tables(rng: np.random.Generator, again: bool = False) -> list[Asked]:
    """Draw two of the three kinds of question that have several columns; `again`: of times."""
    items = tuple("uvwxyz"[: rng.integers(2, 6)])
    box = str(rng.choice(["", "box"]))
    times = TIMES[: rng.integers(2, 4)]
    found = [
        Asked("uses", "multiple", box, items),
        Asked("views", "grid", _scale(rng), items[:4], base=_base(rng)),
        Asked("habits", "time_grid", _scale(rng, 5), items[:3], times, base=_base(rng)),
    ]
    left_out = int(rng.integers(3))
    if again:
        left_out %= 2
        scale = str(rng.choice(["kinds3", "scale2", "scale2dk", found[2].option_set]))
        found[2] = replace(found[2], option_set=scale)
    return [q for n, q in enumerate(found) if n != left_out]


def _routed(rng: np.random.Generator, nested: bool) -> list[Asked]:
    """Draw a gate and the questions behind it."""
    gate = Asked("owns", "single", "gate")
    behind = (("owns", ("yes",)),)
    often = Asked("often", "single", _scale(rng), gates=behind, base=_base(rng))
    reasons = Asked("reasons", "multiple", "", ("cost", "time", "other"), gates=behind)
    found = [gate, often, reasons]
    if nested:
        told = ("often", often.codes[: max(1, len(often.codes) // 2)])
        ticked = ("reasons.cost", ("1",))
        gates = ((told,), (ticked,), (*behind, told))[int(rng.integers(3))]
        found.append(Asked("deep", "single", _scale(rng), gates=gates, base=_base(rng)))
    return found


def _near(mood: Asked) -> list[Asked]:
    """Ask nearly the same again: without managers, in another version, and derived from it."""
    few = replace(mood, id="mood_staffers", gates=(("manager", ("no",)),), like="mood")
    return [
        Asked("manager", "single", "gate"),
        few,
        replace(mood, id="mood_version", like="mood"),
        Asked("glad", "single", "gate", like="mood", derived=mood.codes[: len(mood.codes) // 2]),
    ]


def _scale(rng: np.random.Generator, most: int = 7) -> str:
    return f"scale{rng.integers(2, most + 1)}{rng.choice(['', 'dk'])}"


def _base(rng: np.random.Generator) -> str:
    return str(rng.choice(BASES))
