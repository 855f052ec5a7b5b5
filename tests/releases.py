"""Releases made for tests of the audit: by the project's own code, and by hand."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def shipped():
    """Files of the illustrative release, in the format that the audit reads."""
    folder = ROOT / "data" / "release"
    files = {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*.json")}
    return upgraded(files)


def upgraded(files):
    """Bring a release of format 1, whose one table is called atoms, to format 2."""
    cube, manifest = (json.loads(files[name]) for name in ("cube.json", "manifest.json"))
    if cube["format"] == 2:
        return files
    cube["format"] = 2
    for name, question in cube["questions"].items():
        atoms = question.pop("atoms")
        table = {
            "dimensions": list(question["dimensions"]),
            "answers": [[o] for o in question["options"]],
            "hidden": [],
            "groups": atoms,
        }
        question["levels"] = [] if question["hidden"] else [table]
        labels = {(d, g["id"]): g["label"] for d, gs in question["dimensions"].items() for g in gs}
        manifest["atoms"][name] = [
            {
                "groups": {d: labels[d, g] for d, g in atom["groups"].items()},
                "n": max(map(sum, atom["n"]), default=0),
            }
            for atom in atoms
        ]
    return {**files, "cube.json": json.dumps(cube), "manifest.json": json.dumps(manifest)}
