"""Estimates with their intervals: arithmetic on the tables of `tabulate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import InsightsError
from helpers.estimation.selection import Selection, Where, column_of, known_codes
from helpers.estimation.tabulate import SUMS, Tabulation, tabulate
from helpers.survey.codebook import NOT_ASKED, NOT_STATED, RESPONDENT_TYPE, Question, suggest
from helpers.survey.dataset import Survey

Floats: TypeAlias = npt.NDArray[np.float64]
Combine: TypeAlias = Mapping[str, Sequence[str]]
Z95 = 1.959963984540054
RESULT = ("question", "item", "option", "time")
VALUES = ("estimate", "se", "ci_low", "ci_high", "n", "n_effective", "deff", "df", "status")


class Status(StrEnum):
    """Why a row has, or has not, an estimate."""

    OK = "ok"
    NO_VARIANCE = "one respondent: no variance"
    NO_ANSWERS = "nobody answered"
    NOT_ASKED = "not asked of the selection"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Sums:
    """Sums per group, response column, option and stratum, and respondents per stratum."""

    n: Floats  # (group, column, option, stratum)
    w: Floats
    w2: Floats
    stratum_n: Floats  # (stratum,)


def proportion(
    survey: Survey,
    question: str,
    by: Sequence[str] | str = (),
    where: Where = None,
    *,
    combine: Combine | None = None,
    single_stratum: str = "fail",
) -> pd.DataFrame:
    """Share of each answer in the question's base.

    Parameters
    ----------
    question
        Id of a single, multiple, grid or time_grid question.
    by
        Dimensions (or response columns) whose bands form the groups.
    where
        Filter: dimension or response column to a code or several. Filters select a domain;
        the design still sees every respondent.
    combine
        Options to take together: a name to the codes under it, such as
        ``{"agree": ["agree", "strongly_agree"]}``; the rows' `option` is then the name.
    single_stratum
        What to do with a stratum of one respondent: ``fail``, or ``adjust`` (its contribution
        is taken about the sample mean, as R's ``survey.lonely.psu = "adjust"``).

    Returns
    -------
    DataFrame, one row per group, item, time and option, in codebook order; options that nobody
    chose stay. Columns: `question`, `item`, `option`, `time` (empty where there is none), the
    group columns, `estimate`, `se`, `ci_low`, `ci_high` (all in [0, 1]), `n` (respondents in
    the base, unweighted), `n_effective`, `deff`, `df`, `status`. Of a select-all question only
    the ticked option has rows: shares of respondents. `attrs["survey"]` names the data.

    Raises
    ------
    InsightsError
        For an unknown question, dimension or code (the message lists what exists), a question
        of kind number or text, or a stratum of one respondent.

    Notes
    -----
    Standard errors by Taylor linearisation for a stratified sample of respondents drawn with
    replacement; domains keep the whole design (Särndal, Swensson and Wretman 1992, ch. 5).
    `n_effective` is p(1 - p) / Var(p), and Kish's (sum w)² / sum w² where p is 0 or 1; `deff` is
    the variance over that of a simple random sample with replacement of the same n. The
    interval is Wilson's (1927) score interval on `n_effective`; it keeps width at 0 and 1.
    """
    asked = survey.question(question)
    if not asked.tabulates:
        raise InsightsError(f"{question} is a {asked.kind} question: it has no shares.")
    selection = Selection.of(where)
    selection.check(survey.codebook)
    keys = (by,) if isinstance(by, str) else tuple(by)
    groups = _groups(survey, asked, keys)
    rows = combined(asked, combine)
    if not selection.concerns(survey, asked.population):
        return _frame(asked, keys, groups, list(rows)).assign(
            **dict.fromkeys(VALUES, np.nan), n=0, status=Status.NOT_ASKED.value
        )
    inner = tuple(key for key in keys if key != RESPONDENT_TYPE)
    table = tabulate(survey, asked, inner, selection)
    codes = [tuple(c for k, c in zip(keys, g, strict=True) if k != RESPONDENT_TYPE) for g in groups]
    sums = _sums(asked, table, inner, codes)
    picked = [
        [n for n, o in enumerate(asked.in_base) if o.code in codes] for codes in rows.values()
    ]
    frame = _frame(asked, keys, groups, list(rows))
    result = _with_values(frame, _shares(sums, picked, single_stratum))
    result.attrs["survey"] = survey.describe
    return result


def combined(question: Question, combine: Combine | None) -> dict[str, tuple[str, ...]]:
    """Options that a result has rows for: name to the codes taken together."""
    if combine is None:
        return {o.code: (o.code,) for o in question.reported}
    known = [o.code for o in question.in_base]
    for code in (c for codes in combine.values() for c in codes):
        if code not in known:
            raise InsightsError(
                f'{question.id} has no option "{code}" in its base. '
                f"{suggest(code, known, 'option')}"
            )
    return {name: tuple(dict.fromkeys(codes)) for name, codes in combine.items()}


def _groups(survey: Survey, question: Question, by: tuple[str, ...]) -> list[tuple[str, ...]]:
    frame = survey.frames[question.population]
    levels = []
    for key in by:
        if key == RESPONDENT_TYPE:
            levels.append([question.population])
            continue
        known = list(known_codes(survey.codebook, key))
        column = column_of(survey.codebook, key)
        if column not in frame.columns:
            raise InsightsError(
                f"{survey.codebook.populations[question.population].label} "
                f"have no {key}: it is not known of them."
            )
        present = set(frame[column].unique())
        optional = (NOT_STATED, NOT_ASKED, "not_answered")
        levels.append([c for c in known if c in present or c not in optional] or sorted(present))
    return list(product(*levels))


def _sums(
    question: Question, table: Tabulation, by: tuple[str, ...], groups: list[tuple[str, ...]]
) -> Sums:
    columns = {c.column: n for n, c in enumerate(question.cells)}
    options = {o.code: n for n, o in enumerate(question.in_base)}
    strata = {s: n for n, s in enumerate(sorted(table.strata["stratum"]))}
    order = {g: n for n, g in enumerate(groups)}
    cells = table.cells
    group_of = [order.get(g) for g in zip(*(cells[k] for k in by), strict=True)] if by else None
    index = pd.DataFrame(
        {
            "g": group_of if group_of is not None else 0,
            "c": cells["column"].map(columns),
            "o": cells["option"].map(options),
            "h": cells["stratum"].map(strata),
        }
    )
    inside = index.notna().all(axis=1).to_numpy()
    at = tuple(index.loc[inside, k].to_numpy(dtype=int) for k in "gcoh")
    shape = (len(groups), len(columns), len(options), len(strata))
    filled = {}
    for name in SUMS:
        array = np.zeros(shape)
        np.add.at(array, at, cells[name].to_numpy(dtype=float)[inside])
        filled[name] = array
    counts = table.strata.set_index("stratum")["n"]
    sizes = np.array([counts[s] for s in strata], dtype=float)
    return Sums(filled["n"], filled["sum_w"], filled["sum_w2"], sizes)


def _shares(sums: Sums, picked: list[list[int]], single_stratum: str) -> dict[str, Floats]:
    """Estimate, variance and bases, each of shape (group, column, picked options)."""
    base_w, base_w2 = sums.w.sum(axis=2), sums.w2.sum(axis=2)  # (group, column, stratum)
    w = np.stack([sums.w[:, :, at].sum(axis=2) for at in picked], axis=2)
    w2 = np.stack([sums.w2[:, :, at].sum(axis=2) for at in picked], axis=2)
    n = sums.n.sum(axis=(2, 3))[:, :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        total = base_w.sum(axis=2)[:, :, None]
        p = w.sum(axis=3) / total
        squares = w2 * (1 - 2 * p[..., None]) + p[..., None] ** 2 * base_w2[:, :, None, :]
        linear = w - p[..., None] * base_w[:, :, None, :]
        variance = _variance(squares, linear, sums.stratum_n, single_stratum) / total**2
        kish = (base_w.sum(axis=2) ** 2 / base_w2.sum(axis=2))[:, :, None]
        spread = p * (1 - p)
        certain = np.isclose(spread, 0, atol=1e-15)
        effective = np.where(certain, kish, spread / variance)
        deff = np.where(certain, n / effective, (n - 1) / effective)
    low, high = wilson(p, effective)
    df = sums.stratum_n.sum() - len(sums.stratum_n)
    return {
        "estimate": p,
        "se": np.sqrt(variance),
        "ci_low": low,
        "ci_high": high,
        "n": np.broadcast_to(n, p.shape),
        "n_effective": effective,
        "deff": deff,
        "df": np.full(p.shape, df),
    }


def _variance(squares: Floats, linear: Floats, sizes: Floats, single_stratum: str) -> Floats:
    """Variance of a linearised total: its sums and sums of squares per stratum (last axis)."""
    alone = sizes == 1
    if alone.any() and len(sizes) > 1 and single_stratum != "adjust":
        raise InsightsError(
            "A stratum holds a single respondent, so its variance cannot be estimated. "
            'Merge strata, or ask for single_stratum="adjust".'
        )
    # A stratum of one is centred on the mean of all, every other on its own mean.
    overall = linear.sum(axis=-1, keepdims=True) / sizes.sum()
    own = (squares - linear**2 / sizes) * (sizes / np.maximum(sizes - 1, 1))
    adjusted = squares - 2 * linear * overall + sizes * overall**2
    parts = np.where(alone, adjusted, own)
    if len(sizes) == 1 and alone.any():
        parts = parts * np.nan
    return np.maximum(parts.sum(axis=-1), 0.0)


def wilson(p: Floats, n: Floats, z: float = Z95) -> tuple[Floats, Floats]:
    """Wilson's score interval for a share `p` on a base `n`.

    Notes
    -----
    Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209-212.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def _with_values(frame: pd.DataFrame, values: dict[str, Floats]) -> pd.DataFrame:
    for name, array in values.items():
        frame[name] = array.reshape(-1)
    frame["n"] = frame["n"].astype(int)
    empty = frame["estimate"].isna()
    lonely = ~empty & frame["se"].isna()
    frame["status"] = np.select(
        [empty, lonely], [Status.NO_ANSWERS.value, Status.NO_VARIANCE.value], Status.OK.value
    )
    return frame


def _frame(
    question: Question, by: tuple[str, ...], groups: list[tuple[str, ...]], options: list[str]
) -> pd.DataFrame:
    rows = [
        (question.id, cell.item, option, cell.time, *group)
        for group in groups
        for cell in question.cells
        for option in options
    ]
    return pd.DataFrame(rows, columns=[*RESULT, *by])
