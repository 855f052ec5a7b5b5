"""Groups of earlier releases beside those of today, whatever characteristics divided people then.

Played by somebody who knows who is in which groups: a region of today may be a sector of an earlier
release and a few people more. Needs the responses, which tell who is in which groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from helpers.estimation.tabulate import rows_each, tabulate
from helpers.release.attack.bounds import FEW
from helpers.release.attack.facts import Asked
from helpers.release.attack.insiders import NAMELESS, PERSON
from helpers.release.attack.leaks import AttackLog
from helpers.release.attack.linear import separated, separated_people
from helpers.release.attack.partition import Ints, Mask
from helpers.release.attack.released import Released
from helpers.release.attack.released_files import Rules

if TYPE_CHECKING:
    from helpers.responses.survey import Survey

METHOD, EVERYBODY = "earlier releases", "everybody"


@dataclass(frozen=True)
class _SeenGroup:
    """A group as a release shows it: its bands, whose answers, how many, and which.

    `cells` are places of people today; `answers` are counts by set of options, where shown.
    """

    bands: dict[str, frozenset[str]]
    cells: Mask
    base: int
    answers: dict[frozenset[str], int]
    words: str


def compare_regrouped(
    asked: Asked,
    content: Released,
    earlier: Sequence[Released],
    survey: Survey,
    rules: Rules,
    log: AttackLog,
    each: int,
) -> None:
    """Compare a question with earlier releases by all groups that either showed.

    Parameters
    ----------
    content
        The question of the cube.
    earlier
        What earlier releases showed of it, in names of today.
    each
        Most answers to a question that one person gave.
    """
    known = [e for e in earlier if not e.get("rounded") and not _repeats(content, e)]
    if content.get("rounded") or not content["levels"] or not known:
        return
    people = _People(asked, [content, *known], survey)
    for column, place in enumerate(content["columns"]):
        now = [_table(level, content, column, people) for level in content["levels"]]
        if any(people.number(column, g.cells) != g.base for table in now for g in table):
            continue  # made of other responses
        before = [
            _table(level, old, old["columns"].index(place), people)
            for old in known
            if place in old["columns"]
            for level in old["levels"]
        ]
        _same_groups(asked, column, now, before, rules, log, each)
        _sums(asked, column, now, before, people, rules, log, each)


def _repeats(content: Released, old: Released) -> bool:
    """Whether each group of an earlier release is made of groups that this one shows."""
    parts = {
        d: [frozenset(g["bands"]) for g in groups] for d, groups in content["dimensions"].items()
    }

    def made(level: Released) -> bool:
        wide = {
            d: [frozenset(g["bands"]) for g in old["dimensions"][d]] for d in level["dimensions"]
        }
        return any({*wide} <= {*of["dimensions"]} for of in content["levels"]) and all(
            all(any(part <= group for group in wide[d]) for part in parts[d]) for d in wide
        )

    return all(map(made, old["levels"]))


class _People:
    """Who gave which answer, by every characteristic that makes groups, then or now."""

    def __init__(self, asked: Asked, contents: Sequence[Released], survey: Survey) -> None:
        by = (d for one in contents for level in one["levels"] for d in level["dimensions"])
        self.dimensions = list(dict.fromkeys(by))
        self.asked, self.survey = asked, survey
        table = tabulate(survey, asked.question, tuple(self.dimensions)).coded
        named = self._named(table)
        self.cells = {key: n for n, key in enumerate(dict.fromkeys(named))}
        self.bands = np.array([*self.cells], dtype=object).reshape(len(self.cells), -1)
        rows = self._rows(table)
        self.rows = rows[(rows[:, 0] >= 0) & (rows[:, 1] >= 0)]

    def _named(self, table: Any) -> list[tuple[str, ...]]:
        """Bands of each row of answers."""
        keys = table[self.dimensions].astype(str).to_numpy().tolist()
        return [tuple(row) for row in keys] or [()] * len(table)

    def _rows(self, table: Any) -> Ints:
        """Column, option, cell and number of each row of answers; -1 for what is not shown."""
        question = self.asked.question
        columns = {c.column: self.asked.columns.index((c.item, c.time)) for c in question.cells
                   if (c.item, c.time) in self.asked.columns}  # fmt: skip
        options = {o: n for n, o in enumerate(self.asked.options)}
        parts = self.survey.question(question.id).parts
        options |= {code: options[part] for code, part in parts.items() if part in options}
        found = [
            (columns.get(column, -1), options.get(option, -1), self.cells[key], n)
            for column, option, key, n in zip(
                *(table[name].astype(str) for name in ("column", "option")),
                *(self._named(table), table["n"]),
                strict=True,
            )
        ]
        return np.array(found, dtype=np.int64).reshape(-1, 4)

    def of(self, column: int) -> Ints:
        """How many answered a column in each cell."""
        own = self.rows[self.rows[:, 0] == column]
        found: Ints = np.bincount(own[:, 2], own[:, 3], len(self.cells)).astype(np.int64)
        return found

    def number(self, column: int, cells: Mask) -> int:
        """How many answered a column in some cells."""
        return int(self.of(column)[cells].sum())

    def mask(self, bands: dict[str, frozenset[str]]) -> Mask:
        """Cells of which all are in some bands."""
        found: Mask = np.ones(len(self.cells), dtype=bool)
        for d, inside in bands.items():
            at = self.bands[:, self.dimensions.index(d)]
            found &= np.array([band in inside for band in at], dtype=bool)
        return found

    def persons(self, column: int) -> tuple[Ints, Ints] | None:
        """Cell of each answer to a column, and whose it is; None where each is another's."""
        question = self.asked.question
        if rows_each(self.survey, question.population) < 2:
            return None
        table = tabulate(self.survey, question, (*self.dimensions, PERSON)).coded
        rows = self._rows(table)
        mine = (rows[:, 0] == column) & (rows[:, 1] >= 0)
        who = table[PERSON].astype(str).to_numpy(dtype=object)[mine]
        nameless = np.isin(who, NAMELESS)
        times = np.where(nameless, rows[mine, 3], 1)
        cells, whose = np.repeat(rows[mine, 2], times), np.repeat(who, times)
        alone = np.flatnonzero(np.repeat(nameless, times))
        whose[alone] = [f"{whose[n]} {n}" for n in alone]  # each of them is another's
        return cells, np.unique(whose.astype(str), return_inverse=True)[1].reshape(-1)


