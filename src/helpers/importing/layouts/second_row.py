"""Whether the second row of a file is another header row, or the first respondent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpers.importing.files.sheets import Sheet
from helpers.importing.layouts.heads import BLANK, bare_name, role_of

LEVEL = re.compile(r"^unnamed: ?\d+_level_\d+$", re.IGNORECASE)
# What SurveyMonkey writes below a question without items, in the language of its author.
RESPONSE = re.compile(
    r"(open-ended )?response|antwort|réponse|respuesta|resposta|risposta|antwoord|yanıt|svar"
    r"|odpowiedź|ответ|回答|응답",
    re.IGNORECASE,
)
_MONKEY = re.compile(r"^(open-ended )?response$|^other \(please specify\)", re.IGNORECASE)


def has_second_row(sheet: Sheet) -> bool:
    """Return whether a second header row follows: items of the questions in the first.

    It fills gaps of the first row, or repeats names of the tool's own columns (or calls the
    identifier by another of its names), or leaves those blank where every respondent has something
    there; and it holds no answers that others gave.
    """
    if len(sheet.top) < 2 or not sheet.top[0] or _is_answered(sheet):
        return False
    first, second = sheet.top[:2]
    pairs = list(zip(first, second, strict=True))
    monkey = bare_name(first[0]) in ("respondentid", "collectorid") and not second[0]
    said = [cell for cell in second if cell]
    if len(said) > 1 and 2 * len(said) >= len(first) and all(map(RESPONSE.fullmatch, said)):
        return True
    gaps = sum(bool(BLANK.match(a)) and bool(b) for a, b in pairs)
    if (monkey and any(second)) or (gaps > 0 and any(map(_MONKEY.search, second))):
        return True
    if any(map(LEVEL.match, second)):
        return True
    own = [at for at, (a, _) in enumerate(pairs) if a and role_of(a) != "question"]
    if _repeats(sheet, own):
        return True
    silent = [at for at in own if not second[at] and all(below(sheet, at))]
    named = all(bool(b) or not BLANK.match(a) for a, b in pairs)
    if gaps > 0 and named and bool(first[0]) and (not second[0] or len(silent) == len(own) > 0):
        return True
    titled = [at for at, a in enumerate(first) if not BLANK.match(a)]
    if 2 * gaps > len(first) and all(second) and len(titled) > 1 and titled[-1] > 1:
        return True  # titles above groups of columns, not of the whole sheet
    twins = [at for at, a in enumerate(first) if a and a in (*first[:at], *first[at + 1 :])]
    items = {second[at] for at in twins}
    words = all(re.search(r"[^\W\d]", item) for item in items)
    return len(silent) == len(own) > 0 and len(twins) == len(items) > 1 and words


def _is_answered(sheet: Sheet) -> bool:
    """Return whether the second row holds answers: most of its cells recur in their columns."""
    filled = given = 0
    for at, cell in enumerate(sheet.top[1]):
        if cell:
            others = {value for value in below(sheet, at) if value}
            filled += 1
            given += cell in others and len(others) > 1
    return filled == 0 or 2 * given >= filled


def _repeats(sheet: Sheet, own: Sequence[int]) -> bool:
    """Return whether the second row repeats the first, in the tool's columns or in all."""
    first, second = sheet.top[:2]
    again = [at for at, b in enumerate(second) if b and bare_name(b) == bare_name(first[at])]
    fresh = [at for at in again if bare_name(second[at]) not in map(bare_name, below(sheet, at))]
    if any(at in own for at in fresh) or any(_renames(sheet, at) for at in own):
        return True
    return len(fresh) > 1 and len(fresh) == sum(map(bool, second))


def _renames(sheet: Sheet, at: int) -> bool:
    """Return whether the second row, too, names the identifier: `id` below *Response ID*."""
    names = sheet.top[0][at], sheet.top[1][at]
    own = all(role_of(name) == "identifier" and re.search(r"[^\W\d]", name) for name in names)
    return own and bare_name(names[1]) not in map(bare_name, below(sheet, at))


def below(sheet: Sheet, at: int) -> list[str]:
    """List the different cells of a column below its second row."""
    return [*(row[at] for row in sheet.top[2:]), *sheet.columns[at].values]
