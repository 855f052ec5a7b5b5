"""Own words among the answers that a question offered: in a single choice, and in a box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from helpers.codebook.model import Missing
from helpers.importing.draft.several_columns import groups_of, ticks_of
from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import Head
from helpers.importing.words.nonanswers import missing_kinds
from helpers.importing.words.scales import bare_label, is_other, is_written, order_of
from helpers.importing.words.shapes import FEW, Shape, shape_of

_OFFERED = 2 / 3  # of respondents chose an answer that was offered, at least
_EACH = 5  # respondents who chose such an answer on average, at least
_LONG = 20  # characters of own words that would else be taken for seldom answers
_FAR = 3  # times as long as any answer that was chosen: own words
_PEOPLE = 30  # from whom on answers that were given once are told from seldom ones
_MOST = 40  # answers that were offered where there are more different ones than of a short list
_LEAST = 3  # and at least
_NEARLY = 0.8  # of respondents who chose one of them, at least
_STRAY = 0.02  # share of respondents with something else in a box, at most


def write_ins(column: Column, head: Head) -> frozenset[str]:
    """Find the cells of a single choice in which somebody wrote, and did not choose.

    Nobody else gave them, and the answers that several gave are few. If there are few different
    cells in all, they are answers of one scale, or seldom ones, unless they are long.
    """
    shape = shape_of(column)
    if column.labels or column.form or head.free or shape.is_date or shape.numbers:
        return frozenset()
    kinds = missing_kinds([*shape.answers])
    if behind := _behind_other(shape, kinds):
        return behind
    if (len(shape.answers) > FEW or not shape.repeats) and (rare := _rare(shape, kinds)):
        return rare
    once = [cell for cell, n in shape.answers.items() if n == 1 and not kinds[cell]]
    often = {cell: n for cell, n in shape.answers.items() if n > 1 and not kinds[cell]}
    chosen = sum(often.values())
    if not once or not 2 <= len(often) <= FEW / 2:
        return frozenset()
    if shape.answered < _PEOPLE:
        return _unlike(once, often, shape)
    if chosen < _OFFERED * shape.answered or chosen < _EACH * len(often):
        return frozenset()
    if any(n < _EACH for n in often.values()) and not shape.repeats:
        return frozenset()  # words that come again by chance
    if shape.repeats:
        at_length = sum(map(len, once)) > _LONG * len(once)
        if len(once) < 3 or not at_length or order_of([*often, *once]):
            return frozenset()
    return frozenset(once)


def _behind_other(shape: Shape, kinds: Mapping[str, Missing]) -> frozenset[str]:
    """Find own words behind *Other*, which the tool has put there; what many gave was offered."""
    found = [cell for cell, n in shape.answers.items() if n < _EACH and is_written(cell)]
    others = [cell for cell in shape.answers if cell not in found and not kinds[cell]]
    own = len(found) > 1 or any(shape.answers[cell] == 1 for cell in found)
    chosen = 2 <= len(others) <= FEW and sum(shape.answers[cell] > 1 for cell in others) > 1
    return frozenset(found) if own and chosen else frozenset()


def _unlike(once: Sequence[str], often: Mapping[str, int], shape: Shape) -> frozenset[str]:
    """Find own words among answers of few people: they do not look like those that were chosen.

    They begin with a small letter where all others begin with a capital one, or are far longer.
    """
    if sum(often.values()) < _OFFERED * shape.answered or order_of([*often, *once]):
        return frozenset()
    capital = all(cell[0].isupper() for cell in often)
    long = max(_LONG, _FAR * max(map(len, often)))
    found = {cell for cell in once if (capital and cell[0].islower()) or len(cell) > long}
    return frozenset(cell for cell in found if not is_other(cell))


def _rare(shape: Shape, kinds: Mapping[str, Missing]) -> frozenset[str]:
    """Find own words beside a long list of answers: what hardly anybody else gave."""
    said = {cell: n for cell, n in shape.answers.items() if not kinds[cell]}
    offered = {cell: n for cell, n in said.items() if n >= _EACH}
    chosen = sum(offered.values())
    few = _LEAST <= len(offered) <= _MOST and chosen >= 2 * _EACH * len(offered)
    few = few and max(offered.values()) <= _NEARLY * chosen  # no remarks of which most are "no"
    if not few or chosen < _NEARLY * sum(said.values()):
        return frozenset()
    return frozenset(said.keys() - offered.keys())


def strays(sheet: Sheet, heads: Sequence[Head]) -> Mapping[int, str]:
    """Find the boxes that hold own words of a few: their places, and what a ticked one holds."""
    found: dict[int, str] = {}
    for places in groups_of(heads):
        if len(places) < 3:
            continue
        shapes = [shape_of(sheet.columns[at]) for at in places]
        items = [heads[at].item for at in places]
        ticks = [ticks_of(s, item) is not None for s, item in zip(shapes, items, strict=True)]
        if 2 * sum(ticks) <= len(places):
            continue
        for at, item, shape, sound in zip(places, items, shapes, ticks, strict=True):
            label = next(
                (cell for cell in shape.answers if bare_label(cell) == bare_label(item)), ""
            )
            few = max(2, _STRAY * len(sheet.rows))
            if len(shape.answers) == 2 and min(shape.answers.values()) > 1:
                continue  # the same in another language
            if not sound and label and shape.answered - shape.answers[label] <= few:
                found[at] = label
    return found
