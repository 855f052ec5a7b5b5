"""Bounds and separable groups against enumeration of every table that fits."""

import json
import random

import numpy as np
import pytest

from enumeration import leaks, tables, unions
from helpers.release.attack import linear
from helpers.release.attack.audit import audit
from helpers.release.attack.facts import ReleasedTable
from helpers.release.attack.linear import LinearSystem, _sets, isolated
from helpers.release.attack.partition import Frame, Group
from releases import codebook, cube_question, page_question, printed, question, release

CODES = ["o1", "o2", "o3"]


def random_facts(chance, truth):
    """Random sums of a table, exact or a little wide."""
    cells, options = truth.shape
    facts = []
    for _ in range(chance.randint(1, 4)):
        where = sorted(chance.sample(range(cells), chance.randint(1, cells)))
        what = sorted(chance.sample(range(options), chance.randint(1, options)))
        n = int(truth[where][:, what].sum())
        facts.append((where, what, max(n - chance.choice((0, 0, 1)), 0), n + chance.randint(0, 1)))
    return facts


def as_system(facts, bases, options):
    rows, low, high = [], [], []
    for where, what, least, most in [
        *facts,
        *(([c], list(range(options)), n, n) for c, n in enumerate(bases)),
    ]:
        row = np.zeros((len(bases), options), dtype=bool)
        row[np.ix_(where, what)] = True
        rows.append(row.reshape(-1))
        low.append(least)
        high.append(most)
    return LinearSystem(np.array(rows), np.array(low), np.array(high))


def check_bounds(seed):
    chance = random.Random(seed)
    cells, options = chance.randint(1, 3), chance.randint(2, 3)
    truth = np.array(
        [[chance.choice((0, 0, 1, 2, 3)) for _ in range(options)] for _ in range(cells)]
    )
    facts = random_facts(chance, truth)
    fits = tables(truth.sum(axis=1), options, facts)
    system = as_system(facts, truth.sum(axis=1), options)
    target = np.array([[chance.random() < 0.5 for _ in range(options)] for _ in range(cells)])
    values = fits[:, target].sum(axis=1)
    weights = target.reshape(-1).astype(float)
    least, most = system.least(weights), system.most(weights)
    assert least.value <= truth[target].sum() <= most.value
    assert (least.value, most.value) == (values.min(), values.max()), (seed, facts)
    for solution in (least, most):
        assert (fits.reshape(len(fits), -1) == solution.point).all(axis=1).any()


@pytest.mark.slow
def test_bounds_contain_the_truth_and_equal_enumeration():
    for seed in range(400):
        check_bounds(seed)


@pytest.mark.slow
def test_bounds_of_many_more_tables_equal_enumeration():
    for seed in range(400, 2000):
        check_bounds(seed)


def test_a_system_without_any_solution_is_inconsistent():
    facts = [([0], [0], 3, 3), ([0], [1], 3, 3)]
    system = as_system(facts, [5], 2)
    assert system.least(np.ones(2)) is None
    assert not system.consistent


def test_a_contradiction_that_needs_whole_numbers_is_found():
    """Pairs of three numbers sum to 1 each: only halves would do."""
    rows = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]], dtype=bool)
    one = np.ones(3, dtype=np.int64)
    assert LinearSystem(rows, one, one).least(np.ones(3)) is None


def separable(masks, bases, minimum):
    """By enumeration of small integer combinations: sets of 1 to `minimum` - 1 respondents."""
    found = set()
    for chosen in np.ndindex(*(5,) * len(masks)):
        weights = np.array(chosen) - 2
        sums, n = weights @ masks, int(weights @ bases)
        if sums.any() and 0 < n < minimum and np.isin(sums, (0, 1)).all():
            found.add(tuple(int(c) for c in np.flatnonzero(sums)))
    return found


@pytest.mark.slow
def test_groups_that_sums_and_differences_separate_are_those_found_by_trying_all():
    compared = 0
    for seed in range(300):
        chance = random.Random(seed)
        cells = chance.randint(2, 5)
        sizes = np.array([chance.choice((1, 3, 6, 10, 14)) for _ in range(cells)])
        masks = np.array(
            [[chance.random() < 0.6 for _ in range(cells)] for _ in range(chance.randint(1, 4))]
        )
        masks = masks[masks.any(axis=1)]
        if not len(masks):
            continue
        bases = masks @ sizes
        expected = separable(masks, bases, 10)
        found = [one.cells for one in isolated(masks, bases, 10)[0]]
        smallest = [s for s in expected if not any(set(other) < set(s) for other in expected)]
        for cells_of in smallest:  # rational combinations may find more, never less
            assert any(np.flatnonzero(f).tolist() == list(cells_of) for f in found) or any(
                set(np.flatnonzero(f)) < set(cells_of) for f in found
            ), (seed, masks, sizes)
        compared += bool(expected)
        assert bool(found) >= bool(expected)
    assert compared > 80


