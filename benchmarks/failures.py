"""Hundreds of provoked failures: a real server, a real browser, and what its reader sees.

    python -m benchmarks.failures --trials 320 --seed 1

Each trial opens a page with a filter set, breaks something at a random moment, repairs it, and
watches the page all the while. It holds if the page is never blank, says in words what is up within
two seconds of the failure, becomes whole by itself once the cause is gone, with the same filter,
and if its filters then work. A page that is whole already only has to stay so.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import nbformat
import psutil
from benchmarks.page import FLAGS, chromium
from benchmarks.tools.unsteady import Break, Unsteady
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "failures.json"
ADDRESS = "/voila/render/measurement.ipynb?respondent-type="
SERVE = """
import sys
from pathlib import Path
from helpers.dashboards.server import serve

serve.DASHBOARDS = Path(sys.argv[2])
serve.serve(int(sys.argv[1]))
"""
WORDS, WHOLE, LOADING, BLANK = "words", "whole", "loading", "blank"
SOON = 2.0  # seconds within which a reader is told
RECOVERY = 30.0  # seconds within which the page is whole again once it can be

WATCH = """
(() => {
  const seen = (e) => e.checkVisibility({ visibilityProperty: true }) && e.textContent.trim();
  const state = () => {
    const painted = performance.getEntriesByName('first-contentful-paint').length > 0;
    if (!painted || (document.body?.innerText ?? '').trim().length < 15) return 'blank';
    const needed = document.getElementById('explorer');
    const standsIn = document.querySelector('[data-again]');
    const style = [...document.styleSheets].length > 0;
    if (document.querySelector('.page') && !standsIn && style && (!needed || needed.dataset.ready))
      return 'whole';
    const told = [...document.querySelectorAll('.again, .late, [data-again]')].some(seen);
    return told ? 'words' : 'loading';
  };
  const tell = () => window.report?.([Date.now() / 1000, state(), location.search]);
  setInterval(tell, 50);
})();
"""


class World:
    """A server with its folders, a connection that can break, and a browser."""

    def __init__(self, folder: Path, browser: Browser, chance: random.Random) -> None:
        self.folder, self.browser, self.chance = folder, browser, chance
        self.process: subprocess.Popen[bytes] | None = None
        self.seen: list[tuple[float, str, str]] = []
        self.release, self.dashboards = self.folder / "release", self.folder / "dashboards"
        self.whole = self.folder / "whole"
        shutil.copytree(ROOT / "data" / "release", self.whole)
        shutil.copytree(self.whole, self.release)
        shutil.copytree(ROOT / "dashboards", self.dashboards)
        self.port = free_port()
        self.connection = Unsteady(self.port)
        views = json.loads((self.release / "views" / "measurement.json").read_text("utf-8"))
        self.population = views["populations"][0]["id"]

    @property
    def address(self) -> str:
        """The page with a filter set, over the connection that can break."""
        return f"http://localhost:{self.connection.port}{ADDRESS}{self.population}"

    def start(self) -> None:
        """Start the server, and wait until every page is made."""
        log = self.folder / "server.log"
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE, str(self.port), str(self.dashboards)],
                env={**os.environ, "INSIGHTS_RELEASE": str(self.release)},
                stdout=out,
                stderr=out,
                cwd=self.folder,
            )
        self.rest()

    def kill(self) -> None:
        """End the server in the middle of whatever it does, and its kernels as the system would."""
        assert self.process is not None
        kernels = self.kernels()
        self.process.kill()
        self.process.wait(20)
        for kernel in kernels:
            kernel.kill()

    def kernels(self) -> list[psutil.Process]:
        """Return the kernels that run."""
        assert self.process is not None
        try:
            found = psutil.Process(self.process.pid).children(recursive=True)
            # Before that it is a copy of the server, which waits for it: no kernel yet.
            return [one for one in found if "helpers.dashboards.confinement" in one.cmdline()]
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            return []

    def kernel(self, within: float) -> psutil.Process | None:
        """Return the next kernel that starts, if one does in time."""
        end = time.time() + within
        while time.time() < end:
            if found := self.kernels():
                return found[0]
            time.sleep(0.01)
        return None

    def rest(self) -> None:
        """Wait until the server has made all its pages."""
        quiet, end = 0.0, time.time() + 60
        while quiet < 0.4:
            if time.time() > end:
                raise TimeoutError((self.folder / "server.log").read_text("utf-8")[-3000:])
            there = not self.kernels() and _answers(self.port)
            quiet = quiet + 0.1 if there else 0.0
            time.sleep(0.1)

    def renew(self) -> None:
        """Have every page made again, as if the release had been written again."""
        os.utime(self.release / "manifest.json")


def free_port() -> int:
    """Return a port that nothing listens on, and that no connection is given by the system."""
    while True:
        port = random.SystemRandom().randrange(15_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _answers(port: int) -> bool:
    try:
        connection = HTTPConnection("localhost", port, timeout=2)
        connection.request("GET", ADDRESS.split("?")[0])
        answer = connection.getresponse()
        answer.read()
        return answer.status == 200 and answer.headers.get("ETag") is not None
    except (OSError, HTTPException):
        return False


# Kinds of failures. Each opens the page and breaks something; it returns when it happened and how
# to repair it, or None where chance hit no moment at which something could break.

Repair = Callable[[], None]
Provoked = tuple[float, Repair] | None


def nothing() -> None:
    """Nothing has to be repaired."""


def kernel_killed(world: World, page: Page) -> Provoked:
    """Kill the kernel at a random moment while the page is made."""
    world.renew()
    page.goto(world.address, wait_until="commit")
    kernel = world.kernel(2)
    time.sleep(world.chance.uniform(0, 0.5))
    if kernel is None or not world.kernels():
        return None
    for one in world.kernels():
        one.kill()
    return time.time(), nothing


def kernel_hangs(world: World, page: Page) -> Provoked:
    """Hold the kernel still for some seconds."""
    world.renew()
    page.goto(world.address, wait_until="commit")
    kernel = world.kernel(2)
    time.sleep(world.chance.uniform(0, 0.4))
    stopped = world.kernels() if kernel else []
    for one in stopped:
        one.suspend()
    at = time.time()
    if not stopped or _whole(world):
        _resumed(stopped)
        return None
    _look(world, page, world.chance.uniform(2.5, 5))
    return at, lambda: _resumed(stopped)


def _resumed(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.resume()


def kernel_never_answers(world: World, page: Page) -> Provoked:
    """Hold the kernel still for good: the server gives up and tries another one."""
    provoked = kernel_hangs(world, page)
    return provoked and (provoked[0], nothing)


def server_killed(world: World, page: Page) -> Provoked:
    """Kill the server at a random moment while the page is made, and start it again."""
    world.renew()
    page.goto(world.address, wait_until="commit")
    time.sleep(world.chance.uniform(0, 0.9))
    world.kill()
    at = time.time()
    _look(world, page, world.chance.uniform(0.2, 3))
    return at, world.start


def server_killed_afterwards(world: World, page: Page) -> Provoked:
    """Kill the server when the page is out."""
    page.goto(world.address)
    _until(world, page, WHOLE, 10)
    world.kill()
    return time.time(), world.start


def _broken(world: World, page: Page, match: bytes, least: int, most: int, stall: bool) -> Provoked:
    broken = Break(match, world.chance.randint(least, most), stall)
    world.connection.breaks = broken
    page.goto(world.address, wait_until="commit")
    end = time.time() + 3
    while not broken.at and time.time() < end:
        page.wait_for_timeout(20)
    world.connection.breaks = None
    return (broken.at, nothing) if broken.at else None


def connection_cut(world: World, page: Page) -> Provoked:
    """Cut the connection in the middle of the page."""
    return _broken(world, page, b"measurement.ipynb", 3_000, 20_000, stall=False)


def connection_stalls(world: World, page: Page) -> Provoked:
    """Let the connection go silent in the middle of the page."""
    return _broken(world, page, b"measurement.ipynb", 3_000, 20_000, stall=True)


def script_cut(world: World, page: Page) -> Provoked:
    """Cut the connection in the middle of the script."""
    return _broken(world, page, b"explorer.js", 0, 390_000, stall=False)


def script_stalls(world: World, page: Page) -> Provoked:
    """Let the connection go silent in the middle of the script."""
    return _broken(world, page, b"explorer.js", 0, 390_000, stall=True)


def style_cut(world: World, page: Page) -> Provoked:
    """Cut the connection in the middle of the style."""
    return _broken(world, page, b"explorer.css", 0, 2_000, stall=False)


def style_stalls(world: World, page: Page) -> Provoked:
    """Let the connection go silent in the middle of the style."""
    return _broken(world, page, b"explorer.css", 0, 2_000, stall=True)


def release_missing(world: World, page: Page) -> Provoked:
    """Take the release away, and bring it back."""
    shutil.rmtree(world.release)
    return _without(world, page)


def release_half_written(world: World, page: Page) -> Provoked:
    """Cut one file of the release off, and put it right."""
    path = world.chance.choice(sorted((world.release / "views").iterdir()))
    raw = path.read_bytes()
    path.write_bytes(raw[: world.chance.randrange(len(raw))])
    return _without(world, page)


def _without(world: World, page: Page) -> Provoked:
    at = time.time()
    page.goto(world.address, wait_until="commit")
    _look(world, page, world.chance.uniform(0.2, 3))
    return at, lambda: _restored(world)


def _restored(world: World) -> None:
    shutil.rmtree(world.release, ignore_errors=True)
    shutil.copytree(world.whole, world.release)


def release_replaced(world: World, page: Page) -> Provoked:
    """Replace the release, several times, while the page is made."""
    world.renew()
    page.goto(world.address, wait_until="commit")
    for turn in range(world.chance.randint(1, 4)):
        aside = world.folder / f"aside-{turn}"
        shutil.copytree(world.whole, aside)
        shutil.move(world.release, world.folder / "gone")
        shutil.move(aside, world.release)
        shutil.rmtree(world.folder / "gone")
        time.sleep(world.chance.uniform(0, 0.3))
    return time.time(), nothing


def notebook_raises(world: World, page: Page) -> Provoked:
    """Let the notebook of the page raise an error, and put it right."""
    return _notebook(world, page, "raise ValueError('secret words')")


def notebook_hangs(world: World, page: Page) -> Provoked:
    """Let the notebook of the page come to no end, and put it right."""
    return _notebook(world, page, "import time\ntime.sleep(999)")


def notebook_is_no_notebook(world: World, page: Page) -> Provoked:
    """Cut the notebook of the page off, and put it right."""
    path = world.dashboards / "measurement.ipynb"
    text = path.read_text("utf-8")
    path.write_text(text[: world.chance.randrange(len(text) - 3)], "utf-8")
    at = time.time()
    page.goto(world.address, wait_until="commit")
    _look(world, page, world.chance.uniform(1, 3))
    return at, lambda: _written(path, text)


def _written(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def _notebook(world: World, page: Page, line: str) -> Provoked:
    path = world.dashboards / "measurement.ipynb"
    text = path.read_text("utf-8")
    notebook = nbformat.reads(text, as_version=4)
    notebook.cells[0].source = f"{line}\n{notebook.cells[0].source}"
    nbformat.write(notebook, path)
    at = time.time()
    page.goto(world.address, wait_until="commit")
    _look(world, page, world.chance.uniform(1, 3))
    return at, lambda: _written(path, text)


def another_page_hangs(world: World, page: Page) -> Provoked:
    """Hold the kernel of another page still while this one waits for its turn."""
    world.renew()
    asked = HTTPConnection("localhost", world.port, timeout=5)
    asked.request("GET", "/voila/render/overview.ipynb")
    asked.getresponse().read()
    kernel = world.kernel(2)
    if kernel is None:
        return None
    kernel.suspend()
    at = time.time()
    page.goto(world.address, wait_until="commit")
    _look(world, page, world.chance.uniform(2.2, 4))
    if _whole(world):
        _resumed([kernel])
        return None
    return at, lambda: _resumed([kernel])


def offline_afterwards(world: World, page: Page) -> Provoked:
    """Take the reader offline when the page is out."""
    page.goto(world.address)
    _until(world, page, WHOLE, 10)
    page.context.set_offline(True)
    return time.time(), lambda: page.context.set_offline(False)


def laptop_suspended(world: World, page: Page) -> Provoked:
    """Suspend the page once it is out, and put another server in place meanwhile."""
    page.goto(world.address)
    _until(world, page, WHOLE, 10)
    session = page.context.new_cdp_session(page)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    world.kill()
    world.start()
    session.send("Page.setWebLifecycleState", {"state": "active"})
    return time.time(), nothing


KINDS: dict[str, Callable[[World, Page], Provoked]] = {
    provoke.__name__: provoke
    for provoke in (
        kernel_killed, kernel_hangs, kernel_never_answers, server_killed,
        server_killed_afterwards, connection_cut, connection_stalls, script_cut, script_stalls,
        style_cut, style_stalls, release_missing, release_half_written, release_replaced,
        notebook_raises, notebook_hangs, notebook_is_no_notebook, another_page_hangs,
        offline_afterwards, laptop_suspended,
    )
}  # fmt: skip
SLOW = ("kernel_never_answers", "notebook_hangs")  # the server's patience comes into it
AFTERWARDS = ("server_killed_afterwards", "offline_afterwards", "laptop_suspended")


# Watching


def _look(world: World, page: Page, seconds: float) -> None:
    """Let the page tell what it shows for a while."""
    page.wait_for_timeout(1000 * seconds)


def _whole(world: World) -> bool:
    return bool(world.seen) and world.seen[-1][1] == WHOLE


def _until(world: World, page: Page, state: str, within: float) -> bool:
    end = time.time() + within
    while time.time() < end:
        page.wait_for_timeout(50)
        if world.seen and world.seen[-1][1] == state:
            return True
    return False


def _filters_work(page: Page) -> bool:
    """Choose something, without a request, and see whether the page follows."""
    asked: list[str] = []
    before = page.locator(".summary").inner_text()
    page.on("request", lambda request: asked.append(request.url))
    page.locator("fieldset input:not(:disabled)").first.click()
    end = time.time() + SOON
    while page.locator(".summary").inner_text() == before and time.time() < end:
        page.wait_for_timeout(50)
    return page.locator(".summary").inner_text() != before and not asked


def trial(world: World, kind: str) -> dict[str, Any] | None:
    """Provoke one failure; return what was seen of it, or None if chance hit nothing."""
    context: BrowserContext = world.browser.new_context()
    world.seen = []
    seen = world.seen
    context.expose_binding("report", lambda _, told: seen.append(tuple(told)))
    context.add_init_script(WATCH)
    page = context.new_page()
    page.on("pageerror", lambda error: seen.append((time.time(), f"error: {error}", "")))
    try:
        provoked = KINDS[kind](world, page)
        if provoked is None:
            return None
        at, repair = provoked
        if kind in AFTERWARDS:
            stayed = _filters_work(page)
            repair()
        else:
            stayed = True
            repair()
        repaired = time.time()
        recovered = _until(world, page, WHOLE, RECOVERY + (25 if kind in SLOW else 0))
        took = time.time() - repaired
        page.wait_for_timeout(300)
        recovered = recovered and _until(world, page, WHOLE, RECOVERY)  # and it stays so
        text = page.locator("body").inner_text()
        # On a first visit the server may die before the page's own script is there.
        unscripted = not recovered and not page.locator(".again").count()
        kept = f"respondent-type={world.population}" in page.url
        works = recovered and (kind in AFTERWARDS or _filters_work(page))
        kept = kept or kind in AFTERWARDS
        result = _judged(seen, at, took, recovered, kept, works and stayed, text)
        return result | {"before_the_script_came": unscripted}
    finally:
        world.connection.breaks = None
        context.close()


def _judged(
    seen: list[tuple[float, str, str]],
    at: float,
    took: float,
    recovered: bool,
    kept: bool,
    works: bool,
    text: str,
) -> dict[str, Any]:
    # A page that comes again may load for a moment: what counts is how long nothing was said.
    silence = _longest(seen, at)
    blank = _longest(seen, at, (BLANK,))
    errors = [state for _, state, _ in seen if state.startswith("error")]
    leaked = [word for word in ("Traceback", "secret words", "site-packages") if word in text]
    return {
        "recovered": recovered,
        "same_filters": kept,
        "filters_work": works,
        "silent_s": round(silence, 2),
        "blank_s": round(blank, 2),
        "recovery_s": round(took, 2),
        "errors": errors[:3],
        "leaked": leaked,
        "ok": recovered and kept and works and silence <= SOON and blank <= SOON and not leaked,
    }


def _longest(
    seen: list[tuple[float, str, str]], since: float, states: tuple[str, ...] = (LOADING, BLANK)
) -> float:
    """Return for how long, at most, nothing but these was shown after a moment."""
    longest, began = 0.0, None
    for when, state, _ in seen:
        if when < since:
            continue
        if state in states:
            began = when if began is None else began
            longest = max(longest, when - began)
        else:
            began = None
    return longest


@contextmanager
def world_of(browser: Browser, seed: int) -> Iterator[World]:
    """Start a server in folders of its own."""
    with tempfile.TemporaryDirectory(prefix="failures-", ignore_cleanup_errors=True) as folder:
        world = World(Path(folder), browser, random.Random(seed))
        world.start()
        try:
            yield world
        finally:
            if world.process is not None and world.process.poll() is None:
                world.process.send_signal(signal.SIGTERM)
                world.process.wait(20)
            world.connection.stop()


def run(world: World, kinds: list[str], say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Provoke failures of these kinds, one after the other; each until one was hit."""
    found = []
    for kind in kinds:
        for _ in range(6):
            world.rest()
            result = trial(world, kind)
            if result is not None:
                break
        else:
            result = {"ok": False, "never_hit": True, "before_the_script_came": False}
        found.append({"kind": kind, **result})
        say(f"{len(found)}/{len(kinds)} {kind}: {'ok' if result['ok'] else result}")
    return found


