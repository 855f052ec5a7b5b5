"""`insights release` and `audit`: what leaves the responses, made and attacked."""

from __future__ import annotations

import argparse
import json
import os
import sys
import textwrap
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from helpers import paths
from helpers.errors import InsightsError
from helpers.stopping import done_whole, kept, stopped_once
from helpers.terminal import Progress, count, in_line, short_path, visible

if TYPE_CHECKING:
    from helpers.pages.publishing import Prepared
    from helpers.release.forms import Cube
    from helpers.release.offers import Offers
    from helpers.release.rules import ReleaseRules
    from helpers.responses.survey import Survey


def add_commands(verbs: Any, data: argparse.ArgumentParser) -> None:
    """Add the commands to those of `insights`."""
    release = verbs.add_parser("release", parents=[data], help="protect results for publication")
    release.add_argument(
        "--why",
        metavar="QUESTION",
        help="say what the release would show of a question, and why no more",
    )
    release.add_argument(
        "--history-confirmed",
        action="store_true",
        help="confirm that missing records of earlier releases are lost",
    )
    release.set_defaults(run=_release)

    withdraw = verbs.add_parser(
        "withdraw",
        parents=[data],
        help="take back a release that nobody saw",
        description="Take back a release that nobody saw, so that later ones are not checked "
        "against it. Says what would be removed; removes it with --never-published.",
    )
    withdraw.add_argument(
        "--record",
        default="",
        metavar="NAME",
        help="the record of that release, such as 0002 (default: the last)",
    )
    withdraw.add_argument(
        "--never-published",
        action="store_true",
        help="confirm that nobody but its makers saw this release",
    )
    withdraw.set_defaults(run=_withdraw)

    attack = verbs.add_parser(
        "audit", parents=[data], help="attack the release as a determined reader would"
    )
    attack.add_argument("folder", nargs="?", help="survey folder whose release is attacked")
    attack.add_argument("--json", action="store_true", help="print the report as JSON")
    attack.set_defaults(run=_audit)


def _release(options: argparse.Namespace) -> int:
    _in_one_thread()
    from helpers.codebook.model import Provenance
    from helpers.responses.survey import load_survey

    survey = load_survey()
    if survey.provenance is Provenance.PRIVATE and not options.data:
        raise InsightsError(
            f"{short_path(survey.folder)} holds private responses. To release protected results "
            f"from them, name the folder: insights release --data {short_path(survey.folder)}"
        )
    if options.why:
        return _why(survey, options.why)
    write_release(survey, confirmed=options.history_confirmed)
    return 0


def _why(survey: Survey, question: str) -> int:
    """Say of one question what a release would show; nothing is written."""
    from helpers.pages.publishing import prepare

    progress = Progress()
    with kept("Nothing was changed."):
        offers = prepare(survey, progress=progress).offers
    progress.end()
    if question not in {**offers.protected, **offers.changes}:
        known = ", ".join([*offers.protected, *offers.changes])
        raise InsightsError(f'No page shows the question "{in_line(question)}". Known: {known}.')
    print(visible("\n".join(offers.why(question))))
    return 0


def _withdraw(options: argparse.Namespace) -> int:
    from helpers.release import history
    from helpers.responses.survey import load_survey

    survey = load_survey()
    found = history.withdrawal(survey, options.record)
    places = [found.record, *([found.release] if found.release else [])]
    named = " and ".join(short_path(path) for path in places)
    if not options.never_published:
        print(
            f"This would remove {named}: {found.words}.\nLater releases would no longer be "
            "checked against it, so nobody may have seen it. If nobody did:\n  "
            f"insights withdraw --data {short_path(survey.folder)} --record {found.record.stem} "
            "--never-published"
        )
        return 1
    history.withdraw(survey, found)
    print(f"Removed {named}: {found.words}. A note of it is in {history.NOTES} beside the records.")
    return 0


