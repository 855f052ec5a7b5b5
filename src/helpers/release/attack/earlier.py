"""Which counts of an earlier release are of the same answers and groups, as a reader would see.

A reader lays the old pages beside the new ones. What has the same words is the same, whatever its
id. So is what has the same id, unless something else has its words. What vanished is what appeared
in its place, if their counts are closer than chance would make them. If answers or groups can be
matched in several ways, the one in which the fewest people changed holds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from itertools import product
from typing import TypeAlias

import numpy as np

from helpers.codebook.model import NOT_STATED, Codebook
from helpers.release.attack.partition import Floats
from helpers.release.attack.released import Released

Counts: TypeAlias = dict[str, dict[frozenset[str], float]]  # group -> answers -> count
Blocks: TypeAlias = list[tuple[frozenset[str], frozenset[str]]]  # earlier names, names of today
CHANCE = 0.9  # of two unrelated questions, times the ways to take their answers for one another
ALIKE_CHANCE = 0.3  # where the answers have the same names, and there is one way
ALIKE = 0.6  # part of the letters that two titles share, so that a reader takes them for one
AGAINST_NAMES = 0.001  # where names say otherwise
NAMESAKES, UNRELATED = 1e-4, 1e-8  # of near-duplicates with nearly the same title, and others
MOST_WAYS = 4096


@dataclass(frozen=True)
class Vocabulary:
    """What readers read: label by id. Where no words are known, ids stand for them."""

    questions: Mapping[str, tuple[str, ...]]
    items: Mapping[str, Mapping[str, str]]
    options: Mapping[str, Mapping[str, str]]
    populations: Mapping[str, str]
    dimensions: Mapping[str, str]
    bands: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, codebook: Codebook) -> Vocabulary:
        """Return the words of a codebook."""
        asked = {q.id: q.reduced for q in codebook.questions.values()}
        return cls(
            {q.id: (q.label, q.wording) for q in asked.values()},
            {q.id: {i.code: i.label for i in q.items} for q in asked.values()},
            {q.id: {o.code: o.label for o in (*q.options, *q.in_base)} for q in asked.values()},
            {p.id: p.label for p in codebook.populations.values()},
            {d.id: d.label for d in codebook.dimensions.values()},
            {d.id: dict(d.bands) for d in codebook.dimensions.values()},
        )

    @classmethod
    def kept(cls, said: Released) -> Vocabulary:
        """Return the words that a record keeps; earlier editions kept none."""
        asked = said.get("questions", {})
        dimensions = said.get("dimensions", {})
        return cls(
            {q: (one["label"], one["wording"]) for q, one in asked.items()},
            {q: one["items"] for q, one in asked.items()},
            {q: one["options"] for q, one in asked.items()},
            said.get("populations", {}),
            {d: one["label"] for d, one in dimensions.items()},
            {d: one["bands"] for d, one in dimensions.items()},
        )


def _look(words: str) -> str:
    return " ".join(words.casefold().split())


def pair_names(
    old: Iterable[str],
    new: Iterable[str],
    old_words: Mapping[str, str],
    new_words: Mapping[str, str],
) -> dict[str, str]:
    """Pair what has the same words, then what has the same id: earlier id -> id of today."""
    known = list(new)
    said = [_look(new_words.get(n, n)) for n in known]
    namesakes = {w: n for w, n in zip(said, known, strict=True) if said.count(w) == 1}
    wanted = {o: _look(old_words[o]) for o in old if o in old_words}
    found = {o: namesakes[w] for o, w in wanted.items() if w in namesakes}
    for o in old:
        if o not in found and o in known and o not in found.values():
            found[o] = o
    return found


class AnswerTable:
    """A question of a release: its counts, whatever level shows them."""

    def __init__(self, content: Released) -> None:
        self.content = content
        self.places = [(c["item"], c["time"]) for c in content["columns"]]
        self.levels = sorted(content["levels"], key=lambda level: len(level["dimensions"]))
        self._known: dict[tuple[int, str], Counts] = {}

    def counts(self, column: int, dimension: str = "") -> Counts:
        """Count a column by answers, per group of a dimension; of everybody under ``""``.

        The level that shows most is read; what is hidden is NaN.
        """
        if (column, dimension) not in self._known:
            self._known[column, dimension] = self._read(column, dimension)
        return self._known[column, dimension]

    def _read(self, column: int, dimension: str) -> Counts:
        best: Counts = {}
        most = -1
        for level in self.levels:
            if dimension and dimension not in level["dimensions"]:
                continue
            found: Counts = {}
            answers = [frozenset(a) for a in level["answers"]]
            for group in level["groups"]:
                row = group["n"][column]
                held = found.setdefault(group["groups"][dimension] if dimension else "", {})
                for at, answer in enumerate(answers):
                    n = None if row is None else row[at]
                    held[answer] = held.get(answer, 0.0) + (math.nan if n is None else n)
            values = [n for one in found.values() for n in one.values()]
            shown = sum(not math.isnan(n) for n in values)
            if shown > most:
                best, most = found, shown
            if shown == len(values) and all(len(a) == 1 for a in answers):
                break
        return best

    @cached_property
    def bases(self) -> list[float]:
        """How many answered each column, NaN where that is hidden."""
        found = []
        for column in range(len(self.places)):
            base = math.nan
            for level in self.levels:
                of = [g["bases"][column] for g in level["groups"] if "bases" in g]
                if of and None not in of:
                    base = float(sum(of))
                    break
            if math.isnan(base):
                base = float(sum(self.counts(column).get("", {frozenset(): math.nan}).values()))
            found.append(base)
        return found


@dataclass(frozen=True)
class Pairing:
    """A question of today and one of an earlier release, laid beside one another."""

    new: AnswerTable
    old: AnswerTable
    options: Blocks
    ways: int  # in which the options could be taken for one another
    bands: Mapping[str, tuple[str, Mapping[str, frozenset[str]]]]  # dimension -> today's, groups

    def everybody(self, now: int, before: int) -> tuple[Floats, Floats]:
        """Count by block of answers in either release."""
        return self._everybody[0][before], self._everybody[1][now]

    def groups(self, now: int, before: int) -> Iterator[list[tuple[Floats, Floats]]]:
        """Yield, per dimension, counts by block of answers in each group that both show."""
        for old, new in self._groups:
            first, second = old[before], new[now]
            yield [(first[group], second[group]) for group in first if group in second]

    @cached_property
    def _everybody(self) -> list[list[Floats]]:
        """Counts of everybody, earlier and today, by column: each is laid beside many others."""
        return [
            [self._blocks(table.counts(c).get("", {}), side) for c in range(len(table.places))]
            for side, table in enumerate((self.old, self.new))
        ]

    @cached_property
    def _groups(self) -> list[tuple[list[dict[str, Floats]], list[dict[str, Floats]]]]:
        """Counts of groups by dimension, earlier and today, and by column."""
        found = []
        for dimension, (today, groups) in self.bands.items():
            shown = {g["id"]: frozenset(g["bands"]) for g in self.new.content["dimensions"][today]}
            parts = {}
            for group, bands in groups.items():
                inside = [g for g, held in shown.items() if held <= bands]
                if inside and frozenset().union(*(shown[g] for g in inside)) == bands:
                    parts[group] = inside
            first = []
            for column in range(len(self.old.places)):
                counts = self.old.counts(column, dimension)
                first.append({g: self._blocks(counts[g], 0) for g in parts if g in counts})
            second = []
            for column in range(len(self.new.places)):
                counts = self.new.counts(column, today)
                blocks = {g: self._blocks(held, 1) for g, held in counts.items()}
                second.append(
                    {
                        group: np.sum([blocks[g] for g in inside], axis=0)
                        for group, inside in parts.items()
                        if all(g in blocks for g in inside)
                    }
                )
            found.append((first, second))
        return found

    def _blocks(self, counts: Mapping[frozenset[str], float], side: int) -> Floats:
        return np.array(
            [
                sum((n for a, n in counts.items() if a <= block[side]), 0.0)
                if frozenset().union(*(a for a in counts if a <= block[side])) == block[side]
                else math.nan
                for block in self.options
            ]
        )

    def moved(self, now: int, before: int) -> float:
        """Least number of people who came, went or changed: of everybody, by block of answers."""
        first, second = self.everybody(now, before)
        step = (second - first)[~np.isnan(second - first)]
        return float(max(step[step > 0].sum(), -step[step < 0].sum())) if len(step) else math.inf

    def chance(self, now: int, before: int) -> float:
        """Chance that two unrelated questions of the same shares come as close as these.

        Notes
        -----
        Were both drawn from the same shares, the difference of two counts would have the variance
        2np(1 - p), so that a distance of up to d has about the chance (2d + 1) / sqrt(4 pi n p(1 -
        p) + 1). It is taken for all answers but the largest, of everybody and of all groups but
        the largest; Fisher (1932) combines such chances. Of several dimensions the most telling
        one counts.
        """
        everybody = self.everybody(now, before)
        if np.isnan(everybody).any() or len(everybody[0]) < 2:
            return 1.0
        known = _chances(everybody, everybody[1])
        tried = [_combined(known)]
        for groups in self.groups(now, before):
            of = sorted((g for g in groups if not np.isnan(g).any()), key=lambda g: g[1].sum())
            more = (_chances(g, everybody[1]) for g in of[:-1])
            tried.append(_combined(np.concatenate([known, *more])))
        return min(tried) * self.ways

    def chance_where_near(self, now: int, before: int, minimum: int) -> float:
        """Chance as above, of groups alone that are less than `minimum` people apart.

        It is 1 where no such group is apart at all: then nobody is told of.
        """
        everybody = self.everybody(now, before)
        if np.isnan(everybody[1]).any() or len(everybody[1]) < 2:
            return 1.0
        tried = [1.0]
        for groups in ([everybody], *self.groups(now, before)):
            known = [(g, float(g[1].sum() - g[0].sum())) for g in groups if not np.isnan(g).any()]
            near = [(g, apart) for g, apart in known if abs(apart) < minimum]
            if any(apart for _, apart in near):
                of = (_chances(g, everybody[1]) for g, _ in near)
                tried.append(_combined(np.concatenate(list(of))))
        return min(tried) * self.ways


def _chances(counts: tuple[Floats, Floats], everybody: Floats) -> Floats:
    """Chance of each answer but the largest to come as close in two groups as these counts do."""
    share = everybody / max(everybody.sum(), 1.0)
    a, b = counts
    size = max(a.sum(), b.sum())
    near = (2 * np.abs(a - b) + 1) / np.sqrt(4 * np.pi * size * share * (1 - share) + 1)
    return np.asarray(np.minimum(near, 1.0)[np.argsort(everybody)[:-1]])


def _combined(chances: Floats) -> float:
    """Combine chances: how likely their product is to be as small or smaller."""
    x, term, total = -float(np.log(chances).sum()), 1.0, 0.0
    for n in range(len(chances)):
        total, term = total + term, term * x / (n + 1)
    return math.exp(-x) * total


def taken(
    old: Sequence[str],
    new: Sequence[str],
    first: Mapping[str, Floats],
    second: Mapping[str, Floats],
) -> tuple[Blocks, int]:
    """Take names of an earlier release for names of today so that the fewest people changed.

    Returns
    -------
    Blocks that correspond, and in how many ways they could have been chosen: the many are
    mapped onto the few, so that a name may be renamed, merged or split.
    """
    few, many, flipped = (new, old, False) if len(new) <= len(old) else (old, new, True)
    if len(few) ** len(many) > MOST_WAYS:
        return [(frozenset(old), frozenset(new))], 1
    best: Blocks = [(frozenset(old), frozenset(new))]
    least, ways = math.inf, 0
    for choice in product(range(len(few)), repeat=len(many)):
        if len({*choice}) < len(few):
            continue
        ways += 1
        blocks: Blocks = []
        for at, name in enumerate(few):
            others = frozenset(m for m, c in zip(many, choice, strict=True) if c == at)
            one = (frozenset({name}), others)
            blocks.append(one if flipped else (others, frozenset({name})))
        moved = _moved(blocks, first, second)
        if moved < least:
            best, least = blocks, moved
    return best, ways


def _moved(blocks: Blocks, first: Mapping[str, Floats], second: Mapping[str, Floats]) -> float:
    """How far counts of blocks are apart, over all that are known."""
    steps = [sum(first[o] for o in a) - sum(second[n] for n in b) for a, b in blocks]
    return float(sum(np.nansum(np.abs(step)) for step in steps))


def _options(
    new: AnswerTable,
    old: AnswerTable,
    words: Vocabulary,
    before: Vocabulary,
    names: tuple[str, str],
) -> tuple[Blocks, int]:
    """Take the answers of two questions for one another: by words, by code, then by counts."""
    now, was = new.content["options"], old.content["options"]
    found = pair_names(was, now, before.options.get(names[1], {}), words.options.get(names[0], {}))
    blocks: Blocks = [(frozenset({o}), frozenset({n})) for o, n in found.items()]
    rest_old = [o for o in was if o not in found]
    rest_new = [n for n in now if n not in found.values()]
    shared = [p for p in new.places if p in old.places]
    columns = [(new.places.index(p), old.places.index(p)) for p in shared]
    if not columns and len(new.places) == 1 == len(old.places):
        columns = [(0, 0)]
    first = {o: _each(old, [b for _, b in columns], o) for o in was}
    second = {n: _each(new, [c for c, _ in columns], n) for n in now}
    if rest_old and rest_new:
        more, ways = taken(rest_old, rest_new, first, second)
        return blocks + more, ways
    if rest_old or rest_new:  # what vanished went into another answer, or came out of one
        side = 0 if rest_old else 1
        kept = blocks
        for name in rest_old or rest_new:
            tried = [_joined(kept, at, side, name) for at in range(len(kept))]
            kept = min(tried, key=lambda way: _moved(way, first, second), default=kept)
        return kept, max(len(blocks), 1)
    return blocks, 1


def _joined(blocks: Blocks, at: int, side: int, name: str) -> Blocks:
    a, b = blocks[at]
    one = (a | {name}, b) if side == 0 else (a, b | {name})
    return [*blocks[:at], one, *blocks[at + 1 :]]


def _each(table: AnswerTable, columns: Sequence[int], option: str) -> Floats:
    """Count one answer over columns, 0 where it is not shown by itself."""
    return np.array(
        [table.counts(c).get("", {}).get(frozenset({option}), 0.0) for c in columns] or [0.0]
    )


def _groups(
    new: AnswerTable, old: AnswerTable, words: Vocabulary, before: Vocabulary, near: int
) -> dict[str, tuple[str, dict[str, frozenset[str]]]]:
    """Take dimensions and their groups for one another: by words, by id, then by counts."""
    now, was = new.content["dimensions"], old.content["dimensions"]
    found = pair_names(was, now, before.dimensions, words.dimensions)
    result = {}
    for o in was:
        if o in found:
            result[o] = (found[o], _bands(new, old, (o, found[o]), words, before))
    for o in (o for o in was if o not in result):
        spare = [n for n in now if n not in {d for d, _ in result.values()}]
        tried = {n: _bands(new, old, (o, n), words, before, near) for n in spare}
        good = [n for n in spare if len(tried[n]) == len(was[o])]
        if good:
            result[o] = (good[0], tried[good[0]])
    return result


def _bands(
    new: AnswerTable,
    old: AnswerTable,
    pair: tuple[str, str],
    words: Vocabulary,
    before: Vocabulary,
    near: float = math.inf,
) -> dict[str, frozenset[str]]:
    """Take groups of an earlier dimension for bands of today, of nearly the same size."""
    o, n = pair
    was, now = old.content["dimensions"][o], new.content["dimensions"][n]
    old_bands = [b for g in was for b in g["bands"]]
    new_bands = [b for g in now for b in g["bands"]]
    found = pair_names(old_bands, new_bands, before.bands.get(o, {}), words.bands.get(n, {}))
    result = {
        g["id"]: frozenset(found[b] for b in g["bands"])
        for g in was
        if all(b in found for b in g["bands"])
    }
    held = frozenset().union(*result.values())
    rest_old = [g["id"] for g in was if g["id"] not in result]
    rest_new = [g["id"] for g in now if not held & {*g["bands"]}]
    if rest_old and rest_new:
        first, second = _sizes(old, o), _sizes(new, n)
        if all(g in first for g in rest_old) and all(g in second for g in rest_new):
            bands = {g["id"]: frozenset(g["bands"]) for g in now}
            for a, b in taken(rest_old, rest_new, first, second)[0]:
                if len(a) == 1:
                    result[next(iter(a))] = frozenset().union(*(bands[g] for g in b))
    if near < math.inf and held != {*new_bands}:
        first, second = _sizes(old, o), _sizes(new, n)
        shown = {g["id"]: frozenset(g["bands"]) for g in now}
        for group, inside in result.items():
            there = sum(float(n[0]) for g, n in second.items() if shown[g] <= inside)
            if group not in first or not abs(float(first[group][0]) - there) < near:
                return {}
    return result


def _sizes(table: AnswerTable, dimension: str) -> dict[str, Floats]:
    """How many of each group answered the first column that the dimension divides."""
    for column in range(len(table.places)):
        counts = table.counts(column, dimension)
        sizes = {g: np.array([sum(answers.values())]) for g, answers in counts.items()}
        if sizes and not any(np.isnan(n).any() for n in sizes.values()):
            return sizes
    return {}


class Matches:
    """Questions of an earlier release in the names of today.

    Parameters
    ----------
    codebook, cube
        What is public today.
    record
        An earlier release: its ``cube``, and its ``words`` where they were kept.
    minimum
        So many people are enough to be told of: what they alone may have changed is the same.
    """

    def __init__(
        self,
        codebook: Codebook,
        cube: Released,
        record: Released,
        minimum: int = 10,
    ) -> None:
        self.minimum = minimum
        self.now, self.was = Vocabulary.of(codebook), Vocabulary.kept(record.get("words", {}))
        self.new = {q: AnswerTable(c) for q, c in cube["questions"].items()}
        self.old = {
            q: AnswerTable(c) for q, c in record["cube"]["questions"].items() if "levels" in c
        }
        self._pairs: dict[tuple[str, str], Pairing] = {}

    @cached_property
    def populations(self) -> dict[str, str]:
        """Population of each earlier one, by words, id, then by how many took part."""
        old, new = (
            {t.content["population"]: t.content["respondents"] for t in tables.values()}
            for tables in (self.old, self.new)
        )
        found = pair_names(old, new, self.was.populations, self.now.populations)
        for o in (o for o in old if o not in found):
            spare = [
                n for n in new if n not in found.values() and abs(new[n] - old[o]) < self.minimum
            ]
            if spare:
                found[o] = min(spare, key=lambda n: abs(new[n] - old[o]))
        return found

    def pair(self, now: str, before: str) -> Pairing:
        """Lay two questions beside one another."""
        if (now, before) not in self._pairs:
            new, old = self.new[now], self.old[before]
            options, ways = _options(new, old, self.now, self.was, (now, before))
            groups = _groups(new, old, self.now, self.was, self.minimum)
            self._pairs[now, before] = Pairing(new, old, options, ways, groups)
        return self._pairs[now, before]

    def _pair(self, now: str, before: str, whole: bool) -> Pairing:
        """Lay two questions beside one another, with `whole` by what the codebook calls the same.

        What it calls something else than today's question offers is not what the question offers.
        """
        pair = self.pair(now, before)
        if not whole:
            return pair
        was = self.old[before].content["dimensions"]
        found = pair_names(was, self.now.bands, self.was.dimensions, self.now.dimensions)
        bands = {d: of for d, of in pair.bands.items() if d not in found}
        for d, today in found.items():
            held = [b for g in was[d] for b in g["bands"]]
            known = [*self.now.bands[today], NOT_STATED]
            names = pair_names(held, known, self.was.bands.get(d, {}), self.now.bands[today])
            if all(b in names for b in held):
                bands[d] = (
                    today,
                    {g["id"]: frozenset(names[b] for b in g["bands"]) for g in was[d]},
                )
        return replace(pair, bands=bands)

    def _columns(self, tables: Mapping[str, AnswerTable]) -> list[tuple[str, int]]:
        return [(q, c) for q, t in tables.items() for c in range(len(t.places))]

    def _same(self, now: str, before: str) -> bool:
        new, old = self.new[now].content["population"], self.old[before].content["population"]
        return self.populations.get(old) == new

    @cached_property
    def columns(self) -> list[tuple[tuple[str, int], tuple[str, int]]]:
        """Columns of today and earlier ones that say the same."""
        found = self._by_names()
        found += self._by_elimination(found)
        spoken = (
            {n for n, o in found if self._near(n, o)},
            {o for n, o in found if self._near(n, o)},
        )
        named = {n for n, _ in found}, {o for _, o in found}, {*found}
        new = [n for n in self._columns(self.new) if n not in spoken[0]]
        old = [o for o in self._columns(self.old) if o not in spoken[1]]
        for n in new:
            base = self.new[n[0]].bases[n[1]]
            near = [
                o
                for o in old
                if abs(self.old[o[0]].bases[o[1]] - base) < self.minimum
                and self._same(n[0], o[0])
                and (n, o) not in named[2]
                and self._may_be_near(n, o)
            ]
            tried = []
            for o in near:
                pair = self.pair(n[0], o[0])
                moved = pair.moved(n[1], o[1])
                if moved < self.minimum:
                    limit = ALIKE_CHANCE if pair.ways == 1 else CHANCE
                    if n in named[0] or o in named[1]:
                        limit = AGAINST_NAMES
                    elif self._alike(n, o):
                        limit = math.inf
                    tried.append((pair.chance(n[1], o[1]) / limit, moved, o))
            likely = sorted(t for t in tried if t[0] * len(near) < 1)
            found += [(n, o) for *_, o in likely[:1]]
        return found

    @cached_property
    def beside(self) -> list[tuple[tuple[str, int], tuple[str, int]]]:
        """Columns of today and earlier ones that are answered nearly alike.

        They may both be on either release, under their own names; or one was renamed, and many
        people came. Where they are a few people apart, how many answered tells of these.
        """
        same = {*self.columns}
        return [
            (n, o)
            for n in self._columns(self.new)
            for o in self._columns(self.old)
            if (n, o) not in same and self._same(n[0], o[0])
            for pair in [self.pair(n[0], o[0])]
            if len(pair.options) > 1
            for chance in [pair.chance_where_near(n[1], o[1], self.minimum)]
            if chance < UNRELATED or (chance < NAMESAKES and self._alike(n, o))
        ]

    def _near(self, n: tuple[str, int], o: tuple[str, int]) -> bool:
        return self.pair(n[0], o[0]).moved(n[1], o[1]) < self.minimum

    def _alike(self, n: tuple[str, int], o: tuple[str, int]) -> bool:
        """Whether titles are nearly the same, and times and answers the same."""
        times = self.new[n[0]].places[n[1]][1], self.old[o[0]].places[o[1]][1]
        if times[0] != times[1] or self.pair(n[0], o[0]).ways > 1:
            return False
        words = product(self.now.questions.get(n[0], ()), self.was.questions.get(o[0], ()))
        said = ((_look(a), _look(b)) for a, b in words if a and b)
        return any(SequenceMatcher(None, *pair).ratio() > ALIKE for pair in said)

    def _may_be_near(self, n: tuple[str, int], o: tuple[str, int]) -> bool:
        """Whether as many answers, taken for one another in any way, can be near."""
        counts = [
            sorted(table.counts(c).get("", {}).values())
            for table, c in ((self.new[n[0]], n[1]), (self.old[o[0]], o[1]))
        ]
        if len(counts[0]) != len(counts[1]) or any(map(math.isnan, counts[0] + counts[1])):
            return True
        return sum(abs(a - b) for a, b in zip(*counts, strict=True)) < 2 * self.minimum

    def _by_names(self) -> list[tuple[tuple[str, int], tuple[str, int]]]:
        """Pair columns by words, and by ids where words tell nothing else."""
        found = []
        ids = {(q, *self.old[q].places[c]): (q, c) for q, c in self._columns(self.old)}
        spoken: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
        for q, c in self._columns(self.old):
            item, time = self.old[q].places[c]
            label = _look(self.was.items.get(q, {}).get(item, item))
            for words in {_look(w) for w in self.was.questions.get(q, ()) if w}:
                spoken.setdefault((words, label, time), []).append((q, c))
        for q, c in self._columns(self.new):
            item, time = self.new[q].places[c]
            label = _look(self.now.items.get(q, {}).get(item, item))
            named: list[tuple[str, int]] = []
            for words in {_look(w) for w in self.now.questions.get(q, ()) if w}:
                named += [o for o in spoken.get((words, label, time), ()) if self._same(q, o[0])]
            if not named and (o := ids.get((q, item, time))) and self._same(q, o[0]):
                named = [o]
            found += [((q, c), o) for o in dict.fromkeys(named)]
        return found

    def _by_elimination(
        self, found: Sequence[tuple[tuple[str, int], tuple[str, int]]]
    ) -> list[tuple[tuple[str, int], tuple[str, int]]]:
        """Pair items that vanished from a question with as many that appeared in it, in order.

        They are the same unless more people changed than came or went, and the minimum besides.
        """
        more = []
        for now, before in dict.fromkeys((n[0], o[0]) for n, o in found):
            new, old = self.new[now], self.old[before]
            gone = [c for c in range(len(old.places)) if (before, c) not in {o for _, o in found}]
            come = [c for c in range(len(new.places)) if (now, c) not in {n for n, _ in found}]
            items = [
                list(dict.fromkeys(table.places[c][0] for c in columns))
                for table, columns in ((old, gone), (new, come))
            ]
            if len(items[0]) != len(items[1]):
                continue
            renamed = dict(zip(*items, strict=True))
            for o, n in product(gone, come):
                (item, time), place = old.places[o], new.places[n]
                if (renamed[item], time) == place:
                    apart = abs(new.bases[n] - old.bases[o])
                    if self.pair(now, before).moved(n, o) <= apart + self.minimum:
                        more.append(((now, n), (before, o)))
        return more

    def contents(self, *, whole: bool = False) -> dict[str, list[Released]]:
        """Earlier questions in the names of today, by question of today.

        With `whole` by all that divided them then, also what divides no question of today.
        """
        places: dict[tuple[str, str], dict[int, tuple[str, str]]] = {}
        for (q, c), (before, b) in self.columns:
            places.setdefault((q, before), {})[b] = self.new[q].places[c]
        result: dict[str, list[Released]] = {}
        for (q, before), columns in places.items():
            result.setdefault(q, []).append(_renamed(self._pair(q, before, whole), columns))
        for (q, c), (before, b) in self.beside:
            found = _renamed(self._pair(q, before, whole), {b: self.new[q].places[c]})
            result.setdefault(q, []).append(_bases_alone(found, self.new[q].content))
        return result


def _bases_alone(old: Released, new: Released) -> Released:
    """Keep how many answered, not what: of near-duplicates some answers differ anyway."""

    def bases(entry: Released) -> list[int | None]:
        return entry["bases"] if "bases" in entry else [_total(n) for n in entry["n"]]

    levels = [
        {
            **level,
            "groups": [
                {**g, "bases": bases(g), "n": [[None] * len(level["answers"]) for _ in g["n"]]}
                for g in level["groups"]
            ],
        }
        for level in old["levels"]
    ]
    return {**old, "asked": None, "respondents": new["respondents"], "levels": levels}


def _renamed(pair: Pairing, columns: Mapping[int, tuple[str, str]]) -> Released:
    """Write an earlier question in names of today; groups and answers without any are added up."""
    old, new = pair.old.content, pair.new.content
    dimensions: dict[str, list[Released]] = {}
    for d, (today, groups) in pair.bands.items():
        if len(groups) == len(old["dimensions"][d]):
            dimensions[today] = [
                {"id": g["id"], "label": g["label"], "bands": sorted(groups[g["id"]])}
                for g in old["dimensions"][d]
            ]
    kept = {d: today for d, (today, _) in pair.bands.items() if today in dimensions}
    return {
        **old,
        "population": new["population"],
        "dimensions": dimensions,
        "columns": [{"item": item, "time": time} for item, time in columns.values()],
        "hidden_columns": [],
        "options": list(new["options"]),
        "weighted": False,
        "levels": [_level(level, pair.options, list(columns), kept) for level in old["levels"]],
    }


def _level(
    level: Released, blocks: Blocks, columns: list[int], kept: Mapping[str, str]
) -> Released:
    parts: Blocks = [(frozenset(a), frozenset()) for a in level["answers"]]
    for block in blocks:
        inside = [p for p in parts if p[0] & block[0]]
        names = frozenset().union(*(p[1] for p in inside)) | block[1]
        joined = frozenset().union(*(p[0] for p in inside)) | block[0]
        parts = [p for p in parts if p not in inside] + [(joined, names)]
    parts = [p for p in parts if p[1]]
    rows = [[n for n, a in enumerate(level["answers"]) if {*a} <= part[0]] for part in parts]
    together: dict[tuple[tuple[str, str], ...], list[Released]] = {}
    for group in level["groups"]:
        key = tuple((kept[d], g) for d, g in group["groups"].items() if d in kept)
        together.setdefault(key, []).append(group)
    groups = []
    for key, entries in together.items():
        bases = [_total(e["bases"][c] if "bases" in e else None for e in entries) for c in columns]
        counts = [
            [
                _total(None if e["n"][c] is None else e["n"][c][a] for e in entries for a in row)
                for row in rows
            ]
            for c in columns
        ]
        entry: dict[str, object] = {"groups": dict(key), "n": counts}
        if all("bases" in e for e in entries):
            entry["bases"] = bases
        groups.append(entry)
    return {
        "dimensions": [kept[d] for d in level["dimensions"] if d in kept],
        "answers": [sorted(part[1]) for part in parts],
        "hidden": [],
        "groups": groups,
    }


def _total(values: Iterable[int | None]) -> int | None:
    held = list(values)
    return None if None in held else sum(v for v in held if v is not None)
