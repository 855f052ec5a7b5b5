"""The baselines of the comparison and its measure: hand-made tables, and safety by enumeration."""

from itertools import product

import numpy as np
import pytest
from benchmarks.tools import rounding, suppression
from benchmarks.tools.crossed import cross, partition
from benchmarks.tools.exact import ALTERED, HIDDEN, MERGED, SHOWN, Cost, Exact, cost, tables
from benchmarks.tools.reading import cube_cost, knowledge, nested, read_column
from benchmarks.tools.safety import Fact, Knowledge, Target, inferred, targets


def exact_of(counts, judged=None):
    counts = np.array(counts)
    options = tuple("abcdefg"[: len(counts)])
    groups = {
        f"d{n}": tuple((f"g{k}",) for k in range(size)) for n, size in enumerate(counts.shape[1:])
    }
    places = tuple(range(len(options))) if judged is None else judged
    return Exact(options, places, groups, counts)


def cube_of(exact, levels, **more):
    """Return a cube of one question q in format 2; `levels` as in the cube."""
    dimensions = {
        d: [{"id": "_".join(g), "label": "", "bands": list(g)} for g in of]
        for d, of in exact.groups.items()
    }
    entry = {
        "dimensions": dimensions,
        "columns": [{"item": "", "time": ""}],
        "options": list(exact.options),
        "levels": levels,
        **more,
    }
    return {"format": 2, "questions": {"q": entry}}


# Ten and fifty people, a: 4 and 20, b: 5 and 29, c: 1 and 1.
TABLE = exact_of([[4, 20], [5, 29], [1, 1]])


def group(name, *n, **groups):
    return {"groups": {"d0": name} if name else groups, "n": [list(n)]}


def level(answers, groups, dimensions=("d0",)):
    return {
        "dimensions": list(dimensions),
        "answers": [list(a) for a in answers],
        "hidden": [],
        "groups": groups,
    }


def test_a_standard_cube_costs_nothing_and_gives_the_tables():
    cube = cube_of(TABLE, [level("abc", [group("g0", 4, 5, 1), group("g1", 20, 29, 1)])])
    ((question, column, found),) = tables(cube)
    assert (question, column) == ("q", ".")
    assert found.counts.tolist() == TABLE.counts.tolist()
    result = cube_cost(cube, {("q", "."): TABLE}).to_json()
    assert result["values"] == 9  # three options of everybody and of two groups
    assert (result["shown"], result["max_error"]) == (1, 0)


def test_merged_answers_are_split_evenly_and_what_is_not_there_is_guessed_from_everybody():
    whole = level(["a", "bc"], [group("", 24, 36)], ())
    reading = read_column(cube_of(TABLE, [whole])["questions"]["q"], ".", TABLE)
    assert reading.status[()].tolist() == [SHOWN, MERGED, MERGED]
    assert reading.share[()].tolist() == [0.4, 0.3, 0.3]
    assert (reading.status[(0,)] == HIDDEN).all()
    assert np.allclose(reading.share[(0,)], [[0.4, 0.4], [0.3, 0.3], [0.3, 0.3]])
    result = cost(TABLE, reading).to_json()
    assert result["max_error_figures_50"] == pytest.approx(100 * 16 / 60)
    # Truly .4, .5667, .0333 of 60; .4, .5, .1 of 10; .4, .58, .02 of 50
    errors = [0, 16 / 60, 16 / 60, 0, 0.2, 0.2, 0, 0.28, 0.28]
    assert result["mean_error"] == pytest.approx(100 * sum(errors) / 9)
    assert result["max_error"] == pytest.approx(28)
    assert (result["values_50"], result["mean_error_50"]) == (
        6,
        pytest.approx(100 * (sum(errors) - 0.4) / 6),
    )
    assert (result["shown"], result["merged"], result["hidden"]) == (1 / 9, 2 / 9, 6 / 9)


