"""A real Voila that serves an invented release, and a real Chromium that reads it."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from . import library

SERVE = """
import json
import os
import sys
from pathlib import Path
from helpers.display import rendered, serve

rendered.PATIENCE = float(os.environ.get("PATIENCE_OF_THIS_TEST", rendered.PATIENCE))
if sys.argv[2:]:
    serve.DASHBOARDS = Path(sys.argv[2])
serve.serve(int(sys.argv[1]), **json.loads(os.environ.get("SETTINGS_OF_THIS_TEST", "{}")))
"""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


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


class Server:
    """Dashboards in a process of their own, started as a user would start them.

    Those of another folder, where one is named; with other surroundings, where some are given.
    """

    def __init__(
        self, release: Path, folder: Path, dashboards: Path | None = None, **surroundings: str
    ) -> None:
        self.release = release
        self.settings = json.loads(surroundings.get("SETTINGS_OF_THIS_TEST", "{}"))
        self.port = free_port()
        self.home = f"http://localhost:{self.port}"
        self.log = folder / f"server-{self.port}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    SERVE,
                    str(self.port),
                    *map(str, filter(None, [dashboards])),
                ],
                cwd=folder,
                env={
                    **os.environ,
                    "INSIGHTS_RELEASE": str(release),
                    "SECRET_TOKEN": "do not pass",
                    **surroundings,
                },
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.until(lambda: "Ready" in self.said(), 60)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def until(self, done: Callable[[], object], seconds: float) -> None:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not done():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def renew(self) -> None:
        """Have every page made anew, as if the release had been written again."""
        os.utime(self.release / "manifest.json")

    def kernels(self) -> list[psutil.Process]:
        """The kernels that this server has started and that still run."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [one for one in children if one.status() != psutil.STATUS_ZOMBIE]

    def rest(self, seconds: float = 60) -> None:
        """Wait until every page is made: no kernel was there from one look at the release on."""
        end = time.monotonic() + seconds
        quiet = time.monotonic()
        while time.monotonic() < quiet + 2.5:
            assert time.monotonic() < end, self.kernels()
            time.sleep(0.05)
            if self.kernels():
                quiet = time.monotonic()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(20)


@contextmanager
def served(
    release: Path, folder: Path, dashboards: Path | None = None, **surroundings: str
) -> Iterator[Server]:
    server = Server(release, folder, dashboards, **surroundings)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait(20)


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return library.build(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="session")
def server(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(release, tmp_path_factory.mktemp("elsewhere")) as running:
        yield running
        assert running.stop() == 0, running.said()


@pytest.fixture(scope="session")
def browser(chromium_executable: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_executable, args=FLAGS)
        yield chromium
        chromium.close()


Visit = Callable[..., Page]


@dataclass(frozen=True)
class Place:
    """Where pages are, how their names end there, and what no request may leave."""

    folder: str
    within: str
    ending: str = ".ipynb"
    offline: bool = False

    def address(self, name: str) -> str:
        return f"{self.folder}/{name.replace('.ipynb', self.ending, 1)}"


@pytest.fixture
def place(server: Server) -> Place:
    return Place(f"{server.home}/voila/render", server.home)


@contextmanager
def visiting(browser: Browser, place: Place) -> Iterator[Visit]:
    """Open pages; whatever the browser complains about, or asks of elsewhere, fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_page(address: str = "visits.ipynb", **options: object) -> Page:
        chosen = {"viewport": {"width": 1280, "height": 900}, "offline": place.offline, **options}
        context = browser.new_context(**chosen)
        contexts.append(context)
        page = context.new_page()
        page.requests = []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type in ("error", "warning") else 0,
        )
        page.goto(place.address(address))
        if address.startswith("visits"):
            page.locator("#explorer[data-ready]").wait_for()
        return page

    yield open_page
    for context in contexts:
        for page in context.pages:
            elsewhere = [
                url for url in page.requests if not url.startswith((place.within, "data:", "blob:"))
            ]
            assert elsewhere == []
        context.close()
    assert complaints == []


@pytest.fixture
def visit(browser: Browser, place: Place) -> Iterator[Visit]:
    """Open a page of the dashboards."""
    with visiting(browser, place) as open_page:
        yield open_page
