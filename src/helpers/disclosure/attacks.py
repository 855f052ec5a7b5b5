"""Attacks on one question: groups isolated by subtraction, and counts that follow.

The profile decides what is a leak: `standard` shows exact counts in groups of the minimum base,
`strict` lets no count of 1 or 2, or of all but 0 to 2, be inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from helpers.disclosure.facts import Asked, Fact, Ints, Mask
from helpers.disclosure.linear import Isolated, System, isolated
from helpers.survey.codebook import Kind

FEW = 2  # strict: counts up to this many must not be inferred
MOST_SELECTIONS = 4096
MOST_LEAKS = 200  # of one column; more only repeat that it is not protected


@dataclass(frozen=True)
class Leak:
    """What can be worked out from a release and should not be.

    Attributes
    ----------
    method : which attack found it
    words : question, group, answer and reason in plain English
    """

    question: str
    column: str
    group: str
    answer: str
    method: str
    words: str


@dataclass
class Findings:
    """Leaks found so far, targets tried by each method, and the weakest protection seen."""

    leaks: list[Leak] = field(default_factory=list)
    methods: dict[str, int] = field(default_factory=dict)
    smallest: tuple[int, str, str] | None = None  # base, question, group
    narrowest: tuple[int, int, int, str, str, str] | None = None

    def tried(self, method: str, targets: int = 1) -> None:
        """Count targets."""
        self.methods[method] = self.methods.get(method, 0) + int(targets)

    def leak(
        self, asked: Asked, column: int, cells: Mask, options: Mask, method: str, why: str
    ) -> None:
        """Record a leak once."""
        place, group = asked.column_label(column), asked.frame.words(cells)
        answer = asked.answer_label(options) if options.any() else ""
        about = ", ".join(filter(None, (f"“{asked.question.label}”", place)))
        words = f"{about}, {group}: {why}"
        found = Leak(asked.question.id, place, group, answer, method, words)
        if found not in self.leaks:
            self.leaks.append(found)


def judged(asked: Asked) -> list[str]:
    """Answers that a whole group may not be seen to have given."""
    question = asked.question
    if question.kind is Kind.MULTIPLE:
        return [question.ticked.code]
    return [o.code for o in question.substantive if o.code in asked.options]


# Isolation


def isolation(
    asked: Asked, facts: Iterable[Fact], minimum: int, there: Ints, findings: Findings
) -> None:
    """Find groups of fewer than the minimum base that published bases separate.

    Parameters
    ----------
    there
        Respondents known to be in each cell, from whatever else is public; a group of which
        nobody answered is a group whose answers are known.
    """
    by_column: dict[int, list[Fact]] = {}
    for fact in facts:
        if fact.base and fact.low == fact.high:
            by_column.setdefault(fact.column, []).append(fact)
    for column, bases in by_column.items():
        masks = np.array([f.cells for f in bases])
        sizes = [f.low for f in bases]
        found, tried = isolated(masks, sizes, minimum)
        findings.tried("isolation", tried)
        everything = np.ones(len(asked.options), dtype=bool)
        for one in found:
            why = f"a group of {one.n} {_how(asked, masks, one)}, fewer than {minimum}"
            findings.leak(asked, column, one.cells, everything, "isolation", why + ".")
        for mask, n in zip(masks, sizes, strict=True):
            if n == 0 and there[mask].sum() > 0:
                why = "nobody of this group answered, or was asked, which tells of all of them."
                findings.leak(asked, column, mask, everything, "isolation", why)
        _smallest(asked, masks, sizes, findings)


def _smallest(asked: Asked, masks: Mask, sizes: list[int], findings: Findings) -> None:
    n, at = min(((n, at) for at, n in enumerate(sizes) if n), default=(0, 0))
    if n and (findings.smallest is None or n < findings.smallest[0]):
        findings.smallest = (n, asked.question.id, asked.frame.words(masks[at]))


def _how(asked: Asked, masks: Mask, one: Isolated) -> str:
    """Say which bases separate a group."""
    if (masks == one.cells).all(axis=1).any():
        return "is shown by itself"
    for whole in masks:
        rest = whole & ~one.cells
        if (one.cells <= whole).all() and (masks == rest).all(axis=1).any():
            frame = asked.frame
            return f"is what {frame.words(whole)} has more than {frame.words(rest)}"
    return "can be separated by adding and subtracting bases"


# Certain claims


def unanimity(asked: Asked, facts: Iterable[Fact], findings: Findings) -> None:
    """Find groups that are shown to have given one substantive answer."""
    exact = [f for f in facts if f.low == f.high]
    bases = {(f.column, f.cells.tobytes()): f.low for f in exact if f.base}
    substantive = {asked.codes([code]).tobytes() for code in judged(asked)}
    for fact in exact:
        if fact.options.tobytes() not in substantive:
            continue
        findings.tried("certain claims")
        n = bases.get((fact.column, fact.cells.tobytes()))
        if n and fact.low >= n:
            answer = asked.answer_label(fact.options)
            why = f"all {n} gave the same answer, “{answer}”."
            findings.leak(asked, fact.column, fact.cells, fact.options, "certain claims", why)


# Inference


def selections(asked: Asked, facts: Iterable[Fact]) -> Mask:
    """Groups that a reader can select: unions of offered groups, dimension by dimension."""
    frame = asked.frame
    found = {f.cells.tobytes(): f.cells for f in facts}
    tables = [set(level.dimensions) for level in asked.levels]
    widest = [t for t in tables if not any(t < other for other in tables)]
    for dimensions in widest:
        listed = [_unions(asked, d) for d in asked.dimensions if d in dimensions]
        total = int(np.prod([len(u) for u in listed], dtype=float))
        if total > MOST_SELECTIONS:
            listed = [_singles(asked, d) for d in asked.dimensions if d in dimensions]
        names = [d for d in asked.dimensions if d in dimensions]
        for chosen in product(*listed):
            mask = frame.mask(dict(zip(names, chosen, strict=True)))
            found.setdefault(mask.tobytes(), mask)
    return np.array(list(found.values()))


def _unions(asked: Asked, dimension: str) -> list[frozenset[str]]:
    groups = asked.dimensions[dimension]
    if len(groups) > 10:
        return _singles(asked, dimension)
    subsets = product((False, True), repeat=len(groups))
    return [
        frozenset().union(*(g.bands for g, kept in zip(groups, one, strict=True) if kept))
        for one in subsets
        if any(one)
    ]


def _singles(asked: Asked, dimension: str) -> list[frozenset[str]]:
    groups = [g.bands for g in asked.dimensions[dimension]]
    return [frozenset().union(*groups), *groups]


class Inference:
    """Bounds of every count of one column, given all that is public.

    Notes
    -----
    Solutions found on the way are kept. A target is safe as soon as one of them gives it a value
    that is not sensitive, so that only targets that all of them leave in doubt cost a solve.
    """

    def __init__(
        self, asked: Asked, column: int, facts: Iterable[Fact], truth: Ints | None = None
    ) -> None:
        self.asked, self.column = asked, column
        held = [f for f in facts if f.column == column]
        shape = (asked.frame.cells, len(asked.options))
        rows = np.array([np.outer(f.cells, f.options).reshape(-1) for f in held], dtype=bool)
        rows = rows.reshape(len(held), shape[0] * shape[1])
        low = np.array([f.low for f in held], dtype=np.int64)
        high = np.array([f.high for f in held], dtype=np.int64)
        self.system = System(rows, low, high)
        self.shape = shape
        self.most_others = FEW
        self.pool: list[Ints] = []
        if truth is not None and self.system.holds(truth.reshape(-1)):
            self.pool.append(truth.reshape(shape))
        else:
            self._add(np.zeros(rows.shape[1]))

    @property
    def consistent(self) -> bool:
        """Whether any answers at all fit what is public."""
        return self.system.consistent and bool(self.pool)

    def _add(self, target: np.ndarray) -> int | None:
        found = self.system.least(target)
        if found is None:
            return None
        self.pool.append(found.point.reshape(self.shape))
        return found.value

    def bounds(self, cells: Mask, options: Mask) -> tuple[int, int] | None:
        """Least and largest count of a target over all answers that fit."""
        target = np.outer(cells, options).reshape(-1).astype(float)
        low = self._add(target)
        high = self._add(-target)
        return None if low is None or high is None else (low, -high)

    def leaks(
        self, groups: Mask, strict: bool, allow_unanimous: bool
    ) -> Iterator[tuple[Mask, Mask, str, str]]:
        """Find targets whose every possible value is sensitive: group, answers, method, why."""
        sets = _option_sets(len(self.asked.options))
        alone = {self.asked.codes([code]).tobytes() for code in judged(self.asked)}
        others = np.array([(~s).tobytes() in alone for s in sets], dtype=bool)
        self.most_others = FEW if strict else 0
        few = np.full((len(groups), len(sets)), strict)
        nearly = np.repeat(others[None], len(groups), axis=0)
        self._clear(few, nearly, groups, sets, len(self.pool))
        found = 0
        while found < MOST_LEAKS:
            open_ = np.argwhere(few | nearly)
            if not len(open_):
                break
            at, which = (int(v) for v in open_[0])
            before = len(self.pool)
            bounds = self.bounds(groups[at], sets[which])
            if bounds is None:
                break
            if few[at, which] and 1 <= bounds[0] and bounds[1] <= FEW:
                yield groups[at], sets[which], "inference", _few(bounds)
                found += 1
            elif (
                nearly[at, which]
                and bounds[1] <= self.most_others
                and not (allow_unanimous and bounds == (0, 0))
                and self._anybody(groups[at])
            ):
                yield groups[at], ~sets[which], "certain claims", _nearly(bounds)
                found += 1
            few[at, which] = nearly[at, which] = False
            self._clear(few, nearly, groups, sets, len(self.pool) - before)

    def _anybody(self, cells: Mask) -> bool:
        return any(point[cells].sum() > 0 for point in self.pool)

    def _clear(self, few: Mask, nearly: Mask, groups: Mask, sets: Mask, newest: int) -> None:
        for point in self.pool[len(self.pool) - newest :]:
            values = groups.astype(np.int64) @ point @ sets.T.astype(np.int64)
            few &= (values >= 1) & (values <= FEW)
            nearly &= values <= self.most_others


def _option_sets(options: int) -> Mask:
    """Sets of answers to try: all but none and all; of many answers those of one, two, all but one."""
    if options <= 10:
        numbers = np.arange(1, max(2**options - 1, 2))
        found = ((numbers[:, None] >> np.arange(options)) & 1).astype(bool)
        return found[~found.all(axis=1)]
    one = np.eye(options, dtype=bool)
    pairs = [one[a] | one[b] for a in range(options) for b in range(a)]
    return np.array([*one, *pairs, *~one])


def _few(bounds: tuple[int, int]) -> str:
    n = str(bounds[0]) if bounds[0] == bounds[1] else f"{bounds[0]} or {bounds[1]}"
    return f"it follows that exactly {n} gave this answer."


def _nearly(bounds: tuple[int, int]) -> str:
    if bounds == (0, 0):
        return "it follows that all of them gave this answer."
    low, high = bounds
    return f"it follows that all but {low if low == high else f'{low} to {high}'} gave this answer."
