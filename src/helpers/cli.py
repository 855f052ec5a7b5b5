"""The command `insights`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from helpers import exchange, paths, terminal
from helpers.errors import InsightsError, Problems, shortened
from helpers.release.reading import RELEASE_VARIABLE

if TYPE_CHECKING:
    from helpers.release.forms import Cube
    from helpers.responses.survey import Survey


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; mistakes in data or use end with a message and status 1."""
    # What a command chooses holds for it and its processes, not for whoever called it.
    chosen = paths.variables_restored(paths.DATA_VARIABLE, RELEASE_VARIABLE)
    with terminal.cleaned(), chosen:
        return _run(arguments)


def _run(arguments: Sequence[str] | None) -> int:
    options = _parser().parse_args(arguments)
    if options.data:
        os.environ[paths.DATA_VARIABLE] = str(Path(options.data).expanduser().resolve())
    try:
        return int(options.run(options) or 0)
    except InsightsError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except OSError as error:
        print(paths.why(error), file=sys.stderr)
        return 1
    except RecursionError:
        print(
            "A file is nested too deeply to be read: insights check may say which.", file=sys.stderr
        )
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


class _Parser(argparse.ArgumentParser):
    """A parser whose errors quote no more of what was typed than can be read."""

    def error(self, message: str) -> NoReturn:
        """Say how the command is used and what is wrong, and end."""
        super().error(shortened(message, 300))


class _Version(argparse.Action):
    """Say the version, which only who asks has to wait for."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print the version and end."""
        from importlib.metadata import version

        print(f"{parser.prog} {version('commissioning-insights')}")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="insights", description="Explore a survey: check it, estimate, release, serve."
    )
    parser.add_argument("--version", action=_Version, help="say the version and end")
    data = _Parser(add_help=False)
    data.add_argument(
        "--data",
        metavar="FOLDER",
        help="survey folder (default: INSIGHTS_DATA, else the project's data/)",
    )
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")

    check = verbs.add_parser("check", parents=[data], help="check codebook and responses")
    check.add_argument("folder", nargs="?", help="survey folder")
    check.add_argument("--json", action="store_true", help="problems as JSON")
    check.set_defaults(run=_check)

    exchange.add_commands(verbs, data)

    illustrate = verbs.add_parser("illustrate", parents=[data], help="make simulated responses")
    illustrate.set_defaults(run=_illustrate)

    ledger = verbs.add_parser(
        "ledger", parents=[data], help="compare published statements with the responses"
    )
    ledger.add_argument("--json", action="store_true", help="statements as a JSON list")
    ledger.set_defaults(run=_ledger)

    release = verbs.add_parser("release", parents=[data], help="protect results for publication")
    release.set_defaults(run=_release)

    attack = verbs.add_parser(
        "audit", parents=[data], help="attack the release as a determined reader would"
    )
    attack.add_argument("folder", nargs="?", help="survey folder whose release is attacked")
    attack.add_argument("--json", action="store_true", help="the report as JSON")
    attack.set_defaults(run=_audit)

    dashboards = verbs.add_parser("dashboards", parents=[data], help="serve the dashboards")
    dashboards.add_argument("--port", type=int, default=8866)
    dashboards.add_argument("--open", action="store_true", help="open a browser when ready")
    dashboards.add_argument("--ip", default="localhost", help="listen on this address")
    dashboards.add_argument("--public", help="address that a web server in front gives the pages")
    dashboards.add_argument(
        "--front", action="append", default=[], help="address of a web server in front, elsewhere"
    )
    dashboards.set_defaults(run=_dashboards)

    site = verbs.add_parser("site", parents=[data], help="write pages and notebooks as plain files")
    site.add_argument("--to", metavar="FOLDER", help="where (default: site/ in the project)")
    site.add_argument(
        "--notebooks", metavar="NAMES", default="*", help='such as "10_*", or none (default: all)'
    )
    site.set_defaults(run=_site)
    return parser


