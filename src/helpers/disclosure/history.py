"""Earlier releases of private responses: what readers may have kept of them.

The records stay with the responses, for a release of the same survey must not be the difference
that gives a late answer or a withdrawal away.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from helpers import paths
from helpers.errors import InsightsError
from helpers.survey.dataset import Provenance, Survey, find_responses

FOLDER = "releases"


def place(survey: Survey) -> Path | None:
    """Folder of the records, beside the private responses; None where there are none to keep."""
    if survey.provenance is not Provenance.PRIVATE:
        return None
    return find_responses(survey.folder, survey.codebook)[0] / FOLDER


def others(survey: Survey, cube: dict[str, Any]) -> list[dict[str, Any]]:
    """Read the records of releases that showed anything else than this one."""
    return [record for record in earlier(survey) if record["cube"] != cube]


def earlier(survey: Survey) -> list[dict[str, Any]]:
    """Read the records of earlier releases, the oldest first.

    Raises
    ------
    InsightsError
        For a record that cannot be read: without it nobody knows what was shown before.
    """
    folder = place(survey)
    if folder is None or not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            assert isinstance(record["cube"]["questions"], dict)
        except (OSError, ValueError, KeyError, TypeError, AssertionError) as error:
            raise InsightsError(
                f"{path.name} in {folder.parent.name}/{FOLDER}/ cannot be read. It says what an "
                "earlier release showed, and a new one is held against it: bring it back from a "
                "copy, or remove it if that release was never published."
            ) from error
        found.append(record)
    return found


def keep(survey: Survey, cube: dict[str, Any]) -> Path | None:
    """Record what a release shows, unless the last record says the same."""
    folder = place(survey)
    if folder is None:
        return None
    known = earlier(survey)
    if known and known[-1]["cube"] == cube:
        return None
    record = {"fingerprint": survey.fingerprint, "cube": cube}
    path = folder / f"{len(known) + 1:04}.json"
    while path.exists():
        path = folder / f"{int(path.stem) + 1:04}.json"
    return paths.write_aside(path, json.dumps(record, ensure_ascii=False) + "\n")
