"""Estimates: shares, means, net scores and totals, each with its interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

import pandas as pd

from helpers.analysis.result import (
    Readable,
    Result,
    Subject,
    labelled,
    numeric,
    several_answers,
)
from helpers.codebook.model import THIRDS, Base, Index, Kind, MeanOf, Question
from helpers.errors import InsightsError
from helpers.estimation import means, targets, totals
from helpers.estimation.estimates import Combine, answering_rule, proportion, worst_case
from helpers.estimation.index import index_mean, question_of
from helpers.estimation.latest_wave import answered_waves, resolve_selection, waves_in_words
from helpers.estimation.raking import Raking
from helpers.estimation.request import Status
from helpers.estimation.tabulate import weighed
from helpers.present import cells, charts, tables, wording
from helpers.present.dots import Dot, dot_plot
from helpers.present.downloads import Export
from helpers.present.formats import percent, points
from helpers.present.readable import READABLE, mark, marks, too_few
from helpers.present.results import Shares, key_label, live, records
from helpers.present.theme import Spec
from helpers.present.trends import TrendLine, trend
from helpers.responses.selection import Selection, Where, keys_of, known_codes
from helpers.responses.survey import Survey
from helpers.words import distinct, raised

By: TypeAlias = Sequence[str] | str
MOST_NAMED = 6
OF_RESPONDENTS = (
    "Totals of those who answered: for the population, weight the survey or state its size with "
    "survey.design(population_size=…)."
)
TO_PEOPLE = "For the population, rake to numbers of people."
ADDED = (
    "{}: totals add up the waves, and count people once in each. For people at one time, choose a "
    "wave or set the waves side by side."
)
OF_ALL_WAVES = (
    "The number of people is one of all waves together: totals of a wave are its part of it, as "
    "large as its part of the sample."
)
NEARLY = 0.01  # part by which a sum of weights may be another than that of people
BOUNDS = {"lowest": "At least", "highest": "At most"}
OF = ("people", "ticks")


@dataclass(frozen=True)
class Measure:
    """How an estimate is written: heading, form of its numbers, and what a chart's axis shows."""

    heading: str
    written: Callable[[float], str]
    unit: str
    axis: Spec
    zero: bool = False
    line: str = ""  # its kind as a line through waves; none for totals

    @property
    def times(self) -> int:
        """How large its estimates are along the axis."""
        return 100 if self.unit in (cells.SHARE, cells.POINTS) else 1

    def cell(self, value: float) -> cells.ReadableCell:
        """Write an estimate, or an end of its range."""
        return cells.number(self.written(value), value, self.unit)


