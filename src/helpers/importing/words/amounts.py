"""Answers in words that stand for an amount: heights, how often a year, durations, bands.

The lists hold words of all languages, `|` between two; to add a language, add words.
"""

from __future__ import annotations

import re

_COUNT_WORDS = {
    0: "none zero null zéro cero nul صفر",
    1: "once one einmal ein eine une un una uno uma um een eenmaal مرة",
    2: "twice two zweimal zwei deux dos due duas dois twee tweemaal مرتين مرتان",
    3: "three thrice dreimal drei trois tres tre três drie ثلاث",
    4: "four vier quatre cuatro quattro quatro أربع",
    5: "five fünf cinq cinco cinque vijf خمس",
    6: "six sechs seis sei zes",
    7: "seven sieben sept siete sette sete zeven",
    8: "eight acht huit ocho otto oito",
    9: "nine neun neuf nueve nove negen",
    10: "ten tens zehn dix diez dieci dez tien",
    100: "hundred hundreds hundert cent cien cento cem honderd مئة",
    1000: "thousand thousands tausend mille mil mila duizend ألف",
    1e6: "million millions million(en) millionen",
}
_COUNTS = {word: float(n) for n, words in _COUNT_WORDS.items() for word in words.split()}
_FEW = re.compile(
    r"\b(few|several|multiple|many|mehrmals|mehrere|plusieurs|quelques|varias|algunas|più volte"
    r"|alcune|várias|algumas|meerdere|enkele|couple)\b|عدة"
)
# How often a year it is what these say.
_ADVERBS = {
    8760.0: "hourly|stündlich|toutes les heures|cada hora|ogni ora|a cada hora|elk uur|كل ساعة",
    365.0: "daily|every ?day|täglich|jeden tag|quotidiennement|quotidien|tous les jours|chaque jour"
    "|diario|diariamente|todos los días|cada día|quotidianamente|giornalmente|ogni giorno"
    "|tutti i giorni|todos os dias|todo dia|dagelijks|elke dag|iedere dag|يوميا|يوميًا|كل يوم"
    "|ежедневно|каждый день|codziennie|her gün|매일",
    52.0: "weekly|wöchentlich|jede woche|hebdomadaire|toutes les semaines|chaque semaine|semanal"
    "|semanalmente|todas las semanas|settimanalmente|ogni settimana|toda semana|wekelijks"
    "|elke week|أسبوعيا|أسبوعيًا|еженедельно|co tydzień|haftalık|매주",
    26.0: "fortnightly|bi-?weekly|zweiwöchentlich|quincenal|quincenalmente|quinzenal",
    12.0: "monthly|monatlich|jeden monat|mensuel|mensuellement|tous les mois|chaque mois|mensual"
    "|mensualmente|todos los meses|mensilmente|ogni mese|mensal|mensalmente|maandelijks"
    "|elke maand|شهريا|شهريًا|ежемесячно|co miesiąc|매월",
    4.0: "quarterly|vierteljährlich|quartalsweise|trimestriel|trimestral|trimestralmente"
    "|trimestrale|per kwartaal|ربع سنوي|ежеквартально",
    2.0: "half-?yearly|semi-?annually|halbjährlich|semestriel|semestral|semestralmente"
    "|halfjaarlijks",
    1.0: "yearly|annually|annual|jährlich|jedes jahr|annuel|annuellement|tous les ans|chaque année"
    "|anual|anualmente|todos los años|annualmente|ogni anno|todos os anos|jaarlijks|elk jaar"
    "|سنويا|سنويًا|ежегодно|co rok|매년",
}
_UNITS = {
    8760.0: "hours?|hrs?|stunden?|heures?|horas?|ore|ora|uren|uur|ساعات|ساعة",
    365.0: "days?|tage?n?|jours?|días?|dias?|giorni|giorno|dagen|dag|أيام|يوم|اليوم",
    52.0: "weeks?|wochen?|semaines?|semanas?|settimane|settimana|weken|week|أسابيع|أسبوع|الأسبوع",
    26.0: "fortnights?",
    12.0: "months?|monate?n?|mois|meses|mes|mesi|mese|mês|maanden|maand|أشهر|شهر|الشهر",
    4.0: "quarters?|quartale?|trimestres?|trimestri|trimestre|kwartaal|kwartalen",
    2.0: "semesters?|half-?years?|halbjahre?|semestres?|semestri",
    1.0: "years?|yrs?|jahre?n?|ans|(?<=par )an|(?<=un )an|(?<=[0-9] )an"
    "|années?|años?|anni|anno|anos?|jaar|jaren|سنوات|سنة|السنة",
    525600.0: "minutes?|mins?|minuten?|minutos?|minuti|minuto|minuut|دقائق|دقيقة",
}
_PER = (
    "per|a|an|every|each|in the|in a|pro|im|in der|am|je|jede[nrs]?|par|chaque|tous les|toutes les"
    "|al|a la|à la|por|cada|todos los|todas las|ogni|alla|all'|a cada|ao|à|op een|elke|في|كل|во?|na"
)
_EVERY = "every|each|alle|tous les|toutes les|cada|ogni|a cada|om de|elke|كل"
_OTHER = "other|second|zweite[nrs]?|few|couple of|paar|quelques"
_NEVER = re.compile(
    r"(almost |hardly )?never|nie(mals)?|jamais|nunca|mai|nooit|أبدا|أبدًا|ابدا|никогда|nigdy"
)
# Beside answers that do say how often.
_RARE = re.compile(
    r"(very )?rarely|seldom|infrequently|less (often|frequently)|selten(er)?|rarement"
    r"|moins souvent|rara vez|raramente|(con )?menos (frecuencia|a menudo|frecuentemente)"
    r"|meno spesso|di rado|menos frequentemente|zelden|minder vaak|نادرا|نادرًا|редко|rzadko"
)
_SOME = re.compile(
    r"occasionally|sometimes|now and then|from time to time|gelegentlich|manchmal|ab und zu"
    r"|parfois|de temps en temps|occasionnellement|a veces|de vez en cuando|ocasionalmente"
    r"|a volte|qualche volta|occasionalmente|às vezes|de vez em quando|soms|af en toe"
    r"|أحيانا|أحيانًا|иногда|czasami"
)
_OFTEN = re.compile(
    r"often|frequently|regularly|oft|häufig|regelmäßig|souvent|régulièrement|a menudo"
    r"|frecuentemente|con frecuencia|spesso|regolarmente|frequentemente|regularmente|vaak"
    r"|regelmatig|غالبا|غالبًا|часто|często"
)
_INDIAN = re.compile(r"\d{1,2}(,\d{2})+,\d{3}")  # 1,00,000
_NUMBER = re.compile(r"\d[\d,. ]*\d|\d")
_SCALED = re.compile(
    r"(?P<number>\d[\d,.]*(?: \d{3}\b)*)"
    r"(?: ?(?P<bytes>[kmgt])i?b(?:ytes?)?\b"
    r"|(?P<k>k\b| ?(?:thousand|tausend|tsd|mille|mila|mil|duizend|тыс|tys|ألف|ribu)(?!\w))"
    r"|(?P<m>m\b| ?(?:mio|mln|millions?|million(?:en|i)|millon(?:es)?|juta"
    r"|millón|milione|milhão|milhões|млн|مليون))"
    r"|(?P<lakh> ?(?:lakhs?|lacs?|लाख)(?!\w))|(?P<crore> ?(?:crores?|करोड़)(?!\w))"
    r"|(?P<wan> ?[万萬만])|(?P<oku> ?[億亿억]))?"
)
_BYTES = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}
_WORDS = {"k": 1e3, "m": 1e6, "lakh": 1e5, "crore": 1e7, "wan": 1e4, "oku": 1e8}
_HEIGHT = re.compile(r"(\d)\s*(?:'|ft\b|feet|foot)\s*(\d{1,2})?")
_BELOW = re.compile(
    r"\b(under|before|less than|less often than|less frequently than|below|up to|fewer than|at most"
    r"|younger|or less|or fewer|or under|unter|weniger als|seltener als|bis( zu)?|höchstens|jünger"
    r"|oder weniger|moins d[e']|moins souvent|moins|jusqu'à|menos d[eo]|menor(es)?|hasta|o menos"
    r"|ou menos|até|meno di|fino a|sotto|al di sotto|o meno|minder dan|tot|onder|jonger|of minder"
    r"|poniżej|mniej niż|do|менее|меньше|младше|до|altı)\b|[<≤]|أقل من|تحت|حتى|미만|이하"
    r"|以下|以内|以內|未満|未满|不到|少于|少於|低于|低於|kurang dari|dưới|से कम"
)
_ABOVE = re.compile(
    r"\b(over|after|more than|above|or more|and over|and above|and more|older|greater than"
    r"|at least|plus|beyond|über|mehr als|ab|mindestens|älter|oder mehr|und mehr|oder öfter"
    r"|plus de|et plus|ou plus|más de|o más|y más|mayor(es)?|più di|oltre|e oltre|o più|in su"
    r"|mais d[eo]|ou mais"
    r"|e mais|acima|meer dan|of meer|en ouder|ouder|boven|vanaf|powyżej|więcej niż|i więcej|более"
    r"|больше|старше|свыше|и более|üstü)\b|[+>≥]|أكثر من|فأكثر|فوق|이상|초과"
    r"|以上|超过|超過|以后|以後|之后|之後|lebih dari|di atas|trên|से अधिक|से ज़्यादा"
)
_CLOCK = re.compile(r"(?<=\d):(?=\d\d\b)")
_WITHIN = re.compile(r"\b(next|within|innerhalb|nächsten?|d'ici|dans|dentro de|entro|binnen)\b")
_ONE = re.compile(r"\b(less|more|under|over|about|up to|shorter|longer)( than)? an? \w+$")
_NOTHING = re.compile(
    r"(no|none|never|nothing|not okay|it is not|nichts|keine?|rien|aucune?|nada|ningun[oa]|ningún"
    r"|niente|nessun[oa]?|nenhuma?|geen|لا شيء)\b(?! of the)"
)
_LONG = 40
_WORDS_OF_AN_END = 4


