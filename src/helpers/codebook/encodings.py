"""Which encoding a text file is in: Unicode, or an older one.

Unicode is recognised without holding the file. In older encodings nearly every byte is a letter, so
bytes rule none out: the encoding is chosen whose letters make words of a language.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from helpers.errors import Problems

_BLOCK = 2**20
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_ENOUGH = 0.95  # of the signs beyond ASCII belong to one language
_SAMPLE = 2**18
_SIGNS = "’‘“”„‚«»‹›–—…•·°§€£©®™×½¼¾´ \u00a0\u00ad"
_ANYWHERE = "’–—\u00a0\u00ad·"  # also between two letters
_WEST = (
    _SIGNS,
    "äöüß",
    "éèêëàâçîïôûùüœæ",
    "áéíóúüñïçàèòü¿¡",
    "áâãàçéêíóôõúü",
    "àèéìíòóù",
    "åäöæøéü",
    "áéíóúýðþæö",
)
_LATIN = {
    "cp1252": _WEST,
    "cp1250": (
        "ąćęłńóśźż",
        "áčďéěíňóřšťúůýž",
        "áäčďéíĺľňóôŕšťúýž",
        "áéíóöőúüű",
        "ăâîşţșț",
        "čćđšž",
    ),
    "cp1254": ("çğıöşüâîû",),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "õäöüšž"),
    "mac_roman": _WEST,
    "cp850": _WEST,
}
_OTHERS = {
    "cp1255": "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
    "cp1251": "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўјљњћђџѕ",
    "koi8_r": "абвгдежзийклмнопрстуфхцчшщъыьэюяё",
    "cp1253": "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ",
    "cp1256": "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگ،؛؟ًٌٍَُِّْـ",
}
NAMES = {
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1252": "Windows-1252 (Western European)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
    "mac_roman": "Mac Roman",
    "cp850": "code page 850 (DOS)",
    "koi8_r": "KOI8-R (Cyrillic)",
}
_SIGN = re.compile(r"(?=(.)([^\x00-\x7f])(.))", re.DOTALL)


def encoding_of(path: Path, problems: Problems) -> str | None:
    """Name of the encoding in which all of the file is text; None, with a problem, if in none."""
    with open(path, "rb") as file:
        start = file.read(4096)
    encoding = next((e for mark, e in _MARKS if start.startswith(mark)), None) or _wide(start)
    tried = encoding or "utf-8"
    fault = _fault(path, tried)
    if fault is None:
        return None if _has_nul(path, tried, problems) else tried
    row, byte = fault
    if encoding is None and not _is_damaged_utf8(path):
        found = older_encoding(path.read_bytes())
        return None if _has_nul(path, found, problems) else found
    problems.add(
        path.name,
        row if tried.startswith("utf-8") else None,
        found=byte,
        message=f"a byte that is not {tried.removesuffix('-sig').upper()}",
        fix="Correct the character, or export the file again as CSV (UTF-8).",
        kind="encoding",
    )
    return None


def _wide(start: bytes) -> str | None:
    """UTF-16 without its mark: every other byte at the start is zero."""
    even, odd = start[0:64:2], start[1:64:2]
    if len(odd) < 4:
        return None
    if not any(odd) and all(even):
        return "utf-16-le"
    if not any(even) and all(odd):
        return "utf-16-be"
    return None


def _blocks(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _fault(path: Path, encoding: str) -> tuple[int, str] | None:
    """Row and byte at which the file is not in an encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    row = 1
    try:
        for block in _blocks(path):
            decoder.decode(block)
            row += block.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raw = error.object
        return row + raw.count(b"\n", 0, error.start), raw[error.start : error.start + 1].hex()
    return None


def _has_nul(path: Path, encoding: str, problems: Problems) -> bool:
    wide = encoding.startswith(("utf-16", "utf-32"))
    row = 1
    decoder = codecs.getincrementaldecoder(encoding)()
    for block in _blocks(path):
        if not wide and b"\x00" not in block:
            row += block.count(b"\n")
            continue
        text = decoder.decode(block) if wide else block.decode("latin-1")
        if "\x00" in text:
            problems.add(
                path.name,
                row + text.count("\n", 0, text.index("\x00")),
                message="bytes that are not text (NUL)",
                fix="Export the file again as CSV (UTF-8).",
                kind="encoding",
            )
            return True
        row += text.count("\n")
    return False


def _is_damaged_utf8(path: Path) -> bool:
    """Whether text is UTF-8 but for a few damaged bytes beside sequences that are sound."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    right = wrong = 0
    for block in _blocks(path):
        signs = re.sub(r"[\x00-\x7f]+", "", decoder.decode(block))
        wrong += signs.count("\ufffd")
        right += len(signs) - signs.count("\ufffd")
    return right > 0 and right >= wrong


def older_encoding(raw: bytes) -> str:
    """Name of the encoding; Windows-1252 if the letters of no other make more sense."""
    lines = [line for line in raw.splitlines() if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE]
    best, verdict = "", 0.0
    for encoding in (*_LATIN, *_OTHERS):
        share = _share(sample, encoding) if _decodes(raw, encoding) else 0.0
        if share > verdict:
            best, verdict = encoding, share
    if verdict >= _ENOUGH:
        return best
    found = _of_several_bytes(raw)
    return found if found or not _decodes(raw, "cp1252") else "cp1252"


def _of_several_bytes(raw: bytes) -> str:
    """Name the encoding of Chinese, Japanese or Korean; any where Windows-1252 does not fit."""
    from charset_normalizer import from_bytes

    best = from_bytes(raw, cp_exclusion=["utf_7"]).best()
    if best and (len(str(best)) < 0.95 * len(raw) or not _decodes(raw, "cp1252")):
        return best.encoding
    return "" if _decodes(raw, "cp1252") else "latin-1"


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_in(letters: str, foreign: bool, before: str, sign: str, after: str) -> bool:
    """Return whether a sign is a letter of a language, in its place, or another usual sign."""
    if sign in "ºª":
        return not after.isalpha()
    if sign in "¿¡":
        return sign in letters and not before.isalpha()
    if sign in "²³":
        return before == "m"
    if sign in _SIGNS:
        return sign in _ANYWHERE or foreign or not (before.isalpha() and after.isalpha())
    if sign.isupper() and before.islower():
        return False
    if foreign and (_is_latin(before) or _is_latin(after)):
        return False
    return sign.lower() in letters


def _is_latin(sign: str) -> bool:
    return sign.isascii() and sign.isalpha()


def _share(sample: bytes, encoding: str) -> float:
    """Share of the signs beyond ASCII that belong to the language which has most of them."""
    foreign = encoding in _OTHERS
    found = Counter(_SIGN.findall(f" {sample.decode(encoding, 'ignore')} "))
    languages = (_OTHERS[encoding],) if foreign else _LATIN[encoding]
    most = max(
        sum(n for signs, n in found.items() if _is_in(letters, foreign, *signs))
        for letters in languages
    )
    return most / found.total() if found else 0.0
