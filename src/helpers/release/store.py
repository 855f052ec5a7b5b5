"""A release on disk: the protected cube, the views rendered from it, and a manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import cast

from helpers import paths
from helpers.errors import InsightsError
from helpers.release.forms import (
    Cube,
    CubeQuestion,
    Manifest,
    SmallestGroup,
    StatedAudit,
    StatedRules,
)
from helpers.release.reading import FORMAT, MANIFEST, SUMMARIES, read_json
from helpers.release.rules import ReleaseRules, not_shown
from helpers.responses.survey import Survey

DISTRIBUTION = "commissioning-insights"
_REPAIR = "Make it again with: insights release"


def contents(cube: Cube, pages: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """Cube and views as files; the manifest comes last, once they have been audited."""
    files = {"cube.json": _json(cube)}
    return files | {f"views/{name}.json": _json(page) for name, page in pages.items()}


def manifest(
    survey: Survey,
    rules: ReleaseRules,
    cube: Cube,
    files: Mapping[str, str],
    *,
    cost: Mapping[str, float],
    audit: StatedAudit,
) -> str:
    """Say what a release is: rules, groups, cost, audit, and the digest of every file.

    Parameters
    ----------
    cost
        What protection did to the shares that could be shown, as in `cost.summary`.
    audit
        What the attacks tried and found; nothing in it may differ from run to run.
    """
    described: Manifest = {
        "format": FORMAT,
        "survey": {"title": survey.codebook.title, "wave": survey.codebook.wave},
        "collected": survey.codebook.collected,
        "provenance": str(survey.provenance),
        "fingerprint": survey.fingerprint,
        "rules": {
            "profile": rules.profile,
            "minimum_base": rules.minimum_base,
            "dimensions": list(rules.dimensions),
            "allow_unanimous": rules.allow_unanimous,
            "cure": rules.cure if rules.profile == "strict" else "",
            "embed": list(rules.embed),
            **_chosen(survey, rules),
        },
        "atoms": {name: _atoms(survey, question) for name, question in cube["questions"].items()},
        "cost": dict(cost),
        "audit": audit,
        "approved_by": rules.approved_by,
        "released": rules.released,
        "made_with": f"{DISTRIBUTION} {version(DISTRIBUTION)}",
        "files": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()},
    }
    return _json(described, indent=1)


def _chosen(survey: Survey, rules: ReleaseRules) -> StatedRules:
    """Say whether pages are default ones, what these leave out and why, and what is background."""
    found: StatedRules = {} if rules.names_pages else {"default_pages": True}
    if left_out := not_shown(survey.codebook, rules):
        found["left_out"] = left_out
    if rules.background:
        found["background"] = sorted(rules.background)
    return found


def _atoms(survey: Survey, cube: CubeQuestion) -> list[SmallestGroup | int]:
    """List the groups that a question distinguishes, with the most who answered any column.

    Everybody together is listed where nothing else is.
    """
    labels = {
        d: {group["id"]: group["label"] for group in groups}
        for d, groups in cube["dimensions"].items()
    }
    named = survey.codebook.dimensions
    levels = [level for level in cube["levels"] if level["dimensions"]] or cube["levels"]
    return [
        {
            "groups": {named[d].label: labels[d][g] for d, g in entry["groups"].items()},
            "n": max(n for n in entry["bases"] if n is not None),
        }
        for level in levels
        for entry in level["groups"]
    ]


def write(files: Mapping[str, str], target: Path, ready: Callable[[], None] = lambda: None) -> bool:
    """Write a release aside and swap it in; an identical one is left unchanged.

    Parameters
    ----------
    ready
        Called when all is written and nothing in place yet: an error in it stops the release.

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
        ready()
    return True


def read(folder: Path) -> dict[str, str] | None:
    """Every file of a release as text, None where there is no release; not the PDFs made of it."""
    if not (folder / MANIFEST).is_file():
        return None
    own = folder / SUMMARIES
    found = sorted(p for p in folder.rglob("*") if p.is_file() and own not in p.parents)
    return {
        p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8", errors="replace")
        for p in found
    }


def cube_in(files: Mapping[str, str]) -> Cube:
    """Read the cube of a release; `InsightsError` where there is none that can be read."""
    cube = _read(files, "cube.json")
    if not isinstance(cube.get("questions"), dict):
        raise InsightsError(f"The release is damaged: cube.json has no questions. {_REPAIR}.")
    return cast(Cube, cube)


def manifest_in(files: Mapping[str, str]) -> Manifest:
    """Read the manifest of a release; `InsightsError` where there is none that can be read."""
    return cast(Manifest, _read(files, MANIFEST))


def _read(files: Mapping[str, str], name: str) -> dict[str, object]:
    return read_json(files.get(name, ""), name, _REPAIR)


def _json(value: object, indent: int | None = None) -> str:
    separators = (",", ": ") if indent else (",", ":")
    return (
        json.dumps(value, ensure_ascii=False, indent=indent, separators=separators, allow_nan=False)
        + "\n"
    )