def test_a_merged_answer_is_split_as_the_coarser_level_splits_it():
    whole = level("abc", [group("", 24, 34, 2)], ())
    deep = level(["a", "bc"], [group("g0", 4, 6), group("g1", 20, 30)])
    reading = read_column(cube_of(TABLE, [whole, deep])["questions"]["q"], ".", TABLE)
    assert reading.status[(0,)].tolist() == [[SHOWN] * 2, [MERGED] * 2, [MERGED] * 2]
    assert reading.share[(0,)][:, 0].tolist() == pytest.approx([0.4, 0.6 * 34 / 36, 0.6 * 2 / 36])


def test_merged_groups_count_as_merged_and_hidden_ones_as_hidden():
    wide = exact_of([[10, 14, 30], [20, 6, 30]])
    cube = cube_of(wide, [level("ab", [group("g0_g1", 24, 26), group("g2", 30, 30)])])
    bands = [["g0", "g1"], ["g2"]]
    cube["questions"]["q"]["dimensions"]["d0"] = [
        {"id": "_".join(b), "label": "", "bands": b} for b in bands
    ]
    reading = read_column(cube["questions"]["q"], ".", wide)
    assert reading.status[(0,)].tolist() == [[MERGED, MERGED, SHOWN]] * 2
    assert np.allclose(reading.share[(0,)][0], [0.48, 0.48, 0.5])
    cube["questions"]["q"]["levels"][0]["groups"][1]["n"] = [None]
    reading = read_column(cube["questions"]["q"], ".", wide)
    assert (reading.status[(0,)][:, 2] == HIDDEN).all()
    assert (reading.status[()] == HIDDEN).all()


def test_rounded_counts_are_altered_where_they_differ():
    cube = cube_of(TABLE, [level("abc", [group("g0", 3, 6, 0), group("g1", 21, 30, 0)])], rounded=3)
    reading = read_column(cube["questions"]["q"], ".", TABLE)
    assert reading.status[()].tolist() == [SHOWN, ALTERED, ALTERED]
    assert reading.share[(0,)][:, 0].tolist() == pytest.approx([1 / 3, 2 / 3, 0])


def test_a_column_that_a_cube_lacks_is_hidden():
    cube = cube_of(TABLE, [level("abc", [group("g0", 4, 5, 1), group("g1", 20, 29, 1)])])
    cube["questions"]["q"]["columns"] = []
    assert cube_cost(cube, {("q", "."): TABLE}).to_json()["hidden"] == 1
    assert Cost() + Cost() == Cost()


def brute(exact, facts, target):
    """Say by enumeration whether every table with the known bases and facts has the count."""
    options, atoms = exact.counts.shape[0], exact.counts[0].size
    bases = exact.counts.reshape(options, -1).sum(axis=0)
    columns = [
        [c for c in product(range(n + 1), repeat=options) if sum(c) == n] for n in bases.tolist()
    ]
    assert atoms <= 3
    for chosen in product(*columns):
        found = np.array(chosen).T.reshape(exact.counts.shape)
        if all(f.low <= (found * f.inside).sum() <= f.high for f in facts) and not (
            target.low <= (found * target.inside).sum() <= target.high
        ):
            return False
    return True


@pytest.mark.parametrize("seed", range(12))
def test_what_is_said_to_be_inferable_is_what_enumeration_finds(seed):
    random = np.random.default_rng(seed)
    exact = exact_of(random.integers(0, 4, (3, 2)))
    kept = random.uniform(size=20) < 0.6
    facts = [
        Fact(suppression.cells(exact, axes, at), int(n) - slack, int(n) + slack)
        for axes in exact.levels
        for at, n in np.ndenumerate(exact.level(axes))
        for slack in [int(random.integers(0, 2)) * 2]
        if kept[len(axes) * 6 + sum(at)]
    ]
    known = Knowledge(exact, facts)
    wanted = list(targets(exact))
    assert wanted
    assert [known.infers(t) for t in wanted] == [brute(exact, facts, t) for t in wanted]


def test_targets_are_small_sets_of_options_and_options_of_nearly_all():
    found = {(tuple(t.inside.reshape(-1)), t.low, t.high) for t in targets(exact_of([9, 1, 0, 2]))}
    assert found == {
        ((0, 1, 0, 0), 1, 2),
        ((0, 1, 1, 0), 1, 2),
        ((0, 0, 0, 1), 1, 2),
        ((0, 0, 1, 1), 1, 2),
    }
    (unanimous,) = targets(exact_of([12, 0]))
    assert (unanimous.low, unanimous.high) == (10, 12)
    assert list(targets(exact_of([12, 0], judged=(1,)))) == []


