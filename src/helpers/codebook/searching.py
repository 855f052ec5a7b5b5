"""Questions found by words: of their id, label and wording, of items and of answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from helpers.codebook.model import Codebook, Kind, Question

SEVERAL = "several places"


def found_in(question: Question, words: str) -> str:
    """Say where a question has all the words, in any case and order; empty if it lacks one.

    Its label, wording, item or answer if one of these has them all, else several of them.
    """
    wanted = words.casefold().split()
    places = list(_places(question))
    for place, text in places:
        if all(word in text.casefold() for word in wanted):
            return place
    together = " ".join(text for _, text in places).casefold()
    return SEVERAL if all(word in together for word in wanted) else ""


def matching(codebook: Codebook, words: str) -> dict[Question, str]:
    """Questions that have all the words, the best first, with where they have them.

    Words that begin one of the question's, its items' or its answers' come before parts of words,
    the question's own words before those of items and answers; answers in own words come last,
    without words to look for, too.
    """
    found = {q: found_in(q, words) for q in codebook.questions.values()}
    there = {q: place for q, place in found.items() if place}
    begins = [re.compile(rf"(?<![^\W_]){re.escape(word)}") for word in words.casefold().split()]

    def rank(question: Question) -> tuple[bool, int]:
        place = there[question] if begins else "label"
        own = place in ("label", "wording")
        texts = [text for at, text in _places(question) if at in ("label", "wording", place)]
        part = not all(begin.search(" ".join(texts).casefold()) for begin in begins)
        return question.kind is Kind.TEXT, 4 if place == SEVERAL else 2 * part + (not own)

    return {q: there[q] for q in sorted(there, key=rank)}


def spelled(codebook: Codebook, words: str) -> str:
    """Return words as the codebook spells them, where none of its words begins like one."""
    there = {
        word: None
        for question in codebook.questions.values()
        for _, text in _places(question)
        for word in re.findall(r"[^\W\d_]{3,}", text.casefold())
    }
    found: list[str] = []
    for word in words.casefold().split():
        known = any(word in one for one in there)
        found += [word] if known else get_close_matches(word, there, n=1, cutoff=0.75) or [word]
    return " ".join(found)


def _places(question: Question) -> Iterator[tuple[str, str]]:
    yield "label", f"{question.id} {question.label}"
    yield "wording", question.wording
    for item in question.items:
        yield f"item: {item.label}", item.label
    for option in question.options:
        yield f"answer: {option.label}", option.label
