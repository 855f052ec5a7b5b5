"""What the cells of a column look like: numbers, dates, few words or many."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from helpers.codebook.model import Missing
from helpers.importing.files.sheets import Column
from helpers.importing.words.nonanswers import may_be_missing, missing_kind
from helpers.importing.words.units import units_in

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?")
COMMA = re.compile(r"[+-]?\d+,\d+")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_POINT = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")  # between thousands, or before three decimals
PERCENT = re.compile(r"(?P<number>[+-]?\d+([.,]\d+)?)\s?%")
DATE = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{4}/\d{1,2}/\d{1,2})"
    r"([T ,]+\d{1,2}[:.]\d{2}.*)?|\d{1,2}:\d{2}(:\d{2})?( ?[AP]M)?",
    re.IGNORECASE,
)
_POINT_IN_WORDS = re.compile(r"(10|\d)(?: ?[-–—:=(] ?[^\W\d_].*)?", re.DOTALL)
_SENTINEL_WORDS = (
    "-1 -2 -7 -8 -9 -66 -77 -88 -96 -97 -98 -99 -666 -777 -888 -997 -998 -999 -9999 77 88 "
    "96 97 98 99 777 888 997 998 999 9997 9998 9999 99998 99999"
)
_FRACTION = re.compile(r"-?[0-9]+\.0")
SENTINELS = frozenset(_SENTINEL_WORDS.split())
_ONE_DIGIT = ("7", "8", "9")
_OFTEN = 3  # who gave each point of a scale, if a gap in it is no chance
FEW = 30
_LIST = 250  # names of a long list, each given so often on average:
_EACH = 8
_TOP = 10  # of a scale of numbers
_AMOUNTS = 5  # different numbers without a label, where they are amounts and no codes
_NINES = re.compile(r"9{4,}")
_FAR = 100  # times the highest of the other numbers
_HEAP = 3  # times as many as gave any of the highest numbers, and people
_HIGHEST = 5
_TALE = 60  # characters beyond which a typical answer is somebody's own words
_REMARK = 20  # and beyond which answers that nobody else gave are


@dataclass(frozen=True)
class Shape:
    """What a column holds.

    Attributes
    ----------
    answers : different cells that are not blank, and how many rows hold each
    numbers : those that are numbers; `commas` those with a decimal comma, `percents` those with %
    coded_missing : what stands for no answer: what the file declares, and words that say so, in a
        cell (refused) or in the label of a code
    declared : those of them that the file declares
    suspected : numbers without a label that may stand for no answer (-99): nothing says so
    doubted : answers in words, or codes with such a label, that may be none (*Other/Refused*)
    thousands : numbers with commas between thousands
    units : cells with a unit, per cent aside, and their unit
    converted : cells of several units, and the number that each is in one
    """

    answers: dict[str, int]
    numbers: dict[str, float]
    commas: tuple[str, ...]
    percents: tuple[str, ...]
    coded_missing: tuple[str, ...]
    declared: tuple[str, ...] = ()
    suspected: tuple[str, ...] = ()
    thousands: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    converted: Mapping[str, str] = field(default_factory=dict)
    doubted: tuple[str, ...] = ()

    @property
    def answered(self) -> int:
        """How many rows hold anything."""
        return sum(self.answers.values())

    @property
    def is_number(self) -> bool:
        """Whether all that is not a missing code is a number."""
        passed = {*self.coded_missing, *self.suspected}
        rest = [v for v in self.answers if v not in passed]
        return bool(rest) and all(v in self.numbers for v in rest)

    @property
    def nearly_number(self) -> bool:
        """Whether so few cells are not numbers that they may be mistakes."""
        wrong = sum(
            n
            for v, n in self.answers.items()
            if v not in self.numbers and v not in (*self.coded_missing, *self.suspected)
        )
        return wrong <= 0.05 * self.answered and len(self.numbers) > 5

    @property
    def are_points(self) -> bool:
        """Whether all are points of a scale, of which some have words: 1 (never), 2, 3 (always)."""
        points = [match[1] for match in map(_POINT_IN_WORDS.fullmatch, self.answers) if match]
        whole = 2 < len(points) == len(self.answers) == len({*points})
        return whole and bool(self.numbers) and len(self.numbers) < len(self.answers)

    @property
    def maybe_thousands(self) -> bool:
        """Whether points may be between thousands: three digits are behind every one of them."""
        points = [v for v in self.numbers if "." in v]
        whole = [v.lstrip("+-") for v in self.numbers if "." not in v]
        return (
            len(points) > 2
            and all(map(_POINT.fullmatch, points))
            and all(v.isdigit() and len(v) <= 3 for v in whole)
        )

    @property
    def is_whole(self) -> bool:
        """Whether all numbers are whole."""
        return all(x.is_integer() for x in self.numbers.values())

    @property
    def is_date(self) -> bool:
        """Whether (nearly) all cells are dates or times."""
        dates = sum(n for v, n in self.answers.items() if DATE.fullmatch(v))
        return bool(self.answers) and dates >= 0.98 * self.answered

    @property
    def repeats(self) -> bool:
        """Whether the cells are few different answers, given again and again."""
        different = len(self.answers)
        if not different or self._are_remarks:
            return False
        if different > FEW:
            return self._is_long_list
        length = sum(len(v) * n for v, n in self.answers.items()) / self.answered
        often = self.answered >= 2 * different if self.answered >= 20 else different < self.answered
        return often and (length <= _TALE or different <= 12 and self.answered >= 10 * different)

    @property
    def _is_long_list(self) -> bool:
        """Whether the cells are names of a long list, as of countries, most of them given often."""
        different = len(self.answers)
        if different > _LIST or self.answered < _EACH * different:
            return False
        often = sum(n for n in self.answers.values() if n >= _EACH)
        short = max(map(len, self.answers)) <= _TALE
        return short and often >= 0.8 * self.answered

    @property
    def _are_remarks(self) -> bool:
        """Whether most different answers were given once, and at length."""
        once = [value for value, n in self.answers.items() if n == 1]
        rare = self.answered >= 20 and len(once) > len(self.answers) / 2
        return rare and sum(map(len, once)) > _REMARK * len(once)


_seen: WeakKeyDictionary[Column, Shape] = WeakKeyDictionary()


def shape_of(column: Column) -> Shape:
    """Look at the different cells of a column."""
    if column not in _seen:
        _seen[column] = _shape(column)
    return _seen[column]


def _shape(column: Column) -> Shape:
    counts = column.counts
    answers = {v: int(n) for v, n in zip(column.values, counts, strict=True) if v and n}
    percents = {v: m["number"] for v in answers if v.isascii() and (m := PERCENT.fullmatch(v))}
    if any(NUMBER.fullmatch(v) and v not in ("0", "100") for v in answers):
        percents = {}  # whether 0.3 is 30% there, nobody can tell
    units = {} if percents or all(map(NUMBER.fullmatch, answers)) else units_in(answers)
    plain = {v: units[v][0] if v in units else percents.get(v, v) for v in answers}
    thousands = _thousands(plain)
    plain |= {v: plain[v].replace(",", "") for v in thousands}
    commas = tuple(v for v, text in plain.items() if COMMA.fullmatch(text))
    points = any("." in text and NUMBER.fullmatch(text) for text in plain.values())
    numbers = {v: float(x) for v, x in plain.items() if NUMBER.fullmatch(x) and x.isascii()}
    if commas and not points:
        numbers |= {v: float(plain[v].replace(",", ".")) for v in commas}
    declared = tuple(v for v in column.missing if v in answers)
    labels = {v: column.labels[v] for v in answers if v in column.labels}
    said = [v for v, label in labels.items() if missing_kind(label) is not Missing.NO]
    found = tuple(dict.fromkeys((*declared, *said, *_words(answers, numbers))))
    rest = {v: x for v, x in numbers.items() if v not in found}
    suspected = _sentinels({v: x for v, x in rest.items() if v not in labels}, rest, answers)
    rest = {v: x for v, x in rest.items() if v not in suspected}
    held = {cell: unit for cell, (_, unit) in units.items() if unit}
    turned = {cell: number for cell, (number, unit) in units.items() if not unit}
    known = (tuple(percents), found, declared, suspected, thousands, held, turned)
    shape = Shape(answers, rest, commas, *known)
    return replace(shape, doubted=_doubted(shape, labels))


def _doubted(shape: Shape, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Find answers that may be none by their words, or by the words for one number of many."""
    words = shape.answers if shape.repeats else labels
    said = {v: labels.get(v, v) for v in words if v not in shape.coded_missing}
    amounts = len({*shape.numbers} - {*labels}) >= _AMOUNTS
    return tuple(
        v
        for v, label in said.items()
        if (v in labels or v not in shape.numbers)
        and (
            may_be_missing(label)
            or (amounts and v in SENTINELS and not any(sign.isdigit() for sign in label))
        )
    )


