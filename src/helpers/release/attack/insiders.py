"""Respondents who know their own answers, and organisations that know those of their members.

The only part of the attacker that looks at responses: it needs them to know who is who, never to
bound what outsiders can work out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import Missing
from helpers.estimation.tabulate import rows_each, strata, tabulate
from helpers.release.attack.bounds import Inference
from helpers.release.attack.facts import Asked, Fact, row_positions
from helpers.release.attack.leaks import AttackLog
from helpers.release.attack.linear import separated_people
from helpers.release.attack.partition import Floats, Ints, Mask
from helpers.release.attack.subtraction import revealing_answers
from helpers.release.attack.weighted_sums import WeightedSums
from helpers.responses.survey import Survey

PERSON = "_person"  # column of every table of responses: who answered, if several times
NAMELESS = ("", NOT_ANSWERED, NOT_ASKED, "not_stated", "nan", "None")


@dataclass(frozen=True)
class Truth:
    """The answers to a question.

    Attributes
    ----------
    counts : [column, cell, option]
    there : respondents in each cell, asked or not
    members : one row per organisation and place: column, cell, option, organisation, members;
        respondents of no organisation count as one each. None where nobody has any.
    people : the same by person, where some answered more than once; None where nobody did
    """

    counts: Ints
    there: Ints
    members: Ints | None = None
    people: Ints | None = None

    @cached_property
    def _added(self) -> dict[bytes, Ints]:
        return {}

    def added(self, cells: Mask) -> Ints:
        """Add up the answers in some cells: [column, option]."""
        key = cells.tobytes()
        if key not in self._added:
            self._added[key] = self.counts[:, cells].sum(axis=1)
        return self._added[key]

    def coalitions(self, column: int, least: int) -> Iterator[Ints]:
        """Yield answers [cell, option] of each organisation of two or more, alike ones once.

        So of each person who answered more than once. Whose answers are fewer than `least` are
        left out.
        """
        for of in (self.members, self.people):
            if of is not None:
                rows = of[of[:, 0] == column]
                each = np.bincount(rows[:, 3], rows[:, 4])
                yield from self._coalitions(rows[each[rows[:, 3]] >= max(least, 2)])

    def _coalitions(self, rows: Ints) -> Iterator[Ints]:
        rows = rows[np.argsort(rows[:, 3], kind="stable")]
        starts = np.flatnonzero(np.diff(rows[:, 3], prepend=-1))
        seen: set[bytes] = set()
        for own in np.split(rows, starts[1:]):
            held = own[np.lexsort((own[:, 2], own[:, 1]))]
            key = held[:, [1, 2, 4]].tobytes()
            if len(held) and key not in seen:
                seen.add(key)
                answers = np.zeros(self.counts.shape[1:], dtype=np.int64)
                np.add.at(answers, (held[:, 1], held[:, 2]), held[:, 4])
                yield answers

    def organisations(self, column: int, cells: Mask) -> int:
        """Count the organisations whose members answered in some cells."""
        assert self.members is not None
        rows = self.members[(self.members[:, 0] == column) & cells[self.members[:, 1]]]
        return len(np.unique(rows[:, 3]))


def truth_of(survey: Survey, asked: Asked) -> Truth:
    """Count the answers to a question in the cells of its frame."""
    question = asked.question
    organisation = survey.codebook.populations[question.population].organisation
    table = tabulate(survey, question, tuple(asked.frame.pieces)).coded
    column, option, cell, answered = row_positions(survey, asked, table)
    n = np.array(table["n"], dtype=np.int64)
    shape = (len(asked.columns), asked.frame.cells, len(asked.options))
    counts = np.zeros(shape, dtype=np.int64)
    np.add.at(counts, (column[answered], cell[answered], option[answered]), n[answered])
    there = np.zeros(shape[1], dtype=np.int64)
    first = (column == 0) & (cell >= 0)
    np.add.at(there, cell[first], n[first])
    members = people = None
    if organisation:
        members = _named(survey, asked, organisation)
    if rows_each(survey, question.population) > 1:
        people = _named(survey, asked, PERSON)
    return Truth(counts, there, members, people)


def _named(survey: Survey, asked: Asked, name: str) -> Ints:
    """Count answers by organisation or person, one row each: see `Truth.members`."""
    table = tabulate(survey, asked.question, (*asked.frame.pieces, name)).coded
    column, option, cell, answered = row_positions(survey, asked, table)
    n = np.array(table["n"], dtype=np.int64)
    names = np.array([str(o) for o in table[name]])[answered]
    who = np.unique(names, return_inverse=True)[1].reshape(-1)
    rows = np.column_stack([column[answered], cell[answered], option[answered], who, n[answered]])
    lone = np.isin(names, NAMELESS)
    alone = np.repeat(rows[lone], rows[lone][:, 4], axis=0)
    alone[:, 3], alone[:, 4] = len(names) + np.arange(len(alone)), 1
    return np.vstack([rows[~lone], alone])


def few_people(asked: Asked, truth: Truth, minimum: int, log: AttackLog) -> None:
    """Find answers of fewer people than the minimum base, where some gave several.

    They are a group that is shown, or what sums and differences of such groups separate.
    """
    if truth.people is None:
        return
    every = asked.codes(asked.options)
    silent = [o.code for o in asked.question.in_base if o.missing is Missing.NOT_ANSWERED]
    for column in range(len(asked.columns)):
        masks = [cells for at, cells in _shown_groups(asked) if at == column]
        if not masks:
            continue
        log.tried("isolation", len(masks))
        mine = truth.people[truth.people[:, 0] == column]
        mine = mine[~np.isin(mine[:, 2], np.flatnonzero(asked.codes(silent)))]
        tried = [np.array([cells]) for cells in masks] if asked.rounded else [np.array(masks)]
        each = (separated_people(of, mine[:, 1], mine[:, 3], minimum) for of in tried)
        found = next(filter(None, each), None)
        if found is not None:
            cells, n = found
            why = f"what it shows are answers of {n} people, fewer than {minimum}: "
            why += "some answered more than once."
            log.leak(asked, column, cells, every, "isolation", why)


def rounded_answers_of_one(asked: Asked, each: int, log: AttackLog) -> None:
    """Find counts that are rounded as if one or two answers were at stake, and not a person's."""
    log.tried("inference")
    why = (
        f"its counts are rounded to multiples of {asked.rounded}, and one person gave up to {each} "
    )
    log.leak(asked, -1, asked.frame.mask({}), asked.codes(()), "inference", f"{why}answers.")


