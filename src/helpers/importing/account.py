"""Counts an import back: what became of every cell of a file, seen in the responses as stored.

On one side is the sheet as it was read, before anything was guessed or divided; on the other the
response file, read back from disk. Only mapping.yml and the codebook connect them, as the next
import will read them, so that a fault in any step shows.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

import numpy as np

from helpers.codebook.cells import WORDS, number
from helpers.codebook.model import (
    GUESS,
    TICKED,
    Codebook,
    Kind,
    Missing,
    Option,
    Population,
    Question,
)
from helpers.errors import Problems
from helpers.importing.columns.boxes import WRITTEN, WRITTEN_IN, boxes_of, is_nothing, offered
from helpers.importing.columns.mapping import ColumnTarget
from helpers.importing.columns.mapping import Mapping as Columns
from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import Head, label_of
from helpers.importing.report import NOBODY, Line
from helpers.importing.storing import Image, Stored
from helpers.importing.words.names import shortened
from helpers.terminal import Step

FILE = "account.csv"
KIND = "account"
_LISTED = 100  # different cells of a column that are listed one by one
_SUMMED = ("text", "number", "identifier", "weight", "design", "other_column", "left_out")
_BETWEEN = str.maketrans("", "", " ,;|/•·+&–—-；؛┋，、،[]{}\"'\n\t\r\u00a0\u202f\u2009")
_FIX = "The import itself is at fault: please report it, with the header and one such cell."


@dataclass(frozen=True)
class Imported:
    """A sheet, and where its answers are stored.

    Attributes
    ----------
    sheet, heads : as read from the file, before boxes in a cell were divided
    rows : numbers of the rows that were stored
    stored : the response file, from the first of these rows on
    drafted : whether the codebook was guessed from this sheet
    left_out : numbers of rows that a person left out, and why
    instead : by the key of a column, cells that a person replaced
    offered : keys of columns whose boxes a questionnaire says, whether or not a cell holds them
    """

    population: str
    sheet: Sheet
    heads: Sequence[Head]
    mapping: Columns
    rows: np.ndarray
    stored: Stored
    drafted: bool
    left_out: Map[int, str] = field(default_factory=dict)
    instead: Map[str, Map[str, str]] = field(default_factory=dict)
    offered: frozenset[str] = frozenset()


def account(
    imported: Imported,
    codebook: Codebook,
    problems: Problems,
    progress: Callable[[str], None] = lambda words: None,
) -> list[Line]:
    """Count the cells of a sheet back.

    Returns
    -------
    Lines in the order of the columns. What was lost on the way, invented or put elsewhere is added
    to `problems`, as is a box guessed from cells that no cell holds.
    """
    return _Account(imported, codebook, problems).lines(progress)


class _Account:
    """One sheet on its way back."""

    def __init__(self, imported: Imported, codebook: Codebook, problems: Problems) -> None:
        self.of, self.codebook, self.problems = imported, codebook, problems
        self.sheet = imported.sheet
        self.population: Population = codebook.populations[imported.population]
        self.kept = np.isin(self.sheet.rows, imported.rows)
        self.parts = {
            cell.column: (question, cell.item)
            for question in codebook.questions.values()
            for cell in question.cells
            if question.population == imported.population
        }

    def lines(self, progress: Callable[[str], None]) -> list[Line]:
        kept = int(self.kept.sum())
        if self.of.stored.rows != kept:
            self._fault(f"{kept:,} rows should be stored, but {self.of.stored.rows:,} are")
            return []
        found: list[Line] = []
        whole = len(self.of.heads)
        for at, (head, column) in enumerate(zip(self.of.heads, self.sheet.columns, strict=True), 1):
            progress(Step(f"Counting columns of {self.sheet.file} back", at, whole))
            lines = list(self._column(head, column))
            counted = Counter[str]()
            for line in lines:
                counted[line.column] += line.count
            for key, n in counted.items():
                if n != len(self.sheet.rows):
                    self._fault(f"{n:,} of {len(self.sheet.rows):,} cells are accounted for", key)
            found += lines
        return found

    def _column(self, head: Head, column: Column) -> Iterator[Line]:
        mapping = self.of.mapping
        boxes = boxes_of(head.key, mapping)
        target = mapping.target(head.key) or ColumnTarget(head.key)
        counts = np.bincount(column.codes[self.kept], minlength=len(column.values))
        if target.drop:
            yield from self._summed(head, column, counts, "left_out", target.drop)
        elif boxes and self._divided(head.key, target):
            yield from _Joined(self, head, column, counts, boxes).lines()
        elif target.to in self.of.stored.names:
            yield from self._stored(head, column, counts, target)
        else:
            self._fault(f"the responses have no column {target.to}", head.key)
            return
        out = np.bincount(column.codes[~self.kept], minlength=len(column.values))
        if out.any():
            keys = [head.key]
            if boxes and not target.drop and self._divided(head.key, target):
                keys += [f"{head.key} [{box}]" for box in boxes]
            for reason, rows in self.reasons.items():
                codes = column.codes[rows]
                different = len(np.unique(codes))
                for key in keys:
                    yield self._line(key, "", different, len(codes), "row_left_out", reason=reason)
        out = np.bincount(column.codes[self.empty], minlength=len(column.values))
        for place in np.flatnonzero(out).tolist():
            value = column.values[place]
            said = self.of.instead.get(head.key, {}).get(value, value)
            if said and not target.drop and target.recode.get(said, said) and not boxes:
                self._nowhere(head, column, int(place), self.empty, "its row was left out")

    def _divided(self, key: str, target: ColumnTarget) -> bool:
        """Return whether a column became boxes: what has its name may come from another column."""
        columns = self.of.mapping.columns.items()
        elsewhere = any(other.to == target.to for known, other in columns if known != key)
        return elsewhere or target.to not in self.of.stored.names

    @cached_property
    def empty(self) -> np.ndarray:
        """Per row, whether it was left out although nobody said so: nothing is in it."""
        return ~self.kept & ~np.isin(self.sheet.rows, [*self.of.left_out])

    @cached_property
    def reasons(self) -> dict[str, np.ndarray]:
        """Places of the rows that were left out, by the reason."""
        found: dict[str, list[int]] = {}
        for place in np.flatnonzero(~self.kept).tolist():
            why = self.of.left_out.get(int(self.sheet.rows[place]), "no answer in it")
            found.setdefault(why, []).append(place)
        return {why: np.array(places) for why, places in found.items()}

    def image(self, head: Head, column: Column, name: str) -> Image | None:
        """Return what every value became; None, with a problem, if it became several things."""
        found = self.images(head, column, [name])
        return None if found is None else found[name]

    def images(self, head: Head, column: Column, names: Sequence[str]) -> dict[str, Image] | None:
        """Return what every value became in several columns; None as for one."""
        codes = column.codes[self.kept]
        found = self.of.stored.images(names, codes, len(column.values))
        for name, (_, row) in found.items():
            if row is not None:
                why = f"it did not become the same in each row of {name}"
                self._nowhere(head, column, int(codes[row]), self.kept, why)
                return None
        return {name: image for name, (image, _) in found.items()}

    def _stored(
        self, head: Head, column: Column, counts: np.ndarray, target: ColumnTarget
    ) -> Iterator[Line]:
        found = self.image(head, column, target.to)
        if found is None:
            return
        image = found.cells()
        question, item = self.parts.get(target.to, (None, ""))
        if question is None:
            yield from self._beside(head, column, counts, image, target.to)
            return
        instead = self.of.instead.get(head.key, {})
        written = self._written(head, column)
        if written is not None:
            yield from self._own(head, column, counts, written, image)
        lines: list[Line] = []
        sums: dict[tuple[str, str], _Sum] = {}
        for place, (cell, code, n) in enumerate(_given(column, image, counts)):
            if not n or (written and written[place]):
                continue
            becomes, missing = self._became(column, target, question, instead.get(cell, cell), code)
            if becomes == "blank" and cell:
                becomes, missing = "missing", Missing.NOT_ANSWERED.value
            if not becomes:
                self._nowhere(head, column, place, self.kept, f'it became "{shortened(code)}"')
            if becomes in _SUMMED:
                sums.setdefault((becomes, missing), _Sum()).add(code, n)
                continue
            line = self._line(head.key, cell, 1, n, becomes, question, item)
            lines.append(replace(line, code=code, kind_of_missing=missing))
        for (becomes, _), total in sums.items():
            words = total.range if becomes == "number" else ""
            lines.append(
                self._line(head.key, words, total.different, total.n, becomes, question, item)
            )
        yield from _brief(lines)
        given = {line.code for line in lines}
        if written is not None and any(written):
            given.add(target.recode[WRITTEN_IN])
        yield from self._nobody(head.key, question, item, given)

    def _written(self, head: Head, column: Column) -> list[str] | None:
        """Own words that were kept of each value, in a column beside; None where there is none."""
        if offered(head.key, self.of.mapping) is None:
            return None
        found = self.image(head, column, self.of.mapping.goes(f"{head.key} [{WRITTEN}]").to)
        return None if found is None else found.cells()

    def _own(
        self,
        head: Head,
        column: Column,
        counts: np.ndarray,
        written: Sequence[str],
        image: Sequence[str],
    ) -> Iterator[Line]:
        """Account for own words among the answers to choose from: kept beside, and one answer."""
        target = self.of.mapping.goes(head.key)
        question, item = self.parts[target.to]
        instead = self.of.instead.get(head.key, {})
        total = _Sum()
        for place in np.flatnonzero(counts).tolist():
            said = instead.get(column.values[place], column.values[place])
            if not written[place]:
                continue
            total.add(written[place], int(counts[place]))
            if written[place] != said or image[place] != target.recode[WRITTEN_IN]:
                words = f'its own words became "{shortened(written[place])}"'
                self._nowhere(head, column, int(place), self.kept, words)
        if total.n:
            line = self._line(head.key, "", total.different, total.n, "text", question, item)
            yield replace(line, code=target.recode[WRITTEN_IN])

    def _became(
        self, column: Column, target: ColumnTarget, question: Question, cell: str, code: str
    ) -> tuple[str, str]:
        """Return what a cell became, and which kind of missing; nothing where it cannot be."""
        meant = target.recode.get(cell, cell)
        if not cell:
            return ("blank", "") if not code else ("", "")
        if not code:
            return ("missing", Missing.NOT_ANSWERED.value) if not meant else ("", "")
        if question.kind is Kind.TEXT:
            return ("text" if code in (meant, meant.removesuffix(".0")) else "", "")
        option = next((o for o in question.options if o.code == code), None)
        if option is None and code in WORDS:
            return ("missing", code) if meant == code else ("", "")
        if option is None and question.kind is Kind.NUMBER:
            same = math.isclose(number(code), _amount(meant, target), rel_tol=1e-12)
            return ("number" if same else "", "")
        if option is None or meant.removesuffix(".0") != code.removesuffix(".0"):
            return "", ""
        if (
            self.of.drafted
            and question.kind is not Kind.MULTIPLE
            and not _says(option, column, cell)
        ):
            return "", ""
        if option.missing:
            return "missing", option.missing.value
        if question.kind is Kind.MULTIPLE:
            return "ticked" if option == question.ticked else "not_ticked", ""
        return "option", ""

    def _beside(
        self, head: Head, column: Column, counts: np.ndarray, image: Sequence[str], name: str
    ) -> Iterator[Line]:
        """Account for what is not an answer: identifier, weight, columns not used."""
        who = self.population
        role = {who.identifier: "identifier", who.weight: "weight"}.get(name, "other_column")
        if name in (who.strata, who.organisation, who.person):
            role = "design"
        target = self.of.mapping.goes(head.key)
        instead = self.of.instead.get(head.key, {})
        for place, (cell, code, n) in enumerate(_given(column, image, counts)):
            said = instead.get(cell, cell)
            meant = target.recode.get(said, said)
            if not n or code == meant or code == meant.removesuffix(".0"):
                continue
            renamed = role == "identifier" and code.endswith(f"-{meant}")
            if not renamed and number(code) != _amount(meant, target):
                self._nowhere(head, column, place, self.kept, f"{role} {name}")
        yield from self._summed(head, column, counts, role, name)

    def _summed(
        self, head: Head, column: Column, counts: np.ndarray, becomes: str, reason: str
    ) -> Iterator[Line]:
        blank = np.array([not value for value in column.values] or [True])
        for kind, which in ((becomes, ~blank), ("blank", blank)):
            n = int(counts[which[: len(counts)]].sum())
            different = int((counts[which[: len(counts)]] > 0).sum())
            if n or kind == becomes:
                line = self._line(head.key, "", different, n, kind, reason=reason)
                yield replace(line, guess=becomes if self.of.drafted else "")

    def _nobody(
        self, key: str, question: Question, item: str, given: Collection[str]
    ) -> Iterator[Line]:
        """Options, and a box, that nobody gave."""
        if question.kind in (Kind.NUMBER, Kind.TEXT):
            return
        wanted = [question.ticked] if question.kind is Kind.MULTIPLE else list(question.options)
        for option in wanted:
            if option.code not in given:
                becomes = "ticked" if question.kind is Kind.MULTIPLE else "option"
                becomes = "missing" if option.missing else becomes
                line = self._line(key, "", 0, 0, becomes, question, item)
                yield replace(
                    line, code=option.code, kind_of_missing=option.missing.value, reason=NOBODY
                )

    def _line(
        self,
        key: str,
        cell: str,
        different: int,
        count: int,
        becomes: str,
        question: Question | None = None,
        item: str = "",
        reason: str = "",
    ) -> Line:
        note = question.note if question is not None else ""
        guess = ""
        if note.startswith(GUESS) and question is not None:
            guess = question.kind.value
            reason = reason or note.removeprefix(GUESS).removesuffix("Confirm.").strip(" .")
        name = question.id if question else ""
        return Line(
            self.of.population,
            key,
            cell,
            different,
            count,
            becomes,
            name,
            item,
            "",
            "",
            guess,
            reason,
        )

    def _nowhere(self, head: Head, column: Column, place: int, among: np.ndarray, why: str) -> None:
        """Report a cell that went nowhere, in the first row that holds it."""
        row = int(np.flatnonzero(among & (column.codes == place))[0])
        self.sheet.report(
            self.problems,
            shortened(head.key),
            column,
            [row],
            found=column.values[place],
            message=f"the cell is not among the stored answers ({why})",
            fix=_FIX,
            kind=KIND,
        )

    def _fault(self, message: str, key: str = "", found: str | None = None) -> None:
        self.problems.add(
            self.sheet.source,
            column=shortened(key),
            found=found,
            message=message,
            fix=_FIX,
            kind=KIND,
        )


class _Joined:
    """A column whose cells name several boxes, each with a column of the responses."""

    def __init__(
        self, whole: _Account, head: Head, column: Column, counts: np.ndarray, boxes: Sequence[str]
    ) -> None:
        self.whole, self.head, self.column, self.counts = whole, head, column, counts
        targets = {box: whole.of.mapping.target(f"{head.key} [{box}]") for box in boxes}
        self.targets = {box: target for box, target in targets.items() if target is not None}

    def lines(self) -> Iterator[Line]:
        """Account for the column, and for every box of it."""
        names = dict.fromkeys(target.to for target in self.targets.values() if target.to)
        images = self.whole.images(self.head, self.column, [*names])
        if images is None:
            return
        yield from self._cells(images)
        for box, target in self.targets.items():
            yield from self._box(box, target, images)

    def _cells(self, images: Mapping[str, Image]) -> Iterator[Line]:
        names: dict[str, list[str]] = {}
        for box, target in self.targets.items():
            names.setdefault(target.to, []).append(box)
        dropped = names.pop("", [])
        own = [images[to] for to, boxes in names.items() if WRITTEN in boxes]
        boxes = [to for to in names if WRITTEN not in names[to]]
        question = next((self.whole.parts[to][0] for to in boxes if to in self.whole.parts), None)
        places = np.flatnonzero(self.counts)
        places = places[np.argsort(-self.counts[places], kind="stable")]
        cells = [self.column.values[place] for place in places.tolist()]
        said = [" ".join(image.cell(place) for image in own) for place in places.tolist()]
        wrote = np.array([bool(words) for words in said], dtype=bool)
        across = np.array([images[to].holds(TICKED)[places] for to in boxes], dtype=bool)
        some = np.logical_or.reduce([wrote, *(images[to].filled[places] for to in boxes)])
        parts = _Parts(cells, [names[to] for to in boxes], across)
        blank = np.array([not cell for cell in cells], dtype=bool) & ~some
        nothing = np.zeros_like(blank)
        for at in np.flatnonzero(~some & ~blank).tolist():
            nothing[at] = is_nothing(cells[at])
        for at in np.flatnonzero(~blank & ~nothing & (wrote | ~parts.alone)).tolist():
            if not _adds_up(cells[at], parts.ticked(at), said[at], dropped):
                words = "its parts are not the ticked boxes"
                place = int(places[at])
                self.whole._nowhere(self.head, self.column, place, self.whole.kept, words)
        kinds = {"boxes": ~blank & ~nothing, "blank": blank, "missing": nothing}
        listed = np.flatnonzero(blank | ~(wrote | (np.array(cells, dtype=object) == "")))[:_LISTED]
        for at in listed.tolist():
            becomes = next(kind for kind, which in kinds.items() if which[at])
            n = int(self.counts[places[at]])
            line = self.whole._line(self.head.key, cells[at], 1, n, becomes, question)
            there = [boxes[which] for which in np.flatnonzero(across[:, at]).tolist()]
            items = [self.whole.parts[to][1] for to in there if to in self.whole.parts]
            yield replace(line, code="; ".join(items), kind_of_missing=_missing(becomes))
        for becomes, which in kinds.items():
            which[listed] = False
            n, different = int(self.counts[places[which]].sum()), int(which.sum())
            if different:
                line = self.whole._line(self.head.key, "", different, n, becomes, question)
                yield replace(line, kind_of_missing=_missing(becomes))

    def _box(self, box: str, target: ColumnTarget, images: Mapping[str, Image]) -> Iterator[Line]:
        key = f"{self.head.key} [{box}]"
        if target.drop:
            n, different = int(self.counts.sum()), int((self.counts > 0).sum())
            yield self.whole._line(key, "", different, n, "left_out", reason=target.drop)
            return
        question, item = self.whole.parts.get(target.to, (None, ""))
        image = images[target.to]
        sums: dict[str, tuple[int, int]] = {}
        for code, (different, n) in image.counted(self.counts).items():
            text = box == WRITTEN or (question is not None and question.kind is Kind.TEXT)
            becomes = "text" if text else "ticked" if code == TICKED else "not_ticked"
            becomes = becomes if code else "blank"
            before = sums.get(becomes, (0, 0))
            sums[becomes] = before[0] + different, before[1] + n
        for becomes, (different, n) in sums.items():
            line = self.whole._line(key, "", different, n, becomes, question, item)
            code = {"ticked": TICKED, "not_ticked": "0"}.get(becomes, "")
            yield replace(line, cell=box if becomes == "ticked" else "", code=code)
        if "ticked" not in sums and "text" not in sums:
            if self.whole.of.drafted and self.head.key not in self.whole.of.offered:
                self.whole._fault("a box guessed from cells, but no cell holds it", key, box)
            line = self.whole._line(key, box, 0, 0, "ticked", question, item, NOBODY)
            yield replace(line, code=TICKED, reason=NOBODY)


class _Parts:
    """What cells are made of, letter by letter without blanks and separators.

    Attributes
    ----------
    alone : per cell, whether it is the labels of its ticked boxes, each with one name, and no more
    """

    def __init__(
        self, cells: Sequence[str], names: Sequence[Sequence[str]], across: np.ndarray
    ) -> None:
        self.names = [[name.translate(_BETWEEN) for name in some] for some in names]
        self.across = across
        texts = "\0".join(cells).translate(_BETWEEN).split("\0")  # all at once
        self.alone = np.zeros(len(cells), dtype=bool)
        if not names or len(texts) != len(cells):
            return
        sizes = np.array([len(some[0]) if len(some) == 1 else -(2**30) for some in self.names])
        self.alone = np.array(list(map(len, texts))) == sizes @ across
        for (label, *_), ticked in zip(self.names, across, strict=True):
            places = np.flatnonzero(ticked & self.alone)
            self.alone[places] = [label in texts[at] for at in places.tolist()]

    def ticked(self, at: int) -> list[list[str]]:
        """Names of the ticked boxes of a cell."""
        return [self.names[which] for which in np.flatnonzero(self.across[:, at]).tolist()]


def _missing(becomes: str) -> str:
    return Missing.NOT_ANSWERED.value if becomes == "missing" else ""


def _adds_up(
    cell: str, ticked: Sequence[Sequence[str]], written: str, dropped: Sequence[str]
) -> bool:
    """Return whether a cell holds the labels of the ticked boxes, own words, and nothing else.

    Letters are compared without blanks and separators, which `ticked` lack already, however the
    cell was divided. A box has several names where one was renamed.
    """
    text, own = cell.translate(_BETWEEN), written.translate(_BETWEEN)
    there = [[x for x in names if x in text] for names in ticked]
    if not all(there):
        return False
    size = len(text) - len(own)
    if size == sum(len(x) for x, *_ in there) and all(len(names) == 1 for names in there):
        return all(word.translate(_BETWEEN) in text for word in written.split())
    labels = [x for names in there for x in names] + [d.translate(_BETWEEN) for d in dropped]
    pieces = [*sorted(labels, key=len, reverse=True)]
    rest = text
    for piece in pieces:
        rest = rest.replace(piece, "") if piece else rest
    return (
        Counter(rest) == Counter(own)
        or any(sum(map(len, chosen)) == size for chosen in product(*there[:6]))
        and len(there) <= 6
    )


def _amount(cell: str, target: ColumnTarget) -> float:
    """Return the number that a cell of a file means."""
    known = [unit for unit in target.units if unit in cell and unit != cell]
    cell = cell.replace(max(known, key=len), "", 1).strip() if known else cell
    if target.decimal_comma:
        cell = cell.replace(",", ".")
    if target.thousands:
        cell = cell.replace(",", "")
    return number(cell)


def _says(option: Option, column: Column, cell: str) -> bool:
    """Return whether an option that was drafted stands for a cell.

    It does by its label, where the file has one for the cell; else by its label or its code.
    """
    own = option.label.removesuffix(f" ({option.code})")  # beside one that looks like it
    said = {label_of(own).casefold(), label_of(option.label).casefold()}
    label = column.labels.get(cell)
    if label is not None:
        return label_of(label).casefold() in said
    meant = {label_of(cell).casefold(), cell.removesuffix(".0").casefold()}
    return not said.isdisjoint(meant) or option.code == cell


def _given(
    column: Column, image: Sequence[str], counts: np.ndarray
) -> Iterator[tuple[str, str, int]]:
    return zip(column.values, image, counts.tolist(), strict=True)


@dataclass
class _Sum:
    """Different answers that are not listed one by one."""

    different: int = 0
    n: int = 0
    low: str = ""
    high: str = ""

    def add(self, code: str, n: int) -> None:
        """Add an answer that `n` rows hold."""
        self.different, self.n = self.different + 1, self.n + n
        if not self.low or number(code) < number(self.low):
            self.low = code
        if not self.high or number(code) > number(self.high):
            self.high = code

    @property
    def range(self) -> str:
        """The smallest and the largest number."""
        return self.low if self.low == self.high else f"{self.low} … {self.high}"


def _brief(lines: Sequence[Line]) -> Iterator[Line]:
    """List the most frequent cells, and sum up others by what became of them."""
    ranked = sorted(lines, key=lambda line: -line.count)
    listed = [x for x in ranked if x.cell or x.becomes in ("blank", *_SUMMED)][:_LISTED]
    yield from listed
    known = set(map(id, listed))
    groups: dict[tuple[str, str, str], list[Line]] = {}
    for line in ranked:
        if id(line) not in known:
            code = "" if line.becomes == "boxes" else line.code
            groups.setdefault((line.becomes, code, line.kind_of_missing), []).append(line)
    for (_, code, _), some in groups.items():
        different, count = len(some), sum(line.count for line in some)
        yield replace(some[0], cell="", different=different, count=count, code=code)
