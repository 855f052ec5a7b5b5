"""The table behind a chart."""

from __future__ import annotations

from collections.abc import Sequence
from html import unescape

import pandas as pd
from pandas.io.formats.style import Styler

from helpers.display.results import Result, percent, records, varies
from helpers.estimation.estimates import Status

ENDS = ("estimate", "ci_low", "ci_high")
HEADINGS = {"item": "Item", "option": "Answer", "time": "When"}


def columns(result: Result) -> list[str]:
    """Headings of a result's table."""
    named = [HEADINGS[part] for part in varies(result.question)]
    if result.by:
        named.append(result.codebook.dimensions[result.by].label)
    return [*named, "Share", "95% from", "95% to", "Answered"]


def rows(result: Result) -> list[list[str]]:
    """Return the table as text: percentages rounded, a dash for none, hidden ones named so."""
    parts = [*varies(result.question), *(["group"] if result.by else [])]
    return [
        [
            *(result.label(row, part) for part in parts),
            *(
                [Status.HIDDEN.value] * 4
                if row["status"] == Status.HIDDEN
                else [*(percent(row[end]) for end in ENDS), f"{row['n']}"]
            ),
        ]
        for row in records(result.drawn)
    ]


def frame(result: Result) -> pd.DataFrame:
    """Return the table with labels and numbers as numbers (shares in [0, 1])."""
    parts = [*varies(result.question), *(["group"] if result.by else [])]
    shown = records(result.drawn)
    labels = {
        heading: [result.label(row, part) for row in shown]
        for heading, part in zip(columns(result), parts, strict=False)
    }
    numbers = result.drawn[["estimate", "ci_low", "ci_high", "n", "status"]].reset_index(drop=True)
    return pd.concat([pd.DataFrame(labels), numbers], axis=1)


class Table(Styler):
    """A styled table that is text where HTML is not shown."""

    def __repr__(self) -> str:
        """Return the table as text, its caption below."""
        whole = self.data.to_string(index=False, na_rep="–")
        caption = self.caption if isinstance(self.caption, str) else ""
        return "\n".join(filter(None, (whole, unescape(caption))))


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
