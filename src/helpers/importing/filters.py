"""Offers a characteristic as a filter once, where several columns of a file repeat it."""

from __future__ import annotations

from itertools import combinations

from helpers.codebook.model import Kind
from helpers.importing.draft.model import Draft, DraftQuestion
from helpers.importing.files.sheets import Sheet
from helpers.responses.near_duplicates import places_of, repeated

_USUAL = 4  # bands that a filter has
_ALL = 0.9  # of those who answered the column that most did
_MOST = 200_000  # respondents who decide


def offered_once(sheet: Sheet, draft: Draft) -> None:
    """Leave out filters that repeat another: recodes of education, ages and their groups.

    The one that stays was answered by about as many as any, is not made of two others (race by
    education), and has about four bands.
    """
    questions = [q for q in draft.questions if q.demographic and len(q.parts) == 1]
    answers = {}
    for question in questions:
        column, recode = sheet.columns[question.parts[0].at], question.parts[0].recode
        cells = [recode.get(value, value) for value in column.values]
        codes = [o.code for o in question.options if not o.missing]
        thin = slice(None, None, max(len(column.codes) // _MOST, 1))
        numbers = question.kind is Kind.NUMBER
        answers[question.id] = places_of(cells, column.codes[thin], [] if numbers else codes)
    repeats = repeated(answers)
    answered = {name: int((places >= 0).sum()) for name, places in answers.items()}

    def rank(question: DraftQuestion) -> tuple[bool, bool, int]:
        others = repeats.get(question.id, ())
        most = _ALL * max(answered[one] for one in (question.id, *others))
        whole = [one for one in others if answered[one] >= most]
        made_of_two = any(b not in repeats[a] for a, b in combinations(whole, 2))
        bands = len(question.bands) or sum(not o.missing for o in question.options)
        return answered[question.id] < most, made_of_two, abs(bands - _USUAL)

    kept: dict[str, list[str]] = {}
    for question in sorted(questions, key=rank):
        same = next((one for one in repeats.get(question.id, ()) if one in kept), None)
        if same is None:
            kept[question.id] = []
        else:
            question.demographic = False
            kept[same].append(question.id)
    for name, others in kept.items():
        if others:
            draft.remarks.append(
                f"{', '.join(others)} {'repeat' if len(others) > 1 else 'repeats'} {name}, which "
                f"is the filter. For another, write `{others[0]}: {{}}` under dimensions of "
                "survey.yml"
            )
