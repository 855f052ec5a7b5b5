"""Answers that say nothing on the substance: do not know, refused, does not apply.

Only short standard phrases count, those of `nonanswers.toml`. Anything longer (*I don't know what
the bus card is*) has answered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from helpers.codebook.model import Missing
from helpers.importing.words.scale_words import UNSURE
from helpers.importing.words.scales import bare_label, is_middle, is_opposite
from helpers.importing.words.word_lists import either, words_beside

_TABLES = words_beside(__file__)
_RULES: tuple[tuple[Missing, re.Pattern[str]], ...] = (
    (Missing.DONT_KNOW, re.compile(f"{UNSURE}|{either(_TABLES['dont_know'])}")),
    (
        Missing.NOT_ANSWERED,
        re.compile(either(_TABLES["not_answered"]).replace("{say}", _TABLES["say"])),
    ),
    (Missing.NOT_ASKED, re.compile(either(_TABLES["not_asked"]))),
)
# What programs write where there is nothing: Stata `.` and `.a`, pandas, databases, pivot tables.
_MARK = re.compile(
    r"\.[a-z]?|-{1,3}|[–—]|#n/a|<na>|__na__|nan|null|\\n|sysmis|n\.?d\.?|[ns]\.?/d\.?"
    r"|[(\[<{](null|none|blank|empty|vacío|leer|vide)[)\]>}]",
    re.IGNORECASE,
)
_UNASKED = re.compile(r"^(\W?-?\d+\W+)?not asked")
_SKIPPED = re.compile(r"^(\W?-?\d+\W+)?skipped$")
_SIGNS = re.compile(r"[-+–—=0±/ ]+")
_ZERO = re.compile(r"eins?|einmal|zwei(mal)?")  # Null is zero in German
_ENCLOSED = re.compile(r"[(\[<{]([^()\[\]<>{}]+)[)\]>}]")
# What interviewers are told, and the code that some files write before the label.
_ASIDE = re.compile(
    r"[(\[](vol(untee?red)?\.?|spont(an(eous)?)?\.?( only)?|do not read( out)?|dnr"
    r"|don't read( out)?|no leer|nicht vorlesen|ne pas lire|não ler|non leggere|niet voorlezen"
    r"|не зачитывать|not read out|code only|exclusive|specify|dk|ref|na|nsp"
    r"|ns|nc|kA|tnz|-?\d{1,4})[)\]]",
    re.IGNORECASE,
)
# Of surveys of many countries: NAP, other countries; NAV(DE,IL). No answer(IE,BE).
_INTERNATIONAL = re.compile(
    r"(\W?\d+\W+)?([Nn]ot available[;,]\s*)?(NAP|NAV|IAP|INAP)\s*([;,:.(]|$)"
)
_COUNTRIES = re.compile(r"\s?\([A-Z]{2}([,; ]+[A-Z]{2})*\)$")
_BESIDE_IT = re.compile(
    r"^(vol(unteered)?\.?|do not read( out)?|dnr|no leer)\s?[:–-]\s?"
    r"|\s?[:,–-]\s?(vol(unteered)?\.?|do not read( out)?|dnr|spontaneous|no leer)$"
)
_CODE = re.compile(r"^[\[(]?-?\d{1,4}[\])]?\s*[.:=)–—-]?\s*(?=[^\W\d_])")
_BELOW_ZERO = re.compile(r"-\d{1,2}[.):]\s")  # -9. Refused, beside 1. Yes
_LETTER = re.compile(r"^\(?[a-h][.)]\s+(?=[^\W\d_]{2})")
_SHORT = re.compile(r"[A-Z]{2,3}")
_NEGATED = re.compile(r"(?:not |no |nicht |un|in)(\w+)")
_REFUSED = re.compile(r"(refus|declin|verweiger|rifiut|recus|geweiger)")
_ACCEPTED = re.compile(
    r"(accepted|granted|approved|consented|agreed|accepts?|angenommen|zugestimmt|acceptée?|accepte"
    r"|aceptad[oa]|acepta|aceit[aoe]|accettat[oa]|accetta|geaccepteerd|(has |have )?(increased"
    r"|improved|grow[ns]?|grew|risen|rose|stable|unchanged|steady|(stayed|about) the same)"
    r"|no change|worsened|pending|waiting|deferred|withdrawn|received|signed|paid|tested|treated"
    r"|((fully|partly|not|un) ?)?vaccinated|ausstehend|en attente|pendiente|in sospeso)"
)
# What a thing may be that else is missing, skipped or left blank.
_LACKING = re.compile(
    r"missing|skipped|unanswered|left blank|unknown|fehlend|entfällt|undisclosed|no data"
)
_PRESENT = re.compile(
    r"(partly |partially |fully |not |badly |slightly )?(present|available|in place|(in)?complete"
    r"|(un)?damaged|intact|broken|found|lost|installed|working|taken|eaten|attended|delivered"
    r"|returned|received|filled( in)?|answered|known|disclosed|functional|functioning|out of order"
    r"|defective|faulty|repaired|replaced|stolen|destroyed|worn|cracked|absent|decayed|(il)?legible"
    r"|visible|on time|late|done|(un)?vollständig|(un)?beschädigt|vorhanden|defekt|kaputt|intakt"
    r"|gestohlen|gefunden|findet statt|verschoben)"
)
# Whether a question names an answer beside another: has it improved or declined?
_INSTRUCTED = re.compile(
    r"don't know|do not (know|read)|\bdk\b|\bvol\b|no answer|interviewer|weiß nicht"
)
_OR = r"(?:,|/|\b(?:or|oder|ou|o|of|vs\.?)\b)"
# Answers on the substance alone, and none beside what is none: Don't know / undecided / refused.
_BESIDE = re.compile(
    r"undecided|no preference|unentschieden|unentschlossen|indécise?|indecis[oa]|indeciso/a"
    r"|niezdecydowan[ya]|kararsız|не определил(ся|ась)|미정"
)
# What hints at no answer, with a word or two more: a person has to say.
_HINT = re.compile(
    r"\b(refus(ed|al|e)|(do not|don't|dont) know|prefer(red)? not|no (answer|response)|dk"
    r"|weiß nicht|weiss nicht|keine angabe|verweigert|ne sait pas|no sabe|no contesta|no responde"
    r"|non sa|non risponde|não sabe|não respondeu|weet niet|geen antwoord)\b"
)
_MORE = 2  # words beside such a hint
_BETWEEN = re.compile(r"\s*(?:/|,|;|\||\bor\b|\boder\b|\bou\b|\bof\b|\s[-–]\s|\be\b|\bo\b)\s*")


def is_mark(cell: str) -> bool:
    """Return whether a cell is a program's mark for nothing: `.`, `NaN`, `NULL`, a dash."""
    return bool(_MARK.fullmatch(cell.strip()))


