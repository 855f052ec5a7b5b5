"""The categories of a Parquet file in their order, which DuckDB does not give.

pyarrow does, but takes 170 MB. The format is Apache's parquet-format; that of the schema beside it
is Arrow's Schema.fbs.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.codebook.cells import clean

_LARGEST_PAGE = 4 * 2**20


@dataclass(frozen=True)
class Category:
    """The categories of a column, in their order, and whether this is said to matter."""

    names: tuple[str, ...]
    ordered: bool


def categories(path: Path, said: Mapping[bytes, bytes], ask: Any) -> dict[str, Category]:
    """Categories of columns. What cannot be made out is none: the column holds texts."""
    try:
        declared = {**_of_pandas(said), **_of_arrow(said)}
    except (ValueError, TypeError, KeyError, AttributeError, struct.error, IndexError):
        return {}
    if not declared:
        return {}
    where: dict[str, list[tuple[str, int]]] = {}
    query = (
        "select path_in_schema, compression, dictionary_page_offset from parquet_metadata(?) "
        "where dictionary_page_offset is not null order by row_group_id"
    )
    for name, packed, place in ask(query):
        if name in declared:
            where.setdefault(name, []).append((packed, place))
    found = {}
    for name, (ordered, listed) in declared.items():
        names = listed
        try:
            for packed, place in where.get(name, ()) if not listed else ():
                names = [*names, *_dictionary(path, packed, place)]
        except (ValueError, struct.error, IndexError, zlib.error):
            names = []
        if names or where.get(name):
            found[name] = Category(tuple(dict.fromkeys(map(clean, names))), ordered)
    return found


_Declared = dict[str, tuple[bool, list[str]]]


def _of_pandas(said: Mapping[bytes, bytes]) -> _Declared:
    """Columns that pandas says are categorical, and whether they are ordered."""
    about = json.loads(said.get(b"pandas", b"{}"))
    return {
        str(each["name"]): (bool((each.get("metadata") or {}).get("ordered")), [])
        for each in about.get("columns", ())
        if each.get("pandas_type") == "categorical"
    }


def _of_arrow(said: Mapping[bytes, bytes]) -> _Declared:
    """Columns that are dictionaries in the schema of Arrow; Polars lists what they hold."""
    raw = base64.b64decode(said.get(b"ARROW:schema", b""))
    if len(raw) < 16:
        return {}
    message = _FlatTable.at_root(raw[8:] if raw[:4] == b"\xff\xff\xff\xff" else raw[4:])
    schema = message.table(2)
    found: _Declared = {}
    for each in schema.tables(1) if schema else ():
        dictionary = each.table(4)
        if dictionary is None:
            continue
        beside = {pair.text(0): pair.text(1) for pair in each.tables(6)}
        if any(key.startswith("_PL_CATEGORICAL") for key in beside):
            continue  # Polars numbers them as they come
        listed = _enumerated(beside.get("_PL_ENUM_VALUES2", ""))
        found[each.text(0)] = bool(dictionary.flag(2)), listed
    return found


def _enumerated(said: str) -> list[str]:
    """Read `1;c3;low`: the length of each name in bytes, and the name."""
    raw, found = said.encode(), []
    while raw:
        size, _, raw = raw.partition(b";")
        found.append(raw[: int(size)].decode())
        raw = raw[int(size) :]
    return found


@dataclass(frozen=True)
class _FlatTable:
    """A table of a FlatBuffer."""

    raw: bytes
    at: int

    @classmethod
    def at_root(cls, raw: bytes) -> _FlatTable:
        """Return the outermost table."""
        return cls(raw, struct.unpack_from("<I", raw)[0])

    def _place(self, number: int) -> int:
        fields = self.at - struct.unpack_from("<i", self.raw, self.at)[0]
        size = struct.unpack_from("<H", self.raw, fields)[0]
        if fields < 0 or 4 + 2 * number >= size:
            return 0
        offset: int = struct.unpack_from("<H", self.raw, fields + 4 + 2 * number)[0]
        return self.at + offset if offset else 0

    def _there(self, number: int) -> int:
        place = self._place(number)
        return place + int(struct.unpack_from("<I", self.raw, place)[0]) if place else 0

    def flag(self, number: int) -> bool:
        """Return a field that is true or false."""
        place = self._place(number)
        return bool(place and self.raw[place])

    def table(self, number: int) -> _FlatTable | None:
        """Return a field that is a table."""
        there = self._there(number)
        return _FlatTable(self.raw, there) if there else None

    def tables(self, number: int) -> Iterator[_FlatTable]:
        """Return the tables of a list."""
        there = self._there(number)
        for n in range(struct.unpack_from("<I", self.raw, there)[0] if there else 0):
            place = there + 4 + 4 * n
            yield _FlatTable(self.raw, place + struct.unpack_from("<I", self.raw, place)[0])

    def text(self, number: int) -> str:
        """Return a field that is text."""
        there = self._there(number)
        size = struct.unpack_from("<I", self.raw, there)[0] if there else 0
        return self.raw[there + 4 : there + 4 + size].decode()


def _dictionary(path: Path, packed: str, place: int) -> Iterator[str]:
    """Texts of the page of a column that lists them."""
    with open(path, "rb") as file:
        file.seek(place)
        raw = file.read(_LARGEST_PAGE)
    header, start = _compact(raw, 0)
    plain, size = header.get(2, 0), header.get(3, 0)
    if not 0 < size <= len(raw) - start or not 0 <= plain <= _LARGEST_PAGE:
        raise ValueError("the page is larger than any list of answers")
    page = raw[start : start + size]
    if packed == "SNAPPY":
        page = _unsnapped(page, plain)
    elif packed == "GZIP":
        page = zlib.decompressobj(31).decompress(page, plain)
    elif packed != "UNCOMPRESSED":
        raise ValueError(f"{packed} is not unpacked here")
    at = 0
    while at < len(page):
        (length,) = struct.unpack_from("<I", page, at)
        yield page[at + 4 : at + 4 + length].decode()
        at += 4 + length


def _compact(raw: bytes, at: int) -> tuple[dict[int, int], int]:
    """Read the whole numbers of a structure in Thrift's compact form; return where it ends."""
    found: dict[int, int] = {}
    number = 0
    while kind := raw[at]:
        at += 1
        if kind >> 4:
            number += kind >> 4
        else:
            number, at = _zigzag(raw, at)
        if kind & 15 == 12:
            _, at = _compact(raw, at)
        elif kind & 15 in (4, 5, 6):
            found[number], at = _zigzag(raw, at)
        elif kind & 15 not in (1, 2):
            raise ValueError("not the header of a page")
    return found, at + 1


