"""Which question of a questionnaire each column of an export holds, and which answer each cell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from helpers.codebook.model import Kind
from helpers.importing.columns.boxes import RULES, BoxCells, best_reading, is_nothing, stands
from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import Head, seen, titled
from helpers.importing.questionnaires.model import (
    Choice,
    FormColumn,
    FormQuestion,
    Holds,
    Questionnaire,
)
from helpers.importing.words.names import shortened
from helpers.importing.words.shapes import shape_of

_LISTED = 8  # names that a remark gives
_FEW = 12  # answers beside those offered that are answers of their own; more are own words
_STRANGE = 0.5  # of the respondents whose answer is not offered: then it is another question
_CODED = re.compile(r"^(?P<code>[A-Za-z]\w*(\[\w+\])*)\.\s")
_STEP = re.compile(r"[/:.-]")
_REPEATED = re.compile(r"^(?P<base>.+?)[_\[](?P<number>\d{1,3})\]?$")


_TRUTH = {"true": "1", "false": "0"}
Key = tuple[str, str, FormColumn]


@dataclass(frozen=True)
class FormPart:
    """What a column holds: a part of a question."""

    asked: FormQuestion
    field: FormColumn

    @property
    def key(self) -> Key:
        """Tell it from others."""
        return self.asked.name, self.asked.place, self.field


@dataclass(frozen=True)
class FormFit:
    """A questionnaire beside a file.

    Attributes
    ----------
    held : by the key of a column
    boxes : what a cell of a column joins, by the key of the column: in the cells, and its choice
    written : keys of such columns with own words beside
    own : cells of a single choice that are own words, by the key of the column
    remarks : where the two disagree
    """

    form: Questionnaire
    held: Mapping[str, FormPart] = field(default_factory=dict)
    boxes: Mapping[str, Mapping[str, Choice]] = field(default_factory=dict)
    written: frozenset[str] = frozenset()
    own: Mapping[str, frozenset[str]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def fit(
    forms: Sequence[Questionnaire], sheet: Sheet, heads: Sequence[Head]
) -> tuple[Sheet, tuple[Head, ...], FormFit]:
    """Find the questions of the questionnaire that most columns of a file are from.

    Returns
    -------
    The sheet with the labels of answers, the heads with the words of questions whose kind the
    questionnaire does not say, and what each column holds.
    """
    found = [(form, _Fitting(form, sheet, heads)) for form in forms]
    form, fitting = max(found, key=lambda each: len(each[1].held))
    return fitting.fitted()


class _Names:
    """What columns may be called; what several are called names none of them."""

    def __init__(self, form: Questionnaire) -> None:
        self.names: dict[str, list[FormPart]] = {}
        self.plain: dict[str, list[FormPart]] = {}
        self.labels: dict[str, list[FormPart]] = {}
        for boxes in (False, True):  # a question has its name before the box of another
            for held in self._parts(form, boxes=boxes):
                for name in filter(None, held.field.names):
                    self.names.setdefault(name, []).append(held)
                    self.plain.setdefault(name.casefold(), []).append(held)
                for label in {_alike(label) for label in held.field.labels} - {""}:
                    self.labels.setdefault(label, []).append(held)

    @staticmethod
    def _parts(form: Questionnaire, *, boxes: bool) -> Iterator[FormPart]:
        for asked in form.questions:
            for each in asked.fields:
                if (each.holds is Holds.BOX) == boxes:
                    yield FormPart(asked, each)

    def whole(self, header: str, taken: Collection[Key]) -> FormPart | None:
        """Find a column by its whole name; of several that have it, one that is not taken."""
        found = self.names.get(header) or self.plain.get(header.casefold()) or ()
        return next((held for held in found if held.key not in taken), None)

    def named(self, header: str, taken: Collection[Key]) -> FormPart | None:
        """Find a column by its name without the groups that it is in."""
        found = (self.whole(text, taken) for text in _endings(header))
        return next((held for held in found if held is not None), None)

    def repeated(self, header: str, taken: Collection[Key]) -> FormPart | None:
        """Find a column of a group that is filled in several times, by its number."""
        match = _REPEATED.match(header)
        held = self.named(match["base"], ()) if match else None
        if match is None or held is None or not held.asked.repeated:
            return None
        asked = replace(
            held.asked,
            name=f"{held.asked.name}_{match['number']}",
            text=f"{held.asked.text} ({match['number']})",
            fields=(held.field,),
            shown_if=None,
        )
        return FormPart(asked, held.field)


def _endings(header: str) -> Iterator[str]:
    """Yield a header, and what is left of it without the groups before it."""
    yield header
    coded = _CODED.match(header)
    if coded:
        yield coded["code"]
    for step in _STEP.finditer(header):
        yield header[step.end() :]


def _alike(text: str) -> str:
    return seen(text).strip(" :.?!*").casefold()


class _Fitting:
    """A questionnaire, and the columns of one file that are its questions."""

    def __init__(self, form: Questionnaire, sheet: Sheet, heads: Sequence[Head]) -> None:
        self.form, self.sheet, self.heads = form, sheet, heads
        self.names = _Names(form)
        self.held: dict[int, FormPart] = {}
        self.remarks: list[str] = []
        self.boxes: dict[int, dict[str, Choice]] = {}
        self.written: set[int] = set()
        self.own: dict[int, frozenset[str]] = {}
        self.guessed: set[int] = set()  # whose answers are not those of their question
        self._find()

    def _find(self) -> None:
        taken: set[Key] = set()
        for find in (self.names.whole, self.names.named, self.names.repeated):
            for at in range(len(self.heads)):
                for header in self._headers(at) if at not in self.held else ():
                    held = find(header, taken)
                    if held is not None and held.key not in taken:
                        taken.add(held.key)
                        self.held[at] = held
                        break
        self._by_words(taken)

    def _headers(self, at: int) -> list[str]:
        head, column = self.heads[at], self.sheet.columns[at]
        top = [row[at] for row in self.sheet.top[:1]]
        return [*dict.fromkeys(each for each in (*top, column.name, head.key) if each)]

    def _by_words(self, taken: set[Key]) -> None:
        """Find columns by the words above them; of those called alike, each in its turn."""
        called: dict[str, list[int]] = {}
        for at, head in enumerate(self.heads):
            if at in self.held or head.role != "question":
                continue
            parted = f"{head.text} - {head.item}" if head.item else ""
            texts = (
                *self._headers(at),
                *(row[at] for row in self.sheet.top[1:2]),
                self.sheet.columns[at].title,
                parted,
                f"{head.text} [{head.item}]" if head.item else "",
                f"{head.text}/{head.item}" if head.item else "",
                titled(head),
                "" if head.item else head.text,
            )
            every = [_alike(end) for text in texts if text for end in _endings(text)]
            name = next((each for each in every if each in self.names.labels), "")
            if name:
                called.setdefault(name, []).append(at)
        for name, places in called.items():
            left = [
                held for held in self.names.labels[name]
                if held.key not in taken
            ]  # fmt: skip
            if len(left) != len(places) and len(left) != 1:
                continue
            for at, held in zip(places, left, strict=False):
                taken.add(held.key)
                self.held[at] = held

    def fitted(self) -> tuple[Sheet, tuple[Head, ...], FormFit]:
        columns, heads = list(self.sheet.columns), list(self.heads)
        self._leave_out_joined()
        for at, held in [*self.held.items()]:
            asked, holds = held.asked, held.field.holds
            if asked.identifies:
                heads[at] = replace(heads[at], role="identifier")
            elif asked.drop or asked.aside:
                heads[at] = replace(heads[at], role="meta")
            elif asked.kind is None:
                heads[at] = self._worded(at, held)
            elif holds is Holds.JOINED:
                self._join(at, held, columns[at])
            elif holds is Holds.ANSWER and asked.choices and asked.kind is not Kind.MULTIPLE:
                self._label(at, held, columns)
        self._disagreements()
        for at in self.guessed:
            heads[at] = self._worded(at, self.held.pop(at))
        keyed = {self.heads[at].key: held for at, held in self.held.items()
                 if held.asked.kind or held.asked.drop or held.asked.aside}  # fmt: skip
        found = FormFit(
            self.form,
            keyed,
            {self.heads[at].key: boxes for at, boxes in self.boxes.items()},
            frozenset(self.heads[at].key for at in self.written),
            {self.heads[at].key: cells for at, cells in self.own.items()},
            tuple(self.remarks),
        )
        return replace(self.sheet, columns=tuple(columns)), tuple(heads), found

    def _worded(self, at: int, held: FormPart) -> Head:
        """Give a column the words of its question, whose kind remains a guess."""
        head = self.heads[at]
        return head if head.item else replace(head, text=held.asked.text)

    def _leave_out_joined(self) -> None:
        """Of answers that are there twice, keep the boxes."""
        parted = {h.asked.name for h in self.held.values() if h.field.holds is Holds.BOX}
        for at, held in self.held.items():
            if held.field.holds is Holds.JOINED and held.asked.name in parted:
                again = replace(held.asked, kind=None, aside="the answers of the boxes once more")
                self.held[at] = FormPart(again, held.field)

    def _join(self, at: int, held: FormPart, column: Column) -> None:
        """Find out how a cell names the choices that it joins, and what else it holds."""
        choices = held.asked.choices
        rules = [rule for rule in RULES if stands(rule, column.values)] or [RULES[0]]
        named = [_as_named(choices, how) for how in range(2 + max(len(c.others) for c in choices))]
        cells = best_reading([BoxCells(column, r, [*names]) for names in named for r in rules])
        assert cells is not None
        tokens = next(n for n in named if [*n] == cells.labels or {*cells.labels} == {*n})
        boxes = dict(tokens)
        rest = Counter[str]()
        for answer, n in zip(cells.answers, column.counts.tolist(), strict=True):
            rest.update(dict.fromkeys(answer.rest, n))
        brief = [part for part in rest if re.fullmatch(r"[\w.-]{1,40}", part)]
        if rest and len(brief) == len(rest) <= _FEW:
            boxes |= {part: Choice(part, part) for part in rest}
        elif rest:
            self.written.add(at)
        for part, n in [*rest.items()][:_LISTED]:
            becomes = "a box of its own" if part in boxes else "own words"
            self._strange(at, part, n, becomes, [part in answer.rest for answer in cells.answers])
        self.boxes[at] = boxes

    def _label(self, at: int, held: FormPart, columns: list[Column]) -> None:
        """Give the cells of a column the labels of the choices that they stand for."""
        column, asked = columns[at], held.asked
        meant = meanings(asked.choices, shape_of(column).answers)
        answers = {
            cell: n for cell, n in shape_of(column).answers.items()
            if not is_nothing(cell) and cell not in column.missing
        }  # fmt: skip
        strange = {cell: n for cell, n in answers.items() if cell not in meant}
        if sum(strange.values()) > _STRANGE * sum(answers.values()):
            self.remarks.append(
                f'"{shortened(self.heads[at].key)}": most answers, such as '
                f'"{shortened(next(iter(strange)), 40)}", are not those of {self._where(asked)}; '
                "they are guessed"
            )
            self.guessed.add(at)
            return
        if len(strange) > _FEW and asked.kind is Kind.SINGLE:
            self.own[at] = frozenset(strange)
        for cell, n in [*strange.items()][: _LISTED if at not in self.own else 1]:
            becomes = "own words" if at in self.own else "an answer of its own"
            self._strange(at, cell, n, becomes, [value == cell for value in column.values])
        labels = {cell: choice.label for cell, choice in meant.items()}
        others = {cell: label for cell, label in column.labels.items() if cell not in meant}
        columns[at] = replace(column, labels=others | labels)

    def _strange(self, at: int, cell: str, n: int, becomes: str, holds: Sequence[bool]) -> None:
        """Say what is not an answer of the questionnaire; `holds` are the values with it."""
        rows = np.flatnonzero(np.array(holds)[self.sheet.columns[at].codes])
        row = f", row {int(self.sheet.rows[rows[0]])}" if len(rows) else ""
        self.remarks.append(
            f'"{shortened(self.heads[at].key)}"{row}: "{shortened(cell, 40)}" is not among the '
            f"answers of {self._where(self.held[at].asked)}; it is {becomes} ({n:,})"
        )

    def _where(self, asked: FormQuestion) -> str:
        return f"{self.form.file}, {asked.place}" if asked.place else self.form.file

    def _disagreements(self) -> None:
        """Say which questions are not in the file, and which columns not in the questionnaire."""
        there = {held.asked.name for held in self.held.values()}
        lacking = [
            each.name for each in self.form.questions
            if each.name not in there and each.kind and not each.repeated and not each.drop
        ]  # fmt: skip
        repeats = [
            *dict.fromkeys(
                each.repeated for each in self.form.questions
                if each.repeated and each.name not in there
                and not any(name.startswith(f"{each.name}_") for name in there)
            )
        ]  # fmt: skip
        strange = [
            shortened(head.key, 40) for at, head in enumerate(self.heads)
            if at not in self.held and head.role == "question"
        ]  # fmt: skip
        if not self.held:
            self.remarks.append(
                f"no column is a question of {self.form.file}; it may be of another survey"
            )
            return
        if lacking:
            self.remarks.append(f"not in the file, but in {self.form.file}: {_listed(lacking)}")
        if repeats:
            self.remarks.append(
                f"{self.form.file} repeats groups of questions ({_listed(repeats)}): their answers "
                "are a table of their own, with several rows for one respondent, and are not "
                "imported"
            )
        if strange:
            self.remarks.append(f"not in {self.form.file}, and so guessed: {_listed(strange)}")
        self.remarks += [f"{self.form.file}: {words}" for words in self.form.remarks]


def _listed(names: Collection[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join([*names][:_LISTED]) + (f", and {more:,} more" if more > 0 else "")


def _as_named(choices: Sequence[Choice], how: int) -> dict[str, Choice]:
    """Choices by what a cell calls them: their codes, labels, or others of their names."""
    names: dict[str, Choice] = {}
    for choice in choices:
        every = (choice.code, choice.label, *choice.others)
        names.setdefault(" ".join(every[min(how, len(every) - 1)].split()), choice)
    return names


def meanings(choices: Sequence[Choice], cells: Mapping[str, int]) -> dict[str, Choice]:
    """Say which choice each cell stands for: by codes or by words, whichever more cells are."""
    codes = {choice.code: choice for choice in reversed(choices)}
    numbers = {_number(code): choice for code, choice in codes.items()}
    words: dict[str, Choice] = {}
    for choice in choices:
        for said in (choice.label, *choice.others):
            words.setdefault(_alike(said), choice)

    def coded(cell: str) -> Choice | None:
        return codes.get(cell) or numbers.get(_number(cell))

    by_code = sum(n for cell, n in cells.items() if coded(cell))
    by_word = sum(n for cell, n in cells.items() if _alike(cell) in words)
    found: dict[str, Choice] = {}
    for cell in cells:
        one, two = coded(cell), words.get(_alike(cell))
        meant = (one or two) if by_code >= by_word else (two or one)
        if meant is not None:
            found[cell] = meant
    return found


def _number(cell: str) -> str:
    """Return a whole number, or a truth value, as it is written shortest; others as they are."""
    if cell.lower() in _TRUTH:
        return _TRUTH[cell.lower()]
    match = re.fullmatch(r"(-?)0*(\d+)(\.0+)?", cell)
    return f"{match[1]}{match[2]}" if match else cell
