"""Change questions beside the answers of both times: what one tells of the other.

The counts of the two times differ by those who moved and those who answered only once. And the
counts of both times, with those who moved, bound how many went from each answer to each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.codebook.changes import Change, change_id, changes_of, in_order, with_changes
from helpers.codebook.model import Codebook, Question
from helpers.estimation.tabulate import joints, rows_each
from helpers.release.attack.bounds import FEW
from helpers.release.attack.facts import Asked
from helpers.release.attack.insiders import PERSON
from helpers.release.attack.leaks import AttackLog
from helpers.release.attack.linear import LinearSystem, separated
from helpers.release.attack.near_duplicates import describe_group
from helpers.release.attack.partition import Box, Floats, Ints, Mask
from helpers.release.attack.released import Released
from helpers.responses.pairs import ColumnPair, with_pairs
from helpers.responses.survey import Survey

METHOD = "changes"
WEIGHT = "_weight"  # column of every table of responses
WAYS = {1: "up", 0: "same", -1: "down"}
EPS = 1e-9


def among_questions(cube: Released) -> Released:
    """Put the change questions of a cube among its questions."""
    changes = {change_id(q): content for q, content in cube.get("changes", {}).items()}
    return {**cube, "questions": {**cube["questions"], **changes}}


def step(question: Question, option: str, before: str, after: str) -> int:
    """Say whether an answer after another is a step up (1), down (-1) or none (0)."""
    if option:
        return (after == option) - (before == option)
    codes = [o.code for o in question.substantive]
    scores = {o.code: o.score for o in question.substantive}
    if None in scores.values():
        a, b = (-codes.index(code) for code in (before, after))
        return (b > a) - (b < a)
    a, b = (float(scores[code] or 0) for code in (before, after))  # type: ignore[assignment]
    return (b > a) - (b < a)


def count_changes(survey: Survey, released: Iterable[str]) -> Survey:
    """Work out from the responses who went up, stayed or went down."""
    known = [q for q in released if q in survey.codebook.questions]
    made: dict[str, dict[str, ColumnPair]] = {}
    for question in (survey.codebook.questions[q] for q in known):
        codes = [o.code for o in question.substantive]
        for change in changes_of(question):
            ways = {(a, b): WAYS[step(question, change.option, a, b)] for a in codes for b in codes}
            of = made.setdefault(question.population, {})
            of[change.column] = ColumnPair(change.first, change.last, ways)
    return with_pairs(survey, with_changes(survey.codebook, known), made)


@dataclass(frozen=True)
class _Moves:
    """A column of a change question, and its question.

    Attributes
    ----------
    rows : who gave which two answers, by dimensions: `first`, `last` (-1 for none), bands, `n`;
        None where the responses are not here
    each : most answers of one person
    """

    asked: Asked
    column: int
    times: Asked
    ends: tuple[int, int]
    change: Change
    rows: Any
    each: int = 1

    @property
    def codes(self) -> list[str]:
        return [o.code for o in self.times.question.substantive]

    def shown(self, asked: Asked, column: int) -> dict[Box, tuple[Mask, bool]]:
        """List the groups whose counts a column shows, and whether each answer is by itself."""
        found: dict[Box, tuple[Mask, bool]] = {}
        for level in asked.levels:
            single = all(answer.sum() == 1 for answer in level.answers)
            for cells, n in zip(level.masks, level.n[:, column], strict=True):
                if not np.isnan(n).all():
                    key = describe_group(asked.frame, cells)
                    whole = single and not np.isnan(n).any()
                    found[key] = (cells, whole or found.get(key, (cells, False))[1])
        return found

    def inside(self, group: Box) -> Mask:
        assert self.rows is not None
        there = np.ones(len(self.rows), dtype=bool)
        for dimension, bands in group:
            there &= self.rows[dimension].isin(bands).to_numpy()
        return there

    def way(self, sign: int) -> Mask:
        """Mark which two answers are a step up, down or none; the last row and column are none."""
        size = len(self.codes)
        found = np.zeros((size + 1, size + 1), dtype=bool)
        for a, before in enumerate(self.codes):
            for b, after in enumerate(self.codes):
                question = self.times.question
                found[a, b] = step(question, self.change.option, before, after) == sign
        return found


def compare_changes(
    everything: Mapping[str, Asked],
    codebook: Codebook,
    survey: Survey | None,
    minimum: int,
    strict: bool,
    unanimous: bool,
    heaviest: int,
    log: AttackLog,
) -> None:
    """Lay every change question beside its question.

    Parameters
    ----------
    unanimous
        Whether a group may be known to agree.
    heaviest
        How many of the heaviest of a group are protected.
    """
    for name, times in list(everything.items()):
        asked = everything.get(change_id(name))
        if asked is None or not asked.levels:
            continue
        for moves in _columns(asked, times, codebook, survey):
            if moves.rows is not None and not asked.rounded:
                _answered_both(moves, minimum, log)
                _answered_once(moves, minimum, unanimous, log)
            _other_time(moves, strict, log)
            if strict:
                _few_moved(moves, log)
            if survey is not None and asked.weighed is not None and len(moves.codes) == 2:
                _outweighed(moves, survey, heaviest, log)


def _columns(
    asked: Asked, times: Asked, codebook: Codebook, survey: Survey | None
) -> Iterator[_Moves]:
    question = codebook.questions[times.question.id]
    place = {c.column: (c.item, c.time) for c in (*question.cells, *asked.question.cells)}
    listed = [
        change
        for change in changes_of(question)
        if place[change.column] in asked.columns[: asked.shown]
    ]
    if not listed:
        return
    dimensions = list(dict.fromkeys([*asked.frame.pieces, *times.frame.pieces]))
    tables: Sequence[Any] = [None] * len(listed)
    each = 1 if survey is None else rows_each(survey, question.population)
    if survey is not None:
        sets = [(c.first, c.last) for c in listed]
        tables = [
            _rows(table, ends, [o.code for o in question.substantive])
            for table, ends in zip(
                joints(survey, question.population, sets, dimensions), sets, strict=True
            )
        ]
    for change, rows in zip(listed, tables, strict=True):
        column = asked.columns.index(place[change.column])
        ends = (times.columns.index(place[c]) for c in (change.first, change.last))
        one = _Moves(asked, column, times, (next(ends), next(ends)), change, rows, each)
        yield (
            one
            if one.rows is None or _true(one)
            else _Moves(asked, column, times, one.ends, change, None)
        )


def _rows(table: Any, ends: Sequence[str], codes: Sequence[str]) -> Any:
    place = {code: n for n, code in enumerate(codes)}
    first, last = ([place.get(code, -1) for code in table[end]] for end in ends)
    unasked = (table[list(ends)] == "not_asked").any(axis=1)
    return table.assign(first=first, last=last)[~unasked]


def _true(moves: _Moves) -> bool:
    """Whether the counts of a change are those of the responses (rounded: near them)."""
    assert moves.rows is not None
    first, last, n = (moves.rows[c].to_numpy(int) for c in ("first", "last", "n"))
    slack = moves.asked.slack
    for group, (cells, _) in moves.shown(moves.asked, moves.column).items():
        inside = moves.inside(group)
        for sign, code in WAYS.items():
            shown = moves.asked.count(moves.column, cells, moves.asked.codes([code]))
            went = moves.way(sign)[first, last] & inside
            if shown is not None and abs(int(n[went].sum()) - shown) > slack:
                return False
    return True


def _answered_both(moves: _Moves, minimum: int, log: AttackLog) -> None:
    """Find few people who answered both times and whom the groups of a change separate."""
    assert moves.rows is not None
    groups = moves.shown(moves.asked, moves.column)
    both = (moves.rows["first"] >= 0) & (moves.rows["last"] >= 0)
    people = np.where(both, moves.rows["n"], 0).astype(np.int64)
    log.tried(METHOD, len(groups))
    for group, (cells, _) in groups.items():
        inside = moves.inside(group)  # nobody may be in two bands at once
        if inside.any() and (n := int(people[inside].sum())) < minimum:
            _leak(moves, cells, f"only {n} people answered both times.", log)
            return
    apart = separated(*_kinds([moves.inside(g) for g in groups], people), minimum)
    if apart is not None:
        everybody = moves.asked.frame.mask({})
        _leak(moves, everybody, f"its groups separate fewer than {minimum} people.", log)


def _kinds(groups: Sequence[Mask], people: Ints) -> tuple[Mask, Ints]:
    """Take together what is in the same groups."""
    kinds, at = np.unique(np.array(groups), axis=1, return_inverse=True)
    n = np.bincount(at.reshape(-1), people, minlength=kinds.shape[1])
    return kinds, np.rint(n).astype(np.int64)


def _answered_once(moves: _Moves, minimum: int, unanimous: bool, log: AttackLog) -> None:
    """Find what the change and both times tell of few people who answered one of them only.

    Each answer counts here, two of those who answered both times: a change is one less the other.
    """
    assert moves.rows is not None
    first, last = (moves.rows[end].to_numpy(int) for end in ("first", "last"))
    n = moves.rows["n"].to_numpy(int)
    spoke = first >= 0, last >= 0
    both = spoke[0] & spoke[1]
    once = (spoke[0] ^ spoke[1]) & (n > 0)
    own = moves.shown(moves.asked, moves.column)
    times = [moves.shown(moves.times, column) for column in moves.ends]
    rows = [np.concatenate([moves.inside(g) & spoke[0], 0 * both > 0]) for g in times[0]]
    rows += [np.concatenate([0 * both > 0, moves.inside(g) & spoke[1]]) for g in times[1]]
    rows += [np.tile(moves.inside(g) & both, 2) for g in own]
    log.tried(METHOD, len(own))
    if not once.any():
        return
    apart = separated(*_kinds(rows, np.tile(n, 2)), (minimum - 1) * moves.each + 1)
    if apart is not None:
        why = f"beside both points in time it tells what fewer than {minimum} people answered, who "
        _leak(moves, moves.asked.frame.mask({}), f"{why}answered only one of them.", log)
    for group, (cells, _) in own.items() if not unanimous else ():
        here = once & moves.inside(group)
        if not all(group in shown for shown in times) or not here.any():
            continue
        minds = [len(set(said[here & (said >= 0)].tolist())) for said in (first, last)]
        if max(minds) < 2:
            why = "beside both points in time it tells that all agree who answered only one."
            _leak(moves, cells, why, log)


def _other_time(moves: _Moves, strict: bool, log: AttackLog) -> None:
    """Find a point in time that is hidden, but follows from the other one and the change."""
    shown = [moves.shown(moves.times, column) for column in moves.ends]
    for group, (cells, _) in moves.shown(moves.asked, moves.column).items():
        log.tried(METHOD)
        told = [group in of and of[group][1] for of in shown]
        if all(told):
            continue
        facts, system = _system(moves, cells, group)
        for axis, there in enumerate(told):
            for k in () if there else range(len(moves.codes)):
                line = _line(len(moves.codes) + 1, axis, k).reshape(-1).astype(float)
                low, high = system.least(line), system.most(line)
                if low is None or high is None or low.value < high.value:
                    continue
                base = [of for cells_, of, _ in facts if (cells_ == _both(moves)).all()]
                alike = base and base[0] == low.value > 0
                if (
                    alike
                    or len(moves.codes) == 2
                    or (strict and 1 <= low.value <= FEW * moves.each)
                ):
                    why = "with it the hidden answers of one of the two points in time follow."
                    _leak(moves, cells, why, log)
                    break


def _line(size: int, axis: int, k: int) -> Mask:
    found = np.zeros((size, size), dtype=bool)
    found[(k, slice(None)) if axis == 0 else (slice(None), k)] = True
    return found


def _both(moves: _Moves) -> Mask:
    found = np.ones((len(moves.codes) + 1,) * 2, dtype=bool)
    found[-1] = found[:, -1] = False
    return found


def _system(
    moves: _Moves, cells: Mask, group: Box
) -> tuple[list[tuple[Mask, int, int]], LinearSystem]:
    """Bound who gave which two answers in a group, by all that is shown of it."""
    size, near = len(moves.codes) + 1, moves.asked.slack
    facts: list[tuple[Mask, int, int]] = []

    def add(marked: Mask, n: int | None) -> None:
        if n is not None:
            facts.append((marked, max(n - near, 0), n + near))

    for sign, code in WAYS.items():
        n = moves.asked.count(moves.column, cells, moves.asked.codes([code]))
        add(moves.way(sign), n)
    for column in range(moves.asked.shown) if moves.change.option else ():
        other = _sibling(moves, column)
        if other is not None:
            for sign, code in WAYS.items():
                n = other.asked.count(column, cells, other.asked.codes([code]))
                add(other.way(sign), n)
    every = moves.asked.codes(moves.asked.options)
    add(np.ones((size, size), dtype=bool), moves.asked.count(moves.column, cells, every))
    spoke = [moves.asked.count(moves.column, cells, moves.asked.codes([c])) for c in WAYS.values()]
    add(_both(moves), None if None in spoke else sum(n for n in spoke if n is not None))
    for axis, column in enumerate(moves.ends):
        where = moves.times.frame.mask(dict(group))
        for k, code in enumerate(moves.codes):
            n = moves.times.count(column, where, moves.times.codes([code]))
            add(_line(size, axis, k), n)
    if moves.rows is not None:  # sums of rounded counts may be further off than each of them
        true = _table(moves, group)
        facts = [f for f in facts if f[1] <= true[f[0]].sum() <= f[2]]
    rows = np.array([marked.reshape(-1) for marked, _, _ in facts])
    low, high = (np.array([f[at] for f in facts], dtype=np.int64) for at in (1, 2))
    return facts, LinearSystem(rows, low, high)


def _sibling(moves: _Moves, column: int) -> _Moves | None:
    """Return another column that follows from the same two, of answers without order."""
    cells = {(c.item, c.time): c.column for c in moves.asked.question.cells}
    name = cells[moves.asked.columns[column]]
    source = moves.times.question
    for change in changes_of(source) if not in_order(source) else ():
        ends = change.first, change.last
        if change.column == name and ends == (moves.change.first, moves.change.last):
            return _Moves(moves.asked, column, moves.times, moves.ends, change, moves.rows)
    return None


def _table(moves: _Moves, group: Box) -> Ints:
    """Count who gave which two answers in a group."""
    assert moves.rows is not None
    size = len(moves.codes) + 1
    found = np.zeros((size, size), dtype=np.int64)
    held = moves.rows[moves.inside(group)]
    at = held["first"].to_numpy(int) % size, held["last"].to_numpy(int) % size
    np.add.at(found, at, held["n"].to_numpy(np.int64))
    return found


def _few_moved(moves: _Moves, log: AttackLog) -> None:
    """Find one or two people who are seen to have gone from one answer to another (strict)."""
    size = len(moves.codes) + 1
    for group, (cells, _) in moves.shown(moves.asked, moves.column).items():
        _, system = _system(moves, cells, group)
        if moves.rows is not None:
            pool = [_table(moves, group).reshape(-1)]
        else:
            start = system.least(np.zeros(size * size))
            if start is None:
                continue
            pool = [] if start.point is None else [start.point]
        sought = [
            line & way
            for axis in (0, 1)
            for k in range(size)
            for line in [_line(size, axis, k)]
            for way in (*(moves.way(sign) for sign in WAYS), ~moves.way(1), ~moves.way(-1))
        ]
        sought += [mark.reshape(size, size) for mark in np.eye(size * size, dtype=bool)]
        log.tried(METHOD, len(sought))
        for marked in sought:
            flat = marked.reshape(-1)
            weights: Floats = flat.astype(float)
            for bound in (system.least, system.most):
                if all(1 <= int(point[flat].sum()) <= FEW * moves.each for point in pool):
                    found = bound(weights)
                    pool += [] if found is None or found.point is None else [found.point]
            if all(1 <= int(point[flat].sum()) <= FEW * moves.each for point in pool):
                why = "beside both points in time it tells that one or two people went from one "
                _leak(moves, cells, f"{why}answer to another.", log)
                break


def _outweighed(moves: _Moves, survey: Survey, heaviest: int, log: AttackLog) -> None:
    """Find two answers that weigh less than the heaviest in a group: not those of that one."""
    population = moves.times.question.population
    organisation = survey.codebook.populations[population].organisation
    if not organisation and rows_each(survey, population) > 1:
        organisation = PERSON
    named = [organisation] if organisation else []
    by = [*dict.fromkeys([*moves.asked.frame.pieces, *named, WEIGHT])]
    ends = moves.change.first, moves.change.last
    rows = _rows(joints(survey, population, [ends], by)[0], ends, moves.codes)
    rows = rows[(rows["first"] >= 0) & (rows["last"] >= 0)]
    for group, (cells, _) in moves.shown(moves.asked, moves.column).items():
        there = np.ones(len(rows), dtype=bool)
        for dimension, bands in group:
            there &= rows[dimension].isin(bands).to_numpy()
        here = rows[there]
        log.tried(METHOD)
        said = here.groupby(["first", "last"])["sum_w"].sum()
        each = (here["sum_w"] / here["n"]).repeat(here["n"])
        held = here.groupby(organisation)["sum_w"].sum() if organisation else each
        top = np.sort(held.to_numpy(float))[::-1][:heaviest].sum()
        if any(0 < weight < top * (1 - EPS) for weight in said):
            why = "beside both points in time it tells what the heaviest did not answer."
            _leak(moves, cells, why, log)


def _leak(moves: _Moves, cells: Mask, why: str, log: AttackLog) -> None:
    log.leak(moves.asked, moves.column, cells, moves.asked.codes(()), METHOD, why)
