"""The protected cube: all that leaves the responses, and the shares computed from it.

The cube is plain JSON, so that whoever reads it reads exactly what a release holds:

    {"format": 1, "minimum_base": 10, "profile": "standard", "questions": {ID: {
        "population", "respondents", "asked", "weighted",
        "dimensions": {DIMENSION: [{"id", "label", "bands"}]},   groups that are offered
        "not_offered": {DIMENSION: reason},
        "hidden": reason or "",
        "columns": [{"item", "time"}], "hidden_columns": [{"item", "time"}],
        "options": [code],                                        options of the base
        "atoms": [{"groups": {DIMENSION: group}, "n": [[int per option] per column],
                   and with weights "shares", "weight", "effective"}]}}}
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from helpers.disclosure.atoms import (
    Bands,
    Counts,
    Floats,
    Partition,
    Rule,
    everybody,
    merge,
    showable,
)
from helpers.disclosure.rules import ReleaseRules
from helpers.estimation.estimates import RESULT, Combine, Status, combined, wilson
from helpers.estimation.tabulate import SUMS, bases, present, respondents, strata, tabulate
from helpers.survey.codebook import NOT_STATED, Codebook, Dimension, Question
from helpers.survey.dataset import Survey
from helpers.survey.responses import band_column

CubeQuestion = dict[str, Any]
SHARE_DIGITS, WEIGHT_DIGITS = 2, 3


def build_cube(
    survey: Survey, rules: ReleaseRules, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Build the cube of every question on any page of the rules."""
    wanted = list(dict.fromkeys(q for page in rules.pages for q in page.questions))
    rule = Rule(rules.minimum_base, rules.allow_unanimous)
    counted = {}
    for question in wanted:
        progress(question)
        counted[question] = _counted(survey, survey.question(question), rules, rule)
    partitions: dict[str, Partition] = {}
    for question in _gates_first(survey.codebook, wanted):
        found = counted[question]
        partitions[question] = everybody(found.counts.bands)
        if any(found.keep):
            leading = [
                partitions[q]
                for q in _leading(survey.codebook, question)
                if q in counted and any(counted[q].keep)
            ]
            partitions[question] = merge(found.counts, found.keep, rule, leading)
    return {
        "format": 1,
        "minimum_base": rules.minimum_base,
        "profile": rules.profile,
        "questions": {q: _protected(survey, rules, counted[q], partitions[q]) for q in wanted},
    }


@dataclass(frozen=True)
class _Counted:
    """A question's counts, the columns that may be shown, and who was asked."""

    counts: Counts
    keep: list[bool]
    asked: int


def _counted(survey: Survey, question: Question, rules: ReleaseRules, rule: Rule) -> _Counted:
    offered = [
        survey.codebook.dimensions[d]
        for d in rules.dimensions
        if question.population in survey.codebook.dimensions[d].source
    ]
    table = tabulate(survey, question, tuple(d.id for d in offered))
    bands = {d.id: _present(survey, question.population, d) for d in offered}
    counts = Counts(question, table.cells, bands)
    return _Counted(counts, showable(counts, rule), bases(table, question)[0])


def _leading(codebook: Codebook, question: str) -> list[str]:
    """Questions that decide who is asked a question, directly or through others."""
    owners = codebook.owners
    found: list[str] = []
    waiting = [question]
    while waiting:
        routing = codebook.questions[waiting.pop()].asked_if
        for column in routing.columns if routing else ():
            if column in owners and owners[column].id not in found:
                found.append(owners[column].id)
                waiting.append(owners[column].id)
    return found


def _gates_first(codebook: Codebook, wanted: list[str]) -> list[str]:
    """Order questions so that those that lead to others come before them."""
    return sorted(wanted, key=lambda question: len(_leading(codebook, question)))


def _protected(
    survey: Survey, rules: ReleaseRules, found: _Counted, partition: Partition
) -> CubeQuestion:
    """Reduce the answers to one question to counts in atoms."""
    counts, keep = found.counts, found.keep
    question = counts.question
    columns = list(zip(counts.columns, keep, strict=True))
    return {
        "population": question.population,
        "respondents": respondents(survey, question.population),
        "asked": found.asked,
        "weighted": bool(survey.codebook.populations[question.population].weight),
        "dimensions": {
            d: [_group(survey.codebook.dimensions[d], g, n) for n, g in enumerate(groups)]
            for d, groups in partition.items()
            if len(groups) > 1
        },
        "not_offered": _not_offered(survey, question, rules, partition),
        "hidden": ""
        if any(keep)
        else "Fewer than "
        f"{rules.minimum_base} answered, or all of them alike: nothing can be shown.",
        "columns": [_place(question, column) for column, kept in columns if kept],
        "hidden_columns": [_place(question, column) for column, kept in columns if not kept],
        "options": list(counts.options),
        "atoms": _atoms(survey, counts, partition, keep),
    }


def _present(survey: Survey, population: str, dimension: Dimension) -> Bands:
    """Bands of a dimension that anybody is in, in their order."""
    there = present(survey, population, band_column(dimension.id))
    return tuple(band for band in (*dimension.bands, NOT_STATED) if band in there)


def _group(dimension: Dimension, bands: Bands, n: int) -> dict[str, Any]:
    name = bands[0] if len(bands) == 1 else f"g{n + 1}_{'_'.join(bands)}"
    label = " or ".join(dimension.band_label(band) for band in bands)
    return {"id": name, "label": label, "bands": list(bands)}