def write_release(survey: Survey, confirmed: bool = False) -> None:
    """Release a survey into its folder, and say what came of it."""
    from helpers.pages import summaries
    from helpers.pages.publishing import prepare, publish
    from helpers.release import history

    print(f"Releasing {survey.describe}")
    history.require_whole(survey, confirmed)
    if history.is_first(survey):
        print("No earlier release of these responses is recorded here: this counts as the first.")
    progress, target = Progress(), survey.folder / "release"
    as_before = f"{short_path(target)} is as it was." if target.is_dir() else "There is no release."
    with stopped_once(), kept(as_before) as now:
        with warnings.catch_warnings(record=True) as unread:
            prepared = prepare(survey, progress=progress)
        with done_whole():
            written = publish(survey, prepared, target, confirmed)
            now(
                f"The release is written, without its PDF summaries: insights release --data "
                f"{short_path(survey.folder)}"
            )
        progress("Printing summaries")
        summarised = summaries.refresh(target, progress)
    progress.end()
    rules, cube, report = prepared.rules, prepared.cube, prepared.report
    print(
        f"{short_path(target)}: {'written' if written else 'unchanged'}, "
        f"{count(len(cube['questions']), 'question')} on {count(len(rules.pages), 'page')}, "
        f"no group below {rules.minimum_base}."
    )
    for line in (*_offered(survey, cube, prepared.offers), *_unoffered(survey, rules)):
        print(visible(line))
    for line in prepared.spent:
        print(f"  {line}")
    for line in _left_out(survey, prepared):
        print(f"  {line}")
    for line in dict.fromkeys(str(warning.message) for warning in unread):
        print(f"  {visible(line)}")
    print(
        f"  Audit: {report.targets:,} attacks in {report.seconds:.1f} s, "
        f"{count(len(report.leaks), 'leak')} under the profile {report.profile}."
    )
    print(f"  {summarised}")


def _left_out(survey: Survey, prepared: Prepared) -> list[str]:
    """Say what is left out because of earlier releases, and what to do if nobody saw them."""
    if not prepared.left_out:
        return []
    gone = [survey.codebook.questions[q].label for q in prepared.hidden]
    part = [
        survey.codebook.questions[q].label for q in prepared.left_out if q not in prepared.hidden
    ]
    said = [f"{len(gone)} not shown ({'; '.join(gone)})"] if gone else []
    said += [f"{len(part)} shown in part ({'; '.join(part)})"] if part else []
    return [
        "Compared with an earlier release, some questions would reveal something about fewer than "
        f"{prepared.rules.minimum_base} people who joined or changed an answer, or that all who "
        "joined agree: "
        f"{', '.join(said)}.",
        "If nobody saw the earlier release, take it back: insights withdraw",
    ]


