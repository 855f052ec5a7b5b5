"""The dictionary of an SPSS file, read record by record: nothing in it is taken on trust.

A file carries no checksum, and the library that reads it takes damaged ones for sound. So its
structure is gone through here, and `sav_data` reads the cells a second time; `spss` compares.
The format: PSPP's developer documentation, chapter "System File Format".
"""

from __future__ import annotations

import codecs
import math
import re
import struct
from dataclasses import dataclass, field
from typing import Any

SYSMIS = -1.7976931348623157e308
LOWEST, HIGHEST = -1.7976931348623155e308, 1.7976931348623157e308
_MOST_VARIABLES = 100_000
_NUMERIC_FORMATS = frozenset((*range(3, 18), *range(20, 42)))  # as files have them, gaps included
_STRING_FORMATS = frozenset((1, 2))
_SIZES = {3: 4, 4: 8, 11: 4, 16: 8}  # of the parts of extension records
_PAGES = {65001: "utf-8", 28591: "iso8859-1", 28605: "iso8859-15"}
_NAME = re.compile(r"[^\W\d][\w.$#@]*$")


class Damaged(ValueError):
    """The file is not what a program that writes SPSS files would write."""


@dataclass
class Variable:
    """One variable record, with its continuations.

    Attributes
    ----------
    width : bytes of text; 0 for a number
    first, elements : where its 8-byte elements stand in a case, and how many there are
    """

    short: str
    width: int
    first: int
    format: int
    elements: int = 1
    label: str = ""
    missing: tuple[float, ...] = ()
    name: str = ""
    long_width: int = 0


@dataclass
class Dictionary:
    """What a file says of itself before its data."""

    compression: int
    cases: int
    elements: int
    bias: float
    order: str
    weight: int
    variables: list[Variable] = field(default_factory=list)
    encoding: str = "cp1252"
    start: int = 0


def read_dictionary(raw: bytes) -> Dictionary:
    """Go through the records of a file up to its data.

    Raises
    ------
    Damaged
        At the first thing that cannot be.
    """
    walk = _Walk(raw)
    found = walk.header()
    walk.records(found)
    _finish(found, walk)
    return found


