"""The protected cube: all that leaves the responses.

A view comes from the first level that has all the dimensions it selects or compares by; columns
hidden at a level hold None there. `forms` has its form, `unions` computes shares from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from typing import Any, TypeVar

import numpy as np

from helpers.codebook.changes import change_id
from helpers.codebook.model import NOT_STATED, Dimension, Question
from helpers.estimation.tabulate import SUMS, respondents, strata
from helpers.importing.words.nonanswers import silent_bands
from helpers.release.exact import ExactSums
from helpers.release.forms import (
    Cube,
    CubeColumn,
    CubeEntry,
    CubeGroup,
    CubeLevel,
    CubeQuestion,
)
from helpers.release.protect import rounding
from helpers.release.protect.atoms import Bands, Floats
from helpers.release.protect.changes import protect_changes, survey_with_changes
from helpers.release.protect.profiles import Level
from helpers.release.protect.protection import Protected, protect, shown_beside
from helpers.release.rules import ReleaseRules
from helpers.responses.survey import Survey
from helpers.terminal import Step
from helpers.words import Catalogue, lowered, words_in

T = TypeVar("T")
FORMAT = 2
SHARE_DIGITS, WEIGHT_DIGITS = 2, 3


def build_cube(survey: Survey, rules: ReleaseRules) -> Cube:
    """Protect every question on any page of the rules, and build the cube of them."""
    protected = protect(survey, rules)
    wide = survey_with_changes(survey, protected)
    return cube_of(wide, rules, protected, protect_changes(wide, rules, protected))


def cube_of(
    survey: Survey,
    rules: ReleaseRules,
    protected: Mapping[str, Protected],
    changes: Mapping[str, Protected],
    progress: Callable[[str], None] = lambda _: None,
) -> Cube:
    """Build the cube of protected questions, and of their change questions.

    Parameters
    ----------
    survey
        As `survey_with_changes` returns it, if there are any of these.
    """
    questions = {}
    for done, (name, found) in enumerate(protected.items()):
        progress(Step("Counting answers", done, len(protected)))
        questions[name] = _protected(survey, rules, found)
    cube: Cube = {
        "format": FORMAT,
        "minimum_base": rules.minimum_base,
        "profile": rules.profile,
        "allow_unanimous": rules.allow_unanimous,
        "questions": questions,
    }
    if any(question["weighted"] for question in cube["questions"].values()):
        cube["dominance"] = rules.dominance
    if changes:
        names = {change_id(q): q for q in protected}
        cube["changes"] = {
            names[q]: _protected(survey, rules, found) for q, found in changes.items()
        }
    return cube


def _protected(survey: Survey, rules: ReleaseRules, found: Protected) -> CubeQuestion:
    """Reduce the answers to one question to what its plan shows."""
    counts, plan = found.counts, found.plan
    question = counts.question
    columns = [_place(question, column) for column in counts.columns]
    shown = [n for n in range(len(columns)) if any(n in level.shown for level in plan.levels)]
    names = _names(survey, found)
    cube: CubeQuestion = {
        "population": question.population,
        "respondents": respondents(survey, question.population),
        "asked": _asked(rules, found) if shown else None,
        "weighted": bool(survey.codebook.populations[question.population].weight),
        "dimensions": {d: names[d] for d in plan.offered},
        "not_offered": _not_offered(survey, question, rules, found),
        "hidden": "" if shown else _nothing(survey, rules, found),
        "rounded": rounding.STEP if rules.cure == "rounding" else 0,
        "columns": [columns[n] for n in shown],
        "hidden_columns": [place for n, place in enumerate(columns) if n not in shown],
        "options": list(counts.options),
        "levels": [_level(survey, found, level, shown) for level in plan.levels],
    }
    if ExactSums.of(survey, found) is not None:
        cube["digits"] = SHARE_DIGITS
    return cube


def _asked(rules: ReleaseRules, found: Protected) -> int | None:
    """Count who was asked; of a routed question that counts answers, which rounding would hide."""
    if rules.cure == "rounding" and found.counts.question.asked_if:
        return None
    return found.asked


def _nothing(survey: Survey, rules: ReleaseRules, found: Protected) -> str:
    """Say why a question is not shown, the same whatever its counts are."""
    say = words_in(survey.codebook.language)
    if beside := found.plan.beside.get(frozenset()):
        return say("reason.beside_hidden", question=survey.question(beside).label)
    if found.whole.levels:
        return say("reason.too_few_since", n=rules.minimum_base)
    if rules.profile == "standard":
        return say("reason.too_few", n=rules.minimum_base)
    return say("reason.too_few_strict", n=rules.minimum_base)


def _names(survey: Survey, found: Protected) -> dict[str, list[CubeGroup]]:
    known, say = survey.codebook.dimensions, words_in(survey.codebook.language)
    names = {
        d: [_group(known[d], bands, n, say) for n, bands in enumerate(groups)]
        for d, groups in found.plan.partition.items()
    }
    for d, place in found.left_out.items():
        names[d][place]["left_out"] = True
    for d, groups in names.items():
        silent = {NOT_STATED, *silent_bands(known[d].bands)}
        for group in (g for g in groups if {NOT_STATED} < {*g["bands"], NOT_STATED} <= silent):
            group["unsaid"] = True
    return names


def _group(dimension: Dimension, bands: Bands, n: int, say: Catalogue) -> CubeGroup:
    name = bands[0] if len(bands) == 1 else f"g{n + 1}_{'_'.join(bands)}"
    stated = [band for band in bands if band != NOT_STATED]
    label = say.either([dimension.band_label(band) for band in stated or bands])
    if stated and NOT_STATED in bands:
        label = say("sentence.or_not_stated", group=label)
    return {"id": name, "label": label, "bands": list(bands)}


def _place(question: Question, column: str) -> CubeColumn:
    cell = next(c for c in question.cells if c.column == column)
    return {"item": cell.item, "time": cell.time}


def _not_offered(
    survey: Survey, question: Question, rules: ReleaseRules, found: Protected
) -> dict[str, str]:
    plan = found.plan
    say = words_in(survey.codebook.language)
    who = lowered(survey.codebook.populations[question.population].label)
    shown = shown_beside(survey.codebook, rules, question)
    reasons = {}
    for name in rules.dimensions:
        dimension = lowered(survey.codebook.dimensions[name].label)
        bands = [band for group in plan.partition.get(name, ()) for band in group]
        if survey.codebook.waves and name == survey.codebook.wave_dimension and len(bands) == 1:
            label = survey.codebook.dimensions[name].band_label(bands[0])
            reasons[name] = say("reason.one_wave", dimension=dimension, wave=label)
        elif survey.codebook.repeats(name, question.population, shown):
            reasons[name] = say("reason.own_answers", dimension=dimension)
        elif name not in plan.partition:
            reasons[name] = say("reason.unknown", dimension=dimension, people=who)
        elif (beside := plan.beside.get(frozenset({name}))) and name not in plan.offered:
            label = survey.question(beside).label
            reasons[name] = say("reason.beside", dimension=dimension, question=label)
        elif name in found.whole.offered and name not in plan.offered:
            n = rules.minimum_base
            reasons[name] = say("reason.protected_since", dimension=dimension, n=n)
        elif name not in plan.offered:
            reasons[name] = say("reason.protected", dimension=dimension)
    return reasons


def _level(survey: Survey, found: Protected, level: Level, shown: list[int]) -> CubeLevel:
    """Give the sums of one level, column by column; of those hidden here null."""
    counts, plan = found.counts, found.plan
    who = survey.codebook.populations[counts.question.population]
    total = float(strata(survey, who.id)["sum_w"].sum())
    tables = [
        np.stack([sums[:, list(block)].sum(axis=1) for block in level.blocks], axis=1)
        for sums in _sums(found, level)
    ]
    names = _names(survey, found)
    groups = []
    for place in product(*(range(len(plan.partition[d])) for d in level.dimensions)):
        at: Any = (slice(None), slice(None), *place)
        n, w, w2 = (table[at] for table in tables)
        there = [column in level.shown for column in shown]
        entry: CubeEntry = {
            "groups": {d: names[d][g]["id"] for d, g in zip(level.dimensions, place, strict=True)},
            "bases": _where(there, n[shown].sum(axis=1).astype(int).tolist()),
            "n": _where(there, n[shown].astype(int).tolist()),
        }
        if who.weight:
            shares, weight, effective = _weighted(w[shown], w2[shown], total)
            entry["shares"] = _where(there, shares)
            entry["weight"] = _where(there, weight)
            entry["effective"] = _where(there, effective)
        for k, column in enumerate(shown):
            _hide(entry, k, level.gone.get(column), place)
        groups.append(entry)
    return {
        "dimensions": list(level.dimensions),
        "answers": [[counts.options[o] for o in block] for block in level.blocks],
        "hidden": [n for n, column in enumerate(shown) if column not in level.shown],
        "groups": groups,
    }


def _sums(found: Protected, level: Level) -> list[Floats]:
    """Respondents, weights and squared weights by the groups of a level.

    Of counts that are rounded each answer keeps the mean weight of those who gave it.
    """
    by = found.plan.partition, level.dimensions
    n, w, w2 = (found.counts.merged(*by, name) for name in SUMS)
    said = found.n(level.dimensions)
    scale = np.divide(said, n, out=np.zeros_like(n), where=n > 0)
    return [said, w * scale, w2 * scale]


def _hide(entry: CubeEntry, at: int, gone: Any, place: tuple[int, ...]) -> None:
    """Put None for the counts of a column that are hidden by themselves in a group."""
    if gone is None:
        return
    hidden = [not away for away in gone[(slice(None), *place)]]
    if (counts := entry["n"][at]) is None:
        return
    entry["n"][at] = _where(hidden, counts)
    if "shares" in entry and (shares := entry["shares"][at]) is not None:
        entry["shares"][at] = _where(hidden, shares)


def _where(there: Sequence[bool], values: Sequence[T | None]) -> list[T | None]:
    return [value if kept else None for kept, value in zip(there, values, strict=True)]


def _printed(share: float) -> float:
    """Round a share as pages print it, halves up: two ways would give away that it is a half."""
    return float(Decimal(repr(share)).quantize(Decimal(1).scaleb(-SHARE_DIGITS), ROUND_HALF_UP))


def _weighted(
    w: Floats, w2: Floats, total: float
) -> tuple[list[list[float | None]], list[float], list[int]]:
    """Compute rounded shares, a group's part of all weight, and Kish's effective base."""
    base, squares = w.sum(axis=1), w2.sum(axis=1)
    shares = np.divide(w, base[:, None], out=np.zeros_like(w), where=base[:, None] > 0)
    kish = np.divide(base**2, squares, out=np.zeros_like(base), where=squares > 0)
    return (
        [[_printed(share) for share in group] for group in shares.tolist()],
        (base / total).round(WEIGHT_DIGITS).tolist(),
        np.floor(kish + 1e-9).astype(int).tolist(),
    )
