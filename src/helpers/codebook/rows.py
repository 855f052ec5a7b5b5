"""Rows of the codebook's files, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from helpers.codebook.textfiles import TextTable, appearance, read_table, without_layout, words_of
from helpers.errors import Problems

# A number as people write it, of no more digits than a number can keep.
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})")
_E = TypeVar("_E", bound=StrEnum)
_SHOWN = ("label", "wording")


@dataclass(frozen=True)
class Row:
    """One row of a codebook file, with its place."""

    file: str
    number: int
    cells: dict[str, str]
    problems: Problems

    def __getitem__(self, column: str) -> str:
        """Cell of a column; empty where the file lacks it."""
        cell = self.cells.get(column, "")
        return without_layout(cell) if column in _SHOWN else cell

    def problem(
        self,
        column: str,
        found: object,
        allowed: str | Iterable[str],
        fix: str = "",
        message: str = "",
    ) -> None:
        """Report a problem in one of the row's cells."""
        self.problems.add(self.file, self.number, column, found, allowed, fix, message)

    def one_of(self, column: str, kind: type[_E], default: _E) -> _E:
        """Read a cell that holds one of a fixed set of words."""
        word = self[column]
        if not word:
            return default
        try:
            return kind(word)
        except ValueError:
            self.problem(column, word, [k.value or "(empty)" for k in kind])
            return default

    def printed(self) -> bool:
        """Whether the source prints it (the default) or it is assumed."""
        if self["printed"] not in ("", "printed", "assumed"):
            self.problem("printed", self["printed"], ["printed", "assumed"])
        return self["printed"] != "assumed"

    def number_in(self, column: str) -> float | None:
        """Read a cell that may hold a number."""
        if not self[column]:
            return None
        if not _NUMBER.fullmatch(self[column]):
            self.problem(column, self[column], "a number, with a decimal point")
            return None
        return float(self[column])

    def alone(self, column: str, known: Iterable[str], where: str, fix: str) -> None:
        """Report a cell that a reader cannot tell from one that is known already."""
        if alike := next((k for k in known if appearance(k) == appearance(self[column])), None):
            said = "" if alike == self[column] else f'it looks like "{alike}"'
            self.problem(column, self[column], f"each {column} once {where}", fix, said)


def read_rows(
    folder: Path, name: str, columns: tuple[str, ...], needed: tuple[str, ...], problems: Problems
) -> list[Row]:
    """Read a file of the codebook; none where it does not exist."""
    path = folder / name
    if not path.is_file():
        return []
    table = read_table(path, problems, words_of)
    if table is None:
        return []
    _check_header(table, columns, needed, problems)
    rows = []
    for number, cells in zip(table.numbers, table.rows, strict=True):
        row = Row(name, number, dict(zip(table.header, cells, strict=True)), problems)
        for column in needed:
            if column in table.header and not row[column]:
                row.problem(column, "", "", message="the cell is empty", fix="Fill it in.")
        rows.append(row)
    return rows


def _check_header(
    table: TextTable, columns: tuple[str, ...], needed: Iterable[str], problems: Problems
) -> None:
    for column in table.header:
        if column and column not in columns:
            problems.add(
                table.name,
                1,
                column,
                message="an unknown column",
                allowed=columns,
                fix="Correct the name; remarks belong in the column note.",
            )
    for column in needed:
        if column not in table.header:
            problems.add(
                table.name,
                1,
                column,
                message="the column is missing",
                fix=f"Add a column named {column}.",
            )
