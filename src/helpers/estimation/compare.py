"""Comparing groups: differences of shares, tests, letters, and what bases could show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
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
from helpers.estimation.domains import (
    ComparisonStatus,
    Domains,
    DomainSums,
    counted,
    domains,
    group_codes,
    one_key,
    stacked,
    tabulable,
)
from helpers.estimation.estimates import Combine, combined
from helpers.estimation.intervals import Floats, normal
from helpers.estimation.request import Columns, Status
from helpers.estimation.tabulate import tabulate
from helpers.estimation.variance import FULL, Design, Moments, variance
from helpers.estimation.wave import resolve_selection, waves_without
from helpers.responses.selection import Where, known_codes
from helpers.responses.survey import Survey

Place: TypeAlias = tuple[str, str, str, str]
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
    places = [(asked.id, c.item, o, c.time) for c in asked.cells for o in options]
    data = None
    pairs = list(combinations(range(len(names)), 2))
    if key == survey.codebook.wave_dimension:  # a change is the later wave less the earlier
        pairs = [(b, a) for a, b in pairs]
    if selection.concerns(survey, asked.population):
        table = tabulate(survey, asked, (key,), selection)
        design = Design.of(table.strata, survey, asked.population)
        others = [c for c in known_codes(survey.codebook, key) if c not in names] if rest else []
        counts = counted(asked, asked.cells, table, design, key, [*names, *others])
        if rest:
            counts, pairs = _against_rest(counts, len(names))
        data = domains(counts, _positions(asked, options))
    elif rest:
        pairs = [(n, len(names) + n) for n in range(len(names))]
    if rest:
        names = [*names, *[REST] * len(names)]
    result = _rows(data, places, names, pairs, power, alpha)
    if key == survey.codebook.wave_dimension and not rest:
        result = _offered_in_both(result, asked, options)
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
            table = tabulate(survey, q, (), selection)
            design = Design.of(table.strata, survey, q.population)
            cells = [there[n][place] for place in shared]
            parts = _positions(q, {name: kept[n][name] for name in options})
            sides.append(domains(counted(q, cells, table, design, None, ("",)), parts))
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


def _positions(question: Question, options: Mapping[str, Sequence[str]]) -> list[list[int]]:
    return [
        [n for n, option in enumerate(question.in_base) if option.code in codes]
        for codes in options.values()
    ]


def _against_rest(counts: DomainSums, groups: int) -> tuple[DomainSums, list[tuple[int, int]]]:
    """Put everybody who is not in a group after the groups, and pair each with them."""
    own, others = counts.sums[:, :groups], counts.sums[:, groups:]
    sums = np.concatenate([own, counts.sums.sum(axis=1, keepdims=True) - own], axis=1)
    pairs = [(n, groups + n) for n in range(groups)]
    if groups == 2 and not others[0].any():
        pairs = pairs[:1]
    return replace(counts, sums=np.maximum(sums, 0.0)), pairs


def _rows(
    data: Domains | None,
    places: list[Place],
    names: list[str],
    pairs: Pairs,
    power: float,
    alpha: float,
) -> pd.DataFrame:
    """One row per place and pair; without data none of them was asked."""
    keys = [(*place, names[a], names[b]) for place in places for a, b in pairs]
    frame = pd.DataFrame(keys, columns=[*PLACE, "group", "other"])
    if data is None:
        filled: dict[str, object] = dict.fromkeys((*VALUES, *TESTS), np.nan)
        filled |= {"n": 0, "n_other": 0, "test": NO_TEST, "status": str(Status.NOT_ASKED)}
        return frame.assign(**filled)
    values = _compared(data, pairs, power, alpha)
    found = {name: values[name].reshape(-1) for name in (*VALUES, *TESTS)}
    found |= {name: found[name].astype(int) for name in ("n", "n_other")}
    found["status"] = [str(status) for status in found["status"]]
    return frame.assign(**found)


def _offered_in_both(
    frame: pd.DataFrame, asked: Question, options: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Take the comparison from pairs of waves of which one did not ask an item or offer an answer.

    Nobody could give it there: a share of 0 would be no answer.
    """
    rows = frame[["item", "option", "group", "other"]].itertuples(index=False)
    gone = [bool(waves_without(asked, item, options[o], pair)) for item, o, *pair in rows]
    if any(gone):
        kept = ("n", "n_other", "test", "status")
        values = [name for name in (*VALUES, *TESTS) if name not in kept]
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


def mean_differences(moments: Moments, n: Floats, design: Design, at: Pairs) -> Columns:
    """Differences between the means of pairs of groups that nobody is in twice.

    Parameters
    ----------
    moments, n
        Sums of the scores, and respondents with a score, (group, cell, 1, stratum) and (group,
        cell, stratum).

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
        linear = (moments.y - r * moments.x) / whole
        squares = (moments.yy - 2 * r * moments.xy + r**2 * moments.xx) / whole**2
        size = ((moments.yy + r**2 * moments.xx) / whole**2).sum(axis=-1)
        gap = variance(squares[one] + squares[two], linear[one] - linear[two], design)[..., 0]
    here = n[one] + n[two]
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
    unsampled = data.design.unsampled
    with np.errstate(divide="ignore", invalid="ignore"):
        linear = (data.part[1] - p * data.base[1][:, :, None]) / total
        squares = (data.part[2] * (1 - 2 * p) + p**2 * data.base[2][:, :, None]) / total**2
        own = variance(squares, linear, data.design)
        spread = share * (1 - share)
        kish = data.base[1].sum(axis=-1) ** 2 / (unsampled * data.base[2]).sum(axis=-1)
        certain = np.isclose(spread, 0, atol=1e-15)
        effective = np.where(certain | (own == 0), kish[..., None], spread / own)
        gap = variance(squares[one] + squares[two], linear[one] - linear[two], data.design)
    here = (data.base[0][one] + data.base[0][two]).transpose(1, 0, 2)  # cell, pair, stratum
    nu = data.design.df(here)
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
    for at in (either & both, either & ~both):
        cell, part, pair = where = np.nonzero(at)
        if not len(cell):
            continue
        base, yes = (
            np.stack([of[:, np.asarray(end)[pair], cell, *more] for end in pairs], axis=2)
            for of, more in ((data.base, ()), (data.part, (part,)))
        )  # (sums, comparison, group, stratum)
        test, status = FISHER, ComparisonStatus.CERTAIN.value
        if both[where].all():
            n, x = base[0].sum(axis=-1), np.rint(yes[0].sum(axis=-1))
            p = fisher(x[:, 0], n[:, 0], x[:, 1], n[:, 1])
            found = (np.full(len(p), np.nan), np.ones(len(p)), p)
        else:
            table = np.stack([yes, base - yes], axis=3)  # the same, by answer
            size = table[0].sum(axis=(1, 2, 3))
            found = rao_scott_of_two(table[1], table[2], data.design, size, nu[cell, pair])
            test, status = RAO_SCOTT, Status.OK.value
        known = ~np.isnan(found[2])
        for name, value in zip(("statistic", "df", "p"), found, strict=True):
            values[name][where] = value
        values["test"][where] = np.where(known, test, NO_TEST)
        values["status"][where] = np.where(known, status, ComparisonStatus.UNDEFINED.value)
