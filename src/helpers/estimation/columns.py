"""Columns of a table: everybody, and the groups of several characteristics, counted together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import (
    NOT_STATED,
    RESPONDENT_TYPE,
    Kind,
    Missing,
    Question,
)
from helpers.errors import InsightsError
from helpers.estimation.association import NO_TEST
from helpers.estimation.compare import differences, mean_differences
from helpers.estimation.domains import Domains, is_designed
from helpers.estimation.estimates import shares
from helpers.estimation.intervals import Floats
from helpers.estimation.latest_wave import resolve_selection, selected_waves, waves_without
from helpers.estimation.means import netted, number_means, number_status, of_numbers, scored
from helpers.estimation.people import NumbersOfPeople, PeopleInColumns, PeopleRows
from helpers.estimation.request import VALUES, Status, status_of
from helpers.estimation.tabulate import (
    SUMS,
    numbers,
    present,
    some_gave_several,
    strata,
    tabulate,
    ticks,
)
from helpers.estimation.totals import NUMBER_SUMS, NumberSums
from helpers.estimation.variance import Design, Sums
from helpers.responses.recoding import PERSON
from helpers.responses.selection import EVERY, Selection, Where, column_of, known_codes
from helpers.responses.survey import Survey

Condition: TypeAlias = "tuple[tuple[str, str], ...]"  # key and code, for each key
Values: TypeAlias = dict[str, npt.NDArray[Any]]
CountedBy: TypeAlias = Callable[[Sequence[str]], pd.DataFrame]  # by keys, as `tabulate` gives it
Codes: TypeAlias = Sequence[tuple[str, ...]]  # that each row of a table takes together
TOGETHER = 5_000  # groups of respondents up to which several characteristics are counted at once
MOST = 200  # columns of one block
SQUARES = [NUMBER_SUMS.index(of) for of in ("sum_w2", "sum_w2x", "sum_w2x2")]


@dataclass(frozen=True)
class ColumnBlock:
    """Columns that belong together: everybody, or the groups of one or several characteristics.

    Attributes
    ----------
    keys : dimensions and response columns, crossed; none for everybody
    columns : whom each column holds: a code for each of some keys
    apart : whether nobody is in two columns, so that they can be tested against each other
    """

    keys: tuple[str, ...] = ()
    columns: tuple[Condition, ...] = ((),)
    apart: bool = True

    def pairs(self) -> list[tuple[int, int]]:
        """Pairs of columns that are tested, by their places in the block."""
        return list(combinations(range(len(self.columns)), 2)) if self.apart else []


@dataclass(frozen=True)
class ColumnEstimates:
    """What one question shows in every column, as arrays.

    Attributes
    ----------
    rows : by name of a column of results, (column, cell, row); a cell is an item at a time
    mean : of the scores or numbers, (column, cell); None where there is none
    net : of a recommendation question, (column, cell); else None
    none : of a select-all question who ticked no box, (column, 1); else None
    bases : `n`, `weighted` (sum of weights) and `effective` (Kish's base), (column, cell)
    tests : of every pair of columns: `one`, `other` (places of columns), and by name of a column
        of `compare.groups` arrays (cell, row, pair); then the same of means, (cell, pair)
    reasons : why a column has nothing to show, by its place
    """

    rows: Values
    mean: Values | None
    net: Values | None
    none: Values | None
    bases: dict[str, Floats]
    tests: list[PairTests]
    reasons: dict[int, str]

    def of(self, name: str) -> Values:
        """Values of what a test is about."""
        found: Values = getattr(self, name)
        return found


@dataclass(frozen=True)
class PairTests:
    """Tests of some pairs of columns; `of` says of what: rows, mean, net or none."""

    of: str
    pairs: Sequence[tuple[int, int]]
    values: Values


def block_of(survey: Survey, keys: Sequence[str], where: Where = None) -> ColumnBlock:
    """Look up the columns that characteristics form, crossed if there are several.

    Parameters
    ----------
    keys
        Dimensions or response columns; or one select-all question, whose columns are those who
        ticked each box, and overlap.
    where
        A filter on a key leaves only the columns that it names.

    Raises
    ------
    InsightsError
        For what does not exist or has no groups, and more columns than anybody reads.
    """
    codebook = survey.codebook
    asked = codebook.questions.get(keys[0]) if keys else None
    if asked is not None and asked.kind is Kind.MULTIPLE and keys[0] not in codebook.dimensions:
        if len(keys) > 1:
            raise InsightsError(
                f"{asked.id} lets people tick several answers: to nest it, name one of its boxes, "
                f'such as "{asked.cells[0].column}".'
            )
        boxes = [((c.column, asked.ticked.code),) for c in asked.cells]
        return ColumnBlock(tuple(c.column for c in asked.cells), tuple(boxes), apart=False)
    levels = [[(key, code) for code in _codes(survey, key, Selection.of(where))] for key in keys]
    columns = tuple(product(*levels))
    if len(columns) > MOST:
        raise InsightsError(
            f"{' by '.join(keys)} has {len(columns):,} groups; a table has at most {MOST} columns "
            "for it. Choose another characteristic, or fewer at once."
        )
    return ColumnBlock(tuple(keys), columns)


def _codes(survey: Survey, key: str, selection: Selection) -> list[str]:
    """Codes of the groups of a characteristic that say something."""
    codebook = survey.codebook
    if key == RESPONDENT_TYPE:
        raise InsightsError(
            "Every table is of one respondent type already: leave respondent_type out of by."
        )
    column = column_of(codebook, key)
    codes = list(known_codes(codebook, key))
    unsaid = {NOT_STATED, NOT_ASKED, NOT_ANSWERED, ""}
    if key not in codebook.dimensions and key in codebook.owners:
        owner = codebook.owners[key]
        unsaid |= {o.code for o in owner.options if o.missing is not Missing.NO}
        if not owner.tabulates:
            bands = " Make bands of it with survey.derive and h.recipes.bands."
            raise InsightsError(
                f"{key} is a {owner.kind} question: its answers form no groups."
                f"{bands if owner.kind is Kind.NUMBER else ''}"
            )
    elif key not in codebook.dimensions:  # names of organisations
        holding = [p for p in survey.held if column in survey.columns(p)]
        codes = sorted({code for p in holding for code in present(survey, p, column)})
    chosen = dict(selection.conditions).get(key, (EVERY,))
    return [c for c in codes if c not in unsaid and (EVERY in chosen or c in chosen)]


def inapplicable(survey: Survey, question: Question, block: ColumnBlock) -> str:
    """Say why a question cannot be split by a block; empty if it can."""
    codebook = survey.codebook
    who = codebook.populations[question.population]
    own = {c.column for c in question.cells}
    for key in block.keys:
        if column_of(codebook, key) not in survey.columns(question.population):
            label = codebook.dimensions[key].label if key in codebook.dimensions else key
            return f"{label} is not known for {who.label}"
        source = codebook.dimensions[key].source if key in codebook.dimensions else {}
        read = source[question.population].column if source else key
        if {read, column_of(codebook, key)} & own:
            return "the columns are answers to this question"
    return ""


def estimate_columns(
    survey: Survey,
    question: Question,
    blocks: Sequence[ColumnBlock],
    codes: Codes,
    where: Where = None,
    *,
    tested: bool = True,
) -> ColumnEstimates:
    """Estimate a question in every column of some blocks.

    Parameters
    ----------
    question
        Of any kind but text.
    codes
        Of each row of the table the codes of the base that it takes together; none for a number.
    where
        As in `estimates.proportion`; a block of waves is of all waves.

    Notes
    -----
    Shares, standard errors and intervals are those of `estimates.proportion`, means those of
    `means.mean`, tests those of `compare.groups`, and of means `compare.mean_differences`.
    Respondents are counted once for several blocks, by all their characteristics together.
    """
    places = np.cumsum([0, *(len(block.columns) for block in blocks)])
    reasons = {n: inapplicable(survey, question, block) for n, block in enumerate(blocks)}
    width = max(len(codes), 1) if question.kind is not Kind.NUMBER else 0
    shape = (int(places[-1]), len(question.cells), width)
    found = ColumnEstimates(
        blank(shape),
        blank(shape[:2]) if question.kind is Kind.NUMBER or question.is_scale else None,
        blank(shape[:2]) if question.parts else None,
        blank((shape[0], 1)) if has_none(question) else None,
        {name: np.zeros(shape[:2]) for name in ("n", "weighted", "effective")},
        [],
        {
            int(at): reasons[n]
            for n in range(len(blocks))
            for at in range(places[n], places[n + 1])
            if reasons[n]
        },
    )
    selections: dict[Selection, list[int]] = {}
    for n, block in enumerate(blocks):
        if not reasons[n]:
            chosen = resolve_selection(survey, where, question.population, block.keys)
            selections.setdefault(chosen, []).append(n)
    for selection, of in _counted_together(survey, question.population, selections):
        conditions = [c for n in of for c in blocks[n].columns]
        at = np.concatenate([np.arange(places[n], places[n + 1]) for n in of])
        starts = np.cumsum([0, *(len(blocks[n].columns) for n in of)])
        pairs = [
            (int(starts[m] + a), int(starts[m] + b))
            for m, n in enumerate(of)
            for a, b in blocks[n].pairs()
        ]
        several = some_gave_several(survey, question.population, selection)
        group = _Counted(survey, question, conditions, selection, pairs if tested else [], several)
        numeric = question.kind is Kind.NUMBER
        _place(found, _number_columns(group) if numeric else _scored_columns(group, codes), at)
    _without_unasked(survey, question, blocks, codes, where, found)
    if found.none is not None and not np.nansum(found.none["estimate"]) > 0:
        found = replace(found, none=None, tests=[t for t in found.tests if t.of != "none"])
    return found


def _counted_together(
    survey: Survey, population: str, selections: Mapping[Selection, list[int]]
) -> Iterator[tuple[Selection, list[int]]]:
    """List the selections that concern a population, and the blocks to be counted in one go.

    Where people gave several answers it is one after the other: every two of the columns that are
    counted together have people in common.
    """
    for selection, blocks in selections.items():
        if selection.concerns(survey, population):
            apart = some_gave_several(survey, population, selection)
            yield from ((selection, of) for of in ([[n] for n in blocks] if apart else [blocks]))


def blank(shape: tuple[int, ...]) -> Values:
    """Values of columns that nothing was asked of."""
    values: Values = {name: np.full(shape, np.nan) for name in VALUES[:-1]}
    values["n"] = np.zeros(shape)
    values["status"] = np.full(shape, Status.NOT_ASKED.value, dtype=object)
    return values


def _place(found: ColumnEstimates, part: ColumnEstimates, at: npt.NDArray[np.int64]) -> None:
    """Put the estimates of some columns in their places."""
    for name in ("rows", "mean", "net", "none", "bases"):
        whole, some = getattr(found, name), getattr(part, name)
        if whole is not None and some is not None:
            for key, values in some.items():
                whole[key][at] = values
    for test in part.tests:
        pairs = [(int(at[a]), int(at[b])) for a, b in test.pairs]
        found.tests.append(PairTests(test.of, pairs, test.values))


def _passes(conditions: Sequence[Condition], survey: Survey) -> list[list[str]]:
    """Divide the keys of columns into sets, each counted in one go."""
    codebook = survey.codebook
    sizes = {key: len(known_codes(codebook, key)) or MOST for c in conditions for key, _ in c}
    sets: list[list[str]] = [[]]
    for keys in dict.fromkeys(tuple(key for key, _ in c) for c in conditions):
        for held in sets:
            together = dict.fromkeys((*held, *keys))
            if np.prod([float(sizes[key]) for key in together]) <= TOGETHER or not held:
                held[:] = list(together)
                break
        else:
            sets.append(list(keys))
    return sets


def _members(
    conditions: Sequence[Condition], keys: Sequence[str], table: pd.DataFrame
) -> dict[int, npt.NDArray[np.bool_]]:
    """Rows of a table that belong to each column whose keys it has; everybody's too."""
    known = {key: table[key].to_numpy(dtype=object) for key in keys}
    found = {}
    for n, condition in enumerate(conditions):
        if {key for key, _ in condition} <= {*keys}:
            inside = np.ones(len(table), dtype=bool)
            for key, code in condition:
                inside &= known[key] == code
            found[n] = inside
    return found


def _added(
    table: pd.DataFrame, flat: npt.NDArray[np.int64], names: Sequence[str], size: int
) -> list[Floats]:
    """Add up some columns of a table by place; rows without a place are left out."""
    kept = flat >= 0
    weighed = (table[name].to_numpy(dtype=float)[kept] for name in names)
    return [np.bincount(flat[kept], of, size).astype(float) for of in weighed]


@dataclass(frozen=True)
class _Counted:
    """Columns of a table that are counted together: whom each holds, and which are tested.

    `several` says whether people gave several answers, so that they are clusters.
    """

    survey: Survey
    question: Question
    conditions: Sequence[Condition]
    selection: Selection
    pairs: list[tuple[int, int]]
    several: bool

    @property
    def person(self) -> tuple[str, ...]:
        """Key that tells people apart, where they are clusters."""
        return (PERSON,) if self.several else ()


def _scored_columns(group: _Counted, codes: Codes) -> ColumnEstimates:
    """Estimate answers that are codes."""
    survey, question, selection = group.survey, group.question, group.selection
    pairs = group.pairs
    design = Design.of(strata(survey, question.population), survey, question.population)
    answers = [o.code for o in question.in_base]

    def shared(
        of: str, counted: CountedBy, columns: list[str], options: list[str], rows: list[list[int]]
    ) -> tuple[Sums, PeopleInColumns | None, Values]:
        """Count some columns; estimate and test rows of them."""
        sums, whose, designed = _sums(group, design, counted, columns, options)
        scores = np.array([[float(n in row) for n in range(len(options))] for row in rows])
        ones = np.ones(len(options))
        found = _with_status(shares(sums, scores, ones, design))
        if pairs:
            whole = np.stack([sums.n, sums.w, sums.w2])
            part = np.stack([whole[:, :, :, at].sum(axis=3) for at in rows], axis=3)
            together = whose.together(len(columns), scores, ones) if whose else None
            data = Domains(whole.sum(axis=3), part, design, designed or group.several, together)
            tests.append(PairTests(of, pairs, differences(data, pairs)))
        return sums, whose, found

    def all_answers(keys: Sequence[str]) -> pd.DataFrame:
        return tabulate(survey, question, keys, selection).cells

    def all_ticks(keys: Sequence[str]) -> pd.DataFrame:
        return ticks(survey, question, keys, selection).cells

    tests: list[PairTests] = []
    columns = [c.column for c in question.cells]
    rows = [[answers.index(code) for code in row] for row in codes]
    sums, whose, values = shared("rows", all_answers, columns, answers, rows)
    made: dict[str, Values] = {}
    for name, given, ends in _score_rows(question):
        inside = np.array([float(s is not None) for s in given])
        line = np.array([[0.0 if s is None else s for s in given]])
        found = scored(sums, line, inside, ends, design)
        made[name] = _with_status({k: v[:, :, 0] for k, v in found.items()})
        if pairs:
            n = np.einsum("gcoh,o->gch", sums.n, inside)
            together = whose.together(len(columns), line, inside) if whose else None
            moments = sums.scored(line, inside)
            gaps = mean_differences(moments, n, design, pairs, together)
            tests.append(PairTests(name, pairs, gaps))
    if has_none(question):
        options = [question.unticked.code, question.ticked.code]
        _, _, found = shared("none", all_ticks, [question.id], options, [[0]])
        made["none"] = {name: of[:, :, 0] for name, of in found.items()}
    whole = np.stack([of.sum(axis=2) for of in (sums.n, sums.w, sums.w2)])
    bases = _bases(whole)
    return ColumnEstimates(
        values, made.get("mean"), made.get("net"), made.get("none"), bases, tests, {}
    )


def has_none(question: Question) -> bool:
    """Whether people may have left all of several boxes."""
    return question.kind is Kind.MULTIPLE and len(question.items) > 1


def _sums(
    group: _Counted,
    design: Design,
    counted: CountedBy,
    columns: Sequence[str],
    options: Sequence[str],
) -> tuple[Sums, PeopleInColumns | None, bool]:
    """Add up by (column of the table, response column, option, stratum), people as clusters.

    Also say whose the answers are that were counted last, where people are clusters, and whether
    weights differ, or there are strata or population sizes.
    """
    shape = (len(columns), len(options), len(design.cells))
    sums = np.zeros((len(SUMS), len(group.conditions), *shape))
    found, whose = Sums(*sums), None
    done: set[int] = set()
    designed = False
    for keys in _passes(group.conditions, group.survey):
        table = counted([*keys, *group.person])
        at = [
            table[name].map({one: n for n, one in enumerate(listed)})
            for name, listed in (
                ("column", columns),
                ("option", options),
                ("stratum", design.cells),
            )
        ]
        cell, option, stratum = (of.to_numpy(dtype=float, na_value=-1).astype(int) for of in at)
        flat = (cell * shape[1] + option) * shape[2] + stratum
        flat = np.where((cell < 0) | (option < 0) | (stratum < 0), -1, flat)
        members = _members(group.conditions, keys, table)
        new = {n: held for n, held in members.items() if n not in done}
        done |= {*new}
        for n, held in new.items():
            added = _added(table, np.where(held, flat, -1), SUMS, int(np.prod(shape)))
            sums[:, n] = np.stack(added).reshape(len(SUMS), *shape)
        if group.several:
            rows = PeopleRows.of(table, design.cells)
            whose = PeopleInColumns(rows, cell, option, new)
            found = whose.added(found)
        designed = designed or is_designed(table, design)
    return found, whose, designed


def _score_rows(
    question: Question,
) -> list[tuple[str, list[float | None], tuple[float, float]]]:
    """Scores of the options of the base for the mean, and for the net of a recommendation."""
    found: list[tuple[str, list[float | None], tuple[float, float]]] = []
    if question.is_scale:
        given = [o.score for o in question.in_base]
        known = [o.score for o in question.substantive if o.score is not None]
        found.append(("mean", given, (min(known), max(known))))
    if question.parts:
        ends = netted(question)
        found.append(("net", [ends.get(o.code, 0.0) for o in question.in_base], (-1.0, 1.0)))
    return found


def _number_columns(group: _Counted) -> ColumnEstimates:
    """Estimate means of numbers."""
    survey, question, selection = group.survey, group.question, group.selection
    conditions, pairs = group.conditions, group.pairs
    design = Design.of(strata(survey, question.population), survey, question.population)
    places = {c.column: n for n, c in enumerate(question.cells)}
    shape = (len(places), len(design.cells))

    last: list[Any] = []  # whose numbers were counted, where people are clusters

    def counted(centre: float) -> NumberSums:
        sums = np.zeros((len(NUMBER_SUMS), len(conditions), *shape))
        people = np.zeros((len(conditions), *shape))
        same = np.zeros((len(conditions), len(places)), dtype=bool)
        done: set[int] = set()
        for keys in _passes(conditions, survey):
            table = numbers(survey, question, [*keys, *group.person], selection, centre)
            cell = table["column"].map(places).to_numpy(dtype=int)
            stratum = table["stratum"].map({s: n for n, s in enumerate(design.cells)})
            flat = cell * shape[1] + stratum.to_numpy(dtype=int)
            members = _members(conditions, keys, table)
            for n, held in members.items():
                if n in done:
                    continue
                done.add(n)
                added = _added(table, np.where(held, flat, -1), NUMBER_SUMS, int(np.prod(shape)))
                sums[:, n] = np.stack(added).reshape(-1, *shape)
                for at in range(len(places)):
                    own = table[held & (cell == at)]
                    same[n, at] = len(own) > 0 and own["lowest"].min() == own["highest"].max()
            if group.several:
                whose = NumbersOfPeople.of(table, design.cells, cell, members)
                last[:] = [whose]
                for n in members:
                    sums[SQUARES, n], people[n] = whose.squares(n, len(places))
        clusters = people if group.several else None
        return NumberSums([of[:, :, None, :] for of in sums], same[:, :, None], design, clusters)

    sums, _, same, values = number_means(counted)
    mean = _with_status({k: v[:, :, 0] for k, v in values.items()})
    mean["status"] = number_status(mean["status"], mean["n"], same[:, :, 0])
    alone = mean["status"] == Status.NO_VARIANCE.value
    for name in ("se", "ci_low", "ci_high"):
        mean[name] = np.where(alone, np.nan, mean[name])
    tests = []
    if pairs:
        together = last[0].together(len(places)) if group.several else None
        gaps = mean_differences(of_numbers(sums), sums[0][:, :, 0], design, pairs, together)
        tests.append(PairTests("mean", pairs, gaps))
    base = np.stack([of[:, :, 0] for of in sums[:3]])
    rows = blank((len(conditions), len(places), 0))
    return ColumnEstimates(rows, mean, None, None, _bases(base), tests, {})


def _bases(base: Floats) -> dict[str, Floats]:
    """Bases from the sums of whole bases (3, column, cell, stratum)."""
    n, w, w2 = base.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {"n": n, "weighted": w, "effective": np.where(w2 > 0, w**2 / w2, 0.0)}


def _with_status(
    values: Mapping[str, Floats],
) -> Values:
    found: Values = {k: values[k] for k in VALUES[:-1]}
    status = status_of(values["estimate"], values["se"], values["n"])
    return {**found, "status": np.asarray(status, dtype=object)}


def _without_unasked(
    survey: Survey,
    question: Question,
    blocks: Sequence[ColumnBlock],
    codes: Codes,
    where: Where,
    found: ColumnEstimates,
) -> None:
    """Take away what no wave of a column asked or offered, and tests of it."""
    codebook, population = survey.codebook, question.population
    if not question.differs_by_wave or codebook.wave_of(population) is None:
        return
    key, at = codebook.wave_dimension, 0
    for block in blocks:
        selection = resolve_selection(survey, where, population, block.keys)
        pooled = selected_waves(codebook, population, selection)
        pooled = tuple(wave for wave in pooled if wave in codebook.waves) or pooled
        for condition in block.columns:
            waves = (dict(condition)[key],) if key in dict(condition) else pooled
            if _gone(question, "", (), waves):
                _take(found.none, (at,))
            for cell, place in enumerate(question.cells):
                if _gone(question, place.item, (), waves):
                    for values in (found.mean, found.net):
                        _take(values, (at, cell))
                for row, taken in enumerate(codes):
                    if _gone(question, place.item, taken, waves):
                        _take(found.rows, (at, cell, row))
            at += 1
    for test in found.tests:
        asked = found.of(test.of)["status"] != Status.NOT_ASKED.value  # (column, cell, ...)
        for n, (a, b) in enumerate(test.pairs):
            gone = ~(asked[a] & asked[b])
            test.values["p"][..., n] = np.where(gone, np.nan, test.values["p"][..., n])
            if "test" in test.values:
                test.values["test"][..., n] = np.where(gone, NO_TEST, test.values["test"][..., n])


def _gone(question: Question, item: str, codes: Sequence[str], waves: Sequence[str]) -> bool:
    return bool(waves) and len(waves_without(question, item, codes, waves)) == len(waves)


def _take(values: Values | None, at: tuple[int, ...]) -> None:
    if values is not None:
        for name in (name for name in VALUES[:-1] if name != "n"):
            values[name][at] = np.nan
        values["status"][at] = Status.NOT_ASKED.value