def _check(options: argparse.Namespace) -> int:
    from helpers.estimation.tabulate import respondents
    from helpers.release.rules import check_rules
    from helpers.responses.survey import check_survey

    problems = Problems()
    root = paths.data_folder(options.folder)
    survey = check_survey(root, problems)
    if survey is not None:
        check_rules(root / "codebook", survey.codebook, problems)
    if options.json:
        print(json.dumps(problems.to_json(), ensure_ascii=False, indent=1))
        return 1 if problems else 0
    problems.raise_if_any(f"{root.name}/ has problems")
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
    guesses = sum(q.note.startswith("Guess:") for q in survey.codebook.questions.values())
    if guesses:
        print(f"Note: {_count(guesses, 'guess')} of an import to confirm, see GUESSES.md.")
    return 0


def _illustrate(options: argparse.Namespace) -> int:
    from helpers.simulation.illustrative import illustrate

    for path in illustrate(paths.data_folder()):
        print(f"Written: {_shown(path)}")
    return 0


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


def _release(options: argparse.Namespace) -> int:
    from helpers.responses.survey import Provenance, load_survey

    survey = load_survey()
    if survey.provenance is Provenance.PRIVATE and not options.data:
        raise InsightsError(
            f"{_shown(survey.folder)} holds private responses. To release protected results of "
            f"them, say so: insights release --data {_shown(survey.folder)}"
        )
    _write_release(survey)
    return 0


def _write_release(survey: Survey) -> None:
    from helpers.pages.publishing import prepare, publish

    print(f"Releasing {survey.describe}")
    prepared = prepare(survey, progress=_progress)
    _progress("")
    target = survey.folder / "release"
    written = publish(survey, prepared, target)
    rules, cube, report = prepared.rules, prepared.cube, prepared.report
    print(
        f"{_shown(target)}: {'written' if written else 'unchanged'}, "
        f"{_count(len(cube['questions']), 'question')} on {_count(len(rules.pages), 'page')}, "
        f"no group below {rules.minimum_base}."
    )
    for line in _filters(survey, cube, rules.dimensions):
        print(line)
    for line in _spent(prepared.cost):
        print(f"  {line}")
    print(
        f"  Audit: {report.targets:,} attacks in {report.seconds:.1f} s, "
        f"{_count(len(report.leaks), 'leak')} under the profile {report.profile}."
    )


def _spent(cost: Mapping[str, float]) -> list[str]:
    """Say what protection did to the shares that could be shown, and how true shown ones are."""
    from helpers.pages.accuracy import about_points, accurate

    ways = ("shown", "merged", "rounded", "hidden")
    parts = [f"{cost[way]:.0%} {way}" for way in ways if cost[way] or way == "shown"]
    guess = ""
    if cost["merged"] or cost["hidden"]:
        guess = (
            " A reader's best guess of each, hidden ones too, is "
            f"{about_points(cost['mean_error'])} points off on average."
        )
    return [f"Of all shares {', '.join(parts)}.{guess}", accurate(cost)]


def _audit(options: argparse.Namespace) -> int:
    from helpers.codebook.reading import read_codebook
    from helpers.pages.publishing import received, unlike
    from helpers.release import history, store
    from helpers.release.attack import audit
    from helpers.responses.survey import has_responses, load_survey

    root = paths.data_folder(options.folder)
    files = store.read(root / "release")
    if files is None:
        raise InsightsError(f"{_shown(root)} holds no release. Make one: insights release")
    codebook = read_codebook(root / "codebook")
    survey, before, changed = None, [], []
    if has_responses(root, codebook):
        survey = load_survey(root)
        before = history.others(survey, store.cube_in(files))
        changed = unlike(files, survey)
    else:
        print(
            "The responses are not here: nobody who knows some of them is played, and earlier "
            "releases are not compared.",
            file=sys.stderr,
        )
    report = audit.audit(
        received(files), codebook=codebook, survey=survey, earlier=before, progress=_progress
    )
    _progress("")
    if options.json:
        said = report.to_json() | {"changed": changed}
        print(json.dumps(said, ensure_ascii=False, indent=1))
        return 1 if report.leaks or changed else 0
    for leak in report.leaks[:20]:
        print(leak.words)
    for name in changed:
        print(f"{name} is not what the cube and release.yml give: changed, added or missing.")
    for method, tried in report.methods.items():
        print(f"  {method}: {tried:,} tried")
    print(
        f"{_shown(root / 'release')}: {_count(report.targets, 'attack')} in "
        f"{report.seconds:.1f} s, {_count(len(report.leaks), 'leak')} under the profile "
        f"{report.profile}."
    )
    return 1 if report.leaks or changed else 0


