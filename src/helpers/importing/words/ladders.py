"""Answers in words that go up a ladder: how good, how much, how often, how well known.

Ladders give an order; only `scale_words` says where scales begin and end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

# Each ladder from low to high; a rung is what a whole answer may look like.
_ADJECTIVE = r"[a-z' -]*"
LADDERS: dict[str, tuple[str, ...]] = {
    "quality": (
        r"terrible|horrible|awful|extremely bad|unacceptable",
        r"very (poor|bad)",
        r"poor|bad|not good",
        r"below average",
        r"fair|average|ok(ay)?|acceptable|neither.*|satisfactory|mediocre|so-?so",
        r"(fairly|quite|rather|somewhat|pretty) good",
        r"above average",
        r"good",
        r"very good",
        r"excellent|outstanding|extremely good|great",
    ),
    "intensity": (
        rf"(no,? )?not( at all)?( {_ADJECTIVE})? at all|(no,? )?not( {_ADJECTIVE})? at all"
        rf"|(no,? )?not at all( {_ADJECTIVE})?|none( at all)?|nothing|no {_ADJECTIVE}at all",
        rf"(not (very|so|too|much|particularly)|hardly|only slightly)( {_ADJECTIVE})?"
        rf"|very little|not much",
        rf"(yes,? )?(slightly|a little|a bit|little|minor)( {_ADJECTIVE})?",
        rf"(yes,? )?(somewhat|some|moderately|partly|fairly|quite|pretty)( {_ADJECTIVE})?"
        r"|a moderate amount|to some extent",
        rf"(yes,? )?(very|mostly)( {_ADJECTIVE})?|a lot|quite a (lot|bit)|much|major",
        rf"(yes,? )?(extremely|completely|totally|entirely)( {_ADJECTIVE})?"
        r"|a great deal|very much|to a great extent",
    ),
    "how many": (
        r"(no,? )?(at )?none( of (them|these|those|my .*))?( did| do| have| are| were)?"
        r"|(no, )?not any",
        r"(only )?(a )?few( of .*)?( did| do| have| are| were)?",
        r"(at )?some( of .*)?( did| do| have| are| were)?|several( of .*)?",
        r"most( of .*)?( did| do| have| are| were)?",
        r"(yes,? )?((they|we) )?(at )?(nearly )?all( of .*)?( did| do| have| are| were)?",
    ),
    "frequency": (
        r"never",
        r"(almost|hardly|nearly) (never|ever)|very rarely",
        r"rarely|seldom|once in a while|infrequently",
        r"occasionally|now and then",
        r"sometimes",
        r"(about )?half (of )?the time",
        r"often|frequently|regularly|fairly often",
        r"usually|very often|mostly|most of the time|very frequently",
        r"almost always|nearly always",
        r"always|all of the time|all the time|constantly|every time",
    ),
    "knowledge": (
        r"never heard( of it)?|not at all familiar|no knowledge",
        r"heard of it.*|slightly familiar|not very familiar",
        r"somewhat familiar|know a little",
        r"moderately familiar|familiar|know it",
        r"very familiar|know it well",
        r"extremely familiar",
    ),
    "skill": (
        r"no (skills?|experience|knowledge)|none",
        r"complete (novice|beginner)",
        r"novice|beginner|basic|elementary|introductory|anfänger.*|débutant.*|principiante.*|básico",
        r"intermediate|moderate|medium|fortgeschritten.*|intermédiaire|intermedi[oa]",
        r"advanced|proficient|skilled|avancée?|avanzad[oa]|avançad[oa]",
        r"expert.*|fluent|native.*|experte.*",
    ),
    "частота": (
        r"никогда",
        r"(практически|почти) никогда",
        r"редко",
        r"скорее редко",
        r"иногда",
        r"скорее часто",
        r"часто",
        r"(практически|почти) всегда",
        r"всегда|постоянно",
    ),
    "수준": ("하", "중하", "중", "중상", "상"),
    "change": (
        r"(much|a lot|far|significantly|strongly) (less|fewer|worse|lower)\b.*",
        r"((slightly|a little|somewhat) )?(less|fewer|worse|lower|decreas|reduc|declin|negativ"
        r"|rückgang|abnahme|weniger|schlechter|moins|pire|menos|peor|meno|peggio|minder|slechter"
        r"|меньше|хуже|mniej|gorzej)\w*\b.*",
        r"(about |stay\w* |remain\w* )?(the )?(same|equal|unchanged|constant|neutral"
        r"|no (change|difference)|gleich|unverändert|keine? (veränderung|unterschied)|igual|pareil"
        r"|uguale|gelijk|без изменений|bez zmian)\w*\b.*",
        r"((slightly|a little|somewhat) )?(more|better|higher|increas|grow|improv|positiv|wachstum"
        r"|zunahme|mehr|besser|plus|mieux|más|mejor|mais|melhor|più|meglio|meer|beter|больше|лучше"
        r"|więcej|lepiej)\w*\b.*",
        r"(much|a lot|far|significantly|strongly) (more|better|higher)\b.*",
    ),
    "education": (
        r"no (formal )?(education|schooling|qualifications?)( or .*)?|no diploma"
        r"|sin estudios|sans diplôme"
        r"|kein(en)? abschluss|nessun titolo|무학|未上学|tidak sekolah|अशिक्षित",
        r"primary.*|elementary.*|licenza elementare|(estudios )?primari[oa]s?.*|primaire"
        r"|grundschul.*|초등학교.*|ensino fundamental.*|podstawowe.*|начальное.*|basisschool"
        r"|小学.*|小學.*|国小|國小|sd|sekolah dasar|tiểu học",
        r"(less|lower) than high school.*|some high school.*|(did|have) not complete.* high school"
        r"|licenza media|hauptschul.*|중학교.*|основное.*|gimnazjalne.*"
        r"|zawodowe|zasadnicze.*|secundaria.*|brevet"
        r"|初中.*|国中|國中|中学校?|smp|thcs",
        r"high school.*|secondary.*|final secondary.*|ged|gcse.*|hsc.*|diploma( di .*)?|abitur.*"
        r"|bachillerato.*|estudios secundarios|bac(calauréat)?|고등학교.*|ensino médio.*|średnie.*"
        r"|среднее|lise|havo|vwo|高中.*|高校|高等学校.*|中专|sma|smk|sma/smk|thpt|liceum",
        r"some college.*|(currently )?in college.*|неоконченное высшее|superior em andamento",
        r"associate.*|a[ -]levels?|vocational.*|trade.*|technical.*|diploma.+|전문대학.*|mbo.*"
        r"|среднее .*|ausbildung|berufsausbildung"
        r"|大专.*|大專.*|专科.*|專科.*|専門学校.*|短大.*|d[34]|diploma iii|cao đẳng",
        r"(bachelor|undergraduate|college|university|tertiary|4.year|bsc|b\.?a\b).*"
        r"|laurea( triennale| 3.*)?|licence|grado|licenciatura.*|(ensino )?superior( completo)?"
        r"|licencjat.*|wyższe.*|высшее"
        r"|lisans|本科.*|大学(?!院).*|大學.*|学士|s1|sarjana|đại học"
        r"|대학(교.*)?|hbo.*|estudios universitarios.*",
        r"(graduate|post.?graduate|master|professional|msc|m\.?a\b).*|laurea (magistrale|5.*)"
        r"|máster.*|maestría.*|mestrado.*|magister.*|대학원.*|yüksek lisans"
        r"|硕士.*|碩士.*|大学院.*|修士.*|研究生.*|s2|thạc sĩ|pós-gradua.*",
        r"(doctor|phd|ph\.d).*|dottorato.*|doutorado.*|doktor.*|promotion|박사.*"
        r"|博士.*|s3|tiến sĩ|кандидат.*",
    ),
}


def ranks_on(texts: Mapping[str, str], rungs: Sequence[str]) -> dict[str, float]:
    """Ranks of answers on different rungs of a ladder; none where one does not."""
    places = {label: _rung(text, rungs) for label, text in texts.items()}
    found = {label: place for label, place in places.items() if place is not None}
    if len(found) < len(texts) or len(set(found.values())) < len(texts):
        return {}
    ranks = {place: rank for rank, place in enumerate(sorted(found.values()), 1)}
    return {label: float(ranks[place]) for label, place in found.items()}


def _rung(text: str, rungs: Sequence[str]) -> int | None:
    return next((n for n, rung in enumerate(rungs) if re.fullmatch(rung, text)), None)
