"""Select-all answers that a tool wrote into one cell (`Car,Bicycle`): a box for each of them.

Boxes are guessed from the cells of a draft, or known from a mapping. Either way `BoxCells` alone
says what is in a cell: a guess is a list of labels, and counts for what is read with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from helpers.errors import Problems
from helpers.importing.columns.checks import skeleton
from helpers.importing.columns.mapping import Mapping as Columns
from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import Head
from helpers.importing.words.names import shortened
from helpers.importing.words.shapes import SENTINELS, Shape, shape_of

WRITTEN = "other, in own words"
_MOST = 40  # boxes of a question
_SAMPLE = 2_000  # different cells by which a column of own words is told
_GUESSED = 20_000  # different cells that boxes are guessed from
_RARE = 1 / 3  # share of respondents who wrote something else, at most
_SEVERAL = 0.05  # of respondents who ticked more than one box of a select-all question, at least
_SELDOM = 1_000  # one respondent of so many is no box but own words
_CHANCE = 0.001  # at which two answers may be side by side by chance
_AGAINST = 0.02  # share of pairs that may go against the order of the questionnaire
_CODE = re.compile(r"0|[1-9]\d{0,2}")
_ALL = re.compile(
    r"\b(select|tick|check|choose|mark|pick|cross)\b.{0,20}\b(all|any|as many|up to|several)\b"
    r"|\b(all|any) that appl|(more than one|multiple) (answer|response|option|choice)"
    r"|mehrfach(nennung|auswahl|antwort)|mehrere (antworten|nennungen)|alle\w* zutreffende"
    r"|plusieurs (réponses|choix)|varias (respuestas|opciones)|più risposte",
    re.IGNORECASE,
)
# Where one answer ends and the next begins; the first that fits best is taken.
_RULES = tuple(
    re.compile(rule)
    for rule in (
        r"\n",
        r"\|",
        r";(?=\S|$)",
        r";(?=\s|$)",
        r";",
        r",(?=\S|$)",
        r",(?=\s|$)",
        r",",
    )
)
_QUOTED = re.compile(r'(?<![^\s(,;|])"[^"]*"(?![^\s),;|.])')
_NOTHING = frozenset(("na", "n/a", "#n/a", "<na>", "nan", "null", "-", "--", "."))
_TIGHT = (r",(?=\S|$)", r",")  # separators that numbers have, too
_BRACKETS = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»", "„": "“"}


def spread(
    sheet: Sheet,
    heads: Sequence[Head],
    columns: Columns | None,
    allow: Collection[str],
    problems: Problems,
) -> tuple[Sheet, tuple[Head, ...]]:
    """Give every joined column one column for each box.

    Parameters
    ----------
    columns
        What the mapping knows: `Question [Box]` for each box. None to find out, for a draft.
    """
    new_heads: list[Head] = []
    new_columns: list[Column] = []
    remarks: list[str] = []
    for head, column in zip(heads, sheet.columns, strict=True):
        cells = None
        if not (head.open or head.item) and head.role == "question":
            cells = _known(column, head.key, heads, columns) if columns else _found(column, head)
        if cells is None:
            new_heads.append(head)
            new_columns.append(column)
            continue
        if "look_alike" not in allow and (columns is None or cells.written):
            _twins(sheet, head, cells, columns is None, problems)
        if columns is not None and not cells.written:
            _unknown(sheet, head, cells, problems)
        if columns is None:
            remarks += _doubts(head, cells)
        for label, box in _boxes(cells, _together(head.key, cells.all_labels, columns)):
            own = label == WRITTEN
            key = f"{head.key} [{label}]"
            new_heads.append(replace(head, key=key, item=label, label=label, open=own))
            new_columns.append(box)
    sheet = replace(sheet, columns=tuple(new_columns), remarks=(*sheet.remarks, *remarks))
    return sheet, tuple(new_heads)


def boxes_of(key: str, columns: Columns) -> list[str]:
    """Boxes that a mapping has for a column; none where it takes the column as it is."""
    if columns.target(key) is not None:
        return []
    start = f"{plain(key)} ["
    return [k[len(start) : -1] for k in map(plain, columns.columns) if _is_box(k, start)]


def _is_box(key: str, start: str) -> bool:
    return key.startswith(start) and key.endswith("]")


def _known(column: Column, key: str, heads: Sequence[Head], columns: Columns) -> BoxCells | None:
    found = boxes_of(key, columns)
    there = {plain(head.key) for head in heads}
    if not found or any(f"{plain(key)} [{label}]" in there for label in found):
        return None
    labels = [label for label in found if label != WRITTEN]
    rules = [rule for rule in _RULES if _stands(rule, column.values)] or [_RULES[0]]
    return _best([BoxCells(column, rule, labels, WRITTEN in found) for rule in rules])


def _stands(rule: re.Pattern[str], cells: Iterable[str]) -> bool:
    return any(map(rule.search, cells))


def _best(found: Sequence[BoxCells]) -> BoxCells | None:
    """Cells as the separators read them that leave fewest respondents with something else."""
    best: BoxCells | None = None
    for cells in found:
        if best is None or cells.rare < best.rare:
            best = cells
        if not best.rare:
            break
    return best


def plain(text: str) -> str:
    """Return a text with one blank wherever there are several, or a line ends."""
    return " ".join(text.split())


def is_nothing(cell: str) -> bool:
    """Say whether a whole cell is a program's mark for no answer: NA, -99."""
    return cell.casefold() in _NOTHING or (cell.startswith("-") and cell in SENTINELS)


