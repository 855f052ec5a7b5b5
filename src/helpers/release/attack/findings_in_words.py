"""Findings in words, worked out again from released counts alone.

A word on a page may say no more than the numbers do. So each is worked out here from the cube, by
the definitions in docs/page-format.md and with other code; whatever else a page says of a
comparison is reported.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import bdtr, chdtrc, gammaln, ndtr, ndtri

from helpers.codebook.changes import in_order
from helpers.codebook.model import (
    DETRACTORS,
    NOT_STATED,
    PROMOTERS,
    Codebook,
    Kind,
    Question,
)
from helpers.release.attack.facts import Asked, ReleasedTable, sides_of
from helpers.release.attack.partition import Floats, Group, Mask
from helpers.release.attack.released import Released

WORDS = {
    "clear": "clear",
    "likely": "likely",
    "same": "about the same",
    "few": "too few to tell",
}
RATES = (("clear", 0.01), ("likely", 0.05))
RANGE, NEAR, POWER = 0.05, 0.05, 0.8
FEWEST, EXACT, EXPECTED = 10, 25, 5
TIE = 1e-9
HALVINGS = 60  # of standard errors, until doubles tell them no further apart
OFF = 1e-7  # points by which two ways of calculating may differ
CHANGE = "change: "
ROOM, SHORT = 108, 52  # letters that names have in a headline, and one in a line below it
ROW = {
    "label", "item", "time", "answer", "codes", "groups", "shares", "times", "moves", "bases",
    "of", "difference", "range", "word", "said", "could_show",
}  # fmt: skip
_COULD = re.compile(
    r"The smallest (?:difference|change) these numbers could show is (\d+) points\."
)
_NONE = "These numbers are too few to show any difference."


@dataclass(frozen=True)
class Side:
    """A share of a group: people, and the base that its range rests on."""

    share: float
    n: int
    effective: float


@dataclass
class JudgedDifference:
    """One difference of a comparison; of changes `one` is up, `two` down, of the same people.

    Where its range alone decides, `tested` is 0.
    """

    names: tuple[str, str]
    codes: frozenset[str]
    one: Side
    two: Side
    paired: bool
    tested: float | None  # p value of its own test; None of people who are counted in two groups
    p: float = 1.0
    low: float = 0.0
    high: float = 0.0
    word: str = "few"

    @property
    def size(self) -> float:
        """Return the first share less the second."""
        return self.one.share - self.two.share

    def could_show(self, chance: float) -> float | None:
        """Smallest difference shown four times in five."""
        za, zb = -float(ndtri(chance / 2)), float(ndtri(POWER))
        n, m = self.two.effective, self.one.effective
        if self.paired:
            moved = self.one.share + self.two.share

            def excess(d: float) -> float:
                some = max(moved, d)
                return d * math.sqrt(n) - za * math.sqrt(some) - zb * math.sqrt(some - d * d)

            most = 1.0
        else:
            p = min(self.two.share, 1 - self.two.share)

            def excess(d: float) -> float:
                q = (n * p + m * (p + d)) / (n + m)
                own = p * (1 - p) / n + max((p + d) * (1 - p - d), 0.0) / m
                pooled = max(q * (1 - q), 0.0) * (1 / n + 1 / m)
                return d - za * math.sqrt(pooled) - zb * math.sqrt(own)

            most = 1 - p
        if excess(most) < 0:
            return None
        return float(brentq(excess, 1e-12, most, xtol=1e-15))


@dataclass
class JudgedComparison:
    """A question or item by one dimension, or between two times, with all its differences."""

    place: tuple[str, str, str]  # question, item, time
    differences: list[JudgedDifference]
    whole: float | None = None

    @property
    def p(self) -> float:
        """Return the smallest p value of its differences."""
        return min(one.p for one in self.differences)

    def stands(self) -> list[JudgedDifference]:
        """Return the differences that may stand for it: one, but for ties."""
        for word, _ in RATES:
            if found := [d for d in self.differences if d.word == word]:
                away = [min(abs(d.low), abs(d.high)) for d in found]
                return [d for d, a in zip(found, away, strict=True) if a >= max(away) - TIE]
        reach = [max(abs(d.low), abs(d.high)) for d in self.differences]
        return [d for d, r in zip(self.differences, reach, strict=True) if r >= max(reach) - TIE]


@dataclass
class JudgedFamily:
    """All comparisons that are judged together."""

    comparisons: dict[tuple[str, str, str, frozenset[str]], JudgedComparison] = field(
        default_factory=dict
    )

    def judge(self) -> None:
        """Give each difference its range and its word."""
        size = len(self.comparisons)
        together = _Together.of(self.comparisons.values())
        for d, p in zip(together.differences, together.p().tolist(), strict=True):
            d.p = p
        ordered = sorted(one.p for one in self.comparisons.values())
        limits, found = {}, 0
        for word, rate in RATES:
            passed = [k for k, p in enumerate(ordered, 1) if p <= k * rate / size * (1 + TIE)]
            found = max(passed, default=0)
            limits[word] = found * rate / size * (1 + TIE)
        self.chance = max(found, 1) * RANGE / size
        ranges = together.ends(-ndtri(self.chance / together.many / 2))
        ends = (end.tolist() for end in ranges)
        for d, low, high in zip(together.differences, *ends, strict=True):
            d.low, d.high = low, high
            passed_words = [w for w, _ in RATES if limits[w] and d.p <= limits[w]]
            if passed_words:
                d.word = passed_words[0]
                continue
            d.low, d.high = min(low, 0.0), max(high, 0.0)
            d.word = "same" if max(-d.low, d.high) <= NEAR else "few"


@dataclass(frozen=True)
class _Together:
    """All differences of a family, judged at once.

    Attributes
    ----------
    share, effective, other, other_effective : of both sides of each
    whole, many : of the comparison that each belongs to
    """

    differences: list[JudgedDifference]
    share: Floats
    effective: Floats
    other: Floats
    other_effective: Floats
    whole: Floats
    many: Floats

    @classmethod
    def of(cls, comparisons: Iterable[JudgedComparison]) -> _Together:
        rows = [
            (d, d.one.share, d.one.effective, d.two.share, d.two.effective, c.whole or 0.0, n)
            for c in comparisons
            for n in [len(c.differences)]
            for d in c.differences
        ]
        differences, *numbers = zip(*rows, strict=True)
        return cls([*differences], *(np.array(of, dtype=float) for of in numbers))

    def p(self) -> Floats:
        """P value of each: of its test and of its range, whichever is larger, times how many."""
        tested = np.array([d.tested or 0.0 for d in self.differences])
        counted = [at for at, d in enumerate(self.differences) if d.tested is None]
        both = [self.differences[at] for at in counted]
        tested[counted] = two_by_two([d.one for d in both], [d.two for d in both])
        own = np.minimum(np.maximum(tested, self._just()) * self.many, 1.0)
        return np.maximum(own, self.whole)

    def ends(self, z: Floats) -> tuple[Floats, Floats]:
        """Range of each, of so many standard errors."""
        low, high = self._newcombe(z)
        for at, d in enumerate(self.differences):
            if d.paired:
                low[at], high[at] = _score(d.one.share, d.two.share, d.one.effective, z[at])
        return low, high

    def _newcombe(self, z: Floats) -> tuple[Floats, Floats]:
        size = self.share - self.other
        one = _wilson(self.share, self.effective, z)
        two = _wilson(self.other, self.other_effective, z)
        low = size - np.hypot(self.share - one[0], two[1] - self.other)
        high = size + np.hypot(one[1] - self.share, self.other - two[0])
        return np.maximum(low, -1.0), np.minimum(high, 1.0)

    def _just(self) -> Floats:
        """Chance at which each range begins to leave out 0."""
        size = self.share - self.other

        def near(z: Floats) -> Floats:
            low, high = self._newcombe(z)
            return np.where(size > 0, low, -high)

        ones = np.ones(len(size))
        inside, outside = 1e-9 * ones, 30.0 * ones
        never, always = near(inside) < 0, near(outside) > 0
        for _ in range(HALVINGS):
            middle = (inside + outside) / 2
            leaves = near(middle) > 0
            inside, outside = np.where(leaves, middle, inside), np.where(leaves, outside, middle)
        found = np.where(always, 0.0, np.where(never, 1.0, 2 * ndtr(-inside)))
        moved = np.maximum((self.share + self.other) * self.effective, 1e-300)
        paired = np.array([d.paired for d in self.differences])
        found = np.where(paired, chdtrc(1, (size * self.effective) ** 2 / moved), found)
        return np.where(np.abs(size) < TIE, 1.0, found)


def finding_faults(
    shown: Mapping[str, Sequence[Released]],
    everything: Mapping[str, Asked],
    codebook: Codebook,
    wave: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    """Name what pages say of comparisons and the cube does not: question and fault.

    Parameters
    ----------
    shown
        Each question as the pages show it.
    wave
        The dimension that distinguishes waves, and the wave that pages open with.
    """
    if not any("findings" in page for pages in shown.values() for page in pages):
        return  # made before there were any
    families = _families(everything, codebook, wave)
    for name, pages in shown.items():
        due: dict[str, dict[Any, JudgedComparison]] = {}
        for key, family in families.items():
            for place, one in family.comparisons.items():
                if place[0] == name:
                    due.setdefault(key, {})[place] = one
        for page in pages:
            said = page.get("findings", {})
            for key in sorted(due.keys() ^ said.keys()):
                way = "are left out" if key in due else "do not follow from the cube"
                yield name, f"findings by {key} {way}"
            for key in sorted(due.keys() & said.keys()):
                for words in _compare(said[key], due[key], families[key]):
                    yield name, f"findings by {key}: {words}"


def _families(
    everything: Mapping[str, Asked], codebook: Codebook, wave: Mapping[str, str]
) -> dict[str, JudgedFamily]:
    found: dict[str, JudgedFamily] = {}
    for name, asked in everything.items():
        if name.startswith(CHANGE):
            listed = _changes(asked, codebook.questions[name.removeprefix(CHANGE)], wave)
        else:
            listed = _between(asked, codebook, wave)
        for key, codes, one in listed:
            found.setdefault(key, JudgedFamily()).comparisons[(*one.place, codes)] = one
    for family in found.values():
        family.judge()
    return found


def opening_wave(asked: Asked, wave: Mapping[str, str], by: str = "") -> dict[str, frozenset[str]]:
    """Return the bands of the wave that a question opens with, if it tells waves apart."""
    if not wave or wave["id"] == by:
        return {}
    groups = asked.dimensions.get(wave["id"], ())
    return next(({wave["id"]: g.bands} for g in groups if wave["latest"] in g.bands), {})


def table_by(asked: Asked, dimensions: set[str]) -> ReleasedTable | None:
    """Find a table that distinguishes some dimensions."""
    return next((x for x in asked.levels if dimensions <= set(x.dimensions)), None)


def _compared(question: Question, answers: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Answers that groups are compared on: the upper end, yes, ticked, or each by itself."""
    stated = question.substantive
    scores = {o.code: o.score for o in stated if o.score is not None}
    if question.kind is Kind.RECOMMEND:
        return [frozenset({PROMOTERS}), frozenset({DETRACTORS})]
    if question.kind is Kind.MULTIPLE:
        return [frozenset({max(stated, key=lambda o: o.score or 0).code})]
    if len(stated) > 2 and len(scores) == len(stated):
        _, upper = sides_of(question)
        if upper:
            return [upper]
    if len(stated) == 2:
        first = max(scores, key=lambda o: scores[o]) if scores else stated[0].code
        return [frozenset({first})]
    return list(answers)


