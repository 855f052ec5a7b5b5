"""Change within respondents: questions that follow from the same people's answers at two times.

A question on several points in time has a change question. Of those asked at both times it says
who went up, stayed the same or went down, and who did not answer at both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from helpers.codebook.model import Base, Codebook, Item, Kind, Option, Question

UP, SAME, DOWN = "up", "same", "down"
OPTIONS = (Option(UP, "Up", 1), Option(SAME, "The same", 0), Option(DOWN, "Down", -1))
_NAMED = "change: {}"  # no id of a codebook has a blank


@dataclass(frozen=True)
class Change:
    """One column of a change question.

    Attributes
    ----------
    first, last : response columns of one item at two times
    option : answer that people come to (up) or leave (down), where answers have no order; else
        empty
    """

    column: str
    first: str
    last: str
    option: str = ""


def change_id(question: str) -> str:
    """Return the id of the change question of a question."""
    return _NAMED.format(question)


def in_order(question: Question) -> bool:
    """Return whether answers can go up and down: they lie on a scale, or there are two of them."""
    return question.is_scale or len(question.substantive) == 2


def change_question(question: Question) -> Question | None:
    """Make the change question: for each item, from each point in time to the next.

    Where answers have no order it has a row for each of them. Its base is all who were asked at
    both times; option `not_answered` means that they did not answer at both. None where nothing
    was asked of several times.
    """
    if question.kind is not Kind.TIME_GRID or len(question.times) < 2:
        return None
    if len(question.substantive) < 2 or not question.items:
        return None
    items = question.items
    if not in_order(question):
        items = tuple(
            Item(f"{i.code}={o.code}", f"{i.label}: {o.label}", i.printed, i.waves)
            for i in question.items
            for o in question.substantive
        )
    return replace(
        question,
        id=change_id(question.id),
        kind=Kind.GRID,
        label=f"Change: {question.label}",
        wording=f"Change: {question.wording}",
        options=OPTIONS,
        items=items,
        times=tuple(f"{a} to {b}" for a, b in pairwise(question.times)),
        base=Base.ASKED,
    )


def changes_of(question: Question) -> tuple[Change, ...]:
    """List the columns of the change question of a question, in its order."""
    made = change_question(question)
    if made is None:
        return ()
    at = {(c.item, c.time): c.column for c in question.cells}
    times = {f"{a} to {b}": (a, b) for a, b in pairwise(question.times)}
    found = []
    for cell in made.cells:
        item, _, option = (cell.item, "", "") if in_order(question) else cell.item.rpartition("=")
        first, last = (at[item, time] for time in times[cell.time])
        found.append(Change(cell.column, first, last, option))
    return tuple(found)


def with_changes(codebook: Codebook, questions: Iterable[str]) -> Codebook:
    """Add the change questions of some questions to a codebook."""
    listed = [codebook.questions[q] for q in questions if q in codebook.questions]
    made = [change for q in listed if (change := change_question(q)) is not None]
    times = {
        f"{a} to {b}": f"{codebook.times.get(a, a)} to {codebook.times.get(b, b)}"
        for q in listed
        for a, b in pairwise(q.times)
    }
    return replace(
        codebook,
        questions={**codebook.questions, **{q.id: q for q in made}},
        times={**codebook.times, **times},
    )
