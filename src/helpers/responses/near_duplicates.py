"""Near-duplicates: two columns of answers, one of which nearly settles the other."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, gammaln

from helpers.codebook.cells import NUMBER
from helpers.codebook.model import Codebook, Kind

Answers = npt.NDArray[np.int16]  # of each respondent the place of the answer, -1 for none
Ints: TypeAlias = npt.NDArray[Any]
ERRORS = 20  # at most one in so many answers is another than the best mapping of options says
CHANCE = 1e-4  # probability below which two answers do not agree so well by chance
WITHOUT_ERROR = 1e-2  # the same where none is wrong
MOST_ANSWERS = 12  # of a question up to which chance is computed exactly
EXACT = 100  # the same, of columns that repeat one another
NESTED = 1000  # at most one in so many is outside the staircase of two divisions of one order
FEWEST = 50  # who answered both, for columns to repeat one another
MOST_NUMBERS, EACH = 250, 5  # different numbers that others may follow from; people who gave each
_SAMPLE = 4096  # respondents by whom pairs are sorted out that are far from agreeing
_ENOUGH = 50  # who answered both, of these, for that to be judged


def agreeing(
    answers: Sequence[Answers],
    minimum: int,
    errors: int = ERRORS,
    *,
    without_error: float = WITHOUT_ERROR,
) -> Iterator[tuple[int, int, Ints]]:
    """Find the pairs of columns that are near-duplicates.

    Parameters
    ----------
    minimum
        Fewest respondents who answered both.
    errors
        At most one in so many answers is another than the best mapping of options says.
    without_error
        Chance below which two columns agree where no answer is another.

    Returns
    -------
    Of each pair the places of its columns, and how their answers come together.
    """
    for a, b, crossed in crossed_pairs(answers, list(possible(answers, minimum))):
        if nearly_settles(crossed, errors, without_error):
            yield a, b, crossed


def possible(answers: Sequence[Answers], minimum: int) -> Iterator[tuple[int, int]]:
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


def crossed_pairs(
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


def nearly_settles(
    crossed: Ints, errors: int = ERRORS, without_error: float = WITHOUT_ERROR
) -> bool:
    """Return whether one answer nearly settles the other, and not because all say the same.

    Of those who answered both at most one in `errors` differs from the best mapping of options,
    which must be wrong of at most half as many as saying always the most frequent answer would
    be; and it must be no chance, by a likelihood-ratio test or, where there is no error, exactly.

    Where there is none, the chance may be a hundred times as large. Of 19 people who all answered
    two versions of a question alike, 16 of them the same, it is 3 in 10,000: the difference of the
    versions is what the one person said who left out the second. Such pairs are rare among
    unrelated columns, by their definition, and cost something only if few people are between them.
    """
    crossed = crossed[crossed.any(axis=1)][:, crossed.any(axis=0)]
    n = int(crossed.sum())
    settled = False
    for table in (crossed, crossed.T):
        wrong, usual = mistaken(table)
        settled |= usual > 0 and wrong * errors <= n and wrong * 2 <= usual
    if not settled:
        return False
    expected = crossed.sum(axis=1, keepdims=True) * crossed.sum(axis=0, keepdims=True) / n
    there = crossed > 0
    ratio = 2 * float((crossed[there] * np.log(crossed[there] / expected[there])).sum())
    freedom = (crossed.shape[0] - 1) * (crossed.shape[1] - 1)
    return bool(chdtrc(freedom, ratio) < CHANCE) or any(
        exactly(table) < without_error for table in (crossed, crossed.T)
    )


def mistaken(crossed: Ints) -> tuple[int, int]:
    """How many the best mapping of rows to columns gets wrong, and the most frequent column."""
    n = int(crossed.sum())
    return n - int(crossed.max(axis=1).sum()), n - int(crossed.sum(axis=0).max())


def exactly(crossed: Ints) -> float:
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


def repeated(answers: Mapping[str, Answers]) -> dict[str, tuple[str, ...]]:
    """Find what repeats what: recodes of an export, collapsed scales, ages and their groups.

    Two columns repeat one another if they are near-duplicates of which one answer in `EXACT`, at
    most, goes astray; or if both follow so from a third (the year of birth, say) and divide one
    order: nobody is in other cells of their table than a staircase has.

    Parameters
    ----------
    answers
        By the name of each column, see `places_of`.

    Returns
    -------
    Of each column that repeats others, their names in order.
    """
    names = [name for name, of in answers.items() if len(np.unique(of[of >= 0])) > 1]
    columns = [answers[name] for name in names]
    found: dict[int, set[int]] = {n: set() for n in range(len(names))}
    follow: dict[int, set[int]] = {n: set() for n in range(len(names))}  # from each
    for a, b, crossed in agreeing(columns, FEWEST, EXACT, without_error=CHANCE):
        found[a].add(b)
        found[b].add(a)
        for of, from_it, table in ((a, b, crossed), (b, a, crossed.T)):
            if mistaken(table)[0] * EXACT <= table.sum():
                follow[of].add(from_it)
    pairs = {pair for of in follow.values() for pair in combinations(sorted(of), 2)}
    left = sorted((a, b) for a, b in pairs if b not in found[a])
    for a, b, crossed in crossed_pairs(columns, left):
        if _staircase(crossed):
            found[a].add(b)
            found[b].add(a)
    return {names[n]: tuple(names[m] for m in sorted(of)) for n, of in found.items() if of}


def answer_codes(codebook: Codebook, population: str) -> dict[str, tuple[str, ...]]:
    """Codes that answer, by response column of a population: none of numbers; without texts."""
    return {
        column: tuple(option.code for option in question.substantive)
        for column, question in codebook.owners.items()
        if question.population == population and question.kind is not Kind.TEXT
    }


def places_of(cells: Sequence[str], which: Ints, codes: Sequence[str]) -> Answers:
    """Place among `codes` of the answer of each respondent; `cells` are those that `which` names.

    Without codes, cells are numbers, which are ranked; so many different ones that any column
    would follow from them count as no answers.
    """
    values: list[Any] = list(cells)
    if not codes:
        values = [float(cell) if re.fullmatch(NUMBER, cell) else None for cell in cells]
    ranks = codes or sorted({value for value in values if value is not None})
    place = {value: n for n, value in enumerate(ranks)}
    to = [place.get(value, -1) for value in values]
    found = np.array([*to, -1], dtype=np.int64)[which]
    if not codes and (len(place) > MOST_NUMBERS or len(place) * EACH > int((found >= 0).sum())):
        found = np.full(len(which), -1)
    return found.astype(np.int16)


def _staircase(crossed: Ints) -> bool:
    """Return whether all, or all but one in `NESTED`, are in as few cells as a staircase has.

    Two divisions of one order have no more cells than that, whatever it is.
    """
    cells = np.sort(crossed, axis=None)[::-1]
    spared = int(crossed.sum()) // NESTED
    most = int(np.searchsorted(np.cumsum(cells), crossed.sum() - spared)) + 1
    usual = crossed >= max(int(cells[most - 1]), 1)
    return most < int(usual.any(axis=1).sum()) + int(usual.any(axis=0).sum())
