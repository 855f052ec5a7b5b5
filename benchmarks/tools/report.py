"""What the tools of the benchmark share: the arithmetic on sums, and how they report."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BORN = time.perf_counter()
KEYS = ["question", "option", "type", "size"]
COLUMNS = [*KEYS, "estimate", "se", "ci_low", "ci_high"]
Z = 1.959963984540054


def estimates(sums: Any, respondents: int) -> Any:
    """Weighted shares with standard errors and Wilson's interval on the effective base.

    Parameters
    ----------
    sums : pandas frame of `KEYS`, `sum_w` and `sum_w2`, of those who answered
    respondents : all in the sample, as domains keep the whole design
    """
    whole = sums.groupby(["question", "type", "size"], sort=False)[["sum_w", "sum_w2"]]
    whole = whole.transform("sum")
    w, w2 = whole["sum_w"].to_numpy(), whole["sum_w2"].to_numpy()
    p = sums["sum_w"].to_numpy() / w
    squares = sums["sum_w2"].to_numpy() * (1 - 2 * p) + p**2 * w2
    variance = squares / w**2 * respondents / (respondents - 1)
    low, high = wilson(p, variance)
    return sums.assign(estimate=p, se=variance**0.5, ci_low=low, ci_high=high)[COLUMNS]


def wilson(p: Any, variance: Any) -> tuple[Any, Any]:
    """Wilson's interval; the effective base is p(1 - p) over the variance."""
    n = p * (1 - p) / variance
    centre = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * (p * (1 - p) / n + Z**2 / (4 * n**2)) ** 0.5 / (1 + Z**2 / n)
    return centre - half, centre + half


def run(
    load: Callable[[Path], Any], estimate: Callable[[Any], Any], versions: dict[str, str]
) -> None:
    """Load the survey folder and estimate everything, each timed; write table and times.

    Arguments of the process are the survey folder and where to write the table.
    """
    folder, table = Path(sys.argv[1]), Path(sys.argv[2])
    started = time.perf_counter()
    data = load(folder)
    loaded, used = time.perf_counter(), time.process_time()
    found = estimate(data)
    done, spent = time.perf_counter(), time.process_time()
    write = getattr(found, "write_csv", None)
    if write:
        write(table)
    else:
        found.to_csv(table, index=False)
    times = {
        "import_s": started - BORN,
        "load_s": loaded - started,
        "estimate_s": done - loaded,
        "estimate_cpu_s": spent - used,
        "versions": versions,
    }
    print(json.dumps(times))
