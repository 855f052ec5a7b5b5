"""Columns of a wave that the codebook does not know, and those that it knows and the wave lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from helpers.codebook.model import Item, Kind, Question
from helpers.importing.columns.boxes import WRITTEN, BoxCells, boxes_of, known_boxes
from helpers.importing.columns.mapping import ColumnTarget, plain
from helpers.importing.columns.mapping import Mapping as Columns
from helpers.importing.draft.several_columns import shared, ticks_of
from helpers.importing.layouts.heads import Head, titled
from helpers.importing.next_wave.likeness import Likeness, are_same
from helpers.importing.next_wave.state import NEW_ITEM, NOT_ASKED, RENAMED, Wave, listed
from helpers.importing.waves import unasked
from helpers.importing.words.names import Names
from helpers.importing.words.shapes import shape_of
from helpers.responses.proposals import NO, YES

_CLOSEST = 5  # lacking columns that a new one is compared with letter by letter
_ANOTHER = 0.4  # as alike as wordings are at most, if they are of different questions
_SAME_STEM = 0.9
_BESIDE = 0.15  # what it says that the neighbours are the same
_TEXTS = 0.6  # how alike answers in own words are, whatever they say


@dataclass(frozen=True)
class _Old:
    """A column, or a column of joined boxes, that the wave lacks; `keys` are its lines."""

    keys: tuple[str, ...]
    question: Question | None
    joined: bool
    texts: tuple[str, ...]
    to: str
    item: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """What a column of the same name would be called."""
        return tuple(f"{text}: {self.item}" if self.item else text for text in self.texts[1:]) + (
            self.texts[0],
        )


@dataclass(frozen=True)
class _Pair:
    at: int
    old: _Old
    header: float
    answers: float


def settle_columns(wave: Wave) -> list[int]:
    """Propose what renamed columns were, new boxes, and what was not asked.

    Returns
    -------
    Places of columns that are new questions.
    """
    wave.renumbered |= {at for at, head in enumerate(wave.heads) if _asks_another(wave, head)}
    unknown = [at for at, head in enumerate(wave.heads) if head.key and not wave.is_known(head)]
    unknown = sorted({*unknown, *wave.renumbered})
    lacking = list(_lacking(wave))
    gone, fresh = _renamed(wave, unknown, lacking)
    fresh = _items(wave, fresh)
    _not_asked(wave, gone)
    return fresh


def _asks_another(wave: Wave, head: Head) -> bool:
    """Return whether the wording under a variable's name is quite different from before."""
    target = wave.known.get(head.key)
    question = wave.question_of(target) if target is not None else None
    if target is None or question is None or not head.name or head.open:
        return False
    item = question.item_label(_item(question, target.to))
    known = {question.wording, question.label, *(f"{t}: {item}" for t in (question.wording,))}
    said = {plain(text) for text in (head.text, titled(head), head.label) if text}
    if not question.wording or {head.key, head.name} & {*said, question.wording}:
        return False
    compare = Likeness([*known, *said])
    return max(compare(one, other) for one in known for other in said) < _ANOTHER


def _lacking(wave: Wave) -> Iterator[_Old]:
    """Find what the codebook knows and no column of the file goes to."""
    who, codebook = wave.population, wave.codebook
    reached = {
        target.to
        for at, head in enumerate(wave.heads)
        if head.key and at not in wave.renumbered
        for target in wave.targets(head)
    }
    spared = unasked(codebook, who, wave.band) | {*who.other_columns}
    sources = {d.source[who.id].column for d in codebook.dimensions.values() if who.id in d.source}
    told = codebook.dimensions[codebook.wave_dimension].source[who.id].column
    design = {who.identifier, who.weight, who.strata, who.organisation, who.person, *sources} - {
        told,
        "",
    }
    boxes: dict[str, list[str]] = {}
    for key, target in wave.known.items():
        question = wave.question_of(target)
        if target.drop or target.to in reached | spared or key.endswith(f"[{WRITTEN}]"):
            continue
        if question is None and target.to not in design:
            continue
        if question is not None and question.kind is Kind.MULTIPLE and not target.recode:
            boxes.setdefault(question.id, []).append(key)
        else:
            yield _old(wave, key)
    for keys in boxes.values():
        whole = _joined(wave, keys)
        yield from [whole] if whole is not None else [_old(wave, key) for key in keys]


def _old(wave: Wave, key: str) -> _Old:
    target = wave.known[key]
    question = wave.question_of(target)
    item = question.item_label(_item(question, target.to)) if question else ""
    words = (question.wording or question.label) if question else key
    return _Old((key,), question, False, (key, words), target.to, item)


