"""XLSForm (KoboToolbox, ODK, SurveyCTO): a workbook with the sheets `survey` and `choices`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpers.codebook.model import Kind
from helpers.importing.files.sheets import Sheet
from helpers.importing.layouts.heads import seen
from helpers.importing.questionnaires.conditions import Condition, Unread, all_of, as_read
from helpers.importing.questionnaires.model import (
    Choice,
    FormColumn,
    FormQuestion,
    Holds,
    Questionnaire,
)
from helpers.importing.questionnaires.tables import Row, header_of, rows_of

_SELECT = re.compile(
    r"(?P<how>select[ _]one|select[ _]multiple|select1|select|rank)(?P<file>[ _]from[ _]file)?"
    r"(?:\s+(?P<list>\S+))?(?:\s+(?P<other>or[ _](specify[ _])?other))?",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"^(?P<what>label|hint)\s*::?\s*(?P<language>.+)$")
_TEXTS = frozenset(("text", "string", "barcode"))
_NUMBERS = frozenset(("integer", "int", "decimal", "range"))
_DATES = frozenset(("date", "time", "datetime"))
_PLACES = frozenset(("geopoint", "geotrace", "geoshape", "gps"))
_FILES = frozenset(("image", "photo", "audio", "video", "file", "background-audio"))
_OF_PERSONS = frozenset(("deviceid", "subscriberid", "simserial", "phonenumber", "username",
                         "email", "caseid"))  # fmt: skip
_OF_TOOL = frozenset(("start", "end", "today", "audit", "start-geopoint", "comments"))
_SHOWN = frozenset(("note", "trigger", "acknowledge"))
_KINDS = _TEXTS | _NUMBERS | _DATES | _PLACES | _FILES | _OF_PERSONS | _OF_TOOL | _SHOWN
_BLOCK = re.compile(r"(?P<how>begin|end)[ _](?P<what>group|repeat|loop|kobomatrix|score|rank)")
_PLACE_PARTS = ("latitude", "longitude", "altitude", "precision", "accuracy")


def is_xlsform(sheets: Sequence[Sheet]) -> bool:
    """Return whether a workbook is a form: a sheet `survey` whose types are those of XLSForm."""
    survey = _sheet(sheets, "survey")
    return survey is not None and _is_survey(survey)


def form_table(sheet: Sheet) -> str:
    """Return which sheet of a form a table is by its content: "survey", "choices" or ""."""
    header = {*header_of(sheet)}
    listed = {"list_name", "name"} <= header or {"list name", "name"} <= header
    if listed and any(cell.startswith("label") for cell in header):
        return "choices"
    return "survey" if _is_survey(sheet) else ""


def _is_survey(survey: Sheet) -> bool:
    """Return whether a table has the columns of the sheet `survey`, and the types of XLSForm."""
    if not {"type", "name"} <= {*header_of(survey)}:
        return False
    types = [row.get("type", "") for _, row in rows_of(survey)]
    given = [each.strip().lower() for each in types if each]
    known = sum(_is_type(each) for each in given)
    return known > 0 and 2 * known >= len(given)


def read_xlsform(sheets: Sequence[Sheet], language: str) -> Questionnaire:
    """Read a form in one of its languages."""
    survey, choices, settings = (_sheet(sheets, n) for n in ("survey", "choices", "settings"))
    assert survey is not None
    said = rows_of(settings)[:1] if settings is not None else []
    default = said[0][1].get("default_language", "") if said else ""
    languages = _languages(survey)
    spoken = _spoken(languages, language, default)
    form = _Form(survey, _choices(choices, spoken), spoken)
    form.read()
    title = said[0][1].get("form_title", "") if said else ""
    return Questionnaire(
        survey.file, "XLSForm", tuple(form.found), title, spoken, languages, tuple(form.remarks)
    )


def _sheet(sheets: Sequence[Sheet], name: str) -> Sheet | None:
    return next((s for s in sheets if s.name.strip().lower() == name), None)


def _is_type(cell: str) -> bool:
    cell = cell.strip().lower()
    return bool(
        cell.split(" ")[0] in _KINDS
        or cell in ("calculate", "hidden", "calculate_here")
        or _BLOCK.match(cell)
        or _SELECT.fullmatch(cell)
    )


def _languages(survey: Sheet) -> tuple[str, ...]:
    raw = [_LANGUAGE.match(re.sub(r"\s+", " ", cell).strip()) for cell in survey.top[0]]
    return tuple(
        dict.fromkeys(m["language"].strip() for m in raw if m and m["what"].lower() == "label")
    )


def _spoken(languages: Sequence[str], wanted: str, default: str) -> str:
    """Return the language to read: the one asked for, the form's own, or its first."""
    for name in (wanted, default):
        for language in languages if name else ():
            code = re.search(r"\(([^()]*)\)\s*$", language)
            names = {language, language.split("(")[0].strip(), code[1] if code else ""}
            if name.strip().lower() in {each.lower() for each in names}:
                return language
    return "" if not languages or default == "default" else languages[0]


