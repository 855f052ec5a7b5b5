"""Who answers the synthetic surveys, and what: characteristics, organisations, answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .questionnaires import Asked

Cells = dict[str, npt.NDArray[np.str_]]
Generator = np.random.Generator
Numbers = npt.NDArray[np.int64]
LIGHTEST, HEAVIEST = 0.1, 5.0
FIRM = "o0"  # of the family "one firm"


def respondents(
    rng: Generator,
    people: int,
    bands: tuple[int, ...],
    families: frozenset[str],
    smallest: float = 0,
) -> Cells:
    """Draw everything but the answers, as columns of the response file.

    Parameters
    ----------
    smallest
        Share of the first band of every dimension, beside equal ones; 0 to draw all of them.
    """
    cells = {"ref": np.array([f"R{n:04d}" for n in range(people)])}
    drawn = [_band(rng, people, n, families, number, smallest) for number, n in enumerate(bands)]
    if "nested dimensions" in families:
        drawn[1] = _regions(rng, drawn[0], bands[1])
    if "weighted" in families:
        weights = np.exp(rng.normal(0, 0.6, people))
        weights[int(rng.integers(people))] *= 8
        if "wide weights" in families:
            weights = np.clip(np.exp(rng.normal(0, 1.2, people)), LIGHTEST, HEAVIEST)
            weights[:2] = LIGHTEST, HEAVIEST
        cells["weight"] = np.array([f"{w:.3f}" for w in weights])
        cells["stratum"] = np.array([f"s{n % 3}" for n in range(people)])
    if families & {"giant organisation", "small organisations"}:
        cells["employer"] = _employers(rng, people, "giant organisation" in families)
    elif "one firm" in families:
        cells["employer"] = _one_firm(rng, cells["weight"].astype(float), drawn[0])
    if "empty groups" in families:
        first, second = drawn[:2]
        met = (first == first.max()) & (second == second.max())
        second[met] = 1 if second.max() > 1 else second[met]
    for number, column in enumerate(drawn):
        codes = column.astype(str)
        if "not stated" in families:
            unsaid = rng.uniform(size=people) < rng.choice([0.02, 0.1, 0.3])
            unsaid[int(rng.integers(people))] = True
            codes = np.where(unsaid, np.where(np.arange(people) % 2, "9", ""), codes)
        cells[f"d{number + 1}"] = codes
    return cells


def _band(
    rng: Generator,
    people: int,
    bands: int,
    families: frozenset[str],
    number: int,
    smallest: float,
) -> Numbers:
    """Draw a band from 1 to `bands` for everybody."""
    if smallest:
        shares = np.array([smallest, *[(1 - smallest) / (bands - 1)] * (bands - 1)])
        return (rng.choice(bands, people, p=shares) + 1).astype(np.int64)
    used = bands - 1 if "empty bands" in families and number == 0 and bands > 2 else bands
    if "empty bands" in families and number == 0 and bands == 2:
        used = 1
    parts = rng.dirichlet(np.full(used, float(rng.choice([0.7, 5]))))
    found = rng.choice(used, people, p=parts) + 1
    if "tiny groups" in families and number == 0:
        tiny = int(rng.integers(1, used + 1))
        kept = int(rng.integers(1, 10))
        others = [b for b in range(1, used + 1) if b != tiny] or [tiny]
        found = rng.choice(others, people)
        found[rng.permutation(people)[:kept]] = tiny
    return found.astype(np.int64)


def _regions(rng: Generator, countries: Numbers, regions: int) -> Numbers:
    """Deal countries to regions: the first has one of its own, but for one to nine people."""
    found = np.where(countries == 1, 1, 2 + countries % max(regions - 1, 1))
    first = np.flatnonzero(countries == 1)
    found[rng.permutation(first)[: int(rng.integers(1, 10))]] = 2
    return found.astype(np.int64)


def _one_firm(rng: Generator, weights: npt.NDArray[np.float64], groups: Numbers) -> Any:
    """Deal people to firms of one; one firm has about two fifths of a group's weight."""
    names = np.array([f"o{n + 1}" for n in range(len(weights))])
    group = int(rng.choice(groups))
    inside = rng.permutation(np.flatnonzero(groups == group))
    held = np.cumsum(weights[inside]) <= 0.4 * weights[inside].sum()
    names[inside[held]] = FIRM
    return names


def _employers(rng: Generator, people: int, giant: bool) -> npt.NDArray[np.str_]:
    """Deal people to organisations: one of most of them and small ones, or small ones alone."""
    names = ["o0"] * int(people * rng.uniform(0.4, 0.85)) if giant else []
    number = 1
    while len(names) < people:
        names += [f"o{number}"] * int(rng.integers(1, 4 if giant else 5))
        number += 1
    return rng.permutation(np.array(names[:people]))


