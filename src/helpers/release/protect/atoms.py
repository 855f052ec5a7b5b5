"""Atoms: the smallest groups of respondents that a release distinguishes.

Per question the dimensions on offer partition the answering respondents. Bands are merged until
every atom holds the minimum base, and only unions of atoms are ever shown; so no sum, difference
or combination of views separates fewer respondents than that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.codebook.cells import NOT_ASKED
from helpers.codebook.model import Kind, Missing, Question
from helpers.estimation.tabulate import SUMS

Bands: TypeAlias = tuple[str, ...]
Partition: TypeAlias = dict[str, tuple[Bands, ...]]  # dimension -> groups of neighbouring bands
EVERYBODY, ASKED = "everybody", "asked"
GUARD = 1  # of the only column of a question, and of a column that is named as hidden
LEAST_WEIGHT = 0.005  # part of all weight that a whole per cent does not show
Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Minimum:
    """What an atom must satisfy: a least number of respondents, and of organisations."""

    minimum_base: int
    allow_unanimous: bool = False


class AtomCounts:
    """Respondents per response column, option of the base, and band of each dimension.

    Parameters
    ----------
    cells
        `Tabulation.cells` grouped by the dimensions of `bands`.
    bands
        Bands of each dimension in their order.
    members
        The same grouped by organisation too (last group column), where the population declares
        one; None where every respondent represents an organisation.
    pinned
        Whether being asked this question reveals one answer to the question that leads to it.
    weighted
        Whether shares follow weights.
    """

    def __init__(
        self,
        question: Question,
        cells: pd.DataFrame,
        bands: dict[str, Bands],
        members: pd.DataFrame | None = None,
        *,
        pinned: bool = False,
        weighted: bool = False,
    ) -> None:
        self.question = question
        self.pinned, self.weighted = pinned, weighted
        self.bands = bands
        self.columns = tuple(c.column for c in question.cells)
        self.options = tuple(o.code for o in question.in_base)
        index = self._index(cells)
        inside = ~np.isnan(index).any(axis=1)
        self._shape = (len(self.columns), len(self.options), *(len(b) for b in bands.values()))
        at = tuple(index[inside].astype(int).T)
        self._sums: dict[str, Floats] = {}
        for name in SUMS:
            self._sums[name] = np.zeros(self._shape)
            np.add.at(self._sums[name], at, cells[name].to_numpy(dtype=float)[inside])
        # Everybody, and everybody asked, in a place of its own for the option.
        asked = (cells["option"] != NOT_ASKED).to_numpy()
        for name, who in ((EVERYBODY, np.ones(len(cells), bool)), (ASKED, asked)):
            there = ~np.isnan(np.delete(index, 1, axis=1)).any(axis=1) & who
            place = np.insert(np.delete(index[there], 1, axis=1), 1, 0, axis=1).astype(int)
            self._sums[name] = np.zeros((self._shape[0], 1, *self._shape[2:]))
            np.add.at(self._sums[name], tuple(place.T), cells["n"].to_numpy(float)[there])
        self._coalitions = None if members is None else self._members(members)

    def _index(self, cells: pd.DataFrame) -> Floats:
        """Place of each row on the axes column, option and dimensions; NaN where it has none."""
        axes = [
            cells["column"].map({c: n for n, c in enumerate(self.columns)}),
            cells["option"].map({o: n for n, o in enumerate(self.options)}),
            *(cells[d].map({b: n for n, b in enumerate(of)}) for d, of in self.bands.items()),
        ]
        return pd.concat(axes, axis=1).to_numpy(dtype=float)

    def _members(self, members: pd.DataFrame) -> tuple[npt.NDArray[np.int_], ...]:
        """Places of answers by organisation, the organisation of each, and respondents."""
        index = self._index(members)
        inside = ~np.isnan(index).any(axis=1)
        named = members.columns[members.columns.get_loc("stratum") - 1]
        organisation = pd.factorize(members[named])[0]
        return (
            index[inside].astype(int),
            organisation[inside],
            members["n"].to_numpy(dtype=int)[inside],
        )

    def merged(self, partition: Partition, name: str = "n") -> Floats:
        """Sum respondents (`n`), weights, `EVERYBODY` or `ASKED` per column, option and atom."""
        sums = self._sums[name]
        for axis, groups in enumerate(partition.values(), 2):
            starts = np.cumsum([0, *(len(g) for g in groups[:-1])])
            sums = np.add.reduceat(sums, starts, axis=axis)
        return sums

    def unfit(self, partition: Partition, rule: Minimum, guard: int = 0) -> npt.NDArray[np.bool_]:
        """Atoms that may not be shown, per column and group of each dimension.

        Parameters
        ----------
        guard
            How many may differ in a group that still counts as unanimous: where it is plain
            what is hidden, that it is must not tell that all agree.
        """
        n = self.merged(partition)
        everybody_there = self.merged(partition, EVERYBODY)
        # That nobody of a group answered, or was asked, reveals something about all of them.
        there = everybody_there[:, 0] > 0
        small = there & (self._base(n) < rule.minimum_base)
        if self._coalitions is not None:
            small |= there & self._few_or_exposed(partition, n, rule, guard)
        if self.weighted:
            small |= there & self._one_speaks_for_all(partition, rule)
        if rule.allow_unanimous:
            return small
        if self.pinned:  # all were asked, so all gave the one answer that leads here
            small |= there & (self.merged(partition, ASKED) == everybody_there)[:, 0]
        return small | self._of_one_mind(n, guard)

    @property
    def judged(self) -> list[int]:
        """Options that a whole group may not be seen to have chosen."""
        judged = self.question.substantive
        if self.question.kind is Kind.MULTIPLE:  # an unticked box reveals nothing
            judged = (self.question.ticked,)
        return [self.options.index(o.code) for o in judged]

    def _base(self, n: Floats) -> Floats:
        """Sum who answered at all, whatever the base of the shares is; options are axis 1."""
        silent = [o.code for o in self.question.in_base if o.missing is Missing.NOT_ANSWERED]
        spoke = [k for k, code in enumerate(self.options) if code not in silent]
        found: Floats = n.take(spoke, axis=1).sum(axis=1)
        return found

    def _of_one_mind(self, n: Floats, guard: int) -> npt.NDArray[np.bool_]:
        """Say where all who gave an answer of substance, or all but `guard`, gave the same."""
        answers = [self.options.index(o.code) for o in self.question.substantive]
        base = n.take(answers, axis=1).sum(axis=1)
        most = n.take(self.judged, axis=1).max(axis=1)
        found: npt.NDArray[np.bool_] = (base > 0) & (base - most <= guard)
        return found

    def _one_speaks_for_all(self, partition: Partition, rule: Minimum) -> npt.NDArray[np.bool_]:
        """Atoms whose weighted shares few people make, or in which all weight says the same."""
        w, w2 = (self.merged(partition, name) for name in SUMS[1:])
        total, squares = w.sum(axis=1), w2.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            kish = np.where(squares > 0, total**2 / squares, 0.0)
            alike = w.take(self.judged, axis=1).max(axis=1) / total > 1 - LEAST_WEIGHT
        few: npt.NDArray[np.bool_] = kish < rule.minimum_base / 2
        return few if rule.allow_unanimous else few | alike

    def _few_or_exposed(
        self, partition: Partition, n: Floats, rule: Minimum, guard: int
    ) -> npt.NDArray[np.bool_]:
        """Atoms of too few organisations, or whose rest an organisation could work out.

        An organisation with several members can take their answers away from what is shown;
        those of the others must then not be unanimous.
        """
        assert self._coalitions is not None
        at, organisation, count = self._coalitions
        place = [at[:, 0]]
        for axis, groups in enumerate(partition.values(), 2):
            group_of = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
            place.append(group_of[at[:, axis]])
        shape = (n.shape[0], *n.shape[2:])
        atom = np.ravel_multi_index(place, shape)
        width = int(organisation.max(initial=-1)) + 1
        pairs, which = np.unique(atom * width + organisation, return_inverse=True)
        own = np.zeros((len(pairs), n.shape[1]))
        np.add.at(own, (which, at[:, 1]), count)
        atoms, who = pairs // max(width, 1), pairs % max(width, 1)
        few = np.bincount(atoms, minlength=math.prod(shape)) < rule.minimum_base
        if not rule.allow_unanimous:
            rest = np.moveaxis(n, 1, -1).reshape(-1, n.shape[1])[atoms] - own
            members = np.zeros((n.shape[0], max(width, 1)))
            column = np.unravel_index(atoms, shape)[0]
            np.add.at(members, (column, who), own.sum(axis=1))
            several = members[column, who] > 1
            few[atoms[self._of_one_mind(rest, guard) & several]] = True
        return few.reshape(shape)


def everybody(bands: dict[str, Bands]) -> Partition:
    """Return the partition that puts everybody into one group."""
    return {dimension: (known,) for dimension, known in bands.items()}


def showable(counts: AtomCounts, rule: Minimum) -> list[bool]:
    """Say for each response column whether it may be shown for everybody together."""
    whole = everybody(counts.bands)
    unfit = counts.unfit(whole, rule, GUARD).reshape(len(counts.columns))
    base = counts.merged(whole).sum(axis=1).reshape(len(counts.columns))
    return [bool(n > 0 and not bad) for n, bad in zip(base, unfit, strict=True)]


def merge(counts: AtomCounts, keep: list[bool], rule: Minimum, gates: list[Partition]) -> Partition:
    """Merge neighbouring bands until every atom of the columns to be shown may be shown.

    Parameters
    ----------
    keep
        Which columns are to be shown.
    gates
        Partitions of the questions that lead to this one. Its groups are unions of theirs, so
        that no difference between the questions distinguishes smaller groups.

    Notes
    -----
    Dimensions come in one by one, in their order; each is merged as far as it must be beside
    those before it, which stay as they are. Each step takes the merger after which the fewest
    atoms are unfit, among equals the first. The same counts always give the same atoms.
    """
    guard = GUARD if sum(keep) == 1 else 0  # of several columns nobody knows which is the reason
    partition = everybody(counts.bands)
    for dimension, known in counts.bands.items():
        partition[dimension] = _joined(known, [gate[dimension] for gate in gates])
        while len(partition[dimension]) > 1 and counts.unfit(partition, rule, guard)[keep].any():
            groups = partition[dimension]
            candidates = [
                {**partition, dimension: (*groups[:n], groups[n] + groups[n + 1], *groups[n + 2 :])}
                for n in range(len(groups) - 1)
            ]
            unfit = [int(counts.unfit(c, rule, guard)[keep].sum()) for c in candidates]
            partition = candidates[unfit.index(min(unfit))]
    return partition


def uncrossed(partition: Partition, other: Partition) -> Partition:
    """Merge bands where two questions divide them crosswise: one then divides within the other."""
    result = dict(partition)
    for dimension, groups in partition.items():
        if dimension not in other:
            continue
        ends, theirs = ({g[-1] for g in p[dimension]} for p in (partition, other))
        if not (ends <= theirs or theirs <= ends):
            known = tuple(band for group in groups for band in group)
            result[dimension] = _joined(known, [groups, other[dimension]])
    return result


def _joined(known: Bands, partitions: list[tuple[Bands, ...]]) -> tuple[Bands, ...]:
    """Divide bands only where every partition divides them."""
    ends = set(known)
    for groups in partitions:
        ends &= {group[-1] for group in groups}
    result: list[Bands] = []
    group: Bands = ()
    for band in known:
        group += (band,)
        if band in ends or band == known[-1]:
            result.append(group)
            group = ()
    return tuple(result)
