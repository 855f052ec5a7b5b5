"""Topline: every question with its base, the share of each answer, its range, and its mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from helpers.codebook.model import Kind
from helpers.estimation.columns import ColumnBlock, Values, block_of
from helpers.present import wording
from helpers.present.cells import COUNT, NUMBER, POINTS, SHARE
from helpers.present.readable import SMALL, UNRELIABLE
from helpers.reports.banner import (
    filters_in_words,
    mean_label,
    net_label,
    notes,
    waves_of,
)
from helpers.reports.contents import Names, TableColumn, flat, tabled
from helpers.reports.estimated import Estimated, estimate_tables, tidy
from helpers.reports.report_table import (
    ANSWER,
    HEADING,
    NET,
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


class Topline(TableSet):
    """Every question of a survey, item by item; a notebook displays it."""

    together = True


def topline(
    survey: Survey,
    rows: Names = None,
    where: Where = None,
    *,
    progress: Callable[[str], None] | None = None,
) -> Topline:
    """Tabulate every question: base, share of each answer, 95% range, and mean.

    Parameters
    ----------
    rows
        Questions, response columns, dimensions, trends or indices; all questions and indices by
        default.
    where
        Filter, as in `share`. Of a survey with several waves, ranges are of the latest unless the
        filter names others; the shares of every wave stand beside them.
    progress
        Called with words on how far it is; by default they are shown in a terminal.

    Returns
    -------
    `Topline`; `df` has a row for each row of a table and wave, with the columns of `banner`.
    `.table(name)` is one table, `.save("topline.xlsx")` a workbook (also ``.csv``, ``.html``).

    Raises
    ------
    InsightsError
        For what does not exist (the message says what may be meant), and text questions.

    Notes
    -----
    Shares, means and ranges are those of `share`, `mean` and `net`.

    Examples
    --------
    >>> import helpers as h
    >>> found = h.topline(h.load_survey("data/example"))
    >>> found.table("visits").data.columns.tolist()
    [' ', 'Estimate', '95% from', '95% to', 'Base']
    """
    codebook = survey.codebook
    blocks = [(ColumnBlock(), [TableColumn("", "Total")])]
    if codebook.waves:
        block = block_of(survey, (codebook.wave_dimension,), where)
        waves = [codebook.waves[code] for ((_, code),) in block.columns]
        label = codebook.dimensions[codebook.wave_dimension].label
        blocks.append((replace(block, apart=False), [TableColumn(label, wave) for wave in waves]))
    made, _ = estimate_tables(survey, tabled(survey, rows), blocks, where, progress, tested=False)
    filters = filters_in_words(survey, made, where)
    frame = tidy(survey, made)
    frame.attrs["waves"] = waves_of(survey, made, where)
    count = len(made)
    said = f"{count:,} question{'s' * (count != 1)}, with {survey.sampling.per_cent} ranges."
    return Topline(
        survey,
        frame,
        f"Simulated: {said}" if wording.simulated(survey) else said,
        tuple(_table(survey, one, frame.attrs["waves"]) for one in made),
        tuple(filter(None, (filters, *notes(survey, made, where)))),
        filters,
    )


def _table(survey: Survey, one: Estimated, waves: Sequence[str]) -> ReportTable:
    """Lay a table out: a line for each answer, with range and base, then the other waves."""
    level, question, found = survey.sampling.per_cent, one.question, one.found
    weighted = any(one.weight for one in survey.codebook.populations.values())
    named = [survey.codebook.waves[wave] for wave in waves if wave in survey.codebook.waves]
    others = [n for n, c in enumerate(one.columns) if n and [c.label] != named]
    heads = [TableColumn("", name) for name in ("Estimate", f"{level} from", f"{level} to", "Base")]
    heads += [TableColumn("", "Effective base")] * weighted
    heads += [
        TableColumn(one.columns[n].label, name) for n in others for name in ("Estimate", "Base")
    ]
    lines: list[TableLine] = []
    small = False
    for cell in range(len(question.cells)):
        base = found.bases["n"][0, cell]
        small |= bool(base < SMALL)
        labels = " · ".join(filter(None, one.labels(survey, cell)))
        alone = flat(question) or question.kind is Kind.NUMBER
        if labels and not alone:
            lines.append(TableLine(HEADING, labels, (), labels))
        for kind, label, values, at, unit in _rows(one, cell):
            cells = _cells(one, values, at, unit, cell if weighted else None, others)
            name = labels if alone and labels else label
            lines.append(TableLine(kind, name, cells, "" if alone else labels))
    if found.none is not None:
        cells = _cells(one, found.none, (0,), SHARE, 0 if weighted else None, others)
        lines.append(TableLine(ANSWER, survey.say("table.none"), cells))
    said = [f"{UNRELIABLE} Some bases are under {SMALL}: treat as indicative."] if small else []
    if question.kind is Kind.MULTIPLE:
        said.append(survey.say("caveat.several"))
    elif flat(question):
        label = question.option_label(one.rows[0].option)
        said.append(survey.say("caveat.one_answer", answer=label))
    wave = f"{', '.join(named)}; other waves beside it." if named and others else ", ".join(named)
    about = (*described(survey, question), f"Ranges are of {wave}" if wave else "")
    return ReportTable(
        one.number,
        one.tabled.name,
        survey.codebook.populations[question.population].label,
        raised(question.label),
        tuple(filter(None, about)),
        tuple(heads),
        tuple(lines),
        tuple(said),
    )


def _cells(
    one: Estimated,
    values: Values,
    at: tuple[int, ...],
    unit: str,
    weighted: int | None,
    others: Sequence[int],
) -> tuple[TableCell, ...]:
    """Make the cells of a line: estimate, range and bases, then those of other waves.

    `weighted` is the item whose effective base is shown; None for none.
    """
    cells = [cell_of(values, (0, *at), unit, name) for name in ("estimate", "ci_low", "ci_high")]
    cells.append(TableCell(float(values["n"][(0, *at)]), COUNT))
    if weighted is not None:
        cells.append(TableCell(float(one.found.bases["effective"][0, weighted]), COUNT))
    for n in others:
        asked = cell_of(values, (n, *at), unit)
        held = TableCell(float(values["n"][(n, *at)]), COUNT)
        cells += [asked, held if isinstance(asked.value, float) else TableCell(asked.value)]
    return tuple(cells)


def _rows(one: Estimated, cell: int) -> Iterator[tuple[str, str, Values, tuple[int, ...], str]]:
    """Kind, label, values, place and unit of the lines of an item."""
    for n, row in enumerate(one.rows):
        kind = NET if row.kind == "net" else ANSWER
        label = f"Net: {row.label}" if kind == NET else row.label
        yield kind, label, one.found.rows, (cell, n), SHARE
    for values, label, unit in (
        (one.found.mean, mean_label(one.question), NUMBER),
        (one.found.net, net_label(one.question), POINTS),
    ):
        if values is not None:
            yield NET, label, values, (cell,), unit
