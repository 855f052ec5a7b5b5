"""REDCap: the data dictionary, a table of fields with the titles of its columns in either form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from helpers.codebook.model import Kind
from helpers.importing.files.sheets import Sheet
from helpers.importing.layouts.heads import seen
from helpers.importing.questionnaires.conditions import as_read
from helpers.importing.questionnaires.model import (
    Choice,
    FormColumn,
    FormQuestion,
    Holds,
    Questionnaire,
)
from helpers.importing.questionnaires.tables import Row, header_of, rows_of

_NAMES = {
    "variable / field name": "field_name",
    "form name": "form_name",
    "section header": "section_header",
    "field type": "field_type",
    "field label": "field_label",
    "choices, calculations, or slider labels": "select_choices_or_calculations",
    "choices or calculations": "select_choices_or_calculations",
    "text validation type or show slider number": "text_validation_type_or_show_slider_number",
    "identifier?": "identifier",
    "branching logic (show field only if...)": "branching_logic",
    "matrix group name": "matrix_group_name",
}
_NEEDED = {"field_name", "form_name", "field_type", "field_label"}
_OF_PERSONS = ("email", "phone", "zipcode", "postalcode", "ssn", "mrn")
_WHY = "of the tool itself"
_OWN = (
    ("redcap_event_name", "Event Name"),
    ("redcap_repeat_instrument", "Repeat Instrument"),
    ("redcap_repeat_instance", "Repeat Instance"),
    ("redcap_data_access_group", "Data Access Group"),
    ("redcap_survey_identifier", "Survey Identifier"),
)
_YES = (Choice("1", "Yes"), Choice("0", "No"))
_TRUE = (Choice("1", "True"), Choice("0", "False"))


def is_dictionary(sheet: Sheet) -> bool:
    """Return whether a table is a data dictionary."""
    return {_NAMES.get(name, name) for name in header_of(sheet)} >= _NEEDED


def read_dictionary(sheet: Sheet) -> Questionnaire:
    """Read a data dictionary."""
    found: list[FormQuestion] = []
    forms: dict[str, None] = {}
    matrix = title = ""
    for number, raw in rows_of(sheet):
        row = {_NAMES.get(name, name): cell for name, cell in raw.items()}
        asked = _asked(row, f"row {number}", first=not found)
        group = row.get("matrix_group_name", "")
        forms[row.get("form_name", "")] = None
        if found and group and group == matrix and _goes_on(found[-1], asked):
            name = found[-1].name if found[-1].kind is Kind.GRID else group
            name = f"{group}_{asked.name}" if name in {each.name for each in found[:-1]} else name
            found[-1] = _with_row(found[-1], asked, name, title or group)
            continue
        matrix, title = group, seen(row.get("section_header", ""))
        found.append(asked)
    return Questionnaire(sheet.file, "REDCap", (*found, *_own(forms)))


def _own(forms: Iterable[str]) -> Iterator[FormQuestion]:
    """Columns that REDCap adds, and what they are called in words."""
    names = [(f"{form}_complete", "Complete?") for form in forms]
    for name, label in (*names, *_OWN):
        yield FormQuestion(name, label, None, (FormColumn((name,), (label,)),), aside=_WHY)


def _goes_on(before: FormQuestion, asked: FormQuestion) -> bool:
    """Return whether a question is the next row of a matrix."""
    same = (before.choices, before.shown_if, before.unsaid, before.drop) == (
        asked.choices, asked.shown_if, asked.unsaid, asked.drop)  # fmt: skip
    return same and before.kind in (Kind.SINGLE, Kind.GRID) and asked.kind is Kind.SINGLE


def _with_row(before: FormQuestion, asked: FormQuestion, name: str, title: str) -> FormQuestion:
    item = replace(asked.fields[0], item=asked.name, label=asked.text)
    if before.kind is Kind.GRID:
        return replace(before, fields=(*before.fields, item))
    first = replace(before.fields[0], item=before.name, label=before.text)
    return replace(before, name=name, text=title, kind=Kind.GRID, fields=(first, item))


def _asked(row: Row, place: str, *, first: bool) -> FormQuestion:
    name, label = row.get("field_name", ""), seen(row.get("field_label", ""))
    kind = row.get("field_type", "").strip().lower()
    check = row.get("text_validation_type_or_show_slider_number", "").strip().lower()
    fields = (FormColumn((name,), (label,) if label else ()),)
    shown, unsaid = as_read(row.get("branching_logic", ""))
    asked = FormQuestion(
        name, label or name, None, fields, place=place, shown_if=shown, unsaid=unsaid,
        identifies=first,
    )  # fmt: skip
    if first:
        return asked
    if row.get("identifier", "").strip().lower() in ("y", "yes", "1"):
        return replace(_typed(asked, kind, check, row), drop="the dictionary marks it as personal")
    return _typed(asked, kind, check, row)


def _typed(asked: FormQuestion, kind: str, check: str, row: Row) -> FormQuestion:
    choices = _choices(row.get("select_choices_or_calculations", ""))
    if kind in ("radio", "dropdown") and choices:
        return replace(asked, kind=Kind.SINGLE, choices=choices)
    if kind == "yesno":
        return replace(asked, kind=Kind.SINGLE, choices=_YES)
    if kind == "truefalse":
        return replace(asked, kind=Kind.SINGLE, choices=_TRUE)
    if kind == "checkbox" and choices:
        return replace(asked, kind=Kind.MULTIPLE, choices=choices, fields=_boxes(asked, choices))
    if kind in ("slider", "calc") or check in ("integer", "number") or check.startswith("number_"):
        return replace(asked, kind=Kind.NUMBER)
    if kind == "file":
        return replace(asked, drop="a file that a respondent handed in")
    if kind == "descriptive":
        return replace(asked, aside="a text of the form")
    if check.startswith(_OF_PERSONS):
        return replace(asked, drop="it may name a person")
    if check.startswith(("date", "time")):
        return replace(asked, aside="a date or a time")
    return replace(asked, kind=Kind.TEXT if kind in ("text", "notes") else None)


def _choices(text: str) -> tuple[Choice, ...]:
    found: dict[str, Choice] = {}
    for part in re.split(r"\||\n", text):
        code, comma, label = part.partition(",")
        if comma and code.strip():
            found.setdefault(code.strip(), Choice(code.strip(), seen(label) or code.strip()))
    return tuple(found.values())


def _boxes(asked: FormQuestion, choices: Sequence[Choice]) -> tuple[FormColumn, ...]:
    return tuple(
        FormColumn(
            (f"{asked.name}___{re.sub(r'[^a-z0-9_]', '_', choice.code.lower())}",),
            (f"{asked.text} (choice={choice.label})",),
            choice.code,
            choice.label,
            Holds.BOX,
        )
        for choice in choices
    )