def _table(level: Released, content: Released, column: int, people: _People) -> list[_SeenGroup]:
    """Read one table of a release: its groups whose base is shown."""
    groups = {
        (d, g["id"]): (frozenset(g["bands"]), g["label"])
        for d, of in content["dimensions"].items()
        for g in of
    }
    found = []
    for entry in level["groups"]:
        row = entry["n"][column]
        known = row is not None and None not in row
        base = entry["bases"][column] if "bases" in entry else sum(row) if known else None
        if base is None:
            continue
        bands = {d: groups[d, g][0] for d, g in entry["groups"].items()}
        told = zip(map(frozenset, level["answers"]), row or (), strict=False)
        answers = {codes: n for codes, n in told if n is not None}
        words = ", ".join(groups[d, g][1] for d, g in entry["groups"].items()) or EVERYBODY
        found.append(_SeenGroup(bands, people.mask(bands), base, answers, words))
    return found


def _same_groups(
    asked: Asked,
    column: int,
    now: list[list[_SeenGroup]],
    before: list[list[_SeenGroup]],
    rules: Rules,
    log: AttackLog,
    each: int,
) -> None:
    """Compare groups, or several together, that hold the same people today."""
    minimum = rules.minimum_base * each
    for new, old in ((new, old) for new in now for old in before):
        for first, second in _unions(old, new):
            log.tried(METHOD)
            came = sum(g.base for g in second) - sum(g.base for g in first)
            steps = dict(_steps(first, second))
            moved = max(sum(s for s in steps.values() if s > 0),
                        -sum(s for s in steps.values() if s < 0))  # fmt: skip
            why = ""
            if came and abs(came) < minimum:
                why = f"the difference of {abs(came)} shows their answers"
            elif came and _agree(steps, rules, each):
                why = f"the {abs(came)} who came or went nearly all agree"
            elif not came and 0 < moved < minimum:
                why = f"{moved} changed their answers"
            if why:
                _say(asked, column, second, first, why, log)


