"""The responses of a survey: found, read, checked, and held by an engine."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw
import pandas as pd

from helpers.codebook.cells import WORDS
from helpers.codebook.model import Codebook, Population, Provenance, suggest
from helpers.codebook.textfiles import TextTable, read_table
from helpers.errors import InsightsError, Problems
from helpers.responses import engines
from helpers.responses.checking import ResponseReader
from helpers.responses.engines import ROW, Frames, HeldTable
from helpers.responses.recoding import STRATUM, Held, held
from helpers.responses.screening import Screened, screen

FORMATS = ("csv", "parquet")


@dataclass(frozen=True)
class Responses:
    """What one population answered.

    Attributes
    ----------
    held : codes: one row per respondent; response columns hold codes (str), where `not_asked` and
        `not_answered` are spelled out; `_weight`, `_weight_squared` (float), `_stratum` (str), one
        `_band_DIMENSION` (str) per dimension
    lone : strata of a single respondent, if there are several strata
    """

    held: Held
    lone: tuple[str, ...] = ()


def find_responses(root: Path, codebook: Codebook) -> tuple[Path, Provenance]:
    """Folder that holds the responses in use, and where they come from.

    `responses/` where it exists; else `private/` as soon as it holds any file that may be
    responses (then it must hold every population's, under its name); else `illustrative/`.
    """
    if (root / "responses").is_dir():
        return root / "responses", codebook.provenance
    private = root / "private"
    if response_like(private):
        return private, Provenance.PRIVATE
    if (root / "illustrative").is_dir():
        return root / "illustrative", Provenance.ILLUSTRATIVE
    files = ", ".join(f"{p}.csv" for p in codebook.populations)
    raise InsightsError(f"{root} holds no responses. Put {files} into {root / 'responses'}.")


def has_responses(root: Path, codebook: Codebook) -> bool:
    """Return whether a survey folder comes with any responses, be they sound or not."""
    if all(p.table for p in codebook.populations.values()):
        return True
    try:
        find_responses(root, codebook)
    except InsightsError:
        return False
    return True


def response_file(folder: Path, population: str) -> Path | None:
    """Response file of a population (or folder of Parquet files), if there is one."""
    places = (folder / f"{population}.{e}" for e in FORMATS)
    return next((p for p in places if p.is_file() or (p.is_dir() and p.suffix == ".parquet")), None)


def read_responses(
    codebook: Codebook,
    folder: Path,
    problems: Problems,
    engine: str | None = None,
    tables: Frames | None = None,
) -> dict[str, Responses]:
    """Read and check the responses of every population.

    Parameters
    ----------
    engine
        `pandas`, `duckdb` or `spark`; by default pandas, DuckDB for large Parquet files, and
        Spark for tables that survey.yml names.
    tables
        Tables that are open already, per population, instead of files.

    Returns
    -------
    Responses per population. What is wrong is added to `problems`; they are sound only if nothing
    was added.
    """
    engines.check_engine(engine)
    _report_strays(codebook, folder, problems, tables or {})
    found: dict[str, TextTable | HeldTable] = {}
    for name, population in codebook.populations.items():
        table = _table_of(population, folder, problems, engine, tables or {})
        if table is not None:
            found[name] = table
    screened = {
        name: _screened(t, codebook, codebook.populations[name]) if isinstance(t, HeldTable) else t
        for name, t in found.items()
    }
    read = {name: t for name, t in screened.items() if t is not None}
    spelled = _spelled_out(codebook, read, problems)
    done = {
        name: _responses(
            codebook, codebook.populations[name], t, found[name], spelled, engine, problems
        )
        for name, t in read.items()
    }
    return {name: responses for name, responses in done.items() if responses is not None}


def response_like(folder: Path) -> list[Path]:
    """Files of a responses folder that may be meant as responses: all but notes and hidden ones."""
    if not folder.is_dir():
        return []
    return sorted(
        p
        for p in folder.iterdir()
        if not p.name.startswith(".")
        and (p.suffix == ".parquet" if p.is_dir() else p.suffix not in (".md", ".yml"))
    )


def _report_strays(codebook: Codebook, folder: Path, problems: Problems, tables: Frames) -> None:
    for name in tables:
        if name not in codebook.populations:
            raise InsightsError(
                f'There is no population "{name}" to give a table for. '
                f"{suggest(name, codebook.populations, 'population')}"
            )
    elsewhere = {name for name, p in codebook.populations.items() if p.table or name in tables}
    if len(elsewhere) == len(codebook.populations):
        return
    wanted = [f"{population}.csv" for population in codebook.populations]
    known = {*wanted, *(f"{population}.parquet" for population in codebook.populations)}
    for path in response_like(folder):
        if path.name not in known:
            problems.add(
                path.name,
                message=f"this file in {folder.name}/ belongs to no population",
                allowed=wanted,
                fix="Rename it to one of these, or move it elsewhere.",
                kind="stray_file",
            )


def _spelled_out(codebook: Codebook, tables: dict[str, TextTable], problems: Problems) -> bool:
    """Return whether missing answers are written as words, so that a blank cell is a fault.

    Where far more cells are blank than spelled out, the words are the fault: they are reported
    once, with the place of the first.
    """
    words: list[tuple[str, int, str, str]] = []
    spelled = blanks = 0
    for population, table in tables.items():
        for column, cell, n, row in _missing(codebook, population, table):
            blanks += 0 if cell else n
            if cell:
                spelled += n
                words.append((table.name, row, column, cell))
    if blanks > spelled > 0:
        name, number, column, word = min(words)
        problems.add(
            name,
            number,
            column,
            found=word,
            message=f"{spelled:,} cells write out missing answers but {blanks:,} are blank",
            fix="Use one form throughout: blank cells, or not_answered and not_asked.",
            kind="mixed_missing",
        )
    return spelled > 0 and blanks <= spelled


def _missing(
    codebook: Codebook, population: str, table: TextTable
) -> Iterable[tuple[str, str, int, int]]:
    """Blank and spelled-out cells of response columns: column, cell, how many, row."""
    if isinstance(table, Screened):
        yield from table.missing
        return
    asked = {c for c, question in codebook.owners.items() if question.population == population}
    for column in asked & set(table.header):
        for number, cell in zip(table.numbers, table.column(column), strict=True):
            if not cell or cell in WORDS:
                yield column, cell, 1, number


def _table_of(
    population: Population,
    folder: Path,
    problems: Problems,
    engine: str | None,
    tables: Frames,
) -> TextTable | HeldTable | None:
    """Text of a file, or a table as an engine holds it."""
    if population.id in tables:
        return engines.hold(tables[population.id], population.id)
    if population.table:
        return engines.open_spark_table(population.table)
    path = response_file(folder, population.id)
    if path is None:
        problems.add(
            f"{population.id}.csv",
            message="the file is missing",
            fix=f"Put one file for each population into {folder.name}/.",
            kind="missing_file",
        )
        return None
    if path.suffix == ".csv":
        return read_table(path, problems)
    return _parquet(path, problems, engine)


def _parquet(path: Path, problems: Problems, engine: str | None) -> HeldTable | None:
    import duckdb

    try:
        return engines.open_parquet(path, engine)
    except duckdb.Error as error:
        problems.add(path.name, message=f"not a Parquet file ({str(error).splitlines()[0]})")
        return None


def _screened(source: HeldTable, codebook: Codebook, population: Population) -> TextTable | None:
    """Fetch what is to be checked: a whole table from memory, or those who represent it."""
    if engines.engine_of(source.table) != "pandas":
        return screen(source, codebook, population)
    text = source.table
    names = engines.columns_of(text)
    rows = tuple(zip(*(text[n].tolist() for n in names), strict=True)) if names else ()
    return TextTable(source.name, tuple(names), rows, tuple(text[ROW].tolist()))


def _responses(
    codebook: Codebook,
    population: Population,
    table: TextTable,
    source: TextTable | HeldTable,
    spelled_out: bool,
    engine: str | None,
    problems: Problems,
) -> Responses | None:
    numbered = not isinstance(source, HeldTable) or source.numbered
    before = len(problems)
    frame = ResponseReader(codebook, population, table, spelled_out, problems, numbered).frame()
    if isinstance(table, Screened):
        assert isinstance(source, HeldTable)
        if len(problems) > before:
            return None
        there = held(source, codebook, population)
        lone = _lone(there)
        if engine == "pandas":
            there = Held(there.in_memory(), {})
        return Responses(there.known(source.digest), lone)
    digest = source.digest if isinstance(source, HeldTable) else _digest(frame)
    sizes = Counter(frame[STRATUM].tolist())
    alone = tuple(sorted(s for s, n in sizes.items() if n == 1)) if len(sizes) > 1 else ()
    return Responses(Held.of_codes(frame, engine).known(digest), alone)


def _lone(there: Held) -> tuple[str, ...]:
    sizes = engines.collected(
        nw.from_native(there.over(())).group_by(STRATUM).agg(nw.len().alias("n"))
    )
    return tuple(sorted(sizes[STRATUM][sizes["n"] == 1])) if len(sizes) > 1 else ()


def _digest(frame: pd.DataFrame) -> bytes:
    digest = hashlib.sha256(f"{len(frame)}\x1e".encode())
    for column in sorted(c for c in frame.columns if not c.startswith("_")):
        cells = "\x1f".join(frame[column].tolist())
        digest.update(f"{column}\x1d{cells}\x1e".encode())
    return digest.digest()
