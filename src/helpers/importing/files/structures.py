"""Questionnaires that are not tables: Qualtrics (JSON) and LimeSurvey (XML), as tables.

Only their form is read here, in the child process; `questionnaires` says what they mean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from helpers.codebook.cells import clean
from helpers.importing.files.sheets import TOP, Column, Sheet, TooLarge, encoded, letter

ELEMENTS = "elements"  # of a Qualtrics survey: one a row, its payload as JSON

_MOST = 64 * 2**20
Table = Sequence[Mapping[str, str]]


def read_structure(path: Path, kind: str) -> list[Sheet]:
    """Read the tables of a questionnaire of a kind, `qsf` or `lss`.

    Raises
    ------
    TooLarge
        If it is larger than any questionnaire, or declares entities.
    ValueError
        If it is damaged.
    """
    if path.stat().st_size > _MOST:
        raise TooLarge(f"a questionnaire has at most {_MOST // 2**20} MiB")
    tables = _qsf(path) if kind == "qsf" else _lss(path)
    return [_sheet(path, kind, name, rows) for name, rows in tables.items() if rows]


def _qsf(path: Path) -> dict[str, Table]:
    try:
        survey = json.loads(path.read_text(encoding="utf-8-sig"))
        entry, elements = survey["SurveyEntry"], survey["SurveyElements"]
        rows = [
            {
                "element": str(each.get("Element", "")),
                "name": str(each.get("PrimaryAttribute") or ""),
                "payload": json.dumps(each.get("Payload"), ensure_ascii=False),
            }
            for each in (elements.values() if isinstance(elements, dict) else elements)
        ]
        said = {key: str(value) for key, value in entry.items() if isinstance(value, str)}
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("it is not a Qualtrics survey") from error
    return {ELEMENTS: rows, "survey": [said]}


def _lss(path: Path) -> dict[str, Table]:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import parse

    try:
        root = parse(path, forbid_dtd=True).getroot()
    except DefusedXmlException as error:
        raise TooLarge("it declares entities") from error
    tables: dict[str, Table] = {}
    for table in root:
        rows = table.find("rows")
        if rows is None:
            tables[table.tag] = [{each.tag: clean(each.text or "")} for each in table]
        else:
            tables[table.tag] = [{cell.tag: clean(cell.text or "") for cell in row} for row in rows]
    return tables


def _sheet(path: Path, kind: str, name: str, rows: Table) -> Sheet:
    header = [*dict.fromkeys(key for row in rows for key in row)]
    table = [header, *([row.get(key, "") for key in header] for row in rows)]
    columns = []
    for at in range(len(header)):
        values, codes = encoded(row[at] for row in table[TOP:])
        columns.append(Column(letter(at), values, codes))
    top, numbers = table[:TOP], range(1, len(table) + 1)
    return Sheet(
        path.name,
        name,
        kind,
        tuple(map(tuple, top)),
        tuple(numbers[:TOP]),
        tuple(columns),
        np.array(numbers[TOP:], dtype=np.int64),
    )
