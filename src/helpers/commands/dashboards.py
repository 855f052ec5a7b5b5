"""`insights dashboards` and `site`: a release for its readers."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from helpers import paths
from helpers.commands.release import write_release
from helpers.commands.survey import illustrate
from helpers.errors import InsightsError
from helpers.release.reading import RELEASE_VARIABLE
from helpers.terminal import Progress, count, short_path


def add_commands(verbs: Any, data: argparse.ArgumentParser) -> None:
    """Add the commands to those of `insights`."""
    dashboards = verbs.add_parser("dashboards", parents=[data], help="serve the dashboards")
    dashboards.add_argument("--port", type=int, default=8866)
    dashboards.add_argument("--open", action="store_true", help="open a browser when ready")
    dashboards.add_argument("--ip", default="localhost", help="listen on this address")
    dashboards.add_argument(
        "--public", help="public address of the pages, if a web server is in front"
    )
    dashboards.add_argument(
        "--front",
        action="append",
        default=[],
        help="address of a web server in front, if it is on another machine",
    )
    dashboards.set_defaults(run=_dashboards)

    site = verbs.add_parser("site", parents=[data], help="write pages and notebooks as plain files")
    site.add_argument(
        "--to", metavar="FOLDER", help="folder to write (default: site/ in the project)"
    )
    site.add_argument(
        "--notebooks",
        metavar="NAMES",
        default="*",
        help='which to include, such as "10_*", or none (default: all)',
    )
    site.set_defaults(run=_site)


def _dashboards(options: argparse.Namespace) -> int:
    from helpers.dashboards.server.credentials import taken_from

    known = taken_from(os.environ)  # first of all: other programs can read it
    from helpers.dashboards.server.addresses import check_port
    from helpers.dashboards.server.serve import serve

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
    from helpers.codebook.model import Provenance
    from helpers.codebook.reading import read_codebook
    from helpers.dashboards.site import gallery, site
    from helpers.responses.loading import find_responses

    root = paths.data_folder()
    target = Path(options.to).expanduser() if options.to else paths.PROJECT / "site"
    site.check_target(target)
    _refresh(root)
    private = find_responses(root, read_codebook(root / "codebook"))[1] is Provenance.PRIVATE
    folder = paths.notebooks_of(root)
    notebooks = [] if private else sorted(folder.glob(f"{options.notebooks}.ipynb"))
    progress = Progress()
    with TemporaryDirectory(prefix="insights-", ignore_cleanup_errors=True) as place:
        if notebooks and options.notebooks == "*" and folder == paths.NOTEBOOKS:
            notebooks.append(gallery.written(Path(place) / gallery.NAME))
        left_out = site.LEFT_OUT if private else ""
        made = site.build(target, root / "release", root, notebooks, left_out, progress)
    progress.end()
    if private:
        print(f"{site.LEFT_OUT} The pages show what is released of them.")
    elif not folder.is_dir():
        make = f"insights notebooks --data {short_path(root)}"
        print(f"There are no notebooks yet. To make them: {make}")
    print(
        f"{short_path(made.folder)}: {count(made.pages, 'page')}, "
        f"{count(made.notebooks, 'notebook')}, {made.size / 1e6:.1f} MB. "
        f"Open {short_path(made.folder / 'index.html')}, or copy the folder to any web host."
    )
    return 0


def _refresh(root: Path) -> None:
    """Make what the dashboards lack; of private responses nothing is made unasked."""
    from helpers.codebook.model import Provenance
    from helpers.codebook.reading import read_codebook
    from helpers.release import store
    from helpers.responses.loading import find_responses, response_file, response_like
    from helpers.responses.survey import load_survey

    codebook = read_codebook(root / "codebook")
    private = bool(response_like(root / "private"))
    simulated = root / "illustrative" / "assumptions.yml"
    if (
        simulated.is_file()
        and not private
        and not (root / "responses").is_dir()
        and not all(response_file(root / "illustrative", p) for p in codebook.populations)
    ):
        illustrate()
    if find_responses(root, codebook)[1] is not Provenance.PRIVATE:
        write_release(load_survey(root))
    elif (files := store.read(root / "release")) is None:
        raise InsightsError(
            f"{short_path(root)} holds private responses and no release of them. "
            f"Make one first: insights release --data {short_path(root)}"
        )
    else:
        kind = store.manifest_in(files).get("provenance", "")
        print(
            f"Private responses are never released unless you ask: showing the {kind} release as "
            f"it is. To release them: insights release --data {short_path(root)}"
        )