def _thousands(answers: dict[str, str]) -> tuple[str, ...]:
    """Cells with commas between thousands, where no cell has a comma elsewhere.

    Three different ones, or two commas in one, are taken for no decimals: these would hardly all
    have three digits and no leading zero. A number without a comma has three digits at most.
    """
    found = {v: text for v, text in answers.items() if "," in text}
    if not found or not all(map(THOUSANDS.fullmatch, found.values())):
        return ()
    whole = [text for v, text in answers.items() if v not in found and NUMBER.fullmatch(text)]
    if any(len(text.lstrip("+-").split(".")[0]) > 3 for text in whole):
        return ()
    sure = len(found) > 2 or any(text.count(",") > 1 or "." in text for text in found.values())
    return tuple(found) if sure else ()


def without_fractions(column: Column, known: Collection[str]) -> Column:
    """Return a column of whole numbers as such, where all are written as 1.0 and none is known so.

    Programs write them so that hold blanks among numbers.
    """
    filled = [value for value in column.values if value]
    if not filled or not all(map(_FRACTION.fullmatch, filled)) or not {*known}.isdisjoint(filled):
        return column
    return column.recoded([value.removesuffix(".0") for value in column.values])


def _words(answers: dict[str, int], numbers: dict[str, float]) -> list[str]:
    if not numbers:
        return []
    words = [v for v in answers if v not in numbers and len(v) <= _TALE]
    return [v for v in words if missing_kind(v) is not Missing.NO]


