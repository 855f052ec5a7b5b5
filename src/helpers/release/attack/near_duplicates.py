"""Questions with nearly the same answers, set side by side: what their bases and counts give away.

Where two columns are answered nearly alike, and by the same people but for a few, the difference of
their distributions is what these few said. The responses tell the auditor who is who. Without them
the numbers alone must show that two columns are too alike for chance.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from helpers.estimation.tabulate import coded
from helpers.release.attack.facts import Asked
from helpers.release.attack.leaks import AttackLog
from helpers.release.attack.partition import Floats, Frame, Ints, Mask
from helpers.responses.survey import Survey

METHOD = "near-duplicates"
ALIKE = 0.95  # least part of the answers that the best mapping must get right
LUCK = 1e-4  # chance below which agreement is none
RARE_LUCK = 1e-2  # the same of answers that never differ: even few people are told by these
UNRELATED = 1e-8  # chance that the tables of two unrelated questions agree so well, at most
NAMESAKES = 1e-4  # the same where they have nearly the same name
MOST_ANSWERS = 12  # up to which luck is counted
MOST_GROUPS = 6  # of a dimension, up to which unions are tried
MOST_TOGETHER = 8  # columns alike to one, up to which groups are compared by threes
LOOKED_AT = 3000  # respondents who tell which pairs are worth a closer look


@dataclass(frozen=True)
class Target:
    """A column of a question, and the answers of all respondents where these are known."""

    asked: Asked
    column: int
    answers: npt.NDArray[Any]
    cells: Ints

    @property
    def there(self) -> Mask:
        """Who gave an answer that the column shows."""
        return np.asarray((self.answers >= 0) & (self.cells >= 0))


def near_duplicates(
    everything: Mapping[str, Asked],
    people: Mapping[str, Sequence[Target]] | None,
    minimum: int,
    each: Mapping[str, int],
    log: AttackLog,
) -> None:
    """Compare the columns of each population with one another.

    Parameters
    ----------
    people
        Of each population who answered what (`targets`); None where that is not known.
    each
        Most rows of one person, by population: so many rows may be one person's.
    """
    for population, listed in exact_by_population(everything).items():
        if people is None:
            _by_numbers(listed, minimum, log)
            continue
        known, rows = people[population], (minimum - 1) * each[population] + 1
        for one, others in _alike(known, minimum).items():
            _few_apart(known[one], [known[n] for n in others], rows, log)


def exact_by_population(everything: Mapping[str, Asked]) -> dict[str, list[Asked]]:
    """Sort questions that show counts as they are by population."""
    found: dict[str, list[Asked]] = {}
    for asked in everything.values():
        if not asked.rounded and asked.levels:
            found.setdefault(asked.question.population, []).append(asked)
    return found


# With the responses


def targets(survey: Survey, everything: Mapping[str, Asked]) -> dict[str, list[Target]]:
    """Look up who answered what, and in which cell of a question's frame everybody is."""
    return {p: _targets(survey, p, listed) for p, listed in exact_by_population(everything).items()}


def _targets(survey: Survey, population: str, listed: Sequence[Asked]) -> list[Target]:
    columns = {
        (asked.question.id, n): cell.column
        for asked in listed
        for cell in survey.question(asked.question.id).cells
        if (cell.item, cell.time) in asked.columns
        for n in [asked.columns.index((cell.item, cell.time))]
    }
    dimensions = dict.fromkeys(d for asked in listed for d in asked.frame.pieces)
    held = coded(survey, population, [*columns.values(), *dimensions])
    tells = survey.codebook.wave_of(population)
    everybody = len(next(iter(held.values()))[0]) if held else 0
    frames = {id(asked.frame): asked.frame for asked in listed}  # questions share them
    inside = {}
    for known, frame in frames.items():
        inside[known] = np.zeros(everybody, dtype=np.int64)
        for d, pieces in frame.pieces.items():
            at, names = held[d]
            piece = [next((n for n, p in enumerate(pieces) if b in p), -1) for b in names]
            here, cells = np.array(piece, dtype=np.int64)[at], inside[known]
            inside[known] = np.where((cells < 0) | (here < 0), -1, cells * len(pieces) + here)
    found = []
    for asked in listed:
        kind = np.int8 if len(asked.options) <= np.iinfo(np.int8).max else np.int16
        parts = survey.question(asked.question.id).parts
        for n in range(asked.shown):
            at, names = held[columns[asked.question.id, n]]
            shown = {o: k for k, o in enumerate(asked.options)}
            option = np.array([shown.get(parts.get(c, c), -1) for c in names], dtype=kind)
            answers = option[at]
            if tells is not None and tells.id in held:
                wave, waves = held[tells.id]
                item = asked.columns[n][0]
                put = np.array([asked.question.offered(item, (), w) for w in waves], dtype=bool)
                answers = np.where(put[wave], answers, kind(-1))
            found.append(Target(asked, n, answers, inside[id(asked.frame)]))
    return found