def _label(row: Row, language: str) -> tuple[str, tuple[str, ...]]:
    """Return a label in a language, and all that it is in others."""
    every = {
        match["language"].strip(): seen(cell)
        for name, cell in row.items()
        if (match := _LANGUAGE.match(name)) and match["what"] == "label"
    }
    plain = seen(row.get("label", ""))
    own = every.get(language.lower(), "") or plain or next(iter(every.values()), "")
    return own, tuple(dict.fromkeys(each for each in (*every.values(), plain) if each))


def _choices(sheet: Sheet | None, language: str) -> dict[str, list[Choice]]:
    found: dict[str, list[Choice]] = {}
    for _, row in rows_of(sheet) if sheet is not None else ():
        name = row.get("list_name") or row.get("list name") or ""
        code = row.get("name") or row.get("value") or ""
        if not name or not code:
            continue
        label, others = _label(row, language)
        known = found.setdefault(name, [])
        if code not in {choice.code for choice in known}:
            known.append(Choice(code, label or code, others))
    return found


@dataclass(frozen=True)
class _Block:
    """A group that is open: whom it is shown to, and whether it is filled in several times."""

    what: str
    name: str
    shown_if: Condition | None
    unsaid: str
    label: str
    rows: str = ""  # the list of rows of a matrix