def _place(question: Question, column: str) -> dict[str, str]:
    cell = next(c for c in question.cells if c.column == column)
    return {"item": cell.item, "time": cell.time}


def _not_offered(
    survey: Survey, question: Question, rules: ReleaseRules, partition: Partition
) -> dict[str, str]:
    who = survey.codebook.populations[question.population].label.lower()
    reasons = {}
    for name in rules.dimensions:
        if name not in partition:
            reasons[name] = f"It is not known of {who}."
        elif len(partition[name]) < 2:
            reasons[name] = (
                f"Split by it, groups of fewer than {rules.minimum_base} or of one "
                "mind would become visible."
            )
    return reasons


def _atoms(
    survey: Survey, counts: Counts, partition: Partition, keep: list[bool]
) -> list[dict[str, Any]]:
    offered = {
        d: [_group(survey.codebook.dimensions[d], g, n)["id"] for n, g in enumerate(groups)]
        for d, groups in partition.items()
        if len(groups) > 1
    }
    population = survey.codebook.populations[counts.question.population]
    total = float(strata(survey, population.id)["sum_w"].sum())
    n, w, w2 = (counts.merged(partition, name)[keep] for name in SUMS)
    result = []
    for place in np.ndindex(n.shape[2:]):
        at = dict(zip(partition, place, strict=True))
        inside = (slice(None), slice(None), *place)
        entry: dict[str, Any] = {
            "groups": {d: names[at[d]] for d, names in offered.items()},
            "n": n[inside].astype(int).tolist(),
        }
        if population.weight:
            entry |= _weighted(w[inside], w2[inside], total)
        result.append(entry)
    return result


def _weighted(w: Floats, w2: Floats, total: float) -> dict[str, Any]:
    """Compute an atom's rounded shares, its part of all weight, and Kish's effective base."""
    base, squares = w.sum(axis=1), w2.sum(axis=1)
    shares = np.divide(w, base[:, None], out=np.zeros_like(w), where=base[:, None] > 0)
    kish = np.divide(base**2, squares, out=np.zeros_like(base), where=squares > 0)
    return {
        "shares": shares.round(SHARE_DIGITS).tolist(),
        "weight": (base / total).round(WEIGHT_DIGITS).tolist(),
        "effective": np.floor(kish + 1e-9).astype(int).tolist(),
    }


def groups_offered(cube: CubeQuestion) -> dict[str, list[str]]:
    """Group ids of each dimension that the question offers."""
    return {d: [g["id"] for g in groups] for d, groups in cube["dimensions"].items()}


def shares(
    question: Question,
    cube: CubeQuestion,
    chosen: Mapping[str, tuple[str, ...]],
    by: str = "",
    combine: Combine | None = None,
) -> pd.DataFrame:
    """Shares of a union of atoms, in the columns of `estimates.proportion`.

    Parameters
    ----------
    chosen
        Group ids per dimension; a dimension left out means all of it.
    by
        Dimension whose groups are set side by side (column `by` holds their ids).
    combine
        Options to take together, as in `estimates.proportion`.
    """
    offered = groups_offered(cube)
    rows = []
    for group in offered[by] if by else [""]:
        wanted = {**{d: tuple(g) for d, g in offered.items()}, **chosen}
        if by:
            wanted[by] = (group,)
        union = [a for a in cube["atoms"] if all(a["groups"][d] in wanted[d] for d in offered)]
        rows += _union_rows(question, cube, union, {by: group} if by else {}, combine)
    frame = pd.DataFrame(
        rows, columns=[*RESULT, *([by] if by else []), "estimate", "n", "n_effective", "status"]
    )
    p, n = frame["estimate"].to_numpy(float), frame["n_effective"].to_numpy(float)
    frame["ci_low"], frame["ci_high"] = wilson(p, n)
    return frame


def _union_rows(
    question: Question,
    cube: CubeQuestion,
    union: list[dict[str, Any]],
    group: dict[str, str],
    combine: Combine | None,
) -> list[dict[str, Any]]:
    order = {code: n for n, code in enumerate(cube["options"])}
    rows = []
    for (at, place), (name, codes) in product(
        enumerate(cube["columns"]), combined(question, combine).items()
    ):
        n = sum(sum(a["n"][at]) for a in union)
        p, effective = _estimate(cube, union, at, [order[c] for c in codes], n)
        rows.append(
            {
                "question": question.id,
                "option": name,
                **place,
                **group,
                "estimate": p,
                "n": n,
                "n_effective": effective,
                "status": Status.OK.value if n else Status.NO_ANSWERS.value,
            }
        )
    return rows


def _estimate(
    cube: CubeQuestion, union: list[dict[str, Any]], at: int, options: list[int], n: int
) -> tuple[float, float]:
    """Share of the options and its effective base."""
    if not n:
        return math.nan, math.nan
    if not cube["weighted"]:
        # p(1 - p) / Var(p) of a simple random sample, as in `estimates.proportion`
        k = sum(a["n"][at][o] for a in union for o in options)
        everybody = cube["respondents"]
        return k / n, n if k in (0, n) else n * (everybody - 1) / everybody
    weight = sum(a["weight"][at] for a in union)
    squares = sum(a["weight"][at] ** 2 / a["effective"][at] for a in union if a["effective"][at])
    if not weight or not squares:
        return math.nan, math.nan
    p = sum(a["weight"][at] * a["shares"][at][o] for a in union for o in options) / weight
    return min(p, 1.0), weight**2 / squares
