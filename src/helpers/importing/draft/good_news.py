"""Which drafted scales have an end that is good news: only where words leave no doubt."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from helpers.codebook.model import Favourable, Kind
from helpers.importing.draft.model import DraftQuestion, Part
from helpers.importing.words.good_news import AGREED, SATISFIED, complains, speaks_well
from helpers.importing.words.names import Names, shortened
from helpers.importing.words.scales import bare_label
from helpers.terminal import some_of

SATISFACTION = "its upper end is good news: a scale of satisfaction"
AGREEMENT = "its upper end is good news: agreement with statements that complain of nothing"
COMPLAINTS = "its upper end is bad news: agreement with statements that complain"
APART = "statements that complain"  # behind the label of the question that has them
_LISTED = 3


def favoured(questions: Sequence[DraftQuestion], names: Names) -> list[DraftQuestion]:
    """Say which end of drafted scales is good news, where it is known to be.

    Rows of a grid that complain become a question of their own: its good end is the other.
    """
    routed = " ".join(question.asked_if for question in questions)
    return [part for question in questions for part in _divided(question, names, routed)]


def _divided(question: DraftQuestion, names: Names, routed: str) -> Iterator[DraftQuestion]:
    top = _top(question)
    if SATISFIED.search(top):
        yield _with_end(question, Favourable.HIGH, SATISFACTION)
        return
    if not AGREED.search(top):
        yield question
        return
    said = {part.at: part.label if part.item else question.wording for part in question.parts}
    good = [at for at, words in said.items() if speaks_well(words)]
    bad = [at for at, words in said.items() if at not in good and complains(words)]
    moves = any(question.column(part) in routed for part in question.parts)
    if len(good) == len(said):
        yield _with_end(question, Favourable.HIGH, AGREEMENT)
    elif len(bad) == len(said):
        yield _with_end(question, Favourable.LOW, COMPLAINTS)
    elif bad and len(good) + len(bad) == len(said) and not moves:
        name = names.give(f"{question.id}_reversed", keep=True)
        yield _with_end(_of(question, good, question.id), Favourable.HIGH, AGREEMENT)
        yield _with_end(_of(question, bad, name), Favourable.LOW, COMPLAINTS)
    else:
        if bad or good:
            unclear = [words for at, words in said.items() if at not in good]
            listed = some_of([f'"{shortened(words, 40)}"' for words in unclear], _LISTED)
            question.reasons.append(
                f"whether agreeing is good news is not known of {listed}: favourable is not set"
            )
        yield question


def _top(question: DraftQuestion) -> str:
    """Return the upper end of a scale on which an end may be good news; empty for others."""
    scored = [option for option in question.options if option.score is not None]
    if question.kind not in (Kind.SINGLE, Kind.GRID) or len(scored) < 3 or question.demographic:
        return ""
    if any(option.score is None and not option.missing for option in question.options):
        return ""
    return bare_label(max(scored, key=lambda option: option.score or 0.0).label)


def _with_end(question: DraftQuestion, good: Favourable, reason: str) -> DraftQuestion:
    return replace(question, favourable=good, reasons=[*question.reasons, reason])


def _of(question: DraftQuestion, places: Collection[int], name: str) -> DraftQuestion:
    """Return some rows of a grid as a question: a single one as a question with one answer."""
    parts = [part for part in question.parts if part.at in places]
    apart = "" if name == question.id else APART
    if len(parts) > 1:
        return replace(question, id=name, parts=parts, apart=apart, reasons=[*question.reasons])
    [row] = parts
    return replace(
        question,
        id=name,
        kind=Kind.SINGLE,
        wording=f"{question.wording}: {row.label}",
        parts=[Part(row.at, recode=row.recode)],
        reasons=["one row of a grid", *question.reasons[1:]],
    )