def _joined(wave: Wave, keys: list[str]) -> _Old | None:
    """Take boxes for parts of one column, if the file has a column that joins them."""
    base = keys[0].rsplit(" [", 1)[0]
    there = boxes_of(base, wave.mapping)
    if len([box for box in there if box != WRITTEN]) > len(keys):
        return None
    question = wave.question_of(wave.known[keys[0]])
    assert question is not None
    texts = (base, question.wording or question.label)
    everything = tuple(f"{base} [{box}]" for box in there)
    old = _Old(everything, question, True, texts, wave.known[keys[0]].to)
    for at, head in enumerate(wave.heads):
        if head.key and head.role != "meta" and not wave.is_known(head):
            filled = shape_of(wave.sheet.columns[at]).answered
            cells = _as_boxes(wave, at, old)
            if filled and cells is not None and cells.rare <= 0.5 * filled:
                return old
    return None


def _item(question: Question, column: str) -> str:
    return next((c.item for c in question.cells if c.column == column), "")


def _renamed(wave: Wave, unknown: list[int], lacking: list[_Old]) -> tuple[list[_Old], list[int]]:
    """Pair new columns with lacking ones that they are like; return what is left of both."""
    compare = Likeness(
        [
            *(text for old in lacking for text in old.words),
            *(titled(head) for head in wave.heads),
            *(key for key in wave.known),
        ]
    )
    order = {old.to: n for n, old in enumerate(lacking)}
    pairs = [
        pair
        for at, olds in _candidates(wave, compare, unknown, lacking)
        for old in olds
        if (pair := _pair(wave, compare, at, old)) is not None
    ]
    pairs.sort(key=lambda p: (-(p.header + p.answers), order[p.old.to], p.at))
    taken: dict[int, _Pair] = {}
    used: set[str] = set()
    for pair in pairs:
        if pair.at not in taken and pair.old.to not in used:
            taken[pair.at] = pair
            used.add(pair.old.to)
    groups: dict[tuple[object, ...], list[_Pair]] = {}
    for at in sorted(taken):
        pair, head = taken[at], wave.heads[at]
        asked = pair.old.question.id if pair.old.question else pair.old.to
        groups.setdefault((asked, *shared(head, at)), []).append(pair)
    turned: list[_Pair] = []
    for group in groups.values():
        same = all(_is_same(wave, pair) for pair in group)
        answer = YES if same else _ask_renamed(wave, group)
        if answer == YES:
            for pair in group:
                _send(wave, pair)
        elif answer == NO:
            turned += group
    open_or_done = {p.at for g in groups.values() for p in g} - {p.at for p in turned}
    for pair in turned:
        used.discard(pair.old.to)
    if turned:
        wave.settled |= {wave.heads[p.at].key for p in turned}
        said = ", ".join(f'"{wave.heads[p.at].key}"' for p in turned)
        wave.changes.remarks.append(f"{said}: new in {wave.label}, as proposals.csv says")
    denied = {p.old.to for p in turned}
    fresh = [at for at in unknown if at not in open_or_done]
    return [old for old in lacking if old.to not in used and old.to not in denied], fresh


def _candidates(
    wave: Wave, compare: Likeness, unknown: list[int], lacking: list[_Old]
) -> Iterator[tuple[int, list[_Old]]]:
    """Choose for each new column the lacking ones that share most words with it."""
    words = [[compare.words(text) for text in old.words] for old in lacking]
    for at in unknown:
        if len(lacking) <= _CLOSEST:
            yield at, lacking
            continue
        head = wave.heads[at]
        own = [compare.words(text) for text in {plain(head.key), plain(titled(head))}]
        shares = [max(compare.shared(x, y) for x in own for y in them) for them in words]
        best = sorted(range(len(lacking)), key=lambda n: -shares[n])[:_CLOSEST]
        yield at, [lacking[n] for n in sorted(best)]


def _is_same(wave: Wave, pair: _Pair) -> bool:
    """Return whether a header differs from the old one in marks and blanks alone."""
    new, old = wave.heads[pair.at], pair.old.texts[0]
    return pair.at not in wave.renumbered and are_same(new.key, old) and pair.answers >= 0.5


