"""Short names for questions, items and codes, made from what people wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from helpers.codebook.textfiles import appearance

_SMALL_WORDS = (
    "a an and any are as at be been by can could did do does ever for from generally given had "
    "has have how i if in is it its many may much of on or please should some than that the "
    "their them there they this to under was were what when where which who whom whose why will "
    "with would you your speaking opinion following all apply select circumstances normal"
)
_STOP = frozenset(_SMALL_WORDS.split())
_RESERVED = ("not_asked", "not_answered", "not_stated", "respondent_type", "wave")
_ROUTING = ("and", "or", "in", "not")  # words of a condition
LONGEST = 32
_QUESTION = "q"  # prefix of names that begin with a letter; codes and items need none


def slug(text: str, longest: int = LONGEST) -> str:
    """Return small letters, digits and `_`; empty where the text has none of them."""
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore")
    words = re.findall(r"[a-z0-9]+", plain.decode().lower().replace("'", ""))
    name = ""
    for word in words:
        longer = f"{name}_{word}" if name else word
        if len(longer) > longest:
            break
        name = longer
    return name or (words[0][:longest] if words else "")


class Names:
    """Gives out names, each once."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.used: set[str] = set(_RESERVED)

    def give(self, text: str, *, keep: bool = False, brief: bool = False) -> str:
        """Make a name of a text.

        Parameters
        ----------
        keep
            Take the text itself, if it can be a name.
        brief
            Leave out words that say nothing.
        """
        if keep and re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", text):
            text = text.replace("-", "_")  # conditions of routing would take it for a minus
            return self._free(text.lower() if re.fullmatch(r"[A-Z][a-z]+", text) else text)
        if brief:
            words = [w for w in re.split(r"[^\w]+", text) if w.lower() not in _STOP and w]
            text = " ".join(words) or text
        name = slug(text)
        if not name:
            return self._free(f"{self.prefix}{len(self.used)}")
        letter = name[0].isalpha() or self.prefix != _QUESTION
        return self._free(name if letter else f"{self.prefix}{name}")

    def exactly(self, name: str) -> bool:
        """Take a name as it is, if it is still free."""
        if name.lower() in self.used:
            return False
        self.used.add(name.lower())
        return True

    def _free(self, name: str) -> str:
        found, n = name, 2
        while found.lower() in self.used or found.lower() in _ROUTING:
            found, n = f"{name}_{n}", n + 1
        self.used.add(found.lower())
        return found


def distinct(labels: Mapping[str, str]) -> dict[str, str]:
    """Give things whose labels look alike labels of their own, which end in their names."""
    seen: set[str] = set()
    found = {}
    for name, label in labels.items():
        for own in (label, f"{label} ({name})"):
            if appearance(own) not in seen:
                break
        seen.add(appearance(own))
        found[name] = own
    return found


def shortened(text: str, longest: int = 60) -> str:
    """Return a text of one line, cut between words."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    return line[:longest].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"