def answered(
    rng: Generator, asked: Sequence[Asked], people: Cells, families: frozenset[str]
) -> Cells:
    """Draw every answer of one population, in the order of its questions."""
    cells: Cells = {}
    groups = np.unique(people["d1"], return_inverse=True)[1]
    for question in asked:
        inside = np.ones(len(groups), dtype=bool)
        for column, codes in question.gates:
            inside &= np.isin(cells[column], codes)
        if question.like:
            drawn = _again(rng, question, cells)
        else:
            drawn = _columns(rng, question, groups, inside, families)
        for column, codes in drawn.items():
            cells[column] = np.where(inside, codes, "not_asked") if question.gates else codes
    return cells


def _again(rng: Generator, question: Asked, cells: Cells) -> Cells:
    """Answer a question as another one was: alike, derived from it, or with one or two changed."""
    codes = cells[question.like]
    if question.derived:
        there = ~np.isin(codes, ("not_asked", "not_answered", "98", "-9"))
        codes = np.where(there, np.where(np.isin(codes, question.derived), "yes", "no"), codes)
        codes = np.where(codes == "98", "not_answered", codes)
    elif question.kind == "single" and not question.gates:
        codes = codes.copy()
        away = rng.permutation(np.flatnonzero(np.isin(codes, question.codes)))
        codes[away[: rng.integers(1, 4)]] = "not_answered"
    return {question.id: codes}


def _columns(
    rng: Generator,
    question: Asked,
    groups: Numbers,
    inside: npt.NDArray[np.bool_],
    families: frozenset[str],
) -> Cells:
    """Draw the columns of one question for everybody, asked or not."""
    if question.kind in ("number", "text"):
        words = rng.integers(16, 90, len(groups)) if question.kind == "number" else ["Fine"]
        return {question.id: np.array([str(words[n % len(words)]) for n in range(len(groups))])}
    if question.id == "manager":  # asked for the sake of those who are
        codes = np.full(len(groups), "no", dtype="<U3")
        codes[rng.permutation(len(groups))[: rng.integers(1, 10)]] = "yes"
        return {question.id: codes}
    silent = rng.uniform(size=len(groups)) < rng.choice([0, 0, 0.03, 0.15])
    if "few silent" in families:
        silent = np.zeros(len(groups), dtype=bool)
        silent[rng.permutation(np.flatnonzero(inside))[: rng.integers(1, 3)]] = True
    found = {}
    for number, column in enumerate(question.columns):
        codes = _spread(rng, question, groups, families, number)
        # Part of a grid may be left blank, a select-all question is answered whole or not.
        left = silent & (rng.uniform(size=len(groups)) < (0.7 if question.kind == "grid" else 1))
        if _nobody(question, number, families):
            left = np.ones(len(groups), dtype=bool)
        found[column] = np.where(left, "not_answered", codes)
    if question.kind == "time_grid" and "same people again" in families:
        return _same_again(rng, question, found, inside)
    return found


def _same_again(
    rng: Generator, question: Asked, cells: Cells, inside: npt.NDArray[np.bool_]
) -> Cells:
    """Repeat each answer at the next time, but for those who move and a few who answer once."""
    moving = float(rng.choice([0.05, 0.2, 0.5]))
    names = question.columns
    for before, after in zip(names, names[1:], strict=False):
        if before.rpartition(".")[0] != after.rpartition(".")[0]:
            continue
        moved = rng.uniform(size=len(inside)) < moving
        cells[after] = np.where(moved, cells[after], cells[before])
        few = rng.permutation(np.flatnonzero(inside))[: int(rng.integers(0, 25))]
        once = [before, after][int(rng.integers(2))]
        cells[once][few] = "not_answered"
    return cells


def _nobody(question: Asked, number: int, families: frozenset[str]) -> bool:
    """Return whether nobody answers a column: the choice, and a row of each grid."""
    chosen = question.id == "choice" or (question.kind.endswith("grid") and number == 1)
    return "nobody answered" in families and chosen


def _spread(
    rng: Generator, question: Asked, groups: Numbers, families: frozenset[str], number: int
) -> npt.NDArray[np.str_]:
    """Draw codes; how they spread differs between the bands of the first dimension."""
    evenness, shared = (0.12, 0.95) if "skewed" in families else (1.5, 0.6)
    parts = rng.dirichlet(np.full(len(question.codes), evenness))
    found = np.empty(len(groups), dtype="<U3")
    for group in np.unique(groups):
        own = shared * parts + (1 - shared) * rng.dirichlet(np.full(len(question.codes), evenness))
        there = np.flatnonzero(groups == group)
        found[there] = rng.choice(question.codes, len(there), p=own / own.sum())
    if number == 0 and question.id in ("mood", "views", "habits", "often", "uses"):
        if "unanimous" in families:
            found[groups == 0 if question.id == "mood" else groups >= 0] = question.codes[0]
            if question.id != "mood":
                return found
        elif "nearly unanimous" in families:
            found[:] = question.codes[0]
            found[rng.permutation(len(groups))[: rng.integers(1, 3)]] = question.codes[-1]
    for code in question.missing:
        found[rng.uniform(size=len(groups)) < rng.choice([0, 0.03, 0.2])] = code
    return found


def chance(rng: Generator, share: float) -> bool:
    """Say yes with a probability."""
    return bool(rng.uniform() < share)