def _between(
    asked: Asked, codebook: Codebook, wave: Mapping[str, str]
) -> Iterator[tuple[str, frozenset[str], JudgedComparison]]:
    for by, groups in asked.dimensions.items():
        chosen = opening_wave(asked, wave, by)
        level = table_by(asked, {by, *chosen})
        if level is None:
            continue
        codes = [
            frozenset(o for o, there in zip(asked.options, answer, strict=True) if there)
            for answer in level.answers
        ]
        parts = _compared(asked.question, codes)
        if any(frozenset().union(*(c for c in codes if c <= part)) != part for part in parts):
            continue
        for column in range(asked.shown):
            item = asked.columns[column][0]
            kept = [
                g for g in groups if (by, g.id) not in asked.left_out and g.bands != {NOT_STATED}
            ]
            if by == wave.get("id"):
                kept = [g for g in kept if _asks(asked.question, item, g)][::-1]  # the later first
            masks = [asked.frame.mask({**chosen, by: g.bands}) for g in kept]
            found = [_counts(asked, level, column, cells) for cells in masks]
            if len(kept) < 2 or any(counts is None for counts in found):
                continue
            one = _comparison(asked, column, kept, parts, codes, found, by == wave.get("id"))
            if one.differences:
                yield by, frozenset(), one


