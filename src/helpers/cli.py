"""The command `insights`."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from helpers import paths, terminal
from helpers.commands import dashboards, exchange, release, reports, survey
from helpers.errors import InsightsError, shortened
from helpers.release.reading import RELEASE_VARIABLE

THREADS = "OPENBLAS_NUM_THREADS"  # matrices here are small: threads would wait for one another
SELDOM = (20_000, 20, 50)  # a fifteenth of a large import went into looking for garbage


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; mistakes in data or use end with a message and status 1."""
    # What a command chooses applies to it and its processes, not to its caller.
    chosen = paths.variables_restored(paths.DATA_VARIABLE, RELEASE_VARIABLE, THREADS)
    with terminal.cleaned(), chosen, _garbage_sought_seldom():
        os.environ.setdefault(THREADS, "1")
        return _run(arguments)


@contextmanager
def _garbage_sought_seldom() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _run(arguments: Sequence[str] | None) -> int:
    options = _parser().parse_args(arguments)
    if options.data:
        os.environ[paths.DATA_VARIABLE] = str(Path(options.data).expanduser().resolve())
    try:
        return int(options.run(options) or 0)
    except InsightsError as error:
        terminal.clear_line()
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except OSError as error:
        terminal.clear_line()
        print(paths.why(error), file=sys.stderr)
        return 1
    except RecursionError:
        print(
            "A file is nested too deeply to read: insights check may show which one.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt as stopped:
        terminal.clear_line()
        print(f"Stopped. {stopped}".strip(), file=sys.stderr)
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
    parser.add_argument("--version", action=_Version, help="print the version and exit")
    data = _Parser(add_help=False)
    data.add_argument(
        "--data",
        metavar="FOLDER",
        help="survey folder (default: INSIGHTS_DATA, else the project's data/)",
    )
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")
    for group in (survey, exchange, release, reports, dashboards):
        group.add_commands(verbs, data)
    return parser


if __name__ == "__main__":
    sys.exit(main())
