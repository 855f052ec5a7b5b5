"""Guesses at routing: questions that only people with certain answers filled in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from helpers.codebook.model import Kind, Missing
from helpers.importing.draft.model import Draft, DraftQuestion
from helpers.importing.files.sheets import Column, Sheet

MOST_OPTIONS = 15  # of a question that decides who is asked others
FEWEST = 5  # people whose silence is taken for routing
FEW = 0.01
CHANCE = 1e-4  # at which their silence might be nobody's rule
_SAMPLE = 20_000
_GATES = 60


@dataclass(frozen=True)
class _Gate:
    """A question that may decide who is asked others: its options, and who gave which."""

    question: DraftQuestion
    codes: np.ndarray  # 0: blank, else the place of the option + 1


def guess_routing(sheet: Sheet, draft: Draft, before: Iterable[DraftQuestion] = ()) -> None:
    """Add `asked_if` to questions that nobody with certain earlier answers filled in.

    `before` are other questions of the sheet, which come before all of the draft.
    """
    gates = [_gate(sheet, question) for question in before][-_GATES:]
    for question in draft.questions:
        answered = _answered(sheet, question)
        if len(answered) and answered.mean() < 0.95 and not question.known:
            found = _best(gates, answered)
            if found is not None:
                question.asked_if, why = found
                question.reasons.append(why)
                _asked_after_all(question)
        if question.kind is Kind.SINGLE and 2 <= len(question.options) <= MOST_OPTIONS:
            gates = [*gates, _gate(sheet, question)][-_GATES:]


def _asked_after_all(question: DraftQuestion) -> None:
    """Treat *not applicable* as missing where those who gave it were asked."""
    given = [o for o in question.options if o.missing is Missing.NOT_ASKED]
    if given:
        question.options = tuple(
            replace(o, missing=Missing.NOT_ANSWERED) if o in given else o for o in question.options
        )
        listed = ", ".join(f'"{o.label}"' for o in given)
        question.reasons.append(f"{listed} as not answered: those who gave it were asked")


def _filled(column: Column, recode: dict[str, str], left: str) -> np.ndarray:
    codes = [recode.get(value, value) for value in column.values]
    return np.array([code not in ("", left) for code in codes] or [False])[column.codes]


def _answered(sheet: Sheet, question: DraftQuestion) -> np.ndarray:
    """Say who answered; of boxes that are never blank, only a tick shows it."""
    found = np.zeros(len(sheet.rows), dtype=bool)
    boxes = question.kind is Kind.MULTIPLE
    for part in question.parts:
        column = sheet.columns[part.at]
        found |= _filled(column, part.recode, column.filler if boxes else "")
    return found


def _gate(sheet: Sheet, question: DraftQuestion) -> _Gate:
    part = question.parts[0]
    column = sheet.columns[part.at]
    places = {option.code: n for n, option in enumerate(question.options, 1)}
    move = [places.get(part.recode.get(v, v), 0) for v in column.values] or [0]
    return _Gate(question, np.array(move)[column.codes])


def _best(gates: list[_Gate], answered: np.ndarray) -> tuple[str, str] | None:
    """Routing by the question that leaves least unexplained, and the reason."""
    best: tuple[float, str, str] | None = None
    for gate in gates:
        found = _rule(gate, answered)
        if found is not None and (best is None or found[0] >= best[0]):
            best = found
    return (best[1], best[2]) if best else None


def _rule(gate: _Gate, answered: np.ndarray) -> tuple[float, str, str] | None:
    size = len(gate.question.options) + 1
    if len(answered) > _SAMPLE and _split(gate.codes[:_SAMPLE], answered[:_SAMPLE], size) is None:
        return None
    split = _split(gate.codes, answered, size)
    if split is None:
        return None
    gave, filled, rate = split
    options = gate.question.options
    closed = [o for n, o in enumerate(options, 1) if gave[n] and not filled[n]]
    opened = [o for n, o in enumerate(options, 1) if filled[n]]
    if any(o.missing in (Missing.NOT_ANSWERED, Missing.NOT_ASKED) for o in opened):
        return None
    silent = int(sum(gave[n] for n in range(1, size) if not filled[n]))
    if silent < FEWEST or not opened or (1 - rate) ** silent > CHANCE:
        return None
    reached = sum(gave[n] for n in range(1, size) if filled[n]) / max(int(gave[1:].sum()), 1)
    if reached ** int(answered.sum()) > FEW:
        return None  # so few answered that it may be by chance who they are
    name = gate.question.id
    if len(closed) < len(opened):
        codes, signs = closed, ("!=", "not in")
    else:
        codes, signs = opened, ("=", "in")
    words = " ".join(o.code for o in codes)
    rule = f"{name} {signs[0] if len(codes) == 1 else signs[1]} {words}"
    said = " or ".join(f'"{o.label}"' for o in closed[:3])
    return rate, rule, f"routing: none of the {silent:,} who gave {said} to {name} answered"


def _split(
    codes: np.ndarray, answered: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray, float] | None:
    """How many gave each answer, and how many of them went on; None where no rule shows."""
    gave = np.bincount(codes, minlength=size)
    filled = np.bincount(codes[answered], minlength=size)
    went = filled[1:] > 0
    if filled[0] or went.all() or not went.any():
        return None
    rate = float(filled[1:].sum() / gave[1:][went].sum())
    return (gave, filled, rate) if rate >= 0.5 else None