def few_organisations(asked: Asked, truth: Truth, minimum: int, log: AttackLog) -> None:
    """Find groups whose answers come from fewer organisations than the minimum base."""
    if truth.members is None:
        return
    for column, cells in _shown_groups(asked):
        log.tried("organisations")
        n = truth.organisations(column, cells)
        if 0 < n < minimum:
            why = f"its answers come from {n} organisations, fewer than {minimum}."
            every = asked.codes(asked.options)
            log.leak(asked, column, cells, every, "organisations", why)


def answers_of_few(asked: Asked, truth: Truth, few: int, log: AttackLog) -> None:
    """Find counts that are shown, or what they leave of a group, of up to `few` people's answers.

    Only where some people gave several answers: else such counts are small themselves.
    """
    if truth.people is None or asked.rounded:
        return
    for fact in asked.facts:
        if fact.base or not fact.exact:
            continue
        log.tried("inference")
        mine = truth.people[truth.people[:, 0] == fact.column]
        mine = mine[fact.cells[mine[:, 1]]]
        for said in (fact.options, ~fact.options):
            n = len(np.unique(mine[said[mine[:, 2]], 3]))
            if 0 < n <= few:
                why = f"its answers are of {n} people, who gave several each."
                log.leak(asked, fact.column, fact.cells, said, "inference", why)


def coalitions(asked: Asked, truth: Truth, strict: bool, log: AttackLog) -> None:
    """Find groups whose others an insider can show to agree, taking own answers away.

    An organisation of two or more members in the group; under `strict` also a single respondent.
    """
    if truth.members is None and truth.people is None and not strict:
        return
    shown = _shown_groups(asked)
    for column in range(len(asked.columns)):
        listed = [cells for at, cells in shown if at == column]
        if not listed:
            continue
        groups = np.array(listed)
        said = groups.astype(np.int64) @ truth.counts[column]
        others = [
            said.sum(axis=1) - said[:, asked.codes([code])].sum(axis=1)
            for code in revealing_answers(asked)
        ]  # all of them an insider would have to know
        least = int(np.min(others, initial=said.sum()))
        for own in _insiders(truth, column, strict, least):
            log.tried("insiders", len(groups) * len(revealing_answers(asked)))
            rest = groups.astype(np.int64) @ (truth.counts[column] - own)
            left = rest.sum(axis=1)
            for code in revealing_answers(asked):
                answer = asked.codes([code])
                agreeing = (left > 0) & (rest[:, answer].sum(axis=1) == left)
                if agreeing.any():
                    _agreeing(asked, column, own, groups[agreeing], answer, strict, log)


def _insiders(truth: Truth, column: int, strict: bool, least: int) -> Iterator[Ints]:
    """Yield what an insider knows: answers [cell, option] of members, or of one respondent."""
    yield from truth.coalitions(column, least)
    if strict:
        for cell, option in np.argwhere(truth.counts[column]):
            own = np.zeros(truth.counts.shape[1:], dtype=np.int64)
            own[cell, option] = 1
            yield own


