"""What holds the responses: pandas in memory, DuckDB over Parquet, or Spark on a cluster."""

from __future__ import annotations

import atexit
import hashlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import narwhals as nw
import numpy as np
import pandas as pd

from helpers.codebook import cells
from helpers.codebook.model import suggest
from helpers.errors import InsightsError

ENGINES = ("pandas", "duckdb", "spark")
IN_MEMORY = 100_000  # respondents up to which a Parquet file is read into memory unasked,
CELLS = 20_000_000  # and cells
ROW = "__row"
DOT = "\ue000"  # stands for the point in names: to Spark a point means a field of a column
_ASCII_BLANKS = "".join(filter(str.isascii, cells.BLANKS))
_TOP, _FEW = 5_000, 500  # rows looked at first, and distinct cells that make a column one of codes
_AT_ONCE = 50  # columns that are counted together
_NEEDED = (
    "bool_or({0} <> '' AND ({0} < '!' OR {0}[-1] < '!')), "
    "bool_or(strlen({0}) <> length({0}) OR contains({0}, chr(13)))"
)
_EXACT = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_WIDE = ("UBIGINT", "HUGEINT", "UHUGEINT")
_EXACT_BY_SPARK = ("tinyint", "smallint", "int", "bigint")
_DEBUGGING = "spark.python.sql.dataFrameDebugging.enabled"

Frames: TypeAlias = Mapping[str, Any]  # a table for a population, of any engine


@dataclass(frozen=True)
class HeldTable:
    """A table of responses as it is held.

    Attributes
    ----------
    name : what problems call it
    table : clean text (see `cells`) as a pandas frame; or as a DuckDB relation or Spark DataFrame,
        whose names are `held_name`; with the column `ROW` besides
    digest : changes with any answer
    numbered : whether `ROW` is the row that a reader would count (of a cluster's table it is not)
    narrow : makes the same table of some columns only; None where the whole one costs no more
    """

    name: str
    table: Any
    digest: bytes
    numbered: bool = True
    narrow: Callable[[Collection[str]], Any] | None = None


def are_many(rows: int, columns: int) -> bool:
    """Return whether responses are so many that they stay on disk."""
    return rows > IN_MEMORY or rows * columns > CELLS


def held_name(name: str) -> str:
    """Name of a column where an engine holds it."""
    return name.replace(".", DOT)


def codebook_name(name: str) -> str:
    """Name of a column as the codebook knows it."""
    return name.replace(DOT, ".")


def check_engine(engine: str | None) -> None:
    """Raise `InsightsError` for an engine that is not known or not installed."""
    if engine is not None and engine not in ENGINES:
        raise InsightsError(
            f'There is no engine "{engine}". {suggest(str(engine), ENGINES, "engine")}'
        )
    if engine == "spark" and importlib.util.find_spec("pyspark") is None:
        raise InsightsError(
            "Spark is not installed: install the package with its extra, "
            "commissioning-insights[spark], and Java 17 or newer."
        )


def parquet_parts(path: Path) -> list[Path]:
    """Files of a Parquet table: itself, or in a folder as Spark writes it, its parts in order."""
    if path.is_file():
        return [path]
    parts = (p for p in path.rglob("*.parquet") if p.is_file())
    return sorted(p for p in parts if not p.name.startswith((".", "_")))


def open_parquet(path: Path, engine: str | None) -> HeldTable:
    """Open a Parquet file or folder; without an engine, large ones stay out of memory.

    Raises
    ------
    duckdb.Error
        If it is not Parquet.
    """
    parts = parquet_parts(path)
    if not parts:
        raise InsightsError(f"{path.name} is a folder without Parquet files.")
    digest = _digest_of_files(parts)
    if engine == "spark":
        read = spark_session().read.parquet(*map(str, parts))
        return HeldTable(path.name, _text_table(_numbered_by_spark(read)), digest, numbered=False)
    source = _Files(tuple(map(str, parts)))
    if not are_many(source.rows, len(source.kinds)) and engine != "duckdb":
        # Every cell is checked in memory.
        return HeldTable(path.name, source.text().df(), digest)
    return HeldTable(path.name, source.text(name=held_name), digest, narrow=source.narrow)


