"""Answers that begin with how much: from *not at all* to *very*, in words of many languages.

They give an order where no scale is known, and no scores: which grades were offered beside these,
nobody can tell. To add a language, add words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_GRADES = {
    -1: "not at all|none at all|definitely not|gar nicht|überhaupt nicht|pas du tout|para nada"
    "|en absoluto|per niente|per nulla|de modo nenhum|helemaal niet|전혀|совсем не|вообще не|wcale"
    "|zdecydowanie nie|hiç|hiçbir zaman|إطلاقا|مطلقا",
    0: "no|not|non|none|nothing|never|kein|keine|keinen?|nicht|nie|niemals|pas|aucune?|jamais|rien"
    "|nunca|ningún|ningun[oa]?|nada|nenhuma?|não|nessun[oa]?|niente|mai|geen|niet|nooit|нет|не"
    "|никогда|brak|nigdy|asla|yok|لا|ليس|غير|أبدا",
    1: "not (very|too|so|particularly)|hardly|barely|rarely|seldom|only slightly|little|a little"
    "|slight|slightly|small|low|minor|weak|few|infrequently|occas|gering|geringe[rs]?|wenig|weniger|kaum"
    "|selten|schwach|schwache[rs]?|kleine?|peu|faible|faiblement|rarement|petite?|no muy|poc[oa]s?"
    "|raramente|baj[oa]|pequeñ[oa]|pouc[oa]s?|baix[oa]|bass[oa]|piccol[oa]|scars[oa]|weinig|laag"
    "|lage|zelden|nauwelijks|별로|мало|редко|низк(ий|ая|ое|о)|слаб(ый|ая|ое|о)|mało|niski[ei]?"
    "|rzadko|słab[ye]|az|düşük|nadiren|قليل|قليلا|منخفض|نادرا",
    2: "some|somewhat|sometimes|moderate|moderately|medium|partly|partially|average|occasionally"
    "|teils|teilweise|mittel|mittlere[rs]?|mittelmäßig|mäßig|manchmal|gelegentlich|moyen|moyenne"
    "|moyennement|parfois|en partie|partiellement|algo|algun[oa]s?|medi[oa]|median[oa]|regular"
    "|a veces|parcialmente|em parte|parzialmente|in parte|a volte|às vezes|médi[oa]|gemiddelde?"
    "|soms|deels|가끔|보통|средн(ий|яя|ее|е)|иногда|частично|średni[ae]?|czasami|częściowo|orta"
    "|bazen|kısmen|biraz|متوسط|أحيانا",
    3: "rather|fairly|quite|mostly|good|regul|eher|ziemlich|gute?[rs]?|größtenteils|assez|plutôt"
    "|bon|bonne|bastante|buen[oa]|abbastanza|piuttosto|buon[oa]|tamelijk|redelijk|goede?|어느 ?정도"
    "|довольно|достаточно|хорош(ий|ая|ее|о)|raczej|dość|oldukça|جيد",
    4: "high|highly|strong|strongly|large|great|major|much|a lot|often|frequently|freq|heavy"
    "|considerable|hohe?[rs]?|starke?[rs]?|große?[rs]?|viele?|oft|häufig|fort|forte|fortement|grande?|élevée?"
    "|beaucoup|souvent|alt[oa]|much[oa]s?|a menudo|muit[oa]s?|molt[oa]|spesso|hoog|hoge|sterke?"
    "|veel|vaak|자주|часто|высок(ий|ая|ое|о)|сильн(ый|ая|ое|о)|много|wysoki[ei]?|siln[ye]|dużo"
    "|często|yüksek|güçlü|sık|sıklıkla|genellikle|çoğunlukla|çoğu zaman|كثيرا|مرتفع|غالبا",
    5: "extreme|extremely|completely|totally|fully|entirely|always|critical|essential|severe"
    "|excellent|definitely|certainly|absolutely|völlig|vollständig|voll|immer|äußerst|extrêmement"
    "|totalement|entièrement|tout à fait|toujours|totalmente|completamente|siempre|sempre"
    "|extremadamente|extremamente|estremamente|altijd|helemaal|volledig|uiterst|항상|충분히"
    "|полностью|абсолютно|всегда|zawsze|całkowicie|zdecydowanie|her zaman|tamamen|kesinlikle"
    "|fazlasıyla"
    "|دائما|تماما|بشدة",
}
_VERY = re.compile(
    r"(very|sehr|très|muy|muito|molto|zeer|heel|매우|아주|очень|bardzo|çok)(?=\s)\s*", re.IGNORECASE
)
_RULES = [
    (grade, re.compile(rf"({words})(?![\w'])", re.IGNORECASE)) for grade, words in _GRADES.items()
]
_NEGATED = re.compile(r"지 않|못|없|모른")  # at the end of what Korean says
_LEANING = re.compile(r"편(이다)?$")
_MORE, _LESS = 0.5, -0.25  # with *very*: *very high* is beyond *high*, *very low* below *low*
_ALONE = 4.5  # of *very* before what is no grade: *very satisfied*


def graded(texts: Mapping[str, str]) -> dict[str, float]:
    """Say how far up each answer is; nothing where one is no grade, or two are the same."""
    grades = {label: _grade(text) for label, text in texts.items()}
    found = {label: grade for label, grade in grades.items() if grade is not None}
    if len(texts) < 3 or len(found) < len(texts) or len({*found.values()}) < len(texts):
        return {}
    return found


def _grade(text: str) -> float | None:
    very = _VERY.match(text)
    rest = text[very.end() :] if very else text
    found = max(
        ((len(match[0]), grade) for grade, rule in _RULES if (match := rule.match(rest))),
        default=None,
    )
    if found is None:
        if very:
            return _ALONE
        if _LEANING.search(text):
            return 1.0 if _NEGATED.search(text) else 3.0
        return 1.0 if _NEGATED.search(text) else None
    grade = float(found[1])
    if not very:
        return grade
    return grade + _MORE if grade > 2 else grade + _LESS if grade < 2 else None
