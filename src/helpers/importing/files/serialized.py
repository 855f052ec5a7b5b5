"""What R writes with `saveRDS` and `save`: its objects, as far as tables are made of them.

Written by hand: one library that reads these files drops the labels, the other takes minutes.
The format: "R Internals", chapter "Serialization Formats".
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct
from typing import Any

import numpy as np

from helpers.importing.files.sheets import TooLarge, encoded

LARGEST = 2 * 2**30  # bytes of a file unpacked
_OPENERS: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": lzma.open}
_SHAPES = {10: ">i4", 13: ">i4", 14: ">f8", 15: ">c16", 24: "u1"}
_NAMES = {10: "logical", 13: "integer", 14: "double", 15: "complex", 24: "raw"}
_NOTHING = (254, 253, 252, 251, 250, 242, 241)  # NULL, and environments that are always there
_PAIRS = (2, 5, 6, 17, 3)  # lists of pairs, promises, calls, dots, functions
_REFERENCE, _NAMESPACE, _PACKAGE, _PERSISTENT, _ALTERNATIVE = 255, 249, 248, 247, 238
_SYMBOL, _ENVIRONMENT, _SPECIAL, _BUILTIN, _TEXT, _TEXTS = 1, 4, 7, 8, 9, 16
_LIST, _EXPRESSION, _BYTECODE, _POINTER, _WEAK, _S4 = 19, 20, 21, 22, 23, 25
_WITH_ATTRIBUTES = (239, 240)  # lists of pairs in a compiled function
_AGAIN, _FIRST = 243, 244  # what is used twice there
_CALLS = (_AGAIN, _FIRST, *_WITH_ATTRIBUTES, 2, 6)
_LATIN = 1 << 2
_INTEGER = Struct(">i")


class Unreadable(ValueError):
    """The file is none that R writes, or holds what cannot be read."""


@dataclass
class Vector:
    """An object of R: its type as R names it, its cells and its attributes.

    Attributes
    ----------
    cells : an array of numbers; of texts, the place of each in `texts` (-1 for NA); of a list,
        its objects
    """

    type: str
    cells: Any
    texts: tuple[str, ...] = ()
    attributes: dict[str, object] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many cells there are."""
        return len(self.cells)

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes of the object."""
        return self.strings("class")

    def strings(self, name: str = "") -> tuple[str, ...]:
        """Texts of an attribute, or of the object itself; none where it holds none."""
        of = self.attributes.get(name) if name else self
        if not isinstance(of, Vector) or of.type != "character":
            return ()
        return tuple("" if at < 0 else of.texts[at] for at in of.cells.tolist())


def read_objects(path: Path) -> dict[str, Any]:
    """Read what a file of R holds, by name; the one object of an .rds has none.

    Raises
    ------
    Unreadable
        If it is damaged, or holds what only R can read.
    TooLarge
        If it unpacks to more than is read.
    """
    raw = _unpacked(path)
    if raw[:5] in (b"RDX2\n", b"RDX3\n"):
        return _named(_Stream(raw, 5).whole())
    if raw[:5] in (b"RDA2\n", b"RDA3\n"):
        return _named(_TextStream(raw, 5).whole())
    return {"": object_in(raw)}


def object_in(raw: bytes) -> Any:
    """Read the one object that R has serialized, in binary form or as text.

    Raises
    ------
    Unreadable
        As for a file.
    """
    return (_TextStream if raw[:2] == b"A\n" else _Stream)(raw, 0).whole()


def _unpacked(path: Path) -> bytes:
    with open(path, "rb") as file:
        start = file.read(2)
    opened = _OPENERS.get(start, open)(path, "rb")
    parts, size = [], 0
    with opened as file:
        while part := file.read(2**22):
            size += len(part)
            if size > LARGEST:
                raise TooLarge(f"it unpacks to more than {LARGEST // 2**30} GiB")
            parts.append(part)
    return b"".join(parts)


def _named(pairs: Any) -> dict[str, Any]:
    return {name: each for name, each in pairs if name} if isinstance(pairs, list) else {}


class _Stream:
    """Reads one object after another. Lists of pairs become lists of names and objects."""

    def __init__(self, raw: bytes, at: int) -> None:
        self.raw, self.at = raw, at
        self.known: list[Any] = []

    def whole(self) -> Any:
        """Read the header, and the object behind it."""
        start = self.raw[self.at : self.at + 2]
        if start == b"B\n":
            raise Unreadable("R wrote it for one machine; saveRDS() does not")
        if start not in (b"X\n", b"A\n"):
            raise Unreadable("R did not write it")
        self.at += 2
        version = self._integer()
        for _ in range(2):
            self._integer()
        if version == 3:
            self._bytes(self._integer())  # the encoding of texts that do not say theirs
        elif version != 2:
            raise Unreadable(f"version {version} of the form is not known")
        return self.item()

    def item(self) -> Any:
        """Read an object."""
        flags = self._integer()
        kind, has_attributes, has_tag = flags & 255, flags & 512, flags & 1024
        if kind in _NOTHING:
            return None
        if kind == _REFERENCE:
            place = (flags >> 8) or self._integer()
            if not 0 < place <= len(self.known):
                raise Unreadable("it refers to what it does not hold")
            return self.known[place - 1]
        if kind in (*_PAIRS, *_WITH_ATTRIBUTES):
            has = bool(has_attributes) or kind in _WITH_ATTRIBUTES
            return self._pairs(kind, has, bool(has_tag))
        if kind == _SYMBOL:
            return self._new(self.item())
        if kind == _TEXT:
            return self._text(flags >> 12)
        if kind in (_NAMESPACE, _PACKAGE, _PERSISTENT):
            self._integer()
            return self._new([self.item() for _ in range(self._length(4))])
        if kind == _ENVIRONMENT:
            self._integer()
            self._new(None)
            for _ in range(4):
                self.item()
            return None
        if kind in (_SPECIAL, _BUILTIN):
            self._bytes(self._integer())
            return None
        if kind == _ALTERNATIVE:
            return self._alternative()
        if kind in (_POINTER, _WEAK):
            self._new(None)
            for _ in range(2 if kind == _POINTER else 0):
                self.item()
            return self._attributed(Vector("pointer", ()), bool(has_attributes))
        return self._attributed(self._vector(kind), bool(has_attributes))

    def _vector(self, kind: int) -> Vector:
        if kind in _SHAPES:
            return Vector(_NAMES[kind], self._cells(np.dtype(_SHAPES[kind])))
        if kind == _TEXTS:
            return self._texts()
        if kind in (_LIST, _EXPRESSION):
            return Vector("list", [self.item() for _ in range(self._length(4))])
        if kind == _S4:
            return Vector("S4", ())
        if kind == _BYTECODE:
            self._integer()
            self._code()
            return Vector("bytecode", ())
        raise Unreadable(f"an object of type {kind} is not known")

    def _cells(self, shape: np.dtype[Any]) -> np.ndarray:
        n = self._length(shape.itemsize)
        cells = np.frombuffer(self.raw, shape, n, self.at)
        self.at += n * shape.itemsize
        return cells

    def _attributed(self, found: Vector, has: bool) -> Vector:
        if has:
            found.attributes = _named(self.item())
        return found

    def _pairs(self, kind: int, has_attributes: bool, has_tag: bool) -> list[tuple[str, Any]]:
        """Read a list of pairs: one after another, for it may be long."""
        found: list[tuple[str, Any]] = []
        while True:
            if has_attributes:
                self.item()
            tag = self.item() if has_tag else ""
            found.append((tag if isinstance(tag, str) else "", self.item()))
            before = self.at
            flags = self._integer()
            kind = flags & 255
            if kind not in (*_PAIRS, *_WITH_ATTRIBUTES):
                self.at = before
                self.item()  # the end of the list, or of a function
                return found
            has_attributes = bool(flags & 512) or kind in _WITH_ATTRIBUTES
            has_tag = bool(flags & 1024)

    def _code(self) -> None:
        """Read past a compiled function: its code, and what the code uses."""
        self.item()
        for _ in range(self._length(4)):
            kind = self._integer()
            if kind == _BYTECODE:
                self._code()
            else:
                self._call(kind)

    def _call(self, kind: int) -> None:
        """Read past a call in a compiled function."""
        while kind in _CALLS:
            if kind == _AGAIN:
                self._integer()
                return
            if kind == _FIRST:
                self._integer()
                kind = self._integer()
            if kind in _WITH_ATTRIBUTES:
                self.item()
            self.item()
            self._call(self._integer())
            kind = self._integer()
        self.item()

    def _alternative(self) -> Any:
        """Read a vector that R holds in another form: a sequence, numbers to be texts."""
        info, state, attributes = self.item(), self.item(), self.item()
        name = info[0][1] if isinstance(info, list) and info else ""
        if name in ("compact_intseq", "compact_realseq") and len(state) == 3:
            n, first, step = (float(number) for number in state.cells)
            if not 0 <= n <= len(self.raw) * 1000:
                raise Unreadable("a sequence is longer than any table")
            whole = first + step * np.arange(int(n))
            found = Vector("integer", whole.astype("i4"))
            if name == "compact_realseq":
                found = Vector("double", whole)
        elif name == "deferred_string" and isinstance(state, list):
            found = _as_texts(state[0][1])
        elif str(name).startswith("wrap_") and isinstance(state, list):
            found = state[0][1]
        elif str(name).startswith("wrap_") and isinstance(state, Vector) and state.type == "list":
            found = state.cells[0]
        else:
            raise Unreadable(f"R holds a column as {name}; copy the data frame before it is saved")
        if attributes:
            found.attributes = _named(attributes)
        return found

    def _texts(self) -> Vector:
        """Read texts, of which each different one is decoded once."""
        n, raw, at = self._length(8), self.raw, self.at
        read, known = _INTEGER.unpack_from, dict[tuple[bool, bytes], int]()
        cells = np.empty(n, dtype=np.int32)
        for place in range(n):
            flags, size = read(raw, at)[0], read(raw, at + 4)[0]
            at += 8
            if flags & 255 != _TEXT or size > len(raw) - at:
                raise Unreadable("a text is not where it should be")
            if size < 0:
                cells[place] = -1
                continue
            key = (bool(flags >> 12 & _LATIN), raw[at : at + size])
            at += size
            code = known.get(key)
            if code is None:
                known[key] = code = len(known)
            cells[place] = code
        self.at = at
        return Vector("character", cells, tuple(self._decoded(*key) for key in known))

    def _text(self, levels: int) -> str:
        size = self._integer()
        return "" if size < 0 else self._decoded(bool(levels & _LATIN), self._bytes(size))

    def _decoded(self, latin: bool, raw: bytes) -> str:
        encoding = "cp1252" if latin else "utf-8"
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace")  # of a Windows that did not say so

    def _new(self, found: Any) -> Any:
        self.known.append(found)
        return found

    def _integer(self) -> int:
        if self.at + 4 > len(self.raw):
            raise Unreadable("it ends too early")
        found: int = _INTEGER.unpack_from(self.raw, self.at)[0]
        self.at += 4
        return found

    def _length(self, size: int) -> int:
        """Length of a vector, whose cells have at least so many bytes and must be there."""
        n = self._integer()
        if n == -1:
            n = (self._integer() << 32) + self._integer()
        if n < 0 or n * size > len(self.raw) - self.at:
            raise Unreadable("it ends too early")
        return n

    def _bytes(self, size: int) -> bytes:
        if size < 0 or size > len(self.raw) - self.at:
            raise Unreadable("it ends too early")
        self.at += size
        return self.raw[self.at - size : self.at]


class _TextStream(_Stream):
    """Reads what R serialized as text: each number and each text is in a line, with escapes."""

    def _word(self) -> bytes:
        match = _WORD.search(self.raw, self.at)
        if match is None:
            raise Unreadable("it ends too early")
        self.at = match.end()
        return match[0]

    def _integer(self) -> int:
        word = self._word()
        try:
            return int(np.iinfo("i4").min) if word == b"NA" else int(word)
        except ValueError as error:
            raise Unreadable("a number is not where it should be") from error

    def _length(self, size: int) -> int:
        return super()._length(1)

    def _cells(self, shape: np.dtype[Any]) -> np.ndarray:
        n = self._length(1)
        if shape.kind == "i":
            return np.array([self._integer() for _ in range(n)], shape)
        if shape.kind == "u":
            return np.array([int(self._word(), 16) for _ in range(n)], shape)
        parts = np.array([_real(self._word()) for _ in range(n * shape.itemsize // 8)], "f8")
        return parts.view("c16").astype(shape) if shape.kind == "c" else parts.astype(shape)

    def _texts(self) -> Vector:
        read: list[str | None] = []
        for _ in range(self._length(1)):
            flags, size = self._integer(), self._integer()
            if flags & 255 != _TEXT:
                raise Unreadable("a text is not where it should be")
            latin = bool(flags >> 12 & _LATIN)
            read.append(None if size < 0 else self._decoded(latin, self._bytes(size)))
        texts, codes = encoded(text or "" for text in read)
        gone = np.array([text is None for text in read], dtype=bool)
        return Vector("character", np.where(gone, -1, codes), texts)

    def _bytes(self, size: int) -> bytes:
        if size < 0 or size > len(self.raw) - self.at:
            raise Unreadable("it ends too early")
        at, found = self.at, bytearray()
        while size and self.raw[at : at + 1].isspace():
            at += 1
        while len(found) < size and at < len(self.raw):
            match = _ESCAPED.match(self.raw, at)
            found += self.raw[at : at + 1] if match is None else _unescaped(match[1])
            at += 1 if match is None else len(match[0])
        self.at = at
        return bytes(found)


_WORD = re.compile(rb"\S+")
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_SIGNS = dict(zip(b"ntvbrfa", b"\n\t\v\b\r\f\a", strict=True))


def _unescaped(sign: bytes) -> bytes:
    if sign.isdigit():
        return bytes([int(sign, 8) & 255])
    return bytes([_SIGNS.get(sign[0], sign[0])])


def _real(word: bytes) -> float:
    if word == b"NA":
        return float("nan")
    try:
        return float.fromhex(word.decode()) if b"0x" in word else float(word)
    except ValueError as error:
        raise Unreadable("a number is not where it should be") from error


def _as_texts(numbers: Any) -> Vector:
    """Return numbers as R writes them as text."""
    if not isinstance(numbers, Vector) or numbers.type not in ("integer", "double"):
        raise Unreadable("texts are held in a form that is not known")
    missing = is_missing(numbers)
    texts, codes = encoded(_plain(float(number)) for number in numbers.cells)
    return Vector("character", np.where(missing, -1, codes), texts)


def _plain(number: float) -> str:
    return str(int(number)) if number.is_integer() else f"{number:.15g}"


def is_missing(found: Vector) -> np.ndarray:
    """Return which cells of a vector are NA."""
    if found.type in ("logical", "integer"):
        return np.asarray(found.cells == np.iinfo("i4").min)
    if found.type == "character":
        return np.asarray(found.cells < 0)
    if found.type == "double":
        return np.asarray(np.isnan(found.cells))
    return np.zeros(len(found), dtype=bool)


def tables_of(objects: dict[str, Any]) -> Iterator[tuple[str, Vector]]:
    """Return the data frames among objects, and those of a plain list by their names there."""
    for name, each in objects.items():
        if not isinstance(each, Vector):
            continue
        if "data.frame" in each.classes:
            yield name, each
        elif each.type == "list" and not each.classes:
            names = each.strings("names") or tuple(f"{n}" for n in range(1, len(each) + 1))
            inside = dict(zip(names, each.cells, strict=False))
            for own, found in inside.items():
                if isinstance(found, Vector) and "data.frame" in found.classes:
                    yield own, found