class _Files:
    """Parquet files, of which DuckDB is asked only for the columns that are wanted.

    It takes long to begin with all of a wide table, whatever is then read of it.
    """

    def __init__(self, files: Sequence[str]) -> None:
        listed = ", ".join(map(quoted_text, files))
        # Its own numbers let a scan of one file skip what is not asked for.
        self.row = "file_row_number + 2" if len(files) == 1 else "row_number() OVER () + 1"
        own = ", file_row_number = true" if len(files) == 1 else ""
        self.place = f"read_parquet([{listed}], binary_as_string = true{own})"
        table = _connection().read_parquet([*files], binary_as_string=True)
        self.kinds = dict(zip(table.columns, map(str, table.types), strict=True))
        self.rows = int(self.ask("SELECT count(*) FROM {}")[0][0])

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query that has {} for the files."""
        return _connection().execute(query.format(self.place)).fetchall()

    @cached_property
    def needs(self) -> dict[str, _Cleaning]:
        """What has to be done to the cells of each column of text."""
        return _cleaning_needed(self.ask, [n for n, of in self.kinds.items() if of == "VARCHAR"])

    def text(self, names: Collection[str] | None = None, name: Callable[[str], str] = str) -> Any:
        """Make the table of clean text of some columns, or of all, under other names."""
        some = self.kinds if names is None else {n: self.kinds[n] for n in names}
        chosen = ", ".join((*_in_text(some, self.needs, name), f'{self.row} AS "{ROW}"'))
        return _connection().sql(f"SELECT {chosen} FROM {self.place}")

    def narrow(self, names: Collection[str]) -> Any:
        """Make the table as it is held, of some of its columns."""
        return self.text([n for n in self.kinds if held_name(n) in names], held_name)


def open_spark_table(name: str) -> HeldTable:
    """Open a table that the Spark session knows by name."""
    check_engine("spark")
    try:
        return hold(spark_session().table(name), name)
    except Exception as error:
        if type(error).__module__.startswith("pyspark"):
            said = str(error).splitlines()[0]
            raise InsightsError(f"Spark cannot open the table {name} ({said}).") from error
        raise


def hold(table: Any, name: str) -> HeldTable:
    """Take a table that is open already, of any kind that can be held.

    Raises
    ------
    InsightsError
        If it is neither a pandas frame nor a DuckDB relation nor a Spark DataFrame.
    """
    kind = engine_of(table)
    if kind == "pandas":
        numbered = _text_table(table.assign(**{ROW: range(2, len(table) + 2)}))
        return HeldTable(name, numbered, digest_of(numbered))
    digest = digest_of(table)
    if kind == "spark":
        return HeldTable(name, _text_table(_numbered_by_spark(table)), digest, numbered=False)
    numbered = table.project(f'*, row_number() OVER () + 1 AS "{ROW}"')
    return HeldTable(name, _text_table(renamed(numbered, held_name)), digest)


def digest_of(table: Any) -> bytes:
    """Digest of names and cells of a table, of which engines do not keep rows in order."""
    kind = engine_of(table)
    if kind == "pandas":
        hashes = pd.util.hash_pandas_object(table, index=False)
        return _digested(table.columns, hashes.to_numpy().tobytes())
    if kind == "spark":
        return _digested(table.columns, _content_by_spark(table))
    row = f"hash(({', '.join(map(quoted, table.columns))}))"
    found = table.aggregate(f"count(*), sum({row}::HUGEINT), bit_xor({row})").fetchall()[0]
    return _digested(table.columns, repr(found).encode())


def engine_of(table: Any) -> str:
    """Name of the engine that holds a table."""
    implementation = None
    with suppress(TypeError):
        implementation = nw.from_native(table).implementation
    if implementation is nw.Implementation.PANDAS:
        return "pandas"
    if implementation is nw.Implementation.DUCKDB:
        return "duckdb"
    if implementation in (nw.Implementation.PYSPARK, nw.Implementation.PYSPARK_CONNECT):
        return "spark"
    raise InsightsError(
        f"Responses cannot be held as {type(table).__module__}.{type(table).__name__}: give a "
        "pandas frame, a DuckDB relation or a Spark DataFrame."
    )


def held_by(frame: pd.DataFrame, engine: str | None) -> Any:
    """Hand a frame in memory over to another engine."""
    if engine == "duckdb":
        return _connection().from_df(frame)
    if engine == "spark":
        rows = frame.astype(object).to_numpy().tolist()
        kinds = ", ".join(
            f"{_ticked(c)} {'double' if pd.api.types.is_float_dtype(t) else 'string'}"
            for c, t in frame.dtypes.items()
        )
        return spark_session().createDataFrame(rows, kinds)
    return frame


def renamed(table: Any, name: Callable[[str], str]) -> Any:
    """Give the columns of a table that an engine holds other names."""
    names = [name(column) for column in table.columns]
    if engine_of(table) == "spark":
        return table.toDF(*names)
    columns = (f"{quoted(c)} AS {quoted(n)}" for c, n in zip(table.columns, names, strict=True))
    return table.project(", ".join(columns))


def quoted(name: str) -> str:
    """Name of a column in DuckDB's SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """Text in DuckDB's SQL."""
    return "'" + text.replace("'", "''") + "'"


def _ticked(name: str) -> str:
    """Name of a column in Spark's SQL."""
    return "`" + name.replace("`", "``") + "`"


