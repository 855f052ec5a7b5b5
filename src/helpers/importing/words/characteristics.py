"""Headers of columns that say who a respondent is: what to filter by.

A header counts if it has one of the terms of `characteristics.toml`, and every other word of it is
one that such questions are asked with in that language: *Age group*, *What is your age?* and
*SexInterviewee*, but not *At what age is bread stale?*. To add a language, or a characteristic, add
lines there. Languages of `_IN_RUNS` are written without blanks. A filter is called by the term that
its question has (`named`), or by the noun that the file has for that.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from helpers.importing.words.personal import words_of
from helpers.importing.words.word_lists import words_beside
from helpers.words import raised

_TABLES = words_beside(__file__)
_QUESTION = re.compile(r"[^.?!:]{8,}\?(?=\s+\S)")  # what more is said behind it
_SHORT = 14  # words of a header at most
_NAME = 3  # words of a header that is a name already


def _spelt(text: str) -> str:
    return normalize("NFC", text).replace("organis", "organiz")


_TERMS = {
    language: frozenset(_spelt(term.replace("_", " ")) for term in terms.split())
    for language, terms in _TABLES["terms"].items()
}
_NOUNS = {normalize("NFC", t.replace("_", " ")): noun for t, noun in _TABLES["nouns"].items()}
_AGES = frozenset(
    normalize("NFC", term.replace("_", " ")) for term in _TABLES["terms_of"]["age"].split()
)
_YES_NO = frozenset(_TABLES["terms_of"]["yes_no"].split())
_ASKING = {
    language: frozenset(_spelt(words).split()) for language, words in _TABLES["asking"].items()
}
# Written without blanks, or with particles at the end of words.
_IN_RUNS = {
    language: (re.compile("|".join(every)), re.compile(f"(?:{'|'.join(every)})+"))
    for language in ("ko", "th", "zh", "ja")
    for every in [sorted(_TERMS[language] | _ASKING[language], key=len, reverse=True)]
}
# Titles above the questions on who respondents are; what stands below is one of them.
_ABOUT = re.compile(
    r"(your )?(socio)?-?demograph\w*( data| information| questions)?|about you(rself)?|background"
    r"|(respondent )?profile|(sozio)?demogra(ph|f)\w*|zur person|angaben zur person|profil"
    r"|données personnelles|datos (personales|demográficos)|dati (personali|anagrafici)"
    r"|dados (pessoais|demográficos)|persoonsgegevens|البيانات (الشخصية|الديموغرافية)",
    re.IGNORECASE,
)


def tells_who(header: str) -> bool:
    """Return whether a header asks who a respondent is, and nothing else."""
    return bool(_asked(header))


def named(header: str) -> str:
    """Name the characteristic that a question asks for: *Age* for *How old are you?*, else nothing.

    A header that is a name already needs no other.
    """
    terms = _asked(header)
    words = words_of(header)
    brief = len(words) <= _NAME and not header.rstrip().endswith(("?", "？"))
    run = any(not {*terms}.isdisjoint(_TERMS[language]) for language in _IN_RUNS)
    if not terms or (brief and (not run or [*map(_spelt, words)] == terms)):
        return ""
    term = max(terms, key=len)
    return _NOUNS.get(term) or raised(term.replace("organiz", "organis"))


def asks_age(header: str) -> bool:
    """Return whether a header asks for the age of a respondent."""
    return not _AGES.isdisjoint(_asked(header))


def _asked(header: str) -> list[str]:
    """List the terms of a header; none if other words are in it, or those of two languages."""
    first = _QUESTION.match(header.strip())
    words = [_spelt(word) for word in words_of(re.sub(r"(?<=[a-z])\d+$", "", header.strip()))]
    if first and len(words) > _SHORT:
        return _asked(first[0])
    if not 0 < len(words) <= _SHORT:
        return []
    found = (_terms(words, _TERMS[language], _ASKING[language]) for language in _TERMS)
    runs = (_in_run("".join(words), language) for language in _IN_RUNS)
    return next(filter(None, (*found, *runs)), [])


def _in_run(text: str, language: str) -> list[str]:
    """List the terms in a text without blanks; none if a part of it belongs to nothing."""
    part, whole = _IN_RUNS[language]
    if text.isascii() or not whole.fullmatch(text):
        return []
    return [each for each in part.findall(text) if each in _TERMS[language]]


def _terms(words: list[str], terms: frozenset[str], asking: frozenset[str]) -> list[str]:
    """List the terms among words; none if one of the words belongs to nothing."""
    found, at = [], 0
    while at < len(words):
        for end in range(min(len(words), at + 5), at, -1):
            if (term := " ".join(words[at:end])) in terms:
                found.append(term)
                at = end
                break
        else:
            if words[at] not in asking and not words[at].isdigit():
                return []
            at += 1
    return found


def is_about(title: str) -> bool:
    """Return whether a title stands above questions on who respondents are: *Demographics*."""
    return bool(_ABOUT.fullmatch(title.strip(" :.")))


def is_yes_or_no(header: str) -> bool:
    """Return whether yes and no say who a respondent is: *Married*, but not *Education*."""
    return not _YES_NO.isdisjoint(words_of(header))
