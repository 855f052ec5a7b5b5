"""Own words that a tool writes into the cell of the answer that asks for them: 其他〖颈椎病〗."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from helpers.importing.columns.boxes import WRITTEN
from helpers.importing.files.sheets import Sheet
from helpers.importing.layouts.heads import Head

_INSET = re.compile(r"\s*〖([^〖〗]*)〗")


def without_insets(sheet: Sheet, heads: Sequence[Head]) -> tuple[Sheet, tuple[Head, ...]]:
    """Give such words a column of their own, behind that of the answers."""
    columns, told = [], []
    for head, column in zip(heads, sheet.columns, strict=True):
        own = ["; ".join(_INSET.findall(value)) for value in column.values]
        columns.append(column)
        told.append(head)
        if any(own) and head.role == "question" and not head.open:
            columns[-1] = column.recoded([_INSET.sub("", value) for value in column.values])
            columns.append(column.recoded(own))
            key = f"{head.key} 〖〗"
            told.append(replace(head, key=key, item=WRITTEN, label=WRITTEN, open=True))
    if len(told) == len(heads):
        return sheet, tuple(heads)
    return replace(sheet, columns=tuple(columns)), tuple(told)
