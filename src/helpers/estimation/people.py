"""People who gave several answers, as clusters, in tables that are counted by people, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.estimation.domains import PartsTogether
from helpers.estimation.intervals import Floats
from helpers.estimation.request import Request
from helpers.estimation.tabulate import SUMS
from helpers.estimation.variance import Design, Moments, Sums
from helpers.responses.recoding import PERSON

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PeopleRows:
    """Rows of a table that has `PERSON` among its keys: who gave what.

    Attributes
    ----------
    person : number of each row's person; of people without a name each row is taken for one
    n, w : people of each row and their weight; of several without a name the root of the sum of
        their squared weights, of which squares are right
    stratum : place of the stratum of each row
    strata : how many there are
    """

    person: Ints
    n: Floats
    w: Floats
    stratum: Ints
    strata: int

    @classmethod
    def of(cls, table: pd.DataFrame, strata: tuple[str, ...]) -> PeopleRows:
        """Tell the people of a table apart."""
        who, names = pd.factorize(table[PERSON])
        named = (table[PERSON] != "").to_numpy()
        person = np.where(named, who, len(names) + np.arange(len(table)))
        n, w, w2 = (table[name].to_numpy(dtype=float) for name in SUMS)
        places = {name: at for at, name in enumerate(strata)}
        stratum = table["stratum"].map(places).to_numpy(dtype=np.int64)
        n, w = np.where(named, 1.0, n), np.where(named, w, np.sqrt(w2))
        return cls(np.unique(person, return_inverse=True)[1], n, w, stratum, len(strata))

    def squares(self, group: Ints, one: Floats, other: Floats, groups: int) -> Floats:
        """Add up each person's values in a group, then the products of two such: (group, stratum).

        Rows of no group, -1, are left out.
        """
        kept = group >= 0
        both = self.person[kept] * groups + group[kept]
        _, first, at = np.unique(both, return_index=True, return_inverse=True)
        sums = [np.bincount(at, of[kept]).astype(float) for of in (one, other)]
        product = sums[0] * sums[1]
        place = (group[kept] * self.strata + self.stratum[kept])[first]
        return _added(place, product, (groups, self.strata))

    def people(self, group: Ints, groups: int) -> Floats:
        """Count the people of each group: (group, stratum); rows of no group, -1, are left out."""
        kept = group >= 0
        both = self.person[kept] * groups + group[kept]
        first = np.unique(both, return_index=True)[1]
        place = (group[kept] * self.strata + self.stratum[kept])[first]
        return _added(place, self.n[kept][first], (groups, self.strata))

    def spread(self, rows: Any, place: Ints, values: Floats, size: int) -> Any:
        """Put values of some rows in places: a sparse matrix (person, place)."""
        from scipy.sparse import csr_array

        shape = (int(self.person.max(initial=-1)) + 1, size)
        return csr_array((values, (self.person[rows], place)), shape=shape)

    def products(self, left: Any, right: Any) -> Floats:
        """Products of two matrices of `spread` over people: (left, right, stratum)."""
        from scipy.sparse import coo_array

        of_person = np.zeros(left.shape[0], dtype=np.int64)
        of_person[self.person] = self.stratum
        other = coo_array(right)
        row, place = other.coords
        moved = place * self.strata + of_person[row]
        shape = (right.shape[0], right.shape[1] * self.strata)
        wide = coo_array((other.data, (row, moved)), shape=shape).tocsr()
        return np.asarray((left.T @ wide).toarray()).reshape(left.shape[1], -1, self.strata)


@dataclass(frozen=True)
class PeopleInColumns:
    """What people answered, in columns that may overlap.

    Attributes
    ----------
    cell, option : places of each row's response column and answer; -1 where it has none
    members : rows that each column holds
    """

    rows: PeopleRows
    cell: Ints
    option: Ints
    members: Mapping[int, npt.NDArray[np.bool_]]

    @classmethod
    def of_groups(cls, rows: PeopleRows, option: Ints, group: Ints) -> PeopleInColumns:
        """Take answers of one response column, by groups that nobody's answer is in twice."""
        members = {int(at): group == at for at in np.unique(group[group >= 0])}
        return cls(rows, np.zeros(len(option), dtype=np.int64), option, members)

    def added(self, sums: Sums) -> Sums:
        """Add to sums of columns what people make of them."""
        columns, cells, options, strata = sums.n.shape
        products, people = sums.products, sums.people
        if products is None or people is None:
            products = np.zeros((columns, cells, options, options, strata))
            people = np.zeros((columns, cells, strata))
        for column, held in self.members.items():
            for cell in range(cells):
                here = held & (self.cell == cell) & (self.option >= 0)
                given = self.rows.spread(here, self.option[here], self.rows.w[here], options)
                products[column, cell] = self.rows.products(given, given)
                people[column, cell] = self.rows.people(np.where(here, 0, -1), 1)[0]
        return replace(sums, products=products, people=people)

    def together(self, cells: int, scores: Floats, inside: Floats) -> PartsTogether:
        """Bring the answers of the same people in every two columns together.

        Parameters
        ----------
        scores, inside
            As of `Sums.scored`: a part is a row of scores.
        """
        there = self.option >= 0
        there[there] = inside[self.option[there]] > 0
        cell = np.where(there, self.cell, -1)
        parts = self.rows.w * (scores * inside)[:, self.option]
        return _together(self.rows, cell, cells, self.members, self.rows.w, parts)