def _offered(survey: Survey, cube: Cube, offers: Offers) -> Iterator[str]:
    """Say per dimension how many questions offer it, then per question what it offers."""
    from helpers.release.offers import KEY, WIDTH

    letters = offers.letters.values()
    for mark, (name, said) in zip(letters, _filters(survey, cube, offers), strict=True):
        yield f"  {mark}  {survey.codebook.dimensions[name].label}: {said}."
    yield ""
    yield from _in_columns(offers.table())
    yield ""
    for words in (KEY, "Why one is missing or merged: insights release --why QUESTION"):
        yield from textwrap.wrap(words, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _filters(survey: Survey, cube: Cube, offers: Offers) -> Iterator[tuple[str, str]]:
    """Say per dimension how many questions offer it as a filter, and how many merge its bands."""
    from helpers.release.offers import without_not_stated

    for name in offers.letters:
        source = survey.codebook.dimensions[name].source
        known = [q for q in cube["questions"].values() if q["population"] in source]
        offered = [q["dimensions"][name] for q in known if name in q["dimensions"]]
        merged = sum(
            any(len(without_not_stated(g["bands"])) > 1 for g in groups) for groups in offered
        )
        also = f", with bands merged on {merged}" if merged else ""
        yield name, f"a filter on {len(offered)} of {len(known)}{also}"


def _unoffered(survey: Survey, rules: ReleaseRules) -> Iterator[str]:
    """Say which questions are on no page because they are filters, and which filters are none."""
    from helpers.codebook.model import COMBINATIONS
    from helpers.release.rules import asked_dimensions, not_shown, own_questions

    codebook = survey.codebook
    shown = {q for page in rules.pages for q in page.questions}
    own = own_questions(codebook, rules.dimensions)
    away = [q for q in own if q not in shown and codebook.questions[q].tabulates]
    said = []
    if away:
        words = f"On no page, because they are filters: {', '.join(away)}. To show one "
        words += "instead, name it on a page in release.yml."
        said.append(words)
    if listed := not_shown(codebook, rules):
        words = f"On no page, because readers would learn little: {count(len(listed), 'question')}"
        words += ", which the page of all questions lists. To show one, name it on a page."
        said.append(words)
    if "dimensions" not in rules.named:
        offered = {*rules.dimensions, *rules.beyond}
        others = [d for d in asked_dimensions(codebook) if d not in offered]
        if others:
            labels = ", ".join(codebook.dimensions[d].label for d in others)
            words = f"Left out as filters: {labels}. They repeat another, are of the interview or "
            words += "tell little. Name those you want under dimensions in release.yml."
            said.append(words)
    if rules.beyond:
        labels = ", ".join(codebook.dimensions[d].label for d in rules.beyond)
        words = f"Left out as filters: {labels}. With them, there would be more than "
        words += f"{COMBINATIONS:,} combinations of bands, too many for the audit to try. Name "
        words += "those you want under dimensions in release.yml, or merge bands."
        said.append(words)
    for words in said:
        yield from textwrap.wrap(words, 100, initial_indent="  ", subsequent_indent="  ")


def _in_columns(rows: list[list[str]]) -> Iterator[str]:
    """Set a table in columns."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def _in_one_thread() -> None:
    """Have numpy multiply in one thread: two only wait for one another over small matrices.

    Before numpy is imported; who has set a number of threads keeps it.
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def _audit(options: argparse.Namespace) -> int:
    _in_one_thread()
    from helpers.codebook.reading import read_codebook
    from helpers.pages.publishing import (
        changed_files,
        questions_without_responses,
        with_reader_pages,
    )
    from helpers.release import history, store
    from helpers.release.attack import audit
    from helpers.responses.loading import has_responses
    from helpers.responses.survey import codebook_alone, load_survey

    root = paths.data_folder(options.folder)
    files = store.read(root / "release")
    if files is None:
        raise InsightsError(f"{short_path(root)} holds no release. Make one: insights release")
    codebook = read_codebook(root / "codebook")
    survey, before, changed, progress = None, [], [], Progress()
    if has_responses(root, codebook):
        survey = load_survey(root)
        codebook = survey.codebook  # with derived variables
        before = history.other_records(survey, store.cube_in(files))
        with stopped_once(), kept("An audit changes nothing."):
            changed = changed_files(files, survey, progress)
        progress.end()
        if left_out := questions_without_responses(files, survey):
            print(
                "The responses have changed since the release was made: the weighted shares of "
                f"{', '.join(left_out)} cannot be compared with them.",
                file=sys.stderr,
            )
    else:
        codebook, without = codebook_alone(root)
        if lacking := [name for name in store.cube_in(files)["questions"] if name in without]:
            raise InsightsError(
                f"The release shows {', '.join(lacking)}, which cannot be made without the "
                f"responses: {without[lacking[0]]} Put the responses into {short_path(root)}. Or "
                "run survey.save_derived() again where they are: it writes the cuts, too."
            )
        print(
            "The responses are not here: attacks by respondents who know their own answers, and "
            "comparisons with earlier releases, are left out.",
            file=sys.stderr,
        )
    with stopped_once(), kept("An audit changes nothing."):
        report = audit.audit(
            with_reader_pages(files),
            codebook=codebook,
            survey=survey,
            earlier=before,
            progress=progress,
        )
    progress.end()
    if options.json:
        said = report.to_json() | {"changed": changed}
        print(json.dumps(said, ensure_ascii=False, indent=1))
        return 1 if report.leaks or changed else 0
    for leak in report.leaks[:20]:
        print(leak.words)
    for name in changed:
        print(f"{name} does not follow from the cube and release.yml: changed, added or missing.")
    if changed:
        print("If an earlier version made the release, make it again with: insights release")
    for method, tried in report.methods.items():
        print(f"  {method}: {tried:,} tried")
    print(
        f"{short_path(root / 'release')}: {count(report.targets, 'attack')} in "
        f"{report.seconds:.1f} s, {count(len(report.leaks), 'leak')} under the profile "
        f"{report.profile}."
    )
    return 1 if report.leaks or changed else 0
