"""Groups of one sample: sums over bases and parts of them, from `tabulate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import NOT_STATED, RESPONDENT_TYPE, Missing, Question, ResponseColumn
from helpers.errors import InsightsError
from helpers.estimation.intervals import Floats
from helpers.estimation.tabulate import (
    SUMS,
    Crossed,
    Tabulation,
    answers_of_people,
    crossed,
    people,
    strata,
    tabulate,
)
from helpers.estimation.variance import Design, tensor
from helpers.responses.selection import EVERY, Selection, column_of, keys_of, known_codes
from helpers.responses.survey import Survey


class ComparisonStatus(StrEnum):
    """Why a comparison has, or has not, a test; beside `request.Status`."""

    CERTAIN = "both shares are 0 or 1: exact test of the counts, interval on effective bases"
    SAME_STRATA = "answers do not vary within strata: nothing to test"
    CENSUS = "everybody answered: no sampling error"
    TOO_FEW = "too few respondents for a test"
    UNSHOWABLE = "bases too small to show any difference"
    ONE_ANSWER = "one group or one answer only: nothing to test"
    SPARSE = "expected counts below 5: the test is approximate"
    SAME_PEOPLE = "the same respondents twice: no difference is possible"
    UNDEFINED = "no design-based test: empty cells, or no variance within strata"


@dataclass(frozen=True)
class Together:
    """Answers of the same people, who are clusters where some gave several.

    Attributes
    ----------
    products : of two answers in two groups, products of the weights that each person gave them
        with: (cell, group, option, group, option, stratum)
    people : who are in both of two groups: (cell, group, group, stratum)
    """

    products: Floats
    people: Floats


@dataclass(frozen=True)
class DomainSums:
    """Sums over the options in a question's base, for groups that no answer is in twice.

    Attributes
    ----------
    sums : respondents, weights and squared weights: (3, group, cell, option, stratum)
    nu : degrees of freedom of the selected respondents: their number less their strata
    designed : whether weights differ, there are several strata, or population sizes are given
    together : None where everybody answered once
    """

    sums: Floats
    design: Design
    nu: float
    designed: bool
    together: Together | None = field(default=None, repr=False)

    def first(self, groups: int) -> DomainSums:
        """Leave out all groups but the first."""
        together = self.together
        if together is not None:
            products = together.products[:, :groups, :, :groups]
            together = Together(products, together.people[:, :groups, :groups])
        return replace(self, sums=self.sums[:, :groups], together=together)


@dataclass(frozen=True)
class PartsTogether:
    """The same of bases and parts of them.

    Attributes
    ----------
    bases : (group, group, cell, stratum)
    mixed : a part in the first group, the base in the second: (group, group, cell, part, stratum)
    parts : a part in both: (group, group, cell, part, stratum)
    people : who are in both groups: (group, group, cell, stratum)
    """

    bases: Floats
    mixed: Floats
    parts: Floats
    people: Floats


@dataclass(frozen=True)
class Domains:
    """Sums over whole bases (3, group, cell, stratum), and over parts of them.

    `part` has the shape (3, group, cell, part, stratum); parts may overlap.
    """

    base: Floats
    part: Floats
    design: Design
    designed: bool
    together: PartsTogether | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Groups:
    """Groups of a dimension or response column.

    Attributes
    ----------
    by : None for all as one group
    names : their codes
    rest : codes of no group that belong to the rest of each; None where the rest is not counted
    """

    by: str | None
    names: Sequence[str]
    rest: Sequence[str] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """What to tabulate by."""
        return () if self.by is None else (self.by,)

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes that are counted."""
        return (*self.names, *(self.rest or ()))

    @property
    def members(self) -> Floats:
        """Which codes form each group, and after them the rest of each: (group, code)."""
        own = np.eye(len(self.names), len(self.codes))
        return own if self.rest is None else np.concatenate([own, 1 - own])


def of_groups(
    survey: Survey,
    question: Question,
    cells: Sequence[ResponseColumn],
    selection: Selection,
    groups: Groups,
) -> DomainSums:
    """Count the answers of groups, and of the rest of each if they have one."""
    table = tabulate(survey, question, groups.keys, selection)
    design = Design.of(table.strata, survey, question.population)
    counts = counted(question, cells, table, design, groups.by, groups.codes)
    return _grouped(survey, question, cells, selection, groups, counts)


