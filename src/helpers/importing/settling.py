"""Applies the answers to proposals to a sheet, and proposes what else is doubtful."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from helpers.codebook.cells import WORDS
from helpers.codebook.model import Codebook, Kind
from helpers.errors import Problems
from helpers.importing.columns.checks import DECLARED, suspicions
from helpers.importing.columns.mapping import Mapping
from helpers.importing.columns.suspicion import Suspicion, alike
from helpers.importing.draft.one_column import are_own_words
from helpers.importing.joined import spread
from helpers.importing.odd_rows import UNFINISHED, odd_rows, unfinished
from helpers.importing.proposals import Decisions, Settled, id_of, once_a_row, propose, settle
from helpers.importing.read_sheets import ReadSheet
from helpers.importing.report import ImportReport, Options
from helpers.importing.sources import Progress
from helpers.importing.words.shapes import without_fractions


def settled_sheet(
    read: ReadSheet,
    codebook: Codebook | None,
    mappings: dict[str, Mapping],
    options: Options,
    answers: Decisions,
    report: ImportReport,
    progress: Progress,
) -> tuple[ReadSheet, Settled]:
    """Apply what was answered to earlier proposals, and propose what else is doubtful.

    With a codebook, what is suspicious and was not answered is a problem.
    """
    mapping = mappings.get(read.population, Mapping())
    doubts = partial(_doubted, codebook=codebook, mapping=mapping, options=options,
                     answers=answers, progress=progress)  # fmt: skip
    first = Problems()
    spread_out, doubted = doubts(read, first)
    pairs = propose(doubted, spread_out, answers)
    rows = [(proposal, each) for proposal, each in pairs if each.leave_out]
    settled = settle(spread_out, rows)
    if settled.out.any():
        first = Problems()  # those of rows that are left out are none
        fewer = replace(read, sheet=settled.without_rows(read.sheet))
        spread_out, doubted = doubts(fewer, first)
        pairs = propose(doubted, spread_out, answers, [proposal for proposal, _ in pairs])
    report.problems.extend(first)
    cells = [(proposal, each) for proposal, each in pairs if not each.leave_out]
    sheet, heads = spread_out.sheet, spread_out.heads
    answered = {proposal.id for proposal, _ in (*rows, *cells) if proposal.answer}
    proposing = codebook is None or bool(options.wave)
    for proposal, each in (*rows, *cells):
        if codebook is not None and each.kind in DECLARED and not proposal.answer:
            continue
        if proposing or proposal.answer:
            proposal = replace(proposal, wave=options.wave)
            if any(known.id == proposal.id for known in report.proposals):
                continue  # asked with what else is otherwise in a wave
            report.proposals.append(proposal)
        elif each.kind == UNFINISHED:
            report.remarks.append(f"{read.sheet.source}: {each.message}.")
    told: list[Suspicion] = []
    for each in doubted:
        if each.kind in (UNFINISHED, *options.allow):
            continue
        if codebook is not None and each.kind in DECLARED:
            continue
        if proposing:
            told += [] if each.is_proposal else [each]
        elif id_of(each, spread_out) not in answered:
            each.report(sheet, heads, report.problems)
    report.remarks += [each.remark(sheet, heads) for each in alike(told)]
    report.remarks += [f"{read.sheet.source}: {words}." for words in sheet.remarks]
    settled = replace(settled, instead=settle(spread_out, cells).instead)
    return replace(spread_out, sheet=settled.with_cells(spread_out)), settled


def _doubted(
    read: ReadSheet,
    problems: Problems,
    codebook: Codebook | None,
    mapping: Mapping,
    options: Options,
    answers: Decisions,
    progress: Progress,
) -> tuple[ReadSheet, list[Suspicion]]:
    """Give boxes in a cell their columns, and find what is suspicious."""
    boxes = mapping if codebook else None
    sheet, heads = spread(
        read.sheet, read.heads, boxes, options.allow, problems, read.fit, progress
    )
    read = replace(read, sheet=sheet, heads=heads)
    free, known = _judged(read, codebook, mapping)
    columns = [without_fractions(c, known.get(n, ())) for n, c in enumerate(read.sheet.columns)]
    read = replace(read, sheet=replace(read.sheet, columns=tuple(columns)))
    found = suspicions(read.sheet, read.heads, free, known)
    rows = (*odd_rows(read.sheet, read.heads), *unfinished(read.sheet, read.heads))
    return read, once_a_row([*found, *rows], read, answers)


def _judged(
    read: ReadSheet, codebook: Codebook | None, mapping: Mapping
) -> tuple[set[int], dict[int, set[str]]]:
    """Columns of somebody's own words, and cells that a codebook has a place for."""
    known: dict[int, set[str]] = {}
    if codebook is None:
        columns = enumerate(zip(read.heads, read.sheet.columns, strict=True))
        return {at for at, (head, column) in columns if are_own_words(head, column)}, known
    free: set[int] = set()
    for at, head in enumerate(read.heads):
        target = mapping.goes(head.key)
        owner = codebook.owners.get(target.to)
        free_to_differ = owner is None and head.role != "identifier"
        if target.drop or free_to_differ or (owner and owner.kind is Kind.TEXT):
            free.add(at)
        options = owner.options if owner else ()
        known[at] = {*WORDS, *target.recode, *(w for o in options for w in (o.code, o.label))}
    return free, known
