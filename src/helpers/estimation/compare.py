"""Comparing groups: differences of shares, tests, letters, and what could be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from string import ascii_lowercase
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from helpers.codebook.model import Question
from helpers.errors import InsightsError
from helpers.estimation.association import (
    FISHER,
    NO_TEST,
    RAO_SCOTT,
    T,
    adjusted,
    check_chances,
    detectable,
    fisher,
    newcombe,
    rao_scott_of_two,
    t_test,
    two_by_two,
)
from helpers.estimation.crosstabs import of_counts
from helpers.estimation.domains import (
    ComparisonStatus,
    Domains,
    DomainSums,
    Groups,
    PartsTogether,
    domains,
    group_codes,
    of_all,
    of_groups,
    one_key,
    side_by_side,
    stacked,
    tabulable,
)
from helpers.estimation.estimates import Combine, combined
from helpers.estimation.intervals import Floats, normal
from helpers.estimation.latest_wave import resolve_selection, waves_without
from helpers.estimation.request import Columns, Status
from helpers.estimation.variance import FULL, Design, Moments, variance_of
from helpers.responses.selection import Where, known_codes
from helpers.responses.survey import Survey

Place: TypeAlias = tuple[str, str, str, str]
PlaceOfItem: TypeAlias = tuple[str, str, str]  # question, item and time
Pairs: TypeAlias = Sequence[tuple[int, int]]
REST = "the rest"
PLACE = ("question", "item", "option", "time")
LETTERS = [*PLACE, "group", "letter", "estimate", "n", "above"]
BASES = ("n", "n_other", "n_effective", "n_effective_other")
VALUES = ("estimate", "se", "ci_low", "ci_high", "share", "share_other", *BASES)
ROUNDING = 1e-12  # a variance below this part of its squares is one of rounding
TESTS = ("test", "statistic", "df", "p", "detectable", "status")


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
    rest: bool = False,
) -> pd.DataFrame:
    """Compare every pair of groups on the share of each answer, or each group with the rest.

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
    rest
        Whether to compare each group with everybody selected who is not in it, those who did not
        state their group included (then `other` is `REST`): a group is a part of the whole, so it
        cannot be tested against the whole as if the two were independent. Where two groups are
        everybody, one of them is left out: it has the same difference.

    Returns
    -------
    DataFrame, one row per item, time, option and pair, in codebook order: `question`, `item`,
    `option`, `time`, `group`, `other` (of two waves `group` is the later); `estimate` (share of
    `group` less share of `other`, in [-1, 1]), `se`, `ci_low`, `ci_high` (not widened for the
    number of pairs), `share`, `share_other`, `n`, `n_other` (unweighted bases), `n_effective`,
    `n_effective_other`; `test` (fisher, chi-square, t or rao-scott), `statistic` (chi-square,
    beside Fisher's p too; t; or F), `df` (of t, or denominator of F; 1 of a chi-square), `p`,
    `p_adjusted`
    (Benjamini-Hochberg over all rows of this table), `significant`, `detectable` (see Notes),
    `status` (a `Status` or `ComparisonStatus`). `attrs` has `survey`, `alpha`, `correct`, `power`.

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
    selection = resolve_selection(survey, where, asked.population, (key,))
    names = group_codes(survey, asked, key, selection)
    data = None
    pairs = _pairs(survey, key, names, rest)
    if selection.concerns(survey, asked.population):
        groups = _groups(survey, key, names, rest)
        counts = of_groups(survey, asked, asked.cells, selection, groups)
        pairs = _once(counts, pairs) if rest else pairs
        data = domains(counts, _positions(asked, options))
    if rest:
        names = [*names, *[REST] * len(names)]
    result = _rows(data, _places(asked, options), names, pairs, power, alpha)
    if key == survey.codebook.wave_dimension and not rest and data is not None:
        result = _offered_in_both(result, {asked.id: _ComparedQuestion(asked, options, data)})
    return _judged(result, survey, alpha, correct, power)


def all_questions(
    survey: Survey,
    options: Mapping[str, Combine | None],
    by: str,
    *,
    rest: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[pd.DataFrame, dict[PlaceOfItem, float]]:
    """Compare groups as `groups` does, of everybody and on many questions in one go.

    Parameters
    ----------
    options
        By id of each question how its answers are combined; None for every answer by itself.
    progress
        Told the id of each question that is counted.

    Returns
    -------
    Rows of `groups` without those columns that take other rows into account or `detectable`; and by
    question, item and time the p value of the test of all answers by all groups (`crosstabs`),
    where a comparison has several rows. Who has fewer than two groups is left out.
    """
    populations: dict[str, list[Question]] = {}
    for name in options:
        populations.setdefault(survey.question(name).population, []).append(tabulable(survey, name))
    frames: list[pd.DataFrame] = []
    whole: dict[PlaceOfItem, float] = {}
    for asked in populations.values():
        with suppress(InsightsError):  # fewer than two groups, or a stratum of one
            found, chances = _of_population(survey, asked, options, by, rest, progress)
            frames += found
            whole |= chances
    if not frames:
        return pd.DataFrame(columns=[*PLACE, "group", "other", *VALUES, *TESTS]), whole
    order = {name: n for n, name in enumerate(options)}
    found = pd.concat(frames, ignore_index=True)
    at = found["question"].map(order).to_numpy()
    return found.iloc[np.argsort(at, kind="stable")].reset_index(drop=True), whole


@dataclass(frozen=True)
class _ComparedQuestion:
    """A question, the answers that it is compared on, and what was counted of them."""

    question: Question
    answers: Mapping[str, Sequence[str]]
    data: Domains


def _of_population(
    survey: Survey,
    asked: Sequence[Question],
    options: Mapping[str, Combine | None],
    by: str,
    rest: bool,
    progress: Callable[[str], None],
) -> tuple[list[pd.DataFrame], dict[PlaceOfItem, float]]:
    """Compare groups of one population: tables of questions that have as many answers."""
    selection = resolve_selection(survey, None, asked[0].population, (by,))
    names = group_codes(survey, asked[0], by, selection)
    whole: dict[PlaceOfItem, float] = {}
    if not selection.concerns(survey, asked[0].population):
        return [], whole
    alike: dict[tuple[Any, ...], list[_ComparedQuestion]] = {}
    for question, counts in of_all(survey, asked, selection, _groups(survey, by, names, rest)):
        progress(question.id)
        answers = combined(question, options[question.id])
        pairs = _pairs(survey, by, names, rest)
        pairs = _once(counts, pairs) if rest else pairs
        if len(answers) * len(pairs) > 1:
            chances = of_counts(counts.first(len(names)), question, options[question.id])
            cells = ((question.id, cell.item, cell.time) for cell in question.cells)
            whole |= dict(zip(cells, chances, strict=True))
        one = _ComparedQuestion(question, answers, domains(counts, _positions(question, answers)))
        key = (len(answers), counts.designed, counts.together is None, *pairs)
        alike.setdefault(key, []).append(one)
    named = [*names, *[REST] * len(names)] if rest else names
    frames = []
    for (_, _, _, *pairs), some in alike.items():
        places = [place for one in some for place in _places(one.question, one.answers)]
        values = differences(side_by_side([one.data for one in some]), pairs)
        frame = _frame(values, places, named, pairs)
        if by == survey.codebook.wave_dimension and not rest:
            frame = _offered_in_both(frame, {one.question.id: one for one in some})
        frames.append(frame)
    return frames, whole


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
    DataFrame as in `groups`, with `question_other` after `question`; `group` and `other` are the
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
    selection = resolve_selection(survey, where)
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
            cells = [there[n][place] for place in shared]
            parts = _positions(q, {name: kept[n][name] for name in options})
            counts = of_groups(survey, q, cells, selection, Groups(None, ("",)))
            sides.append(domains(counts, parts))
    data = stacked(*sides) if len(sides) == len(asked) else None
    result = _rows(data, places, [q.population for q in asked], [(0, 1)], power, alpha)
    result.insert(1, "question_other", other)
    return _judged(result, survey, alpha, correct, power)


def letters(pairs: pd.DataFrame) -> pd.DataFrame:
    """Give every group a letter, and list the letters of the groups it is significantly above.

    Parameters
    ----------
    pairs
        Result of `groups`.

    Returns
    -------
    DataFrame, one row per item, time, option and group, in the order of `pairs`: `question`,
    `item`, `option`, `time`, `group`, `letter` (a, b, ... z, aa, ...; the same group has the same
    letter throughout), `estimate` (the group's share, in [0, 1], missing where nobody answered),
    `n` (its base), `above` (letters with a blank between, empty for none).
    """
    names = list(dict.fromkeys([*pairs["group"], *pairs["other"]]))
    letter = {name: column_letter(n) for n, name in enumerate(names)}
    found: dict[tuple[str, ...], tuple[float, int, set[str]]] = {}
    for row in pairs.to_dict("records"):
        place = tuple(str(row[part]) for part in PLACE)
        group, other = str(row["group"]), str(row["other"])
        one = found.setdefault((*place, group), (row["share"], row["n"], set()))
        two = found.setdefault((*place, other), (row["share_other"], row["n_other"], set()))
        if row["significant"]:
            higher, lower = (one, other) if row["estimate"] > 0 else (two, group)
            higher[2].add(lower)
    rows = [
        (*key, letter[key[-1]], share, n, " ".join(letter[x] for x in names if x in above))
        for key, (share, n, above) in found.items()
    ]
    table = pd.DataFrame(rows, columns=LETTERS)
    table.attrs = dict(pairs.attrs)
    return table


def _guard(survey: Survey, one: Question, two: Question) -> None:
    """Raise `InsightsError` unless two populations' questions are declared comparable."""
    if one.population == two.population:
        raise InsightsError(
            f"{one.id} and {two.id} were put to the same people, so their answers are not "
            "independent. `h.compare` compares groups of them, `h.crosstab` crosses two questions."
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


def _places(question: Question, options: Iterable[str]) -> list[Place]:
    return [(question.id, c.item, o, c.time) for c in question.cells for o in options]


def _pairs(survey: Survey, key: str, names: Sequence[str], rest: bool) -> list[tuple[int, int]]:
    """Places of the groups of each pair: of two waves the later first, or a group and its rest."""
    if rest:
        return [(n, len(names) + n) for n in range(len(names))]
    pairs = combinations(range(len(names)), 2)
    if key == survey.codebook.wave_dimension:  # a change is the later wave less the earlier
        return [(b, a) for a, b in pairs]
    return list(pairs)


def _positions(question: Question, options: Mapping[str, Sequence[str]]) -> list[list[int]]:
    return [
        [n for n, option in enumerate(question.in_base) if option.code in codes]
        for codes in options.values()
    ]


def _groups(survey: Survey, key: str, names: Sequence[str], rest: bool) -> Groups:
    others = [code for code in known_codes(survey.codebook, key) if code not in names]
    return Groups(key, names, others if rest else None)


def _once(counts: DomainSums, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Leave out the second of two groups that are everybody: its rest is the first."""
    n = counts.sums[0]
    both = len(pairs) == 2 and np.array_equal(n[0], n[3]) and np.array_equal(n[1], n[2])
    return pairs[:1] if both else pairs


def _rows(
    data: Domains | None,
    places: list[Place],
    names: list[str],
    pairs: Pairs,
    power: float,
    alpha: float,
) -> pd.DataFrame:
    """One row per place and pair; without data none of them was asked."""
    values = None if data is None else _compared(data, pairs, power, alpha)
    return _frame(values, places, names, pairs)


def _frame(
    values: Columns | None, places: list[Place], names: Sequence[str], pairs: Pairs
) -> pd.DataFrame:
    keys = [(*place, names[a], names[b]) for place in places for a, b in pairs]
    frame = pd.DataFrame(keys, columns=[*PLACE, "group", "other"])
    if values is None:
        filled: dict[str, object] = dict.fromkeys((*VALUES, *TESTS), np.nan)
        filled |= {"n": 0, "n_other": 0, "test": NO_TEST, "status": str(Status.NOT_ASKED)}
        return frame.assign(**filled)
    found = {name: values[name].reshape(-1) for name in (*VALUES, *TESTS) if name in values}
    found |= {name: found[name].astype(int) for name in ("n", "n_other")}
    found["status"] = [str(status) for status in found["status"]]
    return frame.assign(**found)


def _offered_in_both(frame: pd.DataFrame, asked: Mapping[str, _ComparedQuestion]) -> pd.DataFrame:
    """Take the comparison from pairs of waves of which one did not ask an item or offer an answer.

    Nobody could give it there: a share of 0 would be no answer.
    """
    if not any(of.question.differs_by_wave for of in asked.values()):
        return frame
    rows = frame[["question", "item", "option", "group", "other"]].itertuples(index=False)
    gone = [
        bool(waves_without(asked[q].question, item, asked[q].answers[o], pair))
        for q, item, o, *pair in rows
    ]
    if any(gone):
        kept = ("n", "n_other", "test", "status")
        there = [name for name in (*VALUES, *TESTS) if name in frame]
        values = [name for name in there if name not in kept]
        frame.loc[gone, values] = np.nan
        frame.loc[gone, ["test", "status"]] = [NO_TEST, str(Status.NOT_ASKED)]
    return frame


def _judged(
    frame: pd.DataFrame, survey: Survey, alpha: float, correct: bool, power: float
) -> pd.DataFrame:
    at = list(frame.columns).index("p") + 1
    frame.insert(at, "p_adjusted", adjusted(frame["p"].to_numpy(dtype=float)))
    # Of a missing p the comparison is false: nothing is claimed.
    frame.insert(at + 1, "significant", frame["p_adjusted" if correct else "p"] <= alpha)
    frame.attrs |= dict(survey=survey.describe, alpha=alpha, correct=correct, power=power)
    return frame


def column_letter(n: int) -> str:
    """Return the letter of the n-th group: a, b, ... z, aa, ..."""
    first = column_letter(n // 26 - 1) if n >= 26 else ""
    return first + ascii_lowercase[n % 26]


def differences(data: Domains, at: Pairs) -> Columns:
    """Differences between the shares of pairs of groups, each with its interval and test.

    Arrays of (cell, part, pair) by column of the result of `groups`, all but `detectable`.
    """
    one, two = [a for a, _ in at], [b for _, b in at]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = data.part[1].sum(axis=-1) / data.base[1].sum(axis=-1)[..., None]
    n = np.broadcast_to(data.base[0].sum(axis=-1)[..., None], share.shape)
    p1, p2, n1, n2 = (x.transpose(1, 2, 0) for x in (share[one], share[two], n[one], n[two]))
    values = dict(estimate=p1 - p2, share=p1, share_other=p2, n=n1, n_other=n2)
    if data.designed:
        found = _designed(data, share, one, two)
    else:
        count = np.rint(share * n)
        x1, x2 = count[one].transpose(1, 2, 0), count[two].transpose(1, 2, 0)
        found = _classical(p1, x1, n1, p2, x2, n2, normal(data.design.level))
    values |= found
    empty = np.isnan(values["estimate"])
    values["status"] = np.where(empty, Status.NO_ANSWERS, values["status"])
    for name in ("statistic", "df", "p", "ci_low", "ci_high", "se"):
        values[name] = np.where(empty, np.nan, values[name])
    values["test"] = np.where(empty, NO_TEST, values["test"])
    return values


def mean_differences(
    moments: Moments, n: Floats, design: Design, at: Pairs, together: PartsTogether | None = None
) -> Columns:
    """Differences between the means of pairs of groups that no answer is in twice.

    Parameters
    ----------
    moments, n
        Sums of the scores, and respondents with a score, (group, cell, 1, stratum) and (group,
        cell, stratum).
    together
        Where people are clusters: the scores are its only part.

    Returns
    -------
    Arrays of (cell, pair): `estimate`, `se`, `statistic` (t), `df`, `p`.

    Notes
    -----
    The linearised difference of two domains of one sample against t on respondents less strata
    less one, as R's ``svyttest``, whether or not there are weights.
    """
    one, two = [a for a, _ in at], [b for _, b in at]
    with np.errstate(divide="ignore", invalid="ignore"):
        total = moments.x.sum(axis=-1)
        mean = moments.y.sum(axis=-1) / total
        r, whole = mean[..., None], total[..., None]
        linear = design.reduced((moments.y - r * moments.x) / whole)
        squares = (moments.yy - 2 * r * moments.xy + r**2 * moments.xx) / whole**2
        size = ((moments.yy + r**2 * moments.xx) / whole**2).sum(axis=-1)
        both, here = squares[one] + squares[two], n[one] + n[two]
        if together is not None:
            _, _, both, here = _of_people(together, r, whole, one, two)
        gap = variance_of(both, linear[one] - linear[two], design)[..., 0]
    df = design.df(here) - 1.0
    difference, se = (mean[one] - mean[two])[..., 0], np.sqrt(gap)
    t, p, _, _ = t_test(difference, se, np.maximum(df, 1), design.level)
    none = ~(gap > ROUNDING * (size[one] + size[two])[..., 0]) | (df < 1)
    values = dict(estimate=difference, se=se, statistic=np.where(none, np.nan, t), df=df)
    values["p"] = np.where(none, np.nan, p)
    return {name: value.T for name, value in values.items()}


def _compared(data: Domains, at: Pairs, power: float, alpha: float) -> Columns:
    """Compare pairs of groups: arrays of (cell, part, pair) by column of the result."""
    values = differences(data, at)
    able = detectable(
        values["n_effective_other"], values["n_effective"], values["share_other"], power, alpha
    )
    small = (values["status"] == Status.OK) & np.isnan(able)
    values["status"] = np.where(small, ComparisonStatus.UNSHOWABLE, values["status"])
    values["detectable"] = np.where(np.isnan(values["estimate"]), np.nan, able)
    return values


def _classical(
    p1: Floats, x1: Floats, n1: Floats, p2: Floats, x2: Floats, n2: Floats, z: float
) -> Columns:
    shape = p1.shape
    flat = [np.where(np.isnan(v), 0, v).reshape(-1) for v in (x1, n1, x2, n2)]
    test, statistic, p = (v.reshape(shape) for v in two_by_two(*flat))
    low, high = newcombe(p1, n1, p2, n2, z)
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    values = dict(se=se, ci_low=low, ci_high=high, test=test, statistic=statistic, p=p)
    values |= dict(df=np.where(test == NO_TEST, np.nan, 1.0), n_effective=n1, n_effective_other=n2)
    return {**values, "status": np.full(shape, Status.OK.value, dtype=object)}


def _designed(data: Domains, share: Floats, one: list[int], two: list[int]) -> Columns:
    """Linearised differences; the two domains' totals may covary within a stratum."""
    total = data.base[1].sum(axis=-1)[..., None, None]
    p = share[..., None]
    design, unsampled = data.design, data.design.unsampled
    with np.errstate(divide="ignore", invalid="ignore"):
        linear = design.reduced((data.part[1] - p * data.base[1][:, :, None]) / total)
        if data.together is None:
            part, base = (design.by_stratum(of) for of in (data.part[2], data.base[2]))
            squares = (part * (1 - 2 * p) + p**2 * base[:, :, None]) / total**2
            each, both = data.base[2], squares[one] + squares[two]
            n = design.by_stratum(data.base[0])
            here = n[one] + n[two]
        else:
            squares, each, both, here = _of_people(data.together, p, total, one, two)
        own = variance_of(squares, linear, design)
        spread = share * (1 - share)
        kish = data.base[1].sum(axis=-1) ** 2 / (unsampled * each).sum(axis=-1)
        certain = np.isclose(spread, 0, atol=1e-15)
        effective = np.where(certain | (own == 0), kish[..., None], spread / own)
        gap = variance_of(both, linear[one] - linear[two], design)
    here = here.transpose(1, 0, 2)  # cell, pair, stratum
    nu = design.df(here)
    df = np.broadcast_to(nu[:, None] - 1, gap.transpose(1, 2, 0).shape)
    turned: Any = (
        x.transpose(1, 2, 0)
        for x in (
            *(share[one], share[two], effective[one], effective[two]),
            *(certain[one], certain[two], np.sqrt(gap)),
        )
    )
    p1, p2, e1, e2, c1, c2, se = turned
    t, chance, low, high = t_test(p1 - p2, se, np.maximum(df, 1), data.design.level)
    census = bool((unsampled < FULL).all())
    status = np.select(
        [se <= 1e-12, df < 1], [ComparisonStatus.SAME_STRATA, ComparisonStatus.TOO_FEW], Status.OK
    )
    status = np.full(status.shape, ComparisonStatus.CENSUS) if census else status
    off, few = status != Status.OK, status == ComparisonStatus.TOO_FEW
    values = dict(se=se, df=df.astype(float), n_effective=e1, n_effective_other=e2)
    values |= {k: np.where(off, np.nan, v) for k, v in dict(statistic=t, p=chance).items()}
    values |= {k: np.where(few, np.nan, v) for k, v in dict(ci_low=low, ci_high=high).items()}
    values |= dict(test=np.where(off, NO_TEST, T).astype(object), status=status.astype(object))
    if census:
        return values
    _at_the_ends(data, values, (one, two), (p1, p2), (c1, c2), nu)
    return values


def _of_people(
    of: PartsTogether, p: Floats, total: Floats, one: list[int], two: list[int]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Add up squares where people are clusters, of whom some are in both groups of a pair.

    Returns
    -------
    Of linearised shares (group, cell, part, stratum), of weights (group, cell, stratum), of
    linearised differences (pair, cell, part, stratum), and people in either group (pair, cell,
    stratum).
    """

    def products(a: list[int], b: list[int]) -> Floats:
        found = of.parts[a, b] - p[b] * of.mixed[a, b] - p[a] * of.mixed[b, a]
        return (found + p[a] * p[b] * of.bases[a, b][:, :, None]) / (total[a] * total[b])

    every = [*range(len(p))]
    squares = products(every, every)
    both = squares[one] + squares[two] - 2 * products(one, two)
    here = of.people[one, one] + of.people[two, two] - of.people[one, two]
    return squares, of.bases[every, every], both, here


def _at_the_ends(
    data: Domains,
    values: Columns,
    pairs: tuple[list[int], list[int]],
    shares: tuple[Floats, Floats],
    certain: tuple[Any, Any],
    nu: Floats,
) -> None:
    """Replace linearised tests and intervals with ones that hold for shares of 0 and 1."""
    either = certain[0] | certain[1]
    z = normal(data.design.level)
    low, high = newcombe(
        shares[0], values["n_effective"], shares[1], values["n_effective_other"], z
    )
    values["ci_low"] = np.where(either, low, values["ci_low"])
    values["ci_high"] = np.where(either, high, values["ci_high"])
    either = either & ~np.isnan(shares[0] - shares[1])
    both = certain[0] & certain[1]
    design = data.design
    if not either.any():
        return
    sums = (
        (design.reduced(data.base[1]), design.reduced(data.part[1])),
        (design.by_stratum(data.base[2]), design.by_stratum(data.part[2])),
    )
    for at in (either & both, either & ~both):
        cell, part, pair = where = np.nonzero(at)
        if not len(cell):
            continue
        test, status = FISHER, ComparisonStatus.CERTAIN.value
        n = _of_pairs(data.base[0].sum(axis=-1), pairs, cell, pair)
        if both[where].all():
            x = np.rint(_of_pairs(data.part[0].sum(axis=-1), pairs, cell, pair, part))
            if data.together is not None:
                people = [data.together.people[end, end].sum(axis=-1) for end in map(list, pairs)]
                whose = np.stack([of[pair, cell] for of in people], axis=1)
                n, x = whose, np.where(x > 0, whose, 0.0)
            p = fisher(x[:, 0], n[:, 0], x[:, 1], n[:, 1])
            found = (np.full(len(p), np.nan), np.ones(len(p)), p)
        else:
            w, w2 = (_two_by_two(*of, pairs, cell, part, pair) for of in sums)
            products = None
            if data.together is not None:
                products = _products_of_two(data.together, pairs, cell, part, pair)
            size = n.sum(axis=1)
            found = rao_scott_of_two(w, w2, design, size, nu[cell, pair], products)
            test, status = RAO_SCOTT, Status.OK.value
        known = ~np.isnan(found[2])
        for name, value in zip(("statistic", "df", "p"), found, strict=True):
            values[name][where] = value
        values["test"][where] = np.where(known, test, NO_TEST)
        values["status"][where] = np.where(known, status, ComparisonStatus.UNDEFINED.value)


def _of_pairs(
    sums: Floats, pairs: tuple[list[int], list[int]], cell: Any, pair: Any, *more: Any
) -> Floats:
    """Take sums of both groups of each comparison: (comparison, group, ...)."""
    return np.stack([sums[np.asarray(end)[pair], cell, *more] for end in pairs], axis=1)


def _two_by_two(
    base: Floats, part: Floats, pairs: tuple[list[int], list[int]], cell: Any, at: Any, pair: Any
) -> Floats:
    """Make a table of each comparison: (comparison, group, answer, stratum)."""
    yes = _of_pairs(part, pairs, cell, pair, at)
    return np.stack([yes, _of_pairs(base, pairs, cell, pair) - yes], axis=2)


def _products_of_two(
    of: PartsTogether, pairs: tuple[list[int], list[int]], cell: Any, part: Any, pair: Any
) -> Floats:
    """Products between the cells of two-by-two tables (answer by group): (table, 4, 4, stratum)."""
    ends = [np.asarray(end)[pair] for end in pairs]
    found = np.zeros((len(cell), 2, 2, 2, 2, of.bases.shape[-1]))
    for a, g in enumerate(ends):
        for b, h in enumerate(ends):
            parts, left = of.parts[g, h, cell, part], of.mixed[g, h, cell, part]
            right, whole = of.mixed[h, g, cell, part], of.bases[g, h, cell]
            found[:, 0, a, 0, b], found[:, 0, a, 1, b] = parts, left - parts
            found[:, 1, a, 0, b] = right - parts
            found[:, 1, a, 1, b] = whole - left - right + parts
    return found.reshape(len(cell), 4, 4, -1)