def _filters(survey: Survey, cube: Cube, dimensions: tuple[str, ...]) -> list[str]:
    """Say per dimension how many questions offer it as a filter, and how many merge its bands."""
    lines, lost = [], False
    for name in dimensions:
        dimension = survey.codebook.dimensions[name]
        known = [q for q in cube["questions"].values() if q["population"] in dimension.source]
        offered = [q["dimensions"][name] for q in known if name in q["dimensions"]]
        merged = sum(any(len(g["bands"]) > 1 for g in groups) for groups in offered)
        lost = lost or merged > 0 or len(offered) < len(known)
        also = f", with bands merged on {merged}" if merged else ""
        lines.append(f"  {dimension.label}: a filter on {len(offered)} of {len(known)}{also}.")
    if lost and len(dimensions) > 1:
        lines.append("  Fewer dimensions in release.yml leave more of each; the first come first.")
    return lines


def _count(n: int, noun: str) -> str:
    plural = "es" if noun.endswith("s") else "s"
    return f"{n:,} {noun}{'' if n == 1 else plural}"


def _dashboards(options: argparse.Namespace) -> int:
    from helpers.dashboards.server.credentials import taken_from

    known = taken_from(os.environ)  # first of all: other programs can read it
    from helpers.dashboards.server.serve import check_port, serve

    check_port(options.port, options.ip)
    root = paths.data_folder()
    _refresh(root)
    os.environ[RELEASE_VARIABLE] = str(root / "release")
    serve(
        options.port,
        options.open,
        options.ip,
        options.public,
        options.front,
        known,
    )
    return 0


def _site(options: argparse.Namespace) -> int:
    from helpers.codebook.reading import read_codebook
    from helpers.dashboards.site import site
    from helpers.responses.survey import Provenance, find_responses

    root = paths.data_folder()
    target = Path(options.to).expanduser() if options.to else paths.PROJECT / "site"
    site.check_target(target)
    _refresh(root)
    private = find_responses(root, read_codebook(root / "codebook"))[1] is Provenance.PRIVATE
    made = site.build(
        target,
        root / "release",
        root,
        [] if private else sorted(paths.NOTEBOOKS.glob(f"{options.notebooks}.ipynb")),
        site.LEFT_OUT if private else "",
        lambda words: print(words, flush=True),
    )
    if private:
        print(f"{site.LEFT_OUT} The pages show what is released of them.")
    print(
        f"{_shown(made.folder)}: {_count(made.pages, 'page')}, "
        f"{_count(made.notebooks, 'notebook')}, {made.size / 1e6:.1f} MB. "
        f"Open {_shown(made.folder / 'index.html')}, or copy the folder to any web host."
    )
    return 0


def _refresh(root: Path) -> None:
    """Make what the dashboards lack; of private responses nothing is made unasked."""
    from helpers.codebook.reading import read_codebook
    from helpers.release import store
    from helpers.responses.loading import response_file, response_like
    from helpers.responses.survey import Provenance, find_responses, load_survey

    codebook = read_codebook(root / "codebook")
    private = bool(response_like(root / "private"))
    simulated = root / "illustrative" / "assumptions.yml"
    if (
        simulated.is_file()
        and not private
        and not (root / "responses").is_dir()
        and not all(response_file(root / "illustrative", p) for p in codebook.populations)
    ):
        _illustrate(argparse.Namespace())
    if find_responses(root, codebook)[1] is not Provenance.PRIVATE:
        _write_release(load_survey(root))
    elif not (root / "release" / "manifest.json").is_file():
        raise InsightsError(
            f"{_shown(root)} holds private responses and no release of them. "
            f"Make one first: insights release --data {_shown(root)}"
        )
    else:
        said = store.parsed((root / "release" / "manifest.json").read_bytes(), "manifest.json")
        kind = said.get("provenance", "")
        print(
            f"Private responses are never released unasked: showing the {kind} release as it is. "
            f"To release them: insights release --data {_shown(root)}"
        )


def _progress(words: str) -> None:
    if sys.stderr.isatty():
        terminal.told(words)


def _shown(path: Path) -> str:
    """Return a path as short as it can be said from here."""
    try:
        return terminal.in_line(path.relative_to(Path.cwd())) or "."
    except ValueError:
        return terminal.in_line(path)


if __name__ == "__main__":
    sys.exit(main())
