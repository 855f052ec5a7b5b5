"""Answers shown together: which options of a question may be merged, and how that looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import product
from typing import Any

import numpy.typing as npt

from helpers.codebook.model import Kind, Missing, Option, Question
from helpers.release.protect.small_counts import Blocks

_LONGEST = 7


def finest(question: Question) -> Blocks:
    """Every option of the base by itself."""
    return tuple((n,) for n in range(len(question.in_base)))


def candidates(question: Question, counts: npt.NDArray[Any]) -> list[Blocks]:
    """Ways of merging answers, the finest first.

    Parameters
    ----------
    counts
        Respondents per option: which of many answers join first.

    Notes
    -----
    Neighbours merge, on a scale not across its middle unless two answers remain; "don't know" and
    the like join one another or any of the merged answers. Of more than seven answers the two
    given least merge, again and again. The boxes of a select-all question cannot merge.
    """
    if question.kind is Kind.MULTIPLE:
        return [finest(question)]
    if len(question.substantive) <= _LONGEST:
        found = list(dict.fromkeys(_neighbours(question)))
    else:
        found = list(_least_first(question, counts))
    return sorted((f for f in found if len(f) > 1), key=lambda f: (-len(f), _lopsided(f), f))


def coarser(blocks: Blocks, than: Sequence[Blocks]) -> bool:
    """Return whether options that any of the others shows together are together here."""
    place = {option: n for n, block in enumerate(blocks) for option in block}
    return all(len({place[o] for o in block}) == 1 for other in than for block in other)


@dataclass(frozen=True)
class Merged(Question):
    """A question some of whose answers are shown together; all its options are in its base."""

    @cached_property
    def in_base(self) -> tuple[Option, ...]:
        """Options whose respondents form the base, in their order."""
        return self.options

    @cached_property
    def is_numeric_scale(self) -> bool:
        """False: several numbers together are none."""
        return False


def merged(question: Question, answers: Sequence[Sequence[str]]) -> Question:
    """Return the question as if the options of each answer were one.

    Parameters
    ----------
    answers
        Codes shown together; the code of a merged option is theirs, joined by ``+``.
    """
    if question.kind is Kind.MULTIPLE or all(len(codes) == 1 for codes in answers):
        return question
    held = {o.code: o for o in question.in_base}
    scores = [o.score for o in question.substantive if o.score is not None]
    ends = (min(scores, default=0), max(scores, default=0))
    options = tuple(_together([held[code] for code in codes], ends) for codes in answers)
    fields_ = {f.name: getattr(question, f.name) for f in fields(question)}
    return Merged(**{**fields_, "options": options})


def _together(options: Sequence[Option], ends: tuple[float, float]) -> Option:
    """Merge options; an end of the scale stays the end, so that its middle stays where it was."""
    first, *others = options
    if not others:
        return first
    stated = [o for o in options if o.missing is Missing.NO]
    scores = [o.score for o in stated if o.score is not None]
    score = next((end for end in ends if end in scores), None)
    if score is None and scores:
        score = sum(scores) / len(scores)
    return Option(
        code="+".join(o.code for o in options),
        label=" or ".join([first.label, *(o.label[:1].lower() + o.label[1:] for o in others)]),
        score=score,
        missing=Missing.NO if stated else first.missing,
        printed=all(o.printed for o in options),
        waves=tuple(dict.fromkeys(w for o in options for w in o.waves))
        if all(o.waves for o in options)
        else (),
    )


def _neighbours(question: Question) -> Iterator[Blocks]:
    places = {o.code: n for n, o in enumerate(question.in_base)}
    line: Sequence[Option] = question.substantive
    if question.is_scale:
        line = sorted(line, key=lambda o: o.score or 0)
    others = tuple(places[o.code] for o in question.in_base if o not in line)
    for neighbours in _contiguous(tuple(places[o.code] for o in line)):
        if question.is_scale and len(neighbours) > 2 and _across_the_middle(question, neighbours):
            continue
        for apart in _contiguous(others) if others else [()]:
            yield _sorted((*neighbours, *apart))
            for n, block in enumerate(neighbours):  # "don't know" with one of the answers
                if question.is_scale and len(neighbours) > 2 and _above(question, block[-1]):
                    continue  # it would count as the upper end of the scale
                joined = [*neighbours]
                joined[n] = tuple(sorted((*joined[n], *others)))
                yield _sorted(joined)


def _contiguous(places: tuple[int, ...]) -> Iterator[Blocks]:
    """Every division of a sequence into neighbours."""
    for cuts in product((True, False), repeat=len(places) - 1):
        blocks: list[tuple[int, ...]] = [places[:1]]
        for place, cut in zip(places[1:], cuts, strict=True):
            if cut:
                blocks.append((place,))
            else:
                blocks[-1] += (place,)
        yield tuple(blocks)


def _across_the_middle(question: Question, blocks: Blocks) -> bool:
    return any(len({_above(question, place) for place in block}) > 1 for block in blocks)


def _above(question: Question, place: int) -> bool:
    return question.sides.get(question.in_base[place].code, 0) > 0


def _least_first(question: Question, counts: npt.NDArray[Any]) -> Iterator[Blocks]:
    blocks = finest(question)
    while True:
        yield blocks
        if len(blocks) == 1:
            return
        order = sorted(blocks, key=lambda block: (int(counts[list(block)].sum()), block))
        joined = tuple(sorted(order[0] + order[1]))
        blocks = _sorted([b for b in blocks if b not in order[:2]] + [joined])


def _sorted(blocks: Sequence[tuple[int, ...]]) -> Blocks:
    return tuple(sorted(blocks))


def _lopsided(blocks: Blocks) -> int:
    """How far merged answers are from mirroring one another: five points become three evenly."""
    sizes = [len(block) for block in blocks]
    return sum(abs(a - b) for a, b in zip(sizes, reversed(sizes), strict=True))