class _Form:
    """Reads the rows of a form, one after the other."""

    def __init__(self, sheet: Sheet, choices: dict[str, list[Choice]], language: str) -> None:
        self.sheet, self.choices, self.language = sheet, choices, language
        self.found: list[FormQuestion] = []
        self.remarks: list[str] = []
        self.blocks: list[_Block] = []
        self.header: FormQuestion | None = None  # of a grid that is shown row by row

    def read(self) -> None:
        """Read every row."""
        for number, row in rows_of(self.sheet):
            kind = " ".join(row.get("type", "").split())
            if not kind or row.get("disabled", "").lower() in ("yes", "true", "1"):
                continue
            block = _BLOCK.match(kind.lower())
            if block:
                self._block(block["how"], block["what"], row)
                continue
            asked = self._asked(kind, row, f"row {number}")
            if asked is not None:
                self._add(asked, row)

    def _block(self, how: str, what: str, row: Row) -> None:
        self.header = None
        if how == "end":
            self.blocks = self.blocks[:-1]
            return
        shown, unsaid = as_read(row.get("relevance") or row.get("relevant") or "")
        label = _label(row, self.language)[0]
        rows = row.get("kobo--matrix_list") or row.get("kobo--score-choices") or ""
        self.blocks.append(_Block(what, row.get("name", ""), shown, unsaid, label, rows))

    def _asked(self, kind: str, row: Row, place: str) -> FormQuestion | None:
        name = row.get("name", "").strip()
        if not name:
            return None
        text, texts = _label(row, self.language)
        groups = [block.name for block in self.blocks if block.name]
        paths = [sign.join((*groups, name)) for sign in "/-"]
        own, unsaid = as_read(row.get("relevance") or row.get("relevant") or "")
        shown: Condition | None = None
        try:
            shown = all_of(*(block.shown_if for block in self.blocks), own)
        except Unread:
            unsaid = unsaid or row.get("relevant", "") or row.get("relevance", "")
        for block in self.blocks:
            unsaid = unsaid or block.unsaid
        asked = FormQuestion(
            name,
            text or name,
            None,
            (FormColumn(tuple(dict.fromkeys((name, *paths))), texts),),
            place=place,
            shown_if=None if unsaid else shown,
            unsaid=unsaid,
            repeated=next((b.name for b in self.blocks if b.what in ("repeat", "loop")), ""),
        )
        return self._of_kind(asked, kind)

    def _of_kind(self, asked: FormQuestion, kind: str) -> FormQuestion:
        first = kind.lower().split(" ")[0]
        select = _SELECT.fullmatch(kind)
        if select:
            return self._select(asked, select)
        if first in _TEXTS or (first == "hidden" and asked.text != asked.name):
            return replace(asked, kind=Kind.TEXT)
        if first in _NUMBERS:
            return replace(asked, kind=Kind.NUMBER)
        if first in _PLACES or first == "start-geopoint":
            names = [f"_{asked.name}_{part}" for part in _PLACE_PARTS]
            parts = tuple(FormColumn((n, n[1:], f"{asked.name}-{n.rsplit('_', 1)[1].capitalize()}"))
                          for n in names)  # fmt: skip
            return replace(
                asked, fields=(*asked.fields, *parts), drop="it says where a respondent was"
            )
        if first in _FILES:
            urls = FormColumn((f"{asked.name}_URL",))
            return replace(
                asked, fields=(*asked.fields, urls), drop="a file that a respondent handed in"
            )
        if first in _OF_PERSONS:
            return replace(asked, drop="it may name a person or a device")
        why = {"calculate": "worked out by the form", "note": "a text of the form"}.get(first)
        return replace(asked, aside=why or "of the form itself")

    def _select(self, asked: FormQuestion, select: re.Match[str]) -> FormQuestion:
        how = re.sub(r"[ _]+", " ", select["how"].lower())
        choices = [] if select["file"] else self.choices.get(select["list"] or "", [])
        fields = asked.fields
        if select["other"]:
            known = {choice.code for choice in choices}
            choices = [*choices, *([] if "other" in known else [Choice("other", "Other")])]
            own = FormColumn((f"{asked.name}_other",), (f"{asked.text} other", "Specify other."),
                        label="Other", holds=Holds.WORDS)  # fmt: skip
            fields = (*fields, own)
        if not choices or how == "rank":
            return replace(asked, kind=Kind.TEXT if how == "rank" else None, fields=fields)
        if how in ("select one", "select1"):
            return replace(asked, kind=Kind.SINGLE, choices=tuple(choices), fields=fields)
        joined = replace(fields[0], holds=Holds.JOINED)
        boxes = [
            FormColumn(
                tuple(f"{name}{sign}{choice.code}" for name in fields[0].names for sign in "/_.:"),
                tuple(
                    f"{text}/{label}"
                    for text in fields[0].labels
                    for label in (choice.label, *choice.others)
                ),
                choice.code,
                choice.label,
                Holds.BOX,
            )
            for choice in choices
        ]
        return replace(
            asked, kind=Kind.MULTIPLE, choices=tuple(choices), fields=(joined, *boxes, *fields[1:])
        )

    def _add(self, asked: FormQuestion, row: Row) -> None:
        """Add a question; rows of a grid that is shown row by row become one."""
        look = row.get("appearance", "").lower()
        if re.search(r"(^|\s)label(\s|$)", look) and asked.kind is Kind.SINGLE:
            name = f"{asked.name}_head"
            self.found.append(replace(asked, name=name, kind=None, aside="the head of a grid"))
            self.header = asked
            return
        grid = self.header
        if "list-nolabel" not in look or grid is None or grid.choices != asked.choices:
            self.header = None
            self.found.append(asked)
            return
        item = replace(asked.fields[0], item=asked.name, label=asked.text)
        last = self.found[-1]
        if (
            last.kind is Kind.GRID
            and last.name == grid.name
            and (last.shown_if == asked.shown_if and last.unsaid == asked.unsaid)
        ):
            self.found[-1] = replace(last, fields=(*last.fields, item))
            return
        text = grid.text if grid.text != grid.name else self.blocks[-1].label
        self.found.append(
            replace(
                asked, name=grid.name, text=text or grid.name, kind=Kind.GRID, fields=(item,)
            )  # fmt: skip
        )
