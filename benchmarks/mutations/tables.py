"""Surveys as the tables that survey tools export, with what an import of them must give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.mutations.surveys import Field, Survey

BOX = "joined"


@dataclass
class Column:
    """A column of an export.

    Attributes
    ----------
    heads : its cells in the header rows
    key : what mapping.yml calls it
    fields : of the survey; several where a cell joins boxes, none where the tool added it
    shown : what the file holds for each code; the codes themselves if empty
    cells : of the respondents, as they are in the file
    """

    heads: list[str]
    key: str
    fields: list[Field]
    shown: dict[str, str]
    cells: list[str]

    @property
    def field(self) -> Field | None:
        """The field, where it is one."""
        return self.fields[0] if len(self.fields) == 1 else None

    @property
    def closed(self) -> bool:
        """Whether each cell is one of the answers that can be given."""
        return self.field is not None and self.field.closed

    @property
    def answers(self) -> set[str]:
        """Cells that are answers: of a column of boxes, also their opposite."""
        own = self.field.labels if self.field else {}
        return {self.shown.get(code, code) for code in own}

    def place(self, kind: str) -> bool:
        """Whether the field is of a kind."""
        return self.field is not None and self.field.kind == kind


@dataclass
class Table:
    """An export before it becomes a file, and what an import of it must give.

    Attributes
    ----------
    header : how many header rows there are
    truth : cells of each response column, respondent by respondent
    mapping : what mapping.yml says of it; empty where none is needed
    """

    survey: Survey
    layout: str
    header: int
    columns: list[Column]
    truth: dict[str, list[str]]
    mapping: dict[str, Any] = field(default_factory=dict)

    @property
    def people(self) -> int:
        """How many rows of answers there are."""
        return len(self.columns[0].cells)

    def rows(self) -> list[list[str]]:
        """Header rows and rows of answers."""
        heads = [[c.heads[n] for c in self.columns] for n in range(self.header)]
        return heads + [list(row) for row in zip(*(c.cells for c in self.columns), strict=True)]

    def at(self, kind: str) -> list[int]:
        """Places of columns of a kind."""
        return [n for n, c in enumerate(self.columns) if c.place(kind)]

    def closed(self) -> list[int]:
        """Places of columns whose answers are given."""
        return [n for n, c in enumerate(self.columns) if c.closed]

    def mapped(self) -> dict[str, Any]:
        """Return what mapping.yml must say for the import to find its way."""
        columns: dict[str, Any] = {}
        recodes: dict[str, dict[str, str]] = {}
        for column in self.columns:
            if not column.fields:
                columns[column.key] = {"drop": "the tool added it"}
            elif len(column.fields) > 1:
                boxes = {f"{column.key} [{f.item}]": f.name for f in column.fields}
                columns |= boxes
            else:
                own = column.fields[0].name
                columns[column.key] = {"to": own}
                if column.shown:
                    name = own.replace(".", "_")
                    recodes[name] = {cell: code for code, cell in column.shown.items() if cell}
                    columns[column.key]["recode"] = name
        who = {"columns": columns}
        if self.layout in ("surveymonkey", "qualtrics", "limesurvey"):
            who = {"layout": self.layout, **who}
        return {"populations": {self.survey.population: who}, "recodes": recodes}


def _column(one: Field, heads: list[str], key: str, shown: dict[str, str]) -> Column:
    cells = [shown.get(cell, cell) for cell in one.cells]
    return Column(heads, key, [one], shown, cells)


def codes(survey: Survey) -> Table:
    """Write a table with the codebook's columns and codes."""
    columns = [_column(f, [f.name], f.name, {}) for f in survey.fields]
    return _table(survey, "codes", 1, columns, False)


def plain(survey: Survey) -> Table:
    """Write a table with questions above it and answers in words."""
    columns = []
    for one in survey.fields:
        key = f"{one.text} [{one.item}]" if one.item else one.text
        columns.append(_column(one, [key], key, dict(one.labels)))
    return _table(survey, "plain", 1, columns, True)


