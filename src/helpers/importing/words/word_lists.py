"""Tables of words, in files of TOML that stand beside the modules which read them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def words_beside(module: str) -> dict[str, Any]:
    """Return the tables that belong to a module, by its `__file__`."""
    with open(Path(module).with_suffix(".toml"), "rb") as file:
        return tomllib.load(file)


def either(alternatives: str) -> str:
    """Return alternatives that a table has with `|` and lines between, with `|` only."""
    return alternatives.strip().replace("\n", "|")