_GLUED = re.compile(r"(?<=[a-zäöü])(?=[A-ZÄÖÜ])")  # where a line ended


@lru_cache(maxsize=2**15)  # the same answers are asked of at each step of a draft
def missing_kind(label: str) -> Missing:
    """Return whether an answer in words is not an answer on the substance, and why."""
    if is_mark(label):
        return Missing.NOT_ANSWERED
    if _INTERNATIONAL.match(label):
        return Missing.NOT_ASKED
    text = _bare(label)
    found = _phrase(text) or _phrase(_LETTER.sub("", text))
    if found is Missing.NO and len(text) <= 60:
        parts = [part for part in _BETWEEN.split(text) if part]
        kinds = [kind for kind in map(_phrase, parts) if kind is not Missing.NO]
        beside = [part for part in parts if _BESIDE.fullmatch(part)]
        if len(parts) > 1 and kinds and len(kinds) + len(beside) == len(parts):
            return Missing.DONT_KNOW if beside or Missing.DONT_KNOW in kinds else kinds[0]
    return found


def may_be_missing(label: str) -> bool:
    """Return whether an answer in words may be none, so that a person has to say.

    It is part of the answer (*Other/Refused*), or a word or two are beside it (*Refused id*).
    """
    if missing_kind(label) is not Missing.NO:
        return False
    text = _bare(label)
    parts = [part for part in _BETWEEN.split(text) if len(part) > 1]
    if len(parts) > 1 and len(text) <= 60 and any(map(_phrase, parts)):
        return True
    hint = _HINT.search(text)
    rest = f"{text[: hint.start()]} {text[hint.end() :]}" if hint else ""
    return hint is not None and len(re.findall(r"[^\W\d_]+", rest)) <= _MORE


