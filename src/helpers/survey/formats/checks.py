"""What no codebook says and yet cannot be right."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.errors import Problems
from helpers.survey.formats.headers import Head
from helpers.survey.formats.sheets import Sheet


def suspicions(sheet: Sheet, heads: Sequence[Head], allow: Sequence[str]) -> Problems:
    """Find what looks like a mishap of a spreadsheet or of the collection."""
    return Problems()