def summary(found: list[dict[str, Any]], seed: int) -> dict[str, Any]:
    """Return what is kept of all trials."""
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in found:
        kinds[one["kind"]].append(one)
    hit = [one for one in found if "recovery_s" in one]
    return {
        "command": f"python -m benchmarks.failures --trials {len(found)} --seed {seed}",
        "load_of_the_machine": [round(value, 1) for value in os.getloadavg()],
        "failures": len(found),
        "kinds": len(kinds),
        "ok": sum(one["ok"] for one in found),
        "blank_pages": sum(one.get("blank_s", 9) > SOON for one in found),
        "before_the_script_came": sum(one.get("before_the_script_came", False) for one in hit),
        "longest_silence_s": max((one["silent_s"] for one in hit), default=None),
        "longest_blank_s": max((one["blank_s"] for one in hit), default=None),
        "median_recovery_s": statistics.median(one["recovery_s"] for one in hit),
        "slowest_recovery_s": max(one["recovery_s"] for one in hit),
        "by_kind": {
            kind: {
                "failures": len(ones),
                "ok": sum(one["ok"] for one in ones),
                "what": (KINDS[kind].__doc__ or "").strip(),
                "slowest_recovery_s": max(one.get("recovery_s", 0) for one in ones),
                "longest_silence_s": max(one.get("silent_s", 0) for one in ones),
            }
            for kind, ones in kinds.items()
        },
        "not_ok": [one for one in found if not one["ok"]],
    }


