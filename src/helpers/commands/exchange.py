"""`insights import` and `export`: survey tools and other programs."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import terminal
from helpers.commands.survey import make_notebooks
from helpers.errors import InsightsError, SurveyProblems
from helpers.paths import said_if_full
from helpers.responses.proposals import STRUCTURE
from helpers.stopping import kept, stopped_once

if TYPE_CHECKING:
    from helpers.importing.report import ImportReport
    from helpers.responses.proposals import Proposal

PROPOSED = (
    "decimal_comma",
    "double_submission",
    "footnote",
    "garbled",
    "look_alike",
    "mangled_date",
    "missing_code",
    "mixed_missing",
    "no_answer",
    "no_header",
    "not_a_number",
    "repeated_header",
    "shifted",
    "spreadsheet_error",
    "test_row",
    "unfinished",
    *STRUCTURE,
)
ALLOWED = (*PROPOSED, "external_link", "formula", "missing_column", "truncated")
FORMATS = ("sav", "xlsx", "datapackage")


def add_commands(verbs: Any, data: argparse.ArgumentParser) -> None:
    """Add the commands to those of `insights`."""
    bring = verbs.add_parser("import", help="import what a survey tool exported")
    bring.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="an export (CSV, XLSX, SPSS, Stata, R or Parquet, also in a ZIP), and after it its "
        "questionnaire, if you have that as a file",
    )
    bring.add_argument(
        "--into", required=True, metavar="FOLDER", help="survey folder; made if there is none"
    )
    bring.add_argument(
        "--mapping", metavar="FILE", help="use this file, not the folder's mapping.yml"
    )
    bring.add_argument(
        "--population", default="", metavar="NAME", help="the population whose responses these are"
    )
    bring.add_argument(
        "--wave", default="", metavar="W", help="the wave that these responses are of"
    )
    bring.add_argument(
        "--sheet",
        action="append",
        default=[],
        metavar="S",
        help="the sheet of a workbook, or the table of an archive, to read",
    )
    bring.add_argument(
        "--layout", help="form of the header rows: plain, surveymonkey, qualtrics or limesurvey"
    )
    bring.add_argument(
        "--language", default="", metavar="L", help="the language of a questionnaire to read"
    )
    for name, kinds, words in (
        ("--allow", ALLOWED, "keep what looks suspicious as it is"),
        ("--accept", PROPOSED, "say yes to all proposals of a kind"),
    ):
        bring.add_argument(
            name,
            action="append",
            default=[],
            choices=kinds,
            metavar="KIND",
            help=f"{words}: {', '.join(kinds)}",
        )
    bring.add_argument("--json", action="store_true", help="print the report as JSON")
    bring.set_defaults(run=_import, data=None)

    send = verbs.add_parser("export", parents=[data], help="export the survey for other tools")
    send.add_argument("format", choices=FORMATS, help="SPSS, Excel or a Frictionless data package")
    send.add_argument("target", metavar="TARGET", help="file, or folder of the package")
    send.set_defaults(run=_export)


def _import(options: argparse.Namespace) -> int:
    from helpers.importing.importing import import_files
    from helpers.importing.layouts.headers import LAYOUTS
    from helpers.importing.report import Options

    if options.layout and options.layout not in LAYOUTS:
        raise InsightsError(f'There is no layout "{options.layout}". Known: {", ".join(LAYOUTS)}.')
    files = [Path(name).expanduser() for name in options.files]
    into = Path(options.into)
    progress = terminal.Progress()
    chosen = Options(
        Path(options.mapping).expanduser() if options.mapping else None,
        options.population,
        options.wave,
        tuple(options.sheet),
        options.layout,
        tuple(options.allow),
        tuple(options.accept),
        options.language,
    )
    first = not (into.expanduser() / "codebook").is_dir()
    with stopped_once(), said_if_full(into):
        report = import_files(files, into, chosen, progress)
    progress.end()
    if options.json:
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    elif report.waits:
        _ask(report, into)
    elif not report.imported:
        _refuse(report, into)
    else:
        _tell(report, into)
    if report.imported and (first or report.drafted):
        with kept(
            f"{terminal.in_line(into)} is imported; its notebooks are not all made: insights "
            f"notebooks --data {terminal.in_line(into)}"
        ):
            said = make_notebooks(into.expanduser().resolve())
        if not options.json:
            print(said)
    if report.imported and not options.json and not _waiting(report):
        place = terminal.in_line(into)
        print(f"Next: insights release --data {place}, then insights dashboards --data {place}")
    return 0 if report.imported else 1


def _waiting(report: ImportReport) -> list[Proposal]:
    return [each for each in report.proposals if not each.answer]


def _listed(kinds: Mapping[str, int]) -> str:
    """Say how many there are of each kind."""
    return ", ".join(f"{n:,} {kind}" for kind, n in kinds.items())


def _ask(report: ImportReport, into: Path) -> None:
    """Say what is to be answered before a wave is imported."""
    waiting, place = _waiting(report), terminal.in_line(into)
    kinds = _listed(Counter(each.kind for each in waiting))
    for each in waiting:
        found = f' "{each.found}"' if each.found else ""
        print(terminal.in_line(f"{each.kind}: {each.about}{found}: {each.if_yes}? {each.reason}."))
    for remark in report.remarks:
        print(f"Note: {remark}")
    print(
        f"Not imported yet: this wave departs from the codebook in {len(waiting):,} places "
        f"({kinds}). Write yes or no beside each in {place}/proposals.csv, then import the same "
        "file again; --accept KIND says yes to a whole kind. Responses and codebook are as they "
        "were."
    )


def _refuse(report: ImportReport, into: Path) -> None:
    kinds = _listed(report.problems.kinds)
    error = SurveyProblems(
        f"Nothing was imported; {terminal.in_line(into)} is unchanged",
        report.problems,
        len(report.problems),
    )
    raise InsightsError(f"{error}\nBy kind: {kinds}.")


def _tell(report: ImportReport, into: Path) -> None:
    from helpers.importing.report import NOBODY

    weights = report.weights
    counts = ", ".join(
        f"{n:,} {name}, weighted by {weights[name]}" if name in weights else f"{n:,} {name}"
        for name, n in report.respondents.items()
    )
    place = terminal.in_line(into)
    print(f"{place}: imported {counts}. Every cell is accounted for in {place}/account.csv.")
    for remark in report.remarks:
        print(f"Note: {remark}")
    nobody = sum(line.reason == NOBODY for line in report.account)
    if nobody:
        print(f"Note: nobody gave {nobody:,} of the answers in the codebook.")
    if waiting := _waiting(report):
        kinds = _listed(Counter(each.kind for each in waiting))
        print(
            f"To answer in {place}/proposals.csv: {kinds}. Write yes or no beside each, then "
            "import the same file again. Nothing is left out or changed before."
        )
    if report.drafted:
        print(f"To confirm in {place}/GUESSES.md: {report.guesses} guesses of the codebook.")


def _export(options: argparse.Namespace) -> int:
    from helpers.exporting.exporting import export
    from helpers.responses.survey import load_survey

    survey = load_survey()
    target = Path(options.target).expanduser()
    with stopped_once(), kept("Each file is exported whole or not at all."), said_if_full(target):
        written = list(export(survey, options.format, target))
    for path, remark in written:
        print(f"Written: {terminal.in_line(path)}.{f' {remark}' if remark else ''}")
    print(survey.provenance.banner)
    return 0
