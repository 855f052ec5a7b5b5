"""What a questionnaire tells respondents to do, beside what it asks: *Tick all that apply*.

To add a language, add a line of beginnings. A name for a question goes without such a sentence.
"""

from __future__ import annotations

import re

BEGINNINGS = (
    "please|tick|select|check|choose|mark|pick|rank|rate|indicate|you (can|may)|check all|all that"
    "|(multiple|several|more than one|single|one) (answers?|responses?|choices?)",
    "bitte|wählen sie|kreuzen sie|mehrfach|mehrere antworten|nur eine antwort|alles zutreffende"
    "|eine antwort",
    "plusieurs réponses|cochez|sélectionnez|choisissez|une seule réponse|veuillez|merci de",
    "marque|seleccione|elija|puede (marcar|seleccionar|elegir)|(selección|respuesta) múltiple"
    "|una sola respuesta|por favor",
    "selezion|scegli|più risposte|una sola risposta|(è|sono) possibil|risposta multipla|indica",
    "selecione|marque|escolha|pode (marcar|selecionar|escolher)|múltipla escolha|assinale",
    "kies|selecteer|vink|meerdere antwoorden|één antwoord|u kunt meerdere",
    "اختر|حدد|يرجى|يمكن",
)
_INSTRUCTION = re.compile(rf"({'|'.join(BEGINNINGS)})", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*")
_SENTENCE = re.compile(r"(?<=[.?!؟])\s+")


def without_instructions(wording: str) -> str:
    """Leave out what a question tells respondents to do, if what is left still asks something."""
    text = " ".join(wording.split())
    asked = _BRACKETS.sub(lambda b: " " if _INSTRUCTION.match(b[1].strip()) else b[0], text).strip()
    first, *others = _SENTENCE.split(asked)
    kept = [first, *(one for one in others if not _INSTRUCTION.match(one) or one.endswith("?"))]
    left = " ".join(kept)
    if any(one.rstrip().endswith(("?", "؟")) for one in kept):
        asked = left
    return (asked or text).rstrip(" :*")
