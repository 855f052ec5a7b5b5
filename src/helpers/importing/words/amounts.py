"""Answers in words that stand for an amount: heights, how often a year, numbers and bands."""

from __future__ import annotations

import re

_COUNTS = {"none": 0.0, "zero": 0.0, "once": 1.0, "one": 1.0, "twice": 2.0, "two": 2.0}
_COUNTS |= {"three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0}
_COUNTS |= {"nine": 9.0, "ten": 10.0}
_PER = {"day": 365.0, "daily": 365.0, "week": 52.0, "weekly": 52.0, "month": 12.0, "monthly": 12.0}
_PER |= {"quarter": 4.0, "quarterly": 4.0, "year": 1.0, "yearly": 1.0, "annually": 1.0}
_NUMBER = re.compile(r"\d[\d,. ]*\d|\d")
_HEIGHT = re.compile(r"(\d)\s*(?:'|ft\b|feet|foot)\s*(\d{1,2})?")
_BELOW = re.compile(r"(under|less than|below|up to|fewer than|younger|or less|or under|<)")
_ABOVE = re.compile(r"(over|more than|above|or more|and over|and above|older|or over|plus|\+|>)")


def height(text: str) -> float | None:
    """Inches of a height in feet and inches."""
    match = _HEIGHT.search(text)
    if not match:
        return None
    beyond = -0.5 if _BELOW.search(text) else 0.5 if _ABOVE.search(text) else 0
    return int(match[1]) * 12 + int(match[2] or 0) + beyond


def times_a_year(text: str) -> float | None:
    """Say how often a year an answer such as `a few times per week` means."""
    if text == "never":
        return 0.0
    if re.fullmatch(r"(every ?day|daily)( or (more|almost every day).*)?", text):
        return 365.0
    period = re.search(r"\b(?:per|a|every|each|once) (day|week|month|quarter|year)\b", text)
    adverb = re.search(r"\b(daily|weekly|monthly|quarterly|yearly|annually)\b", text)
    found = period or adverb
    if not found:
        return None
    times = 3.0 if re.search(r"few|several", text) else _first_count(text) or 1.0
    beyond = 0.9 if _BELOW.search(text) else 1.1 if _ABOVE.search(text) else 1.0
    return times * _PER[found[1]] * beyond


def _first_count(text: str) -> float | None:
    number = _NUMBER.search(text)
    if number:
        return _as_number(number[0])
    return next((_COUNTS[w] for w in re.findall(r"[a-z]+", text) if w in _COUNTS), None)


def size_of(text: str) -> float | None:
    """Lower end of a band, or a number in words."""
    if re.search(r"[a-z]", text) and len(text) > 40:
        return None
    found = _first_count(text)
    if found is None:
        return 0.0 if re.match(r"(no|none|never|not okay|it is not)\b", text) else None
    if _BELOW.search(text):
        return found - 0.5 if len(_NUMBER.findall(text)) == 1 else found
    return found + (0.5 if _ABOVE.search(text) else 0.0)


def _as_number(text: str) -> float | None:
    try:
        return float(re.sub(r"[, ](?=\d{3}\b)", "", text).replace(",", "."))
    except ValueError:
        return None
