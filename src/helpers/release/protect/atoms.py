"""Counts of the answers to one question by groups of respondents, and which groups may be shown.

Bands of a dimension are merged until every group that it forms by itself may be shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.codebook.cells import NOT_ASKED
from helpers.codebook.model import NOT_STATED, Kind, Missing, Question
from helpers.estimation.tabulate import SUMS

Bands: TypeAlias = tuple[str, ...]
Partition: TypeAlias = dict[str, tuple[Bands, ...]]  # dimension -> its groups of bands
Dimensions: TypeAlias = tuple[str, ...]  # by which groups are distinguished
EVERYBODY, ASKED = "everybody", "asked"
# Why a group may not be shown.
FEW_PEOPLE, FEW_ORGANISATIONS, SAME_PEOPLE = "few people", "few organisations", "same people"
ALL_ASKED, ONE_MIND = "all asked", "one mind"
_LARGEST = 2**62  # places that are numbered
_SPARSE = 8  # places for each row, up to which all are counted
_MOST_PLACES = 100_000  # of people, up to which columns are compared
GUARD = 1  # of the only column of a question, and of a column that is named as hidden
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int_]


@dataclass(frozen=True)
class Minimum:
    """What a group must satisfy: a least number of respondents, and of organisations."""

    minimum_base: int
    allow_unanimous: bool = False


@dataclass(frozen=True)
class _Tally:
    """Sums at places, in the order of columns.

    Attributes
    ----------
    axes : place of each row on the axes column, option, dimensions and stratum, in few bytes each
    first : where the rows of each column begin, and the end of the last
    """

    axes: tuple[Ints, ...]
    sums: dict[str, Floats]
    first: Ints

    @classmethod
    def of(cls, axes: Sequence[Ints], shape: Sequence[int], sums: Mapping[str, Floats]) -> _Tally:
        """Add up what is at the same place."""
        if axes[0].size and math.prod(shape) < _LARGEST:
            places = np.ravel_multi_index(tuple(axes), tuple(shape))
            if math.prod(shape) <= _SPARSE * len(places):
                flat = np.flatnonzero(np.bincount(places))  # without sorting
                sums = {name: _added(places, of)[flat] for name, of in sums.items()}
            else:
                flat, which = np.unique(places, return_inverse=True)
                sums = {name: _added(which.reshape(-1), of) for name, of in sums.items()}
            axes = np.unravel_index(flat, shape)
        else:  # too many places to number
            order = np.argsort(axes[0], kind="stable")
            axes, sums = [of[order] for of in axes], {name: of[order] for name, of in sums.items()}
        first = np.searchsorted(axes[0], np.arange(shape[0] + 1))
        small = [of.astype(np.min_scalar_type(size)) for of, size in zip(axes, shape, strict=True)]
        return cls(tuple(small), sums, first)

    def of_column(self, column: int) -> slice:
        """Rows of a response column."""
        return slice(self.first[column], self.first[column + 1])

    def places(self, axes: Sequence[int], shape: Sequence[int], rows: slice = slice(None)) -> Ints:
        """Return where some rows, or all, lie on some axes, as a number each."""
        flat: Ints = np.zeros(len(self.axes[0][rows]), dtype=np.int64)
        for axis, size in zip(axes, shape, strict=True):
            flat *= size
            flat += self.axes[axis][rows]
        return flat

    def by(self, axes: Sequence[int], shape: Sequence[int], name: str) -> Floats:
        """Sum by some axes."""
        places = self.places(axes, shape)
        return _added(places, self.sums[name], math.prod(shape)).reshape(shape)


def _added(place: Ints, values: Floats, size: int = 0) -> Floats:
    found: Floats = np.bincount(place, values, minlength=size).astype(float)
    return found


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
    people
        The same grouped by person, where some answered more than once, as in several waves; None
        where every respondent is another person.
    each
        Most answers of one person to a column.
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
        people: pd.DataFrame | None = None,
        each: int = 1,
        *,
        pinned: bool = False,
        weighted: bool = False,
    ) -> None:
        self.question = question
        self.pinned, self.weighted, self.each = pinned, weighted, each
        self.bands = bands
        self.columns = tuple(c.column for c in question.cells)
        self.options = tuple(o.code for o in question.in_base)
        index = self._index(cells)
        inside = (index >= 0).all(axis=1)
        n = cells["n"].to_numpy(dtype=float)
        values = {name: cells[name].to_numpy(dtype=float)[inside] for name in SUMS}
        self.strata = tuple(sorted(cells["stratum"].unique())) if "stratum" in cells else ("",)
        stratum = np.zeros(len(cells), dtype=int)
        if len(self.strata) > 1:
            stratum = cells["stratum"].map({s: n for n, s in enumerate(self.strata)}).to_numpy(int)
        sizes = [len(of) for of in bands.values()]
        self._answers = _Tally.of(
            [*index[inside].T, stratum[inside]],
            (len(self.columns), len(self.options), *sizes, len(self.strata)),
            values,
        )
        if all(np.array_equal(values["n"], of) for of in values.values()):
            self._answers.sums.update(dict.fromkeys(SUMS, self._answers.sums["n"]))
        # Everybody, and everybody asked, whatever they answered.
        index[:, 1] = 0
        there = (index >= 0).all(axis=1)
        asked = np.where(cells["option"] != NOT_ASKED, n, 0.0)
        sums = {EVERYBODY: n[there], ASKED: asked[there]}
        self._people = _Tally.of([*index[there].T], (len(self.columns), 1, *sizes), sums)
        self._tables: dict[tuple[Dimensions, str], Floats] = {}
        self._coalitions = None if members is None else self._members(members)
        self._repeated = None if people is None else self._members(people, alone=True)

    def _index(self, cells: pd.DataFrame) -> npt.NDArray[np.int32]:
        """Place of each row on the axes column, option and dimensions; -1 where it has none."""
        known = {"column": self.columns, "option": self.options, **self.bands}
        found = np.empty((len(cells), len(known)), dtype=np.int32)
        for axis, (name, codes) in enumerate(known.items()):
            place = {code: n for n, code in enumerate(codes)}
            which, there = pd.factorize(cells[name])
            found[:, axis] = np.array([place.get(code, -1) for code in there], dtype=int)[which]
        return found

    def _members(self, members: pd.DataFrame, *, alone: bool = False) -> tuple[Ints, Ints, Ints]:
        """Places of answers by organisation or person, which of them, and how many.

        With `alone` those without a name are one each.
        """
        index: Ints = self._index(members).astype(int)
        inside = (index >= 0).all(axis=1)
        named = members.columns[members.columns.get_loc("stratum") - 1]
        unit, known = pd.factorize(members[named])
        index, unit = index[inside], unit[inside]
        n = members["n"].to_numpy(dtype=int)[inside]
        if alone and "" in known:
            nameless = unit == list(known).index("")
            again = np.repeat(np.arange(len(n)), np.where(nameless, n, 1))
            index, unit, n = index[again], unit[again], np.where(nameless, 1, n)[again]
            lone = nameless[again]
            unit[lone] = len(known) + np.arange(int(lone.sum()))
        return index, unit, n

    def _axis(self, dimension: str) -> int:
        return 2 + list(self.bands).index(dimension)

    def _by_bands(self, dimensions: Dimensions, name: str, *, strata: bool = False) -> Floats:
        """Sum by single bands of some dimensions; of few dimensions it is kept."""
        if (dimensions, name) in self._tables and not strata:
            return self._tables[dimensions, name]
        rows = self._answers if name in SUMS else self._people
        options = len(self.options) if name in SUMS else 1
        shape = (len(self.columns), options, *(len(self.bands[d]) for d in dimensions))
        axes = [0, 1, *(self._axis(d) for d in dimensions)]
        if strata:
            shape, axes = (*shape, len(self.strata)), [*axes, 2 + len(self.bands)]
        found = rows.by(axes, shape, name)
        if len(dimensions) <= 2 and not strata:
            self._tables[dimensions, name] = found
        return found

    def merged(
        self,
        partition: Partition,
        dimensions: Dimensions,
        name: str = "n",
        *,
        strata: bool = False,
    ) -> Floats:
        """Sum respondents (`n`), weights, `EVERYBODY` or `ASKED` by groups of some dimensions.

        Returns
        -------
        Array of columns, options (one for `EVERYBODY` and `ASKED`), groups of each dimension, and
        at the end `strata` where they are asked for (of answers alone).
        """
        sums = self._by_bands(dimensions, name, strata=strata)
        for axis, d in enumerate(dimensions, 2):
            places = {band: n for n, band in enumerate(self.bands[d])}
            order = [places[band] for group in partition[d] for band in group]
            starts = np.cumsum([0, *(len(group) for group in partition[d][:-1])])
            sums = np.add.reduceat(sums.take(order, axis=axis), starts, axis=axis)
        return sums

    def atoms(
        self, partition: Partition, dimensions: Dimensions, column: int
    ) -> tuple[Ints, Floats]:
        """Find combinations of groups in which somebody answered a column.

        Returns
        -------
        Groups by dimension, one row per combination; and how many of those in it answered.
        """
        rows, own = self._answers, self._answers.of_column(column)
        values = rows.sums["n"][own]
        here = (values > 0) & np.isin(rows.axes[1][own], self._spoke)
        places = [
            self.group_of(partition, d)[rows.axes[self._axis(d)][own][here]] for d in dimensions
        ]
        if not places:
            return np.zeros((1, 0), dtype=int), np.array([values[here].sum()])
        sizes = tuple(len(partition[d]) for d in dimensions)
        flat, which = np.unique(np.ravel_multi_index(tuple(places), sizes), return_inverse=True)
        found = np.column_stack(np.unravel_index(flat, sizes))
        return found, _added(which.reshape(-1), values[here], len(flat))

    def answers(self, dimensions: Dimensions, column: int) -> tuple[Ints, Floats]:
        """Find combinations of bands in which a column has answers in its base.

        Returns
        -------
        Bands by dimension, one row per combination; and how many in it gave each answer.
        """
        rows, own = self._answers, self._answers.of_column(column)
        sizes = tuple(len(self.bands[d]) for d in dimensions)
        flat = rows.places([self._axis(d) for d in dimensions], sizes, own)
        there, which = np.unique(flat, return_inverse=True)
        n: Floats = np.zeros((len(there), len(self.options)))
        np.add.at(n, (which.reshape(-1), rows.axes[1][own]), rows.sums["n"][own])
        places = np.zeros((len(there), 0), dtype=int)
        if dimensions:
            places = np.column_stack(np.unravel_index(there, sizes))
        return places[n.sum(axis=1) > 0], n[n.sum(axis=1) > 0]

    def people(
        self, partition: Partition, dimensions: Dimensions, column: int, minimum: int
    ) -> tuple[Floats, Floats] | None:
        """Say which combinations, as `atoms` lists them, the same people answered in.

        Returns
        -------
        Kinds of people by combinations, 0 or 1, and how many are of each kind: of everybody in a
        combination that may hold fewer than the minimum. None where each answer is another
        person's.
        """
        if self._repeated is None:
            return None
        at, person, _ = self._repeated
        here = (at[:, 0] == column) & np.isin(at[:, 1], self._spoke)
        places = [self.group_of(partition, d)[at[here, self._axis(d)]] for d in dimensions]
        sizes = tuple(len(partition[d]) for d in dimensions)
        found, atom, n = np.unique(
            np.ravel_multi_index(tuple(places), sizes), return_inverse=True, return_counts=True
        )
        atom = atom.reshape(-1)
        small = (n < minimum * self.each)[atom]
        pairs = np.unique(np.column_stack([person[here][small], atom[small]]), axis=0)
        kinds: dict[bytes, int] = {}
        for own in np.split(pairs[:, 1], np.flatnonzero(np.diff(pairs[:, 0])) + 1):
            if len(own):
                kinds[own.tobytes()] = kinds.get(own.tobytes(), 0) + 1
        marks = np.zeros((len(kinds), len(found)))
        for row, atoms in enumerate(kinds):
            marks[row, np.frombuffer(atoms, dtype=pairs.dtype)] = 1
        return marks, np.array([*kinds.values()], dtype=float)

    def same_people(self, column: int) -> int:
        """Find the first column that the same people answered, as those of a select-all."""
        return self._same_people[column]

    @cached_property
    def _same_people(self) -> list[int]:
        shape = [len(of) for of in self.bands.values()]
        if math.prod(shape) > _MOST_PLACES:
            return list(range(len(self.columns)))
        seen: dict[bytes, int] = {}
        found = []
        for column in range(len(self.columns)):
            own = self._answers.of_column(column)
            spoke = np.isin(self._answers.axes[1][own], self._spoke)
            places = self._answers.places(range(2, 2 + len(shape)), shape, own)[spoke]
            people = _added(places, self._answers.sums["n"][own][spoke], math.prod(shape))
            found.append(seen.setdefault(people.tobytes(), column))
        return found

    def group_of(self, partition: Partition, dimension: str) -> Ints:
        """Group of each band of a dimension, as its place."""
        place = {b: n for n, group in enumerate(partition[dimension]) for b in group}
        return np.array([place[band] for band in self.bands[dimension]], dtype=int)

    def unfit(
        self, partition: Partition, dimensions: Dimensions, rule: Minimum, guard: int = 0
    ) -> Flags:
        """Mark groups that may not be shown, per column and group of each dimension.

        Parameters
        ----------
        guard
            How many may differ in a group that still counts as unanimous: where it is plain
            what is hidden, that it is must not tell that all agree.
        """
        faults = self.faults(partition, dimensions, rule, guard)
        found: Flags = np.logical_or.reduce(list(faults.values()))
        return found

    def faults(
        self, partition: Partition, dimensions: Dimensions, rule: Minimum, guard: int = 0
    ) -> dict[str, Flags]:
        """Say why groups may not be shown: by each reason the groups, as `unfit` gives them."""
        n = self.merged(partition, dimensions)
        everybody_there = self.merged(partition, dimensions, EVERYBODY)
        # That nobody of a group answered, or was asked, reveals something about all of them.
        there = everybody_there[:, 0] > 0
        found = {FEW_PEOPLE: there & (self.spoke(n) < rule.minimum_base)}
        if self._repeated is not None and self._may_be_few(n, rule, guard):
            few = self._few_or_exposed(self._repeated, partition, dimensions, n, rule, guard)
            found[SAME_PEOPLE] = there & few
        if self._coalitions is not None:
            few = self._few_or_exposed(self._coalitions, partition, dimensions, n, rule, guard)
            found[FEW_ORGANISATIONS] = there & few
        if rule.allow_unanimous:
            return found
        if self.pinned:  # all were asked, so all gave the one answer that leads here
            asked = self.merged(partition, dimensions, ASKED)
            found[ALL_ASKED] = there & (asked == everybody_there)[:, 0]
        return found | {ONE_MIND: self._of_one_mind(n, guard)}

    @property
    def judged(self) -> list[int]:
        """Options that a whole group may not be seen to have chosen."""
        judged = self.question.substantive
        if self.question.kind is Kind.MULTIPLE:  # an unticked box reveals nothing
            judged = (self.question.ticked,)
        return [self.options.index(o.code) for o in judged]

    @property
    def _spoke(self) -> list[int]:
        """Options of those who answered at all, whatever the base of the shares is."""
        silent = [o.code for o in self.question.in_base if o.missing is Missing.NOT_ANSWERED]
        return [k for k, code in enumerate(self.options) if code not in silent]

    def spoke(self, n: Floats) -> Floats:
        """Sum who answered at all; options are axis 1."""
        found: Floats = n.take(self._spoke, axis=1).sum(axis=1)
        return found

    def _of_one_mind(self, n: Floats, guard: int) -> Flags:
        """Say where all who gave an answer of substance, or all but `guard`, gave the same."""
        answers = [self.options.index(o.code) for o in self.question.substantive]
        base = n.take(answers, axis=1).sum(axis=1)
        most = n.take(self.judged, axis=1).max(axis=1)
        found: npt.NDArray[np.bool_] = (base > 0) & (base - most <= guard)
        return found

    def _may_be_few(self, n: Floats, rule: Minimum, guard: int) -> bool:
        """Return whether the answers of a group may be those of few people, or of one and a rest.

        Where counts are large enough, people need not be told apart.
        """
        if (self.spoke(n) < rule.minimum_base * self.each).any():
            return True
        return not rule.allow_unanimous and bool(self._of_one_mind(n, guard + self.each).any())

    def _few_or_exposed(
        self,
        units: tuple[Ints, Ints, Ints],
        partition: Partition,
        dimensions: Dimensions,
        n: Floats,
        rule: Minimum,
        guard: int,
    ) -> Flags:
        """Mark groups of too few organisations or people, or whose rest one could work out.

        An organisation with several members, or somebody who answered several times, can take
        these answers away from what is shown; those of the others must then not be unanimous.
        """
        at, organisation, count = units
        places = [at[:, 0]]
        places += [self.group_of(partition, d)[at[:, self._axis(d)]] for d in dimensions]
        shape = (n.shape[0], *n.shape[2:])
        group = np.ravel_multi_index(tuple(places), shape)
        width = int(organisation.max(initial=-1)) + 1
        pairs, which = np.unique(group * width + organisation, return_inverse=True)
        own = np.zeros((len(pairs), n.shape[1]))
        np.add.at(own, (which.reshape(-1), at[:, 1]), count)
        groups, who = pairs // max(width, 1), pairs % max(width, 1)
        spoke = own[:, self._spoke].sum(axis=1) > 0
        few = np.bincount(groups[spoke], minlength=math.prod(shape)) < rule.minimum_base
        if not rule.allow_unanimous:
            rest = np.moveaxis(n, 1, -1).reshape(-1, n.shape[1])[groups] - own
            members = np.zeros((n.shape[0], max(width, 1)))
            column = np.unravel_index(groups, shape)[0]
            np.add.at(members, (column, who), own.sum(axis=1))
            several = members[column, who] > 1
            few[groups[self._of_one_mind(rest, guard) & several]] = True
        return few.reshape(shape)


def everybody(bands: dict[str, Bands]) -> Partition:
    """Return the partition that puts everybody into one group."""
    return {dimension: (known,) for dimension, known in bands.items()}


def showable(counts: AtomCounts, rule: Minimum) -> list[bool]:
    """Say for each response column whether it may be shown for everybody together."""
    unfit = counts.unfit({}, (), rule, GUARD)
    base = counts.merged({}, ()).sum(axis=1)
    return [bool(n > 0 and not bad) for n, bad in zip(base, unfit, strict=True)]


def own_groups(
    counts: AtomCounts,
    dimension: str,
    keep: list[bool],
    rule: Minimum,
    *,
    within: Partition,
    start: tuple[Bands, ...],
    neighbours: bool,
    leave_out: bool = False,
) -> tuple[Bands, ...]:
    """Merge bands of a dimension until each of its groups may be shown.

    Parameters
    ----------
    keep
        Which columns are to be shown.
    within
        Groups of a dimension that readers always choose from as well (waves), or nothing.
    start
        Groups to begin with.
    neighbours
        Whether bands are ordered, so that neighbours merge; else the two smallest groups do.
    leave_out
        Whether groups that may not be shown are first put together, to be left out.

    Notes
    -----
    Each step takes the merger after which the fewest groups are unfit, among equals the first.
    The same counts always give the same groups. Those whose band is not stated join the largest.
    """

    def unfit(groups: tuple[Bands, ...]) -> Flags:
        return _unfit(counts, dimension, groups, keep, rule, within)

    groups = start
    if leave_out:
        together = _unfit_together(groups, unfit(groups))
        groups = groups if unfit(together)[..., -1].any() else together
    if (NOT_STATED,) in groups and len(groups) > 2 and unfit(groups)[..., -1].any():
        groups = _not_stated_joined(counts, dimension, groups)
    while len(groups) > 1 and unfit(groups).any():
        bad = np.atleast_1d(unfit(groups).reshape(-1, len(groups)).any(axis=0))
        ways = coarser_groups(counts, dimension, groups, bad, neighbours=neighbours)
        left = [int(unfit(way).sum()) for way in ways]
        groups = ways[left.index(min(left))]
    return groups


def small_bands(
    counts: AtomCounts, dimension: str, keep: list[bool], rule: Minimum, within: Partition
) -> set[str]:
    """Find the bands of a dimension that may not be shown by themselves."""
    bands = counts.bands[dimension]
    alone: tuple[Bands, ...] = tuple((band,) for band in bands)
    bad = _by_group(_unfit(counts, dimension, alone, keep, rule, within))
    return {band for band, out in zip(bands, bad, strict=True) if out}


def _unfit(
    counts: AtomCounts,
    dimension: str,
    groups: tuple[Bands, ...],
    keep: list[bool],
    rule: Minimum,
    within: Partition,
) -> Flags:
    """Mark groups of a dimension that may not be shown, in any column to be shown."""
    guard = GUARD if sum(keep) == 1 else 0  # of several columns nobody knows which is the reason
    by = (*within, dimension)
    found: Flags = counts.unfit({**within, dimension: groups}, by, rule, guard)[keep]
    return found


def _by_group(unfit: Flags) -> list[bool]:
    """Say of each group, which the last axis holds, whether it may not be shown in some column."""
    return [bool(unfit[..., n].any()) for n in range(unfit.shape[-1])]


def _unfit_together(groups: tuple[Bands, ...], unfit: Flags) -> tuple[Bands, ...]:
    """Put the groups that may not be shown together, last, where two others remain."""
    bad = _by_group(unfit)
    if sum(bad) < 2 or len(groups) - sum(bad) < 2:
        return groups
    kept = [g for g, out in zip(groups, bad, strict=True) if not out]
    return (*kept, sum((g for g, out in zip(groups, bad, strict=True) if out), ()))


def _sizes(counts: AtomCounts, dimension: str, groups: tuple[Bands, ...]) -> list[float]:
    """Count who is in each group."""
    people = counts.merged({dimension: groups}, (dimension,), EVERYBODY)
    return [float(n) for n in people[0, 0]] if len(people) else [0.0] * len(groups)


def _not_stated_joined(
    counts: AtomCounts, dimension: str, groups: tuple[Bands, ...]
) -> tuple[Bands, ...]:
    """Put those whose band is not stated into the largest group, where they matter least."""
    rest = [g for g in groups if g != (NOT_STATED,)]
    sizes = _sizes(counts, dimension, groups)
    largest = max(rest, key=lambda g: sizes[groups.index(g)])
    return tuple((*g, NOT_STATED) if g == largest else g for g in rest)


def coarser_groups(
    counts: AtomCounts,
    dimension: str,
    groups: tuple[Bands, ...],
    bad: npt.NDArray[np.bool_] | None = None,
    *,
    neighbours: bool,
) -> list[tuple[Bands, ...]]:
    """List ways of merging two groups of a dimension.

    Parameters
    ----------
    bad
        Groups that may not be shown, if any.
    neighbours
        Whether any two neighbours may merge; else the smallest group that may not be shown, or the
        smallest of all, joins the smallest other one.
    """
    pairs = [(n, n + 1) for n in range(len(groups) - 1)]
    if not neighbours and len(groups) > 1:
        sizes = _sizes(counts, dimension, groups)
        order = sorted(range(len(groups)), key=lambda n: (sizes[n], n))
        first = next((n for n in order if bad is None or bad[n]), order[0])
        second = next(n for n in order if n != first)
        pairs = [(min(first, second), max(first, second))]
    return [
        (*groups[:a], groups[a] + groups[b], *groups[a + 1 : b], *groups[b + 1 :]) for a, b in pairs
    ]


def joined(known: Bands, partitions: Iterable[Sequence[Bands]]) -> tuple[Bands, ...]:
    """Find the finest groups of bands that no group of any partition crosses."""
    group = {band: {band} for band in known}
    for bands in (bands for partition in partitions for bands in partition):
        there = [band for band in bands if band in group]
        together: set[str] = set().union(*(group[band] for band in there))
        for band in together:
            group[band] = together
    found = dict.fromkeys(tuple(band for band in known if band in group[b]) for b in known)
    return tuple(found)


def uncrossed(partition: Partition, other: Partition) -> Partition:
    """Merge bands where two questions divide them crosswise: one then divides within the other."""
    result = dict(partition)
    for dimension, groups in partition.items():
        if dimension not in other:
            continue
        known = tuple(band for group in groups for band in group)
        theirs = [tuple(b for b in g if b in known) for g in other[dimension]]
        together = joined(known, [groups, theirs])
        sets = {frozenset(g) for g in together}
        if sets != {frozenset(g) for g in groups} and sets != {frozenset(g) for g in theirs if g}:
            result[dimension] = together
    return result
