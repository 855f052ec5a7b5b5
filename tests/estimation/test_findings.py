"""Findings in words: against R (tests/oracles/findings.R), and that word and range always agree."""

import csv
import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, false_discovery_control

from helpers.estimation.association import two_by_two
from helpers.estimation.findings import (
    CLEAR,
    LIKELY,
    NEAR,
    ROW,
    Family,
    Word,
    difference_ranges,
    judge_family,
    representatives,
    showable_change,
    tango,
)
from helpers.estimation.paired_tests import mcnemar_test
from helpers.present.findings import digits_of, in_points, to_a_tenth
from helpers.words import words_in
from places import TESTS

CLOSE = dict(rel=1e-6, abs=1e-6)
WORDS = {1: Word.CLEAR, 2: Word.LIKELY, 3: Word.SAME, 4: Word.FEW}
DIFFERS = (Word.CLEAR, Word.LIKELY)


def oracle(case):
    found = {}
    with open(TESTS / "oracles" / "findings.csv", encoding="utf-8") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            if row["case"] == case:
                found.setdefault(row["name"], {})[row["statistic"]] = float(row["value"])
    return found


def groups(item, *counts, whole=math.nan):
    """Rows of one comparison: every pair of groups, each yes of n."""
    rows = []
    for a, (x, n) in enumerate(counts):
        for b, (y, m) in list(enumerate(counts))[a + 1 :]:
            p = two_by_two(*(np.array([v], dtype=float) for v in (x, n, y, m)))[2][0]
            row = dict.fromkeys(ROW, math.nan)
            row |= {"question": "q", "item": item, "time": "", "option": "yes"}
            row |= {"group": str(a), "other": str(b), "estimate": x / n - y / m, "p": p}
            row |= {"share": x / n, "share_other": y / m, "n": n, "n_other": m}
            row |= {"n_effective": n, "n_effective_other": m, "whole": whole}
            rows.append(row)
    return rows


def moves(item, up, down, n):
    row = dict.fromkeys(ROW, math.nan) | {"question": "q", "item": item, "time": "then to now"}
    row |= {"option": "yes", "group": "then", "other": "now", "n": n, "n_effective": n}
    p = mcnemar_test(up, down)["p"] if up + down else 1.0
    return row | {"up": up, "down": down, "estimate": (up - down) / n, "p": p}


FAMILY = {
    "a": ((50, 80), (20, 85)),
    "b": ((40, 90), (22, 90)),
    "c": ((900, 20000), (910, 20000)),
    "d": ((12, 30), (9, 28)),
    "e": ((10, 10), (4, 12)),
    "f": ((5, 12), (5, 12)),
    "g": ((420, 800), (352, 800)),
    "h": ((30, 60), (41, 61)),
    "i": ((9, 14), (3, 15)),
}
THREE = ((60, 100), (45, 95), (20, 90))
MOVES = {"k": (20, 4, 60), "l": (9, 0, 31), "m": (3, 1, 55), "n": (18, 15, 70), "o": (60, 20, 300)}


def whole_of(counts):
    return chi2_contingency([[x, n - x] for x, n in counts], correction=False).pvalue


def test_a_family_is_that_of_r():
    rows = [row for item, counts in FAMILY.items() for row in groups(item, *counts)]
    rows += groups("three", *THREE, whole=whole_of(THREE))
    found = judge_family(pd.DataFrame(rows))
    level = oracle("level")["family"]
    family = found.attrs["family"]
    assert (family.size, family.clear, family.likely) == (10, level["clear"], level["likely"])
    assert family.level == pytest.approx(level["chance"], **CLOSE)
    expected = oracle("family")
    one = representatives(found).set_index("item")
    assert list(one.index) == list(expected)
    assert {WORDS[int(row["word"])] for row in expected.values()} == {*Word}
    for item, row in expected.items():
        assert one.loc[item, "word"] == WORDS[int(row["word"])], item
        assert one.loc[item, "p_row"] == pytest.approx(row["p"], **CLOSE), item
        assert one.loc[item, "low"] == pytest.approx(row["low"], **CLOSE), item
        assert one.loc[item, "high"] == pytest.approx(row["high"], **CLOSE), item


def test_changes_are_those_of_r():
    found = judge_family(pd.DataFrame([moves(item, *counts) for item, counts in MOVES.items()]))
    for item, row in oracle("moves").items():
        one = found.set_index("item").loc[item]
        assert one["word"] == WORDS[int(row["word"])], item
        assert one["p_row"] == pytest.approx(row["p"], **CLOSE), item
        assert one["low"] == pytest.approx(row["low"], **CLOSE), item
        assert one["high"] == pytest.approx(row["high"], **CLOSE), item


@pytest.mark.parametrize("name", oracle("tango"))
def test_tangos_range_is_where_the_score_of_the_likelihood_is(name):
    up, down, n, chance = map(float, name.split())
    row = pd.DataFrame([moves("i", up, down, n)]).astype(dict.fromkeys(ROW[6:], float))
    low, high = difference_ranges(row, chance)
    expected = oracle("tango")[name]
    assert (low[0], high[0]) == pytest.approx((expected["low"], expected["high"]), abs=1e-5)