@dataclass(frozen=True)
class Piece:
    """A piece of a cell between two separators."""

    start: int
    end: int


def divided(cell: str, rule: re.Pattern[str]) -> list[Piece]:
    """Pieces of a cell between separators, without the blanks around them and without empty ones.

    >>> [(p.start, p.end) for p in divided("Car, Bus,", re.compile(","))]
    [(0, 3), (5, 8)]
    """
    found, at = [], 0
    for match in [*rule.finditer(cell), None]:
        end = match.start() if match else len(cell)
        text = cell[at:end]
        start = at + len(text) - len(text.lstrip())
        stop = at + len(text.rstrip())
        if start < stop:
            found.append(Piece(start, stop))
        at = match.end() if match else end
    return found


def joined_by(cell: str, parts: Sequence[Piece]) -> str:
    """Text of neighbouring pieces with what is between them."""
    return plain(cell[parts[0].start : parts[-1].end])


@dataclass(frozen=True)
class Answer:
    """What one cell holds: boxes in their order, and what is none."""

    ticked: tuple[str, ...]
    rest: tuple[str, ...]
    written: str = ""
    missing: bool = False


class BoxCells:
    """The different cells of a column, read as boxes of a select-all question.

    Attributes
    ----------
    labels : the boxes, in the order of the questionnaire
    written : whether what is no box is kept as somebody's own words
    """

    def __init__(
        self,
        column: Column,
        rule: re.Pattern[str],
        labels: Sequence[str],
        written: bool = False,
    ) -> None:
        self.column, self.rule, self.written = column, rule, written
        self.labels = list(dict.fromkeys(map(plain, labels)))
        self._known = set(self.labels)
        sizes: dict[str, set[int]] = {}
        for label in self.labels:
            parts = divided(label, rule)
            if parts:
                first = joined_by(label, parts[:1])
                sizes.setdefault(first, set()).add(len(parts))
        self._sizes = {first: sorted(found, reverse=True) for first, found in sizes.items()}

    @property
    def all_labels(self) -> list[str]:
        """Boxes, and the column of own words behind them."""
        return [*self.labels, WRITTEN] if self.written else self.labels

    @cached_property
    def answers(self) -> list[Answer]:
        """What each of the column's values holds."""
        return [self.read(value) for value in self.column.values]

    @cached_property
    def rare(self) -> int:
        """How many respondents gave something that is no box."""
        counts = self.column.counts.tolist()
        return sum(n for answer, n in zip(self.answers, counts, strict=True) if answer.rest)

    def read(self, cell: str) -> Answer:
        """Say which boxes a cell names, so that least of it is left; long labels go first."""
        if not cell:
            return Answer((), ())
        if is_nothing(cell) and plain(cell) not in self._known:
            return Answer((), (), missing=True)
        parts = divided(cell, self.rule)
        runs = self._runs(cell, parts)
        ticked = tuple(dict.fromkeys(text for text, size in runs if size))
        rest = tuple(text for text, size in runs if not size)
        return Answer(ticked, rest, self._own_words(cell, parts, runs) if rest else "")

    def _runs(self, cell: str, parts: Sequence[Piece]) -> list[tuple[str, int]]:
        """Labels that follow one another, with their pieces; 0 of what is none."""
        texts = [joined_by(cell, [part]) for part in parts]
        best: list[tuple[int, int, int]] = [(0, 0, 0)] * (len(parts) + 1)  # left over, labels, size
        for at in range(len(parts) - 1, -1, -1):
            left, labels, _ = best[at + 1]
            found = (left + 1, labels, 0)
            for size in self._sizes.get(texts[at], ()):
                text = texts[at] if size == 1 else joined_by(cell, parts[at : at + size])
                if at + size <= len(parts) and text in self._known:
                    left, labels, _ = best[at + size]
                    found = min(found, (left, labels + 1, size), key=lambda x: x[:2])
            best[at] = found
        runs, at = [], 0
        while at < len(parts):
            size = best[at][2]
            runs.append((joined_by(cell, parts[at : at + max(size, 1)]), size))
            at += max(size, 1)
        return runs

    @staticmethod
    def _own_words(cell: str, parts: Sequence[Piece], runs: Sequence[tuple[str, int]]) -> str:
        """Put together what is no box, as it was written where it is together."""
        spans: list[list[Piece]] = []
        at, before = 0, False
        for _, size in runs:
            if not size:
                spans = [*spans[:-1], [*spans[-1], parts[at]]] if before else [*spans, [parts[at]]]
            before = not size
            at += max(size, 1)
        return "; ".join(cell[span[0].start : span[-1].end] for span in spans)


