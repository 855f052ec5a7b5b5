"""Answers that stand for a question: the upper end of a scale, or one of two; and their names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpers.codebook.model import DETRACTORS, PROMOTERS, Kind, Option, Question
from helpers.estimation.estimates import Parts
from helpers.words import Catalogue, lowered, words_in

POSITIVE = "positive"
NUMERAL = re.compile(r"[+-]?\d+")


def draws_one(question: Question) -> bool:
    """Whether a chart draws one of two answers to each of several items."""
    grid = len(question.items) > 1 and question.kind is not Kind.MULTIPLE
    return grid and len(question.substantive) <= 2


def positive(question: Question) -> tuple[str, ...]:
    """Codes above the midpoint of a question's scale; none where it has no scale.

    Of a recommendation question they would not be its promoters: it has none either.
    """
    if not question.is_scale or question.kind is Kind.RECOMMEND:
        return ()
    return tuple(code for code, side in question.sides.items() if side > 0)


def positive_label(question: Question, say: Catalogue | None = None) -> str:
    """Say the upper end of a scale in words, with the ends of a scale of numbers."""
    return on_scale(question, upper_end(question, say), say)


def upper_end(question: Question, say: Catalogue | None = None) -> str:
    """Say the upper end of a scale in words; of points that are numbers, the first and the last.

    A noun that all of them end in is written once: "Moderate or major challenge". Capitals inside
    a label stay, but those of the common words of answers: "Agree" and "Strongly Agree" are "Agree
    or strongly agree".
    """
    return answers_in_words(question, positive(question), say)


def answers_in_words(question: Question, codes: Sequence[str], say: Catalogue | None = None) -> str:
    """Say some answers of a scale in words, as `upper_end` does."""
    say = say or words_in()
    if question.is_numeric_scale:  # its ends may be in words
        scores = [o.score or 0 for o in question.substantive if o.code in codes]
        return say("scale.span", first=f"{min(scores):g}", last=f"{max(scores):g}")
    labels = [question.option_label(code) for code in codes]
    if len(labels) > 1 and all(map(NUMERAL.fullmatch, labels)):
        ordered = sorted(question.substantive, key=lambda o: o.score or 0)
        ends = [o.label for o in ordered if o.code in codes]
        if len(ends) > 2:
            return say("scale.span", first=ends[0], last=ends[-1])
        return say.either(ends)
    small = set(say("scale.small").split())
    labels = [_without_capitals(label, small) for label in labels]
    named = [*labels[:1], *map(lowered, labels[1:])]
    return say.either(_noun_once(named))


def _noun_once(labels: list[str]) -> list[str]:
    """Take the noun from all labels of an adjective and a noun but the last."""
    words = [label.split() for label in labels]
    alike = all(len(each) == 2 and each[1] == words[-1][-1] for each in words)
    return [*(each[0] for each in words[:-1]), *labels[-1:]] if alike else labels


def _without_capitals(label: str, small: set[str]) -> str:
    """Write some words of a label small, but its first; a word of capitals alone is a name."""
    first, *rest = re.split(r"(\s+)", label)
    return first + "".join(
        word.lower() if word.istitle() and word.lower() in small else word for word in rest
    )


def on_scale(question: Question, answers: str, say: Catalogue | None = None) -> str:
    """Add to answers between which ends they lie if they are numbers."""
    options = sorted(question.substantive, key=lambda o: o.score or 0)
    labels = [f"{o.score:g}" if question.is_numeric_scale else o.label for o in options]
    if not question.is_scale or not any(map(NUMERAL.fullmatch, labels)):
        return answers
    say = say or words_in()
    low, high = (
        end if NUMERAL.fullmatch(end) else say("format.quoted", text=end)
        for end in (labels[0], labels[-1])
    )
    return say("scale.between", answers=answers, low=low, high=high)


def leading(question: Question) -> Option:
    """Return the option that represents a question if only one can be drawn."""
    scored = [o for o in question.substantive if o.score is not None]
    return max(scored, key=lambda o: o.score or 0) if scored else question.substantive[0]


def stands_for_both(question: Question, say: Catalogue) -> Option | None:
    """Return the answer whose share says all: *yes* of yes and no, or one of two with a score."""
    if len(question.items) > 1 or question.kind is Kind.MULTIPLE or len(question.in_base) != 2:
        return None
    option = leading(question)
    first = option.label.lower().split(maxsplit=1)[0].rstrip(",.;:–-")
    return option if option.score or first in say.each("affirmed").values() else None


def compared_options(question: Question) -> Parts | None:
    """Options that groups are compared on: a scale's upper end, or the leading one of two."""
    if positive(question):
        return {POSITIVE: positive(question)}
    if question.parts:
        parts = parts_of(question)
        return {name: parts[name] for name in (PROMOTERS, DETRACTORS)}
    if len(question.substantive) == 2 and question.kind is not Kind.MULTIPLE:
        return {leading(question).code: (leading(question).code,)}
    return None


def parts_of(question: Question) -> dict[str, tuple[str, ...]]:
    """Codes behind each answer of a question as it is shown."""
    return {
        option.code: tuple(c for c, part in question.parts.items() if part == option.code)
        or (option.code,)
        for option in question.reduced.in_base
    }
