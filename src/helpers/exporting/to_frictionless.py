"""A Frictionless data package: CSV files, the codebook, and datapackage.json on them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from helpers.codebook.model import Kind
from helpers.codebook.textfiles import guarded
from helpers.errors import InsightsError
from helpers.exporting.codebook_files import codebook_files
from helpers.exporting.outgoing import MISSING, Field, Outgoing
from helpers.importing.files.packages import CODEBOOK, DESCRIPTOR
from helpers.importing.words.names import slug
from helpers.paths import replace_folder
from helpers.responses.survey import Survey


def write_package(survey: Survey, tables: list[Outgoing], target: Path) -> Path:
    """Write the package as a folder; an older package in its place is replaced.

    Raises
    ------
    InsightsError
        If the target holds something else.
    """
    if target.exists() and not (target / DESCRIPTOR).is_file():
        empty = target.is_dir() and not any(target.iterdir())
        if not empty:
            raise InsightsError(f"{target} holds something else. Name a new folder.")
    with replace_folder(target) as folder:
        resources = [_write(table, folder) for table in tables]
        (folder / CODEBOOK).mkdir()
        for name, content in codebook_files(survey).items():
            (folder / CODEBOOK / name).write_bytes(content)
        resources += _codebook(folder)
        described = json.dumps(_described(survey, resources), ensure_ascii=False, indent=1)
        (folder / DESCRIPTOR).write_text(described + "\n", encoding="utf-8")
    return target


def _described(survey: Survey, resources: list[dict[str, object]]) -> dict[str, object]:
    return {
        "profile": "data-package",
        "name": slug(survey.codebook.title, 60).replace("_", "-") or "survey",
        "title": survey.codebook.title,
        "description": " ".join(filter(None, (survey.codebook.description, _banner(survey)))),
        "resources": resources,
    }


def _banner(survey: Survey) -> str:
    return survey.provenance.banner


def _write(table: Outgoing, folder: Path) -> dict[str, object]:
    """Write a population's responses; no cell that a spreadsheet would take for a formula."""
    name = table.population.id
    cells = [[guarded(cell) for cell in said.cells] for said in table.fields]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([said.name for said in table.fields])
    writer.writerows(zip(*cells, strict=True))
    (folder / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8")
    return {
        "name": slug(name, 60).replace("_", "-"),
        "title": table.population.label,
        "path": f"{name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [_field(said) for said in table.fields],
            "missingValues": list(MISSING),
        },
    }


def _field(said: Field) -> dict[str, object]:
    question = said.question
    field: dict[str, object] = {"name": said.name, "type": "string", "title": said.title}
    if question is not None and question.options:
        codes = [o.code for o in question.options if o.code not in MISSING]
        labels = {o.code: o.label for o in question.options}
        field["description"] = "; ".join(f"{code}: {labels[code]}" for code in codes)
        if set(said.cells) <= {*codes, *MISSING}:
            field["constraints"] = {"enum": codes}
    elif said.number or (question is not None and question.kind is Kind.NUMBER):
        field["type"] = "number"
    return field


def _codebook(folder: Path) -> list[dict[str, object]]:
    """Describe the files of the codebook."""
    return [
        {"name": f"codebook-{path.stem}", "path": f"codebook/{path.name}"}
        for path in sorted((folder / CODEBOOK).iterdir())
        if path.is_file()
    ]
