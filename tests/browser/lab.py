"""A real JupyterLab, and stock Voila, for the notebooks; tests and benchmarks open them."""

from __future__ import annotations

import errno
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from helpers.commands.survey import LAB

TOKEN = "tests"
QUIET = '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}'


def free_port() -> int:
    """Return a port that nothing listens on, and that no connection is given by the system."""
    while True:
        port = random.SystemRandom().randrange(15_000, 32_000)
        try:
            for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
                with socket.socket(family) as probe:
                    probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
        return port


@contextmanager
def laboratory(folder: Path, notebooks: Path) -> Iterator[str]:
    """Start JupyterLab on a folder of notebooks, as `insights lab` does; yield its address."""
    port = free_port()
    settings = folder / "settings"
    settings.mkdir(parents=True)
    own = {
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": settings,
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
        **LAB,
    }
    (folder / "config" / "labconfig").mkdir(parents=True)
    (folder / "config" / "labconfig" / "default_setting_overrides.json").write_text(QUIET)
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *(f"--port={port}", f"--IdentityProvider.token={TOKEN}", f"--notebook-dir={notebooks}"),
    ]
    log = folder / "lab.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=notebooks,
            env={**os.environ, **{name: str(value) for name, value in own.items()}},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + 300
        while "is running at" not in log.read_text(encoding="utf-8"):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(log.read_text(encoding="utf-8"))
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(120)


@contextmanager
def voila(
    what: Path | str, folder: Path, *options: str, start: Path | None = None, **around: str
) -> Iterator[str]:
    """Type `voila WHAT OPTIONS`, be it in a folder to start in; yield its address once it answers.

    `what` is a notebook, a folder, or empty; `around` are variables of the environment.
    """
    port = free_port()
    log = folder / "voila.log"
    words = [*filter(None, [str(what)]), *options, "--no-browser", f"--port={port}"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "voila", *words],
            cwd=start,
            env={**os.environ, **around},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        while "is running at" not in log.read_text(encoding="utf-8"):
            if process.poll() is not None:
                raise RuntimeError(log.read_text(encoding="utf-8"))
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(60)


def opened(page: Page, home: str, notebook: str) -> None:
    """Open a notebook, in a workspace of its own, and wait until its kernel can run cells."""
    page.goto(f"{home}/lab/workspaces/{Path(notebook).stem}/tree/{notebook}?token={TOKEN}")
    page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for(timeout=120_000)
    page.get_by_text(re.compile(r"^Python 3.*\| Idle$")).wait_for(timeout=120_000)


def run_all(page: Page) -> None:
    """Choose *Run*, *Run All Cells*."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