def _found(column: Column, head: Head) -> BoxCells | None:
    """Boxes that a column seems to join, in the order of the questionnaire; None if it does not."""
    if column.labels or column.form in ("number", "date"):
        return None
    shape = shape_of(column)
    if len(shape.answers) < 3 or shape.is_date:
        return None
    asks = bool(_ALL.search(f"{head.text} {head.name}"))
    found = []
    for rule in _rules(shape):
        cells = _usual(BoxCells(column, rule, _guessed(shape, rule, asks)), shape)
        if _is_sound(cells, shape, asks):
            found.append(BoxCells(column, rule, _in_order(cells), bool(cells.rare)))
    return _best(found)


def _rules(shape: Shape) -> Iterator[re.Pattern[str]]:
    """Separators that divide any cell, each way of dividing once."""
    seen = set()
    some = list(shape.answers)[:_SAMPLE]
    for rule in _RULES:
        if not _stands(rule, some):
            continue
        cut = tuple(tuple(divided(cell, rule)) for cell in some)
        if cut not in seen and any(len(parts) > 1 for parts in cut):
            seen.add(cut)
            often: Counter[str] = Counter()
            for cell, parts in zip(some, cut, strict=True):
                for part in parts:
                    often[joined_by(cell, [part])] += shape.answers[cell]
            if sum(n for _, n in often.most_common(3 * _MOST)) >= 0.5 * often.total():
                yield rule  # else hardly anything comes again: somebody's own words


