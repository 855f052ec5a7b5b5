"""Printed statements that no answers can satisfy together.

The statements about one question become conditions on whole numbers: how many respondents chose
each option of each item at each time, and how many are in the base. Options of one item add up to
the base; ticks of a select-all question do not exceed it. A solver then looks for any such counts.
If there are none, the statements contradict each other, whatever the respondents answered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import gcd, inf, lcm
from typing import Any

import numpy as np

from helpers.codebook.model import Codebook, Kind
from helpers.ledger.grim import Interval
from helpers.ledger.measures import Form, linear, minus, rivals
from helpers.ledger.statements import Cell, Constraint, Published, Reading, Statistic

INFEASIBLE = 2  # status of scipy.optimize.milp
_S = Statistic
Unknown = Any  # a Cell (its count), or a tuple that names a base, a population or a switch
Sum = dict[Unknown, Fraction]


def contradictions(
    published: Published, codebook: Codebook, questions: Collection[str] | None = None
) -> dict[str, tuple[str, ...]]:
    """Find statements that cannot hold together, by their printed readings.

    Parameters
    ----------
    questions
        Questions to look at; all by default.

    Returns
    -------
    Statement to the statements that it contradicts, in the order of findings.csv; one that
    contradicts itself names itself. Statements not named contradict nothing that can be shown.

    Notes
    -----
    Found are pairs, and, where a question's other statements still have no solution together, the
    smallest set that has none. Only statements on one question are compared with each other; rows
    that compare two questions, or two parts of the respondents, are left out.
    """
    clashes: dict[str, set[str]] = {}
    for question in dict.fromkeys(c.cell.question for c in published.constraints):
        if questions is not None and question not in questions:
            continue
        asked = codebook.questions.get(question)
        if asked is not None and codebook.populations[asked.population].weight:
            continue  # weighted shares are no shares of whole respondents
        rows: dict[str, list[Constraint]] = {}
        for c in published.constraints:
            if c.cell.question == question and c.reading is Reading.PRINTED:
                rows.setdefault(c.statement, []).append(c)
        for conflict in _conflicts(rows, codebook):
            for name in conflict:
                others = conflict if len(conflict) == 1 else [n for n in conflict if n != name]
                clashes.setdefault(name, set()).update(others)
    order = {name: n for n, name in enumerate(published.statements)}
    return {name: tuple(sorted(found, key=order.__getitem__)) for name, found in clashes.items()}


def possible(constraints: Iterable[Constraint], codebook: Codebook) -> bool:
    """Return whether some counts satisfy all constraints (and what they do not state)."""
    return _Program.of(constraints, codebook).has_solution()


def _conflicts(rows: Mapping[str, list[Constraint]], codebook: Codebook) -> list[tuple[str, ...]]:
    """Smallest sets of statements that do not hold together."""

    def of(names: Iterable[str]) -> list[Constraint]:
        return [s for name in names for s in rows[name]]

    def holds(names: Iterable[str]) -> bool:
        return possible(of(names), codebook)

    def clashes(left: Sequence[str], right: Sequence[str]) -> list[tuple[str, str]]:
        """Pairs of one name on each side; none where all hold together, which is asked first."""
        if len(left) == len(right) == 1:
            return [] if holds((*left, *right)) else [(left[0], right[0])]
        whole = _Program.of(of((*left, *right)), codebook)
        if whole.complete and whole.has_solution():
            return []
        if len(left) < len(right):
            return [pair for half in _halves(right) for pair in clashes(left, half)]
        return [pair for half in _halves(left) for pair in clashes(half, right)]

    def inside(names: Sequence[str]) -> list[tuple[str, str]]:
        if len(names) < 2:
            return []
        left, right = _halves(names)
        return [*inside(left), *inside(right), *clashes(left, right)]

    names = list(rows)
    if holds(names):
        return []
    alone = [(name,) for name in names if not holds((name,))]
    names = [name for name in names if (name,) not in alone]
    order = {name: n for n, name in enumerate(names)}
    pairs = sorted(inside(names), key=lambda pair: [order[name] for name in pair])
    found = [*alone, *pairs]
    rest = [name for name in names if not any(name in pair for pair in pairs)]
    while not holds(rest):
        core = list(rest)
        for name in rest:
            without = [n for n in core if n != name]
            if not holds(without):
                core = without
        found.append(tuple(core))
        rest = [name for name in rest if name not in core]
    return found


def _halves(names: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    middle = len(names) // 2
    return names[:middle], names[middle:]


@dataclass
class _Program:
    """An integer program that is asked only whether it has a solution.

    It is `complete` unless a constraint is left out because of the bases that others give: what
    has a solution together then has one in every part.
    """

    codebook: Codebook
    complete: bool = True
    limits: dict[Unknown, tuple[int, float]] = field(default_factory=dict)
    conditions: list[tuple[Sum, int]] = field(default_factory=list)  # sum >= number

    @classmethod
    def of(cls, constraints: Iterable[Constraint], codebook: Codebook) -> _Program:
        """Make the program of some constraints."""
        program, given = cls(codebook), list(constraints)
        for constraint in given:
            program.fix_base(constraint)
        for constraint in given:
            program.add(constraint)
        return program

    def fix_base(self, constraint: Constraint) -> None:
        """Give the cell of a constraint the base that it was printed with."""
        cell, given = constraint.cell, constraint.base
        if not cell.question or given is None:
            return
        items = [i.code for i in self.codebook.question(cell.question).items]
        for item in [cell.item] if cell.item or not items else items:
            base = self._base(replace(cell, item=item))
            self.limits[base] = (1, min(self.limits[base][1], given))
            self.conditions.append(({base: Fraction(1)}, given))

    def add(self, constraint: Constraint) -> None:
        """Add what a constraint says; what cannot be said in sums of counts is left out."""
        inside, statistic = constraint.requirement.interval, constraint.statistic
        match statistic:
            case _S.RESPONDENTS:
                total = {("respondents", p): Fraction(1) for p in constraint.populations}
                self._between(total, inside)
            case _S.BASE if constraint.reference is None:
                self._between({self._base(constraint.cell): Fraction(1)}, inside)
            case _S.SHARE_OF_MENTIONS if constraint.reference is None:
                self._mentions(constraint.cell, inside)
            case _S.RANK | _S.LEAD:
                own, others = rivals(constraint, self.codebook)
                base = self._one_base(own, *others)
                if base is not None and statistic is _S.RANK:
                    self._rank(own, others, base, inside)
                elif base is not None and inside.high is None:
                    for other in others:
                        self._between(self._counts(minus(own, other)), inside, base)
            case _S.COUNT | _S.PERCENT | _S.MEAN_SELECTED | _S.MEAN_SCORE | _S.NET:
                form = linear(statistic, constraint.cell, self.codebook)
                if constraint.reference is not None:
                    form = minus(form, linear(statistic, constraint.reference, self.codebook))
                base = self._one_base(form)
                if statistic is _S.COUNT:
                    self._between(self._counts(form), inside)
                elif base is not None:
                    self._between(self._counts(form), inside, base)

    def _rank(self, own: Form, others: list[Form], base: Unknown, inside: Interval) -> None:
        """Give each competitor a switch: on means ahead, off means level or behind."""
        if self.limits[base][1] == inf:
            return
        switches = {}
        for other in others:
            ahead = _whole(self._counts(minus(other, own)))
            most = int(sum(abs(f) for f in ahead.values()) * int(self.limits[base][1])) + 1
            switch = ("switch", len(self.limits))
            self.limits[switch] = (0, 1)
            switches[switch] = Fraction(1)
            level = {u: -f for u, f in ahead.items()}
            self.conditions.append(({**ahead, switch: Fraction(-most)}, 1 - most))
            self.conditions.append(({**level, switch: Fraction(most)}, 0))
        less = [None if end is None else end - 1 for end in (inside.low, inside.high)]
        self._between(switches, Interval(less[0], less[1], inside.low_in, inside.high_in))

    def _mentions(self, cell: Cell, inside: Interval) -> None:
        items = self.codebook.question(cell.question).items
        ticks = self._counts({replace(cell, item=i.code): Fraction(1) for i in items})
        own = self._counts({cell: Fraction(100)})
        for end, sign, strict in (
            (inside.low, 1, not inside.low_in),
            (inside.high, -1, not inside.high_in),
        ):
            if end is not None:
                scaled = {u: sign * (own.get(u, Fraction(0)) - end * f) for u, f in ticks.items()}
                self.conditions.append((_whole(scaled), int(strict)))

    def _between(self, total: Sum, inside: Interval, base: Unknown = None) -> None:
        """Ask that a sum, divided by the base if there is one, lies inside."""
        for unknown in total:
            self.limits.setdefault(unknown, (0, inf))
        for end, sign, strict in (
            (inside.low, 1, not inside.low_in),
            (inside.high, -1, not inside.high_in),
        ):
            if end is None:
                continue
            scaled = {u: sign * f for u, f in total.items()}
            by = base if base is not None else ("one",)
            self.limits.setdefault(("one",), (1, 1))
            scaled[by] = scaled.get(by, Fraction(0)) - sign * end
            self.conditions.append((_whole(scaled), int(strict)))

    def _base(self, cell: Cell) -> Unknown:
        """Name the base of a cell; those of a part and of all hang together."""
        grid = self.codebook.question(cell.question).kind in (Kind.GRID, Kind.TIME_GRID)
        row = (cell.item, cell.time) if grid else ()
        base = ("base", cell.question, cell.where, row)
        if base not in self.limits:
            self.limits[base] = (1, inf)
            if cell.where:
                everybody = self._base(replace(cell, where=()))
                self.limits[base] = self.limits[everybody]
                self.conditions.append(({everybody: Fraction(1), base: Fraction(-1)}, 0))
        return base

    def _one_base(self, *forms: Form) -> Unknown | None:
        """Name the base that cells have in common; None where they cannot have one.

        Rows of a grid that are compared with one another are taken to have the same base, unless
        they are known to differ.
        """
        cells = [cell for form in forms for cell in form]
        bases = list(dict.fromkeys(self._base(cell) for cell in cells))
        known = {self.limits[base][1] for base in bases} - {inf}
        self.complete &= len(known) < 2
        if len(known) > 1 or len({(cell.question, cell.where) for cell in cells}) > 1:
            return None
        for other in bases[1:]:
            equal = {bases[0]: Fraction(1), other: Fraction(-1)}
            self.conditions += [(equal, 0), ({u: -f for u, f in equal.items()}, 0)]
        for base in bases:
            self.limits[base] = (1, min((inf, *known)))
        return bases[0]

    def _counts(self, form: Form) -> Sum:
        """Turn a sum of shares into a sum of counts, and say what binds these counts."""
        for cell in form:
            self._count(cell)
        return dict(form)

    def _count(self, cell: Cell) -> None:
        if cell in self.limits:
            return
        base, question = self._base(cell), self.codebook.question(cell.question)
        multiple = question.kind is Kind.MULTIPLE
        options = cell.options if multiple else tuple(o.code for o in question.in_base)
        cells = [replace(cell, options=(option,)) for option in options]
        for one in cells:
            self.limits[one] = (0, inf)
        rest = {base: Fraction(1), **{one: Fraction(-1) for one in cells}}
        self.conditions.append((rest, 0))
        if not multiple:
            self.conditions.append(({u: -f for u, f in rest.items()}, 0))
        for one in cells if cell.where else ():
            everybody = replace(one, where=())
            self._count(everybody)
            self.conditions.append(({everybody: Fraction(1), one: Fraction(-1)}, 0))

    def has_solution(self) -> bool:
        """Ask the solver; what it cannot settle counts as solvable."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        if not self.conditions:
            return True
        unknowns = {unknown: n for n, unknown in enumerate(self.limits)}
        factors = {
            (row, unknowns[unknown]): float(factor)
            for row, (total, _) in enumerate(self.conditions)
            for unknown, factor in total.items()
            if factor
        }
        places = np.array(list(factors), dtype=int).reshape(-1, 2).T
        values = np.array(list(factors.values()), dtype=float)
        matrix = csr_array((values, places), (len(self.conditions), len(unknowns)))
        low, high = zip(*self.limits.values(), strict=True)
        answer = milp(
            [0] * len(unknowns),
            integrality=[1] * len(unknowns),
            bounds=Bounds(low, high),
            constraints=LinearConstraint(matrix, [n for _, n in self.conditions]),
        )
        return bool(answer.status != INFEASIBLE)


def _whole(total: Mapping[Unknown, Fraction]) -> Sum:
    """Scale a sum so that all factors are whole: more than 0 is then at least 1."""
    kept = {unknown: f for unknown, f in total.items() if f}
    above, below = (
        gcd(*(f.numerator for f in kept.values())),
        lcm(*(f.denominator for f in kept.values())),
    )
    return {unknown: f * below / (above or 1) for unknown, f in kept.items()}
