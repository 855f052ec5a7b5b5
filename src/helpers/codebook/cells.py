"""What a cell holds: the one description that memory, DuckDB and Spark follow.

A cell is text, cleaned by `clean`. It is blank, a code that the codebook knows, a number (`NUMBER`)
or something else; an engine converts only texts that `NUMBER` accepts into numbers, be it to
compare them or to add them up. `engines` writes the same rules for DuckDB and Spark.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from numbers import Integral, Real
from operator import ge, gt, le, lt
from typing import Any

from helpers.errors import FLAG, JOINERS, TAGS, UNSEEN, python_syntax

NOT_ASKED = "not_asked"
NOT_ANSWERED = "not_answered"
WORDS = (NOT_ASKED, NOT_ANSWERED)

# What Unicode calls white space, which `str.strip` takes off.
BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
# What is put for what, one after the other: line ends of one kind; no sign of direction or of no
# width, but joiners between two characters that they may join, and the tags of a flag.
CLEANING = (
    (r"\r\n?", "\n"),
    (f"[{UNSEEN}]", ""),
    (rf"(^|[^{FLAG}{TAGS}])[{TAGS}]+", r"\1"),
    (f"[{JOINERS}][{JOINERS}]+", ""),
    (rf"(^|[\x00-\x7f])[{JOINERS}]", r"\1"),
    (rf"[{JOINERS}]($|[\x00-\x7f])", r"\1"),
)
_CLEANING = [(re.compile(python_syntax(pattern)), put) for pattern, put in CLEANING]

# ASCII digits, a point, no separators. The squares of what fits are finite in every engine.
NUMBER = (
    r"[+-]?(?:0*[0-9]{1,40}(?:\.[0-9]{0,100})?|\.[0-9]{1,100})"
    r"(?:[eE](?:\+?0*[0-9]{1,2}|-0*[0-9]{1,3}))?"
)
_NUMBER = re.compile(NUMBER)
DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
WHOLE = 1e16  # from here on floats are written with an exponent

ORDER: dict[str, Callable[[Any, Any], Any]] = {">": gt, ">=": ge, "<": lt, "<=": le}


def clean(cell: str) -> str:
    """Drop what is invisible: outer blanks, direction and zero-width marks, other Unicode forms.

    Control characters stay: an import reports them, and no code has any.
    """
    if cell.isascii() and "\r" not in cell:
        return cell.strip()
    for pattern, put in _CLEANING:
        cell = pattern.sub(put, cell)
    return unicodedata.normalize("NFC", cell).strip()


def number(cell: str) -> float:
    """Return the number that a clean cell holds; NaN where it holds none."""
    return float(cell) if _NUMBER.fullmatch(cell) else math.nan


def text(value: Any) -> str:
    """Return a value of any type as a clean cell; empty where it is missing.

    Truth values are 1 and 0, whole numbers have no point, decimals no zeros at the end, points in
    time are written as 2021-05-03 18:30:00.
    """
    kind = type(value).__name__
    if isinstance(value, str):
        return clean(value)
    if value is None or kind in ("NAType", "NaTType"):
        return ""
    if kind in ("bool", "bool_"):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        if not value.is_finite():
            return "" if value.is_nan() else str(float(value))
        plain = format(value, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(value, Real) and not isinstance(value, Integral):
        size = abs(float(value))
        if math.isnan(size):
            return ""
        return str(int(float(value))) if size < WHOLE and size % 1 == 0 else str(value)
    if isinstance(value, datetime):
        plain = str(value)
        return plain.rstrip("0").rstrip(".") if "." in plain and not value.tzinfo else plain
    return clean(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))
