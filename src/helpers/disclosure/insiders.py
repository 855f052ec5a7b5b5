"""Respondents who know their own answers, and organisations that know those of their members.

The only part of the attacker that looks at responses: it needs them to know who is who, never to
bound what outsiders can work out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from helpers.disclosure.attacks import Findings, judged
from helpers.disclosure.facts import Asked, Fact, Ints, Mask
from helpers.disclosure.inference import Inference
from helpers.estimation.tabulate import tabulate
from helpers.survey.codebook import NOT_ANSWERED, NOT_ASKED
from helpers.survey.dataset import Survey

NAMELESS = ("", NOT_ANSWERED, NOT_ASKED, "not_stated", "nan", "None")


@dataclass(frozen=True)
class Truth:
    """The answers to a question.

    Attributes
    ----------
    counts : [column, cell, option]
    there : respondents in each cell, asked or not
    own : of each organisation its members' answers [column, cell, option]; None without any
    lone : respondents of no organisation [column, cell, option]
    """

    counts: Ints
    there: Ints
    own: Ints | None = None
    lone: Ints | None = None


def truth_of(survey: Survey, asked: Asked) -> Truth:
    """Count the answers to a question in the cells of its frame."""
    question = asked.question
    organisation = survey.codebook.populations[question.population].organisation
    keys = (*asked.frame.pieces, *((organisation,) if organisation else ()))
    table = tabulate(survey, question, keys).cells
    columns = {
        c.column: asked.columns.index((c.item, c.time))
        for c in question.cells
        if (c.item, c.time) in asked.columns
    }
    options = {o: n for n, o in enumerate(asked.options)}
    column = np.array([columns.get(c, -1) for c in table["column"]], dtype=np.int64)
    option = np.array([options.get(o, -1) for o in table["option"]], dtype=np.int64)
    cell = _cells(asked, [list(map(str, table[d])) for d in asked.frame.pieces], len(table))
    n = np.array(table["n"], dtype=np.int64)
    shape = (len(asked.columns), asked.frame.cells, len(asked.options))
    answered = (column >= 0) & (option >= 0) & (cell >= 0)
    counts = np.zeros(shape, dtype=np.int64)
    np.add.at(counts, (column[answered], cell[answered], option[answered]), n[answered])
    there = np.zeros(shape[1], dtype=np.int64)
    first = (column == 0) & (cell >= 0)
    np.add.at(there, cell[first], n[first])
    if not organisation:
        return Truth(counts, there)
    names = np.array([str(o) for o in table[organisation]])
    named = answered & ~np.isin(names, NAMELESS)
    who, index = np.unique(names[named], return_inverse=True)
    own = np.zeros((len(who), *shape), dtype=np.int64)
    np.add.at(own, (index.reshape(-1), column[named], cell[named], option[named]), n[named])
    return Truth(counts, there, own, counts - own.sum(axis=0))


def _cells(asked: Asked, bands: list[list[str]], rows: int) -> Ints:
    result = np.zeros(rows, dtype=np.int64)
    known = np.ones(rows, dtype=bool)
    for pieces, column in zip(asked.frame.pieces.values(), bands, strict=True):
        place = {band: n for n, piece in enumerate(pieces) for band in piece}
        at = np.array([place.get(band, -1) for band in column], dtype=np.int64).reshape(rows)
        known &= at >= 0
        result = result * len(pieces) + at
    return np.where(known, result, -1)


def few_organisations(asked: Asked, truth: Truth, minimum: int, findings: Findings) -> None:
    """Find groups whose answers come from fewer organisations than the minimum base."""
    if truth.own is None or truth.lone is None:
        return
    for column, cells in _shown_groups(asked):
        findings.tried("organisations")
        members = truth.own[:, column][:, cells].sum(axis=(1, 2))
        n = int((members > 0).sum()) + int(truth.lone[column][cells].sum())
        if 0 < n < minimum:
            why = f"its answers come from {n} organisations, fewer than {minimum}."
            every = asked.codes(asked.options)
            findings.leak(asked, column, cells, every, "organisations", why)


def coalitions(asked: Asked, truth: Truth, strict: bool, findings: Findings) -> None:
    """Find groups whose others an insider can show to agree, taking own answers away.

    An organisation of two or more members in the group; under `strict` also a single respondent.
    """
    for column in range(len(asked.columns)):
        groups = [cells for at, cells in _shown_groups(asked) if at == column]
        if not groups:
            continue
        insiders = list(_insiders(asked, truth, column, strict))
        for own in insiders:
            for code in judged(asked):
                _agreeing(asked, truth, column, own, groups, asked.codes([code]), strict, findings)


def _insiders(asked: Asked, truth: Truth, column: int, strict: bool) -> Iterator[Ints]:
    """Yield what an insider knows: answers [cell, option] of members, or of one respondent."""
    seen: set[bytes] = set()
    for own in truth.own[:, column] if truth.own is not None else ():
        if own.sum() > 1 and own.tobytes() not in seen:
            seen.add(own.tobytes())
            yield own
    if strict:
        for cell, option in np.argwhere(truth.counts[column]):
            own = np.zeros(truth.counts.shape[1:], dtype=np.int64)
            own[cell, option] = 1
            yield own


def _agreeing(
    asked: Asked,
    truth: Truth,
    column: int,
    own: Ints,
    groups: list[Mask],
    answer: Mask,
    strict: bool,
    findings: Findings,
) -> None:
    rest = truth.counts[column] - own
    least = 1 if strict else 2
    found = []
    for cells in groups:
        findings.tried("insiders")
        inside = rest[cells]
        if inside.sum() > 0 and inside[:, ~answer].sum() == 0:
            found.append(cells)
    known = own.sum(axis=1)
    whole = _together(found, known)
    for cells in [*(c for c in found if known[c].sum() >= least), *whole]:
        if _follows(asked, column, own, cells, answer):
            n, label = int(known[cells].sum()), asked.answer_label(answer)
            who = "an organisation" if n > 1 else "a respondent"
            why = (
                f"{who} that takes {n} answers of its own away sees that all others said “{label}”."
            )
            findings.leak(asked, column, cells, answer, "insiders", why)
            return


def _together(found: list[Mask], known: Ints) -> list[Mask]:
    """Disjoint groups of one agreeing rest, taken together where members are spread over them."""
    union = np.zeros(len(known), dtype=bool)
    parts = 0
    for cells in sorted(found, key=lambda c: int(c.sum())):
        if known[cells].sum() and not (union & cells).any():
            union, parts = union | cells, parts + 1
    return [union] if parts > 1 and known[union].sum() > 1 else []


def _follows(asked: Asked, column: int, own: Ints, cells: Mask, answer: Mask) -> bool:
    """Whether an insider's knowledge and the release prove that the others agree."""
    most = asked.respondents
    facts = [*asked.facts]
    for cell, option in np.argwhere(own):
        there = np.zeros(asked.frame.cells, dtype=bool)
        there[cell] = True
        this = np.zeros(len(asked.options), dtype=bool)
        this[option] = True
        facts.append(Fact(column, there, this, int(own[cell, option]), most, "own answers"))
    bounds = Inference(asked, [column], facts).bounds(column, cells, ~answer)
    return bounds is not None and bounds[1] <= int(own[cells][:, ~answer].sum())


def _shown_groups(asked: Asked) -> list[tuple[int, Mask]]:
    """Columns and groups whose answers are shown, each once."""
    seen: dict[tuple[int, bytes], tuple[int, Mask]] = {}
    for fact in asked.facts:
        if fact.high > 0:
            seen.setdefault((fact.column, fact.cells.tobytes()), (fact.column, fact.cells))
    return list(seen.values())


def bases(asked: Asked, truth: Truth) -> Iterable[Fact]:
    """Bases that the release leaves out count as known all the same."""
    every = asked.codes(asked.options)
    for level in asked.levels:
        for cells in level.masks:
            for column in range(len(asked.columns)):
                n = int(truth.counts[column][cells].sum())
                yield Fact(column, cells, every, n, n, "the true base")


def agree(asked: Asked, truth: Truth) -> bool:
    """Whether the facts hold for the true answers, so that these may stand for a solution."""
    return all(
        f.low <= truth.counts[f.column][f.cells][:, f.options].sum() <= f.high for f in asked.facts
    )
