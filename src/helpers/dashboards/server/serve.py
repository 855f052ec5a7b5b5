"""Serve the dashboards: check the port, say what happens, leave nothing behind.

``python -m helpers.dashboards.server.serve`` serves the release that INSIGHTS_RELEASE names and
looks at no survey folder: for a user who may read nothing else (docs/serving.md).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from helpers.dashboards.server.addresses import (
    check_port,
    is_local,
    public_at,
    servers_in_front,
    warnings,
)
from helpers.dashboards.server.credentials import Secrets, taken_from
from helpers.dashboards.server.sessions import STATE, Sessions, state_folder
from helpers.dashboards.staging import Served
from helpers.errors import InsightsError
from helpers.paths import BROWSER, DASHBOARDS, variables_restored
from helpers.release.reading import release_folder

FRONT = "address of a web server in front on another machine (may be given several times)"


def serve(
    port: int = 8866,
    open_browser: bool = False,
    ip: str = "localhost",
    public: str | None = None,
    fronts: Sequence[str] = (),
    secrets: Secrets | None = None,
) -> None:
    """Serve the dashboards until stopped by Ctrl+C or SIGTERM.

    Parameters
    ----------
    port, ip
        Where to listen.
    open_browser
        Whether to open the index page once the server answers.
    public
        Public address of the pages behind a web server. Its host is the only name, beside
        localhost, that readers may use; with https, cookies are sent only over encrypted
        connections.
    fronts
        Addresses or networks of web servers in front, beside this machine: where there is a public
        address, what they say of a reader's own address is believed.
    secrets
        What readers have to know; by default what `credentials.taken_from` finds.

    Raises
    ------
    InsightsError
        If the port is taken, the folder of the dashboards is missing, or a setting makes no sense.
    """
    secrets = secrets or taken_from(os.environ)  # first of all: other programs can read it
    check_port(port, ip)
    outside = public_at(public) if public else None
    in_front = servers_in_front(fronts)
    if not (DASHBOARDS / "index.ipynb").is_file():
        raise InsightsError(f"There are no dashboards in {DASHBOARDS}: index.ipynb is missing.")
    _say("Starting the dashboards …")
    with _own_surroundings() as (folder, served):
        from helpers.dashboards.server.application import Dashboards  # takes a second to import

        for words in warnings(ip, outside, secrets.asked):
            sys.stderr.write(f"{words}\n")

        def ready(works: bool) -> None:
            path = outside.path if outside else "/"
            address = f"http://{'localhost' if is_local(ip) else ip}:{port}{path.rstrip('/')}"
            also = f", given out as {outside.address}" if outside else ""
            _say(f"Ready: {address}{also} (stop with Ctrl+C)")
            if not works:
                _say("But the index page could not be made: see the messages above.")
            if open_browser:
                webbrowser.open(address)

        application = Dashboards.instance(
            config_file_paths=[str(BROWSER)],
            root_dir=str(served.pages),
            connection_dir_root=str(folder),
        )
        application.served, application.ready = served, ready
        application.secrets, application.sessions = secrets, _sessions(secrets.asked)
        application.public, application.fronts = outside, in_front if outside else []
        application.initialize(argv=[])
        application.port, application.ip = port, ip
        application.base_url = outside.path if outside else "/"
        application.start()
    _say("Stopped.")


def _sessions(asked: bool) -> Sessions:
    """Return where logins are remembered; where there is no place, say that they end early."""
    if not asked:
        return Sessions()
    try:
        return Sessions(state_folder(os.environ))
    except InsightsError as error:
        sys.stderr.write(
            f"Logins end when the server stops: {error}. {STATE} names another folder for what"
            " outlives it (docs/serving.md).\n"
        )
        return Sessions()


@contextmanager
def _own_surroundings() -> Iterator[tuple[Path, Served]]:
    """Keep the user's own Jupyter out, and write everything in one temporary folder."""
    from helpers.dashboards.execution import own_jupyter

    with tempfile.TemporaryDirectory(prefix="insights-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        own = {
            **own_jupyter(folder),
            "JUPYTER_PATH": str(BROWSER),
            "JUPYTER_PREFER_ENV_PATH": "1",
        }
        with variables_restored(*own):
            os.environ.update(own)
            yield folder, Served(folder / "served", release_folder().absolute(), DASHBOARDS)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m helpers.dashboards.server.serve")
    parser.add_argument("port", type=int, nargs="?", default=8866)
    parser.add_argument("--ip", default="localhost", help="where to listen")
    parser.add_argument("--public", help="public address of the pages, behind a web server")
    parser.add_argument("--front", action="append", default=[], help=FRONT)
    options = parser.parse_args()
    serve(options.port, False, options.ip, options.public, options.front)


if __name__ == "__main__":
    try:
        main()
    except InsightsError as error:
        sys.exit(str(error))