def _alike(known: Sequence[Target], minimum: int) -> dict[int, list[int]]:
    """Find the columns that are answered nearly as each one is."""
    found: dict[int, list[int]] = {}
    if not known:
        return found
    everybody = _Bits.of(known)
    some = _Bits.of(known, -(-len(known[0].answers) // LOOKED_AT))
    for a in range(len(known) - 1):
        rest = np.arange(a + 1, len(known))
        rest = rest[~some.beside(a, rest).far_apart()]
        tables = everybody.beside(a, rest)
        for n in np.flatnonzero(tables.tells() & (tables.n >= minimum)):
            if not _by_luck(tables.table(int(n))):
                found.setdefault(a, []).append(int(rest[n]))
                found.setdefault(int(rest[n]), []).append(a)
    return found


@dataclass(frozen=True)
class _Bits:
    """Who gave each answer, as rows of bits: 64 respondents are compared at once."""

    words: npt.NDArray[np.uint64]
    starts: Ints  # of each column's answers among the rows, and the end of all

    @classmethod
    def of(cls, known: Sequence[Target], step: int = 1) -> _Bits:
        """Take all respondents, or one of `step`."""
        rows = [
            np.packbits(t.answers[step // 2 :: step] == option)
            for t in known
            for option in range(len(t.asked.options))
        ]
        bits = np.array(rows)
        words = np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8))).view(np.uint64)
        sizes = [len(t.asked.options) for t in known]
        return cls(words, np.concatenate([[0], np.cumsum(sizes)]))

    def beside(self, one: int, others: Ints) -> _Crossings:
        """Count the answers to a column together with those to others."""
        sizes = self.starts[others + 1] - self.starts[others]
        begin = np.cumsum(sizes) - sizes
        rows = np.repeat(self.starts[others] - begin, sizes) + np.arange(sizes.sum())
        theirs = self.words[rows]
        own = self.words[self.starts[one] : self.starts[one + 1]]
        crossed = [np.bitwise_count(theirs & answer).sum(axis=1, dtype=np.int64) for answer in own]
        return _Crossings(np.array(crossed).reshape(len(own), -1), begin)


@dataclass(frozen=True)
class _Crossings:
    """How the answers to a column come with those to others: these side by side, from `begin`."""

    crossed: Ints
    begin: Ints

    def table(self, n: int) -> Ints:
        """Return one of the tables."""
        return np.split(self.crossed, self.begin[1:], axis=1)[n]

    @cached_property
    def n(self) -> Ints:
        """How many answered both columns."""
        return self._each(np.add, self.crossed.sum(axis=0))

    @cached_property
    def wrong(self) -> Ints:
        """How often the best guess is wrong: of the other answer, and of this from the other."""
        told = self._each(np.maximum, self.crossed).sum(axis=0)
        return self.n - np.array([told, self._each(np.add, self.crossed.max(axis=0))])

    @cached_property
    def usual(self) -> Ints:
        """How often it is wrong to guess the most frequent answer: of the other, and of this."""
        other = self._each(np.maximum, self.crossed.sum(axis=0))
        return self.n - np.array([other, self._each(np.add, self.crossed).max(axis=0)])

    def _each(self, how: np.ufunc, values: Ints) -> Ints:
        if not len(self.begin):
            return np.zeros((*values.shape[:-1], 0), dtype=np.int64)
        return np.asarray(how.reduceat(values, self.begin, axis=-1))

    def far_apart(self) -> npt.NDArray[np.bool_]:
        """Whether these respondents are enough to see that columns are answered differently."""
        wrong = (self.wrong > 2 * (1 - ALIKE) * self.n) | (self.wrong > 0.75 * self.usual + 4)
        return np.asarray(wrong.all(axis=0) & (self.n >= 60))

    def tells(self) -> npt.NDArray[np.bool_]:
        """Whether an answer to one column nearly tells that to the other.

        Nearly: right for 95 of 100 who answered both, and wrong at most half as often as the most
        frequent answer.
        """
        right = (self.wrong <= self.n - ALIKE * self.n + 1e-9) & (2 * self.wrong <= self.usual)
        return np.asarray((right & (self.usual > 0)).any(axis=0))


def _by_luck(table: Ints) -> bool:
    """Whether answers may agree so by chance; where they never differ, that is counted exactly."""
    n, rows, columns = table.sum(), table.sum(axis=1), table.sum(axis=0)
    fair = np.outer(rows, columns)[table > 0] / n
    likelihood = 2 * (table[table > 0] * np.log(table[table > 0] / fair)).sum()
    freedom = ((rows > 0).sum() - 1) * ((columns > 0).sum() - 1)
    if chdtrc(freedom, likelihood) < LUCK:
        return False
    return all(_never_wrong_by_luck(one) >= RARE_LUCK for one in (table, table.T))


def _never_wrong_by_luck(table: Ints) -> float:
    """Of all ways to shuffle the second answers, the part in which the first still tells each."""
    rows, columns = sorted(table.sum(axis=1)[table.any(axis=1)]), table.sum(axis=0)
    if (np.count_nonzero(table, axis=1) > 1).any() or len(rows) > MOST_ANSWERS:
        return 1.0
    # How many ways to fill columns of these sizes with whole rows, by room left in each.
    fillings = Counter({tuple(sorted(int(n) for n in columns if n)): 1})
    for size in rows:
        after = Counter[tuple[int, ...]]()
        for rooms, ways in fillings.items():
            for at, room in enumerate(rooms):
                if room >= size:
                    after[tuple(sorted((*rooms[:at], room - int(size), *rooms[at + 1 :])))] += ways
        fillings = after
    shuffles = math.factorial(int(columns.sum())) // math.prod(
        math.factorial(int(n)) for n in columns
    )
    return sum(fillings.values()) / shuffles


