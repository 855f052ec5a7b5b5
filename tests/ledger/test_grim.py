"""Counts behind printed percentages, and Wilson's interval, against work by hand and print."""

from fractions import Fraction

import pytest

from helpers.ledger.grim import (
    Comparator,
    Requirement,
    nearest,
    parse_number,
    plain,
    possible_counts,
    wilson,
)


def requirement(comparator, text, tolerance=None):
    value, decimals = parse_number(text)
    far = None if tolerance is None else Fraction(tolerance)
    return Requirement(Comparator(comparator), value, decimals, far, text)


# By hand: 25/56 = 44.643, 20/56 = 35.714, 45/56 = 80.357 and 46/56 = 82.143 (nothing rounds to 81),
# 44/56 = 78.571 (78.6 or 79, never 78.5), 21/56 = 37.5 exactly, 16/56 = 28.571.
# 33/55 = 60 exactly, 39/66 = 59.09 and 40/66 = 60.61; 47/50 = 94, 48/50 = 96; 52/55 = 94.545.
# 31/40 = 77.5 and 27/40 = 67.5 are exact halves: half up gives 78 and 68, and 77 and 67 never.
@pytest.mark.parametrize(
    ("comparator", "text", "tolerance", "base", "counts"),
    [
        ("=", "45", None, 56, (25,)),
        ("=", "36", None, 56, (20,)),
        ("=", "81", None, 56, ()),
        ("=", "78.5", None, 56, ()),
        ("=", "78.6", None, 56, (44,)),
        ("=", "79", None, 56, (44,)),
        ("=", "37.5", None, 56, (21,)),
        ("=", "28.6", None, 56, (16,)),
        ("=", "60", None, 55, (33,)),
        ("=", "60", None, 66, ()),
        ("=", "95", None, 50, ()),
        ("=", "95", None, 55, (52,)),
        ("=", "78", None, 40, (31,)),
        ("=", "77", None, 40, ()),
        ("=", "67", None, 40, ()),
        ("=", "0", None, 3, (0,)),
        ("=", "100", None, 3, (3,)),
        ("=", "33", None, 3, (1,)),
        ("=", "1", None, 1000, tuple(range(5, 15))),
        ("=", "1.0", None, 1000, (10,)),
        ("<", "90", "2", 27, (24,)),
        ("<", "100/3", "2", 55, (18,)),
        ("<", "25", None, 8, (0, 1)),
        ("<=", "25", None, 8, (0, 1, 2)),
        (">", "25", None, 8, (3, 4, 5, 6, 7, 8)),
        (">=", "25", "13", 8, (2, 3)),
        (">", "80", None, 50, tuple(range(41, 51))),
        ("~", "100/3", "2", 56, (18, 19)),
        ("=", "100/3", None, 3, (1,)),
        ("=", "100/3", None, 56, ()),
        ("=", "50", None, 0, ()),
    ],
)
def test_counts_that_can_give_a_printed_percentage(comparator, text, tolerance, base, counts):
    assert possible_counts(requirement(comparator, text, tolerance), base) == counts


# Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3 (score).
@pytest.mark.parametrize(
    ("count", "base", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_printed_by_newcombe(count, base, low, high):
    found = wilson(Fraction(count, base), base)
    assert found == pytest.approx((low, high), abs=5e-5)


def test_wilson_keeps_width_at_the_ends_and_is_symmetric():
    low, high = wilson(Fraction(1), 10)
    assert high == pytest.approx(1)
    assert low == pytest.approx(1 - 0.2775, abs=5e-5)  # z²/(n + z²) = 3.8415/13.8415
    assert wilson(Fraction(0), 10) == pytest.approx((0, 1 - low))


def test_nearest_count_takes_the_lower_of_two_at_the_same_distance():
    assert nearest(range(3), Fraction(1, 4), 2) == 0
    assert nearest((), Fraction(1, 4), 2) is None


@pytest.mark.parametrize("text", ["", "about 5", "5 %", "1/0", "1/2/3", "1,5", "nan", "."])
def test_text_that_is_not_a_number_is_refused(text):
    with pytest.raises(ValueError):
        parse_number(text)


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [
        ("80.357", 1, "80.4"),
        ("80.35", 1, "80.4"),
        ("-0.04", 1, "0"),
        ("-2.25", 1, "-2.3"),
        ("7", 2, "7"),
        ("0.996", 2, "1"),
    ],
)
def test_numbers_for_people(number, decimals, text):
    assert plain(Fraction(number), decimals) == text


@pytest.mark.slow
def test_the_ledger_is_imported_without_scipy_and_statsmodels():
    import subprocess
    import sys

    code = (
        "import sys, helpers.ledger.ledger as p; "
        "print(sorted({'statsmodels', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