def _asks(question: Question, item: str, group: Group, codes: Collection[str] = ()) -> bool:
    return any(question.offered(item, tuple(codes), band) for band in group.bands)


def _counts(
    asked: Asked, level: ReleasedTable, column: int, cells: Mask
) -> tuple[list[float], int, float] | None:
    """Share of each answer of a table in some cells, people, and the base of ranges."""
    groups = level.groups_of(cells)
    if groups is None or np.isnan(level.n[groups, column]).any():
        return None
    n = int(np.nansum(level.bases[groups, column]))
    if not n:
        return None
    if not asked.weighted:
        return (level.n[groups, column].sum(axis=0) / n).tolist(), n, float(n)
    found = level.weighed(column, groups)
    return None if found is None else (found[0].tolist(), n, found[1])


def _comparison(
    asked: Asked,
    column: int,
    groups: Sequence[Group],
    parts: Sequence[frozenset[str]],
    codes: Sequence[frozenset[str]],
    found: Sequence[Any],
    waves: bool = False,
) -> JudgedComparison:
    def side(at: int, part: frozenset[str]) -> Side:
        shares, n, effective = found[at]
        whole = sum(s for s, c in zip(shares, codes, strict=True) if c <= part)
        return Side(min(whole, 1.0), n, effective)

    differences = []
    item = asked.columns[column][0]
    for part in parts:
        sides = [side(g, part) for g in range(len(groups))]
        for a, b in combinations(range(len(groups)), 2):
            one, two = sides[a], sides[b]
            if waves and not all(_asks(asked.question, item, groups[n], part) for n in (a, b)):
                continue
            if min(one.n, two.n) < FEWEST:
                continue
            tested = 0.0 if asked.weighted else None
            names = (groups[a].id, groups[b].id)
            differences.append(JudgedDifference(names, part, one, two, False, tested))
    whole = None
    if len(parts) * len(groups) * (len(groups) - 1) > 2:
        rest = frozenset().union(*codes) - frozenset().union(*parts)
        table = [*parts, rest] if rest else parts
        rows = [[side(g, part) for g in range(len(groups))] for part in table]
        counts = np.array([[s.share * s.effective for s in row] for row in rows])
        whole = whole_test(counts if asked.weighted else np.rint(counts))
    return JudgedComparison((asked.question.id, *asked.columns[column]), differences, whole)


