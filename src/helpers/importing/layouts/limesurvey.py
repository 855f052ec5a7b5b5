"""LimeSurvey: one row, of codes such as ``G1Q1[SQ001]`` or of questions with items in brackets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import (
    BRACKETS,
    NAME,
    OPEN,
    SUBMITTED,
    Head,
    Layout,
    bare_name,
    listed,
    role_of,
)

# Answers that LimeSurvey words itself, by their codes, in the languages of `_LANGUAGES`.
_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt")
WORDED = {
    "Y": ("Yes", "Ja", "Oui", "Sí", "Sì", "Ja", "Sim", "Tak", "Да", "نعم"),
    "N": ("No", "Nein", "Non", "No", "No", "Nee", "Não", "Nie", "Нет", "لا"),
    "F": ("Female", "Weiblich", "Féminin", "Femenino", "Femmina", "Vrouw", "Feminino", "Femme",
          "Mujer"),
    "M": ("Male", "Männlich", "Masculin", "Masculino", "Maschio", "Man", "Masculino", "Homme",
          "Hombre"),
    "U": ("Uncertain", "Unsicher", "Sans opinion", "Dudoso", "Incerto", "Onzeker", "Incerto",
          "Incertain", "No sabe"),
    "I": ("Increase", "Zunahme", "Augmente", "Aumentar", "Aumenta", "Toename", "Aumento"),
    "S": ("Same", "Gleich", "Sans changement", "Igual", "Uguale", "Gelijk", "Igual"),
    "D": ("Decrease", "Abnahme", "Diminue", "Disminuir", "Disminuisce", "Afname", "Diminuição"),
    "-oth-": ("Other", "Sonstiges", "Autre", "Otro", "Altro", "Anders", "Outro"),
}  # fmt: skip
_TOGETHER = ("YUN", "FM", "ISD")
OTHER = "-oth-"
_LANGUAGE = "startlanguage"
_PROGRESS = frozenset(
    ("lastpage", "startlanguage", "seed", "letzteseite", "startsprache")
    + ("dernièrepage", "languededépart", "últimapágina", "idiomainicial", "lenguajeinicial")
    + ("ultimapagina", "linguainiziale", "laatstepagina", "starttaal", "ostatniastrona")
    + ("последняястраница", "начальныйязык")
)
_CODED = re.compile(
    r"^(?P<code>[A-Za-z]\w*)(?P<item>(\[\w+\])*)\.(?:\s+|_\.)(?P<text>\S.*)$", re.DOTALL
)
_UNWORDED = re.compile(r"^(?P<code>[A-Za-z]\w*)\[\w+\]\.(?:_\.)?$")  # q2[a]. [Item]
_SCALE = re.compile(r"(?:Scale |Skala )?(?P<scale>[12])")
_CODE = re.compile(r"AO?\d{1,3}")
_FILES = "filecount"
_GROUP_TIME = re.compile(r"groupTime\d+")
_WORDS = "comment|kommentar|commentaire|comentario|comentário|commento|opmerking|komentarz"
_COMMENT = re.compile(  # on the box that it names, if it names one
    rf"(?P<code>\w+)comment|(?P<box>.*?)\s*\[({_WORDS})\]|{_WORDS}", re.IGNORECASE | re.DOTALL
)
_TIME = re.compile(
    r"groupTime\d+|(?-i:\w+Time)|(group|question) time: .+|(gruppen|fragen)zeit: .+"
    r"|durée pour (le groupe|la question) ?: .+|tiempo (del grupo|de la pregunta) ?: .+",
    re.IGNORECASE,
)


def _recognises(sheet: Sheet) -> bool:
    """Return whether the header has the columns that LimeSurvey adds, in English or German."""
    cells = sheet.top[0] if sheet.top else ()
    coded = [match for match in map(_CODED.match, cells) if match]
    names = {bare_name(cell) for cell in (*cells, *(match["code"] for match in coded))}
    items = sum(bool(match["item"]) for match in coded)
    timed = any(map(_GROUP_TIME.fullmatch, cells))
    return timed or bool(SUBMITTED & names and _PROGRESS & names) or items > 1


def _heads(sheet: Sheet) -> list[Head]:
    found = []
    rows: dict[str, list[str]] = {}
    for cell in sheet.top[0]:
        row = BRACKETS.match(cell)
        if row and (bare := _UNWORDED.match(row["base"])):
            rows.setdefault(bare["code"], []).append(row["item"])
    often = Counter(match["code"] for match in map(_CODED.match, sheet.top[0]) if match)
    for cell in sheet.top[0]:
        match = BRACKETS.match(cell)
        base, item = (match["base"], match["item"]) if match else (cell, "")
        if match and match["more"] is not None:
            item = f"{item} [{match['more']}]"
        coded = _CODED.match(base)
        name = coded["code"] if coded else base if NAME.match(base) else ""
        text = coded["text"] if coded else base
        if coded and coded["item"] and not item and often[name] > 1:
            item = coded["item"].strip("[]")
        if match and (bare := _UNWORDED.match(base)):
            name, text = bare["code"], listed(rows[bare["code"]])
        role = "question" if match or item else role_of(coded["code"] if coded else cell)
        role = "meta" if any(map(_TIME.fullmatch, (cell, name, text))) else role
        role = "meta" if item == _FILES else role
        found.append(Head(cell, name, text, item, role, bool(item and OPEN.search(item))))
    return _by_scale([_beside(head, found) for head in found])


def _beside(head: Head, heads: Sequence[Head]) -> Head:
    """Tell a comment on a box from an answer: the box is there, too."""
    match = _COMMENT.fullmatch(head.item)
    if match is None:
        return head
    box = match["code"] or match["box"] or ""
    others = {(h.name, h.text, h.item) for h in heads if h is not head}
    alone = not box and any(h.item and h.text == head.text for h in heads if h is not head)
    return replace(head, open=alone or (head.name, head.text, box) in others)


def _by_scale(heads: Sequence[Head]) -> list[Head]:
    """Make a question of each of two scales beside the rows of a grid: `Q1[SQ001][1]`."""
    found = list(heads)
    parts = [(at, BRACKETS.match(head.key)) for at, head in enumerate(heads)]
    scales = {at: _SCALE.fullmatch(m["more"] or "") for at, m in parts if m}
    for at, scale in scales.items():
        same = [h for k, h in enumerate(heads) if k in scales and h.text == heads[at].text]
        if scale and all(_SCALE.fullmatch(h.item.rpartition("[")[2].rstrip("]")) for h in same):
            head, number = heads[at], scale["scale"]
            name = f"{head.name}_{number}" if head.name else ""
            item = head.item.rpartition(" [")[0]
            found[at] = replace(head, name=name, text=f"{head.text} ({number})", item=item)
    return found


def worded(code: str, language: str) -> str:
    """Return LimeSurvey's own word for the code of an answer, in English if no other is known."""
    at = _LANGUAGES.index(language[:2]) if language[:2] in _LANGUAGES else 0
    return WORDED[code][at]


