"""Headers of columns that name a person, or a person's device or place.

`personal.toml` has what such headers are called. A header counts if it is such a name and nothing
else, but for words that often go with one: *Enumerator name* and *What is your e-mail address?*,
but not *Name a reason* or *Which phone do you use?*. To add a language, add lines there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from helpers.importing.words.word_lists import either, words_beside

_TABLES = words_beside(__file__)
_ELIDED = re.compile(r"^(l|d|dell|all)'(?=\w)")  # l'agent
_SMALL = frozenset(" ".join(_TABLES["beside"].values()).split())
_NAMES = {
    name: kind for kind, names in _TABLES["headers"].items() for name in either(names).split("|")
}
# What cells of a kind look like, where answers to a question could stand below its header.
_CELLS = {
    "mail": re.compile(r"[^@\s]+@[^@\s]+"),
    "phone": re.compile(r"(\D*\d){5,}\D*"),
    "postcode": re.compile(r".*\d.*"),
    "number": re.compile(r"(?=(.*\d){3}).{4,}"),
    "device": re.compile(r"(?=.*\d)\S{6,}"),
    "worker": re.compile(r"(?=.*\d)\S{6,}"),
    "ip": re.compile(r"[\d.:a-fA-F]{3,}"),
    "place": re.compile(r"[\s\d.,;°'\"NSEWO+-]*\d[.,]\d{2}[\s\d.,;°'\"NSEWO+-]*"),
    "name": re.compile(r"(?=.*[^\W\d]{2}).*", re.DOTALL),
    "address": re.compile(r"(?=.*[^\W\d]{3}).*", re.DOTALL),
}
# Of letters, and of the signs above, below and behind them that are none by themselves.
_LETTER = (
    r"(?:[^\W_]|[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
    r"\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ece\u102b-\u1049\u17b4-\u17d3\u200c])"
)
_WORD = re.compile(rf"{_LETTER}+(?:'{_LETTER}*)?|#")
_PATH = re.compile(r"[./:]")
_NUMBER = re.compile(r"^[A-Za-z]{0,3}\d+[a-z]?[.):]*\s+|^[A-Za-z]+\d\w*\.(\s+|_\.\s*)")
_AN_ID = re.compile(r"#|(?:[^\W\d_]+ ){0,2}id|id(?: [^\W\d_]+){0,2}")
_NUMBERING = re.compile(
    r"\b(r?id|\w*id(num(ber)?|nr)|ident\w*|serial|sbjnum|subj(ect)?num(ber)?|folio|registro|record"
    r"|questionnaire|cuestionario|fragebogen|interview|entrevista|case|caso|respondent|no|nr|n|lfd"
    r"|row|index)\b"
)
_MOST = 9  # words of a header


def words_of(header: str) -> list[str]:
    """Return the words of a header, or of the name of a variable (`Household.EnumeratorName`)."""
    text = re.sub(r"[(（][^()（）]*[)）]|<[^<>]*>", " ", header.replace("’", "'")).strip()
    if not re.search(r"\s", text):
        text = _PATH.split(text.rstrip("./:"))[-1]
        text = re.sub(r"(?<=[a-z\uac00-\ud7a3])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    text = _NUMBER.sub("", re.sub(r"[_-]", " ", _NUMBER.sub("", text)))
    return _WORD.findall(text.lower())


def kind_of(header: str) -> str:
    """Return what a header says that its column holds of a person; empty if it says no such thing.

    `worker` is the number that a panel or a tool knows somebody by.
    """
    words = words_of(header)
    if len(words) > _MOST:
        return ""
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            kind = _NAMES.get(" ".join(words[start:end]), "")
            rest = (*words[:start], *words[end:])
            if kind and all(_ELIDED.sub("", w) in _SMALL or w.isdigit() for w in rest):
                return kind
    return ""


def holds(kind: str, cells: Iterable[str]) -> bool:
    """Return whether cells look like personal data of a kind, and not like answers."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    found = sum(bool(_CELLS[kind].fullmatch(cell)) for cell in filled)
    return bool(filled) and found >= 0.8 * len(filled)


def is_numbering(header: str) -> bool:
    """Return whether a header names what numbers are given to: *idnum*, *Número de registro*."""
    return bool(_NUMBERING.search(" ".join(words_of(header))))


def is_identifying(header: str) -> bool:
    """Return whether a header names a number that respondents are told apart by: `Network ID`."""
    return bool(_AN_ID.fullmatch(" ".join(words_of(header))))
