"""Sentences that say why a published statement gets its assessment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations

from helpers.ledger.grim import Comparator, nearest, plain, possible_counts
from helpers.ledger.statements import (
    Constraint,
    PrintedStatement,
    Published,
    Rate,
    Reading,
    Statistic,
)

_UNITS = {
    Statistic.COUNT: "",
    Statistic.RANK: "",
    Statistic.RESPONDENTS: "",
    Statistic.BASE: "",
    Statistic.MEAN_SCORE: "",
    Statistic.MEAN_SELECTED: "",
    Statistic.PERCENT: "%",
    Statistic.SHARE_OF_MENTIONS: "%",
    Statistic.TWO_LARGEST: "%",
}


def with_unit(constraint: Constraint, value: Fraction) -> str:
    """Write a value of a constraint's statistic with its unit; differences carry their sign."""
    unit = _UNITS.get(constraint.statistic, " points")
    by_score = constraint.statistic is Statistic.LEAD and not constraint.cell.options
    if by_score or constraint.statistic in (Statistic.MEAN_SCORE, Statistic.MEAN_SELECTED):
        unit, text = "", plain(value, 2)
    else:
        text = plain(value)
    if constraint.reference is None or constraint.statistic is Statistic.RANK:
        return text + unit
    sign = "+" if value > 0 else ""
    return sign + text + (" points" if unit == "%" else unit)


def counts_in_words(counts: Sequence[int]) -> str:
    """Write counts shortly: ``25``, ``18, 19``, ``41-50``."""
    if len(counts) > 2 and counts[-1] - counts[0] == len(counts) - 1:
        return f"{counts[0]}–{counts[-1]}"
    return ", ".join(map(str, counts))


def no_count(constraint: Constraint, rows: Iterable[Constraint]) -> str:
    """Say that no count gives a printed percentage, and whether it is a sum of rounded parts."""
    base, value = constraint.base or 0, constraint.requirement.value
    closest = nearest(range(base + 1), value / 100, base)
    assert closest is not None
    share = plain(Fraction(100 * closest, base), 2)
    words = [f"No count of {base} gives {constraint.requirement.words}%: {closest} is {share}%."]
    parts = rounded_parts(constraint, rows)
    if parts:
        listed = " and ".join(f"{p.requirement.words}% ({p.statement})" for p in parts)
        words.append(f"It is the sum of {listed}, added after rounding.")
        counts = [possible_counts(p.requirement, base) for p in parts]
        if all(len(c) == 1 for c in counts):
            total = sum(c[0] for c in counts)
            added = " + ".join(str(c[0]) for c in counts)
            percent = plain(Fraction(100 * total, base), 2)
            words.append(f"Their counts are {added} = {total} of {base}, {percent}%.")
    return " ".join(words)


def rounded_parts(total: Constraint, rows: Iterable[Constraint]) -> tuple[Constraint, ...]:
    """Find printed shares of parts of a cell that together make it up and add to its value."""
    whole = set(total.cell.options)
    parts: dict[tuple[str, ...], Constraint] = {}
    for row in rows:
        same = (row.cell.question, row.cell.item, row.cell.time, row.cell.where) == (
            total.cell.question,
            total.cell.item,
            total.cell.time,
            total.cell.where,
        )
        printed = row.is_share and row.requirement.comparator is Comparator.EQUAL
        if same and printed and row.reading is Reading.PRINTED and set(row.cell.options) < whole:
            parts.setdefault(row.cell.options, row)
    for size in range(2, len(whole) + 1):
        for some in combinations(parts.values(), size):
            options = [o for part in some for o in part.cell.options]
            values = sum((part.requirement.value for part in some), Fraction(0))
            if sorted(options) == sorted(whole) and values == total.requirement.value:
                return some
    return ()


def other_bases(constraint: Constraint, statement: PrintedStatement, published: Published) -> str:
    """Say of which other bases of the population the printed number could be a share."""
    if len(statement.populations) != 1 or constraint.statistic is not Statistic.PERCENT:
        return ""
    bases = [b for b in published.bases(statement.populations[0]) if b != constraint.base]
    counts = {base: possible_counts(constraint.requirement, base) for base in bases}
    words = []
    if bases and statement.base_n is None:
        words.append(f"No base is printed; {constraint.base} is taken.")
        could = [f"{base} ({counts_in_words(k)})" for base, k in counts.items() if k]
        words += [f"It could also be a share of {' or '.join(could)}."] if could else []
    if not all(counts.values()):
        cannot = [str(base) for base, k in counts.items() if not k]
        words.append(f"It cannot be a share of {' or '.join(cannot)}.")
    return " ".join(words)


def rate(printed: Rate, size: Constraint | None) -> str:
    """Say what is wrong with a printed response rate; empty when nothing is."""
    k, n, percent = printed.numerator, printed.denominator, printed.requirement
    counts = possible_counts(percent, n)
    words = []
    if k not in counts:
        would = (
            f"{percent.words}% would be {counts_in_words(counts)}"
            if counts
            else (f"no count of {n} gives {percent.words}%")
        )
        words.append(f"{k} of {n} is {plain(Fraction(100 * k, n))}%; {would}.")
    if size is not None and size.requirement.value != n:
        everybody = int(size.requirement.value)
        fits = k in possible_counts(percent, everybody)
        words.append(
            f"The denominator {n} disagrees with {size.statement} ({everybody}); {k} of "
            f"{everybody} is {plain(Fraction(100 * k, everybody))}%"
            f"{', as printed' if fits else ''}."
        )
    return " ".join(words)
