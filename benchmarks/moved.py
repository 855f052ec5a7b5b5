"""A plain attacker of changes within the same people: a cube as JSON, and arithmetic.

Imports nothing of helpers. Pages do not show changes yet, so this reads `cube.json`; pages are for
`benchmarks.outsider`. What is a leak:

- a group, or what one group has more than another within it, of whom fewer than the minimum base
  answered both times, or only one of the two times;
- with two answers: that all agree who answered only once;
- strict, with two answers: that one or two people went from one answer to another;
- a change of a group of which one of the two times is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Group = frozenset[tuple[str, frozenset[str]]]  # dimension and bands
Counts = dict[str, int]
FEW = 2
MOVES = ("up", "same", "down")


def leaks(cube: Mapping[str, Any], answers: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Find what changes tell: words by place.

    Parameters
    ----------
    answers
        Of each question its answers of substance, the highest first.
    """
    found = {}
    for name, change in cube.get("changes", {}).items():
        times, codes = cube["questions"][name], answers[name]
        for place in change["columns"]:
            item, _, _ = place["item"].partition("=")
            own = counts(change, place["item"], place["time"])
            ends = [counts(times, item, time) for time in place["time"].split(" to ")]
            two = codes if len(codes) == 2 else ()
            for group in own:
                where = f"{name}, {place['item']}, {place['time']}: {words(group)}"
                if not all(group in end for end in ends):
                    found[where] = "one of the two times is not shown"
            listed = {
                group: [moved, *({c: end[group].get(c, 0) for c in codes} for end in ends)]
                for group, moved in own.items()
                if all(group in end for end in ends)
            }
            for which, (moved, first, last) in _differences(listed):
                where = f"{name}, {place['item']}, {place['time']}: {which}"
                for why in _told(moved, first, last, two, cube, change["rounded"]):
                    found[where] = why
    return found


def counts(question: Mapping[str, Any], item: str, time: str) -> dict[Group, Counts]:
    """Read the counts of a column by group; groups with anything hidden or merged are left out."""
    bands = {
        (d, g["id"]): frozenset(g["bands"]) for d, of in question["dimensions"].items() for g in of
    }
    found = {}
    for level in question["levels"]:
        for column, place in enumerate(question["columns"]):
            if (place["item"], place["time"]) != (item, time):
                continue
            for entry in level["groups"]:
                row = entry["n"][column]
                single = all(len(codes) == 1 for codes in level["answers"])
                if row is not None and None not in row and single:
                    group = frozenset((d, bands[d, g]) for d, g in entry["groups"].items())
                    found[group] = dict(zip((c for (c,) in level["answers"]), row, strict=True))
    return found


def words(group: Group) -> str:
    """Name a group."""
    return "; ".join(f"{d}: {' or '.join(sorted(b))}" for d, b in sorted(group)) or "everybody"


def _differences(listed: Mapping[Group, list[Counts]]) -> Iterator[tuple[str, list[Counts]]]:
    """Yield every group, and what each has more than one within it."""
    for group, held in listed.items():
        yield words(group), held
        for other, less in listed.items():
            if _within(other, group) and other != group:
                rest = [
                    {c: n - b[c] for c, n in a.items()} for a, b in zip(held, less, strict=True)
                ]
                yield f"{words(group)} without {words(other)}", rest


def _within(one: Group, other: Group) -> bool:
    inside = dict(one)
    return all(d in inside and inside[d] <= bands for d, bands in other)


def _told(
    moved: Counts,
    first: Counts,
    last: Counts,
    two: Sequence[str],
    cube: Mapping[str, Any],
    rounded: int,
) -> Iterator[str]:
    both, least = sum(moved[m] for m in MOVES), cube["minimum_base"]
    if 0 < both < least - (FEW if rounded else 0):
        yield f"{both} answered both times"
    if rounded:
        return
    before, after = (sum(end.values()) - both for end in (first, last))
    if 0 < before + after < least:
        yield f"{before + after} answered only once"
    if not two:
        return
    yes, no = two
    more = first[yes] - last[yes] + moved["up"] - moved["down"]  # of those who answered only once
    if before + after and more in (before, -after) and not cube["allow_unanimous"]:
        yield "all who answered only once agree"
    if cube["profile"] == "strict" and not before + after:
        stayed = last[yes] - moved["up"], last[no] - moved["down"]
        for n in (*stayed, moved["up"], moved["down"]):
            if 0 < n <= FEW:
                yield f"{n} gave the same two answers"