@dataclass(frozen=True)
class NumbersOfPeople:
    """What numbers people gave, in columns that may overlap.

    Attributes
    ----------
    cell : place of each row's response column
    w, wx : sums of weights, and of these times the number
    members : rows that each column holds
    """

    rows: PeopleRows
    cell: Ints
    w: Floats
    wx: Floats
    members: Mapping[int, npt.NDArray[np.bool_]]

    @classmethod
    def of(
        cls,
        table: pd.DataFrame,
        strata: tuple[str, ...],
        cell: Ints,
        members: Mapping[int, npt.NDArray[np.bool_]],
    ) -> NumbersOfPeople:
        """Take a table of `tabulate.numbers` that has `PERSON` among its keys.

        Several people without a name stand in a row: two that have the same sums of squares and
        products stand for them.
        """
        lone = np.flatnonzero(table[PERSON] == "")
        w, wx, w2, w2x, w2x2 = (
            table[f"sum_{of}"].to_numpy(dtype=float, copy=True)
            for of in ("w", "wx", "w2", "w2x", "w2x2")
        )
        w[lone] = np.sqrt(w2[lone])
        wx[lone] = np.divide(w2x[lone], w[lone], out=np.zeros(len(lone)), where=w[lone] > 0)
        left = np.sqrt(np.maximum(w2x2[lone] - wx[lone] ** 2, 0.0))
        whole = pd.concat([table, table.iloc[lone].assign(n=0)], ignore_index=True)
        return cls(
            PeopleRows.of(whole, strata),
            np.concatenate([cell, cell[lone]]),
            np.concatenate([w, np.zeros(len(lone))]),
            np.concatenate([wx, left]),
            {n: np.concatenate([held, held[lone]]) for n, held in members.items()},
        )

    def squares(self, column: int, cells: int) -> tuple[Floats, Floats]:
        """Add up w², w² x and w² x² in a column, (3, cell, stratum), and count its people."""
        group = np.where(self.members[column], self.cell, -1)
        pairs = ((self.w, self.w), (self.w, self.wx), (self.wx, self.wx))
        found = [self.rows.squares(group, one, other, cells) for one, other in pairs]
        return np.stack(found), self.rows.people(group, cells)

    def together(self, cells: int) -> PartsTogether:
        """Bring the numbers of the same people in every two columns together."""
        return _together(self.rows, self.cell, cells, self.members, self.w, self.wx[None])


