"""The cells of an SPSS file, read from its bytes a second time, for comparison."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np

from helpers.survey.formats.sav_records import SYSMIS, Damaged, Dictionary, Variable

_CHUNK = 252  # bytes of a long text in each but the last of its parts
_BLANK = b" " * 8
_MOST = 2**31  # bytes of data, unpacked

Cells = np.ndarray | list[str]


def read_cells(raw: bytes, found: Dictionary) -> tuple[int, dict[str, Cells]]:
    """Read every cell: how many cases there are, and the cells of each variable.

    Numbers are an array in which missing is NaN; texts a list, without the blanks at their ends.

    Raises
    ------
    Damaged
        If the bytes are not exactly those of whole cases.
    """
    data = raw[found.start :]
    if found.compression == 2:
        data = _unpacked(raw, found)
    size = found.elements * 8
    if found.compression:
        data = _expanded(data, found)
    if len(data) % size:
        raise Damaged("it ends inside a case")
    cases = len(data) // size
    if found.cases not in (-1, cases):
        raise Damaged(f"it holds {cases:,} cases where its header counts {found.cases:,}")
    table = np.frombuffer(data, dtype=np.uint8).reshape(cases, size)
    cells: dict[str, Cells] = {}
    at = 0
    while at < len(found.variables):
        variable = found.variables[at]
        parts = -(-variable.long_width // _CHUNK) if variable.long_width else 1
        own = found.variables[at : at + parts]
        if len(own) != parts or any(not v.width for v in own[: parts if parts > 1 else 0]):
            raise Damaged("a long text lacks some of its parts")
        if variable.width:
            cells[variable.name] = _texts(table, own, found.encoding)
        else:
            cells[variable.name] = _numbers(table, variable, found.order)
        at += parts
    return cases, cells


def _numbers(table: np.ndarray, variable: Variable, order: str) -> np.ndarray:
    part = np.ascontiguousarray(table[:, variable.first * 8 : variable.first * 8 + 8])
    numbers = part.view(f"{order}f8").reshape(-1).astype(float)
    if np.isnan(numbers).any() or np.isinf(numbers).any():
        raise Damaged(f"a cell of {variable.name} is no number")
    return np.where(numbers == SYSMIS, np.nan, numbers)


def _texts(table: np.ndarray, parts: Sequence[Variable], encoding: str) -> list[str]:
    pieces = []
    for variable in parts:
        start = variable.first * 8
        size = min(variable.width, 255)
        padding = table[:, start + size : start + variable.elements * 8]
        if len(parts) == 1 and padding.size and (padding != 32).any():
            raise Damaged(f"a text of {variable.name} is longer than it may be")
        pieces.append(table[:, start : start + size])
    rows = np.ascontiguousarray(np.hstack(pieces))
    texts = []
    for row in rows:
        try:
            text = row.tobytes().decode(encoding)
        except UnicodeDecodeError as error:
            raise Damaged(f"a text of {parts[0].name} is not in its encoding") from error
        if any(ord(sign) < 32 and sign not in "\t\r\n" for sign in text):
            raise Damaged(f"a text of {parts[0].name} holds what is no text")
        texts.append(text.rstrip(" "))
    return texts


def _expanded(data: bytes, found: Dictionary) -> bytes:
    """Undo the compression of single values."""
    pack = struct.Struct(f"{found.order}d").pack
    plain = [b"", *(pack(code - found.bias) for code in range(1, 252))]
    missing = pack(SYSMIS)
    texts = [bool(v.width) for v in found.variables for _ in range(v.elements)]
    out: list[bytes] = []
    at, end, place, ended = 0, len(data), 0, False
    while at < end and not ended:
        codes = data[at : at + 8]
        if len(codes) < 8:
            raise Damaged("it ends inside its data")
        at += 8
        for code in codes:
            if code == 0:
                continue
            if code == 252:
                ended = True
                break
            if code == 253:
                out.append(data[at : at + 8])
                at += 8
            elif code == 254:
                out.append(_BLANK)
            elif code == 255:
                out.append(missing)
            else:
                out.append(plain[code])
            if (code != 253) and texts[place] != (code == 254):
                raise Damaged("a number stands where a text belongs, or the other way round")
            place = place + 1 if place + 1 < len(texts) else 0
    if at > end or (ended and data[at:].strip(b"\x00")) or len(out) * 8 > _MOST:
        raise Damaged("its data end too early, or go on after their end")
    return b"".join(out)


def _unpacked(raw: bytes, found: Dictionary) -> bytes:
    """Undo the compression of a .zsav; every block carries a checksum."""
    header = struct.Struct(f"{found.order}3q")
    if len(raw) < found.start + header.size:
        raise Damaged("it ends before its data")
    start, trailer, size = header.unpack_from(raw, found.start)
    if start != found.start or trailer + size != len(raw) or size < 24 or trailer < start:
        raise Damaged("the parts of its packed data do not lie where it says")
    bias, zero, block, count = struct.unpack_from(f"{found.order}qqii", raw, trailer)
    if bias != -int(found.bias) or zero or count < 0 or size != 24 + 24 * count or block <= 0:
        raise Damaged("the list of its packed blocks is damaged")
    out: list[bytes] = []
    position, plain, whole = start + header.size, start, 0
    for n in range(count):
        entry = struct.unpack_from(f"{found.order}qqii", raw, trailer + 24 + 24 * n)
        if entry[0] != plain or entry[1] != position or not 0 <= entry[2] <= block:
            raise Damaged("the list of its packed blocks is damaged")
        unpacker = zlib.decompressobj()
        try:
            part = unpacker.decompress(raw[position : position + entry[3]], block + 1)
        except zlib.error as error:
            raise Damaged("a packed block is damaged") from error
        if len(part) != entry[2] or not unpacker.eof or whole > _MOST:
            raise Damaged("a packed block is damaged")
        out.append(part)
        position, plain, whole = position + entry[3], plain + entry[2], whole + entry[2]
    if position != trailer:
        raise Damaged("bytes between its packed data and their list")
    return b"".join(out)
