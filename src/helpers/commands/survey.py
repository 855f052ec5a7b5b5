"""`insights check`, `notebooks`, `lab`, `illustrate` and `ledger`: a survey as it is."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from helpers import paths
from helpers.errors import InsightsError, Problems, SurveyProblems
from helpers.terminal import count, in_line, short_path


def add_commands(verbs: Any, data: argparse.ArgumentParser) -> None:
    """Add the commands to those of `insights`."""
    check = verbs.add_parser("check", parents=[data], help="check codebook and responses")
    check.add_argument("folder", nargs="?", help="survey folder")
    check.add_argument("--json", action="store_true", help="print the problems as JSON")
    check.set_defaults(run=_check)

    simulate = verbs.add_parser("illustrate", parents=[data], help="make simulated responses")
    simulate.set_defaults(run=lambda options: illustrate())

    notebooks = verbs.add_parser(
        "notebooks",
        parents=[data],
        help="make the survey's notebooks",
        description="Make the notebooks of a survey in its folder, or make them again. Those that "
        "somebody edited stay as they are.",
    )
    notebooks.set_defaults(run=_notebooks)

    lab = verbs.add_parser("lab", parents=[data], help="open the survey's notebooks in JupyterLab")
    lab.add_argument("more", nargs="*", metavar="OPTION", help="an option of JupyterLab, after --")
    lab.set_defaults(run=_lab)

    ledger = verbs.add_parser(
        "ledger", parents=[data], help="compare published statements with the responses"
    )
    ledger.add_argument("--json", action="store_true", help="print the statements as a JSON list")
    ledger.set_defaults(run=_ledger)


def _check(options: argparse.Namespace) -> int:
    from helpers.codebook.model import GUESS
    from helpers.estimation.tabulate import respondents
    from helpers.release.rules import check_rules
    from helpers.responses.proposals import open_proposals, read_proposals
    from helpers.responses.survey import check_survey

    problems = Problems()
    root = paths.data_folder(options.folder)
    survey = check_survey(root, problems)
    read_proposals(root, problems)
    if survey is not None:
        check_rules(root / "codebook", survey.codebook, problems)
    if options.json:
        print(json.dumps(problems.to_json(), ensure_ascii=False, indent=1))
        return 1 if problems else 0
    if problems:
        error = SurveyProblems(f"{root.name}/ has problems", problems, len(problems))
        raise InsightsError(f"{error}{_imported_again(root, problems)}")
    assert survey is not None
    counts = ", ".join(
        f"{respondents(survey, p):,} {survey.codebook.populations[p].label.lower()}"
        for p in survey.held
    )
    print(
        f"{survey.codebook.title}: no problems.\n{counts}; "
        f"{len(survey.codebook.questions)} questions; {survey.provenance} responses, "
        f"fingerprint {survey.fingerprint}."
    )
    for note in survey.notes:
        print(f"Note: {note}")
    guesses = sum(q.note.startswith(GUESS) for q in survey.codebook.questions.values())
    waiting = len(open_proposals(root))
    if waiting:
        print(
            f"Note: {count(waiting, 'proposal')} of the import to answer in proposals.csv; "
            "then import the same file again."
        )
    if guesses:
        print(f"Note: {count(guesses, 'guess')} of an import to confirm, see GUESSES.md.")
    return 0


def _imported_again(root: Path, problems: Problems) -> str:
    """Say that responses follow an edited codebook by another import, where they were imported."""
    stored = {path.name for path in root.glob("*/*") if path.suffix in (".csv", ".parquet")}
    stored -= {path.name for path in (root / "codebook").glob("*")}
    if not (root / "mapping.yml").is_file() or not any(p.file in stored for p in problems):
        return ""
    return (
        "\nIf codebook/ or mapping.yml was edited since the import, import the same file again: "
        f"insights import FILE --into {short_path(root)}"
    )


def illustrate() -> int:
    """Simulate the responses of the survey folder in use."""
    from helpers.simulation.illustrative import illustrate

    for path in illustrate(paths.data_folder()):
        print(f"Written: {short_path(path)}")
    return 0


def _notebooks(options: argparse.Namespace) -> int:
    print(make_notebooks(paths.data_folder()))
    return 0


LAB = {  # variables of JupyterLab, unless they are set
    "JUPYTER_PREFER_ENV_PATH": "1",
    "PYTHONSTARTUP": str(paths.KERNEL_START),
}


def _lab(options: argparse.Namespace) -> int:
    """Open JupyterLab where the notebooks of the survey are; make them where there are none."""
    root = paths.data_folder()
    folder = paths.notebooks_of(root)
    if not folder.is_dir():
        print(make_notebooks(root))
    start = next(iter(sorted(folder.glob("*.ipynb"))), folder)
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={folder.parent}", str(start)]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    sys.stdout.flush()
    os.execve(sys.executable, [*command, *options.more], {**LAB, **os.environ})


def make_notebooks(root: Path) -> str:
    """Make the notebooks of a survey; return what became of each."""
    from helpers.notebook.keeping import make_notebooks

    kept = make_notebooks(root)
    made = count(len(kept.made), "notebook")
    also = f", {len(kept.unchanged)} unchanged" if kept.unchanged else ""
    said = [f"{short_path(kept.folder)}: {made} made{also}. They are yours to edit."]
    for names, words in (
        (kept.edited, "Left as they are, because they were edited"),
        (kept.removed, "Removed, because the survey has no such part any more"),
    ):
        if names:
            said.append(f"{words}: {', '.join(map(in_line, names))}.")
    return "\n".join(said)


def _ledger(options: argparse.Namespace) -> int:
    from helpers.ledger import ledger
    from helpers.responses.survey import load_survey

    survey = load_survey()
    entries = ledger.ledger(survey)
    if options.json:
        print(json.dumps(ledger.as_json(entries), ensure_ascii=False, indent=1))
    else:
        print(ledger.as_text(entries, survey))
    return 0