def test_tangos_range_leaves_out_nought_just_where_mcnemar_is_significant():
    for up, down, n in ((9, 3, 40), (5, 0, 20), (40, 25, 300)):
        z = abs(up - down) / math.sqrt(up + down)
        inside, outside = (tango(up, down, n, z * k)[0] for k in (1 - 1e-6, 1 + 1e-6))
        assert inside > 0 > outside


def test_nobody_moving_leaves_a_range_around_nought():
    low, high = tango(0.0, 0.0, 50.0, 1.96)
    assert high == pytest.approx(1.96**2 / (50 + 1.96**2)) and low == pytest.approx(-high)


@pytest.mark.parametrize("name", oracle("change"))
def test_the_smallest_change_that_is_shown(name):
    found = showable_change(*(np.array(float(v)) for v in name.split()))
    assert found == pytest.approx(oracle("change")[name]["d"], **CLOSE)


def test_the_smallest_difference_allows_for_the_family():
    rows = [*groups("x", (20, 40), (20, 40)), *groups("y", (30, 60), (31, 60))]
    one, two = judge_family(pd.DataFrame(rows)), judge_family(pd.DataFrame(rows[:1]))
    expected = oracle("difference")
    assert two["showable"].iloc[0] == pytest.approx(expected["0.05"]["d"], **CLOSE)
    assert one["showable"].iloc[0] == pytest.approx(expected["0.025"]["d"], **CLOSE)


def random_family(rng):
    """Comparisons of two to four groups of 8 to 30,000 people, alike or not, and of times."""
    rows = []
    scale = rng.choice([30, 300, 30000])
    for k in range(int(rng.integers(1, 25))):
        if rng.random() < 0.3:
            n = int(rng.integers(8, scale))
            up, down = rng.multinomial(n, [rng.random() * 0.3, rng.random() * 0.3, 0.4])[:2]
            rows.append(moves(f"m{k}", int(up), int(down), n))
            continue
        share, apart = rng.random(), rng.choice([0, 0.02, 0.3])
        counts = []
        for _ in range(int(rng.choice([2, 2, 3, 4]))):
            n = int(rng.integers(8, scale))
            p = min(max(share + apart * rng.normal(), 0), 1)
            counts.append((int(rng.binomial(n, p)), n))
        yes = sum(x for x, _ in counts)
        mixed = 0 < yes < sum(n for _, n in counts)
        many = len(counts) > 2
        whole = (whole_of(counts) if mixed else 1.0) if many else math.nan
        rows += groups(f"g{k}", *counts, whole=whole)
    return pd.DataFrame(rows)


@pytest.mark.slow
def test_word_and_range_never_contradict_each_other_even_as_printed():
    rng, say, seen = np.random.default_rng(2026), words_in(), dict.fromkeys(Word, 0)
    for _ in range(60):
        rows = judge_family(random_family(rng))
        if rows.empty:
            continue
        family = rows.attrs["family"]
        for row in rows.to_dict("records"):
            seen[row["word"]] += 1
            difference, *printed = in_points(row, say)
            as_printed = [float(end.replace("−", "-")) / 100 for end in printed]
            for low, high in ((row["low"], row["high"]), as_printed):
                differs = low > 0 or high < 0
                near = low >= -NEAR - 1e-12 and high <= NEAR + 1e-12
                assert differs == (row["word"] in DIFFERS), row
                assert differs or near == (row["word"] == Word.SAME), row
            assert row["low"] - 1e-9 <= row["estimate"] <= row["high"] + 1e-9
            at = float(difference.replace("−", "-")) / 100
            assert as_printed[0] <= at <= as_printed[1]
            for rate, words in ((LIKELY, DIFFERS), (CLEAR, (Word.CLEAR,))):
                assert (row["p_adjusted"] <= rate * (1 + 1e-8)) == (row["word"] in words), row
            if row["word"] == Word.CLEAR:
                assert row["p_row"] <= family.limit(CLEAR) <= family.limit(LIKELY)
        one = representatives(rows)
        assert one["comparison"].is_unique and len(one) == family.size
        # A comparison says what its rows say: something differs if any does, else all are near.
        for key, part in rows.groupby("comparison"):
            word = one.loc[one["comparison"] == key, "word"].iloc[0]
            there = {*part["word"]}
            strongest = next(
                w for w in (Word.CLEAR, Word.LIKELY, Word.FEW, Word.SAME) if w in there
            )
            assert word == strongest
    assert min(seen.values()) > 20, seen


@pytest.mark.parametrize("noise", [-1e-16, 0.0, 1e-16])
def test_of_two_answers_that_are_as_far_apart_the_first_stands_for_both(noise):
    """Who says yes less often says no as much more often, but for rounding."""
    (row,) = groups("a", (50, 80), (20, 85))
    p, q = row["share"], row["share_other"]
    no = row | {"option": "no", "share": 1 - p, "share_other": 1 - q, "estimate": q - p + noise}
    found = judge_family(pd.DataFrame([row, no]).assign(whole=row["p"]))
    assert list(found["word"].unique()) == [Word.CLEAR]
    found["high"] += noise
    assert list(representatives(found)["option"]) == ["yes"]