def _together(
    rows: PeopleRows,
    cell: Ints,
    cells: int,
    members: Mapping[int, npt.NDArray[np.bool_]],
    base: Floats,
    parts: Floats,
) -> PartsTogether:
    """Bring values of people in every two columns together: bases (row,), and parts (part, row)."""
    found, held, size = [], np.stack([*members.values()]), len(members)
    each = np.zeros(int(rows.person.max(initial=-1)) + 1)
    np.maximum.at(each, rows.person, rows.n)
    for at in range(cells):
        column, row = np.nonzero(held & (cell == at))
        whole = rows.spread(row, column, base[row], size)
        some = [rows.spread(row, column, values[row], size) for values in parts]
        there = rows.spread(row, column, np.ones(len(row)), size)
        there.data[:] = 1.0
        counted = there.multiply(each[:, None]).tocsr()
        found.append(
            (
                rows.products(whole, whole),
                np.stack([rows.products(part, whole) for part in some], axis=2),
                np.stack([rows.products(part, part) for part in some], axis=2),
                rows.products(there, counted),
            )
        )
    return PartsTogether(*(np.stack(of, axis=2) for of in zip(*found, strict=True)))


@dataclass(frozen=True)
class RowSums:
    """Rows of `tabulate.joint`, by people where some gave several answers: who answers alike.

    Attributes
    ----------
    group, stratum : places of each row; no group is -1
    n, w, w2 : respondents, weights and squared weights of each row
    shape : how many groups and strata there are
    people : None where everybody answered once
    """

    group: Ints
    stratum: Ints
    n: Floats
    w: Floats
    w2: Floats
    shape: tuple[int, int]
    people: PeopleRows | None

    @classmethod
    def of(cls, request: Request, table: pd.DataFrame, design: Design, inside: Any) -> RowSums:
        """Take the rows of a table that are in the base."""
        places = {name: at for at, name in enumerate(design.cells)}
        stratum = table["stratum"].map(places).to_numpy(dtype=np.int64)
        group = np.where(inside, request.places_of(table), -1)
        n, w, w2 = (table[name].to_numpy(dtype=float) for name in SUMS)
        people = PeopleRows.of(table, design.cells) if request.person else None
        return cls(group, stratum, n, w, w2, (len(request.groups), len(places)), people)

    def added(self, values: Floats) -> Floats:
        """Add up a value of each row: (group, stratum)."""
        kept = self.group >= 0
        place = self.group[kept] * self.shape[1] + self.stratum[kept]
        return _added(place, values[kept], self.shape)

    def moments(self, y: Floats, x: Floats) -> tuple[Moments, Floats, Floats | None]:
        """Moments of y over x, values of each respondent of a row (row, item).

        Returns
        -------
        Moments (group, item, stratum); respondents, and people if they are clusters, (group, 1,
        stratum).
        """
        pairs = ((y, y), (x, y), (x, x))
        items = range(y.shape[1])
        sums = (np.stack([self.added(self.w * of[:, k]) for k in items], axis=1) for of in (y, x))
        squares = (
            np.stack([self._squares(one[:, k], other[:, k]) for k in items], axis=1)
            for one, other in pairs
        )
        people = None
        if self.people is not None:
            people = self.people.people(self.group, self.shape[0])[:, None, :]
        return Moments(*sums, *squares), self.added(self.n)[:, None, :], people

    def _squares(self, one: Floats, other: Floats) -> Floats:
        if self.people is None:
            return self.added(self.w2 * one * other)
        w = self.people.w
        return self.people.squares(self.group, w * one, w * other, self.shape[0])


def _added(place: Ints, values: Floats, shape: tuple[int, int]) -> Floats:
    found: Floats = np.bincount(place, values, shape[0] * shape[1]).astype(float)
    return found.reshape(shape)
