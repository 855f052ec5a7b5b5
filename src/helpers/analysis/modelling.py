"""Models: an answer explained by several characteristics at once, in percentage points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from helpers.analysis.comparisons import ALPHA, NO_EVIDENCE
from helpers.analysis.estimates import option_label
from helpers.analysis.result import Readable, Result, Subject, labelled, numeric, several_answers
from helpers.codebook.model import Kind, Question, suggest
from helpers.errors import InsightsError
from helpers.estimation import models, regression
from helpers.estimation.estimates import Combine
from helpers.estimation.request import Row
from helpers.estimation.terms import Term, keys_in, term_name, terms_of
from helpers.present import wording
from helpers.present.cells import (
    NUMBER,
    STEP,
    THOUSANDTHS,
    ReadableCell,
    count,
    difference_cell,
    frame_of,
    number,
    p_value,
    ranged,
)
from helpers.present.dots import Dot, dot_plot
from helpers.present.results import answer, key_label
from helpers.responses.selection import Where, column_of, known_codes
from helpers.responses.survey import Survey
from helpers.words import raised

ORDINAL = "ordinal"
KINDS = (ORDINAL, regression.LOGISTIC, regression.LINEAR)
P_VALUES = (
    "The p of an effect is of one group against its reference, and allows for all {n} effects"
    " (Benjamini and Hochberg); a second table tests each characteristic as a whole."
)
NEAR_ONE = 0.02  # odds ratios that two digits do not tell apart: of a year of age
ODDS = ("odds_ratio", "odds_ratio_low", "odds_ratio_high")


def model(
    survey: Survey,
    question: str,
    on: Sequence[str] | str = (),
    item: str = "",
    where: Where = None,
    *,
    kind: str = "",
    time: str = "",
    combine: Combine | None = None,
    reference: Mapping[str, str] | None = None,
) -> Result:
    """Effects of several characteristics on an answer, each beside the others.

    Parameters
    ----------
    question, item, time
        Id of a question; of several columns of answers also the item and time. Or a formula, such
        as ``"visits ~ branch + age"``.
    on
        Dimensions, response columns whose answers are codes, and (not of an ordinal model) number
        questions. A formula may also have interactions, ``a * b`` or ``a:b``, and of numbers
        ``log(x)``, ``sqrt(x)`` and ``I(x**2)``. Where a number question and a dimension have the
        same name, it means the number, and ``C(name)`` the bands.
    where
        Filter, as in `share`.
    kind
        ``ordinal`` (proportional odds), ``logistic`` or ``linear``. By default a scale of three or
        more points is ordinal, a number linear, and a box, two answers, or what `combine` names
        logistic. A linear model of a scale is of its scores.
    combine
        Answers that a logistic model is of, such as ``{"agree": ["4", "5"]}`` or ``"favourable"``.
    reference
        Group that the others are compared with, by characteristic; by default the first.

    Returns
    -------
    `Result`; `df` has average marginal effects: how much the share of an answer (in [-1, 1]), or
    the mean of a linear model, would differ if everybody were in a group instead of the reference,
    all else as it is, interactions included; of a number, for one more; `p_term` is the p value
    of all that a characteristic is part of. `tests` has the coefficients, with odds ratios, and the
    p value of each term of the formula, such as all groups of a characteristic (`p_term`); its
    ``attrs["diagnostics"]`` are R² or pseudo-R², variance inflation and leverage, of an ordinal
    model Brant's test that a characteristic works alike at every cut of the scale.

    Raises
    ------
    InsightsError
        For what does not exist, and if there is not enough data for the model, with all reasons:
        small groups, too few respondents for so many, characteristics that say the same, answers
        that a group tells apart (separation).

    Notes
    -----
    Methods: `estimation.models.ordinal`, as R's ``svyolr``; `estimation.regression.regression`, as
    ``svyglm``, with effects by the delta method.

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example")
    >>> found = h.model(survey, "views", "branch", "hours")
    >>> sorted(found.df["term_label"].unique())
    ['Branch']
    >>> often = {"often": ["weekly", "monthly"]}
    >>> h.model(survey, "visits ~ branch + age", combine=often).df["level"].tolist()
    ['harbour', 'older']
    """
    if "~" in question:
        question, on, item, time = _formula(survey, question, on, item, time)
    asked = survey.question(question)
    terms = terms_of(on)
    keys = tuple(keys_in(terms))
    for key in keys:  # said before the model is refused for other reasons
        column_of(survey.codebook, key)
    if kind not in ("", *KINDS):
        raise InsightsError(f'kind is "{kind}"; known: {", ".join(KINDS)}.')
    scale = asked.is_scale and asked.kind is not Kind.NUMBER
    if (kind or (ORDINAL if scale and combine is None else "")) == ORDINAL:
        if combine is not None:
            raise InsightsError(
                'combine is for kind="logistic": an ordinal model uses all answers.'
            )
        for term in terms:
            if len(term) > 1 or term[0].changed:
                raise InsightsError(
                    f"An ordinal model takes characteristics by themselves, not {term_name(term)}. "
                    'Use kind="linear" for the scores, or kind="logistic" with combine for some '
                    "of the answers."
                )
        return _ordinal(survey, asked, keys, item, time, where, reference)
    found = regression.regression(
        survey,
        question,
        on,
        kind=kind,
        item=item,
        time=time,
        where=where,
        reference=reference,
        combine=combine,
    )
    return _regression(survey, asked, terms, where, found)


def _formula(
    survey: Survey, formula: str, on: Sequence[str] | str, item: str, time: str
) -> tuple[str, str, str, str]:
    """Read ``question ~ one + other``; on its left may be a response column, too."""
    left, _, right = formula.partition("~")
    if on or not right.strip() or "~" in right:
        raise InsightsError(
            f'"{formula}" is not a formula: write "question ~ one + other", and leave out on.'
        )
    name = left.strip()
    if name in survey.codebook.questions:
        return name, right, item, time
    owner = survey.codebook.owners.get(name)
    if owner is None:
        known = [*survey.codebook.questions, *survey.codebook.owners]
        said = suggest(name, dict.fromkeys(known), "question")
        raise InsightsError(f'There is no question "{name}". {said}')
    cell = next(c for c in owner.cells if c.column == name)
    return owner.id, right, cell.item, cell.time


def _ordinal(
    survey: Survey,
    asked: Question,
    keys: tuple[str, ...],
    item: str,
    time: str,
    where: Where,
    reference: Mapping[str, str] | None,
) -> Result:
    found = models.ordinal(
        survey, asked.id, keys, item=item, time=time, where=where, reference=reference
    )
    effects = _labelled(survey, asked, found.effects)
    rows = [
        {
            "Characteristic": _contrast(row),
            "Answer": row["option_label"],
            "Effect in points": difference_cell(row),
            "Respondents": count(row["n"]),
        }
        for row in effects.to_dict("records")
    ]
    sentence = "Simulated: " * wording.simulated(survey) + found.text
    tests = found.coefficients.copy()
    tests.attrs["diagnostics"] = found.parallel
    dots = [
        _dot(row, row["option_label"], _contrast(row), 100, difference_cell)
        for row in effects.to_dict("records")
    ]
    return _result(
        survey,
        where,
        Subject.of(survey, asked, where, keys, effects),
        effects,
        sentence,
        [
            Readable(
                frame_of(rows), _written(survey, asked, terms_of(keys), found.item, found.time)
            ),
            Readable(frame_of(_checks(survey, found))),
        ],
        found.notes,
        tests,
        dots,
        "Effect in points",
    )


def _checks(survey: Survey, found: models.OrdinalModel) -> list[Row]:
    """Say how well an ordinal model fits, and whether characteristics work alike at every cut."""
    rows: list[Row] = [
        {"Diagnostics": "Respondents", "Value": count(found.n)},
        {
            "Diagnostics": "Pseudo-R² (McFadden)",
            "Value": number(f"{found.pseudo_r2:.3f}", found.pseudo_r2, THOUSANDTHS),
        },
    ]
    for row in found.parallel.to_dict("records"):
        of = "" if row["term"] == "all" else f" of {key_label(survey.codebook, row['term'])}"
        p = p_value(row["p"])
        told = ReadableCell(f"p {p}", *p.numbers) if row["status"] == "ok" else row["status"]
        if row["term"] == "all" or len(found.parallel) > 2:
            rows.append({"Diagnostics": f"Same effect at every cut{of} (Brant)", "Value": told})
    return rows


def _regression(
    survey: Survey,
    asked: Question,
    terms: Sequence[Term],
    where: Where,
    found: regression.Regression,
) -> Result:
    logistic = found.kind == regression.LOGISTIC
    write = difference_cell if logistic else _units
    head = "Effect in points" if logistic else "Effect"
    effects = _labelled(survey, asked, found.effects)
    tests = found.coefficients.copy()
    odds = tests.set_index(["term", "level"])
    places = Counter(factor.key for term in terms for factor in term)
    rows = []
    for row in effects.to_dict("records"):
        cells: Row = {
            "Characteristic": _contrast(row),
            head: write(row),
            "p of the effect": p_value(row["p_adjusted"]),
        }
        own = row["term"], row["level"]
        if logistic and own in odds.index and places[row["term"]] == 1:
            at = odds.loc[own]
            digits = 4 if all(abs(at[end] - 1) < NEAR_ONE for end in ODDS) else 2
            ratio_at, low, high = (f"{at[end]:.{digits}f}" for end in ODDS)
            told = f"{ratio_at} ({low} to {high})"
            ratio = {"estimate": at[ODDS[0]], **at[list(ODDS[1:])].to_dict()}
            cells["Odds ratio"] = ranged(told, ratio, NUMBER, ODDS[1:])
        elif logistic:  # it differs with another characteristic, or along a curve
            cells["Odds ratio"] = "–"
        rows.append(cells)
    whole = effects.groupby(["term", "term_label"], sort=False)["p_term"].first()
    together = tests.groupby("term", sort=False)["p_term"].first()
    tested = [{"Tested as a whole": label, "p": p_value(p)} for (_, label), p in whole.items()] + [
        {"Tested as a whole": _term_label(survey, term), "p": p_value(together[term_name(term)])}
        for term in terms
        if len(term) > 1
    ]
    said = [
        {
            "Diagnostics": f"{raised(row['measure'])} of {key_label(survey.codebook, row['term'])}"
            if row["term"]
            else raised(row["measure"]),
            "Value": count(row["value"])
            if float(row["value"]).is_integer() and not row["term"]
            else number(f"{row['value']:,.3f}", row["value"], THOUSANDTHS),
        }
        for row in found.diagnostics.to_dict("records")
    ]
    tests.attrs["diagnostics"] = found.diagnostics
    about = _about(survey, asked, found)
    sentence = "Simulated: " * wording.simulated(survey) + _sentence(survey, found, effects, about)
    place = _written(survey, asked, terms, found.item, found.time, found.event[0])
    parts = [Readable(frame_of(part)) for part in (rows, tested, said)]
    parts[0] = replace(parts[0], heading=place)
    dots = [
        _dot(row, _contrast(row), "", 100 if logistic else 1, write)
        for row in effects.to_dict("records")
    ]
    return _result(
        survey,
        where,
        Subject.of(survey, asked, where, tuple(keys_in(terms)), effects),
        effects,
        sentence,
        parts,
        [*[P_VALUES.format(n=len(effects))] * (len(effects) > 1), *found.notes],
        tests,
        dots,
        head,
    )


def _labelled(survey: Survey, asked: Question, effects: pd.DataFrame) -> pd.DataFrame:
    """Add labels of characteristics and groups, of items and answers."""
    labels = {key: known_codes(survey.codebook, key) for key in effects["term"].unique()}
    made = effects.copy()
    for name in ("term", "level", "reference"):
        codes = zip(made["term"], made[name], strict=True)
        said = [
            key_label(survey.codebook, term) if name == "term" else labels[term].get(code, code)
            for term, code in codes
        ]
        made.insert(int(made.columns.get_loc(name)) + 1, f"{name}_label", said)
    named = [("item", asked.item_label), ("option", lambda code: option_label(asked, code))]
    return labelled(made, named)


def _contrast(row: Mapping[str, object]) -> str:
    if not row["level"]:
        return f"{row['term_label']}: for 1 more"
    return f"{row['term_label']}: {row['level_label']} against {row['reference_label']}"


def _written(
    survey: Survey,
    asked: Question,
    terms: Sequence[Term],
    item: str,
    time: str,
    event: str = "",
) -> str:
    """Write the model as a formula, in labels."""
    row = {"item": item, "option": event, "time": time}
    said = answer(asked, row) if item or event else ""
    left = ", ".join(filter(None, (asked.label, said, survey.codebook.times.get(time, ""))))
    return f"{left} ~ {' + '.join(_term_label(survey, term) for term in terms)}"


def _term_label(survey: Survey, term: Term) -> str:
    """Write a term in labels."""
    return " × ".join(
        factor.text.replace(factor.key, key_label(survey.codebook, factor.key))
        if factor.changed
        else key_label(survey.codebook, factor.key)
        for factor in term
    )


def _about(survey: Survey, asked: Question, found: regression.Regression) -> str:
    row = {"item": found.item, "option": found.event[0], "time": found.time}
    said = answer(asked, row) if found.item or found.event[0] else ""
    times = survey.codebook.times.get(found.time, "")
    return ", ".join(filter(None, (asked.label, said, times)))


def _units(row: Mapping[str, Any]) -> ReadableCell:
    """Write an effect in units of the answer, with its range."""
    at, low, high = (f"{row[k]:+,.3g}".replace("-", "−") for k in ("estimate", "ci_low", "ci_high"))
    return ranged(f"{at} ({low} to {high})", row, STEP)


def _sentence(
    survey: Survey, found: regression.Regression, effects: pd.DataFrame, about: str
) -> str:
    """Say the effect that is surest, and how many are."""
    sure = effects[effects["p_adjusted"] <= ALPHA]
    count = f"{len(effects)} effect{'s' * (len(effects) != 1)}"
    if sure.empty:
        return f"{about}: none of {count} is larger than chance would explain."
    row = sure.sort_values("p").iloc[0].to_dict()
    logistic = found.kind == regression.LOGISTIC
    told: str = difference_cell(row) if logistic else _units(row)
    unit = " points" if logistic else ""
    told = told.replace(" (", f"{unit}, {survey.sampling.per_cent} range ", 1).rstrip(")")
    verb = "are" if len(sure) > 1 else "is"
    return (
        f"{about}: {len(sure)} of {count} {verb} larger than chance would explain, most clearly "
        f"{_contrast(row)} ({told}), all else alike."
    )


def _dot(
    row: Mapping[str, float],
    place: str,
    series: str,
    times: float,
    write: Callable[[Mapping[str, float]], str],
) -> Dot:
    at, low, high = (times * row[name] for name in ("estimate", "ci_low", "ci_high"))
    return Dot(place, series, at, low, high, write(row))


def _result(
    survey: Survey,
    where: Where,
    subject: Subject,
    df: pd.DataFrame,
    sentence: str,
    parts: Sequence[Readable],
    notes: Sequence[str],
    tests: pd.DataFrame,
    dots: Sequence[Dot],
    axis: str,
) -> Result:
    left = ("Characteristic", "Answer", "Diagnostics", "Tested as a whole")
    shown = [
        Readable(
            part.rows,
            part.heading,
            tuple(dict.fromkeys([*(c for c in part.rows if c not in left), *numeric(part.rows)])),
        )
        for part in parts
    ]
    repeated = several_answers(survey, subject.question, where, subject.keys)
    said = (*notes, subject.filters, repeated, NO_EVIDENCE * wording.simulated(survey))
    return Result(
        survey,
        df,
        sentence,
        tuple(shown),
        subject,
        tuple(filter(None, said)),
        tests=tests,
        draw=lambda: dot_plot(dots, {"title": {"text": axis}}, True, sentence),
    )
