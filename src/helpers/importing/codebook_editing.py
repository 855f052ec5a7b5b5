"""Files of the codebook, changed with everything else in them left as it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from helpers.codebook.cells import clean
from helpers.codebook.textfiles import declared_delimiter, decoded, delimiter_of, guarded
from helpers.codebook.yamlfiles import YamlFile
from helpers.errors import InsightsError, Problems


class BookTable:
    """A CSV file of the codebook: rows in their order, columns added where they are needed."""

    def __init__(self, path: Path, header: Sequence[str] = ()) -> None:
        text = (decoded(path, Problems()) if path.is_file() else None) or ",".join(header)
        sep = declared_delimiter(text)
        self._first, text = text.split("\n", 1) if sep else ("", text)
        self._delimiter = sep or delimiter_of(text)
        self._end = "\r\n" if "\r\n" in text else "\n"
        found = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter)
        first, *self._rows = [row for row in found if row] or [[*header]]
        self.header = [clean(name) for name in first]

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def get(self, at: int, name: str) -> str:
        """Cell of a row; empty where the column or the cell is lacking."""
        if name not in self.header:
            return ""
        place = self.header.index(name)
        return clean(self._rows[at][place]) if place < len(self._rows[at]) else ""

    def set(self, at: int, name: str, cell: str) -> None:
        """Write a cell."""
        if name not in self.header:
            self.header.append(name)
        row, place = self._rows[at], self.header.index(name)
        row += [""] * (len(self.header) - len(row))
        row[place] = guarded(cell)

    def insert(self, at: int, cells: Mapping[str, str]) -> None:
        """Insert a row before the one at a place."""
        self._rows.insert(at, [])
        for name, cell in cells.items():
            if cell or name in self.header:
                self.set(at, name, cell)

    def copy(self, at: int) -> dict[str, str]:
        """Return the cells of a row by the names of columns."""
        return {name: self.get(at, name) for name in self.header}

    def where(self, **cells: str) -> list[int]:
        """Places of the rows that hold these cells."""
        return [
            at for at in range(len(self)) if all(self.get(at, n) == c for n, c in cells.items())
        ]

    def content(self) -> bytes:
        """Return the file."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self._delimiter, lineterminator=self._end)
        writer.writerow(self.header)
        writer.writerows([*row, *[""] * (len(self.header) - len(row))] for row in self._rows)
        start = f"{self._first}\n" if self._first else ""
        return f"{start}{out.getvalue()}".encode()


def with_entry(path: Path, keys: Sequence[str], key: str, value: str) -> str:
    """Text of a YAML file with one more entry behind those of a mapping.

    Raises
    ------
    InsightsError
        If the entries are not written one a line.
    """
    file = YamlFile(path, Problems())
    entries = [*file.mapping(*keys)]
    lines = path.read_bytes().decode("utf-8-sig").splitlines(keepends=True)
    number = file.line(*keys, entries[-1]) if entries else None
    if not number or number == file.line(*keys):
        raise InsightsError(
            f"{path.name} has no {value} yet: add {key}: {value} under {'.'.join(keys)}."
        )
    last = lines[number - 1]
    lines[number - 1] = last if last.endswith("\n") else f"{last}\n"
    indent = last[: len(last) - len(last.lstrip())]
    lines.insert(number, f"{indent}{quoted(key)}: {quoted(value)}\n")
    return "".join(lines)


def quoted(text: str) -> str:
    """Return a text as YAML has it between quotation marks."""
    return "'" + " ".join(text.split()).replace("'", "''") + "'"
