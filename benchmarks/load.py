"""How many readers one server carries: hundreds at once, a thousand one after the other.

    python -m benchmarks.load --visitors 200 --visits 1000

A visitor fetches a page and its files as a browser with an empty cache does, over connections of
its own. Who is told that there is no page yet waits as the page's own script does, and asks again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from benchmarks.failures import free_port
from benchmarks.page import rest

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "load.json"
PAGE = "/voila/render/measurement.ipynb"
PAUSES = (0.5, 1, 2, 4, 8, 15)
LIMIT = 4096  # MiB that all processes together must never exceed
BETWEEN = 30  # seconds between two pages of a reader who is reading


@dataclass
class Visit:
    """What one visitor saw. Times are in seconds since the click."""

    words: float = 0.0  # the first bytes, which hold the words
    page: float = 0.0  # the page whole, and all its files
    waited: int = 0  # how often there was no page yet
    got: bool = False
    answers: list[int] = field(default_factory=list)  # to the files


@dataclass
class Memory:
    """The most that the server and its kernels held together, looked at ten times a second."""

    process: psutil.Process
    most: float = 0.0
    kernels: int = 0
    going: bool = field(default=True)

    def watch(self) -> None:
        """Look until stopped."""
        while self.going:
            tree = [self.process, *self.process.children(recursive=True)]
            self.kernels = max(self.kernels, len(tree) - 1)
            self.most = max(self.most, sum(held(one) for one in tree))
            time.sleep(0.1)


def held(process: psutil.Process) -> float:
    """Return the MiB of a process, shared ones in parts; none if it has just ended."""
    try:
        return float(process.memory_full_info().pss) / 2**20
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return 0.0


async def get(port: int, path: str, etag: str = "") -> tuple[int, dict[str, str], bytes, float]:
    """Fetch one address over a connection of its own; return also when the body began."""
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    known = f"If-None-Match: {etag}\r\n" if etag else ""
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept-Encoding: gzip\r\n{known}"
        "Connection: close\r\n\r\n".encode()
    )
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first = await reader.read(1)
    words = time.perf_counter() - began
    body = first + await reader.read()
    writer.close()
    lines = [line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line]
    headers = {name.lower(): value for name, value in lines}
    if headers.get("content-encoding") == "gzip" and body and path.endswith(".ipynb"):
        body = zlib.decompress(body, wbits=31)
    return int(head.split(" ", 2)[1]), headers, body, words


async def visit(port: int, page: str = PAGE) -> Visit:
    """Read a page as a browser does that was never here."""
    seen = Visit()
    began = time.perf_counter()
    for pause in PAUSES:
        status, _, body, words = await get(port, page)
        seen.words = seen.words or words
        if status == 200 and b'id="end"' in body and b" data-again>" not in body:
            files = re.findall(rb'(?:src|href)="([^"]+static/[^"]+)"', body)
            answers = await asyncio.gather(*(get(port, file.decode()) for file in files))
            seen.answers = [answer[0] for answer in answers]
            seen.got = len(files) >= 3 and all(answer[0] == 200 for answer in answers)
            break
        seen.waited += 1
        await asyncio.sleep(pause)
    seen.page = time.perf_counter() - began
    return seen


async def crowd(port: int, visitors: int) -> list[Visit]:
    """Have so many come in the same moment."""
    return list(await asyncio.gather(*(visit(port) for _ in range(visitors))))


def told(visits: list[Visit]) -> dict[str, Any]:
    """Return what became of these visitors."""
    pages, words = [one.page for one in visits], [one.words for one in visits]
    return {
        "visitors": len(visits),
        "got_the_page": sum(one.got for one in visits),
        "answers_to_the_others": [(one.waited, one.answers) for one in visits if not one.got],
        "of_these_after_a_busy_page": sum(one.got and one.waited > 0 for one in visits),
        "words_median_s": round(statistics.median(words), 3),
        "words_slowest_s": round(max(words), 3),
        "page_median_s": round(statistics.median(pages), 3),
        "page_slowest_s": round(max(pages), 3),
    }


async def rate(port: int, seconds: float, etag: str = "", files: bool = False) -> float:
    """Return how many visits a second are served to eight readers who never pause."""
    count, until = 0, time.perf_counter() + seconds

    async def reader() -> None:
        nonlocal count
        while time.perf_counter() < until:
            if files:
                assert (await visit(port)).got
            else:
                assert (await get(port, PAGE, etag))[0] == (304 if etag else 200)
            count += 1

    began = time.perf_counter()
    await asyncio.gather(*(reader() for _ in range(8)))
    return count / (time.perf_counter() - began)


@contextmanager
def served(folder: Path) -> Iterator[tuple[int, psutil.Process, Path]]:
    """Start a server on a copy of the release."""
    release, port = folder / "release", free_port()
    shutil.copytree(ROOT / "data" / "release", release)
    process = subprocess.Popen(
        [sys.executable, "-m", "helpers.dashboards.server.serve", str(port)],
        env={**os.environ, "INSIGHTS_RELEASE": str(release)},
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    try:
        while "Ready" not in (process.stdout.readline() if process.stdout else "Ready"):
            if process.poll() is not None:
                raise SystemExit("the dashboards did not start")
        yield port, psutil.Process(process.pid), release
    finally:
        process.terminate()
        process.wait(20)


def replaced(release: Path) -> None:
    """Put a new release in place of the old one."""
    aside = release.with_name("aside")
    shutil.copytree(release, aside)
    old = release.rename(release.with_name("old"))
    aside.rename(release)
    shutil.rmtree(old)


def measure(visitors: int, visits: int) -> dict[str, Any]:
    """Return what was measured of one server."""
    with tempfile.TemporaryDirectory(prefix="load-") as folder, served(Path(folder)) as running:
        port, server, release = running
        memory = Memory(server)
        watcher = threading.Thread(target=memory.watch)
        watcher.start()
        rest(server)
        replaced(release)
        cold = told(asyncio.run(crowd(port, visitors)))
        rest(server)
        warm = told(asyncio.run(crowd(port, visitors)))
        before, used = held(server), cpu(server)
        for _ in range(visits // 50):
            found = asyncio.run(crowd(port, 50))
            assert all(one.got for one in found)
        seconds = (cpu(server) - used) / (50 * (visits // 50))
        after = held(server)
        etag = asyncio.run(get(port, PAGE))[1]["etag"]
        rates = {
            "first_visits_per_s": round(asyncio.run(rate(port, 5, files=True))),
            "pages_per_s": round(asyncio.run(rate(port, 5))),
            "repeat_visits_per_s": round(asyncio.run(rate(port, 5, etag))),
        }
        time.sleep(30)
        left = len(server.children(recursive=True))
        memory.going = False
        watcher.join()
    return {
        "right_after_the_release_was_replaced": cold,
        "with_every_page_made": warm,
        "further_visits": 50 * (visits // 50),
        "server_memory_before_mib": round(before, 1),
        "server_memory_after_mib": round(after, 1),
        "server_memory_growth": round(after / before - 1, 4),
        "server_cpu_s_per_first_visit": round(seconds, 4),
        "most_memory_of_all_processes_mib": round(memory.most),
        "within_4_gib": memory.most < LIMIT,
        "most_kernels_at_a_time": memory.kernels,
        "kernels_left_after_30_s": left,
        **rates,
        "readers_with_a_page_every_30_s": rates["first_visits_per_s"] * BETWEEN,
    }


def cpu(process: psutil.Process) -> float:
    """Return the seconds of CPU of a process itself."""
    used = process.cpu_times()
    return float(used.user + used.system)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=200)
    parser.add_argument("--visits", type=int, default=1000)
    chosen = parser.parse_args()
    result = {
        "command": f"python -m benchmarks.load --visitors {chosen.visitors}"
        f" --visits {chosen.visits}",
        "cores": os.cpu_count(),
        "load_of_the_machine_before": round(os.getloadavg()[0], 1),
        **measure(chosen.visitors, chosen.visits),
    }
    text = json.dumps(result, indent=1) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
