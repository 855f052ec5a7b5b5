"""The dashboards as a user starts them, and the Chromium that reads them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
SERVE = "import sys; from helpers.dashboards.server.serve import serve; serve(int(sys.argv[1]))"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def served() -> Iterator[tuple[str, psutil.Process]]:
    """Start the dashboards as a user does; yield their address and process, every page made."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", SERVE, str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        while "Ready" not in (process.stdout.readline() if process.stdout else "Ready"):
            if process.poll() is not None:
                raise SystemExit("the dashboards did not start")
        server = psutil.Process(process.pid)
        rest(server)
        yield f"http://localhost:{port}", server
    finally:
        process.terminate()
        process.wait(20)


def rest(server: psutil.Process) -> None:
    """Wait until every page is made."""
    quiet, end = 0, time.time() + 60
    while quiet < 15 and time.time() < end:
        time.sleep(0.1)
        quiet = 0 if server.children(recursive=True) else quiet + 1


def chromium() -> str:
    """Path of the system's Chromium."""
    found = subprocess.run([ROOT / "tools" / "chromium", "find"], capture_output=True, text=True)
    if found.returncode != 0:
        raise SystemExit("no Chromium: set CHROMIUM to the path of one")
    return found.stdout.strip()
