"""Which language a text is in, by the small words that only this language has so often.

To add a language, add a line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_SMALL = {
    "english": "the of and is are you your how what do does in to for with which have at this",
    "german": "der die das und ist sind sie wie was ich nicht ihr ihre in welche haben mit für ein",
    "french": "le la les des et est vous votre vos avez quel quelle comment pour dans une du êtes",
    "spanish": "el la los las de y es son usted su sus qué cuál cómo con una para en del se está",
    "dutch": "de het een en is u uw hoe wat van voor met welke bent heeft niet op",
    "italian": "il lo la gli le di e è sono tu tuo tua qual quanto come con una per che del della",
    "indonesian": "yang dan di anda apakah saya dengan untuk ini dari tidak adalah pada dalam",
    "vietnamese": "bạn của là và có không những các cho với anh chị",
    "portuguese": "o a os as de e é são você seu sua qual como com uma para em do da que se não",
}
_WORDS = {language: frozenset(words.split()) for language, words in _SMALL.items()}
_SIGNS = {
    "german": re.compile(r"[äöüß]"),
    "portuguese": re.compile(r"[ãõ]|ç"),
    "spanish": re.compile(r"[¿¡ñ]"),
    "french": re.compile(r"[êœçùû]"),
    "japanese": re.compile(r"[\u3041-\u30ff]"),
    "chinese": re.compile(r"[的是您了吗嗎]"),
    "hindi": re.compile(r"[\u0904-\u0939]"),
    "arabic": re.compile(r"[\u0621-\u064a]{2}"),
}


def language_of(texts: Iterable[str]) -> str:
    """Return the language that most small words of texts are of; empty where two have as many."""
    votes = Counter[str]()
    for text in texts:
        plain = text.lower()
        words = re.findall(r"[^\W\d_]+", plain)
        for language, known in _WORDS.items():
            votes[language] += sum(word in known for word in words)
        for language, sign in _SIGNS.items():
            votes[language] += len(sign.findall(plain))
    first, second = [*votes.most_common(2), ("", 0), ("", 0)][:2]
    return first[0] if first[1] > second[1] else ""
