"""The Parquet files that tests/importing/test_more_files.py reads, and what pandas counts in them.

Run in this folder, with pandas 3.1, pyarrow 26 and polars 2.1: python make.py
"""

import datetime
import decimal

import pandas as pd
import polars as pl

OFTEN = ["Every day", "Now and then", "On holidays", "In my dreams"]
frame = pd.DataFrame(
    {
        "often": pd.Categorical(["Now and then", "Every day", None, "On holidays"] * 10, OFTEN),
        "size": pd.Categorical(["Dwarf", "Giant"] * 20, ["Giant", "Human", "Dwarf"], ordered=True),
        "town": pd.Categorical(["Zürich", "Aarau", "Bern", "Aarau"] * 10),
        "owns": pd.array([True, False, None, True] * 10, dtype="boolean"),
        "day": [datetime.date(2026, 1, 1 + n) for n in range(4)] * 10,
        "sent": pd.to_datetime([f"2026-06-01 {9 + n:02d}:30:00" for n in range(4)] * 10),
        "price": [decimal.Decimal("1.50"), decimal.Decimal("2.25")] * 20,
        "age": [20.5, None, *map(float, range(31, 69))],
        "why": [f"because of {n}" for n in range(1, 41)],
        "list": [["a", "b"], ["a"], [], None] * 10,
    },
    index=pd.Index([f"r{n}" for n in range(101, 141)], name="respondent_id"),
)
told = ["often", "size", "town", "owns", "day", "sent"]
rows = [
    (name, str(value).upper() if name == "owns" else str(value), n)
    for name in told
    for value, n in frame[name].value_counts().sort_index().items()
    if n
]
rows += [("age", "sum", frame["age"].sum()), ("price", "sum", float(frame["price"].sum()))]
pd.DataFrame(rows, columns=["column", "value", "n"]).to_csv("counts.csv", index=False)
frame.to_parquet("pandas.parquet")
frame[["often", "size"]].to_parquet("zstd.parquet", compression="zstd")
few = {"size": pl.Series(["Dwarf", "Giant"] * 20, dtype=pl.Enum(["Giant", "Human", "Dwarf"]))}
pl.DataFrame(few | {"town": pl.Series(["B", "A"] * 20, dtype=pl.Categorical)}).write_parquet(
    "polars.parquet"
)
