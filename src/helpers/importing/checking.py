"""A folder checked as everybody will read it, with its faults at their places in the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from helpers.errors import Problem, Problems
from helpers.importing.columns.placing import Placed
from helpers.importing.files.sheets import with_rows
from helpers.responses.survey import check_survey


def check_folder(folder: Path, placed: dict[str, tuple[Placed, int]], problems: Problems) -> None:
    """Check the folder as everybody will read it; say problems at their place in the files."""
    found = Problems()
    check_survey(folder, found)
    known = {(p.file, p.row, p.cell) for p in problems if p.cell}
    named = {f"{name}.{kind}": at for name, at in placed.items() for kind in ("csv", "parquet")}
    said: list[Problem] = []
    for problem in found:
        if problem.file in named:
            sheet, before = named[problem.file]
            problem = sheet.located(problem, before)
        if (problem.file, problem.row, problem.cell) not in known:
            said.append(replace(problem, kind=problem.kind or "codebook"))
    problems.extend(_once_each(said, found.more()))


def _once_each(said: Sequence[Problem], more: Mapping[tuple[str, str], int]) -> Iterator[Problem]:
    """Say the same fault of a column once, in its first row, and in how many rows it is.

    `more` are faults that were not kept, by file and kind: where there are any, a number of rows
    is not known, and the least is said.
    """
    counts = Counter(map(_fault, said))
    first: dict[tuple[object, ...], Problem] = {}
    for problem in said:
        first.setdefault(_fault(problem), problem)
    different = Counter(problem.kind for problem in first.values())
    lacking = Counter[str]()
    for (_, kind), n in more.items():
        lacking[kind or "codebook"] += n
    for fault, problem in first.items():
        n, alone = counts[fault], different[problem.kind] == 1
        message = with_rows(problem.message, n + lacking[problem.kind] * alone)
        if lacking[problem.kind] and not alone and n > 1:
            message = message.replace(f"{n:,} rows", f"{n:,} rows or more")
        yield replace(problem, message=message)


def _fault(problem: Problem) -> tuple[object, ...]:
    """Tell faults apart wherever they are."""
    row = problem.row if problem.found is None else None
    found = problem.found if problem.kind != "duplicate_identifier" else None
    return problem.file, row, problem.column, problem.kind, found, problem.fix