def _far_digits(
    bare: dict[str, float], numbers: dict[str, float], answers: dict[str, int]
) -> tuple[str, ...]:
    """Find 7, 8 and 9 that are far beyond the ends of a short scale, often as they are given."""
    high = [v for v in _ONE_DIGIT if v in numbers]
    low = sorted(x for v, x in numbers.items() if v not in (*high, *SENTINELS))
    if not high or not low or any(v not in bare for v in high) or len(low) < 2:
        return ()
    ends = low == [low[0] + n for n in range(len(low))] and low[0] in (0, 1)
    often = all(answers[v] >= _OFTEN for v, x in numbers.items() if x in low)
    return tuple(high) if ends and often and numbers[high[0]] - low[-1] > 2 else ()


def _sentinels(
    bare: dict[str, float], numbers: dict[str, float], answers: dict[str, int]
) -> tuple[str, ...]:
    """Numbers that may stand for no answer: far from all others, and not half a scale."""
    coded = {v: x for v, x in bare.items() if v in SENTINELS or _NINES.fullmatch(v)}
    rest = [x for v, x in numbers.items() if v not in coded]
    if not {*numbers} - {*coded, *_ONE_DIGIT}:
        words = len(answers) > len(numbers)
        most = {v: x for v, x in bare.items() if x < 0 or x > _TOP or v in _ONE_DIGIT}
        return tuple(v for v in most if words)
    apart = _far_digits(bare, numbers, answers)
    if apart:
        return apart + tuple(v for v, x in coded.items() if x < -1 or x > _TOP)
    low, high = min(rest), max(rest)
    below = [x for x in coded.values() if x < 0]
    symmetrical = bool(below) and -min(below) == high and low >= 0
    found = []
    for value, number in sorted(coded.items(), key=lambda c: -c[1]):
        if number < 0 <= high:
            if symmetrical or number >= low - 1:
                low = min(low, number)  # goes on where the others end
            elif low >= -_TOP / 2:
                found.append(value)
        elif number > 3 * high and (high <= 3 * _TOP or (number > 99 and answers[value] > 1)):
            found.append(value)
        if _NINES.fullmatch(value) and number > _FAR * high > 0:
            found.append(value)  # whoever typed it: the mean would be of this one
        if number > high > 3 * _TOP and _is_heap(value, coded, numbers, answers):
            found.append(value)
    return tuple(dict.fromkeys(found))


def _is_heap(
    value: str, coded: Collection[str], numbers: Mapping[str, float], answers: Mapping[str, int]
) -> bool:
    """Return whether many more gave a number than any of the highest below it: an age of 99."""
    others = sorted((v for v in numbers if v not in coded), key=lambda v: -numbers[v])
    most = max(answers[v] for v in others[:_HIGHEST])
    return len(others) > FEW and answers[value] >= _HEAP and answers[value] > _HEAP * most