def _labelled(sheet: Sheet, heads: Sequence[Head]) -> Sheet:
    """Give answers that are codes of LimeSurvey the words that respondents saw."""
    spoken = next(
        (c for h, c in zip(heads, sheet.columns, strict=True) if bare_name(h.key) == _LANGUAGE),
        None,
    )
    often = spoken.counts.argmax() if spoken and len(spoken.codes) else None
    language = spoken.values[often] if spoken and often is not None else ""
    columns = [
        replace(column, labels=_labels(column, language)) if head.role == "question" else column
        for head, column in zip(heads, sheet.columns, strict=True)
    ]
    return replace(sheet, columns=tuple(columns))


def are_codes(sheet: Sheet, heads: Sequence[Head]) -> bool:
    """Return whether answers are codes, whose words only the structure of the survey has."""
    for head, column in zip(heads, sheet.columns, strict=True):
        cells = {*column.values} - {"", OTHER}
        if head.role == "question" and len(cells) > 1 and all(map(_CODE.fullmatch, cells)):
            return True
    return False


def _labels(column: Column, language: str) -> dict[str, str]:
    cells = sorted({*column.values} - {""})
    own = [cell for cell in cells if cell != OTHER]
    known = len(own) > 1 and any({*own} <= {*codes} for codes in _TOGETHER)
    if not known and len(own) == len(cells):
        return column.labels
    return {c: worded(c, language) if known or c == OTHER else c for c in (*own, OTHER)
            if c in cells}  # fmt: skip


LIMESURVEY = Layout("limesurvey", _recognises, _heads, hidden="N/A", labelled=_labelled)
