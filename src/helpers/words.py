"""Words that readers see, in the language of a survey: one file of ``languages`` each.

A page's kernel reads them while somebody waits: nothing is imported but the standard library.
"""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeAlias

from helpers.errors import InsightsError

FOLDER = Path(__file__).resolve().parent / "languages"
DEFAULT = "en"
_ENDS = (*".?!…:",)
_LEFTWARD = re.compile(r"[^A-Za-z\u00c0-\u024f\u2068]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
Texts: TypeAlias = Mapping[str, str | Mapping[str, str]]


def languages() -> list[str]:
    """Names of the languages that there are."""
    return sorted(name[:-5] for name in os.listdir(FOLDER) if name.endswith(".toml"))


def words_in(language: str = DEFAULT) -> Catalogue:
    """Return the words of a language.

    Raises
    ------
    InsightsError
        If no language has that name; the message lists those that exist.
    """
    return _read(FOLDER, language or DEFAULT)


@cache
def _read(folder: Path, language: str) -> Catalogue:
    path = folder / f"{language}.toml"
    if not re.fullmatch(r"[A-Za-z-]+", language) or not path.is_file():
        raise InsightsError(f"There is no language “{language}”. Known: {', '.join(languages())}.")
    with open(path, "rb") as file:
        sections = tomllib.load(file)
    texts = {f"{s}.{name}": text for s, named in sections.items() for name, text in named.items()}
    return Catalogue(language, texts)


@lru_cache(maxsize=1_000)
def _section(catalogue: Catalogue, section: str) -> dict[str, str]:
    start = f"{section}."
    return {
        key.removeprefix(start): text.replace("{level}", catalogue.level)
        for key, text in catalogue.texts.items()
        if key.startswith(start) and isinstance(text, str)
    }


ENDS_AS_NUMBER = re.compile(r"[\d%+]$")


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The words of a language, by ``section.name``; call it for a text with its blanks filled.

    Attributes
    ----------
    texts : a text, or its forms by category of plural
    level : of the ranges that texts speak of, such as “95%”; fills the blank ``{level}``
    """

    language: str
    texts: Texts
    level: str = "95%"

    def at(self, level: str) -> Catalogue:
        """Return the words for ranges of another level."""
        return self if level == self.level else replace(self, level=level)

    def __call__(self, key: str, **given: object) -> str:
        """Fill the blanks of a text; whole numbers are written as numbers.

        If there are several forms, use the one for the number `n`. What is written from right to
        left keeps to itself, and numbers beside it to their own side.
        """
        text = self.texts[key]
        if not isinstance(text, str):
            text = text[self._form(int(str(given["n"])))]
        for name, value in given.items():
            if type(value) is int:
                given[name] = self.number(value)
            elif isinstance(value, str):
                given[name] = _by_itself(value)
        return text.format_map({"level": self.level, **given})

    def beside(self, name: str) -> str:
        """Write a name that a number follows: apart from it where it ends like one, as ages do."""
        return self("browser.named", name=name) if ENDS_AS_NUMBER.search(name) else name

    def each(self, section: str) -> dict[str, str]:
        """Return the texts of a section by name."""
        return dict(_section(self, section))

    def browser(self) -> dict[str, str]:
        """Return the texts that the script of a page asks for."""
        sections = ("browser", "table", "kind", "term")
        return {f"{s}.{name}": text for s in sections for name, text in self.each(s).items()}

    def listed(self, names: Sequence[str]) -> str:
        """Join names as a person would: "a", "a and b", "a, b and c"."""
        return self._joined(names, "format.and")

    def either(self, names: Sequence[str]) -> str:
        """Join names as a person would: "a", "a or b", "a, b or c"."""
        return self._joined(names, "format.or")

    def _joined(self, names: Sequence[str], last: str) -> str:
        names = [_by_itself(name) for name in names]
        first = self("format.between").join(names[:-1])
        return self(last).join(filter(None, (first, *names[-1:])))

    def number(self, value: float, digits: int = 0) -> str:
        """Write a number with the separators of the language."""
        written = f"{value:,.{digits}f}"
        if written.isdecimal():
            return written
        signs = {",": self("format.thousands"), ".": self("format.decimal")}
        return re.sub("[,.]", lambda found: signs[found[0]], written)

    def percent(self, share: float, digits: int = 0) -> str:
        """Write a share as a percentage, halves rounded up as in print; a dash for none."""
        if math.isnan(share):
            return self("format.none")
        return _percent(self, float(share) + 0.0, digits)

    def hundredths(self, share: float, digits: int = 0) -> str:
        """Write a percentage without the % sign."""
        if math.isnan(share):
            return self("format.none")
        return _hundredths(float(share) + 0.0, digits).replace(".", self("format.decimal"))

    def tenths(self, mean: float) -> str:
        """Write a mean with one decimal, halves rounded up; a dash for none."""
        if math.isnan(mean):
            return self("format.none")
        digits = str(Decimal(repr(float(mean))).quantize(Decimal("0.1"), ROUND_HALF_UP))
        return digits.replace(".", self("format.decimal"))

    def points(self, share: float, digits: int = 0, *, sign: bool = True) -> str:
        """Write a difference of shares in percentage points; a dash for none."""
        if math.isnan(share):
            return self("format.none")
        number = self.hundredths(abs(share), digits)
        nought = not re.search("[1-9]", number)
        lead = "" if nought else self("format.minus") if share < 0 else "+" * sign
        return f"{lead}{number}"

    def _form(self, n: int) -> str:
        """Category of plural of a whole number: the first whose pattern fits all its digits."""
        forms = self.texts["format.plural"]
        assert not isinstance(forms, str)
        return next(form for form, digits in forms.items() if re.fullmatch(digits, str(n)))


@lru_cache(maxsize=100_000)
def _percent(say: Catalogue, share: float, digits: int) -> str:
    """Write a percentage; views write the same ones several times."""
    return say("format.percent", number=say.hundredths(share, digits))


@lru_cache(maxsize=100_000)
def _hundredths(share: float, digits: int) -> str:
    """Round a percentage halves up, as in print."""
    step = Decimal(1).scaleb(-digits)
    return str((Decimal(repr(share)) * 100).quantize(step, ROUND_HALF_UP))


def _by_itself(text: str) -> str:
    """Mark a text that is written from right to left as a piece of its own (Unicode isolates)."""
    return f"\u2068{text}\u2069" if _LEFTWARD.match(text) else text


_BEFORE_NAMES = frozenset(
    ["a", "an", "at", "by", "for", "from", "in", "no", "not", "of", "on", "over", "the", "to",
     "under", "with"]
)  # fmt: skip


def lowered(label: str) -> str:
    """Write a label inside a sentence: with a small first letter, or quoted as it is.

    Questions and labels that were cut are quoted. An abbreviation, "I", and a name of which the
    second word has a capital, keep theirs: *Labour Party*, *Census Region*, but *for London*.
    """
    if label.endswith(("?", "…")):
        return f"“{label}”"
    second = re.match(r"([^\W\d_]+)[\s/-]+([^\W\d_])", label)
    named = second and second[1].lower() not in _BEFORE_NAMES and second[2].isupper()
    kept = named or re.match(r"[A-Z][A-Z\d]|I\b", label)
    return label if kept else label[:1].lower() + label[1:]


def followed(label: str, answer: str) -> str:
    """Write an answer after the label it belongs to."""
    return f"{_by_itself(label)}{' ' if label[-1:] in _ENDS else ': '}{_by_itself(answer)}"


def continued(label: str, answer: str, said: str = "") -> str:
    """Write an answer after its label, with a small first letter unless the label ends a sentence.

    `said` is the answer as `lowered` and cut to the room that there is.
    """
    said = said or lowered(answer)
    if label.endswith(("?", "!", ".")) and not answer.endswith("?"):
        said = answer[:1] + said[1:]
    return followed(label, said)


def fitted(texts: Sequence[str], most: int) -> list[str]:
    """Cut texts between words until they have so many letters together, the longest first."""
    widest = max(map(len, texts))
    while sum(min(len(text), widest) for text in texts) > most:
        widest -= 1
    return [_cut(text, widest) for text in texts]


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    words, blank, _ = text[:most].rpartition(" ")
    return (words if blank else text[: most - 1]).rstrip(" ,;:.–-(") + "…"


def distinct(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Tell names apart from each other and from those taken: later ones get a number."""
    seen, found = {name.casefold() for name in taken}, []
    for name in names:
        told, n = name, 2
        while told.casefold() in seen:
            told, n = f"{name} ({n})", n + 1
        seen.add(told.casefold())
        found.append(told)
    return found


def sentences(*texts: str) -> str:
    """Write texts one after the other, each ended like a sentence, and none twice."""
    said = dict.fromkeys(filter(None, texts))
    return " ".join(text if text[-1] in _ENDS else f"{text}." for text in said)


def raised(text: str) -> str:
    """Start a text with a capital letter; names such as iPhone stay as they are."""
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]
