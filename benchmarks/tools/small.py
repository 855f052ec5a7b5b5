"""How long single estimates take on the project's own survey: every function on every question.

    python small.py FOLDER

FOLDER is a survey folder; prints the median in milliseconds, by function and kind of estimate.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from helpers.codebook.model import Kind, Question
from helpers.errors import InsightsError
from helpers.estimation import change, compare, crosstabs, means, totals
from helpers.estimation.estimates import proportion, worst_case
from helpers.responses.survey import Survey, load_survey

RUNS = 7
BY = "organisation_size"
# These make a table of differences and tests of every item, not an estimate.
TESTS = ("crosstabs.table", "compare.groups", "change.paired", "change.item_tests",
         "change.cochran_q")  # fmt: skip


def calls(question: Question) -> Iterator[tuple[str, Callable[[Survey], Any]]]:
    """Yield every estimate of one question, by name; not all fit every question."""
    q, where = question.id, {BY: "smaller"}
    yield "proportion", lambda s: proportion(s, q)
    yield "proportion, by size", lambda s: proportion(s, q, by=BY)
    yield "proportion, filtered", lambda s: proportion(s, q, where=where)
    yield "proportion, logit interval", lambda s: proportion(s.design(interval="logit"), q)
    yield "proportion, beta interval", lambda s: proportion(s.design(interval="beta"), q)
    yield "worst_case", lambda s: worst_case(s, q)
    yield "mean, by size", lambda s: means.mean(s, q, by=BY)
    yield "net, by size", lambda s: means.net(s, q, by=BY)
    yield "mentions, by size", lambda s: means.mentions(s, q, by=BY)
    yield "total, by size", lambda s: totals.total(s, q, by=BY)
    yield "crosstabs.table", lambda s: crosstabs.table(s, q, BY)
    yield "compare.groups", lambda s: compare.groups(s, q, BY)
    if question.kind is Kind.TIME_GRID:
        first, last = question.times[0], question.times[-1]
        yield "change.paired", lambda s: change.paired(s, q, first, last)
        yield "change.item_tests", lambda s: change.item_tests(s, q, first, last)
        yield "change.cochran_q", lambda s: change.cochran_q(s, q)


def timed(call: Callable[[Survey], Any], survey: Survey) -> float | None:
    """Median milliseconds after a first call; None where the estimate does not fit."""
    try:
        call(survey)
    except InsightsError:
        return None
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        call(survey)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def main() -> None:
    """Time everything; keep for each function its median and slowest question."""
    survey = load_survey(sys.argv[1])
    found: dict[str, dict[str, float]] = {}
    for question in survey.codebook.questions.values():
        for name, call in calls(question):
            milliseconds = timed(call, survey)
            if milliseconds is not None:
                found.setdefault(name, {})[question.id] = milliseconds
    result = {
        name: {
            "questions": len(times),
            "tests": name in TESTS,
            "median_ms": round(statistics.median(times.values()), 2),
            "slowest_ms": round(max(times.values()), 2),
            "slowest_question": max(times, key=lambda q: times[q]),
        }
        for name, times in found.items()
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