def _say(
    asked: Asked,
    column: int,
    now: Sequence[_SeenGroup],
    before: Sequence[_SeenGroup],
    why: str,
    log: AttackLog,
) -> None:
    """Report what groups of both releases tell."""
    names = dict.fromkeys(g.words for g in before)
    words = f"beside {' and '.join(names)} of an earlier release, {why}."
    cells = np.logical_or.reduce([asked.frame.mask(g.bands) for g in now])
    log.leak(asked, column, cells, asked.codes(asked.options), METHOD, words)


def _unions(
    old: list[_SeenGroup], new: list[_SeenGroup]
) -> Iterator[tuple[list[_SeenGroup], list[_SeenGroup]]]:
    """Yield the smallest unions of groups of two tables that hold the same people."""
    groups = [*old, *new]
    if not old or not new:
        return
    inside = csr_array(np.array([g.cells for g in groups], dtype=np.int64))
    parts = connected_components(inside @ inside.T, directed=False)[1]
    for part in np.unique(parts):
        first = [g for g, p in zip(old, parts[: len(old)], strict=True) if p == part]
        second = [g for g, p in zip(new, parts[len(old) :], strict=True) if p == part]
        if first and second:
            both = [np.logical_or.reduce([g.cells for g in of]) for of in (first, second)]
            if both[0].any() and (both[0] == both[1]).all():
                yield first, second


def _steps(
    first: Sequence[_SeenGroup], second: Sequence[_SeenGroup]
) -> Iterator[tuple[frozenset[str], int]]:
    """How many more gave each set of answers that all of the groups show, or add up to."""
    for codes in dict.fromkeys(codes for g in (*first, *second) for codes in g.answers):
        sums = [[_added(g, codes) for g in of] for of in (first, second)]
        if None not in sums[0] and None not in sums[1]:
            yield codes, sum(sums[1]) - sum(sums[0])  # type: ignore[arg-type]


def _added(group: _SeenGroup, codes: frozenset[str]) -> int | None:
    parts = [c for c in group.answers if c <= codes]
    whole = frozenset().union(*parts) == codes
    return sum(group.answers[c] for c in parts) if whole else None


def _agree(steps: dict[frozenset[str], int], rules: Rules, each: int) -> bool:
    """Whether those who came, or those who went, are seen to agree but for one at most."""
    known = [n for n in steps.values() if n]
    if not steps or rules.allow_unanimous or len({n > 0 for n in known}) > 1:
        return False
    sizes = [abs(n) for n in known]
    few = rules.strict and any(n <= FEW * each for n in sizes)
    return few or sum(sizes) - max(sizes, default=0) <= each


def _sums(
    asked: Asked,
    column: int,
    now: list[list[_SeenGroup]],
    before: list[list[_SeenGroup]],
    people: _People,
    rules: Rules,
    log: AttackLog,
    each: int,
) -> None:
    """Separate a few people with groups of both releases, where earlier ones are about as large."""
    minimum = rules.minimum_base
    kept = [
        g
        for table in before
        for g in table
        if abs(people.number(column, g.cells) - g.base) < minimum * each
    ]
    own = [g for table in now for g in table]
    if not kept or not own:
        return
    old, both = (np.array([g.cells for g in of]) for of in (kept, [*kept, *own]))
    if np.linalg.matrix_rank(both.astype(float)) == np.linalg.matrix_rank(old.astype(float)):
        return
    log.tried(METHOD, len(both))
    there = people.of(column)
    persons = people.persons(column)
    if persons is None:
        cells = separated(both, there, minimum)
        found = None if cells is None else (cells, int(there[cells].sum()))
    else:
        found = separated_people(both, *persons, minimum)
    if found is not None:
        cells, n = found
        inside = [g for g in own if g.bands and (g.cells & cells).any()] or own[:1]
        why = f"{n} people can be isolated"
        _say(asked, column, inside[:1], [g for g in kept if (g.cells & cells).any()], why, log)
