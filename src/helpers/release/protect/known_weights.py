"""Known weights: whose answer follows from all weighted shares of a column taken together.

Somebody who knows everybody's weight and groups can look for answers with which every share, of
every breakdown, is printed as it is. If people are few, there may be none but the true ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

import numpy as np

from helpers.codebook.model import DETRACTORS, PROMOTERS, Kind
from helpers.release.protect.atoms import AtomCounts, Flags, Floats, Ints
from helpers.release.protect.profiles import Plan
from helpers.release.protect.units import Units
from helpers.release.selections import choices

MOST_PEOPLE = 200  # who answered a column; of more people many answers fit
MEAN_STEP = 10  # a tenth of a scale, to which means are printed, is a hundredth of so much
HALF = 0.5  # per cent, that printing in whole per cents hides
_SLACK = 1e-6
_NODES = 100  # of an integer program, beyond which it counts as having no solution


class KnownWeights:
    """Everybody who answered one column, and the shares of it that pages print.

    Parameters
    ----------
    units
        Those who answered the column, with what they answered.
    wave
        Dimension of waves, of which readers choose one at a time.

    Notes
    -----
    People of one weight who are in the same groups cannot be told apart: they are one kind, and
    what can be known is how many of a kind gave which answer. Nobody is told of as long as each
    kind may have answered otherwise. Exchanges of two answers show that for most people where
    there are many. For others an integer program looks for other answers (HiGHS through SciPy),
    first by moving people between two answers, then freely. One solution serves all who answer
    otherwise in it. Where the search ends without one, the answer counts as told.
    """

    def __init__(
        self, counts: AtomCounts, plan: Plan, units: Units, column: int, wave: str = ""
    ) -> None:
        self.counts, self.plan, self.column, self.wave = counts, plan, column, wave
        held = [units.groups(counts, plan.partition, (d,)) for d in plan.offered]
        kind, which = np.unique(np.column_stack([*held, units.weight]), axis=0, return_inverse=True)
        self.group_of = dict(zip(plan.offered, kind.T[:-1].astype(int), strict=True))
        self.weight: Floats = kind[:, -1]
        self.truth: Ints = np.zeros((len(kind), len(counts.options)), dtype=int)
        np.add.at(self.truth, (which.reshape(-1), units.block), 1)
        self.size: Ints = self.truth.sum(axis=1)
        self._read()

    # What is printed

    def _read(self) -> None:
        """Take the shares that are printed: of which groups, of which answers, and how."""
        groups: dict[bytes, int] = {}
        parts: list[Floats] = []
        rows: dict[tuple[int, bytes], tuple[int, Floats]] = {}
        for inside, answers in self._printed():
            held = self.weight * inside
            total = float((held * self.size).sum())
            if not total:
                continue
            at = groups.setdefault(inside.tobytes(), len(parts))
            if at == len(parts):
                parts.append(100 * held / total)
            rows |= {(at, answer.tobytes()): (at, answer) for answer in answers}
        self.parts: Floats = np.array(parts).reshape(len(parts), len(self.size))
        self.at: Ints = np.array([at for at, _ in rows.values()], dtype=int)
        self.scores: Floats = np.array([of for _, of in rows.values()]).reshape(
            len(rows), self.truth.shape[1]
        )
        true = self._values(self.truth)
        low, high = np.array([_window(float(value)) for value in true]).reshape(-1, 2).T
        # Nobody, or everybody: that is what is printed, to the last.
        said = (self.parts[self.at] > 0).astype(float) @ self.truth * (self.scores != 0)
        shares = np.isin(np.abs(self.scores), (0, 1)).all(axis=1)
        none, every = said.sum(axis=1) == 0, shares & (np.abs(true - 100) < _SLACK)
        self.low = np.where(none | every, true, np.minimum(low + _SLACK, true))
        self.high = np.where(none | every, true, np.maximum(high - _SLACK, true))

    def _printed(self) -> Iterator[tuple[Flags, list[Floats]]]:
        """Yield each group that can be chosen, and the answers whose share it prints."""
        groups = {d: [str(n) for n in range(len(self.plan.partition[d]))] for d in self.group_of}
        breakdowns = [level.dimensions for level in self.plan.levels]
        for compare, chosen in choices(groups, breakdowns, self.wave)[1]:
            level = self.plan.at(chosen)
            if compare or level is None or self.column not in level.shown:
                continue
            inside = np.ones(len(self.size), dtype=bool)
            where = []
            for d in level.dimensions:
                picked = np.array(chosen.get(d, groups[d]), dtype=int)
                where.append(picked)
                inside &= np.isin(self.group_of[d], picked)
            blocks = list(level.blocks)
            if (gone := level.gone.get(self.column)) is not None:
                for axis, at in enumerate(where, 1):
                    gone = gone.take(at, axis=axis)
                away = np.asarray(gone.reshape(len(blocks), -1).any(axis=1))
                blocks = [b for b, hidden in zip(blocks, away, strict=True) if not hidden]
            yield inside, self._answers(blocks)

    def _answers(self, blocks: list[tuple[int, ...]]) -> list[Floats]:
        """Score the options of each share: single ones, the upper end of a scale, a net, a mean."""
        question, options = self.counts.question, self.counts.options
        found = [np.isin(np.arange(len(options)), block).astype(float) for block in blocks]
        together = np.sum(found, axis=0) if found else np.zeros(len(options))
        if question.kind is Kind.RECOMMEND:
            net = np.array([(o == PROMOTERS) - 1.0 * (o == DETRACTORS) for o in options])
            return [*found, net] if together[net != 0].all() else found
        if question.is_scale:
            upper = np.array([float(question.sides.get(o, 0) > 0) for o in options])
            if upper.any() and together[upper > 0].all():
                found.append(upper)
            if question.is_numeric_scale and len(blocks) == len(options):
                score = {o.code: o.score or 0.0 for o in question.in_base}
                found.append(np.array([score[o] for o in options]) / MEAN_STEP)
        return found

    def _values(self, answers: Ints) -> Floats:
        values: Floats = ((self.parts @ answers)[self.at] * self.scores).sum(axis=1)
        return values

    def _fits(self, answers: Ints) -> bool:
        values = self._values(answers)
        inside = (values >= self.low - _SLACK / 2) & (values <= self.high + _SLACK / 2)
        return bool(inside.all() and (answers >= 0).all())

    # What follows

    @cached_property
    def may(self) -> Flags:
        """Mark the answers of each kind that no share of 0 or 100% rules out."""
        ruled: Flags = (self.parts > 0).T.astype(int) @ self._ruled.astype(int) > 0
        return ~ruled

    @cached_property
    def _ruled(self) -> Flags:
        """Mark the answers that shares of 0 or 100% rule out in each group."""
        ruled: Flags = np.zeros((len(self.parts), self.truth.shape[1]), dtype=bool)
        for at, scores, low, high in zip(self.at, self.scores, self.low, self.high, strict=True):
            if low == high and (scores >= 0).all():
                ruled[at] |= scores > 0 if high < _SLACK else scores == 0
        return ruled

    def _open(self) -> Flags:
        """Mark kinds that all answered alike, but those of a group that is seen to agree."""
        agreed = (~self._ruled).sum(axis=1) < 2  # another rule allows or hides that
        plain = (self.parts[agreed] > 0).any(axis=0)
        alike = np.count_nonzero(self.truth, axis=1) == 1
        return np.asarray(alike & ~plain)

    def told(self) -> bool:
        """Return whether somebody's answer follows, or may do."""
        if not len(self.at):
            return False
        self.left, self.last = self._open(), self.truth
        self._settle(self.truth)
        for kind in np.argsort(-self.weight, kind="stable"):
            if self.left[kind]:
                found = self._otherwise(int(kind))
                if found is None:
                    return True
                self._settle(found)
        return False

    def _settle(self, answers: Ints) -> None:
        """Mark who answers otherwise, or does so after an exchange of two answers."""
        own, self.last = self.truth > 0, answers
        self.left &= np.where(own, answers, 0).sum(axis=1) == self.size
        for a, b in np.argwhere(~np.eye(self.truth.shape[1], dtype=bool)):
            leaving = np.flatnonzero(self.left & own[:, a])
            coming = np.flatnonzero(answers[:, b])
            if len(leaving):
                low, high = self._room(answers, int(a), int(b))
                moved = np.hstack([self.parts[:, coming], np.zeros((len(self.parts), 1))])
                for kind in leaving:
                    off = self.parts[:, [kind]] - moved
                    if ((off >= low[:, None]) & (off <= high[:, None])).all(axis=0).any():
                        self.left[kind] = False

    def _room(self, answers: Ints, a: int, b: int) -> tuple[Floats, Floats]:
        """Say how much of the share of each group may move from one answer to another."""
        low, high = np.full(len(self.parts), -np.inf), np.full(len(self.parts), np.inf)
        factor = self.scores[:, b] - self.scores[:, a]
        rows = factor != 0
        value, factor = self._values(answers)[rows], factor[rows]
        ends = np.sort([(x[rows] - value) / factor for x in (self.low, self.high)], axis=0)
        np.maximum.at(low, self.at[rows], ends[0] - _SLACK / 4)
        np.minimum.at(high, self.at[rows], ends[1] + _SLACK / 4)
        return low, high

    def _otherwise(self, kind: int) -> Ints | None:
        """Find answers that are printed alike, of which one of a kind gave another."""
        own = int(np.argmax(self.truth[kind]))
        others = [b for b in np.flatnonzero(self.may[kind]) if b != own]
        for known in (self.truth, self.last):
            for other in sorted(others, key=lambda b: -known[:, b].sum()):
                if (found := self._moved(known, kind, own, int(other))) is not None:
                    return found
        return self._free(kind, own) if others and self.truth.shape[1] > 2 else None

    def _moved(self, known: Ints, kind: int, a: int, b: int) -> Ints | None:
        """Move people between two answers, one of a kind at least from the first to the second."""
        low, high = self._room(known, a, b)
        free = self.may[:, [a, b]].all(axis=1)
        least, most = np.where(free, [-known[:, b], known[:, a]], 0)
        least[kind] = 1
        there = np.union1d(np.flatnonzero(least < most), [kind])
        rows = high - low > _SLACK  # the others are kept by what 0 and 100% rule out
        ends = low[rows], high[rows], least[there], most[there]
        # The more people answer otherwise, the more one solution settles.
        wanted = np.where(self.left, self.truth[:, b] - self.truth[:, a], 0)[there]
        moved = _solved(self.parts[rows][:, there], *ends, wanted)
        if moved is None:
            return None
        answers = known.copy()
        answers[there, a] -= moved
        answers[there, b] += moved
        return answers if self._fits(answers) else None

    def _free(self, kind: int, own: int) -> Ints | None:
        """Find any answers that are printed alike, one of a kind giving another than its own."""
        from scipy.sparse import csr_array, kron, vstack

        kinds, options = self.truth.shape
        rows = np.einsum("rk,ro->rko", self.parts[self.at], self.scores).reshape(len(self.at), -1)
        each = kron(csr_array(np.eye(kinds)), csr_array(np.ones((1, options))))
        most = np.where(self.may, self.size[:, None], 0)
        most[kind, own] -= 1
        open_ = self.low < self.high
        found = _solved(
            vstack([csr_array(rows[open_]), each]),
            np.concatenate([self.low[open_], self.size]),
            np.concatenate([self.high[open_], self.size]),
            np.zeros(kinds * options, dtype=int),
            most.reshape(-1),
            (self.truth * self.left[:, None]).reshape(-1),
        )
        if found is None:
            return None
        answers = found.reshape(kinds, options)
        return answers if self._fits(answers) else None


def _window(value: float) -> tuple[float, float]:
    """Between which values one lies that is printed, in whole per cents, as this one is."""
    whole = float(Decimal(repr(round(value, 9))).quantize(Decimal(1), ROUND_HALF_UP))
    return whole - HALF, whole + HALF


def _solved(
    rows: object, low: Floats, high: Floats, least: Ints, most: Ints, cost: Ints
) -> Ints | None:
    """Find whole numbers whose sums are within bounds, at little cost; None if none are found."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    solved = milp(
        cost,
        constraints=LinearConstraint(rows, low, high),
        bounds=Bounds(least, most),
        integrality=np.ones(len(least)),
        options={"node_limit": _NODES, "mip_rel_gap": 1e9},
    )
    return None if solved.x is None else np.rint(solved.x).astype(int)