def height(text: str) -> float | None:
    """Inches of a height in feet and inches."""
    match = _HEIGHT.search(text)
    if not match:
        return None
    beyond = -0.5 if _BELOW.search(text) else 0.5 if _ABOVE.search(text) else 0
    return int(match[1]) * 12 + int(match[2] or 0) + beyond


def _one_of(table: dict[float, str], before: str, text: str) -> tuple[int, float] | None:
    """Find the first word of a table; where it ends, and what it stands for."""
    found = [
        (match.start(), match.end(), value)
        for value, words in table.items()
        if (match := re.search(rf"(?<!\w){before}(?:{words})(?!\w)", text))
    ]
    return min(found)[1:] if found else None


def says_how_often(text: str) -> bool:
    """Return whether an answer names a period: `weekly`, but not `rarely`."""
    return times_a_year(text) is not None and not any(
        rule.fullmatch(text) for rule in (_NEVER, _RARE, _SOME, _OFTEN)
    )


def times_a_year(text: str) -> float | None:
    """Say how often a year an answer such as `a few times per week` means."""
    for rule, times in ((_NEVER, 0.0), (_RARE, 0.2), (_SOME, 0.4), (_OFTEN, 100.0)):
        if rule.fullmatch(text):
            return times
    text = re.sub(r"(?<=[^\W\d_])\s*/\s*(?=[^\W\d_])", " per ", text)  # 1-2 Mal/Woche
    beyond = 0.9 if _BELOW.search(text) else 1.1 if _ABOVE.search(text) else 1.0
    number = rf"(?:{_EVERY}) (?:\d+|{_OTHER}|{'|'.join(_COUNTS).replace('(en)', '')}) "
    apart = _one_of(_UNITS, number, text)
    if apart:
        between = re.search(rf"(?:{_EVERY}) (\d+|\S+)", text)
        word = between[1] if between else ""
        n = float(word) if word.isdigit() else _COUNTS.get(word, 3.0 if _FEW.search(text) else 2.0)
        return apart[1] / max(n, 1.0) * beyond
    found = _one_of(_ADVERBS, "", text) or _one_of(_UNITS, rf"(?:{_PER}) ?", text)
    if not found:
        return None
    times = 3.0 if _FEW.search(text) else _first_count(text) or 1.0
    return times * found[1] * beyond


