"""Our own suite: one call for the whole banner, tests and letters included."""

from pathlib import Path
from typing import Any

from report import run  # isort: skip  (its clock starts first)

import helpers as h
from helpers.reports.banner import banner

BY = ["type", "size", ("type", "size")]


def load(folder: Path) -> Any:
    """Read, and check every cell once."""
    return h.load_survey(folder)


def estimate(survey: Any) -> Any:
    """Shares and means of 20 questions in 12 columns."""
    found = banner(survey, by=BY)
    table = found.df[found.df["kind"] != "net"]
    table = table.assign(option=table["option"].where(table["kind"] == "answer", "mean"))
    return table[["question", "option", "column", "estimate", "se"]].assign(tests=len(found.tests))


if __name__ == "__main__":
    run(load, estimate, {})
