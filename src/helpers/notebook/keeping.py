"""A survey's notebooks in its folder: made, made again, and left alone where somebody edited them.

A notebook that was made says so in its metadata: its name, and a digest of its cells. While the
digest agrees nobody has edited it, whatever it was run with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.codebook.model import Provenance
from helpers.codebook.reading import read_codebook
from helpers.codebook.recipes import names_in
from helpers.errors import InsightsError
from helpers.ledger.ledger import FOLDER as PRINTED
from helpers.notebook.chapters import Chapter, chapters
from helpers.notebook.drafts import About, DraftedNotebook, drafts
from helpers.paths import notebooks_of, write_aside
from helpers.release.rules import read_rules
from helpers.responses.loading import find_responses
from helpers.responses.survey import load_survey

MARK, FOR_OWNER = "insights", "for its owner"
# What programs write into cells that nobody has edited.
_BESIDE = (
    *("collapsed", "ExecuteTime", "execution", "jp-MarkdownHeadingCollapsed", "jupyter"),
    *("scrolled", "trusted", "vscode"),
)
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


@dataclass(frozen=True)
class Kept:
    """What became of the notebooks of a survey, by the names of their files.

    Attributes
    ----------
    made : written, for the first time or anew
    unchanged : as they would be made
    edited : left as somebody edited them
    removed : no longer part of the survey, and never edited
    """

    folder: Path
    made: tuple[str, ...]
    unchanged: tuple[str, ...]
    edited: tuple[str, ...]
    removed: tuple[str, ...]


def make_notebooks(root: Path) -> Kept:
    """Write the notebooks of a survey into its folder; those that were edited stay as they are.

    Each file is written whole or not at all, and holds no results.

    Raises
    ------
    InsightsError
        If the codebook or its release.yml has problems, there are no responses, or the survey is
        the project's own.
    """
    codebook = read_codebook(root / "codebook")
    if names_in(root / "codebook"):  # derived variables need the responses
        codebook = load_survey(root).codebook
    provenance = codebook.provenance
    if not all(who.table for who in codebook.populations.values()):
        provenance = find_responses(root, codebook)[1]
    folder = notebooks_of(root)
    if folder != root / "notebooks":
        raise InsightsError(f"This survey has its notebooks in {folder}, written by hand.")
    if folder.exists() and not folder.is_dir():
        raise InsightsError(f"{folder} is not a folder. Move it away: notebooks go there.")
    there = {path.name: _read(path) for path in sorted(folder.glob("*.ipynb"))}
    ours = {name for name, held in there.items() if _mark(held).get("file") == name}
    divided = chapters(codebook, read_rules(root / "codebook", codebook))
    about = About(codebook, provenance, (root / PRINTED).is_dir(), _named(divided, ours))
    wanted = {f"{draft.name}.ipynb": draft for draft in drafts(about)}
    made, unchanged, edited = [], [], []
    for name, draft in wanted.items():
        text, digest = _written(name, draft)
        held = there.get(name)
        if name in there and (name not in ours or _digest(held) != _mark(held).get("made")):
            edited.append(name)
        elif name in there and _digest(held) == digest:
            unchanged.append(name)
        else:
            path = write_aside(folder / name, text)
            if provenance is Provenance.PRIVATE:
                path.chmod(0o600)  # once it is run and saved, it holds results
            made.append(name)
    gone = [name for name in sorted(ours) if name not in wanted]
    removed = [name for name in gone if _digest(there[name]) == _mark(there[name]).get("made")]
    for name in removed:
        (folder / name).unlink()
    edited += [name for name in gone if name not in removed]
    return Kept(folder, tuple(made), tuple(unchanged), tuple(sorted(edited)), tuple(removed))


def _named(divided: Sequence[Chapter], ours: set[str]) -> dict[str, Chapter]:
    """Give each chapter the name of its file: the one it has, else a number in their order."""
    known = {name.removesuffix(".ipynb").partition("_")[2]: name for name in sorted(ours)}
    step = next(
        step for step, most in ((10, 8), (5, 16), (1, len(divided))) if len(divided) <= most
    )
    width = 2 if 10 + step * (len(divided) - 1) < 100 else 3
    found: dict[str, Chapter] = {}
    for n, chapter in enumerate(divided):
        name = known.get(chapter.name, f"{10 + step * n:0{width}}_{chapter.name}.ipynb")
        found[name.removesuffix(".ipynb")] = chapter
    return found


def _written(name: str, draft: DraftedNotebook) -> tuple[str, str]:
    """Return a notebook as text, and the digest of its cells."""
    cells: list[dict[str, object]] = []
    for n, cell in enumerate(draft.cells):
        lines = cell.source.splitlines(keepends=True)
        held: dict[str, object] = {"cell_type": cell.kind, "id": f"cell-{n}", "metadata": {}}
        if cell.for_owner:
            held["metadata"] = {MARK: FOR_OWNER}
        if cell.kind == "code":
            held |= {"execution_count": None, "outputs": []}
        cells.append({**held, "source": lines})
    digest = _digest({"cells": cells})
    metadata = {
        MARK: {"file": name, "made": digest},
        "kernelspec": _KERNEL,
        "language_info": {"name": "python"},
        "title": draft.title,
    }
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return f"{json.dumps(content, ensure_ascii=False, indent=1)}\n", digest


def _read(path: Path) -> Any:
    """Read a notebook; one that is damaged, or elsewhere, is its owner's alone."""
    if path.is_symlink() or not path.is_file():
        return None
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _mark(held: Any) -> Mapping[str, object]:
    try:
        mark = held["metadata"][MARK]
    except (LookupError, TypeError):
        return {}
    return mark if isinstance(mark, dict) else {}


def _digest(held: Any) -> str:
    """Digest of what a person can edit in a notebook; empty for anything else."""
    try:
        parts = [
            [
                cell["cell_type"],
                "".join(cell["source"]),
                {k: v for k, v in cell.get("metadata", {}).items() if k not in _BESIDE},
                cell.get("attachments", {}),
            ]
            for cell in held["cells"]
        ]
        text = json.dumps(parts, sort_keys=True)
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError):
        return ""
    return hashlib.sha256(text.encode()).hexdigest()
