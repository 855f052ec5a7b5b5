"""Atoms: the smallest groups of respondents that a release tells apart.

Per question the dimensions on offer partition the answering respondents. Bands are merged until
every atom holds the minimum base, and only unions of atoms are ever shown; so no sum, difference
or combination of views separates fewer respondents than that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.estimation.tabulate import SUMS
from helpers.survey.codebook import Kind, Question

Bands: TypeAlias = tuple[str, ...]
Partition: TypeAlias = dict[str, tuple[Bands, ...]]  # dimension -> groups of neighbouring bands
EVERYBODY = "everybody"
Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rule:
    """What an atom must satisfy."""

    minimum_base: int
    allow_unanimous: bool = False


class Counts:
    """Respondents per response column, option of the base, and band of each dimension.

    Parameters
    ----------
    cells
        `Tabulation.cells` grouped by the dimensions of `bands`.
    bands
        Bands of each dimension in their order.
    """

    def __init__(self, question: Question, cells: pd.DataFrame, bands: dict[str, Bands]) -> None:
        self.question = question
        self.bands = bands
        self.columns = tuple(c.column for c in question.cells)
        self.options = tuple(o.code for o in question.in_base)
        axes = [
            cells["column"].map({c: n for n, c in enumerate(self.columns)}),
            cells["option"].map({o: n for n, o in enumerate(self.options)}),
            *(cells[d].map({b: n for n, b in enumerate(known)}) for d, known in bands.items()),
        ]
        index = pd.concat(axes, axis=1).to_numpy(dtype=float)
        inside = ~np.isnan(index).any(axis=1)
        shape = (len(self.columns), len(self.options), *(len(b) for b in bands.values()))
        at = tuple(index[inside].astype(int).T)
        self._sums: dict[str, Floats] = {}
        for name in SUMS:
            self._sums[name] = np.zeros(shape)
            np.add.at(self._sums[name], at, cells[name].to_numpy(dtype=float)[inside])
        # Everybody, asked or not, in a place of its own for the option.
        there = ~np.isnan(np.delete(index, 1, axis=1)).any(axis=1)
        place = np.insert(np.delete(index[there], 1, axis=1), 1, 0, axis=1).astype(int)
        self._sums[EVERYBODY] = np.zeros((shape[0], 1, *shape[2:]))
        np.add.at(self._sums[EVERYBODY], tuple(place.T), cells["n"].to_numpy(float)[there])

    def merged(self, partition: Partition, name: str = "n") -> Floats:
        """Sum respondents (`n`), weights or `EVERYBODY` per column, option and atom."""
        sums = self._sums[name]
        for axis, groups in enumerate(partition.values(), 2):
            starts = np.cumsum([0, *(len(g) for g in groups[:-1])])
            sums = np.add.reduceat(sums, starts, axis=axis)
        return sums

    def unfit(self, partition: Partition, rule: Rule) -> npt.NDArray[np.bool_]:
        """Atoms that may not be shown, per column and group of each dimension."""
        n = self.merged(partition)
        base = n.sum(axis=1)
        # That nobody of a group answered, or was asked, tells of all of them.
        small = (self.merged(partition, EVERYBODY)[:, 0] > 0) & (base < rule.minimum_base)
        if rule.allow_unanimous:
            return small
        judged = self.question.substantive
        if self.question.kind is Kind.MULTIPLE:  # nobody ticking a box tells nothing of a person
            judged = (self.question.ticked,)
        at = [self.options.index(o.code) for o in judged]
        unanimous = (n[:, at] == base[:, None]).any(axis=1) & (base > 0)
        return small | unanimous


def everybody(bands: dict[str, Bands]) -> Partition:
    """Return the partition that tells nobody apart."""
    return {dimension: (known,) for dimension, known in bands.items()}


def showable(counts: Counts, rule: Rule) -> list[bool]:
    """Say for each response column whether it may be shown for everybody together."""
    whole = everybody(counts.bands)
    unfit = counts.unfit(whole, rule).reshape(len(counts.columns))
    base = counts.merged(whole).sum(axis=1).reshape(len(counts.columns))
    return [bool(n > 0 and not bad) for n, bad in zip(base, unfit, strict=True)]


def merge(counts: Counts, keep: list[bool], rule: Rule, gates: list[Partition]) -> Partition:
    """Merge neighbouring bands until every atom of the columns to be shown may be shown.

    Parameters
    ----------
    keep
        Which columns are to be shown.
    gates
        Partitions of the questions that lead to this one. Its groups are unions of theirs, so
        that no difference between the questions tells smaller groups apart.

    Notes
    -----
    Dimensions come in one by one, in their order; each is merged as far as it must be beside
    those before it, which stay as they are. Each step takes the merger after which the fewest
    atoms are unfit, among equals the first. The same counts always give the same atoms.
    """
    partition = everybody(counts.bands)
    for dimension, known in counts.bands.items():
        partition[dimension] = _joined(known, [gate[dimension] for gate in gates])
        while len(partition[dimension]) > 1 and counts.unfit(partition, rule)[keep].any():
            groups = partition[dimension]
            candidates = [
                {**partition, dimension: (*groups[:n], groups[n] + groups[n + 1], *groups[n + 2 :])}
                for n in range(len(groups) - 1)
            ]
            partition = min(candidates, key=lambda c: int(counts.unfit(c, rule)[keep].sum()))
    return partition


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