def two_by_two(ones: Sequence[Side], others: Sequence[Side]) -> Floats:
    """Return the p values of pairs of shares of different people."""
    n, m = (np.array([s.n for s in sides], dtype=float) for sides in (ones, others))
    x, y = (np.rint([s.share * s.n for s in sides]) for sides in (ones, others))
    rows = np.array([x + y, n + m - x - y])
    total = np.maximum(n + m, 1)
    expected = rows[:, None] * np.array([n, m]) / total
    off = np.array([[x, y], [n - x, m - y]]) - expected
    there = (rows > 0).all(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(there, chdtrc(1, (off**2 / expected).sum(axis=(0, 1))), 1.0)
    for at in np.flatnonzero(there & (expected.min(axis=(0, 1)) < EXPECTED)):
        found[at] = _fisher(int(x[at]), int(rows[0, at]), int(n[at]), int(total[at]))
    return found


def whole_test(counts: Any) -> float:
    """P value of answers by groups: Fisher's of a sparse two-by-two table, else Pearson's."""
    there = counts[counts.sum(axis=1) > 0]
    if len(there) < 2:
        return 1.0
    rows, columns = there.sum(axis=1), there.sum(axis=0)
    expected = rows[:, None] * columns / there.sum()
    if there.shape == (2, 2) and expected.min() < EXPECTED:
        return _fisher(int(there[0, 0]), *(int(n) for n in (rows[0], columns[0], there.sum())))
    degrees = (there.shape[0] - 1) * (there.shape[1] - 1)
    return float(chdtrc(degrees, ((there - expected) ** 2 / expected).sum()))


def _fisher(found: int, row: int, column: int, total: int) -> float:
    """Chance of all tables with these margins that are no likelier than the one found."""
    x = np.arange(max(0, row + column - total), min(row, column) + 1)

    def ways(n: Any, k: Any) -> Any:
        return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)

    chance = np.exp(ways(row, x) + ways(total - row, column - x) - ways(total, column))
    own = chance[found - x[0]]
    return min(float(chance[chance <= own * (1 + 1e-7)].sum()), 1.0)


