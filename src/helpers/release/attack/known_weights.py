"""Attack on all weighted shares of a column at once, by somebody who knows everybody's weight.

Each share that is printed, in whole per cents, bounds a sum of weights. Whoever answers alike in
all answers that keep these bounds has no secret left. Few people are attacked: of many, very many
answers fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import permutations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, kron, vstack

from helpers.codebook.model import DETRACTORS, PROMOTERS, Codebook, Kind
from helpers.release.attack.dominance import Persons, persons
from helpers.release.attack.facts import Asked, Floats, Ints
from helpers.release.attack.partition import Mask
from helpers.release.attack.subtraction import Findings
from helpers.release.attack.written_numbers import percent
from helpers.responses.survey import Survey

FEW = 200  # people who answered a column
HALF = 0.005 + 1e-8
NODES = 1000  # after so many an integer program is given up, which counts as a leak


def told_by_all(asked: Asked, survey: Survey, codebook: Codebook, findings: Findings) -> None:
    """Find columns of which all that is shown tells somebody's answer."""
    if not asked.weighted or not asked.levels or asked.rounded:
        return
    people = persons(survey, asked, codebook)
    for column in range(asked.shown):
        mine = people.column == column
        if 0 < mine.sum() <= FEW:
            of = Persons(*(getattr(people, f.name)[mine] for f in fields(Persons)))
            findings.tried("known weights", int(mine.sum()))
            if (told := _Puzzle(asked, column, of).told()) is not None:
                why = (
                    "all shares of this item together leave somebody's answer no choice, for one "
                    "who knows all weights."
                )
                findings.leak(asked, column, told[0], asked.codes([told[1]]), "known weights", why)


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
            exact = said == 0 or (scores >= 0).all() and said == self.all[inside].sum()
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
        scores = {o.code: o.score for o in asked.question.substantive if o.score is not None}
        middle = (min(scores.values()) + max(scores.values())) / 2
        yield asked.codes([o for o, score in scores.items() if score > middle]).astype(float)
