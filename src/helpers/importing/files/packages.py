"""Frictionless data packages: which tables one holds, and the codebook beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from helpers.errors import Problems
from helpers.folders import Changed

DESCRIPTOR = "datapackage.json"
CODEBOOK = "codebook"
LARGEST = 16 * 2**20  # bytes of a descriptor, and of a file of a codebook
_TABLES = (".csv", ".tsv", ".txt", ".xlsx")


def opened(files: Sequence[Path], problems: Problems) -> tuple[list[Path], Path | None]:
    """Put the tables of a data package in its place.

    Returns
    -------
    Files to read, and the codebook of a package that has one. A package that cannot be read is
    added to `problems`.
    """
    tables: list[Path] = []
    codebook = None
    for path in files:
        inside = path / DESCRIPTOR if path.is_dir() else path
        if inside.name != DESCRIPTOR or not inside.is_file():
            tables.append(path)
            continue
        tables += _tables(inside, problems)
        if (inside.parent / CODEBOOK / "survey.yml").is_file():
            codebook = inside.parent / CODEBOOK
    return tables, codebook


def copy_codebook(source: Path, copy: Changed, problems: Problems) -> None:
    """Take over the files of a codebook; what is not a plain file of it is left out."""
    for path in sorted(source.iterdir()):
        if path.is_symlink() or not path.is_file() or path.suffix not in (".csv", ".yml"):
            continue
        if path.stat().st_size > LARGEST:
            _fault(problems, f"{CODEBOOK}/{path.name} has more than 16 MiB", kind="too_large")
            continue
        copy.write(f"{CODEBOOK}/{path.name}", path.read_bytes())


def _tables(descriptor: Path, problems: Problems) -> list[Path]:
    try:
        if descriptor.stat().st_size > LARGEST:
            return _fault(problems, "the description has more than 16 MiB", kind="too_large")
        said = json.loads(descriptor.read_text(encoding="utf-8-sig"))
        paths = [path for resource in said["resources"] for path in _paths(resource)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _fault(problems, "the description of the data package cannot be read")
    found = []
    for name in paths:
        path = descriptor.parent / name
        if name.startswith(f"{CODEBOOK}/") or path.suffix.lower() not in _TABLES:
            continue
        if not path.resolve().is_relative_to(descriptor.parent.resolve()):
            return _fault(problems, f'"{name}" lies outside of the data package')
        found.append(path)
    return found or _fault(problems, "the data package names no table")


def _paths(resource: dict[str, object]) -> list[str]:
    path = resource.get("path", [])
    return [str(part) for part in (path if isinstance(path, list) else [path])]


def _fault(problems: Problems, message: str, kind: str = "format") -> list[Path]:
    fix = "Name the files with the responses instead."
    problems.add(DESCRIPTOR, message=message, fix=fix, kind=kind)
    return []