def _pair(wave: Wave, compare: Likeness, at: int, old: _Old) -> _Pair | None:
    head = wave.heads[at]
    if head.role == "meta":
        return None
    texts = {plain(titled(head))} | ({plain(head.key)} if at not in wave.renumbered else set())
    if old.item and head.item and compare(head.text, old.texts[-1]) >= _SAME_STEM:
        header = compare(head.label or head.item, old.item)
    else:
        others = old.words if at not in wave.renumbered else old.words[:-1]
        header = max(compare(text, plain(other)) for text in texts for other in others)
        header = min(header + (_BESIDE if _beside(wave, at, old) else 0), 1.0)
    if at in wave.renumbered and old.keys == (head.key,):  # asked, if nothing fits better
        return _Pair(at, old, header, _answers(wave, at, old) / 10)
    if header < 0.5:
        return None
    answers = _answers(wave, at, old)
    fits = (header >= 0.8 and answers >= 0.5) or answers >= 0.8
    return _Pair(at, old, header, answers) if fits else None


def _beside(wave: Wave, at: int, old: _Old) -> bool:
    """Return whether the column before, or behind, is the same as that of the old one."""
    order = [*dict.fromkeys(target.to for target in wave.known.values() if target.to)]
    place = order.index(old.to) if old.to in order else -1
    if place < 0:
        return False
    for step in (-1, 1):
        there = at + step
        if 0 <= there < len(wave.heads) and 0 <= place + step < len(order):
            targets = wave.targets(wave.heads[there])
            if any(t.to == order[place + step] for t in targets):
                return True
    return False


def _answers(wave: Wave, at: int, old: _Old) -> float:
    """Say which part of the answers in a column the lacking one has a place for."""
    column, question = wave.sheet.columns[at], old.question
    shape = shape_of(column)
    if not shape.answers:
        return 0.5
    if old.joined:
        cells = _as_boxes(wave, at, old)
        return 1 - cells.rare / shape.answered if cells is not None else 0.0
    if question is None:
        return 1.0 if shape.answered >= 0.9 * len(wave.sheet.rows) else 0.0
    if question.kind is Kind.TEXT:
        return 0.0 if shape.is_number else _TEXTS
    if question.kind is Kind.NUMBER:
        return 1.0 if shape.is_number and not shape.is_date else 0.0
    target = wave.known[old.keys[0]]
    if question.kind is Kind.MULTIPLE and ticks_of(shape, wave.heads[at].item) is not None:
        return 1.0
    known = {*target.recode, *(w for o in question.options for w in (o.code, o.label))}
    labels = column.labels
    if labels:
        said = {o.label.casefold() for o in question.options}
        return sum(labels.get(v, v).casefold() in said for v in shape.answers) / len(shape.answers)
    return sum(n for v, n in shape.answers.items() if v in known) / shape.answered


def _as_boxes(wave: Wave, at: int, old: _Old) -> BoxCells | None:
    """Read a column as the boxes of another key."""
    head = wave.heads[at]
    labels = {f"{head.key} [{_box(key)}]": wave.known[key] for key in old.keys}
    return known_boxes(wave.sheet.columns[at], head.key, wave.heads, Columns(None, labels))


def _box(key: str) -> str:
    return key.rsplit(" [", 1)[1][:-1]


def _send(wave: Wave, pair: _Pair) -> None:
    """Let a renamed column go where the old one went."""
    head = wave.heads[pair.at]
    if pair.old.joined:
        for key in pair.old.keys:
            wave.send(f"{head.key} [{_box(key)}]", wave.known[key])
        return
    [key] = pair.old.keys
    target, question = wave.known[key], pair.old.question
    shape = shape_of(wave.sheet.columns[pair.at])
    if question is not None and question.kind is Kind.MULTIPLE:
        ticks = ticks_of(shape, head.item)
        target = replace(target, recode={**target.recode, **(ticks or {})})
    wave.send(head.key, target)
    beside = f"{key} [{WRITTEN}]"
    if beside in wave.known:
        wave.send(f"{head.key} [{WRITTEN}]", wave.known[beside])


def _ask_renamed(wave: Wave, pairs: list[_Pair]) -> str:
    """Ask whether columns are those that the wave lacks, with the answers of both."""
    first, question = pairs[0], pairs[0].old.question
    head = wave.heads[first.at]
    several = len(pairs) > 1
    about = head.text if several and head.text else head.key
    old = question.wording or question.label if several and question else first.old.texts[0]
    if head.name and not several:  # the name of a variable says little
        about, old = f"{head.key}: {titled(head)}", f"{old}: {first.old.words[0]}"
    reason = f"headers alike ({100 * first.header:.0f}%)"
    if question is not None and question.tabulates and not first.old.joined:
        now, codes = dict[str, int](), wave.before.counts(p.old.to for p in pairs)
        for pair in pairs:
            column = wave.sheet.columns[pair.at]
            for value, n in shape_of(column).answers.items():
                label = column.labels.get(value, value)
                now[label] = now.get(label, 0) + n
        then = {question.option_label(code): n for code, n in codes.items()}
        reason += f"; {wave.label}: {listed(now)}; {wave.before.label}: {listed(then)}"
    elif first.old.joined:
        reason += f"; {100 * first.answers:.0f}% of its answers are the boxes of that question"
    return wave.ask(
        RENAMED,
        about,
        f"{len(pairs)} columns" if several else "",
        len(wave.sheet.rows),
        "a column that the codebook does not know",
        f'the same as "{old}"',
        f"{reason}; no: a new question, and the old one was not asked",
        *(wave.heads[p.at].key for p in pairs),
    )