HARD = [
    [[12, 1], [8, 9]],
    [[12, 1, 4], [8, 9, 30], [0, 3, 2]],
    [[[10, 9], [14, 2]], [[1, 12], [5, 20]]],
    [[40, 30], [2, 1], [3, 2], [6, 9]],
    [[1, 11], [29, 19]],
]


@pytest.mark.parametrize("counts", HARD)
@pytest.mark.parametrize("method", [suppression.suppress, rounding.control])
def test_after_either_baseline_nothing_can_be_inferred_and_not_all_is_lost(method, counts):
    exact = exact_of(counts)
    reading, known = method(exact)
    fresh = Knowledge(exact, known.facts)
    assert list(inferred(exact, fresh)) == []
    result = cost(exact, reading).to_json()
    assert result["hidden"] < 1
    assert sum(result[s] for s in ("shown", "merged", "hidden", "altered")) == pytest.approx(1)


def test_what_is_shown_after_suppression_is_true():
    exact = exact_of(HARD[1])
    reading, _ = suppression.suppress(exact)
    for axes in exact.levels:
        shown = reading.status[axes] == SHOWN
        truth = exact.level(axes) / exact.level(axes).sum(axis=0)
        assert np.allclose(reading.share[axes][shown], truth[shown])
        assert np.allclose(reading.share[axes].sum(axis=0), 1)


def test_rounded_counts_are_multiples_next_to_the_truth_with_consistent_sums():
    counts = np.array(HARD[2])
    rounded = rounding.round_counts(counts, [])
    assert (rounded % 3 == 0).all()
    for axes in [(), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]:
        assert (np.abs(rounded.sum(axis=axes) - counts.sum(axis=axes)) < 3).all()
    exactly = counts % 3 == 0
    assert (rounded[exactly] == counts[exactly]).all()


def test_a_cube_passes_the_same_check():
    shown = level("abc", [group("g0", 4, 5, 1), group("g1", 20, 29, 1)])
    naive = cube_of(TABLE, [shown])["questions"]["q"]
    assert list(inferred(TABLE, knowledge(naive, ".", TABLE)))
    merged = level(["a", "bc"], [group("g0", 4, 6), group("g1", 20, 30)])
    careful = cube_of(TABLE, [merged])["questions"]["q"]
    assert list(inferred(TABLE, knowledge(careful, ".", TABLE))) == []
    assert isinstance(next(targets(TABLE)), Target)


def test_groups_that_cross_those_of_the_tables_are_noticed():
    entry = cube_of(TABLE, [])["questions"]["q"]
    assert nested(entry, TABLE)
    wider = exact_of([[10, 14, 30], [20, 6, 30]])
    wider.groups["d0"] = (("g0", "g1"), ("g2",))
    across = {
        "dimensions": {"d0": [{"id": "a", "bands": ["g0"]}, {"id": "b", "bands": ["g1", "g2"]}]}
    }
    assert not nested(across, wider)
    assert not nested({"dimensions": {"other": [{"id": "a", "bands": ["x"]}]}}, TABLE)


def test_crossing_all_dimensions_merges_bands_until_every_crossed_group_is_large_enough():
    """The second dimension may only be divided as far as every group of the first allows."""
    exact = exact_of([[[9, 3, 30], [6, 12, 30]], [[9, 4, 10], [8, 7, 20]]])
    assert partition(exact, 10) == [[[0], [1]], [[0], [1, 2]]]
    reading, offered = cross(exact, 10)
    assert offered == 2
    assert (reading.status[0, 1][:, :, 0] == SHOWN).all()
    assert (reading.status[0, 1][:, :, 1:] == MERGED).all()
    assert reading.share[0, 1][0, 0].tolist() == pytest.approx([9 / 18, 33 / 47, 33 / 47])
    assert (reading.status[()] == SHOWN).all()
    reading, offered = cross(exact, 60)
    assert offered == 1
    assert (reading.status[0,] == SHOWN).all()
    assert (reading.status[1,] == HIDDEN).all()