def _changes(
    asked: Asked, times: Question, wave: Mapping[str, str]
) -> Iterator[tuple[str, frozenset[str], JudgedComparison]]:
    chosen = opening_wave(asked, wave)
    level = table_by(asked, {*chosen})
    if level is None or any(answer.sum() > 1 for answer in level.answers):
        return
    cells = asked.frame.mask(chosen)
    places = {asked.options[int(np.argmax(answer))]: n for n, answer in enumerate(level.answers)}
    for column in range(asked.shown):
        found = _counts(asked, level, column, cells)
        if found is None:
            continue
        shares, n, effective = found
        up, same, down = (shares[places[way]] for way in ("up", "same", "down"))
        answered = up + same + down
        if round(answered * n) < FEWEST:
            continue
        people = answered * effective
        item, time = asked.columns[column]
        option = ""
        if not in_order(times):
            item, _, option = item.rpartition("=")
        elif not times.is_scale:
            option = max(times.substantive, key=lambda o: o.score or 0).code
        more, fewer = (Side(way / answered, round(answered * n), people) for way in (up, down))
        tested = 0.0 if asked.weighted else _mcnemar(up * n, down * n)
        codes = frozenset({option} if option else ())
        first, _, last = time.partition(" to ")
        one = JudgedDifference((first, last), codes, more, fewer, True, tested)
        yield time, codes, JudgedComparison((times.id, item, ""), [one])


def _mcnemar(up: float, down: float) -> float:
    b, c = round(up), round(down)
    if b + c < EXACT:
        return min(1.0, 2 * float(bdtr(min(b, c), b + c, 0.5))) if b != c else 1.0
    gap = max(abs(b - c) - 1, 0)
    return float(chdtrc(1, gap**2 / (b + c)))


def _wilson(p: Floats, n: Floats, z: Floats) -> tuple[Floats, Floats]:
    middle, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    ends = ((middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n))
    return np.maximum(ends[0], 0.0), np.minimum(ends[1], 1.0)


def _score(up: float, down: float, n: float, z: float) -> tuple[float, float]:
    """Tango's (1998) interval of up less down, from where its score is z."""

    def score(d: float) -> float:
        a, b, c = 2.0, (2 - up + down) * d - up - down, -down * d * (1 - d)
        least = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
        spread = max(2 * least + d * (1 - d), 0.0) / n
        return (up - down - d) - z * math.copysign(math.sqrt(spread), up - down - d)

    found = up - down
    low, high = -1.0, 1.0
    if found > -1 and score(-1.0) > 0:
        low = float(brentq(score, -1.0, found - 1e-15, xtol=1e-15))
    if found < 1 and score(1.0) < 0:
        high = float(brentq(score, found + 1e-15, 1.0, xtol=1e-15))
    return low, high


# What is said


def _compare(
    said: Released, due: Mapping[Any, JudgedComparison], family: JudgedFamily
) -> Iterator[str]:
    size = len(family.comparisons)
    numbers = set(re.findall(r"\d+", said["about"].replace(",", "")))
    if said["family"] != size or (size > 1 and str(size) not in numbers):
        yield f"{said['family']} comparisons, where there are {size}"
    places = [(row["item"], row["time"]) for row in said["rows"]]
    if len(said["rows"]) != len(due):
        yield f"{len(places)} rows, where there are {len(due)}"
        return
    for row, (place, one) in zip(said["rows"], due.items(), strict=True):
        if row["item"] != place[1] or row["time"] != place[2]:
            yield f"a row on {row['item']} {row['time']} where {place[1]} {place[2]} belongs"
            continue
        faults = [list(_row(row, one, d, family.chance)) for d in one.stands()]
        if fault := min(faults, key=len):
            yield f"{row['item']} {row['time']}: {'; '.join(fault)}"


