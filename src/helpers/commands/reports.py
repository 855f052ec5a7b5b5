"""`insights report`: a survey or a trend as Word, PowerPoint, PDF or HTML."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from helpers import paths
from helpers.stopping import kept, stopped_once
from helpers.terminal import Progress, short_path


def add_commands(verbs: Any, data: argparse.ArgumentParser) -> None:
    """Add the command to those of `insights`."""
    report = verbs.add_parser(
        "report",
        parents=[data],
        help="write a report as Word, PowerPoint, PDF or HTML",
        description="Write a report of the release in a survey folder: it reads the release and "
        "nothing else, and is as safe to send. With --responses it is made of the responses.",
    )
    report.add_argument("folder", nargs="?", help="survey folder")
    report.add_argument(
        "--to",
        required=True,
        metavar="FILE",
        help="the file to write: .docx, .pptx, .pdf or .html",
    )
    report.add_argument(
        "--trend", default="", metavar="NAME", help="only this page of the release, or trend"
    )
    report.add_argument(
        "--template", metavar="FILE", help="a .docx or .pptx whose styles and layouts are used"
    )
    report.add_argument(
        "--responses",
        action="store_true",
        help="use the responses: real ones are marked as not to be shared",
    )
    report.set_defaults(run=_report)


def _report(options: argparse.Namespace) -> int:
    from helpers.reports.document import report
    from helpers.responses.survey import load_survey

    root = paths.data_folder(options.folder)
    progress, target = Progress(), Path(options.to)
    with stopped_once(), kept("No report was written."):
        source = load_survey(root) if options.responses else root
        made = report(source, trend=options.trend, progress=progress)
        written = made.save(target, template=options.template, progress=progress)
    progress.end()
    outline = made.outline
    print(f"{short_path(written)}: {outline.title}, {outline.counted}.")
    if options.responses:
        print(f"{outline.banner} {outline.say('report.from_responses')}.")
        if outline.unreported:
            print(outline.unreported)
    else:
        print(f"{outline.banner} {outline.say('report.only_release')}.")
    return 0