def _guessed(shape: Shape, rule: re.Pattern[str], asks: bool) -> list[str]:
    """Labels that respondents gave more than once, pieces that belong together put together."""
    some = [(cell, n) for cell, n in shape.answers.items() if not is_nothing(cell)][:_GUESSED]
    cells = [_Cut(cell, divided(cell, rule), n) for cell, n in some]
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
        guards = _guards(self.cell)
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
    """Say whether commas join the numbers of answers, and are not inside of numbers.

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
        self.after: dict[str, Counter[str]] = {}
        self.before: dict[str, Counter[str]] = {}
        self.twice: dict[str, set[str]] = {}
        self.answered = sum(cell.n for cell in cells)
        large = small = 0
        for cell in cells:
            texts = cell.texts
            for one, two in zip(("", *texts), (*texts, ""), strict=True):
                self.after.setdefault(one, Counter())[two] += cell.n
                self.before.setdefault(two, Counter())[one] += cell.n
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
        """Say whether a piece goes on behind several, and nothing else does."""
        before = self.before[two]
        return len(before) > 1 and all(x and set(self.after[x]) == {two} for x in before)

    def _closed(self, one: str) -> bool:
        return all(x and set(self.before[x]) == {one} for x in self.after[one])


def _by_chance(rate: float, n: int) -> bool:
    """Say whether `n` respondents may all have given an answer that so many gave anyway."""
    return rate**n > _CHANCE


def _nearly(often: Counter[str], n: int) -> bool:
    """Say whether `n` is all, or all but a few mishaps."""
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
    often = _ticks(BoxCells(cells.column, cells.rule, labels))
    kept = [label for label in labels if often[label] >= least]
    return BoxCells(cells.column, cells.rule, kept)


def _ticks(cells: BoxCells) -> Counter[str]:
    often: Counter[str] = Counter()
    for answer, n in zip(cells.answers, cells.column.counts.tolist(), strict=True):
        often.update(dict.fromkeys(answer.ticked, n))
    return often


def _is_sound(cells: BoxCells, shape: Shape, asks: bool) -> bool:
    """Say whether boxes are given in many ways: alone, together, and with others again."""
    if not 2 <= len(cells.labels) <= _MOST or cells.rare > _RARE * shape.answered:
        return False
    given: Counter[frozenset[str]] = Counter()
    for answer, n in zip(cells.answers, cells.column.counts.tolist(), strict=True):
        if answer.ticked:
            given[frozenset(answer.ticked)] += n
    many = [ticked for ticked in given if len(ticked) > 1]
    if len(given) == 1 or not many:
        return False  # all alike: an order of preference, or a single answer
    semicolon = cells.rule.pattern.startswith(";")
    if semicolon and all(cell.endswith(";") for cell in shape.answers):
        return True
    several = sum(given[ticked] for ticked in many)
    if not (asks or semicolon) and several < _SEVERAL * given.total():
        return False  # one answer each, and a few people's own words with commas in them
    if not (asks or semicolon or _in_one_order(cells, many)):
        return False
    alone = {label for ticked in given if len(ticked) == 1 for label in ticked}
    together = {label for ticked in many for label in ticked}
    lost = {
        label
        for ticked in many
        for label in ticked
        if ticked - {label} in given
        and frozenset.intersection(*(other for other in given if label in other)) == {label}
    }
    return len(many) >= 2 and (asks or len(alone & together) >= 2 or len(lost) >= 2)


def _in_one_order(cells: BoxCells, many: Sequence[frozenset[str]]) -> bool:
    """Say whether boxes are in the order of the questionnaire, or else in very many ways."""
    behind = _behind(cells)
    against = sum(min(n, behind[b, a]) for (a, b), n in behind.items()) / 2
    if against <= _AGAINST * behind.total():
        return True
    return len(cells.labels) >= 4 and len(many) >= 6 and not cells.rare


def _behind(cells: BoxCells) -> Counter[tuple[str, str]]:
    """How many respondents gave one box before another."""
    behind: Counter[tuple[str, str]] = Counter()
    for answer, n in zip(cells.answers, cells.column.counts.tolist(), strict=True):
        for at, two in enumerate(answer.ticked):
            behind.update(dict.fromkeys(((one, two) for one in answer.ticked[:at]), n))
    return behind


def _in_order(cells: BoxCells) -> list[str]:
    """Boxes in the order of the questionnaire, those that occur alone behind the others."""
    if all(map(_CODE.fullmatch, cells.labels)):
        return sorted(cells.labels, key=int)
    behind = _behind(cells)
    together = {label for pair in behind for label in pair}
    ranks = {b: sum(behind[a, b] > behind[b, a] for a in cells.labels) for b in cells.labels}
    return sorted(cells.labels, key=lambda label: (label not in together, ranks[label]))


def _doubts(head: Head, cells: BoxCells) -> Iterator[str]:
    """Say what may be one answer, or two, as far as the cells show."""
    if all(map(_CODE.fullmatch, cells.labels)):
        return
    often, answered = _ticks(cells), int(cells.column.counts.sum())
    before: dict[str, set[str]] = {}
    for answer in cells.answers:
        for one, two in zip(("", *answer.ticked), answer.ticked, strict=False):
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
                f'{name}: "{label}" is taken for one answer, because its parts always occur '
                "together. If they are several, divide it in items.csv and mapping.yml"
            )


def _together(
    key: str, labels: Sequence[str], columns: Columns | None
) -> dict[str, tuple[str, ...]]:
    """Return the labels of each box by the first of them: a box may have had another name."""
    found: dict[str, list[str]] = {}
    for label in labels:
        target = columns.target(f"{key} [{label}]") if columns is not None else None
        found.setdefault(target.to if target and target.to else f" {label}", []).append(label)
    return {names[0]: tuple(names) for names in found.values()}


def _boxes(cells: BoxCells, named: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Column]]:
    for label, names in named.items():
        if label == WRITTEN:
            values = [answer.written for answer in cells.answers]
        else:
            pairs = zip(cells.column.values, cells.answers, strict=True)
            values = ["" if answer.missing or not cell else
                      str(int(any(name in answer.ticked for name in names)))
                      for cell, answer in pairs]  # fmt: skip
        yield label, cells.column.recoded(values)


def _unknown(sheet: Sheet, head: Head, cells: BoxCells, problems: Problems) -> None:
    """Report what a cell holds beside the boxes that the mapping knows."""
    fix = "Correct the file, or add the box to items.csv and to mapping.yml."
    for place, answer in enumerate(cells.answers):
        for part in answer.rest:
            words = "one of the answers that the cell joins"
            _report(
                sheet, head, cells, place, part, problems, "unknown_code", fix, words, cells.labels
            )


def _twins(sheet: Sheet, head: Head, cells: BoxCells, drafted: bool, problems: Problems) -> None:
    """Report what looks like one of the boxes; in a draft, like the most frequent of its twins."""
    often = _ticks(cells)
    boxes = sorted(often, key=often.__getitem__) if drafted else cells.labels
    usual = {skeleton(label): label for label in boxes}
    fix = "Write it as the others, or pass --allow look_alike."
    for place, answer in enumerate(cells.answers):
        for part in (*answer.ticked, *answer.rest):
            other = usual.get(skeleton(part), part)
            if other != part:
                words = f'one of the answers that the cell joins looks like "{shortened(other)}"'
                _report(sheet, head, cells, place, part, problems, "look_alike", fix, words)


def _report(
    sheet: Sheet,
    head: Head,
    cells: BoxCells,
    place: int,
    part: str,
    problems: Problems,
    kind: str,
    fix: str,
    words: str,
    allowed: Sequence[str] = (),
) -> None:
    said = {"found": part, "allowed": allowed, "message": words, "fix": fix, "kind": kind}
    rows = cells.column.rows_of(place)
    sheet.report(problems, shortened(head.key), cells.column, rows, **said)