def _items(wave: Wave, fresh: list[int]) -> list[int]:
    """Propose new boxes, and new rows of grids, beside columns that the codebook knows."""
    stems: dict[tuple[object, ...], tuple[Question, ColumnTarget]] = {}
    for at, head in enumerate(wave.heads):
        target = wave.columns.target(head.key)
        question = wave.question_of(target) if target is not None else None
        if question is not None and question.items and target is not None:
            stems[shared(head, at)] = question, target
    new: dict[str, list[int]] = {}
    for at in fresh:
        beside = stems.get(shared(wave.heads[at], at))
        if beside is not None and _is_item(wave, at, *beside):
            new.setdefault(beside[0].id, []).append(at)
    for name, places in new.items():
        question = wave.codebook.questions[name]
        target = next(t for q, t in stems.values() if q.id == name)
        for at in places:
            _new_item(wave, at, question, target)
    taken = {at for places in new.values() for at in places}
    return [at for at in fresh if at not in taken]


def _is_item(wave: Wave, at: int, question: Question, target: ColumnTarget) -> bool:
    shape = shape_of(wave.sheet.columns[at])
    if question.times or question.kind not in (Kind.MULTIPLE, Kind.GRID):
        return False
    if question.kind is Kind.MULTIPLE:
        return ticks_of(shape, wave.heads[at].item) is not None
    known = {*target.recode, *(o.code for o in question.options)}
    given = sum(n for v, n in shape.answers.items() if v in known)
    return bool(shape.answered) and given >= 0.5 * shape.answered


def _new_item(wave: Wave, at: int, question: Question, target: ColumnTarget) -> None:
    head = wave.heads[at]
    shape = shape_of(wave.sheet.columns[at])
    label = head.label or head.item
    answer = wave.ask(
        NEW_ITEM,
        head.key,
        label,
        shape.answered,
        "a column that the codebook does not know",
        f'new in {wave.label}: part of "{question.label}"',
        f"it is beside its other columns; {wave.label}: {listed(shape.answers)}; no: left out",
        head.key,
    )
    if answer == NO:
        wave.send(head.key, ColumnTarget("", drop=f"{wave.label}: proposals.csv says no"))
    if answer != YES:
        return
    code = add_item(wave, question, label)
    recode = target.recode
    if question.kind is Kind.MULTIPLE:
        recode = ticks_of(shape, head.item) or {}
    wave.send(head.key, replace(target, to=f"{question.id}.{code}", recode=dict(recode)))


def add_item(wave: Wave, question: Question, label: str) -> str:
    """Add a box, or a row of a grid, to a question; return its code."""
    names = Names("item")
    added = wave.changes.items.setdefault(question.id, [])
    names.used |= {item.code.lower() for item in (*question.items, *added)}
    code = names.give(label, keep=True)
    added.append(Item(code, label, waves=(wave.band,)))
    return code


def _not_asked(wave: Wave, gone: list[_Old]) -> None:
    """Propose that the wave did not ask what no column of it is like."""
    asked: dict[str, list[_Old]] = {}
    for old in gone:
        if old.question is not None:
            asked.setdefault(old.question.id, []).append(old)
    for name, olds in asked.items():
        question = wave.codebook.questions[name]
        lost = {old.to for old in olds}
        whole = olds[0].joined or lost >= {c.column for c in question.cells}
        items = [question.item_label(_item(question, old.to)) for old in olds]
        counts = wave.before.counts(lost)
        n = sum(counts.values()) if question.tabulates else 0
        then = {question.option_label(code): k for code, k in counts.items()}
        said = f"; {wave.before.label}: {listed(then)}" if n and not olds[0].joined else ""
        answer = wave.ask(
            NOT_ASKED,
            question.wording or question.label,
            "" if whole else ", ".join(items),
            len(wave.sheet.rows),
            "in the codebook, and in no column of the file",
            f"not asked in {wave.label}: these people are in no base",
            f"no column is like it{said}; no: the column was lost, and nothing is imported",
            *sorted(lost),
        )
        if answer == NO:
            wave.changes.lost.setdefault(wave.population.id, []).extend(sorted(lost))