@dataclass(frozen=True)
class _Group:
    """A group that a column shows, or several of one dimension; and which kinds are in it."""

    target: Target
    cells: Mask
    people: Mask
    alone: bool


def _groups(target: Target, kinds: Ints) -> Iterator[_Group]:
    """List the groups that a column shows: everybody, those of each table, and unions of a few.

    `kinds` are respondents, one of each kind; who is in a group is said of these.
    """
    seen: set[bytes] = set()
    there, place = target.there[kinds], target.cells[kinds]
    for level in target.asked.levels:
        bases = level.bases[:, target.column]
        masks = [level.masks[at] for at in np.flatnonzero(bases > 0)]
        listed = [(mask, True) for mask in masks]
        if len(level.dimensions) == 1 and len(masks) <= MOST_GROUPS:
            listed += [
                (np.any(some, axis=0), False)
                for size in range(2, len(masks))
                for some in combinations(masks, size)
            ]
        for cells, alone in listed:
            if cells.tobytes() not in seen:
                seen.add(cells.tobytes())
                yield _Group(target, cells, there & cells[place], alone)


def _few_apart(target: Target, others: Sequence[Target], minimum: int, log: AttackLog) -> None:
    """Find few people by whom groups of nearly the same answers differ: two groups, or three."""
    for other in others:
        own, theirs, held = _overlaps(target, [other])
        listed = [*own, *theirs]
        log.tried(METHOD, len(own) * len(theirs))
        sizes = np.diagonal(held)
        apart = np.rint(sizes[:, None] + sizes[None] - 2 * held)
        for a, b in np.argwhere((apart > 0) & (apart < minimum)):
            if a < len(own) <= b:
                _report(int(apart[a, b]), [listed[a], listed[b]], log)
    if len(others) <= MOST_TOGETHER:
        _threes(target, others, minimum, log)


def _overlaps(
    target: Target, others: Sequence[Target]
) -> tuple[list[_Group], list[_Group], Floats]:
    """List the groups of a column, and of others; how many are in both of any two."""
    columns = [target, *others]
    keys = np.column_stack([np.where(t.there, t.cells, -1) for t in columns])
    _, kinds, n = np.unique(keys, axis=0, return_index=True, return_counts=True)
    own = list(_groups(target, kinds))
    theirs = [group for other in others for group in _groups(other, kinds)]
    people = np.array([g.people for g in (*own, *theirs)], dtype=float).reshape(-1, len(kinds))
    return own, theirs, (people * n) @ people.T


