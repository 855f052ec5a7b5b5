"""Cells of readable tables: text for reading, and the numbers in it for files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from helpers.present.formats import difference, percent
from helpers.present.readable import base_of
from helpers.words import distinct

NONE = "–"
SHARE, TENTHS = "share", "share to a tenth"
POINTS, POINTS_SIZE = "points", "size in points"  # fractions of 1; the latter without a sign
NET = "net"  # points among shares
COUNT, NUMBER, THOUSANDTHS, P = "count", "number", "thousandths", "p"
STEP = "step"  # a difference of numbers
BASE, LOW, HIGH = "base", "from", "to"  # heads of further numbers of a cell
ADJUSTED = ("adjusted from", "adjusted to")  # of a range that allows for other comparisons
SIGNED = '[>=0.005]+0%;[<=-0.005]"−"0%;0%'
FORMATS = {  # as spreadsheets write them: the same in every workbook, all shares of 1 as per cent
    SHARE: "0%",
    TENTHS: "0.0%",
    POINTS: SIGNED,
    POINTS_SIZE: "0%",
    NET: SIGNED,
    COUNT: "#,##0",
    NUMBER: "#,##0.00",
    THOUSANDTHS: "#,##0.000",
    P: '[<0.001]"<0.001";0.000',
    STEP: '[>=0.005]+0.00;[<=-0.005]"−"0.00;0.00',
}


class CellNumber(NamedTuple):
    """A number of a cell, or words in its place.

    Attributes
    ----------
    head : tells it from the first number of the cell
    """

    value: float | str
    unit: str
    head: str = ""


class ReadableCell(str):
    """Text of a cell that knows its numbers, and the label that stands beside them."""

    label: str
    numbers: tuple[CellNumber, ...]

    def __new__(cls, text: str, *numbers: CellNumber, label: str = "") -> ReadableCell:
        """Add to a text the numbers that it says."""
        cell = super().__new__(cls, text)
        cell.numbers, cell.label = numbers, label
        return cell


@dataclass(frozen=True)
class SheetColumn:
    """A column of a file: labels and words as text, numbers with their unit."""

    head: str
    cells: tuple[CellNumber | str, ...]


def number(text: str, value: float, unit: str) -> ReadableCell:
    """Make a cell of one number."""
    return ReadableCell(text, CellNumber(value, unit))


def count(n: float) -> ReadableCell:
    """Make a cell that counts people."""
    return number(f"{n:,.0f}", float(n), COUNT)


def p_value(value: float) -> ReadableCell:
    """Write a p-value; a dash where there is none."""
    text = f"{value:.3f}" if value >= 0.001 else NONE if pd.isna(value) else "<0.001"
    return number(text, value, P)


def ranged(
    text: str,
    row: Mapping[Any, Any],
    unit: str,
    ends: Sequence[str] = ("ci_low", "ci_high"),
    heads: Sequence[str] = (LOW, HIGH),
) -> ReadableCell:
    """Make a cell of an estimate and its range; `ends` are the keys of the range in `row`."""
    low, high = (CellNumber(row[end], unit, head) for end, head in zip(ends, heads, strict=True))
    return ReadableCell(text, CellNumber(row["estimate"], unit), low, high)


def adjusted_range(text: str, row: Mapping[Any, Any], unit: str) -> ReadableCell:
    """Make a cell of a difference with the range of `judge_family` that goes with its word."""
    return ranged(text, row, unit, ("low", "high"), ADJUSTED)


def difference_cell(row: Mapping[Any, Any]) -> ReadableCell:
    """Write the difference of a row in points, with its range where there is one."""
    return ranged(difference(row), row, POINTS)


def of_base(
    value: float,
    n: float,
    words: str = "",
    *,
    text: str = "",
    unit: str = SHARE,
    label: str = "",
) -> ReadableCell:
    """Write a share of a base, or `words` in its place; `label` stands before it."""
    told = words or text or f"{percent(value)} of {base_of(n)}"
    shown = words.partition(" (")[0] if words else value
    numbers = (CellNumber(shown, unit), CellNumber(n, COUNT, BASE))
    return ReadableCell(f"{label}: {told}" if label else told, *numbers, label=label)


def frame_of(
    rows: Iterable[Mapping[str, Any] | Sequence[Any]], columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Make a readable table that keeps its cells as they are."""
    return pd.DataFrame(list(rows), columns=columns, dtype=object)


def spread(table: pd.DataFrame) -> list[SheetColumn]:
    """Give each number of a readable table a column of its own.

    A column of labels and numbers becomes one of labels and one of each number; what stands in
    place of numbers is in the column of the first.
    """
    found = []
    for place, name in enumerate(map(str, table.columns)):
        cells = table.iloc[:, place].tolist()
        numbered = [cell for cell in cells if isinstance(cell, ReadableCell)]
        heads = dict.fromkeys(n.head for cell in numbered for n in cell.numbers)
        if not heads:
            found.append(SheetColumn(name, tuple(map(_plain, cells))))
            continue
        if any(cell.label for cell in numbered):
            labels = (cell.label if isinstance(cell, ReadableCell) else str(cell) for cell in cells)
            found.append(SheetColumn(name, tuple(labels)))
            named = {head: f"{name}: {head}" if head else f"{name}: share" for head in heads}
        else:
            named = {head: f"{name}: {head}" if head else name for head in heads}
        found += [
            SheetColumn(told, tuple(_at(cell, head, n == 0) for cell in cells))
            for n, (head, told) in enumerate(named.items())
        ]
    told = distinct(column.head for column in found)
    return [SheetColumn(head, of.cells) for head, of in zip(told, found, strict=True)]


def _at(cell: Any, head: str, first: bool) -> CellNumber | str:
    if not isinstance(cell, ReadableCell):
        return str(cell) if first and not pd.isna(cell) else ""
    at = next((n for n in cell.numbers if n.head == head), None)
    if at is None:
        return ""
    if isinstance(at.value, str):
        return at.value
    return NONE if pd.isna(at.value) else at


def _plain(cell: Any) -> CellNumber | str:
    """Return a cell as it is: text, or a number without a unit."""
    if isinstance(cell, str):
        return str(cell)
    if pd.isna(cell):
        return NONE
    whole = float(cell).is_integer()
    return CellNumber(float(cell), COUNT if whole else NUMBER)