def of_all(
    survey: Survey,
    questions: Sequence[Question],
    selection: Selection,
    groups: Groups,
) -> Iterator[tuple[Question, DomainSums]]:
    """Count the answers of groups to several questions of one population, one after the other."""
    population = questions[0].population
    columns = [c.column for question in questions for c in question.cells]
    assert groups.by is not None
    found = crossed(survey, population, columns, groups.by, selection)
    design = Design.of(strata(survey, population), survey, population)
    if found is None:
        yield from ((q, of_groups(survey, q, q.cells, selection, groups)) for q in questions)
        return
    places = [_common(found.groups, groups.codes), _common(found.strata, design.cells)]
    for q in questions:
        counts = _arranged(q, found, design, groups.codes, places)
        yield q, _grouped(survey, q, q.cells, selection, groups, counts)


def _grouped(
    survey: Survey,
    question: Question,
    cells: Sequence[ResponseColumn],
    selection: Selection,
    groups: Groups,
    counts: DomainSums,
) -> DomainSums:
    """Form the rest of each group, and bring the answers of each person together."""
    counts = _in_clusters(survey, question, cells, selection, groups, counts)
    if groups.rest is None:
        return counts
    own, whole = counts.sums[:, : len(groups.names)], counts.sums.sum(axis=1, keepdims=True)
    return replace(counts, sums=np.maximum(np.concatenate([own, whole - own], axis=1), 0.0))


def _arranged(
    question: Question,
    found: Crossed,
    design: Design,
    names: Sequence[str],
    places: Sequence[tuple[list[int], list[int]]],
) -> DomainSums:
    """Arrange what was counted as `counted` does; `places` are those of groups and strata."""
    codes = [option.code for option in question.in_base]
    shape = (len(SUMS), len(names), len(question.cells), len(codes), len(design.cells))
    sums = np.zeros(shape)
    strata_at, stratum = places[1]
    inside: Any = (strata_at, stratum)
    if strata_at == stratum == list(range(len(found.strata))) and len(stratum) == shape[-1]:
        inside = ()  # all of them: copied in one go
    for n, cell in enumerate(question.cells):
        known, table = found.columns[cell.column]
        (options, own), (groups, at) = _common(known, codes), places[0]
        picked = table[np.ix_(range(len(SUMS)), options, groups, *inside[:1])]
        sums[np.ix_(range(len(SUMS)), at, [n], own, *inside[1:])] = picked.transpose(0, 2, 1, 3)[
            :, :, None
        ]
    respondents = np.zeros(len(design.cells))
    respondents[places[1][1]] = found.respondents[places[1][0]]
    nu = float(design.df(respondents))
    return DomainSums(sums, design, nu, _matters(design, found.equal))


def _common(there: Sequence[str], wanted: Sequence[str]) -> tuple[list[int], list[int]]:
    """Places of what two sequences have in common, in each."""
    at = {name: n for n, name in enumerate(there)}
    both = [(at[name], n) for n, name in enumerate(wanted) if name in at]
    return [n for n, _ in both], [n for _, n in both]


def _in_clusters(
    survey: Survey,
    question: Question,
    cells: Sequence[ResponseColumn],
    selection: Selection,
    groups: Groups,
    counts: DomainSums,
) -> DomainSums:
    """Take people as clusters, where some gave several answers, as far as is known."""
    population = question.population
    if not survey.codebook.populations[population].person:
        return counts
    n, whose = people(survey, population, selection)
    if n == whose:
        return counts
    axes = [
        {code: k for k, code in enumerate(codes)}
        for codes in (groups.codes, [o.code for o in question.in_base], counts.design.cells)
    ]
    tables = (
        answers_of_people(survey, population, cell.column, groups.by, selection) for cell in cells
    )
    made = [_products(table, axes, groups.members) for table in tables]
    together = Together(*(np.stack(of) for of in zip(*made, strict=True)))
    nu = float(whose - (n - counts.nu))
    return replace(counts, nu=nu, designed=True, together=together)


