"""A real Voila that serves an invented release, and a real Chromium that reads it."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import nbformat
import psutil
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from helpers.paths import DASHBOARDS, RELEASE

from . import library
from .lab import free_port

SERVE = """
import json
import os
import sys
from pathlib import Path
from helpers.dashboards.server import made_pages, serve

made_pages.PATIENCE = float(os.environ.get("PATIENCE_OF_THIS_TEST", made_pages.PATIENCE))
made_pages.PAUSE = 1.0
made_pages.LOOK = 0.5
if sys.argv[2:]:
    serve.DASHBOARDS = Path(sys.argv[2])
serve.serve(int(sys.argv[1]), **json.loads(os.environ.get("SETTINGS_OF_THIS_TEST", "{}")))
"""
# Seconds until what must come true is given up: a busy machine takes its time.
PATIENCE = 120.0
expect.set_options(timeout=PATIENCE * 1000)
LATE = Path(__file__).with_name("late.js")
# Suggestions below an address bar, which nobody sees, cost a second for each new reader. Of several
# lists of features the last counts, so this one repeats those that Playwright switches off.
UNUSED = [
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding",
    "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints",
    "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
]  # fmt: skip
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--process-per-site", f"--disable-features={','.join(UNUSED)}",
    "--js-flags=--no-maglev,--no-turbofan",  # pages live for seconds: code is not made ever better
]  # fmt: skip


ALONE = ("index",)


def few(folder: Path, names: tuple[str, ...] = ("index", "about", "method")) -> Path:
    """Return a folder with few of the dashboards: each that there is costs a kernel."""
    chosen = folder / "dashboards"
    chosen.mkdir(exist_ok=True)
    for name in ("voila.json", *(f"{name}.ipynb" for name in names)):
        shutil.copyfile(DASHBOARDS / name, chosen / name)
    return chosen


def endless(path: Path) -> None:
    """Write a notebook whose page comes to no end."""
    lines = "import asyncio\nawait asyncio.sleep(999)"
    cells = [nbformat.v4.new_code_cell(lines)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


class Server:
    """Dashboards in a process of their own, started as a user would start them.

    Those of a folder, where one is named, else the index and the release's own; with other
    surroundings, where some are given.
    """

    def __init__(
        self, release: Path, folder: Path, dashboards: Path | None = None, **surroundings: str
    ) -> None:
        self.release = release
        self.dashboards = dashboards or few(folder, ALONE)
        token = surroundings.get("INSIGHTS_TOKEN")
        self.key = {"Authorization": f"token {token}"} if token else {}
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
                    str(self.dashboards),
                ],
                cwd=folder,
                env={
                    **os.environ,
                    "INSIGHTS_RELEASE": str(release),
                    "SECRET_TOKEN": "do not pass",
                    "PATIENCE_OF_THIS_TEST": str(PATIENCE),
                    **surroundings,
                },
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        # It is ready once its first page is made, for which it waits as long itself.
        self.until(lambda: "Ready" in self.said(), 3 * PATIENCE)
        self.secret = surroundings.get("INSIGHTS_PASSWORD", "")
        if self.secret and not token and "public" not in self.settings:  # else cookies need TLS
            self.key = {"Cookie": self.entered(self.secret)}

    def entered(self, password: str) -> str:
        """Log in as a reader would, and return the cookies."""
        jar = CookieJar()
        opener = build_opener(HTTPCookieProcessor(jar))
        form = opener.open(f"{self.home}/login", timeout=PATIENCE).read().decode()
        mark = re.search(r'name="_xsrf" value="([^"]+)"', form)[1]
        about = urlencode({"_xsrf": mark, "password": password, "next": "/healthz"})
        opener.open(f"{self.home}/login", about.encode(), timeout=PATIENCE).close()
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def until(self, done: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not done():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def renew(self) -> None:
        """Have every page made again, as if the release had been written again."""
        os.utime(self.release / "manifest.json")

    def kernels(self) -> list[psutil.Process]:
        """The kernels that this server has started and that still run."""
        return [one for one in psutil.Process(self.process.pid).children(True) if lives(one)]

    def prepares(self, name: str) -> bool:
        """Whether a page is still to be made."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=PATIENCE)
        connection.request("GET", f"/voila/render/{name}.ipynb", headers=self.key)
        body = connection.getresponse().read()
        connection.close()
        return b"This page is being prepared" in body

    def rest(self, but: str = "") -> None:
        """Wait until every page is made, or could not be, and no kernel runs for one."""
        names = {path.stem for path in self.dashboards.glob("*.ipynb")}
        names |= {path.stem for path in (self.release / "views").glob("*.json")}
        self.until(lambda: not any(self.prepares(name) for name in names - {but}))
        quiet, enough = 0, 10 if self.secret and not self.key else 2
        while quiet < enough:  # where a password is asked for, this is all that shows it
            self.until(lambda: len(self.kernels()) == bool(but))
            quiet = quiet + 1 if len(self.kernels()) == bool(but) else 0
            time.sleep(0.05)

    def of_a_kernel(self, look: Callable[[psutil.Process], Any]) -> Any:
        """Return what can be seen of a kernel while it runs; have pages made until one was."""
        renewed = 0.0
        end = time.monotonic() + PATIENCE
        while True:
            for kernel in self.kernels():
                try:
                    if "helpers.dashboards.confinement" in kernel.cmdline():
                        return look(kernel)
                except psutil.Error:
                    continue  # it has done its work
            assert time.monotonic() < end, self.said()
            if time.monotonic() > renewed + 5:
                self.renew()
                renewed = time.monotonic()
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE)


