"""What questions tell of one another: who is there, routing, and the boxes of a select-all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from helpers.codebook.model import Codebook, Kind
from helpers.codebook.routing import Comparison
from helpers.release.attack.bounds import FEW, Inference
from helpers.release.attack.facts import Asked, Fact
from helpers.release.attack.leaks import AttackLog
from helpers.release.attack.linear import isolated, spanned
from helpers.release.attack.partition import Frame, Mask

Questions = Mapping[str, Asked]


@dataclass(frozen=True)
class Gate:
    """A released column that decides who is asked another question.

    Attributes
    ----------
    options : answers after which the other question was put
    alone : whether it alone decides; else it is one of several conditions
    """

    asked: Asked
    column: int
    options: Mask
    alone: bool


class Overlap:
    """Which cells of two frames can hold the same respondent: those of pieces that meet."""

    def __init__(self, first: Frame, second: Frame) -> None:
        self.first, self.second = first, second
        everything = (frozenset[str](),)
        self._meet = {}
        for d, pieces in first.pieces.items():
            others = second.pieces.get(d, everything)
            self._meet[d] = np.array(
                [[bool(p & q) or d not in second.pieces for q in others] for p in pieces], float
            )

    def touched(self, cells: Mask) -> Mask:
        """Cells of the second frame that may hold somebody of the given cells of the first."""
        grid = cells.reshape(self.first.shape).astype(float)
        for meet in self._meet.values():  # each takes the first axis away and adds its own
            grid = (np.tensordot(grid, meet, (0, 0)) > 0).astype(float)
        found = dict(zip(self._meet, range(grid.ndim), strict=True))
        shared = [d for d in self.second.pieces if d in found]
        rest = tuple(axis for d, axis in found.items() if d not in shared)
        grid = grid.transpose([*(found[d] for d in shared), *rest])
        sizes = [len(p) if d in found else 1 for d, p in self.second.pieces.items()]
        every = np.broadcast_to(grid.reshape(sizes) > 0, self.second.shape)
        return np.asarray(every.reshape(-1))

    def within(self, cells: Mask) -> Mask:
        """Cells of the second frame that hold nobody but people of the given cells of the first."""
        return ~self.touched(~cells)


def has_people(asked: Asked, everything: Questions, cells: Mask) -> bool:
    """Whether any released question shows that somebody is in these cells."""
    for other in everything.values():
        if other.question.population != asked.question.population:
            continue
        within = Overlap(asked.frame, other.frame).within(cells)
        for fact in other.facts:
            if fact.low > 0 and not (fact.cells & ~within).any():
                return True
    return bool(cells.all()) and asked.respondents > 0


def known_bases(asked: Asked) -> list[Fact]:
    """Bases of hidden columns, where all that are shown have the same base in a group.

    How many answered counts as known; the boxes of a select-all are even answered together.
    """
    every = np.ones(len(asked.options), dtype=bool)
    facts = []
    for level in asked.levels:
        sums = level.bases
        for group, cells in enumerate(level.masks):
            shown = sums[group][~np.isnan(sums[group])]
            if len(shown) and (shown == shown[0]).all() and not asked.rounded:
                n = int(shown[0])
                facts += [
                    Fact(int(column), cells, every, n, n, "the bases of the other items")
                    for column in np.flatnonzero(np.isnan(sums[group]))
                ]
    return facts


def linked(codebook: Codebook, name: str) -> set[str]:
    """Find the questions that decide who is asked a question, and those that it decides on."""

    def leading(one: str) -> set[str]:
        routing = codebook.questions[one].asked_if
        columns = routing.columns if routing else ()
        return {codebook.owners[c].id for c in columns if c in codebook.owners}

    if name not in codebook.questions:
        return set()
    return leading(name) | {q for q in codebook.questions if name in leading(q)}


def gates(codebook: Codebook, asked: Asked, everything: Questions) -> list[Gate]:
    """Find the released columns that decide who is asked a question.

    Of a conjunction, a condition that another one's own routing implies is left out.
    """
    routing = asked.question.asked_if
    if routing is None:
        return []
    parts = [_needed(codebook, part) for part in routing.alternatives]
    columns = list(dict.fromkeys(c.column for part in parts for c in part))
    if len(parts) > 1 and (len(columns) > 1 or any(len(part) > 1 for part in parts)):
        return []
    found = []
    for name in columns:
        comparisons = [c for part in parts for c in part if c.column == name]
        owner = codebook.owners.get(name)
        if owner is None or owner.id not in everything:
            continue
        gate = everything[owner.id]
        cell = next(c for c in owner.cells if c.column == name)
        if (cell.item, cell.time) not in gate.columns:
            continue
        combine = any if len(parts) > 1 else all
        known = dict.fromkeys([*(o.code for o in owner.options), *gate.options])
        raw = [code for code in known if code not in owner.parts.values()]
        led = [code for code in raw if combine(c.holds(code) for c in comparisons)]
        shown = {code: owner.parts.get(code, code) for code in raw}
        codes = [o for o in gate.options if o in {shown[code] for code in led}]
        # A condition may hold for answers outside the base, which the gate does not show, or for
        # some alone of those that it shows together.
        whole = all(shown[code] in gate.options for code in led)
        whole &= {code for code in raw if shown[code] in codes} == set(led)
        column = gate.columns.index((cell.item, cell.time))
        if whole:
            found.append(Gate(gate, column, gate.codes(codes), len(columns) == 1))
    return found


def _needed(codebook: Codebook, part: tuple[Comparison, ...]) -> list[Comparison]:
    implied: set[Comparison] = set()
    for comparison in part:
        owner = codebook.owners.get(comparison.column)
        if owner is not None and owner.asked_if and len(owner.asked_if.alternatives) == 1:
            implied |= set(owner.asked_if.alternatives[0])
    return [c for c in part if c not in implied] or list(part)


def routed_bases(asked: Asked, gate: Gate) -> Iterator[Fact]:
    """Say what a routed question reveals about its gate: as many passed as answered, or more."""
    meet = Overlap(asked.frame, gate.asked.frame)
    for fact in asked.facts:
        if fact.base and fact.low > 0:
            cells = meet.touched(fact.cells)
            most = gate.asked.respondents
            source = f"the base of {asked.question.id}"
            yield Fact(gate.column, cells, gate.options, fact.low, most, source)
    if gate.alone and asked.asked is not None:
        everybody = np.ones(gate.asked.frame.cells, dtype=bool)
        near = asked.slack
        source = f"who was asked {asked.question.id}"
        n = asked.asked
        yield Fact(gate.column, everybody, gate.options, n - near, n + near, source)


def separated_across(asked: Asked, gate: Gate, minimum: int, log: AttackLog) -> None:
    """Find small groups that a question and its gate separate together, but the gate does not."""
    own = [
        f
        for f in gate.asked.facts
        if f.column == gate.column and f.exact and (f.options == gate.options).all()
    ]
    shared = Overlap(asked.frame, gate.asked.frame)
    led = []
    for fact in asked.facts:
        if not fact.base or not fact.exact:
            continue
        cells = shared.touched(fact.cells)
        if (shared.within(fact.cells) == cells).all():
            led.append((cells, fact.low))
    if not own or not led:
        return
    masks = np.array([f.cells for f in own] + [cells for cells, _ in led])
    sizes = [f.low for f in own] + [n for _, n in led]
    found, tried = isolated(masks, sizes, minimum)
    log.tried("routing", tried)
    # What the gate distinguishes by itself it has groups for, whose answers may be of any size.
    told = np.array([f.cells for f in gate.asked.facts if f.base] + [f.cells for f in own])
    for one in found:
        routed = any((cells == one.cells).all() for cells, _ in led)
        if not routed and not spanned(told, one.cells):
            where = gate.asked.frame.words(one.cells)
            why = (
                f"with “{gate.asked.question.label}” it separates {one.n} who were asked: {where}."
            )
            nobody = np.zeros(asked.frame.cells, dtype=bool)
            log.leak(asked, -1, nobody, asked.codes(()), "routing", why)


def known_to_have_left(
    asked: Asked, gate: Gate, solved: Inference, groups: Mask, log: AttackLog, each: int
) -> None:
    """Find groups of which 1 or 2 who were asked are known not to have answered (strict).

    They may have been asked `each` times.
    """
    meet = Overlap(asked.frame, gate.asked.frame)
    slack = asked.slack
    tried: set[tuple[int, bytes]] = set()
    every = np.ones(len(asked.options), dtype=bool)
    for cells in groups:
        there = meet.touched(cells)
        if (meet.within(cells) != there).any():
            continue
        for column in range(len(asked.columns)):
            base = asked.count(column, cells, every)
            if base is None or (base, there.tobytes()) in tried:
                continue
            tried.add((base, there.tobytes()))
            log.tried("routing")
            target = gate.column, there, gate.options
            few = range(base + 1 + slack, base + FEW * each + 1 - slack)  # who passed the gate
            if not all(n in few for n in solved.values(*target)):
                continue
            bounds = solved.bounds(*target)
            if bounds is not None and all(n in few for n in solved.values(*target)):
                _unanswered(asked, column, cells, bounds.high - base, log)


def stated_non_response(asked: Asked, log: AttackLog, each: int) -> None:
    """Compare how many were asked, as it is stated, with how many answered (strict).

    One or two people may have been asked `each` times.
    """
    if asked.question.asked_if is None or asked.asked is None or asked.rounded:
        return
    everybody, every = asked.frame.mask({}), asked.codes(asked.options)
    for column in range(len(asked.columns)):
        base = asked.count(column, everybody, every)
        log.tried("routing")
        if base is not None and 1 <= asked.asked - base <= FEW * each:
            _unanswered(asked, column, everybody, asked.asked - base, log)


def _unanswered(asked: Asked, column: int, cells: Mask, n: int, log: AttackLog) -> None:
    why = f"{n} of those asked are known not to have answered."
    log.leak(asked, column, cells, asked.codes(asked.options), "routing", why)


def tick_bounds(asked: Asked) -> list[tuple[Mask, Mask, int, int]]:
    """Bounds over the boxes of a select-all: everyone who answered ticked at least one.

    Nobody is known to have left every box; whether that was possible the data say, so that the
    bound is used only where the totals shown allow it.
    """
    if asked.question.kind is not Kind.MULTIPLE:
        return []
    ticked = asked.codes([asked.question.ticked.code])
    every = np.ones(len(asked.options), dtype=bool)
    most = asked.respondents * len(asked.columns)
    found = []
    for level in asked.levels:
        for cells in level.masks:
            bases = [asked.count(column, cells, every) for column in range(len(asked.columns))]
            known = [n for n in bases if n is not None]
            if known:
                found.append((cells, ticked, max(known), most))
    return found
