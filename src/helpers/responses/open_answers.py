"""Open answers, and the words that themes are found by."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import narwhals as nw

from helpers.errors import InsightsError
from helpers.responses.engines import collected
from helpers.responses.recoding import Held


def pattern_of(words: Sequence[str]) -> re.Pattern[str]:
    """Return what finds any of some words; see `helpers.codebook.recipes.codes`.

    Raises
    ------
    InsightsError
        If a regular expression cannot be read.
    """
    parts = []
    for word in words:
        if len(word) > 2 and word[0] == word[-1] == "/":
            try:
                parts.append(re.compile(word[1:-1]).pattern)
            except re.error as problem:
                raise InsightsError(f"{word} is not a regular expression: {problem}.") from problem
            continue
        literal = re.escape(" ".join(word.split())).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")
        parts.append(rf"(?<!\w){literal}(?!\w)")
    return re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE)


def matching(
    held: Held, column: str, patterns: Mapping[str, re.Pattern[str]]
) -> dict[str, list[str]]:
    """Return the different texts that each pattern finds."""
    cell = held.expressions([column])[column]
    table = nw.from_native(held.over([column])).select(cell.alias("x")).unique()
    texts = [str(text) for text in collected(table)["x"].dropna()]
    return {
        code: sorted(text for text in texts if pattern.search(text))
        for code, pattern in patterns.items()
    }
