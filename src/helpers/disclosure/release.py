"""A release on disk: the protected cube, the views rendered from it, and a manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from helpers import paths
from helpers.disclosure.rules import ReleaseRules
from helpers.errors import InsightsError
from helpers.survey.dataset import Survey

DISTRIBUTION = "commissioning-insights"


def contents(
    survey: Survey, rules: ReleaseRules, cube: dict[str, Any], pages: Mapping[str, dict[str, Any]]
) -> dict[str, str]:
    """Every file of a release as text; the same survey and rules give the same bytes."""
    files = {"cube.json": _json(cube)}
    files |= {f"views/{name}.json": _json(page) for name, page in pages.items()}
    atoms = {
        q: [sum(a["n"][0]) for a in c["atoms"]] if c["columns"] else []
        for q, c in cube["questions"].items()
    }
    manifest = {
        "format": 1,
        "survey": {"title": survey.codebook.title, "wave": survey.codebook.wave},
        "provenance": str(survey.provenance),
        "fingerprint": survey.fingerprint,
        "rules": {
            "profile": rules.profile,
            "minimum_base": rules.minimum_base,
            "dimensions": list(rules.dimensions),
            "allow_unanimous": rules.allow_unanimous,
        },
        "atoms": atoms,
        "made_with": f"{DISTRIBUTION} {version(DISTRIBUTION)}",
        "files": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()},
    }
    return {**files, "manifest.json": _json(manifest, indent=1)}


def write(files: Mapping[str, str], target: Path) -> bool:
    """Write a release aside and swap it in; leaves an identical one alone.

    Returns
    -------
    Whether anything was written.
    """
    if target.exists() and not target.is_dir():
        raise InsightsError(f"{target} is a file where the release belongs: move it away.")
    if read(target) == dict(files):
        return False
    with paths.replace_folder(target) as aside:
        for name, text in files.items():
            place = aside / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="\n")
    return True


def read(folder: Path) -> dict[str, str] | None:
    """Every file of a release as text, None where there is no release."""
    if not (folder / "manifest.json").is_file():
        return None
    found = sorted(p for p in folder.rglob("*") if p.is_file())
    return {
        p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8", errors="replace")
        for p in found
    }


def _json(value: Any, indent: int | None = None) -> str:
    separators = (",", ": ") if indent else (",", ":")
    return (
        json.dumps(value, ensure_ascii=False, indent=indent, separators=separators, allow_nan=False)
        + "\n"
    )
