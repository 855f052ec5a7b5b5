"""Groups against each other: differences of shares, tests, letters, and what bases could show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

import numpy as np
import pandas as pd

from helpers.codebook.model import Question
from helpers.errors import InsightsError
from helpers.estimation.association import NO_TEST, adjusted, check_chances
from helpers.estimation.contrast import selections as selections
from helpers.estimation.crosstabs import table as table
from helpers.estimation.domains import (
    Domains,
    counted,
    domains,
    group_codes,
    one_key,
    stacked,
    tabulable,
)
from helpers.estimation.estimates import Combine, Status, combined
from helpers.estimation.letters import letters as letters
from helpers.estimation.pairs import TESTS, VALUES, compared
from helpers.estimation.tabulate import tabulate
from helpers.estimation.variance import Design
from helpers.estimation.wave import chosen
from helpers.responses.selection import Where
from helpers.responses.survey import Survey

Place: TypeAlias = tuple[str, str, str, str]
PLACE = ("question", "item", "option", "time")


def groups(
    survey: Survey,
    question: str,
    by: str | Sequence[str],
    where: Where = None,
    alpha: float = 0.05,
    correct: bool = True,
    *,
    combine: Combine | None = None,
    power: float = 0.8,
) -> pd.DataFrame:
    """Compare every pair of groups on the share of each answer.

    Parameters
    ----------
    question
        Id of a single, multiple, grid or time_grid question.
    by
        Dimension or response column whose bands are the groups. Those who did not state or
        answer it form none; a `where` on the same key names the groups to compare.
    where
        Respondents to compare (a domain: the design still sees everybody).
    alpha
        Chance of a false alarm, to which `significant` and `detectable` refer.
    correct
        Whether `significant` goes by `p_adjusted` rather than `p`.
    combine
        As in `estimates.proportion`.
    power
        Chance of showing a true difference of the size `detectable`.

    Returns
    -------
    DataFrame, one row per item, time, option and pair, in codebook order: `question`, `item`,
    `option`, `time`, `group`, `other`; `estimate` (share of `group` less share of `other`, in
    [-1, 1]), `se`, `ci_low`, `ci_high` (not widened for the number of pairs), `share`,
    `share_other`, `n`, `n_other` (unweighted bases); `test` (fisher, chi-square, t or rao-scott),
    `statistic` (chi-square, beside Fisher's p too; t; or F), `df` (of t, or denominator of F; 1 of
    a chi-square), `p`, `p_adjusted` (Benjamini-Hochberg over all rows of this table),
    `significant`, `detectable` (see Notes), `status` (a `Status` or `Standing`). `attrs` has
    `survey`, `alpha`, `correct`, `power`.

    Raises
    ------
    InsightsError
        For unknown names (the message lists what exists), fewer than two groups, impossible
        alpha or power, or a stratum of one respondent.

    Notes
    -----
    Equal weights, one stratum, no population size: Newcombe's (1998) method 10 for the interval;
    Fisher's exact test where an expected count is below 5, else chi-square without correction;
    `se` is the unpooled one. Otherwise the linearised difference of two domains of one sample,
    their covariance included, against t on respondents less strata less one, as R's ``svyttest``.
    Where one of the two shares is 0 or 1, linearisation sees no sampling error in it: there the
    test is Rao and Scott's second-order F of the two-by-two table (``svychisq``), and the
    interval Newcombe's on the effective bases. `detectable` is the smallest difference from
    `share_other`, towards one half, that these bases (effective ones with weights) show with
    chance `power` before correction; for the formula see `association.detectable`.
    """
    check_chances(alpha, power)
    asked = tabulable(survey, question)
    options = combined(asked, combine)
    key = one_key(by)
    selection = chosen(survey, where, asked.population, (key,))
    names = group_codes(survey, asked, key, selection)
    places = [(asked.id, c.item, o, c.time) for c in asked.cells for o in options]
    data = None
    if selection.concerns(survey, asked.population):
        table = tabulate(survey, asked, (key,), selection)
        design = Design.of(table.strata, survey, asked.population)
        counts = counted(asked, asked.cells, table, design, key, names)
        data = domains(counts, _positions(asked, options))
    result = _rows(data, places, names, power, alpha)
    return _judged(result, survey, alpha, correct, power)


def questions(
    survey: Survey,
    question: str,
    other: str,
    where: Where = None,
    alpha: float = 0.05,
    correct: bool = True,
    *,
    combine: Combine | None = None,
    power: float = 0.8,
) -> pd.DataFrame:
    """Compare two populations on questions that the codebook declares comparable.

    Parameters
    ----------
    question, other
        Ids of questions to two populations, matched in survey.yml with ``comparable: true``.

    Returns
    -------
    DataFrame as of `groups`, with `question_other` after `question`; `group` and `other` are the
    populations. Rows for the items, times and options (codes) that both questions have.

    Raises
    ------
    InsightsError
        Where the codebook does not declare them comparable (the message quotes why), where they
        have no item or option in common, and as in `groups`.

    Notes
    -----
    The populations are independent samples: each keeps its own strata and weights.
    """
    check_chances(alpha, power)
    asked = tabulable(survey, question), tabulable(survey, other)
    _guard(survey, *asked)
    selection = chosen(survey, where)
    kept = [combined(q, combine) for q in asked]
    options = [name for name in kept[0] if name in kept[1]]
    there = [{(c.item, c.time): c for c in q.cells} for q in asked]
    shared = [place for place in there[0] if place in there[1]]
    if not shared or not options:
        raise InsightsError(
            f"{question} and {other} have no {'item' if options else 'option'} in common. "
            "Only equal codes are compared: code them alike in the codebook, or use combine."
        )
    places = [(question, item, option, time) for item, time in shared for option in options]
    sides = []
    for n, q in enumerate(asked):
        if selection.concerns(survey, q.population):
            table = tabulate(survey, q, (), selection)
            design = Design.of(table.strata, survey, q.population)
            cells = [there[n][place] for place in shared]
            parts = _positions(q, {name: kept[n][name] for name in options})
            sides.append(domains(counted(q, cells, table, design, None, ("",)), parts))
    data = stacked(*sides) if len(sides) == len(asked) else None
    result = _rows(data, places, [q.population for q in asked], power, alpha)
    result.insert(1, "question_other", other)
    return _judged(result, survey, alpha, correct, power)


def _guard(survey: Survey, one: Question, two: Question) -> None:
    """Raise `InsightsError` unless two populations' questions are declared comparable."""
    if one.population == two.population:
        raise InsightsError(
            f"{one.id} and {two.id} were put to the same people. Compare groups of them with "
            "compare.groups; two answers of the same people are paired, not independent."
        )
    matches = [m for m in survey.codebook.matched if {one.id, two.id} <= set(m.questions)]
    if any(m.comparable for m in matches):
        return
    if matches:
        why = " ".join(m.why for m in matches if m.why) or "It does not say why."
        raise InsightsError(
            f"{one.id} and {two.id} may be shown side by side but not tested against each other: "
            f"the codebook declares them not comparable. {why}"
        )
    declared = [" and ".join(m.questions) for m in survey.codebook.matched if m.comparable]
    raise InsightsError(
        f"{one.id} and {two.id} are not declared comparable. If wording and scale are the same, "
        "list them under matched in survey.yml with comparable: true. "
        f"Declared so far: {'; '.join(declared) or 'none'}."
    )


