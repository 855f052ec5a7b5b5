"""Words that scales are made of, in English, German, French, Spanish, Dutch, Italian, Portuguese.

`DEGREES`, `POLES` and `MIDDLE` make the scales between two opposites (*very dissatisfied* to *very
satisfied*). `OPPOSED` lists those whose two sides are not made alike, `WHOLES` the scales that run
from nothing to much. The lists are in `scale_words.toml`, which says how they are written.
"""

from __future__ import annotations

import re

from helpers.importing.words.word_lists import words_beside

_TABLES = words_beside(__file__)
DEGREES = {
    word.replace("_", " "): int(rank)
    for rank, words in _TABLES["degrees"].items()
    for word in words.split()
}
PLAIN = 5  # the degree of a pole that stands alone

_ENDINGS = ("o", "a", "os", "as")


def _pairs(words: str) -> list[tuple[str, str]]:
    pairs = [word.replace("_", " ").partition("|") for word in words.split()]
    return [(low, high) for low, _, high in pairs]


POLES: tuple[tuple[str, str], ...] = (
    *_pairs(_TABLES["poles"]["both_sides"]),
    *((f"insatisfech{e}", f"satisfech{e}") for e in _ENDINGS),
    *((f"insoddisfatt{e}", f"soddisfatt{e}") for e in ("o", "a", "i", "e")),
    *((f"insatisfeit{e}", f"satisfeit{e}") for e in _ENDINGS),
)
GRADED: tuple[tuple[str, str], ...] = tuple(_pairs(_TABLES["poles"]["by_themselves"]))
# Pairs of which two languages share a side.
OF_LANGUAGE = {
    ("unfavorable", "favorable"): "english",
    ("défavorable", "favorable"): "french",
    ("desfavorable", "favorable"): "spanish",
}
CERTAIN = frozenset((("not", "yes"), ("no", "yes")))  # a scale only where all have a degree

MIDDLE = (
    r"neither.*|neutral(ly)?( .*)?|undecided|no difference|in the middle"
    r"|(about |stayed )?(the )?same"
    r"|no change|unchanged|(remain(ed|s)?|stay(ed|s)?) (constant|stable|unchanged)|constant|stable"
    r"|mixed|average|medium|might or might not|(it )?depends|maybe|perhaps"
    r"|possibly|indifferent|ambivalent|so-?so"
    r"|teils ?[,/]? ?teils|weder.*|unentschieden|mittel(mäßig)?|durchschnittlich|(etwa )?gleich.*"
    r"|unverändert|ni .* ni .*|ni l'un ni l'autre|neutre|moyen(ne)?|indifférente?|inchangée?|pareil"
    r"|neutr[oa]|indiferente|regular|igual|neutraal|niet .* niet .*|noch .* noch .*|hetzelfde"
    r"|gelijk( gebleven)?|né .* né .*|neutrale|indifferente|uguale|invariat[oa]|nem .* nem .*"
)
UNSURE = r"(i am |i'm )?(not sure|unsure|uncertain)|nicht sicher|unsicher"


def _lines(text: str) -> tuple[str, ...]:
    """Entries of a list; what is indented goes on with the line before."""
    return tuple(text.replace("\n    ", " ").strip().splitlines())


def _named(text: str) -> tuple[tuple[str, str], ...]:
    entries = [line.partition(": ") for line in _lines(text)]
    return tuple((name, levels) for name, _, levels in entries)


OPPOSED = _lines(_TABLES["opposed"]["first"])
OPPOSED_ALSO = _lines(_TABLES["opposed"]["also"])

WHOLES = _named(_TABLES["wholes"]["usual"])
EXACT = _named(_TABLES["wholes"]["exact"])

LANGUAGES = {
    name.replace("_", " "): language
    for language, names in _TABLES["languages"].items()
    for name in names.split()
}

# How the lowest and the highest answer of a scale begin where all have numbers before them.
LOW_ENDS = re.compile(
    r"(not?|never|none|nothing|least|worst|lowest|poor|strongly dis|completely dis|un(?!der|i)|very"
    r" (un|dis|bad|poor|low|neg)|extremely (un|dis|bad|poor|low)|totally dis|gar|überhaupt|nicht"
    r"|keine?|nie|sehr (un|schlecht|niedrig)|pas|aucune?|jamais|très (in|mal|mauvais|faible)|nada"
    r"|no|nunca|ningun[oa]?|muy (in|mal|baj)|per (niente|nulla)|non|mai|molto (in|mal|bass)"
    r"|nenhuma?|muito (in|mau|má|baix|ruim)|geen|nooit|niet|helemaal (niet|oneens)|zeer (on|slecht)"
    r"|لا|غير|أبدا|أبدًا|ليس)",
    re.IGNORECASE,
)
HIGH_ENDS = re.compile(
    r"(extremely|very(?! (un|dis|bad|poor|low))|completely|totally|entirely|absolutely|fully|always"
    r"|strongly(?! dis)|a (great|lot)|most|best|highest|critical|essential|excellent|sehr(?! un)"
    r"|äußerst|extrem|völlig|immer|voll|très|extrêmement|tout à fait|toujours|totalement|muy"
    r"|totalmente|siempre|extremadamente|mucho|molto|estremamente|sempre|completamente|muito"
    r"|zeer|altijd|helemaal(?! (niet|oneens))|uiterst|دائما|دائمًا|جدا|تماما|بشدة)",
    re.IGNORECASE,
)
