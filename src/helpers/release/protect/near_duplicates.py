"""Near-duplicates: side by side, nearly the same answers reveal what a few people said.

Two response columns of a population are near-duplicates if, among those who answered both, the
answer to one nearly settles the answer to the other. Where the people whose answers are shown of
one are those of the other but for a few, the two distributions differ by the answers of these.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, gammaln

from helpers.release.protect.atoms import Floats, Ints
from helpers.release.protect.hiding import ShownColumn, Together
from helpers.release.protect.profiles import Plan
from helpers.release.protect.respondents import Column, Respondents
from helpers.terminal import Step

Answers = npt.NDArray[np.int16]
ERRORS = 20  # at most one in so many answers is another than the best mapping of options says
CHANCE = 1e-4  # probability below which two answers do not agree so well by chance
MOST_ANSWERS = 12  # of a question up to which chance is computed exactly
MOST_UNIONS = 6  # groups of a dimension up to which every union of them is tried
MOST_TOGETHER = 8  # near-duplicates of a column up to which groups are compared by threes
_SAMPLE = 4096  # respondents by whom pairs are sorted out that are far from agreeing
_ENOUGH = 50  # who answered both, of these, for that to be judged


def revealed_together(
    people: Respondents,
    plans: Mapping[str, Plan],
    minimum: int,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Together]:
    """Find what shows, side by side, the answers of fewer than the minimum.

    Notes
    -----
    A group is one of a breakdown, or some groups of one dimension together. Among a column and its
    near-duplicates, two groups may not differ by 1 to `minimum` - 1 people, nor three: one less
    two others that it holds, or two less a third that holds both, which is their intersection.
    Of three, single groups of up to `MOST_TOGETHER` near-duplicates are tried.
    """
    found = near_duplicates(people, plans, minimum)
    for done, (column, others) in enumerate(found.items()):
        progress(Step("Comparing questions", done, len(found)))
        yield from _few_apart(people, plans, column, others, minimum)


def near_duplicates(
    people: Respondents, plans: Mapping[str, Plan], minimum: int
) -> dict[Column, list[Column]]:
    """Find the near-duplicates of each column shown that has any."""
    found: dict[Column, list[Column]] = {}
    for one, other in alike(people, columns_shown(people, plans), minimum):
        found.setdefault(one, []).append(other)
        found.setdefault(other, []).append(one)
    return found


def columns_shown(people: Respondents, plans: Mapping[str, Plan]) -> list[Column]:
    """List the columns that plans show in any breakdown."""
    there = (c for c in people.answers if c[0] in plans)
    return [c for c in there if any(c[1] in x.shown for x in plans[c[0]].levels)]


def alike(
    people: Respondents, columns: Sequence[Column], minimum: int
) -> Iterator[tuple[Column, Column]]:
    """Find the pairs of columns that are answered nearly alike."""
    answers = [people.answers[c] for c in columns]
    for a, b, crossed in _crossed(answers, list(_possible(answers, minimum))):
        if _nearly_settles(crossed):
            yield columns[a], columns[b]


def _possible(answers: Sequence[Answers], minimum: int) -> Iterator[tuple[int, int]]:
    """Leave out pairs that hardly anybody answered both of, or that a sample shows to disagree."""
    if len(answers) < 2:
        return
    # The boxes of a question are answered by the same people: they are compared once.
    told = _bits([a >= 0 for a in answers])
    groups: dict[bytes, int] = {}
    group = [groups.setdefault(people.tobytes(), len(groups)) for people in told]
    told = told[np.unique(group, return_index=True)[1]]
    both = np.array([np.bitwise_count(told & people).sum(axis=1, dtype=int) for people in told])
    starts, size = _places(answers)
    marked = _marked([a[:: max(len(a) // _SAMPLE, 1)] for a in answers], starts, size)
    crossed = marked.T @ marked
    best = np.maximum.reduceat(crossed, starts, axis=1)  # of each answer, by other column
    said = np.add.reduceat(crossed, starts, axis=0)  # each answer, by other column answered
    seen = np.add.reduceat(said, starts, axis=1)
    errors = seen - np.add.reduceat(best, starts, axis=0)
    usual = seen - np.maximum.reduceat(said, starts, axis=1)
    agreeing = (errors <= seen / ERRORS * 2) & (errors <= usual * 0.8 + 3)
    kept = (both >= minimum)[np.ix_(group, group)] & (agreeing | agreeing.T | (seen < _ENOUGH))
    yield from zip(*(at.tolist() for at in np.nonzero(np.triu(kept, 1))), strict=True)


def _options(answers: Answers) -> int:
    """Count the options of a column, as far as they were chosen."""
    return max(int(answers.max(initial=-1)) + 1, 1)


def _places(answers: Sequence[Answers]) -> tuple[Ints, int]:
    """Put the options of all columns side by side: where each column begins, and how many."""
    options = np.array([*map(_options, answers)])
    ends = np.cumsum(options)
    return ends - options, int(ends[-1])


def _marked(answers: Sequence[Answers], starts: Ints, size: int) -> npt.NDArray[np.float32]:
    """Mark what some respondents answered: a row each, a column for each option."""
    told = np.column_stack(answers)
    rows, at = np.nonzero(told >= 0)
    marked = np.zeros((len(told), size), dtype=np.float32)
    marked[rows, starts[at] + told[rows, at]] = 1
    return marked


def _crossed(
    answers: Sequence[Answers], pairs: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int, Ints]]:
    """Count how the answers to each pair of columns come together.

    Who gave an answer is a row of bits, so that those who gave two are counted 64 at once; a column
    in many pairs, such as a box that few ticked, is held against all others together.
    """
    partners: dict[int, list[int]] = {hub: [] for hub in _hubs(pairs)}
    for a, b in pairs:
        one, other = (a, b) if a in partners else (b, a)
        partners[one].append(other)
    bits = {
        column: _bits([answers[column] == option for option in range(_options(answers[column]))])
        for column in {column for pair in pairs for column in pair}
    }
    for hub, others in partners.items():
        if not others:  # all its pairs are those of another hub
            continue
        ends = np.cumsum([len(bits[other]) for other in others])[:-1]
        beside = np.concatenate([bits[other] for other in others])
        counts = [np.bitwise_count(beside & own).sum(axis=1, dtype=int) for own in bits[hub]]
        for other, table in zip(others, np.split(np.array(counts), ends, axis=1), strict=True):
            yield (hub, other, table) if hub < other else (other, hub, table.T)


def _bits(people: Sequence[npt.NDArray[np.bool_]]) -> npt.NDArray[np.uint64]:
    """Write sets of respondents as bits: a row each."""
    marked = np.packbits(people, axis=1)
    return np.pad(marked, ((0, 0), (0, -marked.shape[1] % 8))).view(np.uint64)


def _hubs(pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Choose columns so that each pair holds one of them, those in most pairs first."""
    often = Counter(column for pair in pairs for column in pair)
    return sorted({max(pair, key=lambda column: (often[column], column)) for pair in pairs})


