"""Words that tell whether agreeing is good news, in the languages of scales.

Satisfaction always is. Agreement is where somebody says something of themselves or of those around
them, in words that complain of nothing; for a statement on the world at large nobody can tell. The
words are in `good_news.toml`.
"""

from __future__ import annotations

import re

from helpers.importing.words.word_lists import words_beside

_WORDS = words_beside(__file__)
SATISFIED = re.compile(r"satisf|zufrieden|tevreden|soddisf|\bcontente?s?\b|راض")
AGREED = re.compile(
    r"agree|\bappl(y|ies)\b|\btrue\b|\b(stimme|trifft)\b.*\bzu\b|d['’]accord|de acuerdo|\beens\b"
    r"|\bconcord[oa]|de acordo|موافق"
)


def _any_of(words: str, more: str = "") -> re.Pattern[str]:
    known = [re.escape(w).replace(r"\*", r"\w*").replace("_", " ") for w in words.split()]
    return re.compile(rf"(?<!\w)(?:{'|'.join(known)}{more})(?!\w)")


_SELF, _COMPLAINT = _any_of(_WORDS["own"]), _any_of(_WORDS["against"], r"|\w+n't")
_TROUBLE, _TURN = _any_of(_WORDS["troubles"]), _any_of(_WORDS["turns"], r"|\w+n't")


def speaks_well(statement: str) -> bool:
    """Return whether somebody who agrees says something good of themselves or those around."""
    said = statement.lower().replace("’", "'")
    return bool(_SELF.search(said)) and not _COMPLAINT.search(said)


def complains(statement: str) -> bool:
    """Return whether somebody who agrees is in trouble, as far as words leave no doubt."""
    said = statement.lower().replace("’", "'")
    return bool(_SELF.search(said) and _TROUBLE.search(said)) and not _TURN.search(said)
