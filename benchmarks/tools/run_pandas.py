"""Plain pandas: a group-by a question, and the arithmetic by hand."""

from pathlib import Path
from typing import Any

from report import KEYS, estimates, run  # isort: skip  (its clock starts first)

import pandas as pd
import pyarrow
from people import QUESTIONS


def load(folder: Path) -> pd.DataFrame:
    """Read the Parquet file, without identifiers."""
    columns = ["weight", "type", "size", *QUESTIONS]
    return pd.read_parquet(folder / "responses" / "people.parquet", columns=columns)


def estimate(people: pd.DataFrame) -> Any:
    """Sum weights per question, option, type and size."""
    people["squared"] = people["weight"] ** 2
    tables = []
    for question in QUESTIONS:
        groups = people.groupby([question, "type", "size"])[["weight", "squared"]].sum()
        table = groups.reset_index()
        table.insert(0, "question", question)
        table.columns = [*KEYS, "sum_w", "sum_w2"]
        tables.append(table)
    return estimates(pd.concat(tables, ignore_index=True), len(people))


if __name__ == "__main__":
    run(load, estimate, {"pandas": pd.__version__, "pyarrow": pyarrow.__version__})