def _products(
    answers: pd.DataFrame, axes: Sequence[Mapping[str, int]], members: Floats
) -> tuple[Floats, Floats]:
    """Multiply the weights of every two answers of a person, and count people by two groups."""
    from scipy.sparse import csr_array, eye_array, kron

    codes, options, strata_there = map(len, axes)
    groups = len(members)
    products = np.zeros((groups, options, groups, options, strata_there))
    both = np.zeros((groups, groups, strata_there))
    at = [
        answers[key].map(known).to_numpy(dtype=float, na_value=-1).astype(int)
        for key, known in zip(("group", "option", "stratum"), axes, strict=True)
    ]
    of_groups, of_answers = csr_array(members.T), kron(members.T, eye_array(options), "csr")
    for stratum in range(strata_there):
        here = (at[0] >= 0) & (at[1] >= 0) & (at[2] == stratum)
        who, person = np.unique(answers["_person"].to_numpy()[here], return_inverse=True)
        if not len(who):
            continue
        weights, place = answers["w"].to_numpy(dtype=float)[here], at[0][here]
        given = csr_array(
            (weights, (person, place * options + at[1][here])), shape=(len(who), codes * options)
        )
        given = given @ of_answers
        products[..., stratum] = (given.T @ given).toarray().reshape(products.shape[:-1])
        there = csr_array((np.ones(len(person)), (person, place)), shape=(len(who), codes))
        there = ((there @ of_groups) > 0).astype(float)
        both[..., stratum] = (there.T @ there).toarray()
    return products, both


def counted(
    question: Question,
    cells: Sequence[ResponseColumn],
    table: Tabulation,
    design: Design,
    by: str | None,
    names: Sequence[str],
) -> DomainSums:
    """Arrange a tabulation by group (all as one, of any name, if `by` is None), cell and option."""
    rows = table.cells
    strata = {name: k for k, name in enumerate(design.cells)}
    axes = [
        (rows[by] if by else [""] * len(rows), {name: k for k, name in enumerate(names)}),
        (rows["column"], {c.column: k for k, c in enumerate(cells)}),
        (rows["option"], {o.code: k for k, o in enumerate(question.in_base)}),
        (rows["stratum"], strata),
    ]
    sums = np.stack(tensor(rows, axes, list(SUMS)))
    first = (rows["column"] == question.cells[0].column).to_numpy()
    n = rows["n"].to_numpy(dtype=float)
    there = rows["stratum"][first].map(strata).to_numpy(dtype=int)
    nu = float(design.df(np.bincount(there, n[first], len(strata)).astype(float)))
    return DomainSums(sums, design, nu, is_designed(rows, design))


def is_designed(rows: pd.DataFrame, design: Design) -> bool:
    """Whether the weights of a tabulation differ, or there are strata or population sizes."""
    n, w, w2 = (rows[name].to_numpy(dtype=float) for name in SUMS)
    mean, square = w / n, w2 / n
    level = mean[0] if len(rows) else 1.0
    equal = np.allclose(mean, level, atol=0) and np.allclose(square, level**2, atol=0)
    return _matters(design, equal)


def _matters(design: Design, equal: bool) -> bool:
    """Whether a design is more than a simple random sample, given whether weights are equal."""
    return len(design.cells) > 1 or not equal or bool((design.unsampled < 1).any())


def side_by_side(questions: Sequence[Domains]) -> Domains:
    """Take the same groups' answers to several questions of as many parts as one question."""
    first = questions[0]
    together = None
    if first.together is not None:
        each = [of.together for of in questions if of.together is not None]
        together = PartsTogether(
            *(
                np.concatenate([getattr(of, name) for of in each], axis=2)
                for name in ("bases", "mixed", "parts", "people")
            )
        )
    base, part = (
        np.concatenate([getattr(of, name) for of in questions], axis=2) for name in ("base", "part")
    )
    return Domains(base, part, first.design, first.designed, together)


def domains(counts: DomainSums, parts: Sequence[Sequence[int]]) -> Domains:
    """Take options together: each part lists positions on the option axis."""
    part = np.stack([counts.sums[:, :, :, list(at)].sum(axis=3) for at in parts], axis=3)
    together = counts.together
    return Domains(
        counts.sums.sum(axis=3),
        part,
        counts.design,
        counts.designed,
        None if together is None else _parts_together(together, parts),
    )


def _parts_together(of: Together, parts: Sequence[Sequence[int]]) -> PartsTogether:
    inside = np.zeros((len(parts), of.products.shape[2]))
    for n, at in enumerate(parts):
        inside[n, list(at)] = 1.0
    left = np.einsum("cgoiph->cgoih", of.products)
    return PartsTogether(
        np.einsum("cgoih->gich", left),
        np.einsum("cgoih,ko->gickh", left, inside),
        np.einsum("cgoiph,ko,kp->gickh", of.products, inside, inside, optimize=True),
        of.people.transpose(1, 2, 0, 3),
    )


