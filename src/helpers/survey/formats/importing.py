"""Imports files: read, checked, placed, written aside, read back, and put in place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from helpers.errors import InsightsError, Problem, Problems
from helpers.survey.answers import WORDS
from helpers.survey.codebook import Codebook, Kind
from helpers.survey.codebook_files import check_codebook
from helpers.survey.dataset import check_survey
from helpers.survey.formats.checks import suspicions
from helpers.survey.formats.confine import read_file
from helpers.survey.formats.draft_files import Drafted, write_draft
from helpers.survey.formats.folders import Changed, changed
from helpers.survey.formats.guesses import guess
from helpers.survey.formats.headers import Head, read_header
from helpers.survey.formats.mapping import FILE, SIDECAR, Mapping, Target, read_mapping
from helpers.survey.formats.names import slug
from helpers.survey.formats.odd_rows import odd_rows
from helpers.survey.formats.placing import Placed, place, with_wave
from helpers.survey.formats.routes import guess_routing
from helpers.survey.formats.sheets import Column, Sheet
from helpers.survey.formats.storing import joined, read_columns, write_responses
from helpers.survey.formats.waves import wave_code, wave_column, with_band
from helpers.survey.responses import response_file

PRIVATE, RESPONSES = "private", "responses"
_NAME = re.compile(r"[A-Za-z0-9_-]+")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How to import.

    Attributes
    ----------
    mapping : file to use instead of the folder's mapping.yml
    population : whose responses they are; by default found out
    wave : which wave they are of, where waves are told apart
    sheets : sheets of a workbook to read
    layout : header convention; by default found out
    allow : kinds of suspicions that are let pass
    """

    mapping: Path | None = None
    population: str = ""
    wave: str = ""
    sheets: tuple[str, ...] = ()
    layout: str | None = None
    allow: tuple[str, ...] = ()


@dataclass
class Report:
    """What came of an import.

    Attributes
    ----------
    imported : whether the folder holds the responses now; if not, it is as it was
    respondents : per population, how many were imported
    drafted : whether a codebook was drafted, with `guesses` guesses to confirm
    """

    problems: Problems
    imported: bool = False
    respondents: dict[str, int] = field(default_factory=dict)
    drafted: bool = False
    guesses: int = 0
    remarks: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            "imported": self.imported,
            "respondents": self.respondents,
            "drafted": self.drafted,
            "guesses": self.guesses,
            "remarks": self.remarks,
            "count": len(self.problems),
            "kinds": self.problems.kinds,
            "problems": self.problems.to_json(),
        }


class _Rejected(Exception):
    """Leaves the folder as it is."""


@dataclass(frozen=True)
class _Read:
    """A sheet with its header read."""

    sheet: Sheet
    heads: tuple[Head, ...]
    layout: str
    population: str


def import_files(
    files: Sequence[Path], into: Path, options: Options, progress: Progress = lambda words: None
) -> Report:
    """Import exports into a survey folder, which is made if need be.

    Raises
    ------
    InsightsError
        If what is asked for contradicts itself.
    """
    report = Report(Problems())
    root = into.expanduser()
    if root.exists() and not root.is_dir():
        raise InsightsError(f"{into} is not a folder.")
    codebook = _codebook(root, report.problems)
    mappings = _mappings(root, files, options, codebook, report.problems)
    if report.problems:
        return report
    sheets = _sheets(files, options, codebook, report, progress)
    reads = _headed(sheets, options, codebook, mappings, report)
    for read in reads:
        progress(f"{read.sheet.file}: cells compared")
        free, known = _judged(read, codebook, mappings)
        report.problems.extend(suspicions(read.sheet, read.heads, options.allow, free, known))
        report.problems.extend(odd_rows(read.sheet, read.heads, options.allow))
        report.remarks += [f"{read.sheet.source}: {words}." for words in read.sheet.remarks]
    if not reads:
        return report
    try:
        with changed(root) as copy:
            _fill(copy, root, reads, mappings, codebook, options, report, progress)
            if report.problems:
                raise _Rejected
        report.imported = True
    except _Rejected:
        report.respondents, report.guesses = {}, 0
    return report


def _judged(
    read: _Read, codebook: Codebook | None, mappings: dict[str, Mapping]
) -> tuple[set[int], dict[int, set[str]]]:
    """Columns that a codebook takes as they are, and cells that it has a place for."""
    free: set[int] = set()
    known: dict[int, set[str]] = {}
    mapping = mappings.get(read.population, Mapping())
    for at, head in enumerate(read.heads if codebook else ()):
        assert codebook is not None
        target = mapping.target(head.key) or Target(head.key)
        owner = codebook.owners.get(target.to)
        if target.drop or owner is None or owner.kind is Kind.TEXT:
            free.add(at)
        options = owner.options if owner else ()
        known[at] = {*WORDS, *target.recode, *(w for o in options for w in (o.code, o.label))}
    return free, known


def _codebook(root: Path, problems: Problems) -> Codebook | None:
    folder = root / "codebook"
    if not folder.is_dir() or not any(folder.iterdir()):
        return None
    return check_codebook(folder, problems)


