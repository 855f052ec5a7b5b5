"""Imports files: read, checked, placed, written aside, read back, and put in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Map
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from helpers.codebook import recipes
from helpers.codebook.model import Codebook, Missing
from helpers.codebook.reading import check_codebook
from helpers.errors import InsightsError, Problems
from helpers.folders import Changed, changed
from helpers.importing import account, guesses_file
from helpers.importing.behind_waves import OUTLINE, behind_others
from helpers.importing.checking import check_folder
from helpers.importing.columns.mapping import FILE, Mapping, read_mapping
from helpers.importing.columns.placing import Placed, place, report_lacking
from helpers.importing.draft.draft_files import GUESSES, Drafted, write_draft
from helpers.importing.draft.guesses import guess
from helpers.importing.draft.known import known_questions
from helpers.importing.draft.routes import guess_routing
from helpers.importing.draft.weakening import weaken
from helpers.importing.files.packages import copy_codebook, opened
from helpers.importing.filters import offered_once
from helpers.importing.joined_rankings import with_places
from helpers.importing.layouts.limesurvey import LIMESURVEY, are_codes
from helpers.importing.next_wave.applying import Amended, NextWave, amend_for, base_of, keep, wait
from helpers.importing.next_wave.finding import ILLEGIBLE
from helpers.importing.own_exports import codebook_of
from helpers.importing.proposals import NO_ANSWER, Decisions, Settled, propose_kinds
from helpers.importing.questionnaires.model import Questionnaire
from helpers.importing.read_sheets import ReadSheet
from helpers.importing.redrafting import is_as_drafted, mark_as_drafted, own_outline, unmark
from helpers.importing.report import ImportReport, Options, as_csv
from helpers.importing.settling import settled_sheet
from helpers.importing.sources import (
    Progress,
    mappings_for,
    read_headers,
    sheets_of,
    with_questionnaire,
)
from helpers.importing.storing import Stored, count_rows, write_responses
from helpers.importing.waves import unasked, wave_code
from helpers.importing.words.names import shortened
from helpers.responses import proposals
from helpers.responses.loading import response_file
from helpers.responses.proposals import NO, Proposal, read_proposals
from helpers.stopping import done_whole, kept
from helpers.terminal import in_line

PRIVATE, RESPONSES = "private", "responses"
SETTLED = ("double_submission",)  # what was answered before a survey of ours was exported


@dataclass(frozen=True)
class _Stored:
    """What was stored of a population, behind `before` rows of other waves."""

    placed: Placed
    before: int
    path: Path
    mapping: Mapping


class _Rejected(Exception):
    """Leaves the folder as it is."""


def import_files(
    files: Sequence[Path], into: Path, options: Options, progress: Progress = lambda words: None
) -> ImportReport:
    """Import exports into a survey folder, which is made if need be.

    Exports of ours bring their codebook to a folder that has none.

    Raises
    ------
    InsightsError
        If what is asked for contradicts itself.
    """
    with (
        kept(f"Nothing was imported; {in_line(into)} is as it was.") as now,
        TemporaryDirectory() as aside,
    ):
        return _imported(files, into, options, progress, Path(aside), now)


def _imported(
    files: Sequence[Path],
    into: Path,
    options: Options,
    progress: Progress,
    aside: Path,
    now: Callable[[str], None],
) -> ImportReport:
    report = ImportReport(Problems())
    root = into.expanduser()
    if root.exists() and not root.is_dir():
        raise InsightsError(f"{into} is not a folder.")
    files, packed = opened(files, report.problems)
    base = base_of(root, options.wave)
    codebook = _codebook(base, report.problems)
    if codebook is None and packed is None and not report.problems:
        packed = codebook_of(files, aside, report.problems)
    if codebook is None and packed is not None:
        codebook = check_codebook(packed, report.problems)
        options = replace(options, allow=(*options.allow, *SETTLED))
    else:
        packed = None
    mappings = mappings_for(base, files, options, codebook, report.problems)
    if report.problems:
        return report
    earlier = read_proposals(root, report.problems)
    answers = Decisions(earlier, options.accept, options.allow)
    if codebook is not None and earlier and not options.mapping and is_as_drafted(root, files):
        codebook, mappings = None, {}
    sheets, forms = sheets_of(files, options, codebook, report, progress)
    reads = read_headers(sheets, options, codebook, mappings, answers, report)
    known = {read.population: read.filled for read in reads}
    mappings = {
        name: mapping.without_unanswered(known.get(name, ())) for name, mapping in mappings.items()
    }
    if codebook is not None or not forms:
        reads = [
            with_places(read, codebook, mappings.get(read.population, Mapping())) for read in reads
        ]
    if codebook is None and report.problems.kinds.get("header"):
        return report  # without names, every guess would be another mistake
    report.remarks += [_of_form(form, unused=codebook is not None) for form in forms]
    if codebook is None and not forms:
        report.remarks += [
            f"{read.sheet.source}: answers are codes. Import it again with the structure of the "
            "survey (.lss) beside it, which has their words."
            for read in reads
            if read.layout == LIMESURVEY.name and are_codes(read.sheet, read.heads)
        ]
    if forms and codebook is None:
        reads = [with_questionnaire(read, forms, report) for read in reads]
    amended: Amended | None = None
    if codebook is not None and packed is None and options.wave and reads:
        asked = NextWave(
            root, base, root / _folder(root), reads, codebook, mappings, options, answers
        )
        amended = amend_for(asked.with_waves(aside), report)
        if amended is None:
            return report
        codebook, mappings, options = amended.codebook, amended.mappings, amended.options
        reads = amended.reads
    raw, reads = reads, [*reads]
    settled: dict[str, Settled] = {}
    for at, read in enumerate(reads):
        progress(f"{read.sheet.file}: cells compared")
        reads[at], settled[read.population] = settled_sheet(
            read, codebook, mappings, options, answers, report, progress
        )
    if not reads:
        return report
    illegible = [p for p in report.proposals if p.kind in ILLEGIBLE and not p.answer]
    if amended is not None and illegible:
        wait(root, report, answers)
        return report
    try:
        with ExitStack() as last, changed(root) as copy:
            if packed is not None:
                copy_codebook(packed, copy, report.problems)
            if amended is not None:
                amended.write(copy)
            job = _Job(copy, root, raw, reads, settled, options, answers, progress, amended)
            if codebook is None:
                _fill_draft(job, report)
            else:
                _fill(job, mappings, codebook, report)
            if not report.problems:
                _propose(job, report)
            if report.drafted and report.proposals and not report.problems:
                mark_as_drafted(copy, root, files)
            elif not report.drafted:
                unmark(copy)
            if amended is not None and amended.files:
                keep(copy, amended.base, options.wave)
            if report.problems:
                raise _Rejected
            now(f"{in_line(into)} is imported.")
            last.enter_context(done_whole())
        report.imported = True
    except _Rejected:
        report.respondents, report.guesses, report.account = {}, 0, []
        report.proposals = []
    return report


def _of_form(form: Questionnaire, *, unused: bool) -> str:
    """Say what a questionnaire was used for."""
    if unused:
        return (
            f"{form.file} is a questionnaire; it is not used, because the folder has a codebook "
            "already."
        )
    more = [language for language in form.languages if language != form.language]
    words = f"{form.file}: a questionnaire ({form.tool}) of {len(form.questions):,} questions"
    if not more:
        return f"{words}."
    others = ", ".join(more)
    return f"{words}, read in {form.language}. --language takes another: {others}."


def _propose(job: _Job, report: ImportReport) -> None:
    """Write the proposals of this import, and keep the answers of earlier ones."""
    known, earlier = {each.id for each in report.proposals}, job.answers.proposals
    report.proposals += [
        each
        for each in job.answers.answered(earlier, () if report.drafted else (NO_ANSWER,))
        if each.id not in known
        and (
            each.answer or (each.kind == NO_ANSWER and not report.drafted) or _of_another(each, job)
        )
    ]
    report.remarks += job.answers.apart(report.proposals)
    if not report.drafted:
        report.remarks += _in_vain(report.proposals, job)
    if report.proposals or earlier:
        text = proposals.as_csv(report.proposals)
        job.copy.write(proposals.FILE, text.encode("utf-8")).chmod(0o600)


def _in_vain(made: Sequence[Proposal], job: _Job) -> list[str]:
    """Say where an edited codebook is to be changed, so that a missing answer counts or not."""
    codebook = check_codebook(job.copy.folder / "codebook", Problems())
    if codebook is None:
        return []
    none = {
        shortened(option.label)
        for question in codebook.questions.values()
        for option in question.options
        if option.missing is not Missing.NO
    }
    return [
        f"“{each.found}” still counts as missing, because the codebook was edited: empty `missing` "
        "in codebook/options.csv."
        for each in made
        if each.kind == NO_ANSWER and each.answer == NO and each.found in none
    ]


def _of_another(proposal: Proposal, job: _Job) -> bool:
    """Return whether a proposal is about another wave, whose responses stay."""
    return bool(job.options.wave) and proposal.wave not in ("", job.options.wave)


def _codebook(root: Path, problems: Problems) -> Codebook | None:
    folder = root / "codebook"
    if not folder.is_dir() or not any(folder.iterdir()):
        return None
    return check_codebook(folder, problems)


@dataclass(frozen=True)
class _Job:
    """What is to be imported, and into which copy of the folder.

    Attributes
    ----------
    raw, reads : sheets as they were read, and with what was settled
    """

    copy: Changed
    root: Path
    raw: Sequence[ReadSheet]
    reads: Sequence[ReadSheet]
    settled: Map[str, Settled]
    options: Options
    answers: Decisions
    progress: Progress
    amended: Amended | None = None


def _fill_draft(job: _Job, report: ImportReport) -> None:
    """Draft a codebook, and keep as words what the file itself contradicts, until nothing does."""
    drafts = [_drafted(job, read) for read in job.reads]
    first: ImportReport | None = None
    while True:
        trial = ImportReport(
            Problems(report.problems), remarks=[*report.remarks], proposals=[*report.proposals]
        )
        mappings = _write_draft(job, drafts, trial)
        codebook = check_codebook(job.copy.folder / "codebook", trial.problems)
        if codebook is not None and not trial.problems.kinds.get("other"):
            _fill(job, mappings, codebook, trial)
        if first is None or not trial.problems:
            first = trial
        wrong = list(trial.problems)
        if report.problems or not wrong or not weaken(drafts, wrong, job.copy.folder):
            break
    vars(report).update(vars(first))


def _fill(
    job: _Job, mappings: dict[str, Mapping], codebook: Codebook, report: ImportReport
) -> None:
    """Write into the copy what the folder is to hold, check it, and count it back."""
    copy, options, progress = job.copy, job.options, job.progress
    stored: dict[str, _Stored] = {}
    if options.mapping is not None:
        copy.write(FILE, options.mapping.read_bytes())
    folder = _folder(copy.folder)
    placed: dict[str, tuple[Placed, int]] = {}
    derived = recipes.names_in(copy.folder / "codebook")
    for read in job.reads:
        progress(f"{read.sheet.file}: written")
        mapping = mappings.get(read.population, Mapping())
        mapping = mapping.without(read.heads, derived, "it follows from other answers")
        population = codebook.populations[read.population]
        found = place(read.sheet, read.heads, mapping, codebook, population, report.problems)
        found, remark = found.without_empty()
        report.remarks += [remark] if remark else []
        columns, before = dict(found.columns), 0
        if options.wave:
            remarks = report.remarks
            found, columns, before = behind_others(
                copy, folder, found, codebook, population, options, job.amended, remarks
            )
            if "missing_column" not in options.allow:
                source = codebook.dimensions[codebook.wave_dimension].source[population.id]
                code = wave_code(codebook, population, options.wave)[0]
                known = unasked(codebook, population, source.bands.get(code, code))
                free = {*population.other_columns, *known}
                report_lacking(found, columns, free, report.problems)
        else:
            left = int(job.settled[read.population].out.sum())
            report.remarks += _fewer(copy.folder / folder, read.population, found, left)
        placed[read.population] = found, before
        report.respondents[read.population] = found.rows
        if columns:
            path = write_responses(copy, folder, read.population, columns)
            stored[read.population] = _Stored(found, before, path, mapping)
    if not any(found.columns for found, _ in placed.values()):
        return  # nothing is known about it, as already reported
    progress("Codebook and responses are checked")
    check_folder(copy.folder, placed, report.problems)
    if not report.problems:
        progress("Every cell is checked against the file")
        _count_back(job, stored, report)


def _count_back(job: _Job, stored: dict[str, _Stored], report: ImportReport) -> None:
    """Account for every cell by what is in the folder now, and write the account into it."""
    copy, settled = job.copy, job.settled
    codebook = check_codebook(copy.folder / "codebook", report.problems)
    counted = []
    for read in job.raw:
        if codebook is None or read.population not in stored:
            continue
        there = stored[read.population]
        one = account.Imported(
            read.population,
            read.sheet,
            read.heads,
            there.mapping,
            there.placed.sheet.rows,
            Stored(there.path, there.before),
            report.drafted,
            settled[read.population].why,
            settled[read.population].instead,
            frozenset(read.fit.boxes) if read.fit else frozenset(),
        )
        report.account += account.account(one, codebook, report.problems, job.progress)
        counted.append(one)
    copy.write(account.FILE, as_csv(report.account).encode("utf-8")).chmod(0o600)
    if report.drafted and codebook is not None:
        text = guesses_file.as_markdown(
            report.account, counted, codebook, report.weights, report.remarks
        )
        copy.write(GUESSES, text.encode("utf-8")).chmod(0o600)


def _fewer(folder: Path, population: str, placed: Placed, left: int) -> list[str]:
    """Say that a file holds fewer respondents than it replaces: it may have been cut short.

    `left` are rows that the owner had left out.
    """
    path = response_file(folder, population)
    before = count_rows(path) if path is not None and path.is_file() else 0
    if before <= placed.rows + left:
        return []
    return [f"{placed.sheet.source}: {placed.rows:,} respondents; before, there were {before:,}."]


def _folder(root: Path) -> str:
    """Where a folder keeps responses: ours in private/, beside the simulated ones."""
    if (root / RESPONSES).is_dir() or not (root / "illustrative").is_dir():
        return RESPONSES
    return PRIVATE


def _drafted(job: _Job, read: ReadSheet) -> Drafted:
    draft = guess(
        read.sheet,
        read.heads,
        job.progress,
        one_wave=bool(job.options.wave),
        phrases=job.answers.phrases(read.population),
        known=partial(known_questions, read.fit, read.sheet, read.heads) if read.fit else None,
    )
    offered_once(read.sheet, draft)
    guess_routing(read.sheet, draft)
    return Drafted(read.population, read.sheet.source, read.layout, read.heads, draft)


def _write_draft(job: _Job, drafts: Sequence[Drafted], report: ImportReport) -> dict[str, Mapping]:
    copy, reads, options = job.copy, job.reads, job.options
    for read, drafted in zip(reads, drafts, strict=True):
        draft = drafted.draft
        report.proposals += propose_kinds(draft, read, job.answers)
        report.remarks += [f"{read.sheet.source}: {words}." for words in draft.remarks]
        if draft.weight >= 0:
            key = shortened(read.heads[draft.weight].key)
            report.weights[read.population] = f'"{key}" ({draft.weighting.why})'
    title = Path(reads[0].sheet.file).stem.replace("_", " ").replace("-", " ").capitalize()
    title = next((r.fit.form.title for r in reads if r.fit and r.fit.form.title), title)
    own = own_outline(job.root)
    for name in ("codebook", FILE):
        if (copy.folder / name).exists():
            copy.remove(name)
    write_draft(copy.folder, title, drafts, options.wave)
    copy.written |= {"codebook", FILE}
    if own is not None:  # titles and provenance are the owner's
        copy.write(OUTLINE, own)
    report.drafted = True
    report.guesses = sum(bool(q.reasons) for d in drafts for q in d.draft.questions)
    return read_mapping(copy.folder / FILE, report.problems)