def test_beyond_sixteen_cells_differences_of_three_bases_are_found():
    """18 groups of 12 and two of 3 and 4; no base shows the small ones by themselves."""
    sizes = np.array([12] * 18 + [3, 4])
    everything = np.ones(20, dtype=bool)
    assert isolated(np.array([everything]), [sizes.sum()], 10)[0] == []
    most = everything.copy()
    most[18] = False
    found = isolated(np.array([everything, most]), [sizes.sum(), sizes.sum() - 3], 10)[0]
    assert [one.n for one in found] == [3]
    rows = [everything, *(np.arange(20) != n for n in range(18))]
    rows.append(np.arange(20) < 10)
    rows.append((np.arange(20) >= 10) & (np.arange(20) < 19))
    masks = np.array(rows)
    assert sorted(one.n for one in isolated(masks, masks @ sizes, 10)[0]) == [3, 4]


def test_bases_shown_several_times_are_combined_once(monkeypatch):
    """Every item of a grid has the same base in a group, and so have routed questions."""
    sizes = np.array([*[12] * 18, 3, 4])
    masks = np.random.default_rng(3).random((12, 20)) < 0.7
    tried = []
    monkeypatch.setattr(linear, "_sets", lambda sums: tried.append(len(sums)) or _sets(sums))
    once = isolated(masks, masks @ sizes, 10)
    sums, tried[:] = sum(tried), []
    again = np.tile(masks, (5, 1))
    assert [(one.n, one.cells.tolist()) for one in isolated(again, again @ sizes, 10)[0]] == [
        (one.n, one.cells.tolist()) for one in once[0]
    ]
    assert 0 < sum(tried) == sums


def test_an_empty_group_neither_leaks_nor_protects():
    masks = np.array([[True, True, True], [True, False, False], [False, True, False]])
    assert isolated(masks, [24, 12, 12], 10)[0] == []  # the third group is empty
    assert [one.n for one in isolated(masks, [24, 12, 0], 10)[0]] == []


# Whole releases under `strict`


def random_release(seed):
    """A question in two groups, with tables of random coarseness."""
    chance = random.Random(seed)
    weights = chance.choice(((1, 1, 10), (2, 5, 5), (1, 4, 8)))
    counts = np.array(
        [
            np.bincount(chance.choices(range(3), weights, k=chance.randint(10, 13)), minlength=3)
            for _ in range(2)
        ]
    )
    partitions = [[["o1"], ["o2"], ["o3"]], [["o1", "o2"], ["o3"]], [["o1"], ["o2", "o3"]]]
    levels = [((), chance.choice(partitions), [])]
    if chance.random() < 0.8:
        levels.append((("group",), chance.choice([*partitions[1:], [CODES]]), []))
    return chance, counts, levels


def as_facts(counts, levels):
    """Facts that the tables of a release give, for the enumeration."""
    facts = []
    for dimensions, answers, _ in levels:
        for where in [[0], [1]] if dimensions else [[0, 1]]:
            for part in answers:
                what = [CODES.index(o) for o in part]
                n = int(counts[where][:, what].sum())
                facts.append((where, what, n, n))
    return facts


def known_to(report):
    labels = {"everybody": (0, 1), "Band a": (0,), "Band b": (1,)}
    answers = {f"Answer {c}": n for n, c in enumerate("ABC")}
    found = set()
    for leak in report.leaks:
        if leak.method in ("inference", "certain claims"):
            chosen = tuple(answers[a] for a in leak.answer.split(" or "))
            found.add((labels[leak.group], chosen, leak.method))
    return found


def expected(counts, facts, groups):
    return leaks(tables(counts.sum(axis=1), 3, facts), groups, {0, 1, 2})


def audited(cube, book, files=None):
    return audit(files or release({"q": cube}, book, "strict"), codebook=book)


@pytest.mark.slow
def test_what_strict_forbids_is_what_enumeration_finds():
    asked = question()
    book = codebook([asked], {"group": "ab"})
    leaking = 0
    for seed in range(150):
        _, counts, levels = random_release(seed)
        cube = cube_question(asked, counts, {"group": "ab"}, levels)
        # The bases of both groups count as known where any table tells the groups apart.
        groups = unions(2) if len(levels) > 1 else [(0, 1)]
        found = known_to(audited(cube, book))
        wanted = expected(counts, as_facts(counts, levels), groups)
        assert _without_repeats(found) == _without_repeats(wanted), (seed, counts, levels)
        leaking += bool(wanted)
    assert 30 < leaking < 145


