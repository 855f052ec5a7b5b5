"""Intervals at the ends, of small bases and by level; R's svyciprop is in `test_means`."""

import math
import subprocess
import sys

import numpy as np
import pytest

from helpers.errors import InsightsError
from helpers.estimation.intervals import KNOWN, bounded, interval, student
from helpers.responses.sampling import INTERVALS, Sampling


def ends(name, p, effective, n=None, df=None, level=0.95):
    arrays = [np.array(float(x)) for x in (p, effective, n or effective, df or effective - 1)]
    low, high = interval(name, *arrays, level)
    return float(low), float(high)


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("n", [1, 2, 5, 40, 1e7])
@pytest.mark.parametrize("p", [0, 1])
def test_width_at_none_and_all(name, n, p):
    low, high = ends(name, p, n)
    assert low <= p <= high
    assert 0 < high - low <= 1


@pytest.mark.parametrize("name", KNOWN)
def test_inside_zero_and_one_and_wider_with_level(name):
    for n in (2, 7, 60):
        for p in np.linspace(0, 1, 21):
            narrow, wide = ends(name, p, n, level=0.8), ends(name, p, n, level=0.99)
            assert 0 <= wide[0] <= narrow[0] <= p + 1e-12
            assert p - 1e-12 <= narrow[1] <= wide[1] <= 1


def test_clopper_pearson_as_r_and_newcombes_table_have_it():
    # R 4.2.2: round(binom.test(k, n)$conf.int, 4). Newcombe (1998), Statistics in Medicine 17,
    # 857-872, Table I, method 5, has the same as public test suites carry it; the paper was not
    # at hand.
    for k, n, low, high in (
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ):
        found = ends("beta", k / n, n)
        assert (round(found[0], 4), round(found[1], 4)) == (low, high)


def test_none_of_n_by_hand():
    # Clopper and Pearson: nobody of 10, upper end 1 - 0.025^(1/10); logit has none and takes it.
    upper = 1 - 0.025 ** (1 / 10)
    assert ends("beta", 0, 10) == (0, pytest.approx(upper, rel=1e-12))
    assert ends("logit", 0, 10) == ends("beta", 0, 10)
    assert ends("beta", 1, 10) == (pytest.approx(1 - upper, rel=1e-12), 1)


def test_fewer_degrees_of_freedom_widen_beta():
    # Base 40 (t(39) / t(4))² = 40 (2.0226909 / 2.7764451)² = 21.2297: Clopper-Pearson of that.
    assert float(student(0.95, np.array(39.0))) == pytest.approx(2.0226909200367604, rel=1e-10)
    assert float(student(0.95, np.array(4.0))) == pytest.approx(2.7764451051977987, rel=1e-10)
    base = 40 * (2.0226909200367604 / 2.7764451051977987) ** 2
    found = ends("beta", 0, 40, n=40, df=4)
    assert found[1] == pytest.approx(1 - 0.025 ** (1 / base), rel=1e-9)


@pytest.mark.parametrize("name", KNOWN)
def test_everybody_of_the_population_leaves_no_doubt(name):
    assert ends(name, 0.3, math.inf, n=20, df=19) == (0.3, 0.3)
    assert ends(name, 1, math.inf, n=20, df=19) == (1, 1)


@pytest.mark.parametrize("name", KNOWN)
def test_no_base_has_no_interval(name):
    low, high = ends(name, math.nan, math.nan, n=1, df=1)
    assert math.isnan(low) and math.isnan(high)


def test_unknown_intervals_and_levels_are_refused():
    with pytest.raises(InsightsError, match='Did you mean "wilson"') as error:
        Sampling(interval="wilsn")
    assert "wilson, logit, beta" in str(error.value)
    assert tuple(KNOWN) == INTERVALS
    for level in (0, 1, 95, -0.5):
        with pytest.raises(InsightsError, match="between 0 and 1"):
            Sampling(level=level)


def test_a_bounded_mean_is_cut_and_keeps_width():
    def of(mean, se, n):
        arrays = [np.array(float(x)) for x in (mean, se, n, n - 1)]
        return [float(x) for x in bounded(*arrays, (1.0, 5.0), 0.95)]

    assert of(4.9, 0.2, 10)[1] == 5
    for mean in (1, 3, 5):
        low, high = of(mean, 0, 10)
        assert 1 <= low <= mean <= high <= 5
        assert high - low > 0.5


IMPORTS = """
import sys
from importlib import import_module

for name in ("estimates", "means", "totals", "weights", "intervals", "models"):
    import_module(f"helpers.estimation.{name}")
    print([m for m in sys.modules if m.startswith(("statsmodels", "scipy"))])
for name in ("compare", "planning", "change"):
    import_module(f"helpers.estimation.{name}")
    print([m for m in sys.modules if m.startswith(("statsmodels", "scipy.stats"))])
"""


@pytest.mark.slow
def test_importing_costs_neither_statsmodels_nor_scipy_stats():
    """One after another in one process: what none has loaded, none loads alone."""
    ran = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["[]"] * 9
