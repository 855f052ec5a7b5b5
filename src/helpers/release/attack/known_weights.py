"""Attacks on weighted shares by somebody who knows everybody's weight and groups.

The responses say who weighs what; what is shown is taken from the release. There are two attacks.

*One share.* If a share is below the weight that one respondent, or one organisation, holds in a
group, that one did not give the answer; if the rest to 100% is, that one did. Where a group is of
few people, all its subsets are tried.

*All shares of a column at once.* Each share that is printed, in whole per cents, bounds a sum of
weights. Whoever gives the same answer in every solution within these bounds is found out. Only few
people are attacked: with many, very many solutions exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import permutations
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, kron, vstack

from helpers.codebook.model import DETRACTORS, PROMOTERS, Codebook, Kind
from helpers.estimation.tabulate import rows_each, tabulate
from helpers.release.attack.facts import Asked, row_positions, sides_of
from helpers.release.attack.insiders import NAMELESS, PERSON
from helpers.release.attack.leaks import AttackLog
from helpers.release.attack.partition import Floats, Ints, Mask
from helpers.release.attack.written_numbers import percent
from helpers.responses.survey import Survey

FEW = 200  # people who answered a column
HALF = 0.005 + 1e-8
NODES = 1000  # after so many an integer program is given up, which counts as a leak
# Every subset of so many people is tried. Of more there are over a million, for a hundred whole per
# cents: some contain and others leave out whoever is not himself heavier than the share.
MOST = 20
ROUNDED = 0.005
WEIGHT = "_weight"  # column of every table of responses
EPS = 1e-9
NEAR = 1e-5


def revealed_by_all_shares(
    asked: Asked, survey: Survey, codebook: Codebook, log: AttackLog
) -> None:
    """Find columns of which all that is shown tells somebody's answer."""
    for column, of in _by_column(asked, survey, codebook):
        if 0 < len(of.column) <= FEW:
            log.tried("known weights", len(of.column))
            if (told := _Puzzle(asked, column, of).told()) is not None:
                why = (
                    "all shares of this item together leave somebody's answer no choice, for one "
                    "who knows all weights."
                )
                log.leak(asked, column, told[0], asked.codes([told[1]]), "known weights", why)