def plan(trials: int, kinds: list[str]) -> list[str]:
    """Return as many kinds in turn, those that try the server's patience three times each."""
    few = [kind for kind in kinds if kind in SLOW]
    many = [kind for kind in kinds if kind not in SLOW] or few
    slow = few * 3 if many != few else []
    return [many[n % len(many)] for n in range(trials - len(slow))] + slow


def work(kinds: list[str], seed: int) -> list[dict[str, Any]]:
    """Provoke failures of these kinds with a server and a browser of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        with world_of(browser, seed) as world:
            found = run(world, kinds, lambda words: print(words, flush=True))
        browser.close()
    return found


def main() -> None:
    """Provoke, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=320)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="servers and browsers at a time")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    chosen = parser.parse_args()
    kinds = plan(chosen.trials, chosen.kinds)
    parts = [kinds[n :: chosen.workers] for n in range(chosen.workers)]
    with ProcessPoolExecutor(chosen.workers, multiprocessing.get_context("spawn")) as pool:
        jobs = [pool.submit(work, part, chosen.seed + n) for n, part in enumerate(parts)]
        found = [one for job in jobs for one in job.result()]
    result = summary(found, chosen.seed)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({key: result[key] for key in result if key != "by_kind"}, indent=1))


if __name__ == "__main__":
    main()