class _Walk:
    """A place in the bytes of a file that moves on."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at, self.order = raw, 0, "<"
        self.extensions: dict[int, bytes] = {}
        self.slots: list[Variable | None] = []
        self.labelled = False

    def take(self, size: int) -> bytes:
        """Return the next bytes; that there are none is damage."""
        if size < 0 or self.at + size > len(self.raw):
            raise Damaged(f"it ends inside its dictionary, at byte {len(self.raw):,}")
        part = self.raw[self.at : self.at + size]
        self.at += size
        return part

    def number(self) -> int:
        """Return the next whole number of four bytes."""
        return int(struct.unpack(f"{self.order}i", self.take(4))[0])

    def header(self) -> Dictionary:
        """Read the first 176 bytes."""
        mark = self.take(64)[:4]
        layout = self.take(4)
        if struct.unpack("<i", layout)[0] not in (2, 3):
            self.order = ">"
            if struct.unpack(">i", layout)[0] not in (2, 3):
                raise Damaged("its byte order cannot be told")
        size, compression, weight, cases = (self.number() for _ in range(4))
        bias = struct.unpack(f"{self.order}d", self.take(8))[0]
        date, time = self.take(9), self.take(8)
        self.take(64 + 3)
        if (mark == b"$FL3") != (compression == 2) or compression not in (0, 1, 2):
            raise Damaged(f"its header names compression {compression}")
        if bias != 100.0:
            raise Damaged("its header names an unusual bias")
        if cases < -1 or cases > 2**30 or weight < 0:
            raise Damaged("its header counts cases that cannot be")
        if not (date + time).isascii() or any(sign < 32 for sign in date + time):
            raise Damaged("its header has no date")
        return Dictionary(compression, cases, size, bias, self.order, weight)

    def records(self, found: Dictionary) -> None:
        """Read all records up to the one that ends the dictionary."""
        kinds = {2: self._variable, 3: self._labels, 6: self._document, 7: self._extension}
        while (kind := self.number()) != 999:
            if kind not in kinds:
                raise Damaged(f"a record of unknown kind {kind} at byte {self.at - 4:,}")
            if kind == 2 and self.labelled:
                raise Damaged("a variable stands after the labels")
            self.labelled = self.labelled or kind != 2
            kinds[kind](found)
        self.number()
        found.start = self.at

    def _variable(self, found: Dictionary) -> None:
        width, has_label, missing = self.number(), self.number(), self.number()
        shown, written = self.number(), self.number()
        name = self.take(8)
        if len(self.slots) >= _MOST_VARIABLES:
            raise Damaged("it has too many variables")
        label = b""
        if has_label not in (0, 1) or missing not in (-3, -2, 0, 1, 2, 3):
            raise Damaged(f"a variable record at byte {self.at:,} is damaged")
        if has_label:
            size = self.number()
            if not 0 <= size <= 2**16:
                raise Damaged("a variable's label has an impossible length")
            label = self.take(size)
            self.take(-size % 4)
        values = [self.take(8) for _ in range(abs(missing))]
        if width == -1:
            if not self.slots or has_label or missing:
                raise Damaged("a continuation belongs to no text")
            self.slots.append(None)
            return
        if not 0 <= width <= 255:
            raise Damaged(f"a variable of width {width}")
        self._check_formats(width, shown, written)
        variable = Variable(
            name.rstrip(b" ").decode("latin-1"), width, len(self.slots), shown >> 16 & 0xFF
        )
        if not width and missing:
            numbers = struct.unpack(f"{self.order}{abs(missing)}d", b"".join(values))
            _check_missing(missing, numbers)
            variable.missing = numbers
        variable.label = label.decode("latin-1")
        variable.elements = max(1, -(-width // 8))
        found.variables.append(variable)
        self.slots.append(variable)

    def _check_formats(self, width: int, shown: int, written: int) -> None:
        for packed in (shown, written):
            kind = packed >> 16 & 0xFF
            if packed >> 24 or kind not in (_STRING_FORMATS if width else _NUMERIC_FORMATS):
                raise Damaged("a variable has a format that does not fit it")

    def _labels(self, found: Dictionary) -> None:
        count = self.number()
        if not 0 < count <= 2**20:
            raise Damaged("a set of labels of impossible size")
        seen = set()
        for _ in range(count):
            value = self.take(8)
            size = self.take(1)[0]
            self.take(size)
            self.take(-(size + 1) % 8)
            if value in seen:
                raise Damaged("a value is labelled twice")
            seen.add(value)
        if self.number() != 4:
            raise Damaged("labels that belong to no variable")
        many = self.number()
        if not 0 < many <= _MOST_VARIABLES:
            raise Damaged("labels of an impossible number of variables")
        kinds = set()
        for _ in range(many):
            place = self.number()
            if not 1 <= place <= len(self.slots) or self.slots[place - 1] is None:
                raise Damaged("labels of a variable that is not there")
            variable = self.slots[place - 1]
            kinds.add(bool(variable and variable.width))
        if len(kinds) > 1:
            raise Damaged("the same labels for numbers and for texts")

    def _document(self, found: Dictionary) -> None:
        lines = self.number()
        if not 0 < lines <= 2**16:
            raise Damaged("a document of impossible length")
        self.take(80 * lines)

    def _extension(self, found: Dictionary) -> None:
        kind, size, count = self.number(), self.number(), self.number()
        if not 0 < size <= 8 or not 0 <= count <= 2**27 or size != _SIZES.get(kind, size):
            raise Damaged(f"an extension record of kind {kind} is damaged")
        if kind in self.extensions and kind in (3, 4, 11, 13, 14, 16, 20):
            raise Damaged(f"two extension records of kind {kind}")
        self.extensions[kind] = self.take(size * count)


def _check_missing(kind: int, numbers: tuple[float, ...]) -> None:
    if any(math.isnan(n) for n in numbers):
        raise Damaged("a missing value that is no number")
    if kind < 0 and numbers[0] > numbers[1]:
        raise Damaged("a range of missing values that is empty")


def _finish(found: Dictionary, walk: _Walk) -> None:
    """Check what the records say of one another, and read names and encoding."""
    slots = len(walk.slots)
    expected = sum(v.elements for v in found.variables)
    if not found.variables or slots != expected or found.elements not in (-1, 0, slots):
        raise Damaged("its header and its variables disagree on the size of a case")
    for variable in found.variables:
        end = variable.first + variable.elements
        if any(slot is not None for slot in walk.slots[variable.first + 1 : end]):
            raise Damaged("a text has the wrong number of continuations")
    found.elements = slots
    if found.weight > slots:
        raise Damaged("its weight is a variable that is not there")
    _machine(found, walk.extensions)
    _encode(found, walk.extensions)
    _name(found, walk.extensions)


def _machine(found: Dictionary, extensions: dict[int, bytes]) -> None:
    order = found.order
    if 3 in extensions:
        said = struct.unpack(f"{order}8i", _sized(extensions[3], 32))
        if said[4] != 1 or said[6] not in (1, 2) or (said[6] == 2) != (order == "<"):
            raise Damaged("what it says of its machine does not fit it")
        found.encoding = _PAGES.get(said[7], f"cp{said[7]}" if said[7] > 400 else "cp1252")
    if 4 in extensions:
        said = struct.unpack(f"{order}3d", _sized(extensions[4], 24))
        if said[0] != SYSMIS or said[1] != HIGHEST:
            raise Damaged("what it says of missing values is unusual")
    if 16 in extensions:
        cases = struct.unpack(f"{order}2q", _sized(extensions[16], 16))[1]
        if found.cases not in (-1, cases):
            raise Damaged("it counts its cases in two ways that disagree")
    if 11 in extensions and len(extensions[11]) % 4:
        raise Damaged("what it says of the display of its variables is damaged")


def _sized(part: bytes, size: int) -> bytes:
    if len(part) != size:
        raise Damaged("an extension record has the wrong size")
    return part


def _encode(found: Dictionary, extensions: dict[int, bytes]) -> None:
    said = found.encoding
    if 20 in extensions:
        said = extensions[20].decode("latin-1").strip("\x00 ")
    try:
        found.encoding = codecs.lookup(said).name
    except LookupError as error:
        raise Damaged(f'its encoding "{said[:30]}" is unknown') from error
    for variable in found.variables:
        variable.label = _text(variable.label.encode("latin-1"), found.encoding)
        variable.short = _text(variable.short.encode("latin-1"), found.encoding)


def _text(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise Damaged(f"a name or label is not in its encoding {encoding}") from error


def _name(found: Dictionary, extensions: dict[int, bytes]) -> None:
    """Give variables their long names, and texts of more than 255 bytes their width."""
    shorts: dict[str, Any] = {v.short.upper(): v for v in found.variables}
    if len(shorts) != len(found.variables):
        raise Damaged("two variables have the same name")
    for key, value in _pairs(extensions.get(13, b""), "\t", found.encoding):
        if key.upper() not in shorts or not _NAME.match(value):
            raise Damaged("a long name belongs to no variable")
        shorts[key.upper()].name = value
    for key, value in _pairs(extensions.get(14, b""), "\x00\t", found.encoding):
        width = value.strip("\x00 ")
        if key.upper() not in shorts or not width.isdigit() or not 255 < int(width) <= 32767:
            raise Damaged("the width of a long text is damaged")
        shorts[key.upper()].long_width = int(width)
    for variable in found.variables:
        variable.name = variable.name or variable.short
        if not _NAME.match(variable.name):
            raise Damaged("a variable has no proper name")
    names = {v.name.upper() for v in found.variables}
    if len(names) != len(found.variables):
        raise Damaged("two variables have the same long name")


def _pairs(part: bytes, between: str, encoding: str) -> list[tuple[str, str]]:
    text = _text(part, encoding).rstrip("\x00\t ")
    pairs = [entry.partition("=") for entry in text.split(between) if entry.strip("\x00\t ")]
    if any(not sign for _, sign, _ in pairs):
        raise Damaged("names of variables are damaged")
    return [(key.strip("\t"), value) for key, _, value in pairs]
