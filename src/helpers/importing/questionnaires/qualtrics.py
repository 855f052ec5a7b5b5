"""Qualtrics: a survey file (.qsf), its elements one a row."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from helpers.codebook.model import Kind
from helpers.importing.files.sheets import Sheet
from helpers.importing.files.structures import ELEMENTS
from helpers.importing.layouts.heads import seen
from helpers.importing.questionnaires.conditions import Compared, Condition, Unread, all_of
from helpers.importing.questionnaires.model import (
    Choice,
    FormColumn,
    FormQuestion,
    Holds,
    Questionnaire,
)
from helpers.importing.questionnaires.tables import rows_of

_LOCATOR = re.compile(
    r"q://(?P<id>QID\d+)(?P<sub>#\d+)?/(?P<what>Selectable(Choice|Answer)|ChoiceTextEntryValue"
    r"|ChoiceNumericEntryValue|ChoiceValue)(/(?P<choice>[\w-]+))?(/(?P<answer>[\w-]+))?"
)
_SIGNS = {
    "Selected": "=", "NotSelected": "!=", "EqualTo": "=", "NotEqualTo": "!=", "GreaterThan": ">",
    "LessThan": "<", "GreaterThanOrEqual": ">=", "LessThanOrEqual": "<=",
}  # fmt: skip
_PARTS = {
    "Meta": ("Browser", "Version", "Operating System", "Resolution"),
    "Timing": ("First Click", "Last Click", "Page Submit", "Click Count"),
}
_UNIT_SELECTORS = ("NPS",)
Payload = Mapping[str, Any]


def read_qsf(sheets: Sequence[Sheet], language: str) -> Questionnaire:
    """Read a survey in one of its languages."""
    rows = [row for s in sheets if s.name == ELEMENTS for _, row in rows_of(s)]
    entry = next((row for s in sheets if s.name == "survey" for _, row in rows_of(s)), {})
    elements = [(row["element"], json.loads(row["payload"])) for row in rows if "payload" in row]
    questions = {
        each["QuestionID"]: each
        for element, each in elements
        if element == "SQ" and isinstance(each, dict) and each.get("QuestionID")
    }
    own = entry.get("surveylanguage", "EN")
    spoken = {code for each in questions.values() for code in _translations(each)}
    wanted = next((code for code in spoken if code.lower() == language.lower()), "")
    survey = _Survey(questions, wanted)
    blocks = _blocks(elements)
    ways = _flow(elements, survey)
    found: list[FormQuestion] = []
    remarks = []
    for block, (trash, members, skips) in blocks.items():
        if trash:
            continue
        for qid in members:
            if qid in questions:
                found += survey.asked(questions[qid], *_shown(ways.get(block, ())))
        if skips:
            name = questions.get(skips[0], {}).get("DataExportTag", skips[0])
            remarks.append(f"people may leave out questions behind {name} (skip logic)")
    title = entry.get("surveyname", "")
    return Questionnaire(
        sheets[0].file, "Qualtrics", tuple(found), title, wanted or own,
        tuple(dict.fromkeys([own, *sorted(spoken)])), tuple(remarks),
    )  # fmt: skip


def _translations(question: Payload) -> Payload:
    found = question.get("Language")
    return found if isinstance(found, dict) else {}


def _blocks(elements: Sequence[tuple[str, Any]]) -> dict[str, tuple[bool, list[str], list[str]]]:
    """Blocks by their ids: whether it is the bin, its questions, and those with skip logic."""
    found: dict[str, tuple[bool, list[str], list[str]]] = {}
    for element, payload in elements:
        if element != "BL" or not payload:
            continue
        for block in payload.values() if isinstance(payload, dict) else payload:
            parts = block.get("BlockElements") or []
            parts = [*parts.values()] if isinstance(parts, dict) else parts
            asked = [part for part in parts if part.get("Type") == "Question"]
            skips = [str(part.get("QuestionID")) for part in asked if part.get("SkipLogic")]
            found[str(block.get("ID", len(found)))] = (
                block.get("Type") == "Trash",
                [str(part.get("QuestionID")) for part in asked],
                skips,
            )
    return found


Ways = dict[str, list[tuple[Condition | None, str]]]


def _flow(elements: Sequence[tuple[str, Any]], survey: _Survey) -> Ways:
    """Say who is shown each block on every way to it: a condition, or what is not read."""
    ways: Ways = {}

    def walk(steps: Any, condition: Condition | None, unsaid: str) -> None:
        for step in steps or []:
            if not isinstance(step, dict):
                continue
            inner, beyond, flow = condition, unsaid, step.get("Flow") or []
            if step.get("Type") == "Branch":
                try:
                    inner = all_of(condition, survey.condition(step.get("BranchLogic")))
                except Unread:
                    beyond = "a branch of the survey flow"
            elif step.get("Type") == "BlockRandomizer":
                some = str(step.get("SubSet") or len(flow))
                beyond = "some at random" if some.isdigit() and int(some) < len(flow) else unsaid
            elif step.get("ID"):
                ways.setdefault(str(step["ID"]), []).append((condition, unsaid))
            walk(flow, inner, beyond)

    for element, payload in elements:
        if element == "FL" and isinstance(payload, dict):
            walk(payload.get("Flow"), None, "")
    return ways


def _shown(ways: Sequence[tuple[Condition | None, str]]) -> tuple[Condition | None, str]:
    """Return who is shown a block: everybody, if one way leads everybody there."""
    if not ways or (None, "") in ways:
        return None, ""
    found: Condition | None = None
    for condition, unsaid in ways:
        if unsaid or condition is None:
            return None, unsaid
        found = condition if found is None else found.either(condition)
    return found, ""


class _Survey:
    """The questions of a survey, by their ids."""

    def __init__(self, questions: Mapping[str, Payload], language: str) -> None:
        self.questions, self.language = questions, language

    def asked(
        self, question: Payload, shown: Condition | None, unsaid: str
    ) -> Iterator[FormQuestion]:
        """Read one question, which may be several; who sees its block sees it."""
        try:
            shown = all_of(shown, self.condition(question.get("DisplayLogic")))
        except Unread:
            unsaid = "its display logic"
        tag = str(question.get("DataExportTag") or question["QuestionID"])
        for asked in self._asked(question, tag):
            yield replace(asked, place=tag, shown_if=None if unsaid else shown, unsaid=unsaid)

    def _asked(self, question: Payload, tag: str) -> Iterator[FormQuestion]:
        kind, selector = str(question.get("QuestionType")), str(question.get("Selector"))
        text = self._text(question)
        one = FormQuestion(tag, text or tag, None, (FormColumn((tag,), (text,)),))
        choices = self._choices(question, "Choices", "ChoiceOrder", "RecodeValues")
        if kind == "MC":
            yield from self._choice(question, one, selector, choices)
        elif kind == "Matrix":
            yield from self._matrix(question, one, selector, choices)
        elif kind == "SBS":
            for number, column in sorted((question.get("AdditionalQuestions") or {}).items()):
                inner = {**column, "Choices": question.get("Choices"),
                         "ChoiceOrder": question.get("ChoiceOrder")}  # fmt: skip
                for asked in self._asked(inner, f"{tag}#{number}"):
                    yield replace(asked, text=f"{text}: {asked.text}")
        elif kind == "TE" and selector == "FORM":
            yield from self._separate(one, choices, Kind.TEXT)
        elif kind == "TE":
            checked = (question.get("Validation") or {}).get("Settings") or {}
            yield _written(one, str(checked.get("ContentType")))
        elif kind in ("Slider", "CS"):
            yield from self._separate(one, choices, Kind.NUMBER)
        elif kind == "RO":
            places = tuple(Choice(str(n), str(n)) for n in range(1, len(choices) + 1))
            fields = tuple(self._part(tag, text, choice) for choice in choices)
            yield replace(one, kind=Kind.GRID, choices=places, fields=fields)
        elif kind in _PARTS:
            fields = tuple(FormColumn((f"{tag}_{p}", f"{tag} - {p}")) for p in _PARTS[kind])
            yield replace(one, fields=fields, aside="of the tool itself")
        elif kind == "FileUpload":
            parts = tuple(f"{tag}_{part}" for part in ("Id", "Name", "Size", "Type"))
            fields = tuple(FormColumn((name,)) for name in (tag, *parts))
            yield replace(one, fields=fields, drop="a file that a respondent handed in")
        elif kind == "DB":
            yield replace(one, aside="a text of the questionnaire")
        else:
            yield one

    def _choice(
        self, question: Payload, one: FormQuestion, selector: str, choices: list[Choice]
    ) -> Iterator[FormQuestion]:
        words = self._words(question, one.name, one.text)
        if selector in _UNIT_SELECTORS:
            group = f"{one.name}_NPS_GROUP"
            columns = (FormColumn((group,)),)
            yield FormQuestion(group, "", None, columns, aside="worked out by the tool")
            yield replace(one, kind=Kind.RECOMMEND, choices=tuple(choices))
        elif selector.startswith("MA") or selector == "MSB":
            boxes = tuple(
                replace(self._part(one.name, one.text, choice), holds=Holds.BOX)
                for choice in choices
            )
            joined = replace(one.fields[0], holds=Holds.JOINED)
            yield replace(
                one, kind=Kind.MULTIPLE, choices=tuple(choices), fields=(joined, *boxes, *words)
            )
        else:
            single = Kind.SINGLE if len(choices) > 1 else None
            yield replace(one, kind=single, choices=tuple(choices), fields=(*one.fields, *words))

    def _matrix(
        self, question: Payload, one: FormQuestion, selector: str, rows: list[Choice]
    ) -> Iterator[FormQuestion]:
        answers = self._choices(question, "Answers", "AnswerOrder", "RecodeValues")
        how = str(question.get("SubSelector"))
        tags = question.get("ChoiceDataExportTags") or {}
        tags = tags if isinstance(tags, dict) else {}
        parts = [
            self._part(one.name, one.text, row, str(tags.get(row.others[0], ""))) for row in rows
        ]
        words = self._words(question, one.name, one.text, tags)
        grid = how != "MultipleAnswer" and selector not in ("TE", "CS")
        if end := question.get("AnswerDataExportTag"):  # of a side-by-side question, once
            parts = [
                replace(part, names=(*part.names, *(f"{name}_{end}" for name in part.names)))
                for part in parts
            ]
        for each in () if grid else words:
            text = f"{one.text}: {each.label}"
            own = replace(each, holds=Holds.ANSWER)
            yield replace(one, name=each.names[0], text=text, kind=Kind.TEXT, fields=(own,))
        if selector in ("TE", "CS"):
            one = replace(one, kind=Kind.TEXT if selector == "TE" else Kind.NUMBER)
            for part in parts:
                for answer in answers:
                    names = tuple(
                        f"{name}_{code}{end}"
                        for name in part.names
                        for code in _codes(answer)
                        for end in ("", "_TEXT")
                    )
                    field = FormColumn(names, (), label=answer.label)
                    yield replace(
                        one, name=names[0], fields=(field,),
                        text=f"{one.text}: {part.label}: {answer.label}",
                    )  # fmt: skip
        elif not grid:
            for part in parts:
                ended = [name for name in part.names if end and name.endswith(f"_{end}")]
                boxes = tuple(
                    FormColumn(
                        (*(f"{n}_{code}" for n in part.names for code in _codes(answer)), *ended),
                        (),
                        answer.code,
                        answer.label,
                        Holds.BOX,
                    )
                    for answer in answers
                )
                names = tuple(name for name in part.names if name not in ended)
                joined = replace(part, names=names, item="", holds=Holds.JOINED)
                yield replace(
                    one, name=part.names[0], text=f"{one.text}: {part.label}",
                    kind=Kind.MULTIPLE, choices=tuple(answers), fields=(joined, *boxes),
                )  # fmt: skip
        else:
            kind = Kind.GRID if len(answers) > 1 and parts else None
            fields = (*parts, *words) if parts else one.fields
            yield replace(one, kind=kind, choices=tuple(answers), fields=fields)

    def _separate(
        self, one: FormQuestion, parts: Sequence[Choice], kind: Kind
    ) -> Iterator[FormQuestion]:
        """Make a question of each part."""
        for part in parts:
            field = replace(self._part(one.name, one.text, part), item="")
            text = f"{one.text}: {part.label}" if part.label != part.code else one.text
            yield replace(one, name=field.names[0], text=text, kind=kind, fields=(field,))

    def _part(self, tag: str, text: str, part: Choice, own: str = "") -> FormColumn:
        """Name the column of a part: by a tag of its own, or by its number."""
        names = [f"{tag}_{code}" for code in _codes(part)]
        names += [f"{tag}_{own}", own] if own else []
        return FormColumn(tuple(names), (f"{text} - {part.label}",), part.code, part.label)

    def _words(
        self, question: Payload, tag: str, text: str, tags: Payload | None = None
    ) -> tuple[FormColumn, ...]:
        """Columns of what was written beside a choice."""
        choices = question.get("Choices")
        choices = choices if isinstance(choices, dict) else {}
        written = [
            choice
            for choice in self._choices(question, "Choices", "ChoiceOrder", "RecodeValues")
            if str((choices.get(choice.others[0]) or {}).get("TextEntry", "")).lower() == "true"
        ]
        alone = (f"{tag}_TEXT",) if len(written) == 1 else ()
        tags = tags or {}

        def names(choice: Choice) -> Iterator[str]:
            yield from (f"{tag}_{code}_TEXT" for code in _codes(choice))
            if own := tags.get(choice.others[0]):
                yield from (f"{tag}_{own}_TEXT", f"{tag}{own}_TEXT", f"{own}_TEXT")
            yield from alone

        found = [
            FormColumn(
                tuple(names(choice)),
                (f"{text} - {choice.label} - Text",),
                label=choice.label,
                holds=Holds.WORDS,
            )
            for choice in written
        ]
        if len(written) > 1:  # older exports have one column for all
            found.append(FormColumn((f"{tag}_TEXT",), (), label="in own words", holds=Holds.WORDS))
        return tuple(found)

    def _choices(self, question: Payload, what: str, order: str, recoded: str) -> list[Choice]:
        """Choices in their order: code, words, and first of the others the id in the survey."""
        found = question.get(what) or {}
        if isinstance(found, list):
            found = {str(n): each for n, each in enumerate(found, 1)}
        recode = question.get(recoded) or {}
        recode = recode if isinstance(recode, dict) and (
            what == "Answers" or not question.get("Answers")) else {}  # fmt: skip
        naming = question.get("VariableNaming") or {}
        naming = naming if isinstance(naming, dict) else {}
        places = [str(at) for at in question.get(order) or [] if str(at) in found]
        places += [at for at in found if at not in places]
        own = (_translations(question).get(self.language) or {}).get(what) or {}
        choices = []
        for at in places:
            said = found[at] if isinstance(found[at], dict) else {"Display": str(found[at])}
            label = seen(str(said.get("Display") or ""))
            spoken = seen(str((own.get(at) or {}).get("Display") or "")) if own else ""
            more = [label, seen(str(naming.get(at) or ""))]
            choices.append(
                Choice(
                    str(recode.get(at, at)),
                    spoken or label or at,
                    (at, *(each for each in more if each)),
                )  # fmt: skip
            )
        return choices

    def _text(self, question: Payload) -> str:
        own = (_translations(question).get(self.language) or {}).get("QuestionText")
        return seen(str(own or question.get("QuestionText") or ""))

    def condition(self, logic: Any) -> Condition | None:
        """Read display logic, or the logic of a branch: selected answers and numbers.

        Raises
        ------
        Unread
            If it asks for anything else.
        """
        if not logic:
            return None
        found: Condition | None = None
        for group in _numbered(logic):
            inner: Condition | None = None
            for rule in _numbered(group):
                one = Condition(((self._rule(rule),),))
                either = str(rule.get("Conjuction") or rule.get("Conjunction")).lower() == "or"
                inner = one if inner is None else inner.either(one) if either else inner.both(one)
            if inner is None:
                continue
            either = str(group.get("Type")).lower().startswith(("or", "else"))
            found = inner if found is None else found.either(inner) if either else found.both(inner)
        if found is None:
            raise Unread("nothing in it")
        return found

    def _rule(self, rule: Payload) -> Compared:
        if rule.get("LogicType") != "Question":
            raise Unread("not about a question")
        sign = _SIGNS.get(str(rule.get("Operator")))
        where = _LOCATOR.fullmatch(str(rule.get("ChoiceLocator") or rule.get("LeftOperand") or ""))
        if sign is None or where is None or where["sub"] or where["answer"]:
            raise Unread("more than a choice")
        question = self.questions.get(where["id"])
        if question is None:
            raise Unread("a question that is not there")
        tag = str(question.get("DataExportTag") or where["id"])
        if where["what"] == "SelectableChoice":
            known = self._choices(question, "Choices", "ChoiceOrder", "RecodeValues")
            code = next((c.code for c in known if c.others[0] == where["choice"]), "")
            if not code or question.get("QuestionType") != "MC" or sign not in ("=", "!="):
                raise Unread("a choice that is not there")
            return Compared(tag, sign, "1", code)
        if sign in ("=", "!=") or "RightOperand" not in rule:
            raise Unread("what was written")
        return Compared(tag, sign, str(rule["RightOperand"]))


def _written(one: FormQuestion, content: str) -> FormQuestion:
    """Say what may be written into a field of text."""
    if content in ("ValidEmail", "ValidPhone", "ValidZip"):
        return replace(one, kind=Kind.TEXT, drop="it may name a person")
    if content == "ValidDate":
        return replace(one, aside="a date or a time")
    return replace(one, kind=Kind.NUMBER if content == "ValidNumber" else Kind.TEXT)


def _codes(choice: Choice) -> tuple[str, ...]:
    """Return the numbers by which columns may call a choice: of the export, and of the survey."""
    return tuple(dict.fromkeys((choice.others[0], choice.code)))


def _numbered(logic: Any) -> list[Payload]:
    """Return the numbered parts of logic, in their order."""
    if not isinstance(logic, dict):
        return []
    keys = sorted((key for key in logic if key.isdigit()), key=int)
    return [logic[key] for key in keys if isinstance(logic[key], dict)]
