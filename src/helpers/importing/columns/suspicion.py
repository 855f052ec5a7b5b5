"""Something in a file that is probably a mishap, and what would be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from helpers.errors import Problems
from helpers.importing.files.sheets import Sheet
from helpers.importing.layouts.heads import Head
from helpers.importing.words.names import shortened

MISSING_CODE = "missing_code"  # a code, or words, that may stand for no answer


@dataclass(frozen=True, eq=False)
class Suspicion:
    """Something that is probably a mishap: rows, or a cell wherever a column holds it.

    Attributes
    ----------
    kind : a word that a program can count by
    rows : places in the order of the sheet's rows
    message, fix : what is wrong, and what to do in the file
    at : place of the column; -1 if it is about whole rows
    found : the cell
    instead : what the cell would become, "" for no answer
    leave_out : whether the rows would be left out
    """

    kind: str
    rows: np.ndarray
    message: str
    fix: str
    at: int = -1
    found: str = ""
    instead: str | None = None
    leave_out: bool = False

    @property
    def is_proposal(self) -> bool:
        """Whether something can be done about it in an import."""
        return self.leave_out or self.instead is not None

    def quoted(self, sheet: Sheet) -> str:
        """Return the cell, with the label that the file has for it."""
        label = sheet.columns[self.at].labels.get(self.found) if self.at >= 0 else None
        return f"{self.found} ({label})" if label else self.found

    def remark(self, sheet: Sheet, heads: Sequence[Head]) -> str:
        """Say it in a sentence, for a person to note."""
        name = shortened(heads[self.at].key)
        row = int(sheet.rows[self.rows[0]])
        where = f"row {row}" if len(self.rows) == 1 else f"{len(self.rows):,} rows, from row {row}"
        return f'{sheet.source}: "{name}", {where}: {self.message} ("{shortened(self.found)}").'

    def report(self, sheet: Sheet, heads: Sequence[Head], problems: Problems) -> None:
        """Add a problem for each row."""
        said = {"message": self.message, "fix": self.fix, "kind": self.kind}
        if self.at < 0:
            for row in self.rows:
                problems.add(sheet.source, int(sheet.rows[row]), **said)
            return
        name, column = shortened(heads[self.at].key), sheet.columns[self.at]
        sheet.report(problems, name, column, self.rows, found=self.quoted(sheet), **said)


def alike(found: Sequence[Suspicion]) -> list[Suspicion]:
    """Put together what is said of several cells of one column, with the first of them."""
    together: dict[tuple[str, int, str], list[Suspicion]] = {}
    for each in found:
        together.setdefault((each.kind, each.at, each.message), []).append(each)
    return [
        replace(first, rows=np.unique(np.concatenate([first.rows, *(each.rows for each in more)])))
        for first, *more in together.values()
    ]
