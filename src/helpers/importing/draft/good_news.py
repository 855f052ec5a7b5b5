"""Which drafted scales have an end that is good news: only where words leave no doubt."""

from __future__ import annotations

from helpers.codebook.model import Favourable, Kind
from helpers.importing.draft.model import DraftQuestion
from helpers.importing.words.good_news import AGREED, SATISFIED, speaks_well
from helpers.importing.words.scales import plainly

SATISFACTION = "its upper end is good news: a scale of satisfaction"
AGREEMENT = "its upper end is good news: agreement with statements that complain of nothing"


def favour(question: DraftQuestion) -> None:
    """Say that the upper end of a drafted scale is good news, if it is known to be."""
    scored = [option for option in question.options if option.score is not None]
    if question.kind not in (Kind.SINGLE, Kind.GRID) or len(scored) < 3 or question.demographic:
        return
    if any(option.score is None and not option.missing for option in question.options):
        return
    top = plainly(max(scored, key=lambda option: option.score or 0.0).label)
    if SATISFIED.search(top):
        question.favourable, reason = Favourable.HIGH, SATISFACTION
    elif AGREED.search(top) and all(map(speaks_well, _statements(question))):
        question.favourable, reason = Favourable.HIGH, AGREEMENT
    else:
        return
    question.reasons.append(reason)


def _statements(question: DraftQuestion) -> list[str]:
    """List what people agree with: the rows of a grid, or the question itself."""
    rows = [part.label for part in question.parts if part.item]
    return rows or [question.wording]
