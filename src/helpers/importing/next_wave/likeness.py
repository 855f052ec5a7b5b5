"""How much two headers, or two answers, are alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from helpers.importing.columns.checks import skeleton
from helpers.importing.layouts.heads import bare_name

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_SAME_WORD = 0.8
_SAME_ANSWER = 0.82
_ALMOST = 0.7
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|&nbsp;|[*_`]")
_NEGATIONS = frozenset(("no", "not", "never", "without", "nicht", "kein", "keine", "non", "pas"))


class Likeness:
    """Compares headers of one survey: words that many of them share say little."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._often = Counter(word for text in {*texts} for word in {*_words(text)})
        self._sums: dict[frozenset[str], float] = {}

    def __call__(self, one: str, other: str) -> float:
        """Return a number from 0 to 1; 1 for headers that differ in case or punctuation alone."""
        if are_same(one, other):
            return 1.0
        if " " not in one.strip() and " " not in other.strip():
            return (
                _ratio(bare_name(one), bare_name(other))
                if _numbers(one) == _numbers(other)
                else 0.0
            )
        a, b = _words(one), _words(other)
        rest, same = [*b], 0.0
        for word in a:
            match = next((w for w in rest if w == word), None)
            match = match or next((w for w in rest if _is_same_word(w, word)), None)
            if match is not None:
                rest.remove(match)
                same += self._weight(word) + self._weight(match)
        total = sum(map(self._weight, (*a, *b)))
        return (same / total + _ratio(" ".join(a), " ".join(b))) / 2 if total else 0.0

    def words(self, text: str) -> frozenset[str]:
        """Words of a text, by which it is looked up."""
        return frozenset(_words(text))

    def shared(self, one: frozenset[str], other: frozenset[str]) -> float:
        """How much of the words of two texts is the same, letter by letter: quickly found."""
        both = one & other
        if not both:
            return 0.0
        return 2 * sum(map(self._weight, both)) / (self._sum(one) + self._sum(other))

    def _sum(self, words: frozenset[str]) -> float:
        if words not in self._sums:
            self._sums[words] = sum(map(self._weight, words))
        return self._sums[words]

    def _weight(self, word: str) -> float:
        return 1 / max(self._often[word] - 1, 1)


def are_same(one: str, other: str) -> bool:
    """Return whether two headers differ in marks, punctuation, blanks and capital letters alone."""
    first, second = (bare_name(_MARKUP.sub("", text)) for text in (one, other))
    return bool(first) and first == second


def are_alike(one: str, other: str, least: float = _SAME_ANSWER) -> bool:
    """Return whether two answers differ so little that one may be the other mistyped or reworded.

    Other numbers make another answer, and so do words that say the contrary: *likely* and
    *unlikely*, *agree* and *disagree*, *satisfied* and *not satisfied*.
    """
    a, b = skeleton(one), skeleton(other)
    if not a or not b or _numbers(a) != _numbers(b):
        return False
    if a == b:
        return True
    mine, theirs = _words(a), _words(b)
    if ({*mine} ^ {*theirs}) & _NEGATIONS or min(len(a), len(b)) < 4:
        return False
    odd, others = [w for w in mine if w not in theirs], [w for w in theirs if w not in mine]
    if any(_contrary(w, x) for w in odd for x in others) or _ratio(a, b) < least:
        return False
    lone = [w for w in odd if all(_ratio(w, x) < _ALMOST for x in others)]
    alone = [w for w in others if all(_ratio(w, x) < _ALMOST for x in odd)]
    return least < _SAME_ANSWER or not (lone and alone)  # each with a word of its own


def nearest(answer: str, others: Sequence[str], least: float = _SAME_ANSWER) -> str | None:
    """Return the answer that is most like another, if any is alike."""
    found = [other for other in others if are_alike(answer, other, least)]
    return max(found, key=lambda x: _ratio(skeleton(answer), skeleton(x)), default=None)


def _contrary(one: str, other: str) -> bool:
    """Return whether one of two words is the other with a syllable before it."""
    short, long = sorted((one, other), key=len)
    return long.endswith(short) and 2 <= len(long) - len(short) <= 4 and len(short) > 2


def _is_same_word(one: str, other: str) -> bool:
    return min(len(one), len(other)) > 3 and _ratio(one, other) >= _SAME_WORD


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _numbers(text: str) -> list[str]:
    return _NUMBER.findall(text)


@lru_cache(maxsize=50_000)
def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