def _row(
    row: Released, one: JudgedComparison, due: JudgedDifference, chance: float
) -> Iterator[str]:
    if strange := row.keys() - ROW:
        yield f"it holds {', '.join(sorted(strange))}"
    if frozenset(row["codes"]) != due.codes or row["of"] != len(one.differences):
        yield "it is about another answer"
    if tuple(g["id"] for g in row["times" if due.paired else "groups"]) != due.names:
        yield "it is about other groups"
    if row["word"] != due.word or row["said"] != WORDS[due.word]:
        yield f"“{row['said']}”, where the counts say {WORDS[due.word]}"
    bases = [due.one.n] if due.paired else [due.one.n, due.two.n]
    if row["bases"] != bases:
        yield f"bases of {row['bases']}, in the cube {bases}"
    up, down = due.one.share, due.two.share
    shares = [up, max(1 - up - down, 0.0), down] if due.paired else [up, down]
    for text, share in zip(row["moves" if due.paired else "shares"], shares, strict=True):
        if not as_printed(text.rstrip("%"), 100 * share):
            yield f"{text}, where the cube gives {share:.1%}"
    for text, end in zip(
        (row["difference"], *row["range"]), (due.size, due.low, due.high), strict=True
    ):
        if not as_printed(text, 100 * end):
            yield f"{text} points, where the cube gives {100 * end:+.2f}"
    yield from agrees(row, due.word)
    could = due.could_show(chance / len(one.differences)) if due.word == "few" else None
    stated = row.get("could_show", "")
    points = _COULD.fullmatch(stated)
    if due.word != "few":
        if stated:
            yield f"“{stated}” beside {WORDS[due.word]}"
    elif could is None:
        if stated != _NONE:
            yield f"“{stated}”, where no difference could be shown"
    elif points is None or not -OFF <= float(points[1]) - 100 * could <= 1 + OFF:
        yield f"“{stated}”, where {100 * could:.1f} could be shown"


def as_printed(text: str, value: float, off: float = 0.0) -> bool:
    """Whether a number is printed as it is, to the digits that it has, or is so little off."""
    plain = text.replace("−", "-").replace(",", "")
    if not re.fullmatch(r"[+-]?\d+(?:\.\d+)?", plain):
        return False
    unit = 10.0 ** -len(plain.partition(".")[2])
    return abs(float(plain) - value) <= unit / 2 + OFF + off


def agrees(row: Released, word: str) -> Iterator[str]:
    """Hold the range as it is printed against the word."""
    low, high = (float(end.replace("−", "-").replace(",", "")) for end in row["range"])
    differs = low > 0 or high < 0
    near = max(abs(low), abs(high)) <= 100 * NEAR
    if differs != (word in ("clear", "likely")) or (not differs and near != (word == "same")):
        yield f"a range of {low:g} to {high:g} contradicts “{WORDS[word]}”"


def told_in_headlines(
    pages: Sequence[Released], codebook: Codebook, wave: Mapping[str, str]
) -> set[str]:
    """Lines that say no more than the findings of these pages, which are judged by themselves."""
    families: dict[str, int] = {}
    told = set()
    for shown in (question for page in pages for question in page.get("questions", ())):
        for key, of in shown.get("findings", {}).items():
            families[key] = of["family"]
            rows = (row for row in of["rows"] if row["word"] in ("clear", "likely"))
            split = wave and key != wave["id"] and wave["id"] in shown["filters"]
            of_wave = f"in {codebook.waves[wave['latest']]}" if split else ""
            asked = codebook.questions.get(shown["id"])
            some = f" {shown['asked']}" if asked is not None and asked.asked_if else ""
            lines = (_line(row, shown["title"], of_wave, key == wave.get("id")) for row in rows)
            told |= {f"{line}{some}" for line in lines}
    if families and not told:
        labels = [_inside(d.label) for name, d in codebook.dimensions.items() if name in families]
        labels += ["time"] if len(labels) < len(families) else []
        *most, last = labels
        by = f"{', '.join(most)} and {last}" if most else last
        of_all = sum(families.values())
        told.add(f"Of {of_all:,} comparisons by {by}, none shows a clear or likely difference.")
    return told


def says_word(text: str) -> bool:
    """Whether a line says of a comparison what a finding says, in its words."""
    words = "|".join(map(re.escape, WORDS.values()))
    said = rf"(?:Difference|Change): (?:{words})\.|Of [\d,]+ comparisons by "
    return bool(re.search(said, text))


