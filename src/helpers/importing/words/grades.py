"""Answers that begin with how much: from *not at all* to *very*, in words of many languages.

They give an order where no scale is known, but no scores: nobody can tell which other grades were
offered. To add a language, add words to `grades.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpers.importing.words.word_lists import either, words_beside

_VERY = re.compile(
    r"(very|sehr|très|muy|muito|molto|zeer|heel|매우|아주|очень|bardzo|çok)(?=\s)\s*", re.IGNORECASE
)
_RULES = [
    (int(grade), re.compile(rf"({either(words)})(?![\w'])", re.IGNORECASE))
    for grade, words in words_beside(__file__).items()
]
_NEGATED = re.compile(r"지 않|못|없|모른")  # at the end of what Korean says
_LEANING = re.compile(r"편(이다)?$")
_MORE, _LESS = 0.5, -0.25  # with *very*: *very high* is beyond *high*, *very low* below *low*
_ALONE = 4.5  # of *very* before what is not a grade: *very satisfied*


def graded(texts: Mapping[str, str]) -> dict[str, float]:
    """Say how far up each answer is; nothing where one is no grade, or two are the same."""
    grades = {label: _grade(text) for label, text in texts.items()}
    found = {label: grade for label, grade in grades.items() if grade is not None}
    if len(texts) < 3 or len(found) < len(texts) or len({*found.values()}) < len(texts):
        return {}
    return found


def _grade(text: str) -> float | None:
    very = _VERY.match(text)
    rest = text[very.end() :] if very else text
    found = max(
        ((len(match[0]), grade) for grade, rule in _RULES if (match := rule.match(rest))),
        default=None,
    )
    if found is None:
        if very:
            return _ALONE
        if _LEANING.search(text):
            return 1.0 if _NEGATED.search(text) else 3.0
        return 1.0 if _NEGATED.search(text) else None
    grade = float(found[1])
    if not very:
        return grade
    return grade + _MORE if grade > 2 else grade + _LESS if grade < 2 else None
