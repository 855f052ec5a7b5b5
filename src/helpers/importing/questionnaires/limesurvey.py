"""LimeSurvey: the structure of a survey, as XML (.lss) or as a table with tabs (.txt)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from helpers.codebook.model import Kind
from helpers.importing.files.sheets import Sheet
from helpers.importing.layouts.heads import seen
from helpers.importing.layouts.limesurvey import OTHER, WORDED, worded
from helpers.importing.questionnaires.conditions import Condition, Unread, all_of, read_condition
from helpers.importing.questionnaires.model import (
    Choice,
    FormColumn,
    FormQuestion,
    Holds,
    Questionnaire,
)
from helpers.importing.questionnaires.tables import header_of, rows_of

_TABLE = {"class", "type/scale", "name", "relevance", "text"}
_SINGLE, _ARRAYS, _BOXES = "L!OI", "FH", "MP"
_POINTS = {n: tuple(Choice(str(k), str(k)) for k in range(1, n + 1)) for n in (5, 10)}
_FIXED = {"5": "5", "A": "5", "B": "10", "Y": "YN", "G": "FM", "C": "YUN", "E": "ISD"}
_NUMBERED = re.compile(r"\b\d+X\d+X(?P<id>\d+)(?P<item>\w*)")


@dataclass
class _Question:
    """A question as LimeSurvey has it: its parts by their scale."""

    code: str
    type: str
    text: str
    group: str = ""
    relevance: str = ""
    other: bool = False
    place: str = ""
    ids: str = ""  # survey, group and question, as `1X2X3`
    parts: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    answers: dict[str, list[Choice]] = field(default_factory=dict)


def is_table(sheet: Sheet) -> bool:
    """Return whether a table is the structure of a survey, as LimeSurvey writes it with tabs."""
    return {*header_of(sheet)} >= _TABLE


def read_table(sheet: Sheet, language: str) -> Questionnaire:
    """Read a survey from a table: groups, questions, their parts and their answers."""
    rows = rows_of(sheet)
    languages = [*dict.fromkeys(row["language"] for _, row in rows if row.get("language"))]
    settings = {row.get("name"): row.get("text", "") for _, row in rows if row.get("class") == "S"}
    first = settings.get("language", "")
    spoken = language if language in languages else first or (languages or [""])[0]
    questions: list[_Question] = []
    groups: dict[str, str] = {}
    title = group = ""
    for number, row in rows:
        if row.get("language", spoken) != spoken:
            continue
        what, name, text = row.get("class", ""), row.get("name", ""), seen(row.get("text", ""))
        if what == "SL" and name == "surveyls_title":
            title = text
        elif what == "G":
            group = f"{name} {number}"
            groups[group] = row.get("relevance", "")
        elif what == "Q":
            questions.append(
                _Question(
                    name,
                    row.get("type/scale", "")[:1],
                    text,
                    group,
                    row.get("relevance", ""),
                    row.get("other", "") == "Y",
                    f"row {number}",
                )  # fmt: skip
            )
        elif what == "SQ" and questions:
            scale = row.get("type/scale", "") or "0"
            questions[-1].parts.setdefault(scale, []).append((name, text))
        elif what == "A" and questions:
            scale = row.get("type/scale", "") or "0"
            choice = Choice(name, text or name)
            questions[-1].answers.setdefault(scale, []).append(choice)
    return _made(sheet.file, questions, groups, title, spoken, languages)


def read_lss(sheets: Sequence[Sheet], language: str) -> Questionnaire:
    """Read the structure of a survey from its tables, as version 2 to 6 have them."""
    tables = {sheet.name: [row for _, row in rows_of(sheet)] for sheet in sheets}
    languages = [row["language"] for row in tables.get("languages", ()) if row.get("language")]
    survey = next(iter(tables.get("surveys", ())), {})
    first = survey.get("language", "") or (languages or [""])[0]
    spoken = language if language in languages else first
    said = _FormTexts(tables, spoken)
    groups = {row.get("gid", ""): row.get("grelevance", "") for row in tables.get("groups", ())}
    order = {row.get("gid", ""): _order(row, "group_order") for row in tables.get("groups", ())}
    rows = [row for row in tables.get("questions", ()) if row.get("parent_qid", "0") in ("0", "")]
    rows.sort(key=lambda row: (order.get(row.get("gid", ""), 0), _order(row, "question_order")))
    found: dict[str, _Question] = {}
    for row in rows:
        qid, gid = row.get("qid", ""), row.get("gid", "")
        if qid in found or row.get("language", spoken) != spoken:
            continue
        found[qid] = _Question(
            row.get("title", ""),
            row.get("type", ""),
            said.question(row),
            gid,
            row.get("relevance", ""),
            row.get("other", "") == "Y",
            f"question {row.get('title', '')}",
            f"{row.get('sid', '')}X{gid}X{qid}",
        )
    parts = [*tables.get("subquestions", ())]
    parts += [
        row for row in tables.get("questions", ()) if row.get("parent_qid", "0") not in ("0", "")
    ]
    for row in sorted(parts, key=lambda row: _order(row, "question_order")):
        owner = found.get(row.get("parent_qid", ""))
        if owner is not None and row.get("language", spoken) == spoken:
            part = row.get("title", ""), said.question(row)
            known = owner.parts.setdefault(row.get("scale_id", "0"), [])
            known += [] if part[0] in dict(known) else [part]
    for row in sorted(tables.get("answers", ()), key=lambda row: _order(row, "sortorder")):
        owner = found.get(row.get("qid", ""))
        if owner is not None and row.get("language", spoken) == spoken:
            choice = Choice(row.get("code", ""), said.answer(row) or row.get("code", ""))
            owner.answers.setdefault(row.get("scale_id", "0"), []).append(choice)
    title = next(
        (row.get("surveyls_title", "") for row in tables.get("surveys_languagesettings", ())
         if row.get("surveyls_language", spoken) == spoken), "",
    )  # fmt: skip
    questions = [*found.values()]
    _by_code(questions)
    return _made(sheets[0].file, questions, groups, seen(title), spoken, languages)


def _by_code(questions: Sequence[_Question]) -> None:
    """Name questions in conditions by their codes, where they are named by numbers."""
    codes = {question.ids.rsplit("X", 1)[-1]: question.code for question in questions}

    def named(match: re.Match[str]) -> str:
        at, item = match["id"], match["item"]
        while at and at not in codes:
            at, item = at[:-1], at[-1] + item
        code = codes.get(at, match[0])
        return f"{code}_{item}" if item and at else code

    for question in questions:
        question.relevance = _NUMBERED.sub(named, question.relevance)


def _order(row: Mapping[str, str], name: str) -> int:
    cell = row.get(name, "")
    return int(cell) if cell.isdigit() else 0


class _FormTexts:
    """Words of questions and answers: in the tables themselves, or in others beside them."""

    def __init__(self, tables: Mapping[str, Sequence[Mapping[str, str]]], language: str) -> None:
        own = [
            {row.get(key, ""): row.get(text, "") for row in tables.get(name, ())
             if row.get("language", language) == language}
            for name, key, text in (
                ("question_l10ns", "qid", "question"), ("answer_l10ns", "aid", "answer"))
        ]  # fmt: skip
        self.questions, self.answers = own

    def question(self, row: Mapping[str, str]) -> str:
        return seen(self.questions.get(row.get("qid", ""), "") or row.get("question", ""))

    def answer(self, row: Mapping[str, str]) -> str:
        return seen(self.answers.get(row.get("aid", ""), "") or row.get("answer", ""))


def _made(
    file: str,
    questions: Sequence[_Question],
    groups: Mapping[str, str],
    title: str,
    language: str,
    languages: Sequence[str],
) -> Questionnaire:
    found: list[FormQuestion] = []
    for question in questions:
        shown, unsaid = _shown(question, groups)
        for asked in _asked(question, language):
            found.append(replace(asked, shown_if=shown, unsaid=unsaid, place=question.place))
    return Questionnaire(file, "LimeSurvey", tuple(found), title, language, tuple(languages))


def _shown(question: _Question, groups: Mapping[str, str]) -> tuple[Condition | None, str]:
    read: list[Condition | None] = []
    for text in (groups.get(question.group, ""), question.relevance):
        try:
            read.append(read_condition(text))
        except Unread:
            return None, text
    try:
        return all_of(*read), ""
    except Unread:
        return None, question.relevance


def _field(question: _Question, item: str = "", label: str = "", holds: Holds = Holds.ANSWER,
           key: str = "") -> FormColumn:  # fmt: skip
    """Name a column of a question as exports with codes, with words and of old do."""
    code, text, key = question.code, question.text, key or item
    if not key:
        return FormColumn(
            (code, question.ids) if question.ids else (code,), (text,), item, label, holds
        )
    names = [f"{code}[{key}]", f"{code}_{key}", f"{code}.{key}", f"{code}{key}"]
    names += [f"{question.ids}{key}"] if question.ids else []
    return FormColumn(tuple(names), (f"{text} [{label}]",), item, label, holds)


def _words(question: _Question, key: str, label: str) -> FormColumn:
    return _field(question, "", label, Holds.WORDS, key)


def _fixed(kind: str, language: str) -> tuple[Choice, ...]:
    """Answers that a kind of question has: points, or what LimeSurvey words itself."""
    fixed = _FIXED.get(kind, "")
    return _POINTS[int(fixed)] if fixed.isdigit() else _worded(fixed, language)


def _worded(codes: Iterable[str], language: str) -> tuple[Choice, ...]:
    return tuple(Choice(code, worded(code, language), WORDED[code]) for code in codes)


def _asked(question: _Question, language: str) -> list[FormQuestion]:
    kind, one = question.type, FormQuestion(question.code, question.text or question.code, None, ())
    parts = question.parts.get("0", [])
    answers = tuple(question.answers.get("0", ()))
    if kind in _SINGLE or kind in ("5", "Y", "G"):
        choices = answers or _fixed(kind, language)
        fields = [_field(question)]
        if question.other:
            choices = (*choices, *_worded([OTHER], language))
            fields.append(_words(question, "other", worded(OTHER, language)))
        if kind == "O":
            fields.append(_words(question, "comment", "Comment"))
        single = Kind.SINGLE if len(choices) > 1 else None
        return [replace(one, kind=single, choices=choices, fields=tuple(fields))]
    if kind in _BOXES:
        boxes = [_field(question, code, label, Holds.BOX) for code, label in parts]
        beside = [_words(question, f"{code}comment", f"{label}: comment") for code, label in parts]
        own = [_words(question, "other", worded(OTHER, language))] if question.other else []
        own += [_words(question, "othercomment", "Other: comment")] if question.other else []
        fields = [*boxes, *(beside if kind == "P" else ()), *own]
        choices = tuple(Choice(code, label) for code, label in parts)
        return [replace(one, kind=Kind.MULTIPLE, choices=choices, fields=tuple(fields))]
    if kind in _ARRAYS or kind in "ABCE":
        choices = answers or _fixed(kind, language)
        rows = tuple(_field(question, code, label) for code, label in parts)
        return [replace(one, kind=Kind.GRID, choices=choices, fields=rows)]
    return _others(question, one, parts)


def _others(
    question: _Question, one: FormQuestion, parts: list[tuple[str, str]]
) -> list[FormQuestion]:
    kind = question.type
    if kind == "1":
        return [
            replace(
                one,
                name=f"{question.code}_{scale}",
                text=f"{one.text} ({int(scale) + 1})",
                kind=Kind.GRID,
                choices=tuple(choices),
                fields=tuple(
                    FormColumn(
                        (f"{question.code}[{code}][{int(scale) + 1}]",
                         f"{question.code}_{code}_{scale}", f"{question.code}[{code}_{scale}]"),
                        (f"{question.text} [{label}][Scale {int(scale) + 1}]",),
                        code,
                        label,
                    )
                    for code, label in parts
                ),
            )
            for scale, choices in sorted(question.answers.items())
        ]  # fmt: skip
    if kind in ("X", "*"):
        return [replace(one, fields=(_field(question),), aside="a text of the form")]
    if kind == "|":
        files = (_field(question), _field(question, key="filecount", item="filecount"))
        return [replace(one, fields=files, drop="a file that a respondent handed in")]
    if kind == "D":
        return [replace(one, fields=(_field(question),), aside="a date or a time")]
    if kind == "N":
        return [replace(one, kind=Kind.NUMBER, fields=(_field(question),))]
    if kind in (":", ";"):
        across = question.parts.get("1", [])
        parts = [(f"{a}_{b}", f"{x}: {y}") for a, x in parts for b, y in across]
    if kind in ("Q", "K", ":", ";"):
        number = Kind.NUMBER if kind in ("K", ":") else Kind.TEXT
        return [
            replace(
                one,
                name=f"{question.code}_{code}",
                text=f"{one.text}: {label}" if label not in ("", code) else one.text,
                kind=number,
                fields=(_field(question, "", label, key=code),),
            )
            for code, label in parts
        ]
    if kind == "R":
        ranked = question.answers.get("0", [])
        choices = tuple(ranked)
        rows = tuple(
            replace(_field(question, str(n), f"Rank {n}"), item=f"rank_{n}")
            for n in range(1, len(ranked) + 1)
        )
        return [replace(one, kind=Kind.GRID, choices=choices, fields=rows)]
    plain = Kind.TEXT if kind in "STU" and kind else None
    return [replace(one, kind=plain, fields=(_field(question),))]
