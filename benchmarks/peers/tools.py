"""The tools that are compared: how each is installed, started and found."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from benchmarks.page import served

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SCRATCH = ROOT / "benchmarks" / "scratch" / "peers"
VIEWS = ROOT / "data" / "release" / "views" / "measurement.json"
PLOTLY = ROOT / "node_modules" / "plotly.js-basic-dist-min" / "plotly-basic.min.js"
OURS, PREHEATED = "ours", "voila_preheated"
PATIENCE = 60.0


class NotThereError(Exception):
    """A tool that cannot be installed or started; the words say why."""


@dataclass(frozen=True)
class Tool:
    """A tool and how it serves the page."""

    name: str
    label: str
    environment: str = ""
    command: Callable[[int], list[str]] = field(default=lambda port: [])
    path: str = "/"
    slow: bool = False
    kernels: bool = False

    @property
    def python(self) -> Path:
        """Python of the tool's own environment."""
        return SCRATCH / self.environment / "bin" / "python"


def _voila(*more: str) -> Callable[[int], list[str]]:
    notebook = str(SCRATCH / "measurement.ipynb")
    fixed = ["-m", "voila", notebook, "--no-browser", "--template=lab", *more]
    return lambda port: [*fixed, f"--port={port}"]


def _streamlit(port: int) -> list[str]:
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.enableWebsocketCompression": "true",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
    }
    chosen = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return ["-m", "streamlit", "run", "app_streamlit.py", *chosen]


def _panel(port: int) -> list[str]:
    # A session is made ahead of the reader, and the first one's document is used again.
    ahead = ["--warm", "--reuse-sessions", "--allow-websocket-origin=*"]
    where = [f"--port={port}", "--address=127.0.0.1"]
    return ["-m", "panel", "serve", "app_panel.py", *where, *ahead]


def _dash(port: int) -> list[str]:
    workers = ["--workers=2", "--threads=4", "--preload", "--log-level=warning"]
    return ["-m", "gunicorn", "app_dash:server", f"--bind=127.0.0.1:{port}", *workers]


def _static(port: int) -> list[str]:
    return ["app_static.py", str(port), str(PLOTLY)]


TOOLS = [
    Tool(  # all cards are closed but the one that the address names
        OURS,
        "this suite (`make dashboards`)",
        path="/voila/render/measurement.ipynb#q-contract_types_used",
    ),
    Tool("static", "a page written by hand, static server", command=_static),
    Tool("dash", "Dash", "dash", _dash),
    Tool("panel", "Panel", "panel", _panel, "/app_panel"),
    Tool("streamlit", "Streamlit", "streamlit", _streamlit),
    Tool("voila", "stock Voila, FigureWidgets", "voila", _voila(), slow=True, kernels=True),
    Tool(
        PREHEATED,
        "the same, kernel preheated",
        "voila",
        _voila("--VoilaConfiguration.preheat_kernel=True"),
        slow=True,
        kernels=True,
    ),
]


def install(tool: Tool) -> None:
    """Make what a tool needs, unless it is there; raises NotThereError."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    if tool.name == "static" and not PLOTLY.is_file():
        _run(["npm", "ci", "--no-audit", "--no-fund"], "plotly's script cannot be installed")
    if not tool.environment:
        return
    wanted = (HERE / f"requirements-{tool.environment}.txt").read_text(encoding="utf-8")
    mark = SCRATCH / tool.environment / "installed"
    if not (mark.is_file() and mark.read_text(encoding="utf-8") == wanted):
        _say(f"installing {tool.environment} …")
        why = f"{tool.environment} cannot be installed"
        _run([sys.executable, "-m", "venv", "--clear", str(SCRATCH / tool.environment)], why)
        pip = [str(tool.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "-r", str(HERE / f"requirements-{tool.environment}.txt")], why)
        mark.write_text(wanted, encoding="utf-8")
    if tool.environment == "voila":
        _write_notebook()


def _write_notebook() -> None:
    cell = {
        "cell_type": "code", "id": "page", "metadata": {}, "execution_count": None, "outputs": [],
        "source": (HERE / "app_voila.py").read_text(encoding="utf-8"),
    }  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "title": "Measurement"}
    notebook = {"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    (SCRATCH / "measurement.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def _run(command: list[str], why: str) -> None:
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=_surroundings(), capture_output=True, text=True
        )
    except OSError as error:
        raise NotThereError(f"{why}: {error}") from error
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise NotThereError(f"{why}: {' '.join(last)}")


def _surroundings() -> dict[str, str]:
    """Return an environment without this project's Python, where bytecode is kept as usual."""
    left_out = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if name not in left_out}


def _own(tool: Tool) -> dict[str, str]:
    """Return the environment of a server: no settings of the user's play a part."""
    home = SCRATCH / "home"
    home.mkdir(exist_ok=True)
    path = f"{tool.python.parent}{os.pathsep}{os.environ['PATH']}"
    own = {"HOME": str(home), "PYTHONPATH": str(HERE), "PEERS_VIEWS": str(VIEWS)}
    return _surroundings() | own | ({"PATH": path} if tool.environment else {})


@contextmanager
def started(tool: Tool) -> Iterator[tuple[str, psutil.Process]]:
    """Start a tool's server; yield the page's address and the process, and end it afterwards."""
    install(tool)
    if tool.name == OURS:
        with served() as (home, process):
            yield home + tool.path, process
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    python = str(tool.python) if tool.environment else sys.executable
    log = SCRATCH / f"{tool.name}.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [python, *tool.command(port)], cwd=HERE, env=_own(tool), stdout=out, stderr=out
        )
    family = psutil.Process(server.pid)
    address = f"http://127.0.0.1:{port}{tool.path}"
    try:
        _await(address, server, log)
        yield address, family
    finally:
        end(server, family)


def _await(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                answer.read()
            return
        except OSError:
            time.sleep(0.2)
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise NotThereError(f"the server did not start: {' '.join(last)}")


def end(server: subprocess.Popen[bytes], family: psutil.Process) -> None:
    """Ask a server to stop; what is left of it after five seconds is ended."""
    left = family.children(recursive=True) if server.poll() is None else []
    server.terminate()
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    for one in psutil.wait_procs(left, timeout=2)[1]:
        one.kill()


def version(tool: Tool) -> str:
    """Return the version of a tool, from its pins."""
    if not tool.environment:
        return ""
    pins = (HERE / f"requirements-{tool.environment}.txt").read_text(encoding="utf-8").splitlines()
    return next(
        pin.split("==")[1] for pin in pins if pin.lower().startswith(f"{tool.environment}==")
    )


def _say(words: str) -> None:
    print(words, flush=True)
