"""Tables of few dimensions stand for one of all: against integer programs over every cell."""

import random
from itertools import product

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.release.attack import linear
from helpers.release.attack.audit import audit
from helpers.release.attack.bounds import Inference, Promise
from helpers.release.attack.facts import Asked, Fact
from helpers.release.attack.marginal_tables import MarginalTables
from helpers.release.attack.partition import Frame
from releases import codebook, cube_question, question, release


def asked_by(shape, options=3):
    pieces = {f"d{a}": tuple(frozenset({f"{a}{n}"}) for n in range(size)) for a, size in
              enumerate(shape)}  # fmt: skip
    codes = tuple(f"o{n + 1}" for n in range(options))
    columns = (("", ""),)
    return Asked(
        question(), Frame(pieces, {}), columns, 1, codes, 99, None, False, 0, (), pieces
    )  # fmt: skip


def some_cells(chance, shape):
    """Cells that one to two dimensions tell apart; not only boxes."""
    axes = chance.sample(range(len(shape)), chance.randint(1, 2))
    grid = np.zeros(shape, dtype=bool)
    kept = [at for at in product(*(range(shape[a]) for a in axes)) if chance.random() < 0.6]
    for at in kept:
        where = [slice(None)] * len(shape)
        for axis, n in zip(axes, at, strict=True):
            where[axis] = n
        grid[tuple(where)] = True
    return grid.reshape(-1)


def by_cells(facts, shape, target):
    """Least and largest count of a target, of every cell by itself."""
    rows = np.array([np.outer(f.cells, f.options).reshape(-1) for f in facts], dtype=float)
    within = LinearConstraint(rows, [f.low for f in facts], [f.high for f in facts])
    ends = []
    for sign in (1, -1):
        whole = np.ones(target.size)
        found = milp(sign * target, integrality=whole, bounds=Bounds(0, 99), constraints=within)
        ends.append(round(sign * found.fun))
    return tuple(ends)


@pytest.mark.slow
def test_bounds_from_tables_equal_those_from_cells():
    smaller = 0
    for seed in range(25):
        chance = random.Random(seed)
        shape = tuple(chance.randint(2, 3) for _ in range(chance.randint(2, 4)))
        asked = asked_by(shape)
        size = (int(np.prod(shape)), 3)
        truth = np.array(chance.choices((0, 0, 0, 1, 2), k=size[0] * 3)).reshape(size)
        everybody, every = np.ones(size[0], dtype=bool), np.ones(3, dtype=bool)
        sums = [(everybody, every, 0)]
        for _ in range(chance.randint(2, 7)):
            options = np.array([chance.random() < 0.5 for _ in range(3)])
            sums.append((some_cells(chance, shape), options, chance.choice((0, 0, 1))))
        facts = []
        for cells, options, near in sums:
            n = int(truth[cells][:, options].sum())
            facts.append(Fact(0, cells, options, max(n - near, 0), n + near, ""))
        solved = Inference(asked, [0], facts)
        smaller += solved.tables.size < size[0]
        for _ in range(3):  # some of them in dimensions that no sum takes together
            cells, options = some_cells(chance, shape), np.array([True, False, False])
            found = solved.bounds(0, cells, options)
            target = np.outer(cells, options).reshape(-1).astype(float)
            assert (found.low, found.high) == by_cells(facts, shape, target), seed
    assert smaller > 6


def test_dimensions_known_in_a_ring_are_laid_out_together():
    """Pairs of four dimensions in a ring need a table of three, else whole numbers may not fit."""
    ring = [{0, 1}, {1, 2}, {2, 3}, {3, 0}]
    tables = MarginalTables.of((3, 3, 3, 3), map(frozenset, ring))
    assert sorted(map(len, tables.axes)) == [3, 3]
    assert tables.size == 54
    assert tables.differences().shape == (9, 54)  # what both share


def test_select_all_without_responses_is_solved_for_few_numbers(monkeypatch):
    """Four filters of six groups, each shown by itself: not 12 boxes times 1,296 cells."""
    solved = []

    def counted(target, **more):
        solved.append(len(target))
        return milp(target, **more)

    monkeypatch.setattr(linear, "milp", counted)
    asked = question(kind="multiple", items="abcdefghijkl")
    dimensions = {d: "uvwxyz" for d in ("age", "size", "role", "place")}
    book = codebook([asked], dimensions)
    chance = np.random.default_rng(1)
    ticked = chance.integers(1, 4, (1296, 12))
    counts = np.stack([ticked, 5 - ticked], axis=2)
    shown = [[option.code] for option in asked.in_base]
    hidden = {"role": {3}}  # so that not everything follows at once
    levels = [((), shown, ()), *(((d,), shown, hidden.get(d, ())) for d in dimensions)]
    report = audit(
        release({"q": cube_question(asked, counts, dimensions, levels)}, book, views=False),
        codebook=book,
    )
    assert not report.leaks
    assert solved
    assert max(solved) < 12 * 24 * 2


def hard_sums(seed, number=14, groups=40):
    """Groups, in each of which at most one person gave an answer, and sums of half of them."""
    chance = np.random.default_rng(seed)
    rows, truth = chance.random((number, groups)) < 0.5, chance.integers(0, 2, groups)
    known, one = rows @ truth, np.ones(groups, dtype=np.int64)
    rows = np.vstack([rows, np.eye(groups, dtype=bool)])
    return rows, np.append(known, 0 * one), np.append(known, one)


@pytest.mark.slow
def test_what_takes_too_much_work_is_bounded_from_outside(monkeypatch):
    unproved = 0
    for seed in range(4):
        target = np.arange(40.0) % 5
        found = linear.LinearSystem(*hard_sums(seed)).least(target)
        monkeypatch.setattr(linear, "WORK", 0)
        less = linear.LinearSystem(*hard_sums(seed)).least(target)
        monkeypatch.undo()
        assert found.proved
        assert less.value == found.value if less.proved else less.value <= found.value
        assert less.point is None or less.point @ target >= found.value
        unproved += not less.proved
    assert unproved


def by_hard_sums(*size):
    groups, answer = size[2], np.array([True, False])
    sums = zip(*hard_sums(*size), strict=True)
    facts = [Fact(0, cells, answer, int(low), int(high), "") for cells, low, high in sums]
    return Inference(asked_by((groups,), options=2), [0], facts)


@pytest.mark.slow
def test_what_takes_too_much_work_counts_as_a_leak(monkeypatch):
    strict, groups = Promise.of(strict=True, allow_unanimous=False), np.eye(40, dtype=bool)
    assert not [*by_hard_sums(4, 14, 40).leaks(0, groups[:2], strict)]
    monkeypatch.setattr(linear, "WORK", 0)
    found = [*by_hard_sums(4, 14, 40).leaks(0, groups[:2], strict)]
    assert found
    assert all("could not be decided" in one.words for one in found)
    assert by_hard_sums(5, 25, 60).undecided