def told_since(pages: Sequence[Released], codebook: Codebook, wave: Mapping[str, str]) -> str:
    """Say what the findings of these pages say of the waves."""
    listed = {shown["id"]: shown for page in pages for shown in page.get("questions", ()) if wave}
    offered = {g["id"] for q in listed.values() for g in q["filters"].get(wave["id"], ())}
    known = [each for each in codebook.waves if each in offered] if wave else []
    rows = [
        row
        for shown in listed.values()
        for row in shown.get("findings", {}).get(wave["id"], {}).get("rows", ())
    ]
    if not rows or wave["latest"] not in known[1:]:
        return ""
    start = f"Since {codebook.waves[known[0]]}, " if len(known) == 2 else "Between waves, "
    many = Counter(row["word"] for row in rows)
    counts = [f"{many[word]} {word}" for word in ("clear", "likely") if many[word]]
    if not counts:
        if len(rows) == 1:
            return f"{start}the only comparison is neither clear nor likely."
        return f"{start}none of {len(rows):,} comparisons is clear or likely."
    most = max((row for row in rows if row["word"] in ("clear", "likely")), key=_nearest)
    answer = f" ({_inside(most['answer'])})" if most["answer"] else ""
    ends = [
        share if len(known) == 2 else f"{share} in {group['label']}"
        for share, group in zip(most["shares"], most["groups"], strict=True)
    ]
    what = f"“{_cut([most['label']], SHORT)[0]}”{answer}, {' → '.join(ends[::-1])}"
    number = f"{len(rows):,} comparison{'s' * (len(rows) > 1)}"
    return f"{start}{number}: {' and '.join(counts)}. Above all: {what}."


def _nearest(row: Released) -> float:
    """How many points the nearer end of a range is from no difference."""
    low, high = (float(end.translate({0x2212: "-"})) for end in row["range"])
    return max(low, -high, 0.0)


def _cut(names: Sequence[str], most: int = ROOM) -> list[str]:
    """Names as headlines have them: the longest end at a word, so that all have room."""
    room = max(map(len, names))
    while sum(min(len(name), room) for name in names) > most:
        room -= 1
    short = []
    for name in names:
        end = name.rfind(" ", 0, room)
        whole = name[: end if end >= 0 else room - 1]
        short.append(name if len(name) <= room else re.sub(r"[ ,;:.–(-]*$", "…", whole, count=1))
    return short


def _line(row: Released, title: str, of_wave: str, waves: bool) -> str:
    gap = " " if title[-1:] in ("?", "!", ".", "…", ":") else ": "
    of = title
    if row["answer"]:
        of += gap + _after(title, row["answer"], _inside(row["answer"]))
    item = row["label"] != title
    sides = [each["label"] for each in row.get("groups") or row["times"]]
    if item or not row["answer"]:
        what, *sides = _cut([row["label"], *sides])
    else:
        answer = _cut([_inside(row["answer"])], ROOM // 2)[0]
        what, *sides = _cut([title, *sides], ROOM - len(answer))
        gap = " " if what[-1:] in ("?", "!", ".", "…", ":") else ": "
        what += gap + _after(what, row["answer"], answer)
    kind = "Difference"
    if "groups" not in row:
        first, last = map(_inside, sides)
        said, kind = f"{row['difference']} points from {first} to {last}", "Change"
    else:
        (one, share), (two, other) = zip(sides, row["shares"], strict=True)
        said = f"{share} ({one}), {other} ({two})"
        if waves:
            said = f"{other} in {two}, {share} in {one}"
    about = ", ".join(filter(None, (of if item else "", of_wave)))
    about = about[:1].upper() + about[1:]
    if about:
        about += " " if about[-1] in "?!.…:" else ". "
    return f"“{what}”: {said}\n{about}{kind}: {row['said']}."


def _after(name: str, answer: str, said: str) -> str:
    """Write an answer as it follows a name: a sentence that has ended is followed by a capital."""
    ended = name[-1:] in ("?", "!", ".") and answer[-1:] != "?"
    return answer[0] + said[1:] if ended else said


_SMALL_WORDS = "a|an|at|by|for|from|in|no|not|of|on|over|the|to|under|with"


def _inside(label: str) -> str:
    """Write a label as it is written inside a sentence."""
    if label.endswith(("?", "…")):
        return f"“{label}”"
    if re.match(r"[A-Z][A-Z\d]|I\b", label):
        return label
    words = re.split(r"[\s/-]+", label, maxsplit=1)
    begins = words[0].isalpha() and not re.fullmatch(_SMALL_WORDS, words[0], re.IGNORECASE)
    if len(words) == 2 and begins and words[1][:1].isupper():
        return label
    return label[:1].lower() + label[1:]