class _Puzzle:
    """Who gave which answer, as far as shares tell: those of one cell and weight are alike."""

    def __init__(self, asked: Asked, column: int, people: Persons) -> None:
        self.asked = asked
        pairs = list(zip(people.cell.tolist(), people.weight.tolist(), strict=True))
        place = {pair: n for n, pair in enumerate(sorted(set(pairs)))}
        self.cell = np.array([cell for cell, _ in place], dtype=int)
        self.weight = np.array([weight for _, weight in place])
        self.true: Ints = np.zeros((len(place), len(asked.options)), dtype=np.int64)
        np.add.at(self.true, (np.array([place[pair] for pair in pairs]), people.option), 1)
        self.all = self.true.sum(axis=1)
        self.seen_alike: Mask = np.zeros(len(place), dtype=bool)
        rows, low, high = [], [], []
        for cells, scores in self._printed(column):
            inside = cells[self.cell]
            held = self.weight * inside
            total = held @ self.all
            if not total:
                continue
            row = np.outer(held / total, scores)
            share = float((row * self.true).sum())
            said = int(self.true[inside][:, scores != 0].sum())
            rows.append(row.reshape(-1))
            shown = float(percent(abs(share)).rstrip("%")) / 100 * (1 if share >= 0 else -1)
            plain = np.isin(scores, (0, 1)).all()  # a mean may be anything where all are in it
            exact = said == 0 or plain and said == self.all[inside].sum()
            low.append(share - 1e-9 if exact else shown - HALF)
            high.append(share + 1e-9 if exact else shown + HALF)
            if exact:
                self._alike(inside)
        each = kron(eye_array(len(place)), np.ones((1, len(asked.options))))
        self.shares = np.array(rows).reshape(len(rows), *self.true.shape)
        self.rows = csr_array(vstack([csr_array(np.array(rows)), each])) if rows else None
        self.low, self.high = np.array([*low, *self.all]), np.array([*high, *self.all])

    def _alike(self, inside: Mask) -> None:
        """Note that a group is shown to agree: whether it may be is not asked here."""
        if np.count_nonzero(self.true[inside].sum(axis=0)) == 1:
            self.seen_alike |= inside

    def _printed(self, column: int) -> Iterator[tuple[Mask, Floats]]:
        """Yield what a share is of: cells, and the options it adds up."""
        found: dict[tuple[bytes, bytes], tuple[Mask, Mask]] = {}
        for level in self.asked.levels:
            for cells, row in zip(level.masks, level.n[:, column], strict=True):
                for options, n in zip(level.answers, row, strict=True):
                    if not np.isnan(n):
                        found[cells.tobytes(), options.tobytes()] = cells, options
        for at, cells, options in self.asked.printed:
            if at == column:
                found[cells.tobytes(), options.tobytes()] = cells, options
        yield from ((cells, options.astype(float)) for cells, options in found.values())
        question, every = self.asked.question, {key[0]: c for key, (c, _) in found.items()}
        for key, cells in every.items():
            single = np.sum([o for (k, _), (_, o) in found.items() if k == key], axis=0) > 0
            for scores in _summed(self.asked, question.kind is Kind.RECOMMEND):
                if single[scores != 0].all():
                    yield cells, scores
            if question.is_numeric_scale and single.all():
                # Printed to a tenth: ten times as fine as a number of the scale.
                score = {o.code: o.score or 0.0 for o in question.in_base}
                yield cells, np.array([score[o] for o in self.asked.options]) / 10

    def told(self) -> tuple[Mask, str] | None:
        """Name the cells and the answer of somebody who has no choice, or who may have none."""
        if self.rows is None:
            return None
        open_ = (np.count_nonzero(self.true, axis=1) == 1) & ~self.seen_alike
        open_ &= ~self._exchange()
        for kind in np.argsort(-self.weight * open_):
            if not open_[kind]:
                continue
            own = int(np.argmax(self.true[kind]))
            found = self._other_answers(int(kind), own, open_)
            if found is None:
                cells = np.zeros(self.asked.frame.cells, dtype=bool)
                cells[self.cell[kind]] = True
                return cells, self.asked.options[own]
            open_ &= (found == self.true).all(axis=1)
        return None

    def _exchange(self) -> Mask:
        """Mark kinds of which one may have the answer of another, who has theirs or keeps it."""
        count, found = len(self.shares), np.zeros(len(self.true), dtype=bool)
        sums = np.tensordot(self.shares, self.true)
        low, high = ((end[:count] - sums)[:, None] for end in (self.low, self.high))
        for a, b in permutations(range(self.true.shape[1]), 2):
            change = self.shares[:, :, b] - self.shares[:, :, a]
            back = np.hstack([change[:, self.true[:, b] > 0], np.zeros((count, 1))])
            for kind in np.flatnonzero(self.true[:, a]):
                off = change[:, [kind]] - back
                found[kind] |= ((low <= off) & (off <= high)).all(axis=0).any()
        return found

    def _other_answers(self, kind: int, own: int, open_: Mask) -> Ints | None:
        """Find answers in which one of a kind gave another: two answers swapped, or any.

        The more of those who are open answer otherwise in it, the fewer are left to look at.
        """
        ways = []
        for other in np.argsort(-self.true.sum(axis=0), kind="stable"):
            if other != own:
                swapped = np.zeros(self.true.shape[1], dtype=bool)
                swapped[[own, other]] = True
                ways.append(swapped)
        if len(ways) > 1:
            ways.append(np.ones(self.true.shape[1], dtype=bool))
        for free in ways:
            least = np.where(free, 0, self.true)
            most = np.where(free, self.all[:, None], self.true)
            most[kind, own] = self.true[kind, own] - 1
            solved = milp(
                np.where(open_[:, None], self.true, 0).reshape(-1),
                constraints=LinearConstraint(self.rows, self.low, self.high),
                bounds=Bounds(least.reshape(-1), most.reshape(-1)),
                integrality=np.ones(self.true.size),
                options={"node_limit": NODES, "mip_rel_gap": 1e9},
            )
            if solved.x is not None:
                return np.rint(solved.x).astype(np.int64).reshape(self.true.shape)
        return None


def _summed(asked: Asked, nets: bool) -> Iterator[Floats]:
    """Yield sums of several options that pages print: a net, or the upper end of a scale."""
    if nets:
        ends = asked.codes([PROMOTERS]).astype(float) - asked.codes([DETRACTORS])
        yield from [ends] if ends.any() else []
    elif asked.question.is_scale:
        yield asked.codes(sides_of(asked.question)[1]).astype(float)


@dataclass(frozen=True)
class Persons:
    """Everybody who answered, one row each: column, cell, option, unit, and weight."""

    column: Ints
    cell: Ints
    option: Ints
    unit: Ints
    weight: Floats


