"""Estimates with their intervals: arithmetic on the tables of `tabulate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd

from helpers.codebook.model import FAVOURED, Base, Question, code_of, suggest_code
from helpers.errors import InsightsError
from helpers.estimation.intervals import Floats, interval
from helpers.estimation.request import Request
from helpers.estimation.variance import (
    Design,
    Sums,
    measured,
)
from helpers.responses.selection import Where, several
from helpers.responses.survey import Survey

Parts: TypeAlias = Mapping[str, str | Sequence[str]]
Combine: TypeAlias = Parts | str  # a name of parts that questions declare: "favourable"
BOUNDS = ("answered", "lowest", "highest", "ci_lowest", "ci_highest")


def proportion(
    survey: Survey,
    question: str,
    by: Sequence[str] | str = (),
    where: Where = None,
    *,
    combine: Combine | None = None,
    base: str | None = None,
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
        the design still sees every respondent. If the survey has several waves, the latest is
        used unless a filter names others or `by` forms groups of them; ``{"wave": "*"}`` combines
        all.
    combine
        Options to take together: a name to the code or codes under it, such as
        ``{"agree": ["agree", "strongly_agree"]}``; the rows' `option` is then the name. Or
        ``"favourable"``: favourable, neutral and unfavourable answers.
    base
        Base rule instead of the question's own: ``answered``, ``answered_with_dont_know`` or
        ``asked`` (item non-response is then an option of its own).

    Returns
    -------
    DataFrame, one row per group, item, time and option, in codebook order; options that nobody
    chose stay. Columns: `question`, `item`, `option`, `time` (empty where there is none), the
    group columns, `estimate`, `se`, `ci_low`, `ci_high` (all in [0, 1]), `n` (respondents in
    the base, unweighted), `n_effective`, `deff`, `df` (respondents in the base less strata
    that they come from), `status`. Of a select-all question only the ticked option has rows:
    shares of respondents. An item that the wave did not ask, or an answer that it did not offer,
    has no estimate. `attrs["survey"]` names the data, `attrs["wave"]` the wave where a survey has
    several.

    Raises
    ------
    InsightsError
        For an unknown question, dimension, code or base rule (the message lists what exists), a
        question of kind number or text, a stratum of one respondent, or a population size below
        the number who responded.

    Notes
    -----
    `Survey.design` states how the sample was drawn, and the method and level of intervals.
    Standard errors by Taylor linearisation for a stratified sample of respondents, drawn with
    replacement unless population sizes are given; domains keep the whole design (Särndal,
    Swensson and Wretman 1992, ch. 5). `n_effective` is p(1 - p) / Var(p), and Kish's
    (sum w)² / sum w² where p is 0 or 1; `deff` is the variance over that of a simple random
    sample with replacement of the same n. The default interval is Wilson's (1927) score
    interval on `n_effective`; every interval keeps width at 0 and 1. A respondent with a weight
    of 0 counts in `n` and `df`, as in the variance; R's ``degf`` leaves them out.
    """
    request = Request.of(survey, question, by, where, base)
    asked = request.question
    if not asked.tabulates:
        raise InsightsError(f"{question} is a {asked.kind} question: it has no shares.")
    rows = combined(asked, combine)
    frame = request.frame(list(rows))
    if not request.concerned:
        return request.filled(frame, None)
    sums, design = request.counted()
    scores = indicators(asked, rows)
    values = shares(sums, scores, np.ones(scores.shape[1]), design)
    return request.filled(frame, values, rows)