def _first_count(text: str) -> float | None:
    number = _NUMBER.search(text)
    if number:
        return _as_number(number[0])
    counts = [_COUNTS[word] for word in re.findall(r"\w+", text) if word in _COUNTS]
    if len(counts) == 2 and re.search(r"\w+s of \w+s\b", text):
        return counts[0] * counts[1]  # tens of thousands
    return counts[0] if counts else None


def duration(text: str) -> float | None:
    """Years of a duration: from 6 months to a year is half a year, and a little more."""
    found = _one_of(_UNITS, "", text)
    count = _first_count(text)
    one = "year" in text or bool(_ONE.search(text))
    if found is None or len(text) > _LONG or (count is None and not one):
        return None
    years = (1.0 if count is None else count) / found[1]
    alone = len(_NUMBER.findall(text)) < 2
    below, above = (_BELOW.search(text) or _WITHIN.search(text)) and alone, _ABOVE.search(text)
    return years * (0.99 if below else 1.01 if above else 1.0)


def is_open(text: str) -> bool:
    """Return whether an answer says *under*, *or more* or the like."""
    return bool(_BELOW.search(text) or _ABOVE.search(text))


def end_of(text: str) -> str:
    """Return the number in an answer that is the last or first of all: *89 or older*, *10+*."""
    numbers = re.findall(r"\d+(?:\.\d+)?", text)
    told = len(numbers) == 1 and len(text.split()) <= _WORDS_OF_AN_END
    return numbers[0] if told and is_open(text.casefold()) else ""