def persons(survey: Survey, asked: Asked, codebook: Codebook) -> Persons:
    """Read who answered what, with which weight."""
    population = asked.question.population
    organisation = codebook.populations[population].organisation
    if not organisation and rows_each(survey, population) > 1:
        organisation = PERSON
    keys = (*asked.frame.pieces, *((organisation,) if organisation else ()), WEIGHT)
    table = tabulate(survey, survey.question(asked.question.id), keys).cells
    column, option, cell, answered = row_positions(survey, asked, table)
    there = np.flatnonzero(answered)
    n = table["n"].to_numpy(dtype=np.int64)
    rows = np.repeat(there, n[there])
    weight = table["sum_w"].to_numpy(dtype=float)[rows] / n[rows]
    unit = np.arange(len(rows)) + len(table)
    if organisation:
        names = np.array([str(o) for o in table[organisation]])
        known = np.unique(names, return_inverse=True)[1].reshape(-1)
        unit = np.where(np.isin(names, NAMELESS)[rows], unit, known[rows])
    return Persons(column[rows], cell[rows], option[rows], unit, weight)


def _by_column(asked: Asked, survey: Survey, codebook: Codebook) -> Iterator[tuple[int, Persons]]:
    """Who answered each column of a question that shows weighted shares as they are."""
    if not asked.weighted or not asked.levels or asked.rounded:
        return
    people = persons(survey, asked, codebook)
    for column in range(asked.shown):
        mine = people.column == column
        yield column, Persons(*(getattr(people, f.name)[mine] for f in fields(Persons)))


def dominated(
    asked: Asked, survey: Survey, codebook: Codebook, heaviest: int, log: AttackLog
) -> None:
    """Find shares that tell what the heaviest in a group, or somebody in a small one, answered."""
    for column, of in _by_column(asked, survey, codebook):
        sought: list[_Sought] = []
        for cells, shown, hidden in _shown(asked, column):
            inside = cells[of.cell]
            group = of.option[inside], of.unit[inside], of.weight[inside]
            if not group[2].sum():
                continue
            top = _top(group[1], group[2], heaviest)
            rest = [np.logical_or.reduce(hidden)] if hidden else []
            for answer in (*shown, *rest):
                if _told(answer[group[0]], group[2], top, log):
                    why = (
                        "one respondent or organisation holds more of the weight, "
                        f"{percent(float(top / group[2].sum()))}, than this share or the rest: "
                        "its answer follows."
                    )
                    log.leak(asked, column, cells, answer, "dominance", why)
            if len(group[0]) <= MOST:
                where = asked, column, cells, shown, log
                _subsets(*where, (group[0], group[2] / group[2].sum()))
            for answer in hidden:
                said = answer[group[0]]
                if _told(said, group[2], top, log):
                    for side, there in ((answer, said), (~answer, ~said)):
                        if group[2][there].sum() < top * (1 - EPS):
                            sought.append(_Sought(cells, answer, side, top))
        for one in _KnownSums(asked, column, of).below(sought) if sought else ():
            why = "a hidden share follows from those of other groups: it lacks the heaviest."
            log.leak(asked, column, one.cells, one.answer, "dominance", why)


@dataclass(frozen=True)
class _Sought:
    """The weight behind a hidden answer, or all others, that may reach that of the heaviest."""

    cells: Mask
    answer: Mask
    side: Mask
    top: float


def _shown(asked: Asked, column: int) -> Iterator[tuple[Mask, list[Mask], list[Mask]]]:
    """Yield groups with the answers that are shown of each, and those that are hidden."""
    for level in asked.levels:
        for group, cells in enumerate(level.masks):
            row = level.n[group, column]
            seen = [a for a, n in zip(level.answers, row, strict=True) if not np.isnan(n)]
            if not seen:
                continue
            yield cells, seen, [a for a, n in zip(level.answers, row, strict=True) if np.isnan(n)]


def _top(unit: Ints, weight: Floats, heaviest: int) -> float:
    """Weight that the heaviest units of a group hold."""
    held = np.bincount(np.unique(unit, return_inverse=True)[1].reshape(-1), weight)
    return float(np.sort(held)[::-1][:heaviest].sum())


def _told(said: Mask, weight: Floats, top: float, log: AttackLog) -> bool:
    """Whether an answer, or all others, weigh less than the heaviest.

    That nobody, or everybody, gave an answer is another attack's business.
    """
    log.tried("dominance")
    share = weight[said].sum()
    mixed = bool(said.any() and not said.all())
    return mixed and bool(min(share, weight.sum() - share) < top * (1 - EPS))


