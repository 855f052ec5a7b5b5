"""A survey folder of any size: 20 questions with five options, weights, two dimensions; seeded.

python people.py 1000000 FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

SEED = 2013
QUESTIONS = tuple(f"q{k:02d}" for k in range(1, 21))
OPTIONS = {"likert": ("1", "2", "3", "4", "5"), "single": ("a", "b", "c", "d", "e")}
TYPES = {"commissioner": 0.25, "provider": 0.4, "frontline": 0.35}
BANDS = {"smaller": 0.6, "larger": 0.4}
UNANSWERED = 0.05


def option_set(question: str) -> str:
    """Set of options of a question: half of them are Likert items."""
    return "likert" if int(question[1:]) % 2 else "single"


def write(respondents: int, folder: Path) -> None:
    """Write codebook and responses; rows are a hash of their number, never held together."""
    import duckdb  # not there where other tools read this module

    for name, text in codebook().items():
        path = folder / "codebook" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "responses").mkdir(exist_ok=True)
    columns = [
        "'p' || lpad(i::VARCHAR, 8, '0') AS id",
        f"0.3 + 1.7 * {chance(101)} * {chance(102)} AS weight",
        f"{drawn(chance(103), TYPES)} AS type",
        f"{drawn(chance(104), BANDS)} AS size",
        *(f"{answer(number, q)} AS {q}" for number, q in enumerate(QUESTIONS)),
    ]
    with duckdb.connect(config={"memory_limit": "1GB"}) as database:
        database.execute(
            f"COPY (SELECT {', '.join(columns)} FROM range({respondents}) AS rows(i)) "
            f"TO '{folder / 'responses' / 'people.parquet'}' (FORMAT parquet)"
        )


def write_csv(folder: Path) -> None:
    """Write the same responses as CSV, for tools that read no Parquet."""
    import duckdb

    path = folder / "responses" / "people.parquet"
    with duckdb.connect(config={"memory_limit": "1GB"}) as database:
        database.execute(
            f"COPY (SELECT * EXCLUDE (id) FROM read_parquet('{path}')) "
            f"TO '{folder / 'people.csv'}' (FORMAT csv, HEADER)"
        )


def codebook() -> dict[str, str]:
    """Files of the codebook."""
    asked = "".join(f"{q},people,single,{q},{q}?,{option_set(q)}\n" for q in QUESTIONS)
    options = "".join(
        f"{name},{code},{code},{n if name == 'likert' else ''}\n"
        for name, codes in OPTIONS.items()
        for n, code in enumerate(codes, 1)
    )
    bands = [f"{{{', '.join(f'{b}: {b}' for b in of)}}}" for of in (TYPES, BANDS)]
    survey = f"""title: Benchmark
provenance: illustrative
populations:
  people: {{label: People, id: id, weight: weight}}
dimensions:
  type: {{bands: {bands[0]}, source: {{people: type}}}}
  size: {{bands: {bands[1]}, source: {{people: size}}}}
"""
    return {
        "survey.yml": survey,
        "questions.csv": f"id,population,kind,label,wording,option_set\n{asked}",
        "options.csv": f"set,code,label,score\n{options}",
    }


def chance(stream: int) -> str:
    """Expression of a number in [0, 1) for every row i."""
    return f"(hash(i * 1000 + {stream} + {SEED} * 100000000000) / 18446744073709551616.0)"


def drawn(number: str, shares: dict[str, float]) -> str:
    """Expression of one of several words in given shares."""
    words = list(shares)
    edges = [round(sum(list(shares.values())[: n + 1]), 6) for n in range(len(words))]
    whens = [f"WHEN {number} < {e} THEN '{w}'" for w, e in zip(words, edges[:-1], strict=False)]
    return f"CASE {' '.join(whens)} ELSE '{words[-1]}' END"


def answer(number: int, question: str) -> str:
    """Expression of an answer, missing now and then, whose shares differ between questions."""
    codes = OPTIONS[option_set(question)]
    parts = [2 + (number + 1) * n % 7 for n in range(1, 6)]
    shares = {c: p / sum(parts) for c, p in zip(codes, parts, strict=True)}
    chosen = drawn(chance(2 * number), shares)
    return f"CASE WHEN {chance(2 * number + 1)} >= {UNANSWERED} THEN {chosen} END"


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
