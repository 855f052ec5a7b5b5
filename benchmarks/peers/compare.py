"""The Measurement page in this suite, in other tools and written by hand: one run, one Chromium.

    python -m benchmarks.peers.compare --rounds 7 [--only ours static …]

All servers run all the time; in each round every tool is visited once, so that whatever else the
machine does hits all of them alike. Bytes are counted in a visit of their own, through a relay.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
from benchmarks.page import FLAGS, chromium
from benchmarks.peers import targets
from benchmarks.peers.browsing import Reader, told
from benchmarks.peers.processes import Watch, cpu, kill, memory, settle, tree
from benchmarks.peers.tools import (
    OURS,
    PREHEATED,
    ROOT,
    SCRATCH,
    TOOLS,
    VIEWS,
    NotThereError,
    Tool,
    started,
    version,
)
from benchmarks.peers.wire import relayed
from playwright.sync_api import Browser, Error, sync_playwright

RESULTS = ROOT / "benchmarks" / "results" / "peers.json"
POOL = 0  # kernels that wait for readers: none, each page is made once for all
KERNEL = "helpers.dashboards.confinement"
SLOW_ROUNDS = 2  # rounds in which a tool that takes long is visited again and filtered, too
VIEWERS = 2
AFTER = 30  # seconds after a page was drawn, when its kernel must be gone
CLICKS = ("Larger", "Larger", "Smaller", "Smaller")

Figures = dict[str, Any]


class Candidate:
    """A tool whose server runs, and what was measured of it."""

    def __init__(self, tool: Tool, address: str, server: psutil.Process) -> None:
        self.tool, self.address, self.server = tool, address, server
        self.runs: dict[str, list[float]] = {}
        self.once: Figures = {}
        self.failed: list[str] = []

    def keep(self, name: str, value: float | None) -> None:
        """Keep one measurement."""
        if value is not None:
            self.runs.setdefault(name, []).append(round(value, 3))

    def rest(self) -> None:
        """Wait until the server rests; ours makes its next kernel after a pause."""
        settle(self.server, 1.2 if self.tool.name == OURS else 0.6)

    def attempt(self, step: Callable[[Browser], None], browser: Browser) -> None:
        """Take a step; what goes wrong is kept in words, and the others go on."""
        try:
            step(browser)
        except (Error, TimeoutError, psutil.Error, OSError) as error:
            self.failed.append(f"{step.__name__}: {str(error).splitlines()[0][:200]}")
            print(f"  {self.tool.name} {self.failed[-1]}", flush=True)

    def weigh(self, browser: Browser) -> None:
        """Count bytes, requests and messages of a first and a later visit; take a picture."""
        self.once["processes_at_start"] = len(tree(self.server))
        with relayed(self.address) as (address, relay):
            reader = Reader(browser)
            for name in ("first", "repeat"):
                reader.renew()
                self.rest()
                relay.received = 0
                reader.open(address)
                self.rest()
                self.once |= {
                    f"{name}_wire_bytes": relay.received,
                    f"{name}_requests": reader.requests,
                    f"{name}_websocket_messages": reader.frames,
                }
            reader.page.screenshot(path=SCRATCH / f"{self.tool.name}.png")
            reader.leave()

    def visit(self, browser: Browser, whole: bool = True) -> None:
        """Open the page in a fresh profile; then again in another tab, and use its filters."""
        reader = Reader(browser)
        settle(self.server, 0.2)
        self.opened(reader, "first")
        if whole:
            reader.renew()
            settle(self.server, 0.2)
            self.opened(reader, "repeat")
            for label in CLICKS:
                seen = reader.change(label)
                self.keep("change_ms", seen["change_ms"])
                self.keep("change_messages", seen["change_messages"])
                self.keep("change_not_followed", float(seen["change_ms"] is None))
        reader.leave()

    def opened(self, reader: Reader, name: str) -> None:
        """Keep how long a visit took, and what it cost the server."""
        before = cpu(self.server)
        for key, value in reader.open(self.address).items():
            self.keep(f"{name}_{key}", value)
        self.rest()
        self.keep("server_cpu_s", cpu(self.server) - before)

    def crowd(self, browser: Browser) -> None:
        """Weigh the server with nobody there and with some readers; then let processes die."""
        self.rest()
        alone = memory(self.server)
        readers = [Reader(browser) for _ in range(VIEWERS)]
        for reader in readers:
            reader.open(self.address)
            self.rest()
        self.once |= {
            "server_memory_mib": round(alone),
            "viewer_memory_mib": round((memory(self.server) - alone) / VIEWERS, 1),
            "processes_left": len(tree(self.server)) - self.once.get("processes_at_start", 0),
        }
        if self.tool.kernels:
            self.once["kernel_dies"] = self.after_death(readers[0], tree(self.server)[1:])
        self.once["server_dies"] = self.after_death(readers[1], tree(self.server))
        for reader in readers:
            reader.leave()

    def after_death(self, reader: Reader, dying: list[psutil.Process]) -> Figures:
        """Kill processes; return whether the page still follows its filters, and what it says."""
        before = reader.words()
        kill(dying)
        time.sleep(3)
        try:
            follows = reader.change(CLICKS[0])["change_ms"] is not None
        except Error:  # a message covers the filters
            follows = False
        time.sleep(3)
        reader.page.screenshot(path=SCRATCH / f"{self.tool.name}_dead.png")
        words = told(before, reader.words())
        return {"follows": follows, "says": words[:200]}

    def result(self) -> Figures:
        """Return medians, least and most."""
        found = {
            name: {
                "median": round(statistics.median(values), 3),
                "min": min(values),
                "max": max(values),
                "runs": len(values),
            }
            for name, values in self.runs.items()
            if name != "change_not_followed"
        }
        missed = self.runs.get("change_not_followed", [])
        found["changes_not_followed"] = f"{sum(missed):.0f} of {len(missed)}"
        about = {"label": self.tool.label, "version": version(self.tool)}
        return about | found | self.once | {"failed": self.failed}


def kernels(tool: Tool, browser: Browser) -> Figures:
    """Watch our own kernels while a server starts and draws a page; count them some time after."""
    with Watch(KERNEL) as watch, started(tool) as (address, server):
        reader = Reader(browser)
        reader.open(address)
        time.sleep(AFTER)
        left = len(tree(server)) - 1
        reader.leave()
    return {
        "pool": POOL,
        f"kernels_after_{AFTER}_s": left,
        "kernels_beyond_pool": max(0, left - POOL),
        "kernel_memory_mb": round(watch.most / 1e6, 1) if watch.most else None,
    }


def measure(names: list[str], rounds: int) -> Figures:
    """Measure the tools and return everything."""
    absent: Figures = {}
    own: Figures = {}
    before = round(os.getloadavg()[0], 1)
    with ExitStack() as stack:
        candidates = []
        for tool in (tool for tool in TOOLS if tool.name in names):
            try:
                address, server = stack.enter_context(started(tool))
            except NotThereError as problem:
                print(f"{tool.name}: not measured: {problem}", flush=True)
                absent[tool.name] = {"label": tool.label, "not_measured": str(problem)}
                continue
            candidates.append(Candidate(tool, address, server))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for each in candidates:
            print(f"{each.tool.name} …", flush=True)
            each.attempt(each.weigh, browser)
        go_round(candidates, browser, rounds)
        for each in candidates:
            each.attempt(each.crowd, browser)
        if OURS in names:
            own = kernels(TOOLS[0], browser)
        machine = {
            "cores": os.cpu_count(),
            "load_before_and_after": [before, round(os.getloadavg()[0], 1)],
            "python": platform.python_version(),
            "chromium": browser.version,
        }
        browser.close()
    found = {each.tool.name: each.result() for each in candidates} | absent
    return {"machine": machine, "tools": found, "own_kernels": own}


def go_round(candidates: list[Candidate], browser: Browser, rounds: int) -> None:
    """Visit every tool once a round, each round beginning with another one."""
    for at in range(rounds):
        start = time.monotonic()
        for each in candidates[at % len(candidates) :] + candidates[: at % len(candidates)]:
            whole = not each.tool.slow or at < SLOW_ROUNDS
            if each.tool.name == PREHEATED and not whole:
                continue

            def visit(browser: Browser, each: Candidate = each, whole: bool = whole) -> None:
                each.visit(browser, whole)

            each.attempt(visit, browser)
        print(f"round {at + 1} of {rounds}: {time.monotonic() - start:.0f} s", flush=True)


def main() -> None:
    """Measure, judge, print, write."""
    known = [tool.name for tool in TOOLS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", nargs="+", choices=known, default=known)
    parser.add_argument("--output", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="peers-", ignore_cleanup_errors=True) as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        found = measure(chosen.only, chosen.rounds)
    result = {
        "command": "python -m benchmarks.peers.compare " + " ".join(sys.argv[1:]),
        "page": VIEWS.stem,
        "rounds": chosen.rounds,
        "minutes": round((time.monotonic() - start) / 60, 1),
        **found,
    }
    result["targets"] = targets.judged(result)
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print("\n".join(targets.said(result["targets"])))


if __name__ == "__main__":
    main()
