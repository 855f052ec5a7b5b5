"""A table with one row for each answer, turned into one row for each respondent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from helpers.importing.files.sheets import Column, Sheet, encoded
from helpers.importing.layouts.heads import bare_name, role_of

_QUESTION = frozenset(
    ("question", "questions", "questiontext", "questionid", "questioncode", "questionlabel")
    + ("item", "itemid", "statement", "variable", "frage", "fragetext", "pergunta", "pregunta")
    + ("domanda", "vraag")
)
_ANSWER = frozenset(
    ("answer", "answers", "answertext", "response", "responses", "responsetext", "value", "score")
    + ("rating", "antwort", "wert", "réponse", "reponse", "respuesta", "resposta", "risposta")
    + ("antwoord",)
)
_FEWEST = 3  # respondents
_MANY = 1.2  # questions a respondent, if rows are answers
_JOIN = "\n"


def by_respondent(sheet: Sheet) -> Sheet:
    """Return a sheet with one row for each respondent.

    A table is turned that has a column of questions and one of answers, both called so. Columns
    that are alike in all rows of each respondent stay; the others are a column for each question.
    Several answers of one respondent to a question are joined line by line, as in a cell of
    select-all answers. Where no identifier repeats, nobody can say which answers are of one
    person: each is a respondent of its own, and questions have their right bases all the same.

    What is turned is said in `remarks`. A row number is that of the first row of its respondent,
    and cells have no place of their own.
    """
    if sheet.has_variables or len(sheet.rows) < _FEWEST:
        return sheet
    names = [bare_name(name) for name in sheet.top[0]]
    asked = [at for at, name in enumerate(names) if name in _QUESTION]
    if not asked or not any(name in _ANSWER for name in names):
        return sheet
    whole = sheet.with_header(1)
    what = whole.columns[asked[0]]
    if "" in what.values or len(what.values) == 1:
        return sheet
    own = [at for at, name in enumerate(whole.top[0]) if role_of(name) == "identifier"]
    own = [at for at in own if _repeats(whole.columns[at], what)]
    if own:  # of a person and of a response, the one that gives each question fewer answers
        people = max(own, key=lambda at: len(_pairs(whole.columns[at].codes, what)))
        return _turned(whole, people, asked)
    if len(what.values) * _FEWEST > len(whole.rows):
        return sheet
    return _turned(whole, -1, asked)


def _repeats(who: Column, what: Column) -> bool:
    """Return whether respondents answer several questions, each in a row."""
    if "" in who.values or len(who.values) < _FEWEST:
        return False
    return len(_pairs(who.codes, what)) > _MANY * len(who.values)


def _pairs(key: np.ndarray, column: Column) -> np.ndarray:
    """Different pairs of a key and a value of a column, each as one number."""
    return np.unique(key.astype(np.int64) * len(column.values) + column.codes)


def _follows(column: Column, key: np.ndarray, keys: int) -> bool:
    """Return whether a column is alike in all rows of the same key."""
    return len(_pairs(key, column)) == keys


def _turned(sheet: Sheet, people: int, asked: Sequence[int]) -> Sheet:
    """Turn a table; `people` is the column of identifiers, or -1 if each row is somebody's."""
    count = len(sheet.rows)
    who = sheet.columns[people].codes if people >= 0 else np.arange(count)
    rows, row = _first(who)
    text = max(asked, key=lambda at: np.mean([len(v) for v in sheet.columns[at].values]))
    what = sheet.columns[text]
    kept, varying = list[int](), list[int]()
    for at, column in enumerate(sheet.columns):
        if at in asked or _follows(column, what.codes, len(what.values)):
            continue
        alike = at == people or _follows(column, row, len(rows))
        is_answer = people < 0 and bare_name(sheet.top[0][at]) in _ANSWER
        (kept if alike and not is_answer else varying).append(at)
    header = [sheet.top[0][at] for at in kept]
    columns = [
        replace(sheet.columns[at], place="", codes=sheet.columns[at].codes[rows]) for at in kept
    ]
    answers, labels = _with_labels(sheet, varying)
    for n, question in enumerate(what.values):
        mine = np.flatnonzero(what.codes == n)
        for at in answers:
            column = _answers(sheet.columns[at], mine, row, len(rows))
            if any(column.values):
                own = {v: labels[at][v] for v in column.values if v in labels.get(at, {})}
                columns.append(replace(column, labels=own))
                header.append(question if at == answers[0] else f"{question}: {sheet.top[0][at]}")
    named = f"{len(what.values):,} questions ({sheet.top[0][text]})"
    words = (
        f"{count:,} rows, one for each answer, are read as {len(rows):,} respondents "
        f"({sheet.top[0][people]}) with {named}"
        if people >= 0
        else f"rows are answers to {named}, and no column says which are of one person: each is a "
        "respondent of its own, so their number says nothing, and questions cannot be crossed"
    )
    return replace(
        sheet, top=(tuple(header),), columns=tuple(columns), rows=sheet.rows[rows]
    ).remarked(words)


def _first(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First rows of each code, in their order, and the place among them of every row's code."""
    first, places = np.unique(codes, return_index=True, return_inverse=True)[1:]
    order = np.argsort(first)
    place = np.empty(len(first), dtype=np.int64)
    place[order] = np.arange(len(first))
    return first[order], place[places]


def _answers(column: Column, mine: np.ndarray, row: np.ndarray, length: int) -> Column:
    """Answers to one question, a cell for each respondent."""
    cells: list[str] = [""] * length
    for at, cell in zip(row[mine].tolist(), column.codes[mine].tolist(), strict=True):
        value = column.values[cell]
        if value and value not in cells[at].split(_JOIN):
            cells[at] = f"{cells[at]}{_JOIN}{value}" if cells[at] else value
    values, codes = encoded(cells)
    return replace(column, place="", values=values, codes=codes)


def _with_labels(
    sheet: Sheet, answers: Sequence[int]
) -> tuple[list[int], dict[int, dict[str, str]]]:
    """Read a column of numbers and one of their words as one: labels of the numbers."""
    for number in answers:
        values = sheet.columns[number]
        if not all(v.lstrip("-").isdecimal() for v in values.values if v):
            continue
        for word in answers:
            words = sheet.columns[word]
            if word == number or any(v.lstrip("-").isdecimal() for v in words.values):
                continue
            pairs = _pairs(values.codes, words)
            said = [(values.values[p // len(words.values)], words.values[p % len(words.values)])
                    for p in pairs.tolist()]  # fmt: skip
            labels = {v: label for v, label in said if v}
            if len(pairs) == len(values.values) == len(words.values):
                rest = [at for at in answers if at not in (number, word)]
                return [number, *rest], {number: labels}
    return [*answers], {}