def _zigzag(raw: bytes, at: int) -> tuple[int, int]:
    number, at = _varint(raw, at)
    return (number >> 1) ^ -(number & 1), at


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = raw[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, at
        if shift > 63:
            raise ValueError("a number without an end")


def _unsnapped(raw: bytes, size: int) -> bytes:
    """Unpack Snappy: literals, and copies of what came before."""
    claimed, at = _varint(raw, 0)
    if claimed != size:
        raise ValueError("the page has another size than it says")
    out = bytearray()
    while at < len(raw) and len(out) < size:
        tag = raw[at]
        at += 1
        if tag & 3 == 0:
            length = tag >> 2
            if length >= 60:
                width = length - 59
                length = int.from_bytes(raw[at : at + width], "little")
                at += width
            out += raw[at : at + length + 1]
            at += length + 1
            continue
        width = (1, 2, 4)[(tag & 3) - 1]
        back = int.from_bytes(raw[at : at + width], "little")
        at += width
        length = (tag >> 2) + 1
        if tag & 3 == 1:
            back |= (tag >> 5) << 8
            length = ((tag >> 2) & 7) + 4
        if not 0 < back <= len(out):
            raise ValueError("a copy of what is not there")
        for _ in range(min(length, size - len(out))):
            out.append(out[-back])
    return bytes(out)
