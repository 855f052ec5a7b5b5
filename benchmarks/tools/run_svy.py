"""The svy package: one call a question."""

from pathlib import Path
from typing import Any

from report import COLUMNS, run  # isort: skip  (its clock starts first)

import polars as pl
import svy
from people import QUESTIONS


def load(folder: Path) -> Any:
    """Read the Parquet file, without identifiers, and declare the design."""
    columns = ["weight", "type", "size", *QUESTIONS]
    people = pl.read_parquet(folder / "responses" / "people.parquet", columns=columns)
    return svy.Sample(data=people, design=svy.Design(wgt="weight"))


def estimate(sample: Any) -> pl.DataFrame:
    """Shares by type and size, of those who answered."""
    tables = []
    for question in QUESTIONS:
        found = sample.estimation.prop(
            y=question, by=("type", "size"), ci_method="wilson", drop_nulls=True
        )
        names = {question: "option", "est": "estimate", "lci": "ci_low", "uci": "ci_high"}
        table = found.to_polars().rename(names)
        tables.append(table.with_columns(question=pl.lit(question)).select(*COLUMNS, "df"))
        print("question", flush=True)
    return pl.concat(tables)


if __name__ == "__main__":
    run(load, estimate, {"svy": svy.__version__, "polars": pl.__version__})