def _threes(target: Target, others: Sequence[Target], minimum: int, log: AttackLog) -> None:
    """Take two groups from one that holds them but for a few people, or that is both of them."""
    own, theirs, held = _overlaps(target, others)
    listed = [*own, *theirs]
    alone = [n for n, group in enumerate(listed) if group.alone]
    for a in (n for n in alone if n < len(own)):
        lies = np.array(
            [b for b in alone if b != a and held[b, b] - held[a, b] < minimum], dtype=int
        )
        for place, b in enumerate(lies):
            rest = lies[:place] if b >= len(own) else lies[:place][lies[:place] >= len(own)]
            left = held[a, a] + held[b, b] - 2 * held[a, b] + held[rest, rest]
            left = np.rint(left + 2 * (held[b, rest] - held[a, rest]))
            for at in np.flatnonzero((left > 0) & (left < minimum)):
                _report(int(left[at]), [listed[a], listed[b], listed[rest[at]]], log)


def _report(n: int, groups: Sequence[_Group], log: AttackLog) -> None:
    first, *others = groups
    about = dict.fromkeys(_named(g.target.asked, g.target.column) for g in others)
    why = (
        f"beside {' and '.join(about)}, which is answered nearly alike, it tells {n} answers, "
        "by which the groups shown of them differ."
    )
    asked = first.target.asked
    log.leak(asked, first.target.column, first.cells, asked.codes(()), METHOD, why)


def _named(asked: Asked, column: int) -> str:
    return ", ".join(filter(None, (f"“{asked.question.label}”", asked.column_label(column))))


# By numbers alone


def _by_numbers(listed: Sequence[Asked], minimum: int, log: AttackLog) -> None:
    """Find columns of the same options whose tables differ by a few answers of a few people."""
    columns = [(asked, n, _tables(asked, n)) for asked in listed for n in range(asked.shown)]
    for (one, a, first), (other, b, second) in combinations(columns, 2):
        if [o for o in one.options] != [o for o in other.options]:
            continue
        if one.answer_label(one.codes(one.options[:1])) != other.answer_label(
            other.codes(other.options[:1])
        ):
            continue
        log.tried(METHOD)
        names = _named(one, a), _named(other, b)
        chance = min(_chances(first, second, minimum), default=1.0)
        if chance >= NAMESAKES:  # and so by far most, whose names need not be compared
            continue
        if chance >= UNRELATED and SequenceMatcher(None, *names).ratio() <= 0.8:
            continue
        for key in first.keys() & second.keys():
            n = int(abs(first[key][1].sum() - second[key][1].sum()))
            if 0 < n < minimum:
                why = f"beside {names[1]}, whose table is nearly the same, it tells what {n} "
                why += "people answered."
                log.leak(one, a, first[key][0], one.codes(()), METHOD, why)


_Tables = dict[tuple[tuple[str, frozenset[str]], ...], tuple[Mask, Ints]]


def _tables(asked: Asked, column: int) -> _Tables:
    """List counts of single options in every group that a column shows, by what the group is."""
    found: _Tables = {}
    for level in asked.levels:
        if len(level.answers) != len(asked.options):
            continue
        for cells, n in zip(level.masks, level.n[:, column], strict=True):
            if not np.isnan(n).any():
                found.setdefault(describe_group(asked.frame, cells), (cells, n.astype(np.int64)))
    return found


def describe_group(frame: Frame, cells: Mask) -> tuple[tuple[str, frozenset[str]], ...]:
    """Say by dimensions and bands which group some cells are."""
    grid = cells.reshape(frame.shape)
    found = []
    for axis, (dimension, pieces) in enumerate(frame.pieces.items()):
        there = grid.any(axis=tuple(n for n in range(grid.ndim) if n != axis))
        if not there.all():
            bands = [pieces[n] for n in np.flatnonzero(there)]
            found.append((dimension, frozenset().union(*bands)))
    return tuple(sorted(found, key=lambda part: part[0]))


def _chances(first: _Tables, second: _Tables, minimum: int) -> Iterator[float]:
    """Chance that unrelated tables are so alike, of each way of grouping; 1 where they are not."""
    ways: dict[tuple[str, ...], list[float]] = {}
    for key in first.keys() & second.keys():
        a, b = first[key][1], second[key][1]
        more = a - b
        way = ways.setdefault(tuple(d for d, _ in key), [])
        if abs(more.sum()) >= minimum or (more.max() > 0 and more.min() < 0):
            way.append(1.0)
            continue
        p = (a + b) / max((a + b).sum(), 1)
        spread = np.sort(np.sqrt(4 * math.pi * (a.sum() + 1) * p * (1 - p)))[:-1]
        near = np.minimum(1.0, (abs(more).sum() + 1) / np.maximum(spread, 1e-9))
        way.append(float(np.prod(near)))
    for way in ways.values():
        yield 1.0 if max(way) == 1.0 else math.prod(way)