def _positions(question: Question, options: Mapping[str, Sequence[str]]) -> list[list[int]]:
    return [
        [n for n, option in enumerate(question.in_base) if option.code in codes]
        for codes in options.values()
    ]


def _rows(
    data: Domains | None, places: list[Place], names: list[str], power: float, alpha: float
) -> pd.DataFrame:
    """One row per place and pair; without data none of them was asked."""
    keys = [(*place, *pair) for place in places for pair in combinations(names, 2)]
    frame = pd.DataFrame(keys, columns=[*PLACE, "group", "other"])
    if data is None:
        filled: dict[str, object] = dict.fromkeys((*VALUES, *TESTS), np.nan)
        filled |= {"n": 0, "n_other": 0, "test": NO_TEST, "status": str(Status.NOT_ASKED)}
        return frame.assign(**filled)
    values = compared(data, power, alpha)
    found = {name: values[name].reshape(-1) for name in (*VALUES, *TESTS)}
    found |= {name: found[name].astype(int) for name in ("n", "n_other")}
    found["status"] = [str(status) for status in found["status"]]
    return frame.assign(**found)


def _judged(
    frame: pd.DataFrame, survey: Survey, alpha: float, correct: bool, power: float
) -> pd.DataFrame:
    at = list(frame.columns).index("p") + 1
    frame.insert(at, "p_adjusted", adjusted(frame["p"].to_numpy(dtype=float)))
    # Of a missing p the comparison is false: nothing is claimed.
    frame.insert(at + 1, "significant", frame["p_adjusted" if correct else "p"] <= alpha)
    frame.attrs |= dict(survey=survey.describe, alpha=alpha, correct=correct, power=power)
    return frame
