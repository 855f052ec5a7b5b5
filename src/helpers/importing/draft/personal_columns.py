"""Columns that may name a person, by their headers and their cells."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

from helpers.importing.draft.several_columns import LEFT, TICKED
from helpers.importing.files.sheets import Column
from helpers.importing.layouts.heads import Head
from helpers.importing.words.personal import holds, kind_of
from helpers.importing.words.scales import AMOUNTS, bare_label, order_of
from helpers.importing.words.shapes import Shape

_PERSONAL = re.compile(
    r"\b(ip ?addr(ess)?|e-?mail( ?address)?|first ?name|last ?name|full ?name|surname|phone"
    r"|telephone|mobile|postcode|zip ?code|latitude|longitude|location ?(latitude|longitude)"
    r"|recipient ?\w+|ipaddress|ipaddr|emailaddress|firstname|lastname|ip-?adresse"
    r"|e-?mail-?adresse|vorname|nachname|telefon(nummer)?|submission (edit )?url|user ?name)\b"
    r"|^name$|^来自ip$|_(latitude|longitude)$",
    re.IGNORECASE,
)
_IN_NUMBERS = ("mail", "phone", "device", "worker", "ip", "place", "number")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_GEOPOINT = re.compile(r"-?\d{1,2}\.\d{3,} -?\d{1,3}\.\d{3,}( -?[\d.]+ [\d.]+)?")  # of ODK


def is_left_out(head: Head, title: str, column: Column, shape: Shape) -> bool:
    """Return whether a column is left out, because it names a person, a device or a place."""
    spelled = re.sub(r"([a-z])([A-Z])", r"\1 \2", title)
    of_tool = head.role == "meta" and bool(_PERSONAL.search(spelled))
    forms = (_MAIL.fullmatch, _is_address, _GEOPOINT.fullmatch)
    return (
        of_tool or any(_mostly(form, shape) for form in forms) or is_personal(head, column, shape)
    )


def may_name(title: str, head: Head, shape: Shape) -> bool:
    """Return whether own words may name a person: their owner is to look at them."""
    named = _PERSONAL.search(title) or _PERSONAL.search(head.item)
    return bool(named) or _mostly(_MAIL.fullmatch, shape)


def is_personal(head: Head, column: Column, shape: Shape) -> bool:
    """Return whether a header is that of personal data, and its cells are not answers."""
    if column.labels:
        return False
    said = (head.item, head.label) if head.item else (head.key, head.text, head.name)
    kind = next((kind for words in said if (kind := kind_of(words))), "")
    if not kind or head.role == "meta":
        return bool(kind)
    own = {bare_label(words) for words in said}
    cells = [cell for cell in shape.answers if bare_label(cell) not in own]
    plain = {bare_label(cell) for cell in cells}
    order = order_of(cells)
    answers = plain <= TICKED | LEFT or (order is not None and order.name not in AMOUNTS)
    return holds(kind, cells) and (kind in _IN_NUMBERS or not answers)


def _is_address(cell: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(cell))
    return False


def _mostly(rule: Callable[[str], object], shape: Shape) -> bool:
    """Return whether nearly all cells look alike in this way."""
    found = sum(n for value, n in shape.answers.items() if rule(value))
    return found > 0 and found >= 0.9 * shape.answered
