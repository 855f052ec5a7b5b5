"""From responses to a release: protected, rendered, attacked, and only then written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.disclosure import audit, cost, history, release
from helpers.disclosure.cube import cube_of
from helpers.disclosure.protection import protect
from helpers.disclosure.rules import ReleaseRules, read_rules
from helpers.display.views import render
from helpers.errors import InsightsError
from helpers.estimation.published import printed_beside
from helpers.survey.dataset import Survey

LEAKS_SAID = 12


@dataclass(frozen=True)
class Prepared:
    """A release that is not written yet.

    Attributes
    ----------
    files : every file as text, the manifest included
    report : what the audit found
    cost : what protection did to the shares that could be shown
    """

    rules: ReleaseRules
    cube: dict[str, Any]
    files: dict[str, str]
    report: audit.Report
    cost: dict[str, float]


def prepare(
    survey: Survey,
    rules: ReleaseRules | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Prepared:
    """Make a release of a survey and attack it; nothing is written.

    Parameters
    ----------
    rules
        What may be shown; those of the survey's release.yml by default.
    """
    rules = rules or read_rules(survey.folder / "codebook", survey.codebook)
    protected = protect(survey, rules, lambda name: progress(f"protecting {name}"))
    cube = cube_of(survey, rules, protected)
    pages = render(
        cube,
        survey.codebook,
        rules,
        survey.provenance,
        survey.fingerprint,
        printed_beside(survey),
        lambda title: progress(f"rendering {title}"),
    )
    files = release.contents(cube, pages)
    report = audit.audit(
        files,
        codebook=survey.codebook,
        survey=survey,
        earlier=history.others(survey, cube),
        progress=progress,
    )
    spent = cost.summary([value for found in protected.values() for value in found.cost])
    files["manifest.json"] = release.manifest(
        survey, rules, cube, files, cost=spent, audit=_found(report)
    )
    return Prepared(rules, cube, files, report, spent)


def _found(report: audit.Report) -> dict[str, Any]:
    """Say what was tried and found, without what differs from run to run."""
    said = report.to_json()
    del said["seconds"]
    return said | {"leaks": len(report.leaks)}


def publish(survey: Survey, prepared: Prepared, target: Path) -> bool:
    """Write a release whose audit found nothing, and keep a record of it with private responses.

    Returns
    -------
    Whether anything was written: the same release is left alone.

    Raises
    ------
    InsightsError
        If the audit found a leak. Nothing is written then.
    """
    if prepared.report.leaks:
        raise InsightsError(refusal(prepared))
    # The record comes first: a release that nobody remembers could not be protected against.
    history.keep(survey, prepared.cube)
    return release.write(prepared.files, target)


def refusal(prepared: Prepared) -> str:
    """Say which questions and groups leak, and what would cure it."""
    leaks = prepared.report.leaks
    lines = [f"The release is not written: its audit found {len(leaks):,} leaks."]
    lines += [f"  {leak.words}" for leak in leaks[:LEAKS_SAID]]
    if len(leaks) > LEAKS_SAID:
        lines.append(f"  … and {len(leaks) - LEAKS_SAID:,} more")
    cures = ["fewer dimensions", "a higher minimum_base", "the question left off its page"]
    if prepared.rules.profile == "strict" and prepared.rules.cure == "merge":
        cures.append("cure: rounding")
    if any(leak.method == "earlier" for leak in leaks):
        cures.append("the next release when ten or more answers have changed")
    lines.append(f"What would cure it, in release.yml: {'; or '.join(cures)}.")
    return "\n".join(lines)