@pytest.mark.slow
def test_p_values_of_a_family_are_those_of_benjamini_and_hochberg():
    rng = np.random.default_rng(11)
    pairs = rng.integers(1, 40, (30, 2))
    rows = judge_family(pd.DataFrame([r for n, p in enumerate(pairs) for r in groups(
        str(n), (int(p[0]), 40), (int(p[1]), 40))]))  # fmt: skip
    expected = false_discovery_control(rows["p_row"])
    assert rows["p_adjusted"].to_numpy() == pytest.approx(expected)
    apart = [judge_family(part, rows.attrs["family"]) for _, part in rows.groupby("comparison")]
    alone = pd.concat(apart).sort_values("item", key=lambda item: item.astype(int))
    assert alone["p_adjusted"].to_numpy() == pytest.approx(expected)


@pytest.mark.slow
def test_ranges_are_never_narrower_than_those_of_the_family():
    rng = np.random.default_rng(7)
    for _ in range(30):
        rows = judge_family(random_family(rng))
        many = rows.groupby("comparison")["n"].transform("size").to_numpy()
        low, high = difference_ranges(rows, rows.attrs["family"].level / many)
        assert (rows["low"] <= low).all() and (rows["high"] >= high).all()
        assert ((rows["low"] == low) | (rows["low"] == 0)).all()


@pytest.mark.slow
def test_few_false_alarms_and_few_ranges_that_miss():
    """Half of 40 items truly differ: false findings, and ranges of findings that miss."""
    rng, false, missed = np.random.default_rng(11), [], []
    for _ in range(60):
        rows, true = [], {}
        for k in range(40):
            p, q = (0.5, 0.5) if k % 2 else (0.35, 0.65)
            true[f"g{k}"] = p - q
            rows += groups(f"g{k}", (int(rng.binomial(60, p)), 60), (int(rng.binomial(60, q)), 60))
        found = judge_family(pd.DataFrame(rows))
        found = found[found["word"].isin(DIFFERS)]
        gap = found["item"].map(true)
        many = max(len(found), 1)
        false.append((gap == 0).sum() / many)
        missed.append(((found["low"] > gap) | (found["high"] < gap)).sum() / many)
    assert np.mean(false) < 0.05 and np.mean(missed) < 0.05


def test_bases_below_ten_are_left_out():
    found = judge_family(
        pd.DataFrame([*groups("x", (9, 9), (5, 20)), *groups("y", (9, 10), (5, 20))])
    )
    assert list(found["item"]) == ["y"] and found.attrs["family"].size == 1


def test_the_limits_of_a_family():
    family = Family.of([0.001, 0.012, 0.02, 0.2])  # 0.05 * 3 / 4 = 0.0375, 0.01 / 4 = 0.0025
    assert (family.size, family.clear, family.likely) == (4, 1, 3)
    assert family.level == pytest.approx(3 * 0.05 / 4)
    nothing = Family.of([0.04, 0.9])
    assert nothing.limit(LIKELY) < 0 and nothing.level == pytest.approx(0.05 / 2)
    assert Family.of([]).adjusted(np.array([0.001])).tolist() == [1.0]  # nothing to differ in


@pytest.mark.parametrize(
    ("low", "high", "word", "digits"),
    [
        (0.031, 0.4, Word.CLEAR, 0),
        (0.004, 0.4, Word.CLEAR, 1),
        (0.0002, 0.4, Word.LIKELY, 2),
        (-0.4, -0.004, Word.LIKELY, 1),
        (-0.049, 0.05, Word.SAME, 0),
        (-0.053, 0.02, Word.FEW, 1),
        (-0.3, 0.2, Word.FEW, 0),
    ],
)
def test_ranges_are_printed_to_as_many_digits_as_their_word_needs(low, high, word, digits):
    assert digits_of(low, high, word) == digits


@pytest.mark.parametrize(
    ("estimate", "low", "high", "word", "told"),
    [
        (-0.11, -0.2157557, -1e-7, Word.LIKELY, ("−11.0", "−21.6", "−0.0")),
        (0.11, 2e-5, 0.2157557, Word.CLEAR, ("+11.0", "+0.0", "+21.6")),
        (0.11, 0.004, 0.2157557, Word.CLEAR, ("+11.0", "+0.4", "+21.6")),
        (-0.11, -0.2157557, -0.02, Word.CLEAR, ("−11", "−22", "−2")),
        (0.01, -1e-7, 0.0500001, Word.FEW, ("+1.0", "0.0", "+5.0")),
    ],
)
def test_tables_write_a_difference_with_one_decimal_at_most(estimate, low, high, word, told):
    row = {"estimate": estimate, "low": low, "high": high, "word": word}
    assert to_a_tenth(row, words_in()) == told
