"""Hand-written DuckDB SQL on the Parquet file, in several forms: the floor.

python run_sql.py FOLDER TABLE each|sets|pairs|unpivot
"""

import sys
from pathlib import Path
from typing import Any

from report import KEYS, estimates, run  # isort: skip  (its clock starts first)

import duckdb
import pandas as pd
from people import QUESTIONS

SUMS = "count(*) AS n, sum(weight) AS sum_w, sum(weight * weight) AS sum_w2"


def load(folder: Path) -> tuple[Any, str]:
    """Open a database; the file is read by each query."""
    return duckdb.connect(), f"read_parquet('{folder / 'responses' / 'people.parquet'}')"


def each(people: str) -> list[str]:
    """One query a question."""
    return [
        f"SELECT '{q}' AS question, {q} AS option, type, size, {SUMS} FROM {people} GROUP BY ALL"
        for q in QUESTIONS
    ]


def sets(people: str) -> list[str]:
    """One query with a grouping set a question."""
    return [grouped(people, QUESTIONS, SUMS)]


def pairs(people: str) -> list[str]:
    """Two questions a query: their joint table first, then both margins of it."""
    queries = []
    for one, two in zip(QUESTIONS[::2], QUESTIONS[1::2], strict=True):
        joint = f"SELECT {one}, {two}, type, size, {SUMS} FROM {people} GROUP BY ALL"
        again = "sum(n) AS n, sum(sum_w) AS sum_w, sum(sum_w2) AS sum_w2"
        margins = grouped("joint", (one, two), again)
        queries.append(f"WITH joint AS MATERIALIZED ({joint}) {margins}")
    return queries


def grouped(table: str, questions: tuple[str, ...], sums: str) -> str:
    """Write a query with a grouping set a question."""
    by = ", ".join(f"({q}, type, size)" for q in questions)
    # grouping() is 0 for a column that a row's set is made of
    which = " ".join(f"WHEN grouping({q}) = 0 THEN '{q}'" for q in questions)
    option = " ".join(f"WHEN grouping({q}) = 0 THEN {q}" for q in questions)
    return (
        f"SELECT CASE {which} END AS question, CASE {option} END AS option, type, size, {sums} "
        f"FROM {table} GROUP BY GROUPING SETS ({by})"
    )


def unpivot(people: str) -> list[str]:
    """One long table of answers, grouped once."""
    names = ", ".join(QUESTIONS)
    return [
        f"SELECT question, option, type, size, {SUMS} FROM (UNPIVOT (SELECT weight, type, size, "
        f"{names} FROM {people}) ON {names} INTO NAME question VALUE option) GROUP BY ALL"
    ]


FORMS = {"each": each, "sets": sets, "pairs": pairs, "unpivot": unpivot}


def estimate(opened: tuple[Any, str]) -> Any:
    """Run the queries and the arithmetic."""
    database, people = opened
    found: dict[str, list[Any]] = {name: [] for name in (*KEYS, "sum_w", "sum_w2")}
    for query in FORMS[sys.argv[3]](people):
        for row in database.execute(query).fetchall():
            for name, value in zip(found, (*row[:4], *row[5:]), strict=True):
                found[name].append(value)
    respondents = database.execute(f"SELECT count(*) FROM {people}").fetchone()[0]
    sums = pd.DataFrame(found)
    return estimates(sums[sums["option"].notna()], respondents)


if __name__ == "__main__":
    run(load, estimate, {"duckdb": duckdb.__version__})