def stacked(one: Domains, two: Domains) -> Domains:
    """Set two independent samples side by side, each with strata of its own."""
    h = len(one.design.cells)

    def block(first: Floats, second: Floats) -> Floats:
        groups = first.shape[1] + second.shape[1]
        whole = np.zeros((3, groups, *first.shape[2:-1], h + second.shape[-1]))
        whole[:, : first.shape[1], ..., :h] = first
        whole[:, first.shape[1] :, ..., h:] = second
        return whole

    a, b = one.design, two.design
    stacked: Any = {
        name: np.concatenate([getattr(d, name) for d in (a, b)])
        for name in ("sizes", "n", "sum_w", "sum_w2", "unsampled")
    }
    design = replace(a, cells=a.cells + b.cells, **stacked, **_calibrations(a, b))
    together = None
    if one.together or two.together:
        alone = [of.together or _each_alone(of) for of in (one, two)]
        together = PartsTogether(
            *(
                _disjoint(getattr(alone[0], name), getattr(alone[1], name))
                for name in ("bases", "mixed", "parts", "people")
            )
        )
    return Domains(
        block(one.base, two.base),
        block(one.part, two.part),
        design,
        one.designed or two.designed,
        together,
    )


def _each_alone(of: Domains) -> PartsTogether:
    """Where everybody answered once, each is a cluster."""
    groups = np.eye(of.base.shape[1])
    bases, parts, people = (
        np.einsum("gf,g...->gf...", groups, sums) for sums in (of.base[2], of.part[2], of.base[0])
    )
    return PartsTogether(bases, parts, parts, people)


def _disjoint(one: Floats, two: Floats) -> Floats:
    """Set sums of two samples that share nobody side by side."""
    groups, more = len(one), len(two)
    whole = np.zeros(
        (groups + more, groups + more, *one.shape[2:-1], one.shape[-1] + two.shape[-1])
    )
    whole[:groups, :groups, ..., : one.shape[-1]] = one
    whole[groups:, groups:, ..., one.shape[-1] :] = two
    return whole


def _calibrations(one: Design, other: Design) -> dict[str, Any]:
    """Cells of two designs side by side, where either has any."""
    if one.of_stratum is None and other.of_stratum is None:
        return {}
    numbers, more = (
        np.arange(len(d.cells)) if d.of_stratum is None else d.of_stratum for d in (one, other)
    )
    moved = tuple((len(one.cells) + first, cells) for first, cells in other.calibrations)
    whole = np.concatenate([numbers, more + numbers.max() + 1])
    return dict(calibrations=one.calibrations + moved, of_stratum=whole)


def tabulable(survey: Survey, question: str) -> Question:
    """Look up a question that has shares; of one that has none raise `InsightsError`."""
    asked = survey.question(question)
    if not asked.tabulates:
        raise InsightsError(f"{question} is a {asked.kind} question: it has no shares.")
    return asked


def one_key(by: str | Sequence[str]) -> str:
    """Name of the only key by which to group; of none or several raise `InsightsError`."""
    keys = keys_of(by)
    if len(keys) == 1:
        return keys[0]
    raise InsightsError(
        f"Groups are formed by one dimension or response column at a time, not by "
        f"{' and '.join(keys) or 'none'}. Select within the others with where."
    )


def group_codes(survey: Survey, question: Question, by: str, selection: Selection) -> list[str]:
    """Codes of the groups: those a filter names, else all that say something.

    Raises
    ------
    InsightsError
        For an unknown key, one not known of the population, or fewer than two groups.
    """
    if by == RESPONDENT_TYPE:
        raise InsightsError(
            f"{question.id} was put to one population. To see it beside matching questions to "
            f'others, use `h.question(survey, "{question.id}", matched=True)`.'
        )
    codebook = survey.codebook
    if column_of(codebook, by) not in survey.columns(question.population):
        who = codebook.populations[question.population].label
        raise InsightsError(f"{who} have no {by}: it is not known for them.")
    known = known_codes(codebook, by)
    unsaid = {NOT_STATED, NOT_ASKED, NOT_ANSWERED}
    for asked in codebook.questions.values():
        if by not in codebook.dimensions and by in (c.column for c in asked.cells):
            unsaid |= {o.code for o in asked.options if o.missing is not Missing.NO}
    codes = [code for code in known if code not in unsaid]
    for key, wanted in selection.conditions:
        if key == by and EVERY not in wanted:
            codes = [code for code in known if code in wanted]
    if len(codes) < 2:
        raise InsightsError(
            f"{by} gives {len(codes)} group{'s' * (len(codes) != 1)} to compare; two are needed. "
            f"Its codes: {', '.join(known) or 'none (its answers are numbers or text)'}."
        )
    return codes