def number_twin(name: str) -> str:
    """Name of the column beside a text column that was exact numbers before."""
    return f"\ue001{name}"


def columns_of(table: Any) -> list[str]:
    """Columns of a table of clean text, as it is held: no row numbers, no twins of numbers."""
    return [n for n in table.columns if n != ROW and not n.startswith(number_twin(""))]


def _text_table(table: Any) -> Any:
    """Table of clean text, as `cells.text` makes it, with empty cells where any are missing.

    Beside columns that are exact as floats are their numbers, `number_twin`: missing where they
    are not finite. Nothing is computed that is not asked for.
    """
    kind = engine_of(table)
    if kind == "pandas":
        columns = [n for n in table.columns if n != ROW]
        return pd.DataFrame({n: _text_in_memory(table[n]) for n in columns} | {ROW: table[ROW]})
    if kind == "spark":
        return _text_by_spark(table)
    kinds = dict(zip(table.columns, map(str, table.types), strict=True))

    def ask(query: str) -> list[tuple[Any, ...]]:
        return table.query("held", query.format("held")).fetchall()

    needs = _cleaning_needed(ask, [n for n, of in kinds.items() if of == "VARCHAR"])
    row = [quoted(ROW)] if kinds.pop(ROW, None) else []
    return table.project(", ".join((*_in_text(kinds, needs), *row)))


def _in_text(
    kinds: Mapping[str, str], needs: Mapping[str, _Cleaning], name: Callable[[str], str] = str
) -> Iterator[str]:
    """Yield expressions of clean text for DuckDB, and of the numbers beside."""
    for column, of in kinds.items():
        cell, new = quoted(column), name(column)
        # `concat` takes missing cells for empty ones and leaves dictionaries as they are.
        written = _text_in_sql(cell, of, needs.get(column, _Cleaning()))
        yield f"concat({written}, '') AS {quoted(new)}"
        if of in ("DOUBLE", *_EXACT):
            finite = f"CASE WHEN isfinite({cell}::DOUBLE) THEN {cell}::DOUBLE END"
            yield f"{finite} AS {quoted(number_twin(new))}"


class _Cleaning(NamedTuple):
    """What has to be done to the cells of a column: most need nothing, and cleaning takes long."""

    trim: bool = True
    other: bool = True  # beyond ASCII, or carriage returns