def unit_of(text: str) -> float | None:
    """How often a year the unit of time in an answer is; None where it has none."""
    found = _one_of(_UNITS, "", text)
    return found[1] if found else None


def size_of(text: str) -> float | None:
    """Lower end of a band, or a number in words."""
    if re.search(r"[^\W\d_]", text) and len(text) > _LONG:
        return None
    text = _CLOCK.sub(".", text)
    found = _lower_end(text)
    if found is None:
        return 0.0 if _NOTHING.match(text) else None
    if _BELOW.search(text):
        return found - 0.5 if len(_NUMBER.findall(text)) < 2 else found
    return found + (0.5 if _ABOVE.search(text) else 0.0)


def ends_of(text: str) -> list[float]:
    """List the numbers of a band."""
    found = map(_as_number, _NUMBER.findall(_CLOCK.sub(".", text)))
    return [number for number in found if number is not None]


def _lower_end(text: str) -> float | None:
    """Return the first number of a text, in thousands if it, or the last one, says so."""
    read = [
        (number, _scale(match))
        for match in _SCALED.finditer(text)
        if (number := _as_number(match["number"].rstrip(",. "))) is not None
    ]
    if not read:
        return _first_count(text)
    (first, scale), (last, other) = read[0], read[-1]
    return first * (other if scale == 1.0 and first < last else scale)


def _scale(match: re.Match[str]) -> float:
    """Return what a number is multiplied by: thousands, lakhs, 万."""
    if match["bytes"]:
        return _BYTES[match["bytes"]]
    return next((times for name, times in _WORDS.items() if match[name]), 1.0)


def _as_number(text: str) -> float | None:
    if re.fullmatch(r"\d{1,3}(\.\d{3})+", text) and not text.startswith("0"):
        text = text.replace(".", "")  # between thousands
    if _INDIAN.fullmatch(text):
        text = text.replace(",", "")
    try:
        return float(re.sub(r"[, ](?=\d{3}\b)", "", text).replace(",", "."))
    except ValueError:
        return None
