"""Questions found by words: of their id, label and wording, of items and of answers."""

from __future__ import annotations

from collections.abc import Iterator

from helpers.codebook.model import Codebook, Question


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
    return "several places" if all(word in together for word in wanted) else ""


def matching(codebook: Codebook, words: str) -> dict[Question, str]:
    """Questions that have all the words, in codebook order, with where they have them."""
    found = {q: found_in(q, words) for q in codebook.questions.values()}
    return {q: place for q, place in found.items() if place}


def _places(question: Question) -> Iterator[tuple[str, str]]:
    yield "label", f"{question.id} {question.label}"
    yield "wording", question.wording
    for item in question.items:
        yield f"item: {item.label}", item.label
    for option in question.options:
        yield f"answer: {option.label}", option.label
