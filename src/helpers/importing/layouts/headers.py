"""A sheet divided into header and cells, and its header read: one module for each survey tool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from helpers.errors import Problems
from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import NAME, Head, Layout, bare_name, seen, told_apart
from helpers.importing.layouts.limesurvey import LIMESURVEY
from helpers.importing.layouts.plain import PLAIN
from helpers.importing.layouts.qualtrics import QUALTRICS
from helpers.importing.layouts.surveymonkey import SURVEYMONKEY
from helpers.importing.layouts.tool_columns import without_tool_columns
from helpers.importing.layouts.unreached import without_unreached
from helpers.importing.layouts.variables import variables

# The first that recognises a sheet is its layout. Qualtrics comes before SurveyMonkey because its
# header, too, has a second row; what none else recognises is plain.
_ORDER: tuple[Layout, ...] = (LIMESURVEY, QUALTRICS, SURVEYMONKEY, PLAIN)
_ROW = "row number"
_IDENTIFIED = ("respondentid", "collectorid")  # with which SurveyMonkey begins
_TICKED, _LEFT = frozenset(("1", "true")), frozenset(("0", "false"))
_SEVERAL = 3  # columns of questions that were not shown
LAYOUTS = {layout.name: layout for layout in reversed(_ORDER)}


def read_header(
    sheet: Sheet, problems: Problems, name: str | None = None, *, insisted: bool = False
) -> tuple[Sheet, tuple[Head, ...], str]:
    """Divide a sheet into header and cells, and read the header.

    Parameters
    ----------
    name
        One of `LAYOUTS`; found out by default, and where the sheet is too short for it.
    insisted
        Whether somebody asked for the layout, who sees what is in the file.
    """
    if sheet.has_variables:
        sheet = _without_tags(sheet)
        return sheet.with_header(1), tuple(variables(sheet)), PLAIN.name
    sheet = _below_codes(sheet)
    layout = LAYOUTS[name] if name else None
    if layout is None or len(sheet.top) <= layout.most:
        layout = next(one for one in _ORDER if one.recognises(sheet))
    sheet = sheet.with_header(layout.rows(sheet, insisted))
    heads = _numbered(sheet, layout.heads(sheet))
    sheet, heads = _lettered(sheet, heads, problems)
    heads = [_legible(head) for head in heads]
    heads = without_tool_columns(sheet, [*map(_unless_box, heads, sheet.columns)])
    sheet = _shown(_unanswered(sheet, heads, layout.unanswered), heads, layout.hidden)
    sheet = without_unreached(layout.labelled(sheet, heads), heads)
    return sheet, told_apart(heads), layout.name


def _below_codes(sheet: Sheet) -> Sheet:
    """Return a sheet without a row of codes that stands above the header rows of a tool."""
    if len(sheet.top) < 3 or not all(not c or NAME.match(c) for c in sheet.top[0]):
        return sheet
    named = [at for at, cell in enumerate(sheet.top[1]) if bare_name(cell) in _IDENTIFIED]
    if not named or sheet.top[2][named[0]]:
        return sheet
    words = f"row {sheet.header_row} holds codes above the header; it is not used"
    return replace(sheet, top=sheet.top[1:], top_rows=sheet.top_rows[1:]).remarked(words)


def _numbered(sheet: Sheet, heads: Sequence[Head]) -> list[Head]:
    """Name the column in which pandas and R number the rows; they leave its header blank."""
    named = {head.key for head in heads}
    return [
        replace(head, key=_ROW, role="meta")
        if not (head.key and head.text) and _ROW not in named and counts_up(column)
        else head
        for head, column in zip(heads, sheet.columns, strict=True)
    ]


def counts_up(column: Column) -> bool:
    """Return whether each cell is a greater number than the one above; rows may be left out."""
    values = np.array([int(v) if v.isdecimal() and len(v) < 10 else -1 for v in column.values])
    cells = values[column.codes] if len(values) else values
    return len(cells) > 1 and cells[0] >= 0 and bool((np.diff(cells) > 0).all())


def _legible(head: Head) -> Head:
    """Read the words of a header as a page shows them; its key stays as it is in the file."""
    return replace(head, text=seen(head.text) or head.text, item=seen(head.item) or head.item)


def _without_tags(sheet: Sheet) -> Sheet:
    """Read the labels of variables and values as a page shows them: survey tools write tags."""

    def plain(column: Column) -> Column:
        labels = {value: seen(label) or label for value, label in column.labels.items()}
        if len({*labels.values()}) < len({*column.labels.values()}):
            labels = column.labels  # tags alone tell some apart
        return replace(column, title=seen(column.title) or column.title, labels=labels)

    sets = tuple(replace(boxes, title=seen(boxes.title) or boxes.title) for boxes in sheet.sets)
    return replace(sheet, columns=tuple(map(plain, sheet.columns)), sets=sets)


def _unless_box(head: Head, column: Column) -> Head:
    """Say of *Other (please specify)* that it is a box, where its cells hold nothing but that.

    Or nothing but what programs write for ticked and not ticked.
    """
    given = [value for value in column.values if value] if head.open else []
    alone = len(given) == 1 and bare_name(head.item).startswith(bare_name(given[0]))
    ticks = {*map(str.lower, given)} - _LEFT
    if alone or (len(ticks) == 1 and ticks <= _TICKED):
        return replace(head, open=False)
    return head


def _unanswered(sheet: Sheet, heads: Sequence[Head], cell: str) -> Sheet:
    """Declare what the tool writes for questions that were seen and left."""
    columns = [
        replace(column, missing=(*column.missing, cell))
        if cell and head.role == "question" and not head.open and cell in column.values
        else column
        for head, column in zip(heads, sheet.columns, strict=True)
    ]
    return replace(sheet, columns=tuple(columns))


def _shown(sheet: Sheet, heads: Sequence[Head], cell: str) -> Sheet:
    """Empty the cells of questions that the tool did not show, where it did so with several."""
    asked = [at for at, head in enumerate(heads) if head.role == "question"]
    found = [at for at in asked if cell and cell in sheet.columns[at].values]
    if len(found) < _SEVERAL:
        return sheet
    columns = [*sheet.columns]
    for at in found:
        own = columns[at]
        columns[at] = own.recoded(["" if value == cell else value for value in own.values])
    words = f'"{cell}" in {len(found):,} columns says that a question was not shown: empty'
    return replace(sheet, columns=tuple(columns)).remarked(words)


def _lettered(sheet: Sheet, heads: Sequence[Head], problems: Problems) -> tuple[Sheet, list[Head]]:
    """Call columns without a name by their letters, if they are the fewer."""
    below = [at for at, head in enumerate(heads) if head.item and not head.text]
    if len(below) == 1:  # its name is in the second row
        heads = [*heads]
        heads[below[0]] = replace(heads[below[0]], text=heads[below[0]].item, item="")
    without = [at for at, head in enumerate(heads) if not (head.text or head.item)]
    if 2 * len(without) > len(heads):
        problems.add(
            sheet.source,
            sheet.header_row,
            message=f"{len(without)} of {len(heads)} columns have no name in this row",
            fix="If the header is further down, remove the rows above it.",
            kind="header",
        )
        return sheet, [*heads]
    names = [f"Column {column.place}" for column in sheet.columns]
    told = [
        replace(head, key=head.key or name, text=head.text if head.item else head.text or name)
        for head, name in zip(heads, names, strict=True)
    ]
    called = [names[at] for at in without]
    if called:
        words = f"no name in the header; called {', '.join(called)}"
        sheet = sheet.remarked(words)
    return sheet, told
