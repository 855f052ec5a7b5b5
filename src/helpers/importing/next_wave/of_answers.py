"""Answers of a wave that the codebook does not know, and those that nobody gives any more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from helpers.codebook.cells import WORDS, number
from helpers.codebook.model import Kind, Missing, Option, Question
from helpers.importing.columns.boxes import WRITTEN_IN, offered
from helpers.importing.columns.mapping import ColumnTarget, plain
from helpers.importing.draft.options import CODE
from helpers.importing.draft.several_columns import ticks_of
from helpers.importing.next_wave.likeness import are_alike, nearest
from helpers.importing.next_wave.state import (
    CHANCE,
    NEW_ANSWER,
    NOT_OFFERED,
    REWORDED,
    SEVERAL,
    Wave,
    ask_own_words,
    write_beside,
)
from helpers.importing.words.names import Names, shortened
from helpers.importing.words.nonanswers import missing_kinds
from helpers.importing.words.shapes import shape_of
from helpers.responses.proposals import NO, YES

_LOOSE = 0.55  # how alike an answer is to one that nobody gives any more


@dataclass
class _UnknownAnswer:
    """A cell that the codebook has no place for, in columns of questions that share answers.

    Attributes
    ----------
    places : columns that hold it
    kept : whether it stays somebody's own words if nobody says otherwise
    """

    label: str
    value: str
    questions: list[Question] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    n: int = 0
    kept: bool = False


def settle_answers(wave: Wave) -> None:
    """Propose what unknown answers are, and which are not offered any more."""
    _settle_numbers(wave)
    unknown = _unknown(wave)
    given = _given(wave)
    gone = {name: _gone(wave, name, codes) for name, codes in given.items()}
    taken: dict[str, set[str]] = {}
    same = {id(cell): _same(wave, cell, gone) for cell in unknown}
    left = [cell for cell in unknown if same[id(cell)] is None]
    for cell in left:
        same[id(cell)] = _instead(wave, cell, left, gone, {*filter(None, same.values())})
    written = _settle_own_words(wave, [cell for cell in left if same[id(cell)] is None])
    for cell in unknown:
        if id(cell) not in written:
            _settle(wave, cell, same[id(cell)], gone, taken)
    _still_offered(wave, given)
    for name, codes in gone.items():
        _not_offered(wave, name, [code for code in codes if code not in taken.get(name, set())])


def _coded(wave: Wave) -> Iterator[tuple[int, Question, ColumnTarget]]:
    """Columns of the file whose cells stand for the answers of a question."""
    decided = wave.changes.columns.get(wave.population.id, {})
    for at, head in enumerate(wave.heads):
        target = wave.columns.target(head.key)
        question = wave.question_of(target) if target is not None else None
        if at in wave.renumbered and head.key not in decided:
            continue
        if target is not None and question is not None and question.tabulates:
            yield at, question, target


def _unknown(wave: Wave) -> list[_UnknownAnswer]:
    """Gather cells without a place; one that questions share an option set for is listed once."""
    found: dict[tuple[object, ...], _UnknownAnswer] = {}
    for at, question, target in _coded(wave):
        column = wave.read(at, target)
        own = offered(wave.heads[at].key, wave.columns)
        codes = {o.code for o in question.options}
        labels = {plain(o.label): o.code for o in question.options}
        ticks = ticks_of(shape_of(column), wave.heads[at].item) or {}
        for value, n in zip(column.values, column.counts.tolist(), strict=True):
            if not n or not value or value in target.recode or value in WORDS:
                continue
            label = column.labels.get(value, value)
            if value in codes and not _means_another(question, value, column.labels):
                continue
            if question.kind is Kind.MULTIPLE:
                if value in ticks and are_ticks(wave, at, value, n):
                    _recode(wave, at, value, ticks[value])
                continue
            if plain(label) in labels and value not in codes:
                _recode(wave, at, value, labels[plain(label)])
                continue
            if own is not None and wave.few(n) and nearest(label, [*target.recode]) is None:
                continue  # own words
            key = (question.kind, question.options, value, label)
            cell = found.setdefault(key, _UnknownAnswer(label, value))
            cell.questions += [] if question in cell.questions else [question]
            cell.places.append(at)
            cell.n += n
            cell.kept = own is not None
    return [*found.values()]


def _settle_numbers(wave: Wave) -> None:
    """Propose that words among numbers are not answers."""
    for at, head in enumerate(wave.heads):
        target = wave.columns.target(head.key)
        question = wave.question_of(target) if target is not None else None
        if target is None or question is None or question.kind is not Kind.NUMBER:
            continue
        shape = shape_of(wave.sheet.columns[at])
        other = {cell for cell, unit in shape.units.items() if unit not in target.units}
        known = {*shape.numbers, *shape.commas, *shape.percents, *shape.thousands} - other
        strange = [v for v in shape.answers if v not in {*known, *target.recode, *WORDS}]
        for value in strange:
            n = shape.answers[value]
            answer = wave.ask(
                "not_a_number", head.key, value, n, "no number, where the codebook has numbers",
                "no answer to this question", "all other answers are numbers; no: a problem",
                head.key, value, rows=wave.rows_of(at, value),
            )  # fmt: skip
            if answer == YES:
                _recode(wave, at, value, "")


def are_ticks(wave: Wave, at: int, value: str, n: int) -> bool:
    """Return whether a cell that no box had so far may be a tick: its column holds but one."""
    return n == shape_of(wave.sheet.columns[at]).answered or plain(value) == plain(
        wave.heads[at].item
    )


def _means_another(question: Question, code: str, labels: dict[str, str]) -> bool:
    """Return whether the file says of a known code that it means something else now."""
    label, known = labels.get(code, ""), question.option_label(code)
    return bool(label) and label != code and known != code and not are_alike(label, known, _LOOSE)


def _recode(wave: Wave, at: int, value: str, code: str) -> None:
    key = wave.heads[at].key
    target = wave.columns.goes(key)
    wave.send(key, replace(target, recode={**target.recode, value: code}))


def _given(wave: Wave) -> dict[str, set[str]]:
    """Codes that anybody gave, by question of the file."""
    found: dict[str, set[str]] = {}
    for at, question, target in _coded(wave):
        if question.kind is Kind.MULTIPLE:
            continue
        column, codes = wave.read(at, target), found.setdefault(question.id, set())
        own = offered(wave.heads[at].key, wave.columns)
        for value, n in zip(column.values, column.counts.tolist(), strict=True):
            if n and value:
                codes.add(target.recode.get(value, value))
                if own is not None and value not in own:
                    codes.add(target.recode[WRITTEN_IN])
    return found


def _gone(wave: Wave, name: str, given: set[str]) -> list[str]:
    """Answers that nobody gives any more, where chance does not explain it."""
    question = wave.codebook.questions[name]
    then = wave.before.counts(c.column for c in question.cells)
    total = sum(then.values())
    now = sum(
        shape_of(wave.sheet.columns[at]).answered
        for at, asked, _ in _coded(wave)
        if asked.id == name
    )
    return [
        option.code
        for option in question.options
        if option.code not in given
        and then.get(option.code)
        and question.offered("", (option.code,), wave.band)
        and (1 - then[option.code] / total) ** now < CHANCE
    ]


def _settle(
    wave: Wave,
    cell: _UnknownAnswer,
    same: str | None,
    gone: dict[str, list[str]],
    taken: dict[str, set[str]],
) -> None:
    """Ask what one unknown answer is."""
    question = cell.questions[0]
    about = "; ".join(wave.heads[at].key for at in cell.places[:3])
    about += "; …" if len(cell.places) > 3 else ""
    key = (*(wave.heads[at].key for at in cell.places[:1]), question.id, cell.value, cell.label)
    rows = wave.rows_of(cell.places[0], cell.value)
    then = wave.before.counts(c.column for q in cell.questions for c in q.cells)
    total = sum(then.values())
    until = "somebody's own words" if cell.kept else "an answer that the codebook does not know"
    if same is not None:
        label = question.option_label(same)
        n = then.get(same, 0)
        lost = all(same in gone.get(q.id, ()) for q in cell.questions)
        nobody = ", nobody gives it now" if lost else ""
        answer = wave.ask(
            REWORDED,
            about,
            cell.label,
            cell.n,
            until,
            f'the answer "{shortened(label)}"',
            f'like "{shortened(label)}" ({wave.before.label}: {n:,} of {total:,}{nobody}); '
            f"no: {'own words' if cell.kept else 'a new answer'}",
            *key,
            rows=rows,
        )
        if answer == YES or not answer:
            for q in cell.questions:
                taken.setdefault(q.id, set()).add(same)
        if answer == YES:
            _send_all(wave, cell, same)
        if answer == NO and not cell.kept:
            _add(wave, cell)
            for q in cell.questions if lost else ():  # then it had no place for that one
                taken.setdefault(q.id, set()).add(same)
                _leave_out(wave, q, same)
        return
    if question.kind is Kind.RECOMMEND:
        return  # no other answers than 0 to 10: a problem
    kind = _kind_of(question, cell.label)
    answer = wave.ask(
        NEW_ANSWER,
        about,
        cell.label,
        cell.n,
        until,
        f"{kind.value}: shares do not count it" if kind else f"an answer new in {wave.label}",
        f"{wave.before.label}: nobody of {total:,} gave it"
        f"; no: {'own words' if cell.kept else 'no answer to this question'}",
        *key,
        rows=rows,
    )
    if answer == YES:
        _add(wave, cell)
    elif answer == NO and not cell.kept:
        _send_all(wave, cell, "")


def _same(wave: Wave, cell: _UnknownAnswer, gone: dict[str, list[str]]) -> str | None:
    """Answer of the codebook that an unknown one is like, first of those nobody gives any more."""
    question = cell.questions[0]
    labels = {o.label: o.code for o in question.options if o.code != cell.value}
    for at in cell.places[:1]:
        recode = wave.columns.goes(wave.heads[at].key).recode
        labels |= {said: code for said, code in recode.items() if code}
    one = nearest(cell.label, [*labels])
    if one is not None:
        return labels[one]
    free = _free(cell, gone)
    one = nearest(cell.label, [label for label, code in labels.items() if code in free], _LOOSE)
    if one is not None:
        return labels[one]
    begins = re.match(r"\d+", cell.label)
    points = {o.code for o in question.options}
    if begins and question.kind is Kind.RECOMMEND and begins[0] in points:
        return begins[0]
    return None


def _free(cell: _UnknownAnswer, gone: dict[str, list[str]]) -> list[str]:
    """Answers that nobody gives any more to any question of an unknown one."""
    first, *others = [gone.get(q.id, []) for q in cell.questions]
    return [code for code in first if all(code in codes for codes in others)]


def _instead(
    wave: Wave,
    cell: _UnknownAnswer,
    left: Sequence[_UnknownAnswer],
    gone: dict[str, list[str]],
    taken: set[str],
) -> str | None:
    """Answer that an unknown one stands in the place of: both alone, and about as frequent."""
    free = [code for code in _free(cell, gone) if code not in taken]
    rivals = [c for c in left if c.questions == cell.questions and not wave.few(c.n)]
    if len(free) != 1 or [c for c in rivals if c is not cell] or wave.few(cell.n):
        return None
    then = wave.before.counts(c.column for q in cell.questions for c in q.cells)
    share = then[free[0]] / sum(then.values())
    now = cell.n / sum(shape_of(wave.sheet.columns[at]).answered for at in cell.places)
    return free[0] if share / 2 < now < share * 2 else None


def _settle_own_words(wave: Wave, cells: Sequence[_UnknownAnswer]) -> set[int]:
    """Propose that answers which few gave to one question are their own words; return which."""
    groups: dict[str, list[_UnknownAnswer]] = {}
    for cell in cells:
        question = cell.questions[0]
        alone = len(cell.questions) == len(cell.places) == 1 and question.kind is Kind.SINGLE
        nothing = _kind_of(question, cell.label) is not Missing.NO
        if alone and wave.few(cell.n) and not (cell.kept or nothing or question.is_scale):
            groups.setdefault(question.id, []).append(cell)
    found: set[int] = set()
    for group in groups.values():
        if len(group) < SEVERAL:
            continue
        found |= set(map(id, group))
        question, at = group[0].questions[0], group[0].places[0]
        key = wave.heads[at].key
        counts = {cell.label: cell.n for cell in group}
        answer = ask_own_words(wave, at, counts)
        for cell in group if answer == NO else ():
            _add(wave, cell)
        if answer != YES:
            continue
        option = Option("other_own_words", WRITTEN_IN, waves=(wave.band,))
        wave.changes.options.setdefault(question.id, {})[option.code] = option
        target = wave.columns.goes(key)
        recode = {o.code: o.code for o in question.options} | target.recode
        wave.send(key, replace(target, recode={**recode, WRITTEN_IN: option.code}))
        write_beside(wave, key, question)
    return found


def _kind_of(question: Question, label: str) -> Missing:
    known = [o.label for o in question.substantive]
    return missing_kinds([*known, label], question.wording)[label]


def _send_all(wave: Wave, cell: _UnknownAnswer, code: str) -> None:
    for at in cell.places:
        _recode(wave, at, cell.value, code)


def _add(wave: Wave, cell: _UnknownAnswer) -> None:
    """Give an answer that is new a code, and a place in the option sets of its questions."""
    question = cell.questions[0]
    names = Names("o")
    added = [wave.changes.options.get(q.id, {}) for q in cell.questions]
    names.used |= {o.code.lower() for o in question.options}
    names.used |= {code.lower() for new in added for code in new}
    free = cell.value.lower() not in names.used and CODE.fullmatch(cell.value)
    code = cell.value if free else names.give(cell.label)
    kind = _kind_of(question, cell.label)
    scores = [o.score for o in question.substantive]
    numbers = all(o.score is not None and number(o.code) == o.score for o in question.substantive)
    score = number(code) if scores and numbers and not kind and code.isdigit() else None
    option = Option(code, cell.label, score, kind, waves=(wave.band,))
    for q in cell.questions:
        wave.changes.options.setdefault(q.id, {})[code] = option
    _send_all(wave, cell, code)


def _still_offered(wave: Wave, given: dict[str, set[str]]) -> None:
    """Mark answers that only some waves offered as offered here, where anybody gave them."""
    for name, codes in given.items():
        for option in wave.codebook.questions[name].options:
            if option.waves and option.code in codes and wave.band not in option.waves:
                waves = (*option.waves, wave.band)
                wave.changes.offered.setdefault(name, {})[option.code] = waves


def _not_offered(wave: Wave, name: str, codes: Sequence[str]) -> None:
    """Ask of answers that nobody gives any more whether the wave offered them."""
    question = wave.codebook.questions[name]
    then = wave.before.counts(c.column for c in question.cells)
    for code in codes:
        answer = wave.ask(
            NOT_OFFERED,
            question.wording or question.label,
            question.option_label(code),
            0,
            "offered, and nobody gave it: 0%",
            f"not offered in {wave.label}: no share is given",
            f"{wave.before.label}: {then[code]:,} of {sum(then.values()):,}; {wave.label}: nobody; "
            "no: offered, and nobody gave it",
            question.id,
            code,
        )
        if answer == YES:
            _leave_out(wave, question, code)


def _leave_out(wave: Wave, question: Question, code: str) -> None:
    """Mark an answer as not offered in the wave."""
    option = next(o for o in question.options if o.code == code)
    waves = tuple(w for w in option.waves or wave.before.waves if w != wave.band)
    wave.changes.offered.setdefault(question.id, {})[code] = waves
