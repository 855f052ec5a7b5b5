"""What the cells of a column look like: numbers, dates, few words or many."""

from __future__ import annotations

import re
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from helpers.survey.codebook import Missing
from helpers.survey.formats.scales import missing_kind
from helpers.survey.formats.sheets import Column

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?")
COMMA = re.compile(r"[+-]?\d+,\d+")
DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}.*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}( \d{1,2}:\d{2}.*)?"
    r"|\d{4}/\d{1,2}/\d{1,2}( \d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(:\d{2})?( ?[AP]M)?",
    re.IGNORECASE,
)
_SENTINEL_WORDS = (
    "-1 -2 -7 -8 -9 -66 -77 -88 -96 -97 -98 -99 -666 -777 -888 -997 -998 -999 -9999 77 88 "
    "97 98 99 777 888 997 998 999 9998 9999"
)
SENTINELS = frozenset(_SENTINEL_WORDS.split())
FEW = 30
_TALE = 60  # signs beyond which a typical answer is somebody's own words
_REMARK = 20  # and beyond which answers that nobody else gave are


@dataclass(frozen=True)
class Shape:
    """What a column holds.

    Attributes
    ----------
    answers : different cells that are not blank, and how many rows hold each
    numbers : those that are numbers; `commas` those with a decimal comma
    coded_missing : numbers that stand for no answer (-99), and words that do (refused)
    """

    answers: dict[str, int]
    numbers: dict[str, float]
    commas: tuple[str, ...]
    coded_missing: tuple[str, ...]

    @property
    def answered(self) -> int:
        """How many rows hold anything."""
        return sum(self.answers.values())

    @property
    def is_number(self) -> bool:
        """Whether all that is no missing code is a number."""
        rest = [v for v in self.answers if v not in self.coded_missing]
        return bool(rest) and all(v in self.numbers for v in rest)

    @property
    def nearly_number(self) -> bool:
        """Whether so few cells are no numbers that they must be mistakes."""
        wrong = sum(
            n
            for v, n in self.answers.items()
            if v not in self.numbers and v not in self.coded_missing
        )
        return wrong <= 0.02 * self.answered and len(self.numbers) > 5

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
        if not different or different > FEW or self._are_remarks:
            return False
        length = sum(len(v) * n for v, n in self.answers.items()) / self.answered
        often = self.answered >= 2 * different if self.answered >= 20 else different < self.answered
        return often and (length <= _TALE or different <= 12 and self.answered >= 10 * different)

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
    commas = tuple(v for v in answers if COMMA.fullmatch(v))
    points = any("." in v and NUMBER.fullmatch(v) for v in answers)
    numbers = {v: float(v) for v in answers if NUMBER.fullmatch(v) and v.isascii()}
    if commas and not points:
        numbers |= {v: float(v.replace(",", ".")) for v in commas}
    declared = tuple(v for v in column.missing if v in answers)
    found = (*declared, *_sentinels(numbers), *_words(answers, numbers))
    rest = {v: x for v, x in numbers.items() if v not in found}
    return Shape(answers, rest, commas, tuple(dict.fromkeys(found)))


def _words(answers: dict[str, int], numbers: dict[str, float]) -> list[str]:
    if not numbers:
        return []
    words = [v for v in answers if v not in numbers and len(v) <= _TALE]
    return [v for v in words if missing_kind(v) is not Missing.NO]


def _sentinels(numbers: dict[str, float]) -> list[str]:
    """Numbers that stand for no answer: far outside of all others."""
    coded = {v: x for v, x in numbers.items() if v in SENTINELS}
    rest = [x for v, x in numbers.items() if v not in coded]
    if not rest:
        return []
    low, high = min(rest), max(rest)
    found = []
    for value, number in coded.items():
        if (number < 0 <= low) or (number > 0 and high * 3 < number and high <= 30):
            found.append(value)
    return found