def _without_repeats(found):
    """That all but 1 or 2 gave an answer says no more than that 1 or 2 gave another."""
    few = {(g, c) for g, c, kind in found if kind == "inference"}
    rest = {(g, c): tuple(n for n in range(3) if n not in c) for g, c, _ in found}
    nearly = {(g, c) for g, c, kind in found if kind != "inference"}
    return few, {(g, c) for g, c in nearly if (g, rest[g, c]) not in few}


@pytest.mark.slow
def test_one_hidden_number_shown_is_caught_exactly_when_it_leaks():
    """A view gains the row of one merged answer of one group."""
    asked = question()
    book = codebook([asked], {"group": "ab"})
    tried = {True: 0, False: 0}
    for seed in range(400):
        chance, counts, levels = random_release(seed)
        if len(levels) < 2 or levels[1][1] == [CODES]:
            continue
        facts = as_facts(counts, levels)
        if expected(counts, facts, unions(2)):
            continue
        group, option = chance.randrange(2), chance.randrange(3)
        cube = cube_question(asked, counts, {"group": "ab"}, levels)
        files = release({"q": cube}, book, "strict")
        k, n = int(counts[group, option]), int(counts[group].sum())
        files["views/p.json"] = unhidden(book, asked, cube, "ab"[group], option, k, n)
        wanted = expected(counts, [*facts, ([group], [option], k, k)], unions(2))
        report = audited(cube, book, files)
        assert bool(report.leaks) == bool(wanted), (seed, counts, levels, report.leaks)
        tried[bool(wanted)] += 1
    assert tried[True] > 15 and tried[False] > 15, tried


def unhidden(book, asked, cube, band, option, k, n):
    page = page_question(book, asked, cube)
    label = f"Answer {'ABC'[option]}"
    one = page["views"][f"|group={band}"]
    page["answers"]["~1"].append([label, [CODES[option]]])
    one["rows"].append([label, *printed(k, n, cube["respondents"])])
    return json.dumps({"format": 1, "page": "p", "title": "P", "headline": "", "questions": [page]})


def test_every_pair_of_groups_of_a_larger_table_is_covered():
    """Six groups under two tables: what enumeration of unions says, the audit says."""
    sizes = {b: n for b, n in zip("abcdef", (12, 11, 10, 13, 12, 10), strict=True)}
    counts = np.array([[n - 4, 2, 2] for n in sizes.values()])
    asked = question()
    book = codebook([asked], {"group": "abcdef"})
    levels = [((), [[c] for c in CODES], []), (("group",), [["o1"], ["o2", "o3"]], [])]
    cube = cube_question(asked, counts, {"group": "abcdef"}, levels)
    assert not audited(cube, book).leaks  # 4 in each group of B or C, 12 in all of each
    counts[:, 1:] = (1, 1)
    cube = cube_question(asked, counts, {"group": "abcdef"}, levels)
    groups = {leak.group for leak in audited(cube, book).leaks}
    assert len(groups) == 6  # of each group 2 gave B or C


def test_a_group_of_several_bands_is_named_by_their_labels():
    pieces = {"age": (frozenset({"y", "m"}), frozenset({"o"}))}
    labels = {("age", frozenset({band})): name for band, name in (("y", "Young"), ("m", "Middle"))}
    assert Frame(pieces, labels).words(np.array([True, False])) == "Middle or Young"


def test_cells_are_the_same_groups_whether_a_frame_keeps_them_or_not():
    bands = [Group(name, name, frozenset({name})) for name in "abc"]
    frame = Frame.of({"size": bands})
    masks = np.array([frame.mask({"size": group.bands}) for group in bands])
    table = ReleasedTable(("size",), (), masks, np.zeros((3, 1, 0)), np.zeros((3, 1)))
    kept = frame.mask({"size": frozenset("ab")})
    assert frame.mask({"size": frozenset("ab")}) is kept
    found = np.array([True, True, False])
    for cells in (kept, kept, kept.copy(), masks[0] | masks[1]):
        assert (table.groups_of(cells) == found).all()
    own = kept.copy()
    own[1] = False  # what may change is looked at each time
    assert (table.groups_of(own) == np.array([True, False, False])).all()
    own[1] = True
    assert (table.groups_of(own) == found).all()
    for rows in (masks, np.frombuffer(masks.tobytes(), dtype=bool).reshape(3, 3)):
        assert [table.groups_of(row).argmax() for row in rows] == [0, 1, 2]
