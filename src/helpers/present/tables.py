"""The table behind a chart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import unescape
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from helpers.estimation.request import Status
from helpers.present.cells import NET, NUMBER, SHARE
from helpers.present.key_answers import POSITIVE, positive, positive_label
from helpers.present.results import Rows, Shares, varies
from helpers.words import Catalogue, distinct, words_in

ENDS = ("estimate", "ci_low", "ci_high")
COLUMNS = [*ENDS, "n", "status"]  # of numbers in `frame`


def columns(result: Shares) -> list[str]:
    """Headings of a result's table."""
    known = result.say.each("table")
    named = [known[part] for part in varies(result.question)]
    numbers = [known[end] for end in ("share", "from", "to", "answered")]
    if result.by:
        named += distinct([result.by_label], [*named, *numbers, *COLUMNS])
    return [*named, *numbers]


def heading(part: str, say: Catalogue | None = None) -> str:
    """Heading of a column, such as ``item`` or ``share``."""
    return (say or words_in()).each("table")[part]


def headed(rows: Iterable[Sequence[object]], heads: Iterable[str], say: Catalogue) -> pd.DataFrame:
    """Make a table of rows, its columns headed in words."""
    known = say.each("column")
    return pd.DataFrame(list(rows), columns=[known[head] for head in heads])


def rows(result: Shares) -> list[list[str]]:
    """Return the table as text: percentages rounded, a dash for none, hidden ones named so.

    The upper end of a scale follows the answers that it adds up.
    """
    parts = [*varies(result.question), *(["group"] if result.by else [])]
    shown = [
        [*_labels(result, row, parts), *_numbers(row, result.say.percent, result.say)]
        for row in lines(result)
    ]
    for name, below, written in _beside(result):
        shown += [
            [*_places(result, parts, name, row), *_numbers(row, written, result.say)]
            for row in below
        ]
    return shown


def lines(result: Shares) -> Rows:
    """Return the rows of the table: of each item the answers, then the upper end of its scale."""
    upper = result.upper or []
    if len(positive(result.question)) < 2 or result.one_answer:
        return result.drawn
    of_item: dict[str, Rows] = {}
    for row in (*result.drawn, *upper):
        of_item.setdefault(row["item"], []).append(row)
    return [row for rows in of_item.values() for row in rows]


def _labels(result: Shares, row: Mapping[Any, Any], parts: Sequence[str]) -> list[str]:
    total = positive_label(result.question, result.say) if row["option"] == POSITIVE else ""
    return [total if total and part == "option" else result.label(row, part) for part in parts]


def _numbers(row: Mapping[Any, Any], written: Callable[[float], str], say: Catalogue) -> list[str]:
    """Write share, interval and base of a row; where there are none, why."""
    if row["status"] == Status.HIDDEN:
        return [say("table.hidden")] * 4
    if row["status"] == Status.NOT_ASKED:
        return [say("table.not_asked"), *[say("format.none")] * 3]
    return [*(written(row[end]) for end in ENDS), f"{row['n']}"]


def _beside(result: Shares) -> list[tuple[str, Rows, Callable[[float], str]]]:
    """List the rows below the answers: a net, who ticked nothing where anybody did, or a mean."""
    found: list[tuple[str, Rows, Callable[[float], str]]] = []
    if result.nets is not None:
        found.append((result.say("table.net"), result.nets, result.say.points))
    if result.none is not None and any(row["estimate"] > 0 for row in result.none):
        found.append((result.say("table.none"), result.none, result.say.percent))
    if result.means is not None:
        found.append((result.say("table.mean"), result.means, result.say.tenths))
    return found


def _places(result: Shares, parts: list[str], name: str, row: Mapping[Any, Any]) -> list[str]:
    """Label a row below the answers: its name is in the first column."""
    rest = [result.label(row, part) if part == "group" else "" for part in parts[1:]]
    return [name, *rest]


def frame(result: Shares) -> pd.DataFrame:
    """Return the table with labels and numbers as numbers (shares in [0, 1])."""
    parts = [*varies(result.question), *(["group"] if result.by else [])]
    heads = columns(result)[: len(parts)]
    labels = pd.DataFrame([_labels(result, row, parts) for row in lines(result)], columns=heads)
    numbers = pd.DataFrame(lines(result), columns=COLUMNS)
    tables = [pd.concat([labels, numbers], axis=1)]
    for name, rows, _ in _beside(result):
        places = [_places(result, parts, name, row) for row in rows]
        below = pd.DataFrame(rows, columns=COLUMNS)
        tables.append(pd.concat([pd.DataFrame(places, columns=heads), below], axis=1))
    return pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]


def units(result: Shares) -> list[str]:
    """List the units of the numbers in each row of `frame`."""
    found = [SHARE] * len(lines(result))
    known = {result.say("table.net"): NET, result.say("table.mean"): NUMBER}
    for name, rows, _ in _beside(result):
        found += [known.get(name, SHARE)] * len(rows)
    return found


class Table(Styler):
    """A styled table that is text where HTML is not shown."""

    def __repr__(self) -> str:
        """Return the table as text, its caption below."""
        whole = "" if self.data.empty else self.data.to_string(index=False, na_rep="–")
        caption = self.caption if isinstance(self.caption, str) else ""
        return "\n".join(filter(None, (whole, unescape(caption))))

    def _repr_html_(self) -> str:
        """Return the table, or its caption alone where there are no rows."""
        if self.data.empty and isinstance(self.caption, str):
            return f"<p>{self.caption}</p>"
        return str(super()._repr_html_())


def shown(frame: pd.DataFrame, numbers: Sequence[str] = ()) -> Table:
    """Show a frame whole, text to the left and the named columns to the right; `.data` is it.

    What looks like markup in survey text is shown as it is written.
    """
    right = [n for n, name in enumerate(frame.columns) if name in numbers]
    left = {
        "selector": "th, td",
        "props": "text-align: left; vertical-align: top; padding: 2px 10px",
    }
    columns = ", ".join(f"td.col{n}, th.col_heading.col{n}" for n in right)
    aligned = {"selector": columns, "props": "text-align: right; white-space: nowrap"}
    style = Table(frame).hide(axis="index").format(escape="html", na_rep="–", thousands=",")
    style = style.format_index(axis="columns", escape="html")
    below = {"selector": "caption", "props": "caption-side: bottom; text-align: left; padding: 4px"}
    return style.set_table_styles([left, below, *([aligned] if right else [])])
