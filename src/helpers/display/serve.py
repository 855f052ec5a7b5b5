"""Serve the dashboards: check the port, say what happens, leave nothing behind.

``python -m helpers.display.serve [PORT]`` serves the release that INSIGHTS_RELEASE names and looks
at no survey folder: for a user who may read nothing else (docs/serving.md).
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.display.confined import SERVED_VARIABLE
from helpers.display.kernels import most_kernels
from helpers.display.released import RELEASE_VARIABLE, release_folder
from helpers.display.staging import Served
from helpers.errors import InsightsError
from helpers.paths import DASHBOARDS

PAGE = Path(__file__).parent / "page"


def serve(port: int = 8866, open_browser: bool = False, kernels: int | None = None) -> None:
    """Serve the dashboards on this machine until stopped by Ctrl+C or SIGTERM.

    Parameters
    ----------
    port
        Port of localhost.
    open_browser
        Whether to open the index page once the server answers.
    kernels
        How many kernels may run at a time, as in `kernels.most_kernels`.

    Raises
    ------
    InsightsError
        If the port is taken, or the folder of the dashboards is missing.
    """
    check_port(port)
    if not (DASHBOARDS / "index.ipynb").is_file():
        raise InsightsError(f"There are no dashboards in {DASHBOARDS}: index.ipynb is missing.")
    _say("Starting the dashboards …")
    with _own_surroundings() as (folder, served):
        from helpers.display.server import Dashboards  # Voila takes a second to import

        def ready(works: bool) -> None:
            address = f"http://localhost:{port}"
            _say(f"Ready: {address} (stop with Ctrl+C)")
            if not works:
                _say("But the index page could not be made: see the messages above.")
            if open_browser:
                webbrowser.open(address)

        application = Dashboards.instance(
            config_file_paths=[str(DASHBOARDS)],
            root_dir=str(served.pages),
            connection_dir_root=str(folder),
        )
        application.served = served
        application.most_kernels = most_kernels(kernels)
        application.ready = ready
        application.initialize(argv=[])
        application.port = port
        application.start()
    _say("Stopped.")


def check_port(port: int) -> None:
    """Raise an InsightsError that says what to do if something listens on the port already."""
    if not 0 <= port <= 65535:
        raise InsightsError(f"There is no port {port}: choose one from 1 to 65535.")
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except PermissionError as error:
            raise InsightsError(f"Port {port} needs rights that you do not have.") from error
        except OSError as error:
            if family is socket.AF_INET6:
                continue
            raise InsightsError(
                f"Port {port} is in use, perhaps by dashboards that run already."
                f' Stop them, or choose another port: make dashboards ARGS="--port {port + 1}"'
            ) from error


@contextmanager
def _own_surroundings() -> Iterator[tuple[Path, Served]]:
    """Keep the user's own Jupyter out, and everything that is written in one passing folder."""
    folder = Path(tempfile.mkdtemp(prefix="insights-"))
    served = Served(folder / "served", release_folder().absolute(), DASHBOARDS)
    own = {
        RELEASE_VARIABLE: str(served.release),
        SERVED_VARIABLE: str(served.folder),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_PATH": str(PAGE),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": str(folder / "ipython"),
    }
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield folder, served
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(folder, ignore_errors=True)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        serve(int(sys.argv[1]) if sys.argv[1:] else 8866)
    except InsightsError as error:
        sys.exit(str(error))
