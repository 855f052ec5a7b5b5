"""What a questionnaire tells respondents to do, beside what it asks: *Tick all that apply*.

To add a language, add a line of beginnings. Names of questions leave such a sentence out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

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
_ALL = re.compile(
    r"\b(select|tick|check|choose|mark|pick|cross)\b.{0,20}\b(all|any|as many|up to|several)\b"
    r"|\b(all|any) that (mostly )?appl|(more than one|multiple) (answer|response|option|choice)"
    r"|\b(top|up to|choose|select|pick|rank|mark)( the)?( top)? (two|three|four|five|[2-9])\b"
    r"|mehrfach(nennung|auswahl|antwort)|mehrere (antworten|nennungen)|alle\w* zutreffende"
    r"|plusieurs (réponses|choix)|varias (respuestas|opciones)|più risposte",
    re.IGNORECASE,
)
# How a question begins to which yes and no are not answers; to add a language, add words.
_OPEN = re.compile(
    r"(^(\W?[A-Za-z]?\d+[a-z]?\s*[-–—.):]\s*)?|[.:?!]\s+|, )"
    r"(in which|which|what|how(?! often| satisfied| likely)|where|why|who"
    r"|in welche[nrms]?|welche[nrms]?|was|wie|wo|warum|wer|quel(le)?s?|comment|où|pourquoi"
    r"|¿?(qué|cuál(es)?|cómo|dónde|por qué|quién(es)?)|qual[ei]|come|dove|perché|chi|quais"
    r"|onde|por que|quem|welke|wat"
    r"|hoe|waar|waarom)\b",
    re.IGNORECASE,
)
_ONE = re.compile(
    r"\b(select|tick|check|choose|mark|pick)( only| just)? (one|1)\b"
    r"|\b(one|a single|primary) (answer|response|option|choice)|nur eine (antwort|nennung)"
    r"|une seule réponse|una sola (respuesta|opción|risposta)|uma (única|só) resposta",
    re.IGNORECASE,
)
# Whose answers are degrees, listed from one end to the other; to add a language, add a line.
_DEGREE = re.compile(
    r"\bhow (\w+ly )?(dis|un)?(satisfied|likely|important|useful|helpful|happy|confident|familiar"
    r"|interested|easy|difficult|clear|good|strongly|concerned|worried|comfortable)\b"
    r"|\b(rate|rating|satisfaction|agree|disagree)\b"
    r"|\bwie (un)?(zufrieden|wahrscheinlich|wichtig|hilfreich|nützlich|sicher|gut|leicht|schwer)\b"
    r"|à quel point|dans quelle mesure"
    r"|\b(qué tan|cuán|satisfacción)\b|\bquanto (è|sei|siete) (soddisfatt|probabil|important)"
    r"|\bquão\b|\bhoe (on)?(tevreden|waarschijnlijk|belangrijk)\b",
    re.IGNORECASE,
)
_NUMBERED = r"\d{1,3}[a-z]?(?:[._]\d{1,3}[a-z]?)*\s*"
_NAMED = r"(?-i:[A-Z]{1,4}\d{1,3}[A-Za-z]{0,3}(?:_[A-Za-z0-9]{1,5})?)[.:)]"  # P7a. FV1_DJT.
_NUMBER = re.compile(
    rf"(?:Q(?:uestion)?[ .]?{_NUMBERED}[.):–—-]*|{_NUMBERED}[.):]|{_NAMED})\s+(?=[^\s\d])",
    re.IGNORECASE,
)
# What interviewers are told, in brackets and capitals.
_TO_INTERVIEWER = re.compile(
    r"(READ|DO NOT|IF|INTERVIEWER|PROBE|ROTATE|RANDOM|ASK|PROGRAMMER|NOTE|PRESS|ENTER|SHOW|REPEAT"
    r"|NO LEER|LEER|MOSTRAR)[A-Z]*\b"
)
_INSTRUCTION = re.compile(rf"({'|'.join(BEGINNINGS)})", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*")
_SENTENCE = re.compile(r"(?<=[.?!؟])\s+")


def asks_for_all(wording: str) -> bool:
    """Return whether a question says that several answers may be chosen."""
    return bool(_ALL.search(wording))


def asks_which(wording: str) -> bool:
    """Return whether a question asks which or what: yes and no are not answers to it."""
    return bool(_OPEN.search(wording))


def asks_for_one(wording: str) -> bool:
    """Return whether a question says that one answer is to be chosen."""
    return bool(_ONE.search(wording))


def asks_degree(wording: str) -> bool:
    """Return whether a question asks how satisfied, how likely and the like."""
    return bool(_DEGREE.search(wording))


def without_numbers(wordings: Sequence[str]) -> list[str]:
    """Leave out the numbers that a questionnaire gives its questions: *4a. Which …?*, *Q12 How …*.

    One question alone is not numbered: its number says something else.
    """
    numbered = [_NUMBER.match(text) for text in wordings]
    if sum(map(bool, numbered)) < 2:
        return list(wordings)
    return [t[at.end() :] if at else t for t, at in zip(wordings, numbered, strict=True)]


def without_instructions(wording: str) -> str:
    """Leave out what a question tells respondents to do, if what is left still asks something."""
    text = " ".join(wording.split())
    asked = _BRACKETS.sub(lambda b: " " if _is_instruction(b[1].strip()) else b[0], text).strip()
    first, *others = _SENTENCE.split(asked)
    kept = [first, *(one for one in others if not _INSTRUCTION.match(one) or one.endswith("?"))]
    left = " ".join(kept)
    if any(one.rstrip().endswith(("?", "؟")) for one in kept):
        asked = left
    return (asked or text).rstrip(" :*")


def _is_instruction(text: str) -> bool:
    return bool(_INSTRUCTION.match(text) or _TO_INTERVIEWER.match(text))