def _cleaning_needed(
    ask: Callable[[str], list[tuple[Any, ...]]], names: Sequence[str]
) -> dict[str, _Cleaning]:
    """Look once at every text column that DuckDB holds, where it can be at its distinct cells.

    `ask` gives the rows of a query that has {} for the table.
    """
    needed: dict[str, _Cleaning] = {}
    for at in range(0, len(names), _AT_ONCE):
        some = [
            quoted(name).replace("{", "{{").replace("}", "}}") for name in names[at : at + _AT_ONCE]
        ]
        top = f"(SELECT {', '.join(some)} FROM {{}} LIMIT {_TOP})"
        rows, *distinct = ask(
            f"SELECT count(*), {', '.join(f'count(DISTINCT {n})' for n in some)} FROM {top}"
        )[0]
        few = [rows == _TOP and found < _FEW for found in distinct]
        parts = [
            f"SELECT {_NEEDED.format('x')} FROM (SELECT DISTINCT {n} AS x FROM {{}})"
            if one
            else f"SELECT {_NEEDED.format(n)} FROM {{}}"
            for n, one in zip(some, few, strict=True)
        ]
        found = [row for part in parts for row in ask(part)]
        needed |= {
            name: _Cleaning(*map(bool, row))
            for name, row in zip(names[at : at + _AT_ONCE], found, strict=True)
        }
    return needed


def _text_in_memory(column: pd.Series) -> pd.Series:
    places, values = pd.factorize(column)
    if pd.api.types.is_float_dtype(column):
        values = np.asarray(values)  # in the precision in which they are held
    known = pd.array([*map(cells.text, values), ""], dtype="str")
    return pd.Series(known.take(places), index=column.index)


def _text_in_sql(cell: str, kind: str, needed: _Cleaning) -> str:
    """Expression for DuckDB of a cell as `cells.text` writes it."""
    as_text = f"{cell}::VARCHAR"
    if kind == "BOOLEAN":
        return f"{cell}::INTEGER::VARCHAR"
    if kind in ("DOUBLE", "FLOAT"):
        whole = f"{cell} = floor({cell}) AND abs({cell}) < {cells.WHOLE:.0f}"
        return (
            f"CASE WHEN {whole} THEN {cell}::BIGINT::VARCHAR "
            f"WHEN NOT isnan({cell}) THEN {as_text} END"
        )
    if kind.startswith("DECIMAL") and not kind.endswith(",0)"):
        return f"rtrim(rtrim({as_text}, '0'), '.')"
    if kind.startswith("DECIMAL") or kind in (*_EXACT, *_WIDE):
        return as_text
    if not needed.other:
        return f"trim({cell}, '{_ASCII_BLANKS}')" if needed.trim else cell
    seen = as_text
    for pattern, put in cells.CLEANING:
        seen = f"regexp_replace({seen}, '{pattern}', '{put}', 'g')"
    return f"trim(nfc_normalize({seen}), '{cells.BLANKS}')"


def _text_by_spark(table: Any) -> Any:
    found = []
    for name, of in table.dtypes:
        cell = _ticked(name)
        if name == ROW:
            found.append(cell)
            continue
        found.append(f"coalesce({_text_for_spark(cell, of)}, '') AS {cell}")
        if of in ("double", *_EXACT_BY_SPARK):
            finite = f"CASE WHEN abs({cell}) < double('inf') THEN double({cell}) END"
            found.append(f"{finite} AS {_ticked(number_twin(name))}")
    return table.selectExpr(*found)  # one call: each goes to another process and back