def _bare(label: str) -> str:
    """Take off an answer what interviewers are told, and the code before it."""
    label = _GLUED.sub(" ", label) if " " not in label else label
    enclosed = _ENCLOSED.fullmatch(label)
    text = bare_label(enclosed[1] if enclosed else _ASIDE.sub("", _COUNTRIES.sub("", label)))
    text = _BESIDE_IT.sub("", text).strip()
    return _CODE.sub("", text).strip(" .!;:*-") if _CODE.match(text) else text.strip(" *")


def missing_kinds(labels: Sequence[str], wording: str = "") -> dict[str, Missing]:
    """Say of the answers to one question which are none on the substance, and why.

    What is not an answer elsewhere is one where it is a level of the question's scale: *Not sure*
    between *Agree* and *Disagree*, *trifft nicht zu* below *trifft zu*. So is what another answer
    is the contrary of (*Not relevant* and *Relevant*, *Refused* and *Accepted*, *Missing* and
    *Present*), what the wording names beside another answer (*improved or declined*), a short name
    among others (*DK* and *SE*), *Not sure* beside *Don't know*, and *Don't know* where all others
    gave one answer. Where a label that is not an answer has a code below zero (*-9. Refused*),
    other labels with such codes are not answers either (*-7. Interview broken off*).
    """
    kinds = {label: missing_kind(label) for label in labels}
    found = {label for label, kind in kinds.items() if kind is not Missing.NO}
    unsure = {k for k in found if re.fullmatch(UNSURE, bare_label(k))}
    others = [label for label in labels if label not in found]
    plain = any(kinds[k] is Missing.DONT_KNOW for k in found - unsure)
    if any(map(_BELOW_ZERO.match, found)):
        beside = [label for label in others if _BELOW_ZERO.match(label)]
        found |= {*beside}
        kinds |= dict.fromkeys(beside, Missing.NOT_ANSWERED)
        others = [label for label in labels if label not in found]
    for label in found:
        scaled = label in unsure and (plain or is_middle(label, others))
        meant = _has_contrary(label, others) or _is_named(label, wording)
        if scaled or meant or is_opposite(label, others):
            kinds[label] = Missing.NO
    # Beside *not asked*, *skipped* is something else.
    if any(_UNASKED.search(bare_label(label)) for label in labels):
        skipped = [label for label in labels if _SKIPPED.search(bare_label(label))]
        kinds |= dict.fromkeys(skipped, Missing.NOT_ANSWERED)
    unknown = [label for label in labels if kinds[label] is Missing.DONT_KNOW]
    if len(others) == len(unknown) == 1:
        kinds[unknown[0]] = Missing.NO
    return kinds


def _is_named(label: str, wording: str) -> bool:
    """Return whether a question offers a word as an answer, beside another."""
    word, asked = bare_label(label), bare_label(wording)
    if not re.fullmatch(r"[^\W\d_]{4,}", word) or _INSTRUCTED.search(asked):
        return False
    return bool(re.search(rf"{_OR}\s*{word}\b|\b{word}\s*{_OR}", asked))


def _has_contrary(label: str, others: Sequence[str]) -> bool:
    """Return whether other answers are of the same kind as one that is none elsewhere."""
    text = bare_label(label)
    if _SIGNS.fullmatch(label) and any(map(_SIGNS.fullmatch, others)):
        return True  # plus and minus
    if text == "null" and any(_ZERO.fullmatch(bare_label(other)) for other in others):
        return True
    short = [other for other in others if _SHORT.fullmatch(other)]
    if _SHORT.fullmatch(label) and len(short) > 1 and 2 * len(short) >= len(others):
        return True
    said = [bare_label(other) for other in others]
    if _REFUSED.match(text) and any(map(_ACCEPTED.fullmatch, said)):
        return True
    if _LACKING.fullmatch(text) and any(map(_PRESENT.fullmatch, said)):
        return True
    negated = _NEGATED.fullmatch(text)
    if negated is None:
        return False
    return any(re.search(rf"\b{re.escape(negated[1])}$", other) for other in said)


def _phrase(text: str) -> Missing:
    return next((kind for kind, rule in _RULES if rule.fullmatch(text)), Missing.NO)


def silent_bands(bands: Mapping[str, str]) -> dict[str, str]:
    """Bands of people who said nothing on a dimension, of its bands and their labels."""
    kinds = missing_kinds(list(bands.values()))
    return {band: label for band, label in bands.items() if kinds[label] is not Missing.NO}