def _agreeing(
    asked: Asked,
    column: int,
    own: Ints,
    groups: Mask,
    answer: Mask,
    strict: bool,
    log: AttackLog,
) -> None:
    """Report the first group whose others agree, if an insider can prove it."""
    known = own.sum(axis=1)
    least = 1 if strict else 2
    listed = [c for c in groups if known[c].sum() >= least]
    for cells in [*listed, *_together(list(groups), known)]:
        if _follows(asked, column, own, cells, answer):
            n, label = int(known[cells].sum()), asked.answer_label(answer)
            who = f"an organisation, or somebody in several waves, that takes its own {n} answers"
            who = who if n > 1 else "a respondent who takes their own answer"
            why = f"{who} away sees that all others said “{label}”."
            log.leak(asked, column, cells, answer, "insiders", why)
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
    facts = [
        replace(fact, low=max(fact.low - known, 0), high=fact.high - known)
        for fact in asked.facts
        if fact.column == column
        for known in [int(own[fact.cells][:, fact.options].sum())]
    ]  # of the others
    bounds = Inference(asked, [column], facts).bounds(column, cells, ~answer)
    return bounds is not None and (bounds.high <= 0 or not bounds.proved)


def _shown_groups(asked: Asked) -> list[tuple[int, Mask]]:
    """Columns and groups whose answers are shown, each once."""
    seen: dict[tuple[int, bytes], tuple[int, Mask]] = {}
    for fact in asked.facts:
        if fact.high > 0:
            seen.setdefault((fact.column, fact.cells.tobytes()), (fact.column, fact.cells))
    return list(seen.values())


def bases(asked: Asked, truth: Truth) -> Iterable[Fact]:
    """List bases of the groups distinguished; those left out also count as known."""
    every = asked.codes(asked.options)
    for level in asked.levels if not asked.rounded else ():
        for cells in level.masks:
            for column, n in enumerate(truth.added(cells).sum(axis=1).tolist()):
                yield Fact(column, cells, every, n, n, "the true base")


def holds(fact: Fact, truth: Truth) -> bool:
    """Whether a fact holds for the true answers."""
    n = int(truth.added(fact.cells)[fact.column][fact.options].sum())
    return fact.low <= n <= fact.high


def all_hold(asked: Asked, truth: Truth) -> bool:
    """Whether the facts hold for the true answers, so that these may stand for a solution."""
    return all(holds(fact, truth) for fact in asked.facts)


def small_groups(asked: Asked, truth: Truth, minimum: int, log: AttackLog) -> None:
    """Find groups whose true base is below the minimum, where bases are rounded."""
    every = asked.codes(asked.options)
    for column, cells in _shown_groups(asked) if asked.rounded else ():
        log.tried("isolation")
        n = int(truth.counts[column][cells].sum())
        if n < minimum and truth.there[cells].sum() > 0:
            why = f"a group of {n} is shown by itself, fewer than {minimum}."
            log.leak(asked, column, cells, every, "isolation", why)


def weighted_sums_of(survey: Survey, asked: Asked) -> WeightedSums | None:
    """Add up the responses to a question; None where they are not those that its cube was made of.

    Nor are shares of rounded counts, or of a survey with population sizes, worked out here.
    """
    population = asked.question.population
    if asked.rounded or survey.sampling.sizes:
        return None
    table = tabulate(survey, survey.question(asked.question.id), tuple(asked.frame.pieces)).cells
    whole = strata(survey, population)
    names = {s: k for k, s in enumerate(whole["stratum"])}
    column, option, cell, inside = row_positions(survey, asked, table)
    stratum = np.array([names[s] for s in table["stratum"]], dtype=np.int64)
    there, where = np.unique(cell[inside], return_inverse=True)
    at = column[inside], where.reshape(-1), option[inside], stratum[inside]
    shape = (len(asked.columns), len(there), len(asked.options), len(names))

    def added(name: str) -> Floats:
        total: Floats = np.zeros(shape)
        np.add.at(total, at, table[name].to_numpy(dtype=float)[inside])
        return total

    sizes = whole["people"].to_numpy(dtype=float)
    found = WeightedSums(there, added("n"), added("sum_w"), added("sum_w2"), sizes)
    return found if _agrees(asked, there, found.n.sum(axis=3)) else None


def _agrees(asked: Asked, there: Ints, n: Floats) -> bool:
    """Whether the counts of the cube are those of the responses."""
    for level in asked.levels:
        for cells, counts in zip(level.masks, level.n, strict=True):
            held = n[:, cells[there]].sum(axis=1)
            for k, answer in enumerate(level.answers):
                shown = counts[:, k]
                if (np.abs(held[:, answer].sum(axis=1) - shown)[~np.isnan(shown)] > 0).any():
                    return False
    return True