def _text_for_spark(cell: str, kind: str) -> str:
    """Expression for Spark of a cell as `cells.text` writes it."""
    text = f"string({cell})"
    if kind == "boolean":
        return f"string(int({cell}))"
    if kind in ("double", "float"):
        written = rf"regexp_replace(regexp_replace({text}, r'\.0E', 'E'), 'E(?=[0-9])', 'E+')"
        written = f"lower(regexp_replace({written}, 'E([+-])([0-9])$', r'E$10$2'))"
        without = rf"regexp_replace(string(cast({text} AS decimal(38, 21))), r'\.?0+$', '')"
        return (
            f"CASE WHEN isnan({cell}) THEN '' "
            f"WHEN abs({cell}) = double('inf') THEN if({cell} > 0, 'inf', '-inf') "
            f"WHEN abs({cell}) < {cells.WHOLE:.0f}D AND {cell} = floor({cell}) "
            f"THEN string(bigint({cell})) "
            f"WHEN abs({cell}) >= 1e-4D AND abs({cell}) < 1e16D THEN {without} "
            f"ELSE {written} END"
        )
    if kind.startswith("decimal"):
        return text if kind.endswith(",0)") else rf"regexp_replace({text}, r'\.?0+$', '')"
    if kind in _EXACT_BY_SPARK:
        return text
    seen = text
    for pattern, put in cells.CLEANING:
        seen = f"regexp_replace({seen}, r'{pattern}', r'{put.replace(chr(92), '$')}')"
    composed = f"reflect('com.ibm.icu.text.Normalizer', 'compose', {seen}, false)"  # Spark has it
    return (
        rf"CASE WHEN {text} RLIKE r'[^\x00-\x7f]|\r' THEN btrim({composed}, '{cells.BLANKS}') "
        f"ELSE btrim({text}, '{_ASCII_BLANKS}') END"
    )


def spark_session() -> Any:
    """Spark session in use, else a new one as this machine is configured."""
    check_engine("spark")
    from pyspark.sql import SparkSession

    known = SparkSession.getActiveSession()
    # Debugging asks the cluster's driver several times for each part of an expression.
    return known or SparkSession.builder.config(_DEBUGGING, "false").getOrCreate()


def collected(frame: Any) -> pd.DataFrame:
    """Fetch a narwhals frame, whatever holds it, into pandas."""
    if not isinstance(frame, nw.LazyFrame):
        return frame.to_pandas()
    if engine_of(frame.to_native()) == "spark":  # its own way to pandas asks for pyarrow
        native = frame.to_native()
        return pd.DataFrame([tuple(row) for row in native.collect()], columns=native.columns)
    return frame.collect("pandas").to_pandas()


def in_memory(table: Any) -> pd.DataFrame:
    """Fetch a table column by column into pandas, equal cells of a column as one object.

    DuckDB makes the table once: asked again, it may give the rows in another order.
    """
    if engine_of(table) == "spark":  # nor does a cluster keep them in order
        table = collected(nw.from_native(table))
    elif engine_of(table) == "duckdb":
        table = renamed(table, held_name).materialize()
    frame = nw.from_native(table)
    columns = {}
    for name, kind in frame.collect_schema().items():
        column = collected(frame.select(name))[name]
        columns[codebook_name(name)] = column
        if kind == nw.String:
            places, cells = pd.factorize(column)
            columns[codebook_name(name)] = pd.Series(pd.array(cells, dtype="str").take(places))
    return pd.DataFrame(columns)


@cache
def _connection() -> Any:
    """One DuckDB database in memory, which spills what is too large into a folder of its own."""
    import duckdb

    threads = os.cpu_count() or 1
    place = tempfile.mkdtemp(prefix="insights-duckdb-")  # for its owner's eyes only
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return duckdb.connect(
        config={"memory_limit": f"{256 + 64 * threads}MB", "temp_directory": place}
    )


def _digest_of_files(parts: Sequence[Path]) -> bytes:
    whole = hashlib.sha256()
    for path in parts:
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.digest()


def _numbered_by_spark(table: Any) -> Any:
    from pyspark.sql import functions

    return renamed(table, held_name).withColumn(ROW, functions.monotonically_increasing_id())


def _content_by_spark(table: Any) -> bytes:
    """Sum over the rows, in any order: a cluster has none."""
    from pyspark.sql import functions

    row = functions.xxhash64(*(functions.col(_ticked(c)) for c in table.columns))
    found = table.select(row.alias("h")).agg(
        functions.count("h"), functions.sum(functions.col("h").cast("decimal(38,0)"))
    )
    return repr(tuple(found.collect()[0])).encode()


def _digested(names: Iterable[str], content: bytes) -> bytes:
    return hashlib.sha256(repr(list(names)).encode() + content).digest()
