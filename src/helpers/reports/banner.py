"""Banner: every question by several characteristics, with letters where columns differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from helpers.analysis.result import several_answers
from helpers.codebook.model import PARTS, Kind, Question
from helpers.errors import InsightsError
from helpers.estimation.association import check_numbers
from helpers.estimation.latest_wave import (
    answered_waves,
    resolve_selection,
    selected_waves,
    waves_in_words,
)
from helpers.present import wording
from helpers.present.cells import COUNT, NUMBER, POINTS, POINTS_SIZE, SHARE
from helpers.present.readable import READABLE, SMALL, UNRELIABLE
from helpers.reports.contents import Names, Nested, column_blocks, flat, tabled
from helpers.reports.estimated import Estimated, estimate_tables, tidy
from helpers.reports.report_table import (
    ANSWER,
    BASE,
    HEADING,
    MARK,
    NET,
    NONE,
    NOT_APPLICABLE,
    ReportTable,
    TableCell,
    TableLine,
    cell_of,
    described,
)
from helpers.reports.table_set import TableSet
from helpers.responses.selection import Where
from helpers.responses.survey import Survey
from helpers.words import raised

LEVELS = (0.05, 0.01)
INDEX = "An index from 0 to 100: the mean of its items. Its columns are not tested."
WAVES = (
    "Waves are tested as if nobody answered in two of them; h.trend pairs the answers of the same "
    "people."
)
ADDED = (
    "{}: weighted bases add up the weights of the waves, and a wave counts in shares as much "
    "as in this sum."
)


@dataclass(frozen=True, eq=False, repr=False)
class Banner(TableSet):
    """Tables by several characteristics; a notebook displays them.

    Attributes
    ----------
    tests : every test, one row per row of a table and pair of columns: difference, `p`,
        `p_adjusted`, and which column is `above`
    """

    tests: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __dir__(self) -> list[str]:
        """Names for an analyst, as tab completion offers them."""
        return [*super().__dir__(), "tests"]


def banner(
    survey: Survey,
    rows: Names = None,
    by: Nested | None = None,
    where: Where = None,
    *,
    levels: float | Sequence[float] = LEVELS,
    progress: Callable[[str], None] | None = None,
) -> Banner:
    """Tabulate questions by several characteristics, with tests between their groups.

    Parameters
    ----------
    rows
        Questions, response columns, dimensions, trends or indices; all questions and indices by
        default.
    by
        Characteristics whose groups are the columns, beside the total: dimensions, response
        columns, or select-all questions (whose columns overlap, so they are not tested). Several in
        brackets are nested: ``["age", ("region", "age")]``. By default all
        dimensions but derived ones.
    where
        Filter, as in `share`.
    levels
        Share of false discoveries among all letters of the banner that is accepted: 0.05, and 0.01
        for capital letters. A single level has capital letters only.
    progress
        Called with words on how far it is; by default they are shown in a terminal.

    Returns
    -------
    `Banner`; `df` has a row for each row of a table and column: shares, means and net scores with
    `se`, `ci_low`, `ci_high`, `n`, `n_weighted` (sum of weights), `base_effective` (Kish's), the
    column's `letter` and the letters it is `above`. `tests` has the tests. `.table(name)` is one
    table, `.save("tables.xlsx")` a workbook (also ``.csv``, ``.html``).

    Raises
    ------
    InsightsError
        For what does not exist (the message says what may be meant), text questions, a level
        outside 0 to 1, and more than 200 groups at once.

    Notes
    -----
    Shares, standard errors and ranges are those of `share` and `mean`; tests those of `compare`:
    every two columns of one characteristic, never against the total, of which they are a part.
    Means are tested by `estimation.compare.mean_differences`, as R's ``svyttest``. False
    discovery (Benjamini and Hochberg) is controlled over all tests of the banner, so that letters
    depend on what it holds. Columns of fewer than 10 answers are not tested; bases under 30 are
    marked. Who did not state a characteristic is in the total only.

    Examples
    --------
    >>> import helpers as h
    >>> tables = h.banner(h.load_survey("data/example"), by=["age", ("branch", "age")])
    >>> tables.df["column"].unique().tolist()[:3]
    ['Total', 'Under 40', '40 and over']
    """
    limits = _checked(levels)
    questions = tabled(survey, rows)
    if by is None:
        asked = {one.question.population for one in questions}
        there = survey.codebook.dimensions.values()
        by = [d.id for d in there if asked & {*d.source} and not d.derived]
    columns = column_blocks(survey, by, where)
    made, tests = estimate_tables(
        survey, questions, columns, where, progress, tested=True, levels=limits
    )
    shown = tuple(_table(survey, one, where) for one in made)
    filters = filters_in_words(survey, made, where)
    frame = tidy(survey, made)
    frame.attrs["waves"] = waves_of(survey, made, where)
    letters = list(_letters(limits, len(tests)))
    wave = survey.codebook.wave_dimension
    by_wave = (wave,) if any(survey.codebook.waves and wave in b.keys for b, _ in columns) else ()
    letters += [WAVES] * len(by_wave)
    return Banner(
        survey,
        frame,
        _sentence(survey, made, tests, limits),
        shown,
        tuple(filter(None, (filters, *notes(survey, made, where, by_wave), *letters))),
        filters,
        tests,
    )


def _checked(levels: float | Sequence[float]) -> list[float]:
    """Return the levels, the larger first."""
    given = list(levels) if isinstance(levels, Sequence) else [levels]
    for level in given:
        check_numbers(levels=level)
    if not 1 <= len(given) <= 2 or not all(0 < level < 1 for level in given):
        raise InsightsError(
            f"levels is {levels!r}: give one or two between 0 and 1, as (0.05, 0.01)."
        )
    return sorted({*map(float, given)}, reverse=True)


def _sentence(
    survey: Survey, made: Sequence[Estimated], tests: pd.DataFrame, levels: Sequence[float]
) -> str:
    count = len(made)
    said = f"{count:,} table{'s' * (count != 1)}"
    found = int((tests["above"] != "").sum())
    noun = f"difference{'s' * (found != 1)}"
    said += f"; {found:,} {noun} with a letter among {len(tests):,} tests"
    said += f" (on average at most {_percent(max(levels))} of letters are false discoveries)."
    return f"Simulated: {said}" if wording.simulated(survey) else said


def _percent(level: float) -> str:
    return f"{100 * level:g}%"


def filters_in_words(survey: Survey, made: Sequence[Estimated], where: Where) -> str:
    """Say who is selected, whatever the population; empty for everybody."""
    said = []
    for population in dict.fromkeys(one.question.population for one in made):
        selection = resolve_selection(survey, where, population)
        said.append(selection.without(survey.codebook.wave_dimension).describe(survey.codebook))
    return "; ".join(filter(None, dict.fromkeys(said)))


def waves_of(survey: Survey, made: Sequence[Estimated], where: Where) -> tuple[str, ...]:
    """List the waves that totals are of."""
    found: list[str] = []
    for population in dict.fromkeys(one.question.population for one in made):
        selection = resolve_selection(survey, where, population)
        found += selected_waves(survey.codebook, population, selection)
    return tuple(dict.fromkeys(found))


def notes(
    survey: Survey, made: Sequence[Estimated], where: Where, keys: tuple[str, ...] = ()
) -> Iterator[str]:
    """Say how bases are counted and marked; `keys` are those that tell waves apart."""
    codebook = survey.codebook
    asked = {one.question.population: one.question for one in made}
    populations = list(asked)
    yield "Base: respondents who answered, unweighted."
    yield from (several_answers(survey, question, where, keys) for question in asked.values())
    if weighted := [p for p in populations if codebook.populations[p].weight]:
        who = (
            ""
            if len(weighted) == len(populations)
            else (f" ({', '.join(codebook.populations[p].label for p in weighted)})")
        )
        yield (
            f"Shares and means are weighted{who}. The weighted base is the sum of weights; the "
            "effective base is how many respondents of equal weight would be as precise (Kish)."
        )
        for population in weighted:
            waves = answered_waves(survey, population, resolve_selection(survey, where, population))
            if len(waves) > 1:
                yield ADDED.format(raised(waves_in_words(codebook, waves)))
                break
    yield from dict.fromkeys(survey.intervals_note(p) for p in populations)
    yield (
        f"{UNRELIABLE}: fewer than {SMALL} answers, treat as indicative. {NONE}: nobody answered. "
        f"{NOT_APPLICABLE}: not applicable; the table says why."
    )
    yield "Net: answers added up before rounding. Totals may differ because of rounding."


def _letters(levels: Sequence[float], tests: int) -> Iterator[str]:
    first = _percent(max(levels))
    if len(levels) > 1:
        what = f"a small letter at {first}, a capital letter at {_percent(min(levels))}"
    else:
        what = f"at {first}"
    yield (
        "A letter says that the figure is significantly above that of the column with this letter: "
        f"{what}. Levels are shares of false discoveries (Benjamini and Hochberg) among all "
        f"{tests:,} tests of these tables."
    )
    yield (
        "Every two columns of the same characteristic are tested, columns against the total are "
        f"not: they are a part of it. Columns of fewer than {READABLE} answers are not tested. Who "
        "did not state a characteristic is in the total only."
    )


def _table(survey: Survey, one: Estimated, where: Where) -> ReportTable:
    """Lay a table out: of each item its bases, answers, nets, mean and net score."""
    question, found = one.question, one.found
    weighted = bool(survey.codebook.populations[question.population].weight)
    cells = [*range(len(question.cells))]
    together = flat(question) or question.kind is Kind.NUMBER
    sections = [cells] if together else [[cell] for cell in cells]
    lines: list[TableLine] = []
    several = False
    for section in sections:
        item = " · ".join(filter(None, one.labels(survey, section[0]))) if len(section) == 1 else ""
        if len(sections) > 1:
            lines.append(TableLine(HEADING, item, (), item))
        own, few, differ = _bases(one, section, weighted)
        several |= differ
        lines += [
            replace(of, item=item, small=frozenset(few))
            for of in (*own, *_estimates(survey, one, section))
        ]
    said = [f"{NOT_APPLICABLE} {raised(why)}." for why in found.reasons.values()]
    if question.id in survey.codebook.indices:
        said.append(INDEX)
    if several:
        said.append("Bases differ between rows: the smallest is shown.")
    if question.kind is Kind.MULTIPLE:
        said.append(survey.say("caveat.several"))
    elif flat(question):
        label = question.option_label(one.rows[0].option)
        said.append(survey.say("caveat.one_answer", answer=label))
    selection = resolve_selection(survey, where, question.population)
    wave = waves_in_words(
        survey.codebook, selected_waves(survey.codebook, question.population, selection)
    )
    about = (*described(survey, question), f"Total: {wave}." if wave else "")
    return ReportTable(
        one.number,
        one.tabled.name,
        survey.codebook.populations[question.population].label,
        raised(question.label),
        tuple(filter(None, about)),
        tuple(one.columns),
        tuple(lines),
        tuple(dict.fromkeys(said)),
    )


def _bases(
    one: Estimated, section: Sequence[int], weighted: bool
) -> tuple[list[TableLine], set[int], bool]:
    """Lines of bases, columns whose base is small, and whether bases differ between rows."""
    held = {name: base[:, section] for name, base in one.found.bases.items()}
    n = held["n"]
    least = n.min(axis=1)
    differ = bool((n.max(axis=1) != least).any())
    named = [("n", "Base, smallest" if differ else "Base")]
    named += [("weighted", "Weighted base"), ("effective", "Effective base")] if weighted else []
    reasons = one.found.reasons
    lines = []
    for name, label in named:
        shown = held[name].min(axis=1)
        made = (
            TableCell(NOT_APPLICABLE) if at in reasons else TableCell(float(value), COUNT)
            for at, value in enumerate(shown)
        )
        lines.append(TableLine(BASE, label, tuple(made)))
    few = {at for at, base in enumerate(least) if base < SMALL and at not in reasons}
    if few:
        marks = (TableCell(UNRELIABLE if at in few else "") for at in range(len(least)))
        lines.append(TableLine(MARK, "Small base", tuple(marks)))
    return lines, few, differ


def _estimates(survey: Survey, one: Estimated, section: Sequence[int]) -> Iterator[TableLine]:
    """Lines of answers, nets, the mean and the net score."""
    question, found, width = one.question, one.found, range(len(one.columns))

    def line(
        kind: str, label: str, values: Any, of: str, at: tuple[int, ...], unit: str, name: str
    ) -> TableLine:
        cells = []
        for column in width:
            why = found.reasons.get(column, "")
            cell = cell_of(values, (column, *at), unit, name, why)
            row = at[1] if len(at) > 1 else 0
            above = one.above.get((of, at[0], row, column), "") if name == "estimate" else ""
            cells.append(cell._replace(above=above))
        return TableLine(kind, label, tuple(cells))

    one_row = flat(question) or question.kind is Kind.NUMBER
    for cell in section:
        named = " · ".join(filter(None, one.labels(survey, cell))) if one_row else ""
        for n, row in enumerate(one.rows):
            kind = NET if row.kind == "net" else ANSWER
            label = f"Net: {row.label}" if kind == NET else row.label
            yield line(kind, named or label, found.rows, "rows", (cell, n), SHARE, "estimate")
        for values, of, label, unit in (
            (found.mean, "mean", mean_label(question), NUMBER),
            (found.net, "net", net_label(question), POINTS),
        ):
            if values is not None:
                said = f"{named}: {label.lower()}" if named else label
                yield line(NET, said, values, of, (cell,), unit, "estimate")
                error = NUMBER if of == "mean" else POINTS_SIZE
                yield line(ANSWER, "Standard error", values, of, (cell,), error, "se")
    if found.none is not None:
        yield line(ANSWER, survey.say("table.none"), found.none, "none", (0,), SHARE, "estimate")


def mean_label(question: Question) -> str:
    """Name the mean, with what the ends of its scale mean."""
    scored = sorted((o.score, o.label) for o in question.substantive if o.score is not None)
    if question.kind is Kind.NUMBER or not scored:
        return "Mean"
    ends = [
        f"{score:g}" if label == f"{score:g}" else f"{score:g} {label}".replace("-", "−", score < 0)
        for score, label in (scored[0], scored[-1])
    ]
    return f"Mean ({ends[0]} to {ends[1]})"


def net_label(question: Question) -> str:
    """Name the net score of a recommendation question."""
    return f"Net score: {PARTS[0][1].lower()} less {PARTS[2][1].lower()}" if question.parts else ""
