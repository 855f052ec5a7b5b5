"""Which boxes the cells of a select-all question join, guessed from the cells only.

A guess is a list of labels, and counts for what `BoxCells` reads with it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from helpers.importing.columns.boxes import (
    BLANK,
    RULES,
    STRONG,
    WEAK,
    BoxCells,
    Piece,
    best_reading,
    divided,
    is_nothing,
    joined_by,
    stands,
)
from helpers.importing.files.sheets import Column
from helpers.importing.layouts.heads import Head
from helpers.importing.words.instructions import asks_for_all
from helpers.importing.words.names import shortened
from helpers.importing.words.shapes import Shape, shape_of

_MOST = 40  # boxes of a question; more, where what is between them is hardly ever inside one
_EVEN_MORE = 100
_SAMPLE = 2_000  # different cells that mark a column of free text
_DIFFERENT = 200  # different answers among which some may join others
_ROWS = 5_000  # that boxes are guessed from, at least, where there are more
_RARE = 1 / 3  # share of respondents who wrote something else, at most
_SEVERAL = 0.05  # of respondents who ticked more than one box of a select-all question, at least
_SELDOM = 1_000  # one respondent of so many is not a box but own words
_CHANCE = 0.001  # at which two answers may be side by side by chance
_AGAINST = 0.02  # share of pairs that may go against the order of the questionnaire
_MONTH = re.compile(
    r"(0?[1-9]|1[0-2])[/.-](19|20)\d\d|(19|20)\d\d[/.-](0?[1-9]|1[0-2])|(19|20)\d\d"
)
_CODE = re.compile(r"0|[1-9]\d{0,2}")
_QUOTED = re.compile(r'(?<![^\s(,;|])"[^"]*"(?![^\s),;|.])')
_TIGHT = (r",(?=\S|$)", r",", BLANK.pattern)  # separators that numbers have, too
_AND = re.compile(r"\s(?:and|or|und|oder|et|ou|y|o|e|en|of)\s")
_NAME = re.compile(r"[^\W\d_]\w*([.-]\w+)*")
_OPENING = re.compile(r'["(\[{“«„]')
_BEFORE_THREE = re.compile(r",\d{3}")
_BRACKETS = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»", "„": "“"}


def guessed_boxes(column: Column, head: Head) -> BoxCells | None:
    """Boxes that a column seems to join, in the order of the questionnaire; None if it does not."""
    if column.labels or column.form in ("number", "date"):
        return None
    some = _some(column)
    shape = shape_of(some)
    if len(shape.answers) < 3 or shape.is_date or are_months(shape):
        return None
    asks = asks_for_all(f"{head.text} {head.name}")
    fits = best_reading(_sound(some, shape, asks))
    return fits if fits is None or some is column else _of_all(column, fits)


def _sound(column: Column, shape: Shape, asks: bool) -> Iterator[BoxCells]:
    """Boxes by each separator that leaves such as a question may have."""
    for rule in _rules(shape):
        cells = _usual(BoxCells(column, rule, _guessed(shape, rule, asks)), shape)
        if _is_sound(cells, shape, asks):
            yield BoxCells(column, rule, _in_order(cells), bool(cells.rare))


def _some(column: Column) -> Column:
    """Return every n-th row of a column with very many different cells."""
    step = len(column.codes) // _ROWS
    if step < 2 or len(column.values) < _ROWS:
        return column
    found, codes = np.unique(column.codes[::step], return_inverse=True)
    return replace(column, values=tuple(column.values[at] for at in found.tolist()), codes=codes)


def _of_all(column: Column, some: BoxCells) -> BoxCells:
    """Read all rows by the boxes of some, and by what else is given as often as a box is."""
    cells = BoxCells(column, some.rule, some.labels)
    often: Counter[str] = Counter()
    counts = column.counts.tolist()
    for at, answer in cells.held.odd.items():
        often.update(dict.fromkeys(answer.rest, counts[at]))
    least = max(2, -(-int(column.counts.sum()) // _SELDOM))
    more = [part for part, n in often.items() if n >= least]
    if more:
        cells = BoxCells(column, some.rule, [*some.labels, *more])
    cells.written = bool(cells.rare)
    return cells


def are_months(shape: Shape) -> bool:
    """Return whether nearly all cells are months or years: `08/2012` is one answer."""
    months = sum(n for cell, n in shape.answers.items() if _MONTH.fullmatch(cell))
    return months >= 0.9 * shape.answered


def _rules(shape: Shape) -> Iterator[re.Pattern[str]]:
    """Separators that divide any cell, each way of dividing once."""
    seen = set()
    some = list(shape.answers)[:_SAMPLE]
    for rule in RULES:
        if not stands(rule, some):
            continue
        cut = tuple(tuple(divided(cell, rule)) for cell in some)
        if rule is BLANK and not _are_names(some, cut):
            continue
        if cut not in seen and any(len(parts) > 1 for parts in cut):
            seen.add(cut)
            often: Counter[str] = Counter()
            for cell, parts in zip(some, cut, strict=True):
                for part in parts:
                    often[joined_by(cell, [part])] += shape.answers[cell]
            if sum(n for _, n in often.most_common(3 * _MOST)) >= 0.5 * often.total():
                yield rule  # else hardly anything comes again: somebody's own words


def _are_lists(rule: re.Pattern[str], cells: Sequence[str]) -> bool:
    """Return whether all cells are lists in square brackets, as a program writes them."""
    return rule is RULES[0] and all(c.startswith("[") and c.endswith("]") for c in cells)


def _are_names(cells: Sequence[str], cut: Sequence[Sequence[Piece]]) -> bool:
    """Return whether all pieces are names or numbers of answers (ODK: `bus night_bus`)."""
    pieces = {joined_by(cell, [p]) for cell, parts in zip(cells, cut, strict=True) for p in parts}
    return len(pieces) <= _MOST and all(_NAME.fullmatch(p) or _CODE.fullmatch(p) for p in pieces)


def _guessed(shape: Shape, rule: re.Pattern[str], asks: bool) -> list[str]:
    """Labels that respondents gave more than once, pieces that belong together put together."""
    some = [(cell, n) for cell, n in shape.answers.items() if not is_nothing(cell)]
    cells = [_Cut(cell, divided(cell, rule), n) for cell, n in some]
    if _are_lists(rule, [cell for cell, _ in some]):
        return list(_often(cells))
    digits = sum(cell.n for cell in cells if cell.is_coded)
    if digits >= 0.95 * sum(n for _, n in some):
        if rule.pattern in _TIGHT and not _are_codes(cells, asks):
            return []
        often = _often(cells)
        return [label for label in often if _CODE.fullmatch(label)]
    return list(_often(_whole([cell.guarded() for cell in cells])))


@dataclass(frozen=True)
class _Cut:
    """A cell cut into pieces, which so many respondents gave."""

    cell: str
    parts: list[Piece]
    n: int

    @cached_property
    def texts(self) -> list[str]:
        return [joined_by(self.cell, [part]) for part in self.parts]

    @property
    def is_coded(self) -> bool:
        return all(map(_CODE.fullmatch, self.texts))

    def guarded(self) -> _Cut:
        """Put together what is inside brackets, quotation marks or one number."""
        guards = _guards(self.cell) if _OPENING.search(self.cell) else []
        if not guards and not _BEFORE_THREE.search(self.cell):
            return self
        found: list[Piece] = []
        for part in self.parts:
            if found and _is_inside(self.cell, found[-1].end, part.start, guards):
                found[-1] = Piece(found[-1].start, part.end)
            else:
                found.append(part)
        return replace(self, parts=found)

    def closer(self, pairs: Collection[tuple[str, str]]) -> _Cut:
        """Put together the pieces that are one answer."""
        found: list[Piece] = []
        before = ""
        for part, text in zip(self.parts, self.texts, strict=True):
            if (before, text) in pairs:
                found[-1] = Piece(found[-1].start, part.end)
                before = ""
            else:
                found.append(part)
                before = text
        return replace(self, parts=found)


def _often(cells: Sequence[_Cut]) -> Counter[str]:
    """How many respondents gave each piece; pieces that are somebody's own are left out."""
    often: Counter[str] = Counter()
    for cell in cells:
        often.update(dict.fromkeys(cell.texts, cell.n))
    least = max(2, -(-sum(cell.n for cell in cells) // _SELDOM))
    return Counter({label: n for label, n in often.items() if n >= least})


def _is_inside(cell: str, end: int, start: int, guards: Sequence[tuple[int, int]]) -> bool:
    if any(a < end and start <= b for a, b in guards):
        return True
    thousands = re.match(r",\d{3}(?!\d)", cell[end : start + 4])
    return bool(thousands and re.search(r"(^|[^\d,])[1-9]\d{0,2}$", cell[:end]))


def _guards(cell: str) -> list[tuple[int, int]]:
    """Places of brackets and quotation marks that are opened and closed again."""
    found = [match.span() for match in _QUOTED.finditer(cell)]
    opened: list[tuple[int, str]] = []
    for at, sign in enumerate(cell):
        if sign in [closing for _, closing in opened]:
            while opened[-1][1] != sign:
                opened.pop()
            found.append((opened.pop()[0], at))
        elif sign in _BRACKETS:
            opened.append((at, _BRACKETS[sign]))
    return found


def _are_codes(cells: Sequence[_Cut], asks: bool) -> bool:
    """Return whether commas join the numbers of answers, and are not inside of numbers.

    The numbers of answers rise from left to right, and each may come first. Three of them in a
    cell are no decimal comma; two are none if many different pairs rise.
    """
    coded = [c for c in cells if c.is_coded]
    many = [[*map(int, c.texts)] for c in coded if len(c.parts) > 1]
    if any(a >= b for parts in many for a, b in zip(parts, parts[1:], strict=False)):
        return False
    thousands = [len(text) == 3 for cell in coded for text in cell.texts[1:]]
    three = sum(cell.n for cell in coded if len(cell.parts) > 2)
    if not many or all(thousands):
        return False
    behind = {number for parts in many for number in parts[1:]}
    first = {int(c.texts[0]) for c in coded if c.texts}
    pairs = len(many) >= 6 and len(behind) >= 3 and len(behind - first) <= 1
    return asks or pairs or three > 1


def _whole(cells: Sequence[_Cut]) -> Sequence[_Cut]:
    """Put together again what belongs together: a separator inside an answer."""
    while True:
        pairs = _Beside(cells).pairs()
        if not pairs:
            return cells
        cells = [cell.closer(pairs) for cell in cells]


class _Beside:
    """Which pieces are side by side, and how many respondents gave both so.

    The beginning and the end of a cell count as an empty piece.
    """

    def __init__(self, cells: Sequence[_Cut]) -> None:
        self.after: dict[str, Counter[str]] = defaultdict(Counter)
        self.before: dict[str, Counter[str]] = defaultdict(Counter)
        self.twice: dict[str, set[str]] = {}
        self.answered = sum(cell.n for cell in cells)
        large = small = 0
        for cell in cells:
            texts = cell.texts
            for one, two in zip(("", *texts), (*texts, ""), strict=True):
                self.after[one][two] += cell.n
                self.before[two][one] += cell.n
            if len(set(texts)) < len(texts):
                last = {text: at for at, text in enumerate(texts)}
                for text, n in Counter(texts).items():
                    if n > 1:
                        self.twice.setdefault(text, set()).update(texts[last[text] + 1 :][:1])
            small += cell.n * (bool(texts) and texts[0][0].islower())
            large += cell.n * (bool(texts) and not texts[0][0].islower())
        self.capital = small <= 0.1 * large  # answers begin with a capital letter

    def pairs(self) -> set[tuple[str, str]]:
        """Pieces that are one answer: a separator is part of it.

        So are two where neither occurs without the other beside it; where the second only ever
        goes on behind the first, in small letters or behind a first that is there twice; where
        nothing else follows the first but what only follows it; and the other way round.
        """
        found: set[tuple[str, str]] = set()
        for two, before in self.before.items():
            one, n = before.most_common(1)[0]
            if two and self._leads(two):
                found |= {(one, two) for one in before}
            if not one or not two or one == two or n < 2 or not _nearly(before, n):
                continue
            after = self.after[one]
            small = self.capital and two[0].islower()
            goes_on = small and not _by_chance(after.total() / self.answered, n)
            if (
                _nearly(after, after[two])
                or goes_on
                or two in self.twice.get(one, ())
                or self._closed(one)
            ):
                found.add((one, two))
        second = {two for _, two in found}
        return {(one, two) for one, two in found if one not in second}

    def _leads(self, two: str) -> bool:
        """Return whether a piece goes on behind several, and nothing else does."""
        before = self.before[two]
        return len(before) > 1 and all(x and set(self.after[x]) == {two} for x in before)

    def _closed(self, one: str) -> bool:
        return all(x and set(self.before[x]) == {one} for x in self.after[one])


def _by_chance(rate: float, n: int) -> bool:
    """Return whether `n` respondents may all have given an answer that so many gave anyway."""
    return rate**n > _CHANCE


def _nearly(often: Counter[str], n: int) -> bool:
    """Return whether `n` is all, or all but a few mishaps."""
    return n >= often.total() - 0.02 * n and n >= 2


def _usual(cells: BoxCells, shape: Shape) -> BoxCells:
    """Leave out labels that are made of others, and those that hardly anybody gave."""
    labels = []
    for label in cells.labels:
        others = [other for other in cells.labels if other != label]
        made = len(divided(label, cells.rule)) > 1 and BoxCells(cells.column, cells.rule, others)
        if not made or made.read(label).rest:
            labels.append(label)
    least = max(2, -(-shape.answered // _SELDOM))
    often = BoxCells(cells.column, cells.rule, labels).ticks
    kept = [label for label in labels if often[label] >= least]
    return BoxCells(cells.column, cells.rule, kept)


def _is_sound(cells: BoxCells, shape: Shape, asks: bool) -> bool:
    """Return whether boxes are given in many ways: alone, together, and with others again."""
    most = _EVEN_MORE if cells.rule in STRONG else _MOST
    if not 2 <= len(cells.labels) <= most or cells.rare > _RARE * shape.answered:
        return False
    given: Counter[frozenset[str]] = Counter()
    for answer, n in zip(cells.answers, cells.column.counts.tolist(), strict=True):
        if answer.ticked:
            given[frozenset(answer.ticked)] += n
    many = [ticked for ticked in given if len(ticked) > 1]
    if many and _are_lists(cells.rule, [c for c in shape.answers if not is_nothing(c)]):
        return True
    if len(given) == 1 or not many:
        return False  # all alike: an order of preference, or a single answer
    if cells.rule.pattern.startswith(";") and all(cell.endswith(";") for cell in shape.answers):
        return True
    strong = cells.rule in STRONG
    several = sum(given[ticked] for ticked in many)
    if not (asks or strong) and several < _SEVERAL * given.total():
        return False  # one answer each, and a few people's own words with commas in them
    alone = {label for ticked in given if len(ticked) == 1 for label in ticked}
    if cells.rule is BLANK and not (alone >= {*cells.labels} and len(many) > 2):
        return False  # words of one answer: Strongly agree
    if cells.rule in WEAK and not (asks or _in_most_ways(cells, alone, many)):
        return False
    if not (asks or strong or _in_one_order(cells, many) or _in_every_order(cells, alone)):
        return False
    if len(many) == 1:  # as where there are but two boxes
        return (asks or strong) and len(alone & many[0]) >= 2
    return asks or _are_free(given)


def _in_most_ways(cells: BoxCells, alone: set[str], many: Sequence[frozenset[str]]) -> bool:
    """Return whether three and more boxes are given alone, and together in nearly every way."""
    held = alone & {*cells.labels}
    if len(cells.labels) == 3:
        return len(held) == 3 and len(many) == 4
    return len(held) > 3 and len(many) > 5


def _are_free(given: Collection[frozenset[str]]) -> bool:
    """Return whether two boxes are given with others and without: alone, or left out of a set."""
    many = [ticked for ticked in given if len(ticked) > 1]
    together = {label for ticked in many for label in ticked}
    alone = {label for ticked in given if len(ticked) == 1 for label in ticked}
    beside: dict[str, frozenset[str]] = {}  # what is wherever a label is
    for ticked in given:
        beside.update((label, beside.get(label, ticked) & ticked) for label in ticked)
    free = {label for label, always in beside.items() if len(always) == 1}
    lost = {label for ticked in many for label in ticked & free if ticked - {label} in given}
    return len(alone & together) >= 2 or len(lost) >= 2


def _in_one_order(cells: BoxCells, many: Sequence[frozenset[str]]) -> bool:
    """Return whether boxes are in the order of the questionnaire, or else in very many ways."""
    behind = _behind(cells)
    against = sum(min(n, behind[b, a]) for (a, b), n in behind.items()) / 2
    if against <= _AGAINST * behind.total():
        return True
    return len(cells.labels) >= 3 and len(many) >= 3 and not cells.rare


def _in_every_order(cells: BoxCells, alone: set[str]) -> bool:
    """Return whether each of three and more boxes is given alone, and before and after another."""
    behind, labels = _behind(cells), cells.labels
    pairs = all(behind[a, b] for a in labels for b in labels if a != b)
    return len(labels) > 2 and pairs and alone >= {*labels} and not cells.rare


def _behind(cells: BoxCells) -> Counter[tuple[str, str]]:
    """How many respondents gave one box before another."""
    of, which, _ = cells.held
    counts, size = cells.column.counts, len(cells.labels)
    often = np.zeros(size * size, dtype=int)
    for step in range(1, len(which)):
        same = of[step:] == of[:-step]  # the cell has so many boxes and more
        if not same.any():
            break
        pairs = which[:-step][same] * size + which[step:][same]
        often += np.bincount(pairs, counts[of[step:][same]], size * size).astype(int)
    there = np.flatnonzero(often).tolist()
    return Counter({(cells.labels[at // size], cells.labels[at % size]): int(often[at])
                    for at in there})  # fmt: skip


def _in_order(cells: BoxCells) -> list[str]:
    """Boxes in the order of the questionnaire, those that occur alone behind the others."""
    if all(map(_CODE.fullmatch, cells.labels)):
        return sorted(cells.labels, key=int)
    behind = _behind(cells)
    together = {label for pair in behind for label in pair}
    ranks = {b: sum(behind[a, b] > behind[b, a] for a in cells.labels) for b in cells.labels}
    return sorted(cells.labels, key=lambda label: (label not in together, ranks[label]))


def joined_answers(column: Column, shape: Shape) -> tuple[str, int]:
    """Return an answer that joins others, and how many gave such; "" and 0 if hardly any."""
    most, example = 0, ""
    for rule in (*RULES, _AND) if len(shape.answers) <= _DIFFERENT else ():
        if rule is BLANK or not stands(rule, shape.answers):
            continue
        alone: list[str] = []
        joined: list[str] = []
        for cell in sorted(shape.answers, key=len):
            read = BoxCells(column, rule, alone).read(cell)
            several = len(read.ticked) > 1 and not read.rest
            (joined if several else alone).append(cell)
        joined = max(joined, _recurring(column, shape, rule), key=len)
        n = sum(shape.answers[cell] for cell in joined)
        if n > most:
            most, example = n, max(joined, key=shape.answers.__getitem__)
    return (example, most) if most >= max(2, 0.01 * shape.answered) else ("", 0)


def _recurring(column: Column, shape: Shape, rule: re.Pattern[str]) -> list[str]:
    """Cells that join what other cells hold, if nearly all cells are made of such parts."""
    often: Counter[str] = Counter()
    for cell in shape.answers:
        often.update({joined_by(cell, [part]) for part in divided(cell, rule)})
    cells = BoxCells(column, rule, [part for part, n in often.items() if n > 1])
    read = {cell: cells.read(cell) for cell in shape.answers}
    whole = {cell: answer.ticked for cell, answer in read.items() if not answer.rest}
    n = sum(shape.answers[cell] for cell in whole)
    if n < (1 - _RARE) * shape.answered or not _are_free({*map(frozenset, whole.values())}):
        return []
    return [cell for cell, ticked in whole.items() if len(ticked) > 1]


def doubts(head: Head, cells: BoxCells) -> Iterator[str]:
    """Say what may be one answer, or two, as far as the cells show."""
    if all(map(_CODE.fullmatch, cells.labels)):
        return
    if _are_lists(cells.rule, [cell for cell in cells.column.values if cell]):
        return
    often, answered = cells.ticks, int(cells.column.counts.sum())
    before: dict[str, set[str]] = {}
    for one, two in cells.neighbours:
        before.setdefault(two, set()).add(one)
    name = shortened(head.key)
    for label in cells.labels:
        one, *more = before.get(label, {""})
        usual = _by_chance(often[one] / answered, often[label])
        if one and not more and (label[0].islower() or not usual):
            yield (
                f'{name}: nobody gave "{label}" but right behind "{one}". If they are one answer, '
                "say so in items.csv and mapping.yml"
            )
        parts = divided(label, cells.rule)
        inside = [label[part.start] for part in _Cut(label, parts, 1).guarded().parts[1:]]
        if any(not sign.islower() for sign in inside):
            yield (
                f'{name}: "{label}" is read as one answer, because its parts always occur '
                "together. If they are several, divide it in items.csv and mapping.yml"
            )