def _number(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


SHARE = Measure("Share", percent, cells.SHARE, {"range": [0, 100], "ticksuffix": "%"}, line="share")
MEAN = Measure("Mean", _number, cells.NUMBER, {}, line="mean")
INDEX = Measure(
    "Index",
    lambda value: "–" if pd.isna(value) else f"{value:.0f}",
    cells.NUMBER,
    {"range": [0, 100]},
    line="mean",
)
NET = Measure("Net, points", points, cells.POINTS, {"ticksuffix": ""}, zero=True, line="net")
TOTAL = Measure("Total", _number, cells.NUMBER, {"rangemode": "tozero"})
PEOPLE = Measure("Total", lambda value: f"{value:,.0f}", cells.COUNT, {"rangemode": "tozero"})


def share(
    survey: Survey,
    question: str,
    by: By = (),
    where: Where = None,
    *,
    combine: Combine | None = None,
    base: str | None = None,
    of: str = "people",
    bounds: bool = False,
) -> Result:
    """Share of each answer in the question's base.

    Parameters
    ----------
    question
        Id of a question with options: see `Survey.questions`.
    by
        Dimensions or response columns whose bands form the groups.
    where
        Filter: a dimension or response column to a code or several. Filters select a domain; the
        design still sees every respondent. If the survey has several waves, the latest is
        used unless the filter names others; ``{"wave": "*"}`` combines all.
    combine
        Options to combine: a name to the codes under it, such as
        ``{"agree": ["agree", "strongly_agree"]}``.
    base
        Base rule instead of the question's own: ``answered``, ``answered_with_dont_know`` or
        ``asked``.
    of
        ``people``, or of a select-all question ``ticks``: shares of all boxes ticked.
    bounds
        Whether to add how far non-response could move each share: ``lowest`` if none, and
        ``highest`` if all of those who did not answer had given this answer
        (`estimation.estimates.worst_case`).

    Returns
    -------
    `Result`; `df` has the columns of `estimation.estimates.proportion` with labels: `estimate`,
    `ci_low`, `ci_high` in [0, 1], `n` respondents in the base.

    Raises
    ------
    InsightsError
        For what does not exist; the message lists what does.

    Notes
    -----
    Method: `estimation.estimates.proportion`. The design is that of `Survey.design`.

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example")
    >>> h.share(survey, "views", by="branch").df.shape[0]
    30
    """
    keys = keys_of(by)
    if of not in OF:
        raise InsightsError(f'of is "{of}"; known: {", ".join(OF)}.')
    if bounds:
        frame = worst_case(survey, question, keys, where, combine=combine, base=base)
        rule = wording.BASES[answering_rule(survey.question(question), base)]
        return _plain(survey, question, keys, where, frame, SHARE, rule)
    if of == "ticks":
        frame = means.mentions(survey, question, keys, where)
        return _plain(survey, question, keys, where, frame, SHARE, "base.ticked")
    if combine is not None or base is not None:
        frame = proportion(survey, question, keys, where, combine=combine, base=base)
        rule = wording.BASES[base or survey.question(question).base]
        return _plain(survey, question, keys, where, frame, SHARE, rule)
    return of_shares(survey, where, live(survey, question, where, keys))


def mean(survey: Survey, question: str, by: By = (), where: Where = None) -> Result:
    """Mean score of a question whose options lie on a scale, of a number question, or an index.

    `question` may be the id of an index of survey.yml. `by` and `where` are those of `share`.

    Returns
    -------
    `Result`; `df` has the columns of `estimation.means.mean`: `estimate` on the scale, and
    `scale`, what its ends mean; of an index also `alpha`, the reliability of its items
    (Cronbach's), of the `n_alpha` people who answered all of them.

    Raises
    ------
    InsightsError
        For a question without scores, and what does not exist.

    Notes
    -----
    Method: `estimation.means.mean`, of an index `estimation.index.index_mean`; Student's t
    interval.

    Examples
    --------
    >>> import helpers as h
    >>> h.mean(h.load_survey("data/example"), "views").df["scale"].nunique()
    1
    """
    if question not in survey.codebook.indices:
        frame = means.mean(survey, question, by, where)
        return _plain(survey, question, keys_of(by), where, frame, MEAN)
    frame = index_mean(survey, question, by, where)
    index = survey.codebook.indices[question]
    asked = question_of(survey, index)
    found = _plain(survey, asked, keys_of(by), where, frame, INDEX)
    return replace(found, notes=(*found.notes, *_of_index(index, frame)))


def net(survey: Survey, question: str, by: By = (), where: Where = None) -> Result:
    """Net score: share of the upper end of a scale minus the share of its lower end.

    For a recommendation question: promoters (9 and 10) minus detractors (0 to 6). `by` and `where`
    are those of `share`.

    Returns
    -------
    `Result`; `df` has the columns of `estimation.means.net`: `estimate` in [-1, 1], and `scale`,
    which answers are netted.

    Raises
    ------
    InsightsError
        For a question without a scale, and what does not exist.

    Notes
    -----
    Method: `estimation.means.net`; Reichheld (2003), Harvard Business Review 81(12), 46-54.

    Examples
    --------
    >>> import helpers as h
    >>> bool(h.net(h.load_survey("data/example"), "views").df["estimate"].between(-1, 1).all())
    True
    """
    frame = means.net(survey, question, by, where)
    rule = wording.BASES[survey.question(question).base]
    return _plain(survey, question, keys_of(by), where, frame, NET, rule)


def total(
    survey: Survey,
    question: str,
    by: By = (),
    where: Where = None,
    *,
    combine: Combine | None = None,
) -> Result:
    """Estimated number of people in the population who gave each answer, or sum of a number.

    Weights must add up to the population; without weights, `Survey.design` must give its size.
    Where totals are of the respondents, notes say so. The parameters are those of `share`.

    Returns
    -------
    `Result`; `df` has the columns of `estimation.totals.total`: `estimate` and its interval in
    people, or in the number's unit.

    Raises
    ------
    InsightsError
        For a text question, and what does not exist.

    Notes
    -----
    Method: `estimation.totals.total`, as R's ``svytotal``.

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example").design(population_size=900)
    >>> found = h.total(survey, "views", combine={"agree": ["4", "5"]})
    >>> bool((found.df["ci_high"] <= 900).all())
    True
    """
    frame = totals.total(survey, question, by, where, combine=combine)
    asked = survey.question(question)
    number = asked.kind is Kind.NUMBER
    measure, base = (TOTAL, Base.ANSWERED) if number else (PEOPLE, asked.base)
    rule = wording.BASES[base]
    found = _plain(survey, question, keys_of(by), where, frame, measure, rule)
    selection = resolve_selection(survey, where, asked.population, keys_of(by))
    pooled = keys_of(by).count(survey.codebook.wave_dimension) == 0
    whom = _of_whom(survey, asked.population, selection, pooled)
    return replace(found, notes=(*found.notes, *whom))


def _of_whom(survey: Survey, population: str, selection: Selection, pooled: bool) -> list[str]:
    """Say where totals are not of the population at one time; `pooled` tells no waves apart."""
    codebook, given = survey.codebook, survey.sampling.sizes.get(population)
    weight, wave = codebook.populations[population].weight, codebook.wave_dimension
    waves = answered_waves(survey, population, selection)
    every = answered_waves(survey, population, Selection())
    added = [ADDED.format(raised(waves_in_words(codebook, waves)))] * (pooled and len(waves) > 1)
    if not weight:
        if given is None:
            return [OF_RESPONDENTS]
        return [OF_ALL_WAVES] if len(every) > 1 and not isinstance(given, Mapping) else added
    steps = [s for s in survey.weighting.get(population, ()) if isinstance(s, Raking)]
    of_people = any(margin.given == targets.PEOPLE for step in steps for margin in step.targets)
    advice = "" if of_people else f" {TO_PEOPLE}"
    of_shares = bool(survey.calibration(population)) and not of_people
    known = " Their standard errors take this sum for known, as R's do." if of_shares else ""
    size = sum(given.values()) if isinstance(given, Mapping) else given
    apart = [waves] if pooled else [(one,) for one in waves]
    parts = [Selection(((wave, of),)) if of else Selection() for of in apart or [()]]
    sums = (weighed(survey, population, part) for part in parts)
    n, whole = max(sums, key=lambda of: abs(of[1] / (size or of[0]) - 1))
    met = [keys for step in steps for keys in step.met]
    if of_people and len(every) > 1 and not any(wave in keys for keys in met):
        added.append(OF_ALL_WAVES)
    if size is not None and abs(whole / size - 1) > NEARLY:
        return [
            *added,
            f"The weights add up to {whole:,.0f}, not to the population size of "
            f"{size:,.0f}: totals follow the weights.{known}{advice}",
        ]
    if size is None and abs(whole / n - 1) <= NEARLY:
        whom = f"the {whole:,.0f} people of the targets" if of_people else "the respondents"
        return [*added, f"The weights add up to {whom}: totals are of these.{known}{advice}"]
    if of_shares:
        return [*added, f"The weights add up to {whole:,.0f}: totals follow them.{known}{advice}"]
    return added


def of_shares(survey: Survey, where: Where, shown: Shares) -> Result:
    """Make the result of shares that are ready to be shown."""
    asked, keys = survey.question(shown.question.id), shown.keys
    filters = resolve_selection(survey, where, asked.population, keys).describe(survey.codebook)
    sentence = wording.sentence(shown, survey.provenance, named=True)
    rows = pd.DataFrame(tables.rows(shown.marked), columns=tables.columns(shown))
    notes = [wording.base(shown), filters, *wording.caveats(shown)]
    if survey.codebook.populations[asked.population].weight:
        notes.append(survey.intervals_note(asked.population))
    notes.append(several_answers(survey, asked, where, keys))

    def draw() -> Any:
        few = marks([*shown.small.values()], survey.say)
        told = (*notes[:2], few, survey.describe)
        below = " ".join(f"{said.rstrip('.')}." for said in told if said)
        kind = survey.say.each("banner")[survey.provenance]
        by_wave = shown.keys == (survey.codebook.wave_dimension,)
        spec = charts.through_time(shown) if by_wave else charts.specification(shown)
        return charts.drawn(spec, shown.question, survey.say, below, sentence, kind)

    return Result(
        survey,
        _with_labels(survey, asked, keys, shown.estimates),
        sentence,
        (Readable(rows, shown.question.label, _right(rows)),),
        Subject(asked, keys, shown.waves, filters, notes[0], wording.method(survey, asked)),
        tuple(filter(None, notes)),
        draw=draw,
        file=Export(survey, shown, filters),
    )


def option_label(asked: Question, code: str) -> str:
    """Label of an answer, of a part of a recommendation, or of options combined by name."""
    known = {option.code: option.label for option in (*asked.options, *asked.reduced.options)}
    return known.get(code, code.capitalize() if code in THIRDS else code)


def _with_labels(
    survey: Survey, asked: Question, keys: Sequence[str], frame: pd.DataFrame
) -> pd.DataFrame:
    codebook = survey.codebook
    known = {key: known_codes(codebook, key) for key in keys}
    labels: list[tuple[str, Callable[[str], str]]] = [
        ("item", asked.item_label),
        ("option", partial(option_label, asked)),
        ("time", lambda code: codebook.times.get(code, code)),
    ]
    labels += [(key, lambda code, of=known[key]: of.get(code, code)) for key in keys]  # type: ignore[misc]
    return labelled(frame, labels)


def _of_index(index: Index, frame: pd.DataFrame) -> tuple[str, ...]:
    """Say what an index is the mean of, and how well its items go together."""
    what = {MeanOf.FAVOURABLE: "favourable shares", MeanOf.SCORE: "scores from 0 to 100"}
    said = f"The mean of the {what[index.measure]} of {len(index.items)} items."
    if len(frame) > 1 or pd.isna(frame["alpha"].iloc[0]):
        return (said,)
    of = frame.iloc[0]
    return (said, f"Cronbach’s alpha {of['alpha']:.2f}, of {of['n_alpha']:,} who answered all.")


def _plain(
    survey: Survey,
    question: str | Question,
    keys: tuple[str, ...],
    where: Where,
    frame: pd.DataFrame,
    measure: Measure,
    rule: str = wording.BASES[Base.ANSWERED],
) -> Result:
    """Show estimates one row each, and draw them as dots.

    `rule` describes who is in the base.
    """
    asked = question if isinstance(question, Question) else survey.question(question)
    codebook = survey.codebook
    method = wording.method(survey, asked) if measure is SHARE else ""
    subject = Subject.of(survey, asked, where, keys, frame, rule, method)
    frame = _with_labels(survey, asked, keys, frame)
    parts = [("item", len(asked.items) > 1), ("time", bool(asked.times))]
    parts.insert(1, ("option", frame["option"].nunique() > 1 and asked.kind is not Kind.MULTIPLE))
    parts = [(name, told) for name, told in parts if told]
    heads = {name: tables.heading(name, survey.say) for name, _ in parts}
    level = survey.sampling.per_cent
    ends = ("estimate", "ci_low", "ci_high")
    numbers = [measure.heading, f"{level} from", f"{level} to", "Answered", *BOUNDS.values()]
    labels = distinct((key_label(codebook, key) for key in keys), (*heads.values(), *numbers))
    heads |= dict(zip(keys, labels, strict=True))
    found = records(frame)
    rows = cells.frame_of(
        [
            [
                *(row[f"{name}_label"] for name in heads),
                *_cells(row, measure, ends),
                cells.count(row["n"]),
            ]
            for row in found
        ],
        [*heads.values(), *numbers[:4]],
    )
    for end, heading in BOUNDS.items():
        if end in {*frame} - {*keys}:
            told = [measure.cell(row[end]) for row in found]
            rows[heading] = pd.Series(told, dtype=object)
    named = [" · ".join(row[f"{name}_label"] for name, _ in parts) for row in found]
    groups = [" · ".join(row[f"{key}_label"] for key in keys) for row in found]
    few = _small(groups, found)
    scale = str(frame["scale"].iloc[0]) if "scale" in {*frame} - {*keys} else ""
    sentence = _sentence(survey, asked, keys, found, named, groups, measure)
    notes = [
        marks(few, survey.say),
        f"Scale: {scale}." if scale and scale != "number" else "",
        subject.filters,
        several_answers(survey, asked, where, keys),
    ]
    dots = [
        Dot(
            name or asked.label,
            mark(group) if group in few else group or asked.label,
            row["estimate"] * measure.times,
            row["ci_low"] * measure.times,
            row["ci_high"] * measure.times,
            f"{_figure(row, measure, level)}<br>Base: {row['n']:,}",
        )
        for row, name, group in zip(found, named, groups, strict=True)
    ]

    def draw() -> Any:
        if keys != (codebook.wave_dimension,) or not measure.line or not found:
            return dot_plot(dots, measure.axis, measure.zero, sentence, notes[0])
        of: dict[str, list[Any]] = {}
        for row, name in zip(found, named, strict=True):
            of.setdefault(name or asked.label, []).append(row)
        lines = [TrendLine(name, held, measure.line) for name, held in of.items()]
        wave = codebook.dimensions[keys[0]]
        spec = trend(lines, range(len(lines)), wave.id, wave.bands, survey.say)
        below = " ".join(f"{said.rstrip('.')}." for said in (*notes, survey.describe) if said)
        kind = survey.say.each("banner")[survey.provenance]
        return charts.drawn(spec, asked, survey.say, below, sentence, kind)

    return Result(
        survey,
        frame,
        sentence,
        (Readable(rows, asked.label, _right(rows)),),
        subject,
        tuple(filter(None, notes)),
        draw=draw,
    )


def _small(groups: Sequence[str], rows: Sequence[Mapping[Any, Any]]) -> list[str]:
    """Name the groups whose answers are too few to report."""
    most: dict[str, int] = {}
    for group, row in zip(groups, rows, strict=True):
        most[group] = max(most.get(group, 0), int(row["n"]))
    return [group for group, n in most.items() if group and 0 < n < READABLE]


def _cells(row: Mapping[Any, Any], measure: Measure, ends: Sequence[str]) -> Sequence[str]:
    if row["status"] == Status.NOT_ASKED:
        return ["not asked", "–", "–"]
    return [measure.cell(row[end]) for end in ends]


def _figure(row: Mapping[Any, Any], measure: Measure, level: str) -> str:
    """Write an estimate with its interval."""
    if pd.isna(row["estimate"]):
        return str(row["status"])
    said = measure.written(row["estimate"])
    if pd.isna(row["ci_low"]):
        return said
    ends = [measure.written(row[end]).rstrip("%") for end in ("ci_low", "ci_high")]
    return f"{said} ({level} range {ends[0]} to {ends[1]})"


def _sentence(
    survey: Survey,
    asked: Question,
    keys: Sequence[str],
    found: Sequence[Mapping[Any, Any]],
    named: Sequence[str],
    groups: Sequence[str],
    measure: Measure,
) -> str:
    """State the estimates; if there are many, the highest and the lowest."""
    level = survey.sampling.per_cent
    known = [one for one in zip(found, named, groups, strict=True) if pd.notna(one[0]["estimate"])]
    many = [one for one in known if wording.UNSAID.isdisjoint(one[0][k] for k in keys)] or known
    many = [one for one in many if not too_few(one[0]["n"])] or many
    said = [
        (row["estimate"], ", ".join(filter(None, (name, group))), _figure(row, measure, level))
        for row, name, group in (many if len(known) > MOST_NAMED else known)
    ]
    if not said:
        return f"“{asked.label}”: nobody in this selection answered."
    if len(said) > MOST_NAMED:
        ordered = sorted(said, key=lambda one: -one[0])
        ends = (("highest", ordered[0]), ("lowest", ordered[-1]))
        told = "; ".join(f"{word} {name}, {figure}" for word, (_, name, figure) in ends)
    else:
        told = "; ".join(f"{survey.say.beside(name)} {figure}".strip() for _, name, figure in said)
    noun = measure.heading.split(",")[0]
    noun = f"Simulated: {noun.lower()}" if wording.simulated(survey) else noun
    return f"{noun} of “{asked.label}”: {told}."


def _right(rows: pd.DataFrame) -> tuple[str, ...]:
    """Name the columns of numbers, which end at the right."""
    known = ("Share", "Mean", "Net, points", "Total", "Answered", "At least", "At most")
    return (*(c for c in map(str, rows.columns) if c in known or "%" in c), *numeric(rows))