def _nearly_settles(crossed: Ints) -> bool:
    """Return whether one answer nearly settles the other, and not because all say the same.

    Of those who answered both at most one in `ERRORS` differs from the best mapping of options,
    which must be wrong of at most half as many as saying always the most frequent answer would
    be; and it must be no chance, by a likelihood-ratio test or, where there is no error, exactly.
    """
    crossed = crossed[crossed.any(axis=1)][:, crossed.any(axis=0)]
    n = int(crossed.sum())
    settled = False
    for table in (crossed, crossed.T):
        errors = n - int(table.max(axis=1).sum())
        usual = n - int(table.sum(axis=0).max())
        settled |= usual > 0 and errors * ERRORS <= n and errors * 2 <= usual
    if not settled:
        return False
    expected = crossed.sum(axis=1, keepdims=True) * crossed.sum(axis=0, keepdims=True) / n
    there = crossed > 0
    ratio = 2 * float((crossed[there] * np.log(crossed[there] / expected[there])).sum())
    freedom = (crossed.shape[0] - 1) * (crossed.shape[1] - 1)
    return bool(chdtrc(freedom, ratio) < CHANCE) or any(
        _exactly(table) < CHANCE for table in (crossed, crossed.T)
    )


def _exactly(crossed: Ints) -> float:
    """Compute the chance that each row lies in one column alone, given their sums; 1 if not all do.

    The likelihood ratio is rough for few people: of 12 who agree in four answers it says 7 in
    10,000, where it is 2 in 100,000. Of more than `MOST_ANSWERS` answers it decides all the same.
    """
    if ((crossed > 0).sum(axis=1) > 1).any() or len(crossed) > MOST_ANSWERS:
        return 1.0

    @cache
    def ways(row: int, left: tuple[int, ...]) -> int:
        if row == len(rows):
            return 1
        placed = (
            tuple(sorted((*left[:j], room - rows[row], *left[j + 1 :])))
            for j, room in enumerate(left)
            if room >= rows[row]
        )
        return sum(ways(row + 1, after) for after in placed)

    rows = sorted(crossed.sum(axis=1).tolist(), reverse=True)
    columns = crossed.sum(axis=0)
    log = float(gammaln(columns + 1).sum() - gammaln(columns.sum() + 1))
    return math.exp(log) * ways(0, tuple(sorted(columns.tolist())))