class _KnownSums:
    """What shown shares, as they are rounded, say of the weight of each option in each cell."""

    def __init__(self, asked: Asked, column: int, people: Persons) -> None:
        self.options = len(asked.options)
        base = np.bincount(people.cell, people.weight, minlength=asked.frame.cells)
        self.cells = np.flatnonzero(base)
        held = base[self.cells]
        size = self.options * len(held)
        summed = [np.arange(cell, size, len(held)) for cell in range(len(held))]
        low: list[Any] = [held]
        high: list[Any] = [held]
        for level in asked.levels:
            for group, cells in enumerate(level.masks):
                inside, total = cells[self.cells], base[cells].sum()
                for answer, n in zip(level.answers, level.n[group, column], strict=True):
                    if np.isnan(n) or not inside.any():
                        continue
                    said = answer[people.option] & cells[people.cell]
                    share = float(percent(float(people.weight[said].sum() / total))[:-1]) / 100
                    summed.append(self._among(answer, cells))
                    low.append([max(share - ROUNDED, 0) * total if n else 0.0])
                    high.append([(share + ROUNDED) * total if n else 0.0])
        self.rows = _adding(summed, size)
        self.limits = np.concatenate(low) - EPS, np.concatenate(high) + EPS

    def _among(self, answer: Mask, cells: Mask) -> Ints:
        """Places of some answers in some cells."""
        inside = np.flatnonzero(cells[self.cells])
        place: Ints = np.add.outer(np.flatnonzero(answer) * len(self.cells), inside).reshape(-1)
        return place

    def below(self, sought: list[_Sought]) -> list[_Sought]:
        """Find the weights that cannot reach that of the heaviest.

        All are raised together; those that do not get there are raised again by themselves.
        """
        found = []
        left = sought
        while left:
            reached = self._raised(left)
            if not any(reached):
                reached = self._raised(left[:1])
                found += [] if reached[0] else left[:1]
                reached += [False] * (len(left) - 1)
                reached[0] = True
            left = [one for one, done in zip(left, reached, strict=True) if not done]
        return found

    def _raised(self, sought: list[_Sought]) -> list[bool]:
        """Say which weights reach that of the heaviest when all are raised as far as that."""
        top, size = np.array([one.top for one in sought]), self.rows.shape[1]
        targets = _adding([self._among(one.side, one.cells) for one in sought], size)
        solved = milp(
            np.concatenate([np.zeros(size), -np.ones(len(top))]),
            constraints=[
                LinearConstraint(
                    hstack([self.rows, csr_array((self.rows.shape[0], len(top)))]), *self.limits
                ),
                LinearConstraint(hstack([targets, -eye_array(len(top))]), 0, np.inf),
            ],
            bounds=Bounds(0, np.concatenate([np.full(size, np.inf), top])),
        )
        if solved.x is None:
            return [True] * len(sought)  # the sums are not what these people answered
        return (targets @ solved.x[:size] >= top * (1 - NEAR)).tolist()


def _adding(places: list[Ints], size: int) -> csr_array:
    """Write sums of numbers at some places as the rows of a matrix."""
    ends = np.cumsum([0, *map(len, places)])
    at = np.concatenate([*places, np.zeros(0, int)])
    return csr_array((np.ones(len(at)), at, ends), shape=(len(places), size))


def _subsets(
    asked: Asked,
    column: int,
    cells: Mask,
    shown: list[Mask],
    log: AttackLog,
    people: tuple[Ints, Floats],
) -> None:
    """Try every subset of a few people: does an answer's share have, or lack, somebody in all."""
    option, weight = people
    every = np.arange(2 ** len(weight))
    sums = np.zeros(1)
    for one in weight:
        sums = np.concatenate([sums, sums + one])
    for answer in shown:
        said = answer[option]
        if not said.any() or said.all():
            continue
        log.tried("subsets", len(every))
        share = float(percent(float(weight[said].sum())).rstrip("%")) / 100
        fit = every[np.abs(sums - share) <= ROUNDED + EPS]
        always, ever = np.bitwise_and.reduce(fit), np.bitwise_or.reduce(fit)
        if always or ever != len(every) - 1:
            why = (
                f"of {len(weight)} people only subsets fit {percent(share)} that all "
                f"{'contain' if always else 'leave out'} the same respondent."
            )
            log.leak(asked, column, cells, answer, "subsets", why)