def worst_case(
    survey: Survey,
    question: str,
    by: Sequence[str] | str = (),
    where: Where = None,
    *,
    combine: Combine | None = None,
    base: str | None = None,
) -> pd.DataFrame:
    """Share of each answer with the bounds that item non-response leaves to it.

    Parameters
    ----------
    base
        Who counts as having answered: ``answered`` or ``answered_with_dont_know``; the
        question's own rule, where that is not ``asked``, by default. The other parameters are
        those of `proportion`.

    Returns
    -------
    DataFrame, the rows and columns of `proportion` on those who answered, and of everybody
    asked: `n_asked`; `answered`, the share who answered; `lowest` and `highest`, the share if
    none and if all of those who did not answer had given this answer; `ci_lowest` and
    `ci_highest`, the lower end of the interval of `lowest` and the upper end of that of
    `highest`. Who says "don't know" has not answered unless the base rule counts it.

    Notes
    -----
    Manski (1989), Journal of Human Resources 24, 343-360; the outer interval covers both
    bounds (Horowitz and Manski 2000, Journal of the American Statistical Association 95, 77-84).
    """
    rule = answering_rule(survey.question(question), base)
    if rule == Base.ASKED:
        raise InsightsError(
            "Bounds need to know who has answered: give base as answered or "
            "answered_with_dont_know."
        )
    answering = Request.of(survey, question, by, where, rule).question
    if not answering.tabulates:
        raise InsightsError(f"{question} is a {answering.kind} question: it has no shares.")
    rows = combined(answering, combine)
    request = Request.of(survey, question, by, where, Base.ASKED)
    frame = request.frame(list(rows))
    if not request.concerned:
        return request.with_columns(
            request.filled(frame, None), n_asked=0, **dict.fromkeys(BOUNDS, np.nan)
        )
    asked = request.question
    sums, design = request.counted()
    scores = indicators(asked, rows)
    answers = [o.code for o in answering.in_base]
    inside = indicators(asked, {"": answers})[0]
    everybody = np.ones(len(inside))
    found, low, high, answered = (
        {k: v.reshape(-1) for k, v in shares(sums, of, base_of, design).items()}
        for of, base_of in (
            (scores, inside),
            (scores, everybody),
            (scores + (1 - inside), everybody),
            (np.broadcast_to(inside, scores.shape), everybody),
        )
    )
    return request.with_columns(
        request.filled(frame, found, rows),
        n_asked=low["n"].astype(int),
        answered=answered["estimate"],
        lowest=low["estimate"],
        highest=high["estimate"],
        ci_lowest=low["ci_low"],
        ci_highest=high["ci_high"],
    )


def answering_rule(question: Question, base: str | None = None) -> str:
    """Return the base rule by which `worst_case` counts who has answered."""
    declared = question.base
    return base or (declared if declared is not Base.ASKED else Base.ANSWERED_WITH_DONT_KNOW)


def combined(question: Question, combine: Combine | None) -> dict[str, tuple[str, ...]]:
    """Options that a result has rows for: name to the codes taken together."""
    if combine is None:
        return {o.code: (o.code,) for o in question.reported}
    if combine == FAVOURED:
        return thirds(question)
    if not (isinstance(combine, Mapping) and combine):
        raise InsightsError(
            f"combine is {combine!r}: give names with the options to take together, such as "
            '{"agree": ["agree", "strongly_agree"]}, or "favourable".'
        )
    known = {o.code: o.label for o in question.in_base}
    rows = {
        name: tuple(code_of(code, known) for code in several(codes))
        for name, codes in combine.items()
    }
    for code in (c for codes in rows.values() for c in codes):
        if code not in known:
            raise InsightsError(
                f'{question.id} has no option "{code}" in its base. '
                f"{suggest_code(code, known, 'option')}"
            )
    return {name: tuple(dict.fromkeys(codes)) for name, codes in rows.items()}


def thirds(question: Question) -> dict[str, tuple[str, ...]]:
    """Favourable, neutral and unfavourable answers; without a good end raise `InsightsError`."""
    found = {third: codes for third, codes in question.thirds.items() if codes}
    if not found:
        raise InsightsError(
            f"{question.id} has no favourable answers: its options need scores, three or more, and "
            'questions.csv has to say which end is good news (favourable: "high" or "low").'
        )
    return found


def indicators(question: Question, rows: Mapping[str, Sequence[str]]) -> Floats:
    """Rows of a result by options of the base: 1 where the option belongs to the row."""
    return np.array([[float(o.code in codes) for o in question.in_base] for codes in rows.values()])


def shares(sums: Sums, scores: Floats, inside: Floats, design: Design) -> dict[str, Floats]:
    """Shares of `scores` (row, option) in the options `inside`, each (group, column, row).

    Keys are those of `VALUES` but the status.
    """
    moments = sums.scored(scores, inside)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = moments.y.sum(axis=-1) / moments.x.sum(axis=-1)
    n = np.einsum("gcoh,o->gch", sums.n, inside)[:, :, None, :]
    values = measured(moments, p * (1 - p), n, design, people=sums.people)
    base, df, effective = values["n"], values["df"], values["n_effective"]
    ends = interval(design.interval, values["estimate"], effective, base, df, design.level)
    return {**values, "ci_low": ends[0], "ci_high": ends[1]}
