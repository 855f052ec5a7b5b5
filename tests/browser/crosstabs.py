"""Tables of cards: what each cell says, read from the page and from the rows of a view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# Each cell: its labels in order of the alphabet, its share, its range, and how many answered.
READ = """(table) => {
  const few = (cell) => [...cell.querySelectorAll(".few")].map((one) => one.textContent.trim());
  const bare = (cell) => {
    const copy = cell.cloneNode(true);
    for (const one of copy.querySelectorAll(".few")) one.remove();
    return copy.textContent.trim();
  };
  const base = (words) => words.map((said) => /(\\d+) answered|of (\\d+)$/.exec(said))
    .filter(Boolean).map((found) => found[1] ?? found[2])[0];
  const across = [...table.tHead.rows[0].cells].filter((cell) => cell.className === "number");
  const down = table.tHead.rows[0].cells.length - across.length;
  let first = null;
  return [...table.tBodies[0].rows].flatMap((row) => {
    const heads = [...row.cells].filter((cell) => cell.tagName === "TH");
    if (heads.length === down) first = heads[0];
    else heads.unshift(first);
    return [...row.cells].filter((cell) => cell.tagName === "TD").map((cell, i) => ({
      labels: [...heads, across[i]].map(bare).filter((label) => label !== "Share").sort(),
      share: bare(cell),
      range: few(cell).find((words) => !words.startsWith("of ")) ?? "",
      n: base([...few(cell), ...few(across[i]), ...heads.flatMap(few), ...few(table.caption)]),
    }));
  });
}"""


def cells_of(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """Say what the cells of a table must say, in the order of the rows of a view."""
    at = columns.index("Share")
    same = [i for i in range(1, at) if len(rows) > 1 and len({row[i] for row in rows}) == 1]
    ranged = "95% from" in columns
    return [
        {
            "labels": sorted(row[i] for i in range(at) if i not in same),
            "share": row[at],
            "range": ends(*row[at + 1 : at + 3]) if ranged else "",
            "n": row[-1],
        }
        for row in rows
    ]


def ends(low: str, high: str) -> str:
    if not (any(map(str.isdigit, low)) and any(map(str.isdigit, high))):
        return ""
    between = " to " if low[0] in "−+-" else "–"
    return between.join(end.removesuffix("%").strip() for end in (low, high))


def settled(cells: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Put cells in an order of their own: tables are read across, views down."""
    return sorted((*cell["labels"], cell["share"], cell["range"], cell["n"]) for cell in cells)
