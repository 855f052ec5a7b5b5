"""The same columns by hand in pandas: weighted shares only, without errors or tests."""

from pathlib import Path
from typing import Any

from report import run  # isort: skip  (its clock starts first)

import pandas as pd

QUESTIONS = [f"q{k:02d}" for k in range(1, 21)]
KEYS = ["weight", "type", "size", *QUESTIONS]


def load(folder: Path) -> pd.DataFrame:
    """Read the file, codes as categories."""
    kinds = {name: "category" for name in KEYS if name != "weight"}
    people = pd.read_csv(folder / "people.csv", dtype=kinds)
    people["both"] = people["type"].astype(str) + " × " + people["size"].astype(str)
    return people.assign(all="Total").astype({"both": "category", "all": "category"})


def estimate(people: pd.DataFrame) -> Any:
    """Share of each answer in every column."""
    parts = []
    for question in QUESTIONS:
        for by in ("all", "type", "size", "both"):
            sums = people.groupby([question, by], observed=True)["weight"].sum().unstack()
            table = (sums / sums.sum()).stack().rename("estimate").reset_index()
            table.columns = pd.Index(["option", "column", "estimate"])
            parts.append(table.assign(question=question))
    return pd.concat(parts)


if __name__ == "__main__":
    run(load, estimate, {"pandas": pd.__version__})
