"""Which encoding text older than Unicode is in: that in which its letters are those of a language.

Nearly every byte is a letter in each of these encodings, so that none can be excluded by bytes.
"""

from __future__ import annotations

import re
from collections import Counter

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


def older(raw: bytes) -> str:
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
    """Return whether a sign is a letter of a language where it stands, or another usual sign."""
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