def surveymonkey(survey: Survey) -> Table:
    """Write two header rows; a ticked box holds its label, another one nothing."""
    columns: list[Column] = []
    before = ""
    for one in survey.fields:
        above = "" if one.question == before else one.text
        below = {"id": "", "weight": "", "text": "Open-Ended Response"}.get(one.kind, "Response")
        below, shown = one.item or below, dict(one.labels)
        if one.kind == "multiple":
            shown = {"1": one.item, "0": ""}
        key = f"{one.text} | {one.item}" if one.item else one.text
        columns.append(_column(one, [above, below], key, shown))
        before = one.question
    start = Column(["Start Date", ""], "Start Date", [], {}, _moments(survey))
    columns.insert(1, start)
    return _table(survey, "surveymonkey", 2, columns, True)


def qualtrics(survey: Survey) -> Table:
    """Write three header rows, the third with the tool's own names."""
    status = ["Status", "Response Type", '{"ImportId":"status"}']
    columns = [Column(status, "Status", [], {}, ["IP Address"] * survey.people)]
    seen: dict[str, int] = {}
    for n, one in enumerate(survey.fields):
        name, text = f"Q{n + 1}", one.text
        if one.kind == "id":
            name = "ResponseId"
        elif one.item:
            seen[one.question] = seen.get(one.question, 0) + 1
            name = f"{one.question.upper()}_{seen[one.question]}"
            text = f"{one.text} - {one.item}"
        shown = dict(one.labels)
        if one.kind == "multiple":
            shown = {"1": one.item, "0": ""}
        head = [name, text, f'{{"ImportId":"QID{n + 1}"}}']
        columns.append(_column(one, head, name, shown))
    return _table(survey, "qualtrics", 3, columns, True)


def limesurvey(survey: Survey) -> Table:
    """Write codes under the codes of questions; a ticked box holds Y."""
    columns: list[Column] = []
    numbers: dict[str, int] = {}
    for one in survey.fields:
        key = "id" if one.kind == "id" else f"G1{one.question}"
        if one.item:
            numbers[one.question] = numbers.get(one.question, 0) + 1
            key = f"{key}[SQ{numbers[one.question]:03d}]"
        shown = {"1": "Y", "0": ""} if one.kind == "multiple" else {}
        columns.append(_column(one, [key], key, shown))
    moments, pages = _moments(survey), ["4"] * survey.people
    tool = [("submitdate", moments), ("lastpage", pages), ("startlanguage", ["en"] * survey.people)]
    columns[1:1] = [Column([name], name, [], {}, list(cells)) for name, cells in tool]
    return _table(survey, "limesurvey", 1, columns, True)


def joined(survey: Survey) -> Table:
    """Write select-all answers into one cell, each with a semicolon behind it."""
    columns: list[Column] = []
    whose: dict[str, Column] = {}
    for one in survey.fields:
        if one.kind != "multiple":
            key = f"{one.text} [{one.item}]" if one.item else one.text
            columns.append(_column(one, [key], key, dict(one.labels)))
            continue
        known = whose.get(one.question)
        if known is None:
            known = Column([one.text], one.text, [], {}, [""] * survey.people)
            columns.append(known)
            whose[one.question] = known
        known.fields.append(one)
        ticked = (f"{cell}{one.item};" if t == "1" else cell for cell, t in
                  zip(known.cells, one.cells, strict=True))  # fmt: skip
        known.cells = list(ticked)
    return _table(survey, BOX, 1, columns, True)


def _moments(survey: Survey) -> list[str]:
    return [f"2026-03-{1 + n % 28:02d} 10:{n % 60:02d}:00" for n in range(survey.people)]


def _table(survey: Survey, layout: str, header: int, columns: list[Column], renamed: bool) -> Table:
    truth: dict[str, list[str]] = {}
    for column in columns:
        for one in column.fields:
            lost = {code for code, cell in column.shown.items() if not cell}
            truth[one.name] = ["" if cell in lost else cell for cell in one.cells]
    table = Table(survey, layout, header, columns, truth)
    table.mapping = table.mapped() if renamed else {}
    return table


LAYOUTS: dict[str, Callable[[Survey], Table]] = {
    "codes": codes, "plain": plain, "surveymonkey": surveymonkey, "qualtrics": qualtrics,
    "limesurvey": limesurvey, BOX: joined,
}  # fmt: skip


def letter(at: int) -> str:
    """Name of a column in a spreadsheet."""
    name, at = "", at + 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


def reordered(table: Table, order: Sequence[int]) -> None:
    """Put the rows of a table, and what is expected of them, in another order."""
    for column in table.columns:
        column.cells = [column.cells[n] for n in order]
    table.truth = {name: [cells[n] for n in order] for name, cells in table.truth.items()}