def _few_apart(
    people: Respondents,
    plans: Mapping[str, Plan],
    column: Column,
    others: Sequence[Column],
    minimum: int,
) -> Iterator[Together]:
    """Compare the groups shown of a column with those of its near-duplicates."""
    for other in others:
        if list(people.answers).index(other) < list(people.answers).index(column):
            continue  # compared before
        told, shared = _overlaps(people, plans, [column, other])
        own = np.array([x[:2] == column for x in told], dtype=bool)
        size = np.diagonal(shared)
        apart = size[:, None] + size[None] - 2 * shared
        pairs = (apart > 0) & (apart < minimum) & own[:, None] & ~own[None]
        yield from {frozenset((told[a], told[b])) for a, b in np.argwhere(pairs)}
    if len(others) <= MOST_TOGETHER:
        yield from _threes(people, plans, column, others, minimum)


def _threes(
    people: Respondents,
    plans: Mapping[str, Plan],
    column: Column,
    others: Sequence[Column],
    minimum: int,
) -> Iterator[Together]:
    """Take two groups from one that holds them but for a few people, or that is both of them."""
    told, shared = _overlaps(people, plans, [column, *others], unions=False)
    own = np.array([x[:2] == column for x in told], dtype=bool)
    size = np.diagonal(shared)
    for one in np.flatnonzero(own):
        inside = np.flatnonzero(size - shared[one] < minimum)
        inside = inside[inside != one]
        more = size[inside] - 2 * shared[one, inside]
        left = size[one] + more[:, None] + more[None] + 2 * shared[np.ix_(inside, inside)]
        other = ~own[inside]
        found = (left > 0) & (left < minimum) & (other[:, None] | other[None])
        threes = np.argwhere(np.triu(found, 1))
        yield from {frozenset((told[one], told[inside[a]], told[inside[b]])) for a, b in threes}


def _overlaps(
    people: Respondents,
    plans: Mapping[str, Plan],
    columns: Sequence[Column],
    *,
    unions: bool = True,
) -> tuple[list[ShownColumn], Floats]:
    """Count who is in any two groups that are shown of some columns.

    Returns
    -------
    By what each group is shown, and how many are in both of any two.
    """
    levels = {
        (name, level.dimensions): level
        for name in dict.fromkeys(c[0] for c in columns)
        for level in plans[name].levels
    }
    kinds, n = people.kinds(columns, dict.fromkeys(d for _, by in levels for d in by))
    groups = {(name, by): people.groups(plans[name].partition, by, kinds) for name, by in levels}
    told, marks = [], []
    for name, column in columns:
        answered = people.answers[name, column][kinds] >= 0
        for (owner, by), level in levels.items():
            if owner != name or column not in level.shown:
                continue
            group = groups[name, by]
            listed = [answered & (group == g) for g in np.unique(group[answered & (group >= 0)])]
            if unions and len(by) == 1 and len(listed) <= MOST_UNIONS:
                listed += [
                    np.any(some, axis=0)
                    for size in range(2, len(listed))
                    for some in combinations(listed, size)
                ]
            marks += listed
            told += [ShownColumn(name, column, by)] * len(listed)
    sets = np.array(marks, dtype=float).reshape(len(marks), len(kinds))
    return told, (sets * n) @ sets.T