def lives(process: psutil.Process) -> bool:
    """Whether a process runs: one that has ended may be listed until its parent has noticed."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def patient(browser: Browser) -> Browser:
    """Have every page of a browser wait as long as a busy machine takes; LATE=1 makes it late."""
    for name in ("new_context", "new_page"):
        make = getattr(browser, name)

        def made(*, make: Callable[..., Any] = make, **options: Any) -> Any:
            opened = make(**options)
            opened.set_default_timeout(PATIENCE * 1000)
            if os.environ.get("LATE"):
                opened.add_init_script(path=LATE)
            return opened

        setattr(browser, name, made)
    return browser


@contextmanager
def served(
    release: Path,
    folder: Path,
    dashboards: Path | None = None,
    made: bool = True,
    **surroundings: str,
) -> Iterator[Server]:
    """Start a server, with every page made."""
    server = Server(release, folder, dashboards, **surroundings)
    try:
        if made:
            server.rest()
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait(PATIENCE)


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return library.build(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="session")
def server(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("elsewhere")
    with served(release, folder, few(folder)) as running:
        yield running
        assert running.stop() == 0, running.said()


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The release that the project ships, for tests that only look at its pages."""
    with served(RELEASE, tmp_path_factory.mktemp("shipped"), made=False) as running:
        yield running


@pytest.fixture(scope="session")
def browser(chromium_executable: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_executable, args=FLAGS)
        yield patient(chromium)
        _READERS.clear()
        _IDLE.clear()
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
    names = ("index", "method", "about", "visits")
    server.until(lambda: not any(server.prepares(name) for name in names))
    return Place(f"{server.home}/voila/render", server.home)


_READERS: dict[str, BrowserContext] = {}
_IDLE: dict[BrowserContext, list[Page]] = {}
SCREEN = {"width": 1280, "height": 900}
LOOKS = {"color_scheme": "light", "reduced_motion": "no-preference", "forced_colors": "none"}


def reader(browser: Browser, **options: Any) -> BrowserContext:
    """Someone who has been here before, with these settings: scripts need not be compiled again."""
    name = f"{id(browser)} {sorted(options.items())}"
    if name not in _READERS:
        _READERS[name] = browser.new_context(**options)
    return _READERS[name]


def tab(browser: Browser, viewport: ViewportSize = SCREEN, **options: Any) -> Page:
    """Return an empty tab of a reader. `leave` takes it back: opening one costs half a visit.

    A tab can have any size and look; with other settings, it is another reader's.
    """
    look = {name: options.pop(name, usual) for name, usual in LOOKS.items()}
    context = reader(browser, **options)
    idle = _IDLE.setdefault(context, [])
    page = idle.pop() if idle else watched(context.new_page())
    page.set_viewport_size(viewport)
    page.emulate_media(media="null", **look)
    return page


def watched(page: Page) -> Page:
    """Note what `leave` has to undo."""
    page.heard, page.own = [], False
    on, add_init_script = page.on, page.add_init_script

    def noted(event: Any, handler: Any) -> None:
        page.heard.append((event, handler))
        on(event, handler)

    def kept(*args: Any, **options: Any) -> None:
        page.own = True
        add_init_script(*args, **options)

    page.on, page.add_init_script = noted, kept
    return page


def leave(page: Page) -> None:
    """Empty a tab for the next test; one with a script of its own, or broken, is closed."""
    idle = _IDLE[page.context]
    if page.is_closed() or page in idle:
        return
    while page.heard:
        page.remove_listener(*page.heard.pop())
    if page.own:
        page.close()
        return
    try:
        page.unroute_all()
        page.evaluate("try { sessionStorage.clear(); } catch {}")
        page.goto("about:blank")  # which has a limit: a page that leaves by itself may not answer
        idle.append(page)
    except Error:
        page.close()


def unfold(page: Page) -> None:
    """Open every card, without moving the focus."""
    page.locator(".fold-all").evaluate("button => button.click()")


def hide_charts(page: Page) -> None:
    """Spare a test of words the drawing: a page draws only charts that have a width."""
    page.locator(".chart").evaluate_all("all => all.forEach((n) => { n.style.display = 'none'; })")


def show_charts(page: Page) -> None:
    """Have a page draw its charts again."""
    page.locator(".chart").evaluate_all("all => all.forEach((n) => { n.style.display = ''; })")
    page.evaluate("dispatchEvent(new Event('afterprint'))")


@contextmanager
def visiting(browser: Browser, place: Place) -> Iterator[Visit]:
    """Open pages; whatever the browser complains about, or asks of elsewhere, fails the test."""
    complaints: list[str] = []
    requests: list[str] = []
    pages = []

    def open_page(
        address: str = "visits.ipynb", *, opened: bool = True, charts: bool = True, **options: Any
    ) -> Page:
        """Visit a page, and open all its cards unless they are to stay closed."""
        page = tab(browser, offline=place.offline, **options)
        pages.append(page)
        page.requests = []
        page.on("request", lambda request: requests.append(request.url))
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
            if not charts:
                hide_charts(page)
            if opened and "#" not in address:
                unfold(page)
        return page

    try:
        yield open_page
    finally:
        for page in pages:
            leave(page)
    within = (place.within, "data:", "blob:")
    assert [url for url in requests if not url.startswith(within)] == []
    assert complaints == []


@pytest.fixture
def visit(browser: Browser, place: Place) -> Iterator[Visit]:
    """Open a page of the dashboards."""
    with visiting(browser, place) as open_page:
        yield open_page
