"""Which sheets of which files are to be imported, whose they are, and where their columns go."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from helpers.codebook.encodings import NAMES
from helpers.codebook.model import Codebook
from helpers.errors import InsightsError, Problems
from helpers.importing.answer_columns import gathered
from helpers.importing.choosing import called, chosen, wanted
from helpers.importing.columns.mapping import FILE, SIDECAR, Mapping, read_mapping
from helpers.importing.files.confine import read_file
from helpers.importing.files.mentions import as_boxes
from helpers.importing.files.sheets import Sheet
from helpers.importing.insets import without_insets
from helpers.importing.layouts.headers import read_header
from helpers.importing.layouts.heads import Head
from helpers.importing.layouts.long_form import by_respondent
from helpers.importing.layouts.plain import PLAIN
from helpers.importing.layouts.surveymonkey import SURVEYMONKEY
from helpers.importing.nameless import are_letters, is_nameless, with_names
from helpers.importing.nulls import without_nulls
from helpers.importing.proposals import Decisions, propose_names
from helpers.importing.questionnaires.fitting import fit
from helpers.importing.questionnaires.model import Questionnaire
from helpers.importing.questionnaires.reading import is_one, questionnaire_of
from helpers.importing.questionnaires.xlsform import form_table
from helpers.importing.read_sheets import ReadSheet
from helpers.importing.report import ImportReport, Options
from helpers.importing.words.names import slug
from helpers.responses.proposals import NO

_NAME = re.compile(r"[A-Za-z0-9_-]+")

Progress = Callable[[str], None]


def mappings_for(
    root: Path,
    files: Sequence[Path],
    options: Options,
    codebook: Codebook | None,
    problems: Problems,
) -> dict[str, Mapping]:
    """Read where columns go: as is asked for, as exports of ours say, or as the folder does."""
    if options.mapping is not None and codebook is None:
        raise InsightsError(
            f"{options.mapping.name} says where columns go, but {root.name}/ has no codebook yet. "
            "Import without --mapping first: a codebook and a mapping are drafted."
        )
    if codebook is None:
        return {}
    if options.mapping is not None:
        return read_mapping(options.mapping, problems)
    found = read_mapping(root / FILE, problems) if (root / FILE).is_file() else {}
    for path in files:
        beside = path.with_name(f"{path.stem}{SIDECAR}")
        if beside.is_file():
            found |= read_mapping(beside, problems)
    return found


def sheets_of(
    files: Sequence[Path],
    options: Options,
    codebook: Codebook | None,
    report: ImportReport,
    progress: Progress,
) -> tuple[list[Sheet], list[Questionnaire]]:
    """Read the sheets that hold responses, and the questionnaires beside them."""
    found: list[Sheet] = []
    forms: list[Questionnaire] = []
    loose: list[Sheet] = []  # of a form, whose sheets are files of their own
    known = set(codebook.populations) if codebook else set()
    for path in files:
        progress(f"{path.name}: read")
        problems = Problems()
        proposing = codebook is None or options.wave
        drafting = ("formula", "merged_cells") if proposing else ()  # as the report says
        allow = (*options.allow, *drafting)
        sheets = read_file(path, problems, sheets=options.sheets, allow=allow, progress=progress)
        tables: list[Sheet] = []
        for part in _parts(sheets):
            if is_one(part):
                forms += _questionnaire(part, options.language, report.problems)
            elif len(part) == 1 and (kind := form_table(part[0])):
                loose.append(replace(part[0], name=kind))
            else:
                tables += part
        if sheets and not tables:
            continue
        tables = wanted(tables, options.sheets)
        every, named = tables, [s for s in tables if {s.name, Path(s.file).stem} & known]
        asked = bool(options.sheets) and "/" not in every[0].file if every else False
        if len(tables) > 1 and not asked:
            tables = named or [*chosen(tables, forms, report.remarks)]
        others = {s.source for s in every} - {s.source for s in tables}
        report.problems.extend(p for p in problems if p.file not in others)
        if not others:
            report.problems.count(problems.more())
        if len(tables) > 1 and not asked and not named and not problems.kinds.get("sheet"):
            report.problems.add(
                path.name,
                allowed=[called(s) for s in tables],
                message=f"the file has {len(tables)} tables, and it is not clear which to import",
                fix="Name the one that holds the responses with --sheet.",
                kind="sheet",
            )
            continue
        # Else they are a problem, with its place.
        allowed = codebook is None or "garbled" in options.allow
        found += [_as_assumed(sheet.legible(cells=allowed)) for sheet in tables]
    if any(sheet.name == "survey" for sheet in loose):
        forms += _questionnaire(loose, options.language, report.problems)
    else:
        found += [_as_assumed(sheet.legible(cells=True)) for sheet in loose]
    if forms and not found and not report.problems:
        report.problems.add(
            forms[0].file,
            message="this is a questionnaire, without any answers",
            fix="Name the file of responses beside it.",
            kind="rows",
        )
    return found, forms


def _questionnaire(
    sheets: Sequence[Sheet], language: str, problems: Problems
) -> list[Questionnaire]:
    """Read a file as the questionnaire that it is."""
    try:
        return [questionnaire_of([sheet.legible(cells=True) for sheet in sheets], language)]
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        problems.add(
            sheets[0].file,
            message=f"the questionnaire is damaged ({type(error).__name__})",
            fix="Export it again, or import the responses without it.",
            kind="unreadable",
        )
        return []


def with_questionnaire(
    read: ReadSheet, forms: Sequence[Questionnaire], report: ImportReport
) -> ReadSheet:
    """Find the questions of a questionnaire among the columns of a sheet."""
    sheet, heads, found = fit(forms, read.sheet, read.heads)
    report.remarks += [f"{read.sheet.source}: {words}." for words in found.remarks]
    return replace(read, sheet=sheet, heads=heads, fit=found)


def _as_assumed(sheet: Sheet) -> Sheet:
    """Say which encoding a file that is not Unicode was assumed to be in."""
    if not sheet.encoding or sheet.encoding.startswith(("utf", "ascii")):
        return sheet
    words = (
        f"the text is not Unicode; it is read as {NAMES.get(sheet.encoding, sheet.encoding)}. If "
        "letters are wrong, export it again as CSV (UTF-8)"
    )
    return sheet.remarked(words)


def _parts(sheets: Sequence[Sheet]) -> list[list[Sheet]]:
    """Return the sheets of each file of an archive together."""
    found: dict[str, list[Sheet]] = {}
    for sheet in sheets:
        found.setdefault(sheet.file, []).append(sheet)
    return [*found.values()]


def read_headers(
    sheets: Sequence[Sheet],
    options: Options,
    codebook: Codebook | None,
    mappings: dict[str, Mapping],
    answers: Decisions,
    report: ImportReport,
) -> list[ReadSheet]:
    """Read the header of every sheet, and find out whose responses it holds."""
    reads: dict[str, ReadSheet] = {}
    for sheet in sheets:
        population = _population(sheet, len(sheets), options, codebook, report.problems)
        if population is None:
            continue
        if population in reads:
            raise InsightsError(
                f"{reads[population].sheet.source} and {sheet.source} are both of {population}. "
                "Import one file for each population."
            )
        mapping = mappings.get(population, Mapping())
        layout = options.layout or mapping.layout
        said = answers.phrases(population)
        sheet = without_nulls(sheet, _recoded(sheet, mapping), said, drafting=codebook is None)
        if options.layout is None and _lacks_names(sheet, mapping.columns, codebook):
            proposal = propose_names(sheet, population, options.wave, answers)
            report.proposals += [] if codebook else [proposal]
            if codebook or proposal.answer != NO:
                sheet, layout = with_names(sheet), PLAIN.name
        headed, heads, found = read_header(
            as_boxes(by_respondent(sheet)),
            report.problems,
            layout,
            insisted=options.layout is not None,
        )
        headed, heads = without_insets(headed, heads)
        if found == SURVEYMONKEY.name:
            known = None if codebook is None else mapping.knows
            headed, heads = gathered(headed, heads, report.problems, known)
        if codebook is not None:
            identifier = codebook.populations[population].identifier
            heads = identified(heads, mapping, identifier)
        if not len(headed.rows):
            report.problems.add(
                sheet.source,
                message="there is no respondent in the file",
                fix="Restore the file from its source.",
                kind="rows",
            )
            continue
        reads[population] = ReadSheet(headed, heads, found, population)
    return list(reads.values())


def _recoded(sheet: Sheet, mapping: Mapping) -> list[set[str]]:
    """Cells of each column of which a mapping says what they become: of any, if it is unknown."""
    every = {cell for target in mapping.columns.values() for cell in target.recode}
    first = sheet.top[0] if sheet.top else ("",) * len(sheet.columns)
    return [{*mapping.goes(key).recode} if mapping.knows(key) else every for key in first]


def _lacks_names(sheet: Sheet, known: Collection[str], codebook: Codebook | None) -> bool:
    """Return whether a sheet has no header row: as it looks, or as a mapping says."""
    return is_nameless(sheet) if codebook is None else are_letters(known)


def identified(heads: Sequence[Head], mapping: Mapping, identifier: str) -> tuple[Head, ...]:
    """Say of the column that becomes the codebook's identifier that it is one."""
    return tuple(
        replace(head, role="identifier") if mapping.goes(head.key).to == identifier else head
        for head in heads
    )


def _population(
    sheet: Sheet, many: int, options: Options, codebook: Codebook | None, problems: Problems
) -> str | None:
    if options.population and not _NAME.fullmatch(options.population):
        raise InsightsError(f'"{options.population}" cannot name a population: letters, digits, _.')
    stem = Path(sheet.file).stem
    if codebook is None:
        if options.population or many == 1:
            return options.population or "respondents"
        return slug(sheet.name or stem) or "respondents"
    known = list(codebook.populations)
    for name in (options.population, sheet.name, stem, stem.split(".")[0]):
        if name in known:
            return name
    if len(known) == 1 and not options.population:
        return known[0]
    problems.add(
        sheet.source,
        found=options.population or None,
        allowed=known,
        message="whose responses are these?",
        fix="Name the population with --population, or give the file its name.",
        kind="population",
    )
    return None