def _mappings(
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


def _sheets(
    files: Sequence[Path],
    options: Options,
    codebook: Codebook | None,
    report: Report,
    progress: Progress,
) -> list[Sheet]:
    found: list[Sheet] = []
    known = set(codebook.populations) if codebook else set()
    for path in files:
        progress(f"{path.name}: read")
        sheets = read_file(
            path, report.problems, sheets=options.sheets, allow=options.allow, progress=progress
        )
        named = [s for s in sheets if s.name in known]
        if len(sheets) > 1 and named and not options.sheets:
            sheets = named
        if len(sheets) > 1 and not options.sheets and not named:
            report.problems.add(
                path.name,
                allowed=[s.name for s in sheets],
                message="the workbook has several sheets",
                fix="Name the one that holds the responses with --sheet.",
                kind="sheet",
            )
            continue
        found += sheets
    return found


def _headed(
    sheets: Sequence[Sheet],
    options: Options,
    codebook: Codebook | None,
    mappings: dict[str, Mapping],
    report: Report,
) -> list[_Read]:
    reads: dict[str, _Read] = {}
    for sheet in sheets:
        population = _population(sheet, len(sheets), options, codebook, report.problems)
        if population is None:
            continue
        if population in reads:
            raise InsightsError(
                f"{reads[population].sheet.source} and {sheet.source} are both of {population}. "
                "Import one file for each population."
            )
        layout = options.layout or mappings.get(population, Mapping()).layout
        if layout and not _has_layout(sheet, layout):
            layout = None
        headed, heads, found = read_header(sheet, report.problems, layout)
        if not len(headed.rows):
            report.problems.add(
                sheet.source,
                message="there is no respondent in the file",
                fix="Restore the file from its source.",
                kind="rows",
            )
            continue
        reads[population] = _Read(headed, heads, found, population)
    return list(reads.values())


def _has_layout(sheet: Sheet, layout: str) -> bool:
    return len(sheet.top) > {"qualtrics": 3, "surveymonkey": 1}.get(layout, 0)


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
    for name in (options.population, sheet.name, stem):
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


def _fill(
    copy: Changed,
    root: Path,
    reads: Sequence[_Read],
    mappings: dict[str, Mapping],
    codebook: Codebook | None,
    options: Options,
    report: Report,
    progress: Progress,
) -> None:
    """Write into the copy what the folder is to hold, and check it."""
    if codebook is None:
        mappings = _draft(copy, root, reads, options, report, progress)
        codebook = check_codebook(copy.folder / "codebook", report.problems)
        if codebook is None or report.problems.kinds.get("other"):
            return
    elif options.mapping is not None:
        copy.write(FILE, options.mapping.read_bytes())
    folder = _folder(copy.folder)
    placed: dict[str, tuple[Placed, int]] = {}
    for read in reads:
        progress(f"{read.sheet.file}: written")
        mapping = mappings.get(read.population, Mapping())
        population = codebook.populations[read.population]
        found = place(read.sheet, read.heads, mapping, codebook, population, report.problems)
        found, remark = found.without_empty()
        report.remarks += [remark] if remark else []
        columns, before = dict(found.columns), 0
        if options.wave:
            found, columns, before = _waved(copy, folder, found, codebook, read.population, options)
        placed[f"{read.population}"] = found, before
        report.respondents[read.population] = found.rows
        if columns:
            write_responses(copy, folder, read.population, columns)
    progress("Codebook and responses are checked")
    _check(copy.folder, placed, report.problems)


def _folder(root: Path) -> str:
    """Where a folder keeps responses: ours in private/, beside the simulated ones."""
    if (root / RESPONSES).is_dir() or not (root / "illustrative").is_dir():
        return RESPONSES
    return PRIVATE


def _draft(
    copy: Changed,
    root: Path,
    reads: Sequence[_Read],
    options: Options,
    report: Report,
    progress: Progress,
) -> dict[str, Mapping]:
    drafts = []
    for read in reads:
        draft = guess(read.sheet, read.heads, progress)
        guess_routing(read.sheet, draft)
        drafts.append(Drafted(read.population, read.sheet.source, read.layout, read.heads, draft))
    title = Path(reads[0].sheet.file).stem.replace("_", " ").replace("-", " ").capitalize()
    if (copy.folder / "codebook").is_dir():
        (copy.folder / "codebook").rmdir()
    write_draft(copy.folder, title, drafts, options.wave)
    copy.written |= {"codebook", FILE, "GUESSES.md"}
    report.drafted = True
    report.guesses = sum(len(d.draft.questions) for d in drafts)
    return read_mapping(copy.folder / FILE, report.problems)


def _waved(
    copy: Changed,
    folder: str,
    placed: Placed,
    codebook: Codebook,
    population: str,
    options: Options,
) -> tuple[Placed, dict[str, Column], int]:
    """Put a wave after the others; one that is there already is replaced."""
    who = codebook.populations[population]
    code, lacking = wave_code(codebook, who, options.wave)
    name = wave_column(codebook, who)
    assert name is not None
    outline = copy.folder / "codebook" / "survey.yml"
    if lacking and f"'{code}':" not in outline.read_text(encoding="utf-8-sig"):
        text = with_band(outline, code, options.wave)
        copy.write("codebook/survey.yml", text.encode("utf-8"))
    placed = with_wave(placed, name, code)
    path = response_file(copy.folder / folder, population)
    if path is None:
        return placed, dict(placed.columns), 0
    before = read_columns(path)
    if name not in before:
        return placed, dict(placed.columns), 0
    others = np.array([value != code for value in before[name].values])
    keep = others[before[name].codes]
    return placed, joined(before, placed.columns, keep), int(keep.sum())


def _check(folder: Path, placed: dict[str, tuple[Placed, int]], problems: Problems) -> None:
    """Check the folder as everybody will read it; say problems where they stand in the files."""
    found = Problems()
    check_survey(folder, found)
    known = {(p.file, p.row, p.cell) for p in problems if p.cell}
    named = {f"{name}.{kind}": at for name, at in placed.items() for kind in ("csv", "parquet")}
    said: list[Problem] = []
    for problem in found:
        if problem.file in named:
            sheet, before = named[problem.file]
            problem = sheet.located(problem, before)
        if (problem.file, problem.row, problem.cell) not in known:
            said.append(replace(problem, kind=problem.kind or "codebook"))
    problems.extend(said)
    problems.count(found.more())
